using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <content>
/// The whole state kept at an event, so that nobody has to fold those before it. A field of this class is either carried here, or made of others
/// in <see cref="MakeRest"/>; a test knows all fields and says what to do with a new one.
/// </content>
public sealed partial class ExecutionState
{
    /// <summary>Keeps the state, or makes the one that was kept.</summary>
    /// <param name="c">Where to, or where from.</param>
    /// <param name="id">The execution's name.</param>
    /// <param name="plan">Its plan as it was at that event.</param>
    /// <param name="kept">The state to keep; null where one is made.</param>
    internal static ExecutionState Carry(SnapshotCarrier c, ExecutionId id, Plan plan, ExecutionState? kept)
    {
        if (kept is { _more: not null } or { Seq: 0 }) throw new ArgumentException("Only the state of an execution in a journal can be kept.", nameof(kept));
        var state = kept ?? new ExecutionState(id, plan);
        state.Carry(c);
        return state;
    }

    private void Carry(SnapshotCarrier c)
    {
        Seq = c.Whole(Seq);
        Now = c.Time(Now);
        Status = c.Choice(Status);
        StatusReason = c.TextOrNone(StatusReason);
        IsFinished = c.Flag(IsFinished);
        IsDraining = c.Flag(IsDraining);
        MaxWorkers = c.Whole(MaxWorkers);
        WorkersAsked = c.Whole(WorkersAsked);
        WaitsForClaims = c.Flag(WaitsForClaims);
        Retries = c.Whole(Retries);
        Priority = c.Choice(Priority);
        Model = c.Choice(Model);
        Profile = c.TextOrNone(Profile);
        Weight = c.Whole(Weight);
        Wave = c.Whole(Wave);
        PlanHash = c.Text(PlanHash);
        PresentPlanHash = c.Text(PresentPlanHash);
        Workspace = c.Text(Workspace);
        CreatedAt = c.Time(CreatedAt);
        Done = c.Whole(Done);
        CheckpointsMade = c.Whole(CheckpointsMade);
        CheckpointsRestored = c.Whole(CheckpointsRestored);
        _placesAsked = c.Whole(_placesAsked);
        _born = c.Whole(_born);
        var unendedInOpenWaves = c.Whole(_unendedInOpenWaves);
        c.Same(_attempts, c.Wholes(_attempts));
        c.Same(_failures, c.Wholes(_failures));
        c.Same(_unfinished, c.Wholes(_unfinished));
        c.Same(_bornAs, c.Wholes(_bornAs));
        c.Same(_holds, c.Flags(_holds));
        for (var task = 0; task < _tasks.Length; task++)
        {
            var state = SnapshotValues.State(c, _tasks[task]);
            if (c.Reads) _tasks[task] = state;
        }

        c.Tasks(_withoutPlace);
        c.Tasks(_undoFailed);
        c.Tasks(_closed);
        c.Tasks(_cutOff);
        c.Tasks(_critical);
        c.Tasks(_parked);
        c.OfTasks(_preempted, static (c, times) => c.Whole(times));
        c.OfTasks(_troubles, static (c, text) => c.Text(text));
        c.OfTasks(_advice, static (c, text) => c.Text(text));
        c.OfTasks(_lastErrors, SnapshotValues.LastError);
        c.OfTasks(_subtasks, SnapshotValues.Subtasks);
        c.OfTasks(_checkpoints, SnapshotValues.Checkpoints);
        c.OfTasks(_chosen, static (c, text) => c.Text(text));
        c.OfTasks(_restored, SnapshotValues.Restored);
        c.OfTasks(_acquired, SnapshotValues.Amounts);
        c.OfTasks(_denials, SnapshotValues.Denial);
        var requests = c.List(_requests, SnapshotValues.Request);
        if (c.Reads) _requests.AddRange(requests);
        _pressure.Carry(c);
        Circuits.Carry(c);
        _resources.Carry(c);
        _workers.Carry(c);
        _frontier.Carry(c, CreatedAt, Priority, Model);
        if (c.Reads) MakeRest();
        _unendedInOpenWaves = unendedInOpenWaves;
    }

    // What tells nothing new: it is made of what was read.
    private void MakeRest()
    {
        ReadWindows();
        if (Model == ExecutionModel.Waves) RaiseBarriers();
        _counts.Clear();
        for (var task = 0; task < _tasks.Length; task++)
        {
            var state = _tasks[task];
            _counts[state.Name] = CountOf(state.Name) + 1;
            if (state is TaskState.Compensating { Active: null }) _undoing.Add(task);
            if (state is TaskState.BackingOff waits) _timers.Enqueue((task, _attempts[task]), (waits.NotBefore, task));
            if (ActiveAttemptOf(task) is not { } active) continue;
            _active.Add(task);
            if (active.Deadline is { } deadline) _timers.Enqueue((task, active.Attempt), (deadline, task));
            if (active.Lease is not { } lease) continue;
            _claimed.Add(task);
            _leases.Enqueue((task, active.Attempt), (lease.ExpiresAt, task));
        }
    }
}
