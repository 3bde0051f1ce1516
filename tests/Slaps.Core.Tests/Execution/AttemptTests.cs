using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Core.Tests.Execution;

/// <summary>The number of an attempt fences off everything that earlier attempts still say.</summary>
public sealed class AttemptTests
{
    private static readonly Outcome Success = new Outcome.Exited(0);

    [Fact]
    public void An_attempt_is_assigned_then_runs_then_its_task_has_succeeded()
    {
        var process = new ProcessIdentity(99, 12345, "boot");
        var run = Run.From(A.Plan(A.Task("T1"))).Started().Begins("T1", process).Succeeds("T1");

        Assert.Equal(
            ["execution_created", "task_ready", "coordinator_started", "task_assigned", "task_started", "task_succeeded", "execution_finished"],
            run.Events.Select(EventJson.NameOf));
        Assert.Contains(new TaskStarted(new("T1"), new("W1"), 1, process), run.Events);
    }

    [Fact]
    public void Sequence_numbers_have_no_gap_and_a_gap_is_noticed()
    {
        var run = Run.From(A.Plan(A.Task("T1"))).Started();

        Assert.Equal(Enumerable.Range(1, run.Journal.Count).Select(i => (long)i), run.Journal.Select(r => r.Seq));
        var gap = Assert.Throws<System.Diagnostics.UnreachableException>(() => run.State.Evolve(new RecordedEvent(run.State.Seq + 2, Noon, new DrainRequested())));
        Assert.Contains("The journal has a gap", gap.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_second_report_of_the_same_end_decides_to_nothing()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"))).Started().Succeeds("T1");

        Assert.Empty(run.When(new RecordOutcome(Noon, new("T1"), 1, Success)).Last);
        Assert.Empty(run.When(new RecordOutcome(Noon, new("T1"), 1, new Outcome.Exited(1))).Last);
        Assert.Empty(run.When(new RecordStart(Noon, new("T1"), 1, null)).Last);
        Assert.Empty(run.When(new RecordVerdict(Noon, new("T1"), 1, new Verdict([], [], []))).Last);
    }

    [Fact]
    public void A_late_report_of_an_earlier_attempt_decides_to_nothing()
    {
        var run = Run.From(A.Plan(A.Task("T1").Checked("c")).Retrying(3)).Started().Fails("T1").AfterSeconds(1);
        Assert.Equal(2, run.AttemptOf("T1"));

        Assert.Empty(run.When(new RecordStart(run.Now, new("T1"), 1, null)).Last);
        Assert.Empty(run.When(new RecordOutcome(run.Now, new("T1"), 1, Success)).Last);
        Assert.Empty(run.When(new RecordOutcome(run.Now, new("T1"), 3, Success)).Last);
        run.Exits("T1");
        Assert.Equal("VERIFYING", run.StateOf("T1"));
        Assert.Empty(run.When(new RecordVerdict(run.Now, new("T1"), 1, new Verdict([], [], []))).Last);
        Assert.Empty(run.When(new RecordOutcome(run.Now, new("T1"), 2, Success)).Last);
    }

    [Fact]
    public void A_report_on_a_task_that_waits_or_that_nobody_knows_decides_to_nothing()
    {
        var run = Run.From(A.Plan(A.Task("T1").Checked("c"), A.Task("T2"))).Started();

        Assert.Empty(run.When(new RecordOutcome(Noon, new("T2"), 0, Success)).Last);
        Assert.Empty(run.When(new RecordOutcome(Noon, new("T2"), 1, Success)).Last);
        Assert.Empty(run.When(new RecordOutcome(Noon, new("T9"), 1, Success)).Last);
        Assert.Empty(run.When(new RecordVerdict(Noon, new("T1"), 1, new Verdict([], [], []))).Last);
    }

    [Fact]
    public void A_report_during_the_delay_before_the_next_attempt_decides_to_nothing()
    {
        var run = Run.From(A.Plan(A.Task("T1")).Retrying(3)).Started().Fails("T1");

        Assert.Empty(run.When(new RecordOutcome(Noon, new("T1"), 1, Success)).Last);
        Assert.Equal("BACKOFF", run.StateOf("T1"));
    }

    [Fact]
    public void An_attempt_counts_up_over_coordinators_and_retries()
    {
        var run = Run.From(A.Plan(A.Task("T1").Retrying(0))).Started().Fails("T1").When(new RetryTask(Noon, new("T1"))).Replayed().Started();

        Assert.Equal(2, run.AttemptOf("T1"));
    }

    [Fact]
    public void A_start_that_is_reported_twice_is_recorded_once_and_an_adopted_process_once_more()
    {
        var first = new ProcessIdentity(99, 12345, "boot");
        var run = Run.From(A.Plan(A.Task("T1"))).Started().Begins("T1", first);

        Assert.Empty(run.Begins("T1", first).Last);
        Assert.Single(run.Begins("T1", first with { Pid = 100 }).Last);
    }

    [Fact]
    public void A_start_report_that_names_no_process_does_not_forget_the_one_that_is_known()
    {
        var process = new ProcessIdentity(99, 12345, "boot");
        var run = Run.From(A.Plan(A.Task("T1"))).Started().Begins("T1", process);

        Assert.Empty(run.Begins("T1", process: null).Last);
        Assert.Equal([new Effect.Adopt(new("T1"), 1, process)], Effects.Outstanding(run.State));
    }

    [Fact]
    public void An_outcome_may_come_before_the_start()
    {
        var run = Run.From(A.Plan(A.Task("T1"))).Started().Succeeds("T1");

        Assert.Equal("SUCCEEDED", run.StateOf("T1"));
    }

    [Fact]
    public void An_event_of_a_task_that_the_plan_does_not_have_is_refused()
    {
        var run = Run.From(A.Plan(A.Task("T1")));

        var error = Assert.Throws<System.Diagnostics.UnreachableException>(() => run.State.Evolve(new RecordedEvent(run.State.Seq + 1, Noon, new TaskReady(new TaskId("T9")))));
        Assert.Contains("T9", error.Message, StringComparison.Ordinal);
    }
}
