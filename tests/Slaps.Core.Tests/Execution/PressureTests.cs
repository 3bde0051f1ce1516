using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Views;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Core.Tests.Execution;

/// <summary>Executions on machines that have too much to bear.</summary>
public sealed class PressureTests
{
    private static readonly PoolRules Usual = new(1, null, 0.75, 0.9, 0.5);

    private readonly Dictionary<Run, List<PressureSample>> _latest = [];

    [Fact]
    public void A_level_engages_only_when_five_samples_in_a_row_reach_it()
    {
        var run = Busy(8, 8);

        Assert.Empty(Changes(Feels(run, 0.8, 0.8, 0.8, 0.8)));
        Assert.Empty(Changes(Feels(run, 0.74, 0.8, 0.8, 0.8, 0.8)));
        Feels(run, 0.8);

        Assert.Equal([new BackpressureChanged(BackpressureLevel.Elevated, PressureCause.Cpu, "Processes wait 80 % of their time for a processor (threshold 75 %).", 6)], Changes(run));
    }

    [Fact]
    public void What_runs_goes_on_and_nothing_new_starts_until_there_is_a_place_again()
    {
        var run = Feels(Busy(8, 12), 0.9, 0.9, 0.9, 0.9, 0.9);

        Assert.Equal((BackpressureLevel.High, 4), (run.State.Backpressure.Level, run.State.Backpressure.Places));
        Assert.Equal(8, run.State.Active.Count);
        Assert.DoesNotContain(run.Succeeds("t1", "t2", "t3", "t4").Events, e => e is TaskAssigned { Task.Value: "t9" });
        Assert.Contains("Backpressure (high) lets only 4 tasks run at once: Processes wait 90 % of their time for a processor (threshold 75 %).", Explanation.Of(run.State, new("t9")));

        run.Succeeds("t5");
        Assert.Equal("ASSIGNED", run.StateOf("t9"));
    }

    [Fact]
    public void While_high_pressure_lasts_ever_fewer_run_but_never_fewer_than_the_least()
    {
        var run = Feels(Busy(16, 16, Usual with { MinWorkers = 3 }), Times(0.9, 20));

        Assert.Equal([8, 4, 3], Changes(run).Select(e => e.EffectiveWorkers));
    }

    [Fact]
    public void At_a_critical_level_nothing_new_starts_as_long_as_anything_runs_and_then_one()
    {
        var run = Feels(Busy(2, 4, Usual with { MinWorkers = 2 }), Times(0.99, 5));

        Assert.Equal("READY", run.Succeeds("t1").StateOf("t3"));
        Assert.Equal(2, run.State.Workers.Count);
        Assert.Equal("ASSIGNED", run.Succeeds("t2").StateOf("t3"));
        Assert.Equal("READY", run.StateOf("t4"));
        Assert.Equal(ExecutionStatus.Completed, run.Succeeds("t3", "t4").State.Status);
    }

    [Fact]
    public void It_eases_after_three_samples_well_below_the_threshold_and_then_a_place_at_a_time()
    {
        var run = Feels(Busy(16, 40), Times(0.8, 5));
        Assert.Equal(12, run.State.Backpressure.Places);

        // Below the threshold, but not by the margin; then two samples that are, which is one too few.
        Feels(run, Times(0.71, 9));
        Feels(run, 0.1, 0.1);
        Assert.Equal(12, run.State.Backpressure.Places);

        Feels(run, 0.1);
        Assert.Equal((BackpressureLevel.Normal, 13), (run.State.Backpressure.Level, run.State.Backpressure.Places));
        Feels(run, 0.1);
        Assert.Equal(14, run.State.Backpressure.Places);
        Feels(run, 0.71);
        Assert.Equal(14, run.State.Backpressure.Places);
        Feels(run, 0.1, 0.1);
        Assert.Equal((false, 16), (run.State.Backpressure.IsActive, Changes(run).Last().EffectiveWorkers));
    }

    [Fact]
    public void When_nothing_waits_all_places_come_back_at_once()
    {
        var run = Feels(Busy(16, 16), Times(0.9, 5)).Succeeds([.. Enumerable.Range(1, 12).Select(i => $"t{i}")]);

        Assert.False(Feels(run, 0.1, 0.1, 0.1).State.Backpressure.IsActive);
    }

