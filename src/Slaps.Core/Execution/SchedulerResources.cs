using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <content>
/// Resources in the midst of a task. What is free is had at once. Otherwise the older waits and the younger dies (wait-die: Rosenkrantz,
/// Stearns and Lewis, 1978): age is when a task was first ready and is kept through all attempts, so nobody waits in a circle and nobody dies
/// for ever. Who waits is as much in the way as who holds, and a resource that somebody waits for is taken by nothing that has not begun: so
/// everybody in front of the one who waits is younger until its turn comes.
/// </content>
public static partial class Scheduler
{
    private static IReadOnlyList<ExecutionEvent> Acquire(ExecutionState state, AcquireResource c)
    {
        if (ResourceRefusals.Of(state, c) is not null) return [];
        var index = state.Plan.IndexOf(c.Task);
        var attempt = state.ActiveAttemptOf(index)!.Attempt;
        var wanted = ResourceRefusals.Wanted(state, c);
        if (state.IsFree(wanted)) return [new ResourceAcquired(c.Task, [wanted], attempt)];

        var inTheWay = state.InTheWayOf(index, wanted);
        var older = inTheWay.Where(other => !state.IsOlder(index, other)).Select(other => state.Plan.Tasks[other].Id).ToList();
        if (older.Count > 0) return Deny(state, index, wanted, DenialCause.Younger, older);
        Instant? until = (c.TimeoutSeconds ?? state.Plan.Policies.LockTimeoutSeconds) is { } seconds ? c.At.PlusSeconds(seconds) : null;
        return [new ResourceRequested(c.Task, attempt, wanted, until)];
    }

    private static IReadOnlyList<ExecutionEvent> GiveUp(ExecutionState state, ReleaseResource c)
    {
        if (ResourceRefusals.Of(state, c) is not null) return [];
        var index = state.Plan.IndexOf(c.Task);
        var attempt = state.ActiveAttemptOf(index)!.Attempt;
        var name = state.ResourceCalled(c.Resource)!;
        return state.RequestOf(index)?.Resource.Name == name
            ? [new ResourceWithdrawn(c.Task, attempt, name)]
            : [new ResourceReleased(c.Task, [.. state.MoreOf(index).Where(r => r.Name == name)], attempt)];
    }

    // What time and releases have brought about for those that wait in the midst of their task; nothing where nobody does.
    private static IReadOnlyList<ExecutionEvent> SettleRequests(ExecutionState state, Instant at) => state.Requests.Count == 0 ? [] : SettleNext(state, at);

    private static IReadOnlyList<ExecutionEvent> SettleNext(ExecutionState state, Instant at)
    {
        if (state.NextGrant is { } granted) return [new ResourceAcquired(granted.Task, [granted.Resource], granted.Attempt)];
        if (state.NextOverdue(at) is { } overdue)
        {
            var index = state.Plan.IndexOf(overdue.Task);
            return Deny(state, index, overdue.Resource, DenialCause.TimedOut, Ids(state, state.InTheWayOf(index, overdue.Resource)));
        }

        if (Circle(state) is not { } circle) return [];
        var victim = circle.Aggregate((youngest, other) => state.IsOlder(youngest, other) ? other : youngest);
        var wanted = state.RequestOf(victim)!.Resource;
        return
        [
            new DeadlockDetected(Ids(state, circle), state.Plan.Tasks[victim].Id),
            .. Deny(state, victim, wanted, DenialCause.Deadlock, Ids(state, state.InTheWayOf(victim, wanted))),
        ];
    }

    // What must not be done twice is not stopped: it is told that it does not get it, and decides for itself.
    private static List<ExecutionEvent> Deny(ExecutionState state, int index, ResourceAmount wanted, DenialCause cause, IReadOnlyList<TaskId> holders)
    {
        var (task, active) = (state.Plan.Tasks[index], state.ActiveAttemptOf(index)!);
        var denied = new ResourceDenied(task.Id, active.Attempt, wanted, cause, holders, Requeues: task.Idempotent);
        List<ExecutionEvent> events = [denied];
        if (!denied.Requeues) return events;
        if (active.Lease is null) events.Add(new AttemptStopping(task.Id, active.Attempt, StopReason.ResourceDenied));
        else events.AddRange([.. Release(state, index), new TaskQueued(task.Id, ResourceRefusals.Told(denied), Left(active, why: null))]);
        return events;
    }

    private static List<ExecutionEvent> MakeWay(ExecutionState state, int index)
    {
        var task = state.Plan.Tasks[index].Id;
        return [.. Release(state, index), new TaskQueued(task, state.DenialOf(index) is { } denied ? ResourceRefusals.Told(denied) : "It made way for another task.")];
    }

    private static IEnumerable<ExecutionEvent> ReleaseMore(ExecutionState state, int index) =>
        state.MoreOf(index) is { Count: > 0 } more ? [new ResourceReleased(state.Plan.Tasks[index].Id, [.. more], state.AttemptsOf(index))] : [];

    // The first circle in the graph of who waits for whom, or null. Only who waits can be part of one, so only they are looked at.
    private static List<int>? Circle(ExecutionState state)
    {
        var waiting = state.Requests.ToDictionary(r => state.Plan.IndexOf(r.Task), r => r.Resource);
        var done = new HashSet<int>();
        foreach (var start in state.Requests.Select(r => state.Plan.IndexOf(r.Task)))
        {
            var path = new List<int>();
            var open = new Stack<(int Task, int Depth)>([(start, 0)]);
            while (open.TryPop(out var next))
            {
                if (next.Depth < path.Count) done.UnionWith(path[next.Depth..]);
                path.RemoveRange(next.Depth, path.Count - next.Depth);
                if (path.IndexOf(next.Task) is >= 0 and var place) return path[place..];
                if (done.Contains(next.Task) || !waiting.TryGetValue(next.Task, out var wanted)) continue;
                path.Add(next.Task);
                foreach (var other in state.InTheWayOf(next.Task, wanted)) open.Push((other, path.Count));
            }

            done.UnionWith(path);
        }

        return null;
    }

    private static List<TaskId> Ids(ExecutionState state, IEnumerable<int> tasks) => [.. tasks.Select(task => state.Plan.Tasks[task].Id)];
}
