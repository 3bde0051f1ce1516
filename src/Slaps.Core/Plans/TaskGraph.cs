using Slaps.Core.Execution;

namespace Slaps.Core.Plans;

/// <summary>
/// The hard order between tasks on dense indexes: task i is the plan's i-th task. Immutable.
/// Edges lie in one array, those of task i from <c>_first[i]</c> to <c>_first[i + 1]</c> (compressed sparse rows).
/// </summary>
public sealed class TaskGraph
{
    private readonly int[] _first;
    private readonly int[] _successors;
    private readonly int[] _firstBefore;
    private readonly int[] _predecessors;

    private TaskGraph(int[] first, int[] successors, int[] firstBefore, int[] predecessors)
    {
        _first = first;
        _successors = successors;
        _firstBefore = firstBefore;
        _predecessors = predecessors;
    }

    /// <summary>How many tasks.</summary>
    public int Count => _first.Length - 1;

    /// <summary>How many different edges.</summary>
    public int EdgeCount => _successors.Length;

    /// <summary>Builds the graph of <paramref name="count"/> tasks; an edge given twice counts once.</summary>
    public static TaskGraph Of(int count, IEnumerable<(int From, int To)> edges)
    {
        var (froms, tos) = Distinct(count, [.. edges]);
        return new TaskGraph(Starts(count, froms), Row(count, froms, tos), Starts(count, tos), Row(count, tos, froms));
    }

    /// <summary>The same graph with more tasks, up to <paramref name="count"/>, and more edges, as if they had been given after the others.</summary>
    public TaskGraph With(int count, IEnumerable<(int From, int To)> edges)
    {
        var known = new HashSet<(int From, int To)>();
        var added = new List<(int From, int To)>();
        foreach (var edge in edges)
        {
            if (known.Add(edge) && !(edge.From < Count && edge.To < Count && SuccessorsOf(edge.From).Contains(edge.To))) added.Add(edge);
        }

        var (first, successors) = Extended(_first, _successors, count, added.ConvertAll(edge => (edge.From, edge.To)));
        var (firstBefore, predecessors) = Extended(_firstBefore, _predecessors, count, added.ConvertAll(edge => (edge.To, edge.From)));
        return new TaskGraph(first, successors, firstBefore, predecessors);
    }

    // The rows with what is added to each at its end.
    private static (int[] First, int[] Row) Extended(int[] first, int[] row, int count, List<(int Owner, int Value)> added)
    {
        var starts = Starts(count, [.. added.Select(edge => edge.Owner)]);
        for (var i = 0; i <= count; i++) starts[i] += first[Math.Min(i, first.Length - 1)];
        var extended = new int[row.Length + added.Count];
        var next = new Dictionary<int, int>();
        for (var i = 0; i < first.Length - 1; i++) row.AsSpan(first[i]..first[i + 1]).CopyTo(extended.AsSpan(starts[i]));
        foreach (var (owner, value) in added)
        {
            if (!next.TryGetValue(owner, out var place)) place = starts[owner] + (owner < first.Length - 1 ? first[owner + 1] - first[owner] : 0);
            extended[place] = value;
            next[owner] = place + 1;
        }

        return (starts, extended);
    }

    /// <summary>Keeps the graph, or takes it as it was kept.</summary>
    internal static TaskGraph Carry(SnapshotCarrier c, TaskGraph? graph)
    {
        var kept = new TaskGraph(c.Wholes(graph?._first ?? []), c.Wholes(graph?._successors ?? []), c.Wholes(graph?._firstBefore ?? []), c.Wholes(graph?._predecessors ?? []));
        return kept._first.Length > 0 ? kept : throw c.Damaged("a graph has no tasks");
    }

    /// <summary>The tasks that wait for task <paramref name="task"/>, in the order in which their edges were given.</summary>
    public ReadOnlySpan<int> SuccessorsOf(int task) => _successors.AsSpan(_first[task].._first[task + 1]);

    /// <summary>The tasks that task <paramref name="task"/> waits for.</summary>
    public ReadOnlySpan<int> PredecessorsOf(int task) => _predecessors.AsSpan(_firstBefore[task].._firstBefore[task + 1]);

