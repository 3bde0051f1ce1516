using Slaps.Core.Execution;
using Slaps.Core.History;
using Slaps.Core.Plans;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Core.Tests.Execution;

/// <summary>What a task did is undone: when it fails and must not be done twice, or when a person says so.</summary>
public sealed class CompensationTests
{
    [Fact]
    public void A_task_that_must_not_be_done_twice_is_undone_when_it_fails_and_can_be_done_anew()
    {
        var run = Run.From(A.Plan(A.Task("T1").NotIdempotent().CompensatedBy("undo").Holding("db"), A.Task("T2").After("T1"))).Started().Fails("T1");

        Assert.Equal(
            [
                "task_failed", "resource_released", "rollback_started", "resource_acquired", "task_assigned",
            ],
            run.Last.Select(EventJson.NameOf));
        Assert.Equal(("COMPENSATING", 2), (run.StateOf("T1"), run.AttemptOf("T1")));
        Assert.Equal([new TaskId("T1")], run.State.HoldersOf("lock:db"));

        run = run.Replayed().Exits("T1");
        Assert.Equal(("ROLLED_BACK", "PENDING", ExecutionStatus.Failed), (run.StateOf("T1"), run.StateOf("T2"), run.State.Status));
        Assert.Empty(run.State.HoldersOf("lock:db"));

        run.Settling(new RetryTask(run.Now, new("T1"))).Succeeds("T1", "T2");
        Assert.Equal((ExecutionStatus.Completed, 3), (run.State.Status, run.AttemptOf("T1")));
    }

    [Fact]
    public void What_is_idempotent_has_no_compensation_or_never_began_is_not_undone_by_itself()
    {
        var run = Run.From(A.Plan(A.Task("T1").CompensatedBy("undo").Retrying(0).WithoutRetry(), A.Task("T2").NotIdempotent(), A.Task("T3").NotIdempotent().CompensatedBy("undo"))).Started(3);

        run.Fails("T1").Fails("T2").Ends("T3", new Outcome.NotStarted("There is no program."));

        Assert.Equal(("FAILED", "HELP_NEEDED", "HELP_NEEDED"), (run.StateOf("T1"), run.StateOf("T2"), run.StateOf("T3")));
    }

    [Fact]
    public void A_rollback_undoes_what_stands_on_the_task_first_and_nothing_else()
    {
        var run = Run.From(A.Plan(
            Undoable("A"), Undoable("B").After("A"), Undoable("C").After("B"), Undoable("D").After("A"), Undoable("E"), A.Task("F").After("C", "E").Needing("skill"))).Started(A.Worker("W1").ThatCan());
        run.Succeeds("A", "B", "C", "E");
        Assert.Equal("ASSIGNED", run.StateOf("D"));
        Assert.Contains("D, which depends on A, is ASSIGNED", Refusals.Of(run.State, new RollbackTask(Noon, new("A"), "Wrong.")));
        run.Settling(new PauseExecution(Noon, "Lunch.")).Succeeds("D");
        Assert.Equal("READY", run.StateOf("F"));

        run.When(new RollbackTask(Noon, new("B"), "Wrong."));
        Assert.Equal(["C", "B"], Assert.IsType<RollbackStarted>(run.Last[0]).Tasks.Select(t => t.Value));
        Assert.Equal(new TaskHeldBack(new("F"), "What it depends on is rolled back with B."), run.Last[1]);
        Assert.Equal((2, "SUCCEEDED"), (run.State.CountOf("COMPENSATING"), run.StateOf("D")));

        run.Settling(new ResumeExecution(Noon));
        Assert.Equal(("C", false), (run.State.Plan.Tasks[Assert.Single(run.State.Active)].Id.Value, run.State.IsFinished));
        run.Exits("C").Exits("B");
        Assert.Equal(("ROLLED_BACK", "ROLLED_BACK", "SUCCEEDED", 3), (run.StateOf("B"), run.StateOf("C"), run.StateOf("A"), run.State.Done));

        run.Settling(new RetryTask(run.Now, new("B")));
        Assert.Contains(new TaskRestored(new("C")), run.Events);
        run.Succeeds("B", "C");
        Assert.Equal("READY", run.StateOf("F"));
    }

    [Fact]
    public void What_is_idempotent_and_has_nothing_to_undo_is_rolled_back_without_a_process()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").After("T1"))).Started().Succeeds("T1", "T2");

        run.Settling(new RollbackTask(Noon, new("T1"), "Wrong."));

