using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Slaps.Core.Plans;

/// <summary>One JSON text for one content: UTF-8, keys sorted by ordinal, two-space indent, LF, final newline.</summary>
public static class CanonicalJson
{
    /// <summary>How deep a document may be nested; deeper ones are refused by the reader before they get here.</summary>
    public const int MaxDepth = 64;

    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        IndentSize = 2,
        NewLine = "\n",
        MaxDepth = MaxDepth + 8,

        // The bytes are a file's or the journal's, never a page's: readable text over escapes.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The canonical bytes of a document.</summary>
    public static byte[] Bytes(JsonElement element) => Write(element, hash: null);

    /// <summary>The canonical text of one value without the final newline: equal values give equal texts.</summary>
    public static string Text(JsonElement element) => Encoding.UTF8.GetString(Bytes(element).AsSpan()[..^1]);

    /// <summary>
    /// SHA-256, in lower-case hexadecimal, of the canonical bytes in which <c>meta.artifact_hash</c> is empty:
    /// a document can hold its own hash, and white space or the order of keys do not change it.
    /// </summary>
    public static string Hash(JsonElement element) => Convert.ToHexStringLower(SHA256.HashData(Write(element, hash: "")));

    /// <summary>The canonical bytes with the document's own <see cref="Hash"/> in <c>meta.artifact_hash</c>, which it must have.</summary>
    public static byte[] Stamped(JsonElement element) => Write(element, Hash(element));

    /// <summary>The same as <see cref="Hash"/> for who has the canonical bytes already: a document without the field is not written again.</summary>
    internal static string HashOf(JsonElement element, byte[] canonical) =>
        HoldsHash(element) ? Hash(element) : Convert.ToHexStringLower(SHA256.HashData(canonical));

    private static bool HoldsHash(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty("meta", out var meta)
        && meta.ValueKind == JsonValueKind.Object
        && meta.TryGetProperty("artifact_hash", out _);

    private static byte[] Write(JsonElement element, string? hash)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options)) Write(writer, element, hash, Place.Document);
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private enum Place
    {
        Document,
        Meta,
        Elsewhere,
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element, string? hash, Place place)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in Sorted(element))
                {
                    writer.WritePropertyName(property.Name);
                    if (hash is not null && place == Place.Meta && property.Name == "artifact_hash") writer.WriteStringValue(hash);
                    else Write(writer, property.Value, hash, place == Place.Document && property.Name == "meta" ? Place.Meta : Place.Elsewhere);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray()) Write(writer, item, hash, Place.Elsewhere);
                writer.WriteEndArray();
                break;
            case JsonValueKind.Number:
                WriteNumber(writer, element);
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    private static (string Name, JsonElement Value)[] Sorted(JsonElement element)
    {
        var properties = new (string Name, JsonElement Value)[element.GetPropertyCount()];
        var count = 0;
        foreach (var property in element.EnumerateObject()) properties[count++] = (property.Name, property.Value);
        Array.Sort(properties, static (left, right) => string.CompareOrdinal(left.Name, right.Name));
        return properties;
    }

    // 1, 1.0 and 1e0 are one number: integers lose their fraction, others take the shortest text that reads back the same.
    private static void WriteNumber(Utf8JsonWriter writer, JsonElement element)
    {
        if (element.TryGetInt64(out var whole))
        {
            writer.WriteNumberValue(whole);
            return;
        }

        var number = element.GetDouble();
        if (Math.Abs(number) < MaxWhole && number == Math.Truncate(number)) writer.WriteNumberValue((long)number);
        else writer.WriteNumberValue(number);
    }

    // Below this a whole double is also an Int64: 1e18 is written like 1000000000000000000.
    private const double MaxWhole = 9_223_372_036_854_775_808d;
}
