using System.Globalization;
using System.Text;
using Slaps.Core.Execution;

namespace Slaps.Core.Views;

/// <summary>
/// The seed's metrics of one execution, folded from its events, as Prometheus reads them (text exposition format 0.0.4). Counters begin with
/// the execution, also when another coordinator goes on with it. It belongs to whoever folds it: not for several threads at once.
/// </summary>
public sealed class ExecutionMetrics
{
    private static readonly double[] TaskSeconds = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 14400, 28800];
    private static readonly double[] WaitSeconds = [0.001, 0.01, 0.1, 1, 5, 15, 60, 300, 900, 3600];
    private static readonly string[] States =
        ["ASSIGNED", "BACKOFF", "CANCELLED", "COMPENSATING", "FAILED", "HELP_NEEDED", "PENDING", "QUEUED", "READY", "ROLLED_BACK", "RUNNING", "SKIPPED", "SUCCEEDED", "VERIFYING"];

    private readonly Histogram _durations = new(TaskSeconds);
    private readonly Histogram _lockWaits = new(WaitSeconds);
    private readonly SortedDictionary<string, long> _failures = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Level> _levels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Instant> _began = [];
    private readonly Dictionary<string, Instant> _queuedFor = [];
    private readonly Queue<Instant> _recentlyDone = new();
    private long _started;
    private long _completed;
    private long _retries;
    private long _breakers;
    private long _patches;
    private bool _knowsLevels;
    private Facts? _facts;

    /// <summary>Begins where every sort of failure has happened no times.</summary>
    public ExecutionMetrics()
    {
        foreach (var kind in Enum.GetValues<FailureKind>()) _failures[NameOf(kind)] = 0;
    }

    /// <summary>Takes in the next event; <paramref name="state"/> is what it led to, or what the batch led to that it belongs to.</summary>
    public void Watch(ExecutionState state, RecordedEvent recorded)
    {
        if (!_knowsLevels || recorded.Event is PlanPatched) FindLevels(state);
        Count(state, recorded);

        // Breakers and hot updates are counted by their wire names, as the report does.
        switch (EventJson.NameOf(recorded.Event))
        {
            case "circuit_breaker_tripped":
                _breakers++;
                break;
            case "plan_patched":
                _patches++;
                break;
            default:
                break;
        }
    }

    /// <summary>Takes over what only the state knows. Call it after the last event of a batch.</summary>
    public void Settle(ExecutionState state) => _facts = new Facts(
        state.Id.Value,
        state is { IsDraining: true, IsFinished: false } ? "draining" : StatusWords.Of(state),
        state.FrontierSize,
        state.Workers.Count,
        state.Active.Count,
        state.Backpressure.Level,
        Math.Min(state.MaxWorkers, state.Backpressure.Places ?? state.MaxWorkers),
        [.. States.Select(state.CountOf)]);

    /// <summary>Everything as text; empty before the first batch.</summary>
    /// <param name="now">The time of the scrape, for what happened within the last minute.</param>
    public string Exposition(Instant now)
    {
        if (_facts is not { } facts) return "";
        var text = new StringBuilder(8192);
        Head(text, "task_started_total", "counter", "Attempts that began.");
        Sample(text, "task_started_total", "", _started);
        Head(text, "task_completed_total", "counter", "Tasks that succeeded, with their checks.");
        Sample(text, "task_completed_total", "", _completed);
        Head(text, "task_failed_total", "counter", "Attempts that failed, by the sort of failure.");
        foreach (var (kind, count) in _failures) Sample(text, "task_failed_total", Label("kind", kind), count);
        _durations.Write(text, "task_duration_seconds", "How long the attempts of tasks that succeeded took, from their assignment to the end of their checks.");
        Head(text, "task_retries_total", "counter", "Further attempts that were scheduled after a failure.");
        Sample(text, "task_retries_total", "", _retries);

        Head(text, "resource_utilization", "gauge", "How much of a resource is held, 0 to 1.");
        foreach (var (name, level) in _levels) Sample(text, "resource_utilization", Label("resource", name), level.Share);
        Sample(text, "resource_utilization", Label("resource", "workers"), facts.Workers == 0 ? 0 : Math.Min(1, facts.Busy / (double)facts.Workers));
        _lockWaits.Write(text, "lock_wait_time_seconds", "How long tasks that need locks waited on the frontier until they had them.");
        Head(text, "quota_exhaustion_total", "counter", "How often so little of a pool or quota was left that no task that needs it could have started.");
        foreach (var (name, level) in _levels.Where(level => !level.Value.IsLock)) Sample(text, "quota_exhaustion_total", Label("resource", name), level.Exhaustions);

        Head(text, "frontier_size", "gauge", "Tasks whose predecessors are done and that wait for resources or a worker.");
        Sample(text, "frontier_size", "", facts.Frontier);
        Head(text, "worker_pool_size", "gauge", "Workers that are there, busy or not.");
        Sample(text, "worker_pool_size", "", facts.Workers);
        Head(text, "throughput_per_minute", "gauge", "Tasks that succeeded within the last minute.");
        Sample(text, "throughput_per_minute", "", _recentlyDone.Count(at => now.SecondsSince(at) < 60));
        Head(text, "circuit_breaker_triggers", "counter", "Circuit breakers that tripped.");
        Sample(text, "circuit_breaker_triggers", "", _breakers);
        Head(text, "hot_updates_applied", "counter", "Patches of the plan that were applied while it ran.");
        Sample(text, "hot_updates_applied", "", _patches);

        Head(text, "backpressure_level", "gauge", "What is held back for pressure: 0 nothing, 1 elevated, 2 high, 3 critical.");
        Sample(text, "backpressure_level", "", (int)facts.Pressure);
        Head(text, "effective_workers", "gauge", "Tasks that may run at once: the most workers, or fewer under backpressure.");
        Sample(text, "effective_workers", "", facts.Places);

        Head(text, "tasks_in_state", "gauge", "Tasks by state.");
        for (var state = 0; state < States.Length; state++) Sample(text, "tasks_in_state", Label("state", States[state]), facts.Counts[state]);
        Head(text, "execution_info", "gauge", "Which execution this is, and where it stands; always 1.");
        Sample(text, "execution_info", $"{{execution=\"{Escaped(facts.Execution)}\",status=\"{Escaped(facts.Status)}\"}}", 1);
        return text.ToString();
    }

    private void Count(ExecutionState state, RecordedEvent recorded)
    {
        switch (recorded.Event)
        {
            case TaskReady e:
                _queuedFor[e.Task.Value] = recorded.At;
                break;
            case TaskQueued e:
                _began.Remove(e.Task.Value);
                _queuedFor[e.Task.Value] = recorded.At;
                break;
            case ResourceAcquired e:
                foreach (var held in e.Resources) Take(held, held.Amount);
                if (_queuedFor.TryGetValue(e.Task.Value, out var since) && state.Plan.Tasks[state.Plan.IndexOf(e.Task)].LocksTaken.Count > 0)
                    _lockWaits.Add(recorded.At.SecondsSince(since));
                break;
            case ResourceReleased e:
                foreach (var held in e.Resources) Take(held, -held.Amount);
                break;
            case TaskAssigned e:
                _queuedFor.Remove(e.Task.Value);
                _began[e.Task.Value] = recorded.At;
                break;
            case TaskStarted:
                _started++;
                break;
            case TaskSucceeded e:
                _completed++;
                if (_began.Remove(e.Task.Value, out var began)) _durations.Add(recorded.At.SecondsSince(began));
                _recentlyDone.Enqueue(recorded.At);
                while (recorded.At.SecondsSince(_recentlyDone.Peek()) >= 60) _recentlyDone.Dequeue();
                break;
            case TaskFailed e:
                _began.Remove(e.Task.Value);
                _failures[NameOf(e.Error.Kind)]++;
                break;
            case RetryScheduled:
                _retries++;
                break;
            default:
                break;
        }
    }

    private void FindLevels(ExecutionState state)
    {
        _knowsLevels = true;
        foreach (var (name, _, capacity) in state.ResourceLevels().SkipLast(1))
        {
            if (_levels.TryGetValue(name, out var known)) known.Resize(capacity);
            else _levels[name] = new Level(capacity, name.StartsWith("lock:", StringComparison.Ordinal));
        }

        // A need of nothing never keeps a task waiting.
        for (var task = 0; task < state.Plan.Tasks.Count; task++)
        {
            foreach (var need in state.NeedsOf(task)) _levels[need.Name].LeastNeed = Math.Min(_levels[need.Name].LeastNeed, Math.Max(1, need.Amount));
        }
    }

    private void Take(ResourceAmount held, long amount)
    {
        if (_levels.TryGetValue(held.Name, out var level)) level.Take(amount);
    }

    private static string NameOf(FailureKind kind) => kind switch
    {
        FailureKind.ExitCode => "exit_code",
        FailureKind.Signal => "signal",
        FailureKind.TimedOut => "timed_out",
        FailureKind.NotStarted => "not_started",
        FailureKind.ChecksFailed => "checks_failed",
        FailureKind.Stalled => "stalled",
        FailureKind.Reported => "reported",
        _ => throw new System.Diagnostics.UnreachableException($"No name for {kind}. Add an arm to ExecutionMetrics.NameOf."),
    };

    private static void Head(StringBuilder text, string name, string type, string help) =>
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    private static void Sample(StringBuilder text, string name, string labels, double value) =>
        text.Append(name).Append(labels).Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');

    private static string Label(string name, string value) => $"{{{name}=\"{Escaped(value)}\"}}";

    // Within a label's value the format knows these three escapes and no others.
    private static string Escaped(string value) => value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n");

    private sealed record Facts(string Execution, string Status, int Frontier, int Workers, int Busy, BackpressureLevel Pressure, int Places, int[] Counts);

    private sealed class Level(long capacity, bool isLock)
    {
        private long _capacity = capacity;
        private long _held;

        public bool IsLock => isLock;

        public long LeastNeed { get; set; } = long.MaxValue;

        public long Exhaustions { get; private set; }

        // A limit that was lowered since an attempt began may be exceeded by what is held.
        public double Share => _capacity <= 0 ? 0 : Math.Clamp(_held / (double)_capacity, 0, 1);

        private bool IsExhausted => LeastNeed <= _capacity && _capacity - _held < LeastNeed;

        /// <summary>The plan was patched: there is so much of it now, and others may need it.</summary>
        public void Resize(long now) => (_capacity, LeastNeed) = (now, long.MaxValue);

        public void Take(long amount)
        {
            var was = IsExhausted;
            _held += amount;
            if (!was && IsExhausted) Exhaustions++;
        }
    }

    private sealed class Histogram(double[] bounds)
    {
        private readonly long[] _counts = new long[bounds.Length];
        private long _count;
        private double _sum;

        public void Add(double value)
        {
            _count++;
            _sum += value;
            for (var bucket = 0; bucket < bounds.Length; bucket++)
            {
                if (value <= bounds[bucket]) _counts[bucket]++;
            }
        }

        public void Write(StringBuilder text, string name, string help)
        {
            Head(text, name, "histogram", help);
            for (var bucket = 0; bucket < bounds.Length; bucket++) Sample(text, $"{name}_bucket", Label("le", bounds[bucket].ToString("R", CultureInfo.InvariantCulture)), _counts[bucket]);
            Sample(text, $"{name}_bucket", Label("le", "+Inf"), _count);
            Sample(text, $"{name}_sum", "", _sum);
            Sample(text, $"{name}_count", "", _count);
        }
    }
}
