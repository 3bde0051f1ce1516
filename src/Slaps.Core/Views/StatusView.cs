using System.Text.Json;
using System.Text.Json.Serialization;
using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Core.Views;

/// <summary>Where an execution stands at its last event; the same journal gives the same bytes.</summary>
/// <param name="ExecutionId">Its name.</param>
/// <param name="Status">created, running, waiting (for a person's answer and for nothing else), paused, completed, failed or aborted.</param>
/// <param name="Reason">Why it is paused or was aborted, or whose answer it waits for.</param>
/// <param name="Title">The plan's title.</param>
/// <param name="Workspace">Where its tasks run.</param>
/// <param name="LastEvent">Sequence number of the last event.</param>
/// <param name="UpdatedAt">Time of the last event.</param>
/// <param name="Counts">Tasks by state.</param>
/// <param name="Resources">What is held, free and there.</param>
/// <param name="Tasks">Every task in file order.</param>
public sealed record StatusView(
    string ExecutionId,
    string Status,
    string? Reason,
    string Title,
    string Workspace,
    long LastEvent,
    string UpdatedAt,
    IReadOnlyDictionary<string, int> Counts,
    IReadOnlyList<ResourceView> Resources,
    IReadOnlyList<TaskView> Tasks)
{
    /// <summary>What is held back for pressure on the machine or for failures; null: nothing.</summary>
    public BackpressureView? Backpressure { get; init; }

    /// <summary>Circuit breakers that have tripped; null: none has.</summary>
    public IReadOnlyList<BreakerView>? CircuitBreakers { get; init; }

    /// <summary>How much of the sessions' work it gets beside other executions; null: as much as any.</summary>
    public int? Weight { get; init; }

    private static readonly string[] StateNames =
        ["PENDING", "READY", "QUEUED", "ASSIGNED", "RUNNING", "VERIFYING", "BACKOFF", "COMPENSATING", "SUCCEEDED", "FAILED", "HELP_NEEDED", "ROLLED_BACK", "CANCELLED", "SKIPPED"];

    /// <summary>The view of a state.</summary>
    /// <param name="state">The execution, folded from its events.</param>
    /// <param name="areChecksCutOff">Whether nobody runs the checks of a task that is VERIFYING, which no event tells; null: they run.</param>
    public static StatusView Of(ExecutionState state, Func<TaskId, bool>? areChecksCutOff = null)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in StateNames.Where(n => state.CountOf(n) > 0)) counts[name] = state.CountOf(name);
        return new StatusView(
            state.Id.Value,
            StatusWords.Of(state),
            StatusWords.Awaited(state) is { } awaited ? $"It waits for {awaited}" : state.StatusReason,
            state.Plan.Title,
            state.Workspace,
            state.Seq,
            state.Now.ToString(),
            counts,
            [.. state.ResourceLevels().Where(r => r.Capacity < long.MaxValue).Select(r => new ResourceView(r.Name, r.Capacity, r.Free, [.. state.HoldersOf(r.Name).Select(t => t.Value)]))],
            [.. Enumerable.Range(0, state.Plan.Tasks.Count).Select(i => TaskView.Of(state, i, areChecksCutOff?.Invoke(state.Plan.Tasks[i].Id) == true))])
        {
            Backpressure = state.Backpressure is { IsActive: true } now
                ? new BackpressureView(now.Level.ToString().ToLowerInvariant(), Math.Min(state.MaxWorkers, now.Places ?? state.MaxWorkers), now.Since.ToString(), now.Reason)
                : null,
            Weight = state.Weight == 1 ? null : state.Weight,
            CircuitBreakers = state.Circuits.All.Any(circuit => circuit.Trips > 0) ? [.. state.Circuits.All.Where(circuit => circuit.Trips > 0).Select(circuit => BreakerView.Of(state, circuit))] : null,
        };
    }

    /// <summary>The view as indented JSON with a final newline.</summary>
    public static string Json(StatusView view) => JsonSerializer.Serialize(view, ViewJsonContext.Default.StatusView) + "\n";
}

/// <summary>What an execution holds back.</summary>
/// <param name="Level">normal while it eases, elevated, high or critical.</param>
/// <param name="EffectiveWorkers">How many tasks may run at once.</param>
/// <param name="Since">When that was decided.</param>
/// <param name="Reason">A sentence.</param>
public sealed record BackpressureView(string Level, int EffectiveWorkers, string Since, string Reason);

