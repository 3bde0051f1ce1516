namespace Slaps.Runtime.Tests.Pressure;

/// <summary>A folder with files as Linux 6.8 writes them, for a machine of four processors.</summary>
internal sealed class FakeProc : IDisposable
{
    public FakeProc()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "pressure"));
        Write("stat", "cpu  38712 12 8912 912345 812 0 331 0 0 0\ncpu0 9678 3 2228 228086 203 0 82 0 0 0\ncpu1 9678 3 2228 228086 203 0 83 0 0 0\ncpu2 9678 3 2228 228086 203 0 83 0 0 0\ncpu3 9678 3 2228 228087 203 0 83 0 0 0\nintr 8123412 0 9\nctxt 991231\nbtime 1763741000\n");
        Bears(load: 0.5, waiting: 0, memoryUsed: 0.25, standingStill: 0);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("slaps-proc-").FullName;

    public FakeProc Bears(double load, double waiting, double memoryUsed, double standingStill)
    {
        Write("loadavg", FormattableString.Invariant($"{load:0.00} 7.81 4.95 33/406 9192\n"));
        Write("pressure/cpu", FormattableString.Invariant($"some avg10={waiting * 100:0.00} avg60=30.15 avg300=45.38 total=14162163547\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"));
        Write("pressure/memory", FormattableString.Invariant($"some avg10={standingStill * 100:0.00} avg60=0.00 avg300=0.00 total=506248659\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=467613021\n"));
        Write("meminfo", FormattableString.Invariant($"MemTotal:        8000000 kB\nMemFree:          123456 kB\nMemAvailable:   {8_000_000 * (1 - memoryUsed):0} kB\nBuffers:           12345 kB\n"));
        return this;
    }

    // Whole or not at all, as the kernel does it.
    public FakeProc Write(string file, string text)
    {
        var path = Path.Combine(Folder, file);
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
        return this;
    }

    public FakeProc Without(string file)
    {
        File.Delete(Path.Combine(Folder, file));
        return this;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
