using Slaps.Core.Plans;
using Slaps.Planning.Imports.Trackers;

namespace Slaps.Planning.Tests.Imports.Trackers;

public sealed class MarkdownTrackersTests
{
    private static readonly KiroFormat Kiro = new();
    private static readonly SpecKitFormat SpecKit = new();
    private static readonly SpecKittyFormat SpecKitty = new();

    [Fact]
    public void Kiros_list_without_dependencies_is_worked_off_in_its_order_and_a_parent_after_its_children()
    {
        var (draft, found) = Kiro.ReadValid(Sources.Named("tasks.md", "# Plan\r\n\r\n- [x] 1. Set up\r\n\t- [ ] 1.1 Write src/a/b.py\r\n\t  - Carefully\r\n\t  - _Requirements: 1.1, 2.3_\r\n\t- [ ]* 1.2 Test it\r\n- [ ] 2. Ship\r\n"));

        Assert.Equal(["1", "1.1", "1.2", "2"], draft.Ids());
        Assert.Equal(["1 > 2", "1.1 > 1.2", "1.2 > 1"], draft.HardEdges());
        Assert.Empty(draft.HardEdges(minConfidence: 0.8));
        Assert.Equal(["src/a/b.py"], draft.Tasks[1].Boundaries!.Scope.Includes);
        Assert.Equal("- Carefully\n- _Requirements: 1.1, 2.3_", draft.Tasks[1].Description);
        Assert.Contains("\"2.3\"", draft.Tasks[1].Unknown.Json, StringComparison.Ordinal);
        Assert.Contains("\"optional\": true", draft.Tasks[2].Unknown.Json, StringComparison.Ordinal);
        Assert.Equal(("tasks.md#L4-L6", "- [ ] 1.1 Write src/a/b.py"), (draft.Tasks[1].Evidence[0].Source, draft.Tasks[1].Evidence[0].Excerpt));
        Assert.Equal(["IMP130", "IMP133"], found.Codes().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_plan_of_Kiro_that_states_dependencies_means_those()
    {
        var (draft, found) = Kiro.ReadValid(Sources.Named("tasks.md", """
            - [ ] 1. A
            - [ ] 2. B
              - **Dependencies:** None
            - [ ] 3. C
              - _Dependencies: 1, 2, 7_
              - Handle retries after 2 failures
            - [ ] 4. D
              - **Dependencies:** Phase 1 complete
            - [ ] 4. D again
              - Depends on: Tasks 3 and 4
            """));

        Assert.Equal(["1", "2", "3", "4", "4-2"], draft.Tasks.Select(task => task.Id.Value));
        Assert.Equal(["1 > 3", "2 > 3", "3 > 4"], draft.HardEdges());
        Assert.Equal(["IMP121", "IMP122", "IMP124", "IMP128"], found.Codes().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_task_of_Kiro_that_waits_for_a_phase_waits_for_each_task_below_its_heading()
    {
        var (draft, found) = Kiro.ReadValid(Sources.Named("tasks.md", """
            ### Phase 1: Foundation
            - [ ] 1. A
              - [ ] 1.1 Part
            - [ ] 2. B
            ### Phase 2: Walls
            - [ ] 3. C
              - **Dependencies:** Phase 1 complete, and the tools
            - [ ] 4. D
              - Dependencies: Phase 9
            """));

        Assert.Equal(["1 > 3", "2 > 3"], draft.HardEdges());
        Assert.Equal("tasks.md#L7", draft.Dependencies[0].Evidence[0].Source);
        Assert.Contains("IMP128", found.Codes());
    }

    [Fact]
    public void A_fence_that_never_ends_hides_no_tasks_and_one_that_ends_hides_its_own()
    {
        var (draft, found) = Kiro.ReadValid(Sources.Named("tasks.md", "```\n- [ ] 9. Example\n```\n- [ ] 1. A\n```sh\n- [ ] 2. B\n"));

        Assert.Equal(["1", "2"], draft.Ids());
        Assert.Equal(5, Assert.Single(found.Items, item => item.Code == "IMP108").Line);
    }

    [Fact]
    public void Phases_of_spec_kit_are_barriers_and_neighbours_marked_P_run_at_once()
    {
        var (draft, found) = SpecKit.ReadValid(Sources.Named("tasks.md", """
            # Tasks: Login

            ## Phase 1: Setup
            - [X] T001 Create it
            - [ ] T002 [P] Write src/a.py
            - [ ] T003 [P] [US1] Write src/a.py too
              and more
            ## Phase 2: Story (Priority: P0)
            - [ ] T004 Use it (depends on T001, T009)
            - [ ] T004 [P] Twice
            """));

        Assert.Equal("Login", draft.Title);
        Assert.Equal(["T001 > T002", "T001 > T003", "T001 > T004", "T002 > T004", "T003 > T004"], draft.HardEdges().Where(edge => !edge.StartsWith("T004", StringComparison.Ordinal)));
        Assert.Equal(["T001 > T004"], draft.HardEdges(minConfidence: 1));
        Assert.Equal([Priority.Medium, Priority.Critical], draft.Features.Select(feature => feature.Priority));
        Assert.Equal(Priority.Critical, draft.Tasks[3].Priority);
        Assert.Equal("and more", draft.Tasks[2].Description);
        Assert.Contains(found.Items, item => item.Code == "IMP134" && item.Message.StartsWith("2 of 3", StringComparison.Ordinal));
        Assert.Contains(found.Items, item => item.Code == "IMP135" && item.Message.Contains("T002, T003", StringComparison.Ordinal));
        Assert.Contains("IMP121", found.Codes());
        Assert.Contains("IMP122", found.Codes());
    }

    [Fact]
    public void A_dependency_that_a_task_states_wins_over_the_order_of_the_list()
    {
        var (draft, found) = SpecKit.ReadValid(Sources.Named("tasks.md", "- [ ] T001 First after T002\n- [ ] T002 Second\n"));

        Assert.Equal(["T002 > T001"], draft.HardEdges());
        Assert.Contains("IMP125", found.Codes());
    }

    [Fact]
    public void A_hundred_thousand_parallel_tasks_in_two_phases_cost_no_square_of_edges()
    {
        var lines = Enumerable.Range(0, 100_000).Select(i => (i == 50_000 ? "## Phase 2\n" : "") + $"- [ ] T{i} [P] x");

        var (draft, _) = SpecKit.Read(Sources.Named("tasks.md", "## Phase 1\n" + string.Join("\n", lines)));

        Assert.Equal(100_000, draft!.Tasks.Count);
        Assert.Equal(99_999, draft.Dependencies.Count);
    }

    [Fact]
    public void The_front_matter_of_a_work_package_decides_and_a_contradiction_is_named()
    {
        var (draft, found) = SpecKitty.ReadValid(Sources.Folder(
            ("tasks.md", "# Tasks: M\n## Work Package WP01: One (Priority: P0)\n**Independent Test**: It runs.\n- [ ] T001 x\n### Dependencies\n- None\n## Work Package WP02: Two\n### Dependencies\n- Depends on WP01 (why), WP03\n## Summary\nDepends on WP09\n"),
            ("tasks/WP01-one.md", "---\nwork_package_id: WP01\ntitle: One indeed\ndependencies: []\nowned_files:\n- src/one/**\n- ../outside\nsubtasks: [T001]\nagent: x\n---\n# Body\nDo it.\n"),
            ("tasks/WP02-two.md", "---\ntitle: Two\ndependencies:\n- WP01\n---\nText\n"),
            ("tasks/README.md", "---\ntitle: none\n---\n"),
            ("status.events.jsonl", "{\"wp_id\":\"WP01\",\"to_lane\":\"done\"}\n{\"wp_id\":\"WP02\",\"to_lane\":\"planned\"}\n")));

        Assert.Equal(["WP01", "WP02"], draft.Ids());
        Assert.Equal(["WP01 > WP02"], draft.HardEdges());
        Assert.Equal(("One indeed", "# Body\nDo it.", Priority.Critical), (draft.Tasks[0].Title, draft.Tasks[0].Description, draft.Tasks[0].Priority));
        Assert.Equal(["src/one/**"], draft.Tasks[0].Boundaries!.Scope.Includes);
        Assert.Equal(["It runs."], draft.Tasks[0].Boundaries!.Done.Criteria);
        Assert.Equal(("tasks/WP02-two.md#L3", "dependencies:"), (draft.Dependencies[0].Evidence[0].Source, draft.Dependencies[0].Evidence[0].Excerpt));
        Assert.Equal(["IMP127", "IMP130", "IMP136"], found.Codes().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_escape_in_the_front_matter_that_names_no_character_is_told_and_the_rest_read()
    {
        var (draft, found) = SpecKitty.ReadValid(Sources.Folder(
            ("tasks/WP01-one.md", "---\ntitle: \"\\uD800\\UFFFFFFFF\"\n---\n# Body\n"),
            ("tasks/WP02-two.md", "---\ntitle: Two\n---\nText\n")));

        Assert.Equal(["WP01", "WP02"], draft.Ids());
        Assert.Contains("IMP107", found.Codes());
    }

    [Theory]
    [InlineData("**Dependencies**: WP01, WP02.", "WP01 > WP03, WP02 > WP03")]
    [InlineData("- Depends on WP01-WP02 (both)", "WP01 > WP03, WP02 > WP03")]
    [InlineData("**Priority**: P1 · **Dependencies**: WP02 (after WP01)", "WP02 > WP03")]
    [InlineData("**Dependencies:** [WP01]", "WP01 > WP03")]
    [InlineData("Depends on all previous WPs", "WP01 > WP03, WP02 > WP03")]
    [InlineData("**Dependencies**: none (but WP01 helps)", "")]
    [InlineData("Everything depends on WP01, as they say.", "")]
    [InlineData("- Loosely depends on WP01 (its names)", "WP01 > WP03")]
    [InlineData("- Depends on WP02.\n- Transitively depends on WP01.", "WP01 > WP03, WP02 > WP03")]
    [InlineData("**Dependencies**: WP02 (same lane; requires WP01 for its errors)", "WP01 > WP03, WP02 > WP03")]
    [InlineData("**Dependencies**: WP01 must be merged first (see a.py). WP02 must be merged first.", "WP01 > WP03, WP02 > WP03")]
    [InlineData("**Dependencies**: WP02 must not begin its a.py edits until WP03 is merged", "WP03 > WP02")]
    [InlineData("### Dependencies\n- WP03 may start after WP01 (it reads its types).", "WP01 > WP03")]
    [InlineData("**Priority**: P1, required by WP02", "WP03 > WP02")]
    [InlineData("```\nDepends on WP01\n```", "")]
    public void What_a_section_says_of_its_dependencies_is_understood(string line, string edges)
    {
        var (draft, _) = SpecKitty.ReadValid(Sources.Named("tasks.md", $"## WP01: A\n## WP02 — B\n### WP03 – C\n{line}\n"));

        Assert.Equal(edges, string.Join(", ", draft.HardEdges()));
    }

    [Fact]
    public void A_table_speaks_for_packages_that_say_nothing_themselves()
    {
        var (draft, _) = SpecKitty.ReadValid(Sources.Named("tasks.md", "| WP | Title | Depends |\n|---|---|---|\n| WP02 | b | **WP01** |\n| WP03 | c | WP01 |\n## WP01\n## WP02\n## WP03\nDependencies: none\n"));

        Assert.Equal(["WP01 > WP02"], draft.HardEdges());
    }

    [Fact]
    public void A_manifest_is_read_where_there_are_no_files_of_work_packages()
    {
        var (draft, _) = SpecKitty.ReadValid(Sources.Folder(
            ("tasks.md", "## WP01 A\n"), ("wps.yaml", "work_packages:\n- id: WP01\n  title: A\n  dependencies: []\n- id: WP02\n  title: B\n  dependencies: [WP01]\n  owned_files: [src/b.py]\n")));

        Assert.Equal(["WP01 > WP02"], draft.HardEdges());
    }

    [Theory]
    [InlineData("a: &x [1]\nb: *x", "aliases")]
    [InlineData("title: [1", "")]
    [InlineData("title: A\ntitle: B", "twice")]
    public void YAML_that_is_broken_or_could_grow_without_bounds_is_named_and_the_package_kept(string yaml, string reason)
    {
        var (draft, found) = SpecKitty.ReadValid(Sources.Folder(("tasks/WP01-a.md", $"---\n{yaml}\n---\n# The title\n")));

        Assert.Equal("The title", draft.Tasks[0].Title);
        Assert.Contains(reason, Assert.Single(found.Items, item => item.Code == "IMP107").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void YAML_that_is_nested_too_deep_is_refused_without_ending_the_program()
    {
        var (_, found) = SpecKitty.Read(Sources.Folder(("tasks/WP01-a.md", $"---\na: {new string('[', 100_000)}\n---\n")));

        Assert.Contains("IMP107", found.Codes());
    }

    [Theory]
    [InlineData("")]
    [InlineData("# Tasks\n\nNothing to do.\n")]
    public void A_file_without_tasks_is_refused(string text)
    {
        foreach (var (draft, found) in new[] { Kiro.Read(Sources.Named("tasks.md", text)), SpecKit.Read(Sources.Named("tasks.md", text)), SpecKitty.Read(Sources.Named("tasks.md", text)) })
        {
            Assert.Null(draft);
            Assert.Equal(["IMP111"], found.Codes());
        }
    }

    [Fact]
    public void Every_code_is_there_once_and_in_order()
    {
        var codes = TrackerDiagnostics.Catalogue.Select(rule => rule.Code).ToList();

        Assert.Equal(codes.Order(StringComparer.Ordinal).Distinct(), codes);
        Assert.All(codes, code => Assert.StartsWith("IMP1", code, StringComparison.Ordinal));
    }
}
