using System.CommandLine;
using System.CommandLine.Help;
using Slaps.Cli.Commands;
using Slaps.Cli.Output;
using Slaps.Core.Execution;
using Slaps.Runtime;
using Slaps.Runtime.State;

namespace Slaps.Cli;

/// <summary>The commands of <c>tasks</c>, and the one place where what went wrong becomes a sentence and an exit code.</summary>
public static class CommandLine
{
    private const string Description =
        """
        Plans and executes work on many workers at once.

        Examples:
          tasks demo                               plan and run a small sample, without network or agents
          tasks plan SPEC.md --output-dir plan     turn a Markdown specification into a plan
          tasks execute plan --worker-max 4        run it
          tasks execute plan --resume              go on after an interruption or a crash
          tasks status                             see where it stands
          tasks explain P1.T003                    see why a task waits or failed

        Exit codes: 0 done, 1 some failed, 2 wrong usage, 3 invalid input, 4 interrupted and resumable,
        5 held by another process, 6 the disk or the journal failed.
        """;

    /// <summary>Runs one command.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static int Run(string[] args)
    {
        Say.LeaveTheTerminalAsItIs();
        var root = new RootCommand(Description)
        {
            PlanCommand.Create(),
            ShowPlanCommand.Create(),
            PlanDiffCommand.Create(),
            ValidatePlanCommand.Create(),
            ImportCommand.Create(),
            ApproveCommand.Create(),
            ExecuteCommand.Create(),
            ForecastCommand.Create(),
            DemoCommand.Create(),
            WatchCommand.Create(),
            StatusCommand.Create(),
            LogCommand.Create(),
            ExplainCommand.Create(),
            ReportCommand.Create(),
            ClassifyCommand.Create(),
            VerifyCommand.Create(),
            ControlCommands.Pause(),
            ControlCommands.Resume(),
            ControlCommands.Abort(),
            ControlCommands.Retry(),
            ControlCommands.Skip(),
            EscalationCommands.HelpList(),
            EscalationCommands.Answer(),
            EscalationCommands.Cancel(),
            EscalationCommands.Rollback(),
            CheckpointCommands.Checkpoint(),
            CheckpointCommands.Restore(),
            CheckpointCommands.Checkpoints(),
            ControlCommands.SetWorkers(),
            ModifyCommand.Create(),
            ReplanCommand.Create(),
            SessionCommands.Register(),
            SessionCommands.Sessions(),
            SessionCommands.WhoAmI(),
            SessionCommands.Heartbeat(),
            SessionCommands.Unregister(),
            LoadCommand.Create(),
            ListCommand.Create(),
            ClaimCommands.Suggest(),
            ClaimCommands.Claim(),
            ClaimCommands.Show(),
            ClaimCommands.Start(),
            ClaimCommands.Progress(),
            ClaimCommands.Complete(),
            ClaimCommands.Fail(),
            ClaimCommands.Help(),
            ClaimCommands.Release(),
            ResourceCommand.Create(),
            ClaimCommands.Subtask(),
            AddCommand.Create(),
            MessageCommands.Send(),
            MessageCommands.Inbox(),
            DashboardCommand.Create(),
            DirectoryCommand.Create(),
            McpCommand.Create(),
        };
        root.SetAction(parsed =>
        {
            new HelpAction().Invoke(parsed);
            return ExitCodes.Usage;
        });

        // Nothing is read out of a file because an argument begins with '@': a reason or a path may.
        var result = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (WrongUsage.Of(result, root, args) is { Count: > 0 } complaints)
        {
            foreach (var complaint in complaints) Say.Error(complaint);
            Say.Error($"`{WrongUsage.NameOf(result, root, args)} --help` shows how it is used.");
            return ExitCodes.Usage;
        }

        try
        {
            RequireWorkingDirectory();
            return result.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception e) when (Environment.GetEnvironmentVariable("TASKS_DEBUG") is not "1")
        {
            var (code, message) = Explain(e);
            Say.Error(message);
            return code;
        }
    }

    private static void RequireWorkingDirectory()
    {
        try
        {
            _ = Directory.GetCurrentDirectory();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCodes.InvalidInput, "The working directory is gone or cannot be read. Change to the folder that holds your plan's workspace.");
        }
    }

    /// <summary>What went wrong, as an exit code and a sentence.</summary>
    internal static (int Code, string Message) Explain(Exception error) => error switch
    {
        CommandException e => (e.ExitCode, e.Message),
        JournalException or StateException or UnknownEventException => (ExitCodes.StorageFailed, error.Message),
        IOException or UnauthorizedAccessException => (ExitCodes.StorageFailed, $"The disk refused: {error.Message.TrimEnd('.')}. Free some room or change the permissions, then run the same command again."),
        PlatformNotSupportedException => (ExitCodes.Usage, error.Message),
        _ => (ExitCodes.Defect, $"This is a defect in tasks ({error.GetType().Name}: {error.Message}). Nothing was marked as done because of it. With TASKS_DEBUG=1 in the environment the same command prints what a bug report needs."),
    };
}
