using Slaps.Core.Diagnostics;

namespace Slaps.Core.Plans;

/// <summary>What a plan is made of before anybody has looked whether it fits together.</summary>
public sealed record PlanDraft
{
    /// <summary>A line for people.</summary>
    public string Title { get; init; } = "";

    /// <summary>The tasks in file order, which decides ties.</summary>
    public IReadOnlyList<PlanTask> Tasks { get; init; } = [];

    /// <summary>Who comes before whom.</summary>
    public IReadOnlyList<Dependency> Dependencies { get; init; } = [];

    /// <summary>What there is to share.</summary>
    public PlanResources Resources { get; init; } = new();

    /// <summary>How the execution behaves.</summary>
    public PlanPolicies Policies { get; init; } = new();

    /// <summary>What the tasks build.</summary>
    public IReadOnlyList<Feature> Features { get; init; } = [];

    /// <summary>What is to be watched while the plan is executed: one canonical JSON object, or null.</summary>
    public string? Monitoring { get; init; }

    /// <summary>How the plan came about.</summary>
    public PlanOrigin Origin { get; init; } = new();

    /// <summary>Fields that this version does not know, kept as they were.</summary>
    public UnknownFields Unknown { get; init; }
}

/// <summary>How a plan came about.</summary>
public sealed record PlanOrigin
{
    /// <summary>The confidence below which a hard dependency is only a preference, when nobody says otherwise.</summary>
    public const double DefaultMinConfidence = 0.7;

    /// <summary>The confidence, 0 to 1, below which a hard dependency is not let into the graph. 0 in a plan read from coordinator.json, all of whose hard edges hold.</summary>
    public double MinConfidence { get; init; } = DefaultMinConfidence;

    /// <summary>What the planner found in the codebase: one canonical JSON object, or null when it saw none.</summary>
    public string? CodebaseAnalysis { get; init; }

    /// <summary>Each act of normalisation with its reason.</summary>
    public IReadOnlyList<Normalization> Autonormalization { get; init; } = [];

    /// <summary>The decisions of the planner, for Decisions.md.</summary>
    public IReadOnlyList<PlanDecision> Decisions { get; init; } = [];
}

/// <summary>One act of normalisation.</summary>
/// <param name="Action"><c>split</c> or <c>merged</c>.</param>
/// <param name="Tasks">The tasks that came of it.</param>
/// <param name="Reason">Why, in a sentence.</param>
public sealed record Normalization(string Action, IReadOnlyList<TaskId> Tasks, string Reason)
{
    /// <summary>Fields that this version does not know, kept as they were.</summary>
    public UnknownFields Unknown { get; init; }
}

/// <summary>A decision of the planner with what speaks for it and what was not done.</summary>
/// <param name="Title">The decision in a line.</param>
/// <param name="Reason">Why.</param>
/// <param name="Evidence">What it rests on.</param>
/// <param name="Rejected">Other ways, each with the reason against it.</param>
public sealed record PlanDecision(string Title, string Reason, IReadOnlyList<Evidence> Evidence, IReadOnlyList<string> Rejected)
{
    /// <summary>Fields that this version does not know, kept as they were.</summary>
    public UnknownFields Unknown { get; init; }
}

/// <summary>A plan that fits together: ids are unique and known, nothing waits in a circle, every need can be met. There is no other kind.</summary>
public sealed class Plan
{
    private readonly Dictionary<TaskId, int> _indexes;
    private readonly string[] _names;
    private readonly Traits[] _traits;

    internal Plan(PlanDraft draft, Dictionary<TaskId, int> indexes, TaskGraph graph)
    {
        Title = draft.Title;
        Tasks = draft.Tasks;
        Dependencies = draft.Dependencies;
        Resources = draft.Resources;
        Policies = draft.Policies;
        Features = draft.Features;
        Monitoring = draft.Monitoring;
        Origin = draft.Origin;
        Unknown = draft.Unknown;
        Graph = graph;
        _indexes = indexes;
        _names = new string[Tasks.Count];
        _traits = new Traits[Tasks.Count];
        for (var task = 0; task < _names.Length; task++) (_names[task], _traits[task]) = (Tasks[task].Id.Value, TraitsOf(Tasks[task]));
    }

    // What is asked at each event of a task, side by side: a task itself lies anywhere.
    [Flags]
    private enum Traits : byte
    {
        None = 0,
        IsLimited = 1,
        IsChecked = 2,
    }

