using System.Globalization;
using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Core.Views;

/// <summary>Why a task stands where it stands, in sentences for people.</summary>
public static class Explanation
{
    /// <summary>The reasons, the first the most important one.</summary>
    /// <param name="state">The execution, folded from its events.</param>
    /// <param name="id">A task of its plan.</param>
    /// <param name="areChecksCutOff">Whether nobody runs the checks that it is VERIFYING by, which no event tells.</param>
    public static IReadOnlyList<string> Of(ExecutionState state, TaskId id, bool areChecksCutOff = false)
    {
        var index = state.Plan.IndexOf(id);
        return state[index] switch
        {
            TaskState.Pending => Waiting(state, index),
            TaskState.Ready s => [$"{id} is READY since {s.Since}: {Before(state, index)}.", .. Held(state, index)],
            TaskState.Queued s => [$"{id} is QUEUED since {s.Since}: {s.Reason}", .. Held(state, index)],
            TaskState.Assigned { Active.Lease: { } lease } s => [$"{id} was claimed by {s.Active.Worker} at {s.Active.AssignedAt} (attempt {s.Active.Attempt}), who has not begun yet.", Leased(lease)],
            TaskState.Running { Active.Lease: { } lease } s =>
            [
                $"{id} is done by {s.Active.Worker}, who claimed it at {s.Active.AssignedAt} (attempt {s.Active.Attempt}{(s.Active.Percent is { } percent ? $", {percent} %" : "")}).",
                .. s.Active.Findings is { } findings ? new[] { $"It was said to be done, but {findings}" } : [],
                .. Asking(state, index),
                Leased(lease),
            ],
            TaskState.Assigned s => [$"{id} has been given to {s.Active.Worker} (attempt {s.Active.Attempt}) and has not begun yet.", .. SetUp(state, index, s.Active), .. Stopping(s.Active)],
            TaskState.Running s =>
            [
                $"{id} runs on {s.Active.Worker} since {s.Since} (attempt {s.Active.Attempt}{(s.Process is { } p ? $", process {p.Pid}" : "")}).",
                .. SetUp(state, index, s.Active),
                .. s.Active.Deadline is { } deadline ? new[] { $"It will be stopped at {deadline}." } : [],
                .. Asking(state, index),
                .. Stopping(s.Active),
            ],
            TaskState.Verifying s when areChecksCutOff => [$"{id} was said to be done at {s.Since} (attempt {s.Active.Attempt}), and {CutOff(id)}.", .. Stopping(s.Active)],
            TaskState.Verifying s => [$"{id} says that it is done; its checks run since {s.Since} (attempt {s.Active.Attempt}).", .. Stopping(s.Active)],
            TaskState.BackingOff s => [$"{id} waits until {s.NotBefore} for attempt {state.AttemptsOf(index) + 1}.", $"Attempt {state.AttemptsOf(index)} failed: {s.Error.Message}", $"`tasks log {id}` shows its output; `tasks retry {id}` tries it now."],
            TaskState.Succeeded s => [$"{id} has SUCCEEDED at {s.At} (attempt {state.AttemptsOf(index)})."],
            TaskState.Failed s => [$"{id} has FAILED at {s.At}: {s.Error.Message}", $"It may not retry by itself{After(state, index, ", and what depends on it was skipped")}.", $"`tasks log {id}` shows its output; `tasks retry {id}` tries it again."],
            TaskState.HelpNeeded s when state.IsUndoFailed(index) => [$"{id} needs help since {s.At}: {s.Reason}", .. StandsOn(state, index)],
            TaskState.HelpNeeded { Error: null } s => [$"{id} needs help since {s.At}: {s.Reason}", $"It holds no resources{After(state, index, "; what depends on it waits")}.", $"`tasks answer {id} TEXT` has it tried again with that answer; `tasks log {id}` shows its output, `tasks retry {id}` tries it again without one."],
            TaskState.HelpNeeded s => [$"{id} needs help since {s.At}: {s.Reason}", $"It holds no resources{After(state, index, "; what depends on it waits")}.", $"`tasks log {id}` shows its output; `tasks retry {id}` tries it again, `tasks answer {id} TEXT` with advice."],
            TaskState.Compensating { Active: { } active } s => [$"{id} is COMPENSATING since {s.Since}: {s.Reason}", $"Its compensation runs on {active.Worker}; `tasks log {id}` shows its output as that of attempt {active.Attempt}.", .. Stopping(active)],
            TaskState.Compensating s => [$"{id} is COMPENSATING since {s.Since}: {s.Reason}", .. Undoing(state, index)],
            TaskState.RolledBack s => [$"{id} was ROLLED_BACK at {s.At}: {s.Reason}", $"{After(state, index, "What depends on it waits. ")}`tasks retry {id}` does it anew, `tasks skip {id}` goes on without it."],
            TaskState.Cancelled s when state.Status != ExecutionStatus.Aborted => [$"{id} was CANCELLED at {s.At} by a person: {s.Reason}", $"{After(state, index, "What depends on it was skipped. ")}`tasks retry {id}` has it done after all, `tasks skip {id}` goes on without it."],
            TaskState.Cancelled s => [$"{id} was CANCELLED at {s.At}: {s.Reason}", "An aborted execution does not go on; `tasks execute PLAN` starts a new one."],
            TaskState.Waived s => [$"{id} was SKIPPED at {s.At} by a person: {s.Reason}", s.CountsAsDone ? $"It counts as done{After(state, index, ": what depends on it goes on")}." : After(state, index, "What depends on it was skipped, too.") is { Length: > 0 } more ? more : "Nothing depends on it."],
            TaskState.Skipped s when state[s.Because] is TaskState.Waived waived => [$"{id} was SKIPPED at {s.At} because a person skipped {s.Because}, on which it depends: {waived.Reason}", $"`tasks skip {id}` lets what depends on {id} go on."],
            TaskState.Skipped s => [$"{id} was SKIPPED at {s.At} because {s.Because}, on which it depends, was not done.", $"`tasks retry {s.Because}` tries that again, and {id} follows; `tasks skip {s.Because}` goes on without it."],
            var s => [$"{id} is {s.Name}."],
        };
    }

