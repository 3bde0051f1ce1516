using Slaps.Core.Execution;
using Slaps.Core.History;
using Slaps.Core.Plans;
using Slaps.Runtime.Hosting;
using Slaps.Runtime.Sessions;
using Slaps.Runtime.State;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Runtime.Tests.Sessions;

/// <summary>
/// One seed of chaos: eight sessions with shells, with shells that come and go, without any process, and on another host, register, claim, report, wait
/// for a lock, are stopped and continued, are killed and come back, have clocks that are wrong, and speak of what is not theirs. Time, processes and the
/// disk of the journal are virtual; the registry, the desk and the rules are those of the program. After each step a second, naive account is compared.
/// </summary>
internal sealed class SessionChaos : IDisposable
{
    private const double Minutes = 10, Lease = 60;

    private readonly int _seed;
    private readonly Random _dice;
    private readonly string _root;
    private readonly StateDirectory _place;
    private readonly Clock _clock = new();
    private readonly Plan _plan;
    private readonly ExecutionState _state;
    private readonly Ledger _journal = new();
    private readonly HashSet<ProcessIdentity> _processes = [];
    private readonly Actor[] _actors;
    private readonly Dictionary<string, (string Who, int Attempt, Instant Lease)> _held = [];
    private readonly Dictionary<string, Instant> _lastSign = [];
    private readonly HashSet<string> _done = [];
    private int _folded;
    private int _pids = 1000;

    public SessionChaos(int seed)
    {
        _seed = seed;
        _dice = new Random(seed);
        _root = Directory.CreateTempSubdirectory("slaps-chaos-").FullName;
        _place = StateDirectory.Find(_root);
        var count = _dice.Next(20, 60);
        var tasks = Enumerable.Range(1, count).Select(i =>
        {
            var task = A.Task($"T{i}").ByHand();
            if (_dice.Next(3) == 0) task = task.Checked("c");
            if (_dice.Next(6) == 0) task = task.Holding("db");
            if (_dice.Next(8) == 0) task = task.NotIdempotent();
            return task.After([.. Enumerable.Range(1, i - 1).Where(_ => _dice.Next(20) == 0).Select(p => $"T{p}")]);
        });
        _plan = A.Plan([.. tasks]).WithLocks("db").Retrying(50, BackoffKind.Linear, 2_000).Build();
        _state = new ExecutionState(new ExecutionId("exec-1"), _plan);
        _actors =
        [
            new("shell-1", Kind.Shell), new("shell-2", Kind.Shell), new("shell-3", Kind.Shell), new("loose-1", Kind.Loose), new("loose-2", Kind.Loose),
            new("mover-1", Kind.Mover), new("mover-2", Kind.Mover), new("far-1", Kind.Far),
        ];
    }

    /// <summary>How often what happened.</summary>
    public Dictionary<string, long> Met { get; } = new(StringComparer.Ordinal);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    public void Run()
    {
        var events = ExecutionStore.Record(_state, _clock.Now, Scheduler.Decide(_state, new CreateExecution(_clock.Now, "hash", "/plan", "/work")));
        _journal.Create(new ExecutionRecord(_state.Id, "/plan", "hash", _clock.Now), default, [.. events.Select(ExecutionStore.Stored)]);
        ExecutionStore.Apply(_journal, _state, new StartCoordinator(_clock.Now, "host", 1, [], 0, WaitForClaims: true));
        Fold(null);

        for (var end = _clock.Now.PlusSeconds(Minutes * 60); _clock.Now < end && !_state.IsFinished;)
        {
            _clock.Now = _clock.Now.PlusSeconds(_dice.NextDouble() * 1.5);
            Step(_actors[_dice.Next(_actors.Length)]);
        }

        BringToItsEnd();
    }

    private void Step(Actor actor)
    {
        if (actor.IsStopped)
        {
            // The shell is continued after up to three leases; while it is stopped it says nothing, and lives.
            if (_dice.Next(40) == 0) Note("a shell is continued", () => actor.IsStopped = false);
            return;
        }

        if (!actor.IsAlive)
        {
            if (_dice.Next(4) == 0) ComeIn(actor);
            return;
        }

        // A clock that is wrong is wrong for one command: it is set right by then.
        _clock.Skew = _dice.Next(200) switch { 0 => _dice.Next(1, 3600), 1 or 2 => _dice.Next(1, 40), 3 or 4 or 5 => -_dice.Next(1, 7200), _ => 0 };
        if (_clock.Skew > 0) Note("a clock jumps ahead");
        if (_clock.Skew < 0) Note("a clock goes back");
        Act(actor);
        _clock.Skew = 0;
    }