    /// <summary>All edges, those of the first task first, each task's in the order of <see cref="SuccessorsOf"/>.</summary>
    public IEnumerable<(int From, int To)> Edges()
    {
        for (var from = 0; from < Count; from++)
        {
            for (var edge = _first[from]; edge < _first[from + 1]; edge++) yield return (from, _successors[edge]);
        }
    }

    /// <summary>For each task the most edges on a way that leads to it: 0 for those that wait for nobody. Tasks on or behind a cycle stay at 0 or too low.</summary>
    public int[] Depths()
    {
        var depths = new int[Count];
        foreach (var task in TopologicalOrder())
        {
            foreach (var successor in SuccessorsOf(task)) depths[successor] = Math.Max(depths[successor], depths[task] + 1);
        }

        return depths;
    }

    /// <summary>
    /// Every task after all its predecessors (Kahn, 1962), ties in file order as far as the queue keeps it;
    /// shorter than <see cref="Count"/> when there is a cycle.
    /// </summary>
    public int[] TopologicalOrder()
    {
        var waiting = new int[Count];
        for (var i = 0; i < Count; i++) waiting[i] = PredecessorsOf(i).Length;

        var order = new int[Count];
        var found = 0;
        for (var i = 0; i < Count; i++)
        {
            if (waiting[i] == 0) order[found++] = i;
        }

        for (var next = 0; next < found; next++)
        {
            foreach (var successor in SuccessorsOf(order[next]))
            {
                if (--waiting[successor] == 0) order[found++] = successor;
            }
        }

        return order[..found];
    }

    /// <summary>Whether tasks wait for each other.</summary>
    public bool HasCycle => TopologicalOrder().Length < Count;

    /// <summary>One cycle as a path that ends where it starts, e.g. 3 → 5 → 3; null when there is none.</summary>
    public IReadOnlyList<int>? FindCycle() => FindCycles() is [var first, ..] ? first : null;

    /// <summary>
    /// One cycle for each knot of tasks that all wait for each other (strongly connected components: Tarjan, 1972): the shortest through
    /// the knot's first task in file order, which opens the path, so that the same plan gives the same sentence.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<int>> FindCycles()
    {
        if (!HasCycle) return [];

        var knots = Knots();
        var cycles = new List<IReadOnlyList<int>>();
        var opened = new HashSet<int>();
        var cameFrom = new int[Count];
        Array.Fill(cameFrom, -1);
        for (var task = 0; task < Count; task++)
        {
            if (opened.Add(knots[task]) && ShortestCycleThrough(task, knots, cameFrom) is { } cycle) cycles.Add(cycle);
        }

        return cycles;
    }

    // Breadth first within the knot; the knots share cameFrom because no task is in two of them.
    private List<int>? ShortestCycleThrough(int start, int[] knots, int[] cameFrom)
    {
        var queue = new Queue<int>([start]);
        while (queue.TryDequeue(out var task))
        {
            foreach (var next in SuccessorsOf(task))
            {
                if (next == start)
                {
                    var path = new List<int> { start };
                    for (var at = task; at != start; at = cameFrom[at]) path.Add(at);
                    path.Add(start);
                    path.Reverse();
                    return path;
                }

                if (knots[next] != knots[start] || cameFrom[next] >= 0) continue;
                cameFrom[next] = task;
                queue.Enqueue(next);
            }
        }

        return null;
    }

