using System.Text.RegularExpressions;
using Slaps.Core.Diagnostics;

namespace Slaps.Planning;

/// <summary>Tells the exact form of a specification, whose tasks hold what is to be run, from all other texts.</summary>
internal static partial class SpecificationForm
{
    // A specification of the exact form may have mistakes in some tasks and is told so; a text in which only one section of many shows a
    // shell block is about something else.
    private const int LeastShare = 4;

    /// <summary>Whether at least one task, and every fourth of them, holds an sh block or a label of the exact form.</summary>
    public static bool IsExact(string text, string file)
    {
        if (!ShellBlock().IsMatch(text) && !TaskLabel().IsMatch(text)) return false;
        var trial = new DiagnosticBag();
        var outline = OutlineReader.Read(text, new SpecificationReport(file, trial));
        if (outline is null)
        {
            // An outline that cannot be made, for an open fence or deep nesting, says nothing; the block itself has to.
            return ShellBlock().Count(text) * LeastShare >= Headings().Count(text);
        }

        var tasks = outline.Features.SelectMany(f => f.Tasks).ToList();
        var exact = tasks.Count(t => t.Commands.Count > 0 || t.Properties.Count > 0);
        return exact > 0 ? exact * LeastShare >= tasks.Count : tasks.Count <= 1 && ShellBlock().IsMatch(text);
    }

    [GeneratedRegex(@"^[ \t]*(?:`{3,}|~{3,})[ \t]*sh[ \t]*\r?$", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ShellBlock();

    [GeneratedRegex(@"^[ \t]*[*_]{0,3}(?:after|depends on|locks|uses|needs|produces|estimate|time-?\s?out|retries|priority)[*_]{0,3}:", RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex TaskLabel();

    [GeneratedRegex(@"^#{2,3} ", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Headings();
}
