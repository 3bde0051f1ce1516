using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Failures;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;

namespace Slaps.Core.Tests.Execution;

/// <content>What breakers count, hold and try, and what patches make of the plan.</content>
internal sealed partial class SimulationOracle
{
    private readonly SortedDictionary<string, Breaker> _breakers = new(StringComparer.Ordinal);
    private readonly HashSet<TaskId> _menders = [];
    private readonly HashSet<TaskId> _askedByBreakers = [];
    private int _breakerPatches;
    private int _retries;

    private sealed class Breaker(Classification last)
    {
        public Classification Last { get; set; } = last;

        public List<(Instant At, Entry Task)> Failures { get; } = [];

        public HashSet<Entry> Held { get; } = [];

        public CircuitStatus Status { get; set; }

        public Instant Until { get; set; }

        public TaskId? After { get; set; }

        public Entry? Probe { get; set; }

        public int Trips { get; set; }

        public bool IsOpen => Status is CircuitStatus.Open or CircuitStatus.HalfOpen;
    }

    // It waits, but an open breaker that lets another one try keeps it.
    private bool IsKeptByBreaker(Entry t) => IsWaiting(t) && _breakers.Values.Any(b => b.IsOpen && b.Probe != t && b.Held.Contains(t));

    // It waits for nothing but resources and a worker.
    private bool IsInLine(Entry t) => IsWaiting(t) && !IsParked(t) && !IsHeldBack(t) && !IsKeptByBreaker(t);

    private void NotePatch(RecordedEvent recorded, PlanPatched e)
    {
        var patched = _plan.With(e.Patch, new DiagnosticBag());
        Must(patched is not null, "a patch does not fit the plan", recorded);
        foreach (var (index, t) in _tasks.Index())
        {
            var next = patched!.Tasks[index];
            Must(next.Id == t.Task.Id, "a patch moves a task to another place", recorded);
            Must(t.Live is null || (next.Run == t.Task.Run && next.Locks.SequenceEqual(t.Task.Locks) && next.Pools.SequenceEqual(t.Task.Pools)), "a patch changes what is in hand", recorded);
            t.Task = next;
        }

        _plan = patched!;
        _tasks = [.. _tasks, .. _plan.Tasks.Skip(_tasks.Length).Select(task => new Entry(task))];
        _atOnce = _placesAsked ?? _plan.Policies.ConcurrencyMax ?? long.MaxValue;
        Prepared();
        foreach (var t in _tasks.Where(t => (t.Live is not null && t.State != "COMPENSATING") || t.State == "SUCCEEDED")) Must(t.Before.All(p => p.IsDone || p.State is "COMPENSATING" || p.UndoFailed), "a patch gives what has begun something to wait for", recorded);
        if (e.Patch.By != "circuit breaker") return;
        Must(++_breakerPatches <= _plan.Policies.CircuitBreakers!.MaxPatches, "breakers patch the plan more often than they may", recorded);
    }

    private void NoteBreaker(RecordedEvent recorded, ExecutionEvent happened)
    {
        switch (happened)
        {
            case CircuitBreakerTripped e:
                var tripping = _breakers[e.Breaker];
                Must(e.Trip == tripping.Trips + 1 && e.Trip <= tripping.Last.Breaker!.MaxTrips, "a breaker trips more often than it may", recorded);
                Must(e.Tasks.Count > 0 && e.Tasks.Select(id => _byId[id]).All(t => t.Counted == e.Breaker && t.State is "BACKOFF" or "READY" or "QUEUED" or "PENDING"), "a breaker holds what has not met its failure, or what is over", recorded);
                (tripping.Status, tripping.Until, tripping.After, tripping.Probe, tripping.Trips) = (CircuitStatus.Open, e.Until, e.After, null, e.Trip);
                tripping.Failures.Clear();
                tripping.Held.Clear();
                tripping.Held.UnionWith(e.Tasks.Select(id => _byId[id]));
                if (e.After is { } mends) _menders.Add(mends);
                if (e.Remedy == Remedy.AskPerson) _askedByBreakers.UnionWith(e.Tasks);
                break;
            case CircuitBreakerHalfOpened e:
                var trying = _breakers[e.Breaker];
                Must(trying.IsOpen && trying.Until <= recorded.At && IsMended(trying) && trying.Held.Contains(_byId[e.Probe]) && IsWaiting(_byId[e.Probe]), "the wrong one tries, or too early", recorded);
                (trying.Status, trying.Probe) = (CircuitStatus.HalfOpen, _byId[e.Probe]);
                break;
            case CircuitBreakerClosed e:
                var closing = _breakers[e.Breaker];
                Must(closing.Status != CircuitStatus.GaveUp, "a breaker that gave up goes on", recorded);
                (closing.Status, closing.Probe) = (e.GaveUp ? CircuitStatus.GaveUp : CircuitStatus.Closed, null);
                closing.Failures.Clear();
                closing.Held.Clear();
                if (e.GaveUp) _askedByBreakers.UnionWith(e.Tasks);
                break;
        }
    }

