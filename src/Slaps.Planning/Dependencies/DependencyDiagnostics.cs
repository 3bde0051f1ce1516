using Slaps.Core.Diagnostics;
using static Slaps.Core.Diagnostics.Severity;

namespace Slaps.Planning.Dependencies;

/// <summary>Everything that can be wrong with the order that a specification states. A code that was published never means anything else.</summary>
public static class DependencyDiagnostics
{
    private static readonly List<DiagnosticRule> Rules = [];

    /// <summary>All rules in the order of their codes.</summary>
    public static IReadOnlyList<DiagnosticRule> Catalogue => Rules;

    private static readonly DiagnosticRule ContradictionRule = Rule(
        "DEP001", Warning,
        "The text orders tasks in a circle: {cycle}. {place} says {sentence}, and {otherPlace} says {otherSentence}.",
        "Change one of the two sentences. Until then the first of them is only a preference: {dependency} is not enforced.",
        "Of a circle the dependency is dropped to soft that the text supports least; the two sentences are the one that was dropped and the strongest one against it.");

    internal static Diagnostic Contradiction(DiagnosticPlace at, string cycle, string place, string sentence, string otherPlace, string otherSentence, string dependency) =>
        ContradictionRule.At(at, cycle, place, sentence, otherPlace, otherSentence, dependency);

    private static readonly DiagnosticRule TooManyRule = Rule(
        "DEP002", Warning,
        "The text relates more than {limit} pairs of tasks to each other; {dropped} further relations were left out.",
        "Split the specification, or name what a task waits for by its id instead of a whole section.");

    internal static Diagnostic TooMany(DiagnosticPlace at, int limit, int dropped) => TooManyRule.At(at, $"{limit:N0}", $"{dropped:N0}");

    private static DiagnosticRule Rule(string code, Severity severity, string message, string hint, string explanation = "")
    {
        var rule = new DiagnosticRule(code, severity, message, hint) { Explanation = explanation };
        Rules.Add(rule);
        return rule;
    }
}
