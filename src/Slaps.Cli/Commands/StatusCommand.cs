using System.CommandLine;
using System.Text.Json.Nodes;
using Slaps.Cli.Output;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Views;
using Slaps.Runtime.Hosting;
using Slaps.Runtime.Sessions;
using Slaps.Runtime.State;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks status [EXECUTION]</c></summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var execution = Arguments.Execution();
        var watch = new Option<bool>("--watch") { Description = "Show it again whenever something has happened, until the execution has ended." };
        var format = Formats.Option("the whole status as one document");
        var command = new Command("status", "Show where an execution stands: every task with its state, who has it on which terminal since when, and what came of it.") { execution, watch, format };
        command.SetAction(parsed =>
        {
            var isJson = parsed.GetValue(format) == Formats.Json;
            if (parsed.GetValue(watch)) return Watch(parsed.GetValue(execution), isJson);
            var state = Executions.Load(parsed.GetValue(execution));
            Console.Out.Write(isJson ? StatusView.Json(ViewOf(state)) : Say.Clean(Text(state, Sessions())));
            if (!isJson && Executions.Abandoned(state) is { } abandoned) Console.Out.WriteLine($"\n{abandoned}");
            return ExitCodes.Done;
        });
        return command;
    }

    // On a terminal the picture is replaced; elsewhere each one follows the last, after an empty line. Documents are lines of their own then.
    private static int Watch(string? execution, bool isJson)
    {
        using var journal = Executions.OpenReader(StateDirectory.Find(Directory.GetCurrentDirectory()));
        var state = ExecutionStore.Load(journal, Executions.Find(journal, execution));
        var isTerminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        var shown = -1L;
        var next = TimeSpan.Zero;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        try
        {
            var ended = Repeated.Until(
                () =>
                {
                    ExecutionStore.Follow(journal, state);

                    // How long ago things were changes by itself, which matters only where somebody looks.
                    if (state.Seq == shown && !(isTerminal && clock.Elapsed >= next)) return state.IsFinished;
                    var text = isJson ? JsonNode.Parse(StatusView.Json(ViewOf(state)))!.ToJsonString() + "\n" : Say.Clean(Text(state, Sessions()));
                    Console.Out.Write(isTerminal && !isJson ? $"\u001b[H\u001b[2J{text}" : shown < 0 || isJson ? text : $"\n{text}");
                    Console.Out.Flush();
                    (shown, next) = (state.Seq, clock.Elapsed + TimeSpan.FromSeconds(1));
                    return state.IsFinished;
                },
                TimeSpan.FromMilliseconds(200));
            return !ended ? ExitCodes.Interrupted : state.Status == ExecutionStatus.Completed ? ExitCodes.Done : ExitCodes.SomeFailed;
        }
        catch (IOException)
        {
            return ExitCodes.Done;   // Whoever read it has seen enough.
        }
    }

    // No event tells that nobody runs the checks of a task any more.
    private static StatusView ViewOf(ExecutionState state)
    {
        var place = StateDirectory.Find(Directory.GetCurrentDirectory());
        return StatusView.Of(state, task => ClaimChannel.AreChecksCutOff(place, state, task));
    }

    // By name: who works from which terminal.
    private static Dictionary<string, Session> Sessions() =>
        new SessionRegistry(StateDirectory.Find(Directory.GetCurrentDirectory()), TimeProvider.System).All().ToDictionary(s => s.Name);

    private static string Text(ExecutionState state, Dictionary<string, Session> sessions)
    {
        var view = ViewOf(state);
        var now = Instant.From(TimeProvider.System.GetUtcNow());
        var lines = new List<string>
        {
            $"{view.ExecutionId} {view.Status}{(view.Reason is null ? "" : $" ({view.Reason})")}, {string.Join(", ", view.Counts.Select(c => $"{c.Value} {c.Key}"))}",
        };
        if (view.Title.Length > 0) lines.Insert(0, Say.OneLine(view.Title));
        if (view.Backpressure is { } pressure) lines.Add($"backpressure: {pressure.Level}, at most {Durations.Count(pressure.EffectiveWorkers, "task")} at once since {pressure.Since}. {pressure.Reason}");
        foreach (var breaker in (view.CircuitBreakers ?? []).Where(breaker => breaker.State != "closed"))
            lines.Add($"circuit breaker {breaker.Name}: {breaker.State.Replace('_', '-')}{(breaker.Until is { } until ? $" until {until}" : "")}{(breaker.Probe is { } probe ? $", {probe} tries" : "")}{(breaker.Waiting.Count > 0 ? $", holds {string.Join(", ", breaker.Waiting)}" : "")}. {breaker.Why}");
        if (Share(state) is { } share) lines.Add(share);
        var held = view.Resources.Where(r => r.HeldBy.Count > 0).ToList();
        if (held.Count > 0) lines.Add("held: " + string.Join("; ", held.Select(r => $"{r.Name} by {string.Join(", ", r.HeldBy.Select(by => by + Amount(state, r.Name, new TaskId(by))))}")));
        lines.Add("");
        var idWidth = view.Tasks.Max(t => t.Id.Length);
        var items = Enumerable.Range(0, state.Plan.Tasks.Count).Select(task => new ListCommand.Item(state, task)).ToList();
        foreach (var (task, item) in view.Tasks.Zip(items))
        {
            var who = item.Who is { } name && (task.LeaseExpiresAt is not null || item.Until is not null) ? sessions.GetValueOrDefault(name) : null;
            var facts = new[]
            {
                task.Title != task.Id ? Say.OneLine(task.Title) : null,
                task.Worker is null ? null : $"on {task.Worker}",
                task.Worker is null && item is { Who: { } by, Until: not null } ? $"by {by}" : null,
                who is null ? null : Say.OneLine(string.Join(", ", new[] { who.Role, who.Fingerprint.Terminal ?? "no terminal" }.OfType<string>())),
                item.Since is not { } since ? null : item.Until is { } until ? $"took {Durations.Words(until.SecondsSince(since))}" : $"{(item.Group == "claimed" ? "claimed" : "started")} {SessionRegistry.Ago(now.SecondsSince(since))} ago",
                task.Percent is null ? null : $"{task.Percent} %",
                task.Attempts > 1 ? $"attempt {task.Attempts}" : null,
                task.Detail is null ? null : Say.OneLine(task.Detail),
                task.Result is null ? null : Say.OneLine(task.Result),
            };
            lines.Add($"{Mark(task.State)} {task.Id.PadRight(idWidth)}  {task.State,-11}  {string.Join(" · ", facts.Where(f => !string.IsNullOrEmpty(f)))}".TrimEnd());
        }

        var groups = items.CountBy(item => item.Group).ToDictionary();
        lines.AddRange(["", $"Total: {Durations.Count(items.Count, "task")} ({string.Join(", ", ListCommand.Groups.Select(g => $"{groups.GetValueOrDefault(g.Name)} {g.Name.Replace('-', ' ')}"))})"]);
        return string.Join('\n', lines) + "\n";
    }

    // A lock is one thing; of everything else there may be more than one.
    private static string Amount(ExecutionState state, string resource, TaskId holder) => resource.Split(':')[0] switch
    {
        "lock" => "",
        "pool" => $" ({state.AmountHeld(holder, resource)})",
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $" ({state.AmountHeld(holder, resource) / 1000.0:0.###})"),
    };

    // What sessions that name no execution leave for this one, where there are others.
    private static string? Share(ExecutionState state)
    {
        if (state.IsFinished) return null;
        var open = ClaimChannel.Open(StateDirectory.Find(Directory.GetCurrentDirectory()));
        if (open.Count < 2) return null;
        var next = ExecutionTurns.InOrder(open).FirstOrDefault(other => other.AvailableToClaim > 0);
        return $"weight: {state.Weight} of {open.Sum(other => other.Weight)} in {open.Count} open executions; {(next is null ? "nothing can be claimed in any of them now" : $"sessions that name none take from {next.Id} next")}";
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
