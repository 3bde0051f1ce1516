using Slaps.Core.Execution;
using Slaps.Core.Forecasting;
using Slaps.Core.Plans;
using Slaps.Core.Views;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Core.Tests.Execution;

/// <summary>Many readers or one writer, and no writer waits for ever.</summary>
public sealed class ReadWriteLockTests
{
    [Fact]
    public void Readers_share_a_lock_and_a_writer_has_it_alone()
    {
        var run = Run.From(A.Plan(A.Task("R1").Reading("db").Taking(9), A.Task("R2").Reading("db").Taking(8), A.Task("W").Holding("db").Taking(1))).Started(3);
        Assert.Equal(["R1", "R2"], run.State.HoldersOf("lock:db").Select(t => t.Value));
        Assert.Equal("READY", run.StateOf("W"));

        run.Succeeds("R1");
        Assert.Equal("READY", run.StateOf("W"));
        run.Succeeds("R2");
        Assert.Equal("ASSIGNED", run.StateOf("W"));
    }

    [Fact]
    public void What_a_writer_gives_back_starts_all_readers()
    {
        var run = Run.From(A.Plan(A.Task("W").Holding("db").Taking(9), A.Task("R1").Reading("db"), A.Task("R2").Reading("db").Using("p"), A.Task("R3").Reading("db"))
            .WithPool("p", 1)).Started(4);
        Assert.Equal(["W"], run.State.HoldersOf("lock:db").Select(t => t.Value));

        run.Succeeds("W");
        Assert.Equal(["R1", "R2", "R3"], run.State.HoldersOf("lock:db").Select(t => t.Value));
    }

    [Fact]
    public void Events_say_who_only_reads()
    {
        var run = Run.From(A.Plan(A.Task("R").Reading("db"))).Started().Succeeds("R");

        ResourceAmount[] read = [new("lock:db", 1, Reads: true)];
        Assert.Equal(read, Assert.Single(run.Events.OfType<ResourceAcquired>()).Resources);
        Assert.Equal(read, Assert.Single(run.Events.OfType<ResourceReleased>()).Resources);
    }

    [Fact]
    public void Who_reads_and_writes_under_a_lock_is_a_writer()
    {
        var run = Run.From(A.Plan(A.Task("T1").Reading("db").Holding("db").Taking(2), A.Task("T2").Reading("db"), A.Task("T3").Reading("db"))).Started(3);

        Assert.Equal([new TaskId("T1")], run.State.HoldersOf("lock:db"));
        Assert.Null(run.Events.OfType<ResourceAcquired>().First().Resources[0].Reads);
    }

    [Fact]
    public void A_lock_that_is_read_is_not_free_and_has_one_place()
    {
        var run = Run.From(A.Plan(A.Task("R1").Reading("db"), A.Task("R2").Reading("db"), A.Task("R3").Reading("db"))).Started(1);

        Assert.Contains(("lock:db", 0L, 1L), run.State.ResourceLevels());
        Assert.Contains(("lock:db", 1L, 1L), run.Succeeds("R1", "R2", "R3").State.ResourceLevels());
    }

    [Fact]
    public void A_waiting_writer_waits_for_no_more_readers_than_ran_when_it_came()
    {
        // A new reader comes whenever one ends, so that without the rule the lock would never be free.
        var readers = Enumerable.Range(1, 40).Select(i => A.Task($"R{i:00}").Reading("db").Taking(i < 3 ? 90 : 1)).ToArray();
        var run = Run.From(A.Plan([.. readers, A.Task("W").Holding("db").Taking(2)])).Started(2);
        Assert.Equal(["R01", "R02"], run.State.HoldersOf("lock:db").Select(t => t.Value));

        run.Succeeds("R01");
        Assert.Equal(["R02"], run.State.HoldersOf("lock:db").Select(t => t.Value));
        run.Succeeds("R02");
        Assert.Equal(["W"], run.State.HoldersOf("lock:db").Select(t => t.Value));
        run.Succeeds("W");
        Assert.Equal(["R03", "R04"], run.State.HoldersOf("lock:db").Select(t => t.Value));
    }