    /// <summary>That nobody runs the checks of a task that was said to be done, and what helps, as a part of a sentence.</summary>
    /// <param name="id">The task.</param>
    public static string CutOff(TaskId id) => $"its checks were cut off: `tasks complete {id}` runs them again";

    private static string Before(ExecutionState state, int index) => state.Plan.Graph.PredecessorsOf(index).Length switch { 0 => "it has no predecessors", 1 => "its predecessor is done", _ => "its predecessors are done" };

    // What is said of those that depend on a task, where there are any.
    private static string After(ExecutionState state, int index, string says) => state.Plan.Graph.SuccessorsOf(index).IsEmpty ? "" : says;

    private static IEnumerable<string> StandsOn(ExecutionState state, int index)
    {
        foreach (var predecessor in state.Plan.Graph.PredecessorsOf(index).ToArray().Order())
        {
            if (state[predecessor] is TaskState.Compensating) yield return $"{state.Plan.Tasks[predecessor].Id}, on which it depends, is not undone before it.";
        }
    }

    private static IEnumerable<string> Undoing(ExecutionState state, int index)
    {
        var waits = state.Plan.Graph.SuccessorsOf(index).ToArray().Where(s => state[s] is TaskState.Compensating || state.IsUndoFailed(s)).Select(s => $"{state.Plan.Tasks[s].Id} ({state[s].Name})").ToList();
        if (waits.Count > 0) yield return $"What depends on it is undone first: {string.Join(", ", waits)}.";
        else yield return state.LacksToUndo(index) ? "Its compensation waits for what the task itself held, and nothing new takes that before." : "Its compensation starts as soon as a worker that can run it is idle.";
    }

    private static List<string> Waiting(ExecutionState state, int index)
    {
        var plan = state.Plan;
        var reasons = new List<string>();
        foreach (var predecessor in plan.Graph.PredecessorsOf(index))
        {
            if (!state[predecessor].IsDone) reasons.Add($"It waits for {plan.Tasks[predecessor].Id}, which is {state[predecessor].Name}.");
        }

        if (reasons.Count == 0 && state.WaveOf(index) > state.Wave)
            return [$"{plan.Tasks[index].Id} is PENDING: {Before(state, index)}, but it belongs to wave {state.WaveOf(index) + 1}, which begins when every task of wave {state.Wave + 1} and those between has ended."];

        reasons.Insert(0, $"{plan.Tasks[index].Id} is PENDING: {(plan.Graph.PredecessorsOf(index).Length == 1 ? "its predecessor has" : $"{reasons.Count} of its {plan.Graph.PredecessorsOf(index).Length} predecessors {(reasons.Count == 1 ? "has" : "have")}")} not succeeded.");
        return reasons;
    }

