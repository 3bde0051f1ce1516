using System.Globalization;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Execution;

/// <summary>
/// The real core in virtual time, with a world that fails, stalls, lies, reports late, twice and in the name of old attempts, with people who
/// steer at any moment, and with coordinators that crash at any point. <c>TASKS_SIM_SEED=n</c> runs one seed, <c>TASKS_SIM_COUNT=n</c> so many.
/// </summary>
public sealed class SimulationTests
{
    [Fact]
    public void Whatever_the_world_and_people_do_no_rule_is_broken()
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("TASKS_SIM_SEED"), CultureInfo.InvariantCulture, out var seed))
        {
            new Simulation(seed).Run();
            return;
        }

        var count = int.TryParse(Environment.GetEnvironmentVariable("TASKS_SIM_COUNT"), CultureInfo.InvariantCulture, out var asked) ? asked : 1_000;
        Parallel.For(0, count, s =>
        {
            try
            {
                new Simulation(s).Run();
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"seed {s}: {e}");
            }
        });
    }

    // Sessions have a simulation of their own: ClaimSimulationTests.
    private static readonly string[] OfSessions = ["lease_renewed", "lease_expired", "progress_reported", "rework_requested", nameof(FailureKind.Reported)];

    [Fact]
    public void A_seed_tells_the_same_story_each_time() =>
        Assert.Equal(StateText.Of(new Simulation(7).Run()), StateText.Of(new Simulation(7).Run()));

    [Fact]
    public void The_simulation_meets_everything_that_can_happen()
    {
        var met = new HashSet<string>();
        for (var seed = 0; seed < 200; seed++)
        {
            var simulation = new Simulation(seed);
            simulation.Run();
            met.UnionWith(simulation.Journal.Select(r => EventJson.NameOf(r.Event)));
            met.UnionWith(simulation.Journal.Select(r => r.Event).OfType<AttemptStopping>().Select(e => e.Reason.ToString()));
            met.UnionWith(simulation.Journal.Select(r => r.Event).OfType<TaskFailed>().Select(e => e.Error.Kind.ToString()));
            met.UnionWith(simulation.Journal.Select(r => r.Event).OfType<ExecutionFinished>().Select(e => e.Status.ToString()));
        }

        // Patches have stories of their own, in PatchingTests.
        met.UnionWith(["plan_patched", "task_held_back"]);
        Assert.Empty(EventJson.Names.Concat(Enum.GetNames<StopReason>()).Concat(Enum.GetNames<FailureKind>()).Concat(["Completed", "Failed", "Aborted"]).Except(met).Except(OfSessions));
    }
}

/// <summary>One seed: a plan, its workers, and all that befalls them.</summary>
internal sealed class Simulation
{
    private readonly int _seed;
    private readonly Random _dice;
    private readonly Plan _plan;
    private readonly SimulationOracle _oracle;
    private readonly List<RecordedEvent> _journal = [];
    private readonly Dictionary<(TaskId Task, int Attempt), Process> _processes = [];
    private readonly PriorityQueue<Func<Instant, Command>, (Instant At, long Order)> _reports = new();
    private readonly bool _calm;
    private readonly Random _rules;
    private readonly Random _weather;
    private ExecutionState _state;
    private Instant _now = new(0);
    private long _order;

    public Simulation(int seed)
    {
        _seed = seed;
        _dice = new Random(seed);
        _weather = new Random(seed + 2_000_003);
        _plan = SimulationPlans.Plan(_dice, _weather);
        _oracle = new SimulationOracle(_plan, seed).Prepared();
        _calm = _dice.Next(3) == 0;

        // Dice of its own, so that the other rules change nothing else about the stories.
        _rules = new Random(seed + 1_000_003);
        _state = NewState();
    }

    public IReadOnlyList<RecordedEvent> Journal => _journal;

    /// <summary>An attempt in the world: it lives on when the coordinator dies.</summary>
    private sealed class Process(Instant endsAt, Outcome outcome)
    {
        public Instant EndsAt { get; set; } = endsAt;

        public Outcome Outcome { get; set; } = outcome;
    }

