using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>An order to the world, given only after the events that led to it are durable.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">Which try.</param>
public abstract record Effect(TaskId Task, int Attempt)
{
    /// <summary>Start the attempt on its worker.</summary>
    public sealed record Start(TaskId Task, int Attempt) : Effect(Task, Attempt);

    /// <summary>Find the living process of an attempt that an earlier coordinator started, and watch it.</summary>
    public sealed record Adopt(TaskId Task, int Attempt, ProcessIdentity? Process) : Effect(Task, Attempt);

    /// <summary>Run the acceptance checks.</summary>
    public sealed record Verify(TaskId Task, int Attempt) : Effect(Task, Attempt);

    /// <summary>Stop the attempt, whatever it is doing.</summary>
    public sealed record Stop(TaskId Task, int Attempt) : Effect(Task, Attempt);
}

/// <summary>What the world has to do, told by what happened.</summary>
public static class Effects
{
    /// <summary>What an event asks for, or null. The runtime performs it once the event is durable.</summary>
    public static Effect? Of(ExecutionEvent happened) => happened switch
    {
        TaskAssigned { LeaseExpiresAt: not null } => null,   // The session that claimed it is at work already.
        TaskAssigned e => new Effect.Start(e.Task, e.Attempt),
        TaskVerifying e => new Effect.Verify(e.Task, e.Attempt),
        AttemptStopping e => new Effect.Stop(e.Task, e.Attempt),
        _ => null,
    };

    /// <summary>What should be in flight: after a crash the new coordinator performs this.</summary>
    public static IEnumerable<Effect> Outstanding(ExecutionState state)
    {
        foreach (var task in state.Active)
        {
            var id = state.Plan.Tasks[task].Id;
            var active = state.ActiveAttemptOf(task)!;
            switch (state[task])
            {
                case TaskState.Verifying:
                    yield return new Effect.Verify(id, active.Attempt);
                    break;
                case TaskState.Assigned or TaskState.Running when active.Lease is not null:
                    break;   // A session has it, and its lease tells whether it lives.
                case TaskState.Compensating undo:
                    yield return new Effect.Adopt(id, active.Attempt, undo.Process);
                    break;
                case TaskState.Running running:
                    yield return new Effect.Adopt(id, active.Attempt, running.Process);
                    break;
                default:
                    // Assigned, but its start never became durable: it may have been started or not.
                    yield return new Effect.Adopt(id, active.Attempt, Process: null);
                    break;
            }

            if (active.Stop is not null) yield return new Effect.Stop(id, active.Attempt);
        }
    }
}
