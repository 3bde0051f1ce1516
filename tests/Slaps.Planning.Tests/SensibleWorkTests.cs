using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Tests;

/// <summary>What a lead would object to in a plan of somebody else's text, each once seen in a plan of a real one.</summary>
public sealed class SensibleWorkTests
{
    [Fact]
    public void A_requirement_with_its_story_and_criteria_is_one_task_that_is_done_when_they_hold()
    {
        var plan = Planned(
            """
            # Failure analysis

            ## Requirements

            ### Requirement 1

            **User Story:** As a developer, I want failures to be grouped, so that I see causes.

            #### Acceptance Criteria

            1. WHEN tests fail THEN the system SHALL group related failures
            2. WHEN a group is known THEN the system SHALL name its cause

            ### Requirement 2

            **User Story:** As a developer, I want to access the report from the command line, so that I need no browser.

            #### Acceptance Criteria

            1. WHEN I run the command THEN the system SHALL print the report
            2. IF there is no report THEN the system SHALL say so
            """);

        Assert.Equal(["Ensure that failures are grouped", "Access the report from the command line"], plan.Tasks.Select(t => t.Title));
        Assert.Equal(plan.Tasks.Select(t => t.Title), plan.Features.Select(f => f.Title));
        Assert.Contains("WHEN a group is known THEN the system SHALL name its cause", plan.Tasks[0].Boundaries!.Done.Criteria);
        Assert.Equal("SPEC.md#L5-L12", plan.Tasks[0].Evidence[0].Source);
    }

    [Fact]
    public void A_requirement_that_a_stated_task_names_is_judged_there_and_not_built_twice()
    {
        var plan = Planned(
            """
            # Notes

            ## Requirements

            - FR-001: The service MUST store notes in SQLite.
            - FR-002: The service MUST list notes by tag.
            - FR-003: The service MUST page its lists.
            - FR-004: The service SHOULD export notes.

            ## Primary Stakeholders

            - Support

            ## Work packages

            ### WP01 Storage

            Store notes (FR-001). Owns `src/storage.py`.

            ### WP02 Listing

            Covers FR-002–FR-003. Depends on FR-001.
            """);

        Assert.Equal(["Export notes", "Implement storage for Notes", "Implement listing for Notes"], plan.Tasks.Select(t => t.Title));
        Assert.Contains("FR-001: The service MUST store notes in SQLite.", plan.Tasks[1].Boundaries!.Done.Criteria);
        Assert.Contains("SPEC.md#L5", plan.Tasks[1].Evidence.Select(e => e.Source));
        Assert.Contains("FR-003: The service MUST page its lists.", plan.Tasks[2].Boundaries!.Done.Criteria);
        Assert.Contains(plan.Dependencies, d => d.From == plan.Tasks[1].Id && d.To == plan.Tasks[2].Id && d.IsHard);
    }

