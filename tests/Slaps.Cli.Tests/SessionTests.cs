namespace Slaps.Cli.Tests;

/// <summary>Who has a name: a shell that lives keeps it, one that is gone loses it.</summary>
public sealed class SessionTests
{
    private const string Registers = "\"$TASKS\" register alpha --role Backend && \"$TASKS\" claim T1 && touch registered\n" + TasksProgram.UntilGo + "\n\"$TASKS\" whoami > whoami\n";

    [Fact]
    public void A_name_whose_holder_lives_is_refused_with_who_that_is_and_taken_over_when_it_is_gone()
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"T1","run":{"manual":true}}""").WithFile("first.sh", Registers).WithFile("second.sh", "\"$TASKS\" register alpha\n");
        tasks.Environment["TASKS"] = TasksProgram.Program;
        tasks.Run(0, "load", "plan");
        var first = tasks.StartOther("bash", "first.sh");
        tasks.UntilFile("registered");

        var refused = tasks.StartOther("bash", "second.sh").End();
        Assert.Equal(1, refused.ExitCode);
        TasksProgram.AssertDecent(refused);
        refused.Says("The session alpha is in use: role 'Backend'", $"pid {first.Pid} ('bash', still running)", "terminal", "last heartbeat", "such as alpha-2", "TASKS_SESSION=alpha");
        tasks.Run(0, "sessions").Prints($"alpha  role Backend · pid {first.Pid} (bash)", "holds T1");

        first.Kill();
        var taken = tasks.StartOther("bash", "second.sh").End();
        Assert.True(taken.ExitCode == 0, taken.ToString());
        taken.Says($"The session that was called alpha before is gone (pid {first.Pid}", "given back: T1", "alpha is registered");
        Assert.Equal("QUEUED", tasks.StateOf("T1"));
    }

    [Fact]
    public void A_session_whose_shell_has_ended_lives_on_where_commands_name_it_and_they_do_not_speak_for_whoever_takes_its_name_later()
    {
        const string named = "env TASKS_SESSION=ada \"$TASKS\"";
        using var tasks = new TasksProgram().WithNodes("""{"id":"T1","run":{"manual":true}}""")
            .WithFile("a.sh", $"\"$TASKS\" register ada && touch registered\n{TasksProgram.UntilGo}\n")
            .WithFile("b.sh", $"{named} claim T1 && touch claimed\n{TasksProgram.UntilGo}\n{named} complete T1\n")
            .WithFile("c.sh", "\"$TASKS\" register ada && \"$TASKS\" claim T1\n");
        tasks.Environment["TASKS"] = TasksProgram.Program;
        tasks.Run(0, "load", "plan");
        var first = tasks.StartOther("bash", "a.sh");
        tasks.UntilFile("registered");
        var second = tasks.StartOther("bash", "b.sh");
        tasks.UntilFile("claimed");
        first.Kill();

        var refused = tasks.StartOther("bash", "c.sh").End();
        Assert.True(refused.ExitCode == 1, refused.ToString());
        refused.Says("The session ada is in use", $"pid {first.Pid} (ended; its commands name it by TASKS_SESSION");
        Assert.DoesNotContain("gone", tasks.Run(0, "sessions").Prints("ada  ", "holds T1").Output, StringComparison.Ordinal);
        Assert.Equal("ASSIGNED", tasks.StateOf("T1"));

        File.SetLastWriteTimeUtc(tasks.PathOf(".slaps/sessions/ada.json"), DateTime.UtcNow.AddMinutes(-11));
        var taken = tasks.StartOther("bash", "c.sh").End();
        Assert.True(taken.ExitCode == 0, taken.ToString());
        taken.Says("given back: T1").Prints("T1");
        tasks.Go();
        var late = second.End();
        Assert.True(late.ExitCode == 3, late.ToString());
        late.Says("Commands from here named the session ada that was there before", "Set TASKS_SESSION to another name, such as ada-2");
        Assert.Equal("ASSIGNED", tasks.StateOf("T1"));
    }

    [Fact]
    public void A_sign_of_life_of_somebody_who_holds_nothing_is_confirmed_and_names_work_only_where_there_is_some()
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"T1","run":{"manual":true},"resource_requirements":{"worker_capabilities_required":["gpu"]}}""");
        tasks.Run(0, "load", "plan");
        tasks.As("ann").Run(0, "register", "ann", "--capabilities", "cpu");

        Assert.EndsWith("The sign of life of ann is noted; it holds no task of " + tasks.Document("status", "--format", "json").GetProperty("execution_id").GetString() + ".\n", tasks.Run(0, "heartbeat").Error, StringComparison.Ordinal);
        tasks.Run(0, "register", "ann");
        tasks.Run(0, "heartbeat").Says("The sign of life of ann is noted", "`tasks claim` takes one.");
    }

    [Fact]
    public void A_shell_knows_which_session_it_is_and_so_do_the_shells_that_its_commands_run_in()
    {
        using var tasks = new TasksProgram().WithFile("one.sh", "\"$TASKS\" register one; \"$TASKS\" whoami; sh -c 'cd . && timeout 60 \"$TASKS\" whoami'; \"$TASKS\" register two; \"$TASKS\" register one --role Tester; \"$TASKS\" whoami\n");
        tasks.Environment["TASKS"] = TasksProgram.Program;

        var run = tasks.StartOther("bash", "one.sh").End();

        Assert.Equal(["one", "one", "one"], run.Lines.Select(line => line.Split(' ')[0]));
        Assert.Contains("role Tester", run.Lines[2], StringComparison.Ordinal);
        run.Says("This shell is the session one already. Go on as one, or `tasks unregister` first.");
        tasks.Run(3, "whoami").Says("You are no session yet.");
    }

    [Fact]
    public void A_shell_whose_commands_are_those_of_another_session_cannot_take_a_name_that_they_would_not_have()
    {
        using var tasks = new TasksProgram().As("beta");

        tasks.Refuses(3, "register", "alpha").Says("TASKS_SESSION is 'beta' here");
    }

    [Theory]
    [InlineData("open-tasks")]
    [InlineData("finished-tasks")]
    [InlineData("failed-tasks")]
    [InlineData("help-me")]
    [InlineData("directory")]
    public void What_a_mirrored_directory_calls_its_own_is_no_name_of_a_session(string name)
    {
        using var tasks = new TasksProgram();

        tasks.Run(3, "register", name).Says($"'{name}'", "`tasks directory` calls something else like that");
    }

    [Fact]
    public void A_sign_of_life_is_noted_before_there_is_anything_to_do()
    {
        using var tasks = new TasksProgram().As("alpha");
        tasks.Run(0, "register", "alpha");
        var file = tasks.PathOf(".slaps/sessions/alpha.json");
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-1));

        tasks.Run(0, "heartbeat").Says("alpha is heard");

        Assert.True(DateTime.UtcNow - File.GetLastWriteTimeUtc(file) < TimeSpan.FromMinutes(30));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.True(tasks.Document("whoami", "--format", "json").GetProperty("living").GetBoolean());
    }

    [Fact]
    public void What_a_registration_that_was_killed_has_not_given_back_the_next_command_gives_back()
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"A","run":{"manual":true}}""");
        tasks.Run(0, "load", "plan");
        tasks.As("ada").Run(0, "register", "ada");
        tasks.Run(0, "claim", "A");
        tasks.WithFile(".slaps/sessions/ada.json", tasks.Read(".slaps/sessions/ada.json").Replace("\"gives_back\": false", "\"gives_back\": true", StringComparison.Ordinal));

        tasks.Run(0, "whoami").Prints("holds nothing");
        Assert.Equal("QUEUED", tasks.StateOf("A"));
        tasks.Run(0, "claim", "A");
        tasks.Run(0, "whoami").Prints("holds A");
    }

    [Fact]
    public void A_session_file_that_is_broken_or_a_link_is_nobody()
    {
        using var tasks = new TasksProgram().As("alpha").WithFile(".slaps/sessions/alpha.json", "{\"name\":\"alpha\"").WithFile("elsewhere.json", "{}");
        File.CreateSymbolicLink(tasks.PathOf(".slaps/sessions/beta.json"), tasks.PathOf("elsewhere.json"));

        tasks.Run(3, "whoami").Says("There is no session 'alpha'");
        tasks.Run(0, "sessions").Says("Nobody is registered here.");
        tasks.Run(0, "register", "alpha");
        tasks.As("beta").Run(0, "register", "beta");
        Assert.Equal("{}", tasks.Read("elsewhere.json"));
    }
}
