using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;
using Slaps.Core.Views;
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
    public void A_question_that_stops_all_work_of_sessions_waits_for_its_answer_and_the_answer_makes_the_task_available()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").After("T1"))).Opened().Claims("alpha", "T1");
        run.When(new AskForHelp(run.Now, new("alpha"), new("T1"), null, "Which port?")).Passing();

        Assert.Equal((false, true, "waiting"), (run.State.IsFinished, run.State.AwaitsAnswer, StatusWords.Of(run.State)));
        Assert.Equal(
            "Nothing of exec-1 can be claimed now: it waits for the answer to T1's question: `tasks answer T1 \"...\"` lets it go on, `tasks help-list` shows what is asked.",
            run.Answer(new ClaimTask(run.Now, new("beta"), null, 600)));

        run.When(new AnswerHelp(run.Now, new("T1"), "Take 8080."));
        Assert.DoesNotContain(run.Last, happened => happened is ExecutionReopened);
        Assert.Equal(("QUEUED", false), (run.StateOf("T1"), run.State.AwaitsAnswer));
        Assert.Equal(new TaskId("T1"), run.Claims("beta", null).Last.OfType<TaskAssigned>().Single().Task);
    }

    [Fact]
    public void A_question_is_not_the_end_while_a_coordinator_stays_for_people_and_is_one_for_a_coordinator_that_does_not()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"))).StartedWaitingForClaims(A.Worker("W1"), A.Worker("W2")).Succeeds("T1");
        run.Settling(new RecordOutcome(run.Now, new("T2"), 1, new Outcome.NotStarted("There is no such program.")));
        Assert.Equal(("HELP_NEEDED", false, true), (run.StateOf("T2"), run.State.IsFinished, run.State.AwaitsAnswer));

        // The next coordinator need not.
        var next = run.Replayed().Started();
        Assert.Equal((true, ExecutionStatus.Failed, false), (next.State.IsFinished, next.State.Status, next.State.AwaitsAnswer));

        next.When(new AnswerHelp(next.Now, new("T2"), "It is installed now.")).Started().Succeeds("T2");
        Assert.Equal(ExecutionStatus.Completed, next.State.Status);
    }

    [Fact]
    public void Time_alone_ends_nothing_that_a_person_is_asked_about_even_where_the_last_coordinator_stayed_for_nobody()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"))).Started(2).When(new RecordOutcome(Noon, new("T2"), 1, new Outcome.NotStarted("No such program."))).Settle().Succeeds("T1");
        Assert.True(run.State.IsFinished);

        var left = Run.From(A.Plan(A.Task("T1"))).When(new StartCoordinator(Noon, "host", 1, A.Workers(1), 1, WaitForClaims: false)).Claims("alpha", "T1");
        left.When(new AskForHelp(Noon, new("alpha"), new("T1"), null, "How?")).Passing();
        Assert.Equal((false, "waiting"), (left.State.IsFinished, StatusWords.Of(left.State)));

        left.When(new CancelTask(Noon, new("T1"), "Nobody needs it.")).Passing();
        Assert.Equal((true, ExecutionStatus.Failed), (left.State.IsFinished, left.State.Status));
    }

    [Fact]
    public void Of_many_questions_the_first_are_named_and_the_others_counted()
    {
        var run = Run.From(A.Plan([.. Enumerable.Range(1, 5).Select(i => A.Task($"T{i}"))])).Opened();
        foreach (var task in run.State.Plan.Tasks) run.Claims("alpha", task.Id.Value).When(new AskForHelp(run.Now, new("alpha"), task.Id, null, "How?"));

        Assert.Equal(
            "answers to the questions of T1, T2, T3 and 2 more: `tasks help-list` shows what is asked, `tasks answer TASK \"...\"` lets one go on.",
            StatusWords.Awaited(run.State));
    }

    [Fact]
    public void What_is_left_on_the_frontier_of_a_failed_execution_is_there_to_be_had()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").ByHand(), A.Task("T3").After("T2"))).Started().Succeeds("T1");
        Assert.Equal((true, true), (run.State.IsFinished, run.State.CanReopen));
        Assert.Contains("`tasks claim T2` takes it", run.Answer(new RetryTask(run.Now, new("T2"))), StringComparison.Ordinal);
        Assert.Contains("`tasks claim T2` takes it and opens the execution again", string.Join(' ', Explanation.Of(run.State, new("T2"))), StringComparison.Ordinal);
        Assert.Equal("T2", Suggestion.For(run.State, new("alpha"), null).Single().Task.Value);

        run.Claims("alpha", null);
        Assert.Equal(["execution_reopened", "task_assigned"], run.Last.Select(EventJson.NameOf));
        run.Settling(new CompleteClaim(run.Now, new("alpha"), new("T2"), null, null));
        run.Settling(new StartCoordinator(run.Now, "host", 1, A.Workers(1), 1, WaitForClaims: false)).Succeeds("T3");
        Assert.Equal(ExecutionStatus.Completed, run.State.Status);
    }

    [Fact]
    public void A_task_that_joins_at_the_end_for_whom_nobody_is_there_can_be_claimed_and_what_waits_for_it_goes_on()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").WithoutRetry())).Started(2).Succeeds("T1").Fails("T2");
        Assert.Equal((true, false), (run.State.IsFinished, run.State.CanReopen));
        Assert.Equal("Nothing of exec-1 could be begun (failed), so it is not opened again.", run.Answer(new ReopenExecution(run.Now)));
        Assert.Empty(run.When(new ReopenExecution(run.Now)).Last);

        var mend = new PatchOperation.InjectTask(A.Task("AUTO.MEND.x").ByHand().Task, []);
        run.Settling(new ModifyPlan(run.Now, new PlanPatch { Operations = [mend], By = "planner", Reason = "It is mended." }));
        Assert.Equal((true, "READY"), (run.State.IsFinished, run.StateOf("AUTO.MEND.x")));

        Assert.Equal([new ExecutionReopened()], run.Replayed().When(new ReopenExecution(run.Now)).Last);
        Assert.Equal("AUTO.MEND.x", run.Claims("alpha", "AUTO.MEND.x").Last.OfType<TaskAssigned>().Single().Task.Value);
        Assert.False(run.State.IsFinished);
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
