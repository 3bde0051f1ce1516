using System.Diagnostics;

namespace Slaps.Cli.Tests;

/// <summary>The dashboard on a real terminal, and what takes its place without one.</summary>
public sealed class DashboardTests
{
    private static readonly string Program = $"'{TasksProgram.Program}'";

    [Fact]
    public void It_draws_what_runs_with_its_progress_and_leaves_the_last_picture()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", $"echo TASKS_PROGRESS 45 half of it; touch started; {TasksProgram.UntilGo}") + "," + TasksProgram.Shell("b", "true"), """{"from":"a","to":"b"}""");
        using var terminal = new PseudoTerminal(tasks, 80, 24, $"{Program} execute plan");

        terminal.Until("Execution Dashboard", "a [█████░░░░░]  45% half of it", "worker-1", "Blocked:     [b→a]", "CPU:", "Recent Events:");
        Assert.False(terminal.IsUsual);
        tasks.Go();

        Assert.Equal(0, terminal.End());
        Assert.True(terminal.IsUsual);
        Assert.Empty(terminal.Strange);
        Assert.Contains("2/2 done", terminal.Text);
        Assert.Contains("completed after", terminal.All);
    }

    [Fact]
    public void It_fits_itself_to_a_terminal_that_is_resized()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", TasksProgram.UntilGo));
        using var terminal = new PseudoTerminal(tasks, 80, 24, $"{Program} execute plan");
        terminal.Until("╔" + new string('═', 78) + "╗");

        terminal.Resize(132, 40);
        terminal.Until("╔" + new string('═', 130) + "╗", "Running Tasks:");
        terminal.Resize(30, 6);
        terminal.Until("running 0/1");
        tasks.Go();

        Assert.Equal(0, terminal.End());
    }

    [Fact]
    public void A_screen_that_was_made_smaller_takes_what_was_drawn_for_the_larger()
    {
        var screen = new Screen(80, 24);
        screen.Resize(30, 6);
        screen.Write("\u001b[20;1Hbelow\u001b[K\u001b[1;1Hseen\u001b[K");
        Assert.Equal("seen", screen.Rows[0]);
    }

    [Fact]
    public void Keys_pause_resume_explain_and_abort()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", TasksProgram.UntilGo) + "," + TasksProgram.Shell("b", "true"), """{"from":"a","to":"b"}""");
        using var terminal = new PseudoTerminal(tasks, 100, 30, $"{Program} execute plan");
        terminal.Until("Running Tasks:", "worker-1");

        terminal.Press("p");
        terminal.Until("paused");
        Assert.Equal(1, tasks.Count("execution_paused"));
        terminal.Press("r");
        TasksProgram.Until(() => tasks.Count("execution_resumed") == 1, "r resumes");
        terminal.Press("e");
        terminal.Until("Explain which task?");
        terminal.Press("b\r");
        terminal.Until("b is PENDING: its predecessor has not succeeded.", "It waits for a, which is RUNNING.");
        terminal.Press("q");
        terminal.Until("Running Tasks:");
        terminal.Press("a");
        terminal.Until("Abort exec-");
        terminal.Press("n");
        terminal.Until("p pause");
        Assert.Equal(0, tasks.Count("execution_aborted"));
        terminal.Press("ay");

        Assert.Equal(1, terminal.End());
        Assert.Equal(1, tasks.Count("execution_aborted"));
        Assert.True(terminal.IsUsual);
    }

    [Fact]
    public void A_watcher_that_is_told_to_end_leaves_the_terminal_as_it_was()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", $"echo TASKS_PROGRESS 12.5; touch started; {TasksProgram.UntilGo}"));
        var execution = tasks.Start("execute", "plan");
        tasks.UntilFile("started");
        using var terminal = new PseudoTerminal(tasks, 80, 24, $"stty -g > before; sh -c 'echo $$ > pid; exec {Program} watch'; echo $? > code; stty -g > after");
        terminal.Until("Execution Dashboard", "12%");
        Assert.False(terminal.IsUsual);

        using (var kill = Process.Start("kill", ["-TERM", tasks.Read("pid").Trim()])) kill.WaitForExit();

        terminal.End();
        Assert.True(terminal.IsUsual);
        Assert.Equal("4", tasks.Read("code").Trim());
        Assert.NotEmpty(tasks.Read("before"));
        Assert.Equal(tasks.Read("before"), tasks.Read("after"));
        tasks.Go();
        Assert.Equal(0, execution.End().ExitCode);
    }

    [Fact]
    public void A_watcher_steers_the_execution_of_another_terminal_and_quits_without_ending_it()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", $"touch started; {TasksProgram.UntilGo}"));
        var execution = tasks.Start("execute", "plan");
        tasks.UntilFile("started");
        using var terminal = new PseudoTerminal(tasks, 80, 24, $"{Program} watch");
        terminal.Until("a ", "q quit");

        terminal.Press("p");
        TasksProgram.Until(() => tasks.Count("execution_paused") == 1, "p pauses");
        terminal.Until("paused");
        terminal.Press("q");

        Assert.Equal(4, terminal.End());
        Assert.False(execution.HasExited);
        tasks.Run(0, "resume");
        tasks.Go();
        Assert.Equal(0, execution.End().ExitCode);
    }

    [Fact]
    public void In_a_pipe_a_watcher_follows_an_execution_that_begins_later_to_its_end()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", $"touch started; {TasksProgram.UntilGo}"));
        var watcher = tasks.Start("watch");
        watcher.UntilError("Waiting for one to begin.");

        var execution = tasks.Start("execute", "plan");
        TasksProgram.Until(() => watcher.Output.Contains("→ a → worker-1"), "the watcher sees the assignment");
        tasks.Go();

        var seen = watcher.End();
        Assert.Equal(0, execution.End().ExitCode);
        Assert.Equal(0, seen.ExitCode);
        Assert.Matches(@"(?m)^\[\d\d:\d\d:\d\d\] ✓ a completed", seen.Output);
        TasksProgram.AssertDecent(seen);
    }

    [Fact]
    public void In_a_pipe_a_watcher_notices_that_the_coordinator_is_gone()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", $"touch started; {TasksProgram.UntilGo}"));
        var execution = tasks.Start("execute", "plan");
        tasks.UntilFile("started");
        var watcher = tasks.Start("watch");
        TasksProgram.Until(() => watcher.Output.Contains("running, 0/1 done"), "the watcher says where it stands");

        execution.Kill();

        var seen = watcher.End();
        Assert.Equal(4, seen.ExitCode);
        Assert.Contains("No coordinator runs it now", seen.Error);
        tasks.Go();
    }

    [Fact]
    public void A_watcher_changes_nothing_and_says_how_an_execution_has_ended()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", "false", ",\"scheduling_hints\":{\"retry_on_failure\":false}"));
        tasks.Run(1, "execute", "plan");
        var name = tasks.Document("status", "--format", "json").GetProperty("execution_id").GetString()!;

        tasks.Run(1, "watch", name).Prints($"{name} failed, 0/1 done");
        tasks.Refuses(3, "watch", "exec-1999-01-01-001");
    }

    [Fact]
    public void Progress_outside_of_its_bounds_is_a_line_like_any_other()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", "echo TASKS_PROGRESS 140 too far; echo TASKS_PROGRESS -1; echo TASKS_PROGRESS soon; echo TASKS_PROGRESS 99.5 nearly; echo '{\"percent\":101}'"));
        tasks.Run(0, "execute", "plan");

        var lines = tasks.Run(0, "log", "a").Lines;

        Assert.Contains("TASKS_PROGRESS 140 too far", lines);
        Assert.Contains("TASKS_PROGRESS -1", lines);
        Assert.Contains("TASKS_PROGRESS soon", lines);
        Assert.Contains(lines, line => line.EndsWith("output progress 99.5 %: nearly", StringComparison.Ordinal));
        Assert.Contains("{\"percent\":101}", lines);
    }
}