    public ExecutionState Run()
    {
        Send(new CreateExecution(_now, "hash", "/plan", "/work")
        {
            Priority = _rules.Next(4) switch { 0 => PriorityRule.Fifo, 1 => PriorityRule.CriticalPath, _ => null },
            Model = _rules.Next(3) == 0 ? ExecutionModel.Waves : ExecutionModel.Rolling,
        });
        StartCoordinator();
        var disturbances = _calm ? 0 : _dice.Next(0, 60);
        for (var step = 0; step < 5_000; step++)
        {
            if (disturbances > 0 && _dice.Next(4) == 0)
            {
                disturbances--;
                Disturb();
                continue;
            }

            if (!Proceed()) continue;
            if (!NextMoment())
            {
                if (disturbances > 0)
                {
                    // Nothing left to happen by itself: only people can change that.
                    disturbances--;
                    Disturb();
                    continue;
                }

                if (_oracle.IsFinished) break;
                if (_state.Status == ExecutionStatus.Paused) Send(new ResumeExecution(_now));
                else if (_state.IsDraining) Crash();
                else if (_state.WaitsForClaims) break;
                else Assert.Fail($"seed {_seed}: nothing happens any more, but it has not ended:\n{StateText.Of(_state)}");
            }
        }

        if (_state.Status is ExecutionStatus.Failed or ExecutionStatus.Completed) Assert.True(!_oracle.Unexplained().Any(), $"seed {_seed}: it ended, but {string.Join(", ", _oracle.Unexplained())}");
        if (!_oracle.IsFinished && !_state.WaitsForClaims) Assert.Fail($"seed {_seed}: it does not come to an end:\n{StateText.Of(_state)}");
        Replay();
        return _state;
    }

    // Until nothing more comes, or a crash comes between; true when nothing more came.
    private bool Proceed()
    {
        while (true)
        {
            var command = new Proceed(_now);
            var decided = Scheduler.Decide(_state, command);
            if (!_oracle.Expects(_now, decided, out var expected))
                Assert.Fail($"seed {_seed}: after event {_state.Seq}, Proceed should decide {expected}, but decides [{string.Join(", ", decided)}]\n{StateText.Of(_state)}");
            if (decided.Count == 0) return true;
            Record(command, decided);
            if (!_calm && _dice.Next(60) == 0)
            {
                // Durable, but nobody was told.
                Crash();
                return false;
            }

            Perform(decided.Select(Effects.Of).OfType<Effect>());
        }
    }

    // The next report or timer; false when there is none.
    private bool NextMoment()
    {
        var hasReport = _reports.TryPeek(out var report, out var due);
        if (_state.NextTimer is { } timer && (!hasReport || timer < due.At))
        {
            if (timer > _now) _now = timer;
            return true;
        }

        if (!hasReport) return false;
        _reports.Dequeue();
        if (due.At > _now) _now = due.At;
        SendReport(report!(_now));
        return true;
    }

    private void SendReport(Command command)
    {
        var (task, attempt) = command switch
        {
            RecordStart c => (c.Task, c.Attempt),
            RecordOutcome c => (c.Task, c.Attempt),
            RecordVerdict c => (c.Task, c.Attempt),
            _ => throw new System.Diagnostics.UnreachableException(command.GetType().Name),
        };
        var live = _oracle.LiveOf(task);
        var counts = live?.Number == attempt && command is RecordVerdict == live.Verifying;
        var decided = Send(command);
        if (!counts) Assert.True(decided.Count == 0, $"seed {_seed}: {command} comes too late and decides [{string.Join(", ", decided)}]");
        else if (command is not RecordStart) Assert.True(decided.Count > 0, $"seed {_seed}: {command} is ignored");
    }

    private void Disturb()
    {
        if (_weather.Next(5) == 0)
        {
            if (_weather.Next(2) == 0) Stall();
            else Press();
            return;
        }

        switch (_dice.Next(16))
        {
            case 0: Send(new PauseExecution(_now, "Somebody paused it.")); break;
            case 1 or 2: Send(new ResumeExecution(_now)); break;
            case 3: Send(new Drain(_now)); break;
            case 4: Send(new Interrupt(_now)); break;
            case 5 when _dice.Next(6) == 0: Send(new AbortExecution(_now, "Somebody aborted it.")); break;
            case 6 or 7 or 8 or 9 when _oracle.Retriable.ToArray() is { Length: > 0 } tasks:
                var aborted = _state.Status == ExecutionStatus.Aborted;
                Assert.True(Send(new RetryTask(_now, tasks[_dice.Next(tasks.Length)])).Count > 0 || aborted, $"seed {_seed}: a retry is ignored");
                break;
            case 10 when _rules.Next(3) == 0 && _oracle.Skippable.ToArray() is { Length: > 0 } tasks:
                var skip = new SkipTask(_now, tasks[_rules.Next(tasks.Length)], "Somebody skipped it.", WithSuccessors: _rules.Next(3) == 0);
                var refused = _state.Status == ExecutionStatus.Aborted || (skip.WithSuccessors && _state[skip.Task] is TaskState.Skipped);
                Assert.True(Send(skip).Count > 0 || refused, $"seed {_seed}: a skip is ignored");
                break;
            case 10 or 11: Crash(); break;
            case 12 when _plan.Tasks.Count > 0: SendNonsense(); break;
            case 13 when _rules.Next(3) == 0: Send(new SetWorkers(_now, _rules.Next(1, 8))); break;
            case 13: _now = _now.Plus(_dice.Next(1, 3_000_000)); break;
            default: NextMoment(); break;
        }
    }

