using Slaps.Core.Execution;
using Slaps.Core.History;
using Slaps.Core.Plans;
using Slaps.Core.Views;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Execution;

/// <summary>What running attempts ask for beside what their plan gave them.</summary>
public sealed class MidTaskResourceTests
{
    // T1 is older than T2, and T2 than T3: that is the order in which they stand in the file.
    private static PlanBuilder Three => A.Plan(A.Task("T1").Taking(3), A.Task("T2").Taking(2), A.Task("T3").Taking(1)).WithLocks("db", "log").WithPool("ports", 3).WithQuotas(cpuCores: 4);

    [Fact]
    public void What_is_free_is_had_at_once_and_told_with_the_attempt()
    {
        var run = Run.From(Three).Started(3).When(Asks("T2", "db"));

        Assert.Equal([new ResourceAcquired(new("T2"), [new("lock:db", 1)], Attempt: 1)], run.Last, EventsEqual.ByJson);
        Assert.Equal([new TaskId("T2")], run.State.HoldersOf("lock:db"));
        Assert.Equal(ResourceStanding.Held, ResourceAnswer.Of(run.State, Asks("T2", "db")).Standing);
        Assert.Equal("T2 holds the lock 'db' already.", Refusals.Of(run.State, Asks("T2", "db")));
    }

    [Fact]
    public void The_older_waits_until_the_younger_gives_it_back()
    {
        var run = Run.From(Three).Started(3).When(Asks("T2", "db")).When(Asks("T1", "db"));
        Assert.Equal([new ResourceRequested(new("T1"), 1, new("lock:db", 1), Until: null)], run.Last);
        Assert.Equal(ResourceStanding.Waiting, ResourceAnswer.Of(run.State, Asks("T1", "db")).Standing);
        Assert.Contains("It waits for the lock 'db' since 2026-11-21T12:00:00.000000Z: in its way is T2; it waits for as long as it takes.", Explanation.Of(run.Begins("T1").State, new("T1")));

        run.Settling(new ReleaseResource(run.Now, new("T2"), 1, "db"));

        Assert.Equal([new ResourceReleased(new("T2"), [new("lock:db", 1)], 1), new ResourceAcquired(new("T1"), [new("lock:db", 1)], 1)], run.Last, EventsEqual.ByJson);
        Assert.Null(run.State.RequestOf(0));
    }

    [Fact]
    public void The_younger_dies_and_its_task_is_queued_without_a_failure_until_what_it_wants_is_free()
    {
        var run = Run.From(Three).Started(3).When(Asks("T1", "db")).When(Asks("T2", "db"));
        Assert.Equal(
            [new ResourceDenied(new("T2"), 1, new("lock:db", 1), DenialCause.Younger, [new("T1")], Requeues: true), new AttemptStopping(new("T2"), 1, StopReason.ResourceDenied)],
            run.Last,
            EventsEqual.ByJson);

        run.Ends("T2", new Outcome.Signalled(15));
        Assert.Equal(("QUEUED", 0, 1), (run.StateOf("T2"), run.State.FailuresOf(1), run.AttemptOf("T2")));
        Assert.Contains("It starts again when the lock 'db' is free for it; T1 has it now.", Explanation.Of(run.State, new("T2")));

        run.Succeeds("T1");
        Assert.Equal(("ASSIGNED", 2), (run.StateOf("T2"), run.AttemptOf("T2")));
        Assert.Equal(ResourceStanding.Held, ResourceAnswer.Of(run.When(Asks("T2", "db") with { Attempt = 2 }).State, Asks("T2", "db") with { Attempt = 2 }).Standing);
    }

    [Fact]
    public void A_session_that_makes_way_is_told_what_happened_that_its_attempt_is_over_and_what_it_does_now()
    {
        var run = Run.From(Three).Opened().Claims("alpha", "T1").Claims("beta", "T2").When(AsksAs("alpha", "T1", "db"));
        run.When(new ReportProgress(run.Now, new("beta"), new("T2"), 1, 30, "The index is built")).When(AsksAs("beta", "T2", "db"));

        Assert.Equal(
            "beta asked for the lock 'db' in the midst of T2, which is not free for it: in its way is T1, which is older. The younger makes way, so that nobody waits in a circle: "
            + "attempt 1 of T2 is over, beta does not have T2 any more, and what it held is given back. Nothing has failed: T2 is on the list again, keeps its age, and can be claimed when the lock 'db' is free for it. "
            + "Stop working on it; what beta still says about this attempt does not count. `tasks claim` takes another task, `tasks claim T2 --wait` takes this one again.",
            ResourceAnswer.Of(run.State, AsksAs("beta", "T2", "db")).Sentence);
        Assert.Equal("beta was at 30 %: The index is built.", run.State.TroubleOf(1));
        Assert.StartsWith("beta does not have T2: it is on the list again, and waits for lock:db.", run.Answer(new CompleteClaim(run.Now, new("beta"), new("T2"), 1, null)), StringComparison.Ordinal);
        Assert.Equal(
            "beta does not have T2: it is QUEUED and nobody works on it, so nothing is held for it. `tasks claim` takes what is available.",
            run.Answer(new ReleaseResource(run.Now, new("T2"), null, "db") { Session = new("beta") }));
    }

