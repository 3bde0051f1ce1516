using Slaps.Core.Plans;
using Slaps.Runtime.Verification;

namespace Slaps.Cli;

/// <summary>
/// Copies a tree with what is ignored in it, because builds need the packages that are installed there; without its history. Links are kept
/// where they stay inside of the tree and left out where they do not, so that nothing that runs in the copy writes into the original.
/// </summary>
public static class TreeCopy
{
    private const int DeepestFolder = 128;

    /// <summary>Copies, or says in a sentence why that was not done; then the copy may be there in part.</summary>
    public static string? Refuse(string source, string target, long mostBytes, int mostEntries)
    {
        var root = Path.GetFullPath(source);
        var (bytes, entries) = (0L, 0);
        try
        {
            return Copy(root, target, 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A tree that cannot be read or a full disk ends no planning: its checks stay untried.
            return "The codebase could not be copied for a trial: part of it cannot be read, or the disk is full.";
        }

        string? Copy(string from, string to, int depth)
        {
            if (depth > DeepestFolder) return $"The codebase has folders below level {DeepestFolder} and was not copied for a trial.";
            Directory.CreateDirectory(to);
            foreach (var entry in new DirectoryInfo(from).EnumerateFileSystemInfos())
            {
                if (depth == 0 && entry.Name is ".git" or ".slaps") continue;
                if (++entries > mostEntries) return $"The codebase has more than {mostEntries:N0} files and was not copied for a trial.";
                var place = Path.Combine(to, entry.Name);
                if (entry.LinkTarget is { } link)
                {
                    if (StaysInside(root, from, link)) File.CreateSymbolicLink(place, link);
                }
                else if (entry is DirectoryInfo)
                {
                    if (Copy(entry.FullName, place, depth + 1) is { } refusal) return refusal;
                }
                else if (!WorkspacePaths.IsOtherThanFile(entry.FullName))
                {
                    bytes += ((FileInfo)entry).Length;
                    if (bytes > mostBytes) return $"The codebase has more than {mostBytes >> 20:N0} MiB and was not copied for a trial.";
                    File.Copy(entry.FullName, place);
                }
            }

            return null;
        }
    }

    /// <summary>Deletes a folder that this program made. What a check left behind unreadable stays, and the system's cleaning takes it.</summary>
    public static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Output.Say.Progress($"The folder {Identifiers.Quote(folder)} of the trials could not be deleted: {e.Message}");
        }
    }

    private static bool StaysInside(string root, string folder, string link)
    {
        if (Path.IsPathRooted(link)) return false;
        var place = Path.GetFullPath(Path.Combine(folder, link));
        return place.StartsWith(root.TrimEnd('/') + "/", StringComparison.Ordinal);
    }
}
