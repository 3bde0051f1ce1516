using System.Text.Json;
using System.Text.RegularExpressions;

namespace Slaps.Planning.Codebase;

/// <summary>
/// Reads what manifests offer for testing, building and linting. Only what a manifest says is offered: no command is guessed from the
/// language alone, because a check that was made up is worse than none.
/// </summary>
internal static partial class ProjectManifests
{
    /// <summary>The project that a manifest makes of its folder; null when the file is none, or offers nothing and says nothing.</summary>
    /// <param name="path">A file of the codebase.</param>
    /// <param name="codebase">The codebase.</param>
    /// <param name="files">Its files.</param>
    public static CodeProject? Read(string path, ICodebase codebase, HashSet<string> files)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        if (KindOf(name) is not { } kind || codebase.Read(path) is not { } text) return null;
        var manifest = new ManifestText(path, text);
        var place = new Place(manifest, files, codebase);
        var commands = kind switch
        {
            "npm" => Npm(place),
            "dotnet" => Dotnet(place),
            "cargo" => Cargo(place),
            "go" => Go(place),
            "python" => Python(place),
            "make" => Make(place),
            "just" => Just(place),
            "maven" => Maven(place),
            "gradle" => Gradle(place),
            _ => CMake(place),
        };
        var offered = commands.GroupBy(c => c.Purpose).OrderBy(g => g.Key).Select(g => g.First()).ToList();
        return new CodeProject(manifest.Folder, path, kind, offered);
    }

    private static string? KindOf(string name) => name switch
    {
        "package.json" => "npm",
        "Cargo.toml" => "cargo",
        "go.mod" => "go",
        "pyproject.toml" or "tox.ini" or "pytest.ini" or "setup.cfg" => "python",
        "Makefile" or "makefile" or "GNUmakefile" => "make",
        "justfile" or "Justfile" => "just",
        "pom.xml" => "maven",
        "build.gradle" or "build.gradle.kts" => "gradle",
        "CMakeLists.txt" => "cmake",
        _ => Path.GetExtension(name) is ".csproj" or ".fsproj" or ".sln" or ".slnx" ? "dotnet" : null,
    };

    // --- package.json ---

    private static IEnumerable<OfferedCommand> Npm(Place place)
    {
        JsonDocument json;
        try
        {
            json = JsonDocument.Parse(place.Manifest.Text, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 64 });
        }
        catch (JsonException)
        {
            // Broken JSON offers nothing; npm will say so to whoever runs it.
            yield break;
        }

        using (json)
        {
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("scripts", out var scripts) || scripts.ValueKind != JsonValueKind.Object) yield break;
            var manager = place.HasAbove("pnpm-lock.yaml") ? "pnpm" : place.HasAbove("yarn.lock") ? "yarn" : place.HasAbove("bun.lockb") || place.HasAbove("bun.lock") ? "bun" : "npm";
            (CommandPurpose, string[])[] wanted =
            [
                (CommandPurpose.Test, ["test", "test:unit", "test:ci"]),
                (CommandPurpose.Build, ["build", "compile", "typecheck", "type-check"]),
                (CommandPurpose.Lint, ["lint", "lint:check", "check"]),
            ];
            foreach (var (purpose, names) in wanted)
            {
                foreach (var name in names)
                {
                    if (!scripts.TryGetProperty(name, out var script) || script.ValueKind != JsonValueKind.String) continue;

                    // What `npm init` writes, and what never ends or changes files, is no check.
                    var does = script.GetString()!;
                    if (does.Contains("no test specified", StringComparison.Ordinal) || NeverEnds().IsMatch(does) || (purpose == CommandPurpose.Lint && does.Contains("--fix", StringComparison.Ordinal))) continue;
                    var line = place.Manifest.Find(new Regex($"\"{Regex.Escape(name)}\"\\s*:", RegexOptions.NonBacktracking));
                    yield return place.Offer(purpose, line, $"The script {name} of {place.Manifest.Path} is for this.", manager, "run", name);
                    break;
                }
            }
        }
    }

    // --- .NET ---

    private static IEnumerable<OfferedCommand> Dotnet(Place place)
    {
        var file = Path.GetFileName(place.Manifest.Path);
        var isSolution = file.EndsWith(".sln", StringComparison.Ordinal) || file.EndsWith(".slnx", StringComparison.Ordinal);
        var tests = place.Manifest.Find(isSolution ? TestProject() : TestPackage());
        if (tests >= 0) yield return place.Offer(CommandPurpose.Test, tests, isSolution ? "The solution has a test project." : "The project tests others.", "dotnet", "test", file);
        yield return place.Offer(CommandPurpose.Build, 0, "A .NET project or solution is built by its name.", "dotnet", "build", file);
    }

    // --- Cargo ---

    private static IEnumerable<OfferedCommand> Cargo(Place place)
    {
        var line = place.Manifest.FindSection("package") is var package && package >= 0 ? package : place.Manifest.FindSection("workspace");
        if (line < 0) yield break;
        yield return place.Offer(CommandPurpose.Test, line, "Every Cargo package has its test command.", "cargo", "test");
        yield return place.Offer(CommandPurpose.Build, line, "Every Cargo package has its build command.", "cargo", "build");
        var lints = place.Manifest.FindSection("lints.clippy") is var own && own >= 0 ? own : place.Manifest.FindSection("workspace.lints.clippy");
        if (lints >= 0) yield return place.Offer(CommandPurpose.Lint, lints, "The package sets rules for clippy.", "cargo", "clippy", "--", "-D", "warnings");
    }

    // --- Go ---

    private static IEnumerable<OfferedCommand> Go(Place place)
    {
        var line = place.Manifest.Find(GoModule());
        if (line < 0) yield break;
        if (place.HasBelow("_test.go")) yield return place.Offer(CommandPurpose.Test, line, "A Go module with tests is tested by its tool.", "go", "test", "./...");
        yield return place.Offer(CommandPurpose.Build, line, "A Go module is built by its tool.", "go", "build", "./...");
        if (place.HasHere(".golangci.yml") || place.HasHere(".golangci.yaml") || place.HasHere(".golangci.toml"))
            yield return place.Offer(CommandPurpose.Lint, line, "The module has rules for golangci-lint.", "golangci-lint", "run");
        else yield return place.Offer(CommandPurpose.Lint, line, "The Go tool vets every module.", "go", "vet", "./...");
    }

    // --- Python ---

    private static IEnumerable<OfferedCommand> Python(Place place)
    {
        var manifest = place.Manifest;
        string[] through = place.HasHere("uv.lock") ? ["uv", "run"] : place.HasHere("poetry.lock") ? ["poetry", "run"] : [];
        var name = Path.GetFileName(manifest.Path);
        if (name == "tox.ini" && manifest.FindSection("tox") is var tox && tox >= 0)
            yield return place.Offer(CommandPurpose.Test, tox, "tox runs the tests.", "tox");

        var tests = name switch
        {
            "pytest.ini" => manifest.FindSection("pytest"),
            "setup.cfg" => manifest.FindSection("tool:pytest"),
            "tox.ini" => manifest.FindSection("pytest"),
            _ => manifest.FindSection("tool.pytest"),
        };
        if (tests < 0) tests = manifest.Find(PytestDependency());
        if (tests >= 0) yield return place.Offer(CommandPurpose.Test, tests, "The project is tested with pytest.", [.. through, .. through.Length > 0 ? (string[])["pytest"] : ["python3", "-m", "pytest"]]);

        string[] runs = through.Length > 0 ? through : ["python3", "-m"];
        if (manifest.FindSection("tool.ruff") is var ruff && ruff >= 0) yield return place.Offer(CommandPurpose.Lint, ruff, "The project sets rules for ruff.", [.. runs, "ruff", "check", "."]);
        if (manifest.FindSection("flake8") is var flake && flake >= 0) yield return place.Offer(CommandPurpose.Lint, flake, "The project sets rules for flake8.", [.. runs, "flake8"]);
        if (manifest.FindSection("tool.mypy") is var mypy && mypy >= 0) yield return place.Offer(CommandPurpose.Build, mypy, "The project is checked by mypy; Python has no other build.", [.. runs, "mypy", "."]);
    }

    // --- Make and just ---

    private static IEnumerable<OfferedCommand> Make(Place place) => Targets(place, "make", MakeTarget());

    private static IEnumerable<OfferedCommand> Just(Place place) => Targets(place, "just", JustRecipe());

    private static IEnumerable<OfferedCommand> Targets(Place place, string program, Regex target)
    {
        var targets = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < place.Manifest.Lines.Count; i++)
        {
            var match = target.Match(place.Manifest.Lines[i]);
            if (!match.Success) continue;
            foreach (var name in match.Groups["names"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)) targets.TryAdd(name, i);
        }

        (CommandPurpose, string[])[] wanted =
        [
            (CommandPurpose.Test, ["test", "tests", "check", "unit-test", "test-unit"]),
            (CommandPurpose.Build, ["build", "all", "compile"]),
            (CommandPurpose.Lint, ["lint", "vet", "fmt-check", "check-format"]),
        ];
        foreach (var (purpose, names) in wanted)
        {
            if (names.FirstOrDefault(targets.ContainsKey) is { } name)
                yield return place.Offer(purpose, targets[name], $"The target {name} of {place.Manifest.Path} is for this.", program, name);
        }
    }

    // --- Java ---

    private static IEnumerable<OfferedCommand> Maven(Place place)
    {
        var program = place.HasHere("mvnw") ? "./mvnw" : "mvn";
        if (place.HasBelow("Test.java", "src/test/")) yield return place.Offer(CommandPurpose.Test, 0, "A Maven project with tests has its test phase.", program, "-B", "-q", "test");
        yield return place.Offer(CommandPurpose.Build, 0, "A Maven project has its compile phase.", program, "-B", "-q", "compile");
    }

    private static IEnumerable<OfferedCommand> Gradle(Place place)
    {
        var program = place.HasHere("gradlew") ? "./gradlew" : "gradle";
        if (place.HasBelow("", "src/test/")) yield return place.Offer(CommandPurpose.Test, 0, "A Gradle project with tests has its test task.", program, "--console=plain", "test");
        yield return place.Offer(CommandPurpose.Build, 0, "A Gradle project has its assemble task.", program, "--console=plain", "assemble");
    }

    // --- CMake: configuring, building and testing is one command of ctest, as a check is one argv ---

    private static IEnumerable<OfferedCommand> CMake(Place place)
    {
        var project = place.Manifest.Find(CMakeProject());
        if (project < 0) yield break;   // A part of a larger project.
        string[] build = ["ctest", "--build-and-test", ".", "build", "--build-generator", "Unix Makefiles"];
        var tests = place.Manifest.Find(CMakeTesting());
        if (tests >= 0) yield return place.Offer(CommandPurpose.Test, tests, "The project declares tests.", [.. build, "--test-command", "ctest", "--output-on-failure"]);
        yield return place.Offer(CommandPurpose.Build, project, "A CMake project is configured and built.", build);
    }

    private sealed record Place(ManifestText Manifest, HashSet<string> Files, ICodebase Codebase)
    {
        public OfferedCommand Offer(CommandPurpose purpose, int line, string why, params string[] argv) => new(purpose, argv, Manifest.Folder, Manifest.Quote(line, why));

        public bool HasHere(string name) => Files.Contains(Manifest.Folder == "." ? name : $"{Manifest.Folder}/{name}");

        public bool HasAbove(string name)
        {
            for (var folder = Manifest.Folder; ; folder = folder.LastIndexOf('/') is var slash && slash > 0 ? folder[..slash] : ".")
            {
                if (Files.Contains(folder == "." ? name : $"{folder}/{name}")) return true;
                if (folder == ".") return false;
            }
        }

        public bool HasBelow(string end, string inside = "")
        {
            var start = Manifest.Folder == "." ? "" : Manifest.Folder + "/";
            return Codebase.Files.Any(f => f.StartsWith(start, StringComparison.Ordinal) && f.EndsWith(end, StringComparison.Ordinal) && f.AsSpan(start.Length).Contains(inside, StringComparison.Ordinal));
        }
    }

    [GeneratedRegex(@"--watch(?!=false|All=false)|\bnodemon\b", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex NeverEnds();

    [GeneratedRegex(@"Microsoft\.NET\.Test\.Sdk|<IsTestProject>true|xunit\.v3|MSTest\.Sdk|TUnit", RegexOptions.NonBacktracking)]
    private static partial Regex TestPackage();

    [GeneratedRegex(@"Tests?\.(?:cs|fs|vb)proj", RegexOptions.NonBacktracking)]
    private static partial Regex TestProject();

    [GeneratedRegex(@"^\s*module\s+\S", RegexOptions.NonBacktracking)]
    private static partial Regex GoModule();

    [GeneratedRegex(@"^\s*[""']?pytest(?![\w-])|[""']pytest(?![\w-])", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex PytestDependency();

    [GeneratedRegex(@"^(?<names>[A-Za-z0-9_./-]+(?: +[A-Za-z0-9_./-]+)*) *::?(?:[^=:]|$)", RegexOptions.NonBacktracking)]
    private static partial Regex MakeTarget();

    [GeneratedRegex(@"^@?(?<names>[A-Za-z_][A-Za-z0-9_-]*)(?: [^:]*)?:(?:[^=]|$)", RegexOptions.NonBacktracking)]
    private static partial Regex JustRecipe();

    [GeneratedRegex(@"^\s*project\s*\(", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex CMakeProject();

    [GeneratedRegex(@"^\s*(?:enable_testing|include\s*\(\s*CTest)", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex CMakeTesting();
}
