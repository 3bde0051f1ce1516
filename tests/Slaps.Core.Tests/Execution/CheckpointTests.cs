using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Core.Tests.Execution;

/// <summary>What is kept of a task while it runs, and what the next attempt begins from.</summary>
public sealed class CheckpointTests
{
    [Fact]
    public void An_attempt_that_was_cut_off_is_followed_by_one_that_begins_from_the_last_checkpoint()
    {
        var run = Kept(Kept(Run.From(A.Plan(Keeping("T1"))).Started().Begins("T1"), 1), 2);
        Assert.Equal(["cp-2026-11-21-001", "cp-2026-11-21-002"], run.State.CheckpointsOf(0).Select(c => c.Id));

        run = run.Replayed().Started().Ends("T1", new Outcome.Lost());

        Assert.Contains(new CheckpointRestored(new("T1"), 2, "cp-2026-11-21-002"), run.Last);
        Assert.Equal(("ASSIGNED", 2), (run.StateOf("T1"), run.State.RestoredBy(0)!.Kept.Number));
        run.Fails("T1").AfterSeconds(60);
        Assert.Null(run.State.RestoredBy(0));
    }

    [Fact]
    public void What_failed_by_itself_begins_with_the_files_as_they_are_unless_somebody_chooses()
    {
        var run = Kept(Kept(Run.From(A.Plan(Keeping("T1").Retrying(1))).Started().Begins("T1"), 1), 2).Fails("T1").AfterSeconds(60);
        Assert.Null(run.State.RestoredBy(0));
        Assert.Equal(2, run.State.CheckpointToBeginFrom(0)!.Kept.Number);

        run.Fails("T1").When(new RetryTask(run.Now, new("T1"))).When(new ChooseCheckpoint(run.Now, new("T1"), "T1/1"));
        Assert.Equal([new CheckpointChosen(new("T1"), "cp-2026-11-21-001")], run.Last);
    }

    [Fact]
    public void A_chosen_checkpoint_counts_for_one_attempt()
    {
        var run = Kept(Kept(Run.From(A.Plan(Keeping("T1"))).Started().Begins("T1"), 1), 2).When(new ChooseCheckpoint(Noon, new("T1"), "cp-2026-11-21-001"));

        run.Ends("T1", new Outcome.Exited(1)).AfterSeconds(60);
        Assert.Equal(1, run.State.RestoredBy(0)!.Kept.Number);
        run.Ends("T1", new Outcome.Signalled(9)).AfterSeconds(60);
        Assert.Equal(2, run.State.RestoredBy(0)!.Kept.Number);
    }

    [Fact]
    public void A_checkpoint_of_an_old_attempt_is_none()
    {
        var run = Run.From(A.Plan(Keeping("T1"))).Started().Begins("T1").Fails("T1").AfterSeconds(60);

        Assert.Empty(run.When(new RecordCheckpoint(run.Now, new("T1"), 1, new KeptFiles(1, 1, 1, "00"), 50, null)).Last);
    }

    [Fact]
    public void Only_the_last_ones_are_kept_and_a_prune_leaves_what_is_needed()
    {
        var run = Run.From(A.Plan(Keeping("T1"), Keeping("T2"))).Started(2).Begins("T1").Begins("T2");
        for (var number = 1; number <= Scheduler.MostCheckpoints + 1; number++) Kept(run, number);
        Assert.Equal(["cp-2026-11-21-001"], run.Last.OfType<CheckpointsPruned>().Single().Checkpoints);

        run.When(new RecordCheckpoint(run.Now, new("T2"), 1, new KeptFiles(1, 1, 1, "00"), null, null)).Succeeds("T1").When(new PruneCheckpoints(run.Now, Keep: 0));
        Assert.Equal(("T1", 3), (Assert.IsType<CheckpointsPruned>(Assert.Single(run.Last)).Task.Value, ((CheckpointsPruned)run.Last[0]).Checkpoints.Count));
        Assert.Contains("no checkpoint that could go", Refusals.Of(run.State, new PruneCheckpoints(run.Now, Keep: 0)));
    }

    [Theory]
    [InlineData("T1", "cp-2026-11-21-009", "has no checkpoint 'cp-2026-11-21-009'. It has cp-2026-11-21-001.")]
    [InlineData("T2", null, "T2 has no checkpoint.")]
    [InlineData("T9", null, "has no task 'T9'")]
    public void A_checkpoint_that_is_not_there_is_not_chosen(string task, string? id, string why)
    {
        var run = Kept(Run.From(A.Plan(Keeping("T1"), A.Task("T2").After("T1"))).Started().Begins("T1"), 1);

        Assert.Contains(why, Refusals.Of(run.State, new ChooseCheckpoint(Noon, new(task), id)));
    }

    [Fact]
    public void A_checkpoint_can_be_asked_of_what_runs_and_has_something_to_keep()
    {
        var run = Run.From(A.Plan(Keeping("T1"), A.Task("T2"), Keeping("T3").After("T1"))).Started(2);

        Assert.Null(Refusals.Of(run.State, new RequestCheckpoint(Noon, new("T1"))));
        Assert.Contains("does not say what is kept of T2", Refusals.Of(run.State, new RequestCheckpoint(Noon, new("T2"))));
        Assert.Contains("T3 is PENDING", Refusals.Of(run.State, new RequestCheckpoint(Noon, new("T3"))));
    }

    [Theory]
    [InlineData("""{"checkpoint":{"files":["out"]}}""", null)]
    [InlineData("""{"checkpoint":{"argv":["save"],"timeout_seconds":5}}""", null)]
    [InlineData("""{"checkpoint":{"files":["../out"]}}""", "it leaves the workspace")]
    [InlineData("""{"checkpoint":{"files":["x/.././.slaps/journal.db"]}}""", "it is the state of tasks itself")]
    [InlineData("""{"checkpoint":{"file":["out"]}}""", "'file' is not known")]
    [InlineData("""{"checkpoint":{"files":"out"}}""", "must be a list of texts")]
    [InlineData("""{"checkpoint":{}}""", "neither `files` nor `argv`")]
    [InlineData("""{"checkpoint":{"argv":["save"],"timeout_seconds":0}}""", "a number up to")]
    public void What_is_to_be_kept_is_judged_when_the_plan_is_read(string guidance, string? why)
    {
        var spec = CheckpointSpec.Read(A.Task("T1").Task with { ExecutionGuidance = guidance }, out var trouble);

        Assert.Equal(why is null, spec is not null);
        if (why is not null) Assert.Contains(why, trouble);
    }

    private static TaskDraft Keeping(string id) => A.Task(id).Where(t => t with { ExecutionGuidance = """{"checkpoint":{"files":["out"]}}""" });

    private static Run Kept(Run run, int number) => run.When(new RecordCheckpoint(run.Now, new("T1"), run.AttemptOf("T1"), new KeptFiles(number, 1, 10, "00"), 25 * number, null));
}
