using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports.Trackers;

/// <summary>
/// A mission of spec-kitty: the work packages in <c>tasks/WP01-….md</c>, whose front matter decides; without these files <c>wps.yaml</c>, and without that
/// the sections of <c>tasks.md</c>. A work package is a task; its subtasks are its steps. The last lane in <c>status.events.jsonl</c> is its status.
/// </summary>
public sealed partial class SpecKittyFormat : IPlanFormat
{
    private const string Example = "A section of tasks.md: ## Work Package WP01: Create the model.";

    private static readonly string[] Settled = ["done", "approved", "canceled", "cancelled"];
    private static readonly string[] MappedFields = ["work_package_id", "title", "dependencies", "owned_files", "subtasks", "lane", "priority"];

    /// <inheritdoc/>
    public string Name => "spec-kitty";

    /// <inheritdoc/>
    public bool Recognises(ImportSource source)
    {
        if (Mission.Of(source) is not { } mission) return false;
        return mission.Packages.Count > 0 || mission.Manifest is not null
            || (mission.Tasks is { } named && TrackerFile.Open(named, new()) is { } file && TrackerMarkdown.Lines(file, new()).Any(line => line.HeadingLevel is > 1 and < 5 && IsWorkPackage(line.Heading)));
    }

    /// <inheritdoc/>
    public PlanDraft? Read(ImportSource source, DiagnosticBag diagnostics)
    {
        if (Mission.Of(source) is { } mission) return new Reading(mission, diagnostics).Run();
        diagnostics.Add(TrackerDiagnostics.NothingHere(
            new(source.Named, null), "spec-kitty", "there is neither a tasks.md nor a folder tasks with WP01-….md", "kitty-specs/MISSION, or its tasks.md"));
        return null;
    }

    /// <summary>Whether a heading begins the section of a work package.</summary>
    internal static bool IsWorkPackage(string heading) => IdOf(heading) is not null;

    // A heading over several, "WP02 + WP03" or "WP02–WP04", is about none of them.
    private static string? IdOf(string heading)
    {
        if (SectionHeading().Match(heading) is not { Success: true } match || SeveralPackages().IsMatch(heading)) return null;
        return match.Groups["id"].Value is { Length: > 0 } id ? id : $"WP{match.Groups["number"].Value.PadLeft(2, '0')}";
    }

    /// <summary>The files of one mission.</summary>
    private sealed record Mission(ImportFile? Tasks, ImportFile? Manifest, ImportFile? Events, IReadOnlyList<ImportFile> Packages)
    {
        public static Mission? Of(ImportSource source)
        {
            var folder = FolderOf(source);
            if (folder is null) return null;
            var packages = source.Files.Where(file => IsPackage(file.Path, folder)).ToList();
            var mission = new Mission(source.Find($"{folder}tasks.md"), source.Find($"{folder}wps.yaml"), source.Find($"{folder}status.events.jsonl"), packages);
            return mission.Tasks is null && mission.Manifest is null && packages.Count == 0 ? null : mission;
        }

        // The folder of the mission with its slash: that of the named file, or the only one with a tasks.md.
        private static string? FolderOf(ImportSource source)
        {
            if (source.Named.Length > 0)
            {
                var folder = source.Named[..(source.Named.LastIndexOf('/') + 1)];
                return folder.EndsWith("tasks/", StringComparison.Ordinal) && PackageFile().IsMatch(source.Named) ? folder[..^6] : folder;
            }

            if (source.Find("tasks.md") is not null || source.Files.Any(file => IsPackage(file.Path, ""))) return "";
            var found = source.Files.Where(file => file.Path.EndsWith("/tasks.md", StringComparison.Ordinal)).Select(file => file.Path[..^8]).ToList();
            return found.Count == 1 ? found[0] : null;
        }

        private static bool IsPackage(string path, string folder) =>
            path.StartsWith(folder, StringComparison.Ordinal) && PackageFile().IsMatch(path)
            && path[folder.Length..(path.LastIndexOf('/') + 1)] is "tasks/" or "" && path.StartsWith(folder, StringComparison.Ordinal);
    }

    /// <summary>What one place says of a work package.</summary>
    private sealed record Package(string Id, TrackerFile File, int Line)
    {
        public string Title { get; init; } = "";

        public string Text { get; init; } = "";

        public IReadOnlyList<string> After { get; init; } = [];

        /// <summary>The line on which the dependencies stand.</summary>
        public int AfterLine { get; init; }

        public IReadOnlyDictionary<string, int>? AfterLines { get; init; }

        public IReadOnlyList<string> Files { get; init; } = [];

        public string Lane { get; init; } = "";

        public Priority? Priority { get; init; }

        public IReadOnlyList<string> Criteria { get; init; } = [];

        public IReadOnlyList<string> Subtasks { get; init; } = [];

        public JsonObject Rest { get; init; } = [];
    }

