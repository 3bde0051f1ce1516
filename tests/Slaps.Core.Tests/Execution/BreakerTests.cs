using Slaps.Core.Execution;
using Slaps.Core.Failures;
using Slaps.Core.History;
using Slaps.Core.Plans;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Core.Tests.Execution;

/// <summary>What many tasks meet trips a breaker; they wait while it is mended, one tries for all, and then they go on.</summary>
public sealed class BreakerTests
{
    [Fact]
    public void A_missing_package_is_installed_once_before_those_that_miss_it()
    {
        var run = Started(A.Task("T1"), A.Task("T2"), A.Task("T3"), A.Task("T4").After("T1", "T2"));
        Fails(run, "T1", Missing("jose", "app/package.json"));
        Assert.Equal("BACKOFF", run.StateOf("T1"));
        Fails(run, "T2", Missing("jose", "app/package.json"));

        var install = run.State.Plan.Tasks[^1];
        Assert.Equal(("AUTO.INSTALL.jose", Priority.High), (install.Id.Value, install.Priority));
        var process = Assert.IsType<RunSpec.Process>(install.Run);
        Assert.Equal(["npm", "install", "--no-audit", "--no-fund"], process.Argv);
        Assert.Equal("app", process.Context.Workdir);
        Assert.Equal(("PENDING", "PENDING", "ASSIGNED"), (run.StateOf("T1"), run.StateOf("T2"), run.StateOf(install.Id.Value)));
        Assert.Contains("jose", Assert.Single(run.Events.OfType<PlanPatched>()).Patch.Reason);

        // One of them tries; the other waits for how it goes.
        run.AfterSeconds(5).Succeeds(install.Id.Value);
        Assert.Equal(("ASSIGNED", "READY"), (run.StateOf("T1"), run.StateOf("T2")));
        Assert.Contains(Explain(run, "T2"), reason => reason.Contains("missing-dependency/jose", StringComparison.Ordinal) && reason.Contains("T1 tries", StringComparison.Ordinal));
        run.Succeeds("T1");
        Assert.Equal("ASSIGNED", run.StateOf("T2"));
        run.Succeeds("T2", "T3", "T4");

        Assert.Equal(ExecutionStatus.Completed, run.State.Status);
        Assert.Single(run.Events.OfType<CircuitBreakerTripped>());
        Assert.False(run.Events.OfType<CircuitBreakerClosed>().Single().GaveUp);
        Proven(run);
    }

    [Fact]
    public void Who_misses_it_later_waits_for_the_installation_too_and_an_installation_that_fails_keeps_them_until_a_person_helps()
    {
        var run = Run.From(A.Plan(A.Task("T1").Retrying(9), A.Task("T2").Retrying(9), A.Task("T3").Retrying(9)).HealingItself().Retrying(2)).Started(3);
        Fails(run, "T1", Missing("jose", "package.json"));
        Fails(run, "T2", Missing("jose", "package.json"));
        Fails(run, "T3", Missing("jose", "package.json"));
        run.AfterSeconds(10);
        Assert.Equal(("QUEUED", "ASSIGNED"), (run.StateOf("T3"), run.StateOf("AUTO.INSTALL.jose")));
        Assert.Null(run.State.NextTimer is { } timer && timer <= run.Now ? timer : null);

        run.Fails("AUTO.INSTALL.jose").AfterSeconds(10).Fails("AUTO.INSTALL.jose");
        Assert.Equal(("HELP_NEEDED", true), (run.StateOf("AUTO.INSTALL.jose"), run.State.IsFinished));
        Proven(run);

        // Nobody can have it, so nothing calls it available and no claim opens the execution for it.
        Assert.Equal(("the circuit breaker missing-dependency/jose", false), (run.State.LackingToClaim(2), run.State.CanReopen));
        Assert.Empty(run.When(new ClaimTask(run.Now, new("alpha"), null, 600)).Last);

        run.Settling(new RetryTask(run.Now, new("AUTO.INSTALL.jose"))).Settling(new StartCoordinator(run.Now, "host", 1, A.Workers(3), 3, false)).Succeeds("AUTO.INSTALL.jose", "T1", "T2", "T3");
        Assert.Equal(ExecutionStatus.Completed, run.State.Status);
        Proven(run);
    }

