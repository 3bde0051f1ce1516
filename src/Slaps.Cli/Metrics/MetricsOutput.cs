using Slaps.Cli.Output;
using Slaps.Core.Execution;
using Slaps.Core.Views;

namespace Slaps.Cli.Metrics;

/// <summary>Folds the metrics on the writer's thread; whoever scrapes gets them as they are after the last batch.</summary>
internal sealed class MetricsOutput : IExecutionOutput
{
    private readonly Lock _gate = new();
    private readonly ExecutionMetrics _metrics = new();

    /// <summary>Takes in what happened before this coordinator; call it before the first <see cref="Text"/>.</summary>
    public void Replay(ExecutionState state, RecordedEvent recorded)
    {
        lock (_gate) _metrics.Watch(state, recorded);
    }

    /// <summary>Takes over where the execution stands.</summary>
    public void Settle(ExecutionState state)
    {
        lock (_gate) _metrics.Settle(state);
    }

    public void Show(ExecutionState state, IReadOnlyList<RecordedEvent> events)
    {
        lock (_gate)
        {
            foreach (var recorded in events) _metrics.Watch(state, recorded);
            _metrics.Settle(state);
        }
    }

    /// <summary>The exposition now, on any thread.</summary>
    public string Text()
    {
        lock (_gate) return _metrics.Exposition(Instant.From(DateTimeOffset.UtcNow));
    }

    public void Dispose()
    {
    }
}
