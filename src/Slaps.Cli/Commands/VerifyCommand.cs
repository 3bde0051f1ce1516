using Slaps.Cli.Output;
using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.History;
using Slaps.Core.Plans;
using Slaps.Runtime;
using Slaps.Runtime.State;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks verify [EXECUTION]</c></summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var execution = Arguments.Execution();
        var format = Formats.Option("the whole finding as one document");
        var command = new Command("verify", "Prove from an execution's events alone that every rule was kept: order, locks, capacities, attempts, checks.") { execution, format };
        command.SetAction(parsed =>
        {
            var report = Check(parsed.GetValue(execution));
            Console.Out.Write(parsed.GetValue(format) == Formats.Json ? Formats.SafeJson(report.ToJson()) : Say.Clean(Text(report)));
            return report.Ok ? ExitCodes.Done : ExitCodes.SomeFailed;
        });
        return command;
    }

    private static HistoryReport Check(string? execution)
    {
        using var journal = Executions.OpenReader(StateDirectory.Find(Directory.GetCurrentDirectory()));
        var record = Executions.Find(journal, execution);
        var diagnostics = new DiagnosticBag();
        var document = CoordinatorJson.Read(journal.ReadPlan(record.Id), $"the plan of {record.Id}", diagnostics);
        if (document is null)
        {
            Say.Findings(diagnostics);
            throw new CommandException(ExitCodes.InvalidInput, $"The plan that the journal holds for {record.Id} cannot be read, so nothing can be proven. Use the version of tasks that wrote it, or a newer one.");
        }

        return HistoryChecker.Check(record.Id, document.Plan, journal.Read(record.Id).Select(Seen), document.Hash);
    }

    private static HistoryEvent Seen(StoredEvent stored) => HistoryEvent.Read(stored.Seq, new Instant(stored.AtMicroseconds), stored.Type, stored.Data.Span);

    private static string Text(HistoryReport report)
    {
        var lines = new List<string>
        {
            $"{report.ExecutionId} {(report.Ended ? "has ended" : "has not ended")}: {Durations.Count(report.Events, "event")}, {Durations.Count(report.Tasks, "task")}, {Durations.Count(report.Attempts, "attempt")}, {Durations.Count(report.ChecksVerified, "check")} passed",
        };
        lines.AddRange(report.Violations.Select(v => Say.OneLine($"✗ {v}")));
        if (report.Dropped > 0) lines.Add($"… and {report.Dropped} more");
        if (report.NotJudged.Count > 0)
            lines.Add(Say.OneLine($"not judged, because this version has no rule for them: {string.Join(", ", report.NotJudged.Select(t => $"{t.Value} {Identifiers.Quote(t.Key)}"))}"));
        var broken = report.Violations.Select(v => v.Rule).Distinct().Count();
        lines.Add(report.Ok ? $"✓ all {report.RulesChecked} rules hold" : $"{broken} of {report.RulesChecked} rules {(broken == 1 ? "does" : "do")} not hold: {report.Violations.Count + report.Dropped} {(report.Violations.Count == 1 ? "violation" : "violations")}");
        return string.Join('\n', lines) + "\n";
    }
}
