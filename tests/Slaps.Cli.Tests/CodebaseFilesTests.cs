using Slaps.Planning.Codebase;
using Slaps.TestKit;

namespace Slaps.Cli.Tests;

/// <summary>A folder as a codebase, and its copy for trials: what is listed, what is read, what never is.</summary>
public sealed class CodebaseFilesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("tasks-test-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Files_are_listed_in_order_without_what_is_ignored()
    {
        Write(".gitignore", "bin/\n*.log\n");
        Write("web/.gitignore", "!keep.log\n/dist\n");
        foreach (var path in (string[])["b.cs", "a.cs", "bin/a.dll", "web/a.log", "web/keep.log", "web/dist/x.js", "web/src/dist/y.js", ".git/config", ".slaps/journal.db"]) Write(path, "x");

        Assert.Equal([".gitignore", "a.cs", "b.cs", "web/.gitignore", "web/keep.log", "web/src/dist/y.js"], CodebaseFiles.Open(_root).Files);
    }

    [Fact]
    public void Links_are_not_followed_neither_in_a_circle_nor_out_of_the_root()
    {
        Write("src/a.cs", "x");
        Directory.CreateSymbolicLink(Path.Combine(_root, "src", "again"), "..");
        Directory.CreateSymbolicLink(Path.Combine(_root, "etc"), "/etc");
        File.CreateSymbolicLink(Path.Combine(_root, "passwd"), "/etc/passwd");

        var files = CodebaseFiles.Open(_root);

        Assert.Equal(["src/a.cs"], files.Files);
        Assert.Equal(["3 symbolic links were not followed."], files.LeftOut);
        Assert.Null(files.Read("passwd"));
        Assert.Null(files.Read("../" + Path.GetFileName(_root) + "/src/a.cs"));
        Assert.Null(files.Read("/etc/passwd"));
    }

    [Fact]
    public void What_is_no_text_or_too_large_is_listed_and_not_read()
    {
        Write("text.md", "\uFEFFgrüß dich");
        File.WriteAllBytes(Path.Combine(_root, "binary.bin"), [0x50, 0, 0x51]);
        File.WriteAllBytes(Path.Combine(_root, "latin.txt"), [0x67, 0xFC]);
        File.WriteAllBytes(Path.Combine(_root, "large.txt"), new byte[CodebaseFiles.MostBytes + 1]);

        var files = CodebaseFiles.Open(_root);

        Assert.Equal(4, files.Files.Count);
        Assert.Equal("grüß dich", files.Read("text.md"));
        Assert.Null(files.Read("binary.bin"));
        Assert.Null(files.Read("latin.txt"));
        Assert.Null(files.Read("large.txt"));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_a_sentence()
    {
        var refusal = Assert.Throws<CommandException>(() => CodebaseFiles.Open(Path.Combine(_root, "missing")));

        Assert.Equal(ExitCodes.InvalidInput, refusal.ExitCode);
        Assert.Contains("is not a folder that can be read", refusal.Message);
    }

    [Fact]
    public void The_sample_is_JavaScript_and_its_manifest_without_scripts_offers_nothing()
    {
        var survey = CodebaseSurvey.Of(CodebaseFiles.Open(Path.Combine(Needs.RepositoryRoot, "samples", "textkit")));

        Assert.Equal("JavaScript", survey.Languages[0].Name);
        Assert.Equal("npm", Assert.Single(survey.Projects).Kind);
        Assert.Null(survey.CommandFor("src/csv.mjs", CommandPurpose.Test));
        Assert.Contains(survey.Symbols, s => s is { Name: "slugify", Path: "src/slugify.mjs" });
    }

    [Fact]
    public void A_copy_holds_what_is_ignored_and_no_link_that_leads_out()
    {
        Write(".gitignore", "node_modules/\n");
        Write("node_modules/tool/run.js", "x");
        Write(".git/HEAD", "ref: x");
        File.CreateSymbolicLink(Path.Combine(_root, "inside"), "node_modules/tool/run.js");
        File.CreateSymbolicLink(Path.Combine(_root, "outside"), "../elsewhere");
        File.CreateSymbolicLink(Path.Combine(_root, "absolute"), Path.Combine(_root, ".gitignore"));
        using var target = new Target();

        Assert.Null(TreeCopy.Refuse(_root, target.Path, long.MaxValue, int.MaxValue));

        Assert.Equal("x", File.ReadAllText(Path.Combine(target.Path, "inside")));
        Assert.Equal([".gitignore", "inside", "node_modules"], Directory.EnumerateFileSystemEntries(target.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_tree_that_is_too_large_is_not_copied_and_says_so()
    {
        Write("a", "12345");
        Write("b", "12345");
        using var target = new Target();

        Assert.Contains("more than 0 MiB", TreeCopy.Refuse(_root, target.Path, mostBytes: 9, mostEntries: 10));
        using var other = new Target();
        Assert.Contains("more than 1 files", TreeCopy.Refuse(_root, other.Path, mostBytes: 100, mostEntries: 1));
    }

    private void Write(string path, string text)
    {
        var full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    private sealed class Target : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("tasks-test-").FullName;

        public string Path => System.IO.Path.Combine(_folder, "copy");

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
