using System.Diagnostics;
using Slaps.TestKit;

namespace Slaps.Cli.Tests;

/// <summary><c>tasks verify</c> on journals of real executions, as they are and as somebody changed them.</summary>
public sealed class VerifyTests
{
    [Fact]
    public void The_journal_of_a_real_execution_keeps_every_rule_while_it_runs_and_at_its_end()
    {
        using var tasks = Busy();
        var execution = tasks.Start("execute", "plan", "--workers", "2");
        tasks.UntilFile("started");
        TasksProgram.Until(() => tasks.Count("task_started") > 0, "the start is durable");

        tasks.Run(0, "verify").Prints("has not ended", "rules hold");
        tasks.Go();
        Assert.Equal(0, execution.End().ExitCode);

        tasks.Run(0, "verify").Prints("has ended", "3 tasks, 3 attempts, 1 check passed", "rules hold");
        var report = tasks.Document("verify", "--format", "json");
        Assert.True(report.GetProperty("ok").GetBoolean());
        Assert.Equal(tasks.Events().Count, report.GetProperty("events").GetInt32());
        Assert.Empty(report.GetProperty("violations").EnumerateArray());
    }

    [Fact]
    public void A_journal_that_somebody_changed_is_refused_with_rule_task_and_events()
    {
        using var tasks = Busy();
        tasks.Go();
        tasks.Run(0, "execute", "plan", "--workers", "2");
        Change(tasks, "UPDATE events SET data = replace(data, '\"passed\":true', '\"passed\":false') WHERE type = 'task_succeeded'");

        tasks.Run(1, "verify").Prints("✗ checks, event", "a succeeds, but its check");

        var report = tasks.Run(1, "verify", "--format", "json");
        var violation = Assert.Single(System.Text.Json.JsonDocument.Parse(report.Output).RootElement.GetProperty("violations").EnumerateArray());
        Assert.Equal(("checks", "a"), (violation.GetProperty("rule").GetString(), violation.GetProperty("task").GetString()));
        Assert.NotEmpty(violation.GetProperty("events").EnumerateArray());
    }

    [Fact]
    public void Whatever_stands_in_an_event_is_a_finding_and_nothing_that_a_terminal_obeys()
    {
        using var tasks = Busy();
        tasks.Go();
        tasks.Run(0, "execute", "plan");
        Change(tasks, "UPDATE events SET data = '{\"task\":\"\\u001b[2J\\u202e\"}' WHERE seq = 2; UPDATE events SET data = 'no JSON', at_us = -5 WHERE seq = 4; UPDATE events SET type = 'x' || char(27) WHERE seq = 5; DELETE FROM events WHERE seq = 7; UPDATE events SET at_us = 9223372036854775807 WHERE seq = 9");

        tasks.Run(1, "verify").Prints("known_task, event 2", "readable, event 4", "time, event", "sequence, event 8", "not judged");
        tasks.Run(1, "verify", "--format", "json").Prints("\"not_judged\"");
        foreach (var command in new[] { "status", "list", "report" }) tasks.Run(6, command).Says("Event 2 of", "`tasks verify");
    }

    [Fact]
    public void Without_an_execution_or_a_readable_plan_nothing_can_be_proven()
    {
        using var tasks = Busy();
        tasks.Refuses(3, "verify").Says("no execution");
        tasks.Go();
        tasks.Run(0, "execute", "plan");
        tasks.Run(3, "verify", "exec-1999-01-01-001").Says("no execution");
        Change(tasks, "UPDATE plans SET json = '{}'");

        tasks.Run(3, "verify").Says("cannot be read");
    }

    private static TasksProgram Busy() => new TasksProgram().WithNodes(
        TasksProgram.Shell("a", $"touch started; {TasksProgram.UntilGo}; touch made", ""","acceptance_checks":[{"id":"made","type":"file_exists","path":"made"}]""")
        + "," + TasksProgram.Shell("b", "true", ""","resources":{"locks":["db"]}""") + "," + TasksProgram.Shell("c", "true", ""","resources":{"locks":["db"]}"""),
        """{"from":"a","to":"c"}""");

    private static void Change(TasksProgram tasks, string sql)
    {
        using var sqlite = Process.Start(new ProcessStartInfo(Needs.Tool("sqlite3"), [tasks.JournalPath, sql]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = sqlite.StandardError.ReadToEnd();
        sqlite.WaitForExit();
        Assert.True(sqlite.ExitCode == 0, said);
    }
}
