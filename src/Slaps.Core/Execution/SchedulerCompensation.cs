using System.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <content>
/// Undoing. A compensation is an attempt of its task with a number, a worker and all the resources of the task, so it is fenced, adopted, stopped and
/// kept apart from others like any other. It does not stand in line: one whose turn has come starts before everything new.
/// </content>
public static partial class Scheduler
{
    private static IReadOnlyList<ExecutionEvent> Rollback(ExecutionState state, RollbackTask c)
    {
        var index = state.Plan.IndexOf(c.Task);
        List<ExecutionEvent> events = state.IsFinished ? [new ExecutionReopened()] : [];
        if (c.ByHand) events.Add(new TaskRolledBack(c.Task, Attempt: null, c.Reason, Asked: true));
        else events.AddRange(Undo(state, index, c.Reason));
        return events;
    }

    private static IEnumerable<ExecutionEvent> Undo(ExecutionState state, int root, string reason)
    {
        var plan = state.Plan;
        var set = Rollbacks.SetOf(state, root);
        yield return new RollbackStarted(plan.Tasks[root].Id, [.. set.Select(task => plan.Tasks[task].Id)], reason);

        // What waits to be started waits for what will be done anew.
        var waiting = new SortedSet<int>();
        foreach (var task in set)
        {
            foreach (var successor in plan.Graph.SuccessorsOf(task))
            {
                if (state[successor] is TaskState.Ready or TaskState.Queued or TaskState.BackingOff && !set.Contains(successor)) waiting.Add(successor);
            }
        }

        foreach (var task in waiting) yield return new TaskHeldBack(plan.Tasks[task].Id, $"What it depends on is rolled back with {plan.Tasks[root].Id}.");
    }

    /// <summary>Whether a task that fails for good is undone by itself: it must not be done twice, somebody said how, and it may have begun.</summary>
    private static bool IsUndone(PlanTask task, TaskError error) => !task.Idempotent && Rollbacks.CanRun(task) && error.Kind != FailureKind.NotStarted;

    // The next step of undoing; empty when none can be made now.
    private static IReadOnlyList<ExecutionEvent> NextUndo(ExecutionState state, Instant at, out bool waitsForResources)
    {
        waitsForResources = false;
        foreach (var index in state.ToUndo)
        {
            var task = state.Plan.Tasks[index];
            if (!Rollbacks.CanRun(task)) return [NothingToRun(task)];
            if (state.LacksToUndo(index))
            {
                waitsForResources |= state.WaitsForWorkersToUndo(index);
                continue;
            }

            if (state.WorkerToUndo(index) is not { } worker) continue;
            List<ExecutionEvent> events = [];
            if (state.NeedsOf(index) is { Count: > 0 } needs) events.Add(new ResourceAcquired(task.Id, needs));
            var limit = task.Compensation?.TimeoutSeconds;
            events.Add(new TaskAssigned(task.Id, worker, state.AttemptsOf(index) + 1, limit is { } seconds ? at.PlusSeconds(seconds) : null));
            return events;
        }

        return [];
    }

    // What undoing comes to where its turn has come and nothing is run for it; null when that is so of none.
    private static ExecutionEvent? UndoneWithoutWorker(ExecutionState state) => state.Status != ExecutionStatus.Running
        ? null
        : state.ToUndo.Select(index => state.Plan.Tasks[index]).Where(task => !Rollbacks.CanRun(task)).Select(NothingToRun).FirstOrDefault();

    private static ExecutionEvent NothingToRun(PlanTask task) => task switch
    {
        { Idempotent: true, Compensation: null } => new TaskRolledBack(task.Id, Attempt: null, "It is idempotent and has no compensation: doing it again does no harm."),
        { Compensation: null } => new HelpRequested(task.Id, $"It must not be done twice and has no compensation. Undo by hand what it did, then `tasks rollback {task.Id} --by-hand`."),
        _ => new HelpRequested(task.Id, $"Its compensation is for a person ({task.Compensation!.Kind}). Undo by hand what it did, then `tasks rollback {task.Id} --by-hand`."),
    };

    private static List<ExecutionEvent> EndUndo(ExecutionState state, int index, RecordOutcome c)
    {
        var active = state.ActiveAttemptOf(index)!;
        return (active.Stop, c.Outcome) switch
        {
            (StopReason.Aborted, _) => [.. Release(state, index), new TaskCancelled(c.Task, state.StatusReason ?? "The execution was aborted.")],
            (StopReason.TimedOut, _) => Failed(FailureKind.TimedOut, $"It took longer than its {TimeLimit(state, index)} and was stopped."),
            (_, Outcome.Exited { ExitCode: 0 }) => [new TaskRolledBack(c.Task, c.Attempt, "Its compensation has run."), .. Release(state, index)],
            (StopReason.Interrupted, _) or (_, Outcome.Lost) => [new RollbackStarted(c.Task, [c.Task], "Its compensation was cut off, so it begins anew."), .. Release(state, index)],
            (_, Outcome.Exited e) => Failed(FailureKind.ExitCode, $"It exited with code {e.ExitCode}.", exitCode: e.ExitCode),
            (_, Outcome.Signalled e) => Failed(FailureKind.Signal, $"Signal {e.Signal} ended it.", signal: e.Signal),
            (_, Outcome.NotStarted e) => Failed(FailureKind.NotStarted, e.Reason),
            _ => throw new UnreachableException($"No rule decides the outcome {c.Outcome.GetType().Name} of a compensation. Add an arm to Scheduler.EndUndo."),
        };

        List<ExecutionEvent> Failed(FailureKind kind, string message, int? exitCode = null, int? signal = null) =>
        [
            new CompensationFailed(c.Task, c.Attempt, new TaskError(kind, message, exitCode, signal)),
            .. Release(state, index),
            new HelpRequested(c.Task, $"Its compensation failed: {message} See what is left of what it did; then `tasks rollback {c.Task}` tries again, or with --by-hand says that you have undone it."),
        ];
    }
}