    private void Act(Actor actor)
    {
        if (actor.WaitsFor is { } waited)
        {
            Wait(actor, waited);
            return;
        }

        switch (_dice.Next(24))
        {
            case 0:
                Die(actor);
                break;
            case 1 when actor.Kind == Kind.Shell:
                Note("a shell is stopped", () => actor.IsStopped = true);
                break;
            case 2 when _dice.Next(3) == 0:
                Leave(actor);
                break;
            case 3:
                Impersonate(actor);
                break;
            case 4:
                Late(actor);
                break;
            case 5:
                MeddleWithAnothers(actor);
                break;
            case 6:
                Ask(actor, []);
                break;
            case 7 or 8:
                Acquire(actor);
                break;
            case 9:
                foreach (var task in _plan.Tasks.Where(t => _state[t.Id] is TaskState.HelpNeeded or TaskState.Failed).Take(2)) Decide(null, [at => new RetryTask(at, task.Id)]);
                break;
            case < 16:
                Claim(actor);
                break;
            default:
                Report(actor);
                break;
        }
    }

    // As `tasks register`: what somebody held who had the name and is gone is given back.
    private void ComeIn(Actor actor)
    {
        var registry = Registry;
        var holder = registry.Find(actor.Name);
        if (actor.Kind == Kind.Mover && holder is not null)
        {
            // A move in the folder of that name: it is known, and heard of again.
            registry.Beat(holder);
            actor.IsAlive = true;
            return;
        }

        var process = actor.Kind == Kind.Mover ? new ProcessIdentity(0, 0, "boot") : new ProcessIdentity(++_pids, _pids, "boot");
        var isFree = holder is null || !Lives(holder);
        var refusal = registry.Register(SessionOf(actor.Name, actor.Kind, process), out var before);
        Must(refusal is null == isFree, $"{actor.Name} is answered with '{refusal}'");
        if (refusal is not null)
        {
            // Whoever cannot be seen to be gone has to be waited for; where the commands say who they are, the session goes on without registering.
            Note("a name is refused");
            if (actor.Kind == Kind.Shell) return;
        }
        else if (before is not null && before.Fingerprint.Process != process)
        {
            Note("a name is taken over");
            Decide(actor.Name, [at => new EndSession(at, new(actor.Name), IsLost: true)]);
            Must(_held.Values.All(h => h.Who != actor.Name), $"{actor.Name} is new and holds something");
        }

        if (process.Pid > 0 && actor.Kind == Kind.Shell) _processes.Add(process);
        actor.Process = process;
        actor.IsAlive = true;
    }

    // Another one wants a name whose holder lives.
    private void Impersonate(Actor actor)
    {
        var process = new ProcessIdentity(++_pids, _pids, "boot");
        var holder = Registry.Find(actor.Name)!;
        var isLiving = Lives(holder);
        var refusal = Registry.Register(SessionOf(actor.Name, actor.Kind, process), out _);
        Must(refusal is not null == isLiving, $"somebody who calls himself {actor.Name} is answered with '{refusal}'");
        if (refusal is not null)
        {
            Note("a name is refused");
            return;
        }

        // It was not heard of for long enough: the name is the other one's now, and what was held is given back.
        Note("a name is taken over");
        Decide(actor.Name, [at => new EndSession(at, new(actor.Name), IsLost: true)]);
        actor.Process = process;
    }

    private void Die(Actor actor)
    {
        if (actor.WaitsFor is not null) Note("a waiter is killed");
        _processes.Remove(actor.Process);
        (actor.IsAlive, actor.WaitsFor) = (false, null);
        Note("a shell is killed");
    }

