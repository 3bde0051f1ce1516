using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;

namespace Slaps.Planning.Replanning;

/// <summary>
/// What a specification asked for when an execution was last fitted to it. The running plan holds more: what people and circuit breakers have
/// changed since. Only what differs from this has been changed by the specification; the rest is theirs and stays.
/// </summary>
public sealed class SpecifiedWork
{
    private readonly Dictionary<TaskId, PlanTask> _tasks;

    private SpecifiedWork(Plan initial)
    {
        _tasks = initial.Tasks.ToDictionary(task => task.Id);
        Pools = initial.Resources.Pools.ToDictionary(pool => pool.Pool, pool => pool.Units);
        Quotas = initial.Resources.Quotas;
        ConcurrencyMax = initial.Policies.ConcurrencyMax;
    }

    /// <summary>The capacities of the pools.</summary>
    public Dictionary<string, int> Pools { get; }

    /// <summary>The quotas.</summary>
    public QuotaAmounts Quotas { get; private set; }

    /// <summary>The most tasks that run at once; null: it was not said.</summary>
    public int? ConcurrencyMax { get; private set; }

    /// <summary>The work that a plan asked for at the beginning, and after these patches of the <see cref="Replanner"/>; those of others do not count.</summary>
    /// <param name="initial">The plan that the execution began with.</param>
    /// <param name="patches">All patches since, in their order.</param>
    public static SpecifiedWork Of(Plan initial, IEnumerable<PlanPatch> patches)
    {
        var work = new SpecifiedWork(initial);
        foreach (var operation in patches.Where(patch => patch.By == Replanner.Author).SelectMany(patch => patch.Operations)) work.Apply(operation);
        return work;
    }

    /// <summary>The task as the specification had it; null: it comes from somebody else.</summary>
    public PlanTask? Find(TaskId id) => _tasks.GetValueOrDefault(id);

    private void Apply(PatchOperation operation)
    {
        switch (operation)
        {
            case PatchOperation.InjectTask inject:
                _tasks[inject.Task.Id] = inject.Task;
                break;
            case PatchOperation.ModifyTask modify when _tasks.TryGetValue(modify.Task, out var task):
                _tasks[modify.Task] = modify.Changes.ApplyTo(task);
                break;
            case PatchOperation.ModifyResource { Resources: var change }:
                foreach (var pool in change.Pools) Pools[pool.Pool] = pool.Units;
                Quotas = new(change.Quotas.CpuCores ?? Quotas.CpuCores, change.Quotas.MemoryMb ?? Quotas.MemoryMb, change.Quotas.DiskIoMbps ?? Quotas.DiskIoMbps);
                ConcurrencyMax = change.ConcurrencyMax ?? ConcurrencyMax;
                break;
        }
    }
}
