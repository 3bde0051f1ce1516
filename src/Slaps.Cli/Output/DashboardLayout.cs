using System.Globalization;
using Slaps.Core.Execution;
using Slaps.Core.Views;

namespace Slaps.Cli.Output;

/// <summary>Everything that one picture shows, at one moment.</summary>
/// <param name="View">The execution.</param>
/// <param name="Now">The time, for how long attempts have taken.</param>
/// <param name="Recent">What happened last, as lines; the newest last.</param>
internal sealed record DashboardScene(DashboardView View, Instant Now, IReadOnlyList<RecentLine> Recent)
{
    /// <summary>How much of the machine's processors is busy, 0 to 1.</summary>
    public double? Cpu { get; init; }

    /// <summary>How much of the machine's memory is used, 0 to 1.</summary>
    public double? Memory { get; init; }

    /// <summary>What is known of running tasks beside their state, by task.</summary>
    public IReadOnlyDictionary<string, RunningFacts> Facts { get; init; } = new Dictionary<string, RunningFacts>();

    /// <summary>A sentence that matters more than the keys: a question, an answer, that the coordinator is gone.</summary>
    public string? Notice { get; init; }

    /// <summary>What takes the place of the tasks and events.</summary>
    public DashboardPanel? Panel { get; init; }

    /// <summary>What the keys do now; null where nobody reads keys.</summary>
    public string? Keys { get; init; }
}

/// <summary>What a running task says and uses.</summary>
/// <param name="Percent">How far it says that it is, 0 to 100.</param>
/// <param name="Message">What it says that it does.</param>
/// <param name="Cores">Processors that it keeps busy.</param>
/// <param name="ResidentBytes">Memory that it has.</param>
internal readonly record struct RunningFacts(double? Percent, string? Message, double? Cores, long? ResidentBytes);

/// <summary>A line about something that happened.</summary>
internal readonly record struct RecentLine(Instant At, string Text);

/// <summary>Text over the picture: help, a choice, an explanation, a log.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Lines">Its text, not yet broken into lines of the terminal's width.</param>
/// <param name="Selected">The line that is chosen now; null where there is nothing to choose.</param>
/// <param name="ShowsEnd">Whether the end matters most when not everything fits.</param>
internal sealed record DashboardPanel(string Title, IReadOnlyList<string> Lines, int? Selected = null, bool ShowsEnd = false);

/// <summary>
/// The seed's dashboard as lines for a terminal of any size: a pure function. Nothing is wider than the terminal, nothing higher. What does
/// not fit is left out, the least important first.
/// </summary>
internal static class DashboardLayout
{
    private const int LeastBoxWidth = 24;
    private const int WideFrom = 110;
    private const int TallFrom = 32;
    private const int TaskBar = 10;

    // What is left out first when there is not enough room; 0 stays as long as there is any.
    private const int Always = 0, Needed = 1, Useful = 2, Spacing = 3;

    public static IReadOnlyList<PictureLine> Lines(DashboardScene scene, int width, int height)
    {
        if (width <= 0 || height <= 0) return [];
        var hasBox = width >= LeastBoxWidth;
        var inner = hasBox ? width - 4 : width;
        var rows = new List<Row>();
        if (hasBox) rows.Add(new(Spacing, Border('╔', '╗', width)));
        rows.Add(new(Always, Framed(Heading(scene, inner), inner, hasBox)));
        if (hasBox) rows.Add(new(Spacing, Border('╠', '╣', width)));
        foreach (var meter in Meters(scene, inner)) rows.Add(new(Needed, Framed(meter, inner, hasBox)));

        var foot = Foot(scene);
        var room = height - rows.Count - (hasBox ? 1 : 0) - (foot is null ? 0 : 1);
        var body = scene.Panel is { } panel ? Panel(panel, inner, room) : Body(scene, inner, room);
        rows.AddRange(body.Select(row => row with { Line = Framed(row.Line, inner, hasBox) }));
        if (hasBox) rows.Add(new(Spacing, Border('╚', '╝', width)));
        if (foot is { } line) rows.Add(new(scene.Notice is null ? Useful : Always, new PictureLine().Add(line, scene.Notice is null ? Tone.Faint : Tone.Doubtful).Cut(width)));
        return [.. Fitting(rows, height).Select(row => row.Line.Cut(width))];
    }

    private readonly record struct Row(int Importance, PictureLine Line);

