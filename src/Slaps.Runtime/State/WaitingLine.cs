using Microsoft.Win32.SafeHandles;

namespace Slaps.Runtime.State;

/// <summary>
/// A line in which processes wait for something that each of them has for a moment: the kernel lets them in one by one, in the order in which they
/// came, and passes over those that died. Dispose lets the next one in.
/// </summary>
public sealed class WaitingLine : IDisposable
{
    private readonly SafeFileHandle _file;

    private WaitingLine(SafeFileHandle file) => _file = file;

    /// <summary>Waits for its turn; null when it has not come within <paramref name="patience"/>.</summary>
    /// <param name="path">The file that stands for the line; its folder must be there.</param>
    /// <param name="patience">How long to wait.</param>
    /// <exception cref="StateException">The file cannot be made or locked.</exception>
    public static WaitingLine? Join(string path, TimeSpan patience)
    {
        SafeFileHandle? file = null;
        try
        {
            file = SystemCalls.OpenUnlocked(path, toWrite: true)!;
            if (SystemCalls.TryLock(file)) return new WaitingLine(file);
        }
        catch (IOException e)
        {
            file?.Dispose();
            throw Broken(path, e);
        }

        // The kernel's own queue has no time limit, so a thread waits in it. Whoever gives up leaves the turn to the next as soon as it comes.
        var isGivenUp = false;
        var gate = new Lock();
        var turn = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiter = new Thread(() =>
        {
            try
            {
                SystemCalls.WaitForLock(file);
                lock (gate)
                {
                    if (isGivenUp) file.Dispose();
                    else turn.SetResult(true);
                }
            }
            catch (IOException e)
            {
                turn.TrySetException(e);
            }
        })
        { IsBackground = true, Name = "waits in line" };
        waiter.Start();
        try
        {
            if (turn.Task.Wait(patience)) return new WaitingLine(file);
        }
        catch (AggregateException e) when (e.InnerException is IOException inner)
        {
            file.Dispose();
            throw Broken(path, inner);
        }

        lock (gate)
        {
            if (turn.Task.IsCompletedSuccessfully) return new WaitingLine(file);
            isGivenUp = true;
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static StateException Broken(string path, IOException e) =>
        new($"The lock {path} cannot be taken: {e.Message.TrimEnd('.')}. The folder must be on a disk that can be written and that knows locks.", e);
}
