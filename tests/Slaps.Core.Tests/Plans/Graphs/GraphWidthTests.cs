using System.Numerics;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Graphs;

namespace Slaps.Core.Tests.Plans.Graphs;

public sealed class GraphWidthTests
{
    [Fact]
    public void Tasks_of_different_depths_can_be_the_largest_set()
    {
        // Depths hold 2, 1 and 1 tasks, but 1, 2 and 3 are unordered: levels alone would say 2.
        var width = GraphWidth.Of(TaskGraph.Of(5, [(0, 1), (0, 2), (4, 3), (0, 4)]));

        Assert.Equal([1, 2, 3], width.Antichain);
        Assert.True(width.IsExact);
    }

    [Fact]
    public void Random_graphs_have_the_width_that_trying_every_set_finds_and_as_many_chains()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var graph = RandomGraphs.Acyclic(seed);
            var reach = RandomGraphs.Reach(graph);

            var width = GraphWidth.Of(graph);

            Assert.True(width.IsExact, $"seed {seed}");
            Assert.True(WidestSet(reach) == width.AtLeast, $"seed {seed}");
            Certify(graph, width, $"seed {seed}");
            Assert.True(width.Antichain.SequenceEqual(GraphWidth.Of(TransitiveReduction.Of(graph).Graph).Antichain), $"seed {seed}: reduction changes nothing");
        }
    }

    [Theory]
    [InlineData(1, 300, 500)]
    [InlineData(2, 1_000, 1_500)]
    [InlineData(3, 1_000, 9_000)]
    [InlineData(4, 5_000, 12_000)]
    public void Larger_graphs_prove_their_width_by_as_many_chains_as_the_antichain_has_tasks(int seed, int count, int edges)
    {
        var graph = RandomGraphs.Layered(seed, count, edges);

        var width = GraphWidth.Of(graph);

        Assert.True(width.IsExact);
        Certify(graph, width, $"seed {seed}");
    }

    [Fact]
    public void A_search_that_may_not_take_long_gives_a_bound_on_either_side()
    {
        var graph = RandomGraphs.Layered(5, 1_000, 1_500);
        var exact = GraphWidth.Of(graph);

        var width = GraphWidth.Of(graph, steps: 1);

        Assert.False(width.IsExact);
        Assert.InRange(exact.AtLeast, width.AtLeast, width.AtMost);
        Certify(graph, width, "bounds");
    }

    [Fact]
    public void A_row_of_two_hundred_thousand_tasks_has_the_width_one_and_needs_no_stack()
    {
        const int Count = 200_000;

        Assert.Equal(1, GraphWidth.Of(TaskGraph.Of(Count, Enumerable.Range(0, Count - 1).Select(i => (i, i + 1)))).AtMost);
    }

    [Fact]
    public void Without_tasks_the_width_is_none() => Assert.Equal((0, 0), (GraphWidth.Of(TaskGraph.Of(0, [])).AtLeast, GraphWidth.Of(TaskGraph.Of(0, [])).AtMost));

    [Fact]
    public void A_graph_with_a_cycle_is_refused() => Assert.Throws<ArgumentException>(() => GraphWidth.Of(TaskGraph.Of(2, [(0, 1), (1, 0)])));

    /// <summary>No member of the antichain comes before another; the chains hold every task once, and each follows the order.</summary>
    private static void Certify(TaskGraph graph, GraphWidth width, string about)
    {
        Assert.Equal(width.Antichain.Order(), width.Antichain);
        var members = width.Antichain.ToHashSet();
        var behind = new bool[graph.Count];
        foreach (var task in graph.TopologicalOrder())
        {
            Assert.False(behind[task] && members.Contains(task), $"{about}: {task} comes after another member");
            foreach (var successor in graph.SuccessorsOf(task)) behind[successor] |= behind[task] || members.Contains(task);
        }

        var next = width.Next.Where(task => task >= 0).ToList();
        Assert.True(next.Distinct().Count() == next.Count, $"{about}: no task is in two chains");
        Assert.Equal(width.AtMost, graph.Count - next.Count);
        for (var task = 0; task < graph.Count; task++)
            Assert.True(width.Next[task] < 0 || Leads(graph, task, width.Next[task]), $"{about}: {task} comes before {width.Next[task]}");
    }

    private static bool Leads(TaskGraph graph, int from, int to)
    {
        var seen = new HashSet<int> { from };
        var open = new Stack<int>([from]);
        while (open.TryPop(out var task))
        {
            foreach (var successor in graph.SuccessorsOf(task))
            {
                if (successor == to) return true;
                if (seen.Add(successor)) open.Push(successor);
            }
        }

        return false;
    }

    private static int WidestSet(bool[,] reach)
    {
        var count = reach.GetLength(0);
        var ordered = new int[count];
        for (var i = 0; i < count; i++)
            for (var j = 0; j < count; j++)
                if (reach[i, j] || reach[j, i]) ordered[i] |= 1 << j;
        var widest = 0;
        for (var set = 0; set < 1 << count; set++)
        {
            if (BitOperations.PopCount((uint)set) > widest && Enumerable.Range(0, count).All(i => (set >> i & 1) == 0 || (ordered[i] & set) == 0))
                widest = BitOperations.PopCount((uint)set);
        }

        return widest;
    }
}
