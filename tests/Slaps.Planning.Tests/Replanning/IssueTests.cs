using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Failures;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;
using Slaps.Planning.Replanning;
using Slaps.TestKit;

namespace Slaps.Planning.Tests.Replanning;

/// <summary>Several tasks meet the same failure and no remedy is known: what the planner makes of the plan.</summary>
public sealed class IssueTests
{
    [Fact]
    public void Who_misses_what_a_task_of_the_plan_makes_waits_for_it()
    {
        var plan = A.Plan(A.Task("schema").Producing("db/schema.sql"), A.Task("a"), A.Task("b"), A.Task("after").After("a").Producing("late.sql")).Build();

        var answer = Replanner.Of(Issue(plan, FailureClass.Systemic, "schema.sql", "a", "b"), plan);

        Assert.Equal([("schema", "a"), ("schema", "b")], Edges(answer));
        Assert.Equal("schema makes 'schema.sql', which the plan forgot to say, so they wait for it.", answer.Says);
        Assert.NotNull(plan.With(answer.Patch!, new DiagnosticBag()));

        // What is done has made it, and what waits for them cannot be waited for.
        Assert.IsType<PatchOperation.InjectTask>(Assert.Single(Replanner.Of(Issue(plan, FailureClass.Systemic, "schema.sql", "a", "b") with { Unfinished = new HashSet<TaskId> { new("a"), new("b") } }, plan).Patch!.Operations));
        Assert.IsType<PatchOperation.InjectTask>(Assert.Single(Replanner.Of(Issue(plan, FailureClass.Systemic, "late.sql", "a", "b"), plan).Patch!.Operations));
    }

    [Fact]
    public void Otherwise_a_task_mends_it_first_and_its_check_is_what_one_of_them_runs()
    {
        var plan = A.Plan(A.Task("by-hand").ByHand(), A.Task("a").Holding("disk").WithinSeconds(7), A.Task("b")).Build();

        var answer = Replanner.Of(Issue(plan, FailureClass.Systemic, null, "by-hand", "a", "b"), plan);

        var after = plan.With(answer.Patch!, new DiagnosticBag())!;
        var mend = after.Tasks[^1];
        Assert.Equal("AUTO.MEND.strange", mend.Id.Value);
        var check = Assert.IsType<AcceptanceCheck.Command>(Assert.Single(mend.Checks));
        Assert.Equal(["true"], Assert.IsType<RunSpec.Process>(check.Run).Argv);
        Assert.Equal(7, check.TimeoutSeconds);
        Assert.Equal(["disk"], mend.Locks);
        Assert.Equal([("AUTO.MEND.strange", "by-hand"), ("AUTO.MEND.strange", "a"), ("AUTO.MEND.strange", "b")], Edges(answer));

        // Who meets it later waits for the same task; once that is done, the next one is another.
        var later = Replanner.Of(Issue(after, FailureClass.Systemic, null, "a"), after);
        Assert.Null(later.Patch);
        var more = plan.With(Replanner.Of(Issue(plan, FailureClass.Systemic, null, "a"), plan).Patch!, new DiagnosticBag())!;
        Assert.Equal([("AUTO.MEND.strange", "b")], Edges(Replanner.Of(Issue(more, FailureClass.Systemic, null, "a", "b"), more)));
        var again = Replanner.Of(Issue(more, FailureClass.Systemic, null, "b") with { Unfinished = new HashSet<TaskId> { new("b") } }, more);
        Assert.Equal("AUTO.MEND.strange.2", Assert.Single(again.Patch!.Injected).Id.Value);
    }

