using System.IO.Compression;
using Slaps.Core.Plans;
using Slaps.Planning.Imports;
using Slaps.TestKit;

namespace Slaps.Planning.Tests.Imports;

/// <summary>The plans of 2025, in parts and whole.</summary>
public sealed class SlapsV3FormatTests
{
    private const string Tasks =
        """
        {"meta":{"version":"3.0","task_count":2,"min_confidence":0.85,"codebase_analysis":{"shared_resources":{
            "db":{"type":"shared_limited","capacity":3},"slot":{"type":"exclusive","capacity":1},"schema":{"type":"exclusive","capacity":1}}}},
         "tasks":[
          {"id":"P1.T001","feature_id":"F001","title":"Design it","description":"All of it",
           "boundaries":{"expected_complexity":{"value":"~10 LoC","breakdown":"1 @ 10"},"definition_of_done":{"criteria":["done"],"stop_when":"enough"},"scope":{"includes":["a"],"excludes":["b"],"restrictions":"none"}},
           "execution_guidance":{"checkpoints":[]},
           "resource_requirements":{"estimated":{"cpu_cores":1,"memory_mb":512,"disk_io_mbps":10},"peak":{"cpu_cores":2,"during":"tests"},"worker_capabilities_required":["go"]},
           "scheduling_hints":{"priority":"high","preemptible":true,"retry_on_failure":false,"max_retries":3,"checkpoint_capable":true},
           "duration":{"optimistic":1,"mostLikely":2,"pessimistic":6},
           "shared_resources":{"exclusive_locks":["slot"],"shared_limited":[{"resource":"db","quantity":2}],"creates":[],"modifies":["x"]},
           "acceptance_checks":[{"type":"automated","description":"It works.","script":"t1.sh"},{"type":"manual","description":"It is nice.","script":null}],
           "evidence":[{"type":"plan","source":"a.md","excerpt":"x","confidence":0.5,"rationale":"y"},{"type":"infrastructure","source":"b"}],
           "implementation_spec":{"sections":["one"]}},
          {"id":"P1.T002","feature_id":"F002","title":"Build it","shared_resources":{"exclusive_locks":["slot"],"shared_limited":[{"resource":"db"}]},"duration":{"mostLikely":4}}],
         "dependencies":[
          {"from":"P1.T001","to":"P1.T002","type":"mutual_exclusion","reason":"both","shared_resource":"slot","confidence":1,"isHard":true},
          {"from":"P1.T001","to":"P1.T002","type":"technical","confidence":0.8,"isHard":true}]}
        """;

    private const string Coordinator =
        """
        {"version":"3.0","metadata":{"total_tasks":2,"total_dependencies":3},
         "graph":{"nodes":[
           {"id":"P1.T001","name":"Design it","state":"ready","task":{"id":"P1.T001","title":"Design it","shared_resources":{"exclusive_locks":["slot"],"shared_limited":[{"resource":"db","quantity":2}]},"duration":{"mostLikely":2}}},
           {"id":"P1.T002","name":"Build it","task":{"title":"Build it","shared_resources":{}}}],
          "edges":[{"from":"P1.T001","to":"P1.T002","type":"mutual_exclusion","weight":1,"isHard":true},{"from":"P1.T001","to":"P1.T002","type":"technical","weight":0.8,"isHard":true}]},
         "policies":{"concurrency_max":7,"lock_policy":"wait-die","retry_policy":{"max_attempts":5,"backoff":"linear","initial_delay_ms":10,"max_delay_ms":20}},
         "resources":{"locks":["slot"],"quotas":{"db":2,"cpu_cores":8},"worker_pool":{"max":8}}}
        """;

    private const string Features = """{"meta":{"feature_count":2},"features":[{"id":"F001","title":"It","description":"d","priority":"critical","source_evidence":[{"type":"doc","source":"s"}]},{"id":"F003","title":"Not used"}]}""";

    [Fact]
    public void A_task_comes_over_with_all_its_fields()
    {
        var task = Imported.File("v3-tasks.json", Tasks).Draft.Tasks[0];

        Assert.Equal(("P1.T001", "F001", "Design it", "All of it"), (task.Id.Value, task.Feature!.Value.Value, task.Title, task.Description));
        Assert.Equal(("~10 LoC", "1 @ 10", "enough", "none"), (task.Boundaries!.Complexity.Value, task.Boundaries.Complexity.Breakdown, task.Boundaries.Done.StopWhen, task.Boundaries.Scope.Restrictions));
        Assert.Equal(["done", "a", "b"], [.. task.Boundaries.Done.Criteria, .. task.Boundaries.Scope.Includes, .. task.Boundaries.Scope.Excludes]);
        Assert.Equal((new QuotaAmounts(1, 512, 10), new PeakNeed(new(2, null, null), "tests")), (task.Estimated, task.Peak));
        Assert.Equal((Priority.High, true, false, 3, true), (task.Priority, task.Preemptible, task.RetryOnFailure, task.MaxRetries, task.CheckpointCapable));
        Assert.Equal(new PertEstimate(1, 2, 6), task.Duration);
        Assert.Equal(["slot"], task.Locks);
        Assert.Equal([new PoolClaim("db", 2)], task.Pools);
        Assert.Equal(["go"], task.Capabilities);
        Assert.Equal([new AcceptanceCheck.Unrunnable("check-1", "automated", "It works. (script t1.sh)"), new AcceptanceCheck.Unrunnable("check-2", "manual", "It is nice.")], task.Checks);
        Assert.Equal([new Evidence(EvidenceType.Plan, "a.md", "x", 0.5, "y"), new Evidence(EvidenceType.Doc, "b", "")], task.Evidence);
        Assert.Contains("\"checkpoints\"", task.ExecutionGuidance);
        Assert.Contains("\"implementation_spec\"", task.Unknown.Json);
        Assert.Contains("\"modifies\"", task.Unknown.Json);
        Assert.DoesNotContain("exclusive_locks", task.Unknown.Json);
    }

