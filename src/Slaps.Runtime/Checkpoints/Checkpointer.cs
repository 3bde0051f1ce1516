using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Processes;
using Slaps.Runtime.Verification;

namespace Slaps.Runtime.Checkpoints;

/// <summary>Keeps what attempts have, one after the other on a thread of its own, beside the writer and the tasks, which go on meanwhile.</summary>
internal sealed class Checkpointer : IDisposable
{
    private const string Leaving = "The coordinator is leaving, so no checkpoint is made any more.";

    private readonly WorkersOptions _options;
    private readonly CheckpointStore _store;
    private readonly ProcessLauncher _launcher;
    private readonly Action<AttemptRequest, KeptFiles, int?, string?, Action<string?>?> _kept;
    private readonly object _gate = new();
    private readonly List<Wish> _wishes = [];
    private readonly Queue<(ExecutionId Execution, TaskId Task, int Number)> _drops = new();
    private readonly HashSet<(ExecutionId Execution, TaskId Task, int Number)> _unheard = [];
    private readonly CancellationTokenSource _leave = new();
    private readonly Thread _thread;
    private int _number;

    /// <summary>Starts the thread.</summary>
    /// <param name="options">Where tasks work and where what they have is kept.</param>
    /// <param name="kept">Hears of what lies on the disk, with whom to answer; says with <see cref="Heard"/> what came of it.</param>
    public Checkpointer(WorkersOptions options, Action<AttemptRequest, KeptFiles, int?, string?, Action<string?>?> kept)
    {
        (_options, _kept) = (options, kept);
        _store = new CheckpointStore(options.CheckpointsDirectory!, options.Workspace);
        _launcher = new ProcessLauncher(options);
        _thread = new Thread(Work) { IsBackground = true, Name = "slaps checkpoints" };
        _thread.Start();
    }

    /// <summary>
    /// Keeps what an attempt has, soon; however often that is wished for while it waits, once. The answer is null when it is kept and durable,
    /// else a sentence.
    /// </summary>
    public void Take(AttemptRequest request, int? percent, string? note, Action<string?>? answer = null)
    {
        lock (_gate)
        {
            if (!_leave.IsCancellationRequested)
            {
                var wish = _wishes.Find(waiting => waiting.Is(request.Task.Id, request.Attempt));
                if (wish is null) _wishes.Add(wish = new Wish(request));
                wish.Add(percent, note, answer);
                Monitor.Pulse(_gate);
                return;
            }
        }

        answer?.Invoke(Leaving);
    }

