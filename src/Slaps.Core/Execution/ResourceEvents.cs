using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>A running attempt waits for a resource beside those that it holds: all who are in its way are younger.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">Which try.</param>
/// <param name="Resource">What it waits for, and how much of it.</param>
/// <param name="Until">When it has waited for too long; null: never.</param>
public sealed record ResourceRequested(TaskId Task, int Attempt, ResourceAmount Resource, Instant? Until) : TaskEvent(Task);

/// <summary>The attempt waits for the resource no longer; it goes on without it.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">Which try.</param>
/// <param name="Resource">The resource, e.g. <c>lock:database</c>.</param>
public sealed record ResourceWithdrawn(TaskId Task, int Attempt, string Resource) : TaskEvent(Task);

/// <summary>The attempt does not get the resource. Where it may be done again it makes way: it is stopped and its task queued, and nothing has failed.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">Which try.</param>
/// <param name="Resource">What it asked for.</param>
/// <param name="Cause">Why not.</param>
/// <param name="Holders">Who is in its way.</param>
/// <param name="Requeues">Whether the attempt ends by this; what must not be done twice goes on without the resource.</param>
public sealed record ResourceDenied(TaskId Task, int Attempt, ResourceAmount Resource, DenialCause Cause, IReadOnlyList<TaskId> Holders, bool Requeues) : TaskEvent(Task);

/// <summary>Why an attempt does not get a resource.</summary>
public enum DenialCause
{
    /// <summary>An older task has it or waits for it: the younger makes way, so nobody waits in a circle.</summary>
    Younger,

    /// <summary>It has waited for as long as it may.</summary>
    TimedOut,

    /// <summary>It waited in a circle and was the youngest there.</summary>
    Deadlock,
}

/// <summary>Attempts wait for each other in a circle. The rule by age lets none arise; this is the net below it.</summary>
/// <param name="Tasks">Each waits for the next one, and the last for the first.</param>
/// <param name="Victim">The youngest, which makes way.</param>
public sealed record DeadlockDetected(IReadOnlyList<TaskId> Tasks, TaskId Victim) : ExecutionEvent;
