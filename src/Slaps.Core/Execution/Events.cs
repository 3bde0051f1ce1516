using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;

namespace Slaps.Core.Execution;

/// <summary>
/// A fact about an execution. It holds what was decided, not the rule that decided it, so that an old journal means the same for ever.
/// The wire name of each is its name in snake_case without "Event" (see <see cref="EventJson"/>).
/// </summary>
public abstract record ExecutionEvent
{
    private protected ExecutionEvent()
    {
    }
}

/// <summary>A fact about one task.</summary>
/// <param name="Task">The task.</param>
public abstract record TaskEvent(TaskId Task) : ExecutionEvent;

/// <summary>An event in its place in the journal.</summary>
/// <param name="Seq">From 1, without gaps, in each execution.</param>
/// <param name="At">When it was decided.</param>
/// <param name="Event">What happened.</param>
public readonly record struct RecordedEvent(long Seq, Instant At, ExecutionEvent Event);

/// <summary>The first event: what is executed, and where.</summary>
/// <param name="PlanHash">Hash of the plan as it was then (<see cref="CanonicalJson.Hash"/>).</param>
/// <param name="PlanDirectory">The plan's directory, as an absolute path.</param>
/// <param name="Workspace">The folder in which tasks run, as an absolute path.</param>
/// <param name="Tasks">How many tasks the plan has.</param>
/// <param name="Priority">The one rule that orders the frontier; null: priority class, then critical path.</param>
/// <param name="Model">When tasks may start; null: <see cref="ExecutionModel.Rolling"/>.</param>
/// <param name="Profile">The profile of the plan that says what there is to share where it runs; null: the plan itself does.</param>
/// <param name="Weight">How much of the sessions' work it gets beside others (<see cref="ExecutionTurns"/>); null: 1.</param>
public sealed record ExecutionCreated(
    string PlanHash, string PlanDirectory, string Workspace, int Tasks, PriorityRule? Priority = null, ExecutionModel? Model = null, string? Profile = null, int? Weight = null) : ExecutionEvent;

/// <summary>A coordinator began to run the execution, for the first time or again. Workers of an earlier one are gone; their attempts may live.</summary>
/// <param name="Host">The machine's name.</param>
/// <param name="Pid">The coordinator's process id.</param>
/// <param name="Workers">Its workers at the start.</param>
/// <param name="MaxWorkers">The most that it may have; more join while tasks wait for nothing but a worker.</param>
/// <param name="WaitsForClaims">Whether it stays for tasks that none of its workers can take.</param>
/// <param name="Concurrency">How many tasks may run at once, in the place of the plan's concurrency_max; null: that one holds.</param>
/// <param name="Pool">How the pool shrinks and what it holds back for; null: as big as it may be, and nothing is held back.</param>
public sealed record CoordinatorStarted(
    string Host, int Pid, IReadOnlyList<WorkerProfile> Workers, int MaxWorkers, bool WaitsForClaims, int? Concurrency = null, PoolRules? Pool = null) : ExecutionEvent;

/// <summary>One more worker, because a task waits for nothing else.</summary>
public sealed record WorkerJoined(WorkerProfile Worker) : ExecutionEvent;

/// <summary>
/// Somebody asked for so many workers, in the place of what coordinators start with and of the plan's concurrency_max; it holds for later
/// coordinators, too. More of them join while tasks wait for nothing but a worker; those that are too many leave when they are idle.
/// </summary>
/// <param name="Workers">From 1.</param>
public sealed record WorkersSet(int Workers) : ExecutionEvent;

/// <summary>A worker that was idle is gone: there were more than may be, or it had nothing to do for a while.</summary>
public sealed record WorkerLeft(WorkerId Worker) : ExecutionEvent;

/// <summary>
/// A worker and what it can do. Without a set-up time it is specialised: it takes only what needs nothing that it cannot do. With one it is generic,
/// or hybrid where it can do something anyway: it takes everything, but for what it neither can do nor was set up for last it is set up first.
/// </summary>
/// <param name="Id">Its name.</param>
/// <param name="Runs">The kinds of work that it runs (<see cref="RunSpec.Kind"/>), e.g. <c>process</c>.</param>
/// <param name="Capabilities">What it can do without a set-up; null: anything, or with a set-up time nothing.</param>
/// <param name="SetupSeconds">How long it takes to set it up for something else, from 0; null: it cannot be set up.</param>
public sealed record WorkerProfile(WorkerId Id, IReadOnlyList<string> Runs, IReadOnlyList<string>? Capabilities, double? SetupSeconds = null)
{
    /// <summary>The longest set-up, in seconds: a day.</summary>
    public const double LongestSetup = 86_400;

