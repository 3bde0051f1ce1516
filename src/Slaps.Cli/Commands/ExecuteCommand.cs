using System.CommandLine;
using System.Globalization;
using Slaps.Cli.Folders;
using Slaps.Cli.Metrics;
using Slaps.Cli.Output;
using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Forecasting;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Graphs;
using Slaps.Runtime.Hosting;
using Slaps.Runtime.Pressure;
using Slaps.Runtime.State;
using Slaps.Runtime.Verification;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks execute DIR</c></summary>
internal static class ExecuteCommand
{
    public static Command Create()
    {
        var directory = new Argument<string>("DIR") { Description = "The plan directory; it holds coordinator.json." }.NotEmpty("Name the directory that holds coordinator.json.");
        var min = CountOption("--worker-min", "Workers at the start; more join while tasks wait for nothing but a worker. Default 1.");
        var max = CountOption("--worker-max", "The most workers. Default: the plan's concurrency_max, else one for each processor and at least 2.");
        var workers = WorkersOption("So many workers from the start, in the place of --worker-min, --worker-max and the plan's concurrency_max; with --dry-run, 0 means no limit.");
        var dryRun = new Option<bool>("--dry-run") { Description = "Start and write nothing: print when each task would run, in virtual time, with its expected duration." };
        var priority = Rules.Priority();
        var model = Rules.Model();
        var profile = Rules.Profile();
        var resume = new Option<bool>("--resume") { Description = "Go on with this plan's newest unfinished execution; start one if there is none." };
        var wait = new Option<bool>("--wait") { Description = "Start although nobody here can run some of the tasks, and stay until somebody does." };
        var cpu = ThresholdOption("--cpu-threshold", "The part of their time that processes may wait for a processor before fewer tasks run at once; `off`: whatever it is. Default 75.");
        var memory = ThresholdOption("--memory-threshold", "The part of the memory that may be in use before fewer tasks run at once; `off`: whatever it is. Default 90.");
        var errors = ThresholdOption("--error-threshold", "The part of the last 20 attempts that may fail before fewer tasks run at once; `off`: whatever it is. Default 50.");
        var approved = new Option<bool>("--require-approval") { Description = "Start only a plan that somebody approved with `tasks approve` and that is unchanged since." };
        var crew = new CrewOptions();
        var passEnv = new Option<string[]>("--pass-env") { Description = "A variable of this environment that tasks may see beside the usual harmless ones; may be given again.", HelpName = "NAME" };
        passEnv.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(t => t.Value.Length == 0 || t.Value.Contains('=')))
                result.AddError($"--pass-env takes the name of a variable, not {Identifiers.Quote(token.Value)}; its value is taken from the environment.");
        });
        var interval = new Option<int?>("--checkpoint-interval") { Description = "Keep what a task has each time it says that it is so many percent further, 1 to 100; 0: only when it asks. Default 25.", HelpName = "PERCENT" };
        interval.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var percent) || percent > 100))
                result.AddError($"--checkpoint-interval takes a whole number from 0 to 100, not {Identifiers.Quote(result.Tokens[0].Value)}.");
        });
        var fromCheckpoint = new Option<bool>("--resume-from-checkpoint") { Description = "As --resume; every task that is not done and has a checkpoint begins its next attempt from it." };
        var checkpoint = CheckpointCommands.IdOption();
        var metricsPort = new Option<int?>("--metrics-port") { Description = "Answer Prometheus on this port of 127.0.0.1: /metrics, and /healthz. 0 takes a free one and says which.", HelpName = "N" };
        metricsPort.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, out var port) || port is < 0 or > 65_535))
                result.AddError($"--metrics-port takes a whole number from 0 to 65535, not {Identifiers.Quote(result.Tokens[0].Value)}.");
        });
        var tokenFile = new Option<string?>("--metrics-token-file") { Description = "Holds the token that requests to --metrics-port must bring as `Authorization: Bearer`. Default: none is needed.", HelpName = "FILE" }.NotEmpty("Name the file that holds the token, or leave the option out.");
        var mirror = new Option<string?>("--directory") { Description = "Mirror what can be claimed as files in this directory, too, as `tasks directory` does.", HelpName = "DIR" }.NotEmpty("Name the directory in which the files shall lie.");
        var weight = Rules.Weight();
        var format = Formats.Option("events as JSON Lines on standard output, or with --dry-run the schedule as one document");
        var command = new Command("execute", "Run a plan on several workers. Kill it at any moment: --resume goes on without losing or repeating finished work.")
        {
            directory, min, max, workers, priority, model, profile, dryRun, resume, wait, cpu, memory, errors, approved, crew.Capabilities, crew.SetupSeconds, crew.Specialists, passEnv, interval, fromCheckpoint, checkpoint, metricsPort, tokenFile, mirror, weight, format,
        };
        command.Validators.Add(result =>
        {
            // Asking for the value of what is no number would throw; that it is none, each option says for itself.
            int? Count(Option<int?> option) => result.GetResult(option)?.Tokens is [var token] && int.TryParse(token.Value, out var number) ? number : null;
            if (Count(min) is { } least && Count(max) is { } most && least > most)
                result.AddError($"--worker-min {least} is more than --worker-max {most}. Raise the one or lower the other.");
            if (Count(workers) is { } all)
            {
                if (Count(min) is not null || Count(max) is not null) result.AddError("--workers takes the place of --worker-min and --worker-max. Leave it out, or them.");
                if (all == 0 && !result.GetValue(dryRun)) result.AddError("--workers 0 means no limit, which only a dry run knows. Name a number, or add --dry-run.");
            }

            if (result.GetResult(tokenFile) is not null && result.GetResult(metricsPort) is null) result.AddError("--metrics-token-file has no use without --metrics-port. Add that, or leave it out.");
            if (result.GetResult(checkpoint) is { Implicit: false } && result.GetResult(fromCheckpoint) is not { Implicit: false }) result.AddError("--checkpoint-id has no use without --resume-from-checkpoint. Add that, or leave it out.");
            if (result.GetResult(crew.Specialists)?.Tokens.Count is > 0 and var specialists && (Count(workers) ?? Count(max)) is > 0 and var together && together <= specialists)
                result.AddError($"{specialists} of {together} workers can be no specialists: one at least must be for the rest. Raise {(Count(workers) is null ? "--worker-max" : "--workers")}, or leave out a --specialist.");
            if (!result.GetValue(dryRun)) return;
            if (result.GetResult(crew.Capabilities) is { Implicit: false } && result.GetResult(crew.SetupSeconds) is not { Implicit: false })
                result.AddError("--capabilities has no use with --dry-run without --setup-seconds: its workers can do anything at once. Add that, or leave one of the two out.");
            foreach (var option in (Option[])[resume, wait, cpu, memory, errors, approved, passEnv, interval, fromCheckpoint, metricsPort, mirror, weight])
            {
                if (result.GetResult(option) is { Implicit: false }) result.AddError($"{option.Name} has no use with --dry-run, which starts nothing and begins at the beginning. Leave one of the two out.");
            }
        });
        command.SetAction(parsed => Run(new Request(
            parsed.GetRequiredValue(directory),
            parsed.GetValue(min),
            parsed.GetValue(max),
            parsed.GetValue(resume) || parsed.GetValue(fromCheckpoint),
            parsed.GetValue(wait),
            crew.Of(parsed),
            parsed.GetValue(passEnv) ?? [],
            parsed.GetValue(format) == Formats.Json)
        {
            Workers = parsed.GetValue(workers),
            Priority = Rules.PriorityOf(parsed.GetValue(priority)),
            Model = Rules.ModelOf(parsed.GetValue(model)),
            Profile = parsed.GetValue(profile),
            IsDryRun = parsed.GetValue(dryRun),
            RequireApproval = parsed.GetValue(approved),
            CpuThreshold = Threshold(parsed.GetValue(cpu), usual: 75),
            MemoryThreshold = Threshold(parsed.GetValue(memory), usual: 90),
            ErrorThreshold = Threshold(parsed.GetValue(errors), usual: 50),
            CheckpointInterval = parsed.GetValue(interval) ?? 25,
            FromCheckpoint = parsed.GetValue(fromCheckpoint),
            CheckpointId = parsed.GetValue(checkpoint),
            MetricsPort = parsed.GetValue(metricsPort),
            MetricsTokenFile = parsed.GetValue(tokenFile),
            Mirror = parsed.GetValue(mirror),
            Weight = parsed.GetValue(weight),
        }));
        return command;
    }

    /// <summary>What the command line asks for.</summary>
    public sealed record Request(
        string Directory,
        int? WorkerMin,
        int? WorkerMax,
        bool Resume,
        bool Wait,
        Crew Crew,
        IReadOnlyList<string> PassEnv,
        bool Json)
    {
        /// <summary>So many workers, whatever else says how many; 0, in a dry run: no limit.</summary>
        public int? Workers { get; init; }

        /// <summary>The one rule that orders the frontier; null: the usual ones.</summary>
        public PriorityRule? Priority { get; init; }

        /// <summary>When tasks may start; null: as the plan says, or as the execution began; as soon as they can where neither says it.</summary>
        public ExecutionModel? Model { get; init; }

        /// <summary>The profile of the plan that says what there is to share here; null: the plan itself does, or what the execution began with.</summary>
        public string? Profile { get; init; }

        /// <summary>Whether to reckon only.</summary>
        public bool IsDryRun { get; init; }

        /// <summary>Whether somebody must have approved exactly this plan.</summary>
        public bool RequireApproval { get; init; }

        /// <summary>The part of their time that processes wait for a processor from which on there is backpressure, 0 to 1; null: never.</summary>
        public double? CpuThreshold { get; init; } = 0.75;

        /// <summary>The part of the memory in use from which on there is backpressure, 0 to 1; null: never.</summary>
        public double? MemoryThreshold { get; init; } = 0.9;

        /// <summary>The part of the last attempts that failed from which on there is backpressure, 0 to 1; null: never.</summary>
        public double? ErrorThreshold { get; init; } = 0.5;

        /// <summary>A checkpoint is due each so many percent; 0: never by that.</summary>
        public int CheckpointInterval { get; init; } = 25;

        /// <summary>Whether what is not done begins from its checkpoints.</summary>
        public bool FromCheckpoint { get; init; }

        /// <summary>The only one that counts; null: the last of each task.</summary>
        public string? CheckpointId { get; init; }

        /// <summary>Where to answer Prometheus; 0: on a free port; null: nowhere.</summary>
        public int? MetricsPort { get; init; }

        /// <summary>Where to mirror what can be claimed as files; null: nowhere.</summary>
        public string? Mirror { get; init; }

        /// <summary>How much of the sessions' work it gets beside other executions; null: 1, or as it began.</summary>
        public int? Weight { get; init; }

        /// <summary>The file with the token that a scrape must bring; null: it needs none.</summary>
        public string? MetricsTokenFile { get; init; }
    }

    public static int Run(Request request)
    {
        var document = PlanFiles.Load(request.Directory, out var planDirectory, willRun: !request.IsDryRun);
        var here = Rules.In(document.Plan, request.Profile);
        if (request.IsDryRun) return Rehearse(request, here);
        if (request.RequireApproval) PlanApproval.Require(request.Directory, document);
        var options = Options(request, here);
        var place = StateDirectory.Find(Directory.GetCurrentDirectory());
        RefuseEscapes(document.Plan, place.Workspace, PlanFiles.FileOf(request.Directory));
        if (!request.Wait && !request.Resume) RefuseUnrunnable(document.Plan, document.Plan.Tasks, options, PlanFiles.FileOf(request.Directory));

        using var metrics = request.MetricsPort is { } port ? MetricsServer.Bind(port, request.MetricsTokenFile is { } file ? MetricsServer.ReadToken(file) : null) : null;
        using var held = HeldState.Take(place, $"tasks execute {request.Directory}");
        var created = new List<RecordedEvent>();
        var start = Instant.From(TimeProvider.System.GetUtcNow());
        var state = request.Resume ? Continue(held, request, document, planDirectory) : null;

        // What sessions have done already needs nobody here.
        if (!request.Wait && request.Resume) RefuseUnrunnable(state?.Plan ?? document.Plan, [.. state is null ? document.Plan.Tasks : state.Plan.Tasks.Where(task => !state[task.Id].IsDone && !state[task.Id].IsOver)], options, PlanFiles.FileOf(request.Directory));
        if (request.RequireApproval && state is not null && state.PresentPlanHash != state.PlanHash)
        {
            var joined = state.Plan.Tasks.Skip(document.Plan.Tasks.Count).Select(task => task.Id).ToList();
            Say.Progress($"{state.Id} was patched since its plan was approved{(joined.Count == 0 ? "" : $"; {Durations.Count(joined.Count, "task")} joined it: {string.Join(", ", joined.Take(10))}{(joined.Count > 10 ? " and more" : "")}")}. Nobody approved that with `tasks approve`; `tasks report` says who asked for it.");
        }

        if (state is { CanReopen: true }) ExecutionStore.Apply(held.Journal, state, new ReopenExecution(start < state.Now ? state.Now : start));
        if (request.FromCheckpoint && state is not null) CheckpointCommands.BeginFrom(held, state, request.CheckpointId);
        state ??= Start(held, request, document, planDirectory, place.Workspace, created);

        // A patch may have set another concurrency_max since the plan was written.
        options = Options(request, state.Plan);
        if (state.Status == ExecutionStatus.Paused)
            Say.Progress($"{state.Id} is paused ({state.StatusReason}). `tasks resume` in another terminal lets it go on.");

        using (var mirror = request.Mirror is { } folder ? MirrorThread.Start(place, folder, state.Id) : null)
            Coordinator.Run(held, state, Measuring(options), request.PassEnv, created, () => Output(request, held, state, created, start, metrics), request.CheckpointInterval);
        if (!request.Json) Say.Progress(Summary(state, start));
        return ExitCode(state);
    }

    private static IExecutionOutput Output(Request request, HeldState held, ExecutionState state, IReadOnlyList<RecordedEvent> created, Instant start, MetricsServer? server)
    {
        var metrics = server is null ? null : new MetricsOutput();
        if (server is not null) Say.Progress($"Metrics: http://127.0.0.1:{server.Port}/metrics");
        var isLive = !request.Json && Say.IsLive;

        // Metrics and the picture begin with what happened before. An execution that has just been created hands them its first events itself.
        var known = new ExecutionState(state.Id, state.Plan);
        if (created.Count == 0 && (metrics is not null || isLive))
            known = ExecutionStore.Load(held.Journal, Executions.Find(held.Journal, state.Id.Value), metrics is null ? null : metrics.Replay);

        // The terminal last: whatever fails before is told on the usual screen.
        IExecutionOutput shown = isLive && Terminal.TryTake() is { } terminal ? new OwnDashboard(terminal, new OwnFeed(known), held.Directory.LogsPath)
            : request.Json ? new JsonEvents()
            : new ProgressLines(start);
        if (server is null || metrics is null) return shown;

        metrics.Settle(known);
        server.Serve(metrics.Text);
        return new Outputs([metrics, shown]);
    }

    private static HostOptions Options(Request request, Plan plan)
    {
        if (request.Workers is { } all)
            return new HostOptions { MinWorkers = all, MaxWorkers = all, Concurrency = all, Crew = request.Crew, WaitForClaims = request.Wait, Pool = Pool(request, plan, all) };

        // Specialists are there from the start, and one beside them for the rest.
        var always = request.Crew.Specialists.Count + 1;
        var max = request.WorkerMax ?? Math.Max(Math.Max(UsualWorkers(plan), request.WorkerMin ?? 1), always);

        // A plan that never has work for so many begins with fewer; should it need them after all, they join.
        var min = Math.Max(always, request.WorkerMin is > 1 and var asked ? Math.Min(asked, PlanFigures.MaxUsefulWorkersOf(plan)) : 1);
        return new HostOptions { MinWorkers = min, MaxWorkers = max, Crew = request.Crew, WaitForClaims = request.Wait, Pool = Pool(request, plan, min) };
    }

    private static PoolRules Pool(Request request, Plan plan, int min) =>
        new(min, plan.Policies.WorkerIdleSeconds ?? PlanPolicies.UsualWorkerIdleSeconds, request.CpuThreshold, request.MemoryThreshold, request.ErrorThreshold);

    // A machine that says nothing about its pressure is told of once; what fails is counted all the same.
    private static HostOptions Measuring(HostOptions options)
    {
        if (options.Pool is { CpuThreshold: null, MemoryThreshold: null }) return options;
        var reader = new PressureReader();
        if (reader.Read(default) is not null) return options with { Pressure = reader };
        Say.Progress("This machine does not say how much its processors and memory have to bear (there is no /proc/pressure, /proc/loadavg or /proc/meminfo), so --cpu-threshold and --memory-threshold have no effect.");
        return options;
    }

    private static int Rehearse(Request request, Plan plan)
    {
        var scenario = request.Workers is null ? ScenarioOf(plan, null) with { Workers = Options(request, plan).MaxWorkers } : ScenarioOf(plan, request.Workers);
        var run = DryRun.Of(plan, scenario with { Crew = request.Crew, Priority = request.Priority, Model = request.Model ?? plan.Policies.Model ?? ExecutionModel.Rolling });
        if (request.Json) DryRunOutput.WriteJson(run);
        else Console.Out.Write(Say.Clean(DryRunOutput.Text(run)));
        return ExitCodes.Done;
    }

    /// <summary>What <c>--workers</c> asks for; left out: what an execution would use here.</summary>
    public static Scenario ScenarioOf(Plan plan, int? workers) => new()
    {
        Workers = workers switch { null => UsualWorkers(plan), 0 => null, var all => all },
        KeepsConcurrencyMax = workers is null,
    };

    private static int UsualWorkers(Plan plan) => plan.Policies.ConcurrencyMax ?? Math.Max(2, Environment.ProcessorCount);

    private static void RefuseEscapes(Plan plan, string workspace, string file)
    {
        var diagnostics = new DiagnosticBag();
        diagnostics.AddRange(WorkspacePaths.Check(plan, workspace, file));
        Say.Findings(diagnostics);
        if (diagnostics.HasErrors) throw new CommandException(ExitCodes.InvalidInput, "The plan leaves its workspace. Nothing was started and nothing changed.");
    }

    private static void RefuseUnrunnable(Plan plan, IReadOnlyList<PlanTask> undone, HostOptions options, string file)
    {
        WorkerProfile[] workers = [.. Enumerable.Range(0, options.Crew.Specialists.Count + 1).Select(number => options.Crew.Member(new WorkerId("worker"), ["process"], number))];
        var unrunnable = undone.Where(task => !workers.Any(worker => worker.CanTake(task))).ToList();
        if (unrunnable.Count == 0) return;
        foreach (var task in unrunnable.Take(20)) Say.Error(StartDiagnostics.Unrunnable(new(file, $"$.graph.nodes[{plan.IndexOf(task.Id)}].run"), task.Id, WhyNot(task)).ToString());
        if (unrunnable.Count > 20) Say.Error($"… and {unrunnable.Count - 20} more.");
        throw new CommandException(
            ExitCodes.InvalidInput,
            $"Nobody here can run {unrunnable.Count} of {plan.Tasks.Count} tasks. Give them a `run`, start with --wait, or open the plan with `tasks load` and let sessions `tasks claim` them. Nothing was started.");
    }

    private static string WhyNot(PlanTask task) => task.Run switch
    {
        RunSpec.Claimed { Manual: true } => "it is manual: a person does it.",
        RunSpec.Claimed => "it says nothing of how it is run: it waits to be claimed.",
        RunSpec.Agent agent => $"this version runs no agents, so nobody is {Identifiers.Quote(agent.Name)}.",
        _ => $"it wants a worker with the capabilities {string.Join(", ", task.Capabilities)}.",
    };

    private static ExecutionState? Continue(HeldState held, Request request, PlanDocument document, string planDirectory)
    {
        var record = Executions.OfPlan(held.Journal, planDirectory).LastOrDefault(r => !Executions.IsFinished(held.Journal, r));
        if (record is null)
        {
            // Starting afresh would do finished work again, which is the last thing that somebody wants who has just mended a failure.
            if (Executions.OfPlan(held.Journal, planDirectory).LastOrDefault() is { } last && last.PlanHash == document.Hash
                && ExecutionStore.Load(held.Journal, last) is { Status: ExecutionStatus.Failed } failed)
            {
                // What joined it at its end, or what nobody was there for, can be begun after all.
                if (failed.CanReopen) return Same(request, failed);
                throw new CommandException(ExitCodes.SomeFailed, $"{failed.Id} has ended with work undone, and nothing of it can start: {Stuck(failed)} Run without --resume to do the whole plan anew.");
            }

            Say.Progress("This plan has no unfinished execution; a new one starts.");
            return null;
        }

        if (record.PlanHash != document.Hash)
        {
            throw new CommandException(
                ExitCodes.InvalidInput,
                $"The plan has changed since {record.Id} began (its hash was {record.PlanHash[..12]}, now it is {document.Hash[..12]}). Put the old coordinator.json back to go on, or run without --resume to begin anew.");
        }

        return Same(request, ExecutionStore.Load(held.Journal, record));
    }

    // An execution goes on by the rules that it began with.
    private static ExecutionState Same(Request request, ExecutionState state)
    {
        if (request.Priority is { } priority && priority != state.Priority)
            throw new CommandException(ExitCodes.InvalidInput, $"{state.Id} began {Rules.Began(state.Priority)}, and goes on like that. Leave --priority out, or run without --resume to begin anew.");
        if (request.Model is { } model && model != state.Model)
            throw new CommandException(ExitCodes.InvalidInput, $"{state.Id} began with --model {Rules.NameOf(state.Model)}, and goes on like that. Leave --model out, or run without --resume to begin anew.");
        if (request.Weight is { } weight && weight != state.Weight)
            throw new CommandException(ExitCodes.InvalidInput, $"{state.Id} began with --weight {state.Weight}, and goes on like that. Leave --weight out, or run without --resume to begin anew.");
        if (request.Profile is { } profile && profile != state.Profile)
            throw new CommandException(ExitCodes.InvalidInput, $"{state.Id} began {(state.Profile is { } began ? $"with --profile {began}" : "without --profile")}, and goes on like that. Leave --profile out, or run without --resume to begin anew.");
        return state;
    }

    private static string Stuck(ExecutionState state)
    {
        var retriable = state.Plan.Tasks.Where(t => state[t.Id] is TaskState.Failed or TaskState.HelpNeeded or TaskState.RolledBack or TaskState.Cancelled).Select(t => t.Id.Value).ToList();
        if (NotUndone(state) is { } stuck) return $"{stuck} could not be undone; undo it by hand and say so with `tasks rollback {stuck} --by-hand`, or `tasks rollback {stuck}` tries again.";
        if (UndoneOnly(state) is [var first, ..]) return $"it was rolled back. `tasks retry {first} --execution {state.Id}` does it anew, and --resume goes on.";
        return retriable.Count == 0
            ? "no worker here could take what is left."
            : $"mend what made them fail, then `tasks retry {retriable[0]} --execution {state.Id}`{(retriable.Count > 1 ? $", and so on ({string.Join(", ", retriable.Skip(1).Take(5))}{(retriable.Count > 6 ? ", …" : "")})" : "")}, and --resume goes on.";
    }

    private static ExecutionState Start(HeldState held, Request request, PlanDocument document, string planDirectory, string workspace, List<RecordedEvent> created)
    {
        if (Executions.OfPlan(held.Journal, planDirectory).LastOrDefault(r => !Executions.IsFinished(held.Journal, r)) is { } unfinished)
        {
            // What a session has in hand is not done a second time beside it.
            var open = ExecutionStore.Load(held.Journal, unfinished);
            if (open.Claimed.Count > 0)
            {
                var claim = open.Plan.Tasks[open.Claimed.First()].Id;
                throw new CommandException(ExitCodes.SomeFailed, $"{unfinished.Id} of this plan is open, and {open.ActiveAttemptOf(open.Claimed.First())!.Worker} has {claim} in it. `tasks execute DIR --resume` works beside the sessions; `tasks abort {unfinished.Id}` ends it for good. Nothing was started.");
            }

            Say.Progress($"{unfinished.Id} of this plan is unfinished and stays so{(unfinished.PlanHash == document.Hash ? "; --resume would have gone on with it" : "; the plan has changed since it began")}.");
        }

        return ExecutionStore.Create(held.Journal, document, planDirectory, workspace, Instant.From(TimeProvider.System.GetUtcNow()), created.Add, request.Priority, request.Model ?? document.Plan.Policies.Model ?? ExecutionModel.Rolling, request.Profile, request.Weight ?? 1);
    }

    private static int ExitCode(ExecutionState state) => state switch
    {
        { IsFinished: false } => ExitCodes.Interrupted,
        { Status: ExecutionStatus.Completed } => ExitCodes.Done,
        _ => ExitCodes.SomeFailed,
    };

    // The tasks that were rolled back, where nothing else is left undone than they and what waits for them: then nothing has gone wrong.
    private static IReadOnlyList<TaskId> UndoneOnly(ExecutionState state) =>
        state.CountOf("FAILED") + state.CountOf("HELP_NEEDED") + state.CountOf("CANCELLED") + state.CountOf("READY") + state.CountOf("QUEUED") + state.CountOf("COMPENSATING") == 0
            ? [.. state.Plan.Tasks.Where(task => state[task.Id] is TaskState.RolledBack).Select(task => task.Id)]
            : [];

    private static TaskId? NotUndone(ExecutionState state) => state.Plan.Tasks.Where((_, index) => state.IsUndoFailed(index)).Select(task => (TaskId?)task.Id).FirstOrDefault();

    private static string Summary(ExecutionState state, Instant start)
    {
        var counts = string.Join(", ", new[] { "SUCCEEDED", "FAILED", "HELP_NEEDED", "ROLLED_BACK", "SKIPPED", "CANCELLED", "COMPENSATING", "PENDING", "READY", "QUEUED", "BACKOFF", "VERIFYING", "RUNNING" }
            .Where(name => state.CountOf(name) > 0)
            .Select(name => $"{state.CountOf(name)} {name}"));
        var took = Durations.Words(state.Now.SecondsSince(start));
        var then = state switch
        {
            { IsFinished: false } => " It goes on with `--resume`.",
            { Status: ExecutionStatus.Completed or ExecutionStatus.Aborted } => "",
            _ when UndoneOnly(state) is [var first, ..] all => $" What was to be undone is undone{(all.Count == 1 ? "" : " in all of them")}. `tasks retry {first}` and then --resume does it anew, `tasks skip {first}` goes on without it.",
            _ when NotUndone(state) is { } stuck => $" {stuck} could not be undone: see `tasks help-list`, then `tasks rollback {stuck} --by-hand` or `tasks rollback {stuck}`.",
            { CanReopen: true } when state.CountOf("FAILED") + state.CountOf("HELP_NEEDED") == 0 && state.Plan.Tasks[state.FrontierInOrder.First()].Id is var left =>
                $" Nobody here could take {left}: `tasks claim {left}` takes it, and --resume --wait stays until somebody does.",
            _ when state.Asked.FirstOrDefault() is { Value: { } asked } => $" `tasks help-list` shows what is asked; `tasks answer {asked} \"...\"` or `tasks retry {asked}`, and then --resume, go on with it.",
            _ => " `tasks status` shows which, `tasks explain TASK` why, `tasks retry TASK` and then --resume try again.",
        };
        return $"{state.Id} {(state.IsFinished ? state.Status.ToString().ToLowerInvariant() : "interrupted")} after {took}: {counts}.{then}";
    }

    /// <summary>The <c>--workers</c> of the commands that reckon in virtual time; 0 means no limit.</summary>
    public static Option<int?> WorkersOption(string description)
    {
        var option = new Option<int?>("--workers") { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, out var count) || count is < 0 or > 10_000))
                result.AddError($"--workers takes a whole number from 0 to 10000, not {Identifiers.Quote(result.Tokens[0].Value)}.");
        });
        return option;
    }

    private static Option<string?> ThresholdOption(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "PERCENT" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && result.Tokens[0].Value != "off" && (!int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var percent) || percent > 100))
                result.AddError($"{name} takes a whole number from 1 to 100, or `off`, not {Identifiers.Quote(result.Tokens[0].Value)}.");
        });
        return option;
    }

    // 0 is off, too: nobody means that nothing may run.
    private static double? Threshold(string? text, int usual) => text switch
    {
        null => usual / 100d,
        "off" => null,
        _ => int.Parse(text, CultureInfo.InvariantCulture) is > 0 and var percent ? percent / 100d : null,
    };

    private static Option<int?> CountOption(string name, string description)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, out var count) || count is < 1 or > 10_000))
                result.AddError($"{name} takes a whole number from 1 to 10000, not {Identifiers.Quote(result.Tokens[0].Value)}.");
        });
        return option;
    }
}
