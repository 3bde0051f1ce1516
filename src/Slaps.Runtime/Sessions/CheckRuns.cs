using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.State;

namespace Slaps.Runtime.Sessions;

/// <summary>Who runs the checks of a task.</summary>
/// <param name="Session">For whom: the session that says that the task is done.</param>
/// <param name="Host">The machine.</param>
/// <param name="Pid">The process on it.</param>
/// <param name="Since">When it began.</param>
public sealed record CheckRun(string Session, string Host, int Pid, Instant Since);

/// <summary>
/// Which processes run the checks of a claimed task where no coordinator does: a file for each task in <c>.slaps/checks</c>, locked for as long as they
/// run. The kernel lets go of the lock however the process ends, so checks that run are told from those that were cut off, and nobody begins them twice.
/// </summary>
public sealed class CheckRuns(StateDirectory directory)
{
    private const char Separator = '~';   // In no identifier.
    private const int Looks = 20;
    private const int LongestFile = 4096;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(5);

    /// <summary>The right to run the checks of a task, until it is disposed or this process ends; null while another one has it, or just looks.</summary>
    /// <param name="execution">The execution.</param>
    /// <param name="task">One of its tasks.</param>
    /// <param name="session">The session that says that the task is done.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="StateException">The disk is full or read-only.</exception>
    public IDisposable? TryBegin(ExecutionId execution, TaskId task, string session, Instant now)
    {
        SafeFileHandle? file = null;
        try
        {
            directory.Create();
            Directory.CreateDirectory(directory.ChecksPath);
            var path = PathOf(execution, task);
            file = SystemCalls.OpenUnlocked(path, toWrite: true)!;

            // Only who has the lock removes the file. One that was removed between the two lines is locked by nobody else, and says nothing.
            if (SystemCalls.TryLock(file) && !SystemCalls.IsRemoved(file))
            {
                Write(file, new CheckRun(session, Environment.MachineName, Environment.ProcessId, now));
                return new Held(path, file);
            }

            file.Dispose();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw new StateException($"That this process runs checks cannot be noted in {directory.ChecksPath}: {e.Message.TrimEnd('.')}. Make room on the disk, or work in a folder that this user may write to.", e);
        }
    }

    /// <summary>Whether a living process runs the checks of the task. What a dead one has left is removed.</summary>
    /// <param name="execution">The execution.</param>
    /// <param name="task">One of its tasks.</param>
    /// <param name="by">Who runs them, where that can be read.</param>
    public bool AreRunning(ExecutionId execution, TaskId task, out CheckRun? by)
    {
        by = null;
        var path = PathOf(execution, task);
        try
        {
            // Another one who looks has the lock for a moment, too, and whoever has just begun has not written its name yet.
            for (var look = 1; look <= Looks; look++)
            {
                if (look > 1) Thread.Sleep(BetweenLooks);
                using var file = SystemCalls.OpenUnlocked(path, toWrite: false);
                if (file is null) return false;
                if (SystemCalls.TryLock(file))
                {
                    if (!SystemCalls.IsRemoved(file)) File.Delete(path);
                    return false;
                }

                by = Read(file);
                if (by is not null && (by.Host != Environment.MachineName || SystemCalls.IsAlive(by.Pid))) return true;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Who cannot be looked at is believed: at worst somebody waits who need not.
        }

        return true;
    }

    private static void Write(SafeFileHandle file, CheckRun run)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("session", run.Session);
            json.WriteString("host", run.Host);
            json.WriteNumber("pid", run.Pid);
            json.WriteString("since", run.Since.ToString());
            json.WriteEndObject();
        }

        RandomAccess.Write(file, bytes.ToArray(), 0);
        RandomAccess.SetLength(file, bytes.Length);
    }

    private static CheckRun? Read(SafeFileHandle file)
    {
        var bytes = new byte[(int)Math.Min(RandomAccess.GetLength(file), LongestFile)];
        var read = RandomAccess.Read(file, bytes, 0);
        try
        {
            using var json = JsonDocument.Parse(bytes.AsMemory(0, read));
            var root = json.RootElement;
            return new CheckRun(
                root.GetProperty("session").GetString() ?? "",
                root.GetProperty("host").GetString() ?? "",
                root.GetProperty("pid").GetInt32(),
                Instant.Parse(root.GetProperty("since").GetString() ?? ""));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;   // Empty or half written: its name is not known yet.
        }
    }

    private string PathOf(ExecutionId execution, TaskId task) => Path.Combine(directory.ChecksPath, $"{execution}{Separator}{task}");

    private sealed class Held(string path, SafeFileHandle file) : IDisposable
    {
        public void Dispose()
        {
            if (file.IsClosed) return;
            try
            {
                File.Delete(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The next one who looks removes it.
            }

            file.Dispose();
        }
    }
}
