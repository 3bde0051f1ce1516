using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Tests;

/// <summary>Criteria that are commands: which become checks, with what outcome, and which are left with a reason.</summary>
public sealed class StatedProofsTests
{
    [Theory]
    [InlineData("`sh test/run.sh` passes", "sh test/run.sh")]
    [InlineData("Run `npm test`", "npm test")]
    [InlineData("`npm test`", "npm test")]
    [InlineData("[ ] `npm test`.", "npm test")]
    [InlineData("Verify: `curl -sf http://localhost:8080/healthz`", "curl -sf http://localhost:8080/healthz")]
    [InlineData("**Test**: `go test ./...` (all packages)", "go test ./...")]
    [InlineData("`cargo test -p x` is green", "cargo test -p x")]
    [InlineData("AC-2: `todo --help` prints usage", "todo --help")]
    [InlineData("`todo list` exits 0", "todo list")]
    [InlineData("The command `todo check --all` succeeds.", "todo check --all")]
    [InlineData("`curl -sf http://127.0.0.1:8080/healthz` returns 200", "curl -sf http://127.0.0.1:8080/healthz")]
    public void A_command_that_is_a_criterion_is_run(string criterion, string command) =>
        Assert.Equal([string.Join('|', command.Split(' '))], Commands($"- {criterion}"));

    [Theory]
    [InlineData("`todo --bad` exits non-zero", "code=0; todo --bad || code=$?\ntest \"$code\" -ne 0; test \"$code\" -lt 126\n")]
    [InlineData("`todo add` returns 2", "code=0; todo add || code=$?\ntest \"$code\" -eq 2\n")]
    [InlineData("`todo list` outputs `No tasks`", "code=0; output=$(todo list) || code=$?\nprintf '%s\\n' \"$output\"\ntest \"$code\" -eq 0\ncase \"\n$output\n\" in *[!A-Za-z0-9_]'No tasks'[!A-Za-z0-9_]*) ;; *) exit 1 ;; esac\n")]
    [InlineData("`todo add` prints \"title missing\" and exits with code 2", "code=0; output=$(todo add 2>&1) || code=$?\nprintf '%s\\n' \"$output\"\ntest \"$code\" -eq 2\ncase \"\n$output\n\" in *[!A-Za-z0-9_]'title missing'[!A-Za-z0-9_]*) ;; *) exit 1 ;; esac\n")]
    public void What_a_command_has_to_answer_is_checked(string criterion, string script) => Assert.Equal(["set -eu\n" + script], Commands($"- {criterion}"));

    [Fact]
    public void What_is_quoted_stays_data_whatever_a_shell_would_make_of_it() =>
        Assert.Equal(
            ["set -eu\ncode=0; output=$(todo add 'a; b && c') || code=$?\nprintf '%s\\n' \"$output\"\ntest \"$code\" -eq 0\ncase \"\n$output\n\" in *[!A-Za-z0-9_]'a*'\\''$(b)'*) ;; *) exit 1 ;; esac\n"],
            Commands("- `todo add 'a; b && c'` prints `a*'$(b)`"));

    [Fact]
    public void Commands_that_share_an_outcome_are_all_run() =>
        Assert.Equal(["npm|run|lint", "npm|test"], Commands("- `npm run lint` and `npm test` pass"));

    [Fact]
    public void A_session_has_to_print_what_stands_below_its_prompt() =>
        Assert.Equal(
            ["set -eu\noutput=$(todo list)\nprintf '%s\\n' \"$output\"\ncase \"\n$output\n\" in *[!A-Za-z0-9_]'No tasks'[!A-Za-z0-9_]*) ;; *) exit 1 ;; esac\ntodo add milk\n"],
            Commands("```\n$ todo list\nNo tasks\n$ todo add milk\n2026-01-02 12:33 added\n```"));

    [Theory]
    [InlineData("`todo show <id>` exits 0", "todo show <id>", "it holds a placeholder")]
    [InlineData("`curl -sf https://example.com/healthz` succeeds", "curl -sf https://example.com/healthz", "it needs another machine")]
    [InlineData("`curl -X POST http://localhost/items` succeeds", "curl -X POST http://localhost/items", "it may change more than it looks at")]
    [InlineData("`docker compose up` succeeds", "docker compose up", "it reaches beyond the project")]
    [InlineData("`npm run dev` works", "npm run dev", "it does not end by itself")]
    [InlineData("`mypy --strict` passes", "mypy --strict", "it is only a piece of a command")]
    [InlineData("`todo list` exits 3 when the store is locked", "todo list", "what comes of it depends on what the text tells in words")]
    [InlineData("Given an empty store, when I run `todo list`, then an error is shown", "todo list", "it is a step of a scenario, and what has to be there before is told in words")]
    [InlineData("Run `todo list` and look at the order", "todo list", "the sentence only names it, or tells in words what is to come of it")]
    [InlineData("`sh ../install.sh` passes", "sh ../install.sh", "it is no script of the project")]
    [InlineData("`store/notes.py` passes", "store/notes.py", "it is one word, which may be a name")]
    [InlineData("`rm -rf build` succeeds", "rm -rf build", "it may change more than it looks at")]
    public void What_looks_like_a_command_and_is_none_is_told_with_the_reason(string criterion, string code, string reason)
    {
        var plan = Planned(Spec($"- {criterion}"));

        Assert.DoesNotContain(plan.Tasks.SelectMany(t => t.Checks), c => c is AcceptanceCheck.Command);
        var told = Assert.Single(plan.Origin.Decisions, d => d.Title == "1 command that the criteria name is no check");
        Assert.Equal(("SPEC.md#L10", $"{Identifiers.Quote(code)} is no check: {reason}."), (told.Evidence[0].Source, told.Evidence[0].Rationale));
    }

