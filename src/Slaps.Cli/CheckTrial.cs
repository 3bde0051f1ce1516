using System.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Planning.Codebase;
using Slaps.Runtime.Processes;
using Slaps.Runtime.Verification;

namespace Slaps.Cli;

/// <summary>
/// Runs proposed checks on a copy of the untouched tree, so that the plan knows which of them can prove anything. Never in the tree itself;
/// what the processes may see of the environment is what workers see. Everything is limited: bytes, checks, time.
/// </summary>
internal static class CheckTrial
{
    /// <summary>So many different commands are run; the others stay untried.</summary>
    public const int MostCommands = 24;

    /// <summary>How long one command may take, in seconds.</summary>
    public const double SecondsEach = 120;

    /// <summary>How long all of them may take together, in seconds; those that would start later stay untried.</summary>
    public const double SecondsInAll = 600;

    /// <summary>The largest tree that is copied, in bytes.</summary>
    public const long MostBytes = 2L << 30;

    /// <summary>The most files and folders that are copied.</summary>
    public const int MostEntries = 400_000;

    // What shells and launchers answer when the program behind a command is not there or cannot be started.
    private const int NotExecutable = 126, NotFound = 127;

    private static readonly string[] SignsOfMissingTools =
    [
        "command not found", ": not found", "Error 127", "No module named pytest", "No module named ruff", "No module named flake8", "No module named mypy",
        "error: no such command", "Could not find a part of the path", "A compatible .NET SDK was not found", "node_modules missing", "Cannot find module",
        "ERR_MODULE_NOT_FOUND", "Unable to locate a Java Runtime", "JAVA_HOME", "could not resolve host", "Could not resolve host", "NU1301", "EAI_AGAIN", "ENOTFOUND",
        "Temporary failure in name resolution", "No CMAKE_C_COMPILER could be found", "No CMAKE_CXX_COMPILER could be found",
    ];

    /// <summary>Tries each check once: first the looks at files, then the commands one after the other, all in one copy.</summary>
    /// <param name="checks">Different checks: what their ids are does not matter.</param>
    /// <param name="codebase">The root of the user's tree, which is only read.</param>
    /// <param name="secondsEach">How long one command may take.</param>
    /// <returns>For each check, in the same order, how it stood.</returns>
    /// <exception cref="CommandException">A signal interrupted it; what ran was ended and the copy deleted.</exception>
    public static IReadOnlyList<CheckTried> Run(IReadOnlyList<AcceptanceCheck> checks, string codebase, double secondsEach = SecondsEach)
    {
        // What runs is in process groups of its own: a Ctrl-C reaches only this process, and has to be passed on.
        using var stop = new StopSignals(andHangUp: true);
        try
        {
            return Run(checks, codebase, secondsEach, stop.Token);
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            throw new CommandException(ExitCodes.Interrupted, "The trial of the checks was interrupted. Nothing was written.");
        }
    }

    private static CheckTried[] Run(IReadOnlyList<AcceptanceCheck> checks, string codebase, double secondsEach, CancellationToken abort)
    {
        var folder = Directory.CreateTempSubdirectory("tasks-trial-").FullName;
        try
        {
            var tree = Path.Combine(folder, "tree");
            if (TreeCopy.Refuse(codebase, tree, MostBytes, MostEntries) is { } refusal)
                return [.. checks.Select(_ => new CheckTried(CheckStanding.Untried, refusal))];

            // Looks at files first: a command may leave files behind that are not in the untouched tree.
            var tried = new CheckTried[checks.Count];
            foreach (var (i, check) in checks.Index())
            {
                if (check is not AcceptanceCheck.Command) tried[i] = Try(check, i, tree, folder, secondsEach, abort);
            }

            var clock = Stopwatch.StartNew();
            var commands = 0;
            foreach (var (i, check) in checks.Index())
            {
                abort.ThrowIfCancellationRequested();
                if (check is not AcceptanceCheck.Command) continue;
                tried[i] = ++commands > MostCommands ? new(CheckStanding.Untried, $"No more than {MostCommands} commands are tried for one plan.")
                    : clock.Elapsed.TotalSeconds > SecondsInAll ? new(CheckStanding.Untried, $"The trials of a plan end after {SecondsInAll:0} seconds.")
                    : Try(check, i, tree, folder, secondsEach, abort);
            }

            return tried;
        }
        finally
        {
            TreeCopy.Remove(folder);
        }
    }

    private static CheckTried Try(AcceptanceCheck check, int index, string tree, string folder, double secondsEach, CancellationToken abort)
    {
        if (check is AcceptanceCheck.Unrunnable) return new(CheckStanding.Untried, "A person makes this check.");
        var limited = check with { Id = "trial", TimeoutSeconds = Math.Min(check.TimeoutSeconds, secondsEach) };
        var task = new PlanTask { Id = new TaskId($"trial-{index + 1}"), Checks = [limited] };
        var request = new AttemptRequest(new ExecutionId("trial"), task, 1);
        var runner = new CheckRunner(new WorkersOptions
        {
            Workspace = tree,
            LogsDirectory = Path.Combine(folder, "logs"),
            WorkDirectory = Path.Combine(folder, "work"),
            OutputLimitBytes = 1 << 20,
        });
        if (limited is AcceptanceCheck.Command command) return Judge(runner.RunCommand(request, command, abort));
        return runner.Run(request, abort).Checks[0].Passed
            ? new(CheckStanding.RegressionGuard, "It holds on the untouched tree already.")
            : new(CheckStanding.FailsBefore, "It does not hold on the untouched tree.");
    }

    // The sentences hold no output and no times: the same plan gives the same bytes.
    private static CheckTried Judge(CommandEnd end) => end.Outcome switch
    {
        null => new(CheckStanding.Untried, $"It took longer than {end.LimitSeconds:0.###} seconds on the untouched tree and was ended."),
        Outcome.Exited { ExitCode: 0 } => new(CheckStanding.RegressionGuard, "It passes on the untouched tree, so that it proves no new work."),
        Outcome.Exited { ExitCode: NotExecutable or NotFound } e => new(CheckStanding.CannotRun, $"It ended with exit code {e.ExitCode} on the untouched tree: a program that it needs is not here."),
        Outcome.Exited when Array.Exists(SignsOfMissingTools, sign => end.LastLines.Contains(sign, StringComparison.Ordinal)) =>
            new(CheckStanding.CannotRun, "It failed on the untouched tree because something that it needs is not installed."),
        Outcome.Exited e => new(CheckStanding.FailsBefore, $"It ended with exit code {e.ExitCode} on the untouched tree; look whether that is because of this work."),
        Outcome.Signalled s => new(CheckStanding.FailsBefore, $"Signal {s.Signal} ended it on the untouched tree."),
        Outcome.NotStarted => new(CheckStanding.CannotRun, "Its program or its folder is not here, so that it cannot be started."),
        _ => throw new UnreachableException("A check's process ends, is signalled or is not started. Mend CheckTrial.Judge."),
    };
}
