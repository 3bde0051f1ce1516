using Slaps.Core.Failures;
using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>
/// Carries a whole plan, which was checked when it was made: reading one from its file and checking it again takes far longer. Each property has
/// one place here, and a test that fills them all says which one is missing.
/// </summary>
internal static class SnapshotPlans
{
    public static Plan Carry(SnapshotCarrier c, Plan? plan)
    {
        var draft = Draft(c, plan?.ToDraft());
        var graph = TaskGraph.Carry(c, plan?.Graph);
        if (!c.Reads) return plan!;
        var indexes = new Dictionary<TaskId, int>(draft.Tasks.Count);
        for (var task = 0; task < draft.Tasks.Count; task++) indexes.Add(draft.Tasks[task].Id, task);
        return graph.Count == draft.Tasks.Count ? new Plan(draft, indexes, graph) : throw c.Damaged("graph and tasks do not belong together");
    }

    public static TaskId Task(SnapshotCarrier c, TaskId id) => new(c.Text(id.Value));

    public static WorkerId Worker(SnapshotCarrier c, WorkerId id) => new(c.Text(id.Value));

    internal static PlanDraft Draft(SnapshotCarrier c, PlanDraft? v)
    {
        var index = 0;
        return new()
        {
            Title = c.Text(v?.Title),
            Tasks = c.List(v?.Tasks, (c, task) => PlanTask(c, task, ++index)),
            Dependencies = c.List(v?.Dependencies, Dependency),
            Resources = Resources(c, v?.Resources),
            Policies = Policies(c, v?.Policies),
            Features = c.List(v?.Features, Feature),
            Monitoring = c.TextOrNone(v?.Monitoring),
            Origin = Origin(c, v?.Origin),
            Unknown = Unknown(c, v?.Unknown),
        };
    }

    private static UnknownFields Unknown(SnapshotCarrier c, UnknownFields? v) => new(c.TextOrNone(v?.Json));

    private static PlanTask PlanTask(SnapshotCarrier c, PlanTask? v, int hint) => new()
    {
        Id = Task(c, v?.Id ?? default) with { Hint = hint },
        Feature = c.TextOrNone(v?.Feature?.Value) is { } feature ? new FeatureId(feature) : null,
        Title = c.Text(v?.Title),
        Description = c.Text(v?.Description),
        Run = Run(c, v?.Run),
        Checks = c.List(v?.Checks, Check),
        Locks = c.Texts(v?.Locks),
        Pools = c.List(v?.Pools, Claim),
        Estimated = Amounts(c, v?.Estimated ?? default),
        Capabilities = c.Texts(v?.Capabilities),
        Priority = c.Choice(v?.Priority ?? default),
        RetryOnFailure = c.Flag(v?.RetryOnFailure ?? default),
        MaxRetries = c.Whole(v?.MaxRetries),
        Duration = new PertEstimate(c.Real(v?.Duration.Optimistic ?? 0), c.Real(v?.Duration.MostLikely ?? 0), c.Real(v?.Duration.Pessimistic ?? 0)),
        Produces = c.List(v?.Produces, Produced),
        Consumes = c.Texts(v?.Consumes),
        Idempotent = c.Flag(v?.Idempotent ?? default),
        OriginalId = c.TextOrNone(v?.OriginalId),
        Kind = c.Choice(v?.Kind ?? default),
        Boundaries = c.Maybe(v?.Boundaries, Boundaries),
        Peak = c.Maybe(v?.Peak, Peak),
        Reads = c.Texts(v?.Reads),
        Preemptible = c.Flag(v?.Preemptible ?? default),
        Windows = c.List(v?.Windows, Window),
        CheckpointCapable = c.Flag(v?.CheckpointCapable ?? default),
        Compensation = c.Maybe(v?.Compensation, Run),
        ExecutionGuidance = c.TextOrNone(v?.ExecutionGuidance),
        Evidence = c.List(v?.Evidence, Evidence),
        Unknown = Unknown(c, v?.Unknown),
    };

