using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using Slaps.TestKit;

namespace Slaps.Cli.Tests;

/// <summary><c>tasks validate-plan</c>: all findings at once, on standard output, and an exit code to branch on.</summary>
public sealed class ValidatePlanTests
{
    private const string Sound = """{"id":"a","title":"Say hello","run":{"argv":["true"]},"acceptance_checks":[{"type":"command","argv":["true"]}]}""";

    [Fact]
    public void A_sound_plan_is_valid_in_both_formats_and_nothing_is_written()
    {
        using var tasks = new TasksProgram().WithNodes(Sound);
        var before = tasks.Snapshot();

        tasks.Run(0, "validate-plan", "plan").Prints("✓ 'plan': 0 errors, 0 warnings, 0 infos.");
        tasks.Run(0, "validate-plan", "plan/coordinator.json", "--strict");
        var document = tasks.Document("validate-plan", "plan", "--format", "json");

        Assert.True(document.GetProperty("ok").GetBoolean());
        Assert.Equal((0, 0, 0), (document.GetProperty("errors").GetInt32(), document.GetProperty("warnings").GetInt32(), document.GetProperty("diagnostics").GetArrayLength()));
        Assert.Equal(before, tasks.Snapshot());
    }

    [Fact]
    public void Errors_exit_with_3_and_warnings_do_so_only_when_asked()
    {
        using var tasks = new TasksProgram()
            .WithPlan("""{"graph":{"nodes":[{"id":"a","run":{"argv":["true"]},"acceptance_checks":[{"type":"command","argv":["./no-such.sh"]}]}]}}""")
            .WithPlan("""{"graph":{"nodes":[{"id":"a","run":{"argv":[]}}]}}""", "broken");

        tasks.Run(0, "validate-plan", "plan").Prints("warning REV020 plan/coordinator.json $.graph.nodes[0].acceptance_checks[0]", "'./no-such.sh'", "1 warning");
        tasks.Run(3, "validate-plan", "plan", "--strict").Prints("✗ 'plan'");
        tasks.Run(3, "validate-plan", "broken").Prints("error PLAN033 broken/coordinator.json", "1 error");
        var document = JsonDocument.Parse(tasks.Run(3, "validate-plan", "broken", "--format", "json").Output).RootElement;
        Assert.False(document.GetProperty("ok").GetBoolean());
        var first = document.GetProperty("diagnostics")[0];
        Assert.Equal(("PLAN033", "error", "broken/coordinator.json", "$.graph.nodes[0].run.argv"), (first.GetProperty("code").GetString(), first.GetProperty("severity").GetString(), first.GetProperty("file").GetString(), first.GetProperty("path").GetString()));
        Assert.All((string[])["message", "hint"], field => Assert.NotEmpty(first.GetProperty(field).GetString()!));
    }

    [Fact]
    public void What_is_no_plan_directory_is_refused()
    {
        using var tasks = new TasksProgram().WithFile("SPEC.md", "# x").WithNodes(Sound);
        Directory.CreateDirectory(tasks.PathOf("empty"));

        tasks.Refuses(3, "validate-plan", "nowhere").Says("no directory 'nowhere'");
        tasks.Refuses(3, "validate-plan", "SPEC.md").Says("'SPEC.md' is a file");
        tasks.Refuses(3, "validate-plan", "plan", "--codebase-path", "nowhere").Says("no directory 'nowhere'");
        tasks.Run(3, "validate-plan", "empty").Prints("REV001 empty", "no plan");
    }

