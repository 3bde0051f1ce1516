using System.Text.Json;
using System.Text.Json.Serialization;
using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Core.Views;

/// <summary>What was tried of each task, folded from the events, so that whoever is asked for help need not ask back.</summary>
public sealed class HelpHistory
{
    /// <summary>How many attempts of a task are told: the last ones.</summary>
    public const int MostAttempts = 20;

    private readonly Dictionary<TaskId, List<Trial>> _trials = [];

    /// <summary>Takes in the next event.</summary>
    public void Watch(ExecutionState state, RecordedEvent recorded)
    {
        switch (recorded.Event)
        {
            case TaskAssigned e:
                var trials = _trials.TryGetValue(e.Task, out var known) ? known : _trials[e.Task] = [];
                if (trials.Count == MostAttempts) trials.RemoveAt(0);
                trials.Add(new Trial(e.Attempt, e.Worker.Value, recorded.At, state[e.Task] is TaskState.Compensating));
                break;
            case ReworkRequested e:
                if (Last(e.Task) is { } worked) worked.Findings = e.Findings;
                break;
            case TaskFailed e:
                End(e.Task, recorded.At, e.Error.Message, e.Error.Checks);
                break;
            case HelpRequested e:
                End(e.Task, recorded.At, e.Reason, checks: null);
                break;
            case TaskRolledBack e:
                End(e.Task, recorded.At, e.Reason, checks: null);
                break;
            case CompensationFailed e:
                End(e.Task, recorded.At, $"Its compensation failed: {e.Error.Message}", checks: null);
                break;
            case TaskQueued e:
                End(e.Task, recorded.At, e.Reason, checks: null);
                break;
            case TaskCancelled e:
                End(e.Task, recorded.At, e.Reason, checks: null);
                break;
            default:
                break;
        }
    }

    /// <summary>Every task that waits for a person, in file order.</summary>
    public HelpList List(ExecutionState state) => new(
        state.Id.Value,
        StatusWords.Of(state),
        [.. Enumerable.Range(0, state.Plan.Tasks.Count).Where(task => state[task] is TaskState.HelpNeeded).Select(task => Of(state, task))]);

    private HelpItem Of(ExecutionState state, int index)
    {
        var (task, needed) = (state.Plan.Tasks[index], (TaskState.HelpNeeded)state[index]);
        var tried = _trials.GetValueOrDefault(task.Id) ?? [];
        return new HelpItem(
            task.Id.Value,
            task.Title,
            needed.At.ToString(),
            needed.Reason,
            [.. tried.Select(t => new HelpAttempt(t.Attempt, t.Worker, t.From.ToString(), t.To?.ToString(), t.Ending, t.IsCompensation ? true : null))],
            tried.LastOrDefault(t => t.Findings is not null)?.Findings,
            state.AdviceOf(index),
            [.. Dependants(state, index).Select(id => id.Value)],
            LogTail: [],
            state.IsUndoFailed(index)
                ? [.. Rollbacks.CanRun(task) ? new[] { $"tasks rollback {task.Id}" } : [], $"tasks rollback {task.Id} --by-hand"]
                : [$"tasks answer {task.Id} \"…\"", $"tasks retry {task.Id}", $"tasks skip {task.Id}", $"tasks cancel {task.Id}"]);
    }

    private static IEnumerable<TaskId> Dependants(ExecutionState state, int index)
    {
        foreach (var successor in state.Plan.Graph.SuccessorsOf(index).ToArray().Order())
        {
            if (!state[successor].IsDone) yield return state.Plan.Tasks[successor].Id;
        }
    }

    private Trial? Last(TaskId task) => _trials.GetValueOrDefault(task)?.LastOrDefault();

    private void End(TaskId task, Instant at, string how, IReadOnlyList<CheckResult>? checks)
    {
        if (Last(task) is not { To: null } trial) return;
        (trial.To, trial.Ending) = (at, how);
        if (checks?.Where(check => !check.Passed).ToList() is { Count: > 0 } failed) trial.Findings = string.Join("; ", failed.Select(check => $"check {check.Id}: {check.Detail}"));
    }

    private sealed class Trial(int attempt, string worker, Instant from, bool isCompensation)
    {
        public bool IsCompensation { get; } = isCompensation;

        public int Attempt { get; } = attempt;

        public string Worker { get; } = worker;

        public Instant From { get; } = from;

        public Instant? To { get; set; }

        public string? Ending { get; set; }

        public string? Findings { get; set; }
    }
}

/// <summary>The tasks of an execution that wait for a person.</summary>
/// <param name="ExecutionId">Which execution.</param>
/// <param name="Status">created, running, waiting, paused, completed, failed or aborted.</param>
/// <param name="Tasks">Those tasks, in file order.</param>
public sealed record HelpList(string ExecutionId, string Status, IReadOnlyList<HelpItem> Tasks)
{
    /// <summary>The list as indented JSON with a final newline.</summary>
    public static string Json(HelpList list) => JsonSerializer.Serialize(list, HelpJsonContext.Default.HelpList) + "\n";
}

/// <summary>A task that waits for a person.</summary>
/// <param name="Task">The task.</param>
/// <param name="Title">A line for people.</param>
/// <param name="Since">Since when.</param>
/// <param name="Reason">What for, as a sentence.</param>
/// <param name="Tried">Its last attempts, the first first.</param>
/// <param name="Findings">What our checks found last; null where they had nothing to say.</param>
/// <param name="Advice">What somebody said before; null: nothing.</param>
/// <param name="WaitedForBy">What depends on it and is not done.</param>
/// <param name="LogTail">The last lines of its output, with secrets taken out.</param>
/// <param name="Next">Commands that answer.</param>
public sealed record HelpItem(
    string Task,
    string Title,
    string Since,
    string Reason,
    IReadOnlyList<HelpAttempt> Tried,
    string? Findings,
    string? Advice,
    IReadOnlyList<string> WaitedForBy,
    IReadOnlyList<string> LogTail,
    IReadOnlyList<string> Next);

/// <summary>An attempt that did not succeed.</summary>
/// <param name="Attempt">Which try.</param>
/// <param name="Worker">Who.</param>
/// <param name="From">When it was given to them.</param>
/// <param name="To">When it ended.</param>
/// <param name="Ending">How it ended, as a sentence.</param>
/// <param name="Compensation">True: it was to undo what the task had done; null: it was to do it.</param>
public sealed record HelpAttempt(int Attempt, string Worker, string From, string? To, string? Ending, bool? Compensation = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(HelpList))]
internal sealed partial class HelpJsonContext : JsonSerializerContext;
