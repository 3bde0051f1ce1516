using Slaps.Core.Execution;

namespace Slaps.TestKit;

/// <summary>States through their snapshots: what comes out must be what went in, in every field.</summary>
public static class Snapshots
{
    /// <summary>Fields that a snapshot makes of others, and that look different from inside although they answer the same, each with its reason.</summary>
    public static IReadOnlySet<string> Made { get; } = new HashSet<string>
    {
        "ExecutionState._counts",          // Names that no task has any more stay at 0.
        "ExecutionState._timers",          // Keeps what does not count any more; NextTimer is compared.
        "ExecutionState._leases",          // The same; NextLease is compared.
        "ExecutionState._preview",         // The last answer.
        "Frontier._groups",                // Who is parked on what is found out by looking.
        "Frontier._groupOf",
        "Frontier._open",
        "Frontier._parked",
        "Frontier._writers",
        "Frontier._first",
        "Frontier._waitingForAmounts",
    };

    private static readonly Facts Comparison = new(Made);

    /// <summary>The state kept and made again.</summary>
    /// <exception cref="InvalidOperationException">It is another one.</exception>
    public static ExecutionState Through(ExecutionState state)
    {
        var made = ExecutionSnapshot.Read(ExecutionSnapshot.Write(state, lastEvent: 1), ExecutionSnapshot.WritePlan(state));
        if (Difference(state, made) is { } difference)
            throw new InvalidOperationException($"The snapshot of {state.Id} after event {state.Seq} is another state: {difference}. Carry the field in ExecutionStateSnapshot.cs.");
        return made;
    }

    /// <summary>What is different between two states, in any field; null when nothing is.</summary>
    public static string? Difference(ExecutionState one, ExecutionState other)
    {
        if (one.NextTimer != other.NextTimer) return $"next timer: {one.NextTimer} and {other.NextTimer}";
        if (one.NextLease != other.NextLease) return $"next lease: {one.NextLease} and {other.NextLease}";
        foreach (var name in one.Plan.Tasks.Select((_, task) => one[task].Name).Distinct())
        {
            if (one.CountOf(name) != other.CountOf(name)) return $"{name}: {one.CountOf(name)} and {other.CountOf(name)} tasks";
        }

        return Comparison.Difference(one, other);
    }
}
