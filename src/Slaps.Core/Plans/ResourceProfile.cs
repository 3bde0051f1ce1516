namespace Slaps.Core.Plans;

/// <summary>What there is to share in one sort of place, such as a laptop or a build server; what it does not name is as the plan says.</summary>
/// <param name="Name">What it is called, e.g. <c>ci</c>.</param>
public sealed record ResourceProfile(string Name)
{
    /// <summary>The most tasks that run at once there; null: as the plan says.</summary>
    public int? ConcurrencyMax { get; init; }

    /// <summary>Capacities of pools that the plan has.</summary>
    public IReadOnlyList<PoolClaim> Pools { get; init; } = [];

    /// <summary>Quotas; one that is null is as the plan says.</summary>
    public QuotaAmounts Quotas { get; init; } = QuotaAmounts.None;

    /// <summary>The plan's resources in such a place.</summary>
    public PlanResources Of(PlanResources resources) => resources with
    {
        Pools = [.. resources.Pools.Select(pool => Pools.FirstOrDefault(mine => mine.Pool == pool.Pool) is { Pool: not null } mine ? mine : pool)],
        Quotas = new(Quotas.CpuCores ?? resources.Quotas.CpuCores, Quotas.MemoryMb ?? resources.Quotas.MemoryMb, Quotas.DiskIoMbps ?? resources.Quotas.DiskIoMbps),
    };
}
