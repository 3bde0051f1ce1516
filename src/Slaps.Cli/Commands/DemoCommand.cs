using System.CommandLine;
using Slaps.Cli.Output;
using Slaps.Core.Plans;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks demo</c></summary>
internal static class DemoCommand
{
    private const string Sample = "textkit";
    private const string Mark = "demo";
    private const string Copied = "copied\n";

    public static Command Create()
    {
        var directory = new Option<string?>("--directory") { Description = "Where the demo works. Default: a fresh temporary directory. One that holds an unfinished demo is gone on with.", HelpName = "DIR" }.NotEmpty("Name an empty or a new directory, or leave the option out.");
        var max = new Option<int>("--worker-max") { Description = "The most workers. Default 4.", DefaultValueFactory = _ => 4, HelpName = "N" };
        max.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, out var count) || count is < 1 or > 10_000))
                result.AddError($"--worker-max takes a whole number from 1 to 10000, not {Identifiers.Quote(result.Tokens[0].Value)}.");
        });
        var command = new Command("demo", "Plan and run the release of a small real project from a specification: build, test, document, package, checksum. Needs Node 20 or newer; no network, no agents.") { directory, max };
        command.SetAction(parsed => Run(parsed.GetValue(directory), parsed.GetValue(max)));
        return command;
    }

    private static int Run(string? directory, int workerMax)
    {
        RequireNode();
        var place = directory is null ? Directory.CreateTempSubdirectory("tasks-demo-").FullName : Path.GetFullPath(directory);
        var mark = Path.Combine(place, ".slaps", Mark);
        if (!File.Exists(mark))
        {
            if (Directory.Exists(place) && Directory.EnumerateFileSystemEntries(place).Any())
                throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(place)} is not empty and holds no demo. Name an empty or a new directory.");

            // Its own state directory from the start, or one further up would be taken. The mark comes before the sample, so that a demo that
            // was killed while it copied is known again; and somebody's own SPEC.md beside a .slaps is never taken for one.
            PlanFiles.MakeDirectory(Path.Combine(place, ".slaps"));
            File.WriteAllText(mark, "copying\n");
        }

        if (File.ReadAllText(mark) != Copied)
        {
            CopySample(Path.Combine(AppContext.BaseDirectory, "samples", Sample), place);
            File.WriteAllText(mark, Copied);
        }

        Directory.SetCurrentDirectory(place);
        Say.Progress($"The demo works in {place}. Kill it whenever you like: `tasks demo --directory {place}` goes on.");
        PlanCommand.Run("SPEC.md", "plan");
        var code = ExecuteCommand.Run(new ExecuteCommand.Request("plan", null, workerMax, Resume: true, Wait: false, null, [], Json: false));
        if (code == ExitCodes.Done)
            Say.Progress($"Look around in {place}: SPEC.md, plan/Plan.md, dist/; and there: `tasks status`, `tasks report`, `tasks log P1.T001`.");
        return code;
    }

    private static void RequireNode()
    {
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Any(folder => File.Exists(Path.Combine(folder, "node")));
        if (!found) throw new CommandException(ExitCodes.InvalidInput, "The demo's sample is a JavaScript project, and there is no `node` on the PATH. Install Node 20 or newer, then run it again.");
    }

    private static void CopySample(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }
}
