using System.Globalization;
using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Core.Forecasting;

/// <summary>What an execution of a plan is expected to look like, beside what no schedule can beat.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Scenario">Who does the work, and by which rules.</param>
/// <param name="Schedule">When each task runs.</param>
/// <param name="WaveMakespanMicroseconds">How long the same takes with a barrier after each wave.</param>
/// <param name="CriticalPathMicroseconds">The longest chain of tasks that wait for each other.</param>
/// <param name="WorkMicroseconds">All tasks one after the other.</param>
/// <param name="AreaSeconds">The work by the workers, or the use of a resource by its capacity where that is more; to the microsecond.</param>
public sealed record DryRun(
    Plan Plan, Scenario Scenario, Schedule Schedule, long WaveMakespanMicroseconds, long CriticalPathMicroseconds, long WorkMicroseconds, decimal AreaSeconds)
{
    private readonly ResourceTable _resources = new(Plan);

    /// <summary>How many workers there are; null: no limit.</summary>
    public int? Workers => WorkersOf(Plan, Scenario);

    /// <summary>No schedule is shorter: the critical path or the area, whichever is longer.</summary>
    public decimal LowerBoundSeconds => Math.Max(Seconds(CriticalPathMicroseconds), AreaSeconds);

    /// <summary>The part of the workers' time in which they work, 0 to 1; without a limit, of those that had something to do.</summary>
    public double Utilization => UtilizationOf(Schedule);

    /// <summary>The whole work as a part of what the workers could have done until the makespan, 0 to 1.</summary>
    public double UtilizationOf(Schedule schedule) =>
        schedule.MakespanMicroseconds == 0 ? 0 : WorkMicroseconds / ((double)schedule.MakespanMicroseconds * (Workers ?? schedule.Workers));

    /// <summary>What the task holds while it runs, in the resources' canonical order.</summary>
    public IReadOnlyList<ResourceAmount> ResourcesOf(int task) => _resources.Describe(task);

    /// <summary>Exact seconds.</summary>
    public static decimal Seconds(long microseconds) => new decimal(microseconds) / Instant.Second;

    /// <summary>Runs the plan in virtual time, once as asked and once by the other model.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="scenario">Who does the work, and by which rules.</param>
    public static DryRun Of(Plan plan, Scenario scenario)
    {
        var lengths = VirtualExecution.ExpectedLengths(plan);
        var schedule = VirtualExecution.Run(plan, lengths, scenario);
        var waves = scenario.Model == ExecutionModel.Waves ? schedule : VirtualExecution.Run(plan, lengths, scenario with { Model = ExecutionModel.Waves });
        var work = lengths.Sum();
        return new DryRun(plan, scenario, schedule, waves.MakespanMicroseconds, plan.Graph.LongestToEnd(lengths).DefaultIfEmpty(0).Max(), work, Area(plan, lengths, work, WorkersOf(plan, scenario)));
    }

    private static int? WorkersOf(Plan plan, Scenario scenario) =>
        scenario is { KeepsConcurrencyMax: true } && plan.Policies.ConcurrencyMax is { } most ? Math.Min(most, scenario.Workers ?? int.MaxValue) : scenario.Workers;

    private static decimal Area(Plan plan, long[] lengths, long work, int? workers)
    {
        var resources = new ResourceTable(plan);
        var use = new double[resources.Count];
        for (var task = 0; task < lengths.Length; task++)
        {
            foreach (var need in resources.NeedsOf(task)) use[need.Resource] += (double)lengths[task] * need.Amount;
        }

        var area = workers is { } count ? work / (double)count : 0;

        // The last one is the number of tasks at once, which is among the workers already.
        for (var resource = 0; resource < resources.Count - 1; resource++)
        {
            if (use[resource] > 0) area = Math.Max(area, use[resource] / resources.CapacityOf(resource));
        }

        return decimal.Parse((area / Instant.Second).ToString("F6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }
}
