using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Execution;

/// <summary>Who holds what, and who waits for it.</summary>
public sealed class ResourceTests
{
    [Fact]
    public void A_lock_has_one_holder_and_its_release_starts_the_next()
    {
        var run = Run.From(A.Plan(A.Task("T1").Holding("db"), A.Task("T2").Holding("db"))).Started(2);
        Assert.Equal([new TaskId("T1")], run.State.HoldersOf("lock:db"));
        Assert.Equal("READY", run.StateOf("T2"));

        run.Succeeds("T1");
        Assert.Equal([new TaskId("T2")], run.State.HoldersOf("lock:db"));
    }

    [Fact]
    public void What_a_task_takes_and_gives_back_is_told_with_names_and_amounts()
    {
        var run = Run.From(A.Plan(A.Task("T1").Holding("b", "a").Using("ports", 2).Estimated(cpuCores: 1.5, memoryMb: 100, diskIoMbps: 0.25))
            .WithPool("ports", 3).WithQuotas(cpuCores: 2, memoryMb: 512, diskIoMbps: 1)).Started().Succeeds("T1");

        ResourceAmount[] all = [new("lock:a", 1), new("lock:b", 1), new("pool:ports", 2), new("cpu_cores", 1500), new("disk_io_mbps", 250), new("memory_mb", 100_000)];
        Assert.Equal(all, Assert.Single(run.Events.OfType<ResourceAcquired>()).Resources);
        Assert.Equal(all, Assert.Single(run.Events.OfType<ResourceReleased>()).Resources);
    }

    [Fact]
    public void A_task_that_needs_nothing_with_a_name_has_no_resource_events()
    {
        var run = Run.From(A.Plan(A.Task("T1"))).Started().Succeeds("T1");

        Assert.DoesNotContain(run.Events, e => e is ResourceAcquired or ResourceReleased);
    }

    [Fact]
    public void A_pool_gives_out_its_capacity_and_no_more()
    {
        var run = Run.From(A.Plan(A.Task("T1").Using("p", 2), A.Task("T2").Using("p", 2), A.Task("T3").Using("p", 1)).WithPool("p", 3)).Started(3);

        Assert.Equal(("ASSIGNED", "READY", "ASSIGNED"), (run.StateOf("T1"), run.StateOf("T2"), run.StateOf("T3")));
        Assert.Contains(("pool:p", 0L, 3L), run.State.ResourceLevels());

        // One unit comes back: too little for T2. The next two are enough.
        run.Succeeds("T3");
        Assert.Equal("READY", run.StateOf("T2"));
        run.Succeeds("T1");
        Assert.Equal("ASSIGNED", run.StateOf("T2"));
    }

    [Fact]
    public void A_small_task_takes_what_a_big_one_cannot_use()
    {
        var run = Run.From(A.Plan(A.Task("T1").Using("p", 2).Taking(9), A.Task("T2").Using("p", 3).Taking(8), A.Task("T3").Using("p", 1).Taking(7)).WithPool("p", 4)).Started(1)
            .Succeeds("T1");
        Assert.Equal("ASSIGNED", run.StateOf("T2"));

        var crowded = Run.From(A.Plan(A.Task("T1").Using("p", 2).Taking(9), A.Task("T2").Using("p", 4).Taking(8), A.Task("T3").Using("p", 2).Taking(7), A.Task("T4").Using("p", 1).Taking(6)).WithPool("p", 4)).Started(3);
        Assert.Equal("READY", crowded.StateOf("T2"));
        Assert.Equal("READY", crowded.StateOf("T4"));

        // T2 still cannot start when T3's two units come back; T4 needs but one of them.
        crowded.Succeeds("T3");
        Assert.Equal(("READY", "ASSIGNED"), (crowded.StateOf("T2"), crowded.StateOf("T4")));
    }

    [Fact]
    public void One_release_starts_all_that_fit_into_it()
    {
        var run = Run.From(A.Plan(
            A.Task("T1").Using("p", 3).Taking(9), A.Task("T2").Using("p", 1), A.Task("T3").Using("p", 1).Holding("x"), A.Task("T4").Using("p", 1).Holding("y")).WithPool("p", 3)).Started(4);

        run.Succeeds("T1");

        Assert.Equal(3, run.State.Active.Count);
    }

