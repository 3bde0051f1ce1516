using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Tests;

/// <summary>What readers of plans objected to more than once.</summary>
public sealed class ReadersObjectionsTests
{
    [Theory]
    [InlineData("mypy --strict")]
    [InlineData("uv run mypy --strict")]
    [InlineData("python -m pylint")]
    [InlineData("npm run")]
    [InlineData("grep -q TODO")]
    [InlineData("pytest -k")]
    [InlineData("dotnet test --filter")]
    [InlineData("go test ./... |")]
    public void A_command_that_is_only_a_piece_of_one_is_no_check(string code) =>
        Assert.IsType<AcceptanceCheck.Unrunnable>(Assert.Single(Planned($"# Shop\n\n## Tasks\n\n- Add the cart; run `{code}`\n").Tasks[0].Checks));

    [Theory]
    [InlineData("mypy --strict src")]
    [InlineData("uv run mypy src/")]
    [InlineData("python -m pytest")]
    [InlineData("npm run lint")]
    [InlineData("grep -q TODO README.md")]
    [InlineData("pytest -k storage")]
    [InlineData("go test ./...")]
    [InlineData("make")]
    public void A_whole_command_is_one(string code) =>
        Assert.IsType<AcceptanceCheck.Command>(Assert.Single(Planned($"# Shop\n\n## Tasks\n\n- Add the cart; run `{code}`\n").Tasks[0].Checks));

    [Theory]
    [InlineData("No command lists the alias as a flag", "Ensure that no command lists the alias as a flag")]
    [InlineData("A workflow file `gate.yml` exists in the repository", "Ensure that a workflow file gate.yml exists in the repository")]
    [InlineData("If no subtasks, show a message about expanding", "Show a message about expanding if no subtasks")]
    [InlineData("Check git working tree state", "Check git working tree state")]
    [InlineData("A retry budget", "Implement a retry budget")]
    public void A_statement_becomes_a_title_that_means_something(string statement, string title) =>
        Assert.Equal(title, Assert.Single(Planned($"# Shop\n\n## Tasks\n\n- {statement}\n").Tasks).Title);

    [Theory]
    [InlineData("Integration tests", "None.")]
    [InlineData("Version Skew Strategy", "This feature has no node runtime implications.")]
    [InlineData("Migration", "N/A")]
    public void A_section_that_says_that_there_is_nothing_is_context(string heading, string says)
    {
        var plan = Planned($"# Shop\n\n## Tasks\n\n- Add the cart\n\n## Test Plan\n\n### {heading}\n\n{says}\n");

        Assert.Equal("Add the cart", Assert.Single(plan.Tasks).Title);
    }

