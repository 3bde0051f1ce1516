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
        ReopenExecution when !state.CanReopen => $"Nothing of {state.Id} could be begun ({Word(state.Status)}), so it is not opened again.",
        RetryTask c => Of(state, c.Task),
        SkipTask c => Of(state, c),
        SetWorkers { Workers: < 1 or > SetWorkers.Most } c => $"{c.Workers} workers are not possible: say a number from 1 to {SetWorkers.Most}. `tasks pause` lets nothing new start.",
        SetWorkers when state.IsFinished => $"{state.Id} has ended ({Word(state.Status)}); nobody works on it.",
        SetWorkers when state.Status == ExecutionStatus.Aborted => $"{state.Id} is being aborted; nothing new starts in it.",
        SetWorkers c when state.WorkersAsked == c.Workers => $"{state.Id} has {c.Workers} workers at most already.",
        ModifyPlan c => Patching.Refuse(state, c.Patch),
        AnswerHelp c => EscalationRefusals.Of(state, c),
        CancelTask c => EscalationRefusals.Of(state, c),
        RollbackTask c => Rollbacks.Refuse(state, c),
        RequestCheckpoint c => CheckpointRefusals.Of(state, c),
        ChooseCheckpoint c => CheckpointRefusals.Of(state, c),
        PruneCheckpoints when state.Status == ExecutionStatus.Aborted => $"{state.Id} was aborted; nothing of it is needed any more: remove its folder in .slaps/checkpoints.",
        PruneCheckpoints when Scheduler.Decide(state, command).Count == 0 => $"{state.Id} has no checkpoint that could go.",
        ClaimTask c => ClaimRefusals.Of(state, c),
        ClaimReport c => ClaimRefusals.Of(state, c),
        RenewLeases c => ClaimRefusals.Of(state, c),
        AcquireResource c => ResourceRefusals.Of(state, c),
        ReleaseResource c => ResourceRefusals.Of(state, c),
        _ => null,
    };

    private static string? Of(ExecutionState state, TaskId id)
    {
        if (state.Status == ExecutionStatus.Aborted) return $"{state.Id} was aborted. Start a new execution of its plan with `tasks execute`.";
        var index = state.Plan.IndexOf(id);
        if (index < 0) return $"{state.Id} has no task {Identifiers.Quote(id.Value)}. `tasks status` lists its tasks.";
        return state[index] switch
        {
            TaskState.HelpNeeded when state.IsUndoFailed(index) => Rollbacks.StillThere(state, index),
            TaskState.Failed or TaskState.HelpNeeded or TaskState.BackingOff or TaskState.Cancelled or TaskState.RolledBack => Patching.Undone(state, index) is { } undone
                ? $"{id} depends on {undone}, which is {state[undone].Name}. Retry {undone} first."
                : null,
            TaskState.Succeeded => $"{id} has succeeded; finished work is not run again. `tasks rollback {id}` undoes it first.",
            TaskState.Compensating => $"{id} is being rolled back; when that is done, `tasks retry {id}` does it anew.",
            TaskState.Skipped s => Of(state, id, InTheWay(state, index) ?? s.Because),
            TaskState.Waived s => $"{id} was skipped by a person ({s.Reason}), and for good. Start a new execution of its plan with `tasks execute` to have it done.",
            TaskState.Ready or TaskState.Queued when state.CanReopen =>
                $"{id} is {state[index].Name}; it has not failed, only nobody was there who could take it. `tasks claim {id}` takes it, `tasks execute PLAN --resume` goes on where a worker can, and --wait stays for sessions.",
            var s => $"{id} is {s.Name}; it has not failed, so there is nothing to retry.",
        };
    }

    private static string? Of(ExecutionState state, SkipTask c)
    {
        if (state.Status == ExecutionStatus.Aborted) return $"{state.Id} was aborted; what waits in it was cancelled.";
        var index = state.Plan.IndexOf(c.Task);
        if (index < 0) return $"{state.Id} has no task {Identifiers.Quote(c.Task.Value)}. `tasks status` lists its tasks.";
        return state[index] switch
        {
            TaskState.Succeeded => $"{c.Task} has succeeded; there is nothing to skip.",
            TaskState.HelpNeeded when state.IsUndoFailed(index) => Rollbacks.StillThere(state, index),
            TaskState.Waived s => $"{c.Task} was skipped already: {s.Reason}",
            TaskState.Skipped s when c.WithSuccessors => $"{c.Task} was skipped already because {s.Because} was not done, and what depends on it as well.",
            TaskState.Compensating => $"{c.Task} is being rolled back. Skip it when that is done.",
            TaskState.Assigned or TaskState.Running or TaskState.Verifying => $"{c.Task} is {state[index].Name}. Skip it when its attempt has ended, or `tasks pause` before its next one.",
            _ => null,
        };
    }

    private static string Of(ExecutionState state, TaskId skipped, TaskId because) => state[because] is TaskState.Waived
        ? $"{skipped} was skipped because a person skipped {because}, and for good. Start a new execution of its plan with `tasks execute` to have it done."
        : $"{skipped} was skipped because {because} was not done. Retry {because}; {skipped} follows.";

    // What stands in the way now: the failed task that the event named may have been retried since, and another one have failed.
    private static TaskId? InTheWay(ExecutionState state, int skipped)
    {
        var reached = new HashSet<int> { skipped };
        var queue = new Queue<int>(reached);
        while (queue.TryDequeue(out var task))
        {
            foreach (var predecessor in state.Plan.Graph.PredecessorsOf(task))
            {
                if (state[predecessor] is TaskState.Failed or TaskState.Cancelled or TaskState.Waived { CountsAsDone: false }) return state.Plan.Tasks[predecessor].Id;
                if (state[predecessor] is TaskState.Skipped && reached.Add(predecessor)) queue.Enqueue(predecessor);
            }
        }

        return null;
    }

    private static string Word(ExecutionStatus status) => status.ToString().ToLowerInvariant();
}
