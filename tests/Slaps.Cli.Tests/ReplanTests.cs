namespace Slaps.Cli.Tests;

/// <summary>replan: a specification changes while its plan is executed.</summary>
public sealed class ReplanTests
{
    // The greeting waits until somebody says go, so that the specification can change meanwhile.
    private static readonly string Greeter =
        $"""
        # The greeter

        ## Build

        - Write the farewell

          ```sh
          echo farewell >> ran
          echo bye > farewell
          ```

          Verify: `farewell` exists

        - Write the greeting

          ```sh
          echo greeting >> ran
          touch started
          {TasksProgram.UntilGo}
          echo hello > greeting
          ```

          After: Write the farewell
          Verify: `greeting` exists

        - Frame the greeting

          ```sh
          echo frame >> ran
          touch frame
          ```

          After: Write the greeting
          Verify: `frame` exists

        - Pack both

          ```sh
          echo pack >> ran
          cat greeting farewell > both
          ```

          After: Write the greeting, Write the farewell
          Verify: `both` exists
        """;

    // Another farewell than the one that is done, no frame any more, another way to pack, and something in front of all.
    private static readonly string Changed = Greeter
        .Replace("echo bye", "echo ciao", StringComparison.Ordinal)
        .Replace("cat greeting farewell > both", "cat farewell greeting > both", StringComparison.Ordinal)
        .Replace(Greeter[Greeter.IndexOf("- Frame", StringComparison.Ordinal)..Greeter.IndexOf("- Pack", StringComparison.Ordinal)], "", StringComparison.Ordinal)
        .Replace("## Build\n", "## Ground\n\n- Choose the language\n\n  ```sh\n  echo language >> ran\n  touch language\n  ```\n\n  Verify: `language` exists\n\n## Build\n", StringComparison.Ordinal);

