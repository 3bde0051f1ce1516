using System.Text.RegularExpressions;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports.Trackers;

/// <summary>What the words of trackers mean in a plan: priorities, estimates, paths.</summary>
internal static partial class TrackerWords
{
    /// <summary>Numbers of priority: 0 is critical, 1 high, 2 medium, and what is above low.</summary>
    public static Priority OfNumber(double number) => number switch
    {
        < 1 => Priority.Critical,
        < 2 => Priority.High,
        < 3 => Priority.Medium,
        _ => Priority.Low,
    };

    /// <summary>The first priority like <c>P1</c> after the word in a text; null when there is none.</summary>
    public static Priority? InText(string text) =>
        LabelledPriority().Match(text) is { Success: true } match ? OfNumber(match.Groups["number"].Value[0] - '0') : null;

    /// <summary>Minutes of work as all three values of an estimate.</summary>
    public static PertEstimate Minutes(double? minutes, string id, DiagnosticPlace at, DiagnosticBag diagnostics)
    {
        // Nothing and 0 are how trackers write that nobody has estimated it.
        if (minutes is null or 0) return PertEstimate.Default;
        if (minutes is > 0 and <= PertEstimate.MaxHours * 60) return new(minutes.Value / 60, minutes.Value / 60, minutes.Value / 60);
        diagnostics.Add(TrackerDiagnostics.AbsurdEstimate(at, id, minutes.Value));
        return PertEstimate.Default;
    }

    /// <summary>Paths and globs that a plan may hold, each once; the others are named.</summary>
    public static IReadOnlyList<string> Files(IEnumerable<string> paths, string id, DiagnosticPlace at, DiagnosticBag diagnostics)
    {
        var kept = new List<string>();
        foreach (var path in paths.Distinct())
        {
            if (Core.Plans.WorkspacePath.Refuse(path) is { } reason) diagnostics.Add(TrackerDiagnostics.RefusedFile(at, path, id, reason));
            else kept.Add(path);
        }

        return kept;
    }

    /// <summary>Boundaries that say what a task touches and when it is done; null when they would say nothing.</summary>
    public static TaskBoundaries? Boundaries(IReadOnlyList<string> files, IReadOnlyList<string> criteria, string complexity = "") =>
        files.Count == 0 && criteria.Count == 0 && complexity.Length == 0
            ? null
            : new() { Scope = new() { Includes = files }, Done = new() { Criteria = criteria }, Complexity = new() { Value = complexity } };

    /// <summary>Texts that are not empty, with an empty line between them.</summary>
    public static string Paragraphs(params IEnumerable<string> texts) => string.Join("\n\n", texts.Select(text => text.Trim()).Where(text => text.Length > 0));

    [GeneratedRegex(@"priority\W{0,6}P(?<number>[0-9])\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex LabelledPriority();
}
