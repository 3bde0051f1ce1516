using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;

namespace Slaps.Core.Execution;

/// <summary>What a patch would make of a plan.</summary>
/// <param name="Before">The plan that was asked about.</param>
/// <param name="Asked">The patch as it was given.</param>
/// <param name="Patch">The same without its secrets: what is journaled.</param>
/// <param name="Plan">The plan with it; null when something is wrong with it.</param>
/// <param name="Diagnostics">What is wrong with it.</param>
internal sealed record PatchPreview(Plan Before, PlanPatch Asked, PlanPatch Patch, Plan? Plan, DiagnosticBag Diagnostics)
{
    private ResourceTable? _resources;

    /// <summary>What there would be to share, all of it free. Who applies the patch takes it for its own.</summary>
    public ResourceTable Resources => _resources ??= new ResourceTable(Plan ?? throw new InvalidOperationException("A patch that does not fit leads to no plan."));
}

/// <summary>
/// The rules of a patch in the middle of an execution. Nothing is paused and no attempt is touched: what runs and what is done stay as they
/// are, so whatever would change them is refused; what waits and gets a predecessor that is not done waits for it.
/// </summary>
internal static class Patching
{
    public static IReadOnlyList<ExecutionEvent> Decide(ExecutionState state, PlanPatch asked)
    {
        if (Refuse(state, asked) is not null) return [];
        var (patch, plan) = (state.Preview(asked).Patch, state.Preview(asked).Plan!);
        List<ExecutionEvent> events = state.IsFinished ? [new ExecutionReopened()] : [];
        events.Add(new PlanPatched(patch, state.PresentPlanHash, PlanPatchJson.HashAfter(state.PresentPlanHash, patch)));

        var levels = state.Model == ExecutionModel.Waves ? plan.Graph.Levels() : null;
        for (var task = 0; task < plan.Tasks.Count; task++)
        {
            var isNew = task >= state.Plan.Tasks.Count;
            if (!isNew && state[task] is not (TaskState.Ready or TaskState.Queued or TaskState.BackingOff)) continue;
            var held = HoldBack(state, plan, task, isOpen: levels is null || levels[task] <= state.Wave);
            if (!isNew && held is not null) events.Add(held);
            if (isNew && held is null) events.Add(new TaskReady(plan.Tasks[task].Id));
        }

        return events;
    }

    /// <summary>A sentence for each thing that speaks against the patch here, or null when it can be applied.</summary>
    public static string? Refuse(ExecutionState state, PlanPatch asked)
    {
        if (state.Status == ExecutionStatus.Aborted) return $"{state.Id} was aborted; nothing new starts in it. Start a new execution of its plan with `tasks execute`.";
        if (state.IsFinished && !asked.Injected.Any()) return $"{state.Id} has ended ({state.Status.ToString().ToLowerInvariant()}); only a patch that injects a task opens it again.";
        var preview = state.Preview(asked);
        if (preview.Plan is not { } plan)
            return string.Join('\n', preview.Diagnostics.Items.Where(d => d.Severity == Severity.Error).Select(d => d.ToString()).Prepend($"The patch does not fit the plan of {state.Id} as it is now:"));

        var sentences = Tasks(state, preview.Patch).Concat(Edges(state, preview.Patch, plan)).Concat(Resources(state, plan, preview.Resources)).Distinct().ToList();
        return sentences.Count == 0 ? null : string.Join('\n', sentences);
    }

    /// <summary>The fact that a task which somebody wants tried again waits for predecessors that a patch gave it; null when it waits for none.</summary>
    public static ExecutionEvent? HoldBack(ExecutionState state, int task) => HoldBack(state, state.Plan, task, state.IsOpen(task));

    /// <summary>The predecessor that was given to a task after it had been tried, and that will not be done; null when there is none.</summary>
    public static TaskId? Undone(ExecutionState state, int task)
    {
        foreach (var predecessor in state.Plan.Graph.PredecessorsOf(task))
        {
            if (IsLost(state[predecessor])) return state.Plan.Tasks[predecessor].Id;
        }

        return null;
    }

    private static TaskHeldBack? HoldBack(ExecutionState state, Plan plan, int task, bool isOpen)
    {
        const int Named = 3;
        var waitsFor = new List<TaskId>();
        foreach (var predecessor in plan.Graph.PredecessorsOf(task))
        {
            if (predecessor >= state.Plan.Tasks.Count || !state[predecessor].IsDone) waitsFor.Add(plan.Tasks[predecessor].Id);
        }

        var id = plan.Tasks[task].Id;
        if (waitsFor.Count > 0) return new(id, $"It waits for {string.Join(", ", waitsFor.Take(Named))}{(waitsFor.Count > Named ? $" and {waitsFor.Count - Named} more" : "")} first.");
        return isOpen ? null : new(id, "Its wave has not begun.");
    }

