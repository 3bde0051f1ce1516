using Slaps.Core.Plans;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Dependencies;

/// <summary>A dependency between two items as a rule found it.</summary>
/// <param name="From">The item that comes first, as an index.</param>
/// <param name="To">The item that comes later.</param>
/// <param name="Type">Why.</param>
/// <param name="IsHard">Whether it is to be enforced.</param>
/// <param name="Confidence">0 to 1, within <see cref="ConfidenceRanges"/>.</param>
/// <param name="IsStated">Whether the text says exactly this, between these two; what is stated is never reduced away.</param>
/// <param name="Reason">A sentence.</param>
/// <param name="Evidence">The words.</param>
internal sealed record FoundDependency(
    int From, int To, DependencyType Type, bool IsHard, double Confidence, bool IsStated, string Reason, IReadOnlyList<Evidence> Evidence)
{
    public bool OrdersAt(double minConfidence) => IsHard && Confidence >= minConfidence;
}

/// <summary>What confidence each type of dependency may have (the design's table of types).</summary>
internal static class ConfidenceRanges
{
    public static double Fit(DependencyType type, double confidence) => type switch
    {
        DependencyType.Technical => Math.Clamp(confidence, 0.8, 1),
        DependencyType.Sequential => Math.Clamp(confidence, 0.7, 0.9),
        DependencyType.Infrastructure => Math.Clamp(confidence, 0.9, 1),
        DependencyType.Knowledge => Math.Clamp(confidence, 0.6, 0.8),
        _ => 1,
    };
}

/// <summary>Collects what the rules find: for two items in one direction the strongest finding stays, with the evidence of the others.</summary>
internal sealed class FoundDependencies(IReadOnlyList<WorkItem> items)
{
    private const int MostEvidence = 4;

    private readonly Dictionary<(int From, int To), FoundDependency> _found = [];
    private readonly HashSet<int> _held = [];

    /// <summary>So many pairs are kept; a text that relates everything to everything says nothing.</summary>
    public int Capacity { get; } = Math.Max(20_000, items.Count * 40);

    /// <summary>How many were left out beyond <see cref="Capacity"/>.</summary>
    public int Dropped { get; private set; }

    /// <summary>All of them, ordered by their items.</summary>
    public List<FoundDependency> Sorted() => [.. _found.Values.OrderBy(d => d.To).ThenBy(d => d.From)];

    public bool Has(int from, int to) => _found.ContainsKey((from, to));

    /// <summary>Whether something hard holds an item back already.</summary>
    public bool HoldsBack(int to) => _held.Contains(to);

    public void Add(int from, int to, DependencyType type, bool isHard, double confidence, bool isStated, string reason, params IReadOnlyList<Evidence> evidence)
    {
        if (from == to || (!isStated && IsAgainstPhases(from, to))) return;
        if (isHard) _held.Add(to);
        var found = new FoundDependency(from, to, type, isHard, ConfidenceRanges.Fit(type, confidence), isStated, reason, evidence);
        if (!_found.TryGetValue((from, to), out var there))
        {
            if (_found.Count >= Capacity) Dropped++;
            else _found.Add((from, to), found);
            return;
        }

        var (stronger, weaker) = IsStronger(found, there) ? (found, there) : (there, found);
        _found[(from, to)] = stronger with { Evidence = [.. stronger.Evidence.Concat(weaker.Evidence).DistinctBy(e => e.Source).Take(MostEvidence)] };
    }

    // A stage never waits for a later one, whatever words both have in common.
    private bool IsAgainstPhases(int from, int to) =>
        items[from].Phase is { } early && items[to].Phase is { } late && early.Group == late.Group && early.Number > late.Number;

    private static bool IsStronger(FoundDependency one, FoundDependency other) =>
        (one.IsStated, one.IsHard, one.Confidence).CompareTo((other.IsStated, other.IsHard, other.Confidence)) > 0;
}
