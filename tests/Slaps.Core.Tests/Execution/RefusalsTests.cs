using Slaps.Core.Execution;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Core.Tests.Execution;

/// <summary>Commands that come too late get a sentence.</summary>
public sealed class RefusalsTests
{
    private static readonly PauseExecution Pause = new(Noon, "Lunch.");
    private static readonly ResumeExecution Resume = new(Noon);
    private static readonly AbortExecution Abort = new(Noon, "No.");

    [Fact]
    public void What_will_do_something_is_not_refused()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithoutRetry(), A.Task("T2"))).Started(2).Fails("T1");

        Assert.Null(Refusals.Of(run.State, Pause));
        Assert.Null(Refusals.Of(run.State, Abort));
        Assert.Null(Refusals.Of(run.State, new RetryTask(Noon, new("T1"))));
        Assert.Null(Refusals.Of(run.State, new Proceed(Noon)));
        Assert.Null(Refusals.Of(run.When(Pause).State, Resume));
    }

    [Fact]
    public void A_running_paused_or_aborted_execution_says_so()
    {
        var run = Run.From(A.Plan(A.Task("T1"))).Started();
        Assert.Equal("exec-1 is not paused.", Refusals.Of(run.State, Resume));
        Assert.Equal("exec-1 is paused already.", Refusals.Of(run.When(Pause).State, Pause));
        Assert.Equal("exec-1 is being aborted already.", Refusals.Of(run.When(Abort).State, Abort));
        Assert.Equal("exec-1 is being aborted; there is nothing to pause.", Refusals.Of(run.State, Pause));
        Assert.Equal("exec-1 was aborted. Start a new execution of its plan with `tasks execute`.", Refusals.Of(run.State, new RetryTask(Noon, new("T1"))));
    }

    [Fact]
    public void A_finished_execution_says_so()
    {
        var state = Run.From(A.Plan(A.Task("T1"))).Started().Succeeds("T1").State;

        Assert.Equal("exec-1 has ended (completed); there is nothing to pause.", Refusals.Of(state, Pause));
        Assert.Equal("exec-1 has ended (completed); `tasks retry TASK` tries a task again.", Refusals.Of(state, Resume));
        Assert.Equal("exec-1 has ended (completed) already.", Refusals.Of(state, Abort));
    }

    [Fact]
    public void A_task_that_cannot_be_retried_says_why()
    {
        var run = Run.From(A.Plan(A.Task("T1"), A.Task("T2"), A.Task("T3").After("T2"), A.Task("T4").WithoutRetry(), A.Task("T5").After("T4"))).Started(3).Succeeds("T1").Fails("T4");

        Assert.Equal("T1 has succeeded; finished work is not run again. `tasks rollback T1` undoes it first.", Retry("T1"));
        Assert.Equal("T2 is ASSIGNED; it has not failed, so there is nothing to retry.", Retry("T2"));
        Assert.Equal("T3 is PENDING; it has not failed, so there is nothing to retry.", Retry("T3"));
        Assert.Equal("T5 was skipped because T4 was not done. Retry T4; T5 follows.", Retry("T5"));
        Assert.Equal("exec-1 has no task 'T9\\u001b'. `tasks status` lists its tasks.", Retry("T9\u001b"));

        string? Retry(string task) => Refusals.Of(run.State, new RetryTask(Noon, new(task)));
    }

    [Fact]
    public void A_skipped_task_names_what_stands_in_its_way_now_not_what_did_then()
    {
        var run = Run.From(A.Plan(A.Task("T1").WithoutRetry(), A.Task("T2").WithoutRetry(), A.Task("T3").After("T1", "T2"), A.Task("T4").After("T3"))).Started(2)
            .Fails("T1").Fails("T2").Settling(new RetryTask(Noon, new("T1"))).Succeeds("T1");

        Assert.Equal("T4 was skipped because T2 was not done. Retry T2; T4 follows.", Refusals.Of(run.State, new RetryTask(Noon, new("T4"))));
    }
}
