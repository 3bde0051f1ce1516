namespace Slaps.Cli.Tests;

/// <summary>Compensations as real processes: after a failure, on demand, and after the coordinator was killed in the middle.</summary>
public sealed class CompensationTests
{
    [Fact]
    public void What_a_failed_task_left_behind_is_undone_and_it_can_be_done_anew()
    {
        using var tasks = new TasksProgram().WithNodes(
            TasksProgram.Shell("a", "echo row >> table; [ -e fixed ]", $$""","idempotent":false,"compensation":{{Undo("[ $TASKS_COMPENSATION = 1 ] && rm table")}}"""));

        tasks.Run(1, "execute", "plan").Says("a is rolled back: It failed and must not be done twice", "the compensation of a", "1 ROLLED_BACK");
        Assert.False(File.Exists(tasks.PathOf("table")));
        tasks.Run(0, "explain", "a").Prints("ROLLED_BACK", "tasks retry a");

        tasks.WithFile("fixed", "");
        tasks.Run(0, "retry", "a");
        tasks.Run(0, "execute", "plan", "--resume").Says("1 SUCCEEDED");
        Assert.Equal("row\n", tasks.Read("table"));
    }

    [Fact]
    public void A_rollback_undoes_what_stands_on_the_task_before_it_and_goes_on_when_its_coordinator_was_killed()
    {
        using var tasks = new TasksProgram().WithNodes(
            $"{Undoable("a", "echo undo a >> undone")},{Undoable("b", $"echo $$ > pid; touch started; {TasksProgram.UntilGo}; echo undo b >> undone")},{Undoable("c", "echo undo c >> undone")},{TasksProgram.Shell("d", "true")}",
            """{"from":"a","to":"b"},{"from":"b","to":"c"}""");
        tasks.Run(0, "execute", "plan");

        tasks.Run(0, "rollback", "a", "--reason", "Wrong data.").Says("undoes, in this order: c, b, a", "No coordinator runs, so nothing is undone yet", "--resume");
        tasks.Run(0, "explain", "c").Prints("COMPENSATING");
        var execution = tasks.Start("execute", "plan", "--resume");
        tasks.UntilFile("started");
        execution.Kill();
        Assert.True(TasksProgram.Lives(tasks.Read("pid")));

        var second = tasks.Start("execute", "plan", "--resume");
        second.UntilError("frontier");
        tasks.Go();
        var ended = second.End();
        Assert.Equal(1, ended.ExitCode);
        ended.Says("What was to be undone is undone in all of them. `tasks retry a`");
        Assert.Equal("undo c\n", tasks.Read("undone")[..7]);
        Assert.EndsWith("undo b\nundo a\n", tasks.Read("undone"));
        tasks.Run(0, "status").Prints("3 ROLLED_BACK", "1 SUCCEEDED");
        tasks.Run(0, "verify");

        tasks.Run(0, "retry", "a");
        tasks.Run(0, "execute", "plan", "--resume").Says("4 SUCCEEDED");
    }

    [Fact]
    public void A_compensation_that_fails_is_for_a_person_who_can_say_that_it_is_undone()
    {
        using var tasks = new TasksProgram().WithNodes(Undoable("a", "echo cannot reach the database; exit 9"), more: ""","monitoring":{"alerts":[{"on":["help_needed"],"file":"alerts.txt"}]}""");
        tasks.Run(0, "execute", "plan");
        tasks.Run(0, "rollback", "a");

        tasks.Run(1, "execute", "plan", "--resume").Says("the compensation of a failed: It exited with code 9.");
        Assert.Contains("`tasks rollback a --by-hand` says that you have undone it.", tasks.Read("alerts.txt"), StringComparison.Ordinal);
        Assert.DoesNotContain("tasks answer", tasks.Read("alerts.txt"), StringComparison.Ordinal);
        tasks.Run(0, "help-list").Prints("compensation 2 by", "Its compensation failed: It exited with code 9.", "cannot reach the database", "tasks rollback a | tasks rollback a --by-hand");
        tasks.Run(1, "execute", "plan", "--resume").Says("a could not be undone", "tasks rollback a --by-hand");
        tasks.Run(1, "retry", "a").Says("what it did is still there", "--by-hand");
        tasks.Run(1, "skip", "a").Says("what it did is still there");
        tasks.Run(0, "status");
        tasks.Run(0, "rollback", "a", "--by-hand").Says("is rolled back", "tasks retry a");
        tasks.Run(1, "rollback", "a").Says("was rolled back already");
    }

    private static string Undoable(string id, string undo) => TasksProgram.Shell(id, "true", $$""","idempotent":false,"compensation":{{Undo(undo)}}""");

    private static string Undo(string text) => $$"""{"command":{{System.Text.Json.JsonSerializer.Serialize(text)}},"shell":true}""";
}
