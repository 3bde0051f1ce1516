using System.Runtime.InteropServices;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Runtime.Processes;
using Slaps.Runtime.State;

namespace Slaps.Runtime.Verification;

/// <summary>
/// Keeps what a plan names inside of the workspace. A path is opened first and asked afterwards where it really lies: whoever swaps a
/// folder for a link in between changes nothing, because what was judged and what is used are the same open file.
/// </summary>
public static class WorkspacePaths
{
    /// <summary>Whether the path leads to a pipe, a device or a socket, on which opening could wait for ever. False where nothing is there.</summary>
    public static bool IsOtherThanFile(string path) => OperatingSystem.IsLinux() && LibC.Facts(path) is { IsRegular: false, IsDirectory: false };

    /// <summary>
    /// What in a plan leads out of the workspace as the disk is now: workdirs (RUN001), paths of checks (RUN002), artifacts (RUN003), or the
    /// workspace itself is not a folder (RUN004), or this is not Linux (RUN005). What does not exist yet is judged by its nearest existing parent, and again when it is used.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="workspace">The absolute path of the folder that its tasks work in.</param>
    /// <param name="file">The plan's file as the user named it, for the findings.</param>
    public static IEnumerable<Diagnostic> Check(Plan plan, string workspace, string? file = null)
    {
        if (!OperatingSystem.IsLinux())
        {
            yield return WorkspaceDiagnostics.NotLinux();
            yield break;
        }

        var root = OpenWorkdir(workspace, ".", out _, out var reason);
        if (root < 0)
        {
            yield return WorkspaceDiagnostics.NoWorkspace(reason);
            yield break;
        }

        // Most tasks of a plan name the same few folders: each is asked of the disk once.
        Dictionary<string, string?> places = new(StringComparer.Ordinal);
        string? LeadsOut(string path)
        {
            if (!places.TryGetValue(path, out var outside)) places[path] = outside = PlaceOutside(workspace, path);
            return outside;
        }

        LibC.Close(root);
        for (var index = 0; index < plan.Tasks.Count; index++)
        {
            var task = plan.Tasks[index];
            var node = $"$.graph.nodes[{index}]";
            var workdir = WorkdirOf(task.Run);
            if (LeadsOut(workdir) is { } outside)
            {
                yield return WorkspaceDiagnostics.WorkdirOutside(new(file, $"{node}.run.workdir"), workdir, task.Id, outside);
                continue;
            }

            for (var i = 0; i < task.Checks.Count; i++)
            {
                var check = task.Checks[i];
                var path = check switch
                {
                    AcceptanceCheck.Command c when WorkdirOf(c.Run) is not "." and var own => own,
                    AcceptanceCheck.FileExists c => Path.Combine(workdir, c.Path),
                    AcceptanceCheck.FileContains c => Path.Combine(workdir, c.Path),
                    AcceptanceCheck.JsonPath c => Path.Combine(workdir, c.Path),
                    _ => null,
                };
                if (path is not null && LeadsOut(path) is { } there)
                    yield return WorkspaceDiagnostics.CheckOutside(new(file, $"{node}.acceptance_checks[{i}].{(check is AcceptanceCheck.Command ? "workdir" : "path")}"), check.Id, task.Id, path, there);
            }

            for (var i = 0; i < task.Produces.Count; i++)
            {
                var artifact = task.Produces[i];
                if (LeadsOut(Path.Combine(workdir, artifact.Path)) is { } there)
                    yield return WorkspaceDiagnostics.ArtifactOutside(new(file, $"{node}.interfaces.produces[{i}]"), artifact.Path, task.Id, there);
            }
        }
    }

    /// <summary>The folder that a run names, relative to the workspace.</summary>
    internal static string WorkdirOf(RunSpec run) => ContextOf(run)?.Workdir is { Length: > 0 } workdir ? workdir : ".";

    /// <summary>Where and how long a run runs; null where nothing is started.</summary>
    internal static ProcessContext? ContextOf(RunSpec run) => run switch
    {
        RunSpec.Process p => p.Context,
        RunSpec.Shell s => s.Context,
        RunSpec.Agent a => a.Context,
        _ => null,
    };

    /// <summary>Opens a folder of the workspace. Negative: it cannot be used, for the reason given.</summary>
    /// <param name="workspace">An absolute path; links on the way to it are the user's own affair.</param>
    /// <param name="workdir">Relative to the workspace.</param>
    /// <param name="realPath">Where the folder really lies.</param>
    /// <param name="reason">A sentence.</param>
    internal static int OpenWorkdir(string workspace, string workdir, out string realPath, out string reason)
    {
        var descriptor = Open(workspace, workdir, out realPath, out var trouble);
        if (descriptor >= 0 && LibC.Facts(descriptor) is not { IsDirectory: true })
        {
            LibC.Close(descriptor);
            descriptor = -1;
            trouble = "is not a folder";
        }

        reason = trouble is null ? "" : $"The working directory {Identifiers.Quote(workdir is "." or "" ? workspace : workdir)} {trouble}. Create it in an earlier task, or correct the plan's workdir.";
        return descriptor;
    }

