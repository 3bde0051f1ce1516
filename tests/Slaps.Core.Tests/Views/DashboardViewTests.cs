using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Views;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Views;

public sealed class DashboardViewTests
{
    [Fact]
    public void What_runs_is_there_with_its_worker_its_session_and_what_was_expected()
    {
        var run = Run.From(A.Plan(A.Task("a").Taking(2), A.Task("b"))).Started(2).Begins("a", new ProcessIdentity(42, 1, "boot"));

        var view = DashboardView.Of(run.State);

        Assert.Equal(new RunningTask("a", "a", "RUNNING", "W1", 1, Moments.Noon, 7200, 42, IsStopping: false), view.Running[0] with { Title = "a" });
        Assert.Equal(("b", "ASSIGNED", null), (view.Running[1].Id, view.Running[1].State, view.Running[1].Session));
        Assert.Equal((2, 2), (view.Busy, view.MaxWorkers));
    }

    [Fact]
    public void A_task_without_an_estimate_has_no_expectation()
    {
        var run = Run.From(A.Plan(A.Task("a").Where(t => t with { Duration = PertEstimate.Default }))).Started();

        Assert.Null(DashboardView.Of(run.State).Running[0].ExpectedSeconds);
    }

    [Fact]
    public void Who_waits_for_a_worker_is_ready_and_who_waits_for_a_lock_is_blocked_by_it()
    {
        var run = Run.From(A.Plan(A.Task("a").Holding("db"), A.Task("b").Holding("db"), A.Task("c"))).Started(1);

        var view = DashboardView.Of(run.State);

        Assert.Equal(["c"], view.Ready);
        Assert.Equal([new BlockedTask("b", "lock:db")], view.Blocked);
        Assert.Equal((2, 2), (view.Frontier, view.Waiting));
    }

    [Fact]
    public void Who_waits_for_predecessors_names_the_first_and_counts_the_rest()
    {
        var run = Run.From(A.Plan(A.Task("a"), A.Task("b"), A.Task("c").After("a", "b"))).Started(2);
        Assert.Equal([new BlockedTask("c", "a+1")], DashboardView.Of(run.State).Blocked);

        run.Succeeds("a");

        Assert.Equal([new BlockedTask("c", "b")], DashboardView.Of(run.State).Blocked);
    }

    [Fact]
    public void Who_needs_a_person_comes_before_who_waits_for_its_next_attempt()
    {
        var run = Run.From(A.Plan(A.Task("a"), A.Task("b").Retrying(1)).Retrying(3, initialDelayMs: 5000)).Started(2).Fails("b").AfterSeconds(5).Fails("b").Fails("a");

        var view = DashboardView.Of(run.State);

        Assert.Equal([new BlockedTask("b", "help"), new BlockedTask("a", "12:00:10")], view.Blocked);
        Assert.Equal(1, view.NotDone);
        Assert.Equal((0, 1), (view.Frontier, view.Waiting));
    }

    [Fact]
    public void Long_lists_are_cut_and_their_counts_are_not()
    {
        var tasks = Enumerable.Range(0, 1000).Select(i => A.Task($"t{i}")).ToArray();
        var run = Run.From(A.Plan(tasks)).Started(1);

        var view = DashboardView.Of(run.State);

        Assert.Equal((DashboardView.MostTasks, 999), (view.Ready.Count, view.ReadyCount));
    }
}
