using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Slaps.Runtime.Verification;

/// <summary>A path into a JSON document: the names and indexes of RFC 9535, like <c>$.a.b[0]['c d']</c>. Wildcards, slices and filters are not in it.</summary>
public sealed class JsonQuery
{
    private readonly List<(string? Name, int Index)> _steps = [];

    private JsonQuery()
    {
    }

    /// <summary>The query, or null with the reason as the end of a sentence ("because it …").</summary>
    public static JsonQuery? Parse(string text, out string reason)
    {
        reason = "it must begin with $";
        if (text is not ['$', ..]) return null;
        var query = new JsonQuery();
        var at = 1;
        while (at < text.Length)
        {
            var opener = text[at++];
            if (opener == '.' && at < text.Length && IsNameStart(text[at]))
            {
                var start = at;
                while (at < text.Length && (IsNameStart(text[at]) || char.IsAsciiDigit(text[at]) || text[at] == '-')) at++;
                query._steps.Add((text[start..at], 0));
                continue;
            }

            if (opener == '[' && at < text.Length && text[at] is '\'' or '"')
            {
                var name = Quoted(text, ref at);
                if (name is not null && at < text.Length && text[at++] == ']')
                {
                    query._steps.Add((name, 0));
                    continue;
                }
            }
            else if (opener == '[' && text.IndexOf(']', at) is > 0 and var end
                && int.TryParse(text.AsSpan(at, end - at), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index))
            {
                query._steps.Add((null, index));
                at = end + 1;
                continue;
            }

            reason = $"it cannot be read from character {at} on; only names (.name, ['name']) and indexes ([0], [-1] for the last) are understood";
            return null;
        }

        reason = "";
        return query;
    }

    /// <summary>The element that the path leads to; null when there is none.</summary>
    public JsonElement? Find(JsonElement root)
    {
        var current = root;
        foreach (var (name, index) in _steps)
        {
            if (name is not null)
            {
                if (current.ValueKind != JsonValueKind.Object || !current.TryGetProperty(name, out current)) return null;
            }
            else
            {
                if (current.ValueKind != JsonValueKind.Array) return null;
                var place = index < 0 ? current.GetArrayLength() + index : index;
                if (place < 0 || place >= current.GetArrayLength()) return null;
                current = current[place];
            }
        }

        return current;
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_' || c >= 0x80;

    // Null: not closed, or an escape that is none. Leaves the position behind the closing quote.
    private static string? Quoted(string text, ref int at)
    {
        var quote = text[at++];
        var name = new StringBuilder();
        while (at < text.Length)
        {
            var c = text[at++];
            if (c == quote) return name.ToString();
            if (c != '\\')
            {
                name.Append(c);
                continue;
            }

            if (at >= text.Length) return null;
            switch (text[at++])
            {
                case '\'': name.Append('\''); break;
                case '"': name.Append('"'); break;
                case '\\': name.Append('\\'); break;
                case '/': name.Append('/'); break;
                case 'b': name.Append('\b'); break;
                case 'f': name.Append('\f'); break;
                case 'n': name.Append('\n'); break;
                case 'r': name.Append('\r'); break;
                case 't': name.Append('\t'); break;
                case 'u' when at + 4 <= text.Length && ushort.TryParse(text.AsSpan(at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code):
                    name.Append((char)code);
                    at += 4;
                    break;
                default: return null;
            }
        }

        return null;
    }
}