    private static IEnumerable<string> Held(ExecutionState state, int index)
    {
        if (state.IsFinished)
        {
            yield return state.CanReopen
                ? $"The execution has ended ({state.Status}), and nobody was there who could take it: `tasks claim {state.Plan.Tasks[index].Id}` takes it and opens the execution again; `tasks execute PLAN --resume` does where a worker can, and with --wait stays for sessions."
                : $"The execution has ended ({state.Status}); nothing is started.";
            yield break;
        }

        if (state.Status == ExecutionStatus.Paused) yield return $"The execution is paused ({state.StatusReason}); `tasks resume` lets it go on.";
        if (state.IsDraining) yield return "The coordinator was told to leave and starts nothing new; `tasks execute PLAN --resume` goes on.";
        if (state.Circuits.HolderOf(index) is { } circuit)
        {
            yield return circuit.Probe >= 0
                ? $"The circuit breaker {circuit.Name} holds it while {state.Plan.Tasks[circuit.Probe].Id} tries for all. {Breakers.WhatOf(state, index, circuit)}"
                : $"The circuit breaker {circuit.Name} holds it until {circuit.Until}; then one of those that it holds tries for all. {Breakers.WhatOf(state, index, circuit)}";
            yield break;
        }

        if (state.OpensAt(index) is { } opens)
        {
            yield return $"It may begin only at some times of the day ({Windows(state.Plan, state.Plan.Tasks[index])} UTC); it waits until {opens}.";
            yield break;
        }

        if (state.IsParked(index) && state.DenialOf(index) is { } denied)
        {
            var holders = state.HoldersOf(denied.Resource.Name).ToList();
            yield return $"It starts again when {ResourceWords.Words(denied.Resource)} is free for it{(holders.Count == 0 ? "" : $"; {string.Join(", ", holders)} {(holders.Count == 1 ? "has" : "have")} it now")}.";
            yield break;
        }

        if (!state.SomeWorkerCanTake(index) && (state.Plan.Tasks[index].Run is not RunSpec.Claimed || state.LackingToClaim(index) is null))
        {
            var task = state.Plan.Tasks[index];
            if (task.Run is RunSpec.Claimed) yield return $"It waits for a session{(task.Capabilities.Count > 0 ? $" that can {string.Join(", ", task.Capabilities)}" : "")} to claim it.";
            else yield return task.Capabilities.Count > 0
                ? $"No worker of this coordinator runs '{task.Run.Kind}' work with the capabilities {string.Join(", ", task.Capabilities)}."
                : $"No worker of this coordinator runs '{task.Run.Kind}' work.";
            if (state.LackingToClaim(index) is null && state.Status != ExecutionStatus.Paused) yield return $"A session can take it: `tasks claim {task.Id}`.";
            yield break;
        }

        if (state.IsHeldBack(index))
        {
            yield return $"Backpressure ({Word(state.Backpressure.Level)}) holds it back because {Weight(state, index)}: {state.Backpressure.Reason} It starts when that has eased, or when nothing else runs.";
            yield break;
        }

        var isHeldUp = state.Status == ExecutionStatus.Paused || state.IsDraining;
        if (!isHeldUp && state.Backpressure is { Places: { } places } pressure && state.Active.Count >= places && state.Lacking(index) is null or { Resource: null })
        {
            yield return pressure.Level == BackpressureLevel.Normal
                ? $"Backpressure eases, and so far lets only {places} {(places == 1 ? "task" : "tasks")} run at once: {pressure.Reason}"
                : $"Backpressure ({Word(pressure.Level)}) lets only {places} {(places == 1 ? "task" : "tasks")} run at once: {pressure.Reason}";
            yield break;
        }

        switch (state.Lacking(index))
        {
            case ({ } resource, var free, var needed, _) when state.IsKeptFrom(index):
                yield return $"It needs {Name(resource)} ({Amount(resource, needed)} needed, {Amount(resource, free)} free), but that is kept for {state.KeptFor}, which goes first and was overtaken {state.Plan.Policies.Order.MaxOvertakes} times.";
                break;
            case ({ } resource, _, _, true) when state.HoldersOf(resource).FirstOrDefault(h => !state.IsReader(h, resource)) is { Value: not null } writer:
                yield return $"It reads under {Name(resource)}, which {writer} holds to write.";
                break;
            case ({ } resource, _, _, true) when state.WriterAheadOf(index) is { } waiting:
                yield return $"It reads under {Name(resource)}; {waiting}, which goes first, waits to write, and no reader that comes after it starts before it.";
                break;
            case ({ } resource, _, _, false) when state.HoldersOf(resource).Where(h => state.IsReader(h, resource)).ToList() is { Count: > 0 } readers:
                yield return $"It writes under {Name(resource)}, which {string.Join(", ", readers)} {(readers.Count == 1 ? "holds" : "hold")} to read.";
                break;
            case ({ } resource, var free, var needed, _):
                var holders = state.HoldersOf(resource).ToList();
                yield return holders.Count > 0
                    ? $"It waits for {Name(resource)} ({Amount(resource, needed)} needed, {Amount(resource, free)} free), held by {string.Join(", ", holders)}."
                    : $"It waits for {Name(resource)} ({Amount(resource, needed)} needed, {Amount(resource, free)} free).";
                break;
            case (null, _, _, _) when state.WaitsForSetUp(index) is var (soon, seconds):
                yield return $"It waits for {string.Join(" or ", soon)}, which need not be set up for it and should be free before the {seconds.ToString("0.###", CultureInfo.InvariantCulture)} seconds are over that it takes to set an idle one up.";
                break;
            case (null, _, _, _):
                yield return $"It waits for a worker: all {state.Workers.Count} that could take it are busy.";
                break;
            case null when !isHeldUp:
                yield return "Nothing keeps it: a coordinator starts it with its next decision.";
                break;
        }
    }

