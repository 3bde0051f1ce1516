using System.Globalization;
using System.Text.RegularExpressions;
using Slaps.Core.Plans;

namespace Slaps.Planning.Tasks;

/// <summary>Times and sizes of work that a text states: "~2h", "3 days", "Estimate: 1-2 weeks", "120 LoC".</summary>
internal static partial class StatedAmounts
{
    /// <summary>A person's day of work, in hours.</summary>
    public const double DayHours = 8;

    /// <summary>A person's week of work, in hours.</summary>
    public const double WeekHours = 40;

    /// <summary>Lines of code that count as an hour of work, with their tests.</summary>
    public const double LinesPerHour = 30;

    private const double MostHours = 2_000;

    private const string Amount = @"(?<low>\d{1,4}(?:\.\d{1,2})?)\s?(?:(?:-|–|—|to)\s?(?<high>\d{1,4}(?:\.\d{1,2})?)\s?)?(?:person-|working |work |engineer-|dev )?(?<unit>minutes?|mins?|hours?|hrs?|h|days?|d|weeks?|wks?|w)\b";

    /// <summary>
    /// The time, where the text calls it an estimate: after "Estimate:" or "Effort:", with "~", or alone in brackets. A time that the
    /// program has to keep ("within 5 minutes") is none.
    /// </summary>
    public static PertEstimate? Time(string text)
    {
        var match = Labelled().Match(text);
        if (!match.Success) match = Bracketed().Match(text);
        if (!match.Success) match = Trailing().Match(text);
        if (!match.Success || UnitHours(match.Groups["unit"].Value) is not { } unit) return null;
        var low = Number(match.Groups["low"].Value) * unit;
        var high = match.Groups["high"].Success ? Number(match.Groups["high"].Value) * unit : low;
        if (low <= 0 || high < low || high > MostHours) return null;
        return high > low ? new PertEstimate(low, Round((low + high) / 2), high) : new PertEstimate(Round(low / 2), low, low * 2);
    }

    /// <summary>The size in words, such as "~450–800 LoC", and the lines in the middle of it; null when none is stated.</summary>
    public static (string Words, double Lines)? Size(string text)
    {
        if (Lines().Match(text) is not { Success: true } match) return null;
        var low = Number(match.Groups["low"].Value.Replace(",", "", StringComparison.Ordinal));
        var high = match.Groups["high"].Success ? Number(match.Groups["high"].Value.Replace(",", "", StringComparison.Ordinal)) : low;
        return low is > 0 and <= 50_000 && high >= low && high <= 50_000 ? (match.Value.Trim(), (low + high) / 2) : null;
    }

    /// <summary>Hours to two digits after the point.</summary>
    public static double Round(double hours) => Math.Round(hours, 2, MidpointRounding.ToEven);

    private static double Number(string digits) => double.Parse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);

    private static double? UnitHours(string unit) => unit.ToLowerInvariant() switch
    {
        "m" or "min" or "mins" or "minute" or "minutes" => 1 / 60d,
        "h" or "hr" or "hrs" or "hour" or "hours" => 1,
        "d" or "day" or "days" => DayHours,
        "w" or "wk" or "wks" or "week" or "weeks" => WeekHours,
        _ => null,
    };


    [GeneratedRegex(@"\b(?:estimates?|estimated(?: time| effort| duration)?|effort|duration|time(?: estimate)?|takes?|eta|timeline)\b\**\s*[:=≈~]*\s*\**\s*(?:about |around |approx\.? |≈|~)?" + Amount, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Labelled();

    [GeneratedRegex(@"[(\[]\s*(?:est\.?:? |estimate:? |about |ship in |approx\.? )?[~≈]?\s?" + Amount + @"\s*[)\]]", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Bracketed();

    [GeneratedRegex(@"(?:[-–—:,]\s*|\s)[~≈]\s?" + Amount + @"\s*[.)]?(?:$|\s)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Trailing();

    [GeneratedRegex(@"[~≈]?\s?(?<low>\d[\d,]{0,6})\s?(?:(?:-|–|—|to)\s?(?<high>\d[\d,]{0,6})\s?)?\+?\s?(?:LoC|SLOC|lines of code)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Lines();
}
