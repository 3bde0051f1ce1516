using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Graphs;

namespace Slaps.Core.Tests.Plans.Graphs;

public sealed class CycleBreaksTests
{
    [Fact]
    public void One_cut_that_is_in_two_cycles_goes_before_two_that_are_less_sure()
    {
        // a → b → c → a and a → b → d → a: only a → b is in both.
        var knot = Assert.Single(Suggest(Edge("a", "b", 1), Edge("b", "c", 0.7), Edge("c", "a", 0.7), Edge("b", "d", 0.7), Edge("d", "a", 0.7)));

        Assert.Equal(["a → b"], Shown(knot));
        Assert.Equal(["a", "b", "c", "a"], knot.Cycle.Select(id => id.Value));
        Assert.True(knot.IsFewest);
    }

    [Fact]
    public void Of_equally_many_the_least_sure_are_cut()
    {
        var knot = Assert.Single(Suggest(Edge("a", "b", 0.9), Edge("b", "c", 0.75), Edge("c", "a", 0.8)));

        Assert.Equal(["b → c"], Shown(knot));
        Assert.Equal(1, knot.Cuts[0].Index);
    }

    [Fact]
    public void A_dependency_said_twice_takes_two_cuts()
    {
        var knot = Assert.Single(Suggest(Edge("a", "b", 0.7), Edge("a", "b", 0.7) with { Type = DependencyType.Knowledge }, Edge("b", "a", 1)));

        Assert.Equal(["b → a"], Shown(knot));
    }

    [Fact]
    public void Each_knot_has_its_own_cuts_and_what_does_not_order_work_is_none()
    {
        var knots = Suggest(
            Edge("a", "b", 1), Edge("b", "a", 0.7), Edge("c", "d", 0.7), Edge("d", "c", 1), Edge("b", "c", 0.1),
            Edge("c", "a", 0.1) with { IsHard = false }, Edge("d", "a", 0.1) with { Type = DependencyType.MutualExclusion }, Edge("e", "e", 1), Edge("e", "nobody", 1));

        Assert.Equal([["b → a"], ["c → d"]], knots.Select(Shown));
    }

    [Fact]
    public void Random_knots_are_untied_by_the_fewest_and_of_those_the_least_sure()
    {
        for (var seed = 0; seed < 120; seed++)
        {
            var random = new Random(seed);
            var count = random.Next(2, 6);
            var edges = Enumerable.Range(0, random.Next(2, 10))
                .Select(_ => Edge($"t{random.Next(count)}", $"t{random.Next(count)}", random.Next(0, 11) / 10.0)).Where(edge => edge.From != edge.To).ToArray();

            var cuts = Suggest(edges).SelectMany(knot => knot.Cuts).Select(cut => cut.Index).ToHashSet();

            Assert.True(Untied(edges, cuts), $"seed {seed}");
            Assert.True(Best(edges) == (cuts.Count, Math.Round(cuts.Sum(i => edges[i].Confidence), 6)), $"seed {seed}: {cuts.Count} cuts");
        }
    }

    [Fact]
    public void A_large_knot_is_untied_and_no_cut_is_needless()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var edges = Enumerable.Range(0, 150).Select(_ => Edge($"t{random.Next(60)}", $"t{random.Next(60)}", random.Next(0, 11) / 10.0)).Where(edge => edge.From != edge.To).ToArray();

            var knots = Suggest(edges);

            Assert.Contains(knots, knot => !knot.IsFewest);
            var cuts = knots.SelectMany(knot => knot.Cuts).Select(cut => cut.Index).ToHashSet();
            Assert.True(Untied(edges, cuts), $"seed {seed}");
            foreach (var cut in cuts) Assert.False(Untied(edges, [.. cuts.Where(other => other != cut)]), $"seed {seed}: {cut} could stay");
        }
    }

    [Fact]
    public void A_circle_of_a_hundred_thousand_tasks_and_fifty_thousand_circles_of_two_are_untied()
    {
        const int Count = 100_000;

        var one = Assert.Single(Suggest([.. Enumerable.Range(0, Count).Select(i => Edge($"t{i}", $"t{(i + 1) % Count}", i == 77_777 ? 0.7 : 1))]));
        var pairs = Suggest([.. Enumerable.Range(0, Count).Select(i => Edge($"t{i}", $"t{i ^ 1}", i % 2 == 0 ? 0.7 : 1))]);

        Assert.Single(one.Cuts);
        Assert.Equal(Count / 2, pairs.Count);
        Assert.All(pairs, pair => Assert.Equal(0.7, Assert.Single(pair.Cuts).Dependency.Confidence));
    }

    [Fact]
    public void The_finding_says_what_to_cut()
    {
        var diagnostics = new DiagnosticBag();
        PlanTask[] tasks = [new() { Id = new("a") }, new() { Id = new("b") }];

        Assert.Null(Plan.Build(new PlanDraft { Tasks = tasks, Dependencies = [Edge("a", "b", 1), Edge("b", "a", 0.8)] }, diagnostics));

        var finding = diagnostics.Items.Single(item => item.Code == "PLAN052");
        Assert.Equal("Remove b → a (technical, confidence 0.8), or mark it soft: no fewer dependencies untie these tasks, and none less sure.", finding.Hint);
    }

    private static Dependency Edge(string from, string to, double confidence) => new(new(from), new(to), Confidence: confidence);

    private static IReadOnlyList<Knot> Suggest(params Dependency[] edges) => CycleBreaks.Suggest(
        [.. edges.SelectMany(edge => new[] { edge.From, edge.To }).Where(id => id.Value != "nobody").Distinct().Select(id => new PlanTask { Id = id })], edges);

    private static IEnumerable<string> Shown(Knot knot) => knot.Cuts.Select(cut => $"{cut.Dependency.From} → {cut.Dependency.To}");

    private static bool Untied(Dependency[] edges, HashSet<int> cuts)
    {
        var names = edges.SelectMany(edge => new[] { edge.From, edge.To }).Distinct().ToList();
        return !TaskGraph.Of(names.Count, edges.Where((_, i) => !cuts.Contains(i)).Select(edge => (names.IndexOf(edge.From), names.IndexOf(edge.To)))).HasCycle;
    }

    private static (int Count, double Confidence) Best(Dependency[] edges) => Enumerable.Range(0, 1 << edges.Length)
        .Select(set => Enumerable.Range(0, edges.Length).Where(i => (set >> i & 1) != 0).ToHashSet())
        .Where(cuts => Untied(edges, cuts))
        .Select(cuts => (cuts.Count, Math.Round(cuts.Sum(i => edges[i].Confidence), 6))).Min();
}
