using Slaps.Core.Execution;
using Slaps.Core.History;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;
using Slaps.TestKit;

namespace Slaps.Core.Tests.History;

/// <summary>Real histories pass, and a history that somebody changed by hand is refused by the name of the rule that it breaks.</summary>
public sealed class HistoryCheckerTests
{
    private static readonly TaskId T1 = new("T1"), T2 = new("T2");
    private static readonly WorkerId W1 = new("W1"), W2 = new("W2");
    private static readonly ResourceAmount Database = new("lock:db", 1);

    /// <summary>For each rule a history that keeps it, and what somebody makes of it.</summary>
    private static readonly Dictionary<string, (Run Kept, IReadOnlyList<HistoryEvent> Broken)> Histories = new[]
    {
        Break("sequence", Running(A.Task("T1")), events => [.. events.Take(1), .. events.Skip(2)]),
        Break("time", Running(A.Task("T1")), events => [.. events.SkipLast(1), events[^1] with { At = new Instant(0) }]),
        Break("readable", Running(A.Task("T1")), events => Replaced<TaskReady>(events, e => HistoryEvent.Read(e.Seq, e.At, e.Type, "{}"u8))),
        Break("beginning", Running(A.Task("T1")), events => Numbered(events.Skip(1))),
        Break("after_end", Running(A.Task("T1")).Succeeds("T1"), Then(new ExecutionPaused("Somebody paused it."))),
        Break("known_task", Running(A.Task("T1")), Then(new TaskReady(new("T9")))),
        Break("transition", Running(A.Task("T1")), Then(new RetryScheduled(T1, Moments.Noon.PlusSeconds(9)))),
        Break("precedence", Running(A.Task("T1"), A.Task("T2").After("T1")), Then(new TaskReady(T2))),
        Break("barrier", Run.From(A.Plan(A.Task("T1"), A.Task("T2"), A.Task("T3").After("T1")).Build(), null, ExecutionModel.Waves).Started(2).Succeeds("T1"), Then(new TaskReady(new("T3")))),
        Break("standstill", Run.From(A.Plan(A.Task("T1"), A.Task("T2"))).Started(1).When(new PauseExecution(Moments.Noon, "Somebody paused it.")).Succeeds("T1"), Then(new TaskAssigned(T2, W1, 1, null))),
        Break("lock", Running(A.Task("T1").Holding("db"), A.Task("T2").Holding("db")), Then(new ResourceAcquired(T2, [Database]), new TaskAssigned(T2, W2, 1, null))),
        Break("pool", Run.From(A.Plan(A.Task("T1").Using("p", 2), A.Task("T2").Using("p", 2)).WithPool("p", 3)).Started(2), Then(new ResourceAcquired(T2, [new("pool:p", 2)]), new TaskAssigned(T2, W2, 1, null))),
        Break("quota", Run.From(A.Plan(A.Task("T1").Estimated(1.5), A.Task("T2").Estimated(1.5)).WithQuotas(2)).Started(2), Then(new ResourceAcquired(T2, [new("cpu_cores", 1500)]), new TaskAssigned(T2, W2, 1, null))),
        Break("holding", Running(A.Task("T1").Holding("db")), events => Numbered(events.Where(e => e.Event is not ResourceAcquired))),
        Break("mid_task", Run.From(A.Plan(A.Task("T1"), A.Task("T2")).WithLocks("db")).Started(2).When(new AcquireResource(Moments.Noon, T1, 1, "db")), Then(new ResourceRequested(T2, 1, Database, null))),
        Break("preemption", Running(A.Task("T1"), A.Task("T2").Of(Priority.Critical)), Then(new TaskPreempted(T1, 1, T2), new AttemptStopping(T1, 1, StopReason.Preempted))),
        Break("window", Run.From(A.Plan(A.Task("T1"), A.Task("T2").Where(t => t with { Windows = [new(0, 3_600)] }))).Started(2), Then(new TaskAssigned(T2, W2, 1, null))),
        Break("concurrency", Run.From(A.Plan(A.Task("T1"), A.Task("T2")).AtMostAtOnce(1)).Started(2), Then(new TaskAssigned(T2, W2, 1, null))),
        Break("workers", Running(A.Task("T1")), Then(new WorkerJoined(A.Worker("W3")))),
        Break("one_task", Run.From(A.Plan(A.Task("T1"), A.Task("T2"))).Started(1), Then(new TaskAssigned(T2, W1, 1, null))),
        Break("fit", Run.From(A.Plan(A.Task("T1"), A.Task("T2").Needing("rust"))).Started(A.Worker("W1"), A.Worker("W2").ThatCan("go")).Exits("T1", exitCode: 1), Then(new TaskAssigned(T2, W2, 1, null))),
        Break(
            "breaker",
            Running(A.Task("T1"), A.Task("T2")).When(new PauseExecution(Moments.Noon, "Wait.")).Fails("T1").Fails("T2").AfterSeconds(60).When(new ResumeExecution(Moments.Noon.PlusSeconds(60))),
            Then(
                new CircuitBreakerTripped("network", Core.Failures.FailureClass.Transient, Core.Failures.Remedy.Wait, [T1, T2], Moments.Noon.PlusSeconds(90), 1, "Both met it."),
                new TaskAssigned(T1, W1, 2, null))),
        Break("live_attempt", Running(A.Task("T1")), Then(new TaskAssigned(T1, W2, 2, null))),
        Break("attempt_number", Running(A.Task("T1")), events => Replaced<TaskAssigned>(events, e => e with { Event = new TaskAssigned(T1, W1, 2, null) })),
        Break("old_attempt", Running(A.Task("T1")).Fails("T1").AfterSeconds(60), Then(new TaskSucceeded(T1, 1, [], []))),
        Break("checks", Running(A.Task("T1").Checked("c")).Succeeds("T1"), events => Replaced<TaskSucceeded>(events, e => e with { Event = new TaskSucceeded(T1, 1, [], [new CheckResult("c", Passed: false, "It is not there.")]) })),
        Break("finished_work", Running(A.Task("T1"), A.Task("T2")).Succeeds("T1"), Then(new TaskQueued(T1, "Once more."))),
        Break("retry_limit", Run.From(A.Plan(A.Task("T1"), A.Task("T2")).Retrying(1)).Started(2).Fails("T1"), Then(new RetryScheduled(T1, Moments.Noon.PlusSeconds(9)))),
        Break("repeat", Running(A.Task("T1").NotIdempotent()), Then(new TaskQueued(T1, "Its exit status was lost."))),
        Break("time_limit", Running(A.Task("T1").WithinSeconds(10)), Then(new AttemptStopping(T1, 1, StopReason.TimedOut))),
        Break("undone", Running(A.Task("T1"), A.Task("T2").After("T1")), Then(new TaskSkipped(T2, T1))),
        Break("lost_task", Running(A.Task("T1"), A.Task("T2").After("T1")).When(new RecordOutcome(Moments.Noon, T1, 1, new Outcome.Exited(0))), events => Numbered(events.SkipLast(1))),
        Break("patch", Running(A.Task("T1"), A.Task("T2")), Then(new PlanPatched(new PlanPatch { Operations = [new PatchOperation.InjectTask(A.Task("T3").Task, [new(new("T3"), T1)])] }, "", ""))),
        Break("rollback", Running(A.Task("T1"), A.Task("T2").After("T1")).Succeeds("T1").When(new RecordOutcome(Moments.Noon, T2, 1, new Outcome.Exited(1))), Then(new RollbackStarted(T1, [T2, T1], "Wrong."), new TaskRolledBack(T1, null, "Out of turn."))),
        Break("checkpoint", Running(A.Task("T1")), Then(new TaskCheckpoint(T1, 1, "cp-1", new KeptFiles(1, 1, 1, "00"), null, null), new CheckpointChosen(T1, "cp-2"))),
        Break("end", Running(A.Task("T1")).Succeeds("T1"), events => Replaced<ExecutionFinished>(events, e => e with { Event = new ExecutionFinished(ExecutionStatus.Failed) })),
    }.ToDictionary(h => h.Rule, h => (h.Kept, h.Broken));

