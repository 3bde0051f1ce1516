using Slaps.Core.Plans;
using Slaps.Runtime.Processes;

namespace Slaps.Runtime.Tests.Processes;

[Collection("processes")]
public sealed class ProgressTests
{
    private const string UntilGo = "while [ ! -e go ]; do sleep 0.01; done";

    [Fact]
    public void The_last_percent_of_a_living_attempt_is_at_hand_and_gone_with_it()
    {
        using var shop = new Workshop();
        shop.Workers.Start(Workshop.Shell($"echo TASKS_PROGRESS 5; echo '{{\"percent\":45.5,\"message\":\"half\"}}'; echo no progress; {UntilGo}"));

        Workshop.Until(() => Progress(shop) == new AttemptProgress(45.5, "half"), "the percent is known");
        Assert.Null(shop.Workers.ProgressOf(new TaskId("T1"), 2));
        File.WriteAllText(shop.In("go"), "");
        shop.Ended();

        Assert.Null(Progress(shop));
        Assert.Equal([5d, 45.5], shop.Log().Where(line => line.Percent is not null).Select(line => line.Percent!.Value));
    }

    [Fact]
    public void A_short_line_says_the_same_as_a_JSON_line()
    {
        using var shop = new Workshop();
        shop.Run(Workshop.Shell("echo 'TASKS_PROGRESS 0'; echo 'TASKS_PROGRESS  100   all of it '; echo TASKS_PROGRESSED 3; echo TASKS_PROGRESS; echo TASKS_PROGRESS 1e1; echo TASKS_PROGRESS 100.1"));

        var lines = shop.Log().Where(line => line.Step == "output").Select(line => (line.Percent, line.Message)).ToList();

        Assert.Equal([(0, ""), (100, "all of it"), (null, "TASKS_PROGRESSED 3"), (null, "TASKS_PROGRESS"), (null, "TASKS_PROGRESS 1e1"), (null, "TASKS_PROGRESS 100.1")], lines);
    }

    [Fact]
    public void What_a_session_uses_is_measured_between_two_looks()
    {
        using var shop = new Workshop();
        shop.Workers.Start(Workshop.Shell("while [ ! -e go ]; do :; done"));
        var session = shop.Started().Process.Pid;
        var sampler = new UsageSampler();
        var first = sampler.Look(new HashSet<int> { session });
        Assert.Null(first.CpuShare);
        Assert.Null(first.Sessions[session].Cores);
        Assert.True(first.Sessions[session].ResidentBytes > 0);
        Assert.InRange(first.MemoryShare!.Value, 0, 1);

        // The kernel counts in hundredths of a second, and a busy machine gives a process none for a while.
        Workshop.Until(() => sampler.Look(new HashSet<int> { session }) is { CpuShare: >= 0 and <= 1 } look && look.Sessions[session].Cores > 0, "the loop has computed");

        Assert.DoesNotContain(session, sampler.Look(new HashSet<int> { 1 << 30 }).Sessions.Keys);
        File.WriteAllText(shop.In("go"), "");
        shop.Ended();
        Assert.Empty(sampler.Look(new HashSet<int> { session }).Sessions);
    }

    private static AttemptProgress? Progress(Workshop shop) => shop.Workers.ProgressOf(new TaskId("T1"), 1);
}