    /// <summary>Whether the worker can take <paramref name="task"/>, be it after a set-up.</summary>
    public bool CanTake(PlanTask task) => Runs.Contains(task.Run.Kind) && (SetupSeconds is not null || Can(task.Capabilities));

    /// <summary>Whether it can run what undoes <paramref name="task"/>, be it after a set-up.</summary>
    public bool CanUndo(PlanTask task) => task.Compensation is { } undo && Runs.Contains(undo.Kind) && (SetupSeconds is not null || Can(task.Capabilities));

    /// <summary>Whether it has all of these capabilities without a set-up.</summary>
    public bool Can(IReadOnlyList<string> capabilities) =>
        capabilities.Count == 0 || (Capabilities is null ? SetupSeconds is null : capabilities.All(Capabilities.Contains));
}

/// <summary>The machine has to bear more or less than before, or more or fewer attempts fail: more or less is held back.</summary>
/// <param name="Level">How much from now on.</param>
/// <param name="Cause">For what.</param>
/// <param name="Reason">A sentence.</param>
/// <param name="EffectiveWorkers">How many tasks may run at once; the most workers that there may be: no limit beside that.</param>
public sealed record BackpressureChanged(BackpressureLevel Level, PressureCause Cause, string Reason, int EffectiveWorkers) : ExecutionEvent;

/// <summary>Nothing new is started until somebody resumes.</summary>
public sealed record ExecutionPaused(string Reason) : ExecutionEvent;

/// <summary>Work goes on.</summary>
public sealed record ExecutionResumed : ExecutionEvent;

/// <summary>This coordinator starts nothing new, lets what runs come to its end, and leaves. The next coordinator goes on.</summary>
public sealed record DrainRequested : ExecutionEvent;

/// <summary>Somebody ended the execution for good.</summary>
public sealed record ExecutionAborted(string Reason) : ExecutionEvent;

/// <summary>Nothing runs and nothing can start.</summary>
/// <param name="Status">How it ended.</param>
public sealed record ExecutionFinished(ExecutionStatus Status) : ExecutionEvent;

/// <summary>A retried task makes a finished execution unfinished again.</summary>
public sealed record ExecutionReopened : ExecutionEvent;

/// <summary>Every task of the waves before has ended: those of this wave may start. Only where the model is <see cref="ExecutionModel.Waves"/>.</summary>
/// <param name="Wave">From 0, which began with the execution.</param>
public sealed record WaveStarted(int Wave) : ExecutionEvent;

/// <summary>Time has passed, and tasks that wait since earlier periods count as of a higher class (<see cref="OrderPolicy.AgeingSeconds"/>).</summary>
/// <param name="Period">How many whole periods have passed since the execution began.</param>
public sealed record FrontierAged(int Period) : ExecutionEvent;

/// <summary>All hard predecessors have succeeded: the task is on the frontier.</summary>
public sealed record TaskReady(TaskId Task) : TaskEvent(Task);

/// <summary>The task waits for a worker again: its delay is over, its attempt was lost or interrupted, or somebody retried it.</summary>
/// <param name="Task">The task.</param>
/// <param name="Reason">Why, as a sentence.</param>
/// <param name="Says">What the session that had it leaves for whoever takes it next, in sentences: why it gave it back, how far it was, what its checks had found; null: nothing.</param>
public sealed record TaskQueued(TaskId Task, string Reason, string? Says = null) : TaskEvent(Task);

/// <summary>The task holds all the resources that it needs; or its running attempt has one more.</summary>
/// <param name="Task">The task.</param>
/// <param name="Resources">Names and amounts, in the resources' canonical order.</param>
/// <param name="Attempt">The running attempt that asked for it; null: what the plan gives a task before it begins.</param>
public sealed record ResourceAcquired(TaskId Task, IReadOnlyList<ResourceAmount> Resources, int? Attempt = null) : TaskEvent(Task);

