using System.Buffers;
using System.Diagnostics;
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
    // Types and not what reads them: a command that reads three sorts of events must not set up fifty, which takes longer than all it does.
    private static readonly Dictionary<string, Type> TypesByName = new(StringComparer.Ordinal)
    {
        ["execution_created"] = typeof(ExecutionCreated),
        ["coordinator_started"] = typeof(CoordinatorStarted),
        ["worker_joined"] = typeof(WorkerJoined),
        ["workers_set"] = typeof(WorkersSet),
        ["worker_left"] = typeof(WorkerLeft),
        ["execution_paused"] = typeof(ExecutionPaused),
        ["execution_resumed"] = typeof(ExecutionResumed),
        ["drain_requested"] = typeof(DrainRequested),
        ["execution_aborted"] = typeof(ExecutionAborted),
        ["execution_finished"] = typeof(ExecutionFinished),
        ["execution_reopened"] = typeof(ExecutionReopened),
        ["wave_started"] = typeof(WaveStarted),
        ["frontier_aged"] = typeof(FrontierAged),
        ["backpressure_changed"] = typeof(BackpressureChanged),
        ["task_ready"] = typeof(TaskReady),
        ["task_queued"] = typeof(TaskQueued),
        ["resource_acquired"] = typeof(ResourceAcquired),
        ["resource_released"] = typeof(ResourceReleased),
        ["task_assigned"] = typeof(TaskAssigned),
        ["task_started"] = typeof(TaskStarted),
        ["attempt_stopping"] = typeof(AttemptStopping),
        ["task_verifying"] = typeof(TaskVerifying),
        ["task_succeeded"] = typeof(TaskSucceeded),
        ["task_failed"] = typeof(TaskFailed),
        ["retry_scheduled"] = typeof(RetryScheduled),
        ["help_requested"] = typeof(HelpRequested),
        ["task_checkpoint"] = typeof(TaskCheckpoint),
        ["checkpoint_chosen"] = typeof(CheckpointChosen),
        ["checkpoint_restored"] = typeof(CheckpointRestored),
        ["checkpoints_pruned"] = typeof(CheckpointsPruned),
        ["rollback_started"] = typeof(RollbackStarted),
        ["task_rolled_back"] = typeof(TaskRolledBack),
        ["compensation_failed"] = typeof(CompensationFailed),
        ["help_answered"] = typeof(HelpAnswered),
        ["task_restored"] = typeof(TaskRestored),
        ["task_cancelled"] = typeof(TaskCancelled),
        ["task_skipped"] = typeof(TaskSkipped),
        ["task_waived"] = typeof(TaskWaived),
        ["plan_patched"] = typeof(PlanPatched),
        ["task_held_back"] = typeof(TaskHeldBack),
        ["lease_renewed"] = typeof(LeaseRenewed),
        ["lease_expired"] = typeof(LeaseExpired),
        ["task_progress"] = typeof(TaskProgress),
        ["subtask_added"] = typeof(SubtaskAdded),
        ["subtask_done"] = typeof(SubtaskDone),
        ["rework_requested"] = typeof(ReworkRequested),
        ["resource_requested"] = typeof(ResourceRequested),
        ["resource_withdrawn"] = typeof(ResourceWithdrawn),
        ["resource_denied"] = typeof(ResourceDenied),
        ["task_preempted"] = typeof(TaskPreempted),
        ["windows_changed"] = typeof(WindowsChanged),
        ["deadlock_detected"] = typeof(DeadlockDetected),
        ["circuit_breaker_tripped"] = typeof(CircuitBreakerTripped),
        ["circuit_breaker_half_opened"] = typeof(CircuitBreakerHalfOpened),
        ["circuit_breaker_closed"] = typeof(CircuitBreakerClosed),
        ["hot_update_refused"] = typeof(HotUpdateRefused),
    };

    private static readonly Dictionary<Type, string> NamesByType = TypesByName.ToDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>All wire names.</summary>
    public static IEnumerable<string> Names => TypesByName.Keys;

    /// <summary>The event's wire name, e.g. <c>task_ready</c>.</summary>
    public static string NameOf(ExecutionEvent e) => NamesByType[e.GetType()];

    /// <summary>The event's data as UTF-8 JSON.</summary>
    public static byte[] Write(ExecutionEvent e) => JsonSerializer.SerializeToUtf8Bytes(e, FormOf(e.GetType()));

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
        JsonSerializer.Serialize(writer, recorded.Event, FormOf(recorded.Event.GetType()));
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="UnknownEventException">A newer version wrote it.</exception>
    public static ExecutionEvent Read(string name, ReadOnlySpan<byte> data) =>
        TypesByName.TryGetValue(name, out var type)
            ? (ExecutionEvent)JsonSerializer.Deserialize(data, FormOf(type))!
            : throw new UnknownEventException(name);

    private static JsonTypeInfo FormOf(Type type) => EventJsonContext.Default.GetTypeInfo(type) ?? throw new UnreachableException($"Nothing reads {type.Name}. Add it to EventJsonContext.");
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
