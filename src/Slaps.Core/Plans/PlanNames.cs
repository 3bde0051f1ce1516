namespace Slaps.Core.Plans;

/// <summary>The words of coordinator.json. Lists of values are in the order of their enumerations.</summary>
internal static class CoordinatorNames
{
    public static readonly string[] Document = ["version", "title", "meta", "metadata", "graph", "policies", "resources", "monitoring", "config"];

    public static readonly string[] Node =
    [
        "id", "title", "name", "description", "feature_id", "run", "acceptance_checks", "resources", "resource_requirements", "scheduling_hints",
        "duration", "interfaces", "idempotent", "task", "boundaries", "execution_guidance", "evidence", "kind", "compensation", "shared_resources",
    ];

    public static readonly string[] Run = ["argv", "command", "shell", "agent", "prompt", "manual", "env", "workdir", "timeout_seconds"];

    public static readonly string[] Check =
    [
        "id", "type", "timeout_seconds", "argv", "command", "shell", "env", "workdir", "path", "text", "contains", "query", "json_path", "equals",
        "description", "script",
    ];

    public static readonly string[] Edge = ["from", "to", "type", "isHard", "hard", "confidence", "evidence", "weight"];

    public static readonly string[] TaskResources = ["locks", "shared", "reads"];

    public static readonly string[] Hints = ["priority", "preemptible", "retry_on_failure", "max_retries", "checkpoint_capable"];

    public static readonly string[] Duration = ["optimistic", "mostLikely", "most_likely", "pessimistic"];

    public static readonly string[] Resources = ["locks", "pools", "quotas", "worker_pool"];

    public static readonly string[] Policies =
    [
        "concurrency_max", "retry", "retry_policy", "fairness", "circuit_breakers", "lock_policy", "update_mode", "priority", "timeouts", "resource_management",
    ];

    public static readonly string[] CheckTypes = ["command", "file_exists", "file_contains", "json_path", "http", "diff_within_scope", "manual"];

    public static readonly string[] Retry = ["max_attempts", "backoff", "initial_delay_ms", "max_delay_ms", "jitter"];

    public static readonly string[] Priorities = ["critical", "high", "medium", "low"];

    public static readonly string[] Backoffs = ["exponential", "linear"];

    public static readonly string[] DependencyTypes = ["technical", "sequential", "infrastructure", "knowledge", "mutual_exclusion", "resource_limited"];

    /// <summary>Where a field belongs that people write on the node itself; ignored in silence there, it would be a lock that nobody takes.</summary>
    public static string? Elsewhere(string field) => field switch
    {
        "locks" or "shared" or "reads" => $"resources.{field}",
        "priority" or "max_retries" or "retry_on_failure" => $"scheduling_hints.{field}",
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
