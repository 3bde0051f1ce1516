using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>The session that has the task lives: it may go on until a later time.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">Which try.</param>
/// <param name="LeaseExpiresAt">Until when without another sign of life.</param>
public sealed record LeaseRenewed(TaskId Task, int Attempt, Instant LeaseExpiresAt) : TaskEvent(Task);

/// <summary>The session that had the task gave no sign of life for too long, or is gone. What it reports about this attempt from now on comes too late.</summary>
/// <param name="Task">The task.</param>
/// <param name="Worker">The session.</param>
/// <param name="Attempt">Which try.</param>
public sealed record LeaseExpired(TaskId Task, WorkerId Worker, int Attempt) : TaskEvent(Task);

/// <summary>The session says how far its attempt is.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">Which try.</param>
/// <param name="Percent">From 0 to 100.</param>
/// <param name="Message">What it says besides.</param>
public sealed record TaskProgress(TaskId Task, int Attempt, int Percent, string? Message) : TaskEvent(Task);

/// <summary>Our checks found faults, and the session that has the task goes on with the same attempt.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">Which try.</param>
/// <param name="Findings">What is wrong, as sentences.</param>
/// <param name="Checks">Each check.</param>
public sealed record ReworkRequested(TaskId Task, int Attempt, string Findings, IReadOnlyList<CheckResult> Checks) : TaskEvent(Task);