    [Fact]
    public void Of_those_that_ran_out_of_something_fewer_run_at_once_until_it_is_one()
    {
        var plan = A.Plan(A.Task("a"), A.Task("b"), A.Task("c"), A.Task("d")).Build();

        var half = plan.With(Replanner.Of(Issue(plan, FailureClass.Resource, null, "a", "b", "c", "d"), plan).Patch!, new DiagnosticBag())!;
        Assert.Equal([new PoolClaim("fewer.strange", 2)], half.Resources.Pools);
        Assert.All(half.Tasks, task => Assert.Equal([new PoolClaim("fewer.strange", 1)], task.Pools));
        var one = half.With(Replanner.Of(Issue(half, FailureClass.Resource, null, "a", "b"), half).Patch!, new DiagnosticBag())!;
        Assert.Equal([new PoolClaim("fewer.strange", 1)], one.Resources.Pools);
        Assert.Null(Replanner.Of(Issue(one, FailureClass.Resource, null, "a", "b"), one).Patch);
    }

    [Fact]
    public void Where_nothing_would_show_that_it_is_mended_a_person_is_asked()
    {
        var plan = A.Plan(A.Task("a").ByHand(), A.Task("b").NotIdempotent()).Build();

        Assert.Null(Replanner.Of(Issue(plan, FailureClass.Systemic, null, "a", "b"), plan).Patch);
    }

    [Fact]
    public void An_execution_asks_takes_the_patch_and_goes_on_when_it_is_mended()
    {
        var run = Run.From(A.Plan(A.Task("a"), A.Task("b"))).Started(workers: 3);
        Fails(run, "a");
        Fails(run, "b");

        var issue = Assert.Single(SystemicIssue.Outstanding(run.State));
        Assert.Equal(["a", "b"], issue.Tasks.Select(task => task.Value));
        Assert.Single(SystemicIssue.Outstanding(run.Replayed().State));   // A coordinator that takes over asks again.
        run.Settling(new AnswerBreaker(run.Now, "strange", Replanner.Of(issue, run.State.Plan)));

        Assert.Empty(SystemicIssue.Outstanding(run.State));
        Assert.Empty(SystemicIssue.Outstanding(run.Replayed().State));
        Assert.Equal(1, run.State.Circuits.Patches);
        run.AfterSeconds(60);
        Assert.Equal("PENDING", run.StateOf("a"));
        Assert.Equal("READY", run.StateOf("AUTO.MEND.strange"));
        Assert.Empty(run.When(new AnswerBreaker(run.Now, "strange", new IssueAnswer(null, "Too late."))).Last);
    }

    [Fact]
    public void Where_the_planner_knows_nothing_or_its_patch_does_not_fit_people_are_asked()
    {
        var wrong = new PlanPatch { Operations = [new PatchOperation.AddEdge([new Dependency(new("a"), new("nobody"))])] };
        foreach (var answer in (IssueAnswer[])[new(null, "Nobody knows."), new(wrong, "This.")])
        {
            var run = Run.From(A.Plan(A.Task("a"), A.Task("b"))).Started(workers: 2);
            Fails(run, "a");
            Fails(run, "b");

            run.Settling(new AnswerBreaker(run.Now, "strange", answer));

            Assert.Equal(("HELP_NEEDED", "HELP_NEEDED"), (run.StateOf("a"), run.StateOf("b")));
            Assert.Contains(answer.Patch is null ? "Nobody knows." : "nobody", run.Events.OfType<HotUpdateRefused>().Single().Reason, StringComparison.Ordinal);
            Assert.Empty(SystemicIssue.Outstanding(run.State));
        }
    }

    private static void Fails(Run run, string task) =>
        run.Settling(new RecordOutcome(run.Now, new(task), run.AttemptOf(task), new Outcome.Exited(1)) { Finding = Finding(FailureClass.Systemic, null) });

    private static SystemicIssue Issue(Plan plan, FailureClass sort, string? subject, params string[] tasks) =>
        new("strange", Finding(sort, subject), [.. tasks.Select(task => new TaskId(task))], plan.Tasks.Select(task => task.Id).ToHashSet());

    private static Classification Finding(FailureClass sort, string? subject) =>
        new(sort, "strange", "it is strange", "It says 'it is strange'.") { Subject = subject, Breaker = new BreakerRule(Remedy.Replan, 2, 600, 30, 3) };

    private static IEnumerable<(string, string)> Edges(IssueAnswer answer) => answer.Patch!.Edges.Select(edge => (edge.From.Value, edge.To.Value));
}
