using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Graphs;
using Slaps.Core.Plans.Review;

namespace Slaps.Planning.Dependencies;

/// <summary>
/// Makes an order of what the rules found: acyclic among the hard dependencies that are sure enough, without inferred ones that others
/// imply. What the text states is kept as stated; where it contradicts itself the weaker statement becomes a preference.
/// </summary>
internal sealed class SettledOrder(IReadOnlyList<TaskId> ids, double minConfidence, DiagnosticBag diagnostics)
{
    // So many tasks have all their pairs looked up at once (50 MB).
    private const int MostForPairs = 20_000;

    private const int MostDiagnostics = 50;

    private readonly List<PlanDecision> _decisions = [];

    /// <summary>Which dependencies were dropped to soft, and why.</summary>
    public IReadOnlyList<PlanDecision> Decisions => _decisions;

    /// <summary>The order, ordered by its items.</summary>
    public List<FoundDependency> Settle(List<FoundDependency> found)
    {
        var settled = WithoutContradictions(found);
        settled = WithoutCycles(settled);
        return Reduced(settled);
    }

    /// <summary>The hard order of dependencies.</summary>
    public TaskGraph Graph(IEnumerable<FoundDependency> found) => TaskGraph.Of(ids.Count, found.Where(d => d.OrdersAt(minConfidence)).Select(d => (d.From, d.To)));

    // --- The text against itself ---

    private List<FoundDependency> WithoutContradictions(List<FoundDependency> found)
    {
        var stated = found.Where(d => d.IsStated && d.OrdersAt(minConfidence)).ToList();
        var tasks = ids.Select(id => new PlanTask { Id = id }).ToList();
        var dependencies = stated.ConvertAll(d => new Dependency(ids[d.From], ids[d.To], d.Type, d.IsHard, d.Confidence));
        var cut = new HashSet<FoundDependency>(ReferenceEqualityComparer.Instance);
        var said = 0;
        foreach (var knot in CycleBreaks.Suggest(tasks, dependencies, minConfidence))
        {
            var cuts = knot.Cuts.Select(c => stated[c.Index]).ToList();
            cut.UnionWith(cuts);
            foreach (var dropped in cuts)
            {
                var against = Against(knot, cuts, dropped, stated);
                _decisions.Add(new PlanDecision(
                    $"{ids[dropped.From]} does not have to come before {ids[dropped.To]}",
                    $"The text orders tasks in a circle: {string.Join(" → ", knot.Cycle)}. This dependency is the one it supports least.",
                    [.. dropped.Evidence.Take(2), .. against?.Evidence.Take(2) ?? []],
                    against is null ? [] : [$"Dropping that {ids[against.From]} comes before {ids[against.To]}: the text supports it more."]));
                if (said++ >= MostDiagnostics || dropped.Evidence.Count == 0) continue;
                var (place, file, line) = Place(dropped.Evidence[0]);
                diagnostics.Add(DependencyDiagnostics.Contradiction(
                    new(file, null, line), string.Join(" → ", knot.Cycle), place, Identifiers.Quote(dropped.Evidence[0].Excerpt),
                    against is { Evidence: [var other, ..] } ? other.Source : "the order of the others", against is { Evidence: [var words, ..] } ? Identifiers.Quote(words.Excerpt) : "the opposite",
                    $"{ids[dropped.From]} before {ids[dropped.To]}"));
            }
        }

        return cut.Count == 0 ? found : [.. found.Select(d => cut.Contains(d) ? d with { IsHard = false, Reason = $"{d.Reason} Elsewhere the text says the opposite, so that this is only a preference." } : d)];
    }

    // The strongest statement of the circle that stays; first of all one that leads straight back.
    private FoundDependency? Against(Knot knot, List<FoundDependency> cuts, FoundDependency dropped, List<FoundDependency> stated)
    {
        var members = knot.Cycle.ToHashSet();
        return stated
            .Where(d => !cuts.Contains(d) && ((d.From == dropped.To && d.To == dropped.From) || (members.Contains(ids[d.From]) && members.Contains(ids[d.To]))))
            .OrderByDescending(d => d.From == dropped.To && d.To == dropped.From).ThenByDescending(d => d.From == dropped.To).ThenByDescending(d => d.Confidence).ThenBy(d => d.From).ThenBy(d => d.To)
            .FirstOrDefault();
    }

    private static (string Place, string File, int? Line) Place(Evidence evidence)
    {
        var mark = evidence.Source.LastIndexOf("#L", StringComparison.Ordinal);
        if (mark < 0) return (evidence.Source, evidence.Source, null);
        var digits = evidence.Source[(mark + 2)..].Split('-')[0];
        return (evidence.Source, evidence.Source[..mark], int.TryParse(digits, out var line) ? line : null);
    }

    // --- What was inferred against what was stated ---

    // Inside of a knot the stated dependencies decide the order, the place in the text breaks its ties, and what was inferred against it
    // becomes a preference.
    private List<FoundDependency> WithoutCycles(List<FoundDependency> found)
    {
        var graph = Graph(found);
        if (!graph.HasCycle) return found;

        var knots = graph.Knots();
        var placeOf = Places(found.Where(d => d.IsStated && d.OrdersAt(minConfidence) && knots[d.From] == knots[d.To]));
        return
        [
            .. found.Select(d => !d.IsStated && d.OrdersAt(minConfidence) && knots[d.From] == knots[d.To] && placeOf[d.From] > placeOf[d.To]
                ? d with { IsHard = false, Reason = $"{d.Reason} What the text says of their order speaks against it, so that this is only a preference." }
                : d),
        ];
    }

    // A topological order of the stated dependencies; of those that are free the first in the text (Kahn, 1962, with a heap).
    private int[] Places(IEnumerable<FoundDependency> stated)
    {
        var graph = TaskGraph.Of(ids.Count, stated.Select(d => (d.From, d.To)));
        var waiting = new int[ids.Count];
        var free = new PriorityQueue<int, int>();
        for (var i = 0; i < ids.Count; i++)
        {
            waiting[i] = graph.PredecessorsOf(i).Length;
            if (waiting[i] == 0) free.Enqueue(i, i);
        }

        var placeOf = new int[ids.Count];
        for (var place = 0; free.TryDequeue(out var task, out _); place++)
        {
            placeOf[task] = place;
            foreach (var successor in graph.SuccessorsOf(task))
            {
                if (--waiting[successor] == 0) free.Enqueue(successor, successor);
            }
        }

        return placeOf;
    }

    // --- What says nothing new ---

    private List<FoundDependency> Reduced(List<FoundDependency> found)
    {
        var graph = Graph(found);
        var redundant = TransitiveReduction.Of(graph).Redundant.ToHashSet();
        var order = ids.Count <= MostForPairs ? Reachability.Among(graph, [.. Enumerable.Range(0, ids.Count)]) : null;
        return
        [
            .. found.Where(d => d.IsStated || (d.OrdersAt(minConfidence)
                ? !redundant.Contains((d.From, d.To))
                : order is null || (!order.Reaches(d.From, d.To) && !order.Reaches(d.To, d.From)))),
        ];
    }
}