    [Fact]
    public void Places_come_back_one_at_a_time_also_for_tasks_that_were_held_back()
    {
        var plan = A.Plan([.. Enumerable.Range(1, 20).Select(i => A.Task($"t{i}").Of(i <= 8 ? Priority.High : Priority.Low))]);
        var run = Feels(Started(Run.From(plan), 8, Usual), Times(0.8, 5)).Succeeds("t1", "t2", "t3", "t4", "t5", "t6", "t7");
        Assert.Equal((1, 6), (run.State.Active.Count, run.State.Backpressure.Places));

        Feels(run, 0.1, 0.1, 0.1);
        run.Settle();

        Assert.Equal(7, run.State.Active.Count);
    }

    [Fact]
    public void A_low_priority_waits_while_it_lasts_and_goes_on_when_it_eases()
    {
        var run = Feels(Started(Run.From(A.Plan(A.Task("a"), A.Task("low").Of(Priority.Low).After("a"), A.Task("b"), A.Task("c").After("a")).AtMostAtOnce(4)), 4, Usual with { MinWorkers = 4 }), Times(0.8, 5)).Succeeds("a");

        Assert.Equal(("ASSIGNED", "READY", true), (run.StateOf("c"), run.StateOf("low"), run.State.IsHeldBack(1)));
        Assert.Equal(1, run.State.FrontierSize);
        Assert.Contains("Backpressure (elevated) holds it back because its priority is low: Processes wait 80 % of their time for a processor (threshold 75 %). It starts when that has eased, or when nothing else runs.", Explanation.Of(run.State, new("low")));
        Assert.Equal([new BlockedTask("low", "backpressure")], DashboardView.Of(run.State).Blocked);
        Assert.True(run.Replayed().State.IsHeldBack(1));

        Feels(run, 0.1, 0.1, 0.1);
        Assert.Equal("ASSIGNED", run.Settle().StateOf("low"));
    }

    [Fact]
    public void What_is_held_back_starts_one_after_the_other_when_nothing_else_runs()
    {
        var run = Feels(Started(Run.From(A.Plan(A.Task("a"), A.Task("x").Of(Priority.Low).Taking(1), A.Task("y").Of(Priority.Low).Taking(2)).AtMostAtOnce(1)), 2, Usual), Times(0.8, 5)).Succeeds("a");

        Assert.Equal(("READY", "ASSIGNED"), (run.StateOf("x"), run.StateOf("y")));
        Assert.Equal(ExecutionStatus.Completed, run.Succeeds("y", "x").State.Status);
    }

    [Theory]
    [InlineData(0.8, 0.1, "cores")]
    [InlineData(0.1, 0.92, "memory")]
    public void Only_what_is_heavy_on_what_is_short_waits(double cpu, double memory, string held)
    {
        var plan = A.Plan(A.Task("a"), A.Task("cores").Estimated(2, 10).After("a"), A.Task("memory").Estimated(1, 500).After("a"), A.Task("light").Estimated(1.9, 499).After("a"), A.Task("z")).WithQuotas(4, 1000);
        var run = Started(Run.From(plan), 5, Usual with { MinWorkers = 5 });
        Feels(run, [.. Enumerable.Repeat((cpu, memory, 0d), 5)]).Succeeds("a");

        Assert.Equal([held], run.State.FrontierInOrder.Select(task => plan.Build().Tasks[task].Id.Value).Where(id => run.State.IsHeldBack(run.Plan.IndexOf(new(id)))));
        Assert.Contains(Explanation.Of(run.State, new(held)), line => line.Contains(held == "cores" ? "it needs 2 processors" : "it needs 500 MB", StringComparison.Ordinal));
    }

    [Fact]
    public void Memory_counts_by_its_use_and_by_those_who_stand_still_for_want_of_it()
    {
        Assert.Equal("95 % of the memory is in use (threshold 90 %).", Feels(Busy(4, 4), [.. Enumerable.Repeat((0d, 0.95, 0.1), 5)]).State.Backpressure.Reason);
        Assert.Equal("Processes stand still 25 % of the time for want of memory (threshold 20 %).", Feels(Busy(4, 4), [.. Enumerable.Repeat((0d, 0.5, 0.25), 5)]).State.Backpressure.Reason);
        Assert.Empty(Changes(Feels(Busy(4, 4, Usual with { MemoryThreshold = null }), [.. Enumerable.Repeat((0d, 0.99, 0.9), 9)])));
        Assert.Empty(Changes(Feels(Busy(4, 4, Usual with { CpuThreshold = null }), Times(1, 9))));
    }