    private static RunSpec Run(SnapshotCarrier c, RunSpec? v)
    {
        var sort = c.Whole(v switch { null => 0, RunSpec.Claimed => 0, RunSpec.Process => 1, RunSpec.Shell => 2, RunSpec.Agent => 3, _ => throw Nobody(v) });
        RunSpec run = sort switch
        {
            0 => new RunSpec.Claimed(c.Flag((v as RunSpec.Claimed)?.Manual ?? default)),
            1 => new RunSpec.Process(c.Texts((v as RunSpec.Process)?.Argv), Context(c, (v as RunSpec.Process)?.Context)),
            2 => new RunSpec.Shell(c.Text((v as RunSpec.Shell)?.Command), Context(c, (v as RunSpec.Shell)?.Context)),
            3 => new RunSpec.Agent(c.Text((v as RunSpec.Agent)?.Name), c.TextOrNone((v as RunSpec.Agent)?.Prompt), Context(c, (v as RunSpec.Agent)?.Context)),
            _ => throw c.Damaged($"there is no run {sort}"),
        };
        var unknown = Unknown(c, v?.Unknown);
        return unknown == UnknownFields.None ? run : run with { Unknown = unknown };
    }

    private static ProcessContext Context(SnapshotCarrier c, ProcessContext? v)
    {
        var workdir = c.Text(v?.Workdir);
        var variables = c.List(v?.Env.ToArray(), static (c, pair) => new KeyValuePair<string, string>(c.Text(pair.Key), c.Text(pair.Value)));
        var seconds = c.Real(v?.TimeoutSeconds);
        if (!c.Reads) return v!;

        // Most are the usual one, which need not be there a thousand times.
        return workdir == ProcessContext.Default.Workdir && variables.Count == 0 && seconds is null ? ProcessContext.Default : new ProcessContext(workdir, new Dictionary<string, string>(variables), seconds);
    }

    private static AcceptanceCheck Check(SnapshotCarrier c, AcceptanceCheck? v)
    {
        var sort = c.Whole(v switch
        {
            null => 0, AcceptanceCheck.Command => 0, AcceptanceCheck.FileExists => 1, AcceptanceCheck.FileContains => 2, AcceptanceCheck.JsonPath => 3, AcceptanceCheck.Unrunnable => 4,
            _ => throw Nobody(v),
        });
        var (id, seconds) = (c.Text(v?.Id), c.Real(v?.TimeoutSeconds ?? 0));
        AcceptanceCheck check = sort switch
        {
            0 => new AcceptanceCheck.Command(id, Run(c, (v as AcceptanceCheck.Command)?.Run), seconds),
            1 => new AcceptanceCheck.FileExists(id, c.Text((v as AcceptanceCheck.FileExists)?.Path), seconds),
            2 => new AcceptanceCheck.FileContains(id, c.Text((v as AcceptanceCheck.FileContains)?.Path), c.Text((v as AcceptanceCheck.FileContains)?.Text), seconds),
            3 => new AcceptanceCheck.JsonPath(
                id, c.Text((v as AcceptanceCheck.JsonPath)?.Path), c.Text((v as AcceptanceCheck.JsonPath)?.Query), c.TextOrNone((v as AcceptanceCheck.JsonPath)?.ExpectedJson), seconds),
            4 => new AcceptanceCheck.Unrunnable(id, c.Text((v as AcceptanceCheck.Unrunnable)?.Type), c.Text((v as AcceptanceCheck.Unrunnable)?.Description)) { TimeoutSeconds = seconds },
            _ => throw c.Damaged($"there is no check {sort}"),
        };
        var unknown = Unknown(c, v?.Unknown);
        return unknown == UnknownFields.None ? check : check with { Unknown = unknown };
    }

    private static PoolClaim Claim(SnapshotCarrier c, PoolClaim v) => new(c.Text(v.Pool), c.Whole(v.Units));

