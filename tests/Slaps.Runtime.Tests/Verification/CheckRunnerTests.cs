using System.Security.Cryptography;
using System.Text;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Processes;
using Slaps.Runtime.Tests.Processes;
using Slaps.Runtime.Verification;

namespace Slaps.Runtime.Tests.Verification;

[Collection("processes")]
public sealed class CheckRunnerTests
{
    [Theory]
    [InlineData("exit 0", true, "code 0")]
    [InlineData("echo why; exit 4", false, "It exited with code 4. It printed last: why")]
    [InlineData("kill -KILL $$", false, "Signal 9")]
    public void A_command_must_exit_with_0(string script, bool passes, string detail)
    {
        using var shop = new Workshop();
        var result = Check(shop, Command(script));
        Assert.Equal(passes, result.Passed);
        Assert.Contains(detail, result.Detail);
    }

    [Fact]
    public void A_pipe_that_a_check_puts_in_the_place_of_its_output_is_not_waited_for()
    {
        using var shop = new Workshop();

        Assert.StartsWith("It exited with code 4.", Check(shop, Command("cd ../work/exec-1; rm -f T1.1.1.check; mkfifo T1.1.1.check; exit 4")).Detail);
    }

    [Fact]
    public void A_command_is_logged_with_the_attempt_and_its_detail_is_short()
    {
        using var shop = new Workshop();
        shop.Run(Workshop.Shell("echo work"));
        var result = Check(shop, Command("for i in $(seq 1000); do echo line $i; done; exit 1"));

        Assert.InRange(result.Detail.Length, 1, CheckRunner.LongestDetail);
        Assert.EndsWith("line 1000", result.Detail);
        var lines = shop.Log();
        Assert.Equal(1000, lines.Count(l => l.Step == "check:C1" && l.Status == "progress"));
        Assert.Equal(("check:C1", "error"), (lines[^1].Step, lines[^1].Status));
        Assert.Equal("work", lines[1].Message);
    }

    [Fact]
    public void A_command_that_takes_too_long_is_ended_with_its_grandchildren()
    {
        using var shop = new Workshop();
        var result = Check(shop, Command("(setsid sh -c 'echo $$ > daemon; exec sleep 300' &) ; sleep 300 & echo $! > pid; wait", timeoutSeconds: 0.5));
        Assert.False(result.Passed);
        Assert.Contains("longer than 0.5 seconds", result.Detail);
        Assert.False(Workshop.Runs(shop.PidIn("pid")) || Workshop.Runs(shop.PidIn("daemon")));
    }

    [Fact]
    public void A_command_that_cannot_be_run_has_failed()
    {
        using var shop = new Workshop();
        var result = Check(shop, new AcceptanceCheck.Command("C1", new RunSpec.Process(["no-such-program"], ProcessContext.Default), 10));
        Assert.False(result.Passed);
        Assert.Contains("was not found in PATH", result.Detail);
        Assert.False(Check(shop, new AcceptanceCheck.Unrunnable("C1", "manual", "A person looks.")).Passed);
    }

    [Fact]
    public void A_command_runs_in_the_tasks_workdir_with_its_variables_unless_it_has_its_own()
    {
        using var shop = new Workshop();
        Directory.CreateDirectory(shop.In("sub"));
        Directory.CreateDirectory(shop.In("own"));
        var task = Workshop.Task(new RunSpec.Shell("true", new ProcessContext("sub", new Dictionary<string, string> { ["A"] = "1", ["B"] = "1" }, null))) with
        {
            Checks =
            [
                Command("test $(basename $PWD) = sub -a $A$B = 11"),
                new AcceptanceCheck.Command("C2", new RunSpec.Shell("test $(basename $PWD) = own -a $A$B = 12", new ProcessContext("own", new Dictionary<string, string> { ["B"] = "2" }, null)), 10),
            ],
        };
        Assert.Equal([true, true], Run(shop, task).Checks.Select(c => c.Passed));
    }

    [Fact]
    public void An_aborted_check_has_no_verdict_and_leaves_nothing()
    {
        using var shop = new Workshop();
        using var abort = new CancellationTokenSource();
        var task = Workshop.Task(RunSpec.Unspecified) with { Checks = [Command("echo $$ > pid; sleep 300")] };
        var waiting = new Thread(() =>
        {
            shop.PidIn("pid");
            abort.Cancel();
        });
        waiting.Start();
        Assert.Throws<OperationCanceledException>(() => new CheckRunner(shop.Options).Run(new AttemptRequest(Workshop.Execution, task, 1), abort.Token));
        Assert.False(Workshop.Runs(shop.PidIn("pid")));
    }

