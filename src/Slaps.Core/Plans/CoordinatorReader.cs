using System.Text.Json;
using Slaps.Core.Diagnostics;

namespace Slaps.Core.Plans;

/// <summary>Turns a document into a draft. It judges the shape; what the values mean is judged by <see cref="PlanRules"/>.</summary>
internal sealed class CoordinatorReader(string file, DiagnosticBag diagnostics)
{
    private readonly JsonReading _reading = new(file, diagnostics);
    private readonly PlanPlaces _places = new(file);
    private readonly List<PlanTask> _tasks = [];
    private readonly List<Dependency> _dependencies = [];
    private readonly Dictionary<(string[] Known, string Name), string?> _guesses = [];

    public Plan? Read(JsonElement root)
    {
        var errorsBefore = diagnostics.ErrorCount;
        if (root.ValueKind != JsonValueKind.Object)
        {
            diagnostics.Add(PlanDiagnostics.WrongType(_places.At("$"), "an object", JsonFields.Describe(root), optional: false));
            return null;
        }

        var document = new JsonFields(root, JsonWhere.Root, _reading);

        Guess(document, CoordinatorNames.Document);
        Version(document);
        document.Object("meta");
        if (!Graph(document)) return null;

        var draft = new PlanDraft
        {
            Title = document.Text("title") ?? "",
            Tasks = _tasks,
            Dependencies = _dependencies,
            Resources = Resources(document),
            Policies = Policies(document),
        };
        return PlanRules.Check(draft, diagnostics, errorsBefore, _places);
    }

    private static void Version(JsonFields document)
    {
        if (document.Any("version") is not { } version) return;
        if (version.ValueKind is not (JsonValueKind.String or JsonValueKind.Number))
        {
            document.Wrong(document.Where.Field("version"), "a text", version);
            return;
        }

        var text = version.ValueKind == JsonValueKind.String ? version.GetString()! : version.GetRawText();
        if (text is not ("1" or "3") && !text.StartsWith("1.", StringComparison.Ordinal) && !text.StartsWith("3.", StringComparison.Ordinal))
            document.Add(PlanDiagnostics.UnknownVersion(document.PlaceOf("version"), text));
    }

    private bool Graph(JsonFields document)
    {
        const string Example = "\"graph\": {\"nodes\": [{\"id\": \"a\", \"run\": {\"argv\": [\"true\"]}}]}";
        if (!document.Has("graph")) document.Missing("graph", Example);
        if (document.Object("graph") is not { } graph) return false;
        if (!graph.Has("nodes")) graph.Missing("nodes", "\"nodes\": [{\"id\": \"a\", \"run\": {\"argv\": [\"true\"]}}]");
        if (graph.Any("nodes") is not { ValueKind: JsonValueKind.Array } nodes)
        {
            graph.Items("nodes");
            return false;
        }

        var nodesAt = graph.Where.Field("nodes");
        var index = 0;
        _tasks.Capacity = nodes.GetArrayLength();
        foreach (var node in nodes.EnumerateArray())
        {
            var mark = _reading.Mark;
            if (graph.Object(node, nodesAt.Item(index)) is { } fields) Node(fields, index);
            _reading.Forget(mark);
            index++;
        }

        var edgesAt = graph.Where.Field("edges");
        index = 0;
        foreach (var edge in graph.Items("edges"))
        {
            var mark = _reading.Mark;
            if (graph.Object(edge, edgesAt.Item(index)) is { } fields) Edge(fields, index);
            _reading.Forget(mark);
            index++;
        }

        // Nodes that could not be read are named already; "no tasks" would be a second complaint about them.
        return _tasks.Count > 0 || nodes.GetArrayLength() == 0;
    }