    public static TheoryData<string> RuleNames => [.. HistoryRule.All.Select(r => r.Name)];

    [Theory, MemberData(nameof(RuleNames))]
    public void A_history_that_breaks_a_rule_is_refused_by_that_rules_name(string rule)
    {
        var (kept, broken) = Histories[rule];

        var before = HistoryChecker.Check(kept.State.Id, kept.Plan, Real(kept));
        var after = HistoryChecker.Check(kept.State.Id, kept.Plan, broken);

        Assert.True(before.Ok, string.Join('\n', before.Violations));
        Assert.False(after.Ok);
        Assert.Contains(after.Violations, v => v.Rule == rule && v.Events.Count > 0 && v.Message.EndsWith('.'));
    }

    [Fact]
    public void A_lock_that_is_read_under_is_not_written_under_and_the_other_way_round()
    {
        var reads = new ResourceAmount("lock:db", 1, Reads: true);
        var writer = Running(A.Task("T1").Holding("db"), A.Task("T2").Reading("db"));
        var reader = Running(A.Task("T1").Reading("db"), A.Task("T2").Holding("db"));
        var readers = Running(A.Task("T1").Reading("db"), A.Task("T2").Reading("db"));

        Assert.Equal("lock", Assert.Single(Check(writer, Then(new ResourceAcquired(T2, [reads]), new TaskAssigned(T2, W2, 1, null)))).Rule);
        Assert.Equal("lock", Assert.Single(Check(reader, Then(new ResourceAcquired(T2, [Database]), new TaskAssigned(T2, W2, 1, null)))).Rule);
        Assert.Empty(Check(readers, events => events));
        Assert.Equal(2, readers.State.Active.Count);
    }

