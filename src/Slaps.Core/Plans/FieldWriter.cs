using System.Text.Json;

namespace Slaps.Core.Plans;

/// <summary>
/// Writes objects with the fields that were kept for them. What the model says wins: a kept field is written only where the model wrote
/// none of that name. Order and white space become canonical later.
/// </summary>
internal sealed class FieldWriter(Utf8JsonWriter json)
{
    private readonly Stack<Open> _open = [];

    /// <summary>An object that is open: what was kept for it and the names that the model wrote. Both null when nothing was kept.</summary>
    private readonly record struct Open(JsonElement? Kept, HashSet<string>? Written);

    /// <summary>Begins an object in a list, or the document, with what was kept for it.</summary>
    public void Begin(UnknownFields kept)
    {
        json.WriteStartObject();
        Push(kept);
    }

    /// <summary>Begins an object in a field that has kept fields of its own.</summary>
    public void Begin(string name, UnknownFields kept)
    {
        Name(name);
        json.WriteStartObject();
        Push(kept);
    }

    /// <summary>Begins an object in a field; what was kept for it stands among the fields kept for the object around it.</summary>
    public void Begin(string name)
    {
        Name(name);
        json.WriteStartObject();
        var kept = _open.Peek().Kept is { } around && around.TryGetProperty(name, out var inner) && inner.ValueKind == JsonValueKind.Object ? inner : (JsonElement?)null;
        _open.Push(new(kept, kept is null ? null : []));
    }

    /// <summary>The name of a field whose object follows.</summary>
    public void Field(string name) => Name(name);

    /// <summary>Whether something was kept for the innermost object under this name.</summary>
    public bool Keeps(string name) => _open.Peek().Kept is { } kept && kept.TryGetProperty(name, out _);

    /// <summary>Ends the innermost object.</summary>
    public void End()
    {
        var (kept, written) = _open.Pop();
        if (kept is { } fields)
        {
            foreach (var field in fields.EnumerateObject())
            {
                if (!written!.Contains(field.Name)) field.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    /// <summary>A text; nothing when it is empty.</summary>
    public void Text(string name, string? text)
    {
        if (string.IsNullOrEmpty(text)) return;
        Name(name);
        json.WriteStringValue(text);
    }

    /// <summary>A text, also an empty one.</summary>
    public void AnyText(string name, string text)
    {
        Name(name);
        json.WriteStringValue(text);
    }

    public void Flag(string name, bool value)
    {
        Name(name);
        json.WriteBooleanValue(value);
    }

    /// <summary>A number; nothing when there is none.</summary>
    public void Number(string name, double? number)
    {
        if (number is not { } value) return;
        Name(name);
        json.WriteNumberValue(value);
    }

    /// <summary>A whole number.</summary>
    public void Whole(string name, long number)
    {
        Name(name);
        json.WriteNumberValue(number);
    }

    /// <summary>A value that is JSON text already; nothing when there is none.</summary>
    public void Raw(string name, string? text)
    {
        if (text is null) return;
        Name(name);
        json.WriteRawValue(text);
    }

    /// <summary>A list of texts; nothing when it is empty.</summary>
    public void Texts(string name, IReadOnlyList<string> texts)
    {
        if (texts.Count > 0) List(name, texts, json.WriteStringValue);
    }

    /// <summary>A list, also an empty one.</summary>
    public void List<T>(string name, IReadOnlyList<T> items, Action<T> write)
    {
        Name(name);
        json.WriteStartArray();
        foreach (var item in items) write(item);
        json.WriteEndArray();
    }

    /// <summary>An item of a list that is a text.</summary>
    public void Item(string text) => json.WriteStringValue(text);

    private void Name(string name)
    {
        _open.Peek().Written?.Add(name);
        json.WritePropertyName(name);
    }

    private void Push(UnknownFields kept)
    {
        if (kept.Json is null)
        {
            _open.Push(default);
            return;
        }

        using var document = JsonDocument.Parse(kept.Json, new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth });
        _open.Push(new(document.RootElement.Clone(), []));
    }
}
