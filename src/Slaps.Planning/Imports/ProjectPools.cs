using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports;

/// <summary>The renewable resources of a scheduling problem as pools R1, R2 and so on; absurd capacities and needs are named and bent to what can run.</summary>
internal sealed class ProjectPools(DiagnosticBag diagnostics)
{
    private readonly List<long?> _capacities = [];

    /// <summary>The pools that can be used.</summary>
    public IReadOnlyList<PoolClaim> Pools => [.. _capacities.Select((capacity, i) => (capacity, i)).Where(pool => pool.capacity is not null).Select(pool => new PoolClaim(Name(pool.i), (int)pool.capacity!.Value))];

    /// <summary>The next resource has this capacity.</summary>
    public void Add(NumberRows.Word capacity, DiagnosticPlace at)
    {
        var usable = capacity.Whole is > 0 and <= int.MaxValue;
        if (!usable) diagnostics.Add(ImportDiagnostics.EmptyPool(at, Name(_capacities.Count), capacity.Text));
        _capacities.Add(usable ? capacity.Whole : null);
    }

    /// <summary>What a job needs of the resources, in their order.</summary>
    public IReadOnlyList<PoolClaim> Needs(string job, IEnumerable<NumberRows.Word> needs, Func<NumberRows.Word, DiagnosticPlace> at)
    {
        var claims = new List<PoolClaim>();
        foreach (var (i, need) in needs.Index())
        {
            if (_capacities[i] is not { } capacity || need.Whole == 0) continue;
            if (need.Whole is not { } units || units < 0)
            {
                diagnostics.Add(ImportDiagnostics.AbsurdNumber(at(need), $"The need of {Name(i)}", job, need.Text, "a whole number from 0", "it counts as 0"));
                continue;
            }

            if (units > capacity) diagnostics.Add(ImportDiagnostics.NeverEnough(at(need), job, units, Name(i), capacity));
            claims.Add(new PoolClaim(Name(i), (int)Math.Min(units, capacity)));
        }

        return claims;
    }

    private static string Name(int resource) => $"R{resource + 1}";
}
