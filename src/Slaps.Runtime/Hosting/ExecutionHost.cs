using System.Collections.Concurrent;
using System.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Checkpoints;
using Slaps.Runtime.Pressure;
using Slaps.Runtime.Processes;
using Slaps.Runtime.Sessions;
using Slaps.Runtime.State;
using Slaps.Runtime.Verification;

namespace Slaps.Runtime.Hosting;

/// <summary>How a coordinator runs an execution.</summary>
public sealed record HostOptions
{
    /// <summary>Workers at the start.</summary>
    public required int MinWorkers { get; init; }

    /// <summary>The most workers; 0: none, the coordinator only stops what an earlier one left running.</summary>
    public required int MaxWorkers { get; init; }

    /// <summary>What the local workers can do. The specialised ones are among their number, and there from the start.</summary>
    public Crew Crew { get; init; } = Crew.OfAll;

    /// <summary>How many tasks may run at once, in the place of the plan's concurrency_max; null: that one holds.</summary>
    public int? Concurrency { get; init; }

    /// <summary>How the pool shrinks and what it holds back for; null: it does neither.</summary>
    public PoolRules? Pool { get; init; }

    /// <summary>Where the pressure on the machine is read, once in <see cref="PressureEvery"/>; null: nowhere.</summary>
    public PressureReader? Pressure { get; init; }

    /// <summary>Says what sort of failure an end is; null: nobody looks, and every failure is tried again as the plan says.</summary>
    public Failures.Diagnosis? Diagnosis { get; init; }

    /// <summary>Says what to change in the plan where no remedy is known for what several tasks met; null: nobody is asked, and one of them tries again later.</summary>
    public Func<SystemicIssue, Plan, IssueAnswer>? Replan { get; init; }

    /// <summary>The time between two looks at the pressure.</summary>
    public TimeSpan PressureEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether to stay for tasks that no local worker can take.</summary>
    public bool WaitForClaims { get; init; }

    /// <summary>Whether the process behind a session runs on this machine: then its claims outlast their leases.</summary>
    public Func<WorkerId, bool> IsSessionRunning { get; init; } = _ => false;

    /// <summary>Whether a process waits for the resource that a task has asked for in its midst: a wish that nobody waits for is withdrawn.</summary>
    public Func<TaskId, bool> IsAwaited { get; init; } = _ => true;
}

/// <summary>
/// The one writer of an execution: commands come into its inbox, it decides them, makes the events durable, and only then shows them
/// and performs their effects. Everything happens on the thread that calls <see cref="Run"/>.
/// </summary>
public sealed class ExecutionHost : IDisposable
{
    private static readonly TimeSpan LongestHeldBack = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(8);

    private readonly ExecutionState _state;
    private readonly IEventJournal _journal;
    private readonly HostOptions _options;
    private readonly ProcessWorkers _workers;
    private readonly Verifier _verifier;
    private readonly Checkpointer? _checkpoints;
    private readonly Action<ExecutionState, IReadOnlyList<RecordedEvent>> _publish;
    private readonly TimeProvider _clock;
    private readonly Random _dice;
    private readonly Action<string> _warn;
    private readonly Inbox<Message> _inbox = new();
    private readonly List<RecordedEvent> _pending = [];
    private readonly ConcurrentDictionary<(TaskId Task, int Attempt), AttemptRequest> _inHand = new();
    private readonly CircuitBreakerPolicy? _breakers;
    private readonly Dictionary<string, int> _numbers = [];
    private Standing _standing;
    private Task _keeping = Task.CompletedTask;
    private long _keptAt;
    private bool _leaveAtOnce;

