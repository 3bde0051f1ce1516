namespace Slaps.Core.Execution;

/// <content>What a person says about one task: advice for its next attempt, or that it is not to be done.</content>
public static partial class Scheduler
{
    /// <summary>Whether nothing more happens to the task by itself although a person could have it tried again.</summary>
    internal static bool IsOverForNow(TaskState state) => state.IsOver || state is TaskState.BackingOff;

    private static List<ExecutionEvent> Answer(ExecutionState state, AnswerHelp c)
    {
        var index = state.Plan.IndexOf(c.Task);
        var answered = new HelpAnswered(c.Task, c.Advice);
        if (!IsOverForNow(state[index])) return [answered];

        // Where the execution had ended, that it is open again comes before everything else.
        var retried = Retry(state, index);
        retried.Insert(retried.FindIndex(e => e is not ExecutionReopened), answered);
        return retried;
    }

    // It may never have been on the frontier, so it goes the whole way again; null: it is none of those.
    private static List<ExecutionEvent>? BeginAnew(ExecutionState state, int index)
    {
        if (state[index] is not (TaskState.Cancelled or TaskState.RolledBack)) return null;
        var id = state.Plan.Tasks[index].Id;
        return state.UnfinishedPredecessorsOf(index) == 0 && state.IsOpen(index) ? [new TaskRestored(id), new TaskReady(id)] : [new TaskRestored(id)];
    }

    private static List<ExecutionEvent> Cancel(ExecutionState state, CancelTask c)
    {
        var index = state.Plan.IndexOf(c.Task);

        // A process is told to stop, and what it holds stays held until it is gone; a session hears of it when it reports.
        return state.ActiveAttemptOf(index) is { Lease: null } active
            ? [new AttemptStopping(c.Task, active.Attempt, StopReason.Cancelled, c.Reason)]
            : [.. Release(state, index), .. Cancelled(state, index, c.Reason)];
    }

    private static List<ExecutionEvent> Cancelled(ExecutionState state, int index, string reason) =>
        [new TaskCancelled(state.Plan.Tasks[index].Id, reason, Asked: true), .. SkipSuccessors(state, index)];
}
