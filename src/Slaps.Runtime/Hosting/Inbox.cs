using Slaps.Runtime.Processes;

namespace Slaps.Runtime.Hosting;

/// <summary>What waits for the one writer. Any thread adds; the writer takes all that is there, which is what makes a group commit.</summary>
internal sealed class Inbox<T>
{
    private readonly Lock _gate = new();
    private readonly Doorbell _bell = new();
    private List<T> _items = [];
    private bool _isWoken;
    private bool _takerWaits;

    /// <summary>Adds an item. Without <paramref name="wake"/> it is taken with the next one that wakes, or when the taker's patience ends.</summary>
    public void Add(T item, bool wake = true)
    {
        lock (_gate)
        {
            _items.Add(item);
            if (!wake) return;
            _isWoken = true;
            if (!_takerWaits) return;
            _takerWaits = false;
        }

        _bell.Ring();
    }

    /// <summary>
    /// All items, waiting at most so long for one that wakes; it may come back empty before the time is over. The list is the caller's until
    /// the next call.
    /// </summary>
    public List<T> TakeAll(TimeSpan wait, List<T> reuse)
    {
        reuse.Clear();
        lock (_gate)
        {
            if (_isWoken || wait == TimeSpan.Zero) return Take();
            _takerWaits = true;
        }

        _bell.Wait(wait);
        lock (_gate) return Take();

        List<T> Take()
        {
            _takerWaits = _isWoken = false;
            (_items, reuse) = (reuse, _items);
            return reuse;
        }
    }
}
