using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Slaps.Runtime.Processes;

/// <summary>What the machine and some sessions on it used between two looks.</summary>
/// <param name="CpuShare">How much of all processors was busy, 0 to 1; null at the first look and where the kernel does not say.</param>
/// <param name="MemoryShare">How much of the memory is not available any more, 0 to 1; null where the kernel does not say.</param>
/// <param name="Sessions">By session id, those that live.</param>
public sealed record UsageSample(double? CpuShare, double? MemoryShare, IReadOnlyDictionary<int, SessionUsage> Sessions)
{
    /// <summary>Nothing is known.</summary>
    public static UsageSample Unknown { get; } = new(null, null, new Dictionary<int, SessionUsage>());
}

/// <summary>What the living processes of a session used together.</summary>
/// <param name="Cores">Processors that were busy with them on average; null at the session's first look.</param>
/// <param name="ResidentBytes">Memory; what they share counts once for each.</param>
public readonly record struct SessionUsage(double? Cores, long ResidentBytes);

/// <summary>
/// Measures by comparing with its last look, so each caller has one of its own and looks about once a second; between looks it costs
/// nothing. An attempt is a session (<see cref="ProcessWorkers"/>). Only where there is /proc. Not for several threads at once.
/// </summary>
public sealed class UsageSampler
{
    private const double TicksPerSecond = 100;

    private Dictionary<(int Pid, long Start), long> _ticks = [];
    private HashSet<int> _known = [];
    private long _lookedAt = Stopwatch.GetTimestamp();
    private (long Busy, long All)? _processors;

    /// <summary>What was used since the last look.</summary>
    /// <param name="sessions">Ids of the sessions that are asked about.</param>
    public UsageSample Look(IReadOnlySet<int> sessions)
    {
        if (!OperatingSystem.IsLinux()) return UsageSample.Unknown;
        var now = Stopwatch.GetTimestamp();
        var seconds = Stopwatch.GetElapsedTime(_lookedAt, now).TotalSeconds;
        _lookedAt = now;
        return new UsageSample(Processors(), Memory(), sessions.Count == 0 ? Forget() : Sessions(sessions, seconds));
    }

    private Dictionary<int, SessionUsage> Forget()
    {
        (_ticks, _known) = ([], []);
        return [];
    }

    private Dictionary<int, SessionUsage> Sessions(IReadOnlySet<int> sessions, double seconds)
    {
        var ticks = new Dictionary<(int Pid, long Start), long>();
        var found = new Dictionary<int, (long Ticks, long Pages)>();
        foreach (var entry in ProcessTable.All())
        {
            if (!sessions.Contains(entry.Session) || entry.HasEnded) continue;

            // Of a process that is new everything is; what one that has ended used after the last look is lost.
            var process = (entry.Pid, entry.StartTicks);
            ticks[process] = entry.CpuTicks;
            var (sum, pages) = found.GetValueOrDefault(entry.Session);
            found[entry.Session] = (sum + entry.CpuTicks - _ticks.GetValueOrDefault(process), pages + entry.ResidentPages);
        }

        var usage = found.ToDictionary(
            session => session.Key,
            session => new SessionUsage(_known.Contains(session.Key) && seconds > 0 ? session.Value.Ticks / TicksPerSecond / seconds : null, session.Value.Pages * Environment.SystemPageSize));
        (_ticks, _known) = (ticks, [.. found.Keys]);
        return usage;
    }

    // The first line of /proc/stat: user, nice, system, idle, waiting for a disk, interrupts, soft interrupts, stolen; in ticks.
    private double? Processors()
    {
        var line = Lines("/proc/stat").FirstOrDefault();
        if (line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not ["cpu", .. var fields] || fields.Length < 8) return null;
        long[] times = [.. fields.Take(8).Select(field => long.Parse(field, CultureInfo.InvariantCulture))];
        var now = (Busy: times.Sum() - times[3] - times[4], All: times.Sum());
        var before = _processors;
        _processors = now;
        return before is { } last && now.All > last.All ? Math.Clamp((now.Busy - last.Busy) / (double)(now.All - last.All), 0, 1) : null;
    }

    private static double? Memory()
    {
        long? total = null, available = null;
        foreach (var line in Lines("/proc/meminfo"))
        {
            if (line.StartsWith("MemTotal:", StringComparison.Ordinal)) total = Kilobytes(line);
            if (line.StartsWith("MemAvailable:", StringComparison.Ordinal)) available = Kilobytes(line);
        }

        return total is > 0 && available is { } free ? Math.Clamp(1 - (free / (double)total), 0, 1) : null;
    }

    private static long Kilobytes(string line) => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    private static string[] Lines(string path) => Encoding.ASCII.GetString(ProcessTable.ReadSmall(path, 1 << 20)).Split('\n');
}
