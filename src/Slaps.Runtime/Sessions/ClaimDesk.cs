using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Hosting;

namespace Slaps.Runtime.Sessions;

/// <summary>Decides what sessions ask for while no coordinator runs, for whoever holds the lock.</summary>
public static class ClaimDesk
{
    /// <summary>
    /// The leases of sessions that can be seen to live: they are renewed before any lease ends, because a person who thinks for an hour, or an
    /// agent that computes for one, is at work.
    /// </summary>
    /// <param name="state">The execution.</param>
    /// <param name="at">Now.</param>
    /// <param name="isRunning">Whether the process behind a session runs.</param>
    public static IReadOnlyList<Command> Renewals(ExecutionState state, Instant at, Func<WorkerId, bool> isRunning)
    {
        if (state.NextLease is not { } due || due > at) return [];
        return
        [
            .. state.Claimed.Select(task => state.ActiveAttemptOf(task)!)
                .Where(active => active.Lease!.ExpiresAt <= at).Select(active => active.Worker).Distinct()
                .Where(isRunning).Select(session => new RenewLeases(at, session)),
        ];
    }

    /// <summary>
    /// The wishes for resources that nobody waits for any more: they are withdrawn before anything is given to them, or held against others, because
    /// nobody would hear of it.
    /// </summary>
    /// <param name="state">The execution.</param>
    /// <param name="at">Now.</param>
    /// <param name="isAwaited">Whether a process waits for what a task has asked for.</param>
    public static IReadOnlyList<Command> Deserted(ExecutionState state, Instant at, Func<TaskId, bool> isAwaited) =>
    [
        .. state.Requests.Where(request => !isAwaited(request.Task)).Select(request => new ReleaseResource(at, request.Task, request.Attempt, request.Resource.Name)
        {
            Session = state.ActiveAttemptOf(state.Plan.IndexOf(request.Task)) is { Lease: not null, Worker: var session } ? session : null,
        }),
    ];

    /// <summary>
    /// Decides one order of a session, after what time has brought about and before what follows from it: applied and durable when it returns.
    /// </summary>
    /// <param name="journal">The journal, opened for writing.</param>
    /// <param name="state">The execution, folded from it.</param>
    /// <param name="now">The clock's time; the journal's never goes back.</param>
    /// <param name="isRunning">Whether the process behind a session runs.</param>
    /// <param name="isAwaited">Whether a process waits for what a task has asked for.</param>
    /// <param name="orders">One after the other; the answer is that to the last.</param>
    /// <param name="then">Sees the state just after the last order, with what that decided.</param>
    /// <returns>Why the last one decided to nothing, or null.</returns>
    public static string? Decide(
        IEventJournal journal,
        ExecutionState state,
        Instant now,
        Func<WorkerId, bool> isRunning,
        Func<TaskId, bool> isAwaited,
        IReadOnlyList<Func<Instant, Command>> orders,
        Action<ExecutionState, IReadOnlyList<ExecutionEvent>> then)
    {
        var at = now < state.Now ? state.Now : now;
        var position = state.Seq;
        var recorded = new List<RecordedEvent>();
        foreach (var renewal in Renewals(state, at, isRunning)) Note(renewal);
        foreach (var withdrawal in Deserted(state, at, isAwaited)) Note(withdrawal);
        Settle();
        string? refusal = null;
        IReadOnlyList<ExecutionEvent> decided = [];
        foreach (var order in orders)
        {
            var command = order(at);
            refusal = Refusals.Of(state, command);
            decided = Note(command);
        }

        then(state, decided);
        Settle();
        if (recorded.Count > 0)
        {
            journal.Append(state.Id, position, [.. recorded.Select(ExecutionStore.Stored)]);
            journal.Snapshots?.Offer(journal, state);
        }

        return refusal;

        void Settle()
        {
            while (Note(new PassTime(at)).Count > 0)
            {
            }
        }

        IReadOnlyList<ExecutionEvent> Note(Command command)
        {
            var events = Scheduler.Decide(state, command);
            recorded.AddRange(ExecutionStore.Record(state, at, events));
            return events;
        }
    }
}
