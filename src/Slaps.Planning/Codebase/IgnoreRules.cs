using System.Text;
using System.Text.RegularExpressions;

namespace Slaps.Planning.Codebase;

/// <summary>
/// The rules of one .gitignore file (gitignore(5)): blank lines and comments, <c>!</c> for the opposite, a slash that anchors, a slash at
/// the end for folders, <c>*</c>, <c>?</c>, <c>[…]</c> and <c>**</c>. The last rule that fits decides.
/// </summary>
public sealed class IgnoreRules
{
    /// <summary>Rules beyond so many in one file are passed over.</summary>
    public const int MostRules = 2_000;

    private const int LongestRule = 400;

    private readonly List<Rule> _rules = [];

    private IgnoreRules()
    {
    }

    /// <summary>The rules in a file's text.</summary>
    public static IgnoreRules Parse(string text)
    {
        var rules = new IgnoreRules();
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.TrimEnd('\r', ' ', '\t');
            if (line.Length is 0 or > LongestRule || line[0] == '#') continue;
            if (rules._rules.Count == MostRules) break;
            var isOpposite = line[0] == '!';
            if (isOpposite) line = line[1..];
            if (line.StartsWith('\\')) line = line[1..];
            var isForFolders = line.EndsWith('/');
            var pattern = line.TrimEnd('/');
            if (pattern.Length == 0) continue;
            var isAnchored = pattern.Contains('/');
            rules._rules.Add(new Rule(Compile(pattern.TrimStart('/')), isOpposite, isForFolders, isAnchored));
        }

        return rules;
    }

    /// <summary>True: ignored; false: kept in spite of outer rules; null: these rules do not speak of it.</summary>
    /// <param name="path">Relative to the folder of the .gitignore file, with forward slashes.</param>
    /// <param name="isFolder">Whether it is a folder.</param>
    public bool? Ignores(string path, bool isFolder)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        for (var i = _rules.Count - 1; i >= 0; i--)
        {
            var rule = _rules[i];
            if (rule.IsForFolders && !isFolder) continue;
            if (rule.Pattern.IsMatch(rule.IsAnchored ? path : name)) return !rule.IsOpposite;
        }

        return null;
    }

    // Non-backtracking: a rule is somebody else's text, and must not make the reading take for ever.
    private static Regex Compile(string pattern)
    {
        var regex = new StringBuilder("^");
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == '*')
            {
                var isDouble = i + 1 < pattern.Length && pattern[i + 1] == '*';
                if (isDouble) i++;
                if (isDouble && i + 1 < pattern.Length && pattern[i + 1] == '/')
                {
                    i++;
                    regex.Append("(?:[^/]+/)*");
                }
                else
                {
                    regex.Append(isDouble ? ".*" : "[^/]*");
                }
            }
            else if (c == '?')
            {
                regex.Append("[^/]");
            }
            else if (c == '[' && pattern.IndexOf(']', Math.Min(i + 2, pattern.Length - 1)) is var end && end > i + 1)
            {
                var inside = pattern[(i + 1)..end].Replace("\\", "\\\\", StringComparison.Ordinal).Replace("[", "\\[", StringComparison.Ordinal);
                if (inside[0] == '!') inside = "^" + inside[1..];
                regex.Append('[').Append(inside).Append(']');
                i = end;
            }
            else
            {
                if (c == '\\' && i + 1 < pattern.Length) c = pattern[++i];
                regex.Append(Regex.Escape(c.ToString()));
            }
        }

        try
        {
            return new Regex(regex.Append('$').ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (ArgumentException)
        {
            // A class like [z-a] is no pattern: git lets it match nothing but itself, and so does this.
            return new Regex("^" + Regex.Escape(pattern) + "$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
    }

    private sealed record Rule(Regex Pattern, bool IsOpposite, bool IsForFolders, bool IsAnchored);
}
