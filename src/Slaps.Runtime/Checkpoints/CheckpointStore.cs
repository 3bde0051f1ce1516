using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Processes;
using Slaps.Runtime.Verification;

namespace Slaps.Runtime.Checkpoints;

/// <summary>
/// What was kept of tasks: <c>FOLDER/EXECUTION/TASK/N/files/…</c> with the hash of each file in <c>N/files.json</c>. A checkpoint is there as a
/// whole or not at all. Nothing outside of the workspace is read or written, whatever links a task puts there. Any thread may use it.
/// </summary>
/// <param name="folder">Holds all checkpoints, as an absolute path.</param>
/// <param name="workspace">The folder that tasks work in, as an absolute path.</param>
public sealed class CheckpointStore(string folder, string workspace)
{
    /// <summary>The most that one checkpoint holds, in bytes.</summary>
    public const long MostBytes = 4L << 30;

    private const int MostFiles = 100_000;
    private const int MostNumber = 1_000_000_000;
    private const string FilesFolder = "files";
    private const string ListName = "files.json";
    private const string NoFolder = "the folder of its files is a folder no more";
    private const UnixFileMode Mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly string TooMany = $"there are more than {MostFiles:N0} files to keep";
    private static readonly string TooLarge = $"its files are larger than {MostBytes >> 30} GiB together";
    private static readonly EnumerationOptions WithoutLinks = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false };

    /// <summary>Where the files of a checkpoint lie.</summary>
    public static string FilesOf(string folder, ExecutionId execution, TaskId task, int number) => Path.Combine(FolderOf(folder, execution, task, number), FilesFolder);

    /// <summary>Keeps what the plan says of a task. Null with the end of a sentence: nothing was kept.</summary>
    /// <param name="execution">Which execution.</param>
    /// <param name="task">Which task.</param>
    /// <param name="files">What it declares, relative to its working directory.</param>
    /// <param name="fill">Writes more into the folder that it is given; the end of a sentence: it could not.</param>
    /// <param name="trouble">Why nothing was kept.</param>
    public KeptFiles? Keep(ExecutionId execution, PlanTask task, IReadOnlyList<string> files, Func<string, string?>? fill, out string? trouble)
    {
        trouble = null;
        HeldFolder? all = null, begun = null;
        var name = "";
        try
        {
            all = Hold(execution, task.Id, isMade: true)!;
            var number = Numbers(all.PathOf(".")).DefaultIfEmpty(0).Max() + 1;
            name = $".{number}.begun";
            if (Directory.Exists(all.PathOf(name))) Directory.Delete(all.PathOf(name), recursive: true);
            begun = all.MakeIn(name, Mine);
            var target = begun.PathOf(FilesFolder);
            Make(target);
            var found = new List<string>();
            foreach (var declared in files) Collect(WorkdirOf(task), declared, found);
            long bytes = 0;
            foreach (var file in found.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)) bytes += Copy(file, Path.Combine(target, file), bytes);
            if (fill?.Invoke(Path.Combine(folder, execution.Value, task.Id.Value, name, FilesFolder)) is { } failed) throw new CheckpointException(failed);

            var list = ListOf(target);
            if (list.Count == 0) throw new CheckpointException("there is nothing to keep: none of its files is there");
            var text = Write(list);
            if (PlainFile.Replace(begun.PathOf(ListName), text) is { } refused) throw new CheckpointException(refused);
            Synchronise(begun.PathOf("."));
            if (LibC.Rename(all.PathOf(name), all.PathOf(number.ToString(CultureInfo.InvariantCulture))) != 0) throw new CheckpointException(LibC.Describe(Marshal.GetLastPInvokeError()));
            Flush(all.PathOf("."));
            return new KeptFiles(number, list.Count, list.Sum(file => file.Bytes), Convert.ToHexStringLower(SHA256.HashData(text)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CheckpointException)
        {
            var message = all?.Named(e.Message) ?? e.Message;
            trouble = (begun?.Named(message) ?? message).TrimEnd('.');
            if (all is not null && name.Length > 0) Remove(all.PathOf(name));
            return null;
        }
        finally
        {
            begun?.Dispose();
            all?.Dispose();
        }
    }

    /// <summary>Puts the declared files of a checkpoint back. Null, or a sentence: then nothing was put back, or not all.</summary>
    public string? Restore(ExecutionId execution, PlanTask task, Checkpoint checkpoint)
    {
        try
        {
            using var place = Hold(execution, task.Id, checkpoint.Kept.Number);

            // All of it is looked at before anything is written: half of a checkpoint is none.
            if (Changed(place, checkpoint) is { } changed) return $"{checkpoint.Id} of {task.Id} cannot be used: {changed}. `tasks checkpoints list` shows the others, `tasks restore {task.Id} --checkpoint-id ID` chooses one; nothing was put back.";
            var spec = CheckpointSpec.Of(task);
            var files = place!.PathOf(FilesFolder);
            var roots = (spec?.Files ?? []).Select(name => Relative(WorkdirOf(task), name)).ToList();

            // What a program wrote is for the next attempt to read (TASKS_CHECKPOINT): only declared files have a place in the workspace.
            var kept = ListOf(files, hash: false);
            var back = kept.FindAll(file => roots.Exists(root => root is "." || file.Path == root || file.Path.StartsWith(root + "/", StringComparison.Ordinal)));
            foreach (var file in back) PutBack(files, file.Path);

            // Where a program writes too, all may be the program's. Else the plan was changed, and who begins would wrongly think that all is as it was.
            return back.Count > 0 || spec is null or { Files.Count: 0 } or { Argv.Count: > 0 } ? null :
                $"{checkpoint.Id} of {task.Id} holds none of the files that the plan names now, but {string.Join(", ", kept.Take(3).Select(file => Identifiers.Quote(file.Path)))}{(kept.Count > 3 ? " and others" : "")}: nothing was put back. " +
                $"Name them in execution_guidance.checkpoint as seen from the task's workdir, or begin with what is there by `tasks retry {task.Id}`.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CheckpointException or JsonException)
        {
            return $"The files of {checkpoint.Id} of {task.Id} cannot be put back: {e.Message.TrimEnd('.')}. Make room or correct the folder's rights, then `tasks retry {task.Id}`.";
        }
    }

    /// <summary>Why a checkpoint cannot be used, as a sentence; null when every file is as it was kept. Reads all of them.</summary>
    public string? Refuse(ExecutionId execution, TaskId task, Checkpoint checkpoint)
    {
        try
        {
            using var place = Hold(execution, task, checkpoint.Kept.Number);
            return Changed(place, checkpoint) is { } changed ? $"{checkpoint.Id} of {task} cannot be used: {changed}." : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CheckpointException or JsonException)
        {
            return $"{checkpoint.Id} of {task} cannot be used: {e.Message.TrimEnd('.')}.";
        }
    }

    /// <summary>Removes the folder of a checkpoint; one that is gone is as well. Null, or a sentence: a link leads to it, so it was not touched.</summary>
    public string? Drop(ExecutionId execution, TaskId task, int number)
    {
        try
        {
            using var all = Hold(execution, task, isMade: false);
            if (all is not null) Remove(all.PathOf(number.ToString(CultureInfo.InvariantCulture)));
            return null;
        }
        catch (IOException e)
        {
            return $"The files of checkpoint {number} of {task} were not removed: {e.Message.TrimEnd('.')}. Nobody needs them; remove by hand what is ours.";
        }
    }

    /// <summary>What is wrong or too much of what a program has written so far, as a part of a sentence; null: it may go on.</summary>
    /// <param name="files">The folder that it writes into.</param>
    internal static string? TooMuchIn(string files)
    {
        if (LibC.FactsOfLink(files) is not { IsDirectory: true }) return NoFolder;
        try
        {
            var (count, bytes) = (0, 0L);
            foreach (var file in Directory.EnumerateFiles(files, "*", WithoutLinks))
            {
                if (++count > MostFiles) return TooMany;
                if ((bytes += LibC.FactsOfLink(file)?.Size ?? 0) > MostBytes) return TooLarge;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It moves its files meanwhile; when it is done, all of them are looked at once more.
        }

        return null;
    }

    private static string FolderOf(string folder, ExecutionId execution, TaskId task, int number) =>
        Path.Combine(folder, execution.Value, task.Value, number.ToString(CultureInfo.InvariantCulture));

    // The folder of a task's checkpoints, one level after the other: a link in the place of any would have us write and remove elsewhere.
    private HeldFolder? Hold(ExecutionId execution, TaskId task, bool isMade)
    {
        var held = isMade ? HeldFolder.Make(folder, Mine) : HeldFolder.Find(folder);
        foreach (var name in (string[])[execution.Value, task.Value])
        {
            using var above = held;
            held = isMade ? above?.MakeIn(name, Mine) : above?.FindIn(name);
        }

        return held;
    }

    private HeldFolder? Hold(ExecutionId execution, TaskId task, int number)
    {
        using var all = Hold(execution, task, isMade: false);
        return all?.FindIn(number.ToString(CultureInfo.InvariantCulture));
    }

    private static string WorkdirOf(PlanTask task) => WorkspacePaths.WorkdirOf(task.Run);

    // A number that no task gets to is not ours: nothing could follow it.
    private static IEnumerable<int> Numbers(string all) =>
        Directory.EnumerateDirectories(all).Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < MostNumber ? number : 0);

    private static string Relative(string workdir, string path) => Path.GetRelativePath("/", Path.GetFullPath(Path.Combine("/", workdir, path)));

    // The files below a declared path, relative to the workspace. Links inside of a folder are left out: what they lead to is declared by itself or not.
    private void Collect(string workdir, string declared, List<string> found)
    {
        var path = Relative(workdir, declared);
        if (WorkspacePath.IsState(path)) throw IsState(declared);
        var descriptor = WorkspacePaths.Open(workspace, path, out var real, out var trouble);
        if (descriptor < 0)
        {
            if (trouble == "does not exist") return;   // Not written yet.
            throw new CheckpointException($"{Identifiers.Quote(declared)} {trouble}");
        }

        var facts = LibC.Facts(descriptor);
        LibC.Close(descriptor);
        if (WorkspacePaths.IsState(workspace, real)) throw IsState(declared);
        if (facts is { IsRegular: true }) found.Add(path);
        if (facts is not { IsDirectory: true }) return;
        var state = WorkspacePaths.RealState(workspace);
        foreach (var inner in Directory.EnumerateDirectories(real, "*", WithoutLinks)) MustHaveName(real, inner);
        foreach (var file in Directory.EnumerateFiles(real, "*", WithoutLinks))
        {
            MustHaveName(real, file);

            // The state of tasks itself is nobody's work.
            if (state is not null && WorkspacePaths.IsInside(state, file)) continue;
            if (found.Count >= MostFiles) throw new CheckpointException(TooMany);
            found.Add(Path.Combine(path, Path.GetRelativePath(real, file)));
        }
    }

    // What has a name that is no text cannot be opened under the name that we read: it would be left out without a word.
    private static void MustHaveName(string below, string path)
    {
        if (path.Contains(char.ConvertFromUtf32(0xFFFD), StringComparison.Ordinal) && !Path.Exists(path))
            throw new CheckpointException($"the name of {Identifiers.Quote(Path.GetRelativePath(below, path))} is no text in UTF-8, so it cannot be kept");
    }

    private long Copy(string file, string target, long before)
    {
        var descriptor = WorkspacePaths.OpenFile(workspace, file, out var trouble);
        if (descriptor < 0) return trouble is "does not exist" or "is not a regular file" ? 0 : throw new CheckpointException($"{Identifiers.Quote(file)} {trouble}");
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (LibC.RealPath(descriptor) is not { } real || WorkspacePaths.IsState(workspace, real)) throw IsState(file);
        var bytes = RandomAccess.GetLength(handle);
        if (before + bytes > MostBytes) throw new CheckpointException(TooLarge);
        Make(Path.GetDirectoryName(target)!);

        // The file that was opened, whatever has its name now; the kernel shares its blocks where the file system can.
        File.Copy($"/proc/self/fd/{descriptor}", target);
        return bytes;
    }

    private void PutBack(string files, string path)
    {
        if (WorkspacePath.IsState(path)) throw IsState(path);
        var kept = WorkspacePaths.OpenFile(files, path, out var trouble);
        if (kept < 0) throw new CheckpointException($"{Identifiers.Quote(path)} {trouble}");
        using var from = new SafeFileHandle(kept, ownsHandle: true);
        var parent = OpenFolder(Path.GetDirectoryName(path) ?? "");
        try
        {
            // Written apart and moved in whole, under a name that nobody can have put a link at: it is new, and no one knows it before.
            var (name, fresh) = ($"/proc/self/fd/{parent}/{Path.GetFileName(path)}", $"/proc/self/fd/{parent}/.restored-{Guid.NewGuid():N}");
            if (Directory.Exists(name)) throw new CheckpointException($"{Identifiers.Quote(path)} is a folder now");
            try
            {
                File.Copy($"/proc/self/fd/{kept}", fresh, overwrite: false);
                if (LibC.Rename(fresh, name) != 0) throw new CheckpointException($"{Identifiers.Quote(path)}: {LibC.Describe(Marshal.GetLastPInvokeError())}");
            }
            catch
            {
                LibC.Unlink(fresh);
                throw;
            }
        }
        finally
        {
            LibC.Close(parent);
        }
    }

    // Folder by folder, each judged after it was opened: no link leads the next one out of the workspace or into the state.
    private int OpenFolder(string path)
    {
        var opened = WorkspacePaths.OpenWorkdir(workspace, ".", out _, out var reason);
        if (opened < 0) throw new CheckpointException(reason);
        var sofar = "";
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            sofar = Path.Combine(sofar, part);
            _ = LibC.MakeFolder($"/proc/self/fd/{opened}/{part}", 0x1ed);   // 0755; it may be there.
            LibC.Close(opened);
            opened = WorkspacePaths.OpenWorkdir(workspace, sofar, out var real, out reason);
            if (opened < 0) throw new CheckpointException(reason);
            if (!WorkspacePaths.IsState(workspace, real)) continue;
            LibC.Close(opened);
            throw IsState(sofar);
        }

        return opened;
    }

    // The end of a sentence, or null when every file is as it was kept.
    private static string? Changed(HeldFolder? place, Checkpoint checkpoint)
    {
        if (place is null || AttemptLog.OpenToRead(place.PathOf(ListName)) is not { } opened) return "its folder is not there any more";
        using var stream = opened;
        var text = new byte[stream.Length];
        stream.ReadExactly(text);
        if (Convert.ToHexStringLower(SHA256.HashData(text)) != checkpoint.Kept.Sha256) return "its list of files was changed";
        using var document = JsonDocument.Parse(text);
        var wanted = document.RootElement.EnumerateObject().ToDictionary(file => file.Name, file => file.Value.GetString(), StringComparer.Ordinal);
        var present = ListOf(place.PathOf(FilesFolder)).ToDictionary(file => file.Path, file => file.Sha256, StringComparer.Ordinal);
        if (wanted.FirstOrDefault(file => !present.ContainsKey(file.Key)).Key is { } missing) return $"its file {Identifiers.Quote(missing)} is missing";
        if (present.FirstOrDefault(file => wanted.GetValueOrDefault(file.Key) != file.Value).Key is { } other) return $"its file {Identifiers.Quote(other)} was changed since it was kept";
        return null;
    }

    private static List<(string Path, long Bytes, string Sha256)> ListOf(string files, bool hash = true)
    {
        if (LibC.FactsOfLink(files) is not { IsDirectory: true }) throw new CheckpointException(NoFolder);
        var list = new List<(string Path, long Bytes, string Sha256)>();
        var bytes = 0L;
        foreach (var file in Directory.EnumerateFiles(files, "*", WithoutLinks).Take(MostFiles + 1).Order(StringComparer.Ordinal))
        {
            if (list.Count == MostFiles) throw new CheckpointException(TooMany);

            // A pipe that a program left here would be read for ever.
            var path = Path.GetRelativePath(files, file);
            var descriptor = WorkspacePaths.OpenFile(files, path, out var trouble);
            if (descriptor < 0) throw new CheckpointException($"{Identifiers.Quote(path)} {trouble}");
            using var stream = new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.Read);
            if ((bytes += stream.Length) > MostBytes) throw new CheckpointException(TooLarge);
            list.Add((path, stream.Length, hash ? Convert.ToHexStringLower(SHA256.HashData(stream)) : ""));
        }

        return list;
    }

    private static byte[] Write(List<(string Path, long Bytes, string Sha256)> list)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            foreach (var (path, _, sha) in list) json.WriteString(path, sha);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void Synchronise(string begun)
    {
        foreach (var file in Directory.EnumerateFiles(begun, "*", WithoutLinks)) Flush(file);
        foreach (var inner in Directory.EnumerateDirectories(begun, "*", WithoutLinks)) Flush(inner);
        Flush(begun);
    }

    private static void Flush(string path)
    {
        var descriptor = LibC.Open(path, LibC.ReadOnly | LibC.CloseOnExec | LibC.NoFollow | LibC.NonBlocking);
        var error = descriptor < 0 || LibC.Synchronise(descriptor) != 0 ? Marshal.GetLastPInvokeError() : 0;
        if (descriptor >= 0) LibC.Close(descriptor);
        if (error != 0) throw new CheckpointException($"{path}: {LibC.Describe(error)}");
    }

    private static void Make(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, Mine);
    }

    private static void Remove(string path)
    {
        try
        {
            if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What is left takes room and misleads nobody: no event names it, and the next one takes another number.
        }
    }

    private static CheckpointException IsState(string path) => new($"{Identifiers.Quote(path)} is the state of tasks itself");

    private sealed class CheckpointException(string message) : Exception(message);
}
