using System.Globalization;
using Slaps.Runtime.Processes;

namespace Slaps.Runtime.Failures;

/// <summary>
/// How many processes the kernel has killed for their memory: in our own control group where it says so (memory.events of version 2,
/// memory.oom_control of version 1), else on the whole machine (/proc/vmstat).
/// </summary>
public static class MemoryKills
{
    private static readonly string[] Places = [.. Find()];

    /// <summary>The count so far; 0 where the kernel does not say.</summary>
    public static long Count()
    {
        foreach (var place in Places)
        {
            if (Read(place) is { } count) return count;
        }

        return 0;
    }

    /// <summary>The number behind <c>oom_kill</c>; null where there is none.</summary>
    internal static long? CountIn(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith("oom_kill ", StringComparison.Ordinal) && long.TryParse(line.AsSpan(9).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var count)) return count;
        }

        return null;
    }

    private static IEnumerable<string> Find()
    {
        foreach (var line in (Text("/proc/self/cgroup") ?? "").Split('\n'))
        {
            if (line.StartsWith("0::", StringComparison.Ordinal)) yield return $"/sys/fs/cgroup{line[3..].TrimEnd('/')}/memory.events";
            else if (line.Split(':') is [_, "memory", var group]) yield return $"/sys/fs/cgroup/memory{group.TrimEnd('/')}/memory.oom_control";
        }

        yield return "/proc/vmstat";
    }

    private static long? Read(string place) => Text(place) is { } text ? CountIn(text) : null;

    private static string? Text(string path)
    {
        if (AttemptLog.OpenToRead(path) is not { } file) return null;
        try
        {
            using var reader = new StreamReader(file);
            return reader.ReadToEnd();
        }
        catch (IOException)
        {
            return null;   // A control group that is just being removed says nothing any more.
        }
    }
}
