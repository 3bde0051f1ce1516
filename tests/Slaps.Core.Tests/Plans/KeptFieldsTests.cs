using System.Text;
using System.Text.Json;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Core.Tests.Plans;

public sealed class KeptFieldsTests
{
    [Fact]
    public void An_unknown_field_of_any_object_is_read_and_written_again()
    {
        const string Json =
            """
            {"x1":1,"meta":{"x2":2},"graph":{"x3":3,"nodes":[{"id":"a","x4":4,"run":{"argv":["true"],"x5":5},
             "acceptance_checks":[{"type":"file_exists","path":"p","x6":6}],"resources":{"locks":["l"],"x7":7},"scheduling_hints":{"x8":8},
             "duration":{"mostLikely":1,"x9":9},"interfaces":{"produces":[{"path":"p","x10":10}],"x11":11},
             "resource_requirements":{"estimated":{"x12":12},"peak":{"x13":13}},"boundaries":{"scope":{"x14":14}},
             "evidence":[{"source":"s","x15":15}]},{"id":"b"}],
             "edges":[{"from":"a","to":"b","x16":16,"evidence":[{"type":"hearsay","x17":[{"b":1,"a":{}}]}]}]},
             "policies":{"retry":{"x18":18},"fairness":"weighted"},"resources":{"x19":19},"monitoring":{"x20":20}}
            """;

        var draft = Reading.Of(Json).Plan.ToDraft();
        var written = Encoding.UTF8.GetString(CoordinatorJson.Write(draft));

        for (var i = 1; i <= 20; i++) Assert.Contains($"\"x{i}\": ", written, StringComparison.Ordinal);
        Assert.Contains("\"type\": \"hearsay\"", written, StringComparison.Ordinal);
        Assert.Contains("\"fairness\": \"weighted\"", written, StringComparison.Ordinal);
        Assert.Equal(written, Encoding.UTF8.GetString(CoordinatorJson.Write(Reading.Of(written).Plan.ToDraft())));
    }

    [Fact]
    public void A_field_that_the_model_says_wins_over_a_kept_one_of_the_same_name()
    {
        var task = new PlanTask { Id = new("a"), Title = "new", Locks = ["l"], Unknown = new("""{"resources":{"locks":["old"],"x":1},"title":"old"}""") };

        var read = Reading.Of(CoordinatorJson.Write(new() { Tasks = [task] })).Plan.Tasks[0];

        Assert.Equal(("new", "l"), (read.Title, Assert.Single(read.Locks)));
        Assert.Equal("{\n  \"resources\": {\n    \"x\": 1\n  }\n}", read.Unknown.Json);
    }

    [Fact]
    public void A_hard_dependency_below_the_minimal_confidence_is_kept_and_not_enforced()
    {
        var draft = new PlanDraft { Tasks = [new() { Id = new("a") }, new() { Id = new("b") }], Dependencies = [new(new("a"), new("b"), Confidence: 0.6)] };

        var plan = Plan.Build(draft, new())!;
        using var contract = JsonDocument.Parse(CoordinatorJson.Write(draft));
        var edge = contract.RootElement.GetProperty("graph").GetProperty("edges")[0];

        Assert.Equal((0, true), (plan.Graph.EdgeCount, plan.Dependencies[0].IsHard));
        Assert.Equal(1, Plan.Build(draft with { Origin = new() { MinConfidence = 0.6 } }, new())!.Graph.EdgeCount);
        Assert.True(TasksJson.Read(TasksJson.Write(draft), "tasks.json", new())!.Draft.Dependencies[0].IsHard);
        Assert.False(edge.GetProperty("isHard").GetBoolean());
        Assert.Contains("0.6 is below min_confidence 0.7", edge.GetProperty("note").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_hard_edge_of_the_contract_is_enforced_whatever_its_confidence() =>
        Assert.Equal(1, Reading.OfGraph("""{"id":"a"},{"id":"b"}""", """{"from":"a","to":"b","confidence":0.1}""").Plan.Graph.EdgeCount);

    [Fact]
    public void A_file_that_was_changed_after_it_was_written_gets_a_warning()
    {
        var bytes = CoordinatorJson.Write(new() { Tasks = [new() { Id = new("a"), Title = "Before" }] });
        Assert.DoesNotContain("PLAN019", Reading.Of(bytes).Codes);

        var changed = Reading.Of(Encoding.UTF8.GetString(bytes).Replace("Before", "After", StringComparison.Ordinal));

        changed.Finds("PLAN019", "$.meta.artifact_hash");
        Assert.NotNull(changed.Document);
    }

    [Fact]
    public void An_id_that_is_no_text_is_reported_once() =>
        Assert.Single(Reading.OfGraph("""{"id":1}""").Bag.Items, item => item.Severity == Severity.Error);

    [Fact]
    public void A_misspelt_pool_gets_a_guess() =>
        Assert.Contains("'compilers'", Reading.OfTask(""" "resources":{"shared":{"compiler":1}}""", """ "resources":{"pools":{"compilers":2}}""").Finds("PLAN071").Hint, StringComparison.Ordinal);

    [Fact]
    public void A_path_through_too_many_levels_is_cut() =>
        Assert.True(Reading.Of(string.Concat(Enumerable.Repeat("{\"a\":", 100)) + "1" + new string('}', 100)).Finds("PLAN005").JsonPath!.Length < 40);

    [Theory]
    [InlineData("tasks", """{"tasks":[{"id":"a","evidence":[{"confidence":2}]}]}""", "PLAN060", "$.tasks[0].evidence[0].confidence")]
    [InlineData("tasks", """{"tasks":[{"id":"a","compensation":{"argv":[]}}]}""", "PLAN033", "$.tasks[0].compensation.argv")]
    [InlineData("tasks", """{"tasks":[{"id":"a","boundaries":{"scop":{}}}]}""", "PLAN014", "$.tasks[0].boundaries.scop")]
    [InlineData("tasks", """{"tasks":[{"id":"a","kind":"paralel"}]}""", "PLAN012", "$.tasks[0].kind")]
    [InlineData("tasks", """{"tasks":[{"id":"a"}],"dependencies":[{"from":"a","to":"b"}]}""", "PLAN050", "$.dependencies[0].to")]
    [InlineData("tasks", """{"meta":{"min_confidence":7},"tasks":[{"id":"a"}]}""", "PLAN060", "$.meta.min_confidence")]
    [InlineData("tasks", """{"meta":{}}""", "PLAN011", "$")]
    [InlineData("features", """{"features":[{"id":"F1"},{"id":"F1"}]}""", "PLAN025", "$.features[1].id")]
    [InlineData("features", """{"features":[{"id":"F 1"}]}""", "PLAN021", "$.features[0].id")]
    [InlineData("features", """{"features":[{"id":"F1","priority":"urgent"}]}""", "PLAN012", "$.features[0].priority")]
    public void What_is_wrong_is_said_with_its_place(string kind, string json, string code, string path)
    {
        var bag = new DiagnosticBag();
        if (kind == "features") FeaturesJson.Read(Encoding.UTF8.GetBytes(json), "f", bag);
        else if (TasksJson.Read(Encoding.UTF8.GetBytes(json), "f", bag) is { } tasks) tasks.Build(tasks.Draft, bag);

        Assert.Contains((code, "f", path), bag.Items.Select(item => (item.Code, item.File!, item.JsonPath!)));
    }
}
