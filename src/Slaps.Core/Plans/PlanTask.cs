namespace Slaps.Core.Plans;

/// <summary>One bounded piece of work, as the planner or a person wrote it. Where it stands in an execution is its <c>TaskState</c>.</summary>
public sealed record PlanTask
{
    /// <summary>Its name, unique in the plan.</summary>
    public required TaskId Id { get; init; }

    /// <summary>The feature it belongs to, where the plan says so.</summary>
    public FeatureId? Feature { get; init; }

    /// <summary>A line for people; the id when the plan gives none.</summary>
    public string Title { get; init; } = "";

    /// <summary>More about the task, for people and agents.</summary>
    public string Description { get; init; } = "";

    /// <summary>How the task is run.</summary>
    public RunSpec Run { get; init; } = RunSpec.Unspecified;

    /// <summary>What our side checks after the task says that it is done. None: exit code 0 is enough.</summary>
    public IReadOnlyList<AcceptanceCheck> Checks { get; init; } = [];

    /// <summary>Exclusive locks, held from start to end.</summary>
    public IReadOnlyList<string> Locks { get; init; } = [];

    /// <summary>Units taken from shared pools, from start to end.</summary>
    public IReadOnlyList<PoolClaim> Pools { get; init; } = [];

    /// <summary>What the task is charged for against the quotas (the seed's <c>resource_requirements.estimated</c>).</summary>
    public QuotaAmounts Estimated { get; init; } = QuotaAmounts.None;

    /// <summary>What a worker must be able to do to take this task.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = [];

    /// <summary>Which tasks go first when not all can.</summary>
    public Priority Priority { get; init; } = Priority.Medium;

    /// <summary>Whether a failed attempt is followed by another one at all. A task that may not retry is FAILED at its first failure.</summary>
    public bool RetryOnFailure { get; init; } = true;

    /// <summary>Attempts after the first; null: the plan's retry policy decides.</summary>
    public int? MaxRetries { get; init; }

    /// <summary>How long it is expected to take.</summary>
    public PertEstimate Duration { get; init; } = PertEstimate.Default;

    /// <summary>Files that the task declares to leave behind; recorded with their hash when it succeeds.</summary>
    public IReadOnlyList<ArtifactDeclaration> Produces { get; init; } = [];

    /// <summary>Names of what the task uses of others, for people.</summary>
    public IReadOnlyList<string> Consumes { get; init; } = [];

    /// <summary>Whether running it twice does no harm.</summary>
    public bool Idempotent { get; init; } = true;

    /// <summary>Its id in the plan it was imported from, where that could not be kept.</summary>
    public string? OriginalId { get; init; }

    /// <summary>How its parts follow each other.</summary>
    public TaskKind Kind { get; init; } = TaskKind.Sequential;

    /// <summary>Where it begins and ends; null when nobody said.</summary>
    public TaskBoundaries? Boundaries { get; init; }

    /// <summary>The most it needs for a while; null when nobody said.</summary>
    public PeakNeed? Peak { get; init; }

    /// <summary>Names of locks that it only reads under.</summary>
    public IReadOnlyList<string> Reads { get; init; } = [];

    /// <summary>
    /// Every lock it holds from start to end: what it writes alone, what it only reads together with other readers, so that nobody reads half
    /// a write.
    /// </summary>
    public IReadOnlyList<string> LocksTaken => Reads.Count == 0 ? Locks : [.. Locks.Union(Reads)];

    /// <summary>Whether it may be interrupted at a checkpoint for something more urgent.</summary>
    public bool Preemptible { get; init; }

    /// <summary>The times of the day, in UTC, at which it may begin; none: any.</summary>
    public IReadOnlyList<TimeWindow> Windows { get; init; } = [];

    /// <summary>Whether it can go on from a checkpoint.</summary>
    public bool CheckpointCapable { get; init; }

    /// <summary>How its effects are undone; null when nobody said.</summary>
    public RunSpec? Compensation { get; init; }

