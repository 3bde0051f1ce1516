using System.Runtime.InteropServices;

namespace Slaps.Runtime.Processes;

/// <summary>The calls of the C library that .NET does not offer. Constants are those of Linux that are the same on x86-64 and arm64.</summary>
internal static unsafe partial class LibC
{
    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int Truncate = 0x200;
    public const int Append = 0x400;
    public const int NonBlocking = 0x800;
    public const int CloseOnExec = 0x80000;

    /// <summary>O_NOFOLLOW, which is one of the few flags that differ between processors.</summary>
    public static readonly int NoFollow = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x8000 : 0x20000;
    public const int PathOnly = 0x200000;

    public const int SigKill = 9;
    public const int SigTerm = 15;
    public const int SigChild = 17;
    public const int SigContinue = 18;

    public const int NotFound = 2;
    public const int Interrupted = 4;
    public const int NotExecutable = 8;
    public const int NoChild = 10;
    public const int TryAgain = 11;
    public const int OutOfMemory = 12;
    public const int AccessDenied = 13;
    public const int NotADirectory = 20;
    public const int TextBusy = 26;

    public const int Exited = 4;
    public const int LeaveWaitable = 0x0100_0000;

    /// <summary>What one wait call says about a child that ended.</summary>
    public readonly record struct Ended(int Status, double CpuSeconds, long MaxResidentBytes);

    /// <summary>What statx says of a file.</summary>
    /// <param name="Mode">Type and rights.</param>
    /// <param name="Owner">The user's number.</param>
    /// <param name="Size">In bytes.</param>
    /// <param name="AllocatedBytes">On the disk.</param>
    /// <param name="ModifiedAt">When its content changed last, in microseconds since 1970; the kernel's clock for it may be some milliseconds late.</param>
    /// <param name="Links">How many names the file has; 0 once it was removed.</param>
    public readonly record struct FileFacts(uint Mode, uint Owner, long Size, long AllocatedBytes, long ModifiedAt, uint Links)
    {
        public bool IsDirectory => (Mode & 0xF000) == 0x4000;

        public bool IsRegular => (Mode & 0xF000) == 0x8000;
    }

