using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>
/// The tasks whose predecessors are done, in the order in which they should start. Tasks that need the same resources and the same kind
/// of worker form a group: if its first task cannot start, none of it can, so a group is parked as one on what it lacks: on a lock, on the
/// amounts, or on a worker. A release wakes the best group parked there for which what is free is enough.
/// A task that waits to write under a lock holds back the readers that go after it: none of them starts before it, so that it waits for no
/// more readers than run already. Only a writer that some worker can take does so, and not where one rule alone gives the order.
/// </summary>
/// <remarks>
/// This is an index over facts, not a fact: looking reorganises it but never changes what it answers, so <c>Decide</c> may look.
/// A woken group passes the wake on once it has been looked at, so that one release starts all that fit into it.
/// </remarks>
internal sealed class Frontier
{
    private const int Nothing = -1;
    private const int Nobody = int.MaxValue;

    private readonly ResourceTable _resources;
    private readonly WorkerTable _workers;
    private readonly int[] _rankOf;
    private readonly List<int> _taskAt;
    private readonly Group[] _groupOf;
    private readonly bool[] _waiting;
    private readonly PriorityQueue<Group, int> _open = new();
    private readonly PriorityQueue<Group, int>[] _parked;
    private readonly WaitingWriters?[] _writers;
    private readonly WaitingForAmounts _waitingForAmounts;
    private readonly List<Group> _groups = [];
    private bool _isFirstReleasedFirst;
    private bool _writersHoldBack = true;

    public Frontier(Plan plan, ResourceTable resources, WorkerTable workers)
    {
        _resources = resources;
        _workers = workers;
        _rankOf = new int[plan.Tasks.Count];
        _taskAt = new List<int>(plan.Tasks.Count);
        _waiting = new bool[plan.Tasks.Count];
        _groupOf = new Group[plan.Tasks.Count];
        var groups = new Dictionary<string, Group>();
        for (var task = 0; task < plan.Tasks.Count; task++)
        {
            var key = $"{workers.DemandOf(task)}|{string.Join(',', resources.NeedsOf(task).ToArray().Select(n => $"{n.Resource}:{n.Amount}{(n.IsRead ? "r" : "")}"))}";
            if (!groups.TryGetValue(key, out var group))
            {
                groups[key] = group = new Group(_groups.Count, task);
                _groups.Add(group);
            }

            _groupOf[task] = group;
        }

        // What a group can be parked on: each lock to write, all amounts as one, an idle worker for each demand, then each lock to read.
        _parked = [.. Enumerable.Range(0, resources.Count + workers.Demands + resources.Locks).Select(_ => new PriorityQueue<Group, int>())];
        _writers = new WaitingWriters?[resources.Locks];
        for (var task = 0; task < plan.Tasks.Count; task++)
        {
            foreach (var need in resources.NeedsOf(task))
            {
                if (need.IsRead) _writers[need.Resource] ??= new WaitingWriters(this);
            }
        }

        var amounts = resources.Count - resources.Locks;
        var needs = new long[_groups.Count * amounts];
        foreach (var group in _groups)
        {
            foreach (var need in resources.NeedsOf(group.Example))
            {
                if (need.Resource >= resources.Locks) needs[(group.Number * amounts) + need.Resource - resources.Locks] = need.Amount;
            }
        }

        _waitingForAmounts = new WaitingForAmounts(_groups.Count, amounts, needs);
    }

    /// <summary>How many tasks are on the frontier.</summary>
    public int Count { get; private set; }

    /// <summary>The tasks on the frontier, in the order in which they should start.</summary>
    public IEnumerable<int> InOrder() => _taskAt.Where((task, rank) => _waiting[task] && _rankOf[task] == rank);

    /// <summary>Sets the order in which tasks start. Only before the first one is on the frontier.</summary>
    public void OrderBy(Plan plan, PriorityRule? priority, ExecutionModel model)
    {
        _isFirstReleasedFirst = priority == PriorityRule.Fifo;
        _writersHoldBack = priority is null;
        _taskAt.Clear();
        if (_isFirstReleasedFirst) return;   // Each release gives the next rank.

        // To a barrier the longest way is the task itself.
        long[] durations = [.. plan.Tasks.Select(t => t.Duration.MeanMicroseconds)];
        var path = model == ExecutionModel.Waves ? durations : plan.Graph.LongestToEnd(durations);
        var order = new int[durations.Length];
        for (var task = 0; task < order.Length; task++) order[task] = task;
        Array.Sort(order, (a, b) =>
        {
            var byClass = priority is null ? (int)plan.Tasks[a].Priority - (int)plan.Tasks[b].Priority : 0;
            if (byClass != 0) return byClass;
            var byPath = path[b].CompareTo(path[a]);
            return byPath != 0 ? byPath : a.CompareTo(b);
        });
        _taskAt.AddRange(order);
        for (var rank = 0; rank < order.Length; rank++) _rankOf[order[rank]] = rank;
    }

