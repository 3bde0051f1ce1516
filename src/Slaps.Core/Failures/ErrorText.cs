using System.Text;

namespace Slaps.Core.Failures;

/// <summary>An error's text as playbooks look at it.</summary>
public static class ErrorText
{
    /// <summary>How many characters of the beginning are looked at.</summary>
    public const int Head = 16 << 10;

    /// <summary>How many characters of the end are looked at: what matters stands there, as a rule.</summary>
    public const int Tail = 48 << 10;

    /// <summary>The beginning and the end of a text, as lines without colours and control characters.</summary>
    public static string Clean(string text)
    {
        if (text.Length > Head + Tail) text = string.Concat(text.AsSpan(0, Head), "\n", text.AsSpan(text.Length - Tail));
        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\e' && i + 1 < text.Length && text[i + 1] == '[')
            {
                // An ANSI control sequence: parameters, then one letter.
                for (i += 2; i < text.Length && text[i] is < '@' or > '~' && text[i] != '\n'; i++)
                {
                }

                continue;
            }

            if (text[i] == '\r') clean.Append(i + 1 < text.Length && text[i + 1] == '\n' ? "" : "\n");
            else clean.Append(char.IsControl(text[i]) && text[i] is not ('\n' or '\t') ? ' ' : text[i]);
        }

        return clean.ToString();
    }

    /// <summary>The line that says most: the last one that speaks of an error, else the last one at all; empty when there is none.</summary>
    public static string TellingLine(string clean)
    {
        var (last, telling) = ("", "");
        foreach (var range in clean.AsSpan().Split('\n'))
        {
            var line = clean.AsSpan(range).Trim();
            if (line.IsEmpty) continue;
            last = line.ToString();
            if (Telling.IsMatch(line)) telling = last;
        }

        return telling.Length > 0 ? telling : last;
    }

    private static readonly System.Text.RegularExpressions.Regex Telling = Playbook.Pattern(@"\b(error|fatal|failed|failure|panic|exception|cannot|denied|refused|not found|unable)\b|error:");
}
