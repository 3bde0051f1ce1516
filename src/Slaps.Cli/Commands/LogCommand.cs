using System.CommandLine;
using Slaps.Cli.Output;
using Slaps.Runtime.Processes;
using Slaps.Runtime.State;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks log TASK</c></summary>
internal static class LogCommand
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    public static Command Create()
    {
        var task = Arguments.Task();
        var execution = Arguments.ExecutionOption();
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the task is over." };
        var format = Formats.Option("the log's JSON Lines as they are");
        var command = new Command("log", "Show what a task's attempts said.") { task, execution, follow, format };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(task), parsed.GetValue(execution), parsed.GetValue(follow), parsed.GetValue(format) == Formats.Json));
        return command;
    }

    private static int Run(string name, string? execution, bool follow, bool json)
    {
        var place = StateDirectory.Find(Directory.GetCurrentDirectory());
        var state = Executions.Load(execution);
        var id = Executions.FindTask(state, name);
        var shown = new Dictionary<int, long>();
        var quietShown = new HashSet<int>();
        while (true)
        {
            // The state first: whatever is logged after a task is over belongs to nobody.
            var now = follow ? Executions.Load(state.Id.Value) : state;
            var abandoned = follow ? Executions.Abandoned(now) : null;
            var isOver = !follow || abandoned is not null || now[id].IsOver || now.IsFinished;
            var quiet = AttemptLog.ReadQuiet(place.LogsPath, state.Id, id).ToLookup(q => q.Attempt);
            foreach (var attempt in AttemptLog.Attempts(place.LogsPath, state.Id, id).Concat(quiet.Select(q => q.Key)).Distinct().Order())
            {
                if (!shown.TryGetValue(attempt, out var from) && !json) Console.Out.WriteLine($"— {id}, attempt {attempt} —");
                foreach (var (_, line, text) in quietShown.Contains(attempt) ? [] : quiet[attempt])
                {
                    quietShown.Add(attempt);
                    Console.Out.WriteLine(json ? Formats.SafeJson(text) : Say.Clean(Text(line)));
                }

                Show(AttemptLog.PathOf(place.LogsPath, state.Id, id, attempt), ref from, json);
                shown[attempt] = from;
            }

            if (abandoned is not null) Say.Progress(abandoned);
            if (isOver) break;
            Thread.Sleep(Pace);
        }

        if (shown.Count == 0)
            Say.Progress(state.AttemptsOf(state.Plan.IndexOf(id)) == 0 ? $"{id} has not been tried yet ({state[id].Name})." : $"{id} has been tried, but its log is not there any more ({state[id].Name}).");
        return ExitCodes.Done;
    }

    private static void Show(string path, ref long from, bool json)
    {
        for (var before = -1L; before != from;)
        {
            before = from;
            if (json) foreach (var line in AttemptLog.ReadNewJson(path, ref from)) Console.Out.WriteLine(Formats.SafeJson(line));
            else foreach (var line in AttemptLog.ReadNew(path, ref from)) Console.Out.WriteLine(Say.Clean(Text(line)));
        }
    }

    /// <summary>A line for people: what the task itself printed stands alone, and what we say of it is set off. Clean it before it goes to a terminal.</summary>
    public static string Text(LogLine line) => line.Step == "output" && line.Percent is null
        ? line.Message
        : $"— {Durations.TimeOfDay(line.Timestamp)} {line.Step} {line.Status}{(line.Percent is { } percent ? $" {percent:0.#} %" : "")}{(line.Message.Length > 0 ? $": {line.Message}" : "")}";
}
