using System.Text;
using System.Text.Json;
using Slaps.Core.Diagnostics;
using Slaps.Core.Forecasting;
using Slaps.Core.Plans;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Forecasting;

public sealed class PlanForecastTests
{
    private const long Hour = 3_600_000_000;

    [Fact]
    public void Draws_have_the_mean_and_the_bounds_of_their_estimate()
    {
        foreach (var estimate in (PertEstimate[])[new(1, 2, 6), new(1, 1, 6), new(1, 6, 6), new(0, 3, 4)])
        {
            var dice = SplitMix64.Stream(7, 0);
            var draws = Enumerable.Range(0, 40_000).Select(_ => BetaPert.Draw(ref dice, estimate)).ToList();

            // A beta distribution with α + β = 6 has the variance μ (1 − μ) / 7 of the way.
            var spread = (estimate.Pessimistic - estimate.Optimistic) * Hour;
            var mean = (estimate.MeanMicroseconds - (estimate.Optimistic * Hour)) / spread;
            var variance = draws.Average(d => Math.Pow((d - draws.Average()) / spread, 2));
            Assert.InRange(draws.Average(), estimate.MeanMicroseconds - (0.01 * spread), estimate.MeanMicroseconds + (0.01 * spread));
            Assert.InRange(variance, 0.95 * mean * (1 - mean) / 7, 1.05 * mean * (1 - mean) / 7);
            Assert.All(draws, d => Assert.InRange(d, (long)(estimate.Optimistic * Hour), (long)(estimate.Pessimistic * Hour)));
        }
    }

    [Fact]
    public void The_generator_gives_what_its_authors_give()
    {
        // The first three of seed 1234567 in the reference implementation by Vigna.
        var dice = new SplitMix64(1234567);

        Assert.Equal([6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL], [dice.Next(), dice.Next(), dice.Next()]);
    }

    [Fact]
    public void Our_logarithm_and_exponential_are_those_of_everybody()
    {
        for (var x = 1e-9; x < 1; x += 0.000_917)
        {
            Assert.Equal(Math.Log(x), BetaPert.Log(x), 1e-14 * (1 + Math.Abs(Math.Log(x))));
            Assert.Equal(1, BetaPert.Exp(-40 * x) / Math.Exp(-40 * x), 1e-13);
        }
    }

    [Fact]
    public void Where_no_length_is_uncertain_every_percentile_is_the_expected_makespan()
    {
        var plan = A.Plan(
            A.Task("a").Where(t => t with { Duration = new PertEstimate(2, 2, 2) }),
            A.Task("b").After("a").Where(t => t with { Duration = new PertEstimate(3, 3, 3) })).Build();

        var forecast = PlanForecast.Of(plan, new Scenario { Workers = 2 }, seed: 1, samples: 50);

        Assert.Equal(new Spread(5 * Hour, 5 * Hour, 5 * Hour, 5 * Hour), forecast.Rolling.Makespan);
        Assert.Equal(forecast.Rolling.Makespan, forecast.WaveBased.Makespan);
        Assert.Equal(new Spread(5 * Hour, 5 * Hour, 5 * Hour, 5 * Hour), forecast.Waves[1].Cumulative);
    }

    [Fact]
    public void The_same_seed_gives_the_same_figures_and_another_one_others()
    {
        Assert.Equal(Spreads(1), Spreads(1));
        Assert.NotEqual(Spreads(1), Spreads(2));

        static Spread Spreads(long seed) => Forecast(seed).Rolling.Makespan;
    }

    [Fact]
    public void Percentiles_grow_and_lie_between_what_is_possible()
    {
        var forecast = Forecast(1);

        foreach (var spread in (Spread[])[forecast.Rolling.Makespan, forecast.WaveBased.Makespan, .. forecast.Waves.SelectMany(w => (Spread[])[w.Length, w.Cumulative])])
            Assert.True(0 < spread.P50 && spread.P50 <= spread.P80 && spread.P80 <= spread.P95, $"{spread}");
        Assert.Equal(forecast.WaveBased.Makespan, forecast.Waves[^1].Cumulative);
        Assert.Equal(forecast.WaveBased.Makespan.Expected, forecast.Waves.Sum(w => w.Length.Expected));
    }

