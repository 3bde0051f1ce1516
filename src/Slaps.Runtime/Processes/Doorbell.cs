using System.Runtime.InteropServices;

namespace Slaps.Runtime.Processes;

/// <summary>
/// Wakes one waiting thread (an eventfd). A monitor would do, but its sleeper is woken while the lock is still held and stumbles over it at
/// once; between threads that hand every task on, these stumbles cost more than the scheduling of the task. Whoever rings has let go of
/// every lock.
/// </summary>
internal sealed unsafe class Doorbell
{
    private readonly int _descriptor = LibC.EventDescriptor(0, LibC.CloseOnExec);

    public Doorbell()
    {
        if (_descriptor < 0) throw new InvalidOperationException($"No event descriptor could be had: {LibC.Describe(Marshal.GetLastPInvokeError())}. Raise the limit of open files (ulimit -n).");
    }

#pragma warning disable MA0055 // A finalizer, because nobody knows who rings last: a descriptor that is closed too early may be another file's by then.
    ~Doorbell() => LibC.Close(_descriptor);
#pragma warning restore MA0055

    /// <summary>Wakes the waiter, or whoever waits next. Any thread.</summary>
    public void Ring()
    {
        ulong one = 1;
        LibC.Write(_descriptor, (byte*)&one, sizeof(ulong));
        GC.KeepAlive(this);
    }

    /// <summary>Sleeps until it rings. It may return without a ring: look whether there is something to do.</summary>
    public void Wait()
    {
        ulong rings;
        LibC.Read(_descriptor, (byte*)&rings, sizeof(ulong));
        GC.KeepAlive(this);
    }

    /// <summary>Sleeps until it rings, at most so long, rounded up to milliseconds. It may return earlier without a ring.</summary>
    public void Wait(TimeSpan patience)
    {
        var forever = patience == Timeout.InfiniteTimeSpan;
        if (forever || LibC.WaitToRead(_descriptor, (int)Math.Min(Math.Ceiling(patience.TotalMilliseconds), int.MaxValue))) Wait();
    }
}
