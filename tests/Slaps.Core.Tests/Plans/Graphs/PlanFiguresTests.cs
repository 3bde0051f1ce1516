using Slaps.Core.Plans;
using Slaps.Core.Plans.Graphs;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Plans.Graphs;

public sealed class PlanFiguresTests
{
    [Fact]
    public void The_figures_of_a_small_plan_are_those_that_one_counts_by_hand()
    {
        // a(1) → b(5) → d(1), a → c(2) → d, a → d redundant; e(3) alone.
        var figures = PlanFigures.Of(A.Plan(
            A.Task("a").Taking(1), A.Task("b").Taking(5).After("a"), A.Task("c").Taking(2).After("a"), A.Task("d").Taking(1).After("b", "c", "a"), A.Task("e").Taking(3)).Build());

        Assert.Equal((5, 4, 3), (figures.Edges, figures.Reduction.Graph.EdgeCount, figures.LongestPath));
        Assert.Equal([0, 1, 3], figures.CriticalPath);
        Assert.Equal((7, 12, 7), (figures.CriticalPathHours, figures.TotalHours, figures.LowerBoundHours));
        Assert.Equal(0.5, figures.Density);
        Assert.Equal([0, 1, 1, 2, 0], figures.Depths);
        Assert.Equal([2, 1, 1, 0, 0], figures.Heights);
        Assert.Equal([0, 0, 3, 0, 4], Enumerable.Range(0, 5).Select(figures.SlackHours));
        Assert.Equal((1, 3), (figures.StartHours(2), figures.ToEndHours(2)));
        Assert.Equal([1, 2, 4], figures.Width.Antichain);
        Assert.Equal([4], figures.Isolated);

        // c and e, 2 + 3 hours, fit beside b, so the third worker is of no use.
        Assert.Equal(2, figures.MaxUsefulWorkers);
    }

    [Fact]
    public void Of_critical_paths_of_one_length_the_first_in_file_order_is_shown() =>
        Assert.Equal([0, 2, 4], PlanFigures.Of(A.Plan(
            A.Task("a"), A.Task("b"), A.Task("c").After("b", "a"), A.Task("d").After("a"), A.Task("e").After("d", "c")).Build()).CriticalPath);

    [Fact]
    public void A_lock_that_all_hold_makes_one_worker_enough_and_is_what_no_execution_is_shorter_than()
    {
        var tasks = Enumerable.Range(0, 6).Select(i => A.Task($"t{i}").Taking(2).Holding("database")).ToArray();

        var figures = PlanFigures.Of(A.Plan(tasks).Build());

        Assert.Equal((1, 6, 12), (figures.MaxUsefulWorkers, figures.Width.AtLeast, figures.LowerBoundHours));
        Assert.Equal(new ResourceLoad("database", ResourceKind.Lock, 1, 6, 12, 12), figures.Bottleneck);
    }

    [Fact]
    public void A_pool_counts_its_units_and_a_quota_its_amount_and_one_without_a_limit_not_at_all()
    {
        var plan = A.Plan(
            A.Task("a").Taking(4).Using("runners", 2).Estimated(cpuCores: 1.5, memoryMb: 100), A.Task("b").Taking(1).Using("runners"), A.Task("c").Taking(3).Holding("x"))
            .WithPool("runners", 2).WithPool("unused", 1).WithQuotas(cpuCores: 2).Build();

        var figures = PlanFigures.Of(plan);

        Assert.Equal(
            [
                new("runners", ResourceKind.Pool, 2, 2, 9, 4.5),
                new("x", ResourceKind.Lock, 1, 1, 3, 3),
                new("cpu_cores", ResourceKind.Quota, 2, 1, 6, 3),
            ],
            figures.Resources);
        Assert.Equal("runners", figures.Bottleneck!.Name);
        Assert.Null(PlanFigures.Of(A.Plan(A.Task("a").Holding("x")).Build()).Bottleneck);
    }

