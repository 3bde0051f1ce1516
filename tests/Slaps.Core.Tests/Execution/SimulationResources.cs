using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Core.Tests.Execution;

/// <content>Attempts that ask for more in the midst of their work, wait for it, give it back, or ask in the name of others.</content>
internal sealed partial class Simulation
{
    private static readonly string[] ToAskFor = ["l1", "l2", "l3", "p", "q", "lock:l1", "cpu_cores", "memory_mb", "nothing"];

    // A process of this attempt will ask for some things while it runs.
    private void AskMore(TaskId task, int attempt, double seconds)
    {
        if (_isCrowded) AskInTheCrowd(task, attempt, seconds);
        if (_calm ? _asks.Next(12) > 0 : _asks.Next(3) > 0) return;
        for (var asks = _asks.Next(1, 4); asks > 0; asks--)
        {
            var name = ToAskFor[_asks.Next(ToAskFor.Length)];
            var amount = name is "p" or "q" ? _asks.Next(1, 4) : name is "cpu_cores" ? _asks.Next(1, 20) / 10d : name is "memory_mb" ? _asks.Next(1, 80) : 1;
            var (reads, timeout) = (_asks.Next(3) == 0, _asks.Next(4) switch { 0 => _asks.Next(1, 6), 1 when _asks.Next(4) == 0 => 0, _ => (double?)null });
            var at = _world.PlusSeconds(Math.Min(seconds, 4) * _asks.NextDouble());
            Report(at, now => new AcquireResource(now, task, attempt, name) { Amount = amount, Reads = reads && name.StartsWith('l'), TimeoutSeconds = timeout });
            if (_asks.Next(3) == 0) Report(at.PlusSeconds(_asks.Next(0, 3)), now => new ReleaseResource(now, task, attempt, name));
            if (_setting.Faults.HasFlag(SimulationFaults.Reports) && _asks.Next(10) == 0) Report(at, now => new AcquireResource(now, _state.Plan.Tasks[_asks.Next(_state.Plan.Tasks.Count)].Id, attempt + _asks.Next(-1, 2), name));
        }
    }

    // Where most tasks have one unit of a pool, one that wants two more waits while one is free, which what begins could take.
    private void AskInTheCrowd(TaskId task, int attempt, double seconds)
    {
        if (_storms.Next(3) > 0) return;
        var (amount, at) = (_storms.Next(1, 4), _world.PlusSeconds(Math.Min(seconds, 2) * _storms.NextDouble()));
        Report(at, now => new AcquireResource(now, task, attempt, "p") { Amount = amount });
    }

    private void Ask(ResourceOrder order)
    {
        var live = _oracle.LiveOf(order.Task);
        var isPresent = live?.Number == order.Attempt && live is { Stop: null, Verifying: false } && _state[order.Task] is not TaskState.Compensating;
        var isGone = !_processes.TryGetValue((order.Task, order.Attempt ?? 0), out var process) || process.EndsAt <= _world || process.Waits;
        if (isPresent && isGone && order is not ReleaseResource) return;   // Who is gone or waits asks for nothing.
        var refusal = Refusals.Of(_state, order);
        var decided = Send(order);
        Assert.True(refusal is null == decided.Count > 0, $"seed {_seed}: {order} is answered with '{refusal}' and decides [{string.Join(", ", decided)}]");
        Assert.True(isPresent || order is ReleaseResource || decided.Count == 0, $"seed {_seed}: an old or stopped attempt is heard: {order} decides [{string.Join(", ", decided)}]");
        if (decided.Count == 0) return;
        Tally.Count(decided[0] switch
        {
            ResourceAcquired => "resources acquired in mid-task",
            ResourceRequested => "waits in mid-task",
            ResourceDenied => "makings of way for older tasks",
            _ => "resources given back in mid-task",
        });
        if (decided[0] is not ResourceRequested) return;
        process!.Waits = true;
        process.EndsAt = _world.PlusSeconds(1_000_000);
    }

    // Whoever waits asks again and again what came of it. A wish that went with its coordinator is wished no more.
    private void LookForAnswers()
    {
        foreach (var ((task, attempt), process) in _processes)
        {
            if (!process.Waits || (_state.RequestOf(_state.Plan.IndexOf(task)) is { } request && request.Attempt == attempt)) continue;
            process.Waits = false;
            process.EndsAt = _world.PlusSeconds(_asks.Next(0, 30) / 10d);
            ReportEnd(task, attempt);
        }
    }
}