    private sealed class Reading(Mission mission, DiagnosticBag diagnostics)
    {
        public PlanDraft? Run()
        {
            var tasks = mission.Tasks is { } named ? TrackerFile.Open(named, diagnostics) : null;
            var lines = tasks is null ? [] : TrackerMarkdown.Lines(tasks, diagnostics);
            var sections = tasks is null ? [] : new KittySections(tasks, lines, diagnostics).All();
            var packages = mission.Packages.Select(PackageOf).OfType<Package>().ToList();
            if (packages.Count == 0) packages = FromManifest();
            var isBetter = packages.Count > 0;
            var written = sections.Select(OfSection).ToList();
            if (isBetter) SayDisagreements(packages, sections);

            var plan = new TrackerPlan(packages.FirstOrDefault()?.File.Place ?? tasks?.Place ?? new(mission.Tasks?.DisplayPath, null), diagnostics);
            var lanes = Lanes();
            var bySection = written.DistinctBy(section => section.Id).ToDictionary(section => section.Id);
            foreach (var package in isBetter ? packages : written) Add(plan, package, bySection.GetValueOrDefault(package.Id), lanes.GetValueOrDefault(package.Id, ""));
            return plan.Build(TrackerMarkdown.Title(lines), Example);
        }

        private void Add(TrackerPlan plan, Package package, Package? section, string lane)
        {
            var at = package.File.At(package.Line);
            var unknown = new JsonObject();
            var subtasks = package.Subtasks.Count > 0 ? package.Subtasks : section?.Subtasks ?? [];
            if (subtasks.Count > 0) unknown["subtasks"] = new JsonArray([.. subtasks.Select(id => (JsonNode)id)]);
            if (package.Rest.Count > 0) unknown["spec_kitty"] = package.Rest.DeepClone();
            var status = lane.Length > 0 ? lane : package.Lane;
            plan.Add(new TrackerTask(package.Id, new()
            {
                Id = default,
                Title = package.Title.Length > 0 ? package.Title : section?.Title ?? "",
                Description = package.Text.Length > 0 ? package.Text : section?.Text ?? "",
                Priority = package.Priority ?? section?.Priority ?? Priority.Medium,
                Boundaries = TrackerWords.Boundaries(TrackerWords.Files(package.Files, package.Id, at, diagnostics), section?.Criteria ?? package.Criteria),
                Evidence = [package.File.Evidence(package.Line, "The work package.")],
            }, at)
            {
                Status = status,
                IsSettled = Settled.Contains(status),
                Unknown = unknown,
            });
            foreach (var other in package.After)
            {
                var line = package.AfterLines?.GetValueOrDefault(other, package.AfterLine) ?? package.AfterLine;
                plan.Add(new TrackerDependency(other, package.Id, package.File.Evidence(line, "The work package lists it under its dependencies."), package.File.At(line)));
            }
        }

        private static Package OfSection(KittySection section) => new(section.Id, section.File, section.Line)
        {
            Title = section.Title,
            Text = section.Text,
            After = [.. section.After.Keys],
            AfterLine = section.AfterLine,
            AfterLines = section.After,
            Priority = section.Priority,
            Criteria = section.Criteria,
            Subtasks = section.Subtasks,
            Files = section.Files,
        };

        private Package? PackageOf(ImportFile named)
        {
            if (TrackerFile.Open(named, diagnostics) is not { } file) return null;
            var id = PackageFile().Match(named.Path).Groups["id"].Value;
            var end = file.Line(1).TrimEnd() == "---" ? Enumerable.Range(2, file.Lines - 1).FirstOrDefault(line => file.Line(line).TrimEnd() == "---") : 0;
            if (end == 0)
            {
                diagnostics.Add(TrackerDiagnostics.InvalidFrontMatter(file.At(1), "there is none; a work package begins with a line '---', fields, and another line '---'"));
                return new(id, file, 1) { Title = TitleIn(file, 1), Text = Text(file, 1) };
            }

            var yaml = string.Join("\n", Enumerable.Range(2, end - 2).Select(file.Line));
            var fields = TrackerYaml.Read(yaml, file, 1, diagnostics);
            var title = TrackerYaml.Text(fields, "title").Trim();
            return OfFields(id, file, 1, fields) with
            {
                Title = title.Length > 0 ? title : TitleIn(file, end + 1),
                Text = Text(file, end + 1),
                AfterLine = LineOf(file, "dependencies:", end),
                Line = Math.Max(LineOf(file, "title:", end), 1),
            };
        }

