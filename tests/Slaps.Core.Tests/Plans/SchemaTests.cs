using System.Reflection;
using System.Text;
using System.Text.Json;
using Slaps.Core.Diagnostics;
using Slaps.Core.Forecasting;
using Slaps.Core.Plans;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Plans;

public sealed class SchemaTests
{
    private static readonly string Folder = SchemaValidator.Folder;

    [Fact]
    public void Each_object_of_a_schema_names_exactly_the_fields_that_are_known_to_the_reader()
    {
        var described = Described();
        var known = typeof(PlanNames).GetFields(BindingFlags.Static | BindingFlags.Public).Select(field => field.GetValue(null)).OfType<KnownFields>()
            .GroupBy(fields => fields.Definition).ToDictionary(group => group.Key, group => group.SelectMany(fields => fields.All).Distinct().Order(StringComparer.Ordinal).ToArray());

        Assert.Equal(known.Keys.Order(StringComparer.Ordinal), described.Keys.Order(StringComparer.Ordinal));
        Assert.All(known, pair => Assert.Equal((pair.Key, string.Join(' ', pair.Value)), (pair.Key, string.Join(' ', described[pair.Key]))));
    }

    [Fact]
    public void Whatever_is_written_and_the_short_form_written_by_hand_suits_its_schema()
    {
        var files = new List<(string Schema, string Json)>
        {
            ("coordinator", """{"graph":{"nodes":[{"id":"a","run":{"argv":["true"]}},{"id":"b"}],"edges":[{"from":"a","to":"b"}]}}"""),
            ("coordinator", """{"graph":{"nodes":[{"id":"a","name":"A","task":{"duration":2,"acceptance_checks":[{"type":"manual","description":"x","script":null}]}}]}}"""),
            ("tasks", """{"tasks":[{"id":"a"}]}"""),
            ("features", """{"features":[{"id":"F001"}]}"""),
            ("approval", $$"""{"meta":{"artifact_hash":""},"plan_hash":"{{new string('a', 64)}}","approved_by":"Ada","approved_at":"2026-01-01T00:00:00Z","tasks":1}"""),
        };
        for (var seed = 0; seed < 60; seed++)
        {
            var draft = new RandomDraft(seed).Draft();
            files.Add(("coordinator", Encoding.UTF8.GetString(CoordinatorJson.Write(draft))));
            files.Add(("tasks", Encoding.UTF8.GetString(TasksJson.Write(draft))));
            files.Add(("features", Encoding.UTF8.GetString(FeaturesJson.Write(draft.Features))));
        }

        Assert.All(SchemaValidator.Verdicts(files), verdict => Assert.Equal("ok", verdict));
    }

    [Theory]
    [InlineData("coordinator", "{}", "graph")]
    [InlineData("coordinator", """{"graph":{"nodes":[]}}""", "/graph/nodes")]
    [InlineData("coordinator", """{"graph":{"nodes":[{}]}}""", "/graph/nodes/0")]
    [InlineData("coordinator", """{"graph":{"nodes":[{"id":"a b"}]}}""", "/graph/nodes/0/id")]
    [InlineData("coordinator", """{"graph":{"nodes":[{"id":"a","run":{"command":"true"}}]}}""", "/graph/nodes/0/run")]
    [InlineData("coordinator", """{"graph":{"nodes":[{"id":"a","acceptance_checks":[{"type":"file_exists"}]}]}}""", "/graph/nodes/0/acceptance_checks/0")]
    [InlineData("coordinator", """{"graph":{"nodes":[{"id":"a"}],"edges":[{"from":"a"}]}}""", "/graph/edges/0")]
    [InlineData("coordinator", """{"graph":{"nodes":[{"id":"a"}]},"resources":{"pools":{"x":0}}}""", "/resources/pools/x")]
    [InlineData("tasks", """{"meta":{"min_confidence":2},"tasks":[]}""", "/meta/min_confidence")]
    [InlineData("tasks", """{"tasks":[{"id":"a","scheduling_hints":{"priority":"urgent"}}]}""", "/tasks/0/scheduling_hints/priority")]
    [InlineData("tasks", """{"tasks":[{"id":"a","evidence":[{"confidence":-1}]}]}""", "/tasks/0/evidence/0/confidence")]
    [InlineData("features", """{"features":[{"title":"x"}]}""", "/features/0")]
    [InlineData("features", """{"features":{}}""", "/features")]
    [InlineData("dag", "{}", "object")]
    [InlineData("waves", "[]", "object")]
    [InlineData("approval", """{"meta":{"artifact_hash":""},"plan_hash":"abc","approved_by":"x","approved_at":"2026-01-01T00:00:00Z","tasks":1}""", "/plan_hash")]
    [InlineData("approval", """{"meta":{"artifact_hash":""},"approved_by":"x"}""", "object")]
    public void What_is_wrong_is_refused_where_it_is(string schema, string json, string place) =>
        Assert.StartsWith(place.StartsWith('/') ? place + " " : " must", Assert.Single(SchemaValidator.Verdicts([(schema, json)])), StringComparison.Ordinal);

