using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>A session takes a task: the one that it names, or the first of the frontier that it can take.</summary>
/// <param name="At">The time at which it is decided.</param>
/// <param name="Session">Who: a session is a worker that pulls.</param>
/// <param name="Task">Which task; null: the best that the session can take.</param>
/// <param name="LeaseSeconds">How long it is the session's without a sign of life, from <see cref="LeastLease"/> to <see cref="MostLease"/>.</param>
public sealed record ClaimTask(Instant At, WorkerId Session, TaskId? Task, double LeaseSeconds) : Command(At)
{
    /// <summary>The shortest lease, in seconds.</summary>
    public const double LeastLease = 1;

    /// <summary>The longest lease, in seconds: a week.</summary>
    public const double MostLease = 7 * 24 * 3600;

    /// <summary>The lease when nobody says otherwise, in seconds.</summary>
    public const double UsualLease = 600;

    /// <summary>What the session can do; null: anything.</summary>
    public IReadOnlyList<string>? Capabilities { get; init; }

    internal bool CanTake(PlanTask task) => Capabilities is null || task.Capabilities.All(Capabilities.Contains);
}

/// <summary>A sign of life of a session: the leases of all that it holds begin anew. Decides to nothing while less than half of a lease has passed.</summary>
public sealed record RenewLeases(Instant At, WorkerId Session) : Command(At)
{
    /// <summary>What the session can do, for the answer to one that holds nothing; null: anything.</summary>
    public IReadOnlyList<string>? Capabilities { get; init; }
}

/// <summary>What a session says about a task that it holds. From anybody but the present holder of the present attempt it decides to nothing.</summary>
/// <param name="At">The time at which it is decided.</param>
/// <param name="Session">Who says it.</param>
/// <param name="Task">About which task.</param>
/// <param name="Attempt">The fencing token that came with the claim; null: whichever attempt the session has now.</param>
public abstract record ClaimReport(Instant At, WorkerId Session, TaskId Task, int? Attempt) : Command(At)
{
    /// <summary>Whether the task's checks began and nobody runs them any more, as far as whoever gives the order can see: then there is nothing to wait for.</summary>
    public bool AreChecksCutOff { get; init; }
}

/// <summary>The session has begun to work.</summary>
public sealed record BeginClaim(Instant At, WorkerId Session, TaskId Task, int? Attempt) : ClaimReport(At, Session, Task, Attempt);

/// <summary>The session says how far it is, in percent from 0 to 100.</summary>
public sealed record ReportProgress(Instant At, WorkerId Session, TaskId Task, int? Attempt, int Percent, string? Message) : ClaimReport(At, Session, Task, Attempt);

/// <summary>The session says that it is done; our checks decide.</summary>
public sealed record CompleteClaim(Instant At, WorkerId Session, TaskId Task, int? Attempt, string? Result) : ClaimReport(At, Session, Task, Attempt);

/// <summary>The session gives up: its attempt has failed.</summary>
public sealed record FailClaim(Instant At, WorkerId Session, TaskId Task, int? Attempt, string Reason) : ClaimReport(At, Session, Task, Attempt)
{
    /// <summary>A fair draw from [0, 1] for the jitter of a retry's delay.</summary>
    public double Dice { get; init; } = 1;
}

/// <summary>The session cannot go on without a person; it holds the task no longer.</summary>
public sealed record AskForHelp(Instant At, WorkerId Session, TaskId Task, int? Attempt, string Reason) : ClaimReport(At, Session, Task, Attempt);

/// <summary>The session gives the task back, and nothing has failed.</summary>
public sealed record ReleaseClaim(Instant At, WorkerId Session, TaskId Task, int? Attempt, string? Reason) : ClaimReport(At, Session, Task, Attempt);

/// <summary>A session is gone, or leaves: all that it holds goes back.</summary>
/// <param name="At">The time at which it is decided.</param>
/// <param name="Session">Who.</param>
/// <param name="IsLost">Whether nobody knows what became of its work: then what must not be done twice waits for a person.</param>
public sealed record EndSession(Instant At, WorkerId Session, bool IsLost) : Command(At);

/// <summary>
/// Does the next thing that time alone allows, without any worker: one expired lease, else one delay that is over, else the next wave, else what
/// is undone without running anything, else the end of the execution. Decides to nothing when there is nothing to do; send it until then.
/// </summary>
public sealed record PassTime(Instant At) : Command(At);
