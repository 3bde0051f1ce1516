using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;

namespace Slaps.Core.History;

/// <summary>
/// Proves from the events and the plan alone that an execution kept every rule. It is a second, naive account: no scheduler, no frontier and no
/// state of the runtime has a part in it. What breaks a rule is noted, then taken as it happened, so that one break is told once.
/// Its cost grows with the number of events and edges.
/// </summary>
public sealed partial class HistoryChecker
{
    /// <summary>How many violations are kept; further ones are counted.</summary>
    public const int MostViolations = 1_000;

    private readonly Dictionary<TaskId, TaskStory> _tasks = [];
    private readonly Dictionary<WorkerId, TaskStory> _busy = [];
    private readonly Dictionary<string, List<TaskStory>> _holders = new(StringComparer.Ordinal);
    private readonly Dictionary<TaskId, int> _waveOf = [];
    private readonly SortedDictionary<string, long> _notJudged = new(StringComparer.Ordinal);
    private readonly List<HistoryViolation> _violations = [];
    private readonly string? _planHash;
    private PlanFacts _plan;
    private Plan _wholePlan;
    private string? _hashNow;
    private int? _placesAsked;
    private HistoryEvent _now;
    private long _events, _dropped, _finishedAt, _coordinatorSince, _standstillSince;
    private int _attempts, _checks, _wave, _live, _claims;
    private readonly List<int> _unendedOf = [];
    private int? _asked;
    private long _maxWorkers, _atOnce;
    private bool _draining, _hasWaves;
    private ExecutionStatus _status = ExecutionStatus.Created;
    private List<WorkerProfile> _workers = [];
    private readonly Dictionary<WorkerId, IReadOnlyList<string>> _setUps = [];

    /// <summary>Before the first event.</summary>
    /// <param name="plan">The plan as the journal holds it.</param>
    /// <param name="planHash">Its hash; null where nobody knows, and then it is not compared.</param>
    public HistoryChecker(Plan plan, string? planHash = null)
    {
        _plan = new PlanFacts(plan);
        _wholePlan = plan;
        _planHash = _hashNow = planHash;
        foreach (var task in _plan.InFileOrder) _tasks[task] = new TaskStory(task);
    }

    /// <summary>What was found so far.</summary>
    public IReadOnlyList<HistoryViolation> Violations => _violations;

    /// <summary>Checks all of a history.</summary>
    public static HistoryReport Check(ExecutionId execution, Plan plan, IEnumerable<HistoryEvent> events, string? planHash = null)
    {
        var checker = new HistoryChecker(plan, planHash);
        foreach (var happened in events) checker.Note(happened);
        return checker.Conclude(execution);
    }

    /// <summary>Takes note of the next event.</summary>
    public void Note(HistoryEvent happened)
    {
        var before = _now;
        _now = happened;
        _events++;
        if (happened.Seq != before.Seq + 1) Violated(HistoryRule.Sequence, $"Event {happened.Seq} follows event {before.Seq}.", before.Seq);
        if (_events > 1 && happened.At < before.At) Violated(HistoryRule.Time, $"It happened at {Moment(happened.At)}, but the event before it at {Moment(before.At)}.", before.Seq);
        if (happened.Unreadable is { } why)
        {
            Violated(HistoryRule.Readable, $"The data of this {happened.Type} cannot be read: {why}");
            return;
        }

        if (happened.Event is null)
        {
            NotJudged();
            return;
        }

        if (MissingPart(happened.Event) is { } part)
        {
            Violated(HistoryRule.Readable, $"This {happened.Type} has no {part}.");
            return;
        }

        if (_events == 1 && happened.Event is not ExecutionCreated) Violated(HistoryRule.Beginning, $"The first event is {happened.Type}, not execution_created.");
        if (_finishedAt > 0 && happened.Event is not ExecutionReopened) Violated(HistoryRule.AfterEnd, $"{happened.Type} comes after the execution's end.", _finishedAt);
        if (happened.Event is TaskEvent e) Note(e);
        else NoteExecution(happened.Event);
    }

    /// <summary>
    /// What the history amounts to up to here, which must be the end of a batch: of a journal all that it holds. More may be noted afterwards.
    /// </summary>
    public HistoryReport Conclude(ExecutionId execution)
    {
        CheckRest();
        return new HistoryReport(
            execution.Value,
            Ok: _violations.Count == 0,
            Ended: _finishedAt > 0,
            _events,
            _plan.InFileOrder.Count,
            _attempts,
            _checks,
            HistoryRule.All.Count,
            new SortedDictionary<string, long>(_notJudged, StringComparer.Ordinal),
            [.. _violations],
            _dropped);
    }

    /// <summary>At the end of a batch nothing is half done.</summary>
    public void CheckRest()
    {
        if (_events == 0) Violated(HistoryRule.Beginning, "There are no events.");
        foreach (var task in _plan.InFileOrder.Select(id => _tasks[id]))
        {
            if (task.Live is null && task.More.Count > 0) Violated(HistoryRule.Holding, task, $"{task.Id} keeps {Words(task.More)}, which its attempt had acquired, though it does not run.", task.Since);
            if (task.Live is null && task.Held.Count > 0)
                Violated(HistoryRule.Holding, task, $"{task.Id} holds {Words(task.Held)}, though it does not run.", task.HeldSince);
            if (task.Standing == Standing.Pending && _events > 0 && !IsBehindBarrier(task) && _plan[task.Id].Before.TrueForAll(p => _tasks[p].IsDone) && _status != ExecutionStatus.Aborted)
                Violated(HistoryRule.LostTask, task, $"{task.Id} waits for nothing any more, but it is not ready.", [.. _plan[task.Id].Before.Select(p => _tasks[p].Since)]);
        }
    }

