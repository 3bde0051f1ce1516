using System.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>Every rule of execution. It decides and changes nothing: the same state and command give the same events.</summary>
public static partial class Scheduler
{
    private static readonly Verdict NothingToCheck = new([], [], []);

    /// <summary>What happens because of <paramref name="command"/>; nothing when it comes too late or changes nothing.</summary>
    public static IReadOnlyList<ExecutionEvent> Decide(ExecutionState state, Command command) => command switch
    {
        CreateExecution c => state.Seq > 0 ? [] : Create(state, c),
        StartCoordinator c => state.IsFinished ? [] : [Begin(state, c)],
        ReopenExecution => state.CanReopen ? [new ExecutionReopened()] : [],
        Proceed c => Next(state, c.At),
        RecordStart c => Start(state, c),
        RecordOutcome c => End(state, c),
        RecordVerdict c => Judge(state, c),
        RecordStall c => Stall(state, c),
        RecordPressure c => PressureDecisions.Measured(state, c),
        PauseExecution c => state.IsFinished || state.Status is ExecutionStatus.Paused or ExecutionStatus.Aborted ? [] : [new ExecutionPaused(c.Reason)],
        ResumeExecution => state.Status == ExecutionStatus.Paused ? [new ExecutionResumed()] : [],
        AbortExecution c => state.IsFinished || state.Status == ExecutionStatus.Aborted ? [] : Abort(state, c.Reason),
        SetWorkers c => Refusals.Of(state, c) is null ? [new WorkersSet(c.Workers)] : [],
        Drain => state.IsFinished || state.IsDraining ? [] : [new DrainRequested()],
        Interrupt => state.IsFinished ? [] : StopAll(state),
        SkipTask c => Refusals.Of(state, c) is null ? Waive(state, state.Plan.IndexOf(c.Task), c) : [],
        RetryTask c => Refusals.Of(state, c) is null ? Retry(state, state.Plan.IndexOf(c.Task)) : [],
        ModifyPlan c => Patching.Decide(state, c.Patch),
        AnswerBreaker c => Breakers.Answered(state, c),
        AnswerHelp c => Refusals.Of(state, c) is null ? Answer(state, c) : [],
        RecordCheckpoint c => Keep(state, c),
        RequestCheckpoint => [],
        ChooseCheckpoint c => Refusals.Of(state, c) is null ? Choose(state, c) : [],
        PruneCheckpoints c => Prune(state, c),
        RollbackTask c => Refusals.Of(state, c) is null ? Rollback(state, c) : [],
        CancelTask c => Refusals.Of(state, c) is null ? Cancel(state, c) : [],
        ClaimTask c => Claim(state, c),
        RenewLeases c => Renew(state, c),
        ClaimReport c => Report(state, c),
        EndSession c => EndAll(state, c),
        PassTime c => Pass(state, c.At),
        AcquireResource c => Acquire(state, c),
        ReleaseResource c => GiveUp(state, c),
        _ => throw new UnreachableException($"No rule decides {command.GetType().Name}. Add an arm to Scheduler.Decide."),
    };

    // What somebody asked for holds longer than a coordinator; one without workers starts nothing and gets none.
    private static CoordinatorStarted Begin(ExecutionState state, StartCoordinator c) => c.Workers.Count > 0 && state.WorkersAsked is { } asked
        ? new CoordinatorStarted(c.Host, c.Pid, c.Workers, asked, c.WaitForClaims, asked, c.Pool)
        : new CoordinatorStarted(c.Host, c.Pid, c.Workers, c.MaxWorkers, c.WaitForClaims, c.Concurrency, c.Pool);

    private static List<ExecutionEvent> Create(ExecutionState state, CreateExecution c)
    {
        var plan = state.Plan;
        List<ExecutionEvent> events =
        [
            new ExecutionCreated(c.PlanHash, c.PlanDirectory, c.Workspace, plan.Tasks.Count, c.Priority, c.Model == ExecutionModel.Rolling ? null : c.Model, c.Profile, c.Weight == 1 ? null : c.Weight),
        ];
        for (var i = 0; i < plan.Tasks.Count; i++)
        {
            if (state.UnfinishedPredecessorsOf(i) == 0) events.Add(new TaskReady(plan.Tasks[i].Id));
        }

        return events;
    }