    [Fact]
    public void A_reader_that_goes_before_the_writer_starts_before_it()
    {
        var run = Run.From(A.Plan(
            A.Task("R1").Reading("db").Taking(90), A.Task("First").Taking(50), A.Task("R2").Reading("db").Taking(30).After("First"), A.Task("W").Holding("db").Taking(20))).Started(2);
        Assert.Equal("READY", run.StateOf("W"));

        run.Succeeds("First");
        Assert.Equal(["R1", "R2"], run.State.HoldersOf("lock:db").Select(t => t.Value));
    }

    [Fact]
    public void A_writer_that_no_worker_can_take_holds_nobody_back()
    {
        var run = Run.From(A.Plan(A.Task("R1").Reading("db"), A.Task("R2").Reading("db"), A.Task("W").Holding("db").Taking(9).ByHand()))
            .StartedWaitingForClaims(A.Workers(2));

        Assert.Equal(["R1", "R2"], run.State.HoldersOf("lock:db").Select(t => t.Value));
    }

    [Fact]
    public void One_rule_alone_holds_no_reader_back()
    {
        var run = Run.From(
                A.Plan(A.Task("R1").Reading("db").Taking(90), A.Task("W").Holding("db").Taking(2), A.Task("R2").Reading("db").Taking(1)).Build(),
                PriorityRule.CriticalPath,
                ExecutionModel.Rolling)
            .Started(2);

        Assert.Equal(["R1", "R2"], run.State.HoldersOf("lock:db").Select(t => t.Value));
    }

    [Fact]
    public void Explain_says_who_reads_and_who_writes()
    {
        var run = Run.From(A.Plan(
            A.Task("W1").Holding("db").Taking(90), A.Task("R1").Reading("db").Taking(50), A.Task("W2").Holding("db").Taking(40), A.Task("R2").Reading("db"))).Started(3);
        Assert.Contains("It reads under the lock 'db', which W1 holds to write.", Explanation.Of(run.State, new("R1")));

        run.Succeeds("W1");
        Assert.Contains("It writes under the lock 'db', which R1 holds to read.", Explanation.Of(run.State, new("W2")));
        Assert.Contains(
            "It reads under the lock 'db'; W2, which goes first, waits to write, and no reader that comes after it starts before it.",
            Explanation.Of(run.State, new("R2")));
    }

    [Fact]
    public void A_dry_run_lets_readers_overlap_and_is_never_shorter_than_its_lower_bound()
    {
        var plan = A.Plan(A.Task("R1").Reading("db").Taking(2), A.Task("R2").Reading("db").Taking(2), A.Task("W").Holding("db").Taking(1)).Build();

        var run = DryRun.Of(plan, new Scenario { Workers = 3 });

        Assert.Equal(10_800_000_000L, run.Schedule.MakespanMicroseconds);
        Assert.True(run.LowerBoundSeconds <= 3 * 3600);
    }

    [Fact]
    public void One_more_of_a_lock_lets_two_write()
    {
        var plan = A.Plan(A.Task("R1").Reading("db"), A.Task("R2").Reading("db"), A.Task("W1").Holding("db").Taking(3), A.Task("W2").Holding("db").Taking(3)).Build();

        var more = DryRun.Of(plan, new Scenario { Workers = 2, More = new ResourceAmount("lock:db", 1) });

        Assert.Equal((0, 0), (more.Schedule.Tasks[2].Start, more.Schedule.Tasks[3].Start));
    }

    [Fact]
    public void A_journal_of_before_readers_shared_opens_and_goes_on()
    {
        var plan = A.Plan(A.Task("R1").Reading("db"), A.Task("R2").Reading("db")).Build();
        var state = new ExecutionState(new("old"), plan);
        ExecutionEvent[] old =
        [
            new ExecutionCreated("h", "/p", "/w", 2), new TaskReady(new("R1")), new TaskReady(new("R2")),
            new CoordinatorStarted("h", 1, A.Workers(2), 2, false),
            new ResourceAcquired(new("R1"), [new("lock:db", 1)]), new TaskAssigned(new("R1"), new("W1"), 1, null),
            new ResourceReleased(new("R1"), [new("lock:db", 1)]), new TaskQueued(new("R1"), "It runs again."),
        ];
        foreach (var e in old) state.Evolve(new RecordedEvent(state.Seq + 1, Noon, e));

        Assert.Equal(("lock:db", 1L, 1L), state.ResourceLevels().First());
        Assert.IsType<TaskAssigned>(Scheduler.Decide(state, new Proceed(Noon))[^1]);
    }
}
