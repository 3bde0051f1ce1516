using System.Globalization;
using System.Text;
using Slaps.Core.Forecasting;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Graphs;

namespace Slaps.Planning;

/// <summary>The section of Plan.md that draws when each task would run on the rolling frontier.</summary>
internal static class GanttMarkdown
{
    private const int MostBars = 80;
    private const long Millisecond = 1_000;
    private const long Day = 24 * 3_600_000_000L;

    // Mermaid knows dates only, so hours are counted from the first day of a year that is nobody's.
    private static readonly DateTime Start = new(2001, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);

    /// <summary>Markdown from its heading of the second level to a final blank line; nothing for a plan of more than a thousand years.</summary>
    public static string Write(Plan plan, PlanFigures figures, PlanForecast forecast)
    {
        var end = forecast.Tasks.Select(task => task.Finish).DefaultIfEmpty().Max();
        if (end > 1_000 * 365 * Day || forecast.Tasks.Count == 0) return "";

        var critical = figures.CriticalPath.ToHashSet();
        var drawn = Drawn(forecast, critical);
        var text = new StringBuilder("## Calendar\n\n");
        var workers = forecast.Tasks.Select(task => task.Worker).Distinct().Count();
        text.Append($"When each task runs if all goes as expected, with {(workers == 1 ? "1 worker" : $"{workers} workers")}: {Unit(end)}. Red is the critical path.");
        if (drawn.Count < forecast.Tasks.Count) text.Append($" Of {forecast.Tasks.Count} tasks these are {drawn.Count}: the critical path first, then those that take longest. The others are in waves.json.");
        text.Append($"\n\n```mermaid\ngantt\n  dateFormat YYYY-MM-DDTHH:mm:ss.SSS\n  axisFormat {Axis(end)}\n");
        foreach (var lane in drawn.GroupBy(task => forecast.Tasks[task].Worker).OrderBy(lane => lane.Key))
        {
            text.Append($"  section Worker {lane.Key}\n");
            foreach (var task in lane.OrderBy(task => forecast.Tasks[task].Start).ThenBy(task => task))
            {
                var (from, to) = (forecast.Tasks[task].Start, Math.Max(forecast.Tasks[task].Finish, forecast.Tasks[task].Start + Millisecond));
                text.Append($"    · {Label(plan.Tasks[task])} :{(critical.Contains(task) ? "crit, " : "")}t{task}, {Moment(from)}, {Moment(to)}\n");
            }
        }

        return text.Append("```\n\n").ToString();
    }

    private static HashSet<int> Drawn(PlanForecast forecast, HashSet<int> critical) =>
    [
        .. Enumerable.Range(0, forecast.Tasks.Count)
            .OrderBy(task => critical.Contains(task) ? 0 : 1).ThenByDescending(task => forecast.Tasks[task].Finish - forecast.Tasks[task].Start).ThenBy(task => task).Take(MostBars),
    ];

    // A bar's label ends at a colon, and '#', ';' and '%' begin something of Mermaid's own; what is no word is a space.
    private static string Label(PlanTask task)
    {
        const int longest = 50;
        var label = new StringBuilder();
        foreach (var rune in $"{task.Id.Value} {task.Title}".EnumerateRunes())
        {
            if (label.Length >= longest) break;
            if (Rune.IsLetterOrDigit(rune) || rune.Value is '.' or '-') label.Append(rune);
            else if (label.Length > 0 && label[^1] != ' ') label.Append(' ');
        }

        return label.ToString().TrimEnd();
    }

    private static string Moment(long microseconds) => Start.AddTicks(microseconds / Millisecond * TimeSpan.TicksPerMillisecond).ToString("yyyy-MM-dd'T'HH:mm:ss.fff", CultureInfo.InvariantCulture);

    private static string Axis(long end) => end switch
    {
        <= 600_000_000 => "%M:%S",
        <= 2 * Day => "%d %H:%M",
        <= 365 * Day => "%j",
        _ => "%y/%j",
    };

    private static string Unit(long end) => end switch
    {
        <= 600_000_000 => "minutes and seconds from the start",
        <= 2 * Day => "day (from 01), hours and minutes of work from the start",
        <= 365 * Day => "days of 24 working hours, from 001",
        _ => "years and days of 24 working hours, from 01/001",
    };
}
