using System.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Runtime.Processes;

/// <summary>A process that runs beside the attempts, and for whose end somebody waits: one that gives an alert or fills a checkpoint.</summary>
internal static class SideProcess
{
    /// <summary>The most that it may print, in bytes: nobody reads it.</summary>
    private const long MostOutput = 16 << 20;

    private const int MillisecondsBetweenLooks = 50;

    /// <summary>Runs it to its end, and whatever it started with it. Takes as long as that takes: call it on a thread that may wait.</summary>
    /// <param name="launcher">Knows how a run becomes a process.</param>
    /// <param name="request">What it belongs to.</param>
    /// <param name="run">What is run.</param>
    /// <param name="mark">Marks its processes; no attempt's own.</param>
    /// <param name="rawPath">Takes its output, which is nobody's.</param>
    /// <param name="seconds">After so long it is ended.</param>
    /// <param name="abort">Ends it at once.</param>
    /// <param name="watch">Looks after it while it runs, and ends it by saying why as the end of a sentence; null: nobody does.</param>
    /// <returns>How it ended, and where it was ended: why, as the end of a sentence that begins with it.</returns>
    public static (Outcome? Outcome, string? WhyEnded) Run(
        ProcessLauncher launcher, AttemptRequest request, RunSpec run, AttemptMark mark, string rawPath, double seconds, CancellationToken abort, Func<string?>? watch = null)
    {
        using var process = new Side(launcher, request, run, mark, rawPath);
        Children.Shared.Start(process);
        var clock = Stopwatch.StartNew();
        var (nextWatch, whyEnded) = (TimeSpan.Zero, (string?)null);
        while (!process.Ended.Wait(MillisecondsBetweenLooks, CancellationToken.None))
        {
            if (clock.Elapsed.TotalSeconds >= seconds) whyEnded ??= $"took longer than {seconds} seconds and was ended";
            else if (abort.IsCancellationRequested) whyEnded ??= "was ended, because the coordinator leaves";
            else if (LibC.Facts(rawPath)?.Size > MostOutput) whyEnded ??= $"printed more than {MostOutput >> 20} MiB and was ended";
            else if (watch is not null && whyEnded is null && clock.Elapsed >= nextWatch)
            {
                // A look at many files takes its time, and should not be most of what is done here.
                var begun = clock.Elapsed;
                whyEnded = watch();
                nextWatch = clock.Elapsed + ((clock.Elapsed - begun) * 10);
            }

            if (whyEnded is not null) Children.Shared.SignalGroup(process, LibC.SigKill);
        }

        if (process.Outcome is not Outcome.NotStarted) Strays.SweepAdoptees(new StrayTraits(mark, process.Identity, rawPath));
        LibC.Unlink(rawPath);
        return (process.Outcome, whyEnded);
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
