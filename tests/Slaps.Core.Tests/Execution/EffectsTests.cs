using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Core.Tests.Execution;

/// <summary>What the world is told to do.</summary>
public sealed class EffectsTests
{
    private static readonly TaskId T1 = new("T1");

    [Fact]
    public void An_assignment_starts_a_verification_checks_and_a_stop_stops()
    {
        Assert.Equal(new Effect.Start(T1, 2), Effects.Of(new TaskAssigned(T1, new("W1"), 2, null)));
        Assert.Equal(new Effect.Verify(T1, 2), Effects.Of(new TaskVerifying(T1, 2, 0)));
        Assert.Equal(new Effect.Stop(T1, 2), Effects.Of(new AttemptStopping(T1, 2, StopReason.TimedOut)));
    }

    [Fact]
    public void No_other_event_asks_for_anything()
    {
        var others = GoldenEvents.All.Where(e => e is not (TaskAssigned or TaskVerifying or AttemptStopping));

        Assert.All(others, e => Assert.Null(Effects.Of(e)));
    }

    [Fact]
    public void After_a_crash_what_was_in_hand_is_adopted_verified_and_stopped()
    {
        var process = new ProcessIdentity(99, 12345, "boot");
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"), A.Task("T3").Checked("c"), A.Task("T4").WithinSeconds(1), A.Task("T5").WithinSeconds(1))).Started(5)
            .Begins("T2", process).Exits("T3").Begins("T4", process).AfterSeconds(1);

        Assert.Equal(
            [
                new Effect.Adopt(new("T1"), 1, null),
                new Effect.Adopt(new("T2"), 1, process),
                new Effect.Verify(new("T3"), 1),
                new Effect.Adopt(new("T4"), 1, process), new Effect.Stop(new("T4"), 1),
                new Effect.Adopt(new("T5"), 1, null), new Effect.Stop(new("T5"), 1),
            ],
            Effects.Outstanding(run.Replayed().State));
    }

    [Fact]
    public void Nothing_is_outstanding_for_a_task_that_nobody_has_in_hand()
    {
        var run = Run.From(A.Plan(
            A.Task("T1"), A.Task("T2").WithoutRetry(), A.Task("T3").After("T2"), A.Task("T4"), A.Task("T5"), A.Task("T6"), A.Task("T7").After("T6"), A.Task("T8").ByHand()).Retrying(3)).Started(5)
            .Succeeds("T1").Fails("T2").Fails("T4").Ends("T5", new Outcome.NotStarted("No.")).When(new PauseExecution(Noon, "Lunch.")).Ends("T6", new Outcome.Lost());

        Assert.Equal(["SUCCEEDED", "FAILED", "SKIPPED", "BACKOFF", "HELP_NEEDED", "QUEUED", "PENDING", "READY"], run.Plan.Tasks.Select(t => run.StateOf(t.Id.Value)));
        Assert.Empty(Effects.Outstanding(run.State));
        Assert.Empty(Effects.Outstanding(run.When(new AbortExecution(Noon, "No.")).State));
    }

    [Fact]
    public void A_state_says_what_each_task_is_and_whether_it_is_over()
    {
        var over = new[] { "SUCCEEDED", "FAILED", "HELP_NEEDED", "CANCELLED", "SKIPPED" };
        var error = new TaskError(FailureKind.ExitCode, "It exited with code 1.");
        var active = new ActiveAttempt(new("W1"), 1, Noon, null);
        TaskState[] states =
        [
            new TaskState.Pending(), new TaskState.Ready(Noon), new TaskState.Queued(Noon, ""), new TaskState.Assigned(active), new TaskState.Running(active, Noon, null),
            new TaskState.Verifying(active, Noon, false), new TaskState.BackingOff(Noon, error), new TaskState.Succeeded(Noon, []), new TaskState.Failed(Noon, error),
            new TaskState.HelpNeeded(Noon, "", error), new TaskState.Cancelled(Noon, ""), new TaskState.Skipped(Noon, T1),
            new TaskState.Waived(Noon, "", CountsAsDone: true),
        ];

        Assert.Equal(["PENDING", "READY", "QUEUED", "ASSIGNED", "RUNNING", "VERIFYING", "BACKOFF", "SUCCEEDED", "FAILED", "HELP_NEEDED", "CANCELLED", "SKIPPED", "SKIPPED"], states.Select(s => s.Name));
        Assert.All(states, s => Assert.Equal(over.Contains(s.Name), s.IsOver));
        Assert.All(states, s => Assert.Equal(s.Name is "READY" or "QUEUED", s.IsWaiting));
    }
}
