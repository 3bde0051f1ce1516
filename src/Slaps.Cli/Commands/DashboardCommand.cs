using System.CommandLine;
using System.Text;
using System.Text.Json;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Views;
using Slaps.Runtime.Hosting;
using Slaps.Runtime.Sessions;
using Slaps.Runtime.State;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks dashboard --output FILE</c></summary>
internal static class DashboardCommand
{
    private const string FirstField = "experiment_start";
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    public static Command Create()
    {
        var execution = Arguments.Execution();
        var output = new Option<string?>("--output") { Description = "The file: a new one, or one that this command wrote.", HelpName = "FILE", Required = true }.NotEmpty("Name the file that shall be kept up to date.");
        var once = new Option<bool>("--once") { Description = "Write it as it is now, and end." };
        var command = new Command("dashboard", "Keep a JSON file up to date with who does what, until the execution has ended.") { execution, output, once };
        command.SetAction(parsed => Run(parsed.GetValue(execution), parsed.GetRequiredValue(output)!, parsed.GetValue(once)));
        return command;
    }

    private static int Run(string? execution, string output, bool once)
    {
        var place = StateDirectory.Find(Directory.GetCurrentDirectory());
        var file = Path.GetFullPath(output);
        RefuseForeign(file);
        var registry = new SessionRegistry(place, TimeProvider.System);
        using var journal = Executions.OpenReader(place);
        var state = ExecutionStore.Load(journal, Executions.FindOpen(journal, execution));
        string? written = null;
        var ended = Repeated.Until(
            () =>
            {
                ExecutionStore.Follow(journal, state);
                var now = Instant.From(TimeProvider.System.GetUtcNow());
                var text = ExperimentView.Json(state, registry.All().Count(s => s.IsLiving(now)));
                if (text != written) Write(file, text);
                written = text;
                return once || state.IsFinished;
            },
            Pace);
        return ended ? ExitCodes.Done : ExitCodes.Interrupted;
    }

    // Written apart and moved in whole: whoever reads finds the old document or the new one.
    private static void Write(string file, string text)
    {
        var draft = Path.Combine(Path.GetDirectoryName(file)!, $".{Path.GetFileName(file)}.{Environment.ProcessId}");
        File.WriteAllText(draft, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        File.Move(draft, file, overwrite: true);
    }

    private static void RefuseForeign(string file)
    {
        if (Directory.Exists(file)) throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(file)} is a directory. Name a file.");
        if (!Directory.Exists(Path.GetDirectoryName(file))) throw new CommandException(ExitCodes.InvalidInput, $"There is no directory {Identifiers.Quote(Path.GetDirectoryName(file)!)}. Make it, or name a file elsewhere.");
        if (!File.Exists(file) && new FileInfo(file).LinkTarget is null) return;
        try
        {
            using var document = JsonDocument.Parse(PlanFiles.Read(file, 64 << 20));
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(FirstField, out _)) return;
        }
        catch (JsonException)
        {
            // Then it is nothing that this command wrote.
        }

        throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(file)} is a file of something else, which stays as it is. Name another one.");
    }
}

/// <summary>Commands that look again and again until they have seen enough, or until Ctrl-C.</summary>
internal static class Repeated
{
    /// <summary>Whether it came to its end; false: somebody ended it.</summary>
    public static bool Until(Func<bool> look, TimeSpan pace)
    {
        using var stop = new StopSignals();
        while (!look())
        {
            if (stop.Token.WaitHandle.WaitOne(pace)) return false;
        }

        return true;
    }
}
