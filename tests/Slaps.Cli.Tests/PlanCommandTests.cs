namespace Slaps.Cli.Tests;

/// <summary><c>tasks plan</c>: what it writes, and what it refuses.</summary>
public sealed class PlanCommandTests
{
    private const string Good = "# Greet\n\n## Build\n\n- Say hello\n\n  ```sh\n  echo hello > hello.txt\n  ```\n\n  Verify: `hello.txt` contains `hello`\n\n- Say bye\n\n  ```sh\n  cat hello.txt > bye.txt\n  ```\n\n  After: Say hello\n  Verify: `bye.txt` exists\n";

    [Fact]
    public void A_specification_becomes_a_plan_that_can_be_executed()
    {
        using var tasks = new TasksProgram().WithFile("SPEC.md", Good);

        var run = tasks.Run(0, "plan", "SPEC.md", "--output-dir", "made/plan");

        Assert.Empty(run.Output);
        run.Says("2 tasks, 1 dependency", "made/plan/coordinator.json", "Plan.md");
        Assert.Equal(["Decisions.md", "Plan.md", "coordinator.json", "dag.json", "features.json", "tasks.json", "waves.json"], Directory.EnumerateFiles(tasks.PathOf("made/plan")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains("Say hello", tasks.Read("made/plan/Plan.md"));
        tasks.Run(0, "execute", "made/plan").Says("2 SUCCEEDED");
        Assert.Equal("hello\n", tasks.Read("bye.txt"));
    }

    [Fact]
    public void A_link_that_lies_in_the_way_is_not_followed_and_the_specification_is_not_overwritten()
    {
        using var tasks = new TasksProgram().WithFile("SPEC.md", Good).WithFile("Plan.md", Good).WithFile("precious", "mine");
        Directory.CreateDirectory(tasks.PathOf("o"));
        File.CreateSymbolicLink(tasks.PathOf("o/coordinator.json"), tasks.PathOf("precious"));

        tasks.Run(3, "plan", "SPEC.md", "--output-dir", "o").Says("was not written by tasks", "--force");
        Assert.Single(Directory.EnumerateFileSystemEntries(tasks.PathOf("o")));
        tasks.Run(0, "plan", "SPEC.md", "--output-dir", "o", "--force");
        tasks.Run(3, "plan", "Plan.md", "--output-dir", ".").Says("would take the place of the specification");

        Assert.Equal(("mine", Good), (tasks.Read("precious"), tasks.Read("Plan.md")));
    }

    [Fact]
    public void Files_that_somebody_else_wrote_or_changed_are_not_replaced_without_a_word()
    {
        using var tasks = new TasksProgram().WithFile("SPEC.md", Good).WithFile("own/tasks.json", "{\"precious\":1}");

        tasks.Run(3, "plan", "SPEC.md", "--output-dir", "own").Says("own/tasks.json", "was not written by tasks");
        Assert.Equal("{\"precious\":1}", tasks.Read("own/tasks.json"));

        tasks.Run(0, "plan", "SPEC.md", "--output-dir", "ours");
        tasks.Run(0, "plan", "SPEC.md", "--output-dir", "ours");
        File.WriteAllText(tasks.PathOf("ours/coordinator.json"), tasks.Read("ours/coordinator.json").Replace("Say hello", "Say goodbye"));
        tasks.Run(3, "plan", "SPEC.md", "--output-dir", "ours").Says("changed it since");
        Assert.Contains("Say goodbye", tasks.Read("ours/coordinator.json"));
        tasks.Run(0, "plan", "SPEC.md", "--output-dir", "ours", "--force");
        Assert.Contains("Say hello", tasks.Read("ours/coordinator.json"));
    }

    [Fact]
    public void Words_on_the_command_line_are_planned_and_kept_beside_the_plan()
    {
        using var tasks = new TasksProgram();

        var run = tasks.Run(0, "plan", "Add a login page. It must lock an account after five failures.");

        run.Says("[Phase 1: Codebase Analysis]", "[Phase 5: DAG Construction]", "[Output]");
        Assert.StartsWith("Add a login page.", tasks.Read("plans/add-a-login-page-it-must-lock-an-account-after-five-failures/specification.md"));
    }

    [Fact]
    public void The_documents_of_a_directory_are_one_plan_in_the_order_of_their_names()
    {
        using var tasks = new TasksProgram().WithFile("docs/b.txt", "- Remove the lock\n").WithFile("docs/a.md", "# A\n\n## Tasks\n\n- [ ] Add a cache\n").WithFile("docs/c.png", "x");

        tasks.Run(0, "plan", "docs", "--output-dir", "plan", "--execution-model", "wave_based", "--codebase-path", ".");

        var coordinator = tasks.Read("plan/coordinator.json");
        Assert.Contains("\"execution_model\": \"wave_based\"", coordinator);
        Assert.True(coordinator.IndexOf("Add a cache", StringComparison.Ordinal) < coordinator.IndexOf("Remove the lock", StringComparison.Ordinal));
    }

    [Fact]
    public void A_pipe_is_refused_and_not_waited_for()
    {
        using var tasks = new TasksProgram();
        Directory.CreateDirectory(tasks.PathOf("plan"));
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [tasks.PathOf("SPEC.md"), tasks.PathOf("plan/coordinator.json")])) mkfifo.WaitForExit();

        tasks.Run(3, "plan", "SPEC.md").Says("is a pipe");
        tasks.Run(3, "execute", "plan").Says("is a pipe");
    }

