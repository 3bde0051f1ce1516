using System.Globalization;
using Slaps.Bench.Models;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

// How much sooner the rolling frontier ends than waves do, on plans that are named by lines FAMILY<tab>DIRECTORY<tab>WORKERS on standard
// input; a line of the table for each family and number of workers, a column for each disturbance of the estimates. See bench/models.
double[] sigmas = [0, 0.3, 0.7, 1.2];
var draws = int.Parse(args[0], CultureInfo.InvariantCulture);
var results = new Dictionary<(string Family, int Workers), List<Comparison>[]>();
var (directory, plan) = ("", (Plan?)null);
while (Console.In.ReadLine() is { } line)
{
    if (line.Split('\t') is not [var family, var place, var count]) throw new FormatException($"A line FAMILY, DIRECTORY, WORKERS with tabs is wanted, not {line}");
    if (place != directory)
    {
        var diagnostics = new DiagnosticBag();
        var file = Path.Combine(place, "coordinator.json");
        plan = CoordinatorJson.Read(File.ReadAllBytes(file), file, diagnostics)?.Plan ?? throw new FormatException($"{file} holds no plan: {string.Join("; ", diagnostics.Items)}");
        directory = place;
    }

    var key = (family, int.Parse(count, CultureInfo.InvariantCulture));
    if (!results.TryGetValue(key, out var columns)) results[key] = columns = [.. sigmas.Select(_ => new List<Comparison>())];
    for (var column = 0; column < sigmas.Length; column++)
    {
        // Without a disturbance every draw is the same; and one of a very large plan is as good as several of a small one.
        var times = sigmas[column] == 0 || plan!.Tasks.Count > 10_000 ? 1 : draws;
        for (var draw = 0; draw < times; draw++) columns[column].Add(Comparison.Of(plan!, key.Item2, sigmas[column], seed: draw + 1));
    }
}

Console.WriteLine($"| family | workers | graphs | {string.Join(" | ", sigmas.Select(s => s == 0 ? "exact estimates" : string.Create(CultureInfo.InvariantCulture, $"sigma {s}")))} |");
Console.WriteLine($"|---|---|---|{string.Concat(sigmas.Select(_ => "---|"))}");
foreach (var ((family, workers), columns) in results.OrderBy(r => r.Key.Family, StringComparer.Ordinal).ThenBy(r => r.Key.Workers))
    Console.WriteLine($"| {family} | {workers} | {columns[0].Count} | {string.Join(" | ", columns.Select(Summary))} |");
Console.WriteLine($"| all | | {results.Values.Sum(columns => columns[0].Count)} | {string.Join(" | ", sigmas.Select((_, column) => Summary([.. results.Values.SelectMany(columns => columns[column])])))} |");

static string Summary(List<Comparison> all)
{
    double[] saved = [.. all.Select(c => c.Saved).Order()];
    var slower = all.Count(c => c.RollingMicroseconds > c.WavesMicroseconds);
    return string.Create(CultureInfo.InvariantCulture, $"{100 * saved[saved.Length / 2]:0.0} ({100 * saved[0]:0.0} to {100 * saved[^1]:0.0}){(slower > 0 ? $", {slower} of {all.Count} slower" : "")}");
}
