using System.CommandLine;
using Slaps.Cli.Mcp;
using Slaps.Cli.Output;
using Slaps.Core.Plans;
using Slaps.Runtime.Sessions;
using Slaps.Runtime.State;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks mcp</c>: an agent's tools instead of a shell's commands.</summary>
internal static class McpCommand
{
    private const int StandardOutput = 1;

    public static Command Create()
    {
        var config = new Option<string?>("--print-config") { Description = $"Print what to paste into an agent's configuration, for {string.Join(", ", McpConfiguration.Agents)}, and start nothing.", HelpName = string.Join('|', McpConfiguration.Agents) };
        config.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var given }] && !McpConfiguration.Agents.Contains(given))
                result.AddError($"--print-config takes {string.Join(", ", McpConfiguration.Agents[..^1])} or {McpConfiguration.Agents[^1]}, not {Identifiers.Quote(given)}.");
        });
        var command = new Command("mcp", "Serve an agent over the Model Context Protocol on standard input and output: sessions and claims as tools.") { config };
        command.SetAction(parsed => parsed.GetValue(config) is { } agent ? Print(agent) : Serve());
        return command;
    }

    private static int Print(string agent)
    {
        var (text, where) = McpConfiguration.For(agent, McpConfiguration.Program());
        Console.Out.Write(text);
        Say.Progress(where);
        return ExitCodes.Done;
    }

    private static int Serve()
    {
        var place = StateDirectory.Find(Directory.GetCurrentDirectory());
        if (!Console.IsInputRedirected) Say.Progress("This is for an agent, which starts it by itself: `tasks mcp --print-config claude` prints what to paste. Ctrl-C ends it.");
        using var stop = new StopSignals();
        using var input = Console.OpenStandardInput();
        using var output = Console.OpenStandardOutput();

        // Whatever else would be written to standard output has no place between messages.
        Console.SetOut(Console.Error);
        McpServing.RunAsync(place, input, output, () => OtherEnd.IsGone(StandardOutput), stop.Token).GetAwaiter().GetResult();
        return ExitCodes.Done;
    }
}
