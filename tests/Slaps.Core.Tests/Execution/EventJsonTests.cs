using System.Runtime.CompilerServices;
using System.Text;
using Slaps.Core.Execution;
using Slaps.Core.Failures;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;
using static Slaps.TestKit.Moments;

namespace Slaps.Core.Tests.Execution;

/// <summary>Events as text: an old journal opens for ever.</summary>
public sealed class EventJsonTests
{
    [Fact]
    public void Every_type_of_event_reads_and_writes_as_the_golden_file_says()
    {
        var lines = GoldenEvents.All.Select(e => $"{EventJson.NameOf(e)} {Encoding.UTF8.GetString(EventJson.Write(e))}").ToArray();
        if (Environment.GetEnvironmentVariable("TASKS_UPDATE_GOLDEN") == "1") File.WriteAllText(GoldenPath(), string.Join('\n', lines) + "\n");

        Assert.Equal(File.ReadAllLines(GoldenPath()), lines);
        Assert.All(File.ReadAllLines(GoldenPath()), line =>
        {
            var (name, json) = (line[..line.IndexOf(' ')], line[(line.IndexOf(' ') + 1)..]);
            var read = EventJson.Read(name, Encoding.UTF8.GetBytes(json));
            Assert.Equal(name, EventJson.NameOf(read));
            Assert.Equal(json, Encoding.UTF8.GetString(EventJson.Write(read)));
        });
    }

    [Fact]
    public void The_golden_file_has_every_type_and_every_type_has_a_name()
    {
        var types = typeof(ExecutionEvent).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(ExecutionEvent)) && !t.IsAbstract).ToHashSet();

        Assert.Equal(types, GoldenEvents.All.Select(e => e.GetType()).ToHashSet());
        Assert.Equal(types.Count, EventJson.Names.Count());
        Assert.All(types, t => Assert.Contains(SnakeCase(t.Name), EventJson.Names));
    }

    [Fact]
    public void What_is_read_is_what_was_written()
    {
        Assert.All(GoldenEvents.All, e => Assert.Equal(e, EventJson.Read(EventJson.NameOf(e), EventJson.Write(e)), EventsEqual.ByJson));

        // JSON alone would not notice a value that is lost both ways.
        var assigned = new TaskAssigned(new("T1"), new("W1"), 3, Noon.Plus(1));
        Assert.Equal(assigned, EventJson.Read("task_assigned", EventJson.Write(assigned)));
        var started = new TaskStarted(new("T1"), new("W1"), 3, new ProcessIdentity(7, long.MaxValue, "b"));
        Assert.Equal(started, EventJson.Read("task_started", EventJson.Write(started)));
        var failed = new TaskFailed(new("T1"), 1, new TaskError(FailureKind.Signal, "Grüße 🚀 \"\u0007", Signal: 9), CanRetry: true);
        Assert.Equal(failed, EventJson.Read("task_failed", EventJson.Write(failed)));
        foreach (var status in Enum.GetValues<ExecutionStatus>())
            Assert.Equal(new ExecutionFinished(status), EventJson.Read("execution_finished", EventJson.Write(new ExecutionFinished(status))));
        var anything = Assert.IsType<CoordinatorStarted>(EventJson.Read("coordinator_started", EventJson.Write(new CoordinatorStarted("h", 1, [new(new("W1"), ["process"], null), new(new("W2"), [], [])], 2, true))));
        Assert.Null(anything.Workers[0].Capabilities);
        Assert.Empty(anything.Workers[1].Capabilities!);
    }

    [Fact]
    public void A_field_that_a_later_version_wrote_is_passed_over()
    {
        Assert.Equal(new TaskReady(new("T1")), EventJson.Read("task_ready", "{\"task\":\"T1\",\"mood\":\"good\"}"u8));
    }

    [Fact]
    public void An_unknown_event_says_what_to_do()
    {
        var error = Assert.Throws<UnknownEventException>(() => EventJson.Read("task_dreamt\u001b", "{}"u8));

        Assert.Equal("The journal holds an event of the type 'task_dreamt\\u001b', which this version of tasks does not know. Use the version that wrote it, or a newer one.", error.Message);
    }

    [Theory]
    [InlineData(0, "1970-01-01T00:00:00.000000Z")]
    [InlineData(1, "1970-01-01T00:00:00.000001Z")]
    [InlineData(1_795_262_400_123_456, "2026-11-21T12:00:00.123456Z")]
    public void A_time_is_written_to_the_microsecond(long microseconds, string text)
    {
        Assert.Equal(text, new Instant(microseconds).ToString());
        Assert.Equal(new Instant(microseconds), Instant.Parse(text));
        Assert.Equal(new Instant(microseconds), Instant.From(new Instant(microseconds).ToDateTimeOffset().ToOffset(TimeSpan.FromHours(5))));
    }

    [Fact]
    public void Times_end_with_the_calendar()
    {
        var end = Noon.Plus(long.MaxValue);

        Assert.Equal("9999-12-31T23:59:59.999999Z", end.ToString());
        Assert.Equal(end, Noon.PlusSeconds(double.MaxValue));
        Assert.Equal(end, end.Plus(1));
        Assert.Equal(end, Instant.Parse(end.ToString()));
    }

    private static string SnakeCase(string name) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    private static string GoldenPath([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "golden", "events.jsonl");
}