    private void Node(JsonFields node, int index)
    {
        // In the plans of 2025 a node is {id, name, task: {…}}.
        var nested = node.Object("task");
        var task = nested ?? node;
        Guess(node, CoordinatorNames.Node);
        if (nested is { } inner)
        {
            Guess(inner, CoordinatorNames.Node);
            foreach (var field in node.All)
            {
                if (field.Name is not ("id" or "name" or "title" or "task") && CoordinatorNames.Node.Contains(field.Name))
                    node.Add(PlanDiagnostics.MisplacedField(node.PlaceOf(field.Name), field.Name, $"task.{field.Name}"));
            }
        }

        if (!node.Has("id") && !task.Has("id")) node.Missing("id", "\"id\": \"build\"");
        var id = node.Text("id") ?? task.Text("id");
        var title = task.Text("title") ?? task.Text("name") ?? node.Text("title") ?? node.Text("name");
        var resources = task.Object("resources");
        var legacy = task.Object("shared_resources");
        var requirements = task.Object("resource_requirements");
        var hints = task.Object("scheduling_hints");
        var interfaces = task.Object("interfaces");
        if (resources is { } known) Guess(known, CoordinatorNames.TaskResources);
        if (hints is { } spelt) Guess(spelt, CoordinatorNames.Hints);
        hints?.Flag("preemptible");
        hints?.Flag("checkpoint_capable");

        var read = new PlanTask
        {
            Id = new(id ?? ""),
            Feature = task.Text("feature_id") is { Length: > 0 } feature ? new(feature) : null,
            Title = string.IsNullOrEmpty(title) ? id ?? "" : title,
            Description = task.Text("description") ?? "",
            Run = task.Object("run") is { } run ? Run(run, isCheck: false) : RunSpec.Unspecified,
            Checks = Checks(task),

            // What a task only reads is locked like what it writes: two readers then wait without need, but nobody reads half a write.
            Locks = Distinct([.. resources?.Texts("locks") ?? [], .. resources?.Texts("reads") ?? [], .. legacy?.Texts("exclusive_locks") ?? []]),
            Pools = [.. Claims(resources), .. LegacyClaims(legacy)],
            Estimated = requirements?.Object("estimated") is { } estimated
                ? new(estimated.Number("cpu_cores"), estimated.Number("memory_mb"), estimated.Number("disk_io_mbps"))
                : QuotaAmounts.None,
            Capabilities = requirements?.Texts("worker_capabilities_required") ?? [],
            Priority = hints?.Choice("priority", CoordinatorNames.Priorities, Priority.Medium) ?? Priority.Medium,
            RetryOnFailure = hints?.Flag("retry_on_failure") ?? true,
            MaxRetries = hints?.WholeInt("max_retries"),
            Duration = Duration(task),
            Produces = interfaces is { } produced ? Produces(produced) : [],
            Consumes = interfaces?.Texts("consumes") ?? [],
            Idempotent = task.Flag("idempotent") ?? true,
        };
        if (id is null) return;
        _tasks.Add(read);
        _places.AddTask(index, nested is not null);
    }

    private RunSpec Run(JsonFields run, bool isCheck)
    {
        if (!isCheck) Guess(run, CoordinatorNames.Run);
        var argv = run.Has("argv") ? run.Texts("argv") : null;
        var command = run.Text("command");
        var agent = isCheck ? null : run.Text("agent");
        var manual = !isCheck && run.Flag("manual") == true;
        var shell = run.Flag("shell") == true;
        var context = Context(run, isCheck);

        string[] kinds = [.. Kind("argv"), .. Kind("command"), .. isCheck ? [] : Kind("agent"), .. manual ? ["manual"] : Array.Empty<string>()];
        if (kinds.Length > 1) run.Add(PlanDiagnostics.SeveralRuns(run.Place, kinds));
        if (kinds.Length == 0) run.Add(PlanDiagnostics.NothingToRun(run.Place, isCheck));
        if (run.Has("command") && !shell) run.Add(PlanDiagnostics.ShellNotSaid(run.PlaceOf("command")));
        if (shell && kinds is [not "command"])
            run.Add(PlanDiagnostics.NoEffect(run.PlaceOf("shell"), "shell", $"only a command is read by a shell, and this is {kinds[0]}"));
        if (run.Has("prompt") && run.Text("prompt") is not null && kinds is not ["agent"])
            run.Add(PlanDiagnostics.NoEffect(run.PlaceOf("prompt"), "prompt", "only an agent is given one"));

        if (argv is not null) return new RunSpec.Process(argv, context);
        if (command is not null) return new RunSpec.Shell(command, context);
        if (agent is not null) return new RunSpec.Agent(agent, run.Text("prompt"), context);
        if (!manual) return RunSpec.Unspecified;

        foreach (var field in (string[])["env", "workdir", "timeout_seconds"])
        {
            if (run.Has(field)) run.Add(PlanDiagnostics.NoEffect(run.PlaceOf(field), field, "a person runs this task, in their own terminal"));
        }

        return new RunSpec.Claimed(Manual: true);

        string[] Kind(string name) => run.Has(name) ? [name] : [];
    }

