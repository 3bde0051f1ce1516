using System.Text;
using System.Text.Json;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Plans;

public sealed class DagJsonTests
{
    private static readonly PlanBuilder Small = A.Plan(
            A.Task("a").Taking(1).Holding("db").Where(task => task with { Title = "Add <a> \"quote\"" }), A.Task("b").Taking(2).After("a").Using("runners"), A.Task("c").After("b", "a"))
        .WithPool("runners", 2)
        .With(new Dependency(new("c"), new("a"), DependencyType.Knowledge, IsHard: false, Confidence: 0.9))
        .With(new Dependency(new("b"), new("a"), DependencyType.Knowledge, IsHard: false, Confidence: 0.5))
        .With(new Dependency(new("a"), new("b"), DependencyType.ResourceLimited));

    [Fact]
    public void A_plan_is_written_in_its_fewest_edges_with_its_figures_and_with_the_rest_apart()
    {
        var document = Parse(DagJson.Write(Small.Build()));

        Assert.True(document.GetProperty("ok").GetBoolean());
        Assert.Equal(["a>b", "b>c"], Edges(document, "edges"));
        Assert.Equal(["a>c"], Edges(document, "redundantEdges"));
        Assert.Equal(["c>a"], Edges(document, "softDeps"));
        Assert.Equal(["b>a"], Edges(document, "lowConfidenceDeps"));
        Assert.Equal(["a>b"], Edges(document, "resourceDeps"));
        var metrics = document.GetProperty("metrics");
        Assert.Equal(
            """{"criticalPath":["a","b","c"],"criticalPathHours":4,"density":1,"edges":3,"isolatedTasks":[],"longestPath":3,"lowerBoundHours":4,"maxUsefulWorkers":1,"nodes":3,"reducedEdges":2,"resourceBottlenecks":[{"capacity":1,"demandHours":1,"hours":1,"isLowerBound":false,"kind":"lock","name":"db","tasks":1},{"capacity":2,"demandHours":2,"hours":1,"isLowerBound":false,"kind":"pool","name":"runners","tasks":1}],"totalHours":4,"verbFirstPercent":33.333333,"widthApprox":1,"widthAtMost":1,"widthExact":true}""",
            JsonSerializer.Serialize(metrics, Plain));
        Assert.Equal("""{"critical_path":true,"depth":1,"id":"b","slackHours":0,"startHours":1,"title":"b"}""", JsonSerializer.Serialize(document.GetProperty("nodes")[1], Plain));
    }

    [Fact]
    public void The_document_holds_the_hash_of_its_canonical_bytes()
    {
        var bytes = DagJson.Write(Small.Build());

        Assert.Equal(CanonicalJson.Hash(Parse(bytes)), Parse(bytes).GetProperty("meta").GetProperty("artifact_hash").GetString());
        Assert.Equal(CanonicalJson.Bytes(Parse(bytes)), bytes);
        Assert.Equal(bytes, DagJson.Write(Small.Build()));
    }

    [Fact]
    public void What_was_written_is_read_back_and_written_the_same_with_fields_that_nobody_knows()
    {
        var text = Encoding.UTF8.GetString(DagJson.Write(Small.Build(), [new Diagnostic("PLAN023", Severity.Warning, "No checks.", "Add some.", "x.json", "$.graph")]));
        var foreign = text.Replace("\"nodes\": 3,", "\"nodes\": 3, \"zest\": [1, {\"x\": null}],", StringComparison.Ordinal)
            .Replace("\"version\":", "\"generated_at\": \"then\", \"version\":", StringComparison.Ordinal)
            .Replace("\"ok\": true,", "\"ok\": true, \"owner\": \"me\",", StringComparison.Ordinal);

        var document = Read(foreign);

        Assert.Equal("a", document.Nodes[0].Id.Value);
        Assert.Equal("No checks.", Assert.Single(document.Warnings).Message);
        var expected = CanonicalJson.Stamped(Parse(Encoding.UTF8.GetBytes(foreign)));
        Assert.Equal(Encoding.UTF8.GetString(expected), Encoding.UTF8.GetString(DagJson.Write(document)));
        Assert.Equal(text, Encoding.UTF8.GetString(DagJson.Write(Read(text))));
    }

