using System.Globalization;
using Slaps.Core.Execution;
using Slaps.Core.History;
using Slaps.Core.Plans;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Execution;

/// <summary>
/// Sessions and workers on one frontier in virtual time: sessions that claim, report, lie about attempts, die and come back, coordinators that come
/// and go between them. After every event a second, naive account of who holds what is compared; at the end a replay.
/// <c>TASKS_CLAIM_SIM_SEED=n</c> runs one seed, <c>TASKS_CLAIM_SIM_COUNT=n</c> so many.
/// </summary>
public sealed class ClaimSimulationTests
{
    [Fact]
    public void Whatever_sessions_do_no_task_has_two_holders_and_none_is_lost()
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("TASKS_CLAIM_SIM_SEED"), CultureInfo.InvariantCulture, out var seed))
        {
            new ClaimSimulation(seed).Run();
            return;
        }

        var count = int.TryParse(Environment.GetEnvironmentVariable("TASKS_CLAIM_SIM_COUNT"), CultureInfo.InvariantCulture, out var asked) ? asked : 100;
        Parallel.For(0, count, s => new ClaimSimulation(s).Run());
    }

    [Fact]
    public void The_simulation_meets_every_event_of_sessions()
    {
        var met = new HashSet<string>();
        for (var seed = 0; seed < 60; seed++)
        {
            var simulation = new ClaimSimulation(seed);
            simulation.Run();
            met.UnionWith(simulation.Journal.Select(r => EventJson.NameOf(r.Event)));
            met.UnionWith(simulation.Journal.Select(r => r.Event).OfType<TaskFailed>().Select(e => e.Error.Kind.ToString()));
        }

        Assert.Empty(new[] { "lease_renewed", "lease_expired", "task_progress", "subtask_added", "subtask_done", "rework_requested", "resource_requested", "resource_denied", "resource_withdrawn", "help_requested", "task_succeeded", "execution_finished", nameof(FailureKind.Reported) }.Except(met));
    }
}

/// <summary>One seed: a plan, its sessions, and what they do.</summary>
internal sealed class ClaimSimulation
{
    private readonly int _seed;
    private readonly Random _dice;
    private readonly Random _asks;
    private readonly Plan _plan;
    private readonly List<RecordedEvent> _journal = [];
    private ExecutionState _state;
    private readonly Dictionary<string, (string Who, int Attempt, Instant? Lease)> _holders = [];
    private readonly Dictionary<string, int> _attempts = [];
    private readonly HashSet<string> _done = [];
    private readonly List<(string Session, string Task, int Attempt)> _everClaimed = [];
    private readonly Dictionary<string, string[]?> _sessions;
    private Instant _now = new(0);
    private bool _hasCoordinator;

    public ClaimSimulation(int seed)
    {
        _seed = seed;
        _dice = new Random(seed);
        _asks = new Random(seed + 1_000_003);
        var count = _dice.Next(3, 25);
        var tasks = new List<TaskDraft>();
        for (var i = 1; i <= count; i++)
        {
            var task = A.Task($"T{i}").Taking(_dice.Next(1, 9));
            if (_dice.Next(2) == 0) task = task.ByHand();
            if (_dice.Next(3) == 0) task = task.Holding(_dice.Next(2) == 0 ? "db" : "port");
            if (_dice.Next(3) == 0) task = task.Checked("c");
            if (_dice.Next(5) == 0) task = task.Needing("gpu");
            if (_dice.Next(5) == 0) task = task.NotIdempotent();
            if (_dice.Next(6) == 0) task = task.WithoutRetry();
            task = task.After([.. Enumerable.Range(1, i - 1).Where(_ => _dice.Next(8) == 0).Select(p => $"T{p}")]);
            tasks.Add(task);
        }

        var plan = A.Plan([.. tasks]).WithLocks("db", "port").Retrying(3, BackoffKind.Linear, 20_000);
        _plan = (_dice.Next(3) == 0 ? plan.AtMostAtOnce(_dice.Next(1, 4)) : plan).Build();
        _state = new ExecutionState(new ExecutionId("exec-1"), _plan);
        _sessions = new() { ["alpha"] = null, ["beta"] = ["gpu"], ["gamma"] = [], ["delta"] = null };
    }

    public IReadOnlyList<RecordedEvent> Journal => _journal;

