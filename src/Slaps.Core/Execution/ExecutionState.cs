using System.Diagnostics;
using System.Runtime.InteropServices;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;

namespace Slaps.Core.Execution;

/// <summary>
/// Where one execution stands, folded from its events. It belongs to its one writer and is changed in place on dense indexes;
/// readers fold their own from the journal.
/// </summary>
public sealed partial class ExecutionState
{
    internal static readonly TaskState.Pending Pending = new();

    private TaskState[] _tasks;
    private int[] _unfinished;
    private int[] _attempts;
    private int[] _failures;
    private bool[] _holds;
    private readonly Dictionary<string, int> _counts = [];
    private readonly IndexSet _active = [];
    
    // Ties in file order: a replayed state answers as the one that it replaces, whatever its queue looks like inside.
    private readonly PriorityQueue<(int Task, int Attempt), (Instant Due, int Task)> _timers = new();
    private readonly ResourceAmount? _more;
    private ResourceTable _resources;
    private WorkerTable _workers;
    private Frontier _frontier;
    private long? _placesAsked;
    private PatchPreview? _preview;
    private readonly PressureState _pressure = new();
    private readonly PriorityQueue<(int Task, int Attempt), (Instant Due, int Task)> _leases = new();
    private readonly SortedSet<int> _claimed = [];
    private readonly HashSet<int> _withoutPlace = [];
    private readonly Dictionary<int, string> _troubles = [];
    private readonly Dictionary<int, string> _advice = [];
    private readonly Dictionary<int, List<Subtask>> _subtasks = [];
    private readonly Dictionary<int, (int Attempt, TaskError Error)> _lastErrors = [];

    // The tasks of each wave in file order, and which wave is a task's; empty where no barrier holds.
    private IReadOnlyList<int>[] _waves = [];
    private int[] _waveOf = [];
    private int _unendedInOpenWaves;

    /// <summary>The state before the first event.</summary>
    public ExecutionState(ExecutionId id, Plan plan)
        : this(id, plan, more: null)
    {
    }

    /// <summary>The state before the first event, where there is more of one resource than the plan says.</summary>
    internal ExecutionState(ExecutionId id, Plan plan, ResourceAmount? more)
    {
        Id = id;
        Plan = plan;
        _more = more;
        var count = plan.Tasks.Count;
        _tasks = new TaskState[count];
        Array.Fill(_tasks, Pending);
        _counts[Pending.Name] = count;
        _unfinished = new int[count];
        for (var i = 0; i < count; i++) _unfinished[i] = plan.Graph.PredecessorsOf(i).Length;
        _attempts = new int[count];
        _failures = new int[count];
        _holds = new bool[count];
        _bornAs = new int[count];
        _resources = new ResourceTable(plan, more);
        _workers = new WorkerTable(plan, before: null);
        _frontier = new Frontier(plan, _resources, _workers);
    }

    /// <summary>The execution's name.</summary>
    public ExecutionId Id { get; }

    /// <summary>What is executed: the plan as it was at the beginning with every patch since.</summary>
    public Plan Plan { get; private set; }

    /// <summary>The last event's sequence number; 0 before the first.</summary>
    public long Seq { get; private set; }

    /// <summary>The last event's time.</summary>
    public Instant Now { get; private set; }

    /// <summary>Where the execution as a whole stands.</summary>
    public ExecutionStatus Status { get; private set; }

    /// <summary>Whether nothing more happens unless somebody asks.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Whether it is open, and nothing goes on before a person answers: all else is done, failed, or waits for that.</summary>
    public bool AwaitsAnswer => !IsFinished && Status == ExecutionStatus.Running && CountOf("HELP_NEEDED") > 0 && Active.Count == 0
        && FrontierSize == Circuits.Parked.Count && NextHalfOpening is null && CountOf("BACKOFF") == 0 && !ToUndo.Any();

    /// <summary>Whether it ended as failed with tasks on the frontier that nobody there could take: whoever can opens it again. What a breaker holds is not to be had.</summary>
    public bool CanReopen => IsFinished && Status == ExecutionStatus.Failed && FrontierSize > Circuits.Parked.Count;

    /// <summary>The tasks that need a person, in file order. Costs a look at every task: for views.</summary>
    public IEnumerable<TaskId> Asked => Plan.Tasks.Where((_, task) => _tasks[task] is TaskState.HelpNeeded).Select(task => task.Id);

    /// <summary>Whether the present coordinator starts nothing new and leaves when nothing runs.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>The most workers that the present coordinator may have.</summary>
    public int MaxWorkers { get; private set; }

    /// <summary>How many workers somebody asked for; null: nobody did, and each coordinator has its own.</summary>
    public int? WorkersAsked { get; private set; }

    /// <summary>What is held back for pressure on the machine, or because too much fails.</summary>
    public Backpressure Backpressure => _pressure.Now;

    /// <summary>How the present coordinator's pool shrinks and what it holds back for; null: it does neither.</summary>
    public PoolRules? Pool => _pressure.Rules;

    /// <summary>Whether the task is on the frontier and waits until the pressure eases, or until nothing else runs.</summary>
    public bool IsHeldBack(int task) => _pressure.IsHeld(task);

    /// <summary>Whether one more task may run, as far as their number goes.</summary>
    public bool HasPlace => _active.Count - _claimed.Count < Math.Min(MaxWorkers, Backpressure.Places ?? int.MaxValue);

