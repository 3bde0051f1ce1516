using System.Globalization;
using System.Text;
using Slaps.Core.Forecasting;

namespace Slaps.Planning;

/// <summary>The section of Plan.md on how long the plan takes.</summary>
public static class ForecastMarkdown
{
    /// <summary>Markdown from its heading of the second level to a final blank line; the same forecast gives the same text.</summary>
    public static string Write(PlanForecast forecast)
    {
        var text = new StringBuilder();
        var workers = forecast.Workers is { } count ? count == 1 ? "1 worker" : $"{count} workers" : "any number of workers";
        text.Append($"## Forecast\n\nWith {workers}, from {forecast.Samples} drawn executions (seed {forecast.Seed}, each length from the beta distribution of PERT). No schedule is shorter than {Time(forecast.LowerBound)}; the critical path is {Time(forecast.CriticalPath)}.\n\n");
        text.Append("| Model | Expected | P50 | P80 | P95 | Utilization |\n|---|---:|---:|---:|---:|---:|\n");
        Model(text, "Rolling frontier", forecast.Rolling);
        Model(text, "Waves", forecast.WaveBased);
        text.Append('\n');
        ByWorkers(text, forecast);
        OneMore(text, forecast);
        Waves(text, forecast);
        return text.ToString();
    }

    private static void Model(StringBuilder text, string name, ModelForecast model) =>
        text.Append($"| {name} | {Times(model.Makespan)} | {Percent(model.Utilization)} |\n");

    private static void ByWorkers(StringBuilder text, PlanForecast forecast)
    {
        text.Append("| Workers | Makespan | Utilization |\n|---:|---:|---:|\n");
        foreach (var point in forecast.ByWorkers) text.Append($"| {point.Workers} | {Time(point.Makespan)} | {Percent(point.Utilization)} |\n");
        text.Append(forecast.ByWorkers.Count < PlanForecast.MostWorkers ? "\nMore workers would have nothing to do.\n\n" : "\n");
    }

    private static void OneMore(StringBuilder text, PlanForecast forecast)
    {
        if (forecast.OneMore.Count == 0) return;
        text.Append("| One more | Amount | Makespan | Saves |\n|---|---:|---:|---:|\n");
        foreach (var more in forecast.OneMore)
            text.Append($"| {Name(more.Name)} | {Amount(more)} | {Time(more.Makespan)} | {Time(forecast.Rolling.Makespan.Expected - more.Makespan)} |\n");
        text.Append(forecast.ResourcesNotTried > 0 ? $"\n{forecast.ResourcesNotTried} resources that are used less were not tried.\n\n" : "\n");
    }

    private static void Waves(StringBuilder text, PlanForecast forecast)
    {
        text.Append("| Wave | Tasks | Expected | P50 | P80 | P95 | Ends by P80 |\n|---:|---:|---:|---:|---:|---:|---:|\n");
        for (var i = 0; i < forecast.Waves.Count; i++)
            text.Append($"| {i + 1} | {forecast.Waves[i].Tasks.Count} | {Times(forecast.Waves[i].Length)} | {Time(forecast.Waves[i].Cumulative.P80)} |\n");
        text.Append('\n');
    }

    private static string Times(Spread spread) => $"{Time(spread.Expected)} | {Time(spread.P50)} | {Time(spread.P80)} | {Time(spread.P95)}";

    private static string Name(string resource) => resource.Split(':', 2) switch
    {
        [var kind, var name] => $"{kind} {Inert.Text(name)}",
        ["cpu_cores"] => "CPU cores",
        ["memory_mb"] => "MB of memory",
        ["disk_io_mbps"] => "MB/s of the disk",
        _ => Inert.Text(resource),
    };

    private static string Amount(OneMoreForecast more) =>
        (more.Name.Contains(':') || more.Name == "worker" ? more.Amount : more.Amount / 1000m).ToString("0.###", CultureInfo.InvariantCulture);

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.0} %");

    private static string Time(long microseconds) => (microseconds < 0 ? "-" : "") + (Math.Abs(microseconds) / 1e6) switch
    {
        0 => "0",
        >= 3600 and var s => string.Create(CultureInfo.InvariantCulture, $"{s / 3600:0.##} h"),
        >= 60 and var s => string.Create(CultureInfo.InvariantCulture, $"{s / 60:0.#} min"),
        var s => string.Create(CultureInfo.InvariantCulture, $"{s:0.###} s"),
    };
}
