using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Core.Tests.Plans;

public sealed class CoordinatorJsonTests
{
    [Fact]
    public void A_short_plan_written_by_hand_is_enough()
    {
        var plan = Reading.OfGraph("""{"id":"a","run":{"argv":["true"]}},{"id":"b","run":{"command":"echo hi","shell":true}}""", """{"from":"a","to":"b"}""").Plan;

        Assert.Equal(["a", "b"], plan.Tasks.Select(task => task.Id.Value));
        Assert.Equal("a", plan.Tasks[0].Title);
        Assert.Equal(["true"], Assert.IsType<RunSpec.Process>(plan.Tasks[0].Run).Argv);
        Assert.Equal("echo hi", Assert.IsType<RunSpec.Shell>(plan.Tasks[1].Run).Command);
        Assert.Equal(new Dependency(new("a"), new("b")), Assert.Single(plan.Dependencies));
        Assert.Equal([1], plan.Graph.SuccessorsOf(0).ToArray());
        Assert.Equal(1, plan.IndexOf(new("b")));
        Assert.Equal(-1, plan.IndexOf(new("c")));
    }

    [Fact]
    public void Every_field_of_a_task_is_read()
    {
        var task = Reading.OfTask(
            """
            "name":"Build it","description":"All of it","feature_id":"F001","idempotent":false,
            "run":{"argv":["make","all"],"env":{"CC":"gcc"},"workdir":"src","timeout_seconds":2.5},
            "acceptance_checks":[
              {"type":"command","argv":["test","-f","x"],"timeout_seconds":10},
              {"id":"shell","type":"command","command":"test -f x","shell":true,"workdir":"src","env":{"A":"1"}},
              {"type":"file_exists","path":"out/x"},
              {"type":"file_contains","path":"log","contains":"ok"},
              {"type":"json_path","path":"p.json","json_path":"$.a","equals":{"b":1.0,"a":null}},
              {"type":"json_path","path":"p.json","query":"$.n","equals":null},
              {"type":"json_path","path":"p.json","query":"$.n"}],
            "resources":{"locks":["db"],"reads":["docs","db"],"shared":{"ports":2}},
            "resource_requirements":{"estimated":{"cpu_cores":0.5,"memory_mb":64,"disk_io_mbps":1},"worker_capabilities_required":["dotnet"]},
            "scheduling_hints":{"priority":"critical","preemptible":true,"retry_on_failure":false,"max_retries":4,"checkpoint_capable":true},
            "duration":{"optimistic":0.1,"mostLikely":0.2,"pessimistic":0.4},
            "interfaces":{"produces":["maybe.txt",{"path":"../must.bin"}],"consumes":["spec"]}
            """,
            """ "resources":{"pools":{"ports":2}}""").Plan.Tasks[0];

        Assert.Equal(("Build it", "All of it", "F001", false), (task.Title, task.Description, task.Feature?.Value, task.Idempotent));
        var run = Assert.IsType<RunSpec.Process>(task.Run);
        Assert.Equal(("src", "gcc", 2.5), (run.Context.Workdir, run.Context.Env["CC"], run.Context.TimeoutSeconds));
        Assert.Equal(["check-1", "shell", "check-3", "check-4", "check-5", "check-6", "check-7"], task.Checks.Select(check => check.Id));
        Assert.Equal(10, task.Checks[0].TimeoutSeconds);
        Assert.Equal("src", Assert.IsType<RunSpec.Shell>(Assert.IsType<AcceptanceCheck.Command>(task.Checks[1]).Run).Context.Workdir);
        Assert.Equal(new AcceptanceCheck.FileExists("check-3", "out/x", 300), task.Checks[2]);
        Assert.Equal(new AcceptanceCheck.FileContains("check-4", "log", "ok", 300), task.Checks[3]);
        Assert.Equal(new AcceptanceCheck.JsonPath("check-5", "p.json", "$.a", "{\n  \"a\": null,\n  \"b\": 1\n}", 300), task.Checks[4]);
        Assert.Equal(new AcceptanceCheck.JsonPath("check-6", "p.json", "$.n", "null", 300), task.Checks[5]);
        Assert.Equal(new AcceptanceCheck.JsonPath("check-7", "p.json", "$.n", null, 300), task.Checks[6]);
        Assert.Equal(["db"], task.Locks);
        Assert.Equal(["docs", "db"], task.Reads);
        Assert.Equal(["db", "docs"], task.LocksTaken);
        Assert.Equal([new PoolClaim("ports", 2)], task.Pools);
        Assert.Equal(new QuotaAmounts(0.5, 64, 1), task.Estimated);
        Assert.Equal(["dotnet"], task.Capabilities);
        Assert.Equal((Priority.Critical, false, 4), (task.Priority, task.RetryOnFailure, task.MaxRetries));
        Assert.Equal(new PertEstimate(0.1, 0.2, 0.4), task.Duration);
        Assert.Equal([new ArtifactDeclaration("maybe.txt", false), new ArtifactDeclaration("../must.bin", true)], task.Produces);
        Assert.Equal(["spec"], task.Consumes);
    }