    public void Run()
    {
        Send(new CreateExecution(_now, "hash", "/plan", "/work"));
        Coordinate(workers: 0);
        for (var step = 0; step < 400 && !_state.IsFinished; step++)
        {
            Act();
            if (_dice.Next(3) == 0) Pass();
        }

        // In the end one session that can do everything, and a person who retries what failed, get through whatever is left.
        for (var patience = 0; patience < 20 * _plan.Tasks.Count && _done.Count < _plan.Tasks.Count; patience++)
        {
            foreach (var task in _plan.Tasks)
            {
                if (_state[task.Id] is TaskState.HelpNeeded or TaskState.Failed) Send(new RetryTask(_now, task.Id));
            }

            _now = _now.PlusSeconds(700);
            Pass();
            while (Send(new ClaimTask(_now, new("omega"), null, 600)).OfType<TaskAssigned>().FirstOrDefault() is { } claimed) Finish(claimed.Task, passed: true);
            foreach (var index in _state.Active.ToList()) EndProcess(index);
            Pass();
        }

        Must(_state is { IsFinished: true, Status: ExecutionStatus.Completed }, $"it does not come to its end\n{StateText.Of(_state)}");
        Must(_state.ResourceLevels().All(r => r.Free == r.Capacity), $"something is still held\n{StateText.Of(_state)}");
        Replay();
        var report = HistoryChecker.Check(_state.Id, _plan, _journal.Select(r => HistoryEvent.Read(r.Seq, r.At, EventJson.NameOf(r.Event), EventJson.Write(r.Event))), "hash");
        Must(report is { Ok: true, NotJudged.Count: 0 }, $"its history is refused: {string.Join("; ", report.Violations.Take(3))}");
    }

    private void Act()
    {
        var session = _sessions.Keys.ElementAt(_dice.Next(_sessions.Count));
        var task = _plan.Tasks[_dice.Next(_plan.Tasks.Count)].Id;
        if (_asks.Next(5) == 0) Ask(session);
        switch (_dice.Next(16))
        {
            case 0 or 1 or 2:
                Claim(session, task: null);
                break;
            case 3:
                Claim(session, task);
                break;
            case 4 or 5:
                if (_everClaimed.Count > 0) Report(_everClaimed[_dice.Next(_everClaimed.Count)]);
                break;
            case 6 or 7:
                if (HeldBy(session) is { } held) Report((session, held, _holders[held].Attempt));
                break;
            case 8:
                Send(new RenewLeases(_now, new(session)));
                break;
            case 9:
                _now = _now.PlusSeconds(_dice.Next(1, 400));
                break;
            case 10:
                Send(new EndSession(_now, new(session), IsLost: _dice.Next(2) == 0));
                Must(_holders.All(h => h.Value.Who != session), $"{session} is gone and holds something");
                break;
            case 11:
                Coordinate(_dice.Next(3));
                break;
            case 12:
                foreach (var index in _state.Active.ToList()) EndProcess(index);
                break;
            case 13:
                if (HeldBy(session) is { } mine) Finish(new TaskId(mine), passed: _dice.Next(2) == 0);
                break;
            case 14:
                if (_state[task] is TaskState.HelpNeeded or TaskState.Failed or TaskState.BackingOff) Send(new RetryTask(_now, task));
                break;
            default:
                // A stranger's reports about what a session holds.
                if (HeldBy(session) is { } theirs)
                {
                    var process = _holders[theirs].Attempt;
                    Must(Send(new RecordOutcome(_now, new(theirs), process, new Outcome.Exited(0))).Count == 0, "a process ends what a session has");
                    Must(Send(new CompleteClaim(_now, new("stranger"), new(theirs), process, null)).Count == 0, "a stranger is heard");
                }

                break;
        }
    }

