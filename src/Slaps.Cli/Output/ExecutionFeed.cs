using System.Collections.Concurrent;
using System.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Journal.Sqlite;
using Slaps.Runtime.Hosting;
using Slaps.Runtime.Processes;
using Slaps.Runtime.State;

namespace Slaps.Cli.Output;

/// <summary>
/// Where a dashboard gets an execution from: it folds a state of its own, on its own thread, from events that are durable.
/// </summary>
internal abstract class ExecutionFeed
{
    private const int MostRecent = 200;

    private readonly Queue<RecentLine> _recent = new();
    private readonly Dictionary<TaskId, Instant> _assignedAt = [];
    private IReadOnlyList<ResourceAmount> _held = [];

    /// <summary>The execution as far as it was taken in; null while there is none.</summary>
    public ExecutionState? State { get; protected set; }

    /// <summary>What happened last, the newest last.</summary>
    public IReadOnlyCollection<RecentLine> Recent => _recent;

    /// <summary>Whether the execution that is followed has ended, and nothing more will come.</summary>
    public abstract bool IsOver { get; }

    /// <summary>A sentence about what is wrong with the feed itself; null when nothing is.</summary>
    public abstract string? Trouble { get; }

    /// <summary>Takes in what has happened since the last call.</summary>
    /// <param name="seen">Sees a line for each event that people would want to know.</param>
    /// <returns>Whether anything has.</returns>
    public abstract bool Take(Action<ExecutionState, RecentLine>? seen = null);

    /// <summary>How far a running attempt says that it is.</summary>
    public abstract AttemptProgress? ProgressOf(string task, int attempt);

    /// <summary>Forgets what happened: another execution follows.</summary>
    protected void Forget()
    {
        _recent.Clear();
        _assignedAt.Clear();
    }

    /// <summary>Keeps the line of an event that was applied.</summary>
    protected RecentLine? Note(ExecutionState state, RecordedEvent recorded)
    {
        var text = recorded.Event switch
        {
            TaskSucceeded e when _assignedAt.TryGetValue(e.Task, out var since) => $"✓ {ProgressText.Name(state, e.Task)} completed ({Durations.Words(recorded.At.SecondsSince(since))})",
            ExecutionFinished e => $"■ {state.Id} {e.Status.ToString().ToLowerInvariant()}",
            _ => ProgressText.Line(state, recorded, _held),
        };
        if (recorded.Event is TaskAssigned assigned) _assignedAt[assigned.Task] = recorded.At;
        _held = recorded.Event is ResourceAcquired acquired ? acquired.Resources : [];
        if (text is null) return null;
        var line = new RecentLine(recorded.At, Say.OneLine(text));
        _recent.Enqueue(line);
        if (_recent.Count > MostRecent) _recent.Dequeue();
        return line;
    }
}

/// <summary>The execution that this process runs: its writer hands the events over.</summary>
internal sealed class OwnFeed : ExecutionFeed
{
    private readonly ConcurrentQueue<RecordedEvent> _events = new();
    private volatile Func<TaskId, int, AttemptProgress?> _progress = (_, _) => null;

    /// <param name="state">A state of the feed's own, with everything that happened before; the coordinator has another.</param>
    public OwnFeed(ExecutionState state) => State = state;

    public override bool IsOver => false;

    public override string? Trouble => null;

    /// <summary>Hands events over, on any thread.</summary>
    public void Add(IReadOnlyList<RecordedEvent> events)
    {
        foreach (var recorded in events) _events.Enqueue(recorded);
    }

    /// <summary>Whom to ask how far attempts are.</summary>
    public void AskAbout(Func<TaskId, int, AttemptProgress?> progress) => _progress = progress;

    public override bool Take(Action<ExecutionState, RecentLine>? seen = null)
    {
        var hasMore = false;
        while (_events.TryDequeue(out var recorded))
        {
            hasMore = true;
            State!.Evolve(recorded);
            if (Note(State, recorded) is { } line) seen?.Invoke(State, line);
        }

        return hasMore;
    }

    public override AttemptProgress? ProgressOf(string task, int attempt) => _progress(new TaskId(task), attempt);
}

/// <summary>
/// An execution that another process runs, read from the journal. Without a name it is the one that runs, or, where none does, the next
/// one that begins or goes on.
/// </summary>
internal sealed class JournalFeed(StateDirectory place, string? wanted) : ExecutionFeed, IDisposable
{
    private static readonly TimeSpan LookForHolder = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<(string Task, int Attempt), (long Position, AttemptProgress? Last)> _progress = [];
    private readonly Stopwatch _sinceHolder = new();
    private SqliteJournal? _journal;
    private int? _coordinator;
    private int _missing;
    private bool _hasLooked;
    private bool _isFollowing;

