using Slaps.Planning.Codebase;

namespace Slaps.Planning.Tests.Codebase;

public sealed class IgnoreRulesTests
{
    [Theory]
    [InlineData("bin/", "bin", true, true)]
    [InlineData("bin/", "bin", false, null)]
    [InlineData("bin/", "src/bin", true, true)]
    [InlineData("/bin", "src/bin", true, null)]
    [InlineData("src/*.log", "src/a.log", false, true)]
    [InlineData("src/*.log", "src/deep/a.log", false, null)]
    [InlineData("**/gen/*.cs", "a/b/gen/x.cs", false, true)]
    [InlineData("docs/**", "docs/a/b.md", false, true)]
    [InlineData("*.py[co]", "a/x.pyc", false, true)]
    [InlineData("*.log\n!keep.log", "keep.log", false, false)]
    [InlineData("# a comment\n\n\\#odd", "#odd", false, true)]
    [InlineData("[z-a]", "b", false, null)]
    public void Rules_mean_what_git_means(string rules, string path, bool isFolder, bool? ignored) =>
        Assert.Equal(ignored, IgnoreRules.Parse(rules).Ignores(path, isFolder));
}
