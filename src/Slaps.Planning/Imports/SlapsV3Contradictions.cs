using System.Text.Json;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports;

/// <summary>What the files of a version 3 plan say against each other, and what they leave open, as far as an import can see it.</summary>
internal sealed class SlapsV3Contradictions(SlapsV3Files files, ImportSource source, DiagnosticBag diagnostics)
{
    private readonly record struct Edge(string From, string To, string Type)
    {
        public override string ToString() => $"{From} → {To}";
    }

    public void Name(PlanDraft draft, IReadOnlyList<(JsonElement Element, string Id)> tasks, JsonElement? coordinator, JsonElement? tasksRoot, JsonElement? dag, JsonElement? waves, JsonElement? features)
    {
        var ids = tasks.Select(task => task.Id).ToList();
        if (coordinator is { } contract) Coordinator(contract, ids, tasksRoot);
        if (tasksRoot is { } root) Meta(root, "task_count", ids.Count, "Tasks", files.Tasks!, "$.meta.task_count");
        if (dag is { } graph) Dag(graph, ids, tasksRoot is { } list ? Edges(list, "dependencies") : Edges(ForeignJson.Field(coordinator!.Value, "graph") ?? default, "edges"), tasksRoot is null ? files.Coordinator! : files.Tasks!);
        if (waves is { } rounds) Waves(rounds, ids);
        if (features is { } known) Features(known, tasks);
        Checks(tasks);
        Unordered(draft);
    }

    private ImportFile Main => files.Tasks ?? files.Coordinator!;

    private void Coordinator(JsonElement coordinator, List<string> ids, JsonElement? tasksRoot)
    {
        var file = files.Coordinator!;
        var graph = ForeignJson.Field(coordinator, "graph") ?? default;
        var nodes = Ids(graph, "nodes");
        var edges = Edges(graph, "edges");
        if (ForeignJson.Field(coordinator, "metadata") is { } metadata)
        {
            Count(metadata, "total_tasks", nodes.Count, "Tasks", file, "$.metadata.total_tasks");
            Count(metadata, "total_dependencies", edges.Count, "Dependencies", file, "$.metadata.total_dependencies");
        }

        if (tasksRoot is not { } root) return;
        Differ("Tasks", nodes, file, ids, files.Tasks!);
        Differ("Dependencies", edges, file, Edges(root, "dependencies"), files.Tasks!);
    }

    private void Dag(JsonElement dag, List<string> ids, List<Edge> edges, ImportFile from)
    {
        var file = files.Dag!;
        Differ("Tasks", Ids(dag, "tasks"), file, ids, from);
        if (ForeignJson.Field(dag, "dependencies") is { ValueKind: JsonValueKind.Array })
        {
            var theirs = Edges(dag, "dependencies");
            var missing = edges.Except(theirs).ToList();
            var more = theirs.Except(edges).ToList();
            var difference = (missing.Count, more.Count) switch
            {
                (0, 0) => "",
                (_, 0) => $" (only in {from.DisplayPath}: {Some(missing)})",
                (0, _) => $" (only in {file.DisplayPath}: {Some(more)})",
                _ => $" (only in {from.DisplayPath}: {Some(missing)}; only in {file.DisplayPath}: {Some(more)})",
            };
            if (difference.Length > 0 || theirs.Count != edges.Count)
                diagnostics.Add(ImportDiagnostics.Counts(new(file.DisplayPath, "$.dependencies"), "Dependencies", edges.Count, from.DisplayPath, theirs.Count, file.DisplayPath, difference));
            var beside = theirs.Count(edge => edge.Type is "mutual_exclusion" or "resource_limited");
            if (beside > 0) diagnostics.Add(ImportDiagnostics.ResourceEdges(new(file.DisplayPath, "$.dependencies"), file.DisplayPath, beside));
            if (ForeignJson.Field(dag, "metrics") is { } metrics)
            {
                Count(metrics, "nodes", ids.Count, "Tasks", file, "$.metrics.nodes");
                Count(metrics, "edges", theirs.Count, "Dependencies", file, "$.metrics.edges");
            }
        }
    }

    private void Waves(JsonElement waves, List<string> ids)
    {
        if (ForeignJson.Field(waves, "waves") is not { ValueKind: JsonValueKind.Array } list) return;
        var placed = list.EnumerateArray().SelectMany(wave => ForeignJson.Field(wave, "tasks") is { ValueKind: JsonValueKind.Array } tasks ? tasks.EnumerateArray() : default).Select(task => ForeignJson.Text(task) ?? ForeignJson.Text(task, "id")).OfType<string>().ToList();
        Differ("Tasks", placed, files.Waves!, ids, Main);
        if (placed.Count != placed.Distinct().Count())
        {
            var twice = placed.GroupBy(id => id).Where(group => group.Count() > 1).Select(group => group.Key).ToList();
            diagnostics.Add(ImportDiagnostics.NotInBoth(new(files.Waves!.DisplayPath, "$.waves"), "Tasks more than once", files.Waves.DisplayPath, Main.DisplayPath, [.. twice.Take(ImportDiagnostics.Named)], twice.Count));
        }
    }

    private void Features(JsonElement features, IReadOnlyList<(JsonElement Element, string Id)> tasks)
    {
        var known = Ids(features, "features");
        Meta(features, "feature_count", known.Count, "Features", files.Features!, "$.meta.feature_count");
        var used = tasks.Select(task => ForeignJson.Text(task.Element, "feature_id")).OfType<string>().Where(id => id.Length > 0).Distinct().ToList();
        Differ("Features", known, files.Features!, used, Main);
    }