/// <summary>The task holds nothing any more of what the plan gave it, or of what its attempt had acquired.</summary>
/// <param name="Task">The task.</param>
/// <param name="Resources">What it held.</param>
/// <param name="Attempt">The attempt that had acquired it since it began; null: what the plan gives.</param>
public sealed record ResourceReleased(TaskId Task, IReadOnlyList<ResourceAmount> Resources, int? Attempt = null) : TaskEvent(Task);

/// <summary>So much of a resource. Amounts of quotas are in thousandths (milli-cores, MiB/1000, MB/s/1000).</summary>
/// <param name="Name">The resource, e.g. <c>lock:database</c>.</param>
/// <param name="Amount">How much; 1 of a lock.</param>
/// <param name="Reads">True: a lock that is taken only to read under it, which others may do at the same time; null: nobody else has it.</param>
public readonly record struct ResourceAmount(string Name, long Amount, bool? Reads = null);

/// <summary>A worker has the task; the attempt's number is its fencing token.</summary>
/// <param name="Task">The task.</param>
/// <param name="Worker">Who.</param>
/// <param name="Attempt">From 1, one more for each try.</param>
/// <param name="Deadline">When it will be stopped, if it has a time limit.</param>
/// <param name="LeaseExpiresAt">Until when it is the worker's without a sign of life, where the worker is a session that claimed it.</param>
/// <param name="SetupSeconds">How long the worker is set up for it first, which the time limit leaves out; null: it need not be.</param>
public sealed record TaskAssigned(TaskId Task, WorkerId Worker, int Attempt, Instant? Deadline, Instant? LeaseExpiresAt = null, double? SetupSeconds = null) : TaskEvent(Task);

/// <summary>The attempt runs.</summary>
/// <param name="Task">The task.</param>
/// <param name="Worker">Who runs it.</param>
/// <param name="Attempt">Which try.</param>
/// <param name="Process">The process, where the worker is one: with its start time a name that is never used twice.</param>
public sealed record TaskStarted(TaskId Task, WorkerId Worker, int Attempt, ProcessIdentity? Process) : TaskEvent(Task);

/// <summary>A process id with the time at which the kernel says it started (clock ticks since boot): ids are used again, pairs are not.</summary>
public readonly record struct ProcessIdentity(int Pid, long StartTicks, string BootId);

/// <summary>The attempt has been told to stop; what it holds stays held until it is gone.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">Which try.</param>
/// <param name="Reason">Why, which decides what follows.</param>
/// <param name="Why">What a person said about it, where one did.</param>
public sealed record AttemptStopping(TaskId Task, int Attempt, StopReason Reason, string? Why = null) : TaskEvent(Task);

/// <summary>Why an attempt is stopped.</summary>
public enum StopReason
{
    /// <summary>Its time was over: a failure.</summary>
    TimedOut,

    /// <summary>The execution was aborted: the task is cancelled.</summary>
    Aborted,

    /// <summary>The coordinator leaves at once: the task is queued again and no failure is counted.</summary>
    Interrupted,

    /// <summary>It gave no sign of life for too long: a failure.</summary>
    Stalled,

    /// <summary>It did not get a resource that it asked for and makes way: the task is queued again and no failure is counted.</summary>
    ResourceDenied,

    /// <summary>Somebody cancelled the task.</summary>
    Cancelled,

    /// <summary>A critical task has waited for too long and needs what it has: the task is queued again and no failure is counted.</summary>
    Preempted,
}

/// <summary>The attempt says that it is done; our checks decide.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">Which try.</param>
/// <param name="ExitCode">What it exited with; null when that was lost with an earlier coordinator.</param>
/// <param name="Result">What a session says that came out of it.</param>
public sealed record TaskVerifying(TaskId Task, int Attempt, int? ExitCode, string? Result = null) : TaskEvent(Task);

/// <summary>The task is done and verified.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">Which try.</param>
/// <param name="Artifacts">Its declared files with their hashes.</param>
/// <param name="Checks">What was verified.</param>
/// <param name="Result">What a session says that came out of it.</param>
public sealed record TaskSucceeded(TaskId Task, int Attempt, IReadOnlyList<Artifact> Artifacts, IReadOnlyList<CheckResult> Checks, string? Result = null) : TaskEvent(Task);

/// <summary>A file that a task left behind.</summary>
/// <param name="Path">Relative to the workspace, with forward slashes.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Lower-case hexadecimal.</param>
public sealed record Artifact(string Path, long Bytes, string Sha256);