    private static QuotaAmounts Amounts(SnapshotCarrier c, QuotaAmounts v) => new(c.Real(v.CpuCores), c.Real(v.MemoryMb), c.Real(v.DiskIoMbps));

    private static ArtifactDeclaration Produced(SnapshotCarrier c, ArtifactDeclaration v) => new(c.Text(v.Path), c.Flag(v.Required)) { Unknown = Unknown(c, v.Unknown) };

    private static TaskBoundaries Boundaries(SnapshotCarrier c, TaskBoundaries? v) => new()
    {
        Complexity = new ExpectedComplexity { Value = c.Text(v?.Complexity.Value), Breakdown = c.Text(v?.Complexity.Breakdown) },
        Done = new DefinitionOfDone { Criteria = c.Texts(v?.Done.Criteria), StopWhen = c.Text(v?.Done.StopWhen) },
        Scope = new TaskScope { Includes = c.Texts(v?.Scope.Includes), Excludes = c.Texts(v?.Scope.Excludes), Restrictions = c.Text(v?.Scope.Restrictions) },
    };

    private static PeakNeed Peak(SnapshotCarrier c, PeakNeed? v) => new(Amounts(c, v?.Amounts ?? default), c.Text(v?.During));

    private static TimeWindow Window(SnapshotCarrier c, TimeWindow v) => new(c.Whole(v.From), c.Whole(v.To));

    private static Evidence Evidence(SnapshotCarrier c, Evidence? v) =>
        new(c.Choice(v?.Type ?? default), c.Text(v?.Source), c.Text(v?.Excerpt), c.Real(v?.Confidence ?? 0), c.Text(v?.Rationale)) { Unknown = Unknown(c, v?.Unknown) };

    private static Dependency Dependency(SnapshotCarrier c, Dependency? v) =>
        new(Task(c, v?.From ?? default), Task(c, v?.To ?? default), c.Choice(v?.Type ?? default), c.Flag(v?.IsHard ?? default), c.Real(v?.Confidence ?? 0))
        {
            Reason = c.Text(v?.Reason),
            Evidence = c.List(v?.Evidence, Evidence),
            Unknown = Unknown(c, v?.Unknown),
        };

    private static PlanResources Resources(SnapshotCarrier c, PlanResources? v) => new()
    {
        Locks = c.Texts(v?.Locks),
        Pools = c.List(v?.Pools, Claim),
        Quotas = Amounts(c, v?.Quotas ?? default),
        Profiles = c.List(v?.Profiles, Profile),
        Windows = c.List(v?.Windows, static (c, windows) => new ResourceWindows(c.Text(windows.Resource), c.List(windows.Windows, Window))),
    };

    private static ResourceProfile Profile(SnapshotCarrier c, ResourceProfile? v) => new(c.Text(v?.Name))
    {
        ConcurrencyMax = c.Whole(v?.ConcurrencyMax),
        Pools = c.List(v?.Pools, Claim),
        Quotas = Amounts(c, v?.Quotas ?? default),
    };

    private static PlanPolicies Policies(SnapshotCarrier c, PlanPolicies? v) => new()
    {
        ConcurrencyMax = c.Whole(v?.ConcurrencyMax),
        Model = c.Choice(v?.Model),
        StallTimeoutSeconds = c.Real(v?.StallTimeoutSeconds),
        LockTimeoutSeconds = c.Real(v?.LockTimeoutSeconds),
        PreemptionSeconds = c.Real(v?.PreemptionSeconds),
        WorkerIdleSeconds = c.Real(v?.WorkerIdleSeconds),
        Retry = Retry(c, v?.Retry),
        CircuitBreakers = c.Maybe(v?.CircuitBreakers, CircuitBreakers),
        Order = Order(c, v?.Order),
    };