    private static IEnumerable<string> Tasks(ExecutionState state, PlanPatch patch)
    {
        foreach (var id in patch.Operations.OfType<PatchOperation.ModifyTask>().Select(operation => operation.Task))
        {
            if (state.Plan.IndexOf(id) is not (>= 0 and var task)) continue;   // Another operation of the patch adds it.
            if (state.ActiveAttemptOf(task) is not null) yield return $"{id} is {state[task].Name}, and what is in hand is not changed. Modify it when its attempt has ended.";
            else if (IsSettled(state[task])) yield return $"{id} is {state[task].Name}; there is nothing to modify any more.";
        }
    }

    private static IEnumerable<string> Edges(ExecutionState state, PlanPatch patch, Plan plan)
    {
        foreach (var edge in patch.Edges.Where(plan.Enforces))
        {
            var from = state.Plan.IndexOf(edge.From) is >= 0 and var old ? state[old] : null;
            var to = state.Plan.IndexOf(edge.To) is >= 0 and var index ? state[index] : null;
            if (from is { IsDone: true }) continue;
            if (to is TaskState.Assigned or TaskState.Running or TaskState.Verifying)
                yield return $"{edge.To} is {to.Name}, so it cannot wait for {edge.From} any more. Name a task that has not started, or patch again when its attempt has ended.";
            else if (to is not null && IsSettled(to))
                yield return $"{edge.To} is {to.Name}: finished work gets no predecessor that is not done, and {edge.From} is not.";
            else if (from is not null && IsLost(from) && to is not TaskState.Skipped)
                yield return from is TaskState.Skipped { Because: var cause }
                    ? $"{edge.From} is SKIPPED because of {cause}, so {edge.To} could never start. `tasks retry {cause}` first, and {edge.From} follows; or `tasks skip {cause}` goes on without it."
                    : $"{edge.From} is {from.Name} and will not be done, so {edge.To} could never start. `tasks retry {edge.From}` or `tasks skip {edge.From}` first.";
        }
    }

    private static IEnumerable<string> Resources(ExecutionState state, Plan plan, ResourceTable table)
    {
        var held = new Dictionary<string, List<(TaskId Holder, long Amount)>>();
        foreach (var task in state.Active.Where(state.Holds))
        {
            // What an attempt took at its start is given back at its end: neither more nor less.
            var (id, had, needs) = (plan.Tasks[task].Id, state.NeedsOf(task), table.Describe(task));
            if (!had.SequenceEqual(needs))
                yield return $"{id} is {state[task].Name} and would have to hold something else ({string.Join(", ", had.Except(needs).Concat(needs.Except(had)).Select(need => need.Name).Distinct())}) than when it started. Patch again when its attempt has ended.";
            foreach (var gone in state.MoreOf(task).Where(amount => table.IndexOf(amount.Name) < 0))
                yield return $"{id} has {ResourceWords.Words(gone)}, which nothing would name any more. Patch again when its attempt has ended.";
            foreach (var amount in had.Concat(state.MoreOf(task)))
            {
                if (!held.TryGetValue(amount.Name, out var holders)) held[amount.Name] = holders = [];
                holders.Add((id, amount.Amount));
            }
        }

        foreach (var request in state.Requests)
        {
            var more = state.HeldOf(plan.IndexOf(request.Task), request.Resource.Name).Sum(held => held.Amount) + request.Resource.Amount;
            if (table.IndexOf(request.Resource.Name) is not (>= 0 and var wanted))
                yield return $"{request.Task} waits for {ResourceWords.Words(request.Resource)}, which nothing would name any more. Patch again when its attempt has ended.";
            else if (wanted >= table.Locks && more > table.CapacityOf(wanted))
                yield return $"{request.Task} waits for {ResourceWords.Words(request.Resource)}, of which there would never be enough. Patch again when its attempt has ended.";
        }

        // The last is how many may run at once: who is too many comes to its end, as after `tasks set-workers`.
        for (var resource = table.Locks; resource < table.Count - 1; resource++)
        {
            if (!held.TryGetValue(table.NameOf(resource), out var holders) || holders.Sum(holder => holder.Amount) <= table.CapacityOf(resource)) continue;
            var unit = table.NameOf(resource).StartsWith("pool:", StringComparison.Ordinal) ? 1 : 1000m;
            yield return $"{table.NameOf(resource)} cannot be {table.CapacityOf(resource) / unit:0.###}: {holders.Sum(holder => holder.Amount) / unit:0.###} of it are held, by "
                + $"{string.Join(", ", holders.Select(holder => $"{holder.Holder} ({holder.Amount / unit:0.###})"))}. Patch again when enough of them have ended.";
        }
    }

    private static bool IsSettled(TaskState state) => state is TaskState.Succeeded or TaskState.Waived or TaskState.Cancelled;

    private static bool IsLost(TaskState state) => state is TaskState.Failed or TaskState.Skipped or TaskState.Cancelled or TaskState.Waived { CountsAsDone: false };
}
