using System.Text.Json;
using Slaps.Core.Plans;
using Slaps.Planning.Codebase;
using Slaps.Planning.Tests.Dependencies;

namespace Slaps.Planning.Tests.Codebase;

public sealed class ProposedChecksTests
{
    private static readonly CodebaseSurvey Survey = new Tree()
        .With("package.json", """{"scripts":{"test":"node --test","lint":"node lint.mjs"}}""")
        .With("api/go.mod", "module api").With("api/main.go", "func Serve() {}").With("api/main_test.go").Survey();

    [Fact]
    public void A_task_gets_the_checks_of_the_projects_that_its_scope_lies_in()
    {
        var checks = ProposedChecks.For(An.Item("Add a route") with { Paths = ["api/routes.go", "src/app.mjs"] }, Survey);

        Assert.Equal(["project-tests.api", "project-build.api", "project-lint.api", "project-tests", "project-lint"], checks.Select(c => c.Check.Id));
        var process = Assert.IsType<RunSpec.Process>(checks[0].Check.Run);
        Assert.Equal(["go", "test", "./..."], process.Argv);
        Assert.Equal("api", process.Context.Workdir);
        Assert.Equal("'api/routes.go' lies in the project of api/go.mod, which offers 'go test ./...'.", checks[0].Reason);
    }

    [Fact]
    public void A_name_that_is_declared_once_says_where_the_task_works() =>
        Assert.Equal("project-tests.api", ProposedChecks.For(An.Item("Change Serve") with { Symbols = ["Serve()"] }, Survey)[0].Check.Id);

    [Fact]
    public void A_task_without_paths_or_with_documents_only_gets_no_check_of_others()
    {
        Assert.Empty(ProposedChecks.For(An.Item("Think"), Survey));
        Assert.Empty(ProposedChecks.For(An.Item("Write") with { Paths = ["docs/guide.md"] }, Survey));
    }

    [Fact]
    public void A_check_carries_how_it_stood_on_the_untouched_tree()
    {
        var check = ProposedChecks.For(An.Item("Add") with { Paths = ["src/a.mjs"] }, Survey)[0].Check;

        Assert.Equal("Regression guard: It passes.", Description(new CheckTried(CheckStanding.RegressionGuard, "It passes.")));
        Assert.Equal("Untried: Nobody ran it.", Description(new CheckTried(CheckStanding.Untried, "Nobody ran it.")));
        Assert.Null(new CheckTried(CheckStanding.CannotRun, "It is not here.").Mark(check));

        string? Description(CheckTried tried) => JsonDocument.Parse(tried.Mark(check)!.Unknown.Json!).RootElement.GetProperty("description").GetString();
    }

    [Fact]
    public void The_decision_names_the_check_and_what_was_not_done()
    {
        var proposed = ProposedChecks.For(An.Item("Add") with { Paths = ["src/a.mjs"] }, Survey)[0];

        var decision = new CheckTried(CheckStanding.RegressionGuard, "It passes.").Decide(proposed.Check, [proposed.Command.Evidence], [new("P1.T001")]);

        Assert.Equal("The check 'npm run test' is a regression guard", decision.Title);
        Assert.Equal("It passes. Proposed for P1.T001.", decision.Reason);
        Assert.Single(decision.Rejected);
    }
}
