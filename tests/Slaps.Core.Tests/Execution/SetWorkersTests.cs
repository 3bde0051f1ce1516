using Slaps.Core.Execution;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Core.Tests.Execution;

/// <summary>A person says how many workers there are.</summary>
public sealed class SetWorkersTests
{
    [Fact]
    public void More_workers_join_and_take_what_waits_also_beyond_the_places_of_the_plan()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"), A.Task("T3"), A.Task("T4")).AtMostAtOnce(1)).Started();
        Assert.Single(run.State.Active);

        run.Settling(new SetWorkers(run.Now, 3));
        Assert.Equal((3, 3), (run.State.Workers.Count, run.State.Active.Count));
    }

    [Fact]
    public void Idle_workers_leave_at_once_and_busy_ones_when_their_task_ends()
    {
        var run = Run.From(A.Plan(A.Task("T1").Taking(5), A.Task("T2").Taking(4), A.Task("T3").After("T1"), A.Task("T4").After("T1"))).Started(3);

        run.Settling(new SetWorkers(run.Now, 1));
        Assert.Equal([new WorkersSet(1), new WorkerLeft(new("W3"))], run.Last);
        Assert.Equal(2, run.State.Active.Count);

        run.Succeeds("T1");
        Assert.Contains(new WorkerLeft(new("W1")), run.Last);
        Assert.Equal(("ASSIGNED", "READY", "READY"), (run.StateOf("T2"), run.StateOf("T3"), run.StateOf("T4")));
        run.Succeeds("T2");
        Assert.Equal(("ASSIGNED", "READY"), (run.StateOf("T3"), run.StateOf("T4")));
    }

    [Fact]
    public void What_was_asked_for_holds_for_the_next_coordinator()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"), A.Task("T3"))).Started(3);
        run.Settling(new SetWorkers(run.Now, 2)).Settling(new Interrupt(run.Now));
        foreach (var task in new[] { "T1", "T2", "T3" }) run.Ends(task, new Outcome.Signalled(15));

        var resumed = run.Replayed().Started(3);
        Assert.Equal((2, 2, 2), (resumed.State.MaxWorkers, resumed.State.Workers.Count, resumed.State.Active.Count));
    }

    [Fact]
    public void A_coordinator_without_workers_gets_none()
    {
        var run = Run.From(A.Plan(A.Task("T1"))).Started();
        run.When(new SetWorkers(run.Now, 5));

        run.When(new StartCoordinator(run.Now, "host", 1, [], 0, WaitForClaims: false));
        Assert.Equal((0, 0), (run.State.MaxWorkers, run.State.Workers.Count));
    }

    [Theory]
    [InlineData(0, "say a number from 1 to 10000")]
    [InlineData(10_001, "say a number from 1 to 10000")]
    [InlineData(2, "has 2 workers at most already")]
    public void What_is_not_possible_or_changes_nothing_is_refused(int workers, string says)
    {
        var run = Run.From(A.Plan(A.Task("T1"))).Started();
        run.When(new SetWorkers(run.Now, 2));

        Assert.Contains(says, Refusals.Of(run.State, new SetWorkers(Noon, workers)));
        Assert.Empty(run.When(new SetWorkers(run.Now, workers)).Last);
    }

    [Fact]
    public void An_execution_that_has_ended_takes_no_workers()
    {
        var run = Run.From(A.Plan(A.Task("T1"))).Started().Succeeds("T1");

        Assert.Contains("has ended (completed)", Refusals.Of(run.State, new SetWorkers(run.Now, 2)));
    }
}
