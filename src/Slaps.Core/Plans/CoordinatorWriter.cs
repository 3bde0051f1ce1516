using System.Buffers;
using System.Text.Json;

namespace Slaps.Core.Plans;

/// <summary>Puts a draft into JSON that <see cref="CoordinatorReader"/> reads; defaults are left out, order and white space are canonical only later.</summary>
internal static class CoordinatorWriter
{
    public static ReadOnlyMemory<byte> Write(PlanDraft draft)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer)) Document(json, draft);
        return buffer.WrittenMemory;
    }

    private static void Document(Utf8JsonWriter json, PlanDraft draft)
    {
        json.WriteStartObject();
        json.WriteString("version", "3.0");
        Text(json, "title", draft.Title);
        json.WriteStartObject("meta");
        json.WriteString("artifact_hash", "");
        json.WriteEndObject();
        json.WriteStartObject("graph");
        json.WriteStartArray("nodes");
        foreach (var task in draft.Tasks) Node(json, task);
        json.WriteEndArray();
        json.WriteStartArray("edges");
        foreach (var dependency in draft.Dependencies) Edge(json, dependency);
        json.WriteEndArray();
        json.WriteEndObject();
        Policies(json, draft.Policies);
        Resources(json, draft.Resources);
        json.WriteEndObject();
    }

    private static void Node(Utf8JsonWriter json, PlanTask task)
    {
        json.WriteStartObject();
        json.WriteString("id", task.Id.Value);
        Text(json, "title", task.Title);
        Text(json, "description", task.Description);
        if (task.Feature is { } feature) json.WriteString("feature_id", feature.Value);
        if (task.Run != RunSpec.Unspecified)
        {
            json.WriteStartObject("run");
            Run(json, task.Run);
            json.WriteEndObject();
        }

        if (task.Checks.Count > 0)
        {
            json.WriteStartArray("acceptance_checks");
            foreach (var check in task.Checks) Check(json, check);
            json.WriteEndArray();
        }

        if (task.Locks.Count + task.Pools.Count > 0)
        {
            json.WriteStartObject("resources");
            Texts(json, "locks", task.Locks);
            Pools(json, "shared", task.Pools);
            json.WriteEndObject();
        }

        if (task.Estimated != QuotaAmounts.None || task.Capabilities.Count > 0)
        {
            json.WriteStartObject("resource_requirements");
            Quotas(json, "estimated", task.Estimated);
            Texts(json, "worker_capabilities_required", task.Capabilities);
            json.WriteEndObject();
        }

        if (task.Priority != Priority.Medium || !task.RetryOnFailure || task.MaxRetries is not null)
        {
            json.WriteStartObject("scheduling_hints");
            if (task.Priority != Priority.Medium) json.WriteString("priority", CoordinatorNames.Priorities[(int)task.Priority]);
            if (!task.RetryOnFailure) json.WriteBoolean("retry_on_failure", false);
            if (task.MaxRetries is { } retries) json.WriteNumber("max_retries", retries);
            json.WriteEndObject();
        }

        if (task.Duration != PertEstimate.Default)
        {
            json.WriteStartObject("duration");
            json.WriteNumber("optimistic", task.Duration.Optimistic);
            json.WriteNumber("mostLikely", task.Duration.MostLikely);
            json.WriteNumber("pessimistic", task.Duration.Pessimistic);
            json.WriteEndObject();
        }

        if (task.Produces.Count + task.Consumes.Count > 0)
        {
            json.WriteStartObject("interfaces");
            json.WriteStartArray("produces");
            foreach (var artifact in task.Produces)
            {
                if (!artifact.Required)
                {
                    json.WriteStringValue(artifact.Path);
                    continue;
                }

                json.WriteStartObject();
                json.WriteString("path", artifact.Path);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            Texts(json, "consumes", task.Consumes);
            json.WriteEndObject();
        }

        if (!task.Idempotent) json.WriteBoolean("idempotent", false);
        json.WriteEndObject();
    }

    private static void Run(Utf8JsonWriter json, RunSpec run)
    {
        switch (run)
        {
            case RunSpec.Process process:
                json.WriteStartArray("argv");
                foreach (var argument in process.Argv) json.WriteStringValue(argument);
                json.WriteEndArray();
                Context(json, process.Context);
                break;
            case RunSpec.Shell shell:
                json.WriteString("command", shell.Command);
                json.WriteBoolean("shell", true);
                Context(json, shell.Context);
                break;
            case RunSpec.Agent agent:
                json.WriteString("agent", agent.Name);
                if (agent.Prompt is not null) json.WriteString("prompt", agent.Prompt);
                Context(json, agent.Context);
                break;
            case RunSpec.Claimed:
                json.WriteBoolean("manual", true);
                break;
        }
    }

    private static void Context(Utf8JsonWriter json, ProcessContext context)
    {
        if (context.Workdir != ".") json.WriteString("workdir", context.Workdir);
        if (context.Env.Count > 0)
        {
            json.WriteStartObject("env");
            foreach (var (name, value) in context.Env) json.WriteString(name, value);
            json.WriteEndObject();
        }

        if (context.TimeoutSeconds is { } seconds) json.WriteNumber("timeout_seconds", seconds);
    }

    private static void Check(Utf8JsonWriter json, AcceptanceCheck check)
    {
        json.WriteStartObject();
        json.WriteString("id", check.Id);
        switch (check)
        {
            case AcceptanceCheck.Command command:
                json.WriteString("type", "command");
                Run(json, command.Run);
                break;
            case AcceptanceCheck.FileExists file:
                json.WriteString("type", "file_exists");
                json.WriteString("path", file.Path);
                break;
            case AcceptanceCheck.FileContains file:
                json.WriteString("type", "file_contains");
                json.WriteString("path", file.Path);
                json.WriteString("text", file.Text);
                break;
            case AcceptanceCheck.JsonPath file:
                json.WriteString("type", "json_path");
                json.WriteString("path", file.Path);
                json.WriteString("query", file.Query);
                if (file.ExpectedJson is not null)
                {
                    json.WritePropertyName("equals");
                    json.WriteRawValue(file.ExpectedJson);
                }

                break;
            case AcceptanceCheck.Unrunnable other:
                json.WriteString("type", other.Type);
                json.WriteString("description", other.Description);
                break;
        }

        if (check.TimeoutSeconds != AcceptanceCheck.DefaultTimeoutSeconds) json.WriteNumber("timeout_seconds", check.TimeoutSeconds);
        json.WriteEndObject();
    }

    private static void Edge(Utf8JsonWriter json, Dependency dependency)
    {
        json.WriteStartObject();
        json.WriteString("from", dependency.From.Value);
        json.WriteString("to", dependency.To.Value);
        json.WriteString("type", CoordinatorNames.DependencyTypes[(int)dependency.Type]);
        if (!dependency.IsHard) json.WriteBoolean("isHard", false);
        if (dependency.Confidence != 1) json.WriteNumber("confidence", dependency.Confidence);
        json.WriteEndObject();
    }

    private static void Policies(Utf8JsonWriter json, PlanPolicies policies)
    {
        if (policies.ConcurrencyMax is null && policies.Retry == RetryPolicy.Default) return;
        json.WriteStartObject("policies");
        if (policies.ConcurrencyMax is { } most) json.WriteNumber("concurrency_max", most);
        if (policies.Retry != RetryPolicy.Default)
        {
            json.WriteStartObject("retry");
            json.WriteNumber("max_attempts", policies.Retry.MaxAttempts);
            json.WriteString("backoff", CoordinatorNames.Backoffs[(int)policies.Retry.Backoff]);
            json.WriteNumber("initial_delay_ms", policies.Retry.InitialDelayMs);
            json.WriteNumber("max_delay_ms", policies.Retry.MaxDelayMs);
            json.WriteBoolean("jitter", policies.Retry.Jitter);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Resources(Utf8JsonWriter json, PlanResources resources)
    {
        if (resources.Locks.Count + resources.Pools.Count == 0 && resources.Quotas == QuotaAmounts.None) return;
        json.WriteStartObject("resources");
        Texts(json, "locks", resources.Locks);
        Pools(json, "pools", resources.Pools);
        Quotas(json, "quotas", resources.Quotas);
        json.WriteEndObject();
    }

    private static void Text(Utf8JsonWriter json, string name, string text)
    {
        if (text.Length > 0) json.WriteString(name, text);
    }

    private static void Texts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        if (texts.Count == 0) return;
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void Pools(Utf8JsonWriter json, string name, IReadOnlyList<PoolClaim> pools)
    {
        if (pools.Count == 0) return;
        json.WriteStartObject(name);

        // A pool claimed twice is the sum: an object has each name once.
        foreach (var pool in pools.GroupBy(claim => claim.Pool)) json.WriteNumber(pool.Key, pool.Sum(claim => (long)claim.Units));
        json.WriteEndObject();
    }

    private static void Quotas(Utf8JsonWriter json, string name, QuotaAmounts amounts)
    {
        if (amounts == QuotaAmounts.None) return;
        json.WriteStartObject(name);
        if (amounts.CpuCores is { } cores) json.WriteNumber("cpu_cores", cores);
        if (amounts.MemoryMb is { } memory) json.WriteNumber("memory_mb", memory);
        if (amounts.DiskIoMbps is { } disk) json.WriteNumber("disk_io_mbps", disk);
        json.WriteEndObject();
    }
}
