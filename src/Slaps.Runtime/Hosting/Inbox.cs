namespace Slaps.Runtime.Hosting;

/// <summary>What waits for the one writer. Any thread adds; the writer takes all that is there, which is what makes a group commit.</summary>
internal sealed class Inbox<T>
{
    private readonly object _gate = new();
    private List<T> _items = [];

    public void Add(T item)
    {
        lock (_gate)
        {
            _items.Add(item);
            if (_items.Count == 1) Monitor.Pulse(_gate);
        }
    }

    /// <summary>All items, waiting for the first at most so long; empty when the time is over. The list is the caller's until the next call.</summary>
    public List<T> TakeAll(TimeSpan wait, List<T> reuse)
    {
        reuse.Clear();
        lock (_gate)
        {
            if (_items.Count == 0 && wait != TimeSpan.Zero) Monitor.Wait(_gate, wait);
            (_items, reuse) = (reuse, _items);
            return reuse;
        }
    }
}
