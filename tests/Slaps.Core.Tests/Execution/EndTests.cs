using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Core.Tests.Execution;

/// <summary>When an execution ends, and how.</summary>
public sealed class EndTests
{
    [Fact]
    public void It_is_completed_when_every_task_has_succeeded_and_not_before()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"))).Started(2).Succeeds("T1");
        Assert.False(run.State.IsFinished);

        run.Succeeds("T2");
        Assert.Equal(new ExecutionFinished(ExecutionStatus.Completed), run.Last[^1]);
        Assert.Equal((ExecutionStatus.Completed, true), (run.State.Status, run.State.IsFinished));
    }

    [Fact]
    public void A_drain_or_a_pause_in_the_last_task_does_not_keep_a_finished_execution_open()
    {
        var drained = Run.From(A.Plan(A.Task("T1"))).Started().When(new Drain(Noon)).Succeeds("T1");
        var paused = Run.From(A.Plan(A.Task("T1"))).Started().When(new PauseExecution(Noon, "lunch")).Succeeds("T1");

        Assert.True(drained.State is { IsFinished: true, Status: ExecutionStatus.Completed });
        Assert.True(paused.State is { IsFinished: true, Status: ExecutionStatus.Completed });
    }

    [Fact]
    public void It_goes_on_while_anything_runs_or_waits_out_a_delay()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithoutRetry(), A.Task("T2")).Retrying(2)).Started(2).Fails("T1").Fails("T2");
        Assert.False(run.State.IsFinished);

        run.AfterSeconds(1).Fails("T2");
        Assert.Equal(new ExecutionFinished(ExecutionStatus.Failed), run.Last[^1]);
    }

    [Fact]
    public void It_ends_when_nothing_runs_and_nobody_here_can_take_what_is_left()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").ByHand())).Started().Succeeds("T1");

        Assert.Equal((ExecutionStatus.Failed, true, "READY"), (run.State.Status, run.State.IsFinished, run.StateOf("T2")));
    }

    [Fact]
    public void It_stays_for_claims_when_the_coordinator_waits_for_them()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").ByHand())).StartedWaitingForClaims(A.Worker("W1")).Succeeds("T1");
        Assert.Equal((ExecutionStatus.Running, false), (run.State.Status, run.State.IsFinished));

        // The next coordinator need not.
        Assert.True(run.Replayed().Started().State.IsFinished);
    }

    [Fact]
    public void Waiting_for_claims_does_not_keep_an_execution_whose_frontier_is_empty()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithoutRetry(), A.Task("T2").After("T1").ByHand())).StartedWaitingForClaims(A.Worker("W1")).Fails("T1");

        Assert.Equal(ExecutionStatus.Failed, run.State.Status);
    }

    [Fact]
    public void A_coordinator_that_drained_ends_nothing_but_an_abort()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"))).Started(1).When(new Drain(Noon)).Succeeds("T1");
        Assert.False(run.State.IsFinished);

        Assert.True(run.Settling(new AbortExecution(Noon, "No.")).State.IsFinished);
    }

    [Fact]
    public void Counts_of_states_follow_every_change()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").After("T1"), A.Task("T3").WithoutRetry())).Started(2);
        Assert.Equal((2, 1, 0), (run.State.CountOf("ASSIGNED"), run.State.CountOf("PENDING"), run.State.CountOf("READY")));

        run.Succeeds("T1").Fails("T3");
        Assert.Equal((1, 0, 1, 1), (run.State.CountOf("ASSIGNED"), run.State.CountOf("PENDING"), run.State.CountOf("SUCCEEDED"), run.State.CountOf("FAILED")));
    }

    [Theory]
    [InlineData(Priority.Low)]
    [InlineData(Priority.Critical)]
    public void The_last_task_of_any_class_is_waited_for(Priority priority)
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").Of(priority))).Started().Succeeds(priority == Priority.Low ? "T1" : "T2");

        Assert.False(run.State.IsFinished);
    }
}
