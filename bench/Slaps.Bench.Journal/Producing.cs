using System.Diagnostics;
using System.Globalization;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Journal.Sqlite;
using Slaps.Runtime.Hosting;
using Slaps.Runtime.Processes;

namespace Slaps.Bench.Journal;

/// <summary>Producers at the real coordinator: each reports something, waits until it is durable, and reports the next.</summary>
internal static class Producing
{
    public static int Run(string folder, int producers, double seconds)
    {
        Directory.CreateDirectory(folder);
        using var journal = SqliteJournal.OpenWriter(Path.Combine(folder, "journal.db"));
        var state = ExecutionStore.Create(journal, Past.Plan(producers, width: producers), folder, folder, Instant.From(TimeProvider.System.GetUtcNow()));
        var id = state.Id;
        using var host = new ExecutionHost(
            state,
            journal,
            new HostOptions { MinWorkers = 0, MaxWorkers = 0, WaitForClaims = true, IsSessionRunning = _ => true },
            new WorkersOptions { Workspace = folder, LogsDirectory = Path.Combine(folder, "logs"), WorkDirectory = Path.Combine(folder, "work"), Warn = Console.Error.WriteLine },
            (_, _) => { },
            TimeProvider.System,
            new Random(1));
        var running = Task.Factory.StartNew(host.Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var claims = Enumerable.Range(0, producers).Select(number => Claim(host, new WorkerId($"session-{number}"))).ToArray();
        Produce(host, claims, 0.5).GetAwaiter().GetResult();   // For the compiler.
        var before = journal.Position(id);
        var clock = Stopwatch.StartNew();
        var waits = Produce(host, claims, seconds).GetAwaiter().GetResult();
        var took = clock.Elapsed.TotalSeconds;
        var events = journal.Position(id) - before;
        host.Send(at => new Drain(at)).GetAwaiter().GetResult();
        running.Wait(TimeSpan.FromSeconds(10));
        waits.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{producers,4} producers: {events / took,10:N0} durable events a second, each waits p50 {waits[waits.Count / 2]:0.00} ms, p99 {waits[waits.Count * 99 / 100]:0.00} ms"));
        return 0;
    }

    private static (WorkerId Session, TaskId Task) Claim(ExecutionHost host, WorkerId session)
    {
        TaskId? claimed = null;
        host.Send(at => new ClaimTask(at, session, null, ClaimTask.UsualLease), (_, decided) => claimed = decided.OfType<TaskAssigned>().Single().Task).GetAwaiter().GetResult();
        return (session, claimed!.Value);
    }

    private static async Task<List<double>> Produce(ExecutionHost host, (WorkerId Session, TaskId Task)[] claims, double seconds)
    {
        var clock = Stopwatch.StartNew();
        var all = await Task.WhenAll(claims.Select(async claim =>
        {
            var waits = new List<double>();
            for (var report = 0; clock.Elapsed.TotalSeconds < seconds; report++)
            {
                var began = Stopwatch.GetTimestamp();
                var percent = report % 100;
                if (await host.Send(at => new ReportProgress(at, claim.Session, claim.Task, null, percent, null)).ConfigureAwait(false) is { } refusal) throw new InvalidOperationException(refusal);
                waits.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            return waits;
        })).ConfigureAwait(false);
        return [.. all.SelectMany(waits => waits)];
    }
}
