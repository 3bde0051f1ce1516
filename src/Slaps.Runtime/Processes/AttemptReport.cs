using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Runtime.Processes;

/// <summary>An attempt to be run.</summary>
/// <param name="Execution">The execution it belongs to.</param>
/// <param name="Task">What is to be done.</param>
/// <param name="Attempt">Which try, from 1.</param>
/// <param name="FreshSince">
/// Files older than this prove nothing about the attempt; null: they do. It is set where nobody knows how the attempt ended: a file that was
/// there before would make it look done.
/// </param>
public sealed record AttemptRequest(ExecutionId Execution, PlanTask Task, int Attempt, Instant? FreshSince = null)
{
    /// <summary>The session that says that the work is done; null: a process of ours did it.</summary>
    public WorkerId? SaidBy { get; init; }

    /// <summary>The checkpoint that the attempt may go on from; null: there is none.</summary>
    public Checkpoint? Checkpoint { get; init; }

    /// <summary>Whether the files of <see cref="Checkpoint"/> are put back before it begins.</summary>
    public bool Restores { get; init; }

    /// <summary>What is run in the place of the task: its compensation; null: the task itself.</summary>
    public RunSpec? Compensation { get; init; }

    /// <summary>What a person has said for this attempt; null: nothing.</summary>
    public string? Advice { get; init; }

    /// <summary>What the attempt before found; null: there was none, or it found nothing.</summary>
    public Failures.Findings? Findings { get; init; }
}

/// <summary>What workers say about an attempt.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">Which try.</param>
public abstract record AttemptReport(TaskId Task, int Attempt)
{
    /// <summary>It runs as this process.</summary>
    public sealed record Started(TaskId Task, int Attempt, ProcessIdentity Process) : AttemptReport(Task, Attempt);

    /// <summary>It runs, and has printed nothing for <see cref="WorkersOptions.StallAfter"/>. Said again after each further time of that length.</summary>
    public sealed record Quiet(TaskId Task, int Attempt, Instant Since) : AttemptReport(Task, Attempt);

    /// <summary>What it has should be kept now: it has come far enough, or asks for it.</summary>
    public sealed record CheckpointDue(AttemptRequest Request, int? Percent, string? Note) : AttemptReport(Request.Task.Id, Request.Attempt);

    /// <summary>It is over, and whatever it started is gone. Its log is complete.</summary>
    public sealed record Ended(TaskId Task, int Attempt, Outcome Outcome, ResourceUsage? Usage) : AttemptReport(Task, Attempt);
}

/// <summary>What a process and those of its descendants that it waited for have used.</summary>
/// <param name="CpuSeconds">User and system time together.</param>
/// <param name="MaxResidentBytes">The largest of them at its largest; never less than the coordinator's own size, which the kernel counts until the program begins.</param>
public sealed record ResourceUsage(double CpuSeconds, long MaxResidentBytes);
