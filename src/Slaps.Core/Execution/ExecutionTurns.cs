namespace Slaps.Core.Execution;

/// <summary>
/// Whose turn it is among the open executions of one project when a session asks for a task and names none: the one of which least was begun for
/// its weight. What is counted is what is done or in hand and was begun since the youngest of them was created, by whomever, so that a new one
/// does not make up for what the others did before it, and one that a coordinator works on leaves the sessions to the others for a while.
/// </summary>
public static class ExecutionTurns
{
    /// <summary>The most that an execution may weigh.</summary>
    public const int MostWeight = 1_000;

    /// <summary>The executions in the order in which they should be asked; of equals the youngest first, then by name.</summary>
    public static IReadOnlyList<ExecutionState> InOrder(IReadOnlyCollection<ExecutionState> open)
    {
        if (open.Count < 2) return [.. open];
        var since = open.Max(state => state.CreatedAt);

        // What it would have with one more: of those that have nothing, too, the heavier goes first.
        return
        [
            .. open.OrderBy(state => (Begun(state, since) + 1m) / state.Weight)
                .ThenByDescending(state => state.CreatedAt)
                .ThenBy(state => state.Id.Value, StringComparer.Ordinal),
        ];
    }

    private static int Begun(ExecutionState state, Instant since)
    {
        var begun = 0;
        for (var task = 0; task < state.Plan.Tasks.Count; task++)
        {
            var at = state[task] is TaskState.Succeeded done ? done.AssignedAt : state.ActiveAttemptOf(task)?.AssignedAt;
            if (at >= since) begun++;
        }

        return begun;
    }
}
