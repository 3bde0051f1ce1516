using System.Text.Json;

namespace Slaps.Planning.Tests.Imports;

/// <summary>Cycles are opened with as little loss as can be found.</summary>
public sealed class ImportedCyclesTests
{
    [Theory]

    // One dependency that lies on both cycles is enough.
    [InlineData("a>b b>c c>a b>d d>a", "b→c,c→a,b→d,d→a")]

    // Of two that would do the last in file order goes.
    [InlineData("a>b b>a", "a→b")]
    [InlineData("b>a a>b", "b→a")]

    // Two knots, each with its own.
    [InlineData("a>b b>a c>d d>c b>c", "a→b,c→d,b→c")]

    // Two cycles that share no dependency.
    [InlineData("a>b b>a b>c c>b", "a→b,b→c")]
    public void The_fewest_dependencies_are_dropped_and_of_these_the_last(string edges, string left) => Assert.Equal(left, string.Join(',', Cut(edges).Edges));

    [Fact]
    public void Of_those_that_would_do_the_least_certain_is_dropped() => Assert.Equal(["b→c", "c→a"], Cut("a>b:0.8 b>c:0.9 c>a:1").Edges);

    [Fact]
    public void A_cycle_is_named_with_its_path_and_what_was_dropped()
    {
        var finding = Cut("a>b b>c c>a").Finding("IMP025", "a → b → c → a");

        Assert.Contains("The dependency of a on c is dropped", finding.Message);
    }

    [Fact]
    public void A_task_for_which_everything_waits_and_that_waits_for_everything_is_freed()
    {
        var ids = Enumerable.Range(0, 30).Select(i => $"t{i}").ToList();
        var all = string.Join(' ', ids.SelectMany(from => ids.Where(to => to != from).Select(to => $"{from}>{to}")));

        var imported = Cut(all, ids);

        // Of each pair one can stay, and not more.
        Assert.Equal(30 * 29 / 2, imported.Draft.Dependencies.Count);
        Assert.Equal(30 * 29 / 2, imported.Findings.Count(finding => finding.Code == "IMP025"));
    }

    [Fact]
    public void A_circle_of_a_hundred_thousand_tasks_loses_one_dependency()
    {
        var tasks = string.Join(',', Enumerable.Range(0, 100_000).Select(i => $$"""{"id":"t{{i}}","duration":1,"deps":["t{{(i + 99_999) % 100_000}}"]}"""));

        var imported = Imported.File("g.json", $$"""{"tasks":[{{tasks}}]}""");

        Assert.Equal(99_999, imported.Draft.Dependencies.Count);
        imported.Finding("IMP025", "99,981 more");
    }

    private static Imported Cut(string edges, IReadOnlyList<string>? ids = null)
    {
        var dependencies = edges.Split(' ').Select(edge => edge.Split('>', ':')).Select(edge => new { from = edge[0], to = edge[1], confidence = edge.Length > 2 ? double.Parse(edge[2], System.Globalization.CultureInfo.InvariantCulture) : 1 });
        var tasks = (ids ?? ["a", "b", "c", "d"]).Select(id => new { id, duration = 1, shared_resources = new { } });
        return Imported.File("tasks.json", JsonSerializer.Serialize(new { tasks, dependencies }));
    }
}
