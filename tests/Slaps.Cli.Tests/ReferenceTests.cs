using System.Text.RegularExpressions;
using Slaps.TestKit;

namespace Slaps.Cli.Tests;

/// <summary>docs/commands.md says what the program knows, no more and no less.</summary>
public sealed partial class ReferenceTests
{
    private static readonly string Reference = File.ReadAllText(Path.Combine(Needs.RepositoryRoot, "docs", "commands.md"));

    [Fact]
    public void Every_command_has_a_section_and_every_section_a_command()
    {
        using var tasks = new TasksProgram();

        Assert.Equal(CommandsOf(tasks).Order(StringComparer.Ordinal), Heading.Matches(Reference).Select(m => m.Groups["name"].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_option_and_argument_of_the_help_stands_in_its_section_and_no_other()
    {
        using var tasks = new TasksProgram();
        foreach (var command in CommandsOf(tasks))
        {
            var help = tasks.Run(0, [.. command.Split(' '), "--help"]);
            Assert.Empty(help.Error);
            var known = Options(help.Output);
            var section = SectionOf(command);
            Assert.Equal(known.Order(StringComparer.Ordinal), Options(section).Order(StringComparer.Ordinal));
            foreach (var argument in Argument.Matches(help.Output).Select(m => m.Groups["name"].Value)) Assert.Contains(argument, section);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_task_that_there_is_not_is_wrong_input_for_every_command_that_takes_one(bool withCoordinator)
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"T1","run":{"manual":true}},{"id":"T2","run":{"manual":true}}""", more: ""","resources":{"locks":["database"]}""");
        tasks.Run(0, "load", "plan");
        if (withCoordinator)
        {
            tasks.Start("execute", "plan", "--resume", "--wait");
            tasks.UntilFile(".slaps/control.sock");
        }

        tasks.As("alpha").Run(0, "register", "alpha");
        tasks.Run(0, "claim", "T1");
        var taking = CommandsOf(tasks).Where(command => tasks.Run(0, [.. command.Split(' '), "--help"]).Output is var help && (Argument.Matches(help).Any(m => m.Groups["name"].Value == "TASK") || Options(help).Contains("--task"))).ToList();
        Assert.True(taking.Count >= 19, string.Join(", ", taking));
        foreach (var command in taking)
        {
            string[] given = command switch
            {
                "answer" => ["nope", "Yes."],
                "progress" => ["10", "nope"],
                "subtask" => ["add", "Read", "nope"],
                "resource acquire" or "resource release" => ["database", "--task", "nope"],
                _ => ["nope"],
            };
            var run = tasks.Run([.. command.Split(' '), .. given]);
            Assert.True(run.ExitCode == ExitCodes.InvalidInput, $"tasks {command}: {run}");
            run.Says("has no task 'nope'");
        }

        tasks.Run(3, "resource", "acquire", "datbase").Says("has no resource 'datbase'. Did you mean 'database'?");
        tasks.Run(3, "resource", "release", "datbase").Says("has no resource 'datbase'");
        tasks.Run(3, "claim", "T2", "--execution", "exec-1").Says("There is no execution 'exec-1'");
        tasks.Run(3, "message", "betta", "x").Says("There is no session 'betta'");
        tasks.Run(1, "claim", "T1").Says("alpha has T1 already");
    }

    [Fact]
    public void The_help_answers_to_all_its_names()
    {
        using var tasks = new TasksProgram();

        var help = tasks.Run(0, "execute", "--help").Output;

        Assert.Equal(help, tasks.Run(0, "execute", "-h").Output);
        Assert.Equal(help, tasks.Run(0, "execute", "-?").Output);
        tasks.Run(0, "--help").Prints("Examples:", "Exit codes:");
        Assert.Matches(@"^\d+\.\d+\.\d+", tasks.Run(0, "--version").Output);
    }

    [Fact]
    public void Every_exit_code_is_in_the_reference()
    {
        var codes = typeof(ExitCodes).GetFields().Select(f => (int)f.GetRawConstantValue()!).Order().ToList();

        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 70], codes);
        Assert.Equal(codes, ExitRow.Matches(Reference).Select(m => int.Parse(m.Groups["name"].Value)));
    }

    [Fact]
    public void Every_file_that_an_execution_leaves_in_its_state_directory_is_in_the_reference()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", "echo hello; ls .slaps > seen"));
        tasks.Run(0, "execute", "plan");

        var names = Directory.EnumerateFileSystemEntries(tasks.PathOf(".slaps")).Select(Path.GetFileName).Concat(tasks.Read("seen").Split('\n', StringSplitOptions.RemoveEmptyEntries)).Distinct();
        foreach (var name in names) Assert.Contains($"`{name}", Reference);
    }

    [Fact]
    public void Every_variable_that_the_program_reads_is_in_the_reference()
    {
        var read = Directory.EnumerateFiles(Path.Combine(Needs.RepositoryRoot, "src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Variable.Matches(File.ReadAllText(file))).Select(m => m.Groups["name"].Value).Distinct().ToList();

        Assert.Contains("NO_COLOR", read);
        foreach (var name in read) Assert.Contains($"`{name}`", Reference);
    }

    private static List<string> CommandsOf(TasksProgram tasks)
    {
        var help = tasks.Run(0, "--help").Output;
        var commands = CommandRow.Matches(help[help.IndexOf("Commands:", StringComparison.Ordinal)..]).Select(m => m.Groups["name"].Value).ToList();
        Assert.True(commands.Count >= 11, help);
        return [.. commands.SelectMany(command => PartsOf(tasks, command))];
    }

    // A command that is only there for those below it has no section of its own.
    private static IEnumerable<string> PartsOf(TasksProgram tasks, string command)
    {
        var help = tasks.Run(0, command, "--help").Output;
        return help.IndexOf("\nCommands:", StringComparison.Ordinal) is >= 0 and var parts ? CommandRow.Matches(help[parts..]).Select(m => $"{command} {m.Groups["name"].Value}") : [command];
    }

    private static IEnumerable<string> Options(string text) => Option.Matches(text).Select(m => m.Value).Where(o => o != "--help").Distinct();

    private static string SectionOf(string command)
    {
        // `show` is not `show-plan`.
        var start = Regex.Match(Reference, $"^### `tasks {command}[ `]", RegexOptions.Multiline, TimeSpan.FromSeconds(1)).Index;
        var end = Reference.IndexOf("\n##", start + 1, StringComparison.Ordinal);
        return Reference[start..end];
    }

    [GeneratedRegex(@"^### `tasks (?<name>[a-z-]+( [a-z-]+)*)", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Heading { get; }

    [GeneratedRegex("^  (?<name>[a-z-]+) ", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex CommandRow { get; }

    [GeneratedRegex("(?<=^|[ (,`|])--[a-z][a-z-]*", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Option { get; }

    [GeneratedRegex("^  <(?<name>[A-Za-z.]+)>  ", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Argument { get; }

    [GeneratedRegex(@"^\| (?<name>\d+) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ExitRow { get; }

    [GeneratedRegex("GetEnvironmentVariable\\(\"(?<name>[A-Z_]+)\"\\)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Variable { get; }
}
