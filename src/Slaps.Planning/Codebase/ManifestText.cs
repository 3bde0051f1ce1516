using System.Text.RegularExpressions;
using Slaps.Core.Plans;

namespace Slaps.Planning.Codebase;

/// <summary>A manifest's lines and how evidence quotes them.</summary>
internal sealed class ManifestText(string path, string text)
{
    private readonly string[] _lines = text.ReplaceLineEndings("\n").Split('\n');

    public string Path => path;

    public string Folder => path.LastIndexOf('/') is var slash && slash < 0 ? "." : path[..slash];

    public string Text => text;

    public IReadOnlyList<string> Lines => _lines;

    /// <summary>The first line that fits, from 0; -1: none does.</summary>
    public int Find(Regex pattern) => Array.FindIndex(_lines, line => pattern.IsMatch(line));

    /// <summary>The first line of a TOML or INI section; -1: there is none. A section below it counts as well.</summary>
    public int FindSection(string name) => Array.FindIndex(_lines, line =>
    {
        var trimmed = line.Trim();
        return trimmed.StartsWith($"[{name}]", StringComparison.Ordinal) || trimmed.StartsWith($"[{name}.", StringComparison.Ordinal) || trimmed.StartsWith($"[[{name}", StringComparison.Ordinal);
    });

    /// <summary>Evidence that quotes a line.</summary>
    /// <param name="index">From 0; beyond the end, the first line.</param>
    /// <param name="rationale">How the line supports what it stands by, in a sentence.</param>
    public Evidence Quote(int index, string rationale)
    {
        if (index < 0 || index >= _lines.Length) index = 0;
        var line = Secrets.Redact(_lines[index].Trim());
        return new Evidence(EvidenceType.Code, $"{path}#L{index + 1}", line.Length > 200 ? line[..200] : line, 0.95, rationale);
    }
}
