using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>
/// The tasks whose predecessors are done, in the order in which they should start. Tasks that need the same resources and the same kind
/// of worker form a group: if its first task cannot start, none of it can, so a group is parked as one on what it lacks: on a lock, on the
/// amounts, or on a worker. A release wakes the best group parked there for which what is free is enough.
/// A task that waits to write under a lock holds back the readers that go after it: none of them starts before it, so that it waits for no
/// more readers than run already. Only a writer that some worker can take does so, and not where one rule alone gives the order.
/// The first of all that need resources may be overtaken by later ones that take what it needs, but only so often
/// (<see cref="OrderPolicy.MaxOvertakes"/>): from then on what it needs is kept for it, and it starts as soon as those that hold it now give it
/// back. (Backfilling with one reservation: Lifka, 1995.)
/// </summary>
/// <remarks>
/// This is an index over facts, not a fact: looking reorganises it but never changes what it answers, so <c>Decide</c> may look.
/// A woken group passes the wake on once it has been looked at, so that one release starts all that fit into it.
/// </remarks>
internal sealed class Frontier
{
    private const int Nothing = -1;
    private const long Nobody = long.MaxValue;

    private readonly ResourceTable _resources;
    private readonly WorkerTable _workers;
    private readonly StartOrder _order;
    private readonly int _maxOvertakes;
    private readonly Group[] _groupOf;
    private readonly bool[] _waiting;
    private readonly PriorityQueue<Group, long> _open = new();
    private readonly PriorityQueue<Group, long>[] _parked;
    private readonly Line?[] _writers;
    private readonly Line _first;
    private readonly Dictionary<int, int> _overtakes = [];
    private readonly WaitingForAmounts _waitingForAmounts;
    private readonly List<Group> _groups = [];
    private int _keptFor = Nothing;
    private int _mayRise;

