namespace Slaps.Core.Plans.Graphs;

/// <summary>
/// How many tasks of an acyclic graph can at most be unordered among each other. A largest such set (an antichain) has as many tasks as the
/// fewest chains that hold all tasks (Dilworth, 1950), so each of the two proves the other.
/// </summary>
public sealed class GraphWidth
{
    /// <summary>Steps of the search for a graph of more than <see cref="AlwaysExact"/> tasks: some seconds of work.</summary>
    public const long DefaultSteps = 3_000_000_000;

    /// <summary>Up to so many tasks the width is exact, however long that takes.</summary>
    public const int AlwaysExact = 20_000;

    private GraphWidth(IReadOnlyList<int> antichain, int[] next, int chains)
    {
        Antichain = antichain;
        Next = next;
        AtMost = chains;
    }

    /// <summary>Tasks of which none comes before another, in file order: as many as were found.</summary>
    public IReadOnlyList<int> Antichain { get; }

    /// <summary>For each task the next one of its chain, or -1: the chains hold every task once, and each task comes before the next.</summary>
    public IReadOnlyList<int> Next { get; }

    /// <summary>The size of <see cref="Antichain"/>: the width is not smaller.</summary>
    public int AtLeast => Antichain.Count;

    /// <summary>The number of chains: the width is not larger.</summary>
    public int AtMost { get; }

    /// <summary>Whether the two agree, and so are the width.</summary>
    public bool IsExact => AtLeast == AtMost;

    /// <summary>
    /// Finds the width. The chains come of a largest matching of tasks with later tasks (Fulkerson, 1956), found as a flow in which a way
    /// through a task stands for the transitive edges (Ntafos and Hakimi, 1979), so that nobody has to write all of those down; in phases
    /// of shortest ways (Dinitz, 1970; Hopcroft and Karp, 1973). The antichain is what the smallest cut leaves (Kőnig, 1931); of all largest
    /// ones it is the one that lies last, so that it does not depend on the search.
    /// </summary>
    /// <param name="graph">An acyclic graph; a reduced one is quicker and gives the same.</param>
    /// <param name="steps">
    /// After so many steps the search ends with what it has: the chains so far, and the largest set of tasks of one depth as antichain.
    /// Null: <see cref="DefaultSteps"/>, or as many as it takes up to <see cref="AlwaysExact"/> tasks.
    /// </param>
    /// <exception cref="ArgumentException">The graph has a cycle.</exception>
    public static GraphWidth Of(TaskGraph graph, long? steps = null)
    {
        var order = graph.TopologicalOrder();
        if (order.Length != graph.Count) throw new ArgumentException("Tasks that wait for each other have no width.", nameof(graph));

        var flow = new Flow(graph);
        flow.MatchNeighbours(order);
        var isLargest = flow.Augment(steps ?? (graph.Count <= AlwaysExact ? long.MaxValue : DefaultSteps));
        return new GraphWidth(isLargest ? flow.Uncut() : LargestLevel(graph), flow.Matches(order), graph.Count - flow.Value);
    }

    /// <summary>The tasks of the depth that has most of them, counted from the start or from the end, whichever finds more.</summary>
    private static int[] LargestLevel(TaskGraph graph)
    {
        var backward = TaskGraph.Of(graph.Count, graph.Edges().Select(edge => (edge.To, edge.From)));
        var fromStart = LargestGroup(graph.Depths());
        var fromEnd = LargestGroup(backward.Depths());
        return fromEnd.Length > fromStart.Length ? fromEnd : fromStart;
    }

    private static int[] LargestGroup(int[] depths)
    {
        if (depths.Length == 0) return [];
        var counts = new int[depths.Max() + 1];
        foreach (var depth in depths) counts[depth]++;
        var largest = Array.IndexOf(counts, counts.Max());
        return [.. Enumerable.Range(0, depths.Length).Where(task => depths[task] == largest)];
    }

