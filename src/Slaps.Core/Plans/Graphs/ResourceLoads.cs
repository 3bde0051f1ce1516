namespace Slaps.Core.Plans.Graphs;

/// <summary>What kind of thing a resource is.</summary>
public enum ResourceKind
{
    /// <summary>Held by one task at a time.</summary>
    Lock,

    /// <summary>So many units.</summary>
    Pool,

    /// <summary>An amount of cores, memory or disk.</summary>
    Quota,
}

/// <summary>How much of a resource a plan asks for, and how long that takes at least.</summary>
/// <param name="Name">The resource.</param>
/// <param name="Kind">What kind of thing it is.</param>
/// <param name="Capacity">How much of it there is; 1 for a lock.</param>
/// <param name="Tasks">How many tasks use it.</param>
/// <param name="DemandHours">Expected hours of its users, each times the units that it takes.</param>
/// <param name="Hours">Demand by capacity: no schedule is shorter, however many workers there are.</param>
public sealed record ResourceLoad(string Name, ResourceKind Kind, double Capacity, int Tasks, double DemandHours, double Hours);

/// <summary>Everything that a plan's tasks share, on dense indexes, with whole millionths of units so that sums are exact.</summary>
internal sealed class ResourceLoads
{
    private const double Millionths = 1_000_000;
    private const double MicrosecondsPerHour = 3_600_000_000;

    private readonly Dictionary<(ResourceKind Kind, string Name), int> _indexes = [];
    private readonly List<(string Name, ResourceKind Kind)> _names = [];
    private readonly List<long> _capacities = [];
    private readonly (int Resource, long Units)[][] _needs;

    public ResourceLoads(Plan plan)
    {
        var pools = plan.Resources.Pools.ToDictionary(pool => pool.Pool, pool => (double)pool.Units);
        var quotas = plan.Resources.Quotas;
        _needs = new (int, long)[plan.Tasks.Count][];
        for (var i = 0; i < _needs.Length; i++)
        {
            var task = plan.Tasks[i];
            _needs[i] =
            [
                .. task.Locks.Select(name => Need(name, ResourceKind.Lock, 1, 1)),
                .. task.Pools.Select(claim => Need(claim.Pool, ResourceKind.Pool, claim.Units, pools[claim.Pool])),
                .. Quota("cpu_cores", task.Estimated.CpuCores, quotas.CpuCores),
                .. Quota("memory_mb", task.Estimated.MemoryMb, quotas.MemoryMb),
                .. Quota("disk_io_mbps", task.Estimated.DiskIoMbps, quotas.DiskIoMbps),
            ];
        }
    }

    /// <summary>What there is of each, in millionths of a unit.</summary>
    public IReadOnlyList<long> Capacities => _capacities;

    /// <summary>What a task takes from its start to its end, each resource once.</summary>
    public ReadOnlySpan<(int Resource, long Units)> NeedsOf(int task) => _needs[task];

    /// <summary>Each resource that is used, the one that takes longest first; ties by kind and name.</summary>
    /// <param name="durations">Expected microseconds of each task.</param>
    public IReadOnlyList<ResourceLoad> Loads(ReadOnlySpan<long> durations)
    {
        var demands = new double[_names.Count];
        var tasks = new int[_names.Count];
        for (var i = 0; i < _needs.Length; i++)
        {
            foreach (var (resource, units) in _needs[i])
            {
                demands[resource] += units / Millionths * (durations[i] / MicrosecondsPerHour);
                tasks[resource]++;
            }
        }

        return
        [
            .. _names.Select((name, i) => new ResourceLoad(name.Name, name.Kind, _capacities[i] / Millionths, tasks[i], demands[i], demands[i] / (_capacities[i] / Millionths)))
                .OrderByDescending(load => load.Hours).ThenBy(load => load.Kind).ThenBy(load => load.Name, StringComparer.Ordinal),
        ];
    }

    private IEnumerable<(int Resource, long Units)> Quota(string name, double? amount, double? capacity) =>
        amount > 0 && capacity is { } limit ? [Need(name, ResourceKind.Quota, amount.Value, limit)] : [];

    private (int Resource, long Units) Need(string name, ResourceKind kind, double units, double capacity)
    {
        if (!_indexes.TryGetValue((kind, name), out var index))
        {
            _indexes.Add((kind, name), index = _names.Count);
            _names.Add((name, kind));
            _capacities.Add((long)Math.Round(capacity * Millionths));
        }

        return (index, (long)Math.Round(units * Millionths));
    }
}
