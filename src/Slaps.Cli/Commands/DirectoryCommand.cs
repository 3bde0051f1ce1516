using System.CommandLine;
using Slaps.Cli.Folders;
using Slaps.Cli.Output;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Sessions;
using Slaps.Runtime.State;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks directory DIR</c>: an execution as files that are moved.</summary>
internal static class DirectoryCommand
{
    /// <summary>A claim by a move lasts this long without a sign of life, in seconds: an agent that only moves files says nothing while it works.</summary>
    public const int UsualLease = 3600;

    public static Command Create()
    {
        var directory = new Argument<string>("DIR") { Description = "A new or empty directory, or the one of this execution from before." }.NotEmpty("Name the directory in which the files shall lie.");
        var agents = new Option<string[]>("--agents") { Description = "Make folders of these names, separated by commas, for agents that can only move files.", HelpName = "a,b" };
        agents.Validators.Add(result =>
        {
            foreach (var name in result.Tokens.SelectMany(t => t.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
                if (Session.Refuse(name) is { } wrong) result.AddError($"A session cannot be called {Identifiers.Quote(name)}: {wrong}.");
        });
        var lease = new Option<int?>("--lease-seconds") { Description = $"How long a claim lasts without a move or a touch in the session's folder. Default {UsualLease}.", HelpName = "N" }.Between((int)ClaimTask.LeastLease, (int)ClaimTask.MostLease);
        var execution = Arguments.ExecutionOption();
        var command = new Command("directory", "Mirror what can be claimed as files, so that whoever can move files can take part; until the execution has ended.") { directory, agents, lease, execution };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(directory),
            [.. (parsed.GetValue(agents) ?? []).SelectMany(a => a.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))],
            parsed.GetValue(lease) ?? UsualLease,
            parsed.GetValue(execution)));
        return command;
    }

    private static int Run(string directory, IReadOnlyList<string> agents, int lease, string? execution)
    {
        using var stop = new StopSignals();
        using var mirror = new FolderMirror(StateDirectory.Find(Directory.GetCurrentDirectory()), directory, execution, agents, lease, stop.Token);
        Say.Progress($"{mirror.Execution} is mirrored in {Identifiers.Quote(directory)}: move a file from {FolderNames.Open} into a folder with your name. Ctrl-C ends this; started again it goes on.");
        mirror.Run();
        return mirror.State switch
        {
            { IsFinished: true, Status: ExecutionStatus.Completed } => ExitCodes.Done,
            { IsFinished: true } => ExitCodes.SomeFailed,
            _ => ExitCodes.Interrupted,
        };
    }
}
