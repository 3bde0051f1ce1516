using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Views;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Execution;

/// <summary>Who goes first when not all can: by class, age, turn, soft edges and length, and for whom resources are kept.</summary>
public sealed class OrderTests
{
    [Fact]
    public void A_low_task_rises_a_class_with_each_period_until_new_high_ones_do_not_pass_it()
    {
        // L has the longest way, so it goes first as soon as its class is as good.
        var run = Run.From(Aged(60, A.Task("L").Of(Priority.Low).Taking(9), A.Task("H0").Of(Priority.High), A.Task("H1").Of(Priority.High), A.Task("H2").Of(Priority.High))).Started();
        Assert.Equal("ASSIGNED", run.StateOf("H0"));

        run.AfterSeconds(61).Succeeds("H0");
        Assert.Equal("ASSIGNED", run.StateOf("H1"));   // L is medium by now.

        run.AfterSeconds(60).Succeeds("H1");
        Assert.Equal("ASSIGNED", run.StateOf("L"));
        Assert.Equal([1, 2], run.Events.OfType<FrontierAged>().Select(e => e.Period));
    }

    [Fact]
    public void Nothing_ages_where_all_tasks_are_of_one_class_or_ageing_is_off()
    {
        var equal = Run.From(Aged(60, A.Task("A").Of(Priority.Low), A.Task("B").Of(Priority.Low))).Started();
        var off = Run.From(Aged(0, A.Task("A").Of(Priority.High), A.Task("B").Of(Priority.Low))).Started();

        Assert.Null(equal.State.NextTimer);
        Assert.Null(off.State.NextTimer);
        Assert.Empty(equal.AfterSeconds(1_000).Events.OfType<FrontierAged>());
        Assert.Empty(off.AfterSeconds(1_000).Events.OfType<FrontierAged>());
    }

    [Fact]
    public void A_task_does_not_age_before_it_is_released_and_keeps_its_age_when_it_is_tried_again()
    {
        var highs = new[] { "N1", "N2", "N3" }.Select(id => A.Task(id).Of(Priority.High).After("H"));
        var run = Run.From(Aged(60, [A.Task("H").Of(Priority.High), A.Task("L").Of(Priority.Low).After("H").Taking(9), .. highs])).Started();
        run.AfterSeconds(300).Succeeds("H").AfterSeconds(61).Succeeds("N1");
        Assert.Equal("ASSIGNED", run.StateOf("N2"));

        run.AfterSeconds(60).Succeeds("N2");
        Assert.Equal("ASSIGNED", run.StateOf("L"));
        run.Fails("L", dice: 0);
        Assert.Equal("ASSIGNED", run.AfterSeconds(1).Succeeds("N3").StateOf("L"));
    }

    [Fact]
    public void One_rule_alone_knows_no_age()
    {
        var plan = Aged(60, A.Task("L").Of(Priority.Low), A.Task("H").Of(Priority.High)).Build();
        Assert.Empty(Run.From(plan, PriorityRule.CriticalPath, ExecutionModel.Rolling).Started().AfterSeconds(100).Events.OfType<FrontierAged>());
    }

    [Fact]
    public void What_the_first_in_line_needs_is_kept_for_it_after_it_was_overtaken_so_often()
    {
        // B needs all three; one of them is always out when another comes back.
        var run = Run.From(Overtaking(3)).Started(3);
        Assert.Equal(["S1", "S2", "S3"], run.State.Active.Select(Id(run)));

        run.Succeeds("S1").Succeeds("S2");
        Assert.Null(run.State.KeptFor);
        Assert.Equal(["S3", "S4", "S5"], run.State.Active.Select(Id(run)));

        run.Succeeds("S3");
        Assert.Equal(["S4", "S5", "S6"], run.State.Active.Select(Id(run)));
        Assert.Equal(new TaskId("B"), run.State.KeptFor);

        run.Succeeds("S4").Succeeds("S5");
        Assert.Contains("kept for B, which goes first and was overtaken 3 times", string.Join(" ", Explanation.Of(run.State, new TaskId("S7"))));
        Assert.Equal(["S6"], run.State.Active.Select(Id(run)));
        run.Succeeds("S6");
        Assert.Equal(["B"], run.State.Active.Select(Id(run)));
        Assert.Null(run.State.KeptFor);

        run.Succeeds("B");
        Assert.Equal(["S7", "S8", "S9"], run.State.Active.Select(Id(run)));
    }

