using Slaps.Cli.Commands;
using Slaps.Cli.Output;
using Slaps.Core.Plans;
using Slaps.Runtime.State;

namespace Slaps.Cli.Folders;

/// <summary>A mirror beside the coordinator of its execution. It asks over the socket like any other process, so there is one way for a move.</summary>
internal sealed class MirrorThread : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly FolderMirror _mirror;
    private readonly CancellationTokenSource _stop;
    private readonly Thread _thread;

    private MirrorThread(FolderMirror mirror, CancellationTokenSource stop)
    {
        (_mirror, _stop) = (mirror, stop);
        _thread = new Thread(Run) { IsBackground = true, Name = "mirrors the execution" };
        _thread.Start();
    }

    public static MirrorThread Start(StateDirectory place, string directory, ExecutionId execution)
    {
        var stop = new CancellationTokenSource();
        return new MirrorThread(new FolderMirror(place, directory, execution.Value, agents: [], DirectoryCommand.UsualLease, stop.Token), stop);
    }

    public void Dispose()
    {
        _stop.Cancel();
        if (!_thread.Join(Patience)) return;   // It waits for an answer that nobody gives any more, and ends with the process.
        _mirror.Settle();
        _mirror.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        try
        {
            _mirror.Run();
        }
        catch (Exception e) when (Environment.GetEnvironmentVariable("TASKS_DEBUG") is not "1")
        {
            // The execution is worth more than its mirror: it goes on, and `tasks directory` mirrors it again.
            Say.Error($"The directory is not mirrored any more: {CommandLine.Explain(e).Message}");
        }
    }
}
