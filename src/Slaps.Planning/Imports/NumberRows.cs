using System.Globalization;
using System.Text;

namespace Slaps.Planning.Imports;

/// <summary>A text whose lines are numbers, as benchmark sets of scheduling are written.</summary>
internal static class NumberRows
{
    /// <summary>A word of the text.</summary>
    /// <param name="Text">As it stands there.</param>
    /// <param name="Line">Its line, from 1.</param>
    /// <param name="Column">Its column, from 1.</param>
    public readonly record struct Word(string Text, int Line, int Column)
    {
        /// <summary>The word as a whole number; null when it is none.</summary>
        public long? Whole => long.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

        /// <summary>The word as a number; not a number (NaN) when it is none.</summary>
        public double Number => double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
    }

    /// <summary>The words of each line that has any; a line that begins with <paramref name="comment"/> counts as empty.</summary>
    public static IEnumerable<IReadOnlyList<Word>> Rows(ReadOnlyMemory<byte> utf8, char? comment = null)
    {
        var line = 0;
        foreach (var text in Lines(utf8))
        {
            line++;
            var row = Words(text, line);
            if (row.Count > 0 && (comment is null || row[0].Text[0] != comment)) yield return row;
        }
    }

    /// <summary>The lines of the text without their ends.</summary>
    public static IEnumerable<string> Lines(ReadOnlyMemory<byte> utf8)
    {
        var rest = utf8;
        while (rest.Length > 0)
        {
            var end = rest.Span.IndexOf((byte)'\n');
            yield return Encoding.UTF8.GetString((end < 0 ? rest : rest[..end]).Span).TrimEnd('\r');
            rest = end < 0 ? default : rest[(end + 1)..];
        }
    }

    /// <summary>The words of a line.</summary>
    public static List<Word> Words(string text, int line)
    {
        var words = new List<Word>();
        for (var at = 0; at < text.Length;)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            var start = at;
            while (at < text.Length && !char.IsWhiteSpace(text[at])) at++;
            words.Add(new Word(text[start..at], line, start + 1));
        }

        return words;
    }
}
