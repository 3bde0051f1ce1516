using Slaps.Core.Execution;

namespace Slaps.TestKit;

/// <summary>Points in time that tests speak of: <c>using static Slaps.TestKit.Moments;</c>.</summary>
public static class Moments
{
    /// <summary>2026-11-21, 12:00 UTC: when every story begins.</summary>
    public static Instant Noon { get; } = Instant.From(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
}