    internal (int Failed, int Ended, int SinceChange) LastEnds => _pressure.Ends;

    /// <summary>The idle worker that should leave because there are too many or it was idle for too long; null when none should.</summary>
    internal WorkerId? NextLeaving(Instant at)
    {
        if (_workers.All.Count > MaxWorkers) return _workers.LastIdle;
        if (_workers.All.Count > WorkersWithPressure) return _workers.LastSpare;
        return NextIdle is var (idle, until) && until <= at ? idle : null;
    }

    // Where there are fewer places there are fewer workers, too, but never fewer than those of the start.
    private int WorkersWithPressure => Backpressure.Places is { } places ? Math.Min(MaxWorkers, Math.Max(places, Pool?.MinWorkers ?? 1)) : MaxWorkers;

    private (WorkerId Worker, Instant Until)? NextIdle =>
        Pool is { IdleSeconds: not null, MinWorkers: var least } && !IsFinished && _workers.All.Count > least && _workers.LastSpare is { } idle && _pressure.IdleUntil(idle) is { } until
            ? (idle, until)
            : null;

    /// <summary>The circuit breakers and what waits for them.</summary>
    public CircuitTable Circuits { get; } = new();

    /// <summary>How many retries were scheduled since the execution began.</summary>
    public int Retries { get; private set; }

    /// <summary>Whether the present coordinator stays for tasks that none of its workers can take.</summary>
    public bool WaitsForClaims { get; private set; }

    /// <summary>The one rule that orders the frontier; null: priority class, then critical path.</summary>
    public PriorityRule? Priority { get; private set; }

    /// <summary>When tasks may start.</summary>
    public ExecutionModel Model { get; private set; }

    /// <summary>How much of the sessions' work it gets beside others (<see cref="ExecutionTurns"/>).</summary>
    public int Weight { get; private set; } = 1;

    /// <summary>The last wave that has begun; 0 where there are no barriers.</summary>
    public int Wave { get; private set; }

    /// <summary>Hash of the plan when the execution was created.</summary>
    public string PlanHash { get; private set; } = "";

    /// <summary>Hash of the plan as it is now: another one than at the beginning once it was patched.</summary>
    public string PresentPlanHash { get; private set; } = "";

    /// <summary>The folder in which tasks run.</summary>
    public string Workspace { get; private set; } = "";

    /// <summary>When the execution was created.</summary>
    public Instant CreatedAt { get; private set; }

    /// <summary>Why it is paused or was aborted.</summary>
    public string? StatusReason { get; private set; }

    /// <summary>The present coordinator's workers.</summary>
    public IReadOnlyList<WorkerProfile> Workers => _workers.All;

    /// <summary>Tasks that a worker has in hand, in file order.</summary>
    public IReadOnlyCollection<int> Active => _active;

    /// <summary>How many tasks are on the frontier and wait for resources or a worker.</summary>
    public int FrontierSize => _frontier.Count + _pressure.HeldCount + _parked.Count + Circuits.Parked.Count;

    /// <summary>The frontier in the order in which its tasks should start. Those that are held back come last. Costs a look at every task: for views.</summary>
    public IEnumerable<int> FrontierInOrder => _frontier.InOrder().Concat(_pressure.Held).Concat(_parked).Concat(Circuits.Parked);

    /// <summary>The task's state.</summary>
    public TaskState this[int task] => _tasks[task];

    /// <summary>The task's state.</summary>
    public TaskState this[TaskId task] => _tasks[Index(task)];

    /// <summary>How many tasks have succeeded, or count as done because somebody skipped them.</summary>
    public int Done { get; private set; }

    /// <summary>How many tasks are in the state of that name.</summary>
    public int CountOf(string stateName) => _counts.GetValueOrDefault(stateName);

    /// <summary>How many attempts the task has had, or has in hand.</summary>
    public int AttemptsOf(int task) => _attempts[task];

    /// <summary>How many attempts have failed since the task began, or since somebody retried it after it was over.</summary>
    public int FailuresOf(int task) => _failures[task];

    /// <summary>How many hard predecessors are not done yet.</summary>
    public int UnfinishedPredecessorsOf(int task) => _unfinished[task];

    /// <summary>Tasks that hold something of this resource, e.g. <c>lock:database</c>, in file order.</summary>
    public IEnumerable<TaskId> HoldersOf(string resource) =>
        _active.Where(i => HeldOf(i, resource).Any()).Select(i => Plan.Tasks[i].Id);

    /// <summary>Whether the task only reads under a lock of this name, e.g. <c>lock:database</c>.</summary>
    public bool IsReader(TaskId task, string resource) => HeldOf(Index(task), resource).ToList() is { Count: > 0 } held && held.TrueForAll(r => r.Reads == true);

    /// <summary>How many tasks some session could claim now, as far as resources and the state of the whole go.</summary>
    public int AvailableToClaim => Status is ExecutionStatus.Paused or ExecutionStatus.Aborted ? 0 : FrontierInOrder.Count(task => LackingToClaim(task) is null);

    /// <summary>How much of a resource the task holds, what it acquired in its midst too; quotas in thousandths, 0: nothing.</summary>
    public long AmountHeld(TaskId task, string resource) => HeldOf(Index(task), resource).Sum(held => held.Amount);

