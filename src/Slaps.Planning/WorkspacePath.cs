using System.Text.RegularExpressions;

namespace Slaps.Planning;

/// <summary>Whether a path in a specification stays below the project's root on every system.</summary>
internal static partial class WorkspacePath
{
    /// <summary>Why the path cannot be used, as the end of a sentence; null when it can.</summary>
    public static string? Refuse(string path)
    {
        if (path.Length == 0) return "it is empty";
        if (path.Length > 1_024) return $"it has {path.Length} characters, and 1024 is the most";
        if (path.Any(char.IsControl)) return "it contains a control character";
        if (path.Contains('\\')) return "it contains a backslash";
        if (path[0] is '/' or '~' || DriveLetter().IsMatch(path)) return "it does not start at the project's root";
        return path.Split('/').Contains("..") ? "it contains '..' and could leave the project" : null;
    }

    [GeneratedRegex("^[A-Za-z]:", RegexOptions.NonBacktracking)]
    private static partial Regex DriveLetter();
}
