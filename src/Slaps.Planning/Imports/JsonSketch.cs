using System.Text.Json;

namespace Slaps.Planning.Imports;

/// <summary>
/// Which fields a JSON text has, as far as its beginning shows: enough to tell formats apart, also when the text is cut off or broken later.
/// </summary>
internal static class JsonSketch
{
    private const int MaxBytes = 1 << 20;
    private const int MaxDepth = 5;
    private const int MaxFields = 2_000;

    /// <summary>Paths like <c>workflow.specification.tasks[].id</c>; the items of a list count as one.</summary>
    public static HashSet<string> Of(ReadOnlyMemory<byte> utf8)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        var head = utf8.Span[..Math.Min(utf8.Length, MaxBytes)];
        if (head.TrimStart(" \t\r\n"u8) is not [(byte)'{' or (byte)'[', ..]) return paths;

        var reader = new Utf8JsonReader(head, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = 64 }));
        var prefixes = new Stack<string>();
        var name = "";
        try
        {
            while (paths.Count < MaxFields && reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        name = Field(prefixes, reader);
                        if (!name.StartsWith(Deep, StringComparison.Ordinal)) paths.Add(name);
                        break;
                    case JsonTokenType.StartObject:
                        prefixes.Push(name);
                        break;
                    case JsonTokenType.StartArray:
                        name += "[]";
                        prefixes.Push(name);
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        prefixes.Pop();
                        name = prefixes.TryPeek(out var outer) ? outer : "";
                        break;
                }
            }
        }
        catch (JsonException)
        {
            // What was read until here shows the format; what is wrong is said when the file is read in earnest.
        }

        return paths;
    }

    private const string Deep = "…";

    // Deeper fields tell no formats apart, and their paths would only be long.
    private static string Field(Stack<string> prefixes, Utf8JsonReader reader)
    {
        var prefix = prefixes.Peek();
        if (prefixes.Count > MaxDepth || reader.ValueSpan.Length > 100) return Deep;
        return prefix.Length == 0 ? reader.GetString()! : $"{prefix}.{reader.GetString()}";
    }
}
