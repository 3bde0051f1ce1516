using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>How long a task waits between attempts.</summary>
public static class Backoff
{
    /// <summary>
    /// The delay after so many failures, in microseconds: exponential or linear up to the maximum, and with jitter a fair draw between
    /// nothing and that ("full jitter": Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
    /// </summary>
    /// <param name="policy">The plan's policy.</param>
    /// <param name="failures">Failed attempts so far, from 1.</param>
    /// <param name="dice">A draw from [0, 1].</param>
    public static long After(RetryPolicy policy, int failures, double dice)
    {
        var factor = policy.Backoff == BackoffKind.Exponential ? Math.Pow(2, Math.Min(failures - 1, 62)) : failures;
        var delayMs = Math.Min(policy.InitialDelayMs * factor, policy.MaxDelayMs);
        return (long)Math.Round(delayMs * 1000 * (policy.Jitter ? Math.Clamp(dice, 0, 1) : 1));
    }
}
