using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>A running attempt makes way for a critical task that has waited for too long; its stop follows in the same breath, and nothing has failed.</summary>
/// <param name="Task">The task that makes way.</param>
/// <param name="Attempt">Which try.</param>
/// <param name="For">The critical task.</param>
public sealed record TaskPreempted(TaskId Task, int Attempt, TaskId For) : TaskEvent(Task)
{
    /// <summary>How often a task makes way at most: after that it runs to its end.</summary>
    public const int MostTimes = 3;
}
