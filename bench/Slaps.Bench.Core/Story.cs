using System.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.TestKit;

namespace Slaps.Bench.Core;

/// <summary>One execution from its creation to its end.</summary>
internal static class Story
{
    public static (long Events, double BuildMs, double Microseconds) Run(PlanBuilder builder, Func<int, bool> fails)
    {
        var building = Stopwatch.StartNew();
        var plan = builder.Build();
        var state = new ExecutionState(new ExecutionId("bench"), plan);
        var buildMs = building.Elapsed.TotalMilliseconds;
        var (microseconds, _) = Play(state, fails, workers: 8);
        return (state.Seq, buildMs, microseconds);
    }

    /// <summary>Microseconds an event: of the processor, whatever else the machine does meanwhile, and by the clock.</summary>
    /// <param name="state">Before its first event.</param>
    /// <param name="fails">Whether the first two attempts of a task fail.</param>
    /// <param name="workers">How many there are.</param>
    /// <param name="halfway">Looks at the state when half of the tasks are done; its time does not count.</param>
    public static (double Processor, double Clock) Play(ExecutionState state, Func<int, bool> fails, int workers, Action? halfway = null)
    {
        var plan = state.Plan;
        var running = Stopwatch.StartNew();
        var (used, aside) = (Environment.CpuUsage.TotalTime, TimeSpan.Zero);
        var now = new Instant(0);
        var ends = new PriorityQueue<(int Task, int Attempt), long>();
        Send(new CreateExecution(now, "hash", "/plan", "/work"));
        Send(new StartCoordinator(now, "host", 1, A.Workers(workers), MaxWorkers: workers, WaitForClaims: false));
        while (!state.IsFinished)
        {
            if (Send(new Proceed(now))) continue;
            if (ends.TryDequeue(out var end, out var at))
            {
                now = new Instant(Math.Max(at, now.Microseconds));
                var failed = fails(end.Task) && end.Attempt < 3;
                Send(new RecordOutcome(now, plan.Tasks[end.Task].Id, end.Attempt, new Outcome.Exited(failed ? 1 : 0)));
                if (halfway is null || state.Done < plan.Tasks.Count / 2) continue;
                running.Stop();
                var before = Environment.CpuUsage.TotalTime;
                halfway();
                halfway = null;
                aside = Environment.CpuUsage.TotalTime - before;
                running.Start();
            }
            else
            {
                now = state.NextTimer ?? throw new UnreachableException("Nothing happens any more, but the execution has not ended.");
            }
        }

        return ((Environment.CpuUsage.TotalTime - used - aside).TotalMicroseconds / state.Seq, running.Elapsed.TotalMicroseconds / state.Seq);

        bool Send(Command command)
        {
            var decided = Scheduler.Decide(state, command);
            for (var i = 0; i < decided.Count; i++)
            {
                var happened = decided[i];
                state.Evolve(new RecordedEvent(state.Seq + 1, now, happened));
                if (happened is TaskAssigned e)
                {
                    var task = plan.IndexOf(e.Task);
                    ends.Enqueue((task, e.Attempt), now.Microseconds + 100 + (task % 13));
                }
            }

            return decided.Count > 0;
        }
    }
}
