using Slaps.Core.Execution;
using Slaps.Runtime.Pressure;

namespace Slaps.Runtime.Tests.Pressure;

public sealed class PressureReaderTests
{
    private static readonly Instant Noon = new(7);

    public PressureReaderTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "There is no /proc elsewhere.");

    [Fact]
    public void As_many_processes_as_processors_are_no_pressure_however_busy_those_are()
    {
        using var proc = new FakeProc().Bears(load: 4, waiting: 0.6, memoryUsed: 0.25, standingStill: 0.125);

        Assert.Equal(new PressureSample(Noon, 0, 0.25, 0.125), new PressureReader(proc.Folder).Read(Noon));
    }

    [Theory]
    [InlineData(16, 0.99, 0.75)]
    [InlineData(32, 0.99, 0.875)]
    [InlineData(32, 0.5, 0.5)]
    [InlineData(0.1, 0.9, 0)]
    public void The_lesser_of_load_and_waiting_counts(double load, double waiting, double expected)
    {
        using var proc = new FakeProc().Bears(load, waiting, 0.25, 0);

        Assert.Equal(expected, new PressureReader(proc.Folder).Read(Noon)?.Cpu);
    }

    [Fact]
    public void Without_PSI_the_load_and_the_available_memory_tell_and_without_a_load_PSI_alone()
    {
        using var proc = new FakeProc().Bears(load: 8, waiting: 0.9, memoryUsed: 0.5, standingStill: 0.1).Without("pressure/cpu").Without("pressure/memory");
        var reader = new PressureReader(proc.Folder);

        Assert.Equal(new PressureSample(Noon, 0.5, 0.5, null), reader.Read(Noon));

        proc.Bears(load: 8, waiting: 0.9, memoryUsed: 0.5, standingStill: 0.1).Without("loadavg").Without("meminfo");
        Assert.Equal(new PressureSample(Noon, 0.9, null, 0.1), reader.Read(Noon));
    }

    [Fact]
    public void A_machine_that_says_nothing_gives_no_sample()
    {
        using var proc = new FakeProc().Without("pressure/cpu").Without("pressure/memory").Without("loadavg").Without("meminfo");

        Assert.Null(new PressureReader(proc.Folder).Read(Noon));
        Assert.Null(new PressureReader(Path.Combine(proc.Folder, "nowhere")).Read(Noon));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("some\n")]
    [InlineData("some avg10=\n")]
    [InlineData("some avg10=many avg60=1\n")]
    [InlineData("some avg10=NaN\n")]
    [InlineData("some avg10=-3\n")]
    [InlineData("MemTotal:\nMemAvailable: x kB\n")]
    [InlineData("MemTotal: 0 kB\nMemAvailable: 0 kB\n")]
    [InlineData("\0\0\0")]
    public void What_is_no_number_is_not_measured(string nonsense)
    {
        using var proc = new FakeProc();
        foreach (var file in (string[])["pressure/cpu", "pressure/memory", "loadavg", "meminfo", "stat"]) proc.Write(file, nonsense);

        Assert.Null(new PressureReader(proc.Folder).Read(Noon));
    }

    [Fact]
    public void This_machine_says_what_it_bears()
    {
        var sample = new PressureReader().Read(Noon);

        Assert.NotNull(sample);
        Assert.InRange(sample.Value.Cpu ?? -1, 0, 1);
        Assert.InRange(sample.Value.Memory ?? -1, 0.01, 1);
    }
}