    // The arms for what concerns the execution as a whole.
    private void NoteExecution(ExecutionEvent happened)
    {
        switch (happened)
        {
            case ExecutionCreated e:
                if (_events > 1) Violated(HistoryRule.Beginning, "The execution is created a second time.");
                if (_planHash is not null && e.PlanHash != _planHash) Violated(HistoryRule.Beginning, $"It was created from the plan {Identifiers.Quote(e.PlanHash)}, but the journal holds the plan {_planHash}.");
                if (e.Profile is { } profile)
                {
                    if (_wholePlan.ProfileCalled(profile) is not { } chosen) Violated(HistoryRule.Beginning, $"It runs in the profile {Identifiers.Quote(profile)}, which the plan does not have.");
                    else (_wholePlan, _plan) = (_wholePlan.In(chosen), new PlanFacts(_wholePlan.In(chosen)));
                }

                if (e.Tasks != _plan.InFileOrder.Count) Violated(HistoryRule.Beginning, $"It was created with {e.Tasks} tasks, but the plan has {_plan.InFileOrder.Count}.");
                if (e.Model == ExecutionModel.Waves) RaiseBarriers();
                break;
            case CoordinatorStarted e:
                if (_asked is { } asked && e.Workers.Count > 0 && (e.MaxWorkers != asked || e.Concurrency != asked))
                    Violated(HistoryRule.Workers, $"Somebody asked for {asked} workers, but this coordinator has up to {e.MaxWorkers}.");
                _workers = [.. e.Workers];
                _setUps.Clear();
                _placesAsked = e.Concurrency;
                (_maxWorkers, _atOnce) = (e.MaxWorkers, e.Concurrency ?? _plan.Concurrency ?? long.MaxValue);
                (_draining, _coordinatorSince) = (false, _now.Seq);
                if (_status == ExecutionStatus.Created) _status = ExecutionStatus.Running;
                break;
            case WorkersSet e:
                if (_workers.Count > 0) _maxWorkers = e.Workers;
                (_asked, _placesAsked, _atOnce) = (e.Workers, e.Workers, e.Workers);
                break;
            case WorkerJoined e:
                if (_workers.Exists(w => w.Id == e.Worker.Id)) Violated(HistoryRule.Workers, $"{e.Worker.Id} joins, but it is there already.", _coordinatorSince);
                if (_workers.Count >= _maxWorkers) Violated(HistoryRule.Workers, $"{e.Worker.Id} joins as number {_workers.Count + 1}, but {_maxWorkers} are allowed.", _coordinatorSince);
                _workers.Add(e.Worker);
                break;
            case WorkerLeft e:
                if (_busy.TryGetValue(e.Worker, out var inHand)) Violated(HistoryRule.Workers, inHand, $"{e.Worker} leaves with {inHand.Id} in hand.", inHand.Live!.Since);
                if (_workers.RemoveAll(w => w.Id == e.Worker) == 0) Violated(HistoryRule.Workers, $"{e.Worker} leaves, but it is not there.", _coordinatorSince);
                _setUps.Remove(e.Worker);
                break;
            case ExecutionPaused:
                (_status, _standstillSince) = (ExecutionStatus.Paused, _now.Seq);
                break;
            case ExecutionResumed:
                if (_status != ExecutionStatus.Paused) Violated(HistoryRule.Standstill, "It is resumed, but it was not paused.");
                _status = ExecutionStatus.Running;
                break;
            case DrainRequested:
                (_draining, _standstillSince) = (true, _now.Seq);
                break;
            case ExecutionAborted:
                (_status, _standstillSince) = (ExecutionStatus.Aborted, _now.Seq);
                break;
            case ExecutionReopened:
                if (_finishedAt == 0) Violated(HistoryRule.AfterEnd, "It is opened again, but it had not ended.");
                (_status, _finishedAt) = (ExecutionStatus.Running, 0);
                break;
            case WaveStarted e:
                StartWave(e.Wave);
                break;
            case PlanPatched e:
                Patch(e);
                break;
            case DeadlockDetected e:
                if (e.Tasks.Any(t => _plan.Find(t) is null) || !e.Tasks.Contains(e.Victim) || _tasks[e.Victim].Asked is null)
                    Violated(HistoryRule.MidTask, $"{e.Victim} waits in no circle.");
                break;
            case WindowsChanged e:
                if (e.Opened.Concat(e.Closed).FirstOrDefault(t => _plan.Find(t) is null) is { Value: not null } unknown) Violated(HistoryRule.KnownTask, $"The plan has no task {Identifiers.Quote(unknown.Value)}.");
                break;
            case FrontierAged or BackpressureChanged:
                break;   // They change who goes first and how many start, and no promise is made about that.
            case CircuitBreakerTripped or CircuitBreakerHalfOpened or CircuitBreakerClosed or HotUpdateRefused:
                NoteBreaker(happened);
                break;
            case ExecutionFinished e:
                Finish(e.Status);
                break;
            default:
                NotJudged();
                break;
        }
    }

