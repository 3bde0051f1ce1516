using Slaps.Core.Plans;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Tests.Dependencies;

/// <summary>Order that the words of two items support together: what one makes, looks at, or is wanted before.</summary>
public sealed class GroundedOrderTests
{
    [Fact]
    public void Who_makes_a_named_thing_comes_before_who_uses_it()
    {
        var order = An.Order(
            An.Item("Add a session store to the server"),
            An.Item("Rotate tokens", "Old tokens are looked up through the session store."),
            An.Item("Paint the page"));

        Assert.Equal(["T1>T2"], order.Hard);
        Assert.Equal(["SPEC.md#L1", "SPEC.md#L3"], order["T1", "T2"].Evidence.Select(e => e.Source));
        Assert.Contains("session stor", order["T1", "T2"].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_thing_that_is_only_mentioned_new_or_done_without_orders_nothing_hard()
    {
        var order = An.Order(
            An.Item("Add a session store"),
            An.Item("Offer a choice", "A new session store each night."),
            An.Item("Paint the page", "It works without the session store."));

        Assert.Empty(order.Hard);
        Assert.Equal(["T1>T2"], order.Soft);
    }

    [Fact]
    public void A_name_that_two_items_make_or_half_of_the_text_speaks_of_orders_nothing()
    {
        var twice = An.Order(An.Item("Add a session store"), An.Item("Build the session store"), An.Item("Rotate tokens", "They come from the session store."));
        var subject = An.Order([An.Item("Add the audit trail"), .. Enumerable.Range(0, 8).Select(i => An.Item($"Do r{i}", "It is written to the audit trail."))]);

        Assert.Empty(twice.Hard);
        Assert.Empty(subject.Hard);
    }

    [Fact]
    public void Who_first_says_what_a_thing_shows_makes_it()
    {
        var order = An.Order(
            An.Item("Make each member card show the name"),
            An.Item("Make each member card show the city"),
            An.Item("Let members follow others", "They do so from a member card."),
            An.Item("Paint the page"));

        Assert.Equal(["T1>T2", "T1>T3"], order.Hard);
    }

    [Fact]
    public void Below_a_heading_of_setup_the_first_who_creates_comes_first()
    {
        var order = An.Order(Below("Create app.ts", "Project setup"), Below("Parse the flags", "Project setup"), Below("Paint the page", "Pages"));

        Assert.Equal(["T1>T2"], order.Hard);
        Assert.Equal(DependencyType.Infrastructure, order["T1", "T2"].Type);

        static WorkItem Below(string title, string heading) => An.Item(title) with { HeadingPath = [heading], Feature = heading.Length };
    }

    [Fact]
    public void One_word_names_a_thing_only_below_the_same_heading()
    {
        var near = An.Order(Below("Maintain an inventory of hosts", "Hosts"), Below("Bring every host in the inventory to parity", "Hosts"));
        var far = An.Order(Below("Maintain an inventory of hosts", "Hosts"), Below("Bring every item in the inventory to parity", "Shops"));

        Assert.Equal(["T1>T2"], near.Hard);
        Assert.Empty(far.Hard);

        static WorkItem Below(string title, string heading) => An.Item(title) with { HeadingPath = [heading] };
    }

    [Fact]
    public void An_entity_of_one_word_is_a_name_where_it_is_written_or_acted_on_as_one()
    {
        var order = An.Order(
            An.Item("Create tickets for an order"),
            An.Item("Close the day", "Each Ticket is archived; see the Ticket rules."),
            An.Item("Print a ticket machine manual"),
            An.Item("Define the Ticket entity") with { Layer = WorkLayer.Schema, Feature = 1 });

        Assert.Equal(["T4>T1", "T4>T2"], order.Hard);
        Assert.Equal(["T4>T3"], order.Soft);
    }

    [Fact]
    public void A_column_that_one_entity_has_is_there_before_it_is_read()
    {
        var order = An.Order(
            An.Item("Hide members who opted out", "Read `directory_visible`.") with { Symbols = ["directory_visible"], Uses = ["directory_visible"] },
            An.Item("Define the profile table", "It has `directory_visible`.") with { Layer = WorkLayer.Schema, Symbols = ["directory_visible"], Feature = 1 });

        Assert.Equal(["T2>T1"], order.Hard);
        Assert.Equal(["SPEC.md#L4", "SPEC.md#L2"], order["T2", "T1"].Evidence.Select(e => e.Source));
    }

    // --- What looks at work ---

    [Fact]
    public void A_story_whose_feature_builds_nothing_waits_for_what_it_speaks_of()
    {
        var order = An.Order(
            An.Item("Verify the story: paying by invoice", "The monthly invoice is sent by mail.") with { Feature = 1, Layer = WorkLayer.Tests, Closes = Closing.Feature },
            An.Item("Send the monthly invoice"),
            An.Item("Add the cart"));

        Assert.Equal(["T2>T1"], order.Hard);
        Assert.Contains("'monthly', 'invoic'", order["T2", "T1"].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_test_that_names_nothing_waits_for_its_feature_else_for_its_document()
    {
        var feature = An.Order(An.Item("Add the cart"), An.Item("Write the unit tests") with { Layer = WorkLayer.Tests }, An.Item("Add the till") with { Feature = 1 });
        var document = An.Order(An.Item("Add the cart"), An.Item("Write the unit tests") with { Layer = WorkLayer.Tests, Feature = 1 }, An.Item("Add the till") with { Feature = 2 });

        Assert.Equal(["T1>T2"], feature.Hard);
        Assert.Equal(["T1>T2", "T3>T2"], document.Hard);
    }

    [Fact]
    public void A_harness_and_a_baseline_are_no_tests_of_what_comes_later()
    {
        var order = An.Order(
            An.Item("Write the test harness") with { Layer = WorkLayer.Tests },
            An.Item("Record the baseline with load tests") with { Layer = WorkLayer.Tests },
            An.Item("Add the cart"));

        Assert.Empty(order.Hard);
    }

    [Fact]
    public void A_quality_of_all_waits_for_all_and_a_quality_of_one_thing_for_that_thing()
    {
        var order = An.Order(
            An.Item("Add the order summary"),
            An.Item("Add the cart"),
            Quality("Ensure test coverage of new code is 90 %"),
            Quality("Ensure the order summary answers within 200 ms"),
            Quality("Ensure portability"));

        Assert.Equal(["T1>T3", "T2>T3", "T1>T4"], order.Hard);

        static WorkItem Quality(string title) => An.Item(title) with { HeadingPath = ["Non-Functional Requirements"], Feature = 1 };
    }

    [Fact]
    public void A_requirement_that_a_test_names_by_its_id_comes_before_it()
    {
        var order = An.Order(An.Item("FR-1 Add the cart"), An.Item("FR-2 Add the till"), An.Item("Verify the sums", "As FR-2 says.") with { Layer = WorkLayer.Tests, Feature = 1 });

        Assert.Equal(["T2>T3"], order.Hard);
    }

    // --- First, and stages ---

    [Theory]
    [InlineData("The regression harness must come first.")]
    [InlineData("Build the regression harness FIRST.")]
    [InlineData("The regression harness lands before any refactoring.")]
    public void What_the_text_wants_first_comes_before_the_rest(string constraint)
    {
        var order = An.Order(null, ["## Constraints", constraint], An.Item("Split the module"), An.Item("Add the regression harness"), An.Item("Remove the old path"));

        Assert.Equal(["T2>T1", "T2>T3"], order.Hard);
        Assert.Equal("SPEC.md#L5", order["T2", "T1"].Evidence[0].Source);
    }

    [Theory]
    [InlineData("The system must check the cache first.")]
    [InlineData("The regression harness is not needed before any refactoring.")]
    [InlineData("Users see the first page.")]
    public void What_the_program_does_first_orders_no_work(string line) =>
        Assert.Empty(An.Order(null, [line], An.Item("Split the module"), An.Item("Add the regression harness"), An.Item("Fill the cache")).Hard);

    [Fact]
    public void A_stage_never_waits_for_a_later_one()
    {
        var order = An.Order(
            Of(1, An.Item("Rotate tokens", "They are kept in the session store.")),
            Of(2, An.Item("Add a session store")));

        Assert.Equal(["T1>T2"], order.Hard);
        Assert.Empty(order.Soft);

        static WorkItem Of(int number, WorkItem item) => item with { Phase = new("plan", number, $"Phase {number}") };
    }

    [Fact]
    public void Phases_are_ordered_through_their_ends()
    {
        var items = Enumerable.Range(0, 10).Select(i => An.Item($"Do {i}") with { Phase = new("plan", i < 5 ? 1 : 2, "Phase") }).ToArray();

        var order = An.Order(items);

        Assert.Equal(9, order.Hard.Count);
        Assert.All(Enumerable.Range(6, 5), later => Assert.Contains(order.Hard, edge => edge.EndsWith($">T{later}", StringComparison.Ordinal)));
    }
}
