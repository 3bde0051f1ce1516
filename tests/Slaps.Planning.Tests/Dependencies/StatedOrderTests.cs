using Slaps.Core.Plans;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Tests.Dependencies;

public sealed class StatedOrderTests
{
    [Theory]
    [InlineData("It depends on T001.", "T1>T2")]
    [InlineData("Depends on: T001", "T1>T2")]
    [InlineData("Dependencies: T1", "T1>T2")]
    [InlineData("This is blocked by T001.", "T1>T2")]
    [InlineData("It requires T001.", "T1>T2")]
    [InlineData("Run this after T001.", "T1>T2")]
    [InlineData("Once T001 is done, the cache is filled.", "T1>T2")]
    [InlineData("Uses the table from T001.", "T1>T2")]
    [InlineData("It must be finished before T001.", "T2>T1")]
    [InlineData("This blocks T001.", "T2>T1")]
    [InlineData("It is needed by T001.", "T2>T1")]
    [InlineData("It does not depend on T001.", "")]
    [InlineData("There are no dependencies on T001.", "")]
    [InlineData("Dependencies: none", "")]
    public void Words_of_order_and_an_id_are_an_edge(string sentence, string edge)
    {
        var order = An.Order(An.Item("T001 Parse the settings"), An.Item("T002 Fill the cache", sentence));

        Assert.Equal(edge, string.Join(' ', order.Hard));
    }

    [Theory]
    [InlineData("Build the page after the API is written", "T1>T3")]
    [InlineData("Build the page once the schema is added", "T2>T3")]
    [InlineData("Build the page after the road is written", "")]
    public void One_short_word_is_the_item_that_makes_the_thing_and_not_one_that_is_about_it(string title, string edge)
    {
        var order = An.Order(An.Item("Write the API in src/api.py"), An.Item("Add the database schema"), An.Item(title), An.Item("Write tests for the API and the schema"));

        Assert.Equal(edge, string.Join(' ', order.Hard.Where(e => e.EndsWith("T3", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("Depends on the settings parser.", DependencyType.Technical)]
    [InlineData("Once the settings parser is done, fill it.", DependencyType.Sequential)]
    [InlineData("Do this after the settings parser.", DependencyType.Sequential)]
    [InlineData("Requires the settings parser.", DependencyType.Technical)]
    public void A_title_is_found_by_its_words(string sentence, DependencyType type)
    {
        var order = An.Order(An.Item("Write the parser of settings"), An.Item("Fill the cache", sentence), An.Item("Draw the screen"));

        Assert.Equal(["T1>T2"], order.Hard);
        Assert.Equal(type, order["T1", "T2"].Type);
    }

    [Theory]
    [InlineData("Wait at most 5 seconds after the user has typed.")]
    [InlineData("It requires authentication.")]
    [InlineData("Users need to log in before they see the screen.")]
    [InlineData("When the screen is ready, show it.")]
    public void A_sentence_about_the_product_orders_no_work(string sentence) =>
        Assert.Empty(An.Order(An.Item("Write the parser of settings"), An.Item("Fill the cache", sentence), An.Item("Add the authentication of users"), An.Item("Draw the screen of the start")).Hard);

    [Fact]
    public void A_list_and_a_range_of_ids_are_several_edges()
    {
        var order = An.Order(An.Item("T001 Cut"), An.Item("T002 Fold"), An.Item("T003 Glue"), An.Item("T004 Pack", "Depends on T001, T002 and T003."), An.Item("T005 Ship", "Blocked by T001-T003."));

        Assert.Equal(["T1>T4", "T2>T4", "T3>T4", "T1>T5", "T2>T5", "T3>T5"], order.Hard);
    }

    [Fact]
    public void The_evidence_quotes_the_line_of_the_sentence()
    {
        var order = An.Order(An.Item("T001 Cut"), An.Item("T002 Fold", "A word before.", "This depends on T001, of course."));

        var evidence = Assert.Single(order["T1", "T2"].Evidence);
        Assert.Equal(("SPEC.md#L4", "This depends on T001, of course."), (evidence.Source, evidence.Excerpt));
        Assert.Contains(evidence.Excerpt, order.Lines[3]);
        Assert.InRange(order["T1", "T2"].Confidence, 0.8, 1);
    }

    [Fact]
    public void A_sentence_that_opens_with_another_id_is_about_that_task() =>
        Assert.Equal(["T1>T3"], An.Order(An.Item("T001 Cut"), An.Item("T002 Fold", "T003 depends on T001."), An.Item("T003 Glue")).Hard);

    [Fact]
    public void A_sentence_outside_of_all_tasks_counts_when_it_names_both() =>
        Assert.Equal(["T1>T3"], An.Order(null, ["## Order", "", "- T003 depends on T001", "- nothing depends on T002"], An.Item("T001 Cut"), An.Item("T002 Fold"), An.Item("T003 Glue")).Hard);

    [Fact]
    public void A_section_is_all_of_its_tasks()
    {
        var order = An.Order(
            An.Item("Cut the paper") with { HeadingPath = ["2. Raw Material"] },
            An.Item("Fold the paper") with { HeadingPath = ["2. Raw Material"] },
            An.Item("Glue the box", "Depends on Raw Material.") with { HeadingPath = ["3. Boxes"] });

        Assert.Equal(["T1>T3", "T2>T3"], order.Hard);
    }

    [Fact]
    public void A_number_of_a_step_or_phase_is_a_reference()
    {
        var order = An.Order(
            An.Item("Cut the paper") with { Phase = new("plan", 1, "Material") },
            An.Item("Print the label") with { Phase = new("other", 1, "Labels") },
            An.Item("Glue the box", "Can start after phase 1.") with { Phase = new("plan", 3, "Boxes") });

        Assert.Equal(["T1>T3"], order.Hard);
    }

    [Fact]
    public void An_id_that_is_only_mentioned_is_a_preference()
    {
        var order = An.Order(An.Item("T001 Cut"), An.Item("T002 Fold", "Looks like T001."));

        Assert.Empty(order.Hard);
        Assert.Equal(["T1>T2"], order.Soft);
    }

    [Fact]
    public void A_dependency_on_a_spike_is_knowledge_and_one_on_a_database_is_infrastructure()
    {
        var order = An.Order(
            An.Item("T001 Evaluate queues") with { Layer = WorkLayer.Spike },
            An.Item("Set up the database") with { Ids = ["T002"] },
            An.Item("T003 Send mail", "Depends on T001 and T002."));

        Assert.Equal(DependencyType.Knowledge, order["T1", "T3"].Type);
        Assert.Equal(DependencyType.Infrastructure, order["T2", "T3"].Type);
        Assert.InRange(order["T1", "T3"].Confidence, 0.6, 0.8);
        Assert.InRange(order["T2", "T3"].Confidence, 0.9, 1);
    }
}
