using System.Globalization;
using System.Text.RegularExpressions;
using Slaps.Core.Execution;

namespace Slaps.Core.Plans;

/// <summary>A part of each day in which something may be used or begun, in UTC.</summary>
/// <param name="From">The first second of the day, 0 to 86399.</param>
/// <param name="To">The first second that is out of it again, 1 to 86400; less than <paramref name="From"/> where it goes over midnight.</param>
public readonly partial record struct TimeWindow(int From, int To)
{
    internal const int Day = 86_400;

    /// <summary>Reads <c>20:00-06:00</c>, with seconds where somebody wants them; null where it is none.</summary>
    public static TimeWindow? Parse(string text)
    {
        if (text.Length > 40 || Pattern.Match(text) is not { Success: true } match) return null;
        var (from, to) = (Seconds(match, "from"), Seconds(match, "to"));
        if (from is null or Day || to is null || from == to) return null;
        return new TimeWindow(from.Value, to == 0 ? Day : to.Value);
    }

    private static int? Seconds(Match match, string end)
    {
        int Part(string unit) => match.Groups[$"{end}_{unit}"] is { Success: true } group ? int.Parse(group.ValueSpan, CultureInfo.InvariantCulture) : 0;
        var (hours, minutes, seconds) = (Part("h"), Part("m"), Part("s"));
        return minutes > 59 || seconds > 59 || (hours * 3_600) + (minutes * 60) + seconds > Day ? null : (hours * 3_600) + (minutes * 60) + seconds;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Clock(From)}-{Clock(To)}";

    private static string Clock(int second) => second % 60 == 0 ? $"{second / 3_600:00}:{second / 60 % 60:00}" : $"{second / 3_600:00}:{second / 60 % 60:00}:{second % 60:00}";

    [GeneratedRegex(@"^\s*(?<from_h>[0-9]{1,2}):(?<from_m>[0-9]{2})(:(?<from_s>[0-9]{2}))?\s*[-–]\s*(?<to_h>[0-9]{1,2}):(?<to_m>[0-9]{2})(:(?<to_s>[0-9]{2}))?\s*$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Pattern { get; }
}

/// <summary>When a resource may be used.</summary>
/// <param name="Resource">A lock, pool or quota of the plan by its plain name.</param>
/// <param name="Windows">The parts of the day, at least one.</param>
public readonly record struct ResourceWindows(string Resource, IReadOnlyList<TimeWindow> Windows);

/// <summary>The parts of a day that are open, apart from each other and in order.</summary>
internal sealed class OpenHours
{
    private const long DayLength = TimeWindow.Day * Instant.Second;

    private readonly List<(long From, long To)> _parts;

    private OpenHours(List<(long From, long To)> parts) => _parts = parts;

    /// <summary>Never open.</summary>
    public bool IsEmpty => _parts.Count == 0;

    /// <summary>The same for the same hours.</summary>
    public string Key => string.Join(' ', _parts);

    /// <summary>The union of these windows.</summary>
    public static OpenHours Of(IEnumerable<TimeWindow> windows)
    {
        var parts = windows.SelectMany(w => w.To > w.From ? [(w.From * Instant.Second, w.To * Instant.Second)] : new[] { (w.From * Instant.Second, DayLength), (0L, w.To * Instant.Second) }).Order();
        var joined = new List<(long From, long To)>();
        foreach (var (from, to) in parts)
        {
            if (joined.Count > 0 && joined[^1].To >= from) joined[^1] = (joined[^1].From, Math.Max(joined[^1].To, to));
            else joined.Add((from, to));
        }

        return new OpenHours(joined);
    }

    /// <summary>When a task may begin: in its own windows and in those of all that it takes. Null: at any time.</summary>
    public static OpenHours? Of(PlanTask task, PlanResources resources)
    {
        if (resources.Windows.Count == 0 && task.Windows.Count == 0) return null;
        OpenHours? open = task.Windows.Count == 0 ? null : Of(task.Windows);
        foreach (var (resource, windows) in resources.Windows)
        {
            if (!Takes(task, resource)) continue;
            var its = Of(windows);
            open = open is null ? its : open.Intersect(its);
        }

        return open;
    }

    public bool IsOpen(Instant at)
    {
        var time = OfDay(at);
        return _parts.Exists(part => part.From <= time && time < part.To);
    }

    /// <summary>The first instant after this one at which it opens or closes; null where it is always open or never.</summary>
    public Instant? NextChange(Instant at)
    {
        var isOpen = IsOpen(at);
        var midnight = at.Microseconds - OfDay(at);
        return _parts.SelectMany(part => new[] { part.From, part.To, part.From + DayLength, part.To + DayLength }).Order()
            .Select(time => (Instant?)new Instant(midnight + time)).FirstOrDefault(change => change > at && IsOpen(change.Value) != isOpen);
    }

    private OpenHours Intersect(OpenHours other) => new([.. _parts.SelectMany(mine => other._parts.Select(its => (From: Math.Max(mine.From, its.From), To: Math.Min(mine.To, its.To)))).Where(part => part.From < part.To).Order()]);

    /// <summary>Whether a task takes the resource of that name, so that its windows bind it.</summary>
    public static bool Takes(PlanTask task, string resource) =>
        task.LocksTaken.Contains(resource) || task.Pools.Any(p => p.Pool == resource) || resource switch
        {
            "cpu_cores" => task.Estimated.CpuCores > 0,
            "memory_mb" => task.Estimated.MemoryMb > 0,
            "disk_io_mbps" => task.Estimated.DiskIoMbps > 0,
            _ => false,
        };

    private static long OfDay(Instant at) => ((at.Microseconds % DayLength) + DayLength) % DayLength;
}
