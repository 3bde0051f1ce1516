namespace Slaps.Core.Plans.Graphs;

/// <summary>
/// What a plan's graph says about the plan. Times are expected ones ((o + 4m + p) / 6) and, where nothing else is said, those of a plan that
/// only its order holds back: workers and resources without limit.
/// </summary>
public sealed class PlanFigures
{
    private const double MicrosecondsPerHour = 3_600_000_000;

    private readonly long[] _starts;
    private readonly long[] _toEnd;
    private readonly long _criticalPath;

    private PlanFigures(Plan plan)
    {
        var durations = plan.Tasks.Select(task => task.Duration.MeanMicroseconds).ToArray();
        Edges = plan.Graph.EdgeCount;
        Reduction = TransitiveReduction.Of(plan.Graph);
        Width = GraphWidth.Of(Reduction.Graph);
        Depths = plan.Graph.Depths();
        Heights = TaskGraph.Of(plan.Tasks.Count, plan.Graph.Edges().Select(edge => (edge.To, edge.From))).Depths();
        _starts = plan.Graph.LongestFromStart(durations);
        _toEnd = plan.Graph.LongestToEnd(durations);
        _criticalPath = _toEnd.DefaultIfEmpty().Max();
        CriticalPath = PathOf(plan.Graph);
        TotalHours = durations.Sum(duration => duration / MicrosecondsPerHour);

        var resources = new ResourceLoads(plan);
        Resources = resources.Loads(durations);
        MaxUsefulWorkers = UsefulWorkers.Of(plan.Graph, durations, _toEnd, resources);
        VerbFirstPercent = plan.Tasks.Count == 0 ? 0 : 100.0 * plan.Tasks.Count(task => VerbFirst.Is(task.Title)) / plan.Tasks.Count;
        Isolated = plan.Tasks.Count < 2
            ? []
            : [.. Enumerable.Range(0, plan.Tasks.Count).Where(task => plan.Graph.SuccessorsOf(task).IsEmpty && plan.Graph.PredecessorsOf(task).IsEmpty)];
    }

    /// <summary>Different hard edges between tasks, redundant ones included.</summary>
    public int Edges { get; }

    /// <summary>The fewest edges of the same order, and the redundant ones.</summary>
    public TransitiveReduction Reduction { get; }

    /// <summary><see cref="Edges"/> by n(n-1)/2, the most that an acyclic graph of n tasks has; 0 for fewer than two tasks.</summary>
    public double Density => Depths.Count < 2 ? 0 : Edges / (Depths.Count * (Depths.Count - 1.0) / 2);

    /// <summary>The most tasks of which none comes before another.</summary>
    public GraphWidth Width { get; }

    /// <summary>For each task the most tasks that must be done one after the other before it starts; those of one depth are unordered.</summary>
    public IReadOnlyList<int> Depths { get; }

    /// <summary>For each task the most tasks that must be done one after the other after it.</summary>
    public IReadOnlyList<int> Heights { get; }

    /// <summary>The most tasks that must be done one after the other: stages, not hours.</summary>
    public int LongestPath => Depths.Count == 0 ? 0 : Depths.Max() + 1;

    /// <summary>The indexes of tasks that follow each other and together take longest; of several such ways the first in file order at every fork.</summary>
    public IReadOnlyList<int> CriticalPath { get; }

    /// <summary>How long the critical path takes: no execution is shorter.</summary>
    public double CriticalPathHours => _criticalPath / MicrosecondsPerHour;

    /// <summary>What all tasks take together.</summary>
    public double TotalHours { get; }

    /// <summary>
    /// The fewest workers, as bisection finds them, with which the plan ends as early as with a worker for every task: locks, pools and
    /// quotas respected, the longest way to the end first. Never more than the width.
    /// </summary>
    public int MaxUsefulWorkers { get; }

    /// <summary>Locks, pools and declared quotas that tasks use; first the one whose users take longest.</summary>
    public IReadOnlyList<ResourceLoad> Resources { get; }

    /// <summary>The resource whose users need more time than the critical path, and most of all; null when the critical path is the longest.</summary>
    public ResourceLoad? Bottleneck => Resources is [var first, ..] && first.Hours > CriticalPathHours ? first : null;

    /// <summary>No execution is shorter: the critical path, or what the users of one resource need.</summary>
    public double LowerBoundHours => Bottleneck?.Hours ?? CriticalPathHours;

    /// <summary>How many titles begin with a verb, in percent.</summary>
    public double VerbFirstPercent { get; }

    /// <summary>Tasks that wait for nobody and for which nobody waits, where there are others.</summary>
    public IReadOnlyList<int> Isolated { get; }

    /// <summary>The figures of a plan.</summary>
    public static PlanFigures Of(Plan plan) => new(plan);

    /// <summary><see cref="MaxUsefulWorkers"/> alone, without the figures that cost more.</summary>
    public static int MaxUsefulWorkersOf(Plan plan)
    {
        long[] durations = [.. plan.Tasks.Select(task => task.Duration.MeanMicroseconds)];
        return UsefulWorkers.Of(plan.Graph, durations, plan.Graph.LongestToEnd(durations), new ResourceLoads(plan));
    }

    /// <summary>The earliest start of a task, in hours after the plan's.</summary>
    public double StartHours(int task) => _starts[task] / MicrosecondsPerHour;

    /// <summary>How much later than that it may start without the plan taking longer, in hours; exactly 0 on every critical path.</summary>
    public double SlackHours(int task) => (_criticalPath - _starts[task] - _toEnd[task]) / MicrosecondsPerHour;

    /// <summary>The longest way from a task's start to the end of the plan, in hours.</summary>
    public double ToEndHours(int task) => _toEnd[task] / MicrosecondsPerHour;

    private List<int> PathOf(TaskGraph graph)
    {
        var path = new List<int>();
        for (var at = Array.IndexOf(_toEnd, _criticalPath); at >= 0; at = LongestAfter(graph, at)) path.Add(at);
        return path;
    }

    private int LongestAfter(TaskGraph graph, int task)
    {
        var next = -1;
        foreach (var successor in graph.SuccessorsOf(task))
        {
            if (next < 0 || _toEnd[successor] > _toEnd[next] || (_toEnd[successor] == _toEnd[next] && successor < next)) next = successor;
        }

        return next;
    }
}