    /// <summary>Removes what was dropped, soon.</summary>
    public void Drop(ExecutionId execution, TaskId task, IReadOnlyList<int> numbers)
    {
        lock (_gate)
        {
            foreach (var number in numbers) _drops.Enqueue((execution, task, number));
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Somebody has decided about what lies on the disk: it counts, or came too late and nobody needs it.</summary>
    public void Heard(ExecutionId execution, TaskId task, int number, bool counts)
    {
        lock (_gate)
        {
            if (_unheard.Remove((execution, task, number)) && !counts) Drop(execution, task, [number]);
        }
    }

    /// <summary>Lets the wishes of attempts that are over go: what would be kept is nobody's.</summary>
    public void LetGo(Func<TaskId, int, bool> isOver)
    {
        List<Wish> gone;
        lock (_gate)
        {
            if (_wishes.Count == 0) return;
            gone = _wishes.FindAll(wish => isOver(wish.Request.Task.Id, wish.Request.Attempt));
            foreach (var wish in gone) _wishes.Remove(wish);
        }

        foreach (var wish in gone) wish.Answer($"{wish.Request.Task.Id} ended before its checkpoint was made.");
    }

    /// <summary>Ends with what is in hand; wishes that wait are refused, and what nobody has decided about is removed.</summary>
    public void Dispose()
    {
        List<Wish> refused;
        lock (_gate)
        {
            if (_leave.IsCancellationRequested) return;
            _leave.Cancel();
            refused = [.. _wishes];
            _wishes.Clear();
            Monitor.Pulse(_gate);
        }

        foreach (var wish in refused) wish.Answer(Leaving);
        _thread.Join();
        foreach (var (execution, task, number) in _drops.Concat(_unheard)) Remove(execution, task, number);
        _leave.Dispose();
    }

    private void Work()
    {
        while (Next() is { } job) job();
    }

    // What is to be removed goes first: it makes room. Null: the end.
    private Action? Next()
    {
        lock (_gate)
        {
            while (true)
            {
                if (_leave.IsCancellationRequested) return null;
                if (_drops.TryDequeue(out var dropped)) return () => Remove(dropped.Execution, dropped.Task, dropped.Number);
                if (_wishes is [var first, ..])
                {
                    _wishes.RemoveAt(0);
                    return () => Keep(first);
                }

                Monitor.Wait(_gate);
            }
        }
    }

    private void Remove(ExecutionId execution, TaskId task, int number)
    {
        if (_store.Drop(execution, task, number) is { } refusal) _options.Warn(refusal);
    }

    private void Keep(Wish wish)
    {
        var request = wish.Request;
        if (CheckpointSpec.Of(request.Task) is not { } spec)
        {
            wish.Answer($"The plan does not say any more what is kept of {request.Task.Id}.");
            return;
        }

        Func<string, string?>? fill = spec.Argv.Count == 0 ? null : folder => Fill(request, spec, folder);
        var kept = _store.Keep(request.Execution, request.Task, spec.Files, fill, out var trouble);
        if (kept is not null)
        {
            lock (_gate) _unheard.Add((request.Execution, request.Task.Id, kept.Number));
            _kept(request, kept, wish.Percent, wish.Note is { Length: > 0 } note ? Secrets.Redact(note) : null, wish.IsAsked ? wish.Answer : null);
            return;
        }

        var sentence = $"No checkpoint of {request.Task.Id} could be made: {trouble}.";
        if (wish.IsAsked) wish.Answer(sentence);
        else _options.Warn($"{sentence} The task goes on.");
    }

    private string? Fill(AttemptRequest request, CheckpointSpec spec, string folder)
    {
        var number = ++_number;
        var context = WorkspacePaths.ContextOf(request.Task.Run) ?? ProcessContext.Default;
        var env = new Dictionary<string, string>(context.Env, StringComparer.Ordinal) { ["TASKS_CHECKPOINT_DIR"] = folder };
        var mark = new AttemptMark(_launcher.MarkOf(request.Execution, request.Task.Id, request.Attempt).Value + "/checkpoint");
        var rawPath = Path.ChangeExtension(_launcher.RawPath(request.Execution, request.Task.Id, request.Attempt), $"{number}.checkpoint");
        var run = new RunSpec.Process(spec.Argv, context with { Env = env, TimeoutSeconds = null });
        var (outcome, whyEnded) = SideProcess.Run(_launcher, request, run, mark, rawPath, spec.TimeoutSeconds, _leave.Token, () => CheckpointStore.TooMuchIn(folder) is { } much ? $"was ended: {much}" : null);
        return whyEnded is not null ? $"its program {whyEnded}" : outcome switch
        {
            Outcome.Exited { ExitCode: 0 } => null,
            Outcome.Exited e => $"its program exited with code {e.ExitCode}",
            Outcome.Signalled e => $"signal {e.Signal} ended its program",
            Outcome.NotStarted e => e.Reason.TrimEnd('.'),
            _ => "nobody knows how its program ended",
        };
    }

    /// <summary>What is to be kept of an attempt; several who want the same get it together.</summary>
    private sealed class Wish(AttemptRequest request)
    {
        private readonly List<Action<string?>> _answers = [];

        public AttemptRequest Request => request;

        public int? Percent { get; private set; }

        public string? Note { get; private set; }

        public bool IsAsked => _answers.Count > 0;

        public bool Is(TaskId task, int attempt) => request.Task.Id == task && request.Attempt == attempt;

        public void Add(int? percent, string? note, Action<string?>? answer)
        {
            (Percent, Note) = (percent ?? Percent, note is { Length: > 0 } ? note : Note);
            if (answer is not null) _answers.Add(answer);
        }

        public void Answer(string? sentence) => _answers.ForEach(answer => answer(sentence));
    }
}
