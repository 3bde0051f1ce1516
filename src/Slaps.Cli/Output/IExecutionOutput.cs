using Slaps.Core.Execution;

namespace Slaps.Cli.Output;

/// <summary>Shows an execution while it runs: as lines, as a live picture, or as events in JSON. Called on the writer's thread.</summary>
internal interface IExecutionOutput : IDisposable
{
    /// <summary>These events are durable, and led to this state.</summary>
    void Show(ExecutionState state, IReadOnlyList<RecordedEvent> events);
}

/// <summary>Every event as one line of JSON on standard output.</summary>
internal sealed class JsonEvents : IExecutionOutput
{
    private readonly Stream _output = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
    private bool _refused;

    public void Show(ExecutionState state, IReadOnlyList<RecordedEvent> events)
    {
        if (_refused) return;
        try
        {
            foreach (var recorded in events)
            {
                _output.Write(EventJson.Envelope(state.Id, recorded));
                _output.WriteByte((byte)'\n');
            }

            _output.Flush();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The events are safe in the journal: a reader that went away does not stop the work.
            _refused = true;
            Say.Error($"Standard output refused the events ({e.Message.TrimEnd('.')}); the execution goes on without it. `tasks report` and `tasks status` show what happened.");
        }
    }

    public void Dispose()
    {
    }
}

/// <summary>One line for each thing that a person would want to know, on standard error.</summary>
internal sealed class ProgressLines(Instant start) : IExecutionOutput
{
    public void Show(ExecutionState state, IReadOnlyList<RecordedEvent> events)
    {
        for (var i = 0; i < events.Count; i++)
        {
            var held = i > 0 && events[i - 1].Event is ResourceAcquired acquired ? acquired.Resources : [];
            if (ProgressText.Line(state, events[i], held) is { } line) Say.Progress($"[{Durations.Clock(events[i].At.SecondsSince(start))}] {Say.OneLine(line)}");
        }
    }

    public void Dispose()
    {
    }
}
