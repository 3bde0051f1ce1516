using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>A running attempt asks for a resource beside those that its plan gave it, or gives one back. From any other attempt it decides to nothing.</summary>
/// <param name="At">The time at which it is decided.</param>
/// <param name="Task">Whose attempt.</param>
/// <param name="Attempt">The fencing token; null: whichever attempt the session has now.</param>
/// <param name="Resource">The resource as people call it: <c>database</c>, or <c>lock:database</c> where that is clearer, or <c>cpu_cores</c>.</param>
public abstract record ResourceOrder(Instant At, TaskId Task, int? Attempt, string Resource) : Command(At)
{
    /// <summary>The session that has the task; null: a process of the attempt itself asks.</summary>
    public WorkerId? Session { get; init; }
}

/// <summary>Asks for a resource: it is had at once, or waited for, or the attempt makes way for an older one.</summary>
public sealed record AcquireResource(Instant At, TaskId Task, int? Attempt, string Resource) : ResourceOrder(At, Task, Attempt, Resource)
{
    /// <summary>The longest that somebody may say they would wait, in seconds: a week.</summary>
    public const double MostSeconds = 7 * 24 * 3600;

    /// <summary>The most that somebody may ask for, in the resource's own unit.</summary>
    public const double MostAmount = 1e12;

    /// <summary>How much: 1 of a lock, units of a pool, and of a quota in its own unit.</summary>
    public double Amount { get; init; } = 1;

    /// <summary>Only to read under a lock, which others may do at the same time.</summary>
    public bool Reads { get; init; }

    /// <summary>How long it waits, in seconds; 0: not at all; null: as the plan says.</summary>
    public double? TimeoutSeconds { get; init; }

    /// <summary>Whether it was asked before and only looks what came of it: what was denied since is not asked for again.</summary>
    public bool IsRepeated { get; init; }
}

/// <summary>Gives back what was acquired in the midst of the task, or waits for it no longer.</summary>
public sealed record ReleaseResource(Instant At, TaskId Task, int? Attempt, string Resource) : ResourceOrder(At, Task, Attempt, Resource);
