using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Core.Tests.Execution;

/// <summary>What follows a failed attempt, and what follows the last one.</summary>
public sealed class RetryTests
{
    [Fact]
    public void A_failed_task_waits_out_its_delay_and_is_tried_again()
    {
        var run = Run.From(A.Plan(A.Task("T1")).Retrying(3)).Started().Fails("T1");

        Assert.Equal(
            [
                new TaskFailed(new("T1"), 1, new TaskError(FailureKind.ExitCode, "It exited with code 1.", ExitCode: 1), CanRetry: true),
                new RetryScheduled(new("T1"), Noon.PlusSeconds(1)),
            ],
            run.Last);
        Assert.Equal(Noon.PlusSeconds(1), run.State.NextTimer);

        run.AfterSeconds(0.999999);
        Assert.Equal("BACKOFF", run.StateOf("T1"));
        run.AfterSeconds(0.000001);
        Assert.Equal(("ASSIGNED", 2), (run.StateOf("T1"), run.AttemptOf("T1")));
        Assert.Null(run.State.NextTimer);
    }

    [Fact]
    public void A_signal_is_a_failure_too()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithoutRetry())).Started().Ends("T1", new Outcome.Signalled(9));

        Assert.Equal(new TaskError(FailureKind.Signal, "Signal 9 ended it.", Signal: 9), Assert.IsType<TaskState.Failed>(run.State[0]).Error);
    }

    [Theory]
    [InlineData(BackoffKind.Exponential, new[] { 1.0, 2, 4, 8, 10, 10 })]
    [InlineData(BackoffKind.Linear, new[] { 1.0, 2, 3, 4, 5, 6 })]
    public void Delays_grow_as_the_policy_says_up_to_the_maximum(BackoffKind backoff, double[] seconds)
    {
        var run = Run.From(A.Plan(A.Task("T1")).Retrying(9, backoff, initialDelayMs: 1_000, maxDelayMs: 10_000)).Started();
        foreach (var expected in seconds)
        {
            var failedAt = run.Now;
            Assert.Contains(new RetryScheduled(new("T1"), failedAt.PlusSeconds(expected)), run.Fails("T1").Last);
            run.AfterSeconds(expected);
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.25, 250_000)]
    [InlineData(1, 1_000_000)]
    [InlineData(7, 1_000_000)]
    [InlineData(-1, 0)]
    public void With_jitter_the_dice_decide_between_nothing_and_the_whole_delay(double dice, long microseconds)
    {
        var run = Run.From(A.Plan(A.Task("T1")).Retrying(3, jitter: true)).Started().Fails("T1", dice);

        Assert.Contains(new RetryScheduled(new("T1"), Noon.Plus(microseconds)), run.Last);
    }

    [Fact]
    public void Without_jitter_the_dice_decide_nothing()
    {
        var run = Run.From(A.Plan(A.Task("T1")).Retrying(3)).Started().Fails("T1", dice: 0.1);

        Assert.Contains(new RetryScheduled(new("T1"), Noon.PlusSeconds(1)), run.Last);
    }

    [Fact]
    public void The_dice_of_a_verdict_count_as_those_of_an_outcome()
    {
        var run = Run.From(A.Plan(A.Task("T1").Checked("c")).Retrying(3, jitter: true)).Started().Exits("T1").FailsChecks("T1", dice: 0.5);

        Assert.Contains(new RetryScheduled(new("T1"), Noon.PlusSeconds(0.5)), run.Last);
    }

    [Theory]
    [InlineData(0, 1_000_000)]
    [InlineData(61, long.MaxValue)]
    [InlineData(1_000_000, long.MaxValue)]
    public void Many_failures_and_the_longest_of_delays_overflow_nothing(int moreFailures, long atMost)
    {
        var delay = Backoff.After(new RetryPolicy(int.MaxValue, BackoffKind.Exponential, 1_000, long.MaxValue, Jitter: false), 1 + moreFailures, dice: 1);

        Assert.InRange(delay, 1_000_000, atMost);
    }

    [Fact]
    public void The_longest_delay_is_an_event_that_can_be_written_and_read()
    {
        var run = Run.From(A.Plan(A.Task("T1")).Retrying(3, initialDelayMs: 3_600_000_000_000, maxDelayMs: 3_600_000_000_000)).Started().Fails("T1");

        var scheduled = Assert.Single(run.Last.OfType<RetryScheduled>());
        Assert.Equal(scheduled, EventJson.Read("retry_scheduled", EventJson.Write(scheduled)));
    }

    [Fact]
    public void A_failed_task_that_is_not_idempotent_is_not_tried_again_without_a_person()
    {
        var run = Run.From(A.Plan(A.Task("T1").NotIdempotent(), A.Task("T2").After("T1")).Retrying(3)).Started().Fails("T1");

        Assert.Equal(("HELP_NEEDED", "PENDING"), (run.StateOf("T1"), run.StateOf("T2")));
        Assert.False(Assert.Single(run.Last.OfType<TaskFailed>()).CanRetry);
    }

    [Fact]
    public void When_the_attempts_are_used_up_a_person_is_asked_and_the_successors_wait()
    {
        var run = Run.From(A.Plan(A.Task("T1").Holding("db"), A.Task("T2").After("T1"), A.Task("T3").After("T2")).Retrying(2)).Started()
            .Fails("T1").AfterSeconds(1).Fails("T1");

        Assert.Contains(new HelpRequested(new("T1"), "It failed 2 times, the last time: It exited with code 1."), run.Last);
        Assert.Equal(["HELP_NEEDED", "PENDING", "PENDING"], run.Plan.Tasks.Select(t => run.StateOf(t.Id.Value)));
        Assert.Empty(run.State.Held());
        Assert.Equal(ExecutionStatus.Failed, run.State.Status);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(4, 5)]
    public void The_retries_of_a_task_outrank_the_plans_policy(int retries, int attempts)
    {
        var run = Run.From(A.Plan(A.Task("T1").Retrying(retries)).Retrying(3)).Started();
        for (var i = 1; i < attempts; i++) run.Fails("T1").AfterSeconds(60);

        Assert.Equal("HELP_NEEDED", run.Fails("T1").StateOf("T1"));
        Assert.Equal(attempts, run.AttemptOf("T1"));
    }

    [Fact]
    public void A_task_that_may_not_retry_fails_at_once_and_its_successors_are_skipped_through_and_through()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithoutRetry(), A.Task("T2").After("T1"), A.Task("T3").After("T2"), A.Task("T4").After("T3", "T5"), A.Task("T5"))).Started(2)
            .Fails("T1");

        Assert.Equal([new TaskSkipped(new("T2"), new("T1")), new TaskSkipped(new("T3"), new("T1")), new TaskSkipped(new("T4"), new("T1"))], run.Last.OfType<TaskSkipped>());
        Assert.Equal(("FAILED", "ASSIGNED"), (run.StateOf("T1"), run.StateOf("T5")));
        run.Succeeds("T5");
        Assert.Equal(("SKIPPED", ExecutionStatus.Failed), (run.StateOf("T4"), run.State.Status));
    }

    [Fact]
    public void No_retries_are_the_same_as_no_retry()
    {
        var run = Run.From(A.Plan(A.Task("T1").Retrying(0), A.Task("T2").After("T1"))).Started().Fails("T1");

        Assert.Equal(("FAILED", "SKIPPED"), (run.StateOf("T1"), run.StateOf("T2")));
    }

    [Fact]
    public void No_retry_outranks_the_number_of_retries()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithoutRetry().Retrying(5))).Started().Fails("T1");

        Assert.Equal("FAILED", run.StateOf("T1"));
    }

    [Fact]
    public void What_cannot_be_started_asks_for_help_at_once()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").After("T1")).Retrying(3)).Started().Ends("T1", new Outcome.NotStarted("There is no program 'mak'."));

        Assert.Equal(("HELP_NEEDED", "PENDING"), (run.StateOf("T1"), run.StateOf("T2")));
        Assert.Contains(new HelpRequested(new("T1"), "It could not be started: There is no program 'mak'."), run.Last);
        Assert.False(Assert.Single(run.Last.OfType<TaskFailed>()).CanRetry);
    }

    [Fact]
    public void A_task_with_two_failed_predecessors_is_skipped_once()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithoutRetry(), A.Task("T2").WithoutRetry(), A.Task("T3").After("T1", "T2"))).Started(2).Fails("T2").Fails("T1");

        Assert.Equal([new TaskSkipped(new("T3"), new("T2"))], run.Events.OfType<TaskSkipped>());
    }
}
