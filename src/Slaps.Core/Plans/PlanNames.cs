namespace Slaps.Core.Plans;

/// <summary>The words of features.json, tasks.json and coordinator.json. Lists of values are in the order of their enumerations.</summary>
internal static class PlanNames
{
    // --- Documents ---

    public static readonly KnownFields Coordinator = new(
        "coordinator", ["version", "title", "meta", "graph", "policies", "resources", "monitoring"], "metadata", "config");

    public static readonly KnownFields CoordinatorMeta = new("coordinator_meta", ["artifact_hash"]);

    public static readonly KnownFields Graph = new("graph", ["nodes", "edges"]);

    public static readonly KnownFields Resources = new("plan_resources", ["locks", "pools", "quotas", "profiles", "windows"], "worker_pool");

    public static readonly KnownFields Profile = new("resource_profile", ["concurrency_max", "pools", "quotas"]);

    public static readonly KnownFields Policies = new(
        "policies", ["concurrency_max", "execution_model", "retry", "retry_policy", "ageing_seconds", "max_overtakes", "fairness", "feature_weights", "stall_timeout_seconds", "lock_timeout_seconds", "preemption_seconds", "worker_idle_seconds", "circuit_breakers"],
        "lock_policy", "update_mode", "priority", "timeouts", "resource_management");

    public static readonly KnownFields Retry = new("retry", ["max_attempts", "backoff", "initial_delay_ms", "max_delay_ms", "jitter", "by_class", "budget"]);

    public static readonly KnownFields RetryOverride = new("retry_override", ["max_attempts", "backoff", "initial_delay_ms", "max_delay_ms", "jitter"]);

    public static readonly KnownFields CircuitBreakers = new("circuit_breakers", ["enabled", "patterns", "window_seconds", "cooldown_seconds", "max_trips", "max_patches"]);

    public static readonly KnownFields BreakerPattern = new("breaker_pattern", ["name", "regex", "threshold", "action", "window_seconds", "cooldown_seconds", "max_trips"]);

    public static readonly KnownFields Tasks = new("tasks", ["title", "meta", "tasks", "dependencies"]);

    public static readonly KnownFields TasksMeta = new(
        "tasks_meta", ["artifact_hash", "min_confidence", "codebase_analysis", "autonormalization", "decisions"], "generated_at", "version", "task_count");

    public static readonly KnownFields Normalization = new("normalization", ["action", "tasks", "reason"]);

    public static readonly KnownFields Decision = new("decision", ["title", "reason", "evidence", "rejected"]);

    public static readonly KnownFields Features = new("features", ["meta", "features"]);

    public static readonly KnownFields FeaturesMeta = new("features_meta", ["artifact_hash"], "generated_at", "version", "feature_count");

    public static readonly KnownFields Feature = new("feature", ["id", "title", "description", "priority", "priority_reason", "source_evidence"]);

    // --- Tasks ---

    public static readonly KnownFields Task = new(
        "task",
        [
            "id", "original_id", "title", "name", "description", "feature_id", "kind", "run", "acceptance_checks", "resources", "shared_resources",
            "resource_requirements", "scheduling_hints", "duration", "interfaces", "idempotent", "boundaries", "execution_guidance", "compensation",
            "evidence", "task",
        ]);

    public static readonly KnownFields Run = new("run", ["argv", "command", "shell", "agent", "prompt", "manual", "env", "workdir", "timeout_seconds"]);

    public static readonly KnownFields TaskResources = new("task_resources", ["locks", "shared", "reads"]);

    public static readonly KnownFields SharedResources = new("shared_resources", ["exclusive_locks", "shared_limited"], "creates", "modifies");

    public static readonly KnownFields PoolNeed = new("pool_need", ["resource", "quantity"]);

    public static readonly KnownFields Requirements = new("resource_requirements", ["estimated", "peak", "worker_capabilities_required"]);

    public static readonly KnownFields Amounts = new("amounts", ["cpu_cores", "memory_mb", "disk_io_mbps"]);

    public static readonly KnownFields Peak = new("peak", ["cpu_cores", "memory_mb", "disk_io_mbps", "during"]);

    public static readonly KnownFields Hints = new("scheduling_hints", ["priority", "preemptible", "windows", "retry_on_failure", "max_retries", "checkpoint_capable"]);