    /// <summary>
    /// The task's predecessors are done. Where the first released goes first, this is its place, also when it waits again after an attempt;
    /// one that was restored is released anew.
    /// </summary>
    public void Release(int task)
    {
        if (!_isFirstReleasedFirst) return;
        _rankOf[task] = _taskAt.Count;
        _taskAt.Add(task);
    }

    public void Add(int task)
    {
        if (_waiting[task]) return;
        _waiting[task] = true;
        Count++;
        foreach (var need in _resources.NeedsOf(task))
        {
            if (WritersOf(need) is { } writers) writers.Add(task);
        }

        var group = _groupOf[task];
        group.Tasks.Enqueue(task, _rankOf[task]);
        if (HeadOf(group) != _rankOf[task]) return;

        // What the group is parked on may be free again, and its wake on the way to a group that was better until now.
        if (group.ParkedOn != Nothing && PlaceOf(task, Lacking(task)) != group.ParkedOn) Unpark(group);
        Place(group, _rankOf[task]);
    }

    /// <summary>The task starts, or will not be done.</summary>
    public void Remove(int task)
    {
        if (!_waiting[task]) return;
        var group = _groupOf[task];
        var wasFirst = HeadOf(group) == _rankOf[task];
        _waiting[task] = false;
        Count--;
        if (wasFirst)
        {
            if (HeadOf(group) is var head and < Nobody) Place(group, head);
            else Unpark(group);
        }

        PassOn(group);

        // Readers may go that it held back.
        foreach (var need in _resources.NeedsOf(task))
        {
            if (WritersOf(need) is not null) Wake(need.Resource);
        }
    }

    /// <summary>More of a resource is free.</summary>
    public void Released(int resource) => Wake(Math.Min(resource, _resources.Locks));

    /// <summary>A worker is idle that meets these demands.</summary>
    public void WorkerFree(bool[] demands)
    {
        for (var demand = 0; demand < demands.Length; demand++)
        {
            if (demands[demand]) Wake(_resources.Count + demand);
        }
    }

    /// <summary>All workers were replaced: every group is looked at anew.</summary>
    public void WorkersReplaced()
    {
        _open.Clear();
        foreach (var parked in _parked) parked.Clear();
        foreach (var group in _groups)
        {
            Unpark(group);
            group.WokenBy = Nothing;
            if (HeadOf(group) is var head and < Nobody) _open.Enqueue(group, head);
        }
    }

    /// <summary>The task that should start next, or -1 when none can.</summary>
    public int Next()
    {
        while (_open.TryPeek(out var group, out var rank))
        {
            // A group has one entry for each head that it has had; only that of its present one counts.
            if (group.ParkedOn != Nothing || HeadOf(group) != rank)
            {
                _open.Dequeue();
                continue;
            }

            // The first of them stands for all: what holds it back holds back those after it.
            var task = _taskAt[rank];
            var lacking = Lacking(task);
            if (lacking == Nothing) return task;
            _open.Dequeue();
            group.ParkedOn = PlaceOf(task, lacking);
            Place(group, rank);
            PassOn(group);
        }

        return -1;
    }

    /// <summary>Whether a task that such a worker could take waits for nothing but a worker. Ask after <see cref="Next"/> found none.</summary>
    public bool WaitsForWorker(WorkerProfile worker)
    {
        for (var demand = 0; demand < _workers.Demands; demand++)
        {
            var lacking = _resources.Count + demand;
            while (_parked[lacking].TryPeek(out var group, out var rank))
            {
                var counts = group.ParkedOn == lacking && HeadOf(group) == rank;
                var resource = counts ? FirstLacking(_taskAt[rank]) : Nothing;
                if (counts && resource == Nothing)
                {
                    if (worker.CanTake(_workers.ExampleOf(demand))) return true;
                    break;
                }

                // Since it was parked here, others have taken what it needs as well: a worker alone would not help it.
                _parked[lacking].Dequeue();
                if (!counts) continue;
                group.ParkedOn = PlaceOf(_taskAt[rank], resource);
                Place(group, rank);
            }
        }

        return false;
    }

    /// <summary>What the task lacks now: a resource's index, or the number of resources plus a demand; -1 when nothing.</summary>
    public int Lacking(int task)
    {
        var resource = FirstLacking(task);
        if (resource >= 0) return resource;
        var demand = _workers.DemandOf(task);
        return _workers.IdleFor(demand) > 0 ? Nothing : _resources.Count + demand;
    }

    /// <summary>The task that waits to write under a lock and holds back this one, which wants to read; -1 when none does.</summary>
    public int WriterAhead(int task, int ofLock)
    {
        if (!_writersHoldBack || ofLock < 0 || ofLock >= _resources.Locks || !_resources.IsReader(task, ofLock)) return Nothing;
        return _writers[ofLock]!.First() is var first && first < _rankOf[task] ? _taskAt[first] : Nothing;
    }

