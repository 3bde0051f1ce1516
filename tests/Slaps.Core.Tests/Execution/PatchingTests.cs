using Slaps.Core.Execution;
using Slaps.Core.History;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Core.Tests.Execution;

/// <summary>The plan is changed in the middle of its execution.</summary>
public sealed class PatchingTests
{
    [Fact]
    public void An_injected_task_without_predecessors_is_ready_at_once_and_runs_with_the_others()
    {
        var run = Run.From(A.Plan(A.Task("T1"))).Started(2);

        run.Settling(Patch(Inject(A.Task("NEW"))));

        Assert.Equal(["plan_patched", "task_ready", "task_assigned"], run.Last.Select(EventJson.NameOf));
        Assert.Equal(("ASSIGNED", "ASSIGNED"), (run.StateOf("T1"), run.StateOf("NEW")));
        run.Succeeds("T1", "NEW");
        Assert.Equal((ExecutionStatus.Completed, 2), (run.State.Status, run.State.Done));
    }

    [Fact]
    public void The_plan_keeps_its_order_and_new_tasks_come_last()
    {
        var run = Run.From(A.Plan(A.Task("T2"), A.Task("T1"))).Started();

        run.When(Patch(Inject(A.Task("A0")), Inject(A.Task("Z9"))));

        Assert.Equal(["T2", "T1", "A0", "Z9"], run.State.Plan.Tasks.Select(t => t.Id.Value));
        var patched = Assert.IsType<PlanPatched>(run.Last[0]);
        Assert.Equal(("5eed", PlanPatchJson.HashAfter("5eed", patched.Patch)), (patched.PlanHashBefore, patched.PlanHashAfter));
        Assert.Equal(("5eed", patched.PlanHashAfter), (run.State.PlanHash, run.State.PresentPlanHash));
    }

    [Fact]
    public void A_ready_task_that_gets_an_unfinished_predecessor_waits_for_it_and_for_nothing_else()
    {
        var run = Run.From(A.Plan(A.Task("T1").Taking(9), A.Task("T2"))).Started(1);
        Assert.Equal("READY", run.StateOf("T2"));

        run.Settling(Patch(Inject(A.Task("FIX").Of(Priority.Critical), ("FIX", "T2"))));
        Assert.Contains(new TaskHeldBack(new("T2"), "It waits for FIX first."), run.Last);
        Assert.Equal(("PENDING", "READY", 1), (run.StateOf("T2"), run.StateOf("FIX"), run.State.FrontierSize));

        run.Succeeds("T1");
        Assert.Equal(("ASSIGNED", "PENDING"), (run.StateOf("FIX"), run.StateOf("T2")));
        run.Succeeds("FIX");
        Assert.Equal("ASSIGNED", run.StateOf("T2"));
    }

    [Fact]
    public void A_task_that_failed_and_waits_for_its_next_attempt_waits_for_the_remedy_and_its_attempts_count_on()
    {
        var run = Run.From(A.Plan(A.Task("T1")).Retrying(3)).Started();
        run.Fails("T1");
        Assert.Equal("BACKOFF", run.StateOf("T1"));

        run.Settling(Patch(Inject(A.Task("AUTO.INSTALL.DEPS"), ("AUTO.INSTALL.DEPS", "T1"))));
        Assert.Equal(("PENDING", "ASSIGNED"), (run.StateOf("T1"), run.StateOf("AUTO.INSTALL.DEPS")));
        run.AfterSeconds(600);
        Assert.Equal("PENDING", run.StateOf("T1"));

        run.Succeeds("AUTO.INSTALL.DEPS");
        Assert.Equal(("ASSIGNED", 2, 1), (run.StateOf("T1"), run.AttemptOf("T1"), run.State.FailuresOf(0)));
    }

    [Fact]
    public void A_task_that_needs_help_waits_for_the_remedy_when_somebody_retries_it()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").After("T1")).Retrying(2)).Started();
        run.Fails("T1").AfterSeconds(60).Fails("T1");
        run.Settling(Patch(Inject(A.Task("FIX"), ("FIX", "T1"))));
        Assert.Equal("HELP_NEEDED", run.StateOf("T1"));

