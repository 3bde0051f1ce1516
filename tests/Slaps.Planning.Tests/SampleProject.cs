using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Tests;

/// <summary>A sample of <c>samples/</c>: its plan, and its commands run by hand in a copy, one after the other.</summary>
internal sealed partial class SampleProject : IDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly string _source;

    public SampleProject(string name)
    {
        _source = Path.Combine(Specs.RepositoryRoot, "samples", name);
        _folder = Directory.CreateTempSubdirectory($"{name}-");
        CopySources();
    }

    public static IEnumerable<string> Names => Directory.EnumerateDirectories(Path.Combine(Specs.RepositoryRoot, "samples")).Where(folder => File.Exists(Path.Combine(folder, "SPEC.md"))).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal);

    public bool NeedsNode => File.Exists(Path.Combine(_source, "package.json"));

    public static (Plan Plan, DiagnosticBag Diagnostics) PlanOf(string name)
    {
        var diagnostics = new DiagnosticBag();
        var planned = SpecificationPlanner.Plan(File.ReadAllBytes(Path.Combine(Specs.RepositoryRoot, "samples", name, "SPEC.md")), "SPEC.md", diagnostics);
        Assert.True(planned is not null, string.Join('\n', diagnostics.Items));
        return (Plan.Build(planned.Draft, diagnostics)!, diagnostics);
    }

    /// <summary>Runs every task, and insists that no check holds before it, that each does after it, and that it leaves behind what it says.</summary>
    /// <returns>How many attempts each task took, by its title.</returns>
    public async Task<Dictionary<string, int>> RunAsync(Plan plan)
    {
        var attempts = new Dictionary<string, int>();
        foreach (var index in plan.Graph.TopologicalOrder())
        {
            var task = plan.Tasks[index];
            Assert.False(await AllHoldAsync(task), $"{task.Title}: its checks hold before the work.");
            var attempt = 1;
            while (await RunAsync(task.Run, _folder.FullName, attempt) is var (exitCode, output) && exitCode != 0)
                Assert.True(attempt++ <= (task.MaxRetries ?? 0), $"{task.Title} failed with {exitCode}:\n{output}");

            attempts.Add(task.Title, attempt);
            foreach (var check in task.Checks) Assert.True(await HoldsAsync(check), $"{task.Title}: {check} does not hold.");
            Assert.All(task.Produces, artifact => Assert.True(File.Exists(Path.Combine(_folder.FullName, artifact.Path)), artifact.Path));
        }

        return attempts;
    }

    public static async Task<bool> HasNodeAsync()
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

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task<bool> AllHoldAsync(PlanTask task)
    {
        foreach (var check in task.Checks)
        {
            if (!await HoldsAsync(check)) return false;
        }

        return true;
    }

    // Without what an earlier run by hand may have left there: what the sample itself ignores.
    private void CopySources()
    {
        string[] made = [".slaps", .. File.ReadAllLines(Path.Combine(_source, ".gitignore")).Select(line => line.Trim('/'))];
        foreach (var file in Directory.EnumerateFiles(_source, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(_source, file);
            if (made.Contains(relative.Split(Path.DirectorySeparatorChar)[0])) continue;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder.FullName, relative))!);
            File.Copy(file, Path.Combine(_folder.FullName, relative));
        }
    }

    private async Task<bool> HoldsAsync(AcceptanceCheck check)
    {
        var folder = _folder.FullName;
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
