using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Slaps.Core.Execution;
using Slaps.Core.Forecasting;

namespace Slaps.Cli.Output;

/// <summary>A dry run as one document, and as a table with bars for people.</summary>
internal static class DryRunOutput
{
    private const int MostRows = 200;
    private const int BarWidth = 40;

    /// <summary>Writes the schedule to standard output; times are seconds from the start, exact to the microsecond.</summary>
    public static void WriteJson(DryRun run)
    {
        using var output = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteNumber("makespan_seconds", DryRun.Seconds(run.Schedule.MakespanMicroseconds));
            json.WriteNumber("wave_makespan_seconds", DryRun.Seconds(run.WaveMakespanMicroseconds));
            json.WriteNumber("lower_bound_seconds", run.LowerBoundSeconds);
            json.WriteNumber("critical_path_seconds", DryRun.Seconds(run.CriticalPathMicroseconds));
            json.WriteNumber("area_seconds", run.AreaSeconds);
            json.WriteNumber("utilization", Math.Round(run.Utilization, 6));
            if (run.Workers is { } workers) json.WriteNumber("workers", workers);
            else json.WriteNull("workers");
            json.WriteStartArray("tasks");
            for (var task = 0; task < run.Schedule.Tasks.Count; task++) Task(json, run, task);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }

    /// <summary>The figures, then the tasks in the order in which they start.</summary>
    public static string Text(DryRun run)
    {
        var schedule = run.Schedule;
        var text = new StringBuilder();
        text.Append($"{Durations.Count(run.Plan.Tasks.Count, "task")} on {(run.Workers is { } workers ? Durations.Count(workers, "worker") : $"any number of workers ({schedule.Workers} had work)")}, expected:\n");
        text.Append($"  makespan       {Durations.Words(schedule.MakespanMicroseconds / 1e6)}\n");
        text.Append($"  with waves     {Durations.Words(run.WaveMakespanMicroseconds / 1e6)}\n");
        text.Append($"  lower bound    {Durations.Words((double)run.LowerBoundSeconds)} (critical path {Durations.Words(run.CriticalPathMicroseconds / 1e6)}, area {Durations.Words((double)run.AreaSeconds)})\n");
        text.Append(CultureInfo.InvariantCulture, $"  utilization    {run.Utilization * 100:0.0} %\n\n");

        var order = Enumerable.Range(0, schedule.Tasks.Count).OrderBy(task => schedule.Tasks[task].Start).ThenBy(task => schedule.Tasks[task].Worker).Take(MostRows).ToList();
        var width = order.Select(task => run.Plan.Tasks[task].Id.Value.Length).DefaultIfEmpty(0).Max();
        text.Append($"  {"task".PadRight(width)}  {"start",10}  {"finish",10}  {"worker",6}\n");
        foreach (var task in order)
        {
            var (start, finish, worker, setUp) = schedule.Tasks[task];
            text.Append($"  {run.Plan.Tasks[task].Id.Value.PadRight(width)}  {Durations.Words(start / 1e6),10}  {Durations.Words(finish / 1e6),10}  {worker,6}  {Bar(start, finish, schedule.MakespanMicroseconds)}{Held(run, task)}{(setUp > 0 ? $"  set-up {Durations.Words(setUp / 1e6)}" : "")}\n");
        }

        if (schedule.Tasks.Count > MostRows) text.Append($"  … and {schedule.Tasks.Count - MostRows} more; --format json has them all.\n");
        return text.ToString();
    }

    private static void Task(Utf8JsonWriter json, DryRun run, int task)
    {
        var (start, finish, worker, setUp) = run.Schedule.Tasks[task];
        json.WriteStartObject();
        json.WriteString("id", run.Plan.Tasks[task].Id.Value);
        json.WriteNumber("start", DryRun.Seconds(start));
        json.WriteNumber("finish", DryRun.Seconds(finish));
        json.WriteString("worker", $"worker-{worker}");
        if (setUp > 0) json.WriteNumber("setup_seconds", DryRun.Seconds(setUp));
        json.WriteStartObject("resources");
        foreach (var held in run.ResourcesOf(task)) json.WriteNumber(held.Name, Amount(held));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Bar(long start, long finish, long makespan)
    {
        if (makespan == 0) return "";
        var from = (int)(start * (double)BarWidth / makespan);
        var to = Math.Max(from + 1, (int)Math.Ceiling(finish * (double)BarWidth / makespan));
        return (new string(' ', Math.Min(from, BarWidth - 1)) + new string('█', Math.Min(to, BarWidth) - Math.Min(from, BarWidth - 1))).PadRight(BarWidth);
    }

    private static string Held(DryRun run, int task)
    {
        var held = run.ResourcesOf(task);
        return held.Count == 0 ? "" : $"  {string.Join(", ", held.Select(r => r.Name.StartsWith("lock:", StringComparison.Ordinal) ? r.Name : $"{r.Name} {Amount(r).ToString(CultureInfo.InvariantCulture)}"))}";
    }

    // Quotas are counted in thousandths, locks and pools in units.
    private static decimal Amount(ResourceAmount held) => held.Name.Contains(':') ? held.Amount : held.Amount / 1000m;
}
