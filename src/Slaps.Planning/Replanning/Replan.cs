using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;

namespace Slaps.Planning.Replanning;

/// <summary>Where a task of a running plan stands, as far as a new specification has to know.</summary>
public enum TaskStanding
{
    /// <summary>No attempt of it is in hand, and it is not done: it can be changed.</summary>
    Waiting,

    /// <summary>Somebody works on it, or undoes it: what is in hand is not changed.</summary>
    InHand,

    /// <summary>It has succeeded.</summary>
    Done,

    /// <summary>A person skipped or cancelled it: that word holds, whatever the specification says.</summary>
    GivenUp,

    /// <summary>An earlier specification asked for it no more, and it was skipped for that: should it be wanted again, it is a new task.</summary>
    Dropped,
}

/// <summary>A task that the new specification brings.</summary>
/// <param name="Id">The id that it gets.</param>
/// <param name="Title">Its line for people.</param>
/// <param name="Again">The task that is done or in hand and whose work the specification wants otherwise now; null: the work is new.</param>
public sealed record AddedTask(TaskId Id, string Title, TaskId? Again);

/// <summary>A dependency of the new specification that the running plan does not get.</summary>
/// <param name="Edge">The dependency, with the ids of the running plan.</param>
/// <param name="Why">A sentence.</param>
public sealed record LeftOutEdge(Dependency Edge, string Why);

/// <summary>A part of a task that the new specification says otherwise and that no patch can change.</summary>
/// <param name="Task">The task.</param>
/// <param name="Field">Its field, e.g. <c>idempotent</c>.</param>
public sealed record FixedField(TaskId Task, string Field);

/// <summary>What another specification makes of a plan that is executed.</summary>
public sealed record Replan
{
    /// <summary>Tasks of the running plan that the specification still asks for, each under the id that it has, in the plan's order.</summary>
    public required IReadOnlyList<TaskId> Kept { get; init; }

    /// <summary>New tasks, in the order of the specification.</summary>
    public required IReadOnlyList<AddedTask> Added { get; init; }

    /// <summary>Kept tasks that have not started and are something else from now on, with what changes.</summary>
    public required IReadOnlyList<TaskChange> Changed { get; init; }

    /// <summary>Tasks that nobody asks for any more and that have not started.</summary>
    public required IReadOnlyList<TaskId> Dropped { get; init; }

    /// <summary>Tasks that nobody asks for any more and that somebody works on.</summary>
    public required IReadOnlyList<TaskId> DroppedInHand { get; init; }

    /// <summary>Finished tasks that nobody asks for any more: what is done stays done.</summary>
    public IReadOnlyList<TaskId> DroppedDone { get; init; } = [];

    /// <summary>Those of <see cref="Changed"/> whose work itself is another one, and not only an estimate or a place in the line.</summary>
    public IReadOnlyList<TaskId> OtherWork { get; init; } = [];

    /// <summary>Finished or begun work whose text has changed and that is not done again, because it was asked to leave it.</summary>
    public required IReadOnlyList<TaskId> LeftAsDone { get; init; }

    /// <summary>New dependencies, between ids of the running plan and new ones.</summary>
    public required IReadOnlyList<Dependency> Edges { get; init; }

    /// <summary>Dependencies that come too late, or that would make tasks wait for each other.</summary>
    public required IReadOnlyList<LeftOutEdge> LeftOut { get; init; }

    /// <summary>Dependencies that the specification does not ask for any more and that still hold: a patch takes none away.</summary>
    public required IReadOnlyList<Dependency> StillHolding { get; init; }

    /// <summary>What stays as it was because a patch cannot change it.</summary>
    public required IReadOnlyList<FixedField> Fixed { get; init; }

    /// <summary>What has to be applied, one after the other; several only where one would be too large. None: the plan fits.</summary>
    public required IReadOnlyList<PlanPatch> Patches { get; init; }

    /// <summary>Whether the running plan is what the specification asks for, as far as it can be.</summary>
    public bool IsNone => Patches.Count == 0 && Dropped.Count == 0;
}
