using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports.Trackers;

/// <summary>
/// Kiro's <c>tasks.md</c>: numbered check boxes, one or two levels of them. A plan that states dependencies means those; one that states none
/// means its order, in which Kiro works it off: a task of the first level follows its own subtasks.
/// </summary>
public sealed partial class KiroFormat : IPlanFormat
{
    private const string Example = "A line of tasks.md: - [ ] 1.1 Create the model.";

    // Enough to be enforced by default, less than what is stated.
    private const double OrderConfidence = 0.75;

    /// <inheritdoc/>
    public string Name => "kiro";

    /// <inheritdoc/>
    public bool Recognises(ImportSource source) =>
        Find(source) is { } named && TrackerFile.Open(named, new()) is { } file
        && TrackerMarkdown.Lines(file, new()).Any(line => !line.IsCode && TaskLine().IsMatch(line.Text));

    /// <inheritdoc/>
    public PlanDraft? Read(ImportSource source, DiagnosticBag diagnostics)
    {
        if (Find(source) is not { } named)
        {
            diagnostics.Add(TrackerDiagnostics.NothingHere(new(source.Named, null), "Kiro", "there is no tasks.md", ".kiro/specs/NAME/tasks.md"));
            return null;
        }

        return TrackerFile.Open(named, diagnostics) is { } file ? new Reading(file, diagnostics).Run() : null;
    }

    private static ImportFile? Find(ImportSource source) => source.Named.Length > 0 ? source.Find(source.Named) : source.Find("tasks.md");

    private sealed class Entry(string id, string title, MarkdownLine line, bool isDone, bool isOptional)
    {
        public string Id => id;

        public string Title => title;

        public MarkdownLine Line => line;

        public bool IsDone => isDone;

        public bool IsOptional => isOptional;

        public List<MarkdownLine> Body { get; } = [];

        public List<string> Requirements { get; } = [];

        public List<(string Id, MarkdownLine Line)> After { get; } = [];

        /// <summary>Phases of which all must be done before it begins.</summary>
        public List<(string Phase, MarkdownLine Line)> AfterPhases { get; } = [];

        /// <summary>The number in the heading "Phase 2" above it; empty where there is none.</summary>
        public string Phase { get; init; } = "";
    }

    private sealed class Reading(TrackerFile file, DiagnosticBag diagnostics)
    {
        private readonly TrackerPlan _plan = new(file.Place, diagnostics);

        public PlanDraft? Run()
        {
            var lines = TrackerMarkdown.Lines(file, diagnostics);
            var entries = Entries(lines);
            foreach (var entry in entries) Add(entry);
            var states = entries.Any(entry => entry.After.Count + entry.AfterPhases.Count > 0);
            if (states) AddStated(entries);
            else AddOrder(entries);
            return _plan.Build(TrackerMarkdown.Title(lines), Example);
        }

        private List<Entry> Entries(IReadOnlyList<MarkdownLine> lines)
        {
            var entries = new List<Entry>();
            var isOpen = false;
            var phase = "";
            foreach (var line in lines)
            {
                if (!line.IsCode && TaskLine().Match(line.Text) is { Success: true } match)
                {
                    entries.Add(new(match.Groups["id"].Value, match.Groups["title"].Value.Trim(), line, match.Groups["box"].Value is "x" or "X", match.Groups["optional"].Length > 0) { Phase = phase });
                    isOpen = true;
                }
                else if (line.HeadingLevel > 0)
                {
                    isOpen = false;
                    if (PhaseHeading().Match(line.Heading) is { Success: true } named) phase = named.Groups["number"].Value;
                }
                else if (isOpen)
                {
                    Detail(entries[^1], line);
                }
            }

            return entries;
        }

        private void Detail(Entry entry, MarkdownLine line)
        {
            entry.Body.Add(line);
            if (line.IsCode) return;
            if (Requirements().Match(line.Text) is { Success: true } requirements) entry.Requirements.AddRange(Numbers(requirements.Groups["ids"].Value));
            else if (DependsOn().Match(line.Text) is { Success: true } after) entry.After.AddRange(Numbers(after.Groups["ids"].Value).Select(id => (id, line)));
            else if (AfterPhase().Match(line.Text) is { Success: true } whole) entry.AfterPhases.Add((whole.Groups["number"].Value, line));
            else if (Unread().Match(line.Text) is { Success: true } unread)
                diagnostics.Add(TrackerDiagnostics.UnreadDependency(file.At(line.Number), entry.Id, unread.Groups["text"].Value.Trim(' ', '*', '_'), "_Dependencies: 1.1, 1.2_"));
        }

        private static IEnumerable<string> Numbers(string text) => Number().Matches(text).Select(match => match.Value);