    [Fact]
    public void The_same_specification_gives_the_same_bytes()
    {
        using var tasks = new TasksProgram().WithFile("SPEC.md", Good);
        tasks.Run(0, "plan", "SPEC.md");
        var first = (tasks.Read("plans/SPEC/coordinator.json"), tasks.Read("plans/SPEC/Plan.md"));

        tasks.Run(0, "plan", "SPEC.md");

        Assert.NotEmpty(first.Item1);
        Assert.Equal(first, (tasks.Read("plans/SPEC/coordinator.json"), tasks.Read("plans/SPEC/Plan.md")));
    }

    [Theory]
    [InlineData("", "SPEC.md")]
    [InlineData("# x\n\n## Build\n\n- Do it\n\n  Retries: 2\n", "Do it")]
    [InlineData("# x\n\n## Build\n\n- Do it\n\n  ```sh\n  true\n  ```\n\n  Verify: it looks good\n", "it looks good")]
    [InlineData("# x\n\n## Build\n\n- Do it\n\n  ```sh\n  true\n  ```\n\n  After: Do something else\n  Verify: run `true`\n", "Do something else")]
    [InlineData("# x\n\n## Build\n\n- Do it\n\n  ```sh\n  true\n  ```\n\n  Verify: `../secret` exists\n", "../secret")]
    [InlineData("# x\n\n## Build\n\n- Do it\n\n  ```sh\n  true\n  ```\n\n  Uses: bench (1)\n  Verify: run `true`\n", "bench")]
    [InlineData("# x\n\n## Build\n\n- A\n\n  ```sh\n  true\n  ```\n\n  After: B\n  Verify: run `true`\n\n- B\n\n  ```sh\n  true\n  ```\n\n  After: A\n  Verify: run `true`\n", "P1.T001 → P1.T002 → P1.T001")]
    public void A_specification_that_is_not_understood_is_refused_and_nothing_is_written(string text, string what)
    {
        using var tasks = new TasksProgram().WithFile("SPEC.md", text);

        tasks.Refuses(3, "plan", "SPEC.md", "--output-dir", "plan").Says("SPEC.md", what, "error ", "'SPEC.md' was not planned. Nothing was written.");
    }

    [Fact]
    public void A_specification_that_cannot_be_read_is_refused()
    {
        using var tasks = new TasksProgram();
        Directory.CreateDirectory(tasks.PathOf("folder"));
        File.WriteAllBytes(tasks.PathOf("binary.md"), [0x23, 0x20, 0, 0xff, 0xfe]);

        tasks.Refuses(3, "plan", "nope.md").Says("no file 'nope.md'");
        tasks.Refuses(3, "plan", "no/where.md").Says("no file 'no/where.md'");
        tasks.Refuses(3, "plan", "folder").Says("'folder' holds no document that ends in .md or .txt");
        tasks.Refuses(3, "plan", "binary.md").Says("binary.md");
        tasks.Refuses(3, "plan", new string('x', 5000)).Says("cannot be read");
    }

    [Theory]
    [InlineData("taken")]
    [InlineData("taken/deeper/still")]
    [InlineData("odd")]
    public void A_place_that_is_taken_by_something_else_is_refused(string directory)
    {
        using var tasks = new TasksProgram().WithFile("SPEC.md", Good).WithFile("taken", "mine");
        Directory.CreateDirectory(tasks.PathOf("odd/coordinator.json"));

        tasks.Refuses(3, "plan", "SPEC.md", "--output-dir", directory).Says(directory.Split('/')[0]);
    }
}
