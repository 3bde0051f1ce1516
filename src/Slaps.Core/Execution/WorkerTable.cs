using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>
/// The workers of the present coordinator. Workers that can do the same are one profile; what tasks ask of a worker is a demand.
/// Both are few, so that finding an idle worker for a task looks at profiles, not at workers.
/// </summary>
internal sealed class WorkerTable
{
    private readonly int[] _demandOf;
    private readonly PlanTask[] _exampleOf;
    private readonly int[] _idleFor;
    private readonly Dictionary<WorkerId, (int Profile, int Place)> _workers = [];
    private readonly List<Profile> _profiles = [];

    public WorkerTable(Plan plan)
    {
        var demands = new Dictionary<string, int>();
        var examples = new List<PlanTask>();
        _demandOf = new int[plan.Tasks.Count];
        for (var i = 0; i < plan.Tasks.Count; i++)
        {
            var task = plan.Tasks[i];
            var key = task.Capabilities.Count == 0 ? task.Run.Kind : string.Join('\n', task.Capabilities.Order(StringComparer.Ordinal).Prepend(task.Run.Kind));
            if (demands.TryAdd(key, examples.Count)) examples.Add(task);
            _demandOf[i] = demands[key];
        }

        _exampleOf = [.. examples];
        _idleFor = new int[_exampleOf.Length];
    }

    public IReadOnlyList<WorkerProfile> All { get; private set; } = [];

    public int Demands => _exampleOf.Length;

    public PlanTask ExampleOf(int demand) => _exampleOf[demand];

    public int DemandOf(int task) => _demandOf[task];

    /// <summary>The last worker that is idle, or null.</summary>
    public WorkerId? LastIdle => _profiles.Where(p => p.Idle.Count > 0).Select(p => (int?)p.Idle.Max).Max() is { } place ? All[place].Id : null;

    /// <summary>The last worker that is idle and not the only one of its kind, or null.</summary>
    public WorkerId? LastSpare => _profiles.Where(p => p.Size > 1 && p.Idle.Count > 0).Select(p => (int?)p.Idle.Max).Max() is { } place ? All[place].Id : null;

    /// <summary>How many idle workers could meet the demand.</summary>
    public int IdleFor(int demand) => _idleFor[demand];

    /// <summary>Whether any worker, idle or not, could meet the demand.</summary>
    public bool AnyFor(int demand) => _profiles.Any(p => p.Meets[demand]);

    /// <summary>Replaces all workers; those in <paramref name="busy"/> keep what they have in hand.</summary>
    public void Reset(IReadOnlyList<WorkerProfile> workers, IEnumerable<WorkerId> busy)
    {
        All = workers;
        _workers.Clear();
        _profiles.Clear();
        Array.Clear(_idleFor);

        // The most specialised come first, so that a generic worker stays free for what only it can do.
        var groups = workers.Index()
            .GroupBy(w => string.Join('\n', w.Item.Runs.Order(StringComparer.Ordinal)) + "\n\n" + (w.Item.Capabilities is { } can ? string.Join('\n', can.Order(StringComparer.Ordinal)) : "*"))
            .OrderBy(g => g.First().Item.Capabilities?.Count ?? int.MaxValue)
            .ThenBy(g => g.First().Index);
        var taken = busy.ToHashSet();
        foreach (var group in groups)
        {
            var profile = new Profile([.. _exampleOf.Select(group.First().Item.CanTake)], group.Count());
            foreach (var (place, worker) in group)
            {
                _workers[worker.Id] = (_profiles.Count, place);
                if (!taken.Contains(worker.Id)) profile.Idle.Add(place);
            }

            _profiles.Add(profile);
            Count(profile, profile.Idle.Count);
        }
    }

    /// <summary>The idle worker that should take a task with this demand: the most specialised that can, the first of those.</summary>
    public WorkerId Choose(int demand)
    {
        foreach (var profile in _profiles)
        {
            if (profile.Meets[demand] && profile.Idle.Count > 0) return All[profile.Idle.Min].Id;
        }

        throw new System.Diagnostics.UnreachableException($"No idle worker meets demand {demand}. Ask IdleFor first.");
    }

    /// <summary>The first idle worker of the most specialised that can do something that no task's demand says; null when there is none.</summary>
    public WorkerId? IdleThat(Func<WorkerProfile, bool> can)
    {
        foreach (var profile in _profiles)
        {
            if (profile.Idle.Count > 0 && can(All[profile.Idle.Min])) return All[profile.Idle.Min].Id;
        }

        return null;
    }

    public void Occupy(WorkerId worker)
    {
        if (!_workers.TryGetValue(worker, out var at) || !_profiles[at.Profile].Idle.Remove(at.Place)) return;
        Count(_profiles[at.Profile], -1);
    }

    /// <summary>The worker is idle again; the demands that it can meet. A worker of an earlier coordinator is none of ours.</summary>
    public bool[]? Free(WorkerId worker)
    {
        if (!_workers.TryGetValue(worker, out var at) || !_profiles[at.Profile].Idle.Add(at.Place)) return null;
        Count(_profiles[at.Profile], +1);
        return _profiles[at.Profile].Meets;
    }

    /// <summary>Keeps who is here and who has something in hand, or takes that as it was kept.</summary>
    public void Carry(SnapshotCarrier c)
    {
        var all = c.List(All, SnapshotValues.Worker);
        WorkerId[] occupied = [.. All.Select(worker => worker.Id).Where(IsBusy)];
        var busy = c.List(occupied, SnapshotPlans.Worker);
        if (c.Reads) Reset(all, busy);
    }

    private bool IsBusy(WorkerId worker) => _workers[worker] is var at && !_profiles[at.Profile].Idle.Contains(at.Place);

    private void Count(Profile profile, int change)
    {
        for (var demand = 0; demand < _idleFor.Length; demand++)
        {
            if (profile.Meets[demand]) _idleFor[demand] += change;
        }
    }

    private sealed class Profile(bool[] meets, int size)
    {
        public bool[] Meets { get; } = meets;

        public int Size { get; } = size;

        public SortedSet<int> Idle { get; } = [];
    }
}