    [Theory]
    [InlineData("grep -q a f; find . -mindepth 1 -exec 'rm' {} +")]
    [InlineData("grep -q \"$(touch x)\" f")]
    [InlineData("npm test & disown")]
    [InlineData("npm test; 'rm' -rf src")]
    [InlineData("cat ~/.ssh/id_rsa | tee x")]
    [InlineData("PATH=evil npm test")]
    [InlineData("LD_PRELOAD=./evil.so npm test")]
    [InlineData("python3 -B -c 'import os'")]
    [InlineData("./../../evil.sh all")]
    [InlineData("make -f /tmp/Makefile all")]
    [InlineData("npm --prefix /tmp/evil test")]
    [InlineData("npm test > src/main.js")]
    [InlineData("curl -sf localhost:8080/x \"evil.example/y\"")]
    [InlineData("curl -sf localhost:8080/x --url=evil.example")]
    [InlineData("curl -sf localhost:8080/x -xevil.example:3128")]
    [InlineData("curl -sXDELETE localhost:8080/x")]
    [InlineData("curl -s -dx=1 localhost:8080/x")]
    [InlineData("curl -sf localhost:8080/x -otmpx")]
    [InlineData("curl -sf localhost:8080/x -c jar")]
    public void What_does_more_than_it_shows_is_no_check(string command) => Assert.Empty(Commands($"- `{command}` passes"));

    [Theory]
    [InlineData("'rm' -rf src")]
    [InlineData("echo hi > ~/.profile")]
    [InlineData("mv a /tmp/b")]
    [InlineData("unlink src/main.js")]
    [InlineData("echo $(touch x)")]
    public void Neither_is_a_block_with_such_a_line(string line) => Assert.DoesNotContain(Commands($"```sh\nnpm test\n{line}\n```"), command => command.Contains(line, StringComparison.Ordinal));

    [Theory]
    [InlineData("jq -e '.count > 2' out.json")]
    [InlineData("grep -q 'a > b; c & d' page.html")]
    [InlineData("npm test 2>&1 | grep -q ok")]
    [InlineData("curl -sSf -o /dev/null http://localhost:8080/")]
    public void What_only_looks_like_it_is_one(string command) => Assert.Single(Commands($"- `{command}` passes"));

    [Fact]
    public void A_part_of_a_longer_command_is_none()
    {
        var plan = Planned(Spec("- `doctor tools` exits 0\n- `kit doctor tools` is quick"));

        Assert.DoesNotContain(plan.Tasks.SelectMany(t => t.Checks), c => c is AcceptanceCheck.Command);
        Assert.Contains(plan.Origin.Decisions.SelectMany(d => d.Evidence), e => e.Rationale.EndsWith("elsewhere the text writes another program before it.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_requirement_that_says_what_a_command_prints_is_checked_by_it()
    {
        var plan = Planned("# Todo\n\n## Requirements\n\n- The list MUST be kept in a file\n- `todo list` prints `No tasks`\n- `todo sync` passes everything on\n");

        Assert.All(plan.Tasks[0].Checks, c => Assert.IsType<AcceptanceCheck.Unrunnable>(c));
        Assert.IsType<AcceptanceCheck.Command>(Assert.Single(plan.Tasks[1].Checks));
        Assert.All(plan.Tasks[2].Checks, c => Assert.IsType<AcceptanceCheck.Unrunnable>(c));
    }

    [Fact]
    public void The_criteria_of_a_requirement_are_its_own_checks()
    {
        var plan = Planned("# Todo\n\n## Requirements\n\n### Requirement 1\n\n**User Story:** As a user, I want to list tasks, so that I see them.\n\n#### Acceptance Criteria\n\n1. `todo list --json` exits 0\n\n### Requirement 2\n\n**User Story:** As a user, I want to add tasks, so that I keep them.\n\n#### Acceptance Criteria\n\n1. Tasks are kept\n");

        Assert.IsType<AcceptanceCheck.Command>(Assert.Single(plan.Tasks[0].Checks));
        Assert.IsType<AcceptanceCheck.Unrunnable>(Assert.Single(plan.Tasks[1].Checks));
    }

    private static string Spec(string criteria) => $"# Todo\n\n## Tasks\n\n- Keep tasks in a file\n- List tasks\n\n## Acceptance criteria\n\n{criteria}\n";

    private static string[] Commands(string criteria) => [.. Planned(Spec(criteria)).Tasks.SelectMany(t => t.Checks).OfType<AcceptanceCheck.Command>().Select(c => c.Run switch
    {
        RunSpec.Process process => string.Join('|', process.Argv),
        RunSpec.Shell shell => shell.Command,
        _ => "",
    })];

    private static PlanDraft Planned(string text)
    {
        var diagnostics = new DiagnosticBag();
        var planned = SpecificationPlanner.Plan([new SpecificationSource("SPEC.md", Encoding.UTF8.GetBytes(text))], new PlanningOptions(), diagnostics);
        Assert.True(planned is not null, string.Join('\n', diagnostics.Items));
        return planned.Draft;
    }
}
