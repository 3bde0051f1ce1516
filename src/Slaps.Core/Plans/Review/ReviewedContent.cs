using System.Globalization;
using System.Text;
using System.Text.Json;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans.Graphs;

namespace Slaps.Core.Plans.Review;

/// <summary>What single tasks, checks and pieces of evidence say, held against what is there.</summary>
internal sealed class ReviewedContent(ReviewedPlan plan, (PlanFile File, JsonElement Root)? features, IPlanSurroundings surroundings, DiagnosticBag diagnostics)
{
    public void Check()
    {
        Titles();
        Checkpoints();
        Programs();
        Prose();
        Evidence();
    }

    private void Titles()
    {
        var titled = plan.Tasks.Where(t => t.Title.Length > 0 && t.Title != t.Id).ToList();
        var others = titled.Where(t => !VerbFirst.Is(t.Title)).ToList();
        if (others.Count > 0) diagnostics.Add(ReviewDiagnostics.Titles(At(others[0].At + ".title"), [.. others.Select(t => $"{t.Id} {Identifiers.Quote(t.Title)}")], titled.Count));
    }

    private void Checkpoints()
    {
        var bare = plan.Tasks.Where(t => IsCapable(t.Json) && !(t.Json.TryGetProperty("execution_guidance", out var guidance) && guidance.ValueKind == JsonValueKind.Object && guidance.TryGetProperty("checkpoint", out _))).ToList();
        if (bare.Count > 0) diagnostics.Add(ReviewDiagnostics.NothingKept(At(bare[0].At + ".scheduling_hints.checkpoint_capable"), [.. bare.Select(t => t.Id)]));

        static bool IsCapable(JsonElement task) => task.ValueKind == JsonValueKind.Object && task.TryGetProperty("scheduling_hints", out var hints) && hints.ValueKind == JsonValueKind.Object
            && hints.TryGetProperty("checkpoint_capable", out var capable) && capable.ValueKind == JsonValueKind.True;
    }

    // One finding for each program, in the order in which the plan first names them.
    private void Programs()
    {
        var produced = plan.Tasks.SelectMany(t => t.Touches.Where(touch => touch.Writes).Select(touch => touch.Path)).ToHashSet(StringComparer.Ordinal);
        var seen = new Dictionary<(string, string, bool), (string At, List<string> Tasks)>();
        foreach (var task in plan.Tasks)
        {
            foreach (var check in task.Checks)
            {
                foreach (var (name, isScript) in check.Programs)
                {
                    if (!seen.TryGetValue((name, check.Workdir, isScript), out var use)) seen.Add((name, check.Workdir, isScript), use = (check.At, []));
                    if (use.Tasks.Count == 0 || use.Tasks[^1] != task.Id) use.Tasks.Add(task.Id);
                }
            }
        }

        foreach (var ((name, workdir, isScript), (at, tasks)) in seen)
        {
            var path = name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
            if (produced.Contains(path) || produced.Contains($"{workdir}/{path}") || surroundings.HasProgram(name, workdir, isScript)) continue;
            diagnostics.Add(ReviewDiagnostics.MissingProgram(At(at), name, tasks));
        }
    }

    private void Prose()
    {
        var checks = plan.Tasks.SelectMany(t => t.Checks.Select(c => (Task: t, Check: c))).ToList();
        var prose = checks.Where(c => c.Check.IsProse).ToList();
        if (prose.Count > 0) diagnostics.Add(ReviewDiagnostics.Prose(At(prose[0].Check.At), prose.Count, checks.Count, [.. prose.Select(c => c.Task.Id).Distinct()]));
        var only = plan.Tasks.Where(t => t.Checks.Count > 0 && t.Checks.All(c => c.IsProse)).ToList();
        if (only.Count > 0) diagnostics.Add(ReviewDiagnostics.OnlyProse(At(only[0].At + ".acceptance_checks"), [.. only.Select(t => t.Id)]));
    }