    /// <summary>A line for people.</summary>
    public string Title { get; }

    /// <summary>The tasks in file order; a task's place is its index everywhere in the core.</summary>
    public IReadOnlyList<PlanTask> Tasks { get; }

    /// <summary>All dependencies, soft ones and resource ones too.</summary>
    public IReadOnlyList<Dependency> Dependencies { get; }

    /// <summary>What there is to share.</summary>
    public PlanResources Resources { get; }

    /// <summary>How the execution behaves.</summary>
    public PlanPolicies Policies { get; }

    /// <summary>What the tasks build.</summary>
    public IReadOnlyList<Feature> Features { get; }

    /// <summary>What is to be watched while the plan is executed: one canonical JSON object, or null.</summary>
    public string? Monitoring { get; }

    /// <summary>How the plan came about.</summary>
    public PlanOrigin Origin { get; }

    /// <summary>Fields that this version does not know, kept as they were.</summary>
    public UnknownFields Unknown { get; }

    /// <summary>The hard order.</summary>
    public TaskGraph Graph { get; }

    /// <summary>Whether the graph holds this dependency of the plan.</summary>
    public bool Enforces(Dependency dependency) => dependency.OrdersWorkAt(Origin.MinConfidence);

    /// <summary>The plan in the place of one of its profiles; doing so twice changes nothing more.</summary>
    public Plan In(ResourceProfile profile) => new(
        ToDraft() with { Resources = profile.Of(Resources), Policies = Policies with { ConcurrencyMax = profile.ConcurrencyMax ?? Policies.ConcurrencyMax } }, _indexes, Graph);

    /// <summary>The plan in which nothing makes way for anything: what is reckoned ahead is not interrupted.</summary>
    internal Plan WithoutPreemption() => Policies.PreemptionSeconds is null ? this : new(ToDraft() with { Policies = Policies with { PreemptionSeconds = null } }, _indexes, Graph);

    /// <summary>The profile of this name; null where there is none.</summary>
    public ResourceProfile? ProfileCalled(string name) => Resources.Profiles.FirstOrDefault(profile => profile.Name == name);

    /// <summary>The draft that this plan is built from again, with what goes without saying said.</summary>
    public PlanDraft ToDraft() => new()
    {
        Title = Title,
        Tasks = Tasks,
        Dependencies = Dependencies,
        Resources = Resources,
        Policies = Policies,
        Features = Features,
        Monitoring = Monitoring,
        Origin = Origin,
        Unknown = Unknown,
    };

    /// <summary>The tasks' indexes, for a plan with more of them.</summary>
    internal Dictionary<TaskId, int> Indexes => new(_indexes);

    /// <summary>The task's index, or -1 when the plan has no such task.</summary>
    public int IndexOf(TaskId id)
    {
        // At each event. The name itself stays unread where it is the plan's own.
        var hint = id.Hint - 1;
        return hint >= 0 && hint < _names.Length && ReferenceEquals(_names[hint], id.Value) ? hint : _indexes.GetValueOrDefault(id, -1);
    }

    /// <summary>Whether an attempt at the task is stopped after some time.</summary>
    internal bool IsLimited(int task) => (_traits[task] & Traits.IsLimited) != Traits.None;

    /// <summary>Whether somebody looks at what the task has done: it has checks, or makes what must be there.</summary>
    internal bool IsChecked(int task) => (_traits[task] & Traits.IsChecked) != Traits.None;

    private static Traits TraitsOf(PlanTask task) =>
        (task.Run.TimeoutSeconds is null ? Traits.None : Traits.IsLimited) | (task.Checks.Count + task.Produces.Count > 0 ? Traits.IsChecked : Traits.None);

    /// <summary>
    /// The plan, or null with the reasons in <paramref name="diagnostics"/>. Warnings alone do not refuse it. What goes without saying is
    /// said in it: a task without a title has its id, and a hard mutual exclusion is a lock <c>mutual_exclusion.A.B</c> that both tasks
    /// take, unless they share one already. A hard dependency below the draft's <see cref="PlanOrigin.MinConfidence"/> stays among the
    /// dependencies as it is written, and out of the graph.
    /// </summary>
    /// <param name="draft">What somebody wrote.</param>
    /// <param name="diagnostics">Takes everything that is wrong.</param>
    public static Plan? Build(PlanDraft draft, DiagnosticBag diagnostics) => PlanRules.Check(draft, diagnostics, diagnostics.ErrorCount, new PlanPlaces(null));
}
