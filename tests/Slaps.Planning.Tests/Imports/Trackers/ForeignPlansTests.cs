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

    private static (List<string> Ids, SortedSet<string> Edges) Graph(string folder)
    {
        using var graph = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "graph.json")));
        var tasks = graph.RootElement.GetProperty("tasks").EnumerateArray().ToList();
        var ids = tasks.Select(task => task.GetProperty("id").GetString()!).ToList();
        var edges = tasks.SelectMany(task => task.GetProperty("deps").EnumerateArray().Select(other => $"{other.GetString()} > {task.GetProperty("id").GetString()}"));
        return (ids, new(edges, StringComparer.Ordinal));
    }
}