    [Fact]
    public void The_curve_of_workers_ends_where_more_have_nothing_to_do()
    {
        var forecast = PlanForecast.Of(A.Plan(A.Task("a"), A.Task("b"), A.Task("c").After("a", "b")).Build(), new Scenario { Workers = 1 }, 1, 1);

        Assert.Equal([new(1, 3 * Hour, 1), new(2, 2 * Hour, 0.75)], forecast.ByWorkers);
    }

    [Fact]
    public void One_more_is_tried_of_what_somebody_waits_for()
    {
        var plan = A.Plan(A.Task("a").Holding("db").Using("p"), A.Task("b").Holding("db").Using("p"), A.Task("c").Holding("alone").Estimated(cpuCores: 1)).WithPool("p", 2).WithQuotas(cpuCores: 1).Build();

        var forecast = PlanForecast.Of(plan, new Scenario { Workers = 2 }, 1, 1);

        Assert.Equal(2 * Hour, forecast.Rolling.Makespan.Expected);
        Assert.Equal([new("worker", 1, 2 * Hour), new("lock:db", 1, 2 * Hour), new("pool:p", 1, 2 * Hour)], forecast.OneMore);
        Assert.Equal(Hour, PlanForecast.Of(plan, new Scenario { Workers = 3 }, 1, 1).OneMore.Single(m => m.Name == "lock:db").Makespan);
    }

    [Fact]
    public void Waves_json_is_canonical_and_reads_back_as_it_was()
    {
        var forecast = Forecast(1);

        var bytes = WavesJson.Write(forecast);
        var diagnostics = new DiagnosticBag();
        var read = WavesJson.Read(bytes, "waves.json", diagnostics);

        Assert.Empty(diagnostics.Items);
        Assert.Equal(bytes, WavesJson.Write(read!));
        Assert.Equal(forecast.Tasks, read!.Tasks);
        Assert.Equal(forecast.OneMore, read.OneMore);
        Assert.Equal(forecast.ByWorkers, read.ByWorkers);
        Assert.Equal(forecast.Rolling, read.Rolling);
        using var document = JsonDocument.Parse(bytes);
        Assert.Equal(CanonicalJson.Hash(document.RootElement), document.RootElement.GetProperty("meta").GetProperty("artifact_hash").GetString());
        Assert.Equal(bytes, CanonicalJson.Bytes(document.RootElement));
    }

    [Theory]
    [InlineData("{}", "meta")]
    [InlineData("[]", "$")]
    [InlineData("{\"meta\":{\"seed\":1,\"samples\":\"x\"},\"bounds\":{},\"models\":{\"rolling_frontier\":{},\"wave_based\":{\"waves\":7}},\"one_more\":{}}", "samples")]
    public void What_is_wrong_with_waves_json_is_said(string text, string about)
    {
        var diagnostics = new DiagnosticBag();

        Assert.Null(WavesJson.Read(Encoding.UTF8.GetBytes(text), "waves.json", diagnostics));
        Assert.Contains(diagnostics.Items, d => d.ToString().Contains(about, StringComparison.Ordinal));
    }

    private static PlanForecast Forecast(long seed)
    {
        var plan = A.Plan([.. Enumerable.Range(0, 9).Select(i => A.Task($"T{i}").Using("p", 1 + (i % 2)).Where(t => t with { Duration = new PertEstimate(1, 1 + (i % 3), 7) })), A.Task("end").After("T0", "T3")])
            .WithPool("p", 3).Build();
        return PlanForecast.Of(plan, new Scenario { Workers = 3 }, seed, 50);
    }
}