    [Fact]
    public void An_agent_a_person_and_nobody_are_ways_to_run()
    {
        var tasks = Reading.OfGraph("""{"id":"a","run":{"agent":"claude","prompt":"be brief"}},{"id":"b","run":{"manual":true}},{"id":"c"},{"id":"d","run":null}""").Plan.Tasks;

        Assert.Equal(("claude", "be brief"), (Assert.IsType<RunSpec.Agent>(tasks[0].Run).Name, ((RunSpec.Agent)tasks[0].Run).Prompt));
        Assert.Equal(new RunSpec.Claimed(Manual: true), tasks[1].Run);
        Assert.Equal(RunSpec.Unspecified, tasks[2].Run);
        Assert.Equal(RunSpec.Unspecified, tasks[3].Run);
    }

    [Fact]
    public void A_bare_number_is_all_three_estimates_and_a_lone_middle_one_too()
    {
        var tasks = Reading.OfGraph("""{"id":"a","duration":2},{"id":"b","duration":{"most_likely":3}},{"id":"c"}""").Plan.Tasks;

        Assert.Equal([new(2, 2, 2), new(3, 3, 3), PertEstimate.Default], tasks.Select(task => task.Duration));
    }

    [Fact]
    public void Policies_and_resources_are_read()
    {
        var plan = Reading.OfTask(
            """ "title":"A" """,
            """
            "title":"The plan",
            "policies":{"concurrency_max":7,"fairness":"weighted","retry":{"max_attempts":5,"backoff":"linear","initial_delay_ms":10,"max_delay_ms":20,"jitter":false}},
            "resources":{"locks":["db"],"pools":{"z":1,"a":2},"quotas":{"cpu_cores":4,"memory_mb":1024,"test_redis":3}}
            """).Plan;

        Assert.Equal("The plan", plan.Title);
        Assert.Equal(7, plan.Policies.ConcurrencyMax);
        Assert.Equal(new RetryPolicy(5, BackoffKind.Linear, 10, 20, false), plan.Policies.Retry);
        Assert.Equal(["db"], plan.Resources.Locks);
        Assert.Equal([new("a", 2), new("test_redis", 3), new PoolClaim("z", 1)], plan.Resources.Pools);
        Assert.Equal(new QuotaAmounts(4, 1024, null), plan.Resources.Quotas);
    }

    [Fact]
    public void Without_policies_a_failed_task_is_tried_three_times()
    {
        var plan = Reading.OfTask(""" "title":"A" """, """ "policies":{"retry":{"jitter":false}}""").Plan;

        Assert.Equal(RetryPolicy.Default with { Jitter = false }, plan.Policies.Retry);
        Assert.Null(plan.Policies.ConcurrencyMax);
    }

    [Fact]
    public void The_form_of_2025_loads_as_it_is()
    {
        var reading = Reading.OfGraph(
            """
            {"id":"P1.T001","name":"Outer","state":"PENDING","attempts":0,"lastError":null,"task":{"id":"other","title":"Design","feature_id":"F001",
             "shared_resources":{"exclusive_locks":["redis_schema"],"shared_limited":[{"resource":"test_redis","quantity":2}],"creates":[],"modifies":[]},
             "acceptance_checks":[{"type":"automated","description":"Spec published","script":"test.sh"},{"type":"manual","description":"Looks good","script":null}]}}
            """,
            rest: """ "version":"3.0","policies":{"retry_policy":{"max_attempts":4}},"resources":{"locks":["redis_schema"],"quotas":{"test_redis":2}}""");

        var task = reading.Plan.Tasks[0];
        Assert.Equal(("P1.T001", "Design"), (task.Id.Value, task.Title));
        Assert.Equal(["redis_schema"], task.Locks);
        Assert.Equal([new PoolClaim("test_redis", 2)], task.Pools);
        Assert.Equal(4, reading.Plan.Policies.Retry.MaxAttempts);
        Assert.Equal(
            [
                new AcceptanceCheck.Unrunnable("check-1", "automated", "Spec published") { Unknown = new("{\n  \"script\": \"test.sh\"\n}") },
                new AcceptanceCheck.Unrunnable("check-2", "manual", "Looks good") { Unknown = new("{\n  \"script\": null\n}") },
            ],
            task.Checks);
        Assert.Contains("\"lastError\": null", task.Unknown.Json, StringComparison.Ordinal);
        Assert.Equal(["PLAN041", "PLAN041"], reading.Codes);
        reading.Finds("PLAN041", "$.graph.nodes[0].task.acceptance_checks[0]");
    }

