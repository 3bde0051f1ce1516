using Slaps.Core.Plans;
using Slaps.Runtime.Processes;
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
    private const string MarkerName = "execution", KeptName = ".kept";
    private const int LongestWords = 2000, LongestName = 255, LongestMarker = 200;

    private static readonly TimeSpan LongestDraft = TimeSpan.FromMinutes(10);

    private readonly string _workshop = Path.Combine(root, ".tasks");

    public string Root => root;

    /// <summary>The file that says which execution the directory stands for.</summary>
    public string Marker => Path.Combine(_workshop, MarkerName);

    public void Prepare(string execution, IEnumerable<string> folders)
    {
        PlanFiles.MakeDirectory(root);
        var isNew = !Directory.Exists(_workshop);
        if (isNew && Directory.EnumerateFileSystemEntries(root).Any())
            throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(root)} is not empty, and what is in it is not ours. Name a new or empty directory.");
        using (var workshop = Hold(_workshop))
        {
            Sweep(workshop);
            if (StandsFor(workshop) is { Length: > 0 } other && other != execution)
                throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(root)} stands for {other}, not for {execution}. Name another directory for {execution}.");
        }

        Put(Marker, System.Text.Encoding.UTF8.GetBytes(execution + "\n"));
        // A file that was moved to a folder that was gone has its name: whoever mirrors hears that as a move.
        foreach (var folder in FolderNames.All.Where(name => !IsText(Path.Combine(root, name))).Concat(folders)) Make(folder);
    }

    /// <summary>Makes a folder where it is missing; whether it was.</summary>
    /// <exception cref="CommandException">Something else has its name, such as a link.</exception>
    public bool Make(string folder)
    {
        var path = Path.Combine(root, folder);
        var isThere = Directory.Exists(path);
        Hold(path).Dispose();
        return !isThere;
    }

    /// <summary>Whether something happened where only we write, which says nothing about anybody's move.</summary>
    public bool IsOurOwn(string path) => path.StartsWith(_workshop, StringComparison.Ordinal);

    /// <summary>The folders of sessions, and those whose names nobody can have; links and hidden ones are left out.</summary>
    public IReadOnlyList<string> Folders() =>
    [
        .. new DirectoryInfo(root).EnumerateDirectories().Where(d => d.LinkTarget is null && !d.Name.StartsWith('.')).Select(d => d.Name).Order(StringComparer.Ordinal),
    ];

    /// <summary>The files in a folder that could be tasks', by the name before the ending.</summary>
    /// <param name="folder">The folder's name.</param>
    /// <param name="others">Takes the names of those that are links or no plain files, and so nobody's.</param>
    public List<(string Name, Sighting Seen)> Files(string folder, ICollection<string>? others = null)
    {
        var found = new List<(string, Sighting)>();
        try
        {
            foreach (var file in new DirectoryInfo(Path.Combine(root, folder)).EnumerateFiles($"*{Ending}"))
            {
                if (file.Name.StartsWith('.')) continue;
                var name = file.Name[..^Ending.Length];
                if (file.LinkTarget is not null || WorkspacePaths.IsOtherThanFile(file.FullName)) others?.Add(name);
                else if (Look(folder, file) is { } seen) found.Add((name, seen));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder went while it was looked at: the next look tells.
        }

        return found;
    }

    // Null: it moved on while it was looked at, or its name is no text and so no task's. The others in its folder are looked at all the same.
    private static Sighting? Look(string folder, FileInfo file)
    {
        try
        {
            return new Sighting(folder, file.FullName, file.Length, file.LastWriteTimeUtc);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The plain files that lie in no folder, each as if it were in one of its own name: a file that is moved to a folder that is gone takes that name.</summary>
    public IReadOnlyList<Sighting> Strays() =>
    [
        .. new DirectoryInfo(root).EnumerateFiles().Where(file => !file.Name.StartsWith('.') && IsText(file.FullName))
            .Select(file => new Sighting(file.Name, file.FullName, file.Length, file.LastWriteTimeUtc)).OrderBy(stray => stray.Folder, StringComparer.Ordinal),
    ];

    /// <summary>A folder in one of the folders in which a task's file lies, relative to the directory; null: there is none.</summary>
    public string? FolderInFolderWith(string task)
    {
        foreach (var folder in Folders())
        {
            using var held = Within(folder);
            if (held is null) continue;
            var inner = new DirectoryInfo(held.PathOf(".")).EnumerateDirectories().Where(d => d.LinkTarget is null && IsText(Path.Combine(d.FullName, task + Ending)));
            if (inner.Select(d => d.Name).Order(StringComparer.Ordinal).FirstOrDefault() is { } name) return Path.Combine(folder, name);
        }

        return null;
    }

    /// <summary>Whether the file that was seen is in its place still, and not another one by now.</summary>
    public static bool IsStill(Sighting seen) => new FileInfo(seen.Path) is { Exists: true } file && (file.Length, file.LastWriteTimeUtc) == (seen.Size, seen.ModifiedAt);

    public DateTime ChangedAt(string folder) => Directory.GetLastWriteTimeUtc(Path.Combine(root, folder));

    public string PathOf(string folder, string task) => Path.Combine(root, folder, task + Ending);

    /// <summary>The whole file; null when it is not there any more, no plain file, or too long for one of ours.</summary>
    public static byte[]? Read(string path)
    {
        try
        {
            // What it was when somebody looked, it need not be any more: a link would lead elsewhere, and a pipe keep us waiting.
            using var folder = HeldFolder.Find(Path.GetDirectoryName(path)!);
            return folder is null ? null : Read(folder, Path.GetFileName(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static byte[]? Read(HeldFolder folder, string name)
    {
        try
        {
            using var stream = folder.OpenToRead(name);
            if (stream is null || stream.Length > TaskFile.Longest) return null;
            var bytes = new byte[stream.Length];
            return bytes[..stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes a file so that whoever looks sees the old one or the new one, never a part.</summary>
    /// <exception cref="CommandException">Something else has its name or its folder's, such as a link; then nothing is written.</exception>
    public void Put(string path, byte[] bytes)
    {
        // The place comes first: a draft that cannot be put there would be made at every look.
        using var folder = Hold(Path.GetDirectoryName(path)!);
        var place = folder.PathOf(Path.GetFileName(path));
        if (new DirectoryInfo(place) is { Exists: true, LinkTarget: null }) throw InTheWay($"{Identifiers.Quote(path)} is a folder, and a file of ours belongs there");
        using var workshop = Hold(_workshop);

        // A file that is made here or not at all: what a link there led to would be written.
        var draft = workshop.PathOf(NewDraft());
        try
        {
            using (var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write, FileShare.None)) file.Write(bytes);
            File.Move(draft, place, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(draft);
            throw new IOException(folder.Named(workshop.Named(e.Message)), e);
        }
    }

    // Only the directory itself may be a link: whoever named it meant that. In it anybody can put one.
    private HeldFolder Hold(string folder)
    {
        try
        {
            return HeldFolder.Make(folder, isLinkFine: folder == Path.TrimEndingDirectorySeparator(root));
        }
        catch (NoFolderException e)
        {
            throw InTheWay($"{e.Message}, and {(e.IsLink ? "what we write there would land elsewhere" : "a folder of ours belongs there")}");
        }
    }

    private static CommandException InTheWay(string what) => new(ExitCodes.InvalidInput, $"{what}. Take it away, or name another directory.");

    // Empty: it says nothing. Of a longer text than one of ours the beginning is enough to be another's.
    private string StandsFor(HeldFolder workshop)
    {
        try
        {
            using var file = workshop.OpenToRead(MarkerName);
            var bytes = new byte[LongestMarker];
            return file is null ? "" : System.Text.Encoding.UTF8.GetString(bytes, 0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)).Trim();
        }
        catch (IOException e)
        {
            throw new CommandException(ExitCodes.StorageFailed, $"{Identifiers.Quote(Marker)}, which says what the directory stands for, cannot be read: {e.Message.TrimEnd('.')}.");
        }
    }

    /// <summary>A name that nobody can have put anything under before.</summary>
    public static string NewDraft() => $"{Draft}{Guid.NewGuid():N}";

    /// <summary>Makes a file of this name in <c>.tasks</c>, of which the system tells whoever watches, and takes it away again.</summary>
    public void Ask(string name)
    {
        using var workshop = Hold(_workshop);
        new FileStream(workshop.PathOf(name), FileMode.CreateNew, FileAccess.Write, FileShare.None).Dispose();
        File.Delete(workshop.PathOf(name));
    }

    // What a process left that was killed in the middle of writing; another one may be writing now.
    private static void Sweep(HeldFolder workshop)
    {
        foreach (var draft in new DirectoryInfo(workshop.PathOf(".")).EnumerateFiles($"{Draft}*").Where(draft => draft.LastWriteTimeUtc < DateTime.UtcNow - LongestDraft)) draft.Delete();
    }

    /// <summary>Takes a file away. What is not as we wrote it is kept; then its new place, relative to the directory, is the answer.</summary>
    /// <exception cref="CommandException">Its folder has become a link; then nothing is taken away.</exception>
    public string? Withdraw(string path, string task, bool isOurs)
    {
        if (!Directory.Exists(Path.GetDirectoryName(path))) return null;
        using var folder = Hold(Path.GetDirectoryName(path)!);
        if (isOurs)
        {
            File.Delete(folder.PathOf(Path.GetFileName(path)));
            return null;
        }

        return Keep(folder, Path.GetFileName(path), task, Ending);
    }

    // Puts a file aside under a number that is free; its new place, relative to the directory, is the answer.
    private string? Keep(HeldFolder folder, string file, string task, string ending)
    {
        using var kept = Hold(Path.Combine(root, KeptName));
        for (var number = 1; ; number++)
        {
            var name = $"{task}.{number}{ending}";
            if (Path.Exists(kept.PathOf(name))) continue;
            try
            {
                File.Move(folder.PathOf(file), kept.PathOf(name));
            }
            catch (FileNotFoundException)
            {
                return null;   // Taken away by whoever put it there.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new IOException(folder.Named(kept.Named(e.Message)), e);
            }

            return Path.Combine(KeptName, name);
        }
    }

    /// <summary>Whether a file of this name can have a note beside it: names of files end somewhere.</summary>
    public static bool HasRoomForNote(string name) => System.Text.Encoding.UTF8.GetByteCount(name) + NoteEnding.Length <= LongestName;

    /// <summary>Explains something beside a task's file.</summary>
    public void Note(string folder, string task, string text) => Put(Path.Combine(root, folder, task + NoteEnding), System.Text.Encoding.UTF8.GetBytes(Output.Say.Clean(text) + "\n"));

    /// <summary>Takes away an explanation whose reason is gone; whether there was one.</summary>
    public bool Unnote(string folder, string task)
    {
        using var held = Within(folder);
        if (held is null || !File.Exists(held.PathOf(task + NoteEnding))) return false;
        File.Delete(held.PathOf(task + NoteEnding));
        return true;
    }

    /// <summary>The task that a file of this name would be of; null: its name is no task file's.</summary>
    public static string? TaskOf(string path) => Path.GetExtension(path) == Ending ? Path.GetFileNameWithoutExtension(path) : null;

    /// <summary>Lets what somebody wrote beside a task's file go along with it, unless something lies there already.</summary>
    public void CarryWords(string task, string from, string to)
    {
        var name = task + WordsEnding;
        using var source = Within(from);
        using var target = Within(to);
        if (source is null || target is null || !IsText(source.PathOf(name)) || Path.Exists(target.PathOf(name))) return;
        try
        {
            File.Move(source.PathOf(name), target.PathOf(name));
        }
        catch (FileNotFoundException)
        {
            // Taken away by whoever wrote it.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(source.Named(target.Named(e.Message)), e);
        }
    }

    /// <summary>Takes away what somebody wrote beside a task's file and what has been heard; it is kept apart.</summary>
    public void KeepWords(string task, string folder)
    {
        using var held = Within(folder);
        if (held is not null && IsText(held.PathOf(task + WordsEnding))) Keep(held, task + WordsEnding, task, WordsEnding);
    }

    // A folder to look into; null: nothing of ours is there. Its name is what a file says of itself, which anybody can write.
    private HeldFolder? Within(string folder)
    {
        if (Path.GetFileName(folder) != folder || folder.Contains('\0') || folder is "" || System.Text.Encoding.UTF8.GetByteCount(folder) > LongestName || folder.StartsWith('.')) return null;
        try
        {
            return HeldFolder.Find(Path.Combine(root, folder));
        }
        catch (NoFolderException)
        {
            return null;   // Behind a link lies nothing of ours.
        }
    }

    /// <summary>What somebody wrote beside a task's file, in one of these folders; null: nothing.</summary>
    public string? Words(string task, params IReadOnlyList<string> folders)
    {
        foreach (var folder in folders)
        {
            using var held = Within(folder);
            if (held is null || !IsText(held.PathOf(task + WordsEnding)) || Read(held, task + WordsEnding) is not { } bytes) continue;
            var text = System.Text.Encoding.UTF8.GetString(bytes).Trim();
            if (text.Length > 0) return text.Length <= LongestWords ? text : text[..(LongestWords - 1)] + "…";
        }

        return null;
    }

    private static bool IsText(string path) => new FileInfo(path) is { Exists: true, LinkTarget: null } && !WorkspacePaths.IsOtherThanFile(path);
}