    /// <summary>Prepares to run an execution; nothing happens before <see cref="Run"/>.</summary>
    /// <param name="state">Its state, which is this host's from here on.</param>
    /// <param name="journal">Where its events become durable.</param>
    /// <param name="options">How many workers, and what they can do.</param>
    /// <param name="workers">Where processes run and checks are made.</param>
    /// <param name="publish">Sees the events after they are durable, on the host's thread, with the state that they led to.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="dice">Chance for the jitter of retries.</param>
    public ExecutionHost(
        ExecutionState state,
        IEventJournal journal,
        HostOptions options,
        WorkersOptions workers,
        Action<ExecutionState, IReadOnlyList<RecordedEvent>> publish,
        TimeProvider clock,
        Random dice)
    {
        _state = state;
        _journal = journal;
        _options = options;
        _publish = publish;
        _clock = clock;
        _dice = dice;
        _warn = workers.Warn;
        _standing = new Standing(state.Backpressure, state.Now);
        _breakers = state.Plan.Policies.CircuitBreakers;   // No patch changes it.
        for (var task = 0; task < state.Plan.Tasks.Count; task++)
        {
            foreach (var checkpoint in state.CheckpointsOf(task)) _numbers[checkpoint.Id] = checkpoint.Kept.Number;
        }

        _workers = new ProcessWorkers(workers, Report);
        _checkpoints = workers.CheckpointsDirectory is null ? null : new Checkpointer(workers, Kept);
        _verifier = new Verifier(state.Id, new CheckRunner(workers), Report);
    }

    /// <summary>Sends an order from any thread.</summary>
    /// <param name="order">Makes the command, given the time of its decision.</param>
    /// <returns>Completes when it is decided and durable, with the reason why nothing happened, or null.</returns>
    public Task<string?> Send(Func<Instant, Command> order) => Send(order, then: null);

    /// <summary>Sends an order from any thread, and looks at what it led to.</summary>
    /// <param name="order">Makes the command, given the time of its decision.</param>
    /// <param name="then">Sees the state just after the decision, on the host's thread: it must be quick, and show nobody anything before the answer is there.</param>
    /// <returns>Completes when it is decided and durable, with the reason why nothing happened, or null.</returns>
    public Task<string?> Send(Func<Instant, Command> order, Action<ExecutionState, IReadOnlyList<ExecutionEvent>>? then)
    {
        var answer = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _inbox.Add(new Message(order, answer, then));
        return answer.Task;
    }

    /// <summary>The last percent that a living attempt has printed; null when it has printed none, or is over. Any thread may ask.</summary>
    public AttemptProgress? ProgressOf(TaskId task, int attempt) => _workers.ProgressOf(task, attempt);

    /// <summary>
    /// Runs the execution until it ends, or until this coordinator was told to leave and nothing runs any more.
    /// A journal that fails throws: by then everything that ran has been stopped.
    /// </summary>
    public void Run()
    {
        try
        {
            TakeOver();
            using var sampler = _options is { Pool: not null, Pressure: { } reader } ? new PressureSampler(reader, _options.PressureEvery, SampleTime, Sampled) : null;
            var messages = new List<Message>();
            while (!IsOver())
            {
                messages = _inbox.TakeAll(UntilNextTimer(), messages);
                Step(messages);
            }

            Flush();
            KeepLast();
        }
        catch (JournalMovedException)
        {
            // Somebody else runs this execution now, and what runs is theirs.
            _verifier.CancelAll();
            throw;
        }
        catch
        {
            // Without a journal nobody will know what happens from here on, so nothing may go on.
            StopEverything();
            throw;
        }
        finally
        {
            _verifier.CancelAll();
            if (_state.Active.Count == _state.Claimed.Count) _workers.SweepStrays(_state.Id, []);
        }
    }

    /// <summary>Ends the threads that watch processes; the processes themselves go on for the next coordinator.</summary>
    public void Dispose()
    {
        // The workers first: what they still see would be wished for in vain.
        _workers.Dispose();
        _checkpoints?.Dispose();
    }

    /// <summary>Keeps what a running task has now. Null when it is kept and durable, else a sentence.</summary>
    public async Task<string?> Checkpoint(TaskId task, string? note)
    {
        AttemptRequest? request = null;
        var refusal = await Send(at => new RequestCheckpoint(at, task), (state, _) =>
        {
            if (Refusals.Of(state, new RequestCheckpoint(state.Now, task)) is null) request = RequestOf(task, state.AttemptsOf(state.Plan.IndexOf(task)));
        }).ConfigureAwait(false);
        if (refusal is not null || request is null || _checkpoints is null) return refusal ?? "This coordinator keeps no checkpoints.";
        var answer = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _checkpoints.Take(request, percent: null, note, answer.SetResult);
        return await answer.Task.ConfigureAwait(false);
    }