    public static readonly KnownFields Duration = new("duration", ["optimistic", "mostLikely", "most_likely", "pessimistic"]);

    public static readonly KnownFields Interfaces = new("interfaces", ["produces", "consumes"]);

    public static readonly KnownFields Artifact = new("artifact", ["path", "required"]);

    public static readonly KnownFields Boundaries = new("boundaries", ["expected_complexity", "definition_of_done", "scope"]);

    public static readonly KnownFields Complexity = new("expected_complexity", ["value", "breakdown"]);

    public static readonly KnownFields Done = new("definition_of_done", ["criteria", "stop_when"]);

    public static readonly KnownFields Scope = new("scope", ["includes", "excludes", "restrictions"]);

    public static readonly KnownFields Evidence = new("evidence", ["type", "source", "excerpt", "confidence", "rationale"]);

    // --- Checks: what one type does not read it keeps, and what any type reads is known to all ---

    public static readonly KnownFields Check = new(
        "check",
        [
            "id", "type", "timeout_seconds", "argv", "command", "shell", "env", "workdir", "path", "text", "contains", "query", "json_path", "equals",
            "description",
        ],
        "script");

    public static readonly KnownFields CommandCheck = new("check", ["id", "type", "timeout_seconds", "argv", "command", "shell", "env", "workdir"]);

    public static readonly KnownFields FileExistsCheck = new("check", ["id", "type", "timeout_seconds", "path"]);

    public static readonly KnownFields FileContainsCheck = new("check", ["id", "type", "timeout_seconds", "path", "text", "contains"]);

    public static readonly KnownFields JsonPathCheck = new("check", ["id", "type", "timeout_seconds", "path", "query", "json_path", "equals"]);

    public static readonly KnownFields OtherCheck = new("check", ["id", "type", "description"]);

    // --- Dependencies ---

    public static readonly KnownFields Dependency = new(
        "dependency", ["from", "to", "type", "isHard", "hard", "confidence", "reason", "evidence"], "weight", "note");

    // --- Values ---

    public static readonly string[] CheckTypes = ["command", "file_exists", "file_contains", "json_path", "http", "diff_within_scope", "manual"];

    public static readonly string[] Priorities = ["critical", "high", "medium", "low"];

    public static readonly string[] ExecutionModels = ["rolling_frontier", "wave_based"];
    public static readonly string[] Backoffs = ["exponential", "linear"];

    public static readonly string[] DependencyTypes = ["technical", "sequential", "infrastructure", "knowledge", "mutual_exclusion", "resource_limited"];

    public static readonly string[] TaskKinds = ["parallel", "pipeline", "sequential"];

    public static readonly string[] EvidenceTypes = ["plan", "code", "commit", "doc"];

    /// <summary>Where a field belongs that people write on the task itself; ignored in silence there, it would be a lock that nobody takes.</summary>
    public static string? Elsewhere(string field) => field switch
    {
        "locks" or "shared" or "reads" => $"resources.{field}",
        "window" or "windows" => "scheduling_hints.windows",
        "priority" or "preemptible" or "max_retries" or "retry_on_failure" => $"scheduling_hints.{field}",
        "retries" => "scheduling_hints.max_retries",
        "cpu_cores" or "memory_mb" or "disk_io_mbps" => $"resource_requirements.estimated.{field}",
        "capabilities" => "resource_requirements.worker_capabilities_required",
        "timeout" => "run.timeout_seconds",
        "argv" or "command" or "shell" or "agent" or "env" or "workdir" or "timeout_seconds" => $"run.{field}",
        "produces" or "consumes" => $"interfaces.{field}",
        "acceptance" or "checks" => "acceptance_checks",
        "depends_on" or "dependencies" or "needs" or "after" or "blocked_by" => "an edge in graph.edges",
        _ => null,
    };

    /// <summary>The known field that an unknown one was probably meant to be.</summary>
    public static string? Guess(string field, IReadOnlyList<string> known)
    {
        if (field.Length is < 4 or > 40) return null;

        // "timeout" for "timeout_seconds": too far by letters, but clear.
        return Spelling.Nearest(field, known)
            ?? (field.Length >= 5 && known.Where(name => name.StartsWith(field + "_", StringComparison.OrdinalIgnoreCase)).ToArray() is [var only] ? only : null);
    }
}
