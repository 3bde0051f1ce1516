using System.Globalization;
using System.Text;
using Slaps.Core.Execution;
using Slaps.Runtime.Processes;

namespace Slaps.Runtime.Pressure;

/// <summary>
/// What Linux says about the pressure on the whole machine: PSI (<c>/proc/pressure</c>, since Linux 4.20), the load average and the memory
/// that is available. A kernel without one of them leaves its part out. No file is read beyond 64 KiB.
/// </summary>
/// <remarks>
/// Busy processors are no pressure: as many workers as processors keep them busy all the time, and so they should. Nor is PSI's <c>some</c>
/// alone: it says how often anybody waits at all, which on a machine with one process too many is always. The load average alone lags by a
/// minute and counts who waits for a disk. So a processor's pressure is the lesser of two: how often anybody waits (<c>some avg10</c>), and
/// how long each process waits when the load is shared fairly, 1 - processors / load. At 75 % there are four processes for each processor,
/// at 87.5 % eight. Below that fewer tasks would not get more done; above it, fewer tasks leave every processor as busy as before.
/// </remarks>
public sealed class PressureReader
{
    private const int Limit = 64 << 10;

    private readonly string _proc;
    private readonly int _processors;

    /// <summary>Counts the processors; nothing else is read yet.</summary>
    /// <param name="proc">Where the kernel's files are.</param>
    public PressureReader(string proc = "/proc")
    {
        _proc = proc;

        // Those of the machine, which the load average counts for, not those that this process may use.
        var counted = Lines("stat").Count(line => line.StartsWith("cpu", StringComparison.Ordinal) && line.Length > 3 && char.IsAsciiDigit(line[3]));
        _processors = counted > 0 ? counted : Environment.ProcessorCount;
    }

    /// <summary>The pressure now; null where the kernel says nothing about it.</summary>
    /// <param name="at">The time to write on it.</param>
    public PressureSample? Read(Instant at)
    {
        var sample = new PressureSample(at, Processors(), Memory(), Waiting("memory"));
        return sample is { Cpu: null, Memory: null, MemoryStall: null } ? null : sample;
    }

    private double? Processors()
    {
        double? shared = Lines("loadavg") is [var line, ..] && Number(line.Split(' ')[0]) is { } load ? Math.Clamp(1 - (_processors / Math.Max(load, _processors)), 0, 1) : null;
        return Waiting("cpu") is { } waiting && !(shared < waiting) ? waiting : shared;
    }

    // "some avg10=0.00 avg60=0.00 avg300=0.00 total=0": the percentage of the last ten seconds in which some process waited.
    private double? Waiting(string resource)
    {
        var some = Lines("pressure/" + resource).FirstOrDefault(line => line.StartsWith("some ", StringComparison.Ordinal));
        var average = some?.Split(' ').FirstOrDefault(field => field.StartsWith("avg10=", StringComparison.Ordinal));
        return average is not null && Number(average["avg10=".Length..]) is { } percent ? Math.Clamp(percent / 100, 0, 1) : null;
    }

    private double? Memory()
    {
        double? total = null, available = null;
        foreach (var line in Lines("meminfo"))
        {
            if (line.StartsWith("MemTotal:", StringComparison.Ordinal)) total = Kilobytes(line);
            if (line.StartsWith("MemAvailable:", StringComparison.Ordinal)) available = Kilobytes(line);
        }

        return total is > 0 && available is { } free ? Math.Clamp(1 - (free / total.Value), 0, 1) : null;
    }

    private static double? Kilobytes(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var number, ..] ? Number(number) : null;

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null;

    private string[] Lines(string file)
    {
        if (!OperatingSystem.IsLinux()) return [];
        return Encoding.ASCII.GetString(ProcessTable.ReadSmall($"{_proc}/{file}", Limit)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
