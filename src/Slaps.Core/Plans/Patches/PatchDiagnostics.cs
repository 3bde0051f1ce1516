using Slaps.Core.Diagnostics;
using static Slaps.Core.Diagnostics.Severity;

namespace Slaps.Core.Plans.Patches;

/// <summary>
/// What can be wrong with a patch beside what can be wrong with a plan: one rule and one method for each. A code that was published never
/// means anything else.
/// </summary>
public static class PatchDiagnostics
{
    private static readonly List<DiagnosticRule> Rules = [];

    /// <summary>All rules in the order of their codes.</summary>
    public static IReadOnlyList<DiagnosticRule> Catalogue => Rules;

    private static readonly DiagnosticRule TooLargeRule = Rule(
        "HOT001", Error, "The patch has {size} bytes, and {limit} is the most that is read.", "Make several patches of it.");

    internal static Diagnostic TooLarge(DiagnosticPlace at, long size) => TooLargeRule.At(at, $"{size:N0}", $"{PlanPatchJson.MaxBytes:N0}");

    private static readonly DiagnosticRule NoOperationsRule = Rule(
        "HOT002", Error, "The patch holds no operation.",
        """Write one; the shortest patch is {"op": "add_edge", "edges": [{"from": "a", "to": "b"}]}.""", noGaps: true);

    internal static Diagnostic NoOperations(DiagnosticPlace at) => NoOperationsRule.At(at);

    private static readonly DiagnosticRule TooManyRule = Rule(
        "HOT003", Error, "The patch has {count} operations, and {limit} is the most.", "Make several patches of it.");

    internal static Diagnostic TooMany(DiagnosticPlace at, int count) => TooManyRule.At(at, $"{count:N0}", $"{PlanPatch.MaxOperations:N0}");

    private static readonly DiagnosticRule NothingSaidRule = Rule(
        "HOT004", Error, "The operation {op} changes nothing.", "Say what it should change: {example}.");

    internal static Diagnostic NothingSaid(DiagnosticPlace at, string op, string example) => NothingSaidRule.At(at, op, example);

    private static readonly DiagnosticRule StrayFieldRule = Rule(
        "HOT005", Error, "The field {field} has no place in an operation {op}.", "What it may hold: {known}.");

    internal static Diagnostic StrayField(DiagnosticPlace at, string field, string op, IEnumerable<string> known) =>
        StrayFieldRule.At(at, Identifiers.Quote(field), op, string.Join(", ", known));

    private static readonly DiagnosticRule FixedFieldRule = Rule(
        "HOT006", Error, "The field {field} of a task cannot be changed while the plan is executed.", "What can be changed: {known}.");

    internal static Diagnostic FixedField(DiagnosticPlace at, string field, IEnumerable<string> known) =>
        FixedFieldRule.At(at, Identifiers.Quote(field), string.Join(", ", known));

    private static readonly DiagnosticRule TooDeepRule = Rule(
        "HOT007", Error, "The patch is nested deeper than {limit} levels.", "Flatten it; a patch needs fewer than ten levels.");

    internal static Diagnostic TooDeep(DiagnosticPlace at) => TooDeepRule.At(at, $"{PlanPatchJson.MaxDepth}");

    private static readonly DiagnosticRule KnownTaskRule = Rule(
        "HOT010", Error, "There is a task {id} already, and a patch adds only new ones.", "Give the new task another id, or change that one with modify_task.");

    internal static Diagnostic KnownTask(DiagnosticPlace at, TaskId id) => KnownTaskRule.At(at, Identifiers.Quote(id.Value));

    private static readonly DiagnosticRule UnknownTaskRule = Rule(
        "HOT011", Error, "There is no task {id} to change.", "{guess}Name a task of the plan, or add one with inject_task.");

    internal static Diagnostic UnknownTask(DiagnosticPlace at, TaskId id, string? guess) =>
        UnknownTaskRule.At(at, Identifiers.Quote(id.Value), guess is null ? "" : $"Did you mean {Identifiers.Quote(guess)}? ");

    private static readonly DiagnosticRule UnlimitedRule = Rule(
        "HOT012", Error, "The quota {name} is not limited, so it cannot be increased.", "Leave it out, or set a limit under quotas.");

    internal static Diagnostic Unlimited(DiagnosticPlace at, string name) => UnlimitedRule.At(at, name);

    private static DiagnosticRule Rule(string code, Severity severity, string message, string hint, bool noGaps = false)
    {
        var rule = new DiagnosticRule(code, severity, message, hint) { HintIsLiteral = noGaps };
        Rules.Add(rule);
        return rule;
    }
}
