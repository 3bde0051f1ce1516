using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Execution;

/// <summary>Random plans and workers. Everything that the scheduler treats differently occurs, and often enough to meet everything else.</summary>
internal static class SimulationPlans
{
    private static readonly string[] Locks = ["l1", "l2", "l3"];
    private static readonly string[] Skills = ["a", "b", "c"];

    /// <summary>A plan of so many tasks; null: 5 to 200, half of them up to 13, because most of what goes wrong needs few tasks.</summary>
    public static Plan Plan(Random dice, Random weather, int? tasksAsked = null)
    {
        var drawn = (int)Math.Round(5 * Math.Pow(40, Math.Pow(dice.NextDouble(), 2)));
        var count = tasksAsked ?? drawn;
        var edges = Shape(dice, count);
        var scarce = dice.Next(4);
        var tasks = Enumerable.Range(0, count).Select(i => Task(dice, i, scarce).After([.. edges.Where(e => e.To == i).Select(e => Name(e.From))])).ToArray();

        // Dice of their own, so that who can be undone changes nothing else about the plans.
        var undo = new Random((count * 7_919) + scarce);
        for (var i = 0; i < tasks.Length; i++)
        {
            if (undo.Next(tasks[i].Task.Idempotent ? 6 : 2) == 0) tasks[i] = undo.Next(8) == 0 ? tasks[i].Where(t => t with { Compensation = new RunSpec.Claimed(Manual: true) }) : tasks[i].CompensatedBy("undo", undo.Next(3) == 0 ? undo.Next(1, 5) : null);
        }

        var plan = A.Plan(tasks).WithPool("p", dice.Next(3, 6)).WithPool("q", dice.Next(2, 4))
            .WithQuotas(dice.Next(2) == 0 ? 2 : null, dice.Next(2) == 0 ? 100 : null, dice.Next(4) == 0 ? 5 : null)
            .Retrying(dice.Next(1, 4), dice.Next(2) == 0 ? BackoffKind.Exponential : BackoffKind.Linear, 1_000 * dice.Next(1, 4), 5_000, jitter: dice.Next(2) == 0);
        plan = plan.Ordering(o => o with
        {
            AgeingSeconds = dice.Next(3) == 0 ? 0 : dice.Next(1, 20),
            MaxOvertakes = dice.Next(1, 5),
            Fairness = dice.Next(4) == 0 ? "weighted" : null,
            Weights = dice.Next(4) == 0 ? [new(new("F1"), 3)] : [],
        });
        for (var soft = dice.Next(3) == 0 ? dice.Next(6) : 0; soft > 0; soft--)
        {
            var (from, to) = (dice.Next(count), dice.Next(count));
            if (from != to && !edges.Contains((from, to)) && !edges.Contains((to, from))) plan = plan.With(new(new(Name(from)), new(Name(to)), IsHard: false, Confidence: 0.9));
        }

        if (weather.Next(2) == 0) plan = plan.StallingAfter(1);
        return (dice.Next(3) == 0 ? plan.AtMostAtOnce(dice.Next(1, 4)) : plan).Build();
    }

    /// <summary>The same plan; in every third some tasks make way for critical ones, and in every fourth some may begin only in some seconds of the day.</summary>
    public static Plan InWindows(Random dice, Plan plan)
    {
        // The first numbers of generators whose seeds are near each other go together, and with them the rules of the execution would.
        for (var skipped = 0; skipped < 9; skipped++) dice.Next();
        var draft = plan.ToDraft();
        if (dice.Next(3) == 0)
        {
            draft = draft with
            {
                Policies = draft.Policies with { PreemptionSeconds = dice.Next(0, 3) },
                Tasks = [.. draft.Tasks.Select(task => task with { Preemptible = dice.Next(3) > 0, Priority = dice.Next(3) == 0 ? Priority.Critical : task.Priority == Priority.Critical ? Priority.Low : task.Priority })],
            };
        }

        if (dice.Next(4) > 0) return new PlanBuilder(draft).Build();
        return new PlanBuilder(draft with { Tasks = [.. draft.Tasks.Select(task => dice.Next(5) > 0 ? task : task with { Windows = [.. Enumerable.Range(0, dice.Next(1, 3)).Select(_ => Window(dice))] })] }).Build();
    }

    /// <summary>The same plan; in every fifth most tasks have a unit of one pool, so that some of it is free while somebody waits for more of it in mid-task.</summary>
    public static Plan Crowded(Random dice, Plan plan, bool may, out bool isCrowded)
    {
        for (var skipped = 0; skipped < 9; skipped++) dice.Next();
        isCrowded = dice.Next(5) == 0 && may;
        if (!isCrowded) return plan;
        var draft = plan.ToDraft();
        var pools = draft.Resources.Pools.Where(pool => pool.Pool != "p").Append(new("p", dice.Next(3, 5)));
        var tasks = draft.Tasks.Select(task => dice.Next(4) > 0 ? task with { Pools = [new("p", 1)], Locks = [], Reads = [], Capabilities = [] } : task);
        return new PlanBuilder(draft with { Resources = draft.Resources with { Pools = [.. pools] }, Tasks = [.. tasks] }).Build();
    }