    private void Leave(Actor actor)
    {
        Decide(actor.Name, [at => new EndSession(at, new(actor.Name), IsLost: false)]);
        Registry.Remove(Registry.Find(actor.Name)!);
        Must(_held.Values.All(h => h.Who != actor.Name), $"{actor.Name} has left and holds something");
        _processes.Remove(actor.Process);
        actor.IsAlive = false;
        Note("somebody leaves");
    }

    private void Claim(Actor actor)
    {
        TaskId? wanted = _dice.Next(3) == 0 ? _plan.Tasks[_dice.Next(_plan.Tasks.Count)].Id : null;
        var decided = Ask(actor, [at => new ClaimTask(at, new(actor.Name), wanted, Lease)]);
        if (decided.OfType<TaskAssigned>().FirstOrDefault() is { } claimed) actor.EverClaimed.Add((claimed.Task, claimed.Attempt));
    }

    private void Report(Actor actor)
    {
        if (_held.Where(h => h.Value.Who == actor.Name).Select(h => h.Key).FirstOrDefault() is not { } name) return;
        var (who, task, attempt) = (new WorkerId(actor.Name), new TaskId(name), _held[name].Attempt);
        switch (_dice.Next(10))
        {
            case 0:
                Ask(actor, [at => new FailClaim(at, who, task, attempt, "It does not work.") { Dice = _dice.NextDouble() }]);
                break;
            case 1:
                Ask(actor, [at => new AskForHelp(at, who, task, attempt, "How?")]);
                break;
            case 2:
                Ask(actor, [at => new ReleaseClaim(at, who, task, attempt, null)]);
                break;
            case 3:
                Ask(actor, [at => new BeginClaim(at, who, task, attempt)]);
                break;
            case 4:
                Ask(actor, [at => new ReportProgress(at, who, task, attempt, _dice.Next(0, 101), null)]);
                break;
            default:
                Ask(actor, [at => new CompleteClaim(at, who, task, attempt, "Done.")]);
                if (_state[task] is TaskState.Verifying) Check(actor, task, attempt);
                break;
        }
    }

    // The checks run in the session's own command, without the lock: it may be killed before they come to an end, or be late with them.
    private void Check(Actor actor, TaskId task, int attempt)
    {
        if (_dice.Next(12) == 0)
        {
            Die(actor);
            return;
        }

        _clock.Now = _clock.Now.PlusSeconds(_dice.NextDouble() * 3);
        if (_state[task] is not TaskState.Verifying verifying) return;
        var passed = _dice.Next(4) > 0;
        CheckResult[] results = [.. _plan.Tasks[_plan.IndexOf(task)].Checks.Select(c => new CheckResult(c.Id, passed, "That is so."))];
        Decide(actor.Name, [at => new RecordVerdict(at, task, attempt, new Verdict(results, [], [])) { AskedAt = verifying.Since, Dice = 1 }]);
    }

    private void Acquire(Actor actor)
    {
        if (_held.Where(h => h.Value.Who == actor.Name).Select(h => h.Key).FirstOrDefault() is not { } name) return;
        var task = new TaskId(name);
        if (_dice.Next(3) == 0)
        {
            Ask(actor, [at => new ReleaseResource(at, task, null, "db") { Session = new(actor.Name) }]);
            return;
        }

        actor.WaitsFor = (task, _held[name].Attempt);   // Noted before it is asked for, as the program does.
        Ask(actor, [at => new AcquireResource(at, task, null, "db") { Session = new(actor.Name), TimeoutSeconds = _dice.Next(4) == 0 ? _dice.Next(0, 40) : null }]);
        if (!Asks(task)) actor.WaitsFor = null;
    }

    private void Wait(Actor actor, (TaskId Task, int Attempt) waited)
    {
        if (_dice.Next(6) == 0)
        {
            Die(actor);
            return;
        }

        Ask(actor, [at => new AcquireResource(at, waited.Task, waited.Attempt, "db") { Session = new(actor.Name), IsRepeated = true }], isRepeated: true);
        if (!Asks(waited.Task)) actor.WaitsFor = null;
    }

    private bool Asks(TaskId task) => _state.Requests.Any(r => r.Task == task);

