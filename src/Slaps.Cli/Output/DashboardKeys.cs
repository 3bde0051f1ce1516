using System.Text;
using Slaps.Cli.Commands;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Views;
using Slaps.Runtime.Processes;

namespace Slaps.Cli.Output;

/// <summary>A key that was pressed: a character, or one of those that have names.</summary>
internal readonly record struct Key(char Character, KeyName Name)
{
    /// <summary>The keys in what a terminal has sent. Sequences that mean nothing here are left out.</summary>
    public static IEnumerable<Key> Parse(ReadOnlySpan<byte> bytes)
    {
        var keys = new List<Key>();
        var text = Encoding.UTF8.GetString(bytes);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\u001b' when i + 1 < text.Length && text[i + 1] is '[' or 'O':
                    // Up to the letter that ends the sequence.
                    var end = i + 2;
                    while (end < text.Length && text[end] is (>= '0' and <= '9') or ';') end++;
                    if (end < text.Length && text[end] is 'A') keys.Add(new Key('\0', KeyName.Up));
                    if (end < text.Length && text[end] is 'B') keys.Add(new Key('\0', KeyName.Down));
                    i = end;
                    break;
                case '\u001b':
                    keys.Add(new Key('\0', KeyName.Escape));
                    break;
                case '\r' or '\n':
                    keys.Add(new Key('\0', KeyName.Enter));
                    break;
                case '\u007f' or '\b':
                    keys.Add(new Key('\0', KeyName.Backspace));
                    break;
                case >= ' ' and var character:
                    keys.Add(new Key(character, KeyName.None));
                    break;
                default:
                    break;
            }
        }

        return keys;
    }
}

/// <summary>Keys that are no characters.</summary>
internal enum KeyName
{
    None,
    Up,
    Down,
    Enter,
    Escape,
    Backspace,
}

/// <summary>What a key asks for beyond the picture itself.</summary>
internal abstract record DashboardOrder
{
    /// <summary>A word to the coordinator: pause, resume or abort.</summary>
    public sealed record Send(string Action) : DashboardOrder;

    /// <summary>No more looking.</summary>
    public sealed record Quit : DashboardOrder;

    /// <summary>The coordinator leaves.</summary>
    public sealed record Leave : DashboardOrder;
}

/// <summary>What the keys mean now, and what lies over the picture.</summary>
internal abstract record DashboardMode
{
    private DashboardMode()
    {
    }

    /// <summary>A question that waits for y or n.</summary>
    public virtual string? Question => null;

    /// <summary>What the keys do, in a line.</summary>
    public abstract string Keys(bool isOwn);

    /// <summary>What lies over the picture; null when nothing does.</summary>
    public virtual DashboardPanel? Panel(ExecutionState state, string logsDirectory) => null;

    /// <summary>What follows a key.</summary>
    public abstract (DashboardMode Next, DashboardOrder? Order) Press(Key key, ExecutionState state);

    /// <summary>The execution.</summary>
    public sealed record Picture : DashboardMode
    {
        public override string Keys(bool isOwn) => $"p pause  r resume  a abort  e explain  l log  q {(isOwn ? "leave" : "quit")}  ? help";

        public override (DashboardMode, DashboardOrder?) Press(Key key, ExecutionState state) => key.Character switch
        {
            'p' => (this, new DashboardOrder.Send("pause")),
            'r' => (this, new DashboardOrder.Send("resume")),
            'a' => (new Confirm($"Abort {state.Id} for good? What runs is stopped, and what waits is cancelled. y/n", new DashboardOrder.Send("abort")), null),
            'e' => (new Choice("Explain which task? Type a part of its id, or choose with the arrows.", "", 0, id => new Explained(id)), null),
            'l' => (new Choice("Whose log? Type a part of the task's id, or choose with the arrows.", "", 0, id => new Log(id)), null),
            'q' => (this, new DashboardOrder.Quit()),
            '?' => (new Help(), null),
            _ => (this, null),
        };
    }

    /// <summary>A question that y answers with an order.</summary>
    public sealed record Confirm(string Text, DashboardOrder Yes) : DashboardMode
    {
        public override string? Question => Text;

        public override string Keys(bool isOwn) => Text;

        public override (DashboardMode, DashboardOrder?) Press(Key key, ExecutionState state) => key switch
        {
            { Character: 'y' or 'Y' } => (new Picture(), Yes),
            { Character: 'n' or 'N' or 'q' } or { Name: KeyName.Escape or KeyName.Enter } => (new Picture(), null),
            _ => (this, null),
        };
    }

    /// <summary>One of the tasks is to be chosen.</summary>
    public sealed record Choice(string Text, string Typed, int Selected, Func<TaskId, DashboardMode> Then) : DashboardMode
    {
        public override string Keys(bool isOwn) => "letters narrow the list  ↑ ↓ choose  Enter takes it  Esc back";

        public override DashboardPanel Panel(ExecutionState state, string logsDirectory)
        {
            var found = Found(state);
            var width = found.Select(task => state.Plan.Tasks[task].Id.Value.Length).DefaultIfEmpty(0).Max();
            IReadOnlyList<string> lines = found.Count == 0
                ? ["No task has this in its id."]
                : [.. found.Select(task => $"{state.Plan.Tasks[task].Id.Value.PadRight(width)}  {state[task].Name,-11}  {state.Plan.Tasks[task].Title}")];
            return new DashboardPanel($"{Text} {Typed}_", lines, found.Count == 0 ? null : Math.Min(Selected, found.Count - 1));
        }

