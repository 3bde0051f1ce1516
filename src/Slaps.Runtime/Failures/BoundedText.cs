using System.Text;
using Slaps.Core.Failures;

namespace Slaps.Runtime.Failures;

/// <summary>Reads of a text of any length what playbooks look at: the beginning and the end, in memory that does not grow with it.</summary>
public static class BoundedText
{
    /// <summary>The text, shortened in the middle where it is long; bytes that are no UTF-8 are replaced.</summary>
    public static string Read(Stream stream)
    {
        var head = new byte[ErrorText.Head];
        var headLength = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (headLength < head.Length) return Encoding.UTF8.GetString(head, 0, headLength);

        // Two halves in turn: the one that is full stays until the other is.
        var (full, filling) = (new byte[ErrorText.Tail], new byte[ErrorText.Tail]);
        var (fullLength, length, dropped) = (0, 0, false);
        while (true)
        {
            length = stream.ReadAtLeast(filling, filling.Length, throwOnEndOfStream: false);
            if (length < filling.Length) break;
            dropped |= fullLength > 0;
            (full, filling, fullLength) = (filling, full, length);
        }

        var tail = new byte[fullLength + length];
        full.AsSpan(0, fullLength).CopyTo(tail);
        filling.AsSpan(0, length).CopyTo(tail.AsSpan(fullLength));
        var start = Math.Max(0, tail.Length - ErrorText.Tail);

        // Decoded as one where nothing lies between: a letter may stand across the seam.
        return !dropped && start == 0
            ? Encoding.UTF8.GetString([.. head, .. tail])
            : $"{Encoding.UTF8.GetString(head)}\n{Encoding.UTF8.GetString(tail, start, tail.Length - start)}";
    }
}
