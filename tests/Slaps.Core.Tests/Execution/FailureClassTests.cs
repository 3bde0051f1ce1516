using Slaps.Core.Execution;
using Slaps.Core.Failures;
using Slaps.Core.Plans;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Core.Tests.Execution;

/// <summary>What the class of a failure makes of its retry.</summary>
public sealed class FailureClassTests
{
    [Fact]
    public void A_failure_that_no_playbook_knows_is_tried_again_as_ever()
    {
        var run = Run.From(A.Plan(A.Task("T1")).Retrying(3)).Started();
        Fails(run, "T1", new Classification(FailureClass.Logic, null, "exit code 1", "No playbook knows it."));

        Assert.Contains(new RetryScheduled(new("T1"), Noon.PlusSeconds(1)), run.Last);
    }

    [Theory]
    [InlineData(FailureClass.Transient, 1)]
    [InlineData(FailureClass.Systemic, 1)]
    [InlineData(FailureClass.Resource, 1)]
    [InlineData(FailureClass.External, 10)]
    public void A_service_of_others_is_left_alone_for_longer(FailureClass sort, int seconds)
    {
        var run = Run.From(A.Plan(A.Task("T1")).Retrying(3)).Started();
        Fails(run, "T1", Of(sort));

        Assert.Equal(Noon.PlusSeconds(seconds), Assert.IsType<TaskState.BackingOff>(run.State[0]).NotBefore);
    }

    [Fact]
    public void A_program_that_is_wrong_is_not_run_again_but_shown_to_a_person()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").After("T1")).Retrying(3)).Started();
        Fails(run, "T1", Of(FailureClass.Logic));

        Assert.Equal(("HELP_NEEDED", "PENDING", 1), (run.StateOf("T1"), run.StateOf("T2"), run.AttemptOf("T1")));
        Assert.False(Assert.Single(run.Events.OfType<TaskFailed>()).CanRetry);
        Assert.Contains("fault of the work itself", Assert.Single(run.Events.OfType<HelpRequested>()).Reason);
        Assert.Equal("ASSIGNED", run.Settling(new RetryTask(run.Now, new("T1"))).Settling(new StartCoordinator(run.Now, "host", 1, A.Workers(1), 1, false)).StateOf("T1"));
    }

    [Fact]
    public void It_is_run_again_where_the_plan_says_so_an_agent_does_it_or_our_checks_found_it()
    {
        var byTask = Run.From(A.Plan(A.Task("T1").Retrying(2))).Started();
        Assert.Equal("BACKOFF", Fails(byTask, "T1", Of(FailureClass.Logic)).StateOf("T1"));

        var byPolicy = Run.From(A.Plan(A.Task("T1")).Retrying(p => p with { ByClass = RetryByClass.None with { Logic = new(2, null, null, null, null) } })).Started();
        Assert.Equal("BACKOFF", Fails(byPolicy, "T1", Of(FailureClass.Logic)).StateOf("T1"));
        byPolicy.AfterSeconds(60);
        Assert.Equal("HELP_NEEDED", Fails(byPolicy, "T1", Of(FailureClass.Logic)).StateOf("T1"));

        var byAgent = Run.From(A.Plan(A.Task("T1").ByAgent("claude"))).Started(A.Worker("W1").Running("agent:claude"));
        Assert.Equal("BACKOFF", Fails(byAgent, "T1", Of(FailureClass.Logic)).StateOf("T1"));

        var byChecks = Run.From(A.Plan(A.Task("T1").Checked("c"))).Started().Exits("T1");
        byChecks.Settling(new RecordVerdict(byChecks.Now, new("T1"), 1, new Verdict([new("c", false, "error CS1002")], [], [])) { Finding = Of(FailureClass.Logic) });
        Assert.Equal("BACKOFF", byChecks.StateOf("T1"));
    }

    [Fact]
    public void Each_class_has_the_delays_and_tries_that_the_plan_gives_it()
    {
        var run = Run.From(A.Plan(A.Task("T1")).Retrying(3).Retrying(p => p with { ByClass = RetryByClass.None with { Transient = new(5, BackoffKind.Linear, 2_000, 3_000, false) } })).Started();
        foreach (var seconds in new[] { 2, 3, 3, 3 })
        {
            var at = run.Now;
            Fails(run, "T1", Of(FailureClass.Transient));
            Assert.Equal(at.PlusSeconds(seconds), Assert.IsType<TaskState.BackingOff>(run.State[0]).NotBefore);
            run.AfterSeconds(seconds);
        }

        Assert.Equal("HELP_NEEDED", Fails(run, "T1", Of(FailureClass.Transient)).StateOf("T1"));
    }

    [Fact]
    public void Nobody_asks_a_service_before_it_wants_to_be_asked()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"), A.Task("T3")).Retrying(3)).Started(3);
        Fails(run, "T1", Of(FailureClass.Systemic) with { RetryAfterSeconds = 30 });
        Fails(run, "T2", Of(FailureClass.Systemic) with { RetryAt = Noon.PlusSeconds(40) });
        Fails(run, "T3", Of(FailureClass.Systemic) with { RetryAt = Noon.PlusSeconds(-40) });

        Assert.Equal([Noon.PlusSeconds(30), Noon.PlusSeconds(40), Noon.PlusSeconds(1)], run.Events.OfType<RetryScheduled>().Select(e => e.NotBefore));
    }

    [Fact]
    public void An_execution_has_so_many_retries_and_no_more()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"), A.Task("T3")).Retrying(3).Retrying(p => p with { Budget = 2 })).Started(3).Fails("T1").Fails("T2").Fails("T3");

        Assert.Equal(("BACKOFF", "BACKOFF", "HELP_NEEDED"), (run.StateOf("T1"), run.StateOf("T2"), run.StateOf("T3")));
        Assert.Contains("2 retries are used up", run.Events.OfType<HelpRequested>().Single().Reason);
        Assert.Equal(2, run.Replayed().State.Retries);
    }

    [Fact]
    public void What_an_attempt_was_stopped_for_carries_its_finding()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithinSeconds(5))).Started().Begins("T1").AfterSeconds(5);
        run.Settling(new RecordOutcome(run.Now, new("T1"), 1, new Outcome.Signalled(15)) { Finding = Of(FailureClass.Resource) });

        Assert.Equal((FailureKind.TimedOut, FailureClass.Resource), (run.Events.OfType<TaskFailed>().Single().Error.Kind, run.Events.OfType<TaskFailed>().Single().Error.Finding!.Class));
        Assert.Equal(1, run.State.LastErrorOf(0)?.Attempt);
    }

    private static Classification Of(FailureClass sort) => new(sort, "known", "a line", "It says so.");

    private static Run Fails(Run run, string task, Classification finding) =>
        run.Settling(new RecordOutcome(run.Now, new(task), run.AttemptOf(task), new Outcome.Exited(1)) { Finding = finding });
}
