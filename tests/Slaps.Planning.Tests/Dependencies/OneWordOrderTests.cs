using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Tests.Dependencies;

/// <summary>Order that names work by one word, "after the store", and counts only where one task alone builds that.</summary>
public sealed class OneWordOrderTests
{
    private const string Store = "Add the store", Import = "Add the import", Report = "Add the report";

    [Theory]
    [InlineData("Add the import in `src/import.sh`, **after the store**.")]
    [InlineData("Add the import in `src/import.sh`. **After the store.**")]
    [InlineData("Add the import (after the store)")]
    public void What_comes_after_one_thing_waits_for_the_task_that_builds_it(string import) =>
        Assert.Equal(["P1.T001>P1.T002"], Stated($"## Tasks\n\n- {Store}\n- {import}\n- {Report}\n").Select(edge => edge.Split(' ')[0]));

    [Theory]
    [InlineData("## Tasks\n\n### Add the store\n\nIt keeps lines. This comes before the import.\n\n### Add the import\n\nIt reads CSV.\n\n### Add the report\n\nIt prints.\n", "P1.T001>P1.T002")]
    [InlineData("## Tasks\n\nThe import depends on the store.\n\n- Add the store\n- Add the import\n- Add the report\n", "P1.T001>P1.T002")]
    [InlineData("## Tasks\n\n### Add the store\n\nIt keeps lines.\n\n### Add the import\n\nIt reads CSV.\n\n### Add the report\n\nIt prints. The import depends on the store.\n", "P1.T001>P1.T002")]
    [InlineData("## Tasks\n\n- Add the store\n- Add the import\n- Add the report\n\n## Order\n\nThe report comes after the import.\n", "P1.T002>P1.T003")]
    [InlineData("## Tasks\n\n- Add the store in `src/store.sh`\n- Add the import\n- Add the report\n\n## Background\n\nThe store comes before the import.\n", "P1.T001>P1.T002")]
    public void A_sentence_of_order_counts_wherever_it_stands(string text, string order) =>
        Assert.Equal([order], Stated(text).Select(edge => edge.Split(' ')[0]));

    [Theory]
    [InlineData("- Add the store\n- Add the import\n- Refresh the list. After the import, the list is shown again.\n")]
    [InlineData("- Add the store\n- Add the import\n- Show the list. The total is printed after the import.\n")]
    [InlineData("- Add the store to the server\n- Build the store for pictures\n- Add the import, after the store\n")]
    [InlineData("- Add the body\n- Add the import\n- Print a page. The header comes before the body.\n")]
    public void What_a_program_does_or_what_two_tasks_build_orders_nothing(string tasks) => Assert.Empty(Stated($"## Tasks\n\n{tasks}"));

    [Fact]
    public void Sentences_that_contradict_are_shown_both()
    {
        var diagnostics = new DiagnosticBag();
        Planned("## Tasks\n\n- Add the store, after the import\n- Add the import, after the store\n- Add the report\n", diagnostics);

        var shown = Assert.Single(diagnostics.Items).ToString();
        Assert.Contains("Add the store, after the import", shown, StringComparison.Ordinal);
        Assert.Contains("Add the import, after the store", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_test_plan_in_which_something_must_fail_comes_after_what_it_tests()
    {
        var plan = Planned("## Tasks\n\n- Add the store\n- Add the report\n- Add the import\n\n## Test plan\n\n- Import a bad line, which must fail\n", new DiagnosticBag());

        Assert.Contains(plan.Dependencies, d => d.To.Value == "P1.T004" && d.IsHard);
    }

    private static IEnumerable<string> Stated(string text) => Planned(text, new DiagnosticBag()).Dependencies.Where(d => d.IsHard && d.Reason.StartsWith("The text says so: ", StringComparison.Ordinal)).Select(d => $"{d.From}>{d.To} {d.Reason["The text says so: ".Length..]}");

    private static PlanDraft Planned(string text, DiagnosticBag diagnostics)
    {
        var planned = SpecificationPlanner.Plan([new SpecificationSource("SPEC.md", Encoding.UTF8.GetBytes($"# Ledger\n\n{text}"))], new PlanningOptions(), diagnostics);
        Assert.True(planned is not null, string.Join('\n', diagnostics.Items));
        return planned.Draft;
    }
}
