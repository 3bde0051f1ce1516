using Slaps.Runtime.Verification;

namespace Slaps.Runtime.State;

/// <summary>The state directory or something in it cannot be used; the message says what to do. The program ends with exit code 6.</summary>
public sealed class StateException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>
/// Where everything about a workspace's executions lies: <c>.slaps</c> in the nearest ancestor of the working directory that holds
/// <c>.slaps</c> or <c>.git</c>, else in the working directory. All paths are absolute.
/// </summary>
public sealed class StateDirectory
{
    internal const string Name = ".slaps";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private StateDirectory(string workspace)
    {
        Workspace = workspace;
        Path = System.IO.Path.Combine(workspace, Name);
    }

    /// <summary>The folder that holds the state directory: tasks run in it and their paths are relative to it.</summary>
    public string Workspace { get; }

    /// <summary>The state directory itself; nothing else in the workspace is ever written for bookkeeping.</summary>
    public string Path { get; }

    /// <summary>The journal, an SQLite file.</summary>
    public string JournalPath => System.IO.Path.Combine(Path, "journal.db");

    /// <summary>The folder of the attempts' logs, JSON Lines.</summary>
    public string LogsPath => System.IO.Path.Combine(Path, "logs");

    /// <summary>The folder for what attempts work in: outputs, clones and worktrees.</summary>
    public string WorkPath => System.IO.Path.Combine(Path, "work");

    /// <summary>The folder of the user's own playbooks, which need not exist.</summary>
    public string PlaybooksPath => System.IO.Path.Combine(Path, "playbooks");

    /// <summary>The folder of checkpoints: a folder for each execution, task and number.</summary>
    public string CheckpointsPath => System.IO.Path.Combine(Path, "checkpoints");

    /// <summary>The file whose lock the one writer holds.</summary>
    public string LockPath => System.IO.Path.Combine(Path, "lock");

    /// <summary>The folder in which each session has its file.</summary>
    public string SessionsPath => System.IO.Path.Combine(Path, "sessions");

    /// <summary>The folder in which each process that waits for a resource has its file.</summary>
    public string WaitsPath => System.IO.Path.Combine(Path, "waits");

    /// <summary>The folder in which each task whose checks a session's command runs has its file.</summary>
    public string ChecksPath => System.IO.Path.Combine(Path, "checks");

    /// <summary>The file at which short commands wait in line for <see cref="LockPath"/>.</summary>
    public string LinePath => System.IO.Path.Combine(Path, "line");

    /// <summary>Whether it has been made.</summary>
    public bool Exists => Directory.Exists(Path);

    /// <summary>The path with every link resolved, or null when it does not exist.</summary>
    public static string? RealPath(string path) => SystemCalls.RealPath(path);

    /// <summary>Finds the state directory for a working directory; changes nothing on the disk.</summary>
    /// <exception cref="StateException">What is called <c>.slaps</c> is not a folder of this workspace and this user.</exception>
    public static StateDirectory Find(string workingDirectory)
    {
        var start = System.IO.Path.GetFullPath(workingDirectory);
        if (!Directory.Exists(start))
            throw new StateException($"The working directory {start} does not exist. Change to the folder that holds your plan's workspace.");

        for (var folder = start; folder is not null; folder = System.IO.Path.GetDirectoryName(folder))
        {
            if (!IsThere(System.IO.Path.Combine(folder, Name)) && !IsThere(System.IO.Path.Combine(folder, ".git"))) continue;
            return Examined(new StateDirectory(folder));
        }

        return new StateDirectory(start);
    }

    /// <summary>
    /// Makes the directory where it is missing, open to this user only (mode 0700), with a <c>.gitignore</c> that hides it from git.
    /// Doing so again changes nothing.
    /// </summary>
    /// <exception cref="StateException">The disk is full or read-only, or this user may not write here.</exception>
    public void Create()
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(Path);
            }
            else
            {
                Directory.CreateDirectory(Path, Private);

                // One made by hand may be open to others, who could then plant a journal or read tasks' output.
                if (File.GetUnixFileMode(Path) != Private) File.SetUnixFileMode(Path, Private);
            }

            RefuseLinks();
            HideFromGit(System.IO.Path.Combine(Path, ".gitignore"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StateException(
                $"The state directory {Path} cannot be made: {e.Message.TrimEnd('.')}. Make room there, or work in a folder that this user may write to.", e);
        }
    }

    // A repository can carry a .slaps whose folders are links that lead anywhere.
    private void RefuseLinks()
    {
        foreach (var folder in (string[])[LogsPath, WorkPath, CheckpointsPath, SessionsPath, WaitsPath, ChecksPath])
        {
            if (new DirectoryInfo(folder).LinkTarget is not null) throw new IOException($"{folder} is a link, and what tasks do is written into no other folder. Remove it");
        }
    }

    // Whatever else somebody has put there stays as it is.
    private static void HideFromGit(string file)
    {
        var isThere = IsThere(file);
        if (isThere && (Directory.Exists(file) || new FileInfo(file).LinkTarget is not null)) return;
        if (isThere && (WorkspacePaths.IsOtherThanFile(file) || new FileInfo(file).Length > 0)) return;
        try
        {
            using var stream = new FileStream(file, isThere ? FileMode.Truncate : FileMode.CreateNew, FileAccess.Write);
            stream.Write("*\n"u8);
        }
        catch (IOException) when (!isThere && IsThere(file))
        {
            // Another process has made it in the same moment, and writes the same.
        }
    }

    /// <summary>
    /// Whether a state directory of this owner may be used. In a folder like /tmp anybody can make a .slaps and wait for somebody else to
    /// run what its journal says; one that belongs to us, to root or to whoever owns the workspace is no such trap.
    /// </summary>
    internal static bool IsTrusted(uint owner, uint workspaceOwner, uint self) => owner == self || owner == 0 || owner == workspaceOwner;

    /// <summary>Whether something has this name, be it a link to nowhere.</summary>
    private static bool IsThere(string path) => Directory.Exists(path) || File.Exists(path) || new FileInfo(path).LinkTarget is not null;

    private static StateDirectory Examined(StateDirectory found)
    {
        if (!IsThere(found.Path)) return found;
        if (new FileInfo(found.Path).LinkTarget is { } target)
        {
            var workspace = SystemCalls.RealPath(found.Workspace);
            var real = SystemCalls.RealPath(found.Path);
            if (workspace is null || real is null || !real.StartsWith(workspace.TrimEnd('/') + "/", StringComparison.Ordinal))
            {
                throw new StateException(
                    $"{found.Path} is a symbolic link to {target}, which is no folder in {found.Workspace}. The state must lie in the workspace: " +
                    "move the link to another place, or put the folder itself here.");
            }
        }

        if (!Directory.Exists(found.Path))
        {
            throw new StateException(
                $"{found.Path} is a file, but a folder of this name holds the state of executions. Move the file to another place or give it another name.");
        }

        if (SystemCalls.OwnerOf(found.Path) is { } owner && SystemCalls.OwnerOf(found.Workspace) is { } workspaceOwner &&
            !IsTrusted(owner, workspaceOwner, SystemCalls.EffectiveUser))
        {
            throw new StateException(
                $"{found.Path} belongs to another user (number {owner}), who could make this program run things in your name. " +
                "Work in a folder of your own that has a .git or .slaps, or ask that user.");
        }

        return found;
    }
}
