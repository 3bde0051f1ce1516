using System.Runtime.InteropServices;
using System.Text.Json;
using Slaps.Core.Diagnostics;

namespace Slaps.Core.Plans;

/// <summary>One object of a document and what may be wrong with its fields. A field that is null counts as left out.</summary>
internal readonly struct JsonFields
{
    private readonly JsonReading _reading;
    private readonly int _start;
    private readonly int _end;

    public JsonFields(JsonElement element, JsonWhere where, JsonReading reading)
    {
        Where = where;
        _reading = reading;
        (_start, _end) = reading.Open(element);
    }

    /// <summary>The document's own object; null, with a finding, when it is something else.</summary>
    public static JsonFields? Document(JsonElement root, JsonReading reading)
    {
        if (root.ValueKind == JsonValueKind.Object) return new JsonFields(root, JsonWhere.Root, reading);
        reading.Diagnostics.Add(PlanDiagnostics.WrongType(new(reading.File, "$"), "an object", Describe(root), optional: false));
        return null;
    }

    /// <summary>Where the object stands.</summary>
    public JsonWhere Where { get; }

    /// <summary>The file and the object's path.</summary>
    public DiagnosticPlace Place => new(_reading.File, Where.ToString());

    /// <summary>The file and the field's path.</summary>
    public DiagnosticPlace PlaceOf(string name) => new(_reading.File, Where.Field(name).ToString());

    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string name) => Any(name) is not null;

    /// <summary>The field as it is.</summary>
    public JsonElement? Any(string name) => AnyOrNull(name) is { ValueKind: not JsonValueKind.Null } value ? value : null;

    /// <summary>The field as it is, null included.</summary>
    public JsonElement? AnyOrNull(string name)
    {
        foreach (var field in All)
        {
            if (field.Name == name) return field.Value;
        }

        return null;
    }

    /// <summary>The object's fields.</summary>
    public ReadOnlySpan<JsonField> All => _reading.Fields(_start, _end);

    public string? Text(string name) => Any(name) is { } value ? Text(value, Where, name) : null;

    public bool? Flag(string name)
    {
        if (Any(name) is not { } value) return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
        Wrong(Where.Field(name), "true or false", value);
        return null;
    }

    public double? Number(string name) => Any(name) is { } value ? Number(value, name) : null;

    public double? Number(JsonElement value, string name)
    {
        if (value.ValueKind == JsonValueKind.Number) return value.GetDouble();
        Wrong(Where.Field(name), "a number", value);
        return null;
    }

    public long? Whole(string name) => Any(name) is { } value ? Whole(value, name, long.MinValue, long.MaxValue) : null;

    public int? WholeInt(string name) => Any(name) is { } value ? WholeInt(value, name) : null;

    public int? WholeInt(JsonElement value, string name) => (int?)Whole(value, name, int.MinValue, int.MaxValue);

    public JsonFields? Object(string name) => Any(name) is { } value ? Object(value, Where.Field(name)) : null;

    public JsonFields? Object(JsonElement value, JsonWhere at)
    {
        if (value.ValueKind == JsonValueKind.Object) return new JsonFields(value, at, _reading);
        Wrong(at, "an object", value);
        return null;
    }

    /// <summary>An object that is kept as it is, as canonical text.</summary>
    public string? ObjectText(string name)
    {
        if (Any(name) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Object) return CanonicalJson.Text(value);
        Wrong(Where.Field(name), "an object", value);
        return null;
    }

    /// <summary>Which of two names of one field is used, the second if both are: the seed has one, people write the other.</summary>
    public string Either(string name, string other)
    {
        if (!Has(other)) return name;
        if (Has(name)) Add(PlanDiagnostics.Contradiction(PlaceOf(other), name, other));
        return other;
    }

    /// <summary>The items of a list; none when it is left out.</summary>
    public JsonElement.ArrayEnumerator Items(string name)
    {
        if (Any(name) is not { } value) return default;
        if (value.ValueKind == JsonValueKind.Array) return value.EnumerateArray();
        Wrong(Where.Field(name), "a list", value);
        return default;
    }

    public IReadOnlyList<string> Texts(string name)
    {
        if (!Has(name)) return [];
        var texts = new List<string>();
        var list = Where.Field(name);
        var index = 0;
        foreach (var item in Items(name))
        {
            // A stand-in keeps the positions right; the error keeps the plan from being built.
            texts.Add(item.ValueKind == JsonValueKind.String ? item.GetString()! : StandIn(list.Item(index), "a text", item));
            index++;
        }

        return texts;
    }

    /// <summary>The value that a name stands for; <paramref name="fallback"/> when the field is left out or wrong.</summary>
    public T Choice<T>(string name, IReadOnlyList<string> names, T fallback)
        where T : struct, Enum
    {
        if (Text(name) is not { } text) return fallback;
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] == text) return (T)(object)i;
        }

        Add(PlanDiagnostics.UnknownValue(PlaceOf(name), text, names));
        return fallback;
    }

    public void Missing(string name, string example) => Add(PlanDiagnostics.Missing(Place, name, example));

    public void Wrong(JsonWhere at, string expected, JsonElement found) =>
        Add(PlanDiagnostics.WrongType(new(_reading.File, at.ToString()), expected, Describe(found), optional: true));

    public void Add(Diagnostic diagnostic) => _reading.Diagnostics.Add(diagnostic);

    private string? Text(JsonElement value, JsonWhere parent, string name)
    {
        if (value.ValueKind == JsonValueKind.String) return value.GetString();
        Wrong(parent.Field(name), "a text", value);
        return null;
    }

    private long? Whole(JsonElement value, string name, long least, long most)
    {
        if (value.ValueKind == JsonValueKind.Number)
        {
            if (value.TryGetInt64(out var whole) && whole >= least && whole <= most) return whole;
            var number = value.GetDouble();
            if (number == Math.Truncate(number) && Math.Abs(number) < 1e15 && number >= least && number <= most) return (long)number;
        }

        Wrong(Where.Field(name), most > int.MaxValue ? "a whole number" : $"a whole number of at most {int.MaxValue:N0}", value);
        return null;
    }

    private string StandIn(JsonWhere at, string expected, JsonElement found)
    {
        Wrong(at, expected, found);
        return "x";
    }

    public static string Describe(JsonElement found) => found.ValueKind switch
    {
        JsonValueKind.String => $"the text {Identifiers.Quote(found.GetString()!)}",
        JsonValueKind.Number => $"the number {Identifiers.Quote(found.GetRawText()).Trim('\'')}",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Null => "null",
        JsonValueKind.Object => "an object",
        _ => "a list",
    };
}

