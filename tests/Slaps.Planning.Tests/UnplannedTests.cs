using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Tests;

/// <summary>What the text demands and no task speaks of is told to whoever asked for the plan.</summary>
public sealed class UnplannedTests
{
    [Fact]
    public void What_reached_no_task_is_named_and_counted()
    {
        var plan = Planned("# Books\n\n## Overview\n\nPeople forget. Entries MUST\nnever get lost. That is all.\n\n## Usage\n\n```\n$ books list\nNo entries\n```\n\n## Tasks\n\n- Keep entries\n- List entries\n- Print entries\n", out var diagnostics);

        var decision = Assert.Single(plan.Origin.Decisions, d => d.Title == "Risk: 2 demands of the text are in no task");
        Assert.Equal(["SPEC.md#L5-L6", "SPEC.md#L10-L13"], decision.Evidence.Select(e => e.Source));
        var warning = Assert.Single(diagnostics.Items);
        Assert.Equal(("SPEC033", Severity.Warning, 5), (warning.Code, warning.Severity, warning.Line));
        Assert.Contains("such places is 2", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_in_a_task_or_put_off_with_a_reason_is_not_named()
    {
        var plan = Planned("# Books\n\n## Requirements\n\n- **FR-1**: The tool MUST keep entries.\n- ~~**FR-2**: The tool MUST sync.~~\n- [x] The tool MUST start.\n- [ ] The tool MUST stop.\n\n## Acceptance criteria\n\n- Entries are kept\n", out var diagnostics);

        Assert.Empty(diagnostics.Items);
        Assert.DoesNotContain(plan.Origin.Decisions, d => d.Title.Contains("in no task", StringComparison.Ordinal));
    }

    [Fact]
    public void Many_lost_demands_are_counted_and_the_first_of_them_shown()
    {
        var plan = Planned($"# Books\n\n## Overview\n\n{string.Concat(Enumerable.Range(1, 300).Select(n => $"- Rule {n} MUST hold.\n"))}\n## Tasks\n\n- Keep entries\n- List entries\n- Print entries\n", out _);

        var decision = Assert.Single(plan.Origin.Decisions, d => d.Title == "Risk: 300 demands of the text are in no task");
        Assert.Equal(40, decision.Evidence.Count);
    }

    [Theory]
    [InlineData("Background")]
    [InlineData("Motivation and goals")]
    [InlineData("2. Terminology")]
    [InlineData("Non-Goals")]
    [InlineData("Current behaviour")]
    [InlineData("Existing Architecture (today)")]
    [InlineData("Alternatives considered")]
    [InlineData("Begriffe")]
    public void What_a_section_only_tells_is_no_demand(string heading)
    {
        Planned($"# Books\n\n## {heading}\n\nEntries MUST never get lost.\n\n### In detail\n\n- Old books MUST NOT be read.\n\n```\n$ books list\n```\n{Tasks}", out var diagnostics);

        Assert.Empty(diagnostics.Items);
    }

    [Theory]
    [InlineData("Constraints")]
    [InlineData("Background jobs")]
    [InlineData("Overview")]
    [InlineData("Decisions")]
    public void What_binds_the_work_is_a_demand_though_it_is_no_task(string heading)
    {
        var plan = Planned($"# Books\n\n## Tasks\n\n- Keep entries\n- List entries\n- Print entries\n\n## {heading}\n\nThis is how it goes. Entries MUST never\nget lost.\n", out var diagnostics);

        Assert.True(plan.Tasks.Any(t => t.Description.Contains("MUST never", StringComparison.Ordinal)) || diagnostics.Items.Any(d => d.Code == "SPEC033"));
    }

    [Theory]
    [InlineData("The key words \"MUST\", \"MUST NOT\" and \"SHALL\" are to be read as in RFC 2119.")]
    [InlineData("The keywords **MUST** and **SHALL** have their usual meaning.")]
    [InlineData("MUST means that there is no way around it.")]
    [InlineData("- **MUST**: an absolute requirement")]
    [InlineData("- MUST / SHALL - mandatory for the first version")]
    [InlineData("| Word | Meaning |\n|---|---|\n| MUST | required in every version |")]
    public void What_the_words_mean_is_no_demand(string words)
    {
        Planned($"# Books\n\n## Overview\n\n{words}\n{Tasks}", out var diagnostics);

        Assert.Empty(diagnostics.Items);
    }

    [Theory]
    [InlineData("- MUST: keep entries for ever")]
    [InlineData("The reader MUST mark keywords in every book.")]
    public void A_demand_beside_the_words_stays_one(string words)
    {
        Planned($"# Books\n\n## Overview\n\n{words}\n{Tasks}", out var diagnostics);

        Assert.Equal("SPEC033", Assert.Single(diagnostics.Items).Code);
    }

    [Fact]
    public void The_words_above_a_list_are_demanded_by_its_items()
    {
        Planned("# Books\n\n## Requirements\n\nEvery book MUST have:\n\n1. A title that people can read\n2. An author who is known\n3. Pages to turn\n", out var planned);
        Planned($"# Books\n\n## Overview\n\nEvery book MUST have:\n\n1. A title\n2. An author\n{Tasks}", out var lost);

        Assert.Empty(planned.Items);
        Assert.Single(lost.Items);
    }

    private const string Tasks = "\n## Tasks\n\n- Keep entries\n- List entries\n- Print entries\n";

    private static PlanDraft Planned(string text, out DiagnosticBag diagnostics)
    {
        diagnostics = new DiagnosticBag();
        var planned = SpecificationPlanner.Plan([new SpecificationSource("SPEC.md", Encoding.UTF8.GetBytes(text))], new PlanningOptions(), diagnostics);
        Assert.True(planned is not null, string.Join('\n', diagnostics.Items));
        return planned.Draft;
    }
}