    [Fact]
    public void Who_takes_nothing_of_what_is_kept_goes_on()
    {
        var run = Run.From(Overtaking(3, A.Task("X1").Using("other"), A.Task("X2").Using("other"))).Started(4);
        run.Succeeds("S1").Succeeds("S2").Succeeds("S3");
        Assert.Equal(new TaskId("B"), run.State.KeptFor);

        run.Succeeds("X1");
        Assert.Equal("ASSIGNED", run.StateOf("X2"));
    }

    [Fact]
    public void Somebody_skips_the_one_for_whom_it_is_kept_and_all_others_go_on()
    {
        var run = Run.From(Overtaking(1)).Started(3).Succeeds("S1");
        Assert.Equal(new TaskId("B"), run.State.KeptFor);
        run.Succeeds("S2");
        Assert.DoesNotContain("S5", run.State.Active.Select(Id(run)));

        run.Settling(new SkipTask(run.Now, new("B"), "Nobody needs it.", WithSuccessors: false));
        Assert.Null(run.State.KeptFor);
        Assert.Equal(3, run.State.Active.Count);
    }

    [Fact]
    public void A_task_of_three_locks_starts_within_its_bound_whatever_small_ones_come()
    {
        // Small tasks take one of three locks each, for ever in the way of the one that needs all three.
        var small = Enumerable.Range(0, 60).Select(i => A.Task($"S{i:00}").Holding($"l{i % 3}").Of(Priority.Medium));
        var run = Run.From(A.Plan([A.Task("B").Holding("l0", "l1", "l2").Of(Priority.Medium).Taking(0.5), .. small, A.Task("Z").Of(Priority.High).Holding("l0")]).Ordering(o => o with { MaxOvertakes = 5 })).Started(3);
        var ends = 0;
        while (run.StateOf("B") == "READY")
        {
            run.Succeeds(run.Plan.Tasks[run.State.Active.First()].Id.Value);
            ends++;
        }

        // With the shortest way B comes last. With the longest it waits for five overtakings and for what then runs.
        Assert.Equal(61, ends);
        var first = Run.From(A.Plan([A.Task("Z").Of(Priority.High).Holding("l0"), A.Task("Y").Of(Priority.High).Holding("l1"), A.Task("B").Holding("l0", "l1", "l2").Taking(9), .. small]).Ordering(o => o with { MaxOvertakes = 5 })).Started(3);
        for (ends = 0; first.StateOf("B") == "READY"; ends++) first.Succeeds(first.Plan.Tasks[first.State.Active.First()].Id.Value);
        Assert.InRange(ends, 3, 5 + 3);
    }

    [Fact]
    public void The_first_in_line_starts_within_so_many_attempts_as_it_may_be_overtaken_and_one_more()
    {
        var starved = 0;
        for (var seed = 0; seed < 300; seed++)
        {
            var most = 1 + (seed % 5);
            var (waited, longest) = WaitOfTheBigOne(seed, most);
            Assert.True(waited <= (most + 1) * longest, $"seed {seed}: it waits for {waited} where {most + 1} times {longest} are the most");
            if (WaitOfTheBigOne(seed, mostOvertakes: 1_000_000).Waited > (most + 1) * longest) starved++;
        }

        // Without a reservation it would take longer than that in many of them.
        Assert.InRange(starved, 30, 300);
    }

