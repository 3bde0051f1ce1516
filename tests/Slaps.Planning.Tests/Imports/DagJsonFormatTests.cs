using Slaps.Core.Plans;

namespace Slaps.Planning.Tests.Imports;

/// <summary>The plainest form, and with it what all formats share: ids, edges, durations, faults.</summary>
public sealed class DagJsonFormatTests
{
    [Fact]
    public void Tasks_edges_and_durations_come_over_in_file_order()
    {
        var imported = Imported.File("g.dag.json", """{"name":"demo","meta":{"family":"x"},"tasks":[{"id":"b","duration":1.5,"deps":["a"]},{"id":"a","duration":0,"deps":[]}]}""");

        Assert.Equal(("demo", "dag-json"), (imported.Draft.Title, imported.Result!.Format));
        Assert.Equal(["b", "a"], imported.Ids);
        Assert.Equal(["a→b"], imported.Edges);
        Assert.Equal([1_500_000, 0], imported.Draft.Tasks.Select(task => task.Duration.MeanMicroseconds));
        Assert.All(imported.Draft.Tasks, task => Assert.Same(RunSpec.Unspecified, task.Run));
        Assert.Empty(imported.Findings);
    }

    [Fact]
    public void Ids_with_spaces_and_slashes_are_mapped_and_the_original_is_kept()
    {
        var imported = Imported.File("g.json", """{"tasks":[{"id":"a b","duration":1,"deps":[]},{"id":"a/b","duration":1,"deps":["a b"]},{"id":"a-b","duration":1,"deps":["a/b"]}]}""");

        Assert.Equal(["a-b-2", "a-b-3", "a-b"], imported.Ids);
        Assert.Equal(["a b", "a/b", null], imported.Draft.Tasks.Select(task => task.OriginalId));
        Assert.Equal(["a-b-2→a-b-3", "a-b-3→a-b"], imported.Edges);
        imported.Finding("IMP020", "'a b' becomes a-b-2", "'a/b' becomes a-b-3");
    }

    [Fact]
    public void Dependencies_that_lead_nowhere_to_the_task_itself_or_are_there_twice_are_named_and_dropped()
    {
        var imported = Imported.File("g.json", """{"tasks":[{"id":"a","duration":1,"deps":[]},{"id":"b","duration":1,"deps":["a","zz","b","a"]}]}""");

        Assert.Equal(["a→b"], imported.Edges);
        Assert.Equal(["IMP022", "IMP023", "IMP024"], imported.Codes);
        imported.Finding("IMP022", "in/g.json $.tasks[1].deps[1]", "'b' depends on 'zz'");
        imported.Finding("IMP023", "$.tasks[1].deps[2]", "'b' depends on itself");
        imported.Finding("IMP024", "$.tasks[1].deps[3]", "'b' names its predecessor 'a'");
    }

    [Fact]
    public void A_task_whose_id_is_there_already_gets_another_and_dependencies_mean_the_first()
    {
        var imported = Imported.File("g.json", """{"tasks":[{"id":"a","duration":1,"deps":[]},{"id":"a","duration":2,"deps":[]},{"id":"b","duration":1,"deps":["a"]}]}""");

        Assert.Equal(["a", "a-2", "b"], imported.Ids);
        Assert.Equal(["a→b"], imported.Edges);
        imported.Finding("IMP021", "'a'", "a-2", "$.tasks[1]");
    }

