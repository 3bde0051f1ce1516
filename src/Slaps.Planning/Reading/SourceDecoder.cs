using System.Text;
using System.Text.Unicode;

namespace Slaps.Planning.Reading;

/// <summary>Turns the bytes of a specification into text: UTF-8, or UTF-16 with its byte order mark.</summary>
internal static class SourceDecoder
{
    private static readonly UnicodeEncoding LittleEndian = new(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding BigEndian = new(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true);

    /// <summary>The text without its byte order mark; null when the bytes are no text.</summary>
    public static string? Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes is [0xFF, 0xFE, ..]) return Utf16(bytes[2..], LittleEndian);
        if (bytes is [0xFE, 0xFF, ..]) return Utf16(bytes[2..], BigEndian);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes).TrimStart('\ufeff') : null;
    }

    private static string? Utf16(ReadOnlySpan<byte> bytes, UnicodeEncoding encoding)
    {
        try
        {
            return encoding.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            // Half a surrogate pair or an odd number of bytes: the decoder has no other way to say that this is no text.
            return null;
        }
    }
}
