using System.CommandLine;
using Slaps.Cli.Output;
using Slaps.Core.Views;
using Slaps.Runtime.Sessions;
using Slaps.Runtime.State;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks status [EXECUTION]</c></summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var execution = Arguments.Execution();
        var format = Formats.Option("the whole status as one document");
        var command = new Command("status", "Show where an execution stands: every task with its state, worker and reason.") { execution, format };
        command.SetAction(parsed =>
        {
            var state = Executions.Load(parsed.GetValue(execution));
            var view = StatusView.Of(state);
            Console.Out.Write(parsed.GetValue(format) == Formats.Json ? StatusView.Json(view) : Say.Clean(Text(view, Sessions())));
            if (parsed.GetValue(format) == Formats.Text && Executions.Abandoned(state) is { } abandoned) Console.Out.WriteLine($"\n{abandoned}");
            return ExitCodes.Done;
        });
        return command;
    }

    // By name: who works from which terminal.
    private static Dictionary<string, Session> Sessions() =>
        new SessionRegistry(StateDirectory.Find(Directory.GetCurrentDirectory()), TimeProvider.System).All().ToDictionary(s => s.Name);

    private static string Text(StatusView view, Dictionary<string, Session> sessions)
    {
        var lines = new List<string>
        {
            $"{view.ExecutionId} {view.Status}{(view.Reason is null ? "" : $" ({view.Reason})")}, {string.Join(", ", view.Counts.Select(c => $"{c.Value} {c.Key}"))}",
        };
        if (view.Title.Length > 0) lines.Insert(0, Say.OneLine(view.Title));
        if (view.Backpressure is { } pressure) lines.Add($"backpressure: {pressure.Level}, at most {Durations.Count(pressure.EffectiveWorkers, "task")} at once since {pressure.Since}. {pressure.Reason}");
        var held = view.Resources.Where(r => r.HeldBy.Count > 0).ToList();
        if (held.Count > 0) lines.Add("held: " + string.Join("; ", held.Select(r => $"{r.Name} by {string.Join(", ", r.HeldBy)}")));
        lines.Add("");
        var idWidth = view.Tasks.Max(t => t.Id.Length);
        foreach (var task in view.Tasks)
        {
            var facts = new[]
            {
                task.Title != task.Id ? Say.OneLine(task.Title) : null,
                task.Worker is null ? null : $"on {task.Worker}",
                task.LeaseExpiresAt is not null && sessions.TryGetValue(task.Worker!, out var who) ? Say.OneLine(string.Join(", ", new[] { who.Role, who.Fingerprint.Terminal ?? "no terminal" }.OfType<string>())) : null,
                task.Percent is null ? null : $"{task.Percent} %",
                task.Attempts > 1 ? $"attempt {task.Attempts}" : null,
                task.Detail is null ? null : Say.OneLine(task.Detail),
                task.Result is null ? null : Say.OneLine(task.Result),
            };
            lines.Add($"{Mark(task.State)} {task.Id.PadRight(idWidth)}  {task.State,-11}  {string.Join(" · ", facts.Where(f => !string.IsNullOrEmpty(f)))}".TrimEnd());
        }

        return string.Join('\n', lines) + "\n";
    }

    private static char Mark(string state) => state switch
    {
        "SUCCEEDED" => '✓',
        "FAILED" => '✗',
        "HELP_NEEDED" => '!',
        "SKIPPED" or "CANCELLED" => '-',
        "COMPENSATING" or "ROLLED_BACK" => '↶',
        "BACKOFF" => '↻',
        "ASSIGNED" or "RUNNING" or "VERIFYING" => '▶',
        "READY" or "QUEUED" => '○',
        _ => '·',
    };
}

/// <summary>Arguments that several commands share.</summary>
internal static class Arguments
{
    public static Argument<string?> Execution() => new("EXECUTION") { Description = "Which execution; left out: the one in which something happened last.", Arity = ArgumentArity.ZeroOrOne };

    public static Option<string?> ExecutionOption() => new("--execution") { Description = "Which execution; left out: the one in which something happened last.", HelpName = "ID" };

    public static Argument<string> Task() => new Argument<string>("TASK") { Description = "A task of the plan, e.g. P1.T001." }.NotEmpty("`tasks status` lists the tasks.");
}
