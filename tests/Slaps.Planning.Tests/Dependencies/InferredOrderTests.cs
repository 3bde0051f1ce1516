using Slaps.Core.Plans;
using Slaps.Planning.Tasks;
using Slaps.Planning.Tests.Codebase;

namespace Slaps.Planning.Tests.Dependencies;

public sealed class InferredOrderTests
{
    // --- Lists and phases ---

    [Fact]
    public void Numbered_steps_follow_each_other()
    {
        var order = An.Order(Step("Cut", 1), Step("Fold", 2), Step("Glue", 4));

        Assert.Equal(["T1>T2", "T2>T3"], order.Hard);
        Assert.Equal(DependencyType.Sequential, order["T1", "T2"].Type);
        Assert.Equal(["SPEC.md#L1", "SPEC.md#L2"], order["T1", "T2"].Evidence.Select(e => e.Source));

        static WorkItem Step(string title, int number) => An.Item(title) with { Step = new("list", number) };
    }

    [Fact]
    public void Tasks_with_P_run_beside_their_neighbours()
    {
        var order = An.Order(Item("Cut"), Item("Fold", "P"), Item("Print", "P"), Item("Glue"));

        Assert.Equal(["T1>T2", "T1>T3", "T2>T4", "T3>T4"], order.Hard);

        static WorkItem Item(string title, params string[] markers) => An.Item(title) with { HeadingPath = ["Boxes"], Markers = markers };
    }

    [Fact]
    public void A_list_without_P_is_no_order() =>
        Assert.Empty(An.Order(An.Item("Cut") with { HeadingPath = ["Boxes"] }, An.Item("Fold") with { HeadingPath = ["Boxes"] }).Hard);

    [Fact]
    public void Phases_come_after_each_other_and_stories_stand_beside_each_other()
    {
        var order = An.Order(Of(1, "Setup"), Of(2, "User Story 1"), Of(3, "User Story 2"), Of(4, "Polish"));

        Assert.Equal(["T1>T2", "T1>T3", "T2>T4", "T3>T4"], order.Hard);
        Assert.Equal(["T2>T3"], order.Soft);

        static WorkItem Of(int number, string phase) => An.Item($"Do part {(char)('a' + number)}") with { Phase = new("plan", number, phase) };
    }

    [Fact]
    public void Of_a_large_phase_only_the_ends_are_ordered()
    {
        var items = Enumerable.Range(0, 200).Select(i => An.Item($"Do {i}") with { Phase = new("plan", i < 100 ? 1 : 2, "Phase") }).ToArray();

        var order = An.Order(items);

        Assert.InRange(order.Hard.Count, 100, 200);
        Assert.Contains("T100>T101", order.Hard);
        Assert.Contains(order.Result.Decisions, d => d.Title.Contains("ordered by their ends"));
    }

    // --- What closes, and what is defined ---