    [Fact]
    public void A_session_whose_task_must_not_be_done_twice_keeps_it_and_is_told_so()
    {
        var run = Run.From(A.Plan(A.Task("T1").Taking(9), A.Task("T2").NotIdempotent(), A.Task("T3").Holding("db").After("T1"))).Opened().Claims("alpha", "T1").Claims("beta", "T2");
        run.When(AsksAs("alpha", "T1", "db")).When(AsksAs("beta", "T2", "db"));

        Assert.Contains("T2 must not be done twice, so it is not taken away: beta still has it (attempt 1) and goes on without. `tasks resource acquire lock:db` asks again.", ResourceAnswer.Of(run.State, AsksAs("beta", "T2", "db")).Sentence, StringComparison.Ordinal);
        Assert.Equal("beta", run.State.ActiveAttemptOf(1)!.Worker.Value);
    }

    [Fact]
    public void Who_gives_back_what_it_has_not_acquired_hears_who_has_it_and_what_it_has_itself()
    {
        var run = Run.From(Three).Opened().Claims("alpha", "T1").Claims("beta", "T2").When(AsksAs("alpha", "T1", "db")).When(AsksAs("beta", "T2", "log"));

        Assert.Equal(
            "T2 has not acquired the lock 'db', so there is nothing to give back. It is held by T1 (alpha). What it has acquired: the lock 'log'.",
            run.Answer(new ReleaseResource(run.Now, new("T2"), null, "db") { Session = new("beta") }));
    }

    [Fact]
    public void A_task_that_died_keeps_its_age()
    {
        var run = Run.From(Three).Started(3).When(Asks("T1", "db")).When(Asks("T2", "db")).Ends("T2", new Outcome.Signalled(15)).Succeeds("T1");

        run.When(Asks("T3", "db")).When(Asks("T2", "db") with { Attempt = 2 });

        Assert.Equal(new ResourceRequested(new("T2"), 2, new("lock:db", 1), Until: null), Assert.Single(run.Last));
    }

    [Fact]
    public void What_must_not_be_done_twice_is_refused_and_goes_on()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").NotIdempotent()).WithLocks("db")).Started(2).When(Asks("T1", "db")).When(Asks("T2", "db"));

