using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Journal.Sqlite;
using Slaps.Runtime;
using Slaps.Runtime.Hosting;
using Slaps.Runtime.State;

namespace Slaps.Cli;

/// <summary>Finds executions for commands that look at one.</summary>
internal static class Executions
{
    /// <summary>The journal of the project around the working directory, for reading; ends the command where there is none.</summary>
    public static SqliteJournal OpenReader(StateDirectory directory) => File.Exists(directory.JournalPath)
        ? SqliteJournal.OpenReader(directory.JournalPath)
        : throw new CommandException(ExitCodes.InvalidInput, $"There is no execution in {directory.Workspace} yet. `tasks execute PLAN` starts one, `tasks load PLAN` opens one for sessions.");

    /// <summary>The execution of that name; without one that in which something happened last, so also the one that runs.</summary>
    public static ExecutionRecord Find(IEventJournal journal, string? id)
    {
        var records = journal.Executions();
        if (id is null) return records.Reverse().MaxBy(r => LastEventAt(journal, r)) ?? throw new CommandException(ExitCodes.InvalidInput, "There is no execution here yet. `tasks execute PLAN` starts one, `tasks load PLAN` opens one for sessions.");
        return records.FirstOrDefault(r => r.Id.Value == id) ?? throw new CommandException(
            ExitCodes.InvalidInput,
            $"There is no execution {Identifiers.Quote(id)} here. {(records.Count == 0 ? "There is none at all yet." : $"The newest are {string.Join(", ", records.TakeLast(5).Select(r => r.Id))}.")}");
    }

    /// <summary>The execution of that name; without one that which is unfinished and in which something happened last: there sessions find work.</summary>
    public static ExecutionRecord FindOpen(IEventJournal journal, string? id) =>
        (id is null ? journal.Executions().Where(r => !IsFinished(journal, r)).Reverse().MaxBy(r => LastEventAt(journal, r)) : null) ?? Find(journal, id);

    /// <summary>The task of that name, or the end of the command with a guess.</summary>
    public static TaskId FindTask(ExecutionState state, string name)
    {
        var id = new TaskId(name);
        if (state.Plan.IndexOf(id) >= 0) return id;

        // T003 for P1.T003 is a habit; anything else is a misspelling.
        var known = state.Plan.Tasks.Select(t => t.Id.Value).ToList();
        var near = name.Length == 0 ? null : known.FirstOrDefault(t => t.EndsWith(name, StringComparison.OrdinalIgnoreCase)) ?? Spelling.Nearest(name, known);
        throw new CommandException(ExitCodes.InvalidInput, $"{state.Id} has no task {Identifiers.Quote(name)}.{(near is null ? "" : $" Did you mean {near}?")} `tasks status` lists its tasks.");
    }

    /// <summary>Whether a request names a task or a resource that the execution does not have.</summary>
    public static bool IsUnknown(ExecutionState state, ControlRequest request) =>
        (request.Task is { } task && state.Plan.IndexOf(new TaskId(task)) < 0) || (request.Wish is { } wish && state.ResourceCalled(wish.Resource) is null);

    /// <summary>What a command exits with after this answer: a name that nobody has is wrong input, whoever was asked and whatever was wanted of it.</summary>
    public static int CodeOf(ControlResponse response) => response.Ok ? ExitCodes.Done : response.IsUnknown ? ExitCodes.InvalidInput : ExitCodes.SomeFailed;

    /// <summary>Ends the command where it names an execution that is not there: a coordinator only knows that it is not its own.</summary>
    public static void RequireKnown(StateDirectory place, string? id)
    {
        if (id is null) return;
        using var journal = OpenReader(place);
        Find(journal, id);
    }

    /// <summary>The executions of the plan in that directory, the oldest first.</summary>
    public static IEnumerable<ExecutionRecord> OfPlan(IEventJournal journal, string planDirectory) =>
        journal.Executions().Where(r => r.PlanDirectory == planDirectory);

    private static long LastEventAt(IEventJournal journal, ExecutionRecord record) =>
        journal.Read(record.Id, Math.Max(0, journal.Position(record.Id) - 1)).Select(last => last.AtMicroseconds).LastOrDefault();

    /// <summary>Whether the execution has ended: then nothing follows the event that says so.</summary>
    public static bool IsFinished(IEventJournal journal, ExecutionRecord record) =>
        journal.Read(record.Id, Math.Max(0, journal.Position(record.Id) - 1)).Any(last => last.Type == "execution_finished");

    /// <summary>That nobody runs the execution although it has not ended; null when somebody does, or when it has ended.</summary>
    public static string? Abandoned(ExecutionState state) =>
        state.IsFinished || StateLock.LivingHolder(StateDirectory.Find(Directory.GetCurrentDirectory())) is not null
            ? null
            : IsForSessions(state) ? (state.AwaitsAnswer ? null : "Sessions work on it: `tasks claim` takes what is available.")
            : "No coordinator runs it now: this is where the last one left it. `tasks execute PLAN --resume` goes on.";

    /// <summary>Whether it was opened for sessions, and nothing was ever meant to start by itself.</summary>
    public static bool IsForSessions(ExecutionState state) => state is { Status: not ExecutionStatus.Created, MaxWorkers: 0 };

    /// <summary>Folds the execution that was asked for.</summary>
    public static ExecutionState Load(string? execution, Action<ExecutionState, RecordedEvent>? watch = null)
    {
        using var journal = OpenReader(StateDirectory.Find(Directory.GetCurrentDirectory()));
        return ExecutionStore.Load(journal, Find(journal, execution), watch);
    }
}
