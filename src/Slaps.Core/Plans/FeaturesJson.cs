using System.Text.Json;
using Slaps.Core.Diagnostics;

namespace Slaps.Core.Plans;

/// <summary>What a features.json says.</summary>
/// <param name="Features">The features in file order.</param>
/// <param name="Unknown">The document's fields that this version does not know.</param>
/// <param name="Hash">The file's <see cref="CanonicalJson.Hash"/>.</param>
public sealed record FeaturesDocument(IReadOnlyList<Feature> Features, UnknownFields Unknown, string Hash);

/// <summary>Reads and writes <c>features.json</c>: what a specification asks for.</summary>
public static class FeaturesJson
{
    /// <summary>The largest file that is read, in bytes.</summary>
    public const long MaxBytes = ArtifactJson.MaxBytes;

    /// <summary>What these bytes say, or null with the errors in <paramref name="diagnostics"/>. Warnings alone do not refuse it.</summary>
    /// <param name="utf8">The whole file; a byte order mark is allowed.</param>
    /// <param name="file">The file as the user named it, for the messages.</param>
    /// <param name="diagnostics">Takes everything that is wrong; what it held before does not count.</param>
    public static FeaturesDocument? Read(ReadOnlyMemory<byte> utf8, string file, DiagnosticBag diagnostics)
    {
        var errorsBefore = diagnostics.ErrorCount;
        using var document = ArtifactJson.Parse(utf8, file, diagnostics);
        if (document is null || new FeaturesReader(new JsonReading(file, diagnostics)).Read(document.RootElement) is not { } read) return null;

        FeatureRules.Check(read.Features, file, diagnostics);
        return diagnostics.ErrorCount > errorsBefore ? null : read with { Hash = ArtifactJson.Verify(document.RootElement, file, diagnostics) };
    }

    /// <summary>The canonical bytes with their <c>meta.artifact_hash</c>; an empty list is one, too.</summary>
    /// <param name="features">The features of a plan that <see cref="Plan.Build"/> accepts.</param>
    /// <param name="unknown">What <see cref="Read"/> kept of the document.</param>
    public static byte[] Write(IReadOnlyList<Feature> features, UnknownFields unknown = default) =>
        ArtifactJson.Write(json => new FeaturesWriter(json).Write(features, unknown));
}

/// <summary>Reads the shape of features.json.</summary>
internal sealed class FeaturesReader(JsonReading reading)
{
    private readonly FieldKeeper _keeper = new();

    public FeaturesDocument? Read(JsonElement root)
    {
        if (JsonFields.Document(root, reading) is not { } document) return null;

        if (!document.Has("features")) document.Missing("features", "\"features\": [{\"id\": \"F001\", \"title\": \"Log in\"}]");
        var features = new List<Feature>();
        var list = document.Where.Field("features");
        var index = 0;
        foreach (var item in document.Items("features"))
        {
            var mark = reading.Mark;

            // What is no feature keeps its position, so that findings about the next ones point there; the error refuses the file.
            features.Add(document.Object(item, list.Item(index++)) is { } fields ? Feature(fields) : new() { Id = new($"F{index:D3}") });
            reading.Forget(mark);
        }

        if (document.Object("meta") is { } meta) _keeper.Judge(meta, PlanNames.FeaturesMeta, "meta");
        _keeper.Judge(document, PlanNames.Features);
        return new(features, _keeper.Take(0), "");
    }

    private Feature Feature(JsonFields fields)
    {
        var mark = _keeper.Mark;
        _keeper.Judge(fields, PlanNames.Feature);
        if (!fields.Has("id")) fields.Missing("id", "\"id\": \"F001\"");
        return new()
        {
            Id = new(fields.Text("id") ?? "x"),
            Title = fields.Text("title") ?? "",
            Description = fields.Text("description") ?? "",
            Priority = fields.Choice("priority", PlanNames.Priorities, Priority.Medium),
            PriorityReason = fields.Text("priority_reason") ?? "",
            SourceEvidence = new EvidenceReader(_keeper).Read(fields, "source_evidence"),
            Unknown = _keeper.Take(mark),
        };
    }
}

/// <summary>Writes what <see cref="FeaturesReader"/> reads.</summary>
internal sealed class FeaturesWriter(FieldWriter json)
{
    private readonly EvidenceWriter _evidence = new(json);

    public void Write(IReadOnlyList<Feature> features, UnknownFields unknown)
    {
        json.Begin(unknown);
        json.Begin("meta");
        json.AnyText("artifact_hash", "");
        json.End();
        json.List("features", features, Feature);
        json.End();
    }

    private void Feature(Feature feature)
    {
        json.Begin(feature.Unknown);
        json.AnyText("id", feature.Id.Value);
        json.Text("title", feature.Title);
        json.Text("description", feature.Description);
        json.Text("priority", PlanNames.Priorities[(int)feature.Priority]);
        json.Text("priority_reason", feature.PriorityReason);
        _evidence.Write("source_evidence", feature.SourceEvidence);
        json.End();
    }
}
