using System.Text.Json;
using System.Text.Json.Nodes;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports.Trackers;

/// <summary>
/// The issues of beads as JSON Lines, with dependencies inside them or in <c>dependencies.jsonl</c> beside them. What blocks is a dependency;
/// what an issue was discovered from is a soft one; all other relations stay with the task in the field <c>relations</c>. An epic is a feature and
/// a task too, because others may wait for it.
/// </summary>
public sealed class BeadsFormat : IPlanFormat
{
    private const string Example = """A line of issues.jsonl: {"id":"bd-1","title":"…","status":"open","issue_type":"task","dependencies":[]}.""";
    private const int LongestLineage = 64;

    private static readonly string[] Mapped = ["id", "title", "description", "design", "acceptance_criteria", "status", "priority", "issue_type", "dependencies", "estimated_minutes", "labels", "notes"];
    private static readonly string[] Settled = ["closed", "tombstone", "deferred", "pinned"];
    private static readonly string[] Work = ["", "task", "bug", "feature", "epic", "chore", "merge-request", "molecule", "convoy", "gate", "decision", "spike", "story", "milestone"];

    // What holds an issue back in beads itself, besides its parent.
    private static readonly string[] Blocking = ["blocks", "conditional-blocks", "waits-for"];

    /// <inheritdoc/>
    public string Name => "beads";

    /// <inheritdoc/>
    public bool Recognises(ImportSource source) => Find(source) is { } file && TrackerLines.FirstHas(file, "issue_type", "depends_on_id");

    /// <inheritdoc/>
    public PlanDraft? Read(ImportSource source, DiagnosticBag diagnostics)
    {
        if (Find(source) is not { } named)
        {
            diagnostics.Add(TrackerDiagnostics.NothingHere(new(source.Named, null), "beads", "there is no issues.jsonl", ".beads/issues.jsonl"));
            return null;
        }

        if (TrackerFile.Open(named, diagnostics) is not { } file) return null;
        var plan = new TrackerPlan(file.Place, diagnostics);
        var issues = new List<TrackerObject>();
        foreach (var issue in TrackerJson.Lines(file, diagnostics))
        {
            if (issue.Id("id").Length > 0) issues.Add(issue);
            else diagnostics.Add(TrackerDiagnostics.NoId(issue.Place));
        }

        var links = issues.SelectMany(Inside).Concat(Beside(source, named, diagnostics)).ToList();
        var parents = links.Where(link => link.Type == "parent-child").GroupBy(link => link.To).ToDictionary(group => group.Key, group => group.First().From);
        var related = links.Where(link => !IsOrder(link.Type)).ToLookup(link => link.To);
        var epics = issues.Where(issue => issue.Text("issue_type") == "epic").Select(issue => issue.Id("id")).ToHashSet();

        SayRecords(issues, diagnostics);
        foreach (var issue in issues) Add(plan, issue, EpicOf(issue.Id("id"), parents, epics), related, diagnostics);
        foreach (var link in links.Where(link => IsOrder(link.Type)))
        {
            plan.Add(new TrackerDependency(link.From, link.To, link.Evidence, link.Place)
            {
                IsHard = Blocking.Contains(link.Type),
                Type = Blocking.Contains(link.Type) ? DependencyType.Technical : DependencyType.Knowledge,
                Reason = link.Type == "blocks" ? "" : $"beads calls it {link.Type}.",
                Unknown = new JsonObject { ["original_type"] = link.Type },
            });
        }

        return plan.Build("", Example);
    }

    private static ImportFile? Find(ImportSource source)
    {
        if (source.Named.Length > 0) return source.Find(source.Named);
        return source.Find(".beads/issues.jsonl") ?? source.Find("issues.jsonl")
            ?? source.Files.FirstOrDefault(file => file.Path.EndsWith(".jsonl", StringComparison.Ordinal) && file.Path.Split('/')[^1].StartsWith("issues", StringComparison.Ordinal));
    }

    private static void SayRecords(List<TrackerObject> issues, DiagnosticBag diagnostics)
    {
        var records = issues.Where(issue => !Work.Contains(issue.Text("issue_type"))).ToList();
        if (records.Count > 0) diagnostics.Add(TrackerDiagnostics.Records(records[0].Place, TrackerPlan.Counts(records.Select(issue => issue.Text("issue_type")))));
    }