    /// <summary>
    /// Opens a path for asking only (<c>O_PATH</c>: nothing is read, no device is woken). Negative: it cannot be used, because it
    /// <paramref name="trouble"/> (the end of a sentence).
    /// </summary>
    internal static int Open(string workspace, string path, out string realPath, out string? trouble)
    {
        realPath = "";
        trouble = null;
        if (path.Contains('\0'))
        {
            trouble = "holds a NUL character";
            return -1;
        }

        var root = LibC.Open(workspace, LibC.PathOnly | LibC.CloseOnExec);
        if (root < 0)
        {
            trouble = $"cannot be reached, because the workspace {Identifiers.Quote(workspace)} cannot be opened: {LibC.Describe(Marshal.GetLastPInvokeError())}";
            return -1;
        }

        var realRoot = LibC.RealPath(root);
        if (path is "." or "" && realRoot is not null)
        {
            realPath = realRoot;
            return root;
        }

        LibC.Close(root);
        var descriptor = LibC.Open(Path.Combine(workspace, path), LibC.PathOnly | LibC.CloseOnExec);
        if (descriptor < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            trouble = error is LibC.NotFound or LibC.NotADirectory ? "does not exist" : $"cannot be opened: {LibC.Describe(error)}";
            return -1;
        }

        if (realRoot is not null && LibC.RealPath(descriptor) is { } real)
        {
            if (IsInside(realRoot, real))
            {
                realPath = real;
                return descriptor;
            }

            trouble = $"leads out of the workspace, to {Identifiers.Quote(real)}";
        }
        else
        {
            trouble = "cannot be judged, because /proc is not there to say where it really lies";
        }

        LibC.Close(descriptor);
        return -1;
    }

    /// <summary>Opens a regular file of the workspace for reading. Negative: it cannot be read, because it <paramref name="trouble"/>.</summary>
    internal static int OpenFile(string workspace, string path, out string? trouble)
    {
        var found = Open(workspace, path, out _, out trouble);
        if (found < 0) return -1;
        try
        {
            if (LibC.Facts(found) is not { IsRegular: true } facts)
            {
                trouble = LibC.Facts(found) is { IsDirectory: true } ? "is a folder, not a file" : "is not a regular file";
                return -1;
            }

            // The file that was judged, not whatever has its name now. Non-blocking in case it is a pipe after all.
            var reader = LibC.Open($"/proc/self/fd/{found}", LibC.ReadOnly | LibC.NonBlocking | LibC.CloseOnExec);
            if (reader < 0) trouble = $"cannot be read: {LibC.Describe(Marshal.GetLastPInvokeError())}";
            return reader;
        }
        finally
        {
            LibC.Close(found);
        }
    }

    /// <summary>
    /// Whether what was opened is the state directory of tasks or lies in it, by whatever links it was reached: what a path says of itself
    /// proves nothing, because a task may put a link there at any time.
    /// </summary>
    /// <param name="workspace">The folder that holds the state directory, as an absolute path.</param>
    /// <param name="realPath">Where it really lies, as the open file itself says.</param>
    internal static bool IsState(string workspace, string realPath) => RealState(workspace) is { } state && IsInside(state, realPath);

    /// <summary>Where the state directory of tasks really lies; null when there is none.</summary>
    internal static string? RealState(string workspace)
    {
        var state = LibC.Open(Path.Combine(workspace, StateDirectory.Name), LibC.PathOnly | LibC.CloseOnExec);
        if (state < 0) return null;
        var real = LibC.RealPath(state);
        LibC.Close(state);
        return real;
    }

    // Where it really lies when that is outside; null when it is inside.
    private static string? PlaceOutside(string workspace, string path)
    {
        var root = LibC.Open(workspace, LibC.PathOnly | LibC.CloseOnExec);
        if (root < 0) return null;
        var realRoot = LibC.RealPath(root);
        LibC.Close(root);
        for (var current = Path.Combine(workspace, path); !string.IsNullOrEmpty(current); current = Path.GetDirectoryName(current))
        {
            if (current.Contains('\0')) return null;
            var descriptor = LibC.Open(current, LibC.PathOnly | LibC.CloseOnExec);
            if (descriptor < 0) continue;
            var real = LibC.RealPath(descriptor);
            LibC.Close(descriptor);
            return realRoot is null || real is null || IsInside(realRoot, real) ? null : real;
        }

        return null;
    }

    /// <summary>Whether a real path is another one or lies below it.</summary>
    internal static bool IsInside(string root, string real) =>
        real == root || root == "/" || (real.Length > root.Length && real[root.Length] == '/' && real.StartsWith(root, StringComparison.Ordinal));
}