    // The machine has much, little or changing things to bear for some moments, which in this world are a microsecond apart.
    private void Press()
    {
        _now = _now.Plus(8);
        var (cpu, memory) = (Load(), Load());
        Send(new RecordPressure(_now, [.. Enumerable.Range(-7, 8).Select(i => new PressureSample(_now.Plus(i), Value(cpu), Value(memory), null))]));

        double? Load() => _weather.Next(5) switch { 0 => null, 1 => 0.8, 2 => 0.93, 3 => 0.999, _ => 0.1 };
        double? Value(double? load) => _weather.Next(20) == 0 ? _weather.NextDouble() : load;
    }

    // Some task is said to have been quiet for longer or shorter than it may be.
    private void Stall()
    {
        if (_plan.Tasks.Count == 0) return;
        var task = _plan.Tasks[_weather.Next(_plan.Tasks.Count)].Id;
        var seconds = _weather.Next(4);
        var counts = _plan.Policies.StallTimeoutSeconds <= seconds && _state[task] is TaskState.Running { Active.Stop: null };
        var decided = Send(new RecordStall(_now, task, _oracle.AttemptsOf(task), _now.PlusSeconds(-seconds)));
        Assert.True(counts == decided.Count > 0, $"seed {_seed}: a stall of {task} decides [{string.Join(", ", decided)}]");
    }

    // A report in the name of any attempt but the present one.
    private void SendNonsense()
    {
        var task = _plan.Tasks[_dice.Next(_plan.Tasks.Count)].Id;
        var attempt = _oracle.AttemptsOf(task) + _dice.Next(-2, 3);
        if (_oracle.LiveOf(task)?.Number == attempt) attempt++;
        SendReport(_dice.Next(3) switch
        {
            0 => new RecordStart(_now, task, attempt, null),
            1 => new RecordOutcome(_now, task, attempt, new Outcome.Exited(_dice.Next(2))),
            _ => new RecordVerdict(_now, task, attempt, new Verdict([], [], [])),
        });
    }

    private void Crash()
    {
        Replay();
        _reports.Clear();
        if (_dice.Next(2) == 0) _now = _now.Plus(_dice.Next(1, 4_000_000));
        StartCoordinator();
        Perform(Effects.Outstanding(_state).ToArray());
    }

    private void Replay()
    {
        var replay = NewState();
        foreach (var recorded in _journal) replay.Evolve(recorded with { Event = EventJson.Read(EventJson.NameOf(recorded.Event), EventJson.Write(recorded.Event)) });
        var (facts, replayed) = (StateText.Of(_state), StateText.Of(replay));
        Assert.True(facts == replayed, $"seed {_seed}: the replay differs:\n{facts}\nand\n{replayed}");
        var next = Scheduler.Decide(replay, new Proceed(_now));
        Assert.True(Scheduler.Decide(_state, new Proceed(_now)).SequenceEqual(next, EventsEqual.ByJson), $"seed {_seed}: the replay goes on in another way");
        _state = replay;
    }

    private void StartCoordinator()
    {
        var workers = SimulationPlans.Workers(_dice);
        Send(new StartCoordinator(_now, "host", _dice.Next(), workers, workers.Length + _dice.Next(3), WaitForClaims: _dice.Next(12) == 0) {
            Concurrency = _rules.Next(6) == 0 ? _rules.Next(1, 5) : null,
            Pool = _weather.Next(2) == 0 ? new PoolRules(_weather.Next(1, 4), _weather.Next(3) == 0 ? null : _weather.Next(1, 6), 0.75, 0.9, 0.25) : null,
        });
    }

    private IReadOnlyList<ExecutionEvent> Send(Command command)
    {
        // Looking at every fact costs more than all the rest, so only now and then.
        var before = _dice.Next(10) == 0 ? StateText.Of(_state) : null;
        var decided = Scheduler.Decide(_state, command);
        if (before is not null) Assert.True(before == StateText.Of(_state), $"seed {_seed}: deciding {command} changed the state");
        Assert.True(Refusals.Of(_state, command) is null || decided.Count == 0, $"seed {_seed}: {command} is refused and decided");
        Record(command, decided);
        Perform(decided.Select(Effects.Of).OfType<Effect>());
        return decided;
    }