    // On the checkpointer's thread: what lies on the disk is told to the writer, which makes it count.
    private void Kept(AttemptRequest request, KeptFiles kept, int? percent, string? note, Action<string?>? answer)
    {
        var told = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isLate = false;
        _inbox.Add(new Message(
            at => new RecordCheckpoint(at, request.Task.Id, request.Attempt, kept, percent, note),
            told,
            (_, decided) =>
            {
                isLate = decided.Count == 0;
                _checkpoints!.Heard(request.Execution, request.Task.Id, kept.Number, counts: !isLate);
            }));
        if (answer is not null) _ = told.Task.ContinueWith(_ => answer(isLate ? $"{request.Task.Id} ended before its checkpoint was made." : null), TaskScheduler.Default);
    }

    private void TakeOver()
    {
        var outstanding = Effects.Outstanding(_state).ToList();

        // Only attempts may still live; checks of an earlier coordinator are run again, so what is left of them goes.
        _workers.SweepStrays(_state.Id, [.. outstanding.OfType<Effect.Adopt>().Select(e => (e.Task, e.Attempt))]);

        var at = Now();
        Decide(new StartCoordinator(at, Environment.MachineName, Environment.ProcessId, FirstWorkers(), _options.MaxWorkers, _options.WaitForClaims) { Concurrency = _options.Concurrency, Pool = _options.Pool });
        _publish(_state, Commit());
        foreach (var effect in outstanding) Perform(effect);
        foreach (var issue in SystemicIssue.Outstanding(_state)) Ask(issue);

        // The frontier moves only when what an earlier coordinator left behind has been taken over: nothing is started twice.
        EndLeases(at);
        Settle(at);
        Flush();
    }

    // Whoever has an attempt in hand since an earlier coordinator keeps its name, as far as there are places.
    private List<WorkerProfile> FirstWorkers()
    {
        var names = _state.Active.Where(i => !_state.Claimed.Contains(i)).Select(i => _state.ActiveAttemptOf(i)!.Worker.Value).Distinct().Take(_options.MaxWorkers).ToList();
        for (var number = 1; number <= _options.Crew.Specialists.Count && names.Count < _options.MaxWorkers; number++)
        {
            if (!names.Contains(SpecialistName(number))) names.Add(SpecialistName(number));
        }

        for (var number = 1; names.Count < Math.Min(_options.MinWorkers, _options.MaxWorkers); number++)
        {
            if (!names.Contains($"worker-{number}")) names.Add($"worker-{number}");
        }

        // The usual ones first: another one that joins is like the first.
        return
        [
            .. names.Order(StringComparer.Ordinal)
                .Select(name => (Name: name, Specialist: Enumerable.Range(1, _options.Crew.Specialists.Count).Where(number => name == SpecialistName(number)).Select(number => (int?)number - 1).FirstOrDefault()))
                .OrderBy(worker => worker.Specialist is not null)
                .Select(worker => _options.Crew.Member(new WorkerId(worker.Name), ["process"], worker.Specialist)),
        ];
    }

    private static string SpecialistName(int number) => $"specialist-{number}";

    private void Step(List<Message> messages)
    {
        var at = Now();
        var answers = new List<(TaskCompletionSource<string?> Answer, string? Refusal)>();
        EndLeases(at);
        foreach (var message in messages)
        {
            var command = message.Order(at);
            if (message.Answer is not null) answers.Add((message.Answer, Refusals.Of(_state, command)));
            if (command is Interrupt) _leaveAtOnce = true;
            var before = _pending.Count;
            Decide(command);
            message.Then?.Invoke(_state, [.. _pending.Skip(before).Select(e => e.Event)]);
        }

        Settle(at);

        // Nobody waits to hear that an attempt has begun, so that alone is not worth a sync: it goes with the next event that is, or
        // after a moment. Should the coordinator be killed before, the attempt is found by its mark.
        if (messages.Count > 0 && answers.Count == 0 && _pending.TrueForAll(e => e.Event is TaskStarted)) return;
        Flush();
        foreach (var (answer, refusal) in answers) answer.SetResult(refusal);
    }

