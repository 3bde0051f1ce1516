using System.Text;

namespace Slaps.Cli.Tests;

/// <summary>modify: the plan is changed while it is executed, from another process.</summary>
public sealed class ModifyTests
{
    private static readonly string Slow = TasksProgram.Shell("a", $"echo a >> ran; touch started; {TasksProgram.UntilGo}");
    private static readonly string Second = TasksProgram.Shell("b", "echo b >> ran");
    private static readonly string Fix = TasksProgram.Shell("fix", "echo fix >> ran");
    private static readonly string Inject = $$"""{"reason":"It is missing.","operations":[{"op":"inject_task","task":{{Fix}},"edges":[{"from":"fix","to":"b"}]},{"op":"add_edge","edges":[{"from":"a","to":"fix"}]}]}""";
    private const string Edge = """{"from":"a","to":"b"}""";

    [Fact]
    public void A_running_execution_gets_a_task_and_an_edge_from_another_process_and_ends_with_them()
    {
        using var tasks = new TasksProgram().WithNodes($"{Slow},{Second}", Edge).WithFile("patch.json", Inject);
        var execution = tasks.Start("execute", "plan");
        tasks.UntilFile("started");

        tasks.Run(0, "modify", "patch.json", "--dry-run").Prints("would be patched: 1 task added, 2 edges added", "+ a → fix");
        Assert.Equal(0, tasks.Count("plan_patched"));
        tasks.Run(0, "modify", "patch.json").Prints("exec-", "is patched: 1 task added, 2 edges added", "+ fix → b");
        tasks.Run(0, "explain", "b").Prints("It waits for fix, which is PENDING.");
        tasks.Run(0, "explain", "fix").Prints("It waits for a, which is RUNNING.");
        tasks.Go();

        var run = execution.End();
        Assert.True(run.ExitCode == 0, run.ToString());
        TasksProgram.AssertDecent(run);
        run.Says("the plan is patched (1 new task, 2 new edges): It is missing.", "3 SUCCEEDED");
        Assert.Equal("a\nfix\nb\n", tasks.Read("ran"));
        Assert.Equal(3, tasks.Count("task_started"));
        tasks.Run(0, "status").Prints("3 SUCCEEDED", "fix");
        tasks.Run(0, "log", "fix");
        var report = tasks.Document("report", "--format", "json").GetProperty("metrics");
        Assert.Equal((3, 1), (report.GetProperty("tasks_total").GetInt32(), report.GetProperty("hot_updates_applied").GetInt32()));
    }

