using System.Diagnostics;
using System.Globalization;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Journal.Sqlite;
using Slaps.Runtime;
using Slaps.Runtime.Hosting;
using Slaps.Runtime.State;

namespace Slaps.Bench.Journal;

/// <summary>Executions in which much has happened, and how long it takes to know where they stand.</summary>
internal static class Past
{
    /// <summary>
    /// Tasks in layers, each after five of the layer before, as a person could have written them: half of them are done, by sessions
    /// that told how far they were again and again.
    /// </summary>
    public static PlanDocument Plan(int tasks, int width = 100)
    {
        var draft = new PlanDraft
        {
            Title = "A measurement",
            Tasks =
            [
                .. Enumerable.Range(1, tasks).Select(i => new PlanTask
                {
                    Id = new TaskId($"T{i}"),
                    Title = $"Do part {i} of the work",
                    Description = "Change what the part says, prove it by its tests, and write down what was decided. Look at the parts before it first.",
                    Run = new RunSpec.Claimed(Manual: true),
                }),
            ],
            Dependencies =
            [
                .. Enumerable.Range(width, Math.Max(0, tasks - width)).SelectMany(i => Enumerable.Range(0, 5).Select(k =>
                    new Dependency(new TaskId($"T{((((i / width) - 1) * width) + (((i * 7) + (k * 13)) % width)) + 1}"), new TaskId($"T{i + 1}")))),
            ],
        };
        return CoordinatorJson.Read(CoordinatorJson.Write(draft), "the plan", new()) ?? throw new UnreachableException("The plan is refused.");
    }

    public static int Make(string workspace, int tasks, long events)
    {
        var directory = StateDirectory.Find(workspace);
        directory.Create();
        using var journal = SqliteJournal.OpenWriter(directory.JournalPath);
        var now = Instant.From(TimeProvider.System.GetUtcNow().AddHours(-1));
        var (document, planDirectory) = (Plan(tasks), Path.Combine(directory.Workspace, "plan"));
        Directory.CreateDirectory(planDirectory);
        File.WriteAllBytes(Path.Combine(planDirectory, "coordinator.json"), document.CanonicalBytes);
        var state = ExecutionStore.Create(journal, document, planDirectory, directory.Workspace, now);
        var pending = new List<RecordedEvent>();
        Order(new StartCoordinator(now, "host", 1, [], MaxWorkers: 0, WaitForClaims: true));

        // Each task is claimed, tells how far it is, and is done; so often that half of the tasks are enough.
        var session = new WorkerId("past");
        var reports = Math.Max(0, (int)((events / Math.Max(1, tasks / 2)) - 6));
        for (var task = 0; task < tasks / 2 && state.Seq < events; task++)
        {
            Order(new ClaimTask(now, session, null, ClaimTask.UsualLease));
            var id = state.Plan.Tasks[state.Claimed.First()].Id;
            for (var report = 0; report < reports; report++) Order(new ReportProgress(now, session, id, null, report % 100, report % 2 == 0 ? "It goes on." : "Still."));
            Order(new CompleteClaim(now, session, id, null, "It is done."));
        }

        Write();
        journal.Snapshots?.Keep(journal, state);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{state.Seq} events, {state.Done} of {tasks} tasks done, journal {new FileInfo(directory.JournalPath).Length / 1e6:0.0} MB, {Directory.GetFiles(Path.Combine(directory.Path, "snapshots")).Sum(file => new FileInfo(file).Length) / 1e6:0.00} MB of snapshots"));
        return 0;

        void Order(Command command)
        {
            now = now.Plus(1_000);
            Note(command with { At = now });
            while (Note(new PassTime(now)) > 0)
            {
            }

            if (pending.Count >= 10_000) Write();
        }

        int Note(Command command)
        {
            var decided = Scheduler.Decide(state, command);
            foreach (var happened in decided)
            {
                pending.Add(new RecordedEvent(state.Seq + 1, now, happened));
                state.Evolve(pending[^1]);
            }

            return decided.Count;
        }

        void Write()
        {
            if (pending.Count > 0) journal.Append(state.Id, pending[0].Seq - 1, [.. pending.Select(r => new StoredEvent(r.Seq, r.At.Microseconds, EventJson.NameOf(r.Event), EventJson.Write(r.Event)))]);
            pending.Clear();
        }
    }

    public static int Recover(string workspace, bool fromSnapshot)
    {
        var clock = Stopwatch.StartNew();
        using var journal = SqliteJournal.OpenReader(StateDirectory.Find(workspace).JournalPath);
        var record = journal.Executions().Single();
        var state = fromSnapshot ? ExecutionStore.Load(journal, record) : ExecutionStore.LoadWhole(journal, record);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalMilliseconds:0.0} ms, {state.Seq} events, {state.Plan.Tasks.Count} tasks, {(fromSnapshot ? "from the snapshot" : "from the first event")}"));
        return 0;
    }
}
