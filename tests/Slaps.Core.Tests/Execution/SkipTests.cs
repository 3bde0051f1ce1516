using Slaps.Core.Execution;
using Slaps.Core.Views;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Core.Tests.Execution;

/// <summary>A person decides to do without a task.</summary>
public sealed class SkipTests
{
    [Fact]
    public void A_skipped_task_counts_as_done_and_releases_what_depends_on_it()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithoutRetry(), A.Task("T2").After("T1"), A.Task("T3").After("T2"))).Started();
        run.Fails("T1");
        Assert.Equal((true, "SKIPPED"), (run.State.IsFinished, run.StateOf("T3")));

        run.Settling(Skip("T1"));
        Assert.Equal(
            [new ExecutionReopened(), new TaskWaived(new("T1"), "By hand.", true), new TaskRestored(new("T2")), new TaskRestored(new("T3")), new TaskReady(new("T2"))],
            run.Last.Take(5));

        run.Succeeds("T2", "T3");
        Assert.Equal((ExecutionStatus.Completed, "SKIPPED", 3), (run.State.Status, run.StateOf("T1"), run.State.Done));
    }

    [Fact]
    public void With_its_successors_all_that_depends_on_it_is_skipped_and_the_execution_is_not_completed()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").After("T1"), A.Task("T3").After("T2"), A.Task("T4").After("T3"))).Started();

        run.When(Skip("T2", withSuccessors: true));
        Assert.Equal([new TaskWaived(new("T2"), "By hand.", false), new TaskSkipped(new("T3"), new("T2")), new TaskSkipped(new("T4"), new("T2"))], run.Last);

        run.Succeeds("T1");
        Assert.Equal(ExecutionStatus.Failed, run.State.Status);
    }

    [Fact]
    public void A_task_that_waits_for_a_resource_leaves_the_queue()
    {
        var run = Run.From(A.Plan(A.Task("W1").Holding("db").Taking(9), A.Task("W2").Holding("db").Taking(5), A.Task("R").Reading("db"))).Started(2);

        run.Settling(Skip("W2")).Succeeds("W1");

        Assert.Equal(("SKIPPED", "ASSIGNED"), (run.StateOf("W2"), run.StateOf("R")));
    }

    [Fact]
    public void Readers_start_when_the_writer_that_held_them_back_is_skipped()
    {
        var run = Run.From(A.Plan(A.Task("R1").Reading("db").Taking(9), A.Task("W").Holding("db").Taking(5), A.Task("R2").Reading("db"))).Started(2);
        Assert.Equal("READY", run.StateOf("R2"));

        run.Settling(Skip("W"));
        Assert.Equal("ASSIGNED", run.StateOf("R2"));
    }

    [Fact]
    public void A_task_that_waits_for_its_next_attempt_or_for_help_can_be_skipped()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").Retrying(1), A.Task("T3").After("T1", "T2")).Retrying(2)).Started(2);
        run.Fails("T1").Fails("T2").AfterSeconds(60).Fails("T2");
        Assert.Equal("HELP_NEEDED", run.StateOf("T2"));

        run.Settling(Skip("T2"));
        run.Fails("T1").Settling(Skip("T1"));
        Assert.Equal("ASSIGNED", run.StateOf("T3"));
    }

    [Fact]
    public void A_skip_that_comes_before_the_predecessors_are_done_survives_their_failure()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithoutRetry(), A.Task("T2").After("T1"), A.Task("T3").After("T2"))).Started();

        run.Settling(Skip("T2"));
        Assert.Equal("READY", run.StateOf("T3"));
        run.Fails("T1");
        Assert.Equal(("SKIPPED", "ASSIGNED"), (run.StateOf("T2"), run.StateOf("T3")));
    }

    [Fact]
    public void What_a_person_skipped_stays_skipped_when_another_cause_is_retried()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithoutRetry(), A.Task("T2"), A.Task("T3").After("T1", "T2"))).Started();
        run.When(Skip("T2", withSuccessors: true));
        run.Fails("T1");

        run.Settling(new RetryTask(run.Now, new("T1")));
        Assert.Equal(("ASSIGNED", "SKIPPED"), (run.StateOf("T1"), run.StateOf("T3")));
        Assert.Contains("because a person skipped T2, and for good", Refusals.Of(run.State, new RetryTask(run.Now, new("T3"))));
    }

    [Fact]
    public void A_barrier_takes_a_skipped_task_for_ended()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"), A.Task("T3").After("T1")).Build(), null, ExecutionModel.Waves).Started();

        run.Settling(Skip("T2")).Succeeds("T1");
        Assert.Equal("ASSIGNED", run.StateOf("T3"));
    }

    [Fact]
    public void What_cannot_be_skipped_is_refused_with_a_reason()
    {
        var run = Run.From(A.Plan(A.Task("T1").Taking(3), A.Task("T2"), A.Task("T3").After("T2"))).Started();
        Assert.Equal("T1 is ASSIGNED. Skip it when its attempt has ended, or `tasks pause` before its next one.", Refusals.Of(run.State, Skip("T1")));
        Assert.Contains("has no task 'T9'", Refusals.Of(run.State, Skip("T9")));

        run.Succeeds("T1", "T2");
        Assert.Equal("T1 has succeeded; there is nothing to skip.", Refusals.Of(run.State, Skip("T1")));
        run.Settling(new Interrupt(run.Now)).Ends("T3", new Outcome.Signalled(15)).Settling(Skip("T3"));
        Assert.Equal("T3 was skipped already: By hand.", Refusals.Of(run.State, Skip("T3")));
        Assert.Contains("for good", Refusals.Of(run.State, new RetryTask(Noon, new("T3"))));
    }

    [Fact]
    public void Explain_says_who_skipped_it_and_what_follows()
    {
        var run = Run.From(A.Plan(A.Task("T1").Taking(9), A.Task("T2"), A.Task("T3").After("T2"))).Started();
        run.When(Skip("T2", withSuccessors: true));

        Assert.Equal($"T2 was SKIPPED at {run.Now} by a person: By hand.", Explanation.Of(run.State, new("T2"))[0]);
        Assert.Equal($"T3 was SKIPPED at {run.Now} because a person skipped T2, on which it depends: By hand.", Explanation.Of(run.State, new("T3"))[0]);
    }

    [Fact]
    public void A_skip_survives_a_resume()
    {
        var run = Run.From(A.Plan(A.Task("T1").Taking(2), A.Task("T2"), A.Task("T3").After("T2"))).Started();
        run.When(Skip("T2"));

        Assert.Equal(StateText.Of(run.State), StateText.Of(run.Replayed().State));
    }

    private static SkipTask Skip(string task, bool withSuccessors = false) => new(Noon, new(task), "By hand.", withSuccessors);
}
