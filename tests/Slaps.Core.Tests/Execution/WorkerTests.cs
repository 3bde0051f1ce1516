using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Views;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Execution;

/// <summary>Who takes which task.</summary>
public sealed class WorkerTests
{
    [Fact]
    public void A_worker_has_one_task_at_a_time()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"), A.Task("T3"))).Started(2);

        Assert.Equal([("T1", "W1"), ("T2", "W2")], Assigned(run));
        Assert.Equal([("T1", "W1"), ("T2", "W2"), ("T3", "W2")], Assigned(run.Succeeds("T2")));
    }

    [Fact]
    public void Workers_join_one_by_one_while_tasks_wait_for_nothing_else_up_to_the_maximum()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").Holding("db"), A.Task("T3").Holding("db"), A.Task("T4"), A.Task("T5")))
            .When(new StartCoordinator(Moments.Noon, "host", 1, A.Workers(1), MaxWorkers: 3, WaitForClaims: false)).Settle();

        Assert.Equal([new("worker-1"), new("worker-2")], run.Events.OfType<WorkerJoined>().Select(e => e.Worker.Id));
        Assert.Equal([("T1", "W1"), ("T2", "worker-1"), ("T4", "worker-2")], Assigned(run));
    }

    [Fact]
    public void No_worker_joins_for_a_task_that_waits_for_a_resource()
    {
        var run = Run.From(A.Plan(A.Task("T1").Holding("db"), A.Task("T2").Holding("db")))
            .When(new StartCoordinator(Moments.Noon, "host", 1, A.Workers(1), MaxWorkers: 3, WaitForClaims: false)).Settle();

        Assert.Empty(run.Events.OfType<WorkerJoined>());
    }

    [Fact]
    public void A_worker_is_busy_until_the_checks_of_its_task_are_done()
    {
        var run = Run.From(A.Plan(A.Task("T1").Checked("c"), A.Task("T2"))).Started().Exits("T1");
        Assert.Equal("READY", run.StateOf("T2"));

        Assert.Equal("ASSIGNED", run.Passes("T1").StateOf("T2"));
    }

    [Fact]
    public void A_task_goes_to_a_worker_that_can_do_all_that_it_asks_for()
    {
        var run = Run.From(A.Plan(A.Task("T1").Needing("gpu", "rust"))).Started(
            A.Worker("W1").ThatCan("gpu"), A.Worker("W2").ThatCan("rust"), A.Worker("W3").ThatCan("rust", "gpu", "go"));

        Assert.Equal([("T1", "W3")], Assigned(run));
    }

    [Fact]
    public void A_task_waits_for_the_one_worker_that_can_take_it_while_others_are_idle()
    {
        var run = Run.From(A.Plan(A.Task("T1").Needing("gpu"), A.Task("T2").Needing("gpu"))).Started(A.Worker("W1").ThatCan("gpu"), A.Worker("W2").ThatCan("go"));
        Assert.Equal([("T1", "W1")], Assigned(run));

        Assert.Equal([("T1", "W1"), ("T2", "W1")], Assigned(run.Succeeds("T1")));
    }

    [Fact]
    public void The_most_specialised_worker_that_can_is_preferred_then_the_first()
    {
        var run = Run.From(A.Plan(A.Task("T1").Needing("gpu"), A.Task("T2").Needing("gpu"), A.Task("T3").Needing("gpu"), A.Task("T4").Needing("gpu"))).Started(
            A.Worker("any"), A.Worker("two").ThatCan("gpu", "go"), A.Worker("one").ThatCan("gpu"), A.Worker("uno").ThatCan("gpu"));

        Assert.Equal([("T1", "one"), ("T2", "uno"), ("T3", "two"), ("T4", "any")], Assigned(run));
    }

    [Fact]
    public void A_generic_worker_stays_free_for_what_only_it_can_do()
    {
        var run = Run.From(A.Plan(A.Task("T1").Needing("go"), A.Task("T2").Needing("rust"))).Started(A.Worker("any"), A.Worker("go").ThatCan("go"));

        Assert.Equal([("T1", "go"), ("T2", "any")], Assigned(run));
    }

    [Fact]
    public void A_worker_takes_only_the_kinds_of_work_that_it_runs()
    {
        var run = Run.From(A.Plan(A.Task("T1").ByAgent("claude"), A.Task("T2").ByAgent("codex"), A.Task("T3"), A.Task("T4").ByHand())).Started(
            A.Worker("P1"), A.Worker("P2"), A.Worker("A1").Running("agent:codex"), A.Worker("A2").Running("agent:claude", "process"));

        Assert.Equal([("T1", "A2"), ("T2", "A1"), ("T3", "P1")], Assigned(run));
        Assert.Equal("READY", run.StateOf("T4"));
    }

    [Fact]
    public void A_shell_task_is_a_process_too()
    {
        var run = Run.From(A.Plan(A.Task("T1").Where(t => t with { Run = new RunSpec.Shell("true", ProcessContext.Default) }))).Started();

        Assert.Equal([("T1", "W1")], Assigned(run));
    }

    [Fact]
    public void A_task_for_an_idle_worker_goes_before_a_better_one_whose_worker_is_busy()
    {
        var run = Run.From(A.Plan(A.Task("T1").Needing("gpu").Taking(9), A.Task("T2").Needing("gpu").Taking(8), A.Task("T3").Needing("go"))).Started(
            A.Worker("W1").ThatCan("gpu"), A.Worker("W2").ThatCan("go"));

        Assert.Equal([("T1", "W1"), ("T3", "W2")], Assigned(run));
    }

    [Fact]
    public void A_new_coordinator_with_fewer_workers_starts_nothing_on_a_worker_whose_attempt_lives()
    {
        var run = Run.From(A.Plan([.. Enumerable.Range(1, 6).Select(i => A.Task($"T{i}"))])).Started(3).Replayed().Started(2);
        Assert.Equal([0, 1, 2], run.State.Active);

        // W3 is gone for good: what it had in hand is finished, and nothing follows on it.
        run.Succeeds("T3");
        Assert.Equal([0, 1], run.State.Active);
        run.Succeeds("T2");
        Assert.Equal(("T4", "W2"), Assigned(run)[^1]);
        run.Succeeds("T1");
        Assert.Equal(("T5", "W1"), Assigned(run)[^1]);
    }

    [Fact]
    public void A_new_coordinator_brings_new_workers_for_what_waited()
    {
        var run = Run.From(A.Plan(A.Task("T1").Needing("gpu"), A.Task("T2").Needing("go"))).Started(A.Worker("W1").ThatCan("go")).Replayed()
            .Started(A.Worker("W1").ThatCan("go"), A.Worker("W2").ThatCan("gpu"));

        Assert.Equal([("T2", "W1"), ("T1", "W2")], Assigned(run));
        Assert.Equal(2, run.State.Workers.Count);
    }

    [Fact]
    public void A_generic_worker_is_set_up_for_each_new_capability_and_stays_so_until_the_next()
    {
        var run = Run.From(A.Plan(A.Task("T1").Needing("gpu"), A.Task("T2").Needing("gpu").After("T1"), A.Task("T3").After("T2"), A.Task("T4").Needing("gpu").After("T3"), A.Task("T5").Needing("go").After("T4"), A.Task("T6").Needing("gpu").After("T5")))
            .Started(A.Worker("any").SetUpIn(30)).Succeeds("T1", "T2", "T3", "T4", "T5", "T6");

        Assert.Equal([30, null, null, null, 30, 30], SetUps(run));
    }

    [Fact]
    public void A_hybrid_worker_is_set_up_only_for_what_it_cannot_do_anyway()
    {
        var run = Run.From(A.Plan(A.Task("T1").Needing("gpu"), A.Task("T2").Needing("go").After("T1"), A.Task("T3").Needing("gpu", "go").After("T2"), A.Task("T4").Needing("gpu", "rust").After("T3")))
            .Started(A.Worker("hybrid").ThatCan("gpu").SetUpIn(5)).Succeeds("T1", "T2", "T3", "T4");

        Assert.Equal([null, 5, null, 5], SetUps(run));
    }

    [Fact]
    public void A_specialised_worker_goes_first_then_one_that_is_set_up_then_one_that_can_do_anything_and_last_one_that_must_be_set_up()
    {
        var run = Run.From(A.Plan([A.Task("T0").Needing("gpu"), .. Enumerable.Range(1, 4).Select(i => A.Task($"T{i}").Needing("gpu").After("T0"))]))
            .Started(A.Worker("first").SetUpIn(30)).Replayed();

        // A new coordinator's workers are not set up any more; the one that has the first task in hand is when it is done with the next of its kind.
        run.Succeeds("T0").Started(A.Worker("first").SetUpIn(30), A.Worker("other").SetUpIn(20), A.Worker("all"), A.Worker("gpu").ThatCan("gpu"));
        Assert.Equal([("T0", "first"), ("T1", "first"), ("T2", "gpu"), ("T3", "all"), ("T4", "other")], Assigned(run));
        Assert.Equal([30, null, null, null, 20], SetUps(run));

        var again = Run.From(A.Plan(A.Task("T0").Needing("gpu"), A.Task("T1").Needing("gpu").After("T0"), A.Task("T2").Needing("gpu").After("T0")))
            .Started(A.Worker("new").SetUpIn(1), A.Worker("gpu").ThatCan("gpu")).Succeeds("T0");
        Assert.Equal([("T0", "gpu"), ("T1", "gpu"), ("T2", "new")], Assigned(again));
    }

    [Fact]
    public void Nobody_is_set_up_while_one_that_need_not_be_should_be_free_sooner_for_everybody_who_waits()
    {
        // An hour each.
        var plan = A.Plan(A.Task("T1").Needing("gpu"), A.Task("T2").Needing("gpu"));
        var patient = Run.From(plan).Started(A.Worker("gpu").ThatCan("gpu"), A.Worker("any").SetUpIn(3_601));
        Assert.Equal([("T1", "gpu")], Assigned(patient));
        Assert.Contains("It waits for gpu, which need not be set up for it and should be free before the 3601 seconds are over", string.Join(" ", Explanation.Of(patient.State, new("T2"))));
        Assert.Equal(Moments.Noon.PlusSeconds(3_600), patient.State.NextTimer);
        Assert.Equal([("T1", "gpu"), ("T2", "gpu")], Assigned(patient.Succeeds("T1")));

        var hasty = Run.From(plan).Started(A.Worker("gpu").ThatCan("gpu"), A.Worker("any").SetUpIn(3_599));
        Assert.Equal([("T1", "gpu"), ("T2", "any")], Assigned(hasty));
        Assert.Contains("any is set up for gpu first, which takes 3599 seconds", string.Join(" ", Explanation.Of(hasty.Begins("T2").State, new("T2"))));

        // One will be free soon, but two wait for it.
        var crowd = Run.From(A.Plan(A.Task("T1").Needing("gpu"), A.Task("T2").Needing("gpu"), A.Task("T3").Needing("gpu"))).Started(A.Worker("gpu").ThatCan("gpu"), A.Worker("any").SetUpIn(3_601));
        Assert.Equal([("T1", "gpu"), ("T2", "any")], Assigned(crowd));
    }

    [Fact]
    public void Nobody_waits_for_a_worker_that_is_late()
    {
        var run = Run.From(A.Plan(A.Task("T1").Needing("gpu"), A.Task("T2").Needing("gpu"))).Started(A.Worker("gpu").ThatCan("gpu"), A.Worker("any").SetUpIn(7_200));
        Assert.Equal([("T1", "gpu")], Assigned(run.AfterSeconds(3_599)));

        Assert.Equal([("T1", "gpu"), ("T2", "any")], Assigned(run.AfterSeconds(1)));
        Assert.Equal([null, 7_200], SetUps(run));
        Assert.Null(run.State.NextTimer);
    }

    [Fact]
    public void The_time_limit_begins_when_the_worker_is_set_up()
    {
        var run = Run.From(A.Plan(A.Task("T1").Needing("gpu").WithinSeconds(10))).Started(A.Worker("any").SetUpIn(30));

        Assert.Equal(Moments.Noon.PlusSeconds(40), run.Events.OfType<TaskAssigned>().Single().Deadline);
    }

    [Fact]
    public void No_worker_joins_for_what_waits_for_one_that_need_not_be_set_up()
    {
        var run = Run.From(A.Plan(A.Task("T1").Needing("gpu"), A.Task("T2").Needing("gpu")))
            .When(new StartCoordinator(Moments.Noon, "host", 1, [A.Worker("any").SetUpIn(7_200), A.Worker("gpu").ThatCan("gpu")], MaxWorkers: 4, WaitForClaims: false)).Settle();

        Assert.Equal([("T1", "gpu")], Assigned(run));
        Assert.Empty(run.Events.OfType<WorkerJoined>());
    }

    private static double?[] SetUps(Run run) => [.. run.Events.OfType<TaskAssigned>().Select(e => e.SetupSeconds)];

    private static (string Task, string Worker)[] Assigned(Run run) => [.. run.Events.OfType<TaskAssigned>().Select(e => (e.Task.Value, e.Worker.Value))];
}
