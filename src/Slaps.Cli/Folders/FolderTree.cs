using Slaps.Core.Plans;
using Slaps.Runtime.Verification;

namespace Slaps.Cli.Folders;

/// <summary>A task's file where somebody may have put it.</summary>
/// <param name="Folder">The folder's name.</param>
/// <param name="Path">The whole path.</param>
/// <param name="Size">In bytes.</param>
/// <param name="ModifiedAt">Time of its last change.</param>
internal sealed record Sighting(string Folder, string Path, long Size, DateTime ModifiedAt);

/// <summary>The files of a directory that stands for an execution: looked at, written whole by a rename, never through a link.</summary>
internal sealed class FolderTree(string root)
{
    private const string Ending = ".json", NoteEnding = ".note.txt", WordsEnding = ".txt", Draft = "draft-";
    private const int LongestWords = 2000, LongestName = 255;

    private static readonly TimeSpan LongestDraft = TimeSpan.FromMinutes(10);

    private readonly string _workshop = Path.Combine(root, ".tasks");

    public string Root => root;

    /// <summary>The file that says which execution the directory stands for.</summary>
    public string Marker => Path.Combine(_workshop, "execution");

    public void Prepare(string execution, IEnumerable<string> folders)
    {
        PlanFiles.MakeDirectory(root);
        var isNew = !Directory.Exists(_workshop);
        if (isNew && Directory.EnumerateFileSystemEntries(root).Any())
            throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(root)} is not empty, and what is in it is not ours. Name a new or empty directory.");
        Directory.CreateDirectory(_workshop);
        if (new DirectoryInfo(_workshop).LinkTarget is { } elsewhere)
            throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(_workshop)} is a link to {Identifiers.Quote(elsewhere)}, and what we write there would land elsewhere. Name another directory, or take the link away.");
        Sweep();
        if (File.Exists(Marker) && File.ReadAllText(Marker).Trim() is var other && other != execution && other.Length > 0)
            throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(root)} stands for {other}, not for {execution}. Name another directory for {execution}.");
        Put(Marker, System.Text.Encoding.UTF8.GetBytes(execution + "\n"));
        foreach (var folder in FolderNames.All.Concat(folders)) Make(folder);
    }

    public void Make(string folder) => Directory.CreateDirectory(Path.Combine(root, folder));

    /// <summary>The folders of sessions, and those whose names nobody can have; links and hidden ones are left out.</summary>
    public IReadOnlyList<string> Folders() =>
    [
        .. new DirectoryInfo(root).EnumerateDirectories().Where(d => d.LinkTarget is null && !d.Name.StartsWith('.')).Select(d => d.Name).Order(StringComparer.Ordinal),
    ];

    /// <summary>The files in a folder that could be tasks', by the name before the ending.</summary>
    public List<(string Name, Sighting Seen)> Files(string folder)
    {
        var found = new List<(string, Sighting)>();
        try
        {
            foreach (var file in new DirectoryInfo(Path.Combine(root, folder)).EnumerateFiles($"*{Ending}"))
            {
                if (file.Name.StartsWith('.') || file.LinkTarget is not null || WorkspacePaths.IsOtherThanFile(file.FullName)) continue;
                found.Add((file.Name[..^Ending.Length], new Sighting(folder, file.FullName, file.Length, file.LastWriteTimeUtc)));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Moved on while it was looked at, or the folder went: the next look tells.
        }

        return found;
    }

    public DateTime ChangedAt(string folder) => Directory.GetLastWriteTimeUtc(Path.Combine(root, folder));

    public string PathOf(string folder, string task) => Path.Combine(root, folder, task + Ending);

    /// <summary>The whole file; null when it is not there any more or too long for one of ours.</summary>
    public static byte[]? Read(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length > TaskFile.Longest) return null;
            var bytes = new byte[stream.Length];
            return bytes[..stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes a file so that whoever looks sees the old one or the new one, never a part.</summary>
    public void Put(string path, byte[] bytes)
    {
        // A name that nobody can have put a link under before, and a file that is made here or not at all: what a link there led to would be written.
        var draft = Path.Combine(_workshop, $"{Draft}{Guid.NewGuid():N}");
        using (var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write, FileShare.None)) file.Write(bytes);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Move(draft, path, overwrite: true);
    }

    // What a process left that was killed in the middle of writing; another one may be writing now.
    private void Sweep()
    {
        foreach (var draft in new DirectoryInfo(_workshop).EnumerateFiles($"{Draft}*").Where(draft => draft.LastWriteTimeUtc < DateTime.UtcNow - LongestDraft)) draft.Delete();
    }

    /// <summary>Takes a file away. What is not as we wrote it is kept; then its new place, relative to the directory, is the answer.</summary>
    public string? Withdraw(string path, string task, bool isOurs)
    {
        if (isOurs)
        {
            File.Delete(path);
            return null;
        }

        return Keep(path, task, Ending);
    }

    private string? Keep(string path, string task, string ending)
    {
        var kept = Path.Combine(root, ".kept");
        Directory.CreateDirectory(kept);
        for (var number = 1; ; number++)
        {
            var place = Path.Combine(kept, $"{task}.{number}{ending}");
            if (File.Exists(place)) continue;
            try
            {
                File.Move(path, place);
            }
            catch (FileNotFoundException)
            {
                return null;   // Taken away by whoever put it there.
            }

            return Path.GetRelativePath(root, place);
        }
    }

    /// <summary>Whether a file of this name can have a note beside it: names of files end somewhere.</summary>
    public static bool HasRoomForNote(string name) => System.Text.Encoding.UTF8.GetByteCount(name) + NoteEnding.Length <= LongestName;

    /// <summary>Explains something beside a task's file.</summary>
    public void Note(string folder, string task, string text) => Put(Path.Combine(root, folder, task + NoteEnding), System.Text.Encoding.UTF8.GetBytes(Output.Say.Clean(text) + "\n"));

    /// <summary>Takes away an explanation whose reason is gone; whether there was one.</summary>
    public bool Unnote(string folder, string task)
    {
        var note = Path.Combine(root, folder, task + NoteEnding);
        if (!File.Exists(note)) return false;
        File.Delete(note);
        return true;
    }

    /// <summary>The task that a file of this name would be of; null: its name is no task file's.</summary>
    public static string? TaskOf(string path) => Path.GetExtension(path) == Ending ? Path.GetFileNameWithoutExtension(path) : null;

    /// <summary>Lets what somebody wrote beside a task's file go along with it, unless something lies there already.</summary>
    public void CarryWords(string task, string from, string to)
    {
        var target = Path.Combine(root, to, task + WordsEnding);
        if (!IsText(Path.Combine(root, from, task + WordsEnding)) || Path.Exists(target)) return;
        try
        {
            File.Move(Path.Combine(root, from, task + WordsEnding), target);
        }
        catch (FileNotFoundException)
        {
            // Taken away by whoever wrote it.
        }
    }

    /// <summary>Takes away what somebody wrote beside a task's file and what has been heard; it is kept apart.</summary>
    public void KeepWords(string task, string folder)
    {
        var path = Path.Combine(root, folder, task + WordsEnding);
        if (IsText(path)) Keep(path, task, WordsEnding);
    }

    /// <summary>What somebody wrote beside a task's file, in one of these folders; null: nothing.</summary>
    public string? Words(string task, params IReadOnlyList<string> folders)
    {
        foreach (var folder in folders)
        {
            var path = Path.Combine(root, folder, task + WordsEnding);
            if (!IsText(path) || Read(path) is not { } bytes) continue;
            var text = System.Text.Encoding.UTF8.GetString(bytes).Trim();
            if (text.Length > 0) return text.Length <= LongestWords ? text : text[..(LongestWords - 1)] + "…";
        }

        return null;
    }

    private static bool IsText(string path) => new FileInfo(path) is { Exists: true, LinkTarget: null } && !WorkspacePaths.IsOtherThanFile(path);
}
