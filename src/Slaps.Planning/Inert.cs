using System.Globalization;
using System.Text;

namespace Slaps.Planning;

/// <summary>Takes the power out of foreign text: it shows what it is, and does nothing, in Markdown, in tables and in Mermaid.</summary>
internal static class Inert
{
    private const string Harmless = " ,;/()'?%!]->";

    // What Markdown has always let a backslash quote, and no other dialect gives a meaning to behind one.
    private const string Quotable = "*_`#+-";

    private const string Alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    // So far is looked ahead and back, in characters: no run of marks makes long work.
    private const int Sight = 32;

    /// <summary>
    /// One line of Markdown that shows the text. A mark that would mean something where it stands is quoted by a backslash or becomes a
    /// character reference, so that the text opens no tag, code span, emphasis, list or table cell in any dialect; every other stays as it is.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="isInside">Whether words stand before it on its line, so that it begins no heading, list or other block.</param>
    public static string Text(string text, bool isInside = false)
    {
        var shown = new StringBuilder(text.Length + 16);
        var mayBegin = !isInside;
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var isPlain = rune.Value > 0x7f || Rune.IsLetterOrDigit(rune) || ((!mayBegin || rune.Value is ' ' or '/' or '(' or '"' or '\'') && MeansItself(text, at, shown));
            at += rune.Utf16SequenceLength;
            if (IsInvisible(rune)) shown.Append(CultureInfo.InvariantCulture, $"⟨U+{rune.Value:X4}⟩");
            else if (rune.Value is '\n' or '\t') shown.Append(' ');
            else if (isPlain) shown.Append(rune);
            else shown.Append(Quoted(rune));

            // "1." and "1)" at the start of a line would begin a list.
            mayBegin &= Rune.IsDigit(rune) || rune.Value is ' ' or '\t' or '\n';
        }

        return shown.ToString().Trim();
    }

    /// <summary>The inside of a quoted Mermaid label, where <c>#…;</c> is Mermaid's character reference.</summary>
    public static string MermaidLabel(string text)
    {
        const int longest = 60;
        var shown = new StringBuilder(text.Length + 16);
        var count = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (count++ == longest) return shown.Append('…').ToString();
            if (IsInvisible(rune) || rune.Value is '\n' or '\t') shown.Append(' ');
            else if (Rune.IsLetterOrDigit(rune) || rune.Value is ' ' or '.' or ',' or '-') shown.Append(rune);
            else shown.Append(CultureInfo.InvariantCulture, $"#{rune.Value};");
        }

        return shown.ToString();
    }

    /// <summary>A code span on one line, which the code cannot close from inside. Not for tables: a bar would end the cell.</summary>
    public static string Code(string code)
    {
        var shown = Visible(code.Replace('\n', ' '), out var longestTicks).Trim();
        if (shown.Length == 0) return "(blank)";
        var fence = new string('`', longestTicks + 1);
        var space = shown[0] == '`' || shown[^1] == '`' ? " " : "";
        return $"{fence}{space}{shown}{space}{fence}";
    }

    /// <summary>A fenced block that the code cannot close from inside.</summary>
    public static string CodeBlock(string code)
    {
        var shown = Visible(code, out var longestTicks);
        var fence = new string('`', Math.Max(3, longestTicks + 1));
        return $"{fence}sh\n{shown}\n{fence}\n";
    }

    private static string Visible(string code, out int longestTicks)
    {
        var shown = new StringBuilder(code.Length + 16);
        var ticks = 0;
        longestTicks = 0;
        foreach (var rune in code.EnumerateRunes())
        {
            ticks = rune.Value == '`' ? ticks + 1 : 0;
            longestTicks = Math.Max(longestTicks, ticks);
            if (IsInvisible(rune)) shown.Append(CultureInfo.InvariantCulture, $"⟨U+{rune.Value:X4}⟩");
            else shown.Append(rune);
        }

        return shown.ToString();
    }

    private static string Quoted(Rune rune) => rune.Value switch
    {
        '<' => "&lt;",
        '>' => "&gt;",
        '&' => "&amp;",
        < 0x7f when Quotable.Contains((char)rune.Value) => $"\\{rune}",
        _ => string.Create(CultureInfo.InvariantCulture, $"&#{rune.Value};"),
    };

    // Whether a mark amid a line is only a mark, in the dialects of today: what stands on both sides of it decides.
    private static bool MeansItself(string text, int at, StringBuilder shown)
    {
        var mark = text[at];
        var before = text.AsSpan(Math.Max(0, at - Sight)..at);
        var behind = text.AsSpan((at + 1)..Math.Min(text.Length, at + 1 + Sight));
        var previous = before.IsEmpty ? ' ' : before[^1];
        var next = behind.IsEmpty ? '\0' : behind[0];
        return mark switch
        {
            // www.example.com is a link in some.
            '.' => shown.Length < 3 || !shown.ToString(shown.Length - 3, 3).Equals("www", StringComparison.OrdinalIgnoreCase),

            // "SPEC.md#L7" and "### Parser" amid a line, and no "#12"; at the end of a heading it would be lost.
            '#' => (char.IsLetterOrDigit(previous) && char.IsLetter(next)) || (behind.TrimStart('#') is [' ', ..] && behind.ContainsAnyExcept("# ")),

            // snake_case and kept__apart are no emphasis.
            '_' => before.TrimEnd('_') is [.., var first] && char.IsLetterOrDigit(first) && behind.TrimStart('_') is [var last, ..] && char.IsLetterOrDigit(last),
            '*' => char.IsWhiteSpace(previous) && next == ' ',

            // "Phase 0: Spike" and "10:30" are no address and no :smile:.
            ':' => next is ' ' or '\0' or '"' or '*' || (char.IsDigit(previous) && char.IsDigit(next) && behind.TrimStart("0123456789") is not [':', ..]),

            // The mark of what was cut, as long as it is no link.
            '[' => behind is ['…', ']'] or ['…', ']', ' ', ..],
            '<' => next is ' ' or '=' || char.IsAsciiDigit(next),
            '&' => next != '#' && behind.TrimStart(Alphanumeric) is var after && after is not [';', ..] && (behind.Length < Sight || !after.IsEmpty),
            '+' or '=' or '"' => previous != mark && next != mark,
            '\\' => char.IsLetterOrDigit(next),
            _ => Harmless.Contains(mark),
        };
    }

    // Control characters, and those that reorder or hide the text around them.
    private static bool IsInvisible(Rune rune) => rune.Value is not ('\n' or '\t') &&
        (Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse);
}
