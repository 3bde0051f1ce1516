using Slaps.Core.Failures;
using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <content>What a failure's class makes of its retry. A failure that no playbook knows is tried again as the plan says.</content>
public static partial class Scheduler
{
    /// <summary>The policy for a failure and the attempts that the task has in all.</summary>
    private static (RetryPolicy Policy, int Allowed) RetriesAfter(ExecutionState state, PlanTask task, TaskError error)
    {
        var policy = state.Plan.Policies.Retry.For(ClassOf(error));
        return (policy, !task.RetryOnFailure ? 1 : task.MaxRetries is { } retries ? retries + 1 : policy.MaxAttempts);
    }

    /// <summary>Why the class of the failure or the execution's budget leaves no retry, as a sentence; null when they leave one.</summary>
    private static string? WhyNoRetry(ExecutionState state, PlanTask task, TaskError error)
    {
        if (state.Plan.Policies.Retry.Budget is { } budget && state.Retries >= budget) return $"The execution's {budget} retries are used up.";

        // A program that is wrong is wrong the next time, too. An agent may mend it, and what our checks find is for the next attempt to mend.
        var isFinal = ClassOf(error) == FailureClass.Logic && error.Kind is FailureKind.ExitCode or FailureKind.Signal
            && task.Run is RunSpec.Process or RunSpec.Shell && task.MaxRetries is null && state.Plan.Policies.Retry.ByClass.Logic?.MaxAttempts is null;
        return isFinal ? $"It is a fault of the work itself and would fail again, so it is not tried again by itself ({error.Finding!.Why.TrimEnd('.')})." : null;
    }

    /// <summary>The time of the next try: the policy's delay, and never before a service wants to be asked again.</summary>
    private static Instant NextTry(RetryPolicy policy, int failures, TaskError error, Instant at, double dice)
    {
        var due = at.Plus(Backoff.After(policy, failures, dice));
        return error.Finding is { } finding && Asked(finding, at) is { } asked && asked > due ? asked : due;
    }

    /// <summary>Until when a service asked to be left alone; null when it did not, or for longer than <see cref="RetryAfter.Longest"/>.</summary>
    internal static Instant? Asked(Classification finding, Instant at)
    {
        if (finding.RetryAfterSeconds is { } seconds and > 0 and <= RetryAfter.Longest) return at.PlusSeconds(seconds);
        return finding.RetryAt is { } until && until > at && until.SecondsSince(at) <= RetryAfter.Longest ? until : null;
    }

    private static FailureClass? ClassOf(TaskError error) => error.Finding is { Playbook: not null } finding ? finding.Class : null;
}
