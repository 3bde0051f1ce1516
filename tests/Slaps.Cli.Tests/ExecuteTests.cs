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
}