    [Fact]
    public void A_task_takes_all_that_it_needs_or_nothing()
    {
        var run = Run.From(A.Plan(A.Task("T1").Holding("b"), A.Task("T2").Holding("a", "b"), A.Task("T3").Holding("a"))).Started(3);

        // T2 lacks b, so it must not sit on a.
        Assert.Equal(("ASSIGNED", "READY", "ASSIGNED"), (run.StateOf("T1"), run.StateOf("T2"), run.StateOf("T3")));
        run.Succeeds("T1");
        Assert.Equal("READY", run.StateOf("T2"));
        run.Succeeds("T3");
        Assert.Equal("ASSIGNED", run.StateOf("T2"));
    }

    [Fact]
    public void Quotas_are_charged_in_fractions()
    {
        var run = Run.From(A.Plan([.. Enumerable.Range(1, 9).Select(i => A.Task($"T{i}").Estimated(cpuCores: 0.25))]).WithQuotas(cpuCores: 2)).Started(9);

        Assert.Equal(8, run.State.Active.Count);
    }

    [Theory]
    [InlineData(0.1, 0.3, 3)]
    [InlineData(0.7, 2.1, 3)]
    [InlineData(0.335, 1.005, 3)]
    [InlineData(0.001, 0.002, 2)]
    public void Fractions_add_up_without_rounding_trouble(double each, double capacity, int expected)
    {
        var run = Run.From(A.Plan([.. Enumerable.Range(1, 5).Select(i => A.Task($"T{i}").Estimated(memoryMb: each))]).WithQuotas(memoryMb: capacity)).Started(5);

        Assert.Equal(expected, run.State.Active.Count);
    }

    [Fact]
    public void A_quota_that_nobody_declared_is_unlimited()
    {
        var run = Run.From(A.Plan([.. Enumerable.Range(1, 5).Select(i => A.Task($"T{i}").Estimated(memoryMb: 1_000_000, diskIoMbps: 1_000_000))]).WithQuotas(cpuCores: 1)).Started(5);

        Assert.Equal(5, run.State.Active.Count);
    }

    [Fact]
    public void Each_quota_limits_for_itself()
    {
        var plan = A.Plan(A.Task("T1").Estimated(memoryMb: 60), A.Task("T2").Estimated(memoryMb: 60), A.Task("T3").Estimated(diskIoMbps: 60), A.Task("T4").Estimated(diskIoMbps: 60))
            .WithQuotas(memoryMb: 100, diskIoMbps: 100);

        Assert.Equal([0, 2], Run.From(plan).Started(4).State.Active);
    }

    [Fact]
    public void At_most_so_many_tasks_run_at_once_however_many_workers_there_are()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").Holding("db"), A.Task("T3"), A.Task("T4")).AtMostAtOnce(2)).Started(4);
        Assert.Equal([0, 1], run.State.Active);

        // The place of a task without resources and that of a task with a lock are both given back.
        run.Succeeds("T1");
        Assert.Equal([1, 2], run.State.Active);
        run.Succeeds("T2");
        Assert.Equal([2, 3], run.State.Active);
        run.Succeeds("T3", "T4");
        Assert.Equal(ExecutionStatus.Completed, run.State.Status);
    }

    [Fact]
    public void A_failed_task_gives_its_lock_back_while_it_waits_out_its_delay()
    {
        var run = Run.From(A.Plan(A.Task("T1").Holding("db"), A.Task("T2").Holding("db")).Retrying(3)).Started().Fails("T1");

        Assert.Equal("BACKOFF", run.StateOf("T1"));
        Assert.Equal([new TaskId("T2")], run.State.HoldersOf("lock:db"));
    }

    [Fact]
    public void A_task_holds_what_it_needs_while_its_checks_run()
    {
        var run = Run.From(A.Plan(A.Task("T1").Holding("db").Checked("c"), A.Task("T2").Holding("db"))).Started(2).Exits("T1");
        Assert.Equal([new TaskId("T1")], run.State.HoldersOf("lock:db"));

        run.Passes("T1");
        Assert.Equal([new TaskId("T2")], run.State.HoldersOf("lock:db"));
    }

    [Fact]
    public void Everything_that_is_held_is_listed_with_its_holder()
    {
        var run = Run.From(A.Plan(A.Task("T1").Holding("db"), A.Task("T2").Using("p", 2)).WithPool("p", 2)).Started(2);

        Assert.Equal([(new ResourceAmount("lock:db", 1), new TaskId("T1")), (new ResourceAmount("pool:p", 2), new TaskId("T2"))], run.State.Held());
    }
}
