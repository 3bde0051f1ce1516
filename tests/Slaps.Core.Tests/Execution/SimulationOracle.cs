using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Core.Tests.Execution;

/// <summary>
/// A second, naive account of an execution, kept from the events and the plan alone: it knows no index, no group and no parking, and looks
/// at everything each time. It refuses an event that breaks a rule, and it says what Proceed has to do next.
/// </summary>
internal sealed partial class SimulationOracle(Plan plan, int seed)
{
    private Plan _plan = plan;
    private Entry[] _tasks = [.. plan.Tasks.Select(t => new Entry(t))];
    private readonly Dictionary<TaskId, Entry> _byId = [];
    private readonly Dictionary<WorkerId, Entry> _busy = [];
    private long[] _toEnd = [];
    private IReadOnlyList<WorkerProfile> _workers = [];
    private ExecutionStatus _status = ExecutionStatus.Created;
    private int _maxWorkers;
    private int? _asked;
    private int? _placesAsked;
    private long _atOnce = plan.Policies.ConcurrencyMax ?? long.MaxValue;
    private PriorityRule? _priority;
    private bool _hasWaves;
    private readonly Dictionary<WorkerId, Instant> _idleSince = [];
    private readonly List<bool> _ends = [];
    private readonly Dictionary<WorkerId, Instant> _doneBy = [];
    private readonly Dictionary<WorkerId, IReadOnlyList<string>> _setUps = [];
    private PoolRules? _pool;
    private BackpressureChanged? _pressure;
    private int? _places;
    private int _wave;
    private int _releases;
    private Instant _created;
    private int _period;
    private double _virtualTime;
    private readonly Dictionary<string, double> _featureEnds = [];
    private Entry? _keptFor;
    private bool _draining;
    private Instant _now;
    private Instant _lookedAt;
    private bool _waits;
    private bool _finished;
    private long _seq;

    /// <summary>One attempt that a worker has in hand.</summary>
    public sealed record Attempt(int Number, WorkerId Worker, Instant? Deadline)
    {
        public StopReason? Stop { get; set; }

        public bool Verifying { get; set; }

        public bool ExitLost { get; set; }
    }

    private sealed class Entry(PlanTask task)
    {
        private int? _wave;

        public PlanTask Task { get; set; } = task;

        /// <summary>The breaker that counted its last failure; null: none did.</summary>
        public string? Counted { get; set; }

        public List<Entry> Before { get; } = [];

        public List<Entry> After { get; } = [];

        public string State { get; set; } = "PENDING";

        public int Attempts { get; set; }

        public int Failures { get; set; }

        public Attempt? Live { get; set; }

        public IReadOnlyList<ResourceAmount> Held { get; set; } = [];

        public List<ResourceAmount> More { get; } = [];

        public IEnumerable<ResourceAmount> AllHeld => Held.Concat(More);

        public ResourceRequested? Asked { get; set; }

        public ResourceAmount? Parked { get; set; }

        public int? Age { get; set; }

        public bool Closed { get; set; }

        public Instant WaitsSince { get; set; }

        public int MadeWay { get; set; }

        public bool IsBehindKept { get; set; }

        public bool? WaivedAsDone { get; set; }

        public bool UndoFailed { get; set; }

        public HashSet<string> Checkpoints { get; } = [];

        public bool MayBeUndone => State == "COMPENSATING" && Live is null && !After.Any(a => a.State == "COMPENSATING" || a.UndoFailed);

        public bool LeftSomething => State == "SUCCEEDED" || (State is "FAILED" or "HELP_NEEDED" or "BACKOFF" or "CANCELLED" && Attempts > 0 && !Task.Idempotent);

        public bool IsDone => State == "SUCCEEDED" || WaivedAsDone == true;

        public Instant NotBefore { get; set; }

        public long? Rank { get; set; }

        // Worked out once: there are as many ways to a task as a large plan can have.
        public int Wave => _wave ??= Before.Select(p => p.Wave + 1).DefaultIfEmpty(0).Max();

        public void ForgetPlace()
        {
            (_wave, Rank) = (null, null);
            Before.Clear();
            After.Clear();
            SoftBefore.Clear();
        }

        public int ReleasedAs { get; set; }

        public int Born { get; set; }

        public double? Tag { get; set; }

        public int Overtaken { get; set; }

        public TaskError? Error { get; set; }

        public bool WasOver { get; set; }

        public List<Entry> SoftBefore { get; } = [];

        public bool HasEnded => State is "SUCCEEDED" or "FAILED" or "SKIPPED" or "CANCELLED";

        public int Allowed(RetryPolicy policy) => !Task.RetryOnFailure ? 1 : Task.MaxRetries + 1 ?? policy.MaxAttempts;
    }

    public bool IsFinished => _finished;

    public IEnumerable<TaskId> Retriable => _tasks.Where(t => !t.UndoFailed && t.State is "FAILED" or "HELP_NEEDED" or "BACKOFF" or "CANCELLED" or "ROLLED_BACK" && (!t.Before.Any(p => p.State is "FAILED" or "SKIPPED" or "CANCELLED" && !p.IsDone))).Select(t => t.Task.Id);

    public IEnumerable<TaskId> Skippable => _tasks.Where(t => t.Live is null && !t.UndoFailed && t.State is not ("SUCCEEDED" or "COMPENSATING") && t.WaivedAsDone is null).Select(t => t.Task.Id);

    /// <summary>A task whose compensation failed; null: there is none.</summary>
    public TaskId? NotUndone => _tasks.FirstOrDefault(t => t.UndoFailed)?.Task.Id;

    /// <summary>What a person may have undone now.</summary>
    public IEnumerable<TaskId> Undoable => _tasks.Where(t => t.Attempts > 0 && t.State is "SUCCEEDED" or "FAILED" or "HELP_NEEDED" or "BACKOFF" or "CANCELLED" && t.Attempts > 0
        && StandsOn(t).Append(t).All(o => o.After.All(a => a.Live is null || a.State == "COMPENSATING") && !o.Before.Any(p => p.State == "COMPENSATING" && p.Live is not null))).Select(t => t.Task.Id);

