using System.CommandLine;
using System.Text.Json;
using Slaps.Cli.Output;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Views;
using Slaps.Runtime.Sessions;
using Slaps.Runtime.State;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks list</c>: what is available, and who does what.</summary>
internal static class ListCommand
{
    internal static readonly (string Name, string Title, char Mark)[] Groups =
    [
        ("in-progress", "In progress", '▶'), ("claimed", "Claimed, not started", '◐'), ("available", "Available", '○'),
        ("waiting", "Waiting", '·'), ("stopped", "Stopped", '!'), ("done", "Done", '✓'),
    ];

    public static Command Create()
    {
        var execution = Arguments.ExecutionOption();
        var groups = new Option<string[]>("--state") { Description = $"Only these, separated by commas: {string.Join(", ", Groups.Select(g => g.Name))}.", HelpName = "a,b" };
        groups.Validators.Add(result =>
        {
            foreach (var wrong in result.Tokens.SelectMany(t => t.Value.Split(',')).Where(name => Groups.All(g => g.Name != name)))
                result.AddError($"--state takes {string.Join(", ", Groups.Select(g => g.Name))}, not {Identifiers.Quote(wrong)}.");
        });
        var mine = new Option<bool>("--mine") { Description = "Only what this session has or has done." };
        var format = Formats.Option("the list as one document");
        var command = new Command("list", "Show the tasks of the open execution: what is available, who does what on which terminal, what is done.") { execution, groups, mine, format };
        command.SetAction(parsed =>
        {
            var place = StateDirectory.Find(Directory.GetCurrentDirectory());
            ClaimChannel.Heard(place);
            var who = parsed.GetValue(mine) ? ClaimChannel.Caller(place).Name : null;
            var state = ClaimChannel.Look(place, parsed.GetValue(execution));
            var only = parsed.GetValue(groups)?.SelectMany(g => g.Split(',')).ToHashSet();
            var sessions = new SessionRegistry(place, TimeProvider.System).All().ToDictionary(s => s.Name);
            var shown = Enumerable.Range(0, state.Plan.Tasks.Count)
                .Select(task => new Item(state, task, ClaimChannel.AreChecksCutOff(place, state, state.Plan.Tasks[task].Id)))
                .Where(item => (only is not { Count: > 0 } || only.Contains(item.Group)) && (who is null || item.Who == who))
                .ToList();
            Console.Out.Write(parsed.GetValue(format) == Formats.Json ? Json(state, shown, sessions) : Say.Clean(Text(state, shown, sessions) + Elsewhere(place, state)));
            return ExitCodes.Done;
        });
        return command;
    }

    private static string Text(ExecutionState state, List<Item> shown, Dictionary<string, Session> sessions)
    {
        var now = Instant.From(TimeProvider.System.GetUtcNow());
        var lines = new List<string> { $"{state.Id} {StatusWords.Of(state)}{(state.Plan.Title.Length > 0 ? $": {Say.OneLine(state.Plan.Title)}" : "")}" };
        foreach (var (name, title, mark) in Groups)
        {
            var items = shown.Where(item => item.Group == name).ToList();
            if (items.Count == 0) continue;
            lines.AddRange(["", title]);
            foreach (var item in items)
            {
                lines.Add($"  {item.Mark ?? mark} {Say.OneLine(item.Name)}");
                if (Facts(item, sessions, now) is { Length: > 0 } facts) lines.Add($"      {Say.OneLine(facts)}");
            }
        }

        var counts = Enumerable.Range(0, state.Plan.Tasks.Count).Select(task => new Item(state, task).Group).CountBy(g => g).ToDictionary();
        if (StatusWords.Awaited(state) is { } awaited) lines.AddRange(["", $"It waits for {awaited}"]);
        lines.AddRange(["", $"{Durations.Count(state.Plan.Tasks.Count, "task")}: {string.Join(", ", Groups.Select(g => $"{counts.GetValueOrDefault(g.Name)} {g.Name}"))}"]);
        return string.Join('\n', lines) + "\n";
    }

    // Where nothing is available here, whoever looks for work is told where some is.
    private static string Elsewhere(StateDirectory place, ExecutionState state)
    {
        if (state.IsFinished || state.AvailableToClaim > 0) return "";
        var lines = ClaimChannel.Open(place).Where(other => other.Id != state.Id && other.AvailableToClaim > 0)
            .Select(other => $"{other.Id} has {other.AvailableToClaim} available: `tasks list --execution {other.Id}` shows {(other.AvailableToClaim == 1 ? "it" : "them")}.\n");
        return string.Concat(lines);
    }

    private static string Facts(Item item, Dictionary<string, Session> sessions, Instant now)
    {
        var facts = new List<string>();
        if (item.Who is { } who)
        {
            var session = sessions.GetValueOrDefault(who);
            facts.Add(session is null ? who : $"{who}{(session.Role is null ? "" : $" ({session.Role})")} on {session.Fingerprint.Terminal ?? "no terminal"}{(session.IsLiving(now, item.Active?.Lease?.Seconds ?? 0) ? "" : ", gone")}");
        }

        if (item.Since is { } since) facts.Add(item.Until is { } until ? $"took {Durations.Words(until.SecondsSince(since))}" : $"{SessionRegistry.Ago(now.SecondsSince(since))} ago");
        if (item.Active is { } active)
        {
            if (active.Percent is { } percent) facts.Add($"{percent} %{(active.Message is null ? "" : $" {active.Message}")}");
            if (item.Subtasks is (var steps, var done)) facts.Add($"{done} of {Durations.Count(steps, "subtask")} done");
            if (active.Findings is { } findings) facts.Add($"rework: {findings}");
            if (active.Attempt > 1) facts.Add($"attempt {active.Attempt}");
            if (active.Lease is { } lease && lease.ExpiresAt < now) facts.Add("its lease is over");
        }

        if (item.Detail is { } detail) facts.Add(detail);
        return string.Join(" · ", facts);
    }

