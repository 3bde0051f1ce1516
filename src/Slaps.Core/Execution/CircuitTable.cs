using Slaps.Core.Failures;
using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>Where a circuit breaker stands.</summary>
public enum CircuitStatus
{
    /// <summary>Work goes on; failures are counted.</summary>
    Closed,

    /// <summary>Those that met the failure wait.</summary>
    Open,

    /// <summary>One of them tries.</summary>
    HalfOpen,

    /// <summary>It has tripped too often and trips no more.</summary>
    GaveUp,
}

/// <summary>One circuit breaker of an execution.</summary>
public sealed class Circuit
{
    private readonly List<(Instant At, int Task)> _failures = [];
    private readonly SortedSet<int> _held = [];

    internal Circuit(string name, Classification finding) => (Name, Last) = (name, finding);

    /// <summary>The playbook with what it is about.</summary>
    public string Name { get; }

    /// <summary>The failure that was met last; its rule counts.</summary>
    public Classification Last { get; internal set; }

    /// <summary>Where it stands.</summary>
    public CircuitStatus Status { get; internal set; }

    /// <summary>While it is open: when one task may try.</summary>
    public Instant Until { get; internal set; }

    /// <summary>The task that mends what it tripped for: nobody tries before it is done; null: no task does.</summary>
    public TaskId? After { get; private set; }

    /// <summary>The task that tries, while it is half-open; else -1.</summary>
    public int Probe { get; internal set; } = -1;

    /// <summary>How often it has tripped.</summary>
    public int Trips { get; internal set; }

    /// <summary>The tasks that it holds back, in file order.</summary>
    public IReadOnlyCollection<int> Held => _held;

    /// <summary>The failures that count, the oldest first.</summary>
    internal IReadOnlyList<(Instant At, int Task)> Failures => _failures;

    /// <summary>Whether the planner was asked what to do and has not answered.</summary>
    internal bool AsksPlanner { get; set; }

    internal bool IsOpen => Status is CircuitStatus.Open or CircuitStatus.HalfOpen;

    internal void Note(Instant at, int task, Classification finding)
    {
        Last = finding;
        _failures.RemoveAll(failure => at.SecondsSince(failure.At) > finding.Breaker!.WindowSeconds);

        // A task that fails for ever is still one task.
        const int Most = 10_000;
        if (_failures.Count < Most) _failures.Add((at, task));
        if (IsOpen) _held.Add(task);
    }

    internal void Open(IEnumerable<int> tasks, Instant until, TaskId? after)
    {
        (Status, Until, Probe, After) = (CircuitStatus.Open, until, -1, after);
        Trips++;
        _failures.Clear();
        _held.Clear();
        _held.UnionWith(tasks);
    }

    internal void Forget(int task) => _held.Remove(task);

    internal void Close(bool gaveUp)
    {
        AsksPlanner = false;
        (Status, Probe) = (gaveUp ? CircuitStatus.GaveUp : CircuitStatus.Closed, -1);
        _failures.Clear();
        _held.Clear();
    }

    internal static Circuit Carry(SnapshotCarrier c, Circuit? kept)
    {
        var circuit = new Circuit(c.Text(kept?.Name), SnapshotValues.Finding(c, kept?.Last))
        {
            Status = c.Choice(kept?.Status ?? default),
            Until = c.Time(kept?.Until ?? default),
            After = c.TextOrNone(kept?.After?.Value) is { } after ? new(after) : null,
            Probe = c.Whole(kept?.Probe ?? 0),
            Trips = c.Whole(kept?.Trips ?? 0),
            AsksPlanner = c.Flag(kept?.AsksPlanner ?? false),
        };
        circuit._failures.AddRange(c.List(kept?.Failures, static (c, failure) => (c.Time(failure.At), c.Whole(failure.Task))));
        c.Tasks(c.Reads ? circuit._held : kept!._held);
        return circuit;
    }
}

/// <summary>
/// The circuit breakers of an execution, folded from its events, and the tasks that wait for them though nothing else keeps them. Tasks keep
/// their indexes when a plan is patched, so nothing here is made anew.
/// </summary>
public sealed class CircuitTable
{
    private readonly SortedDictionary<string, Circuit> _all = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> _lastOf = [];
    private readonly SortedSet<int> _parked = [];
    private readonly HashSet<TaskId> _menders = [];

