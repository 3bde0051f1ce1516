using Slaps.Core.Plans;

namespace Slaps.Core.Tests.Plans;

public sealed class TaskGraphTests
{
    [Fact]
    public void Every_task_comes_after_its_predecessors_and_ties_keep_the_files_order()
    {
        var graph = TaskGraph.Of(5, [(3, 0), (0, 1), (3, 1), (4, 2)]);

        Assert.Equal([3, 4, 0, 2, 1], graph.TopologicalOrder());
        Assert.Equal([0, 1], graph.SuccessorsOf(3).ToArray());
        Assert.Equal([0, 3], graph.PredecessorsOf(1).ToArray());
    }

    [Fact]
    public void An_edge_given_twice_counts_once() => Assert.Equal(1, TaskGraph.Of(2, [(0, 1), (0, 1)]).EdgeCount);

    [Fact]
    public void A_graph_that_is_extended_is_the_one_of_all_edges_in_that_order()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var dice = new Random(seed);
            var (before, after) = (dice.Next(0, 8), dice.Next(8, 12));
            var edges = Enumerable.Range(0, before == 0 ? 0 : dice.Next(15)).Select(_ => (dice.Next(before), dice.Next(before))).ToArray();
            var more = Enumerable.Range(0, dice.Next(15)).Select(_ => (dice.Next(after), dice.Next(after))).ToArray();

            var extended = TaskGraph.Of(before, edges).With(after, more);

            var whole = TaskGraph.Of(after, [.. edges, .. more]);
            Assert.Equal((whole.Count, whole.EdgeCount), (extended.Count, extended.EdgeCount));
            for (var task = 0; task < after; task++)
            {
                Assert.True(whole.SuccessorsOf(task).SequenceEqual(extended.SuccessorsOf(task)), $"seed {seed}: other successors of {task}");
                Assert.True(whole.PredecessorsOf(task).SequenceEqual(extended.PredecessorsOf(task)), $"seed {seed}: other predecessors of {task}");
            }
        }
    }

    [Fact]
    public void A_graph_without_tasks_has_an_empty_order() => Assert.Empty(TaskGraph.Of(0, []).TopologicalOrder());

    [Fact]
    public void The_shortest_cycle_through_the_first_task_of_a_knot_is_shown()
    {
        var graph = TaskGraph.Of(6, [(0, 1), (1, 2), (2, 3), (3, 1), (2, 1), (4, 5), (5, 4)]);

        Assert.Equal([1, 2, 1], graph.FindCycle());
        Assert.Equal([[1, 2, 1], [4, 5, 4]], graph.FindCycles());
        Assert.Equal([0], graph.TopologicalOrder());
    }

    [Fact]
    public void A_task_that_waits_for_itself_is_a_cycle_of_one() => Assert.Equal([1, 1], TaskGraph.Of(2, [(0, 1), (1, 1)]).FindCycle());

    [Fact]
    public void Without_a_cycle_there_is_none() => Assert.Null(TaskGraph.Of(3, [(0, 1), (1, 2), (0, 2)]).FindCycle());

    [Fact]
    public void A_cycle_of_two_hundred_thousand_tasks_needs_no_stack()
    {
        const int Count = 200_000;

        Assert.Equal(Count + 1, TaskGraph.Of(Count, Enumerable.Range(0, Count).Select(i => (i, (i + 1) % Count))).FindCycle()!.Count);
    }

    [Fact]
    public void The_rank_of_a_task_is_the_longest_way_to_the_end()
    {
        // 0 → 1 → 3 takes 10 + 1 + 5, 0 → 2 → 3 takes 10 + 20 + 5; 4 stands alone.
        var graph = TaskGraph.Of(5, [(0, 1), (0, 2), (1, 3), (2, 3)]);

        Assert.Equal([35, 6, 25, 5, 7], graph.LongestToEnd([10, 1, 20, 5, 7]));
    }

    [Fact]
    public void Random_graphs_agree_with_the_definition()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var count = random.Next(1, 12);
            var edges = Enumerable.Range(0, random.Next(0, 18)).Select(_ => (random.Next(count), random.Next(count))).ToArray();
            var graph = TaskGraph.Of(count, edges);
            var reach = Reachable(count, edges);

            var knots = Enumerable.Range(0, count).Where(i => reach[i, i]).ToList();
            var cycles = graph.FindCycles();
            Assert.True((knots.Count == 0) == (cycles.Count == 0), $"seed {seed}");
            Assert.True(knots.GroupBy(i => knots.First(j => reach[i, j] && reach[j, i])).Count() == cycles.Count, $"seed {seed}: one cycle for each knot");
            foreach (var cycle in cycles)
            {
                Assert.True(cycle[0] == cycle[^1] && cycle.Zip(cycle.Skip(1)).All(edges.Contains), $"seed {seed}: a cycle follows edges");
                Assert.True(cycle.Skip(1).Distinct().Count() == cycle.Count - 1, $"seed {seed}: no task twice");
            }

            var order = graph.TopologicalOrder();
            Assert.True((order.Length == count) == (cycles.Count == 0), $"seed {seed}");
            foreach (var (from, to) in edges.Where(edge => order.Contains(edge.Item2)))
                Assert.True(Array.IndexOf(order, from) < Array.IndexOf(order, to), $"seed {seed}: {from} before {to}");
        }
    }

    private static bool[,] Reachable(int count, (int From, int To)[] edges)
    {
        var reach = new bool[count, count];
        foreach (var (from, to) in edges) reach[from, to] = true;
        for (var k = 0; k < count; k++)
            for (var i = 0; i < count; i++)
                for (var j = 0; j < count; j++)
                    reach[i, j] |= reach[i, k] && reach[k, j];
        return reach;
    }
}
