using System.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Core.Forecasting;

/// <summary>
/// The real core in virtual time: <see cref="Scheduler"/> decides, <see cref="ExecutionState"/> applies, and a queue of ends is all the world.
/// Every attempt takes as long as it is told to, succeeds, and is verified in the same instant.
/// </summary>
public sealed class VirtualExecution
{
    private static readonly Verdict AllIsWell = new([], [], []);

    private readonly ExecutionState _state;
    private readonly long[] _lengths;
    private readonly ScheduledTask[] _schedule;
    private readonly Dictionary<WorkerId, int> _workerNumbers = [];

    // All ends of one instant come out in file order.
    private readonly PriorityQueue<int, (long Finish, int Task)> _running = new();
    private long _now;
    private int _mostWorkers;
    private long _makespan;

    private VirtualExecution(Plan plan, long[] lengths, ResourceAmount? more)
    {
        _state = new ExecutionState(new ExecutionId("forecast"), plan.WithoutPreemption(), more);
        _lengths = lengths;
        _schedule = new ScheduledTask[lengths.Length];
    }

    /// <summary>How long each task is expected to take, in microseconds: its PERT mean.</summary>
    public static long[] ExpectedLengths(Plan plan) => [.. plan.Tasks.Select(task => task.Duration.MeanMicroseconds)];

    /// <summary>
    /// Runs a plan from its start to its end. All ends of one instant are applied, in file order, before anything starts; a task of length 0
    /// takes a worker and ends in the same instant, and then there is another round.
    /// </summary>
    /// <param name="plan">The plan; its time limits are not looked at.</param>
    /// <param name="lengths">How long each task takes, in microseconds, in file order.</param>
    /// <param name="scenario">Who does the work, and by which rules.</param>
    public static Schedule Run(Plan plan, long[] lengths, Scenario scenario)
    {
        var run = new VirtualExecution(plan, lengths, scenario.More);
        run.Begin(scenario);
        while (run.Settle() && run.Advance())
        {
        }

        if (run._state.Status != ExecutionStatus.Completed)
            throw new UnreachableException($"A virtual execution ended as {run._state.Status}, but nothing fails there. Look at VirtualExecution and at the rule that left a task behind.");
        return new Schedule(run._schedule, run._makespan, run._mostWorkers);
    }

    private void Begin(Scenario scenario)
    {
        var plan = _state.Plan;

        // One worker for each task is as good as no limit.
        var count = Math.Min(scenario.Workers ?? int.MaxValue, Math.Max(1, plan.Tasks.Count));
        string[] kinds = [.. plan.Tasks.Select(task => task.Run.Kind).Distinct()];
        var workers = new WorkerProfile[count];
        for (var i = 0; i < count; i++)
        {
            workers[i] = scenario.Crew.Member(new WorkerId($"worker-{i + 1}"), kinds, Specialist(scenario.Crew, i, count));
            _workerNumbers[workers[i].Id] = i + 1;
        }

        var start = new Instant(0);
        Send(new CreateExecution(start, "", "", "") { Priority = scenario.Priority, Model = scenario.Model });
        Send(new StartCoordinator(start, "", 0, workers, count, WaitForClaims: false) { Concurrency = scenario.KeepsConcurrencyMax ? null : count });
    }

    // The last of them are the specialised ones, but the first is never.
    private static int? Specialist(Crew crew, int worker, int count) =>
        worker > 0 && crew.Specialists.Count - (count - worker) is >= 0 and var number ? number : null;

    // What may start now starts; true.
    private bool Settle()
    {
        var proceed = new Proceed(new Instant(_now));
        while (Send(proceed))
        {
        }

        return true;
    }

    // On to the next instant at which something ends, a window opens or closes, or nobody waits any more for a worker that is late; false when
    // nothing runs or waits for a window any more.
    private bool Advance()
    {
        var runs = _running.TryPeek(out _, out var next);
        if ((_state.HasWindows ? _state.NextTimer : _state.NextSetUp) is { } timer && (!runs || timer.Microseconds < next.Finish) && timer.Microseconds > _now)
        {
            _now = timer.Microseconds;
            return true;
        }

        if (!runs) return false;
        _now = next.Finish;
        while (_running.TryPeek(out var task, out var end) && end.Finish == _now)
        {
            _running.Dequeue();
            End(task);
        }

        return true;
    }

    private void End(int task)
    {
        var (id, attempt, at) = (_state.Plan.Tasks[task].Id, _state.AttemptsOf(task), new Instant(_now));
        Send(new RecordOutcome(at, id, attempt, new Outcome.Exited(0)));
        if (_state[task] is TaskState.Verifying) Send(new RecordVerdict(at, id, attempt, AllIsWell));
    }

    private bool Send(Command command)
    {
        var events = Scheduler.Decide(_state, command);
        foreach (var happened in events) Apply(happened);
        return events.Count > 0;
    }

    private void Apply(ExecutionEvent happened)
    {
        if (happened is TaskAssigned assigned)
        {
            var task = _state.Plan.IndexOf(assigned.Task);
            var setUp = (long)Math.Round((assigned.SetupSeconds ?? 0) * Instant.Second);
            var finish = checked(_now + setUp + _lengths[task]);
            var worker = _workerNumbers[assigned.Worker];
            _schedule[task] = new ScheduledTask(_now, finish, worker, setUp);
            _running.Enqueue(task, (finish, task));
            _mostWorkers = Math.Max(_mostWorkers, _running.Count);
            _makespan = Math.Max(_makespan, finish);

            // Time limits belong to the real world: here a task ends when it is expected to.
            if (assigned.Deadline is not null) happened = assigned with { Deadline = null };
        }

        _state.Evolve(new RecordedEvent(_state.Seq + 1, new Instant(_now), happened));
    }
}
