using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Slaps.Core.Plans;

namespace Slaps.Planning.Tasks;

/// <summary>Writes the task of an item in full: boundaries, checks, estimate, needs, guidance and evidence.</summary>
/// <param name="exists">Whether a path is there in the codebase; null where none was given.</param>
internal sealed class TaskComposer(Func<string, bool>? exists)
{
    private static readonly SearchValues<char> PatternMarks = SearchValues.Create("*?[]{}");

    private const int MostCriteria = 30;
    private const int MostPaths = 60;
    private const int MostChecks = 12;
    private const int DescriptionLength = 4_000;
    private const int CriterionLength = 1_000;
    private const int ManualLength = 2_000;

    /// <summary>The task at a place in the plan.</summary>
    /// <param name="item">The work; its title is unique by then.</param>
    /// <param name="feature">The feature it belongs to.</param>
    /// <param name="marked">Its lines with their marks, in which commands are looked for.</param>
    public PlanTask Compose(WorkItem item, Feature feature, IReadOnlyList<string> marked)
    {
        var cannotBeRepeated = WorkLayers.CannotBeRepeated(item.Title);
        var checks = Checks(item, marked);
        return new PlanTask
        {
            Id = new TaskId($"P1.T{item.Order + 1:D3}"),
            Feature = feature.Id,
            Title = item.Title,
            Description = Description(item),
            Kind = KindOf(item),
            Checks = checks,
            Priority = item.StatedPriority ?? feature.Priority,
            Duration = item.Estimate,
            Boundaries = Boundaries(item, checks),
            Capabilities = Capabilities(item),
            Estimated = Resources(item.Layer),
            Peak = item.Layer is WorkLayer.Tests or WorkLayer.Code ? new PeakNeed(new QuotaAmounts(2, 2_048, null), "building and running tests") : null,
            Produces = [.. NamedFiles.Made(item).Where(p => Mentions.PathOf(p) is not null && !IsPattern(p) && !p.EndsWith('/')).Take(MostPaths).Select(p => new ArtifactDeclaration(p, Required: false))],
            Consumes = [.. item.Uses.Take(MostPaths)],
            Idempotent = !cannotBeRepeated,
            RetryOnFailure = !cannotBeRepeated,
            Compensation = cannotBeRepeated ? new RunSpec.Claimed(Manual: true) : null,
            Preemptible = item.Layer is WorkLayer.Docs or WorkLayer.Spike,
            CheckpointCapable = item.Parts.Count > 1,
            ExecutionGuidance = Guidance(item),
            Evidence = [.. item.Sources.Take(10).Select((source, i) => new Evidence(EvidenceType.Plan, source.Place, source.Excerpt, i == 0 ? 0.9 : 0.8, i == 0 ? "It asks for this work." : "It names a part of this work."))],
        };
    }

    private static string Description(WorkItem item)
    {
        var text = Reading.Words.Beginning(item.Text, DescriptionLength);
        return item.HeadingPath.Count == 0 ? text : $"{text}\n\nFrom the section {string.Join(" > ", item.HeadingPath)}.";
    }

    private static TaskKind KindOf(WorkItem item)
    {
        if (item.Parts.Count < 2) return TaskKind.Sequential;
        return item.Parts.All(p => p.IsStep) ? TaskKind.Pipeline : item.Parts.Any(p => p.IsStep) ? TaskKind.Sequential : TaskKind.Parallel;
    }

    // --- Boundaries ---

    private TaskBoundaries Boundaries(WorkItem item, List<AcceptanceCheck> checks)
    {
        var includes = item.Paths.Where(p => WorkspacePath(p)).Take(MostPaths).ToList();
        return new TaskBoundaries
        {
            Complexity = new ExpectedComplexity { Value = Size(item), Breakdown = item.EstimateRule },
            Done = new DefinitionOfDone { Criteria = Criteria(item, checks), StopWhen = StopWhen(item) },
            Scope = new TaskScope { Includes = includes, Restrictions = Restrictions(item, includes) },
        };
    }

    private static string Size(WorkItem item)
    {
        if (item.StatedSize is { } stated) return stated;
        var lines = Math.Max(5, (int)Math.Round(item.Estimate.MostLikely * StatedAmounts.LinesPerHour / 5, MidpointRounding.ToEven) * 5);
        return item.Layer is WorkLayer.Code or WorkLayer.Schema or WorkLayer.Tests
            ? $"~{lines} LoC"
            : string.Create(CultureInfo.InvariantCulture, $"~{item.Estimate.MostLikely:0.##} h");
    }