        run.Settling(new RetryTask(run.Now, new("T1")));
        Assert.Equal([new TaskHeldBack(new("T1"), "It waits for FIX first.")], run.Last);
        Assert.Equal(0, run.State.FailuresOf(0));

        run.Succeeds("FIX", "T1", "T2");
        Assert.Equal(ExecutionStatus.Completed, run.State.Status);
    }

    [Fact]
    public void A_task_that_is_being_undone_may_get_a_predecessor_and_waits_for_it_when_somebody_retries_it()
    {
        var run = Run.From(A.Plan(A.Task("T1").NotIdempotent().CompensatedBy("undo"))).Started(2).Fails("T1");
        Assert.Equal("COMPENSATING", run.StateOf("T1"));

        run.Settling(Patch(Inject(A.Task("FIX"), ("FIX", "T1")))).Exits("T1");
        Assert.Equal(("ROLLED_BACK", "ASSIGNED"), (run.StateOf("T1"), run.StateOf("FIX")));
        run.Settling(new RetryTask(run.Now, new("T1")));
        Assert.Equal("PENDING", run.StateOf("T1"));

        run.Succeeds("FIX", "T1");
        Assert.Equal(ExecutionStatus.Completed, run.State.Status);
        Assert.Empty(HistoryChecker.Check(run.State.Id, run.Plan, run.Journal.Select(HistoryEvent.Of)).Violations);
    }

    [Fact]
    public void What_runs_is_not_touched_and_keeps_what_it_holds()
    {
        var run = Run.From(A.Plan(A.Task("T1").Holding("db").Using("pool"), A.Task("T2").Reading("db")).WithPool("pool", 2)).Started(3);
        run.Begins("T1", new ProcessIdentity(7, 8, "boot"));
        var (before, held) = (run.State[new TaskId("T1")], run.State.Held().ToList());

        run.Settling(Patch(Inject(A.Task("R2").Reading("db")), Inject(A.Task("W2").Holding("db").Using("pool", 2)), Inject(A.Task("FREE").Using("pool"))));

        Assert.Equal(before, run.State[new TaskId("T1")]);
        Assert.Equal(held, run.State.Held().Where(h => h.Holder.Value == "T1"));
        Assert.Equal(("READY", "READY", "READY", "ASSIGNED"), (run.StateOf("T2"), run.StateOf("R2"), run.StateOf("W2"), run.StateOf("FREE")));
        run.Succeeds("T1");
        Assert.Equal(("ASSIGNED", "ASSIGNED", "READY"), (run.StateOf("T2"), run.StateOf("R2"), run.StateOf("W2")));
        run.Succeeds("FREE", "T2", "R2", "W2");
        Assert.All(run.State.ResourceLevels(), level => Assert.Equal(level.Capacity, level.Free));
    }

    [Fact]
    public void An_edge_from_work_that_is_done_is_fine_and_one_into_work_that_is_in_hand_or_done_is_refused()
    {
        var run = Run.From(A.Plan(A.Task("DONE").Taking(9), A.Task("RUNS").Taking(5), A.Task("WAITS").After("DONE"), A.Task("LATE").After("WAITS"))).Started(1).Succeeds("DONE");
        Assert.Equal(("ASSIGNED", "READY"), (run.StateOf("RUNS"), run.StateOf("WAITS")));

        Assert.Null(Refusals.Of(run.State, Patch(Edge("DONE", "LATE"))));
        Assert.Null(Refusals.Of(run.State, Patch(Edge("DONE", "RUNS"))));
        Assert.Equal("RUNS is ASSIGNED, so it cannot wait for WAITS any more. Name a task that has not started, or patch again when its attempt has ended.", Refusals.Of(run.State, Patch(Edge("WAITS", "RUNS"))));
        Assert.Equal("DONE is SUCCEEDED: finished work gets no predecessor that is not done, and RUNS is not.", Refusals.Of(run.State, Patch(Edge("RUNS", "DONE"))));

        // A preference holds nobody back.
        Assert.Null(Refusals.Of(run.State, Patch(new PatchOperation.AddEdge([new(new("WAITS"), new("RUNS"), IsHard: false)]))));
        Assert.Empty(run.When(Patch(Edge("WAITS", "RUNS"))).Last);
    }

    [Fact]
    public void A_task_behind_what_will_not_be_done_is_refused()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithoutRetry(), A.Task("T2").After("T1"))).Started().Fails("T1");
        Assert.True(run.State.IsFinished);

        Assert.Equal("T1 is FAILED and will not be done, so NEW could never start. `tasks retry T1` or `tasks skip T1` first.", Refusals.Of(run.State, Patch(Inject(A.Task("NEW"), ("T1", "NEW")))));
        Assert.Equal("T2 is SKIPPED because of T1, so NEW could never start. `tasks retry T1` first, and T2 follows; or `tasks skip T1` goes on without it.", Refusals.Of(run.State, Patch(Inject(A.Task("NEW"), ("T2", "NEW")))));
    }

    [Fact]
    public void A_remedy_before_a_failed_task_opens_the_execution_and_the_retry_waits_for_it()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithoutRetry(), A.Task("T2").After("T1"))).Started().Fails("T1");

        run.Settling(Patch(Inject(A.Task("FIX"), ("FIX", "T1"))));
        Assert.Equal(new ExecutionReopened(), run.Last[0]);
        run.Settling(new RetryTask(run.Now, new("T1")));
        Assert.Equal(("ASSIGNED", "PENDING", "PENDING"), (run.StateOf("FIX"), run.StateOf("T1"), run.StateOf("T2")));

        run.Succeeds("FIX", "T1", "T2");
        Assert.Equal(ExecutionStatus.Completed, run.State.Status);
    }

    [Fact]
    public void A_retry_behind_a_remedy_that_failed_is_refused_and_says_what_to_retry_first()
    {
        var run = Run.From(A.Plan(A.Task("T1").Retrying(1)).Retrying(2)).Started().Fails("T1").AfterSeconds(60).Fails("T1");
        run.Settling(Patch(Inject(A.Task("FIX").WithoutRetry(), ("FIX", "T1")))).Fails("FIX");

        Assert.Equal("T1 depends on FIX, which is FAILED. Retry FIX first.", Refusals.Of(run.State, new RetryTask(run.Now, new("T1"))));
    }

    [Fact]
    public void An_ended_execution_is_opened_by_new_work_and_by_nothing_else()
    {
        var run = Run.From(A.Plan(A.Task("T1")).WithPool("p", 1)).Started().Succeeds("T1");

        Assert.Equal("exec-1 has ended (completed); only a patch that injects a task opens it again.", Refusals.Of(run.State, Patch(Pool("p", 2))));
        run.Settling(Patch(Inject(A.Task("MORE"), ("T1", "MORE"))));
        Assert.Equal((false, "ASSIGNED"), (run.State.IsFinished, run.StateOf("MORE")));
        run.Succeeds("MORE");
        Assert.Equal(ExecutionStatus.Completed, run.State.Status);
    }

    [Fact]
    public void An_aborted_execution_takes_no_patch()
    {
        var run = Run.From(A.Plan(A.Task("T1"))).Started().When(new AbortExecution(Noon, "Enough."));

        Assert.Equal("exec-1 was aborted; nothing new starts in it. Start a new execution of its plan with `tasks execute`.", Refusals.Of(run.State, Patch(Inject(A.Task("NEW")))));
        Assert.Empty(run.When(Patch(Inject(A.Task("NEW")))).Last);
    }

    [Fact]
    public void A_larger_pool_lets_those_start_that_wait_for_it()
    {
        var run = Run.From(A.Plan(A.Task("T1").Using("db"), A.Task("T2").Using("db"), A.Task("T3").Using("db")).WithPool("db", 1)).Started(3);
        Assert.Single(run.State.Active);

        run.Settling(Patch(Pool("db", 2)));
        Assert.Equal((2, "READY"), (run.State.Active.Count, run.StateOf("T3")));
    }

    [Fact]
    public void A_capacity_below_what_is_held_is_refused_with_who_holds_it_and_one_below_a_need_with_who_needs_it()
    {
        var run = Run.From(A.Plan(A.Task("T1").Using("db", 2).Estimated(cpuCores: 1.5), A.Task("T2").Using("db"), A.Task("T3").Using("db").After("T1")).WithPool("db", 4).WithQuotas(cpuCores: 4)).Started(2);

        Assert.Equal("pool:db cannot be 2: 3 of it are held, by T1 (2), T2 (1). Patch again when enough of them have ended.", Refusals.Of(run.State, Patch(Pool("db", 2))));
        Assert.Contains("The task 'T1' needs 2 of 'db', but there are only 1", Refusals.Of(run.State, Patch(Pool("db", 1))));
        Assert.Contains("The task 'T1' needs 1.5 of 'cpu_cores', but there are only 1", Refusals.Of(run.State, Patch(Resources(new() { Quotas = new(1, null, null) }))));
        Assert.Null(Refusals.Of(run.State, Patch(Pool("db", 3))));

        run.Settling(Patch(Pool("db", 3))).Succeeds("T1");
        Assert.Equal(("ASSIGNED", 1L), (run.StateOf("T3"), run.State.ResourceLevels().Single(level => level.Name == "pool:db").Free));
    }

    [Fact]
    public void Fewer_at_once_lets_those_that_run_come_to_their_end()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"), A.Task("T3"), A.Task("T4")).AtMostAtOnce(3)).Started(3);

        run.Settling(Patch(Resources(new() { ConcurrencyMax = 1 })));
        Assert.Equal(3, run.State.Active.Count);
        run.Succeeds("T1", "T2");
        Assert.Equal((1, "READY"), (run.State.Active.Count, run.StateOf("T4")));
        run.Succeeds("T3");
        Assert.Equal("ASSIGNED", run.StateOf("T4"));
    }

    [Fact]
    public void How_many_somebody_asked_for_outlives_a_patch()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"), A.Task("T3"))).Started(3).Settling(new SetWorkers(Noon, 3));

        run.Settling(Patch(Resources(new() { ConcurrencyMax = 1 }), Inject(A.Task("NEW"))));
        Assert.Equal(3, run.State.ResourceLevels().Single(level => level.Name == "concurrency").Capacity);
    }

    [Fact]
    public void A_quota_that_what_runs_would_have_to_hold_is_refused_until_it_has_ended()
    {
        var run = Run.From(A.Plan(A.Task("T1").Estimated(memoryMb: 100), A.Task("T2").Estimated(memoryMb: 60), A.Task("T3").Estimated(memoryMb: 60))).Started(1);
        var limit = Patch(Resources(new() { Quotas = new(null, 100, null) }));

        Assert.Equal("T1 is ASSIGNED and would have to hold something else (memory_mb) than when it started. Patch again when its attempt has ended.", Refusals.Of(run.State, limit));
        run.When(new PauseExecution(Noon, "x")).Succeeds("T1").Settling(limit).Settling(new ResumeExecution(run.Now));
        Assert.Equal(40_000, run.State.ResourceLevels().Single(level => level.Name == "memory_mb").Free);
    }

    [Fact]
    public void Two_tasks_can_be_kept_apart_unless_one_of_them_runs()
    {
        var run = Run.From(A.Plan(A.Task("T1").Taking(9), A.Task("T2"), A.Task("T3"))).Started(1);
        var apart = new PatchOperation.AddEdge([new(new("T2"), new("T3"), DependencyType.MutualExclusion)]);

        Assert.Contains("T1 is ASSIGNED and would have to hold something else (lock:mutual_exclusion.T1.T2)", Refusals.Of(run.State, Patch(new PatchOperation.AddEdge([new(new("T1"), new("T2"), DependencyType.MutualExclusion)]))));
        run.Settling(Patch(apart)).Settling(new StartCoordinator(run.Now, "h", 1, A.Workers(3), 3, false));
        Assert.Equal(("ASSIGNED", "READY"), (run.StateOf("T2"), run.StateOf("T3")));
    }

    [Fact]
    public void A_task_that_waits_is_modified_and_takes_its_new_place()
    {
        var run = Run.From(A.Plan(A.Task("T1").Taking(9), A.Task("T2").Taking(5), A.Task("T3").Taking(1))).Started(1);

        run.Settling(Patch(new PatchOperation.ModifyTask(new("T3"), new() { Priority = Priority.Critical, Run = new RunSpec.Process(["false"], ProcessContext.Default with { TimeoutSeconds = 7 }) })));
        run.Succeeds("T1");
        Assert.Equal(("ASSIGNED", "READY", run.Now.PlusSeconds(7)), (run.StateOf("T3"), run.StateOf("T2"), run.State.ActiveAttemptOf(2)!.Deadline!.Value));
    }

    [Fact]
    public void What_is_in_hand_or_done_is_not_modified()
    {
        var run = Run.From(A.Plan(A.Task("T1").Taking(9), A.Task("T2"))).Started(1).Succeeds("T1");
        static ModifyPlan Modify(string task) => Patch(new PatchOperation.ModifyTask(new(task), new() { Priority = Priority.Low }));

        Assert.Equal("T1 is SUCCEEDED; there is nothing to modify any more.", Refusals.Of(run.State, Modify("T1")));
        Assert.Equal("T2 is ASSIGNED, and what is in hand is not changed. Modify it when its attempt has ended.", Refusals.Of(run.State, Modify("T2")));
    }

    [Fact]
    public void All_of_a_patch_is_refused_when_a_part_of_it_is()
    {
        var run = Run.From(A.Plan(A.Task("T1"))).Started();
        var seq = run.State.Seq;

        var refusal = Refusals.Of(run.State, Patch(Inject(A.Task("NEW")), Inject(A.Task("FIX"), ("FIX", "T1")), new PatchOperation.ModifyTask(new("T1"), new() { Title = "x" })));

        Assert.Equal(2, refusal!.Split('\n').Length);
        Assert.Empty(run.When(Patch(Inject(A.Task("NEW")), Inject(A.Task("FIX"), ("FIX", "T1")))).Last);
        Assert.Equal((seq, 1), (run.State.Seq, run.State.Plan.Tasks.Count));
    }

    [Fact]
    public void Where_the_first_released_goes_first_a_patch_keeps_the_order()
    {
        var plan = A.Plan(A.Task("T1"), A.Task("C").After("T1"), A.Task("B").After("T1"), A.Task("A")).Build();
        var run = Run.From(plan, PriorityRule.Fifo, ExecutionModel.Rolling).Started(1);
        run.Settling(new SkipTask(Noon, new("A"), "x", WithSuccessors: false)).Succeeds("T1");

        run.Settling(Patch(Inject(A.Task("NEW").Of(Priority.Critical)))).Settling(Patch(Inject(A.Task("NEWER"))));
        Assert.Equal(["B", "NEW", "NEWER"], run.State.FrontierInOrder.Select(i => run.State.Plan.Tasks[i].Id.Value));
    }

    [Fact]
    public void Behind_barriers_a_new_task_waits_for_its_wave_and_the_waves_wait_for_it()
    {
        var plan = A.Plan(A.Task("T1"), A.Task("T2"), A.Task("T3").After("T1"), A.Task("T4").After("T2")).Build();
        var run = Run.From(plan, null, ExecutionModel.Waves).Started(4).Succeeds("T1", "T2");
        Assert.Equal((1, "ASSIGNED", "ASSIGNED"), (run.State.Wave, run.StateOf("T3"), run.StateOf("T4")));

        run.Settling(Patch(Inject(A.Task("ROOT")), Inject(A.Task("LAST"), ("T3", "LAST")), Inject(A.Task("DEEP"), ("LAST", "DEEP"))));
        Assert.Equal(("ASSIGNED", "PENDING"), (run.StateOf("ROOT"), run.StateOf("LAST")));
        run.Succeeds("T3", "T4");
        Assert.Equal((1, "PENDING"), (run.State.Wave, run.StateOf("LAST")));
        run.Succeeds("ROOT");
        Assert.Equal((2, "ASSIGNED"), (run.State.Wave, run.StateOf("LAST")));
        run.Succeeds("LAST", "DEEP");
        Assert.Equal(ExecutionStatus.Completed, run.State.Status);
    }

    [Fact]
    public void A_paused_execution_is_patched_and_stays_paused()
    {
        var run = Run.From(A.Plan(A.Task("T1"))).Started().Settling(new PauseExecution(Noon, "Lunch."));

        run.Settling(Patch(Inject(A.Task("NEW"))));
        Assert.Equal((ExecutionStatus.Paused, "READY"), (run.State.Status, run.StateOf("NEW")));
    }

    [Fact]
    public void Secrets_do_not_reach_the_journal()
    {
        const string Token = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";
        var run = Run.From(A.Plan(A.Task("T1"))).Started();

        run.When(new ModifyPlan(Noon, new() { Operations = [Inject(A.Task("NEW").Where(t => t with { Description = $"Use {Token}." }))], Reason = $"Because {Token}." }));

        Assert.DoesNotContain(Token, System.Text.Encoding.UTF8.GetString(EventJson.Write(run.Last[0])));
        Assert.Equal("Use [REDACTED_GITHUB_TOKEN].", run.State.Plan.Tasks[1].Description);
    }

    [Fact]
    public void A_worker_that_can_do_nothing_else_takes_what_only_it_can()
    {
        var run = Run.From(A.Plan(A.Task("T1"))).Started(A.Worker("ANY").ThatCan("cpu"), A.Worker("GPU").ThatCan("gpu"));

        run.Settling(Patch(Inject(A.Task("TRAIN").Needing("gpu"))));
        Assert.Equal("GPU", run.State.ActiveAttemptOf(1)!.Worker.Value);
    }

    [Fact]
    public void Replay_gives_the_same_state_after_every_event_of_a_patched_execution()
    {
        var run = Run.From(A.Plan(A.Task("T1").Using("db"), A.Task("T2").Using("db").Holding("x"), A.Task("T3").Reading("x").After("T1")).WithPool("db", 1).Retrying(3)).Started(2);
        Assert.Null(Refusals.Of(run.State, Patch(Inject(A.Task("NEW").Reading("x"), ("NEW", "T3")), Pool("db", 2), Edge("T2", "T3"))));
        run.Settling(Patch(Inject(A.Task("NEW").Reading("x"), ("NEW", "T3")), Pool("db", 2), Edge("T2", "T3")));
        Assert.Null(Refusals.Of(run.Fails("T2").State, Patch(Inject(A.Task("FIX").Holding("x", "db.lock"), ("FIX", "T2")), Resources(new() { AddLocks = ["db.lock"] }))));
        run.Settling(Patch(Inject(A.Task("FIX").Holding("x", "db.lock"), ("FIX", "T2")), Resources(new() { AddLocks = ["db.lock"] })));
        run.Succeeds("T1").Settling(Patch(new PatchOperation.ModifyTask(new("T3"), new() { Priority = Priority.High })));
        Same(run);
        run.Settling(new StartCoordinator(run.Now, "h", 2, A.Workers(3), 3, false)).AfterSeconds(60);
        Same(run);
        foreach (var task in (string[])["NEW", "FIX", "T2", "T3"]) Same(run.Succeeds(task));
        Assert.Equal(ExecutionStatus.Completed, run.State.Status);
        Same(run.Settling(Patch(Inject(A.Task("MORE")))));

        static void Same(Run run) => Assert.Equal(StateText.Of(run.State), StateText.Of(run.Replayed().State));
    }

    private static ModifyPlan Patch(params PatchOperation[] operations) => new(Noon, new() { Operations = operations, Reason = "A test." });

    private static PatchOperation.InjectTask Inject(TaskDraft task, params (string From, string To)[] edges) =>
        new(task.Task, [.. edges.Select(edge => new Dependency(new(edge.From), new(edge.To)))]);

    private static PatchOperation.AddEdge Edge(string from, string to) => new([new(new(from), new(to))]);

    private static PatchOperation.ModifyResource Resources(ResourceModification resources) => new(resources);

    private static PatchOperation.ModifyResource Pool(string name, int capacity) => new(new() { Pools = [new(name, capacity)] });
}