    [Fact]
    public void A_hard_dependency_of_which_nobody_is_sure_enough_is_listed_apart_and_is_no_edge_of_the_graph()
    {
        var plan = Small.With(new Dependency(new("c"), new("a"), Confidence: 0.5)).Build();

        var document = Parse(DagJson.Write(plan));

        Assert.Equal(["a>b", "b>c"], Edges(document, "edges"));
        Assert.Equal(["a>c"], Edges(document, "redundantEdges"));
        Assert.Equal(["b>a", "c>a"], Edges(document, "lowConfidenceDeps"));
        Assert.Equal(3, document.GetProperty("metrics").GetProperty("edges").GetInt32());
    }

    [Fact]
    public void A_hash_that_is_not_the_files_own_gets_a_warning()
    {
        var changed = Encoding.UTF8.GetString(DagJson.Write(Small.Build())).Replace("\"ok\": true", "\"ok\": false", StringComparison.Ordinal);
        var diagnostics = new DiagnosticBag();

        Assert.NotNull(DagJson.Read(Encoding.UTF8.GetBytes(changed), "dag.json", diagnostics));

        Assert.Equal("PLAN019", Assert.Single(diagnostics.Items).Code);
    }

    [Fact]
    public void A_draft_with_a_cycle_is_not_ok_and_says_what_to_cut()
    {
        var draft = Small.With(new Dependency(new("c"), new("a"), Confidence: 0.8)).Draft;
        var diagnostics = new DiagnosticBag();
        Assert.Null(Plan.Build(draft, diagnostics));

        var bytes = DagJson.Write(draft, diagnostics.Items);

        var document = Read(Encoding.UTF8.GetString(bytes));
        Assert.False(document.Ok);
        Assert.Contains(document.Errors, error => error.Code == "PLAN052");
        var suggestion = Assert.Single(document.CycleBreakSuggestions);
        Assert.Equal(new DagEdge(new("c"), new("a"), DependencyType.Technical, true, 0.8), Assert.Single(suggestion.Cut));
        Assert.True(suggestion.IsFewest);
        Assert.Null(document.Metrics.WidthApprox);
        Assert.Equal(4, document.Edges.Count);
        Assert.Equal(bytes, DagJson.Write(document));
    }

    [Theory]
    [InlineData("[]", "PLAN010")]
    [InlineData("{", "PLAN004")]
    [InlineData("""{"ok":true,"edges":[],"metrics":{}}""", "PLAN011")]
    [InlineData("""{"ok":"yes","nodes":[],"edges":[],"metrics":{}}""", "PLAN010")]
    [InlineData("""{"ok":true,"nodes":[{}],"edges":[],"metrics":{}}""", "PLAN011")]
    [InlineData("""{"ok":true,"nodes":[],"edges":[{"from":"a","to":"b","type":"tecnical"}],"metrics":{}}""", "PLAN012")]
    [InlineData("""{"ok":true,"nodes":[],"edges":[7],"metrics":{"longestPath":1.5}}""", "PLAN010")]
    public void What_is_wrong_with_a_document_is_said(string text, string code)
    {
        var diagnostics = new DiagnosticBag();

        Assert.Null(DagJson.Read(Encoding.UTF8.GetBytes(text), "dag.json", diagnostics));

        Assert.Contains(diagnostics.Items, item => item.Code == code && item.File == "dag.json");
    }

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static JsonElement Parse(byte[] utf8)
    {
        using var document = JsonDocument.Parse(utf8);
        return document.RootElement.Clone();
    }

    private static IEnumerable<string> Edges(JsonElement document, string name) =>
        document.GetProperty(name).EnumerateArray().Select(edge => $"{edge.GetProperty("from").GetString()}>{edge.GetProperty("to").GetString()}");

    private static DagDocument Read(string text)
    {
        var diagnostics = new DiagnosticBag();
        var document = DagJson.Read(Encoding.UTF8.GetBytes(text), "dag.json", diagnostics);
        Assert.True(document is not null, string.Join('\n', diagnostics.Items));
        return document;
    }
}
