using Slaps.Core.Diagnostics;

namespace Slaps.Planning.Imports.Trackers;

/// <summary>A line of Markdown.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Text">Without its end.</param>
/// <param name="IsCode">Whether it belongs to a fenced block, its fences included.</param>
internal readonly record struct MarkdownLine(int Number, string Text, bool IsCode)
{
    /// <summary>The level of a heading, 1 to 6; 0 when it is none.</summary>
    public int HeadingLevel
    {
        get
        {
            if (IsCode) return 0;
            var level = Text.AsSpan().IndexOfAnyExcept('#');
            return level is >= 1 and <= 6 && char.IsWhiteSpace(Text[level]) ? level : 0;
        }
    }

    /// <summary>The words of a heading.</summary>
    public string Heading => Text[HeadingLevel..].Trim().TrimEnd('#').TrimEnd();
}

/// <summary>
/// Markdown by its lines. The tools whose files these are read them by lines too, with indentation that Markdown itself would take for code, so that
/// a parser of the whole language would see less than they do.
/// </summary>
internal static class TrackerMarkdown
{
    /// <summary>All lines; a fence that is never closed is named and counts for nothing.</summary>
    public static IReadOnlyList<MarkdownLine> Lines(TrackerFile file, DiagnosticBag diagnostics)
    {
        var texts = Enumerable.Range(1, file.Lines).Select(file.Line).ToList();
        var isCode = new bool[texts.Count];
        var nextSame = NextClosing(texts);
        for (var i = 0; i < texts.Count; i++)
        {
            if (Fence(texts[i]) is not { } fence) continue;
            var end = Closing(texts, nextSame, i, fence);
            if (end < 0)
            {
                diagnostics.Add(TrackerDiagnostics.OpenFence(file.At(i + 1)));
                continue;
            }

            Array.Fill(isCode, true, i, end - i + 1);
            i = end;
        }

        return [.. texts.Select((text, place) => new MarkdownLine(place + 1, text, isCode[place]))];
    }

    /// <summary>The document's first heading of level 1, without what some tools write before its title.</summary>
    public static string Title(IEnumerable<MarkdownLine> lines)
    {
        var heading = lines.FirstOrDefault(line => line.HeadingLevel == 1).Text is { } text ? text[1..].Trim() : "";
        return heading.StartsWith("Tasks:", StringComparison.Ordinal) ? heading[6..].Trim() : heading;
    }

    private readonly record struct FenceSign(char Sign, int Length, bool CanClose);

    private static FenceSign? Fence(string line)
    {
        var text = line.AsSpan().TrimStart();
        if (text.Length < 3 || text[0] is not ('`' or '~')) return null;
        var length = text.IndexOfAnyExcept(text[0]);
        if (length < 0) length = text.Length;
        var info = text[length..].Trim();
        if (length < 3 || (text[0] == '`' && info.Contains('`'))) return null;
        return new(text[0], length, info.IsEmpty);
    }

    // For each line the next one that could close a block, whatever its sign: a thousand fences that never close must not be searched for to the end each.
    private static int[] NextClosing(List<string> texts)
    {
        var next = new int[texts.Count];
        var known = -1;
        for (var i = texts.Count - 1; i >= 0; i--)
        {
            next[i] = known;
            if (Fence(texts[i]) is { CanClose: true }) known = i;
        }

        return next;
    }

    private static int Closing(List<string> texts, int[] next, int open, FenceSign fence)
    {
        const int MostTried = 100;
        var tried = 0;
        for (var end = next[open]; end >= 0 && tried++ < MostTried; end = next[end])
        {
            if (Fence(texts[end]) is { } other && other.Sign == fence.Sign && other.Length >= fence.Length) return end;
        }

        return -1;
    }
}
