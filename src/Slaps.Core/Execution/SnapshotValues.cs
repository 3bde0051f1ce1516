using System.Diagnostics;
using Slaps.Core.Failures;

namespace Slaps.Core.Execution;

/// <summary>Carries what the state of an execution is made of. Each property has one place here, and a test that fills them all says which one is missing.</summary>
internal static class SnapshotValues
{
    // The numbers are kept; a new state takes the next one. Whatever changes here changes ExecutionSnapshot.Version.
    public static TaskState State(SnapshotCarrier c, TaskState? v)
    {
        var sort = c.Whole(v switch
        {
            null or TaskState.Pending => 0,
            TaskState.Ready => 1,
            TaskState.Queued => 2,
            TaskState.Assigned => 3,
            TaskState.Running => 4,
            TaskState.Verifying => 5,
            TaskState.BackingOff => 6,
            TaskState.Succeeded => 7,
            TaskState.Failed => 8,
            TaskState.HelpNeeded => 9,
            TaskState.Compensating => 10,
            TaskState.RolledBack => 11,
            TaskState.Cancelled => 12,
            TaskState.Waived => 13,
            TaskState.Skipped => 14,
            _ => throw new UnreachableException($"Nobody carries {v.GetType().Name}. Add an arm to SnapshotValues.State."),
        });
        return sort switch
        {
            0 => ExecutionState.Pending,
            1 => new TaskState.Ready(c.Time((v as TaskState.Ready)?.Since ?? default)),
            2 => Queued(c, v as TaskState.Queued),
            3 => new TaskState.Assigned(Active(c, (v as TaskState.Assigned)?.Active)),
            4 => Running(c, v as TaskState.Running),
            5 => Verifying(c, v as TaskState.Verifying),
            6 => new TaskState.BackingOff(c.Time((v as TaskState.BackingOff)?.NotBefore ?? default), Error(c, (v as TaskState.BackingOff)?.Error)),
            7 => Succeeded(c, v as TaskState.Succeeded),
            8 => new TaskState.Failed(c.Time((v as TaskState.Failed)?.At ?? default), Error(c, (v as TaskState.Failed)?.Error)),
            9 => HelpNeeded(c, v as TaskState.HelpNeeded),
            10 => Compensating(c, v as TaskState.Compensating),
            11 => new TaskState.RolledBack(c.Time((v as TaskState.RolledBack)?.At ?? default), c.Text((v as TaskState.RolledBack)?.Reason)),
            12 => new TaskState.Cancelled(c.Time((v as TaskState.Cancelled)?.At ?? default), c.Text((v as TaskState.Cancelled)?.Reason)),
            13 => Waived(c, v as TaskState.Waived),
            14 => new TaskState.Skipped(c.Time((v as TaskState.Skipped)?.At ?? default), SnapshotPlans.Task(c, (v as TaskState.Skipped)?.Because ?? default)),
            _ => throw c.Damaged($"there is no state {sort}"),
        };
    }

    public static TaskError Error(SnapshotCarrier c, TaskError? v) =>
        new(c.Choice(v?.Kind ?? default), c.Text(v?.Message), c.Whole(v?.ExitCode), c.Whole(v?.Signal), c.Maybe(v?.Checks, Checks)) { Finding = c.Maybe(v?.Finding, Finding) };

    public static Classification Finding(SnapshotCarrier c, Classification? v) =>
        new(c.Choice(v?.Class ?? default), c.TextOrNone(v?.Playbook), c.Text(v?.Fingerprint), c.Text(v?.Why))
        {
            Subject = c.TextOrNone(v?.Subject),
            DeclaredIn = c.TextOrNone(v?.DeclaredIn),
            RetryAfterSeconds = c.Real(v?.RetryAfterSeconds),
            RetryAt = c.Time(v?.RetryAt),
            Breaker = c.Maybe(v?.Breaker, Rule),
            Counted = c.TextOrNone(v?.Counted),
        };

    public static (int Attempt, TaskError Error) LastError(SnapshotCarrier c, (int Attempt, TaskError Error) v) => (c.Whole(v.Attempt), Error(c, v.Error));

    public static List<Subtask> Subtasks(SnapshotCarrier c, List<Subtask>? v) =>
        [.. c.List(v, static (c, s) => new Subtask(c.Whole(s?.Number ?? 0), c.Text(s?.Title), SnapshotPlans.Worker(c, s?.By ?? default), c.Flag(s?.IsDone ?? default)))];

    public static List<Checkpoint> Checkpoints(SnapshotCarrier c, List<Checkpoint>? v) =>
    [
        .. c.List(v, static (c, p) => new Checkpoint(
            c.Text(p?.Id),
            c.Whole(p?.Attempt ?? 0),
            new KeptFiles(c.Whole(p?.Kept.Number ?? 0), c.Whole(p?.Kept.Files ?? 0), c.Whole(p?.Kept.Bytes ?? 0), c.Text(p?.Kept.Sha256)),
            c.Whole(p?.Percent),
            c.TextOrNone(p?.Note),
            c.Time(p?.At ?? default))),
    ];

    public static (int Attempt, string Checkpoint) Restored(SnapshotCarrier c, (int Attempt, string Checkpoint) v) => (c.Whole(v.Attempt), c.Text(v.Checkpoint));

    public static ResourceAmount Amount(SnapshotCarrier c, ResourceAmount v) => new(c.Text(v.Name), c.Whole(v.Amount), c.Flag(v.Reads));

