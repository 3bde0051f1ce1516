namespace Slaps.Cli.Tests;

/// <summary>pause, resume, abort and retry, with a coordinator and without; and an execution that waits for people.</summary>
public sealed class ControlTests
{
    private static readonly string Slow = TasksProgram.Shell("a", $"echo a >> ran; touch started; {TasksProgram.UntilGo}");
    private static readonly string Second = TasksProgram.Shell("b", "echo b >> ran");
    private const string Edge = """{"from":"a","to":"b"}""";

    [Fact]
    public void A_running_execution_is_paused_and_resumed_from_another_process()
    {
        using var tasks = new TasksProgram().WithNodes($"{Slow},{Second}", Edge);
        var execution = tasks.Start("execute", "plan");
        tasks.UntilFile("started");

        tasks.Run(1, "resume").Says("is not paused");
        tasks.Run(0, "pause", "--reason", "Lunch.").Says("is paused: nothing new starts");
        tasks.Run(1, "pause").Says("is paused already");
        tasks.Go();
        TasksProgram.Until(() => tasks.StateOf("b") == "READY", "a ends and b does not start");
        tasks.Run(0, "explain", "b").Prints("The execution is paused (Lunch.)", "tasks resume");
        Assert.False(execution.HasExited);
        tasks.Run(0, "resume").Says("is not paused any more");

        var run = execution.End();
        Assert.True(run.ExitCode == 0, run.ToString());
        run.Says("paused: Lunch.", "resumed");
        tasks.Run(1, "pause").Says("has ended (completed)");
        tasks.Run(1, "abort").Says("has ended (completed) already");
    }

    [Fact]
    public void A_running_execution_is_aborted_from_another_process_and_its_processes_end()
    {
        using var tasks = new TasksProgram().WithNodes($"{TasksProgram.Shell("a", $"echo $$ > pid; touch started; {TasksProgram.UntilGo}")},{Second}", Edge);
        var execution = tasks.Start("execute", "plan");
        tasks.UntilFile("started");

        tasks.Run(0, "abort", "--reason", "Wrong plan.").Says("is aborted");

        var run = execution.End();
        Assert.True(run.ExitCode == 1, run.ToString());
        TasksProgram.AssertDecent(run);
        run.Says("aborted: Wrong plan.", "2 CANCELLED");
        Assert.False(TasksProgram.Lives(tasks.Read("pid")));
        tasks.Run(1, "retry", "a").Says("was aborted", "tasks execute");
    }

    [Fact]
    public void After_kill_9_an_execution_is_paused_resumed_and_aborted_without_a_coordinator()
    {
        using var tasks = new TasksProgram().WithNodes($"{TasksProgram.Shell("a", $"echo $$ > pid; touch started; {TasksProgram.UntilGo}")},{Second}", Edge);
        var execution = tasks.Start("execute", "plan");
        tasks.UntilFile("started");
        execution.Kill();

        tasks.Run(0, "pause").Says("is paused: nothing new starts");
        tasks.Run(0, "resume").Says("is not paused any more", "No coordinator runs", "--resume");
        Assert.True(TasksProgram.Lives(tasks.Read("pid")), "neither touches what runs");
        tasks.Run(0, "abort").Says("is aborted");

        Assert.False(TasksProgram.Lives(tasks.Read("pid")), "what an earlier coordinator left running is stopped");
        tasks.Run(0, "status").Prints("aborted", "2 CANCELLED");
        tasks.Go();
        tasks.Run(0, "execute", "plan", "--resume").Says("a new one starts");
    }

    [Fact]
    public void A_paused_execution_stays_paused_over_a_resume_of_its_coordinator()
    {
        using var tasks = new TasksProgram().WithNodes($"{Slow},{Second}", Edge);
        var killed = tasks.Start("execute", "plan");
        tasks.UntilFile("started");
        killed.Kill();
        tasks.Run(0, "pause", "--reason", "Later.");
        tasks.Go();

        var execution = tasks.Start("execute", "plan", "--resume");
        execution.UntilError("is paused (Later.)");
        tasks.Run(0, "resume");

        Assert.Equal(0, execution.End().ExitCode);
    }

    [Fact]
    public void A_failed_task_is_retried_and_what_it_made_others_skip_follows()
    {
        using var tasks = new TasksProgram().WithNodes(
            TasksProgram.Shell("a", "test -e go", ""","scheduling_hints":{"retry_on_failure":false}""") + "," + Second, Edge);

        var run = tasks.Run(1, "execute", "plan");
        run.Says("a attempt 1 failed: It exited with code 1.", "b skipped because a was not done", "1 FAILED, 1 SKIPPED", "tasks explain");
        tasks.Run(1, "retry", "b").Says("skipped because a was not done", "Retry a");
        tasks.Go();
        tasks.Run(0, "retry", "a").Says("will be tried again", "--resume");
        tasks.Run(0, "execute", "plan", "--resume").Says("2 SUCCEEDED");
        tasks.Run(1, "retry", "a").Says("has succeeded; finished work is not run again");
    }

    [Fact]
    public void A_task_that_failed_is_skipped_and_what_depends_on_it_goes_on()
    {
        using var tasks = new TasksProgram().WithNodes(
            TasksProgram.Shell("a", "exit 1", ""","scheduling_hints":{"retry_on_failure":false}""") + "," + Second, Edge);
        tasks.Run(1, "execute", "plan").Says("1 FAILED, 1 SKIPPED");

        tasks.Run(0, "skip", "a", "--reason", "It was done by hand.").Says("is skipped and counts as done", "--resume");
        tasks.Run(0, "explain", "a").Prints("by a person: It was done by hand.", "It counts as done");
        tasks.Run(0, "list").Prints("Done\n  - a\n", "skipped: It was done by hand.");
        tasks.Run(0, "execute", "plan", "--resume").Says("1 SUCCEEDED, 1 SKIPPED");
        tasks.Run(1, "skip", "a").Says("was skipped already: It was done by hand.");
    }

