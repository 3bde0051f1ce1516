namespace Slaps.Runtime.Processes;

/// <summary>Where processes work and what they may use.</summary>
public sealed record WorkersOptions
{
    /// <summary>The folder that tasks work in and never leave, as an absolute path.</summary>
    public required string Workspace { get; init; }

    /// <summary>Holds a folder for each execution with the attempts' logs, as an absolute path.</summary>
    public required string LogsDirectory { get; init; }

    /// <summary>Holds the raw output of living attempts, as an absolute path. Its name is part of their mark: it must stay the same when an execution is resumed.</summary>
    public required string WorkDirectory { get; init; }

    /// <summary>Holds what is kept at checkpoints, as an absolute path; null: nothing is kept and nothing put back.</summary>
    public string? CheckpointsDirectory { get; init; }

    /// <summary>A checkpoint is due each time a task with something to keep says that it is so many percent further, 1 to 100; 0: never by that.</summary>
    public int CheckpointEvery { get; init; } = 25;

    /// <summary>Names of the coordinator's own variables that processes get beside the allowed ones.</summary>
    public IReadOnlyList<string> PassEnv { get; init; } = [];

    /// <summary>How many bytes the log of one attempt grows to by its output; of what comes then only the end is kept.</summary>
    public long OutputLimitBytes { get; init; } = 16 << 20;

    /// <summary>How long a stopped attempt has between SIGTERM and SIGKILL.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After so long without output a running attempt is reported as quiet; null: never.</summary>
    public TimeSpan? StallAfter { get; init; }

    /// <summary>Takes sentences for the person in charge, e.g. that a log cannot be written. Called on any thread; must return at once.</summary>
    public Action<string> Warn { get; init; } = _ => { };
}
