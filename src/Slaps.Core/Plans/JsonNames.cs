using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Slaps.Core.Plans;

/// <summary>
/// The names of the fields of one document, each made once: half a million edges say "from" half a million times.
/// It remembers so many names and no more, and looks in so few places that no choice of names makes it slow.
/// </summary>
internal sealed class JsonNames
{
    private const int Slots = 4_096;
    private const int Tries = 8;

    private readonly Name?[] _names = new Name?[Slots];

    /// <summary>A name as text, as UTF-8, and as canonical JSON writes it.</summary>
    public sealed class Name(string text, byte[] utf8)
    {
        private JsonEncodedText? _encoded;

        public string Text { get; } = text;

        public byte[] Utf8 { get; } = utf8;

        public JsonEncodedText Encoded => _encoded ??= JsonEncodedText.Encode(Text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
    }

    /// <summary>The name of a property.</summary>
    public Name Of(JsonProperty property)
    {
        var raw = JsonMarshal.GetRawUtf8PropertyName(property);
        return raw.Contains((byte)'\\') ? new Name(property.Name, []) : Of(raw);
    }

    /// <summary>The name with these bytes, which hold no escape.</summary>
    public Name Of(ReadOnlySpan<byte> utf8)
    {
        var hash = 2_166_136_261u;
        foreach (var b in utf8) hash = (hash ^ b) * 16_777_619u;
        for (var i = 0u; i < Tries; i++)
        {
            ref var slot = ref _names[(hash + i) % Slots];
            if (slot is null) return slot = new Name(Encoding.UTF8.GetString(utf8), utf8.ToArray());
            if (utf8.SequenceEqual(slot.Utf8)) return slot;
        }

        return new Name(Encoding.UTF8.GetString(utf8), []);
    }
}