    private void Checks(IReadOnlyList<(JsonElement Element, string Id)> tasks)
    {
        var scripts = new List<string>();
        var (withScript, manual) = (0, 0);
        var prose = new List<string>();
        foreach (var (element, id) in tasks)
        {
            if (ForeignJson.Field(element, "acceptance_checks") is not { ValueKind: JsonValueKind.Array } checks) continue;
            var isProse = false;
            foreach (var check in checks.EnumerateArray())
            {
                if (ForeignJson.Text(check, "script") is not { } script)
                {
                    manual++;
                    isProse = true;
                }
                else if (!IsHere(script))
                {
                    withScript++;
                    scripts.Add(script);
                }
            }

            if (isProse) prose.Add(id);
        }

        var missing = scripts.Distinct().ToList();
        if (missing.Count > 0) diagnostics.Add(ImportDiagnostics.MissingScripts(new(Main.DisplayPath, null), [.. missing.Take(ImportDiagnostics.Named)], missing.Count, withScript));
        if (manual > 0) diagnostics.Add(ImportDiagnostics.ProseChecks(new(Main.DisplayPath, null), manual, [.. prose.Take(ImportDiagnostics.Named)], prose.Count));
    }

    private bool IsHere(string script)
    {
        var slash = files.Main.Path.LastIndexOf('/');
        return source.Find((slash < 0 ? "" : files.Main.Path[..(slash + 1)]) + script) is not null;
    }

    // Those that take a lock have an order when one path of the graph goes through all of them.
    private void Unordered(PlanDraft draft)
    {
        var indexes = new Dictionary<TaskId, int>(draft.Tasks.Count);
        for (var i = 0; i < draft.Tasks.Count; i++) indexes.TryAdd(draft.Tasks[i].Id, i);
        var graph = TaskGraph.Of(draft.Tasks.Count, draft.Dependencies.Where(edge => edge.OrdersWorkAt(draft.Origin.MinConfidence)).Select(edge => (indexes[edge.From], indexes[edge.To])));
        var order = graph.TopologicalOrder();
        foreach (var holders in draft.Tasks.Index().SelectMany(task => task.Item.Locks.Select(name => (name, task.Index))).GroupBy(pair => pair.name, pair => pair.Index, StringComparer.Ordinal))
        {
            var takes = holders.ToHashSet();
            var onPath = new int[graph.Count];
            var most = 0;
            foreach (var task in order)
            {
                foreach (var before in graph.PredecessorsOf(task)) onPath[task] = Math.Max(onPath[task], onPath[before]);
                if (takes.Contains(task)) onPath[task]++;
                most = Math.Max(most, onPath[task]);
            }

            if (most < takes.Count) diagnostics.Add(ImportDiagnostics.Unordered(new(Main.DisplayPath, null), holders.Key, [.. holders.Take(ImportDiagnostics.Named).Select(task => draft.Tasks[task].Id.Value)], takes.Count));
        }
    }

    private void Meta(JsonElement root, string field, int actual, string what, ImportFile file, string path)
    {
        if (ForeignJson.Field(root, "meta") is { } meta) Count(meta, field, actual, what, file, path);
    }

    private void Count(JsonElement holder, string field, int actual, string what, ImportFile file, string path)
    {
        if (ForeignJson.Number(holder, field) is ({ } said, _) && said != actual && Math.Abs(said) < 1e15)
            diagnostics.Add(ImportDiagnostics.Counts(new(file.DisplayPath, path), what, (long)said, $"the field {field}", actual, "the list", ""));
    }

    private void Differ<T>(string what, IReadOnlyCollection<T> ones, ImportFile one, IReadOnlyCollection<T> others, ImportFile other)
    {
        Only(ones.Except(others), one, other);
        Only(others.Except(ones), other, one);

        void Only(IEnumerable<T> items, ImportFile here, ImportFile there)
        {
            var list = items.Select(item => $"{item}").ToList();
            if (list.Count > 0) diagnostics.Add(ImportDiagnostics.NotInBoth(new(here.DisplayPath, null), what, here.DisplayPath, there.DisplayPath, [.. list.Take(ImportDiagnostics.Named)], list.Count));
        }
    }

    private static List<string> Ids(JsonElement holder, string list) =>
        ForeignJson.Field(holder, list) is { ValueKind: JsonValueKind.Array } items ? [.. items.EnumerateArray().Select(item => ForeignJson.Text(item, "id")).OfType<string>()] : [];

    private static List<Edge> Edges(JsonElement holder, string list) =>
        ForeignJson.Field(holder, list) is { ValueKind: JsonValueKind.Array } items
            ? [.. items.EnumerateArray().Select(item => new Edge(ForeignJson.Text(item, "from") ?? "", ForeignJson.Text(item, "to") ?? "", ForeignJson.Text(item, "type") ?? ""))]
            : [];

    private static string Some(List<Edge> edges) =>
        string.Join(", ", edges.Take(ImportDiagnostics.Named).Select(edge => Identifiers.Quote($"{edge}"))) + (edges.Count > ImportDiagnostics.Named ? $" and {edges.Count - ImportDiagnostics.Named:N0} more" : "");
}
