using System.Text.Json;

namespace Slaps.Cli.Tests;

public sealed class ExecuteTests
{
    [Fact]
    public void A_plan_runs_to_its_end_and_exits_with_0()
    {
        using var tasks = new TasksProgram().WithPlan(
            """{"graph":{"nodes":[{"id":"a","run":{"argv":["touch","made"]}},{"id":"b","run":{"argv":["test","-f","made"]}}],"edges":[{"from":"a","to":"b"}]}}""");

        var run = tasks.Run("execute", "plan", "--format", "json");

        Assert.True(run.ExitCode == 0, run.ToString());
        var events = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal("execution_finished", events[^1].GetProperty("type").GetString());
        Assert.Equal(["a", "b"], events.Where(e => e.GetProperty("type").GetString() == "task_succeeded").Select(e => e.GetProperty("data").GetProperty("task").GetString()!));
    }

    [Theory]
    [InlineData("", """{"min_workers":1,"idle_seconds":60,"memory_threshold":0.9,"error_threshold":0.5}""")]
    [InlineData("--worker-min 3 --worker-max 9 --cpu-threshold 60 --memory-threshold 0 --error-threshold off", """{"min_workers":2,"idle_seconds":60,"cpu_threshold":0.6}""")]
    [InlineData("--workers 4 --cpu-threshold 1 --memory-threshold 100 --error-threshold 100", """{"min_workers":4,"idle_seconds":60,"cpu_threshold":0.01,"memory_threshold":1,"error_threshold":1}""")]
    public void The_rules_of_the_pool_are_those_of_the_command_line(string options, string pool)
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"a","run":{"argv":["true"]}},{"id":"b","run":{"argv":["true"]}}""");

        var run = tasks.Run(0, ["execute", "plan", "--format", "json", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        var started = run.Output.Split('\n').First(line => line.Contains("coordinator_started", StringComparison.Ordinal));
        Assert.Equal(pool, JsonDocument.Parse(started).RootElement.GetProperty("data").GetProperty("pool").GetRawText());
    }

    [Fact]
    public void An_attempt_that_prints_nothing_for_too_long_is_stopped_and_tried_again()
    {
        using var tasks = new TasksProgram().WithNodes(
            TasksProgram.Shell("a", "test -e once && exit 0; touch once; echo begun; while :; do sleep 1; done"),
            more: ""","policies":{"stall_timeout_seconds":2,"retry":{"initial_delay_ms":1,"max_delay_ms":1}}""");

        tasks.Run(0, "execute", "plan").Says("a is being stopped (it has printed nothing for too long)", "attempt 1 failed: It printed nothing for 2 seconds and was stopped.");

        Assert.Equal(1, tasks.Count("task_failed", "a"));
        Assert.Equal(1, tasks.Count("task_succeeded", "a"));
    }

    [Fact]
    public void When_too_much_fails_everybody_is_told_that_fewer_run_at_once()
    {
        var nodes = Enumerable.Range(1, 24).Select(i => $$$"""{"id":"t{{{i}}}","run":{"argv":["false"]},"scheduling_hints":{"retry_on_failure":false}}""");
        using var tasks = new TasksProgram().WithNodes(string.Join(',', nodes));

        tasks.Run(1, "execute", "plan", "--worker-max", "4").Says("▼ backpressure high: ", "20 of the last 20 attempts failed (threshold 50 %).");

        Assert.Equal(1, tasks.Document("report", "--format", "json").GetProperty("metrics").GetProperty("backpressure_activations").GetInt32());
        tasks.Run(0, "report").Prints("held back   1 time, by backpressure");

        // It has ended: nothing is held back any more.
        Assert.False(tasks.Document("status", "--format", "json").TryGetProperty("backpressure", out _));
    }
}
