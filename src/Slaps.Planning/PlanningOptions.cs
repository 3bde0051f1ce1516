using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Planning.Codebase;
using Slaps.Planning.Normalisation;

namespace Slaps.Planning;

/// <summary>One document of a specification.</summary>
/// <param name="Name">Its file as the user named it; evidence quotes it by this name.</param>
/// <param name="Bytes">All of it: UTF-8, or UTF-16 with a byte order mark.</param>
public sealed record SpecificationSource(string Name, ReadOnlyMemory<byte> Bytes);

/// <summary>How a specification is planned.</summary>
public sealed record PlanningOptions
{
    /// <summary>The confidence, 0 to 1, below which a hard dependency does not enter the graph.</summary>
    public double MinConfidence { get; init; } = PlanOrigin.DefaultMinConfidence;

    /// <summary>The size of task that is aimed at, in hours; four times as much is split, an eighth is merged.</summary>
    public double TargetHours { get; init; } = TaskSizes.UsualTarget;

    /// <summary>When tasks may start, for the execution to go by; null: it is not said.</summary>
    public ExecutionModel? Model { get; init; }

    /// <summary>The codebase; null where none was given.</summary>
    public ICodebase? Codebase { get; init; }

    /// <summary>Tries checks on the untouched codebase and tells in their order how they stood; null: nothing is tried.</summary>
    public Func<IReadOnlyList<AcceptanceCheck>, IReadOnlyList<CheckTried>>? TryChecks { get; init; }
}

/// <summary>What one phase of planning did, for people: a title and its findings with real numbers.</summary>
public sealed record PlanningPhase(string Title, IReadOnlyList<string> Findings);
