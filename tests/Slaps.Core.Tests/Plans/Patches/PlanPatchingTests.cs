using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Plans.Patches;

/// <summary>What a patch makes of a plan, and what speaks against it before anything is executed.</summary>
public sealed class PlanPatchingTests
{
    private static readonly Plan Plan = A.Plan(A.Task("a").Holding("db").Checked("out"), A.Task("b").After("a").Using("pool", 2).Checked("out"), A.Task("c").After("b").Estimated(cpuCores: 2))
        .WithPool("pool", 3).WithQuotas(cpuCores: 4).AtMostAtOnce(5).Build();

    [Fact]
    public void A_patched_plan_is_the_plan_that_somebody_would_have_written()
    {
        var patched = With("""
            {"operations": [
              {"op": "inject_task", "task": {"id": "d", "run": {"argv": ["true"]}, "resources": {"locks": ["new"], "shared": {"pool": 4}}}, "edges": [{"from": "a", "to": "d"}]},
              {"op": "add_edge", "edges": [{"from": "d", "to": "c"}]},
              {"op": "modify_resource", "resources": {"add_locks": ["new"], "pools": {"pool": 4, "second": 1}, "increase_quota": {"cpu_cores": 2.5}, "concurrency_max": 9}},
              {"op": "modify_task", "task": {"id": "c", "resources": {"reads": ["db"]}}}]}
            """, out var diagnostics)!;

        Assert.Equal(["PLAN023"], diagnostics.Items.Select(d => d.Code));
        Assert.Equal(["a", "b", "c", "d"], patched.Tasks.Select(t => t.Id.Value));
        Assert.Equal([(0, 1), (0, 3), (1, 2), (3, 2)], patched.Graph.Edges());
        Assert.Equal(["db", "new"], patched.Resources.Locks);
        Assert.Equal([new PoolClaim("pool", 4), new PoolClaim("second", 1)], patched.Resources.Pools);
        Assert.Equal((6.5, 9), (patched.Resources.Quotas.CpuCores, patched.Policies.ConcurrencyMax));
        Assert.Equal(["db"], patched.Tasks[2].Reads);

        var read = CoordinatorJson.Read(CoordinatorJson.Write(patched.ToDraft()), "x", new DiagnosticBag())!;
        Assert.Equal(patched.Graph.Edges(), read.Plan.Graph.Edges());
        Assert.Equal(CoordinatorJson.Write(patched.ToDraft()), CoordinatorJson.Write(read.Plan.ToDraft() with { Origin = patched.Origin }));
    }

    [Theory]
    [InlineData("""{"op":"inject_task","task":{"id":"a"}}""", "HOT010", "$.task.id")]
    [InlineData("""{"op":"inject_task","task":{"id":"../x"}}""", "PLAN021", "$.task.id")]
    [InlineData("""{"op":"inject_task","task":{"id":"CON"}}""", "PLAN021", "$.task.id")]
    [InlineData("""{"op":"inject_task","task":{"id":"d","run":{"argv":["x"],"workdir":"../.."}}}""", "PLAN036", "$.task.run.workdir")]
    [InlineData("""{"op":"inject_task","task":{"id":"d","resources":{"locks":["bd"]}}}""", "PLAN070", "$.task.resources.locks")]
    [InlineData("""{"op":"inject_task","task":{"id":"d","resources":{"shared":{"pol":1}}}}""", "PLAN071", "$.task.resources.shared")]
    [InlineData("""{"op":"inject_task","task":{"id":"d","resources":{"shared":{"pool":4}}}}""", "PLAN073", "$.task.resources.shared")]
    [InlineData("""{"op":"add_edge","edges":[{"from":"a","to":"z"}]}""", "PLAN050", "$.edges[0].to")]
    [InlineData("""{"op":"add_edge","edges":[{"from":"a","to":"b"},{"from":"c","to":"c"}]}""", "PLAN051", "$.edges[1]")]
    [InlineData("""{"op":"modify_resource","resources":{"pools":{"pool":0}}}""", "PLAN072", "$.resources.pools.pool")]
    [InlineData("""{"op":"modify_resource","resources":{"quotas":{"cpu_cores":-1}}}""", "PLAN072", "$.resources.quotas.cpu_cores")]
    [InlineData("""{"op":"modify_resource","resources":{"increase_quota":{"memory_mb":1}}}""", "HOT012", "$.resources.increase_quota.memory_mb")]
    [InlineData("""{"op":"modify_resource","resources":{"concurrency_max":0}}""", "PLAN060", "$.resources.concurrency_max")]
    [InlineData("""{"op":"modify_resource","resources":{"pools":{"x\u001b[2J":1}}}""", "PLAN075", "$.resources.pools['x\\u001b[2J']")]
    [InlineData("""{"op":"modify_task","task":{"id":"x","duration":1}}""", "HOT011", "$.task.id")]
    [InlineData("""{"op":"modify_task","task":{"id":"a","duration":-1}}""", "PLAN060", "$.task.duration.mostLikely")]
    public void What_does_not_fit_the_plan_is_told_at_its_place_in_the_patch(string patch, string code, string place)
    {
        Assert.Null(With(patch, out var diagnostics));

        Assert.Contains((code, (string?)place, "p.json"), diagnostics.Items.Select(d => (d.Code, d.JsonPath, d.File)));
    }

    [Fact]
    public void A_cycle_is_told_with_its_path_and_a_need_that_cannot_be_met_any_more_with_its_task()
    {
        Assert.Null(With("""{"op":"add_edge","edges":[{"from":"c","to":"a"}]}""", out var cycle));
        Assert.Equal(("PLAN052", "p.json", "These tasks wait for each other: a → b → c → a."), (cycle.Items[0].Code, cycle.Items[0].File, cycle.Items[0].Message));

        Assert.Null(With("""{"op":"modify_resource","resources":{"pools":{"pool":1}}}""", out var need));
        Assert.Equal("The task 'b' needs 2 of 'pool', but there are only 1: it could never start.", Assert.Single(need.Items).Message);
    }

    [Fact]
    public void The_rest_of_the_plan_is_not_complained_about_again()
    {
        Assert.NotNull(With("""{"op":"modify_resource","resources":{"pools":{"pool":5}}}""", out var diagnostics));

        Assert.Empty(diagnostics.Items);
    }

    [Fact]
    public void A_plan_that_lists_no_locks_goes_on_allowing_any()
    {
        var plan = new PlanBuilder(A.Plan(A.Task("a").Holding("x")).Draft with { Resources = new() }).Build();
        var patch = new PlanPatch { Operations = [new PatchOperation.ModifyResource(new() { AddLocks = ["y"] }), new PatchOperation.InjectTask(A.Task("b").Holding("y", "z").Task, [])] };

        Assert.Empty(plan.With(patch, new DiagnosticBag())!.Resources.Locks);
    }

    private static Plan? With(string json, out DiagnosticBag diagnostics)
    {
        diagnostics = new DiagnosticBag();
        var patch = PlanPatchJson.Read(Encoding.UTF8.GetBytes(json), "p.json", diagnostics);
        Assert.True(patch is not null, string.Join('\n', diagnostics.Items));
        return Plan.With(patch, diagnostics, "p.json");
    }
}
