using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>Why a person's command decides to nothing: the answer that they get.</summary>
public static class Refusals
{
    /// <summary>A sentence, or null when the command will do something.</summary>
    public static string? Of(ExecutionState state, Command command) => command switch
    {
        PauseExecution when state.IsFinished => $"{state.Id} has ended ({Word(state.Status)}); there is nothing to pause.",
        PauseExecution when state.Status == ExecutionStatus.Aborted => $"{state.Id} is being aborted; there is nothing to pause.",
        PauseExecution when state.Status == ExecutionStatus.Paused => $"{state.Id} is paused already.",
        ResumeExecution when state.IsFinished => $"{state.Id} has ended ({Word(state.Status)}); `tasks retry TASK` tries a task again.",
        ResumeExecution when state.Status != ExecutionStatus.Paused => $"{state.Id} is not paused.",
        AbortExecution when state.IsFinished => $"{state.Id} has ended ({Word(state.Status)}) already.",
        AbortExecution when state.Status == ExecutionStatus.Aborted => $"{state.Id} is being aborted already.",
        RetryTask c => Of(state, c.Task),
        _ => null,
    };

    private static string? Of(ExecutionState state, TaskId id)
    {
        if (state.Status == ExecutionStatus.Aborted) return $"{state.Id} was aborted. Start a new execution of its plan with `tasks execute`.";
        var index = state.Plan.IndexOf(id);
        if (index < 0) return $"{state.Id} has no task {Identifiers.Quote(id.Value)}. `tasks status` lists its tasks.";
        return state[index] switch
        {
            TaskState.Failed or TaskState.HelpNeeded or TaskState.BackingOff => null,
            TaskState.Succeeded => $"{id} has succeeded; finished work is not run again.",
            TaskState.Skipped s => Of(id, InTheWay(state, index) ?? s.Because),
            TaskState.Cancelled => $"{id} was cancelled.",
            var s => $"{id} is {s.Name}; it has not failed, so there is nothing to retry.",
        };
    }

    private static string Of(TaskId skipped, TaskId because) => $"{skipped} was skipped because {because} was not done. Retry {because}; {skipped} follows.";

    // What stands in the way now: the failed task that the event named may have been retried since, and another one have failed.
    private static TaskId? InTheWay(ExecutionState state, int skipped)
    {
        var reached = new HashSet<int> { skipped };
        var queue = new Queue<int>(reached);
        while (queue.TryDequeue(out var task))
        {
            foreach (var predecessor in state.Plan.Graph.PredecessorsOf(task))
            {
                if (state[predecessor] is TaskState.Failed) return state.Plan.Tasks[predecessor].Id;
                if (state[predecessor] is TaskState.Skipped && reached.Add(predecessor)) queue.Enqueue(predecessor);
            }
        }

        return null;
    }

    private static string Word(ExecutionStatus status) => status.ToString().ToLowerInvariant();
}