    /// <summary>
    /// The network: source → out(i) (1) for a task that gets a successor in its chain, out(i) → in(j) (no limit) for each edge, in(j) → sink
    /// (1) for a task that gets a predecessor, and in(i) → out(i) (no limit) for the way through a task. out(i) is node i, in(i) is Count + i.
    /// </summary>
    private sealed class Flow
    {
        private readonly int _count;
        private readonly int[] _first;
        private readonly int[] _tos;
        private readonly int[] _flows;
        private readonly int[] _firstBefore;
        private readonly int[] _before;
        private readonly int[] _froms;
        private readonly int[] _through;
        private readonly bool[] _leaves;
        private readonly bool[] _enters;
        private readonly int[] _distances;
        private readonly int[] _queue;
        private readonly int[] _arcs;
        private readonly int[] _path;

        public Flow(TaskGraph graph)
        {
            _count = graph.Count;
            _first = new int[_count + 1];
            _firstBefore = new int[_count + 1];
            for (var task = 0; task < _count; task++)
            {
                _first[task + 1] = _first[task] + graph.SuccessorsOf(task).Length;
                _firstBefore[task + 1] = _firstBefore[task] + graph.PredecessorsOf(task).Length;
            }

            _tos = new int[graph.EdgeCount];
            _froms = new int[graph.EdgeCount];
            _flows = new int[graph.EdgeCount];
            _before = new int[graph.EdgeCount];
            var next = _firstBefore.AsSpan(..^1).ToArray();
            for (var task = 0; task < _count; task++)
            {
                var edge = _first[task];
                foreach (var successor in graph.SuccessorsOf(task))
                {
                    _froms[edge] = task;
                    _tos[edge] = successor;
                    _before[next[successor]++] = edge++;
                }
            }

            _through = new int[_count];
            _leaves = new bool[_count];
            _enters = new bool[_count];
            _distances = new int[2 * _count];
            _queue = new int[2 * _count];
            _arcs = new int[2 * _count];
            _path = new int[2 * _count];
        }

        public int Value { get; private set; }

        /// <summary>A good start: each task goes on to its first successor that is still free.</summary>
        public void MatchNeighbours(int[] order)
        {
            foreach (var task in order)
            {
                for (var edge = _first[task]; edge < _first[task + 1]; edge++)
                {
                    if (_enters[_tos[edge]]) continue;
                    _leaves[task] = _enters[_tos[edge]] = true;
                    _flows[edge] = 1;
                    Value++;
                    break;
                }
            }
        }

        /// <summary>Whether the flow became the largest one before the steps were used up.</summary>
        public bool Augment(long steps)
        {
            while (true)
            {
                var nearest = Measure(ref steps);
                if (nearest < 0) return true;
                Array.Clear(_arcs);
                for (var task = 0; task < _count; task++)
                {
                    if (!_leaves[task]) Push(task, nearest, ref steps);
                }

                if (steps < 0) return false;
            }
        }

        // Breadth first from the source over what has room left: the distance of the sink's nearest door, or -1 when none is reached.
        private int Measure(ref long steps)
        {
            Array.Fill(_distances, -1);
            var found = 0;
            for (var task = 0; task < _count; task++)
            {
                if (!_leaves[task]) Reach(task, 0, ref found);
            }

            var nearest = -1;
            for (var next = 0; next < found; next++)
            {
                var node = _queue[next];
                var distance = _distances[node] + 1;
                if (nearest >= 0 && distance > nearest) break;
                if (node < _count)
                {
                    for (var edge = _first[node]; edge < _first[node + 1]; edge++) Reach(_count + _tos[edge], distance, ref found);
                    if (_through[node] > 0) Reach(_count + node, distance, ref found);
                    steps -= _first[node + 1] - _first[node];
                    continue;
                }

                var task = node - _count;
                if (!_enters[task] && nearest < 0) nearest = distance - 1;
                Reach(task, distance, ref found);
                for (var place = _firstBefore[task]; place < _firstBefore[task + 1]; place++)
                {
                    if (_flows[_before[place]] > 0) Reach(_froms[_before[place]], distance, ref found);
                }

                steps -= _firstBefore[task + 1] - _firstBefore[task];
            }

            return nearest;
        }

