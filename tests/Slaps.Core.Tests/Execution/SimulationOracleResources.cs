using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Core.Tests.Execution;

/// <content>What attempts take and wait for after they began.</content>
internal sealed partial class SimulationOracle
{
    private readonly List<Entry> _asking = [];
    private Entry? _keptBefore;

    private void NoteMore(RecordedEvent recorded, TaskEvent happened, Entry t)
    {
        switch (happened)
        {
            case ResourceAcquired e:
                Must(IsPresent(t, e.Attempt!.Value), "an old or stopped attempt takes more", recorded);
                Must(e.Resources.All(IsFree), "it takes what is not free", recorded);
                Must(e.Resources.All(r => _asking.Find(o => o.Asked!.Resource.Name == r.Name) is var first && (first is null || first == t)), "it takes what somebody else has waited for before", recorded);
                t.More.AddRange(e.Resources);
                _asking.Remove(t);
                break;
            case ResourceReleased e:
                Must(e.Attempt == t.Attempts && e.Resources.Count > 0 && e.Resources.All(t.More.Contains), "it gives back what it has not acquired", recorded);
                t.More.RemoveAll(e.Resources.Contains);
                break;
            case ResourceRequested e:
                Must(IsPresent(t, e.Attempt) && !_asking.Contains(t), "an old or stopped attempt asks, or one asks twice", recorded);
                Must(InTheWayOf(t, e.Resource).All(o => o.Age > t.Age), "it waits for an older one", recorded);
                t.Asked = e;
                _asking.Add(t);
                break;
            case ResourceWithdrawn e:
                Must(_asking.Remove(t) && t.Asked!.Resource.Name == e.Resource, "it withdraws what it has not asked for", recorded);
                break;
            case ResourceDenied e:
                Must(IsPresent(t, e.Attempt) && e.Requeues == t.Task.Idempotent, "an old attempt is denied something, or one makes way that must not", recorded);
                Must(e.Cause == DenialCause.TimedOut ? _asking.Contains(t) && t.Asked!.Until <= recorded.At : e.Holders.Any(h => _byId[h].Age < t.Age), "it is denied something for no reason", recorded);
                _asking.Remove(t);
                t.Parked = e.Requeues ? e.Resource : null;
                break;
        }
    }

    // What the next look has to bring about for those that wait: first who can have it, by the name of what they want as the plan orders names.
    private ExecutionEvent[]? Request(Instant now)
    {
        var firsts = _asking.Where(t => IsFree(t.Asked!.Resource) && _asking.First(o => o.Asked!.Resource.Name == t.Asked.Resource.Name) == t).ToArray();
        if (firsts.Length > 0)
        {
            var next = firsts.OrderBy(t => t.Asked!.Resource.Name is var name && name.StartsWith("lock:", StringComparison.Ordinal) ? 0 : name.StartsWith("pool:", StringComparison.Ordinal) ? 1 : 2)
                .ThenBy(t => t.Asked!.Resource.Name, StringComparer.Ordinal).First();
            return [new ResourceAcquired(next.Task.Id, [next.Asked!.Resource], next.Live!.Number)];
        }

        if (_asking.Where(t => t.Asked!.Until <= now).MinBy(t => t.Asked!.Until) is not { } late) return null;
        var inTheWay = InTheWayOf(late, late.Asked!.Resource).OrderBy(o => _plan.IndexOf(o.Task.Id)).Select(o => o.Task.Id).ToArray();
        var denied = new ResourceDenied(late.Task.Id, late.Live!.Number, late.Asked.Resource, DenialCause.TimedOut, inTheWay, late.Task.Idempotent);
        return late.Task.Idempotent ? [denied, new AttemptStopping(late.Task.Id, late.Live.Number, StopReason.ResourceDenied)] : [denied];
    }

    private IEnumerable<Entry> InTheWayOf(Entry t, ResourceAmount wanted) =>
        _tasks.Where(o => o != t && (o.AllHeld.Any(h => h.Name == wanted.Name && (h.Reads != true || wanted.Reads != true))
            || (_asking.IndexOf(o) is >= 0 and var place && o.Asked!.Resource.Name == wanted.Name && (!_asking.Contains(t) || place < _asking.IndexOf(t)))));

    private bool IsWaitedFor(string resource) => _asking.Exists(t => t.Asked!.Resource.Name == resource);

