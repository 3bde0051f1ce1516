using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Core.Views;

/// <summary>What a dashboard shows of an execution at one moment. Lists are cut to <see cref="MostTasks"/>; the counts are whole.</summary>
/// <param name="Execution">Its name.</param>
/// <param name="Title">The plan's title, as it was written.</param>
/// <param name="Status">created, running, paused, completed, failed or aborted; draining when the coordinator is about to leave.</param>
/// <param name="Reason">Why it is paused or was aborted.</param>
/// <param name="Tasks">Tasks in the plan.</param>
/// <param name="Succeeded">Those that are done and verified.</param>
/// <param name="NotDone">Those that failed, were skipped or cancelled, or need help.</param>
/// <param name="Frontier">Those that could start as far as their predecessors are concerned.</param>
/// <param name="Waiting">All that have not started, or will be tried again: those of the frontier, too.</param>
/// <param name="Busy">Workers that have an attempt in hand.</param>
/// <param name="MaxWorkers">The most workers that the coordinator may have.</param>
/// <param name="Running">Attempts in hand, the oldest first.</param>
/// <param name="Ready">What starts next, in this order: tasks of the frontier that wait for nothing but a worker or a word.</param>
/// <param name="ReadyCount">How many those are.</param>
/// <param name="Blocked">Tasks that wait for something else: a person, a lock or an amount, time, a predecessor; in this order.</param>
/// <param name="BlockedCount">How many those are.</param>
public sealed record DashboardView(
    string Execution,
    string Title,
    string Status,
    string? Reason,
    int Tasks,
    int Succeeded,
    int NotDone,
    int Frontier,
    int Waiting,
    int Busy,
    int MaxWorkers,
    IReadOnlyList<RunningTask> Running,
    IReadOnlyList<string> Ready,
    int ReadyCount,
    IReadOnlyList<BlockedTask> Blocked,
    int BlockedCount)
{
    /// <summary>How many tasks a list of the view holds at most.</summary>
    public const int MostTasks = 200;

    /// <summary>What is held back for pressure, in short, e.g. <c>backpressure high, 4 at once</c>; null: nothing.</summary>
    public string? Backpressure { get; init; }

    /// <summary>The view of a state. Costs a look at every task.</summary>
    public static DashboardView Of(ExecutionState state)
    {
        var plan = state.Plan;
        var ready = new List<string>();
        var held = new List<BlockedTask>();
        foreach (var task in state.FrontierInOrder)
        {
            if (state.Circuits.HolderOf(task) is { } circuit) held.Add(new BlockedTask(plan.Tasks[task].Id.Value, $"breaker {circuit.Name}"));
            else if (state.IsHeldBack(task)) held.Add(new BlockedTask(plan.Tasks[task].Id.Value, "backpressure"));
            else if (state.Lacking(task) is { Resource: { } resource }) held.Add(new BlockedTask(plan.Tasks[task].Id.Value, resource));
            else if (!state.SomeWorkerCanTake(task)) held.Add(new BlockedTask(plan.Tasks[task].Id.Value, "no worker"));
            else ready.Add(plan.Tasks[task].Id.Value);
        }

        var stuck = new List<BlockedTask>();
        var delayed = new List<BlockedTask>();
        var pending = new List<BlockedTask>();
        for (var task = 0; task < plan.Tasks.Count; task++)
        {
            var id = plan.Tasks[task].Id.Value;
            switch (state[task])
            {
                case TaskState.HelpNeeded:
                    stuck.Add(new BlockedTask(id, "help"));
                    break;
                case TaskState.BackingOff s:
                    delayed.Add(new BlockedTask(id, $"{s.NotBefore.ToDateTimeOffset():HH:mm:ss}"));
                    break;
                case TaskState.Pending:
                    if (pending.Count < MostTasks) pending.Add(new BlockedTask(id, WaitsFor(state, task)));
                    break;
                default:
                    break;
            }
        }

        IReadOnlyList<BlockedTask> blocked = [.. stuck, .. held, .. delayed, .. pending];
        return new DashboardView(
            state.Id.Value,
            plan.Title,
            state is { IsDraining: true, IsFinished: false } ? "draining" : StatusWords.Of(state),
            state.StatusReason,
            plan.Tasks.Count,
            state.CountOf("SUCCEEDED"),
            state.CountOf("FAILED") + state.CountOf("HELP_NEEDED") + state.CountOf("SKIPPED") + state.CountOf("CANCELLED") + state.CountOf("ROLLED_BACK"),
            state.FrontierSize,
            state.FrontierSize + state.CountOf("PENDING") + state.CountOf("BACKOFF"),
            state.Active.Count,
            state.MaxWorkers,
            [.. state.Active.Select(task => RunningTask.Of(state, task)).OrderBy(task => task.Since).Take(MostTasks)],
            [.. ready.Take(MostTasks)],
            ready.Count,
            [.. blocked.Take(MostTasks)],
            stuck.Count + held.Count + delayed.Count + state.CountOf("PENDING"))
        {
            Backpressure = Pressure(state.Backpressure),
        };
    }

    private static string? Pressure(Backpressure now) => now.IsActive
        ? $"backpressure {(now.Level == BackpressureLevel.Normal ? "eases" : now.Level.ToString().ToLowerInvariant())}{(now.Places is { } places ? $", {places} at once" : "")}"
        : null;

    // The first predecessor that is not done, and how many more there are; a barrier where there is none.
    private static string WaitsFor(ExecutionState state, int task)
    {
        var open = state.UnfinishedPredecessorsOf(task);
        foreach (var predecessor in state.Plan.Graph.PredecessorsOf(task))
        {
            if (state[predecessor] is not TaskState.Succeeded) return $"{state.Plan.Tasks[predecessor].Id}{(open > 1 ? $"+{open - 1}" : "")}";
        }

        return $"wave {state.WaveOf(task) + 1}";
    }
}

/// <summary>An attempt that a worker has in hand.</summary>
/// <param name="Id">The task.</param>
/// <param name="Title">Its title, as it was written.</param>
/// <param name="State">ASSIGNED, RUNNING or VERIFYING.</param>
/// <param name="Worker">Who has it.</param>
/// <param name="Attempt">Which try.</param>
/// <param name="Since">When it was given to the worker.</param>
/// <param name="ExpectedSeconds">How long it is expected to take; null when the plan does not say.</param>
/// <param name="Session">The session of its processes; null before it has one.</param>
/// <param name="IsStopping">Whether it has been told to stop.</param>
public sealed record RunningTask(string Id, string Title, string State, string Worker, int Attempt, Instant Since, double? ExpectedSeconds, int? Session, bool IsStopping)
{
    internal static RunningTask Of(ExecutionState state, int index)
    {
        var task = state.Plan.Tasks[index];
        var active = state.ActiveAttemptOf(index)!;

        // An hour without spread is what a task without an estimate counts as: no expectation to measure it by.
        double? expected = task.Duration == PertEstimate.Default ? null : task.Duration.MeanMicroseconds / (double)Instant.Second;
        var session = (state[index] as TaskState.Running)?.Process?.Pid;
        return new RunningTask(task.Id.Value, task.Title, state[index].Name, active.Worker.Value, active.Attempt, active.AssignedAt, expected, session, active.Stop is not null);
    }
}

/// <summary>A task that cannot start.</summary>
/// <param name="Id">The task.</param>
/// <param name="On">What it waits for, in short: a task, a resource like <c>lock:database</c>, a time of day in UTC, <c>help</c>, <c>backpressure</c>, <c>no worker</c> or a wave.</param>
public sealed record BlockedTask(string Id, string On);
