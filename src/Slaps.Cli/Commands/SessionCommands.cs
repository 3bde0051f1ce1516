using System.CommandLine;
using System.Text.Json;
using Slaps.Cli.Output;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Sessions;
using Slaps.Runtime.State;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks register|sessions|whoami|heartbeat|unregister</c>: who works here.</summary>
internal static class SessionCommands
{
    private const int LongestText = 500;
    private const int MostCapabilities = 100;

    public static Command Register()
    {
        var name = new Argument<string>("NAME") { Description = "What the session is called, e.g. backend-1." }.NotEmpty("Take a name like backend-1.");
        var role = new Option<string?>("--role") { Description = "What it is there for.", HelpName = "TEXT" };
        var goal = new Option<string?>("--goal") { Description = "What it means to do.", HelpName = "TEXT" };
        var capabilities = new Option<string[]>("--capabilities") { Description = "What it can do, separated by commas. Default: anything.", HelpName = "a,b" };
        var command = new Command("register", "Make this shell a session that claims tasks, unless somebody living has the name.") { name, role, goal, capabilities };
        command.SetAction(parsed => Register(
            parsed.GetRequiredValue(name),
            Short(role.Name, parsed.GetValue(role)),
            Short(goal.Name, parsed.GetValue(goal)),
            parsed.GetValue(capabilities) is { Length: > 0 } can ? Capable(can.SelectMany(c => c.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))) : null));
        return command;
    }

    public static Command Sessions()
    {
        var format = Formats.Option("all sessions as one document");
        var command = new Command("sessions", "Show who works here: role, terminal, last sign of life, and what they hold.") { format };
        command.SetAction(parsed =>
        {
            var place = StateDirectory.Find(Directory.GetCurrentDirectory());
            var sessions = new SessionRegistry(place, TimeProvider.System).All();
            var holds = Holds(place);
            if (parsed.GetValue(format) == Formats.Json) Console.Out.Write(Formats.Document(json => WriteAll(json, sessions, holds)));
            else if (sessions.Count == 0) Say.Progress("Nobody is registered here. `tasks register NAME` makes this shell a session.");
            else foreach (var session in sessions) Console.Out.WriteLine(Say.OneLine(Line(session, holds)));
            return ExitCodes.Done;
        });
        return command;
    }

    public static Command WhoAmI()
    {
        var format = Formats.Option("the session as one document");
        var command = new Command("whoami", "Say which session this shell is.") { format };
        command.SetAction(parsed =>
        {
            var place = StateDirectory.Find(Directory.GetCurrentDirectory());
            var session = ClaimChannel.Caller(place);
            var holds = Holds(place);
            Console.Out.Write(parsed.GetValue(format) == Formats.Json ? Formats.Document(json => Write(json, session, holds)) : Say.OneLine(Line(session, holds)) + "\n");
            return ExitCodes.Done;
        });
        return command;
    }

    public static Command Heartbeat()
    {
        var command = new Command("heartbeat", "Give a sign of life: the leases of what this session holds go on. Every other command of a session does so, too.");
        command.SetAction(_ =>
        {
            var place = StateDirectory.Find(Directory.GetCurrentDirectory());
            var session = ClaimChannel.Caller(place);
            if (!File.Exists(place.JournalPath))
            {
                Say.Progress($"{session.Name} is heard; there is no execution here yet.");
                return ExitCodes.Done;
            }

            Say.Progress(ClaimChannel.Ask(place, new ControlRequest("heartbeat") { Session = session.Name, Capabilities = session.Capabilities is { } can ? string.Join(',', can) : null }).Message);
            return ExitCodes.Done;
        });
        return command;
    }

    public static Command Unregister()
    {
        var command = new Command("unregister", "Leave: what this session holds is given back, and its name is free.");
        command.SetAction(_ =>
        {
            var place = StateDirectory.Find(Directory.GetCurrentDirectory());
            var session = ClaimChannel.Caller(place);
            var given = GiveBack(place, "unregister", session.Name);
            new SessionRegistry(place, TimeProvider.System).Remove(session);
            new Mailbox(place, TimeProvider.System).Remove(session.Name);
            Say.Progress($"{session.Name} has left.{(given.Length > 0 ? $" {given}" : "")}");
            return ExitCodes.Done;
        });
        return command;
    }

    private static int Register(string name, string? role, string? goal, IReadOnlyList<string>? capabilities)
    {
        var place = StateDirectory.Find(Directory.GetCurrentDirectory());
        var variable = Environment.GetEnvironmentVariable("TASKS_SESSION");
        if (!string.IsNullOrEmpty(variable) && variable != name)
            throw new CommandException(ExitCodes.InvalidInput, $"TASKS_SESSION is {Identifiers.Quote(variable)} here, so the commands of this shell would not be those of {Identifiers.Quote(name)}. Register that name, or unset TASKS_SESSION.");
        var now = Instant.From(TimeProvider.System.GetUtcNow());
        var session = new Session(name, role is null ? null : Secrets.Redact(role), goal is null ? null : Secrets.Redact(goal), capabilities, Fingerprint.OfCaller(), now, ByVariable: variable == name) { LastHeartbeat = now };
        var isIn = Enter(place, session, out var message);
        if (isIn) Say.Progress(message);
        else Say.Error(message);
        return isIn ? ExitCodes.Done : Session.Refuse(name) is null ? ExitCodes.SomeFailed : ExitCodes.InvalidInput;
    }

    /// <summary>Registers a session and gives back what somebody of that name held who is gone; whether it is registered, and what is to be said.</summary>
    internal static bool Enter(StateDirectory place, Session session, out string message)
    {
        var registry = new SessionRegistry(place, TimeProvider.System);
        if (registry.Register(session, out var before, name => LongestLease(place, name)) is { } refusal)
        {
            message = refusal;
            return false;
        }

        message = $"{session.Name} is registered: {Where(session)}. `tasks list` shows what is available, `tasks claim` takes a task.";
        var given = "";
        if (registry.Find(session.Name) is { } present) registry.SettleDebt(present, () => given = GiveBack(place, "register", session.Name));
        if (before is null || before.Fingerprint.Process == session.Fingerprint.Process)
        {
            if (given.Length > 0) message = $"{given}\n{message}";
            return true;
        }

        var gone = $"The session that was called {session.Name} before is gone ({(before.Fingerprint.HasProcess ? $"pid {before.Fingerprint.Process.Pid}" : "it moved files")}, last heartbeat {SessionRegistry.Ago(session.RegisteredAt.SecondsSince(before.LastHeartbeat))} ago). {given}".TrimEnd();
        message = $"{gone}\n{message}";
        return true;
    }

    internal static string GiveBack(StateDirectory place, string action, string session) =>
        File.Exists(place.JournalPath) ? ClaimChannel.AskEverywhere(place, new ControlRequest(action) { Session = session }) : "";

    // In seconds, of what a session holds in any execution; 0: it holds nothing.
    private static double LongestLease(StateDirectory place, string session) => !File.Exists(place.JournalPath) ? 0
        : ClaimChannel.Open(place).SelectMany(state => state.Claimed.Select(task => state.ActiveAttemptOf(task)!)).Where(active => active.Worker.Value == session).Select(active => active.Lease!.Seconds).DefaultIfEmpty().Max();

    internal static string Line(Session session, ILookup<string, Holding> holds)
    {
        var now = Instant.From(TimeProvider.System.GetUtcNow());
        var facts = new[]
        {
            session.Role is null ? null : $"role {session.Role}",
            session.Goal is null ? null : $"goal: {session.Goal}",
            session.Capabilities is { } can ? $"can {(can.Count == 0 ? "nothing special" : string.Join(", ", can))}" : null,
            Where(session),
            $"last heartbeat {SessionRegistry.Ago(now.SecondsSince(session.LastHeartbeat))} ago",
            session.IsLiving(now, Lease(session, holds)) ? null : "gone",
            holds[session.Name].Any() ? $"holds {string.Join(", ", holds[session.Name].Select(held => held.Task))}" : "holds nothing",
        };
        return $"{session.Name}  {string.Join(" · ", facts.Where(f => f is not null))}";
    }

    private static string Where(Session session) =>
        !session.Fingerprint.HasProcess ? $"no process, known by its moves, {session.Fingerprint.User} on {session.Fingerprint.Host}" :
        $"pid {session.Fingerprint.Process.Pid} ({session.Fingerprint.Program}), {session.Fingerprint.Terminal ?? "no terminal"}, {session.Fingerprint.User} on {session.Fingerprint.Host}";

    private static double Lease(Session session, ILookup<string, Holding> holds) => holds[session.Name].Select(held => held.Lease).DefaultIfEmpty().Max();

    internal static ILookup<string, Holding> Holds(StateDirectory place)
    {
        var nothing = Enumerable.Empty<Holding>().ToLookup(_ => "");
        if (!File.Exists(place.JournalPath)) return nothing;
        using var journal = Executions.OpenReader(place);
        if (journal.Executions().Count == 0) return nothing;
        var state = Runtime.Hosting.ExecutionStore.Load(journal, Executions.FindOpen(journal, null));
        return state.Claimed.ToLookup(task => state.ActiveAttemptOf(task)!.Worker.Value, task => new Holding(state.Plan.Tasks[task].Id.Value, state.ActiveAttemptOf(task)!.Lease!.Seconds));
    }

    private static void WriteAll(Utf8JsonWriter json, IReadOnlyList<Session> sessions, ILookup<string, Holding> holds)
    {
        json.WriteStartObject();
        json.WriteStartArray("sessions");
        foreach (var session in sessions) Write(json, session, holds);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    internal static void Write(Utf8JsonWriter json, Session session, ILookup<string, Holding> holds)
    {
        json.WriteStartObject();
        json.WriteString("session", session.Name);
        json.WriteString("role", session.Role);
        json.WriteString("goal", session.Goal);
        Texts("capabilities", session.Capabilities);
        json.WriteBoolean("living", session.IsLiving(Instant.From(TimeProvider.System.GetUtcNow()), Lease(session, holds)));
        json.WriteString("host", session.Fingerprint.Host);
        json.WriteString("user", session.Fingerprint.User);
        json.WriteNumber("pid", session.Fingerprint.Process.Pid);
        json.WriteNumber("parent_pid", session.Fingerprint.Parent);
        json.WriteString("program", session.Fingerprint.Program);
        json.WriteString("terminal", session.Fingerprint.Terminal);
        json.WriteString("registered_at", session.RegisteredAt.ToString());
        json.WriteString("last_heartbeat", session.LastHeartbeat.ToString());
        Texts("holds", [.. holds[session.Name].Select(held => held.Task)]);
        json.WriteEndObject();

        void Texts(string name, IReadOnlyList<string>? texts)
        {
            if (texts is null)
            {
                json.WriteNull(name);
                return;
            }

            json.WriteStartArray(name);
            foreach (var text in texts) json.WriteStringValue(text);
            json.WriteEndArray();
        }
    }

    /// <summary>A task that a session has.</summary>
    /// <param name="Task">Which one.</param>
    /// <param name="Lease">How long it is the session's after a sign of life, in seconds.</param>
    internal sealed record Holding(string Task, double Lease);

    internal static string? Short(string option, string? text) => text?.Length > LongestText
        ? throw new CommandException(ExitCodes.InvalidInput, $"{option} has {text.Length} characters, and {LongestText} is the most. Say it shorter.")
        : text;

    internal static List<string> Capable(IEnumerable<string> names, string option = "--capabilities")
    {
        var known = names.Distinct(StringComparer.Ordinal).ToList();
        if (known.Count > MostCapabilities) throw new CommandException(ExitCodes.InvalidInput, $"{option} names {known.Count}, and {MostCapabilities} is the most. Leave it out for one that can do anything.");
        foreach (var name in known)
        {
            if (name.Length > Identifiers.MaxLength || name.Any(char.IsControl)) throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(name)} is no capability: at most {Identifiers.MaxLength} characters, and none that a terminal would obey.");
        }

        return known;
    }
}
