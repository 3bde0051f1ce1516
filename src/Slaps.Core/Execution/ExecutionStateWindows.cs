using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <content>Where the execution runs, and the times of the day at which tasks may begin.</content>
public sealed partial class ExecutionState
{
    private readonly HashSet<int> _closed = [];
    private IReadOnlyList<(OpenHours Hours, IReadOnlyList<int> Tasks)> _hours = [];
    private Dictionary<int, OpenHours> _hoursOf = [];

    /// <summary>The profile of the plan that says what there is to share here; null: the plan itself does.</summary>
    public string? Profile { get; private set; }

    /// <summary>When a task that waits for a window may begin; null when it waits for none.</summary>
    public Instant? OpensAt(int task) => _closed.Contains(task) && HoursOf(task) is { } hours ? (hours.IsOpen(Now) ? Now : hours.NextChange(Now)) : null;

    /// <summary>Whether any task has windows.</summary>
    internal bool HasWindows => _hours.Count > 0;

    /// <summary>Whether some task of the frontier waits for a window in which a worker that is here could take it.</summary>
    internal bool WaitsForWindow => _closed.Count > 0 && _closed.Any(task => _parked.Contains(task) && SomeWorkerCanTake(task) && !IsStuckAtBreaker(task));

    // A window that opens helps nobody whose breaker waits for a person or for a worker that is not there.
    private bool IsStuckAtBreaker(int task) => Circuits.HolderOf(task) is { } circuit
        && (!IsMended(circuit) || (circuit.Probe >= 0 && _tasks[circuit.Probe].IsWaiting && !SomeWorkerCanTake(circuit.Probe)));

    /// <summary>Whether the task must not begin at this time of the day.</summary>
    internal bool IsClosedAt(int task, Instant at) => _hours.Count > 0 && HoursOf(task)?.IsOpen(at) == false;

    /// <summary>What opens and closes for tasks that wait; null when nothing does, or nothing may start anyway.</summary>
    internal WindowsChanged? NextWindows(Instant at)
    {
        if (!LooksAtWindows) return null;
        var (opened, closed) = (new List<int>(), new List<int>());
        foreach (var (hours, tasks) in _hours)
        {
            var isOpen = hours.IsOpen(at);
            foreach (var task in tasks)
            {
                if (!_tasks[task].IsWaiting || _holds[task] || isOpen != _closed.Contains(task)) continue;
                (isOpen ? opened : closed).Add(task);
            }
        }

        // Whoever slept through a window that opened and closed again has nothing to change, but must not wait for that edge for ever.
        return opened.Count + closed.Count > 0 || NextWindowTimer <= at ? new WindowsChanged(InFileOrder(opened), InFileOrder(closed)) : null;
    }

    private Instant? NextWindowTimer => !LooksAtWindows ? null : _hours.Where(h => h.Tasks.Any(task => _tasks[task].IsWaiting && !_holds[task])).Min(h => h.Hours.NextChange(Now));

    // A coordinator that leaves, or has left, starts nothing more; sessions go on to claim, and what opens does so for them, too.
    private bool LooksAtWindows => _hours.Count > 0 && Status == ExecutionStatus.Running && !IsFinished;

    private List<TaskId> InFileOrder(List<int> tasks) => [.. tasks.Order().Select(task => Plan.Tasks[task].Id)];

    private OpenHours? HoursOf(int task) => _hoursOf.GetValueOrDefault(task);

    // Tasks with the same hours stand together, so that a look at the clock is one for all of them.
    private void ReadWindows()
    {
        _hoursOf = [];
        var alike = new Dictionary<string, (OpenHours Hours, List<int> Tasks)>(StringComparer.Ordinal);
        foreach (var (index, task) in Plan.Tasks.Index())
        {
            if (OpenHours.Of(task, Plan.Resources) is not { } hours) continue;
            if (!alike.TryGetValue(hours.Key, out var group)) alike[hours.Key] = group = (hours, []);
            group.Tasks.Add(index);
            _hoursOf[index] = group.Hours;
        }

        _hours = [.. alike.Values.Select(group => (group.Hours, (IReadOnlyList<int>)group.Tasks))];
        _closed.RemoveWhere(task => !_hoursOf.ContainsKey(task));
    }

    private void Change(WindowsChanged e)
    {
        foreach (var task in e.Closed.Select(Index)) _closed.Add(task);
        foreach (var task in e.Opened.Select(Index)) _closed.Remove(task);
        foreach (var task in e.Closed.Concat(e.Opened).Select(Index))
        {
            StopWaiting(task);
            if (_tasks[task].IsWaiting && !_holds[task]) Wait(task);
        }
    }

    // Before anything waits or is held: what is made of the plan is made anew.
    private void RunIn(string? profile)
    {
        Profile = profile;
        if (profile is null || Plan.ProfileCalled(profile) is not { } chosen) return;
        Plan = Plan.In(chosen);
        _resources = new ResourceTable(Plan, _more);
        _frontier = new Frontier(Plan, _resources, _workers);
    }
}