    private static IReadOnlyList<ExecutionEvent> Next(ExecutionState state, Instant at)
    {
        if (state.IsFinished) return [];
        if (state.TryPeekLease(out var lost, out var end) && end <= at) return Expire(state, lost);
        if (state.TryPeekTimer(out var task, out var due) && due <= at)
        {
            return state.ActiveAttemptOf(task) is { } active
                ? [new AttemptStopping(state.Plan.Tasks[task].Id, active.Attempt, StopReason.TimedOut)]
                : [new TaskQueued(state.Plan.Tasks[task].Id, "Its delay is over.")];
        }

        if (SettleRequests(state, at) is { Count: > 0 } settled) return settled;
        if (state.NextWindows(at) is { } windows) return [windows];
        if (Breakers.Next(state, at) is { Count: > 0 } acts) return acts;
        if (state.NextPeriod(at) is { } period) return [new FrontierAged(period)];
        if (PressureDecisions.ByErrors(state) is { } changed) return [changed];
        if (state.NextLeaving(at) is { } leaving) return [new WorkerLeft(leaving)];
        if (state.NextWave is { } wave) return StartWave(state, wave);
        if (state.Status == ExecutionStatus.Running && !state.IsDraining && state.HasPlace)
        {
            if (NextUndo(state, at, out var waits) is { Count: > 0 } undo) return undo;
            if (waits) return [];   // What takes the resources next would take them from it.
            if (state.NextStart(at) is var (next, worker)) return Assign(state, at, next, worker);
            if (state.NextWorker() is { } joining) return [new WorkerJoined(joining)];
        }

        if (state.NextPreemption(at) is var (starving, victims)) return Preempt(state, starving, victims);
        return Conclude(state) is { } conclusion ? [conclusion] : [];
    }

    private static List<ExecutionEvent> StartWave(ExecutionState state, int wave)
    {
        List<ExecutionEvent> events = [new WaveStarted(wave)];
        foreach (var task in state.TasksOfWave(wave))
        {
            if (state[task] is TaskState.Pending && state.UnfinishedPredecessorsOf(task) == 0) events.Add(new TaskReady(state.Plan.Tasks[task].Id));
        }

        return events;
    }

    private static IReadOnlyList<ExecutionEvent> Assign(ExecutionState state, Instant at, int index, WorkerChoice worker)
    {
        var task = state.Plan.Tasks[index];
        Instant? deadline = state.Plan.IsLimited(index) && task.Run.TimeoutSeconds is { } seconds ? at.PlusSeconds(seconds + (worker.SetupSeconds ?? 0)) : null;
        var assigned = new TaskAssigned(task.Id, worker.Worker, state.AttemptsOf(index) + 1, deadline) { SetupSeconds = worker.SetupSeconds };

        // A task takes all that it needs or nothing, so no task ever holds one resource while it waits for another.
        return (state.NeedsOf(index), Restored(state, index)) switch
        {
            ({ Count: 0 }, null) => [assigned],
            ({ Count: 0 }, { } restored) => [restored, assigned],
            (var needs, null) => [new ResourceAcquired(task.Id, needs), assigned],
            (var needs, { } restored) => [new ResourceAcquired(task.Id, needs), restored, assigned],
        };
    }

    private static ExecutionFinished? Conclude(ExecutionState state)
    {
        if (state.Active.Count > 0 || state.CountOf("BACKOFF") > 0 || state.NextHalfOpening is not null) return null;
        if (state.Status == ExecutionStatus.Aborted) return new ExecutionFinished(ExecutionStatus.Aborted);

        // Where people work on it, a question is no end: it goes on with the answer.
        if (state.WaitsForClaims && state.CountOf("HELP_NEEDED") > 0) return null;

        // What could still start some day keeps the execution open while it is paused, while this coordinator leaves, or while people are waited for.
        var mayStartLater = state.Status != ExecutionStatus.Running || state.IsDraining || state.WaitsForClaims || state.WaitsForWindow;
        if ((state.FrontierSize > 0 || state.ToUndo.Any()) && mayStartLater) return null;
        return new ExecutionFinished(state.Done == state.Plan.Tasks.Count ? ExecutionStatus.Completed : ExecutionStatus.Failed);
    }

