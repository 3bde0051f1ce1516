using Slaps.Core.Execution;
using Slaps.Core.Failures;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Execution;

/// <content>Storms of failures that several tasks meet, which breakers answer, and people who patch the plan meanwhile.</content>
internal sealed partial class Simulation
{
    private readonly List<Classification> _sorts = [];
    private int _injected;

    private bool Heals => _state.Plan.Policies.CircuitBreakers is not null;

    // What goes wrong in this execution: few sorts of failure, so that tasks meet the same.
    private void DrawSorts()
    {
        for (var sorts = _storms.Next(1, 4); sorts > 0; sorts--)
        {
            // Where no installation fits the plan, one is tried.
            var nothingFits = _sorts.Count == 0 && _plan.Resources.Pools.Any(pool => pool.Pool == "auto.install");
            var (playbook, remedy, subject) = (nothingFits ? 0 : _storms.Next(9)) switch
            {
                < 2 => ("missing-dependency", Remedy.InstallDependency, $"package-{_storms.Next(2)}"),
                2 => ("rate-limit", Remedy.Throttle, null),
                3 => ("out-of-memory", Remedy.RaiseLimit, null),
                4 => (_storms.Next(2) == 0 ? "time-limit" : "stale", Remedy.RaiseLimit, null),
                5 => ("lock-contention", Remedy.Serialise, null),
                6 => ("flaky-test", Remedy.Quarantine, null),
                7 => ("outage", Remedy.Wait, (string?)null),
                _ => (null, Remedy.AskPerson, null),
            };
            _sorts.Add(new((FailureClass)_storms.Next(5), playbook, "a line", "It says so.")
            {
                Subject = subject,
                Counted = playbook is null ? "unknown/a-line-0000" : null,
                DeclaredIn = !nothingFits && _storms.Next(4) == 0 ? null : "app/package.json",
                RetryAfterSeconds = _storms.Next(6) == 0 ? _storms.Next(1, 9) : null,
                Breaker = new BreakerRule(remedy, _storms.Next(1, 4), _storms.Next(2, 60), _storms.Next(0, 5), _storms.Next(1, 4)),
            });
        }
    }

    // What the attempt will fail of; null: of nothing that anybody knows.
    private Classification? WeatherOf(ref Outcome outcome)
    {
        if (!Heals) return null;
        if (_setting.Faults.HasFlag(SimulationFaults.Workers) && _storms.Next(4) == 0) outcome = new Outcome.Exited(1);
        return _storms.Next(5) > 0 ? _sorts[_storms.Next(_sorts.Count)] : null;
    }

    // One more task, other needs or another class for what waits: whatever fits, and whatever does not.
    private void PatchByHand()
    {
        var tasks = _state.Plan.Tasks;
        TaskId Any() => tasks[_storms.Next(tasks.Count)].Id;
        PatchOperation operation;
        switch (_storms.Next(4))
        {
            case 0 or 1:
                var task = A.Task($"N{_injected++:00}").Taking(_storms.Next(1, 5)).Of((Priority)_storms.Next(4));
                if (_storms.Next(2) == 0) task = task.Using("p", _storms.Next(1, 4));
                if (_storms.Next(3) == 0) task = task.Holding("l1");
                List<Dependency> edges = [];
                if (_storms.Next(2) == 0) edges.Add(new Dependency(task.Task.Id, Any()));
                if (_storms.Next(2) == 0) edges.Add(new Dependency(Any(), task.Task.Id));
                operation = new PatchOperation.InjectTask(task.Task, edges);
                break;
            case 2:
                operation = new PatchOperation.ModifyTask(Any(), new() { Priority = (Priority)_storms.Next(4), Locks = _storms.Next(2) == 0 ? ["l2"] : [] });
                break;
            default:
                operation = new PatchOperation.ModifyResource(new() { Pools = [new("p", _storms.Next(3, 7))] });
                break;
        }

        var order = new ModifyPlan(Now, new PlanPatch { Operations = [operation], Reason = "Somebody patched it." });
        var refusal = Refusals.Of(_state, order);
        var isDone = Order(order);
        Assert.True(refusal is null == isDone, $"seed {_seed}: a patch is refused with '{refusal}', but it is {(isDone ? "applied" : "not applied")}");
        Tally.Count(isDone ? "hot patches by people" : "hot patches of people refused");
    }

    // What is durable, by what it is: so that a promise that nothing tests is seen.
    private void Count(RecordedEvent recorded)
    {
        switch (recorded.Event)
        {
            case CircuitBreakerTripped: Tally.Count("breaker trips"); break;
            case CircuitBreakerHalfOpened: Tally.Count("breakers that let one try"); break;
            case CircuitBreakerClosed { GaveUp: true }: Tally.Count("breakers that gave up"); break;
            case HotUpdateRefused: Tally.Count("hot patches of breakers refused"); break;
            case PlanPatched { Patch.By: "circuit breaker" }: Tally.Count("hot patches by breakers"); break;
            case RollbackStarted: Tally.Count("rollbacks"); break;
            case TaskRolledBack { Attempt: not null }: Tally.Count("compensations that ran"); break;
            case CompensationFailed: Tally.Count("compensations that failed"); break;
            case TaskCheckpoint: Tally.Count("checkpoints"); break;
            case CheckpointRestored: Tally.Count("attempts that began from a checkpoint"); break;
            default: break;
        }
    }
}
