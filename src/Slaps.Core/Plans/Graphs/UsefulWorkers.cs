using System.Diagnostics;

namespace Slaps.Core.Plans.Graphs;

/// <summary>
/// How many workers a plan can make use of: the fewest, as bisection finds them, with which it ends as early as with a worker for every task.
/// Both are list schedules (Graham, 1966): whatever is ready starts as soon as a worker and all its resources are free, the longest way to
/// the end first, ties in file order; a task that lacks a resource waits in its queue. Everything lasts as long as is expected.
/// </summary>
internal sealed class UsefulWorkers
{
    private readonly TaskGraph _graph;
    private readonly long[] _durations;
    private readonly ResourceLoads _resources;
    private readonly int[] _rankOf;

    private UsefulWorkers(TaskGraph graph, long[] durations, long[] toEnd, ResourceLoads resources)
    {
        _graph = graph;
        _durations = durations;
        _resources = resources;
        _rankOf = new int[graph.Count];
        var rank = 0;
        foreach (var task in Enumerable.Range(0, graph.Count).OrderByDescending(task => toEnd[task])) _rankOf[task] = rank++;
    }

    /// <summary>The number; 0 for a plan without tasks.</summary>
    /// <param name="graph">The hard order.</param>
    /// <param name="durations">Expected microseconds of each task.</param>
    /// <param name="toEnd">The critical-path rank of each task.</param>
    /// <param name="resources">What the tasks share.</param>
    public static int Of(TaskGraph graph, long[] durations, long[] toEnd, ResourceLoads resources)
    {
        if (graph.Count == 0) return 0;
        var schedules = new UsefulWorkers(graph, durations, toEnd, resources);
        var (shortest, peak) = schedules.Run(graph.Count);

        // So many do, for they are never all busy; fewer than the work divided by the time never do.
        var (enough, tooFew) = (peak, 0);
        if (shortest > 0) tooFew = (int)Math.Min(peak - 1, Work(durations, shortest) - 1);
        while (enough - tooFew > 1)
        {
            var between = tooFew + ((enough - tooFew) / 2);
            if (schedules.Run(between).Makespan <= shortest) enough = between;
            else tooFew = between;
        }

        return enough;
    }

    private static long Work(long[] durations, long shortest)
    {
        var work = (Int128)0;
        foreach (var duration in durations) work += duration;
        return (long)((work + shortest - 1) / shortest);
    }

    private (long Makespan, int Peak) Run(int workers)
    {
        var run = new Schedule(this, workers);
        while (run.Step())
        {
        }

        if (run.Finished < _graph.Count) throw new UnreachableException("A task waits for a resource that nobody holds. Mend UsefulWorkers.WakeNext.");
        return (run.Now, run.Peak);
    }

    private sealed class Schedule
    {
        private readonly UsefulWorkers _plan;
        private readonly int _workers;
        private readonly int[] _waiting;
        private readonly long[] _free;
        private readonly int[] _wokenBy;
        private readonly PriorityQueue<int, int> _ready = new();
        private readonly PriorityQueue<int, (long End, int Task)> _running = new();
        private readonly PriorityQueue<int, int>[] _queues;

        public Schedule(UsefulWorkers plan, int workers)
        {
            _plan = plan;
            _workers = workers;
            _waiting = new int[plan._graph.Count];
            _wokenBy = new int[plan._graph.Count];
            Array.Fill(_wokenBy, -1);
            _free = [.. plan._resources.Capacities];
            _queues = [.. _free.Select(_ => new PriorityQueue<int, int>())];
            for (var task = 0; task < _waiting.Length; task++)
            {
                _waiting[task] = plan._graph.PredecessorsOf(task).Length;
                if (_waiting[task] == 0) _ready.Enqueue(task, plan._rankOf[task]);
            }

            Dispatch();
        }

        public long Now { get; private set; }

        public int Peak { get; private set; }

        public int Finished { get; private set; }

        /// <summary>Goes to the next instant at which something ends; false when nothing runs any more.</summary>
        public bool Step()
        {
            if (!_running.TryPeek(out _, out var next)) return false;
            Now = next.End;

            // All that ends now ends before anything starts.
            var released = new SortedSet<int>();
            while (_running.TryPeek(out var task, out var end) && end.End == Now)
            {
                _running.Dequeue();
                Finished++;
                foreach (var (resource, units) in _plan._resources.NeedsOf(task))
                {
                    _free[resource] += units;
                    released.Add(resource);
                }

                foreach (var successor in _plan._graph.SuccessorsOf(task))
                {
                    if (--_waiting[successor] == 0) _ready.Enqueue(successor, _plan._rankOf[successor]);
                }
            }

            foreach (var resource in released) WakeNext(resource);
            Dispatch();
            return true;
        }

        private void Dispatch()
        {
            while (_running.Count < _workers && _ready.TryDequeue(out var task, out var rank))
            {
                var wokenBy = _wokenBy[task];
                _wokenBy[task] = -1;
                if (Lacking(task) is { } lacking)
                {
                    _queues[lacking].Enqueue(task, rank);
                }
                else
                {
                    foreach (var (resource, units) in _plan._resources.NeedsOf(task)) _free[resource] -= units;
                    _running.Enqueue(task, (Now + _plan._durations[task], task));
                    Peak = Math.Max(Peak, _running.Count);
                }

                // Whether it took what woke it or not: the next in that queue may find enough as well.
                if (wokenBy >= 0) WakeNext(wokenBy);
            }
        }

        private int? Lacking(int task)
        {
            foreach (var (resource, units) in _plan._resources.NeedsOf(task))
            {
                if (_free[resource] < units) return resource;
            }

            return null;
        }

        // One at a time: a thousand tasks that wait for one lock are not all asked at each of its releases.
        private void WakeNext(int resource)
        {
            if (!_queues[resource].TryPeek(out var task, out var rank)) return;
            foreach (var (needed, units) in _plan._resources.NeedsOf(task))
            {
                if (needed == resource && _free[resource] < units) return;
            }

            _queues[resource].Dequeue();
            _wokenBy[task] = resource;
            _ready.Enqueue(task, rank);
        }
    }
}
