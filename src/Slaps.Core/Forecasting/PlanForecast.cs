using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Core.Forecasting;

/// <summary>
/// What a plan is expected to take by both models, with how many workers, with more of what, and how sure that is. Times are microseconds
/// from the start. It is what waves.json holds.
/// </summary>
public sealed record PlanForecast
{
    /// <summary>The most workers that are tried.</summary>
    public const int MostWorkers = 32;

    /// <summary>The most resources of which one more is tried; those that are used most come first.</summary>
    public const int MostResources = 64;

    /// <summary>The distribution that lengths are drawn from, as waves.json names it.</summary>
    public const string Distribution = "beta-pert";

    /// <summary>How many workers there are; null: no limit.</summary>
    public required int? Workers { get; init; }

    /// <summary>The seed of the draws.</summary>
    public required long Seed { get; init; }

    /// <summary>How many executions were drawn.</summary>
    public required int Samples { get; init; }

    /// <summary>The rolling frontier.</summary>
    public required ModelForecast Rolling { get; init; }

    /// <summary>The same with a barrier after each wave.</summary>
    public required ModelForecast WaveBased { get; init; }

    /// <summary>The longest chain of tasks that wait for each other.</summary>
    public required long CriticalPath { get; init; }

    /// <summary>No schedule is shorter.</summary>
    public required long LowerBound { get; init; }

    /// <summary>When each task runs on the rolling frontier, in file order.</summary>
    public required IReadOnlyList<ForecastTask> Tasks { get; init; }

    /// <summary>The waves in their order.</summary>
    public required IReadOnlyList<ForecastWave> Waves { get; init; }

    /// <summary>The rolling frontier with 1, 2, 3 … workers, to the number from which more have nothing to do, at most <see cref="MostWorkers"/>.</summary>
    public required IReadOnlyList<WorkersForecast> ByWorkers { get; init; }

    /// <summary>What one more worker, lock, pool unit or step of a quota would bring.</summary>
    public required IReadOnlyList<OneMoreForecast> OneMore { get; init; }

    /// <summary>How many resources were not tried because there are more than <see cref="MostResources"/>.</summary>
    public required int ResourcesNotTried { get; init; }

    /// <summary>How many executions are drawn when nobody says: 1000, fewer for plans of more than a thousand tasks, at least 20.</summary>
    public static int UsualSamples(int tasks) => Math.Clamp(1_000_000 / Math.Max(1, tasks), 20, 1_000);

    /// <summary>Runs the plan in virtual time as often as it takes; the same arguments give the same figures on every machine.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="scenario">Who does the work; its model and its extra resource are not looked at.</param>
    /// <param name="seed">Any number.</param>
    /// <param name="samples">At least 1.</param>
    public static PlanForecast Of(Plan plan, Scenario scenario, long seed, int samples)
    {
        scenario = scenario with { Model = ExecutionModel.Rolling, More = null };
        var barriers = scenario with { Model = ExecutionModel.Waves };
        var run = DryRun.Of(plan, scenario);
        var lengths = VirtualExecution.ExpectedLengths(plan);
        var waves = TasksOfWaves(plan);
        var schedule = VirtualExecution.Run(plan, lengths, barriers);
        var draws = Draw(plan, scenario, waves, seed, samples);
        var ends = EndsOf(waves, schedule);
        var (oneMore, notTried) = OneMoreOfEach(plan, lengths, scenario, run.Workers);
        return new PlanForecast
        {
            Workers = run.Workers,
            Seed = seed,
            Samples = samples,
            Rolling = new ModelForecast(Spread.Of(run.Schedule.MakespanMicroseconds, draws.Rolling), Rounded(run.Utilization)),
            WaveBased = new ModelForecast(Spread.Of(schedule.MakespanMicroseconds, draws.Waves), Rounded(run.UtilizationOf(schedule))),
            CriticalPath = run.CriticalPathMicroseconds,
            LowerBound = (long)(run.LowerBoundSeconds * Instant.Second),
            Tasks = [.. run.Schedule.Tasks.Select((task, i) => new ForecastTask(plan.Tasks[i].Id, task.Start, task.Finish, task.Worker))],
            Waves = [.. waves.Select((tasks, w) => new ForecastWave(
                [.. tasks.Select(task => plan.Tasks[task].Id)],
                Spread.Of(ends[w] - (w == 0 ? 0 : ends[w - 1]), draws.Lengths[w]),
                Spread.Of(ends[w], draws.Ends[w])))],
            ByWorkers = Curve(plan, lengths, scenario),
            OneMore = oneMore,
            ResourcesNotTried = notTried,
        };
    }

