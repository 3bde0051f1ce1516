using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans.Graphs;

namespace Slaps.Core.Plans.Review;

/// <summary>
/// Looks at all files of a plan directory together: whether each can be read, whether they agree, and what in them will go wrong or was
/// probably not meant so. It is for people before they start; an execution itself goes by coordinator.json alone.
/// </summary>
public static class PlanReview
{
    /// <summary>The files that belong to a plan and are looked at, those for people last.</summary>
    public static IReadOnlyList<string> FileNames { get; } = ["coordinator.json", "tasks.json", "features.json", "dag.json", "waves.json", "Plan.md", "Decisions.md"];

    /// <summary>Everything found: errors first, then by file and code, so that the same plan always gives the same list.</summary>
    /// <param name="directory">The plan directory as the user named it.</param>
    /// <param name="files">Those of <see cref="FileNames"/> that are there.</param>
    /// <param name="surroundings">What else is there on this machine.</param>
    public static PlanReviewResult Of(string directory, IReadOnlyList<PlanFile> files, IPlanSurroundings surroundings)
    {
        var diagnostics = new DiagnosticBag();
        using (var review = new Review(directory, files, surroundings, diagnostics)) review.Run();

        var order = FileNames.Select((name, i) => (name, i)).ToDictionary(f => f.name, f => f.i);
        var sorted = diagnostics.Items
            .OrderBy(d => d.Severity switch { Severity.Error => 0, Severity.Warning => 1, _ => 2 })
            .ThenBy(d => order.GetValueOrDefault(files.FirstOrDefault(f => f.Path == d.File)?.Name ?? "", -1))
            .ThenBy(d => d.Code, StringComparer.Ordinal)
            .Select(WithoutSecrets);
        return new PlanReviewResult([.. sorted], diagnostics.ErrorCount, diagnostics.WarningCount, diagnostics.Dropped);
    }

    // A message that quotes the plan must not carry on what the review has just complained about.
    private static Diagnostic WithoutSecrets(Diagnostic found) => found with { Message = Secrets.Redact(found.Message), Hint = Secrets.Redact(found.Hint) };

    private sealed class Review(string directory, IReadOnlyList<PlanFile> files, IPlanSurroundings surroundings, DiagnosticBag diagnostics) : IDisposable
    {
        private readonly Dictionary<string, JsonDocument> _documents = [];
        private readonly SortedDictionary<string, List<Declaration>> _declarations = new(StringComparer.Ordinal);

        public void Run()
        {
            foreach (var file in files) Open(file);
            if (!files.Any(f => f.Name is "coordinator.json" or "tasks.json"))
            {
                diagnostics.Add(ReviewDiagnostics.NoPlan(directory));
                return;
            }

            foreach (var file in files)
            {
                if (_documents.TryGetValue(file.Name, out var document)) Hash(file, document.RootElement);
                else if (file.Name.EndsWith(".md", StringComparison.Ordinal)) Prose(file);
            }

            var coordinator = Root("coordinator.json") is { } graph ? ReviewedPlan.OfCoordinator(graph.File, graph.Root) : null;
            var tasks = Root("tasks.json") is { } list ? ReviewedPlan.OfTasks(list.File, list.Root) : null;

            // tasks.json says more about each task; a short plan has only coordinator.json.
            if ((tasks is { Tasks.Count: > 0 } ? tasks : coordinator ?? tasks) is not { } plan) return;
            if (coordinator is not null && tasks is not null) Compare(tasks, coordinator);
            if (tasks is not null) new PlanStructure(tasks, diagnostics).Check();

            Resources(plan, coordinator, tasks);
            Counts(plan, coordinator, tasks);
            Features(plan);
            Dag(plan);
            Waves(plan);
            new ReviewedContent(plan, Root("features.json"), surroundings, diagnostics).Check();
            new ReviewedOrder(plan, _declarations.Keys.ToHashSet(StringComparer.Ordinal), diagnostics).Check();
        }

        public void Dispose()
        {
            foreach (var document in _documents.Values) document.Dispose();
        }

