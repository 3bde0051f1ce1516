using Slaps.Core.Execution;
using Slaps.Core.Views;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Core.Tests.Execution;

/// <summary>Attempts that give no sign of life.</summary>
public sealed class StallTests
{
    [Fact]
    public void An_attempt_that_is_quiet_for_too_long_is_told_to_stop_and_tried_again_when_it_is_gone()
    {
        var run = Run.From(A.Plan(A.Task("a")).StallingAfter(30).Retrying(3)).Started().Begins("a").AfterSeconds(30);

        run.When(new RecordStall(run.Now, new("a"), 1, Noon));
        Assert.Equal([new AttemptStopping(new("a"), 1, StopReason.Stalled)], run.Last);
        Assert.Contains("It is being stopped (it has printed nothing for too long).", Explanation.Of(run.State, new("a")));

        run.Ends("a", new Outcome.Signalled(15));
        var failed = Assert.Single(run.Last.OfType<TaskFailed>());
        Assert.Equal(new TaskError(FailureKind.Stalled, "It printed nothing for 30 seconds and was stopped."), failed.Error);
        Assert.Equal("BACKOFF", run.StateOf("a"));
    }

    [Fact]
    public void A_stall_counts_as_a_failure_so_that_retries_end()
    {
        var run = Run.From(A.Plan(A.Task("a")).StallingAfter(1).Retrying(2)).Started();
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            run.Begins("a").AfterSeconds(1);
            run.When(new RecordStall(run.Now, new("a"), attempt, run.Now.PlusSeconds(-1))).Ends("a", new Outcome.Signalled(9)).AfterSeconds(60);
        }

        Assert.Equal("HELP_NEEDED", run.StateOf("a"));
    }

    [Fact]
    public void Nobody_is_stopped_early_twice_under_an_old_number_or_where_the_plan_says_nothing()
    {
        var patient = Run.From(A.Plan(A.Task("a"))).Started().Begins("a").AfterSeconds(9_999);
        Assert.Empty(patient.When(new RecordStall(patient.Now, new("a"), 1, Noon)).Last);

        var run = Run.From(A.Plan(A.Task("a").Checked("c")).StallingAfter(30)).Started();
        Assert.Empty(run.AfterSeconds(40).When(new RecordStall(run.Now, new("a"), 1, Noon)).Last);
        run.Begins("a");
        Assert.Empty(run.When(new RecordStall(run.Now, new("a"), 1, run.Now.PlusSeconds(-29.999))).Last);
        Assert.Empty(run.When(new RecordStall(run.Now, new("a"), 2, Noon)).Last);
        Assert.Empty(run.When(new RecordStall(run.Now, new("none"), 1, Noon)).Last);
        Assert.Single(run.When(new RecordStall(run.Now, new("a"), 1, Noon)).Last);
        Assert.Empty(run.When(new RecordStall(run.Now, new("a"), 1, Noon)).Last);

        // Checks have a time limit of their own.
        var checking = Run.From(A.Plan(A.Task("a").Checked("c")).StallingAfter(30)).Started().Begins("a").Exits("a").AfterSeconds(31);
        Assert.Empty(checking.When(new RecordStall(checking.Now, new("a"), 1, Noon)).Last);
    }
}
