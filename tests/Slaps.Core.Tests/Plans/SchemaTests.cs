using System.Diagnostics;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Slaps.Core.Plans;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Plans;

public sealed class SchemaTests
{
    private static readonly string Folder = Path.Combine(Needs.RepositoryRoot, "docs", "reference", "schemas");

    [Fact]
    public void Each_object_of_a_schema_names_exactly_the_fields_that_are_known_to_the_reader()
    {
        var described = Described();
        var known = typeof(PlanNames).GetFields(BindingFlags.Static | BindingFlags.Public).Select(field => field.GetValue(null)).OfType<KnownFields>()
            .GroupBy(fields => fields.Definition).ToDictionary(group => group.Key, group => group.SelectMany(fields => fields.All).Distinct().Order(StringComparer.Ordinal).ToArray());

        Assert.Equal(known.Keys.Order(StringComparer.Ordinal), described.Keys.Order(StringComparer.Ordinal));
        Assert.All(known, pair => Assert.Equal((pair.Key, string.Join(' ', pair.Value)), (pair.Key, string.Join(' ', described[pair.Key]))));
    }

    [Fact]
    public void Whatever_is_written_and_the_short_form_written_by_hand_suits_its_schema()
    {
        var files = new List<(string Schema, string Json)>
        {
            ("coordinator", """{"graph":{"nodes":[{"id":"a","run":{"argv":["true"]}},{"id":"b"}],"edges":[{"from":"a","to":"b"}]}}"""),
            ("coordinator", """{"graph":{"nodes":[{"id":"a","name":"A","task":{"duration":2,"acceptance_checks":[{"type":"manual","description":"x","script":null}]}}]}}"""),
            ("tasks", """{"tasks":[{"id":"a"}]}"""),
            ("features", """{"features":[{"id":"F001"}]}"""),
        };
        for (var seed = 0; seed < 60; seed++)
        {
            var draft = new RandomDraft(seed).Draft();
            files.Add(("coordinator", Encoding.UTF8.GetString(CoordinatorJson.Write(draft))));
            files.Add(("tasks", Encoding.UTF8.GetString(TasksJson.Write(draft))));
            files.Add(("features", Encoding.UTF8.GetString(FeaturesJson.Write(draft.Features))));
        }

        Assert.All(Validate(files), verdict => Assert.Equal("ok", verdict));
    }

    [Theory]
    [InlineData("coordinator", "{}", "graph")]
    [InlineData("coordinator", """{"graph":{"nodes":[]}}""", "/graph/nodes")]
    [InlineData("coordinator", """{"graph":{"nodes":[{}]}}""", "/graph/nodes/0")]
    [InlineData("coordinator", """{"graph":{"nodes":[{"id":"a b"}]}}""", "/graph/nodes/0/id")]
    [InlineData("coordinator", """{"graph":{"nodes":[{"id":"a","run":{"command":"true"}}]}}""", "/graph/nodes/0/run")]
    [InlineData("coordinator", """{"graph":{"nodes":[{"id":"a","acceptance_checks":[{"type":"file_exists"}]}]}}""", "/graph/nodes/0/acceptance_checks/0")]
    [InlineData("coordinator", """{"graph":{"nodes":[{"id":"a"}],"edges":[{"from":"a"}]}}""", "/graph/edges/0")]
    [InlineData("coordinator", """{"graph":{"nodes":[{"id":"a"}]},"resources":{"pools":{"x":0}}}""", "/resources/pools/x")]
    [InlineData("tasks", """{"meta":{"min_confidence":2},"tasks":[]}""", "/meta/min_confidence")]
    [InlineData("tasks", """{"tasks":[{"id":"a","scheduling_hints":{"priority":"urgent"}}]}""", "/tasks/0/scheduling_hints/priority")]
    [InlineData("tasks", """{"tasks":[{"id":"a","evidence":[{"confidence":-1}]}]}""", "/tasks/0/evidence/0/confidence")]
    [InlineData("features", """{"features":[{"title":"x"}]}""", "/features/0")]
    [InlineData("features", """{"features":{}}""", "/features")]
    [InlineData("dag", """{"ok":"yes"}""", "/ok")]
    [InlineData("waves", "[]", "object")]
    public void What_is_wrong_is_refused_where_it_is(string schema, string json, string place) =>
        Assert.StartsWith(place.StartsWith('/') ? place + " " : " must", Assert.Single(Validate([(schema, json)])), StringComparison.Ordinal);

    /// <summary>The properties of every object that the schemas of this reader's files describe, by its name.</summary>
    private static Dictionary<string, string[]> Described()
    {
        var described = new Dictionary<string, string[]>();
        foreach (var name in (string[])["coordinator", "tasks", "features"])
        {
            using var schema = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, $"{name}.schema.json")));
            described.Add(name, Properties(schema.RootElement));
            foreach (var definition in schema.RootElement.GetProperty("$defs").EnumerateObject()) described.Add(definition.Name, Properties(definition.Value));
        }

        return described;
    }

    private static string[] Properties(JsonElement schema) => [.. schema.GetProperty("properties").EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal)];

    /// <summary>What ajv says of each text: <c>ok</c>, or its first error with the place.</summary>
    private static string[] Validate(IReadOnlyList<(string Schema, string Json)> files)
    {
        var node = Needs.Node();
        var program = Validator.Value;
        var folder = Directory.CreateTempSubdirectory("tasks-schemas-").FullName;
        try
        {
            var lines = files.Select((file, i) =>
            {
                var path = Path.Combine(folder, $"{i}.json");
                File.WriteAllText(path, file.Json);
                return $"{file.Schema}\t{path}";
            }).ToArray();
            return Run(node, [program, Folder], string.Join('\n', lines)).Split('\n', StringSplitOptions.RemoveEmptyEntries) is var verdicts && verdicts.Length == files.Count
                ? verdicts
                : throw new InvalidOperationException($"The validator answered {verdicts.Length} times to {files.Count} files.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Installed once for all tests, away from the repository, in exactly the versions of the lock file.
    private static readonly Lazy<string> Validator = new(() =>
    {
        var npm = Needs.Tool("npm", "Node.js 20 or newer");
        var folder = Directory.CreateTempSubdirectory("tasks-ajv-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Needs.RepositoryRoot, "tests", "schemas"))) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        Run(npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder], "");
        return Path.Combine(folder, "validate.mjs");
    });

    private static string Run(string program, string[] arguments, string input)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {errors.Result}");
        return output;
    }
}