    [Fact]
    public void Dependencies_keep_type_reason_and_confidence_and_the_plan_its_own_least()
    {
        var draft = Imported.File("v3-tasks.json", Tasks).Draft;

        Assert.Equal(
            [(DependencyType.MutualExclusion, true, 1, "both"), (DependencyType.Technical, true, 0.8, "")],
            draft.Dependencies.Select(edge => (edge.Type, edge.IsHard, edge.Confidence, edge.Reason)));
        Assert.Contains("shared_resource", draft.Dependencies[0].Unknown.Json);
        Assert.Equal(0.85, draft.Origin.MinConfidence);
        Assert.Contains("\"slot\"", draft.Origin.CodebaseAnalysis);
    }

    [Fact]
    public void All_files_together_make_one_plan_and_what_they_say_against_each_other_is_named()
    {
        var imported = Imported.Files("", PlanFormats.Auto, null, ("v3-tasks.json", Tasks), ("v3-coordinator.json", Coordinator), ("v3-features.json", Features),
            ("v3-dag.json", """{"metrics":{"nodes":2,"edges":1},"tasks":[{"id":"P1.T001"},{"id":"P1.T002"}],"dependencies":[{"from":"P1.T001","to":"P1.T002","type":"mutual_exclusion"}]}"""),
            ("v3-waves.json", """{"waves":[{"tasks":["P1.T001"]},{"tasks":["P1.T009"]}]}"""), ("ideas-DAG.json", "{"), ("notes.txt", "x"));

        var draft = imported.Draft;
        Assert.Equal([new PoolClaim("db", 2)], draft.Resources.Pools);
        Assert.Equal((8, 7, new RetryPolicy(5, BackoffKind.Linear, 10, 20, true)), (draft.Resources.Quotas.CpuCores, draft.Policies.ConcurrencyMax, draft.Policies.Retry));
        Assert.Equal(["slot"], draft.Resources.Locks);
        Assert.Contains("lock_policy", draft.Unknown.Json);
        Assert.Equal(["F001", "F003"], draft.Features.Select(feature => feature.Id.Value));
        Assert.Equal((Priority.Critical, "d", 1), (draft.Features[0].Priority, draft.Features[0].Description, draft.Features[0].SourceEvidence.Count));
        Assert.Equal(2, draft.Tasks.Count);

        imported.Finding("IMP050", "'db' is 3 in in/v3-tasks.json and 2 in in/v3-coordinator.json; 2 is used");
        imported.Finding("IMP052", "1 dependencies");
        imported.Finding("IMP053", "'t1.sh'");
        imported.Finding("IMP054", "'P1.T001'");
        imported.Finding("IMP055", "'slot'", "'P1.T001', 'P1.T002'");
        imported.Finding("IMP017", "'infrastructure'");
        foreach (var words in (string[])["Dependencies: 3 in the field total_dependencies, 2 in the list", "Dependencies: 2 in in/v3-tasks.json, 1 in in/v3-dag.json (only in in/v3-tasks.json: 'P1.T001 → P1.T002')",
            "Resources in in/v3-tasks.json and not in in/v3-coordinator.json: 'schema'", "Tasks in in/v3-waves.json and not in in/v3-tasks.json: 'P1.T009'", "Tasks in in/v3-tasks.json and not in in/v3-waves.json: 'P1.T002'",
            "Features in in/v3-features.json and not in in/v3-tasks.json: 'F003'", "Features in in/v3-tasks.json and not in in/v3-features.json: 'F002'"])
            Assert.Contains(words, imported.Said);
    }

    [Fact]
    public void The_coordinator_alone_is_enough()
    {
        var imported = Imported.File("v3-coordinator.json", Coordinator, minConfidence: 0.5);

        Assert.Equal(["P1.T001", "P1.T002"], imported.Ids);
        Assert.Equal([1, 0.8], imported.Draft.Dependencies.Select(edge => edge.Confidence));
        Assert.Equal([new PoolClaim("db", 2)], imported.Draft.Tasks[0].Pools);
    }