    private static string Json(ExecutionState state, List<Item> shown, Dictionary<string, Session> sessions) => Formats.Document(json =>
    {
        json.WriteStartObject();
        json.WriteString("execution_id", state.Id.Value);
        json.WriteString("status", StatusWords.Of(state));
        json.WriteStartArray("tasks");
        foreach (var item in shown)
        {
            Write(json, item, sessions);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>One task of the list as an object.</summary>
    internal static void Write(Utf8JsonWriter json, Item item, Dictionary<string, Session> sessions)
    {
        json.WriteStartObject();
        json.WriteString("id", item.Id.Value);
        json.WriteString("title", item.Title);
        json.WriteString("group", item.Group);
        json.WriteString("state", item.State);
        json.WriteNumber("attempts", item.Attempts);
        json.WriteString("session", item.Who);
        json.WriteString("role", item.Who is { } who ? sessions.GetValueOrDefault(who)?.Role : null);
        json.WriteString("terminal", item.Who is { } whom ? sessions.GetValueOrDefault(whom)?.Fingerprint.Terminal : null);
        json.WriteString("since", item.Since?.ToString());
        json.WriteString("until", item.Until?.ToString());
        json.WriteString("lease_expires_at", item.Active?.Lease?.ExpiresAt.ToString());
        if (item.Active?.Percent is { } percent) json.WriteNumber("percent", percent);
        if (item.Subtasks is (var steps, var done))
        {
            json.WriteNumber("subtasks", steps);
            json.WriteNumber("subtasks_done", done);
        }

        if (item.AreChecksCutOff) json.WriteBoolean("checks_cut_off", true);
        json.WriteString("detail", item.Detail);
        json.WriteEndObject();
    }

    /// <summary>A task as a list shows it.</summary>
    internal sealed class Item(ExecutionState state, int index, bool areChecksCutOff = false)
    {
        private readonly TaskState _task = state[index];
        private readonly string? _lacking = state[index] is TaskState.Ready or TaskState.Queued ? state.LackingToClaim(index) : null;

        public TaskId Id => state.Plan.Tasks[index].Id;

        public string Title => state.Plan.Tasks[index].Title;

        public string Name => Title.Length > 0 && Title != Id.Value ? $"{Id}  {Title}" : Id.Value;

        public string State => _task.Name;

        public bool AreChecksCutOff => areChecksCutOff;

        public int Attempts => state.AttemptsOf(index);

        public ActiveAttempt? Active => state.ActiveAttemptOf(index);

        public string Group => _task switch
        {
            TaskState.Running or TaskState.Verifying => "in-progress",
            TaskState.Assigned => "claimed",
            TaskState.Ready or TaskState.Queued => _lacking is null && state.Status is not (ExecutionStatus.Paused or ExecutionStatus.Aborted) ? "available" : "waiting",
            { IsDone: true } => "done",
            { IsOver: true } => "stopped",
            _ => "waiting",
        };

        /// <summary>Its own mark, where it is not that of its group: what was left out is no work that was done.</summary>
        public char? Mark => _task is TaskState.Waived ? '-' : null;

        public string? Who => Active?.Worker.Value ?? (_task as TaskState.Succeeded)?.By?.Value;

        public (int All, int Done)? Subtasks => state.SubtasksOf(index) is { Count: > 0 } steps ? (steps.Count, steps.Count(s => s.IsDone)) : null;

        public Instant? Since => Active?.AssignedAt ?? (_task as TaskState.Succeeded)?.AssignedAt;

        public Instant? Until => (_task as TaskState.Succeeded)?.At;

        public string? Detail => _task switch
        {
            TaskState.Pending => $"waits for {WaitsFor()}",
            TaskState.Ready or TaskState.Queued when _lacking is not null => $"waits for {_lacking}{Holders(_lacking)}",
            TaskState.Ready or TaskState.Queued when Group == "waiting" => $"the execution is {state.Status.ToString().ToLowerInvariant()}",
            TaskState.Queued s => s.Reason,
            TaskState.BackingOff s => $"next attempt at {s.NotBefore}: {s.Error.Message}",
            TaskState.Verifying => areChecksCutOff ? Explanation.CutOff(Id) : "its checks run",
            TaskState.Succeeded s => s.Result,
            TaskState.Failed s => s.Error.Message,
            TaskState.HelpNeeded s => s.Reason,
            TaskState.Cancelled s => s.Reason,
            TaskState.Waived s => $"skipped: {s.Reason}",
            TaskState.Skipped s => $"{s.Because} was not done",
            _ => null,
        };

        private string Holders(string resource)
        {
            var holders = state.HoldersOf(resource).Take(5).ToList();
            return holders.Count == 0 ? "" : $", held by {string.Join(", ", holders)}";
        }

        private string WaitsFor()
        {
            var open = state.Plan.Graph.PredecessorsOf(index).ToArray().Where(p => !state[p].IsDone).Select(p => state.Plan.Tasks[p].Id).ToList();
            return open.Count == 0 ? "its wave" : open.Count <= 5 ? string.Join(", ", open) : $"{string.Join(", ", open.Take(5))} and {open.Count - 5} more";
        }
    }
}
