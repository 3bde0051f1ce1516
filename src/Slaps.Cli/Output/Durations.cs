namespace Slaps.Cli.Output;

/// <summary>Times and numbers for people.</summary>
internal static class Durations
{
    /// <summary>The time since the start, e.g. <c>00:03.2</c> or <c>1:02:03</c>.</summary>
    public static string Clock(double seconds)
    {
        var time = TimeSpan.FromSeconds(Math.Max(0, seconds));
        return time.TotalHours >= 1 ? $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}" : $"{time.Minutes:00}:{time.Seconds:00}.{time.Milliseconds / 100}";
    }

    /// <summary>A time of day in UTC, e.g. <c>12:03:04</c>.</summary>
    public static string TimeOfDay(Slaps.Core.Execution.Instant at) => at.ToDateTimeOffset().ToString("HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A number of things, e.g. <c>1 task</c> or <c>2 tasks</c>.</summary>
    public static string Count(long count, string thing) => count == 1 ? $"1 {thing}" : $"{count} {thing}s";

    /// <summary>A duration, e.g. <c>0.4 s</c>, <c>3 min 20 s</c> or <c>4.2 h</c>.</summary>
    public static string Words(double seconds) => seconds switch
    {
        < 60 => $"{seconds:0.0} s",
        < 3600 => $"{(int)(seconds / 60)} min {(int)(seconds % 60)} s",
        _ => $"{seconds / 3600:0.0} h",
    };
}
