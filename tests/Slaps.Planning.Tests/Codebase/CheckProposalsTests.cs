using Slaps.Core.Plans;
using Slaps.Planning.Codebase;
using Slaps.Planning.Tasks;
using Slaps.Planning.Tests.Dependencies;

namespace Slaps.Planning.Tests.Codebase;

public sealed class CheckProposalsTests
{
    private static readonly CodebaseSurvey Survey = new Tree().With("package.json", """{"scripts":{"test":"node --test","lint":"node lint.mjs"}}""").Survey();

    private static readonly WorkItem[] Items = [An.Item("Change a") with { Paths = ["src/a.mjs"] }, An.Item("Change b") with { Paths = ["src/b.mjs"] }];

    private static readonly AcceptanceCheck Made = new AcceptanceCheck.FileExists("made", "src/a.mjs", 10);

    [Fact]
    public void Each_different_check_is_tried_once_and_marked_in_every_task()
    {
        var asked = new List<AcceptanceCheck>();

        var settled = CheckProposals.Settle(Items, Tasks([Made], []), Survey, checks =>
        {
            asked.AddRange(checks);
            return [.. checks.Select(c => c.Id switch
            {
                "project-tests" => new CheckTried(CheckStanding.RegressionGuard, "It passes."),
                "project-lint" => new CheckTried(CheckStanding.CannotRun, "It is not here."),
                _ => new CheckTried(CheckStanding.FailsBefore, "It is not there."),
            })];
        });

        Assert.Equal(["project-tests", "project-lint", "made"], asked.Select(c => c.Id));
        Assert.Equal(["made", "project-tests"], settled.ChecksOf[0].Select(c => c.Id));
        Assert.Contains("Fails before the work: It is not there.", settled.ChecksOf[0][0].Unknown.Json);
        Assert.Contains("Regression guard: It passes.", settled.ChecksOf[0][1].Unknown.Json);
        Assert.Equal(["project-tests", "look"], settled.ChecksOf[1].Select(c => c.Id));
        Assert.Equal("manual", Assert.IsType<AcceptanceCheck.Unrunnable>(settled.ChecksOf[1][1]).Type);
        Assert.Equal(["The check 'npm run test' is a regression guard", "The check 'npm run lint' was dropped"], settled.Decisions.Select(d => d.Title));
        Assert.Equal("It passes. Proposed for T1, T2.", settled.Decisions[0].Reason);
    }

    [Fact]
    public void Without_a_trial_the_checks_are_kept_and_say_that_nobody_tried_them()
    {
        var settled = CheckProposals.Settle(Items, Tasks([], []), Survey, trial: null);

        Assert.All(settled.ChecksOf, checks => Assert.Equal(["project-tests", "project-lint"], checks.Select(c => c.Id)));
        Assert.Contains("Untried: It was not run", settled.ChecksOf[0][0].Unknown.Json);
    }

    [Fact]
    public void A_command_that_the_specification_states_is_not_run_before_somebody_has_read_the_plan()
    {
        var stated = new AcceptanceCheck.Command("said", new RunSpec.Process(["make", "all"], ProcessContext.Default), 10);

        var settled = CheckProposals.Settle(Items, Tasks([stated], []), Survey, checks =>
        {
            Assert.DoesNotContain(checks, c => c.Id == "said");
            return [.. checks.Select(_ => new CheckTried(CheckStanding.RegressionGuard, "It passes."))];
        });

        Assert.Contains("only when the plan is executed", settled.ChecksOf[0].Single(c => c.Id == "said").Unknown.Json);
    }

    [Fact]
    public void A_manual_check_stays_as_it_is()
    {
        var look = new AcceptanceCheck.Unrunnable("eyes", "manual", "Look.");

        var settled = CheckProposals.Settle([An.Item("Think")], [new PlanTask { Id = new("T1"), Checks = [look] }], Survey, trial: null);

        Assert.Equal([look], settled.ChecksOf[0]);
        Assert.Empty(settled.Decisions);
    }

    private static PlanTask[] Tasks(AcceptanceCheck[] first, AcceptanceCheck[] second) => [new() { Id = new("T1"), Checks = first }, new() { Id = new("T2"), Checks = second }];
}