    private static IReadOnlyList<ExecutionEvent> Start(ExecutionState state, RecordStart c) => Live(state, c.Task, c.Attempt) switch
    {
        TaskState.Assigned { Active.Lease: not null } or TaskState.Running { Active.Lease: not null } => [],   // No worker of ours has it.
        TaskState.Assigned s => [new TaskStarted(c.Task, s.Active.Worker, c.Attempt, c.Process)],

        // An adopted process may have another identity than the one that was reported; a report that names none knows less, not more.
        TaskState.Compensating s when c.Process is not null && s.Process != c.Process => [new TaskStarted(c.Task, s.Active!.Worker, c.Attempt, c.Process)],
        TaskState.Running s when c.Process is not null && s.Process != c.Process => [new TaskStarted(c.Task, s.Active.Worker, c.Attempt, c.Process)],
        _ => [],
    };

    private static IReadOnlyList<ExecutionEvent> End(ExecutionState state, RecordOutcome c)
    {
        // A late report of a worker that we gave up on, or the second report of the same end.
        var index = state.Plan.IndexOf(c.Task);
        if (Live(state, index, c.Attempt) is TaskState.Compensating) return EndUndo(state, index, c);
        if (Live(state, index, c.Attempt) is not (TaskState.Assigned or TaskState.Running)) return [];
        var task = state.Plan.Tasks[index];
        if (state.ActiveAttemptOf(index)!.Lease is not null) return [];   // Whoever reports a process here, a session has the task.
        if (state.ActiveAttemptOf(index)!.Stop is { } stop) return Stopped(state, index, stop, c.At, c.Dice, c.Finding);

        return c.Outcome switch
        {
            Outcome.Exited { ExitCode: 0 } when state.Plan.IsChecked(index) => [new TaskVerifying(c.Task, c.Attempt, 0)],
            Outcome.Exited { ExitCode: 0 } => Succeed(state, index, c.Attempt, NothingToCheck),
            Outcome.Exited e => Fail(state, index, c.At, c.Dice, new TaskError(FailureKind.ExitCode, $"It exited with code {e.ExitCode}.", ExitCode: e.ExitCode) { Finding = c.Finding }),
            Outcome.Signalled e => Fail(state, index, c.At, c.Dice, new TaskError(FailureKind.Signal, $"Signal {e.Signal} ended it.", Signal: e.Signal) { Finding = c.Finding }),
            Outcome.NotStarted e => Fail(state, index, c.At, c.Dice, new TaskError(FailureKind.NotStarted, e.Reason) { Finding = c.Finding }),
            Outcome.Lost when task.Checks.Count > 0 || task.Produces.Any(p => p.Required) => [new TaskVerifying(c.Task, c.Attempt, ExitCode: null)],
            Outcome.Lost => RunAgain(state, index, "Its exit status was lost with an earlier coordinator and it has no checks that could tell"),
            _ => throw new UnreachableException($"No rule decides the outcome {c.Outcome.GetType().Name}. Add an arm to Scheduler.End."),
        };
    }

