using Slaps.Core.Execution;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Core.Tests.Execution;

/// <summary>Somebody asks to try a task again.</summary>
public sealed class RetryCommandTests
{
    [Fact]
    public void A_retried_task_is_queued_with_a_clean_slate_and_its_finished_execution_goes_on()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").After("T1")).Retrying(2)).Started().Fails("T1").AfterSeconds(1).Fails("T1");
        Assert.True(run.State.IsFinished);

        run.When(new RetryTask(run.Now, new("T1")));
        Assert.Equal([new ExecutionReopened(), new TaskQueued(new("T1"), "Somebody asked to try it again.")], run.Last);
        Assert.Equal((ExecutionStatus.Running, false, 0), (run.State.Status, run.State.IsFinished, run.State.FailuresOf(0)));

        // Two more attempts, as at the beginning.
        run.Settle().Fails("T1");
        Assert.Equal(("BACKOFF", 3), (run.StateOf("T1"), run.AttemptOf("T1")));
        run.AfterSeconds(1).Succeeds("T1", "T2");
        Assert.Equal(ExecutionStatus.Completed, run.State.Status);
    }

    [Fact]
    public void Successors_that_were_skipped_are_restored_through_and_through()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithoutRetry(), A.Task("T2").After("T1"), A.Task("T3").After("T2", "T1"))).Started().Fails("T1").Settling(new RetryTask(Noon, new("T1")));

        Assert.Equal([new TaskRestored(new("T2")), new TaskRestored(new("T3"))], run.Last.OfType<TaskRestored>());
        run.Succeeds("T1", "T2", "T3");
        Assert.Equal(ExecutionStatus.Completed, run.State.Status);
    }

    [Fact]
    public void A_successor_of_two_failed_tasks_is_restored_when_both_are_retried()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithoutRetry(), A.Task("T2").WithoutRetry(), A.Task("T3").After("T1", "T2"), A.Task("T4").After("T3"), A.Task("T5").After("T1"))).Started(2)
            .Fails("T1").Fails("T2").Settling(new RetryTask(Noon, new("T1")));
        Assert.Equal([new TaskRestored(new("T5"))], run.Last.OfType<TaskRestored>());

        // T1 is done when T2 is asked for: nothing else stands in the way of T3.
        run.Succeeds("T1", "T5").Settling(new RetryTask(Noon, new("T2")));
        Assert.Equal([new TaskRestored(new("T3")), new TaskRestored(new("T4"))], run.Last.OfType<TaskRestored>());
        run.Succeeds("T2", "T3", "T4");
        Assert.Equal(ExecutionStatus.Completed, run.State.Status);
    }

    [Fact]
    public void Both_failed_tasks_may_be_retried_before_either_is_done()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithoutRetry(), A.Task("T2").WithoutRetry(), A.Task("T3").After("T1", "T2"))).Started(2)
            .Fails("T1").Fails("T2").Settling(new RetryTask(Noon, new("T1"))).Settling(new RetryTask(Noon, new("T2"))).Succeeds("T2", "T1");

        Assert.Equal("ASSIGNED", run.StateOf("T3"));
    }

    [Fact]
    public void A_restored_successor_is_skipped_again_when_the_retry_fails()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithoutRetry(), A.Task("T2").After("T1"))).Started().Fails("T1").Settling(new RetryTask(Noon, new("T1"))).Fails("T1");

        Assert.Equal(("FAILED", "SKIPPED"), (run.StateOf("T1"), run.StateOf("T2")));
    }

    [Fact]
    public void A_successor_whose_other_predecessor_needs_help_is_restored_and_waits()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithoutRetry(), A.Task("T2").Retrying(1), A.Task("T3").After("T1", "T2")).Retrying(2)).Started(2)
            .Fails("T2").AfterSeconds(1).Fails("T2").Fails("T1").Settling(new RetryTask(Noon, new("T1")));

        Assert.Equal(("HELP_NEEDED", "PENDING"), (run.StateOf("T2"), run.StateOf("T3")));
    }

    [Fact]
    public void A_task_that_waits_out_its_delay_can_be_tried_at_once()
    {
        var run = Run.From(A.Plan(A.Task("T1")).Retrying(3)).Started().Fails("T1").Settling(new RetryTask(Noon, new("T1")));
        Assert.Equal(("ASSIGNED", 2), (run.StateOf("T1"), run.AttemptOf("T1")));

        // The old delay's end is nobody's business any more.
        Assert.Null(run.State.NextTimer);
        Assert.Empty(run.AfterSeconds(1).Last);
    }

    [Fact]
    public void A_task_that_needs_help_can_be_retried_while_others_run()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"))).Started(2).Ends("T1", new Outcome.NotStarted("No.")).Settling(new RetryTask(Noon, new("T1")));

        Assert.DoesNotContain(run.Last, e => e is ExecutionReopened);
        Assert.Equal("ASSIGNED", run.StateOf("T1"));
    }

    [Fact]
    public void A_retry_in_a_pause_starts_nothing()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithoutRetry(), A.Task("T2"))).Started(2).Fails("T1").When(new PauseExecution(Noon, "Lunch.")).Settling(new RetryTask(Noon, new("T1")));

        Assert.Equal("QUEUED", run.StateOf("T1"));
    }

    [Fact]
    public void A_reopened_execution_is_taken_over_by_the_next_coordinator()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithoutRetry())).Started().Fails("T1").When(new RetryTask(Noon, new("T1"))).Replayed().Started();

        Assert.Equal(ExecutionStatus.Completed, run.Succeeds("T1").State.Status);
    }
}