    [Fact]
    public void A_file_or_folder_must_be_there_and_inside_of_the_workspace()
    {
        using var shop = new Workshop();
        var outside = Path.Combine(shop.Root, "outside");
        Directory.CreateDirectory(outside);
        File.WriteAllText(Path.Combine(outside, "secret"), "secret");
        Directory.CreateDirectory(shop.In("sub"));
        File.WriteAllText(shop.In("sub/file"), "");
        File.CreateSymbolicLink(shop.In("good"), "sub/file");
        File.CreateSymbolicLink(shop.In("bad"), Path.Combine(outside, "secret"));
        File.CreateSymbolicLink(shop.In("sub/up"), "../../outside");

        Assert.True(Exists("sub").Passed);
        Assert.True(Exists("sub/file").Passed);
        Assert.True(Exists("good").Passed);
        Assert.Contains("does not exist", Exists("sub/none").Detail);
        Assert.Contains("does not exist", Exists("sub/file/none").Detail);
        foreach (var path in (string[])["bad", "sub/up/secret", "../outside/secret", "/etc/passwd", Path.Combine(outside, "secret")])
        {
            Assert.False(Exists(path).Passed);
            Assert.Contains("leads out of the workspace", Exists(path).Detail);
            Assert.Contains("leads out of the workspace", Check(shop, new AcceptanceCheck.FileContains("C1", path, "secret", 10)).Detail);
        }

        CheckResult Exists(string path) => Check(shop, new AcceptanceCheck.FileExists("C1", path, 10));
    }

    [Fact]
    public void A_text_is_found_across_chunks_and_in_binary_files()
    {
        using var shop = new Workshop();
        var bytes = RandomNumberGenerator.GetBytes(600_000);
        "needle→"u8.CopyTo(bytes.AsSpan((128 << 10) - 3));
        File.WriteAllBytes(shop.In("data"), bytes);
        File.WriteAllBytes(shop.In("empty"), []);

        Assert.True(Contains("data", "needle→").Passed);
        Assert.True(Contains("data", Encoding.UTF8.GetString("needle→"u8)).Passed);
        Assert.False(Contains("data", "needle→ and more").Passed);
        Assert.False(Contains("empty", "x").Passed);
        Assert.Contains("is a folder", Contains(".", "x").Detail);

        CheckResult Contains(string path, string text) => Check(shop, new AcceptanceCheck.FileContains("C1", path, text, 10));
    }

    [Fact]
    public void A_pipe_is_no_file_and_is_not_waited_for()
    {
        using var shop = new Workshop();
        shop.Run(Workshop.Program("mkfifo", "pipe"));
        Assert.Contains("is not a regular file", Check(shop, new AcceptanceCheck.FileContains("C1", "pipe", "x", 10)).Detail);
    }

    [Theory]
    [InlineData("$.a.b[1]", "2", true, "expected value")]
    [InlineData("$['a']['b'][-1]", "3.0", true, "expected value")]
    [InlineData("$.o", "{\"y\":[1e0],\"x\":null}", true, "expected value")]
    [InlineData("$[\"c d\"]", null, true, "has a value")]
    [InlineData("$", null, true, "has a value")]
    [InlineData("$.a.b[1]", "4", false, "'4' was expected")]
    [InlineData("$.a.z", null, false, "has nothing at")]
    [InlineData("$.a.b[9]", null, false, "has nothing at")]
    [InlineData("$..a", null, false, "cannot be used")]
    [InlineData("$.a[*]", null, false, "cannot be used")]
    [InlineData("a", null, false, "must begin with $")]
    [InlineData("$.huge", "1", false, "cannot be compared")]
    public void A_json_path_is_looked_up_and_compared_by_value(string query, string? expected, bool passes, string detail)
    {
        using var shop = new Workshop();
        File.WriteAllText(shop.In("f.json"), """{"a":{"b":[1,2,3]},"c d":null,"o":{"x":null,"y":[1]},"huge":1e999}""");
        var result = Check(shop, new AcceptanceCheck.JsonPath("C1", "f.json", query, expected, 10));
        Assert.Equal((passes, true), (result.Passed, result.Detail.Contains(detail)));
    }

    [Fact]
    public void Broken_or_deep_json_is_a_sentence_with_a_place()
    {
        using var shop = new Workshop();
        File.WriteAllText(shop.In("broken"), "{\n  \"a\": nope }");
        File.WriteAllText(shop.In("deep"), new string('[', 100_000) + new string(']', 100_000));
        Assert.Contains("line 2", Check(shop, new AcceptanceCheck.JsonPath("C1", "broken", "$.a", null, 10)).Detail);
        Assert.Contains("cannot be read as JSON", Check(shop, new AcceptanceCheck.JsonPath("C1", "deep", "$", null, 10)).Detail);
    }

    [Fact]
    public void A_json_file_beyond_the_limit_is_refused_unread()
    {
        using var shop = new Workshop();
        using (var file = File.Create(shop.In("big"))) file.SetLength(CheckRunner.LargestJsonBytes + 1);
        Assert.Contains("larger than 64 MiB", Check(shop, new AcceptanceCheck.JsonPath("C1", "big", "$", null, 10)).Detail);
    }

