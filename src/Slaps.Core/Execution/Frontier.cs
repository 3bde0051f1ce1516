using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>
/// The tasks whose predecessors are done, in the order in which they should start. Tasks that need the same resources and the same kind
/// of worker form a group: if its first task cannot start, none of it can, so a group is parked as one on what it lacks, and its release
/// wakes the best group parked there. Nothing is ever searched through.
/// </summary>
/// <remarks>
/// This is an index over facts, not a fact: looking reorganises it but never changes what it answers, so <c>Decide</c> may look.
/// A woken group passes the wake on when it leaves something over, so that a small task starts where a big one cannot.
/// </remarks>
internal sealed class Frontier
{
    private readonly ResourceTable _resources;
    private readonly WorkerTable _workers;
    private readonly int[] _rankOf;
    private readonly int[] _taskAt;
    private readonly Group[] _groupOf;
    private readonly bool[] _waiting;
    private readonly PriorityQueue<Group, int> _open = new();
    private readonly PriorityQueue<Group, int>[] _parked;
    private readonly List<Group>[] _tried;
    private readonly List<Group> _groups = [];

    public Frontier(Plan plan, ResourceTable resources, WorkerTable workers)
    {
        _resources = resources;
        _workers = workers;
        (_taskAt, _rankOf) = Order(plan);
        _waiting = new bool[plan.Tasks.Count];
        _groupOf = new Group[plan.Tasks.Count];
        var groups = new Dictionary<string, Group>();
        for (var task = 0; task < plan.Tasks.Count; task++)
        {
            var key = $"{workers.DemandOf(task)}|{string.Join(',', resources.NeedsOf(task).ToArray().Select(n => $"{n.Resource}:{n.Amount}"))}";
            if (!groups.TryGetValue(key, out var group))
            {
                groups[key] = group = new Group(task);
                _groups.Add(group);
            }

            _groupOf[task] = group;
        }

        // What a group can lack: each resource, then an idle worker for each demand.
        _parked = [.. Enumerable.Range(0, resources.Count + workers.Demands).Select(_ => new PriorityQueue<Group, int>())];
        _tried = [.. _parked.Select(_ => new List<Group>())];
    }

    /// <summary>How many tasks are on the frontier.</summary>
    public int Count { get; private set; }

    /// <summary>The tasks on the frontier, in the order in which they should start.</summary>
    public IEnumerable<int> InOrder() => _taskAt.Where(task => _waiting[task]);

    public void Add(int task)
    {
        if (_waiting[task]) return;
        _waiting[task] = true;
        Count++;
        var group = _groupOf[task];
        group.Tasks.Enqueue(task, _rankOf[task]);
        if (group.ParkedOn >= 0) _parked[group.ParkedOn].Enqueue(group, _rankOf[task]);
        else _open.Enqueue(group, HeadOf(group));
    }

    /// <summary>The task starts, or will not be done.</summary>
    public void Remove(int task)
    {
        if (!_waiting[task]) return;
        _waiting[task] = false;
        Count--;
        var group = _groupOf[task];
        var head = HeadOf(group);
        if (group.ParkedOn < 0 && head < int.MaxValue) _open.Enqueue(group, head);
        PassOn(group);
    }

    /// <summary>More of a resource is free.</summary>
    public void Released(int resource)
    {
        foreach (var group in _tried[resource]) _parked[resource].Enqueue(group, HeadOf(group));
        _tried[resource].Clear();
        Wake(resource);
    }

    /// <summary>A worker is idle that meets these demands.</summary>
    public void WorkerFree(bool[] demands)
    {
        for (var demand = 0; demand < demands.Length; demand++)
        {
            if (demands[demand]) Released(_resources.Count + demand);
        }
    }

    /// <summary>All workers were replaced: every group is looked at anew.</summary>
    public void WorkersReplaced()
    {
        _open.Clear();
        foreach (var queue in _parked) queue.Clear();
        foreach (var list in _tried) list.Clear();
        foreach (var group in _groups)
        {
            group.ParkedOn = group.WokenBy = -1;
            if (HeadOf(group) is var head and < int.MaxValue) _open.Enqueue(group, head);
        }
    }

