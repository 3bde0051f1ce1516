using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Processes;

namespace Slaps.Runtime.Tests.Processes;

/// <summary>The starting coordinator is a process of its own (Slaps.ProcessHost), and it is killed with SIGKILL.</summary>
[Collection("processes")]
public sealed class AdoptionTests
{
    private const string Patient = "echo before; echo $$ > pid; while [ ! -e go ]; do sleep 0.01; done; echo after; touch finished";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_living_process_of_a_killed_coordinator_is_adopted(bool isJournaled)
    {
        using var shop = new Workshop();
        var process = RunAndKill(shop, Patient);

        shop.Workers.Adopt(Workshop.Shell(Patient), isJournaled ? process : null);

        Assert.Equal(process, shop.Started().Process);
        Assert.False(File.Exists(shop.In("finished")));
        File.WriteAllText(shop.In("go"), "");
        Assert.Equal(new Outcome.Lost(), shop.Ended().Outcome);
        Assert.True(File.Exists(shop.In("finished")));
        Assert.Equal(["before", "after"], shop.Output());
        Assert.Equal(1, shop.Log().Count(l => l.Status == "start"));
    }

    [Fact]
    public void Output_written_while_nobody_coordinated_is_neither_lost_nor_doubled()
    {
        using var shop = new Workshop();
        const string script = "i=0; while [ ! -e go ]; do i=$((i+1)); echo line $i; sleep 0.002; done; echo $i > count; echo $$ > pid";
        var process = RunAndKill(shop, script, until: () => shop.Output().Count() > 50);
        var known = shop.Output().Count();
        Workshop.Until(() => new FileInfo(Path.Combine(shop.Options.WorkDirectory, "exec-1", "T1.1.out")).Length > (known * 10) + 500, "more was written");

        shop.Workers.Adopt(Workshop.Shell(script), process);
        shop.Started();
        File.WriteAllText(shop.In("go"), "");
        shop.Ended();

        var count = int.Parse(File.ReadAllText(shop.In("count")));
        Assert.Equal(Enumerable.Range(1, count).Select(i => $"line {i}"), shop.Output());
    }

    [Fact]
    public void A_process_that_ended_meanwhile_is_lost_and_what_it_left_is_killed()
    {
        using var shop = new Workshop();
        const string script = "(setsid sh -c 'echo $$ > pid; exec sleep 300' &) ; echo said; while [ ! -e go ]; do sleep 0.01; done";
        var process = RunAndKill(shop, script);
        File.WriteAllText(shop.In("go"), "");
        Workshop.Until(() => !ProcessTable.IsAlive(process), "the process has ended");
        var daemon = shop.PidIn("pid");
        Assert.True(Workshop.Runs(daemon));

        shop.Workers.Adopt(Workshop.Shell(script), process);

        Assert.Equal(new Outcome.Lost(), Assert.IsType<AttemptReport.Ended>(shop.Next()).Outcome);
        Workshop.Until(() => !Workshop.Runs(daemon), "the daemon is gone");
        Assert.Equal(["said"], shop.Output());
    }

    [Fact]
    public void Another_process_with_the_same_id_is_not_adopted()
    {
        using var shop = new Workshop();
        var process = RunAndKill(shop, Patient);
        shop.Workers.Adopt(Workshop.Shell(Patient), process with { StartTicks = process.StartTicks - 1 });
        Assert.IsType<AttemptReport.Ended>(shop.Next());
    }

    [Fact]
    public void A_process_of_another_boot_is_not_adopted()
    {
        using var shop = new Workshop();
        var process = RunAndKill(shop, Patient);
        shop.Workers.Adopt(Workshop.Shell(Patient), process with { BootId = "another" });
        Assert.IsType<AttemptReport.Ended>(shop.Next());
    }

    [Fact]
    public void An_attempt_that_was_never_spawned_is_lost()
    {
        using var shop = new Workshop();
        shop.Workers.Adopt(Workshop.Shell("true"), null);
        Assert.Equal(new Outcome.Lost(), Assert.IsType<AttemptReport.Ended>(shop.Next()).Outcome);
    }

