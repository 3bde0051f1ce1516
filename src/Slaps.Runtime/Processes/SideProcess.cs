using System.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Runtime.Processes;

/// <summary>A process that runs beside the attempts, and for whose end somebody waits: one that gives an alert or fills a checkpoint.</summary>
internal static class SideProcess
{
    /// <summary>Runs it to its end, and whatever it started with it. Takes as long as that takes: call it on a thread that may wait.</summary>
    /// <param name="launcher">Knows how a run becomes a process.</param>
    /// <param name="request">What it belongs to.</param>
    /// <param name="run">What is run.</param>
    /// <param name="mark">Marks its processes; no attempt's own.</param>
    /// <param name="rawPath">Takes its output, which is nobody's.</param>
    /// <param name="seconds">After so long it is ended.</param>
    /// <param name="abort">Ends it at once.</param>
    /// <returns>How it ended, and whether it was ended for its time or by <paramref name="abort"/>.</returns>
    public static (Outcome? Outcome, bool IsTooLong) Run(
        ProcessLauncher launcher, AttemptRequest request, RunSpec run, AttemptMark mark, string rawPath, double seconds, CancellationToken abort)
    {
        using var process = new Side(launcher, request, run, mark, rawPath);
        Children.Shared.Start(process);
        var clock = Stopwatch.StartNew();
        var isTooLong = false;
        while (!process.Ended.Wait(50, CancellationToken.None))
        {
            isTooLong |= clock.Elapsed.TotalSeconds >= seconds || abort.IsCancellationRequested;
            if (isTooLong) Children.Shared.SignalGroup(process, LibC.SigKill);
        }

        if (process.Outcome is not Outcome.NotStarted) Strays.SweepAdoptees(new StrayTraits(mark, process.Identity, rawPath));
        LibC.Unlink(rawPath);
        return (process.Outcome, isTooLong);
    }

    private sealed class Side(ProcessLauncher launcher, AttemptRequest request, RunSpec run, AttemptMark mark, string rawPath) : Child, IDisposable
    {
        public ManualResetEventSlim Ended { get; } = new();

        public Outcome? Outcome { get; private set; }

        public override AttemptMark Mark { get; } = mark;

        public void Dispose() => Ended.Dispose();

        protected internal override Launch? Prepare(out string reason) => launcher.Prepare(request, run, ProcessContext.Default, Mark, rawPath, out reason);

        protected internal override void OnStarted()
        {
        }

        protected internal override void OnNotStarted(string reason) => End(new Outcome.NotStarted(reason));

        protected internal override void OnExited(Outcome outcome, ResourceUsage usage) => End(outcome);

        private void End(Outcome outcome)
        {
            Outcome = outcome;
            Ended.Set();
        }
    }
}