    public static List<ResourceAmount> Amounts(SnapshotCarrier c, List<ResourceAmount>? v) => [.. c.List(v, Amount)];

    public static ResourceRequest Request(SnapshotCarrier c, ResourceRequest? v) =>
        new(SnapshotPlans.Task(c, v?.Task ?? default), c.Whole(v?.Attempt ?? 0), Amount(c, v?.Resource ?? default), c.Time(v?.Since ?? default), c.Time(v?.Until));

    public static ResourceDenied Denial(SnapshotCarrier c, ResourceDenied? v) =>
        new(SnapshotPlans.Task(c, v?.Task ?? default), c.Whole(v?.Attempt ?? 0), Amount(c, v?.Resource ?? default), c.Choice(v?.Cause ?? default), c.List(v?.Holders, SnapshotPlans.Task), c.Flag(v?.Requeues ?? default));

    public static WorkerProfile Worker(SnapshotCarrier c, WorkerProfile? v) => new(SnapshotPlans.Worker(c, v?.Id ?? default), c.Texts(v?.Runs), c.Maybe(v?.Capabilities, static (c, can) => c.Texts(can)), c.Real(v?.SetupSeconds));

    public static PoolRules Pool(SnapshotCarrier c, PoolRules? v) => new(c.Whole(v?.MinWorkers ?? 0), c.Real(v?.IdleSeconds), c.Real(v?.CpuThreshold), c.Real(v?.MemoryThreshold), c.Real(v?.ErrorThreshold));

    public static Backpressure Pressure(SnapshotCarrier c, Backpressure? v) =>
        new(c.Choice(v?.Level ?? default), c.Choice(v?.Cause ?? default), c.Text(v?.Reason), c.Whole(v?.Places), c.Time(v?.Since ?? default), c.Flag(v?.IsEasing ?? default));

    private static IReadOnlyList<CheckResult> Checks(SnapshotCarrier c, IReadOnlyList<CheckResult>? v) =>
        c.List(v, static (c, r) => new CheckResult(c.Text(r?.Id), c.Flag(r?.Passed ?? default), c.Text(r?.Detail)));

    private static BreakerRule Rule(SnapshotCarrier c, BreakerRule? v) =>
        new(c.Choice(v?.Remedy ?? default), c.Whole(v?.Threshold ?? 0), c.Real(v?.WindowSeconds ?? 0), c.Real(v?.CooldownSeconds ?? 0), c.Whole(v?.MaxTrips ?? 0));

    private static TaskState.Queued Queued(SnapshotCarrier c, TaskState.Queued? v) => new(c.Time(v?.Since ?? default), c.Text(v?.Reason));

    private static TaskState.Running Running(SnapshotCarrier c, TaskState.Running? v) => new(Active(c, v?.Active), c.Time(v?.Since ?? default), Process(c, v?.Process));

    private static TaskState.Verifying Verifying(SnapshotCarrier c, TaskState.Verifying? v) =>
        new(Active(c, v?.Active), c.Time(v?.Since ?? default), c.Flag(v?.ExitLost ?? default)) { Result = c.TextOrNone(v?.Result) };

    private static TaskState.Succeeded Succeeded(SnapshotCarrier c, TaskState.Succeeded? v) =>
        new(c.Time(v?.At ?? default), c.List(v?.Artifacts, static (c, a) => new Artifact(c.Text(a?.Path), c.Whole(a?.Bytes ?? 0), c.Text(a?.Sha256))))
        {
            By = c.TextOrNone(v?.By?.Value) is { } by ? new(by) : null,
            AssignedAt = c.Time(v?.AssignedAt),
            Result = c.TextOrNone(v?.Result),
        };

    private static TaskState.HelpNeeded HelpNeeded(SnapshotCarrier c, TaskState.HelpNeeded? v) => new(c.Time(v?.At ?? default), c.Text(v?.Reason), c.Maybe(v?.Error, Error));

    private static TaskState.Compensating Compensating(SnapshotCarrier c, TaskState.Compensating? v) =>
        new(c.Time(v?.Since ?? default), c.Text(v?.Reason)) { Active = c.Maybe(v?.Active, Active), Process = Process(c, v?.Process) };

    private static TaskState.Waived Waived(SnapshotCarrier c, TaskState.Waived? v) => new(c.Time(v?.At ?? default), c.Text(v?.Reason), c.Flag(v?.CountsAsDone ?? default));

    private static ActiveAttempt Active(SnapshotCarrier c, ActiveAttempt? v) =>
        new(SnapshotPlans.Worker(c, v?.Worker ?? default), c.Whole(v?.Attempt ?? 0), c.Time(v?.AssignedAt ?? default), c.Time(v?.Deadline), c.Choice(v?.Stop))
        {
            Lease = c.Maybe(v?.Lease, static (c, lease) => new Lease(c.Time(lease?.ExpiresAt ?? default), c.Real(lease?.Seconds ?? 0))),
            SetupSeconds = c.Real(v?.SetupSeconds),
            StopWhy = c.TextOrNone(v?.StopWhy),
            Percent = c.Whole(v?.Percent),
            Message = c.TextOrNone(v?.Message),
            Findings = c.TextOrNone(v?.Findings),
        };

    private static ProcessIdentity? Process(SnapshotCarrier c, ProcessIdentity? v) =>
        c.Flag(v is not null) ? new ProcessIdentity(c.Whole(v?.Pid ?? 0), c.Whole(v?.StartTicks ?? 0), c.Text(v?.BootId)) : null;
}
