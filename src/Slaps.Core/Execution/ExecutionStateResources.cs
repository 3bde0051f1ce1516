using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>A running attempt that waits for a resource beside those that it holds.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">Which try.</param>
/// <param name="Resource">What it waits for.</param>
/// <param name="Since">Since when.</param>
/// <param name="Until">When it has waited for too long; null: never.</param>
public sealed record ResourceRequest(TaskId Task, int Attempt, ResourceAmount Resource, Instant Since, Instant? Until);

/// <content>What attempts have acquired, or wait for, after they began.</content>
public sealed partial class ExecutionState
{
    private readonly SortedDictionary<int, List<ResourceAmount>> _acquired = [];
    private readonly List<ResourceRequest> _requests = [];
    private readonly Dictionary<int, ResourceDenied> _denials = [];
    private readonly SortedSet<int> _parked = [];

    // As which of all a task was first on the frontier, from 1; 0: it never was. The lower the older, and no two are alike.
    private int[] _bornAs = [];
    private int _born;

    /// <summary>The attempts that wait for a resource in the midst of their task, in the order in which they asked.</summary>
    public IReadOnlyList<ResourceRequest> Requests => _requests;

    /// <summary>What the present attempt waits for; null when it waits for nothing.</summary>
    public ResourceRequest? RequestOf(int task) => _requests.Find(r => r.Task == Plan.Tasks[task].Id);

    /// <summary>What the present attempt has acquired since it began, in the resources' canonical order.</summary>
    public IReadOnlyList<ResourceAmount> MoreOf(int task) => _acquired.TryGetValue(task, out var more) ? more : [];

    /// <summary>What the task's last attempt was denied, until another one begins or asks anew; null when nothing was.</summary>
    public ResourceDenied? DenialOf(int task) => _denials.GetValueOrDefault(task);

    /// <summary>Whether the task is on the frontier and waits for a window, or, because it made way, until that is free which it asked for.</summary>
    public bool IsParked(int task) => _parked.Contains(task);

    /// <summary>Whether one task was on the frontier before the other: age is kept through all attempts.</summary>
    internal bool IsOlder(int task, int than) => _bornAs[task] < _bornAs[than];

    /// <summary>The resource that somebody means, e.g. <c>lock:database</c> by <c>database</c>; null where the plan has none.</summary>
    public string? ResourceCalled(string name) => new[] { name, ResourceTable.LockName(name), ResourceTable.PoolName(name) }.FirstOrDefault(full => _resources.IndexOf(full) is >= 0 and var index && index < _resources.Count - 1);

    /// <summary>All that can be asked for, in canonical order.</summary>
    internal IEnumerable<string> ResourceNames() => Enumerable.Range(0, _resources.Count - 1).Select(_resources.NameOf);

    /// <summary>The most of it that there is: 1 of a lock.</summary>
    internal long CapacityOf(string resource) => _resources.LevelOf(_resources.IndexOf(resource)).Capacity;

    /// <summary>What the task has of a resource, by the plan and since.</summary>
    internal IEnumerable<ResourceAmount> HeldOf(int task, string resource) => (_holds[task] ? _resources.Describe(task) : []).Concat(MoreOf(task)).Where(r => r.Name == resource);

    /// <summary>Whether the attempt can have it now: enough is free and nobody waits for it.</summary>
    internal bool IsFree(ResourceAmount wanted) => !_requests.Exists(r => r.Resource.Name == wanted.Name) && IsEnough(wanted);

    /// <summary>Those who have what the task would need, and those who wait for it already; in file order.</summary>
    internal IReadOnlyList<int> InTheWayOf(int task, ResourceAmount wanted)
    {
        var inTheWay = new SortedSet<int>();
        foreach (var other in _active)
        {
            if (other != task && HeldOf(other, wanted.Name).Any(held => wanted.Reads != true || held.Reads != true)) inTheWay.Add(other);
        }

        foreach (var request in _requests.TakeWhile(r => r.Task != Plan.Tasks[task].Id))
        {
            if (request.Resource.Name == wanted.Name) inTheWay.Add(Index(request.Task));
        }

        return [.. inTheWay];
    }

    /// <summary>The first request that can be granted, by the resources' canonical order; null when none can. Who asked first for a resource gets it first.</summary>
    internal ResourceRequest? NextGrant =>
        _requests.Where(r => IsEnough(r.Resource) && _requests.Find(first => first.Resource.Name == r.Resource.Name) == r).MinBy(r => _resources.IndexOf(r.Resource.Name));

