using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Plans;

public sealed class DraftSecretsTests
{
    // Put together here, so that no scanner takes this file for a leak.
    private static readonly string Token = "ghp_" + string.Concat(Enumerable.Repeat("a1B2", 9));

    [Fact]
    public void No_file_of_a_plan_holds_a_secret_wherever_it_stood_in_the_draft()
    {
        var dirty = $"use {Token} here";
        var evidence = new Evidence(EvidenceType.Plan, "SPEC.md#L1-L1", dirty, 1, dirty) { Unknown = new($$"""{"note":"{{Token}}"}""") };
        var task = new PlanTask
        {
            Id = new("a"), Title = dirty, Description = dirty, OriginalId = dirty, Consumes = [dirty], Evidence = [evidence], Peak = new(QuotaAmounts.None, dirty),
            Run = new RunSpec.Process(["curl", $"-HAuthorization: {Token}"], ProcessContext.Default with { Env = new Dictionary<string, string> { ["DB_PASSWORD"] = "hunter2", ["MODE"] = "fast" } }),
            Compensation = new RunSpec.Agent("claude", dirty, ProcessContext.Default),
            Checks = [new AcceptanceCheck.FileContains("c1", "f", dirty, 1), new AcceptanceCheck.Unrunnable("c2", "manual", dirty), new AcceptanceCheck.Command("c3", new RunSpec.Shell($"echo {Token}", ProcessContext.Default), 1)],
            Boundaries = new() { Complexity = new() { Value = dirty, Breakdown = dirty }, Done = new() { Criteria = [dirty], StopWhen = dirty }, Scope = new() { Restrictions = dirty } },
            ExecutionGuidance = $$"""{"logging":["{{Token}}"]}""", Unknown = new("""{"db_password":"hunter2","n":1.50}"""),
        };
        var draft = new PlanDraft
        {
            Title = dirty, Monitoring = $$"""{"url":"{{Token}}"}""", Unknown = new($$"""{"x":{"y":["{{Token}}"] } }"""),
            Tasks = [task, new PlanTask { Id = new("b"), Title = "Clean" }],
            Dependencies = [new Dependency(new("a"), new("b")) { Reason = dirty, Evidence = [evidence], Unknown = new($$"""{"z":"{{Token}}"}""") }],
            Features = [new Feature { Id = new("F1"), Title = dirty, Description = dirty, PriorityReason = dirty, SourceEvidence = [evidence] }],
            Origin = new()
            {
                CodebaseAnalysis = $$"""{"readme":"{{Token}}"}""", Autonormalization = [new("split", [new("a")], dirty)],
                Decisions = [new(dirty, dirty, [evidence], [dirty])],
            },
        };
        var diagnostics = new DiagnosticBag();

        var clean = DraftSecrets.Redact(draft, "in", diagnostics);

        var written = string.Concat(Encoding.UTF8.GetString(CoordinatorJson.Write(clean)), Encoding.UTF8.GetString(TasksJson.Write(clean)), Encoding.UTF8.GetString(FeaturesJson.Write(clean.Features)), clean.Origin.Decisions[0].ToString(), clean.Origin.Decisions[0].Rejected[0], clean.Origin.Decisions[0].Evidence[0].Excerpt);
        Assert.DoesNotContain(Token, written);
        Assert.DoesNotContain("hunter2", written);
        Assert.Contains("[REDACTED_GITHUB_TOKEN]", written);
        Assert.Contains("\"n\": 1.5", written);
        Assert.Equal("fast", ((RunSpec.Process)clean.Tasks[0].Run).Context.Env["MODE"]);
        Assert.Equal(["PLAN080", "PLAN080", "PLAN080", "PLAN080"], diagnostics.Items.Select(found => found.Code));
        Assert.Contains("The task 'a' held what looks like secrets (GITHUB_TOKEN, PASSWORD); 21 marks", diagnostics.Items[1].Message);
        Assert.DoesNotContain(diagnostics.Items, found => found.Message.Contains(Token, StringComparison.Ordinal));

        var again = new DiagnosticBag();
        Assert.Equal(TasksJson.Write(clean), TasksJson.Write(DraftSecrets.Redact(clean, "in", again)));
        Assert.Empty(again.Items);
    }

    [Fact]
    public void A_command_is_not_changed_on_a_suspicion()
    {
        const string Command = "PASSWORD=hunter2 ./migrate";
        var draft = A.Plan(A.Task("a").Where(task => task with { Run = new RunSpec.Shell(Command, ProcessContext.Default) })).Draft;
        Assert.False(Assert.Single(Secrets.Find(Command)).IsCertain);

        var clean = DraftSecrets.Redact(draft, "in", new DiagnosticBag());

        Assert.Equal(draft.Tasks[0].Run, clean.Tasks[0].Run);
    }

    [Fact]
    public void A_draft_without_secrets_is_written_as_it_was()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var draft = new RandomDraft(seed).Draft();
            var diagnostics = new DiagnosticBag();

            var clean = DraftSecrets.Redact(draft, "in", diagnostics);

            if (diagnostics.Items.Count == 0) Assert.Equal(TasksJson.Write(draft), TasksJson.Write(clean));
        }
    }
}
