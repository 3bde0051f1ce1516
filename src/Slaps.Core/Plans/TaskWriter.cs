namespace Slaps.Core.Plans;

/// <summary>Writes what <see cref="TaskReader"/> reads; defaults are left out.</summary>
internal sealed class TaskWriter(FieldWriter json)
{
    private readonly RunWriter _runs = new(json);
    private readonly EvidenceWriter _evidence = new(json);

    public void Write(PlanTask task)
    {
        json.Begin(task.Unknown);
        json.AnyText("id", task.Id.Value);
        if (task.OriginalId is { } original) json.AnyText("original_id", original);
        json.Text("title", task.Title);
        json.Text("description", task.Description);
        json.Text("feature_id", task.Feature?.Value);
        if (task.Kind != TaskKind.Sequential) json.Text("kind", PlanNames.TaskKinds[(int)task.Kind]);
        if (task.Run != RunSpec.Unspecified) _runs.Write("run", task.Run);
        if (task.Checks.Count > 0) json.List("acceptance_checks", task.Checks, _runs.Write);
        Resources(task);
        Requirements(task);
        Hints(task);
        Duration(task.Duration);
        Interfaces(task);
        if (!task.Idempotent) json.Flag("idempotent", false);
        if (task.Boundaries is { } boundaries) Boundaries(json, boundaries);
        json.Raw("execution_guidance", task.ExecutionGuidance);
        if (task.Compensation is { } undo) _runs.Write("compensation", undo);
        _evidence.Write("evidence", task.Evidence);
        json.End();
    }

    /// <summary>Pools with units of each; nothing when there are none.</summary>
    public static void Pools(FieldWriter json, string name, IReadOnlyList<PoolClaim> pools)
    {
        if (pools.Count == 0) return;
        json.Begin(name);

        // A pool claimed twice is the sum: an object has each name once.
        foreach (var pool in pools.GroupBy(claim => claim.Pool)) json.Whole(pool.Key, pool.Sum(claim => (long)claim.Units));
        json.End();
    }

    /// <summary>Quotas as fields of the object that is open.</summary>
    public static void Amounts(FieldWriter json, QuotaAmounts amounts)
    {
        json.Number("cpu_cores", amounts.CpuCores);
        json.Number("memory_mb", amounts.MemoryMb);
        json.Number("disk_io_mbps", amounts.DiskIoMbps);
    }

    private void Resources(PlanTask task)
    {
        if (task.Locks.Count + task.Reads.Count + task.Pools.Count == 0) return;
        json.Begin("resources");
        json.Texts("locks", task.Locks);
        json.Texts("reads", task.Reads);
        Pools(json, "shared", task.Pools);
        json.End();
    }

    private void Requirements(PlanTask task)
    {
        if (task.Estimated == QuotaAmounts.None && task.Peak is null && task.Capabilities.Count == 0) return;
        json.Begin("resource_requirements");
        if (task.Estimated != QuotaAmounts.None)
        {
            json.Begin("estimated");
            Amounts(json, task.Estimated);
            json.End();
        }

        if (task.Peak is { } peak)
        {
            json.Begin("peak");
            Amounts(json, peak.Amounts);
            json.Text("during", peak.During);
            json.End();
        }

        json.Texts("worker_capabilities_required", task.Capabilities);
        json.End();
    }

    private void Hints(PlanTask task)
    {
        if (task is { Priority: Priority.Medium, Preemptible: false, RetryOnFailure: true, MaxRetries: null, CheckpointCapable: false, Windows.Count: 0 }) return;
        json.Begin("scheduling_hints");
        if (task.Priority != Priority.Medium) json.Text("priority", PlanNames.Priorities[(int)task.Priority]);
        if (task.Preemptible) json.Flag("preemptible", true);
        json.Texts("windows", [.. task.Windows.Select(window => window.ToString())]);
        if (!task.RetryOnFailure) json.Flag("retry_on_failure", false);
        json.Number("max_retries", task.MaxRetries);
        if (task.CheckpointCapable) json.Flag("checkpoint_capable", true);
        json.End();
    }

    private void Duration(PertEstimate duration)
    {
        // An object with nothing but a stranger's field would be an estimate without its number.
        if (duration == PertEstimate.Default && !json.Keeps("duration")) return;
        json.Begin("duration");
        json.Number("optimistic", duration.Optimistic);
        json.Number("mostLikely", duration.MostLikely);
        json.Number("pessimistic", duration.Pessimistic);
        json.End();
    }

    private void Interfaces(PlanTask task)
    {
        if (task.Produces.Count + task.Consumes.Count == 0) return;
        json.Begin("interfaces");
        if (task.Produces.Count > 0) json.List("produces", task.Produces, artifact => Artifact(json, artifact));
        json.Texts("consumes", task.Consumes);
        json.End();
    }

    /// <summary>A declared file as an item of the list that is open.</summary>
    public static void Artifact(FieldWriter json, ArtifactDeclaration artifact)
    {
        if (!artifact.Required && artifact.Unknown == UnknownFields.None)
        {
            json.Item(artifact.Path);
            return;
        }

        json.Begin(artifact.Unknown);
        json.AnyText("path", artifact.Path);
        if (!artifact.Required) json.Flag("required", false);
        json.End();
    }

    /// <summary>Boundaries as a field of the object that is open; those that say nothing are written too: somebody gave them, and they read as given.</summary>
    public static void Boundaries(FieldWriter json, TaskBoundaries boundaries)
    {
        json.Begin("boundaries");
        if (boundaries.Complexity != new ExpectedComplexity())
        {
            json.Begin("expected_complexity");
            json.Text("value", boundaries.Complexity.Value);
            json.Text("breakdown", boundaries.Complexity.Breakdown);
            json.End();
        }

        if (boundaries.Done.Criteria.Count > 0 || boundaries.Done.StopWhen.Length > 0)
        {
            json.Begin("definition_of_done");
            json.Texts("criteria", boundaries.Done.Criteria);
            json.Text("stop_when", boundaries.Done.StopWhen);
            json.End();
        }

        if (boundaries.Scope.Includes.Count + boundaries.Scope.Excludes.Count > 0 || boundaries.Scope.Restrictions.Length > 0)
        {
            json.Begin("scope");
            json.Texts("includes", boundaries.Scope.Includes);
            json.Texts("excludes", boundaries.Scope.Excludes);
            json.Text("restrictions", boundaries.Scope.Restrictions);
            json.End();
        }

        json.End();
    }
}