    [Fact]
    public void A_patch_outlives_kill_9_and_nothing_that_ran_is_run_again()
    {
        using var tasks = new TasksProgram().WithNodes(
            TasksProgram.Shell("a", $"echo a >> ran; touch started; {TasksProgram.UntilGo}; touch made", ""","acceptance_checks":[{"type":"file_exists","path":"made"}]""") + $",{Second},{TasksProgram.Shell("c", "echo c >> ran; touch c-ran")}", Edge).WithFile("patch.json", Inject);
        var killed = tasks.Start("execute", "plan", "--workers", "2");
        tasks.UntilFile("started");
        TasksProgram.Until(() => tasks.Count("task_succeeded", "c") == 1, "c ends");
        tasks.Run(0, "modify", "patch.json");
        killed.Kill();

        // The next one comes while nobody coordinates.
        tasks.WithFile("last.json", """{"op":"inject_task","task":{"id":"last","run":{"argv":["touch","last-ran"]}},"edges":[{"from":"b","to":"last"}]}""");
        tasks.Run(0, "modify", "--reason", "Again.", "--format", "json", "last.json")
            .Prints("\"applied\": true", "\"reason\": \"Again.\"", "\"tasks_added\": [\n    \"last\"").Says("No coordinator runs", "--resume");
        var second = tasks.Start("execute", "plan", "--resume");
        TasksProgram.Until(() => tasks.Count("coordinator_started") == 2, "the second coordinator starts");
        tasks.Go();

        var run = second.End();
        Assert.True(run.ExitCode == 0, run.ToString());
        run.Says("5 SUCCEEDED");
        Assert.Equal(["a", "b", "c", "fix"], tasks.Read("ran").Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        Assert.True(File.Exists(tasks.PathOf("last-ran")));
        Assert.Equal(1, tasks.Count("task_assigned", "a"));
    }

    [Fact]
    public void New_work_opens_an_execution_that_has_ended_and_an_aborted_one_takes_none()
    {
        using var tasks = new TasksProgram().WithNodes(Second).WithFile("patch.json", $$"""{"op":"inject_task","task":{{Fix}},"edges":[{"from":"b","to":"fix"}]}""").WithFile("resources.json", """{"op":"modify_resource","resources":{"pools":{"db":1}}}""");
        tasks.Run(0, "execute", "plan");

        tasks.Run(1, "modify", "resources.json").Says("has ended (completed); only a patch that injects a task opens it again");
        tasks.Run(0, "modify", "patch.json").Prints("+ fix, which is READY").Says("--resume");
        tasks.Run(0, "execute", "plan", "--resume").Says("2 SUCCEEDED");
        Assert.Equal("b\nfix\n", tasks.Read("ran"));

        tasks.Run(0, "execute", "plan");
        using var other = new TasksProgram().WithNodes(Slow).WithFile("patch.json", $$"""{"op":"inject_task","task":{{Fix}}}""");
        var execution = other.Start("execute", "plan");
        other.UntilFile("started");
        other.Run(0, "abort");
        execution.End();
        other.Run(1, "modify", "patch.json").Says("was aborted; nothing new starts in it");
    }

    [Fact]
    public void What_comes_too_late_is_refused_with_the_reason_and_changes_nothing()
    {
        using var tasks = new TasksProgram().WithNodes($"{Slow.Replace("\"id\":\"a\"", "\"id\":\"a\",\"resources\":{\"shared\":{\"db\":2}}", StringComparison.Ordinal)},{Second}", Edge, ""","resources":{"pools":{"db":3}}""")
            .WithFile("edge.json", $$"""{"op":"inject_task","task":{{Fix}},"edges":[{"from":"fix","to":"a"}]}""")
            .WithFile("task.json", """{"op":"modify_task","task":{"id":"a","duration":3}}""");
        var execution = tasks.Start("execute", "plan");
        tasks.UntilFile("started");
        TasksProgram.Until(() => tasks.StateOf("a") == "RUNNING", "a runs");

        foreach (var options in new string[][] { [], ["--dry-run"] })
        {
            Assert.Empty(tasks.Run(1, ["modify", "edge.json", .. options]).Says("a is RUNNING, so it cannot wait for fix any more").Output);
            tasks.Run(1, ["modify", "task.json", .. options]).Says("a is RUNNING, and what is in hand is not changed");
        }

        // Less than what is needed is wrong whatever happens; less than what is held is only too early.
        tasks.WithFile("pool.json", """{"op":"modify_resource","resources":{"pools":{"db":1}}}""").Run(3, "modify", "pool.json").Says("error PLAN073", "The task 'a' needs 2 of 'db', but there are only 1");
        Assert.Equal(0, tasks.Count("plan_patched"));
        tasks.Go();
        Assert.Equal(0, execution.End().ExitCode);
    }

    [Theory]
    [InlineData("", "HOT002")]
    [InlineData("garbage", "PLAN004")]
    [InlineData("{\"operations\":[]}", "HOT002")]
    [InlineData("{\"op\":\"add_edge\",\"edges\":[{\"from\":\"a\",\"to\":\"nope\"}]}", "PLAN050")]
    [InlineData("{\"op\":\"add_edge\",\"edges\":[{\"from\":\"b\",\"to\":\"a\"}]}", "PLAN052")]
    [InlineData("{\"op\":\"inject_task\",\"task\":{\"id\":\"../../etc\",\"run\":{\"argv\":[\"true\"]}}}", "PLAN021")]
    [InlineData("{\"op\":\"inject_task\",\"task\":{\"id\":\"x\\u001b[2J\"}}", "PLAN021")]
    [InlineData("{\"op\":\"inject_task\",\"task\":{\"id\":\"x\",\"run\":{\"argv\":[\"true\"],\"workdir\":\"link\"}}}", "RUN001")]
    public void A_patch_that_is_wrong_is_refused_before_anybody_is_asked(string patch, string code)
    {
        using var tasks = new TasksProgram().WithNodes($"{Second},{TasksProgram.Shell("a", "true")}", """{"from":"a","to":"b"}""").WithFile("patch.json", patch);
        tasks.Run(0, "execute", "plan");
        File.CreateSymbolicLink(tasks.PathOf("link"), "/etc");

        // Reading the journal may leave SQLite's files beside it, so the events are looked at and not the bytes.
        var events = tasks.Events().Count;
        Assert.Empty(tasks.Run(3, "modify", "patch.json").Says($"error {code}", "Nothing was changed.").Output);
        Assert.Empty(tasks.Run(3, "modify", "patch.json", "--dry-run", "--format", "json").Output);
        Assert.Equal(events, tasks.Events().Count);
    }

    [Fact]
    public void A_file_that_is_huge_deep_missing_or_no_file_is_refused()
    {
        using var tasks = new TasksProgram().WithNodes(Second).WithFile("huge.json", new string(' ', (1 << 20) + 1)).WithFile("deep.json", new string('[', 100_000));
        tasks.Run(0, "execute", "plan");

        tasks.Refuses(3, "modify", "huge.json").Says("1048577 bytes; the most is 1048576");
        tasks.Refuses(3, "modify", "deep.json").Says("PLAN005");
        tasks.Refuses(3, "modify", "none.json").Says("There is no file 'none.json'.");
        tasks.Refuses(3, "modify", ".").Says("is a directory");
        tasks.Refuses(3, "modify", "-").Says("HOT002");
        tasks.Refuses(3, "modify", "exec-1", "deep.json");
        tasks.Refuses(2, "modify");
        tasks.Refuses(2, "modify", "");
        tasks.Refuses(2, "modify", "a", "b", "c");
    }

    [Fact]
    public void A_patch_as_large_as_may_be_goes_through_the_socket()
    {
        using var tasks = new TasksProgram().WithNodes(Slow);
        var text = new StringBuilder("""{"operations":[""");
        var description = string.Concat(Enumerable.Repeat("\\\"é", 240));
        for (var i = 0; i < 900; i++)
        {
            var task = $$"""{"id":"n{{i}}","description":"{{description}}","run":{"argv":["true"]} }""";
            text.Append(i > 0 ? "," : "").Append($$"""{"op":"inject_task","task":{{task}} }""");
        }

        tasks.WithFile("patch.json", text.Append("]}").ToString());
        Assert.InRange(new FileInfo(tasks.PathOf("patch.json")).Length, 900_000, 1 << 20);
        var execution = tasks.Start("execute", "plan");
        tasks.UntilFile("started");

        tasks.Run(0, "modify", "patch.json").Prints("900 tasks added");
        tasks.Run(0, "abort");
        tasks.Go();
        execution.End().Says("CANCELLED");
        Assert.Equal(901, tasks.Document("status", "--format", "json").GetProperty("tasks").GetArrayLength());
    }
}
