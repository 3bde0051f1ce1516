using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Execution;

/// <summary>Done is what our checks say.</summary>
public sealed class VerificationTests
{
    [Fact]
    public void Without_checks_exit_code_0_is_enough()
    {
        var run = Run.From(A.Plan(A.Task("T1"))).Started().Exits("T1");

        Assert.Equal("SUCCEEDED", run.StateOf("T1"));
        Assert.DoesNotContain(run.Events, e => e is TaskVerifying);
    }

    [Fact]
    public void With_checks_exit_code_0_only_starts_them()
    {
        var run = Run.From(A.Plan(A.Task("T1").Checked("c"), A.Task("T2").After("T1"))).Started().Exits("T1");
        Assert.Equal([new TaskVerifying(new("T1"), 1, ExitCode: 0)], run.Last);
        Assert.Equal("PENDING", run.StateOf("T2"));

        run.Passes("T1");
        Assert.Equal(("SUCCEEDED", "ASSIGNED"), (run.StateOf("T1"), run.StateOf("T2")));
        Assert.Equal([new CheckResult("c", true, "It is there.")], Assert.Single(run.Last.OfType<TaskSucceeded>()).Checks);
    }

    [Fact]
    public void Another_exit_code_fails_without_looking_at_the_checks()
    {
        var run = Run.From(A.Plan(A.Task("T1").Checked("c").WithoutRetry())).Started().Exits("T1", exitCode: 2);

        Assert.Equal("FAILED", run.StateOf("T1"));
    }

    [Fact]
    public void One_check_that_does_not_hold_fails_the_attempt_and_is_named()
    {
        var run = Run.From(A.Plan(A.Task("T1").Checked("a", "b")).Retrying(2)).Started().Exits("T1");
        CheckResult[] checks = [new("a", true, "fine"), new("b", false, "b.txt is not there")];

        run.Settling(new RecordVerdict(run.Now, new("T1"), 1, new Verdict(checks, [], [])));

        var failed = Assert.Single(run.Last.OfType<TaskFailed>());
        Assert.Equal(new TaskError(FailureKind.ChecksFailed, "It says that it is done, but check b: b.txt is not there", Checks: checks), failed.Error);
        Assert.Equal("BACKOFF", run.StateOf("T1"));
    }

    [Fact]
    public void Failed_checks_count_as_failures()
    {
        var run = Run.From(A.Plan(A.Task("T1").Checked("c")).Retrying(2)).Started().Exits("T1").FailsChecks("T1").AfterSeconds(1).Exits("T1").FailsChecks("T1");

        Assert.Equal(("HELP_NEEDED", 2), (run.StateOf("T1"), run.State.FailuresOf(0)));
    }

    [Fact]
    public void A_declared_artifact_is_looked_for_and_recorded()
    {
        var run = Run.From(A.Plan(A.Task("T1").Producing("a.txt").Producing("b.txt", required: false))).Started().Exits("T1");
        Assert.Equal("VERIFYING", run.StateOf("T1"));

        run.Passes("T1");
        Assert.Equal(["a.txt", "b.txt"], Assert.IsType<TaskState.Succeeded>(run.State[0]).Artifacts.Select(a => a.Path));
    }

    [Fact]
    public void A_required_artifact_that_is_missing_fails_the_attempt_although_all_checks_hold()
    {
        var run = Run.From(A.Plan(A.Task("T1").Checked("c").Producing("a.txt").WithoutRetry())).Started().Exits("T1").Misses("T1", "a.txt");

        Assert.Equal("It says that it is done, but the artifact 'a.txt' is missing", Assert.IsType<TaskState.Failed>(run.State[0]).Error.Message);
    }

    [Fact]
    public void An_optional_artifact_alone_is_looked_for_too()
    {
        var run = Run.From(A.Plan(A.Task("T1").Producing("log.txt", required: false))).Started().Exits("T1");

        Assert.Equal("VERIFYING", run.StateOf("T1"));
    }

