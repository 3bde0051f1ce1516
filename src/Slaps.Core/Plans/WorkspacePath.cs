namespace Slaps.Core.Plans;

/// <summary>What a path inside a plan may look like. Symbolic links are followed, and judged, by the runtime: the core sees no disk.</summary>
public static class WorkspacePath
{
    /// <summary>The longest path, in characters.</summary>
    public const int MaxLength = 4_096;

    /// <summary>
    /// Why <paramref name="path"/> is not allowed, as the end of a sentence; null when it is: relative, and never above the workspace,
    /// not even for a moment. A backslash counts as a separator, so that a plan is as safe on Windows as elsewhere.
    /// </summary>
    /// <param name="path">A path as the plan writes it.</param>
    /// <param name="folder">The folder it is relative to, itself relative to the workspace.</param>
    public static string? Refuse(string path, string folder = ".")
    {
        if (path.Length == 0) return "it is empty";
        if (path.Length > MaxLength) return $"it has {path.Length:N0} characters, and {MaxLength:N0} is the most";
        if (Identifiers.FirstUnsafe(path) is { } character) return $"it contains {character}";
        if (path[0] is '/' or '\\') return "it is absolute";
        if (path.Length > 1 && path[1] == ':' && char.IsAsciiLetter(path[0])) return "it names a drive";

        var depth = Depth(folder, 0) ?? 0;
        return Depth(path, depth) is null ? "it leaves the workspace" : null;
    }

    /// <summary>Whether the path names the state directory of tasks or something in it: that is nobody's work, and nothing may be written over it.</summary>
    /// <param name="path">A path that <see cref="Refuse"/> allows.</param>
    /// <param name="folder">The folder it is relative to, itself relative to the workspace.</param>
    public static bool IsState(string path, string folder = ".")
    {
        var parts = new List<string>();
        foreach (var part in $"{folder}/{path}".Split('/', '\\'))
        {
            if (part == "..") parts.RemoveRange(Math.Max(0, parts.Count - 1), Math.Min(1, parts.Count));
            else if (part is not ("" or ".")) parts.Add(part);
        }

        return parts is [".slaps", ..];
    }

    // How many folders below the workspace the path ends, or null when it goes above it.
    private static int? Depth(string path, int depth)
    {
        foreach (var part in path.Split('/', '\\'))
        {
            if (part == "..") depth--;
            else if (part is not ("" or ".")) depth++;
            if (depth < 0) return null;
        }

        return depth;
    }
}
