using System.Text.Json;
using Slaps.Core.Diagnostics;

namespace Slaps.Core.Plans;

/// <summary>One object of a document and what may be wrong with its fields. A field that is null counts as left out.</summary>
internal readonly struct JsonFields(JsonElement element, JsonWhere where, string file, DiagnosticBag diagnostics)
{
    private readonly JsonElement _element = element;
    private readonly DiagnosticBag _diagnostics = diagnostics;

    /// <summary>Where the object stands.</summary>
    public JsonWhere Where { get; } = where;

    /// <summary>The file and the object's path.</summary>
    public DiagnosticPlace Place => new(file, Where.ToString());

    /// <summary>The file and the field's path.</summary>
    public DiagnosticPlace PlaceOf(string name) => new(file, Where.Field(name).ToString());

    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string name) => Any(name) is not null;

    /// <summary>The field as it is.</summary>
    public JsonElement? Any(string name) => _element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>The field as it is, null included.</summary>
    public JsonElement? AnyOrNull(string name) => _element.TryGetProperty(name, out var value) ? value : null;

    /// <summary>The object's fields.</summary>
    public JsonElement.ObjectEnumerator All => _element.EnumerateObject();

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
        if (value.ValueKind == JsonValueKind.Object) return new JsonFields(value, at, file, _diagnostics);
        Wrong(at, "an object", value, optional: !ReferenceEquals(at, JsonWhere.Root));
        return null;
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

    public void Wrong(JsonWhere at, string expected, JsonElement found, bool optional = true) =>
        Add(PlanDiagnostics.WrongType(new(file, at.ToString()), expected, Describe(found), optional));

    public void Add(Diagnostic diagnostic) => _diagnostics.Add(diagnostic);

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

    private static string Describe(JsonElement found) => found.ValueKind switch
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