/// <summary>A circuit breaker that has tripped.</summary>
/// <param name="Name">The playbook with what it is about.</param>
/// <param name="State">closed, open, half_open or gave_up.</param>
/// <param name="Trips">How often it has tripped.</param>
/// <param name="Waiting">The tasks that it holds.</param>
/// <param name="Until">While it is open: when one of them may try.</param>
/// <param name="Probe">While it is half-open: the task that tries.</param>
/// <param name="Why">What was met last, as a sentence.</param>
public sealed record BreakerView(string Name, string State, int Trips, IReadOnlyList<string> Waiting, string? Until, string? Probe, string Why)
{
    /// <summary>The view of one breaker.</summary>
    public static BreakerView Of(ExecutionState state, Circuit circuit) => new(
        circuit.Name,
        circuit.Status switch { CircuitStatus.Open => "open", CircuitStatus.HalfOpen => "half_open", CircuitStatus.GaveUp => "gave_up", _ => "closed" },
        circuit.Trips,
        [.. circuit.Held.Select(task => state.Plan.Tasks[task].Id.Value)],
        circuit.Status == CircuitStatus.Open ? circuit.Until.ToString() : null,
        circuit.Probe >= 0 ? state.Plan.Tasks[circuit.Probe].Id.Value : null,
        circuit.Last.Why);
}

/// <summary>A resource with who holds it. Quotas are in thousandths.</summary>
public sealed record ResourceView(string Name, long Capacity, long Free, IReadOnlyList<string> HeldBy);

/// <summary>One task in one execution.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Title">A line for people.</param>
/// <param name="State">Its state on the wire.</param>
/// <param name="Attempts">Tries so far, the present one too.</param>
/// <param name="Worker">Who has it in hand.</param>
/// <param name="Since">Since when it is in this state, where the state knows.</param>
/// <param name="Detail">Why, where there is a reason.</param>
/// <param name="LeaseExpiresAt">Until when a session has it without a sign of life.</param>
/// <param name="Percent">How far a session says that it is.</param>
/// <param name="Result">What a session says that came out of it.</param>
public sealed record TaskView(
    string Id, string Title, string State, int Attempts, string? Worker, string? Since, string? Detail, string? LeaseExpiresAt = null, int? Percent = null, string? Result = null)
{
    /// <summary>The view of one task.</summary>
    public static TaskView Of(ExecutionState state, int index, bool areChecksCutOff = false)
    {
        var task = state.Plan.Tasks[index];
        var active = state.ActiveAttemptOf(index);
        var (since, detail) = state[index] switch
        {
            TaskState.Ready s => (s.Since, null),
            TaskState.Queued s => (s.Since, s.Reason),
            TaskState.Assigned s => (s.Active.AssignedAt, null),
            TaskState.Running s => (s.Since, s.Active.Findings),
            TaskState.Verifying s => (s.Since, areChecksCutOff ? Explanation.CutOff(task.Id) : null),
            TaskState.BackingOff s => (s.NotBefore, s.Error.Message),
            TaskState.Succeeded s => (s.At, null),
            TaskState.Failed s => (s.At, s.Error.Message),
            TaskState.HelpNeeded s => (s.At, s.Reason),
            TaskState.Compensating s => (s.Since, s.Reason),
            TaskState.RolledBack s => (s.At, s.Reason),
            TaskState.Cancelled s => (s.At, s.Reason),
            TaskState.Skipped s => (s.At, $"{s.Because} was not done."),
            TaskState.Waived s => (s.At, s.Reason),
            _ => ((Instant?)null, (string?)null),
        };
        return new TaskView(task.Id.Value, task.Title, state[index].Name, state.AttemptsOf(index), active?.Worker.Value, since?.ToString(), detail)
        {
            LeaseExpiresAt = active?.Lease?.ExpiresAt.ToString(),
            Percent = active?.Percent,
            Result = (state[index] as TaskState.Succeeded)?.Result,
        };
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(ReportDocument))]
[JsonSerializable(typeof(StatusView))]
internal sealed partial class ViewJsonContext : JsonSerializerContext;