    [Fact]
    public void When_too_many_attempts_fail_fewer_run_at_once_but_never_none()
    {
        var run = Started(Run.From(A.Plan([.. Enumerable.Range(1, 60).Select(i => A.Task($"t{i}").WithoutRetry())])), 8, Usual);
        Ends(run, 10, "F");
        Ends(run, 9, "S");
        Assert.Empty(Changes(run));

        Ends(run, 1, "S");
        Assert.Equal([new BackpressureChanged(BackpressureLevel.Elevated, PressureCause.ErrorRate, "10 of the last 20 attempts failed (threshold 50 %).", 5)], Changes(run));

        // The oldest leave the window; then everything fails.
        Ends(run, 30, "F");
        Assert.Equal((BackpressureLevel.High, 1), (run.State.Backpressure.Level, run.State.Backpressure.Places));
        Assert.Single(run.State.Active);
    }

    [Fact]
    public void When_attempts_succeed_again_their_places_come_back_and_samples_have_no_say_in_it()
    {
        var run = Started(Run.From(A.Plan([.. Enumerable.Range(1, 90).Select(i => A.Task($"t{i}").WithoutRetry())])), 4, Usual);
        Ends(run, 40, "F");
        Feels(run, Times(0, 9));
        Assert.Equal((BackpressureLevel.High, 1), (run.State.Backpressure.Level, run.State.Backpressure.Places));

        Ends(run, 14, "S");
        Assert.Equal(BackpressureLevel.Normal, run.State.Backpressure.Level);
        Ends(run, 4, "S");
        Assert.False(run.State.Backpressure.IsActive);
        Assert.Equal(StateText.Of(run.State), StateText.Of(run.Replayed().State));
    }

    [Fact]
    public void Every_view_tells_of_it_as_long_as_it_lasts()
    {
        var run = Feels(Busy(8, 20), Times(0.9, 5));

        Assert.Equal(new BackpressureView("high", 4, Noon.PlusSeconds(5).ToString(), "Processes wait 90 % of their time for a processor (threshold 75 %)."), StatusView.Of(run.State).Backpressure);
        Assert.Equal("backpressure high, 4 at once", DashboardView.Of(run.State).Backpressure);
        Assert.Contains("backpressure_level 2\n", Metrics(run), StringComparison.Ordinal);
        Assert.Contains("effective_workers 4\n", Metrics(run), StringComparison.Ordinal);

        Feels(run, 0.1, 0.1, 0.1);
        Assert.Equal(("normal", 5), (StatusView.Of(run.State).Backpressure!.Level, StatusView.Of(run.State).Backpressure!.EffectiveWorkers));
        Assert.Equal("backpressure eases, 5 at once", DashboardView.Of(run.State).Backpressure);

        Feels(run, 0.1, 0.1, 0.1);
        Assert.Null(StatusView.Of(run.State).Backpressure);
        Assert.Null(DashboardView.Of(run.State).Backpressure);
        Assert.DoesNotContain("backpressure", StatusView.Json(StatusView.Of(run.State)), StringComparison.Ordinal);
        Assert.Contains("backpressure_level 0\n", Metrics(run), StringComparison.Ordinal);

        var report = new ExecutionReport();
        foreach (var recorded in run.Journal) report.Watch(run.State, recorded);
        Assert.Equal(1, report.Document().Metrics.BackpressureActivations);
    }

    [Fact]
    public void With_its_end_everything_is_over_and_a_retry_begins_at_ease()
    {
        var run = Started(Run.From(A.Plan([.. Enumerable.Range(1, 21).Select(i => A.Task($"t{i}").WithoutRetry())])), 4, Usual);
        Ends(run, 21, "F");

        Assert.Equal(ExecutionStatus.Failed, run.State.Status);
        Assert.NotEmpty(Changes(run));
        Assert.False(run.State.Backpressure.IsActive);
        Assert.True(run.Settling(new RetryTask(run.Now, new("t1"))).State.HasPlace);
    }

    [Fact]
    public void A_coordinator_without_rules_holds_back_nothing_and_a_new_one_measures_anew()
    {
        Assert.Empty(Changes(Feels(Run.From(A.Plan(A.Task("a"))).Started(2), Times(1, 20))));

        var run = Feels(Busy(4, 8), Times(0.99, 5));
        Started(run, 4, Usual);
        Assert.False(run.State.Backpressure.IsActive);
        Assert.Single(Changes(Feels(run, Times(0.99, 4))));
    }