    /// <summary>Logging, checkpoints and monitoring as the plan gives them: one canonical JSON object, or null.</summary>
    public string? ExecutionGuidance { get; init; }

    /// <summary>Why it is in the plan.</summary>
    public IReadOnlyList<Evidence> Evidence { get; init; } = [];

    /// <summary>Fields that this version does not know, kept as they were.</summary>
    public UnknownFields Unknown { get; init; }
}

/// <summary>The seed's priority classes; the first goes first.</summary>
public enum Priority
{
    /// <summary>Before everything else.</summary>
    Critical,

    /// <summary>Before the usual.</summary>
    High,

    /// <summary>The default.</summary>
    Medium,

    /// <summary>When nothing else can run.</summary>
    Low,
}

/// <summary>So many units of a shared pool.</summary>
public readonly record struct PoolClaim(string Pool, int Units);

/// <summary>A file that a task leaves behind, relative to its working directory.</summary>
/// <param name="Path">The file's relative path.</param>
/// <param name="Required">A task whose required artifact is missing has failed; others are recorded when they are there.</param>
public readonly record struct ArtifactDeclaration(string Path, bool Required)
{
    /// <summary>Fields that this version does not know, kept as they were.</summary>
    public UnknownFields Unknown { get; init; }
}

/// <summary>Amounts of the three quotas. A null quota limits nothing and is charged nothing.</summary>
/// <param name="CpuCores">Cores; fractions are allowed.</param>
/// <param name="MemoryMb">Mebibytes.</param>
/// <param name="DiskIoMbps">Megabytes a second.</param>
public readonly record struct QuotaAmounts(double? CpuCores, double? MemoryMb, double? DiskIoMbps)
{
    /// <summary>Nothing.</summary>
    public static QuotaAmounts None => default;
}

/// <summary>Three-point estimate in hours (PERT: Malcolm, Roseboom, Clark and Fazar, 1959).</summary>
/// <param name="Optimistic">Hours when all goes well.</param>
/// <param name="MostLikely">Hours as a rule.</param>
/// <param name="Pessimistic">Hours when little goes well.</param>
public readonly record struct PertEstimate(double Optimistic, double MostLikely, double Pessimistic)
{
    /// <summary>What a task without an estimate counts as: an hour, without spread.</summary>
    public static PertEstimate Default => new(1, 1, 1);

    /// <summary>The longest estimate that the scheduler's microseconds can add up without overflow, in hours (about 114 years).</summary>
    public const double MaxHours = 1_000_000;

    /// <summary>The expected duration (o + 4m + p) / 6 in whole microseconds.</summary>
    public long MeanMicroseconds => (long)Math.Round((Optimistic + (4 * MostLikely) + Pessimistic) / 6 * 3_600_000_000d, MidpointRounding.ToEven);
}

/// <summary>How a task is run. The family is closed: a new kind of work is a new case here.</summary>
public abstract record RunSpec
{
    private RunSpec()
    {
    }

    /// <summary>What sort of worker runs it: <c>process</c>, <c>agent:NAME</c> or <c>claim</c>.</summary>
    public string Kind => this switch
    {
        Process or Shell => "process",
        Agent agent => $"agent:{agent.Name}",
        _ => "claim",
    };

    /// <summary>After how many seconds an attempt is stopped; null: never.</summary>
    public double? TimeoutSeconds => this switch
    {
        Process process => process.Context.TimeoutSeconds,
        Shell shell => shell.Context.TimeoutSeconds,
        Agent agent => agent.Context.TimeoutSeconds,
        _ => null,
    };

    /// <summary>Fields that this version does not know, kept as they were.</summary>
    public UnknownFields Unknown { get; init; }

    /// <summary>Nothing was said: the project's default agent, or whoever claims the task.</summary>
    public static RunSpec Unspecified { get; } = new Claimed(Manual: false);

