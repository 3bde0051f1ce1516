using System.Text.Json;
using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Failures;

namespace Slaps.Core.Plans;

/// <summary>Turns coordinator.json into a draft. It judges the shape; what the values mean is judged by <see cref="PlanRules"/>.</summary>
internal sealed class CoordinatorReader(string file, DiagnosticBag diagnostics)
{
    private readonly JsonReading _reading = new(file, diagnostics);
    private readonly PlanPlaces _places = new(file);
    private readonly FieldKeeper _keeper = new();
    private IReadOnlyList<PlanTask> _tasks = [];
    private IReadOnlyList<Dependency> _dependencies = [];

    public Plan? Read(JsonElement root)
    {
        var errorsBefore = diagnostics.ErrorCount;
        if (JsonFields.Document(root, _reading) is not { } document) return null;

        Version(document);
        if (!Graph(document)) return null;

        // Kept with the document are only fields of its own objects: those of tasks and edges have gone with them.
        _keeper.Judge(document, PlanNames.Coordinator);
        if (document.Object("meta") is { } meta) _keeper.Judge(meta, PlanNames.CoordinatorMeta, "meta");
        if (document.Object("graph") is { } graph) _keeper.Judge(graph, PlanNames.Graph, "graph");
        var draft = new PlanDraft
        {
            Title = document.Text("title") ?? "",
            Tasks = _tasks,
            Dependencies = _dependencies,
            Resources = Resources(document),
            Policies = Policies(document),
            Monitoring = document.ObjectText("monitoring"),

            // What is to be hard was decided when this file was written; whoever executes it enforces every hard edge.
            Origin = new() { MinConfidence = 0 },
            Unknown = _keeper.Take(0),
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
        var lists = new PlanListsReader(_reading, _places, _keeper);
        _tasks = lists.Tasks(graph, "nodes");
        if (graph.Any("nodes") is not { ValueKind: JsonValueKind.Array } nodes) return false;
        _dependencies = lists.Dependencies(graph, "edges");

        // Nodes that could not be read are named already; "no tasks" would be a second complaint about them.
        return _tasks.Count > 0 || nodes.GetArrayLength() == 0;
    }

    private PlanResources Resources(JsonFields document)
    {
        if (document.Object("resources") is not { } resources) return new();
        _keeper.Judge(resources, PlanNames.Resources, "resources");
        var pools = new List<PoolClaim>();
        if (resources.Object("pools") is { } declared)
        {
            foreach (var pool in declared.All)
            {
                if (declared.WholeInt(pool.Value, pool.Name) is { } capacity) pools.Add(new(pool.Name, capacity));
            }
        }

        var locks = resources.Texts("locks");
        if (locks.Count > 1) locks = [.. locks.Distinct()];
        var (profiles, windows) = (Profiles(resources), Windows(resources));
        if (resources.Object("quotas") is not { } quotas) return new() { Locks = locks, Pools = pools, Profiles = profiles, Windows = windows };
        foreach (var quota in quotas.All)
        {
            // In the plans of 2025 pools stand among the quotas.
            if (PlanNames.Amounts.IsRead(quota.Name) || quota.Value.ValueKind == JsonValueKind.Null) continue;
            if (quotas.WholeInt(quota.Value, quota.Name) is { } capacity) pools.Add(new(quota.Name, capacity));
        }

        return new() { Locks = locks, Pools = pools, Quotas = Amounts(quotas), Profiles = profiles, Windows = windows };
    }

    private List<ResourceProfile> Profiles(JsonFields resources)
    {
        var profiles = new List<ResourceProfile>();
        if (resources.Object("profiles") is not { } declared) return profiles;
        foreach (var field in declared.All)
        {
            if (declared.Object(field.Value, declared.Where.Field(field.Name)) is not { } profile) continue;
            if (!field.Name.Contains('.')) _keeper.Judge(profile, PlanNames.Profile, $"resources.profiles.{field.Name}");
            var pools = new List<PoolClaim>();
            if (profile.Object("pools") is { } capacities)
            {
                foreach (var pool in capacities.All)
                {
                    if (capacities.WholeInt(pool.Value, pool.Name) is { } capacity) pools.Add(new(pool.Name, capacity));
                }
            }

            var quotas = profile.Object("quotas");
            if (quotas is { } given && !field.Name.Contains('.')) _keeper.Judge(given, PlanNames.Amounts, $"resources.profiles.{field.Name}.quotas");
            profiles.Add(new(field.Name)
            {
                ConcurrencyMax = profile.WholeInt("concurrency_max"),
                Pools = [.. pools.OrderBy(pool => pool.Pool, StringComparer.Ordinal)],
                Quotas = quotas is { } amounts ? Amounts(amounts) : QuotaAmounts.None,
            });
        }

        return [.. profiles.OrderBy(profile => profile.Name, StringComparer.Ordinal)];
    }

    private static List<ResourceWindows> Windows(JsonFields resources)
    {
        var windows = new List<ResourceWindows>();
        if (resources.Object("windows") is not { } declared) return windows;
        foreach (var field in declared.All)
        {
            if (TaskReader.Windows(declared, field.Name) is { Count: > 0 } open) windows.Add(new(field.Name, open));
        }

        return [.. windows.OrderBy(window => window.Resource, StringComparer.Ordinal)];
    }

    private static QuotaAmounts Amounts(JsonFields quotas) => new(quotas.Number("cpu_cores"), quotas.Number("memory_mb"), quotas.Number("disk_io_mbps"));

    private PlanPolicies Policies(JsonFields document)
    {
        if (document.Object("policies") is not { } policies) return new();

        _keeper.Judge(policies, PlanNames.Policies, "policies");

        // The plans of 2025 call it retry_policy.
        var retry = policies.Object(policies.Either("retry", "retry_policy"));
        if (retry is { } spelt) _keeper.Judge(spelt, PlanNames.Retry, "policies.retry");
        var usual = RetryPolicy.Default;
        return new()
        {
            ConcurrencyMax = policies.WholeInt("concurrency_max"),
            Model = policies.Any("execution_model") is null ? null : policies.Choice("execution_model", PlanNames.ExecutionModels, ExecutionModel.Rolling),
            StallTimeoutSeconds = policies.Number("stall_timeout_seconds"),
            PreemptionSeconds = policies.Number("preemption_seconds"),
            LockTimeoutSeconds = policies.Number("lock_timeout_seconds"),
            WorkerIdleSeconds = policies.Number("worker_idle_seconds"),
            Retry = retry is not { } given ? usual : new(
                given.WholeInt("max_attempts") ?? usual.MaxAttempts,
                given.Choice("backoff", PlanNames.Backoffs, usual.Backoff),
                given.Whole("initial_delay_ms") ?? usual.InitialDelayMs,
                given.Whole("max_delay_ms") ?? usual.MaxDelayMs,
                given.Flag("jitter") ?? usual.Jitter) { ByClass = ByClass(given), Budget = given.WholeInt("budget") },
            CircuitBreakers = CircuitBreakers(policies),
            Order = Order(policies),
        };
    }

    private RetryByClass ByClass(JsonFields retry)
    {
        if (retry.Object("by_class") is not { } classes) return RetryByClass.None;
        foreach (var field in classes.All.ToArray())
        {
            if (!FailureNames.Classes.Contains(field.Name)) classes.Add(PlanDiagnostics.UnknownValue(classes.PlaceOf(field.Name), field.Name, FailureNames.Classes));
        }

        return new(One("transient"), One("systemic"), One("resource"), One("logic"), One("external"));

        RetryOverride? One(string name)
        {
            if (classes.Object(name) is not { } said) return null;
            _keeper.Warn(said, PlanNames.RetryOverride);
            return new(
                said.WholeInt("max_attempts"),
                said.Has("backoff") ? said.Choice("backoff", PlanNames.Backoffs, BackoffKind.Exponential) : null,
                said.Whole("initial_delay_ms"),
                said.Whole("max_delay_ms"),
                said.Flag("jitter"));
        }
    }

    private CircuitBreakerPolicy? CircuitBreakers(JsonFields policies)
    {
        if (policies.Any("circuit_breakers") is not { } policy) return null;

        // Other programs write other things under this name; what is none of ours is kept and means nothing.
        if (policy.ValueKind != JsonValueKind.Object) return new(CanonicalJson.Text(policy)) { Enabled = false };
        var said = policies.Object(policy, policies.Where.Field("circuit_breakers"))!.Value;
        _keeper.Warn(said, PlanNames.CircuitBreakers);
        var patterns = new List<BreakerPattern>();
        var index = 0;
        foreach (var item in said.Items("patterns"))
        {
            var at = said.Where.Field("patterns").Item(index++);
            if (item.ValueKind == JsonValueKind.Object && said.Object(item, at) is { } pattern && Pattern(pattern) is { } read) patterns.Add(read);
        }

        return new(CanonicalJson.Text(policy))
        {
            Enabled = said.Flag("enabled") ?? true,
            Patterns = patterns,
            WindowSeconds = said.Number("window_seconds"),
            CooldownSeconds = said.Number("cooldown_seconds"),
            MaxTrips = said.WholeInt("max_trips"),
            MaxPatches = said.WholeInt("max_patches") ?? CircuitBreakerPolicy.UsualMaxPatches,
        };
    }

    private BreakerPattern? Pattern(JsonFields said)
    {
        _keeper.Warn(said, PlanNames.BreakerPattern);
        if (said.Text("name") is not { Length: > 0 } name)
        {
            said.Add(PlanDiagnostics.NoEffect(said.Place, "patterns", "a pattern without a name"));
            return null;
        }

        Remedy? remedy = null;
        if (said.Text("action") is { } action && (remedy = BreakerPattern.RemedyOf(action)) is null)
        {
            said.Add(PlanDiagnostics.NoEffect(said.PlaceOf("action"), "action", $"{Identifiers.Quote(action)} is none of {string.Join(", ", FailureNames.Remedies)}"));
            return null;
        }

        System.Text.RegularExpressions.Regex? compiled = null;
        if (said.Text("regex") is { Length: > Playbook.LongestPattern } tooLong)
            said.Add(PlanDiagnostics.NoEffect(said.PlaceOf("regex"), "regex", $"it has {tooLong.Length:N0} characters, and {Playbook.LongestPattern:N0} is the most"));
        else if (said.Text("regex") is { } regex)
        {
            try
            {
                compiled = Playbook.Pattern(regex);
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                // There is no other way to ask whether it is one.
                said.Add(PlanDiagnostics.NoEffect(said.PlaceOf("regex"), "regex", $"it cannot be matched in bounded time, or is no pattern ({e.Message.TrimEnd('.')})"));
            }
        }

        return new(name, remedy, compiled)
        {
            Threshold = said.WholeInt("threshold"),
            WindowSeconds = said.Number("window_seconds"),
            CooldownSeconds = said.Number("cooldown_seconds"),
            MaxTrips = said.WholeInt("max_trips"),
        };
    }

    private static OrderPolicy Order(JsonFields policies)
    {
        var usual = new OrderPolicy();
        var weights = new List<FeatureWeight>();
        if (policies.Object("feature_weights") is { } shares)
        {
            foreach (var share in shares.All)
            {
                if (shares.Number(share.Value, share.Name) is { } weight) weights.Add(new(new(share.Name), weight));
            }
        }

        return new()
        {
            AgeingSeconds = policies.Number("ageing_seconds") ?? usual.AgeingSeconds,
            MaxOvertakes = policies.WholeInt("max_overtakes") ?? usual.MaxOvertakes,
            Fairness = policies.Text("fairness"),
            Weights = weights,
        };
    }
}