    [Fact]
    public void What_is_kept_for_one_behind_is_kept_for_the_first_in_line_once_that_was_overtaken_so_often()
    {
        // L has its reservation when B comes, which is better; M1 to M9 are better than L and worse than B.
        var between = Enumerable.Range(1, 9).Select(i => A.Task($"M{i}").Of(Priority.Medium).Holding($"l{i % 2}").After($"G{i}"));
        var gates = Enumerable.Range(0, 10).Select(i => A.Task($"G{i}").Of(Priority.Critical));
        var run = Run.From(A.Plan([.. gates, A.Task("H").Holding("l0").Of(Priority.High), A.Task("I").Holding("l1").Of(Priority.High), A.Task("L").Of(Priority.Low).Taking(9).Holding("l0", "l1"), A.Task("S").Of(Priority.Low).Holding("l0"), A.Task("B").Of(Priority.High).Holding("l0", "l1").After("G0"), .. between])
            .Ordering(o => o with { MaxOvertakes = 1, AgeingSeconds = 0 })).Started(14);

        run.Succeeds("H");
        Assert.Equal(new TaskId("L"), run.State.KeptFor);
        run.Succeeds("S", "G0", "G2");
        Assert.Equal(["I", "M2"], run.State.Active.Select(Id(run)).Where(id => id[0] is 'I' or 'M'));

        // M2 has overtaken both.
        Assert.Equal(new TaskId("B"), run.State.KeptFor);
        run.Succeeds("G1").Succeeds("I");
        Assert.Equal("READY", run.StateOf("M1"));
        run.Succeeds("M2");
        Assert.Equal("ASSIGNED", run.StateOf("B"));
    }

    // How long a task that needs three locks, or 80 % of a quota, waits from the moment at which it is the first in line, among many that need one
    // of them or a part of it; and the longest attempt.
    private static (long Waited, long Longest) WaitOfTheBigOne(int seed, int mostOvertakes)
    {
        var dice = new Random(seed);
        for (var skipped = 0; skipped < 9; skipped++) dice.Next();
        var needsLocks = dice.Next(2) == 0;
        var big = A.Task("big").Of(Priority.High).Taking(1_000).After("gate");
        List<TaskDraft> tasks = [A.Task("gate").Of(Priority.Critical), needsLocks ? big.Holding("l0", "l1", "l2") : big.Estimated(memoryMb: 80)];
        if (dice.Next(2) == 0) tasks.Add(needsLocks ? A.Task("other").Of(Priority.Low).Taking(500).Holding("l0", "l1", "l2") : A.Task("other").Of(Priority.Low).Estimated(memoryMb: 90));
        for (var i = dice.Next(60, 120); i > 0; i--)
        {
            var small = A.Task($"S{i}").Of((Priority)dice.Next(1, 4));
            small = needsLocks ? small.Holding($"l{dice.Next(3)}") : small.Estimated(memoryMb: dice.Next(10, 51));
            tasks.Add(dice.Next(2) == 0 ? small : small.After(tasks[dice.Next(tasks.Count)].Task.Id.Value is var before and not "big" and not "other" ? before : "gate"));
        }

        var plan = A.Plan([.. tasks]).WithQuotas(memoryMb: 100).Ordering(o => o with { MaxOvertakes = mostOvertakes }).Build();
        long[] lengths = [.. plan.Tasks.Select(_ => (long)dice.Next(1, 101))];
        var schedule = Core.Forecasting.VirtualExecution.Run(plan, lengths, new() { Workers = null });
        return (schedule.Tasks[1].Start - schedule.Tasks[0].Finish, lengths.Max());
    }

    [Fact]
    public void Features_take_turns_by_their_weights()
    {
        var tasks = new[] { "F1", "F2" }.SelectMany(f => Enumerable.Range(1, 8).Select(i => A.Task($"{f}.{i}").Where(t => t with { Feature = new(f) })));
        var order = Started(A.Plan([.. tasks]).Ordering(o => o with { Weights = [new(new("F2"), 3)] }), 8);

        Assert.Equal(2, order.Count(id => id.StartsWith("F1", StringComparison.Ordinal)));
        var even = Started(A.Plan([.. tasks]).Ordering(o => o with { Fairness = "weighted" }), 8);
        Assert.Equal(4, even.Count(id => id.StartsWith("F1", StringComparison.Ordinal)));
        var unfair = Started(A.Plan([.. tasks]), 8);
        Assert.All(unfair, id => Assert.StartsWith("F1", id, StringComparison.Ordinal));
    }

