namespace Slaps.Planning.Imports.Trackers;

/// <summary>An edge between two tasks by their places.</summary>
/// <param name="From">The predecessor.</param>
/// <param name="To">The successor.</param>
/// <param name="Confidence">0 to 1.</param>
internal readonly record struct TrackerEdge(int From, int To, double Confidence);

/// <summary>Tasks that wait for each other, and what was left out so that they do not.</summary>
/// <param name="Path">The tasks of one circle in their order, the first again at the end.</param>
/// <param name="Cut">The places of the edges left out, in their order.</param>
internal sealed record TrackerCycle(IReadOnlyList<int> Path, IReadOnlyList<int> Cut);

/// <summary>
/// Takes cycles out of a graph. In each strongly connected part (Tarjan, 1972) a single edge is looked for whose loss opens every circle;
/// where there is none, one edge of a circle after the other goes. Low confidence goes first, then what stands last in the file.
/// </summary>
internal static class TrackerCycles
{
    // Looking for the best edges costs edges times edges; in larger parts the edges that close a circle in file order go instead.
    private const int LargestSearched = 400;

    /// <summary>The strongly connected parts with a circle each and the edges to leave out; none when nothing waits in a circle.</summary>
    public static IReadOnlyList<TrackerCycle> Find(int tasks, IReadOnlyList<TrackerEdge> edges)
    {
        var parts = Parts(tasks, edges, out var partOf);
        if (parts.Count == 0) return [];
        var inside = parts.ToDictionary(part => part, _ => new List<int>());
        for (var i = 0; i < edges.Count; i++)
        {
            var part = partOf[edges[i].From];
            if (part == partOf[edges[i].To] && inside.TryGetValue(part, out var list)) list.Add(i);
        }

        return [.. inside.Values.OrderBy(list => list[0]).Select(list => Open(list, edges))];
    }

    private static TrackerCycle Open(List<int> inside, IReadOnlyList<TrackerEdge> edges)
    {
        var path = Circle(inside, edges)!;
        var worstFirst = inside.OrderBy(edge => edges[edge].Confidence).ThenByDescending(edge => edge).ToList();
        if (inside.Count > LargestSearched) return new(Closed(path, edges), ClosingEdges(worstFirst, edges));

        foreach (var one in worstFirst)
        {
            if (path.Contains(one) && Circle([.. inside.Where(edge => edge != one)], edges) is null) return new(Closed(path, edges), [one]);
        }

        var kept = inside.ToList();
        var cut = new List<int>();
        for (var circle = path; circle is not null; circle = Circle(kept, edges))
        {
            var worst = worstFirst.First(circle.Contains);
            kept.Remove(worst);
            cut.Add(worst);
        }

        // What went early may not have been needed after all.
        foreach (var edge in cut.OrderByDescending(edge => edges[edge].Confidence).ThenBy(edge => edge).ToList())
        {
            if (Circle([.. kept, edge], edges) is not null) continue;
            kept.Add(edge);
            cut.Remove(edge);
        }

        return new(Closed(path, edges), [.. cut.Order()]);
    }

    private static int[] Closed(List<int> circle, IReadOnlyList<TrackerEdge> edges) => [.. circle.Select(edge => edges[edge].From), edges[circle[^1]].To];

    /// <summary>One circle as its edges; null when there is none.</summary>
    private static List<int>? Circle(List<int> among, IReadOnlyList<TrackerEdge> edges)
    {
        var next = Successors(among, edges);
        var state = new Dictionary<int, bool>();
        foreach (var start in next.Keys)
        {
            if (state.ContainsKey(start)) continue;
            var way = new List<int>();
            var open = new Stack<(int Task, int Next)>();
            open.Push((start, 0));
            state[start] = true;
            while (open.TryPop(out var at))
            {
                if (!next.TryGetValue(at.Task, out var list) || at.Next == list.Count)
                {
                    state[at.Task] = false;
                    if (way.Count > 0) way.RemoveAt(way.Count - 1);
                    continue;
                }

                open.Push((at.Task, at.Next + 1));
                var edge = list[at.Next];
                var to = edges[edge].To;
                if (!state.TryGetValue(to, out var isOpen))
                {
                    state[to] = true;
                    way.Add(edge);
                    open.Push((to, 0));
                }
                else if (isOpen)
                {
                    var begin = way.FindIndex(other => edges[other].From == to);
                    return begin < 0 ? [edge] : [.. way[begin..], edge];
                }
            }
        }

        return null;
    }

