using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Slaps.Cli.Output;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Views;
using Slaps.Runtime.State;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks claim</c>, and what a session says of what it has: <c>show|start|progress|complete|fail|help|release</c>.</summary>
internal static class ClaimCommands
{
    private const int LongestText = 2000;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);

    public static Command Claim()
    {
        var task = Task();
        var wait = new Option<bool>("--wait") { Description = "Wait until something can be claimed." };
        var lease = new Option<int?>("--lease-seconds") { Description = $"How long it is yours without a sign of life, 1 to {ClaimTask.MostLease}. Default {ClaimTask.UsualLease}; while this session's shell runs it never ends.", HelpName = "N" }.Between((int)ClaimTask.LeastLease, (int)ClaimTask.MostLease);
        var execution = Arguments.ExecutionOption();
        var format = Formats.Option("the task with its attempt and lease as one document");
        var command = new Command("claim", "Take a task: the one that is named, or the best that this session can take. Nobody else gets it meanwhile.") { task, wait, lease, execution, format };
        command.SetAction(parsed => Claim(
            new ControlRequest("claim", parsed.GetValue(execution), Named(parsed.GetValue(task))) { LeaseSeconds = parsed.GetValue(lease), Format = parsed.GetValue(format) },
            parsed.GetValue(wait)));
        return command;
    }

    public static Command Suggest()
    {
        var execution = Arguments.ExecutionOption();
        var format = Formats.Option("the suggestions as one document");
        var command = new Command("suggest", "Say which tasks suit this session best, and why. Nothing is claimed.") { execution, format };
        command.SetAction(parsed =>
        {
            var place = StateDirectory.Find(Directory.GetCurrentDirectory());
            var session = ClaimChannel.Caller(place);
            var suggestions = Suggestion.For(ClaimChannel.Look(place, parsed.GetValue(execution)), session.Worker, session.Capabilities);
            if (parsed.GetValue(format) == Formats.Json) Print(Suggestion.Json(suggestions), Formats.Json);
            else foreach (var suggestion in suggestions) Console.Out.WriteLine(Say.OneLine($"{suggestion.Task}  {string.Join("; ", suggestion.Reasons)}"));
            if (suggestions.Count > 0) return ExitCodes.Done;
            Say.Progress($"Nothing can be claimed by {session.Name} now. `tasks list` shows why, `tasks claim --wait` waits.");
            return ExitCodes.SomeFailed;
        });
        return command;
    }

    public static Command Show()
    {
        var task = Arguments.Task();
        var execution = Arguments.ExecutionOption();
        var format = Formats.Option("the task with its attempt and lease as one document");
        var command = new Command("show", "Show a task: all that the plan says about it, where it stands and what its checks found.") { task, execution, format };
        command.SetAction(parsed =>
        {
            var place = StateDirectory.Find(Directory.GetCurrentDirectory());
            ClaimChannel.Heard(place);
            var state = ClaimChannel.Look(place, parsed.GetValue(execution));
            var id = Executions.FindTask(state, parsed.GetRequiredValue(task));
            var areChecksCutOff = ClaimChannel.AreChecksCutOff(place, state, id);
            Print(parsed.GetValue(format) == Formats.Json ? ClaimView.Json(state, id, areChecksCutOff) : ClaimView.Text(state, id, areChecksCutOff), parsed.GetValue(format));
            return ExitCodes.Done;
        });
        return command;
    }

    public static Command Start() => Report("start", "Say that you have begun with a task that you claimed.", text: null);

    public static Command Complete() => Report("complete", "Say that a task is done: its checks run, and decide.", new Option<string?>("--result") { Description = "What came out of it, in a sentence.", HelpName = "TEXT" });

    public static Command Fail() => Report("fail", "Say that a task could not be done: it is tried again as the plan says.", Reason());

    public static Command Help() => Report("help", "Say that a task needs a person; you hold it no longer.", Reason());

    public static Command Release() => Report("release", "Give a task back: it is available again.", Reason());

    public static Command Progress()
    {
        var percent = new Argument<int>("N") { Description = "How far you are, 0 to 100." }.Between(0, 100);
        var message = new Option<string?>("--message") { Description = "What you do now.", HelpName = "TEXT" };
        return Report("progress", "Say how far you are with a task.", message, percent);
    }

    public static Command Subtask()
    {
        var action = new Argument<string>("ACTION") { Description = "add: write a step down; done: say that it is done.", HelpName = "add|done" };
        var what = new Argument<string>("WHAT") { Description = "For add its title, for done its number." };
        var task = Task();
        var attempt = Attempt();
        var execution = Arguments.ExecutionOption();
        var command = new Command("subtask", "Write down the steps of a task that you have, and say which are done: others see it, and a next attempt knows it.") { action, what, task, attempt, execution };
        command.Validators.Add(result =>
        {
            if (result.GetResult(action)?.Tokens is not [{ Value: var given }]) return;
            if (given is not ("add" or "done")) result.AddError($"ACTION is add or done, not {Identifiers.Quote(given)}.");
            else if (given == "done" && result.GetResult(what)?.Tokens is [{ Value: var number }] && !int.TryParse(number, out _)) result.AddError($"WHAT is the number of a subtask, not {Identifiers.Quote(number)}. `tasks show TASK` shows them.");
        });
        command.SetAction(parsed =>
        {
            var place = StateDirectory.Find(Directory.GetCurrentDirectory());
            var adds = parsed.GetRequiredValue(action) == "add";
            var request = new ControlRequest(adds ? "subtask-add" : "subtask-done", parsed.GetValue(execution), Named(parsed.GetValue(task)), adds ? parsed.GetRequiredValue(what) : null)
            {
                Session = ClaimChannel.Caller(place).Name,
                Attempt = parsed.GetValue(attempt),
                Number = adds ? null : int.Parse(parsed.GetRequiredValue(what), CultureInfo.InvariantCulture),
            };
            var response = ClaimChannel.Ask(place, ClaimChannel.AboutHeld(place, request));
            Say.Progress(response.Message);
            return Executions.CodeOf(response);
        });
        return command;
    }

    private static Command Report(string name, string description, Option<string?>? text, Argument<int>? percent = null)
    {
        var task = Task();
        var attempt = Attempt();
        var execution = Arguments.ExecutionOption();
        var command = new Command(name, description);
        if (percent is not null) command.Add(percent);
        command.Add(task);
        if (text is not null) command.Add(text);
        command.Add(attempt);
        command.Add(execution);
        command.SetAction(parsed =>
        {
            var place = StateDirectory.Find(Directory.GetCurrentDirectory());
            var session = ClaimChannel.Caller(place);
            var said = text is null ? null : parsed.GetValue(text);
            if (said?.Length > LongestText) throw new CommandException(ExitCodes.InvalidInput, $"{text!.Name} has {said.Length} characters, and {LongestText} is the most. Put more into a file, and say where it is.");
            var request = new ControlRequest(name, parsed.GetValue(execution), Named(parsed.GetValue(task)), said)
            {
                Session = session.Name,
                Attempt = parsed.GetValue(attempt),
                Percent = percent is null ? null : parsed.GetValue(percent),
            };
            request = ClaimChannel.AboutHeld(place, request);
            var response = name == "complete" ? ClaimChannel.Complete(place, request) : ClaimChannel.Ask(place, request);
            Say.Progress(response.Message);
            return Executions.CodeOf(response);
        });
        return command;
    }

    private static int Claim(ControlRequest request, bool waits)
    {
        var place = StateDirectory.Find(Directory.GetCurrentDirectory());
        while (true)
        {
            var session = ClaimChannel.Caller(place);
            var response = ClaimChannel.Ask(place, request with { Session = session.Name, Capabilities = session.Capabilities is { } can ? string.Join(',', can) : null });
            if (response.Ok)
            {
                Print(response.Output ?? "", request.Format);
                Say.Progress(response.Message);
                return ExitCodes.Done;
            }

            if (!waits || !MayChange(place, request))
            {
                Say.Error(response.Message);
                return Executions.CodeOf(response);
            }

            Await(place, request.Execution);
        }
    }

    // Whether what was refused now may be granted later: an execution that has ended and a task that is done or unknown stay as they are.
    internal static bool MayChange(StateDirectory place, ControlRequest request)
    {
        var state = ClaimChannel.Look(place, request.Execution);
        if (state.IsFinished || state.Status == ExecutionStatus.Aborted) return false;
        return request.Task is not { } task || (state.Plan.IndexOf(new TaskId(task)) >= 0 && !state[new TaskId(task)].IsDone);
    }

    // Until something happens, or until a lease or a delay may be over.
    internal static void Await(StateDirectory place, string? execution, TimeSpan? patience = null, CancellationToken stop = default)
    {
        var most = patience < TimeSpan.FromSeconds(5) ? patience.Value : TimeSpan.FromSeconds(5);
        using var journal = Executions.OpenReader(place);
        var id = Executions.FindOpen(journal, execution).Id;
        var position = journal.Position(id);
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < most && journal.Position(id) == position;)
        {
            stop.WaitHandle.WaitOne(BetweenLooks);
            stop.ThrowIfCancellationRequested();
        }
    }

    private static void Print(string text, string? format) => Console.Out.Write(format == Formats.Json ? Formats.SafeJson(text) : Say.Clean(text));

    private static Argument<string?> Task() => new("TASK") { Description = "A task of the plan, e.g. P1.T001.", Arity = ArgumentArity.ZeroOrOne };

    private static Option<int?> Attempt() => new Option<int?>("--attempt") { Description = "The attempt that came with the claim: if it is over, nothing happens. Default: the one that this session has.", HelpName = "N" }.Between(1, int.MaxValue);

    private static Option<string?> Reason() => new("--reason") { Description = "Why, for whoever takes it next.", HelpName = "TEXT" };

    private static string? Named(string? task) => task is null || Identifiers.Refuse(task) is not { } wrong
        ? task
        : throw new CommandException(ExitCodes.InvalidInput, $"No task is called {Identifiers.Quote(task)}: {wrong}. `tasks list` shows the tasks.");
}
