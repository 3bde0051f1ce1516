using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>Where a task stands in one execution. Each state has the data it needs and no other.</summary>
public abstract record TaskState
{
    private TaskState()
    {
    }

    /// <summary>The state's name on the wire, e.g. <c>RUNNING</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Whether nothing more will happen to the task unless somebody asks for it.</summary>
    public bool IsOver => this is Succeeded or Failed or HelpNeeded or Cancelled or Skipped or Waived or RolledBack;

    /// <summary>Whether what depends on the task may start, as far as this task goes.</summary>
    public bool IsDone => this is Succeeded or Waived { CountsAsDone: true };

    /// <summary>Whether the task waits for resources and a worker.</summary>
    public bool IsWaiting => this is Ready or Queued;

    /// <summary>It waits for predecessors.</summary>
    public sealed record Pending : TaskState
    {
        /// <inheritdoc/>
        public override string Name => "PENDING";
    }

    /// <summary>It is on the frontier: its hard predecessors have succeeded.</summary>
    public sealed record Ready(Instant Since) : TaskState
    {
        /// <inheritdoc/>
        public override string Name => "READY";
    }

    /// <summary>It is on the frontier again, or holds its resources and gets a worker next.</summary>
    public sealed record Queued(Instant Since, string Reason) : TaskState
    {
        /// <inheritdoc/>
        public override string Name => "QUEUED";
    }

    /// <summary>A worker has it.</summary>
    public sealed record Assigned(ActiveAttempt Active) : TaskState
    {
        /// <inheritdoc/>
        public override string Name => "ASSIGNED";
    }

    /// <summary>Its attempt runs.</summary>
    public sealed record Running(ActiveAttempt Active, Instant Since, ProcessIdentity? Process) : TaskState
    {
        /// <inheritdoc/>
        public override string Name => "RUNNING";
    }

    /// <summary>Our checks run.</summary>
    public sealed record Verifying(ActiveAttempt Active, Instant Since, bool ExitLost) : TaskState
    {
        /// <summary>What a session says that came out of it.</summary>
        public string? Result { get; init; }

        /// <inheritdoc/>
        public override string Name => "VERIFYING";
    }

    /// <summary>It failed and waits for its next attempt.</summary>
    public sealed record BackingOff(Instant NotBefore, TaskError Error) : TaskState
    {
        /// <inheritdoc/>
        public override string Name => "BACKOFF";
    }

    /// <summary>It is done and verified.</summary>
    public sealed record Succeeded(Instant At, IReadOnlyList<Artifact> Artifacts) : TaskState
    {
        /// <summary>Who did it.</summary>
        public WorkerId? By { get; init; }

        /// <summary>When it was given to whoever did it.</summary>
        public Instant? AssignedAt { get; init; }

        /// <summary>What a session says that came out of it.</summary>
        public string? Result { get; init; }

        /// <inheritdoc/>
        public override string Name => "SUCCEEDED";
    }

    /// <summary>It failed; what follows was decided in the same breath, so only a task that may not retry stays here.</summary>
    public sealed record Failed(Instant At, TaskError Error) : TaskState
    {
        /// <inheritdoc/>
        public override string Name => "FAILED";
    }

    /// <summary>Its attempts are used up; a person has to look. It holds nothing.</summary>
    public sealed record HelpNeeded(Instant At, string Reason, TaskError? Error) : TaskState
    {
        /// <inheritdoc/>
        public override string Name => "HELP_NEEDED";
    }

    /// <summary>What it did is being undone, or waits for that.</summary>
    public sealed record Compensating(Instant Since, string Reason) : TaskState
    {
        /// <summary>The attempt that its compensation is; null: it waits for its turn.</summary>
        public ActiveAttempt? Active { get; init; }

        /// <summary>The process of that attempt, once it has begun.</summary>
        public ProcessIdentity? Process { get; init; }

        /// <inheritdoc/>
        public override string Name => "COMPENSATING";
    }

    /// <summary>What it did is undone; a person may have it done anew. It holds nothing, and what depends on it waits.</summary>
    public sealed record RolledBack(Instant At, string Reason) : TaskState
    {
        /// <inheritdoc/>
        public override string Name => "ROLLED_BACK";
    }

    /// <summary>Somebody ended it.</summary>
    public sealed record Cancelled(Instant At, string Reason) : TaskState
    {
        /// <inheritdoc/>
        public override string Name => "CANCELLED";
    }

    /// <summary>Somebody decided to do without it, and for good.</summary>
    public sealed record Waived(Instant At, string Reason, bool CountsAsDone) : TaskState
    {
        /// <inheritdoc/>
        public override string Name => "SKIPPED";
    }

    /// <summary>What it depends on was not done.</summary>
    public sealed record Skipped(Instant At, TaskId Because) : TaskState
    {
        /// <inheritdoc/>
        public override string Name => "SKIPPED";
    }
}

/// <summary>An attempt that a worker has in hand.</summary>
/// <param name="Worker">Who.</param>
/// <param name="Attempt">Which try: the fencing token.</param>
/// <param name="AssignedAt">Since when.</param>
/// <param name="Deadline">When it will be stopped, if it has a time limit.</param>
/// <param name="Stop">Why it has been told to stop, if it has.</param>
public sealed record ActiveAttempt(WorkerId Worker, int Attempt, Instant AssignedAt, Instant? Deadline, StopReason? Stop = null)
{
    /// <summary>Until when a session has it without a sign of life; null: a worker of the coordinator has it.</summary>
    public Lease? Lease { get; init; }

    /// <summary>How long its worker was to be set up for it first; null: it need not be.</summary>
    public double? SetupSeconds { get; init; }

    /// <summary>What a person said who had it stopped.</summary>
    public string? StopWhy { get; init; }

    /// <summary>How far a session says that it is, in percent.</summary>
    public int? Percent { get; init; }

    /// <summary>What a session says about its progress.</summary>
    public string? Message { get; init; }

    /// <summary>What our checks found when a session said that it was done; null: it has not, or they run.</summary>
    public string? Findings { get; init; }
}

/// <summary>How long a claim holds.</summary>
/// <param name="ExpiresAt">Until when, without another sign of life.</param>
/// <param name="Seconds">How long after a sign of life.</param>
public sealed record Lease(Instant ExpiresAt, double Seconds);
