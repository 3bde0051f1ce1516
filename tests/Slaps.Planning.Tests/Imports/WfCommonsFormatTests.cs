using Slaps.TestKit;

namespace Slaps.Planning.Tests.Imports;

/// <summary>WfFormat in its newer and its older forms.</summary>
public sealed class WfCommonsFormatTests
{
    private const string Newest =
        """
        {"name":"w","schemaVersion":"1.5","workflow":{
          "specification":{"tasks":[
            {"name":"split","id":"s_1","parents":[],"children":["w_1","w_2"]},
            {"name":"work","id":"w_1","parents":["s_1"],"children":[]},
            {"name":"work","id":"w_2","parents":["s_1"],"children":[]}]},
          "execution":{"makespanInSeconds":9,"tasks":[{"id":"w_2","runtimeInSeconds":2.25},{"id":"s_1","runtimeInSeconds":0.5},{"id":"w_1","runtimeInSeconds":0}]}}}
        """;

    [Fact]
    public void Specification_and_execution_are_put_together()
    {
        var imported = Imported.File("w.json", Newest);

        Assert.Equal("wfcommons", imported.Result!.Format);
        Assert.Equal(["s_1", "w_1", "w_2"], imported.Ids);
        Assert.Equal(["split", "work", "work"], imported.Draft.Tasks.Select(task => task.Title));
        Assert.Equal(["s_1→w_1", "s_1→w_2"], imported.Edges);
        Assert.Equal([500_000, 0, 2_250_000], imported.Draft.Tasks.Select(task => task.Duration.MeanMicroseconds));
        Assert.Empty(imported.Findings);
    }

    [Theory]
    [InlineData("1.4", "tasks", "runtimeInSeconds")]
    [InlineData("1.3", "tasks", "runtime")]
    [InlineData("1.1", "jobs", "runtime")]
    public void Older_files_hold_the_runtime_in_the_task_and_have_names_for_ids(string version, string list, string runtime)
    {
        var imported = Imported.File("w.json", $$"""{"name":"w","schemaVersion":"{{version}}","workflow":{"{{list}}":[{"name":"a","{{runtime}}":3,"parents":[]},{"name":"b","{{runtime}}":4,"parents":["a"]}] } }""");

        Assert.Equal(["a→b"], imported.Edges);
        Assert.Equal([3_000_000, 4_000_000], imported.Draft.Tasks.Select(task => task.Duration.MeanMicroseconds));
        Assert.Empty(imported.Findings);
    }

    [Fact]
    public void Parents_by_name_are_found_where_a_name_is_unique()
    {
        var imported = Imported.File("w.json", """{"schemaVersion":"1.4","workflow":{"tasks":[{"name":"first","id":"ID1","runtimeInSeconds":1},{"name":"b","id":"ID2","runtimeInSeconds":1,"parents":["first"]}]}}""");

        Assert.Equal(["ID1→ID2"], imported.Edges);
    }

    [Fact]
    public void Edges_that_only_the_children_know_count_and_are_named()
    {
        var imported = Imported.File("w.json", Newest.Replace("""{"name":"work","id":"w_2","parents":["s_1"]""", """{"name":"work","id":"w_2","parents":[]""", StringComparison.Ordinal));

        Assert.Equal(["s_1→w_1", "s_1→w_2"], imported.Edges);
        imported.Finding("IMP026", "'s_1 → w_2'");
    }

    [Fact]
    public void Cycles_missing_runtimes_and_unknown_versions_are_named()
    {
        var text = Newest.Replace("\"1.5\"", "\"2.0\"", StringComparison.Ordinal).Replace("""{"id":"w_1","runtimeInSeconds":0}""", """{"id":"w_1"}""", StringComparison.Ordinal)
            .Replace("\"parents\":[],\"children\":[\"w_1\",\"w_2\"]", "\"parents\":[\"w_2\"]", StringComparison.Ordinal);

        var imported = Imported.File("w.json", text);

        Assert.Equal(["w_2→s_1", "s_1→w_1"], imported.Edges);
        imported.Finding("IMP012", "'2.0'");
        imported.Finding("IMP025", "w_2 → s_1 → w_2", "w_2 on s_1");
        imported.Finding("IMP030", "'w_1'");
    }

    [Theory]
    [InlineData("""{"schemaVersion":"1.5","workflow":{"specification":{"tasks":[{"id":"a","par""", "PLAN004")]
    [InlineData("""{"schemaVersion":"1.5","workflow":{"specification":{"tasks":[]},"execution":{"tasks":[]}}}""", "IMP013")]
    [InlineData("""{"schemaVersion":"1.5","workflow":{"files":[]}}""", "IMP010")]
    public void What_cannot_be_used_is_refused(string text, string code) => Imported.File("w.json", text).Refused(code);

    [Fact]
    public void A_real_trace_comes_over_whole()
    {
        var archive = Needs.SharedData("data/dags/wfinstances.tar.gz");
        var imported = Imported.File("bacass.json", SharedArchive.Text(archive, "nextflow/bacass-dirt02-001.json"));

        Assert.Equal((11, 14), (imported.Draft.Tasks.Count, imported.Draft.Dependencies.Count));
        Assert.Empty(imported.Findings);
    }
}
