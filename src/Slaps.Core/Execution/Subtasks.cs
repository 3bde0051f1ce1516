using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>A step of a task that whoever has it in hand wrote down, so that others see how far it is and a next attempt knows what is done.</summary>
/// <param name="Number">From 1, in the order in which they were written down.</param>
/// <param name="Title">A line.</param>
/// <param name="By">Who wrote it down.</param>
/// <param name="IsDone">Whether somebody said that it is done. Nothing is decided by it: a task is done when its checks hold.</param>
public sealed record Subtask(int Number, string Title, WorkerId By, bool IsDone)
{
    /// <summary>The most that a task may have.</summary>
    public const int Most = 100;

    /// <summary>The longest title, in characters.</summary>
    public const int LongestTitle = 200;
}

/// <summary>The session writes down a step of its task.</summary>
public sealed record AddSubtask(Instant At, WorkerId Session, TaskId Task, int? Attempt, string Title) : ClaimReport(At, Session, Task, Attempt);

/// <summary>The session says that a step of its task is done.</summary>
public sealed record EndSubtask(Instant At, WorkerId Session, TaskId Task, int? Attempt, int Number) : ClaimReport(At, Session, Task, Attempt);

/// <summary>The task has one more step.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">The try that wrote it down.</param>
/// <param name="Number">From 1 without a gap in each task.</param>
/// <param name="Title">A line.</param>
public sealed record SubtaskAdded(TaskId Task, int Attempt, int Number, string Title) : TaskEvent(Task);

/// <summary>A step of the task is done; a later attempt need not do it again.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">The try that did it.</param>
/// <param name="Number">Which one.</param>
public sealed record SubtaskDone(TaskId Task, int Attempt, int Number) : TaskEvent(Task);
