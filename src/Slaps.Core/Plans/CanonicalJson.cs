using System.Buffers;
using System.Runtime.InteropServices;
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

    internal static readonly JsonWriterOptions Options = new()
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
        var buffer = new ArrayBufferWriter<byte>(JsonMarshal.GetRawUtf8Value(element).Length + 256);
        using (var writer = new Utf8JsonWriter(buffer, Options)) new Writing(writer, hash, new()).Write(element, Place.Document);
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    internal enum Place
    {
        Document,
        Meta,
        Elsewhere,
    }

    /// <summary>Writes one value after the other with one writer.</summary>
    internal sealed class Writing(Utf8JsonWriter writer, string? hash, JsonNames names)
    {
        // The fields of the objects that are open, the innermost last: one list for all of them.
        private readonly List<(JsonNames.Name Name, JsonElement Value)> _open = [];

        public void Write(JsonElement element, Place place)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Object:
                    writer.WriteStartObject();
                    Fields(element, place);
                    writer.WriteEndObject();
                    break;
                case JsonValueKind.Array:
                    writer.WriteStartArray();
                    foreach (var item in element.EnumerateArray()) Write(item, Place.Elsewhere);
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

        private void Fields(JsonElement element, Place place)
        {
            var start = _open.Count;
            foreach (var property in element.EnumerateObject()) _open.Add((names.Of(property), property.Value));
            var end = _open.Count;
            CollectionsMarshal.AsSpan(_open)[start..end].Sort(static (left, right) => string.CompareOrdinal(left.Name.Text, right.Name.Text));
            for (var i = start; i < end; i++)
            {
                var (name, value) = _open[i];
                writer.WritePropertyName(name.Encoded);
                if (hash is not null && place == Place.Meta && name.Text == "artifact_hash") writer.WriteStringValue(hash);
                else Write(value, place == Place.Document && name.Text == "meta" ? Place.Meta : Place.Elsewhere);
            }

            _open.RemoveRange(start, end - start);
        }
    }

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
