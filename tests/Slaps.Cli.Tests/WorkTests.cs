
namespace Slaps.Cli.Tests;

/// <summary>Tasks that misbehave: endless output, daemons, links that leave, time-outs, and what the state directory keeps of them.</summary>
public sealed class WorkTests
{
    [Fact]
    public void An_output_of_200_MB_uses_little_disk_and_little_memory()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", "yes 0123456789012345678901234567890123456789012345678901234567890123 | head -c 200000000; echo the end"));
        var execution = tasks.Start("execute", "plan");
        long memory = 0;
        while (!execution.HasExited)
        {
            memory = Math.Max(memory, execution.PeakMegabytes());
            Thread.Sleep(20);
        }

        var run = execution.End();
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.InRange(memory, 1, 250);
        Assert.InRange(MegabytesOnDisk(), 1, 40);
        tasks.Run(0, "log", "a").Prints("the end");

        // What the files take, not how long they look: the coordinator punches holes into what it has read.
        long MegabytesOnDisk() => long.Parse(tasks.StartOther("/bin/sh", "-c", "du -s -m .slaps 2>/dev/null").End().Output.Split('\t')[0]);
    }

    [Fact]
    public void A_child_that_daemonises_is_gone_after_the_execution()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", "setsid sh -c 'echo $$ > pid; exec sleep 600' >/dev/null 2>&1 </dev/null & until [ -s pid ]; do sleep 0.02; done"));

        tasks.Run(0, "execute", "plan");

        Assert.NotEmpty(tasks.Read("pid"));
        Assert.False(TasksProgram.Lives(tasks.Read("pid")));
    }

    [Fact]
    public void A_daemon_of_a_killed_coordinator_is_gone_after_the_next_one()
    {
        using var tasks = new TasksProgram().WithNodes(
            TasksProgram.Shell("a", $"setsid sh -c 'echo $$ > pid; exec sleep 600' >/dev/null 2>&1 </dev/null & until [ -s pid ]; do sleep 0.02; done; touch started; {TasksProgram.UntilGo}; touch made",
                ""","acceptance_checks":[{"type":"file_exists","path":"made"}]"""));
        var killed = tasks.Start("execute", "plan");
        tasks.UntilFile("started");
        killed.Kill();
        tasks.Go();
        tasks.UntilFile("made");

        tasks.Run(0, "execute", "plan", "--resume");

        Assert.False(TasksProgram.Lives(tasks.Read("pid")));
    }

    [Theory]
    [InlineData(""","acceptance_checks":[{"type":"file_exists","path":"out/passwd"}]""")]
    [InlineData(""","interfaces":{"produces":[{"path":"out/passwd"}]}""")]
    [InlineData(""","acceptance_checks":[{"type":"file_contains","path":"out/passwd","text":"root"}]""")]
    public void A_symlink_out_of_the_workspace_that_a_task_makes_fails_it(string more)
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", "ln -sfn /etc out", more + ""","scheduling_hints":{"retry_on_failure":false}"""));

        tasks.Run(1, "execute", "plan").Says("a attempt 1 failed", "1 FAILED");

        Assert.Equal(0, tasks.Count("task_succeeded"));
        tasks.Run(0, "explain", "a").Prints("out/passwd");
    }

    [Fact]
    public void A_workdir_that_became_a_link_out_of_the_workspace_fails_the_task_that_works_there()
    {
        using var tasks = new TasksProgram().WithNodes(
            TasksProgram.Shell("a", "rmdir in && ln -s /tmp in")
            + "," + """{"id":"b","run":{"argv":["touch","tasks-test-escaped"],"workdir":"in"},"scheduling_hints":{"retry_on_failure":false}}""",
            """{"from":"a","to":"b"}""");
        Directory.CreateDirectory(tasks.PathOf("in"));

        tasks.Run(1, "execute", "plan").Says("b attempt 1 failed", "in", "workspace");

        Assert.False(File.Exists("/tmp/tasks-test-escaped"));
    }

    [Fact]
    public void A_program_that_does_not_exist_needs_help_at_once()
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"a","run":{"argv":["no-such-program"]}}""");

        tasks.Run(1, "execute", "plan").Says("no-such-program", "1 HELP_NEEDED");
        Assert.Equal(1, tasks.Count("task_failed"));
    }

    [Fact]
    public void A_task_that_takes_too_long_is_stopped_with_its_children()
    {
        using var tasks = new TasksProgram().WithNodes(
            """{"id":"a","run":{"command":"trap '' TERM; sleep 600 & echo $! > pid; wait","shell":true,"timeout_seconds":0.3},"scheduling_hints":{"retry_on_failure":false}}""");

        tasks.Run(1, "execute", "plan").Says("It took longer than its 0.3 seconds and was stopped.");

        Assert.False(TasksProgram.Lives(tasks.Read("pid")));
    }

    [Fact]
    public void A_success_without_proof_is_a_failure()
    {
        using var tasks = new TasksProgram().WithNodes(
            TasksProgram.Shell("a", "exit 0", ""","acceptance_checks":[{"type":"command","argv":["no-such-check"]}],"scheduling_hints":{"retry_on_failure":false}"""));

        tasks.Run(1, "execute", "plan").Says("It says that it is done, but check", "no-such-check");
    }

    [Fact]
    public void Credentials_stay_here_unless_they_are_passed_by_name()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", "env > env"));
        tasks.Environment["DEPLOY_TOKEN"] = "t0ps3cret";

        tasks.Run(0, "execute", "plan");
        Assert.DoesNotContain("t0ps3cret", tasks.Read("env"));
        tasks.Run(0, "execute", "plan", "--pass-env", "DEPLOY_TOKEN");
        Assert.Contains("DEPLOY_TOKEN=t0ps3cret", tasks.Read("env"));
    }

    [Fact]
    public void More_workers_join_while_tasks_wait_and_never_more_than_allowed()
    {
        var nodes = string.Join(',', Enumerable.Range(1, 6).Select(i => TasksProgram.Shell($"t{i}", $"touch started{i}; {TasksProgram.UntilGo}")));
        using var tasks = new TasksProgram().WithNodes(nodes);
        var execution = tasks.Start("execute", "plan", "--worker-min", "2", "--worker-max", "3");
        TasksProgram.Until(() => File.Exists(tasks.JournalPath) && tasks.Count("task_started") == 3, "three run");
        tasks.Go();

        var run = execution.End();

        Assert.True(run.ExitCode == 0, run.ToString());
        run.Says("up to 3 workers");
        Assert.Equal(1, tasks.Count("worker_joined"));
    }

    [Fact]
    public void The_state_lies_beside_git_and_never_in_the_plan()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", "pwd > where"));
        Directory.Delete(tasks.PathOf(".slaps"));
        Directory.CreateDirectory(tasks.PathOf(".git"));
        Directory.CreateDirectory(tasks.PathOf("deep/er"));

        var run = tasks.StartOther("/bin/sh", "-c", $"cd deep/er && '{TasksProgram.Program}' execute ../../plan").End();

        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Equal($"{tasks.Folder}\n", tasks.Read("where"));
        Assert.True(File.Exists(tasks.JournalPath));
        Assert.Equal("*\n", tasks.Read(".slaps/.gitignore"));
        Assert.Equal(["coordinator.json"], Directory.EnumerateFileSystemEntries(tasks.PathOf("plan")).Select(Path.GetFileName));
    }

    [Fact]
    public void Nothing_is_left_in_the_temporary_folder()
    {
        // A path that is too long for a socket makes the coordinator put it into the temporary folder.
        using var tasks = new TasksProgram();
        var deep = Path.Combine(Enumerable.Repeat("a-long-name-of-a-directory", 5).ToArray());
        Directory.CreateDirectory(Path.Combine(tasks.Folder, deep, ".slaps"));
        Directory.CreateDirectory(tasks.PathOf("tmp"));
        tasks.Environment["TMPDIR"] = tasks.PathOf("tmp");
        tasks.Environment["DOTNET_EnableDiagnostics"] = "0";   // .NET puts pipes for debuggers there.
        tasks.WithNodes(TasksProgram.Shell("a", $"touch '{tasks.PathOf("started")}'; until [ -e '{tasks.PathOf("go")}' ] || [ ! -d .slaps ]; do sleep 0.05; done"));
        var execution = tasks.StartOther("/bin/sh", "-c", $"cd '{deep}' && exec '{TasksProgram.Program}' execute '{tasks.PathOf("plan")}'");
        tasks.UntilFile("started");
        TasksProgram.Until(() => Directory.EnumerateFileSystemEntries(tasks.PathOf("tmp")).Any(), "the socket is there");

        var retry = tasks.StartOther("/bin/sh", "-c", $"cd '{deep}' && exec '{TasksProgram.Program}' retry a").End();
        Assert.True(retry.ExitCode == 1, retry.ToString());
        retry.Says("a is RUNNING; it has not failed");
        execution.Kill();
        tasks.Go();
        var second = tasks.StartOther("/bin/sh", "-c", $"cd '{deep}' && exec '{TasksProgram.Program}' execute '{tasks.PathOf("plan")}' --resume").End();

        Assert.True(second.ExitCode == 0, second.ToString());
        Assert.Empty(Directory.EnumerateFileSystemEntries(tasks.PathOf("tmp")));
    }
}
