using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Tests;

public sealed class SpecificationPlannerTests
{
    [Fact]
    public void Features_are_headings_and_tasks_are_list_items_or_sub_headings()
    {
        var planned = Specs.Planned(
            """
            # Release 1.2

            ## Build

            About building.

            - Compile `core` & co
              ```sh
              make core
              ```
              With all warnings.
            - **Link**
              ```sh
              make link
              ```

            ## Ship

            ### Upload the files

            ```sh
            make upload
            ```
            """);

        Assert.Equal("Release 1.2", planned.Draft.Title);
        Assert.Equal([new Feature { Id = new("F001"), Title = "Build", Description = "About building." }, new Feature { Id = new("F002"), Title = "Ship" }], planned.Features);
        Assert.Equal(
            [("P1.T001", "F001", "Compile `core` & co", "With all warnings."), ("P1.T002", "F001", "Link", ""), ("P1.T003", "F002", "Upload the files", "")],
            planned.Draft.Tasks.Select(t => (t.Id.Value, t.Feature!.Value.Value, t.Title, t.Description)));
        Assert.Empty(planned.Draft.Dependencies);
    }

    [Fact]
    public void Steps_of_a_numbered_list_follow_each_other_and_bullets_do_not()
    {
        var planned = Specs.Planned(
            """
            # S
            ## Numbered
            1. One
               ```sh
               a
               ```
            2. Two
               ```sh
               b
               ```
            3. Three
               ```sh
               c
               ```
            ## Bullets
            - Four
              ```sh
              d
              ```
            - Five
              ```sh
              e
              ```
            """);

        Assert.Equal(
            [new Dependency(new("P1.T001"), new("P1.T002"), DependencyType.Sequential), new Dependency(new("P1.T002"), new("P1.T003"), DependencyType.Sequential)],
            planned.Draft.Dependencies);
    }

    [Theory]
    [InlineData("After: Compile, then link")]
    [InlineData("after: `Compile, then link`")]
    [InlineData("**Depends on:** P1.T001")]
    [InlineData("Depends on: P1.T001, Compile, then link,")]
    public void After_names_tasks_by_exact_title_or_id_even_when_a_title_holds_a_comma(string line)
    {
        var planned = Specs.Planned($"# S\n## F\n- Compile, then link\n  ```sh\n  a\n  ```\n- Test\n  ```sh\n  b\n  ```\n  {line}\n");

        Assert.Equal([new Dependency(new("P1.T001"), new("P1.T002"))], planned.Draft.Dependencies);
    }

    [Fact]
    public void Labels_give_the_task_its_properties_in_any_case_and_dress()
    {
        var task = Specs.TaskWith(
            """
            LOCKS: dist, `release`
            **Uses:** bench (2), memory_mb (512.5)
            needs: docker, gpu
            _Produces_: `dist/a.js`, dist/b.js
            Estimate: 1-2-4 h
            Timeout: 90 s
            Retries: 4
            Priority: High
            """,
            resources: "## Resources\n- Pool `bench`: 2\n- Lock dist — one writer\n- Lock `release`.\n- Quota memory_mb: 1024");

        Assert.Equal(["dist", "release"], task.Locks);
        Assert.Equal([new PoolClaim("bench", 2)], task.Pools);
        Assert.Equal(new QuotaAmounts(null, 512.5, null), task.Estimated);
        Assert.Equal(["docker", "gpu"], task.Capabilities);
        Assert.Equal([new ArtifactDeclaration("dist/a.js", true), new ArtifactDeclaration("dist/b.js", true)], task.Produces);
        Assert.Equal(new PertEstimate(1, 2, 4), task.Duration);
        Assert.Equal(90, Assert.IsType<RunSpec.Process>(task.Run).Context.TimeoutSeconds);
        Assert.Equal(4, task.MaxRetries);
        Assert.Equal(Priority.High, task.Priority);
        Assert.Equal("", task.Description);
    }