    private void Settle(Instant at)
    {
        while (Decide(new Proceed(at)))
        {
        }
    }

    // Before anything else is decided: a session that lives goes on, and one whose lease is over reports too late from this moment.
    private void EndLeases(Instant at)
    {
        foreach (var renewal in ClaimDesk.Renewals(_state, at, _options.IsSessionRunning)) Decide(renewal);
        foreach (var withdrawal in ClaimDesk.Deserted(_state, at, _options.IsAwaited)) Decide(withdrawal);
        while (_state.NextLease is { } due && due <= at && Decide(new PassTime(at)))
        {
        }
    }

    private bool Decide(Command command)
    {
        var events = Scheduler.Decide(_state, command);
        if (events.Count == 0) return false;
        _pending.AddRange(ExecutionStore.Record(_state, command.At, events));
        return true;
    }

    // Durable first, then done and visible: after a crash nobody has seen an event that the journal lacks. Done before visible, because a
    // process that starts takes longer than a line that is shown.
    private void Flush()
    {
        if (_pending.Count == 0) return;
        var events = Commit();
        foreach (var recorded in events)
        {
            if (Effects.Of(recorded.Event) is { } effect) Perform(effect);
            if (recorded.Event is CheckpointsPruned pruned) _checkpoints?.Drop(_state.Id, pruned.Task, TakeNumbers(pruned.Checkpoints));
            if (recorded.Event is CircuitBreakerTripped { Remedy: Core.Failures.Remedy.Replan } tripped && SystemicIssue.Outstanding(_state).FirstOrDefault(issue => issue.Breaker == tripped.Breaker) is { } asked) Ask(asked);
            if (recorded.Event is TaskCheckpoint made) _numbers[made.Checkpoint] = made.Kept.Number;
        }

        _checkpoints?.LetGo((task, attempt) => _state.Plan.IndexOf(task) is var index && (index < 0 || _state.ActiveAttemptOf(index)?.Attempt != attempt || _state[index] is TaskState.Compensating));
        _publish(_state, events);
        if (_state.Seq - _keptAt >= SnapshotStore.EventsBetween(_state) && _keeping.IsCompleted) KeepSometimes();
    }

    // What is written is made here, where nobody changes the state meanwhile; the disk is another thread's business.
    private void KeepSometimes()
    {
        _keptAt = _state.Seq;
        if (_journal.Snapshots?.Prepare(_journal, _state) is { } write) _keeping = Task.Run(write);
    }

    // The next coordinator, and whoever looks until then, need not fold what this one has.
    private void KeepLast()
    {
        _keeping.GetAwaiter().GetResult();
        if (_keptAt != _state.Seq) _journal.Snapshots?.Keep(_journal, _state);
    }

    // Of what is dropped nobody asks the number again.
    private List<int> TakeNumbers(IReadOnlyList<string> checkpoints)
    {
        var numbers = new List<int>();
        foreach (var checkpoint in checkpoints)
        {
            if (_numbers.Remove(checkpoint, out var number)) numbers.Add(number);
        }

        return numbers;
    }