    [Fact]
    public void Nobody_tries_when_what_mends_it_is_undone_again_before_somebody_has_tried()
    {
        var run = Run.From(A.Plan(A.Task("T1").Holding("x").Retrying(9), A.Task("T2").Retrying(9), A.Task("T3").Retrying(9), A.Task("T5").Holding("x")).HealingItself()).Started(4);
        foreach (var task in (string[])["T1", "T2", "T3"]) Fails(run, task, Missing("jose", "package.json"));
        run.AfterSeconds(10).Succeeds("AUTO.INSTALL.jose");
        Assert.Equal(("READY", "QUEUED", "ASSIGNED"), (run.StateOf("T1"), run.StateOf("T3"), run.StateOf("T5")));

        run.Settling(new RollbackTask(run.Now, new("AUTO.INSTALL.jose"), "Wrong."));
        Assert.Equal(("ROLLED_BACK", "PENDING", "QUEUED"), (run.StateOf("AUTO.INSTALL.jose"), run.StateOf("T1"), run.StateOf("T3")));
        Assert.Equal("T1", Assert.Single(run.Events.OfType<CircuitBreakerHalfOpened>()).Probe.Value);
        Proven(run);

        run.Settling(new RetryTask(run.Now, new("AUTO.INSTALL.jose"))).Succeeds("AUTO.INSTALL.jose", "T5");
        run.Succeeds(run.StateOf("T1") == "ASSIGNED" ? "T1" : "T3").Succeeds(run.StateOf("T1") == "ASSIGNED" ? "T1" : "T3", "T2");
        Assert.Equal(ExecutionStatus.Completed, run.State.Status);
        Proven(run);
    }

    [Fact]
    public void One_task_alone_two_different_packages_and_failures_far_apart_trip_nothing()
    {
        var run = Started(A.Task("T1"), A.Task("T2"), A.Task("T3"));
        Fails(run, "T1", Missing("jose", "package.json"));
        run.AfterSeconds(10);
        Fails(run, "T1", Missing("jose", "package.json"));
        Fails(run, "T2", Missing("other", "package.json"));
        run.AfterSeconds(700);
        Fails(run, "T3", Missing("jose", "package.json"));

        Assert.Empty(run.Events.OfType<CircuitBreakerTripped>());
        Proven(run);
    }

    [Fact]
    public void A_package_that_the_project_does_not_name_is_installed_by_nobody()
    {
        var run = Started(A.Task("T1"), A.Task("T2"), A.Task("T3"));
        Fails(run, "T1", Missing("jose", null));
        Fails(run, "T2", Missing("jose", null));

        Assert.Equal(("HELP_NEEDED", "HELP_NEEDED"), (run.StateOf("T1"), run.StateOf("T2")));
        Assert.Empty(run.Events.OfType<PlanPatched>());
        Assert.Contains("named by none of the project's own manifests", run.Events.OfType<HelpRequested>().First().Reason);

        // Somebody has put it there.
        run.Settling(new RetryTask(run.Now, new("T1"))).Settling(new RetryTask(run.Now, new("T2"))).Succeeds("T1", "T2", "T3");
        Assert.Equal(ExecutionStatus.Completed, run.State.Status);
        Proven(run);
    }

    [Fact]
    public void Who_fails_the_same_way_while_it_is_open_waits_with_the_others()
    {
        var run = Started(A.Task("T1"), A.Task("T2"), A.Task("T3"));
        Fails(run, "T1", Down(cooldown: 30));
        Fails(run, "T2", Down(cooldown: 30));
        Fails(run, "T3", Down(cooldown: 30));

        run.AfterSeconds(29);
        Assert.Equal(["QUEUED", "QUEUED", "QUEUED"], new[] { "T1", "T2", "T3" }.Select(run.StateOf));
        Assert.Equal(Noon.PlusSeconds(30), run.State.NextTimer);
        run.AfterSeconds(1);
        Assert.Equal(["ASSIGNED", "QUEUED", "QUEUED"], new[] { "T1", "T2", "T3" }.Select(run.StateOf));
        run.Succeeds("T1");
        Assert.Equal(["SUCCEEDED", "ASSIGNED", "ASSIGNED"], new[] { "T1", "T2", "T3" }.Select(run.StateOf));
        Proven(run);
    }