    private void Note(TaskEvent happened)
    {
        if (_plan.Find(happened.Task) is not { } facts)
        {
            Violated(HistoryRule.KnownTask, $"The plan has no task {Identifiers.Quote(happened.Task.Value ?? "")}.");
            return;
        }

        var task = _tasks[happened.Task];
        RequireUndone(task, happened);
        if (task.Standing == Standing.Succeeded && happened is not (ResourceReleased or RollbackStarted or CheckpointsPruned))
            Violated(HistoryRule.FinishedWork, task, $"{task.Id} had succeeded, but {_now.Type} follows.", task.Since);
        switch (happened)
        {
            case TaskReady:
                Require(task, task.Standing == Standing.Pending);
                RequirePredecessors(task, facts, "is ready");
                if (IsBehindBarrier(task)) Violated(HistoryRule.Barrier, task, $"{task.Id} is of wave {_waveOf[task.Id]}, but wave {_wave} is the last that has begun.");
                Become(task, Standing.Ready);
                if (task.Born == 0) task.Born = _now.Seq;
                break;
            case TaskHeldBack:
                Require(task, task.Live is null && !task.IsDone && (IsBehindBarrier(task) || facts.Before.Exists(p => !_tasks[p].IsDone)));
                if (task.IsOver) BeginAnew(task);
                Become(task, Standing.Pending);
                break;
            case TaskQueued:
                Queue(task, facts);
                break;
            case ResourceAcquired { Attempt: { } attempt } e:
                TakeMore(task, attempt, e.Resources);
                break;
            case ResourceReleased { Attempt: { } attempt } e:
                GiveBackMore(task, attempt, e.Resources);
                break;
            case ResourceRequested e:
                Ask(task, e);
                break;
            case ResourceWithdrawn e:
                if (IsLive(task, e.Attempt, "asks no longer") && task.Asked?.Resource.Name != e.Resource) Violated(HistoryRule.MidTask, task, $"{task.Id} waits for {Identifiers.Quote(e.Resource)} no longer, but it did not.", task.Since);
                StopAsking(task);
                break;
            case ResourceDenied e:
                Deny(task, facts, e);
                break;
            case ResourceAcquired e:
                Take(task, facts, e.Resources);
                break;
            case ResourceReleased e:
                if (!Same(task.Held, e.Resources)) Violated(HistoryRule.Holding, task, $"{task.Id} gives back {Words(e.Resources)}, but it holds {Words(task.Held)}.", task.HeldSince);
                GiveBack(task);
                break;
            case TaskAssigned e:
                Assign(task, facts, e);
                break;
            case TaskStarted e:
                if (!IsLive(task, e.Attempt, "starts")) break;
                if (task.Live!.Worker != e.Worker) Violated(HistoryRule.OldAttempt, task, $"{e.Worker} starts {task.Id}, but {task.Live.Worker} has it.", task.Live.Since);
                Require(task, task.Standing is Standing.Assigned or Standing.Running || task.Live.IsUndo);
                if (!task.Live.IsUndo) Become(task, Standing.Running);
                break;
            case TaskPreempted e:
                if (IsLive(task, e.Attempt, "makes way")) Preempt(task, facts, e);
                break;
            case AttemptStopping e:
                if (!IsLive(task, e.Attempt, "is stopped")) break;
                if (e.Reason == StopReason.TimedOut && !(task.Live!.Deadline <= _now.At))
                    Violated(HistoryRule.TimeLimit, task, $"{task.Id} is stopped for its time, but {(task.Live.Deadline is { } until ? $"it may run until {until}" : "it has no limit")}.", task.Live.Since);
                if (e.Reason == StopReason.Preempted && !task.Live!.MakesWay) Violated(HistoryRule.Preemption, task, $"{task.Id} makes way, but nobody says for whom.", task.Since);
                task.Live!.Stop = e.Reason;
                StopAsking(task);
                break;
            case TaskVerifying e:
                if (!IsLive(task, e.Attempt, "is verified") || !IsWanted(task, "is verified")) break;
                Require(task, task.Standing is Standing.Assigned or Standing.Running || (task.Live!.IsClaim && task.Standing == Standing.Verifying));
                StopAsking(task);
                Become(task, Standing.Verifying);
                StopAsking(task);
                break;
            case TaskSucceeded e:
                Succeed(task, facts, e);
                break;
            case TaskFailed e:
                IsLive(task, e.Attempt, "fails");
                LeaveBreakers(task, except: e.Error.Finding is { Breaker: not null, Key: var key } ? key : null);
                if (++task.Failures > facts.AllowedFailures) Violated(HistoryRule.RetryLimit, task, $"{task.Id} fails for the {task.Failures}. time, but it may be tried {facts.AllowedFailures} times.", task.Since);
                if (e.CanRetry && !facts.Task.Idempotent) Violated(HistoryRule.Repeat, task, $"{task.Id} must not be done twice, but it may be tried again.", task.Since);
                Leave(task);
                Become(task, Standing.Failed);
                break;
            case RetryScheduled e:
                Require(task, task.Standing == Standing.Failed);
                NoteRetry();
                if (task.Failures >= facts.AllowedFailures) Violated(HistoryRule.RetryLimit, task, $"{task.Id} has failed {task.Failures} times and is tried again, but it may be tried {facts.AllowedFailures} times.", task.Since);
                if (e.NotBefore < _now.At) Violated(HistoryRule.RetryLimit, task, $"{task.Id} waits until {e.NotBefore}, which is over.", task.Since);
                Become(task, Standing.BackingOff);
                break;
            case HelpRequested:
                Require(task, task.Standing is Standing.Failed or Standing.Undoing || task.Live is not null || IsAskedByBreaker(task));
                var isUndo = task.Standing == Standing.Undoing;
                Leave(task);
                Become(task, Standing.HelpNeeded);
                task.IsUndoFailed = isUndo;
                break;
            case TaskCheckpoint e:
                if (IsLive(task, e.Attempt, "is kept")) Require(task, task.Standing is Standing.Assigned or Standing.Running or Standing.Verifying);
                if (!task.Checkpoints.Add(e.Checkpoint)) Violated(HistoryRule.Checkpoint, task, $"{task.Id} has the checkpoint {Identifiers.Quote(e.Checkpoint)} already.", task.Since);
                break;
            case CheckpointChosen e:
                Require(task, !task.IsDone);
                RequireCheckpoint(task, e.Checkpoint, "begins next");
                break;
            case CheckpointRestored e:
                Require(task, task.Live is null && task.Standing is Standing.Ready or Standing.Queued);
                RequireCheckpoint(task, e.Checkpoint, "begins");
                break;
            case CheckpointsPruned e:
                foreach (var checkpoint in e.Checkpoints)
                {
                    RequireCheckpoint(task, checkpoint, "loses");
                    task.Checkpoints.Remove(checkpoint);
                }

                break;
            case RollbackStarted e:
                StartRollback(task, e);
                break;
            case TaskRolledBack e:
                EndRollback(task, facts, e);
                break;
            case CompensationFailed e:
                if (IsLive(task, e.Attempt, "fails to be undone")) Require(task, task.Standing == Standing.Undoing);
                break;
            case HelpAnswered e:
                Require(task, task.Standing is not (Standing.Succeeded or Standing.SkippedAsDone or Standing.SkippedForGood) && e.Advice.Length > 0);
                break;
            case TaskRestored:
                Require(task, task.Standing is Standing.Skipped or Standing.RolledBack || (task.Standing == Standing.Cancelled && _status != ExecutionStatus.Aborted));
                BeginAnew(task);
                Become(task, Standing.Pending);
                break;
            case TaskCancelled e:
                if (_status != ExecutionStatus.Aborted && e.Asked != true) Violated(HistoryRule.Undone, task, $"{task.Id} is cancelled, but the execution is not aborted, and nobody asked for it.", task.Since);
                if (task.Live is { IsClaim: false, Stop: null } running) Violated(HistoryRule.Undone, task, $"{task.Id} is cancelled, but attempt {running.Number} was never told to stop.", running.Since);
                Require(task, !task.IsOver || (e.Asked == true && task.Standing is Standing.Failed or Standing.HelpNeeded or Standing.RolledBack));
                Leave(task);
                Become(task, Standing.Cancelled);
                break;
            case LeaseRenewed e:
                if (IsLive(task, e.Attempt, "is lent for longer")) Require(task, task.Live!.IsClaim);
                break;
            case LeaseExpired e:
                if (!IsLive(task, e.Attempt, "is taken back")) break;
                Require(task, task.Live!.IsClaim && task.Live.Worker == e.Worker);
                task.Live.IsExpired = true;
                break;
            case TaskProgress e:
                IsLive(task, e.Attempt, "gets on");
                break;
            case SubtaskAdded e:
                if (IsLive(task, e.Attempt, "gets a subtask")) Require(task, e.Number == ++task.Subtasks);
                break;
            case SubtaskDone e:
                if (IsLive(task, e.Attempt, "has a subtask done")) Require(task, e.Number >= 1 && e.Number <= task.Subtasks);
                break;
            case ReworkRequested e:
                if (!IsLive(task, e.Attempt, "is to be mended")) break;
                Require(task, task.Live!.IsClaim && task.Standing == Standing.Verifying);
                Become(task, Standing.Running);
                break;
            case TaskSkipped e:
                Skip(task, e.Because);
                break;
            case TaskWaived e:
                Require(task, task.Live is null && task.Standing is not (Standing.SkippedAsDone or Standing.SkippedForGood) && !(task.Standing == Standing.Cancelled && _status == ExecutionStatus.Aborted));
                Become(task, e.CountsAsDone ? Standing.SkippedAsDone : Standing.SkippedForGood);
                break;
            default:
                NotJudged();
                break;
        }
    }