    [Theory]
    [InlineData("{\"from\":\"a\",\"to\":\"b\",\"type\":\"soft\"}", DependencyType.Technical, false, 1)]
    [InlineData("{\"from\":\"a\",\"to\":\"b\",\"type\":\"hard\"}", DependencyType.Technical, true, 1)]
    [InlineData("{\"from\":\"a\",\"to\":\"b\",\"type\":\"knowledge\",\"isHard\":false,\"confidence\":0.5}", DependencyType.Knowledge, false, 0.5)]
    [InlineData("{\"from\":\"a\",\"to\":\"b\",\"hard\":false}", DependencyType.Technical, false, 1)]
    [InlineData("{\"from\":\"a\",\"to\":\"b\",\"type\":\"resource_limited\"}", DependencyType.ResourceLimited, true, 1)]
    public void An_edge_says_why_and_how_strictly(string edge, DependencyType type, bool isHard, double confidence)
    {
        var plan = Reading.OfGraph("""{"id":"a"},{"id":"b"}""", edge).Plan;

        Assert.Equal(new Dependency(new("a"), new("b"), type, isHard, confidence), plan.Dependencies[0]);
        Assert.Equal(isHard && type != DependencyType.ResourceLimited ? 1 : 0, plan.Graph.EdgeCount);
    }

    [Fact]
    public void A_hard_mutual_exclusion_becomes_a_lock_unless_the_tasks_share_one()
    {
        var plan = Reading.OfGraph(
            """{"id":"a"},{"id":"b"},{"id":"c","resources":{"locks":["db"]}},{"id":"d","resources":{"locks":["db"]}}""",
            """
            {"from":"a","to":"b","type":"mutual_exclusion"},{"from":"b","to":"a","type":"mutual_exclusion"},
            {"from":"c","to":"d","type":"mutual_exclusion"},{"from":"a","to":"d","type":"mutual_exclusion","isHard":false}
            """,
            """ "resources":{"locks":["db"]}""").Plan;

        Assert.Equal(["mutual_exclusion.a.b"], plan.Tasks[0].Locks);
        Assert.Equal(["mutual_exclusion.a.b"], plan.Tasks[1].Locks);
        Assert.Equal(["db"], plan.Tasks[2].Locks);
        Assert.Equal(["db"], plan.Tasks[3].Locks);
        Assert.Equal(["db", "mutual_exclusion.a.b"], plan.Resources.Locks);
        Assert.Equal(0, plan.Graph.EdgeCount);
    }

    [Fact]
    public void A_task_may_exclude_fifty_thousand_others()
    {
        const int Others = 50_000;
        var draft = new PlanDraft
        {
            Tasks = [.. Enumerable.Range(0, Others + 1).Select(i => new PlanTask { Id = new($"t{i}") })],
            Dependencies = [.. Enumerable.Range(1, Others).Select(i => new Dependency(new("t0"), new($"t{i}"), DependencyType.MutualExclusion))],
        };

        Assert.Equal(Others, Plan.Build(draft, new DiagnosticBag())!.Tasks[0].Locks.Count);
    }

    [Fact]
    public void A_byte_order_mark_and_any_white_space_change_nothing()
    {
        var plain = Reading.Of("""{"graph":{"nodes":[{"id":"a"}]}}""").Document!;
        var marked = Reading.Of([0xef, 0xbb, 0xbf, .. Encoding.UTF8.GetBytes("\r\n{ \"graph\" : {\"edges\":null, \"nodes\":[ {\"id\":\"a\"}\n]}}")]);

        Assert.NotNull(marked.Document);
        Assert.Equal(64, plain.Hash.Length);
        Assert.Equal(plain.Hash, Reading.Of(" {\"graph\":\n{\"nodes\":[{\"id\":\"\\u0061\"}]}}").Document!.Hash);
    }

    [Fact]
    public void Unknown_fields_are_kept_without_a_word_and_count_in_the_hash()
    {
        var one = Reading.OfTask(""" "acceptance_checks":[{"type":"file_exists","path":"x"}],"house_number":1 """);
        var other = Reading.OfTask(""" "acceptance_checks":[{"type":"file_exists","path":"x"}],"house_number":2 """);

        Assert.Empty(one.Bag.Items);
        Assert.NotEqual(one.Document!.Hash, other.Document!.Hash);
        Assert.Contains("house_number", Encoding.UTF8.GetString(one.Document.CanonicalBytes), StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_that_the_bag_held_before_do_not_refuse_a_plan()
    {
        var bag = new DiagnosticBag();
        bag.Add(new("OTHER1", Severity.Error, "Another file is wrong.", ""));

        Assert.NotNull(CoordinatorJson.Read("""{"graph":{"nodes":[{"id":"a"}]}}"""u8.ToArray(), "f", bag));
    }

    [Fact]
    public void A_task_without_checks_gets_one_warning_for_the_whole_plan()
    {
        var reading = Reading.OfGraph(string.Join(',', Enumerable.Range(0, 8).Select(i => $$"""{"id":"t{{i}}"}""")));

        Assert.NotNull(reading.Document);
        var warning = Assert.Single(reading.Bag.Items);
        Assert.Equal(("PLAN023", Severity.Warning), (warning.Code, warning.Severity));
        Assert.Contains("'t4' and 3 more", warning.Message, StringComparison.Ordinal);
    }
}