    [Fact]
    public void A_script_of_the_codebase_counts_and_one_behind_a_link_that_leads_out_does_not()
    {
        using var tasks = new TasksProgram()
            .WithFile("plan/tasks.json", """{"tasks":[{"id":"A","acceptance_checks":[{"type":"command","argv":["./check.sh"]},{"type":"command","argv":["sh","out/secret.sh"]}]}]}""")
            .WithFile("code/check.sh", "true");
        using var elsewhere = new TasksProgram().WithFile("secret.sh", "true");
        File.CreateSymbolicLink(tasks.PathOf("out"), elsewhere.Folder);

        tasks.Run(0, "validate-plan", "plan").Prints("'./check.sh'", "'out/secret.sh'");
        var run = tasks.Run(0, "validate-plan", "plan", "--codebase-path", "code");
        run.Prints("'out/secret.sh'");
        Assert.DoesNotContain("check.sh'", run.Output.Replace("out/secret.sh", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("SPEC.md#L3", "hello", null)]
    [InlineData("SPEC.md#L1", "hello", "other lines")]
    [InlineData("../SPEC.md", "hello", "lies outside")]
    [InlineData("/etc/passwd", "root", "lies outside")]
    [InlineData("out/secret", "hello", "lies outside")]
    [InlineData("plan", "hello", "is a directory")]
    [InlineData("pipe", "hello", "is not a regular file")]
    [InlineData("huge", "hello", "is the most that is looked at")]
    public void Excerpts_are_read_inside_the_roots_only(string source, string excerpt, string? complaint)
    {
        using var tasks = new TasksProgram()
            .WithFile("work/plan/tasks.json", JsonSerializer.Serialize(new { tasks = new[] { new { id = "A", evidence = new[] { new { type = "plan", source, excerpt } } } } }))
            .WithFile("work/SPEC.md", "# x\n\nhello\n").WithFile("SPEC.md", "hello").WithFile("secret", "hello");
        Directory.CreateDirectory(tasks.PathOf("work/.slaps"));
        File.CreateSymbolicLink(tasks.PathOf("work/out"), tasks.Folder);
        using (var huge = File.Create(tasks.PathOf("work/huge"))) huge.SetLength(9 << 20);
        using (var pipe = System.Diagnostics.Process.Start("mkfifo", [tasks.PathOf("work/pipe")])) pipe.WaitForExit();

        var run = tasks.StartOther("/bin/sh", "-c", $"cd work && exec '{TasksProgram.Program}' validate-plan plan");
        var output = run.End().Output;

        if (complaint is null) Assert.DoesNotContain("REV05", output);
        else Assert.Contains(complaint, output);
    }

    [Fact]
    public void A_terminal_obeys_nothing_of_a_plan_and_a_secret_is_not_shown()
    {
        var token = "ghp_" + "aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA2cD4";
        using var tasks = new TasksProgram().WithFile("plan/tasks.json", $$"""{"tasks":[{"id":"A\u001b[2J","title":"{{token}}\u001b[2J","acceptance_checks":[{"type":"command","argv":["{{token}}"]}]}]}""");

        var run = tasks.Run(3, "validate-plan", "plan");

        run.Prints("PLAN021", "REV060", "REV020");
        Assert.DoesNotContain(token, run.Output + run.Error);
        Assert.DoesNotContain('\u001b', run.Output);
    }

    [Fact]
    public void The_plan_of_2025_is_told_its_contradictions()
    {
        using var tasks = new TasksProgram();
        var data = Needs.SharedData("data/slaps-2025");
        Directory.CreateDirectory(tasks.PathOf("v3"));
        foreach (var name in (string[])["tasks.json", "dag.json", "features.json", "waves.json", "Plan.md", "Decisions.md"]) File.Copy(Path.Combine(data, $"v3-{name}"), tasks.PathOf($"v3/{name}"));
        using (var packed = new GZipStream(File.OpenRead(Path.Combine(data, "v3-coordinator.json.gz")), CompressionMode.Decompress))
        using (var file = File.Create(tasks.PathOf("v3/coordinator.json"))) packed.CopyTo(file);

        var found = Findings(tasks, "validate-plan", "v3", "--format", "json");

        Assert.Equal(
            ["The capacity of 'ci_runners' is not the same everywhere: 1 in coordinator.json, 5 in tasks.json.", "The capacity of 'test_redis' is not the same everywhere: 2 in coordinator.json, 3 in tasks.json."],
            found["REV002"]);
        Assert.Equal(["dag.json counts 59 edges, but tasks.json has 60 dependencies: 59 are hard, and 52 of those are of a type that orders work."], found["REV005"]);
        Assert.Contains("P4.T049 → P4.T075", Assert.Single(found["REV006"]));
        Assert.Equal(88, found["REV020"].Count());
        Assert.StartsWith("176 of 440 acceptance checks are manual or prose", Assert.Single(found["REV021"]), StringComparison.Ordinal);
        Assert.Equal(4, found["REV030"].Count());
        Assert.Equal(["4 tasks claim 'deployment_slot'", "2 tasks claim 'redis_schema'"], found["REV031"].Select(m => m.Split(',')[0]));
        Assert.Empty(found["REV060"].Concat(found["REV061"]));
        Assert.Equal(40, found["REV051"].Count());

        // With the documents it was made of at their place, its excerpts are found or not; before there was nothing to look at.
        using (var packed = new GZipStream(File.OpenRead(Path.Combine(data, "ideas-md.tar.gz")), CompressionMode.Decompress))
        {
            Directory.CreateDirectory(tasks.PathOf("code/docs"));
            TarFile.ExtractToDirectory(packed, tasks.PathOf("code/docs"), overwriteFiles: false);
        }

        var withSources = Findings(tasks, "validate-plan", "v3", "--codebase-path", "code", "--format", "json");
        Assert.True(withSources["REV051"].Count() < 10, string.Join('\n', withSources["REV051"]));
    }

    private static ILookup<string, string> Findings(TasksProgram tasks, params string[] arguments) =>
        JsonDocument.Parse(tasks.Run(arguments).Output).RootElement.GetProperty("diagnostics").EnumerateArray().ToLookup(d => d.GetProperty("code").GetString()!, d => d.GetProperty("message").GetString()!);
}