    private void RequireCheckpoint(TaskStory task, string checkpoint, string what)
    {
        if (!task.Checkpoints.Contains(checkpoint)) Violated(HistoryRule.Checkpoint, task, $"{task.Id} {what} the checkpoint {Identifiers.Quote(checkpoint)}, which it does not have.", task.Since);
    }

    private void Queue(TaskStory task, PlanFacts.Facts facts)
    {
        Require(task, task.Live is not null || task.Standing is Standing.BackingOff or Standing.Failed or Standing.HelpNeeded);
        if (task.Live is { } live)
        {
            if (live.Stop is StopReason.Aborted or StopReason.Cancelled) Violated(HistoryRule.Standstill, task, $"{task.Id} was stopped because {(live.Stop == StopReason.Aborted ? "the execution was aborted" : "somebody cancelled it")}, but it is queued again.", live.Since);
            if (!facts.Task.Idempotent && (!live.IsClaim || live.IsExpired)) Violated(HistoryRule.Repeat, task, $"{task.Id} must not be done twice, but its attempt {live.Number} was cut off and it is queued again.", live.Since);
        }

        // Only a person has a task tried again that was over.
        if (task.IsOver) BeginAnew(task);
        Leave(task);
        Become(task, Standing.Queued);
    }

    private void Take(TaskStory task, PlanFacts.Facts facts, IReadOnlyList<ResourceAmount> resources)
    {
        if (task.Live is { } live) Violated(HistoryRule.LiveAttempt, task, $"{task.Id} takes {Words(resources)} for another attempt, but {live.Worker} has attempt {live.Number} in hand.", live.Since);
        else Require(task, task.Standing is Standing.Ready or Standing.Queued or Standing.Undoing);
        if (task.Held.Count > 0)
        {
            Violated(HistoryRule.Holding, task, $"{task.Id} takes {Words(resources)}, but it holds {Words(task.Held)} already.", task.HeldSince);
            GiveBack(task);
        }

        if (!Same(resources, facts.Needs)) Violated(HistoryRule.Holding, task, $"{task.Id} takes {Words(resources)}, but it needs {Words(facts.Needs)}.");
        foreach (var resource in resources)
        {
            if (_waiting.Find(o => o.Asked!.Resource.Name == resource.Name) is { } waits) Violated(HistoryRule.MidTask, task, $"{task.Id} begins with {resource.Name}, but {waits.Id} waits for it in the midst of its work.", waits.Since);
            CheckShare(task, resource);
        }

        foreach (var resource in resources) Hold(task, resource.Name);
        (task.Held, task.HeldSince) = (resources, _now.Seq);
        if (task.Standing != Standing.Undoing) Become(task, Standing.Queued);
    }

