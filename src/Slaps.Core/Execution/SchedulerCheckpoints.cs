using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <content>Checkpoints: what is kept of an attempt, and what the next one begins from.</content>
public static partial class Scheduler
{
    /// <summary>How many checkpoints of one task are kept; older ones go when a new one comes.</summary>
    public const int MostCheckpoints = 3;

    private static List<ExecutionEvent> Keep(ExecutionState state, RecordCheckpoint c)
    {
        // What an attempt had that we gave up on is no basis for the one that runs now.
        if (Live(state, c.Task, c.Attempt) is not (TaskState.Assigned or TaskState.Running or TaskState.Verifying)) return [];
        var index = state.Plan.IndexOf(c.Task);
        List<ExecutionEvent> events = [new TaskCheckpoint(c.Task, c.Attempt, $"cp-{c.At.ToDateTimeOffset():yyyy-MM-dd}-{state.CheckpointsMade + 1:000}", c.Kept, c.Percent, c.Note)];
        if (Old(state, index, MostCheckpoints - 1) is { Count: > 0 } old) events.Add(new CheckpointsPruned(c.Task, old));
        return events;
    }

    private static List<ExecutionEvent> Choose(ExecutionState state, ChooseCheckpoint c) =>
        [new CheckpointChosen(c.Task, CheckpointRefusals.Find(state, c)!.Id)];

    private static List<ExecutionEvent> Prune(ExecutionState state, PruneCheckpoints c)
    {
        List<ExecutionEvent> events = [];
        if (state.Status == ExecutionStatus.Aborted) return events;
        for (var task = 0; task < state.Plan.Tasks.Count; task++)
        {
            if (Old(state, task, state[task].IsDone ? 0 : c.Keep) is { Count: > 0 } old) events.Add(new CheckpointsPruned(state.Plan.Tasks[task].Id, old));
        }

        // The end of an execution stays its last event, by which it is known to have ended.
        return state.IsFinished && events.Count > 0 ? [new ExecutionReopened(), .. events, new ExecutionFinished(state.Status)] : events;
    }

    // A checkpoint that the present or the next attempt begins from stays.
    private static List<string> Old(ExecutionState state, int task, int keep)
    {
        var all = state.CheckpointsOf(task);
        return [.. all.Take(Math.Max(0, all.Count - keep)).Select(checkpoint => checkpoint.Id).Where(id => state[task].IsDone || (id != state.CheckpointToBeginFrom(task)?.Id && id != state.RestoredBy(task)?.Id))];
    }

    // The attempt that begins goes on from where the last one was cut off, or from what somebody chose. After a failure that the task made itself
    // its files stay as they are: a person may have mended them.
    private static CheckpointRestored? Restored(ExecutionState state, int index) =>
        state.RestoresNext(index) && state.CheckpointToBeginFrom(index) is { } checkpoint
            ? new CheckpointRestored(state.Plan.Tasks[index].Id, state.AttemptsOf(index) + 1, checkpoint.Id)
            : null;
}

/// <summary>Why a word about checkpoints decides to nothing.</summary>
internal static class CheckpointRefusals
{
    public static string? Of(ExecutionState state, RequestCheckpoint c)
    {
        var index = state.Plan.IndexOf(c.Task);
        if (index < 0) return $"{state.Id} has no task {Identifiers.Quote(c.Task.Value)}. `tasks status` lists its tasks.";
        if (CheckpointSpec.Of(state.Plan.Tasks[index]) is null) return $"The plan does not say what is kept of {c.Task}: name its `files` or a program in execution_guidance.checkpoint.";
        return state[index] is TaskState.Running or TaskState.Assigned ? null : $"{c.Task} is {state[index].Name}; a checkpoint is of an attempt that runs.";
    }

    public static string? Of(ExecutionState state, ChooseCheckpoint c)
    {
        var index = state.Plan.IndexOf(c.Task);
        if (index < 0) return $"{state.Id} has no task {Identifiers.Quote(c.Task.Value)}. `tasks status` lists its tasks.";
        if (state[index].IsDone || state[index] is TaskState.Skipped or TaskState.Waived) return $"{c.Task} is {state[index].Name}; no attempt of it follows.";
        if (state.Status == ExecutionStatus.Aborted) return $"{state.Id} was aborted; no attempt follows.";
        if (state.IsFinished) return $"{state.Id} has ended ({state.Status.ToString().ToLowerInvariant()}). `tasks retry {c.Task}` opens it again; then choose what it begins from.";
        if (Find(state, c) is null) return state.CheckpointsOf(index).Count == 0 ? $"{c.Task} has no checkpoint." : $"{c.Task} has no checkpoint {Identifiers.Quote(c.Checkpoint!)}. It has {string.Join(", ", state.CheckpointsOf(index).Select(known => known.Id))}.";
        return state.RestoresNext(index) && state.CheckpointToBeginFrom(index)?.Id == Find(state, c)!.Id ? $"The next attempt of {c.Task} begins from {Find(state, c)!.Id} already." : null;
    }

    public static Checkpoint? Find(ExecutionState state, ChooseCheckpoint c)
    {
        var all = state.CheckpointsOf(state.Plan.IndexOf(c.Task));
        return c.Checkpoint is null ? (all is [.., var last] ? last : null) : all.FirstOrDefault(checkpoint => checkpoint.Id == c.Checkpoint || $"{c.Task}/{checkpoint.Kept.Number}" == c.Checkpoint);
    }
}