    private int FirstLacking(int task)
    {
        foreach (var need in _resources.NeedsOf(task))
        {
            if (_resources.FreeOf(need.Resource) < need.Amount || (need.IsRead && WriterAhead(task, need.Resource) != Nothing)) return need.Resource;
        }

        return Nothing;
    }

    // Only where somebody reads under the lock do those matter who wait to write.
    private WaitingWriters? WritersOf(ResourceTable.Need need) =>
        _writersHoldBack && need.Resource < _resources.Locks && !need.IsRead ? _writers[need.Resource] : null;

    // All amounts are one place: a group waits there until each of them is enough.
    private int PlaceOf(int task, int lacking)
    {
        if (lacking >= _resources.Locks && lacking < _resources.Count) return _resources.Locks;
        return lacking >= 0 && lacking < _resources.Locks && _resources.IsReader(task, lacking) ? ReadersOf(lacking) : lacking;
    }

    private int ReadersOf(int ofLock) => _resources.Count + _workers.Demands + ofLock;

    private void Place(Group group, int head)
    {
        if (group.ParkedOn == Nothing) _open.Enqueue(group, head);
        else if (group.ParkedOn == _resources.Locks) _waitingForAmounts.Add(group.Number, head);
        else _parked[group.ParkedOn].Enqueue(group, head);
    }

    private void Unpark(Group group)
    {
        if (group.ParkedOn == _resources.Locks) _waitingForAmounts.Remove(group.Number);
        group.ParkedOn = Nothing;
    }

    private void PassOn(Group group)
    {
        if (group.WokenBy == Nothing) return;
        var by = group.WokenBy;
        group.WokenBy = Nothing;
        Wake(by);
    }

    // Wakes a group only if what is free here is enough for it: it starts, or it is parked elsewhere, so a wake never goes in a circle.
    private void Wake(int place)
    {
        if (BestParkedOn(place) is not { } group) return;
        Unpark(group);
        group.WokenBy = place;
        _open.Enqueue(group, HeadOf(group));
    }

    private Group? BestParkedOn(int place)
    {
        if (place == _resources.Locks) return _waitingForAmounts.Best(_resources.FreeAmounts) is var best and >= 0 ? _groups[best] : null;
        if (place > _resources.Locks) return _workers.IdleFor(place - _resources.Count) > 0 ? Parked(place) : null;

        // A lock: the best writer when nobody is in its way, or the best reader if it is better and no writer holds it back.
        var writer = _resources.IsFreeToWrite(place) ? Parked(place) : null;
        var reader = _writers[place] is not null && _resources.FreeOf(place) > 0 ? Parked(ReadersOf(place)) : null;
        if (reader is not null && WriterAhead(_taskAt[HeadOf(reader)], place) != Nothing) reader = null;
        return reader is null || (writer is not null && HeadOf(writer) < HeadOf(reader)) ? writer : reader;
    }

    // As in the open queue, an entry counts only for the head that it names.
    private Group? Parked(int place)
    {
        while (_parked[place].TryPeek(out var group, out var rank))
        {
            if (group.ParkedOn == place && HeadOf(group) == rank) return group;
            _parked[place].Dequeue();
        }

        return null;
    }

    // The rank of the group's best task.
    private int HeadOf(Group group)
    {
        while (group.Tasks.TryPeek(out var task, out var rank))
        {
            if (_waiting[task] && _rankOf[task] == rank) return rank;
            group.Tasks.Dequeue();
        }

        return Nobody;
    }

    /// <summary>Those that wait to write under one lock, by what they ask of a worker.</summary>
    private sealed class WaitingWriters(Frontier frontier)
    {
        private readonly SortedList<int, PriorityQueue<int, int>> _tasksOf = [];

        public void Add(int task)
        {
            var demand = frontier._workers.DemandOf(task);
            if (!_tasksOf.TryGetValue(demand, out var tasks)) _tasksOf[demand] = tasks = new();
            tasks.Enqueue(task, frontier._rankOf[task]);
        }

        /// <summary>The rank of the best that some worker can take.</summary>
        public int First()
        {
            var first = Nobody;
            foreach (var (demand, tasks) in _tasksOf)
            {
                while (tasks.TryPeek(out var task, out var rank) && !(frontier._waiting[task] && frontier._rankOf[task] == rank)) tasks.Dequeue();
                if (tasks.TryPeek(out _, out var best) && best < first && frontier._workers.AnyFor(demand)) first = best;
            }

            return first;
        }
    }

    private sealed class Group(int number, int example)
    {
        /// <summary>Its place among the groups.</summary>
        public int Number { get; } = number;

        /// <summary>One of its tasks: they all need the same.</summary>
        public int Example { get; } = example;

        public PriorityQueue<int, int> Tasks { get; } = new();

        /// <summary>What the group waits for, or -1 when it is in the open queue or empty.</summary>
        public int ParkedOn { get; set; } = Nothing;

        /// <summary>Whose release woke it, until it has been looked at; -1: nobody's.</summary>
        public int WokenBy { get; set; } = Nothing;
    }
}
