namespace Slaps.Core.Plans;

/// <summary>Where a task begins and ends (the seed's <c>boundaries</c>).</summary>
public sealed record TaskBoundaries
{
    /// <summary>How much work it is.</summary>
    public ExpectedComplexity Complexity { get; init; } = new();

    /// <summary>When it is done, and when to stop.</summary>
    public DefinitionOfDone Done { get; init; } = new();

    /// <summary>What it touches.</summary>
    public TaskScope Scope { get; init; } = new();
}

/// <summary>How much work a task is.</summary>
public sealed record ExpectedComplexity
{
    /// <summary>The size in a phrase, e.g. <c>~120 LoC</c>.</summary>
    public string Value { get; init; } = "";

    /// <summary>What the size adds up from, e.g. <c>3 endpoints @ 40 LoC</c>.</summary>
    public string Breakdown { get; init; } = "";
}

/// <summary>When a task is done.</summary>
public sealed record DefinitionOfDone
{
    /// <summary>What can be measured.</summary>
    public IReadOnlyList<string> Criteria { get; init; } = [];

    /// <summary>What does not belong to the task any more.</summary>
    public string StopWhen { get; init; } = "";
}

/// <summary>What a task touches. Paths and globs are relative to the workspace.</summary>
public sealed record TaskScope
{
    /// <summary>Files it may change.</summary>
    public IReadOnlyList<string> Includes { get; init; } = [];

    /// <summary>Files it must leave alone.</summary>
    public IReadOnlyList<string> Excludes { get; init; } = [];

    /// <summary>What else limits it.</summary>
    public string Restrictions { get; init; } = "";
}

/// <summary>How the work of a task goes on, for those who schedule it by hand (DESIGN: parallel, pipeline, sequential).</summary>
public enum TaskKind
{
    /// <summary>Its parts can be done at once.</summary>
    Parallel,

    /// <summary>Its parts follow each other, item by item.</summary>
    Pipeline,

    /// <summary>One part after the other; the default.</summary>
    Sequential,
}

/// <summary>The most that a task needs for a while.</summary>
/// <param name="Amounts">How much.</param>
/// <param name="During">When, e.g. <c>linking</c>.</param>
public sealed record PeakNeed(QuotaAmounts Amounts, string During);
