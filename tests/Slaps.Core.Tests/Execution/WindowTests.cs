using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Forecasting;
using Slaps.Core.History;
using Slaps.Core.Plans;
using Slaps.Core.Views;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Execution;

/// <summary>Times of the day at which tasks may begin, and places in which there is more or less to share. Stories begin at noon.</summary>
public sealed class WindowTests
{
    private static readonly Instant Eight = Moments.Noon.PlusSeconds(8 * 3_600);

    private static PlanBuilder AtNight => A.Plan(A.Task("T1").Where(t => t with { Windows = [TimeWindow.Parse("20:00-06:00")!.Value] }), A.Task("T2"));

    [Fact]
    public void A_task_waits_for_its_window_and_is_woken_by_time()
    {
        var run = Run.From(AtNight).Started(2);
        Assert.Equal(("READY", "ASSIGNED"), (run.StateOf("T1"), run.StateOf("T2")));
        Assert.Contains(new WindowsChanged([], [new("T1")]), run.Last, EventsEqual.ByJson);
        Assert.Equal(Eight, run.State.NextTimer);
        Assert.Contains($"It may begin only at some times of the day (20:00-06:00 UTC); it waits until {Eight}.", Explanation.Of(run.State, new("T1")));

        run.Succeeds("T2");
        Assert.False(run.State.IsFinished);
        run.AfterSeconds(8 * 3_600);
        Assert.Equal("ASSIGNED", run.StateOf("T1"));
    }

    [Fact]
    public void A_task_that_runs_goes_on_when_its_window_closes_and_begins_no_second_attempt_then()
    {
        var run = Run.From(AtNight).Started(2).AfterSeconds(8 * 3_600).AfterSeconds(11 * 3_600);
        Assert.Equal("ASSIGNED", run.StateOf("T1"));

        run.Fails("T1").AfterSeconds(60);

        Assert.Equal("QUEUED", run.StateOf("T1"));
        Assert.Equal(Eight.PlusSeconds(24 * 3_600), run.State.NextTimer);
    }

    [Fact]
    public void What_became_free_while_a_window_was_closed_is_not_waited_for_again_when_it_opens()
    {
        var plan = A.Plan(A.Task("T1"), A.Task("T2").Where(t => t with { Windows = [TimeWindow.Parse("11:00-12:30")!.Value] }), A.Task("T3")).WithLocks("db");
        var run = Run.From(plan).Started(3).When(Asks("T1", Moments.Noon)).When(Asks("T2", Moments.Noon)).Ends("T2", new Outcome.Signalled(15));
        Assert.Equal("QUEUED", run.StateOf("T2"));

        run.AfterSeconds(3_600).Succeeds("T1");
        run.When(Asks("T3", run.Now));
        Assert.Equal("QUEUED", run.StateOf("T2"));
        Assert.Equal([new TaskId("T3")], run.State.HoldersOf("lock:db"));
        run.AfterSeconds(22 * 3_600);

        Assert.Equal(("ASSIGNED", 2), (run.StateOf("T2"), run.AttemptOf("T2")));

        static AcquireResource Asks(string task, Instant at) => new(at, new(task), Attempt: 1, "db");
    }

    [Fact]
    public void A_resource_has_windows_for_all_that_take_it()
    {
        var plan = A.Plan(A.Task("T1").Holding("production"), A.Task("T2").Using("ports"), A.Task("T3")).WithPool("ports", 1).WithWindow("production", "20:00-06:00").WithWindow("ports", "11:00-12:30");
        var run = Run.From(plan).Started(3);

        Assert.Equal(("READY", "ASSIGNED", "ASSIGNED"), (run.StateOf("T1"), run.StateOf("T2"), run.StateOf("T3")));
        Assert.Equal(Eight, run.State.OpensAt(0));
    }