    [Fact]
    public void A_set_up_that_is_left_out_or_made_up_is_noticed()
    {
        var needed = Run.From(A.Plan(A.Task("T1").Needing("rust"), A.Task("T2"))).Started(A.Worker("W1").SetUpIn(7));
        var done = Run.From(A.Plan(A.Task("T1").Needing("rust"), A.Task("T2").Needing("rust").After("T1"))).Started(A.Worker("W1").SetUpIn(7)).Succeeds("T1");

        Assert.Empty(Check(needed, events => events));
        Assert.Empty(Check(done, events => events));
        Assert.Equal("fit", Assert.Single(Check(needed, events => Replaced<TaskAssigned>(events, e => e with { Event = ((TaskAssigned)e.Event!) with { SetupSeconds = null } }))).Rule);
        Assert.Equal("fit", Assert.Single(Check(done, events => Replaced<TaskAssigned>(events, e => e with { Event = ((TaskAssigned)e.Event!) with { SetupSeconds = 7 } }))).Rule);
    }

    [Fact]
    public void A_violation_names_the_events_the_task_and_what_happened()
    {
        var run = Running(A.Task("T1").Holding("db"), A.Task("T2").Holding("db"));

        var violation = Assert.Single(Check(run, Then(new ResourceAcquired(T2, [Database]), new TaskAssigned(T2, W2, 1, null))));

        var held = run.Journal.Single(r => r.Event is ResourceAcquired).Seq;
        Assert.Equal([held, run.State.Seq + 1], violation.Events);
        Assert.Equal("T2", violation.Task);
        Assert.Equal($"lock, event {run.State.Seq + 1} and {held}: T2 takes lock:db, but T1 holds it.", violation.ToString());
    }

