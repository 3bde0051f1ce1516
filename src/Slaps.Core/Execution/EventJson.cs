using System.Buffers;
using System.Collections.Frozen;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;

namespace Slaps.Core.Execution;

/// <summary>Events as JSON. The names here are a promise: an old journal opens for ever.</summary>
public static class EventJson
{
    private static readonly FrozenDictionary<string, JsonTypeInfo> TypesByName = new Dictionary<string, JsonTypeInfo>
    {
        ["execution_created"] = EventJsonContext.Default.ExecutionCreated,
        ["coordinator_started"] = EventJsonContext.Default.CoordinatorStarted,
        ["worker_joined"] = EventJsonContext.Default.WorkerJoined,
        ["workers_set"] = EventJsonContext.Default.WorkersSet,
        ["worker_left"] = EventJsonContext.Default.WorkerLeft,
        ["execution_paused"] = EventJsonContext.Default.ExecutionPaused,
        ["execution_resumed"] = EventJsonContext.Default.ExecutionResumed,
        ["drain_requested"] = EventJsonContext.Default.DrainRequested,
        ["execution_aborted"] = EventJsonContext.Default.ExecutionAborted,
        ["execution_finished"] = EventJsonContext.Default.ExecutionFinished,
        ["execution_reopened"] = EventJsonContext.Default.ExecutionReopened,
        ["wave_started"] = EventJsonContext.Default.WaveStarted,
        ["frontier_aged"] = EventJsonContext.Default.FrontierAged,
        ["backpressure_changed"] = EventJsonContext.Default.BackpressureChanged,
        ["task_ready"] = EventJsonContext.Default.TaskReady,
        ["task_queued"] = EventJsonContext.Default.TaskQueued,
        ["resource_acquired"] = EventJsonContext.Default.ResourceAcquired,
        ["resource_released"] = EventJsonContext.Default.ResourceReleased,
        ["task_assigned"] = EventJsonContext.Default.TaskAssigned,
        ["task_started"] = EventJsonContext.Default.TaskStarted,
        ["attempt_stopping"] = EventJsonContext.Default.AttemptStopping,
        ["task_verifying"] = EventJsonContext.Default.TaskVerifying,
        ["task_succeeded"] = EventJsonContext.Default.TaskSucceeded,
        ["task_failed"] = EventJsonContext.Default.TaskFailed,
        ["retry_scheduled"] = EventJsonContext.Default.RetryScheduled,
        ["help_requested"] = EventJsonContext.Default.HelpRequested,
        ["task_checkpoint"] = EventJsonContext.Default.TaskCheckpoint,
        ["checkpoint_chosen"] = EventJsonContext.Default.CheckpointChosen,
        ["checkpoint_restored"] = EventJsonContext.Default.CheckpointRestored,
        ["checkpoints_pruned"] = EventJsonContext.Default.CheckpointsPruned,
        ["rollback_started"] = EventJsonContext.Default.RollbackStarted,
        ["task_rolled_back"] = EventJsonContext.Default.TaskRolledBack,
        ["compensation_failed"] = EventJsonContext.Default.CompensationFailed,
        ["help_answered"] = EventJsonContext.Default.HelpAnswered,
        ["task_restored"] = EventJsonContext.Default.TaskRestored,
        ["task_cancelled"] = EventJsonContext.Default.TaskCancelled,
        ["task_skipped"] = EventJsonContext.Default.TaskSkipped,
        ["task_waived"] = EventJsonContext.Default.TaskWaived,
        ["plan_patched"] = EventJsonContext.Default.PlanPatched,
        ["task_held_back"] = EventJsonContext.Default.TaskHeldBack,
        ["lease_renewed"] = EventJsonContext.Default.LeaseRenewed,
        ["lease_expired"] = EventJsonContext.Default.LeaseExpired,
        ["task_progress"] = EventJsonContext.Default.TaskProgress,
        ["subtask_added"] = EventJsonContext.Default.SubtaskAdded,
        ["subtask_done"] = EventJsonContext.Default.SubtaskDone,
        ["rework_requested"] = EventJsonContext.Default.ReworkRequested,
        ["resource_requested"] = EventJsonContext.Default.ResourceRequested,
        ["resource_withdrawn"] = EventJsonContext.Default.ResourceWithdrawn,
        ["resource_denied"] = EventJsonContext.Default.ResourceDenied,
        ["task_preempted"] = EventJsonContext.Default.TaskPreempted,
        ["windows_changed"] = EventJsonContext.Default.WindowsChanged,
        ["deadlock_detected"] = EventJsonContext.Default.DeadlockDetected,
        ["circuit_breaker_tripped"] = EventJsonContext.Default.CircuitBreakerTripped,
        ["circuit_breaker_half_opened"] = EventJsonContext.Default.CircuitBreakerHalfOpened,
        ["circuit_breaker_closed"] = EventJsonContext.Default.CircuitBreakerClosed,
        ["hot_update_refused"] = EventJsonContext.Default.HotUpdateRefused,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<Type, string> NamesByType = TypesByName.ToFrozenDictionary(pair => pair.Value.Type, pair => pair.Key);

    /// <summary>All wire names.</summary>
    public static IEnumerable<string> Names => TypesByName.Keys;

    /// <summary>The event's wire name, e.g. <c>task_ready</c>.</summary>
    public static string NameOf(ExecutionEvent e) => NamesByType[e.GetType()];

    /// <summary>The event's data as UTF-8 JSON.</summary>
    public static byte[] Write(ExecutionEvent e) => JsonSerializer.SerializeToUtf8Bytes(e, TypesByName[NameOf(e)]);

    /// <summary>The whole event as one line of JSON: the envelope <c>{seq, at, execution_id, type, data}</c> without line end.</summary>
    public static byte[] Envelope(ExecutionId execution, RecordedEvent recorded)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        writer.WriteStartObject();
        writer.WriteNumber("seq", recorded.Seq);
        writer.WriteString("at", recorded.At.ToString());
        writer.WriteString("execution_id", execution.Value);
        writer.WriteString("type", NameOf(recorded.Event));
        writer.WritePropertyName("data");
        JsonSerializer.Serialize(writer, recorded.Event, TypesByName[NameOf(recorded.Event)]);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="UnknownEventException">A newer version wrote it.</exception>
    public static ExecutionEvent Read(string name, ReadOnlySpan<byte> data) =>
        TypesByName.TryGetValue(name, out var type)
            ? (ExecutionEvent)JsonSerializer.Deserialize(data, type)!
            : throw new UnknownEventException(name);
}

/// <summary>The journal holds an event that this version does not know.</summary>
public sealed class UnknownEventException(string name) : Exception(
    $"The journal holds an event of the type {Identifiers.Quote(name)}, which this version of tasks does not know. Use the version that wrote it, or a newer one.");

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters =
    [
        typeof(TaskIdConverter), typeof(WorkerIdConverter), typeof(InstantConverter), typeof(PlanPatchConverter),
        typeof(SnakeCase<ExecutionStatus>), typeof(SnakeCase<StopReason>), typeof(SnakeCase<FailureKind>),
        typeof(SnakeCase<PriorityRule>), typeof(SnakeCase<ExecutionModel>),
        typeof(SnakeCase<BackpressureLevel>), typeof(SnakeCase<PressureCause>),
        typeof(SnakeCase<DenialCause>), typeof(SnakeCase<Failures.FailureClass>), typeof(SnakeCase<Failures.Remedy>),
    ])]
