namespace Slaps.Core.Plans;

/// <summary>Why one task comes before another (the seed's six types).</summary>
public enum DependencyType
{
    /// <summary>An interface or artifact of the one is used by the other.</summary>
    Technical,

    /// <summary>Information flows from the one to the other.</summary>
    Sequential,

    /// <summary>The one builds the ground that the other stands on.</summary>
    Infrastructure,

    /// <summary>What is learnt in the one decides how the other is done.</summary>
    Knowledge,

    /// <summary>Never both at once: becomes a lock, not an edge of the graph.</summary>
    MutualExclusion,

    /// <summary>Both draw on something limited: becomes a pool, not an edge of the graph.</summary>
    ResourceLimited,
}

/// <summary><paramref name="From"/> comes before <paramref name="To"/>.</summary>
/// <param name="From">The predecessor.</param>
/// <param name="To">The successor.</param>
/// <param name="Type">Why.</param>
/// <param name="IsHard">Whether the scheduler enforces it; a soft one is a preference.</param>
/// <param name="Confidence">0 to 1.</param>
public sealed record Dependency(TaskId From, TaskId To, DependencyType Type = DependencyType.Technical, bool IsHard = true, double Confidence = 1)
{
    /// <summary>Whether it is hard and of a type that orders; the graph holds it when its confidence suffices, too.</summary>
    public bool OrdersWork => IsHard && Type is not (DependencyType.MutualExclusion or DependencyType.ResourceLimited);

    /// <summary>Whether a graph holds it that lets in no dependency below <paramref name="minConfidence"/>.</summary>
    public bool OrdersWorkAt(double minConfidence) => OrdersWork && Confidence >= minConfidence;

    /// <summary>Why the one comes before the other, in a sentence; empty when nobody said.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Where that is said.</summary>
    public IReadOnlyList<Evidence> Evidence { get; init; } = [];

    /// <summary>Fields that this version does not know, kept as they were.</summary>
    public UnknownFields Unknown { get; init; }
}
