using Slaps.Core.Execution;
using Slaps.Core.Failures;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;
using Slaps.Core.Views;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Core.Tests.Execution;

/// <summary>Where two features meet: patches and who makes way, breakers and who starves, windows and who has left.</summary>
public sealed class MeetingPointTests
{
    private static PlanBuilder Urgent => A.Plan(A.Task("first"), A.Task("a").Holding("x").Preemptible(), A.Task("u").Of(Priority.Critical).After("first").Holding("x"), A.Task("w").After("first").Holding("x")).PreemptingAfter(60);

    // The plan declares no locks: that there is one is known only because a task names it.
    private static PlanBuilder NamedByATask => new(A.Plan(A.Task("T1").After("T2").Holding("db"), A.Task("T2"), A.Task("T3")).Draft with { Resources = new PlanResources() });

    [Fact]
    public void Nobody_makes_way_for_a_task_that_a_patch_made_ordinary()
    {
        var run = Run.From(Urgent).Started(2).Succeeds("first").Settling(Modify("u", new() { Priority = Priority.Low }));

        Assert.Empty(run.AfterSeconds(600).Last.OfType<TaskPreempted>());
        run.Succeeds("a").Succeeds("w");
        Assert.Equal("ASSIGNED", run.StateOf("u"));
        Assert.Null(run.AfterSeconds(600).State.NextTimer);
    }

    [Fact]
    public void Others_make_way_for_a_task_that_a_patch_made_critical()
    {
        var run = Run.From(Urgent).Started(2).Succeeds("first").Settling(Modify("u", new() { Priority = Priority.Low })).Settling(Modify("w", new() { Priority = Priority.Critical }));

        Assert.Equal(new TaskId("w"), Assert.Single(run.AfterSeconds(60).Last.OfType<TaskPreempted>()).For);
    }

    [Fact]
    public void Nobody_makes_way_for_a_task_that_a_breaker_keeps_from_starting()
    {
        var run = Run.From(A.Plan(A.Task("u").Of(Priority.Critical).Retrying(5), A.Task("v").Of(Priority.Critical).Retrying(5), A.Task("a").Preemptible()).PreemptingAfter(10).HealingItself()).Started(2);
        Meets(run, "u");
        Meets(run, "v");
        run.AfterSeconds(30);
        Assert.Equal(("QUEUED", "QUEUED", "ASSIGNED"), (run.StateOf("u"), run.StateOf("v"), run.StateOf("a")));

        for (var i = 0; i < 5; i++) Assert.Empty(run.AfterSeconds(30).Last.OfType<TaskPreempted>());
    }

    [Fact]
    public void A_lock_that_somebody_has_or_waits_for_in_mid_task_is_not_patched_away()
    {
        var run = Run.From(NamedByATask).Started(2).When(new AcquireResource(Noon, new("T2"), 1, "db"));
        Assert.Contains("T2 has the lock 'db', which nothing would name any more", Refusals.Of(run.State, Modify("T1", new() { Locks = [] })));

        // T3 is younger and dies for it; T2 is the one that waits.
        run = Run.From(NamedByATask).Started(2).When(new AcquireResource(Noon, new("T3"), 1, "db")).When(new AcquireResource(Noon, new("T2"), 1, "db"));
        Assert.Contains("T2 waits for the lock 'db', which nothing would name any more", Refusals.Of(run.State, Modify("T1", new() { Locks = [] })));
    }

    [Fact]
    public void A_task_whose_windows_a_patch_takes_away_begins()
    {
        var run = Run.From(A.Plan(A.Task("T1").Using("gpu"), A.Task("T2")).WithPool("gpu", 1).WithWindow("gpu", "20:00-06:00")).Started(2);
        Assert.Equal("READY", run.StateOf("T1"));

        run.Settling(Modify("T1", new() { Pools = [] }));

        Assert.Equal("ASSIGNED", run.StateOf("T1"));
    }

    [Fact]
    public void What_opens_by_the_clock_opens_for_sessions_when_the_coordinator_has_left()
    {
        var night = A.Task("T1").Where(t => t with { Windows = [TimeWindow.Parse("20:00-06:00")!.Value] });
        var run = Run.From(A.Plan(night, A.Task("T2"))).Started(2).Settling(new Drain(Noon)).Succeeds("T2");

        run.At(Noon.PlusSeconds(8 * 3_600)).Settling(new PassTime(run.Now));

        Assert.NotEmpty(run.When(new ClaimTask(run.Now, new("alpha"), new("T1"), 60)).Last);
    }

