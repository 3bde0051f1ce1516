using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Slaps.Core.Plans;
using Slaps.Runtime.State;

namespace Slaps.Runtime.Processes;

/// <summary>
/// A folder that is no link, kept open: what is done by its paths happens in this very folder, whatever has its name by then. For folders in which
/// others can put things, and in whose place they can put a link. Where the system is not Linux the name is judged, and then used.
/// </summary>
public sealed class HeldFolder : IDisposable
{
    private readonly string _path;
    private readonly string _way;
    private readonly SafeFileHandle? _open;

    private HeldFolder(string path, int descriptor)
    {
        _path = path;
        _way = descriptor < 0 ? path : $"/proc/self/fd/{descriptor}";
        _open = descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>The folder of this name; null when nothing has it.</summary>
    /// <param name="path">The folder; links on the way to it are followed, one in its own place is not.</param>
    /// <param name="isLinkFine">Whether it may be a link itself, because whoever named it meant that.</param>
    /// <exception cref="NoFolderException">It is a link or a file.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static HeldFolder? Find(string path, bool isLinkFine = false) => Find(path, path, isLinkFine);

    /// <summary>The folder of this name, made where it is missing, as well as those above it.</summary>
    /// <param name="path">As with <see cref="Find(string, bool)"/>.</param>
    /// <param name="mode">The rights of a new one; null: the usual ones.</param>
    /// <param name="isLinkFine">As with <see cref="Find(string, bool)"/>.</param>
    /// <exception cref="NoFolderException">It is a link or a file.</exception>
    /// <exception cref="IOException">It cannot be made or opened.</exception>
    public static HeldFolder Make(string path, UnixFileMode? mode = null, bool isLinkFine = false) => Make(path, path, mode, isLinkFine);

    /// <summary>A folder directly in this one; null when nothing has its name.</summary>
    /// <exception cref="NoFolderException">It is a link or a file.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public HeldFolder? FindIn(string name) => Find(PathOf(name), Path.Combine(_path, name), isLinkFine: false);

    /// <summary>A folder directly in this one, made where it is missing.</summary>
    /// <exception cref="NoFolderException">It is a link or a file.</exception>
    /// <exception cref="IOException">It cannot be made or opened.</exception>
    public HeldFolder MakeIn(string name, UnixFileMode? mode = null) => Make(PathOf(name), Path.Combine(_path, name), mode, isLinkFine: false);

    /// <summary>A path to something in this folder that leads there as long as it is held, for this process alone.</summary>
    public string PathOf(string name) => Path.Combine(_way, name);

    /// <summary>A file directly in this folder, to be read; null when nothing has its name. A link is not followed, and a pipe not waited for.</summary>
    /// <exception cref="IOException">It is no plain file, or cannot be read.</exception>
    public FileStream? OpenToRead(string name) => SystemCalls.OpenUnlocked(PathOf(name), toWrite: false) is { } file ? new FileStream(file, FileAccess.Read, bufferSize: 0) : null;

    /// <summary>A message of the system about something in this folder, with the path by which people know it.</summary>
    public string Named(string message) => message.Replace(_way + "/", _path + "/", StringComparison.Ordinal);

    /// <inheritdoc/>
    public void Dispose() => _open?.Dispose();

    private static HeldFolder Make(string way, string path, UnixFileMode? mode, bool isLinkFine)
    {
        if (Find(way, path, isLinkFine) is { } present) return present;
        if (mode is { } rights && !OperatingSystem.IsWindows()) Directory.CreateDirectory(way, rights);
        else Directory.CreateDirectory(way);

        // Asked again: a link that came meanwhile was enough for the call above.
        return Find(way, path, isLinkFine) ?? throw new IOException($"{Identifiers.Quote(path)} was taken away while it was made");
    }

    private static HeldFolder? Find(string way, string path, bool isLinkFine)
    {
        if (!OperatingSystem.IsLinux())
        {
            if (!isLinkFine && new FileInfo(way).LinkTarget is { } elsewhere) throw new NoFolderException(path, elsewhere);
            if (File.Exists(way)) throw new NoFolderException(path, target: null);
            return Directory.Exists(way) ? new HeldFolder(path, -1) : null;
        }

        // For asking only, so nothing that lies here is woken: a link is opened as what it is.
        var descriptor = LibC.Open(way, LibC.PathOnly | LibC.CloseOnExec | (isLinkFine ? 0 : LibC.NoFollow));
        if (descriptor < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            return error == LibC.NotFound ? null : throw new IOException($"{Identifiers.Quote(path)} cannot be opened: {LibC.Describe(error)}");
        }

        if (LibC.Facts(descriptor) is { IsDirectory: true }) return new HeldFolder(path, descriptor);
        LibC.Close(descriptor);
        throw new NoFolderException(path, LibC.LinkTarget(way));
    }
}

/// <summary>Something else has the name of a folder; the message says what, as a sentence without its end.</summary>
/// <param name="path">The name.</param>
/// <param name="target">Where it leads, when it is a link.</param>
public sealed class NoFolderException(string path, string? target)
    : IOException(target is null ? $"{Identifiers.Quote(path)} is no folder" : $"{Identifiers.Quote(path)} is a link to {Identifiers.Quote(target)}")
{
    /// <summary>Whether it is a link, to whatever.</summary>
    public bool IsLink => target is not null;
}
