using System.Text.RegularExpressions;
using Slaps.Planning.Reading;

namespace Slaps.Planning.Features;

/// <summary>Tells what a text says of itself to be done already: "✅ COMPLETE" behind a heading, "Status: Implemented" below it, "Done" in a row.</summary>
internal static partial class Finished
{
    // So many lines at the top of a document tell its state.
    private const int MostHeadLines = 30;

    /// <summary>The line on which the document says that it is done, from 1; null when it does not.</summary>
    public static int? LineOf(SpecificationText text)
    {
        if (text.TitleSection is { } title && Says(title)) return title.Line;
        var end = text.TitleSection?.Children.FirstOrDefault()?.Line ?? text.Root.Children.FirstOrDefault()?.Line ?? text.Lines.Count;
        for (var n = 1; n <= Math.Min(MostHeadLines, Math.Min(end, text.Lines.Count)); n++)
        {
            if (IsState(text.Lines[n - 1])) return n;
        }

        return null;
    }

    /// <summary>Whether a heading, or the state right below it, says that what stands there is done.</summary>
    public static bool Says(Section section) =>
        Heading().IsMatch(Words.Plain(section.Title).TrimEnd(' ', ':', '.')) || section.Blocks.Take(1).OfType<TextBlock.Paragraph>().Any(p => p.Text.Length < 400 && IsState(p.Text));

    /// <summary>A heading without the words that say so.</summary>
    public static string Without(string heading) => Heading().Replace(heading.TrimEnd(' ', ':', '.'), "").TrimEnd();

    /// <summary>Whether a row of a table says so in the column of its state.</summary>
    public static bool Says(TextBlock.Table table, TableRow row)
    {
        for (var i = 0; i < table.Header.Count && i < row.Cells.Count; i++)
        {
            if (StateColumn().IsMatch(Words.Plain(table.Header[i]))) return DoneWord().IsMatch(Words.Plain(row.Cells[i]));
        }

        return false;
    }

    private static bool IsState(string line) => line.Length < 400 && State().IsMatch(Words.Plain(line.TrimStart('|', '-', '>', ' ')));

    // "✅ Requirements" is an ornament; "Requirements ✅ COMPLETE", "Requirements (done)" and "[DONE] Requirements" say something.
    [GeneratedRegex(@"(?:[✅✔☑]\uFE0F?\s*|[\[(]\s*|\s[—–-]\s+)(?:status:\s*)?(?:completed?|done|implemented|shipped|finished|merged)\s*[\])]?\s*[✅✔☑]?\uFE0F?$|^\[(?:completed?|done|implemented|shipped)\]", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^(?:current |overall |implementation )?(?:status|state)\s*[:|]\s*(?:[✅✔☑]\uFE0F?\s*)?(?:fully )?(?:completed?|done|implemented|shipped|finished|merged|closed)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex State();

    [GeneratedRegex(@"^(?:status|state|progress|done\??)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex StateColumn();

    [GeneratedRegex(@"^(?:[✅✔☑]\uFE0F?\s*)?(?:completed?|done|implemented|shipped|finished|merged|closed)\.?$|^[✅✔☑]\uFE0F?$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex DoneWord();
}
