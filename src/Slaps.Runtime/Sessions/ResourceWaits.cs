using Microsoft.Win32.SafeHandles;
using Slaps.Core.Plans;
using Slaps.Runtime.State;

namespace Slaps.Runtime.Sessions;

/// <summary>
/// Which processes wait for a resource in the midst of a task: a file for each in <c>.slaps/waits</c>, locked by it for as long as it waits. The kernel
/// lets go of the lock however the process ends, so whoever decides can tell a wish that somebody waits for from one that nobody would hear has come
/// true. That holds with a coordinator and without one, and from one to the next.
/// </summary>
public sealed class ResourceWaits(StateDirectory directory)
{
    private const char Separator = '~';   // In no identifier.

    /// <summary>From now on, until it is disposed or this process ends, the task's wish is waited for. Call it before the wish is made.</summary>
    /// <exception cref="StateException">The disk is full or read-only.</exception>
    public IDisposable Begin(ExecutionId execution, TaskId task)
    {
        try
        {
            directory.Create();
            Directory.CreateDirectory(directory.WaitsPath);
            while (true)
            {
                var path = Path.Combine(directory.WaitsPath, $"{Beginning(execution, task)}{Guid.NewGuid():N}");
                var file = SystemCalls.OpenUnlocked(path, toWrite: true)!;
                SystemCalls.WaitForLock(file);
                if (File.Exists(path)) return new Waiting(path, file);

                // Somebody looked between the two lines above, and took it for one that was left behind.
                file.Dispose();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StateException($"That this process waits cannot be noted in {directory.WaitsPath}: {e.Message.TrimEnd('.')}. Make room on the disk, or work in a folder that this user may write to.", e);
        }
    }

    /// <summary>Whether a living process waits for what the task has asked for. Files of dead ones are removed.</summary>
    public bool IsAwaited(ExecutionId execution, TaskId task)
    {
        if (!Directory.Exists(directory.WaitsPath)) return false;
        var isAwaited = false;
        foreach (var path in Directory.EnumerateFiles(directory.WaitsPath, Beginning(execution, task) + "*"))
        {
            try
            {
                using var file = SystemCalls.OpenUnlocked(path, toWrite: false);
                if (file is null) continue;
                if (SystemCalls.TryLock(file)) File.Delete(path);
                else isAwaited = true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                isAwaited = true;   // Who cannot be looked at is believed: at worst a resource is kept until its task ends.
            }
        }

        return isAwaited;
    }

    private static string Beginning(ExecutionId execution, TaskId task) => $"{execution}{Separator}{task}{Separator}";

    private sealed class Waiting(string path, SafeFileHandle file) : IDisposable
    {
        public void Dispose()
        {
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