    private static ProcessContext Context(JsonFields run, bool isCheck)
    {
        var workdir = run.Text("workdir");
        var variables = run.Object("env");
        var timeout = isCheck ? null : run.Number("timeout_seconds");
        if (workdir is null && variables is null && timeout is null) return ProcessContext.Default;

        var env = new Dictionary<string, string>();
        if (variables is { } given)
        {
            foreach (var variable in given.All)
            {
                if (variable.Value.ValueKind == JsonValueKind.String) env[variable.Name] = variable.Value.GetString()!;
                else given.Wrong(given.Where.Field(variable.Name), "a text", variable.Value);
            }
        }

        return new ProcessContext(workdir ?? ".", env, timeout);
    }

    private List<AcceptanceCheck> Checks(JsonFields task)
    {
        if (!task.Has("acceptance_checks")) return [];
        var checks = new List<AcceptanceCheck>();
        var list = task.Where.Field("acceptance_checks");
        foreach (var item in task.Items("acceptance_checks"))
        {
            var id = $"check-{checks.Count + 1}";

            // Something stands in for what is no check, so that positions stay right; the error keeps the plan from being built.
            checks.Add(task.Object(item, list.Item(checks.Count)) is { } fields ? Check(fields, id) : new AcceptanceCheck.FileExists(id, ".", 1));
        }

        return checks;
    }

    private AcceptanceCheck Check(JsonFields check, string defaultId)
    {
        Guess(check, CoordinatorNames.Check);
        var id = check.Text("id") ?? defaultId;
        var timeout = check.Number("timeout_seconds") ?? AcceptanceCheck.DefaultTimeoutSeconds;
        var description = check.Text("description");

        // {type, description, script}: prose and the name of a script that may not exist, as plans of 2025 have them.
        var isProse = check.Has("description") || check.Has("script");
        var hasType = check.Has("type");
        if (!hasType && !isProse) check.Missing("type", "\"type\": \"command\"");
        var type = check.Text("type") ?? (isProse && !hasType ? "manual" : "command");
        switch (type)
        {
            case "command" when !isProse || check.Has("argv") || check.Has("command"):
                return new AcceptanceCheck.Command(id, Run(check, isCheck: true), timeout);
            case "file_exists" when !isProse || check.Has("path"):
                return new AcceptanceCheck.FileExists(id, Required("path", "\"path\": \"build/out.txt\""), timeout);
            case "file_contains" when !isProse || check.Has("path"):
                var field = Either(check, "text", "contains");
                return new AcceptanceCheck.FileContains(id, Required("path", "\"path\": \"build/out.txt\""), Required(field, "\"text\": \"done\""), timeout);
            case "json_path" when !isProse || check.Has("path"):
                var query = Either(check, "query", "json_path");
                var expected = check.AnyOrNull("equals") is { } value ? CanonicalJson.Text(value) : null;
                return new AcceptanceCheck.JsonPath(
                    id, Required("path", "\"path\": \"package.json\""), Required(query, "\"query\": \"$.version\""), expected, timeout);
            default:
                // A check that is only misspelt would fail its task again and again.
                if (Spelling.Nearest(type, CoordinatorNames.CheckTypes) is { } meant && meant != type) check.Add(PlanDiagnostics.MisspeltCheckType(check.PlaceOf("type"), type, meant));
                return new AcceptanceCheck.Unrunnable(id, type, description ?? check.Text("script") ?? "");
        }

        string Required(string name, string example)
        {
            if (!check.Has(name)) check.Missing(name, example);
            return check.Text(name) ?? "$";
        }
    }

