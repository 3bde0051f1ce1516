using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>Undo what a task did, and before it what was done because of it.</summary>
/// <param name="At">The time at which it is decided.</param>
/// <param name="Task">The task.</param>
/// <param name="Reason">Why, as a sentence.</param>
/// <param name="ByHand">True: nothing is run, because a person has undone what the task did.</param>
public sealed record RollbackTask(Instant At, TaskId Task, string Reason, bool ByHand = false) : Command(At);

/// <summary>
/// What these tasks did is undone, one after the other: they are COMPENSATING and count as done no more. Said again of a task whose compensation
/// was cut off, it begins anew: a compensation runs at least once.
/// </summary>
/// <param name="Task">The task for whose sake.</param>
/// <param name="Tasks">All of them in an order in which they can be undone: what depends on another comes before it.</param>
/// <param name="Reason">Why, as a sentence.</param>
public sealed record RollbackStarted(TaskId Task, IReadOnlyList<TaskId> Tasks, string Reason) : TaskEvent(Task);

/// <summary>What the task did is undone, or there was nothing to undo. It is ROLLED_BACK and may be done anew.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">The attempt that its compensation was; null: none was run.</param>
/// <param name="Reason">How it was undone, as a sentence.</param>
/// <param name="Asked">True: a person says so; null: the compensation did it.</param>
public sealed record TaskRolledBack(TaskId Task, int? Attempt, string Reason, bool? Asked = null) : TaskEvent(Task);

/// <summary>The compensation did not come to a good end. What follows is a call for help.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">The attempt that its compensation was.</param>
/// <param name="Error">What happened.</param>
public sealed record CompensationFailed(TaskId Task, int Attempt, TaskError Error) : TaskEvent(Task);

/// <summary>Which tasks have to be undone for the sake of one, and why they cannot be.</summary>
internal static class Rollbacks
{
    /// <summary>Whether something has to be run to undo the task and can be.</summary>
    public static bool CanRun(PlanTask task) => task.Compensation is RunSpec.Process or RunSpec.Shell;

    /// <summary>
    /// The task and whatever has been done because of it, so that nothing stands on work that is gone, and nothing else; those that depend on others
    /// come first. A task that was done without (skipped) is no work of anybody, so what comes after it does not stand on this one.
    /// </summary>
    public static IReadOnlyList<int> SetOf(ExecutionState state, int root)
    {
        var found = new HashSet<int> { root };
        var open = new Stack<int>(found);
        while (open.TryPop(out var task))
        {
            foreach (var successor in state.Plan.Graph.SuccessorsOf(task))
            {
                if (HasLeftSomething(state, successor) && found.Add(successor)) open.Push(successor);
            }
        }

        var levels = found.Count == 1 ? [] : state.Plan.Graph.Levels();
        return [.. found.OrderByDescending(task => levels.Length == 0 ? 0 : levels[task]).ThenBy(task => task)];
    }

    /// <summary>A sentence, or null when the rollback will do something.</summary>
    public static string? Refuse(ExecutionState state, RollbackTask c)
    {
        if (state.Status == ExecutionStatus.Aborted) return $"{state.Id} was aborted; nothing is run in it any more. Undo by hand what it did.";
        var root = state.Plan.IndexOf(c.Task);
        if (root < 0) return $"{state.Id} has no task {Identifiers.Quote(c.Task.Value)}. `tasks status` lists its tasks.";
        if (c.ByHand) return state[root] is TaskState.HelpNeeded or TaskState.Failed ? null : $"{c.Task} is {state[root].Name}; by hand is undone what FAILED or needs help. `tasks rollback {c.Task}` {(CanRun(state.Plan.Tasks[root]) ? "runs its compensation" : "asks for that first")}.";
        if (Own(state, c.Task, root) is { } reason) return reason;
        foreach (var task in SetOf(state, root))
        {
            // Its turn would have come before; now the ground that it stands on is half gone.
            foreach (var predecessor in state.Plan.Graph.PredecessorsOf(task))
            {
                if (state[predecessor] is TaskState.Compensating { Active: not null })
                    return $"{state.Plan.Tasks[predecessor].Id}, on which {state.Plan.Tasks[task].Id} depends, is being undone just now. Wait until that has ended.";
            }

            foreach (var successor in state.Plan.Graph.SuccessorsOf(task))
            {
                if (state.ActiveAttemptOf(successor) is not null && state[successor] is not TaskState.Compensating)
                    return $"{state.Plan.Tasks[successor].Id}, which depends on {state.Plan.Tasks[task].Id}, is {state[successor].Name}. Wait until its attempt has ended, or `tasks cancel {state.Plan.Tasks[successor].Id}`.";
            }
        }

        return null;
    }

    /// <summary>
    /// Why a task whose compensation failed is neither tried again nor done without: what it did is still there, and what it stands on would be undone
    /// under it as soon as it counted as anything else.
    /// </summary>
    public static string StillThere(ExecutionState state, int task)
    {
        var id = state.Plan.Tasks[task].Id;
        var again = CanRun(state.Plan.Tasks[task]) ? $"`tasks rollback {id}` tries its compensation again, and " : "";
        return $"{id} could not be undone, so what it did is still there. {again}`tasks rollback {id} --by-hand` says that you have undone it; then it can be retried, skipped or cancelled.";
    }

    private static string? Own(ExecutionState state, TaskId id, int root) => state[root] switch
    {
        TaskState.RolledBack => $"{id} was rolled back already. `tasks retry {id}` does it anew.",
        TaskState.Compensating => $"{id} is being rolled back already.",
        TaskState.Skipped or TaskState.Waived => $"{id} was skipped; there is nothing to undo.",
        _ when state.AttemptsOf(root) == 0 => $"{id} has not been tried; there is nothing to undo.",
        TaskState.Succeeded or TaskState.Failed or TaskState.HelpNeeded or TaskState.BackingOff or TaskState.Cancelled => null,
        var s => $"{id} is {s.Name}. `tasks cancel {id}` ends it; then it can be rolled back.",
    };

    // What succeeded, and what must not be done twice and may have been half done.
    private static bool HasLeftSomething(ExecutionState state, int task) =>
        state[task] is TaskState.Succeeded || (state[task] is TaskState.Failed or TaskState.HelpNeeded or TaskState.BackingOff or TaskState.Cancelled && state.AttemptsOf(task) > 0 && !state.Plan.Tasks[task].Idempotent);
}