    [Fact]
    public void A_success_names_every_check_and_leaves_every_required_file()
    {
        var run = Running(A.Task("T1").Checked("a", "b").Producing("out")).Succeeds("T1");
        CheckResult a = new("a", Passed: true, "It is there."), b = new("b", Passed: true, "It is there.");
        Artifact[] files = [new("out", 1, "00")];

        IReadOnlyList<HistoryViolation> With(params CheckResult[] checks) => Check(run, events => Replaced<TaskSucceeded>(events, e => e with { Event = new TaskSucceeded(T1, 1, files, checks) }));

        Assert.Empty(With(a, b));
        Assert.Contains("'b'", Assert.Single(With(a)).Message.Replace('"', '\''));
        Assert.Single(With(a, b with { Passed = false }));
        Assert.Equal("checks", Assert.Single(Check(run, events => Replaced<TaskSucceeded>(events, e => e with { Event = new TaskSucceeded(T1, 1, [], [a, b]) }))).Rule);
        Assert.Contains(Check(run, events => Numbered(events.Where(e => e.Event is not TaskVerifying))), v => v.Rule == "checks");
    }

    [Fact]
    public void A_task_that_could_go_on_is_lost_when_the_execution_ends_without_it()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"))).Started(1).When(new RecordOutcome(Moments.Noon, T1, 1, new Outcome.Exited(0)));

        var violations = Check(run, Then(new ExecutionFinished(ExecutionStatus.Failed)));

