using System.CommandLine;
using Slaps.Cli.Output;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Sessions;
using Slaps.Runtime.State;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks message</c> and <c>tasks inbox</c>: what sessions say to each other.</summary>
internal static class MessageCommands
{
    public static Command Send()
    {
        // One argument for both: of two, the optional one would be given the only word there is.
        var words = new Argument<string[]>("TEXT") { Description = "To whom, a session's name, and what; with --all only what.", Arity = new ArgumentArity(1, 2), HelpName = "[TO] TEXT" };
        var all = new Option<bool>("--all") { Description = "To every session that lives, but to yourself." };
        var command = new Command("message", "Tell another session something, or all of them: their next command shows it.") { words, all };
        command.Validators.Add(result =>
        {
            var given = result.GetResult(words)?.Tokens.Count ?? 0;
            if (result.GetValue(all) && given == 2) result.AddError("--all is to everybody, so only the text follows. Leave the name or --all out, and put the text in quotes.");
            if (!result.GetValue(all) && given == 1) result.AddError("Say to whom and what: `tasks message NAME \"TEXT\"`, or `tasks message --all \"TEXT\"`.");
        });
        command.SetAction(parsed =>
        {
            var place = StateDirectory.Find(Directory.GetCurrentDirectory());
            string[] given = parsed.GetRequiredValue(words);
            Say.Progress(Deliver(place, ClaimChannel.CallerIfAny(place)?.Name, given.Length == 2 ? given[0] : null, given[^1]));
            return ExitCodes.Done;
        });
        return command;
    }

    public static Command Inbox()
    {
        var format = Formats.Option("the messages as one document");
        var command = new Command("inbox", "Show the messages to this session that are kept, the oldest first.") { format };
        command.SetAction(parsed =>
        {
            var place = StateDirectory.Find(Directory.GetCurrentDirectory());
            var session = ClaimChannel.Caller(place, showsMessages: false);
            var messages = new Mailbox(place, TimeProvider.System).TakeAll(session.Name);
            if (parsed.GetValue(format) == Formats.Json) Console.Out.Write(Formats.SafeJson(Json(messages)));
            else if (messages.Count == 0) Say.Progress($"Nobody has told {session.Name} anything.");
            else foreach (var message in messages) Console.Out.WriteLine((message.IsNew ? "* " : "  ") + Line(message));
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Sends a text to one session, or to all others that live; says to whom it went.</summary>
    internal static string Deliver(StateDirectory place, string? from, string? to, string text)
    {
        if (string.IsNullOrWhiteSpace(text)) throw new CommandException(ExitCodes.InvalidInput, "The message is empty. Say something, in quotes.");
        if (text.Length > Mailbox.LongestText) throw new CommandException(ExitCodes.InvalidInput, $"The message has {text.Length} characters, and {Mailbox.LongestText} is the most. Put more into a file of the project, and say where it is.");
        var known = new SessionRegistry(place, TimeProvider.System).All();
        if (to is not null && known.All(s => s.Name != to))
        {
            var near = Spelling.Nearest(to, known.Select(s => s.Name));
            throw new CommandException(ExitCodes.InvalidInput, $"There is no session {Identifiers.Quote(to)}.{(near is null ? "" : $" Did you mean {near}?")} `tasks sessions` shows who is here.");
        }

        var now = Instant.From(TimeProvider.System.GetUtcNow());
        var receivers = to is not null ? [to] : known.Where(s => s.Name != from && s.IsLiving(now)).Select(s => s.Name).ToList();
        if (receivers.Count == 0) throw new CommandException(ExitCodes.SomeFailed, "Nobody else is here to be told. `tasks sessions` shows who is.");
        var box = new Mailbox(place, TimeProvider.System);
        var refusals = receivers.Select(receiver => box.Send(from ?? Environment.UserName, receiver, text)).OfType<string>().ToList();
        if (refusals.Count > 0) throw new CommandException(ExitCodes.SomeFailed, string.Join(' ', refusals));
        var movers = receivers.Where(name => known.Any(s => s.Name == name && !s.Fingerprint.HasProcess)).ToList();
        var others = receivers.Except(movers).ToList();
        var answers = new[]
        {
            others.Count > 0 ? $"{string.Join(", ", others)} will be shown it with the next command." : null,
            movers.Count > 0 ? $"{string.Join(", ", movers)} will find it in {Folders.FolderNames.Messages} in the folder of that name, while `tasks directory` runs." : null,
        };
        return string.Join(' ', answers.OfType<string>());
    }

    /// <summary>A message as one line that nothing obeys.</summary>
    internal static string Line(Message message) =>
        Say.OneLine($"From {message.From}, {SessionRegistry.Ago(Instant.From(TimeProvider.System.GetUtcNow()).SecondsSince(message.At))} ago: {message.Text}");

    /// <summary>The document <c>{messages: [{at, from, text, new}]}</c>.</summary>
    internal static string Json(IReadOnlyList<Message> messages) => Formats.Document(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("messages");
        foreach (var message in messages)
        {
            json.WriteStartObject();
            json.WriteString("at", message.At.ToString());
            json.WriteString("from", message.From);
            json.WriteString("text", message.Text);
            json.WriteBoolean("new", message.IsNew);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