    private static string Windows(Plan plan, PlanTask task)
    {
        var own = task.Windows.Count == 0 ? [] : new[] { string.Join(", ", task.Windows) };
        return string.Join("; ", own.Concat(plan.Resources.Windows
            .Where(w => OpenHours.Takes(task, w.Resource))
            .Select(w => $"{w.Resource} {string.Join(", ", w.Windows)}")));
    }

    private static IEnumerable<string> SetUp(ExecutionState state, int index, ActiveAttempt active)
    {
        if (active.SetupSeconds is { } seconds)
            yield return $"{active.Worker} is set up for {string.Join(", ", state.Plan.Tasks[index].Capabilities)} first, which takes {seconds.ToString("0.###", CultureInfo.InvariantCulture)} seconds: more tasks waited for one that need not be than should have been idle by then.";
    }

    private static IEnumerable<string> Asking(ExecutionState state, int index)
    {
        if (state.RequestOf(index) is not { } request) yield break;
        yield return $"It waits for {ResourceWords.Words(request.Resource)} since {request.Since}{ResourceRefusals.Holders(state, index, request.Resource)}; {(request.Until is { } until ? $"at {until} it makes way." : "it waits for as long as it takes.")}";
    }

    private static string Weight(ExecutionState state, int index) => (state.Plan.Tasks[index], state.Backpressure.Cause) switch
    {
        ({ Priority: Priority.Low }, _) => "its priority is low",
        (var task, PressureCause.Memory) => $"it needs {Amount("memory_mb", (long)(task.Estimated.MemoryMb * 1000 ?? 0))} MB of memory",
        (var task, _) => $"it needs {Amount("cpu_cores", (long)(task.Estimated.CpuCores * 1000 ?? 0))} processors",
    };

    private static string Word(BackpressureLevel level) => level.ToString().ToLowerInvariant();

    private static string Leased(Lease lease) => $"Without a sign of life from its session it is available again at {lease.ExpiresAt}, unless that can be seen to live then.";

    private static IEnumerable<string> Stopping(ActiveAttempt active)
    {
        if (active.Stop is { } reason) yield return $"It is being stopped ({reason switch { StopReason.TimedOut => "its time is over", StopReason.Stalled => "it has printed nothing for too long", StopReason.Aborted => "the execution was aborted", StopReason.Cancelled => "somebody cancelled it", StopReason.Preempted => "it makes way for a critical task that has waited for too long", StopReason.ResourceDenied => "it makes way for an older task that has what it asked for, or waited for that too long", _ => "the coordinator leaves" }}).";
    }

    private static string Name(string resource) => ResourceWords.Name(resource);

    private static string Amount(string resource, long amount) => ResourceWords.Amount(resource, amount);
}
