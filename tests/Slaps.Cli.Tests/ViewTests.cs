using System.Text.Json;

namespace Slaps.Cli.Tests;

/// <summary>What status, report, explain and log show, and the stream of events.</summary>
public sealed class ViewTests
{
    private const string Busy = $"touch started; {TasksProgram.UntilGo}";

    [Fact]
    public void The_events_are_lines_of_JSON_from_1_without_a_gap()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", "echo hello; echo oops >&2") + "," + TasksProgram.Shell("b", "true"), """{"from":"a","to":"b"}""");

        var run = tasks.Run(0, "execute", "plan", "--format", "json");

        var events = run.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(Enumerable.Range(1, events.Count), events.Select(e => e.GetProperty("seq").GetInt32()));
        Assert.Equal(tasks.Events().Select(e => e.Type), events.Select(e => e.GetProperty("type").GetString()!));
        Assert.Equal("execution_created", events[0].GetProperty("type").GetString());
        Assert.Equal("execution_finished", events[^1].GetProperty("type").GetString());
        Assert.All(events, e => Assert.Equal(["seq", "at", "execution_id", "type", "data"], e.EnumerateObject().Select(p => p.Name)));
        Assert.DoesNotContain("SUCCEEDED", run.Error);
    }

    [Fact]
    public void A_resumed_stream_goes_on_where_the_first_one_ended()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", Busy));
        var first = tasks.Start("execute", "plan", "--format", "json");
        tasks.UntilFile("started");
        TasksProgram.Until(() => first.Output.Contains("task_started", StringComparison.Ordinal), "the start is shown");
        first.Kill();
        tasks.Go();

        var second = tasks.Run(0, "execute", "plan", "--resume", "--format", "json");

        var seqs = first.End().Lines.Concat(second.Lines).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("seq").GetInt32()).ToList();
        Assert.Equal(Enumerable.Range(1, seqs.Count), seqs);
    }

    [Fact]
    public void A_reader_that_goes_away_does_not_stop_the_execution()
    {
        using var tasks = new TasksProgram().WithNodes(Chain(20));

        var run = tasks.StartOther("/bin/bash", "-c", $"'{TasksProgram.Program}' execute plan --format json | head -n 1; exit ${{PIPESTATUS[0]}}").End();

        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Single(run.Lines);
        TasksProgram.AssertDecent(run);
        Assert.Equal(20, tasks.Count("task_succeeded"));
    }

    [Fact]
    public void A_full_device_as_standard_output_is_told_once_and_the_execution_goes_on()
    {
        using var tasks = new TasksProgram().WithNodes(Chain(5));

        var run = tasks.StartOther("/bin/sh", "-c", $"'{TasksProgram.Program}' execute plan --format json >/dev/full").End();

        Assert.True(run.ExitCode == 0, run.ToString());
        TasksProgram.AssertDecent(run);
        Assert.Single(run.Error.Split('\n'), line => line.Contains("Standard output refused the events", StringComparison.Ordinal));
        Assert.Equal(5, tasks.Count("task_succeeded"));
    }

    [Fact]
    public void A_full_device_as_standard_error_stops_nothing()
    {
        using var tasks = new TasksProgram().WithNodes(Chain(3));

        Assert.Equal(0, tasks.StartOther("/bin/sh", "-c", $"'{TasksProgram.Program}' execute plan 2>/dev/full").End().ExitCode);
        Assert.Equal(3, tasks.StartOther("/bin/sh", "-c", $"'{TasksProgram.Program}' execute nowhere 2>/dev/full").End().ExitCode);
    }

    [Fact]
    public void Data_that_standard_output_refuses_is_a_sentence_and_exit_6()
    {
        using var tasks = new TasksProgram().WithNodes(Chain(1));
        tasks.Run(0, "execute", "plan");

        var run = tasks.StartOther("/bin/sh", "-c", $"'{TasksProgram.Program}' status >/dev/full").End();

        Assert.True(run.ExitCode == 6, run.ToString());
        TasksProgram.AssertDecent(run);
    }

    [Fact]
    public void The_report_has_the_fields_of_the_monitoring_output()
    {
        using var tasks = new TasksProgram().WithNodes(
            Chain(3) + "," + TasksProgram.Shell("flaky", "test -e once || { touch once; exit 1; }"), more: ""","policies":{"retry":{"initial_delay_ms":1,"max_delay_ms":1}}""");
        tasks.Run(0, "execute", "plan");

        var report = tasks.Document("report", "--format", "json");

        Assert.StartsWith("exec-", report.GetProperty("execution_id").GetString());
        Assert.Equal("completed", report.GetProperty("status").GetString());
        var metrics = report.GetProperty("metrics");
        Assert.InRange(metrics.GetProperty("total_duration_hours").GetDouble(), 0.0000001, 0.1);
        Assert.Equal(4, metrics.GetProperty("tasks_completed").GetInt32());
        Assert.Equal(0, metrics.GetProperty("tasks_failed").GetInt32());
        Assert.Equal(1, metrics.GetProperty("retries_total").GetInt32());
        Assert.Equal(0, metrics.GetProperty("circuit_breaker_activations").GetInt32());
        Assert.Equal(0, metrics.GetProperty("hot_updates_applied").GetInt32());
        Assert.InRange(metrics.GetProperty("resource_efficiency").GetDouble(), 0.01, 1);
        Assert.Equal(JsonValueKind.Null, metrics.GetProperty("cost_estimate_usd").ValueKind);
        var timeline = report.GetProperty("timeline");
        Assert.True(timeline.GetProperty("started_at").GetDateTimeOffset() < timeline.GetProperty("completed_at").GetDateTimeOffset());
        Assert.Equal([25, 50, 75, 100], timeline.GetProperty("checkpoints").EnumerateArray().Select(c => c.GetProperty("progress").GetInt32()));
        tasks.Run(0, "report").Prints("4 of 4 succeeded", "retries     1", "100 %");
    }

    [Fact]
    public void The_status_of_a_running_execution_shows_tasks_resources_and_holders()
    {
        using var tasks = new TasksProgram().WithNodes(
            TasksProgram.Shell("a", Busy, ""","title":"Load it","resources":{"locks":["database"]}""") + "," + TasksProgram.Shell("b", "true"), """{"from":"a","to":"b"}""");
        var execution = tasks.Start("execute", "plan");
        tasks.UntilFile("started");

        var status = tasks.Document("status", "--format", "json");
        var a = status.GetProperty("tasks")[0];
        Assert.Equal("running", status.GetProperty("status").GetString());
        Assert.Equal(1, status.GetProperty("counts").GetProperty("PENDING").GetInt32());
        Assert.Equal(("a", "Load it", 1, "worker-1"), (a.GetProperty("id").GetString(), a.GetProperty("title").GetString(), a.GetProperty("attempts").GetInt32(), a.GetProperty("worker").GetString()));
        var held = Assert.Single(status.GetProperty("resources").EnumerateArray(), r => r.GetProperty("name").GetString() == "lock:database");
        Assert.Equal("a", held.GetProperty("held_by")[0].GetString());
        tasks.Run(0, "status").Prints("lock:database by a", "Load it · on worker-1", "PENDING");

        tasks.Go();
        Assert.Equal(0, execution.End().ExitCode);
        tasks.Run(0, "status").Prints("completed, 2 SUCCEEDED", "✓ a");
    }

    [Fact]
    public void Explain_names_the_predecessor_the_lock_with_its_holder_the_pool_and_the_busy_workers()
    {
        using var tasks = new TasksProgram().WithNodes(
            TasksProgram.Shell("holder", Busy, ""","resources":{"locks":["db"],"shared":{"bench":2}},"scheduling_hints":{"priority":"critical"}""")
            + "," + TasksProgram.Shell("busy", Busy, ""","scheduling_hints":{"priority":"critical"}""")
            + "," + TasksProgram.Shell("lock", "true", ""","resources":{"locks":["db"]}""")
            + "," + TasksProgram.Shell("pool", "true", ""","resources":{"shared":{"bench":1}}""")
            + "," + TasksProgram.Shell("free", "true") + "," + TasksProgram.Shell("later", "true"),
            """{"from":"holder","to":"later"},{"from":"free","to":"later"}""", ""","resources":{"pools":{"bench":2}}""");
        var execution = tasks.Start("execute", "plan", "--worker-max", "2");
        TasksProgram.Until(() => File.Exists(tasks.JournalPath) && tasks.Count("task_started") == 2, "both workers are busy");

        tasks.Run(0, "explain", "holder").Prints("holder runs on worker-", "attempt 1, process ");
        tasks.Run(0, "explain", "lock").Prints("lock is READY", "waits for the lock 'db'", "held by holder");
        tasks.Run(0, "explain", "pool").Prints("waits for the pool 'bench' (1 needed, 0 free), held by holder");
        tasks.Run(0, "explain", "free").Prints("waits for a worker", "2 that could take it are busy");
        tasks.Run(0, "explain", "later").Prints("later is PENDING: 2 of its 2 predecessors", "holder, which is RUNNING", "free, which is READY");

        tasks.Go();
        Assert.Equal(0, execution.End().ExitCode);
        tasks.Run(0, "explain", "later").Prints("later has SUCCEEDED");
    }

    [Fact]
    public void Explain_says_why_a_task_failed_and_why_another_was_skipped()
    {
        using var tasks = new TasksProgram().WithNodes(
            TasksProgram.Shell("a", "true", ""","acceptance_checks":[{"type":"file_exists","path":"made"}],"scheduling_hints":{"retry_on_failure":false}""") + "," + TasksProgram.Shell("b", "true"),
            """{"from":"a","to":"b"}""");

        tasks.Run(1, "execute", "plan");

        tasks.Run(0, "explain", "a").Prints("a has FAILED", "It says that it is done, but check", "made", "tasks log a", "tasks retry a");
        tasks.Run(0, "explain", "b").Prints("b was SKIPPED", "because a", "tasks retry a");
    }

    [Fact]
    public void The_log_is_text_or_the_lines_as_they_are()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", "echo hello; echo oops >&2; test -e once || { touch once; exit 1; }"),
            more: ""","policies":{"retry":{"initial_delay_ms":1,"max_delay_ms":1}}""");
        tasks.Run(0, "execute", "plan");

        tasks.Run(0, "log", "a").Prints("— a, attempt 1 —", "— a, attempt 2 —", "\nhello\n", "\noops\n", "exited with code 1", "exited with code 0");
        var lines = tasks.Run(0, "log", "a", "--format", "json").Lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.All(lines, line => Assert.Equal("a", line.GetProperty("task_id").GetString()));
        Assert.Equal(2, lines.Count(line => line.GetProperty("message").GetString() == "hello"));
    }

    [Fact]
    public void A_followed_log_shows_what_is_printed_and_ends_when_the_task_is_over()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", $"echo first; {Busy}; echo last") + "," + TasksProgram.Shell("other", $"until [ -e end ] || [ ! -d .slaps ]; do sleep 0.05; done"));
        var execution = tasks.Start("execute", "plan", "--worker-max", "2");
        tasks.UntilFile("started");

        var log = tasks.Start("log", "a", "--follow");
        TasksProgram.Until(() => log.Output.Contains("first", StringComparison.Ordinal), "the first line");
        Assert.False(log.HasExited);
        tasks.Go();
        var run = log.End();

        Assert.Equal(0, run.ExitCode);
        run.Prints("first\n", "last\n", "exited with code 0");
        Assert.Single(run.Lines, line => line == "first");
        Assert.False(execution.HasExited, "the execution goes on with another task");
        tasks.WithFile("end", "");
        Assert.Equal(0, execution.End().ExitCode);
    }

    [Fact]
    public void A_task_that_was_not_tried_has_no_log_and_that_is_said()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", "exit 1", ""","scheduling_hints":{"retry_on_failure":false}""") + "," + TasksProgram.Shell("b", "true"), """{"from":"a","to":"b"}""");
        tasks.Run(1, "execute", "plan");

        var run = tasks.Run(0, "log", "b");

        Assert.Empty(run.Output);
        run.Says("b has not been tried yet (SKIPPED)");
    }

    private static string Chain(int count) => string.Join(',', Enumerable.Range(1, count).Select(i => TasksProgram.Shell($"t{i}", "true")));
}