/// <summary>One event of each type, and more where a field may be missing.</summary>
internal static class GoldenEvents
{
    private static readonly TaskId T1 = new("P1.T001");
    private static readonly WorkerId W1 = new("worker-1");
    private static readonly ResourceAmount[] Resources = [new("lock:database", 1), new("cpu_cores", 1500)];
    private static readonly ResourceAmount[] Read = [new("lock:database", 1, Reads: true)];
    private static readonly CheckResult[] Checks = [new("c1", true, "out.txt is there."), new("c2", false, "It exited with code 1.")];

    private static readonly PlanPatch Patch = new()
    {
        Operations =
        [
            new PatchOperation.InjectTask(
                new PlanTask { Id = new("AUTO.INSTALL"), Run = new RunSpec.Process(["npm", "ci"], ProcessContext.Default), Priority = Priority.High, Locks = ["node_modules"], ExecutionGuidance = "{\n  \"log\": \"yes\"\n}" },
                [new(new("AUTO.INSTALL"), T1)]),
            new PatchOperation.AddEdge([new(T1, new("P1.T002"), DependencyType.Sequential, IsHard: false, Confidence: 0.5)]),
            new PatchOperation.ModifyResource(new() { AddLocks = ["node_modules"], Pools = [new("test_db", 3)], Quotas = new(8, null, null), IncreaseQuota = new(null, 512, null), ConcurrencyMax = 4 }),
            new PatchOperation.ModifyTask(T1, new() { Priority = Priority.Medium, Locks = [], Duration = new(1, 2, 3), MaxRetries = 0 }),
        ],
        Reason = "Cannot resolve 'jose'.",
        By = "missing_dependency",
    };