    /// <summary>Everything that is held, with who holds it, in the resources' canonical order.</summary>
    public IEnumerable<(ResourceAmount Resource, TaskId Holder)> Held() =>
        _active.Where(i => _holds[i]).SelectMany(i => _resources.Describe(i).Concat(MoreOf(i)).Select(r => (r, Plan.Tasks[i].Id)));

    /// <summary>All resources with what is free and what there is, in canonical order.</summary>
    public IEnumerable<(string Name, long Free, long Capacity)> ResourceLevels() =>
        Enumerable.Range(0, _resources.Count).Select(r => (_resources.NameOf(r), _resources.LevelOf(r).Free, _resources.LevelOf(r).Capacity));

    /// <summary>The attempt that a worker has in hand, or null.</summary>
    public ActiveAttempt? ActiveAttemptOf(int task) => _tasks[task] switch
    {
        TaskState.Assigned s => s.Active,
        TaskState.Running s => s.Active,
        TaskState.Verifying s => s.Active,
        TaskState.Compensating s => s.Active,
        _ => null,
    };

    /// <summary>The time at which <see cref="Proceed"/> will have something to do by time alone, or null.</summary>
    public Instant? NextTimer
    {
        get
        {
            Instant? next = TryPeekTimer(out _, out var timer) ? timer : null;
            if (NextLease is { } lease && !(next <= lease)) next = lease;
            if (NextPreemptionTimer is { } preemption && !(next <= preemption)) next = preemption;
            if (NextWindowTimer is { } window && !(next <= window)) next = window;
            if (NextRequestTimer is { } request && !(next <= request)) next = request;
            if (NextIdle is { Until: var until } && !(next <= until)) next = until;
            if (NextSetUp is { } setUp && !(next <= setUp)) next = setUp;
            if (NextHalfOpening is { } opens && !(next <= opens)) next = opens;
            return _frontier.NextPeriod is { } period && !(next <= period) ? period : next;
        }
    }

    /// <summary>When a worker is set up for a task that until then waits for one that need not be, should that take longer than expected; null: none waits so.</summary>
    internal Instant? NextSetUp => Status == ExecutionStatus.Running && !IsDraining && HasPlace && !ToUndo.Any() ? _frontier.NextSetUp : null;

    /// <summary>The workers for which the task waits because they should be free for it sooner than an idle one is set up, and how long that would take; null where it does not.</summary>
    internal (IReadOnlyList<WorkerId> For, double SetupSeconds)? WaitsForSetUp(int task) => _workers.Soon(_workers.DemandOf(task));

    /// <summary>When a breaker lets a task try, where that is a matter of time alone; null: none will.</summary>
    internal Instant? NextHalfOpening => Status == ExecutionStatus.Running ? Circuits.NextTimer(IsMended) : null;

    /// <summary>Whether nobody has to wait for the task that mends what a breaker tripped for: it is done, it will never be, or there is none.</summary>
    internal bool IsMended(Circuit circuit) => circuit.After is not { } mends || Plan.IndexOf(mends) is not (>= 0 and var task) || HasEnded(_tasks[task]);

    /// <summary>The task for which resources are kept free because others took them too often before it; null when there is none.</summary>
    public TaskId? KeptFor => _frontier.KeptFor is var task and >= 0 ? Plan.Tasks[task].Id : null;

    /// <summary>When the first lease ends, or null.</summary>
    public Instant? NextLease => TryPeekLease(out _, out var due) ? due : null;

    /// <summary>Tasks that sessions have claimed, in file order.</summary>
    public IReadOnlyCollection<int> Claimed => _claimed;

    /// <summary>How the last attempt of a task ended, where that was no success; null where there is nothing to tell.</summary>
    public string? TroubleOf(int task) => _troubles.GetValueOrDefault(task);

    /// <summary>What a person has said for the next attempt of a task; null: nothing.</summary>
    public string? AdviceOf(int task) => _advice.GetValueOrDefault(task);

    /// <summary>The steps of a task that were written down, by number; they outlast attempts.</summary>
    public IReadOnlyList<Subtask> SubtasksOf(int task) => _subtasks.TryGetValue(task, out var steps) ? steps : [];

    /// <summary>The last failed attempt of a task with its error; null when none has failed.</summary>
    public (int Attempt, TaskError Error)? LastErrorOf(int task) => _lastErrors.TryGetValue(task, out var last) ? last : null;

    /// <summary>The wave of a task, from 0; 0 where there are no barriers.</summary>
    public int WaveOf(int task) => _waveOf.Length == 0 ? 0 : _waveOf[task];

    /// <summary>Whether no barrier keeps the task.</summary>
    internal bool IsOpen(int task) => WaveOf(task) <= Wave;

    /// <summary>The wave that should begin because every task of those before has ended, or null.</summary>
    internal int? NextWave => _unendedInOpenWaves == 0 && Wave + 1 < _waves.Length && Status != ExecutionStatus.Aborted ? Wave + 1 : null;

    /// <summary>How many whole periods of ageing count from now on, where that lets a task that waits rise; else null.</summary>
    internal int? NextPeriod(Instant at) => _frontier.NextPeriod <= at ? _frontier.PeriodAt(at) : null;

    /// <summary>Whether what the task lacks is kept for the one in <see cref="KeptFor"/>.</summary>
    internal bool IsKeptFrom(int task)
    {
        var lacking = _frontier.Lacking(task);
        foreach (var need in _resources.NeedsOf(task))
        {
            if (need.Resource == lacking) return _resources.FreeOf(lacking) >= need.Amount && _frontier.IsKeptFrom(task, need);
        }

        return false;
    }

