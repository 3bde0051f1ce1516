using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Slaps.TestKit;

namespace Slaps.Repository.Tests;

/// <summary>What anybody finds who walks in: nothing lies about, everything has a name and is built.</summary>
public sealed partial class HouseTests
{
    /// <summary>What may stand in the front hall, the repository's root. A new thing gets a room before it gets a line here.</summary>
    private static readonly string[] FrontHall =
    [
        ".ci", ".editorconfig", ".gitattributes", ".github", ".gitignore", "ARCHITECTURE.md", "CHANGELOG.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md",
        "Directory.Build.props", "Directory.Packages.props", "LICENSE", "README.md", "SECURITY.md", "Slaps.slnx", "THIRD-PARTY-NOTICES.md",
        "bench", "docs", "eng", "global.json", "samples", "src", "tests",
    ];

    private static readonly string[] NamesThatSayNothing = ["Utils", "Util", "Utilities", "Common", "Helpers", "Helper", "Misc"];

    [Fact]
    public void The_root_holds_only_what_belongs_there() => Assert.Empty(Tracked().Select(path => path.Split('/')[0]).Distinct().Except(FrontHall));

    [Fact]
    public void No_folder_file_namespace_or_type_has_a_name_that_says_nothing()
    {
        var paths = Tracked().Where(path => path.Split('/', '.').Any(NamesThatSayNothing.Contains));
        var declarations =
            from path in Sources.CSharp("src").Concat(Sources.CSharp("tests"))
            from Match declared in Declaration().Matches(File.ReadAllText(Sources.At(path)))
            where declared.Groups["name"].Value.Split('.').Any(part => NamesThatSayNothing.Any(empty => part.EndsWith(empty, StringComparison.Ordinal)))
            select $"{path}: {declared.Value}";

        Assert.Empty(paths.Concat(declarations));
    }

    [Fact]
    public void Nothing_in_src_is_left_for_later()
    {
        var left =
            from path in Sources.CSharp("src")
            from line in File.ReadLines(Sources.At(path)).Index()
            where LeftForLater().IsMatch(line.Item)
            select $"{path}:{line.Index + 1}: {line.Item.Trim()}";

        Assert.Empty(left);
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var listed = XDocument.Load(Sources.At("Slaps.slnx")).Descendants("Project").Select(project => (string)project.Attribute("Path")!);

        Assert.Equal(Tracked().Where(path => path.EndsWith(".csproj", StringComparison.Ordinal)).Order(), listed.Order());
    }

    [Fact]
    public void Every_project_has_its_lock_file() =>
        Assert.Equal(
            Tracked().Where(path => path.EndsWith(".csproj", StringComparison.Ordinal)).Select(Path.GetDirectoryName).Order(),
            Tracked().Where(path => Path.GetFileName(path) == "packages.lock.json").Select(Path.GetDirectoryName).Order());

    [Fact]
    public void Every_link_between_documents_leads_somewhere()
    {
        var broken =
            from path in Tracked()
            where path.EndsWith(".md", StringComparison.Ordinal)
            from Match link in RelativeLink().Matches(File.ReadAllText(Sources.At(path)))
            let target = Path.Combine(Path.GetDirectoryName(Sources.At(path))!, Uri.UnescapeDataString(link.Groups["target"].Value))
            where !Path.Exists(target)
            select $"{path}: {link.Value}";

        Assert.Empty(broken);
    }

    [Fact]
    public void Every_script_can_be_started()
    {
        if (OperatingSystem.IsWindows()) return;   // No mode bits there.

        var scripts = Tracked().Where(path => path.Split('/')[0] is ".ci" or "eng" or "bench").Where(StartsWithShebang).ToList();
        foreach (var path in scripts)
            Assert.True(File.GetUnixFileMode(Sources.At(path)).HasFlag(UnixFileMode.UserExecute), $"{path} cannot be started: chmod +x it.");
        Assert.NotEmpty(scripts);
    }

    /// <summary>What git knows, and what it would take up: a file that was just written counts, ignored ones do not.</summary>
    private static IReadOnlyList<string> Tracked()
    {
        var start = new ProcessStartInfo(Needs.Tool("git")) { WorkingDirectory = Needs.RepositoryRoot, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in (string[])["ls-files", "-z", "--cached", "--others", "--exclude-standard"]) start.ArgumentList.Add(argument);
        using var git = Process.Start(start)!;
        var paths = git.StandardOutput.ReadToEnd().Split('\0', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        Assert.True(git.ExitCode == 0, "git does not list the files of this folder; the tests of the house run in a clone.");

        // A deleted file stays in the index until the deletion is staged.
        return [.. paths.Where(path => Path.Exists(Sources.At(path)))];
    }

    private static bool StartsWithShebang(string path) => File.ReadLines(Sources.At(path)).FirstOrDefault("").StartsWith("#!", StringComparison.Ordinal);

    [GeneratedRegex(@"^\s*(?:(?:public|internal|private|protected|static|sealed|abstract|partial|readonly|file)\s+)*(?:namespace|class|record|struct|interface|enum)\s+(?:class\s+|struct\s+)?(?<name>[\w.]+)", RegexOptions.Multiline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\b(?:TODO|FIXME|HACK|XXX|NotImplementedException)\b", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex LeftForLater();

    [GeneratedRegex(@"\]\((?!\w+:|#)(?<target>[^)\s#]+)", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex RelativeLink();
}
