using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using Slaps.Planning.Imports.Trackers;
using Slaps.TestKit;

namespace Slaps.Planning.Tests.Imports.Trackers;

/// <summary>Real plans that others wrote, against what a program that is not ours read out of them.</summary>
public sealed class ForeignPlansTests
{
    [Theory]
    [InlineData("autonomous-tdd-git-workflow")]
    [InlineData("loop")]
    [InlineData("master")]
    [InlineData("tdd-phase-1-core-rails")]
    [InlineData("tdd-workflow-phase-0")]
    [InlineData("tm-core-phase-1")]
    [InlineData("tm-start")]
    public void Task_Masters_dependencies_are_those_of_the_graph(string tag)
    {
        var folder = Path.Combine(Needs.SharedData("data/plans"), $"taskmaster__eyaltoledano_claude-task-master__{tag}");
        var source = Sources.Disk(folder);

        Assert.True(new TaskMasterFormat().Recognises(source));
        var (draft, _) = new TaskMasterFormat().ReadValid(source);

        var (ids, edges) = Graph(folder);
        Assert.Equal(ids, draft.Ids());
        Assert.Equal(edges, draft.HardEdges());
    }

    [Fact]
    public void All_tags_of_Task_Masters_own_file_are_imported_and_its_circle_and_its_lost_id_are_named()
    {
        var source = Sources.DiskFile(Needs.SharedData("data/interop/taskmaster/tasks.json.gz"));

        var (draft, found) = new TaskMasterFormat().ReadValid(source);

        Assert.Equal(182, draft.Tasks.Count);
        Assert.Equal(9, draft.Features.Count);
        Assert.Contains(found.Items, item => item.Code == "IMP126" && item.Message.Contains("12.1 → ", StringComparison.Ordinal) && item.Message.Contains("12.4", StringComparison.Ordinal));
        Assert.Contains(found.Items, item => item.Code == "IMP122" && item.Message.Contains("'test-tag.1' depends on 'test-tag.16'", StringComparison.Ordinal));
    }

    [Fact]
    public void The_issues_of_beads_are_imported_with_what_blocks_them()
    {
        var (draft, found) = new BeadsFormat().ReadValid(Sources.DiskFile(Needs.SharedData("data/interop/beads/issues-96fee9db.jsonl.gz")));

        Assert.Equal(3_003, draft.Tasks.Count);
        Assert.Equal(644, draft.HardEdges().Count);
        Assert.Equal(70, draft.SoftEdges().Count);
        Assert.DoesNotContain("IMP122", found.Codes());
        Assert.Equal(164, draft.Features.Count);
    }

    [Fact]
    public void The_lost_targets_of_gastowns_dependencies_are_named_and_the_others_kept()
    {
        var (draft, found) = new BeadsFormat().ReadValid(Sources.DiskFile(Needs.SharedData("data/interop/gastown-beads/issues.jsonl.gz")));

        Assert.Equal(677, draft.Tasks.Count);
        Assert.Equal(259, draft.HardEdges().Count + found.Items.Count(item => item.Code is "IMP122" or "IMP123"));
    }

    [Fact]
    public void The_issues_of_seeds_are_imported_with_both_ends_of_their_dependencies()
    {
        var source = Sources.DiskFile(Needs.SharedData("data/interop/overstory/seeds-issues.jsonl.gz"));

        Assert.True(new SeedsFormat().Recognises(source));
        Assert.False(new BeadsFormat().Recognises(source));
        var (draft, _) = new SeedsFormat().ReadValid(source);

        Assert.Equal(1_082, draft.Tasks.Count);
        Assert.Equal(106, draft.HardEdges().Count);
    }

    [Fact]
    public void Kiros_tasks_are_those_of_the_graph_and_so_are_the_dependencies_where_a_plan_states_any()
    {
        foreach (var folder in Pairs("kiro"))
        {
            var source = Sources.Disk(folder);
            Assert.True(new KiroFormat().Recognises(source), folder);
            Assert.False(new SpecKitFormat().Recognises(source) || new SpecKittyFormat().Recognises(source), folder);

            var (draft, found) = new KiroFormat().ReadValid(source);

            var (ids, edges) = Graph(folder);
            Assert.Equal(ids, draft.Ids());
            if (edges.Count == 0)
            {
                Assert.Contains("IMP133", found.Codes());
                continue;
            }

            // In one plan the graph takes "Phase 3 complete" for the task 3, and "Task 3.1, Task 2.1" for the first of the two.
            var (misread, missed) = Path.GetFileName(folder).Split("__")[^1] switch
            {
                "domain-index-model-system" => ("3 > 10.2, 3 > 9.1, 4 > 10.3", "10.1 > 10.3, 2.1 > 3.2, 2.1 > 4.2, 2.1 > 7.2, 5 > 10.2, 5 > 9.1, 5.1 > 8.2, 6 > 10.2, 6 > 9.1, 6.1 > 8.2, 7 > 10.2, 7 > 9.1, 7.2 > 8.2, 8 > 10.2, 8 > 9.1"),
                _ => ("", ""),
            };
            var more = string.Join(", ", draft.HardEdges().Except(edges).Order(StringComparer.Ordinal));
            var less = string.Join(", ", edges.Except(draft.HardEdges()));
            Assert.Equal((folder, missed, misread), (folder, more, less));
        }
    }

