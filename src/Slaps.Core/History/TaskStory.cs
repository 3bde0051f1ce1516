using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Core.History;

/// <summary>What has happened to one task so far, with the numbers of the events that say so.</summary>
internal sealed class TaskStory(TaskId id)
{
    public TaskId Id { get; } = id;

    public Standing Standing { get; set; } = Standing.Pending;

    /// <summary>How many steps of it were written down.</summary>
    public int Subtasks { get; set; }

    /// <summary>The event that put it there; 0 before the first.</summary>
    public long Since { get; set; }

    /// <summary>When that was.</summary>
    public Instant SinceAt { get; set; }

    /// <summary>How often it has made way for a critical task.</summary>
    public int Preemptions { get; set; }

    public int Attempts { get; set; }

    /// <summary>Failures since it began, or since a person had it tried again.</summary>
    public int Failures { get; set; }

    public LiveAttempt? Live { get; set; }

    public IReadOnlyList<ResourceAmount> Held { get; set; } = [];

    public long HeldSince { get; set; }

    /// <summary>What its attempt has acquired since it began.</summary>
    public List<ResourceAmount> More { get; } = [];

    /// <summary>What its attempt waits for.</summary>
    public ResourceRequested? Asked { get; set; }

    /// <summary>The event by which it was first ready: its age. 0 before that.</summary>
    public long Born { get; set; }

    /// <summary>Whether what depends on it may start.</summary>
    public bool IsDone => Standing is Standing.Succeeded or Standing.SkippedAsDone;

    /// <summary>Whether nothing more happens to it by itself.</summary>
    public bool IsOver => Standing is Standing.Succeeded or Standing.SkippedAsDone or Standing.SkippedForGood or Standing.Skipped or Standing.Failed
        or Standing.HelpNeeded or Standing.Cancelled or Standing.RolledBack;

    /// <summary>Whether a wave need not wait for it. One that needs help or was rolled back may still be done.</summary>
    public bool HasEnded => IsOver && Standing is not (Standing.HelpNeeded or Standing.RolledBack);

    /// <summary>Whether what it did could not be undone, and a person is asked.</summary>
    public bool IsUndoFailed { get; set; }

    /// <summary>What was kept of it and not dropped since.</summary>
    public HashSet<string> Checkpoints { get; } = [];

    public void Become(Standing standing, long seq) => (Standing, Since, IsUndoFailed) = (standing, seq, false);
}

/// <summary>Where a task stands, as far as its history tells.</summary>
internal enum Standing
{
    Pending,
    Ready,
    Queued,
    Assigned,
    Running,
    Verifying,
    Failed,
    BackingOff,
    HelpNeeded,
    Succeeded,
    Cancelled,

    /// <summary>What it did is being undone, or waits for that.</summary>
    Undoing,
    RolledBack,

    /// <summary>What it depends on will not be done.</summary>
    Skipped,

    /// <summary>A person does without it, and what depends on it goes on.</summary>
    SkippedAsDone,

    /// <summary>A person does without it and all that depends on it.</summary>
    SkippedForGood,
}

/// <summary>An attempt that a worker has in hand.</summary>
/// <param name="Number">Which try.</param>
/// <param name="Worker">Who.</param>
/// <param name="Since">The event that gave it to them.</param>
/// <param name="Deadline">When its time is over, if it has a limit.</param>
internal sealed record LiveAttempt(int Number, WorkerId Worker, long Since, Instant? Deadline)
{
    public StopReason? Stop { get; set; }

    /// <summary>Whether it undoes what the task did.</summary>
    public bool IsUndo { get; init; }

    /// <summary>Whether a critical task needs what it has.</summary>
    public bool MakesWay { get; set; }

    /// <summary>Whether a session has claimed it: it is no worker of the coordinator and may have several.</summary>
    public bool IsClaim { get; init; }

    /// <summary>Whether the session's lease is over.</summary>
    public bool IsExpired { get; set; }
}
