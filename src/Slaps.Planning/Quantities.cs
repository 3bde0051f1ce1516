using System.Globalization;
using System.Text.RegularExpressions;
using Slaps.Core.Plans;

namespace Slaps.Planning;

/// <summary>Reads durations such as <c>2h</c>, <c>30 min</c> and <c>1-2-4 h</c>.</summary>
internal static partial class Quantities
{
    /// <summary>One duration in hours; null when it is none.</summary>
    public static double? Hours(string text)
    {
        var match = Single().Match(text);
        return match.Success ? Number(match.Groups["n"].Value) * UnitInHours(match.Groups["unit"].Value) : null;
    }

    /// <summary>One duration, or three from optimistic to pessimistic; null when it is neither or the three do not ascend.</summary>
    public static PertEstimate? Estimate(string text)
    {
        if (Hours(text) is { } hours) return new PertEstimate(hours, hours, hours);
        if (Triple().Match(text) is not { Success: true } match) return null;

        var unit = UnitInHours(match.Groups["unit"].Value);
        var estimate = new PertEstimate(Number(match.Groups["o"].Value) * unit, Number(match.Groups["m"].Value) * unit, Number(match.Groups["p"].Value) * unit);
        return estimate.Optimistic <= estimate.MostLikely && estimate.MostLikely <= estimate.Pessimistic ? estimate : null;
    }

    private static double Number(string digits) => double.Parse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);

    private static double UnitInHours(string unit) => char.ToLowerInvariant(unit[0]) switch
    {
        's' => 1 / 3600d,
        'm' => 1 / 60d,
        _ => 1,
    };

    private const string Units = "(?<unit>s|sec|secs|seconds?|m|min|mins|minutes?|h|hr|hrs|hours?)";

    [GeneratedRegex(@"^(?<n>[0-9]{1,9}(?:\.[0-9]{1,6})?)\s?" + Units + "$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Single();

    [GeneratedRegex(
        @"^(?<o>[0-9]{1,9}(?:\.[0-9]{1,6})?)\s?[-–]\s?(?<m>[0-9]{1,9}(?:\.[0-9]{1,6})?)\s?[-–]\s?(?<p>[0-9]{1,9}(?:\.[0-9]{1,6})?)\s?" + Units + "$",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Triple();
}
