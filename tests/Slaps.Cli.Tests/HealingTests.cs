using System.Text.Json;
using Slaps.TestKit;

namespace Slaps.Cli.Tests;

/// <summary>The samples in which something breaks, run for real: they end well without a hand, with exactly the patches that they need.</summary>
public sealed class HealingTests
{
    [Fact]
    public void A_missing_package_trips_a_breaker_is_installed_once_and_both_tasks_go_well()
    {
        using var tasks = Sample("healing");

        var run = tasks.Run(0, "execute", "plan", "--worker-max", "4");

        var events = Events(tasks);
        Assert.Equal(["missing-dependency/left-hand"], Breakers(events));
        Assert.Equal("AUTO.INSTALL.left-hand", Assert.Single(Patches(events)).GetProperty("operations")[0].GetProperty("task").GetProperty("id").GetString());
        Assert.Equal(["names", "totals"], events.Where(e => e.Type == "task_failed").Select(e => e.Data.GetProperty("task").GetString()!).Distinct().Order(StringComparer.Ordinal));
        Assert.True(File.Exists(tasks.PathOf("out/report.txt")));
        Assert.Contains("circuit breaker missing-dependency/left-hand trips", run.Error);
        tasks.Run(0, "verify");
        using var report = JsonDocument.Parse(tasks.Run(0, "report", "--format", "json").Output);
        var metrics = report.RootElement.GetProperty("metrics");
        Assert.Equal((1, 1, 4), (metrics.GetProperty("circuit_breaker_activations").GetInt32(), metrics.GetProperty("hot_updates_applied").GetInt32(), metrics.GetProperty("tasks_completed").GetInt32()));
    }

    [Fact]
    public void A_package_that_the_manifest_does_not_name_is_not_installed_and_its_name_is_never_run()
    {
        using var tasks = Sample("healing").WithFile("package.json", """{"name":"healing-sample","private":true}""");
        tasks.WithFile("src/totals.js", "console.error(\"Cannot find module 'x; touch evil'\"); process.exit(1);").WithFile("src/names.js", "console.error(\"Cannot find module 'x; touch evil'\"); process.exit(1);");

        tasks.Run(1, "execute", "plan", "--worker-max", "4");

        Assert.Empty(Patches(Events(tasks)));
        Assert.False(File.Exists(tasks.PathOf("evil")));
        Assert.False(Directory.Exists(tasks.PathOf("node_modules")));
        tasks.Run(0, "status").Prints("HELP_NEEDED", "so nothing is installed");
    }

    [Fact]
    public void A_storm_of_conflicts_limits_and_flaky_tests_passes_without_a_hand()
    {
        using var tasks = Sample("storm");

        tasks.Run(0, "execute", "plan", "--worker-max", "12", "--cpu-threshold", "off");

        var events = Events(tasks);
        Assert.Equal(["flaky-test", "out-of-memory", "rate-limit", "schema-drift"], Breakers(events));
        var kinds = Patches(events).Select(patch => string.Join('+', patch.GetProperty("operations").EnumerateArray().Select(op => op.GetProperty("op").GetString()))).Order(StringComparer.Ordinal);
        Assert.Equal(["modify_resource", "modify_task", "modify_task+inject_task", "modify_task+modify_task"], kinds);
        Assert.Equal("4", tasks.Read("db/version").Trim());
        Assert.Contains(events, e => e.Type == "task_succeeded" && e.Data.GetProperty("task").GetString() == "AUTO.CONFIRM.test");
        tasks.Run(0, "verify");

        // Nobody asked the service again before it wanted to be asked.
        var tripped = events.First(e => e.Type == "circuit_breaker_tripped" && e.Data.GetProperty("breaker").GetString() == "rate-limit");
        Assert.True(tripped.Data.GetProperty("until").GetDateTimeOffset() >= tripped.At.AddSeconds(2));
        Assert.DoesNotContain(events, e => e.Type == "task_assigned" && e.Data.GetProperty("task").GetString()!.StartsWith("client-", StringComparison.Ordinal)
            && e.Seq > tripped.Seq && e.At < tripped.Data.GetProperty("until").GetDateTimeOffset());
    }

    [Fact]
    public void The_next_attempt_is_told_what_the_last_one_found()
    {
        using var tasks = new TasksProgram().WithNodes(
            TasksProgram.Shell("a", "if [ $TASKS_ATTEMPT = 1 ]; then echo 'read ECONNRESET'; exit 3; fi; echo \"$TASKS_FINDINGS_SUMMARY\" > summary; cat \"$TASKS_FINDINGS\" > findings"),
            more: ""","policies":{"retry":{"initial_delay_ms":1}}""");

        tasks.Run(0, "execute", "plan");

        Assert.Equal("It exited with code 3.\n", tasks.Read("summary"));
        Assert.Contains("Class: transient. Playbook: network.", tasks.Read("findings"));
        Assert.Contains("The end of its log:", tasks.Read("findings"));
        Assert.Contains("read ECONNRESET", tasks.Read("findings"));
    }

    [Fact]
    public void A_program_that_is_wrong_is_not_run_again()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", "echo 'src/a.c:3:1: error: expected declaration'; exit 1"), more: ""","policies":{"retry":{"initial_delay_ms":1}}""");

        tasks.Run(1, "execute", "plan");

        Assert.Single(Events(tasks), e => e.Type == "task_failed");
        tasks.Run(0, "status").Prints("HELP_NEEDED", "fault of the work itself");
    }

    private static TasksProgram Sample(string name)
    {
        _ = Needs.Node();
        var tasks = new TasksProgram();
        var from = Path.Combine(Needs.RepositoryRoot, "samples", name);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories)) tasks.WithFile(Path.GetRelativePath(from, file), File.ReadAllText(file));
        return tasks;
    }

    private sealed record Happened(long Seq, DateTimeOffset At, string Type, JsonElement Data);

    private static List<Happened> Events(TasksProgram tasks) => [.. tasks.Events().Select(e => new Happened(e.Seq, DateTimeOffset.UnixEpoch.AddMicroseconds(e.AtMicroseconds), e.Type, JsonDocument.Parse(e.Data).RootElement))];

    private static IEnumerable<JsonElement> Patches(IEnumerable<Happened> events) => events.Where(e => e.Type == "plan_patched").Select(e => e.Data.GetProperty("patch"));

    private static IEnumerable<string> Breakers(IEnumerable<Happened> events) =>
        events.Where(e => e.Type == "circuit_breaker_tripped").Select(e => e.Data.GetProperty("breaker").GetString()!).Order(StringComparer.Ordinal);
}
