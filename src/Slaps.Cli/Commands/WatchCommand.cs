using System.CommandLine;
using Slaps.Cli.Output;
using Slaps.Core.Execution;
using Slaps.Runtime.State;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks watch [EXECUTION]</c></summary>
internal static class WatchCommand
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    public static Command Create()
    {
        var execution = new Argument<string?>("EXECUTION") { Description = "Which execution; left out: the one that runs, or the next one that begins.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("watch", "Look at an execution while it runs, from another terminal: a dashboard, or lines where there is no terminal.") { execution };
        command.SetAction(parsed => Run(parsed.GetValue(execution)));
        return command;
    }

    private static int Run(string? execution)
    {
        var place = StateDirectory.Find(Directory.GetCurrentDirectory());
        using var feed = new JournalFeed(place, execution);

        // Before the terminal is taken, so that a name that does not exist is refused like everywhere.
        feed.Take();
        if (!Console.IsOutputRedirected && Terminal.TryTake() is { } terminal) Watch(feed, terminal, place.LogsPath);
        else Follow(feed);
        return feed.State switch
        {
            { IsFinished: true, Status: ExecutionStatus.Completed } when feed.IsOver => ExitCodes.Done,
            { IsFinished: true } when feed.IsOver => ExitCodes.SomeFailed,
            _ => ExitCodes.Interrupted,
        };
    }

    private static void Watch(JournalFeed feed, Terminal terminal, string logs)
    {
        using var dashboard = new Dashboard(terminal, feed, logs, isOwn: false);
        dashboard.Steer(request => Ask(feed, request), leave: null);
        using var stop = new StopSignals(andHangUp: true);
        using var ends = stop.Token.Register(dashboard.End);
        dashboard.WaitForEnd();
    }

    private static async Task<ControlResponse> Ask(JournalFeed feed, ControlRequest request) =>
        feed.Socket is { } socket && await ControlClient.SendAsync(socket, request, CancellationToken.None) is { } response
            ? response
            : new ControlResponse(Ok: false, $"No coordinator listens now. `tasks {request.Action}` in another terminal decides it all the same.");

    // Lines of what happens from now on, after one that says where it stands; on standard output, because they are what was asked for.
    private static void Follow(JournalFeed feed)
    {
        try
        {
            if (feed.State is { } state)
                Write($"{state.Id} {StatusWords.Of(state)}, {state.CountOf("SUCCEEDED")}/{state.Plan.Tasks.Count} done, {state.Active.Count} running, {state.FrontierSize} on the frontier");
            string? told = null;
            while (true)
            {
                if (feed.Trouble is { } trouble && trouble != told) Say.Progress(told = trouble);
                if (feed.IsOver || feed.IsAbandoned) return;
                Thread.Sleep(Pace);
                feed.Take((_, line) => Write($"[{Durations.TimeOfDay(line.At)}] {line.Text}"));
            }
        }
        catch (IOException)
        {
            // Whoever read the lines has seen enough.
        }
    }

    private static void Write(string line)
    {
        Console.Out.WriteLine(Say.Clean(line));
        Console.Out.Flush();
    }
}
