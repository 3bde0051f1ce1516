using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Slaps.Core.Plans;

namespace Slaps.Cli;

/// <summary>What is wrong with a command line, in sentences that guess what was meant.</summary>
internal static class WrongUsage
{
    /// <summary>The sentences; none when the command line can be obeyed.</summary>
    public static IReadOnlyList<string> Of(ParseResult result, RootCommand root, IReadOnlyList<string> args)
    {
        // A misspelt command would otherwise be taken for an argument, and the complaint be about something else.
        if (NamesNoCommand(root, args))
        {
            var meant = Spelling.Nearest(args[0], root.Subcommands.Select(c => c.Name));
            return [$"There is no command {Identifiers.Quote(args[0])}.{(meant is null ? "" : $" Did you mean `tasks {meant}`?")}"];
        }

        var command = result.CommandResult.Command;
        var name = NameOf(result, root, args);
        var sentences = new List<string>();
        var free = args.SkipWhile(a => a != "--").ToHashSet(StringComparer.Ordinal);

        // An unknown option in the place of an argument was taken for it.
        var taken = result.CommandResult.Children.OfType<ArgumentResult>().SelectMany(a => a.Tokens).Select(t => t.Value).Where(t => t.Length > 1 && t[0] == '-' && !free.Contains(t)).ToList();
        sentences.AddRange(taken.Select(option => NoOption(command, name, option)));
        foreach (var token in result.UnmatchedTokens)
        {
            if (token.StartsWith('-') && !free.Contains(token)) sentences.Add(NoOption(command, name, token));
            else if (taken.Count == 0 && sentences.Count == 0) sentences.Add($"`{name}` has no use for the argument {Identifiers.Quote(token)}.");
        }

        // Complaints about the command as a whole repeat the tokens that were complained about.
        var errors = InWords(result.Errors);
        if (sentences.Count > 0) sentences.AddRange(errors.Where(e => e.Symbol is OptionResult).Select(e => e.Message));
        else sentences.AddRange(errors.Select(e => e.Message));
        return sentences;
    }

    // The parser names types of .NET; a validator of ours, where there is one, has said better what is wanted.
    private static List<(SymbolResult? Symbol, string Message)> InWords(IReadOnlyList<ParseError> errors)
    {
        var ours = errors.Where(e => !NamesType(e)).Select(e => About(e)).ToHashSet();
        return
        [
            .. errors.Where(e => !NamesType(e) || !ours.Contains(About(e))).Select(e => (e.SymbolResult, NamesType(e) ? $"{NameOf(About(e))} takes a number, not {Identifiers.Quote(About(e)?.Tokens is [.., var token] ? token.Value : "")}." : e.Message)),
        ];

        static bool NamesType(ParseError error) => error.Message.Contains("expected type 'System.", StringComparison.Ordinal);
        static SymbolResult? About(ParseError error) => error.SymbolResult is ArgumentResult { Parent: OptionResult option } ? option : error.SymbolResult;
        static string NameOf(SymbolResult? symbol) => symbol switch { OptionResult o => o.Option.Name, ArgumentResult a => a.Argument.Name, _ => "It" };
    }

    /// <summary>The command that was meant, as it is typed.</summary>
    public static string NameOf(ParseResult result, RootCommand root, IReadOnlyList<string> args) =>
        result.CommandResult.Command is var command && (command == root || NamesNoCommand(root, args)) ? "tasks" : $"tasks {FullName(command, root)}";

    private static string FullName(Command command, RootCommand root) =>
        command.Parents.OfType<Command>().FirstOrDefault(parent => parent != root) is { } above ? $"{FullName(above, root)} {command.Name}" : command.Name;

    /// <summary>Refuses an empty text, which is no path and no name.</summary>
    public static Argument<string> NotEmpty(this Argument<string> argument, string instead)
    {
        argument.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }]) result.AddError($"{argument.Name} is empty. {instead}");
        });
        return argument;
    }

    /// <summary>Refuses an empty text, which is no path and no name.</summary>
    public static Option<string?> NotEmpty(this Option<string?> option, string instead)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }]) result.AddError($"{option.Name} is empty. {instead}");
        });
        return option;
    }

    /// <summary>Refuses what is no whole number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public static Option<int?> Between(this Option<int?> option, int least, int most)
    {
        option.Validators.Add(result => RefuseOutside(result, result.Tokens, option.Name, least, most));
        return option;
    }

    /// <summary>Refuses what is no whole number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public static Argument<int> Between(this Argument<int> argument, int least, int most)
    {
        argument.Validators.Add(result => RefuseOutside(result, result.Tokens, argument.Name, least, most));
        return argument;
    }

    /// <summary>Refuses what is no number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    /// <param name="option">The option.</param>
    /// <param name="least">The least number.</param>
    /// <param name="most">The greatest one.</param>
    /// <param name="isMore">Whether it must be more than the least.</param>
    public static Option<double?> Between(this Option<double?> option, double least, double most, bool isMore = false)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens is not [{ Value: var given }]) return;
            if (!double.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !(isMore ? number > least : number >= least) || !(number <= most))
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} takes a number {(isMore ? $"above {least:0} and up to" : $"from {least:0} to")} {most:0}, not {Identifiers.Quote(given)}."));
        });
        return option;
    }

    private static void RefuseOutside(SymbolResult result, IReadOnlyList<Token> tokens, string name, int least, int most)
    {
        if (tokens is [var token] && (!int.TryParse(token.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) || number < least || number > most))
            result.AddError($"{name} takes a whole number {(most == int.MaxValue ? $"of at least {least}" : $"from {least} to {most}")}, not {Identifiers.Quote(token.Value)}.");
    }

    private static bool NamesNoCommand(RootCommand root, IReadOnlyList<string> args) =>
        args.Count > 0 && !args[0].StartsWith('-') && root.Subcommands.All(c => c.Name != args[0]);

    private static string NoOption(Command command, string name, string token)
    {
        var option = token.Split('=')[0];
        var known = command.Options.SelectMany(o => o.Aliases.Prepend(o.Name)).Where(o => o.StartsWith("--", StringComparison.Ordinal));
        var meant = Spelling.Nearest(option, known);
        return $"`{name}` has no option {Identifiers.Quote(option)}.{(meant is null ? "" : $" Did you mean {meant}?")}";
    }
}
