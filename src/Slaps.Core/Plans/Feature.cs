namespace Slaps.Core.Plans;

/// <summary>A capability that a specification asks for; its tasks build it.</summary>
public sealed record Feature
{
    /// <summary>Its name, unique in the plan.</summary>
    public required FeatureId Id { get; init; }

    /// <summary>A line for people.</summary>
    public string Title { get; init; } = "";

    /// <summary>More about it.</summary>
    public string Description { get; init; } = "";

    /// <summary>How much it matters.</summary>
    public Priority Priority { get; init; } = Priority.Medium;

    /// <summary>Why it has this priority, in a sentence; empty when nobody said.</summary>
    public string PriorityReason { get; init; } = "";

    /// <summary>Where the specification asks for it.</summary>
    public IReadOnlyList<Evidence> SourceEvidence { get; init; } = [];

    /// <summary>Fields that this version does not know, kept as they were.</summary>
    public UnknownFields Unknown { get; init; }
}
