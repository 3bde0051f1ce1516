using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Core.History;

/// <content>What circuit breakers and the budget of retries promise.</content>
public sealed partial class HistoryChecker
{
    private readonly SortedDictionary<string, BreakerStory> _breakers = new(StringComparer.Ordinal);
    private readonly HashSet<TaskId> _askedByBreakers = [];
    private long _retries;

    private void NoteBreaker(ExecutionEvent happened)
    {
        switch (happened)
        {
            case CircuitBreakerTripped e:
                var trips = _breakers.TryGetValue(e.Breaker, out var before) ? before.Trips : 0;
                if (before is { GaveUp: true }) Violated(HistoryRule.Breaker, $"{e.Breaker} trips, but it had given up.", before.Since);
                if (e.Trip != trips + 1) Violated(HistoryRule.Breaker, $"{e.Breaker} trips for the {e.Trip}. time, but it has tripped {trips} times.", before?.Since ?? 0);
                foreach (var unknown in e.Tasks.Where(id => _plan.Find(id) is null)) Violated(HistoryRule.KnownTask, $"{e.Breaker} holds {Identifiers.Quote(unknown.Value ?? "")}, which the plan does not have.");
                _breakers[e.Breaker] = new BreakerStory([.. e.Tasks], e.Until, e.Trip, _now.Seq) { After = e.After, AsksPlanner = e.Remedy == Failures.Remedy.Replan };
                if (e.Remedy == Failures.Remedy.AskPerson) _askedByBreakers.UnionWith(e.Tasks);
                break;
            case CircuitBreakerHalfOpened e:
                if (!_breakers.TryGetValue(e.Breaker, out var open) || !open.IsOpen) Violated(HistoryRule.Breaker, $"{e.Breaker} lets {e.Probe} try, but it is not open.", open?.Since ?? 0);
                else if (open.After is { } mends && _tasks.TryGetValue(mends, out var mending) && !mending.HasEnded) Violated(HistoryRule.Breaker, $"{e.Breaker} lets {e.Probe} try, but {mends} is not done.", open.Since);
                else if (_now.At < open.Until) Violated(HistoryRule.Breaker, $"{e.Breaker} lets {e.Probe} try before {open.Until}.", open.Since);
                else open.Probe = e.Probe;
                break;
            case HotUpdateRefused e:
                if (_breakers.TryGetValue(e.Breaker, out var unanswered) && unanswered.AsksPlanner) _askedByBreakers.UnionWith(unanswered.Held);
                break;
            case CircuitBreakerClosed e:
                if (!_breakers.TryGetValue(e.Breaker, out var closing)) Violated(HistoryRule.Breaker, $"{e.Breaker} closes, but it never tripped.");
                else (closing.IsOpen, closing.GaveUp) = (false, e.GaveUp);
                if (e.GaveUp) _askedByBreakers.UnionWith(e.Tasks);
                break;
        }
    }

    // A task that fails the same way while its breaker is open waits for it from then on, as the scheduler decides; here only those count
    // that the breaker named.
    private void RequireClosedBreakers(TaskStory task)
    {
        foreach (var (name, breaker) in _breakers)
        {
            if (breaker.IsOpen && breaker.Probe != task.Id && breaker.Held.Contains(task.Id))
                Violated(HistoryRule.Breaker, task, $"{task.Id} starts, but it waits for {name}.", breaker.Since);
        }
    }

    private bool IsAskedByBreaker(TaskStory task) => _askedByBreakers.Remove(task.Id) && !task.IsOver;

    // The one that tries has no worker, or what would mend it waits itself for a person or a worker. Who met it later waits as well.
    private bool WaitsForProbeWithoutWorker(TaskStory task) => task.Failures > 0 && _breakers.Values.Any(breaker => breaker.IsOpen
        && ((breaker.Probe is { } probe && probe != task.Id && _tasks.TryGetValue(probe, out var trying) && HasNoWorker(trying))
            || (breaker.After is { } mends && _tasks.TryGetValue(mends, out var mending) && !mending.HasEnded)));

    // Somebody wants it tried again, whatever held it.
    private void BeginAnew(TaskStory task)
    {
        task.Failures = 0;
        LeaveBreakers(task, except: null);
    }

    // Who fails otherwise than before waits for something else.
    private void LeaveBreakers(TaskStory task, string? except)
    {
        foreach (var (name, breaker) in _breakers)
        {
            if (name != except) breaker.Held.Remove(task.Id);
        }
    }

    private void NoteRetry()
    {
        if (_wholePlan.Policies.Retry.Budget is { } budget && ++_retries > budget) Violated(HistoryRule.RetryLimit, $"This is retry {_retries}, but the plan allows {budget} in all.");
    }

    private sealed class BreakerStory(HashSet<TaskId> held, Instant until, int trips, long since)
    {
        public HashSet<TaskId> Held { get; } = held;

        public Instant Until { get; } = until;

        public int Trips { get; } = trips;

        public long Since { get; } = since;

        public TaskId? After { get; init; }

        public bool AsksPlanner { get; init; }

        public TaskId? Probe { get; set; }

        public bool IsOpen { get; set; } = true;

        public bool GaveUp { get; set; }
    }
}