    // The edges that lead back to a task that is still open, when the best edges are followed first: without them nothing leads back.
    private static List<int> ClosingEdges(List<int> worstFirst, IReadOnlyList<TrackerEdge> edges)
    {
        var next = Successors(Enumerable.Reverse(worstFirst), edges);
        var isOpen = new Dictionary<int, bool>();
        var cut = new List<int>();
        foreach (var start in next.Keys.Order())
        {
            if (!isOpen.TryAdd(start, true)) continue;
            var open = new Stack<(int Task, int Next)>();
            open.Push((start, 0));
            while (open.TryPop(out var at))
            {
                if (!next.TryGetValue(at.Task, out var list) || at.Next == list.Count)
                {
                    isOpen[at.Task] = false;
                    continue;
                }

                open.Push((at.Task, at.Next + 1));
                var edge = list[at.Next];
                if (isOpen.TryAdd(edges[edge].To, true)) open.Push((edges[edge].To, 0));
                else if (isOpen[edges[edge].To]) cut.Add(edge);
            }
        }

        cut.Sort();
        return cut;
    }

    private static Dictionary<int, List<int>> Successors(IEnumerable<int> among, IReadOnlyList<TrackerEdge> edges)
    {
        var next = new Dictionary<int, List<int>>();
        foreach (var edge in among)
        {
            if (!next.TryGetValue(edges[edge].From, out var list)) next[edges[edge].From] = list = [];
            list.Add(edge);
        }

        return next;
    }

    // The parts with more than one task, each by a number; recursion would end on a long chain, so the stack is ours.
    private static HashSet<int> Parts(int tasks, IReadOnlyList<TrackerEdge> edges, out int[] partOf)
    {
        var first = new int[tasks + 1];
        foreach (var edge in edges) first[edge.From + 1]++;
        for (var i = 0; i < tasks; i++) first[i + 1] += first[i];
        var next = new int[edges.Count];
        var fill = first.ToArray();
        foreach (var edge in edges) next[fill[edge.From]++] = edge.To;

        partOf = new int[tasks];
        Array.Fill(partOf, -1);
        var number = new int[tasks];
        var low = new int[tasks];
        var at = new int[tasks];
        var counter = 0;
        var part = 0;
        var pending = new Stack<int>();
        var open = new Stack<int>();
        var parts = new HashSet<int>();
        for (var start = 0; start < tasks; start++)
        {
            if (number[start] != 0) continue;
            open.Push(start);
            while (open.TryPeek(out var task))
            {
                if (number[task] == 0)
                {
                    number[task] = low[task] = ++counter;
                    at[task] = first[task];
                    pending.Push(task);
                }

                if (at[task] < first[task + 1])
                {
                    var to = next[at[task]++];
                    if (number[to] == 0) open.Push(to);
                    else if (partOf[to] < 0) low[task] = Math.Min(low[task], number[to]);
                    continue;
                }

                open.Pop();
                if (open.TryPeek(out var before)) low[before] = Math.Min(low[before], low[task]);
                if (low[task] != number[task]) continue;
                var size = 0;
                int member;
                do
                {
                    member = pending.Pop();
                    partOf[member] = part;
                    size++;
                }
                while (member != task);
                if (size > 1) parts.Add(part);
                part++;
            }
        }

        return parts;
    }
}
