using System.Globalization;
using System.Text;
using Slaps.Core.Execution;
using Slaps.Runtime.Processes;

namespace Slaps.Runtime.Sessions;

/// <summary>What tells one session from all others: the process that lives as long as it does, and where that is.</summary>
/// <param name="Host">The machine's name.</param>
/// <param name="User">Whose it is.</param>
/// <param name="Process">The shell or agent behind the session: the nearest process above this one that stays.</param>
/// <param name="Parent">The process id of its parent.</param>
/// <param name="Program">Its program's name.</param>
/// <param name="Terminal">The terminal, e.g. <c>/dev/pts/3</c>; null: none.</param>
public sealed record Fingerprint(string Host, string User, ProcessIdentity Process, int Parent, string Program, string? Terminal)
{
    private const int MostAncestors = 64;

    private static readonly string? OwnNamespace = OperatingSystem.IsLinux() ? new FileInfo("/proc/self/ns/pid").LinkTarget : null;

    private static readonly string[] Shells = ["sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "busybox"];

    // What starts another program and goes, or waits for it alone: a session is not tied to one of them.
    private static readonly string[] Wrappers = ["tasks", "env", "timeout", "nice", "ionice", "nohup", "setsid", "stdbuf", "sudo", "doas", "flock", "time", "xargs", "script"];

    /// <summary>Whether a process is known: of somebody who only moves files there is none.</summary>
    public bool HasProcess => Process.Pid > 0;

    /// <summary>In which set of process ids the process has its own, e.g. <c>pid:[4026531836]</c>: a container has one of its own; null: not known.</summary>
    public string? PidNamespace { get; init; }

    /// <summary>Whether this process can look for the one behind the session: it is on this host, and ids mean the same to both.</summary>
    public bool IsWithinSight => Host == Environment.MachineName && (PidNamespace is null || PidNamespace == OwnNamespace);

    /// <summary>Whether the process behind the session runs, as far as this one can tell; false where it is out of sight, too.</summary>
    public bool IsRunningHere => IsWithinSight && ProcessTable.IsAlive(Process);

    /// <summary>The fingerprint of whoever called this program.</summary>
    public static Fingerprint OfCaller()
    {
        var ancestors = Ancestors().ToList();
        var behind = ancestors.FirstOrDefault(a => !IsPassing(Arguments(a.Pid)), ancestors[0]);
        return new Fingerprint(
            Environment.MachineName,
            Environment.UserName,
            new ProcessIdentity(behind.Pid, behind.StartTicks, ProcessTable.BootId),
            behind.Parent,
            Arguments(behind.Pid) is [var program, ..] ? Path.GetFileName(program.TrimStart('-')) : "",
            TerminalOfCaller()) { PidNamespace = OwnNamespace };
    }

    /// <summary>The fingerprint of this process itself, for one that is a session as long as it runs.</summary>
    public static Fingerprint OfThisProcess()
    {
        var self = ProcessTable.Find(Environment.ProcessId);
        return new Fingerprint(
            Environment.MachineName,
            Environment.UserName,
            new ProcessIdentity(Environment.ProcessId, self?.StartTicks ?? 0, ProcessTable.BootId),
            self?.Parent ?? 0,
            Path.GetFileName(Environment.ProcessPath ?? ""),
            TerminalOfCaller()) { PidNamespace = OwnNamespace };
    }

    /// <summary>The fingerprint of somebody of whom no process is known: only signs of life tell whether it lives.</summary>
    /// <param name="program">What is said in the place of a program's name.</param>
    public static Fingerprint OfNoProcess(string program) => new(Environment.MachineName, Environment.UserName, new ProcessIdentity(0, 0, ProcessTable.BootId), Parent: 0, program, Terminal: null);

    /// <summary>The processes above this one, the nearest first.</summary>
    public static IReadOnlyList<ProcessIdentity> AncestorsOfCaller() => [.. Ancestors().Select(a => new ProcessIdentity(a.Pid, a.StartTicks, ProcessTable.BootId))];

    /// <summary>Whether a process with these arguments is not what a session is: an agent runs each command in a shell of its own, which is gone after it.</summary>
    internal static bool IsPassing(IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0) return true;
        var program = Path.GetFileName(arguments[0]);
        if (Wrappers.Contains(program)) return true;
        return Shells.Contains(program) && arguments.Skip(1).TakeWhile(a => a.StartsWith('-')).Any(a => !a.StartsWith("--", StringComparison.Ordinal) && a.Contains('c'));
    }

    /// <summary>The name of a terminal by its device number; null when there is none, or of an unusual kind.</summary>
    internal static string? TerminalName(int device)
    {
        var (major, minor) = ((device >> 8) & 0xfff, (device & 0xff) | ((device >> 12) & 0xfff00));
        return major switch
        {
            >= 136 and <= 143 => $"/dev/pts/{((major - 136) << 20) + minor}",
            4 when minor < 64 => $"/dev/tty{minor}",
            4 => $"/dev/ttyS{minor - 64}",
            _ => null,
        };
    }

    // The first process of the machine, or of a container, is everybody's ancestor: it names nobody unless it is the parent itself.
    private static IEnumerable<ProcessTable.Entry> Ancestors()
    {
        var pid = ProcessTable.Find(Environment.ProcessId)?.Parent ?? 0;
        for (var count = 0; count < MostAncestors && (pid > 1 || (pid == 1 && count == 0)) && ProcessTable.Find(pid) is { } entry; count++)
        {
            yield return entry;
            pid = entry.Parent;
        }
    }

    private static string[] Arguments(int pid) =>
        Encoding.UTF8.GetString(ProcessTable.ReadSmall($"/proc/{pid}/cmdline", 64 << 10)).TrimEnd('\0').Split('\0') is [not "", ..] arguments ? arguments : [];

    private static string? TerminalOfCaller()
    {
        var stat = Encoding.UTF8.GetString(ProcessTable.ReadSmall("/proc/self/stat", 4096));
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields.Length > 4 && int.TryParse(fields[4], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var device) ? TerminalName(device) : null;
    }
}
