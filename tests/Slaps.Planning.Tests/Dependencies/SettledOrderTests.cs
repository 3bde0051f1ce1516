using System.Globalization;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Tests.Dependencies;

public sealed class SettledOrderTests
{
    [Fact]
    public void A_contradiction_is_shown_with_both_sentences_and_the_weaker_one_gives_way()
    {
        var order = An.Order(An.Item("T001 Cut", "Do this after T002."), An.Item("T002 Fold", "It depends on T001."));

        Assert.Equal(["T1>T2"], order.Hard);
        Assert.Equal(["T2>T1"], order.Soft);
        var finding = Assert.Single(order.Diagnostics.Items);
        Assert.Equal(("DEP001", Severity.Warning, 2), (finding.Code, finding.Severity, finding.Line));
        Assert.Contains("SPEC.md#L2 says 'Do this after T002.', and SPEC.md#L4 says 'It depends on T001.'", finding.Message);
        Assert.Contains("T2 before T1", finding.Hint);
        Assert.Single(order.Result.Decisions);
    }

    [Fact]
    public void What_is_inferred_against_the_text_gives_way_without_a_finding()
    {
        var order = An.Order(
            An.Item("T001 Cut", "It depends on T002.") with { Step = new("list", 1) },
            An.Item("T002 Fold") with { Step = new("list", 2) });

        Assert.Equal(["T2>T1"], order.Hard);
        Assert.Empty(order.Diagnostics.Items);
    }

    [Fact]
    public void Inferred_edges_that_say_nothing_new_go_and_stated_ones_stay()
    {
        var order = An.Order(
            An.Item("T001 Create a.ts") with { Produces = ["src/a.ts"], Step = new("list", 1) },
            An.Item("T002 Fold") with { Step = new("list", 2) },
            An.Item("T003 Use a.ts", "Depends on T002.") with { Uses = ["src/a.ts"], Step = new("list", 3) },
            An.Item("T004 Ship", "Depends on T001 and T003."));

        Assert.Equal(["T1>T2", "T2>T3", "T1>T4", "T3>T4"], order.Hard);
    }

    [Fact]
    public void Five_thousand_tasks_that_all_speak_of_each_other_are_ordered_without_a_circle()
    {
        var items = Enumerable.Range(1, 5_000).Select(i => An.Item(
            string.Create(CultureInfo.InvariantCulture, $"T{i:0000} Write part {i}"),
            string.Create(CultureInfo.InvariantCulture, $"Depends on T{(i * 7919 % 5_000) + 1:0000}. Uses the parser of src/part{i % 50}.ts.")) with
        {
            Paths = [$"src/part{i % 50}.ts"],
            Feature = i % 25,
            Layer = (WorkLayer)(i % 6),
            HeadingPath = [$"Part {i % 25}"],
            Phase = new("plan", 1 + (i * 3 / 5_001), "Phase"),
        }).ToArray();

        var order = An.Order(items);

        var places = items.Select((_, i) => new TaskId($"T{i + 1}")).Index().ToDictionary(p => p.Item, p => p.Index);
        var graph = TaskGraph.Of(items.Length, order.Result.Dependencies.Where(d => d.OrdersWorkAt(0.7)).Select(d => (places[d.From], places[d.To])));
        Assert.False(graph.HasCycle);
        Assert.True(graph.EdgeCount > 4_000);
        Assert.Contains(order.Diagnostics.Items, d => d.Code == "DEP001");
    }

    [Fact]
    public void The_same_items_give_the_same_dependencies()
    {
        WorkItem[] items = [An.Item("T001 Cut", "After T003."), An.Item("T002 Fold", "Depends on T001."), An.Item("T003 Glue", "Requires T002.") with { Paths = ["a/b.ts"] }, An.Item("T004 Cut") with { Paths = ["a/b.ts"] }];

        Assert.Equal(Text(An.Order(items)), Text(An.Order(items)));

        static string Text(Discovered order) => string.Join('\n', order.Result.Dependencies.Select(d => $"{d.From} {d.To} {d.Type} {d.IsHard} {d.Confidence} {d.Reason} {string.Join('|', d.Evidence)}"));
    }
}