    // What was done because of the task, and because of that.
    private static HashSet<Entry> StandsOn(Entry root)
    {
        var found = new HashSet<Entry>();
        var stack = new Stack<Entry>([root]);
        while (stack.TryPop(out var next))
        {
            foreach (var after in next.After.Where(a => a.LeftSomething && found.Add(a))) stack.Push(after);
        }

        return found;
    }

    public IEnumerable<TaskId> Cancellable => _finished ? [] : _tasks.Where(t => !t.IsDone && !t.UndoFailed && t.State is not ("SKIPPED" or "CANCELLED" or "COMPENSATING") && t.Live?.Stop != StopReason.Cancelled).Select(t => t.Task.Id);

    public Attempt? LiveOf(TaskId task) => _byId[task].Live;

    public int AttemptsOf(TaskId task) => _byId[task].Attempts;

    public SimulationOracle Prepared()
    {
        foreach (var entry in _tasks)
        {
            _byId[entry.Task.Id] = entry;
            entry.ForgetPlace();
        }

        _toEnd = new long[_tasks.Length];
        foreach (var d in _plan.Dependencies.Where(_plan.Enforces).DistinctBy(d => (d.From, d.To)))
        {
            _byId[d.To].Before.Add(_byId[d.From]);
            _byId[d.From].After.Add(_byId[d.To]);
        }

        foreach (var d in _plan.Dependencies.Where(d => !_plan.Enforces(d) && d.Type is not (DependencyType.MutualExclusion or DependencyType.ResourceLimited)))
            _byId[d.To].SoftBefore.Add(_byId[d.From]);
        for (var i = 0; i < _tasks.Length; i++) _toEnd[i] = ToEnd(_tasks[i]);
        return this;
    }

    /// <summary>Takes note of an event, and refuses it when it breaks a rule.</summary>
    public void Note(RecordedEvent recorded)
    {
        _now = recorded.At;
        Must(recorded.Seq == ++_seq, "the sequence has a gap", recorded);
        Must(!_finished || recorded.Event is ExecutionReopened, "something happens after the end", recorded);
        switch (recorded.Event)
        {
            case ExecutionCreated e:
                (_priority, _hasWaves, _created) = (e.Priority, e.Model == ExecutionModel.Waves, recorded.At);
                foreach (var t in _tasks.Index().Where(t => t.Item.Before.Count == 0).OrderBy(t => t.Item.Task.Priority).ThenBy(t => Path(t.Index)).ThenBy(t => t.Index).ToArray()) Stamp(t.Item);
                break;
            case FrontierAged e:
                Must(Rising(recorded.At) == e.Period, "it ages although nothing would rise, or by another time", recorded);
                _period = e.Period;
                break;
            case WaveStarted e:
                Must(_hasWaves && e.Wave == _wave + 1 && _tasks.Where(t => t.Wave < e.Wave).All(t => t.HasEnded), "a wave begins before those before it have ended", recorded);
                _wave = e.Wave;
                break;
            case CoordinatorStarted e:
                Must(_asked is null || e.Workers.Count == 0 || (e.MaxWorkers == _asked && e.Concurrency == _asked), "it forgets how many workers somebody asked for", recorded);
                _placesAsked = e.Concurrency;
                _atOnce = e.Concurrency ?? _plan.Policies.ConcurrencyMax ?? long.MaxValue;
                (_workers, _maxWorkers, _draining, _waits) = (e.Workers, e.MaxWorkers, false, e.WaitsForClaims);
                _setUps.Clear();
                if (_status == ExecutionStatus.Created) _status = ExecutionStatus.Running;
                (_pool, _pressure, _places) = (e.Pool, null, null);
                _ends.Clear();
                foreach (var worker in _workers) _idleSince[worker.Id] = recorded.At;
                break;
            case BackpressureChanged e:
                Must(_pool is not null && e.EffectiveWorkers >= 1 && e.EffectiveWorkers <= Math.Max(1, _maxWorkers), "its number of places is impossible", recorded);
                Must(e.Level == BackpressureLevel.Critical || e.EffectiveWorkers >= Math.Min(_pool!.MinWorkers, _maxWorkers) || _pressure?.EffectiveWorkers <= e.EffectiveWorkers, "it takes away places that must stay", recorded);
                Must(_pressure is null || e.Level > _pressure.Level || e.EffectiveWorkers <= _pressure.EffectiveWorkers + 1 || e.EffectiveWorkers == _maxWorkers || e.EffectiveWorkers == Math.Min(_pool!.MinWorkers, _maxWorkers), "more than one place comes back at once", recorded);
                _pressure = e;
                _places = e.EffectiveWorkers < Math.Max(1, _maxWorkers) ? e.EffectiveWorkers : null;
                break;
            case WindowsChanged e:
                Must(e.Opened.All(o => _byId[o].Closed && IsOpen(_byId[o], recorded.At)) && e.Closed.All(c => !_byId[c].Closed && !IsOpen(_byId[c], recorded.At)), "a window opens or closes at another time", recorded);
                foreach (var closed in e.Closed) _byId[closed].Closed = true;
                foreach (var opened in e.Opened) _byId[opened].Closed = false;
                break;
            case WorkersSet e:
                if (_workers.Count > 0) _maxWorkers = e.Workers;
                (_asked, _placesAsked, _atOnce) = (e.Workers, e.Workers, e.Workers);
                break;
            case WorkerLeft e:
                Must((_workers.Count > WorkersNow || IsIdleTooLong(e.Worker, recorded.At)) && _workers.Any(w => w.Id == e.Worker) && !_busy.ContainsKey(e.Worker), "a worker leaves that is busy or wanted", recorded);
                _workers = [.. _workers.Where(w => w.Id != e.Worker)];
                _setUps.Remove(e.Worker);
                break;
            case WorkerJoined e:
                Must(_workers.Count < WorkersNow && _workers.All(w => w.Id != e.Worker.Id), "a worker joins beyond the maximum or twice", recorded);
                _idleSince[e.Worker.Id] = recorded.At;
                _workers = [.. _workers, e.Worker];
                break;
            case ExecutionPaused: _status = ExecutionStatus.Paused; break;
            case ExecutionResumed: _status = ExecutionStatus.Running; break;
            case ExecutionAborted: _status = ExecutionStatus.Aborted; break;
            case ExecutionReopened: (_status, _finished) = (ExecutionStatus.Running, false); break;
            case DrainRequested: _draining = true; break;
            case ExecutionFinished e:
                Must(_busy.Count == 0, "it ends while something runs", recorded);
                (_status, _finished) = (e.Status, true);
                (_pressure, _places) = (null, null);
                _ends.Clear();
                break;
            case PlanPatched e: NotePatch(recorded, e); break;
            case CircuitBreakerTripped or CircuitBreakerHalfOpened or CircuitBreakerClosed or HotUpdateRefused: NoteBreaker(recorded, recorded.Event); break;
            case TaskEvent e: Note(recorded, e, _byId[e.Task]); break;
        }

        if (_keptFor is { } kept && (!IsInLine(kept) || (recorded.Event is CoordinatorStarted or WorkerJoined or WorkerLeft && !_workers.Any(w => w.CanTake(kept.Task))))) _keptFor = null;
        foreach (var t in _tasks.Where(t => t.UndoFailed && t.State != "HELP_NEEDED")) t.UndoFailed = false;
        CheckAll(recorded);
    }

