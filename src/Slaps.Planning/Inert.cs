using System.Globalization;
using System.Text;

namespace Slaps.Planning;

/// <summary>Takes the power out of foreign text: it shows what it is, and does nothing, in Markdown, in tables and in Mermaid.</summary>
internal static class Inert
{
    private const string Harmless = " .,;/()'?%";

    /// <summary>
    /// One line of Markdown that shows the text. Punctuation that could mean something becomes a character reference, which
    /// opens no tag, code span, emphasis, list or table cell in any dialect.
    /// </summary>
    public static string Text(string text)
    {
        var shown = new StringBuilder(text.Length + 16);
        var onlyDigits = true;
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            at += rune.Utf16SequenceLength;
            var next = at < text.Length ? text[at] : ' ';
            if (IsInvisible(rune)) shown.Append(CultureInfo.InvariantCulture, $"⟨U+{rune.Value:X4}⟩");
            else if (rune.Value is '\n' or '\t') shown.Append(' ');
            else if (onlyDigits ? Rune.IsLetterOrDigit(rune) || rune.Value is ' ' or '/' or '(' : IsPlain(rune) || IsPlainHyphen(rune, shown) || IsPlainBetween(rune, shown, next)) shown.Append(rune);
            else shown.Append(CultureInfo.InvariantCulture, $"&#{rune.Value};");

            // "1." and "1)" at the start of a line would begin a list.
            onlyDigits &= Rune.IsDigit(rune) || rune.Value is ' ' or '\t' or '\n';
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

    private static bool IsPlain(Rune rune) => Rune.IsLetterOrDigit(rune) || rune.Value > 0x7f || Harmless.Contains((char)rune.Value);

    // A hyphen may not follow another one: that could be a rule, or the end of a comment.
    private static bool IsPlainHyphen(Rune rune, StringBuilder shown) => rune.Value == '-' && shown.Length > 0 && shown[^1] != '-';

    // "Phase 0: Spike" is no address and no :smile:, and the line in snake_case no emphasis, in the dialects of today.
    private static bool IsPlainBetween(Rune rune, StringBuilder shown, char next) => shown.Length > 0 && char.IsLetterOrDigit(shown[^1]) && (rune.Value switch
    {
        ':' => next == ' ',
        '_' => char.IsLetterOrDigit(next),
        '+' or '=' => true,
        _ => false,
    });

    // Control characters, and those that reorder or hide the text around them.
    private static bool IsInvisible(Rune rune) => rune.Value is not ('\n' or '\t') &&
        (Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse);
}