    // A session that has a task asks for a lock in the midst of it or gives it back; now and then somebody else does so in its name.
    private void Ask(string session)
    {
        if (HeldBy(session) is not { } task) return;
        var attempt = _holders[task].Attempt;
        var name = _asks.Next(2) == 0 ? "db" : "port";
        var isStranger = _asks.Next(6) == 0;
        WorkerId? who = isStranger ? (_asks.Next(2) == 0 ? new WorkerId("stranger") : null) : new WorkerId(session);
        ResourceOrder order = _asks.Next(3) == 0
            ? new ReleaseResource(_now, new(task), attempt, name) { Session = who }
            : new AcquireResource(_now, new(task), attempt, name) { Session = who, Reads = _asks.Next(3) == 0, TimeoutSeconds = _asks.Next(2) == 0 ? _asks.Next(0, 500) : null };
        var refusal = Refusals.Of(_state, order);
        var decided = Send(order);
        Must(refusal is null == decided.Count > 0, $"{order} is answered with '{refusal}' and decides [{string.Join(", ", decided)}]");
        Must(!isStranger || decided.Count == 0, $"a stranger asks for a resource and is heard: {order}");
        Must(!decided.Any(e => e is AttemptStopping or DeadlockDetected), $"a session is stopped like a process, or waits in a circle: {order}");
    }

    private void Claim(string session, TaskId? task)
    {
        var command = new ClaimTask(_now, new(session), task, 300) { Capabilities = _sessions[session] };
        var refusal = Refusals.Of(_state, command);
        var decided = Send(command);
        Must(refusal is null == decided.Count > 0, $"{command} is answered with '{refusal}' and decides [{string.Join(", ", decided)}]");
        if (decided.OfType<TaskAssigned>().FirstOrDefault() is not { } assigned) return;
        Must(assigned.Worker.Value == session && (task is null || task == assigned.Task), "somebody else gets it, or another task");
        Must(_sessions[session] is not { } can || _plan.Tasks[_plan.IndexOf(assigned.Task)].Capabilities.All(can.Contains), "a session gets what it cannot do");
        _everClaimed.Add((session, assigned.Task.Value, assigned.Attempt));
    }

    private void Report((string Session, string Task, int Attempt) claim)
    {
        var (session, task) = (new WorkerId(claim.Session), new TaskId(claim.Task));
        ClaimReport report = _dice.Next(9) switch
        {
            0 => new BeginClaim(_now, session, task, claim.Attempt),
            1 => new ReportProgress(_now, session, task, claim.Attempt, _dice.Next(-5, 110), null),
            2 => new CompleteClaim(_now, session, task, claim.Attempt, "Done."),
            3 => new FailClaim(_now, session, task, claim.Attempt, "It does not work."),
            4 => new AskForHelp(_now, session, task, claim.Attempt, "How?"),
            5 => new ReleaseClaim(_now, session, task, claim.Attempt, null),
            6 => new AddSubtask(_now, session, task, claim.Attempt, $"step {_dice.Next(4)}"),
            7 => new EndSubtask(_now, session, task, claim.Attempt, _dice.Next(4)),
            _ => new ReportProgress(_now, session, task, claim.Attempt, _dice.Next(0, 101), "on it"),
        };
        var isPresent = _holders.TryGetValue(claim.Task, out var holder) && holder.Who == claim.Session && holder.Attempt == claim.Attempt;
        var refusal = Refusals.Of(_state, report);
        var decided = Send(report);
        Must(isPresent || (decided.Count == 0 && refusal is not null), $"{report} comes too late and decides [{string.Join(", ", decided)}]");
        Must(refusal is null == decided.Count > 0, $"{report} is answered with '{refusal}' and decides [{string.Join(", ", decided)}]");
    }

    private void Finish(TaskId task, bool passed)
    {
        var (who, attempt, _) = _holders[task.Value];
        Send(new CompleteClaim(_now, new(who), task, attempt, "Done."));
        if (_state[task] is not TaskState.Verifying verifying) return;
        var checks = _plan.Tasks[_plan.IndexOf(task)].Checks.Select(c => new CheckResult(c.Id, passed, "That is so.")).ToArray();
        Send(new RecordVerdict(_now, task, attempt, new Verdict(checks, [], [])) { AskedAt = verifying.Since });
        Must(passed ? _done.Contains(task.Value) : _holders[task.Value].Who == who, "a verdict leads somewhere else");
    }

    private void EndProcess(int index)
    {
        var id = _plan.Tasks[index].Id;
        if (_state.Claimed.Contains(index) || _state.ActiveAttemptOf(index) is not { } active) return;
        Send(new RecordOutcome(_now, id, active.Attempt, new Outcome.Exited(0)));
        if (_state[id] is TaskState.Verifying) Send(new RecordVerdict(_now, id, active.Attempt, new Verdict([.. _plan.Tasks[index].Checks.Select(c => new CheckResult(c.Id, true, "Yes."))], [], [])));
    }