    [Fact]
    public void An_attempt_whose_exit_was_lost_is_judged_by_its_checks()
    {
        var run = Run.From(A.Plan(A.Task("T1").Checked("c"))).Started().Begins("T1").Replayed().Started().Ends("T1", new Outcome.Lost());
        Assert.Equal([new TaskVerifying(new("T1"), 1, ExitCode: null)], run.Last);

        Assert.Equal("SUCCEEDED", run.Passes("T1").StateOf("T1"));
    }

    [Fact]
    public void A_required_artifact_judges_a_lost_attempt_as_a_check_does()
    {
        var run = Run.From(A.Plan(A.Task("T1").Producing("a.txt"))).Started().Ends("T1", new Outcome.Lost());

        Assert.Equal("VERIFYING", run.StateOf("T1"));
    }

    [Fact]
    public void An_optional_artifact_tells_nothing_about_a_lost_attempt()
    {
        var run = Run.From(A.Plan(A.Task("T1").Producing("log.txt", required: false))).Started().Ends("T1", new Outcome.Lost());

        Assert.Equal(("ASSIGNED", 2), (run.StateOf("T1"), run.AttemptOf("T1")));
    }

    [Fact]
    public void A_lost_attempt_whose_checks_do_not_hold_runs_again_and_no_failure_is_counted()
    {
        var run = Run.From(A.Plan(A.Task("T1").Checked("c").WithoutRetry().Holding("db"))).Started().Begins("T1").Replayed().Started().Ends("T1", new Outcome.Lost()).FailsChecks("T1");

        Assert.Equal(("ASSIGNED", 2, 0), (run.StateOf("T1"), run.AttemptOf("T1"), run.State.FailuresOf(0)));
        Assert.Contains("runs again", Assert.Single(run.Last.OfType<TaskQueued>()).Reason, StringComparison.Ordinal);
        Assert.Equal([new TaskId("T1")], run.State.HoldersOf("lock:db"));
    }

    [Fact]
    public void A_lost_attempt_without_checks_runs_again_and_no_failure_is_counted()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithoutRetry())).Started().Replayed().Started().Ends("T1", new Outcome.Lost());

        Assert.Equal(("ASSIGNED", 2, 0), (run.StateOf("T1"), run.AttemptOf("T1"), run.State.FailuresOf(0)));
    }

    [Fact]
    public void A_lost_attempt_that_must_not_run_twice_asks_for_help()
    {
        var run = Run.From(A.Plan(A.Task("T1").NotIdempotent().Holding("db"), A.Task("T2").After("T1"))).Started().Ends("T1", new Outcome.Lost());

        Assert.Equal(("HELP_NEEDED", "PENDING"), (run.StateOf("T1"), run.StateOf("T2")));
        Assert.Empty(run.State.Held());
        Assert.Null(Assert.IsType<TaskState.HelpNeeded>(run.State[0]).Error);
        Assert.Equal("ASSIGNED", run.Settling(new RetryTask(run.Now, new("T1"))).StateOf("T1"));
    }

    [Fact]
    public void A_lost_attempt_that_must_not_run_twice_is_still_judged_by_its_checks()
    {
        var run = Run.From(A.Plan(A.Task("T1").NotIdempotent().Checked("c").WithoutRetry())).Started().Ends("T1", new Outcome.Lost());
        Assert.Equal("VERIFYING", run.StateOf("T1"));

        Assert.Equal("HELP_NEEDED", run.FailsChecks("T1").StateOf("T1"));
    }

    [Fact]
    public void A_verdict_that_was_cut_off_is_asked_for_again_with_the_exit_code_that_is_known()
    {
        var run = Run.From(A.Plan(A.Task("T1").Checked("c").WithoutRetry())).Started().Exits("T1").Replayed().Started();
        Assert.Equal([new Effect.Verify(new("T1"), 1)], Effects.Outstanding(run.State));

        // The exit code was recorded, so failing checks are a failure here and no lost attempt.
        Assert.Equal("FAILED", run.FailsChecks("T1").StateOf("T1"));
    }
}
