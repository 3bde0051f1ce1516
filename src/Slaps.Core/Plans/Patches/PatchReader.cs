using System.Text.Json;
using Slaps.Core.Diagnostics;

namespace Slaps.Core.Plans.Patches;

/// <summary>Turns a document into a patch. It judges the shape only: a field that would have no effect is an error, because a patch is small and its effect is wanted now.</summary>
internal sealed class PatchReader(string file, DiagnosticBag diagnostics)
{
    private readonly JsonReading _reading = new(file, diagnostics);
    private readonly FieldKeeper _keeper = new();

    public PlanPatch? Read(JsonElement root)
    {
        if (JsonFields.Document(root, _reading) is not { } document) return null;
        var isOne = document.Has("op");
        _keeper.Warn(document, isOne ? PatchNames.OneOperation : PatchNames.Patch);
        if (isOne && document.Has("operations")) document.Add(PlanDiagnostics.Contradiction(document.PlaceOf("operations"), "op", "operations"));
        var operations = isOne ? One(document) : All(document);
        return new PlanPatch { Operations = operations, Reason = document.Text("reason") ?? "", By = document.Text("by") ?? "", IsOneOperation = isOne };
    }

    private List<PatchOperation> One(JsonFields document) => Operation(document, ["version", "reason", "by"]) is { } operation ? [operation] : [];

    private List<PatchOperation> All(JsonFields document)
    {
        var operations = new List<PatchOperation>();
        if (!document.Has("operations"))
        {
            document.Add(PatchDiagnostics.NoOperations(document.Place));
            return operations;
        }

        var list = document.Where.Field("operations");
        var index = 0;
        foreach (var item in document.Items("operations"))
        {
            if (index < PlanPatch.MaxOperations && document.Object(item, list.Item(index)) is { } fields)
            {
                _keeper.Warn(fields, PatchNames.Operation);
                if (Operation(fields, []) is { } operation) operations.Add(operation);
            }

            index++;
        }

        if (index == 0) document.Add(PatchDiagnostics.NoOperations(document.PlaceOf("operations")));
        if (index > PlanPatch.MaxOperations) document.Add(PatchDiagnostics.TooMany(document.PlaceOf("operations"), index));
        return operations;
    }

    private PatchOperation? Operation(JsonFields fields, IReadOnlyList<string> beside)
    {
        if (!fields.Has("op")) fields.Missing("op", "\"op\": \"inject_task\"");
        if (fields.Text("op") is not { } op) return null;
        if (!PatchNames.Operations.Contains(op))
        {
            fields.Add(PlanDiagnostics.UnknownValue(fields.PlaceOf("op"), op, PatchNames.Operations));
            return null;
        }

        var known = PatchNames.FieldsOf(op);
        foreach (var field in fields.All)
        {
            if (field.Name != "op" && !known.Contains(field.Name) && !beside.Contains(field.Name) && field.Value.ValueKind != JsonValueKind.Null)
                fields.Add(PatchDiagnostics.StrayField(fields.PlaceOf(field.Name), field.Name, op, known));
        }

        return op switch
        {
            PatchNames.InjectTask => Inject(fields),
            PatchNames.AddEdge => Add(fields),
            PatchNames.ModifyResource => Resources(fields),
            _ => Modify(fields),
        };
    }

    private PatchOperation.InjectTask? Inject(JsonFields fields)
    {
        if (!fields.Has("task")) fields.Missing("task", "\"task\": {\"id\": \"AUTO.INSTALL.DEPS\", \"run\": {\"argv\": [\"npm\", \"ci\"]}}");
        var task = fields.Object("task") is { } node ? new TaskReader(_keeper).Read(node, out _) : null;
        var edges = Edges(fields);
        return task is null ? null : new(task, edges);
    }

    private PatchOperation.AddEdge Add(JsonFields fields)
    {
        const string Example = "\"edges\": [{\"from\": \"a\", \"to\": \"b\"}]";
        if (!fields.Has("edges")) fields.Missing("edges", Example);
        var edges = Edges(fields);
        if (edges.Count == 0 && fields.Any("edges") is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() == 0)
            fields.Add(PatchDiagnostics.NothingSaid(fields.PlaceOf("edges"), PatchNames.AddEdge, Example));
        return new(edges);
    }

    private List<Dependency> Edges(JsonFields fields)
    {
        var edges = new List<Dependency>();
        var reader = new DependencyReader(_keeper);
        var list = fields.Where.Field("edges");
        var index = 0;
        foreach (var item in fields.Items("edges"))
        {
            if (fields.Object(item, list.Item(index++)) is { } edge && reader.Read(edge) is { } dependency) edges.Add(dependency);
        }

        return edges;
    }

