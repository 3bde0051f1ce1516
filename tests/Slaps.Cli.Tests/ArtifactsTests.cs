using System.Text.Json;
using Slaps.TestKit;

namespace Slaps.Cli.Tests;

/// <summary>The seven files of a plan, planned or imported: they suit their schemas, agree with each other, and hold no secret.</summary>
public sealed class ArtifactsTests
{
    private static readonly string[] Files = ["Decisions.md", "Plan.md", "coordinator.json", "dag.json", "features.json", "tasks.json", "waves.json"];

    // What validate-plan says of files that were not made of one plan.
    private static readonly string[] Disagreements = ["PLAN019", "REV005", "REV006", "REV007", "REV008", "REV009", "REV010", "REV011", "REV012", "REV013"];

    [Theory]
    [InlineData("site")]
    [InlineData("textkit")]
    [InlineData("weather")]
    public void The_files_of_a_sample_suit_their_schemas_and_nothing_is_wrong_with_them(string sample)
    {
        using var tasks = new TasksProgram();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Needs.RepositoryRoot, "samples", sample), "*", SearchOption.AllDirectories))
        {
            var copy = tasks.PathOf(Path.GetRelativePath(Path.Combine(Needs.RepositoryRoot, "samples", sample), file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        tasks.Run(0, "plan", "SPEC.md", "--output-dir", "plan");

        AssertDescribed(tasks);
        tasks.Run(0, "validate-plan", "plan", "--strict");
    }

    [Fact]
    public void The_files_of_an_import_suit_their_schemas_and_agree()
    {
        using var tasks = new TasksProgram().WithFile("in/tasks.json", """
            {"meta":{"min_confidence":0.7},"features":[],
             "tasks":[{"id":"a","title":"Add it","shared_resources":{"exclusive_locks":["db"]}},{"id":"b","title":"Build it","shared_resources":{}},{"id":"c","title":"Check it"}],
             "dependencies":[{"from":"a","to":"b"},{"from":"b","to":"c"},{"from":"a","to":"c"},{"from":"c","to":"a","confidence":0.5},{"from":"b","to":"a"},{"from":"b","to":"c","type":"mutual_exclusion"},{"from":"a","to":"c","isHard":false}]}
            """);

        tasks.Run(0, "import", "in/tasks.json", "--output-dir", "plan").Says("IMP025");

        AssertDescribed(tasks);
        AssertAgreement(tasks);
    }

    [Fact]
    public void The_files_of_the_plan_of_2025_suit_their_schemas_and_agree()
    {
        var source = Needs.SharedData("data/slaps-2025");
        using var tasks = new TasksProgram();

        tasks.Run(0, "import", source, "--output-dir", "plan");

        AssertDescribed(tasks);
        AssertAgreement(tasks);
    }

    [Fact]
    public void No_file_of_an_import_holds_a_secret_of_its_source()
    {
        var token = "ghp_" + string.Concat(Enumerable.Repeat("a1B2", 9));
        using var tasks = new TasksProgram().WithFile("in/tasks.json", $$"""
            {"tasks":[{"id":"a","title":"Use {{token}}","description":"{{token}}","shared_resources":{},"note":{"token":"{{token}}"},"evidence":[{"source":"x.md","excerpt":"{{token}}"}]},{"id":"b","title":"Build it"}],
             "dependencies":[{"from":"a","to":"b","reason":"{{token}}"}]}
            """);

        tasks.Run(0, "import", "in/tasks.json", "--output-dir", "plan").Says("PLAN080", "The task 'a' held what looks like secrets (GITHUB_TOKEN); 4 marks", "The dependency of 'b' on 'a'");

        foreach (var file in Files) Assert.DoesNotContain(token, tasks.Read($"plan/{file}"));
        Assert.Contains("Use [REDACTED_GITHUB_TOKEN]", tasks.Read("plan/tasks.json"));
        Assert.Contains("in the place of secrets", tasks.Read("plan/Plan.md"));
        AssertDescribed(tasks);
        AssertAgreement(tasks);
    }

    private static void AssertDescribed(TasksProgram tasks)
    {
        Assert.Equal(Files, Directory.EnumerateFiles(tasks.PathOf("plan")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var described = Files.Where(file => file.EndsWith(".json", StringComparison.Ordinal)).Select(file => (Path.GetFileNameWithoutExtension(file), tasks.Read($"plan/{file}"))).ToList();

        Assert.All(SchemaValidator.Verdicts(described), verdict => Assert.Equal("ok", verdict));
    }

    private static void AssertAgreement(TasksProgram tasks)
    {
        using var findings = JsonDocument.Parse(tasks.Run(0, "validate-plan", "plan", "--format", "json").Output);
        Assert.DoesNotContain(findings.RootElement.GetProperty("diagnostics").EnumerateArray(), found => Disagreements.Contains(found.GetProperty("code").GetString()));
    }
}
