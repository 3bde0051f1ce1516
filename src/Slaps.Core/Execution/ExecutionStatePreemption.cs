using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <content>Who makes way for a critical task that starves.</content>
public sealed partial class ExecutionState
{
    // Critical tasks of the frontier in file order, where the plan lets others make way for them; and how often tasks have. Where one rule alone
    // gives the order nobody makes way.
    private readonly SortedSet<int> _critical = [];
    private readonly Dictionary<int, int> _preempted = [];

    /// <summary>How often the task has made way for a critical one.</summary>
    public int PreemptionsOf(int task) => _preempted.GetValueOrDefault(task);

    /// <summary>
    /// The critical task that has waited for too long and the fewest attempts whose stop lets it start; null when there is none, or when some
    /// attempt makes way already.
    /// </summary>
    internal (int For, IReadOnlyList<int> Victims)? NextPreemption(Instant at)
    {
        if (_critical.Count == 0) return null;
        foreach (var (task, due) in Starving())
        {
            if (due <= at && Victims(task) is { Count: > 0 } victims) return (task, victims);
        }

        return null;
    }

    // Only what can be helped has a time: or the writer would wake up again and again for what nobody can do anything about.
    private Instant? NextPreemptionTimer
    {
        get
        {
            Instant? next = null;
            foreach (var (task, due) in Starving())
            {
                if (!(next <= due) && Victims(task) is { Count: > 0 }) next = due;
            }

            return next;
        }
    }

    // Who waits, and until when it does so without somebody making way; whether anybody can is another question, which costs more.
    private IEnumerable<(int Task, Instant Due)> Starving()
    {
        if (_critical.Count == 0 || Priority is not null || Plan.Policies.PreemptionSeconds is not { } seconds || Status != ExecutionStatus.Running || IsDraining || IsFinished) yield break;
        if (!_active.Any(MayMakeWay) || _active.Any(other => ActiveAttemptOf(other)!.Stop is StopReason.Preempted)) yield break;

        // What is undone goes first, and nothing new starts before it: who made way now would do so for nobody.
        if (ToUndo.Any()) yield break;
        foreach (var task in _critical)
        {
            if (_parked.Contains(task) || _pressure.IsHeld(task) || Circuits.HolderOf(task) is not null || _frontier.WriterAhead(task, _frontier.Lacking(task)) >= 0) continue;
            yield return (task, (_tasks[task] is TaskState.Ready ready ? ready.Since : ((TaskState.Queued)_tasks[task]).Since).PlusSeconds(seconds));
        }
    }

    // The lowest class first, then what has lost the least work; then those are spared again that are not needed.
    private List<int>? Victims(int task)
    {
        var candidates = _active.Where(MayMakeWay).OrderByDescending(other => Plan.Tasks[other].Priority).ThenByDescending(other => ActiveAttemptOf(other)!.AssignedAt).ThenBy(other => other).ToList();
        if (candidates.Count == 0 || WouldStart(task, []) || !WouldStart(task, candidates)) return null;
        var victims = new List<int>();
        foreach (var other in candidates)
        {
            victims.Add(other);
            if (WouldStart(task, victims)) break;
        }

        for (var place = 0; place < victims.Count;)
        {
            var without = victims.Where((_, at) => at != place).ToList();
            if (WouldStart(task, without)) victims = without;
            else place++;
        }

        return victims;
    }

    private bool MayMakeWay(int other) =>
        _tasks[other] is TaskState.Assigned or TaskState.Running && ActiveAttemptOf(other) is { Stop: null, Lease: null }
        && Plan.Tasks[other] is { Preemptible: true, Idempotent: true, Priority: not Plans.Priority.Critical } && PreemptionsOf(other) < TaskPreempted.MostTimes;

    // Whether the task could start if these attempts were gone.
    private bool WouldStart(int task, IReadOnlyCollection<int> gone)
    {
        foreach (var need in _resources.NeedsOf(task))
        {
            var left = _resources.LeftOf(need.Resource);
            foreach (var other in gone)
            {
                foreach (var held in _resources.NeedsOf(other)) left += held.Resource == need.Resource ? held.Amount : 0;
                left += MoreOf(other).Select(_resources.NeedOf).Where(held => held.Resource == need.Resource).Sum(held => held.Amount);
            }

            if (left < need.Amount || _requests.Exists(r => _resources.IndexOf(r.Resource.Name) == need.Resource && !gone.Contains(Index(r.Task)))) return false;
        }

        var places = Math.Min(MaxWorkers, Backpressure.Places ?? int.MaxValue);
        if (_active.Count - _claimed.Count - gone.Count >= places) return false;
        return _workers.IdleFor(_workers.DemandOf(task)) > 0
            || gone.Any(other => _workers.All.FirstOrDefault(w => w.Id == ActiveAttemptOf(other)!.Worker)?.CanTake(Plan.Tasks[task]) == true);
    }

    private void NoteCritical(int task)
    {
        if (Plan.Policies.PreemptionSeconds is null) return;
        if (Plan.Tasks[task].Priority == Plans.Priority.Critical && _tasks[task].IsWaiting && !_holds[task]) _critical.Add(task);
        else _critical.Remove(task);
    }
}
