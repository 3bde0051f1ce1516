using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Views;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Core.Tests.Execution;

/// <summary>A task needs a person, and a person answers it or ends it.</summary>
public sealed class EscalationTests
{
    [Fact]
    public void An_answer_has_a_task_that_needs_help_tried_again_and_stays_with_it()
    {
        var run = Run.From(A.Plan(A.Task("T1").Retrying(1), A.Task("T2").After("T1"))).Started().Fails("T1").AfterSeconds(60).Fails("T1");
        Assert.Equal("HELP_NEEDED", run.StateOf("T1"));

        run.When(new AnswerHelp(run.Now, new("T1"), "The port is 5433."));

        Assert.Equal([new ExecutionReopened(), new HelpAnswered(new("T1"), "The port is 5433."), new TaskQueued(new("T1"), "Somebody asked to try it again.")], run.Last);
        run.Settle().Fails("T1");
        Assert.Equal(("BACKOFF", "The port is 5433."), (run.StateOf("T1"), run.Replayed().State.AdviceOf(0)));
    }

    [Fact]
    public void What_is_in_hand_goes_on_and_only_its_next_attempt_hears_the_advice()
    {
        var run = Run.From(A.Plan(A.Task("T1"))).Started();

        run.When(new AnswerHelp(Noon, new("T1"), "Be quick."));

        Assert.Equal([new HelpAnswered(new("T1"), "Be quick.")], run.Last);
        Assert.Equal("ASSIGNED", run.StateOf("T1"));
    }

    [Theory]
    [InlineData("T1", "", "The advice is empty.")]
    [InlineData("T1", "a\u0000b", "the control character U+0000")]
    [InlineData("T9", "Go on.", "has no task 'T9'")]
    [InlineData("T2", "Go on.", "T2 has succeeded")]
    public void An_answer_that_makes_no_sense_is_refused(string task, string advice, string why)
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"))).Started(2).Succeeds("T2");
        var answer = new AnswerHelp(Noon, new(task), advice);

        Assert.Contains(why, Refusals.Of(run.State, answer));
        Assert.Empty(run.When(answer).Last);
    }

    [Fact]
    public void Advice_has_a_length()
    {
        var run = Run.From(A.Plan(A.Task("T1"))).Started();

        Assert.Null(Refusals.Of(run.State, new AnswerHelp(Noon, new("T1"), new string('a', AnswerHelp.LongestAdvice))));
        Assert.Contains("4000 is the most", Refusals.Of(run.State, new AnswerHelp(Noon, new("T1"), new string('a', AnswerHelp.LongestAdvice + 1))));
    }

    [Fact]
    public void A_task_that_waits_is_cancelled_at_once_and_what_depends_on_it_is_skipped()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").After("T1"), A.Task("T3").After("T2"))).Started();

        run.Settling(new CancelTask(Noon, new("T2"), "Not wanted."));

        Assert.Equal([new TaskCancelled(new("T2"), "Not wanted.", Asked: true), new TaskSkipped(new("T3"), new("T2"))], run.Last);
        run.Succeeds("T1");
        Assert.Equal((ExecutionStatus.Failed, "CANCELLED", "SKIPPED"), (run.State.Status, run.StateOf("T2"), run.StateOf("T3")));
    }

    [Fact]
    public void A_task_in_hand_is_stopped_first_and_gives_back_what_it_holds_when_it_is_gone()
    {
        var run = Run.From(A.Plan(A.Task("T1").Holding("db"), A.Task("T2").Holding("db"), A.Task("T3").After("T1"))).Started(2);

        run.Settling(new CancelTask(Noon, new("T1"), "Not wanted."));
        Assert.Equal([new AttemptStopping(new("T1"), 1, StopReason.Cancelled, "Not wanted.")], run.Last);
        Assert.Equal([new TaskId("T1")], run.State.HoldersOf("lock:db"));
        Assert.Contains("being cancelled already", Refusals.Of(run.State, new CancelTask(Noon, new("T1"), "Twice.")));

        run = run.Replayed().Exits("T1");
        Assert.Equal(("CANCELLED", "SKIPPED", "ASSIGNED"), (run.StateOf("T1"), run.StateOf("T3"), run.StateOf("T2")));
        Assert.Contains(new TaskCancelled(new("T1"), "Not wanted.", Asked: true), run.Events);
    }

    [Fact]
    public void A_cancelled_task_can_be_done_after_all_or_be_done_without()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").After("T1"), A.Task("T3"))).Started().Settling(new CancelTask(Noon, new("T1"), "Not wanted.")).Exits("T1");

        var again = run.Replayed().Settling(new RetryTask(Noon, new("T1"))).Succeeds("T3", "T1", "T2");
        Assert.Equal(ExecutionStatus.Completed, again.State.Status);

        var without = run.Replayed().Settling(new SkipTask(Noon, new("T1"), "By hand.", WithSuccessors: false)).Succeeds("T3", "T2");
        Assert.Equal(ExecutionStatus.Completed, without.State.Status);
    }

    [Fact]
    public void What_has_succeeded_was_skipped_or_belongs_to_an_execution_that_has_ended_is_not_cancelled()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").WithoutRetry(), A.Task("T3").After("T2"), A.Task("T4").Retrying(0).Retrying(1))).Started(3).Succeeds("T1").Fails("T2");

        Assert.Contains("has succeeded", Refusals.Of(run.State, new CancelTask(Noon, new("T1"), "No.")));
        Assert.Contains("because T2 was not done", Refusals.Of(run.State, new CancelTask(Noon, new("T3"), "No.")));
        run.Fails("T4").AfterSeconds(60).Fails("T4");
        Assert.Contains("has ended (failed)", Refusals.Of(run.State, new CancelTask(run.Now, new("T4"), "No.")));
    }

    [Fact]
    public void The_list_for_help_says_what_was_tried_and_found_and_who_waits()
    {
        var run = Run.From(A.Plan(A.Task("T1").Checked("c").Retrying(1), A.Task("T2").After("T1"))).Started().Fails("T1").AfterSeconds(60).Exits("T1").FailsChecks("T1");
        var history = new HelpHistory();
        var state = new ExecutionState(run.State.Id, run.Plan);
        foreach (var recorded in run.Journal)
        {
            state.Evolve(recorded);
            history.Watch(state, recorded);
        }

        var item = Assert.Single(history.List(state).Tasks);

        Assert.Equal(("T1", "check c: It is not there.", "T2"), (item.Task, item.Findings, Assert.Single(item.WaitedForBy)));
        Assert.Equal([(1, "It exited with code 1."), (2, "It says that it is done, but check c: It is not there.")], item.Tried.Select(t => (t.Attempt, t.Ending!)));
        Assert.StartsWith("It failed 2 times", item.Reason);
    }
}