    [Fact]
    public void Durations_that_are_missing_or_absurd_are_named_and_count_as_an_hour()
    {
        var imported = Imported.File("g.json", """{"tasks":[{"id":"a","deps":[]},{"id":"b","duration":-1,"deps":[]},{"id":"c","duration":1e300,"deps":[]},{"id":"d","duration":"NaN","deps":[]},{"id":"e","duration":null,"deps":[]},{"id":"f","duration":"2.5","deps":[]}]}""");

        Assert.Equal([1, 1, 1, 1, 1, 2.5 / 3600], imported.Draft.Tasks.Select(task => task.Duration.MostLikely));
        Assert.Equal(["IMP031", "IMP031", "IMP031", "IMP030"], imported.Codes);
        Assert.Contains("'b' is '-1'", imported.Said);
        Assert.Contains("'c' is '1e300'", imported.Said);
        Assert.Contains("'d' is 'NaN'", imported.Said);
        imported.Finding("IMP030", "'a', 'e'.");
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.1, 100_000)]
    [InlineData(621.3, 621_300_000)]
    [InlineData(0.0000005, 0)]
    [InlineData(0.0000015, 2)]
    [InlineData(12.345678, 12_345_678)]
    [InlineData(86_400.000001, 86_400_000_001)]
    [InlineData(3_599_999_999.123456, 3_599_999_999_123_456)]
    public void A_measured_time_comes_back_to_the_microsecond(double seconds, long microseconds) =>
        Assert.Equal(microseconds, Planning.Imports.ImportedDurations.FromSeconds(seconds).MeanMicroseconds);

    [Fact]
    public void Whole_microseconds_of_every_size_come_back()
    {
        var random = new Random(1);
        for (var i = 0; i < 100_000; i++)
        {
            var microseconds = random.NextInt64(1L << random.Next(1, 51));
            Assert.Equal(microseconds, Planning.Imports.ImportedDurations.FromSeconds(microseconds / 1e6).MeanMicroseconds);
        }
    }

    [Fact]
    public void What_has_another_shape_is_named_and_left_out()
    {
        var imported = Imported.File("g.json", """{"tasks":[7,{"id":"a","duration":1,"deps":"b"},{"id":3,"duration":1,"deps":[{},"a"]},{"duration":1}]}""");

        Assert.Equal(["a", "3"], imported.Ids);
        Assert.Equal(["a→3"], imported.Edges);
        Assert.Equal(["$.tasks[0]", "$.tasks[1].deps", "$.tasks[2].deps[0]", "$.tasks[3]"], imported.Findings.Select(finding => finding.JsonPath));
    }

    [Theory]
    [InlineData("""{"name":"x","tasks":[{"id":"a","duration":1,"deps":[]},{"id":"b","dur""", "PLAN004", "cut off")]
    [InlineData("""{"tasks":[{"id":"a","duration":NaN,"deps":[]}]}""", "PLAN004", "NaN")]
    [InlineData("""{"tasks":[{"id":"a","duration":1e999,"deps":[]}]}""", "PLAN008", "1e999")]
    [InlineData("""{"tasks":[]}""", "IMP013", "no tasks")]
    [InlineData("""{"tasks":{}}""", "IMP010", "no list of tasks")]
    [InlineData("", "PLAN002", "empty")]
    public void What_cannot_be_used_is_refused(string text, string code, string words) => Imported.File("g.json", text, "dag-json").Refused(code, words);

    [Fact]
    public void A_document_nested_a_hundred_thousand_deep_is_refused() =>
        Imported.File("g.json", """{"tasks":[{"id":"a","deps":""" + new string('[', 100_000), "dag-json").Refused("PLAN005", "nested deeper");

    [Fact]
    public void A_plan_of_a_hundred_thousand_tasks_that_all_need_a_new_id_is_read()
    {
        var tasks = string.Join(',', Enumerable.Range(0, 100_000).Select(i => $$"""{"id":"{{new string(' ', i % 7)}}{{(char)('\u4e00' + (i % 20_000))}}{{(char)('\u4e00' + (i / 20_000))}}/{{new string('/', i % 7)}}","duration":1,"deps":[]}"""));

        var imported = Imported.File("g.json", $$"""{"tasks":[{{tasks}}]}""");

        Assert.Equal(100_000, imported.Ids.Distinct().Count());
        imported.Finding("IMP020", "and 99,995 more");
    }
}
