using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Slaps.Core.Execution;

namespace Slaps.Runtime.Processes;

/// <summary>What the kernel says about the machine's processes (<c>/proc</c>).</summary>
internal static unsafe class ProcessTable
{
    /// <summary>Names this boot of the machine: start times are counted from it.</summary>
    public static string BootId { get; } = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>One process at one moment.</summary>
    /// <param name="Pid">Its id.</param>
    /// <param name="State">What it does, as the kernel's letter.</param>
    /// <param name="Parent">Who started it, or adopted it.</param>
    /// <param name="Group">Its process group.</param>
    /// <param name="Session">Its session.</param>
    /// <param name="StartTicks">When it began, in clock ticks since the machine did.</param>
    /// <param name="CpuTicks">How long it has computed, in clock ticks: a hundred a second.</param>
    /// <param name="ResidentPages">How much memory it has, in pages.</param>
    public readonly record struct Entry(int Pid, char State, int Parent, int Group, int Session, long StartTicks, long CpuTicks, long ResidentPages)
    {
        /// <summary>Ended, and only waits for its parent to ask how.</summary>
        public bool HasEnded => State is 'Z' or 'X' or 'x';
    }

    /// <summary>The process with this id; null when there is none.</summary>
    public static Entry? Find(int pid)
    {
        Span<byte> path = stackalloc byte[32];
        Utf8.TryWrite(path, $"/proc/{pid}/stat\0", out _);
        Span<byte> content = stackalloc byte[1024];
        int length;
        fixed (byte* p = path, c = content)
        {
            var descriptor = LibC.Open(p, LibC.ReadOnly | LibC.CloseOnExec, 0);
            if (descriptor < 0) return null;
            length = (int)LibC.Read(descriptor, c, content.Length);
            LibC.Close(descriptor);
        }

        if (length <= 0) return null;
        var text = content[..length];

        // The name in parentheses may hold anything, parentheses and spaces too: the fields begin after the last one.
        var rest = text[(text.LastIndexOf((byte)')') + 2)..];
        var fields = new Fields(rest);
        var state = (char)fields.Next()[0];
        var parent = (int)Number(fields.Next());
        var group = (int)Number(fields.Next());
        var session = (int)Number(fields.Next());
        for (var skip = 7; skip <= 13; skip++) fields.Next();
        var cpu = Number(fields.Next()) + Number(fields.Next());
        for (var skip = 16; skip <= 21; skip++) fields.Next();
        var start = Number(fields.Next());
        fields.Next();
        return new Entry(pid, state, parent, group, session, start, cpu, Number(fields.Next()));
    }

    /// <summary>Whether this very process still runs.</summary>
    public static bool IsAlive(ProcessIdentity identity) =>
        identity.BootId == BootId && Find(identity.Pid) is { HasEnded: false } entry && entry.StartTicks == identity.StartTicks;

    /// <summary>All processes now.</summary>
    public static IEnumerable<Entry> All()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && Find(pid) is { } entry)
                yield return entry;
        }
    }

    /// <summary>The value that the variable had when the process began; null when it had none or may not be read.</summary>
    public static string? StartVariable(int pid, string name)
    {
        var content = ReadSmall($"/proc/{pid}/environ", 4 << 20);
        var wanted = Encoding.UTF8.GetBytes(name + "=");
        foreach (var range in content.AsSpan().Split((byte)0))
        {
            var entry = content.AsSpan()[range];
            if (entry.StartsWith(wanted)) return Encoding.UTF8.GetString(entry[wanted.Length..]);
        }

        return null;
    }

    /// <summary>Files that the process holds open for writing only, as an attempt holds its output file; a reader of it is somebody else.</summary>
    public static IEnumerable<string> FilesWritten(int pid)
    {
        string[] links;
        try
        {
            links = Directory.GetFileSystemEntries($"/proc/{pid}/fd");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or it is somebody else's.
            yield break;
        }

        foreach (var link in links)
        {
            if (LibC.LinkTarget(link) is not ['/', ..] target) continue;
            var flags = Encoding.ASCII.GetString(ReadSmall($"/proc/{pid}/fdinfo/{Path.GetFileName(link)}", 4096))
                .Split('\n').FirstOrDefault(line => line.StartsWith("flags:", StringComparison.Ordinal));

            // Octal, like "flags:	02101001"; the last digit's low bits are the access mode.
            if (flags is not null && ((flags[^1] - '0') & 3) == LibC.WriteOnly) yield return target;
        }
    }

    /// <summary>At most <paramref name="limit"/> bytes of a small file of the kernel or of ours; empty when it cannot be read. A pipe in its place is not waited for.</summary>
    public static byte[] ReadSmall(string path, int limit)
    {
        var descriptor = LibC.Open(path, LibC.ReadOnly | LibC.CloseOnExec | LibC.NoFollow | LibC.NonBlocking);
        if (descriptor < 0) return [];
        try
        {
            var buffer = new byte[4096];
            var length = 0;
            while (length < limit)
            {
                if (length == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
                nint read;
                fixed (byte* p = buffer) read = LibC.Read(descriptor, p + length, buffer.Length - length);
                if (read <= 0) break;
                length += (int)read;
            }

            return buffer.AsSpan(0, length).ToArray();
        }
        finally
        {
            LibC.Close(descriptor);
        }
    }

    private static long Number(ReadOnlySpan<byte> digits) => long.Parse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    private ref struct Fields(ReadOnlySpan<byte> text)
    {
        private ReadOnlySpan<byte> _rest = text;

        public ReadOnlySpan<byte> Next()
        {
            var end = _rest.IndexOf((byte)' ');
            var field = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[(end + 1)..];
            return field;
        }
    }
}