    private static PatchOperation.ModifyResource? Resources(JsonFields fields)
    {
        const string Example = "\"resources\": {\"pools\": {\"test_db\": 2}}";
        if (!fields.Has("resources")) fields.Missing("resources", Example);
        if (fields.Object("resources") is not { } resources) return null;
        Only(resources, PatchNames.Resources, PatchNames.ModifyResource);
        var pools = new List<PoolClaim>();
        if (resources.Object("pools") is { } declared)
        {
            foreach (var pool in declared.All)
            {
                if (declared.WholeInt(pool.Value, pool.Name) is { } capacity) pools.Add(new(pool.Name, capacity));
            }
        }

        var read = new ResourceModification
        {
            AddLocks = [.. resources.Texts("add_locks").Distinct()],
            Pools = pools,
            Quotas = Amounts(resources, "quotas"),
            IncreaseQuota = Amounts(resources, "increase_quota"),
            ConcurrencyMax = resources.WholeInt("concurrency_max"),
        };
        if (resources.All.Length == 0 || read.IsEmpty) resources.Add(PatchDiagnostics.NothingSaid(resources.Place, PatchNames.ModifyResource, Example));
        return new(read);
    }

    private static QuotaAmounts Amounts(JsonFields fields, string name)
    {
        if (fields.Object(name) is not { } amounts) return QuotaAmounts.None;
        Only(amounts, PlanNames.Amounts, PatchNames.ModifyResource);
        return new(amounts.Number("cpu_cores"), amounts.Number("memory_mb"), amounts.Number("disk_io_mbps"));
    }

    private PatchOperation.ModifyTask? Modify(JsonFields fields)
    {
        const string Example = "\"task\": {\"id\": \"P1.T001\", \"scheduling_hints\": {\"priority\": \"high\"}}";
        if (!fields.Has("task")) fields.Missing("task", Example);
        if (fields.Object("task") is not { } node) return null;
        foreach (var field in node.All)
        {
            if (PlanNames.Task.IsKnown(field.Name) && !PatchNames.Task.IsKnown(field.Name) && field.Value.ValueKind != JsonValueKind.Null)
                node.Add(PatchDiagnostics.FixedField(node.PlaceOf(field.Name), field.Name, PatchNames.Task.All.Skip(1)));
        }

        // A task that was left out of the patch reads as one with every default: what counts is what the patch names.
        if (new TaskReader(_keeper).Read(node, out _) is not { } read) return null;
        var resources = node.Object("resources");
        var requirements = node.Object("resource_requirements");
        var hints = node.Object("scheduling_hints");
        var interfaces = node.Object("interfaces");
        if (requirements is { } peak && peak.Has("peak")) node.Add(PatchDiagnostics.FixedField(peak.PlaceOf("peak"), "peak", PatchNames.Task.All.Skip(1)));
        var changes = new TaskModification
        {
            Title = node.Has("title") || node.Has("name") ? read.Title : null,
            Description = node.Has("description") ? read.Description : null,
            Run = node.Has("run") ? read.Run : null,
            Checks = node.Has("acceptance_checks") ? read.Checks : null,
            Locks = resources?.Has("locks") == true ? read.Locks : null,
            Reads = resources?.Has("reads") == true ? read.Reads : null,
            Pools = resources?.Has("shared") == true ? read.Pools : null,
            Estimated = requirements?.Has("estimated") == true ? read.Estimated : null,
            Capabilities = requirements?.Has("worker_capabilities_required") == true ? read.Capabilities : null,
            Priority = hints?.Has("priority") == true ? read.Priority : null,
            Preemptible = hints?.Has("preemptible") == true ? read.Preemptible : null,
            RetryOnFailure = hints?.Has("retry_on_failure") == true ? read.RetryOnFailure : null,
            MaxRetries = hints?.Has("max_retries") == true ? read.MaxRetries : null,
            CheckpointCapable = hints?.Has("checkpoint_capable") == true ? read.CheckpointCapable : null,
            Duration = node.Has("duration") ? read.Duration : null,
            Boundaries = node.Has("boundaries") ? read.Boundaries : null,
            Produces = interfaces?.Has("produces") == true ? read.Produces : null,
            Consumes = interfaces?.Has("consumes") == true ? read.Consumes : null,
        };
        if (changes.IsEmpty) node.Add(PatchDiagnostics.NothingSaid(node.Place, PatchNames.ModifyTask, Example));
        return new(read.Id, changes);
    }

    private static void Only(JsonFields fields, KnownFields known, string op)
    {
        foreach (var field in fields.All)
        {
            if (!known.IsKnown(field.Name)) fields.Add(PatchDiagnostics.StrayField(fields.PlaceOf(field.Name), field.Name, op, known.All));
        }
    }
}