    /// <summary>The request that has waited for too long; null when none has.</summary>
    internal ResourceRequest? NextOverdue(Instant at) => _requests.Where(r => r.Until <= at).MinBy(r => r.Until);

    private Instant? NextRequestTimer => _requests.Count == 0 ? null : _requests.Min(r => r.Until);

    private bool IsEnough(ResourceAmount wanted) => _resources.IndexOf(wanted.Name) is var index && _resources.LeftOf(index) >= _resources.NeedOf(wanted).Amount;

    private void Acquire(int task, ResourceAcquired e)
    {
        if (!_acquired.TryGetValue(task, out var more)) _acquired[task] = more = [];
        foreach (var resource in e.Resources)
        {
            _resources.Take(_resources.NeedOf(resource));
            more.Add(resource);
        }

        more.Sort((a, b) => _resources.IndexOf(a.Name).CompareTo(_resources.IndexOf(b.Name)));
        _denials.Remove(task);
        StopAsking(task);
    }

    private void GiveBackMore(int task, ResourceReleased e)
    {
        if (!_acquired.TryGetValue(task, out var more)) return;
        foreach (var resource in e.Resources)
        {
            if (!more.Remove(resource)) continue;
            _resources.GiveBack(_resources.NeedOf(resource));
            _frontier.Released(_resources.IndexOf(resource.Name));
        }

        if (more.Count == 0) _acquired.Remove(task);
        Unpark();
    }

    // From here on nothing that has not begun takes it: or the one that waits could be overtaken for ever.
    private void Ask(Instant at, ResourceRequested e)
    {
        _denials.Remove(Index(e.Task));
        _requests.Add(new ResourceRequest(e.Task, e.Attempt, e.Resource, at, e.Until));
        _resources.KeepFromStarts(_resources.IndexOf(e.Resource.Name), true);
    }

    private void StopAsking(int task)
    {
        if (_requests.Count > 0) Withdraw(task);
    }

    private void Withdraw(int task)
    {
        if (_requests.FindIndex(r => r.Task == Plan.Tasks[task].Id) is not (>= 0 and var place)) return;
        var name = _requests[place].Resource.Name;
        _requests.RemoveAt(place);
        if (_requests.Exists(r => r.Resource.Name == name)) return;
        _resources.KeepFromStarts(_resources.IndexOf(name), false);
        _frontier.Released(_resources.IndexOf(name));
        Unpark();
    }

    // One that made way would ask again at once and make way again, as often as processes can be started: it waits where it disturbs nobody.
    private bool MustPark(int task) => _closed.Contains(task) || IsWanting(task);

    // Whether it made way for what is not free for it yet.
    private bool IsWanting(int task) => _denials.TryGetValue(task, out var denied) && denied.Requeues && IsWanting(task, denied);

    private bool IsWanting(int task, ResourceDenied denied)
    {
        var index = _resources.IndexOf(denied.Resource.Name);
        if (index < 0) return false;
        var needed = _resources.NeedOf(denied.Resource).Amount;
        foreach (var need in _resources.NeedsOf(task))
        {
            if (need.Resource == index) needed += need.Amount;
        }

        return _requests.Exists(r => r.Resource.Name == denied.Resource.Name) || _resources.LeftOf(index) < Math.Min(needed, _resources.CapacityOf(index));
    }

    // What is free for it now it may find taken again when its turn comes, or its window opens; then it is older.
    private void Unpark()
    {
        if (_parked.Count == 0) return;
        foreach (var task in _parked.Where(task => !IsWanting(task)).ToArray())
        {
            _denials.Remove(task);
            if (_closed.Contains(task)) continue;
            _parked.Remove(task);
            Wait(task);
        }
    }

    private void Release(int task, Instant at)
    {
        if (_bornAs[task] == 0) _bornAs[task] = ++_born;
        _frontier.Release(task, at);
    }

    // The plan is another one: what attempts have and wait for they have and wait for there, too.
    private void AdoptMore()
    {
        Array.Resize(ref _bornAs, Plan.Tasks.Count);
        _parked.Clear();
        foreach (var resource in _acquired.Values.SelectMany(more => more)) _resources.Take(_resources.NeedOf(resource));
        foreach (var request in _requests) _resources.KeepFromStarts(_resources.IndexOf(request.Resource.Name), true);
    }
}