    [Fact]
    public void Resources_are_declared_wherever_their_section_stands()
    {
        var resources = Specs.Planned(Specs.Around("Locks: a") + "## Resources\n\nShared by all.\n\n- Lock a\n- Pool b: 3\n- Quota `cpu_cores`: 2.5\n").Draft.Resources;

        Assert.Equal(["a"], resources.Locks);
        Assert.Equal([new PoolClaim("b", 3)], resources.Pools);
        Assert.Equal(new QuotaAmounts(2.5, null, null), resources.Quotas);
    }

    [Theory]
    [InlineData("2h", 2)]
    [InlineData("30 min", 0.5)]
    [InlineData("1.5 hours", 1.5)]
    [InlineData("36 s", 0.01)]
    public void An_estimate_is_one_duration_in_hours(string text, double hours) =>
        Assert.Equal(hours, Specs.TaskWith($"Estimate: {text}").Duration.Pessimistic, 9);

    [Theory]
    [InlineData("make all", "make|all")]
    [InlineData("  # first\n  node --test 'a b' \"c;d\" --flag=x ''", "node|--test|a b|c;d|--flag=x|")]
    [InlineData("./run.sh a'b'c", "./run.sh|abc")]
    public void One_simple_command_is_started_directly_with_its_arguments(string script, string argv) =>
        Assert.Equal(argv, string.Join('|', Assert.IsType<RunSpec.Process>(Specs.TaskWith("", script).Run).Argv));

    [Theory]
    [InlineData("make | tee log")]
    [InlineData("make > log")]
    [InlineData("make && make test")]
    [InlineData("echo hello")]
    [InlineData("cd src")]
    [InlineData("CC=gcc make")]
    [InlineData("rm build/*.o")]
    [InlineData("make \"$TARGET\"")]
    [InlineData("make 'unfinished")]
    [InlineData("make\\ all")]
    [InlineData("make `uname`")]
    [InlineData("make all # everything")]
    [InlineData("make one\nmake two")]
    public void Everything_else_is_a_script_whose_first_failing_line_fails_it(string script) =>
        Assert.Equal($"set -eu\n{script}\n", Assert.IsType<RunSpec.Shell>(Specs.TaskWith("", script).Run).Command);

    [Theory]
    [InlineData("Verify: `a b/c.txt` exists")]
    [InlineData("VERIFY that the file `a b/c.txt` exists.")]
    [InlineData("Done when `a b/c.txt` exists")]
    [InlineData("**Acceptance**: The `a b/c.txt` exists")]
    [InlineData("**Acceptance criteria:**\n- [ ] `a b/c.txt` exists")]
    [InlineData("Done when:\n`a b/c.txt` exists")]
    [InlineData("Verify\n1. `a b/c.txt`\n   exists")]
    [InlineData("- Verify:\n  - `a b/c.txt` exists")]
    [InlineData("#### Verify\n\n`a b/c.txt` exists")]
    public void A_check_stands_on_the_label_line_or_below_it_or_in_a_list(string lines) =>
        Assert.Equal(
            new AcceptanceCheck.FileExists("check-1", "a b/c.txt", AcceptanceCheck.DefaultTimeoutSeconds),
            Assert.Single(Specs.TaskWith(lines).Checks));

    [Fact]
    public void Each_form_of_a_check_becomes_its_kind()
    {
        var checks = Specs.TaskWith(
            """
            Verify:

            - `a` exists
            - `a` contains `` `y`  ``
            - `a.json` has `$.b[0]['c d']`
            - `a.json` has `$.n` = 1e0
            - `a.json` has `$.s` = `"t"`
            - `make test` succeeds
            - run `make | tee log`

            ```sh
            test -s a
            test -s b
            ```
            """).Checks;

        const double limit = AcceptanceCheck.DefaultTimeoutSeconds;
        Assert.Equal(
            [
                new AcceptanceCheck.FileExists("check-1", "a", limit),
                new AcceptanceCheck.FileContains("check-2", "a", "`y` ", limit),
                new AcceptanceCheck.JsonPath("check-3", "a.json", "$.b[0]['c d']", null, limit),
                new AcceptanceCheck.JsonPath("check-4", "a.json", "$.n", "1", limit),
                new AcceptanceCheck.JsonPath("check-5", "a.json", "$.s", "\"t\"", limit),
            ],
            checks.Take(5));
        var commands = checks.Skip(5).Cast<AcceptanceCheck.Command>().Select(c => c.Run).ToList();
        Assert.Equal(["make", "test"], Assert.IsType<RunSpec.Process>(commands[0]).Argv);
        Assert.Equal("set -eu\nmake | tee log\n", Assert.IsType<RunSpec.Shell>(commands[1]).Command);
        Assert.Equal("set -eu\ntest -s a\ntest -s b\n", Assert.IsType<RunSpec.Shell>(commands[2]).Command);
        Assert.Equal(8, checks.Count);
    }

