using Slaps.Core.Diagnostics;
using Slaps.Core.Plans.Graphs;

namespace Slaps.Core.Plans;

/// <summary>What dag.json holds: the graph of a plan in its fewest edges, what it amounts to, and what was left out of it.</summary>
public sealed record DagDocument
{
    /// <summary>Whether the graph is the one of a plan; otherwise <see cref="Errors"/> says why not, and nothing is reduced or measured.</summary>
    public bool Ok { get; init; }

    /// <summary>What keeps the draft from being a plan.</summary>
    public IReadOnlyList<DagFinding> Errors { get; init; } = [];

    /// <summary>What is worth knowing.</summary>
    public IReadOnlyList<DagFinding> Warnings { get; init; } = [];

    /// <summary>The confidence, 0 to 1, below which a dependency counts as one of <see cref="LowConfidenceDeps"/>.</summary>
    public double MinConfidence { get; init; } = PlanOrigin.DefaultMinConfidence;

    /// <summary>The tasks in file order.</summary>
    public IReadOnlyList<DagNode> Nodes { get; init; } = [];

    /// <summary>The hard structural edges that are not redundant, in the order of the plan; all of them when not ok.</summary>
    public IReadOnlyList<DagEdge> Edges { get; init; } = [];

    /// <summary>Hard structural edges that other edges imply.</summary>
    public IReadOnlyList<DagEdge> RedundantEdges { get; init; } = [];

    /// <summary>Preferences: no part of the graph.</summary>
    public IReadOnlyList<DagEdge> SoftDeps { get; init; } = [];

    /// <summary>Structural dependencies below <see cref="MinConfidence"/>, hard or soft: no part of the graph.</summary>
    public IReadOnlyList<DagEdge> LowConfidenceDeps { get; init; } = [];

    /// <summary>Mutual exclusions and limited resources: locks and pools enforce them, beside the graph.</summary>
    public IReadOnlyList<DagEdge> ResourceDeps { get; init; } = [];

    /// <summary>What the graph amounts to.</summary>
    public DagMetrics Metrics { get; init; } = new();

    /// <summary>For tasks that wait for each other: what to cut.</summary>
    public IReadOnlyList<DagCycleBreak> CycleBreakSuggestions { get; init; } = [];

    /// <summary>Fields that this version does not know, kept as they were: those of the document, and under their names those of meta and metrics.</summary>
    public UnknownFields Unknown { get; init; }

    /// <summary>The document of a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="figures">Its figures.</param>
    /// <param name="warnings">What else is worth knowing about it.</param>
    public static DagDocument Of(Plan plan, PlanFigures figures, IReadOnlyList<Diagnostic>? warnings = null)
    {
        var onPath = figures.CriticalPath.ToHashSet();
        var kept = figures.Reduction.Graph.Edges().ToHashSet();
        var document = Apart(plan.Dependencies, plan.Origin.MinConfidence);
        return document with
        {
            Ok = true,
            Warnings = Findings(warnings ?? [], Severity.Warning),
            Nodes =
            [
                .. plan.Tasks.Select((task, i) => new DagNode(task.Id)
                {
                    Title = task.Title,
                    Depth = figures.Depths[i],
                    IsOnCriticalPath = onPath.Contains(i),
                    StartHours = Rounded(figures.StartHours(i)),
                    SlackHours = Rounded(figures.SlackHours(i)),
                }),
            ],
            Edges = [.. document.Edges.Where(IsKept)],
            RedundantEdges = [.. document.Edges.Where(edge => !IsKept(edge))],
            Metrics = DagMetrics.Of(plan, figures),
        };

        bool IsKept(DagEdge edge) => kept.Contains((plan.IndexOf(edge.From), plan.IndexOf(edge.To)));
    }

    /// <summary>The document of a draft that is no plan: not ok, with the reasons and with what to cut where tasks wait for each other.</summary>
    /// <param name="draft">The draft.</param>
    /// <param name="findings">Why it is no plan.</param>
    public static DagDocument Of(PlanDraft draft, IReadOnlyList<Diagnostic> findings)
    {
        var document = Apart(draft.Dependencies, draft.Origin.MinConfidence);
        return document with
        {
            Ok = false,
            Errors = Findings(findings, Severity.Error),
            Warnings = Findings(findings, Severity.Warning),
            Nodes = [.. draft.Tasks.Select(task => new DagNode(task.Id) { Title = task.Title })],
            Metrics = new DagMetrics
            {
                Nodes = draft.Tasks.Count,
                Edges = document.Edges.Count,
                VerbFirstPercent = draft.Tasks.Count == 0 ? 0 : Rounded(100.0 * draft.Tasks.Count(task => VerbFirst.Is(task.Title)) / draft.Tasks.Count),
            },
            CycleBreakSuggestions =
            [
                .. CycleBreaks.Suggest(draft.Tasks, draft.Dependencies, draft.Origin.MinConfidence)
                    .Select(knot => new DagCycleBreak(knot.Cycle, [.. knot.Cuts.Select(cut => new DagEdge(cut.Dependency))], knot.IsFewest)),
            ],
        };
    }