        private void Add(Entry entry)
        {
            var unknown = new JsonObject();
            if (entry.Requirements.Count > 0) unknown["requirements"] = new JsonArray([.. entry.Requirements.Distinct().Select(id => (JsonNode)id)]);
            if (entry.IsOptional) unknown["optional"] = true;
            var last = entry.Body.FindLast(line => line.Text.Trim().Length > 0).Number;
            var files = TrackerPaths.In(entry.Body.Where(line => !line.IsCode).Select(line => line.Text).Prepend(entry.Title));
            _plan.Add(new TrackerTask(entry.Id, new()
            {
                Id = default,
                Title = entry.Title,
                Description = TrackerPaths.Unindented(entry.Body.Select(line => line.Text)),
                Boundaries = TrackerWords.Boundaries(TrackerWords.Files(files, entry.Id, file.At(entry.Line.Number), diagnostics), []),
                Evidence = [file.Evidence(entry.Line.Number, Math.Max(last, entry.Line.Number), entry.Line.Text, "The check box of the task.")],
            }, file.At(entry.Line.Number))
            {
                Status = entry.IsDone ? "done" : "pending",
                IsSettled = entry.IsDone,
                Unknown = unknown,
            });
        }

        private void AddStated(List<Entry> entries)
        {
            foreach (var entry in entries)
            {
                foreach (var (id, line) in entry.After)
                    _plan.Add(new TrackerDependency(id, entry.Id, file.Evidence(line.Number, "The task says what it depends on."), file.At(line.Number)));
                foreach (var (phase, line) in entry.AfterPhases) AddPhase(entries, entry, phase, line);
            }
        }

        // A phase is done when its tasks of the first level are, for those are done when their subtasks are.
        private void AddPhase(List<Entry> entries, Entry entry, string phase, MarkdownLine line)
        {
            var before = entries.Where(other => other.Phase == phase && !other.Id.Contains('.') && other.Phase != entry.Phase).ToList();
            if (before.Count == 0) diagnostics.Add(TrackerDiagnostics.UnreadDependency(file.At(line.Number), entry.Id, $"Phase {phase} complete", "_Dependencies: 1.1, 1.2_"));
            foreach (var other in before)
                _plan.Add(new TrackerDependency(other.Id, entry.Id, file.Evidence(line.Number, "The task waits for a whole phase."), file.At(line.Number)));
        }

        private void AddOrder(List<Entry> entries)
        {
            var order = AfterSubtasks(entries);
            for (var i = 1; i < order.Count; i++)
            {
                var (before, after) = (order[i - 1], order[i]);
                var evidence = file.Evidence(entries[after].Line.Number, "It stands after the other one in the list.", OrderConfidence);
                _plan.Add(before, after, new TrackerDependency("", "", evidence, file.At(entries[after].Line.Number)) { Type = DependencyType.Sequential, Reason = "Kiro works the list off in its order." });
            }

            if (order.Count > 1)
                diagnostics.Add(TrackerDiagnostics.InferredOrder(file.Place, order.Count - 1, "the plan states none, so each task waits for the one before it in the list", OrderConfidence));
        }

        // The places of the entries in the order of work: 1.1, 1.2, then 1.
        private static List<int> AfterSubtasks(List<Entry> entries)
        {
            var order = new List<int>();
            var open = new Stack<int>();
            for (var i = 0; i < entries.Count; i++)
            {
                while (open.TryPeek(out var parent) && !entries[i].Id.StartsWith(entries[parent].Id + ".", StringComparison.Ordinal)) order.Add(open.Pop());
                open.Push(i);
            }

            while (open.TryPop(out var parent)) order.Add(parent);
            return order;
        }
    }

    [GeneratedRegex(
        @"^\s*[-*]\s*\[(?<box>[ xX~-])\](?<optional>\*?)\s*(?<id>[0-9]{1,9}(?:\.[0-9]{1,9}){0,8})\.?\s+(?<title>.*)$",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex TaskLine();

    [GeneratedRegex(@"_?Requirements?:\s*(?<ids>[0-9.,\s]+)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Requirements();

    [GeneratedRegex(
        @"(?:^\s*(?:[-*]\s+)?[*_]{0,3}(?:depends on|dependency|dependencies)\W{1,10}|\(after\s+)(?:tasks?\s+)?(?<ids>[0-9]{1,9}(?:\.[0-9]{1,9})*(?:(?:,|\s|and|&|tasks?)+[0-9]{1,9}(?:\.[0-9]{1,9})*)*)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex DependsOn();

    [GeneratedRegex(@"^\W*phase\s+(?<number>[0-9]{1,4})\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex PhaseHeading();

    [GeneratedRegex(
        @"^\s*(?:[-*]\s+)?[*_]{0,3}(?:depends on|dependencies)[*_]{0,3}:[*_]{0,3}\s*phase\s+(?<number>[0-9]{1,4})\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex AfterPhase();

    // A label with words behind it; "None" says something.
    [GeneratedRegex(
        @"^\s*(?:[-*]\s+)?[*_]{0,3}(?:depends on|dependencies)[*_]{0,3}:[*_]{0,3}\s*(?<text>[^n\s*_][^*]*|n[^o*][^*]*)[*_]{0,3}\s*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Unread();

    [GeneratedRegex(@"[0-9]+(?:\.[0-9]+)*", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Number();
}