    private void CheckShare(TaskStory task, ResourceAmount resource)
    {
        if (_plan.CapacityOf(resource.Name) is not { } capacity)
        {
            Violated(HistoryRule.Holding, task, $"{task.Id} takes {Identifiers.Quote(resource.Name)}, which the plan does not have.");
            return;
        }

        var others = HoldersOf(resource.Name);
        if (IsLock(resource.Name))
        {
            if (others.Find(o => o != task && (resource.Reads != true || Part(o, resource.Name).Reads != true)) is { } other)
                Violated(HistoryRule.Lock, task, $"{task.Id} takes {resource.Name}{(resource.Reads == true ? " to read" : "")}, but {other.Id} holds it{(Part(other, resource.Name).Reads == true ? " to read" : "")}.", other.HeldSince);
            return;
        }

        var taken = others.Sum(o => Part(o, resource.Name).Amount);
        if (taken + resource.Amount > capacity)
        {
            Violated(
                resource.Name.StartsWith("pool:", StringComparison.Ordinal) ? HistoryRule.Pool : HistoryRule.Quota,
                task,
                $"{task.Id} takes {resource.Amount} of {resource.Name}, but {taken} of {capacity} are taken by {string.Join(", ", others.Select(o => o.Id))}.",
                [.. others.Select(o => o.HeldSince)]);
        }
    }

    private void Assign(TaskStory task, PlanFacts.Facts facts, TaskAssigned e)
    {
        if (task.Standing == Standing.Undoing)
        {
            AssignUndo(task, facts, e);
            return;
        }

        if (task.Live is { } other) Violated(HistoryRule.LiveAttempt, task, $"Attempt {e.Attempt} of {task.Id} goes to {e.Worker}, but {other.Worker} has attempt {other.Number} in hand.", other.Since);
        else Require(task, task.Standing is Standing.Ready or Standing.Queued);
        RequirePredecessors(task, facts, "starts");
        if (IsBehindBarrier(task)) Violated(HistoryRule.Barrier, task, $"{task.Id} starts in wave {_wave}, but it is of wave {_waveOf[task.Id]}.");
        RequireClosedBreakers(task);
        var isClaim = e.LeaseExpiresAt is not null;
        if (!isClaim && _coordinatorSince == 0) Violated(HistoryRule.Standstill, task, $"{task.Id} starts before any coordinator has.");
        else if (isClaim ? _status is ExecutionStatus.Paused or ExecutionStatus.Aborted : _status != ExecutionStatus.Running || _draining)
            Violated(HistoryRule.Standstill, task, $"{task.Id} starts while the execution is {(_draining ? "drained" : Word(_status))}.", _standstillSince);

        // Sessions bring their own hands: what limits workers does not limit them, but what the plan limits does.
        var counted = _plan.Concurrency is null ? _live - _claims : _live;
        var places = isClaim ? (_plan.Concurrency is null ? long.MaxValue : _atOnce) : _atOnce;
        if (counted >= places || (!isClaim && _live - _claims >= _maxWorkers))
            Violated(HistoryRule.Concurrency, task, $"{task.Id} starts as number {counted + 1}, but {Math.Min(places, _maxWorkers)} may run at once.", [.. _busy.Values.Select(t => t.Live?.Since ?? t.Since)]);
        if (e.Attempt != task.Attempts + 1) Violated(HistoryRule.AttemptNumber, task, $"{task.Id} starts attempt {e.Attempt}, but its last one was {task.Attempts}.", task.Since);
        if (!isClaim && _busy.TryGetValue(e.Worker, out var inHand)) Violated(HistoryRule.OneTask, task, $"{task.Id} goes to {e.Worker}, which has {inHand.Id} in hand.", inHand.Live?.Since ?? inHand.Since);
        if (!isClaim)
        {
            if (_workers.Find(w => w.Id == e.Worker) is not { } worker) Violated(HistoryRule.Fit, task, $"{task.Id} goes to {Identifiers.Quote(e.Worker.Value ?? "")}, which is no worker of the present coordinator.", _coordinatorSince);
            else if (!CanTake(worker, facts.Task)) Violated(HistoryRule.Fit, task, $"{task.Id} goes to {e.Worker}, which cannot do it: it needs {facts.Task.Run.Kind}{string.Concat(facts.Task.Capabilities.Select(c => $", {c}"))}.", _coordinatorSince);
            else if (SetUpFor(worker, facts.Task) != e.SetupSeconds) Violated(HistoryRule.Fit, task, $"{task.Id} goes to {e.Worker}, which {(e.SetupSeconds is { } said ? $"is set up for it for {said} seconds" : "is not set up for it")}, but {(SetUpFor(worker, facts.Task) is { } due ? $"it must be for {due} seconds" : "that is no set-up of it")}.", _coordinatorSince);
            if (e.SetupSeconds is not null) _setUps[e.Worker] = facts.Task.Capabilities;
        }

        CheckWindows(task, facts);
        if (!Same(task.Held, facts.Needs)) Violated(HistoryRule.Holding, task, $"{task.Id} starts with {Words(task.Held)}, but it needs {Words(facts.Needs)}.", task.HeldSince);

        Leave(task);
        _attempts++;
        _live++;
        task.Attempts = Math.Max(task.Attempts, e.Attempt);
        task.Live = new LiveAttempt(e.Attempt, e.Worker, _now.Seq, e.Deadline) { IsClaim = isClaim };
        if (isClaim) _claims++;
        else _busy[e.Worker] = task;
        Become(task, Standing.Assigned);
    }

