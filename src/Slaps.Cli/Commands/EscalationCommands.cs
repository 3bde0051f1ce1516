using System.CommandLine;
using Slaps.Cli.Output;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Views;
using Slaps.Runtime.Processes;
using Slaps.Runtime.State;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks help-list|answer|cancel|rollback</c>: what a person is asked, and what they say.</summary>
internal static class EscalationCommands
{
    private const int LinesOfLog = 10;
    private const int LongestLine = 300;

    public static Command HelpList()
    {
        var execution = Arguments.Execution();
        var format = Formats.Option("the list as one document");
        var command = new Command("help-list", "List the tasks that wait for a person: what was tried, what was found, how the log ends, and what you can say.") { execution, format };
        command.SetAction(parsed =>
        {
            var history = new HelpHistory();
            var state = Executions.Load(parsed.GetValue(execution), history.Watch);
            var list = WithLogs(history.List(state), StateDirectory.Find(Directory.GetCurrentDirectory()), state);
            if (parsed.GetValue(format) == Formats.Json) Console.Out.Write(Formats.SafeJson(Core.Views.HelpList.Json(list)));
            else foreach (var item in list.Tasks) Print(item);
            if (list.Tasks.Count == 0) Say.Progress($"No task of {state.Id} waits for a person.");
            return ExitCodes.Done;
        });
        return command;
    }

    public static Command Answer()
    {
        var task = Arguments.Task();
        var advice = new Argument<string>("TEXT") { Description = "What the next attempt should know." }.NotEmpty("Say what the next attempt should know.");
        var execution = Arguments.ExecutionOption();
        var command = new Command("answer", "Give advice to a task's next attempt; one that needs help or failed is tried again with it.") { task, advice, execution };
        command.SetAction(parsed => ControlCommands.Send(new ControlRequest("answer", parsed.GetValue(execution), parsed.GetRequiredValue(task), parsed.GetRequiredValue(advice))));
        return command;
    }

    public static Command Cancel()
    {
        var task = Arguments.Task();
        var execution = Arguments.ExecutionOption();
        var reason = new Option<string?>("--reason") { Description = "Why, for the journal.", HelpName = "TEXT" };
        var command = new Command("cancel", "End one task: an attempt in hand is stopped, and what depends on it is skipped.") { task, execution, reason };
        command.SetAction(parsed => ControlCommands.Send(new ControlRequest("cancel", parsed.GetValue(execution), parsed.GetRequiredValue(task), parsed.GetValue(reason))));
        return command;
    }

    public static Command Rollback()
    {
        var task = Arguments.Task();
        var byHand = new Option<bool>("--by-hand") { Description = "Nothing is run: you have undone what it did." };
        var execution = Arguments.ExecutionOption();
        var reason = new Option<string?>("--reason") { Description = "Why, for the journal.", HelpName = "TEXT" };
        var command = new Command("rollback", "Undo what a task did by its compensation, and before it what was done because of it.") { task, byHand, execution, reason };
        command.SetAction(parsed => ControlCommands.Send(new ControlRequest(
            parsed.GetValue(byHand) ? "rolled-back-by-hand" : "rollback", parsed.GetValue(execution), parsed.GetRequiredValue(task), parsed.GetValue(reason))));
        return command;
    }

    /// <summary>What an answer or a cancellation has brought about; null for any other request.</summary>
    public static string? Done(ControlRequest request, ExecutionId execution, IReadOnlyList<ExecutionEvent> decided) => request.Action switch
    {
        "answer" when decided.Any(e => e is TaskQueued or TaskReady) => $"{request.Task} of {execution} is tried again, and its next attempt is told.",
        "answer" when decided.Any(e => e is TaskHeldBack or TaskRestored) => $"{request.Task} of {execution} is tried again when what it waits for is done, and is told then.",
        "answer" => $"The next attempt of {request.Task} of {execution} is told; one that it has in hand goes on without.",
        "rolled-back-by-hand" => $"{request.Task} of {execution} is rolled back. `tasks retry {request.Task}` does it anew.",
        "rollback" when decided.OfType<RollbackStarted>().FirstOrDefault() is { } started => $"{execution} undoes, in this order: {string.Join(", ", started.Tasks.Take(LinesOfLog))}{(started.Tasks.Count > LinesOfLog ? $" and {started.Tasks.Count - LinesOfLog} more" : "")}. When that is done, `tasks retry {request.Task}` does it anew.",
        "cancel" when decided.Any(e => e is AttemptStopping) => $"{request.Task} of {execution} is being stopped; then it is cancelled, and what depends on it is skipped.",
        "cancel" => $"{request.Task} of {execution} is cancelled{Skipped([.. decided.OfType<TaskSkipped>().Select(e => e.Task.Value)])}. `tasks retry {request.Task}` has it done after all.",
        _ => null,
    };

    private static string Skipped(IReadOnlyList<string> tasks) => tasks.Count == 0
        ? "; nothing depends on it"
        : $", and {string.Join(", ", tasks.Take(LinesOfLog))}{(tasks.Count > LinesOfLog ? $" and {tasks.Count - LinesOfLog} more" : "")}, which {(tasks.Count == 1 ? "depends" : "depend")} on it, {(tasks.Count == 1 ? "is" : "are")} skipped";

    private static HelpList WithLogs(HelpList list, StateDirectory place, ExecutionState state) =>
        list with { Tasks = [.. list.Tasks.Select(item => item with { LogTail = Tail(place, state.Id, new TaskId(item.Task)) })] };

    private static IReadOnlyList<string> Tail(StateDirectory place, ExecutionId execution, TaskId task)
    {
        if (AttemptLog.Attempts(place.LogsPath, execution, task) is not [.., var last]) return [];
        var tail = new Queue<string>();
        foreach (var line in AttemptLog.Read(AttemptLog.PathOf(place.LogsPath, execution, task, last)).Where(line => line.Step == "output"))
        {
            tail.Enqueue(line.Message.Length > LongestLine ? line.Message[..LongestLine] + "…" : line.Message);
            if (tail.Count > LinesOfLog) tail.Dequeue();
        }

        return [.. tail.Select(line => Secrets.Redact(line))];
    }

    private static void Print(HelpItem item)
    {
        Line($"{item.Task}{(item.Title.Length > 0 && item.Title != item.Task ? $" ({item.Title})" : "")} needs help since {item.Since}: {item.Reason}");
        foreach (var tried in item.Tried) Line($"  {(tried.Compensation == true ? "compensation" : "attempt")} {tried.Attempt} by {tried.Worker}: {tried.Ending ?? "It has not ended."}");
        if (item.Findings is { } findings) Line($"  found: {findings}");
        if (item.Advice is { } advice) Line($"  advised before: {advice}");
        if (item.LogTail.Count > 0) Line("  its output ends with:");
        foreach (var line in item.LogTail) Line($"    {line}");
        if (item.WaitedForBy.Count > 0) Line($"  waited for by: {string.Join(", ", item.WaitedForBy)}");
        Line($"  {string.Join(" | ", item.Next)}");
    }

    private static void Line(string text) => Console.Out.WriteLine(Say.OneLine(text));
}
