using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Planning.Replanning;

namespace Slaps.Cli;

/// <summary>
/// The tasks that a changed specification still asks for and that have failed or wait for a person. One whose work is another one now is what
/// somebody has mended, so it is tried again with it; all others wait for a word of their own.
/// </summary>
internal sealed class StoppedWork
{
    private readonly ExecutionState _state;
    private readonly HashSet<TaskId> _changed;

    private StoppedWork(ExecutionState state, Replan replan)
    {
        _state = state;
        _changed = [.. replan.OtherWork];
        var stopped = replan.Kept.Where(id => state[id] is TaskState.Failed or TaskState.HelpNeeded).ToList();

        // What must not be done twice may have been half done, and nobody but a person knows: that this text has changed says nothing of it.
        Retried = [.. stopped.Where(id => _changed.Contains(id) && TaskOf(id).Idempotent && Refusals.Of(state, new RetryTask(state.Now, id)) is null)];
        Left = [.. stopped.Except(Retried)];
    }

    /// <summary>Those that are tried again, in the plan's order.</summary>
    public IReadOnlyList<TaskId> Retried { get; }

    /// <summary>Those that stay as they are, in the plan's order.</summary>
    public IReadOnlyList<TaskId> Left { get; }

    /// <summary>What a plan that is asked for otherwise makes of what has failed in the execution.</summary>
    public static StoppedWork Of(ExecutionState state, Replan replan) => new(state, replan);

    /// <summary>Why one of <see cref="Left"/> is not tried again, and what does it, as the rest of a sentence with its full stop.</summary>
    public string WhyLeft(TaskId id) => Refusals.Of(_state, new RetryTask(_state.Now, id)) is { } refusal ? refusal
        : _changed.Contains(id) ? $"it must not be done twice. See what it did, then `tasks retry {id}`."
        : $"it is asked for as before. `tasks retry {id}` tries it again.";

    private PlanTask TaskOf(TaskId id) => _state.Plan.Tasks[_state.Plan.IndexOf(id)];
}
