using Slaps.Core.Execution;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Slaps.Cli.Output;

/// <summary>The execution as a picture on a terminal, redrawn a few times a second on a thread of its own; the last one stays.</summary>
internal sealed class LiveProgress : IExecutionOutput
{
    private const int RecentLines = 8;
    private const int RunningLines = 12;
    private const int LeastWidth = 40;
    private const int UsualWidth = 80;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(150);

    private readonly Instant _start;
    private readonly Queue<string> _recent = new();
    private readonly ManualResetEventSlim _over = new();
    private readonly Thread _painter;
    private Snapshot? _snapshot;

    public LiveProgress(Instant start)
    {
        _start = start;
        _painter = new Thread(PaintWhileSeen) { IsBackground = true, Name = "live progress" };
        _painter.Start();
    }

    public void Show(ExecutionState state, IReadOnlyList<RecordedEvent> events)
    {
        for (var i = 0; i < events.Count; i++)
        {
            var held = i > 0 && events[i - 1].Event is ResourceAcquired acquired ? acquired.Resources : [];
            if (ProgressText.Line(state, events[i], held) is not { } line) continue;
            _recent.Enqueue($"{Durations.Clock(events[i].At.SecondsSince(_start))} {Say.OneLine(line)}");
            if (_recent.Count > RecentLines) _recent.Dequeue();
        }

        Volatile.Write(ref _snapshot, Snapshot.Of(state, [.. _recent]));
    }

    public void Dispose()
    {
        _over.Set();
        _painter.Join();
        _over.Dispose();
    }

    private void PaintWhileSeen()
    {
        try
        {
            Paint();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The terminal was closed. The execution goes on, or drains because of the hang-up that comes with it.
        }
    }

    private void Paint()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error), Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.No });
        console.Live(new Text("")).Overflow(VerticalOverflow.Ellipsis).Cropping(VerticalOverflowCropping.Top).Start(context =>
        {
            var isOver = false;
            while (!isOver)
            {
                // Looked at before painting, so that the last picture shows the last state.
                isOver = _over.Wait(Pace);
                if (Volatile.Read(ref _snapshot) is not { } snapshot) continue;

                // Set before every picture, because terminals are resized: in two columns Spectre breaks lines until the memory is used up.
                console.Profile.Width = Console.WindowWidth is var width and > 0 ? Math.Max(width, LeastWidth) : UsualWidth;
                context.UpdateTarget(snapshot.Render(Instant.From(DateTimeOffset.UtcNow), isOver));
                context.Refresh();
            }
        });
    }

    private sealed record Row(string Id, string Title, string State, string Worker, Instant Since, int Attempt);

    private sealed record Snapshot(
        string Execution, string Status, int Total, int Succeeded, int Stuck, int Waiting, int Blocked, int Busy, int MaxWorkers,
        IReadOnlyList<Row> Running, IReadOnlyList<string> Recent)
    {
        public static Snapshot Of(ExecutionState state, IReadOnlyList<string> recent) => new(
            state.Id.Value,
            state.Status.ToString().ToLowerInvariant(),
            state.Plan.Tasks.Count,
            state.CountOf("SUCCEEDED"),
            state.CountOf("FAILED") + state.CountOf("HELP_NEEDED") + state.CountOf("SKIPPED") + state.CountOf("CANCELLED"),
            state.FrontierSize + state.CountOf("BACKOFF"),
            state.CountOf("PENDING"),
            state.Active.Count,
            state.MaxWorkers,
            [.. state.Active.Take(RunningLines).Select(i => RowOf(state, i))],
            recent);

        public IRenderable Render(Instant now, bool isOver)
        {
            var running = new Table().NoBorder().HideHeaders().AddColumns("", "", "", "", "");
            foreach (var row in Running)
            {
                running.AddRow(
                    new Text(row.Id),
                    new Text(row.State.ToLowerInvariant(), new Style(Color.Green)),
                    new Text(row.Title) { Overflow = Overflow.Ellipsis },
                    new Text(row.Worker),
                    new Text(isOver ? "" : Durations.Clock(now.SecondsSince(row.Since))));
            }

            if (Busy > Running.Count) running.AddRow(new Text($"… {Busy - Running.Count} more"));
            var parts = new List<IRenderable>
            {
                new Text($"Done:     {Bar(Succeeded, Total)} {Succeeded}/{Total}{(Stuck > 0 ? $"   not done: {Stuck}" : "")}"),
                new Text($"Workers:  {Bar(Busy, MaxWorkers)} {Busy}/{MaxWorkers}   frontier: {Waiting}   blocked: {Blocked}"),
            };
            if (Running.Count > 0) parts.AddRange([new Text(""), running]);
            parts.Add(new Text(""));
            parts.AddRange(Recent.Select(line => new Text(line) { Overflow = Overflow.Ellipsis }));
            return new Panel(new Rows(parts)) { Header = new PanelHeader($" {Execution} {Status} "), Expand = true };
        }

        private static Row RowOf(ExecutionState state, int index)
        {
            var task = state.Plan.Tasks[index];
            var active = state.ActiveAttemptOf(index)!;
            return new Row(task.Id.Value, Say.OneLine(task.Title), state[index].Name, active.Worker.Value, active.AssignedAt, active.Attempt);
        }

        private static string Bar(int part, int whole)
        {
            var filled = whole == 0 ? 0 : (int)Math.Round(20.0 * Math.Min(part, whole) / whole);
            return new string('█', filled) + new string('░', 20 - filled);
        }
    }
}
