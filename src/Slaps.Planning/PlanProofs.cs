using System.Text.Json;
using Slaps.Core.Plans;
using Slaps.Planning.Codebase;

namespace Slaps.Planning;

/// <summary>What of a plan a machine verifies by itself, and what waits for people.</summary>
/// <param name="Runnable">Checks that a machine can run, guards included.</param>
/// <param name="Guards">Those among them that passed before the work: they prove nothing new.</param>
/// <param name="Manual">Checks that only a person can make.</param>
/// <param name="Tasks">All tasks.</param>
/// <param name="Unproven">Tasks that have a check, and none that a machine can run and that failed, or was never tried, before the work.</param>
/// <param name="Unrun">Tasks that say nothing of how they are run.</param>
public sealed record PlanProofs(int Runnable, int Guards, int Manual, int Tasks, IReadOnlyList<TaskId> Unproven, IReadOnlyList<TaskId> Unrun)
{
    private const int MostNames = 10;

    /// <summary>What there is in a plan.</summary>
    public static PlanProofs Of(Plan plan)
    {
        var checks = plan.Tasks.SelectMany(task => task.Checks).ToList();
        return new PlanProofs(
            checks.Count(check => check is not AcceptanceCheck.Unrunnable),
            checks.Count(IsGuard),
            checks.Count(check => check is AcceptanceCheck.Unrunnable),
            plan.Tasks.Count,
            [.. plan.Tasks.Where(task => task.Checks.Count > 0 && task.Checks.All(check => check is AcceptanceCheck.Unrunnable || IsGuard(check))).Select(task => task.Id)],
            [.. plan.Tasks.Where(task => task.Run is RunSpec.Claimed).Select(task => task.Id)]);
    }

    /// <summary>Whether a check is marked as one that passed on the untouched tree.</summary>
    public static bool IsGuard(AcceptanceCheck check)
    {
        if (check is AcceptanceCheck.Unrunnable || check.Unknown.Json is not { } json || !json.Contains(CheckTried.GuardMark, StringComparison.Ordinal)) return false;
        using var fields = JsonDocument.Parse(json);
        return fields.RootElement.TryGetProperty("description", out var description) && description.ValueKind == JsonValueKind.String && description.GetString()!.StartsWith(CheckTried.GuardMark, StringComparison.Ordinal);
    }

    /// <summary>The checks by what they can show: "3 runnable, 2 of them guards that pass already, and 5 by hand".</summary>
    public string Counted => $"{Runnable} runnable{(Guards > 0 ? $", {Guards} of them {(Guards == 1 ? "a guard that passes already" : "guards that pass already")}" : "")}{(Manual > 0 ? $"{(Guards > 0 ? ", and" : " and")} {Manual} by hand" : "")}";

    /// <summary>What whoever starts the plan has to know beforehand, a sentence each; none where a machine runs and verifies everything.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            var warnings = new List<string>();
            if (Runnable == 0)
                warnings.Add($"No task has a check that a machine can run: `tasks execute` has nothing to verify by itself{(Manual > 0 ? $", and a person has to look at {(Unproven.Count == Tasks ? Tasks == 1 ? "the task" : $"each of the {Tasks} tasks" : $"{Named(Unproven)}")}" : ", and a task counts as done when it exits with 0")}.");
            else if (Unproven.Count > 0)
                warnings.Add($"A person has to look at {Unproven.Count} of {Tasks} tasks, because no check that a machine can run shows that they are done: {Named(Unproven)}.");
            if (Unrun.Count > 0)
                warnings.Add($"`tasks execute` alone refuses {(Unrun.Count == Tasks ? "this plan: no task says" : $"{Unrun.Count} of {Tasks} tasks: they do not say")} how {(Unrun.Count == Tasks ? "it is" : "they are")} run. Give {(Unrun.Count == 1 ? "it" : "them")} a `run`, start with --wait, or open the plan with `tasks load` and let sessions `tasks claim` {(Unrun.Count == 1 ? "it" : "them")}.");
            return warnings;
        }
    }

    private static string Named(IReadOnlyList<TaskId> tasks) => string.Join(", ", tasks.Take(MostNames)) + (tasks.Count > MostNames ? $" and {tasks.Count - MostNames} more" : "");
}
