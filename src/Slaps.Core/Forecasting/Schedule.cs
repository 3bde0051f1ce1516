namespace Slaps.Core.Forecasting;

/// <summary>When each task of a plan would run.</summary>
/// <param name="Tasks">Each task, in file order.</param>
/// <param name="MakespanMicroseconds">From the start to the last finish.</param>
/// <param name="Workers">How many workers had something to do; for the same reason the most tasks that ran at once.</param>
public sealed record Schedule(IReadOnlyList<ScheduledTask> Tasks, long MakespanMicroseconds, int Workers);

/// <summary>When and by whom a task would be done.</summary>
/// <param name="Start">Microseconds from the start of the execution.</param>
/// <param name="Finish">Microseconds from the start of the execution.</param>
/// <param name="Worker">From 1.</param>
/// <param name="SetUp">How much of the time between goes by until the worker is set up for it, in microseconds.</param>
public readonly record struct ScheduledTask(long Start, long Finish, int Worker, long SetUp = 0);
