using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Views;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Execution;

/// <summary>What starves makes others make way.</summary>
public sealed class PreemptionTests
{
    private static TaskDraft Cheap(string id) => A.Task(id).Of(Priority.Low).Preemptible();

    private static TaskDraft Urgent(string id) => A.Task(id).Of(Priority.Critical).After("first");

    [Fact]
    public void A_critical_task_that_has_waited_for_long_enough_gets_the_worker_of_a_preemptible_one()
    {
        var run = Run.From(A.Plan(A.Task("first"), Cheap("a"), Cheap("b"), Urgent("u").Holding("x"), A.Task("c").Holding("x").Preemptible()).PreemptingAfter(60)).Started(4).Succeeds("first");
        Assert.Equal("READY", run.StateOf("u"));
        Assert.Equal(run.Now.PlusSeconds(60), run.State.NextTimer);

        Assert.Empty(run.AfterSeconds(59).Last);
        run.AfterSeconds(1);
        Assert.Equal([new TaskPreempted(new("c"), 1, new("u")), new AttemptStopping(new("c"), 1, StopReason.Preempted)], run.Last);
        Assert.Contains(Explanation.Of(run.State, new("c")), reason => reason.Contains("it makes way for a critical task", StringComparison.Ordinal));

        run.Ends("c", new Outcome.Signalled(15));
        Assert.Equal(("ASSIGNED", "QUEUED", 0), (run.StateOf("u"), run.StateOf("c"), run.State.FailuresOf(4)));
        Assert.Equal(StateText.Of(run.State), StateText.Of(run.Replayed().State));
    }

    [Fact]
    public void As_few_make_way_as_it_takes_and_the_lowest_class_first()
    {
        var plan = A.Plan(A.Task("first"), Cheap("a").Using("p", 1), Cheap("b").Using("p", 2), A.Task("m").Using("p", 1).Preemptible(), Urgent("u").Using("p", 2)).WithPool("p", 4).PreemptingAfter(10);

        var run = Run.From(plan).Started(5).Succeeds("first").AfterSeconds(10);

        Assert.Equal([new TaskId("b")], run.Last.OfType<TaskPreempted>().Select(e => e.Task));
    }

    [Fact]
    public void Nobody_makes_way_that_must_not_or_in_vain()
    {
        var held = A.Task("held").Holding("x").Of(Priority.Low);
        TaskDraft[] others = [held, held.Preemptible().NotIdempotent(), held.Preemptible().Of(Priority.Critical)];
        foreach (var other in others)
        {
            var run = Run.From(A.Plan(A.Task("first"), other, Cheap("free"), Urgent("u").Holding("x")).PreemptingAfter(1)).Started(3).Succeeds("first").AfterSeconds(100);

            Assert.Empty(run.Last);
            Assert.Null(run.State.NextTimer);
        }
    }

    [Fact]
    public void A_task_makes_way_only_so_often()
    {
        var urgent = Enumerable.Range(1, 5).Select(i => A.Task($"u{i}").Of(Priority.Critical).Holding("x").After(i == 1 ? "first" : $"g{i - 1}")).ToArray();
        var gates = Enumerable.Range(1, 4).Select(i => A.Task($"g{i}").After($"u{i}").Taking(0.1)).ToArray();
        var run = Run.From(A.Plan([A.Task("first"), Cheap("a").Holding("x"), .. urgent, .. gates]).PreemptingAfter(5)).Started(3).Succeeds("first");
        for (var i = 1; i <= TaskPreempted.MostTimes; i++)
        {
            run.AfterSeconds(5);
            Assert.Equal(i, run.State.PreemptionsOf(1));
            run.Ends("a", new Outcome.Signalled(15)).Succeeds($"u{i}").Succeeds($"g{i}");
        }

        Assert.Equal(("ASSIGNED", "READY"), (run.StateOf("a"), run.StateOf("u4")));
        Assert.Empty(run.AfterSeconds(500).Last);
        run.Succeeds("a");
        Assert.Equal("ASSIGNED", run.StateOf("u4"));
    }

    [Fact]
    public void Where_the_plan_does_not_say_so_nobody_makes_way()
    {
        var run = Run.From(A.Plan(A.Task("first"), Cheap("a").Holding("x"), Urgent("u").Holding("x"))).Started(3).Succeeds("first").AfterSeconds(10_000);

        Assert.Empty(run.Last.OfType<TaskPreempted>());
    }

    [Fact]
    public void A_session_task_that_waits_for_a_lock_is_explained_by_the_lock()
    {
        var run = Run.From(A.Plan(A.Task("T1").Holding("db"), A.Task("T2").Holding("db").ByHand(), A.Task("T3").ByHand().Needing("go"))).StartedWaitingForClaims(A.Workers(1));

        Assert.Contains("It waits for the lock 'db' (1 needed, 0 free), held by T1.", Explanation.Of(run.State, new("T2")));
        Assert.Contains("It waits for a session that can go to claim it.", Explanation.Of(run.State, new("T3")));
    }
}
