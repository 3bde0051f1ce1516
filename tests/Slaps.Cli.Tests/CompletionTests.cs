using System.Runtime.InteropServices;

namespace Slaps.Cli.Tests;

/// <summary><c>tasks complete</c> where no coordinator runs: said twice, interrupted and killed while the checks run.</summary>
public sealed class CompletionTests
{
    // Each start leaves a line, the process a number; it ends with success once it may.
    private const string Slow = """{"id":"P1.T001","run":{"manual":true},"acceptance_checks":[{"id":"c1","type":"command","argv":["sh","-c","echo $$ >> starts; until [ -e go ] || [ ! -d .slaps ]; do sleep 0.05; done; [ ! -e fault ]"]}]}""";

    [Theory]
    [InlineData(false, 0, "P1.T001 has succeeded: its checks hold.")]
    [InlineData(true, 1, "P1.T001 is not done yet: check c1")]
    public void Whoever_says_again_that_a_task_is_done_while_its_checks_run_waits_for_these(bool hasFault, int exitCode, string answer)
    {
        using var tasks = Claimed();
        if (hasFault) tasks.WithFile("fault", "");
        var first = tasks.Start("complete", "P1.T001");
        tasks.UntilFile("starts");

        var second = tasks.Start("complete", "P1.T001");
        var third = tasks.Start("complete");
        second.UntilError("run already");
        third.UntilError("run already");
        tasks.Go();

        foreach (var run in new[] { first, second, third })
        {
            var end = run.End().Says(answer);
            Assert.Equal(exitCode, end.ExitCode);
        }

        second.End().Says($"The checks of P1.T001 run already: process {first.Pid} on ", "has them run for alpha since ", "This command waits for what they find.");
        Assert.Single(Starts(tasks));
        Assert.Equal(1, tasks.Count("task_verifying"));
        Assert.Empty(Directory.EnumerateFiles(tasks.PathOf(".slaps/checks")));
    }

    [Fact]
    public void Several_who_say_at_once_that_a_task_is_done_have_its_checks_run_once()
    {
        using var tasks = Claimed();

        var all = Enumerable.Range(0, 4).Select(_ => tasks.Start("complete", "P1.T001")).ToList();
        foreach (var run in all) TasksProgram.Until(() => run.Error.Contains("run already", StringComparison.Ordinal) || tasks.Read("starts").Length > 0, "it waits, or its checks run");
        TasksProgram.Until(() => all.Count(run => run.Error.Contains("run already", StringComparison.Ordinal)) == 3, "three wait for one");
        tasks.Go();

        foreach (var run in all) Assert.Equal(0, run.End().Says("P1.T001 has succeeded: its checks hold.").ExitCode);
        Assert.Single(Starts(tasks));
    }

    [Fact]
    public void What_a_killed_command_has_left_of_its_checks_ends_before_they_run_again()
    {
        using var tasks = Claimed();
        var killed = tasks.Start("complete");
        tasks.UntilFile("starts");
        killed.Kill();
        var left = Assert.Single(Starts(tasks));
        Assert.True(TasksProgram.Lives(left));

        var again = tasks.Start("complete");
        TasksProgram.Until(() => Starts(tasks).Length == 2 || again.HasExited, "the checks run again");
        Assert.False(TasksProgram.Lives(left));
        tasks.Go();

        Assert.Equal(0, again.End().Says("P1.T001 has succeeded: its checks hold.").ExitCode);
        Assert.Equal(2, Starts(tasks).Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Checks_that_were_cut_off_are_not_waited_for(bool isKilled)
    {
        using var tasks = Claimed();
        var first = tasks.Start("complete");
        tasks.UntilFile("starts");
        tasks.Run(0, "list").Prints("its checks run");
        tasks.Run(0, "explain", "P1.T001").Prints("its checks run since");
        tasks.Run(1, "progress", "50").Says("The checks of P1.T001 run; wait for what they find.");
        Assert.DoesNotContain("cut off", tasks.Run(0, "status").Output, StringComparison.Ordinal);

        if (isKilled) first.Kill();
        else first.Signal(PosixSignal.SIGTERM);
        var ended = first.End();
        if (!isKilled) ended.Says("The checks of P1.T001 were stopped before they came to an end.");

        const string helps = "its checks were cut off: `tasks complete P1.T001` runs them again";
        foreach (var command in new[] { "list", "status" }) Assert.DoesNotContain("checks run", tasks.Run(0, command).Prints(helps).Output, StringComparison.Ordinal);
        tasks.Run(0, "explain", "P1.T001").Prints("P1.T001 was said to be done at ", helps);
        tasks.Run(0, "show", "P1.T001").Prints("Its checks were cut off: `tasks complete P1.T001` runs them again.");
        tasks.Run(1, "progress", "50").Says("The checks of P1.T001 were cut off, and nobody runs them: `tasks complete P1.T001` runs them again.");
        tasks.Run(1, "subtask", "add", "Look again").Says("were cut off");
        Assert.True(tasks.Document("show", "P1.T001", "--format", "json").GetProperty("checks_cut_off").GetBoolean());
        Assert.Equal(helps, tasks.Document("list", "--state", "in-progress", "--format", "json").GetProperty("tasks")[0].GetProperty("detail").GetString());
        Assert.Equal(1, tasks.Count("task_verifying"));

        tasks.Go();
        tasks.Run(0, "complete").Says("P1.T001 has succeeded: its checks hold.");
    }

    private static TasksProgram Claimed()
    {
        var tasks = new TasksProgram().WithNodes(Slow + """,{"id":"P1.T002","run":{"manual":true}}""");
        tasks.Run(0, "load", "plan");
        tasks.As("alpha").Run(0, "register", "alpha");
        tasks.Run(0, "claim", "P1.T001");
        return tasks;
    }

    private static string[] Starts(TasksProgram tasks) => tasks.Read("starts").Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
