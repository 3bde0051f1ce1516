using Slaps.Core.Plans;

namespace Slaps.Bench.Graphs;

/// <summary>Graphs by seed, of the sizes that a plan may have.</summary>
internal static class MadeGraphs
{
    public static IReadOnlyList<(string Name, Func<TaskGraph> Make)> All { get; } =
    [
        ("made: 5,000 tasks, any earlier task", () => Random(5_000, 25_000, reach: 5_000)),
        ("made: 20,000 tasks, any earlier task", () => Random(20_000, 100_000, reach: 20_000)),
        ("made: 100,000 tasks, any earlier task", () => Random(100_000, 500_000, reach: 100_000)),
        ("made: 100,000 tasks, one of 1,000 before", () => Random(100_000, 500_000, reach: 1_000)),
        ("made: 100,000 tasks, one of 20 before", () => Random(100_000, 500_000, reach: 20)),
        ("made: 100,000 tasks in layers of 100", () => Layers(1_000, 100)),
        ("made: 100,000 tasks in a row", () => TaskGraph.Of(100_000, Enumerable.Range(0, 99_999).Select(i => (i, i + 1)))),
        ("made: 5,000 tasks, every second pair ordered", () => Random(5_000, 6_000_000, reach: 5_000)),
    ];

    private static TaskGraph Random(int count, int edges, int reach)
    {
        var random = new Random(count + reach);
        return TaskGraph.Of(count, Enumerable.Range(0, edges).Select(_ =>
        {
            var to = random.Next(1, count);
            return (to - 1 - random.Next(Math.Min(to, reach)), to);
        }));
    }

    private static TaskGraph Layers(int layers, int width)
    {
        var random = new Random(layers);
        return TaskGraph.Of(layers * width, Enumerable.Range(width, (layers - 1) * width).SelectMany(to =>
            Enumerable.Range(0, 5).Select(_ => (((to / width) - 1) * width + random.Next(width), to))));
    }
}
