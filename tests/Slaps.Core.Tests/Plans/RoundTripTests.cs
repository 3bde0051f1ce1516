using System.Text.Json;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using static Slaps.Core.Tests.Plans.PlanComparison;

namespace Slaps.Core.Tests.Plans;

public sealed class RoundTripTests
{
    [Fact]
    public void What_was_written_is_read_as_an_equal_plan_and_written_again_as_the_same_bytes()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var draft = new RandomDraft(seed).Draft();
            var bag = new DiagnosticBag();
            var plan = Plan.Build(draft, bag);
            Assert.True(plan is not null, $"seed {seed}: {string.Join('\n', bag.Items)}");

            var bytes = CoordinatorJson.Write(draft);
            var read = Reading.Of(bytes);
            Assert.Equal(bytes, CoordinatorJson.Write(draft));
            Assert.True(read.Document is not null, $"seed {seed}: {string.Join('\n', read.Bag.Items)}");
            Assert.Equal(bytes, read.Document.CanonicalBytes);
            using var document = JsonDocument.Parse(bytes);
            Assert.Equal(read.Document.Hash, document.RootElement.GetProperty("meta").GetProperty("artifact_hash").GetString());

            // The same order, whatever became soft; and where nothing did, the same plan but for what stands in other files.
            Assert.Null(Difference(plan.Graph, read.Plan.Graph, $"seed {seed}: graph"));
            var executed = draft with { Features = [], Origin = new() { MinConfidence = 0 }, Dependencies = [.. draft.Dependencies.Where(edge => !edge.OrdersWork || plan.Enforces(edge))] };
            Assert.Null(Difference(Plan.Build(executed, new()), Reading.Of(CoordinatorJson.Write(executed)).Plan, $"seed {seed}: plan"));

            // A plan is complete: written as a draft and read again nothing is added a second time.
            Assert.Null(Difference(read.Plan, Reading.Of(CoordinatorJson.Write(read.Plan.ToDraft())).Plan, $"seed {seed}: complete"));
        }
    }

    [Fact]
    public void Tasks_and_features_are_read_as_they_were_written()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var draft = new RandomDraft(seed).Draft();
            var plan = Plan.Build(draft, new());
            var bag = new DiagnosticBag();
            var bytes = TasksJson.Write(draft);
            var tasks = TasksJson.Read(bytes, "tasks.json", bag)!;
            var features = FeaturesJson.Read(FeaturesJson.Write(draft.Features, draft.Unknown), "features.json", bag)!;
            var read = tasks.Build(tasks.Draft with { Features = features.Features, Resources = draft.Resources, Policies = draft.Policies, Monitoring = draft.Monitoring }, bag);

            Assert.True(!bag.HasErrors, $"seed {seed}: {string.Join('\n', bag.Items)}");
            Assert.Null(Difference(plan, read, $"seed {seed}: plan"));
            Assert.Equal(draft.Unknown, features.Unknown);
            Assert.Equal(bytes, TasksJson.Write(tasks.Draft));
            Assert.Contains(tasks.Hash, System.Text.Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
            Assert.DoesNotContain("PLAN019", bag.Items.Select(item => item.Code));
        }
    }

    [Fact]
    public void The_comparison_sees_a_difference_deep_inside()
    {
        var task = new PlanTask { Id = new("a"), Run = new RunSpec.Process(["x"], ProcessContext.Default with { Env = new Dictionary<string, string> { ["A"] = "1" } }) };
        var other = task with { Run = new RunSpec.Process(["x"], ProcessContext.Default with { Env = new Dictionary<string, string> { ["A"] = "2" } }) };

        Assert.Null(Difference(task, task with { Locks = [] }, "task"));
        Assert.NotNull(Difference(task, other, "task"));
        Assert.NotNull(Difference(task, task with { Locks = ["x"] }, "task"));
        Assert.NotNull(Difference(task, task with { Run = RunSpec.Unspecified }, "task"));
    }
}
