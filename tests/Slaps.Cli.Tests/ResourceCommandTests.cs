namespace Slaps.Cli.Tests;

/// <summary><c>tasks resource</c> from inside of running tasks, and from sessions, with the real program.</summary>
public sealed class ResourceCommandTests
{
    private const string Resources = ""","resources":{"locks":["database"],"pools":{"ports":2}}""";

    private static string Asks(string more) => $"{TasksProgram.Program} resource acquire {more}";

    [Fact]
    public void The_older_task_waits_for_the_younger_one_and_the_younger_makes_way_for_the_older()
    {
        var older = TasksProgram.Shell("T1", $"until [ -e has2 ]; do sleep 0.02; done; {Asks("database")} && touch has1 && until [ -e go ]; do sleep 0.02; done");
        var younger = TasksProgram.Shell("T2", $"if [ -e has1 ]; then exit 0; fi; {Asks("lock:database")} && touch has2; sleep 0.3; {TasksProgram.Program} resource release database; until [ -e has1 ]; do sleep 0.02; done; {Asks("database")}; touch late");
        using var tasks = new TasksProgram().WithNodes($"{older},{younger}", more: Resources);
        var run = tasks.Start("execute", "plan", "--worker-min", "2");

        TasksProgram.Until(() => File.Exists(tasks.JournalPath) && tasks.Count("resource_denied", "T2") == 1, "T2 makes way");
        TasksProgram.Until(() => tasks.StateOf("T2") == "QUEUED", "T2 is queued again");
        tasks.Run(0, "explain", "T2").Prints("in its way is T1, which is older.", "It starts again when the lock 'database' is free for it; T1 has it now.");
        tasks.Go();

        Assert.Equal(0, run.End().ExitCode);
        Assert.Equal((1, 0, 2), (tasks.Count("resource_requested", "T1"), tasks.Count("task_failed"), tasks.Count("task_assigned", "T2")));
        Assert.False(File.Exists(tasks.PathOf("late")));
        tasks.Run(0, "verify").Prints(" rules hold");
    }

    [Fact]
    public void A_wish_that_makes_no_sense_is_answered_with_a_reason()
    {
        var node = TasksProgram.Shell("T1", $"{Asks("prots")} 2> said; echo $? >> said; {Asks("ports --amount 3")} 2>> said; echo $? >> said; {Asks("ports --amount 2")} 2>> said; echo $? >> said; TASKS_ATTEMPT=7 {Asks("database")} 2>> said; echo $? >> said");
        using var tasks = new TasksProgram().WithNodes(node, more: Resources);

        tasks.Run(0, "execute", "plan");

        string[] expected = ["has no resource 'prots'. Did you mean 'ports'?", "3", "There is never so much of the pool 'ports'", "1", "T1 has 2 of the pool 'ports'.", "0", "Attempt 7 of T1 is over", "1"];
        Assert.All(tasks.Read("said").TrimEnd().Split('\n').Zip(expected), line => Assert.Contains(line.Second, line.First));
        Assert.Equal(2, tasks.Count("resource_acquired", "T1") + tasks.Count("resource_released", "T1"));
    }

    [Fact]
    public void Whoever_waits_too_long_makes_way_and_tries_again()
    {
        var holder = TasksProgram.Shell("T2", $"{Asks("database")} && touch has; until [ -e second ]; do sleep 0.02; done");
        var waiter = TasksProgram.Shell("T1", $"if [ $TASKS_ATTEMPT = 2 ]; then touch second; exit 0; fi; until [ -e has ]; do sleep 0.02; done; {Asks("database --timeout 0.2")}", ",\"duration\":2");
        using var tasks = new TasksProgram().WithNodes($"{waiter},{holder}", more: Resources);
        var run = tasks.Start("execute", "plan", "--worker-min", "2");
        TasksProgram.Until(() => File.Exists(tasks.JournalPath) && tasks.Count("task_queued", "T1") == 1, "T1 is queued again");

        // It waits until that is free for which it made way, and that would be never here.
        tasks.WithFile("second", "");

        Assert.Equal(0, run.End().ExitCode);
        Assert.Equal((0, 2), (tasks.Count("task_failed"), tasks.Count("task_assigned", "T1")));
    }

