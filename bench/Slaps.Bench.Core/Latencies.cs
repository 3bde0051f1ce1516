using System.Diagnostics;
using System.Globalization;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;
using Slaps.TestKit;

namespace Slaps.Bench.Core;

/// <summary>How long single decisions take in a plan of many tasks with 500 workers and 1,000 locks, beside what the specification allows.</summary>
internal static class Latencies
{
    // What each may take, in milliseconds.
    private static readonly (string Name, double Most)[] Table = [("frontier update", 10), ("resource check", 5), ("dispatch", 20), ("event", 15), ("hot update", 100)];

    public static int Run(int count)
    {
        var took = Table.ToDictionary(row => row.Name, _ => new List<double>());

        // The first round is for the compiler.
        for (var round = 0; round < 3; round++)
        {
            foreach (var list in took.Values) list.Clear();
            Play(count, took);
        }

        Console.WriteLine($"{count:N0} tasks, five edges each, 500 workers, 1,000 locks; without journal");
        Console.WriteLine($"{"",-18}{"times",9}{"p50 ms",10}{"p99 ms",10}{"most ms",10}{"allowed",9}");
        foreach (var (name, most) in Table)
        {
            var sorted = took[name].Order().ToList();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-18}{sorted.Count,9:N0}{sorted[sorted.Count / 2],10:0.0000}{sorted[sorted.Count * 99 / 100],10:0.0000}{sorted[^1],10:0.000}{most,9:0}"));
        }

        return 0;
    }

    private static void Play(int count, Dictionary<string, List<double>> took)
    {
        var plan = Stories.Layers(count, (task, i) => i % 10 == 0 ? task.Holding($"l{i / 10 % 1_000}") : task, width: Math.Max(100, count / 20)).Build();
        var state = new ExecutionState(new ExecutionId("bench"), plan);
        var now = new Instant(0);
        var ends = new Queue<(TaskId Task, int Attempt)>();
        Send(new CreateExecution(now, "hash", "/plan", "/work"));
        Send(new StartCoordinator(now, "host", 1, A.Workers(500), MaxWorkers: 500, WaitForClaims: false));
        for (var patches = 0; !state.IsFinished;)
        {
            while (true)
            {
                var began = Stopwatch.GetTimestamp();
                var decided = Scheduler.Decide(state, new Proceed(now));
                took["resource check"].Add(Since(began));
                if (decided.Count == 0) break;
                Evolve(decided);
                if (decided.Any(e => e is TaskAssigned)) took["dispatch"].Add(Since(began));
            }

            if (!ends.TryDequeue(out var end)) break;
            now = now.Plus(100);
            var ended = Stopwatch.GetTimestamp();
            Send(new RecordOutcome(now, end.Task, end.Attempt, new Outcome.Exited(0)));
            took["frontier update"].Add(Since(ended));
            if (patches >= 100 || state.Done < (patches + 1) * count / 120) continue;
            var number = ++patches;
            var after = state.Plan.Tasks[Enumerable.Range(0, state.Plan.Tasks.Count).First(task => state[task] is TaskState.Running or TaskState.Assigned)].Id;
            var task = new PlanTask { Id = new($"patch{number}"), Title = "One more", Run = new RunSpec.Process(["true"], ProcessContext.Default) };
            var order = new ModifyPlan(now, new PlanPatch { Operations = [new PatchOperation.InjectTask(task, [new Dependency(after, task.Id)])], Reason = "A measurement." });
            var asked = Stopwatch.GetTimestamp();
            if (!Send(order)) throw new UnreachableException("The patch is refused.");
            took["hot update"].Add(Since(asked));
        }

        bool Send(Command command)
        {
            var decided = Scheduler.Decide(state, command);
            Evolve(decided);
            return decided.Count > 0;
        }

        void Evolve(IReadOnlyList<ExecutionEvent> decided)
        {
            foreach (var happened in decided)
            {
                var began = Stopwatch.GetTimestamp();
                state.Evolve(new RecordedEvent(state.Seq + 1, now, happened));
                if (happened is not PlanPatched) took["event"].Add(Since(began));
                if (happened is TaskAssigned e) ends.Enqueue((e.Task, e.Attempt));
            }
        }
    }

    private static double Since(long began) => Stopwatch.GetElapsedTime(began).TotalMilliseconds;
}
