using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports.Trackers;

/// <summary>A file of a source as text in UTF-8, with its lines.</summary>
internal sealed class TrackerFile
{
    /// <summary>The most bytes that are read of one file.</summary>
    public const int MaxBytes = 256 << 20;

    private const int LongestExcerpt = 200;

    private readonly List<int> _starts = [0];

    private TrackerFile(string displayPath, ReadOnlyMemory<byte> utf8)
    {
        DisplayPath = displayPath;
        Utf8Text = utf8;
        var bytes = utf8.Span;
        for (var at = 0; bytes[at..].IndexOf((byte)'\n') is >= 0 and var length;) _starts.Add(at += length + 1);
    }

    /// <summary>As the user names it.</summary>
    public string DisplayPath { get; }

    /// <summary>The text without a byte order mark; valid UTF-8.</summary>
    public ReadOnlyMemory<byte> Utf8Text { get; }

    /// <summary>How many lines there are; what follows the last line feed is one, even when it is empty.</summary>
    public int Lines => _starts.Count;

    /// <summary>The whole file as a place.</summary>
    public DiagnosticPlace Place => new(DisplayPath, null);

    /// <summary>The file as text; null, with the reason, when it cannot be read.</summary>
    public static TrackerFile? Open(ImportFile file, DiagnosticBag diagnostics)
    {
        var whole = new DiagnosticPlace(file.DisplayPath, null);
        ReadOnlyMemory<byte> bytes;
        try
        {
            bytes = file.Read();
        }
        catch (IOException e)
        {
            // The contract of ImportFile: the message is a sentence for the user.
            diagnostics.Add(TrackerDiagnostics.Unreadable(whole, e.Message));
            return null;
        }

        if (bytes.Length > MaxBytes)
        {
            diagnostics.Add(TrackerDiagnostics.TooLarge(whole, bytes.Length, MaxBytes));
            return null;
        }

        var text = FromUtf16(bytes) ?? (bytes.Span.StartsWith("\ufeff"u8) ? bytes[3..] : bytes);
        if (text.Span.IndexOf((byte)0) is >= 0 and var nul)
        {
            diagnostics.Add(TrackerDiagnostics.Binary(whole, nul));
            return null;
        }

        if (!Utf8.IsValid(text.Span))
        {
            diagnostics.Add(TrackerDiagnostics.NotUtf8(whole, ValidBytes(text.Span)));
            text = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text.Span));
        }

        return new(file.DisplayPath, text);
    }

    /// <summary>A line's bytes, from 1, without its end.</summary>
    public ReadOnlyMemory<byte> LineBytes(int line)
    {
        var end = line < _starts.Count ? _starts[line] - 1 : Utf8Text.Length;
        var bytes = Utf8Text[_starts[line - 1]..end];
        return bytes.Span.EndsWith("\r"u8) ? bytes[..^1] : bytes;
    }

    /// <summary>A line, from 1, without its end.</summary>
    public string Line(int line) => Encoding.UTF8.GetString(LineBytes(line).Span);

    /// <summary>Enough of a line for an excerpt: a document on one line would otherwise be read whole for each piece of evidence.</summary>
    public string Beginning(int line)
    {
        const int Bytes = 4 * LongestExcerpt;
        var bytes = LineBytes(line).Span.TrimStart(" \t"u8);
        return Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, Bytes)]);
    }

    /// <summary>The line, from 1, of a byte.</summary>
    public int LineOf(int offset)
    {
        var found = _starts.BinarySearch(offset);
        return found >= 0 ? found + 1 : ~found;
    }

    /// <summary>A line as a place.</summary>
    public DiagnosticPlace At(int line, string? jsonPath = null) => new(DisplayPath, jsonPath, line, 1);

    /// <summary>Evidence that stands in these lines; a long excerpt is cut, so that it still stands there word for word.</summary>
    public Evidence Evidence(int first, int last, string excerpt, string rationale, double confidence = 1)
    {
        var lines = first == last ? $"L{first}" : $"L{first}-L{last}";
        return new(EvidenceType.Plan, $"{DisplayPath}#{lines}", Cut(excerpt.Trim()), confidence, rationale);
    }

    /// <summary>Evidence that is one line.</summary>
    public Evidence Evidence(int line, string rationale, double confidence = 1) => Evidence(line, line, Beginning(line), rationale, confidence);

    private static string Cut(string text)
    {
        if (text.Length <= LongestExcerpt) return text;
        var end = char.IsHighSurrogate(text[LongestExcerpt - 1]) ? LongestExcerpt - 1 : LongestExcerpt;
        return text[..end].TrimEnd();
    }

    // Notepad calls it "Unicode", and it says what it is by its first two bytes.
    private static byte[]? FromUtf16(ReadOnlyMemory<byte> bytes) => bytes.Span switch
    {
        [0xff, 0xfe, ..] => Encoding.UTF8.GetBytes(Encoding.Unicode.GetString(bytes.Span[2..])),
        [0xfe, 0xff, ..] => Encoding.UTF8.GetBytes(Encoding.BigEndianUnicode.GetString(bytes.Span[2..])),
        _ => null,
    };

    private static int ValidBytes(ReadOnlySpan<byte> utf8)
    {
        var valid = 0;
        while (Rune.DecodeFromUtf8(utf8[valid..], out _, out var length) == OperationStatus.Done) valid += length;
        return valid;
    }
}
