using System.Globalization;
using System.Text;

namespace Slaps.Cli.Output;

/// <summary>How a piece of a picture is coloured, where colours are wanted.</summary>
internal enum Tone
{
    /// <summary>As the terminal writes.</summary>
    Plain,

    /// <summary>Less than the rest.</summary>
    Faint,

    /// <summary>What goes well.</summary>
    Good,

    /// <summary>What waits or may go wrong.</summary>
    Doubtful,

    /// <summary>What went wrong.</summary>
    Bad,

    /// <summary>Headings and names.</summary>
    Strong,
}

/// <summary>One line of a picture: pieces with tones, measured in the columns that a terminal gives them.</summary>
internal sealed class PictureLine
{
    private readonly List<(string Text, Tone Tone)> _pieces = [];

    /// <summary>How many columns it takes.</summary>
    public int Width { get; private set; }

    /// <summary>The line without tones.</summary>
    public string Text => string.Concat(_pieces.Select(piece => piece.Text));

    /// <summary>Adds a text; what a terminal would obey in it is made harmless.</summary>
    public PictureLine Add(string text, Tone tone = Tone.Plain)
    {
        text = Say.OneLine(text);
        _pieces.Add((text, tone));
        Width += Columns.Of(text);
        return this;
    }

    /// <summary>Adds a text, cut or padded to exactly so many columns.</summary>
    public PictureLine Add(string text, int columns, Tone tone = Tone.Plain) => Add(Columns.Fit(Say.OneLine(text), columns), tone);

    /// <summary>Adds another line's pieces.</summary>
    public PictureLine Add(PictureLine other)
    {
        foreach (var (text, tone) in other._pieces) Add(text, tone);
        return this;
    }

    /// <summary>Adds blanks up to a column.</summary>
    public PictureLine PadTo(int column) => Width < column ? Add(new string(' ', column - Width)) : this;

    /// <summary>The same line, no wider than so many columns.</summary>
    public PictureLine Cut(int columns)
    {
        if (Width <= columns) return this;
        var cut = new PictureLine();
        foreach (var (text, tone) in _pieces)
        {
            // The last column is for the sign that something is missing.
            var room = columns - cut.Width;
            if (Columns.Of(text) < room)
            {
                cut.Add(text, tone);
                continue;
            }

            cut.Add(Columns.Cut(text + "…", room), tone);
            break;
        }

        return cut;
    }

    /// <summary>The line as a terminal takes it.</summary>
    /// <param name="hasColours">Without them it is <see cref="Text"/>.</param>
    public string Render(bool hasColours)
    {
        if (!hasColours) return Text;
        var text = new StringBuilder();
        foreach (var (piece, tone) in _pieces)
        {
            var code = tone switch { Tone.Faint => "2", Tone.Good => "32", Tone.Doubtful => "33", Tone.Bad => "31", Tone.Strong => "1", _ => null };
            if (code is null) text.Append(piece);
            else text.Append("\u001b[").Append(code).Append('m').Append(piece).Append("\u001b[0m");
        }

        return text.ToString();
    }
}

