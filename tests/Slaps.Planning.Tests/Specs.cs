using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Tests;

/// <summary>Plans specifications and finds the repository's own files.</summary>
internal static class Specs
{
    public static string RepositoryRoot { get; } = FindRoot();

    public static PlannedSpecification Planned(string markdown)
    {
        var planned = TryPlan(markdown, out var diagnostics);
        Assert.True(planned is not null, string.Join('\n', diagnostics.Items));
        return planned;
    }

    public static PlannedSpecification? TryPlan(string markdown, out DiagnosticBag diagnostics)
    {
        diagnostics = new DiagnosticBag();
        return SpecificationPlanner.Plan(markdown, "SPEC.md", diagnostics);
    }

    /// <summary>The only task of a specification whose list item goes on with these lines below its sh block.</summary>
    public static PlanTask TaskWith(string lines, string script = "make all", string resources = "") =>
        Assert.Single(Planned(Around(lines, script, resources)).Draft.Tasks);

    /// <summary>A specification with one task; <paramref name="lines"/> start in line 10 when the script has one line and there are no resources.</summary>
    public static string Around(string lines, string script = "make all", string resources = "") =>
        $"# Spec\n{resources}\n## Feature\n\n- Do it\n  ```sh\n{Indented(script)}\n  ```\n\n{Indented(lines)}\n";

    private static string Indented(string lines) => string.Join('\n', lines.Split('\n').Select(l => "  " + l));

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Slaps.slnx"))) folder = Path.GetDirectoryName(folder.TrimEnd('/')) ?? throw new DirectoryNotFoundException("No folder above the tests holds Slaps.slnx.");
        return folder;
    }
}
