using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Checkpoints;

namespace Slaps.Runtime.Processes;

/// <summary>
/// Runs the attempts of one execution as processes, each in a session of its own whose output goes to a file. They outlive this object and
/// the whole coordinator; another one adopts them. The report is called on threads of this object or of the process table: it must only
/// pass the report on.
/// </summary>
public sealed class ProcessWorkers : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan FastTick = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LogEvery = TimeSpan.FromMilliseconds(200);

    private readonly WorkersOptions _options;
    private readonly Action<AttemptReport> _report;
    private readonly ProcessLauncher _launcher;
    private readonly QuietLog _quiet;
    private readonly StartBook _starts = new();
    private readonly Dictionary<(TaskId Task, int Attempt), Attempt> _live = [];
    private readonly Lock _gate = new();
    private readonly ConcurrentQueue<Action> _orders = new();
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly Thread _watcher;
    private volatile bool _isIdle;
    private volatile bool _isDisposed;

    /// <summary>Starts the watching thread. Nothing is running yet.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="report">Takes what happens.</param>
    public ProcessWorkers(WorkersOptions options, Action<AttemptReport> report)
    {
        _options = options;
        _report = report;
        _launcher = new ProcessLauncher(options);
        _quiet = new QuietLog(options.LogsDirectory, options.Warn);
        _ = Children.Shared;
        _watcher = new Thread(Watch) { IsBackground = true, Name = "slaps watcher" };
        _watcher.Start();
    }

    /// <summary>Starts an attempt and returns at once. What follows is Started and later Ended, or Ended alone with the reason why it could not start.</summary>
    public void Start(AttemptRequest request)
    {
        var attempt = new Attempt(this, request);
        lock (_gate) _live.Add(attempt.Key, attempt);

        // Gigabytes may be put back: that has a thread of its own, because everybody's starts wait for those that start children.
        if (request is { Restores: true, Checkpoint: not null } && _options.CheckpointsDirectory is not null) new Thread(attempt.RestoreAndStart) { IsBackground = true, Name = $"restores {request.Task.Id}" }.Start();
        else Children.Shared.Start(attempt);
        if (_isIdle) _wake.Set();
    }

    /// <summary>
    /// Takes over an attempt that an earlier coordinator started, and returns at once. If it lives: Started again, and Ended(Lost) when it is over,
    /// since only its parent could learn its exit status. If not: what it left behind is killed, and Ended(Lost) follows.
    /// </summary>
    /// <param name="request">The attempt.</param>
    /// <param name="known">Its process as the journal has it; null when the coordinator was killed before it could write that down: then it is looked for by its mark.</param>
    public void Adopt(AttemptRequest request, ProcessIdentity? known)
    {
        var attempt = new Attempt(this, request) { IsAdopted = true };
        lock (_gate) _live.Add(attempt.Key, attempt);
        Order(() => attempt.TakeOver(known));
    }

    /// <summary>Stops an attempt and returns at once: SIGTERM to its group, after the grace SIGKILL. Ended follows as usual. One that is already over is left alone.</summary>
    public void Stop(TaskId task, int attempt)
    {
        Attempt? live;
        lock (_gate) _live.TryGetValue((task, attempt), out live);
        if (live is null) return;
        live.RequestStop();
        _wake.Set();
    }

    /// <summary>The last percent that a living attempt has printed; null when it has printed none, or is over. Any thread may ask.</summary>
    public AttemptProgress? ProgressOf(TaskId task, int attempt)
    {
        lock (_gate) return _live.TryGetValue((task, attempt), out var live) ? live.Progress : null;
    }

    /// <summary>
    /// Kills what earlier coordinators' attempts of this execution left behind, and orphans of this process that no living attempt can own.
    /// Spares the attempts given, those that run here, and the alerts that this process gives, of which one may begin at any time.
    /// </summary>
    /// <returns>How many processes were killed.</returns>
    public int SweepStrays(ExecutionId execution, IReadOnlyCollection<(TaskId Task, int Attempt)> live)
    {
        var spared = new HashSet<string>(live.Select(l => _launcher.MarkOf(execution, l.Task, l.Attempt).Value));
        lock (_gate) spared.UnionWith(_live.Values.Select(a => a.Mark.Value));

        // Checks that run here have marks of their own.
        spared.UnionWith(Children.Shared.RunningMarks().Where(mark => mark.StartsWith(_launcher.MarkPrefixOf(execution), StringComparison.Ordinal)));
        var prefix = _launcher.MarkPrefixOf(execution);
        var folder = _launcher.RawFolder(execution) + "/";
        var sparedFiles = new HashSet<string>(spared.Select(RawPathOf));
        var killed = Strays.SweepMachine(
            mark => mark.StartsWith(prefix, StringComparison.Ordinal) && !spared.Contains(mark) && !AttemptMark.IsOfOurAlert(mark),
            file => file.StartsWith(folder, StringComparison.Ordinal) && !sparedFiles.Contains(file) && !StartBook.IsAt(file) && !AttemptMark.IsOfOurAlert(file),
            []);
        return killed + Strays.SweepUnclaimed();

        string RawPathOf(string mark)
        {
            var parts = mark.Split('/');
            return _launcher.RawPath(execution, new TaskId(parts[2]), int.Parse(parts[3], CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Stops the watching thread. Living attempts go on and are reported to nobody: another coordinator may adopt them.</summary>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _wake.Set();
        _watcher.Join();
        lock (_gate)
        {
            foreach (var attempt in _live.Values) attempt.Dispose();
        }

        _quiet.Dispose();
        _starts.Dispose();
        _launcher.RemoveSpares();
    }

    private void Order(Action order)
    {
        if (_isDisposed) return;
        _orders.Enqueue(order);
        _wake.Set();
    }

    // One thread for everything that time brings: tails, graces, adopted processes.
    private void Watch()
    {
        var attempts = new List<Attempt>();
        while (!_isDisposed)
        {
            while (_orders.TryDequeue(out var order)) order();
            attempts.Clear();
            lock (_gate) attempts.AddRange(_live.Values);
            var isFast = false;
            foreach (var attempt in attempts) isFast |= attempt.Look();
            if (attempts.Count > 0 || !_orders.IsEmpty)
            {
                _wake.WaitOne(isFast ? FastTick : Tick);
                continue;
            }

            // Said before the last look: whoever adds one afterwards sees it and wakes us.
            _isIdle = true;
            bool isEmpty;
            lock (_gate) isEmpty = _live.Count == 0;
            if (isEmpty && _orders.IsEmpty && !_isDisposed) _wake.WaitOne();
            _isIdle = false;
        }
    }

    /// <summary>One living attempt.</summary>
    private sealed class Attempt : Child, IDisposable
    {
        private const int Nobody = 0, Watcher = 1, Ender = 2;
        private const long SmallOutput = 256 << 10;

        private readonly ProcessWorkers _owner;
        private readonly AttemptRequest _request;
        private readonly string _rawPath;
        private readonly LogWriter _log;
        private readonly OutputTail _tail;
        private readonly Stopwatch _sincePump = Stopwatch.StartNew();
        private Instant _startedAt;
        private Outcome? _outcome;
        private ResourceUsage? _usage;
        private int _logger = Nobody;
        private long _seen;
        private Stopwatch _quiet = Stopwatch.StartNew();
        private long _quietSize = -1;
        private int _timesQuiet;
        private bool _hasStart;
        private bool _leftNothing;
        private volatile bool _isRunning;
        private volatile bool _stopRequested;
        private readonly bool _keeps;
        private int _keptAt;
        private bool _isKilled;
        private Stopwatch? _grace;

        public Attempt(ProcessWorkers owner, AttemptRequest request)
        {
            _owner = owner;
            _request = request;
            _keeps = owner._options.CheckpointsDirectory is not null && request.Compensation is null && CheckpointSpec.Of(request.Task) is not null;
            Key = (request.Task.Id, request.Attempt);
            Mark = owner._launcher.MarkOf(request.Execution, request.Task.Id, request.Attempt);
            _rawPath = owner._launcher.RawPath(request.Execution, request.Task.Id, request.Attempt);
            _log = new LogWriter(AttemptLog.PathOf(owner._options.LogsDirectory, request.Execution, request.Task.Id, request.Attempt), request.Task.Id, owner._options.Warn);
            _tail = new OutputTail(_rawPath, _log, OutputTail.OutputStep, owner._options.OutputLimitBytes, keepsPosition: true);
        }

        public (TaskId Task, int Attempt) Key { get; }

        public override AttemptMark Mark { get; }

        public bool IsAdopted { get; init; }

        public AttemptProgress? Progress => _log.Progress;

        /// <summary>Puts the files of the checkpoint back, and begins when all of them are there.</summary>
        public void RestoreAndStart()
        {
            if (_owner._isDisposed) return;
            if (new CheckpointStore(_owner._options.CheckpointsDirectory!, _owner._options.Workspace).Restore(_request.Execution, _request.Task, _request.Checkpoint!) is { } trouble) OnNotStarted(trouble);
            else Children.Shared.Start(this);
        }

        protected internal override Launch? Prepare(out string reason)
        {
            reason = "The coordinator is leaving.";
            if (_owner._isDisposed) return null;
            return _owner._launcher.Prepare(_request, _request.Compensation ?? _request.Task.Run, null, Mark, _rawPath, out reason);
        }

        protected internal override void OnStarted()
        {
            _startedAt = Instant.From(DateTimeOffset.UtcNow);
            _owner._starts.Add(_owner._launcher.RawFolder(_request.Execution), Key.Task, Key.Attempt, Identity);
            _owner._report(new AttemptReport.Started(Key.Task, Key.Attempt, Identity));
            _isRunning = true;
            if (_stopRequested) _owner._wake.Set();
        }

        protected internal override void OnNotStarted(string reason)
        {
            if (_owner._isDisposed) return;
            _outcome = new Outcome.NotStarted(reason);
            WriteLog(long.MaxValue);
        }

        protected internal override void OnExited(Outcome outcome, ResourceUsage usage)
        {
            // The next coordinator will read the output and clean up.
            if (_owner._isDisposed) return;
            (_outcome, _usage) = (outcome, usage);
            _leftNothing = Children.Shared.Adoptees().Count == 0;
            if (_leftNothing) Finish();
            else ThreadPool.UnsafeQueueUserWorkItem(static attempt => attempt.SweepAndFinish(), this, preferLocal: false);
        }

        // The watcher does it, so that signals to one attempt come from one thread, in order.
        public void RequestStop() => _stopRequested = true;

        /// <summary>Does what time has brought. True: look again very soon. On the watcher's thread.</summary>
        public bool Look()
        {
            if (_outcome is not null || !_isRunning) return false;
            if (_stopRequested && _grace is null)
            {
                // A group that is suspended (SIGSTOP) has to go on to hear that it is to end.
                if (Signal(LibC.SigTerm) && Signal(LibC.SigContinue)) _grace = Stopwatch.StartNew();
            }
            else if (!_isKilled && _grace?.Elapsed >= _owner._options.StopGrace)
            {
                _isKilled = Signal(LibC.SigKill);
            }

            if (IsAdopted && !ProcessTable.IsAlive(Identity))
            {
                EndAdopted();
                return false;
            }

            // Most attempts end before anybody looks at their output; they never open it here.
            var size = LibC.Facts(_rawPath)?.Size ?? 0;
            if (_owner._options.StallAfter is { } patience) NoteQuiet(size, patience);
            var grown = size - _seen;
            if (grown == 0 || (grown < 1 << 20 && _sincePump.Elapsed < LogEvery)) return false;
            if (Interlocked.CompareExchange(ref _logger, Watcher, Nobody) == Ender) return false;
            if (!_hasStart)
            {
                _log.Append();
                AddStart();
            }

            _tail.Pump();
            ReportCheckpoint();
            _seen = size;
            _sincePump.Restart();
            return grown >= 1 << 20;
        }

        // On the watcher's thread; an attempt that ends before anybody looks has nothing left to go on with.
        private void ReportCheckpoint()
        {
            if (!_keeps) return;
            var percent = _log.Progress is { } progress ? (int)progress.Percent : 0;
            var every = _owner._options.CheckpointEvery;
            var isFurther = every > 0 && percent < 100 && percent / every > _keptAt / every;
            var note = _log.TakeWish();
            if (isFurther) _keptAt = percent;
            if (isFurther || note is not null) _owner._report(new AttemptReport.CheckpointDue(_request, percent > 0 ? percent : null, note));
        }

        // A file that was given back or emptied has another size as well: that, too, is a sign of life.
        private void NoteQuiet(long size, TimeSpan patience)
        {
            if (size != _quietSize)
            {
                (_quietSize, _quiet, _timesQuiet) = (size, Stopwatch.StartNew(), 0);
                return;
            }

            if (_stopRequested || _quiet.Elapsed < patience * (_timesQuiet + 1)) return;
            _timesQuiet++;
            _owner._report(new AttemptReport.Quiet(Key.Task, Key.Attempt, Instant.From(DateTimeOffset.UtcNow - _quiet.Elapsed)));
        }

        /// <summary>Finds the process of an earlier coordinator, or ends. On the watcher's thread, which alone touches an adopted attempt.</summary>
        public void TakeOver(ProcessIdentity? known)
        {
            _logger = Watcher;
            if (_owner._launcher.RefuseFolders(_request.Execution) is { } refusal) _owner._options.Warn(refusal);
            _hasStart = _tail.Resume();
            if (!_hasStart)
            {
                // Raw output without a position: nothing of it was safely logged, so the log begins anew. No raw output: the log was complete.
                if (LibC.Facts(_rawPath) is null) _log.Append();
                else _log.Restore(0);
                _hasStart = _log.Length > 0;
            }

            known ??= StartBook.Find(_owner._launcher.RawFolder(_request.Execution), Key.Task, Key.Attempt);
            var found = known is { } journaled ? (ProcessTable.IsAlive(journaled) ? journaled : null) : FindMain();
            Identity = found ?? known ?? default;
            if (found is null)
            {
                EndAdopted();
                return;
            }

            var now = Instant.From(DateTimeOffset.UtcNow);
            _startedAt = now;
            if (!_hasStart) AddStart();
            _log.Add(now, "attempt", "progress", $"A new coordinator goes on with this attempt, process {found.Value.Pid}.");
            _log.Flush();
            _owner._report(new AttemptReport.Started(Key.Task, Key.Attempt, found.Value));
            _isRunning = true;
            if (_stopRequested) _owner._wake.Set();
        }

        // The attempt's first process leads its session; what daemonises with a double fork does not, and whatever else does began later.
        private ProcessIdentity? FindMain()
        {
            foreach (var entry in Strays.Marked(Mark))
            {
                if (entry.Session == entry.Pid && entry.Group == entry.Pid) return new ProcessIdentity(entry.Pid, entry.StartTicks, ProcessTable.BootId);
            }

            return null;
        }

        private void EndAdopted()
        {
            var isOfThisBoot = Identity.BootId == ProcessTable.BootId;

            // Members of its session keep its number from being used again; when there are none, the number may be another's by now.
            var session = isOfThisBoot && ProcessTable.Find(Identity.Pid) is not { HasEnded: false } ? Identity.Pid : 0;
            Strays.SweepMachine(mark => mark == Mark.Value, file => file == _rawPath, session == 0 ? [] : [session]);
            _outcome = new Outcome.Lost();
            WriteLog(long.MaxValue);
        }

        private void SweepAndFinish()
        {
            Strays.SweepAdoptees(new StrayTraits(Mark, Identity, _rawPath));
            Finish();
        }

        private void Finish()
        {
            // Small output is logged where we are: waking another thread would cost more. The rest is for the watcher, who alone holds the tail.
            var size = LibC.Facts(_rawPath)?.Size ?? 0;
            if (size <= SmallOutput && Interlocked.CompareExchange(ref _logger, Ender, Nobody) == Nobody) WriteLog(size);
            else _owner.Order(() => WriteLog(long.MaxValue));
        }

        // The size of the raw output where nobody has read any of it.
        private void WriteLog(long size)
        {
            var now = Instant.From(DateTimeOffset.UtcNow);
            if (!_hasStart && _outcome is not (Outcome.NotStarted or Outcome.Lost)) AddStart();
            if (size > 0) _tail.Finish();
            var (status, message) = Describe(_outcome!);
            _log.Add(now, "attempt", status, message, WriteAttempt);

            // Of an attempt that printed nothing, two lines are all there is to say: they need no file of their own. Where a log could not be
            // written, the raw output is all there is, so it stays.
            if (size == 0 && _leftNothing && LibC.FactsOfLink(_rawPath) is { IsRegular: true } && _log.Divert(_owner._quiet, _request.Execution)) _owner._launcher.Spare(_rawPath);
            else if (!(size <= SmallOutput && _log.Become(_rawPath, size)) && _log.Flush()) _tail.RemoveFiles();
            _log.Dispose();
            _tail.Dispose();
            lock (_owner._gate) _owner._live.Remove(Key);
            _owner._report(new AttemptReport.Ended(Key.Task, Key.Attempt, _outcome!, _usage));
        }

        /// <summary>Lets go of the log of an attempt that lives on. After the watcher's end.</summary>
        public void Dispose()
        {
            if (_logger != Watcher) return;
            _log.Dispose();
            _tail.Dispose();
        }

        private void AddStart()
        {
            _hasStart = true;
            _log.Add(_startedAt, "attempt", "start", $"Attempt {Key.Attempt} started as process {Identity.Pid}.", json =>
            {
                WriteAttempt(json);
                json.WriteNumber("pid"u8, Identity.Pid);
            });
        }

        private void WriteAttempt(Utf8JsonWriter json) => json.WriteNumber("attempt"u8, Key.Attempt);

        private static (string Status, string Message) Describe(Outcome outcome) => outcome switch
        {
            Outcome.Exited { ExitCode: 0 } => ("done", "The process exited with code 0."),
            Outcome.Exited e => ("error", $"The process exited with code {e.ExitCode}."),
            Outcome.Signalled s => ("error", $"Signal {s.Signal} ended the process."),
            Outcome.NotStarted n => ("error", n.Reason),
            Outcome.Lost => ("error", "The process is gone. How it ended was lost with the coordinator that started it."),
            _ => throw new UnreachableException($"No sentence describes {outcome.GetType().Name}. Add an arm to ProcessWorkers.Attempt.Describe."),
        };

        private bool Signal(int signal) =>
            IsAdopted ? ProcessTable.IsAlive(Identity) && LibC.Kill(-Identity.Pid, signal) == 0 : Children.Shared.SignalGroup(this, signal);
    }
}
