using System.CommandLine;
using System.Globalization;
using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Cli.Commands;

/// <summary>What the local workers can do: <c>--capabilities</c>, <c>--setup-seconds</c> and <c>--specialist</c>.</summary>
internal sealed class CrewOptions
{
    public CrewOptions()
    {
        SetupSeconds.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > WorkerProfile.LongestSetup))
                result.AddError($"--setup-seconds takes a whole number from 0 to {WorkerProfile.LongestSetup}, not {Identifiers.Quote(result.Tokens[0].Value)}.");
        });
        Specialists.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => Listed(token.Value).Length == 0)) result.AddError("--specialist names what one of the workers can do, separated by commas. Name something, or leave it out.");
        });
    }

    public Option<string[]> Capabilities { get; } = new("--capabilities") { Description = "What the local workers can do, separated by commas. Default: anything.", HelpName = "a,b" };

    public Option<int?> SetupSeconds { get; } = new("--setup-seconds") { Description = "The local workers take tasks that need something else, too, but are set up for it first, which takes so long; `tasks explain` says when.", HelpName = "N" };

    public Option<string[]> Specialists { get; } = new("--specialist") { Description = "One of the local workers can do these things and nothing else, separated by commas; may be given again.", HelpName = "a,b" };

    public Crew Of(ParseResult parsed) => new(
        parsed.GetValue(Capabilities) is { Length: > 0 } can ? SessionCommands.Capable(can.SelectMany(Listed)) : null,
        parsed.GetValue(SetupSeconds),
        [.. (parsed.GetValue(Specialists) ?? []).Select(given => SessionCommands.Capable(Listed(given), "--specialist"))]);

    private static string[] Listed(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
