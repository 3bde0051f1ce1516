using System.CommandLine;
using System.Globalization;
using Slaps.Cli.Output;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Checkpoints;
using Slaps.Runtime.Hosting;
using Slaps.Runtime.State;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks checkpoint|restore|checkpoints</c>: what is kept of running tasks, and what the next attempt begins from.</summary>
internal static class CheckpointCommands
{
    private const int UsualKeep = 1;

    public static Command Checkpoint()
    {
        var task = new Argument<string?>("TASK") { Description = "A task that runs; left out, inside of a task: that one.", Arity = ArgumentArity.ZeroOrOne };
        var note = new Option<string?>("--note") { Description = "What was reached, for whoever looks for it.", HelpName = "TEXT" };
        var execution = Arguments.ExecutionOption();
        var command = new Command("checkpoint", "Keep what a running task has now, as its plan says: before a risky step, or after an expensive one.") { task, note, execution };
        command.SetAction(parsed =>
        {
            var name = parsed.GetValue(task) ?? Environment.GetEnvironmentVariable("TASKS_TASK")
                ?? throw new CommandException(ExitCodes.Usage, "Say which task: `tasks checkpoint TASK`. Only inside of a task it can be left out.");
            var request = new ControlRequest("checkpoint", parsed.GetValue(execution) ?? (parsed.GetValue(task) is null ? Environment.GetEnvironmentVariable("TASKS_EXECUTION") : null), name, parsed.GetValue(note));
            var (_, response) = ControlCommands.Ask(request, held => KeepHere(held, request));
            if (response.Ok) Say.Progress(response.Message);
            else Say.Error(response.Message);
            return Executions.CodeOf(response);
        });
        return command;
    }

    public static Command Restore()
    {
        var task = Arguments.Task();
        var id = IdOption();
        var execution = Arguments.ExecutionOption();
        var command = new Command("restore", "Let a task's next attempt begin from a checkpoint: its files are put back before.") { task, id, execution };
        command.SetAction(parsed => Restore(new ControlRequest("restore", parsed.GetValue(execution), parsed.GetRequiredValue(task), parsed.GetValue(id))));
        return command;
    }

