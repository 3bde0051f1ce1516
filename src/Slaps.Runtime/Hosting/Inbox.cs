namespace Slaps.Runtime.Hosting;

/// <summary>What waits for the one writer. Any thread adds; the writer takes all that is there, which is what makes a group commit.</summary>
internal sealed class Inbox<T>
{
    private readonly object _gate = new();
    private List<T> _items = [];
    private bool _isWoken;

    /// <summary>Adds an item. Without <paramref name="wake"/> it is taken with the next one that wakes, or when the taker's patience ends.</summary>
    public void Add(T item, bool wake = true)
    {
        lock (_gate)
        {
            _items.Add(item);
            if (!wake || _isWoken) return;
            _isWoken = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>All items, waiting at most so long for one that wakes; empty when the time is over and none came. The list is the caller's until the next call.</summary>
    public List<T> TakeAll(TimeSpan wait, List<T> reuse)
    {
        reuse.Clear();
        lock (_gate)
        {
            if (!_isWoken && wait != TimeSpan.Zero) Monitor.Wait(_gate, wait);
            _isWoken = false;
            (_items, reuse) = (reuse, _items);
            return reuse;
        }
    }
}