    /// <summary>Hours as the file holds them: 6 decimals are 3.6 milliseconds, and the rest would only be noise of the division.</summary>
    internal static double Rounded(double number) => Math.Round(number, 6);

    private static DagDocument Apart(IReadOnlyList<Dependency> dependencies, double minConfidence) => new()
    {
        MinConfidence = minConfidence,
        Edges = [.. dependencies.Where(edge => edge.OrdersWorkAt(minConfidence)).DistinctBy(edge => (edge.From, edge.To)).Select(edge => new DagEdge(edge))],
        SoftDeps = [.. dependencies.Where(edge => !IsOfResource(edge) && !edge.IsHard && edge.Confidence >= minConfidence).Select(edge => new DagEdge(edge))],
        LowConfidenceDeps = [.. dependencies.Where(edge => !IsOfResource(edge) && edge.Confidence < minConfidence).Select(edge => new DagEdge(edge))],
        ResourceDeps = [.. dependencies.Where(IsOfResource).Select(edge => new DagEdge(edge))],
    };

    private static bool IsOfResource(Dependency edge) => edge.Type is DependencyType.MutualExclusion or DependencyType.ResourceLimited;

    private static DagFinding[] Findings(IReadOnlyList<Diagnostic> findings, Severity severity) =>
        [.. findings.Where(finding => finding.Severity == severity).Select(finding => new DagFinding(finding.Code, finding.Message, finding.Hint, finding.JsonPath))];
}

/// <summary>A finding without the name of its file, which is not the same on every machine.</summary>
/// <param name="Code">Stable for ever, e.g. <c>PLAN052</c>.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Hint">What to do next.</param>
/// <param name="Path">Where, e.g. <c>$.graph.edges</c>, or null.</param>
public sealed record DagFinding(string Code, string Message, string Hint, string? Path);

/// <summary>A task of the graph.</summary>
/// <param name="Id">Its id.</param>
public sealed record DagNode(TaskId Id)
{
    /// <summary>Its title.</summary>
    public string Title { get; init; } = "";

    /// <summary>The most tasks one after the other before it; null when not ok, as the figures below.</summary>
    public int? Depth { get; init; }

    /// <summary>Whether it is on the critical path.</summary>
    public bool? IsOnCriticalPath { get; init; }

    /// <summary>Its earliest start, in hours after the plan's.</summary>
    public double? StartHours { get; init; }

    /// <summary>How much later it may start without the plan taking longer, in hours.</summary>
    public double? SlackHours { get; init; }
}

/// <summary>A dependency as dag.json holds it: reasons and evidence are in tasks.json.</summary>
/// <param name="From">The predecessor.</param>
/// <param name="To">The successor.</param>
/// <param name="Type">Why.</param>
/// <param name="IsHard">Whether it is enforced.</param>
/// <param name="Confidence">0 to 1.</param>
public sealed record DagEdge(TaskId From, TaskId To, DependencyType Type, bool IsHard, double Confidence)
{
    /// <summary>A dependency of a plan.</summary>
    public DagEdge(Dependency dependency)
        : this(dependency.From, dependency.To, dependency.Type, dependency.IsHard, dependency.Confidence)
    {
    }

    /// <summary>The type as the files name it, e.g. <c>mutual_exclusion</c>.</summary>
    public static string NameOf(DependencyType type) => PlanNames.DependencyTypes[(int)type];
}

/// <summary>Tasks that wait for each other, and what to cut.</summary>
/// <param name="Cycle">One way round, which ends where it starts.</param>
/// <param name="Cut">Without these edges the tasks no longer wait for each other.</param>
/// <param name="IsFewest">Whether no fewer would do.</param>
public sealed record DagCycleBreak(IReadOnlyList<TaskId> Cycle, IReadOnlyList<DagEdge> Cut, bool IsFewest);