    // Two names for one field: the seed has one, people write the other.
    private static string Either(JsonFields fields, string name, string other)
    {
        if (!fields.Has(other)) return name;
        if (fields.Has(name)) fields.Add(PlanDiagnostics.Contradiction(fields.PlaceOf(other), name, other));
        return other;
    }

    private static List<PoolClaim> Claims(JsonFields? resources)
    {
        if (resources?.Object("shared") is not { } shared) return [];
        var claims = new List<PoolClaim>();
        foreach (var claim in shared.All)
        {
            if (shared.WholeInt(claim.Value, claim.Name) is { } units) claims.Add(new(claim.Name, units));
        }

        return claims;
    }

    private static IEnumerable<PoolClaim> LegacyClaims(JsonFields? resources)
    {
        if (resources is not { } given) yield break;
        var list = given.Where.Field("shared_limited");
        var index = 0;
        foreach (var item in given.Items("shared_limited"))
        {
            if (given.Object(item, list.Item(index++)) is not { } claim) continue;
            if (!claim.Has("resource")) claim.Missing("resource", "\"resource\": \"test_db\"");
            if (claim.Text("resource") is { } pool) yield return new PoolClaim(pool, claim.Has("quantity") ? claim.WholeInt("quantity") ?? 1 : 1);
        }
    }

    private PertEstimate Duration(JsonFields task)
    {
        if (task.Any("duration") is not { } duration) return PertEstimate.Default;
        if (duration.ValueKind == JsonValueKind.Number) return new(duration.GetDouble(), duration.GetDouble(), duration.GetDouble());
        if (duration.ValueKind != JsonValueKind.Object)
        {
            task.Wrong(task.Where.Field("duration"), "a number of hours, or an object with optimistic, mostLikely and pessimistic", duration);
            return PertEstimate.Default;
        }

        var fields = task.Object("duration")!.Value;
        Guess(fields, CoordinatorNames.Duration);
        var name = Either(fields, "mostLikely", "most_likely");
        if (!fields.Has(name)) fields.Missing(name, "\"mostLikely\": 1.5");
        if (fields.Number(name) is not { } mostLikely) return PertEstimate.Default;
        return new(fields.Number("optimistic") ?? mostLikely, mostLikely, fields.Number("pessimistic") ?? mostLikely);
    }

    private static List<ArtifactDeclaration> Produces(JsonFields interfaces)
    {
        if (!interfaces.Has("produces")) return [];
        var artifacts = new List<ArtifactDeclaration>();
        var list = interfaces.Where.Field("produces");
        foreach (var item in interfaces.Items("produces"))
        {
            var at = list.Item(artifacts.Count);
            if (item.ValueKind == JsonValueKind.String)
            {
                artifacts.Add(new(item.GetString()!, Required: false));
            }
            else if (item.ValueKind == JsonValueKind.Object)
            {
                var artifact = interfaces.Object(item, at)!.Value;
                if (!artifact.Has("path")) artifact.Missing("path", "\"path\": \"build/out.txt\"");
                artifacts.Add(new(artifact.Text("path") ?? ".", artifact.Flag("required") ?? true));
            }
            else
            {
                interfaces.Wrong(at, "a path, or an object with a path", item);
                artifacts.Add(new(".", Required: false));
            }
        }

        return artifacts;
    }

    private void Edge(JsonFields edge, int index)
    {
        Guess(edge, CoordinatorNames.Edge);
        if (!edge.Has("from")) edge.Missing("from", "\"from\": \"the id of the task that comes first\"");
        if (!edge.Has("to")) edge.Missing("to", "\"to\": \"the id of the task that comes after it\"");
        var from = edge.Text("from");
        var to = edge.Text("to");
        var isHard = edge.Flag(Either(edge, "isHard", "hard"));
        var confidence = edge.Number("confidence") ?? 1;
        var type = DependencyType.Technical;
        if (edge.Any("type") is { ValueKind: JsonValueKind.String } value && (value.ValueEquals("hard"u8) || value.ValueEquals("soft"u8)))
        {
            // The seed's hot update writes how strict an edge is where others write why it is there.
            var said = value.ValueEquals("hard"u8);
            if (isHard is { } other && other != said) edge.Add(PlanDiagnostics.Contradiction(edge.PlaceOf("type"), "type", "isHard"));
            isHard = said;
        }
        else
        {
            type = edge.Choice("type", CoordinatorNames.DependencyTypes, DependencyType.Technical);
        }

        if (from is null || to is null) return;
        _dependencies.Add(new(new(from), new(to), type, isHard ?? true, confidence));
        _places.AddEdge(index);
    }

