using Slaps.Cli.Output;
using Slaps.Core.Views;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks report [EXECUTION]</c></summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var execution = Arguments.Execution();
        var format = Formats.Option("the monitoring document");
        var command = new Command("report", "Show an execution's figures: durations, retries, efficiency, and when 25, 50, 75 and 100 % were reached.") { execution, format };
        command.SetAction(parsed =>
        {
            var report = new ExecutionReport();
            Executions.Load(parsed.GetValue(execution), report.Watch);
            var document = report.Document();
            Console.Out.Write(parsed.GetValue(format) == Formats.Json ? ExecutionReport.Json(document) : Say.Clean(Text(document)));
            return ExitCodes.Done;
        });
        return command;
    }

    private static string Text(ReportDocument report)
    {
        var metrics = report.Metrics;
        var lines = new List<string>
        {
            $"{report.ExecutionId} {report.Status}",
            $"  duration    {Durations.Words(metrics.TotalDurationHours * 3600)}{(report.Timeline.StartedAt is { } start ? $" (from {start}{(report.Timeline.CompletedAt is { } end ? $" to {end}" : ", not ended")})" : " (not started)")}",
            $"  tasks       {metrics.TasksCompleted} of {metrics.TasksTotal} succeeded, {metrics.TasksFailed} failed, {metrics.TasksNeedingHelp} need help, {metrics.TasksSkipped} skipped, {metrics.TasksCancelled} cancelled",
            $"  retries     {metrics.RetriesTotal}",
            $"  efficiency  {metrics.ResourceEfficiency:P0} of the workers' time had a task in hand",
            $"  events      {metrics.Events}",
        };
        if (metrics.BackpressureActivations > 0) lines.Insert(4, $"  held back   {Durations.Count(metrics.BackpressureActivations, "time")}, by backpressure");
        lines.AddRange(report.Timeline.Checkpoints.Select(c => $"  {c.Progress,3} %       {c.At}"));
        return string.Join('\n', lines) + "\n";
    }
}
