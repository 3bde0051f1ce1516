using System.Text;
using Slaps.Core.Execution;
using Slaps.Core.Failures;
using Slaps.Core.Plans;
using Slaps.Runtime.Processes;

namespace Slaps.Runtime.Failures;

/// <summary>What the last attempt of a task found, for the next one: a text of its own, and a line.</summary>
/// <param name="Attempt">The attempt that failed.</param>
/// <param name="Text">All of it.</param>
/// <param name="Summary">A line of at most 300 characters.</param>
public sealed record Findings(int Attempt, string Text, string Summary)
{
    private const int LongestSummary = 300;
    private const int MostChecks = 50;

    /// <summary>What is known of the last failure of a task; null when it has not failed yet.</summary>
    public static Findings? Of(ExecutionState state, int task)
    {
        if (state.LastErrorOf(task) is not var (attempt, error) && state.TroubleOf(task) is null) return null;
        (attempt, error) = state.LastErrorOf(task) ?? (state.AttemptsOf(task) - 1, new TaskError(FailureKind.Reported, state.TroubleOf(task)!));
        var text = new StringBuilder();
        text.Append($"Attempt {attempt} of {state.Plan.Tasks[task].Id} failed: {error.Message}\n");
        if (error.Finding is { } finding)
        {
            text.Append($"Class: {FailureNames.Of(finding.Class)}. Playbook: {finding.Playbook ?? "none"}. Fingerprint: {finding.Fingerprint}\n");
            text.Append($"{finding.Why}\n");
        }

        foreach (var check in (error.Checks ?? []).Where(check => !check.Passed).Take(MostChecks)) text.Append($"Check {check.Id}: {check.Detail}\n");
        var summary = string.Concat(error.Message.Select(c => char.IsControl(c) ? ' ' : c));
        return new(attempt, text.ToString(), summary.Length > LongestSummary ? $"{summary[..(LongestSummary - 1)]}…" : summary);
    }

    /// <summary>Writes the findings with the end of the attempt's log beside the logs; null where the disk refuses, and then the next attempt goes without.</summary>
    internal string? Write(string logsDirectory, ExecutionId execution, TaskId task, int next)
    {
        var path = Path.Combine(logsDirectory, execution.Value, $"{task}.{next}.findings.txt");

        // A full disk keeps nobody from trying; the variable is left out.
        return PlainFile.Replace(path, Encoding.UTF8.GetBytes(Text + LastLines(AttemptLog.PathOf(logsDirectory, execution, task, Attempt)))) is null ? path : null;
    }

    private static string LastLines(string log)
    {
        const int MostLines = 60, MostBytes = 32 << 10;
        if (AttemptLog.OpenToRead(log) is not { } file) return "";
        try
        {
            long position;
            using (file) position = Math.Max(0, file.Length - MostBytes);
            var lines = AttemptLog.ReadNew(log, ref position);
            return $"\nThe end of its log:\n{string.Concat(lines.Skip(Math.Max(0, lines.Count - MostLines)).Select(line => $"{line.Message}\n"))}";
        }
        catch (IOException)
        {
            return "";   // A log that cannot be read says nothing; the rest is worth knowing all the same.
        }
    }
}
