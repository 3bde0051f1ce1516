using System.Globalization;
using System.Text.Json;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports;

/// <summary>Reads JSON that others wrote: what has another shape than expected is named and left out, not refused.</summary>
/// <param name="file">The file as the user would name it.</param>
/// <param name="diagnostics">Takes what is wrong.</param>
internal sealed class ForeignJson(string file, DiagnosticBag diagnostics)
{
    /// <summary>The document in the file, or null after saying why it is none. The caller disposes of it.</summary>
    public static JsonDocument? Parse(ImportFile file, DiagnosticBag diagnostics)
    {
        var utf8 = file.Read();
        return JsonScan.Accepts(utf8.Span, file.DisplayPath, diagnostics)
            ? JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth })
            : null;
    }

    public DiagnosticPlace At(string path) => new(file, path);

    /// <summary>The field, or null when it is left out, null, or the value is no object.</summary>
    public static JsonElement? Field(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var field) && field.ValueKind != JsonValueKind.Null ? field : null;

    /// <summary>The field as a text; a number counts as its digits, because ids are written both ways.</summary>
    public static string? Text(JsonElement value, string name) => Field(value, name) is { } field ? Text(field) : null;

    /// <summary>As <see cref="Text(JsonElement, string)"/>, for the value itself.</summary>
    public static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };

    /// <summary>The field as an object; named and null when it is something else.</summary>
    public JsonElement? Object(JsonElement value, string name, string path) => Shaped(value, name, path, JsonValueKind.Object, "an object");

    /// <summary>The items of a list; none when it is left out, and when it is no list after naming that.</summary>
    public IEnumerable<JsonElement> Items(JsonElement value, string name, string path) =>
        Shaped(value, name, path, JsonValueKind.Array, "a list") is { } list ? list.EnumerateArray() : [];

    /// <summary>The field as a number, and as it stands there; (null, "") when it is left out, and NaN when it is no number.</summary>
    public static (double? Value, string Text) Number(JsonElement value, string name)
    {
        if (Field(value, name) is not { } field) return (null, "");
        if (field.ValueKind == JsonValueKind.Number) return (field.GetDouble(), field.GetRawText());
        if (field.ValueKind != JsonValueKind.String) return (double.NaN, field.ValueKind == JsonValueKind.Array ? "a list" : field.ValueKind == JsonValueKind.Object ? "an object" : field.GetRawText());
        var text = field.GetString()!;
        return (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN, text);
    }

    /// <summary>Names something that has another shape than expected.</summary>
    public void Wrong(string path, string expected, JsonElement found) =>
        diagnostics.Add(ImportDiagnostics.WrongShape(At(path), expected, Describe(found)));

    private JsonElement? Shaped(JsonElement value, string name, string path, JsonValueKind kind, string expected)
    {
        if (Field(value, name) is not { } field) return null;
        if (field.ValueKind == kind) return field;
        Wrong($"{path}.{name}", expected, field);
        return null;
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