        Assert.Equal(["T2", "T1"], run.Last.OfType<TaskRolledBack>().Select(e => e.Task.Value));
        Assert.Equal(("ROLLED_BACK", 0, ExecutionStatus.Failed), (run.StateOf("T1"), run.State.Done, run.State.Status));
    }

    [Fact]
    public void A_compensation_that_fails_asks_for_help_and_what_stands_below_waits_for_that()
    {
        var run = Run.From(A.Plan(Undoable("T1"), Undoable("T2").After("T1"))).Started().Succeeds("T1", "T2").Settling(new RollbackTask(Noon, new("T1"), "Wrong."));

        run.Exits("T2", exitCode: 7);
        Assert.Contains(run.Last, e => e is CompensationFailed { Error.ExitCode: 7 });
        Assert.Equal(("HELP_NEEDED", "COMPENSATING", ExecutionStatus.Failed), (run.StateOf("T2"), run.StateOf("T1"), run.State.Status));

        var again = run.Replayed().Settling(new RollbackTask(run.Now, new("T2"), "Once more.")).Exits("T2").Exits("T1");
        Assert.Equal(("ROLLED_BACK", "ROLLED_BACK"), (again.StateOf("T2"), again.StateOf("T1")));

        var byHand = run.Replayed().Settling(new RollbackTask(run.Now, new("T2"), "Done by hand.", ByHand: true)).Exits("T1");
        Assert.Equal(("ROLLED_BACK", "ROLLED_BACK"), (byHand.StateOf("T2"), byHand.StateOf("T1")));
    }

    [Fact]
    public void What_could_not_be_undone_is_waited_for_where_people_are_and_is_not_called_a_question()
    {
        var run = Run.From(A.Plan(Undoable("T1"), Undoable("T2").After("T1"))).StartedWaitingForClaims(A.Worker("W1")).Succeeds("T1", "T2");
        run.Settling(new RollbackTask(run.Now, new("T1"), "Wrong.")).Exits("T2", exitCode: 7);

        Assert.Equal(("HELP_NEEDED", false, "waiting"), (run.StateOf("T2"), run.State.IsFinished, StatusWords.Of(run.State)));
        Assert.Equal("T2 to be undone: `tasks rollback T2 --by-hand` says that you have done so, `tasks help-list` shows what is there.", StatusWords.Awaited(run.State));
    }

    [Fact]
    public void What_could_not_be_undone_is_neither_done_again_nor_done_without_before_somebody_has_undone_it()
    {
        var run = Run.From(A.Plan(Undoable("T1"), Undoable("T2").After("T1"))).Started().Succeeds("T1", "T2").Settling(new RollbackTask(Noon, new("T1"), "Wrong.")).Exits("T2", exitCode: 7);
        Command[] orders =
        [
            new RetryTask(run.Now, new("T2")), new AnswerHelp(run.Now, new("T2"), "Try harder."), new CancelTask(run.Now, new("T2"), "Never mind."),
            new SkipTask(run.Now, new("T2"), "Never mind.", WithSuccessors: false), new SkipTask(run.Now, new("T2"), "Never mind.", WithSuccessors: true),
        ];
        foreach (var order in orders)
        {
            var refusal = Refusals.Of(run.State, order);
            Assert.Contains("what it did is still there", refusal);
            Assert.Contains("`tasks rollback T2`", refusal);
            Assert.Contains("--by-hand", refusal);
            Assert.Empty(run.When(order).Last);
        }

        // Otherwise what it stands on would be undone under it.
        Assert.Equal(("HELP_NEEDED", "COMPENSATING"), (run.StateOf("T2"), run.StateOf("T1")));
        run.Settling(new RollbackTask(run.Now, new("T2"), "Done by hand.", ByHand: true)).Exits("T1").Settling(new RetryTask(run.Now, new("T1"))).Succeeds("T1", "T2");
        Assert.Equal(ExecutionStatus.Completed, run.State.Status);
    }

    [Fact]
    public void A_history_in_which_it_is_done_again_all_the_same_breaks_the_rule_of_rollbacks()
    {
        var run = Run.From(A.Plan(Undoable("T1"))).Started().Fails("T1").Exits("T1", exitCode: 7);
        var told = run.Journal.Append(new RecordedEvent(run.State.Seq + 1, run.Now, new ExecutionReopened())).Append(new RecordedEvent(run.State.Seq + 2, run.Now, new TaskQueued(new("T1"), "Somebody asked to try it again.")));

        Assert.Equal("rollback", Assert.Single(HistoryChecker.Check(run.State.Id, run.Plan, told.Select(HistoryEvent.Of)).Violations).Rule);
    }

    [Fact]
    public void What_nothing_is_run_for_is_settled_by_time_alone_without_any_worker()
    {
        var run = Run.From(A.Plan(A.Task("T1").NotIdempotent(), A.Task("T2"))).Started(2).Succeeds("T1", "T2");

        run.When(new RollbackTask(run.Now, new("T1"), "Wrong.")).When(new PassTime(run.Now));
        Assert.Equal("HELP_NEEDED", run.StateOf("T1"));
        run.When(new RollbackTask(run.Now, new("T1"), "Undone by hand.", ByHand: true));
        Assert.Equal("ROLLED_BACK", run.StateOf("T1"));

        run.When(new RollbackTask(run.Now, new("T2"), "Wrong, too.")).When(new PassTime(run.Now));
        Assert.Equal("ROLLED_BACK", run.StateOf("T2"));
        Assert.Empty(HistoryChecker.Check(run.State.Id, run.Plan, run.Journal.Select(HistoryEvent.Of)).Violations);
    }

    [Fact]
    public void What_must_not_be_done_twice_and_has_no_compensation_is_for_a_person()
    {
        var run = Run.From(A.Plan(A.Task("T1").NotIdempotent(), A.Task("T2"))).Started(2).Succeeds("T1").Settling(new RollbackTask(Noon, new("T1"), "Wrong."));

        Assert.Equal("HELP_NEEDED", run.StateOf("T1"));
        Assert.Contains("--by-hand", Assert.IsType<TaskState.HelpNeeded>(run.State[0]).Reason);
    }

    [Fact]
    public void A_compensation_that_was_cut_off_begins_anew_and_never_twice_at_once()
    {
        var run = Run.From(A.Plan(Undoable("T1"))).Started().Fails("T1").Begins("T1");
        Assert.Equal([new Effect.Adopt(new("T1"), 2, null)], Effects.Outstanding(run.Replayed().State));

        run = run.Replayed().Started().Ends("T1", new Outcome.Lost());
        Assert.Equal(("COMPENSATING", 3), (run.StateOf("T1"), run.AttemptOf("T1")));
        Assert.Empty(run.When(new RecordOutcome(run.Now, new("T1"), 2, new Outcome.Exited(0))).Last);

        run.Exits("T1");
        Assert.Equal("ROLLED_BACK", run.StateOf("T1"));
    }

    [Fact]
    public void A_compensation_waits_for_its_lock_and_nothing_new_takes_it_before()
    {
        var run = Run.From(A.Plan(Undoable("T1").Holding("db"), A.Task("T2").Holding("db"), A.Task("T3").Holding("db"))).Started(2).Succeeds("T1");
        Assert.Equal(("ASSIGNED", "READY"), (run.StateOf("T2"), run.StateOf("T3")));

        run.Settling(new RollbackTask(Noon, new("T1"), "Wrong.")).Succeeds("T2");

        Assert.Equal([new TaskId("T1")], run.State.HoldersOf("lock:db"));
        Assert.Equal("READY", run.StateOf("T3"));
        run.Exits("T1");
        Assert.Equal("ASSIGNED", run.StateOf("T3"));
    }

    [Fact]
    public void A_compensation_has_a_time_limit_of_its_own_and_ends_with_an_abort()
    {
        var limited = Run.From(A.Plan(A.Task("T1").NotIdempotent().CompensatedBy("undo", withinSeconds: 5))).Started().Fails("T1").AfterSeconds(6).Ends("T1", new Outcome.Signalled(15));
        Assert.Equal("HELP_NEEDED", limited.StateOf("T1"));

        var aborted = Run.From(A.Plan(Undoable("T1"))).Started().Fails("T1").Settling(new AbortExecution(Noon, "Enough.")).Ends("T1", new Outcome.Signalled(15));
        Assert.Equal(("CANCELLED", ExecutionStatus.Aborted), (aborted.StateOf("T1"), aborted.State.Status));
    }

    [Theory]
    [InlineData("T1", "is being rolled back already")]
    [InlineData("T2", "has not been tried")]
    [InlineData("T9", "has no task")]
    public void A_rollback_that_makes_no_sense_is_refused(string task, string why)
    {
        var run = Run.From(A.Plan(Undoable("T1"), A.Task("T2").After("T1"))).Started().Fails("T1");

        Assert.Contains(why, Refusals.Of(run.State, new RollbackTask(Noon, new(task), "Wrong.")));
    }

    [Fact]
    public void What_is_said_of_a_task_speaks_of_those_before_and_after_it_only_where_there_are_any()
    {
        var alone = Run.From(A.Plan(A.Task("T1").WithoutRetry(), A.Task("T2").Needing("skill"), Undoable("T3"))).Started(A.Worker("W1").ThatCan(), A.Worker("W2").ThatCan()).Fails("T1").Fails("T3");
        string Said(string task) => string.Join(' ', Core.Views.Explanation.Of(alone.State, new(task)));

        Assert.Contains("It may not retry by itself.", Said("T1"));
        Assert.Contains("it has no predecessors", Said("T2"));
        Assert.Contains("Its compensation runs on", Said("T3"));
        Assert.DoesNotContain("(attempt 2)", Said("T3"));
        alone.Exits("T3", exitCode: 1);
        Assert.DoesNotContain("on which it depends", Said("T3"));
        alone.Settling(new RollbackTask(alone.Now, new("T3"), "By hand.", ByHand: true));
        Assert.DoesNotContain("What depends on it", Said("T3"));

        var pair = Run.From(A.Plan(Undoable("T1"), Undoable("T2").After("T1"))).Started().Succeeds("T1", "T2").Settling(new RollbackTask(Noon, new("T1"), "Wrong.")).Exits("T2", exitCode: 1);
        Assert.Contains("T1, on which it depends, is not undone before it.", Core.Views.Explanation.Of(pair.State, new("T2")));
    }

    private static TaskDraft Undoable(string id) => A.Task(id).NotIdempotent().CompensatedBy("undo");
}