        private void Reach(int node, int distance, ref int found)
        {
            if (_distances[node] >= 0) return;
            _distances[node] = distance;
            _queue[found++] = node;
        }

        // Depth first along growing distances; an arc that led nowhere is not tried again in this phase.
        private void Push(int start, int nearest, ref long steps)
        {
            var depth = 0;
            _path[0] = start;
            while (depth >= 0)
            {
                var node = _path[depth];
                steps--;
                if (!TryArc(node, nearest, out var next))
                {
                    if (next < 0) depth--;
                    if (next < 0 && depth >= 0) _arcs[_path[depth]]++;
                    continue;
                }

                if (next < 0)
                {
                    for (var i = 0; i <= depth; i++) Use(_path[i]);
                    _leaves[start] = true;
                    Value++;
                    return;
                }

                _path[++depth] = next;
            }
        }

        /// <summary>Whether the node's present arc leads on: to <paramref name="next"/>, or to the sink (-1). Otherwise the next arc is present (0), or there is none left (-1).</summary>
        private bool TryArc(int node, int nearest, out int next)
        {
            var arc = _arcs[node];
            bool open;
            if (node < _count)
            {
                var edges = _first[node + 1] - _first[node];
                if (arc > edges)
                {
                    next = -1;
                    return false;
                }

                next = arc < edges ? _count + _tos[_first[node] + arc] : _count + node;
                open = arc < edges || _through[node] > 0;
            }
            else
            {
                var task = node - _count;
                if (arc == 0 && !_enters[task] && _distances[node] == nearest)
                {
                    next = -1;
                    return true;
                }

                if (arc > _firstBefore[task + 1] - _firstBefore[task] + 1)
                {
                    next = -1;
                    return false;
                }

                var edge = arc < 2 ? -1 : _before[_firstBefore[task] + arc - 2];
                next = edge < 0 ? task : _froms[edge];
                open = arc == 1 || (edge >= 0 && _flows[edge] > 0);
            }

            if (open && _distances[next] == _distances[node] + 1 && _distances[next] <= nearest) return true;
            _arcs[node]++;
            next = 0;
            return false;
        }

        private void Use(int node)
        {
            var arc = _arcs[node];
            if (node < _count)
            {
                if (arc < _first[node + 1] - _first[node]) _flows[_first[node] + arc]++;
                else _through[node]--;
                return;
            }

            var task = node - _count;
            if (arc == 0) _enters[task] = true;
            else if (arc == 1) _through[task]++;
            else _flows[_before[_firstBefore[task] + arc - 2]]--;
        }

        /// <summary>After the last phase: the tasks that the smallest cut separates neither from the source nor from the sink.</summary>
        public int[] Uncut() => [.. Enumerable.Range(0, _count).Where(task => _distances[task] >= 0 && _distances[_count + task] < 0)];

        /// <summary>Follows each unit of the flow from the task that sends it to the task that keeps it.</summary>
        public int[] Matches(int[] order)
        {
            var matches = new int[_count];
            Array.Fill(matches, -1);
            var senders = new Queue<int>[_count];
            foreach (var task in order)
            {
                var passing = senders[task] ?? new Queue<int>();
                if (_enters[task]) matches[passing.Dequeue()] = task;
                if (_leaves[task]) passing.Enqueue(task);
                for (var edge = _first[task]; edge < _first[task + 1]; edge++)
                {
                    for (var unit = 0; unit < _flows[edge]; unit++) (senders[_tos[edge]] ??= new Queue<int>()).Enqueue(passing.Dequeue());
                }
            }

            return matches;
        }
    }
}