    public Frontier(Plan plan, ResourceTable resources, WorkerTable workers)
    {
        _resources = resources;
        _workers = workers;
        _order = new StartOrder(plan);
        _maxOvertakes = plan.Policies.Order.MaxOvertakes;
        _first = new Line(this);
        _waiting = new bool[plan.Tasks.Count];
        _groupOf = new Group[plan.Tasks.Count];
        var groups = new Dictionary<int, Group>(new AlikeTasks(resources, workers));
        for (var task = 0; task < plan.Tasks.Count; task++)
        {
            if (!groups.TryGetValue(task, out var group))
            {
                groups[task] = group = new Group(_groups.Count, task);
                _groups.Add(group);
            }

            _groupOf[task] = group;
        }

        // What a group can be parked on: each lock to write, all amounts as one, an idle worker for each demand, then each lock to read.
        _parked = [.. Enumerable.Range(0, resources.Count + workers.Demands + resources.Locks).Select(_ => new PriorityQueue<Group, long>())];
        _writers = new Line?[resources.Locks];
        for (var task = 0; task < plan.Tasks.Count; task++)
        {
            foreach (var need in resources.NeedsOf(task))
            {
                if (need.IsRead) _writers[need.Resource] ??= new Line(this);
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
    public IEnumerable<int> InOrder() => Enumerable.Range(0, _waiting.Length).Where(task => _waiting[task]).OrderBy(_order.RankOf);

    /// <summary>The task for which its resources are kept, because it was overtaken too often; -1 when there is none.</summary>
    public int KeptFor => _keptFor;

    /// <summary>When a task that waits would rise by age; null when none would.</summary>
    public Instant? NextPeriod => _mayRise > 0 ? _order.NextPeriod : null;

    /// <summary>When a worker is set up for a task that waits for one that need not be, if nothing happens until then; null: none waits so.</summary>
    public Instant? NextSetUp
    {
        get
        {
            if (!_workers.HasSetUps) return null;
            Instant? next = null;
            foreach (var group in _groups)
            {
                if (HeadOf(group) is not (var head and < Nobody) || _order.TaskOf(head) is var task && FirstLacking(task) != Nothing) continue;
                if (_workers.WaitsUntil(_workers.DemandOf(task)) is { } until && !(next <= until)) next = until;
            }

            return next;
        }
    }

    /// <summary>How many whole periods of ageing have passed.</summary>
    public int PeriodAt(Instant at) => _order.PeriodAt(at);

    /// <summary>Sets the order in which tasks start. Only before the first one is on the frontier.</summary>
    public void OrderBy(Instant at, PriorityRule? priority, ExecutionModel model) => _order.Begin(at, priority, model);

    /// <summary>Goes on where another frontier stood, for a plan in which its tasks have the same indexes and more may follow. Nothing waits yet.</summary>
    public void TakeOver(Frontier before, Instant at, PriorityRule? priority, ExecutionModel model, Func<int, bool> isOver)
    {
        _order.Begin(at, priority, model);
        _order.TakeOver(before._order, isOver);
        foreach (var (task, times) in before._overtakes) _overtakes[task] = times;
        _keptFor = before._keptFor;
    }

    /// <summary>
    /// Keeps who waits and whom others have overtaken, or takes that as it was kept: resources and workers are as they were then. Who is parked
    /// on what is no fact; every group is looked at anew.
    /// </summary>
    public void Carry(SnapshotCarrier c, Instant begin, PriorityRule? priority, ExecutionModel model)
    {
        if (c.Reads) _order.Begin(begin, priority, model);
        _order.Carry(c);
        c.OfTasks(_overtakes, static (c, times) => c.Whole(times));
        _keptFor = c.Whole(_keptFor);
        int[] waiting = [.. Enumerable.Range(0, _waiting.Length).Where(task => _waiting[task])];
        foreach (var task in c.Wholes(waiting))
        {
            if (c.Reads) Add(task);
        }
    }

    /// <summary>The task's predecessors are done.</summary>
    public void Release(int task, Instant at) => _order.Release(task, at);

    /// <summary>So many periods of ageing count from now on: every waiting task has a new place.</summary>
    public void Age(int period)
    {
        int[] waiting = [.. InOrder()];
        foreach (var task in waiting) Leave(task);
        _order.Age(period);
        _open.Clear();
        foreach (var parked in _parked) parked.Clear();
        foreach (var group in _groups)
        {
            Unpark(group);
            group.WokenBy = Nothing;
            group.Tasks.Clear();
        }

        foreach (var task in waiting) Add(task);
    }

    /// <summary>The task is over: what should rather come after it need not hang back any more.</summary>
    public void Over(int task)
    {
        foreach (var successor in _order.Over(task))
        {
            var waits = _waiting[successor];
            if (waits) TakeOut(successor);
            _order.OneSoftLess(successor);
            if (waits) Add(successor);
        }
    }

    /// <summary>The task starts and takes what it needs: where the first in line needs some of that, it has been overtaken once more.</summary>
    public void Start(int task)
    {
        _order.Start(task);
        _overtakes.Remove(task);
        var rank = _first.First();
        if (_order.IsOneRule || rank >= _order.RankOf(task) || _order.TaskOf(rank) is var first && !IsInTheWay(task, first)) return;
        var times = _overtakes[first] = _overtakes.GetValueOrDefault(first) + 1;
        if (times >= _maxOvertakes && _keptFor != first) KeepFor(first);
    }

    public void Add(int task)
    {
        if (_waiting[task]) return;
        _waiting[task] = true;
        Count++;
        _workers.NoteWaiting(task, +1);
        if (_order.MayRise(task)) _mayRise++;
        if (_resources.NeedsOf(task).Length > 1) _first.Add(task);   // More than its place.
        foreach (var need in _resources.NeedsOf(task))
        {
            if (WritersOf(need) is { } writers) writers.Add(task);
        }

        var group = _groupOf[task];
        group.Tasks.Enqueue(task, _order.RankOf(task));
        if (HeadOf(group) != _order.RankOf(task)) return;

        // What the group is parked on may be free again, and its wake on the way to a group that was better until now.
        if (group.ParkedOn != Nothing && PlaceOf(task, Lacking(task)) != group.ParkedOn) Unpark(group);
        Place(group, _order.RankOf(task));
    }

    /// <summary>The task starts, or will not be done.</summary>
    public void Remove(int task)
    {
        if (!_waiting[task]) return;
        TakeOut(task);
        if (_keptFor == task) KeepNothing();
    }

    private void TakeOut(int task)
    {
        var group = _groupOf[task];
        var wasFirst = HeadOf(group) == _order.RankOf(task);
        Leave(task);
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
        // What nobody can take is kept from the others for nothing.
        if (_keptFor != Nothing && !_workers.AnyFor(_workers.DemandOf(_keptFor))) _keptFor = Nothing;
        _open.Clear();
        foreach (var parked in _parked) parked.Clear();
        foreach (var group in _groups)
        {
            Unpark(group);
            group.WokenBy = Nothing;
            if (HeadOf(group) is var head and < Nobody) _open.Enqueue(group, head);
        }
    }

    /// <summary>It is so late now: a task that waited for a worker which need not be set up may take another one by now.</summary>
    public void LookAt(Instant at)
    {
        _workers.Now = at;
        for (var demand = 0; _workers.HasSetUps && demand < _workers.Demands; demand++) Wake(_resources.Count + demand);
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
            var task = _order.TaskOf(rank);
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
            if (_workers.IdleFor(demand) > 0) continue;   // It waits for one that need not be set up, and has reason to.
            var lacking = _resources.Count + demand;
            while (_parked[lacking].TryPeek(out var group, out var rank))
            {
                var counts = group.ParkedOn == lacking && HeadOf(group) == rank;
                var resource = counts ? FirstLacking(_order.TaskOf(rank)) : Nothing;
                if (counts && resource == Nothing)
                {
                    if (worker.CanTake(_workers.ExampleOf(demand))) return true;
                    break;
                }

                // Since it was parked here, others have taken what it needs as well: a worker alone would not help it.
                _parked[lacking].Dequeue();
                if (!counts) continue;
                group.ParkedOn = PlaceOf(_order.TaskOf(rank), resource);
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
        return _workers.Serves(demand) ? Nothing : _resources.Count + demand;
    }

    /// <summary>The task that waits to write under a lock and holds back this one, which wants to read; -1 when none does.</summary>
    public int WriterAhead(int task, int ofLock)
    {
        if (_order.IsOneRule || ofLock < 0 || ofLock >= _resources.Locks || !_resources.IsReader(task, ofLock)) return Nothing;
        return _writers[ofLock]!.First() is var first && first < _order.RankOf(task) ? _order.TaskOf(first) : Nothing;
    }

    private int FirstLacking(int task)
    {
        foreach (var need in _resources.NeedsOf(task))
        {
            if (_resources.FreeOf(need.Resource) < need.Amount || (need.IsRead && WriterAhead(task, need.Resource) != Nothing) || IsKeptFrom(task, need)) return need.Resource;
        }

        return Nothing;
    }

    // Only where somebody reads under the lock do those matter who wait to write.
    private Line? WritersOf(ResourceTable.Need need) =>
        !_order.IsOneRule && need.Resource < _resources.Locks && !need.IsRead ? _writers[need.Resource] : null;

    /// <summary>Whether so much of this resource is kept for another task that goes before this one.</summary>
    public bool IsKeptFrom(int task, ResourceTable.Need need)
    {
        if (_keptFor == Nothing || _order.RankOf(task) <= _order.RankOf(_keptFor)) return false;
        foreach (var kept in _resources.NeedsOf(_keptFor))
        {
            if (kept.Resource != need.Resource || IsPlace(need.Resource)) continue;
            return need.Resource < _resources.Locks ? !(kept.IsRead && need.IsRead) : need.Amount > Math.Max(0, _resources.FreeOf(need.Resource) - kept.Amount);
        }

        return false;
    }

    // Of the places that concurrency_max allows the next one goes to the first in line anyway.
    private bool IsPlace(int resource) => resource == _resources.Count - 1;

    private bool IsInTheWay(int task, int first)
    {
        foreach (var need in _resources.NeedsOf(first))
        {
            foreach (var taken in _resources.NeedsOf(task))
            {
                if (taken.Resource == need.Resource && !IsPlace(need.Resource) && !(taken.IsRead && need.IsRead)) return true;
            }
        }

        return false;
    }

    // It started, or will not be done: what was kept for it is there for all.
    private void KeepNothing() => KeepFor(Nothing);

    // The first in line goes before one for which something is kept already, and which can wait for as long as better ones come: or both would.
    private void KeepFor(int first)
    {
        var task = _keptFor;
        _keptFor = first;
        if (task == Nothing) return;
        foreach (var need in _resources.NeedsOf(task)) Wake(Math.Min(need.Resource, _resources.Locks));
    }

    private void Leave(int task)
    {
        _waiting[task] = false;
        Count--;
        _workers.NoteWaiting(task, -1);
        if (_order.MayRise(task)) _mayRise--;
    }

    // All amounts are one place: a group waits there until each of them is enough.
    private int PlaceOf(int task, int lacking)
    {
        if (lacking >= _resources.Locks && lacking < _resources.Count) return _resources.Locks;
        return lacking >= 0 && lacking < _resources.Locks && _resources.IsReader(task, lacking) ? ReadersOf(lacking) : lacking;
    }

    private int ReadersOf(int ofLock) => _resources.Count + _workers.Demands + ofLock;

    private void Place(Group group, long head)
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
        if (place == _resources.Locks) return BestForAmounts();
        if (place > _resources.Locks) return _workers.Serves(place - _resources.Count) ? Parked(place) : null;

        // A lock: the best writer when nobody is in its way, or the best reader if it is better and no writer holds it back.
        var writer = _resources.IsFreeToWrite(place) ? Parked(place) : null;
        var reader = _writers[place] is not null && _resources.FreeOf(place) > 0 ? Parked(ReadersOf(place)) : null;
        if (reader is not null && (WriterAhead(_order.TaskOf(HeadOf(reader)), place) != Nothing || IsKeptFrom(_order.TaskOf(HeadOf(reader)), new(place, 1, IsRead: true)))) reader = null;
        if (writer is not null && IsKeptFrom(_order.TaskOf(HeadOf(writer)), new(place, _resources.FreeOf(place)))) writer = null;
        return reader is null || (writer is not null && HeadOf(writer) < HeadOf(reader)) ? writer : reader;
    }

    private Group? BestForAmounts()
    {
        var best = _waitingForAmounts.Best(_resources.FreeAmounts);
        if (best < 0) return null;
        if (_keptFor == Nothing || HeadOf(_groups[best]) <= _order.RankOf(_keptFor)) return _groups[best];

        // All for which it is enough go after the one for which some of it is kept.
        long[] free = [.. _resources.FreeAmounts];
        foreach (var kept in _resources.NeedsOf(_keptFor))
        {
            if (kept.Resource >= _resources.Locks && !IsPlace(kept.Resource)) free[kept.Resource - _resources.Locks] = Math.Max(0, free[kept.Resource - _resources.Locks] - kept.Amount);
        }

        best = _waitingForAmounts.Best(free);
        return best < 0 ? null : _groups[best];
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
    private long HeadOf(Group group)
    {
        while (group.Tasks.TryPeek(out var task, out var rank))
        {
            if (_waiting[task] && _order.RankOf(task) == rank) return rank;
            group.Tasks.Dequeue();
        }

        return Nobody;
    }

    /// <summary>Tasks that wait, in their order, by what they ask of a worker: those that write under one lock, or all that need resources.</summary>
    private sealed class Line(Frontier frontier)
    {
        private readonly SortedList<int, PriorityQueue<int, long>> _tasksOf = [];

        public void Add(int task)
        {
            var demand = frontier._workers.DemandOf(task);
            if (!_tasksOf.TryGetValue(demand, out var tasks)) _tasksOf[demand] = tasks = new();
            tasks.Enqueue(task, frontier._order.RankOf(task));
        }

        /// <summary>The rank of the best that some worker can take.</summary>
        public long First()
        {
            var first = Nobody;
            for (var i = 0; i < _tasksOf.Count; i++)
            {
                var (demand, tasks) = (_tasksOf.GetKeyAtIndex(i), _tasksOf.GetValueAtIndex(i));
                while (tasks.TryPeek(out var task, out var rank) && !(frontier._waiting[task] && frontier._order.RankOf(task) == rank)) tasks.Dequeue();
                if (tasks.TryPeek(out _, out var best) && best < first && frontier._workers.AnyFor(demand)) first = best;
            }

            return first;
        }
    }

    /// <summary>Two tasks are alike that need the same resources and the same kind of worker.</summary>
    private sealed class AlikeTasks(ResourceTable resources, WorkerTable workers) : IEqualityComparer<int>
    {
        public bool Equals(int one, int other) => workers.DemandOf(one) == workers.DemandOf(other) && resources.NeedsOf(one).SequenceEqual(resources.NeedsOf(other));

        public int GetHashCode(int task)
        {
            var hash = (long)workers.DemandOf(task);
            foreach (var need in resources.NeedsOf(task)) hash = (hash * 31 * 31) + (need.Resource * 31L) + (need.Amount * 2) + (need.IsRead ? 1 : 0);
            return hash.GetHashCode();
        }
    }

    private sealed class Group(int number, int example)
    {
        /// <summary>Its place among the groups.</summary>
        public int Number { get; } = number;

        /// <summary>One of its tasks: they all need the same.</summary>
        public int Example { get; } = example;

        public PriorityQueue<int, long> Tasks { get; } = new();

        /// <summary>What the group waits for, or -1 when it is in the open queue or empty.</summary>
        public int ParkedOn { get; set; } = Nothing;

        /// <summary>Whose release woke it, until it has been looked at; -1: nobody's.</summary>
        public int WokenBy { get; set; } = Nothing;
    }
}
