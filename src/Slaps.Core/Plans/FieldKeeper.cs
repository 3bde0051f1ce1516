using System.Buffers;
using System.Text;
using System.Text.Json;
using Slaps.Core.Diagnostics;

namespace Slaps.Core.Plans;

/// <summary>
/// Tells the known fields of one document's objects from the unknown ones: a near miss of a known name gets a warning, and whatever the
/// model has no place for is kept. An object that has nothing else costs one look at each of its names.
/// </summary>
internal sealed class FieldKeeper
{
    private readonly Dictionary<(KnownFields Known, string Name), string?> _guesses = [];
    private readonly List<(string Place, string Name, JsonElement Value)> _kept = [];
    private readonly CanonicalWriter _canonical = new();
    private byte[] _lastBytes = [];
    private string _lastText = "";

    /// <summary>How many fields are kept; <see cref="Take"/> takes those after the mark.</summary>
    public int Mark => _kept.Count;

    /// <summary>Warns of an object's fields and keeps the unknown ones.</summary>
    /// <param name="fields">The object.</param>
    /// <param name="known">What it may hold.</param>
    /// <param name="place">Where it stands in the object that they are kept with, e.g. <c>resource_requirements.peak</c>; "" for that one itself.</param>
    public void Judge(JsonFields fields, KnownFields known, string place = "")
    {
        Warn(fields, known);
        Keep(fields, known, place);
    }

    /// <summary>Keeps the fields that the model has no place for.</summary>
    public void Keep(JsonFields fields, KnownFields known, string place = "")
    {
        foreach (var field in fields.All)
        {
            if (!known.IsRead(field.Name)) _kept.Add((place, field.Name, field.Value));
        }
    }

    /// <summary>Keeps one field whose value the model has no place for.</summary>
    public void Keep(string name, JsonElement value) => _kept.Add(("", name, value));

    /// <summary>The fields kept since the mark; they are the caller's from now on.</summary>
    public UnknownFields Take(int mark)
    {
        if (_kept.Count == mark) return UnknownFields.None;

        var root = new SortedDictionary<string, object>(StringComparer.Ordinal);
        for (var i = mark; i < _kept.Count; i++)
        {
            var (place, name, value) = _kept[i];
            var at = root;
            foreach (var step in place.Length == 0 ? [] : place.Split('.'))
            {
                if (!at.TryGetValue(step, out var inner)) at[step] = inner = new SortedDictionary<string, object>(StringComparer.Ordinal);
                at = (SortedDictionary<string, object>)inner;
            }

            // In the plans of 2025 a task stands twice, outside and inside: what is inside came last and counts.
            at[name] = value;
        }

        _kept.RemoveRange(mark, _kept.Count - mark);
        return new(Text(root));
    }

    /// <summary>Warns of an object's fields. Unknown ones mean nothing, except where one looks like a known one: a time limit that is misspelt is no time limit.</summary>
    public void Warn(JsonFields fields, KnownFields known)
    {
        foreach (var field in fields.All)
        {
            var name = field.Name;
            if (known.IsKnown(name)) continue;
            if (known == PlanNames.Task && PlanNames.Elsewhere(name) is { } place)
            {
                fields.Add(PlanDiagnostics.MisplacedField(fields.PlaceOf(name), name, place));
                continue;
            }

            if (!_guesses.TryGetValue((known, name), out var guess)) _guesses[(known, name)] = guess = PlanNames.Guess(name, known.All);
            if (guess is not null) fields.Add(PlanDiagnostics.MisspeltField(fields.PlaceOf(name), name, guess));

            // Here everything that has an effect is known: what is not would be a lock that nobody takes, or a limit that nobody keeps.
            else if (known == PlanNames.TaskResources || known == PlanNames.Run || known == PlanNames.Retry)
                fields.Add(PlanDiagnostics.UnknownField(fields.PlaceOf(name), name, known.All));
        }
    }

    private string Text(SortedDictionary<string, object> root)
    {
        var bytes = _canonical.Write(root);

        // Half a million edges with the same weight keep one text of it.
        if (bytes.SequenceEqual(_lastBytes)) return _lastText;
        _lastBytes = bytes.ToArray();
        return _lastText = Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Writes canonical text again and again into the same memory.</summary>
    private sealed class CanonicalWriter
    {
        private readonly ArrayBufferWriter<byte> _buffer = new();
        private readonly JsonNames _names = new();

        public ReadOnlySpan<byte> Write(SortedDictionary<string, object> root)
        {
            _buffer.ResetWrittenCount();
            using (var json = new Utf8JsonWriter(_buffer, CanonicalJson.Options)) Fields(json, new(json, hash: null, _names), root);
            return _buffer.WrittenSpan;
        }

        private static void Fields(Utf8JsonWriter json, CanonicalJson.Writing values, SortedDictionary<string, object> fields)
        {
            json.WriteStartObject();
            foreach (var (name, value) in fields)
            {
                json.WritePropertyName(name);
                if (value is JsonElement element) values.Write(element, CanonicalJson.Place.Elsewhere);
                else Fields(json, values, (SortedDictionary<string, object>)value);
            }

            json.WriteEndObject();
        }
    }
}