    private void CountFailure(Instant at, Entry t, TaskError error)
    {
        Forget(t);
        if (_menders.Contains(t.Task.Id) || error.Finding is not { Breaker: { } rule, Key: { } key } finding) return;
        if (!_breakers.TryGetValue(key, out var breaker)) _breakers[key] = breaker = new Breaker(finding);
        breaker.Last = finding;
        breaker.Failures.RemoveAll(failure => at.SecondsSince(failure.At) > rule.WindowSeconds);
        breaker.Failures.Add((at, t));
        if (breaker.IsOpen) breaker.Held.Add(t);
        t.Counted = key;
    }

    private void Forget(Entry t)
    {
        t.Counted = null;
        foreach (var breaker in _breakers.Values) breaker.Held.Remove(t);
    }

    // A fault of the work itself is final where a program does the work and nobody said how often to try.
    private bool IsFinal(Entry t, TaskError error) => error is { Finding: { Playbook: not null, Class: FailureClass.Logic }, Kind: FailureKind.ExitCode or FailureKind.Signal }
        && t.Task.Run is RunSpec.Process or RunSpec.Shell && t.Task.MaxRetries is null;

    private bool IsBudgetSpent => _plan.Policies.Retry.Budget is { } budget && _retries >= budget;

    private double LongestDelay(TaskError error, Instant at)
    {
        var usual = _plan.Policies.Retry.MaxDelayMs / 1000d * (error.Finding is { Playbook: not null, Class: FailureClass.External } ? RetryPolicy.ExternalFactor : 1);
        return Math.Max(usual, Math.Max(error.Finding?.RetryAfterSeconds ?? 0, error.Finding?.RetryAt?.SecondsSince(at) ?? 0));
    }

    private bool IsMended(Breaker breaker) => breaker.After is not { } mends || !_byId.TryGetValue(mends, out var mending) || mending.HasEnded;

    private Entry? FirstKept(Breaker breaker) => _tasks.FirstOrDefault(t => t != breaker.Probe && breaker.Held.Contains(t) && IsKeptByBreaker(t) && !IsParked(t));

    /// <summary>Whether some breaker lets a task try by and by.</summary>
    private bool WillHalfOpen => _status == ExecutionStatus.Running
        && _breakers.Values.Any(b => b.Status == CircuitStatus.Open && IsMended(b) && b.Held.Any(t => IsKeptByBreaker(t) && !IsParked(t)));

    // Why a task that a breaker keeps may be kept beyond the end: who tries for all has no worker, or what mends it waits for a person.
    private bool IsStuckAtBreaker(Entry t) => _breakers.Values.Any(b => b.IsOpen && b.Probe != t && b.Held.Contains(t)
        && (!IsMended(b) || (b.Probe is { State: "READY" or "QUEUED" } probe && !_workers.Any(w => w.CanTake(probe.Task)))));

    private bool HasNobody(Entry t) => t.State is "READY" or "QUEUED" && (!_workers.Any(w => w.CanTake(t.Task)) || IsStuckAtBreaker(t));

    /// <summary>The first thing that a breaker has to do now; null: none has.</summary>
    private (string Expected, Func<IReadOnlyList<ExecutionEvent>, bool> Fits)? NextOfBreakers(Instant now)
    {
        if (_status != ExecutionStatus.Running) return null;
        foreach (var (name, breaker) in _breakers)
        {
            if (NextOf(name, breaker, now) is { } next) return next;
        }

        return null;
    }