    /// <summary>The descriptor, or -1; see <see cref="Marshal.GetLastPInvokeError"/>.</summary>
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, uint mode = 0);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    public static partial int Open(byte* path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial void Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    public static partial nint ReadAt(int descriptor, byte* buffer, nint count, long offset);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventDescriptor(uint value, int flags);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(long* descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ReadClock(int clock, long* time);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint WriteAt(int descriptor, byte* buffer, nint count, long offset);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int SetLength(int descriptor, long length);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    public static partial int Allocate(int descriptor, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unlink(string path);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Rename(string from, string to);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Synchronise(int descriptor);

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MakeFolder(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Access(string path, int mode);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "getpid")]
    public static partial int ProcessId();

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint UserId();

    [LibraryImport("libc", EntryPoint = "signal")]
    public static partial nint SetHandler(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    public static partial int ProcessControl(int option, nuint value, nuint unused1, nuint unused2, nuint unused3);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    public static partial void FillSignalSet(byte* set);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    public static partial void EmptySignalSet(byte* set);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    public static partial int InitAttributes(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    public static partial int SetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial int SetDefaultSignals(byte* attributes, byte* set);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    public static partial int SetSignalMask(byte* attributes, byte* set);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    public static partial int InitActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial void DestroyActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int AddOpen(byte* actions, int descriptor, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int AddDuplicate(byte* actions, int descriptor, int target);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addfchdir_np")]
    public static partial int AddChangeDirectory(byte* actions, int descriptor);

    /// <summary>Returns an error number; it does not set errno.</summary>
    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Spawn(out int pid, string path, byte* actions, byte* attributes, byte** argv, byte** environment);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static partial int WaitId(int idType, uint id, byte* info, int options);

    [LibraryImport("libc", EntryPoint = "wait4", SetLastError = true)]
    private static partial int Wait4(int pid, int* status, int options, byte* usage);

    [LibraryImport("libc", EntryPoint = "readlink", SetLastError = true)]
    private static partial nint ReadLink(byte* path, byte* buffer, nint size);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int StatX(int directory, byte* path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint a, nint b, nint c, nint d);

    /// <summary>glibc has it since 2.34, musl has not; without it descriptors that somebody opened without close-on-exec reach the child.</summary>
    public static readonly delegate* unmanaged<byte*, int, int> AddCloseFrom =
        NativeLibrary.TryLoad("libc.so.6", out var library) && NativeLibrary.TryGetExport(library, "posix_spawn_file_actions_addclosefrom_np", out var export)
            ? (delegate* unmanaged<byte*, int, int>)export
            : null;

    /// <summary>Whether there is something to read within so many milliseconds.</summary>
    public static bool WaitToRead(int descriptor, int milliseconds)
    {
        // A pollfd is {int fd; short events; short revents}; POLLIN is 1.
        var wanted = (uint)descriptor | (1L << 32);
        return Poll(&wanted, 1, milliseconds) > 0;
    }

    /// <summary>Whether the other end of a pipe, socket or terminal is closed, so that nobody reads what is written to it.</summary>
    public static bool IsHungUp(int descriptor)
    {
        // As above; POLLERR is 8 and POLLHUP is 16, and both are told without being asked for.
        var asked = (long)(uint)descriptor;
        return Poll(&asked, 1, 0) > 0 && ((asked >> 48) & (8 | 16)) != 0;
    }

    /// <summary>The time since the machine began, with the time it slept, in clock ticks as /proc gives start times: a hundred a second.</summary>
    public static long BootTicks()
    {
        const int bootTime = 7;
        var time = stackalloc long[2];
        if (ReadClock(bootTime, time) != 0) return 0;
        return (time[0] * 100) + (time[1] / 10_000_000);
    }

    /// <summary>Waits until any child has ended and leaves it unreaped, so that its id and its group's id cannot be used again yet. -1: no child.</summary>
    public static int WaitForAnyEnded()
    {
        var info = stackalloc byte[128];
        while (true)
        {
            if (WaitId(0, 0, info, Exited | LeaveWaitable) == 0) return *(int*)(info + 16);
            var error = Marshal.GetLastPInvokeError();
            if (error == NoChild) return -1;
            if (error != Interrupted) throw new InvalidOperationException($"Waiting for child processes failed: {Describe(error)}.");
        }
    }

    /// <summary>Reaps an ended child. False: it was not ours to reap.</summary>
    public static bool Reap(int pid, out Ended ended)
    {
        int status;
        var usage = stackalloc byte[256];
        int reaped;
        do reaped = Wait4(pid, &status, 0, usage);
        while (reaped < 0 && Marshal.GetLastPInvokeError() == Interrupted);
        if (reaped != pid)
        {
            ended = default;
            return false;
        }

        var times = (long*)usage;
        var cpu = times[0] + times[2] + ((times[1] + times[3]) / 1e6);
        ended = new Ended(status, cpu, times[4] * 1024);
        return true;
    }

    /// <summary>Facts about a path, following links; null when it is not there.</summary>
    public static FileFacts? Facts(string path)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(path + '\0');
        fixed (byte* p = bytes) return Facts(-100, p, 0);
    }

    /// <summary>Facts about a path, of a symbolic link itself; null when it is not there.</summary>
    public static FileFacts? FactsOfLink(string path)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(path + '\0');
        fixed (byte* p = bytes) return Facts(-100, p, 0x100);
    }

    /// <summary>Facts about an open file.</summary>
    public static FileFacts? Facts(int descriptor)
    {
        byte empty = 0;
        return Facts(descriptor, &empty, 0x1000);
    }

    /// <summary>Where an open file lies now, with every link resolved; null when the kernel cannot say.</summary>
    public static string? RealPath(int descriptor) => LinkTarget($"/proc/self/fd/{descriptor}");

    /// <summary>What a symbolic link holds; null when it is none or may not be read.</summary>
    public static string? LinkTarget(string path)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(path + '\0');
        var buffer = stackalloc byte[4097];
        fixed (byte* p = bytes)
        {
            var length = ReadLink(p, buffer, 4096);
            return length < 0 ? null : System.Text.Encoding.UTF8.GetString(buffer, (int)length);
        }
    }

    /// <summary>Kills exactly the process that <paramref name="stillTheSame"/> recognises while a descriptor keeps its id from meaning another one.</summary>
    public static bool KillExactly(int pid, Func<bool> stillTheSame)
    {
        const int pidfdOpen = 434, pidfdSendSignal = 424;
        var descriptor = (int)SystemCall(pidfdOpen, pid, 0, 0, 0);

        // A kernel before 5.3: the ids are compared all the same, only without the guarantee.
        if (descriptor < 0) return stillTheSame() && Kill(pid, SigKill) == 0;
        try
        {
            return stillTheSame() && SystemCall(pidfdSendSignal, descriptor, SigKill, 0, 0) == 0;
        }
        finally
        {
            Close(descriptor);
        }
    }

    /// <summary>Writes all bytes at the end of an open file. False: the disk refused, see <see cref="Marshal.GetLastPInvokeError"/>.</summary>
    public static bool WriteAll(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            nint done = 0;
            while (done < bytes.Length)
            {
                var written = Write(descriptor, start + done, bytes.Length - done);
                if (written < 0 && Marshal.GetLastPInvokeError() == Interrupted) continue;
                if (written <= 0) return false;
                done += written;
            }
        }

        return true;
    }

    /// <summary>The error in the system's words.</summary>
    public static string Describe(int error) => $"{Marshal.GetPInvokeErrorMessage(error)} (error {error})";

    private static FileFacts? Facts(int directory, byte* path, int flags)
    {
        // STATX_TYPE | MODE | NLINK | UID | MTIME | SIZE | BLOCKS
        var buffer = stackalloc byte[256];
        if (StatX(directory, path, flags, 0x1 | 0x2 | 0x4 | 0x8 | 0x40 | 0x200 | 0x400, buffer) != 0) return null;
        return new FileFacts(*(ushort*)(buffer + 28), *(uint*)(buffer + 20), *(long*)(buffer + 40), *(long*)(buffer + 48) * 512,
            (*(long*)(buffer + 112) * 1_000_000) + (*(uint*)(buffer + 120) / 1_000), *(uint*)(buffer + 16));
    }
}