    /// <summary>All that have counted a failure, by name.</summary>
    public IEnumerable<Circuit> All => _all.Count == 0 ? [] : _all.Values;

    /// <summary>How many patches they have made.</summary>
    public int Patches { get; internal set; }

    /// <summary>Tasks that would be on the frontier if no breaker held them, in file order.</summary>
    internal IReadOnlyCollection<int> Parked => _parked;

    /// <summary>When the next open breaker lets a task try that waits for it; null when none does.</summary>
    /// <param name="isMended">Whether nobody has to wait for the task that mends what a breaker tripped for.</param>
    internal Instant? NextTimer(Func<Circuit, bool> isMended)
    {
        Instant? next = null;
        if (_parked.Count == 0) return next;
        foreach (var circuit in _all.Values)
        {
            if (circuit.Status != CircuitStatus.Open || (next is { } earlier && earlier <= circuit.Until)) continue;
            if (circuit.Held.Any(_parked.Contains) && isMended(circuit)) next = circuit.Until;
        }

        return next;
    }

    /// <summary>The breaker of that name; null when it has counted nothing.</summary>
    public Circuit? Find(string name) => _all.GetValueOrDefault(name);

    /// <summary>The breaker that keeps the task from starting, or null.</summary>
    public Circuit? HolderOf(int task)
    {
        if (_lastOf.Count == 0) return null;
        foreach (var circuit in _all.Values)
        {
            if (circuit.IsOpen && circuit.Probe != task && circuit.Held.Contains(task)) return circuit;
        }

        return null;
    }

    /// <summary>The breaker that counted the task's last failure; null when none did.</summary>
    internal string? LastOf(int task) => _lastOf.GetValueOrDefault(task);

    /// <summary>A patch was applied: those of breakers are counted, and that of the planner is its answer.</summary>
    internal void Patched(string by)
    {
        if (by == Breakers.Author) Patches++;
        foreach (var circuit in _all.Values.Where(circuit => circuit.AsksPlanner && by == Breakers.PlannerFor(circuit.Name)))
        {
            circuit.AsksPlanner = false;
            Patches++;
        }
    }

    /// <summary>Keeps all of it, or takes it as it was kept.</summary>
    internal void Carry(SnapshotCarrier c)
    {
        Patches = c.Whole(Patches);
        var all = c.List([.. _all.Values], Circuit.Carry);
        c.OfTasks(_lastOf, static (c, key) => c.Text(key));
        c.Tasks(_parked);
        var menders = c.List([.. _menders.OrderBy(mender => mender.Value, StringComparer.Ordinal)], SnapshotPlans.Task);
        if (!c.Reads) return;
        foreach (var circuit in all) _all.Add(circuit.Name, circuit);
        _menders.UnionWith(menders);
    }

    internal void Park(int task) => _parked.Add(task);

    internal void Unpark(int task) => _parked.Remove(task);

    internal void Open(Circuit circuit, IEnumerable<int> tasks, CircuitBreakerTripped e)
    {
        circuit.Open(tasks, e.Until, e.After);
        circuit.AsksPlanner = e.Remedy == Remedy.Replan;
        if (e.After is { } mends) _menders.Add(mends);
    }

    internal void Forget(int task)
    {
        if (!_lastOf.Remove(task)) return;
        foreach (var circuit in _all.Values) circuit.Forget(task);
    }

    internal void Failed(Instant at, int task, TaskId id, TaskError error)
    {
        // A task waits for one breaker at most, that of its last failure: two that each have the other's probe would wait for ever.
        Forget(task);

        // What mends must not wait for what it mends; its own failures are its own.
        if (_menders.Contains(id)) return;
        if (error.Finding is not { Breaker: not null, Key: { } key } finding) return;
        if (!_all.TryGetValue(key, out var circuit)) _all[key] = circuit = new Circuit(key, finding);
        circuit.Note(at, task, finding);
        _lastOf[task] = key;
    }
}
