using Slaps.Core.Execution;

namespace Slaps.Core.Tests.Execution;

/// <summary>
/// What the real journal promises: a batch is there as a whole or not at all, and nothing is appended but to the position that the writer knows.
/// </summary>
internal sealed class SimulationJournal
{
    private readonly List<RecordedEvent> _events = [];

    public IReadOnlyList<RecordedEvent> Events => _events;

    public long Position => _events.Count;

    /// <summary>Whether the batch is durable now; not when somebody else wrote meanwhile.</summary>
    public bool Append(long position, IReadOnlyList<RecordedEvent> batch)
    {
        if (position != Position) return false;
        _events.AddRange(batch);
        return true;
    }
}