    internal IReadOnlyList<int> TasksOfWave(int wave) => _waves[wave];

    internal bool Holds(int task) => _holds[task];

    internal IReadOnlyList<ResourceAmount> NeedsOf(int task) => _resources.Describe(task);

    /// <summary>The task that should start next and the worker that should take it; null when none can.</summary>
    internal (int Task, WorkerChoice Worker)? NextStart(Instant at)
    {
        _frontier.LookAt(at);
        var task = _frontier.Count == 0 ? -1 : _frontier.Next();

        // Whatever is held back, something runs: when nothing else can, one task of those at a time.
        if (task < 0 && _pressure.HeldCount > 0 && _active.Count == _claimed.Count) task = _pressure.Held.Where(held => _frontier.Lacking(held) < 0).DefaultIfEmpty(-1).First();
        return task < 0 ? null : (task, _workers.Choose(_workers.DemandOf(task)) ?? throw new UnreachableException(
            $"No idle worker takes {Plan.Tasks[task].Id}, which lacks nothing. Look at Frontier.Lacking."));
    }

    /// <summary>The worker that should join because a task waits for nothing but one like it; null when none should.</summary>
    internal WorkerProfile? NextWorker()
    {
        if (_workers.All.Count == 0 || _workers.All.Count >= WorkersWithPressure || !_frontier.WaitsForWorker(_workers.All[0])) return null;
        var taken = _workers.All.Select(w => w.Id.Value).ToHashSet();
        var number = 1;
        while (taken.Contains($"worker-{number}")) number++;
        return _workers.All[0] with { Id = new WorkerId($"worker-{number}") };
    }

    /// <summary>What keeps a task of the frontier from starting: a resource's name with what is free of it, or null for a worker.</summary>
    internal (string? Resource, long Free, long Needed, bool Reads)? Lacking(int task)
    {
        var lacking = _frontier.Lacking(task);
        if (lacking < 0) return null;
        if (lacking >= _resources.Count) return (null, _workers.IdleFor(lacking - _resources.Count), 1, false);
        foreach (var need in _resources.NeedsOf(task))
        {
            if (need.Resource == lacking) return (_resources.NameOf(lacking), _resources.LevelOf(lacking).Free, lacking < _resources.Locks ? 1 : need.Amount, need.IsRead);
        }

        throw new UnreachableException($"Task {Plan.Tasks[task].Id} lacks resource {lacking}, which it does not need. Look at Frontier.Lacking.");
    }

    /// <summary>The task that goes first of those that wait to write under what the task lacks to read, and so holds it back; null when none does.</summary>
    internal TaskId? WriterAheadOf(int task) => _frontier.WriterAhead(task, _frontier.Lacking(task)) is var writer and >= 0 ? Plan.Tasks[writer].Id : null;

    /// <summary>The resource, or the breaker, for which the task waits as far as a session is concerned, which brings its own hands; null when it may be claimed.</summary>
    public string? LackingToClaim(int task) => Circuits.HolderOf(task) is { } circuit ? $"the circuit breaker {circuit.Name}" : IsParked(task) ? DenialOf(task)?.Resource.Name ?? "its window" : Lacking(task) switch
    {
        { Resource: "concurrency" } when Plan.Policies.ConcurrencyMax is null => null,
        { Resource: { } resource } => resource,
        _ => null,
    };

    /// <summary>The first task whose delay is over, or null.</summary>
    internal int? FirstDelayOver(Instant at)
    {
        (Instant Due, int Task)? first = null;
        if (CountOf("BACKOFF") == 0) return null;
        for (var task = 0; task < _tasks.Length; task++)
        {
            if (_tasks[task] is TaskState.BackingOff s && s.NotBefore <= at && (first is null || s.NotBefore < first.Value.Due)) first = (s.NotBefore, task);
        }

        return first?.Task;
    }

    internal bool TryPeekLease(out int task, out Instant due)
    {
        while (_leases.TryPeek(out var lease, out var priority))
        {
            (task, due) = (lease.Task, priority.Due);
            if (ActiveAttemptOf(task) is { Lease: { } held } active && active.Attempt == lease.Attempt && held.ExpiresAt == due) return true;
            _leases.Dequeue();
        }

        (task, due) = (-1, default);
        return false;
    }

    /// <summary>Whether any of the present workers could take the task if it were idle.</summary>
    internal bool SomeWorkerCanTake(int task) => _workers.AnyFor(_workers.DemandOf(task));

    internal bool TryPeekTimer(out int task, out Instant due)
    {
        while (_timers.TryPeek(out var timer, out var priority))
        {
            (task, due) = (timer.Task, priority.Due);
            var valid = _tasks[task] switch
            {
                TaskState.BackingOff s => timer.Attempt == _attempts[task] && s.NotBefore == due,
                TaskState.Assigned or TaskState.Running or TaskState.Compensating =>
                    ActiveAttemptOf(task) is { Stop: null } active && active.Attempt == timer.Attempt && active.Deadline == due,
                _ => false,
            };
            if (valid) return true;
            _timers.Dequeue();
        }

        (task, due) = (-1, default);
        return false;
    }

