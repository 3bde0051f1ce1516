using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Planning.Imports.Trackers;

namespace Slaps.Planning.Tests.Imports.Trackers;

public sealed class JsonTrackersTests
{
    private static readonly TaskMasterFormat TaskMaster = new();
    private static readonly BeadsFormat Beads = new();
    private static readonly SeedsFormat Seeds = new();

    [Fact]
    public void A_Task_Master_task_keeps_its_steps_its_priority_and_where_it_stands()
    {
        var (draft, found) = TaskMaster.ReadValid(Sources.Named("tasks.json", """
            {"master": {"tasks": [
              {"id": 1, "title": "Lay the ground", "description": "First.", "details": "With care.", "testStrategy": "Look at it.", "status": "done", "priority": "high", "dependencies": [],
               "subtasks": [{"id": 1, "title": "Dig", "status": "done", "dependencies": []}, {"id": 2, "title": "Fill", "status": "pending", "dependencies": [1]}]},
              {"id": 2, "title": "Build", "status": "pending", "dependencies": [1, "1.2"], "complexity": 7, "extra": {"deep": 1}}
            ]}}
            """));

        Assert.Equal(["1 > 2"], draft.HardEdges());
        var first = draft.Tasks[0];
        Assert.Equal((Priority.High, "Lay the ground", "1"), (first.Priority, first.Title, first.Id.Value));
        Assert.Equal("First.\n\nWith care.\n\nSubtasks:\n- [x] 1.1 Dig\n- [ ] 1.2 Fill (after 1.1)", first.Description);
        Assert.Equal(["Look at it."], first.Boundaries!.Done.Criteria);
        Assert.Equal(("tasks.json#L2-L3", "Lay the ground"), (first.Evidence[0].Source, first.Evidence[0].Excerpt));
        Assert.Contains("\"status\": \"done\"", first.Unknown.Json, StringComparison.Ordinal);
        Assert.Contains("\"deep\": 1", draft.Tasks[1].Unknown.Json, StringComparison.Ordinal);
        Assert.Equal("7 of 10", draft.Tasks[1].Boundaries!.Complexity.Value);
        Assert.Equal("tasks.json#L4", draft.Dependencies[0].Evidence[0].Source);
        Assert.Equal(["IMP130"], found.Codes());
    }

    [Fact]
    public void The_older_form_of_Task_Master_without_tags_is_read()
    {
        var source = Sources.Named("tasks.json", """{"meta": {"version": "0.9"}, "tasks": [{"id": 1, "title": "A", "dependencies": []}]}""");

        Assert.True(TaskMaster.Recognises(source));
        Assert.Equal(["1"], TaskMaster.ReadValid(source).Draft.Ids());
    }

    [Fact]
    public void With_several_tags_equal_ids_stay_apart_and_each_tag_is_a_feature()
    {
        var (draft, found) = TaskMaster.ReadValid(Sources.Named("tasks.json", """
            {"master": {"tasks": [{"id": 1, "title": "A"}, {"id": 2, "title": "B", "dependencies": [1]}]}, "side/way": {"tasks": [{"id": 1, "title": "C"}]}, "empty": {"tasks": []}}
            """));

        Assert.Equal(["master.1", "master.2", "side/way.1"], draft.Ids());
        Assert.Equal("side-way.1", draft.Tasks[2].Id.Value);
        Assert.Equal(["master", "side-way"], draft.Features.Select(feature => feature.Id.Value));
        Assert.Equal("side-way", draft.Tasks[2].Feature?.Value);
        Assert.Equal(["master.1 > master.2"], draft.HardEdges());
        Assert.Contains("IMP131", found.Codes());
    }

    [Fact]
    public void What_cannot_be_right_in_a_Task_Master_file_is_named_and_the_rest_is_used()
    {
        var (draft, found) = TaskMaster.ReadValid(Sources.Named("tasks.json", """
            {"tasks": [
              {"id": 1, "title": "A", "dependencies": [1, 99]},
              {"id": "two words/and more", "title": "B", "priority": "urgent", "dependencies": [1, true]},
              {"title": "no id"},
              5,
              {"id": 4, "title": 7, "dependencies": "1"},
              {"id": 1, "title": "A again", "subtasks": [{"id": 1, "title": "s", "dependencies": [2]}, {"id": 2, "title": "t", "dependencies": [1]}]}
            ]}
            """));

        Assert.Equal(["1", "two words/and more", "4", "1"], draft.Ids());
        Assert.Equal(["1", "two-words-and-more", "4", "1-2"], draft.Tasks.Select(task => task.Id.Value));
        Assert.Equal(["1 > two words/and more"], draft.HardEdges());
        Assert.Equal(
            ["IMP112", "IMP112", "IMP112", "IMP113", "IMP114", "IMP115", "IMP116", "IMP120", "IMP121", "IMP122", "IMP124", "IMP126"],
            found.Codes().Order(StringComparer.Ordinal));
        Assert.All(found.Items, item => Assert.Equal(Severity.Warning, item.Severity));
        Assert.Contains(found.Items, item => item is { Code: "IMP122", Line: 2 });
    }

