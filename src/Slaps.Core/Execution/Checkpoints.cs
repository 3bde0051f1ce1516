using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>What was kept of an attempt, as it lies on the disk before anybody is told.</summary>
/// <param name="Number">Its number among those of its task, from 1: its folder's name.</param>
/// <param name="Files">How many files.</param>
/// <param name="Bytes">How many bytes in all.</param>
/// <param name="Sha256">Of the list of files with their hashes; lower-case hexadecimal.</param>
public sealed record KeptFiles(int Number, int Files, long Bytes, string Sha256);

/// <summary>A checkpoint of a task.</summary>
/// <param name="Id">Its name in the execution, e.g. <c>cp-2026-11-21-001</c>.</param>
/// <param name="Attempt">Which try.</param>
/// <param name="Kept">What lies on the disk.</param>
/// <param name="Percent">How far the attempt said that it was, where it did.</param>
/// <param name="Note">What was said with it.</param>
/// <param name="At">When it was told.</param>
public sealed record Checkpoint(string Id, int Attempt, KeptFiles Kept, int? Percent, string? Note, Instant At);

/// <summary>A checkpoint of an attempt lies on the disk. Decides to nothing when the attempt is not the present one any more.</summary>
public sealed record RecordCheckpoint(Instant At, TaskId Task, int Attempt, KeptFiles Kept, int? Percent, string? Note) : Command(At);

/// <summary>Somebody wants a checkpoint of a task now. It decides to nothing: the runtime makes one, unless this is refused, and then says so.</summary>
public sealed record RequestCheckpoint(Instant At, TaskId Task) : Command(At);

/// <summary>The next attempt begins from a checkpoint.</summary>
/// <param name="At">The time at which it is decided.</param>
/// <param name="Task">The task.</param>
/// <param name="Checkpoint">Its id; null: the last one.</param>
public sealed record ChooseCheckpoint(Instant At, TaskId Task, string? Checkpoint) : Command(At)
{
    /// <summary>The checkpoint that it means; null: the task has none of that name, or none at all.</summary>
    public Checkpoint? In(ExecutionState state) => CheckpointRefusals.Find(state, this);
}

/// <summary>Drop checkpoints: of tasks that are done all, of the others all but the last ones.</summary>
/// <param name="At">The time at which it is decided.</param>
/// <param name="Keep">How many stay of a task that is not done, from 0.</param>
public sealed record PruneCheckpoints(Instant At, int Keep) : Command(At);

/// <summary>What the attempt had was kept (the seed's <c>task_checkpoint</c>).</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">Which try.</param>
/// <param name="Checkpoint">Its name in the execution.</param>
/// <param name="Kept">What lies on the disk.</param>
/// <param name="Percent">How far the attempt said that it was, where it did.</param>
/// <param name="Note">What was said with it.</param>
public sealed record TaskCheckpoint(TaskId Task, int Attempt, string Checkpoint, KeptFiles Kept, int? Percent, string? Note) : TaskEvent(Task);

/// <summary>Somebody has chosen the checkpoint that the next attempt begins from.</summary>
public sealed record CheckpointChosen(TaskId Task, string Checkpoint) : TaskEvent(Task);

/// <summary>The attempt that is assigned next begins from this checkpoint: its files are put back before.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">The attempt that begins.</param>
/// <param name="Checkpoint">Which one.</param>
public sealed record CheckpointRestored(TaskId Task, int Attempt, string Checkpoint) : TaskEvent(Task);

/// <summary>These checkpoints are dropped; their folders may be removed from now on.</summary>
public sealed record CheckpointsPruned(TaskId Task, IReadOnlyList<string> Checkpoints) : TaskEvent(Task);
