namespace Slaps.Core.Plans.Patches;

/// <summary>
/// A change of a plan while it is executed (the seed's HotUpdate, with as many operations as belong together). All of it is applied or nothing;
/// <see cref="PlanPatching"/> says what it makes of a plan.
/// </summary>
public sealed record PlanPatch
{
    /// <summary>The most operations that one patch may have.</summary>
    public const int MaxOperations = 1_000;

    /// <summary>What is changed, one after the other; whether it fits together is judged at the end.</summary>
    public required IReadOnlyList<PatchOperation> Operations { get; init; }

    /// <summary>Why, as a sentence; empty when nobody said.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Who asked for it: a person's name, or the name of what decided it; empty when nobody said.</summary>
    public string By { get; init; } = "";

    /// <summary>The tasks that it adds, in the order in which they are appended to the plan.</summary>
    public IEnumerable<PlanTask> Injected => Operations.OfType<PatchOperation.InjectTask>().Select(operation => operation.Task);

    /// <summary>The dependencies that it adds, in their order.</summary>
    public IEnumerable<Dependency> Edges => Operations.SelectMany(operation => operation switch
    {
        PatchOperation.InjectTask inject => inject.Edges,
        PatchOperation.AddEdge add => add.Edges,
        _ => [],
    });

    /// <summary>Whether the document is its one operation itself, as the seed writes it; only messages ask.</summary>
    internal bool IsOneOperation { get; init; }
}

/// <summary>One change of a plan. The family is closed: a new kind of change is a new case here.</summary>
public abstract record PatchOperation
{
    private PatchOperation()
    {
    }

    /// <summary>A task that the plan does not have yet, whole, with the dependencies that come with it.</summary>
    /// <param name="Task">The task.</param>
    /// <param name="Edges">Usually from and to this task, but any will do.</param>
    public sealed record InjectTask(PlanTask Task, IReadOnlyList<Dependency> Edges) : PatchOperation;

    /// <summary>Further dependencies.</summary>
    public sealed record AddEdge(IReadOnlyList<Dependency> Edges) : PatchOperation;

    /// <summary>More or less of what there is to share, or new things to share.</summary>
    public sealed record ModifyResource(ResourceModification Resources) : PatchOperation;

    /// <summary>Something else about a task of the plan.</summary>
    /// <param name="Task">The task, which keeps its name and its place.</param>
    /// <param name="Changes">What is said of it from now on; what is null stays as it is.</param>
    public sealed record ModifyTask(TaskId Task, TaskModification Changes) : PatchOperation;
}

/// <summary>What a patch says of the plan's resources; what it does not name stays as it is.</summary>
public sealed record ResourceModification
{
    /// <summary>Names of new locks. A plan that lists none allows any name already.</summary>
    public IReadOnlyList<string> AddLocks { get; init; } = [];

    /// <summary>Pools with their capacities from now on; one that the plan does not have is new.</summary>
    public IReadOnlyList<PoolClaim> Pools { get; init; } = [];

    /// <summary>Quotas from now on; one that is null stays as it is.</summary>
    public QuotaAmounts Quotas { get; init; } = QuotaAmounts.None;

    /// <summary>So much more of quotas that the plan has.</summary>
    public QuotaAmounts IncreaseQuota { get; init; } = QuotaAmounts.None;

    /// <summary>The most tasks that run at once from now on; null: as before.</summary>
    public int? ConcurrencyMax { get; init; }

    /// <summary>Whether it says nothing at all.</summary>
    public bool IsEmpty => AddLocks.Count + Pools.Count == 0 && Quotas == QuotaAmounts.None && IncreaseQuota == QuotaAmounts.None && ConcurrencyMax is null;
}

/// <summary>What a patch says of a task that has not started; what is null stays as it is.</summary>
public sealed record TaskModification
{
    /// <summary>A line for people.</summary>
    public string? Title { get; init; }

    /// <summary>More about the task.</summary>
    public string? Description { get; init; }

    /// <summary>How it is run, whole: nothing of the present way is kept. What nobody runs is claimed by hand.</summary>
    public RunSpec? Run { get; init => field = value == RunSpec.Unspecified ? new RunSpec.Claimed(Manual: true) : value; }

    /// <summary>All its acceptance checks.</summary>
    public IReadOnlyList<AcceptanceCheck>? Checks { get; init; }

    /// <summary>All exclusive locks that it takes.</summary>
    public IReadOnlyList<string>? Locks { get; init; }

    /// <summary>All locks that it only reads under.</summary>
    public IReadOnlyList<string>? Reads { get; init; }

    /// <summary>All units that it takes from pools.</summary>
    public IReadOnlyList<PoolClaim>? Pools { get; init; }

    /// <summary>All that it is charged for against the quotas.</summary>
    public QuotaAmounts? Estimated { get; init; }

    /// <summary>All that a worker must be able to do to take it.</summary>
    public IReadOnlyList<string>? Capabilities { get; init; }

    /// <summary>Its priority class.</summary>
    public Priority? Priority { get; init; }

    /// <summary>Whether it may be interrupted for something more urgent.</summary>
    public bool? Preemptible { get; init; }

    /// <summary>Whether a failed attempt is followed by another one.</summary>
    public bool? RetryOnFailure { get; init; }

    /// <summary>Attempts after the first.</summary>
    public int? MaxRetries { get; init; }

    /// <summary>Whether it can go on from a checkpoint.</summary>
    public bool? CheckpointCapable { get; init; }

    /// <summary>How long it is expected to take.</summary>
    public PertEstimate? Duration { get; init; }

    /// <summary>Where it begins and ends, whole.</summary>
    public TaskBoundaries? Boundaries { get; init; }

    /// <summary>All files that it leaves behind.</summary>
    public IReadOnlyList<ArtifactDeclaration>? Produces { get; init; }

    /// <summary>All names of what it uses of others.</summary>
    public IReadOnlyList<string>? Consumes { get; init; }

    /// <summary>Whether it says nothing at all.</summary>
    public bool IsEmpty => this == new TaskModification();

    /// <summary>The task as it is from now on.</summary>
    public PlanTask ApplyTo(PlanTask task) => task with
    {
        Title = Title ?? task.Title,
        Description = Description ?? task.Description,
        Run = Run ?? task.Run,
        Checks = Checks ?? task.Checks,
        Locks = Locks ?? task.Locks,
        Reads = Reads ?? task.Reads,
        Pools = Pools ?? task.Pools,
        Estimated = Estimated ?? task.Estimated,
        Capabilities = Capabilities ?? task.Capabilities,
        Priority = Priority ?? task.Priority,
        Preemptible = Preemptible ?? task.Preemptible,
        RetryOnFailure = RetryOnFailure ?? task.RetryOnFailure,
        MaxRetries = MaxRetries ?? task.MaxRetries,
        CheckpointCapable = CheckpointCapable ?? task.CheckpointCapable,
        Duration = Duration ?? task.Duration,
        Boundaries = Boundaries ?? task.Boundaries,
        Produces = Produces ?? task.Produces,
        Consumes = Consumes ?? task.Consumes,
    };
}
