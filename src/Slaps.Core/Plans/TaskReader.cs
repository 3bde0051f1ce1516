using System.Text.Json;
using Slaps.Core.Diagnostics;

namespace Slaps.Core.Plans;

/// <summary>Reads one task, a node of coordinator.json or an item of tasks.json: the same object in both.</summary>
internal sealed class TaskReader(FieldKeeper keeper)
{
    private readonly RunReader _runs = new(keeper);
    private readonly EvidenceReader _evidence = new(keeper);

    /// <summary>The task, or null when it has no id; everything that is wrong with it is reported.</summary>
    /// <param name="node">The object.</param>
    /// <param name="isNested">Whether what it holds stands under <c>task</c>, as in the plans of 2025.</param>
    public PlanTask? Read(JsonFields node, out bool isNested)
    {
        var mark = keeper.Mark;
        var inner = node.Object("task");
        var task = inner ?? node;
        isNested = inner is not null;
        keeper.Judge(node, PlanNames.Task);
        if (inner is { } nested)
        {
            keeper.Judge(nested, PlanNames.Task);
            foreach (var field in node.All)
            {
                if (field.Name is not ("id" or "name" or "title" or "task") && PlanNames.Task.IsKnown(field.Name))
                    node.Add(PlanDiagnostics.MisplacedField(node.PlaceOf(field.Name), field.Name, $"task.{field.Name}"));
            }
        }

        if (!node.Has("id") && !task.Has("id")) node.Missing("id", "\"id\": \"build\"");
        var id = node.Has("id") ? node.Text("id") : task.Text("id");
        var title = task.Text("title") ?? task.Text("name") ?? node.Text("title") ?? node.Text("name");
        var resources = Part(task, "resources", PlanNames.TaskResources);
        var legacy = Part(task, "shared_resources", PlanNames.SharedResources);
        var requirements = Part(task, "resource_requirements", PlanNames.Requirements);
        var hints = Part(task, "scheduling_hints", PlanNames.Hints);
        var interfaces = Part(task, "interfaces", PlanNames.Interfaces);
        var read = new PlanTask
        {
            Id = new(id ?? ""),
            OriginalId = task.Text("original_id"),
            Feature = task.Text("feature_id") is { Length: > 0 } feature ? new(feature) : null,
            Title = title ?? "",
            Description = task.Text("description") ?? "",
            Kind = task.Choice("kind", PlanNames.TaskKinds, TaskKind.Sequential),
            Run = task.Object("run") is { } run ? _runs.Run(run) : RunSpec.Unspecified,
            Checks = _runs.Checks(task),
            Locks = Distinct([.. resources?.Texts("locks") ?? [], .. legacy?.Texts("exclusive_locks") ?? []]),
            Reads = Distinct(resources?.Texts("reads") ?? []),
            Pools = [.. Claims(resources), .. LegacyClaims(legacy)],
            Estimated = requirements?.Object("estimated") is { } estimated ? Amounts(estimated, PlanNames.Amounts, "resource_requirements.estimated") : QuotaAmounts.None,
            Peak = requirements?.Object("peak") is { } peak
                ? new(Amounts(peak, PlanNames.Peak, "resource_requirements.peak"), peak.Text("during") ?? "")
                : null,
            Capabilities = requirements?.Texts("worker_capabilities_required") ?? [],
            Priority = hints?.Choice("priority", PlanNames.Priorities, Priority.Medium) ?? Priority.Medium,
            Preemptible = hints?.Flag("preemptible") ?? false,
            Windows = hints is { } timed ? Windows(timed, "windows") : [],
            RetryOnFailure = hints?.Flag("retry_on_failure") ?? true,
            MaxRetries = hints?.WholeInt("max_retries"),
            CheckpointCapable = hints?.Flag("checkpoint_capable") ?? false,
            Duration = Duration(task),
            Produces = interfaces is { } produced ? Produces(produced) : [],
            Consumes = interfaces?.Texts("consumes") ?? [],
            Idempotent = task.Flag("idempotent") ?? true,
            Boundaries = Boundaries(task),
            ExecutionGuidance = task.ObjectText("execution_guidance"),
            Compensation = task.Object("compensation") is { } undo ? _runs.Run(undo) : null,
            Evidence = _evidence.Read(task, "evidence"),
            Unknown = keeper.Take(mark),
        };
        return id is null ? null : read;
    }

