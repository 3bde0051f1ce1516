using System.Collections.Concurrent;
using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Journal.Sqlite;
using Slaps.Runtime.Hosting;
using Slaps.Runtime.Pressure;
using Slaps.Runtime.Tests.Processes;
using Slaps.TestKit;

namespace Slaps.Runtime.Tests.Pressure;

/// <summary>A real coordinator with real processes, on a machine that says what the test wants.</summary>
[Collection("processes")]
public sealed class ExecutionUnderPressureTests
{
    [Fact]
    public async Task While_the_machine_is_in_trouble_one_task_runs_and_afterwards_the_others_come_back()
    {
        using var shop = new Workshop();
        using var proc = new FakeProc();
        using var journal = SqliteJournal.OpenWriter(Path.Combine(shop.Root, "journal.db"));
        var nodes = Enumerable.Range(1, 6).Select(i => $$$"""{"id":"t{{{i}}}","run":{"command":"until [ -e go-{{{i}}} ] || [ ! -d . ]; do sleep 0.02; done","shell":true}}""");
        var document = CoordinatorJson.Read(Encoding.UTF8.GetBytes($$$"""{"graph":{"nodes":[{{{string.Join(',', nodes)}}}]}}"""), "plan", new DiagnosticBag())!;
        var state = ExecutionStore.Create(journal, document, shop.Root, shop.Workspace, Instant.From(DateTimeOffset.UtcNow));
        var seen = new ConcurrentQueue<ExecutionEvent>();
        var options = new HostOptions
        {
            MinWorkers = 1,
            MaxWorkers = 3,
            Pool = new PoolRules(1, null, 0.75, 0.9, 0.5),
            Pressure = new PressureReader(proc.Folder),
            PressureEvery = TimeSpan.FromMilliseconds(20),
        };
        using var host = new ExecutionHost(state, journal, options, shop.Options, (_, events) => Array.ForEach([.. events], e => seen.Enqueue(e.Event)), TimeProvider.System, new Random(1));
        var run = Task.Run(host.Run, TestContext.Current.CancellationToken);
        Workshop.Until(() => Started(seen).Count == 3, "three tasks run");

        // 400 processes for four processors.
        proc.Bears(load: 400, waiting: 1, memoryUsed: 0.25, standingStill: 0);
        Workshop.Until(() => seen.OfType<BackpressureChanged>().Any(e => e is { Level: BackpressureLevel.Critical, EffectiveWorkers: 1 }), "the level is critical");
        Go(1);
        Go(2);
        Workshop.Until(() => seen.OfType<TaskSucceeded>().Count() == 2, "two have ended");
        Assert.Equal(["t1", "t2", "t3"], Started(seen));
        Go(3);
        Workshop.Until(() => Started(seen).Count == 4, "one more has started");

        proc.Bears(load: 1, waiting: 0, memoryUsed: 0.25, standingStill: 0);
        Workshop.Until(() => Started(seen).Count == 6, "all have started");
        for (var i = 4; i <= 6; i++) Go(i);
        await run.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        // A place at a time, and the journal tells the same story.
        Assert.Equal([1, 2, 3], seen.OfType<BackpressureChanged>().Select(e => e.EffectiveWorkers));
        Assert.Equal(ExecutionStatus.Completed, state.Status);
        Assert.Equal(StateText.Of(state), StateText.Of(ExecutionStore.Load(journal, journal.Executions()[0])));

        void Go(int task) => File.WriteAllText(shop.In($"go-{task}"), "");
    }

    [Fact]
    public void A_machine_that_stays_as_it_is_is_looked_at_and_wakes_nobody()
    {
        using var proc = new FakeProc();
        var looks = 0;
        var latest = new ConcurrentQueue<IReadOnlyList<PressureSample>>();
        using (new PressureSampler(new PressureReader(proc.Folder), TimeSpan.FromMilliseconds(5), () => new Instant(Interlocked.Increment(ref looks)), latest.Enqueue))
        {
            Workshop.Until(() => latest.Count > 20, "it was looked at twenty times");
        }

        var last = latest.Last();
        Assert.Equal(PressureSampler.Kept, last.Count);
        Assert.True(last.Zip(last.Skip(1)).All(pair => pair.First.At < pair.Second.At), "the newest is the last");
        Assert.All(latest, samples => Assert.Null(PressureRules.Judge(Backpressure.None(default), new PoolRules(1, null, 0.75, 0.9, 0.5), samples)));
    }

    private static List<string> Started(ConcurrentQueue<ExecutionEvent> seen) => [.. seen.OfType<TaskAssigned>().Select(e => e.Task.Value).Order(StringComparer.Ordinal)];
}
