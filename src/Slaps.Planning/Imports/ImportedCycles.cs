using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Graphs;

namespace Slaps.Planning.Imports;

/// <summary>
/// Opens the cycles of a foreign plan by dropping what <see cref="CycleBreaks"/> suggests: the fewest dependencies, of these the least
/// certain, of these the last in file order.
/// </summary>
internal sealed class ImportedCycles
{
    private readonly IReadOnlyList<PlanTask> _tasks;
    private readonly IReadOnlyList<Dependency> _dependencies;
    private readonly Dictionary<TaskId, int> _indexes;
    private readonly TaskGraph _rest;

    /// <summary>Looks for what to drop.</summary>
    /// <param name="tasks">The tasks in file order.</param>
    /// <param name="dependencies">Those between them.</param>
    /// <param name="minConfidence">Hard dependencies with less confidence, 0 to 1, order no work and stay.</param>
    public ImportedCycles(IReadOnlyList<PlanTask> tasks, IReadOnlyList<Dependency> dependencies, double minConfidence)
    {
        _tasks = tasks;
        _dependencies = dependencies;
        Knots = CycleBreaks.Suggest(tasks, dependencies, minConfidence);
        Dropped = Knots.SelectMany(knot => knot.Cuts).Select(cut => cut.Index).ToHashSet();
        _indexes = new Dictionary<TaskId, int>(Knots.Count == 0 ? 0 : tasks.Count);
        for (var i = 0; i < tasks.Count && Knots.Count > 0; i++) _indexes.TryAdd(tasks[i].Id, i);
        _rest = TaskGraph.Of(Knots.Count == 0 ? 0 : tasks.Count, Rest(minConfidence));
    }

    /// <summary>Tasks that wait for each other, with what is dropped of each knot.</summary>
    public IReadOnlyList<Knot> Knots { get; }

    /// <summary>The places of the dependencies that are dropped.</summary>
    public IReadOnlySet<int> Dropped { get; }

    /// <summary>The draft without what closes a cycle; each dependency that is dropped is named with its cycle.</summary>
    public static PlanDraft Cut(PlanDraft draft, string file, DiagnosticBag diagnostics)
    {
        var cycles = new ImportedCycles(draft.Tasks, draft.Dependencies, draft.Origin.MinConfidence);
        var named = 0;
        foreach (var knot in cycles.Knots)
        {
            // More findings than these are only counted, and a path may be as long as the plan.
            foreach (var cut in knot.Cuts)
                diagnostics.Add(ImportDiagnostics.Cycle(new(file, null), named++ < DiagnosticBag.Capacity ? cycles.PathThrough(knot, cut) : [], cut.Dependency.From, cut.Dependency.To));
        }

        return cycles.Dropped.Count == 0 ? draft : draft with { Dependencies = [.. draft.Dependencies.Where((_, i) => !cycles.Dropped.Contains(i))] };
    }

    /// <summary>The shortest way round that a dropped dependency alone would close again, from its second task to its first and back.</summary>
    public IReadOnlyList<TaskId> PathThrough(Knot knot, CycleBreak cut)
    {
        if (!_indexes.TryGetValue(cut.Dependency.From, out var end) || !_indexes.TryGetValue(cut.Dependency.To, out var start)) return knot.Cycle;
        var cameFrom = new Dictionary<int, int> { [start] = -1 };
        var queue = new Queue<int>([start]);
        while (!cameFrom.ContainsKey(end) && queue.TryDequeue(out var task))
        {
            foreach (var next in _rest.SuccessorsOf(task))
            {
                if (cameFrom.TryAdd(next, task)) queue.Enqueue(next);
            }
        }

        // In a very large knot more may have been dropped than had to be; then the knot's own cycle says why.
        if (!cameFrom.ContainsKey(end)) return knot.Cycle;
        var path = new List<TaskId> { _tasks[start].Id };
        for (var task = end; task >= 0; task = cameFrom[task]) path.Add(_tasks[task].Id);
        path.Reverse();
        return path;
    }

    private IEnumerable<(int From, int To)> Rest(double minConfidence)
    {
        if (Knots.Count == 0) yield break;
        for (var i = 0; i < _dependencies.Count; i++)
        {
            var edge = _dependencies[i];
            if (!Dropped.Contains(i) && edge.OrdersWorkAt(minConfidence) && edge.From != edge.To && _indexes.TryGetValue(edge.From, out var from) && _indexes.TryGetValue(edge.To, out var to))
                yield return (from, to);
        }
    }
}
