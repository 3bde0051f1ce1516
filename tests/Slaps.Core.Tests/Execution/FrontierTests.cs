using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Core.Tests.Execution;

/// <summary>What may start, and what starts first.</summary>
public sealed class FrontierTests
{
    [Fact]
    public void At_the_creation_the_tasks_that_wait_for_nobody_are_ready()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2").After("T1"), A.Task("T3")));

        Assert.Equal([new ExecutionCreated("5eed", "/plans/a", "/work/a", 3), new TaskReady(new("T1")), new TaskReady(new("T3"))], run.Events);
        Assert.Equal(["READY", "PENDING", "READY"], run.Plan.Tasks.Select(t => run.StateOf(t.Id.Value)));
        Assert.Equal((ExecutionStatus.Created, Noon, "5eed", "/work/a"), (run.State.Status, run.State.CreatedAt, run.State.PlanHash, run.State.Workspace));
    }

    [Fact]
    public void An_execution_is_created_once()
    {
        var run = Run.From(A.Plan(A.Task("T1"))).When(new CreateExecution(Noon, "other", "/", "/"));

        Assert.Empty(run.Last);
    }

    [Fact]
    public void Nothing_starts_before_a_coordinator_has_started()
    {
        var run = Run.From(A.Plan(A.Task("T1"))).Settle();

        Assert.Empty(run.Last);
    }

    [Fact]
    public void A_task_is_ready_when_the_last_of_its_predecessors_succeeds_and_not_before()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"), A.Task("T3").After("T1", "T2"))).Started(2);

        run.Succeeds("T2");
        Assert.Equal("PENDING", run.StateOf("T3"));
        Assert.Equal(1, run.State.UnfinishedPredecessorsOf(2));

        run.Succeeds("T1");
        Assert.Contains(new TaskReady(new("T3")), run.Last);
        Assert.Equal("ASSIGNED", run.StateOf("T3"));
    }

    [Fact]
    public void A_task_starts_as_soon_as_its_own_predecessors_are_done_whatever_else_runs()
    {
        // No wave barrier: T3 follows T1 although T2, of the same wave as T1, still runs.
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"), A.Task("T3").After("T1"))).Started(2).Succeeds("T1");

        Assert.Equal(("ASSIGNED", "ASSIGNED"), (run.StateOf("T2"), run.StateOf("T3")));
    }

    [Fact]
    public void Soft_and_resource_dependencies_do_not_hold_a_task_back()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"), A.Task("T3"), A.Task("T4"))
            .With(new Dependency(new("T1"), new("T2"), IsHard: false))
            .With(new Dependency(new("T1"), new("T3"), DependencyType.MutualExclusion))
            .With(new Dependency(new("T1"), new("T4"), DependencyType.ResourceLimited)));

        Assert.Equal(4, run.State.FrontierSize);
    }

    [Fact]
    public void The_longest_expected_path_to_the_end_goes_first()
    {
        // T1 alone is longer than T2, but what follows T2 makes its path the longer one.
        var run = Run.From(A.Plan(A.Task("T1").Taking(5), A.Task("T2").Taking(2), A.Task("T3").Taking(4).After("T2"))).Started();

        Assert.Equal(["T2", "T1", "T3"], Starts(run));
    }

    [Fact]
    public void The_mean_of_the_three_point_estimate_decides_not_the_likely_case()
    {
        var likely = A.Task("T1").Where(t => t with { Duration = new PertEstimate(1, 3, 3) });
        var risky = A.Task("T2").Where(t => t with { Duration = new PertEstimate(1, 2, 13) });

        Assert.Equal(["T2", "T1"], Starts(Run.From(A.Plan(likely, risky)).Started()));
    }

    [Fact]
    public void A_priority_class_goes_before_any_path()
    {
        var run = Run.From(A.Plan(
            A.Task("T1").Taking(9).Of(Priority.Low), A.Task("T2").Taking(5), A.Task("T3").Taking(1).Of(Priority.High), A.Task("T4").Taking(0.1).Of(Priority.Critical))).Started();

        Assert.Equal(["T4", "T3", "T2", "T1"], Starts(run));
    }

    [Fact]
    public void Ties_go_in_the_order_of_the_file()
    {
        var run = Run.From(A.Plan(A.Task("T9"), A.Task("T1"), A.Task("T5"))).Started();

        Assert.Equal(["T9", "T1", "T5"], Starts(run));
    }

    [Fact]
    public void A_better_task_that_comes_later_overtakes_those_that_wait()
    {
        var run = Run.From(A.Plan(A.Task("T1").Taking(9), A.Task("T2"), A.Task("T3"), A.Task("T4").Taking(5).After("T1"))).Started();

        Assert.Equal(["T1", "T4", "T2", "T3"], Starts(run));
    }

    [Fact]
    public void A_task_that_cannot_start_lets_a_later_one_go_first()
    {
        var run = Run.From(A.Plan(A.Task("T1").Taking(9).Holding("db"), A.Task("T2").Taking(8).Holding("db"), A.Task("T3"))).Started(2);

        Assert.Equal(("ASSIGNED", "READY", "ASSIGNED"), (run.StateOf("T1"), run.StateOf("T2"), run.StateOf("T3")));
    }

    [Fact]
    public void The_place_that_a_better_task_had_in_the_queue_carries_no_worse_one_of_its_kind_past_others()
    {
        // A joins the tasks that wait for the lock while Z is their first, so Z gets into the queue twice; its second place must not serve Y.
        var run = Run.From(A.Plan(
            A.Task("H").Taking(100).Holding("db"),
            A.Task("K").Taking(1),
            A.Task("A").Taking(60).Holding("db").After("K"),
            A.Task("Z").Taking(50).Holding("db"),
            A.Task("B").Taking(20).Holding("db", "other"),
            A.Task("Y").Taking(1).Holding("db"))).Started(3);

        run.Succeeds("K", "H", "A", "Z");

        Assert.Equal(["H", "K", "A", "Z", "B"], Assigned(run));
    }

    // Lets every task succeed in the order in which they started; the order of all starts.
    private static string[] Starts(Run run)
    {
        for (var next = 0; next < Assigned(run).Length; next++) run.Succeeds(Assigned(run)[next]);
        return Assigned(run);
    }

    private static string[] Assigned(Run run) => [.. run.Events.OfType<TaskAssigned>().Select(e => e.Task.Value)];
}
