using System.Text.Json.Nodes;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports.Trackers;

/// <summary>The issues of seeds as JSON Lines. <c>blockedBy</c> and <c>blocks</c> say the same from both ends; what only one end says counts too.</summary>
public sealed class SeedsFormat : IPlanFormat
{
    private const string Example = """A line of issues.jsonl: {"id":"p-1","title":"…","status":"open","type":"task","blockedBy":[]}.""";

    private static readonly string[] Mapped = ["id", "title", "description", "status", "priority", "type", "blockedBy", "blocks", "labels"];
    private static readonly string[] Settled = ["closed", "deferred"];

    /// <inheritdoc/>
    public string Name => "seeds";

    /// <inheritdoc/>
    public bool Recognises(ImportSource source) => Find(source) is { } file && TrackerLines.FirstHas(file, "createdAt", "blockedBy", "blocks");

    /// <inheritdoc/>
    public PlanDraft? Read(ImportSource source, DiagnosticBag diagnostics)
    {
        if (Find(source) is not { } named)
        {
            diagnostics.Add(TrackerDiagnostics.NothingHere(new(source.Named, null), "seeds", "there is no issues.jsonl", ".seeds/issues.jsonl"));
            return null;
        }

        if (TrackerFile.Open(named, diagnostics) is not { } file) return null;
        var plan = new TrackerPlan(file.Place, diagnostics);
        foreach (var issue in TrackerJson.Lines(file, diagnostics))
        {
            if (issue.Id("id") is not { Length: > 0 } id)
            {
                diagnostics.Add(TrackerDiagnostics.NoId(issue.Place));
                continue;
            }

            Add(plan, id, issue);
            var evidence = TrackerLines.Evidence(issue, "");
            foreach (var other in issue.Ids("blockedBy")) plan.Add(new TrackerDependency(other, id, evidence with { Rationale = $"The issue is blocked by {other}." }, issue.Place));
            foreach (var other in issue.Ids("blocks")) plan.Add(new TrackerDependency(id, other, evidence with { Rationale = $"The issue blocks {other}." }, issue.Place));
        }

        return plan.Build("", Example);
    }

    private static ImportFile? Find(ImportSource source)
    {
        if (source.Named.Length > 0) return source.Find(source.Named);
        return source.Find(".seeds/issues.jsonl") ?? source.Find("issues.jsonl")
            ?? source.Files.FirstOrDefault(file => file.Path.EndsWith("issues.jsonl", StringComparison.Ordinal));
    }

    private static void Add(TrackerPlan plan, string id, TrackerObject issue)
    {
        var title = issue.Text("title").Trim();
        var type = issue.Text("type");
        var status = issue.Text("status");
        var priority = issue.Number("priority") is { } number ? TrackerWords.OfNumber(number) : Priority.Medium;
        var evidence = TrackerLines.Evidence(issue, "The issue as seeds holds it.");
        var description = issue.Text("description").Trim();
        if (type == "epic") plan.Add(id, feature => new Core.Plans.Feature { Id = feature, Title = title, Description = description, Priority = priority, SourceEvidence = [evidence] });

        var unknown = new JsonObject();
        if (type.Length > 0) unknown["issue_type"] = type;
        if (issue.Any("labels") is { } labels) unknown["labels"] = TrackerJson.Node(labels);
        var rest = TrackerLines.Rest(issue, Mapped);
        if (rest.Count > 0) unknown["seeds"] = rest;
        plan.Add(new TrackerTask(id, new() { Id = default, Title = title, Description = description, Priority = priority, Evidence = [evidence] }, issue.Place)
        {
            Feature = type == "epic" ? id : null,
            Status = status,
            IsSettled = Settled.Contains(status),
            Unknown = unknown,
        });
    }
}
