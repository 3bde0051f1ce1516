using System.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <content>What is being undone, and what can be undone next.</content>
public sealed partial class ExecutionState
{
    // Those that wait for their turn, in file order, and those that a person has to undo: what they depend on waits for that.
    private readonly SortedSet<int> _undoing = [];
    private readonly HashSet<int> _undoFailed = [];

    /// <summary>Whether the task needs help because what it did could not be undone.</summary>
    public bool IsUndoFailed(int task) => _undoFailed.Contains(task);

    /// <summary>Tasks whose turn to be undone has come: nothing that depends on them is left to be undone.</summary>
    internal IEnumerable<int> ToUndo => _undoing.Count == 0 ? [] : _undoing.Where(task =>
    {
        foreach (var successor in Plan.Graph.SuccessorsOf(task))
        {
            if (_tasks[successor] is TaskState.Compensating || _undoFailed.Contains(successor)) return false;
        }

        return true;
    });

    /// <summary>Whether something that the task held is not free, which its compensation needs as well.</summary>
    internal bool LacksToUndo(int task)
    {
        foreach (var need in _resources.NeedsOf(task))
        {
            if (_resources.FreeOf(need.Resource) < need.Amount) return true;
        }

        return false;
    }

    /// <summary>Whether what a compensation lacks comes free without a session's doing: then nothing new may take it before. Some worker must be able to run it.</summary>
    internal bool WaitsForWorkersToUndo(int task) => _active.Count > _claimed.Count && _workers.All.Any(worker => CanUndo(worker, task));

    /// <summary>The idle worker that should run the task's compensation; null when none can.</summary>
    internal WorkerId? WorkerToUndo(int task) => _workers.IdleThat(worker => CanUndo(worker, task));

    private bool CanUndo(WorkerProfile worker, int task) => worker.CanUndo(Plan.Tasks[task]);

    private void BeginUndo(Instant at, int task, TaskState.Compensating undo, TaskAssigned e)
    {
        _workers.Occupy(e.Worker, until: null);
        Become(task, undo with { Active = new ActiveAttempt(e.Worker, e.Attempt, at, e.Deadline), Process = null });
        if (e.Deadline is { } deadline) _timers.Enqueue((task, e.Attempt), (deadline, task));
    }

    private void ApplyUndo(Instant at, int root, TaskEvent happened)
    {
        switch (happened)
        {
            case RollbackStarted e:
                foreach (var task in e.Tasks.Select(Index))
                {
                    FreeWorkerOf(task);
                    if (_tasks[task].IsDone)
                    {
                        Done--;
                        foreach (var successor in Plan.Graph.SuccessorsOf(task)) _unfinished[successor]++;
                    }

                    Become(task, new TaskState.Compensating(at, e.Reason));
                }

                break;
            case TaskRolledBack e:
                FreeWorkerOf(root);
                Become(root, new TaskState.RolledBack(at, e.Reason));
                _frontier.Over(root);
                break;
            case CompensationFailed e:
                _troubles[root] = e.Error.Message;
                break;
            default:
                throw new UnreachableException($"Nothing undoes by {happened.GetType().Name}. Add an arm to ExecutionState.ApplyUndo.");
        }
    }
}