        public override (DashboardMode, DashboardOrder?) Press(Key key, ExecutionState state)
        {
            var found = Found(state);
            var selected = Math.Clamp(Selected, 0, Math.Max(0, found.Count - 1));
            return key switch
            {
                { Name: KeyName.Escape } => (new Picture(), null),
                { Name: KeyName.Up } => (this with { Selected = Math.Max(0, selected - 1) }, null),
                { Name: KeyName.Down } => (this with { Selected = Math.Min(Math.Max(0, found.Count - 1), selected + 1) }, null),
                { Name: KeyName.Backspace } => (this with { Typed = Typed.Length > 0 ? Typed[..^1] : "", Selected = 0 }, null),
                { Name: KeyName.Enter } => (found.Count > 0 ? Then(state.Plan.Tasks[found[selected]].Id) : this, null),
                { Character: > ' ' } when Typed.Length < 40 => (this with { Typed = Typed + key.Character, Selected = 0 }, null),
                _ => (this, null),
            };
        }

        // What one most likely asks about comes first: what runs, then what is stuck or waits, then what is done; each in file order.
        private List<int> Found(ExecutionState state) =>
        [
            .. Enumerable.Range(0, state.Plan.Tasks.Count)
                .Where(task => state.Plan.Tasks[task].Id.Value.Contains(Typed, StringComparison.OrdinalIgnoreCase))
                .OrderBy(task => state[task] switch
                {
                    TaskState.Assigned or TaskState.Running or TaskState.Verifying => 0,
                    TaskState.Failed or TaskState.HelpNeeded or TaskState.BackingOff => 1,
                    TaskState.Succeeded or TaskState.Cancelled or TaskState.Skipped => 3,
                    _ => 2,
                })
                .Take(DashboardView.MostTasks),
        ];
    }

    /// <summary>Why a task stands where it stands, as it changes.</summary>
    public sealed record Explained(TaskId Task) : DashboardMode
    {
        public override string Keys(bool isOwn) => "l its log  Esc back";

        public override DashboardPanel Panel(ExecutionState state, string logsDirectory) =>
            new($"Explain {Task}: {state.Plan.Tasks[state.Plan.IndexOf(Task)].Title}", Explanation.Of(state, Task));

        public override (DashboardMode, DashboardOrder?) Press(Key key, ExecutionState state) =>
            (key.Character == 'l' ? new Log(Task) : IsBack(key) ? new Picture() : this, null);
    }

    /// <summary>The end of the log of a task's last attempt, as it grows.</summary>
    public sealed record Log(TaskId Task) : DashboardMode
    {
        private const long MostBytes = 64 << 10;

        public override string Keys(bool isOwn) => "e explain it  Esc back";

        public override DashboardPanel Panel(ExecutionState state, string logsDirectory)
        {
            var attempt = state.AttemptsOf(state.Plan.IndexOf(Task));
            var path = AttemptLog.PathOf(logsDirectory, state.Id, Task, attempt);

            // What begins in the middle of a line is not a line, and is left out by the reader.
            var position = File.Exists(path) ? Math.Max(0, new FileInfo(path).Length - MostBytes) : 0;
            var lines = AttemptLog.ReadNew(path, ref position);
            if (lines.Count == 0) lines = [.. AttemptLog.ReadQuiet(logsDirectory, state.Id, Task).Where(quiet => quiet.Attempt == attempt).Select(quiet => quiet.Line)];
            IReadOnlyList<string> texts = lines.Count == 0 ? ["Nothing was printed yet."] : [.. lines.Select(line => Say.OneLine(LogCommand.Text(line)))];
            return new DashboardPanel($"Log of {Task}, attempt {attempt}", texts, ShowsEnd: true);
        }

        public override (DashboardMode, DashboardOrder?) Press(Key key, ExecutionState state) =>
            (key.Character == 'e' ? new Explained(Task) : IsBack(key) ? new Picture() : this, null);
    }

    /// <summary>What all of it means.</summary>
    public sealed record Help : DashboardMode
    {
        public override string Keys(bool isOwn) => "Esc back";

        public override DashboardPanel Panel(ExecutionState state, string logsDirectory) => new(
            "Help",
            [
                "p pause: nothing new is started; r resume; a abort for good; e explain a task; l its log; q quit, or leave an execution that this terminal runs: what runs comes to its end.",
                "Frontier: tasks whose predecessors are done, of all that wait. Workers: those that are busy, of the most there may be. CPU and Memory: of the whole machine.",
                "A full bar is what the task says itself (TASKS_PROGRESS lines). A hatched one with ~ is the time it has taken by the time it was expected to take.",
                "Blocked: P1.T010→P1.T001+2 waits for P1.T001 and two more; →lock:x for a lock; →12:00:00 for its next attempt; →help for a person.",
            ]);

        public override (DashboardMode, DashboardOrder?) Press(Key key, ExecutionState state) => (IsBack(key) || key.Character == '?' ? new Picture() : this, null);
    }

    private static bool IsBack(Key key) => key.Character is 'q' || key.Name is KeyName.Escape or KeyName.Enter;
}