    /// <summary>The same plan; every third heals itself.</summary>
    public static Plan Healing(Random dice, Plan plan, bool may)
    {
        if (dice.Next(3) > 0 || !may) return plan;
        var healing = new PlanBuilder(plan.ToDraft()).HealingItself(p => p with { MaxPatches = dice.Next(1, 8) }).Retrying(p => p with { Budget = dice.Next(5) == 0 ? dice.Next(3, 30) : null });

        // The lock that installations take has the name of a pool in some: there no patch of theirs fits.
        return (dice.Next(6) == 0 ? healing.WithPool("auto.install", 1) : healing).Build();
    }

    /// <summary>The same plan; in every second it is expected to take about as long as it does, and not hours.</summary>
    public static Plan Timed(Random dice, Plan plan)
    {
        for (var skipped = 0; skipped < 9; skipped++) dice.Next();
        if (dice.Next(2) == 0) return plan;
        var draft = plan.ToDraft();
        return new PlanBuilder(draft with { Tasks = [.. draft.Tasks.Select(task => A.Task("").Taking(Math.Round(task.Duration.MeanMicroseconds / 3.6e9) / 3_600).Task.Duration is var seconds ? task with { Duration = seconds } : task)] }).Build();
    }

    private static TimeWindow Window(Random dice)
    {
        var from = dice.Next(0, 60);
        return dice.Next(4) == 0 ? new(from + 10, dice.Next(1, from + 9)) : new(from, from + dice.Next(1, 30));
    }

    /// <summary>Up to five workers; in every second crew some can be set up for what they cannot do.</summary>
    public static WorkerProfile[] Workers(Random dice, Random setUps)
    {
        var workers = Workers(dice);
        return setUps.Next(2) == 0 ? workers : [.. workers.Select(worker => setUps.Next(2) == 0 ? worker : worker.SetUpIn(setUps.Next(7)))];
    }

    private static WorkerProfile[] Workers(Random dice) => [.. Enumerable.Range(1, dice.Next(1, 6)).Select(i =>
    {
        var worker = A.Worker($"W{i}");
        if (dice.Next(3) == 0) worker = worker.Running(dice.Next(2) == 0 ? ["process", "agent:x"] : ["agent:x"]);
        return dice.Next(2) == 0 ? worker : worker.ThatCan([.. Skills.Where(_ => dice.Next(3) > 0)]);
    })];

    private static string Name(int task) => $"T{task:00}";

    private static List<(int From, int To)> Shape(Random dice, int count)
    {
        var shape = dice.Next(6);
        var edges = new List<(int From, int To)>();
        var layer = dice.Next(2, 7);
        for (var to = 1; to < count; to++)
        {
            for (var from = 0; from < to; from++)
            {
                var joined = shape switch
                {
                    0 => false,                                                   // independent
                    1 => from == to - 1,                                          // a chain
                    2 => from == 0 || to == count - 1,                            // fork and join
                    3 => (from / layer) + 1 == to / layer && dice.Next(3) > 0,    // layers
                    4 => from == (to - 1) / 2,                                    // a tree
                    _ => dice.Next(Math.Max(6, count / 4)) == 0,
                };
                if (joined) edges.Add((from, to));
            }
        }

        return edges;
    }

    private static TaskDraft Task(Random dice, int index, int scarce)
    {
        var task = A.Task(Name(index)).Taking(dice.Next(1, 5)).Of((Priority)dice.Next(scarce == 0 ? 1 : 4));
        if (dice.Next(2) == 0) task = task.Where(t => t with { Feature = new($"F{dice.Next(1, 4)}") });
        if (dice.Next(2) == 0) task = task.WithinSeconds(dice.Next(1, 9));
        if (dice.Next(10) == 0) task = task.ByAgent("x", dice.Next(2) == 0 ? dice.Next(1, 9) : null);
        else if (dice.Next(40) == 0) task = task.ByHand();
        if (dice.Next(3) == 0) task = task.Holding([.. Locks.Where(_ => dice.Next(2) == 0)]);
        if (dice.Next(3) == 0) task = task.Reading([.. Locks.Where(_ => dice.Next(2) == 0)]);
        if (dice.Next(4) == 0) task = task.Using("p", dice.Next(1, 4));
        if (dice.Next(4) == 0) task = task.Using("q", dice.Next(1, 3));
        if (dice.Next(scarce + 1) > 0) task = task.Estimated(dice.Next(2) == 0 ? dice.Next(1, 20) / 10d : null, dice.Next(2) == 0 ? dice.Next(0, 100) : null, dice.Next(3) == 0 ? dice.Next(1, 5) : null);
        if (dice.Next(3) == 0) task = task.Needing([.. Skills.Where(_ => dice.Next(4) == 0)]);
        if (dice.Next(3) == 0) task = task.Checked("c");
        if (dice.Next(6) == 0) task = task.Producing("out", required: dice.Next(2) == 0);
        if (dice.Next(5) == 0) task = task.Retrying(dice.Next(0, 4));
        if (dice.Next(8) == 0) task = task.WithoutRetry();
        return dice.Next(5) == 0 ? task.NotIdempotent() : task;
    }
}