    /// <summary>Applies the next event. It never refuses: what happened, happened.</summary>
    public void Evolve(RecordedEvent recorded)
    {
        if (recorded.Seq != Seq + 1)
        {
            throw new UnreachableException(
                $"Event {recorded.Seq} of {Id} follows event {Seq}. The journal has a gap; look at who appends to it.");
        }

        Seq = recorded.Seq;
        Now = recorded.At;
        _workers.Now = Now;
        if (recorded.Event is TaskEvent e) Apply(recorded.At, Index(e.Task), e);
        else Apply(recorded.At, recorded.Event);
    }

    private void Apply(Instant at, ExecutionEvent happened)
    {
        switch (happened)
        {
            case ExecutionCreated e:
                (PlanHash, PresentPlanHash, Workspace, CreatedAt) = (e.PlanHash, e.PlanHash, e.Workspace, at);
                (Priority, Model, Weight) = (e.Priority, e.Model ?? ExecutionModel.Rolling, e.Weight ?? 1);
                RunIn(e.Profile);
                ReadWindows();
                if (Model == ExecutionModel.Waves) RaiseBarriers();
                _frontier.OrderBy(at, Priority, Model);
                break;
            case CoordinatorStarted e:
                if (Status == ExecutionStatus.Created) Status = ExecutionStatus.Running;
                IsDraining = false;
                WaitsForClaims = e.WaitsForClaims;
                MaxWorkers = e.MaxWorkers;
                _placesAsked = e.Concurrency;
                _resources.SetPlaces(e.Concurrency ?? Plan.Policies.ConcurrencyMax ?? long.MaxValue);
                _pressure.Begin(e.Pool, at);
                HoldBack();
                _workers.ForgetSetUps();
                ReplaceWorkers(e.Workers);
                foreach (var worker in e.Workers) _pressure.Idle(worker.Id, at);
                break;
            case WorkersSet e:
                WorkersAsked = e.Workers;

                // A coordinator without workers only ends what an earlier one left behind.
                if (_workers.All.Count > 0) MaxWorkers = e.Workers;
                _placesAsked = e.Workers;
                _resources.SetPlaces(e.Workers);
                _frontier.Released(_resources.Count - 1);
                break;
            case WorkerLeft e:
                ReplaceWorkers([.. _workers.All.Where(w => w.Id != e.Worker)]);
                break;
            case WorkerJoined e:
                ReplaceWorkers([.. _workers.All, e.Worker]);
                _pressure.Idle(e.Worker.Id, at);
                break;
            case BackpressureChanged e:
                _pressure.Change(e, Math.Max(1, MaxWorkers), at);
                HoldBack();
                break;
            case ExecutionPaused e:
                (Status, StatusReason) = (ExecutionStatus.Paused, e.Reason);
                break;
            case ExecutionResumed:
                (Status, StatusReason) = (ExecutionStatus.Running, null);
                break;
            case DrainRequested:
                IsDraining = true;
                break;
            case ExecutionAborted e:
                (Status, StatusReason) = (ExecutionStatus.Aborted, e.Reason);
                break;
            case ExecutionFinished e:
                (Status, IsFinished) = (e.Status, true);
                _pressure.Ease(at);
                HoldBack();
                if (Status != ExecutionStatus.Aborted) StatusReason = null;
                break;
            case ExecutionReopened:
                (Status, IsFinished, StatusReason) = (ExecutionStatus.Running, false, null);
                break;
            case FrontierAged e:
                _frontier.Age(e.Period);
                break;
            case WaveStarted e:
                Wave = e.Wave;
                _unendedInOpenWaves += _waves[e.Wave].Count(task => !HasEnded(_tasks[task]));
                break;
            case PlanPatched e:
                Circuits.Patched(e.Patch.By);
                Adopt(Preview(e.Patch), e.PlanHashAfter);
                break;
            case WindowsChanged e:
                Change(e);
                break;
            case DeadlockDetected:
                break;   // What follows from it is told by events of its own.
            case CircuitBreakerTripped or CircuitBreakerHalfOpened or CircuitBreakerClosed or HotUpdateRefused:
                Switch(happened);
                break;
            default:
                throw new UnreachableException($"Nothing applies {happened.GetType().Name}. Add an arm to ExecutionState.Apply.");
        }
    }

