using System.Text.Json;
using System.Text.Json.Nodes;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports.Trackers;

/// <summary>What the trackers that keep one issue a line have in common.</summary>
internal static class TrackerLines
{
    private const int LooksAt = 20;

    /// <summary>Whether one of the first lines is an object with an id, a title and one of these fields.</summary>
    public static bool FirstHas(ImportFile named, params string[] fields)
    {
        if (TrackerFile.Open(named, new()) is not { } file) return false;
        foreach (var line in TrackerJson.Lines(file, new()).Take(LooksAt))
        {
            if (line.Any("id") is not null && line.Any("title") is not null && fields.Any(field => line.Any(field) is not null)) return true;
        }

        return false;
    }

    /// <summary>The line of an issue; its words are those of the title as they are written.</summary>
    public static Evidence Evidence(TrackerObject issue, string rationale) => issue.File.Evidence(
        issue.FirstLine, issue.FirstLine, issue.Any("title") is { ValueKind: JsonValueKind.String } title ? title.GetRawText()[1..^1] : "", rationale);

    /// <summary>The fields that say something and are read nowhere else.</summary>
    public static JsonObject Rest(TrackerObject issue, string[] mapped) => new(
        issue.Element.EnumerateObject()
            .Where(field => !mapped.Contains(field.Name) && Says(field.Value))
            .Select(field => new KeyValuePair<string, JsonNode?>(field.Name, TrackerJson.Node(field.Value))));

    // Exports write each field, most of them empty; kept, they would be larger than the plan.
    private static bool Says(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => false,
        JsonValueKind.String => value.GetString() is not ("" or "{}"),
        JsonValueKind.Number => value.GetDouble() != 0,
        JsonValueKind.Array => value.GetArrayLength() > 0,
        _ => true,
    };
}