    [Fact]
    public void A_service_that_asks_for_time_gets_it()
    {
        var run = Started(A.Task("T1"), A.Task("T2"));
        Fails(run, "T1", Down(cooldown: 5));
        Fails(run, "T2", Down(cooldown: 5) with { RetryAfterSeconds = 90 });

        Assert.Equal(Noon.PlusSeconds(90), run.Events.OfType<CircuitBreakerTripped>().Single().Until);
        Assert.Equal("ASSIGNED", run.AfterSeconds(90).StateOf("T1"));
    }

    [Fact]
    public void It_trips_again_when_the_one_that_tries_meets_it_and_gives_up_after_so_many_times()
    {
        var run = Started(A.Task("T1").Retrying(9), A.Task("T2").Retrying(9));
        Fails(run, "T1", Down(cooldown: 10, trips: 2));
        Fails(run, "T2", Down(cooldown: 10, trips: 2));
        run.AfterSeconds(10);
        Fails(run, "T1", Down(cooldown: 10, trips: 2));
        Assert.Equal([1, 2], run.Events.OfType<CircuitBreakerTripped>().Select(e => e.Trip));
        run.AfterSeconds(60);
        Fails(run, run.StateOf("T1") == "ASSIGNED" ? "T1" : "T2", Down(cooldown: 10, trips: 2));

        Assert.True(run.Events.OfType<CircuitBreakerClosed>().Single().GaveUp);
        Assert.Equal(("HELP_NEEDED", "HELP_NEEDED"), (run.StateOf("T1"), run.StateOf("T2")));
        Assert.Contains("tripped 2 times", run.Events.OfType<HelpRequested>().First().Reason);
        Assert.True(run.State.IsFinished);
        Proven(run);
    }

    [Fact]
    public void A_probe_that_fails_otherwise_lets_another_one_try()
    {
        var run = Started(A.Task("T1").Retrying(9), A.Task("T2").Retrying(9), A.Task("T3").Retrying(9));
        foreach (var task in new[] { "T1", "T2", "T3" }) Fails(run, task, Down(cooldown: 5));
        run.AfterSeconds(5).Fails("T1");

        Assert.Equal(["T1", "T2"], run.Events.OfType<CircuitBreakerHalfOpened>().Select(e => e.Probe.Value));
        run.Succeeds("T2");
        Assert.Equal("ASSIGNED", run.StateOf("T3"));
        Proven(run);
    }

    [Fact]
    public void The_pool_of_a_service_that_is_asked_too_often_shrinks()
    {
        var tasks = Enumerable.Range(1, 6).Select(i => A.Task($"T{i}").Using("api")).ToArray();
        var run = Run.From(A.Plan(tasks).WithPool("api", 6).HealingItself()).Started(6);
        Fails(run, "T1", Of("rate-limit", Remedy.Throttle, cooldown: 10));
        Fails(run, "T2", Of("rate-limit", Remedy.Throttle, cooldown: 10));

        // Four are held at that moment, so it cannot be fewer.
        Assert.Equal(4, run.State.Plan.Resources.Pools.Single().Units);
        foreach (var task in run.State.Active.ToArray()) run.Succeeds(run.State.Plan.Tasks[task].Id.Value);
        run.AfterSeconds(10);
        Fails(run, "T1", Of("rate-limit", Remedy.Throttle, cooldown: 10));
        Assert.Equal(2, run.State.Plan.Resources.Pools.Single().Units);
        Proven(run);
    }

    [Fact]
    public void Without_a_pool_of_their_own_they_go_one_at_a_time()
    {
        var run = Started(A.Task("T1"), A.Task("T2"), A.Task("T3"));
        Fails(run, "T1", Of("rate-limit", Remedy.Throttle, cooldown: 1));
        Fails(run, "T2", Of("rate-limit", Remedy.Throttle, cooldown: 1));

        Assert.Equal(new PoolClaim("throttle.rate-limit", 1), run.State.Plan.Resources.Pools.Single());
        Assert.Equal(["throttle.rate-limit"], run.State.Plan.Tasks[0].Pools.Select(p => p.Pool));
        Assert.Empty(run.State.Plan.Tasks[2].Pools);
    }

