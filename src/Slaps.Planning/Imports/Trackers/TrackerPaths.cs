using System.Text.RegularExpressions;

namespace Slaps.Planning.Imports.Trackers;

/// <summary>Paths of files and plain text inside the lines of Markdown.</summary>
internal static partial class TrackerPaths
{
    private const int LongestLine = 20_000;

    /// <summary>The relative paths of files that the lines name, each once: with a slash and an ending, e.g. <c>src/app/[id]/page.tsx</c>.</summary>
    public static IReadOnlyList<string> In(IEnumerable<string> lines) =>
        [.. lines.Where(line => line.Length <= LongestLine).SelectMany(line => FilePath().Matches(line)).Where(match => !IsAddress(match.Value)).Select(match => Bare(match.Value)).Where(path => path.Length > 0).Distinct()];

    /// <summary>The lines without their common indentation and without blank ones around.</summary>
    public static string Unindented(IEnumerable<string> lines)
    {
        var all = lines.Select(line => line.TrimEnd()).ToList();
        var indentation = all.Where(line => line.Length > 0).Select(line => line.Length - line.TrimStart().Length).DefaultIfEmpty(0).Min();
        return string.Join("\n", all.Select(line => line.Length > 0 ? line[indentation..] : "")).Trim('\n');
    }

    private static bool IsAddress(string text) => text.StartsWith("//", StringComparison.Ordinal);

    // A bracket that the path does not close belongs to the sentence.
    private static string Bare(string path)
    {
        while (path.Length > 0 && ((path[0] == '(' && !path.Contains(')')) || (path[0] == '[' && !path.Contains(']')) || path[0] == '.' && path.StartsWith("./", StringComparison.Ordinal)))
            path = path[0] == '.' ? path[2..] : path[1..];
        return path;
    }

    [GeneratedRegex(@"[\w@./\[\]()-]+/[\w@./\[\]()-]+\.\w{1,5}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex FilePath();
}