    [Fact]
    public void A_circle_of_tasks_is_named_with_its_path_and_opened_where_it_was_written_last()
    {
        var (draft, found) = TaskMaster.ReadValid(Sources.Named("tasks.json", """
            {"tasks": [{"id": 1, "title": "A", "dependencies": [3]}, {"id": 2, "title": "B", "dependencies": [1]}, {"id": 3, "title": "C", "dependencies": [2]}, {"id": 4, "title": "D", "dependencies": [3]}]}
            """));

        Assert.Equal(["1 > 2", "3 > 1", "3 > 4"], draft.HardEdges());
        var cycle = Assert.Single(found.Items, item => item.Code == "IMP125");
        Assert.Contains("3 → 1 → 2 → 3", cycle.Message, StringComparison.Ordinal);
        Assert.Contains("that '3' waits for '2'", cycle.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"tasks": [{"id": 1, "title": "A", "dependencies": [""", "IMP105")]
    [InlineData("", "IMP105")]
    [InlineData("[]", "IMP110")]
    [InlineData("""{"nodes": []}""", "IMP110")]
    [InlineData("""{"tasks": []}""", "IMP111")]
    [InlineData("""{"tasks": [{"id": 1, "id": 2}]}""", "IMP105")]
    [InlineData("""{"tasks": [{"id": "\ud83d", "title": "half"}]}""", "IMP105")]
    [InlineData("a\0b", "IMP103")]
    public void A_file_that_is_no_Task_Master_file_is_refused_with_a_reason(string text, string code)
    {
        var (draft, found) = TaskMaster.Read(Sources.Named("tasks.json", text));

        Assert.Null(draft);
        Assert.Equal([code], found.Codes());
        Assert.True(found.HasErrors);
    }

    [Fact]
    public void A_file_that_is_not_there_is_said_and_a_file_that_cannot_be_read_gives_the_reason()
    {
        Assert.Equal(["IMP110"], TaskMaster.Read(Sources.Folder()).Found.Codes());
        var (draft, found) = Beads.Read(new("issues.jsonl", [new("issues.jsonl", "issues.jsonl", () => throw new IOException("It is a folder."))]));

        Assert.Null(draft);
        Assert.Equal("The file cannot be read: It is a folder.", Assert.Single(found.Items).Message);
    }

    [Fact]
    public void A_byte_order_mark_and_UTF_16_are_read_and_stray_bytes_are_said()
    {
        const string Text = """{"tasks": [{"id": 1, "title": "Größe"}]}""";

        Assert.Equal("Größe", TaskMaster.ReadValid(Sources.Named("t.json", [0xef, 0xbb, 0xbf, .. Encoding.UTF8.GetBytes(Text)])).Draft.Tasks[0].Title);
        Assert.Equal("Größe", TaskMaster.ReadValid(Sources.Named("t.json", [0xff, 0xfe, .. Encoding.Unicode.GetBytes(Text)])).Draft.Tasks[0].Title);
        var (draft, found) = TaskMaster.ReadValid(Sources.Named("t.json", Encoding.Latin1.GetBytes(Text)));
        Assert.Equal("Gr\ufffd\ufffde", draft.Tasks[0].Title);
        Assert.Equal(["IMP104"], found.Codes());
    }

    [Fact]
    public void What_blocks_an_issue_of_beads_is_hard_what_it_was_found_in_soft_and_other_relations_are_no_order()
    {
        var (draft, found) = Beads.ReadValid(Sources.Folder(
            ("issues.jsonl", """
                {"id":"bd-1","title":"All","issue_type":"epic","status":"open","priority":0}
                {"id":"bd-2","title":"Do","issue_type":"task","status":"closed","priority":1,"estimated_minutes":90,"acceptance_criteria":"It works.","dependencies":[{"issue_id":"bd-2","depends_on_id":"bd-1","type":"parent-child"}],"labels":["x"]}
                {"id":"bd-3","title":"Then","issue_type":"bug","status":"open","priority":4,"dependencies":[{"issue_id":"bd-3","depends_on_id":"bd-2","type":"blocks"},{"issue_id":"bd-3","depends_on_id":"bd-1","type":"discovered-from"},{"issue_id":"bd-3","depends_on_id":"bd-gone","type":"related"}]}
                {"id":"bd-4","title":"Session ended","issue_type":"event","status":"open"}
                """),
            ("dependencies.jsonl", """{"issue_id":"bd-4","depends_on_id":"bd-3","type":"blocks"}""" + "\n" + """{"issue_id":"bd-4","depends_on_id":"bd-lost","type":"blocks"}""" + "\n")));

        Assert.Equal(["bd-2 > bd-3", "bd-3 > bd-4"], draft.HardEdges());
        Assert.Equal(["bd-1 > bd-3"], draft.SoftEdges());
        Assert.Equal([Priority.Critical, Priority.High, Priority.Low, Priority.Medium], draft.Tasks.Select(task => task.Priority));
        Assert.Equal(1.5, draft.Tasks[1].Duration.MostLikely);
        Assert.Equal("bd-1", draft.Tasks[1].Feature?.Value);
        Assert.Equal(["It works."], draft.Tasks[1].Boundaries!.Done.Criteria);
        Assert.Empty(draft.Tasks[1].Capabilities);
        Assert.Contains("bd-gone", draft.Tasks[2].Unknown.Json, StringComparison.Ordinal);
        Assert.Equal("issues.jsonl#L2", draft.Tasks[1].Evidence[0].Source);
        Assert.Equal(["IMP122", "IMP130", "IMP132"], found.Codes().Order(StringComparer.Ordinal));
        Assert.Contains(found.Items, item => item is { Code: "IMP122", File: "dependencies.jsonl", Line: 2 });
    }

    [Fact]
    public void Wrong_lines_are_named_by_their_numbers_and_the_others_used()
    {
        var (draft, found) = Beads.ReadValid(Sources.Named("issues.jsonl",
            "{\"id\":\"a\",\"title\":\"A\",\"issue_type\":\"task\"}\r\n{\"id\":\"b\",\"ti\r\n[1]\r\n\r\n{\"title\":\"no id\"}\r\n{\"id\":\"\\ud83d\",\"title\":\"half\"}\r\n{\"id\":\"c\",\"title\":\"C\",\"priority\":\"high\",\"estimated_minutes\":-5}\r\n{\"id\":\"d\",\"title\":\"cut o"));

        Assert.Equal(["a", "c"], draft.Ids());
        Assert.Equal(["2 IMP106", "3 IMP115", "5 IMP113", "6 IMP106", "7 IMP112", "7 IMP137", "8 IMP106"], found.Items.Select(item => $"{item.Line} {item.Code}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Parents_in_a_circle_end_in_no_feature()
    {
        var (draft, _) = Beads.ReadValid(Sources.Named("issues.jsonl", """
            {"id":"a","title":"A","issue_type":"task","dependencies":[{"depends_on_id":"b","type":"parent-child"}]}
            {"id":"b","title":"B","issue_type":"task","dependencies":[{"depends_on_id":"a","type":"parent-child"}]}
            """));

        Assert.All(draft.Tasks, task => Assert.Null(task.Feature));
    }

    [Fact]
    public void Both_ends_of_a_dependency_of_seeds_count_and_the_same_said_twice_is_one()
    {
        var (draft, found) = Seeds.ReadValid(Sources.Named("issues.jsonl", """
            {"id":"s-1","title":"A","type":"task","status":"open","priority":0,"createdAt":"2026-01-01T00:00:00Z","blocks":["s-2","s-3"]}
            {"id":"s-2","title":"B","type":"task","status":"open","blockedBy":["s-1"]}
            {"id":"s-3","title":"C","type":"epic","status":"closed","blockedBy":["s-9","s-3"],"labels":["later"]}
            """));

        Assert.Equal(["s-1 > s-2", "s-1 > s-3"], draft.HardEdges());
        Assert.Equal(["s-3"], draft.Features.Select(feature => feature.Id.Value));
        Assert.Equal(["IMP122", "IMP124", "IMP130"], found.Codes().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_hundred_thousand_issues_in_one_chain_and_as_many_equal_ids_are_read()
    {
        var chain = new StringBuilder();
        for (var i = 0; i < 100_000; i++) chain.Append($$"""{"id":"i{{i}}","title":"t","issue_type":"task","dependencies":[{"depends_on_id":"i{{(i + 1) % 100_000}}","type":"blocks"}]}""").Append('\n');

        var (draft, found) = Beads.Read(Sources.Named("issues.jsonl", chain.ToString()));

        Assert.Equal(100_000, draft!.Tasks.Count);
        Assert.Equal(99_999, draft.Dependencies.Count);
        Assert.Equal(["IMP125"], found.Codes());

        var equal = string.Concat(Enumerable.Repeat("""{"id":"same","title":"t","createdAt":"x"}""" + "\n", 100_000));
        Assert.Equal(100_000, Seeds.Read(Sources.Named("issues.jsonl", equal)).Draft!.Tasks.Select(task => task.Id).Distinct().Count());
    }
}
