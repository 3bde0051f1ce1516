using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Slaps.Cli.Commands;
using Slaps.Cli.Output;
using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;
using Slaps.Journal.Sqlite;
using Slaps.Runtime.Alerts;
using Slaps.Runtime.Failures;
using Slaps.Runtime.Hosting;
using Slaps.Runtime.Processes;
using Slaps.Runtime.Sessions;
using Slaps.Runtime.State;

namespace Slaps.Cli;

/// <summary>The state directory, held by this process: its journal open for writing.</summary>
internal sealed class HeldState : IDisposable
{
    private readonly StateLock _lock;
    private WaitingLine? _turn;

    private HeldState(StateDirectory directory, StateLock held, SqliteJournal journal)
    {
        Directory = directory;
        _lock = held;
        Journal = journal;
    }

    public StateDirectory Directory { get; }

    public SqliteJournal Journal { get; }

    public StateLock Lock => _lock;

    /// <summary>Takes the lock, or null with who holds it.</summary>
    public static HeldState? TryTake(StateDirectory directory, string command, out HolderInfo? holder)
    {
        directory.Create();
        var held = StateLock.TryAcquire(directory, command, TimeProvider.System, out holder);
        if (held is null) return null;
        try
        {
            return new HeldState(directory, held, SqliteJournal.OpenWriter(directory.JournalPath));
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Takes the lock, or ends the command with a sentence that says who holds it.</summary>
    public static HeldState Take(StateDirectory directory, string command)
    {
        var held = TakeInTurn(directory, command, TimeSpan.FromSeconds(10), out var holder) ?? throw new CommandException(ExitCodes.HeldByAnother, StateLock.Refusal(directory, holder));
        held.LetNextWait();
        return held;
    }

    /// <summary>
    /// Takes the lock when it is this command's turn among all that want it for a moment. Null when a coordinator has it, which says where it
    /// listens, or when the turn has not come within <paramref name="patience"/>.
    /// </summary>
    public static HeldState? TakeInTurn(StateDirectory directory, string command, TimeSpan patience, out HolderInfo? holder)
    {
        var waited = Stopwatch.StartNew();
        directory.Create();
        var turn = WaitingLine.Join(directory.LinePath, patience);
        if (turn is null)
        {
            holder = StateLock.LivingHolder(directory);
            return null;
        }

        try
        {
            while (true)
            {
                if (TryTake(directory, command, out holder) is { } held)
                {
                    (held._turn, turn) = (turn, null);
                    return held;
                }

                if (holder?.Socket is not null || waited.Elapsed >= patience) return null;
                Thread.Sleep(10);
            }
        }
        finally
        {
            turn?.Dispose();
        }
    }

    /// <summary>Who holds it for long does not keep the line waiting: the next one learns whom to ask instead.</summary>
    private void LetNextWait()
    {
        _turn?.Dispose();
        _turn = null;
    }

    public void Dispose()
    {
        Journal.Dispose();
        _lock.Dispose();
        LetNextWait();
    }
}

/// <summary>Runs one execution in this process, reachable for signals and for other <c>tasks</c> processes.</summary>
internal static class Coordinator
{
    /// <summary>Runs until the execution ends or this coordinator was told to leave.</summary>
    /// <param name="held">The state directory.</param>
    /// <param name="state">The execution, which is the coordinator's from here on.</param>
    /// <param name="options">How many workers, and what they can do.</param>
    /// <param name="passEnv">Variables that tasks may see beside the usual ones.</param>
    /// <param name="before">Events that nobody has seen yet: those that created the execution, if this process did.</param>
    /// <param name="output">Shows the events.</param>
    /// <param name="checkpointEvery">A checkpoint is due each so many percent; 0: never by that.</param>
    public static void Run(
        HeldState held, ExecutionState state, HostOptions options, IReadOnlyList<string> passEnv, IReadOnlyList<RecordedEvent> before, Func<IExecutionOutput> output, int checkpointEvery = 25)
    {
        using var shown = output();
        if (before.Count > 0) shown.Show(state, before);
        var workers = new WorkersOptions
        {
            Workspace = state.Workspace,
            LogsDirectory = held.Directory.LogsPath,
            WorkDirectory = held.Directory.WorkPath,
            CheckpointsDirectory = held.Directory.CheckpointsPath,
            CheckpointEvery = checkpointEvery,
            PassEnv = passEnv,
            StallAfter = state.Plan.Policies.StallTimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Warn = Say.Progress,
        };
        using var alerts = new AlertSender(AlertRule.Read(state.Plan.Monitoring, path => new(null, path), new DiagnosticBag()), workers);
        using var host = new ExecutionHost(
            state,
            held.Journal,
            options with
            {
                IsSessionRunning = new SessionRegistry(held.Directory, TimeProvider.System).IsRunningHere,
                IsAwaited = task => new ResourceWaits(held.Directory).IsAwaited(state.Id, task),
                Diagnosis = new Diagnosis(new PlaybookLibrary(held.Directory.PlaybooksPath, found => Say.Progress(found.ToString())), held.Directory.LogsPath, state.Workspace),
                Replan = Planning.Replanning.Replanner.Of,
            },
            workers,
            (after, events) =>
            {
                shown.Show(after, events);
                alerts.Offer(after, events);
            },
            TimeProvider.System,
            Random.Shared);
        using var signals = new Signals(host);
        var socket = ControlSocket.Place(held.Directory);
        var control = ControlServer.Start(socket, (request, _) => Handle(host, state.Id, request));
        held.Lock.RecordSocket(socket);
        shown.Begin(new Steering(request => Handle(host, state.Id, request), signals.Leave, host.ProgressOf));
        try
        {
            host.Run();
        }
        finally
        {
            control.DisposeAsync().AsTask().GetAwaiter().GetResult();

            // While signals are still ours: one that ended the process now would leave the terminal to the next as the picture needs it.
            shown.Dispose();
        }
    }

    /// <summary>The command that a person's word stands for; null when there is none of that name.</summary>
    public static Func<Instant, Order>? OrderFor(ControlRequest request) => request switch
    {
        { Action: "pause" } => at => new PauseExecution(at, request.Reason ?? "Somebody asked for it."),
        { Action: "resume" } => at => new ResumeExecution(at),
        { Action: "abort" } => at => new AbortExecution(at, request.Reason ?? "Somebody asked for it."),
        { Action: "skip" or "skip-with-successors", Task: { } task } =>
            at => new SkipTask(at, new TaskId(task), request.Reason ?? "Somebody asked for it.", WithSuccessors: request.Action == "skip-with-successors"),
        { Action: "set-workers", Workers: { } workers } => at => new SetWorkers(at, workers),
        { Action: "retry", Task: { } task } => at => new RetryTask(at, new TaskId(task)),
        { Action: "answer", Task: { } task, Reason: { } advice } => at => new AnswerHelp(at, new TaskId(task), advice),
        { Action: "restore" or "prune-checkpoints" } => CheckpointCommands.OrderFor(request),
        { Action: "rollback" or "rolled-back-by-hand", Task: { } task } => at => new RollbackTask(at, new TaskId(task), request.Reason ?? "Somebody asked for it.", ByHand: request.Action != "rollback"),
        { Action: "cancel", Task: { } task } => at => new CancelTask(at, new TaskId(task), request.Reason ?? "Somebody asked for it."),
        { Action: "modify", Patch: { } text } when ReadPatch(text, new DiagnosticBag()) is { } patch => at => new ModifyPlan(at, patch),
        _ => null,
    };

    /// <summary>What a person's word has brought about.</summary>
    public static string Done(ControlRequest request, ExecutionId execution) => request.Action switch
    {
        "pause" => $"{execution} is paused: nothing new starts, and what runs comes to its end.",
        "resume" => $"{execution} is not paused any more.",
        "abort" => $"{execution} is aborted: what runs is stopped, and what waits is cancelled.",
        "set-workers" => $"{execution} works with at most {request.Workers} workers from now on; who is busy beyond that leaves when its task has ended.",
        "skip" => $"{request.Task} of {execution} is skipped and counts as done: what depends on it goes on.",
        "skip-with-successors" => $"{request.Task} of {execution} is skipped, and all that depends on it.",
        "modify" => $"{execution} is patched.",
        _ => $"{request.Task} of {execution} will be tried again.",
    };

    private static PlanPatch? ReadPatch(string text, DiagnosticBag diagnostics) => PlanPatchJson.Read(Encoding.UTF8.GetBytes(text), "the patch", diagnostics);

    // Whoever sends one has read it before; but anybody may write to the socket.
    private static string WhyNot(ControlRequest request)
    {
        var diagnostics = new DiagnosticBag();
        return request is { Action: "modify", Patch: { } text } && ReadPatch(text, diagnostics) is null
            ? string.Join('\n', diagnostics.Items.Where(d => d.Severity == Severity.Error).Take(20).Select(d => d.ToString()))
            : $"There is no action {Identifiers.Quote(request.Action)}.";
    }

    private static async Task<ControlResponse> Handle(ExecutionHost host, ExecutionId running, ControlRequest request)
    {
        if (request.Execution is { } wanted && wanted != running.Value)
            return new ControlResponse(Ok: false, $"This coordinator runs {running}, not {Identifiers.Quote(wanted)}. Wait until it has ended, or name {running}.");
        if (request.Session is not null || ResourceOrders.For(request) is not null) return await ClaimOrders.Handle(host, request).ConfigureAwait(false);
        if (request.Action == "checkpoint") return await CheckpointCommands.Keep(host, request).ConfigureAwait(false);
        if (OrderFor(request) is not { } order) return new ControlResponse(Ok: false, WhyNot(request));
        string? told = null;
        var isUnknown = false;
        var refusal = await host.Send(order, (state, decided) =>
        {
            told = CheckpointCommands.Done(request, decided) ?? EscalationCommands.Done(request, running, decided);
            isUnknown = Executions.IsUnknown(state, request);
        }).ConfigureAwait(false);
        return refusal is null ? new ControlResponse(Ok: true, told ?? Done(request, running)) : new ControlResponse(Ok: false, refusal) { IsUnknown = isUnknown };
    }

    /// <summary>The first Ctrl-C drains, the second stops at once; both leave an execution that can be resumed.</summary>
    private sealed class Signals : IDisposable
    {
        private readonly ExecutionHost _host;
        private readonly PosixSignalRegistration[] _registrations;
        private int _count;

        public Signals(ExecutionHost host)
        {
            _host = host;
            _registrations =
            [
                PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
                PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
                PosixSignalRegistration.Create(PosixSignal.SIGHUP, Handle),
            ];
        }

        public void Dispose()
        {
            foreach (var registration in _registrations) registration.Dispose();
        }

        private void Handle(PosixSignalContext context)
        {
            context.Cancel = true;
            Leave();
        }

        /// <summary>What a signal does; a person may ask for the same.</summary>
        public void Leave()
        {
            if (Interlocked.Increment(ref _count) == 1)
            {
                Say.Progress("Draining: nothing new is started, and what runs comes to its end. A second Ctrl-C stops it at once. Both can be resumed.");
                _ = _host.Send(at => new Drain(at));
            }
            else
            {
                Say.Progress("Stopping what runs. `tasks execute PLAN --resume` goes on from here.");
                _ = _host.Send(at => new Interrupt(at));
            }
        }
    }
}
