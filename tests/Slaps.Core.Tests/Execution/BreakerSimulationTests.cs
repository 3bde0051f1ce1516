using System.Globalization;
using Slaps.Core.Execution;
using Slaps.Core.Failures;
using Slaps.Core.History;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Execution;

/// <summary>
/// Random executions in which tasks meet what breakers are for, again and again, while people pause, retry, skip and patch and coordinators
/// come and go. After every command the naive account of <see cref="HistoryChecker"/> finds nothing, a replay gives the same state, and storms
/// stay bounded; and every story comes to an end. TASKS_SIM_BREAKERS=N plays N stories (<c>eng/sim-breakers</c>).
/// </summary>
public sealed class BreakerSimulationTests
{
    private const int Usual = 150;

    [Fact]
    public void Whatever_breaks_breakers_keep_every_promise_and_come_to_an_end()
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("TASKS_SIM_BREAKERS"), CultureInfo.InvariantCulture, out var wanted) ? wanted : Usual;
        var met = new SortedDictionary<string, long>(StringComparer.Ordinal);
        for (var seed = 0; seed < count; seed++)
        {
            var story = new Story(seed);
            story.Play();
            foreach (var (what, many) in story.Met) met[what] = met.GetValueOrDefault(what) + many;
        }

        if (Environment.GetEnvironmentVariable("TASKS_SIM_REPORT") is { Length: > 0 } report) File.WriteAllLines(report, met.Select(pair => $"{pair.Value,12:N0}  {pair.Key}"));

        // Otherwise the stories have shown nothing.
        string[] wantedKinds =
        [
            "circuit_breaker_tripped", "circuit_breaker_half_opened", "circuit_breaker_closed", "gave up", "plan_patched",
            "install_dependency", "throttle", "raise_limit", "serialise", "quarantine", "wait", "ask_person", "completed", "failed",
        ];
        if (count >= Usual) Assert.Equal([], wantedKinds.Where(what => !met.ContainsKey(what)));
    }

    private sealed class Story(int seed)
    {
        private readonly Random _dice = new(seed);
        private Run _run = null!;
        private HistoryChecker _checker = null!;
        private int _noted;
        private int _names;

        public Dictionary<string, long> Met { get; } = [];

        private ExecutionState State => _run.State;

        public void Play()
        {
            var plan = FirstPlan();
            _run = Run.From(plan, null, _dice.Next(5) == 0 ? ExecutionModel.Waves : ExecutionModel.Rolling);
            _checker = new HistoryChecker(plan);
            _run.Started(_dice.Next(1, 6));
            Check();
            for (var step = 0; step < 50; step++)
            {
                Step();
                Check();
            }

            ComeToAnEnd();
            Count(State.Status == ExecutionStatus.Completed ? "completed" : "failed");
        }

        private void Step()
        {
            switch (_dice.Next(20))
            {
                case < 11 when State.Active.Count > 0:
                    End(State.Active.ElementAt(_dice.Next(State.Active.Count)), mayFail: true);
                    break;
                case < 15:
                    _run.AfterSeconds(_dice.Next(1, 40));
                    break;
                case 15:
                    if (State.Status == ExecutionStatus.Paused) _run.Settling(new ResumeExecution(_run.Now));
                    else _run.Settling(new PauseExecution(_run.Now, "Lunch."));
                    break;
                case 16:
                    if (_dice.Next(2) == 0) _run.Settling(new Drain(_run.Now));
                    _run.Settling(new StartCoordinator(_run.Now, "host", 1, A.Workers(_dice.Next(1, 6)), 6, WaitForClaims: false));
                    break;
                case 17:
                    var task = State.Plan.Tasks[_dice.Next(State.Plan.Tasks.Count)].Id;
                    _run.Settling(new ModifyPlan(_run.Now, new PlanPatch
                    {
                        Operations = [new PatchOperation.InjectTask(A.Task($"n{_names++}").Task, _dice.Next(2) == 0 ? [] : [new Dependency(new($"n{_names - 1}"), task)])],
                        Reason = "One more.",
                    }));
                    break;
                default:
                    var any = State.Plan.Tasks[_dice.Next(State.Plan.Tasks.Count)].Id;
                    if (_dice.Next(3) > 0) _run.Settling(new RetryTask(_run.Now, any));
                    else _run.Settling(new SkipTask(_run.Now, any, "Enough.", WithSuccessors: _dice.Next(2) == 0));
                    break;
            }
        }

        private void End(int task, bool mayFail)
        {
            var id = State.Plan.Tasks[task].Id;
            var fails = mayFail && _dice.Next(5) < 3;
            var outcome = fails ? new Outcome.Exited(1) : (Outcome)new Outcome.Exited(0);
            _run.Settling(new RecordOutcome(_run.Now, id, State.AttemptsOf(task), outcome) { Dice = _dice.NextDouble(), Finding = fails && _dice.Next(6) > 0 ? Finding() : null });
        }

        private Classification Finding()
        {
            var (playbook, remedy) = _dice.Next(8) switch
            {
                < 2 => ("missing-dependency", Remedy.InstallDependency),
                2 => ("rate-limit", Remedy.Throttle),
                3 => ("out-of-memory", Remedy.RaiseLimit),
                4 => ("lock-contention", Remedy.Serialise),
                5 => ("flaky-test", Remedy.Quarantine),
                6 => ("outage", Remedy.Wait),
                _ => ("credentials", Remedy.AskPerson),
            };
            return new((FailureClass)_dice.Next(5), playbook, "a line", "It says so.")
            {
                Subject = remedy == Remedy.InstallDependency ? $"package-{_dice.Next(2)}" : null,
                DeclaredIn = _dice.Next(4) == 0 ? null : "app/package.json",
                RetryAfterSeconds = _dice.Next(5) == 0 ? _dice.Next(1, 60) : null,
                Breaker = _dice.Next(10) == 0 ? null : new BreakerRule(remedy, _dice.Next(1, 3), 120, _dice.Next(0, 20), 2),
            };
        }

        private Plan FirstPlan()
        {
            var tasks = Enumerable.Range(0, _dice.Next(2, 12)).Select(i =>
            {
                var task = A.Task($"t{i}").After([.. Enumerable.Range(0, i).Where(_ => _dice.Next(6) == 0).Select(before => $"t{before}")]);
                if (_dice.Next(4) == 0) task = task.Holding(_dice.Next(2) == 0 ? "a" : "b");
                if (_dice.Next(3) == 0) task = task.Using("pool", _dice.Next(1, 3));
                if (_dice.Next(3) == 0) task = task.Estimated(memoryMb: _dice.Next(1, 4) * 100);
                if (_dice.Next(3) == 0) task = task.Retrying(_dice.Next(1, 9));
                if (_dice.Next(9) == 0) task = task.NotIdempotent();
                return _dice.Next(9) == 0 ? task.WithoutRetry() : task;
            }).ToArray();
            return A.Plan(tasks).WithPool("pool", 4).WithQuotas(memoryMb: 600).Retrying(4, initialDelayMs: 2_000)
                .Retrying(p => p with { Budget = _dice.Next(4) == 0 ? 10 : null }).HealingItself(p => p with { MaxPatches = _dice.Next(1, 8) }).Build();
        }

        private void Check()
        {
            for (; _noted < _run.Journal.Count; _noted++)
            {
                _checker.Note(HistoryEvent.Of(_run.Journal[_noted]));
                Count(EventJson.NameOf(_run.Journal[_noted].Event));
                if (_run.Journal[_noted].Event is CircuitBreakerTripped tripped) Count(FailureNames.Of(tripped.Remedy));
                if (_run.Journal[_noted].Event is CircuitBreakerClosed { GaveUp: true }) Count("gave up");
            }

            _checker.CheckRest();
            Assert.True(_checker.Violations.Count == 0, $"seed {seed}: {string.Join('\n', _checker.Violations.Take(3))}\n{Tail()}");
            foreach (var circuit in State.Circuits.All) Assert.True(circuit.Trips <= 2, $"seed {seed}: {circuit.Name} trips {circuit.Trips} times\n{Tail()}");
            Assert.True(State.Circuits.Patches <= State.Plan.Policies.CircuitBreakers!.MaxPatches, $"seed {seed}: {State.Circuits.Patches} patches");

            // A timer that is over and decides to nothing would keep a coordinator busy for ever.
            Assert.False(!State.IsFinished && State.NextTimer <= _run.Now, $"seed {seed}: a timer of {State.NextTimer} is over at {_run.Now}\n{Tail()}");
            if (_dice.Next(8) == 0 || State.IsFinished) Assert.Equal(StateText.Of(State), StateText.Of(_run.Replayed().State));
        }

        private void ComeToAnEnd()
        {
            if (State.Status == ExecutionStatus.Paused) _run.Settling(new ResumeExecution(_run.Now));
            _run.Settling(new StartCoordinator(_run.Now, "host", 1, A.Workers(3), 3, WaitForClaims: false));
            for (var step = 0; !State.IsFinished; step++)
            {
                Check();
                Assert.True(step < 200 * State.Plan.Tasks.Count, $"seed {seed}: it comes to no end\n{Tail()}\n{StateText.Of(State)}");
                if (State.Active.Count > 0) End(State.Active.First(), mayFail: step < 60);
                else _run.AfterSeconds(100);
            }

            Check();
            Assert.All(State.ResourceLevels(), level => Assert.Equal(level.Capacity, level.Free));
        }

        private string Tail() => string.Join('\n', _run.Journal.TakeLast(25).Select(recorded => $"{recorded.Seq} {recorded.At} {EventJson.NameOf(recorded.Event)} {System.Text.Encoding.UTF8.GetString(EventJson.Write(recorded.Event))}"));

        private void Count(string what) => Met[what] = Met.GetValueOrDefault(what) + 1;
    }
}