    public static Command Checkpoints()
    {
        var action = new Argument<string>("ACTION") { Description = "`list`, or `prune`: drop all of tasks that are done, and of the others all but the last.", DefaultValueFactory = _ => "list" };
        action.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var given }] && given is not ("list" or "prune")) result.AddError($"ACTION is list or prune, not {Identifiers.Quote(given)}.");
        });
        var keep = new Option<int?>("--keep") { Description = $"With prune: how many stay of a task that is not done, from 0. Default {UsualKeep}.", HelpName = "N" };
        keep.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var given }] && (!int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > 1_000)) result.AddError($"--keep takes a whole number from 0 to 1000, not {Identifiers.Quote(given)}.");
        });
        var execution = Arguments.ExecutionOption();
        var format = Formats.Option("the list as one document");
        var command = new Command("checkpoints", "List what was kept of tasks, or drop what nobody needs any more.") { action, keep, execution, format };
        command.SetAction(parsed => parsed.GetRequiredValue(action) == "prune"
            ? ControlCommands.Send(new ControlRequest("prune-checkpoints", parsed.GetValue(execution), Task: null, (parsed.GetValue(keep) ?? UsualKeep).ToString(CultureInfo.InvariantCulture)))
            : List(parsed.GetValue(execution), parsed.GetValue(format) == Formats.Json));
        return command;
    }

    /// <summary>The option that names a checkpoint.</summary>
    public static Option<string?> IdOption() => new Option<string?>("--checkpoint-id") { Description = "Which one, e.g. cp-2026-11-21-001. Default: the last one.", HelpName = "ID" }.NotEmpty("`tasks checkpoints list` names them.");

    /// <summary>The order that a request stands for; null when it is none about checkpoints.</summary>
    public static Func<Instant, Order>? OrderFor(ControlRequest request) => request switch
    {
        { Action: "restore", Task: { } task } => at => new ChooseCheckpoint(at, new TaskId(task), request.Reason),
        { Action: "prune-checkpoints", Reason: { } keep } when int.TryParse(keep, NumberStyles.None, CultureInfo.InvariantCulture, out var count) => at => new PruneCheckpoints(at, count),
        _ => null,
    };

    /// <summary>What a request has brought about; null for any other.</summary>
    public static string? Done(ControlRequest request, IReadOnlyList<ExecutionEvent> decided) => request.Action switch
    {
        "restore" when decided.OfType<CheckpointChosen>().FirstOrDefault() is { } chosen => $"The next attempt of {request.Task} begins from {chosen.Checkpoint}.",
        "prune-checkpoints" => $"{Durations.Count(decided.OfType<CheckpointsPruned>().Sum(e => e.Checkpoints.Count), "checkpoint")} dropped.",
        _ => null,
    };

    /// <summary>Has the coordinator that runs keep what a task has.</summary>
    public static async Task<ControlResponse> Keep(ExecutionHost host, ControlRequest request)
    {
        if (request.Task is not { } task) return new ControlResponse(Ok: false, "A checkpoint is of a task: say which.");
        var isUnknown = false;
        await host.Send(at => new RequestCheckpoint(at, new TaskId(task)), (state, _) => isUnknown = Executions.IsUnknown(state, request)).ConfigureAwait(false);
        return await host.Checkpoint(new TaskId(task), request.Reason).ConfigureAwait(false) is { } refusal ? new ControlResponse(Ok: false, refusal) { IsUnknown = isUnknown } : new ControlResponse(Ok: true, $"A checkpoint of {task} is made.");
    }

    /// <summary>Before a coordinator goes on: what is not done and has a checkpoint begins from it next.</summary>
    public static void BeginFrom(HeldState held, ExecutionState state, string? id)
    {
        Instant Now() => Instant.From(TimeProvider.System.GetUtcNow()) is var now && now < state.Now ? state.Now : now;
        var tasks = Enumerable.Range(0, state.Plan.Tasks.Count).Where(task => state.CheckpointsOf(task).Count > 0);
        if (id is not null)
        {
            tasks = [.. tasks.Where(task => CheckpointIn(state, task, id))];
            if (!tasks.Any()) throw new CommandException(ExitCodes.InvalidInput, $"{state.Id} has no checkpoint {Identifiers.Quote(id)}. `tasks checkpoints list` names those that there are. Nothing was started.");
        }

        foreach (var task in tasks.ToList())
        {
            var refusal = ExecutionStore.Apply(held.Journal, state, new ChooseCheckpoint(Now(), state.Plan.Tasks[task].Id, id));
            if (refusal is not null && id is not null) Say.Progress(refusal);
        }
    }

    /// <summary>Removes the folders of what was dropped, where no coordinator does.</summary>
    public static void Drop(HeldState held, ExecutionState state, IReadOnlyList<ExecutionEvent> decided, IReadOnlyDictionary<string, int> numbers)
    {
        var store = new CheckpointStore(held.Directory.CheckpointsPath, state.Workspace);
        foreach (var pruned in decided.OfType<CheckpointsPruned>())
        {
            foreach (var checkpoint in pruned.Checkpoints)
                if (store.Drop(state.Id, pruned.Task, numbers[checkpoint]) is { } refusal) Say.Progress(refusal);
        }
    }

    /// <summary>The folder number of each checkpoint.</summary>
    public static Dictionary<string, int> Numbers(ExecutionState state) =>
        Enumerable.Range(0, state.Plan.Tasks.Count).SelectMany(state.CheckpointsOf).ToDictionary(checkpoint => checkpoint.Id, checkpoint => checkpoint.Kept.Number);

    // Whoever chooses a checkpoint hears at once that it is not what was kept, and not when the next attempt fails.
    private static int Restore(ControlRequest request)
    {
        var place = StateDirectory.Find(Directory.GetCurrentDirectory());
        if (!File.Exists(place.JournalPath)) return ControlCommands.Send(request);
        var state = Executions.Load(request.Execution);
        var order = new ChooseCheckpoint(state.Now, Executions.FindTask(state, request.Task!), request.Reason);
        if (request.Reason is not null && order.In(state) is null && Refusals.Of(state, order) is { } unknown) throw new CommandException(ExitCodes.InvalidInput, unknown);
        if (Refusals.Of(state, order) is not null || order.In(state) is not { } checkpoint) return ControlCommands.Send(request);
        if (new CheckpointStore(place.CheckpointsPath, state.Workspace).Refuse(state.Id, order.Task, checkpoint) is not { } refusal)
            return ControlCommands.Send(request with { Execution = state.Id.Value, Reason = checkpoint.Id });   // By its name: a later one may come meanwhile.
        Say.Error($"{refusal} Nothing was chosen. `tasks checkpoints list` shows the others; `tasks restore {order.Task} --checkpoint-id ID` chooses one.");
        return ExitCodes.SomeFailed;
    }

    private static bool CheckpointIn(ExecutionState state, int task, string id) => state.CheckpointsOf(task).Any(checkpoint => checkpoint.Id == id || $"{state.Plan.Tasks[task].Id}/{checkpoint.Kept.Number}" == id);

    // With no coordinator a session's files can be kept all the same.
    private static ControlResponse KeepHere(HeldState held, ControlRequest request)
    {
        var state = ExecutionStore.Load(held.Journal, Executions.FindOpen(held.Journal, request.Execution));
        var id = Executions.FindTask(state, request.Task!);
        var now = Instant.From(TimeProvider.System.GetUtcNow());
        var at = now < state.Now ? state.Now : now;
        if (Refusals.Of(state, new RequestCheckpoint(at, id)) is { } refusal) return new(Ok: false, refusal);
        var task = state.Plan.Tasks[state.Plan.IndexOf(id)];
        var kept = new CheckpointStore(held.Directory.CheckpointsPath, state.Workspace).Keep(state.Id, task, CheckpointSpec.Of(task)!.Files, fill: null, out var trouble);
        if (kept is null) return new(Ok: false, $"No checkpoint of {id} could be made: {trouble}.");
        return ExecutionStore.Apply(held.Journal, state, new RecordCheckpoint(at, id, state.AttemptsOf(state.Plan.IndexOf(id)), kept, Percent: null, request.Reason)) is { } late
            ? new(Ok: false, late)
            : new(Ok: true, $"A checkpoint of {id} is made.");
    }

    private static int List(string? execution, bool json)
    {
        var state = Executions.Load(execution);
        var place = StateDirectory.Find(Directory.GetCurrentDirectory());
        var all = Enumerable.Range(0, state.Plan.Tasks.Count).SelectMany(task => state.CheckpointsOf(task).Select(checkpoint => (state.Plan.Tasks[task].Id, checkpoint))).OrderBy(known => known.checkpoint.Id, StringComparer.Ordinal).ToList();
        if (json)
        {
            Console.Out.Write(Formats.SafeJson(Json(state, place, all)));
            return ExitCodes.Done;
        }

        foreach (var (task, checkpoint) in all)
            Console.Out.WriteLine(Say.OneLine(string.Create(CultureInfo.InvariantCulture, $"{checkpoint.Id}  {task}  attempt {checkpoint.Attempt}{(checkpoint.Percent is { } percent ? $"  {percent} %" : "")}  {checkpoint.Kept.Files} {(checkpoint.Kept.Files == 1 ? "file" : "files")}  {checkpoint.Kept.Bytes} {(checkpoint.Kept.Bytes == 1 ? "byte" : "bytes")}  {checkpoint.At}{(checkpoint.Note is { } note ? $"  {note}" : "")}")));
        if (all.Count == 0) Say.Progress($"{state.Id} has no checkpoint.");
        return ExitCodes.Done;
    }

    private static string Json(ExecutionState state, StateDirectory place, IReadOnlyList<(TaskId Task, Checkpoint Checkpoint)> all) => Formats.Document(json =>
    {
        json.WriteStartObject();
        json.WriteString("execution_id", state.Id.Value);
        json.WriteStartArray("checkpoints");
        foreach (var (task, checkpoint) in all)
        {
            json.WriteStartObject();
            json.WriteString("id", checkpoint.Id);
            json.WriteString("task", task.Value);
            json.WriteNumber("number", checkpoint.Kept.Number);
            json.WriteNumber("attempt", checkpoint.Attempt);
            if (checkpoint.Percent is { } percent) json.WriteNumber("percent", percent);
            if (checkpoint.Note is { } note) json.WriteString("note", note);
            json.WriteNumber("files", checkpoint.Kept.Files);
            json.WriteNumber("bytes", checkpoint.Kept.Bytes);
            json.WriteString("sha256", checkpoint.Kept.Sha256);
            json.WriteString("at", checkpoint.At.ToString());
            json.WriteString("folder", CheckpointStore.FilesOf(place.CheckpointsPath, state.Id, task, checkpoint.Kept.Number));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