    private (string Expected, Func<IReadOnlyList<ExecutionEvent>, bool> Fits)? NextOf(string name, Breaker breaker, Instant now)
    {
        var rule = breaker.Last.Breaker!;
        switch (breaker.Status)
        {
            case CircuitStatus.Closed:
                var isDue = breaker.Failures.Count >= rule.Threshold && (rule.Remedy == Remedy.Quarantine || breaker.Failures.Select(f => f.Task).Distinct().Count() >= rule.Threshold);
                return isDue ? Tripping(name, breaker, now) : null;
            case CircuitStatus.Open when breaker.Held.All(IsOut):
                return Closing(name);
            case CircuitStatus.Open:
                return breaker.Until <= now && IsMended(breaker) && FirstKept(breaker) is { } first ? Trying(name, first) : null;
            case CircuitStatus.HalfOpen when breaker.Probe!.IsDone:
                return Closing(name);
            case CircuitStatus.HalfOpen when breaker.Probe!.State is "READY" or "QUEUED" or "ASSIGNED" or "RUNNING" or "VERIFYING" && breaker.Held.Contains(breaker.Probe):
                return null;
            case CircuitStatus.HalfOpen when breaker.Probe!.State is "BACKOFF" or "FAILED" or "HELP_NEEDED" && breaker.Probe.Counted == name:
                return Tripping(name, breaker, now) ?? Closing(name);
            case CircuitStatus.HalfOpen:
                return IsMended(breaker) && FirstKept(breaker) is { } other ? Trying(name, other) : breaker.Held.All(IsOut) ? Closing(name) : null;
            default:
                return null;
        }

        static bool IsOut(Entry t) => t.IsDone || t.State is "SUCCEEDED" or "FAILED" or "HELP_NEEDED" or "CANCELLED" or "SKIPPED" or "ROLLED_BACK";
    }

    private static (string Expected, Func<IReadOnlyList<ExecutionEvent>, bool> Fits) Closing(string name) =>
        ($"{name} closes", decided => decided is [CircuitBreakerClosed { GaveUp: false } e] && e.Breaker == name);

    private static (string Expected, Func<IReadOnlyList<ExecutionEvent>, bool> Fits) Trying(string name, Entry probe) =>
        ($"{name} lets {probe.Task.Id} try", decided => decided is [CircuitBreakerHalfOpened e] && e.Breaker == name && e.Probe == probe.Task.Id);

    private (string Expected, Func<IReadOnlyList<ExecutionEvent>, bool> Fits)? Tripping(string name, Breaker breaker, Instant now)
    {
        var met = breaker.Failures.Select(f => f.Task).Concat(breaker.Held).ToHashSet();
        TaskId[] affected = [.. _tasks.Where(t => met.Contains(t) && t.Counted == name && t.State is "BACKOFF" or "READY" or "QUEUED" or "PENDING").Select(t => t.Task.Id)];
        if (affected.Length == 0) return null;
        var rule = breaker.Last.Breaker!;
        if (breaker.Trips >= rule.MaxTrips)
            return ($"{name} gives up", decided => decided[0] is CircuitBreakerClosed { GaveUp: true } e && e.Breaker == name && e.Tasks.SequenceEqual(affected) && decided.Skip(1).Select(h => ((HelpRequested)h).Task).SequenceEqual(affected));

        var until = now.PlusSeconds(Math.Max(rule.CooldownSeconds, breaker.Last.RetryAfterSeconds ?? 0));
        return ($"{name} trips for {string.Join(", ", affected)} until {until}", decided => decided[0] is CircuitBreakerTripped e && e.Breaker == name && e.Tasks.SequenceEqual(affected) && e.Until == until
            && (e.Remedy == rule.Remedy || e.Remedy is Remedy.AskPerson or Remedy.Wait or Remedy.Serialise)
            && (e.Remedy != Remedy.AskPerson || decided.Skip(1).Select(h => ((HelpRequested)h).Task).SequenceEqual(affected))
            && decided.Skip(1).All(h => h is HelpRequested or HotUpdateRefused or PlanPatched or TaskReady or TaskHeldBack));
    }
}