    private static List<string> Criteria(WorkItem item, List<AcceptanceCheck> checks)
    {
        var criteria = new List<string>();
        criteria.AddRange(item.Criteria.Select(c => c.Text));
        if (criteria.Count == 0) criteria.AddRange(item.Parts.Select(p => p.Text));
        if (criteria.Count == 0) criteria.Add($"What the specification says holds: {Said(item)}");
        foreach (var check in checks)
        {
            if (check is AcceptanceCheck.Command { Run: RunSpec.Process process }) criteria.Add($"`{string.Join(' ', process.Argv)}` exits with 0");
            if (check is AcceptanceCheck.FileExists file) criteria.Add($"{file.Path} exists");
            if (check is AcceptanceCheck.FileContains text) criteria.Add($"{text.Path} contains {text.Text}");
        }

        return [.. criteria.Select(c => Reading.Words.Whole(Reading.Words.OneSpace(c), CriterionLength)).Distinct(StringComparer.Ordinal).Take(MostCriteria)];
    }

    private static string StopWhen(WorkItem item)
    {
        var from = $"{item.Sources[0].Place}";
        return item.Layer switch
        {
            WorkLayer.Spike => $"The question is answered in writing, or after {item.Estimate.Pessimistic.ToString("0.##", CultureInfo.InvariantCulture)} h; building on the answer belongs to other tasks.",
            WorkLayer.Tests => $"Every criterion has a test or a recorded result; a failing one is reported to its task and not mended here.",
            WorkLayer.Docs => "Readers find what the criteria name; behaviour is not changed here.",
            _ => $"The criteria hold. What {from} does not ask for belongs to other tasks.",
        };
    }

    private string Restrictions(WorkItem item, List<string> includes)
    {
        var text = new StringBuilder();
        var made = includes.Where(p => item.Produces.Contains(p, StringComparer.Ordinal) && (exists is null || (!IsPattern(p) && !exists(p)))).ToList();
        if (made.Count > 0) text.Append(exists is null ? "New: " : "Not in the codebase, so new: ").AppendJoin(", ", made).Append(". ");
        var missing = exists is null ? [] : includes.Where(p => !IsPattern(p) && !exists(p) && !made.Contains(p)).ToList();
        if (missing.Count > 0) text.Append("Not in the codebase, new or named wrongly: ").AppendJoin(", ", missing).Append(". ");
        if (includes.Count == 0) text.Append("The specification names no files; keep to what the criteria need. ");
        if (WorkLayers.CannotBeRepeated(item.Title)) text.Append("It changes what no working copy holds: it runs once, and is undone by hand. ");
        if (item.Layer == WorkLayer.Tests) text.Append("Changes tests only. ");
        if (item.Layer == WorkLayer.Docs) text.Append("Changes documents only. ");
        return text.ToString().TrimEnd();
    }

    private static bool IsPattern(string path) => path.AsSpan().ContainsAny(PatternMarks);

    private static bool WorkspacePath(string path) => Core.Plans.WorkspacePath.Refuse(path) is null;

    // --- Checks ---

