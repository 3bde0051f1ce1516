using System.Runtime.InteropServices;

namespace Slaps.Cli.Tests;

/// <summary>Signals, kill -9 and what --resume makes of them.</summary>
public sealed class InterruptionTests
{
    private static readonly string Slow = TasksProgram.Shell("a", $"echo a >> ran; touch started; {TasksProgram.UntilGo}");
    private static readonly string Second = TasksProgram.Shell("b", "echo b >> ran");
    private const string Edge = """{"from":"a","to":"b"}""";

    [Theory]
    [InlineData(PosixSignal.SIGINT)]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGHUP)]
    public void The_first_signal_drains_and_resume_goes_on(PosixSignal signal)
    {
        if (signal == PosixSignal.SIGHUP && TasksProgram.IgnoresHangUps) return;
        using var tasks = new TasksProgram().WithNodes($"{Slow},{Second}", Edge);
        var execution = tasks.Start("execute", "plan");
        tasks.UntilFile("started");

        execution.Signal(signal);
        execution.UntilError("Draining");
        Assert.False(execution.HasExited);
        tasks.Go();
        var run = execution.End();

        Assert.True(run.ExitCode == 4, run.ToString());
        TasksProgram.AssertDecent(run);
        run.Says("A second Ctrl-C", "interrupted", "--resume");
        Assert.Equal("SUCCEEDED", tasks.StateOf("a"));
        Assert.Equal("READY", tasks.StateOf("b"));
        tasks.Run(0, "execute", "plan", "--resume");
        Assert.Equal("a\nb\n", tasks.Read("ran"));
    }

    [Fact]
    public void The_second_signal_stops_what_runs_and_resume_runs_it_again()
    {
        using var tasks = new TasksProgram().WithNodes($"{Slow},{Second}", Edge);
        var execution = tasks.Start("execute", "plan");
        tasks.UntilFile("started");

        execution.Signal(PosixSignal.SIGINT);
        execution.UntilError("Draining");
        execution.Signal(PosixSignal.SIGINT);
        var run = execution.End();

        Assert.True(run.ExitCode == 4, run.ToString());
        TasksProgram.AssertDecent(run);
        run.Says("Stopping what runs", "--resume");
        Assert.Equal("QUEUED", tasks.StateOf("a"));
        tasks.Go();
        tasks.Run(0, "execute", "plan", "--resume");
        Assert.Equal("a\na\nb\n", tasks.Read("ran"));
        Assert.Equal(0, tasks.Count("task_failed"));
    }

    [Fact]
    public void After_kill_9_a_living_process_is_adopted_and_not_run_twice()
    {
        using var tasks = new TasksProgram().WithNodes(
            TasksProgram.Shell("a", $"echo $$ >> pids; touch started; {TasksProgram.UntilGo}; touch made", ""","acceptance_checks":[{"type":"file_exists","path":"made"}]""") + "," + Second, Edge);
        var killed = tasks.Start("execute", "plan");
        tasks.UntilFile("started");
        killed.Kill();
        var pid = tasks.Read("pids").Trim();
        Assert.True(TasksProgram.Lives(pid), "the task outlives its coordinator");

        var second = tasks.Start("execute", "plan", "--resume");
        TasksProgram.Until(() => tasks.Count("coordinator_started") == 2, "the second coordinator starts");
        Assert.True(TasksProgram.Lives(pid), "the task outlives the change of coordinators");
        tasks.Go();
        var run = second.End();

        Assert.True(run.ExitCode == 0, run.ToString());
        TasksProgram.AssertDecent(run);
        Assert.Equal($"{pid}\n", tasks.Read("pids"));
        Assert.Equal("b\n", tasks.Read("ran"));
        Assert.Equal(1, tasks.Count("task_assigned", "a"));
    }

    [Fact]
    public void A_plan_that_changed_is_refused_by_resume_but_white_space_is_no_change()
    {
        using var tasks = Interrupted();
        var plan = tasks.Read("plan/coordinator.json");

        tasks.WithPlan(plan.Replace("echo b", "echo B", StringComparison.Ordinal));
        var before = tasks.Events().Count;
        tasks.Run(3, "execute", "plan", "--resume").Says("The plan has changed since exec-", "without --resume");
        Assert.Equal(before, tasks.Events().Count);

        tasks.WithPlan(plan.Replace(",", ",\n    ", StringComparison.Ordinal).Replace("{", "{ ", StringComparison.Ordinal));
        tasks.Run(0, "execute", "plan", "--resume");
        Assert.Equal("a\na\nb\n", tasks.Read("ran"));
    }

    [Fact]
    public void A_plan_by_way_of_a_link_has_the_same_executions()
    {
        using var tasks = new TasksProgram().WithPlan("""{"graph":{"nodes":[{"id":"a","run":{"argv":["false"]},"scheduling_hints":{"max_retries":1}}]},"policies":{"retry":{"initial_delay_ms":1}}}""");
        Directory.CreateSymbolicLink(tasks.PathOf("alias"), tasks.PathOf("plan"));
        tasks.Run(1, "execute", "plan");

        tasks.Run(1, "execute", "alias", "--resume").Says("exec-", "has ended with work undone");
    }

    [Fact]
    public void Resume_of_an_execution_that_ended_with_work_undone_names_what_to_retry_and_does_nothing_again()
    {
        using var tasks = new TasksProgram().WithPlan(
            """{"graph":{"nodes":[{"id":"good","run":{"argv":["sh","-c","echo x >> good"]}},{"id":"bad","run":{"argv":["test","-f","mended"]},"scheduling_hints":{"max_retries":1}}]},"policies":{"retry":{"initial_delay_ms":1}}}""");
        tasks.Run(1, "execute", "plan");

        tasks.Run(1, "execute", "plan", "--resume").Says("has ended with work undone", "tasks retry bad");
        File.WriteAllText(tasks.PathOf("mended"), "");
        tasks.Run(0, "retry", "bad");
        tasks.Run(0, "execute", "plan", "--resume");

        Assert.Single(File.ReadAllLines(tasks.PathOf("good")));
    }

    [Fact]
    public void Resume_starts_an_execution_where_there_is_none_that_is_unfinished()
    {
        using var tasks = new TasksProgram().WithNodes(Second);

        tasks.Run(0, "execute", "plan", "--resume").Says("no unfinished execution; a new one starts");
        tasks.Run(0, "execute", "plan", "--resume").Says("no unfinished execution; a new one starts");

        Assert.Equal("b\nb\n", tasks.Read("ran"));
    }

    [Fact]
    public void Without_resume_a_new_execution_starts_and_says_that_there_was_another()
    {
        using var tasks = Interrupted();
        tasks.Go();

        tasks.Run(0, "execute", "plan").Says("is unfinished and stays so; --resume would have gone on with it");
        Assert.Equal("a\na\nb\n", tasks.Read("ran"));
    }

    [Fact]
    public void A_second_execute_is_refused_with_the_pid_of_the_first()
    {
        using var tasks = new TasksProgram().WithNodes(Slow);
        var first = tasks.Start("execute", "plan");
        tasks.UntilFile("started");

        tasks.Run(5, "execute", "plan").Says($"pid {first.Pid} ", "holds the state directory", "tasks status");
        tasks.Run(5, "execute", "plan", "--resume").Says($"pid {first.Pid} ");
        tasks.Go();

        Assert.Equal(0, first.End().ExitCode);
        Assert.Equal("a\n", tasks.Read("ran"));
    }

    // An execution in which a was stopped by two signals; it ends at once when it is tried again.
    private static TasksProgram Interrupted()
    {
        var tasks = new TasksProgram().WithNodes($"{Slow},{Second}", Edge);
        var execution = tasks.Start("execute", "plan");
        tasks.UntilFile("started");
        execution.Signal(PosixSignal.SIGTERM);
        execution.UntilError("Draining");
        execution.Signal(PosixSignal.SIGTERM);
        Assert.Equal(4, execution.End().ExitCode);
        tasks.Go();
        return tasks;
    }
}