    // --- Evidence ---

    private void Evidence()
    {
        var pieces = plan.Tasks.SelectMany(t => t.Evidence).Concat(plan.Edges.SelectMany(e => e.Evidence)).Select(e => (plan.File, Evidence: e));
        if (features is { } file)
        {
            pieces = pieces.Concat(file.Root.Items("features").SelectMany((feature, i) =>
                ReviewedEvidence.Of(feature.Items("source_evidence"), $"$.features[{i}].source_evidence").Concat(ReviewedEvidence.Of(feature.Items("evidence"), $"$.features[{i}].evidence")))
                .Select(e => (file.File, Evidence: e)));
        }

        // Commits and pages of the web are nothing that a directory could hold.
        var local = pieces.Where(p => p.Evidence.Type != "commit" && !p.Evidence.Source.Contains("://", StringComparison.Ordinal));
        foreach (var source in local.GroupBy(p => p.Evidence.Source.Split('#')[0], StringComparer.Ordinal))
        {
            var found = surroundings.Read(source.Key);
            if (found.Text is null) diagnostics.Add(ReviewDiagnostics.Source(new(source.First().File.Path, source.First().Evidence.At + ".source"), source.Key, found.Reason, source.Count()));
            else Excerpts([.. source], found.Text);
        }
    }

    private void Excerpts(List<(PlanFile File, ReviewedEvidence Evidence)> pieces, string text)
    {
        // What was redacted in the plan was there in the source.
        if (pieces.Exists(p => p.Evidence.Excerpt.Contains("[REDACTED_", StringComparison.Ordinal))) text = Secrets.Redact(text, keepLines: true);
        var whole = SingleSpaced(text);
        string[]? lines = null;
        foreach (var (file, evidence) in pieces)
        {
            var excerpt = SingleSpaced(evidence.Excerpt.Trim().TrimEnd('…')).TrimEnd();
            if (excerpt.EndsWith("...", StringComparison.Ordinal)) excerpt = excerpt[..^3].TrimEnd();
            if (excerpt.Length == 0) continue;
            var at = new DiagnosticPlace(file.Path, evidence.At + ".excerpt");
            if (!whole.Contains(excerpt, StringComparison.Ordinal))
            {
                diagnostics.Add(ReviewDiagnostics.Excerpt(at, evidence.Excerpt, evidence.Source, ""));
                continue;
            }

            if (LinesOf(evidence.Source) is not { } range) continue;
            lines ??= text.ReplaceLineEndings("\n").Split('\n');
            var (from, to) = (Math.Min(range.From, lines.Length + 1), Math.Min(range.To, lines.Length));
            if (from > to || !SingleSpaced(string.Join('\n', lines[(from - 1)..to])).Contains(excerpt, StringComparison.Ordinal))
                diagnostics.Add(ReviewDiagnostics.Excerpt(at, evidence.Excerpt, evidence.Source, "; it stands at other lines of the file"));
        }
    }

    // path#L10-L14, path#L10 and path#10-14.
    private static (int From, int To)? LinesOf(string source)
    {
        var mark = source.IndexOf('#', StringComparison.Ordinal);
        if (mark < 0) return null;
        var ends = source[(mark + 1)..].Split('-');
        if (ends.Length > 2 || Number(ends[0]) is not { } from || Number(ends[^1]) is not { } to) return null;
        return from >= 1 && to >= from ? (from, to) : null;

        static int? Number(string text) => int.TryParse(text.AsSpan().TrimStart('L'), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private static string SingleSpaced(string text)
    {
        var plain = new StringBuilder(text.Length);
        var blank = true;
        foreach (var c in text)
        {
            var isBlank = char.IsWhiteSpace(c);
            if (!isBlank) plain.Append(c);
            else if (!blank) plain.Append(' ');
            blank = isBlank;
        }

        return plain.ToString();
    }

    private DiagnosticPlace At(string path) => new(plan.File.Path, path);
}
