namespace Slaps.Core.Execution;

/// <content>
/// What starves makes others make way: as few preemptible attempts of lower classes as it takes, once a critical task has waited for as long as
/// the plan says. They are queued again with their age and without a failure; each task makes way at most so often, so that it comes to its end.
/// </content>
public static partial class Scheduler
{
    private static List<ExecutionEvent> Preempt(ExecutionState state, int starving, IReadOnlyList<int> victims)
    {
        List<ExecutionEvent> events = [];
        foreach (var victim in victims)
        {
            var (id, attempt) = (state.Plan.Tasks[victim].Id, state.ActiveAttemptOf(victim)!.Attempt);
            events.Add(new TaskPreempted(id, attempt, state.Plan.Tasks[starving].Id));
            events.Add(new AttemptStopping(id, attempt, StopReason.Preempted));
        }

        return events;
    }
}
