using Slaps.Core.Execution;

namespace Slaps.Core.Forecasting;

/// <summary>Who would do the work, and by which rules.</summary>
public sealed record Scenario
{
    /// <summary>How many workers; null: as many as tasks want.</summary>
    public required int? Workers { get; init; }

    /// <summary>What they can do; the usual ones: anything.</summary>
    public Crew Crew { get; init; } = Crew.OfAll;

    /// <summary>Whether the plan's concurrency_max holds beside the number of workers; otherwise that number takes its place.</summary>
    public bool KeepsConcurrencyMax { get; init; }

    /// <summary>The one rule that orders the frontier; null: what execution uses, priority class and then critical path.</summary>
    public PriorityRule? Priority { get; init; }

    /// <summary>When tasks may start.</summary>
    public ExecutionModel Model { get; init; }

    /// <summary>A resource of which there is more than the plan says, in the amounts of <see cref="ResourceAmount"/>; null: none.</summary>
    public ResourceAmount? More { get; init; }
}
