using System.Text.Json;

namespace Slaps.Cli.Tests;

/// <summary>The checks that a codebase offers, tried on a copy of it before the plan is written.</summary>
public sealed class CheckTrialTests
{
    private const string Specification = "# Tool\n\n## Storage\n\n- Change `src/a.c` so that it holds two.\n\n## Output\n\n- Create the file `src/b.c` with a word.\n";

    private static readonly string[] AskForPlan = ["plan", "SPEC.md", "--codebase-path", "code", "--output-dir", "out"];

    [Fact]
    public void A_check_that_passes_already_is_a_guard_one_that_fails_is_kept_and_one_that_cannot_run_is_dropped()
    {
        using var program = Project("test:\n\techo x > touched\nbuild:\n\tno-such-program\nlint:\n\texit 3\n");

        var run = program.Run(AskForPlan);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Running 3 commands of the codebase on a copy of it", run.Error);
        var checks = Checks(program);
        Assert.StartsWith("Regression guard: ", checks["project-tests"]);
        Assert.StartsWith("Fails before the work: ", checks["project-lint"]);
        Assert.DoesNotContain("project-build", checks.Keys);
        Assert.False(File.Exists(program.PathOf("code/touched")));
    }

    [Fact]
    public void Without_a_trial_nothing_is_run_and_the_plan_says_so()
    {
        using var program = Project("test:\n\techo x > ../touched\n");

        var run = program.Run([.. AskForPlan, "--no-try-checks"]);

        Assert.Equal(0, run.ExitCode);
        Assert.DoesNotContain("Running", run.Error);
        Assert.StartsWith("Untried: ", Checks(program)["project-tests"]);
    }

    private static TasksProgram Project(string makefile) => new TasksProgram().WithFile("SPEC.md", Specification).WithFile("code/src/a.c", "one").WithFile("code/Makefile", makefile);

    private static Dictionary<string, string> Checks(TasksProgram program)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(program.PathOf("out/tasks.json")));
        return json.RootElement.GetProperty("tasks").EnumerateArray().SelectMany(t => t.GetProperty("acceptance_checks").EnumerateArray())
            .DistinctBy(c => c.GetProperty("id").GetString())
            .ToDictionary(c => c.GetProperty("id").GetString()!, c => c.TryGetProperty("description", out var text) ? text.GetString()! : "");
    }
}
