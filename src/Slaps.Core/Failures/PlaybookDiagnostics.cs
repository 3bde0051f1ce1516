using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Core.Failures;

/// <summary>Everything that can be wrong with a playbook: one rule and one method for each. A code that was published never means anything else.</summary>
public static class PlaybookDiagnostics
{
    private static readonly List<DiagnosticRule> Rules = [];

    /// <summary>All rules in the order of their codes.</summary>
    public static IReadOnlyList<DiagnosticRule> Catalogue => Rules;

    private static readonly DiagnosticRule UnreadableRule = Rule("PBK001", "The playbooks cannot be read: {reason}.", "Mend the file; until then its playbooks do not count. `tasks classify` says whether it can be read.");

    /// <summary>The file is no YAML, too large, or the disk refuses it.</summary>
    public static Diagnostic Unreadable(DiagnosticPlace at, string reason) => UnreadableRule.At(at, reason.TrimEnd('.'));

    private static readonly DiagnosticRule UnknownKeyRule = Rule("PBK002", "A playbook has no key {key}.{guess}", "What it may hold: {known}.");

    /// <summary>A key that means nothing.</summary>
    public static Diagnostic UnknownKey(DiagnosticPlace at, string key, IReadOnlyList<string> known) =>
        UnknownKeyRule.At(at, Identifiers.Quote(key), Guess(key, known), string.Join(", ", known));

    private static readonly DiagnosticRule WrongValueRule = Rule("PBK003", "{key} is {value}, but it takes {expected}.{guess}", "Write one of these.");

    /// <summary>A value of the wrong sort, or out of its range.</summary>
    public static Diagnostic WrongValue(DiagnosticPlace at, string key, string value, string expected, IReadOnlyList<string>? known = null) =>
        WrongValueRule.At(at, key, Identifiers.Quote(value), expected, known is null ? "" : Guess(value, known));

    private static readonly DiagnosticRule MissingRule = Rule("PBK004", "A playbook lacks {key}.", "The shortest one is `{name: NAME, class: transient, patterns: [TEXT]}`.", noGaps: true);

    /// <summary>A key without which a playbook says nothing.</summary>
    public static Diagnostic Missing(DiagnosticPlace at, string key) => MissingRule.At(at, key);

    private static readonly DiagnosticRule BadPatternRule = Rule(
        "PBK005", "The pattern {pattern} cannot be used: {reason}.", "Patterns are regular expressions without look-around and back-references, so that no text can keep them busy.");

    /// <summary>A pattern that is none, or that could be kept busy.</summary>
    public static Diagnostic BadPattern(DiagnosticPlace at, string pattern, string reason) => BadPatternRule.At(at, Identifiers.Quote(pattern), reason.TrimEnd('.'));

    private static readonly DiagnosticRule TwiceRule = Rule("PBK006", "There are two playbooks {name} in this file.", "Give each a name of its own.");

    /// <summary>A name that stands twice in one file.</summary>
    public static Diagnostic Twice(DiagnosticPlace at, string name) => TwiceRule.At(at, Identifiers.Quote(name));

    private static readonly DiagnosticRule KeyTwiceRule = Rule("PBK007", "The key {key} stands twice in one map.", "Leave one of them; which one was meant nobody can tell.");

    /// <summary>A key that stands twice: readers of YAML do not agree which of them counts.</summary>
    public static Diagnostic KeyTwice(DiagnosticPlace at, string key) => KeyTwiceRule.At(at, key);

    private static string Guess(string word, IReadOnlyList<string> known) => Spelling.Nearest(word, known) is { } near ? $" Did you mean {near}?" : "";

    private static DiagnosticRule Rule(string code, string message, string hint, bool noGaps = false)
    {
        var rule = new DiagnosticRule(code, Severity.Error, message, hint) { HintIsLiteral = noGaps };
        Rules.Add(rule);
        return rule;
    }
}
