using Slaps.Planning.Imports;

namespace Slaps.Planning.Tests.Imports;

/// <summary>Which format it is, and which of several files.</summary>
public sealed class PlanFormatsTests
{
    private const string Graph = """{"tasks":[{"id":"a","duration":1,"deps":[]}]}""";

    [Fact]
    public void A_directory_with_nothing_known_is_refused_with_what_was_looked_for()
    {
        var imported = Imported.Files("", PlanFormats.Auto, null, ("README.md", "# Hello"), ("package.json", """{"name":"x"}"""));

        imported.Refused("IMP001", PlanFormats.All.Select(known => $"{known.Format.Name}: {known.LooksLike}").Prepend("in:").ToArray());
    }

    [Fact]
    public void A_directory_with_plans_of_two_formats_is_refused_with_their_names()
    {
        var imported = Imported.Files("", PlanFormats.Auto, null, ("a.stg", "1\n0 1 0\n"), ("b.json", Graph));

        imported.Refused("IMP002", "stg, dag-json", "--from stg");
        Assert.Equal("dag-json", Imported.Files("", "dag-json", null, ("a.stg", "1\n0 1 0\n"), ("b.json", Graph)).Result!.Format);
    }

    [Fact]
    public void Several_plans_of_one_format_are_refused_with_their_files() =>
        Imported.Files("", PlanFormats.Auto, null, ("x/a.json", Graph), ("b.json", Graph)).Refused("IMP003", "'in/b.json', 'in/x/a.json'");

    [Fact]
    public void A_format_that_is_named_and_not_there_is_refused() =>
        Imported.Files("", "psplib", null, ("b.json", Graph)).Refused("IMP004", "psplib", "PRECEDENCE RELATIONS");

    [Fact]
    public void A_named_file_is_read_whatever_lies_beside_it()
    {
        var imported = Imported.Files("b.json", PlanFormats.Auto, null, ("a.stg", "1\n0 1 0\n"), ("b.json", Graph), ("c.json", Graph));

        Assert.Equal(["a"], imported.Ids);
    }

    [Fact]
    public void A_sibling_that_cannot_be_read_does_not_matter_and_a_named_file_does()
    {
        var broken = new ImportFile("x.json", "in/x.json", () => throw new IOException("'in/x.json' is no text."));
        var sound = Imported.Of("", ("b.json", System.Text.Encoding.UTF8.GetBytes(Graph))).Files[0];

        Assert.Equal(["a"], Imported.Source(new ImportSource("", [sound, broken])).Ids);
        Imported.Source(new ImportSource("x.json", [sound, broken])).Refused("IMP001", "'in/x.json' is no text");
    }

    [Fact]
    public void Hard_dependencies_below_the_least_confidence_are_not_enforced()
    {
        const string Plan = """{"tasks":[{"id":"a","shared_resources":{}},{"id":"b"},{"id":"c"}],"dependencies":[{"from":"a","to":"b","confidence":0.6},{"from":"b","to":"c","confidence":0.8}]}""";

        Assert.Equal(["a⇢b", "b→c"], Imported.File("tasks.json", Plan).Edges);
        Assert.Equal(["a→b", "b→c"], Imported.File("tasks.json", Plan, minConfidence: 0.6).Edges);
        Assert.Equal(["a⇢b", "b⇢c"], Imported.File("tasks.json", Plan, minConfidence: 0.9).Edges);
        Assert.Equal((2, 0.9), (Imported.File("tasks.json", Plan, minConfidence: 0.9).Result!.Uncertain, Imported.File("tasks.json", Plan, minConfidence: 0.9).Draft.Origin.MinConfidence));
    }

    [Fact]
    public void Every_code_of_the_catalogue_is_there_once()
    {
        var codes = ImportDiagnostics.Catalogue.Select(rule => rule.Code).ToList();

        Assert.Equal(codes.Distinct().Order(StringComparer.Ordinal), codes);
        Assert.All(ImportDiagnostics.Catalogue, rule => Assert.Matches("^IMP0[0-9]{2}$", rule.Code));
    }
}
