using Slaps.Core.Failures;
using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>
/// The rules of circuit breakers: when one trips, who waits for it, who tries for all, and when it closes. What is done about the failure is a
/// patch of <see cref="Remedies"/>, applied like anybody's.
/// </summary>
internal static class Breakers
{
    /// <summary>Who asks for the patches of breakers.</summary>
    public const string Author = "circuit breaker";

    /// <summary>Who asks for the patch with which the planner answers a breaker.</summary>
    public static string PlannerFor(string breaker) => $"planner, for the circuit breaker {breaker}";

    /// <summary>What the breakers do next; nothing as long as nobody waits for them.</summary>
    public static IReadOnlyList<ExecutionEvent> Next(ExecutionState state, Instant at)
    {
        if (state.Status != ExecutionStatus.Running) return [];
        foreach (var circuit in state.Circuits.All)
        {
            var events = circuit.Status switch
            {
                CircuitStatus.Closed when IsDue(circuit) => Trip(state, circuit, at),
                CircuitStatus.Open => Open(state, circuit, at),
                CircuitStatus.HalfOpen => HalfOpen(state, circuit, at),
                _ => [],
            };
            if (events.Count > 0) return events;
        }

        return [];
    }

    /// <summary>What follows from the planner's answer: its patch, or a person is asked.</summary>
    public static IReadOnlyList<ExecutionEvent> Answered(ExecutionState state, AnswerBreaker c)
    {
        if (state.IsFinished || state.Status == ExecutionStatus.Aborted || state.Circuits.Find(c.Breaker) is not { AsksPlanner: true, Status: CircuitStatus.Open } circuit) return [];   // While one tries its end is waited for: should it fail, the planner is asked anew.
        var patch = c.Answer.Patch is { } asked ? asked with { By = PlannerFor(circuit.Name) } : null;
        var refusal = patch is null ? c.Answer.Says : Patching.Refuse(state, patch);
        if (refusal is null) return Patching.Decide(state, patch!);
        var waiting = circuit.Held.Where(task => IsAffected(state, circuit, task)).Order();
        return [new HotUpdateRefused(circuit.Name, refusal), .. waiting.Select(task => new HelpRequested(state.Plan.Tasks[task].Id, $"{WhatOf(state, task, circuit)} {refusal}"))];
    }

    private static bool IsDue(Circuit circuit)
    {
        var rule = circuit.Last.Breaker!;
        if (circuit.Failures.Count < rule.Threshold) return false;

        // What comes and goes is told by the same task failing again; everything else by several tasks.
        return rule.Remedy == Remedy.Quarantine || circuit.Failures.Select(failure => failure.Task).Distinct().Count() >= rule.Threshold;
    }

    private static List<ExecutionEvent> Open(ExecutionState state, Circuit circuit, Instant at)
    {
        if (circuit.Held.All(task => IsOut(state, task))) return [Close(state, circuit, "Nothing is left that waits for it.")];
        return circuit.Until <= at && state.IsMended(circuit) && FirstParked(state, circuit) is { } probe ? [new CircuitBreakerHalfOpened(circuit.Name, state.Plan.Tasks[probe].Id)] : [];
    }

    private static List<ExecutionEvent> HalfOpen(ExecutionState state, Circuit circuit, Instant at)
    {
        var probe = state.Plan.Tasks[circuit.Probe].Id;
        switch (state[circuit.Probe])
        {
            case { IsDone: true }:
                return [Close(state, circuit, $"{probe} went well.")];
            case TaskState.Ready or TaskState.Queued or TaskState.Assigned or TaskState.Running or TaskState.Verifying when circuit.Held.Contains(circuit.Probe):
                return [];
            case TaskState.BackingOff or TaskState.Failed or TaskState.HelpNeeded when state.Circuits.LastOf(circuit.Probe) == circuit.Name:
                return Trip(state, circuit, at) is { Count: > 0 } again ? again : [Close(state, circuit, $"{probe} met it again, and nothing else waits.")];
            default:
                // It failed otherwise, or somebody took it away, perhaps because what mends it is undone: that says nothing about what the others wait for.
                if (state.IsMended(circuit) && FirstParked(state, circuit) is { } next) return [new CircuitBreakerHalfOpened(circuit.Name, state.Plan.Tasks[next].Id)];
                return circuit.Held.All(task => IsOut(state, task)) ? [Close(state, circuit, "Nothing is left that waits for it.")] : [];
        }
    }

