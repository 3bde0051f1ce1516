using Slaps.Core.Execution;
using Slaps.Core.Failures;

namespace Slaps.Core.Plans;

/// <summary>What a plan has to share out.</summary>
public sealed record PlanResources
{
    /// <summary>Names of exclusive locks.</summary>
    public IReadOnlyList<string> Locks { get; init; } = [];

    /// <summary>Shared pools with their capacities.</summary>
    public IReadOnlyList<PoolClaim> Pools { get; init; } = [];

    /// <summary>Quotas; one that is null was not declared and is unlimited.</summary>
    public QuotaAmounts Quotas { get; init; } = QuotaAmounts.None;

    /// <summary>What there is in other places; an execution names the one in which it runs, or none.</summary>
    public IReadOnlyList<ResourceProfile> Profiles { get; init; } = [];

    /// <summary>Resources that tasks may begin with only at some times of the day.</summary>
    public IReadOnlyList<ResourceWindows> Windows { get; init; } = [];
}

/// <summary>How an execution behaves, as far as the plan decides it.</summary>
public sealed record PlanPolicies
{
    /// <summary>The most tasks that run at once; null: the number of workers decides.</summary>
    public int? ConcurrencyMax { get; init; }

    /// <summary>When a task may start; null: the plan does not say, and an execution that is not told otherwise rolls.</summary>
    public ExecutionModel? Model { get; init; }

    /// <summary>After so many seconds without a line of output an attempt is stopped as stalled; null: never.</summary>
    public double? StallTimeoutSeconds { get; init; }

    /// <summary>After so many seconds in which a running attempt has waited for a resource it makes way; null: it waits for as long as it takes.</summary>
    public double? LockTimeoutSeconds { get; init; }

    /// <summary>After so many seconds on the frontier a critical task has preemptible ones of lower classes make way; null: never.</summary>
    public double? PreemptionSeconds { get; init; }

    /// <summary>After so many seconds without work a worker beyond those of the start leaves; null: <see cref="UsualWorkerIdleSeconds"/>.</summary>
    public double? WorkerIdleSeconds { get; init; }

    /// <summary>How long a worker is idle before it leaves where the plan does not say, in seconds.</summary>
    public const double UsualWorkerIdleSeconds = 60;

    /// <summary>What follows a failed attempt.</summary>
    public RetryPolicy Retry { get; init; } = RetryPolicy.Default;

    /// <summary>Whether and how it heals itself; null: it does not.</summary>
    public CircuitBreakerPolicy? CircuitBreakers { get; init; }

    /// <summary>Who goes first when not all can.</summary>
    public OrderPolicy Order { get; init; } = new();
}

/// <summary>
/// Who goes first when not all can, beside priority class and critical path. None of it holds where an execution was told to go by one rule alone.
/// </summary>
public sealed record OrderPolicy
{
    /// <summary>After how many seconds on the frontier a task counts as one priority class higher, at the latest, up to the best class of the plan; 0: never.</summary>
    public double AgeingSeconds { get; init; } = 14_400;

    /// <summary>How often others may take what the first of those that wait for resources needs, before it is kept free for it, 1 to a billion.</summary>
    public int MaxOvertakes { get; init; } = 16;

    /// <summary>How work is shared among features: <c>weighted</c>, or another word that is kept and means nothing here; null: not at all.</summary>
    public string? Fairness { get; init; }

    /// <summary>Shares of the features that are not one: a feature with 2 gets twice the work of one with 1 while both have some.</summary>
    public IReadOnlyList<FeatureWeight> Weights { get; init; } = [];

    /// <summary>Whether features take turns.</summary>
    public bool IsFair => Fairness == "weighted" || Weights.Count > 0;

    /// <summary>Whether nothing here was said by the plan.</summary>
    public bool IsUsual => AgeingSeconds == new OrderPolicy().AgeingSeconds && MaxOvertakes == new OrderPolicy().MaxOvertakes && Fairness is null && Weights.Count == 0;
}

/// <summary>A feature's share.</summary>
/// <param name="Feature">The feature.</param>
/// <param name="Weight">From a thousandth to a thousand.</param>
public readonly record struct FeatureWeight(FeatureId Feature, double Weight);

/// <summary>How delays between attempts grow.</summary>
public enum BackoffKind
{
    /// <summary>Doubles with each attempt.</summary>
    Exponential,

    /// <summary>Grows by the initial delay with each attempt.</summary>
    Linear,
}

/// <summary>What follows a failed attempt (the seed's RetryPolicy with its defaults).</summary>
/// <param name="MaxAttempts">Attempts in all, at least 1.</param>
/// <param name="Backoff">How the delay grows.</param>
/// <param name="InitialDelayMs">The delay after the first attempt, in milliseconds.</param>
/// <param name="MaxDelayMs">The longest delay, in milliseconds.</param>
/// <param name="Jitter">Full jitter: the delay is a fair draw between nothing and the computed delay.</param>
public sealed record RetryPolicy(int MaxAttempts, BackoffKind Backoff, long InitialDelayMs, long MaxDelayMs, bool Jitter)
{
    /// <summary>Three attempts, exponential from a second to a minute, with jitter.</summary>
    public static RetryPolicy Default { get; } = new(3, BackoffKind.Exponential, 1_000, 60_000, Jitter: true);

    /// <summary>By how much the delays are longer after a failure of somebody else's service, where the plan does not say.</summary>
    public const int ExternalFactor = 10;

    /// <summary>What is different for failures of a class.</summary>
    public RetryByClass ByClass { get; init; } = RetryByClass.None;

    /// <summary>How many retries an execution has in all; null: as many as its tasks have.</summary>
    public int? Budget { get; init; }

    /// <summary>The policy for failures of a class; null: nobody knows the class.</summary>
    public RetryPolicy For(FailureClass? sort)
    {
        if (sort is not { } known) return this;
        var factor = known == FailureClass.External ? ExternalFactor : 1;
        var said = ByClass[known];
        return this with
        {
            MaxAttempts = said?.MaxAttempts ?? MaxAttempts,
            Backoff = said?.Backoff ?? Backoff,
            InitialDelayMs = said?.InitialDelayMs ?? Longer(InitialDelayMs),
            MaxDelayMs = said?.MaxDelayMs ?? Longer(MaxDelayMs),
            Jitter = said?.Jitter ?? Jitter,
        };

        long Longer(long milliseconds) => milliseconds > long.MaxValue / factor ? milliseconds : milliseconds * factor;
    }
}

/// <summary>What a plan says of retries after failures of each class; null: nothing.</summary>
public sealed record RetryByClass(RetryOverride? Transient, RetryOverride? Systemic, RetryOverride? Resource, RetryOverride? Logic, RetryOverride? External)
{
    /// <summary>Nothing is said.</summary>
    public static RetryByClass None { get; } = new(null, null, null, null, null);

    /// <summary>What is said of a class.</summary>
    public RetryOverride? this[FailureClass sort] => sort switch
    {
        FailureClass.Transient => Transient,
        FailureClass.Systemic => Systemic,
        FailureClass.Resource => Resource,
        FailureClass.Logic => Logic,
        _ => External,
    };
}

/// <summary>What is different for failures of one class; what is null is as usual.</summary>
public sealed record RetryOverride(int? MaxAttempts, BackoffKind? Backoff, long? InitialDelayMs, long? MaxDelayMs, bool? Jitter);