    [Fact]
    public void A_feature_that_was_idle_gets_no_more_than_its_share_afterwards()
    {
        var early = Enumerable.Range(1, 9).Select(i => A.Task($"E{i}").Where(t => t with { Feature = new("F1") }));
        var late = Enumerable.Range(1, 9).Select(i => A.Task($"L{i}").After("E4").Where(t => t with { Feature = new("F2") }));
        var order = Started(A.Plan([.. early, .. late]).Ordering(o => o with { Fairness = "weighted" }), 10);

        // After E4 both have the same claim, though F1 has had four already.
        Assert.InRange(order.Skip(4).Count(id => id[0] == 'L'), 2, 4);
    }

    [Fact]
    public void A_soft_predecessor_goes_first_if_it_can_and_holds_nobody_up()
    {
        var plan = A.Plan(A.Task("Later").Taking(9), A.Task("Sooner").Taking(1)).With(new(new("Sooner"), new("Later"), IsHard: false));
        Assert.Equal(["Sooner", "Later"], Started(plan, 2));
        Assert.Equal(2, Run.From(plan).Started(2).State.Active.Count);
    }

    [Fact]
    public void When_its_soft_predecessor_is_over_a_task_takes_its_own_place_again()
    {
        var plan = A.Plan(A.Task("Long").Taking(9), A.Task("Mid").Taking(5), A.Task("Sooner").Taking(7)).With(new(new("Sooner"), new("Long"), IsHard: false));
        Assert.Equal(["Sooner", "Long", "Mid"], Started(plan, 3));
    }

    [Fact]
    public void What_a_plan_says_about_order_is_read_and_written_again()
    {
        var plan = A.Plan(A.Task("T1")).Ordering(o => o with { AgeingSeconds = 90, MaxOvertakes = 3, Fairness = "weighted", Weights = [new(new("F1"), 2.5)] }).Build();
        var diagnostics = new Diagnostics.DiagnosticBag();
        var read = CoordinatorJson.Read(CoordinatorJson.Write(plan.ToDraft()), "coordinator.json", diagnostics)!.Plan.Policies.Order;

        Assert.Equal((90, 3, "weighted", 0), (read.AgeingSeconds, read.MaxOvertakes, read.Fairness, diagnostics.ErrorCount));
        Assert.Equal([new FeatureWeight(new("F1"), 2.5)], read.Weights);
    }

    private static Func<int, string> Id(Run run) => index => run.Plan.Tasks[index].Id.Value;

    private static PlanBuilder Aged(double seconds, params TaskDraft[] tasks) => A.Plan(tasks).Ordering(o => o with { AgeingSeconds = seconds });

    // B goes first by its length, needs all three of the pool, and finds it in use: S1 to S3 are of a better class.
    private static PlanBuilder Overtaking(int times, params TaskDraft[] others) => A.Plan(
        [
            .. Enumerable.Range(1, 3).Select(i => A.Task($"S{i}").Using("p").Of(Priority.High)),
            A.Task("B").Using("p", 3).Taking(9),
            .. Enumerable.Range(4, 6).Select(i => A.Task($"S{i}").Using("p")),
            .. others,
        ]).WithPool("p", 3).WithPool("other", 1).Ordering(o => o with { MaxOvertakes = times });

    // The first tasks that one worker takes, in their order.
    private static List<string> Started(PlanBuilder plan, int count)
    {
        var run = Run.From(plan).Started();
        List<string> order = [];
        while (order.Count < count)
        {
            order.Add(run.Plan.Tasks[Assert.Single(run.State.Active)].Id.Value);
            run.Succeeds(order[^1]);
        }

        return order;
    }
}
