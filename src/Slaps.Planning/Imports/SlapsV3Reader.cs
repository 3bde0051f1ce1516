using System.Text.Json;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports;

// Not the feature of a specification.
using Feature = Slaps.Core.Plans.Feature;

/// <summary>Reads one T.A.S.K.S. plan of version 3 from its files.</summary>
internal sealed class SlapsV3Reader(SlapsV3Files files, ImportSource source, DiagnosticBag diagnostics)
{
    private readonly ForeignValues _values = new(diagnostics);
    private readonly List<(JsonElement Element, string Id, string Path)> _tasks = [];
    private ImportFile _from = files.Main;
    private ForeignJson _json = new(files.Main.DisplayPath, diagnostics);

    public PlanDraft? Read()
    {
        // The file that is named has to be sound; of the others what can be read is read.
        using var coordinator = Document(files.Coordinator);
        using var tasks = Document(files.Tasks);
        if (coordinator is null && tasks is null)
        {
            diagnostics.Add(ImportDiagnostics.NotThisFormat(new(files.Main.DisplayPath, null), "slaps-v3", "neither coordinator.json nor tasks.json can be read"));
            return null;
        }

        using var dag = Document(files.Dag);
        using var waves = Document(files.Waves);
        using var features = Document(files.Features);
        var main = tasks ?? coordinator!;
        _from = tasks is not null ? files.Tasks! : files.Coordinator!;
        _json = new(_from.DisplayPath, diagnostics);
        Versions(main.RootElement);
        if (tasks is not null) List(_json.Items(main.RootElement, "tasks", "$"), "$.tasks");
        else if (_json.Object(main.RootElement, "graph", "$") is { } graph) List(_json.Items(graph, "nodes", "$.graph"), "$.graph.nodes");

        var resources = new SlapsV3Resources(_values, diagnostics);
        if (coordinator is not null) resources.Declared(coordinator.RootElement, files.Coordinator!);
        if (tasks is not null) resources.Found(tasks.RootElement, files.Tasks!);
        foreach (var (element, id, path) in _tasks) resources.Used(element, id, _json.At(path));
        resources.Settle(_from);

        var featureList = Features(features?.RootElement);
        var draft = Draft(main.RootElement, tasks is not null, coordinator?.RootElement, resources, featureList);
        new SlapsV3Contradictions(files, source, diagnostics).Name(
            draft, [.. _tasks.Select(task => (task.Element, task.Id))], coordinator?.RootElement, tasks?.RootElement, dag?.RootElement, waves?.RootElement, features?.RootElement);
        _values.Finish();
        return draft;
    }

    private JsonDocument? Document(ImportFile? file)
    {
        if (file is null) return null;
        if (file.Path == source.Named) return ForeignJson.Parse(file, diagnostics);
        var findings = new DiagnosticBag();
        var reason = "";
        try
        {
            if (ForeignJson.Parse(file, findings) is { } document) return document;
            reason = findings.Items[0].Message.TrimEnd('.');
        }
        catch (IOException e)
        {
            reason = e.Message.TrimEnd('.');
        }

        diagnostics.Add(ImportDiagnostics.SiblingUnread(new(file.DisplayPath, null), reason));
        return null;
    }

    private void Versions(JsonElement root)
    {
        var at = ForeignJson.Text(root, "version") is not null ? "$.version" : "$.meta.version";
        var version = ForeignJson.Text(root, "version") ?? (ForeignJson.Field(root, "meta") is { } meta ? ForeignJson.Text(meta, "version") : null);
        if (version is not null && version != "3" && !version.StartsWith("3.", StringComparison.Ordinal))
            diagnostics.Add(ImportDiagnostics.UnknownVersion(_json.At(at), version, "3.x"));
    }

    private void List(IEnumerable<JsonElement> items, string list)
    {
        var index = -1;
        foreach (var item in items)
        {
            index++;

            // In coordinator.json a node is {id, name, task: {…}}.
            var nested = ForeignJson.Field(item, "task") is { ValueKind: JsonValueKind.Object } task ? task : (JsonElement?)null;
            if ((ForeignJson.Text(item, "id") ?? ForeignJson.Text(nested ?? item, "id")) is { } id) _tasks.Add((nested ?? item, id, nested is null ? $"{list}[{index}]" : $"{list}[{index}].task"));
            else _json.Wrong($"{list}[{index}]", "an object with an id", item);
        }
    }