    [Fact]
    public void A_cell_of_one_word_takes_its_meaning_from_the_row()
    {
        var plan = Planned(
            """
            # Sync

            ## Non-Functional Requirements

            | ID | Title | Requirement | Status |
            |---|---|---|---|
            | NFR-001 | Alignment. | Conforms to the three decision records | Open |
            | NFR-002 | Latency | The service MUST answer within 50 ms | Open |
            """);

        Assert.EndsWith("to the three decision records", plan.Tasks[0].Title, StringComparison.Ordinal);
        Assert.EndsWith("answer within 50 ms", plan.Tasks[1].Title, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Estimates_grow_with_what_the_text_tells()
    {
        var plan = Planned(
            """
            # Shop

            ## Tasks

            - Add the cart
              - Add items
              - Remove items
            - Add the till
              - Take payments by card, invoice and voucher, each with its own receipt, refund and monthly statement
              - Migrate the accounts of all existing customers, with their orders, addresses, vouchers and open invoices
            - Rename the shop
            """);
        var hours = plan.Tasks.Select(t => t.Duration.MostLikely).ToList();

        Assert.True(hours[1] > hours[0] + 1, string.Join(' ', hours));
        Assert.True(hours[2] < hours[0], string.Join(' ', hours));
        Assert.Contains("2 parts by their words", plan.Tasks[1].Boundaries!.Complexity.Breakdown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_time_for_all_of_it_that_the_sum_contradicts_is_a_risk()
    {
        var plan = Planned("# Shop\n\nThe MVP takes two days.\n\n## Tasks\n\n- Build the cart (40h)\n- Build the till (40h)\n- Build the door (40h)\n");
        var fits = Planned("# Shop\n\nThe MVP takes 3 weeks.\n\n## Tasks\n\n- Build the cart (40h)\n- Build the till (40h)\n- Build the door (40h)\n");

        var risk = Assert.Single(plan.Origin.Decisions, d => d.Title.StartsWith("Risk: the text states", StringComparison.Ordinal));
        Assert.Contains("120 h", risk.Title, StringComparison.Ordinal);
        Assert.Equal("SPEC.md#L3", risk.Evidence[0].Source);
        Assert.DoesNotContain(fits.Origin.Decisions, d => d.Title.StartsWith("Risk: the text states", StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_road_map_repeats_is_planned_once_and_takes_its_phase_from_there()
    {
        var plan = Planned(
            """
            # Shop

            ## Features

            - **Invoice export**: as PDF, once a month
            - **Shopping cart**: keeps what is chosen
            - **Voucher codes**: for regular customers

            ## Roadmap

            ### Phase 1

            - Add the shopping cart
            - Build a landing page

            ### Phase 2

            - Implement the invoice export
            - Remove the voucher codes
            """);

        Assert.Single(plan.Tasks, t => t.Title.Contains("invoice export", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(2, plan.Tasks.Count(t => t.Title.Contains("voucher codes", StringComparison.OrdinalIgnoreCase)));
        var (cart, export) = (plan.Tasks.Single(t => t.Title.Contains("cart", StringComparison.OrdinalIgnoreCase)), plan.Tasks.Single(t => t.Title.Contains("export", StringComparison.OrdinalIgnoreCase)));
        Assert.Equal(["SPEC.md#L5", "SPEC.md#L18"], export.Evidence.Select(e => e.Source));
        Assert.Contains("planned once", string.Join('\n', plan.Origin.Decisions.Select(d => d.Title)), StringComparison.Ordinal);
        Assert.Contains(plan.Dependencies, d => d.From == cart.Id && d.IsHard);
    }

    [Fact]
    public void Requirements_with_ids_of_their_own_are_never_taken_for_one()
    {
        var plan = Planned("# Shop\n\n## Requirements\n\n- FR-001: The shop MUST show the order list\n\n## More requirements\n\n- FR-002: The shop MUST show the order list\n- FR-003: The shop MUST close\n");

        Assert.Equal(3, plan.Tasks.Count);
    }

    [Theory]
    [InlineData("## Exports\n\n### interfaces/index.ts\n\nIt exports all interfaces of the shop.\n\n### tasks/index.ts\n\nIt exports all tasks of the shop.\n", 2)]
    [InlineData("## Design\n\n- Add the invoice export in `src/pdf.ts`\n- Add the till\n\n## Roadmap\n\n- Build the invoice export in `src/csv.ts`\n- Open the shop\n", 4)]
    [InlineData("## Design\n\n- Add the invoice export in `src/pdf.ts`\n- Add the till\n\n## Roadmap\n\n- Build the invoice export in `pdf.ts`\n- Open the shop\n", 3)]
    [InlineData("## Design\n\n- Add the invoice export\n- Add the new invoice export\n- Open the shop\n", 3)]
    public void Two_things_are_one_only_where_their_files_agree_and_no_list_has_both(string text, int tasks) => Assert.Equal(tasks, Planned($"# Shop\n\n{text}").Tasks.Count);

    [Fact]
    public void What_is_planned_once_keeps_what_both_places_ask_for()
    {
        var plan = Planned(
            """
            # Shop

            ## Features

            - **Invoice export**: as PDF, once a month
              - Choose the month
              - Acceptance criteria:
                - The export has a page number
            - **Shopping cart**: keeps what is chosen

            ## Roadmap

            - Implement the invoice export in `src/export.ts`
              - Sign the file
              - Acceptance criteria:
                - The export is signed
            - Build a landing page
            """);
        var export = Assert.Single(plan.Tasks, t => t.Title.Contains("invoice export", StringComparison.OrdinalIgnoreCase));
        var said = string.Join('\n', export.Checks.OfType<AcceptanceCheck.Unrunnable>().Select(c => c.Description)) + export.Boundaries!.Done.StopWhen + string.Join('\n', export.Boundaries.Done.Criteria);
        var decision = Assert.Single(plan.Origin.Decisions, d => d.Title == "1 piece of work that stands twice is planned once");

        Assert.Contains("page number", said, StringComparison.Ordinal);
        Assert.Contains("is signed", said, StringComparison.Ordinal);
        Assert.Contains("src/export.ts", export.Boundaries.Scope.Includes);
        Assert.Contains(export.Evidence, e => e.Excerpt.Contains("as PDF", StringComparison.Ordinal));
        Assert.Contains(export.Evidence, e => e.Excerpt.Contains("Implement the invoice export", StringComparison.Ordinal));
        Assert.Equal(2, decision.Evidence.Count);
    }

    // --- What is given ---

    [Theory]
    [InlineData("Load books with the new `src/store.py`", "Print books with `src/store.py`")]
    [InlineData("Add the existing `src/store.py` to the index page", "Print books with `src/store.py`")]
    [InlineData("Add `src/store.py` (unchanged) to the index page", "Print books with `src/store.py`")]
    public void What_is_given_is_made_by_nobody(string gives, string uses)
    {
        var plan = Planned($"# Books\n\n## Tasks\n\n- {gives}\n- {uses}\n");

        Assert.DoesNotContain(plan.Dependencies, d => d.Type == DependencyType.Technical);
    }

    [Fact]
    public void Who_uses_what_another_makes_waits_for_it_though_both_call_it_new()
    {
        var plan = Planned("# Books\n\n## Tasks\n\n- Create a new file `src/store.py`\n- Load books with the new `src/store.py`\n");

        Assert.Contains(plan.Dependencies, d => d is { Type: DependencyType.Technical, IsHard: true });
    }

    [Fact]
    public void A_file_that_was_given_to_a_task_by_a_guess_makes_nobody_wait()
    {
        var plan = Planned("# Books\n\n## Overview\n\nWe create `src/store.py`, where entries of books are kept.\n\n## Tasks\n\n- Keep the entries of books\n- Print with `src/store.py`\n- Close the shop\n");

        Assert.DoesNotContain(plan.Dependencies, d => d.Type == DependencyType.Technical);
    }

    // --- What is done already ---

    [Fact]
    public void A_section_that_says_it_is_done_is_left_out_and_said_so()
    {
        var plan = Planned(
            """
            # Shop

            ## Phase 1: Cart ✅ COMPLETE

            - Add the cart

            ## Phase 2: Till

            **Status**: In progress

            - Add the till

            ## Phase 3: Door

            **Status**: ✅ Implemented

            - Add the door
            """, out var diagnostics);

        Assert.Equal(["Add the till"], plan.Tasks.Select(t => t.Title));
        Assert.Contains(plan.Origin.Decisions, d => d.Title.StartsWith("2 sections say of themselves that they are done", StringComparison.Ordinal) && d.Evidence.Count == 2);
        Assert.Equal("SPEC032", Assert.Single(diagnostics.Items).Code);
    }

    [Theory]
    [InlineData("# Shop ✅ COMPLETE\n\n## Tasks\n\n- Add the cart\n")]
    [InlineData("# Shop\n\n**Status**: Implemented\n\n## Tasks\n\n- Add the cart\n")]
    public void A_document_that_says_it_is_done_is_planned_with_a_warning(string text)
    {
        var plan = Planned(text, out var diagnostics);

        Assert.Equal(["Add the cart"], plan.Tasks.Select(t => t.Title));
        Assert.Contains(plan.Origin.Decisions, d => d.Title.StartsWith("Risk: the document says that it is done", StringComparison.Ordinal));
        Assert.Equal("SPEC031", Assert.Single(diagnostics.Items).Code);
    }

    [Theory]
    [InlineData("# Shop\n\n**Status**: Draft\n\n## ✅ Tasks\n\n- Add the cart\n")]
    [InlineData("# Shop\n\n## Tasks\n\nThe work is done when the till rings.\n\n- Add the cart\n")]
    public void An_ornament_or_another_state_says_nothing(string text)
    {
        Assert.Single(Planned(text, out var diagnostics).Tasks);
        Assert.Empty(diagnostics.Items);
    }

    [Fact]
    public void A_row_whose_state_is_done_is_not_planned()
    {
        var plan = Planned("# Shop\n\n## Work packages\n\n| ID | Task | Status |\n|---|---|---|\n| WP01 | Add the cart to the page | Done |\n| WP02 | Add the till to the page | Open |\n");

        Assert.Equal(["Add the till to the page"], plan.Tasks.Select(t => t.Title));
    }

    // --- Sections ---

    [Fact]
    public void Context_is_known_in_other_languages()
    {
        var plan = Planned(
            """
            # Einkaufswagen

            ## Hintergrund

            - Viele Kunden brechen den Einkauf ab
            - Die Konkurrenz ist besser

            ## Anforderungen

            - Warenkorb speichern und wieder laden
            - Gutscheine im Warenkorb einlösen

            ## Nicht-Ziele

            - Neue Zahlungsarten anbieten
            """);

        Assert.Equal(2, plan.Tasks.Count);
        Assert.All(plan.Tasks, t => Assert.Contains("Warenkorb", t.Title, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void A_component_of_the_architecture_that_no_requirement_speaks_of_is_planned()
    {
        var plan = Planned(
            """
            # Shop

            ## Requirements

            - The shop MUST show the cart
            - The shop MUST take payments
            - The shop MUST send invoices

            ## Technical Architecture

            - **Event Bus**: carries what happens from one service to the next
            - **Payments**: takes what customers pay
            - **Language**: Python 3.12 with types everywhere
            """);

        Assert.Equal(["Make the shop show the cart", "Make the shop take payments", "Make the shop send invoices", "Implement Event Bus"], plan.Tasks.Select(t => t.Title));
    }

    private static PlanDraft Planned(string text) => Planned(text, out _);

    private static PlanDraft Planned(string text, out DiagnosticBag diagnostics)
    {
        diagnostics = new DiagnosticBag();
        var planned = SpecificationPlanner.Plan([new SpecificationSource("SPEC.md", Encoding.UTF8.GetBytes(text))], new PlanningOptions(), diagnostics);
        Assert.True(planned is not null, string.Join('\n', diagnostics.Items));
        return planned.Draft;
    }
}
