using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Processes;
using Slaps.Runtime.State;

namespace Slaps.Cli.Output;

/// <summary>Shows an execution while it runs: as lines, as a live picture, or as events in JSON. Called on the writer's thread.</summary>
internal interface IExecutionOutput : IDisposable
{
    /// <summary>These events are durable, and led to this state.</summary>
    void Show(ExecutionState state, IReadOnlyList<RecordedEvent> events);

    /// <summary>The coordinator listens from now on. Called once, before it runs.</summary>
    void Begin(Steering steering)
    {
    }
}

/// <summary>What an output that a person looks at may ask of the coordinator; from any thread.</summary>
/// <param name="Send">Carries out a word of the person, and answers with a sentence.</param>
/// <param name="Leave">Drains as the first Ctrl-C does; the second time it stops what runs.</param>
/// <param name="ProgressOf">How far a living attempt says that it is.</param>
internal sealed record Steering(Func<ControlRequest, Task<ControlResponse>> Send, Action Leave, Func<TaskId, int, AttemptProgress?> ProgressOf);

/// <summary>Several outputs as one.</summary>
internal sealed class Outputs(IReadOnlyList<IExecutionOutput> all) : IExecutionOutput
{
    public void Show(ExecutionState state, IReadOnlyList<RecordedEvent> events)
    {
        foreach (var output in all) output.Show(state, events);
    }

    public void Begin(Steering steering)
    {
        foreach (var output in all) output.Begin(steering);
    }

    public void Dispose()
    {
        foreach (var output in all) output.Dispose();
    }
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
