using System.Text.Json;
using Slaps.Core.Diagnostics;

namespace Slaps.Core.Plans;

/// <summary>What a tasks.json says.</summary>
public sealed class TasksDocument
{
    private readonly PlanPlaces _places;
    private readonly int _errorsBefore;

    internal TasksDocument(PlanDraft draft, string hash, PlanPlaces places, int errorsBefore)
    {
        Draft = draft;
        Hash = hash;
        _places = places;
        _errorsBefore = errorsBefore;
    }

    /// <summary>Tasks, dependencies and the plan's origin, as they are written; resources, policies and features stand in other files.</summary>
    public PlanDraft Draft { get; }

    /// <summary>The file's <see cref="CanonicalJson.Hash"/>.</summary>
    public string Hash { get; }

    /// <summary>As <see cref="Plan.Build"/>, with findings that point into the file. An error of the reading refuses it as well.</summary>
    /// <param name="draft">This document's draft with what other files add to it: its tasks and dependencies are the same ones.</param>
    /// <param name="diagnostics">The same bag that the document was read with.</param>
    public Plan? Build(PlanDraft draft, DiagnosticBag diagnostics) => PlanRules.Check(draft, diagnostics, _errorsBefore, _places);
}

/// <summary>Reads and writes <c>tasks.json</c>: what is to be done and why, before anybody decided what is enforced.</summary>
public static class TasksJson
{
    /// <summary>The largest file that is read, in bytes.</summary>
    public const long MaxBytes = ArtifactJson.MaxBytes;

    /// <summary>What these bytes say, or null when they are no such file; what is wrong with it is in <paramref name="diagnostics"/>.</summary>
    /// <param name="utf8">The whole file; a byte order mark is allowed.</param>
    /// <param name="file">The file as the user named it, for the messages.</param>
    /// <param name="diagnostics">Takes everything that is wrong; what it held before does not count.</param>
    public static TasksDocument? Read(ReadOnlyMemory<byte> utf8, string file, DiagnosticBag diagnostics)
    {
        var errorsBefore = diagnostics.ErrorCount;
        using var document = ArtifactJson.Parse(utf8, file, diagnostics);
        if (document is null) return null;

        var places = new PlanPlaces(file, "$.tasks", "$.dependencies");
        if (new TasksReader(new JsonReading(file, diagnostics), places).Read(document.RootElement) is not { } draft) return null;
        return new(draft, ArtifactJson.Verify(document.RootElement, file, diagnostics), places, errorsBefore);
    }

    /// <summary>The canonical bytes with their <c>meta.artifact_hash</c>. Every dependency is written as it is, also one that is too unsure for the graph.</summary>
    /// <param name="draft">One that <see cref="Plan.Build"/> accepts. Its resources, policies and features go into other files.</param>
    public static byte[] Write(PlanDraft draft) => ArtifactJson.Write(json => new TasksWriter(json).Write(draft));
}

/// <summary>Turns tasks.json into a draft. It judges the shape; what the values mean is judged by <see cref="PlanRules"/>.</summary>
internal sealed class TasksReader(JsonReading reading, PlanPlaces places)
{
    private readonly FieldKeeper _keeper = new();

    public PlanDraft? Read(JsonElement root)
    {
        if (JsonFields.Document(root, reading) is not { } document) return null;

        if (!document.Has("tasks")) document.Missing("tasks", "\"tasks\": [{\"id\": \"a\", \"run\": {\"argv\": [\"true\"]}}]");
        var lists = new PlanListsReader(reading, places, _keeper);
        var tasks = lists.Tasks(document, "tasks");
        var dependencies = lists.Dependencies(document, "dependencies");
        var origin = document.Object("meta") is { } meta ? Origin(meta) : new();
        if (document.Any("tasks") is not { ValueKind: JsonValueKind.Array }) return null;

        _keeper.Judge(document, PlanNames.Tasks);
        return new() { Title = document.Text("title") ?? "", Tasks = tasks, Dependencies = dependencies, Origin = origin, Unknown = _keeper.Take(0) };
    }

    private PlanOrigin Origin(JsonFields meta)
    {
        var acts = Each(meta, "autonormalization", Normalization);
        var decisions = Each(meta, "decisions", Decision);
        _keeper.Judge(meta, PlanNames.TasksMeta, "meta");
        return new()
        {
            MinConfidence = meta.Number("min_confidence") ?? PlanOrigin.DefaultMinConfidence,
            CodebaseAnalysis = meta.ObjectText("codebase_analysis"),
            Autonormalization = acts,
            Decisions = decisions,
        };
    }

    private Normalization Normalization(JsonFields act)
    {
        var mark = _keeper.Mark;
        _keeper.Judge(act, PlanNames.Normalization);
        return new(act.Text("action") ?? "", [.. act.Texts("tasks").Select(id => new TaskId(id))], act.Text("reason") ?? "") { Unknown = _keeper.Take(mark) };
    }

    private PlanDecision Decision(JsonFields decision)
    {
        var mark = _keeper.Mark;
        _keeper.Judge(decision, PlanNames.Decision);
        var evidence = new EvidenceReader(_keeper).Read(decision, "evidence");
        return new(decision.Text("title") ?? "", decision.Text("reason") ?? "", evidence, decision.Texts("rejected")) { Unknown = _keeper.Take(mark) };
    }

    private static List<T> Each<T>(JsonFields owner, string name, Func<JsonFields, T> read)
    {
        var items = new List<T>();
        var list = owner.Where.Field(name);
        var index = 0;
        foreach (var item in owner.Items(name))
        {
            if (owner.Object(item, list.Item(index++)) is { } fields) items.Add(read(fields));
        }

        return items;
    }
}

/// <summary>Writes what <see cref="TasksReader"/> reads.</summary>
internal sealed class TasksWriter(FieldWriter json)
{
    private readonly EvidenceWriter _evidence = new(json);

    public void Write(PlanDraft draft)
    {
        json.Begin(draft.Unknown);
        json.Text("title", draft.Title);
        Meta(draft.Origin);
        json.List("tasks", draft.Tasks, new TaskWriter(json).Write);
        json.List("dependencies", draft.Dependencies, new DependencyWriter(json).AsWritten);
        json.End();
    }

    private void Meta(PlanOrigin origin)
    {
        json.Begin("meta");
        json.AnyText("artifact_hash", "");
        json.Number("min_confidence", origin.MinConfidence);
        json.Raw("codebase_analysis", origin.CodebaseAnalysis);
        json.List("autonormalization", origin.Autonormalization, Normalization);
        if (origin.Decisions.Count > 0) json.List("decisions", origin.Decisions, Decision);
        json.End();
    }

    private void Normalization(Normalization act)
    {
        json.Begin(act.Unknown);
        json.AnyText("action", act.Action);
        json.List("tasks", act.Tasks, id => json.Item(id.Value));
        json.Text("reason", act.Reason);
        json.End();
    }

    private void Decision(PlanDecision decision)
    {
        json.Begin(decision.Unknown);
        json.AnyText("title", decision.Title);
        json.Text("reason", decision.Reason);
        _evidence.Write("evidence", decision.Evidence);
        json.Texts("rejected", decision.Rejected);
        json.End();
    }
}