    /// <summary>At the end of a batch of events nothing is half done.</summary>
    public void CheckRest(RecordedEvent last)
    {
        foreach (var t in _tasks)
        {
            IReadOnlyList<ResourceAmount> mustHold = t.Live is not null ? Needs(t.Task) : [];
            Must(t.More.Count == 0 || t.Live is not null, "a task keeps what its attempt had acquired after", last);
            Must(t.Held.SequenceEqual(mustHold), "a task holds something else than it should after", last);
            Must(t.State != "READY" && t.State != "ASSIGNED" || t.Before.All(p => p.IsDone), "some task does not wait for its predecessors", last);
            Must(t.State != "PENDING" || IsBehindBarrier(t) || t.Before.Any(p => !p.IsDone), "some task is pending although all its predecessors are done", last);
            Must(t.State != "SKIPPED" || t.WaivedAsDone is not null || t.Before.Any(p => p.UndoFailed || (p.State is "FAILED" or "SKIPPED" or "CANCELLED" or "ROLLED_BACK" or "COMPENSATING" && !p.IsDone)), "some task is skipped for no reason", last);
            Must(t.State != "PENDING" || !t.Before.Any(p => p.State is "FAILED" or "SKIPPED" or "CANCELLED" && !p.IsDone), "some task waits for what will not be done", last);
            Must(t.State != "FAILED" || t.Allowed(_plan.Policies.Retry) == 1, "some task failed without asking for help", last);
        }
    }

    /// <summary>Whether this is what the next Proceed has to decide.</summary>
    public bool Expects(Instant now, IReadOnlyList<ExecutionEvent> decided, out string expected)
    {
        _lookedAt = now;
        if (_finished)
        {
            expected = "nothing: it has ended";
            return decided.Count == 0;
        }

        // The earliest first, ties in file order.
        var due = _tasks.Where(t => DueAt(t) <= now).OrderBy(DueAt).FirstOrDefault();
        if (due is not null)
        {
            expected = $"the timer of {due.Task.Id}";
            return decided is [AttemptStopping { Reason: StopReason.TimedOut } or TaskQueued] && due.Task.Id == ((TaskEvent)decided[0]).Task;
        }

        if (Request(now) is { } settled)
        {
            expected = string.Join(", ", settled);
            return decided.SequenceEqual(settled, EventsEqual.ByJson);
        }

        if (Windows(now) is { } windows)
        {
            expected = $"{windows}";
            return decided.SequenceEqual([windows], EventsEqual.ByJson);
        }

        if (NextOfBreakers(now) is { } act)
        {
            expected = act.Expected;
            return decided.Count > 0 && act.Fits(decided);
        }

        if (Rising(now) is { } period)
        {
            expected = $"period {period} of ageing";
            return decided is [FrontierAged aged] && aged.Period == period;
        }

        // Which rate counts is told elsewhere; here only that there is one.
        if (decided is [BackpressureChanged { Cause: PressureCause.ErrorRate }])
        {
            expected = "a level by a rate of errors";
            return _pool?.ErrorThreshold is not null && _ends.Count >= 20;
        }

        if (_workers.Count > _maxWorkers && _workers.LastOrDefault(w => !_busy.ContainsKey(w.Id)) is { } tooMany)
        {
            expected = $"{tooMany.Id} leaves";
            return decided is [WorkerLeft left] && left.Worker == tooMany.Id;
        }

        if (_workers.Count <= _maxWorkers && _workers.LastOrDefault(IsSpare) is { } spare && (_workers.Count > WorkersNow || IsIdleTooLong(spare.Id, now)))
        {
            expected = $"{spare.Id} leaves for pressure or idleness";
            return decided is [WorkerLeft left] && left.Worker == spare.Id;
        }

        if (_hasWaves && _status != ExecutionStatus.Aborted && _tasks.Any(IsBehindBarrier) && _tasks.Where(t => !IsBehindBarrier(t)).All(t => t.HasEnded))
        {
            expected = $"wave {_wave + 1}";
            var released = _tasks.Where(t => t.Wave == _wave + 1 && t.State == "PENDING" && t.Before.All(p => p.IsDone)).Select(t => new TaskReady(t.Task.Id));
            return decided[0] == new WaveStarted(_wave + 1) && decided.Skip(1).SequenceEqual(released);
        }

        var mayStart = _status == ExecutionStatus.Running && !_draining && _busy.Count < PlacesNow;
        var undoWaits = false;
        expected = "";

        // What is to be undone goes before everything new, and nothing new takes what it waits for.
        if (mayStart)
        {
            foreach (var t in _tasks.Where(t => t.MayBeUndone))
            {
                expected = $"{t.Task.Id} to be undone";
                if (t.Task is { Idempotent: true, Compensation: null }) return decided is [TaskRolledBack back] && back.Task == t.Task.Id && back.Attempt is null;
                if (t.Task.Compensation is null or RunSpec.Claimed) return decided is [HelpRequested help] && help.Task == t.Task.Id;
                if (_busy.Count >= _atOnce || !Needs(t.Task).All(n => IsFree(n) && !IsWaitedFor(n.Name)))
                {
                    if (_busy.Count == 0 || !_workers.Any(w => CanUndo(w, t))) continue;
                    expected = "nothing before what is to be undone";
                    undoWaits = true;
                    continue;
                }

                if (IdleToUndo(t) is not { } undoer) continue;
                return decided is [.., TaskAssigned undo] && undo.Task == t.Task.Id && undo.Worker == undoer;
            }

            if (undoWaits) return decided.Count == 0;
        }

        if (mayStart && FirstThatCanStart(_workers) is var (task, worker, setUp))
        {
            expected = $"{task.Task.Id} on {worker}{(setUp is null ? "" : $" after {setUp} seconds")}";
            var needs = Needs(task.Task);
            return decided.Count(e => e is not CheckpointRestored) == (needs.Length > 0 ? 2 : 1)
                && decided[^1] is TaskAssigned a && a.Task == task.Task.Id && a.Worker == worker && a.SetupSeconds == setUp && a.Attempt == task.Attempts + 1
                && (needs.Length == 0 || (decided[0] is ResourceAcquired r && r.Task == a.Task && r.Resources.SequenceEqual(needs)));
        }

        // Another one like the first joins if a task could start with it.
        if (mayStart && _workers.Count > 0 && _workers.Count < WorkersNow && FirstThatCanStart([_workers[0] with { Id = new("new") }]) is not null)
        {
            expected = "one more worker";
            return decided is [WorkerJoined];
        }

        if (decided is [TaskPreempted, ..])
        {
            expected = "somebody makes way, who is looked at with the event";
            return _status == ExecutionStatus.Running && !_draining;
        }

        var waits = _waits || _draining || _status != ExecutionStatus.Running;
        var ends = _busy.Count == 0 && !_tasks.Any(t => t.State == "BACKOFF") && !WillHalfOpen
            && (_status == ExecutionStatus.Aborted || (!(_waits && _tasks.Any(t => t.State == "HELP_NEEDED")) && !((waits || _tasks.Any(t => t.Closed && IsWaiting(t) && _workers.Any(w => w.CanTake(t.Task)) && !IsStuckAtBreaker(t))) && _tasks.Any(t => t.State is "READY" or "QUEUED" || t.MayBeUndone))));
        var status = _status == ExecutionStatus.Aborted ? _status : _tasks.All(t => t.IsDone) ? ExecutionStatus.Completed : ExecutionStatus.Failed;
        expected = ends ? $"the end, {status}" : "nothing";
        return ends ? decided is [ExecutionFinished finished] && finished.Status == status : decided.Count == 0;
    }