    private PlanResources Resources(JsonFields document)
    {
        if (document.Object("resources") is not { } resources) return new();
        Guess(resources, CoordinatorNames.Resources);
        var pools = new List<PoolClaim>();
        if (resources.Object("pools") is { } declared)
        {
            foreach (var pool in declared.All)
            {
                if (declared.WholeInt(pool.Value, pool.Name) is { } capacity) pools.Add(new(pool.Name, capacity));
            }
        }

        if (resources.Object("quotas") is not { } quotas) return new() { Locks = Distinct(resources.Texts("locks")), Pools = pools };
        foreach (var quota in quotas.All)
        {
            // In the plans of 2025 pools stand among the quotas.
            if (quota.Name is "cpu_cores" or "memory_mb" or "disk_io_mbps" || quota.Value.ValueKind == JsonValueKind.Null) continue;
            if (quotas.WholeInt(quota.Value, quota.Name) is { } capacity) pools.Add(new(quota.Name, capacity));
        }

        return new()
        {
            Locks = Distinct(resources.Texts("locks")),
            Pools = pools,
            Quotas = new(quotas.Number("cpu_cores"), quotas.Number("memory_mb"), quotas.Number("disk_io_mbps")),
        };
    }

    private PlanPolicies Policies(JsonFields document)
    {
        if (document.Object("policies") is not { } policies) return new();

        Guess(policies, CoordinatorNames.Policies);

        // The plans of 2025 call it retry_policy.
        var retry = policies.Object(Either(policies, "retry", "retry_policy"));
        if (retry is { } spelt) Guess(spelt, CoordinatorNames.Retry);
        var usual = RetryPolicy.Default;
        return new()
        {
            ConcurrencyMax = policies.WholeInt("concurrency_max"),
            Retry = retry is not { } given ? usual : new(
                given.WholeInt("max_attempts") ?? usual.MaxAttempts,
                given.Choice("backoff", CoordinatorNames.Backoffs, usual.Backoff),
                given.Whole("initial_delay_ms") ?? usual.InitialDelayMs,
                given.Whole("max_delay_ms") ?? usual.MaxDelayMs,
                given.Flag("jitter") ?? usual.Jitter),
        };
    }

    // Unknown fields are kept and mean nothing, except where one looks like a known field: a time limit that is misspelt is no time limit.
    private void Guess(JsonFields fields, string[] known)
    {
        foreach (var field in fields.All)
        {
            var name = field.Name;
            if (known.Contains(name)) continue;
            if (known == CoordinatorNames.Node && CoordinatorNames.Elsewhere(name) is { } place)
            {
                fields.Add(PlanDiagnostics.MisplacedField(fields.PlaceOf(name), name, place));
                continue;
            }

            if (!_guesses.TryGetValue((known, name), out var guess)) _guesses[(known, name)] = guess = CoordinatorNames.Guess(name, known);
            if (guess is not null) fields.Add(PlanDiagnostics.MisspeltField(fields.PlaceOf(name), name, guess));

            // Here everything that has an effect is known: what is not would be a lock that nobody takes, or a limit that nobody keeps.
            else if (known == CoordinatorNames.TaskResources || known == CoordinatorNames.Run || known == CoordinatorNames.Retry) fields.Add(PlanDiagnostics.UnknownField(fields.PlaceOf(name), name, known));
        }
    }

    private static IReadOnlyList<string> Distinct(IReadOnlyList<string> names) => names.Count < 2 ? names : [.. names.Distinct()];
}