    private static IReadOnlyList<ExecutionEvent> Judge(ExecutionState state, RecordVerdict c)
    {
        if (Live(state, c.Task, c.Attempt) is not TaskState.Verifying verifying) return [];
        var index = state.Plan.IndexOf(c.Task);
        if (verifying.Active.Stop is { } stop) return Stopped(state, index, stop, c.At, c.Dice, c.Finding);
        if (c.AskedAt is { } asked && asked != verifying.Since) return [];

        string[] faults =
        [
            .. c.Verdict.Checks.Where(k => !k.Passed).Select(k => $"check {k.Id}: {k.Detail}"),
            .. c.Verdict.MissingArtifacts.Select(path => $"the artifact {Identifiers.Quote(path)} is missing"),
        ];
        if (faults.Length == 0) return Succeed(state, index, c.Attempt, c.Verdict, verifying.Result);

        // Whoever has it knows it best: the session goes on with the same attempt, and nothing that it holds is given away meanwhile.
        if (verifying.Active.Lease is not null) return [new ReworkRequested(c.Task, c.Attempt, string.Join("; ", faults), c.Verdict.Checks)];

        // Nobody knows how the attempt ended, only that the work is not there: nothing failed, it was cut off.
        if (verifying.ExitLost) return RunAgain(state, index, $"Its exit status was lost with an earlier coordinator and its checks do not hold ({faults[0]})");
        return Fail(state, index, c.At, c.Dice, new TaskError(FailureKind.ChecksFailed, $"It says that it is done, but {string.Join("; ", faults)}", Checks: c.Verdict.Checks) { Finding = c.Finding });
    }

    // A report that is older than a sign of life that came since, or that is made up, stops nothing; what is being stopped is stopped once.
    private static IReadOnlyList<ExecutionEvent> Stall(ExecutionState state, RecordStall c) =>
        Live(state, c.Task, c.Attempt) is TaskState.Running { Active.Stop: null }
        && state.Plan.Policies.StallTimeoutSeconds is { } limit && c.At.SecondsSince(c.QuietSince) >= limit
            ? [new AttemptStopping(c.Task, c.Attempt, StopReason.Stalled)]
            : [];

    private static List<ExecutionEvent> Succeed(ExecutionState state, int index, int attempt, Verdict verdict, string? result = null)
    {
        List<ExecutionEvent> events = new(capacity: 4) { new TaskSucceeded(state.Plan.Tasks[index].Id, attempt, verdict.Artifacts, verdict.Checks, result) };
        events.AddRange(Release(state, index));
        ReleaseSuccessors(state, index, restored: null, events);
        return events;
    }

    // Those that wait for nothing but this task, which is done now; also those that were skipped and are restored in the same breath.
    private static void ReleaseSuccessors(ExecutionState state, int index, HashSet<int>? restored, List<ExecutionEvent> events)
    {
        var (before, last, isInOrder) = (events.Count, -1, true);
        foreach (var successor in state.Plan.Graph.SuccessorsOf(index))
        {
            if (state.UnfinishedPredecessorsOf(successor) != 1 || !(state[successor] is TaskState.Pending || restored?.Contains(successor) == true) || !state.IsOpen(successor)) continue;
            events.Add(new TaskReady(state.Plan.Tasks[successor].Id));
            (last, isInOrder) = (successor, isInOrder && successor > last);
        }

        // In file order, which decides where the first released goes first; the edges may stand in another.
        if (!isInOrder) InFileOrder(state.Plan, events, before);
    }

    private static void InFileOrder(Plan plan, List<ExecutionEvent> events, int from) =>
        events.Sort(from, events.Count - from, Comparer<ExecutionEvent>.Create((a, b) => plan.IndexOf(((TaskReady)a).Task).CompareTo(plan.IndexOf(((TaskReady)b).Task))));

    private static List<ExecutionEvent> Fail(ExecutionState state, int index, Instant at, double dice, TaskError error)
    {
        var task = state.Plan.Tasks[index];
        var failures = state.FailuresOf(index) + 1;
        var (policy, allowed) = RetriesAfter(state, task, error);

        // What could not be started at all will not start the next time either, and what must not be done twice may have been half done:
        // both want a person, not another try.
        var canRetry = failures < allowed && error.Kind != FailureKind.NotStarted && task.Idempotent && WhyNoRetry(state, task, error) is null;
        List<ExecutionEvent> events = [new TaskFailed(task.Id, state.AttemptsOf(index), error, canRetry), .. Release(state, index)];
        if (canRetry) events.Add(new RetryScheduled(task.Id, NextTry(policy, failures, error, at, dice)));
        else if (IsUndone(task, error)) events.AddRange(Undo(state, index, $"It failed and must not be done twice: {error.Message}"));
        else if (allowed > 1) events.Add(new HelpRequested(task.Id, Escalation(state, task, error, failures)));
        else events.AddRange(SkipSuccessors(state, index));
        return events;
    }

