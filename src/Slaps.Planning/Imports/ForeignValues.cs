using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports;

/// <summary>Reads values that have a fixed set or range here; what is outside is named, once for each value, and replaced.</summary>
internal sealed class ForeignValues(DiagnosticBag diagnostics)
{
    private static readonly string[] Priorities = ["critical", "high", "medium", "low"];
    private static readonly string[] EvidenceTypes = ["plan", "code", "commit", "doc"];
    private static readonly string[] DependencyTypes = ["technical", "sequential", "infrastructure", "knowledge", "mutual_exclusion", "resource_limited"];

    // In the order in which they were found.
    private readonly List<(string What, string Value)> _order = [];
    private readonly Dictionary<(string What, string Value), (DiagnosticPlace At, string Instead, int Times)> _unknown = [];

    public Priority Priority(JsonElement holder, DiagnosticPlace at) => (Priority)Choice(holder, "priority", Priorities, 2, "a priority", at);

    public DependencyType Type(JsonElement holder, DiagnosticPlace at) => (DependencyType)Choice(holder, "type", DependencyTypes, 0, "a type of dependency", at);

    public static bool Flag(JsonElement holder, string name, bool usual) =>
        ForeignJson.Field(holder, name) is { ValueKind: JsonValueKind.True or JsonValueKind.False } flag ? flag.GetBoolean() : usual;

    /// <summary>The texts of a list; what is no text is passed over.</summary>
    public static IReadOnlyList<string> Texts(JsonElement holder, string name) =>
        ForeignJson.Field(holder, name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Select(ForeignJson.Text).OfType<string>()] : [];

    /// <summary>A number in its range; null when it is left out, and after naming it when it is outside.</summary>
    public double? Number(JsonElement holder, string name, double least, double most, DiagnosticPlace at, string of)
    {
        var (value, text) = ForeignJson.Number(holder, name);
        if (value is not { } number) return null;
        if (number >= least && number <= most) return number;
        diagnostics.Add(ImportDiagnostics.AbsurdNumber(at, name, of, text, string.Create(CultureInfo.InvariantCulture, $"from {least:N0} to {most:N0}"), "it is left out"));
        return null;
    }

    public IReadOnlyList<Evidence> Evidence(JsonElement holder, string name, DiagnosticPlace at)
    {
        if (ForeignJson.Field(holder, name) is not { ValueKind: JsonValueKind.Array } list) return [];
        return
        [
            .. list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object).Select(item => new Evidence(
                (EvidenceType)Choice(item, "type", EvidenceTypes, 3, "a type of evidence", at),
                ForeignJson.Text(item, "source") ?? "",
                ForeignJson.Text(item, "excerpt") ?? "",
                Number(item, "confidence", 0, 1, at, "evidence") ?? 1,
                ForeignJson.Text(item, "rationale") ?? "")
            {
                Unknown = Rest(item, ["type", "source", "excerpt", "confidence", "rationale"]),
            }),
        ];
    }

    /// <summary>
    /// The fields of an object that are not known, and those of its inner objects that are named here; empty objects and lists say nothing and
    /// are left out.
    /// </summary>
    public static UnknownFields Rest(JsonElement holder, string[] known, params (string Name, string[] Known)[] inner)
    {
        if (holder.ValueKind != JsonValueKind.Object) return default;
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            var count = Fields(writer, holder, field => !known.Contains(field) && inner.All(one => one.Name != field));
            foreach (var (name, knownInside) in inner)
            {
                if (ForeignJson.Field(holder, name) is not { ValueKind: JsonValueKind.Object } value || !value.EnumerateObject().Any(field => !knownInside.Contains(field.Name) && SaysSomething(field.Value))) continue;
                writer.WriteStartObject(name);
                count += Fields(writer, value, field => !knownInside.Contains(field));
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            if (count == 0) return default;
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory, new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth });
        return new UnknownFields(CanonicalJson.Text(document.RootElement));
    }

    /// <summary>Names what was not known.</summary>
    public void Finish()
    {
        foreach (var key in _order)
        {
            var (at, instead, times) = _unknown[key];
            diagnostics.Add(ImportDiagnostics.UnknownValue(at, key.Value, key.What, instead, times));
        }
    }

    private int Choice(JsonElement holder, string name, string[] names, int usual, string what, DiagnosticPlace at)
    {
        if (ForeignJson.Text(holder, name) is not { } text) return usual;
        var index = Array.IndexOf(names, text.ToLowerInvariant());
        if (index >= 0) return index;
        if (!_unknown.TryGetValue((what, text), out var seen))
        {
            seen = (at, names[usual], 0);
            _order.Add((what, text));
        }

        _unknown[(what, text)] = seen with { Times = seen.Times + 1 };
        return usual;
    }

    private static int Fields(Utf8JsonWriter writer, JsonElement holder, Func<string, bool> wanted)
    {
        var count = 0;
        foreach (var field in holder.EnumerateObject())
        {
            if (!wanted(field.Name) || !SaysSomething(field.Value)) continue;
            field.WriteTo(writer);
            count++;
        }

        return count;
    }

    private static bool SaysSomething(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => false,
        JsonValueKind.Array => value.GetArrayLength() > 0,
        JsonValueKind.Object => value.EnumerateObject().Any(),
        _ => true,
    };
}
