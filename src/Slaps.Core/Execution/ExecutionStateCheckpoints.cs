using System.Diagnostics;

namespace Slaps.Core.Execution;

/// <content>What was kept of attempts, and what the next ones begin from.</content>
public sealed partial class ExecutionState
{
    private static readonly IReadOnlyList<Checkpoint> NoCheckpoints = [];

    private readonly Dictionary<int, List<Checkpoint>> _checkpoints = [];
    private readonly Dictionary<int, string> _chosen = [];
    private readonly HashSet<int> _cutOff = [];
    private readonly Dictionary<int, (int Attempt, string Checkpoint)> _restored = [];

    /// <summary>How many checkpoints there were in all; those that were dropped, too.</summary>
    public int CheckpointsMade { get; private set; }

    /// <summary>How many attempts began from a checkpoint.</summary>
    public int CheckpointsRestored { get; private set; }

    /// <summary>The task's checkpoints, the oldest first.</summary>
    public IReadOnlyList<Checkpoint> CheckpointsOf(int task) => _checkpoints.TryGetValue(task, out var all) ? all : NoCheckpoints;

    /// <summary>The checkpoint that was chosen for the task, else its last one; null: it has none.</summary>
    public Checkpoint? CheckpointToBeginFrom(int task) =>
        (_chosen.TryGetValue(task, out var chosen) ? CheckpointsOf(task).FirstOrDefault(checkpoint => checkpoint.Id == chosen) : null) ?? (CheckpointsOf(task) is [.., var last] ? last : null);

    /// <summary>Whether the next attempt has files put back: the last one was cut off, or somebody chose a checkpoint.</summary>
    internal bool RestoresNext(int task) => _cutOff.Contains(task) || _chosen.ContainsKey(task);

    /// <summary>The checkpoint whose files are put back before the present attempt; null: it began with what was there.</summary>
    public Checkpoint? RestoredBy(int task) =>
        _restored.TryGetValue(task, out var restored) && restored.Attempt == _attempts[task] ? CheckpointsOf(task).FirstOrDefault(checkpoint => checkpoint.Id == restored.Checkpoint) : null;

    private void ApplyCheckpoint(Instant at, int task, TaskEvent happened)
    {
        switch (happened)
        {
            case TaskCheckpoint e:
                CheckpointsMade++;
                if (!_checkpoints.TryGetValue(task, out var all)) _checkpoints[task] = all = [];
                all.Add(new Checkpoint(e.Checkpoint, e.Attempt, e.Kept, e.Percent, e.Note, at));
                break;
            case CheckpointChosen e:
                _chosen[task] = e.Checkpoint;
                break;
            case CheckpointRestored e:
                CheckpointsRestored++;
                _restored[task] = (e.Attempt, e.Checkpoint);
                _chosen.Remove(task);
                break;
            case CheckpointsPruned e:
                if (_checkpoints.TryGetValue(task, out var left)) left.RemoveAll(checkpoint => e.Checkpoints.Contains(checkpoint.Id));
                break;
            default:
                throw new UnreachableException($"Nothing keeps by {happened.GetType().Name}. Add an arm to ExecutionState.ApplyCheckpoint.");
        }
    }

    // A process of ours that ended by no doing of its own leaves its work to the next one; what a person has tried again begins with what is there.
    private void NoteCutOff(int task, TaskEvent happened)
    {
        switch (happened)
        {
            case TaskQueued when ActiveAttemptOf(task) is { Lease: null }:
            case TaskFailed { Error.Kind: FailureKind.TimedOut or FailureKind.Stalled or FailureKind.Signal }:
                if (_checkpoints.ContainsKey(task)) _cutOff.Add(task);
                break;
            case TaskQueued or TaskHeldBack when _tasks[task].IsOver:
            case TaskAssigned or TaskRestored or TaskFailed:
                _cutOff.Remove(task);
                break;
            default:
                break;
        }
    }
}