    private void Apply(Instant at, int task, TaskEvent happened)
    {
        if (_checkpoints.Count > 0) NoteCutOff(task, happened);
        switch (happened)
        {
            case TaskReady:
                Release(task, at);
                Become(task, new TaskState.Ready(at));
                break;
            case TaskQueued e:
                FreeWorkerOf(task);
                if (_tasks[task].IsOver) BeginAnew(task);
                if (e.Says is { } says) _troubles[task] = says;
                Become(task, new TaskState.Queued(at, e.Reason));
                break;
            case ResourceAcquired { Attempt: not null } e:
                Acquire(task, e);
                break;
            case ResourceReleased { Attempt: not null } e:
                GiveBackMore(task, e);
                break;
            case ResourceRequested e:
                Ask(at, e);
                break;
            case ResourceWithdrawn:
                StopAsking(task);
                break;
            case ResourceDenied e:
                StopAsking(task);
                _denials[task] = e;
                break;
            case ResourceAcquired:
                _resources.Take(task);
                _holds[task] = true;
                if (_tasks[task] is not TaskState.Compensating) Become(task, new TaskState.Queued(at, "It holds its resources and gets a worker next."));
                break;
            case ResourceReleased:
                GiveBack(task);
                break;
            case TaskAssigned e:
                Assign(at, task, e);
                break;
            case TaskStarted e:
                Become(task, _tasks[task] is TaskState.Compensating undo ? undo with { Process = e.Process } : new TaskState.Running(ActiveOf(task), at, e.Process));
                break;
            case TaskPreempted:
                _preempted[task] = PreemptionsOf(task) + 1;
                break;
            case AttemptStopping e:
                StopAsking(task);
                Become(task, With(_tasks[task], ActiveOf(task) with { Stop = e.Reason, StopWhy = e.Why }));
                break;
            case TaskVerifying e:
                StopAsking(task);
                Become(task, new TaskState.Verifying(ActiveOf(task) with { Findings = null }, at, e.ExitCode is null) { Result = e.Result });
                break;
            case TaskSucceeded e:
                var done = ActiveAttemptOf(task);
                FreeWorkerOf(task);
                Become(task, new TaskState.Succeeded(at, e.Artifacts) { By = done?.Worker, AssignedAt = done?.AssignedAt, Result = e.Result });
                _pressure.Ended(failed: false);
                CountAsDone(task);
                _frontier.Over(task);
                break;
            case TaskFailed e:
                FreeWorkerOf(task);
                _failures[task]++;
                _troubles[task] = e.Error.Message;
                _lastErrors[task] = (e.Attempt, e.Error);
                Circuits.Failed(at, task, e.Task, e.Error);
                Become(task, new TaskState.Failed(at, e.Error));
                if (!e.CanRetry) _frontier.Over(task);
                _pressure.Ended(failed: true);
                break;
            case RetryScheduled e:
                Retries++;
                Become(task, new TaskState.BackingOff(e.NotBefore, ErrorOf(task)!));
                _timers.Enqueue((task, _attempts[task]), (e.NotBefore, task));
                break;
            case HelpRequested e:
                FreeWorkerOf(task);
                var isUndo = _tasks[task] is TaskState.Compensating;
                _troubles[task] = e.Reason;
                Become(task, new TaskState.HelpNeeded(at, e.Reason, ErrorOf(task)));
                if (isUndo) _undoFailed.Add(task);
                _frontier.Over(task);
                break;
            case TaskCheckpoint or CheckpointChosen or CheckpointRestored or CheckpointsPruned:
                ApplyCheckpoint(at, task, happened);
                break;
            case RollbackStarted or TaskRolledBack or CompensationFailed:
                ApplyUndo(at, task, happened);
                break;
            case HelpAnswered e:
                _advice[task] = e.Advice;
                break;
            case TaskRestored:
                BeginAnew(task);
                Become(task, Pending);
                break;
            case TaskCancelled e:
                FreeWorkerOf(task);
                Become(task, new TaskState.Cancelled(at, e.Reason));
                _frontier.Over(task);
                break;
            case TaskSkipped e:
                Become(task, new TaskState.Skipped(at, e.Because));
                _frontier.Over(task);
                break;
            case TaskWaived e:
                Become(task, new TaskState.Waived(at, e.Reason, e.CountsAsDone));
                if (e.CountsAsDone) CountAsDone(task);
                _frontier.Over(task);
                break;
            case TaskHeldBack:
                if (_tasks[task].IsOver) BeginAnew(task);
                Become(task, Pending);
                break;
            case LeaseRenewed e:
                var renewed = ActiveOf(task);
                Lend(task, renewed with { Lease = renewed.Lease! with { ExpiresAt = e.LeaseExpiresAt } });
                break;
            case LeaseExpired e:
                _troubles[task] = $"{e.Worker} had it and gave no sign of life any more.";
                break;
            case TaskProgress e:
                Become(task, With(_tasks[task], ActiveOf(task) with { Percent = e.Percent, Message = e.Message }));
                break;
            case SubtaskAdded e:
                if (!_subtasks.TryGetValue(task, out var steps)) _subtasks[task] = steps = [];
                steps.Add(new Subtask(e.Number, e.Title, ActiveOf(task).Worker, IsDone: false));
                break;
            case SubtaskDone e:
                _subtasks[task][e.Number - 1] = _subtasks[task][e.Number - 1] with { IsDone = true };
                break;
            case ReworkRequested e:
                _troubles[task] = e.Findings;
                Become(task, new TaskState.Running(ActiveOf(task) with { Findings = e.Findings }, at, Process: null));
                break;
            default:
                throw new UnreachableException($"Nothing applies {happened.GetType().Name}. Add an arm to ExecutionState.Apply.");
        }
    }

    // Somebody wants it tried again, whatever held it: nothing that was counted before counts against it.
    private void BeginAnew(int task)
    {
        _failures[task] = 0;
        Circuits.Forget(task);
    }

    private void CountAsDone(int task)
    {
        Done++;
        foreach (var successor in Plan.Graph.SuccessorsOf(task)) _unfinished[successor]--;
    }

