using System.Globalization;
using System.Text.RegularExpressions;
using Slaps.Core.Execution;

namespace Slaps.Core.Failures;

/// <summary>
/// For how long a service asks to be left alone: the header <c>Retry-After</c> (RFC 9110, section 10.2.3, in seconds), the same in words, or
/// GitHub's <c>x-ratelimit-reset</c> (seconds since 1970).
/// </summary>
public static class RetryAfter
{
    /// <summary>The longest that is honoured, in seconds: a day. What asks for more is not waited for.</summary>
    public const double Longest = 86_400;

    private static readonly Regex Header = Playbook.Pattern(@"retry[-_ ]after['""]?\s*[:=]?\s*['""]?(?<n>\d{1,9}(\.\d{1,3})?)\s*(?<unit>ms|milliseconds?|s|sec|seconds?|m|minutes?|h|hours?)?\b");
    private static readonly Regex Words = Playbook.Pattern(@"\b(try|retry|wait)( again| for| in)* (in |for )?(?<n>\d{1,9}(\.\d{1,3})?)\s*(?<unit>ms|milliseconds?|s|sec|seconds?|m|minutes?|h|hours?)\b");
    private static readonly Regex Reset = Playbook.Pattern(@"x-ratelimit-reset['""]?\s*[:=]\s*['""]?(?<n>\d{10})\b");

    /// <summary>The seconds that the text asks for; null when it asks for none, or for more than <see cref="Longest"/>.</summary>
    public static double? Seconds(string text)
    {
        var found = Header.Match(text) is { Success: true } header ? header : Words.Match(text);
        if (!found.Success) return null;
        var number = double.Parse(found.Groups["n"].Value, CultureInfo.InvariantCulture);
        var unit = found.Groups["unit"].Value.ToLowerInvariant();
        var seconds = unit switch
        {
            "ms" or "millisecond" or "milliseconds" => number / 1000,
            "m" or "minute" or "minutes" => number * 60,
            "h" or "hour" or "hours" => number * 3600,
            _ => number,
        };
        return seconds <= Longest ? seconds : null;
    }

    /// <summary>The moment that the text names; null when it names none.</summary>
    public static Instant? Moment(string text) => Reset.Match(text) is { Success: true } found
        ? Instant.From(DateTimeOffset.FromUnixTimeSeconds(long.Parse(found.Groups["n"].Value, CultureInfo.InvariantCulture)))
        : null;
}
