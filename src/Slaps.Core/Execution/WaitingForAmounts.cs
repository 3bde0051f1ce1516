namespace Slaps.Core.Execution;

/// <summary>
/// Groups that wait until enough is free of everything that comes in amounts (pools, quotas, places) at once: a k-d tree over what they need
/// (Bentley, 1975), in which each node knows the best rank below it. It finds the best group for which all amounts suffice without looking
/// at those for which one of them does not.
/// </summary>
/// <remarks>
/// A queue for each resource was tried first. With two scarce quotas and tasks that all need different amounts, groups wandered between the
/// two queues at every release: 100 microseconds an event at 60,000 tasks, and growing with the plan.
/// </remarks>
internal sealed class WaitingForAmounts
{
    private const long Nobody = long.MaxValue;
    private const int LeafSize = 8;

    private readonly int _dimensions;
    private readonly long[] _needs;
    private readonly int[] _order;
    private readonly int[] _leafOf;
    private readonly long[] _rank;
    private readonly List<Node> _nodes = [];

    /// <summary>Nobody waits yet.</summary>
    /// <param name="groups">How many groups there are.</param>
    /// <param name="dimensions">How many resources come in amounts.</param>
    /// <param name="needs">What each group needs of each of them: group by group.</param>
    public WaitingForAmounts(int groups, int dimensions, long[] needs)
    {
        (_dimensions, _needs) = (dimensions, needs);
        _order = [.. Enumerable.Range(0, groups)];
        _leafOf = new int[groups];
        _rank = new long[groups];
        Array.Fill(_rank, Nobody);
        if (groups > 0) Build(0, groups, parent: -1);
    }

    /// <summary>The group waits, and this is the rank of its best task now.</summary>
    public void Add(int group, long rank) => Set(group, rank);

    /// <summary>The group does not wait here any more.</summary>
    public void Remove(int group) => Set(group, Nobody);

    /// <summary>The best group for which <paramref name="free"/> is enough, or -1.</summary>
    public int Best(ReadOnlySpan<long> free)
    {
        var (best, rank) = (-1, Nobody);
        if (_nodes.Count > 0) Visit(0, free, ref best, ref rank);
        return best;
    }

    private void Visit(int index, ReadOnlySpan<long> free, ref int best, ref long rank)
    {
        var node = _nodes[index];
        if (node.Best >= rank) return;
        for (var d = 0; d < _dimensions; d++)
        {
            if (node.Least[d] > free[d]) return;
        }

        if (node.IsLeaf)
        {
            for (var i = node.From; i < node.To; i++)
            {
                var group = _order[i];
                if (_rank[group] < rank && IsEnough(group, free)) (best, rank) = (group, _rank[group]);
            }

            return;
        }

        // The better half first: what it finds often spares us the other.
        var leftFirst = _nodes[node.Left].Best <= _nodes[node.Right].Best;
        Visit(leftFirst ? node.Left : node.Right, free, ref best, ref rank);
        Visit(leftFirst ? node.Right : node.Left, free, ref best, ref rank);
    }

    private bool IsEnough(int group, ReadOnlySpan<long> free)
    {
        for (var d = 0; d < _dimensions; d++)
        {
            if (NeedOf(group, d) > free[d]) return false;
        }

        return true;
    }

    private void Set(int group, long rank)
    {
        if (_rank[group] == rank) return;
        _rank[group] = rank;
        for (var index = _leafOf[group]; index >= 0; index = _nodes[index].Parent)
        {
            var node = _nodes[index];
            var best = node.IsLeaf ? BestOf(node) : Math.Min(_nodes[node.Left].Best, _nodes[node.Right].Best);
            if (best == node.Best) return;
            node.Best = best;
        }
    }

    private long BestOf(Node leaf)
    {
        var best = Nobody;
        for (var i = leaf.From; i < leaf.To; i++) best = Math.Min(best, _rank[_order[i]]);
        return best;
    }

    private int Build(int from, int to, int parent)
    {
        var node = new Node(from, to, parent, new long[_dimensions]);
        var index = _nodes.Count;
        _nodes.Add(node);
        var (widest, spread) = (0, 0L);
        for (var d = 0; d < _dimensions; d++)
        {
            var (least, most) = (long.MaxValue, long.MinValue);
            for (var i = from; i < to; i++)
            {
                var need = NeedOf(_order[i], d);
                (least, most) = (Math.Min(least, need), Math.Max(most, need));
            }

            node.Least[d] = least;
            if (most - least > spread) (widest, spread) = (d, most - least);
        }

        if (to - from <= LeafSize)
        {
            for (var i = from; i < to; i++) _leafOf[_order[i]] = index;
            return index;
        }

        if (spread > 0) _order.AsSpan(from, to - from).Sort((a, b) => NeedOf(a, widest).CompareTo(NeedOf(b, widest)));
        var middle = from + ((to - from) / 2);
        node.Left = Build(from, middle, index);
        node.Right = Build(middle, to, index);
        return index;
    }

    private long NeedOf(int group, int dimension) => _needs[(group * _dimensions) + dimension];

    private sealed class Node(int from, int to, int parent, long[] least)
    {
        public int From { get; } = from;

        public int To { get; } = to;

        public int Parent { get; } = parent;

        /// <summary>The least that any group below needs, of each resource.</summary>
        public long[] Least { get; } = least;

        public int Left { get; set; } = -1;

        public int Right { get; set; } = -1;

        public long Best { get; set; } = Nobody;

        public bool IsLeaf => Left < 0;
    }
}
