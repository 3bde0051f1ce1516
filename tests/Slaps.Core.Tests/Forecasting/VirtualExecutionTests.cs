using Slaps.Core.Execution;
using Slaps.Core.Forecasting;
using Slaps.Core.Plans;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Forecasting;

public sealed class VirtualExecutionTests
{
    private const long Hour = 3_600_000_000;

    [Fact]
    public void First_released_first_goes_in_file_order_whatever_the_order_of_the_edges()
    {
        var plan = A.Plan(A.Task("root"), A.Task("a"), A.Task("b").Of(Priority.Critical), A.Task("c").Taking(9)).Build(("root", "c"), ("root", "b"), ("root", "a"));

        Assert.Equal(["root", "a", "b", "c"], OrderOf(plan, workers: 1, PriorityRule.Fifo));
    }

    [Fact]
    public void Critical_path_alone_knows_no_priority_classes()
    {
        var plan = A.Plan(A.Task("low").Of(Priority.Low), A.Task("critical").Of(Priority.Critical), A.Task("last").After("low")).Build();

        Assert.Equal(["low", "critical", "last"], OrderOf(plan, workers: 1, PriorityRule.CriticalPath));
        Assert.Equal(["critical", "low", "last"], OrderOf(plan, workers: 1, priority: null));
    }

    [Fact]
    public void All_ends_of_one_instant_are_applied_before_anything_starts()
    {
        // Both predecessors end after an hour; what the second releases is longer and goes first.
        var plan = A.Plan(A.Task("a"), A.Task("b"), A.Task("short").After("a"), A.Task("long").Taking(5).After("b")).Build();

        var schedule = Run(plan, workers: 2, PriorityRule.CriticalPath);

        Assert.Equal(new ScheduledTask(Hour, 6 * Hour, 1), schedule.Tasks[3]);
        Assert.Equal(new ScheduledTask(Hour, 2 * Hour, 2), schedule.Tasks[2]);
    }

    [Fact]
    public void Set_ups_are_reckoned_with_and_the_last_workers_are_the_specialists()
    {
        var plan = A.Plan(A.Task("a").Needing("gpu").Taking(2), A.Task("b").Needing("gpu"), A.Task("c").After("b"), A.Task("d").Needing("gpu").After("c")).Build();
        var scenario = new Scenario { Workers = 2, Crew = new(null, 1_800, [["gpu"]]) };

        Assert.Equal([new(0, 5 * Hour / 2, 1, SetUp: Hour / 2), new(0, Hour, 2), new(Hour, 2 * Hour, 2), new(2 * Hour, 3 * Hour, 2)], DryRun.Of(plan, scenario).Schedule.Tasks);

        // Where the set-up takes longer than the specialist needs, the other waits for it.
        Assert.Equal(new ScheduledTask(Hour, 3 * Hour, 2), DryRun.Of(plan, scenario with { Crew = new(null, 7_201, [["gpu"]]) }).Schedule.Tasks[0]);

        // One worker alone is no specialist, and what it can do anyway needs no set-up.
        Assert.Equal(4 * Hour + (Hour / 2) + Hour, DryRun.Of(plan, scenario with { Workers = 1 }).Schedule.MakespanMicroseconds);
        Assert.Equal(5 * Hour, DryRun.Of(plan, scenario with { Workers = 1, Crew = new(["gpu"], 1_800, []) }).Schedule.MakespanMicroseconds);
    }

    [Fact]
    public void A_draw_that_takes_longer_than_expected_makes_nobody_wait_for_it_longer_than_that()
    {
        var plan = A.Plan(A.Task("a").Needing("gpu"), A.Task("b").Needing("gpu")).Build();

        var schedule = VirtualExecution.Run(plan, [10 * Hour, Hour], new Scenario { Workers = 2, Crew = new(null, 7_200, [["gpu"]]) });

        Assert.Equal(new ScheduledTask(Hour, 4 * Hour, 1, SetUp: 2 * Hour), schedule.Tasks[1]);
    }

    [Fact]
    public void A_task_of_length_0_takes_a_worker_and_ends_in_the_same_instant()
    {
        var plan = A.Plan(A.Task("milestone").Taking(0), A.Task("other"), A.Task("after").After("milestone")).Build();

        var schedule = Run(plan, workers: 1, PriorityRule.Fifo);

        Assert.Equal([new(0, 0, 1), new(0, Hour, 1), new(Hour, 2 * Hour, 1)], schedule.Tasks);
    }

    [Fact]
    public void A_task_that_lacks_a_resource_holds_up_none_that_does_not()
    {
        var plan = A.Plan(A.Task("a").Holding("db").Taking(3), A.Task("b").Holding("db").Taking(2), A.Task("c")).Build();

        Assert.Equal([0, 3 * Hour, 0], Run(plan, workers: 2, PriorityRule.CriticalPath).Tasks.Select(t => t.Start));
    }

