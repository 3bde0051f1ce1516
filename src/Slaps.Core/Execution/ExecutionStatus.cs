namespace Slaps.Core.Execution;

/// <summary>Where an execution as a whole stands.</summary>
public enum ExecutionStatus
{
    /// <summary>Created; no coordinator has run it yet.</summary>
    Created,

    /// <summary>It goes on, or would if a coordinator ran.</summary>
    Running,

    /// <summary>Somebody paused it.</summary>
    Paused,

    /// <summary>Every task succeeded.</summary>
    Completed,

    /// <summary>It ended, and some tasks failed, were skipped or need help.</summary>
    Failed,

    /// <summary>Somebody ended it.</summary>
    Aborted,
}