    [Fact]
    public void A_running_execution_skips_a_task_and_all_that_depends_on_it()
    {
        using var tasks = new TasksProgram().WithNodes($"{Slow},{Second}", Edge);
        var execution = tasks.Start("execute", "plan");
        tasks.UntilFile("started");

        tasks.Run(1, "skip", "a").Says("Skip it when its attempt has ended");
        tasks.Run(0, "skip", "b", "--with-successors").Says("is skipped, and all that depends on it");
        tasks.Go();

        Assert.Equal(1, execution.End().ExitCode);
        Assert.Equal(("SUCCEEDED", "SKIPPED"), (tasks.StateOf("a"), tasks.StateOf("b")));
    }

    [Fact]
    public void A_running_execution_gets_another_worker_when_somebody_asks()
    {
        using var tasks = new TasksProgram().WithNodes($"{Slow},{Second}");
        var execution = tasks.Start("execute", "plan", "--workers", "1");
        tasks.UntilFile("started");
        Assert.Equal("READY", tasks.StateOf("b"));

        tasks.Run(1, "set-workers", "0").Says("say a number from 1 to 10000");
        tasks.Run(0, "set-workers", "2").Says("works with at most 2 workers from now on");
        TasksProgram.Until(() => tasks.StateOf("b") == "SUCCEEDED", "b runs beside a");
        tasks.Go();

        Assert.Equal(0, execution.End().ExitCode);
    }

    [Fact]
    public void A_task_that_waits_for_its_next_attempt_is_tried_at_once_when_somebody_asks()
    {
        using var tasks = new TasksProgram().WithNodes(
            TasksProgram.Shell("a", "test -e go"), more: ""","policies":{"retry":{"max_attempts":3,"initial_delay_ms":3600000,"max_delay_ms":3600000,"jitter":false}}""");
        var execution = tasks.Start("execute", "plan");
        execution.UntilError("is tried again in");

        tasks.Run(0, "explain", "a").Prints("waits until", "for attempt 2", "It exited with code 1.", "tasks retry a");
        tasks.Run(3, "retry", "zz").Says("no task 'zz'");
        tasks.Go();
        tasks.Run(0, "retry", "a").Says("will be tried again");

        Assert.Equal(0, execution.End().ExitCode);
    }

    [Fact]
    public void A_task_that_needs_help_makes_the_execution_exit_with_1()
    {
        using var tasks = new TasksProgram().WithNodes(
            TasksProgram.Shell("a", "exit 7"), more: ""","policies":{"retry":{"max_attempts":2,"initial_delay_ms":1,"max_delay_ms":1}}""");

        tasks.Run(1, "execute", "plan").Says("a needs help: It failed 2 times, the last time: It exited with code 7.", "1 HELP_NEEDED");
        Assert.Equal("HELP_NEEDED", tasks.StateOf("a"));
    }

    [Fact]
    public void A_run_that_ended_with_a_question_goes_on_with_the_answer_in_the_same_execution()
    {
        using var tasks = new TasksProgram().WithNodes(
            $"{TasksProgram.Shell("a", "test \"$TASKS_ADVICE\" = 'Look in b.' || exit 7")},{Second}", """{"from":"a","to":"b"}""", ""","policies":{"retry":{"max_attempts":2,"initial_delay_ms":1,"max_delay_ms":1}}""");

        tasks.Run(1, "execute", "plan").Says("failed after", "1 HELP_NEEDED", "`tasks answer a \"...\"` or `tasks retry a`, and then --resume");
        tasks.Run(0, "answer", "a", "Look in b.").Says("a of exec-", "`tasks execute PLAN --resume` goes on");
        tasks.Run(0, "execute", "plan", "--resume").Says("completed");

        Assert.Equal((1, 2, 1), (tasks.Count("execution_created"), tasks.Count("execution_finished"), tasks.Count("execution_reopened")));
        tasks.Run(0, "verify").Prints("rules hold");
    }

    [Fact]
    public void With_wait_an_execution_stays_for_a_manual_task_until_it_is_aborted()
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"talk","run":{"manual":true}}""" + "," + Second);
        var execution = tasks.Start("execute", "plan", "--wait");
        tasks.UntilFile("ran");
        TasksProgram.Until(() => tasks.StateOf("b") == "SUCCEEDED", "b succeeds");

        tasks.Run(0, "explain", "talk").Prints("talk is READY", "It waits for a session to claim it.");
        Assert.False(execution.HasExited);
        tasks.Run(0, "abort").Says("is aborted");

        var run = execution.End();
        Assert.True(run.ExitCode == 1, run.ToString());
        TasksProgram.AssertDecent(run);
    }

    [Fact]
    public void A_coordinator_refuses_to_speak_for_another_execution()
    {
        using var tasks = new TasksProgram().WithNodes(Slow).WithPlan("""{"graph":{"nodes":[{"id":"c","run":{"argv":["true"]}}]}}""", "other");
        tasks.Run(0, "execute", "other");
        var other = tasks.Document("status", "--format", "json").GetProperty("execution_id").GetString()!;
        var execution = tasks.Start("execute", "plan");
        tasks.UntilFile("started");

        tasks.Run(1, "pause", other).Says("This coordinator runs exec-", $"not '{other}'");
        tasks.Run(3, "pause", "exec-1").Says("There is no execution 'exec-1' here.");
        tasks.Go();
        Assert.Equal(0, execution.End().ExitCode);
    }
}