    private static List<Row> Fitting(List<Row> rows, int height)
    {
        for (var importance = Spacing; rows.Count > height && importance >= Always; importance--)
        {
            for (var row = rows.Count - 1; row >= 0 && rows.Count > height; row--)
            {
                if (rows[row].Importance == importance) rows.RemoveAt(row);
            }
        }

        return rows;
    }

    private static PictureLine Heading(DashboardScene scene, int inner)
    {
        var view = scene.View;
        var line = new PictureLine().Add("Execution Dashboard", Tone.Strong).Add($" · {view.Execution} · ");
        line.Add(view.Status, ToneOf(view.Status));
        line.Add($" · {view.Succeeded}/{view.Tasks} done");
        if (view.NotDone > 0) line.Add($" · {view.NotDone} not done", Tone.Bad);
        if (view.Backpressure is { } pressure) line.Add($" · {pressure}", Tone.Doubtful);
        if (view.Status is "paused" or "aborted" && view.Reason is { } reason) line.Add($" · {reason}", Tone.Doubtful);
        else if (view.Title.Length > 0) line.Add($" · {view.Title}");

        // Where the first words do not fit, the numbers matter more.
        if (inner < 60) line = new PictureLine().Add(view.Status, ToneOf(view.Status)).Add($" {view.Succeeded}/{view.Tasks} {view.Execution}");
        return line.Width >= inner ? line.Cut(inner) : new PictureLine().Add(new string(' ', (inner - line.Width) / 2)).Add(line);
    }

    private static Tone ToneOf(string status) => status switch
    {
        "running" or "completed" => Tone.Good,
        "failed" or "aborted" => Tone.Bad,
        _ => Tone.Doubtful,
    };

    private static IEnumerable<PictureLine> Meters(DashboardScene scene, int inner)
    {
        var view = scene.View;
        var frontier = ("Frontier:", Share(view.Frontier, view.Waiting), $"{view.Frontier}/{view.Waiting}");
        var workers = ("Workers:", Share(view.Busy, view.MaxWorkers), $"{view.Busy}/{view.MaxWorkers}");
        var cpu = ("CPU:", scene.Cpu ?? 0, Percent(scene.Cpu));
        var memory = ("Memory:", scene.Memory ?? 0, Percent(scene.Memory));
        if (inner < 44)
        {
            foreach (var (label, share, figures) in new[] { frontier, workers, cpu, memory }) yield return Meter(label, share, figures, Math.Clamp(inner - 18, 0, 10));
            yield break;
        }

        var column = (inner + 1) / 2;
        var bar = Math.Clamp(column - 24, 6, 30);
        yield return Meter(frontier.Item1, frontier.Item2, frontier.Item3, bar).PadTo(column).Add(Meter(workers.Item1, workers.Item2, workers.Item3, bar));
        yield return Meter(cpu.Item1, cpu.Item2, cpu.Item3, bar).PadTo(column).Add(Meter(memory.Item1, memory.Item2, memory.Item3, bar));
    }

    private static PictureLine Meter(string label, double share, string figures, int bar) =>
        new PictureLine().Add(label, 10).Add(Bar(share, bar, '█', '░')).Add($" {figures}");

    private static string Percent(double? share) => share is { } known ? $"{(known * 100).ToString("0", CultureInfo.InvariantCulture)}%" : "–";

    private static double Share(int part, int whole) => whole <= 0 ? 0 : Math.Clamp(part / (double)whole, 0, 1);

    private static string Bar(double share, int columns, char full, char empty)
    {
        var filled = (int)Math.Round(columns * Math.Clamp(share, 0, 1), MidpointRounding.AwayFromZero);
        return new string(full, filled) + new string(empty, columns - filled);
    }