    private void Record(Command command, IReadOnlyList<ExecutionEvent> decided)
    {
        foreach (var happened in decided)
        {
            var recorded = new RecordedEvent(_state.Seq + 1, command.At, happened);
            _journal.Add(recorded);
            _oracle.Note(recorded);
            _state.Evolve(recorded);
        }

        if (decided.Count > 0) _oracle.CheckRest(_journal[^1]);
    }

    private void Perform(IEnumerable<Effect> effects)
    {
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case Effect.Start e: StartProcess(e); break;
                case Effect.Adopt e: Adopt(e); break;
                case Effect.Verify e: Verify(e); break;
                case Effect.Stop e: Stop(e); break;
            }
        }
    }

    private void StartProcess(Effect.Start e)
    {
        var task = _plan.Tasks[_plan.IndexOf(e.Task)];
        var hasLimit = _oracle.LiveOf(e.Task)!.Deadline is not null;
        var seconds = hasLimit && _dice.Next(6) == 0 ? 1_000_000 : _dice.Next(0, 40) / 10d;
        Outcome outcome = _dice.Next(20) switch
        {
            0 => new Outcome.NotStarted("No such program."),
            1 => new Outcome.Signalled(11),
            2 or 3 => new Outcome.Exited(1),
            _ => new Outcome.Exited(0),
        };
        _processes[(e.Task, e.Attempt)] = new Process(_now.PlusSeconds(seconds), outcome);
        if (_dice.Next(3) > 0)
        {
            var identity = new ProcessIdentity(_dice.Next(1, 9), _order, "boot");
            Report(_now.PlusSeconds(_dice.Next(0, 3) / 10d), at => new RecordStart(at, e.Task, e.Attempt, identity));
            if (_dice.Next(10) == 0) Report(_now.PlusSeconds(1), at => new RecordStart(at, e.Task, e.Attempt, identity));
        }

        ReportEnd(e.Task, e.Attempt);
        Assert.True(task.Id == e.Task, $"seed {_seed}: {e} is for a task that the plan does not have");
    }

    private void Adopt(Effect.Adopt e)
    {
        if (_processes.TryGetValue((e.Task, e.Attempt), out var process) && process.EndsAt > _now) ReportEnd(e.Task, e.Attempt);
        else Report(_now, at => new RecordOutcome(at, e.Task, e.Attempt, new Outcome.Lost()) { Dice = 0.3 });
    }

    private void Stop(Effect.Stop e)
    {
        // Some ignore it for a while, some had ended by themselves in the same moment.
        if (_processes.TryGetValue((e.Task, e.Attempt), out var process) && process.EndsAt > _now)
        {
            process.EndsAt = _now.PlusSeconds(_dice.Next(4) == 0 ? 3 : 0.1);
            process.Outcome = _dice.Next(5) == 0 ? new Outcome.Exited(0) : new Outcome.Signalled(15);
        }

        ReportEnd(e.Task, e.Attempt);
    }

    private void Verify(Effect.Verify e)
    {
        var task = _plan.Tasks[_plan.IndexOf(e.Task)];
        var lies = _dice.Next(5) == 0;
        var checks = task.Checks.Select(c => new CheckResult(c.Id, !lies, "It was looked at.")).ToArray();
        var missing = task.Produces.Where(p => p.Required && _dice.Next(8) == 0).Select(p => p.Path).ToArray();
        var artifacts = task.Produces.Where(p => !missing.Contains(p.Path)).Select(p => new Artifact(p.Path, 1, "00")).ToArray();
        var dice = _dice.NextDouble();
        Command Verdict(Instant at) => new RecordVerdict(at, e.Task, e.Attempt, new Verdict(checks, artifacts, missing)) { Dice = dice };
        Report(_now.PlusSeconds(_dice.Next(0, 10) / 10d), Verdict);
        if (_dice.Next(10) == 0) Report(_now.PlusSeconds(2), Verdict);
    }

    // The report of an attempt's end: now and then a second one, or one so late that the next attempt runs.
    private void ReportEnd(TaskId task, int attempt)
    {
        var dice = _dice.NextDouble();
        var process = _processes.GetValueOrDefault((task, attempt));
        Command End(Instant at) => new RecordOutcome(at, task, attempt, process?.Outcome ?? new Outcome.Lost()) { Dice = dice };
        var ends = process?.EndsAt ?? _now;
        if (ends < _now) ends = _now;
        Report(ends, End);
        if (_dice.Next(8) == 0) Report(ends.PlusSeconds(_dice.Next(0, 8)), End);
    }

    private void Report(Instant at, Func<Instant, Command> command) => _reports.Enqueue(command, (at, _order++));

    private ExecutionState NewState() => new(new ExecutionId("exec-1"), _plan);
}