    /// <summary>Why a task is not over although the execution has ended; empty when there is a good reason for each.</summary>
    public IEnumerable<string> Unexplained()
    {
        foreach (var t in _tasks)
        {
            var explained = t.State switch
            {
                "SUCCEEDED" or "FAILED" or "HELP_NEEDED" or "SKIPPED" or "CANCELLED" or "ROLLED_BACK" => true,
                "COMPENSATING" => !t.MayBeUndone || !_workers.Any(w => CanUndo(w, t)),
                "READY" or "QUEUED" => HasNobody(t),
                "PENDING" when _hasWaves => _tasks.Any(o => !IsBehindBarrier(o) && o.State is "HELP_NEEDED" or "READY" or "QUEUED" or "ROLLED_BACK" or "COMPENSATING"),
                "PENDING" => Ancestors(t).Any(p => p.State is "HELP_NEEDED" or "ROLLED_BACK" or "COMPENSATING" || HasNobody(p)),
                _ => false,
            };
            if (!explained) yield return $"{t.Task.Id} is {t.State}";
        }
    }

    private void Note(RecordedEvent recorded, TaskEvent happened, Entry t)
    {
        Must(!t.UndoFailed || happened is RollbackStarted or TaskRolledBack or ResourceReleased or CheckpointsPruned or CheckpointChosen, "what could not be undone is done again or done without", recorded);
        switch (happened)
        {
            case TaskReady:
                Must(t.State == "PENDING" && t.Before.All(p => p.IsDone), "it is ready before its predecessors are done", recorded);
                Must(!IsBehindBarrier(t), "it is ready before its wave", recorded);
                (t.State, t.ReleasedAs) = ("READY", _releases++);
                t.Age ??= t.ReleasedAs;
                t.WaitsSince = recorded.At;
                if (Order.AgeingSeconds > 0) t.Born = (int)(recorded.At.SecondsSince(_created) / Order.AgeingSeconds);
                if (t.Tag is null) Stamp(t);
                break;
            case TaskCheckpoint e:
                Must(t.Live?.Number == e.Attempt && t.State != "COMPENSATING" && t.Checkpoints.Add(e.Checkpoint), "something is kept of an old attempt, or under an old name", recorded);
                break;
            case CheckpointRestored e:
                Must(t.Live is null && t.State is "READY" or "QUEUED" && e.Attempt == t.Attempts + 1 && t.Checkpoints.Contains(e.Checkpoint), "it begins from what it does not have", recorded);
                break;
            case CheckpointChosen e:
                Must(!t.IsDone && t.Checkpoints.Contains(e.Checkpoint), "it shall begin from what it does not have", recorded);
                break;
            case CheckpointsPruned e:
                Must(e.Checkpoints.Count > 0 && e.Checkpoints.All(t.Checkpoints.Remove), "what it does not have is dropped", recorded);
                break;
            case RollbackStarted e:
                var again = e.Tasks.Count == 1 && t.State == "COMPENSATING";
                var stands = StandsOn(t);
                Must(again || e.Tasks.ToHashSet().SetEquals(stands.Append(t).Select(o => o.Task.Id)), "something else is undone than what stands on it", recorded);
                Must(again || e.Tasks.Index().All(o => e.Tasks.Take(o.Index).All(earlier => !_byId[o.Item].After.Select(a => a.Task.Id).Except(e.Tasks.Take(o.Index)).Any(e.Tasks.Contains))), "it is undone before what stands on it", recorded);
                foreach (var undone in e.Tasks.Select(id => _byId[id]))
                {
                    Must(undone.Live is null || again, "it is undone while it runs", recorded);
                    Leave(undone);
                    undone.State = "COMPENSATING";
                }

                break;
            case TaskRolledBack e:
                Must(e.Asked == true ? t.State is "HELP_NEEDED" or "FAILED" : t.State == "COMPENSATING" && t.Live?.Number == e.Attempt && !t.After.Any(a => a.State == "COMPENSATING" || a.UndoFailed), "it is undone out of turn or by an old attempt", recorded);
                Leave(t);
                (t.State, t.WasOver) = ("ROLLED_BACK", true);
                break;
            case CompensationFailed e:
                Must(t.State == "COMPENSATING" && t.Live?.Number == e.Attempt, "an old compensation fails", recorded);
                Leave(t);
                break;
            case TaskHeldBack:
                Must(t.Live is null && t.State is "READY" or "QUEUED" or "BACKOFF" or "HELP_NEEDED" or "FAILED" && (IsBehindBarrier(t) || t.Before.Any(p => !p.IsDone)), "it is held back for no reason", recorded);
                if (t.State is "FAILED" or "HELP_NEEDED") BeginAnew(t);
                t.State = "PENDING";
                break;
            case TaskQueued:
                Must(t.State is "BACKOFF" or "FAILED" or "HELP_NEEDED" || (t.Live is { Stop: not (StopReason.Aborted or StopReason.Cancelled) } && t.Task.Idempotent), "it is queued from nowhere, or runs twice and must not", recorded);
                if (t.State is "FAILED" or "HELP_NEEDED") BeginAnew(t);
                Leave(t);
                (t.State, t.WaitsSince) = ("QUEUED", recorded.At);
                break;
            case ResourceAcquired { Attempt: not null } or ResourceReleased { Attempt: not null } or ResourceRequested or ResourceWithdrawn or ResourceDenied:
                NoteMore(recorded, happened, t);
                break;
            case ResourceAcquired e:
                Must(t.Held.Count == 0 && e.Resources.SequenceEqual(Needs(t.Task)), "it takes something else than it needs", recorded);
                Must(e.Resources.All(r => !IsWaitedFor(r.Name)), "it begins with what somebody waits for", recorded);
                t.Held = e.Resources;
                break;
            case ResourceReleased e:
                Must(e.Resources.Count > 0 && e.Resources.SequenceEqual(t.Held), "it gives back something else than it holds", recorded);
                t.Held = [];
                break;
            case TaskAssigned e when t.State == "COMPENSATING":
                Must(t.Live is null && !t.After.Any(a => a.State == "COMPENSATING" || a.UndoFailed), "it is undone twice or out of turn", recorded);
                Must(_busy.Count < PlacesNow && _busy.Count < _atOnce && _status == ExecutionStatus.Running && !_draining, "it is undone although nothing may start", recorded);
                Must(e.Attempt == t.Attempts + 1 && !_busy.ContainsKey(e.Worker) && _workers.Any(w => w.Id == e.Worker && CanUndo(w, t)), "its compensation has a wrong number or worker", recorded);
                (t.Attempts, t.Live) = (e.Attempt, new Attempt(e.Attempt, e.Worker, e.Deadline));
                _busy[e.Worker] = t;
                break;
            case TaskAssigned e:
                Must(t.Live is null && (t.State is "READY" or "QUEUED"), "it starts a second time", recorded);
                Must(_busy.Count < PlacesNow, "more run than there may be workers", recorded);
                Must(!IsKeptByBreaker(t), "it starts although a breaker keeps it", recorded);
                Must(!IsHeldBack(t) || _busy.Count == 0, "it starts although it is held back", recorded);
                Must(_busy.Count < _atOnce, "too many tasks run at once", recorded);
                Must(t.Before.All(p => p.IsDone), "it starts before its predecessors are done", recorded);
                Must(_status == ExecutionStatus.Running && !_draining, "it starts although nothing may start", recorded);
                Must(e.Attempt == t.Attempts + 1, "its attempt has a wrong number", recorded);
                Must(!_busy.ContainsKey(e.Worker), "its worker has another task", recorded);
                Must(_workers.Any(w => w.Id == e.Worker && w.CanTake(t.Task)), "its worker cannot do it", recorded);
                (t.State, t.Attempts, t.Live) = ("ASSIGNED", e.Attempt, new Attempt(e.Attempt, e.Worker, e.Deadline));
                _busy[e.Worker] = t;
                if (e.SetupSeconds is not null) _setUps[e.Worker] = t.Task.Capabilities;
                _doneBy[e.Worker] = recorded.At.PlusSeconds(e.SetupSeconds ?? 0).Plus(t.Task.Duration.MeanMicroseconds);
                Must(e.Deadline is null || e.Deadline > recorded.At.PlusSeconds(e.SetupSeconds ?? 0), "its time is over before its worker is set up", recorded);
                t.Parked = null;
                t.Closed = false;
                CheckBoundedWaiting(recorded, t);
                Must(IsOpen(t, recorded.At), "it begins outside of its windows", recorded);
                if (_priority is null) Overtake(t);
                break;
            case TaskStarted e:
                Must(t.Live?.Number == e.Attempt && t.Live.Worker == e.Worker, "an old attempt starts", recorded);
                if (t.State != "COMPENSATING") t.State = "RUNNING";
                break;
            case TaskPreempted e:
                NotePreempted(recorded, e, t);
                break;
            case AttemptStopping e:
                Must(t.Live?.Number == e.Attempt, "an old attempt is stopped", recorded);
                t.Live!.Stop = e.Reason;
                _asking.Remove(t);
                break;
            case TaskVerifying e:
                Must(t.Live is { Verifying: false, Stop: null } && t.Live.Number == e.Attempt, "an old attempt is verified", recorded);
                _asking.Remove(t);
                (t.State, t.Live!.Verifying, t.Live.ExitLost) = ("VERIFYING", true, e.ExitCode is null);
                _asking.Remove(t);
                break;
            case TaskSucceeded e:
                Must(t.Live is { Stop: null } && t.Live.Number == e.Attempt, "an old or stopped attempt succeeds", recorded);
                Must(t.Task.Checks.Count == 0 || (t.Live!.Verifying && e.Checks.Count == t.Task.Checks.Count && e.Checks.All(c => c.Passed)), "it succeeds without its checks", recorded);
                Must(t.Task.Produces.Where(p => p.Required).All(p => e.Artifacts.Any(a => a.Path == p.Path)), "it succeeds without its artifacts", recorded);
                Leave(t);
                (t.State, t.WasOver) = ("SUCCEEDED", true);
                _ends.Add(true);
                break;
            case TaskFailed e:
                Must(t.Live?.Number == e.Attempt && (t.Live.Stop is null or StopReason.TimedOut or StopReason.Stalled), "an old attempt fails", recorded);
                Must(e.Error.Kind == FailureKind.TimedOut == t.Live!.Stop is StopReason.TimedOut, "it fails by another reason", recorded);
                Must(e.Error.Kind == FailureKind.Stalled == t.Live.Stop is StopReason.Stalled, "it fails by another reason", recorded);
                Leave(t);
                t.Failures++;
                _ends.Add(false);
                Must(t.Failures <= t.Allowed(_plan.Policies.Retry), "it fails more often than it may be tried", recorded);
                CountFailure(recorded.At, t, e.Error);
                (t.Error, var mayRetry) = (e.Error, !IsFinal(t, e.Error) && !IsBudgetSpent);
                Must(e.CanRetry == (t.Task.Idempotent && t.Failures < t.Allowed(_plan.Policies.Retry) && e.Error.Kind != FailureKind.NotStarted && mayRetry), "its retries are miscounted", recorded);
                (t.State, t.WasOver) = ("FAILED", t.WasOver || !e.CanRetry);
                break;
            case RetryScheduled e:
                Must(t.State == "FAILED" && t.Failures < t.Allowed(_plan.Policies.Retry), "it is tried too often", recorded);
                Must(e.NotBefore >= recorded.At && e.NotBefore.SecondsSince(recorded.At) <= LongestDelay(t.Error!, recorded.At), "its delay is out of bounds", recorded);
                _retries++;
                (t.State, t.NotBefore) = ("BACKOFF", e.NotBefore);
                break;
            case HelpRequested:
                Must(t.State is "FAILED" or "COMPENSATING" || (t.Live is not null && !t.Task.Idempotent) || (_askedByBreakers.Remove(t.Task.Id) && t.State is "BACKOFF" or "READY" or "QUEUED" or "PENDING"), "it asks for help for no reason", recorded);
                Leave(t);
                (t.State, t.WasOver, t.UndoFailed) = ("HELP_NEEDED", true, t.State == "COMPENSATING");
                break;
            case HelpAnswered:
                Must(!t.IsDone && t.WaivedAsDone is null, "advice for a task that nobody will try", recorded);
                break;
            case TaskRestored:
                Must((t.State == "SKIPPED" && t.WaivedAsDone is null) || t.State == "ROLLED_BACK" || (t.State == "CANCELLED" && _status != ExecutionStatus.Aborted), "it is restored from nowhere", recorded);
                BeginAnew(t);
                t.State = "PENDING";
                break;
            case TaskCancelled e:
                Must(_status == ExecutionStatus.Aborted || (e.Asked == true && t.Live is null or { Stop: StopReason.Cancelled }), "it is cancelled without an abort, or while it runs", recorded);
                Leave(t);
                (t.State, t.WasOver) = ("CANCELLED", true);
                break;
            case TaskWaived e:
                Must(t.Live is null && t.State != "SUCCEEDED" && t.WaivedAsDone is null, "it is skipped although it runs or is over", recorded);
                (t.State, t.WaivedAsDone, t.WasOver) = ("SKIPPED", e.CountsAsDone, true);
                break;
            case TaskSkipped e:
                Must(t.State == "PENDING" && Ancestors(t).Contains(_byId[e.Because]) && (_byId[e.Because].State is "FAILED" or "CANCELLED" || _byId[e.Because].WaivedAsDone == false), "it is skipped for no reason", recorded);
                (t.State, t.WasOver) = ("SKIPPED", true);
                break;
        }
    }

