using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports;

/// <summary>
/// Opens the cycles of a foreign plan. Of each knot it drops one dependency if one is enough, else one for each shortest cycle; of those
/// that would do it takes the one with the lowest confidence, then the last in file order.
/// </summary>
internal sealed class ImportedCycles
{
    // To find the fewest in every case is NP-hard (feedback arc set: Karp, 1972); after so many rounds the rest is opened in one sweep.
    private const int MaxRounds = 30;

    private readonly Dictionary<(int From, int To), (double Confidence, int Last)> _edges = [];
    private long _steps = 50_000_000;

    private ImportedCycles()
    {
    }

    /// <summary>The draft without what closes a cycle; each dependency that is dropped is named with its cycle.</summary>
    public static PlanDraft Cut(PlanDraft draft, string file, DiagnosticBag diagnostics) => new ImportedCycles().Open(draft, file, diagnostics);

    private PlanDraft Open(PlanDraft draft, string file, DiagnosticBag diagnostics)
    {
        var indexes = new Dictionary<TaskId, int>(draft.Tasks.Count);
        for (var i = 0; i < draft.Tasks.Count; i++) indexes.TryAdd(draft.Tasks[i].Id, i);

        // An edge is known by its two ends here: two dependencies of different types between the same tasks are dropped together.
        (int From, int To)[] ends = [.. draft.Dependencies.Select(edge => edge.OrdersWork ? (indexes.GetValueOrDefault(edge.From, -1), indexes.GetValueOrDefault(edge.To, -1)) : (-1, -1))];
        for (var i = 0; i < ends.Length; i++)
        {
            if (ends[i].From < 0 || ends[i].To < 0 || ends[i].From == ends[i].To) continue;
            var confidence = draft.Dependencies[i].Confidence;
            _edges[ends[i]] = _edges.TryGetValue(ends[i], out var known) ? (Math.Max(known.Confidence, confidence), i) : (confidence, i);
        }

        var dropped = new HashSet<(int From, int To)>();
        for (var round = 0; ; round++)
        {
            var graph = TaskGraph.Of(draft.Tasks.Count, ends.Where(edge => _edges.ContainsKey(edge) && !dropped.Contains(edge)));
            var cycles = graph.FindCycles();
            if (cycles.Count == 0) break;
            foreach (var (edge, path) in round < MaxRounds ? cycles.Select(cycle => (Weakest(graph, cycle), cycle)) : ClosingEdges(graph))
            {
                dropped.Add(edge);
                diagnostics.Add(ImportDiagnostics.Cycle(new(file, null), [.. path.Select(task => draft.Tasks[task].Id)], draft.Tasks[edge.From].Id, draft.Tasks[edge.To].Id));
            }
        }

        return dropped.Count == 0 ? draft : draft with { Dependencies = [.. draft.Dependencies.Where((_, i) => !dropped.Contains(ends[i]))] };
    }

    private (int From, int To) Weakest(TaskGraph graph, IReadOnlyList<int> cycle)
    {
        var candidates = cycle.Zip(cycle.Skip(1)).OrderBy(edge => _edges[edge].Confidence).ThenByDescending(edge => _edges[edge].Last).ToList();

        // A single edge that opens the whole knot lies on every cycle of it, so on this one too.
        foreach (var candidate in candidates)
        {
            if (_steps > 0 && OpensKnot(graph, candidate)) return candidate;
        }

        return candidates[0];
    }

    // Whether nothing of the edge's knot waits for itself any more once the edge is gone.
    private bool OpensKnot(TaskGraph graph, (int From, int To) without)
    {
        var knot = Reachable(graph, without.To, forward: true);
        knot.IntersectWith(Reachable(graph, without.To, forward: false));
        var waiting = knot.ToDictionary(task => task, _ => 0);
        foreach (var task in knot)
        {
            foreach (var successor in graph.SuccessorsOf(task))
            {
                if (knot.Contains(successor) && (task, successor) != without) waiting[successor]++;
            }
        }

        var free = new Queue<int>(waiting.Where(task => task.Value == 0).Select(task => task.Key));
        var done = 0;
        while (free.TryDequeue(out var task))
        {
            done++;
            foreach (var successor in graph.SuccessorsOf(task))
            {
                if (knot.Contains(successor) && (task, successor) != without && --waiting[successor] == 0) free.Enqueue(successor);
            }
        }

        return done == knot.Count;
    }

    private HashSet<int> Reachable(TaskGraph graph, int start, bool forward)
    {
        var seen = new HashSet<int> { start };
        var queue = new Queue<int>([start]);
        while (queue.TryDequeue(out var task))
        {
            foreach (var next in forward ? graph.SuccessorsOf(task) : graph.PredecessorsOf(task))
            {
                _steps--;
                if (seen.Add(next)) queue.Enqueue(next);
            }
        }

        return seen;
    }

    // Depth first: an edge back to a task that is still open closes a cycle, and without all of these there is none.
    private static IEnumerable<((int From, int To) Edge, IReadOnlyList<int> Path)> ClosingEdges(TaskGraph graph)
    {
        var found = 0;
        var place = new int[graph.Count];
        var nextEdge = new int[graph.Count];
        var state = new byte[graph.Count];
        var open = new List<int>();
        for (var root = 0; root < graph.Count; root++)
        {
            if (state[root] == 0) Open(root);
            while (open.Count > 0)
            {
                var task = open[^1];
                if (nextEdge[task] == graph.SuccessorsOf(task).Length)
                {
                    state[task] = 2;
                    open.RemoveAt(open.Count - 1);
                    continue;
                }

                var next = graph.SuccessorsOf(task)[nextEdge[task]++];
                if (state[next] == 0) Open(next);
                else if (state[next] == 1)
                {
                    // More findings than these are only counted, and their paths may be as long as the plan.
                    yield return ((task, next), found++ < DiagnosticBag.Capacity ? [.. open[place[next]..], next] : []);
                }
            }
        }

        void Open(int task)
        {
            state[task] = 1;
            place[task] = open.Count;
            open.Add(task);
        }
    }
}
