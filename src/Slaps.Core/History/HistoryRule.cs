namespace Slaps.Core.History;

/// <summary>One thing that holds in every history, whoever wrote it. The names are a promise: scripts may branch on them.</summary>
/// <param name="Name">In snake_case, e.g. <c>precedence</c>.</param>
/// <param name="Statement">What holds, as a sentence.</param>
public sealed record HistoryRule(string Name, string Statement)
{
    /// <summary>Sequence numbers.</summary>
    public static HistoryRule Sequence { get; } = new("sequence", "Events are numbered from 1 without a gap.");

    /// <summary>Times.</summary>
    public static HistoryRule Time { get; } = new("time", "Time never goes back.");

    /// <summary>Data.</summary>
    public static HistoryRule Readable { get; } = new("readable", "Every event of a known type can be read and is whole.");

    /// <summary>The first event.</summary>
    public static HistoryRule Beginning { get; } = new("beginning", "An execution is created once, by its first event, from the plan that the journal holds.");

    /// <summary>The last event.</summary>
    public static HistoryRule AfterEnd { get; } = new("after_end", "After its end nothing happens in an execution, unless somebody opens it again.");

    /// <summary>Names of tasks.</summary>
    public static HistoryRule KnownTask { get; } = new("known_task", "Every task is one of the plan.");

    /// <summary>The order of a task's states.</summary>
    public static HistoryRule Transition { get; } = new("transition", "A task goes only from states to states that follow them.");

    /// <summary>Hard dependencies.</summary>
    public static HistoryRule Precedence { get; } = new("precedence", "No task is ready or starts before its hard predecessors have succeeded or count as done.");

    /// <summary>Barriers of the wave model.</summary>
    public static HistoryRule Barrier { get; } = new("barrier", "Where waves are asked for, no task starts before every task of the waves before has ended.");

    /// <summary>Pauses, drains and aborts.</summary>
    public static HistoryRule Standstill { get; } = new("standstill", "Nothing starts while the execution is paused, drained, aborted or without a coordinator.");

    /// <summary>Locks.</summary>
    public static HistoryRule Lock { get; } = new("lock", "A lock has one holder, or readers only.");

    /// <summary>Pools.</summary>
    public static HistoryRule Pool { get; } = new("pool", "No more units of a pool are taken than there are.");

    /// <summary>Quotas.</summary>
    public static HistoryRule Quota { get; } = new("quota", "No more of a quota is taken than there is.");

    /// <summary>What is taken and given back.</summary>
    public static HistoryRule Holding { get; } = new("holding", "A task takes exactly what the plan says, all at once before it starts, and gives all of it back when its attempt is over.");

    /// <summary>What attempts ask for after they began.</summary>
    public static HistoryRule MidTask { get; } = new(
        "mid_task", "Only a live attempt asks for more; it waits only for younger ones, in turn, makes way only for older ones or after its time, and nothing that begins takes what somebody waits for.");

    /// <summary>Who makes way.</summary>
    public static HistoryRule Preemption { get; } = new(
        "preemption", "Only a preemptible attempt that may be done again makes way, for a critical task that has waited for as long as the plan says, and each task only so often.");

    /// <summary>Times of the day.</summary>
    public static HistoryRule Window { get; } = new("window", "A task begins only in its own windows and in those of what it takes.");

    /// <summary>How many run at once.</summary>
    public static HistoryRule Concurrency { get; } = new("concurrency", "No task starts beyond the number that may run at once.");

    /// <summary>Which workers there are.</summary>
    public static HistoryRule Workers { get; } = new("workers", "Workers join up to the number that is allowed and leave only when idle; a number that somebody asked for holds for later coordinators, too.");

    /// <summary>What workers have in hand.</summary>
    public static HistoryRule OneTask { get; } = new("one_task", "A worker has at most one task in hand.");

    /// <summary>What workers can do.</summary>
    public static HistoryRule Fit { get; } = new("fit", "A worker gets only tasks that it can do, and only while it is one of the coordinator's.");

    /// <summary>One attempt at a time.</summary>
    public static HistoryRule LiveAttempt { get; } = new("live_attempt", "A task has one live attempt.");

    /// <summary>Numbers of attempts.</summary>
    public static HistoryRule AttemptNumber { get; } = new("attempt_number", "The attempts of a task are numbered from 1 without a gap.");

    /// <summary>Reports of old attempts.</summary>
    public static HistoryRule OldAttempt { get; } = new("old_attempt", "Nothing is accepted from an attempt that is not the live one, and no success from one that was told to stop.");

    /// <summary>Acceptance checks.</summary>
    public static HistoryRule Checks { get; } = new("checks", "A task succeeds only when each of its checks has passed and its required files are there.");

    /// <summary>Finished work.</summary>
    public static HistoryRule FinishedWork { get; } = new("finished_work", "A task that has succeeded is never touched again, unless somebody has it rolled back.");

    /// <summary>Tries.</summary>
    public static HistoryRule RetryLimit { get; } = new("retry_limit", "A task fails no more often than it may be tried, and its delays do not end before they begin.");

    /// <summary>Circuit breakers.</summary>
    public static HistoryRule Breaker { get; } = new("breaker", "What waits for an open circuit breaker does not start before it closes, except the one task that tries for all.");

    /// <summary>What must not be done twice.</summary>
    public static HistoryRule Repeat { get; } = new("repeat", "A task that is not idempotent is not tried again by itself.");

    /// <summary>Time limits.</summary>
    public static HistoryRule TimeLimit { get; } = new("time_limit", "An attempt is stopped for its time only when its time is over.");

    /// <summary>Skipped and cancelled tasks.</summary>
    public static HistoryRule Undone { get; } = new("undone", "A task is skipped only because of one that it depends on and that will not be done, and cancelled only by an abort or because somebody asked for it.");

    /// <summary>Tasks that nobody thinks of any more.</summary>
    public static HistoryRule LostTask { get; } = new("lost_task", "No task is lost: what is free to go is ready, and at the end each task is over, or waits for help or for a worker that is not there.");

    /// <summary>What a change of the plan leaves alone.</summary>
    public static HistoryRule Patch { get; } = new("patch", "A patch fits the plan that it changes, and gives nothing that has begun something to wait for.");

    /// <summary>Undoing.</summary>
    public static HistoryRule Rollback { get; } = new("rollback", "What is undone is what a rollback names and what stands on it, nothing else; what depends on a task is undone before it, and what could not be undone is not done again.");

    /// <summary>Checkpoints.</summary>
    public static HistoryRule Checkpoint { get; } = new("checkpoint", "A checkpoint is of a live attempt, and no attempt begins from one that its task does not have.");

    /// <summary>The end.</summary>
    public static HistoryRule End { get; } = new("end", "The execution ends when nothing runs, and as its tasks say.");

    /// <summary>Every rule, in the order in which they are told.</summary>
    public static IReadOnlyList<HistoryRule> All { get; } =
    [
        Sequence, Time, Readable, Beginning, AfterEnd, KnownTask, Transition, Precedence, Barrier, Standstill, Lock, Pool, Quota, Holding, MidTask, Window, Preemption, Concurrency,
        Workers, OneTask, Fit, LiveAttempt, AttemptNumber, OldAttempt, Checks, FinishedWork, RetryLimit, Repeat, TimeLimit, Undone, LostTask, Patch, Rollback, Checkpoint, End,
    ];
}
