using System.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Processes;
using Slaps.Runtime.Verification;

namespace Slaps.Runtime.Hosting;

/// <summary>Runs the checks of attempts beside the writer, and tells it what they found.</summary>
internal sealed class Verifier(ExecutionId execution, CheckRunner checks, Action<TaskId, int, Verdict> report)
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    private readonly Dictionary<TaskId, CancellationTokenSource> _running = [];

    /// <summary>Starts the checks of an attempt; the verdict comes through the report.</summary>
    public void Start(AttemptRequest request)
    {
        var cancel = new CancellationTokenSource();
        lock (_running) _running[request.Task.Id] = cancel;

        // A thread of its own: checks wait for processes for minutes, and must not use up the pool's threads.
        new Thread(() => Run(request, cancel)) { IsBackground = true, Name = $"checks of {request.Task.Id} in {execution}" }.Start();
    }

    /// <summary>Stops the checks of a task; they have failed.</summary>
    public void Cancel(TaskId task)
    {
        lock (_running)
        {
            if (_running.TryGetValue(task, out var cancel)) cancel.Cancel();
        }
    }

    /// <summary>Stops all checks, and waits until their processes are gone, but not for ever.</summary>
    public void CancelAll()
    {
        lock (_running)
        {
            foreach (var cancel in _running.Values) cancel.Cancel();
            var patience = Stopwatch.StartNew();
            while (_running.Count > 0 && patience.Elapsed < StopPatience) Monitor.Wait(_running, StopPatience - patience.Elapsed);
        }
    }

    private void Run(AttemptRequest request, CancellationTokenSource cancel)
    {
        var verdict = Judge(request, cancel.Token);
        lock (_running)
        {
            _running.Remove(request.Task.Id);
            cancel.Dispose();
            Monitor.PulseAll(_running);
        }

        report(request.Task.Id, request.Attempt, verdict);
    }

    private Verdict Judge(AttemptRequest request, CancellationToken cancel)
    {
        try
        {
            return checks.Run(request, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Asked for. What follows from it the scheduler knows; that the work is verified nobody may conclude.
            return new Verdict([new CheckResult("checks", Passed: false, "The checks were stopped before they came to an end.")], [], []);
        }
    }
}
