using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.TestKit;

namespace Slaps.Repository.Tests;

/// <summary>What the documents show as a plan is one.</summary>
public sealed class DocumentedPlanTests
{
    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/plan-format.md")]
    public void The_example_is_a_plan_without_mistakes(string document)
    {
        var text = File.ReadAllText(Path.Combine(Needs.RepositoryRoot, document));
        var begin = text.IndexOf("```json\n", StringComparison.Ordinal) + 8;
        var example = text[begin..text.IndexOf("```", begin, StringComparison.Ordinal)];
        var diagnostics = new DiagnosticBag();

        var plan = CoordinatorJson.Read(Encoding.UTF8.GetBytes(example), document, diagnostics);

        Assert.True(plan is not null, string.Join('\n', diagnostics.Items));

        // PLAN023 warns of tasks without checks, which an example may have; everything else would be a mistake in it.
        Assert.DoesNotContain(diagnostics.Items, d => d.Code != "PLAN023");
    }
}
