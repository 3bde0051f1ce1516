using System.Collections.Concurrent;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Processes;
using Slaps.Runtime.Verification;

namespace Slaps.Runtime.Checkpoints;

/// <summary>Keeps what attempts have, one after the other on a thread of its own, beside the writer and the tasks, which go on meanwhile.</summary>
internal sealed class Checkpointer : IDisposable
{
    private readonly WorkersOptions _options;
    private readonly CheckpointStore _store;
    private readonly ProcessLauncher _launcher;
    private readonly Action<AttemptRequest, KeptFiles, int?, string?, Action<string?>?> _kept;
    private readonly BlockingCollection<Action> _jobs = new(1_000);
    private readonly CancellationTokenSource _leave = new();
    private readonly Thread _thread;
    private int _number;

    /// <summary>Starts the thread.</summary>
    /// <param name="options">Where tasks work and where what they have is kept.</param>
    /// <param name="kept">Hears of what lies on the disk, with whom to answer.</param>
    public Checkpointer(WorkersOptions options, Action<AttemptRequest, KeptFiles, int?, string?, Action<string?>?> kept)
    {
        (_options, _kept) = (options, kept);
        _store = new CheckpointStore(options.CheckpointsDirectory!, options.Workspace);
        _launcher = new ProcessLauncher(options);
        _thread = new Thread(Work) { IsBackground = true, Name = "slaps checkpoints" };
        _thread.Start();
    }

    /// <summary>Keeps what an attempt has, soon. The answer is null when it is kept and durable, else a sentence.</summary>
    public void Take(AttemptRequest request, int? percent, string? note, Action<string?>? answer = null)
    {
        if (!_jobs.TryAdd(() => Keep(request, percent, note, answer))) answer?.Invoke("Too many checkpoints are waiting to be made. Try again in a while.");
    }

    /// <summary>Removes what was dropped, soon.</summary>
    public void Drop(ExecutionId execution, TaskId task, IReadOnlyList<int> numbers) => _jobs.TryAdd(() =>
    {
        foreach (var number in numbers) _store.Drop(execution, task, number);
    });

    /// <summary>Ends with the job that is in hand; those that wait are left undone.</summary>
    public void Dispose()
    {
        _leave.Cancel();
        _jobs.CompleteAdding();
        _thread.Join();
        _jobs.Dispose();
        _leave.Dispose();
    }

    private void Work()
    {
        foreach (var job in _jobs.GetConsumingEnumerable())
        {
            if (!_leave.IsCancellationRequested) job();
        }
    }

    private void Keep(AttemptRequest request, int? percent, string? note, Action<string?>? answer)
    {
        if (CheckpointSpec.Of(request.Task) is not { } spec) return;
        Func<string, string?>? fill = spec.Argv.Count == 0 ? null : folder => Fill(request, spec, folder);
        var kept = _store.Keep(request.Execution, request.Task, spec.Files, fill, out var trouble);
        if (kept is not null)
        {
            _kept(request, kept, percent, note is { Length: > 0 } ? Secrets.Redact(note) : null, answer);
            return;
        }

        var sentence = $"No checkpoint of {request.Task.Id} could be made: {trouble}.";
        if (answer is null) _options.Warn($"{sentence} The task goes on.");
        else answer(sentence);
    }

    private string? Fill(AttemptRequest request, CheckpointSpec spec, string folder)
    {
        var number = ++_number;
        var context = WorkspacePaths.ContextOf(request.Task.Run) ?? ProcessContext.Default;
        var env = new Dictionary<string, string>(context.Env, StringComparer.Ordinal) { ["TASKS_CHECKPOINT_DIR"] = folder };
        var mark = new AttemptMark(_launcher.MarkOf(request.Execution, request.Task.Id, request.Attempt).Value + "/checkpoint");
        var rawPath = Path.ChangeExtension(_launcher.RawPath(request.Execution, request.Task.Id, request.Attempt), $"{number}.checkpoint");
        var (outcome, isTooLong) = SideProcess.Run(_launcher, request, new RunSpec.Process(spec.Argv, context with { Env = env, TimeoutSeconds = null }), mark, rawPath, spec.TimeoutSeconds, _leave.Token);
        return isTooLong ? $"its program took longer than {spec.TimeoutSeconds} seconds and was ended" : outcome switch
        {
            Outcome.Exited { ExitCode: 0 } => null,
            Outcome.Exited e => $"its program exited with code {e.ExitCode}",
            Outcome.Signalled e => $"signal {e.Signal} ended its program",
            Outcome.NotStarted e => e.Reason.TrimEnd('.'),
            _ => "nobody knows how its program ended",
        };
    }
}
