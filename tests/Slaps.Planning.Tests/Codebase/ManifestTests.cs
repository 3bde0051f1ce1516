using Slaps.Planning.Codebase;

namespace Slaps.Planning.Tests.Codebase;

public sealed class ManifestTests
{
    [Fact]
    public void The_scripts_of_a_package_are_offered_with_their_lines()
    {
        var survey = new Tree().With("package.json", """
            {
              "scripts": {
                "test": "node --test",
                "build": "tsc -p .",
                "lint": "eslint src"
              }
            }
            """).Survey();

        Assert.Equal(["npm run test", "npm run build", "npm run lint"], Commands(survey));
        var evidence = survey.Projects[0].Commands[0].Evidence;
        Assert.Equal(("package.json#L3", "\"test\": \"node --test\","), (evidence.Source, evidence.Excerpt));
    }

    [Theory]
    [InlineData("\"test\": \"echo \\\"Error: no test specified\\\" && exit 1\"")]
    [InlineData("\"test\": \"jest --watch\"")]
    [InlineData("\"lint\": \"eslint --fix src\"")]
    [InlineData("\"start\": \"node server.js\"")]
    public void A_script_that_tests_nothing_or_never_ends_or_changes_files_is_not_offered(string script) =>
        Assert.Empty(Commands(new Tree().With("package.json", "{\"scripts\":{" + script + "}}").Survey()));

    [Theory]
    [InlineData("pnpm-lock.yaml", "pnpm run test")]
    [InlineData("yarn.lock", "yarn run test")]
    [InlineData("package-lock.json", "npm run test")]
    public void The_lock_file_says_which_package_manager_runs_the_scripts(string lockFile, string command) =>
        Assert.Equal([command], Commands(new Tree().With(lockFile).With("web/package.json", """{"scripts":{"test":"vitest run"}}""").Survey()));

    [Fact]
    public void A_package_file_that_is_no_JSON_offers_nothing() =>
        Assert.Empty(Commands(new Tree().With("package.json", "{\"scripts\": ").Survey()));

    [Fact]
    public void A_solution_with_a_test_project_offers_its_tests()
    {
        var survey = new Tree()
            .With("App.slnx", "<Solution>\n  <Project Path=\"tests/App.Tests/App.Tests.csproj\" />\n</Solution>")
            .With("src/App/App.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\" />")
            .With("tests/App.Tests/App.Tests.csproj", "<Project>\n<PackageReference Include=\"Microsoft.NET.Test.Sdk\" />\n</Project>").Survey();

        Assert.Equal("dotnet test App.slnx", survey.CommandFor("src/App/Store.cs", CommandPurpose.Test)!.Shown);
        Assert.Equal("dotnet build App.csproj", survey.CommandFor("src/App/Store.cs", CommandPurpose.Build)!.Shown);
        Assert.Equal("dotnet test App.Tests.csproj", survey.CommandFor("tests/App.Tests/StoreTests.cs", CommandPurpose.Test)!.Shown);
    }

    [Theory]
    [InlineData("Cargo.toml", "[package]\nname = \"x\"", "cargo test|cargo build")]
    [InlineData("Cargo.toml", "[package]\nname = \"x\"\n[lints.clippy]\nall = \"warn\"", "cargo test|cargo build|cargo clippy -- -D warnings")]
    [InlineData("go.mod", "module example.com/x", "go build ./...|go vet ./...")]
    [InlineData("pyproject.toml", "[tool.pytest.ini_options]\n[tool.ruff]", "python3 -m pytest|python3 -m ruff check .")]
    [InlineData("pyproject.toml", "[project.optional-dependencies]\ndev = [\"pytest>=8\"]", "python3 -m pytest")]
    [InlineData("pyproject.toml", "[project]\ndependencies = [\"pytest-of-ours\"]", "")]
    [InlineData("tox.ini", "[tox]\nenvlist = py312", "tox")]
    [InlineData("Makefile", ".PHONY: test\nCC := gcc\nbuild: main.o\n\tcc\ntest lint:\n\t./run", "make test|make build|make lint")]
    [InlineData("justfile", "set shell := [\"sh\"]\ntest filter='':\n  cargo test", "just test")]
    [InlineData("pom.xml", "<project/>", "mvn -B -q compile")]
    [InlineData("build.gradle", "plugins {}", "gradle --console=plain assemble")]
    [InlineData("CMakeLists.txt", "project(x)\nenable_testing()", "ctest --build-and-test . build --build-generator 'Unix Makefiles' --test-command ctest --output-on-failure|ctest --build-and-test . build --build-generator 'Unix Makefiles'")]
    [InlineData("CMakeLists.txt", "add_library(part part.c)", "")]
    public void Each_manifest_offers_what_it_says(string path, string text, string commands) =>
        Assert.Equal(commands.Split('|', StringSplitOptions.RemoveEmptyEntries), Commands(new Tree().With(path, text).Survey()));

    [Fact]
    public void A_Go_module_and_a_Java_project_are_tested_only_where_there_are_tests()
    {
        Assert.Equal("go test ./...", Commands(new Tree().With("go.mod", "module x").With("store/store_test.go").Survey())[0]);
        Assert.Equal("./mvnw -B -q test", Commands(new Tree().With("pom.xml", "<project/>").With("mvnw").With("src/test/java/AppTest.java").Survey())[0]);
    }

    [Fact]
    public void The_nearest_project_that_offers_a_command_is_taken()
    {
        var survey = new Tree()
            .With("Makefile", "lint:\n\t./lint\ntest:\n\t./all")
            .With("api/go.mod", "module api").With("api/main_test.go").With("api/main.go").Survey();

        Assert.Equal(("api", "go test ./..."), (survey.CommandFor("api/store/new.go", CommandPurpose.Test)!.Folder, survey.CommandFor("api/store/new.go", CommandPurpose.Test)!.Shown));
        Assert.Equal("make test", survey.CommandFor("web/new.ts", CommandPurpose.Test)!.Shown);
        Assert.Null(survey.CommandFor("web/new.ts", CommandPurpose.Build));
    }

    private static List<string> Commands(CodebaseSurvey survey) => [.. survey.Projects.SelectMany(p => p.Commands).Select(c => c.Shown)];
}