    [Fact]
    public void Memory_is_doubled_within_the_quota_and_then_a_person_is_asked()
    {
        var run = Run.From(A.Plan(A.Task("T1").Estimated(memoryMb: 400).Retrying(9)).WithQuotas(memoryMb: 1000).HealingItself()).Started();
        foreach (var megabytes in new[] { 800.0, 1000.0 })
        {
            Fails(run, "T1", Of("out-of-memory", Remedy.RaiseLimit, threshold: 1));
            Assert.Equal(megabytes, run.State.Plan.Tasks[0].Estimated.MemoryMb);
            run.AfterSeconds(60);
        }

        Fails(run, "T1", Of("out-of-memory", Remedy.RaiseLimit, threshold: 1));
        Assert.Equal("HELP_NEEDED", run.StateOf("T1"));
        Assert.Contains("no more memory to give", run.Events.OfType<HelpRequested>().Single().Reason);
        Proven(run);
    }

    [Fact]
    public void A_time_limit_is_doubled()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithinSeconds(5)).HealingItself()).Started();
        Fails(run, "T1", Of("time-limit", Remedy.RaiseLimit, threshold: 1));

        Assert.Equal(10, Assert.IsType<RunSpec.Process>(run.State.Plan.Tasks[0].Run).Context.TimeoutSeconds);
    }

    [Fact]
    public void Those_that_fight_for_a_lock_run_one_after_the_other()
    {
        var run = Run.From(A.Plan(A.Task("T1").Holding("own"), A.Task("T2")).HealingItself()).Started(2);
        Fails(run, "T1", Of("lock-contention", Remedy.Serialise));
        Fails(run, "T2", Of("lock-contention", Remedy.Serialise));

        Assert.Equal(["own", "breaker.lock-contention"], run.State.Plan.Tasks[0].Locks);
        Assert.Equal(["breaker.lock-contention"], run.State.Plan.Tasks[1].Locks);
        Proven(run);
    }

    [Fact]
    public void A_test_that_comes_and_goes_gets_more_tries_and_what_builds_on_it_waits_for_a_second_run()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").After("T1")).Retrying(3).HealingItself()).Started(2);
        Fails(run, "T1", Of("flaky-test", Remedy.Quarantine));
        run.AfterSeconds(10);
        Fails(run, "T1", Of("flaky-test", Remedy.Quarantine));
        run.AfterSeconds(10);
        Assert.Equal(5, run.State.Plan.Tasks[0].MaxRetries);
        run.Succeeds("T1");
        Assert.Equal(("PENDING", "ASSIGNED"), (run.StateOf("T2"), run.StateOf("AUTO.CONFIRM.T1")));
        run.Succeeds("AUTO.CONFIRM.T1", "T2");

        Assert.Equal(ExecutionStatus.Completed, run.State.Status);
        Proven(run);
    }

    [Fact]
    public void A_patch_that_does_not_fit_is_refused_with_its_reason_and_they_try_without_it()
    {
        // The lock that installations take has the name of a pool here.
        var run = Run.From(A.Plan(A.Task("T1").Holding("own"), A.Task("T2")).WithPool("auto.install", 1).HealingItself()).Started(2);
        Fails(run, "T1", Missing("jose", "package.json"));
        Fails(run, "T2", Missing("jose", "package.json"));

        Assert.Empty(run.Events.OfType<PlanPatched>());
        Assert.Contains("auto.install", run.Events.OfType<HotUpdateRefused>().Single().Reason);
        Assert.Equal("ASSIGNED", run.AfterSeconds(10).StateOf("T1"));
        Proven(run);
    }

    [Fact]
    public void A_manifest_outside_of_the_workspace_installs_nothing()
    {
        var run = Started(A.Task("T1"), A.Task("T2"));
        Fails(run, "T1", Missing("jose", "../package.json"));
        Fails(run, "T2", Missing("jose", "../package.json"));

        Assert.Equal(Remedy.AskPerson, run.Events.OfType<CircuitBreakerTripped>().Single().Remedy);
        Assert.Empty(run.Events.OfType<PlanPatched>());
    }

    [Fact]
    public void Breakers_patch_a_plan_only_so_often()
    {
        var run = Run.From(A.Plan(A.Task("T1").Retrying(9), A.Task("T2").Retrying(9), A.Task("T3"), A.Task("T4")).HealingItself(p => p with { MaxPatches = 1 })).Started(4);
        Fails(run, "T1", Of("lock-contention", Remedy.Serialise));
        Fails(run, "T2", Of("lock-contention", Remedy.Serialise));
        Fails(run, "T3", Missing("jose", "package.json"));
        Fails(run, "T4", Missing("jose", "package.json"));

        Assert.Single(run.Events.OfType<PlanPatched>());
        Assert.Equal("HELP_NEEDED", run.StateOf("T3"));
        Assert.Contains("patched the plan 1 times", run.Events.OfType<HelpRequested>().First().Reason);
    }

    [Fact]
    public void A_session_cannot_claim_what_a_breaker_holds()
    {
        var run = Started(A.Task("T1"), A.Task("T2"), A.Task("T3"));
        Fails(run, "T1", Down(cooldown: 30));
        Fails(run, "T2", Down(cooldown: 30));
        run.AfterSeconds(10);

        Assert.Contains("circuit breaker outage", Core.Execution.Refusals.Of(run.State, new ClaimTask(run.Now, new("alpha"), new("T1"), ClaimTask.UsualLease)));
    }

    [Fact]
    public void The_plans_own_policy_changes_the_numbers_and_adds_patterns_of_its_own()
    {
        var policy = new CircuitBreakerPolicy("{}")
        {
            WindowSeconds = 99,
            Patterns =
            [
                new BreakerPattern("missing_dependency", Remedy.InstallDependency, Playbook.Pattern("Cannot resolve|not found|missing")) { Threshold = 5 },
                new BreakerPattern("license", Remedy.Wait, Playbook.Pattern("no licence left")),
            ],
        };
        var known = new Playbooks([new Playbook { Name = "missing-dependency", Class = FailureClass.Systemic, Remedy = Remedy.AskPerson, Patterns = [Playbook.Pattern("no module named")], MaxTrips = 7 }]);

        Assert.Equal(new BreakerRule(Remedy.InstallDependency, 5, 99, 30, 7), new PlanPlaybooks(known, policy).Classify(new("No module named x")).Breaker);
        Assert.Equal("license", new PlanPlaybooks(known, policy).Classify(new("there is no licence left")).Playbook);
        Assert.Equal("missing_dependency", new PlanPlaybooks(known, policy).Classify(new("the left half is missing")).Playbook);
        Assert.Null(new PlanPlaybooks(known, policy with { Enabled = false }).Classify(new("No module named x")).Breaker);
        Assert.Null(new PlanPlaybooks(known, null).Classify(new("there is no licence left")).Playbook);
    }

    [Fact]
    public void Those_that_miss_different_things_without_usable_names_share_no_breaker_and_each_hears_of_its_own()
    {
        var run = Run.From(A.Plan(A.Task("T1").Retrying(9), A.Task("T2").Retrying(9), A.Task("T3").Retrying(9)).HealingItself().Retrying(3)).Started(3);
        var playbooks = new PlanPlaybooks(new([new Playbook { Name = "missing", Class = FailureClass.Systemic, Remedy = Remedy.Wait, Threshold = 2, Patterns = [Playbook.Pattern("no module named '(?<package>[^'\n]+)'")] }]), run.Plan.Policies.CircuitBreakers);
        Fails(run, "T1", playbooks.Classify(new("no module named 'a; curl x'")));
        Fails(run, "T2", playbooks.Classify(new("no module named 'b | sh'")));
        Assert.Empty(run.Events.OfType<CircuitBreakerTripped>());

        Fails(run, "T3", playbooks.Classify(new("No module named 'b | sh'")));
        Assert.Equal([new("T2"), new TaskId("T3")], run.Events.OfType<CircuitBreakerTripped>().Single().Tasks);
        run.AfterSeconds(20);
        Assert.Contains(Explain(run, "T2"), reason => reason.Contains("no module named", StringComparison.Ordinal));
        Assert.Contains(Explain(run, "T3"), reason => reason.Contains("No module named", StringComparison.Ordinal));
        Proven(run);
    }

    [Fact]
    public void What_no_playbook_knows_is_counted_by_its_fingerprint_and_when_several_tasks_meet_it_people_are_asked()
    {
        var run = Run.From(A.Plan([.. Enumerable.Range(1, 6).Select(i => A.Task($"T{i}").Retrying(9))]).HealingItself().Retrying(3)).Started(6);
        var playbooks = new PlanPlaybooks(Playbooks.None, run.Plan.Policies.CircuitBreakers);
        Classification Odd(int line) => playbooks.Classify(new($"error: the frobnicator at line {line} is out of tune") { ExitCode = 1 });

        // What says nothing has nothing in common, and neither has what one task says again.
        foreach (var task in new[] { "T4", "T5", "T6" }) Fails(run, task, playbooks.Classify(new("") { ExitCode = 1 }));
        foreach (var task in new[] { "T1", "T2" }) Fails(run, task, Odd(line: 1));
        run.AfterSeconds(10);
        Fails(run, "T1", Odd(line: 2));
        Assert.Empty(run.Events.OfType<CircuitBreakerTripped>());

        Fails(run, "T3", Odd(line: 3));
        var tripped = run.Events.OfType<CircuitBreakerTripped>().Single();
        Assert.StartsWith("unknown/error-the-frobnicator-at-line-n-is-out-of-tune-", tripped.Breaker);
        Assert.Equal((FailureClass.Systemic, Remedy.AskPerson), (tripped.Class, tripped.Remedy));
        Assert.Equal(["HELP_NEEDED", "HELP_NEEDED"], new[] { "T1", "T3" }.Select(run.StateOf));
        Assert.Contains("which no playbook knows", run.Events.OfType<HelpRequested>().First().Reason);
        Assert.Empty(run.Events.OfType<PlanPatched>());
        Proven(run);
    }

    [Fact]
    public void A_plan_can_say_how_often_what_nobody_knows_may_happen_and_without_breakers_nothing_is_counted()
    {
        var text = new FailureEvidence("error: the frobnicator is out of tune") { ExitCode = 1 };
        CircuitBreakerPolicy With(Remedy remedy) => new("{}") { Patterns = [new BreakerPattern("unknown", remedy, Compiled: null) { Threshold = 7 }] };

        Assert.Equal(new BreakerRule(Remedy.AskPerson, 3, 600, 30, 3), new PlanPlaybooks(Playbooks.None, new CircuitBreakerPolicy("{}")).Classify(text).Breaker);
        Assert.Equal(new BreakerRule(Remedy.Wait, 7, 600, 30, 3), new PlanPlaybooks(Playbooks.None, With(Remedy.Wait)).Classify(text).Breaker);
        Assert.Null(new PlanPlaybooks(Playbooks.None, With(Remedy.None)).Classify(text).Breaker);
        Assert.Null(new PlanPlaybooks(Playbooks.None, policy: null).Classify(text).Breaker);
    }

    [Fact]
    public void Who_was_undone_or_cancelled_and_is_tried_again_waits_for_no_breaker_of_before()
    {
        var run = Run.From(A.Plan(A.Task("T1").Retrying(9), A.Task("T2").Retrying(9), A.Task("T3").NotIdempotent().CompensatedBy("undo")).HealingItself().Retrying(3)).Started(3);
        Fails(run, "T1", Down(cooldown: 500));
        Fails(run, "T2", Down(cooldown: 500));
        Fails(run, "T3", Down(cooldown: 500)).Exits("T3").AfterSeconds(20);
        run.Settling(new CancelTask(run.Now, new("T2"), "Not now."));
        Assert.Equal(["QUEUED", "CANCELLED", "ROLLED_BACK"], new[] { "T1", "T2", "T3" }.Select(run.StateOf));

        run.Settling(new RetryTask(run.Now, new("T2"))).Settling(new RetryTask(run.Now, new("T3")));
        Assert.Equal(["QUEUED", "ASSIGNED", "ASSIGNED"], new[] { "T1", "T2", "T3" }.Select(run.StateOf));
        Proven(run);
    }

    [Fact]
    public void What_only_a_person_can_mend_is_waited_for_where_people_are_and_the_breaker_does_not_hide_it()
    {
        var run = Run.From(A.Plan(A.Task("T1").Retrying(9), A.Task("T2").Retrying(9)).HealingItself().Retrying(2)).StartedWaitingForClaims(A.Workers(2));
        foreach (var task in new[] { "T1", "T2" }) Fails(run, task, Missing("jose", "package.json"));
        run.AfterSeconds(10).Fails("AUTO.INSTALL.jose").AfterSeconds(10).Fails("AUTO.INSTALL.jose");

        Assert.Equal(("HELP_NEEDED", false, true), (run.StateOf("AUTO.INSTALL.jose"), run.State.IsFinished, run.State.AwaitsAnswer));
        Proven(run);
    }

    [Fact]
    public void Nobody_waits_for_a_window_when_what_mends_a_breaker_waits_for_a_person()
    {
        var at = A.Task("T3").Retrying(9).Where(t => t with { Windows = [TimeWindow.Parse("12:00-12:30")!.Value] });
        var run = Run.From(A.Plan(A.Task("T1").Retrying(9), A.Task("T2").Retrying(9), at).HealingItself().Retrying(2)).Started(3);
        foreach (var task in new[] { "T1", "T2", "T3" }) Fails(run, task, Missing("jose", "package.json"));
        run.AfterSeconds(31 * 60);
        Assert.Equal(("QUEUED", "ASSIGNED", true), (run.StateOf("T3"), run.StateOf("AUTO.INSTALL.jose"), run.State.OpensAt(2) is not null));

        run.Fails("AUTO.INSTALL.jose").AfterSeconds(10).Fails("AUTO.INSTALL.jose");
        Assert.Equal(("HELP_NEEDED", true), (run.StateOf("AUTO.INSTALL.jose"), run.State.IsFinished));
        Proven(run);
    }

    [Fact]
    public void Nobody_makes_way_for_a_critical_task_that_a_breaker_holds()
    {
        var run = Run.From(A.Plan(A.Task("T1").Of(Priority.Critical).Holding("db").Retrying(9), A.Task("T2").Retrying(9), A.Task("T3").Of(Priority.Low).Preemptible().Holding("db")).PreemptingAfter(1).HealingItself().Retrying(3)).Started(3);
        Fails(run, "T1", Down(cooldown: 60));
        Fails(run, "T2", Down(cooldown: 60));
        Assert.Equal("ASSIGNED", run.AfterSeconds(30).StateOf("T3"));
        Assert.Empty(run.Events.OfType<TaskPreempted>());
        Assert.NotEmpty(run.AfterSeconds(40).Events.OfType<TaskPreempted>());
    }

    private static Run Started(params TaskDraft[] tasks) => Run.From(A.Plan(tasks).HealingItself().Retrying(3)).Started(tasks.Length);

    private static Classification Missing(string package, string? manifest) =>
        Of("missing-dependency", Remedy.InstallDependency) with { Subject = package, DeclaredIn = manifest, Why = $"It says 'Cannot find module {package}'." };

    private static Classification Down(double cooldown, int trips = 3) => Of("outage", Remedy.Wait, cooldown: cooldown, trips: trips) with { Class = FailureClass.Transient };

    private static Classification Of(string playbook, Remedy remedy, int threshold = 2, double cooldown = 0, int trips = 3) =>
        new(FailureClass.Systemic, playbook, "a line", "It says so.") { Breaker = new BreakerRule(remedy, threshold, 600, cooldown, trips) };

    private static Run Fails(Run run, string task, Classification finding) =>
        run.Settling(new RecordOutcome(run.Now, new(task), run.AttemptOf(task), new Outcome.Exited(1)) { Finding = finding });

    private static IReadOnlyList<string> Explain(Run run, string task) => Core.Views.Explanation.Of(run.State, new TaskId(task));

    // What is told of a story holds for its replay and for the naive account.
    private static void Proven(Run run)
    {
        Assert.Equal(StateText.Of(run.State), StateText.Of(run.Replayed().State));
        Assert.Empty(HistoryChecker.Check(run.State.Id, run.Plan, run.Journal.Select(HistoryEvent.Of)).Violations);
    }
}
