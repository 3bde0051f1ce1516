using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using static Slaps.Core.Diagnostics.Severity;

namespace Slaps.Runtime.Verification;

/// <summary>Everything in a plan that does not fit the disk it would run on: one rule and one method for each. A code that was published never means anything else.</summary>
public static class WorkspaceDiagnostics
{
    private const string StayInside = "Name a path inside of the workspace; links on the way count as what they point to.";

    private static readonly List<DiagnosticRule> Rules = [];

    /// <summary>All rules in the order of their codes.</summary>
    public static IReadOnlyList<DiagnosticRule> Catalogue => Rules;

    private static readonly DiagnosticRule WorkdirOutsideRule = Rule("RUN001", "The workdir {workdir} of task {task} lies outside of the workspace: {place}.", StayInside);

    internal static Diagnostic WorkdirOutside(DiagnosticPlace at, string workdir, TaskId task, string place) => WorkdirOutsideRule.At(at, Quote(workdir), task.Value, place);

    private static readonly DiagnosticRule CheckOutsideRule = Rule("RUN002", "Check {check} of task {task} looks at {path}, which lies outside of the workspace: {place}.", StayInside);

    internal static Diagnostic CheckOutside(DiagnosticPlace at, string check, TaskId task, string path, string place) => CheckOutsideRule.At(at, check, task.Value, Quote(path), place);

    private static readonly DiagnosticRule ArtifactOutsideRule = Rule("RUN003", "The artifact {path} of task {task} lies outside of the workspace: {place}.", StayInside);

    internal static Diagnostic ArtifactOutside(DiagnosticPlace at, string path, TaskId task, string place) => ArtifactOutsideRule.At(at, Quote(path), task.Value, place);

    private static readonly DiagnosticRule NoWorkspaceRule = Rule("RUN004", "{reason}", "Start the execution in the folder that its tasks work in.");

    internal static Diagnostic NoWorkspace(string reason) => NoWorkspaceRule.At(default, reason);

    private static readonly DiagnosticRule NotLinuxRule = Rule("RUN005", "Tasks that are processes run on Linux only, for now.", "Run this execution on Linux, or in a Linux container.");

    internal static Diagnostic NotLinux() => NotLinuxRule.At(default);

    private static DiagnosticRule Rule(string code, string message, string hint)
    {
        var rule = new DiagnosticRule(code, Error, message, hint);
        Rules.Add(rule);
        return rule;
    }

    private static string Quote(string text) => Identifiers.Quote(text);
}
