using System.Diagnostics;
using Slaps.Cli.Commands;
using Slaps.Cli.Output;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime;
using Slaps.Runtime.Hosting;
using Slaps.Runtime.Processes;
using Slaps.Runtime.Sessions;
using Slaps.Runtime.State;
using Slaps.Runtime.Verification;

namespace Slaps.Cli;

/// <summary>The way of a session's request: to the coordinator that runs, or, where none does, to this process in its turn.</summary>
internal static class ClaimChannel
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    /// <summary>Who calls, with a sign of life; ends the command where it is nobody.</summary>
    /// <param name="place">The project.</param>
    /// <param name="showsMessages">Whether what others have told the session since its last command is shown on standard error, a line for each.</param>
    public static Session Caller(StateDirectory place, bool showsMessages = true)
    {
        var registry = new SessionRegistry(place, TimeProvider.System);
        var session = registry.OfCaller(Environment.GetEnvironmentVariable("TASKS_SESSION"), out var refusal) ?? throw new CommandException(ExitCodes.InvalidInput, refusal);
        registry.SettleDebt(session, () => SessionCommands.GiveBack(place, "register", session.Name));
        registry.Beat(session);
        foreach (var message in showsMessages ? new Mailbox(place, TimeProvider.System).TakeNew(session.Name) : []) Say.Progress(MessageCommands.Line(message));
        return session;
    }

    /// <summary>As <see cref="Caller"/>; null where it is a person who is no session.</summary>
    public static Session? CallerIfAny(StateDirectory place)
    {
        var variable = Environment.GetEnvironmentVariable("TASKS_SESSION");
        return !string.IsNullOrEmpty(variable) || new SessionRegistry(place, TimeProvider.System).OfCaller(null, out _) is not null ? Caller(place) : null;
    }

    /// <summary>A sign of life of a session that only looks, and what it has been told; anybody may look, so whoever is no session just does.</summary>
    public static void Heard(StateDirectory place)
    {
        if (new SessionRegistry(place, TimeProvider.System).OfCaller(Environment.GetEnvironmentVariable("TASKS_SESSION"), out _) is not null) Caller(place);
    }

    /// <summary>
    /// Has a request decided, as <see cref="AskOne"/> does. Who claims and names neither a task nor an execution takes from the executions in
    /// turn, by their weights, as long as no coordinator runs, which answers for its own alone.
    /// </summary>
    public static ControlResponse Ask(StateDirectory place, ControlRequest request)
    {
        RequireJournal(place);
        if (request is not { Action: "claim", Execution: null, Task: null } || StateLock.LivingHolder(place)?.Socket is not null || IsOneOpen(place)) return AskOne(place, request);

        // The first refusal is that of the one whose turn it is.
        ControlResponse? refused = null;
        foreach (var state in ExecutionTurns.InOrder(Open(place)))
        {
            var response = AskOne(place, request with { Execution = state.Id.Value });
            if (response.Ok) return response;
            refused ??= response;
        }

        return refused ?? AskOne(place, request);   // By now they have all ended.
    }

    /// <summary>The executions that have not ended, the oldest first.</summary>
    public static IReadOnlyList<ExecutionState> Open(StateDirectory place)
    {
        RequireJournal(place);
        using var journal = Executions.OpenReader(place);
        return [.. journal.Executions().Where(r => !Executions.IsFinished(journal, r)).Select(record => ExecutionStore.Load(journal, record))];
    }

    /// <summary>
    /// Has a request decided; it is durable when this returns. Many wait for the lock at once, so the execution is read before it is taken: under it
    /// only what happened since is, and what is refused without any change needs no lock at all.
    /// </summary>
    private static ControlResponse AskOne(StateDirectory place, ControlRequest request)
    {
        for (var waited = Stopwatch.StartNew(); ;)
        {
            if (StateLock.LivingHolder(place)?.Socket is { } socket
                && ControlClient.SendAsync(socket, request, CancellationToken.None).GetAwaiter().GetResult() is { } response && (!response.AskAgain || waited.Elapsed >= Patience))
            {
                if (!response.Ok) Executions.RequireKnown(place, request.Execution);
                return response;
            }

            var seen = Look(place, request.Execution);
            if (Refused(place, seen, request) is { } refused) return refused;
            using (var held = HeldState.TakeInTurn(place, $"tasks {request.Action}", Patience - waited.Elapsed, out var holder))
            {
                if (held is not null) return Decide(held, seen, request);
                if (holder?.Socket is null || waited.Elapsed >= Patience) throw new CommandException(ExitCodes.HeldByAnother, StateLock.Refusal(place, holder));
            }

            // A coordinator that is just leaving has a socket that nobody serves for a moment.
            Thread.Sleep(20);
        }
    }

    /// <summary>As <see cref="Ask"/>, in every execution that has not ended, as far as it can be reached: a coordinator answers for its own alone.</summary>
    public static string AskEverywhere(StateDirectory place, ControlRequest request)
    {
        List<string> open;
        using (var journal = Executions.OpenReader(place)) open = [.. journal.Executions().Where(r => !Executions.IsFinished(journal, r)).Select(r => r.Id.Value)];
        return string.Join(' ', open.Select(execution => Ask(place, request with { Execution = execution })).Where(r => r is { Ok: true, Message.Length: > 0 }).Select(r => r.Message));
    }

    /// <summary>
    /// Says that a task is done, and waits for the checks: run by the coordinator, or here, without the lock. Where another process runs them here
    /// already, it is its verdict that is waited for: an agent whose call took too long asks again.
    /// </summary>
    /// <param name="place">The project.</param>
    /// <param name="request">Who says it, about which task.</param>
    /// <param name="stop">Ends checks that run here; the task stays with the session.</param>
    public static ControlResponse Complete(StateDirectory place, ControlRequest request, CancellationToken stop = default)
    {
        var run = BeginChecks(place, request, stop, out var told);
        try
        {
            if (told is not null) return told;
            var asked = Ask(place, request);
            if (!asked.Ok || asked.Task is not { } name) return asked;
            var task = new TaskId(name);
            while (true)
            {
                // The one that the answer was about: by now it may have ended, and another one be the open one.
                var state = Look(place, request.Execution ?? asked.Execution);
                if (state[task] is not TaskState.Verifying verifying || state.AttemptsOf(state.Plan.IndexOf(task)) != asked.Attempt) return Ended(state, task, asked);
                if (StateLock.LivingHolder(place) is { Socket: not null })
                {
                    if (stop.IsCancellationRequested) throw Stopped(task);
                    Thread.Sleep(BetweenLooks);
                }
                else if (run is null)
                {
                    // The coordinator that should have run them has gone. What stands may be another one by the time that it is our turn.
                    run = Await(place, state.Id, task, request.Session!, stop);
                }
                else
                {
                    var verdict = Check(place, state, task, verifying.Active.Attempt, stop);
                    Report(place, state.Id, at => new RecordVerdict(at, task, verifying.Active.Attempt, verdict) { AskedAt = verifying.Since, Dice = 1 });
                }
            }
        }
        finally
        {
            run?.Dispose();
        }
    }

    /// <summary>Whether the checks of a claimed task began and nobody runs them any more: no coordinator is there, and their process has ended.</summary>
    /// <param name="place">The project.</param>
    /// <param name="state">The execution, as it was read before.</param>
    /// <param name="task">One of its tasks.</param>
    public static bool AreChecksCutOff(StateDirectory place, ExecutionState state, TaskId task)
    {
        if (state[task] is not TaskState.Verifying { Active.Lease: not null } seen
            || StateLock.LivingHolder(place)?.Socket is not null
            || new CheckRuns(place).AreRunning(state.Id, task, out _)) return false;

        // They may have come to their end since the execution was read.
        return Look(place, state.Id.Value)[task] is TaskState.Verifying now && now.Since == seen.Since && now.Active.Attempt == seen.Active.Attempt;
    }

    /// <summary>What a session holds, in all executions that have not ended, or in the one that is named.</summary>
    public static IReadOnlyList<(string Execution, TaskId Task)> HeldBy(StateDirectory place, string? execution, string session)
    {
        RequireJournal(place);
        using var journal = Executions.OpenReader(place);
        ExecutionRecord[] open = execution is null ? [.. journal.Executions().Where(r => !Executions.IsFinished(journal, r))] : [Executions.Find(journal, execution)];
        return
        [
            .. open.Select(record => ExecutionStore.Load(journal, record))
                .SelectMany(state => state.Claimed.Where(task => state.ActiveAttemptOf(task)!.Worker.Value == session).Select(task => (state.Id.Value, state.Plan.Tasks[task].Id))),
        ];
    }

    /// <summary>
    /// The request with its task and execution filled in where they were left open: the one task that the session holds, and the execution in which
    /// it holds it, which need not be the newest one. Ends the command where several are possible.
    /// </summary>
    public static ControlRequest AboutHeld(StateDirectory place, ControlRequest request)
    {
        if (request.Task is not null && (request.Execution is not null || IsOneOpen(place))) return request;
        var held = HeldBy(place, request.Execution, request.Session!).Where(h => request.Task is null || h.Task.Value == request.Task).ToList();
        return held switch
        {
            [var one] => request with { Execution = request.Task is null || request.Execution is null ? one.Execution : request.Execution, Task = one.Task.Value },
            [] when request.Task is not null => request,   // Whoever decides says why not.
            [] => throw new CommandException(ExitCodes.SomeFailed, $"{request.Session} holds no task{(request.Execution is null ? "" : $" of {request.Execution}")}. `tasks claim` takes one."),
            _ when request.Task is not null => throw new CommandException(ExitCodes.InvalidInput, $"{request.Session} holds {request.Task} in {string.Join(" and ", held.Select(h => h.Execution))}. Say which one is meant with --execution."),
            _ => throw new CommandException(ExitCodes.InvalidInput, $"{request.Session} holds {held.Count} tasks: {string.Join(", ", held.Take(10).Select(h => h.Task))}. Say which one is meant."),
        };
    }

    /// <summary>The execution that sessions work on, read beside whoever writes it.</summary>
    public static ExecutionState Look(StateDirectory place, string? execution)
    {
        RequireJournal(place);
        using var journal = Executions.OpenReader(place);
        return ExecutionStore.Load(journal, Executions.FindOpen(journal, execution));
    }

    /// <summary>The name of the execution that is meant: the one that is named, else the open one in which something happened last.</summary>
    public static string NameOf(StateDirectory place, string? execution)
    {
        RequireJournal(place);
        using var journal = Executions.OpenReader(place);
        return Executions.FindOpen(journal, execution).Id.Value;
    }

    private static bool IsOneOpen(StateDirectory place)
    {
        RequireJournal(place);
        using var journal = Executions.OpenReader(place);
        return journal.Executions().Count(r => !Executions.IsFinished(journal, r)) < 2;
    }

    private static void RequireJournal(StateDirectory place)
    {
        if (!File.Exists(place.JournalPath)) throw new CommandException(ExitCodes.InvalidInput, $"There is no execution in {place.Workspace} yet. `tasks load PLAN` opens one for sessions.");
    }

    // The answer was true when the journal was read, which is as good as a moment later; but time and signs of life have to be written down.
    private static ControlResponse? Refused(StateDirectory place, ExecutionState seen, ControlRequest request)
    {
        var now = Instant.From(TimeProvider.System.GetUtcNow());
        var at = now < seen.Now ? seen.Now : now;
        var orders = ClaimOrders.WithSignOfLife(request, OrderOf(place, seen, request));
        var isRunning = new SessionRegistry(place, TimeProvider.System).IsRunningHere;
        if (ClaimDesk.Renewals(seen, at, isRunning).Count > 0 || ClaimDesk.Deserted(seen, at, IsAwaited(place, seen)).Count > 0 || Scheduler.Decide(seen, new PassTime(at)).Count > 0) return null;
        return orders.SkipLast(1).All(before => Scheduler.Decide(seen, before(at)).Count == 0) && Refusals.Of(seen, orders[^1](at)) is { } refusal
            ? ClaimOrders.Answer(refusal, ResourceOrders.Tell(request, seen, []), Executions.IsUnknown(seen, request))
            : null;
    }

    private static Func<TaskId, bool> IsAwaited(StateDirectory place, ExecutionState state) => task => new ResourceWaits(place).IsAwaited(state.Id, task);

    private static Func<Instant, Order> OrderOf(StateDirectory place, ExecutionState state, ControlRequest request)
    {
        var order = ClaimOrders.For(request) ?? throw new UnreachableException($"No order is called {request.Action}. Add an arm to ClaimOrders.For.");
        var isCutOff = request.Task is { } name && state.Plan.IndexOf(new TaskId(name)) >= 0 && AreChecksCutOff(place, state, new TaskId(name));
        return isCutOff ? at => order(at) is ClaimReport report ? report with { AreChecksCutOff = true } : order(at) : order;
    }

    private static ControlResponse Decide(HeldState held, ExecutionState seen, ControlRequest request)
    {
        var record = Executions.FindOpen(held.Journal, request.Execution);
        var state = record.Id == seen.Id ? seen : ExecutionStore.Load(held.Journal, record);
        ExecutionStore.Follow(held.Journal, state);
        var order = OrderOf(held.Directory, state, request);
        ControlResponse? told = null;
        var refusal = ClaimDesk.Decide(
            held.Journal,
            state,
            Instant.From(TimeProvider.System.GetUtcNow()),
            new SessionRegistry(held.Directory, TimeProvider.System).IsRunningHere,
            IsAwaited(held.Directory, state),
            ClaimOrders.WithSignOfLife(request, order),
            (after, decided) => told = ClaimOrders.Tell(request, after, decided));
        return ClaimOrders.Answer(refusal, told, Executions.IsUnknown(state, request));
    }

    // The right to run the checks of a task that the session holds, before it says that they shall run: said twice they would run twice. Null where
    // a coordinator runs them, where whoever decides refuses it, or with the answer, where another process had them run meanwhile.
    private static IDisposable? BeginChecks(StateDirectory place, ControlRequest request, CancellationToken stop, out ControlResponse? told)
    {
        told = null;
        if (request is not { Task: { } name, Session: { } session } || StateLock.LivingHolder(place)?.Socket is not null) return null;
        var task = new TaskId(name);
        var before = Look(place, request.Execution);
        var index = before.Plan.IndexOf(task);
        if (index < 0 || before.ActiveAttemptOf(index) is not { Lease: not null } active || active.Worker.Value != session || (request.Attempt ?? active.Attempt) != active.Attempt) return null;

        var run = Await(place, before.Id, task, session, stop);
        var now = Look(place, before.Id.Value);
        if (!IsDecided(before[task], now, task, active.Attempt)) return run;
        run.Dispose();
        told = Ended(now, task, new ControlResponse(Ok: true, "", Task: name, Attempt: active.Attempt) { Execution = before.Id.Value });
        return null;
    }

    // Whether the checks of the attempt have come to a verdict since it stood as it did before.
    private static bool IsDecided(TaskState before, ExecutionState now, TaskId task, int attempt) => now[task] switch
    {
        _ when now.AttemptsOf(now.Plan.IndexOf(task)) != attempt => true,
        TaskState.Running { Active.Findings: not null } running => before is not TaskState.Running earlier || earlier.Since != running.Since,
        TaskState.Assigned or TaskState.Running or TaskState.Verifying => false,
        _ => true,
    };

    // Waits for as long as another process runs the checks of the task; what one that was killed has left of them is ended before they run again.
    private static IDisposable Await(StateDirectory place, ExecutionId execution, TaskId task, string session, CancellationToken stop)
    {
        var runs = new CheckRuns(place);
        CheckRun? said = null;
        while (true)
        {
            if (runs.TryBegin(execution, task, session, Instant.From(TimeProvider.System.GetUtcNow())) is { } run)
            {
                Checks(place, place.Workspace).EndLeftBehind(execution, task);
                return run;
            }

            if (runs.AreRunning(execution, task, out var by) && by is not null && by != said)
            {
                said = by;
                Say.Progress($"The checks of {task} run already: process {by.Pid} on {Identifiers.Quote(by.Host)} has them run for {by.Session} since {by.Since}. This command waits for what they find.");
            }

            if (stop.IsCancellationRequested)
                throw new CommandException(ExitCodes.Interrupted, $"The checks of {task} run on in another process, and nobody waits for them here any more. `tasks complete {task}` waits for what they find.");
            Thread.Sleep(BetweenLooks);
        }
    }

    private static CommandException Stopped(TaskId task) => new(ExitCodes.Interrupted, $"The checks of {task} were stopped before they came to an end. `tasks complete {task}` runs them again.");

    private static Verdict Check(StateDirectory place, ExecutionState state, TaskId task, int attempt, CancellationToken abort)
    {
        using var stop = new StopSignals(abort: abort);
        try
        {
            return Checks(place, state.Workspace).Run(new AttemptRequest(state.Id, state.Plan.Tasks[state.Plan.IndexOf(task)], attempt) { SaidBy = state.ActiveAttemptOf(state.Plan.IndexOf(task))?.Worker }, stop.Token);
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            throw Stopped(task);
        }
    }

    private static CheckRunner Checks(StateDirectory place, string workspace) => new(new WorkersOptions
    {
        Workspace = workspace,
        LogsDirectory = place.LogsPath,
        WorkDirectory = place.WorkPath,
        Warn = Say.Progress,
    });

    // A coordinator that has taken over meanwhile runs the checks itself: then it is its verdict that counts.
    private static void Report(StateDirectory place, ExecutionId execution, Func<Instant, Order> verdict)
    {
        using var held = HeldState.TakeInTurn(place, "tasks complete", Patience, out var holder);
        if (held is null)
        {
            if (holder?.Socket is null) throw new CommandException(ExitCodes.HeldByAnother, StateLock.Refusal(place, holder));
            return;
        }

        var state = ExecutionStore.Load(held.Journal, Executions.Find(held.Journal, execution.Value));
        ClaimDesk.Decide(held.Journal, state, Instant.From(TimeProvider.System.GetUtcNow()), new SessionRegistry(held.Directory, TimeProvider.System).IsRunningHere, IsAwaited(held.Directory, state), [verdict], (_, _) => { });
    }

    // What nobody can run holds because this session says so, and that is what is said.
    private static string Held(IReadOnlyList<AcceptanceCheck> checks)
    {
        var manual = checks.Count(c => c is AcceptanceCheck.Unrunnable);
        var words = manual == 1 ? "the check that only a person can make" : $"the {manual} checks that only a person can make";
        return manual == 0 ? ": its checks hold" : manual == checks.Count ? $": on your word for {words}" : $": its checks hold, and {words} on your word";
    }

    private static ControlResponse Ended(ExecutionState state, TaskId task, ControlResponse asked) => state[task] switch
    {
        TaskState.Succeeded => asked with { Message = $"{task} has succeeded{(state.Plan.Tasks[state.Plan.IndexOf(task)].Checks is { Count: > 0 } checks ? Held(checks) : "")}." },
        TaskState.Running { Active: { Findings: { } findings } active } when active.Attempt == asked.Attempt =>
            asked with { Ok = false, Message = $"{task} is not done yet: {findings.TrimEnd('.')}. It is still yours (attempt {active.Attempt}); mend that, then `tasks complete {task}` again." },
        var s => asked with { Ok = false, Message = $"{task} is {s.Name} now. `tasks explain {task}` says why." },
    };
}