    private void Assign(Instant at, int task, TaskAssigned e)
    {
        if (!_holds[task])
        {
            // A task that needs nothing with a name still takes one of the places that concurrency_max allows.
            _resources.Take(task);
            _holds[task] = true;
        }

        _attempts[task] = e.Attempt;
        if (_tasks[task] is TaskState.Compensating undo)
        {
            BeginUndo(at, task, undo, e);
            return;
        }

        _frontier.Start(task);
        _denials.Remove(task);
        _closed.Remove(task);
        if (e.LeaseExpiresAt is { } lease)
        {
            // Where the plan does not say how many may run at once, that is a matter of workers, and sessions are as many as there are people.
            if (Plan.Policies.ConcurrencyMax is null && _withoutPlace.Add(task)) _resources.ReturnPlace();
            Lend(task, new ActiveAttempt(e.Worker, e.Attempt, at, Deadline: null) { Lease = new Lease(lease, lease.SecondsSince(at)) });
            return;
        }

        var active = new ActiveAttempt(e.Worker, e.Attempt, at, e.Deadline) { SetupSeconds = e.SetupSeconds };
        if (e.SetupSeconds is not null) _workers.SetUp(e.Worker, Plan.Tasks[task]);
        _workers.Occupy(e.Worker, _workers.HasSetUps ? ExpectedEndOf(task, active) : null);
        Become(task, new TaskState.Assigned(active));
        if (e.Deadline is { } deadline) _timers.Enqueue((task, e.Attempt), (deadline, task));
    }

    // A session's own attempt, new or with a later end.
    private void Lend(int task, ActiveAttempt active)
    {
        Become(task, active.Attempt == ActiveAttemptOf(task)?.Attempt ? With(_tasks[task], active) : new TaskState.Assigned(active));
        _leases.Enqueue((task, active.Attempt), (active.Lease!.ExpiresAt, task));
    }

    private void ReplaceWorkers(IReadOnlyList<WorkerProfile> workers)
    {
        _workers.Reset(workers, _active.Where(i => !_claimed.Contains(i)).Select(i => (ActiveAttemptOf(i)!.Worker, _tasks[i] is TaskState.Compensating ? null : ExpectedEndOf(i, ActiveAttemptOf(i)!))));
        _frontier.WorkersReplaced();
    }

    private Instant? ExpectedEndOf(int task, ActiveAttempt active) => active.AssignedAt.PlusSeconds(active.SetupSeconds ?? 0).Plus(Plan.Tasks[task].Duration.MeanMicroseconds);

    // The worker and the place that the attempt took; what has a name is given back by its own event.
    private void FreeWorkerOf(int task)
    {
        if (ActiveAttemptOf(task) is not { } active) return;
        if (_holds[task] && _resources.NeedsOnlyPlace(task)) GiveBack(task);
        if (active.Lease is not null) return;
        _pressure.Idle(active.Worker, Now);
        if (_workers.Free(active.Worker) is { } demands) _frontier.WorkerFree(demands);
    }

    private void GiveBack(int task)
    {
        if (_withoutPlace.Remove(task)) _resources.TakePlace();
        _resources.GiveBack(task);
        _holds[task] = false;
        foreach (var need in _resources.NeedsOf(task)) _frontier.Released(need.Resource);
        Unpark();
    }

