using System.Text.Json;
using Slaps.Core.Plans;
using Slaps.Planning.Codebase;
using Slaps.Planning.Tests.Dependencies;

namespace Slaps.Planning.Tests.Codebase;

public sealed class CodebaseSurveyTests
{
    [Theory]
    [InlineData("src/Store.cs", "public interface IStore\n{\n}", "IStore", CodeSymbolKind.ExtensionPoint)]
    [InlineData("src/Store.cs", "public sealed class Store(int size)", "Store", CodeSymbolKind.Type)]
    [InlineData("src/Store.cs", "    public static async Task<int> CountAsync(string name)", "CountAsync", CodeSymbolKind.Function)]
    [InlineData("src/Web.cs", "app.MapGet(\"/users/{id}\", Find);", "GET /users/{id}", CodeSymbolKind.Route)]
    [InlineData("src/store.ts", "export abstract class Store {", "Store", CodeSymbolKind.ExtensionPoint)]
    [InlineData("src/store.ts", "export async function openStore(path: string) {", "openStore", CodeSymbolKind.Function)]
    [InlineData("src/server.js", "router.post('/login', login);", "POST /login", CodeSymbolKind.Route)]
    [InlineData("store.py", "class Store(ABC):", "Store", CodeSymbolKind.ExtensionPoint)]
    [InlineData("store.py", "    def count(self):", "count", CodeSymbolKind.Function)]
    [InlineData("store.go", "func (s *Store) Count() int {", "Count", CodeSymbolKind.Function)]
    [InlineData("store.go", "type Reader interface {", "Reader", CodeSymbolKind.ExtensionPoint)]
    [InlineData("Store.java", "public final class Store {", "Store", CodeSymbolKind.Type)]
    [InlineData("store.rs", "pub trait Store: Send {", "Store", CodeSymbolKind.ExtensionPoint)]
    [InlineData("store.rs", "    pub async fn count(&self) -> usize {", "count", CodeSymbolKind.Function)]
    public void Public_names_are_found_by_their_lines(string path, string line, string name, CodeSymbolKind kind)
    {
        var survey = new Tree().With(path, "\n" + line).Survey();

        Assert.Equal(new CodeSymbol(name, kind, path, 2), survey.Symbols[0]);
        Assert.True(survey.Knows(name));
    }

    [Theory]
    [InlineData("store.py", "def _hidden():")]
    [InlineData("store.go", "func hidden() {}")]
    [InlineData("store.cs", "    private void Hidden()")]
    [InlineData("tests/store.ts", "export function helper() {")]
    public void What_others_cannot_use_is_not_listed(string path, string line) => Assert.Empty(new Tree().With(path, line).Survey().Symbols);

    [Theory]
    [InlineData("core/paths.py", "src/app/core/paths.py")]
    [InlineData("paths.py", "src/app/core/paths.py")]
    [InlineData("other/paths.py", "other/paths.py")]
    [InlineData("__init__.py", "__init__.py")]
    [InlineData("src/app/core/paths.py", "src/app/core/paths.py")]
    public void A_short_path_is_the_only_file_that_ends_so(string named, string meant)
    {
        var survey = new Tree().With("src/app/core/paths.py").With("src/app/__init__.py").With("src/app/core/__init__.py").Survey();

        Assert.Equal(meant, survey.Resolve(named));
    }

    [Fact]
    public void Paths_and_names_that_a_task_gives_are_there_or_new()
    {
        var survey = new Tree().With("src/store/db.ts", "export class UserStore {}").Survey();

        Assert.All(["src/store/db.ts", "./src/store/", "src", "src/store/*.ts", "UserStore", "UserStore()", "db.UserStore"], given => Assert.True(survey.Knows(given), given));
        Assert.All(["src/store/cache.ts", "lib/*.ts", "CacheStore", "../src"], given => Assert.False(survey.Knows(given), given));
    }

    [Fact]
    public void Languages_are_counted_by_files()
    {
        var survey = new Tree().With("a.py").With("b.py").With("c.go").With("README.md").Survey();

        Assert.Equal([new("Python", 2), new("Go", 1)], survey.Languages);
        Assert.Equal(4, survey.FileCount);
    }

    [Fact]
    public void Migrations_databases_and_fixed_ports_are_shared()
    {
        var survey = new Tree()
            .With("db/migrations/001_init.sql")
            .With("docker-compose.yml", """
                services:
                  db:
                    image: postgres:16
                    ports:
                      - "5432:5432"
                  web:
                    build: .
                    environment:
                      - "1234:99"
                volumes:
                  data:
                """).Survey();

        Assert.Equal(["migrations", "port.5432", "service.db"], survey.Shared.Select(s => s.Name));
        Assert.Equal("docker-compose.yml#L5", survey.Shared[1].Location);
        Assert.Equal("image: postgres:16", survey.Shared[2].Evidence!.Excerpt);
    }

    [Fact]
    public void The_analysis_has_the_fields_of_the_design_and_says_what_is_reused()
    {
        var survey = new Tree()
            .With("src/store.ts", "export interface Store {}\nexport function openStore() {}")
            .With("migrations/1.sql").Survey();
        var item = An.Item("Extend the store") with { Symbols = ["openStore()"], Paths = ["src/store.ts", "src/new.ts"] };

        using var json = JsonDocument.Parse(survey.Analysis([item]));
        var root = json.RootElement;

        Assert.Equal(["openStore (src/store.ts#L2)"], Texts("existing_apis"));
        Assert.Equal(["Store (src/store.ts#L1)"], Texts("extension_points"));
        Assert.Equal(["openStore (src/store.ts#L2)", "src/store.ts"], Texts("reused_components"));
        Assert.Equal("exclusive", root.GetProperty("shared_resources").GetProperty("migrations").GetProperty("type").GetString());
        Assert.Equal(survey.Analysis([item]), CanonicalJson.Text(root));

        string[] Texts(string name) => [.. root.GetProperty(name).EnumerateArray().Select(e => e.GetString()!)];
    }
}
