using System.Diagnostics;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;

namespace Slaps.Planning.Replanning;

/// <summary>What a new specification says otherwise about tasks, and the patch of one that has not started.</summary>
internal static class TaskChanges
{
    private const string MutualExclusion = "mutual_exclusion.";

    /// <summary>The task without what is said of it elsewhere: the locks of mutual exclusions, which carry ids and come with their dependency.</summary>
    public static PlanTask Own(PlanTask task) =>
        task.Locks.Any(name => name.StartsWith(MutualExclusion, StringComparison.Ordinal)) ? task with { Locks = [.. task.Locks.Where(name => !name.StartsWith(MutualExclusion, StringComparison.Ordinal))] } : task;

    /// <summary>What differs between tasks of the same id, by id; those that mean the same are left out. Where a text was found is no difference.</summary>
    /// <param name="before">The tasks as they were asked for; their ids differ.</param>
    /// <param name="after">The same tasks as they are asked for now.</param>
    public static Dictionary<TaskId, TaskChange> Between(IReadOnlyList<PlanTask> before, IReadOnlyList<PlanTask> after) =>
        before.Count == 0 ? [] : PlanDifference.Of(Bare(before), Bare(after)).TasksChanged
            .Select(change => change with { Fields = [.. change.Fields.Where(IsSaid)] }).Where(change => change.Fields.Count > 0).ToDictionary(change => change.Id);

    /// <summary>Whether the work itself is another one, and not only its estimate or its place in the line.</summary>
    public static bool IsOtherWork(TaskChange change) => change.Fields.Any(field => Part(field.Field) switch
    {
        "run" or "acceptance_checks" => true,
        "boundaries" => field.Field.StartsWith("boundaries.definition_of_done.criteria", StringComparison.Ordinal),
        "interfaces" => field.Field.StartsWith("interfaces.produces", StringComparison.Ordinal),
        "description" => TaskMatching.Telling(field.Before ?? "") != TaskMatching.Telling(field.After ?? ""),
        _ => false,
    });

    /// <summary>The parts of a task that no patch can change.</summary>
    public static IEnumerable<string> Fixed(TaskChange change) => change.Fields.Select(field => field.Field).Where(path => !IsPatchable(path));

    /// <summary>The change without what no patch can change; null: nothing is left of it.</summary>
    public static TaskChange? Patchable(TaskChange change) => change.Fields.Where(field => IsPatchable(field.Field)).ToList() is { Count: > 0 } fields ? change with { Fields = fields } : null;

    /// <summary>The change as a patch says it. What others have added to the task meanwhile, such as a breaker's lock, stays.</summary>
    /// <param name="change">What differs between the two.</param>
    /// <param name="running">The task as it is in the running plan.</param>
    /// <param name="before">The task as it was asked for.</param>
    /// <param name="after">The task as it is asked for now.</param>
    public static TaskModification Modification(TaskChange change, PlanTask running, PlanTask before, PlanTask after)
    {
        var says = new TaskModification();
        foreach (var path in change.Fields.Select(field => field.Field))
        {
            says = Part(path) switch
            {
                "title" => says with { Title = after.Title },
                "description" => says with { Description = after.Description },
                "run" => says with { Run = after.Run },
                "acceptance_checks" => says with { Checks = after.Checks },
                "duration" => says with { Duration = after.Duration },
                "boundaries" => says with { Boundaries = after.Boundaries ?? new TaskBoundaries() },
                "interfaces" => says with { Produces = after.Produces, Consumes = after.Consumes },
                "resources" => says with
                {
                    Locks = Merged(running.Locks, before.Locks, after.Locks),
                    Reads = Merged(running.Reads, before.Reads, after.Reads),
                    Pools = [.. running.Pools.Where(claim => before.Pools.All(own => own.Pool != claim.Pool) && after.Pools.All(own => own.Pool != claim.Pool)), .. after.Pools],
                },
                _ => Hint(says, path, after),
            };
        }

        return says;
    }

    private static TaskModification Hint(TaskModification says, string path, PlanTask after)
    {
        if (path.StartsWith("resource_requirements", StringComparison.Ordinal)) return says with { Estimated = after.Estimated, Capabilities = after.Capabilities };
        return says with
        {
            Priority = after.Priority,
            Preemptible = after.Preemptible,
            RetryOnFailure = after.RetryOnFailure,
            MaxRetries = after.MaxRetries,
            CheckpointCapable = after.CheckpointCapable,
        };
    }

    private static List<string> Merged(IReadOnlyList<string> running, IReadOnlyList<string> before, IReadOnlyList<string> after) => [.. running.Except(before.Except(after)).Union(after)];

    private static bool IsPatchable(string path) => Part(path) switch
    {
        "title" or "description" or "run" or "acceptance_checks" or "duration" or "resources" or "boundaries" or "interfaces" => true,
        "resource_requirements" => !path.StartsWith("resource_requirements.peak", StringComparison.Ordinal),
        "scheduling_hints" => !path.StartsWith("scheduling_hints.windows", StringComparison.Ordinal),
        _ => false,
    };

    // Boundaries quote the lines that they come from, and those move with every line above.
    private static bool IsSaid(FieldChange field) =>
        Part(field.Field) != "boundaries" || WithoutNumbers(field.Before) != WithoutNumbers(field.After);

    private static string WithoutNumbers(string? text) => string.Concat((text ?? "").Where(c => !char.IsAsciiDigit(c)));

    private static string Part(string path) => path.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0 ? path[..dot] : path;

    // Tasks and nothing else: what they share and wait for is compared by itself, and where they were found, which their guidance quotes, moves
    // with every line above.
    private static Plan Bare(IReadOnlyList<PlanTask> tasks)
    {
        var diagnostics = new DiagnosticBag();
        return Plan.Build(
            new PlanDraft
            {
                Tasks = [.. tasks.Select(task => task with { Evidence = [], Feature = null, OriginalId = null, ExecutionGuidance = null })],
                Resources = new PlanResources { Pools = [.. tasks.SelectMany(task => task.Pools).GroupBy(claim => claim.Pool).Select(pool => new PoolClaim(pool.Key, int.MaxValue))] },
            },
            diagnostics) ?? throw new UnreachableException($"Tasks of plans that were built make no plan without dependencies: {diagnostics.Items[0]}. See TaskChanges.Bare.");
    }
}