    private static List<ExecutionEvent> Trip(ExecutionState state, Circuit circuit, Instant at)
    {
        var plan = state.Plan;
        int[] affected = [.. circuit.Failures.Select(failure => failure.Task).Concat(circuit.Held).Distinct().Where(task => IsAffected(state, circuit, task)).Order()];
        if (affected.Length == 0) return [];

        var tasks = Array.ConvertAll(affected, task => plan.Tasks[task].Id);
        var rule = circuit.Last.Breaker!;
        if (circuit.Trips >= rule.MaxTrips)
        {
            var tired = $"The circuit breaker {circuit.Name} has tripped {circuit.Trips} times and it goes on, so it needs a person:";
            return [new CircuitBreakerClosed(circuit.Name, GaveUp: true, tasks, $"{tired} {What(circuit.Last)}"), .. affected.Select(task => new HelpRequested(plan.Tasks[task].Id, $"{tired} {WhatOf(state, task, circuit)}"))];
        }

        var remedy = Remedies.Of(state, circuit, affected);
        var until = at.PlusSeconds(rule.CooldownSeconds);
        if (Scheduler.Asked(circuit.Last, at) is { } asked && asked > until) until = asked;

        // Whoever tried before the planner has answered could not be made to wait any more.
        const double ForThePlanner = 1;
        if (remedy.Kind == Remedy.Replan && at.PlusSeconds(ForThePlanner) is var answered && answered > until) until = answered;
        var reason = $"{(tasks.Length == 1 ? $"{tasks[0]} met" : $"{tasks.Length} tasks met")} the same failure ({circuit.Name}). {What(circuit.Last)} {remedy.Says}";
        List<ExecutionEvent> events = [new CircuitBreakerTripped(circuit.Name, circuit.Last.Playbook is null ? FailureClass.Systemic : circuit.Last.Class, remedy.Kind, tasks, until, circuit.Trips + 1, reason, remedy.Mends)];
        if (remedy.Kind == Remedy.AskPerson) events.AddRange(affected.Select(task => new HelpRequested(plan.Tasks[task].Id, $"{WhatOf(state, task, circuit)} {remedy.Says}")));
        if (remedy.Patch is not { } patch) return events;
        if (Patching.Refuse(state, patch) is { } refusal) events.Add(new HotUpdateRefused(circuit.Name, refusal));
        else events.AddRange(Patching.Decide(state, patch));
        return events;
    }

    /// <summary>What a task itself met that a breaker counted, as a sentence: others met the same, but in words of their own.</summary>
    public static string WhatOf(ExecutionState state, int task, Circuit circuit) => What(state.LastErrorOf(task)?.Error.Finding is { } own && own.Key == circuit.Name ? own : circuit.Last);

    private static string What(Classification finding) => finding.Playbook is null ? $"It says {Identifiers.Quote(finding.Fingerprint)}, which no playbook knows." : finding.Why;

    private static CircuitBreakerClosed Close(ExecutionState state, Circuit circuit, string reason) =>
        new(circuit.Name, GaveUp: false, [.. circuit.Held.Select(task => state.Plan.Tasks[task].Id)], reason);

    private static int? FirstParked(ExecutionState state, Circuit circuit)
    {
        foreach (var task in state.Circuits.Parked)
        {
            if (task != circuit.Probe && circuit.Held.Contains(task)) return task;
        }

        return null;
    }

    // Whoever has begun anew tells by its end how it goes now.
    internal static bool IsAffected(ExecutionState state, Circuit circuit, int task) => state.Circuits.LastOf(task) == circuit.Name
        && state[task] is TaskState.BackingOff or TaskState.Ready or TaskState.Queued or TaskState.Pending;

    private static bool IsOut(ExecutionState state, int task) => state[task].IsOver || state[task].IsDone;
}