    [Fact]
    public void The_useful_workers_are_enough_and_one_less_is_not()
    {
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var graph = RandomGraphs.Acyclic(seed, most: 14);
            var durations = Enumerable.Range(0, graph.Count).Select(_ => (long)random.Next(0, 6)).ToArray();
            var locks = Enumerable.Range(0, graph.Count).Select(_ => random.Next(0, 5)).ToArray();
            var tasks = Enumerable.Range(0, graph.Count).Select(i =>
            {
                var task = A.Task($"t{i}").Taking(durations[i]).After([.. graph.PredecessorsOf(i).ToArray().Select(p => $"t{p}")]);
                return locks[i] < 2 ? task.Holding($"l{locks[i]}") : task;
            });

            var figures = PlanFigures.Of(A.Plan([.. tasks]).Build());

            var (shortest, _) = ListSchedule(graph, durations, locks, graph.Count);
            var useful = figures.MaxUsefulWorkers;
            Assert.True(ListSchedule(graph, durations, locks, useful).End == shortest, $"seed {seed}: {useful} are enough");
            Assert.True(useful == 1 || ListSchedule(graph, durations, locks, useful - 1).End > shortest, $"seed {seed}: {useful - 1} are not");
            Assert.InRange(useful, 1, figures.Width.AtMost);
        }
    }

    [Fact]
    public void Tasks_that_wait_for_several_resources_at_once_all_get_their_turn()
    {
        // Everybody needs two of five locks and a share of a pool; a wake-up that is lost would leave tasks waiting for what nobody holds.
        var tasks = Enumerable.Range(0, 60).Select(i => A.Task($"t{i}").Taking(1 + (i % 3)).Holding($"l{i % 5}", $"l{((i * 7) + 1 + (i % 5)) % 5}x").Using("pool", 1 + (i % 3)));

        var figures = PlanFigures.Of(A.Plan([.. tasks]).WithPool("pool", 3).Build());

        Assert.InRange(figures.MaxUsefulWorkers, 1, 3);
        Assert.True(figures.LowerBoundHours >= 60);
    }

    [Fact]
    public void A_plan_of_which_nothing_takes_time_needs_one_worker()
    {
        var figures = PlanFigures.Of(A.Plan(A.Task("a").Taking(0), A.Task("b").Taking(0)).Build());

        Assert.Equal((1, 2, 0), (figures.MaxUsefulWorkers, figures.Width.AtLeast, figures.CriticalPathHours));
    }

    [Fact]
    public void The_plan_of_2025_has_its_structural_edges_alone()
    {
        using var data = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(Needs.SharedData("data/slaps-2025/v3-tasks.json")));
        var ids = data.RootElement.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("id").GetString()!).ToList();
        var dependencies = data.RootElement.GetProperty("dependencies").EnumerateArray()
            .Where(edge => edge.GetProperty("isHard").GetBoolean() && edge.GetProperty("type").GetString() is not ("mutual_exclusion" or "resource_limited"))
            .Select(edge => new Dependency(new(edge.GetProperty("from").GetString()!), new(edge.GetProperty("to").GetString()!)));
        var plan = new PlanBuilder(new PlanDraft { Tasks = [.. ids.Select(id => A.Task(id).Task)], Dependencies = [.. dependencies] }).Build();

        var figures = PlanFigures.Of(plan);

        Assert.Equal((88, 52, 4), (plan.Tasks.Count, figures.Edges, figures.LongestPath));
        Assert.True(figures.Width.IsExact);
    }

    /// <summary>The definition, step by step and without queues: at each instant the list from its top, and who fits starts.</summary>
    private static (long End, int Peak) ListSchedule(TaskGraph graph, long[] durations, int[] locks, int workers)
    {
        var toEnd = graph.LongestToEnd(durations);
        var list = Enumerable.Range(0, graph.Count).OrderByDescending(i => toEnd[i]).ToList();
        var ends = new long[graph.Count];
        Array.Fill(ends, -1);
        var done = new bool[graph.Count];
        var (now, peak) = (0L, 0);
        while (done.Contains(false))
        {
            foreach (var task in list.Where(i => ends[i] < 0))
            {
                var running = Enumerable.Range(0, graph.Count).Where(i => ends[i] >= 0 && !done[i]).ToList();
                var waits = graph.PredecessorsOf(task).ToArray().Any(p => !done[p]);
                if (waits || running.Count >= workers || (locks[task] < 2 && running.Any(i => locks[i] == locks[task]))) continue;
                ends[task] = now + durations[task];
                peak = Math.Max(peak, running.Count + 1);
            }

            now = Enumerable.Range(0, graph.Count).Where(i => ends[i] >= 0 && !done[i]).Min(i => ends[i]);
            for (var i = 0; i < graph.Count; i++) done[i] |= ends[i] >= 0 && ends[i] <= now;
        }

        return (now, peak);
    }
}