    private void Succeed(TaskStory task, PlanFacts.Facts facts, TaskSucceeded e)
    {
        if (IsLive(task, e.Attempt, "succeeds")) IsWanted(task, "succeeds");
        if (facts.Task.Checks.Count > 0 && task.Standing != Standing.Verifying)
            Violated(HistoryRule.Checks, task, $"{task.Id} succeeds, but nothing was verified after its attempt.", task.Since);
        foreach (var check in facts.Task.Checks)
        {
            var found = e.Checks.Where(c => c.Id == check.Id).ToList();
            if (found.Count == 0) Violated(HistoryRule.Checks, task, $"{task.Id} succeeds, but its check {Identifiers.Quote(check.Id)} was not made.", task.Since);
            else if (found.Exists(c => !c.Passed)) Violated(HistoryRule.Checks, task, $"{task.Id} succeeds, but its check {Identifiers.Quote(check.Id)} did not pass.", task.Since);
            else _checks++;
        }

        foreach (var missing in facts.Task.Produces.Where(p => p.Required && !e.Artifacts.Any(a => a.Path == p.Path)))
            Violated(HistoryRule.Checks, task, $"{task.Id} succeeds without the file {Identifiers.Quote(missing.Path)}.", task.Since);
        Leave(task);
        Become(task, Standing.Succeeded);
    }

    private void Skip(TaskStory task, TaskId because)
    {
        Require(task, task.Standing == Standing.Pending);
        if (_plan.Find(because) is null) Violated(HistoryRule.KnownTask, task, $"{task.Id} is skipped because of {Identifiers.Quote(because.Value ?? "")}, which the plan does not have.");
        else if (_tasks[because].Standing is not (Standing.Failed or Standing.SkippedForGood or Standing.Cancelled)) Violated(HistoryRule.Undone, task, $"{task.Id} is skipped because of {because}, which may still be done.", _tasks[because].Since);
        else if (!AncestorsOf(task).Contains(_tasks[because])) Violated(HistoryRule.Undone, task, $"{task.Id} is skipped because of {because}, on which it does not depend.", _tasks[because].Since);
        Become(task, Standing.Skipped);
    }

    private void Finish(ExecutionStatus status)
    {
        foreach (var task in _busy.Values.Where(t => t.Live is not null).OrderBy(t => t.Live!.Since))
            Violated(HistoryRule.End, task, $"The execution ends while {task.Id} runs.", task.Live!.Since);
        var right = _status == ExecutionStatus.Aborted ? ExecutionStatus.Aborted
            : _tasks.Values.All(t => t.IsDone) ? ExecutionStatus.Completed : ExecutionStatus.Failed;
        if (status != right) Violated(HistoryRule.End, $"The execution ends as {Word(status)}, but its tasks say {Word(right)}.");
        foreach (var task in _plan.InFileOrder.Select(id => _tasks[id]).Where(t => !t.IsOver && t.Live is null))
        {
            if (right == ExecutionStatus.Aborted || !MayWaitAtTheEnd(task))
                Violated(HistoryRule.LostTask, task, $"The execution ends, but {task.Id} is {Word(task.Standing)} and could go on.", task.Since);
        }

        (_status, _finishedAt) = (status, _now.Seq);
    }

    // Somebody's help, or a worker that this coordinator does not have: these a task may wait for beyond the end.
    private bool MayWaitAtTheEnd(TaskStory task) => task.Standing switch
    {
        Standing.Ready or Standing.Queued => HasNoWorker(task) || WaitsForProbeWithoutWorker(task),
        Standing.Pending when IsBehindBarrier(task) => _tasks.Values.Any(t => !IsBehindBarrier(t) && (t.Standing is Standing.HelpNeeded or Standing.RolledBack or Standing.Undoing || HasNoWorker(t))),
        Standing.Pending => AncestorsOf(task).Any(t => t.Standing is Standing.HelpNeeded or Standing.RolledBack or Standing.Undoing || HasNoWorker(t) || (t.Standing == Standing.Queued && WaitsForProbeWithoutWorker(t))),
        Standing.Undoing => MayWaitToBeUndone(task),
        _ => false,
    };

    private bool HasNoWorker(TaskStory task) => task.Standing is Standing.Ready or Standing.Queued && !_workers.Exists(w => CanTake(w, _plan[task.Id].Task));

