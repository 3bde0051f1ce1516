using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>What the workers of a coordinator can do: most of them the same, and some specialised.</summary>
/// <param name="Capabilities">What the usual ones can do without a set-up; null: anything, or with a set-up time nothing.</param>
/// <param name="SetupSeconds">How long it takes to set a usual one up for something else; null: it cannot be.</param>
/// <param name="Specialists">What each of the specialised ones can do, and nothing else.</param>
public sealed record Crew(IReadOnlyList<string>? Capabilities, double? SetupSeconds, IReadOnlyList<IReadOnlyList<string>> Specialists)
{
    /// <summary>Workers that can do anything at once.</summary>
    public static Crew OfAll { get; } = new(null, null, []);

    /// <summary>A worker of this crew.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="runs">The kinds of work that it runs.</param>
    /// <param name="specialist">Which of the specialised ones, from 0; null, or none of them: a usual one.</param>
    public WorkerProfile Member(WorkerId id, IReadOnlyList<string> runs, int? specialist) => specialist is { } number && number < Specialists.Count
        ? new WorkerProfile(id, runs, Specialists[number])
        : new WorkerProfile(id, runs, Capabilities, SetupSeconds);
}
