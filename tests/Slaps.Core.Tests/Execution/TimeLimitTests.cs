using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Core.Tests.Execution;

/// <summary>Attempts that take longer than they may.</summary>
public sealed class TimeLimitTests
{
    [Fact]
    public void The_deadline_is_decided_with_the_assignment()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithinSeconds(2.5), A.Task("T2").ByAgent("claude", 60), A.Task("T3"))).Started(A.Worker("W1").Running("process", "agent:claude"), A.Worker("W2").Running("agent:claude"), A.Worker("W3"));

        Assert.Equal([Noon.PlusSeconds(2.5), Noon.PlusSeconds(60), null], run.Events.OfType<TaskAssigned>().OrderBy(e => e.Task.Value, StringComparer.Ordinal).Select(e => e.Deadline));
        Assert.Equal(Noon.PlusSeconds(2.5), run.State.NextTimer);
    }

    [Fact]
    public void A_shell_task_has_its_limit_too()
    {
        var shell = new RunSpec.Shell("true", ProcessContext.Default with { TimeoutSeconds = 3 });
        var run = Run.From(A.Plan(A.Task("T1").Where(t => t with { Run = shell }))).Started();

        Assert.Equal(Noon.PlusSeconds(3), run.State.NextTimer);
    }

    [Fact]
    public void When_its_time_is_over_an_attempt_is_told_to_stop_and_fails_when_it_is_gone()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithinSeconds(2).Holding("db"), A.Task("T2").Holding("db")).Retrying(3)).Started(2).Begins("T1");

        run.AfterSeconds(1.999999);
        Assert.Empty(run.Last);
        run.AfterSeconds(0.000001);
        Assert.Equal([new AttemptStopping(new("T1"), 1, StopReason.TimedOut)], run.Last);

        // Until it is gone it keeps its lock, and nobody is told twice.
        run.AfterSeconds(9);
        Assert.Empty(run.Last);
        Assert.Equal([new TaskId("T1")], run.State.HoldersOf("lock:db"));

        run.Ends("T1", new Outcome.Signalled(9));
        var failed = Assert.Single(run.Last.OfType<TaskFailed>());
        Assert.Equal(new TaskError(FailureKind.TimedOut, "It took longer than its 2 seconds and was stopped."), failed.Error);
        Assert.Equal(("BACKOFF", "ASSIGNED"), (run.StateOf("T1"), run.StateOf("T2")));
    }

    [Fact]
    public void What_an_attempt_says_after_its_time_was_over_no_longer_counts()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithinSeconds(2).WithoutRetry())).Started().AfterSeconds(2).Exits("T1");

        Assert.Equal("FAILED", run.StateOf("T1"));
    }

    [Fact]
    public void An_attempt_that_ended_in_time_is_not_stopped()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithinSeconds(2).Checked("c"), A.Task("T2").After("T1").WithinSeconds(5))).Started().AfterSeconds(1).Exits("T1");

        // The checks have limits of their own.
        run.AfterSeconds(8);
        Assert.Empty(run.Last);
        run.Passes("T1");
        Assert.Equal(run.Now.PlusSeconds(5), run.State.NextTimer);
    }

    [Fact]
    public void The_next_attempt_has_its_own_limit()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithinSeconds(10)).Retrying(3)).Started().AfterSeconds(9).Fails("T1").AfterSeconds(1);

        Assert.Equal(Noon.PlusSeconds(20), run.State.NextTimer);
    }

    [Fact]
    public void A_paused_or_draining_execution_still_stops_what_takes_too_long()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithinSeconds(2), A.Task("T2").WithinSeconds(3))).Started(2).When(new PauseExecution(Noon, "Lunch."));
        Assert.Single(run.AfterSeconds(2).Last);

        Assert.Single(run.When(new Drain(run.Now)).AfterSeconds(1).Last);
    }

    [Fact]
    public void The_longest_limit_is_an_event_that_can_be_written_and_read()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithinSeconds(3.6e9))).Started();

        var assigned = Assert.Single(run.Last.OfType<TaskAssigned>());
        Assert.Equal(assigned, EventJson.Read("task_assigned", EventJson.Write(assigned)));
    }

    [Fact]
    public void A_deadline_survives_the_coordinator()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithinSeconds(2))).Started().Begins("T1").Replayed().Started(0);

        Assert.Equal([new AttemptStopping(new("T1"), 1, StopReason.TimedOut)], run.AfterSeconds(2).Last);
    }

    [Fact]
    public void Of_timers_that_end_together_the_first_in_the_file_goes_first_also_after_a_replay()
    {
        var plan = A.Plan([.. Enumerable.Range(1, 9).Select(i => A.Task($"T{i}").WithinSeconds(10 - i))]);
        var run = Run.From(plan).Started(9).AfterSeconds(9);

        Assert.Equal(Enumerable.Range(1, 9).Reverse().Select(i => $"T{i}"), Stopped(run));
        var tied = Run.From(A.Plan([.. Enumerable.Range(1, 9).Select(i => A.Task($"T{i}").Taking(i).WithinSeconds(1))])).Started(9);
        Assert.Equal(Enumerable.Range(1, 9).Select(i => $"T{i}"), Stopped(tied.Replayed().AfterSeconds(1)));
        Assert.Equal(Stopped(tied.AfterSeconds(1)), Stopped(tied.Replayed()));

        static IEnumerable<string> Stopped(Run run) => run.Events.OfType<AttemptStopping>().Select(e => e.Task.Value);
    }
}
