using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;

namespace Slaps.Core.Views;

/// <summary>What a patch has changed in an execution, told by its events.</summary>
/// <param name="ExecutionId">Which execution.</param>
/// <param name="Applied">False: it was only tried out.</param>
/// <param name="Reason">Why, where somebody said it.</param>
/// <param name="By">Who asked, where it is known.</param>
/// <param name="PlanHashBefore">Hash of the plan before it.</param>
/// <param name="PlanHashAfter">Hash of the plan since.</param>
/// <param name="TasksAdded">Ids of the new tasks, in their order.</param>
/// <param name="TasksModified">Ids of those that are said to be something else.</param>
/// <param name="EdgesAdded">The new dependencies.</param>
/// <param name="Resources">What there is more or less of.</param>
/// <param name="Ready">New tasks that wait for nobody.</param>
/// <param name="Waiting">Tasks that wait for predecessors now and did not before.</param>
public sealed record PatchView(
    string ExecutionId,
    bool Applied,
    string? Reason,
    string? By,
    string PlanHashBefore,
    string PlanHashAfter,
    IReadOnlyList<string> TasksAdded,
    IReadOnlyList<string> TasksModified,
    IReadOnlyList<PatchedEdge> EdgesAdded,
    IReadOnlyList<PatchedResource> Resources,
    IReadOnlyList<string> Ready,
    IReadOnlyList<HeldTask> Waiting)
{
    /// <summary>The view of one patch.</summary>
    /// <param name="execution">Which execution.</param>
    /// <param name="applied">False: it was only tried out.</param>
    /// <param name="before">The plan before it.</param>
    /// <param name="after">The plan since.</param>
    /// <param name="events">The event of the patch, with those that it brought about.</param>
    public static PatchView Of(ExecutionId execution, bool applied, Plan before, Plan after, IReadOnlyList<ExecutionEvent> events)
    {
        var patched = events.OfType<PlanPatched>().First();
        var patch = patched.Patch;
        return new PatchView(
            execution.Value,
            applied,
            patch.Reason.Length > 0 ? patch.Reason : null,
            patch.By.Length > 0 ? patch.By : null,
            patched.PlanHashBefore,
            patched.PlanHashAfter,
            [.. patch.Injected.Select(task => task.Id.Value)],
            [.. patch.Operations.OfType<PatchOperation.ModifyTask>().Select(modify => modify.Task.Value).Distinct()],
            [.. patch.Edges.Select(edge => new PatchedEdge(edge.From.Value, edge.To.Value, edge.IsHard))],
            [.. Changed(before, after)],
            [.. events.OfType<TaskReady>().Select(ready => ready.Task.Value)],
            [.. events.OfType<TaskHeldBack>().Select(held => new HeldTask(held.Task.Value, held.Reason))]);
    }

    /// <summary>The view as indented JSON with a final newline.</summary>
    public static string Json(PatchView view) => JsonSerializer.Serialize(view, PatchViewJsonContext.Default.PatchView) + "\n";

    /// <summary>The view for people: a line for the whole, then one for each thing that is different.</summary>
    public static string Text(PatchView view)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{view.ExecutionId} {(view.Applied ? "is patched" : "would be patched")}: {Count(view.TasksAdded.Count, "task")} added, {Count(view.EdgesAdded.Count, "edge")} added, ");
        text.Append(CultureInfo.InvariantCulture, $"{Count(view.TasksModified.Count, "task")} modified, {Count(view.Resources.Count, "resource")} changed.\n");
        foreach (var task in view.TasksAdded) text.Append(CultureInfo.InvariantCulture, $"  + {task}{(view.Ready.Contains(task) ? ", which is READY" : "")}\n");
        foreach (var edge in view.EdgesAdded) text.Append(CultureInfo.InvariantCulture, $"  + {edge.From} → {edge.To}{(edge.IsHard ? "" : " (soft)")}\n");
        foreach (var task in view.TasksModified) text.Append(CultureInfo.InvariantCulture, $"  ~ {task}\n");
        foreach (var resource in view.Resources) text.Append(CultureInfo.InvariantCulture, $"  ~ {resource.Name} {Amount(resource.From)} → {Amount(resource.To)}\n");
        foreach (var held in view.Waiting) text.Append(CultureInfo.InvariantCulture, $"  … {held.Task}: {held.Reason}\n");
        return text.ToString();

        static string Count(int count, string thing) => count == 1 ? $"1 {thing}" : $"{count} {thing}s";
        static string Amount(double? amount) => amount is { } value ? value.ToString("0.###", CultureInfo.InvariantCulture) : "(none)";
    }

    private static IEnumerable<PatchedResource> Changed(Plan before, Plan after)
    {
        foreach (var name in after.Resources.Locks.Except(before.Resources.Locks)) yield return new($"lock:{name}", null, 1);
        foreach (var pool in after.Resources.Pools)
        {
            double? from = before.Resources.Pools.Where(p => p.Pool == pool.Pool).Select(p => (double?)p.Units).FirstOrDefault();
            if (from != pool.Units) yield return new($"pool:{pool.Pool}", from, pool.Units);
        }

        var (old, now) = (before.Resources.Quotas, after.Resources.Quotas);
        if (old.CpuCores != now.CpuCores) yield return new("cpu_cores", old.CpuCores, now.CpuCores);
        if (old.DiskIoMbps != now.DiskIoMbps) yield return new("disk_io_mbps", old.DiskIoMbps, now.DiskIoMbps);
        if (old.MemoryMb != now.MemoryMb) yield return new("memory_mb", old.MemoryMb, now.MemoryMb);
        if (before.Policies.ConcurrencyMax != after.Policies.ConcurrencyMax) yield return new("concurrency_max", before.Policies.ConcurrencyMax, after.Policies.ConcurrencyMax);
    }
}

/// <summary>A dependency that a patch has added.</summary>
public sealed record PatchedEdge(string From, string To, bool IsHard);

/// <summary>A resource of which a patch has made more or less; null: it was not there, or not limited.</summary>
public sealed record PatchedResource(
    string Name, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? From, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? To);

/// <summary>A task that waits for predecessors, with the sentence that says for whom.</summary>
public sealed record HeldTask(string Task, string Reason);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(PatchView))]
internal sealed partial class PatchViewJsonContext : JsonSerializerContext;