    [Fact]
    public void A_block_after_a_complete_check_line_is_still_work()
    {
        var task = Specs.TaskWith("Verify: `a` exists\n\n```sh\nmake more\n```");

        Assert.Equal("set -eu\nmake all\nmake more\n", Assert.IsType<RunSpec.Shell>(task.Run).Command);
        Assert.Single(task.Checks);
    }

    [Fact]
    public void A_script_keeps_its_tabs_its_blank_lines_and_its_backslashes()
    {
        const string script = "cat > rules <<'END'\n\tone  \n\n    two \\\nEND";

        Assert.Equal($"set -eu\n{script}\n", Assert.IsType<RunSpec.Shell>(Specs.TaskWith("", script).Run).Command);
    }

    [Fact]
    public void Sections_of_context_are_no_features_unless_something_in_them_runs()
    {
        var planned = Specs.Planned(Specs.Around("") + "## Background\n\n- why\n\n## GLOSSARY:\n\nwords\n\n## Notes\n\n- Note it\n  ```sh\n  make note\n  ```\n");

        Assert.Equal(["Feature", "Notes"], planned.Features.Select(f => f.Title));
    }

    [Fact]
    public void Other_languages_comments_front_matter_and_quotations_are_not_run()
    {
        var planned = Specs.Planned("---\ntitle: x\n---\n<!-- - Not a task -->\n" + Specs.Around("```js\nrun()\n```\n\n> After: nothing\n\n<!-- After: nothing -->"));

        Assert.Equal("```js\nrun()\n```\n\n> After: nothing", Assert.Single(planned.Draft.Tasks).Description);
    }

    [Fact]
    public void Line_ends_and_a_byte_order_mark_change_nothing()
    {
        var text = File.ReadAllText(Path.Combine(Specs.RepositoryRoot, "samples/textkit/SPEC.md"));
        var unix = CoordinatorJson.Write(Specs.Planned(text).Draft);

        Assert.Equal(unix, CoordinatorJson.Write(Specs.Planned("\ufeff" + text.Replace("\n", "\r\n", StringComparison.Ordinal)).Draft));
        Assert.Equal(unix, CoordinatorJson.Write(Specs.Planned(text).Draft));
    }

    [Fact]
    public void A_missing_title_is_warned_about_and_taken_from_the_file()
    {
        var diagnostics = new DiagnosticBag();
        var planned = SpecificationPlanner.Plan(Encoding.UTF8.GetBytes(Specs.Around("").Replace("# Spec\n", "", StringComparison.Ordinal)), "docs/greeter.md", diagnostics);

        Assert.Equal("greeter", planned!.Draft.Title);
        Assert.Equal(("SPEC006", Severity.Warning), Assert.Single(diagnostics.Items) is var d ? (d.Code, d.Severity) : default);
    }

    [Fact]
    public void The_example_of_the_documentation_plans_without_a_warning()
    {
        var page = File.ReadAllText(Path.Combine(Specs.RepositoryRoot, "docs/specification-format.md"));
        var example = page.Split("````markdown\n")[1].Split("````\n")[0];

        var planned = Specs.TryPlan(example, out var diagnostics);

        Assert.Empty(diagnostics.Items);
        Assert.Equal(["Generate the greetings", "Write the settings", "Test the greetings", "Pack the archive"], planned!.Draft.Tasks.Select(t => t.Title));
        Assert.Equal(3, planned.Draft.Dependencies.Count);
        Assert.All(planned.Draft.Tasks, t => Assert.NotEmpty(t.Checks));
    }
}