    /// <summary>A program with its arguments, started directly: no shell reads them.</summary>
    /// <param name="Argv">Program and arguments, passed byte for byte.</param>
    /// <param name="Context">Where and how long.</param>
    public sealed record Process(IReadOnlyList<string> Argv, ProcessContext Context) : RunSpec;

    /// <summary>A text for <c>/bin/sh -c</c>; only when the plan says <c>"shell": true</c>.</summary>
    /// <param name="Command">The script.</param>
    /// <param name="Context">Where and how long.</param>
    public sealed record Shell(string Command, ProcessContext Context) : RunSpec;

    /// <summary>A coding agent by its configured name.</summary>
    /// <param name="Name">The agent.</param>
    /// <param name="Prompt">More than the task's own text, if given.</param>
    /// <param name="Context">Where and how long.</param>
    public sealed record Agent(string Name, string? Prompt, ProcessContext Context) : RunSpec;

    /// <summary>Somebody takes it from their own terminal.</summary>
    /// <param name="Manual">True when the plan says so; false when it says nothing at all.</param>
    public sealed record Claimed(bool Manual) : RunSpec;
}

/// <summary>Where a process runs and for how long.</summary>
/// <param name="Workdir">Relative to the workspace, which it never leaves; "." is the workspace.</param>
/// <param name="Env">Variables added to the allowed ones of the coordinator's own environment.</param>
/// <param name="TimeoutSeconds">After so long the attempt's whole process group is stopped; null: never.</param>
public sealed record ProcessContext(string Workdir, IReadOnlyDictionary<string, string> Env, double? TimeoutSeconds)
{
    /// <summary>In the workspace, nothing added, no limit.</summary>
    public static ProcessContext Default { get; } = new(".", new Dictionary<string, string>(), null);
}

/// <summary>Something our side verifies after the work. A check that cannot be run has failed.</summary>
/// <param name="Id">Its name, unique in the task.</param>
/// <param name="TimeoutSeconds">After so long the check has failed.</param>
public abstract record AcceptanceCheck(string Id, double TimeoutSeconds)
{
    /// <summary>How long a check may take when the plan does not say, in seconds.</summary>
    public const double DefaultTimeoutSeconds = 300;

    /// <summary>Fields that this version does not know, and those that mean nothing to a check of this type, kept as they were.</summary>
    public UnknownFields Unknown { get; init; }

    /// <summary>A program that must exit with 0.</summary>
    public sealed record Command(string Id, RunSpec Run, double TimeoutSeconds) : AcceptanceCheck(Id, TimeoutSeconds);

    /// <summary>A file or folder that must be there.</summary>
    public sealed record FileExists(string Id, string Path, double TimeoutSeconds) : AcceptanceCheck(Id, TimeoutSeconds);

    /// <summary>A file that must contain a text.</summary>
    public sealed record FileContains(string Id, string Path, string Text, double TimeoutSeconds) : AcceptanceCheck(Id, TimeoutSeconds);

    /// <summary>A JSON file in which a path must exist or, with <paramref name="ExpectedJson"/>, equal a value.</summary>
    /// <param name="Id">Its name, unique in the task.</param>
    /// <param name="Path">The file.</param>
    /// <param name="Query">Like <c>$.a.b[0]['c d']</c> (a subset of RFC 9535: names and indexes).</param>
    /// <param name="ExpectedJson">Canonical JSON text of the value, or null: it must only exist.</param>
    /// <param name="TimeoutSeconds">After so long the check has failed.</param>
    public sealed record JsonPath(string Id, string Path, string Query, string? ExpectedJson, double TimeoutSeconds) : AcceptanceCheck(Id, TimeoutSeconds);

    /// <summary>A check that only a person can make, or of a type that this version cannot run: it has to be said, and fails when run.</summary>
    public sealed record Unrunnable(string Id, string Type, string Description) : AcceptanceCheck(Id, DefaultTimeoutSeconds);
}