    private void StartWave(int wave)
    {
        if (!_hasWaves) Violated(HistoryRule.Barrier, $"Wave {wave} begins, but this execution has no waves.");
        if (wave != _wave + 1) Violated(HistoryRule.Barrier, $"Wave {wave} begins after wave {_wave}.");
        for (var earlier = 0; earlier < Math.Min(wave, _unendedOf.Count); earlier++)
        {
            if (_unendedOf[earlier] == 0) continue;
            var open = _tasks.Values.First(t => _waveOf[t.Id] == earlier && !t.HasEnded);
            Violated(HistoryRule.Barrier, open, $"Wave {wave} begins, but {open.Id} of wave {earlier} has not ended.", open.Since);
        }

        _wave = wave;
    }

    private void RaiseBarriers()
    {
        _hasWaves = true;
        foreach (var (task, wave) in _plan.Waves())
        {
            _waveOf[task] = wave;
            while (_unendedOf.Count <= wave) _unendedOf.Add(0);
            _unendedOf[wave]++;
        }
    }

    // What the plan demands from here on. A task that has begun must not have got anything to wait for; one that is being undone has its work
    // before it again and may.
    private void Patch(PlanPatched happened)
    {
        if (_hashNow is { } now && happened.PlanHashBefore != now) Violated(HistoryRule.Patch, $"It patches the plan {Identifiers.Quote(happened.PlanHashBefore)}, but the plan is {now}.");
        _hashNow = happened.PlanHashAfter;
        if (_wholePlan.With(happened.Patch, new DiagnosticBag()) is not { } patched)
        {
            Violated(HistoryRule.Patch, "The patch does not fit the plan.");
            return;
        }

        (_wholePlan, _plan) = (patched, new PlanFacts(patched));
        foreach (var id in _plan.InFileOrder) _tasks.TryAdd(id, new TaskStory(id));
        _atOnce = _placesAsked ?? _plan.Concurrency ?? long.MaxValue;
        foreach (var task in _plan.InFileOrder.Select(id => _tasks[id]).Where(t => t.Live is { IsUndo: false } || t.Standing == Standing.Succeeded))
        {
            if (_plan[task.Id].Before.Find(p => !_tasks[p].IsDone) is { Value: not null } open) Violated(HistoryRule.Patch, task, $"{task.Id} has begun, but from now on it depends on {open}, which is not done.", task.Since);
        }

        if (!_hasWaves) return;
        _unendedOf.Clear();
        RaiseBarriers();
        foreach (var task in _tasks.Values.Where(t => t.HasEnded)) _unendedOf[_waveOf[task.Id]]--;
    }

    private bool IsBehindBarrier(TaskStory task) => _hasWaves && _waveOf[task.Id] > _wave;

    private void Become(TaskStory task, Standing next)
    {
        var ended = task.HasEnded;
        task.Become(next, _now.Seq);
        task.SinceAt = _now.At;
        if (_hasWaves && ended != task.HasEnded) _unendedOf[_waveOf[task.Id]] += ended ? 1 : -1;
    }

    private void Leave(TaskStory task)
    {
        if (task.Live is not { } live) return;
        if (_busy.TryGetValue(live.Worker, out var inHand) && inHand == task) _busy.Remove(live.Worker);
        StopAsking(task);
        task.Live = null;
        _live--;
        if (live.IsClaim) _claims--;
    }

    private void GiveBack(TaskStory task)
    {
        var held = task.Held;
        task.Held = [];
        foreach (var resource in held) LetGo(task, resource.Name);
    }

    private List<TaskStory> HoldersOf(string resource)
    {
        if (!_holders.TryGetValue(resource, out var holders)) _holders[resource] = holders = [];
        return holders;
    }

    private HashSet<TaskStory> AncestorsOf(TaskStory task)
    {
        var found = new HashSet<TaskStory>();
        var open = new Stack<TaskStory>([task]);
        while (open.TryPop(out var next))
        {
            foreach (var before in _plan[next.Id].Before)
            {
                if (found.Add(_tasks[before])) open.Push(_tasks[before]);
            }
        }

        return found;
    }

    private bool IsLive(TaskStory task, int attempt, string what)
    {
        if (task.Live is { } live && live.Number == attempt) return true;
        Violated(
            HistoryRule.OldAttempt,
            task,
            task.Live is null ? $"Attempt {attempt} of {task.Id} {what}, but no attempt is live." : $"Attempt {attempt} of {task.Id} {what}, but attempt {task.Live.Number} is the live one.",
            task.Live?.Since ?? task.Since);
        return false;
    }

    private bool IsWanted(TaskStory task, string what)
    {
        if (task.Live!.Stop is not { } stop) return true;
        Violated(HistoryRule.OldAttempt, task, $"Attempt {task.Live.Number} of {task.Id} {what}, but it was told to stop ({stop}).", task.Live.Since);
        return false;
    }

    private void RequirePredecessors(TaskStory task, PlanFacts.Facts facts, string what)
    {
        if (facts.Before.Find(p => !_tasks[p].IsDone) is { Value: not null } undone)
            Violated(HistoryRule.Precedence, task, $"{task.Id} {what}, but {undone}, which comes before it, is {Word(_tasks[undone].Standing)}.", _tasks[undone].Since);
    }

    private void Require(TaskStory task, bool mayFollow)
    {
        // That finished work is touched is told already.
        if (!mayFollow && task.Standing != Standing.Succeeded)
            Violated(HistoryRule.Transition, task, $"{_now.Type} follows, but {task.Id} is {Word(task.Standing)}.", task.Since);
    }