    // Whoever plans may take its time, which the writer has not. The plan and the issue are as they are now; whether the answer still fits is
    // decided when it comes.
    private void Ask(SystemicIssue issue)
    {
        if (_options.Replan is not { } replan) return;
        var plan = _state.Plan;
        ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                IssueAnswer answer;
                try
                {
                    answer = replan(issue, plan);
                }
                catch (Exception e)
                {
                    // Advice is not worth an execution: a person is asked in its place, and reads why.
                    answer = new IssueAnswer(null, $"The planner has failed on it ({e.GetType().Name}: {e.Message}).");
                }

                _inbox.Add(new Message(at => new AnswerBreaker(at, issue.Breaker, answer), Answer: null));
            },
            state: null);
    }

    private RecordedEvent[] Commit()
    {
        RecordedEvent[] events = [.. _pending];
        if (events.Length > 0) _journal.Append(_state.Id, events[0].Seq - 1, Array.ConvertAll(events, ExecutionStore.Stored));
        _pending.Clear();
        Volatile.Write(ref _standing, new Standing(_state.Backpressure, _state.Now));
        return events;
    }

    private void Perform(Effect effect)
    {
        var state = _state[effect.Task];
        var index = _state.Plan.IndexOf(effect.Task);
        var freshSince = state is TaskState.Verifying { ExitLost: true } lost ? lost.Active.AssignedAt : (Instant?)null;
        var request = new AttemptRequest(_state.Id, _state.Plan.Tasks[index], effect.Attempt, freshSince)
        {
            Checkpoint = _state.RestoredBy(index) ?? _state.CheckpointToBeginFrom(index),
            Restores = _state.RestoredBy(index) is not null,
            Compensation = state is TaskState.Compensating ? _state.Plan.Tasks[index].Compensation : null,
            Advice = _state.AdviceOf(index),
            SaidBy = state is TaskState.Verifying { Active: { Lease: not null, Worker: var session } } ? session : null,
            Findings = effect is Effect.Start { Attempt: > 1 } ? Failures.Findings.Of(_state, _state.Plan.IndexOf(effect.Task)) : null,
        };
        if (_options.Diagnosis is { } diagnosis && effect is not Effect.Stop)
        {
            _inHand[(effect.Task, effect.Attempt)] = request;
            if (effect is Effect.Start) diagnosis.Begin(effect.Task, effect.Attempt);
        }

        switch (effect)
        {
            case Effect.Start:
                _workers.Start(request);
                break;
            case Effect.Adopt adopt:
                _workers.Adopt(request, adopt.Process);
                break;
            case Effect.Verify:
                _verifier.Start(request);
                break;
            case Effect.Stop when state is TaskState.Verifying:
                _verifier.Cancel(effect.Task);
                break;
            case Effect.Stop:
                _workers.Stop(effect.Task, effect.Attempt);
                break;
            default:
                throw new UnreachableException($"Nobody performs {effect.GetType().Name}. Add an arm to ExecutionHost.Perform.");
        }
    }

    private bool IsOver()
    {
        if (_state.IsFinished) return true;
        if (!_state.IsDraining) return false;

        // Checks that still run when we leave at once are run again by the next coordinator.
        // What sessions have in hand goes on without us.
        return _state.Active.All(i => _state[i] is TaskState.Verifying ? _leaveAtOnce : _state.Claimed.Contains(i));
    }

    private void StopEverything()
    {
        _verifier.CancelAll();
        var living = _state.Active.Where(i => _state[i] is not TaskState.Verifying && !_state.Claimed.Contains(i))
            .ToDictionary(i => _state.Plan.Tasks[i].Id, i => _state.ActiveAttemptOf(i)!.Attempt);
        foreach (var (task, attempt) in living) _workers.Stop(task, attempt);

        // Their ends are heard but not recorded; the next coordinator finds the attempts gone. An attempt that was decided in the batch that
        // failed was never started and never reports, so the wait has an end.
        var patience = Stopwatch.StartNew();
        var messages = new List<Message>();
        while (living.Count > 0 && patience.Elapsed < StopPatience)
        {
            messages = _inbox.TakeAll(TimeSpan.FromMilliseconds(100), messages);
            foreach (var message in messages)
            {
                if (message.Order(_state.Now) is RecordOutcome end) living.Remove(end.Task);
                message.Answer?.SetResult("The journal failed, so this coordinator stops.");
            }
        }
    }

    private TimeSpan UntilNextTimer()
    {
        // Starts come into the inbox without waking us, and stay in the batch for a while.
        if (_pending.Count > 0 || (_state.CountOf("ASSIGNED") > 0 && _state.Active.Any(i => _state[i] is TaskState.Assigned { Active.Lease: null }))) return LongestHeldBack;
        if (_state.NextTimer is not { } due) return Timeout.InfiniteTimeSpan;
        var wait = due.SecondsSince(Now());

        // Rounded up, or the last microseconds would be waited for in a hot loop; bounded, because clocks are set.
        return wait <= 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(wait * 1000), 60_000));
    }

    // A clock that was set back does not turn the journal's time back.
    private Instant Now()
    {
        var now = Instant.From(_clock.GetUtcNow());
        return now < _state.Now ? _state.Now : now;
    }

    // On the sampler's thread. The same rule that decides says whether there is anything to decide, so that a machine at ease, or one that
    // stays as it is, never wakes the writer.
    private void Sampled(IReadOnlyList<PressureSample> latest)
    {
        if (PressureRules.Judge(Volatile.Read(ref _standing).Backpressure, _options.Pool!, latest) is null) return;
        _inbox.Add(new Message(at => new RecordPressure(at, latest), Answer: null));
    }

    // As Now, for the sampler's thread: a sample is not older than what the journal had when it was taken.
    private Instant SampleTime()
    {
        var (now, last) = (Instant.From(_clock.GetUtcNow()), Volatile.Read(ref _standing).LastEvent);
        return now < last ? last : now;
    }

    private AttemptRequest RequestOf(TaskId task, int attempt) => new(_state.Id, _state.Plan.Tasks[_state.Plan.IndexOf(task)], attempt);

    private void Report(AttemptReport report)
    {
        if (report is AttemptReport.CheckpointDue due)
        {
            _checkpoints?.Take(due.Request, due.Percent, due.Note);
            return;
        }

        if (report is AttemptReport.Ended ended && _inHand.TryRemove((ended.Task, ended.Attempt), out var request))
        {
            if (ended.Outcome is not (Outcome.Exited { ExitCode: 0 } or Outcome.Lost))
            {
                // Reading a log takes its time, which neither the one who reports nor the writer has.
                ThreadPool.UnsafeQueueUserWorkItem(_ => Diagnose(ended, request), state: null);
                return;
            }

            _options.Diagnosis!.Forget(ended.Task, ended.Attempt);
        }

        Tell(report);
    }

    private void Diagnose(AttemptReport.Ended ended, AttemptRequest request)
    {
        var finding = Find(ended.Task, () => _options.Diagnosis!.Of(request, ended.Outcome, _breakers));
        _inbox.Add(new Message(
            at => new RecordOutcome(at, ended.Task, ended.Attempt, ended.Outcome)
            {
                Dice = _dice.NextDouble(),
                Finding = finding?.Invoke(_state.Plan.IndexOf(ended.Task) is var index and >= 0 ? _state.ActiveAttemptOf(index)?.Stop : null),
            },
            Answer: null));
    }

    // What sort of failure it was helps to heal it; that nobody can say so must keep nobody from hearing that it failed.
    private T? Find<T>(TaskId task, Func<T?> look)
        where T : class
    {
        try
        {
            return look();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            _warn($"What sort of failure ended an attempt of {task} could not be found out: {e.Message.TrimEnd('.')}. It is tried again as the plan says.");
            return null;
        }
    }

    private void Tell(AttemptReport report) => _inbox.Add(new Message(
        report switch
        {
            AttemptReport.Started r => at => new RecordStart(at, r.Task, r.Attempt, r.Process),
            AttemptReport.Quiet r => at => new RecordStall(at, r.Task, r.Attempt, r.Since),
            AttemptReport.Ended r => at => new RecordOutcome(at, r.Task, r.Attempt, r.Outcome) { Dice = _dice.NextDouble() },
            _ => throw new UnreachableException($"Nobody hears {report.GetType().Name}. Add an arm to ExecutionHost.Report."),
        },
        Answer: null),
        wake: report is not AttemptReport.Started);

    private void Report(TaskId task, int attempt, Verdict verdict)
    {
        var finding = _inHand.TryRemove((task, attempt), out var request) ? Find(task, () => _options.Diagnosis!.Of(request, verdict, _breakers)) : null;
        _inbox.Add(new Message(at => new RecordVerdict(at, task, attempt, verdict) { Dice = _dice.NextDouble(), Finding = finding }, Answer: null));
    }

    // What other threads may know of the state: it is replaced as a whole.
    private sealed record Standing(Backpressure Backpressure, Instant LastEvent);

    private sealed record Message(
        Func<Instant, Command> Order, TaskCompletionSource<string?>? Answer, Action<ExecutionState, IReadOnlyList<ExecutionEvent>>? Then = null);
}