    // Somebody who was stopped, or whose message was long on its way, speaks of an attempt that he had once.
    private void Late(Actor actor)
    {
        if (actor.EverClaimed.Count == 0) return;
        var (task, attempt) = actor.EverClaimed[_dice.Next(actor.EverClaimed.Count)];
        var isPresent = _held.TryGetValue(task.Value, out var held) && held == (actor.Name, attempt, held.Lease);
        if (isPresent) return;
        var completes = _dice.Next(2) == 0;
        var decided = Ask(actor, [at => completes ? new CompleteClaim(at, new(actor.Name), task, attempt, null) : new ReleaseClaim(at, new(actor.Name), task, attempt, null)]);
        Must(!decided.OfType<TaskEvent>().Any(e => e.Task == task && e is TaskSucceeded or TaskVerifying), $"attempt {attempt} of {task} is over, and {actor.Name} is heard");
        Note("an old attempt speaks");
    }

    // What a move of somebody else's file stands for.
    private void MeddleWithAnothers(Actor actor)
    {
        if (_held.FirstOrDefault(h => h.Value.Who != actor.Name) is not { Key: { } name, Value: var held }) return;
        var task = new TaskId(name);
        var kind = _dice.Next(3);
        var decided = Ask(actor, [at => kind switch
        {
            0 => new CompleteClaim(at, new(actor.Name), task, held.Attempt, null),
            1 => new ReleaseClaim(at, new(actor.Name), task, null, null),
            _ => new ClaimTask(at, new(actor.Name), task, Lease),
        }]);
        Must(decided.Count == 0 || _state.Now > held.Lease, $"{actor.Name} meddles with {task} of {held.Who}, and [{string.Join(", ", decided)}] is decided");
        Note("a move of what is another's");
    }

    // A command of a session: a sign of life first, then what it says.
    private IReadOnlyList<ExecutionEvent> Ask(Actor actor, IReadOnlyList<Func<Instant, Command>> orders, bool isRepeated = false)
    {
        if (Registry.Find(actor.Name) is { } session) Registry.Beat(session);
        return Decide(actor.Name, [at => new RenewLeases(at, new(actor.Name)), .. orders], isSign: true, isRepeated);
    }

    private IReadOnlyList<ExecutionEvent> Decide(string? who, IReadOnlyList<Func<Instant, Command>> orders, bool isSign = false, bool isRepeated = false)
    {
        IReadOnlyList<ExecutionEvent> decided = [];
        var before = _state.Now;
        var refusal = ClaimDesk.Decide(
            _journal, _state, _clock.Told, Registry.IsRunningHere, task => _actors.Any(a => a.IsAlive && a.WaitsFor is { } waited && waited.Task == task), orders, (_, events) => decided = events);
        Must(_state.Now >= before, "time goes back");
        Must(orders.Count == 0 || isRepeated || refusal is null == decided.Count > 0 || orders.Count == 1, $"{who} is answered with '{refusal}', and [{string.Join(", ", decided)}] is decided");
        Fold(who);
        if (isSign) _lastSign[who!] = _state.Now;
        return decided;
    }