    private void NotJudged() => _notJudged[_now.Type] = _notJudged.GetValueOrDefault(_now.Type) + 1;

    private void Violated(HistoryRule rule, string message, params ReadOnlySpan<long> earlier) => Violated(rule, task: null, message, earlier);

    private void Violated(HistoryRule rule, TaskStory? task, string message, params ReadOnlySpan<long> earlier)
    {
        if (_violations.Count >= MostViolations)
        {
            _dropped++;
            return;
        }

        var events = new SortedSet<long> { _now.Seq };
        foreach (var seq in earlier) events.Add(seq);
        events.Remove(0);
        _violations.Add(new HistoryViolation(rule.Name, [.. events.Where(s => s != _now.Seq), _now.Seq], task?.Id.Value, message));
    }

    // What a hand may have taken out of an event, and what is read as nothing then.
    private static string? MissingPart(ExecutionEvent happened) => happened switch
    {
        ExecutionCreated { PlanHash: null } => "plan_hash",
        TaskEvent { Task.Value: null } => "task",
        PlanPatched { Patch.Operations: null } or PlanPatched { Patch: null } => "patch",
        CoordinatorStarted { Workers: null } => "workers",
        CoordinatorStarted e when e.Workers.Any(w => w is not { Id.Value: not null, Runs: not null }) => "name or kinds of work of a worker",
        WorkerJoined { Worker: not { Id.Value: not null, Runs: not null } } => "worker",
        WorkerLeft { Worker.Value: null } => "worker",
        ResourceAcquired { Resources: null } or ResourceReleased { Resources: null } => "resources",
        ResourceRequested { Resource.Name: null } or ResourceDenied { Resource.Name: null } or ResourceWithdrawn { Resource: null } => "resource",
        TaskPreempted { For.Value: null } => "for",
        WindowsChanged { Opened: null } or WindowsChanged { Closed: null } => "tasks",
        ResourceDenied { Holders: null } => "holders",
        DeadlockDetected { Tasks: null } or DeadlockDetected { Victim.Value: null } => "tasks",
        ResourceAcquired e when e.Resources.Any(r => r.Name is null) => "name of a resource",
        ResourceReleased e when e.Resources.Any(r => r.Name is null) => "name of a resource",
        TaskAssigned { Worker.Value: null } or TaskStarted { Worker.Value: null } => "worker",
        TaskSucceeded { Checks: null } => "checks",
        TaskSucceeded { Artifacts: null } => "artifacts",
        TaskFailed { Error: null } => "error",
        HelpAnswered { Advice: null } => "advice",
        RollbackStarted { Tasks: null } => "tasks",
        TaskCheckpoint { Checkpoint: null } or CheckpointChosen { Checkpoint: null } or CheckpointRestored { Checkpoint: null } => "checkpoint",
        TaskCheckpoint { Kept: null } => "kept",
        CheckpointsPruned e when e.Checkpoints is null || e.Checkpoints.Contains(null!) => "checkpoints",
        CompensationFailed { Error: null } => "error",
        CircuitBreakerTripped { Breaker: null } or CircuitBreakerHalfOpened { Breaker: null } or CircuitBreakerClosed { Breaker: null } or HotUpdateRefused { Breaker: null } => "breaker",
        CircuitBreakerTripped { Tasks: null } or CircuitBreakerClosed { Tasks: null } => "tasks",
        CircuitBreakerHalfOpened { Probe.Value: null } => "probe",
        _ => null,
    };

    // A journal may say any number.
    private static string Moment(Instant at) => at.Microseconds >= 0 && at <= Instant.EndOfTime ? at.ToString() : $"{at.Microseconds} microseconds";

    private static bool CanTake(WorkerProfile worker, PlanTask task) =>
        worker.Runs.Contains(task.Run.Kind) && (worker.SetupSeconds is not null || worker.Capabilities is null || !task.Capabilities.Except(worker.Capabilities).Any());

    // How long the worker must be set up for the task; null: it need not be.
    private double? SetUpFor(WorkerProfile worker, PlanTask task)
    {
        if (worker.SetupSeconds is not { } seconds) return null;
        var has = (worker.Capabilities ?? []).Concat(_setUps.GetValueOrDefault(worker.Id) ?? []);
        return task.Capabilities.Except(has).Any() ? seconds : null;
    }

    private static bool IsLock(string resource) => resource.StartsWith("lock:", StringComparison.Ordinal);

    private static bool Same(IReadOnlyList<ResourceAmount> left, IReadOnlyList<ResourceAmount> right) =>
        left.Count == right.Count && left.OrderBy(r => r.Name, StringComparer.Ordinal).SequenceEqual(right.OrderBy(r => r.Name, StringComparer.Ordinal));

    private static string Words(IReadOnlyList<ResourceAmount> resources) => resources.Count == 0
        ? "nothing"
        : string.Join(", ", resources.Select(r => $"{r.Amount} of {r.Name}{(r.Reads == true ? " to read" : "")}"));

    private static string Word(ExecutionStatus status) => status.ToString().ToLowerInvariant();

    private static string Word(Standing standing) => standing switch
    {
        Standing.BackingOff => "waiting for its next try",
        Standing.HelpNeeded => "waiting for help",
        Standing.Undoing => "being rolled back",
        Standing.RolledBack => "rolled back",
        Standing.SkippedAsDone or Standing.SkippedForGood => "skipped by a person",
        _ => standing.ToString().ToLowerInvariant(),
    };
}