        Assert.Equal(new ResourceDenied(new("T2"), 1, new("lock:db", 1), DenialCause.Younger, [new("T1")], Requeues: false), Assert.Single(run.Last), EventsEqual.ByJson);
        Assert.Equal("ASSIGNED", run.StateOf("T2"));
        Assert.EndsWith("It must not be done twice, so it goes on without.", ResourceAnswer.Of(run.State, Asks("T2", "db")).Sentence);
        Assert.Empty(run.When(Asks("T2", "db") with { IsRepeated = true }).Last);
        Assert.NotEmpty(run.When(Asks("T2", "db")).Last);
    }

    [Fact]
    public void Everything_that_was_acquired_is_given_back_with_the_attempt()
    {
        var run = Run.From(Three).Started(3).When(Asks("T1", "db")).When(Asks("T1", "ports") with { Amount = 2 }).When(Asks("T1", "cpu_cores") with { Amount = 1.5 });
        Assert.Equal([new("lock:db", 1), new("pool:ports", 2), new("cpu_cores", 1500)], run.State.MoreOf(0));

        run.Fails("T1");

        Assert.Equal(new ResourceReleased(new("T1"), [new("lock:db", 1), new("pool:ports", 2), new("cpu_cores", 1500)], 1), run.Last[1], EventsEqual.ByJson);
        Assert.All(run.State.ResourceLevels().Where(r => r.Name != "concurrency"), r => Assert.Equal(r.Capacity, r.Free));
    }

    [Fact]
    public void Who_has_waited_for_too_long_makes_way()
    {
        var run = Run.From(Three.LosingPatienceAfter(30)).Started(3).When(Asks("T2", "db")).When(Asks("T1", "db"));
        Assert.Equal(run.Now.PlusSeconds(30), run.State.NextTimer);

        Assert.Empty(run.AfterSeconds(29).Last);
        run.AfterSeconds(1);

        Assert.Equal(DenialCause.TimedOut, Assert.IsType<ResourceDenied>(run.Last[0]).Cause);
        Assert.Equal(new AttemptStopping(new("T1"), 1, StopReason.ResourceDenied), run.Last[1]);
    }

    [Fact]
    public void Whoever_asks_may_say_how_long()
    {
        var run = Run.From(Three.LosingPatienceAfter(30)).Started(3).When(Asks("T2", "db"));

        Assert.Empty(run.When(Asks("T1", "db") with { TimeoutSeconds = 0 }).Last);
        Assert.Equal("the lock 'db' is not free: in its way is T2.", Refusals.Of(run.State, Asks("T1", "db") with { TimeoutSeconds = 0 }));
        Assert.Equal(run.Now.PlusSeconds(5), Assert.IsType<ResourceRequested>(Assert.Single(run.When(Asks("T1", "db") with { TimeoutSeconds = 5 }).Last)).Until);
    }

    [Fact]
    public void Nothing_that_has_not_begun_takes_what_somebody_waits_for()
    {
        var plan = A.Plan(A.Task("T1").Taking(9), A.Task("T2").Using("p", 2).Taking(8), A.Task("T3").Using("p", 2).Taking(7), A.Task("T4").Using("p", 1).Taking(6).After("T3")).WithPool("p", 4);
        var run = Run.From(plan).Started(4).When(Asks("T1", "p") with { Amount = 4 });
        Assert.IsType<ResourceRequested>(Assert.Single(run.Last));

        run.Succeeds("T3");
        Assert.Equal(("READY", 2), (run.StateOf("T4"), run.State.ResourceLevels().Single(r => r.Name == "pool:p").Free));

        run.Succeeds("T2");
        Assert.Equal([new("pool:p", 4)], run.State.MoreOf(0));
        run.Settling(new ReleaseResource(run.Now, new("T1"), 1, "p"));
        Assert.Equal("ASSIGNED", run.StateOf("T4"));
    }

    [Fact]
    public void Who_asks_while_somebody_older_waits_dies_although_enough_is_free()
    {
        var run = Run.From(Three).Started(3).When(Asks("T3", "ports") with { Amount = 1 }).When(Asks("T1", "ports") with { Amount = 3 });

        run.When(Asks("T2", "ports"));

        Assert.Equal([new TaskId("T1")], Assert.IsType<ResourceDenied>(run.Last[0]).Holders);
    }

    [Fact]
    public void Readers_share_and_a_writer_waits_for_all_of_them()
    {
        var run = Run.From(Three).Started(3).When(Asks("T2", "db") with { Reads = true }).When(Asks("T3", "db") with { Reads = true }).When(Asks("T1", "db"));
        Assert.Equal([new TaskId("T2"), new TaskId("T3")], run.State.HoldersOf("lock:db"));
        Assert.IsType<ResourceRequested>(Assert.Single(run.Last));

        run.Succeeds("T2");
        Assert.NotNull(run.State.RequestOf(0));
        run.Succeeds("T3");
        Assert.Equal([new TaskId("T1")], run.State.HoldersOf("lock:db"));
    }

    [Fact]
    public void A_request_that_is_withdrawn_is_in_nobodys_way()
    {
        var run = Run.From(Three).Started(3).When(Asks("T3", "db")).When(Asks("T1", "db")).Settling(new ReleaseResource(Moments.Noon, new("T1"), 1, "lock:db"));

        Assert.Equal([new ResourceWithdrawn(new("T1"), 1, "lock:db")], run.Last);
        Assert.IsType<ResourceRequested>(Assert.Single(run.When(Asks("T2", "db")).Last));
    }

    [Theory]
    [InlineData("T1", 2, "db", 1, "Attempt 2 of T1 is over; attempt 1 is the present one.")]
    [InlineData("T9", 1, "db", 1, "exec-1 has no task 'T9'.")]
    [InlineData("T1", 1, "prots", 1, "The plan of exec-1 has no resource 'prots'. Did you mean 'ports'? It has 'db', 'log', 'ports', 'cpu_cores'.")]
    [InlineData("T1", 1, "concurrency", 1, "The plan of exec-1 has no resource 'concurrency'. It has 'db', 'log', 'ports', 'cpu_cores'.")]
    [InlineData("T1", 1, "db", 2, "the lock 'db' is one thing: leave the amount out.")]
    [InlineData("T1", 1, "ports", 1.5, "the pool 'ports' comes in whole units, not in 1.5.")]
    [InlineData("T1", 1, "ports", 4, "There is never so much of the pool 'ports': 3 in all, and T1 would hold 4.")]
    [InlineData("T1", 1, "ports", double.NaN, "NaN of the pool 'ports' is not possible: say how much, more than 0.")]
    [InlineData("T1", 1, "cpu_cores", -1, "-1 of the quota cpu_cores is not possible: say how much, more than 0.")]
    public void What_makes_no_sense_is_answered(string task, int attempt, string resource, double amount, string answer)
    {
        var run = Run.From(Three).Started(3);
        var asked = new AcquireResource(run.Now, new(task), attempt, resource) { Amount = amount };

        Assert.Empty(run.When(asked).Last);
        Assert.Equal(answer, Refusals.Of(run.State, asked));
        Assert.Equal(new ResourceAnswer(ResourceStanding.Refused, answer), ResourceAnswer.Of(run.State, asked));
    }

    [Fact]
    public void A_session_asks_for_what_it_has_claimed_and_gives_way_at_once()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").ByHand()).WithLocks("db")).StartedWaitingForClaims(A.Workers(1)).When(Asks("T1", "db"))
            .When(new ClaimTask(Moments.Noon, new("alpha"), new("T2"), 600));
        Assert.Equal("beta does not have T2: alpha has it (attempt 1).", Refusals.Of(run.State, Asks("T2", "db") with { Attempt = null, Session = new("beta") }));
        Assert.Equal("T2 was claimed by alpha (attempt 1); only that session can say what it needs.", Refusals.Of(run.State, Asks("T2", "db")));

        run.When(Asks("T2", "db") with { Attempt = null, Session = new("alpha") });

        Assert.Equal(["resource_denied", "task_queued"], run.Last.Select(EventJson.NameOf));
        Assert.Equal("T2 waits for lock:db, held by T1 (W1). `tasks claim` takes another one, `tasks explain T2` says more.", Refusals.Of(run.State, new ClaimTask(run.Now, new("alpha"), new("T2"), 600)));
        run.Succeeds("T1");
        Assert.Null(Refusals.Of(run.State, new ClaimTask(run.Now, new("alpha"), new("T2"), 600)));
    }

    [Fact]
    public void Who_says_that_it_is_done_waits_no_longer()
    {
        var run = Run.From(A.Plan(A.Task("T1").Checked("c"), A.Task("T2")).WithLocks("db")).Started(2).When(Asks("T2", "db")).When(Asks("T1", "db"));
        Assert.NotNull(run.State.RequestOf(0));

        run.Exits("T1").Succeeds("T2");

        Assert.Null(run.State.RequestOf(0));
        Assert.Empty(run.State.MoreOf(0));
    }

    [Fact]
    public void A_circle_that_cannot_arise_is_broken_all_the_same()
    {
        // Only a journal that no scheduler wrote leads here.
        var run = Run.From(Three).Started(3);
        ExecutionEvent[] circle =
        [
            new ResourceAcquired(new("T1"), [new("lock:db", 1)], 1), new ResourceAcquired(new("T2"), [new("lock:log", 1)], 1),
            new ResourceRequested(new("T1"), 1, new("lock:log", 1), null), new ResourceRequested(new("T2"), 1, new("lock:db", 1), null),
        ];
        foreach (var happened in circle) run.State.Evolve(new RecordedEvent(run.State.Seq + 1, run.Now, happened));

        run.When(new Proceed(run.Now));

        Assert.Equal(["deadlock_detected", "resource_denied", "attempt_stopping"], run.Last.Select(EventJson.NameOf));
        Assert.Equal(new DeadlockDetected([new("T1"), new("T2")], new("T2")), run.Last[0], EventsEqual.ByJson);
        Assert.Equal(new TaskId("T2"), ((AttemptStopping)run.Last[2]).Task);
    }

    [Fact]
    public void What_is_held_and_waited_for_outlives_the_coordinator()
    {
        var run = Run.From(Three).Started(3).When(Asks("T3", "db")).When(Asks("T1", "db")).When(Asks("T2", "ports") with { Amount = 2 });
        var next = run.Replayed();

        Assert.Equal(StateText.Of(run.State), StateText.Of(next.State));
        next.Started(3).Succeeds("T3");
        Assert.Equal([new TaskId("T1")], next.State.HoldersOf("lock:db"));
    }

    [Fact]
    public void The_history_of_a_younger_that_waits_is_refused()
    {
        var run = Run.From(Three).Started(3).When(Asks("T1", "db"));
        RecordedEvent[] journal = [.. run.Journal, new(run.State.Seq + 1, run.Now, new ResourceRequested(new("T2"), 1, new("lock:db", 1), null))];

        var report = HistoryChecker.Check(new("exec-1"), run.Plan, journal.Select(HistoryEvent.Of));

        Assert.Equal("T2 waits for lock:db, but T1, which is in its way, is older.", Assert.Single(report.Violations, v => v.Rule == "mid_task").Message);
    }

    private static AcquireResource AsksAs(string session, string task, string resource) => Asks(task, resource) with { Attempt = null, Session = new(session) };

    private static AcquireResource Asks(string task, string resource) => new(Moments.Noon, new(task), Attempt: 1, resource);
}