    [Fact]
    public void Artifacts_are_hashed_and_missing_ones_named_with_the_reason()
    {
        using var shop = new Workshop();
        Directory.CreateDirectory(shop.In("sub/folder"));
        File.WriteAllText(shop.In("sub/out.txt"), "abc");
        File.WriteAllText(Path.Combine(shop.Root, "secret"), "secret");
        File.CreateSymbolicLink(shop.In("sub/leak"), Path.Combine(shop.Root, "secret"));
        var task = Workshop.Task(new RunSpec.Shell("true", new ProcessContext("sub", new Dictionary<string, string>(), null))) with
        {
            Produces = [new("./out.txt", true), new("none", true), new("optional", false), new("leak", true), new("folder", true)],
        };

        var verdict = Run(shop, task);

        Assert.Equal([new Artifact("sub/out.txt", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")], verdict.Artifacts);
        Assert.Collection(
            verdict.MissingArtifacts,
            m => Assert.Equal("none (does not exist)", m),
            m => Assert.StartsWith("leak (leads out of the workspace", m),
            m => Assert.Equal("folder (is a folder, not a file)", m));
    }

    [Fact]
    public void Files_that_are_older_than_an_attempt_whose_end_nobody_saw_do_not_prove_that_it_did_its_work()
    {
        using var shop = new Workshop();
        File.WriteAllText(shop.In("old.json"), """{"done": true}""");
        var task = Workshop.Task(RunSpec.Unspecified) with
        {
            Checks =
            [
                new AcceptanceCheck.FileExists("C1", "old.json", 10),
                new AcceptanceCheck.FileContains("C2", "old.json", "done", 10),
                new AcceptanceCheck.JsonPath("C3", "old.json", "$.done", "true", 10),
                Command("test -e old.json"),
            ],
            Produces = [new("old.json", Required: true)],
        };
        var began = Instant.From(DateTimeOffset.UtcNow).PlusSeconds(60);

        var seen = Run(shop, task);
        var lost = Run(shop, task, began);
        File.SetLastWriteTimeUtc(shop.In("old.json"), began.ToDateTimeOffset().UtcDateTime);
        var fresh = Run(shop, task, began);

        Assert.Equal([true, true, true, true], seen.Checks.Select(c => c.Passed));
        Assert.Equal([false, false, false, true], lost.Checks.Select(c => c.Passed));
        Assert.All(lost.Checks.Take(3), c => Assert.StartsWith("'old.json' is older than this attempt", c.Detail));
        Assert.StartsWith("old.json (is older", Assert.Single(lost.MissingArtifacts));
        Assert.Equal([true, true, true, true], fresh.Checks.Select(c => c.Passed));
        Assert.Empty(fresh.MissingArtifacts);
    }

    [Fact]
    public void A_plan_that_leads_out_of_the_workspace_is_seen_before_it_starts()
    {
        using var shop = new Workshop();
        File.CreateSymbolicLink(shop.In("link"), shop.Root);
        var diagnostics = new Core.Diagnostics.DiagnosticBag();
        var plan = Plan.Build(
            new PlanDraft
            {
                Tasks =
                [
                    Workshop.Task(new RunSpec.Shell("true", ProcessContext.Default with { Workdir = "link" })),
                    new PlanTask { Id = new TaskId("T2"), Run = new RunSpec.Shell("true", ProcessContext.Default), Checks = [new AcceptanceCheck.FileExists("C1", "link/later/x", 1), new AcceptanceCheck.FileExists("C2", "later/x", 1)], Produces = [new("link/y", false)] },
                ],
            },
            diagnostics)!;

        Assert.Equal(["RUN001", "RUN002", "RUN003"], WorkspacePaths.Check(plan, shop.Workspace).Select(d => d.Code));
        Assert.All(WorkspacePaths.Check(plan, shop.Workspace, "plan/coordinator.json"), d => Assert.Equal("plan/coordinator.json", d.File));
        Assert.Equal(
            ["$.graph.nodes[0].run.workdir", "$.graph.nodes[1].acceptance_checks[0].path", "$.graph.nodes[1].interfaces.produces[0]"],
            WorkspacePaths.Check(plan, shop.Workspace).Select(d => d.JsonPath));
        Assert.Equal(["RUN004"], WorkspacePaths.Check(plan, shop.In("nowhere")).Select(d => d.Code));
    }

    private static AcceptanceCheck.Command Command(string script, double timeoutSeconds = 60) => new("C1", new RunSpec.Shell(script, ProcessContext.Default), timeoutSeconds);

    private static CheckResult Check(Workshop shop, AcceptanceCheck check) => Assert.Single(Run(shop, Workshop.Task(RunSpec.Unspecified) with { Checks = [check] }).Checks);

    private static Verdict Run(Workshop shop, PlanTask task, Instant? freshSince = null) =>
        new CheckRunner(shop.Options).Run(new AttemptRequest(Workshop.Execution, task, 1, freshSince), CancellationToken.None);
}
