using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports.Trackers;

/// <summary>Reads JSON of other programs: strictly as text, leniently as content.</summary>
internal static class TrackerJson
{
    // Two keys of one name are refused, as nobody knows which one counts; and our own writer stops a little above this depth.
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = CanonicalJson.MaxDepth - 4 };

    /// <summary>A whole file as one document; null, with the reason, when it is none.</summary>
    public static JsonElement? Document(TrackerFile file, DiagnosticBag diagnostics)
    {
        try
        {
            if (BrokenPair(file.Utf8Text.Span) is not { } broken) return JsonDocument.Parse(file.Utf8Text, Options).RootElement;
            diagnostics.Add(TrackerDiagnostics.InvalidJson(
                file.At(file.LineOf(broken)), "a text holds half of a surrogate pair, which is no character", "Write both halves or the character itself."));
        }
        catch (JsonException e)
        {
            var line = (int)(e.LineNumber ?? 0);
            var isCutOff = line >= file.Lines - 1 && (e.BytePositionInLine ?? 0) >= file.LineBytes(file.Lines).Length;
            diagnostics.Add(TrackerDiagnostics.InvalidJson(
                new(file.DisplayPath, null, line + 1, (int)(e.BytePositionInLine ?? 0) + 1), Reason(e),
                isCutOff ? "The file ends too early: was it cut off?" : "Look just before this place for a missing comma, quote or bracket."));
        }

        return null;
    }

    /// <summary>Each line of JSON Lines that is an object; the others are named and left out, empty ones are passed over.</summary>
    public static IEnumerable<TrackerObject> Lines(TrackerFile file, DiagnosticBag diagnostics)
    {
        for (var line = 1; line <= file.Lines; line++)
        {
            var bytes = file.LineBytes(line);
            if (bytes.Span.Trim(" \t"u8).IsEmpty || Line(bytes, file, line, diagnostics) is not { } element) continue;
            if (element.ValueKind == JsonValueKind.Object) yield return new(element, file, line, "$", diagnostics);
            else diagnostics.Add(TrackerDiagnostics.NotARecord(file.At(line), Describe(element)));
        }
    }

    /// <summary>What a value is, for a sentence.</summary>
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

    /// <summary>The value as a node that can be written again; a number beyond all bounds becomes the text that it was.</summary>
    public static JsonNode? Node(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => new JsonObject(value.EnumerateObject().Select(field => new KeyValuePair<string, JsonNode?>(field.Name, Node(field.Value)))),
        JsonValueKind.Array => new JsonArray([.. value.EnumerateArray().Select(Node)]),
        JsonValueKind.Number when !double.IsFinite(value.GetDouble()) => JsonValue.Create(value.GetRawText()),
        JsonValueKind.Null => null,
        _ => JsonValue.Create(value),
    };

    /// <summary>The canonical text of an object; null when it is empty.</summary>
    public static UnknownFields Unknown(JsonObject fields)
    {
        if (fields.Count == 0) return UnknownFields.None;
        using var document = JsonDocument.Parse(fields.ToJsonString());
        return new(CanonicalJson.Text(document.RootElement));
    }

    private static JsonElement? Line(ReadOnlyMemory<byte> bytes, TrackerFile file, int line, DiagnosticBag diagnostics)
    {
        try
        {
            if (BrokenPair(bytes.Span) is null) return JsonDocument.Parse(bytes, Options).RootElement;
            diagnostics.Add(TrackerDiagnostics.InvalidLine(file.At(line), "a text holds half of a surrogate pair, which is no character"));
        }
        catch (JsonException e)
        {
            diagnostics.Add(TrackerDiagnostics.InvalidLine(new(file.DisplayPath, null, line, (int)(e.BytePositionInLine ?? 0) + 1), Reason(e)));
        }

        return null;
    }

    private static string Reason(JsonException error)
    {
        var end = error.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        var reason = (end < 0 ? error.Message : error.Message[..end]).Replace(" Change the reader options.", "", StringComparison.Ordinal);
        return string.Concat(reason.TrimEnd('.').Select(c => char.IsControl(c) ? ' ' : c));
    }

    // The parser takes \ud83d without its second half and throws when the text is asked for, so it is looked for before.
    private static int? BrokenPair(ReadOnlySpan<byte> json)
    {
        int? high = null;
        var expected = -1;
        for (var at = 0; json[at..].IndexOf((byte)'\\') is >= 0 and var length; at++)
        {
            at += length;
            if (high is not null && at != expected) return high;
            if (at + 1 >= json.Length) return high;
            if (json[at + 1] != (byte)'u' || at + 6 > json.Length || !int.TryParse(Encoding.ASCII.GetString(json.Slice(at + 2, 4)), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var unit))
            {
                if (high is not null) return high;
                at++;
                continue;
            }

            if (high is not null)
            {
                if (unit is < 0xdc00 or > 0xdfff) return high;
                high = null;
            }
            else if (unit is >= 0xdc00 and <= 0xdfff) return at;
            else if (unit is >= 0xd800 and <= 0xdbff) (high, expected) = (at, at + 6);
            at += 5;
        }

        return high;
    }
}

/// <summary>One object of a JSON source and where it stands.</summary>
/// <param name="Element">The object.</param>
/// <param name="File">The file.</param>
/// <param name="FirstLine">The line, from 1, on which it begins.</param>
/// <param name="Path">Its path in its document.</param>
/// <param name="Diagnostics">Takes what is wrong with its fields.</param>
internal readonly record struct TrackerObject(JsonElement Element, TrackerFile File, int FirstLine, string Path, DiagnosticBag Diagnostics)
{
    /// <summary>The object as a place.</summary>
    public DiagnosticPlace Place => File.At(FirstLine, Path);

    /// <summary>The field; null when it is left out or null.</summary>
    public JsonElement? Any(string name) =>
        Element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A text; empty when it is left out or none.</summary>
    public string Text(string name)
    {
        if (Any(name) is not { } value) return "";
        if (value.ValueKind == JsonValueKind.String) return value.GetString()!;
        Wrong(name, "a text", value);
        return "";
    }

    /// <summary>An id, which may be written as a number; empty when there is none.</summary>
    public string Id(string name) => Any(name) is { } value ? IdOf(value, name) : "";

    /// <summary>A finite number; null when it is left out or none.</summary>
    public double? Number(string name)
    {
        if (Any(name) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble())) return value.GetDouble();
        Wrong(name, "a number", value);
        return null;
    }

    /// <summary>The items of a list; none when it is left out or no list.</summary>
    public IReadOnlyList<JsonElement> Items(string name)
    {
        if (Any(name) is not { } value) return [];
        if (value.ValueKind == JsonValueKind.Array) return [.. value.EnumerateArray()];
        Wrong(name, "a list", value);
        return [];
    }

    /// <summary>The items of a list of ids.</summary>
    public IReadOnlyList<string> Ids(string name)
    {
        var ids = new List<string>();
        foreach (var item in Items(name))
        {
            if (IdOf(item, name) is { Length: > 0 } id) ids.Add(id);
        }

        return ids;
    }

    /// <summary>Says that a field is not what it must be.</summary>
    public void Wrong(string name, string expected, JsonElement found) =>
        Diagnostics.Add(TrackerDiagnostics.WrongType(File.At(FirstLine, $"{Path}.{name}"), name, expected, TrackerJson.Describe(found)));

    private string IdOf(JsonElement value, string name)
    {
        if (value.ValueKind == JsonValueKind.String) return value.GetString()!;
        if (value.ValueKind == JsonValueKind.Number) return value.GetRawText();
        Wrong(name, "an id", value);
        return "";
    }
}