    // The naive account, from the journal alone.
    private void Fold(string? who)
    {
        foreach (var recorded in _journal.Events.Skip(_folded).ToList())
        {
            _folded++;
            var happened = EventJson.Read(recorded.Type, recorded.Data.Span);
            Note(recorded.Type);
            switch (happened)
            {
                case TaskAssigned e:
                    Must(!_held.ContainsKey(e.Task.Value), $"{e.Task} goes to {e.Worker} while {(_held.TryGetValue(e.Task.Value, out var other) ? other.Who : "")} has it");
                    Must(!_done.Contains(e.Task.Value), $"{e.Task} is done and goes to {e.Worker}");
                    Must(e.Worker.Value == who || who is null || e.Worker.Value == "omega", $"{who} asks and {e.Worker} gets {e.Task}");
                    _held[e.Task.Value] = (e.Worker.Value, e.Attempt, e.LeaseExpiresAt!.Value);
                    break;
                case LeaseRenewed e:
                    _held[e.Task.Value] = _held[e.Task.Value] with { Lease = e.LeaseExpiresAt };
                    break;
                case LeaseExpired e:
                    Must(!IsSeenToLive(e.Worker.Value), $"{e.Worker} lives and loses {e.Task}");
                    var isQuiet = !_lastSign.TryGetValue(e.Worker.Value, out var sign) || new Instant(recorded.AtMicroseconds).SecondsSince(sign) >= (Lease / 2) - 0.001;
                    Must(isQuiet || _held[e.Task.Value].Lease.Microseconds <= recorded.AtMicroseconds || who == e.Worker.Value, $"{e.Worker} was heard of and loses {e.Task}");
                    _held.Remove(e.Task.Value);
                    break;
                case ResourceAcquired e when e.Attempt is { } && _actors.All(a => a.Name != (_held.TryGetValue(e.Task.Value, out var h) ? h.Who : "") || !a.IsAlive):
                    Must(_held[e.Task.Value].Who == "omega" || who == _held[e.Task.Value].Who, $"{e.Task} gets {e.Resources[0].Name}, and nobody waits for it");
                    break;
                case TaskSucceeded e:
                    Must(_held.TryGetValue(e.Task.Value, out var winner) && winner.Attempt == e.Attempt, $"an old attempt of {e.Task} succeeds");
                    _done.Add(e.Task.Value);
                    _held.Remove(e.Task.Value);
                    break;
                case TaskQueued or TaskFailed or HelpRequested or TaskCancelled:
                    _held.Remove(((TaskEvent)happened).Task.Value);
                    break;
                default:
                    break;
            }
        }

        foreach (var (task, (holder, _, lease)) in _held) Must(lease > _state.Now || IsSeenToLive(holder), $"{holder} is gone, and {task} is kept beyond its lease");
        Must(_state.Claimed.Select(t => _plan.Tasks[t].Id.Value).Order(StringComparer.Ordinal).SequenceEqual(_held.Keys.Order(StringComparer.Ordinal)), "the rules and the account differ about who has what");
        Must(_plan.Tasks.Count(t => _done.Contains(t.Id.Value)) == _state.Done, "the rules and the account differ about what is done");
        foreach (var task in _plan.Tasks.Where(t => !_done.Contains(t.Id.Value) && !_held.ContainsKey(t.Id.Value)))
            Must(_state[task.Id] is TaskState.Pending or TaskState.Ready or TaskState.Queued or TaskState.BackingOff or TaskState.HelpNeeded or TaskState.Failed or TaskState.Skipped, $"{task.Id} is lost: {_state[task.Id].Name}");
        Must(_state.HoldersOf("lock:db").ToList() is var holders && holders.Count <= 1, "the lock has two holders");
    }

    private bool IsSeenToLive(string name) => _actors.FirstOrDefault(a => a.Name == name) is { Kind: Kind.Shell, IsAlive: true };

    // What is known of a holder: its process, or else how long ago it was heard of by the clock of whoever looks.
    private bool Lives(Session holder) => holder.Fingerprint.Host == Environment.MachineName && _processes.Contains(holder.Fingerprint.Process)
        || ((holder.ByVariable || holder.Fingerprint.Host != Environment.MachineName) && _clock.Told.SecondsSince(holder.LastHeartbeat) < Session.HeartbeatLease);

