using System.Text.RegularExpressions;
using Slaps.Core.Plans;

namespace Slaps.Planning.Features;

/// <summary>How much something matters, by the words of the text.</summary>
internal static partial class Priorities
{
    /// <summary>The priority that a line states as such: P0 to P3, MoSCoW, "Priority: high"; null when it states none.</summary>
    public static Priority? In(string text)
    {
        if (Level().Match(text) is { Success: true } level)
            return level.Groups["n"].Value switch { "0" => Priority.Critical, "1" => Priority.High, "2" => Priority.Medium, _ => Priority.Low };
        if (Named().Match(text) is { Success: true } named) return OfWord(named.Groups["word"].Value);
        return MoSCoW().Match(text) is { Success: true } must ? OfWord(must.Groups["word"].Value) : null;
    }

    /// <summary>The words of a text that say how binding it is: must and shall, should, may and could; each counted.</summary>
    public static (int Must, int Should, int May) Modals(string text) => (Must().Count(text), Should().Count(text), May().Count(text));

    private static Priority OfWord(string word) => word.ToLowerInvariant() switch
    {
        "critical" or "blocker" or "highest" or "urgent" => Priority.Critical,
        "high" or "must" or "essential" => Priority.High,
        "low" or "could" or "may" or "lowest" or "optional" or "nice" or "won't" or "wont" => Priority.Low,
        _ => Priority.Medium,
    };

    [GeneratedRegex(@"(?:\(|\[|priority\W{0,4}|—\s*|-\s+|:\s*)P(?<n>[0-4])\b|^P(?<n>[0-4])\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Level();

    [GeneratedRegex(@"\bpriority\W{1,6}(?<word>critical|blocker|highest|urgent|high|must|essential|medium|normal|should|low|could|may|lowest|optional)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Named();

    [GeneratedRegex(@"(?:^|[\[(])(?<word>must|should|could|won'?t|nice)[- ](?:have|to have)s?\b|[\[(](?<word>must|should|could|may|optional)[\])]", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex MoSCoW();

    [GeneratedRegex(@"\b(?:must|shall|required|mandatory)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Must();

    [GeneratedRegex(@"\b(?:should|recommended)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Should();

    [GeneratedRegex(@"\b(?:may|could|might|optional(?:ly)?|nice to have)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex May();
}
