using System.Runtime.InteropServices;
using Slaps.Core.Plans;

namespace Slaps.Runtime.Processes;

/// <summary>Finds the program that a name means, by the rules of a shell, so that what is wrong is a sentence and not an exit code 127.</summary>
internal static class ProgramSearch
{
    private const int Executable = 1;

    /// <summary>The path to execute, or null with the reason.</summary>
    /// <param name="name">With a slash: a path, relative to the working directory; otherwise looked up in <paramref name="searchPath"/>.</param>
    /// <param name="searchPath">Folders separated by colons.</param>
    /// <param name="workdir">The child's working directory as an absolute path.</param>
    /// <param name="reason">A sentence.</param>
    public static string? Find(string name, string searchPath, string workdir, out string reason)
    {
        reason = "";
        if (name.Length == 0)
        {
            reason = "The program's name is empty. Write the program as the first item of argv.";
            return null;
        }

        if (name.Contains('/'))
        {
            reason = Refuse(name, name[0] == '/' ? name : $"{workdir}/{name}") ?? "";
            return reason.Length == 0 ? name : null;
        }

        string? unusable = null;
        foreach (var range in searchPath.AsSpan().Split(':'))
        {
            // An empty folder in PATH means the working directory; so say the shells.
            var folder = searchPath.AsSpan()[range];
            var candidate = folder is ['/', ..] ? $"{folder}/{name}" : folder.Length == 0 ? $"{workdir}/{name}" : $"{workdir}/{folder}/{name}";
            if (LibC.Access(candidate, Executable) == 0)
            {
                if (LibC.Facts(candidate) is { IsRegular: true }) return candidate;
            }
            else if (Marshal.GetLastPInvokeError() == LibC.AccessDenied && LibC.Facts(candidate) is { IsRegular: true })
            {
                unusable ??= candidate;
            }
        }

        reason = unusable is null
            ? $"The program {Identifiers.Quote(name)} was not found in PATH ({searchPath}). Install it, or write its path with a slash."
            : $"The program {Identifiers.Quote(unusable)} is not executable. Make it so with chmod +x, or name its interpreter first.";
        return null;
    }

    private static string? Refuse(string name, string path)
    {
        if (LibC.Facts(path) is not { } facts)
            return $"The program {Identifiers.Quote(name)} does not exist in {workdirOf(path, name)}. A name with a slash is a path relative to the task's workdir.";
        if (facts.IsDirectory) return $"The program {Identifiers.Quote(name)} is a folder.";
        return LibC.Access(path, Executable) == 0
            ? null
            : $"The program {Identifiers.Quote(name)} is not executable. Make it so with chmod +x, or name its interpreter first.";

        static string workdirOf(string path, string name) => path == name ? "the file system" : Identifiers.Quote(path[..^(name.Length + 1)]);
    }
}