[JsonSerializable(typeof(ExecutionCreated))]
[JsonSerializable(typeof(CoordinatorStarted))]
[JsonSerializable(typeof(WorkerJoined))]
[JsonSerializable(typeof(WorkersSet))]
[JsonSerializable(typeof(WorkerLeft))]
[JsonSerializable(typeof(ExecutionPaused))]
[JsonSerializable(typeof(ExecutionResumed))]
[JsonSerializable(typeof(DrainRequested))]
[JsonSerializable(typeof(ExecutionAborted))]
[JsonSerializable(typeof(ExecutionFinished))]
[JsonSerializable(typeof(ExecutionReopened))]
[JsonSerializable(typeof(WaveStarted))]
[JsonSerializable(typeof(FrontierAged))]
[JsonSerializable(typeof(BackpressureChanged))]
[JsonSerializable(typeof(TaskReady))]
[JsonSerializable(typeof(TaskQueued))]
[JsonSerializable(typeof(ResourceAcquired))]
[JsonSerializable(typeof(ResourceReleased))]
[JsonSerializable(typeof(TaskAssigned))]
[JsonSerializable(typeof(TaskStarted))]
[JsonSerializable(typeof(AttemptStopping))]
[JsonSerializable(typeof(TaskVerifying))]
[JsonSerializable(typeof(TaskSucceeded))]
[JsonSerializable(typeof(TaskFailed))]
[JsonSerializable(typeof(RetryScheduled))]
[JsonSerializable(typeof(HelpRequested))]
[JsonSerializable(typeof(TaskCheckpoint))]
[JsonSerializable(typeof(CheckpointChosen))]
[JsonSerializable(typeof(CheckpointRestored))]
[JsonSerializable(typeof(CheckpointsPruned))]
[JsonSerializable(typeof(RollbackStarted))]
[JsonSerializable(typeof(TaskRolledBack))]
[JsonSerializable(typeof(CompensationFailed))]
[JsonSerializable(typeof(HelpAnswered))]
[JsonSerializable(typeof(TaskRestored))]
[JsonSerializable(typeof(TaskCancelled))]
[JsonSerializable(typeof(TaskSkipped))]
[JsonSerializable(typeof(TaskWaived))]
[JsonSerializable(typeof(PlanPatched))]
[JsonSerializable(typeof(TaskHeldBack))]
[JsonSerializable(typeof(LeaseRenewed))]
[JsonSerializable(typeof(LeaseExpired))]
[JsonSerializable(typeof(TaskProgress))]
[JsonSerializable(typeof(SubtaskAdded))]
[JsonSerializable(typeof(SubtaskDone))]
[JsonSerializable(typeof(ReworkRequested))]
[JsonSerializable(typeof(ResourceRequested))]
[JsonSerializable(typeof(ResourceWithdrawn))]
[JsonSerializable(typeof(ResourceDenied))]
[JsonSerializable(typeof(TaskPreempted))]
[JsonSerializable(typeof(WindowsChanged))]
[JsonSerializable(typeof(DeadlockDetected))]
[JsonSerializable(typeof(CircuitBreakerTripped))]
[JsonSerializable(typeof(CircuitBreakerHalfOpened))]
[JsonSerializable(typeof(CircuitBreakerClosed))]
[JsonSerializable(typeof(HotUpdateRefused))]
internal sealed partial class EventJsonContext : JsonSerializerContext;

internal sealed class TaskIdConverter : JsonConverter<TaskId>
{
    public override TaskId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, TaskId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}

internal sealed class WorkerIdConverter : JsonConverter<WorkerId>
{
    public override WorkerId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, WorkerId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}

internal sealed class InstantConverter : JsonConverter<Instant>
{
    public override Instant Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Instant.Parse(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, Instant value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

internal sealed class PlanPatchConverter : JsonConverter<PlanPatch>
{
    public override PlanPatch Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var diagnostics = new DiagnosticBag();
        return PlanPatchJson.Read(document.RootElement, "the journal", diagnostics)
            ?? throw new JsonException($"The journal holds a patch that cannot be read: {diagnostics.Items[0].Message} Use the version of tasks that wrote it, or a newer one.");
    }

    public override void Write(Utf8JsonWriter writer, PlanPatch value, JsonSerializerOptions options) => writer.WriteRawValue(PlanPatchJson.Write(value), skipInputValidation: true);
}

internal sealed class SnakeCase<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
