using Slaps.Core.Plans;

namespace Slaps.Core.Tests.Plans.Graphs;

/// <summary>Small graphs by seed, and what a definition says about them when it is tried word by word.</summary>
internal static class RandomGraphs
{
    /// <summary>An acyclic graph of up to <paramref name="most"/> tasks, whose file order is not its topological order.</summary>
    public static TaskGraph Acyclic(int seed, int most = 12)
    {
        var random = new Random(seed);
        var count = random.Next(1, most + 1);
        var density = random.NextDouble();
        var names = Enumerable.Range(0, count).ToArray();
        random.Shuffle(names);
        var edges =
            from i in Enumerable.Range(0, count)
            from j in Enumerable.Range(i + 1, count - i - 1)
            where random.NextDouble() < density
            select (names[i], names[j]);
        return TaskGraph.Of(count, [.. edges]);
    }

    /// <summary>Which task leads to which, by one edge or more (Warshall, 1962).</summary>
    public static bool[,] Reach(TaskGraph graph)
    {
        var reach = new bool[graph.Count, graph.Count];
        foreach (var (from, to) in graph.Edges()) reach[from, to] = true;
        for (var k = 0; k < graph.Count; k++)
            for (var i = 0; i < graph.Count; i++)
                for (var j = 0; j < graph.Count; j++)
                    reach[i, j] |= reach[i, k] && reach[k, j];
        return reach;
    }

    /// <summary>A layered graph, as large plans are: each task waits for some tasks of the layers before.</summary>
    public static TaskGraph Layered(int seed, int count, int edges)
    {
        var random = new Random(seed);
        return TaskGraph.Of(count, Enumerable.Range(0, edges).Select(_ =>
        {
            var to = random.Next(1, count);
            return (Math.Max(0, to - 1 - random.Next(Math.Max(1, count / 20))), to);
        }));
    }
}