        Assert.Equal(("lost_task", "T2"), (Assert.Single(violations).Rule, violations[0].Task));
    }

    [Fact]
    public void A_number_of_workers_that_somebody_asked_for_takes_the_place_of_the_plans()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"), A.Task("T3")).AtMostAtOnce(1)).Started(3).When(new SetWorkers(Moments.Noon, 2)).Settle();

        Assert.Equal(2, run.State.Active.Count);
        Assert.Empty(Check(run, events => events));
        Assert.Equal("concurrency", Assert.Single(Check(run, Then(new TaskAssigned(new("T3"), new("W3"), 1, null))), v => v.Rule != "fit").Rule);
    }

    [Fact]
    public void An_event_of_an_unknown_type_is_counted_and_not_judged()
    {
        var run = Running(A.Task("T1"));
        var strange = HistoryEvent.Read(run.State.Seq + 1, run.Now, "task_dreamt", "{}"u8);

        var report = HistoryChecker.Check(run.State.Id, run.Plan, [.. Real(run), strange]);

        Assert.True(report.Ok);
        Assert.Equal(new KeyValuePair<string, long>("task_dreamt", 1), Assert.Single(report.NotJudged));
    }

    [Fact]
    public void Data_that_are_no_JSON_or_not_whole_are_a_finding()
    {
        var run = Running(A.Task("T1"));
        foreach (var name in EventJson.Names)
        {
            foreach (var data in new[] { "", "[]", "{", "{\"task\":5}", "{\"at\":true,\"workers\":[null]}" })
            {
                var report = HistoryChecker.Check(run.State.Id, run.Plan, [.. Real(run), HistoryEvent.Read(run.State.Seq + 1, run.Now, name, System.Text.Encoding.UTF8.GetBytes(data))]);
                Assert.Empty(report.NotJudged);
            }
        }
    }

    [Fact]
    public void A_beginning_without_a_plan_and_a_resource_taken_twice_are_findings()
    {
        var run = Running(A.Task("T1").Holding("db"), A.Task("T2").Holding("db"));
        var twice = new ResourceAcquired(T1, [new("pool:other", 1)]);

        var created = HistoryChecker.Check(run.State.Id, run.Plan, [.. Real(run), HistoryEvent.Read(run.State.Seq + 1, run.Now, "execution_created", "{\"task\":\"T1\"}"u8)], "5eed");
        Assert.Contains("readable", created.Violations.Select(v => v.Rule));
        Assert.Contains("holding", Check(run, Then(twice, new ResourceAcquired(T2, [Database]))).Select(v => v.Rule));
    }

    [Fact]
    public void A_patched_plan_is_the_one_that_counts_from_there_on()
    {
        var patch = new PlanPatch { Operations = [new PatchOperation.InjectTask(A.Task("T3").Task, [new(T1, new("T3"))])] };
        var run = Running(A.Task("T1"), A.Task("T2"));
        run.Settling(new ModifyPlan(run.Now, patch)).Succeeds("T1", "T2", "T3");

        var whole = HistoryChecker.Check(run.State.Id, run.Plan, Real(run));
        Assert.True(whole is { Ok: true, Ended: true, Attempts: 3 }, string.Join("\n", whole.Violations));
        var without = Real(run).Where(e => e.Type != "plan_patched").Select((e, i) => e with { Seq = i + 1 });
        Assert.Contains("known_task", HistoryChecker.Check(run.State.Id, run.Plan, without).Violations.Select(v => v.Rule));
    }

    [Fact]
    public void The_plan_in_the_journal_is_the_one_that_the_execution_was_created_from()
    {
        var run = Running(A.Task("T1"));

        Assert.True(HistoryChecker.Check(run.State.Id, run.Plan, Real(run), "5eed").Ok);
        Assert.Equal("beginning", Assert.Single(HistoryChecker.Check(run.State.Id, run.Plan, Real(run), "0ther").Violations).Rule);
        Assert.Equal("beginning", Assert.Single(HistoryChecker.Check(run.State.Id, A.Plan(A.Task("T1"), A.Task("T2")).Build(), Real(run)).Violations, v => v.Rule != "lost_task").Rule);
    }

    [Fact]
    public void What_is_counted_is_what_there_was()
    {
        var run = Running(A.Task("T1").Checked("a", "b"), A.Task("T2")).Fails("T2").AfterSeconds(60).Succeeds("T1", "T2");

        var report = HistoryChecker.Check(run.State.Id, run.Plan, Real(run));

        Assert.True(report is { Ok: true, Ended: true, Tasks: 2, Attempts: 3, ChecksVerified: 2, Dropped: 0 });
        Assert.Equal((run.State.Seq, HistoryRule.All.Count), (report.Events, report.RulesChecked));
        Assert.Contains("\"checks_verified\": 2", report.ToJson());
    }

    private static Run Running(params TaskDraft[] tasks) => Run.From(A.Plan(tasks)).Started(2);

    private static IReadOnlyList<HistoryViolation> Check(Run run, Func<IReadOnlyList<HistoryEvent>, IReadOnlyList<HistoryEvent>> change) =>
        HistoryChecker.Check(run.State.Id, run.Plan, change(Real(run))).Violations;

    private static IReadOnlyList<HistoryEvent> Real(Run run) => [.. run.Journal.Select(HistoryEvent.Of)];

    private static (string Rule, Run Kept, IReadOnlyList<HistoryEvent> Broken) Break(string rule, Run kept, Func<IReadOnlyList<HistoryEvent>, IReadOnlyList<HistoryEvent>> change) =>
        (rule, kept, change(Real(kept)));

    private static Func<IReadOnlyList<HistoryEvent>, IReadOnlyList<HistoryEvent>> Then(params ExecutionEvent[] more) => events =>
        [.. events, .. more.Select((happened, i) => HistoryEvent.Of(new RecordedEvent(events[^1].Seq + 1 + i, events[^1].At, happened)))];

    private static IReadOnlyList<HistoryEvent> Replaced<T>(IReadOnlyList<HistoryEvent> events, Func<HistoryEvent, HistoryEvent> with) =>
        [.. events.Select(e => e.Event is T ? with(e) : e)];

    private static IReadOnlyList<HistoryEvent> Numbered(IEnumerable<HistoryEvent> events) => [.. events.Select((e, i) => e with { Seq = i + 1 })];
}