    [Fact]
    public void Sessions_ask_for_resources_without_any_coordinator()
    {
        const string Nodes = """{"id":"T1","run":{"manual":true}},{"id":"T2","run":{"manual":true}}""";
        using var tasks = new TasksProgram().WithNodes(Nodes, more: Resources);
        tasks.Run(0, "load", "plan");
        tasks.Run(3, "resource", "acquire", "database").Says("You are no session yet.");
        foreach (var (session, task) in new[] { ("alpha", "T1"), ("beta", "T2") })
        {
            tasks.As(session).Run(0, "register", session);
            tasks.Run(0, "claim", task);
        }

        tasks.As("alpha").Run(0, "resource", "acquire", "database").Says("T1 has the lock 'database'.");
        tasks.As("beta").Run(1, "resource", "release", "database").Says("T2 has not acquired the lock 'database', so there is nothing to give back. It is held by T1 (alpha).");
        tasks.Run(1, "resource", "acquire", "database", "--timeout", "0").Says("the lock 'database' is not free: in its way is T1.");
        tasks.Run(0, "progress", "30", "--message", "the schema is half done");
        tasks.Run(1, "resource", "acquire", "database").Says(
            "beta asked for the lock 'database' in the midst of T2, which is not free for it: in its way is T1, which is older.",
            "attempt 1 of T2 is over, beta does not have T2 any more",
            "Nothing has failed: T2 is on the list again, keeps its age,",
            "`tasks claim` takes another task, `tasks claim T2 --wait` takes this one again.");
        tasks.Run(1, "resource", "release", "database", "--task", "T2").Says("beta does not have T2: it is QUEUED and nobody works on it");
        tasks.Run(1, "progress", "40", "T2").Says("beta does not have T2: it is on the list again, and waits for lock:database.");
        tasks.Run(1, "claim", "T2").Says("T2 waits for lock:database, held by T1 (alpha)");
        tasks.Run(1, "complete", "T2").Says("beta does not have T2");

        tasks.As("alpha").Run(0, "resource", "release", "database");
        tasks.As("beta").Run(0, "claim", "T2").Prints("beta was at 30 %: the schema is half done.");
        tasks.Run(0, "resource", "acquire", "database", "--task", "T2");
        var waiting = tasks.As("alpha").Start("resource", "acquire", "database");
        TasksProgram.Until(() => tasks.Count("resource_requested", "T1") == 1, "T1 waits");
        tasks.As("beta").Run(0, "complete", "T2");
        Assert.Equal(0, waiting.End().ExitCode);
        tasks.Run(2, "resource", "aquire", "database").Says("`tasks resource --help`");
        tasks.Run(0, "verify").Prints(" rules hold");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_wish_dies_with_the_command_that_waits_for_it(bool withCoordinator)
    {
        const string Nodes = """{"id":"T1","run":{"manual":true}},{"id":"T2","run":{"manual":true}}""";
        using var tasks = new TasksProgram().WithNodes(Nodes, more: Resources);
        tasks.Run(0, "load", "plan");
        foreach (var (session, task) in new[] { ("alpha", "T1"), ("beta", "T2") })
        {
            tasks.As(session).Run(0, "register", session);
            tasks.Run(0, "claim", task);
        }

        if (withCoordinator)
        {
            tasks.As(null).Start("execute", "plan", "--resume", "--wait");
            tasks.UntilFile(".slaps/control.sock");
        }

        tasks.As("beta").Run(0, "resource", "acquire", "database");
        var waiting = tasks.As("alpha").Start("resource", "acquire", "database", "--timeout", "30");
        TasksProgram.Until(() => tasks.Count("resource_requested", "T1") == 1, "T1 waits");
        waiting.Kill();

        tasks.As("beta").Run(0, "resource", "release", "database");
        tasks.Run(0, "resource", "acquire", "database").Says("T2 has the lock 'database'.");

        Assert.Equal((0, 1, 2), (tasks.Count("resource_acquired", "T1"), tasks.Count("resource_withdrawn", "T1"), tasks.Count("resource_acquired", "T2")));
        Assert.Empty(Directory.EnumerateFiles(tasks.PathOf(".slaps/waits")));
        tasks.As("alpha").Run(1, "resource", "acquire", "database", "--timeout", "0").Says("is not free: in its way is T2.");
        tasks.Run(0, "verify").Prints(" rules hold");
    }

    [Theory]
    [InlineData("--amount", "-5", "--amount takes a number above 0 and up to 1000000000000, not '-5'.")]
    [InlineData("--amount", "0", "not '0'.")]
    [InlineData("--amount", "nan", "not 'nan'.")]
    [InlineData("--amount", "1e300", "not '1e300'.")]
    [InlineData("--amount", "infinity", "not 'infinity'.")]
    [InlineData("--timeout", "-1", "--timeout takes a number from 0 to 604800, not '-1'.")]
    [InlineData("--timeout", "nan", "not 'nan'.")]
    public void An_amount_or_a_time_that_nothing_can_have_is_wrong_usage(string option, string given, string says)
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"T1","run":{"manual":true}}""", more: Resources);
        tasks.Run(0, "load", "plan");

        tasks.Refuses(2, "resource", "acquire", "ports", option, given).Says(says);
    }
}
