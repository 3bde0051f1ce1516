using Slaps.Core.Execution;

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
}

/// <summary>How an execution behaves, as far as the plan decides it.</summary>
public sealed record PlanPolicies
{
    /// <summary>The most tasks that run at once; null: the number of workers decides.</summary>
    public int? ConcurrencyMax { get; init; }

    /// <summary>When a task may start; null: the plan does not say, and an execution that is not told otherwise rolls.</summary>
    public ExecutionModel? Model { get; init; }

    /// <summary>What follows a failed attempt.</summary>
    public RetryPolicy Retry { get; init; } = RetryPolicy.Default;
}

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
}
