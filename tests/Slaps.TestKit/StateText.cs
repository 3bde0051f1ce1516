using System.Globalization;
using System.Text;
using Slaps.Core.Execution;

namespace Slaps.TestKit;

/// <summary>Every fact of a state as text, so that two states can be compared and their difference read.</summary>
public static class StateText
{
    /// <summary>One line for the execution, one for each task, resource and worker.</summary>
    public static string Of(ExecutionState state)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{state.Id} seq {state.Seq} at {state.Now.Microseconds} {state.Status} finished {state.IsFinished} draining {state.IsDraining} ");
        text.Append(CultureInfo.InvariantCulture, $"waits {state.WaitsForClaims} hash {state.PlanHash} in {state.Workspace} since {state.CreatedAt.Microseconds} because {state.StatusReason}\n");
        if (state.Profile is { } profile) text.Append(CultureInfo.InvariantCulture, $"profile {profile}\n");
        for (var i = 0; i < state.Plan.Tasks.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{state.Plan.Tasks[i].Id} {Describe(state[i])} attempts {state.AttemptsOf(i)} failures {state.FailuresOf(i)} unfinished {state.UnfinishedPredecessorsOf(i)}{(state.AdviceOf(i) is { } advice ? $" advised {advice}" : "")}{string.Concat(state.SubtasksOf(i).Select(s => $" {s}"))}\n");
        }

        foreach (var name in state.Plan.Tasks.Select((_, i) => state[i].Name).Distinct().Order(StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"{name} {state.CountOf(name)}\n");
        text.Append(CultureInfo.InvariantCulture, $"done {state.Done}, not undone {string.Join(' ', Enumerable.Range(0, state.Plan.Tasks.Count).Where(state.IsUndoFailed))}\n");
        for (var i = 0; i < state.Plan.Tasks.Count; i++)
        {
            if (state.CheckpointsOf(i).Count > 0) text.Append(CultureInfo.InvariantCulture, $"{state.Plan.Tasks[i].Id} kept {string.Join(' ', state.CheckpointsOf(i))} begins from {state.CheckpointToBeginFrom(i)?.Id} restored {state.RestoredBy(i)?.Id}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"active {string.Join(' ', state.Active)}\n");
        text.Append(CultureInfo.InvariantCulture, $"frontier {state.FrontierSize}: {string.Join(' ', state.FrontierInOrder)}\n");
        text.Append(CultureInfo.InvariantCulture, $"kept for {state.KeptFor}\n");
        text.Append(CultureInfo.InvariantCulture, $"next timer {state.NextTimer?.Microseconds}\n");
        foreach (var (resource, holder) in state.Held()) text.Append(CultureInfo.InvariantCulture, $"{holder} holds {resource.Name} {resource.Amount}{(resource.Reads == true ? " to read" : "")}\n");
        foreach (var request in state.Requests) text.Append(CultureInfo.InvariantCulture, $"{request}\n");
        for (var i = 0; i < state.Plan.Tasks.Count; i++)
        {
            if (state.DenialOf(i) is { } denied) text.Append(CultureInfo.InvariantCulture, $"{denied.Task} attempt {denied.Attempt} denied {denied.Resource} {denied.Cause} by {string.Join(' ', denied.Holders)}\n");
            if (state.PreemptionsOf(i) is > 0 and var times) text.Append(CultureInfo.InvariantCulture, $"{state.Plan.Tasks[i].Id} made way {times} times\n");
            if (state.IsParked(i)) text.Append(CultureInfo.InvariantCulture, $"{state.Plan.Tasks[i].Id} is parked, opens at {state.OpensAt(i)?.Microseconds}\n");
        }

        foreach (var (name, free, capacity) in state.ResourceLevels()) text.Append(CultureInfo.InvariantCulture, $"{name} {free} of {capacity}\n");
        text.Append(CultureInfo.InvariantCulture, $"at most {state.MaxWorkers} workers, asked for {state.WorkersAsked}\n");
        if (state.Pool is not null) text.Append(CultureInfo.InvariantCulture, $"{state.Pool} {state.Backpressure} held back {string.Join(' ', state.FrontierInOrder.Where(state.IsHeldBack))}\n");
        foreach (var circuit in state.Circuits.All)
        {
            text.Append(CultureInfo.InvariantCulture, $"breaker {circuit.Name} {circuit.Status} trips {circuit.Trips} until {circuit.Until.Microseconds} probe {circuit.Probe} holds {string.Join(' ', circuit.Held)} last {circuit.Last}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"retries {state.Retries} patches of breakers {state.Circuits.Patches}\n");
        foreach (var worker in state.Workers)
            text.Append(CultureInfo.InvariantCulture, $"{worker.Id} runs {string.Join(' ', worker.Runs)} can {(worker.Capabilities is { } can ? string.Join(' ', can) : "anything")}\n");
        foreach (var effect in Effects.Outstanding(state)) text.Append(CultureInfo.InvariantCulture, $"{effect}\n");
        return text.ToString();
    }

    private static string Describe(TaskState state) => state switch
    {
        TaskState.Succeeded s => $"{s.Name} {s.At.Microseconds} [{string.Join(", ", s.Artifacts)}]",
        TaskState.Failed s => $"{s.Name} {s.At.Microseconds} {Describe(s.Error)}",
        TaskState.BackingOff s => $"{s.Name} {s.NotBefore.Microseconds} {Describe(s.Error)}",
        TaskState.HelpNeeded s => $"{s.Name} {s.At.Microseconds} {s.Reason} {Describe(s.Error)}",
        _ => $"{state.Name} {state}",
    };

    private static string Describe(TaskError? error) =>
        error is null ? "" : $"{error.Kind} {error.Message} {error.ExitCode} {error.Signal} [{string.Join(", ", error.Checks ?? [])}]";
}
