namespace Slaps.Core.Plans.Patches;

/// <summary>Writes what <see cref="PatchReader"/> reads. What a modification does not name is left out; what it names is written, be it a default.</summary>
internal sealed class PatchWriter(FieldWriter json)
{
    private readonly TaskWriter _tasks = new(json);
    private readonly RunWriter _runs = new(json);
    private readonly DependencyWriter _dependencies = new(json);

    public void Write(PlanPatch patch)
    {
        json.Begin(UnknownFields.None);
        json.List("operations", patch.Operations, Write);
        json.Text("reason", patch.Reason);
        json.Text("by", patch.By);
        json.End();
    }

    private void Write(PatchOperation operation)
    {
        json.Begin(UnknownFields.None);
        json.AnyText("op", PatchNames.Of(operation));
        switch (operation)
        {
            case PatchOperation.InjectTask inject:
                json.Field("task");
                _tasks.Write(inject.Task);
                if (inject.Edges.Count > 0) json.List("edges", inject.Edges, _dependencies.AsWritten);
                break;
            case PatchOperation.AddEdge add:
                json.List("edges", add.Edges, _dependencies.AsWritten);
                break;
            case PatchOperation.ModifyResource modify:
                Write(modify.Resources);
                break;
            case PatchOperation.ModifyTask modify:
                Write(modify.Task, modify.Changes);
                break;
        }

        json.End();
    }

    private void Write(ResourceModification resources)
    {
        json.Begin("resources", UnknownFields.None);
        json.Texts("add_locks", resources.AddLocks);
        TaskWriter.Pools(json, "pools", resources.Pools);
        Amounts("quotas", resources.Quotas);
        Amounts("increase_quota", resources.IncreaseQuota);
        json.Number("concurrency_max", resources.ConcurrencyMax);
        json.End();
    }

    private void Amounts(string name, QuotaAmounts amounts)
    {
        if (amounts == QuotaAmounts.None) return;
        json.Begin(name, UnknownFields.None);
        TaskWriter.Amounts(json, amounts);
        json.End();
    }

    private void Write(TaskId task, TaskModification changes)
    {
        json.Begin("task", UnknownFields.None);
        json.AnyText("id", task.Value);
        if (changes.Title is { } title) json.AnyText("title", title);
        if (changes.Description is { } description) json.AnyText("description", description);
        if (changes.Run is { } run) _runs.Write("run", run);
        if (changes.Checks is { } checks) json.List("acceptance_checks", checks, _runs.Write);
        Needs(changes);
        Hints(changes);
        if (changes.Duration is { } duration)
        {
            json.Begin("duration", UnknownFields.None);
            json.Number("optimistic", duration.Optimistic);
            json.Number("mostLikely", duration.MostLikely);
            json.Number("pessimistic", duration.Pessimistic);
            json.End();
        }

        if (changes.Boundaries is { } boundaries) TaskWriter.Boundaries(json, boundaries);
        Interfaces(changes);
        json.End();
    }

    private void Interfaces(TaskModification changes)
    {
        if (changes.Produces is null && changes.Consumes is null) return;
        json.Begin("interfaces", UnknownFields.None);
        if (changes.Produces is { } produces) json.List("produces", produces, artifact => TaskWriter.Artifact(json, artifact));
        if (changes.Consumes is { } consumes) json.List("consumes", consumes, json.Item);
        json.End();
    }

    private void Needs(TaskModification changes)
    {
        if (changes.Locks is not null || changes.Reads is not null || changes.Pools is not null)
        {
            json.Begin("resources", UnknownFields.None);
            if (changes.Locks is { } locks) json.List("locks", locks, json.Item);
            if (changes.Reads is { } reads) json.List("reads", reads, json.Item);
            if (changes.Pools is { } pools)
            {
                json.Begin("shared", UnknownFields.None);
                foreach (var pool in pools.GroupBy(claim => claim.Pool)) json.Whole(pool.Key, pool.Sum(claim => (long)claim.Units));
                json.End();
            }

            json.End();
        }

        if (changes.Estimated is null && changes.Capabilities is null) return;
        json.Begin("resource_requirements", UnknownFields.None);
        if (changes.Estimated is { } estimated)
        {
            json.Begin("estimated", UnknownFields.None);
            TaskWriter.Amounts(json, estimated);
            json.End();
        }

        if (changes.Capabilities is { } capabilities) json.List("worker_capabilities_required", capabilities, json.Item);
        json.End();
    }

    private void Hints(TaskModification changes)
    {
        if (changes is { Priority: null, Preemptible: null, RetryOnFailure: null, MaxRetries: null, CheckpointCapable: null }) return;
        json.Begin("scheduling_hints", UnknownFields.None);
        if (changes.Priority is { } priority) json.AnyText("priority", PlanNames.Priorities[(int)priority]);
        if (changes.Preemptible is { } preemptible) json.Flag("preemptible", preemptible);
        if (changes.RetryOnFailure is { } retry) json.Flag("retry_on_failure", retry);
        json.Number("max_retries", changes.MaxRetries);
        if (changes.CheckpointCapable is { } capable) json.Flag("checkpoint_capable", capable);
        json.End();
    }
}
