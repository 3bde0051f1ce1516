using Slaps.Core.Execution;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Core.Tests.Execution;

/// <summary>Pause, resume, drain, interrupt and abort.</summary>
public sealed class SteeringTests
{
    [Fact]
    public void A_paused_execution_starts_nothing_lets_what_runs_end_and_does_not_end_itself()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").After("T1"))).Started().Settling(new PauseExecution(Noon, "Lunch.")).Succeeds("T1");

        Assert.Equal(("SUCCEEDED", "READY"), (run.StateOf("T1"), run.StateOf("T2")));
        Assert.Equal((ExecutionStatus.Paused, "Lunch.", false), (run.State.Status, run.State.StatusReason, run.State.IsFinished));

        run.Settling(new ResumeExecution(Noon));
        Assert.Equal("ASSIGNED", run.StateOf("T2"));
        Assert.Null(run.State.StatusReason);
    }

    [Fact]
    public void A_pause_outlives_the_coordinator()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"))).Started(1).When(new PauseExecution(Noon, "Lunch.")).Replayed().Started(2);

        Assert.Equal("READY", run.StateOf("T2"));
    }

    [Fact]
    public void A_delay_that_ends_in_a_pause_queues_the_task_and_no_more()
    {
        var run = Run.From(A.Plan(A.Task("T1")).Retrying(3)).Started().Fails("T1").When(new PauseExecution(Noon, "Lunch.")).AfterSeconds(1);

        Assert.Equal("QUEUED", run.StateOf("T1"));
        Assert.Equal("ASSIGNED", run.Settling(new ResumeExecution(run.Now)).StateOf("T1"));
    }

    [Fact]
    public void Whatever_is_asked_twice_or_too_late_decides_to_nothing()
    {
        var run = Run.From(A.Plan(A.Task("T1"))).Started();
        Assert.Empty(run.When(new ResumeExecution(Noon)).Last);
        Assert.Empty(run.When(new PauseExecution(Noon, "a")).When(new PauseExecution(Noon, "b")).Last);
        Assert.Empty(run.When(new Drain(Noon)).When(new Drain(Noon)).Last);
        Assert.Empty(run.When(new Interrupt(Noon)).When(new Interrupt(Noon)).Last);
        Assert.Empty(run.When(new AbortExecution(Noon, "a")).When(new AbortExecution(Noon, "b")).Last);
        Assert.Empty(run.When(new PauseExecution(Noon, "c")).Last);

        var ended = Run.From(A.Plan(A.Task("T1"))).Started().Succeeds("T1");
        Command[] late =
        [
            new Proceed(Noon), new PauseExecution(Noon, ""), new ResumeExecution(Noon), new AbortExecution(Noon, ""), new Drain(Noon), new Interrupt(Noon),
            new RetryTask(Noon, new("T1")), new StartCoordinator(Noon, "host", 1, A.Workers(1), 1, false),
        ];
        Assert.All(late, command => Assert.Empty(ended.When(command).Last));
    }

    [Fact]
    public void A_draining_coordinator_lets_what_runs_end_and_starts_nothing()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"))).Started().Settling(new Drain(Noon));
        Assert.Equal([new DrainRequested()], run.Last);
        Assert.True(run.State.IsDraining);

        run.Succeeds("T1");
        Assert.Equal(("SUCCEEDED", "READY", false), (run.StateOf("T1"), run.StateOf("T2"), run.State.IsFinished));
    }

    [Fact]
    public void The_next_coordinator_goes_on_where_one_drained()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"))).Started().When(new Drain(Noon)).Succeeds("T1").Replayed().Started();

        Assert.False(run.State.IsDraining);
        Assert.Equal("ASSIGNED", run.StateOf("T2"));
    }

    [Fact]
    public void An_interrupt_stops_what_runs_and_queues_it_again_without_a_failure()
    {
        var run = Run.From(A.Plan(A.Task("T1").Holding("db").WithoutRetry(), A.Task("T2"), A.Task("T3"))).Started(2).Begins("T1").When(new Interrupt(Noon));
        Assert.Equal([new DrainRequested(), new AttemptStopping(new("T1"), 1, StopReason.Interrupted), new AttemptStopping(new("T2"), 1, StopReason.Interrupted)], run.Last);

        run.Ends("T1", new Outcome.Signalled(15)).Ends("T2", new Outcome.Signalled(15));
        Assert.Equal(["QUEUED", "QUEUED", "READY"], run.Plan.Tasks.Select(t => run.StateOf(t.Id.Value)));
        Assert.Equal((0, 0, false), (run.State.FailuresOf(0), run.State.Held().Count(), run.State.IsFinished));

        run = run.Replayed().Started(2);
        Assert.Equal(("ASSIGNED", 2), (run.StateOf("T1"), run.AttemptOf("T1")));
    }

    [Fact]
    public void An_interrupt_after_a_drain_only_stops()
    {
        var run = Run.From(A.Plan(A.Task("T1"))).Started().When(new Drain(Noon)).When(new Interrupt(Noon));

        Assert.Equal([new AttemptStopping(new("T1"), 1, StopReason.Interrupted)], run.Last);
    }

    [Fact]
    public void An_interrupt_leaves_checks_to_the_next_coordinator()
    {
        var run = Run.From(A.Plan(A.Task("T1").Checked("c"))).Started().Exits("T1").When(new Interrupt(Noon));
        Assert.Equal([new DrainRequested()], run.Last);

        Assert.Equal([new Effect.Verify(new("T1"), 1)], Effects.Outstanding(run.Replayed().Started().State));
    }

    [Fact]
    public void An_interrupt_does_not_excuse_an_attempt_whose_time_was_over()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithinSeconds(1).WithoutRetry())).Started().AfterSeconds(1).When(new Interrupt(Noon));
        Assert.Equal([new DrainRequested()], run.Last);

        Assert.Equal("FAILED", run.Ends("T1", new Outcome.Signalled(9)).StateOf("T1"));
    }

    [Fact]
    public void An_abort_stops_what_runs_cancels_what_waits_and_ends_the_execution()
    {
        var run = Run.From(A.Plan(A.Task("T0"), A.Task("T1").Holding("db"), A.Task("T2").Holding("db"), A.Task("T3").After("T1"), A.Task("T4"), A.Task("T5").WithoutRetry()).Retrying(3)).Started(4)
            .Succeeds("T0").Fails("T4").Fails("T5").When(new AbortExecution(Noon, "Wrong plan."));

        Assert.Equal(
            [
                new ExecutionAborted("Wrong plan."), new AttemptStopping(new("T1"), 1, StopReason.Aborted), new TaskCancelled(new("T2"), "Wrong plan."),
                new TaskCancelled(new("T3"), "Wrong plan."), new TaskCancelled(new("T4"), "Wrong plan."),
            ],
            run.Last);
        Assert.Empty(run.Settle().Last);

        run.Ends("T1", new Outcome.Signalled(15));
        Assert.Equal([new ResourceReleased(new("T1"), [new("lock:db", 1)]), new TaskCancelled(new("T1"), "Wrong plan."), new ExecutionFinished(ExecutionStatus.Aborted)], run.Last, EventsEqual.ByJson);
        Assert.Equal(["SUCCEEDED", "CANCELLED", "CANCELLED", "CANCELLED", "CANCELLED", "FAILED"], run.Plan.Tasks.Select(t => run.StateOf(t.Id.Value)));
        Assert.Null(run.State.NextTimer);
    }

    [Fact]
    public void An_abort_stops_checks_and_what_an_interrupt_has_stopped()
    {
        var run = Run.From(A.Plan(A.Task("T1").Checked("c"), A.Task("T2"))).Started(2).Exits("T1").When(new Interrupt(Noon)).When(new AbortExecution(Noon, "No."));
        Assert.Equal([new AttemptStopping(new("T1"), 1, StopReason.Aborted), new AttemptStopping(new("T2"), 1, StopReason.Aborted)], run.Last.Skip(1));

        run.Passes("T1").Exits("T2");
        Assert.Equal(("CANCELLED", "CANCELLED", ExecutionStatus.Aborted, true), (run.StateOf("T1"), run.StateOf("T2"), run.State.Status, run.State.IsFinished));
    }

    [Fact]
    public void A_paused_execution_can_be_aborted_and_an_aborted_one_not_resumed()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"))).Started().When(new PauseExecution(Noon, "Lunch.")).When(new AbortExecution(Noon, "No."));

        Assert.Empty(run.When(new ResumeExecution(Noon)).Last);
        Assert.Equal(ExecutionStatus.Aborted, run.Ends("T1", new Outcome.Lost()).State.Status);
        Assert.True(run.State.IsFinished);
    }
}