    private void BeginAnew(Entry t)
    {
        t.Failures = 0;
        Forget(t);
    }

    private static bool CanUndo(WorkerProfile w, Entry t) =>
        t.Task.Compensation is RunSpec.Process && w.Runs.Contains("process") && (w.SetupSeconds is not null || w.Capabilities is null || t.Task.Capabilities.All(w.Capabilities.Contains));

    private WorkerId? IdleToUndo(Entry t) => _workers.Index().Where(w => !_busy.ContainsKey(w.Item.Id) && CanUndo(w.Item, t))
        .OrderBy(w => KindOf(w.Item)).ThenBy(w => w.Item.Capabilities?.Count ?? int.MaxValue)
        .ThenBy(w => _workers.Index().First(o => Same(o.Item, w.Item)).Index).ThenBy(w => w.Index)
        .Select(w => (WorkerId?)w.Item.Id).FirstOrDefault();

    private void Leave(Entry t)
    {
        if (t.Live is { } live && _busy.Remove(live.Worker)) _idleSince[live.Worker] = _now;
        if (t.Live is not null) _doneBy.Remove(t.Live.Worker);
        t.Live = null;
        _asking.Remove(t);
    }

    private void CheckAll(RecordedEvent recorded)
    {
        foreach (var t in _tasks.Where(t => t.Parked is not null && !IsWanting(t))) t.Parked = null;
        foreach (var (name, total) in _tasks.SelectMany(t => t.AllHeld).GroupBy(r => r.Name).Select(g => (g.Key, g.Sum(r => r.Amount))))
            Must(total <= Capacity(name) || IsOnlyRead(name), name + " is given out beyond its capacity", recorded);
        Must(_busy.Count == _tasks.Count(t => t.Live is not null), "a worker has two attempts", recorded);
    }

