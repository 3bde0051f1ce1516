using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Slaps.Core.Plans.Graphs;

/// <summary>
/// The fewest edges that order the tasks of an acyclic graph in the same way. There is exactly one such set (Aho, Garey and Ullman, 1972):
/// an edge is redundant when another way leads from its one end to the other.
/// </summary>
public sealed class TransitiveReduction
{
    private const int Columns = 512;

    private TransitiveReduction(TaskGraph graph, IReadOnlyList<(int From, int To)> redundant)
    {
        Graph = graph;
        Redundant = redundant;
    }

    /// <summary>The graph without its redundant edges; the others keep their order.</summary>
    public TaskGraph Graph { get; }

    /// <summary>The edges that say nothing new, ordered by their first task.</summary>
    public IReadOnlyList<(int From, int To)> Redundant { get; }

    /// <summary>
    /// Reduces a graph. One sweep from the last task to the first finds what each task reaches (Goralčíková and Koubek, 1979), for 512
    /// tasks at a time, one bit each: tasks × edges / 512 steps at most and 64 bytes a task, whatever the graph looks like.
    /// </summary>
    /// <exception cref="ArgumentException">The graph has a cycle.</exception>
    public static TransitiveReduction Of(TaskGraph graph)
    {
        var rows = new Rows(graph);
        var isRedundant = new bool[graph.EdgeCount];
        for (var start = 0; start < rows.Candidates.Count; start += Columns)
            Sweep(rows, start, Math.Min(start + Columns, rows.Candidates.Count), isRedundant);

        var (kept, redundant) = rows.Split(graph, isRedundant);
        return new TransitiveReduction(redundant.Count == 0 ? graph : TaskGraph.Of(graph.Count, kept), redundant);
    }

    private static void Sweep(Rows rows, int start, int end, bool[] isRedundant)
    {
        var last = rows.Candidates[end - 1];
        var reached = rows.Reached;
        var words = MemoryMarshal.Cast<Vector512<ulong>, ulong>(reached.AsSpan());
        for (var place = last; place >= 0; place--)
        {
            // Successors come in topological order: what lies behind the last column reaches none of them.
            var (first, stop) = (rows.First[place], rows.First[place + 1]);
            var through = Vector512<ulong>.Zero;
            for (var edge = first; edge < stop && rows.Successors[edge] <= last; edge++) through |= reached[rows.Successors[edge]];
            reached[place] = through;
            for (var edge = first; edge < stop && rows.Successors[edge] <= last; edge++)
            {
                var column = rows.ColumnOf[rows.Successors[edge]] - start;
                if (column is < 0 or >= Columns) continue;
                var bit = 1UL << (column & 63);
                ref var word = ref words[(place * (Columns / 64)) + (column >> 6)];
                if ((word & bit) != 0) isRedundant[edge] = true;
            }

            // Only now: a direct successor must not make an edge to itself redundant.
            for (var edge = first; edge < stop && rows.Successors[edge] <= last; edge++)
            {
                var column = rows.ColumnOf[rows.Successors[edge]] - start;
                if (column is >= 0 and < Columns) words[(place * (Columns / 64)) + (column >> 6)] |= 1UL << (column & 63);
            }
        }
    }

    /// <summary>The edges with tasks renamed to their places in topological order, each row ascending.</summary>
    private sealed class Rows
    {
        private readonly int[] _order;

        public Rows(TaskGraph graph)
        {
            _order = graph.TopologicalOrder();
            if (_order.Length != graph.Count) throw new ArgumentException("A graph with a cycle has no unique reduction.", nameof(graph));

            var placeOf = new int[graph.Count];
            First = new int[graph.Count + 1];
            for (var place = 0; place < _order.Length; place++)
            {
                placeOf[_order[place]] = place;
                First[place + 1] = First[place] + graph.SuccessorsOf(_order[place]).Length;
            }

            Successors = new int[graph.EdgeCount];
            ColumnOf = new int[graph.Count];
            Reached = new Vector512<ulong>[graph.Count];
            var next = First.AsSpan(..^1).ToArray();
            for (var place = 0; place < _order.Length; place++)
            {
                var predecessors = graph.PredecessorsOf(_order[place]);
                foreach (var predecessor in predecessors) Successors[next[placeOf[predecessor]]++] = place;

                // An edge to a task with no other predecessor is never redundant, so such a task needs no column.
                ColumnOf[place] = predecessors.Length > 1 ? Candidates.Count : -1;
                if (predecessors.Length > 1) Candidates.Add(place);
            }
        }

        public int[] First { get; }

        public int[] Successors { get; }

        public List<int> Candidates { get; } = [];

        public int[] ColumnOf { get; }

        public Vector512<ulong>[] Reached { get; }

        /// <summary>The edges by their tasks' own indexes, in file order: those that stay and those that do not.</summary>
        public (List<(int From, int To)> Kept, List<(int From, int To)> Redundant) Split(TaskGraph graph, bool[] isRedundant)
        {
            var placeOf = new int[graph.Count];
            for (var place = 0; place < _order.Length; place++) placeOf[_order[place]] = place;

            List<(int From, int To)> kept = [], redundant = [];
            var droppedFor = new int[graph.Count];
            Array.Fill(droppedFor, -1);
            for (var task = 0; task < graph.Count; task++)
            {
                var place = placeOf[task];
                for (var edge = First[place]; edge < First[place + 1]; edge++)
                {
                    if (isRedundant[edge]) droppedFor[_order[Successors[edge]]] = task;
                }

                foreach (var successor in graph.SuccessorsOf(task)) (droppedFor[successor] == task ? redundant : kept).Add((task, successor));
            }

            return (kept, redundant);
        }
    }
}
