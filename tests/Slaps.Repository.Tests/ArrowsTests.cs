namespace Slaps.Repository.Tests;

/// <summary>Who may know whom. The drawing is in ARCHITECTURE.md; a new project gets its arrows there and here, in the same commit.</summary>
public sealed class ArrowsTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Slaps.Core"] = [],
        ["Slaps.Planning"] = ["Slaps.Core"],
        ["Slaps.Runtime"] = ["Slaps.Core"],
        ["Slaps.Journal.Sqlite"] = ["Slaps.Runtime"],
        ["Slaps.Cli"] = ["Slaps.Core", "Slaps.Journal.Sqlite", "Slaps.Planning", "Slaps.Runtime"],
    };

    [Fact]
    public void Projects_reference_only_along_the_arrows()
    {
        foreach (var (name, project) in Sources.Projects("src"))
        {
            Assert.True(Allowed.TryGetValue(name, out var allowed), $"{name} has no arrows. Draw them in ARCHITECTURE.md and in this test.");
            var wrong = Sources.Includes(project, "ProjectReference").Except(allowed!);
            Assert.True(!wrong.Any(), $"{name} must not reference {string.Join(", ", wrong)}; it may reference: {string.Join(", ", allowed!)}.");
        }
    }

    [Fact]
    public void Every_project_that_has_arrows_exists() =>
        Assert.Equal(Allowed.Keys.Order(), Sources.Projects("src").Keys.Order());

    [Fact]
    public void The_core_needs_no_package() =>
        Assert.Empty(Sources.Includes(Sources.Projects("src")["Slaps.Core"], "PackageReference"));

    [Theory]
    [InlineData("Slaps.Planning.dll", "Slaps.Runtime")]
    [InlineData("Slaps.Runtime.dll", "Slaps.Planning")]
    [InlineData("Slaps.Runtime.dll", "Microsoft.Data.Sqlite")]
    public void The_compiled_assembly_does_not_know(string assembly, string other) =>
        Assert.DoesNotContain(other, Compiled.Read(assembly).Assemblies);
}