    [Fact]
    public void What_is_made_in_a_file_is_looked_for_there_and_its_tests_wait_for_it()
    {
        var plan = Planned("# Notes\n\n## Tasks\n\n- [ ] Write the page in `web/index.html`\n- [ ] Create `src/storage.py` with `NoteStore`\n- [ ] Write `tests/test_storage.py`\n- [ ] Create `src/export.py` that uses `NoteStore`\n- [ ] Add a flag in `config.py`\n");

        Assert.Equal("web/index.html", Assert.IsType<AcceptanceCheck.FileExists>(Assert.Single(plan.Tasks[0].Checks)).Path);
        Assert.Equal(("src/storage.py", "NoteStore"), plan.Tasks[1].Checks.OfType<AcceptanceCheck.FileContains>().Select(c => (c.Path, c.Text)).Single());
        Assert.IsType<AcceptanceCheck.Unrunnable>(Assert.Single(plan.Tasks[4].Checks));
        Assert.Equal(["P1.T002>P1.T003", "P1.T002>P1.T004"], plan.Dependencies.Where(d => d.IsHard && d.Type == DependencyType.Technical).Select(d => $"{d.From}>{d.To}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_the_text_puts_off_is_not_planned_and_the_decisions_say_so()
    {
        var plan = Planned("# Shop\n\n## Tasks\n\n- Add the login page\n- Add tests for the login page\n- **FR-012**: ~~Add a near me button~~ — **Deferred to future iteration**\n- Export invoices (postponed)\n\n## Version skew\n\nThere are no requirements for planning the upgrade.\n");

        Assert.Equal(["Add the login page", "Add tests for the login page"], plan.Tasks.Select(t => t.Title));
        Assert.Equal(["P1.T001>P1.T002"], plan.Dependencies.Where(d => d.IsHard).Select(d => $"{d.From}>{d.To}"));
        var decision = Assert.Single(plan.Origin!.Decisions, d => d.Title == "2 items that the text puts off are not planned");
        Assert.Equal(["SPEC.md#L7", "SPEC.md#L8"], decision.Evidence.Select(e => e.Source));
    }

    [Theory]
    [InlineData("Build a REST API for notes, add login with JWT, then write tests, and deploy it.", "Build a REST API for notes|Add login with JWT|Write tests|Deploy it")]
    [InlineData("Build an API with login, tests and a deployment.", "Build an API with login, tests and a deployment")]
    public void A_sentence_that_orders_several_things_is_several_tasks(string sentence, string titles) => Assert.Equal(titles.Split('|'), Planned(sentence).Tasks.Select(t => t.Title));

    [Fact]
    public void How_the_program_behaves_orders_no_work()
    {
        var plan = Planned("# Backlog\n\n## Tasks\n\n- Define the acceptance criteria\n- Update the cluster\n- WHEN acceptance criteria are defined THEN the system SHALL lock them\n- The service SHALL require explicit declaration of dependencies on other backlog items\n");

        Assert.DoesNotContain(plan.Dependencies, d => d.IsHard && d.Type is DependencyType.Technical or DependencyType.Sequential);
    }

    [Fact]
    public void A_bare_name_beside_paths_is_not_looked_for_at_the_root()
    {
        var plan = Planned("# Doctor\n\n## Tasks\n\n- Create `_shared.py` beside `src/cli/doctor.py`\n- Create `weather.py`\n- Look at the rest\n");

        Assert.IsType<AcceptanceCheck.Unrunnable>(Assert.Single(plan.Tasks[0].Checks));
        Assert.IsType<AcceptanceCheck.FileExists>(Assert.Single(plan.Tasks[1].Checks));
    }

    [Fact]
    public void Edge_cases_below_requirements_are_verified_and_not_built_one_by_one()
    {
        var plan = Planned("# Grants\n\n## Requirements\n\n- FR-001: Admins MUST grant roles\n- FR-002: Admins MUST revoke roles\n- FR-003: Users MUST see their roles\n\n### Edge Cases\n\n- The last admin is removed\n- A request is sent twice\n");

        Assert.Equal(4, plan.Tasks.Count);
        Assert.Equal("Verify the edge cases of Grants", plan.Tasks[3].Title);
        Assert.Contains("A request is sent twice", plan.Tasks[3].Boundaries!.Done.Criteria);
    }

    [Fact]
    public void Lists_of_reasons_choices_and_examples_are_no_work()
    {
        var plan = Planned(
            """
            # Signers

            ## Controller

            The following are reasons to keep the old path:
            - Add a signer and every caller changes
            - Remove a signer and nobody notices

            Cluster admins can either:
            1. Grant permissions by roles
            2. Disable the plugin

            ## Storage

            Keep the certificates in one table.
            """);

        Assert.Equal(["Implement controller for Signers", "Implement storage for Signers"], plan.Tasks.Select(t => t.Title));
    }

    [Fact]
    public void An_order_above_a_list_is_one_task_and_the_list_says_how()
    {
        var plan = Planned("# Scaler\n\n## Safety\n\n### Flapping\n\nPrevent oscillation through several mechanisms:\n\n1. **Cooldown**: wait 5 minutes\n2. **Bands**: different thresholds\n\n### Limits\n\nAdd support for:\n- Step sizes\n- Budgets of replicas\n");

        Assert.Contains(plan.Tasks, t => t.Title == "Prevent oscillation through several mechanisms" && t.Boundaries!.Done.Criteria.Contains("Cooldown: wait 5 minutes"));
        Assert.Contains(plan.Tasks, t => t.Title == "Add step sizes");
        Assert.DoesNotContain(plan.Tasks, t => t.Title.Contains("ooldown", StringComparison.Ordinal));
    }

    [Fact]
    public void A_proposal_is_planned_though_all_sections_in_it_are_context()
    {
        var plan = Planned(
            """
            # KEP-1: Find plugins for unknown subcommands

            ## Proposal

            An unknown subcommand is looked for among the plugins before it is refused.

            ### Risks and Mitigations

            A plugin may be shadowed later.

            ## Design Details

            The name of a plugin is made of the words of the command with hyphens between them.

            ### Test Plan

            #### Unit tests

            - Add a plugin and call it
            - Remove the plugin and call it
            """);

        var whole = Assert.Single(plan.Tasks, t => t.Title == "Find plugins for unknown subcommands");
        Assert.Contains("SPEC.md#L3-L5", whole.Evidence.Select(e => e.Source));
        Assert.Contains("SPEC.md#L11-L13", whole.Evidence.Select(e => e.Source));
    }

    [Fact]
    public void Stories_beside_a_list_of_tasks_are_gone_through_together()
    {
        var plan = Planned("# Canary\n\n## Tasks\n\n- [ ] Add the router\n- [ ] Add the labels\n- [ ] Drain the workers\n\n## User Scenarios\n\n### Rolling out a fix\n\nShe watches it.\n\n### Rolling back\n\nHe watches it.\n");

        Assert.Equal(4, plan.Tasks.Count);
        Assert.Equal("Go through the stories of Canary", plan.Tasks[3].Title);
        Assert.Equal(["Rolling out a fix", "Rolling back"], plan.Tasks[3].Boundaries!.Done.Criteria);
    }

    [Fact]
    public void A_document_that_lists_the_others_is_not_planned_beside_them()
    {
        var plan = Planned(
            ("README.md", "# Ideas\n\n## Roadmap\n\n1. **Admin API** - unlocks the rest\n2. **Load Generator** - a quick win\n3. **Theme Playground** (later)\n"),
            ("admin-api.md", "# Admin API\n\n## Tasks\n\n- [ ] Add the routes\n- [ ] Add the limits\n"),
            ("load.md", "# Patterned Load Generator\n\n## Tasks\n\n- [ ] Draw the sine\n"),
            ("themes.md", "# Theme Playground\n\n## Tasks\n\n- [ ] Add the themes\n"));

        Assert.Equal(["Add the routes", "Add the limits", "Draw the sine", "Add the themes"], plan.Tasks.Select(t => t.Title));
        Assert.Contains(plan.Origin.Decisions.SelectMany(d => d.Evidence), e => e.Rationale.Contains("other documents", StringComparison.Ordinal));
    }

    [Fact]
    public void Metadata_at_the_end_of_a_document_is_no_work()
    {
        var plan = Planned("# Sessions\n\n## Tasks\n\n- [ ] Add the server\n\n---\nfeature: sessions\ndependencies:\n  hard:\n    - tui_framework\nprovides:\n  - cursor_sharing\n---\n");

        Assert.Equal("Add the server", Assert.Single(plan.Tasks).Title);
    }

    [Fact]
    public void Estimates_grow_with_what_is_asked_for()
    {
        var plan = Planned(
            """
            # Sizes

            ## Tasks

            - [ ] Remove the old flag
            - [ ] Add a cache
            - [ ] Add a cache for rendered pages that is filled by the crawler, emptied after each release, measured by hit rate, and shared between all regions
            - [ ] Build the replication protocol with acknowledgements, retries, checksums and a window
            """);

        var hours = plan.Tasks.Select(t => t.Duration.MostLikely).ToList();
        Assert.Equal(hours.Order(), hours);
        Assert.Equal(4, hours.Distinct().Count());
        Assert.Contains("words beyond", plan.Tasks[2].Boundaries!.Complexity.Breakdown, StringComparison.Ordinal);
    }

    [Fact]
    public void Short_names_of_files_mean_the_long_ones_that_the_text_names()
    {
        var plan = Planned(
            """
            # Charter

            ## Tasks

            - [ ] Move the rules into `core/paths.py` and `helpers.py`
            - [ ] Split `src/app/upgrade/{detector,runner}.py`
            - [ ] Export from `src/app/charter/profiles.py`, `steps.py` and `graph.py`
            - [ ] Raise the coverage of `k8s.io/kubernetes/pkg/controller/cronjob` and `pkg/kubelet/server`
            - [ ] Pause the workers by `pause/resume` and `application/json`

            ## Notes

            Today the rules are in `src/app/core/paths.py`, and the other file is `lib/helpers.py`.
            """);

        Assert.Equal(["src/app/core/paths.py", "lib/helpers.py"], Scope(plan, 0));
        Assert.Equal(["src/app/upgrade/detector.py", "src/app/upgrade/runner.py"], Scope(plan, 1));
        Assert.Equal(["src/app/charter/profiles.py", "src/app/charter/steps.py", "src/app/charter/graph.py"], Scope(plan, 2));
        Assert.Equal(["pkg/controller/cronjob/", "pkg/kubelet/server/"], Scope(plan, 3));
        Assert.Empty(Scope(plan, 4));
    }

    [Fact]
    public void Files_named_beside_the_work_belong_to_the_task_that_speaks_of_the_same()
    {
        var plan = Planned(
            """
            # Tokens

            ## Current State

            The refresh of expired tokens is done by `src/auth/refresh.ts` today.

            ## Tasks

            - [ ] Make the refresh of expired tokens single-flight
            - [ ] Print the help
            - [ ] Count the logins

            ## Non-Goals

            - Expired tokens of partners, whose refresh is in `src/partners/refresh.ts`
            """);

        Assert.Equal(["src/auth/refresh.ts"], Scope(plan, 0));
        Assert.All(plan.Tasks.Skip(1), t => Assert.Empty(t.Boundaries!.Scope.Includes));
    }

    [Fact]
    public void Lists_in_another_language_are_work_by_their_form()
    {
        var plan = Planned("# Anmeldung\n\n## Anforderungen\n\n- Benutzer melden sich mit einem Passwort an\n- Nach einer Stunde wird jeder abgemeldet\n\n## Aufgaben\n\n1. Tabelle anlegen\n2. Maske bauen\n");

        Assert.Equal(4, plan.Tasks.Count);
    }

    [Fact]
    public void Headings_and_items_of_html_are_read_and_its_scripts_are_not()
    {
        var plan = Planned("<html>\n<head><style>h1 { color: red }</style>\n<script>\nfunction add() { must(); }\n</script></head>\n<body>\n<h1>Shop</h1>\n<h2>Tasks</h2>\n<ul>\n<li>Add a cart</li>\n<li class=\"x\">Add a till</li>\n</ul>\n</body>\n</html>\n");

        Assert.Equal(["Add a cart", "Add a till"], plan.Tasks.Select(t => t.Title));
        Assert.Equal("SPEC.md#L10", plan.Tasks[0].Evidence[0].Source);
    }

    [Fact]
    public void Sentences_of_one_endless_line_quote_themselves_and_share_no_files()
    {
        var text = string.Join(' ', Enumerable.Range(0, 400).Select(i => $"The system must keep the record number {i} of the audit in `src/r{i}.ts`."));

        var plan = Planned(text);

        Assert.Equal(400, plan.Tasks.Count);
        Assert.Equal(["src/r7.ts"], Scope(plan, 7));
        Assert.StartsWith("The system must keep the record number 7 ", plan.Tasks[7].Evidence[0].Excerpt, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Change `src/a.py` so that it prints", "Change src/a.py so that it prints")]
    [InlineData("T1: Add the cart. Depends on T2.", "Add the cart")]
    [InlineData("Update README", "Update README")]
    [InlineData("Wire TUI Stats to API", "Wire TUI Stats to API")]
    [InlineData("Admin: list the workers and pause them", "Implement admin: list the workers and pause them")]
    [InlineData("**Caching**: Cache responses for five minutes", "Cache responses for five minutes")]
    [InlineData("Clear and actionable error messages", "Implement clear and actionable error messages")]
    [InlineData("As a tester, I want the report to name the first failure, so that I start there", "Make the report name the first failure")]
    [InlineData("The system SHALL automatically trigger the analysis", "Trigger the analysis automatically")]
    [InlineData("When two requests meet, the client MUST refresh once", "Make the client refresh once when two requests meet")]
    [InlineData("All callers (a, b) must ask the manager", "Make all callers ask the manager")]
    [InlineData("Users can see the price (with tax)", "Ensure that users can see the price (with tax)")]
    public void Titles_say_what_is_to_be_done(string item, string title)
    {
        var plan = Planned($"# Shop\n\n## Tasks\n\n- [ ] {item}\n- [ ] Count the logins\n");

        Assert.Equal(title, plan.Tasks[0].Title);
    }

    [Theory]
    [InlineData("Test metrics of the kubelet API", "Test metrics of the kubelet API")]
    [InlineData("Unit test all three in isolation", "Test all three in isolation with unit tests")]
    [InlineData("unit tests of:", "Write unit tests")]
    [InlineData("Simulation: replay traces to check the plan", "Test simulation: replay traces to check the plan")]
    public void Titles_of_tests_say_what_is_tested(string item, string title)
    {
        var plan = Planned($"# Shop\n\n## Build\n\nA shop sells things to people who pay for them.\n\n## Test Plan\n\n- {item}\n- Count the logins\n");

        Assert.Contains(title, plan.Tasks.Select(t => t.Title));
    }

    private static IReadOnlyList<string> Scope(Plan plan, int task) => plan.Tasks[task].Boundaries!.Scope.Includes;

    private static Plan Planned(string text) => Planned(("SPEC.md", text));

    private static Plan Planned(params (string File, string Text)[] documents)
    {
        var diagnostics = new DiagnosticBag();
        var planned = SpecificationPlanner.Plan([.. documents.Select(d => new SpecificationSource(d.File, Encoding.UTF8.GetBytes(d.Text)))], new PlanningOptions(), diagnostics);
        Assert.NotNull(planned);
        var plan = Plan.Build(planned.Draft, diagnostics);
        Assert.True(plan is not null, string.Join('\n', diagnostics.Items));
        return plan;
    }
}
