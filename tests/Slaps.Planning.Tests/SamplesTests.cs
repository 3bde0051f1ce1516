namespace Slaps.Planning.Tests;

/// <summary>Every sample plans cleanly, shows something of its own, and its commands do what its checks say.</summary>
public sealed class SamplesTests
{
    public static TheoryData<string> Samples => [.. SampleProject.Names];

    [Fact]
    public void There_are_three_at_least() => Assert.Equal(["site", "textkit", "weather"], SampleProject.Names);

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_sample_plans_without_a_warning_and_a_machine_checks_each_task(string name)
    {
        var (plan, diagnostics) = SampleProject.PlanOf(name);

        Assert.Empty(diagnostics.Items);
        Assert.InRange(plan.Tasks.Count, 11, 20);
        Assert.All(plan.Tasks, task => Assert.NotEmpty(task.Checks));
        Assert.NotEmpty(plan.Resources.Pools);
        Assert.NotEmpty(plan.Resources.Locks);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task The_commands_of_a_sample_make_its_checks_true(string name)
    {
        using var sample = new SampleProject(name);
        if (sample.NeedsNode && !await SampleProject.HasNodeAsync()) Assert.Skip("Node.js 20 or newer is not installed.");

        var attempts = await sample.RunAsync(SampleProject.PlanOf(name).Plan);

        // One task of one sample is there to fail the first time.
        Assert.All(attempts, task => Assert.Equal(task.Key == "Fetch the word list" ? 2 : 1, task.Value));
    }
}
