using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Tests;

/// <summary>What a person has to look at is quoted whole, counted honestly, and is one task where it is one procedure.</summary>
public sealed class WholeCriteriaTests
{
    private const string Look = "Nothing in the text can be run. Look whether this holds: ";

    [Fact]
    public void A_described_part_is_quoted_to_the_end_of_its_sentences()
    {
        var plan = Planned("# Zones\n\n## Proposal\n\n### Controller\n\nThe controller will use the zone when\nparsing the schedule. In all other cases\nit keeps the `current` behavior.\n\n```go\nvar hidden = 1\n```\n");

        Assert.Equal($"{Look}Controller: The controller will use the zone when parsing the schedule. In all other cases it keeps the current behavior.", Manual(plan.Tasks[0]));
    }

    [Fact]
    public void A_criterion_is_quoted_with_what_is_nested_in_it()
    {
        var plan = Planned("# Zones\n\n## Graduation Criteria\n\n### Alpha\n\n- Implemented behind a gate:\n  - Field added to the API\n  - Controller reacts to it\n- Documented\n");

        Assert.Equal($"{Look}Implemented behind a gate: Field added to the API; Controller reacts to it; Documented", Manual(plan.Tasks[0]));
        Assert.Contains("Implemented behind a gate: Field added to the API; Controller reacts to it", plan.Tasks[0].Boundaries!.Done.Criteria);
    }

    [Fact]
    public void What_is_too_long_is_cut_at_a_sentence_and_marked()
    {
        var sentence = "The store keeps every note for ever. ";
        var plan = Planned($"# Notes\n\n## Tasks\n\n- {string.Concat(Enumerable.Repeat(sentence, 90))}\n- List notes\n");

        Assert.EndsWith("for ever. […]", Manual(plan.Tasks[0]), StringComparison.Ordinal);
    }

    [Fact]
    public void Given_when_and_then_as_items_of_their_own_are_one_criterion()
    {
        var plan = Planned("# Notes\n\n## Tasks\n\n- Keep notes\n- List notes\n\n## Acceptance criteria\n\n- Given an empty store\n- When notes are listed\n- Then nothing is shown\n");

        Assert.Contains("Given an empty store; When notes are listed; Then nothing is shown", plan.Tasks[^1].Boundaries!.Done.Criteria);
    }

    [Theory]
    [InlineData("### Test case 1: Notes survive a restart\n\n1. Start the server\n2. Add a note\n3. Stop the server\n4. The note is there\n")]
    [InlineData("### How to verify\n\n1. Start the server\n2. Add a note\n3. Open the list\n")]
    [InlineData("### Steps to reproduce\n\n1. Start the server\n2. Add a note\n3. Stop the server\n")]
    [InlineData("### Restart\n\nNotes survive a restart.\n\n1. Start the server\n2. Add a note\n3. Verify that it is listed\n")]
    public void The_steps_of_one_procedure_are_one_task(string section)
    {
        var plan = Planned($"# Notes\n\n## Tasks\n\n- Keep notes in a file\n- List the notes\n\n## Test plan\n\n{section}");

        var task = Assert.Single(plan.Tasks, t => t.Id.Value is not ("P1.T001" or "P1.T002"));
        Assert.Equal("Start the server", task.Boundaries!.Done.Criteria[0]);
    }

    [Fact]
    public void Tests_that_are_to_be_written_stay_tasks_of_their_own()
    {
        var plan = Planned("# Notes\n\n## Tasks\n\n- Keep notes in a file\n- List the notes\n\n## Test plan\n\n### Prerequisite testing updates\n\n1. Add tests for loading\n2. Add tests that check the list\n3. Ensure that coverage does not fall\n");

        Assert.Equal(5, plan.Tasks.Count);
    }

    [Fact]
    public void Motivation_is_told_as_context_with_its_line()
    {
        var plan = Planned("# Notes\n\n## Motivation\n\nPeople forget.\n\n### Goals\n\n- Forget less\n\n## Tasks\n\n- Keep notes\n- List notes\n- Print notes\n");

        var context = Assert.Single(plan.Origin.Decisions, d => d.Title == "1 section is context and not planned");
        Assert.Equal(("SPEC.md#L3", "It tells why or what about, and asks for nothing itself."), (context.Evidence[0].Source, context.Evidence[0].Rationale));
    }

    [Fact]
    public void A_guard_is_counted_apart_and_a_plan_that_nothing_verifies_says_so()
    {
        var guard = new AcceptanceCheck.FileExists("a", "README.md", 1) { Unknown = new UnknownFields("{\"description\":\"Regression guard: It holds on the untouched tree already.\"}") };
        var look = new AcceptanceCheck.Unrunnable("b", "manual", "Look.");
        var proof = new AcceptanceCheck.FileExists("c", "new.md", 1);

        var some = PlanProofs.Of(Built([guard, look], [guard, proof], [look]));
        var none = PlanProofs.Of(Built([look], [look]));

        Assert.Equal("3 runnable, 2 of them guards that pass already, and 2 by hand", some.Counted);
        Assert.Equal("A person has to look at 2 of 3 tasks, because no check that a machine can run shows that they are done: T1, T3.", some.Warnings[0]);
        Assert.Equal("0 runnable and 2 by hand", none.Counted);
        Assert.Equal("No task has a check that a machine can run: `tasks execute` has nothing to verify by itself, and a person has to look at each of the 2 tasks.", none.Warnings[0]);
        Assert.StartsWith("`tasks execute` alone refuses this plan: no task says how it is run.", none.Warnings[1], StringComparison.Ordinal);
    }

    private static string Manual(PlanTask task) => Assert.IsType<AcceptanceCheck.Unrunnable>(Assert.Single(task.Checks)).Description;

    private static Plan Built(params AcceptanceCheck[][] checks)
    {
        var diagnostics = new DiagnosticBag();
        var plan = Plan.Build(new PlanDraft { Title = "Some", Tasks = [.. checks.Select((c, i) => new PlanTask { Id = new TaskId($"T{i + 1}"), Checks = c })] }, diagnostics);
        Assert.True(plan is not null, string.Join('\n', diagnostics.Items));
        return plan;
    }

    private static PlanDraft Planned(string text)
    {
        var diagnostics = new DiagnosticBag();
        var planned = SpecificationPlanner.Plan([new SpecificationSource("SPEC.md", Encoding.UTF8.GetBytes(text))], new PlanningOptions(), diagnostics);
        Assert.True(planned is not null, string.Join('\n', diagnostics.Items));
        return planned.Draft;
    }
}
