using System.Globalization;
using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Bench.Core;

/// <summary>
/// From a thousand tasks to a million, each with five predecessors: microseconds of the processor an event and by the clock, bytes of state a task beside the plan, and a snapshot.
/// A tenth of the tasks hold one of a thousand locks.
/// </summary>
internal static class Sizes
{
    public static int Run(int most)
    {
        Console.WriteLine($"{"tasks",10}{"workers",9}{"events",11}{"us/event",10}{"by clock",10}{"B/task at start",17}{"halfway",9}{"end",7}{"plan B/task",13}{"snapshot ms",13}{"B/task",8}{"read ms",9}");

        // What is measured is compiled well by then.
        for (var i = 0; i < 30; i++) Measure(2_000, i % 2 == 0 ? 500 : 8);
        double? at10000 = null;
        for (var count = 1_000; count <= most; count *= 10)
        {
            foreach (var workers in (int[])[8, 500, 1_000])
            {
                var (line, microseconds) = Measure(count, workers);
                Console.WriteLine(line);
                if (workers != 8) continue;
                if (count == 10_000) at10000 = microseconds;
                if (count == most && at10000 is { } usual) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"",10}{"",9}an event takes {microseconds / usual:0.00} times as long as with 10,000 tasks"));
            }
        }

        return 0;
    }

    private static (string Line, double Microseconds) Measure(int count, int workers)
    {
        var empty = GC.GetTotalMemory(forceFullCollection: true);
        var plan = Stories.Layers(count, (task, i) => i % 10 == 0 ? task.Holding($"l{i / 10 % 1_000}") : task, width: Math.Max(100, count / 100)).Build();
        var withPlan = GC.GetTotalMemory(forceFullCollection: true);
        var state = new ExecutionState(new ExecutionId("bench"), plan);
        var start = GC.GetTotalMemory(forceFullCollection: true);
        var halfway = 0L;
        Story.Play(state, _ => false, workers, () => halfway = GC.GetTotalMemory(forceFullCollection: true));
        var end = GC.GetTotalMemory(forceFullCollection: true);

        var clock = System.Diagnostics.Stopwatch.StartNew();
        var snapshot = ExecutionSnapshot.Write(state, 0);
        var writeMs = clock.Elapsed.TotalMilliseconds;
        var ofPlan = ExecutionSnapshot.WritePlan(state);
        clock.Restart();
        ExecutionSnapshot.Read(snapshot, ofPlan);
        var readMs = clock.Elapsed.TotalMilliseconds;

        // What takes milliseconds alone is told by several: the one in the middle.
        var times = new List<(double Processor, double Clock)>();
        for (var i = 0; i < Math.Clamp(200_000 / count, 1, 15); i++) times.Add(Story.Play(new ExecutionState(new ExecutionId("bench"), plan), _ => false, workers));
        var microseconds = times.Select(t => t.Processor).Order().ElementAt(times.Count / 2);
        var byClock = times.Select(t => t.Clock).Order().ElementAt(times.Count / 2);
        return (
            string.Create(
                CultureInfo.InvariantCulture,
                $"{count,10:N0}{workers,9}{state.Seq,11:N0}{microseconds,10:0.00}{byClock,10:0.00}{ATask(start),17:0}{ATask(halfway),9:0}{ATask(end),7:0}{(withPlan - empty) / (double)count,13:0}{writeMs,13:0.0}{snapshot.Length / (double)count,8:0.0}{readMs,9:0.0}"),
            microseconds);

        double ATask(long bytes) => (bytes - withPlan) / (double)count;
    }
}