    private void Become(int task, TaskState next)
    {
        var before = _tasks[task];
        _tasks[task] = next;
        if (_undoing.Count + _undoFailed.Count > 0) _undoFailed.Remove(task);
        if (next is TaskState.Compensating { Active: null }) _undoing.Add(task);
        else if (_undoing.Count > 0) _undoing.Remove(task);
        if (before.Name != next.Name)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_counts, before.Name, out _)--;
            CollectionsMarshal.GetValueRefOrAddDefault(_counts, next.Name, out _)++;
        }

        if (_waveOf.Length > 0 && IsOpen(task)) _unendedInOpenWaves += (HasEnded(before) ? 1 : 0) - (HasEnded(next) ? 1 : 0);
        var active = ActiveAttemptOf(task);
        if (active is null)
        {
            if (_active.Remove(task)) StopAsking(task);
        }
        else _active.Add(task);
        if (active?.Lease is not null) _claimed.Add(task);
        else if (_claimed.Count > 0) _claimed.Remove(task);

        NoteCritical(task);
        if (next.IsWaiting && !_holds[task]) Wait(task);
        else StopWaiting(task);
    }

    private void Wait(int task)
    {
        if (_denials.TryGetValue(task, out var denied) && denied.Requeues && !IsWanting(task)) _denials.Remove(task);
        if (MustPark(task)) _parked.Add(task);
        else if (Circuits.HolderOf(task) is not null) Circuits.Park(task);
        else if (_pressure.HoldsBack(Plan, task)) _pressure.Hold(Plan, task);
        else _frontier.Add(task);
    }

    private void StopWaiting(int task)
    {
        _frontier.Remove(task);
        _pressure.LetGo(task);
        _parked.Remove(task);
        Circuits.Unpark(task);
    }

    // What a breaker holds, or held until now, waits where it belongs from here on.
    private void Switch(ExecutionEvent happened)
    {
        var name = happened switch
        {
            CircuitBreakerTripped e => e.Breaker,
            CircuitBreakerHalfOpened e => e.Breaker,
            CircuitBreakerClosed e => e.Breaker,
            HotUpdateRefused e => e.Breaker,
            _ => null,
        };
        if (name is null || Circuits.Find(name) is not { } circuit) return;
        var before = circuit.Held.ToArray();
        switch (happened)
        {
            case CircuitBreakerTripped e:
                Circuits.Open(circuit, e.Tasks.Select(Index), e);
                break;
            case CircuitBreakerHalfOpened e:
                (circuit.Status, circuit.Probe) = (CircuitStatus.HalfOpen, Index(e.Probe));
                break;
            case CircuitBreakerClosed e:
                circuit.Close(e.GaveUp);
                break;
            case HotUpdateRefused:
                circuit.AsksPlanner = false;
                break;
        }

        foreach (var task in before.Union(circuit.Held))
        {
            if (!_tasks[task].IsWaiting || _holds[task]) continue;
            StopWaiting(task);
            Wait(task);
        }
    }

    // Whatever waits, waits where it belongs now.
    private void HoldBack()
    {
        int[] waiting = [.. FrontierInOrder.Where(task => _pressure.HoldsBack(Plan, task) != _pressure.IsHeld(task))];
        foreach (var task in waiting)
        {
            StopWaiting(task);
            Wait(task);
        }
    }

    private void RaiseBarriers()
    {
        _waveOf = Plan.Graph.Levels();
        _waves = [.. _waveOf.Index().GroupBy(task => task.Item, task => task.Index).OrderBy(wave => wave.Key).Select(wave => wave.ToArray())];
        _unendedInOpenWaves = _waves.Length > 0 ? _waves[0].Count : 0;
    }

    // A task that needs help has not: a person may still have it done, and the next wave counts on it.
    private static bool HasEnded(TaskState state) => state is TaskState.Succeeded or TaskState.Failed or TaskState.Cancelled or TaskState.Skipped or TaskState.Waived;

    /// <summary>What the patch would make of the plan; the last answer is kept, because whoever asks usually applies it next.</summary>
    internal PatchPreview Preview(PlanPatch patch)
    {
        if (_preview is { } known && ReferenceEquals(known.Before, Plan) && (ReferenceEquals(known.Asked, patch) || ReferenceEquals(known.Patch, patch))) return known;
        var diagnostics = new DiagnosticBag();
        var clean = PatchSecrets.Redact(patch, "the patch", new DiagnosticBag());
        return _preview = new PatchPreview(Plan, patch, clean, Plan.With(clean, diagnostics), diagnostics);
    }

    // Another plan, in which every task has the index that it had. What is held stays held; everything that is made of the plan is made anew
    // of the facts.
    private void Adopt(PatchPreview preview, string hash)
    {
        var plan = preview.Plan ?? throw new UnreachableException($"The patch in event {Seq} of {Id} does not fit its plan. Event and plan do not belong together.");
        var added = plan.Tasks.Count - Plan.Tasks.Count;
        (Plan, PresentPlanHash, _preview) = (plan, hash, null);
        Array.Resize(ref _tasks, plan.Tasks.Count);
        Array.Fill(_tasks, Pending, plan.Tasks.Count - added, added);
        Array.Resize(ref _attempts, plan.Tasks.Count);
        Array.Resize(ref _failures, plan.Tasks.Count);
        Array.Resize(ref _holds, plan.Tasks.Count);
        _counts[Pending.Name] = CountOf(Pending.Name) + added;
        _unfinished = new int[plan.Tasks.Count];
        for (var task = 0; task < _unfinished.Length; task++)
        {
            foreach (var predecessor in plan.Graph.PredecessorsOf(task)) _unfinished[task] += _tasks[predecessor].IsDone ? 0 : 1;
        }

        _resources = _more is null ? preview.Resources : new ResourceTable(plan, _more);
        if (_placesAsked is { } places) _resources.SetPlaces(places);
        foreach (var task in _active.Where(task => _holds[task])) _resources.Take(task);
        for (var without = _withoutPlace.Count; without > 0; without--) _resources.ReturnPlace();
        AdoptMore();
        ReadWindows();

        var workers = _workers.All;
        _workers = new WorkerTable(plan, _workers);
        var before = _frontier;
        _frontier = new Frontier(plan, _resources, _workers);
        _frontier.TakeOver(before, CreatedAt, Priority, Model, task => _tasks[task].IsOver);
        ReplaceWorkers(workers);
        if (_waves.Length > 0)
        {
            RaiseBarriers();
            _unendedInOpenWaves = _tasks.Where((state, task) => IsOpen(task) && !HasEnded(state)).Count();
        }

        // The patch may have made one critical that waits, or one that was critical not any more.
        _critical.Clear();
        for (var task = 0; task < _tasks.Length; task++)
        {
            NoteCritical(task);
            if (!_tasks[task].IsWaiting || _holds[task]) continue;
            _pressure.LetGo(task);
            Circuits.Unpark(task);
            Wait(task);
        }
    }

    private ActiveAttempt ActiveOf(int task) => ActiveAttemptOf(task) ?? throw new UnreachableException(
        $"Task {Plan.Tasks[task].Id} is {_tasks[task].Name}, but an event speaks of its attempt. Look at the rule that decided event {Seq} of {Id}.");

    private TaskError? ErrorOf(int task) => (_tasks[task] as TaskState.Failed)?.Error;

    private static TaskState With(TaskState state, ActiveAttempt active) => state switch
    {
        TaskState.Assigned s => s with { Active = active },
        TaskState.Running s => s with { Active = active },
        TaskState.Verifying s => s with { Active = active },
        TaskState.Compensating s => s with { Active = active },
        _ => state,
    };

    private int Index(TaskId id)
    {
        var index = Plan.IndexOf(id);
        return index >= 0 ? index : throw new UnreachableException($"An event of {Id} names the task {id}, which its plan does not have. Event and plan do not belong together.");
    }
}