    private static string Escalation(ExecutionState state, PlanTask task, TaskError error, int failures) => error.Kind switch
    {
        FailureKind.NotStarted => $"It could not be started: {error.Message}",
        _ when !task.Idempotent => $"It failed and is not idempotent, so it is not tried again by itself: {error.Message}",
        _ when WhyNoRetry(state, task, error) is { } why => $"{why} {error.Message}",
        _ => $"It failed {failures} times, the last time: {error.Message}",
    };

    private static List<ExecutionEvent> SkipSuccessors(ExecutionState state, int index)
    {
        var plan = state.Plan;
        var because = plan.Tasks[index].Id;
        List<ExecutionEvent> events = [];
        var skipped = new HashSet<int>();
        var queue = new Queue<int>([index]);
        while (queue.TryDequeue(out var task))
        {
            foreach (var successor in plan.Graph.SuccessorsOf(task))
            {
                // What was skipped before took its own successors with it: nothing beyond it is left to skip.
                if (state[successor] is not TaskState.Pending || !skipped.Add(successor)) continue;
                events.Add(new TaskSkipped(plan.Tasks[successor].Id, because));
                queue.Enqueue(successor);
            }
        }

        return events;
    }

    private static List<ExecutionEvent> Stopped(ExecutionState state, int index, StopReason stop, Instant at, double dice, Failures.Classification? finding)
    {
        var task = state.Plan.Tasks[index];
        return stop switch
        {
            StopReason.TimedOut => Fail(state, index, at, dice, new TaskError(FailureKind.TimedOut, $"It took longer than its {TimeLimit(state, index)} and was stopped.") { Finding = finding }),
            StopReason.Stalled => Fail(state, index, at, dice, new TaskError(FailureKind.Stalled, $"It printed nothing{StallLimit(state)} and was stopped.") { Finding = finding }),
            StopReason.Aborted => [.. Release(state, index), new TaskCancelled(task.Id, state.StatusReason ?? "The execution was aborted.")],
            StopReason.Cancelled => [.. Release(state, index), .. Cancelled(state, index, state.ActiveAttemptOf(index)!.StopWhy ?? "Somebody cancelled it.")],
            StopReason.Interrupted => RunAgain(state, index, "The coordinator was told to leave at once and stopped it"),
            StopReason.Preempted => RunAgain(state, index, "It made way for a critical task that had waited for too long"),
            StopReason.ResourceDenied => MakeWay(state, index),
            _ => throw new UnreachableException($"No rule decides what follows {stop}. Add an arm to Scheduler.Stopped."),
        };
    }

    // The plan may have lost its limit since the attempt was told to stop.
    private static string StallLimit(ExecutionState state) => state.Plan.Policies.StallTimeoutSeconds is { } limit ? $" for {limit:0.###} seconds" : "";

    private static string TimeLimit(ExecutionState state, int index)
    {
        var active = state.ActiveAttemptOf(index)!;
        return active.Deadline is { } deadline ? $"{deadline.SecondsSince(active.AssignedAt):0.###} seconds" : "time limit";
    }

    // An attempt was cut off and no failure is counted; but what must not be done twice is not done twice without a person's word.
    private static List<ExecutionEvent> RunAgain(ExecutionState state, int index, string why, string? says = null) => state.Plan.Tasks[index] is { Idempotent: true } task
        ? [.. Release(state, index), new TaskQueued(task.Id, $"{why}, so it runs again.", says)]
        : [.. Release(state, index), new HelpRequested(state.Plan.Tasks[index].Id, $"{why}, and it is not idempotent. See what it did, then retry it.")];

    private static IReadOnlyList<ExecutionEvent> Release(ExecutionState state, int index)
    {
        var held = state.Holds(index) ? state.NeedsOf(index) : [];
        if (held.Count == 0) return state.MoreOf(index).Count == 0 ? [] : [.. ReleaseMore(state, index)];
        var released = new ResourceReleased(state.Plan.Tasks[index].Id, held);
        return state.MoreOf(index).Count == 0 ? [released] : [.. ReleaseMore(state, index), released];
    }