    private static Instant? DueAt(Entry t) => t switch
    {
        { State: "BACKOFF" } => t.NotBefore,
        { Live: { Stop: null, Verifying: false } live } => live.Deadline,
        _ => null,
    };

    private int PlacesNow => Math.Min(_maxWorkers, _places ?? _maxWorkers);

    private int WorkersNow => Math.Min(_maxWorkers, Math.Max(PlacesNow, _pool?.MinWorkers ?? 1));

    private bool IsSpare(WorkerProfile worker) => !_busy.ContainsKey(worker.Id) && _workers.Any(o => o.Id != worker.Id && Same(o, worker));

    private bool IsIdleTooLong(WorkerId worker, Instant now) =>
        _pool?.IdleSeconds is { } seconds && _workers.Count > _pool.MinWorkers && _workers.Count > 0 && _idleSince[worker].PlusSeconds(seconds) <= now;

    private bool IsHeldBack(Entry t) => _pressure is { Level: not BackpressureLevel.Normal } && (t.Task.Priority == Priority.Low || _pressure.Cause switch
    {
        PressureCause.Cpu => t.Task.Estimated.CpuCores >= (_plan.Resources.Quotas.CpuCores is { } all ? all / 2 : 2),
        PressureCause.Memory => t.Task.Estimated.MemoryMb >= (_plan.Resources.Quotas.MemoryMb is { } all ? all / 2 : 2048),
        _ => false,
    });

