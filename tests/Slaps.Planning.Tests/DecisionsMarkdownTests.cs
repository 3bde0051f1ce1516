using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Tests;

public sealed class DecisionsMarkdownTests
{
    [Fact]
    public void Each_decision_stands_there_with_its_evidence_and_what_was_not_done()
    {
        var text = Write(new()
        {
            Decisions =
            [
                new("Use SQLite", "One file, no server.", [new(EvidenceType.Code, "go.mod", "modernc sqlite", 0.9, "It is there already.")], ["PostgreSQL needs a server"]),
            ],
            Autonormalization = [new("split", [new("a"), new("b")], "too long with 20 h")],
        });

        Assert.Contains("## 1. Use SQLite\n\nOne file, no server.\n\nWhat speaks for it:\n\n- code go.mod", text, StringComparison.Ordinal);
        Assert.Contains("confidence 0.9: “modernc sqlite” — It is there already.\n", text, StringComparison.Ordinal);
        Assert.Contains("What was not done:\n\n- PostgreSQL needs a server\n", text, StringComparison.Ordinal);
        Assert.Contains("| split | a, b | too long with 20 h |\n", text, StringComparison.Ordinal);
        Assert.Contains("below 0.7", text, StringComparison.Ordinal);
        Assert.Contains("| a | b | 0.5 | maybe |\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_that_somebody_wrote_is_markup()
    {
        const string Hostile = "x\n# y <script> | `z` [a](b)";
        var text = Write(new() { Decisions = [new(Hostile, Hostile, [new(EvidenceType.Doc, Hostile, Hostile, 1, Hostile)], [Hostile])], Autonormalization = [new(Hostile, [], Hostile)] });

        Assert.DoesNotContain("<script>", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[a](b)", text, StringComparison.Ordinal);
        Assert.Equal(4, text.Split('\n').Count(line => line.StartsWith('#')));
    }

    private static string Write(PlanOrigin origin)
    {
        var bag = new DiagnosticBag();
        var plan = Plan.Build(
            new()
            {
                Title = "P",
                Tasks = [new() { Id = new("a") }, new() { Id = new("b") }],
                Dependencies = [new(new("a"), new("b"), Confidence: 0.5) { Reason = "maybe" }],
                Origin = origin,
            },
            bag);
        Assert.False(bag.HasErrors, string.Join('\n', bag.Items));
        return DecisionsMarkdown.Write(plan!);
    }
}
