using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Planning.Codebase;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Dependencies;

/// <summary>What tasks wait for and what they share.</summary>
/// <param name="Dependencies">All six types; hard ones at or above the least confidence are acyclic, and inferred ones among them say nothing twice.</param>
/// <param name="Resources">The locks and pools of the plan.</param>
/// <param name="LocksOf">For each item the locks that it takes.</param>
/// <param name="PoolsOf">For each item what it draws from pools.</param>
/// <param name="Decisions">What was decided, for Decisions.md.</param>
public sealed record DiscoveredDependencies(
    IReadOnlyList<Dependency> Dependencies,
    PlanResources Resources,
    IReadOnlyList<IReadOnlyList<string>> LocksOf,
    IReadOnlyList<IReadOnlyList<PoolClaim>> PoolsOf,
    IReadOnlyList<PlanDecision> Decisions);

/// <summary>
/// Finds the dependencies between the items of a specification: what its words state, what its lists and phases imply, what one makes and
/// another uses, the order of kinds of work, and what cannot be used at once. No two texts are compared with each other: words, ids and
/// names are indexed, so that the time grows with the text.
/// </summary>
public static class DependencyDiscovery
{
    /// <summary>All dependencies of some items.</summary>
    /// <param name="items">The items in the order of the documents.</param>
    /// <param name="ids">The task of each item, at the same index.</param>
    /// <param name="sources">The lines of each source by the name that <see cref="SourceLines.File"/> gives it, with secrets replaced; line n at n - 1. Evidence quotes them.</param>
    /// <param name="survey">The codebase, where there is one: what it has is not made by a task.</param>
    /// <param name="minConfidence">0 to 1: hard dependencies below are recorded and not enforced.</param>
    /// <param name="diagnostics">Takes contradictions of the text.</param>
    public static DiscoveredDependencies Find(
        IReadOnlyList<WorkItem> items, IReadOnlyList<TaskId> ids, IReadOnlyDictionary<string, IReadOnlyList<string>> sources, CodebaseSurvey? survey, double minConfidence, DiagnosticBag diagnostics)
    {
        var quotes = new SourceQuotes(sources);
        var found = new FoundDependencies(items);

        // The surest first: should there be more than is kept, it is the guesses that are left out.
        new StatedOrder(items, ids, new ItemReferences(items), quotes, found).Read(sources);
        new FirstOrder(items, ids, quotes, found).Read(sources);
        var lists = new ListedOrder(items, ids, quotes, found);
        lists.Read();
        var artifacts = new ArtifactOrder(items, ids, quotes, survey, found);
        artifacts.Read();
        artifacts.ReadTests();
        new EntityOrder(items, ids, quotes, found).Read();
        new NamedOrder(items, ids, quotes, found).Read();
        new ClosingOrder(items, ids, quotes, found).Read();
        new VerificationOrder(items, ids, quotes, found).Read();
        new LayerOrder(items, ids, quotes, survey, found).Read();
        if (found.Dropped > 0) diagnostics.Add(DependencyDiagnostics.TooMany(new(sources.Keys.Order(StringComparer.Ordinal).FirstOrDefault(), null), found.Capacity, found.Dropped));

        var settled = new SettledOrder(ids, minConfidence, diagnostics);
        var order = settled.Settle(found.Sorted());
        var shared = new SharedUse(items, ids, quotes, survey, settled.Graph(order));
        shared.Read(sources);
        return new DiscoveredDependencies(
            [.. order.Select(d => new Dependency(ids[d.From], ids[d.To], d.Type, d.IsHard, Math.Round(d.Confidence, 2)) { Reason = d.Reason, Evidence = d.Evidence }), .. shared.Dependencies],
            new PlanResources { Locks = shared.Locks, Pools = shared.Pools },
            shared.LocksOf,
            shared.PoolsOf,
            [.. settled.Decisions, .. lists.Abridged.Select(Abridged), .. shared.Decisions]);
    }

    private static PlanDecision Abridged((string Group, int From, int To) phases) => new(
        $"Phase {phases.From} and phase {phases.To} of {Identifiers.Quote(phases.Group)} are ordered by their ends",
        "Each has so many tasks that an edge for every pair would hide the plan: the last task of the one and the first of the other stand for the rest.",
        [],
        ["An edge for every pair."]);
}
