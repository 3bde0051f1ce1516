using System.CommandLine;
using Slaps.Cli.Output;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Hosting;
using Slaps.Runtime.State;

namespace Slaps.Cli.Commands;

/// <summary>
/// <c>tasks pause|resume|abort|retry|skip|set-workers</c>: told to the coordinator that runs, or decided here under the lock when none does.
/// </summary>
internal static class ControlCommands
{
    public static Command Pause() => Create("pause", "Start nothing new until `tasks resume`; what runs comes to its end.", withReason: true);

    public static Command Resume() => Create("resume", "Let a paused execution go on.", withReason: false);

    public static Command Abort() => Create("abort", "End an execution for good: what runs is stopped, what waits is cancelled.", withReason: true);

    public static Command Retry()
    {
        var task = Arguments.Task();
        var execution = Arguments.ExecutionOption();
        var command = new Command("retry", "Try a task again that failed, needs help or waits for its next attempt.") { task, execution };
        command.SetAction(parsed => Send(new ControlRequest("retry", parsed.GetValue(execution), parsed.GetRequiredValue(task), Reason: null)));
        return command;
    }

    public static Command Skip()
    {
        var task = Arguments.Task();
        var execution = Arguments.ExecutionOption();
        var reason = Reason();
        var withSuccessors = new Option<bool>("--with-successors") { Description = "Skip all that depends on it, too." };
        var command = new Command("skip", "Do without a task that has not succeeded and does not run: it counts as done, and what depends on it goes on.") { task, execution, reason, withSuccessors };
        command.SetAction(parsed => Send(new ControlRequest(
            parsed.GetValue(withSuccessors) ? "skip-with-successors" : "skip", parsed.GetValue(execution), parsed.GetRequiredValue(task), parsed.GetValue(reason))));
        return command;
    }

    public static Command SetWorkers()
    {
        var workers = new Argument<int>("N") { Description = $"How many, 1 to {Core.Execution.SetWorkers.Most}." };
        var execution = Arguments.ExecutionOption();
        var command = new Command("set-workers", "Work with at most so many workers, now and after a resume; who is busy beyond that leaves when its task has ended.") { workers, execution };
        command.SetAction(parsed => Send(new ControlRequest("set-workers", parsed.GetValue(execution), Workers: parsed.GetRequiredValue(workers))));
        return command;
    }

    private static Command Create(string name, string description, bool withReason)
    {
        var execution = Arguments.Execution();
        var reason = Reason();
        var command = new Command(name, description) { execution };
        if (withReason) command.Add(reason);
        command.SetAction(parsed => Send(new ControlRequest(name, parsed.GetValue(execution), Task: null, withReason ? parsed.GetValue(reason) : null)));
        return command;
    }

    private static Option<string?> Reason() => new("--reason") { Description = "Why, for the journal.", HelpName = "TEXT" };

    internal static int Send(ControlRequest request)
    {
        var (isTold, response) = Ask(request, held => Decide(held, request));
        return Answer(response, isTold || !response.Ok ? response.Message : response.Message + Next(request));
    }

    /// <summary>Asks the coordinator that runs, or decides under the lock when none does.</summary>
    /// <returns>Whether a coordinator was told, and the answer.</returns>
    internal static (bool IsTold, ControlResponse Response) Ask(ControlRequest request, Func<HeldState, ControlResponse> decide)
    {
        var place = StateDirectory.Find(Directory.GetCurrentDirectory());
        if (!File.Exists(place.JournalPath)) throw new CommandException(ExitCodes.InvalidInput, $"There is no execution in {place.Workspace} yet. `tasks execute PLAN` starts one, `tasks load PLAN` opens one for sessions.");

        // A coordinator that is just starting or leaving holds the lock without answering for a moment: ask again for a while.
        for (var patience = 0; ; patience++)
        {
            using (var held = HeldState.TryTake(place, $"tasks {request.Action}", out var holder))
            {
                if (held is not null) return (false, decide(held));
                if (holder?.Socket is { } socket && ControlClient.SendAsync(socket, request, CancellationToken.None).GetAwaiter().GetResult() is { } response)
                {
                    if (!response.Ok) Executions.RequireKnown(place, request.Execution);
                    return (true, response);
                }

                if (patience == 50) throw new CommandException(ExitCodes.HeldByAnother, StateLock.Refusal(place, holder));
            }

            Thread.Sleep(100);
        }
    }