    private static int[][] TasksOfWaves(Plan plan) =>
        [.. plan.Graph.Levels().Index().GroupBy(task => task.Item, task => task.Index).OrderBy(wave => wave.Key).Select(wave => wave.ToArray())];

    private static long[] EndsOf(int[][] waves, Schedule schedule) => [.. waves.Select(tasks => tasks.Max(task => schedule.Tasks[task].Finish))];

    private static (long[] Rolling, long[] Waves, long[][] Lengths, long[][] Ends) Draw(Plan plan, Scenario scenario, int[][] waves, long seed, int samples)
    {
        var (rolling, barriers) = (new long[samples], new long[samples]);
        long[][] lengthsOf = [.. waves.Select(_ => new long[samples])], endsOf = [.. waves.Select(_ => new long[samples])];
        var lengths = new long[plan.Tasks.Count];

        // Where nothing is uncertain, as with times that were measured, every draw is the first one again.
        var isCertain = plan.Tasks.All(task => task.Duration.Optimistic == task.Duration.Pessimistic);
        for (var sample = 0; sample < samples; sample++)
        {
            if (isCertain && sample > 0)
            {
                Repeat(rolling, barriers, lengthsOf, endsOf);
                break;
            }

            var dice = SplitMix64.Stream((ulong)seed, sample);
            for (var task = 0; task < lengths.Length; task++) lengths[task] = BetaPert.Draw(ref dice, plan.Tasks[task].Duration);
            rolling[sample] = VirtualExecution.Run(plan, lengths, scenario).MakespanMicroseconds;
            var schedule = VirtualExecution.Run(plan, lengths, scenario with { Model = ExecutionModel.Waves });
            barriers[sample] = schedule.MakespanMicroseconds;
            var ends = EndsOf(waves, schedule);
            for (var wave = 0; wave < waves.Length; wave++)
            {
                endsOf[wave][sample] = ends[wave];
                lengthsOf[wave][sample] = ends[wave] - (wave == 0 ? 0 : ends[wave - 1]);
            }
        }

        return (rolling, barriers, lengthsOf, endsOf);
    }

    private static void Repeat(long[] rolling, long[] waves, long[][] lengths, long[][] ends)
    {
        foreach (var draws in (IEnumerable<long[]>)[rolling, waves, .. lengths, .. ends]) Array.Fill(draws, draws[0]);
    }

    private static List<WorkersForecast> Curve(Plan plan, long[] lengths, Scenario scenario)
    {
        var work = lengths.Sum();
        var curve = new List<WorkersForecast>();
        for (var workers = 1; workers <= MostWorkers; workers++)
        {
            var schedule = VirtualExecution.Run(plan, lengths, scenario with { Workers = workers, KeepsConcurrencyMax = false });

            // A worker that has nothing to do changes nothing, and neither would the next.
            if (schedule.Workers < workers) break;
            curve.Add(new WorkersForecast(workers, schedule.MakespanMicroseconds, schedule.MakespanMicroseconds == 0 ? 0 : Rounded(work / ((double)schedule.MakespanMicroseconds * workers))));
        }

        return curve;
    }