    /// <summary>The number of the strongly connected component of each task (Tarjan, 1972); without recursion, because a chain may have a million tasks.</summary>
    public int[] Knots()
    {
        var knots = new int[Count];
        var seenAs = new int[Count];
        var lowest = new int[Count];
        var nextEdge = new int[Count];
        var open = new Stack<int>();
        var calls = new Stack<int>();
        Array.Fill(knots, -1);
        var seen = 0;
        var found = 0;
        for (var root = 0; root < Count; root++)
        {
            if (seenAs[root] != 0) continue;
            calls.Push(root);
            while (calls.TryPeek(out var task))
            {
                if (seenAs[task] == 0)
                {
                    seenAs[task] = lowest[task] = ++seen;
                    open.Push(task);
                }

                if (nextEdge[task] < SuccessorsOf(task).Length)
                {
                    var next = SuccessorsOf(task)[nextEdge[task]++];
                    if (seenAs[next] == 0) calls.Push(next);
                    else if (knots[next] < 0) lowest[task] = Math.Min(lowest[task], seenAs[next]);
                    continue;
                }

                calls.Pop();
                if (calls.TryPeek(out var caller)) lowest[caller] = Math.Min(lowest[caller], lowest[task]);
                if (lowest[task] != seenAs[task]) continue;
                int member;
                do
                {
                    member = open.Pop();
                    knots[member] = found;
                }
                while (member != task);
                found++;
            }
        }

        return knots;
    }

    /// <summary>For each task the number of tasks on the longest path before it: its topological level, 0 for those that wait for nobody.</summary>
    public int[] Levels()
    {
        var levels = new int[Count];
        foreach (var task in TopologicalOrder())
        {
            foreach (var successor in SuccessorsOf(task)) levels[successor] = Math.Max(levels[successor], levels[task] + 1);
        }

        return levels;
    }

    /// <summary>For each task the longest expected time from its start to the end of the plan: its critical-path rank.</summary>
    /// <param name="durations">Expected microseconds of each task.</param>
    public long[] LongestToEnd(ReadOnlySpan<long> durations)
    {
        var rank = new long[Count];
        var order = TopologicalOrder();
        for (var i = order.Length - 1; i >= 0; i--)
        {
            var task = order[i];
            long after = 0;
            foreach (var successor in SuccessorsOf(task)) after = Math.Max(after, rank[successor]);
            rank[task] = after + durations[task];
        }

        return rank;
    }

    /// <summary>For each task the longest expected time before it: its start when nothing but the order holds it back.</summary>
    /// <param name="durations">Expected microseconds of each task.</param>
    public long[] LongestFromStart(ReadOnlySpan<long> durations)
    {
        var starts = new long[Count];
        foreach (var task in TopologicalOrder())
        {
            foreach (var successor in SuccessorsOf(task)) starts[successor] = Math.Max(starts[successor], starts[task] + durations[task]);
        }

        return starts;
    }

    private static (int[] Froms, int[] Tos) Distinct(int count, (int From, int To)[] edges)
    {
        int[] froms = new int[edges.Length], tos = new int[edges.Length], place = new int[edges.Length];
        for (var i = 0; i < edges.Length; i++) (froms[i], tos[i], place[i]) = (edges[i].From, edges[i].To, i);

        // The edges of one task lie side by side in a row, so one mark for each successor finds those given twice.
        var first = Starts(count, froms);
        var rows = Row(count, froms, place);
        var lastFrom = new int[count];
        Array.Fill(lastFrom, -1);
        var keep = new bool[edges.Length];
        var kept = 0;
        for (var from = 0; from < count; from++)
        {
            foreach (var edge in rows.AsSpan(first[from]..first[from + 1]))
            {
                if (lastFrom[tos[edge]] == from) continue;
                lastFrom[tos[edge]] = from;
                keep[edge] = true;
                kept++;
            }
        }

        if (kept == edges.Length) return (froms, tos);
        return ([.. froms.Where((_, edge) => keep[edge])], [.. tos.Where((_, edge) => keep[edge])]);
    }

    // Where the row of each task starts, when edge i belongs to owners[i].
    private static int[] Starts(int count, int[] owners)
    {
        var first = new int[count + 1];
        foreach (var owner in owners) first[owner + 1]++;
        for (var i = 0; i < count; i++) first[i + 1] += first[i];
        return first;
    }

    // The rows one after the other, each in the order of its edges.
    private static int[] Row(int count, int[] owners, int[] values)
    {
        var next = Starts(count, owners);
        var row = new int[owners.Length];
        for (var i = 0; i < owners.Length; i++) row[next[owners[i]]++] = values[i];
        return row;
    }
}