    private bool IsParked(Entry t) => (t.Parked is not null || t.Closed) && IsWaiting(t);

    // One that made way waits until that is free for which it did; when it is, it does not matter any more that it was not.
    private bool IsWanting(Entry t)
    {
        if (!IsWaiting(t)) return true;
        var wanted = t.Parked!.Value;
        if (IsWaitedFor(wanted.Name)) return true;
        if (wanted.Name.StartsWith("lock:", StringComparison.Ordinal)) return !IsFree(wanted);
        var total = Math.Min(Capacity(wanted.Name), wanted.Amount + Needs(t.Task).Where(n => n.Name == wanted.Name).Sum(n => n.Amount));
        return !IsFree(wanted with { Amount = total });
    }

    private static bool IsPresent(Entry t, int attempt) => t.Live is { Stop: null, Verifying: false } live && live.Number == attempt;

    // What opens and closes for those that wait. That an edge has been slept through is told, too, but here only that it may be.
    private WindowsChanged? Windows(Instant now)
    {
        if (_status != ExecutionStatus.Running) return null;
        var waiting = _tasks.Where(t => IsWaiting(t) && t.Task.Windows.Count > 0).ToArray();
        var changed = new WindowsChanged([.. waiting.Where(t => t.Closed && IsOpen(t, now)).Select(t => t.Task.Id)], [.. waiting.Where(t => !t.Closed && !IsOpen(t, now)).Select(t => t.Task.Id)]);
        if (changed.Opened.Count + changed.Closed.Count > 0) return changed;

        // Naively, edge by edge and day by day.
        foreach (var edge in waiting.SelectMany(t => t.Task.Windows).SelectMany(w => new[] { w.From, w.To }).Distinct())
        {
            for (var day = _now.Microseconds / 86_400_000_000; day <= now.Microseconds / 86_400_000_000; day++)
            {
                var at = new Instant(((day * 86_400) + edge) * 1_000_000);
                if (at > _now && at <= now && waiting.Any(t => IsOpen(t, new Instant(at.Microseconds - 1)) != IsOpen(t, at))) return changed;
            }
        }

        return null;
    }

    private static bool IsOpen(Entry t, Instant at)
    {
        var second = at.Microseconds / 1_000_000 % 86_400;
        return t.Task.Windows.Count == 0 || t.Task.Windows.Any(w => w.From < w.To ? w.From <= second && second < w.To : w.From <= second || second < w.To);
    }

    // Bounded waiting: since something is kept for a task, those behind it that began never hold so much that what it needs would not be there.
    // So it waits for those alone that held it then, for better ones, and for what running attempts ask for in mid-task.
    private void CheckBoundedWaiting(RecordedEvent recorded, Entry started)
    {
        if (_keptFor is not { } kept || kept == started || kept != _keptBefore)
        {
            _keptBefore = _keptFor;
            foreach (var t in _tasks) t.IsBehindKept = false;
            return;
        }

        started.IsBehindKept = PlaceOf(started).CompareTo(PlaceOf(kept)) > 0;
        foreach (var need in Needs(kept.Task))
        {
            var taken = _tasks.Where(t => t.IsBehindKept && t.Live is not null).Sum(t => t.Held.Where(h => h.Name == need.Name && !(h.Reads == true && need.Reads == true)).Sum(h => h.Amount));
            Must(taken + need.Amount <= Capacity(need.Name), $"those that are behind {kept.Task.Id} and began after {need.Name} was kept for it are in its way", recorded);
        }
    }

    private void NotePreempted(RecordedEvent recorded, TaskPreempted e, Entry t)
    {
        var starving = _byId[e.For];
        Must(IsPresent(t, e.Attempt) && t.Task is { Preemptible: true, Idempotent: true, Priority: not Priority.Critical }, "what must not make way does", recorded);
        Must(starving.Task.Priority == Priority.Critical && IsInLine(starving) && recorded.At.SecondsSince(starving.WaitsSince) >= _plan.Policies.PreemptionSeconds, "it makes way for what does not starve", recorded);
        Must(++t.MadeWay <= TaskPreempted.MostTimes, "it makes way again and again", recorded);
        Must(FirstThatCanStart(_workers) is not var (first, _, _) || first != starving || _busy.Count >= PlacesNow, "it makes way for what could start", recorded);
    }
}