/// <summary>What one acceptance check found.</summary>
/// <param name="Id">The check.</param>
/// <param name="Passed">Whether it holds.</param>
/// <param name="Detail">A sentence: what was found.</param>
public sealed record CheckResult(string Id, bool Passed, string Detail);

/// <summary>The attempt failed.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">Which try.</param>
/// <param name="Error">What happened.</param>
/// <param name="CanRetry">Whether another attempt follows.</param>
public sealed record TaskFailed(TaskId Task, int Attempt, TaskError Error, bool CanRetry) : TaskEvent(Task);

/// <summary>Why an attempt failed.</summary>
/// <param name="Kind">What sort of failure.</param>
/// <param name="Message">A sentence.</param>
/// <param name="ExitCode">The exit code, where there was one.</param>
/// <param name="Signal">The signal that ended it, where there was one.</param>
/// <param name="Checks">The checks, where they decided.</param>
public sealed record TaskError(FailureKind Kind, string Message, int? ExitCode = null, int? Signal = null, IReadOnlyList<CheckResult>? Checks = null)
{
    /// <summary>What sort of failure it is by the playbooks; null where nobody looked.</summary>
    public Failures.Classification? Finding { get; init; }
}

/// <summary>Sorts of failure, as far as the kernel and our checks tell.</summary>
public enum FailureKind
{
    /// <summary>The process exited with another code than 0.</summary>
    ExitCode,

    /// <summary>A signal ended the process.</summary>
    Signal,

    /// <summary>It took longer than it may.</summary>
    TimedOut,

    /// <summary>It could not be started at all; trying again would not help.</summary>
    NotStarted,

    /// <summary>An acceptance check or a required artifact was not there.</summary>
    ChecksFailed,

    /// <summary>It printed nothing for longer than it may.</summary>
    Stalled,
    /// <summary>The session that had the task says so.</summary>
    Reported,
}

/// <summary>The task will be tried again.</summary>
/// <param name="Task">The task.</param>
/// <param name="NotBefore">The decided time, not the formula.</param>
public sealed record RetryScheduled(TaskId Task, Instant NotBefore) : TaskEvent(Task);

/// <summary>The attempts are used up: a person has to look. The task holds nothing; its successors wait.</summary>
public sealed record HelpRequested(TaskId Task, string Reason) : TaskEvent(Task);

/// <summary>A skipped or cancelled task may be done after all: it waits for its predecessors, and its failures are forgotten.</summary>
public sealed record TaskRestored(TaskId Task) : TaskEvent(Task);

/// <summary>The task will not be done.</summary>
/// <param name="Task">The task.</param>
/// <param name="Reason">Why, as a sentence.</param>
/// <param name="Asked">True: somebody asked for it; null: the execution was aborted.</param>
public sealed record TaskCancelled(TaskId Task, string Reason, bool? Asked = null) : TaskEvent(Task);

/// <summary>The task cannot be done because <paramref name="Because"/>, on which it depends, was not.</summary>
public sealed record TaskSkipped(TaskId Task, TaskId Because) : TaskEvent(Task);

/// <summary>Somebody decided to do without the task. It is SKIPPED.</summary>
/// <param name="Task">The task.</param>
/// <param name="Reason">Why, as a sentence.</param>
/// <param name="CountsAsDone">Whether what depends on it goes on as if it had succeeded; otherwise that is skipped, too.</param>
public sealed record TaskWaived(TaskId Task, string Reason, bool CountsAsDone) : TaskEvent(Task);

/// <summary>The plan is another from here on (the seed's hot update): what the patch says was added to it or changed in it.</summary>
/// <param name="Patch">The changes, with the reason and who asked; secrets were taken out.</param>
/// <param name="PlanHashBefore">Hash of the plan until now.</param>
/// <param name="PlanHashAfter">Hash of the plan from now on (<see cref="PlanPatchJson.HashAfter"/>).</param>
public sealed record PlanPatched(PlanPatch Patch, string PlanHashBefore, string PlanHashAfter) : ExecutionEvent;

/// <summary>A task that waited to be started waits for predecessors again: a patch gave it new ones. Its attempts count on.</summary>
/// <param name="Task">The task.</param>
/// <param name="Reason">For whom, as a sentence.</param>
public sealed record TaskHeldBack(TaskId Task, string Reason) : TaskEvent(Task);