    // Of those that are held back only when nothing runs and nothing else can start, and then in the usual order.
    private (Entry Task, WorkerId Worker, double? SetUp)? FirstThatCanStart(IReadOnlyList<WorkerProfile> workers)
    {
        if (First(workers, isHeldBack: false) is { } first) return first;
        return _busy.Count == 0 ? First(workers, isHeldBack: true) : null;
    }

    private (Entry Task, WorkerId Worker, double? SetUp)? First(IReadOnlyList<WorkerProfile> workers, bool isHeldBack)
    {
        if (_busy.Count >= _atOnce) return null;
        var inOrder = _tasks.Index().Where(t => t.Item.State is "READY" or "QUEUED" && !IsParked(t.Item) && !IsKeptByBreaker(t.Item) && IsHeldBack(t.Item) == isHeldBack)
            .OrderBy(t => isHeldBack ? ((int)t.Item.Task.Priority, false, 0, -_toEnd[t.Index], t.Index) : PlaceOf(t.Item)).ToArray();
        foreach (var (place, (_, t)) in inOrder.Index())
        {
            var ahead = inOrder.Take(place).Select(o => o.Item);
            if (!Needs(t.Task).All(n => IsFree(n) && !IsWaitedFor(n.Name) && !IsKept(t, n)) || Needs(t.Task).Any(n => n.Reads == true && ahead.Any(w => Writes(w, n.Name)))) continue;
            if (BestFor(t, workers) is { } worker) return (t, worker.Id, SetUpOf(worker, t));
        }

        return null;
    }

    // One that need not be set up; else one that must be, if more wait for such a one than should be idle by then. Those who would join are for
    // what no idle one could take at all.
    private WorkerProfile? BestFor(Entry t, IReadOnlyList<WorkerProfile> workers)
    {
        var joins = !ReferenceEquals(workers, _workers);
        if (joins && _workers.Any(w => !_busy.ContainsKey(w.Id) && w.CanTake(t.Task))) return null;
        var best = workers.Index().Where(w => !_busy.ContainsKey(w.Item.Id) && w.Item.CanTake(t.Task))
            .OrderBy(w => SetUpOf(w.Item, t) ?? -1).ThenBy(w => KindOf(w.Item)).ThenBy(w => w.Item.Capabilities?.Count ?? int.MaxValue)
            .ThenBy(w => workers.Index().First(o => Same(o.Item, w.Item)).Index)
            .ThenBy(w => SetUpOf(w.Item, t) is not null && _setUps.ContainsKey(w.Item.Id)).ThenBy(w => w.Index)
            .Select(w => w.Item).FirstOrDefault();
        if (best is null || joins || SetUpOf(best, t) is not { } seconds) return best;
        var line = _tasks.Count(o => o.State is "READY" or "QUEUED" && !IsParked(o) && !IsKeptByBreaker(o) && !IsHeldBack(o)
            && o.Task.Run.Kind == t.Task.Run.Kind && o.Task.Capabilities.ToHashSet().SetEquals(t.Task.Capabilities));
        var soon = _workers.Count(w => w.CanTake(t.Task) && SetUpOf(w, t) is null && _doneBy.TryGetValue(w.Id, out var done) && done > _lookedAt && done <= _lookedAt.PlusSeconds(seconds));
        return Math.Max(1, line) > soon ? best : null;
    }

    private double? SetUpOf(WorkerProfile worker, Entry t) =>
        worker.SetupSeconds is { } seconds && t.Task.Capabilities.Except(worker.Capabilities ?? []).Except(_setUps.GetValueOrDefault(worker.Id) ?? []).Any() ? seconds : null;

    // Specialised, generic after a set-up, anything at once.
    private static int KindOf(WorkerProfile worker) => worker.SetupSeconds is not null ? 1 : worker.Capabilities is null ? 2 : 0;

    private bool IsFree(ResourceAmount need) => need.Reads == true
        ? _tasks.All(o => o.AllHeld.All(h => h.Name != need.Name || h.Reads == true))
        : need.Amount <= Capacity(need.Name) - _tasks.Sum(o => o.AllHeld.Where(h => h.Name == need.Name).Sum(h => h.Amount));

    private OrderPolicy Order => _plan.Policies.Order;

    private static bool IsWaiting(Entry t) => t.State is "READY" or "QUEUED" && t.Held.Count == 0;

    private long Path(int index) => _hasWaves ? -_tasks[index].Task.Duration.MeanMicroseconds : -_toEnd[index];

