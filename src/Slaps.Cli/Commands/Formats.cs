using System.CommandLine;
using Slaps.Core.Plans;

namespace Slaps.Cli.Commands;

/// <summary>The <c>--format</c> of every command that has one.</summary>
internal static class Formats
{
    public const string Text = "text";
    public const string Json = "json";

    public static Option<string> Option(string json)
    {
        var option = new Option<string>("--format") { Description = $"text, or json: {json}.", DefaultValueFactory = _ => Text, HelpName = "text|json" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: not (Text or Json) and var given }]) result.AddError($"--format takes text or json, not {Identifiers.Quote(given)}.");
        });
        return option;
    }
}
