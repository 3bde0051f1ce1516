using System.Globalization;

namespace Slaps.Core.Execution;

/// <summary>A point in scheduler time in whole microseconds since 1970 UTC, or since the start where time is virtual.</summary>
public readonly record struct Instant(long Microseconds) : IComparable<Instant>
{
    /// <summary>Microseconds in a second.</summary>
    public const long Second = 1_000_000;

    /// <summary>The last microsecond of the year 9999, which is the last that can be written as a date.</summary>
    public static Instant EndOfTime => From(DateTimeOffset.MaxValue);

    /// <summary>The clock's time, cut to the microsecond.</summary>
    public static Instant From(DateTimeOffset time) => new((time.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);

    /// <summary>The same point as a date.</summary>
    public DateTimeOffset ToDateTimeOffset() => new(DateTime.UnixEpoch.Ticks + (Microseconds * TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    /// <summary>So many microseconds later, at most <see cref="EndOfTime"/>.</summary>
    public Instant Plus(long microseconds) =>
        Microseconds > EndOfTime.Microseconds - microseconds ? EndOfTime : new(Microseconds + microseconds);

    /// <summary>So many seconds later, at most <see cref="EndOfTime"/>.</summary>
    public Instant PlusSeconds(double seconds) => Plus((long)Math.Round(seconds * Second));

    /// <summary>The time from <paramref name="earlier"/> to here, in seconds.</summary>
    public double SecondsSince(Instant earlier) => (Microseconds - earlier.Microseconds) / (double)Second;

    /// <inheritdoc/>
    public int CompareTo(Instant other) => Microseconds.CompareTo(other.Microseconds);

    /// <summary>ISO 8601 in UTC with six decimals, e.g. <c>2026-11-21T12:00:00.000001Z</c>.</summary>
    public override string ToString() => ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static Instant Parse(string text) =>
        From(DateTimeOffset.ParseExact(text, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));

    /// <summary>Whether the one lies before the other.</summary>
    public static bool operator <(Instant left, Instant right) => left.Microseconds < right.Microseconds;

    /// <summary>Whether the one lies after the other.</summary>
    public static bool operator >(Instant left, Instant right) => left.Microseconds > right.Microseconds;

    /// <summary>Whether the one does not lie after the other.</summary>
    public static bool operator <=(Instant left, Instant right) => left.Microseconds <= right.Microseconds;

    /// <summary>Whether the one does not lie before the other.</summary>
    public static bool operator >=(Instant left, Instant right) => left.Microseconds >= right.Microseconds;
}
