using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Tests.Dependencies;

public sealed class SharedUseTests
{
    [Fact]
    public void Unordered_tasks_that_touch_one_file_share_a_lock()
    {
        var order = An.Order(
            An.Item("Cut", "In src/app.ts.") with { Paths = ["src/app.ts"] },
            An.Item("Fold") with { Paths = ["src/other.ts"] },
            An.Item("Glue", "Also in src/app.ts.") with { Paths = ["./src/app.ts"] });

        Assert.Empty(order.Hard);
        Assert.Equal(["file.src.app.ts"], order.Result.Resources.Locks);
        Assert.Equal([["file.src.app.ts"], [], ["file.src.app.ts"]], order.Result.LocksOf);
        var exclusion = Assert.Single(order.Result.Dependencies);
        Assert.Equal((DependencyType.MutualExclusion, 1.0, true), (exclusion.Type, exclusion.Confidence, exclusion.IsHard));
        Assert.Equal(["SPEC.md#L2", "SPEC.md#L5"], exclusion.Evidence.Select(e => e.Source));
    }

    [Fact]
    public void Tasks_that_the_text_orders_need_no_lock()
    {
        var order = An.Order(An.Item("T001 Cut") with { Paths = ["src/app.ts"] }, An.Item("T002 Fold", "Depends on T001."), An.Item("T003 Glue", "Depends on T002.") with { Paths = ["src/app.ts"] });

        Assert.Equal(["T1>T2", "T2>T3"], order.Hard);
        Assert.Empty(order.Result.Resources.Locks);
    }

    [Fact]
    public void A_folder_is_shared_with_the_files_in_it_but_not_the_root_of_all()
    {
        var order = An.Order(An.Item("Cut") with { Paths = ["src/store/"] }, An.Item("Fold") with { Paths = ["src/store/db.ts"] }, An.Item("Glue") with { Paths = ["src"] });

        Assert.Equal(["file.src.store"], order.Result.Resources.Locks);
        Assert.Equal([["file.src.store"], ["file.src.store"], []], order.Result.LocksOf);
    }

    [Theory]
    [InlineData("Add a migration for users", "Add a migration for mail", WorkLayer.Schema, "migrations")]
    [InlineData("Start it on port 8080", "Try it at localhost:8080", WorkLayer.Tests, "port.8080")]
    [InlineData("Fill the test database", "Clear the test DB", WorkLayer.Tests, "test_database")]
    [InlineData("Deploy the service to production", "Release the page to prod", WorkLayer.Deployment, "deploy.production")]
    public void Named_things_that_only_one_can_use_are_locks(string one, string other, WorkLayer layer, string name)
    {
        var order = An.Order(An.Item(one) with { Layer = layer }, An.Item(other) with { Layer = layer });

        Assert.Equal([name], order.Result.Resources.Locks);
        Assert.Equal(DependencyType.MutualExclusion, order.Result.Dependencies[^1].Type);
    }

    [Fact]
    public void Things_of_which_the_text_says_how_many_there_are_become_a_pool()
    {
        var order = An.Order(
            null, ["We have two test databases for everybody."],
            An.Item("Try the import on a test database"), An.Item("Try the export on a test database"), An.Item("Measure on a test database"));

        Assert.Equal([new PoolClaim("test_database", 2)], order.Result.Resources.Pools);
        Assert.All(order.Result.PoolsOf, claims => Assert.Equal([new PoolClaim("test_database", 1)], claims));
        Assert.Empty(order.Result.Resources.Locks);
        var limited = order.Result.Dependencies.Where(d => d.Type == DependencyType.ResourceLimited).ToList();
        Assert.Equal(2, limited.Count);
        Assert.Equal(("SPEC.md#L4", "We have two test databases for everybody."), (limited[0].Evidence[0].Source, limited[0].Evidence[0].Excerpt));
    }

    [Fact]
    public void What_was_found_fits_together_as_a_plan()
    {
        var order = An.Order(
            null, ["There are 2 test databases."],
            An.Item("T001 Cut on a test database", "After T002.") with { Paths = ["src/a b/ü.ts"] }, An.Item("T002 Fold", "Depends on T001.") with { Paths = ["x/y.ts"] },
            An.Item("T003 Glue with the test database") with { Paths = ["src/a b/ü.ts", "x/y.ts"] });

        var draft = new PlanDraft
        {
            Tasks = [.. Enumerable.Range(0, 3).Select(i => new PlanTask { Id = new($"T{i + 1}"), Locks = order.Result.LocksOf[i], Pools = order.Result.PoolsOf[i] })],
            Dependencies = order.Result.Dependencies,
            Resources = order.Result.Resources,
        };
        var diagnostics = new DiagnosticBag();
        Assert.NotNull(Plan.Build(draft, diagnostics));
        Assert.DoesNotContain(diagnostics.Items, d => d.Severity == Severity.Error);
    }
}
