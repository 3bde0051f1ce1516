using System.Diagnostics;

namespace Slaps.Core.Execution;

/// <content>What sessions may do: they pull tasks from the frontier that workers are pushed from, and hold them by a lease.</content>
public static partial class Scheduler
{
    /// <summary>The first task of the frontier that the session can take; -1 when there is none. What no worker here can take goes first.</summary>
    internal static int FirstToClaim(ExecutionState state, ClaimTask c)
    {
        var others = -1;
        foreach (var task in state.FrontierInOrder)
        {
            if (!c.CanTake(state.Plan.Tasks[task]) || state.Circuits.HolderOf(task) is not null || state.LackingToClaim(task) is not null || state.IsClosedAt(task, c.At)) continue;
            if (!state.SomeWorkerCanTake(task)) return task;
            if (others < 0) others = task;
        }

        return others;
    }

    private static List<ExecutionEvent> Claim(ExecutionState state, ClaimTask c)
    {
        if (Refusals.Of(state, c) is not null) return [];
        var index = c.Task is { } named ? state.Plan.IndexOf(named) : FirstToClaim(state, c);
        var task = state.Plan.Tasks[index];
        List<ExecutionEvent> events = state.IsFinished ? [new ExecutionReopened()] : [];
        if (state.NeedsOf(index) is { Count: > 0 } needs) events.Add(new ResourceAcquired(task.Id, needs));

        // A time limit is for a process that may hang; a session is watched by its lease.
        events.Add(new TaskAssigned(task.Id, c.Session, state.AttemptsOf(index) + 1, Deadline: null, c.At.PlusSeconds(c.LeaseSeconds)));
        return events;
    }

    private static List<ExecutionEvent> Renew(ExecutionState state, RenewLeases c)
    {
        List<ExecutionEvent> events = [];
        foreach (var task in state.Claimed)
        {
            var active = state.ActiveAttemptOf(task)!;

            // Each command of a session is a sign of life; an event for each of them would flood the journal.
            if (active.Worker == c.Session && active.Lease!.ExpiresAt.SecondsSince(c.At) <= active.Lease.Seconds / 2)
                events.Add(new LeaseRenewed(state.Plan.Tasks[task].Id, active.Attempt, c.At.PlusSeconds(active.Lease.Seconds)));
        }

        return events;
    }

    private static IReadOnlyList<ExecutionEvent> Report(ExecutionState state, ClaimReport c)
    {
        if (Refusals.Of(state, c) is not null) return [];
        var index = state.Plan.IndexOf(c.Task);
        var active = state.ActiveAttemptOf(index)!;
        var begins = state[index] is TaskState.Assigned ? [new TaskStarted(c.Task, active.Worker, active.Attempt, Process: null)] : Array.Empty<ExecutionEvent>();
        return c switch
        {
            BeginClaim => begins,
            ReportProgress p => [.. begins, new TaskProgress(c.Task, active.Attempt, p.Percent, p.Message)],
            AddSubtask p => [.. begins, new SubtaskAdded(c.Task, active.Attempt, state.SubtasksOf(index).Count + 1, p.Title)],
            EndSubtask p => [.. begins, new SubtaskDone(c.Task, active.Attempt, p.Number)],
            CompleteClaim p => Complete(state, index, active, p.Result),
            FailClaim p => Fail(state, index, c.At, p.Dice, new TaskError(FailureKind.Reported, $"{active.Worker} says: {p.Reason}")),
            AskForHelp p => [.. Release(state, index), new HelpRequested(c.Task, $"{active.Worker} asks: {p.Reason}")],
            ReleaseClaim p => [.. Release(state, index), new TaskQueued(c.Task, GaveBack(active, p.Reason), Left(active, p.Reason is null ? null : GaveBack(active, p.Reason)))],
            _ => throw new UnreachableException($"No rule decides {c.GetType().Name}. Add an arm to Scheduler.Report."),
        };
    }

    private static string GaveBack(ActiveAttempt active, string? reason) => $"{active.Worker} gave it back{(reason is null ? "." : $": {Sentence(reason)}")}";

    // What the next one should know of an attempt that nobody goes on with. Where there is nothing new to say, what was known before still is.
    private static string? Left(ActiveAttempt active, string? why)
    {
        string?[] sentences =
        [
            why,
            active.Message is { } note ? $"{active.Worker} was at {active.Percent} %: {Sentence(note)}" : null,
            active.Findings is { } findings ? $"Its checks had found: {Sentence(findings)}" : null,
        ];
        return sentences.Any(sentence => sentence is not null) ? string.Join(' ', sentences.OfType<string>()) : null;
    }

    internal static string Sentence(string text) => text.Length > 0 && text[^1] is '.' or '!' or '?' ? text : $"{text}.";

    // Said again while checks run, it asks for them anew: those of a process that was killed never come to a verdict.
    private static IReadOnlyList<ExecutionEvent> Complete(ExecutionState state, int index, ActiveAttempt active, string? result)
    {
        var task = state.Plan.Tasks[index];
        return task.Checks.Count > 0 || task.Produces.Count > 0
            ? [new TaskVerifying(task.Id, active.Attempt, ExitCode: 0, result)]
            : Succeed(state, index, active.Attempt, new Verdict([], [], []), result);
    }

    private static List<ExecutionEvent> EndAll(ExecutionState state, EndSession c)
    {
        List<ExecutionEvent> events = [];
        foreach (var task in state.Claimed)
        {
            var active = state.ActiveAttemptOf(task)!;
            if (active.Worker != c.Session) continue;
            if (c.IsLost) events.AddRange(Expire(state, task, $"{c.Session} was gone"));
            else events.AddRange([.. Release(state, task), new TaskQueued(state.Plan.Tasks[task].Id, $"{c.Session} left and gave it back.", Left(active, why: null))]);
        }

        return events;
    }

    private static List<ExecutionEvent> Expire(ExecutionState state, int task, string? why = null)
    {
        var active = state.ActiveAttemptOf(task)!;
        why ??= $"{active.Worker} gave no sign of life for {active.Lease!.Seconds:0.###} seconds";
        var left = Left(active, why: null);
        return
        [
            new LeaseExpired(state.Plan.Tasks[task].Id, active.Worker, active.Attempt),
            .. RunAgain(state, task, why, left is null ? null : $"{active.Worker} had it and gave no sign of life any more. {left}"),
        ];
    }

    private static IReadOnlyList<ExecutionEvent> Pass(ExecutionState state, Instant at)
    {
        if (state.IsFinished) return [];
        if (state.TryPeekLease(out var lost, out var end) && end <= at) return Expire(state, lost);
        if (state.FirstDelayOver(at) is { } delayed) return [new TaskQueued(state.Plan.Tasks[delayed].Id, "Its delay is over.")];
        if (SettleRequests(state, at) is { Count: > 0 } settled) return settled;
        if (state.NextWindows(at) is { } windows) return [windows];
        if (state.NextWave is { } wave) return StartWave(state, wave);
        if (Breakers.Next(state, at) is { Count: > 0 } acts) return acts;
        if (UndoneWithoutWorker(state) is { } undone) return [undone];

        // What waits may be for a coordinator that comes back, or for a person's answer: only where nothing waits is this the end.
        var mayGoOn = state.FrontierSize > 0 || state.ToUndo.Any() || (state.CountOf("HELP_NEEDED") > 0 && state.Status != ExecutionStatus.Aborted);
        return !mayGoOn && Conclude(state) is { } conclusion ? [conclusion] : [];
    }
}
