using System.Globalization;

namespace Slaps.Core.Execution;

/// <summary>Resources and amounts as people call them.</summary>
internal static class ResourceWords
{
    public static string Name(string resource) => resource.Split(':', 2) switch
    {
        ["lock", var name] => $"the lock '{name}'",
        ["pool", var name] => $"the pool '{name}'",
        ["concurrency"] => "a place among the tasks that may run at once (concurrency_max)",
        _ => $"the quota {resource}",
    };

    /// <summary>Quotas are counted in thousandths, locks and pools in units.</summary>
    public static string Amount(string resource, long amount) =>
        resource.Contains(':') || resource == "concurrency" ? amount.ToString(CultureInfo.InvariantCulture) : (amount / 1000.0).ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>So much of something, e.g. <c>2 of the pool 'ports'</c>.</summary>
    public static string Words(ResourceAmount resource) => resource switch
    {
        { Reads: true } => $"{Name(resource.Name)} to read",
        _ when IsLock(resource.Name) => Name(resource.Name),
        _ => $"{Amount(resource.Name, resource.Amount)} of {Name(resource.Name)}",
    };

    public static bool IsLock(string resource) => resource.StartsWith("lock:", StringComparison.Ordinal);

    public static bool IsPool(string resource) => resource.StartsWith("pool:", StringComparison.Ordinal);
}
