using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Forecasting;
using Slaps.Core.Plans;

namespace Slaps.Bench.Models;

/// <summary>One plan executed by both models in virtual time, both with the order that execution uses by default.</summary>
/// <param name="RollingMicroseconds">The makespan of the rolling frontier.</param>
/// <param name="WavesMicroseconds">The makespan with a barrier after each wave.</param>
internal readonly record struct Comparison(long RollingMicroseconds, long WavesMicroseconds)
{
    /// <summary>The part of the waves' time that the rolling frontier saves; below 0 where it is slower.</summary>
    public double Saved => WavesMicroseconds == 0 ? 0 : 1 - (RollingMicroseconds / (double)WavesMicroseconds);

    /// <summary>
    /// Both models with estimates that are wrong: the tasks take as long as the plan says, but what orders them is that times e to the power of
    /// a normal draw with this standard deviation.
    /// </summary>
    public static Comparison Of(Plan plan, int workers, double sigma, int seed)
    {
        var lengths = VirtualExecution.ExpectedLengths(plan);
        var planned = sigma == 0 ? plan : Disturbed(plan, sigma, new Random(seed));
        var scenario = new Scenario { Workers = workers };
        return new Comparison(
            VirtualExecution.Run(planned, lengths, scenario).MakespanMicroseconds,
            VirtualExecution.Run(planned, lengths, scenario with { Model = ExecutionModel.Waves }).MakespanMicroseconds);
    }

    private static Plan Disturbed(Plan plan, double sigma, Random random)
    {
        var draft = plan.ToDraft() with { Tasks = [.. plan.Tasks.Select(task => task with { Duration = Times(task.Duration, Math.Exp(sigma * Normal(random))) })] };
        var diagnostics = new DiagnosticBag();
        return Plan.Build(draft, diagnostics) ?? throw new InvalidOperationException(string.Join("; ", diagnostics.Items));
    }

    private static PertEstimate Times(PertEstimate estimate, double factor) => new(estimate.Optimistic * factor, estimate.MostLikely * factor, estimate.Pessimistic * factor);

    // Box and Muller, 1958.
    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
