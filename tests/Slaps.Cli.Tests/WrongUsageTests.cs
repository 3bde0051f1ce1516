namespace Slaps.Cli.Tests;

/// <summary>Command lines that cannot be obeyed, and names that nobody has.</summary>
public sealed class WrongUsageTests
{
    private const string Plan = """{"graph":{"nodes":[{"id":"P1.T001","run":{"argv":["true"]}},{"id":"P1.T002","run":{"argv":["true"]}}]}}""";

    [Theory]
    [InlineData("exceute plan", "no command 'exceute'", "Did you mean `tasks execute`?", "`tasks --help`")]
    [InlineData("frobnicate", "no command 'frobnicate'")]
    [InlineData("execute", "DIR", "`tasks execute --help`")]
    [InlineData("execute plan --worker-mx 3", "no option '--worker-mx'", "Did you mean --worker-max?")]
    [InlineData("execute --worker-mx=3 plan", "no option '--worker-mx'", "Did you mean --worker-max?")]
    [InlineData("execute plan other", "no use for the argument 'other'")]
    [InlineData("execute plan --worker-min 5 --worker-max 2", "--worker-min 5 is more than --worker-max 2")]
    [InlineData("execute plan --worker-min 0", "whole number from 1 to 10000", "'0'")]
    [InlineData("execute plan --worker-max many", "whole number from 1 to 10000", "'many'")]
    [InlineData("execute plan --workers 99999999999", "--workers takes a whole number from 0 to 10000", "99999999999")]
    [InlineData("execute plan --dry-run --workers many --worker-max 2", "--workers takes a whole number from 0 to 10000", "many")]
    [InlineData("execute plan --worker-max", "--worker-max")]
    [InlineData("execute plan --cpu-threshold 101", "--cpu-threshold takes a whole number from 1 to 100, or `off`", "'101'")]
    [InlineData("execute plan --memory-threshold 7.5", "--memory-threshold takes a whole number from 1 to 100, or `off`", "'7.5'")]
    [InlineData("execute plan --error-threshold -1", "--error-threshold takes a whole number from 1 to 100, or `off`", "'-1'")]
    [InlineData("execute plan --dry-run --cpu-threshold 50", "--cpu-threshold has no use with --dry-run")]
    [InlineData("execute plan --format xml", "--format takes text or json", "'xml'")]
    [InlineData("execute plan --pass-env A=B", "--pass-env takes the name of a variable", "'A=B'")]
    [InlineData("demo --worker-max -1", "whole number from 1 to 10000", "'-1'")]
    [InlineData("status --execution x", "no option '--execution'")]
    [InlineData("execute ^", "DIR is empty")]
    [InlineData("plan ^", "SPEC is empty")]
    [InlineData("plan SPEC.md --min-confidence 2", "--min-confidence takes a number from 0 to 1")]
    [InlineData("plan SPEC.md --target-hours 0", "--target-hours takes a number from 0.05 to 200")]
    [InlineData("plan SPEC.md --execution-model waves", "--execution-model takes rolling_frontier or wave_based", "'waves'")]
    [InlineData("plan SPEC.md --output-dir ^", "--output-dir is empty")]
    [InlineData("demo --directory ^", "--directory is empty")]
    [InlineData("log ^", "TASK is empty")]
    [InlineData("execute plan --pass-env ^", "--pass-env takes the name of a variable")]
    public void A_command_line_that_is_wrong_exits_with_2_and_a_guess(string line, params string[] sentences)
    {
        using var tasks = new TasksProgram().WithPlan(Plan);
        var arguments = line.Split(' ').Select(a => a == "^" ? "" : a).ToArray();

        tasks.Refuses(2, arguments).Says([.. sentences, "--help` shows how it is used."]);
    }

    [Fact]
    public void Without_a_command_the_help_is_shown_and_the_exit_code_is_2()
    {
        using var tasks = new TasksProgram();

        tasks.Run(2).Prints("execute", "Exit codes");
    }

    [Theory]
    [InlineData("execute plan")]
    [InlineData("plan SPEC.md")]
    [InlineData("status")]
    [InlineData("demo --directory x")]
    public void A_working_directory_that_is_gone_is_said_and_not_blamed_on_the_disk(string line)
    {
        using var tasks = new TasksProgram();
        Directory.CreateDirectory(tasks.PathOf("gone"));

        var run = tasks.StartOther("/bin/sh", "-c", $"cd gone && rmdir ../gone && exec '{TasksProgram.Program}' {line}").End();

        Assert.True(run.ExitCode == 3, run.ToString());
        TasksProgram.AssertDecent(run);
        run.Says("The working directory is gone");
    }

    [Fact]
    public void An_argument_that_begins_with_an_at_sign_is_no_file_of_arguments()
    {
        using var tasks = new TasksProgram().WithPlan(Plan, "@plan");

        tasks.Run(0, "execute", "@plan");
    }

    [Fact]
    public void A_directory_that_looks_like_an_option_can_be_named_after_two_dashes()
    {
        using var tasks = new TasksProgram().WithPlan(Plan, "--plan");

        tasks.Run(0, "execute", "--", "--plan");
    }

    [Theory]
    [InlineData("status")]
    [InlineData("report")]
    [InlineData("log a")]
    [InlineData("explain a")]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("abort")]
    [InlineData("retry a")]
    public void Where_nothing_was_executed_yet_a_command_says_so_and_makes_nothing(string line)
    {
        using var tasks = new TasksProgram();

        tasks.Refuses(3, line.Split(' ')).Says("no execution in", tasks.Folder, "tasks execute PLAN");
    }

    [Fact]
    public void Names_that_nobody_has_exit_with_3_and_a_guess()
    {
        using var tasks = new TasksProgram().WithPlan(Plan);
        tasks.Run(0, "execute", "plan");
        var name = tasks.Document("status", "--format", "json").GetProperty("execution_id").GetString()!;

        foreach (var command in new[] { "status", "report" }) tasks.Refuses(3, command, "exec-1").Says("no execution 'exec-1'", name);
        foreach (var command in new[] { "log", "explain" })
        {
            tasks.Refuses(3, command, "T002").Says("no task 'T002'", "Did you mean P1.T002?", "tasks status");
            tasks.Refuses(3, command, "P1.T0001").Says("no task 'P1.T0001'", "Did you mean P1.T001?");
            tasks.Refuses(3, command, "P1.T001", "--execution", "exec-1").Says("no execution 'exec-1'");
        }

        foreach (var command in new[] { "pause", "resume", "abort" }) tasks.Run(3, command, "exec-1").Says("no execution 'exec-1'");
        tasks.Run(3, "retry", "T002").Says("Did you mean P1.T002?");
        tasks.Run(3, "retry", "\u001b[2J").Says("'\\u001b[2J'");
    }
}
