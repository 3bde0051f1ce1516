using Slaps.Core.Plans;
using Slaps.Core.Plans.Graphs;

namespace Slaps.Core.Tests.Plans.Graphs;

public sealed class TransitiveReductionTests
{
    [Fact]
    public void An_edge_that_another_way_replaces_is_redundant_and_the_others_keep_their_order()
    {
        var reduction = TransitiveReduction.Of(TaskGraph.Of(4, [(0, 3), (0, 1), (1, 2), (0, 2), (2, 3), (1, 3)]));

        Assert.Equal([(0, 3), (0, 2), (1, 3)], reduction.Redundant);
        Assert.Equal([(0, 1), (1, 2), (2, 3)], reduction.Graph.Edges());
    }

    [Fact]
    public void Random_graphs_keep_exactly_the_edges_that_no_other_way_replaces()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var graph = RandomGraphs.Acyclic(seed);
            var reach = RandomGraphs.Reach(graph);

            var reduction = TransitiveReduction.Of(graph);

            var needed = graph.Edges().Where(edge => !Enumerable.Range(0, graph.Count).Any(via => reach[edge.From, via] && reach[via, edge.To]));
            Assert.True(needed.SequenceEqual(reduction.Graph.Edges()), $"seed {seed}");
            Assert.True(graph.EdgeCount == reduction.Graph.EdgeCount + reduction.Redundant.Count, $"seed {seed}");
        }
    }

    [Fact]
    public void Blocks_of_columns_meet_without_a_gap()
    {
        // 1,500 tasks in a row with every edge two and three ahead: three blocks of columns, and all but the row itself is redundant.
        const int Count = 1_500;
        var edges = Enumerable.Range(0, Count).SelectMany(i => new[] { (i, i + 3), (i, i + 2), (i, i + 1) }).Where(edge => edge.Item2 < Count);

        var reduction = TransitiveReduction.Of(TaskGraph.Of(Count, edges));

        Assert.Equal(Enumerable.Range(0, Count - 1).Select(i => (i, i + 1)), reduction.Graph.Edges());
    }

    [Fact]
    public void A_graph_without_redundant_edges_stays_as_it_is()
    {
        var graph = TaskGraph.Of(3, [(0, 2), (1, 2)]);

        Assert.Same(graph, TransitiveReduction.Of(graph).Graph);
        Assert.Empty(TransitiveReduction.Of(TaskGraph.Of(0, [])).Redundant);
    }

    [Fact]
    public void A_graph_with_a_cycle_is_refused() => Assert.Throws<ArgumentException>(() => TransitiveReduction.Of(TaskGraph.Of(2, [(0, 1), (1, 0)])));
}
