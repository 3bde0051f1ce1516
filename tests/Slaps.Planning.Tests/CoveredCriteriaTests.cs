using System.Diagnostics;
using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Tests;

/// <summary>What a check has to see before it passes, and what is looked at by hand because no check sees all of it.</summary>
public sealed class CoveredCriteriaTests
{
    [Theory]
    [InlineData("`./todo count` prints `1`", "echo 1", true)]
    [InlineData("`./todo count` prints `1`", "echo 'Tasks: 1.'", true)]
    [InlineData("`./todo count` prints `1`", "echo 'milk,1'", true)]
    [InlineData("`./todo count` prints `1`", "echo 'Error: line 1'; exit 1", false)]
    [InlineData("`./todo count` prints `1`", "echo 1 >&2", false)]
    [InlineData("`./todo count` prints `3`", "echo 13", false)]
    [InlineData("`./todo count` prints `3`", "echo 3.5", false)]
    [InlineData("`./todo count` prints `3`", "echo -3", false)]
    [InlineData("`./todo list` prints `milk`", "echo milkman", false)]
    [InlineData("`./todo list` prints `milk`", "printf 'bread\\nmilk\\n'", true)]
    [InlineData("`./todo list` prints `1 milk` and `2 bread`", "printf '1 milk\\n2 bread\\n'", true)]
    [InlineData("`./todo list` prints `1 milk` and `2 bread`", "echo '1 milk'", false)]
    [InlineData("`./todo json` prints `{\"n\": 2}`", "echo '[{\"n\": 2}]'", true)]
    [InlineData("`./todo add` prints the error `no title`", "echo 'todo: no title' >&2; exit 1", true)]
    [InlineData("`./todo add` prints `no title` and exits with 2", "echo 'todo: no title' >&2; exit 2", true)]
    [InlineData("`./todo add` prints `no title` and exits with 2", "echo 'todo: no title' >&2; exit 1", false)]
    public void A_program_has_to_print_the_text_and_not_only_something_like_it(string criterion, string program, bool passes)
    {
        var script = Assert.IsType<RunSpec.Shell>(Assert.Single(Checks(criterion).OfType<AcceptanceCheck.Command>()).Run).Command;
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Combine(folder.FullName, "todo");
            File.WriteAllText(path, $"#!/bin/sh\n{program}\n");
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            using var run = Process.Start(new ProcessStartInfo("/bin/sh") { ArgumentList = { "-c", script }, WorkingDirectory = folder.FullName, UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
            run.WaitForExit();
            Assert.Equal(passes, run.ExitCode == 0);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("`data/todo.csv` exists", "exists data/todo.csv")]
    [InlineData("The file `data/todo.csv` contains `milk`.", "data/todo.csv contains milk")]
    [InlineData("`./todo report > out/report.json` succeeds and `out/report.json` has `$.count` = 3", "run|out/report.json $.count 3")]
    [InlineData("Run `sh test/a.sh` and `sh test/b.sh`; both pass", "sh test/a.sh|sh test/b.sh")]
    [InlineData("`./todo list` exits 0 and `./todo --bad` exits 2", "./todo list|run")]
    [InlineData("`./todo list` prints `1 milk` and `2 bread`", "run")]
    public void All_parts_of_a_criterion_become_checks_and_nothing_remains_by_hand(string criterion, string checks) =>
        Assert.Equal(checks, string.Join('|', Checks(criterion).Select(Shown)));

    [Theory]
    [InlineData("`./todo json` prints `{\"n\": 2}` within 2 seconds", "within 2 seconds")]
    [InlineData("`npm test` passes and the log stays short", "the log stays short")]
    public void What_is_not_checked_of_a_criterion_is_told_and_quoted_whole(string criterion, string rest)
    {
        var plan = Planned(criterion);
        var task = Assert.Single(plan.Tasks, t => t.Checks.Any(c => c is AcceptanceCheck.Command));

        Assert.Equal($"The other checks do not show all of this. Look whether it holds: {criterion.Replace("`", "", StringComparison.Ordinal)}", Assert.IsType<AcceptanceCheck.Unrunnable>(task.Checks[^1]).Description);
        var told = Assert.Single(plan.Origin.Decisions, d => d.Title == "1 criterion is checked only in part");
        Assert.Equal(("SPEC.md#L10", $"{Identifiers.Quote(rest)} is not checked: no command of the criterion shows it."), (told.Evidence[0].Source, told.Evidence[0].Rationale));
        Assert.Contains(plan.Origin.Decisions, d => d.Title == $"Risk: 1 of {plan.Tasks.Count} tasks has criteria that no check covers wholly");
    }

    [Fact]
    public void A_criterion_in_words_beside_one_that_runs_stays_to_be_looked_at()
    {
        var checks = Checks("`./todo list` exits 0\n- A newcomer understands it");

        Assert.Equal(["./todo list", "The other checks do not show all of this. Look whether it holds: A newcomer understands it"], checks.Select(Shown));
    }

    [Theory]
    [InlineData("After importing the same file twice, `./ledger count` prints `3`", "./ledger count")]
    [InlineData("After importing the same file twice, `./ledger check` passes", "./ledger check")]
    [InlineData("`data/todo.csv` exists after the first start", "data/todo.csv")]
    [InlineData("`./todo list` prints `none` or `empty`", "./todo list")]
    [InlineData("`./todo list` prints `3` lines", "./todo list")]
    public void What_has_to_be_done_before_keeps_a_command_from_being_a_check_and_is_told(string criterion, string code)
    {
        var plan = Planned(criterion);

        Assert.All(plan.Tasks.SelectMany(t => t.Checks), c => Assert.IsType<AcceptanceCheck.Unrunnable>(c));
        Assert.StartsWith($"{Identifiers.Quote(code)} is no check: ", Assert.Single(plan.Origin.Decisions, d => d.Title == "1 command that the criteria name is no check").Evidence[0].Rationale, StringComparison.Ordinal);
    }

    [Fact]
    public void A_requirement_that_is_a_criterion_itself_is_quoted_whole()
    {
        var diagnostics = new DiagnosticBag();
        var text = "# Todo\n\n## Requirements\n\n- `./todo list` prints `none` within 2 seconds\n- Add a report; `./todo report` prints `none`\n- Keep tasks in a file\n";
        var tasks = SpecificationPlanner.Plan([new SpecificationSource("SPEC.md", Encoding.UTF8.GetBytes(text))], new PlanningOptions(), diagnostics)!.Draft.Tasks;

        Assert.Equal(["run", "The other checks do not show all of this. Look whether it holds: ./todo list prints none within 2 seconds"], tasks[0].Checks.Select(Shown));
    }

    [Fact]
    public void A_task_that_is_run_and_looked_at_counts_in_both()
    {
        var planned = Specified("`./todo list` exits 0\n- A newcomer understands it");

        Assert.Contains("1 of 3 tasks have a check that can be run; 3 must be looked at by hand, 1 of them beside a check that can be run", planned.Phases.SelectMany(p => p.Findings));
    }

    [Fact]
    public void A_file_that_was_only_given_to_a_task_is_in_its_scope_and_proves_nothing()
    {
        var plan = Planned("The store is quick", "Write the argument parser `src/args.sh` before adding the store, which keeps a backup.");

        var task = Assert.Single(plan.Tasks, t => t.Title == "Make the store keep a backup");
        Assert.Contains("src/args.sh", task.Boundaries!.Scope.Includes);
        Assert.All(task.Checks, c => Assert.IsType<AcceptanceCheck.Unrunnable>(c));
        Assert.Empty(task.Produces);
    }

    private static string Shown(AcceptanceCheck check) => check switch
    {
        AcceptanceCheck.Command { Run: RunSpec.Process process } => string.Join(' ', process.Argv),
        AcceptanceCheck.Command => "run",
        AcceptanceCheck.FileExists file => $"exists {file.Path}",
        AcceptanceCheck.FileContains text => $"{text.Path} contains {text.Text}",
        AcceptanceCheck.JsonPath json => $"{json.Path} {json.Query} {json.ExpectedJson}",
        AcceptanceCheck.Unrunnable look => look.Description,
        _ => check.ToString(),
    };

    private static IReadOnlyList<AcceptanceCheck> Checks(string criterion) => Planned(criterion).Tasks.Single(t => t.Checks.Any(c => c is not AcceptanceCheck.Unrunnable)).Checks;

    private static PlanDraft Planned(string criterion, string context = "") => Specified(criterion, context).Draft;

    private static PlannedSpecification Specified(string criterion, string context = "")
    {
        var diagnostics = new DiagnosticBag();
        var text = $"# Todo\n\n## Tasks\n\n- Make the store keep a backup\n- List tasks\n\n## Acceptance criteria\n\n- {criterion}\n\n## Motivation\n\n{context}\n";
        var planned = SpecificationPlanner.Plan([new SpecificationSource("SPEC.md", Encoding.UTF8.GetBytes(text))], new PlanningOptions(), diagnostics);
        Assert.True(planned is not null, string.Join('\n', diagnostics.Items));
        return planned;
    }
}
