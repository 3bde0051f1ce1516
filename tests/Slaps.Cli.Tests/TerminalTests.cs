using System.Text.Json;
using Slaps.TestKit;

namespace Slaps.Cli.Tests;

/// <summary>What terminals get to see, and what they must never obey.</summary>
public sealed class TerminalTests
{
    // Writes to the clipboard, hides text, turns the reading direction, and begins a line of its own.
    private const string Hostile = "x\u001b]52;c;aGk=\u0007\u001b[8mhidden \u202egnp.exe\u2066\u061c\r\n\u2713 fake (all is well)";

    [Fact]
    public void Hostile_titles_come_out_inert()
    {
        using var tasks = new TasksProgram().WithPlan(
            $$$"""{"title":{{{JsonSerializer.Serialize(Hostile)}}},"graph":{"nodes":[{"id":"a","title":{{{JsonSerializer.Serialize(Hostile)}}},"run":{"argv":["true"]}},{"id":"b","title":{{{JsonSerializer.Serialize(Hostile)}}},"run":{"argv":["false"]},"scheduling_hints":{"retry_on_failure":false}}]}}""");

        var runs = new[] { tasks.Run(1, "execute", "plan"), tasks.Run(0, "status"), tasks.Run(0, "explain", "b"), tasks.Run(0, "report"), tasks.Run(0, "log", "a") };

        // Run looks for characters that a terminal obeys; here: no line that only the title has written.
        foreach (var run in runs) Assert.DoesNotContain("\n\u2713 fake", run.Output + run.Error);
        Assert.Contains("hidden", runs[0].Error);
    }

    [Fact]
    public void Hostile_output_of_a_task_comes_out_inert()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", "cat hostile; cat hostile >&2")).WithFile("hostile", Hostile + "\n\u001b[31mred\u001b[0m\n");
        tasks.Run(0, "execute", "plan");

        tasks.Run(0, "log", "a").Prints("hidden", "[31mred");
        tasks.Run(0, "log", "a", "--follow");
    }

    [Fact]
    public void Hostile_arguments_come_out_inert()
    {
        using var tasks = new TasksProgram();

        tasks.Refuses(3, "execute", Hostile).Says("\\u001b]52;c;aGk=\\u0007");
        tasks.Refuses(3, "plan", Hostile);
        tasks.Refuses(2, Hostile);
        tasks.Refuses(2, "status", "--" + Hostile);
        tasks.Refuses(2, "execute", "plan", "--worker-max", Hostile);
    }

    [Fact]
    public void A_hostile_reason_comes_out_inert()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", $"touch started; {TasksProgram.UntilGo}"));
        var execution = tasks.Start("execute", "plan");
        tasks.UntilFile("started");

        tasks.Run(0, "pause", "--reason", Hostile);
        tasks.Run(0, "status").Prints("paused");
        tasks.Run(0, "resume");
        tasks.Run(0, "abort", "--reason", Hostile);

        var run = execution.End();
        TasksProgram.AssertDecent(run);
        Assert.DoesNotContain("\n\u2713 fake", run.Error);
    }

    [Fact]
    public void Without_a_terminal_progress_is_plain_lines_on_standard_error()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", "echo secret"));

        var run = tasks.Run(0, "execute", "plan");

        Assert.Empty(run.Output);
        Assert.Matches(@"(?m)^\[\d\d:\d\d\.\d\] → a → worker-1$", run.Error);
        Assert.Matches(@"(?m)^\[\d\d:\d\d\.\d\] ✓ a$", run.Error);
        run.Says("1 task, ", "completed after", "1 SUCCEEDED");
    }

    [Fact]
    public void On_a_terminal_the_picture_moves_and_ends_with_the_last_state()
    {
        var script = Needs.Tool("script", "bsdutils");
        using var tasks = new TasksProgram().WithNodes($$$"""{"id":"a","title":{{{JsonSerializer.Serialize(Hostile)}}},"run":{"argv":["sleep","0.4"]}}""");
        tasks.Environment["TERM"] = "xterm-256color";

        var run = tasks.StartOther(script, "-qec", $"'{TasksProgram.Program}' execute plan", "/dev/null").End();

        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Contains("\u001b[?25l", run.Output);
        Assert.Contains("\u001b[?25h", run.Output);   // The cursor is given back.
        Assert.Contains("1/1", run.Output);
        Assert.Contains("running", run.Output);
        Assert.DoesNotContain("\u001b]52", run.Output);
        Assert.DoesNotContain("\u001b[8m", run.Output);
        Assert.DoesNotContain("\u202e", run.Output);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void A_tiny_terminal_does_no_harm(int columns)
    {
        var script = Needs.Tool("script", "bsdutils");
        using var tasks = new TasksProgram().WithNodes("""{"id":"a","title":"日本語 \ud83d\ude00","run":{"argv":["sleep","0.4"]}}""");
        tasks.Environment["TERM"] = "xterm-256color";

        // Without the limit a picture that cannot be painted would take the machine's memory with it.
        var run = tasks.StartOther(script, "-qec", $"ulimit -t 20; stty cols {columns} rows 2; '{TasksProgram.Program}' execute plan", "/dev/null").End();

        Assert.True(run.ExitCode == 0, run.ToString());
    }

    [Fact]
    public void A_dumb_terminal_gets_plain_lines()
    {
        var script = Needs.Tool("script", "bsdutils");
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", "true"));
        tasks.Environment["TERM"] = "dumb";

        var run = tasks.StartOther(script, "-qec", $"'{TasksProgram.Program}' execute plan", "/dev/null").End();

        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Contains("✓ a", run.Output);
        Assert.DoesNotContain("\u001b", run.Output);
    }

    [Fact]
    public void Who_wants_no_colour_on_a_terminal_gets_the_picture_without_it()
    {
        var script = Needs.Tool("script", "bsdutils");
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", "true"));
        tasks.Environment["TERM"] = "xterm-256color";
        var coloured = tasks.StartOther(script, "-qec", $"'{TasksProgram.Program}' execute plan", "/dev/null").End();
        tasks.Environment["NO_COLOR"] = "1";

        var run = tasks.StartOther(script, "-qec", $"'{TasksProgram.Program}' execute plan", "/dev/null").End();

        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Contains("Execution Dashboard", run.Output);
        Assert.Matches("\u001b\\[[0-9]+m", coloured.Output);
        Assert.DoesNotMatch("\u001b\\[[0-9]*m", run.Output);
    }

    [Fact]
    public void A_terminal_that_is_closed_drains_the_execution_and_breaks_nothing()
    {
        if (TasksProgram.IgnoresHangUps) return;

        var script = Needs.Tool("script", "bsdutils");
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", $"touch started; {TasksProgram.UntilGo}") + "," + TasksProgram.Shell("b", "true"), """{"from":"a","to":"b"}""");
        tasks.Environment["TERM"] = "xterm-256color";
        var terminal = tasks.StartOther(script, "-qec", $"'{TasksProgram.Program}' execute plan; echo $? > code", "/dev/null");
        tasks.UntilFile("started");

        terminal.Kill();
        TasksProgram.Until(() => tasks.Count("drain_requested") == 1, "the hang-up drains");
        tasks.Go();

        TasksProgram.Until(() => tasks.StateOf("a") == "SUCCEEDED", "a comes to its end");
        TasksProgram.Until(() => tasks.Run("execute", "plan", "--resume").ExitCode == 0, "the lock is free and the rest is done");
    }
}