    private static List<Row> Body(DashboardScene scene, int inner, int room)
    {
        var view = scene.View;
        var listRows = room >= TallFrom ? 3 : 1;
        var ready = List("Ready Queue: ", view.Ready, view.ReadyCount, inner, listRows, Tone.Plain);
        var blocked = List("Blocked:     ", [.. view.Blocked.Select(task => $"{task.Id}→{task.On}")], view.BlockedCount, inner, listRows, Tone.Doubtful);

        // Three blank rows and two headings; the rest is for what runs and what happened, in equal parts where both have enough.
        var free = Math.Max(2, room - ready.Count - blocked.Count - 5);
        var events = Math.Min(scene.Recent.Count, Math.Max(free - Math.Max(view.Running.Count, 1), free / 2));
        var running = Math.Max(Math.Clamp(view.Running.Count, 1, 3), free - events);

        var rows = new List<Row> { new(Spacing, new PictureLine()), new(Useful, new PictureLine().Add("Running Tasks:", Tone.Strong)) };
        rows.AddRange(Running(scene, inner, running).Select(line => new Row(Needed, line)));
        rows.Add(new(Spacing, new PictureLine()));
        rows.AddRange(ready.Select(line => new Row(Useful, line)));
        rows.AddRange(blocked.Select(line => new Row(Useful, line)));
        rows.Add(new(Spacing, new PictureLine()));
        rows.Add(new(Useful, new PictureLine().Add("Recent Events:", Tone.Strong)));
        rows.AddRange(scene.Recent.Reverse().Take(events).Select(line => new Row(Useful, Event(line, inner))));
        return rows;
    }

    private static IEnumerable<PictureLine> Running(DashboardScene scene, int inner, int most)
    {
        var tasks = scene.View.Running;
        if (tasks.Count == 0)
        {
            yield return new PictureLine().Add("none", Tone.Faint);
            yield break;
        }

        // Those that are not shown have a row that says how many they are.
        var hidden = scene.View.Busy > most ? scene.View.Busy - Math.Max(0, most - 1) : scene.View.Busy - tasks.Count;
        var shown = tasks.Take(hidden > 0 ? Math.Max(0, most - 1) : most).ToList();
        var columns = new RunningColumns(
            Id: Math.Min(shown.Select(task => Columns.Of(task.Id)).DefaultIfEmpty(0).Max(), Math.Max(6, inner / 5)),
            Worker: Math.Min(shown.Select(task => Columns.Of(task.Worker)).DefaultIfEmpty(0).Max(), 12),
            HasUsage: inner >= WideFrom);
        foreach (var task in shown) yield return Running(scene, task, columns, inner);
        if (hidden > 0) yield return new PictureLine().Add($"… {hidden} more", Tone.Faint);
    }

    private readonly record struct RunningColumns(int Id, int Worker, bool HasUsage);

    private static PictureLine Running(DashboardScene scene, RunningTask task, RunningColumns columns, int inner)
    {
        var facts = scene.Facts.GetValueOrDefault(task.Id);
        var elapsed = Math.Max(0, scene.Now.SecondsSince(task.Since));
        var (bar, percent) = Progress(task, facts, elapsed);
        var line = new PictureLine().Add(task.Id, columns.Id, Tone.Strong);
        if (inner >= 44) line.Add(" [").Add(bar, task.IsStopping ? Tone.Bad : Tone.Good).Add("]");
        line.Add(percent.PadLeft(5)).Add(" ");

        var right = new PictureLine();
        if (columns.HasUsage) right.Add($" {Usage(facts),-20}");
        if (inner >= 56) right.Add($" {Times(elapsed, task.ExpectedSeconds),12}");
        if (inner >= 40) right.Add(" ").Add(task.Worker, columns.Worker);

        string[] about =
        [
            task.State == "VERIFYING" ? "(its checks run)" : task.IsStopping ? "(is being stopped)" : task.Attempt > 1 ? $"(attempt {task.Attempt})" : "",
            task.Title == task.Id ? "" : task.Title,
            facts.Message is { Length: > 0 } message ? task.Title == task.Id ? message : $"— {message}" : "",
        ];
        return line.Add(string.Join(' ', about.Where(part => part.Length > 0)), Math.Max(0, inner - line.Width - right.Width)).Add(right);
    }

    // What a task says is drawn full. One that says nothing is measured by what it was expected to take, and never seems done.
    private static (string Bar, string Percent) Progress(RunningTask task, RunningFacts facts, double elapsed)
    {
        if (facts.Percent is { } said) return (Bar(said / 100, TaskBar, '█', '░'), $"{Math.Floor(said).ToString(CultureInfo.InvariantCulture)}%");
        if (task.ExpectedSeconds is not > 0) return (new string('·', TaskBar), "");
        var share = Math.Min(0.99, elapsed / task.ExpectedSeconds.Value);
        return (Bar(Math.Min(0.94, share), TaskBar, '▒', '░'), $"~{Math.Floor(share * 100).ToString(CultureInfo.InvariantCulture)}%");
    }

