using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;

namespace Slaps.Cli.Output;

/// <summary>One event as a line for people; null for events that people need not see.</summary>
internal static class ProgressText
{
    public static string? Line(ExecutionState state, RecordedEvent recorded, IReadOnlyList<ResourceAmount> held) => recorded.Event switch
    {
        CoordinatorStarted e => $"{state.Id}: {Durations.Count(state.Plan.Tasks.Count, "task")}, {state.FrontierSize} on the frontier, {Workers(e)}",
        ExecutionPaused e => $"‖ paused: {e.Reason}",
        ExecutionResumed => "▶ resumed",
        DrainRequested => "… no new tasks are started; what runs comes to its end",
        ExecutionAborted e => $"■ aborted: {e.Reason}",
        FrontierAged => "⇡ what waits since long goes up in priority",
        BackpressureChanged { Level: BackpressureLevel.Normal } e when e.EffectiveWorkers >= state.MaxWorkers => $"▲ backpressure is over. {e.Reason}",
        BackpressureChanged { Level: BackpressureLevel.Normal } e => $"▲ backpressure eases: {Durations.Count(e.EffectiveWorkers, "task")} at once. {e.Reason}",
        BackpressureChanged e => $"▼ backpressure {e.Level.ToString().ToLowerInvariant()}: {Durations.Count(e.EffectiveWorkers, "task")} at once. {e.Reason}",
        WaveStarted e => $"≡ wave {e.Wave + 1} begins",
        TaskAssigned e when state[e.Task] is TaskState.Compensating => $"↶ the compensation of {Name(state, e.Task)} → {e.Worker}{Held(held)}",
        TaskAssigned e => $"→ {Name(state, e.Task)} → {e.Worker}{(e.Attempt > 1 ? $" (attempt {e.Attempt})" : "")}{Held(held)}",
        TaskSucceeded e => $"✓ {Name(state, e.Task)}{(e.Checks.Count > 0 ? $" [{e.Checks.Count} {(e.Checks.Count == 1 ? "check" : "checks")} passed]" : "")}",
        TaskFailed e => $"✗ {Name(state, e.Task)} attempt {e.Attempt} failed: {e.Error.Message}",
        RetryScheduled e => $"↻ {e.Task} is tried again in {Durations.Words(e.NotBefore.SecondsSince(recorded.At))}",
        TaskQueued e => $"… {e.Task} waits for a worker: {e.Reason}",
        AttemptStopping e => $"■ {e.Task} is being stopped ({Reason(e.Reason)})",
        TaskPreempted e => $"⇤ {e.Task} makes way for {e.For}, which is critical and has waited for too long",
        ResourceRequested e => $"… {e.Task} waits for {e.Resource.Name} in the midst of its work",
        ResourceDenied e => $"⇤ {e.Task} does not get {e.Resource.Name}{(e.Holders.Count > 0 ? $": {string.Join(", ", e.Holders.Take(3))} {(e.Holders.Count == 1 ? "is" : "are")} in its way" : "")}",
        DeadlockDetected e => $"! {string.Join(" → ", e.Tasks)} wait for each other; {e.Victim} makes way",
        HelpRequested e => $"! {Name(state, e.Task)} needs help: {e.Reason}",
        TaskCheckpoint e => $"◆ checkpoint {e.Checkpoint} of {Name(state, e.Task)}{(e.Percent is { } percent ? $" at {percent} %" : "")}: {Durations.Count(e.Kept.Files, "file")}{(e.Note is { Length: > 0 } note ? $", {note}" : "")}",
        CheckpointRestored e => $"◆ {Name(state, e.Task)} goes on from {e.Checkpoint}",
        RollbackStarted e => $"↶ {Name(state, e.Task)} is rolled back{(e.Tasks.Count > 1 ? $" with {Durations.Count(e.Tasks.Count - 1, "task")} that stand on it" : "")}: {e.Reason}",
        TaskRolledBack e => $"↶ {Name(state, e.Task)} rolled back: {e.Reason}",
        CompensationFailed e => $"✗ the compensation of {Name(state, e.Task)} failed: {e.Error.Message}",
        HelpAnswered e => $"? {Name(state, e.Task)} is answered: {e.Advice}",
        TaskCancelled e => $"- {e.Task} cancelled: {e.Reason}",
        TaskSkipped e => $"- {e.Task} skipped because {e.Because} was not done",
        PlanPatched e => $"± the plan is patched ({Patched(e.Patch)}){(e.Patch.Reason.Length > 0 ? $": {e.Patch.Reason}" : "")}",
        CircuitBreakerTripped e => $"⚡ circuit breaker {e.Breaker} trips: {e.Reason}",
        CircuitBreakerHalfOpened e => $"⚡ circuit breaker {e.Breaker}: {e.Probe} tries for all",
        CircuitBreakerClosed { GaveUp: true } e => $"⚡ circuit breaker {e.Breaker} gives up: {e.Reason}",
        CircuitBreakerClosed e => $"⚡ circuit breaker {e.Breaker} closes: {e.Reason}",
        HotUpdateRefused e => $"⚡ circuit breaker {e.Breaker}: its patch is refused: {e.Reason}",
        TaskHeldBack e => $"… {e.Task} is held back: {e.Reason}",
        _ => null,
    };

    /// <summary>The id and the title, where the title says more than the id.</summary>
    public static string Name(ExecutionState state, TaskId id)
    {
        var title = state.Plan.Tasks[state.Plan.IndexOf(id)].Title;
        return title.Length == 0 || title == id.Value ? id.Value : $"{id} ({title})";
    }

    private static string Workers(CoordinatorStarted e) => e.MaxWorkers switch
    {
        0 => "no workers",
        1 => "1 worker",
        _ => $"up to {e.MaxWorkers} workers",
    };

    private static string Patched(PlanPatch patch)
    {
        var (tasks, edges) = (patch.Injected.Count(), patch.Edges.Count());
        var others = patch.Operations.Count(operation => operation is PatchOperation.ModifyResource or PatchOperation.ModifyTask);
        return string.Join(", ", new[] { (tasks, "new task"), (edges, "new edge"), (others, "modification") }.Where(part => part.Item1 > 0).Select(part => Durations.Count(part.Item1, part.Item2)));
    }

    private static string Held(IReadOnlyList<ResourceAmount> held)
    {
        var named = held.Where(r => r.Name.Contains(':')).Select(r => r.Name.Split(':', 2) switch
        {
            ["lock", var name] => $"lock {name}",
            [_, var name] => r.Amount == 1 ? name : $"{r.Amount} of {name}",
            _ => r.Name,
        }).ToList();
        return named.Count > 0 ? $" [{string.Join(", ", named)}]" : "";
    }

    private static string Reason(StopReason reason) => reason switch
    {
        StopReason.TimedOut => "its time is over",
        StopReason.Stalled => "it has printed nothing for too long",
        StopReason.Aborted => "the execution was aborted",
        StopReason.ResourceDenied or StopReason.Preempted => "it makes way",
        StopReason.Cancelled => "somebody cancelled it",
        _ => "the coordinator leaves",
    };
}
