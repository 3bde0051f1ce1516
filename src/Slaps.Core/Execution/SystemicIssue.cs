using Slaps.Core.Failures;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;

namespace Slaps.Core.Execution;

/// <summary>What several tasks met and the catalogue of remedies has nothing for: the planner is asked. Ids and a classification, no state: any thread may read it.</summary>
/// <param name="Breaker">The circuit breaker that tripped.</param>
/// <param name="Finding">The failure that was met last: class, playbook, fingerprint, and what it is about.</param>
/// <param name="Tasks">Those that met it and are not done, in file order.</param>
/// <param name="Unfinished">All tasks of the plan that may still be done by themselves.</param>
public sealed record SystemicIssue(string Breaker, Classification Finding, IReadOnlyList<TaskId> Tasks, IReadOnlySet<TaskId> Unfinished)
{
    /// <summary>What the planner has been asked and has not answered; after a crash it is asked again.</summary>
    public static IReadOnlyList<SystemicIssue> Outstanding(ExecutionState state) => [.. state.Circuits.All.Where(circuit => circuit.AsksPlanner).Select(circuit => Of(state, circuit))];

    private static SystemicIssue Of(ExecutionState state, Circuit circuit) => new(
        circuit.Name,
        circuit.Last,
        [.. circuit.Held.Where(task => Breakers.IsAffected(state, circuit, task)).Select(task => state.Plan.Tasks[task].Id)],
        state.Plan.Tasks.Where((_, task) => !state[task].IsOver).Select(task => task.Id).ToHashSet());
}

/// <summary>What the planner says to a systemic issue.</summary>
/// <param name="Patch">The change of the plan; null: it knows none, and a person is asked.</param>
/// <param name="Says">What it does or why it cannot, as a sentence.</param>
public sealed record IssueAnswer(PlanPatch? Patch, string Says);

/// <summary>The planner's answer to a systemic issue. It decides to nothing when nobody waits for it any more.</summary>
public sealed record AnswerBreaker(Instant At, string Breaker, IssueAnswer Answer) : Command(At);