    private PlanDraft Draft(JsonElement main, bool isTasks, JsonElement? coordinator, SlapsV3Resources resources, (List<Feature> Features, ImportedIds Ids) features)
    {
        var edges = isTasks ? main : ForeignJson.Field(main, "graph") ?? main;
        var (edgesName, edgesPath) = isTasks ? ("dependencies", "$") : ("edges", "$.graph");
        var durations = new ImportedDurations(_from.DisplayPath, diagnostics, inHours: true);
        var foreign = new ForeignTasks(_from.DisplayPath, diagnostics, (place, item) => _json.At(item < 0 ? _tasks[place].Path : $"{edgesPath}.{edgesName}[{item}]"));
        foreach (var (element, id, path) in _tasks) foreign.Add(id, Task(element, id, path, durations, resources, features.Ids));
        durations.Finish();

        var index = -1;
        foreach (var edge in _json.Items(edges, edgesName, edgesPath))
        {
            index++;
            var path = $"{edgesPath}.{edgesName}[{index}]";
            if (ForeignJson.Text(edge, "from") is { } from && ForeignJson.Text(edge, "to") is { } to) foreign.AddEdge(from, to, 0, index, Edge(edge, path));
            else _json.Wrong(path, "an object with from and to", edge);
        }

        var (tasks, dependencies) = foreign.Finish();
        var meta = ForeignJson.Field(main, "meta");
        return new PlanDraft
        {
            Title = Title(),
            Tasks = tasks,
            Dependencies = dependencies,
            Resources = resources.Resources,
            Policies = coordinator is { } contract ? Policies(contract) : new(),
            Features = features.Features,
            Origin = new PlanOrigin
            {
                MinConfidence = meta is { } known && _values.Number(known, "min_confidence", 0, 1, _json.At("$.meta.min_confidence"), "the plan") is { } least ? least : PlanOrigin.DefaultMinConfidence,
                CodebaseAnalysis = meta is { } analysed && ForeignJson.Field(analysed, "codebase_analysis") is { ValueKind: JsonValueKind.Object } analysis ? CanonicalJson.Text(analysis) : null,
            },
            Unknown = coordinator is { } document ? ForeignValues.Rest(document, ["version", "graph"], ("policies", ["concurrency_max", "retry_policy", "retry"]), ("resources", ["locks", "quotas", "pools"])) : default,
        };
    }

    private string Title()
    {
        var prefix = files.Prefix[(files.Prefix.LastIndexOf('/') + 1)..].Trim('-', '_', '.', ' ');
        var folders = files.Main.DisplayPath.Split('/');
        return prefix.Length > 0 ? prefix : folders.Length > 1 ? folders[^2] : "T.A.S.K.S. plan";
    }

    private PlanTask Task(JsonElement task, string id, string path, ImportedDurations durations, SlapsV3Resources resources, ImportedIds features)
    {
        var requirements = _json.Object(task, "resource_requirements", path) ?? default;
        var hints = _json.Object(task, "scheduling_hints", path) ?? default;
        var peak = ForeignJson.Field(requirements, "peak");
        return new PlanTask
        {
            Id = default,
            Feature = ForeignJson.Text(task, "feature_id") is { Length: > 0 } feature ? new(features[features.IndexOf(feature)].Value) : null,
            Title = ForeignJson.Text(task, "title") ?? ForeignJson.Text(task, "name") ?? id,
            Description = ForeignJson.Text(task, "description") ?? "",
            Checks = Checks(task, path),
            Locks = SlapsV3Resources.LocksOf(task),
            Pools = resources.ClaimsOf(task),
            Estimated = resources.Within(Amounts(requirements, "estimated", id, path), id, _json.At($"{path}.resource_requirements.estimated")),
            Peak = peak is { } most ? new PeakNeed(Amounts(requirements, "peak", id, path), ForeignJson.Text(most, "during") ?? "") : null,
            Capabilities = ForeignValues.Texts(requirements, "worker_capabilities_required"),
            Priority = _values.Priority(hints, _json.At($"{path}.scheduling_hints.priority")),
            Preemptible = ForeignValues.Flag(hints, "preemptible", false),
            RetryOnFailure = ForeignValues.Flag(hints, "retry_on_failure", true),
            CheckpointCapable = ForeignValues.Flag(hints, "checkpoint_capable", false),
            MaxRetries = (int?)_values.Number(hints, "max_retries", 0, 1_000, _json.At($"{path}.scheduling_hints.max_retries"), id),
            Duration = Duration(task, id, path, durations),
            Boundaries = ForeignJson.Field(task, "boundaries") is { } boundaries ? Boundaries(boundaries) : null,
            ExecutionGuidance = ForeignJson.Field(task, "execution_guidance") is { ValueKind: JsonValueKind.Object } guidance ? CanonicalJson.Text(guidance) : null,
            Evidence = _values.Evidence(task, "evidence", _json.At($"{path}.evidence")),
            Unknown = ForeignValues.Rest(
                task,
                ["id", "feature_id", "title", "name", "description", "boundaries", "execution_guidance", "scheduling_hints", "duration", "acceptance_checks", "evidence", "resource_requirements"],
                ("shared_resources", ["exclusive_locks", "shared_limited"])),
        };
    }