    [Fact]
    public void A_session_claims_nothing_outside_of_its_window()
    {
        var run = Run.From(A.Plan(A.Task("T1").ByHand().Where(t => t with { Windows = [new(0, 3_600)] })));

        Assert.Equal("T1 may not begin at this time of the day. `tasks claim` takes another one, `tasks explain T1` says when it may.", Refusals.Of(run.State, new ClaimTask(run.Now, new("alpha"), new("T1"), 60)));
        Assert.Empty(run.When(new ClaimTask(run.Now, new("alpha"), null, 60)).Last);
        Assert.NotEmpty(run.When(new ClaimTask(run.Now.PlusSeconds((12 * 3_600) + 1), new("alpha"), null, 60)).Last);
    }

    [Fact]
    public void Who_sleeps_through_a_window_does_not_wait_for_its_edge_for_ever()
    {
        var run = Run.From(AtNight).Started(1).AfterSeconds(24 * 3_600);

        Assert.Equal([new WindowsChanged([], [])], run.Last, EventsEqual.ByJson);
        Assert.Equal(Eight.PlusSeconds(24 * 3_600), run.State.NextTimer);
    }

    [Theory]
    [InlineData("20:00-06:00", "20:00-06:00")]
    [InlineData(" 8:30 – 24:00 ", "08:30-24:00")]
    [InlineData("00:00:10-00:00", "00:00:10-24:00")]
    [InlineData("20:00-20:00", null)]
    [InlineData("20:61-21:00", null)]
    [InlineData("25:00-26:00", null)]
    [InlineData("night", null)]
    public void A_window_is_two_times_of_the_day(string text, string? read) => Assert.Equal(read, TimeWindow.Parse(text)?.ToString());

    [Fact]
    public void Windows_that_never_meet_and_windows_of_nothing_are_told()
    {
        var diagnostics = new DiagnosticBag();
        Plan.Build(A.Plan(A.Task("T1").Holding("db").Where(t => t with { Windows = [new(0, 60)] })).WithWindow("db", "10:00-11:00").WithWindow("bd", "10:00-11:00").Draft, diagnostics);

        Assert.Equal(["PLAN077", "PLAN078"], diagnostics.Items.Where(d => d.Severity == Severity.Error).Select(d => d.Code).Order());
    }

    [Fact]
    public void A_profile_says_what_there_is_to_share_and_is_kept_in_the_journal()
    {
        var plan = A.Plan(A.Task("T1").Using("ports", 2), A.Task("T2").Using("ports", 2)).WithPool("ports", 2).WithProfile(new("ci") { Pools = [new("ports", 4)] });

        Assert.Single(Run.From(plan).Started(2).State.Active);
        var ci = Run.From(plan.Build(), null, ExecutionModel.Rolling, "ci").Started(2);
        Assert.Equal(("ci", 2), (ci.State.Profile, ci.State.Active.Count));
        Assert.Equal(StateText.Of(ci.State), StateText.Of(ci.Replayed().State));
        Assert.True(HistoryChecker.Check(ci.State.Id, ci.Plan, ci.Journal.Select(HistoryEvent.Of)).Ok);
    }

    [Fact]
    public void A_profile_in_which_a_task_could_never_run_is_refused()
    {
        var diagnostics = new DiagnosticBag();
        var plan = A.Plan(A.Task("T1").Using("ports", 2).Estimated(cpuCores: 3)).WithPool("ports", 2).WithQuotas(cpuCores: 8)
            .WithProfile(new("local") { Pools = [new("ports", 1), new("prots", 1)], Quotas = new(2, null, null), ConcurrencyMax = 0 });
        Plan.Build(plan.Draft, diagnostics);

        Assert.Equal(["PLAN060", "PLAN071", "PLAN073", "PLAN073"], diagnostics.Items.Where(d => d.Severity == Severity.Error).Select(d => d.Code).Order());
    }

    [Fact]
    public void A_forecast_waits_for_windows_too()
    {
        var plan = A.Plan(A.Task("T1").Taking(1).Where(t => t with { Windows = [new(7_200, 10_800)] }), A.Task("T2").Taking(1).After("T1")).Build();

        var schedule = DryRun.Of(plan, new Scenario { Workers = 2 }).Schedule;

        Assert.Equal(4 * 3_600 * Instant.Second, schedule.MakespanMicroseconds);
    }
}