    private void Coordinate(int workers)
    {
        _hasCoordinator = workers > 0;
        Send(new StartCoordinator(_now, "host", 1, A.Workers(workers), workers, WaitForClaims: true));
    }

    private void Pass()
    {
        Command command = _hasCoordinator ? new Proceed(_now) : new PassTime(_now);
        for (var rounds = 0; Send(command).Count > 0; rounds++) Must(rounds < 1000, "time passes for ever");
        Must(_holders.Values.All(h => h.Lease is not { } lease || lease > _now), "a lease that is over is kept");
    }

    private IReadOnlyList<ExecutionEvent> Send(Command command)
    {
        var decided = Scheduler.Decide(_state, command);
        foreach (var happened in decided)
        {
            _journal.Add(new RecordedEvent(_state.Seq + 1, command.At, happened));
            _state.Evolve(_journal[^1]);
            Note(happened);
        }

        // Comparing every field costs as much as all the rest.
        if (_state.Seq % 8 < decided.Count) _state = Snapshots.Through(_state);
        foreach (var (name, _, _) in _state.ResourceLevels().Where(r => r.Name.StartsWith("lock:", StringComparison.Ordinal)))
            Must(_state.HoldersOf(name).ToList() is var holders && (holders.Count <= 1 || holders.TrueForAll(h => _state.IsReader(h, name))), $"{name} has two holders");
        Must(_state.Claimed.Count == _holders.Count(h => h.Value.Lease is not null), "the number of claims is wrong");
        Must(_plan.Policies.ConcurrencyMax is not { } most || _state.Active.Count <= most, "more are in hand than the plan allows");
        return decided;
    }

    private void Note(ExecutionEvent happened)
    {
        switch (happened)
        {
            case TaskAssigned e:
                Must(!_holders.ContainsKey(e.Task.Value), $"{e.Task} goes to {e.Worker} and has a holder");
                Must(!_done.Contains(e.Task.Value), $"{e.Task} is done and goes to {e.Worker}");
                Must(_plan.Graph.PredecessorsOf(_plan.IndexOf(e.Task)).ToArray().All(p => _done.Contains(_plan.Tasks[p].Id.Value)), $"{e.Task} goes before its predecessors are done");
                Must(e.Attempt == _attempts.GetValueOrDefault(e.Task.Value) + 1, $"{e.Task} has a wrong attempt");
                _attempts[e.Task.Value] = e.Attempt;
                _holders[e.Task.Value] = (e.Worker.Value, e.Attempt, e.LeaseExpiresAt);
                break;
            case LeaseRenewed e:
                Must(_holders[e.Task.Value].Attempt == e.Attempt, "an old lease is renewed");
                _holders[e.Task.Value] = _holders[e.Task.Value] with { Lease = e.LeaseExpiresAt };
                break;
            case LeaseExpired e:
                Must(_holders[e.Task.Value] is var lost && lost.Who == e.Worker.Value && lost.Attempt == e.Attempt, "somebody else's lease ends");
                break;
            case TaskSucceeded e:
                Must(_holders[e.Task.Value].Attempt == e.Attempt, "an old attempt succeeds");
                Must(_plan.Tasks[_plan.IndexOf(e.Task)].Checks.Count == e.Checks.Count && e.Checks.All(c => c.Passed), "it succeeds without its checks");
                _done.Add(e.Task.Value);
                _holders.Remove(e.Task.Value);
                break;
            case TaskQueued or TaskFailed or HelpRequested or TaskCancelled:
                _holders.Remove(((TaskEvent)happened).Task.Value);
                break;
            default:
                break;
        }
    }

    private string? HeldBy(string session) => _holders.FirstOrDefault(h => h.Value.Who == session && h.Value.Lease is not null).Key;

    private void Replay()
    {
        var replayed = new ExecutionState(_state.Id, _plan);
        foreach (var recorded in _journal) replayed.Evolve(recorded with { Event = EventJson.Read(EventJson.NameOf(recorded.Event), EventJson.Write(recorded.Event)) });
        Must(StateText.Of(replayed) == StateText.Of(_state), "a replay is another state");
    }

    private void Must(bool holds, string otherwise) =>
        Assert.True(holds, $"seed {_seed}, after event {_state.Seq}: {otherwise}\n{string.Join('\n', _journal.TakeLast(5))}");
}
