using Slaps.Runtime.Processes;

namespace Slaps.Runtime.Tests.Processes;

[Collection("processes")]
public sealed class QuietTests
{
    [Fact]
    public void An_attempt_that_prints_nothing_is_reported_as_quiet_since_its_last_line()
    {
        using var shop = new Workshop(options => options with { StallAfter = TimeSpan.FromSeconds(2) });
        shop.Workers.Start(Workshop.Shell("for i in $(seq 12); do echo $i; sleep 0.25; done; date +%s%6N > last; while [ ! -e go ]; do sleep 0.05; done"));
        shop.Started();

        var quiet = Assert.IsType<AttemptReport.Quiet>(shop.Next());

        // Three seconds of lines came first. Printed a quarter of a second before the mark, and noticed at the latest when the report says so.
        Assert.True(File.Exists(shop.In("last")), "it was called quiet while it printed");
        Assert.Equal((new("T1"), 1), (quiet.Task, quiet.Attempt));
        Assert.True(quiet.Since.Microseconds > long.Parse(File.ReadAllText(shop.In("last"))) - 3_000_000, "quiet since before its last line");

        // It is said again as long as it stays like that.
        Assert.Equal(quiet.Since.Microseconds, Assert.IsType<AttemptReport.Quiet>(shop.Next()).Since.Microseconds, tolerance: 1_000_000);
        File.WriteAllText(shop.In("go"), "");
        shop.Ended();
    }

    [Fact]
    public void Nobody_is_quiet_where_nobody_asked()
    {
        using var shop = new Workshop();
        shop.Workers.Start(Workshop.Shell("sleep 1.5"));

        shop.Started();
        Assert.IsType<AttemptReport.Ended>(shop.Next());
    }
}