/// <summary>What a graph amounts to; the words are those of <see cref="PlanFigures"/>. Hours and percents have six decimals at most.</summary>
public sealed record DagMetrics
{
    /// <summary>Tasks.</summary>
    public int Nodes { get; init; }

    /// <summary>Different hard structural edges, redundant ones included.</summary>
    public int Edges { get; init; }

    /// <summary>Edges that are not redundant; null when not ok, as all that follows but the last.</summary>
    public int? ReducedEdges { get; init; }

    /// <summary>Edges by n(n-1)/2.</summary>
    public double? Density { get; init; }

    /// <summary>The most tasks one after the other.</summary>
    public int? LongestPath { get; init; }

    /// <summary>The tasks that together take longest.</summary>
    public IReadOnlyList<TaskId>? CriticalPath { get; init; }

    /// <summary>How long they take.</summary>
    public double? CriticalPathHours { get; init; }

    /// <summary>What all tasks take together, in hours.</summary>
    public double? TotalHours { get; init; }

    /// <summary>No execution is shorter: the critical path, or what the users of one resource need, in hours.</summary>
    public double? LowerBoundHours { get; init; }

    /// <summary>The most tasks of which none comes before another; the lower bound for it when <see cref="WidthExact"/> is false.</summary>
    public int? WidthApprox { get; init; }

    /// <summary>Whether <see cref="WidthApprox"/> is the width.</summary>
    public bool? WidthExact { get; init; }

    /// <summary>The width is not larger than this; the same as <see cref="WidthApprox"/> when that is exact.</summary>
    public int? WidthAtMost { get; init; }

    /// <summary>The fewest workers with which the plan ends as early as with one for every task.</summary>
    public int? MaxUsefulWorkers { get; init; }

    /// <summary>Each resource in use; first the one whose users take longest.</summary>
    public IReadOnlyList<DagResource>? ResourceBottlenecks { get; init; }

    /// <summary>Tasks without any edge in the graph.</summary>
    public IReadOnlyList<TaskId>? IsolatedTasks { get; init; }

    /// <summary>How many titles begin with a verb, in percent.</summary>
    public double VerbFirstPercent { get; init; }

    /// <summary>The metrics of a plan.</summary>
    internal static DagMetrics Of(Plan plan, PlanFigures figures) => new()
    {
        Nodes = plan.Tasks.Count,
        Edges = figures.Edges,
        ReducedEdges = figures.Reduction.Graph.EdgeCount,
        Density = DagDocument.Rounded(figures.Density),
        LongestPath = figures.LongestPath,
        CriticalPath = [.. figures.CriticalPath.Select(task => plan.Tasks[task].Id)],
        CriticalPathHours = DagDocument.Rounded(figures.CriticalPathHours),
        TotalHours = DagDocument.Rounded(figures.TotalHours),
        LowerBoundHours = DagDocument.Rounded(figures.LowerBoundHours),
        WidthApprox = figures.Width.AtLeast,
        WidthExact = figures.Width.IsExact,
        WidthAtMost = figures.Width.AtMost,
        MaxUsefulWorkers = figures.MaxUsefulWorkers,
        ResourceBottlenecks = [.. figures.Resources.Select(load => DagResource.Of(load, figures))],
        IsolatedTasks = [.. figures.Isolated.Select(task => plan.Tasks[task].Id)],
        VerbFirstPercent = DagDocument.Rounded(figures.VerbFirstPercent),
    };
}

/// <summary>A resource beside the critical path.</summary>
/// <param name="Name">The resource.</param>
/// <param name="Kind">Lock, pool or quota.</param>
/// <param name="Capacity">How much of it there is.</param>
/// <param name="Tasks">How many tasks use it.</param>
/// <param name="DemandHours">Hours of its users, each times its units.</param>
/// <param name="Hours">Demand by capacity: no execution is shorter.</param>
/// <param name="IsLowerBound">Whether this one, and not the critical path, is what no execution is shorter than.</param>
public sealed record DagResource(string Name, ResourceKind Kind, double Capacity, int Tasks, double DemandHours, double Hours, bool IsLowerBound)
{
    internal static DagResource Of(ResourceLoad load, PlanFigures figures) => new(
        load.Name, load.Kind, load.Capacity, load.Tasks, DagDocument.Rounded(load.DemandHours), DagDocument.Rounded(load.Hours), load == figures.Bottleneck);
}
