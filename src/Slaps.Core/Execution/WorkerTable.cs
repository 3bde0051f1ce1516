using System.Globalization;
using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>
/// The workers of the present coordinator. Workers that can do the same are one profile; what tasks ask of a worker is a demand.
/// Both are few, so that finding an idle worker for a task looks at profiles, not at workers.
/// </summary>
/// <remarks>
/// A task goes to a worker that need not be set up for it, if one is idle: a specialised one before one that was set up for the same before.
/// Else an idle worker is set up, but only where more tasks wait that ask for the same than workers which need not be set up should be free
/// within the time that this takes. A worker counts among those until its task should have ended, so nobody waits for one that is late.
/// </remarks>
internal sealed class WorkerTable
{
    private readonly int[] _demandOf;
    private readonly PlanTask[] _exampleOf;
    private readonly int[] _idleFor;
    private readonly Dictionary<WorkerId, (int Profile, int Place)> _workers = [];
    private readonly List<Profile> _profiles = [];
    private readonly int[] _waitingFor;

    // What a worker was set up for last, and when those at work should be done; the latter only where somebody can be set up.
    private readonly Dictionary<WorkerId, IReadOnlyList<string>> _setUps = [];
    private readonly Dictionary<WorkerId, Instant> _ends = [];

    /// <summary>Knows the demands of a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="before">The workers as they were for the plan before a patch, who stay set up; they are told anew by <see cref="Reset"/>.</param>
    public WorkerTable(Plan plan, WorkerTable? before)
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
        _waitingFor = new int[_exampleOf.Length];
        if (before is null) return;
        Now = before.Now;
        foreach (var (worker, has) in before._setUps) _setUps[worker] = has;
    }

    public IReadOnlyList<WorkerProfile> All { get; private set; } = [];

    /// <summary>The time by which it is told who should be free soon: the last event's, or that of the decision.</summary>
    public Instant Now { get; set; }

    /// <summary>Whether any worker can be set up for what it cannot do.</summary>
    public bool HasSetUps { get; private set; }

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
    public bool AnyFor(int demand)
    {
        // Asked at each start: without a closure.
        foreach (var profile in _profiles)
        {
            if (profile.Meets[demand]) return true;
        }

        return false;
    }

    /// <summary>Whether an idle worker should take a task with this demand now.</summary>
    public bool Serves(int demand) => _idleFor[demand] > 0 && (!HasSetUps || Choose(demand) is not null);

    /// <summary>One task more or less waits that has this demand.</summary>
    public void NoteWaiting(int task, int change) => _waitingFor[_demandOf[task]] += change;

    /// <summary>Replaces all workers; those in <paramref name="busy"/> keep what they have in hand, and should be done with it then, where anybody knows.</summary>
    public void Reset(IReadOnlyList<WorkerProfile> workers, IEnumerable<(WorkerId Worker, Instant? Until)> busy)
    {
        All = workers;
        HasSetUps = workers.Any(w => w.SetupSeconds is not null);
        _workers.Clear();
        _profiles.Clear();
        _ends.Clear();
        Array.Clear(_idleFor);

        // The most specialised come first, so that whoever can do anything at once stays free for what nobody else can.
        var groups = workers.Index()
            .GroupBy(w => string.Join('\n', w.Item.Runs.Order(StringComparer.Ordinal)) + "\n\n" + (w.Item.Capabilities is { } can ? string.Join('\n', can.Order(StringComparer.Ordinal)) : "*") + "\n\n" + w.Item.SetupSeconds?.ToString("R", CultureInfo.InvariantCulture))
            .OrderBy(g => g.First().Item switch { { SetupSeconds: not null } => 1, { Capabilities: null } => 2, _ => 0 })
            .ThenBy(g => g.First().Item.Capabilities?.Count ?? int.MaxValue)
            .ThenBy(g => g.First().Index);
        var taken = new Dictionary<WorkerId, Instant?>();
        foreach (var (worker, until) in busy) taken[worker] = until;
        foreach (var group in groups)
        {
            var profile = new Profile(group.First().Item, _exampleOf, group.Count());
            foreach (var (place, worker) in group)
            {
                _workers[worker.Id] = (_profiles.Count, place);
                if (!taken.TryGetValue(worker.Id, out var until)) profile.Idle.Add(place);
                else if (HasSetUps && until is { } end) _ends[worker.Id] = end;
            }

            _profiles.Add(profile);
            Count(profile, profile.Idle.Count);
        }

        foreach (var gone in _setUps.Keys.Where(worker => !_workers.ContainsKey(worker)).ToList()) _setUps.Remove(gone);
    }

    /// <summary>Nobody is set up any more: these are the workers of another coordinator.</summary>
    public void ForgetSetUps() => _setUps.Clear();

    /// <summary>The worker is set up for what the task needs, and for nothing else that it was set up for before.</summary>
    public void SetUp(WorkerId worker, PlanTask task)
    {
        if (_workers.ContainsKey(worker)) _setUps[worker] = task.Capabilities;
    }

    /// <summary>The idle worker that should take a task with this demand, and how long it is set up for it; null when the task should wait.</summary>
    public WorkerChoice? Choose(int demand)
    {
        Profile? quickest = null;
        foreach (var profile in _profiles)
        {
            if (!profile.Meets[demand] || profile.Idle.Count == 0) continue;
            if (profile.MeetsAtOnce[demand]) return new(All[profile.Idle.Min].Id, SetupSeconds: null);
            foreach (var place in profile.Idle)
            {
                if (IsSetUp(profile, All[place].Id, demand)) return new(All[place].Id, SetupSeconds: null);
            }

            if (quickest is null || profile.Example.SetupSeconds < quickest.Example.SetupSeconds) quickest = profile;
        }

        if (quickest?.Example.SetupSeconds is not { } seconds || IsWorthWaiting(demand, seconds, Now)) return null;
        var chosen = quickest.Idle.Min;
        foreach (var place in quickest.Idle)
        {
            if (_setUps.ContainsKey(All[place].Id)) continue;
            chosen = place;   // What others are set up for may be asked for again.
            break;
        }

        return new(All[chosen].Id, seconds);
    }

    /// <summary>The workers for which tasks with this demand wait rather than have an idle one set up, and how long that would take; null when they do not.</summary>
    public (IReadOnlyList<WorkerId> Workers, double SetupSeconds)? Soon(int demand) =>
        QuickestSetUp(demand) is { } seconds && Choose(demand) is null
            ? ([.. _ends.Where(end => IsSoon(end.Key, end.Value, demand, seconds, Now)).Select(end => end.Key).OrderBy(worker => _workers[worker].Place)], seconds)
            : null;

    /// <summary>When tasks with this demand do not wait any more for workers that need not be set up, if nothing happens until then; null when they do not wait so.</summary>
    public Instant? WaitsUntil(int demand)
    {
        if (QuickestSetUp(demand) is not { } seconds || Choose(demand) is not null) return null;
        Instant? first = null;
        foreach (var end in _ends.Values)
        {
            if (end > Now && !(first <= end) && !IsWorthWaiting(demand, seconds, end)) first = end;
        }

        return first;
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

    /// <summary>The worker has something in hand that should take until then; null: nobody knows how long.</summary>
    public void Occupy(WorkerId worker, Instant? until)
    {
        if (!_workers.TryGetValue(worker, out var at) || !_profiles[at.Profile].Idle.Remove(at.Place)) return;
        if (HasSetUps && until is { } end) _ends[worker] = end;
        Count(_profiles[at.Profile], -1);
    }

    /// <summary>The worker is idle again; the demands that it can meet. A worker of an earlier coordinator is none of ours.</summary>
    public bool[]? Free(WorkerId worker)
    {
        if (!_workers.TryGetValue(worker, out var at) || !_profiles[at.Profile].Idle.Add(at.Place)) return null;
        _ends.Remove(worker);
        Count(_profiles[at.Profile], +1);
        return _profiles[at.Profile].Meets;
    }

    /// <summary>Keeps who is here, who has something in hand and who is set up for what, or takes that as it was kept.</summary>
    public void Carry(SnapshotCarrier c)
    {
        Now = c.Time(Now);
        var all = c.List(All, SnapshotValues.Worker);
        (WorkerId Worker, Instant? Until)[] occupied = [.. All.Where(worker => IsBusy(worker.Id)).Select(worker => (worker.Id, _ends.TryGetValue(worker.Id, out var end) ? end : (Instant?)null))];
        var busy = c.List(occupied, static (c, b) => (SnapshotPlans.Worker(c, b.Worker), c.Time(b.Until)));
        (WorkerId Worker, IReadOnlyList<string> For)[] ready = [.. All.Where(worker => _setUps.ContainsKey(worker.Id)).Select(worker => (worker.Id, _setUps[worker.Id]))];
        var setUps = c.List(ready, static (c, s) => (SnapshotPlans.Worker(c, s.Worker), c.Texts(s.For)));
        if (!c.Reads) return;
        Reset(all, busy);
        foreach (var (worker, has) in setUps) _setUps[worker] = has;
    }

    private bool IsBusy(WorkerId worker) => _workers[worker] is var at && !_profiles[at.Profile].Idle.Contains(at.Place);

    private bool IsSetUp(Profile profile, WorkerId worker, int demand)
    {
        if (!_setUps.TryGetValue(worker, out var has)) return false;
        foreach (var capability in _exampleOf[demand].Capabilities)
        {
            if (!has.Contains(capability) && profile.Example.Capabilities?.Contains(capability) != true) return false;
        }

        return true;
    }

    private double? QuickestSetUp(int demand) =>
        HasSetUps ? _profiles.Where(p => p.Meets[demand] && !p.MeetsAtOnce[demand] && p.Idle.Count > 0).Min(p => p.Example.SetupSeconds) : null;

    // One that is held back for pressure waits, too, though not on the frontier.
    private bool IsWorthWaiting(int demand, double seconds, Instant at)
    {
        var soon = 0;
        foreach (var (worker, end) in _ends) soon += IsSoon(worker, end, demand, seconds, at) ? 1 : 0;
        return Math.Max(1, _waitingFor[demand]) <= soon;
    }

    private bool IsSoon(WorkerId worker, Instant end, int demand, double seconds, Instant at) =>
        end > at && end <= at.PlusSeconds(seconds)
        && _profiles[_workers[worker].Profile] is var profile && profile.Meets[demand] && (profile.MeetsAtOnce[demand] || IsSetUp(profile, worker, demand));

    private void Count(Profile profile, int change)
    {
        for (var demand = 0; demand < _idleFor.Length; demand++)
        {
            if (profile.Meets[demand]) _idleFor[demand] += change;
        }
    }

    private sealed class Profile(WorkerProfile example, PlanTask[] demands, int size)
    {
        /// <summary>One of them: they can all do the same.</summary>
        public WorkerProfile Example { get; } = example;

        public bool[] Meets { get; } = [.. demands.Select(example.CanTake)];

        /// <summary>As <see cref="Meets"/>, without a set-up.</summary>
        public bool[] MeetsAtOnce { get; } = [.. demands.Select(task => example.CanTake(task) && example.Can(task.Capabilities))];

        public int Size { get; } = size;

        public IndexSet Idle { get; } = [];
    }
}

/// <summary>Who should take a task.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="SetupSeconds">How long it is set up for it first; null: it need not be.</param>
internal readonly record struct WorkerChoice(WorkerId Worker, double? SetupSeconds);
