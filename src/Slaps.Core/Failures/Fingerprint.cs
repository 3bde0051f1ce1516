using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Slaps.Core.Failures;

/// <summary>The same text for the same failure at another time, in another folder, on another line.</summary>
public static class Fingerprint
{
    /// <summary>The longest fingerprint, in characters.</summary>
    public const int Longest = 160;

    // In this order: an address holds a path, a path may hold a hash, and a hash holds numbers.
    private static readonly (Regex What, string Stands)[] Steps =
    [
        (Playbook.Pattern(@"[a-z][a-z0-9+.-]*://[^\s'""<>)\]]+"), "<url>"),
        (Playbook.Pattern(@"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<id>"),
        (Playbook.Pattern(@"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?([.,]\d+)?(Z|[+-]\d\d:?\d\d)?)?"), "<time>"),
        (Playbook.Pattern(@"\b\d{1,2}:\d\d:\d\d([.,]\d+)?\b"), "<time>"),
        (Playbook.Pattern(@"([a-z]:\\|[~.]{0,2}/|\\\\)[\w@+.~-]*([/\\][\w@+.~-]+)*[/\\]?"), "<path>"),
        (Playbook.Pattern(@"\b[\w@+.-]+([/\\][\w@+.-]+){2,}"), "<path>"),
        (Playbook.Pattern(@"\b0x[0-9a-f]+\b"), "<n>"),
    ];

    private static readonly Regex Hash = Playbook.Pattern(@"\b[0-9a-f]{7,64}\b");
    private static readonly Regex Number = Playbook.Pattern(@"\d+([.,:]\d+)*");
    private static readonly Regex Space = Playbook.Pattern(@"\s+");

    /// <summary>
    /// A name for what has that fingerprint, which holds nothing but letters, digits and single dashes behind <paramref name="prefix"/> and a slash:
    /// its first words, and the beginning of its hash, so that different fingerprints have different names.
    /// </summary>
    public static string Name(string prefix, string fingerprint)
    {
        const int LongestWords = 48;
        const int HexDigits = 8;
        var words = string.Join('-', string.Concat(fingerprint.Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' ')).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (words.Length > LongestWords) words = words[..LongestWords].TrimEnd('-');
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(fingerprint)))[..HexDigits];
        return words.Length == 0 ? $"{prefix}/{hash}" : $"{prefix}/{words}-{hash}";
    }

    /// <summary>The line in small letters without addresses, ids, times, paths, hashes and numbers; at most <see cref="Longest"/> characters.</summary>
    public static string Of(string line)
    {
        const int LongestLine = 2_000;
        var text = (line.Length > LongestLine ? line[..LongestLine] : line).ToLowerInvariant();
        foreach (var (what, stands) in Steps) text = what.Replace(text, stands);
        text = Hash.Replace(text, match => match.Value.Any(char.IsAsciiDigit) ? "<hash>" : match.Value);
        text = Space.Replace(Number.Replace(text, "<n>"), " ").Trim();
        return text.Length > Longest ? text[..Longest] : text;
    }
}
