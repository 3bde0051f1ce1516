using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>
/// What an execution holds back, folded from its events: the level and the places, the tasks that wait for it to ease, how the last attempts
/// ended, and since when workers are idle. Without <see cref="PoolRules"/> it holds back nothing and costs nothing.
/// </summary>
/// <remarks>Tasks that are held back are taken out of the frontier, so that nothing there has to know of them.</remarks>
internal sealed class PressureState
{
    // What a task must need to be heavy where the plan declares no quota; where it does, half of that.
    private const double HeavyCores = 2;
    private const double HeavyMemoryMb = 2048;

    private readonly Queue<bool> _ends = new();
    private readonly Dictionary<WorkerId, Instant> _idleSince = [];
    private readonly SortedSet<(int Rank, int Task)> _held = [];
    private int[] _rankOf = [];

    /// <summary>How the pool behaves; null: as big as it may be, and nothing is held back.</summary>
    public PoolRules? Rules { get; private set; }

    public Backpressure Now { get; private set; } = Backpressure.None(default);

    /// <summary>Tasks of the frontier that are held back, in the order in which they should start.</summary>
    public IEnumerable<int> Held => _held.Select(held => held.Task);

    public int HeldCount => _held.Count;

    /// <summary>How many of the last attempts failed, how many those are, and how many of all ended since the last change.</summary>
    public (int Failed, int Ended, int SinceChange) Ends { get; private set; }

    /// <summary>A coordinator begins: it measures anew, and somebody may have mended what failed.</summary>
    public void Begin(PoolRules? rules, Instant at)
    {
        Rules = rules;
        _idleSince.Clear();
        Ease(at);
    }

    /// <summary>Nothing is held back, and what has ended so far does not count any more.</summary>
    public void Ease(Instant at)
    {
        (Now, Ends) = (Backpressure.None(at), default);
        _ends.Clear();
    }

    public void Change(BackpressureChanged e, int maxWorkers, Instant at)
    {
        var places = e.EffectiveWorkers < maxWorkers ? e.EffectiveWorkers : (int?)null;
        var isEasing = e.Level < Now.Level || (e.Level == Now.Level && (places ?? maxWorkers) > (Now.Places ?? maxWorkers));
        Now = new Backpressure(e.Level, e.Cause, e.Reason, places, at, isEasing);
        Ends = Ends with { SinceChange = 0 };
    }

    /// <summary>An attempt has ended by itself.</summary>
    public void Ended(bool failed)
    {
        if (Rules is null) return;
        _ends.Enqueue(failed);
        var lost = _ends.Count > PressureRules.AttemptsOfErrorRate && _ends.Dequeue();
        Ends = (Ends.Failed + (failed ? 1 : 0) - (lost ? 1 : 0), _ends.Count, Ends.SinceChange + 1);
    }

    /// <summary>Whether the task waits until the pressure eases, or until nothing else runs.</summary>
    public bool HoldsBack(Plan plan, int task)
    {
        if (Now.Level == BackpressureLevel.Normal) return false;
        var (needs, quotas) = (plan.Tasks[task].Estimated, plan.Resources.Quotas);
        return plan.Tasks[task].Priority == Priority.Low || Now.Cause switch
        {
            PressureCause.Cpu => needs.CpuCores >= (quotas.CpuCores / 2 ?? HeavyCores),
            PressureCause.Memory => needs.MemoryMb >= (quotas.MemoryMb / 2 ?? HeavyMemoryMb),
            _ => false,
        };
    }

    public bool IsHeld(int task) => _held.Count > 0 && task < _rankOf.Length && _held.Contains((_rankOf[task], task));

    public void Hold(Plan plan, int task)
    {
        if (_rankOf.Length != plan.Tasks.Count) OrderBy(plan);
        _held.Add((_rankOf[task], task));
    }

    public void LetGo(int task)
    {
        if (IsHeld(task)) _held.Remove((_rankOf[task], task));
    }

    /// <summary>The worker has nothing in hand from now on.</summary>
    public void Idle(WorkerId worker, Instant at)
    {
        if (Rules is not null) _idleSince[worker] = at;
    }

    /// <summary>When an idle worker will have been idle for too long; null: never.</summary>
    public Instant? IdleUntil(WorkerId worker) =>
        Rules?.IdleSeconds is { } seconds && _idleSince.TryGetValue(worker, out var since) ? since.PlusSeconds(seconds) : null;

    /// <summary>Keeps all of it, or takes it as it was kept.</summary>
    public void Carry(SnapshotCarrier c)
    {
        Rules = c.Maybe(Rules, SnapshotValues.Pool);
        Now = SnapshotValues.Pressure(c, Now);
        Ends = (c.Whole(Ends.Failed), c.Whole(Ends.Ended), c.Whole(Ends.SinceChange));
        var ends = c.Flags([.. _ends]);
        var idle = c.List([.. _idleSince.OrderBy(pair => pair.Key.Value, StringComparer.Ordinal)], static (c, pair) => new KeyValuePair<WorkerId, Instant>(SnapshotPlans.Worker(c, pair.Key), c.Time(pair.Value)));
        _rankOf = c.Wholes(_rankOf);
        var held = c.Wholes([.. Held]);
        if (!c.Reads) return;
        foreach (var failed in ends) _ends.Enqueue(failed);
        foreach (var (worker, since) in idle) _idleSince.Add(worker, since);
        foreach (var task in held) _held.Add((_rankOf[task], task));
    }

    // As the frontier has it where nobody asked for another rule. Those that are held back start one at a time, so it matters little.
    private void OrderBy(Plan plan)
    {
        int[] held = [.. Held];
        _held.Clear();
        var toEnd = plan.Graph.LongestToEnd([.. plan.Tasks.Select(task => task.Duration.MeanMicroseconds)]);
        _rankOf = new int[plan.Tasks.Count];
        foreach (var (rank, task) in Enumerable.Range(0, _rankOf.Length).OrderBy(task => plan.Tasks[task].Priority).ThenByDescending(task => toEnd[task]).Index()) _rankOf[task] = rank;
        foreach (var task in held) _held.Add((_rankOf[task], task));
    }
}