    private static List<AcceptanceCheck> Checks(WorkItem item, IReadOnlyList<string> marked)
    {
        var checks = new List<AcceptanceCheck>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var lines = item.Criteria.Concat(item.Parts).ToList();
        var judged = lines.SelectMany(line => line.Left.Concat(line.Checks.Where(c => !c.IsBlock).Select(c => c.Code))).Concat(item.Checks.Select(c => c.Code)).Select(StatedChecks.Trimmed).ToHashSet(StringComparer.Ordinal);
        var run = new HashSet<string>(StringComparer.Ordinal);
        foreach (var check in lines.SelectMany(line => line.Checks).Concat(item.Checks).DistinctBy(Key))
        {
            if (Add(id => check.Check with { Id = id }, KindOf(check))) run.Add(Key(check));
        }

        // A line that only names a file of the task is none of its own: what it says is to be run was said of something else.
        var own = Reading.Words.OneSpace(string.Join(' ', lines.Select(line => line.Text).Prepend(item.Text)));
        foreach (var line in marked)
        {
            foreach (var command in StatedChecks.In(line.Length > 4_000 ? line[..4_000] : line))
            {
                if (!judged.Contains(command) && own.Contains(Reading.Words.Plain(command), StringComparison.Ordinal) && seen.Add(command)) Add(id => new AcceptanceCheck.Command(id, ShellText.ToRun(command, ProcessContext.Default), AcceptanceCheck.DefaultTimeoutSeconds), "command");
            }
        }

        // A bare name beside paths of its kind lies in one of their folders, and nobody said in which: a check at the root would be made up.
        var placed = item.Paths.Where(p => p.Contains('/', StringComparison.Ordinal)).Select(Path.GetExtension).ToHashSet(StringComparer.Ordinal);
        var produced = NamedFiles.Made(item);
        var made = produced.Where(p => Mentions.PathOf(p) is not null && !IsPattern(p) && (p.Contains('/', StringComparison.Ordinal) || !placed.Contains(Path.GetExtension(p)))).ToList();
        foreach (var path in made.Select(p => p.TrimEnd('/')).Where(p => !checks.Exists(c => c is AcceptanceCheck.FileExists there && there.Path == p))) Add(id => new AcceptanceCheck.FileExists(id, path, AcceptanceCheck.DefaultTimeoutSeconds), "exists");
        if (made.Count == 1 && !made[0].EndsWith('/'))
        {
            // "Create `a.ts` with `parse()`": the file has to name what is made together with it.
            foreach (var symbol in produced.Where(p => Mentions.PathOf(p) is null).Take(3))
                Add(id => new AcceptanceCheck.FileContains(id, made[0], NameOnly(symbol), AcceptanceCheck.DefaultTimeoutSeconds), "contains");
        }

        if (checks.Count == 0) checks.Add(Look("Nothing in the text can be run. Look whether this holds", item.Criteria.Count > 0 ? [.. item.Criteria.Select(c => c.Text)] : [Said(item)]));
        else if (Uncovered(item, run) is { Count: > 0 } uncovered) checks.Add(Look("The other checks do not show all of this. Look whether it holds", uncovered));
        return checks;

        bool Add(Func<string, AcceptanceCheck> make, string kind)
        {
            if (checks.Count >= MostChecks) return false;
            checks.Add(make($"{kind}-{checks.Count + 1}"));
            return true;
        }
    }

    private static string Key(StatedCheck check) => check.Words + check.Code;

    private static string KindOf(StatedCheck check) => check switch
    {
        { IsBlock: true } => "script",
        { Check: AcceptanceCheck.FileExists } => "exists",
        { Check: AcceptanceCheck.FileContains } => "contains",
        { Check: AcceptanceCheck.JsonPath } => "json",
        _ => "command",
    };

    // The criteria that the checks do not show, or of which they show only a part.
    private static List<string> Uncovered(WorkItem item, HashSet<string> run)
    {
        var parts = item.Parts.Where(p => p.Checks.Count > 0 && (p.Left.Count > 0 || p.Checks.Any(c => IsAbout(p.Text, c))) && !IsCovered(p, run));
        var uncovered = item.Criteria.Where(c => !IsCovered(c, run)).Concat(parts).Select(line => line.Text).Distinct(StringComparer.Ordinal).ToList();

        // Where nothing else judges it, and its own words begin with the command, they are the criterion.
        if (uncovered.Count == 0 && item.Criteria.Count == 0 && item.Checks.Any(c => !c.IsBlock && IsAbout(item.Text, c) && (c.Covers.Length == 0 || !run.Contains(Key(c))))) uncovered.Add(Said(item));
        return uncovered;
    }

    // "Add the list; `todo list` passes" asks for work and states its proof; "`todo list` passes within a second" is a criterion itself.
    private static bool IsAbout(string text, StatedCheck check) =>
        Reading.Words.Plain(check.Code) is var code && text.IndexOf(code, StringComparison.Ordinal) is >= 0 and var at && !text[..at].Any(char.IsLetterOrDigit);

    private static bool IsCovered(WorkPart line, HashSet<string> run)
    {
        if (line.Checks.Count == 0 || line.Left.Count > 0 || !line.Checks.All(c => run.Contains(Key(c)))) return false;
        var rest = line.Text;
        foreach (var covered in line.Checks.Select(c => c.Covers).Where(c => c.Length > 0).Distinct(StringComparer.Ordinal).OrderByDescending(c => c.Length))
        {
            if (rest.IndexOf(covered, StringComparison.Ordinal) is >= 0 and var at) rest = rest.Remove(at, covered.Length);
        }

        return !rest.Any(char.IsLetterOrDigit);
    }

    // Whole criteria, as many as stay readable, and how many more there are.
    private static AcceptanceCheck.Unrunnable Look(string why, List<string> criteria)
    {
        var text = new StringBuilder();
        for (var i = 0; i < criteria.Count; i++)
        {
            var criterion = Reading.Words.OneSpace(criteria[i]);
            if (i > 0 && text.Length + criterion.Length > ManualLength)
            {
                text.Append(CultureInfo.InvariantCulture, $"; and {criteria.Count - i} more in its definition of done");
                break;
            }

            text.Append(i == 0 ? "" : "; ").Append(Reading.Words.Whole(criterion, ManualLength));
        }

        return new AcceptanceCheck.Unrunnable("manual", "manual", $"{why}: {text}");
    }