    private static (List<OneMoreForecast> OneMore, int NotTried) OneMoreOfEach(Plan plan, long[] lengths, Scenario scenario, int? workers)
    {
        var oneMore = new List<OneMoreForecast>();
        if (workers is { } count)
        {
            var more = VirtualExecution.Run(plan, lengths, scenario with { Workers = count + 1, KeepsConcurrencyMax = false });
            oneMore.Add(new OneMoreForecast("worker", 1, more.MakespanMicroseconds));
        }

        // What only one task needs keeps nobody waiting, and neither does what nobody needs.
        var resources = new ResourceTable(plan);
        var use = new (double Load, int Users)[resources.Count];
        for (var task = 0; task < lengths.Length; task++)
        {
            foreach (var need in resources.NeedsOf(task))
                use[need.Resource] = (use[need.Resource].Load + ((double)lengths[task] * need.Amount / resources.CapacityOf(need.Resource)), use[need.Resource].Users + 1);
        }

        var wanted = Enumerable.Range(0, resources.Count - 1).Where(r => use[r].Users > 1).OrderByDescending(r => use[r].Load).ThenBy(r => r).ToList();
        foreach (var resource in wanted.Take(MostResources))
        {
            var step = StepOf(resources.NameOf(resource));
            oneMore.Add(new OneMoreForecast(step.Name, step.Amount, VirtualExecution.Run(plan, lengths, scenario with { More = step }).MakespanMicroseconds));
        }

        return (oneMore, Math.Max(0, wanted.Count - MostResources));
    }

    // One more of a lock or a pool is one; of the quotas a core, a gibibyte, a hundred megabytes a second, in thousandths.
    private static ResourceAmount StepOf(string name) => new(name, name switch
    {
        "cpu_cores" => 1_000,
        "memory_mb" => 1_024_000,
        "disk_io_mbps" => 100_000,
        _ => 1,
    });

    private static double Rounded(double share) => Math.Round(share, 6);
}

/// <summary>A length as it is expected, and how long it takes at most in 50, 80 and 95 of 100 executions.</summary>
/// <param name="Expected">When every task takes its PERT mean, in microseconds.</param>
/// <param name="P50">In microseconds.</param>
/// <param name="P80">In microseconds.</param>
/// <param name="P95">In microseconds.</param>
public readonly record struct Spread(long Expected, long P50, long P80, long P95)
{
    /// <summary>The nearest-rank percentiles of what was drawn.</summary>
    internal static Spread Of(long expected, long[] drawn)
    {
        var sorted = drawn.Order().ToArray();
        return new Spread(expected, At(50), At(80), At(95));

        long At(int percent) => sorted[(((sorted.Length * percent) + 99) / 100) - 1];
    }
}

/// <summary>One execution model.</summary>
/// <param name="Makespan">From the start to the last finish.</param>
/// <param name="Utilization">The part of the workers' time in which they work, 0 to 1.</param>
public sealed record ModelForecast(Spread Makespan, double Utilization);

/// <summary>When a task runs.</summary>
/// <param name="Id">The task.</param>
/// <param name="Start">Microseconds from the start.</param>
/// <param name="Finish">Microseconds from the start.</param>
/// <param name="Worker">From 1.</param>
public sealed record ForecastTask(TaskId Id, long Start, long Finish, int Worker);

/// <summary>A wave.</summary>
/// <param name="Tasks">Its tasks in file order.</param>
/// <param name="Length">From its start to its end.</param>
/// <param name="Cumulative">From the start of the execution to its end.</param>
public sealed record ForecastWave(IReadOnlyList<TaskId> Tasks, Spread Length, Spread Cumulative);

/// <summary>With so many workers.</summary>
/// <param name="Workers">How many.</param>
/// <param name="Makespan">Microseconds.</param>
/// <param name="Utilization">The part of the workers' time in which they work, 0 to 1.</param>
public sealed record WorkersForecast(int Workers, long Makespan, double Utilization);

/// <summary>With one more of something.</summary>
/// <param name="Name"><c>worker</c>, or a resource such as <c>lock:database</c>, <c>pool:ports</c> or <c>memory_mb</c>.</param>
/// <param name="Amount">How much more; of quotas in thousandths.</param>
/// <param name="Makespan">Microseconds.</param>
public sealed record OneMoreForecast(string Name, long Amount, long Makespan);