    [Fact]
    public void Pipes_in_the_place_of_what_an_earlier_coordinator_wrote_down_keep_nobody_waiting()
    {
        using var shop = new Workshop();
        shop.Run(Workshop.Shell("cd ../work/exec-1; rm -f starts; mkfifo starts T1.2.out.pos"));

        shop.Workers.Adopt(Workshop.Shell("true") with { Attempt = 2 }, null);

        Assert.Equal(new Outcome.Lost(), shop.Ended().Outcome);
    }

    [Fact]
    public void An_adopted_attempt_can_be_stopped()
    {
        using var shop = new Workshop();
        var process = RunAndKill(shop, "sleep 300 & echo $! > pid; wait");
        var grandchild = shop.PidIn("pid");
        shop.Workers.Adopt(Workshop.Shell(""), process);
        shop.Started();

        shop.Workers.Stop(new TaskId("T1"), 1);

        Assert.Equal(new Outcome.Lost(), shop.Ended().Outcome);
        Assert.False(ProcessTable.IsAlive(process));
        Workshop.Until(() => !Workshop.Runs(grandchild), "the grandchild is gone");
    }

    [Fact]
    public void Strays_of_attempts_that_are_not_live_are_swept_and_live_ones_spared()
    {
        using var shop = new Workshop();
        var process = RunAndKill(shop, "(setsid sleep 300 &) ; echo $$ > pid; exec sleep 300");

        Assert.Equal(0, shop.Workers.SweepStrays(new ExecutionId("exec-2"), []));
        Assert.Equal(0, shop.Workers.SweepStrays(Workshop.Execution, [(new TaskId("T1"), 1)]));
        Assert.True(ProcessTable.IsAlive(process));

        Assert.Equal(2, shop.Workers.SweepStrays(Workshop.Execution, []));
        Assert.False(ProcessTable.IsAlive(process));
    }

    // Starts a coordinator with one attempt, waits until the script wrote "pid" (or for the condition), kills the coordinator.
    private static ProcessIdentity RunAndKill(Workshop shop, string script, Func<bool>? until = null)
    {
        var host = new Host(shop, script);
        Children.Shared.Start(host);
        if (until is not null) Workshop.Until(until, "the condition holds");
        else shop.PidIn("pid");
        ProcessIdentity? found = null;
        Workshop.Until(() => (found = MarkedMain(shop)) is not null, "the attempt's process is marked");
        Assert.True(Children.Shared.SignalGroup(host, LibC.SigKill));
        Assert.True(host.Gone.Wait(TimeSpan.FromSeconds(60)), "the coordinator is gone");
        Assert.True(ProcessTable.IsAlive(found!.Value));
        return found.Value;
    }

    private static ProcessIdentity? MarkedMain(Workshop shop) =>
        Strays.Marked(AttemptMark.Of(AttemptMark.ScopeOf(shop.Options.WorkDirectory), Workshop.Execution, new TaskId("T1"), 1))
            .Where(p => p.Session == p.Pid).Select(p => (ProcessIdentity?)new ProcessIdentity(p.Pid, p.StartTicks, ProcessTable.BootId)).FirstOrDefault();

    private sealed class Host(Workshop shop, string script) : Child
    {
        public ManualResetEventSlim Gone { get; } = new();

        public override AttemptMark Mark => new("none");

        protected internal override Launch Prepare(out string reason)
        {
            reason = "";
            return new Launch(
                [Path.Combine(AppContext.BaseDirectory, "Slaps.ProcessHost"), "hold", shop.Options.Workspace, shop.Options.LogsDirectory, shop.Options.WorkDirectory, script],
                shop.Workspace, ".", new ChildEnvironment(Environment.GetEnvironmentVariables(), []), new Dictionary<string, string>(), [], Path.Combine(shop.Root, "host.out"));
        }

        protected internal override void OnStarted()
        {
        }

        protected internal override void OnNotStarted(string reason) => throw new InvalidOperationException(reason);

        protected internal override void OnExited(Outcome outcome, ResourceUsage usage) => Gone.Set();
    }
}
