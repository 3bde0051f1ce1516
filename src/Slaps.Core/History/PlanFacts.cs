using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Core.History;

/// <summary>
/// What a plan demands of a history, by name and worked out anew: nothing here is shared with the code that schedules, so that one mistake
/// cannot hide in both.
/// </summary>
internal sealed class PlanFacts
{
    private readonly Dictionary<TaskId, Facts> _tasks = [];
    private readonly Dictionary<string, long> _capacities = new(StringComparer.Ordinal);

    public PlanFacts(Plan plan)
    {
        foreach (var name in plan.Tasks.SelectMany(t => t.Locks.Concat(t.Reads)).Concat(plan.Resources.Locks)) _capacities[$"lock:{name}"] = 1;
        foreach (var (pool, units) in plan.Resources.Pools) _capacities[$"pool:{pool}"] = units;
        foreach (var (quota, amount) in Quotas(plan.Resources.Quotas)) _capacities[quota] = amount;

        foreach (var task in plan.Tasks) _tasks[task.Id] = new Facts(task, Needs(task), AllowedFailures(plan, task));
        foreach (var dependency in plan.Dependencies.Where(plan.Enforces)) _tasks[dependency.To].Before.Add(dependency.From);
        Concurrency = plan.Policies.ConcurrencyMax;
        InFileOrder = [.. plan.Tasks.Select(t => t.Id)];
    }

    /// <summary>What the plan says of one task.</summary>
    /// <param name="Task">The task.</param>
    /// <param name="Needs">What it holds while it runs, by name in ordinal order.</param>
    /// <param name="AllowedFailures">How often it may fail before a person looks.</param>
    public sealed record Facts(PlanTask Task, IReadOnlyList<ResourceAmount> Needs, int AllowedFailures)
    {
        /// <summary>Its hard predecessors.</summary>
        public List<TaskId> Before { get; } = [];
    }

    public IReadOnlyList<TaskId> InFileOrder { get; }

    /// <summary>The plan's own limit of tasks at once; null: none.</summary>
    public int? Concurrency { get; }

    public Facts? Find(TaskId task) => task.Value is null ? null : _tasks.GetValueOrDefault(task);

    public Facts this[TaskId task] => _tasks[task];

    /// <summary>How much there is of a resource; null where the plan has none of that name.</summary>
    public long? CapacityOf(string resource) => _capacities.TryGetValue(resource, out var capacity) ? capacity : null;

    /// <summary>The number of tasks on the longest path before each task.</summary>
    public Dictionary<TaskId, int> Waves()
    {
        var waves = InFileOrder.ToDictionary(task => task, _ => 0);
        var left = InFileOrder.ToDictionary(task => task, task => _tasks[task].Before.Count);
        var after = InFileOrder.SelectMany(task => _tasks[task].Before.Select(p => (From: p, To: task))).ToLookup(edge => edge.From, edge => edge.To);
        var settled = new Queue<TaskId>(InFileOrder.Where(task => left[task] == 0));
        while (settled.TryDequeue(out var task))
        {
            foreach (var next in after[task])
            {
                waves[next] = Math.Max(waves[next], waves[task] + 1);
                if (--left[next] == 0) settled.Enqueue(next);
            }
        }

        return waves;
    }

    private ResourceAmount[] Needs(PlanTask task)
    {
        var needs = new List<ResourceAmount>();

        // Who also writes under a lock is a writer.
        foreach (var name in task.Locks.Concat(task.Reads).Distinct()) needs.Add(new ResourceAmount($"lock:{name}", 1, task.Locks.Contains(name) ? null : true));
        foreach (var (pool, units) in task.Pools) needs.Add(new ResourceAmount($"pool:{pool}", units));

        // A quota that nobody declared is unlimited, and nothing is charged to it.
        foreach (var (quota, amount) in Quotas(task.Estimated))
        {
            if (amount > 0 && _capacities.ContainsKey(quota)) needs.Add(new ResourceAmount(quota, amount));
        }

        return [.. needs.OrderBy(n => n.Name, StringComparer.Ordinal)];
    }

    private static int AllowedFailures(Plan plan, PlanTask task) => !task.RetryOnFailure ? 1 : (task.MaxRetries + 1) ?? Enum.GetValues<Failures.FailureClass>().Max(sort => Math.Max(plan.Policies.Retry.MaxAttempts, plan.Policies.Retry.ByClass[sort]?.MaxAttempts ?? 0));

    private static IEnumerable<(string Quota, long Thousandths)> Quotas(QuotaAmounts amounts)
    {
        if (amounts.CpuCores is { } cores) yield return ("cpu_cores", (long)Math.Round(cores * 1000));
        if (amounts.MemoryMb is { } memory) yield return ("memory_mb", (long)Math.Round(memory * 1000));
        if (amounts.DiskIoMbps is { } disk) yield return ("disk_io_mbps", (long)Math.Round(disk * 1000));
    }
}