/// <summary>How many columns text takes on a terminal: none for marks that stand on others, two for most of East Asia and for emoji.</summary>
internal static class Columns
{
    // The blocks that are wide or full-width by Unicode's East Asian Width (UAX 11) and the emoji that terminals show in two columns.
    private static readonly (int First, int Last)[] Wide =
    [
        (0x1100, 0x115f), (0x231a, 0x231b), (0x2329, 0x232a), (0x23e9, 0x23ec), (0x23f0, 0x23f0), (0x23f3, 0x23f3), (0x25fd, 0x25fe), (0x2614, 0x2615),
        (0x2648, 0x2653), (0x267f, 0x267f), (0x2693, 0x2693), (0x26a1, 0x26a1), (0x26aa, 0x26ab), (0x26bd, 0x26be), (0x26c4, 0x26c5), (0x26ce, 0x26ce),
        (0x26d4, 0x26d4), (0x26ea, 0x26ea), (0x26f2, 0x26f3), (0x26f5, 0x26f5), (0x26fa, 0x26fa), (0x26fd, 0x26fd), (0x2705, 0x2705), (0x270a, 0x270b),
        (0x2728, 0x2728), (0x274c, 0x274c), (0x274e, 0x274e), (0x2753, 0x2755), (0x2757, 0x2757), (0x2795, 0x2797), (0x27b0, 0x27b0), (0x27bf, 0x27bf),
        (0x2b1b, 0x2b1c), (0x2b50, 0x2b50), (0x2b55, 0x2b55), (0x2e80, 0x303e), (0x3041, 0x33ff), (0x3400, 0x4dbf), (0x4e00, 0xa4cf), (0xa960, 0xa97f),
        (0xac00, 0xd7a3), (0xf900, 0xfaff), (0xfe10, 0xfe19), (0xfe30, 0xfe6f), (0xff00, 0xff60), (0xffe0, 0xffe6), (0x16fe0, 0x18d08), (0x1aff0, 0x1b2fb),
        (0x1f004, 0x1f004), (0x1f0cf, 0x1f0cf), (0x1f18e, 0x1f18e), (0x1f191, 0x1f19a), (0x1f200, 0x1f320), (0x1f32d, 0x1f335), (0x1f337, 0x1f37c),
        (0x1f37e, 0x1f393), (0x1f3a0, 0x1f3ca), (0x1f3cf, 0x1f3d3), (0x1f3e0, 0x1f3f0), (0x1f3f4, 0x1f3f4), (0x1f3f8, 0x1f43e), (0x1f440, 0x1f440),
        (0x1f442, 0x1f4fc), (0x1f4ff, 0x1f53d), (0x1f54b, 0x1f54e), (0x1f550, 0x1f567), (0x1f57a, 0x1f57a), (0x1f595, 0x1f596), (0x1f5a4, 0x1f5a4),
        (0x1f5fb, 0x1f64f), (0x1f680, 0x1f6c5), (0x1f6cc, 0x1f6cc), (0x1f6d0, 0x1f6d2), (0x1f6d5, 0x1f6d7), (0x1f6dc, 0x1f6df), (0x1f6eb, 0x1f6ec),
        (0x1f6f4, 0x1f6fc), (0x1f7e0, 0x1f7eb), (0x1f7f0, 0x1f7f0), (0x1f90c, 0x1f93a), (0x1f93c, 0x1f945), (0x1f947, 0x1f9ff), (0x1fa70, 0x1faff),
        (0x20000, 0x3fffd),
    ];

    /// <summary>The columns of a text.</summary>
    public static int Of(string text)
    {
        var columns = 0;
        foreach (var rune in text.EnumerateRunes()) columns += Of(rune);
        return columns;
    }

    /// <summary>The longest beginning that takes at most so many columns; one that is cut ends with '…' where there is room for it.</summary>
    public static string Cut(string text, int columns)
    {
        if (columns <= 0) return "";
        if (Of(text) <= columns) return text;
        var used = 0;
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (used + Of(rune) > columns - 1) break;
            used += Of(rune);
            length += rune.Utf16SequenceLength;
        }

        return text[..length] + "…";
    }

    /// <summary>The text in exactly so many columns.</summary>
    public static string Fit(string text, int columns)
    {
        var cut = Cut(text, columns);
        return cut + new string(' ', Math.Max(0, columns - Of(cut)));
    }

    /// <summary>The text in lines of at most so many columns, broken between words where that is possible.</summary>
    public static IEnumerable<string> Wrap(string text, int columns)
    {
        columns = Math.Max(1, columns);
        foreach (var paragraph in text.Split('\n'))
        {
            var line = new StringBuilder();
            var width = 0;
            foreach (var word in paragraph.Split(' '))
            {
                if (width > 0 && width + 1 + Of(word) > columns)
                {
                    yield return line.ToString();
                    line.Clear();
                    width = 0;
                }

                if (width > 0)
                {
                    line.Append(' ');
                    width++;
                }

                foreach (var rune in word.EnumerateRunes())
                {
                    if (width > 0 && width + Of(rune) > columns)
                    {
                        yield return line.ToString();
                        line.Clear();
                        width = 0;
                    }

                    line.Append(rune.ToString());
                    width += Of(rune);
                }
            }

            yield return line.ToString();
        }
    }

    private static int Of(Rune rune)
    {
        if (rune.Value < 0x300) return 1;
        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format) return 0;
        var (low, high) = (0, Wide.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (rune.Value < Wide[middle].First) high = middle - 1;
            else if (rune.Value > Wide[middle].Last) low = middle + 1;
            else return 2;
        }

        return 1;
    }
}
