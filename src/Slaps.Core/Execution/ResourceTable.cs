using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>
/// A plan's resources on dense indexes: locks (capacity 1), pools and declared quotas, in their canonical order,
/// and last the number of tasks that may run at once. Amounts of quotas are in thousandths.
/// </summary>
internal sealed class ResourceTable
{
    private const string Slots = "concurrency";

    private readonly string[] _names;
    private readonly long[] _capacity;
    private readonly long[] _free;
    private readonly Need[][] _needs;

    /// <summary>Everything is free.</summary>
    /// <param name="plan">What there is and who needs it.</param>
    /// <param name="more">A resource of which there is more than the plan says, for those who ask what if.</param>
    public ResourceTable(Plan plan, ResourceAmount? more = null)
    {
        var capacities = new List<(string Name, long Capacity)>();
        var locks = plan.Resources.Locks.Concat(plan.Tasks.SelectMany(t => t.LocksTaken)).Distinct().Order(StringComparer.Ordinal);
        capacities.AddRange(locks.Select(name => (LockName(name), 1L)));
        Locks = capacities.Count;
        capacities.AddRange(plan.Resources.Pools.OrderBy(p => p.Pool, StringComparer.Ordinal).Select(p => (PoolName(p.Pool), (long)p.Units)));
        capacities.AddRange(Amounts(plan.Resources.Quotas));
        capacities.Add((Slots, plan.Policies.ConcurrencyMax ?? long.MaxValue));

        _names = [.. capacities.Select(c => c.Name)];
        _capacity = [.. capacities.Select(c => c.Name == more?.Name ? c.Capacity + more.Value.Amount : c.Capacity)];
        _free = [.. _capacity];
        var indexes = _names.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        _needs = [.. plan.Tasks.Select(task => NeedsOf(task, indexes))];
    }

    /// <summary>So much of the resource with this index.</summary>
    public readonly record struct Need(int Resource, long Amount);

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

    /// <summary>What the task holds while it runs, in canonical order; the slot comes last.</summary>
    public ReadOnlySpan<Need> NeedsOf(int task) => _needs[task];

    /// <summary>The first resource of which too little is free, or -1.</summary>
    public int FirstLacking(int task)
    {
        foreach (var need in _needs[task])
        {
            if (_free[need.Resource] < need.Amount) return need.Resource;
        }

        return -1;
    }

    /// <summary>So many tasks may run at once from now on, those that run included.</summary>
    public void SetPlaces(long places)
    {
        _free[Count - 1] += places - _capacity[Count - 1];
        _capacity[Count - 1] = places;
    }

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
        [.. _needs[task].Where(n => n.Resource != Count - 1).Select(n => new ResourceAmount(_names[n.Resource], n.Amount))];

    private Need[] NeedsOf(PlanTask task, Dictionary<string, int> indexes)
    {
        var needs = new SortedDictionary<int, long>();
        foreach (var name in task.LocksTaken) needs[indexes[LockName(name)]] = 1;
        foreach (var claim in task.Pools) needs[indexes[PoolName(claim.Pool)]] = claim.Units;
        foreach (var (name, amount) in Amounts(task.Estimated))
        {
            // A quota that nobody declared is unlimited.
            if (amount > 0 && indexes.TryGetValue(name, out var quota)) needs[quota] = amount;
        }

        needs[_names.Length - 1] = 1;
        return [.. needs.Select(pair => new Need(pair.Key, pair.Value))];
    }

    private static IEnumerable<(string Name, long Amount)> Amounts(QuotaAmounts quotas)
    {
        if (quotas.CpuCores is { } cores) yield return ("cpu_cores", Thousandths(cores));
        if (quotas.DiskIoMbps is { } disk) yield return ("disk_io_mbps", Thousandths(disk));
        if (quotas.MemoryMb is { } memory) yield return ("memory_mb", Thousandths(memory));
    }

    private static long Thousandths(double amount) => (long)Math.Round(amount * 1000);
}