    [Fact]
    public void A_sibling_that_is_broken_is_named_and_the_named_file_must_be_sound()
    {
        var files = new[] { ("v3-tasks.json", Tasks), ("v3-waves.json", "{\"waves\":"), ("v3-coordinator.json", Coordinator[..^9]) };

        var imported = Imported.Files("v3-tasks.json", PlanFormats.Auto, null, files);

        Assert.Equal(2, imported.Draft.Tasks.Count);
        Assert.Equal(["in/v3-coordinator.json", "in/v3-waves.json"], imported.Findings.Where(finding => finding.Code == "IMP057").Select(finding => finding.File));
        Imported.Files("v3-coordinator.json", PlanFormats.Auto, null, files).Refused("PLAN004");
    }

    [Fact]
    public void Absurd_values_are_named_and_bent_to_what_can_run()
    {
        var imported = Imported.File("tasks.json",
            """
            {"meta":{"version":"4.0","min_confidence":7},"tasks":[
              {"id":"a b","shared_resources":{"shared_limited":[{"resource":"db","quantity":-3}],"exclusive_locks":["l"]},"duration":{"optimistic":5,"mostLikely":2,"pessimistic":1},"scheduling_hints":{"priority":"urgent","max_retries":1e300}},
              {"id":"b","feature_id":"a feature","duration":-1,"resource_requirements":{"estimated":{"cpu_cores":-1}}},
              {"id":"c","duration":"long"}],
             "dependencies":[{"from":"a b","to":"b","type":"because","confidence":3},{"from":"b","to":"a b","confidence":0.9},{"from":"c","to":"c"},{"from":"c","to":"z"},{"from":1},7]}
            """);

        Assert.Equal(["a-b", "b", "c"], imported.Ids);
        Assert.Equal(["a-b→b"], imported.Edges);
        Assert.Equal(new PertEstimate(2, 2, 2), imported.Draft.Tasks[0].Duration);
        Assert.Equal([new PoolClaim("db", 1)], imported.Draft.Tasks[0].Pools);
        Assert.Equal("a-feature", imported.Draft.Tasks[1].Feature!.Value.Value);
        foreach (var code in (string[])["IMP012", "IMP016", "IMP017", "IMP020", "IMP022", "IMP023", "IMP025", "IMP031", "IMP032", "IMP043"]) Assert.Contains(code, imported.Codes);
    }

    [Fact]
    public void The_plan_of_2025_comes_over_as_it_is()
    {
        var folder = Needs.SharedData("data/slaps-2025");
        var names = new[] { "coordinator", "tasks", "dag", "waves", "features" };
        var files = names.Select(name => ($"v3-{name}.json", name == "coordinator" ? Unpacked(Path.Combine(folder, "v3-coordinator.json.gz")) : File.ReadAllBytes(Path.Combine(folder, $"v3-{name}.json"))));

        var imported = Imported.Source(Imported.Of("", [.. files]));

        var draft = imported.Draft;
        var plan = Plan.Build(draft, new())!;
        Assert.Equal((88, 60, 37), (draft.Tasks.Count, draft.Dependencies.Count, draft.Features.Count));
        Assert.Equal((52, 1, 7), (plan.Graph.EdgeCount, draft.Dependencies.Count(edge => !edge.IsHard), draft.Dependencies.Count(edge => edge is { IsHard: true, OrdersWork: false })));
        Assert.Equal(4, plan.Graph.LongestToEnd(Enumerable.Repeat(1L, 88).ToArray()).Max());
        Assert.Equal([new PoolClaim("ci_runners", 1), new("test_redis", 2)], plan.Resources.Pools);
        Assert.Equal(["deployment_slot", "redis_schema"], plan.Resources.Locks);
        imported.Finding("IMP051", "60 in in/v3-tasks.json, 59 in in/v3-dag.json", "'P4.T049 → P4.T075'");
        imported.Finding("IMP052", "7 dependencies");
        imported.Finding("IMP053", "264 checks");
        imported.Finding("IMP054", "176");
        Assert.Equal(["'test_redis' is 3", "'ci_runners' is 5"], imported.Findings.Where(finding => finding.Code == "IMP050").Select(finding => finding.Message[16..][..(finding.Message.IndexOf(" in ", StringComparison.Ordinal) - 16)]));

        var alone = Imported.Source(Imported.Of("v3-coordinator.json", ("v3-coordinator.json", Unpacked(Path.Combine(folder, "v3-coordinator.json.gz")))));
        Assert.Equal(imported.Edges, alone.Edges);
        Assert.Equal(draft.Tasks.Select(task => task.Duration), alone.Draft.Tasks.Select(task => task.Duration));
    }

    private static byte[] Unpacked(string path)
    {
        using var gzip = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        gzip.CopyTo(bytes);
        return bytes.ToArray();
    }
}