    private static string Times(double elapsed, double? expected) => expected is { } known ? $"{Clock(elapsed)}/{Clock(known)}" : Clock(elapsed);

    private static string Clock(double seconds) => seconds switch
    {
        < 6000 => $"{(int)seconds / 60}:{(int)seconds % 60:00}",
        < 360_000 => $"{(seconds / 3600).ToString("0.0", CultureInfo.InvariantCulture)}h",
        _ => $"{(seconds / 86_400).ToString("0", CultureInfo.InvariantCulture)}d",
    };

    private static string Usage(RunningFacts facts) => facts.ResidentBytes is { } bytes
        ? $"{(facts.Cores is { } cores ? $"{(cores * 100).ToString("0", CultureInfo.InvariantCulture)}% cpu " : "")}{Size(bytes)}"
        : "";

    private static string Size(long bytes) => bytes switch
    {
        < 1L << 30 => $"{bytes / (double)(1 << 20):0} MB",
        _ => (bytes / (double)(1 << 30)).ToString("0.0", CultureInfo.InvariantCulture) + " GB",
    };

    private static List<PictureLine> List(string label, IReadOnlyList<string> items, int count, int inner, int most, Tone tone)
    {
        var lines = new List<PictureLine>();
        var indent = new string(' ', label.Length);
        var line = new PictureLine().Add(label, Tone.Strong).Add("[");
        for (var i = 0; i < items.Count; i++)
        {
            var item = Say.OneLine(items[i]);
            var isLast = i == count - 1;
            var rest = isLast ? "" : $", … {count - i - 1} more";

            // On the last row there must be room for how many follow.
            var needed = Columns.Of(item) + (isLast ? 1 : lines.Count == most - 1 ? rest.Length + 1 : 1);
            if (line.Width + needed > inner && line.Width > label.Length + 1)
            {
                if (lines.Count == most - 1) return [.. lines, line.Add($"… {count - i} more]")];
                lines.Add(line);
                line = new PictureLine().Add(indent + " ");
            }

            line.Add(item, tone).Add(isLast ? "]" : ", ");
        }

        if (items.Count < count) line.Add($"… {count - items.Count} more]");
        else if (count == 0) line.Add("]");
        return [.. lines, line];
    }

    private static PictureLine Event(RecentLine recent, int inner)
    {
        var tone = recent.Text.Length == 0 ? Tone.Plain : recent.Text[0] switch { '✓' => Tone.Good, '✗' or '!' or '■' => Tone.Bad, '↻' or '‖' or '⚡' => Tone.Doubtful, _ => Tone.Plain };
        return new PictureLine().Add($"{Durations.TimeOfDay(recent.At)} ", Tone.Faint).Add(recent.Text, tone).Cut(inner);
    }

    private static IEnumerable<Row> Panel(DashboardPanel panel, int inner, int room)
    {
        yield return new(Spacing, new PictureLine());
        yield return new(Useful, new PictureLine().Add(panel.Title, Tone.Strong));
        var most = Math.Max(1, room - 2);
        var lines = new List<(string Text, bool IsSelected)>();
        for (var i = 0; i < panel.Lines.Count; i++)
        {
            if (panel.Selected is { } chosen) lines.Add(($"{(i == chosen ? "▸" : " ")} {panel.Lines[i]}", i == chosen));
            else lines.AddRange(Columns.Wrap(panel.Lines[i].Replace("\t", "  "), inner).Select(text => (text, false)));
        }

        var first = panel.Selected is { } selected ? Math.Clamp(selected - (most / 2), 0, Math.Max(0, lines.Count - most)) : panel.ShowsEnd ? Math.Max(0, lines.Count - most) : 0;
        foreach (var (text, isSelected) in lines.Skip(first).Take(most))
            yield return new(isSelected ? Always : Needed, new PictureLine().Add(text, isSelected ? Tone.Strong : Tone.Plain).Cut(inner));
    }

    private static string? Foot(DashboardScene scene) => scene.Notice ?? scene.Keys;

    private static PictureLine Framed(PictureLine line, int inner, bool hasBox) =>
        hasBox ? new PictureLine().Add("║ ", Tone.Faint).Add(line.Cut(inner)).PadTo(inner + 2).Add(" ║", Tone.Faint) : line.Cut(inner);

    private static PictureLine Border(char left, char right, int width) => new PictureLine().Add(left + new string('═', width - 2) + right, Tone.Faint);
}
