using System.Globalization;
using System.Text.RegularExpressions;
using Slaps.Core.Plans;

namespace Slaps.Planning;

/// <summary>Reads the list below <c>## Resources</c>: pools, locks and quotas.</summary>
internal static partial class ResourceReader
{
    /// <summary>The quotas by the names that specifications use.</summary>
    public static readonly string[] QuotaNames = ["cpu_cores", "memory_mb", "disk_io_mbps"];

    public static PlanResources Read(IReadOnlyList<SourceLine> lines, SpecificationReport report)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var locks = new List<string>();
        var pools = new List<PoolClaim>();
        var quotas = QuotaAmounts.None;
        foreach (var line in lines)
        {
            var match = Declaration().Match(line.Text);
            var kind = match.Groups["kind"].Value.ToLowerInvariant();
            var name = match.Groups["name"].Value;
            var amount = match.Groups["amount"].Success ? double.Parse(match.Groups["amount"].Value, CultureInfo.InvariantCulture) : (double?)null;
            var why = match.Success ? Refuse(kind, name, amount) : null;
            if (!match.Success || why is not null) report.BadResource(line.Text, line.Line, why);
            else if (!names.Add(name)) report.ResourceTwice(name, line.Line);
            else if (kind == "lock") locks.Add(name);
            else if (kind == "pool") pools.Add(new PoolClaim(name, (int)amount!.Value));
            else quotas = With(quotas, name, amount!.Value);
        }

        return new PlanResources { Locks = locks, Pools = pools, Quotas = quotas };
    }

    /// <summary>The amounts with one of the three quotas set.</summary>
    public static QuotaAmounts With(QuotaAmounts amounts, string quota, double amount) => quota switch
    {
        "cpu_cores" => amounts with { CpuCores = amount },
        "memory_mb" => amounts with { MemoryMb = amount },
        _ => amounts with { DiskIoMbps = amount },
    };

    /// <summary>The amount of one of the three quotas.</summary>
    public static double? Of(QuotaAmounts amounts, string quota) => quota switch
    {
        "cpu_cores" => amounts.CpuCores,
        "memory_mb" => amounts.MemoryMb,
        _ => amounts.DiskIoMbps,
    };

    private static string? Refuse(string kind, string name, double? amount) => kind switch
    {
        "lock" when amount is not null => "a lock has no capacity; a pool has",
        "lock" or "pool" when QuotaNames.Contains(name) => "this is the name of a quota",
        "lock" or "pool" when Identifiers.Refuse(name) is { } why => why,
        "lock" => null,
        _ when amount is null => "it has no capacity",
        _ when amount <= 0 => "the capacity must be above 0",
        "pool" when amount != Math.Truncate(amount.Value) || amount > int.MaxValue => "the capacity of a pool is a whole number",
        "quota" when !QuotaNames.Contains(name) => "there are the quotas cpu_cores, memory_mb and disk_io_mbps",
        _ => null,
    };

    // An explanation may follow after a dash.
    [GeneratedRegex(
        @"^(?<kind>pool|lock|quota)\s+(?:`(?<name>[^`]+)`|(?<name>[^\s`:]+))(?:\s*:\s*(?<amount>[0-9]{1,12}(?:\.[0-9]{1,6})?))?(?:\s+[-–—]\s.*|\.)?$",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Declaration();
}