    [Fact]
    public void An_ended_or_aborted_execution_changes_nothing_any_more()
    {
        Assert.Empty(Changes(Feels(Busy(2, 2).Succeeds("t1", "t2"), Times(1, 9))));
        Assert.Empty(Changes(Feels(Busy(2, 2).When(new AbortExecution(Noon, "Enough.")), Times(1, 9))));
    }

    [Fact]
    public void Workers_without_a_place_leave_but_not_those_of_the_start_and_come_back_with_the_places()
    {
        var run = Feels(Busy(4, 12, Usual with { MinWorkers = 2 }), Times(0.9, 5)).Succeeds("t1", "t2");
        Assert.Equal(2, run.State.Workers.Count);

        Feels(run, 0.1, 0.1, 0.1, 0.1);
        Assert.Equal(4, run.Settle().State.Workers.Count);
    }

    [Fact]
    public void An_idle_worker_leaves_after_a_while_but_never_the_least_nor_the_only_one_of_its_kind()
    {
        var plan = A.Plan(A.Task("a"), A.Task("b"), A.Task("c"), A.Task("last").After("a"));
        var run = Started(Run.From(plan), 3, Usual with { IdleSeconds = 60 }).AfterSeconds(10).Succeeds("b", "c");

        Assert.Equal(Noon.PlusSeconds(70), run.State.NextTimer);
        Assert.Empty(run.AfterSeconds(59.9).Last);
        Assert.Equal([new WorkerLeft(new("W3")), new WorkerLeft(new("W2"))], run.AfterSeconds(0.1).Last);
        Assert.Null(run.State.NextTimer);

        var skilled = Run.From(plan).When(new StartCoordinator(Noon, "h", 1, [A.Worker("W1"), A.Worker("W2").ThatCan("x"), A.Worker("W3").ThatCan("x")], 3, false) { Pool = Usual with { IdleSeconds = 60 } }).Settle();
        Assert.Equal(2, skilled.Succeeds("a", "b", "c", "last").Events.OfType<TaskAssigned>().Select(e => e.Worker).Distinct().Count(w => w.Value != "W1"));
        var waiting = Run.From(plan).When(new StartCoordinator(Noon, "h", 1, [A.Worker("W1"), A.Worker("W2").ThatCan("x")], 3, true) { Pool = Usual with { IdleSeconds = 60 } });
        Assert.DoesNotContain(waiting.AfterSeconds(999).Events, e => e is WorkerLeft);
    }

    private static Run Busy(int workers, int tasks, PoolRules? rules = null) =>
        Started(Run.From(A.Plan([.. Enumerable.Range(1, tasks).Select(i => A.Task($"t{i}"))])), workers, rules ?? Usual);

    private static Run Started(Run run, int workers, PoolRules rules) =>
        run.Settling(new StartCoordinator(run.Now, "host", 4711, A.Workers(workers), workers, WaitForClaims: false) { Pool = rules });

    private static double[] Times(double value, int times) => [.. Enumerable.Repeat(value, times)];

    private Run Feels(Run run, params double[] cpu) => Feels(run, [.. cpu.Select(value => (value, 0d, 0d))]);

    // A sample each second, and each time the last ones are sent, as a host does.
    private Run Feels(Run run, (double Cpu, double Memory, double Stall)[] samples)
    {
        if (!_latest.TryGetValue(run, out var latest)) _latest[run] = latest = [];
        foreach (var (cpu, memory, stall) in samples)
        {
            run.AfterSeconds(1);
            latest.Add(new PressureSample(run.Now, cpu, memory, stall));
            run.Settling(new RecordPressure(run.Now, [.. latest.TakeLast(8)]));
        }

        return run;
    }

    private static string Metrics(Run run)
    {
        var metrics = new ExecutionMetrics();
        foreach (var recorded in run.Journal) metrics.Watch(run.State, recorded);
        metrics.Settle(run.State);
        return metrics.Exposition(run.Now);
    }

    private static IEnumerable<BackpressureChanged> Changes(Run run) => run.Events.OfType<BackpressureChanged>();

    private static void Ends(Run run, int times, string how)
    {
        for (var i = 0; i < times; i++)
        {
            var task = run.Plan.Tasks[run.State.Active.First()].Id.Value;
            if (how == "S") run.Succeeds(task);
            else run.Fails(task);
        }
    }
}
