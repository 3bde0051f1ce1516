using System.Text.RegularExpressions;
using Slaps.Core.Plans;

namespace Slaps.Planning;

/// <summary>The words with a colon that give a task its properties.</summary>
internal enum Label
{
    After,
    Locks,
    Uses,
    Needs,
    Produces,
    Estimate,
    TimeOut,
    Retries,
    Priority,
}

/// <summary>Recognises labels at the start of a line, in any case, bold or not.</summary>
internal static partial class Labels
{
    private static readonly Dictionary<string, Label> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["After"] = Label.After,
        ["Depends on"] = Label.After,
        ["Locks"] = Label.Locks,
        ["Uses"] = Label.Uses,
        ["Needs"] = Label.Needs,
        ["Produces"] = Label.Produces,
        ["Estimate"] = Label.Estimate,
        ["Time-out"] = Label.TimeOut,
        ["Timeout"] = Label.TimeOut,
        ["Time out"] = Label.TimeOut,
        ["Retries"] = Label.Retries,
        ["Priority"] = Label.Priority,
    };

    /// <summary>As the documentation writes it.</summary>
    public static string NameOf(Label label) => label == Label.TimeOut ? "Time-out" : label.ToString();

    /// <summary>Whether the line introduces checks, with or without a colon; <paramref name="rest"/> is what follows on the same line.</summary>
    public static bool IntroducesChecks(string line, out string rest)
    {
        var match = CheckLabel().Match(line);
        rest = match.Groups["rest"].Value.Trim();
        return match.Success;
    }

    /// <summary>Whether the line is <c>Label: value</c> with a known label.</summary>
    public static bool IsProperty(string line, out Label label, out string value)
    {
        var match = AnyLabel().Match(line);
        value = match.Groups["value"].Value.Trim();
        return Known.TryGetValue(match.Groups["name"].Value, out label);
    }

    /// <summary>The known label that the writer of this line may have meant; null when it looks like plain words.</summary>
    public static string? Nearest(string line)
    {
        var match = AnyLabel().Match(line);
        return match.Success ? Spelling.Nearest(match.Groups["name"].Value, [.. Known.Keys, "Verify", "Done when"]) : null;
    }

    /// <summary>Whether the line starts with a label, so that it cannot be a title; "Verify the archive" can.</summary>
    public static bool IsAny(string line) =>
        IsProperty(line, out _, out _) || (CheckLabel().Match(line) is { Success: true } match && (match.Groups["colon"].Length > 0 || match.Groups["rest"].Length == 0));

    /// <summary>Whether the line, found where no task is, was meant for one: it starts with a label, or as a check does.</summary>
    public static bool IsLost(string line) => IsAny(line) || (IntroducesChecks(line, out var rest) && rest.Contains('`'));

    [GeneratedRegex(
        @"^[*_]*(?:verify|verification|acceptance(?: criteria| checks)?|done when)[*_]*(?:\s*(?<colon>:)[*_]*\s*(?<rest>.*)|\s+(?<rest>.*)|(?<rest>`.*)?)$",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex CheckLabel();

    [GeneratedRegex(@"^[*_]{0,3}(?<name>[A-Za-z][A-Za-z -]{1,15})[*_]{0,3}:[*_]{0,3}(?<value>.*)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AnyLabel();
}
