using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Tests;

/// <summary>A requirement is one task with its statement in it, and its criteria judge it and are no tasks.</summary>
public sealed class JudgedRequirementsTests
{
    [Theory]
    [InlineData("## Requirements", "### FR-3 Report", "#### Acceptance criteria")]
    [InlineData("## Requirements", "### FR-003: Report", "**Acceptance criteria:**")]
    [InlineData("## Features", "### R3. Report", "#### Acceptance criteria")]
    [InlineData("## Functional requirements", "### Report", "**Acceptance criteria**")]
    [InlineData("## Requirements", "### Requirement 3: Report", "#### Acceptance criteria")]
    [InlineData("## Requirements", "### Report", "Acceptance criteria:")]
    [InlineData("## Requirements", "**Report**", "**Acceptance criteria:**")]
    public void A_requirement_with_a_statement_and_criteria_is_one_task(string group, string heading, string label)
    {
        var plan = Planned($"# Books\n\n{group}\n\n{heading}\n\nThe report MUST sum the amounts, after FR-2.\n\n{label}\n\n- `sh test/report.sh` passes\n- Verify that the sum of nothing is 0\n");

        var task = Assert.Single(plan.Tasks);
        Assert.Contains("The report MUST sum the amounts", task.Description, StringComparison.Ordinal);
        Assert.Equal(["sh test/report.sh passes", "Verify that the sum of nothing is 0"], task.Boundaries!.Done.Criteria.Take(2));
        Assert.Single(task.Checks, c => c is AcceptanceCheck.Command);
        Assert.DoesNotContain(plan.Origin.Decisions, d => d.Title.EndsWith("in no task", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Acceptance criteria:\n\n- `sh test/store.sh` passes\n")]
    [InlineData("#### Acceptance criteria\n\n- `sh test/store.sh` passes\n")]
    [InlineData("- Acceptance criteria:\n  - `sh test/store.sh` passes\n")]
    [InlineData("- **Acceptance criteria**: `sh test/store.sh` passes\n")]
    public void Few_orders_with_criteria_are_one_task_that_they_judge(string criteria)
    {
        var plan = Planned($"# Books\n\n## Requirements\n\n### R1 Store\n\n- The store MUST keep each entry.\n- The store MUST list its entries.\n{(criteria[0] == '-' ? "" : "\n")}{criteria}");

        var task = Assert.Single(plan.Tasks);
        Assert.Contains("sh test/store.sh passes", task.Boundaries!.Done.Criteria);
        Assert.Contains("The store MUST list its entries", task.Description, StringComparison.Ordinal);
        Assert.Single(task.Checks, c => c is AcceptanceCheck.Command);
    }

    [Fact]
    public void Criteria_of_many_orders_go_to_the_one_that_they_speak_of_and_the_others_are_verified_at_the_end()
    {
        var plan = Planned("""
            # Books

            ## Requirements

            ### R1 Store

            - The store MUST keep each entry.
            - The store MUST list all accounts.
            - The store MUST export ledgers as CSV.
            - The store MUST refuse negative amounts.
            - The store MUST print a yearly balance.
            - The store MUST rename accounts.

            Acceptance criteria:

            - `sh test/csv.sh` exports ledgers
            - `sh test/store.sh` passes
            """);

        Assert.Equal(7, plan.Tasks.Count);
        Assert.Contains("sh test/csv.sh exports ledgers", plan.Tasks[2].Boundaries!.Done.Criteria);
        Assert.Equal("Verify the acceptance criteria of Store", plan.Tasks[6].Title);
        Assert.Equal(6, plan.Dependencies.Count(d => d.To == plan.Tasks[6].Id));
    }

    [Fact]
    public void Criteria_below_the_list_of_all_requirements_are_no_requirements()
    {
        var plan = Planned("# Books\n\n## Requirements\n\n- The store MUST keep each entry.\n- The store MUST list all accounts.\n\n### Acceptance criteria\n\n- `sh test/accounts.sh` lists all accounts\n- `sh test/all.sh` passes\n");

        Assert.Equal(3, plan.Tasks.Count);
        Assert.Contains("sh test/accounts.sh lists all accounts", plan.Tasks[1].Boundaries!.Done.Criteria);
        Assert.StartsWith("Verify the acceptance criteria", plan.Tasks[2].Title, StringComparison.Ordinal);
    }

    [Fact]
    public void Criteria_without_any_statement_above_them_stay_the_requirements()
    {
        var plan = Planned("# Books\n\n## Functional requirements\n\n### Acceptance criteria\n\n- WHEN an entry is added THEN the system SHALL keep it\n- WHEN no entry is there THEN the system SHALL print nothing\n");

        Assert.Equal(2, plan.Tasks.Count);
    }

    [Theory]
    [InlineData("### FR-1 List\n\nThe tool MUST list entries.\n\n#### Acceptance criteria\n\n")]
    [InlineData("### FR-1 List\n\nThe tool MUST list entries.\n\nAcceptance criteria:\n\n")]
    [InlineData("- The tool MUST list entries.\n\n### Acceptance criteria\n\n")]
    public void A_session_below_the_criteria_of_a_requirement_is_its_check(string above)
    {
        var plan = Planned($"# Books\n\n## Requirements\n\n{above}```\n$ sh books list\nNo entries\n```\n");

        Assert.Single(Assert.Single(plan.Tasks).Checks, c => c is AcceptanceCheck.Command { Id: "script-1" });
    }

    [Theory]
    [InlineData("- Keep entries\n  - Acceptance criteria:\n    - Entries survive a restart\n")]
    [InlineData("- Keep entries\n\n  Acceptance criteria:\n  - Entries survive a restart\n")]
    [InlineData("- Keep entries\n- Acceptance criteria:\n  - Entries survive a restart\n")]
    public void Criteria_of_an_item_judge_the_item(string list)
    {
        var task = Assert.Single(Planned($"# Books\n\n## Tasks\n\n{list}").Tasks);

        Assert.Equal("Entries survive a restart", task.Boundaries!.Done.Criteria[0]);
    }

    [Fact]
    public void An_obligation_above_a_list_of_requirements_is_a_task()
    {
        var plan = Planned("# Books\n\n## Requirements\n\nThe key words MUST and SHALL are to be read as in RFC 2119. The tool MUST work without a network.\n\n- The tool MUST keep entries.\n- The tool MUST list entries.\n");

        Assert.Equal(3, plan.Tasks.Count);
        Assert.Contains("MUST work without a network", plan.Tasks[0].Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("The tool MAY read OFX files", "Read OFX files")]
    [InlineData("The parser MAY skip blank lines", "Make the parser skip blank lines")]
    [InlineData("After importing the same file twice, each entry is shown once", "Ensure that each entry is shown once after importing the same file twice")]
    [InlineData("`sh test/store.sh` passes", "Make sh test/store.sh pass")]
    [InlineData("`todo --bad` exits with 2", "Make todo --bad exit with 2")]
    public void Conditions_commands_and_choices_become_orders(string words, string title)
    {
        Assert.Equal(title, Assert.Single(Planned($"# Books\n\n## Requirements\n\n- {words}\n").Tasks).Title);
    }

    [Fact]
    public void The_title_of_the_document_is_not_repeated_in_each_task()
    {
        var plan = Planned("# Todo: a list for the command line\n\n## Requirements\n\n### R1 Store\n\nEntries MUST be kept.\n\n### R2 Configuration\n\nThe folder MUST be chosen.\n");

        Assert.Equal(["Implement store", "Implement configuration for Todo"], plan.Tasks.Select(t => t.Title));
    }

    private static PlanDraft Planned(string text)
    {
        var diagnostics = new DiagnosticBag();
        var planned = SpecificationPlanner.Plan([new SpecificationSource("SPEC.md", Encoding.UTF8.GetBytes(text))], new PlanningOptions(), diagnostics);
        Assert.True(planned is not null, string.Join('\n', diagnostics.Items));
        return planned.Draft;
    }
}
