namespace Slaps.Cli.Tests;

/// <summary><c>tasks plan-diff</c>: what became of a plan, and an exit code that scripts can branch on.</summary>
public sealed class PlanDiffTests
{
    private const string Before =
        """{"title":"T","graph":{"nodes":[{"id":"a","duration":{"optimistic":1,"mostLikely":2,"pessimistic":3}},{"id":"b","run":{"argv":["true"]}},{"id":"c"}],"edges":[{"from":"a","to":"b"},{"from":"a","to":"c"}]},"policies":{"concurrency_max":2},"resources":{"pools":{"runners":2}}}""";

    private const string After =
        """{"title":"T","graph":{"nodes":[{"id":"a","duration":{"optimistic":1,"mostLikely":2,"pessimistic":3}},{"id":"b","run":{"argv":["false","\u202ex"]},"duration":{"optimistic":6,"mostLikely":6,"pessimistic":6},"resources":{"shared":{"runners":1}}},{"id":"d"}],"edges":[{"from":"a","to":"b","confidence":0.9},{"from":"a","to":"d"}]},"policies":{"concurrency_max":3},"resources":{"pools":{"runners":4}}}""";

    [Fact]
    public void What_changed_is_said_field_by_field_with_what_it_means()
    {
        using var tasks = new TasksProgram().WithPlan(Before, "old").WithPlan(After, "new");

        var output = tasks.Run(1, "plan-diff", "old", "new").Output;

        Assert.Equal(
            """
            tasks
              + d
              - c
              ~ b: duration (default) → {"mostLikely":6,"optimistic":6,"pessimistic":6}
              ~ b: resources (default) → {"shared":{"runners":1}}
              ~ b: run.argv ["true"] → ["false","�x"]
            dependencies
              + a → d technical
              - a → c technical
              ~ a → b technical: confidence (default) → 0.9
            policies
              ~ policies.concurrency_max 2 → 3
            resources
              ~ resources.pools.runners 2 → 4
            what it means
              The same tasks are the critical path, but they take 8 h instead of 3 h.
              No execution is shorter than 8 h (the critical path); before: 3 h (the critical path).
              Work: 4 h → 9 h.

            """,
            output);
    }

    [Fact]
    public void The_document_names_every_change_with_its_values()
    {
        using var tasks = new TasksProgram().WithPlan(Before, "old").WithPlan(After, "new");

        var document = System.Text.Json.JsonDocument.Parse(tasks.Run(1, "plan-diff", "old", "new", "--format", "json").Output).RootElement;

        Assert.False(document.GetProperty("same").GetBoolean());
        var changed = Assert.Single(document.GetProperty("tasks").GetProperty("changed").EnumerateArray());
        Assert.Equal(["duration", "resources", "run.argv"], changed.GetProperty("fields").EnumerateArray().Select(field => field.GetProperty("field").GetString()));
        Assert.Equal("\u202ex", changed.GetProperty("fields")[2].GetProperty("after")[1].GetString());
        Assert.Equal((3, 8), (Hours("before"), Hours("after")));

        double Hours(string when) => document.GetProperty("effect").GetProperty(when).GetProperty("criticalPathHours").GetDouble();
    }

    [Fact]
    public void White_space_the_order_of_fields_and_defaults_that_are_written_out_are_no_difference()
    {
        using var tasks = new TasksProgram()
            .WithPlan("""{"graph":{"nodes":[{"id":"a"},{"id":"b"}],"edges":[{"from":"a","to":"b"}]}}""", "old")
            .WithPlan("""{ "graph": {"edges":[{"to":"b","from":"a","isHard":true,"confidence":1.0}], "nodes":[{"title":"a","id":"a"},{"id":"b","idempotent":true}]} }""", "new");

        Assert.Equal("Both plans mean the same.\n", tasks.Run(0, "plan-diff", "old", "new/coordinator.json").Output);
        Assert.True(tasks.Document("plan-diff", "old", "old", "--format", "json").GetProperty("same").GetBoolean());
    }

    [Fact]
    public void Another_order_of_tasks_is_a_difference_because_it_decides_ties()
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"a"},{"id":"b"}""").WithPlan("""{"graph":{"nodes":[{"id":"b"},{"id":"a"}]}}""", "new");

        tasks.Run(1, "plan-diff", "plan", "new").Prints("they stand in another order");
    }

    [Fact]
    public void Another_critical_path_is_shown()
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"a"},{"id":"b"},{"id":"c"}""", """{"from":"a","to":"b"}""")
            .WithPlan("""{"graph":{"nodes":[{"id":"a"},{"id":"b"},{"id":"c"}],"edges":[{"from":"a","to":"b"},{"from":"b","to":"c"}]}}""", "new");

        tasks.Run(1, "plan-diff", "plan", "new").Prints("The critical path was 2 h: a → b.", "It is now 3 h: a → b → c.", "Levels: 2 → 3.", "Width: 2 → 1.");
    }

    [Fact]
    public void A_side_that_is_no_plan_is_refused()
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"a"}""").WithPlan("{", "broken");

        tasks.Refuses(3, "plan-diff", "plan", "broken").Says("broken/coordinator.json");
        tasks.Refuses(3, "plan-diff", "nowhere", "plan").Says("no directory 'nowhere'");
        tasks.Refuses(2, "plan-diff", "plan");
    }
}
