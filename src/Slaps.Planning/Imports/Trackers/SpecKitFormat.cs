using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports.Trackers;

/// <summary>
/// spec-kit's <c>tasks.md</c>: check boxes T001 onwards in phases, <c>[P]</c> on those that may run beside their neighbours. What a task says
/// it depends on is a dependency; phases are barriers and tasks without [P] follow each other, which is one too, of a lower confidence.
/// </summary>
public sealed partial class SpecKitFormat : IPlanFormat
{
    private const string Example = "A line of tasks.md: - [ ] T001 [P] Create the model in src/models/user.py.";

    // Enough to be enforced by default, less than what a task states itself.
    private const double OrderConfidence = 0.75;

    // Two groups of tasks with more pairs than this are joined through one task, so that the cost grows with the tasks and not with their square.
    private const int MostPairs = 2_500;

    /// <inheritdoc/>
    public string Name => "spec-kit";

    /// <inheritdoc/>
    public bool Recognises(ImportSource source) =>
        Find(source) is { } named && TrackerFile.Open(named, new()) is { } file
        && TrackerMarkdown.Lines(file, new()) is var lines
        && lines.Any(line => !line.IsCode && TaskLine().IsMatch(line.Text))
        && !lines.Any(line => line.HeadingLevel is > 1 and < 5 && SpecKittyFormat.IsWorkPackage(line.Heading));

    /// <inheritdoc/>
    public PlanDraft? Read(ImportSource source, DiagnosticBag diagnostics)
    {
        if (Find(source) is not { } named)
        {
            diagnostics.Add(TrackerDiagnostics.NothingHere(new(source.Named, null), "spec-kit", "there is no tasks.md", "specs/NAME/tasks.md"));
            return null;
        }

        return TrackerFile.Open(named, diagnostics) is { } file ? new Reading(file, diagnostics).Run() : null;
    }

    private static ImportFile? Find(ImportSource source)
    {
        if (source.Named.Length > 0) return source.Find(source.Named);
        return source.Find("tasks.md") ?? source.Files.FirstOrDefault(file => file.Path.EndsWith("tasks-lines.md", StringComparison.Ordinal));
    }

    private sealed record Entry(string Id, string Title, MarkdownLine Line, bool IsDone, IReadOnlyList<string> Flags, string Phase, IReadOnlyList<string> Files)
    {
        public bool IsParallel => Flags.Contains("P");

        public List<string> Body { get; } = [];
    }

    private sealed class Reading(TrackerFile file, DiagnosticBag diagnostics)
    {
        private readonly TrackerPlan _plan = new(file.Place, diagnostics);
        private readonly Dictionary<string, int> _phases = [];

        public PlanDraft? Run()
        {
            var lines = TrackerMarkdown.Lines(file, diagnostics);
            var entries = Entries(lines);
            foreach (var (phase, line) in _phases)
                _plan.Add(phase, id => new Core.Plans.Feature { Id = id, Title = phase, Priority = TrackerWords.InText(phase) ?? Priority.Medium, SourceEvidence = [file.Evidence(line, "The heading of the phase.")] });
            foreach (var entry in entries) Add(entry);
            foreach (var entry in entries) AddStated(entry);
            AddOrder(entries);
            SaySharedFiles(entries);
            return _plan.Build(TrackerMarkdown.Title(lines), Example);
        }

        private List<Entry> Entries(IReadOnlyList<MarkdownLine> lines)
        {
            var entries = new List<Entry>();
            var phase = "";
            var isOpen = false;
            foreach (var line in lines)
            {
                if (!line.IsCode && TaskLine().Match(line.Text) is { Success: true } match)
                {
                    var title = match.Groups["title"].Value.Trim();
                    var flags = Flag().Matches(match.Groups["flags"].Value).Select(flag => flag.Groups["flag"].Value.Trim()).ToList();
                    entries.Add(new(match.Groups["id"].Value, title, line, match.Groups["box"].Value != " ", flags, phase, TrackerPaths.In([title])));
                    isOpen = true;
                }
                else if (line.HeadingLevel > 0)
                {
                    isOpen = false;
                    if (line.HeadingLevel != 2 || !Phase().IsMatch(line.Heading)) continue;
                    phase = line.Heading;
                    _phases.TryAdd(phase, line.Number);
                }
                else if (isOpen && line.Text.Trim() is { Length: > 0 } && char.IsWhiteSpace(line.Text[0]))
                {
                    entries[^1].Body.Add(line.Text);
                }
                else
                {
                    isOpen = false;
                }
            }

            return entries;
        }