    private static RetryPolicy Retry(SnapshotCarrier c, RetryPolicy? v) =>
        new(c.Whole(v?.MaxAttempts ?? 0), c.Choice(v?.Backoff ?? default), c.Whole(v?.InitialDelayMs ?? 0), c.Whole(v?.MaxDelayMs ?? 0), c.Flag(v?.Jitter ?? default))
        {
            ByClass = new RetryByClass(
                c.Maybe(v?.ByClass.Transient, Override),
                c.Maybe(v?.ByClass.Systemic, Override),
                c.Maybe(v?.ByClass.Resource, Override),
                c.Maybe(v?.ByClass.Logic, Override),
                c.Maybe(v?.ByClass.External, Override)),
            Budget = c.Whole(v?.Budget),
        };

    private static RetryOverride Override(SnapshotCarrier c, RetryOverride? v) =>
        new(c.Whole(v?.MaxAttempts), c.Choice(v?.Backoff), c.Whole(v?.InitialDelayMs), c.Whole(v?.MaxDelayMs), c.Flag(v?.Jitter));

    private static CircuitBreakerPolicy CircuitBreakers(SnapshotCarrier c, CircuitBreakerPolicy? v) => new(c.Text(v?.Json))
    {
        Enabled = c.Flag(v?.Enabled ?? default),
        Patterns = c.List(v?.Patterns, Pattern),
        WindowSeconds = c.Real(v?.WindowSeconds),
        CooldownSeconds = c.Real(v?.CooldownSeconds),
        MaxTrips = c.Whole(v?.MaxTrips),
        MaxPatches = c.Whole(v?.MaxPatches ?? 0),
    };

    private static BreakerPattern Pattern(SnapshotCarrier c, BreakerPattern? v) =>
        new(c.Text(v?.Name), c.Choice(v?.Remedy), c.TextOrNone(v?.Compiled?.ToString()) is { } regex ? Playbook.Pattern(regex) : null)
        {
            Threshold = c.Whole(v?.Threshold),
            WindowSeconds = c.Real(v?.WindowSeconds),
            CooldownSeconds = c.Real(v?.CooldownSeconds),
            MaxTrips = c.Whole(v?.MaxTrips),
        };

    private static OrderPolicy Order(SnapshotCarrier c, OrderPolicy? v) => new()
    {
        AgeingSeconds = c.Real(v?.AgeingSeconds ?? 0),
        MaxOvertakes = c.Whole(v?.MaxOvertakes ?? 0),
        Fairness = c.TextOrNone(v?.Fairness),
        Weights = c.List(v?.Weights, static (c, weight) => new FeatureWeight(new FeatureId(c.Text(weight.Feature.Value)), c.Real(weight.Weight))),
    };

    private static Feature Feature(SnapshotCarrier c, Feature? v) => new()
    {
        Id = new FeatureId(c.Text(v?.Id.Value)),
        Title = c.Text(v?.Title),
        Description = c.Text(v?.Description),
        Priority = c.Choice(v?.Priority ?? default),
        PriorityReason = c.Text(v?.PriorityReason),
        SourceEvidence = c.List(v?.SourceEvidence, Evidence),
        Unknown = Unknown(c, v?.Unknown),
    };

    private static PlanOrigin Origin(SnapshotCarrier c, PlanOrigin? v) => new()
    {
        MinConfidence = c.Real(v?.MinConfidence ?? 0),
        CodebaseAnalysis = c.TextOrNone(v?.CodebaseAnalysis),
        Autonormalization = c.List(v?.Autonormalization, static (c, n) => new Normalization(c.Text(n?.Action), c.List(n?.Tasks, Task), c.Text(n?.Reason)) { Unknown = Unknown(c, n?.Unknown) }),
        Decisions = c.List(
            v?.Decisions,
            static (c, d) => new PlanDecision(c.Text(d?.Title), c.Text(d?.Reason), c.List(d?.Evidence, Evidence), c.Texts(d?.Rejected)) { Unknown = Unknown(c, d?.Unknown) }),
    };

    private static ArgumentException Nobody(object what) => new($"Nobody carries {what.GetType().Name}. Add an arm to SnapshotPlans.", nameof(what));
}
