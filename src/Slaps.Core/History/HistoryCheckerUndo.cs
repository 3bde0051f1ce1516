using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Core.History;

/// <content>What holds of undoing.</content>
public sealed partial class HistoryChecker
{
    private void StartRollback(TaskStory root, RollbackStarted e)
    {
        var set = new List<TaskStory>();
        foreach (var id in e.Tasks)
        {
            if (_plan.Find(id) is null) Violated(HistoryRule.KnownTask, $"The plan has no task {Identifiers.Quote(id.Value ?? "")}.");
            else set.Add(_tasks[id]);
        }

        if (!set.Contains(root)) Violated(HistoryRule.Rollback, root, $"{root.Id} is rolled back, but it is not among those that are undone.", root.Since);
        foreach (var (place, task) in set.Index())
        {
            if (task.Live is { IsUndo: false } running) Violated(HistoryRule.Rollback, task, $"{task.Id} is rolled back while its attempt {running.Number} runs.", running.Since);
            else if (task.Standing is not (Standing.Succeeded or Standing.Failed or Standing.HelpNeeded or Standing.BackingOff or Standing.Cancelled or Standing.Undoing))
                Violated(HistoryRule.Transition, task, $"{_now.Type} follows, but {task.Id} is {Word(task.Standing)}.", task.Since);

            // Only what depends on one of the others is undone, and before it.
            var before = _plan[task.Id].Before;
            if (task != root && !set.Skip(place + 1).Any(other => before.Contains(other.Id)))
                Violated(HistoryRule.Rollback, task, $"{task.Id} is rolled back with {root.Id}, but it depends on nothing that is undone after it.", task.Since);
        }

        foreach (var task in set)
        {
            Leave(task);
            Become(task, Standing.Undoing);
        }

        foreach (var task in _plan.InFileOrder.Select(id => _tasks[id]).Where(t => t.Standing == Standing.Succeeded || t.Live is { IsUndo: false }))
        {
            if (_plan[task.Id].Before.Find(p => _tasks[p].Standing == Standing.Undoing) is { Value: not null } gone)
                Violated(HistoryRule.Rollback, task, $"{task.Id} is {Word(task.Standing)}, but {gone}, on which it depends, is undone.", task.Since);
        }
    }

    private void EndRollback(TaskStory task, PlanFacts.Facts facts, TaskRolledBack e)
    {
        if (e.Attempt is { } attempt)
        {
            if (!IsLive(task, attempt, "is rolled back")) return;
            Require(task, task.Standing == Standing.Undoing);
            if (task.Live!.Stop is StopReason.TimedOut or StopReason.Aborted) IsWanted(task, "is rolled back");
        }
        else if (e.Asked == true)
        {
            Require(task, task.Standing is Standing.HelpNeeded or Standing.Failed);
        }
        else
        {
            Require(task, task.Standing == Standing.Undoing && task.Live is null);
            if (!facts.Task.Idempotent || facts.Task.Compensation is not null) Violated(HistoryRule.Rollback, task, $"{task.Id} is rolled back, but nothing was run that undoes it.", task.Since);
        }

        if (e.Asked != true) RequireTurn(task);
        Leave(task);
        Become(task, Standing.RolledBack);
    }

    // What could not be undone is still there: it is neither done again nor done without before somebody has undone it.
    private void RequireUndone(TaskStory task, TaskEvent happened)
    {
        if (task.IsUndoFailed && happened is TaskQueued or TaskHeldBack or TaskReady or TaskRestored or TaskAssigned or TaskWaived or TaskCancelled or HelpAnswered)
            Violated(HistoryRule.Rollback, task, $"{task.Id} could not be undone, but {_now.Type} follows.", task.Since);
    }

    // What depends on a task is undone before it.
    private void RequireTurn(TaskStory task)
    {
        if (_plan.InFileOrder.FirstOrDefault(id => _plan[id].Before.Contains(task.Id) && _tasks[id] is { Standing: Standing.Undoing } or { IsUndoFailed: true }) is { Value: not null } open)
            Violated(HistoryRule.Rollback, task, $"{task.Id} is undone before {open}, which depends on it.", task.Since, _tasks[open].Since);
    }

    private void AssignUndo(TaskStory task, PlanFacts.Facts facts, TaskAssigned e)
    {
        if (task.Live is { } other) Violated(HistoryRule.LiveAttempt, task, $"Attempt {e.Attempt} of {task.Id} goes to {e.Worker}, but {other.Worker} has attempt {other.Number} in hand.", other.Since);
        if (_status != ExecutionStatus.Running || _draining || _coordinatorSince == 0) Violated(HistoryRule.Standstill, task, $"The compensation of {task.Id} starts while the execution is {(_draining ? "drained" : Word(_status))}.", _standstillSince);
        if (e.Attempt != task.Attempts + 1) Violated(HistoryRule.AttemptNumber, task, $"{task.Id} starts attempt {e.Attempt}, but its last one was {task.Attempts}.", task.Since);
        if (_live - _claims >= Math.Min(_maxWorkers, _atOnce)) Violated(HistoryRule.Concurrency, task, $"The compensation of {task.Id} starts as number {_live + 1}, but {Math.Min(_maxWorkers, _atOnce)} may run at once.");
        if (_busy.TryGetValue(e.Worker, out var inHand)) Violated(HistoryRule.OneTask, task, $"{task.Id} goes to {e.Worker}, which has {inHand.Id} in hand.", inHand.Live?.Since ?? inHand.Since);
        if (_workers.Find(w => w.Id == e.Worker) is not { } worker) Violated(HistoryRule.Fit, task, $"{task.Id} goes to {Identifiers.Quote(e.Worker.Value ?? "")}, which is no worker of the present coordinator.", _coordinatorSince);
        else if (!CanUndo(worker, facts.Task)) Violated(HistoryRule.Fit, task, $"The compensation of {task.Id} goes to {e.Worker}, which cannot run it.", _coordinatorSince);
        if (!Same(task.Held, facts.Needs)) Violated(HistoryRule.Holding, task, $"The compensation of {task.Id} starts with {Words(task.Held)}, but it needs {Words(facts.Needs)}.", task.HeldSince);
        RequireTurn(task);
        Leave(task);
        _attempts++;
        _live++;
        task.Attempts = Math.Max(task.Attempts, e.Attempt);
        task.Live = new LiveAttempt(e.Attempt, e.Worker, _now.Seq, e.Deadline) { IsUndo = true };
        _busy[e.Worker] = task;
    }

    private static bool CanUndo(WorkerProfile worker, PlanTask task) =>
        task.Compensation is { } undo && worker.Runs.Contains(undo.Kind) && (worker.SetupSeconds is not null || worker.Capabilities is null || !task.Capabilities.Except(worker.Capabilities).Any());

    // It waits for what depends on it, for help with that, or for a worker that is not there.
    private bool MayWaitToBeUndone(TaskStory task) =>
        !_workers.Exists(w => CanUndo(w, _plan[task.Id].Task))
        || _plan.InFileOrder.Any(id => _plan[id].Before.Contains(task.Id) && _tasks[id] is { Standing: Standing.Undoing } or { IsUndoFailed: true });
}