/// <summary>A field of an object.</summary>
internal readonly record struct JsonField(string Name, JsonElement Value);

/// <summary>What all objects of one document share while it is read: the file, the findings, and one list of the fields in use.</summary>
internal sealed class JsonReading(string file, DiagnosticBag diagnostics)
{
    private readonly JsonNames _names = new();
    private readonly List<JsonField> _fields = [];

    public string File => file;

    public DiagnosticBag Diagnostics => diagnostics;

    /// <summary>How many fields are in use; <see cref="Forget"/> takes it back to this.</summary>
    public int Mark => _fields.Count;

    /// <summary>Reads an object's fields once: asking an element for a field by name searches its text each time.</summary>
    public (int Start, int End) Open(JsonElement element)
    {
        var start = _fields.Count;
        foreach (var property in element.EnumerateObject()) _fields.Add(new(_names.Of(property).Text, property.Value));
        return (start, _fields.Count);
    }

    /// <summary>The fields of an object that was opened. A span taken before another object is opened keeps what it showed: the list moves, it does not change.</summary>
    public ReadOnlySpan<JsonField> Fields(int start, int end) => CollectionsMarshal.AsSpan(_fields)[start..end];

    /// <summary>Lets go of every object opened since the mark.</summary>
    public void Forget(int mark) => _fields.RemoveRange(mark, _fields.Count - mark);
}