    [Fact]
    public void What_goes_through_a_feature_or_a_document_comes_after_what_is_built_there()
    {
        var order = An.Order(
            An.Item("Verify the story: paying") with { Feature = 1, Layer = WorkLayer.Tests, Closes = Closing.Feature },
            An.Item("Add the cart") with { Feature = 0 },
            An.Item("Add the till") with { Feature = 1 },
            An.Item("Verify the success criteria of the shop") with { Feature = 2, Layer = WorkLayer.Tests, Closes = Closing.Document });

        Assert.Equal(["T3>T1", "T2>T4", "T3>T4"], order.Hard);
        Assert.Contains("whole document", order["T2", "T4"].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Tests_of_a_test_plan_come_after_what_they_test_unless_the_text_wants_them_first()
    {
        var order = An.Order(
            An.Item("Add the cart"),
            An.Item("Test the cart") with { Layer = WorkLayer.Tests, Closes = Closing.Tested },
            An.Item("Write failing tests of the cart") with { Layer = WorkLayer.Tests, Closes = Closing.Tested });

        Assert.Equal(["T1>T2"], order.Hard);
    }

    [Fact]
    public void Of_many_built_things_a_test_waits_for_the_one_that_it_speaks_of()
    {
        var built = Enumerable.Range(0, 20).Select(i => An.Item(i == 7 ? "Rotate the refresh tokens" : $"Add the rule r{i}")).ToArray();

        var order = An.Order([.. built, An.Item("Test that refresh tokens expire") with { Layer = WorkLayer.Tests, Closes = Closing.Tested }]);

        Assert.Equal(["T8>T21"], order.Hard);
    }

    [Fact]
    public void An_entity_is_defined_before_what_speaks_of_it()
    {
        var order = An.Order(
            An.Item("Let admins revoke permission grants"),
            An.Item("Let users see their own page"),
            An.Item("Define the PermissionGrant entity") with { Layer = WorkLayer.Schema, Feature = 1 },
            An.Item("Define the User entity") with { Layer = WorkLayer.Schema, Feature = 1 });

        Assert.Equal(["T3>T1"], order.Hard);
        Assert.Contains("'PermissionGrant'", order["T3", "T1"].Reason, StringComparison.Ordinal);
    }

    // --- Made and used ---

    [Fact]
    public void What_one_makes_another_uses()
    {
        var order = An.Order(
            An.Item("Create src/store.ts") with { Paths = ["src/store.ts"], Produces = ["src/store.ts"] },
            An.Item("Add loadUser()") with { Symbols = ["loadUser()"], Produces = ["loadUser()"] },
            An.Item("Show the user", "Call loadUser().", "Read src/store.ts.") with { Paths = ["src/store.ts"], Symbols = ["loadUser"], Uses = ["src/store.ts", "loadUser"] });

        Assert.Equal(["T1>T3", "T2>T3"], order.Hard);
        Assert.Equal(DependencyType.Technical, order["T2", "T3"].Type);
        Assert.Equal(["SPEC.md#L2", "SPEC.md#L4"], order["T2", "T3"].Evidence.Select(e => e.Source));
    }

    [Fact]
    public void What_is_used_before_it_is_made_in_the_text_is_a_preference()
    {
        var order = An.Order(An.Item("Show the user") with { Symbols = ["loadUser"], Uses = ["loadUser"] }, An.Item("Add loadUser()") with { Produces = ["loadUser()"] });

        Assert.Empty(order.Hard);
        Assert.Equal(["T2>T1"], order.Soft);
    }

    [Fact]
    public void Who_only_speaks_of_a_name_or_tests_it_does_not_make_it()
    {
        var order = An.Order(
            An.Item("Provide a page that calls loadUser()") with { Produces = ["loadUser()"] },
            An.Item("Verify that src/page.ts is created") with { Layer = WorkLayer.Tests, Produces = ["src/page.ts"] },
            An.Item("Show the user with loadUser() in src/page.ts") with { Uses = ["loadUser", "src/page.ts"] });

        Assert.Equal(["T1>T2", "T3>T2"], order.Hard);
        Assert.Equal(["T1>T3"], order.Soft);
    }

    [Fact]
    public void A_name_that_everybody_speaks_of_ties_no_two_layers_together() =>
        Assert.DoesNotContain("'meta_json'", string.Concat(An.Order([.. Enumerable.Range(0, 7).Select(i => An.Item($"Do {i}") with { Symbols = ["meta_json"], Layer = i == 6 ? WorkLayer.Tests : WorkLayer.Code })]).Result.Dependencies.Select(d => d.Reason)), StringComparison.Ordinal);

    [Fact]
    public void What_the_codebase_has_already_nobody_waits_for()
    {
        var survey = new Tree().With("src/user.ts", "export function loadUser() {}").Survey();

        Assert.Empty(An.Order(survey, [], An.Item("Extend loadUser()") with { Produces = ["loadUser()"] }, An.Item("Show it") with { Uses = ["loadUser"] }).Hard);
    }

    // --- Spikes, ground and layers ---

    [Fact]
    public void A_spike_informs_what_it_names()
    {
        var order = An.Order(
            An.Item("Evaluate message queues for mail") with { Layer = WorkLayer.Spike },
            An.Item("Send mail over message queues"),
            An.Item("Draw the screen"));

        Assert.Equal(["T1>T2"], order.Hard);
        Assert.Equal(DependencyType.Knowledge, order["T1", "T2"].Type);
    }

    [Fact]
    public void The_skeleton_of_a_new_project_comes_first_and_in_an_old_one_it_does_not()
    {
        WorkItem[] items = [An.Item("Scaffold the project"), An.Item("Cut"), An.Item("Fold"), An.Item("Glue")];

        Assert.Equal(["T1>T2", "T1>T3", "T1>T4"], An.Order(items).Hard);
        Assert.Empty(An.Order(new Tree().With("README.md").Survey(), [], items).Hard);
    }

    [Fact]
    public void A_database_is_there_before_what_speaks_of_it()
    {
        var order = An.Order(An.Item("Provision PostgreSQL"), An.Item("Store users", "They go into postgresql."), An.Item("Draw the screen"));

        Assert.Equal(["T1>T2"], order.Hard);
        Assert.Equal(DependencyType.Infrastructure, order["T1", "T2"].Type);
    }

    [Fact]
    public void Layers_are_soft_unless_they_name_the_same_thing()
    {
        var order = An.Order(
            An.Item("Write the parser") with { Symbols = ["parseConfig()"] },
            An.Item("Test parseConfig") with { Layer = WorkLayer.Tests, Symbols = ["parseConfig"] },
            An.Item("Describe the program") with { Layer = WorkLayer.Docs });

        Assert.Equal(["T1>T2"], order.Hard);
        Assert.Equal(["T2>T3"], order.Soft);
    }

    [Fact]
    public void Tests_that_are_written_first_do_not_wait_for_the_code() =>
        Assert.Empty(An.Order(
            An.Item("Write the parser") with { Symbols = ["parseConfig()"] },
            An.Item("Write failing tests of parseConfig") with { Layer = WorkLayer.Tests, Symbols = ["parseConfig"] }).Hard);
}
