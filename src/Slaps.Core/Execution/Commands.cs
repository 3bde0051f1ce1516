using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;

namespace Slaps.Core.Execution;

/// <summary>An order to an execution. Whatever wants to change one becomes a command in its inbox.</summary>
/// <param name="At">The time at which it is decided.</param>
public abstract record Command(Instant At);

/// <summary>Creates the execution.</summary>
public sealed record CreateExecution(Instant At, string PlanHash, string PlanDirectory, string Workspace) : Command(At)
{
    /// <summary>The one rule that orders the frontier; null: priority class, then critical path.</summary>
    public PriorityRule? Priority { get; init; }

    /// <summary>When tasks may start.</summary>
    public ExecutionModel Model { get; init; }

    /// <summary>The profile of the plan that says what there is to share; null: the plan itself does.</summary>
    public string? Profile { get; init; }

    /// <summary>How much of the sessions' work it gets beside others, from 1 to <see cref="ExecutionTurns.MostWeight"/>.</summary>
    public int Weight { get; init; } = 1;
}

/// <summary>A coordinator takes over with these workers; further ones, like the first, join on demand up to the most it may have.</summary>
public sealed record StartCoordinator(Instant At, string Host, int Pid, IReadOnlyList<WorkerProfile> Workers, int MaxWorkers, bool WaitForClaims) : Command(At)
{
    /// <summary>How many tasks may run at once, in the place of the plan's concurrency_max; null: that one holds.</summary>
    public int? Concurrency { get; init; }

    /// <summary>How the pool shrinks and what it holds back for; null: as big as it may be, and nothing is held back.</summary>
    public PoolRules? Pool { get; init; }
}

/// <summary>Open an execution again that ended as failed although tasks of it could have been begun, had anybody been there for them.</summary>
public sealed record ReopenExecution(Instant At) : Command(At);

/// <summary>
/// Does the next thing that time or the frontier allows: one expired timer, else one assignment, else the end of the execution.
/// Decides to nothing when there is nothing to do; send it until then.
/// </summary>
public sealed record Proceed(Instant At) : Command(At);

/// <summary>A worker says that an attempt has begun.</summary>
public sealed record RecordStart(Instant At, TaskId Task, int Attempt, ProcessIdentity? Process) : Command(At);

/// <summary>A worker says how an attempt ended.</summary>
public sealed record RecordOutcome(Instant At, TaskId Task, int Attempt, Outcome Outcome) : Command(At)
{
    /// <summary>A fair draw from [0, 1] for the jitter of a retry's delay.</summary>
    public double Dice { get; init; } = 1;

    /// <summary>What sort of failure it is, should it be one; null where nobody looked.</summary>
    public Failures.Classification? Finding { get; init; }
}

/// <summary>Our side says what the checks of an attempt found.</summary>
public sealed record RecordVerdict(Instant At, TaskId Task, int Attempt, Verdict Verdict) : Command(At)
{
    /// <summary>When the checks were asked for: a verdict on an earlier state of the work decides to nothing. Null: whichever were asked for last.</summary>
    public Instant? AskedAt { get; init; }

    /// <summary>A fair draw from [0, 1] for the jitter of a retry's delay.</summary>
    public double Dice { get; init; } = 1;

    /// <summary>What sort of failure it is, should it be one; null where nobody looked.</summary>
    public Failures.Classification? Finding { get; init; }
}

/// <summary>A worker says that a running attempt has given no sign of life for as long as the plan allows.</summary>
/// <param name="At">The time at which it is decided.</param>
/// <param name="Task">The task.</param>
/// <param name="Attempt">Which try.</param>
/// <param name="QuietSince">When it last printed something, or began.</param>
public sealed record RecordStall(Instant At, TaskId Task, int Attempt, Instant QuietSince) : Command(At);

/// <summary>The machine says what it had to bear in the last moments. Decides to nothing as long as that changes nothing.</summary>
/// <param name="At">The time at which it is decided.</param>
/// <param name="Latest">The last samples, about a second apart, the newest last.</param>
public sealed record RecordPressure(Instant At, IReadOnlyList<PressureSample> Latest) : Command(At);

/// <summary>How an attempt ended, before any check.</summary>
public abstract record Outcome
{
    private Outcome()
    {
    }

    /// <summary>The process exited with this code.</summary>
    public sealed record Exited(int ExitCode) : Outcome;

    /// <summary>A signal ended the process.</summary>
    public sealed record Signalled(int Signal) : Outcome;

    /// <summary>It never began, for this reason.</summary>
    public sealed record NotStarted(string Reason) : Outcome;

    /// <summary>It is gone, and its exit status was lost with an earlier coordinator.</summary>
    public sealed record Lost : Outcome;
}

/// <summary>What the checks of one attempt found.</summary>
/// <param name="Checks">Each check.</param>
/// <param name="Artifacts">The declared files that are there.</param>
/// <param name="MissingArtifacts">The required ones that are not.</param>
public sealed record Verdict(IReadOnlyList<CheckResult> Checks, IReadOnlyList<Artifact> Artifacts, IReadOnlyList<string> MissingArtifacts);

/// <summary>Start nothing new.</summary>
public sealed record PauseExecution(Instant At, string Reason) : Command(At);

/// <summary>Start things again.</summary>
public sealed record ResumeExecution(Instant At) : Command(At);

/// <summary>End the execution: what runs is stopped, what waits is cancelled.</summary>
public sealed record AbortExecution(Instant At, string Reason) : Command(At);

/// <summary>Let what runs come to its end, start nothing new, then leave; the execution can be resumed.</summary>
public sealed record Drain(Instant At) : Command(At);

/// <summary>Stop what runs and leave; the execution can be resumed.</summary>
public sealed record Interrupt(Instant At) : Command(At);

/// <summary>Try a task again that failed, asked for help or waits out its delay.</summary>
public sealed record RetryTask(Instant At, TaskId Task) : Command(At);

/// <summary>Do without a task that has not succeeded and does not run.</summary>
/// <param name="At">The time at which it is decided.</param>
/// <param name="Task">The task.</param>
/// <param name="Reason">Why, as a sentence.</param>
/// <param name="WithSuccessors">Whether all that depends on it is skipped, too; otherwise it counts as done and they go on.</param>
public sealed record SkipTask(Instant At, TaskId Task, string Reason, bool WithSuccessors) : Command(At);

/// <summary>Work with so many workers from now on, whoever coordinates.</summary>
/// <param name="At">The time at which it is decided.</param>
/// <param name="Workers">From 1.</param>
public sealed record SetWorkers(Instant At, int Workers) : Command(At)
{
    /// <summary>The most that may be asked for.</summary>
    public const int Most = 10_000;
}

/// <summary>Change the plan while it is executed: all of the patch, or nothing.</summary>
public sealed record ModifyPlan(Instant At, PlanPatch Patch) : Command(At);