        private void Open(PlanFile file)
        {
            if (!file.Name.EndsWith(".json", StringComparison.Ordinal)) return;
            var utf8 = file.Bytes.Span.StartsWith("\uFEFF"u8) ? file.Bytes["\uFEFF"u8.Length..] : file.Bytes;
            if (!JsonScan.Accepts(utf8.Span, file.Path, diagnostics)) return;
            var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth });
            _documents.Add(file.Name, document);
            if (file.Name == "coordinator.json") CoordinatorJson.Read(file.Bytes, file.Path, diagnostics);
            else if (document.RootElement.ValueKind != JsonValueKind.Object)
                diagnostics.Add(PlanDiagnostics.WrongType(new(file.Path, "$"), "an object", JsonFields.Describe(document.RootElement), optional: false));
            FindSecrets(file, document.RootElement, JsonWhere.Root, "");
        }

        private (PlanFile File, JsonElement Root)? Root(string name) =>
            _documents.TryGetValue(name, out var document) && document.RootElement.ValueKind == JsonValueKind.Object ? (files.First(f => f.Name == name), document.RootElement) : null;

        private void FindSecrets(PlanFile file, JsonElement element, JsonWhere where, string name)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (var field in element.EnumerateObject()) FindSecrets(file, field.Value, where.Field(field.Name), field.Name);
                    break;
                case JsonValueKind.Array:
                    var index = 0;
                    foreach (var item in element.EnumerateArray()) FindSecrets(file, item, where.Item(index++), name);
                    break;
                case JsonValueKind.String:
                    foreach (var secret in Secrets.FindInValue(name, element.GetString()!)) Report(secret, new(file.Path, where.ToString()));
                    break;
            }
        }

        private void Report(FoundSecret secret, DiagnosticPlace at) =>
            diagnostics.Add(secret.IsCertain ? ReviewDiagnostics.Secret(at, secret.Kind) : ReviewDiagnostics.SuspectedSecret(at, secret.Kind));

        private void Hash(PlanFile file, JsonElement root)
        {
            if (root.At("meta")?.Text("artifact_hash") is { Length: > 0 } said && !Same(said, CanonicalJson.Hash(root)))
                diagnostics.Add(ReviewDiagnostics.Hash(new(file.Path, "$.meta.artifact_hash")));
        }

        private static bool Same(string said, string hash) => (said.StartsWith("sha256:", StringComparison.OrdinalIgnoreCase) ? said[7..] : said).Equals(hash, StringComparison.OrdinalIgnoreCase);

        // What is written for people: secrets, and the hashes that it lists, each on a line with the name of its file.
        private void Prose(PlanFile file)
        {
            var text = Encoding.UTF8.GetString(file.Bytes.Span);
            var line = 1;
            var counted = 0;
            foreach (var secret in Secrets.Find(text))
            {
                line += text.AsSpan(counted..secret.Start).Count('\n');
                counted = secret.Start;
                Report(secret, new(file.Path, null, line));
            }

            var number = 0;
            foreach (var row in text.AsSpan().EnumerateLines())
            {
                number++;
                if (HashIn(row) is not { } hash) continue;
                foreach (var named in files)
                {
                    if (!row.Contains(named.Name, StringComparison.Ordinal) || !_documents.TryGetValue(named.Name, out var document)) continue;
                    if (!Same(hash, CanonicalJson.Hash(document.RootElement)) && !Same(hash, Convert.ToHexStringLower(SHA256.HashData(named.Bytes.Span))))
                        diagnostics.Add(ReviewDiagnostics.ListedHash(new(file.Path, null, number), named.Name));
                }
            }
        }

        private static string? HashIn(ReadOnlySpan<char> row)
        {
            var length = 0;
            for (var i = 0; i <= row.Length; i++)
            {
                if (i < row.Length && char.IsAsciiHexDigit(row[i]))
                {
                    length++;
                    continue;
                }

                if (length == 64) return row[(i - 64)..i].ToString();
                length = 0;
            }

            return null;
        }

        // --- Whether the files agree ---

        private void Compare(ReviewedPlan tasks, ReviewedPlan coordinator)
        {
            var executed = coordinator.Tasks.GroupBy(t => t.Id, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
            Missing(tasks, coordinator);
            Missing(coordinator, tasks);

            (string Field, Func<ReviewedTask, string> Of)[] facts =
            [
                ("title", t => t.Title),
                ("duration", t => Text(t.Json.At("duration"))),
                ("locks", t => string.Join('\n', t.Locks.Order(StringComparer.Ordinal))),
                ("need of pools", t => string.Join('\n', t.Pools.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Name} {p.Units}")).Order(StringComparer.Ordinal))),
                ("acceptance checks", t => Text(t.Json.At("acceptance_checks"))),
            ];
            foreach (var (field, of) in facts)
            {
                var different = tasks.Tasks.Where(t => executed.TryGetValue(t.Id, out var other) && of(t) != of(other)).Select(t => t.Id).ToList();
                if (different.Count > 0) diagnostics.Add(ReviewDiagnostics.TaskDiffers(new(coordinator.File.Path, coordinator.TasksAt), field, tasks.File.Name, coordinator.File.Name, different));
            }

            EdgesMissing(tasks.Edges, tasks.File.Name, coordinator.Edges, coordinator.File.Name, new(coordinator.File.Path, coordinator.EdgesAt));
            EdgesMissing(coordinator.Edges, coordinator.File.Name, tasks.Edges, tasks.File.Name, new(tasks.File.Path, tasks.EdgesAt));
        }

        private static string Text(JsonElement? element) => element is { } there ? CanonicalJson.Text(there) : "";

        private void Missing(ReviewedPlan one, ReviewedPlan other)
        {
            var there = other.Tasks.Select(t => t.Id).ToHashSet(StringComparer.Ordinal);
            var missing = one.Tasks.Select(t => t.Id).Where(id => !there.Contains(id)).ToList();
            if (missing.Count > 0) diagnostics.Add(ReviewDiagnostics.TasksDiffer(new(other.File.Path, other.TasksAt), one.File.Name, other.File.Name, missing));
        }

        private void EdgesMissing(IReadOnlyList<ReviewedEdge> one, string oneName, IReadOnlyList<ReviewedEdge> other, string otherName, DiagnosticPlace at)
        {
            var there = other.Select(e => (e.From, e.To)).ToHashSet();
            var missing = one.Where(e => !there.Contains((e.From, e.To))).Select(e => e.Name).ToList();
            if (missing.Count > 0) diagnostics.Add(ReviewDiagnostics.EdgesDiffer(at, oneName, otherName, missing));
        }

        private void Resources(ReviewedPlan plan, ReviewedPlan? coordinator, ReviewedPlan? tasks)
        {
            foreach (var name in (string[])["coordinator.json", "tasks.json", "features.json", "dag.json"])
            {
                if (Root(name) is { } file) Declarations(file.File, file.Root);
            }

            foreach (var (name, declared) in _declarations)
            {
                var first = declared[0];
                var capacities = declared.Where(d => d.Capacity is not null).ToList();
                var places = string.Join(", ", declared.Select(d => $"{(d.Capacity is null or 1 ? "lock" : "pool")} in {d.File.Name}"));
                if (capacities.Select(d => d.Capacity).Distinct().Count() > 1)
                    diagnostics.Add(ReviewDiagnostics.Capacity(first.Place, name, string.Join(", ", capacities.Select(d => string.Create(CultureInfo.InvariantCulture, $"{d.Capacity} in {d.File.Name}")))));
                if (declared.Any(d => d.IsLock) && declared.Any(d => d is { IsLock: false, Capacity: > 1 })) diagnostics.Add(ReviewDiagnostics.Kind(first.Place, name, places));
            }

            // What coordinator.json itself claims is judged with it; another file is held against what there will be.
            if (coordinator is null || tasks is null) return;
            var claims = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
            var executed = _declarations.Where(d => d.Value.Any(at => at.File.Name == "coordinator.json")).ToDictionary(d => d.Key, d => d.Value.First(at => at.File.Name == "coordinator.json").Capacity, StringComparer.Ordinal);
            var anyLock = !_declarations.Values.Any(d => d.Any(at => at is { IsLock: true, File.Name: "coordinator.json" }));
            foreach (var task in tasks.Tasks)
            {
                foreach (var (name, units) in task.Pools)
                {
                    if (!executed.TryGetValue(name, out var capacity)) Claim(name, task.Id);
                    else if (units > (capacity ?? 1)) diagnostics.Add(PlanDiagnostics.NeverEnough(new(tasks.File.Path, task.At), new TaskId(task.Id), name, units, capacity ?? 1));
                }

                foreach (var name in task.Locks)
                {
                    if (!anyLock && !executed.ContainsKey(name)) Claim(name, task.Id);
                }
            }

            foreach (var (name, claimants) in claims)
                diagnostics.Add(ReviewDiagnostics.Undeclared(new(coordinator.File.Path, "$.resources"), name, $"{claimants[0]}{(claimants.Count > 1 ? $" and {claimants.Count - 1:N0} more" : "")}"));

            void Claim(string name, string task)
            {
                if (!claims.TryGetValue(name, out var list)) claims.Add(name, list = []);
                list.Add(task);
            }
        }

        // Where plans say what there is to share: our own way, the way of 2025, and what a planner saw in the codebase.
        private void Declarations(PlanFile file, JsonElement root)
        {
            (string At, JsonElement? Json)[] places =
            [
                ("$.resources", root.At("resources")),
                ("$.shared_resources", root.At("shared_resources")),
                ("$.meta.resources", root.At("meta").At("resources")),
                ("$.meta.shared_resources", root.At("meta").At("shared_resources")),
                ("$.codebase_analysis.shared_resources", root.At("codebase_analysis").At("shared_resources")),
                ("$.meta.codebase_analysis.shared_resources", root.At("meta").At("codebase_analysis").At("shared_resources")),
            ];
            foreach (var (at, json) in places)
            {
                if (json is not { } there) continue;
                foreach (var name in there.Texts("locks")) Declare(name, new(file, $"{at}.locks", IsLock: true, Capacity: null));
                foreach (var part in (string[])["pools", "quotas"])
                {
                    foreach (var (name, value) in there.At(part).Fields())
                    {
                        if (value.ValueKind == JsonValueKind.Number) Declare(name, new(file, $"{at}.{part}.{name}", IsLock: false, value.GetDouble()));
                    }
                }

                foreach (var (name, value) in json.Fields().Concat(there.ValueKind == JsonValueKind.Array ? there.EnumerateArray().Select(item => (item.Text("name") ?? "", item)) : []))
                {
                    if (name.Length == 0 || value.ValueKind != JsonValueKind.Object || (value.At("capacity") ?? value.At("type")) is null) continue;
                    var isLock = value.Text("type") is "exclusive" or "lock" or "exclusive_lock";
                    Declare(name, new(file, $"{at}.{name}", isLock, isLock ? null : value.Number("capacity")));
                }
            }

            void Declare(string name, Declaration declaration)
            {
                if (!_declarations.TryGetValue(name, out var list)) _declarations.Add(name, list = []);
                list.Add(declaration);
            }
        }

        private void Counts(ReviewedPlan plan, ReviewedPlan? coordinator, ReviewedPlan? tasks)
        {
            Count(coordinator?.File, coordinator?.Root.At("metadata"), "$.metadata.total_tasks", "total_tasks", coordinator?.Tasks.Count, "tasks");
            Count(coordinator?.File, coordinator?.Root.At("metadata"), "$.metadata.total_dependencies", "total_dependencies", coordinator?.Edges.Count, "edges");
            Count(tasks?.File, tasks?.Root.At("meta"), "$.meta.task_count", "task_count", tasks?.Tasks.Count, "tasks");
            var features = Root("features.json");
            Count(features?.File, features?.Root.At("meta"), "$.meta.feature_count", "feature_count", features?.Root.Items("features").Count(), "features");
            var dag = Root("dag.json");
            Count(dag?.File, dag?.Root.At("metrics"), "$.metrics.nodes", "nodes", plan.Tasks.Count, "tasks in " + plan.File.Name);
            var waves = Root("waves.json");
            Count(waves?.File, waves?.Root.At("meta"), "$.meta.total_waves", "total_waves", waves?.Root.Items("waves").Count(), "waves");
        }

        private void Count(PlanFile? file, JsonElement? parent, string at, string field, int? found, string things)
        {
            if (file is not null && found is { } there && parent is { } json && json.Number(field) is { } said && said != there)
                diagnostics.Add(ReviewDiagnostics.Count(new(file.Path, at), (long)Math.Clamp(said, long.MinValue / 2d, long.MaxValue / 2d), there, things));
        }

        private void Features(ReviewedPlan plan)
        {
            if (Root("features.json") is not { } features) return;
            var known = features.Root.Items("features").Select(f => f.Text("id")).OfType<string>().ToList();
            var used = plan.Tasks.Where(t => t.Feature is not null).ToLookup(t => t.Feature!, StringComparer.Ordinal);
            var names = known.ToHashSet(StringComparer.Ordinal);
            foreach (var unknown in used.Where(group => !names.Contains(group.Key)))
                diagnostics.Add(ReviewDiagnostics.UnknownFeature(new(plan.File.Path, unknown.First().At + ".feature_id"), unknown.Key, [.. unknown.Select(t => t.Id)]));
            var empty = known.Where(id => !used.Contains(id)).ToList();
            if (empty.Count > 0) diagnostics.Add(ReviewDiagnostics.EmptyFeature(new(features.File.Path, "$.features"), empty));
        }

        private void Dag(ReviewedPlan plan)
        {
            if (Root("dag.json") is not { } dag) return;
            var all = plan.Edges.Select(e => (e.From, e.To)).Distinct().Count();
            var hard = plan.Edges.Where(e => e.IsHard && e.Confidence >= plan.MinConfidence).ToList();
            var ordering = hard.Where(e => e.IsOfOrder).Select(e => (e.From, e.To)).ToHashSet();
            if (dag.Root.At("metrics")?.Number("edges") is { } count)
            {
                int[] right = [all, plan.Edges.Count, ordering.Count, ordering.Count - ImpliedCount(plan)];
                if (!right.Any(number => number == count))
                    diagnostics.Add(ReviewDiagnostics.EdgeCount(new(dag.File.Path, "$.metrics.edges"), (long)Math.Clamp(count, -1e15, 1e15), plan.File.Name, plan.Edges.Count, hard.Count, ordering.Count));
            }

            // Only the list of 2025 is meant to be complete; a reduced one leaves edges out on purpose.
            var listed = dag.Root.Items("dependencies").Select((edge, i) => ReviewedEdge.Of(edge, $"$.dependencies[{i}]")).ToList();
            if (listed.Count > 0) EdgesMissing(plan.Edges, plan.File.Name, listed, dag.File.Name, new(dag.File.Path, "$.dependencies"));
            foreach (var field in (string[])["dependencies", "edges", "reduced_edges"])
                EdgesMissing([.. dag.Root.Items(field).Select((edge, i) => ReviewedEdge.Of(edge, $"$.{field}[{i}]"))], dag.File.Name, plan.Edges, plan.File.Name, new(dag.File.Path, $"$.{field}"));
        }

        private static int ImpliedCount(ReviewedPlan plan) => ReviewedOrder.GraphOf(plan) is { } graph && Reachability.CanReduce(graph) && graph.FindCycle() is null ? TransitiveReduction.Of(graph).Redundant.Count : 0;

        private void Waves(ReviewedPlan plan)
        {
            if (Root("waves.json") is not { } waves) return;
            var waveOf = new Dictionary<string, int>(StringComparer.Ordinal);
            var number = 0;

            // The form of 2025 has the list at its root, ours under the model that it belongs to.
            var ours = waves.Root.At("models").At("wave_based");
            var at = ours is null ? "$.waves" : "$.models.wave_based.waves";
            foreach (var wave in (ours ?? waves.Root).Items("waves"))
            {
                foreach (var task in wave.Items("tasks").Select(t => t.ValueKind == JsonValueKind.String ? t.GetString() : t.Text("id") ?? t.Text("task_id")).OfType<string>()) waveOf.TryAdd(task, number);
                number++;
            }

            if (waveOf.Count == 0) return;
            var ids = plan.Tasks.Select(t => t.Id).ToHashSet(StringComparer.Ordinal);
            var unknown = waveOf.Keys.Where(id => !ids.Contains(id)).ToList();
            var missing = plan.Tasks.Select(t => t.Id).Where(id => !waveOf.ContainsKey(id)).ToList();
            if (unknown.Count > 0) diagnostics.Add(ReviewDiagnostics.TasksDiffer(new(waves.File.Path, at), waves.File.Name, plan.File.Name, unknown));
            if (missing.Count > 0) diagnostics.Add(ReviewDiagnostics.TasksDiffer(new(waves.File.Path, at), plan.File.Name, waves.File.Name, missing));
            var broken = plan.Edges
                .Where(e => e is { IsHard: true, IsOfOrder: true } && e.Confidence >= plan.MinConfidence && waveOf.TryGetValue(e.From, out var from) && waveOf.TryGetValue(e.To, out var to) && from >= to)
                .Select(e => e.Name).ToList();
            if (broken.Count > 0) diagnostics.Add(ReviewDiagnostics.WaveOrder(new(waves.File.Path, at), broken));
        }

        private sealed record Declaration(PlanFile File, string At, bool IsLock, double? Capacity)
        {
            public DiagnosticPlace Place => new(File.Path, At);
        }
    }
}

/// <summary>What a review found.</summary>
/// <param name="Diagnostics">In the order in which they are shown; of each severity at most <see cref="DiagnosticBag.Capacity"/>.</param>
/// <param name="Errors">How many errors there are, those not kept included.</param>
/// <param name="Warnings">How many warnings.</param>
/// <param name="Dropped">How many findings were counted but not kept.</param>
public sealed record PlanReviewResult(IReadOnlyList<Diagnostic> Diagnostics, int Errors, int Warnings, int Dropped);