    private QuotaAmounts Amounts(JsonElement requirements, string name, string id, string path)
    {
        if (ForeignJson.Field(requirements, name) is not { } amounts) return QuotaAmounts.None;
        return new(Amount("cpu_cores"), Amount("memory_mb"), Amount("disk_io_mbps"));

        double? Amount(string quota) => _values.Number(amounts, quota, 0, 1e12, _json.At($"{path}.resource_requirements.{name}.{quota}"), id);
    }

    private PertEstimate Duration(JsonElement task, string id, string path, ImportedDurations durations)
    {
        var at = _json.At($"{path}.duration");
        if (ForeignJson.Field(task, "duration") is not { ValueKind: JsonValueKind.Object } duration)
        {
            var (value, text) = ForeignJson.Number(task, "duration");
            return durations.Of(id, value, text, at);
        }

        var (mostLikely, mostLikelyText) = ForeignJson.Number(duration, "mostLikely");
        var middle = durations.Of(id, mostLikely, mostLikelyText, at);
        if (mostLikely is null || middle.MostLikely != mostLikely) return middle;

        // The other two must stand on their sides of it; where one does not, there is no spread on that side.
        var least = Side("optimistic", 0, middle.MostLikely);
        var most = Side("pessimistic", middle.MostLikely, PertEstimate.MaxHours);
        return new PertEstimate(least, middle.MostLikely, most);

        double Side(string name, double from, double to)
        {
            var (value, text) = ForeignJson.Number(duration, name);
            if (value is not { } hours) return middle.MostLikely;
            if (hours >= from && hours <= to) return hours;
            diagnostics.Add(ImportDiagnostics.AbsurdNumber(at, $"The {name} duration", id, text, $"from {from} to {to} hours", $"it counts as {middle.MostLikely}"));
            return middle.MostLikely;
        }
    }

    private static TaskBoundaries Boundaries(JsonElement boundaries)
    {
        var complexity = ForeignJson.Field(boundaries, "expected_complexity") ?? default;
        var done = ForeignJson.Field(boundaries, "definition_of_done") ?? default;
        var scope = ForeignJson.Field(boundaries, "scope") ?? default;
        return new TaskBoundaries
        {
            Complexity = new() { Value = ForeignJson.Text(complexity, "value") ?? "", Breakdown = ForeignJson.Text(complexity, "breakdown") ?? "" },
            Done = new() { Criteria = ForeignValues.Texts(done, "criteria"), StopWhen = ForeignJson.Text(done, "stop_when") ?? "" },
            Scope = new() { Includes = ForeignValues.Texts(scope, "includes"), Excludes = ForeignValues.Texts(scope, "excludes"), Restrictions = ForeignJson.Text(scope, "restrictions") ?? "" },
        };
    }

