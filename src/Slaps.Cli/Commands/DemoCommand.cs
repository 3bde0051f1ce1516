using System.CommandLine;
using Slaps.Cli.Output;
using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks demo</c></summary>
internal static class DemoCommand
{
    private const string UsualSample = "textkit";
    private const string Mark = "demo";
    private const string Copying = "copying ";
    private const string Copied = "copied ";

    private static readonly string Samples = Path.Combine(AppContext.BaseDirectory, "samples");

    public static Command Create()
    {
        var directory = new Option<string?>("--directory") { Description = "Where the demo works. Default: a fresh temporary directory. One that holds an unfinished demo is gone on with.", HelpName = "DIR" }.NotEmpty("Name an empty or a new directory, or leave the option out.");
        var max = new Option<int>("--worker-max") { Description = "The most workers. Default 4.", DefaultValueFactory = _ => 4, HelpName = "N" };
        max.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, out var count) || count is < 1 or > 10_000))
                result.AddError($"--worker-max takes a whole number from 1 to 10000, not {Identifiers.Quote(result.Tokens[0].Value)}.");
        });
        var sample = new Option<string?>("--sample") { Description = $"Which one: {string.Join(", ", Names())}. Default: {UsualSample}, or the one that DIR holds.", HelpName = "NAME" };
        sample.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var given }] && !Names().Contains(given))
                result.AddError($"--sample knows no sample {Identifiers.Quote(given)}.{(Spelling.Nearest(given, Names()) is { } meant ? $" Did you mean {meant}?" : "")} It takes one of: {string.Join(", ", Names())}.");
        });
        var command = new Command("demo", "Plan and run a small real project from its specification: the release of a library, a report from raw data, a site. No network, no agents; some need Node 20 or newer.") { directory, sample, max };
        command.SetAction(parsed => Run(parsed.GetValue(directory), parsed.GetValue(sample), parsed.GetValue(max)));
        return command;
    }

    private static string[] Names() => [.. Directory.EnumerateDirectories(Samples).Where(folder => File.Exists(Path.Combine(folder, "SPEC.md"))).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal)];

    private static int Run(string? directory, string? wanted, int workerMax)
    {
        var place = directory is null ? Directory.CreateTempSubdirectory("tasks-demo-").FullName : Path.GetFullPath(directory);
        var mark = Path.Combine(place, ".slaps", Mark);
        if (!File.Exists(mark))
        {
            if (Directory.Exists(place) && Directory.EnumerateFileSystemEntries(place).Any())
                throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(place)} is not empty and holds no demo. Name an empty or a new directory.");

            RequireNode(wanted ?? UsualSample);

            // Its own state directory from the start, or one further up would be taken. The mark comes before the sample, so that a demo that
            // was killed while it copied is known again; and somebody's own SPEC.md beside a .slaps is never taken for one.
            PlanFiles.MakeDirectory(Path.Combine(place, ".slaps"));
            File.WriteAllText(mark, $"{Copying}{wanted ?? UsualSample}\n");
        }

        var (sample, isCopied) = Begun(File.ReadAllText(mark));
        if (wanted is not null && wanted != sample)
            throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(place)} holds a demo of {sample}, not of {wanted}. Leave --sample out to go on with it, or name another directory.");
        RequireNode(sample);
        if (!isCopied)
        {
            CopySample(Path.Combine(Samples, sample), place);
            File.WriteAllText(mark, $"{Copied}{sample}\n");
        }

        Directory.SetCurrentDirectory(place);
        Say.Progress($"The demo works in {place}. Kill it whenever you like: `tasks demo --directory {place}` goes on.");
        PlanCommand.Run("SPEC.md", "plan");
        var code = ExecuteCommand.Run(new ExecuteCommand.Request("plan", null, workerMax, Resume: true, Wait: false, Crew.OfAll, [], Json: false));
        if (code == ExitCodes.Done)
            Say.Progress($"Look around in {place}: README.md, SPEC.md, plan/Plan.md; and there: `tasks status`, `tasks report`, `tasks log P1.T001`.");
        return code;
    }

    // A demo that was killed before it could say which one it is, or that an older version began, is the usual one.
    private static (string Sample, bool IsCopied) Begun(string mark)
    {
        var name = mark.Trim().Split(' ')[^1];
        return Names().Contains(name) ? (name, mark.StartsWith(Copied, StringComparison.Ordinal)) : (UsualSample, mark.Trim() == Copied.Trim());
    }

    private static void RequireNode(string sample)
    {
        if (!File.Exists(Path.Combine(Samples, sample, "package.json"))) return;
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Any(folder => File.Exists(Path.Combine(folder, "node")));
        if (!found) throw new CommandException(ExitCodes.InvalidInput, $"The sample {sample} is a JavaScript project, and there is no `node` on the PATH. Install Node 20 or newer, or try --sample weather, which needs only a shell and awk.");
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
