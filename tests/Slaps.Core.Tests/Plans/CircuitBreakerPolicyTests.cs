using System.IO.Compression;
using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Failures;
using Slaps.Core.Plans;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Plans;

/// <summary>What a plan says of breakers and of retries by class.</summary>
public sealed class CircuitBreakerPolicyTests
{
    [Fact]
    public void Breakers_and_classes_are_read_and_written_as_they_were()
    {
        const string Policies =
            """
            "policies":{"circuit_breakers":{"enabled":true,"max_patches":5,"window_seconds":60,"note":"ours","patterns":[{"name":"rate_limit","regex":"429","threshold":3,"action":"throttle","cooldown_seconds":2}]},
            "retry":{"budget":9,"by_class":{"logic":{"max_attempts":2},"external":{"initial_delay_ms":5,"backoff":"linear"}}}}
            """;
        var plan = Read(Policies, out var diagnostics)!;

        Assert.DoesNotContain(diagnostics.Items, d => d.Code != "PLAN023");
        var policy = plan.Policies.CircuitBreakers!;
        Assert.Equal((true, 5, 60.0), (policy.Enabled, policy.MaxPatches, policy.WindowSeconds));
        var pattern = Assert.Single(policy.Patterns);
        Assert.Equal(("rate_limit", Remedy.Throttle, 3, 2.0), (pattern.Name, pattern.Remedy, pattern.Threshold, pattern.CooldownSeconds));
        Assert.Equal((9, 2, BackoffKind.Linear), (plan.Policies.Retry.Budget, plan.Policies.Retry.For(FailureClass.Logic).MaxAttempts, plan.Policies.Retry.For(FailureClass.External).Backoff));

        var written = CoordinatorJson.Write(plan.ToDraft());
        var again = CoordinatorJson.Read(written, "plan.json", new DiagnosticBag())!.Plan;
        Assert.Equal(plan.Policies.Retry, again.Policies.Retry);
        Assert.Equal(policy.Json, again.Policies.CircuitBreakers!.Json);
        Assert.Contains("\"note\": \"ours\"", Encoding.UTF8.GetString(written));
    }

    [Theory]
    [InlineData("""{"patterns":[{"name":"a","regex":"(a+)+(?=b)","action":"wait"}]}""", "PLAN017")]
    [InlineData("""{"patterns":[{"name":"a","action":"mend_it"}]}""", "PLAN017")]
    [InlineData("""{"patterns":[{"regex":"a"}]}""", "PLAN017")]
    [InlineData("""{"patterns":[{"name":"a","treshold":2}]}""", "PLAN014")]
    [InlineData("""{"max_trips":0}""", "PLAN060")]
    [InlineData(""" "everything" """, null)]
    [InlineData("""[1, 2]""", null)]
    public void What_is_wrong_with_them_is_named_and_what_is_not_ours_is_kept(string policy, string? code)
    {
        var plan = Read($"\"policies\":{{\"circuit_breakers\":{policy}}}", out var diagnostics);

        Assert.Equal(code is null ? [] : [code], diagnostics.Items.Select(d => d.Code).Where(c => c != "PLAN023").Distinct());
        if (code == "PLAN060") Assert.Null(plan);
        else if (code is null) Assert.False(plan!.Policies.CircuitBreakers!.Enabled);
    }

    [Fact]
    public void The_real_plan_of_2025_loads_with_its_patterns()
    {
        using var file = new GZipStream(File.OpenRead(Needs.SharedData("data/slaps-2025/v3-coordinator.json.gz")), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        var diagnostics = new DiagnosticBag();
        var policy = CoordinatorJson.Read(bytes.ToArray(), "coordinator.json", diagnostics)?.Plan.Policies.CircuitBreakers;

        Assert.True(policy is not null, string.Join('\n', diagnostics.Items.Where(d => d.Severity == Severity.Error).Take(5)));
        Assert.True(policy.Enabled);
        Assert.Equal([("missing_dependency", Remedy.InstallDependency, 2), ("rate_limit", Remedy.Throttle, 3), ("resource_exhausted", Remedy.RaiseLimit, 1)], policy.Patterns.Select(p => (p.Name, p.Remedy, p.Threshold ?? 0)));
        var memory = new Playbooks([new Playbook { Name = "out-of-memory", Class = FailureClass.Resource, OomKill = true, Threshold = 7 }]);
        Assert.Equal(1, new PlanPlaybooks(memory, policy).Classify(new("") { OomKilled = true }).Breaker!.Threshold);
    }

    private static Plan? Read(string rest, out DiagnosticBag diagnostics)
    {
        diagnostics = new DiagnosticBag();
        return CoordinatorJson.Read(Encoding.UTF8.GetBytes($$$"""{"graph":{"nodes":[{"id":"a","run":{"argv":["true"]}}]},{{{rest}}}}"""), "plan.json", diagnostics)?.Plan;
    }
}