    // {type, description, script}: prose, and the name of a script that may not exist. It is kept, and it fails when somebody tries to run it.
    private List<AcceptanceCheck> Checks(JsonElement task, string path)
    {
        var checks = new List<AcceptanceCheck>();
        foreach (var check in _json.Items(task, "acceptance_checks", path))
        {
            var type = ForeignJson.Text(check, "type") ?? "manual";
            var description = ForeignJson.Text(check, "description") ?? ForeignJson.Text(check) ?? "";
            var script = ForeignJson.Text(check, "script");
            var text = (description, script) switch
            {
                ("", null) => $"A check of type {type}.",
                ("", _) => script,
                (_, null) => description,
                _ => $"{description} (script {script})",
            };

            // A type that is nearly one of ours would be taken for a misspelt one.
            checks.Add(new AcceptanceCheck.Unrunnable($"check-{checks.Count + 1}", Spelling.Nearest(type, KnownChecks) is { } near && near != type ? "manual" : type, text));
        }

        return checks;
    }

    private static readonly string[] KnownChecks = ["command", "file_exists", "file_contains", "json_path", "http", "diff_within_scope", "manual"];

    private Dependency Edge(JsonElement edge, string path) => new(default, default, _values.Type(edge, _json.At($"{path}.type")), ForeignValues.Flag(edge, "isHard", true))
    {
        // coordinator.json calls it weight.
        Confidence = _values.Number(edge, "confidence", 0, 1, _json.At($"{path}.confidence"), "a dependency") ?? _values.Number(edge, "weight", 0, 1, _json.At($"{path}.weight"), "a dependency") ?? 1,
        Reason = ForeignJson.Text(edge, "reason") ?? "",
        Evidence = _values.Evidence(edge, "evidence", _json.At($"{path}.evidence")),
        Unknown = ForeignValues.Rest(edge, ["from", "to", "type", "isHard", "confidence", "weight", "reason", "evidence"]),
    };

    private PlanPolicies Policies(JsonElement coordinator)
    {
        var at = new DiagnosticPlace(files.Coordinator!.DisplayPath, "$.policies");
        if (ForeignJson.Field(coordinator, "policies") is not { } policies) return new();
        var usual = RetryPolicy.Default;
        var retry = ForeignJson.Field(policies, "retry_policy") ?? ForeignJson.Field(policies, "retry") ?? default;
        return new PlanPolicies
        {
            ConcurrencyMax = (int?)_values.Number(policies, "concurrency_max", 1, 1_000_000, at, "the plan"),
            Retry = new RetryPolicy(
                (int?)_values.Number(retry, "max_attempts", 1, 1_000, at, "the plan") ?? usual.MaxAttempts,
                ForeignJson.Text(retry, "backoff") == "linear" ? BackoffKind.Linear : BackoffKind.Exponential,
                (long?)_values.Number(retry, "initial_delay_ms", 0, 1e9, at, "the plan") ?? usual.InitialDelayMs,
                (long?)_values.Number(retry, "max_delay_ms", 0, 1e9, at, "the plan") ?? usual.MaxDelayMs,
                ForeignValues.Flag(retry, "jitter", usual.Jitter)),
        };
    }

    private (List<Feature> Features, ImportedIds Ids) Features(JsonElement? root)
    {
        var elements = new List<(JsonElement Element, string Id, string Path)>();
        if (root is { } document)
        {
            var json = new ForeignJson(files.Features!.DisplayPath, diagnostics);
            var index = -1;
            foreach (var item in json.Items(document, "features", "$"))
            {
                index++;
                if (ForeignJson.Text(item, "id") is { Length: > 0 } id) elements.Add((item, id, $"$.features[{index}]"));
                else json.Wrong($"$.features[{index}]", "an object with an id", item);
            }
        }

        var ids = new ImportedIds(elements.Select(feature => feature.Id).Concat(_tasks.Select(task => ForeignJson.Text(task.Element, "feature_id")).OfType<string>().Where(id => id.Length > 0)));
        return ([.. elements.Select((feature, i) => Feature(feature.Element, ids[i], feature.Path))], ids);
    }

    private Feature Feature(JsonElement feature, TaskId id, string path) => new()
    {
        Id = new(id.Value),
        Title = ForeignJson.Text(feature, "title") ?? "",
        Description = ForeignJson.Text(feature, "description") ?? "",
        Priority = _values.Priority(feature, new(files.Features!.DisplayPath, $"{path}.priority")),
        SourceEvidence = _values.Evidence(feature, "source_evidence", new(files.Features!.DisplayPath, $"{path}.source_evidence")),
        Unknown = ForeignValues.Rest(feature, ["id", "title", "description", "priority", "source_evidence"]),
    };
}
