using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>
/// A plan's resources on dense indexes: locks, pools and declared quotas, in their canonical order,
/// and last the number of tasks that may run at once. Amounts of quotas are in thousandths.
/// </summary>
/// <remarks>
/// A lock has as many units as tasks that only read under it, at least one. A reader takes one of them and a writer all, so that many readers
/// or one writer is the rule of every other resource: what is taken is at most what there is.
/// </remarks>
internal sealed class ResourceTable
{
    private const string Slots = "concurrency";

    private readonly string[] _names;
    private readonly long[] _capacity;
    private readonly long[] _free;
    private readonly long[] _unitsOfLock;
    private readonly Need[][] _needs;

    /// <summary>Everything is free.</summary>
    /// <param name="plan">What there is and who needs it.</param>
    /// <param name="more">A resource of which there is more than the plan says, for those who ask what if.</param>
    public ResourceTable(Plan plan, ResourceAmount? more = null)
    {
        var capacities = new List<(string Name, long Capacity)>();
        var locks = plan.Resources.Locks.Concat(plan.Tasks.SelectMany(t => t.LocksTaken)).Distinct().Order(StringComparer.Ordinal);
        var readers = plan.Tasks.SelectMany(t => t.Reads.Except(t.Locks)).CountBy(name => name).ToDictionary(pair => pair.Key, pair => (long)pair.Value);
        capacities.AddRange(locks.Select(name => (LockName(name), readers.GetValueOrDefault(name, 1))));
        Locks = capacities.Count;
        _unitsOfLock = [.. capacities.Select(c => c.Capacity)];
        capacities.AddRange(plan.Resources.Pools.OrderBy(p => p.Pool, StringComparer.Ordinal).Select(p => (PoolName(p.Pool), (long)p.Units)));
        capacities.AddRange(Amounts(plan.Resources.Quotas));
        capacities.Add((Slots, plan.Policies.ConcurrencyMax ?? long.MaxValue));

        _names = [.. capacities.Select(c => c.Name)];
        _capacity = [.. capacities.Select((c, i) => c.Name == more?.Name ? c.Capacity + (more.Value.Amount * (i < Locks ? _unitsOfLock[i] : 1)) : c.Capacity)];
        _free = [.. _capacity];
        var indexes = _names.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        _needs = [.. plan.Tasks.Select(task => NeedsOf(task, indexes))];
    }

    /// <summary>So much of the resource with this index; of a lock, whether only to read.</summary>
    public readonly record struct Need(int Resource, long Amount, bool IsRead = false);

    public int Count => _names.Length;

    /// <summary>How many locks there are: they have the first indexes, and what comes in amounts has the others.</summary>
    public int Locks { get; }

    /// <summary>What is free of everything that comes in amounts.</summary>
    public ReadOnlySpan<long> FreeAmounts => _free.AsSpan(Locks);

    public static string LockName(string name) => $"lock:{name}";

    public static string PoolName(string name) => $"pool:{name}";

    public string NameOf(int resource) => _names[resource];

    public long CapacityOf(int resource) => _capacity[resource];

    public long FreeOf(int resource) => _free[resource];

    /// <summary>What is free and what there is as people are told: a lock that somebody reads under is not free.</summary>
    public (long Free, long Capacity) LevelOf(int resource)
    {
        var units = resource < Locks ? _unitsOfLock[resource] : 1;
        return (_free[resource] / units, _capacity[resource] / units);
    }

    /// <summary>Whether nobody is in the way of a writer.</summary>
    public bool IsFreeToWrite(int ofLock) => _free[ofLock] >= _unitsOfLock[ofLock];

    /// <summary>Whether the task takes this resource only to read under it.</summary>
    public bool IsReader(int task, int resource)
    {
        foreach (var need in _needs[task])
        {
            if (need.Resource == resource) return need.IsRead;
        }

        return false;
    }

    /// <summary>What the task holds while it runs, in canonical order; the slot comes last.</summary>
    public ReadOnlySpan<Need> NeedsOf(int task) => _needs[task];

    /// <summary>So many tasks may run at once from now on, those that run included.</summary>
    public void SetPlaces(long places)
    {
        _free[Count - 1] += places - _capacity[Count - 1];
        _capacity[Count - 1] = places;
    }

    /// <summary>Somebody runs a task beside the places for so many at once: the one that it took is free again.</summary>
    public void ReturnPlace() => _free[Count - 1]++;

    /// <summary>Takes the place that <see cref="ReturnPlace"/> gave back.</summary>
    public void TakePlace() => _free[Count - 1]--;

    public void Take(int task)
    {
        foreach (var need in _needs[task]) _free[need.Resource] -= need.Amount;
    }

    public void GiveBack(int task)
    {
        foreach (var need in _needs[task]) _free[need.Resource] += need.Amount;
    }

    /// <summary>The task's needs by name as events tell them; the slot is nobody's business.</summary>
    public IReadOnlyList<ResourceAmount> Describe(int task) =>
        [.. _needs[task].Where(n => n.Resource != Count - 1).Select(n => new ResourceAmount(_names[n.Resource], n.Resource < Locks ? 1 : n.Amount, n.IsRead ? true : null))];

    private Need[] NeedsOf(PlanTask task, Dictionary<string, int> indexes)
    {
        var needs = new SortedDictionary<int, Need>();
        foreach (var name in task.Reads) Take(indexes[LockName(name)], 1, isRead: true);

        // Who also writes is a writer.
        foreach (var name in task.Locks) Take(indexes[LockName(name)], _unitsOfLock[indexes[LockName(name)]]);
        foreach (var claim in task.Pools) Take(indexes[PoolName(claim.Pool)], claim.Units);
        foreach (var (name, amount) in Amounts(task.Estimated))
        {
            // A quota that nobody declared is unlimited.
            if (amount > 0 && indexes.TryGetValue(name, out var quota)) Take(quota, amount);
        }

        Take(_names.Length - 1, 1);
        return [.. needs.Values];

        void Take(int resource, long amount, bool isRead = false) => needs[resource] = new Need(resource, amount, isRead);
    }

    private static IEnumerable<(string Name, long Amount)> Amounts(QuotaAmounts quotas)
    {
        if (quotas.CpuCores is { } cores) yield return ("cpu_cores", Thousandths(cores));
        if (quotas.DiskIoMbps is { } disk) yield return ("disk_io_mbps", Thousandths(disk));
        if (quotas.MemoryMb is { } memory) yield return ("memory_mb", Thousandths(memory));
    }

    private static long Thousandths(double amount) => (long)Math.Round(amount * 1000);
}