    public override bool IsOver => _isFollowing && State is { IsFinished: true };

    /// <summary>Whether the coordinator of an execution that was followed is gone although the execution has not ended.</summary>
    public bool IsAbandoned => _isFollowing && State is { IsFinished: false } && _missing >= 2;

    /// <summary>Where the coordinator that runs the execution listens; null when none does.</summary>
    public string? Socket { get; private set; }

    public override string? Trouble => this switch
    {
        { State: null } => $"There is no execution in {place.Workspace} yet. Waiting for one to begin.",
        { IsAbandoned: true } => "No coordinator runs it now: this is where the last one left it. `tasks execute PLAN --resume` goes on.",
        { _isFollowing: false, State.IsFinished: true } => $"{State.Id} has ended ({State.Status.ToString().ToLowerInvariant()}). Waiting for the next execution.",
        { _isFollowing: false } when Executions.IsForSessions(State) => $"Sessions work on {State.Id}: `tasks claim` takes what is available.",
        { _isFollowing: false } => $"No coordinator runs {State.Id} now. Waiting for one; `tasks execute PLAN --resume` goes on.",
        _ => null,
    };

    public override bool Take(Action<ExecutionState, RecentLine>? seen = null)
    {
        var isFirstLook = !_hasLooked;
        _hasLooked = true;
        if (_journal is null && !File.Exists(place.JournalPath) && wanted is null) return false;
        _journal ??= Executions.OpenReader(place);
        var isNew = !_isFollowing && Choose(isFirstLook ? null : seen);
        if (State is not { } state) return false;

        // The holder first: one that ends writes its last events before it lets go.
        LookAtHolder();
        var before = state.Seq;
        ExecutionStore.Follow(_journal, state, (_, recorded) => Apply(state, recorded, seen));
        var hasMore = isNew || state.Seq != before;

        // What begins or goes on after the first look is what was waited for, also when it has ended before the second.
        _isFollowing |= wanted is not null || (!state.IsFinished && _missing == 0) || (hasMore && !isFirstLook);
        return hasMore;
    }

    public override AttemptProgress? ProgressOf(string task, int attempt)
    {
        if (State is not { } state) return null;
        var (position, last) = _progress.GetValueOrDefault((task, attempt));
        for (var before = -1L; before != position;)
        {
            before = position;
            foreach (var line in AttemptLog.ReadNew(AttemptLog.PathOf(place.LogsPath, state.Id, new TaskId(task), attempt), ref position))
            {
                if (line.Percent is >= 0 and <= 100) last = new AttemptProgress(line.Percent.Value, line.Message);
            }
        }

        _progress[(task, attempt)] = (position, last);
        return last;
    }

    public void Dispose() => _journal?.Dispose();

    // While nothing is followed, the newest execution may become another one.
    private bool Choose(Action<ExecutionState, RecentLine>? seen)
    {
        if (wanted is null && _journal!.Executions().Count == 0) return false;
        var record = Executions.Find(_journal!, wanted);
        if (record.Id == State?.Id) return false;
        Forget();
        _progress.Clear();
        _coordinator = null;
        (_missing, _isFollowing) = (0, false);
        _sinceHolder.Reset();
        State = ExecutionStore.Load(_journal!, record, (state, recorded) => Apply(state, recorded, seen));
        return true;
    }

    private void Apply(ExecutionState state, RecordedEvent recorded, Action<ExecutionState, RecentLine>? seen)
    {
        if (recorded.Event is CoordinatorStarted started) _coordinator = started.Pid;
        if (Note(state, recorded) is { } line) seen?.Invoke(state, line);
    }

    // Somebody who holds the state directory for another execution is not this one's coordinator. It is looked for twice before it counts as
    // gone: between two coordinators, and before a new one has written its first event, there is a moment without.
    private void LookAtHolder()
    {
        if (_sinceHolder.IsRunning && _sinceHolder.Elapsed < LookForHolder) return;
        _sinceHolder.Restart();
        var holder = StateLock.LivingHolder(place);
        var isOurs = holder is not null && (_coordinator is null || holder.Pid == _coordinator);
        Socket = isOurs ? holder!.Socket : null;
        _missing = isOurs ? 0 : _missing + 1;
    }
}
