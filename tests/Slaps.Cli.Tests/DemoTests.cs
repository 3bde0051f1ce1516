using Slaps.TestKit;

namespace Slaps.Cli.Tests;

/// <summary><c>tasks demo</c>: a real release, killed and gone on with.</summary>
public sealed class DemoTests
{
    [Fact]
    public void A_demo_that_is_killed_in_the_middle_goes_on_and_repeats_nothing_that_had_succeeded()
    {
        Needs.Node();
        using var tasks = new TasksProgram();
        var journal = tasks.PathOf("demo/.slaps/journal.db");
        var killed = tasks.Start("demo", "--directory", "demo");
        killed.UntilError("✓ P1.T002");
        killed.Kill();
        var succeeded = killed.Error.Split('\n').Count(line => line.Contains("] ✓ ", StringComparison.Ordinal));
        Assert.InRange(succeeded, 1, 11);

        var run = tasks.Run(0, "demo", "--directory", "demo");

        Assert.True(File.Exists(journal));
        run.Says("SUCCEEDED.", "Look around in");
        Assert.DoesNotContain("new one starts", run.Error);
        using var demo = Slaps.Journal.Sqlite.SqliteJournal.OpenReader(journal);
        var events = demo.Read(Assert.Single(demo.Executions()).Id).ToList();
        Assert.Equal(Enumerable.Range(1, events.Count), events.Select(e => (int)e.Seq));
        var successes = events.Where(e => e.Type == "task_succeeded").Select(e => TaskOf(e.Data.Span)).ToList();
        Assert.Equal(successes.Distinct(), successes);
        var over = new HashSet<string>();
        foreach (var happened in events)
        {
            if (happened.Type == "task_succeeded") over.Add(TaskOf(happened.Data.Span));
            if (happened.Type == "task_assigned") Assert.DoesNotContain(TaskOf(happened.Data.Span), over);
        }

        Assert.Contains(events, e => e.Type == "retry_scheduled");
        Assert.NotEmpty(Directory.EnumerateFiles(tasks.PathOf("demo/dist")));
    }

    [Fact]
    public void A_directory_that_holds_something_else_is_refused_and_stays_as_it_is()
    {
        Needs.Node();
        using var tasks = new TasksProgram().WithFile("full/mine.txt", "mine").WithFile("file", "mine");

        // Somebody's own specification beside a state directory looks much like a demo.
        tasks.WithFile("own/SPEC.md", "# Mine\n\n## Build\n\n- Do it\n\n  ```sh\n  touch done\n  ```\n\n  Verify: `done` exists\n").WithFile("own/.slaps/.gitignore", "*\n");

        tasks.Refuses(3, "demo", "--directory", "full").Says("full' is not empty and holds no demo", "empty or a new directory");
        tasks.Refuses(3, "demo", "--directory", "own").Says("own' is not empty and holds no demo");
        tasks.Refuses(3, "demo", "--directory", "file").Says("file' is a file");
    }

    [Fact]
    public void A_demo_that_was_killed_while_it_copied_its_sample_goes_on()
    {
        Needs.Node();
        using var tasks = new TasksProgram().WithFile("demo/.slaps/demo", "").WithFile("demo/SPEC.md", "# half");

        tasks.Run(0, "demo", "--directory", "demo").Says("Look around in");
    }

    [Theory]
    [InlineData("weather", "report/report.md")]
    [InlineData("site", "public/index.html")]
    public void Each_sample_runs_to_its_end(string sample, string result)
    {
        if (sample == "site") Needs.Node();
        using var tasks = new TasksProgram();

        tasks.Run(0, "demo", "--sample", sample, "--directory", "demo").Says("SUCCEEDED.", "Look around in");

        Assert.NotEmpty(tasks.Read($"demo/{result}"));
        tasks.Refuses(3, "demo", "--sample", "textkit", "--directory", "demo").Says($"holds a demo of {sample}, not of textkit");
        tasks.Refuses(2, "demo", "--sample", "wether").Says("Did you mean weather?");
    }

    [Fact]
    public void Without_node_the_demo_says_what_to_install()
    {
        using var tasks = new TasksProgram();
        tasks.Environment["PATH"] = tasks.Folder;

        tasks.Refuses(3, "demo", "--directory", "demo").Says("no `node` on the PATH", "Install Node 20");
    }

    private static string TaskOf(ReadOnlySpan<byte> data)
    {
        var reader = new System.Text.Json.Utf8JsonReader(data);
        using var document = System.Text.Json.JsonDocument.ParseValue(ref reader);
        return document.RootElement.GetProperty("task").GetString()!;
    }
}
