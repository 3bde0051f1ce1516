namespace Slaps.Cli;

/// <summary>What <c>tasks</c> exits with. Scripts branch on these; they never change.</summary>
public static class ExitCodes
{
    /// <summary>All is done.</summary>
    public const int Done = 0;

    /// <summary>Some tasks failed, were skipped or cancelled, or need help; or the command decided to nothing.</summary>
    public const int SomeFailed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>What was given to work on is wrong: a plan, a specification, a name.</summary>
    public const int InvalidInput = 3;

    /// <summary>Interrupted; <c>--resume</c> goes on.</summary>
    public const int Interrupted = 4;

    /// <summary>Another process holds the state directory.</summary>
    public const int HeldByAnother = 5;

    /// <summary>The disk or the journal failed.</summary>
    public const int StorageFailed = 6;

    /// <summary>A defect in <c>tasks</c> itself (EX_SOFTWARE of sysexits.h).</summary>
    public const int Defect = 70;
}

/// <summary>Ends a command with a sentence and an exit code.</summary>
public sealed class CommandException(int exitCode, string message) : Exception(message)
{
    /// <summary>One of <see cref="ExitCodes"/>.</summary>
    public int ExitCode { get; } = exitCode;
}