        private List<Package> FromManifest()
        {
            if (mission.Manifest is not { } named || TrackerFile.Open(named, diagnostics) is not { } file) return [];
            var root = TrackerYaml.Read(string.Join("\n", Enumerable.Range(1, file.Lines).Select(file.Line)), file, 0, diagnostics);
            if (TrackerYaml.Value(root, "work_packages") is not List<object?> items) return [];
            var packages = new List<Package>();
            var at = 1;
            foreach (var item in items)
            {
                var id = TrackerYaml.Text(item, "id");
                if (id.Length == 0)
                {
                    diagnostics.Add(TrackerDiagnostics.NoId(file.Place));
                    continue;
                }

                // In the order of the file, so that each search begins where the last one ended.
                while (at < file.Lines && !file.Line(at).Contains(id, StringComparison.Ordinal)) at++;
                packages.Add(OfFields(id, file, at, item));
            }

            return packages;
        }

        private static Package OfFields(string id, TrackerFile file, int line, object? fields) => new(id, file, line)
        {
            Title = TrackerYaml.Text(fields, "title").Trim(),
            After = [.. TrackerYaml.Texts(fields, "dependencies").Select(text => WorkPackageId().Match(text) is { Success: true } match ? match.Value : text).Where(other => other != id).Distinct()],
            AfterLine = line,
            Files = TrackerYaml.Texts(fields, "owned_files"),
            Subtasks = TrackerYaml.Texts(fields, "subtasks"),
            Lane = TrackerYaml.Text(fields, "lane"),
            Priority = TrackerWords.InText($"priority {TrackerYaml.Text(fields, "priority")}"),
            Rest = Rest(fields),
        };

        private static JsonObject Rest(object? fields) => fields is not Dictionary<string, object?> map ? [] : new JsonObject(
            map.Where(field => !MappedFields.Contains(field.Key) && Node(field.Value) is not null).Select(field => new KeyValuePair<string, JsonNode?>(field.Key, Node(field.Value))));

        private static JsonNode? Node(object? value) => value switch
        {
            string { Length: > 0 } text => JsonValue.Create(text),
            List<object?> { Count: > 0 } list => new JsonArray([.. list.Select(Node)]),
            Dictionary<string, object?> map => new JsonObject(map.Select(field => new KeyValuePair<string, JsonNode?>(field.Key, Node(field.Value)))),
            _ => null,
        };

        private void SayDisagreements(List<Package> packages, List<KittySection> sections)
        {
            var byId = sections.DistinctBy(section => section.Id).ToDictionary(section => section.Id);
            foreach (var package in packages)
            {
                if (byId.GetValueOrDefault(package.Id) is not { SaysAfter: true } section || section.After.Keys.ToHashSet().SetEquals(package.After)) continue;
                diagnostics.Add(TrackerDiagnostics.Disagreement(
                    package.File.At(package.AfterLine), package.File.DisplayPath, package.Id, List(package.After), section.File.DisplayPath, List(section.After.Keys)));
            }
        }

        private static string List(IEnumerable<string> ids) => ids.Any() ? string.Join(", ", ids.Select(Identifiers.Quote)) : "nothing";

        // The tool's own log; of lines that it cannot read itself nothing is lost here but the status.
        private Dictionary<string, string> Lanes()
        {
            var lanes = new Dictionary<string, string>();
            if (mission.Events is not { } named || TrackerFile.Open(named, diagnostics) is not { } file) return lanes;
            foreach (var line in TrackerJson.Lines(file, diagnostics))
            {
                if (line.Any("wp_id") is not null && line.Any("to_lane") is not null && line.Id("wp_id") is { Length: > 0 } id) lanes[id] = line.Text("to_lane");
            }

            return lanes;
        }

        private static string TitleIn(TrackerFile file, int from)
        {
            for (var line = from; line <= file.Lines; line++)
            {
                if (file.Line(line) is ['#', ' ', ..] heading) return heading[2..].Trim();
            }

            return "";
        }

        private static string Text(TrackerFile file, int from) => string.Join("\n", Enumerable.Range(from, Math.Max(0, file.Lines - from + 1)).Select(line => file.Line(line).TrimEnd())).Trim();

        private static int LineOf(TrackerFile file, string key, int before)
        {
            for (var line = 2; line < before; line++)
            {
                if (file.Line(line).StartsWith(key, StringComparison.Ordinal)) return line;
            }

            return 1;
        }
    }

    [GeneratedRegex(@"(?:^|/)(?<id>WP[0-9]{1,6})[^/]*\.md$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex PackageFile();

    [GeneratedRegex(
        @"^\W*(?:Work Package\s+(?:(?<id>WP[0-9]{1,6})|(?<number>[0-9]{1,6}))|(?<id>WP[0-9]{1,6}))(?:\W|$)",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex SectionHeading();

    [GeneratedRegex(@"^\W*WP[0-9]+\s*(?:[,+&/→]|[–-]\s*WP)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex SeveralPackages();

    [GeneratedRegex("WP[0-9]+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex WorkPackageId();

    /// <summary>The id in a heading, for the reader of sections.</summary>
    internal static string? PackageIn(string heading) => IdOf(heading);
}