    public static IReadOnlyList<ExecutionEvent> All { get; } =
    [
        new ExecutionCreated("0f1e", "/home/me/plan", "/home/me/work", 42),
        new ExecutionCreated("0f1e", "/home/me/plan", "/home/me/work", 42, PriorityRule.Fifo, ExecutionModel.Waves),
        new ExecutionCreated("0f1e", "/home/me/plan", "/home/me/work", 42, PriorityRule.CriticalPath, ExecutionModel.Rolling),
        new WaveStarted(1),
        new FrontierAged(2),
        new CoordinatorStarted("host", 4711, [], MaxWorkers: 4, WaitsForClaims: false, Concurrency: 4),
        new CoordinatorStarted("host", 4711, [new(W1, ["process"], null), new(new("worker-2"), ["agent:claude"], ["gpu"])], MaxWorkers: 4, WaitsForClaims: true),
        new CoordinatorStarted("host", 4711, [], MaxWorkers: 4, WaitsForClaims: false, Concurrency: null, new PoolRules(2, 60, 0.75, 0.9, 0.5)),
        new CoordinatorStarted("host", 4711, [], MaxWorkers: 4, WaitsForClaims: false, Concurrency: null, new PoolRules(1, null, null, null, null)),
        new WorkerJoined(new(new("worker-3"), ["process"], null)),
        new WorkersSet(3),
        new WorkerLeft(new("worker-3")),
        new BackpressureChanged(BackpressureLevel.Elevated, PressureCause.Cpu, "Processes wait 80 % of their time for a processor (threshold 75 %).", 3),
        new BackpressureChanged(BackpressureLevel.High, PressureCause.ErrorRate, "16 of the last 20 attempts failed (threshold 50 %).", 1),
        new ExecutionPaused("Lunch."),
        new ExecutionResumed(),
        new DrainRequested(),
        new ExecutionAborted("Wrong plan."),
        new ExecutionFinished(ExecutionStatus.Completed),
        new ExecutionFinished(ExecutionStatus.Failed),
        new ExecutionFinished(ExecutionStatus.Aborted),
        new ExecutionReopened(),
        new TaskReady(T1),
        new TaskQueued(T1, "Its delay is over."),
        new TaskQueued(T1, "alpha gave it back: It needs root.", "alpha gave it back: It needs root. alpha was at 40 %: reading."),
        new ResourceAcquired(T1, Resources),
        new ResourceReleased(T1, Resources),
        new ResourceAcquired(T1, Read),
        new TaskAssigned(T1, W1, 1, Noon.PlusSeconds(60)),
        new TaskAssigned(T1, W1, 2, Deadline: null),
        new TaskAssigned(T1, W1, 3, Deadline: null, SetupSeconds: 30),
        new TaskStarted(T1, W1, 1, new ProcessIdentity(99, 12345, "3c6e0b8a")),
        new TaskStarted(T1, W1, 1, Process: null),
        new AttemptStopping(T1, 1, StopReason.TimedOut),
        new AttemptStopping(T1, 1, StopReason.Aborted),
        new AttemptStopping(T1, 1, StopReason.Interrupted),
        new AttemptStopping(T1, 1, StopReason.Stalled),
        new AttemptStopping(T1, 1, StopReason.Cancelled, "Not wanted."),
        new TaskVerifying(T1, 1, 0),
        new TaskVerifying(T1, 1, ExitCode: null),
        new TaskSucceeded(T1, 1, [new("out/a.txt", 12, "ba7816bf")], Checks),
        new TaskFailed(T1, 1, new TaskError(FailureKind.ExitCode, "It exited with code 2.", ExitCode: 2), CanRetry: true),
        new TaskFailed(T1, 1, new TaskError(FailureKind.Signal, "Signal 9 ended it.", Signal: 9), CanRetry: false),
        new TaskFailed(T1, 1, new TaskError(FailureKind.TimedOut, "It took longer than its 2 seconds and was stopped."), CanRetry: true),
        new TaskFailed(T1, 1, new TaskError(FailureKind.NotStarted, "There is no program 'mak'."), CanRetry: false),
        new TaskFailed(T1, 1, new TaskError(FailureKind.ChecksFailed, "It says that it is done, but check c2: It exited with code 1.", Checks: Checks), CanRetry: true),
        new TaskFailed(T1, 1, new TaskError(FailureKind.Stalled, "It printed nothing for 60 seconds and was stopped."), CanRetry: true),
        new RetryScheduled(T1, Noon.Plus(1)),
        new HelpRequested(T1, "It failed 3 times."),
        new TaskCheckpoint(T1, 1, "cp-2026-11-21-001", new KeptFiles(1, 2, 300, "ba7816bf"), 25, "half way"),
        new TaskCheckpoint(T1, 1, "cp-2026-11-21-002", new KeptFiles(2, 2, 300, "ba7816bf"), Percent: null, Note: null),
        new CheckpointChosen(T1, "cp-2026-11-21-001"),
        new CheckpointRestored(T1, 2, "cp-2026-11-21-001"),
        new CheckpointsPruned(T1, ["cp-2026-11-21-001"]),
        new RollbackStarted(T1, [new("P1.T002"), T1], "Somebody asked for it."),
        new TaskRolledBack(T1, 2, "Its compensation has run."),
        new TaskRolledBack(T1, Attempt: null, "Done by hand.", Asked: true),
        new CompensationFailed(T1, 2, new TaskError(FailureKind.ExitCode, "It exited with code 7.", ExitCode: 7)),
        new HelpAnswered(T1, "The port is 5433."),
        new TaskRestored(T1),
        new TaskCancelled(T1, "Wrong plan."),
        new TaskCancelled(T1, "Not wanted.", Asked: true),
        new TaskSkipped(T1, new("P1.T000")),
        new TaskWaived(T1, "It was done by hand.", CountsAsDone: true),
        new PlanPatched(Patch, "0f1e", "2d3c"),
        new TaskHeldBack(T1, "It waits for AUTO.INSTALL first."),
        new TaskAssigned(T1, new("alpha"), 1, Deadline: null, LeaseExpiresAt: Noon.PlusSeconds(600)),
        new LeaseRenewed(T1, 1, Noon.PlusSeconds(900)),
        new TaskProgress(T1, 1, 45, "building the index"),
        new TaskProgress(T1, 1, 50, Message: null),
        new TaskVerifying(T1, 1, 0, "Both services run."),
        new ReworkRequested(T1, 1, "check c2: It exited with code 1.", Checks),
        new TaskSucceeded(T1, 1, [], Checks, "Both services run."),
        new TaskFailed(T1, 1, new TaskError(FailureKind.Reported, "alpha says: There is no access."), CanRetry: true),
        new LeaseExpired(T1, new("alpha"), 1),
        new ResourceAcquired(T1, Read, Attempt: 1),
        new ResourceReleased(T1, Read, Attempt: 1),
        new ResourceRequested(T1, 1, new("pool:ports", 2), Noon.PlusSeconds(60)),
        new ResourceRequested(T1, 1, new("lock:db", 1, Reads: true), Until: null),
        new ResourceWithdrawn(T1, 1, "lock:db"),
        new ResourceDenied(T1, 1, new("lock:db", 1), DenialCause.Younger, [new("P1.T000")], Requeues: true),
        new ResourceDenied(T1, 1, new("lock:db", 1), DenialCause.TimedOut, [], Requeues: false),
        new TaskPreempted(T1, 1, new("P1.T000")),
        new AttemptStopping(T1, 1, StopReason.Preempted),
        new ExecutionCreated("5eed", "/plans/a", "/work/a", 3, Profile: "ci"),
        new ExecutionCreated("5eed", "/plans/a", "/work/a", 3, Weight: 5),
        new WindowsChanged([T1], [new("P1.T000")]),
        new DeadlockDetected([T1, new("P1.T000")], T1),
        new AttemptStopping(T1, 1, StopReason.ResourceDenied),
        new SubtaskAdded(T1, 1, 1, "Read the code"),
        new SubtaskDone(T1, 1, 1),
        new TaskFailed(T1, 1, new TaskError(FailureKind.ExitCode, "It exited with code 1.", ExitCode: 1) { Finding = Finding }, CanRetry: true),
        new CircuitBreakerTripped("missing-dependency/jose", FailureClass.Systemic, Remedy.InstallDependency, [T1], Noon.PlusSeconds(30), 1, "T1 met the same failure.", new("AUTO.INSTALL.jose")),
        new CircuitBreakerHalfOpened("missing-dependency/jose", T1),
        new CircuitBreakerClosed("missing-dependency/jose", GaveUp: false, [T1], "T1 went well."),
        new HotUpdateRefused("rate-limit", "The patch does not fit."),
    ];

    private static Classification Finding => new(FailureClass.Systemic, "missing-dependency", "cannot find module 'jose'", "It says 'Cannot find module jose'.")
    {
        Subject = "jose",
        DeclaredIn = "app/package.json",
        RetryAfterSeconds = 1.5,
        RetryAt = Noon,
        Breaker = new BreakerRule(Remedy.InstallDependency, 2, 600, 0, 3),
    };
}
