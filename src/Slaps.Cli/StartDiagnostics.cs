using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Cli;

/// <summary>What keeps a plan that is right from being started here and now.</summary>
public static class StartDiagnostics
{
    private static readonly DiagnosticRule UnrunnableRule = new(
        "RUN000", Severity.Error, "Nobody here can run {task}: {reason}", "Give it a `run`, start with --wait, or open the plan with `tasks load`: a session takes it with `tasks claim`.");

    /// <summary>All rules in the order of their codes.</summary>
    public static IReadOnlyList<DiagnosticRule> Catalogue { get; } = [UnrunnableRule];

    internal static Diagnostic Unrunnable(DiagnosticPlace at, TaskId task, string reason) => UnrunnableRule.At(at, task.Value, reason);
}