    // What the text says of it, and not only under which heading.
    private static string Said(WorkItem item)
    {
        if (item.Statement.Length > 0) return item.Statement;
        var lines = item.Text.Split('\n').Where(l => l.Trim().Length > 0).ToList();
        return Reading.Words.OneSpace(lines.Count > 1 && item.HeadingPath.Count > 0 && lines[0].Trim(' ', '#') == item.HeadingPath[^1].Trim() ? $"{lines[0].Trim(' ', '#')}: {lines[1]}" : lines[0].TrimStart('#', ' '));
    }

    private static string NameOnly(string symbol)
    {
        var bracket = symbol.IndexOf('(', StringComparison.Ordinal);
        var name = bracket > 0 ? symbol[..bracket] : symbol;
        return name[(name.LastIndexOfAny(['.', ':', '#', '>']) + 1)..] is { Length: > 0 } last ? last : name;
    }

    // --- Needs ---

    private static List<string> Capabilities(WorkItem item)
    {
        var needs = new List<string>
        {
            item.Layer switch
            {
                WorkLayer.Spike => "analysis",
                WorkLayer.Schema => "data",
                WorkLayer.Code => "coding",
                WorkLayer.Tests => "testing",
                WorkLayer.Docs => "writing",
                _ => "operations",
            },
        };
        foreach (var path in item.Paths)
        {
            if (Language(path[(path.LastIndexOf('.') + 1)..]) is { } language && !needs.Contains(language)) needs.Add(language);
        }

        return needs;
    }

    private static string? Language(string ending) => ending switch
    {
        "cs" or "csproj" => "dotnet",
        "ts" or "tsx" => "typescript",
        "js" or "jsx" or "mjs" or "cjs" => "javascript",
        "py" => "python",
        "go" => "go",
        "rs" => "rust",
        "java" => "java",
        "kt" or "kts" => "kotlin",
        "rb" => "ruby",
        "php" => "php",
        "swift" => "swift",
        "sql" => "sql",
        _ => null,
    };

    private static QuotaAmounts Resources(WorkLayer layer) => layer switch
    {
        WorkLayer.Tests => new QuotaAmounts(2, 2_048, null),
        WorkLayer.Code or WorkLayer.Schema => new QuotaAmounts(1, 1_024, null),
        _ => new QuotaAmounts(0.5, 512, null),
    };

    // --- Guidance ---

    private static string Guidance(WorkItem item)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartArray("checkpoints");
            var steps = item.Parts.Count > 1 ? item.Parts.Take(8).Select(p => p.Text).ToList() : [.. Usual(item.Layer)];
            for (var i = 0; i < steps.Count; i++)
            {
                json.WriteStartObject();
                json.WriteString("name", Reading.Words.Beginning(Reading.Words.OneSpace(steps[i]), 160));
                json.WriteNumber("percent", (int)Math.Round(100.0 * (i + 1) / steps.Count, MidpointRounding.ToEven));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartObject("logging");
            json.WriteString("format", "json_lines");
            json.WriteString("on_complete", "Name the files changed and the checks that passed.");
            json.WriteString("on_error", "Write the command, its exit code and its last lines.");
            json.WriteString("on_start", $"Write the task's id and {item.Sources[0].Place}.");
            json.WriteString("progress", "Print TASKS_PROGRESS and the percentage at each checkpoint.");
            json.WriteEndObject();
            json.WriteStartObject("monitoring");
            json.WriteNumber("expected_hours", item.Estimate.MostLikely);
            json.WriteNumber("warn_after_hours", item.Estimate.Pessimistic);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        using var document = JsonDocument.Parse(bytes.ToArray());
        return CanonicalJson.Text(document.RootElement);
    }

    private static string[] Usual(WorkLayer layer) => layer switch
    {
        WorkLayer.Spike => ["The question is written down", "The options are compared", "The answer is written down"],
        WorkLayer.Tests => ["The tests are written and fail where they should", "The tests pass"],
        WorkLayer.Docs => ["The text is drafted", "Its examples were tried"],
        WorkLayer.Deployment => ["What will change is written down", "The change is made", "The change is verified"],
        _ => ["The change is made", "Its checks pass"],
    };
}