    internal static ControlResponse Decide(HeldState held, ControlRequest request)
    {
        var record = Executions.Find(held.Journal, request.Execution);
        var state = ExecutionStore.Load(held.Journal, record);
        if (request.Task is { } task) Executions.FindTask(state, task);
        var order = Coordinator.OrderFor(request)!;
        var at = Instant.From(TimeProvider.System.GetUtcNow());
        if (Refusals.Of(state, order(at)) is { } refusal) return new(Ok: false, refusal);
        var decided = Scheduler.Decide(state, order(at < state.Now ? state.Now : at));
        var numbers = CheckpointCommands.Numbers(state);
        if (ExecutionStore.Apply(held.Journal, state, order(at < state.Now ? state.Now : at)) is { } late) return new(Ok: false, late);

        // Who was the last to be waited for may be cancelled or skipped now, and nobody else is here to say that this is the end.
        var passing = new PassTime(at < state.Now ? state.Now : at);
        while (Scheduler.Decide(state, passing).Count > 0 && ExecutionStore.Apply(held.Journal, state, passing) is null) { }

        // Processes that an earlier coordinator left running are stopped by one without workers, which starts nothing.
        if (request.Action == "abort")
            Coordinator.Run(held, state, new HostOptions { MinWorkers = 0, MaxWorkers = 0 }, [], [], () => new ProgressLines(state.CreatedAt));
        CheckpointCommands.Drop(held, state, decided, numbers);
        return new(Ok: true, CheckpointCommands.Done(request, decided) ?? EscalationCommands.Done(request, state.Id, decided) ?? Coordinator.Done(request, state.Id));
    }

    private static string Next(ControlRequest request)
    {
        if (request.Action == "rollback") return Undone(Executions.Load(request.Execution), request.Task!);
        if (request.Action is not ("retry" or "resume" or "skip" or "skip-with-successors" or "answer" or "cancel" or "restore")) return "";
        var state = Executions.Load(request.Execution);
        return state.IsFinished ? "" : $" {Onward(state)}";
    }

    // What of a rollback is left, where no coordinator runs.
    private static string Undone(ExecutionState state, string task) => state[new TaskId(task)] switch
    {
        TaskState.RolledBack => $" {task} is ROLLED_BACK: nothing had to be run. `tasks retry {task}` does it anew.",
        TaskState.HelpNeeded => $" Nothing can be run that undoes {task}: undo by hand what it did, then `tasks rollback {task} --by-hand`.",
        _ => " No coordinator runs, so nothing is undone yet: `tasks execute PLAN --resume` runs the compensations.",
    };

    /// <summary>How an execution that nobody runs goes on.</summary>
    internal static string Onward(ExecutionState state, string plan = "PLAN")
    {
        if (Executions.IsForSessions(state)) return "Sessions work on it: `tasks claim` takes what is available.";
        var isForSessions = state.FrontierInOrder.Select(task => state.Plan.Tasks[task].Run is RunSpec.Claimed).ToList();
        return isForSessions.Count == 0 || isForSessions.TrueForAll(claimed => !claimed) ? $"No coordinator runs; `tasks execute {plan} --resume` goes on."
            : isForSessions.TrueForAll(claimed => claimed) ? "What can be done now is for sessions: `tasks claim` takes it."
            : $"No coordinator runs; `tasks execute {plan} --resume` goes on, and `tasks claim` takes what is for sessions.";
    }

    private static int Answer(ControlResponse response, string message)
    {
        if (response.Ok) Say.Progress(message);
        else Say.Error(message);
        return Executions.CodeOf(response);
    }
}