    [Fact]
    public void Spec_kits_tasks_are_those_of_the_graph_and_so_are_the_dependencies_that_a_task_states()
    {
        foreach (var folder in Pairs("speckit"))
        {
            var source = Sources.Disk(folder);
            Assert.True(new SpecKitFormat().Recognises(source), folder);
            Assert.False(new KiroFormat().Recognises(source) || new SpecKittyFormat().Recognises(source), folder);

            var (draft, _) = new SpecKitFormat().ReadValid(source);

            var (ids, edges) = Graph(folder);
            Assert.Equal(ids, draft.Ids());
            Assert.Equal(edges, draft.HardEdges(minConfidence: 1));
        }
    }

    [Fact]
    public void Parallel_tasks_of_spec_kit_that_share_a_file_are_counted_and_named()
    {
        var source = Sources.DiskFile(Needs.SharedData("data/interop/speckit/sdd-fastapi-reference-001-user-auth.tasks-lines.md"));

        var (draft, found) = new SpecKitFormat().ReadValid(source);

        Assert.Equal(62, draft.Tasks.Count);
        Assert.Contains(found.Items, item => item.Code == "IMP134" && item.Message.StartsWith("25 of 35 tasks marked [P]", StringComparison.Ordinal));
    }

    [Fact]
    public void The_work_packages_of_spec_kitty_are_read_from_its_tasks_md()
    {
        var exact = 0;
        var report = new List<string>();
        foreach (var (name, files) in Missions())
        {
            var source = Sources.Folder([.. files.Where(file => file.Path != "graph.json")]);
            Assert.True(new SpecKittyFormat().Recognises(source), name);
            Assert.False(new KiroFormat().Recognises(source) || new SpecKitFormat().Recognises(source), name);

            var (draft, _) = new SpecKittyFormat().ReadValid(source);

            var (ids, edges) = Graph(files.Single(file => file.Path == "graph.json").Text);
            if (ids.ToHashSet().SetEquals(draft.Ids()) && edges.SetEquals(draft.HardEdges())) exact++;
            else report.Add($"{name}: more {string.Join(", ", draft.HardEdges().Except(edges))}; less {string.Join(", ", edges.Except(draft.HardEdges()))}; {string.Join(",", ids.Except(draft.Ids()))}");
        }

        // In the others tasks.md says something else than the front matter of the work packages, of which the graphs were made.
        Assert.True(exact >= 140, $"{exact}\n{string.Join("\n", report)}");
    }

    private static IEnumerable<string> Pairs(string format) =>
        Directory.EnumerateDirectories(Needs.SharedData("data/plans"), $"{format}__*").Order(StringComparer.Ordinal);

    private static IEnumerable<(string Name, List<(string Path, string Text)> Files)> Missions()
    {
        var missions = new SortedDictionary<string, List<(string Path, string Text)>>(StringComparer.Ordinal);
        using var packed = new GZipStream(File.OpenRead(Needs.SharedData("data/plans/speckitty.tar.gz")), CompressionMode.Decompress);
        using var archive = new TarReader(packed);
        while (archive.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is null || entry.Name.TrimStart('.', '/').Split('/') is not [var mission, var file]) continue;
            using var text = new StreamReader(entry.DataStream);
            if (!missions.TryGetValue(mission, out var files)) missions[mission] = files = [];
            files.Add((file, text.ReadToEnd()));
        }

        return missions.Select(mission => (mission.Key, mission.Value));
    }

    private static (List<string> Ids, SortedSet<string> Edges) Graph(string folderOrText)
    {
        using var graph = JsonDocument.Parse(folderOrText.StartsWith('{') ? folderOrText : File.ReadAllText(Path.Combine(folderOrText, "graph.json")));
        var tasks = graph.RootElement.GetProperty("tasks").EnumerateArray().ToList();
        var ids = tasks.Select(task => task.GetProperty("id").GetString()!).ToList();
        var edges = tasks.SelectMany(task => task.GetProperty("deps").EnumerateArray().Select(other => $"{other.GetString()} > {task.GetProperty("id").GetString()}"));
        return (ids, new(edges, StringComparer.Ordinal));
    }
}
