using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Text;
using Slaps.Core.Execution;
using Slaps.Core.Views;
using Slaps.Runtime.Processes;
using Slaps.Runtime.State;

namespace Slaps.Cli.Output;

/// <summary>
/// An execution as a picture that moves on a terminal, with keys. One thread folds, measures, reads keys and draws; it ends when the feed is
/// over, when somebody quits, or with <see cref="Dispose"/>. The last picture stays on the usual screen.
/// </summary>
internal sealed class Dashboard : IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(450);
    private static readonly TimeSpan Measure = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan NoticeLasts = TimeSpan.FromSeconds(6);

    private readonly ExecutionFeed _feed;
    private readonly string _logs;
    private readonly bool _isOwn;
    private readonly Terminal _terminal;
    private readonly Thread _thread;
    private readonly UsageSampler _sampler = new();
    private readonly Lock _gate = new();
    private readonly List<string> _said = [];
    private readonly Stopwatch _sinceNotice = new();
    private volatile Func<ControlRequest, Task<ControlResponse>>? _send;
    private volatile Action? _leave;
    private volatile bool _isAskedToEnd;
    private Exception? _failure;
    private string? _notice;
    private UsageSample _usage = UsageSample.Unknown;
    private DashboardMode _mode = new DashboardMode.Picture();
    private bool _isDisposed;

    /// <summary>Begins to draw.</summary>
    /// <param name="terminal">Where; it is the dashboard's from here on.</param>
    /// <param name="feed">The execution; only the dashboard's thread touches it until that has ended.</param>
    /// <param name="logsDirectory">Where attempts' logs lie.</param>
    /// <param name="isOwn">Whether this process runs the execution: then quitting is leaving it, and is asked about.</param>
    public Dashboard(Terminal terminal, ExecutionFeed feed, string logsDirectory, bool isOwn)
    {
        _terminal = terminal;
        _feed = feed;
        _logs = logsDirectory;
        _isOwn = isOwn;
        Say.GoThrough(Hear);
        _thread = new Thread(Run) { IsBackground = true, Name = "dashboard" };
        _thread.Start();
    }

    /// <summary>Whether somebody pressed q where that only ends the looking.</summary>
    public bool WasQuit { get; private set; }

    /// <summary>Whom the keys steer, from now on.</summary>
    /// <param name="send">Carries out an order.</param>
    /// <param name="leave">What q does after a question; null: it ends the looking.</param>
    public void Steer(Func<ControlRequest, Task<ControlResponse>> send, Action? leave)
    {
        _leave = leave;
        _send = send;
    }

    /// <summary>Waits until there is nothing more to show, or somebody quits.</summary>
    public void WaitForEnd()
    {
        _thread.Join();
        if (_failure is { } failure) ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Ends with the last picture.</summary>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _isAskedToEnd = true;
        _thread.Join();
    }

    /// <summary>Asks it to end, from any thread, e.g. from a signal.</summary>
    public void End() => _isAskedToEnd = true;

    private void Run()
    {
        try
        {
            Draw();
        }
        catch (Exception e)
        {
            // A picture is not worth an execution: it ends alone, and whoever waits for it hears why.
            _failure = e;
            Leave();
            if (_isOwn) Say.Error($"The dashboard has ended ({e.GetType().Name}: {e.Message}). The execution goes on without it; `tasks status` shows where it stands.");
        }
    }

    private void Draw()
    {
        var keys = new byte[64];
        var sinceDrawn = Stopwatch.StartNew();
        var sinceMeasured = new Stopwatch();
        var size = (Columns: 0, Rows: 0);
        while (true)
        {
            // Looked at before taking in, so that the last picture shows the last state.
            var isLast = _isAskedToEnd;
            var hasMore = _feed.Take();

            // Without a terminal the execution goes on, or drains because of the hang-up that comes with it.
            isLast |= _feed.IsOver || WasQuit || _terminal.IsClosed;
            if (isLast) break;

            // Asked for each time, as it costs less than a signal that has to wake a thread.
            var now = Terminal.Size;
            if (!sinceMeasured.IsRunning || sinceMeasured.Elapsed >= Measure)
            {
                Look();
                sinceMeasured.Restart();
                hasMore = true;
            }

            var pressed = _terminal.Keys(keys, Pace);
            if (hasMore || !pressed.IsEmpty || now != size || sinceDrawn.Elapsed >= Rest)
            {
                foreach (var key in Key.Parse(pressed)) Press(key);
                size = now;
                Show(size);
                sinceDrawn.Restart();
            }
        }

        Leave();
    }

    private void Show((int Columns, int Rows) size)
    {
        if (Scene() is not { } scene)
        {
            _terminal.Draw([Columns.Cut(_feed.Trouble ?? "", size.Columns)], [Math.Min(size.Columns, Columns.Of(_feed.Trouble ?? ""))], size);
            return;
        }

        var lines = DashboardLayout.Lines(scene, size.Columns, size.Rows);
        _terminal.Draw([.. lines.Select(line => line.Render(Say.HasColours))], [.. lines.Select(line => line.Width)], size);
    }

    private DashboardScene? Scene()
    {
        if (_feed.State is not { } state) return null;
        var view = DashboardView.Of(state);
        return new DashboardScene(view, Instant.From(DateTimeOffset.UtcNow), [.. _feed.Recent])
        {
            Cpu = _usage.CpuShare,
            Memory = _usage.MemoryShare,
            Facts = view.Running.ToDictionary(task => task.Id, Facts),
            Panel = _mode.Panel(state, _logs),
            Notice = _mode.Question ?? Notice(),
            Keys = _terminal.HasKeys ? _mode.Keys(_isOwn) : null,
        };
    }

    private RunningFacts Facts(RunningTask task)
    {
        var progress = _feed.ProgressOf(task.Id, task.Attempt);
        var usage = task.Session is { } session && _usage.Sessions.TryGetValue(session, out var used) ? used : (SessionUsage?)null;
        return new RunningFacts(progress?.Percent, progress?.Message, usage?.Cores, usage?.ResidentBytes);
    }

    private void Look()
    {
        var sessions = new HashSet<int>();
        if (_feed.State is { } state)
        {
            foreach (var task in state.Active)
            {
                if (state[task] is TaskState.Running { Process: { } process }) sessions.Add(process.Pid);
            }
        }

        _usage = _sampler.Look(sessions);
    }

    private void Press(Key key)
    {
        if (_feed.State is not { } state)
        {
            if (key is { Character: 'q' } && !_isOwn) WasQuit = true;
            return;
        }

        var (mode, order) = _mode.Press(key, state);
        _mode = mode;
        switch (order)
        {
            case DashboardOrder.Send send:
                Send(new ControlRequest(send.Action, state.Id.Value, Task: null, send.Action == "resume" ? null : "Somebody asked for it on the dashboard."));
                break;
            case DashboardOrder.Quit when !_isOwn:
                WasQuit = true;
                break;
            case DashboardOrder.Quit when _mode is DashboardMode.Picture:
                _mode = new DashboardMode.Confirm("Leave? What runs comes to its end, nothing new is started, and --resume goes on. y/n", new DashboardOrder.Leave());
                break;
            case DashboardOrder.Leave:
                _leave?.Invoke();
                break;
            default:
                break;
        }
    }

    private void Send(ControlRequest request)
    {
        if (_send is not { } send)
        {
            Tell("Nobody can be asked yet: the coordinator is just starting.");
            return;
        }

        // An answer may take a while; the picture goes on.
        _ = Task.Run(async () =>
        {
            try
            {
                Tell((await send(request)).Message);
            }
            catch (Exception e) when (e is IOException or InvalidOperationException or CommandException)
            {
                Tell(e.Message);
            }
        });
    }

    private void Tell(string sentence)
    {
        lock (_gate)
        {
            _notice = sentence;
            _sinceNotice.Restart();
        }
    }

    // What the program says meanwhile is seen in the picture, and again on the usual screen when that is back.
    private void Hear(string sentence)
    {
        lock (_gate) _said.Add(sentence);
        Tell(sentence);
    }

    private string? Notice()
    {
        lock (_gate)
        {
            if (_notice is not null && _sinceNotice.Elapsed < NoticeLasts) return _notice;
            _notice = null;
        }

        return _feed.Trouble;
    }

    private void Leave()
    {
        _terminal.Dispose();
        _mode = new DashboardMode.Picture();
        var last = _failure is null && Scene() is { } scene ? scene with { Notice = null, Keys = null } : null;
        List<string> said;
        lock (_gate)
        {
            Say.GoThrough(null);
            said = [.. _said];
            _said.Clear();
        }

        if (last is not null)
        {
            var text = new StringBuilder();
            var size = Terminal.Size;
            foreach (var line in DashboardLayout.Lines(last, size.Columns, Math.Max(1, Math.Min(size.Rows - 1, 24)))) text.Append(line.Render(Say.HasColours)).Append('\n');
            Say.Picture(text.ToString());
        }

        foreach (var sentence in said) Say.Progress(sentence);
    }
}

/// <summary>A dashboard for the execution that this process runs.</summary>
internal sealed class OwnDashboard(Terminal terminal, OwnFeed feed, string logsDirectory) : IExecutionOutput
{
    private readonly Dashboard _dashboard = new(terminal, feed, logsDirectory, isOwn: true);

    public void Show(ExecutionState state, IReadOnlyList<RecordedEvent> events) => feed.Add(events);

    public void Begin(Steering steering)
    {
        feed.AskAbout(steering.ProgressOf);
        _dashboard.Steer(steering.Send, steering.Leave);
    }

    public void Dispose() => _dashboard.Dispose();
}
