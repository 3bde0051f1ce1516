using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Core.Tests.Execution;

/// <summary>Sessions claim tasks from the frontier: who gets what, and what limits them.</summary>
public sealed class ClaimTests
{
    [Fact]
    public void A_claim_takes_the_task_and_its_resources_in_one_decision()
    {
        var run = Run.From(A.Plan(A.Task("T1").Holding("database").ByHand())).Opened().Claims("alpha", "T1");

        Assert.Equal(
            [
                new ResourceAcquired(new("T1"), [new("lock:database", 1)]),
                new TaskAssigned(new("T1"), new("alpha"), 1, Deadline: null, Noon.PlusSeconds(600)),
            ],
            run.Last, EventsEqual.ByJson);
        Assert.Equal("ASSIGNED", run.StateOf("T1"));
        Assert.Null(Effects.Of(run.Last[^1]));
    }

    [Fact]
    public void A_task_has_one_holder_and_the_second_one_hears_who_that_is()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"))).Opened().Claims("alpha", "T1").Claims("beta", "T1");

        Assert.Empty(run.Last);
        Assert.Equal(
            "T1 is ASSIGNED by alpha since 2026-11-21T12:00:00.000000Z (attempt 1, lease until 2026-11-21T12:10:00.000000Z). `tasks claim` takes another one.",
            run.Answer(Claim("beta", "T1")));
        Assert.Equal("alpha has T1 already (attempt 1). `tasks show T1` shows it, `tasks complete T1` says that it is done.", run.Answer(Claim("alpha", "T1")));
    }

    [Fact]
    public void Without_a_name_a_session_gets_the_first_task_of_the_frontier_that_it_can_take()
    {
        var run = Run.From(A.Plan(A.Task("T1").Taking(1), A.Task("T2").Taking(5).Needing("gpu"), A.Task("T3").Taking(3), A.Task("T4").Taking(9).Holding("db"), A.Task("T5").Holding("db")))
            .Opened().Claims("zeta", "T5");

        Assert.Equal("T3", Claimed(run.Claims("alpha", task: null, "cpu")));
        Assert.Equal("T2", Claimed(run.Claims("beta", task: null)));
        Assert.Equal("T1", Claimed(run.Claims("beta", task: null)));
        Assert.Empty(run.Claims("beta", task: null).Last);
        Assert.Equal(
            "Nothing of exec-1 can be claimed now: 1 waits for a resource, 4 are in somebody's hands. `tasks list` shows them, `tasks claim --wait` waits.",
            run.Answer(Claim("beta", null)));
    }

    [Fact]
    public void A_session_takes_first_what_no_worker_here_can_take()
    {
        var run = Run.From(A.Plan(A.Task("T1").Taking(9), A.Task("T2").Taking(8), A.Task("T3").ByHand())).StartedWaitingForClaims(A.Worker("W1"));

        Assert.Equal("T3", Claimed(run.Claims("alpha", task: null)));
        Assert.Equal("T2", Claimed(run.Claims("alpha", task: null)));
        Assert.Equal("W1", run.State.ActiveAttemptOf(0)!.Worker.Value);
    }

    [Fact]
    public void Workers_and_sessions_share_one_frontier_and_one_lock()
    {
        var run = Run.From(A.Plan(A.Task("T1").Holding("db").ByHand(), A.Task("T2").Holding("db").Taking(2), A.Task("T3").ByHand().After("T2")))
            .Opened().Claims("alpha", "T1").StartedWaitingForClaims(A.Worker("W1"));
        Assert.Equal("READY", run.StateOf("T2"));

        run.Settling(new CompleteClaim(run.Now, new("alpha"), new("T1"), 1, "Done."));
        Assert.Equal("W1", run.State.ActiveAttemptOf(1)!.Worker.Value);

        run.Succeeds("T2");
        Assert.Equal("T3", Claimed(run.Claims("alpha", null)));
        run.Settling(new CompleteClaim(run.Now, new("alpha"), new("T3"), null, null));
        Assert.Equal(ExecutionStatus.Completed, run.State.Status);
    }

    [Fact]
    public void A_session_named_like_a_worker_takes_no_worker_away()
    {
        var run = Run.From(A.Plan(A.Task("T1").ByHand(), A.Task("T2").After("T1"))).StartedWaitingForClaims(A.Worker("W1"))
            .Claims("W1", "T1").Settling(new CompleteClaim(Noon, new("W1"), new("T1"), 1, null));

        Assert.Equal("ASSIGNED", run.StateOf("T2"));

        // Neither does one that has a task when the coordinator begins.
        var later = Run.From(A.Plan(A.Task("T1").ByHand(), A.Task("T2"))).Opened().Claims("W1", "T1").StartedWaitingForClaims(A.Worker("W1"));
        Assert.Equal("ASSIGNED", later.StateOf("T2"));
        later.Settling(new CompleteClaim(Noon, new("W1"), new("T1"), 1, null));
        Assert.Equal("W1", Assert.IsType<TaskState.Assigned>(later.State[new TaskId("T2")]).Active.Worker.Value);
    }

    [Fact]
    public void The_number_of_workers_does_not_limit_sessions_and_sessions_do_not_limit_workers()
    {
        var run = Run.From(A.Plan(A.Task("T1").ByHand(), A.Task("T2").ByHand(), A.Task("T3").ByHand(), A.Task("T4"), A.Task("T5")))
            .Settling(new StartCoordinator(Noon, "host", 1, A.Workers(1), 1, WaitForClaims: true) { Concurrency = 1 });
        foreach (var task in (string[])["T1", "T2", "T3"]) run.Claims("alpha", task).Settle();

        Assert.Equal(["ASSIGNED", "ASSIGNED", "ASSIGNED", "ASSIGNED", "READY"], run.Plan.Tasks.Select(t => run.StateOf(t.Id.Value)));
        run.Succeeds("T4");
        Assert.Equal("ASSIGNED", run.StateOf("T5"));
        run.Settling(new EndSession(run.Now, new("alpha"), IsLost: false)).Succeeds("T5");
        Assert.Equal(1, run.State.ResourceLevels().Last().Free);
    }

    [Fact]
    public void A_concurrency_max_in_the_plan_limits_sessions_too()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"), A.Task("T3")).AtMostAtOnce(2)).Opened().Claims("alpha", "T1").Claims("beta", "T2").Claims("beta", "T3");

        Assert.Empty(run.Last);
        Assert.StartsWith("T3 waits for concurrency", run.Answer(Claim("beta", "T3")), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_claimed_says_why_and_what_to_do()
    {
        var run = Run.From(A.Plan(
                A.Task("P1.T1").WithoutRetry(), A.Task("P1.T2").After("P1.T1", "P1.T3"), A.Task("P1.T3"), A.Task("P1.T4").Holding("db").Needing("gpu"), A.Task("P1.T5").Holding("db")))
            .Opened().Claims("alpha", "P1.T5").Claims("alpha", "P1.T3");

        Assert.Equal("P1.T2 waits for P1.T1 (READY), P1.T3 (ASSIGNED by alpha). `tasks claim` takes another one.", run.Answer(Claim("beta", "P1.T2")));
        Assert.Equal("P1.T4 waits for lock:db, held by P1.T5 (alpha). `tasks claim` takes another one, `tasks explain P1.T4` says more.", run.Answer(Claim("beta", "P1.T4")));
        Assert.Equal("P1.T4 needs gpu, and beta is registered with cpu. `tasks claim` takes another one.", run.Answer(Claim("beta", "P1.T4") with { Capabilities = ["cpu"] }));
        Assert.Equal("exec-1 has no task 'T1'. Did you mean P1.T1? `tasks list` shows its tasks.", run.Answer(Claim("beta", "T1")));
        Assert.Equal("exec-1 has no task '../\\u001b'. `tasks list` shows its tasks.", run.Answer(Claim("beta", "../\u001b")));
        Assert.Equal("A lease of NaN seconds is not possible: say 1 to 604800.", run.Answer(Claim("beta", null) with { LeaseSeconds = double.NaN }));

        run.Claims("alpha", "P1.T1").Settling(new FailClaim(run.Now, new("alpha"), new("P1.T1"), 1, "No access."));
        Assert.Equal("P1.T1 has failed: alpha says: No access. `tasks retry P1.T1` puts it on the list again, `tasks claim` takes another one.", run.Answer(Claim("beta", "P1.T1")));
        Assert.Equal("P1.T2 was skipped because P1.T1 was not done. `tasks explain P1.T2` says more.", run.Answer(Claim("beta", "P1.T2")));
        run.When(new PauseExecution(run.Now, "Lunch."));
        Assert.Equal("exec-1 is paused (Lunch.). `tasks resume` lets it go on.", run.Answer(Claim("beta", "P1.T4")));
    }

    [Theory]
    [InlineData("Which port", "Which port.")]
    [InlineData("Which port?", "Which port?")]
    public void Nobody_who_wants_a_task_is_told_to_go_round_the_person_whom_it_waits_for(string asked, string quoted)
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"))).Opened().Claims("alpha", "T1").When(new AskForHelp(Noon, new("alpha"), new("T1"), 1, asked));

        Assert.Equal($"T1 waits for a person: alpha asks: {quoted} Somebody answers with `tasks answer T1 TEXT`; `tasks claim` takes another one.", run.Answer(Claim("beta", "T1")));
        Assert.Equal(
            $"alpha does not have T1: it waits for a person. alpha asks: {quoted} Somebody answers with `tasks answer T1 TEXT`; `tasks claim` takes another one.",
            run.Answer(new CompleteClaim(run.Now, new("alpha"), new("T1"), 1, null)));
    }

    [Fact]
    public void What_must_not_be_done_twice_is_tried_again_by_nobody_who_only_wants_a_task()
    {
        var run = Run.From(A.Plan(A.Task("T1").NotIdempotent().WithoutRetry(), A.Task("T2"), A.Task("T3").NotIdempotent())).Opened().Claims("alpha", "T1").Claims("alpha", "T3");
        run.Settling(new FailClaim(run.Now, new("alpha"), new("T1"), 1, "No access")).When(new EndSession(run.Now, new("alpha"), IsLost: true));

        Assert.Equal("T1 has failed: alpha says: No access. It is not idempotent, so a person decides what becomes of it; `tasks claim` takes another one.", run.Answer(Claim("beta", "T1")));
        Assert.Equal(
            "T3 waits for a person: alpha was gone, and it is not idempotent. See what it did, then retry it. Somebody answers with `tasks answer T3 TEXT`; `tasks claim` takes another one.",
            run.Answer(Claim("beta", "T3")));
    }

    [Fact]
    public void Claims_end_the_execution_when_nothing_is_left()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").After("T1"))).Opened().Claims("alpha", "T1").Passing();
        Assert.False(run.State.IsFinished);

        run.When(new CompleteClaim(run.Now, new("alpha"), new("T1"), 1, null)).Passing().Claims("beta", "T2").When(new CompleteClaim(run.Now, new("beta"), new("T2"), 1, null)).Passing();

        Assert.Equal(new ExecutionFinished(ExecutionStatus.Completed), run.Last[^1]);
        Assert.StartsWith("exec-1 has ended (completed)", run.Answer(Claim("beta", null)), StringComparison.Ordinal);
    }

    [Fact]
    public void Time_alone_starts_nothing_on_workers_that_a_killed_coordinator_had()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").WithinSeconds(5))).Settling(new StartCoordinator(Noon, "host", 1, A.Workers(1), 1, WaitForClaims: false));

        Assert.Empty(run.AfterSecondsWithoutCoordinator(60).Last);
        Assert.Equal(["ASSIGNED", "READY"], run.Plan.Tasks.Select(t => run.StateOf(t.Id.Value)));
        Assert.Equal("T2", Claimed(run.Claims("alpha", null)));

        // Nor does it end what the next coordinator would go on with.
        var left = Run.From(A.Plan(A.Task("T1"))).When(new StartCoordinator(Noon, "host", 1, A.Workers(1), 1, WaitForClaims: false)).Passing();
        Assert.False(left.State.IsFinished);
    }

    [Fact]
    public void Waves_go_on_without_a_coordinator()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").After("T1")).Build(), priority: null, ExecutionModel.Waves).Opened().Claims("alpha", "T1")
            .When(new CompleteClaim(Noon, new("alpha"), new("T1"), 1, null)).Passing();

        Assert.Equal("READY", run.StateOf("T2"));
    }

    [Fact]
    public void An_aborted_execution_takes_its_claims_back_at_once()
    {
        var run = Run.From(A.Plan(A.Task("T1").Holding("db"), A.Task("T2").Checked("c"))).Opened().Claims("alpha", "T1").Claims("alpha", "T2")
            .When(new CompleteClaim(Noon, new("alpha"), new("T2"), 1, null)).When(new AbortExecution(Noon, "Wrong plan.")).Passing();

        Assert.Equal(["CANCELLED", "CANCELLED"], run.Plan.Tasks.Select(t => run.StateOf(t.Id.Value)));
        Assert.Empty(run.State.Held());
        Assert.True(run.State.IsFinished);
        Assert.Equal("alpha does not have T1, which is CANCELLED. `tasks list` shows what is available.", run.Answer(new CompleteClaim(Noon, new("alpha"), new("T1"), 1, null)));
    }

    [Fact]
    public void A_coordinator_that_leaves_at_once_leaves_claims_alone_and_the_next_one_adopts_none()
    {
        var run = Run.From(A.Plan(A.Task("T1").ByHand(), A.Task("T2").ByHand().Checked("c"))).StartedWaitingForClaims(A.Worker("W1"))
            .Claims("alpha", "T1").Claims("alpha", "T2").When(new CompleteClaim(Noon, new("alpha"), new("T2"), 1, null)).When(new Interrupt(Noon));

        Assert.Equal([new DrainRequested()], run.Last);
        Assert.Equal([new Effect.Verify(new("T2"), 1)], Effects.Outstanding(run.State));
        Assert.Equal(StateText.Of(run.State), StateText.Of(run.Replayed().State));
    }

    [Fact]
    public void What_processes_report_about_a_claimed_task_does_not_count()
    {
        var run = Run.From(A.Plan(A.Task("T1"))).Opened().Claims("alpha", "T1");

        Assert.Empty(run.When(new RecordStart(Noon, new("T1"), 1, new ProcessIdentity(7, 7, "b"))).Last);
        Assert.Empty(run.When(new RecordOutcome(Noon, new("T1"), 1, new Outcome.Exited(0))).Last);
        Assert.Equal("ASSIGNED", run.StateOf("T1"));
    }

    private static ClaimTask Claim(string session, string? task) => new(Noon, new(session), task is null ? null : new TaskId(task), 600);

    private static string? Claimed(Run run) => run.Last.OfType<TaskAssigned>().SingleOrDefault()?.Task.Value;
}

internal static class ClaimStories
{
    extension(Run run)
    {
        /// <summary>The plan was loaded for sessions: no worker is there, and nobody minds.</summary>
        public Run Opened() => run.When(new StartCoordinator(run.Now, "host", 4711, [], MaxWorkers: 0, WaitForClaims: true));

        public Run Claims(string session, string? task, params string[] can) =>
            run.When(new ClaimTask(run.Now, new(session), task is null ? null : new TaskId(task), 600) { Capabilities = can.Length > 0 ? can : null });

        /// <summary>What time alone brings, until nothing more comes.</summary>
        public Run Passing()
        {
            var first = run.Journal.Count;
            while (run.When(new PassTime(run.Now)).Last.Count > 0)
            {
            }

            return run.Saw(first);
        }

        public Run AfterSecondsWithoutCoordinator(double seconds) => run.At(run.Now.PlusSeconds(seconds)).Passing();

        public string? Answer(Command command) => Refusals.Of(run.State, command);
    }
}
