using Slaps.Core.Failures;
using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>Several tasks met the same failure: a circuit breaker is open, and they wait until one of them has tried for all.</summary>
/// <param name="Breaker">The playbook with what it is about, e.g. <c>missing-dependency/jose</c>.</param>
/// <param name="Class">The class of the failure.</param>
/// <param name="Remedy">What is done about it.</param>
/// <param name="Tasks">Those that met it and are not done.</param>
/// <param name="Until">When one of them may try.</param>
/// <param name="Trip">How often the breaker has tripped, this time included.</param>
/// <param name="Reason">A sentence.</param>
/// <param name="After">The task that mends it, which comes into the plan with the patch: nobody tries before it is done; null: no task does.</param>
public sealed record CircuitBreakerTripped(
    string Breaker, FailureClass Class, Remedy Remedy, IReadOnlyList<TaskId> Tasks, Instant Until, int Trip, string Reason, TaskId? After = null) : ExecutionEvent;

/// <summary>One of the tasks that wait for an open breaker tries for all.</summary>
public sealed record CircuitBreakerHalfOpened(string Breaker, TaskId Probe) : ExecutionEvent;

/// <summary>What waited for a breaker goes on.</summary>
/// <param name="Breaker">The breaker.</param>
/// <param name="GaveUp">Whether it has tripped too often and people are asked instead; then it never trips again.</param>
/// <param name="Tasks">Those that waited for it.</param>
/// <param name="Reason">A sentence.</param>
public sealed record CircuitBreakerClosed(string Breaker, bool GaveUp, IReadOnlyList<TaskId> Tasks, string Reason) : ExecutionEvent;

/// <summary>A breaker's patch was not applied: the plan stays as it is, and what waits tries without it.</summary>
public sealed record HotUpdateRefused(string Breaker, string Reason) : ExecutionEvent;