    private (int Class, bool OpenSoft, long Turn, long Path, int Index) PlaceOf(Entry t)
    {
        var index = _plan.IndexOf(t.Task.Id);
        if (_priority == PriorityRule.Fifo) return (0, false, 0, t.ReleasedAs, index);
        if (_priority is not null) return (0, false, 0, Path(index), index);
        var mean = Math.Max(1, _plan.Tasks.Average(o => (double)o.Duration.MeanMicroseconds));
        return (ClassOf(t), t.SoftBefore.Any(p => !p.WasOver), Order.IsFair ? (long)(t.Tag!.Value / mean) : 0, Path(index), index);
    }

    private int ClassOf(Entry t) => Math.Max(BestClass, (int)t.Task.Priority - Math.Max(0, _period - t.Born));

    private int BestClass => _plan.Tasks.Min(t => (int)t.Priority);

    // The period that begins now, if some task that waits rises by time.
    private int? Rising(Instant now)
    {
        if (_priority is not null || Order.AgeingSeconds <= 0 || !_tasks.Any(t => IsInLine(t) && ClassOf(t) > BestClass)) return null;
        var period = (int)(now.SecondsSince(_created) / Order.AgeingSeconds);
        return period > _period ? period : null;
    }

    private void Stamp(Entry t)
    {
        var feature = t.Task.Feature?.Value ?? "";
        var weight = Order.Weights.Where(w => w.Feature.Value == feature).Select(w => w.Weight).FirstOrDefault(1);
        t.Tag = Math.Max(_virtualTime, _featureEnds.GetValueOrDefault(feature));
        _featureEnds[feature] = t.Tag.Value + (t.Task.Duration.MeanMicroseconds / weight);
    }

    // The first of those that wait for resources is overtaken by one that takes some of them.
    private void Overtake(Entry by)
    {
        _virtualTime = Math.Max(_virtualTime, by.Tag ?? 0);
        by.Overtaken = 0;
        var first = _tasks.Where(t => IsInLine(t) && Needs(t.Task).Length > 0 && _workers.Any(w => w.CanTake(t.Task))).MinBy(PlaceOf);
        if (first is null || PlaceOf(first).CompareTo(PlaceOf(by)) >= 0) return;
        if (!Needs(first.Task).Any(n => Needs(by.Task).Any(taken => taken.Name == n.Name && !(taken.Reads == true && n.Reads == true)))) return;
        if (++first.Overtaken >= Order.MaxOvertakes) _keptFor = first;
    }

    private bool IsKept(Entry from, ResourceAmount need)
    {
        if (_keptFor is not { } kept || PlaceOf(from).CompareTo(PlaceOf(kept)) <= 0) return false;
        var free = Capacity(need.Name) - _tasks.Sum(o => o.AllHeld.Where(h => h.Name == need.Name).Sum(h => h.Amount));
        return Needs(kept.Task).Any(k => k.Name == need.Name && (need.Name.StartsWith("lock:", StringComparison.Ordinal) ? !(k.Reads == true && need.Reads == true) : need.Amount > Math.Max(0, free - k.Amount)));
    }

    private bool IsOnlyRead(string name) => _tasks.All(t => t.AllHeld.All(h => h.Name != name || h.Reads == true));

    // One that no worker can take holds nobody back, and where one rule alone gives the order nobody does.
    private bool Writes(Entry writer, string name) =>
        _priority is null && Needs(writer.Task).Any(n => n.Name == name && n.Reads is null) && _workers.Any(w => w.CanTake(writer.Task));

    private bool IsBehindBarrier(Entry t) => _hasWaves && t.Wave > _wave;

    private static bool Same(WorkerProfile a, WorkerProfile b) =>
        a.SetupSeconds == b.SetupSeconds && a.Runs.ToHashSet().SetEquals(b.Runs) && a.Capabilities is null == b.Capabilities is null
        && (a.Capabilities is null || a.Capabilities.ToHashSet().SetEquals(b.Capabilities!));

    private ResourceAmount[] Needs(PlanTask task)
    {
        var quotas = _plan.Resources.Quotas;
        return
        [
            .. task.LocksTaken.Order(StringComparer.Ordinal).Select(l => new ResourceAmount("lock:" + l, 1, task.Locks.Contains(l) ? null : true)),
            .. task.Pools.OrderBy(p => p.Pool, StringComparer.Ordinal).Select(p => new ResourceAmount("pool:" + p.Pool, p.Units)),
            .. Quota("cpu_cores", quotas.CpuCores, task.Estimated.CpuCores),
            .. Quota("disk_io_mbps", quotas.DiskIoMbps, task.Estimated.DiskIoMbps),
            .. Quota("memory_mb", quotas.MemoryMb, task.Estimated.MemoryMb),
        ];

        static IEnumerable<ResourceAmount> Quota(string name, double? declared, double? needed) =>
            declared is not null && needed > 0 ? [new ResourceAmount(name, (long)Math.Round(needed.Value * 1000))] : [];
    }

    private long Capacity(string name) => name switch
    {
        "cpu_cores" => (long)(_plan.Resources.Quotas.CpuCores!.Value * 1000),
        "disk_io_mbps" => (long)(_plan.Resources.Quotas.DiskIoMbps!.Value * 1000),
        "memory_mb" => (long)(_plan.Resources.Quotas.MemoryMb!.Value * 1000),
        _ when name.StartsWith("lock:", StringComparison.Ordinal) => 1,
        _ => _plan.Resources.Pools.Single(p => "pool:" + p.Pool == name).Units,
    };

    private static long ToEnd(Entry t) => t.Task.Duration.MeanMicroseconds + t.After.Select(ToEndOnce).DefaultIfEmpty(0).Max();

    private static long ToEndOnce(Entry t) => t.Rank ??= ToEnd(t);

    private static HashSet<Entry> Ancestors(Entry t)
    {
        var found = new HashSet<Entry>();
        var stack = new Stack<Entry>([t]);
        while (stack.TryPop(out var next))
        {
            foreach (var before in next.Before)
            {
                if (found.Add(before)) stack.Push(before);
            }
        }

        return found;
    }

    private void Must(bool holds, string what, RecordedEvent recorded)
    {
        if (!holds) Assert.Fail($"seed {seed}: {what}, event {recorded.Seq}: {recorded.Event}");
    }
}
