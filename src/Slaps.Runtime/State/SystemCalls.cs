using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Slaps.Runtime.Processes;

namespace Slaps.Runtime.State;

/// <summary>The few calls to the operating system that .NET does not offer and that keeping the state to one user and one process needs.</summary>
internal static unsafe partial class SystemCalls
{
    private const int LockExclusive = 2, LockNow = 4;
    private const int Interrupted = 4, NoPermission = 1;
    private const int CurrentDirectory = -100, NoFollow = 0x100, UserField = 0x8;
    private static readonly int WouldBlock = OperatingSystem.IsMacOS() ? 35 : 11;

    /// <summary>The user this process acts for.</summary>
    public static uint EffectiveUser => GetEffectiveUser();

    /// <summary>
    /// Opens a file without locking it, made with mode 0600 when it is missing and <paramref name="toWrite"/>; children do not inherit it.
    /// Null when it is missing. No link is followed, and a pipe, a device or a folder in its place is refused: a repository can carry a link
    /// that leads anywhere. FileStream would take a lock of its own in every sharing mode, and one that only reads could then take the
    /// lock away from one that means it.
    /// </summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static SafeFileHandle? OpenUnlocked(string path, bool toWrite)
    {
        const int ReadWrite = 2, UserReadsAndWrites = 0x180, NoSuchFile = 2;
        const string NoFile = "it is a link, a pipe, a device or a folder, and only a plain file is used here; remove it";
        var plain = OperatingSystem.IsMacOS() ? 0x104 : LibC.NoFollow | LibC.NonBlocking;
        var closeOnExec = OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;
        var create = OperatingSystem.IsMacOS() ? 0x200 : 0x40;
        int descriptor;
        do
        {
            descriptor = Open(path, closeOnExec | plain | (toWrite ? ReadWrite | create : 0), UserReadsAndWrites);
        }
        while (descriptor < 0 && Marshal.GetLastPInvokeError() == Interrupted);

        if (descriptor >= 0)
        {
            var file = new SafeFileHandle(descriptor, ownsHandle: true);
            if (!OperatingSystem.IsLinux() || LibC.Facts(descriptor) is { IsRegular: true }) return file;
            file.Dispose();
            throw new IOException(NoFile);
        }

        var error = Marshal.GetLastPInvokeError();
        if (LibC.FactsOfLink(path) is { IsRegular: false }) throw new IOException(NoFile);
        return error == NoSuchFile && !toWrite ? null : throw new IOException(Marshal.GetPInvokeErrorMessage(error));
    }

    /// <summary>
    /// Takes the file's lock unless another open file has it; the kernel lets go when the last copy of this handle is closed, in whatever way
    /// the process ends. FileShare.None would do the same, but it stays silent where the file system knows no locks.
    /// </summary>
    /// <exception cref="IOException">The file system cannot lock.</exception>
    public static bool TryLock(SafeFileHandle file)
    {
        while (Lock(file, LockExclusive | LockNow) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == WouldBlock) return false;
            if (error != Interrupted) throw new IOException(Marshal.GetPInvokeErrorMessage(error));
        }

        return true;
    }

    /// <summary>Waits, for as long as it takes, until the file's lock is free, and takes it.</summary>
    /// <exception cref="IOException">The file system cannot lock.</exception>
    public static void WaitForLock(SafeFileHandle file)
    {
        while (Lock(file, LockExclusive) != 0)
        {
            if (Marshal.GetLastPInvokeError() is var error && error != Interrupted) throw new IOException(Marshal.GetPInvokeErrorMessage(error));
        }
    }

    /// <summary>Whether an open file has no name any more.</summary>
    public static bool IsRemoved(SafeFileHandle file) => OperatingSystem.IsLinux() && LibC.Facts((int)file.DangerousGetHandle()) is { Links: 0 };

    /// <summary>Whether a process with this number exists, whoever owns it.</summary>
    public static bool IsAlive(int pid) => pid > 0 && (Kill(pid, 0) == 0 || Marshal.GetLastPInvokeError() == NoPermission);

    /// <summary>The path without symbolic links; null when something of it does not exist.</summary>
    public static string? RealPath(string path)
    {
        const int Longest = 4096;   // PATH_MAX, with its final zero.
        var buffer = stackalloc byte[Longest];
        return RealPath(path, buffer) == null ? null : Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(buffer));
    }

    /// <summary>The user that a file or folder belongs to, of a symbolic link itself; null where this system does not tell.</summary>
    public static uint? OwnerOf(string path)
    {
        if (!OperatingSystem.IsLinux()) return null;
        Span<byte> status = stackalloc byte[256];   // struct statx has this size and layout on every architecture.
        fixed (byte* start = status)
        {
            if (StatX(CurrentDirectory, path, NoFollow, UserField, start) != 0) return null;
        }

        return BinaryPrimitives.ReadUInt32LittleEndian(status[20..]) is var user && BitConverter.IsLittleEndian
            ? user
            : BinaryPrimitives.ReverseEndianness(user);
    }

    /// <summary>The user at the other end of a connected local socket, as the kernel noted it when it connected; null where this system does not tell.</summary>
    public static uint? PeerOf(SafeHandle socket)
    {
        if (OperatingSystem.IsLinux())
        {
            const int SocketLevel = 1, PeerCredentials = 17;
            var credentials = stackalloc uint[3];   // pid, uid, gid
            var length = 3 * sizeof(uint);
            return GetSocketOption(socket, SocketLevel, PeerCredentials, credentials, ref length) == 0 ? credentials[1] : null;
        }

        return OperatingSystem.IsMacOS() && GetPeer(socket, out var user, out _) == 0 ? user : null;
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    private static partial byte* RealPath(string path, byte* resolved);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint fields, byte* status);

    [LibraryImport("libc", EntryPoint = "getsockopt")]
    private static partial int GetSocketOption(SafeHandle socket, int level, int option, uint* value, ref int length);

    [LibraryImport("libc", EntryPoint = "getpeereid")]
    private static partial int GetPeer(SafeHandle socket, out uint user, out uint group);
}
