using System.Globalization;
using System.Text.RegularExpressions;
using Slaps.Core.Plans;
using Slaps.Planning.Reading;

namespace Slaps.Planning.Tasks;

/// <summary>Times that a text states for all of it, or for its first version: "MVP in an hour", "~3 days in total". They are held against what the tasks add up to.</summary>
internal static partial class StatedTotals
{
    private const int LongestLine = 500;
    private const int MostRisks = 3;

    // An estimate is no measurement: only what is off by more than this contradicts.
    private const double Over = 1.5, Under = 0.4;

    /// <summary>A risk for each stated total that the sum of the tasks contradicts.</summary>
    public static IEnumerable<PlanDecision> Contradicted(IReadOnlyList<SpecificationText> texts, IReadOnlyList<PlanTask> tasks)
    {
        var sum = tasks.Sum(task => task.Duration.MostLikely);
        return texts.SelectMany(text => In(text.Lines).Select(found => (text.File, found))).Where(t => sum > t.found.Hours * Over || sum < t.found.Hours * Under).Take(MostRisks).Select(t => new PlanDecision(
            string.Create(CultureInfo.InvariantCulture, $"Risk: the text states {t.found.Words}, and the tasks add up to {sum:0.#} h of work"),
            string.Create(CultureInfo.InvariantCulture, $"Stated are {t.found.Hours:0.##} h (a day counts as {StatedAmounts.DayHours:0}, a week as {StatedAmounts.WeekHours:0}); the estimates of {tasks.Count} tasks come to {sum / t.found.Hours:0.#} times of it, though several workers share them. Leave something out, plan with other tasks in mind (--target-hours), or move the date."),
            [new Evidence(EvidenceType.Plan, $"{t.File}#L{t.found.Line}", Words.Beginning(Words.OneSpace(t.found.Excerpt), 240), 0.9, "It states a time for the whole.")],
            ["Scaling every task to fit: nobody works faster because a sum is smaller."]));
    }

    /// <summary>The totals that lines state, with their hours.</summary>
    public static IEnumerable<(int Line, string Words, string Excerpt, double Hours)> In(IReadOnlyList<string> lines)
    {
        var isFenced = false;
        for (var n = 1; n <= lines.Count; n++)
        {
            var line = lines[n - 1];
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal)) isFenced = !isFenced;
            if (isFenced || line.Length is < 6 or > LongestLine) continue;
            var plain = Words.Plain(line);
            var match = Whole().Match(plain);
            if (!match.Success) match = Total().Match(plain);
            if (match.Success && Runtime().IsMatch(plain) is false && Hours(match) is { } hours) yield return (n, Quoted(match.Value), line, hours);
        }
    }

    private static string Quoted(string words) => Identifiers.Quote(Words.OneSpace(words.Trim(' ', ',', '.', ':', '-', '(', ')')));

    private static double? Hours(Match match)
    {
        var high = match.Groups["high"].Success ? match.Groups["high"].Value : match.Groups["count"].Value;
        if (Count(high) is not { } count || count <= 0) return null;
        return count * match.Groups["unit"].Value.ToLowerInvariant().TrimEnd('s') switch
        {
            "minute" or "min" => 1 / 60d,
            "hour" or "hr" or "h" => 1,
            "day" => StatedAmounts.DayHours,
            "week" => StatedAmounts.WeekHours,
            _ => StatedAmounts.WeekHours * 4,
        };
    }

    private static double? Count(string words) => words.ToLowerInvariant() switch
    {
        "a" or "an" or "one" or "single" => 1,
        "half a" or "half an" => 0.5,
        "two" or "a couple of" => 2,
        "three" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        var digits => double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number <= 1_000 ? number : null,
    };

    private const string Amount = @"(?<count>half an?|a couple of|an?|one|two|three|four|five|six|\d{1,3}(?:\.\d)?)(?:\s?(?:-|–|to)\s?(?<high>\d{1,3}(?:\.\d)?))?[\s-]?(?:working |person-|work )?(?<unit>minutes?|mins?|hours?|hrs?|days?|weeks?|months?)\b";

    [GeneratedRegex(@"\b(?:mvp|prototype|poc|proof of concept|first version|v1|everything|the whole (?:thing|project)|total (?:effort|time|duration|estimate)|overall (?:effort|estimate|duration)|estimated (?:total|effort|duration)|project duration)\b(?:\s+(?:in|within|takes?|should take|must take|be (?:done|built|ready|shipped) (?:in|within)|is|of|ready in|done in|shipped in))*\s*[:=~≈(]*\s*(?:about |around |roughly |under |less than |at most |~|≈)?" + Amount, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Whole();

    [GeneratedRegex(@"(?:~|≈|about |around |roughly )?\b" + Amount + @"\s*(?:of work\s*)?(?:\(?in total\)?|total|altogether|overall|all in all)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Total();

    // Times that the program keeps, and that have passed.
    [GeneratedRegex(@"\b(?:timeout|retention|retain|cache|ttl|expires?|response time|latency|every|after|ago|uptime|downtime|window|test suite|suite)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Runtime();
}