    /// <summary>The task that should start next, or -1 when none can.</summary>
    public int Next()
    {
        while (_open.TryPeek(out var group, out var rank))
        {
            if (group.ParkedOn >= 0 || HeadOf(group) != rank)
            {
                _open.Dequeue();
                continue;
            }

            var lacking = Lacking(group.Example);
            if (lacking < 0) return _taskAt[rank];
            _open.Dequeue();
            Park(group, lacking);
        }

        return -1;
    }

    /// <summary>Whether a task that such a worker could take waits for nothing but a worker. Ask after <see cref="Next"/> found none.</summary>
    public bool WaitsForWorker(WorkerProfile worker)
    {
        for (var demand = 0; demand < _workers.Demands; demand++)
        {
            var lacking = _resources.Count + demand;
            while (_parked[lacking].TryPeek(out var group, out _))
            {
                if (group.ParkedOn == lacking && HeadOf(group) < int.MaxValue)
                {
                    if (worker.CanTake(_workers.ExampleOf(demand))) return true;
                    break;
                }

                _parked[lacking].Dequeue();
                if (group.ParkedOn == lacking) group.ParkedOn = -1;
            }
        }

        return false;
    }

    /// <summary>What the task lacks now: a resource's index, or the number of resources plus a demand; -1 when nothing.</summary>
    public int Lacking(int task)
    {
        var resource = _resources.FirstLacking(task);
        if (resource >= 0) return resource;
        var demand = _workers.DemandOf(task);
        return _workers.IdleFor(demand) > 0 ? -1 : _resources.Count + demand;
    }

    private void Park(Group group, int lacking)
    {
        group.ParkedOn = lacking;

        // Looked at and refused while some of it is free: it waits aside until more is released, or the wake would go round in a circle.
        if (group.WokenBy == lacking) _tried[lacking].Add(group);
        else _parked[lacking].Enqueue(group, HeadOf(group));
        PassOn(group);
    }

    private void PassOn(Group group)
    {
        if (group.WokenBy < 0) return;
        var by = group.WokenBy;
        group.WokenBy = -1;
        var isFree = by < _resources.Count ? _resources.FreeOf(by) > 0 : _workers.IdleFor(by - _resources.Count) > 0;
        if (isFree) Wake(by);
    }

    private void Wake(int resource)
    {
        while (_parked[resource].TryDequeue(out var group, out _))
        {
            if (group.ParkedOn != resource) continue;
            group.ParkedOn = -1;
            if (HeadOf(group) is var head and < int.MaxValue)
            {
                group.WokenBy = resource;
                _open.Enqueue(group, head);
                return;
            }
        }
    }

    private int HeadOf(Group group)
    {
        while (group.Tasks.TryPeek(out var task, out var rank))
        {
            if (_waiting[task]) return rank;
            group.Tasks.Dequeue();
        }

        return int.MaxValue;
    }

    // Priority class first, then the longest expected path to the end, then the order of the file.
    private static (int[] TaskAt, int[] RankOf) Order(Plan plan)
    {
        long[] durations = [.. plan.Tasks.Select(t => t.Duration.MeanMicroseconds)];
        var toEnd = plan.Graph.LongestToEnd(durations);
        var taskAt = Enumerable.Range(0, plan.Tasks.Count)
            .OrderBy(i => plan.Tasks[i].Priority).ThenByDescending(i => toEnd[i]).ThenBy(i => i)
            .ToArray();
        var rankOf = new int[taskAt.Length];
        for (var rank = 0; rank < taskAt.Length; rank++) rankOf[taskAt[rank]] = rank;
        return (taskAt, rankOf);
    }

    private sealed class Group(int example)
    {
        /// <summary>One of its tasks: they all need the same.</summary>
        public int Example { get; } = example;

        public PriorityQueue<int, int> Tasks { get; } = new();

        /// <summary>What the group waits for, or -1 when it is in the open queue or empty.</summary>
        public int ParkedOn { get; set; } = -1;

        /// <summary>Whose release woke it, until it has been looked at; -1: nobody's.</summary>
        public int WokenBy { get; set; } = -1;
    }
}
