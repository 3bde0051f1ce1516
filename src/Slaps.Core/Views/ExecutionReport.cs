using System.Text.Json;
using System.Text.Json.Serialization;
using Slaps.Core.Execution;

namespace Slaps.Core.Views;

/// <summary>The seed's monitoring output for one execution, folded from its events.</summary>
public sealed class ExecutionReport
{
    private readonly Dictionary<(string Task, int Attempt), Instant> _assigned = [];
    private readonly Dictionary<string, int> _counts = [];
    private readonly List<ProgressPoint> _progress = [];
    private Instant? _startedAt;
    private Instant? _finishedAt;
    private Instant _last;
    private long _busyMicroseconds;
    private long _capacityMicroseconds;
    private int _workers;
    private int _engaged;
    private BackpressureLevel _pressure;
    private ExecutionState? _state;

    /// <summary>Takes in the next event; <paramref name="state"/> is what it led to.</summary>
    public void Watch(ExecutionState state, RecordedEvent recorded)
    {
        _state = state;
        var name = EventJson.NameOf(recorded.Event);
        _counts[name] = _counts.GetValueOrDefault(name) + 1;

        // Between two coordinators nobody works: a new one's first event does not add the time of its absence.
        if (recorded.Event is not CoordinatorStarted) _capacityMicroseconds += (recorded.At.Microseconds - _last.Microseconds) * _workers;
        _last = recorded.At;
        switch (recorded.Event)
        {
            case CoordinatorStarted e:
                _startedAt ??= recorded.At;
                _pressure = BackpressureLevel.Normal;
                _workers = Math.Max(e.Workers.Count, 1);
                break;
            case BackpressureChanged e:
                if (e.Level > _pressure) _engaged++;
                _pressure = e.Level;
                break;
            case WorkerJoined or WorkerLeft:
                _workers = state.Workers.Count;
                break;
            case ExecutionFinished:
                _finishedAt = recorded.At;
                _workers = 0;
                break;
            case ExecutionReopened:
                _finishedAt = null;
                break;
            case TaskAssigned { LeaseExpiresAt: null } e:   // A session brings its own hands, which no capacity was counted for.
                _assigned[(e.Task.Value, e.Attempt)] = recorded.At;
                break;
            case TaskSucceeded e:
                EndAttempt(state, e, recorded.At);
                Progress(state, recorded.At);
                break;
            case TaskFailed or TaskQueued or TaskCancelled or HelpRequested or TaskRolledBack or RollbackStarted:
                EndAttempt(state, (TaskEvent)recorded.Event, recorded.At);
                break;
            default:
                break;
        }
    }

    /// <summary>The report as it stands. Hours and ratios are rounded to six decimals.</summary>
    public ReportDocument Document()
    {
        var state = _state ?? throw new InvalidOperationException("A report needs at least one event.");
        var end = _finishedAt ?? _last;
        var hours = _startedAt is { } start ? end.SecondsSince(start) / 3600 : 0;
        return new ReportDocument(
            state.Id.Value,
            StatusWords.Of(state),
            new ReportMetrics(
                Math.Round(hours, 6),
                state.Plan.Tasks.Count,
                state.CountOf("SUCCEEDED"),
                state.CountOf("FAILED"),
                state.CountOf("SKIPPED"),
                state.CountOf("CANCELLED"),
                state.CountOf("HELP_NEEDED"),
                _counts.GetValueOrDefault("retry_scheduled"),
                _counts.GetValueOrDefault("circuit_breaker_tripped"),
                _counts.GetValueOrDefault("plan_patched"),
                _engaged,
                _capacityMicroseconds > 0 ? Math.Round(_busyMicroseconds / (double)_capacityMicroseconds, 6) : 0,
                CostEstimateUsd: null,
                state.Seq),
            new ReportTimeline(_startedAt?.ToString(), _finishedAt?.ToString(), _progress));
    }

    /// <summary>The document as indented JSON with a final newline.</summary>
    public static string Json(ReportDocument document) => JsonSerializer.Serialize(document, ViewJsonContext.Default.ReportDocument) + "\n";

    private void EndAttempt(ExecutionState state, TaskEvent e, Instant at)
    {
        var attempt = state.AttemptsOf(state.Plan.IndexOf(e.Task));
        if (_assigned.Remove((e.Task.Value, attempt), out var since)) _busyMicroseconds += at.Microseconds - since.Microseconds;
    }

    private void Progress(ExecutionState state, Instant at)
    {
        foreach (var percent in new[] { 25, 50, 75, 100 })
        {
            if (_progress.All(p => p.Progress != percent) && state.CountOf("SUCCEEDED") * 100L >= state.Plan.Tasks.Count * (long)percent)
                _progress.Add(new ProgressPoint(percent, at.ToString()));
        }
    }
}

/// <summary>The seed's monitoring output; the counts beside its own are ours.</summary>
public sealed record ReportDocument(string ExecutionId, string Status, ReportMetrics Metrics, ReportTimeline Timeline);

/// <summary>The report's figures.</summary>
/// <param name="TotalDurationHours">From the first start to the end or the last event.</param>
/// <param name="TasksTotal">Tasks in the plan.</param>
/// <param name="TasksCompleted">Done and verified.</param>
/// <param name="TasksFailed">Failed for good.</param>
/// <param name="TasksSkipped">Not done because of another.</param>
/// <param name="TasksCancelled">Ended by somebody.</param>
/// <param name="TasksNeedingHelp">Waiting for a person.</param>
/// <param name="RetriesTotal">Attempts after a failure.</param>
/// <param name="CircuitBreakerActivations">Breakers that tripped, counted from the journal.</param>
/// <param name="HotUpdatesApplied">Patches that were applied, counted from the journal.</param>
/// <param name="BackpressureActivations">How often it began to hold back more.</param>
/// <param name="ResourceEfficiency">Time that workers had an attempt in hand by the time that workers were there, 0 to 1.</param>
/// <param name="CostEstimateUsd">Null until a worker reports what it cost.</param>
/// <param name="Events">Events in the journal.</param>
public sealed record ReportMetrics(
    double TotalDurationHours,
    int TasksTotal,
    int TasksCompleted,
    int TasksFailed,
    int TasksSkipped,
    int TasksCancelled,
    int TasksNeedingHelp,
    int RetriesTotal,
    int CircuitBreakerActivations,
    int HotUpdatesApplied,
    int BackpressureActivations,
    double ResourceEfficiency,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? CostEstimateUsd,
    long Events);

/// <summary>When what was reached.</summary>
public sealed record ReportTimeline(string? StartedAt, string? CompletedAt, IReadOnlyList<ProgressPoint> Checkpoints);

/// <summary>When so many percent of the tasks had succeeded.</summary>
public sealed record ProgressPoint(int Progress, string At);