    private void BringToItsEnd()
    {
        foreach (var actor in _actors.Where(a => a.IsAlive)) Die(actor);
        for (var patience = 0; patience < 40 * _plan.Tasks.Count && _done.Count < _plan.Tasks.Count; patience++)
        {
            _clock.Now = _clock.Now.PlusSeconds(4000);
            Decide(null, [at => new RenewLeases(at, new("nobody"))]);
            Must(_held.Count == 0, "the dead keep something");
            foreach (var task in _plan.Tasks.Where(t => _state[t.Id] is TaskState.HelpNeeded or TaskState.Failed).ToList()) Decide(null, [at => new RetryTask(at, task.Id)]);
            while (Decide("omega", [at => new ClaimTask(at, new("omega"), null, Lease)]).OfType<TaskAssigned>().FirstOrDefault() is { } claimed)
            {
                Decide("omega", [at => new CompleteClaim(at, new("omega"), claimed.Task, claimed.Attempt, null)]);
                if (_state[claimed.Task] is not TaskState.Verifying verifying) continue;
                CheckResult[] results = [.. _plan.Tasks[_plan.IndexOf(claimed.Task)].Checks.Select(c => new CheckResult(c.Id, Passed: true, "Yes."))];
                Decide("omega", [at => new RecordVerdict(at, claimed.Task, claimed.Attempt, new Verdict(results, [], [])) { AskedAt = verifying.Since, Dice = 1 }]);
            }
        }

        Must(_state is { IsFinished: true, Status: ExecutionStatus.Completed }, $"it does not come to its end: {_done.Count} of {_plan.Tasks.Count}\n{StateText.Of(_state)}");
        var replayed = new ExecutionState(_state.Id, _plan);
        foreach (var e in _journal.Events) replayed.Evolve(new RecordedEvent(e.Seq, new Instant(e.AtMicroseconds), EventJson.Read(e.Type, e.Data.Span)));
        Must(StateText.Of(replayed) == StateText.Of(_state), "a replay is another state");
        var report = HistoryChecker.Check(_state.Id, _plan, _journal.Events.Select(e => HistoryEvent.Read(e.Seq, new Instant(e.AtMicroseconds), e.Type, e.Data.Span)), "hash");
        Must(report is { Ok: true, NotJudged.Count: 0 }, $"its history is refused: {string.Join("; ", report.Violations.Take(3))}");
        Note("simulated executions");
    }

    private SessionRegistry Registry => new(_place, _clock, _processes.Contains);

    private Session SessionOf(string name, Kind kind, ProcessIdentity process) => new(
        name, null, null, null,
        new Fingerprint(kind == Kind.Far ? "elsewhere" : Environment.MachineName, "somebody", process, 1, kind == Kind.Mover ? "directory" : "bash", null),
        _clock.Told,
        ByVariable: kind is Kind.Loose or Kind.Mover or Kind.Far);

    private void Note(string what, Action? act = null)
    {
        Met[what] = Met.GetValueOrDefault(what) + 1;
        act?.Invoke();
    }

    private void Must(bool holds, string otherwise) => Assert.True(holds, $"seed {_seed}, after event {_state.Seq}: {otherwise}\n{string.Join('\n', _journal.Events.TakeLast(6).Select(e => $"{e.Seq} {e.Type} {System.Text.Encoding.UTF8.GetString(e.Data.Span)}"))}");

    private enum Kind
    {
        Shell,
        Loose,
        Mover,
        Far,
    }

    private sealed class Actor(string name, Kind kind)
    {
        public string Name { get; } = name;

        public Kind Kind { get; } = kind;

        public ProcessIdentity Process { get; set; }

        public bool IsAlive { get; set; }

        public bool IsStopped { get; set; }

        public (TaskId Task, int Attempt)? WaitsFor { get; set; }

        public List<(TaskId Task, int Attempt)> EverClaimed { get; } = [];
    }

    /// <summary>The time that really is, and what the clock of the one who speaks says.</summary>
    private sealed class Clock : TimeProvider
    {
        public Instant Now { get; set; } = Noon;

        public double Skew { get; set; }

        public Instant Told => Now.PlusSeconds(Skew);

        public override DateTimeOffset GetUtcNow() => Told.ToDateTimeOffset();
    }

    /// <summary>A journal that cannot break, which is what is not the matter here.</summary>
    private sealed class Ledger : IEventJournal
    {
        public List<StoredEvent> Events { get; } = [];

        public void Create(ExecutionRecord execution, ReadOnlySpan<byte> plan, IReadOnlyList<StoredEvent> events) => Events.AddRange(events);

        public void Append(ExecutionId execution, long position, IReadOnlyList<StoredEvent> events)
        {
            if (position != Events.Count || events.Where((e, i) => e.Seq != position + 1 + i).Any()) throw new JournalMovedException(position, Events.Count);
            Events.AddRange(events);
        }

        public IReadOnlyList<ExecutionRecord> Executions() => [];

        public long Position(ExecutionId execution) => Events.Count;

        public long CountUpTo(ExecutionId execution, long seq) => Math.Min(seq, Events.Count);

        public byte[] ReadPlan(ExecutionId execution) => [];

        public IEnumerable<StoredEvent> Read(ExecutionId execution, long after = 0) => Events.Skip((int)after);

        public void Dispose()
        {
        }
    }
}