    [Fact]
    public void A_running_execution_takes_over_what_has_changed_and_ends_with_it()
    {
        using var tasks = new TasksProgram().WithFile("SPEC.md", Greeter);
        tasks.Run(0, "plan", "SPEC.md", "--output-dir", "plan");
        var execution = tasks.Start("execute", "plan", "--workers", "1");
        tasks.UntilFile("started");
        var name = tasks.Document("status", "--format", "json").GetProperty("execution_id").GetString()!;
        tasks.WithFile("SPEC.md", Changed);

        // First it is only shown.
        tasks.Run(0, "replan", "plan", "--spec", "SPEC.md", "--after", name)
            .Prints("would be planned anew: 3 tasks kept (1 of them done), 2 added, 1 changed, 1 dropped", "+ P1.T005 Choose the language", "+ P1.T001.R2 Write the farewell (again: P1.T001 was done as it was asked for before)",
                "+ P1.T001 → P1.T001.R2", "+ P1.T001.R2 → P1.T004", "~ P1.T004 Pack both", "run.command:", "- P1.T003 Frame the greeting: would be skipped", "P1.T001.R2 → P1.T002 is left out: P1.T002 has begun")
            .Says("Nothing was changed.");
        Assert.Equal(0, tasks.Count("plan_patched"));

        tasks.Run(0, "replan", "plan", "--spec", "SPEC.md", "--after", name, "--approve").Prints("is planned anew", "- P1.T003 Frame the greeting: skipped");
        Assert.Equal(1, tasks.Count("plan_patched"));
        tasks.Run(0, "replan", "plan", "--spec", "SPEC.md", "--after", name, "--approve").Prints("is what the specification asks for: 4 tasks kept");
        tasks.Go();

        var run = execution.End();
        Assert.True(run.ExitCode == 0, run.ToString());
        TasksProgram.AssertDecent(run);
        run.Says("the plan is patched (2 new tasks", "The specification 'SPEC.md' has changed;");
        Assert.Equal("ciao\nhello\n", tasks.Read("both"));
        Assert.False(File.Exists(tasks.PathOf("frame")));
        Assert.Equal(1, tasks.Count("task_assigned", "P1.T001"));
        Assert.Equal(1, tasks.Count("task_assigned", "P1.T002"));
        Assert.Equal(["farewell", "farewell", "greeting", "language", "pack"], tasks.Read("ran").Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        tasks.Run(0, "verify");
    }

    [Fact]
    public void Without_a_coordinator_it_is_decided_here_and_goes_on_with_resume()
    {
        using var tasks = new TasksProgram().WithFile("SPEC.md", Greeter);
        tasks.Run(0, "plan", "SPEC.md", "--output-dir", "plan");
        var killed = tasks.Start("execute", "plan", "--workers", "1");
        tasks.UntilFile("started");
        killed.Kill();
        var name = tasks.Document("status", "--format", "json").GetProperty("execution_id").GetString()!;
        tasks.WithFile("new.md", Changed);

        var applied = tasks.Document("replan", "plan", "--spec", "new.md", "--after", name, "--approve", "--keep-dropped", "--leave-finished", "--format", "json");
        Assert.True(applied.GetProperty("applied").GetBoolean());
        Assert.Equal("P1.T001", Assert.Single(applied.GetProperty("left_as_done").EnumerateArray()).GetString());
        Assert.Empty(applied.GetProperty("dropped").EnumerateArray());
        Assert.Equal("P1.T004", Assert.Single(applied.GetProperty("changed").EnumerateArray()).GetProperty("id").GetString());
        tasks.Go();

        tasks.Run(0, "execute", "plan", "--resume");
        Assert.Equal("bye\nhello\n", tasks.Read("both"));
        Assert.True(File.Exists(tasks.PathOf("frame")));
        Assert.True(File.Exists(tasks.PathOf("language")));
        tasks.Run(0, "verify");
    }

    // Two that cannot be done as they are written, after one that can.
    private const string Broken =
        """
        # The bakery

        ## Bake

        - Grind the flour

          ```sh
          echo flour > flour
          ```

          Verify: `flour` exists

        - Knead the dough

          ```sh
          test -e yeast && echo dough > dough
          ```

          Verify: `dough` exists

        - Heat the oven

          ```sh
          test -e wood && echo hot > hot
          ```

          Verify: `hot` exists
        """;

    [Fact]
    public void What_has_failed_is_tried_again_where_its_work_is_another_one_and_named_where_it_is_not()
    {
        using var tasks = new TasksProgram().WithFile("SPEC.md", Broken);
        tasks.Run(0, "plan", "SPEC.md", "--output-dir", "plan");
        tasks.Run(1, "execute", "plan");
        var name = tasks.Document("status", "--format", "json").GetProperty("execution_id").GetString()!;
        tasks.WithFile("SPEC.md", Broken
            .Replace("test -e yeast && echo dough", "echo sourdough", StringComparison.Ordinal)
            .Replace(Broken[Broken.IndexOf("- Grind", StringComparison.Ordinal)..Broken.IndexOf("- Knead", StringComparison.Ordinal)], "", StringComparison.Ordinal));

        tasks.Run(0, "replan", "plan", "--spec", "SPEC.md", "--after", name)
            .Prints("P1.T001 Grind the flour is done and stays so, though nobody asks for it any more", "↻ P1.T002 Knead the dough is ", "and its work is another one now: it would be tried again",
                "! P1.T003 Heat the oven is ", "it is asked for as before. `tasks retry P1.T003` tries it again.");
        Assert.Equal(0, tasks.Count("execution_reopened"));
        var applied = tasks.Document("replan", "plan", "--spec", "SPEC.md", "--after", name, "--approve", "--format", "json");
        Assert.Equal("P1.T002", Assert.Single(applied.GetProperty("retried").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal("P1.T003", Assert.Single(applied.GetProperty("still_failed").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal("P1.T001", Assert.Single(applied.GetProperty("dropped_done").EnumerateArray()).GetProperty("id").GetString());

        tasks.Run(1, "execute", "plan", "--resume");
        Assert.Equal("sourdough\n", tasks.Read("dough"));
        Assert.Equal("SUCCEEDED", tasks.StateOf("P1.T002"));
        tasks.Run(0, "verify").Prints("rules hold");
    }

    [Fact]
    public void Of_two_that_replan_at_once_the_second_finds_nothing_left_to_do_and_hears_who_was_first()
    {
        using var tasks = new TasksProgram().WithFile("SPEC.md", Greeter);
        tasks.Run(0, "plan", "SPEC.md", "--output-dir", "plan");
        var killed = tasks.Start("execute", "plan", "--workers", "1");
        tasks.UntilFile("started");
        killed.Kill();
        var name = tasks.Document("status", "--format", "json").GetProperty("execution_id").GetString()!;
        tasks.WithFile("SPEC.md", Changed);

        var both = Enumerable.Range(0, 2).Select(_ => tasks.Start("replan", "plan", "--spec", "SPEC.md", "--after", name, "--approve")).ToList().ConvertAll(run => run.End());

        Assert.All(both, run => Assert.True(run.ExitCode == 0, run.ToString()));
        Assert.Equal(1, tasks.Count("plan_patched"));
        Assert.All(both, run => Assert.DoesNotContain("does not fit", run.Error, StringComparison.Ordinal));
        tasks.Run(0, "replan", "plan", "--spec", "SPEC.md", "--after", name, "--approve").Prints("is what the specification asks for: 4 tasks kept");
    }

    [Fact]
    public void What_does_not_belong_together_is_refused_and_nothing_changes()
    {
        using var tasks = new TasksProgram().WithFile("SPEC.md", Greeter).WithFile("other/coordinator.json", """{"graph":{"nodes":[{"id":"a","run":{"argv":["true"]}}],"edges":[]}}""")
            .WithFile("strange.md", "# Weather\n\n## Forecast\n\n- Fetch the forecast\n\n  ```sh\n  true\n  ```\n\n  Verify: `x` exists\n").WithFile("empty.md", "").WithFile("broken.md", Greeter.Replace("After: Write the greeting\n", "After: Nobody\n", StringComparison.Ordinal));
        tasks.Run(0, "plan", "SPEC.md", "--output-dir", "plan");
        tasks.Run(0, "load", "plan");
        var name = tasks.Document("status", "--format", "json").GetProperty("execution_id").GetString()!;

        tasks.Refuses(3, "replan", "other", "--spec", "SPEC.md", "--after", name, "--approve").Says($"{name} executes the plan in", "not that in", "Nothing was changed");
        tasks.Refuses(3, "replan", "nowhere", "--spec", "SPEC.md", "--after", name, "--approve").Says("There is no directory 'nowhere'");
        tasks.Refuses(3, "replan", "plan", "--spec", "SPEC.md", "--after", "exec-9", "--approve").Says("There is no execution 'exec-9' here");
        tasks.Refuses(3, "replan", "plan", "--spec", "missing.md", "--after", name, "--approve").Says("There is no file 'missing.md'");
        tasks.Refuses(3, "replan", "plan", "--spec", "empty.md", "--after", name, "--approve").Says("was not planned. Nothing was changed.");
        tasks.Refuses(3, "replan", "plan", "--spec", "broken.md", "--after", name, "--approve").Says("was not planned. Nothing was changed.");
        tasks.Refuses(3, "replan", "plan", "--spec", "strange.md", "--after", name, "--approve").Says($"None of the 4 tasks of {name} is in 'strange.md'");
        tasks.Refuses(2, "replan", "plan", "--after", name).Says("--spec");
        Assert.Equal(0, tasks.Count("plan_patched"));
    }
}