    [Fact]
    public void A_task_that_waits_for_a_patch_in_between_still_begins_where_it_was_cut_off()
    {
        var keeping = A.Task("T1").Where(t => t with { ExecutionGuidance = """{"checkpoint":{"files":["out"]}}""" });
        var run = Run.From(A.Plan(keeping, A.Task("T2"))).Started(1).Begins("T1").When(new RecordCheckpoint(Noon, new("T1"), 1, new KeptFiles(1, 1, 10, "00"), 25, null));
        run.When(new RecordOutcome(run.Now, new("T1"), 1, new Outcome.Lost()));
        Assert.Equal("QUEUED", run.StateOf("T1"));
        run.Settling(new ModifyPlan(Noon, new() { Operations = [new PatchOperation.InjectTask(A.Task("FIX").Task, [new(new("FIX"), new("T1"))])], Reason = "A test." }));
        Assert.Equal("PENDING", run.StateOf("T1"));

        run.Succeeds(run.StateOf("FIX") == "ASSIGNED" ? ["FIX"] : ["T2", "FIX"]).Settle();
        if (run.StateOf("T1") != "ASSIGNED") run.Succeeds("T2");

        Assert.Equal(("ASSIGNED", 1), (run.StateOf("T1"), run.State.RestoredBy(0)?.Kept.Number));
    }

    [Fact]
    public void The_checkpoint_that_the_present_attempt_began_from_is_not_dropped_under_it()
    {
        var keeping = A.Task("T1").Where(t => t with { ExecutionGuidance = """{"checkpoint":{"files":["out"]}}""" });
        var run = Run.From(A.Plan(keeping)).Started(1).Begins("T1");
        for (var number = 1; number <= 2; number++) run.When(new RecordCheckpoint(Noon, new("T1"), 1, new KeptFiles(number, 1, 10, "00"), 25 * number, null));
        run.When(new ChooseCheckpoint(Noon, new("T1"), "T1/1")).Ends("T1", new Outcome.Lost()).Begins("T1");
        Assert.Equal(1, run.State.RestoredBy(0)?.Kept.Number);

        Assert.DoesNotContain(run.When(new PruneCheckpoints(run.Now, Keep: 0)).Last.OfType<CheckpointsPruned>().SelectMany(e => e.Checkpoints), id => id == "cp-2026-11-21-001");
    }

    [Fact]
    public void A_cancelled_task_that_is_tried_again_is_not_held_by_the_breaker_of_its_former_attempts()
    {
        var run = Run.From(A.Plan(A.Task("T1").Retrying(5), A.Task("T2").Retrying(5)).HealingItself()).Started(2);
        Meets(run, "T1");
        Meets(run, "T2");
        run.AfterSeconds(30).Settling(new CancelTask(run.Now, new("T2"), "Not now."));
        Assert.Equal("CANCELLED", run.StateOf("T2"));

        run.Settling(new RetryTask(run.Now, new("T2")));

        Assert.Equal("ASSIGNED", run.StateOf("T2"));
    }

    [Fact]
    public void Only_the_windows_of_what_a_task_takes_are_named()
    {
        var plan = A.Plan(A.Task("T1").Estimated(cpuCores: 1)).WithQuotas(cpuCores: 2, memoryMb: 100).WithWindow("cpu_cores", "20:00-06:00").WithWindow("memory_mb", "00:00-23:00");

        Assert.Contains("(cpu_cores 20:00-06:00 UTC)", string.Join("\n", Explanation.Of(Run.From(plan).Started(1).State, new("T1"))));
    }

    private static ModifyPlan Modify(string task, TaskModification changes) => new(Noon, new() { Operations = [new PatchOperation.ModifyTask(new(task), changes)], Reason = "A test." });

    private static Run Meets(Run run, string task) => run.Settling(new RecordOutcome(run.Now, new(task), run.AttemptOf(task), new Outcome.Exited(1))
    {
        Finding = new(FailureClass.Transient, "outage", "a line", "It says so.") { Breaker = new BreakerRule(Remedy.Wait, 2, 600, CooldownSeconds: 6_000, 3) },
    });
}
