using Slaps.Runtime.Failures;

namespace Slaps.Runtime.Tests.Failures;

public sealed class ManifestsTests : IDisposable
{
    private readonly string _workspace = Directory.CreateTempSubdirectory("manifests-").FullName;

    public void Dispose() => Directory.Delete(_workspace, recursive: true);

    [Theory]
    [InlineData("package.json", """{"dependencies":{"lodash":"1"},"devDependencies":{"@a/b":"2"}}""", "lodash/fp", true)]
    [InlineData("package.json", """{"dependencies":{"lodash":"1"},"devDependencies":{"@a/b":"2"}}""", "@a/b/c", true)]
    [InlineData("package.json", """{"dependencies":{"lodash":"1"}}""", "lodas", false)]
    [InlineData("package.json", """{"scripts":{"lodash":"1"}}""", "lodash", false)]
    [InlineData("package.json", "{ broken", "lodash", false)]
    [InlineData("requirements.txt", "# flask\nFlask_Cors==3\n", "flask_cors", true)]
    [InlineData("requirements.txt", "# flask\nFlask_Cors==3\n", "flask", false)]
    [InlineData("requirements.txt", "PyYAML>=6 ; python_version > '3'\n", "yaml", true)]
    [InlineData("requirements.txt", "./feed/leftpad-1.0.tar.gz\n", "leftpad", true)]
    [InlineData("requirements.txt", "-r other.txt\n", "r", false)]
    [InlineData("Gemfile", "gem 'rails', '~> 7'\n", "rails", true)]
    [InlineData("go.mod", "module a\nrequire (\n\tgithub.com/a/b v1.2.3\n)\n", "github.com/a/b/sub", true)]
    [InlineData("go.mod", "module a\nrequire github.com/a/b v1.2.3\n", "github.com/a/bc", false)]
    [InlineData("Cargo.toml", "[dependencies]\nserde_json = \"1\"\n", "serde-json", true)]
    [InlineData("Cargo.toml", "[dependencies]\nserde_json = \"1\"\n", "serde", false)]
    public void A_package_is_the_projects_where_its_manifest_names_it(string file, string text, string package, bool named)
    {
        File.WriteAllText(Path.Combine(_workspace, file), text);

        Assert.Equal(named ? file : null, Manifests.Declaring(_workspace, ".", package));
    }

    [Fact]
    public void The_nearest_manifest_up_to_the_workspace_counts_and_a_link_counts_for_nothing()
    {
        Directory.CreateDirectory(Path.Combine(_workspace, "app", "src"));
        File.WriteAllText(Path.Combine(_workspace, "package.json"), """{"dependencies":{"a":"1","b":"1"}}""");
        File.WriteAllText(Path.Combine(_workspace, "app", "package.json"), """{"dependencies":{"a":"1"}}""");
        File.WriteAllText(Path.Combine(_workspace, "real.txt"), "linked\n");
        File.CreateSymbolicLink(Path.Combine(_workspace, "requirements.txt"), Path.Combine(_workspace, "real.txt"));

        Assert.Equal("app/package.json", Manifests.Declaring(_workspace, "app/src", "a"));
        Assert.Equal("package.json", Manifests.Declaring(_workspace, "app/src", "b"));
        Assert.Null(Manifests.Declaring(_workspace, ".", "linked"));
    }

    [Theory]
    [InlineData("low 0\nhigh 0\nmax 3\noom 2\noom_kill 7\noom_group_kill 0\n", 7L)]
    [InlineData("oom_kill_disable 0\nunder_oom 0\noom_kill 0\n", 0L)]
    [InlineData("nothing of the sort\n", null)]
    public void The_kernels_count_of_kills_for_memory_is_read(string text, long? count) => Assert.Equal(count, MemoryKills.CountIn(text));

    [Fact]
    public void The_kernel_of_this_machine_says_how_many_it_has_killed() => Assert.True(MemoryKills.Count() >= 0);
}
