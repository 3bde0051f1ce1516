using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Tests;

/// <summary>The sample of <c>tasks demo</c>: it plans cleanly, shows what it promises to show, and its commands do what its checks say.</summary>
public sealed partial class TextkitSampleTests
{
    private static readonly string Sample = Path.Combine(Specs.RepositoryRoot, "samples", "textkit");

    [Fact]
    public void The_sample_plans_without_a_warning()
    {
        var (plan, diagnostics) = PlanSample();

        Assert.Empty(diagnostics.Items);
        Assert.Equal("Release textkit 1.2", plan.Title);
        Assert.InRange(plan.Tasks.Count, 12, 18);
        Assert.All(plan.Tasks, task => Assert.NotEmpty(task.Checks));
    }

    [Fact]
    public void The_sample_is_written_as_a_contract_and_read_back_as_the_same_plan()
    {
        var (plan, diagnostics) = PlanSample();

        var bytes = CoordinatorJson.Write(Draft());
        var document = CoordinatorJson.Read(bytes, "coordinator.json", diagnostics);

        Assert.Empty(diagnostics.Items);
        Assert.Equal(bytes, document!.CanonicalBytes);
        Assert.Equal(PlanMarkdown.Write(plan, []), PlanMarkdown.Write(Plan.Build(document.Plan.ToDraft() with { Features = Draft().Features, Origin = new() }, diagnostics)!, []));

        static PlanDraft Draft() => SpecificationPlanner.Plan(File.ReadAllBytes(Path.Combine(Sample, "SPEC.md")), "SPEC.md", new DiagnosticBag())!.Draft;
    }

    [Fact]
    public void The_sample_shows_a_pool_of_two_a_lock_between_unordered_tasks_and_a_retry()
    {
        var (plan, _) = PlanSample();

        Assert.Equal([new PoolClaim("test-bench", 2)], plan.Resources.Pools);
        Assert.Equal(4, plan.Tasks.Count(t => t.Pools.Contains(new PoolClaim("test-bench", 1))));
        var holders = plan.Tasks.Select((task, index) => (task, index)).Where(t => t.task.Locks.Contains("dist")).Select(t => t.index).ToList();
        Assert.Contains(holders, a => holders.Exists(b => a != b && !Reaches(plan, a, b) && !Reaches(plan, b, a)));
        Assert.Equal(2, Assert.Single(plan.Tasks, t => t.Title == "Fetch the word list").MaxRetries);
    }

    [Fact]
    public async Task The_commands_of_the_sample_make_its_checks_true()
    {
        if (!await HasNodeAsync()) Assert.Skip("Node.js 20 or newer is not installed.");
        var (plan, _) = PlanSample();
        var folder = Directory.CreateTempSubdirectory("textkit-");
        try
        {
            CopySources(Sample, folder.FullName);
            foreach (var index in plan.Graph.TopologicalOrder())
            {
                var task = plan.Tasks[index];
                foreach (var check in task.Checks) Assert.False(await HoldsAsync(check, folder.FullName), $"{task.Title}: {check} holds before the work.");
                var attempt = 1;
                while (await RunAsync(task.Run, folder.FullName, attempt) is var (exitCode, output) && exitCode != 0)
                    Assert.True(attempt++ <= (task.MaxRetries ?? 0), $"{task.Title} failed with {exitCode}:\n{output}");

                Assert.Equal(task.Title == "Fetch the word list" ? 2 : 1, attempt);
                foreach (var check in task.Checks) Assert.True(await HoldsAsync(check, folder.FullName), $"{task.Title}: {check} does not hold.");
                Assert.All(task.Produces, artifact => Assert.True(File.Exists(Path.Combine(folder.FullName, artifact.Path)), artifact.Path));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (Plan Plan, DiagnosticBag Diagnostics) PlanSample()
    {
        var diagnostics = new DiagnosticBag();
        var planned = SpecificationPlanner.Plan(File.ReadAllBytes(Path.Combine(Sample, "SPEC.md")), "SPEC.md", diagnostics);
        Assert.True(planned is not null, string.Join('\n', diagnostics.Items));
        return (Plan.Build(planned.Draft, diagnostics)!, diagnostics);
    }

    private static bool Reaches(Plan plan, int from, int to)
    {
        foreach (var successor in plan.Graph.SuccessorsOf(from))
        {
            if (successor == to || Reaches(plan, successor, to)) return true;
        }

        return false;
    }

    // Without what an earlier run by hand may have left there.
    private static void CopySources(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(from, file);
            if (relative.Split(Path.DirectorySeparatorChar)[0] is "build" or "dist" or "docs" or ".slaps") continue;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(to, relative))!);
            File.Copy(file, Path.Combine(to, relative));
        }
    }

    private static async Task<bool> HasNodeAsync()
    {
        try
        {
            var (exitCode, output) = await RunAsync(new RunSpec.Process(["node", "--version"], ProcessContext.Default), Specs.RepositoryRoot, 1);
            return exitCode == 0 && int.TryParse(output.TrimStart('v').Split('.')[0], out var major) && major >= 20;
        }
        catch (Win32Exception)
        {
            return false;   // There is no such program.
        }
    }

    private static async Task<bool> HoldsAsync(AcceptanceCheck check, string folder)
    {
        switch (check)
        {
            case AcceptanceCheck.FileExists exists:
                return File.Exists(Path.Combine(folder, exists.Path));
            case AcceptanceCheck.FileContains contains:
                return File.Exists(Path.Combine(folder, contains.Path))
                    && (await File.ReadAllTextAsync(Path.Combine(folder, contains.Path))).Contains(contains.Text, StringComparison.Ordinal);
            case AcceptanceCheck.JsonPath json:
                return File.Exists(Path.Combine(folder, json.Path)) && ValueAt(json, await File.ReadAllTextAsync(Path.Combine(folder, json.Path))) is { } value
                    && (json.ExpectedJson is null || json.ExpectedJson == value);
            case AcceptanceCheck.Command command:
                return (await RunAsync(command.Run, folder, 1)).ExitCode == 0;
            default:
                throw new UnreachableException($"The sample has a check that this test does not know: {check}.");
        }
    }

    private static string? ValueAt(AcceptanceCheck.JsonPath check, string text)
    {
        using var json = JsonDocument.Parse(text);
        var at = json.RootElement;
        foreach (Match step in QueryStep().Matches(check.Query))
        {
            if (step.Groups["index"].Success) at = at[int.Parse(step.Groups["index"].Value, CultureInfo.InvariantCulture)];
            else if (!at.TryGetProperty(step.Groups["name"].Value, out at)) return null;
        }

        return at.GetRawText();
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(RunSpec run, string folder, int attempt)
    {
        string[] argv = run switch
        {
            RunSpec.Process process => [.. process.Argv],
            RunSpec.Shell shell => ["/bin/sh", "-c", shell.Command],
            _ => throw new UnreachableException($"The sample has work that this test cannot start: {run}."),
        };
        var start = new ProcessStartInfo(argv[0], argv[1..]) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TASKS_ATTEMPT"] = attempt.ToString(CultureInfo.InvariantCulture);
        using var child = Process.Start(start)!;
        var output = child.StandardOutput.ReadToEndAsync();
        var errors = child.StandardError.ReadToEndAsync();
        await child.WaitForExitAsync();
        return (child.ExitCode, await output + await errors);
    }

    [GeneratedRegex(@"\.(?<name>\w+)|\[(?<index>\d+)\]|\['(?<name>[^']*)'\]", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex QueryStep();
}
