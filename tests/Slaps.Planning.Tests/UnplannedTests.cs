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
        var plan = Planned("# Books\n\n## Background\n\nPeople forget. Entries MUST\nnever get lost. That is all.\n\n## Usage\n\n```\n$ books list\nNo entries\n```\n\n## Tasks\n\n- Keep entries\n- List entries\n- Print entries\n", out var diagnostics);

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
        var plan = Planned($"# Books\n\n## Background\n\n{string.Concat(Enumerable.Range(1, 300).Select(n => $"- Rule {n} MUST hold.\n"))}\n## Tasks\n\n- Keep entries\n- List entries\n- Print entries\n", out _);

        var decision = Assert.Single(plan.Origin.Decisions, d => d.Title == "Risk: 300 demands of the text are in no task");
        Assert.Equal(40, decision.Evidence.Count);
    }

    private static PlanDraft Planned(string text, out DiagnosticBag diagnostics)
    {
        diagnostics = new DiagnosticBag();
        var planned = SpecificationPlanner.Plan([new SpecificationSource("SPEC.md", Encoding.UTF8.GetBytes(text))], new PlanningOptions(), diagnostics);
        Assert.True(planned is not null, string.Join('\n', diagnostics.Items));
        return planned.Draft;
    }
}