    private static void Add(TrackerPlan plan, TrackerObject issue, string? epic, ILookup<string, Link> related, DiagnosticBag diagnostics)
    {
        var id = issue.Id("id");
        var title = issue.Text("title").Trim();
        var type = issue.Text("issue_type");
        var status = issue.Text("status");
        var done = issue.Text("acceptance_criteria").Trim();
        var priority = issue.Number("priority") is { } number ? TrackerWords.OfNumber(number) : Priority.Medium;
        var description = TrackerWords.Paragraphs(issue.Text("description"), issue.Text("design"), issue.Text("notes"));
        var evidence = TrackerLines.Evidence(issue, "The issue as beads holds it.");
        if (type == "epic") plan.Add(id, feature => new Core.Plans.Feature { Id = feature, Title = title, Description = description, Priority = priority, SourceEvidence = [evidence] });

        plan.Add(new TrackerTask(id, new()
        {
            Id = default,
            Title = title,
            Description = description,
            Priority = priority,
            Duration = TrackerWords.Minutes(issue.Number("estimated_minutes"), id, issue.Place, diagnostics),
            Boundaries = TrackerWords.Boundaries([], done.Length > 0 ? [done] : []),
            Evidence = [evidence],
        }, issue.Place)
        {
            Feature = epic,
            Status = status,
            IsSettled = Settled.Contains(status),
            Unknown = Unknown(issue, type, [.. related[id]]),
        });
    }

    private static JsonObject Unknown(TrackerObject issue, string type, List<Link> related)
    {
        var unknown = new JsonObject();
        if (type.Length > 0) unknown["issue_type"] = type;
        if (issue.Any("labels") is { } labels) unknown["labels"] = TrackerJson.Node(labels);
        if (related.Count > 0) unknown["relations"] = new JsonArray([.. related.Select(link => new JsonObject { ["type"] = link.Type, ["id"] = link.From })]);
        var rest = TrackerLines.Rest(issue, Mapped);
        if (rest.Count > 0) unknown["beads"] = rest;
        return unknown;
    }

    private static bool IsOrder(string type) => type == "discovered-from" || Blocking.Contains(type);

    // The nearest epic above; a child of itself, or a circle of parents, has none.
    private static string? EpicOf(string id, Dictionary<string, string> parents, HashSet<string> epics)
    {
        if (epics.Contains(id)) return id;
        for (var steps = 0; steps < LongestLineage && parents.TryGetValue(id, out var parent); steps++)
        {
            if (epics.Contains(parent)) return parent;
            id = parent;
        }

        return null;
    }

    private static IEnumerable<Link> Inside(TrackerObject issue)
    {
        var index = 0;
        foreach (var item in issue.Items("dependencies"))
        {
            var path = $"$.dependencies[{index++}]";
            if (item.ValueKind != JsonValueKind.Object) issue.Wrong("dependencies", "a list of objects", item);
            else if (Link.Of(issue with { Element = item, Path = path }, issue.Id("id")) is { } link) yield return link;
        }
    }

    private static IEnumerable<Link> Beside(ImportSource source, ImportFile issues, DiagnosticBag diagnostics)
    {
        var folder = issues.Path[..(issues.Path.LastIndexOf('/') + 1)];
        if (source.Find($"{folder}dependencies.jsonl") is not { } named || named == issues || TrackerFile.Open(named, diagnostics) is not { } file) yield break;
        foreach (var line in TrackerJson.Lines(file, diagnostics))
        {
            if (Link.Of(line, "") is { } link) yield return link;
        }
    }

    private sealed record Link(string From, string To, string Type, Evidence Evidence, DiagnosticPlace Place)
    {
        public static Link? Of(TrackerObject item, string issue)
        {
            var to = item.Id("issue_id") is { Length: > 0 } said ? said : issue;
            var from = item.Id("depends_on_id");
            if (to.Length == 0 || from.Length == 0)
            {
                item.Diagnostics.Add(TrackerDiagnostics.NoId(item.Place));
                return null;
            }

            // beads' own default.
            var type = item.Text("type") is { Length: > 0 } text ? text : "blocks";
            return new(from, to, type, item.File.Evidence(item.FirstLine, item.FirstLine, item.Element.GetRawText(), $"beads says {type}."), item.Place);
        }
    }
}
