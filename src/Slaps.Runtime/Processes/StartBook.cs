using System.Text;
using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Runtime.Processes;

/// <summary>
/// Which process each attempt of an execution began with: one line for each start, written by the coordinator that started it. The journal
/// learns it a moment later; a coordinator that is killed in between leaves it here. A process that daemonised can look just like the first
/// one when that has ended, so its mark alone does not tell.
/// </summary>
internal sealed class StartBook : IDisposable
{
    private readonly Lock _gate = new();
    private int _descriptor = -1;

    /// <summary>Writes a start down. Survives the end of this process, not that of the machine, which ends the started one too.</summary>
    public void Add(string rawFolder, TaskId task, int attempt, ProcessIdentity process)
    {
        lock (_gate)
        {
            if (_descriptor < 0)
                _descriptor = LibC.Open(PathIn(rawFolder), LibC.WriteOnly | LibC.Create | LibC.Append | LibC.CloseOnExec | LibC.NoFollow | LibC.NonBlocking, 0x180);

            // When it cannot be written, the attempt is found by its mark as long as its first process lives.
            if (_descriptor >= 0) LibC.WriteAll(_descriptor, Encoding.UTF8.GetBytes($"{task} {attempt} {process.Pid} {process.StartTicks} {process.BootId}\n"));
        }
    }

    /// <summary>The process that an attempt began with, as an earlier coordinator wrote it down; null when it did not.</summary>
    public static ProcessIdentity? Find(string rawFolder, TaskId task, int attempt)
    {
        if (AttemptLog.OpenToRead(PathIn(rawFolder)) is not { } opened) return null;
        using var lines = new StreamReader(opened);
        ProcessIdentity? found = null;
        var start = $"{task} {attempt} ";
        while (lines.ReadLine() is { } line)
        {
            if (line.StartsWith(start, StringComparison.Ordinal) && line.Split(' ') is [_, _, var pid, var ticks, var boot]
                && int.TryParse(pid, out var number) && long.TryParse(ticks, out var time)) found = new ProcessIdentity(number, time, boot);
        }

        return found;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_descriptor >= 0) LibC.Close(_descriptor);
            _descriptor = -1;
        }
    }

    /// <summary>Whether this is such a book: who writes in it is a coordinator, never a task.</summary>
    public static bool IsAt(string path) => Path.GetFileName(path) == "starts";

    // No task's output has this name: theirs end with a number and ".out".
    private static string PathIn(string rawFolder) => Path.Combine(rawFolder, "starts");
}
