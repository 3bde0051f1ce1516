using System.Text.Json;

namespace Slaps.Cli.Tests;

/// <summary>What would happen, without anything happening.</summary>
public sealed class DryRunTests
{
    private const string Nodes =
        """{"id":"a","duration":{"optimistic":1,"mostLikely":2,"pessimistic":4}},{"id":"b","run":{"agent":"claude"},"resources":{"locks":["db"]}},{"id":"c","run":{"argv":["touch","made"]}}""";

    [Fact]
    public void A_dry_run_prints_the_schedule_and_leaves_no_trace()
    {
        using var tasks = new TasksProgram().WithNodes(Nodes, """{"from":"a","to":"c"}""", ""","resources":{"locks":["db"]}""");

        var run = tasks.Run("execute", "plan", "--dry-run", "--format", "json", "--workers", "0", "--priority", "fifo");

        Assert.True(run.ExitCode == 0, run.ToString());
        var document = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(JsonValueKind.Null, document.GetProperty("workers").ValueKind);
        Assert.Equal(11_400m, document.GetProperty("makespan_seconds").GetDecimal());
        Assert.Equal(11_400m, document.GetProperty("critical_path_seconds").GetDecimal());
        Assert.Equal(["a 0 7800 worker-1 {}", "b 0 3600 worker-2 {\"lock:db\":1}", "c 7800 11400 worker-1 {}"], document.GetProperty("tasks").EnumerateArray().Select(t =>
            $"{t.GetProperty("id")} {t.GetProperty("start")} {t.GetProperty("finish")} {t.GetProperty("worker")} {JsonSerializer.Serialize(t.GetProperty("resources"))}"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(tasks.PathOf(".slaps")));
        Assert.False(File.Exists(tasks.PathOf("made")));
    }

    [Fact]
    public void People_get_a_table()
    {
        using var tasks = new TasksProgram().WithNodes(Nodes);

        tasks.Run(0, "execute", "plan", "--dry-run", "--workers", "2").Prints("3 tasks on 2 workers", "makespan", "lock:db");
        tasks.Run(0, "forecast", "plan", "--samples", "5").Prints("## Forecast", "Rolling frontier", "5 drawn executions");
    }

    [Fact]
    public void Who_must_be_set_up_is_reckoned_with_and_told()
    {
        const string Gpu = ""","resource_requirements":{"worker_capabilities_required":["gpu"]}""";
        using var tasks = new TasksProgram().WithNodes($"{TasksProgram.Shell("a", "true", Gpu)},{TasksProgram.Shell("b", "true", Gpu)},{TasksProgram.Shell("c", "true")}");

        var document = JsonDocument.Parse(tasks.Run(0, "execute", "plan", "--dry-run", "--workers", "2", "--setup-seconds", "60", "--specialist", "gpu", "--format", "json").Output).RootElement;
        Assert.Equal(["a worker-2 ", "b worker-1 60", "c worker-2 "], document.GetProperty("tasks").EnumerateArray().Select(t =>
            $"{t.GetProperty("id")} {t.GetProperty("worker")} {(t.TryGetProperty("setup_seconds", out var seconds) ? seconds : null)}"));
        tasks.Run(0, "execute", "plan", "--dry-run", "--workers", "1", "--setup-seconds", "1800").Prints("set-up 30 min 0 s", "3.5 h");
        tasks.Run(0, "forecast", "plan", "--workers", "1", "--setup-seconds", "1800", "--samples", "1").Prints("3.5 h");

        var run = tasks.Run(0, "execute", "plan", "--workers", "2", "--setup-seconds", "7", "--specialist", "gpu", "--format", "json");
        var assigned = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).Where(e => e.GetProperty("type").GetString() == "task_assigned").Select(e => e.GetProperty("data")).ToList();
        Assert.Equal(["a specialist-1 ", "b worker-1 7"], assigned.Take(2).Select(e => $"{e.GetProperty("task")} {e.GetProperty("worker")} {(e.TryGetProperty("setup_seconds", out var seconds) ? seconds : null)}"));
        tasks.Run(0, "verify").Prints("rules hold");
    }

    [Theory]
    [InlineData("execute", "--specialist", "a\u001b[2J")]
    [InlineData("execute", "--capabilities", "a,b\u0007")]
    [InlineData("forecast", "--specialist", "a\u001b[2J\nb")]
    public void A_capability_that_a_terminal_would_obey_is_none(string command, string option, string given)
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", "true"));
        string[] needed = command == "forecast" ? ["--workers", "2"] : [];

        tasks.Run(3, [command, "plan", .. needed, option, given]).Says("is no capability", "\\u00");
    }

    [Theory]
    [InlineData("2 of 2 workers can be no specialists", "execute", "plan", "--workers", "2", "--specialist", "a", "--specialist", "b")]
    [InlineData("--setup-seconds takes a whole number from 0 to 86400, not '1.5'.", "execute", "plan", "--setup-seconds", "1.5")]
    [InlineData("--specialist names what one of the workers can do", "execute", "plan", "--specialist", ",")]
    [InlineData("--capabilities has no use with --dry-run without --setup-seconds", "execute", "plan", "--dry-run", "--capabilities", "a")]
    [InlineData("--capabilities has no use here without --setup-seconds", "forecast", "plan", "--capabilities", "a")]
    [InlineData("--workers 0 means no limit, which only a dry run knows.", "execute", "plan", "--workers", "0")]
    [InlineData("--workers takes the place of --worker-min and --worker-max.", "execute", "plan", "--workers", "2", "--worker-max", "3")]
    [InlineData("--resume has no use with --dry-run", "execute", "plan", "--dry-run", "--resume")]
    [InlineData("--priority takes critical-path or fifo, not 'luck'.", "execute", "plan", "--priority", "luck")]
    [InlineData("--workers takes a whole number from 0 to 10000, not '-1'.", "forecast", "plan", "--workers", "-1")]
    public void What_makes_no_sense_is_refused(string sentence, params string[] arguments)
    {
        using var tasks = new TasksProgram().WithNodes(Nodes);

        var run = tasks.Run(2, arguments);

        Assert.Contains(sentence, run.Error);
    }

    [Fact]
    public void A_real_execution_keeps_its_rule_and_its_waves_when_it_is_resumed()
    {
        using var tasks = new TasksProgram().WithNodes(
            $"{TasksProgram.Shell("a", "true")},{TasksProgram.Shell("b", "exit 1", ",\"idempotent\":false")},{TasksProgram.Shell("c", "touch c")}", """{"from":"a","to":"c"}""");

        var first = tasks.Run("execute", "plan", "--priority", "fifo", "--model", "waves", "--workers", "2", "--format", "json");

        Assert.True(first.ExitCode == 1, first.ToString());
        Assert.Contains("\"priority\":\"fifo\",\"model\":\"waves\"", first.Output);
        Assert.Contains("\"concurrency\":2", first.Output);
        Assert.False(File.Exists(tasks.PathOf("c")));
        tasks.Run(0, "retry", "b");
        Assert.Contains("began with --priority fifo", tasks.Run(3, "execute", "plan", "--resume", "--priority", "critical-path").Error);
        Assert.Contains("began with --model waves", tasks.Run(3, "execute", "plan", "--resume", "--model", "rolling").Error);
    }
}