    [Fact]
    public void The_graph_and_the_forecast_of_plans_and_of_drafts_that_are_none_suit_their_schemas()
    {
        var files = new List<(string Schema, string Json)>();
        for (var seed = 0; seed < 60; seed++)
        {
            var draft = new RandomDraft(seed).Draft();
            var diagnostics = new DiagnosticBag();
            if (Plan.Build(draft, diagnostics) is not { } plan)
            {
                files.Add(("dag", Encoding.UTF8.GetString(DagJson.Write(draft, diagnostics.Items))));
                continue;
            }

            files.Add(("dag", Encoding.UTF8.GetString(DagJson.Write(plan, diagnostics.Items))));
            files.Add(("waves", Forecast(plan)));
        }

        var knot = A.Plan(A.Task("a").After("b"), A.Task("b").After("a")).Draft;
        var why = new DiagnosticBag();
        Assert.Null(Plan.Build(knot, why));
        files.Add(("dag", Encoding.UTF8.GetString(DagJson.Write(knot, why.Items))));

        Assert.Contains(files, file => file.Schema == "waves");
        Assert.All(SchemaValidator.Verdicts(files), verdict => Assert.Equal("ok", verdict));
    }

    [Theory]
    [InlineData("dag", "\"ok\": true", "\"ok\": \"yes\"", "/ok")]
    [InlineData("dag", "\"ok\": true", "\"ok\": false", "object")]
    [InlineData("dag", "\"density\": 1", "\"density\": 2", "/metrics/density")]
    [InlineData("dag", "\"density\": 1,", "", "/metrics")]
    [InlineData("dag", "\"type\": \"technical\"", "\"type\": \"friendly\"", "/edges/0/type")]
    [InlineData("dag", "\"id\": \"a\"", "\"id\": \"a b\"", "/nodes/0/id")]
    [InlineData("dag", "\"kind\": \"lock\"", "\"kind\": \"door\"", "/metrics/resourceBottlenecks/0/kind")]
    [InlineData("dag", "\"slackHours\": 0,", "", "/nodes/0")]
    [InlineData("waves", "\"samples\": 20", "\"samples\": 0", "/meta/samples")]
    [InlineData("waves", "\"by_workers\": [", "\"by_worker\": [", "object")]
    [InlineData("waves", "\"p80_seconds\": 7200,", "", "/models/rolling_frontier/makespan")]
    [InlineData("waves", "\"worker\": 1", "\"worker\": \"me\"", "/models/rolling_frontier/tasks/0/worker")]
    public void What_is_wrong_with_the_graph_or_the_forecast_is_refused_where_it_is(string schema, string right, string wrong, string place)
    {
        var plan = A.Plan(A.Task("a").Taking(1).Holding("db"), A.Task("b").Taking(1).After("a")).Build();
        var json = schema == "dag" ? Encoding.UTF8.GetString(DagJson.Write(plan)) : Forecast(plan);
        var at = json.IndexOf(right, StringComparison.Ordinal);
        Assert.True(at >= 0, json);

        var verdict = Assert.Single(SchemaValidator.Verdicts([(schema, json[..at] + wrong + json[(at + right.Length)..])]));

        Assert.StartsWith(place.StartsWith('/') ? place + " " : " must", verdict, StringComparison.Ordinal);
    }

    private static string Forecast(Plan plan) => Encoding.UTF8.GetString(WavesJson.Write(PlanForecast.Of(plan, new Scenario { Workers = 2 }, seed: 1, samples: 20)));

    /// <summary>The properties of every object that the schemas of this reader's files describe, by its name.</summary>
    private static Dictionary<string, string[]> Described()
    {
        var described = new Dictionary<string, string[]>();
        foreach (var name in (string[])["coordinator", "tasks", "features"])
        {
            using var schema = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, $"{name}.schema.json")));
            described.Add(name, Properties(schema.RootElement));
            foreach (var definition in schema.RootElement.GetProperty("$defs").EnumerateObject()) described.Add(definition.Name, Properties(definition.Value));
        }

        return described;
    }

    private static string[] Properties(JsonElement schema) => [.. schema.GetProperty("properties").EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal)];
}