        private void Add(Entry entry)
        {
            var unknown = new JsonObject();
            if (entry.Flags.Count > 0) unknown["flags"] = new JsonArray([.. entry.Flags.Select(flag => (JsonNode)flag)]);
            var at = file.At(entry.Line.Number);
            _plan.Add(new TrackerTask(entry.Id, new()
            {
                Id = default,
                Title = entry.Title,
                Description = TrackerPaths.Unindented(entry.Body),
                Priority = TrackerWords.InText(entry.Phase) ?? Priority.Medium,
                Boundaries = TrackerWords.Boundaries(TrackerWords.Files(entry.Files, entry.Id, at, diagnostics), []),
                Evidence = [file.Evidence(entry.Line.Number, "The check box of the task.")],
            }, at)
            {
                Feature = entry.Phase.Length > 0 ? entry.Phase : null,
                Status = entry.IsDone ? "done" : "pending",
                IsSettled = entry.IsDone,
                Unknown = unknown,
            });
        }

        private void AddStated(Entry entry)
        {
            foreach (var id in Stated().Matches(entry.Title).SelectMany(said => TaskId().Matches(said.Groups["ids"].Value)).Select(match => match.Value).Distinct())
            {
                if (id != entry.Id)
                    _plan.Add(new TrackerDependency(id, entry.Id, file.Evidence(entry.Line.Number, "The task says what it comes after."), file.At(entry.Line.Number)));
            }
        }

        // Each group waits for the whole one before it: a task without [P] alone, neighbours with [P] together, never across a phase.
        private void AddOrder(List<Entry> entries)
        {
            var groups = new List<List<int>>();
            for (var i = 0; i < entries.Count; i++)
            {
                var joins = i > 0 && entries[i].IsParallel && entries[i - 1].IsParallel && entries[i].Phase == entries[i - 1].Phase;
                if (!joins) groups.Add([]);
                groups[^1].Add(i);
            }

            var count = 0;
            for (var g = 1; g < groups.Count; g++)
            {
                foreach (var (from, to) in Between(groups[g - 1], groups[g]))
                {
                    var entry = entries[to];
                    var isBarrier = entry.Phase != entries[from].Phase;
                    var rationale = isBarrier ? "It stands in a later phase." : entry.IsParallel ? "It stands after a task without [P]." : "It stands later in its phase and has no [P].";
                    _plan.Add(from, to, new TrackerDependency("", "", file.Evidence(entry.Line.Number, rationale, OrderConfidence), file.At(entry.Line.Number))
                    {
                        Type = DependencyType.Sequential,
                        Reason = isBarrier ? "Phases are done one after the other." : "Tasks without [P] are done one after the other.",
                    });
                    count++;
                }
            }

            if (count > 0)
                diagnostics.Add(TrackerDiagnostics.InferredOrder(file.Place, count, "phases are done one after the other, and in a phase only neighbours marked [P] at once", OrderConfidence));
        }

        private static IEnumerable<(int From, int To)> Between(List<int> before, List<int> after)
        {
            if ((long)before.Count * after.Count <= MostPairs) return before.SelectMany(from => after.Select(to => (from, to)));
            return [.. before.Select(from => (from, after[0])), .. after.Skip(1).Select(to => (after[0], to))];
        }

        private void SaySharedFiles(List<Entry> entries)
        {
            const int Shown = 20;
            var parallel = entries.Where(entry => entry.IsParallel).ToList();
            var shared = parallel
                .SelectMany(entry => entry.Files.Select(path => (entry.Phase, Path: path, Entry: entry)))
                .GroupBy(item => (item.Phase, item.Path))
                .Where(group => group.Count() > 1)
                .ToList();
            if (shared.Count == 0) return;

            var tasks = shared.SelectMany(group => group.Select(item => item.Entry.Line.Number)).Distinct().Count();
            diagnostics.Add(TrackerDiagnostics.SharedFiles(file.Place, tasks, parallel.Count));
            foreach (var group in shared)
            {
                var ids = group.Select(item => item.Entry.Id).ToList();
                var names = string.Join(", ", ids.Take(Shown)) + (ids.Count > Shown ? $" and {ids.Count - Shown:N0} more" : "");
                var phase = group.Key.Phase.Length > 0 ? Identifiers.Quote(group.Key.Phase) : "the plan";
                diagnostics.Add(TrackerDiagnostics.SharedFile(file.At(group.First().Entry.Line.Number), group.Key.Path, phase, names));
            }
        }
    }

    [GeneratedRegex(
        @"^\s*[-*]\s*\[(?<box>[ xX])\]\s*\**(?<id>T[0-9]{1,9}[a-z]?)\**\s*(?<flags>(?:\[[^\]]+\]\s*)*)(?<title>.*)$",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex TaskLine();

    [GeneratedRegex(@"\[(?<flag>[^\]]+)\]", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Flag();

    [GeneratedRegex(@"^Phase\s|Phase\s+[0-9]", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Phase();

    [GeneratedRegex(
        @"(?:depends on|after|requires)\s+(?<ids>(?:T[0-9]+[a-z]?(?:[,+&\s]|and|–|-)*)+)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Stated();

    [GeneratedRegex(@"T[0-9]+[a-z]?", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex TaskId();
}
