using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>
/// A plan's resources on dense indexes: locks, pools and declared quotas, in their canonical order,
/// and last the number of tasks that may run at once. Amounts of quotas are in thousandths.
/// </summary>
/// <remarks>
/// A lock has as many units as there are tasks, because each of them may ask to read under it. A reader takes one of them and a writer all, so
/// that many readers or one writer is the rule of every other resource: what is taken is at most what there is.
/// </remarks>
internal sealed class ResourceTable
{
    private const string Slots = "concurrency";

    private readonly string[] _names;
    private readonly long[] _capacity;
    private readonly long[] _free;
    private readonly long[] _left;
    private readonly bool[] _keptFromStarts;
    private readonly long _unitsOfLock;
    private readonly Dictionary<string, int> _indexes;
    private readonly Need[][] _needs;

    /// <summary>Everything is free.</summary>
    /// <param name="plan">What there is and who needs it.</param>
    /// <param name="more">A resource of which there is more than the plan says, for those who ask what if.</param>
    public ResourceTable(Plan plan, ResourceAmount? more = null)
    {
        var capacities = new List<(string Name, long Capacity)>();
        var locks = plan.Resources.Locks.Concat(plan.Tasks.SelectMany(t => t.LocksTaken)).Distinct().Order(StringComparer.Ordinal);
        _unitsOfLock = Math.Max(1, plan.Tasks.Count);
        capacities.AddRange(locks.Select(name => (LockName(name), _unitsOfLock)));
        Locks = capacities.Count;
        capacities.AddRange(plan.Resources.Pools.OrderBy(p => p.Pool, StringComparer.Ordinal).Select(p => (PoolName(p.Pool), (long)p.Units)));
        capacities.AddRange(Amounts(plan.Resources.Quotas));
        capacities.Add((Slots, plan.Policies.ConcurrencyMax ?? long.MaxValue));

        _names = [.. capacities.Select(c => c.Name)];
        _capacity = [.. capacities.Select((c, i) => c.Name == more?.Name ? c.Capacity + (more.Value.Amount * (i < Locks ? _unitsOfLock : 1)) : c.Capacity)];
        _free = [.. _capacity];
        _left = [.. _capacity];
        _keptFromStarts = new bool[_capacity.Length];
        _indexes = _names.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        Need[] onlyPlace = [new(_names.Length - 1, 1)];
        _needs = [.. plan.Tasks.Select(task => NeedsNothing(task) ? onlyPlace : NeedsOf(task, _indexes))];
    }

    /// <summary>So much of the resource with this index; of a lock, whether only to read.</summary>
    public readonly record struct Need(int Resource, long Amount, bool IsRead = false);

    public int Count => _names.Length;

    /// <summary>How many locks there are: they have the first indexes, and what comes in amounts has the others.</summary>
    public int Locks { get; }

    /// <summary>What is free of everything that comes in amounts, for tasks that have not begun.</summary>
    public ReadOnlySpan<long> FreeAmounts => _free.AsSpan(Locks);

    public static string LockName(string name) => $"lock:{name}";

    public static string PoolName(string name) => $"pool:{name}";

    public string NameOf(int resource) => _names[resource];

    public long CapacityOf(int resource) => _capacity[resource];

    /// <summary>What is free for tasks that have not begun: nothing of what somebody waits for in the midst of a task.</summary>
    public long FreeOf(int resource) => _free[resource];

    /// <summary>What nobody has.</summary>
    public long LeftOf(int resource) => _left[resource];

    /// <summary>The resource of this name, or -1.</summary>
    public int IndexOf(string name) => _indexes.GetValueOrDefault(name, -1);

    /// <summary>The same amount as events tell it, in units.</summary>
    public Need NeedOf(ResourceAmount amount) => IndexOf(amount.Name) is var index && index < Locks
        ? new Need(index, amount.Reads == true ? 1 : _unitsOfLock, amount.Reads == true)
        : new Need(index, amount.Amount);

    /// <summary>Whether somebody waits for it in the midst of a task: then nothing that has not begun takes it.</summary>
    public void KeepFromStarts(int resource, bool isKept)
    {
        _keptFromStarts[resource] = isKept;
        Change(resource, 0);
    }

    /// <summary>What is free and what there is as people are told: a lock that somebody reads under is not free.</summary>
    public (long Free, long Capacity) LevelOf(int resource)
    {
        var units = resource < Locks ? _unitsOfLock : 1;
        return (_left[resource] / units, _capacity[resource] / units);
    }

    /// <summary>Whether nobody is in the way of a writer.</summary>
    public bool IsFreeToWrite(int ofLock) => _free[ofLock] >= _unitsOfLock;

    /// <summary>Whether the task needs nothing that has a name, only one of the places.</summary>
    public bool NeedsOnlyPlace(int task) => _needs[task].Length == 1;

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
        Change(Count - 1, places - _capacity[Count - 1]);
        _capacity[Count - 1] = places;
    }

    /// <summary>Somebody runs a task beside the places for so many at once: the one that it took is free again.</summary>
    public void ReturnPlace() => Change(Count - 1, 1);

    /// <summary>Takes the place that <see cref="ReturnPlace"/> gave back.</summary>
    public void TakePlace() => Change(Count - 1, -1);

    public void Take(int task)
    {
        foreach (var need in _needs[task]) Change(need.Resource, -need.Amount);
    }

    public void GiveBack(int task)
    {
        foreach (var need in _needs[task]) Change(need.Resource, need.Amount);
    }

    public void Take(Need need) => Change(need.Resource, -need.Amount);

    public void GiveBack(Need need) => Change(need.Resource, need.Amount);

    /// <summary>The task's needs by name as events tell them; the slot is nobody's business.</summary>
    public IReadOnlyList<ResourceAmount> Describe(int task)
    {
        if (NeedsOnlyPlace(task)) return [];
        var amounts = new ResourceAmount[_needs[task].Length - 1];
        for (var i = 0; i < amounts.Length; i++)
        {
            var need = _needs[task][i];
            amounts[i] = new ResourceAmount(_names[need.Resource], need.Resource < Locks ? 1 : need.Amount, need.IsRead ? true : null);
        }

        return amounts;
    }

    /// <summary>Keeps what is taken, or takes it as it was kept; the rest is made of the plan.</summary>
    public void Carry(SnapshotCarrier c)
    {
        c.Same(_capacity, c.Wholes(_capacity));
        c.Same(_left, c.Wholes(_left));
        c.Same(_keptFromStarts, c.Flags(_keptFromStarts));
        for (var resource = 0; c.Reads && resource < Count; resource++) Change(resource, 0);
    }

    private void Change(int resource, long by)
    {
        _left[resource] += by;
        _free[resource] = _keptFromStarts[resource] ? 0 : _left[resource];
    }

    // Most tasks of most plans, which are made again with every patch and every start.
    private static bool NeedsNothing(PlanTask task) => task.Reads.Count + task.Locks.Count + task.Pools.Count == 0 && task.Estimated == QuotaAmounts.None;

    private Need[] NeedsOf(PlanTask task, Dictionary<string, int> indexes)
    {
        var needs = new SortedDictionary<int, Need>();
        foreach (var name in task.Reads) Take(indexes[LockName(name)], 1, isRead: true);

        // Who also writes is a writer.
        foreach (var name in task.Locks) Take(indexes[LockName(name)], _unitsOfLock);
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