    /// <summary>Times of the day; what is none is reported.</summary>
    public static List<TimeWindow> Windows(JsonFields fields, string name)
    {
        var windows = new List<TimeWindow>();
        foreach (var text in fields.Texts(name))
        {
            if (TimeWindow.Parse(text) is { } window) windows.Add(window);
            else fields.Add(PlanDiagnostics.NoWindow(fields.PlaceOf(name), text));
        }

        return windows;
    }

    /// <summary>An inner object, whose unknown fields are kept with the task.</summary>
    private JsonFields? Part(JsonFields fields, string name, KnownFields known, string place = "")
    {
        if (fields.Object(name) is not { } part) return null;
        keeper.Judge(part, known, place.Length == 0 ? name : $"{place}.{name}");
        return part;
    }

    private QuotaAmounts Amounts(JsonFields fields, KnownFields known, string place)
    {
        keeper.Judge(fields, known, place);
        return new(fields.Number("cpu_cores"), fields.Number("memory_mb"), fields.Number("disk_io_mbps"));
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

    private IEnumerable<PoolClaim> LegacyClaims(JsonFields? resources)
    {
        if (resources is not { } given) yield break;
        var list = given.Where.Field("shared_limited");
        var index = 0;
        foreach (var item in given.Items("shared_limited"))
        {
            if (given.Object(item, list.Item(index++)) is not { } claim) continue;
            keeper.Warn(claim, PlanNames.PoolNeed);
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

        var fields = Part(task, "duration", PlanNames.Duration)!.Value;
        var name = fields.Either("mostLikely", "most_likely");
        if (!fields.Has(name)) fields.Missing(name, "\"mostLikely\": 1.5");
        if (fields.Number(name) is not { } mostLikely) return PertEstimate.Default;
        return new(fields.Number("optimistic") ?? mostLikely, mostLikely, fields.Number("pessimistic") ?? mostLikely);
    }

    private List<ArtifactDeclaration> Produces(JsonFields interfaces)
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
                var mark = keeper.Mark;
                var artifact = interfaces.Object(item, at)!.Value;
                keeper.Judge(artifact, PlanNames.Artifact);
                if (!artifact.Has("path")) artifact.Missing("path", "\"path\": \"build/out.txt\"");
                artifacts.Add(new(artifact.Text("path") ?? ".", artifact.Flag("required") ?? true) { Unknown = keeper.Take(mark) });
            }
            else
            {
                interfaces.Wrong(at, "a path, or an object with a path", item);
                artifacts.Add(new(".", Required: false));
            }
        }

        return artifacts;
    }

    private TaskBoundaries? Boundaries(JsonFields task)
    {
        if (Part(task, "boundaries", PlanNames.Boundaries) is not { } boundaries) return null;
        var complexity = Part(boundaries, "expected_complexity", PlanNames.Complexity, "boundaries");
        var done = Part(boundaries, "definition_of_done", PlanNames.Done, "boundaries");
        var scope = Part(boundaries, "scope", PlanNames.Scope, "boundaries");
        return new()
        {
            Complexity = new() { Value = complexity?.Text("value") ?? "", Breakdown = complexity?.Text("breakdown") ?? "" },
            Done = new() { Criteria = done?.Texts("criteria") ?? [], StopWhen = done?.Text("stop_when") ?? "" },
            Scope = new()
            {
                Includes = scope?.Texts("includes") ?? [],
                Excludes = scope?.Texts("excludes") ?? [],
                Restrictions = scope?.Text("restrictions") ?? "",
            },
        };
    }

    private static IReadOnlyList<string> Distinct(IReadOnlyList<string> names) => names.Count < 2 ? names : [.. names.Distinct()];
}
