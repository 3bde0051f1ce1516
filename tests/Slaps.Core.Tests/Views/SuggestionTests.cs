using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Tests.Execution;
using Slaps.Core.Views;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Views;

/// <summary>What suits a session best, and why; and how a claimed task is shown.</summary>
public sealed class SuggestionTests
{
    [Fact]
    public void What_only_few_can_do_and_what_the_session_knows_comes_before_the_order_of_the_frontier()
    {
        var run = Run.From(A.Plan(
                A.Task("T0").Where(t => t with { Boundaries = new TaskBoundaries { Scope = new TaskScope { Includes = ["src/a.cs"] } } }),
                A.Task("T1").Taking(9), A.Task("T2").Taking(2).Needing("gpu"), A.Task("T3").Taking(3).Where(t => t with { Boundaries = new TaskBoundaries { Scope = new TaskScope { Includes = ["src/a.cs"] } } }),
                A.Task("T4").Needing("lisp"), A.Task("T5").After("T1")))
            .Opened().Claims("alpha", "T0");
        run.When(new CompleteClaim(run.Now, new("alpha"), new("T0"), 1, null));

        var suggested = Suggestion.For(run.State, new("alpha"), ["gpu"]);

        Assert.Equal(["T2", "T3", "T1"], suggested.Select(s => s.Task.Value));
        Assert.Equal(["it needs gpu, which you can do", "it should take 2 hours"], suggested[0].Reasons);
        Assert.Equal(["you know src/a.cs", "it should take 3 hours"], suggested[1].Reasons);
        Assert.Equal(["1 waits for it", "it should take 9 hours"], suggested[2].Reasons);
        Assert.Equal(["T1", "T3", "T2", "T4"], Suggestion.For(run.State, new("beta"), null).Select(s => s.Task.Value));
        Assert.Contains("\"task\": \"T2\"", Suggestion.Json(suggested), StringComparison.Ordinal);
        Assert.Empty(Suggestion.For(run.When(new PauseExecution(run.Now, "Lunch.")).State, new("beta"), null));
    }

    [Fact]
    public void A_claimed_task_is_shown_whole_with_what_its_checks_found()
    {
        var run = Run.From(A.Plan(A.Task("T1").Holding("db").Checked("out.txt").Where(t => t with { Title = "Do it", Description = "With care." })))
            .Opened().Claims("alpha", "T1");
        run.When(new CompleteClaim(run.Now, new("alpha"), new("T1"), 1, null))
            .When(new RecordVerdict(run.Now, new("T1"), 1, new Verdict([new CheckResult("out.txt", false, "It is not there.")], [], [])));

        var text = ClaimView.Text(run.State, new("T1"));
        foreach (var part in (string[])["T1: Do it", "With care.", "The checks found: check out.txt: It is not there.", "It needs: the lock db", "Checked by us, out.txt: out.txt is there", "`tasks complete T1`"])
            Assert.Contains(part, text, StringComparison.Ordinal);
        using var json = System.Text.Json.JsonDocument.Parse(ClaimView.Json(run.State, new("T1")));
        Assert.Equal("Do it", json.RootElement.GetProperty("task").GetProperty("title").GetString());
        Assert.Equal("2026-11-21T12:10:00.000000Z", json.RootElement.GetProperty("lease_expires_at").GetString());
        Assert.Equal("check out.txt: It is not there.", json.RootElement.GetProperty("findings").GetString());
        Assert.Equal("Without a sign of life from its session it is available again at 2026-11-21T12:10:00.000000Z, unless that can be seen to live then.", Explanation.Of(run.State, new("T1"))[^1]);
    }
}
