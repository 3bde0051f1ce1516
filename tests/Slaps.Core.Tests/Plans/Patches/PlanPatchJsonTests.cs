using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Plans.Patches;

/// <summary>Patches as text: what is read, what is refused, and that writing and reading gives the same.</summary>
public sealed class PlanPatchJsonTests
{
    private const string Whole =
        """
        {"version": "1.0", "reason": "Cannot resolve 'jose'.", "by": "missing_dependency", "operations": [
          {"op": "inject_task", "task": {"id": "AUTO.INSTALL", "name": "Install", "run": {"argv": ["npm", "ci"]}, "acceptance_checks": [{"type": "file_exists", "path": "node_modules"}]},
           "edges": [{"from": "AUTO.INSTALL", "to": "T1", "type": "hard"}, {"from": "T0", "to": "AUTO.INSTALL", "type": "soft"}]},
          {"op": "add_edge", "edges": [{"from": "T1", "to": "T2", "type": "knowledge", "confidence": 0.9, "reason": "It reads it."}]},
          {"op": "modify_resource", "resources": {"add_locks": ["node_modules"], "pools": {"test_db": 3}, "quotas": {"cpu_cores": 8}, "increase_quota": {"memory_mb": 512}, "concurrency_max": 4}},
          {"op": "modify_task", "task": {"id": "T1", "title": "", "description": "d", "run": {"command": "make", "shell": true, "env": {"A": "b"}, "timeout_seconds": 9}, "acceptance_checks": [],
            "resources": {"locks": [], "reads": ["a"], "shared": {"p": 2}}, "resource_requirements": {"estimated": {"cpu_cores": 1.5}, "worker_capabilities_required": []},
            "scheduling_hints": {"priority": "medium", "preemptible": false, "retry_on_failure": true, "max_retries": 0, "checkpoint_capable": false}, "duration": 2,
            "boundaries": {"definition_of_done": {"criteria": ["It is fast."]}}, "interfaces": {"produces": ["out.txt"], "consumes": []}}}
        ]}
        """;

    [Fact]
    public void Every_operation_is_read_with_all_that_it_may_hold()
    {
        var patch = Read(Whole);

        Assert.Equal(("Cannot resolve 'jose'.", "missing_dependency", 4), (patch.Reason, patch.By, patch.Operations.Count));
        var inject = Assert.IsType<PatchOperation.InjectTask>(patch.Operations[0]);
        Assert.Equal(("AUTO.INSTALL", "Install"), (inject.Task.Id.Value, inject.Task.Title));
        Assert.Equal([true, false], inject.Edges.Select(e => e.IsHard));
        var edge = Assert.Single(Assert.IsType<PatchOperation.AddEdge>(patch.Operations[1]).Edges);
        Assert.Equal(("T1", "T2", DependencyType.Knowledge, 0.9, "It reads it."), (edge.From.Value, edge.To.Value, edge.Type, edge.Confidence, edge.Reason));
        var resources = Assert.IsType<PatchOperation.ModifyResource>(patch.Operations[2]).Resources;
        Assert.Equal(("node_modules", new PoolClaim("test_db", 3), 8d, 512d, 4), (resources.AddLocks[0], resources.Pools[0], resources.Quotas.CpuCores, resources.IncreaseQuota.MemoryMb, resources.ConcurrencyMax));
        var (id, changes) = Assert.IsType<PatchOperation.ModifyTask>(patch.Operations[3]);
        Assert.Equal(("T1", "", "d", Priority.Medium, 0, new PertEstimate(2, 2, 2)), (id.Value, changes.Title, changes.Description, changes.Priority, changes.MaxRetries, changes.Duration));
        Assert.Equal((0, 0, "a", new PoolClaim("p", 2), 1.5, 0), (changes.Checks!.Count, changes.Locks!.Count, changes.Reads![0], changes.Pools![0], changes.Estimated!.Value.CpuCores, changes.Capabilities!.Count));
        Assert.Equal((false, true, false), (changes.Preemptible, changes.RetryOnFailure, changes.CheckpointCapable));
        Assert.IsType<RunSpec.Shell>(changes.Run);
        Assert.Equal(("It is fast.", "out.txt", 0), (Assert.Single(changes.Boundaries!.Done.Criteria), Assert.Single(changes.Produces!).Path, changes.Consumes!.Count));
    }

