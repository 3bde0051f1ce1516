using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Tests.Dependencies;

/// <summary>Order that is told in other words than titles, and by what headings call a prerequisite.</summary>
public sealed class ToldOrderTests
{
    [Theory]
    [InlineData("Delete the old cache before adding the store", "P1.T001>P1.T002")]
    [InlineData("Remove the old cache after building the note store", "P1.T002>P1.T001")]
    public void What_is_done_before_or_after_building_a_thing_is_ordered(string first, string order)
    {
        var plan = Planned($"# Notes\n\n## Tasks\n\n- {first}\n- Add a note store\n- Print a report\n");

        var edge = Assert.Single(plan.Dependencies, d => d.Type == DependencyType.Sequential);
        Assert.Equal((order, true), ($"{edge.From}>{edge.To}", edge.IsHard));
        Assert.Equal("SPEC.md#L5", edge.Evidence[0].Source);
    }

    [Theory]
    [InlineData("Delete the old cache before adding the store", "- Add a note store\n- Add a session store\n")]
    [InlineData("Ask for a name before adding the store", "- Add a note store\n- Print a report\n")]
    [InlineData("Add a question before removing the note", "- Delete a note\n- Print a report\n")]
    public void What_may_mean_another_thing_or_the_program_itself_orders_nothing(string first, string others)
    {
        var plan = Planned($"# Notes\n\n## Tasks\n\n- {first}\n{others}");

        Assert.DoesNotContain(plan.Dependencies, d => d.Type == DependencyType.Sequential);
    }

    [Fact]
    public void What_a_heading_calls_a_prerequisite_comes_first()
    {
        var plan = Planned("# Zones\n\n## Proposal\n\n### Controller\n\nThe controller must read the zone of each job before it starts it.\n\n## Test Plan\n\n### Prerequisite testing updates\n\n1. Add tests for loading of locations\n\n### Unit tests\n\n- Cover the controller with zones\n");

        var first = Assert.Single(plan.Tasks, t => t.Title.Contains("loading of locations", StringComparison.Ordinal)).Id;
        Assert.All(plan.Tasks.Where(t => t.Id != first), t => Assert.Contains(plan.Dependencies, d => d.From == first && d.To == t.Id || plan.Dependencies.Any(e => e.From == first && e.To == d.From && d.To == t.Id)));
        Assert.DoesNotContain(plan.Dependencies, d => d.To == first && d.IsHard);
    }

    [Fact]
    public void An_item_of_links_alone_is_no_work()
    {
        var plan = Planned("# Zones\n\n## Test Plan\n\n### e2e tests\n\n- [Job should support zones](https://example.com/a.go#L3): https://example.com/triage?x=1\n- Cover two zones at once\n");

        Assert.DoesNotContain(plan.Tasks, t => t.Title.Contains("support zones", StringComparison.OrdinalIgnoreCase));
    }

    private static PlanDraft Planned(string text)
    {
        var diagnostics = new DiagnosticBag();
        var planned = SpecificationPlanner.Plan([new SpecificationSource("SPEC.md", Encoding.UTF8.GetBytes(text))], new PlanningOptions(), diagnostics);
        Assert.True(planned is not null, string.Join('\n', diagnostics.Items));
        return planned.Draft;
    }
}
