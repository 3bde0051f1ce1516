using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Tests;

/// <summary>The sample of <c>tasks demo</c>: it shows what it promises to show.</summary>
public sealed class TextkitSampleTests
{
    private static readonly string Sample = Path.Combine(Specs.RepositoryRoot, "samples", "textkit");

    [Fact]
    public void The_sample_plans_without_a_warning()
    {
        var (plan, diagnostics) = PlanSample();

        Assert.Empty(diagnostics.Items);
        Assert.Equal("Release textkit 1.2", plan.Title);
        Assert.InRange(plan.Tasks.Count, 12, 18);
        Assert.All(plan.Tasks, task => Assert.NotEmpty(task.Checks));
    }

    [Fact]
    public void The_sample_is_written_as_a_contract_and_read_back_as_the_same_plan()
    {
        var (plan, diagnostics) = PlanSample();

        var bytes = CoordinatorJson.Write(Draft());
        var document = CoordinatorJson.Read(bytes, "coordinator.json", diagnostics);

        Assert.Empty(diagnostics.Items);
        Assert.Equal(bytes, document!.CanonicalBytes);
        Assert.Equal(PlanMarkdown.Write(plan, []), PlanMarkdown.Write(Plan.Build(document.Plan.ToDraft() with { Features = Draft().Features, Origin = new() }, diagnostics)!, []));

        static PlanDraft Draft() => SpecificationPlanner.Plan(File.ReadAllBytes(Path.Combine(Sample, "SPEC.md")), "SPEC.md", new DiagnosticBag())!.Draft;
    }

    [Fact]
    public void The_sample_shows_a_pool_of_two_a_lock_between_unordered_tasks_and_a_retry()
    {
        var (plan, _) = PlanSample();

        Assert.Equal([new PoolClaim("test-bench", 2)], plan.Resources.Pools);
        Assert.Equal(4, plan.Tasks.Count(t => t.Pools.Contains(new PoolClaim("test-bench", 1))));
        var holders = plan.Tasks.Select((task, index) => (task, index)).Where(t => t.task.Locks.Contains("dist")).Select(t => t.index).ToList();
        Assert.Contains(holders, a => holders.Exists(b => a != b && !Reaches(plan, a, b) && !Reaches(plan, b, a)));
        Assert.Equal(2, Assert.Single(plan.Tasks, t => t.Title == "Fetch the word list").MaxRetries);
    }

    private static (Plan Plan, DiagnosticBag Diagnostics) PlanSample() => SampleProject.PlanOf("textkit");

    private static bool Reaches(Plan plan, int from, int to)
    {
        foreach (var successor in plan.Graph.SuccessorsOf(from))
        {
            if (successor == to || Reaches(plan, successor, to)) return true;
        }

        return false;
    }
}