    [Fact]
    public void What_is_written_is_one_line_and_reads_as_the_same_patch()
    {
        var patch = Read(Whole);
        var once = Encoding.UTF8.GetString(PlanPatchJson.Write(patch));

        Assert.DoesNotContain('\n', once);
        Assert.Equal(once, Encoding.UTF8.GetString(PlanPatchJson.Write(Read(once))));
        Assert.Contains("\"scheduling_hints\":{\"priority\":\"medium\",\"preemptible\":false,\"retry_on_failure\":true,\"max_retries\":0,\"checkpoint_capable\":false}", once);
        Assert.Contains("\"resources\":{\"locks\":[],\"reads\":[\"a\"],\"shared\":{\"p\":2}}", once);
    }

    [Fact]
    public void Whatever_task_a_plan_may_hold_survives_in_a_patch()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var draft = new RandomDraft(seed).Draft();
            var patch = new PlanPatch
            {
                Operations = [.. draft.Tasks.Select((task, i) => new PatchOperation.InjectTask(task, i == 0 ? draft.Dependencies : []))],
                Reason = "Grüße 🚀 \u2028 \"x\" \\ \u0007",
            };
            var once = PlanPatchJson.Write(patch);

            Assert.Equal(Encoding.UTF8.GetString(once), Encoding.UTF8.GetString(PlanPatchJson.Write(Read(Encoding.UTF8.GetString(once)))));
        }
    }

    [Fact]
    public void One_operation_by_itself_is_a_patch_as_the_seed_writes_it()
    {
        var patch = Read("""{"op": "add_edge", "edges": [{"from": "a", "to": "b", "type": "hard"}], "reason": "r"}""");

        Assert.Equal(("r", 1), (patch.Reason, Assert.IsType<PatchOperation.AddEdge>(Assert.Single(patch.Operations)).Edges.Count));
    }

    [Theory]
    [InlineData("", "HOT002", null)]
    [InlineData(" \n ", "HOT002", null)]
    [InlineData("{}", "HOT002", "$")]
    [InlineData("[]", "PLAN010", "$")]
    [InlineData("{\"operations\": []}", "HOT002", "$.operations")]
    [InlineData("{\"operations\": {}}", "PLAN010", "$.operations")]
    [InlineData("{\"operations\": [7]}", "PLAN010", "$.operations[0]")]
    [InlineData("{\"operations\": [{}]}", "PLAN011", "$.operations[0]")]
    [InlineData("{\"op\": \"inject_tasks\"}", "PLAN012", "$.op")]
    [InlineData("{\"op\": \"add_edge\", \"edges\": [{\"from\":\"a\",\"to\":\"b\"}], \"operations\": []}", "PLAN016", "$.operations")]
    [InlineData("{\"op\": \"inject_task\"}", "PLAN011", "$")]
    [InlineData("{\"op\": \"inject_task\", \"task\": {\"run\": {\"argv\": [\"true\"]}}}", "PLAN011", "$.task")]
    [InlineData("{\"op\": \"inject_task\", \"task\": {\"id\": \"a\", \"run\": {\"command\": \"x\"}}}", "PLAN032", "$.task.run.command")]
    [InlineData("{\"op\": \"inject_task\", \"task\": {\"id\": \"a\"}, \"resources\": {}}", "HOT005", "$.resources")]
    [InlineData("{\"op\": \"add_edge\"}", "PLAN011", "$")]
    [InlineData("{\"op\": \"add_edge\", \"edges\": []}", "HOT004", "$.edges")]
    [InlineData("{\"op\": \"add_edge\", \"edges\": [{\"from\": \"a\"}]}", "PLAN011", "$.edges[0]")]
    [InlineData("{\"op\": \"add_edge\", \"from\": \"a\", \"to\": \"b\"}", "HOT005", "$.from")]
    [InlineData("{\"op\": \"modify_resource\", \"resources\": {}}", "HOT004", "$.resources")]
    [InlineData("{\"op\": \"modify_resource\", \"resources\": {\"pool\": {\"x\": 1}}}", "HOT005", "$.resources.pool")]
    [InlineData("{\"op\": \"modify_resource\", \"resources\": {\"pools\": {\"x\": \"many\"}}}", "PLAN010", "$.resources.pools.x")]
    [InlineData("{\"op\": \"modify_resource\", \"resources\": {\"quotas\": {\"cpus\": 1}}}", "HOT005", "$.resources.quotas.cpus")]
    [InlineData("{\"op\": \"modify_task\", \"task\": {\"id\": \"a\"}}", "HOT004", "$.task")]
    [InlineData("{\"op\": \"modify_task\", \"task\": {\"id\": \"a\", \"idempotent\": false}}", "HOT006", "$.task.idempotent")]
    [InlineData("{\"op\": \"modify_task\", \"task\": {\"id\": \"a\", \"scheduling_hints\": {\"priority\": \"urgent\"}}}", "PLAN012", "$.task.scheduling_hints.priority")]
    [InlineData("{\"op\": \"add_edge\", \"op\": \"add_edge\"}", "PLAN006", "$.op")]
    [InlineData("{\"op\": \"add_edge\", ", "PLAN004", null)]
    [InlineData("garbage", "PLAN004", null)]
    public void What_is_wrong_is_told_with_its_place(string json, string code, string? place)
    {
        var diagnostics = new DiagnosticBag();

        Assert.Null(PlanPatchJson.Read(Encoding.UTF8.GetBytes(json), "p.json", diagnostics));
        Assert.Contains(diagnostics.Items, d => d.Code == code && d.JsonPath == place && d.File == "p.json");
        Assert.True(diagnostics.HasErrors);
    }

    [Fact]
    public void Everything_wrong_is_told_in_one_run()
    {
        var diagnostics = new DiagnosticBag();
        PlanPatchJson.Read("""{"operations": [{"op": "x"}, {"op": "add_edge"}, {"op": "modify_task", "task": {"id": "a", "kind": "parallel", "idempotent": true}}]}"""u8.ToArray(), "p.json", diagnostics);

        Assert.Equal(["PLAN012", "PLAN011", "HOT006", "HOT006", "HOT004"], diagnostics.Items.Where(d => d.Severity == Severity.Error).Select(d => d.Code));
    }

    [Fact]
    public void A_patch_that_is_huge_or_deep_or_no_text_is_refused()
    {
        Assert.Equal("HOT001", Refused(new byte[PlanPatchJson.MaxBytes + 1]));
        Assert.Equal("PLAN005", Refused(Encoding.UTF8.GetBytes(new string('[', 100_000))));
        Assert.Equal("PLAN005", Refused(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 100_000)))));
        Assert.Equal("PLAN003", Refused([.. "{\"reason\":\""u8, 0xff, .. "\"}"u8]));
        Assert.Equal("HOT007", Refused(Encoding.UTF8.GetBytes($"{{\"op\":\"inject_task\",\"task\":{{\"id\":\"a\",\"x\":{new string('[', 60)}{new string(']', 60)}}}}}")));
        Assert.Equal("HOT003", Refused(Encoding.UTF8.GetBytes($"{{\"operations\":[{string.Join(',', Enumerable.Repeat("{\"op\":\"add_edge\",\"edges\":[{\"from\":\"a\",\"to\":\"b\"}]}", 1_001))}]}}")));

        static string Refused(byte[] utf8)
        {
            var diagnostics = new DiagnosticBag();
            Assert.Null(PlanPatchJson.Read(utf8, "p.json", diagnostics));
            return Assert.Single(diagnostics.Items).Code;
        }
    }

    [Fact]
    public void The_schema_names_exactly_the_fields_that_are_read_and_what_is_written_suits_it()
    {
        using var schema = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(Path.Combine(SchemaValidator.Folder, "patch.schema.json")));
        Assert.Equal(Names(PatchNames.Patch, PatchNames.OneOperation), Properties(schema.RootElement));
        foreach (var known in (KnownFields[])[PatchNames.Operation, PatchNames.Resources, PatchNames.Task])
            Assert.Equal(Names(known), Properties(schema.RootElement.GetProperty("$defs").GetProperty(known.Definition)));

        var files = new List<(string Schema, string Json)>
        {
            ("patch", Whole),
            ("patch", Encoding.UTF8.GetString(PlanPatchJson.Write(Read(Whole)))),
            ("patch", """{"op": "add_edge", "edges": [{"from": "a", "to": "b"}]}"""),
        };
        Assert.All(SchemaValidator.Verdicts(files), verdict => Assert.Equal("ok", verdict));
        Assert.All(
            SchemaValidator.Verdicts([("patch", "{}"), ("patch", """{"operations": []}"""), ("patch", """{"op": "add_edge"}"""), ("patch", """{"op": "modify_resource", "resources": {"pools": {"x": 0}}}"""), ("patch", """{"op": "modify_task", "task": {"id": "a", "idempotent": true}}""")]),
            verdict => Assert.NotEqual("ok", verdict));

        static string Names(params KnownFields[] known) => string.Join(' ', known.SelectMany(k => k.All).Distinct().Order(StringComparer.Ordinal));
        static string Properties(System.Text.Json.JsonElement element) => string.Join(' ', element.GetProperty("properties").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
    }

    private static PlanPatch Read(string json)
    {
        var diagnostics = new DiagnosticBag();
        var patch = PlanPatchJson.Read(Encoding.UTF8.GetBytes(json), "p.json", diagnostics);
        Assert.True(patch is not null, string.Join('\n', diagnostics.Items));
        return patch;
    }
}