    private static List<ExecutionEvent> Abort(ExecutionState state, string reason)
    {
        List<ExecutionEvent> events = [new ExecutionAborted(reason)];
        for (var i = 0; i < state.Plan.Tasks.Count; i++)
        {
            var id = state.Plan.Tasks[i].Id;
            if (state.ActiveAttemptOf(i) is { Lease: not null }) events.AddRange([.. Release(state, i), new TaskCancelled(id, reason)]);   // A session hears of it when it reports.
            else if (state.ActiveAttemptOf(i) is { } active) events.Add(new AttemptStopping(id, active.Attempt, StopReason.Aborted));
            else if (!state[i].IsOver) events.Add(new TaskCancelled(id, reason));
        }

        return events;
    }

    private static List<ExecutionEvent> StopAll(ExecutionState state)
    {
        List<ExecutionEvent> events = state.IsDraining ? [] : [new DrainRequested()];
        foreach (var i in state.Active)
        {
            // Checks are not stopped by an event: the next coordinator runs them again. What sessions do is not the coordinator's.
            if (state[i] is TaskState.Verifying || state.ActiveAttemptOf(i) is not { Stop: null, Lease: null } active) continue;
            events.Add(new AttemptStopping(state.Plan.Tasks[i].Id, active.Attempt, StopReason.Interrupted));
        }

        return events;
    }

    private static List<ExecutionEvent> Retry(ExecutionState state, int index)
    {
        var plan = state.Plan;
        List<ExecutionEvent> events = [];
        if (state.IsFinished) events.Add(new ExecutionReopened());
        events.AddRange(BeginAnew(state, index) ?? [Patching.HoldBack(state, index) ?? new TaskQueued(plan.Tasks[index].Id, "Somebody asked to try it again.")]);
        events.AddRange(Restore(state, index, out _));
        return events;
    }

    private static List<ExecutionEvent> Waive(ExecutionState state, int index, SkipTask c)
    {
        List<ExecutionEvent> events = [];
        if (state.IsFinished) events.Add(new ExecutionReopened());
        events.Add(new TaskWaived(c.Task, c.Reason, CountsAsDone: !c.WithSuccessors));
        if (c.WithSuccessors)
        {
            events.AddRange(SkipSuccessors(state, index));
            return events;
        }

        events.AddRange(Restore(state, index, out var restored));
        ReleaseSuccessors(state, index, restored, events);
        return events;
    }

    // What was skipped may be done after all, unless something else that it depends on stays undone. A task that another one still holds
    // back is met again when that one is restored.
    private static List<ExecutionEvent> Restore(ExecutionState state, int index, out HashSet<int> all)
    {
        var plan = state.Plan;
        List<ExecutionEvent> events = [];
        var restored = all = [index];
        var queue = new Queue<int>(restored);
        while (queue.TryDequeue(out var task))
        {
            foreach (var successor in plan.Graph.SuccessorsOf(task))
            {
                if (state[successor] is not (TaskState.Skipped or TaskState.RolledBack) || !AllMayBeDone(successor) || !restored.Add(successor)) continue;
                events.Add(new TaskRestored(plan.Tasks[successor].Id));
                queue.Enqueue(successor);
            }
        }

        return events;

        bool AllMayBeDone(int task)
        {
            foreach (var predecessor in plan.Graph.PredecessorsOf(task))
            {
                var stays = state[predecessor] is TaskState.Failed or TaskState.Cancelled or TaskState.Skipped or TaskState.RolledBack or TaskState.Waived { CountsAsDone: false };
                if (stays && !restored.Contains(predecessor)) return false;
            }

            return true;
        }
    }

    private static TaskState? Live(ExecutionState state, TaskId task, int attempt) => Live(state, state.Plan.IndexOf(task), attempt);

    private static TaskState? Live(ExecutionState state, int index, int attempt) => index >= 0 && state.ActiveAttemptOf(index)?.Attempt == attempt ? state[index] : null;
}