    [Fact]
    public void Between_barriers_the_longest_goes_first_and_no_wave_begins_before_the_last_has_ended()
    {
        var plan = A.Plan(A.Task("a"), A.Task("b").Taking(4), A.Task("c").After("a"), A.Task("d").Taking(2).After("a")).Build();

        Assert.Equal([0, 0, 4 * Hour, 4 * Hour], Run(plan, workers: 2, PriorityRule.Fifo, ExecutionModel.Waves).Tasks.Select(t => t.Start));
        Assert.Equal(["b", "a", "d", "c"], OrderOf(plan, workers: 1, PriorityRule.CriticalPath, ExecutionModel.Waves));
        Assert.Equal(["a", "b", "c", "d"], OrderOf(plan, workers: 1, PriorityRule.Fifo, ExecutionModel.Waves));
    }

    [Fact]
    public void The_number_of_workers_takes_the_place_of_concurrency_max_unless_that_is_kept()
    {
        var plan = A.Plan(A.Task("a"), A.Task("b"), A.Task("c")).AtMostAtOnce(1).Build();

        Assert.Equal(Hour, DryRun.Of(plan, new Scenario { Workers = null }).Schedule.MakespanMicroseconds);
        var kept = DryRun.Of(plan, new Scenario { Workers = 3, KeepsConcurrencyMax = true });
        Assert.Equal((3 * Hour, 1), (kept.Schedule.MakespanMicroseconds, kept.Workers));
    }

    [Fact]
    public void Time_limits_and_checks_change_nothing_about_a_virtual_execution()
    {
        var plan = A.Plan(A.Task("a").WithinSeconds(1).Checked("made").Producing("made"), A.Task("b").ByHand().NotIdempotent().After("a"), A.Task("c").ByAgent("claude").Needing("gpu")).Build();

        Assert.Equal(2 * Hour, Run(plan, workers: 2, priority: null).MakespanMicroseconds);
    }

    [Fact]
    public void No_schedule_beats_the_lower_bound_of_path_workers_and_resources()
    {
        var plan = A.Plan(A.Task("a").Using("p", 2).Taking(3), A.Task("b").Using("p", 2).Taking(3), A.Task("c")).WithPool("p", 3).Build();

        var run = DryRun.Of(plan, new Scenario { Workers = 2 });

        // The pool: 2 × 3 + 2 × 3 unit-hours by 3 units. The workers: 7 hours by 2.
        Assert.Equal((3 * Hour, 14_400m, 14_400m), (run.CriticalPathMicroseconds, run.AreaSeconds, run.LowerBoundSeconds));
        Assert.Equal(6 * Hour, run.Schedule.MakespanMicroseconds);
        Assert.Equal(7 / 12d, run.Utilization);
        Assert.Equal(new ResourceAmount("pool:p", 2), Assert.Single(run.ResourcesOf(0)));
    }

    [Fact]
    public void A_replay_keeps_the_rule_the_waves_and_the_limit_of_its_execution()
    {
        var plan = A.Plan(A.Task("a").Taking(1), A.Task("b").Taking(2), A.Task("c").After("a"), A.Task("d")).Build();
        var run = TestKit.Run.From(plan, PriorityRule.Fifo, ExecutionModel.Waves).Started(2).Succeeds("a");

        var replayed = run.Replayed();

        Assert.Equal((PriorityRule.Fifo, ExecutionModel.Waves, 0), (replayed.State.Priority!.Value, replayed.State.Model, replayed.State.Wave));
        Assert.Equal("PENDING", replayed.StateOf("c"));
        Assert.Equal("PENDING", replayed.Succeeds("d").StateOf("c"));
        Assert.Equal("ASSIGNED", replayed.Succeeds("b").StateOf("c"));
        Assert.Equal(new WaveStarted(1), Assert.Single(replayed.Events.OfType<WaveStarted>()));
    }

    [Fact]
    public void A_task_that_needs_help_holds_the_barrier_and_its_retry_lifts_it()
    {
        var run = TestKit.Run.From(A.Plan(A.Task("a").Retrying(1).NotIdempotent(), A.Task("b"), A.Task("c").After("b")).Build(), PriorityRule.Fifo, ExecutionModel.Waves)
            .Started(2).Succeeds("b").Fails("a");

        Assert.Equal(("HELP_NEEDED", "PENDING", true), (run.StateOf("a"), run.StateOf("c"), run.State.IsFinished));
        Assert.Contains("belongs to wave 2", Slaps.Core.Views.Explanation.Of(run.State, new("c"))[0]);
        run.Settling(new RetryTask(run.Now, new("a"))).Succeeds("a");
        Assert.Equal("ASSIGNED", run.StateOf("c"));
    }

    private static Schedule Run(Plan plan, int? workers, PriorityRule? priority, ExecutionModel model = ExecutionModel.Rolling) =>
        VirtualExecution.Run(plan, VirtualExecution.ExpectedLengths(plan), new Scenario { Workers = workers, Priority = priority, Model = model });

    private static IEnumerable<string> OrderOf(Plan plan, int workers, PriorityRule? priority, ExecutionModel model = ExecutionModel.Rolling) =>
        Run(plan, workers, priority, model).Tasks.Index().OrderBy(t => t.Item.Start).Select(t => plan.Tasks[t.Index].Id.Value);
}

/// <summary>Edges in an order of their own.</summary>
file static class Edges
{
    public static Plan Build(this PlanBuilder plan, params (string From, string To)[] edges) =>
        edges.Aggregate(plan, (built, edge) => built.With(new Dependency(new(edge.From), new(edge.To)))).Build();
}
