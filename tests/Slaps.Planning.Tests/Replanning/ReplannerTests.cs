using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;
using Slaps.Planning.Replanning;
using Slaps.TestKit;

namespace Slaps.Planning.Tests.Replanning;

/// <summary>A specification changes while its plan is executed: what stays, what comes, what goes.</summary>
public sealed class ReplannerTests
{
    private const string Greeter =
        """
        # The greeter

        ## Build

        - Write the greeting

          The first words.

          ```sh
          echo hello > greeting
          ```

          Verify: `greeting` exists

        - Write the farewell

          ```sh
          echo bye > farewell
          ```

          Verify: `farewell` exists

        ## Ship

        - Pack both

          ```sh
          cat greeting farewell > both
          ```

          After: Write the greeting, Write the farewell
          Verify: `both` exists
        """;

    [Fact]
    public void The_same_specification_changes_nothing_however_far_the_work_is()
    {
        foreach (var done in (string[][])[[], ["P1.T001"], ["P1.T001", "P1.T002", "P1.T003"]])
        {
            var replan = Replanned(Planned(Greeter), Greeter, done);

            Assert.True(replan.IsNone);
            Assert.Equal(["P1.T001", "P1.T002", "P1.T003"], replan.Kept.Select(id => id.Value));
            Assert.Empty(replan.StillHolding);
        }
    }

    [Fact]
    public void A_task_in_front_of_all_others_gets_a_new_id_and_the_others_keep_theirs()
    {
        var before = Planned(Greeter);
        var changed = Greeter.Replace("## Build\n", "## Ground\n\n- Make the folder\n\n  ```sh\n  mkdir -p out\n  ```\n\n  Verify: `out` exists\n\n## Build\n", StringComparison.Ordinal)
            .Replace("  Verify: `farewell` exists", "  After: Make the folder\n  Verify: `farewell` exists", StringComparison.Ordinal);

        var replan = Replanned(before, changed, done: ["P1.T001"]);

        Assert.Equal([new AddedTask(new("P1.T004"), "Make the folder", Again: null)], replan.Added);
        Assert.Equal(3, replan.Kept.Count);
        Assert.Empty(replan.Changed);
        Assert.Equal([("P1.T004", "P1.T002")], replan.Edges.Select(Ends));
        var after = Apply(before, replan);
        Assert.Equal("F003", after.Tasks[^1].Feature!.Value.Value);
        Assert.Equal("F001", after.Tasks[0].Feature!.Value.Value);
        Assert.Single(after.Tasks[^1].Checks);
    }

    [Fact]
    public void A_task_that_waits_is_something_else_from_now_on_when_its_text_is()
    {
        var before = Planned(Greeter);
        var changed = Greeter.Replace("cat greeting farewell > both", "cat farewell greeting > both", StringComparison.Ordinal).Replace("Verify: `both` exists", "Verify: `both` contains `bye`", StringComparison.Ordinal);

        var replan = Replanned(before, changed, done: ["P1.T001", "P1.T002"]);

        Assert.Equal(["P1.T003"], replan.Changed.Select(change => change.Id.Value));
        Assert.Equal(["P1.T003"], replan.OtherWork.Select(id => id.Value));
        Assert.Empty(replan.Added);
        var task = Apply(before, replan).Tasks[2];
        Assert.Contains("farewell greeting", Assert.IsType<RunSpec.Shell>(task.Run).Command, StringComparison.Ordinal);
        Assert.IsType<AcceptanceCheck.FileContains>(Assert.Single(task.Checks));
    }

    [Fact]
    public void Finished_work_that_is_wanted_otherwise_is_followed_by_a_task_that_does_it_anew()
    {
        var before = Planned(Greeter);
        var changed = Greeter.Replace("echo hello", "echo hallo", StringComparison.Ordinal);

        var replan = Replanned(before, changed, done: ["P1.T001"], inHand: ["P1.T002"]);

        Assert.Equal([new AddedTask(new("P1.T001.R2"), "Write the greeting", Again: new("P1.T001"))], replan.Added);
        Assert.Equal([("P1.T001", "P1.T001.R2"), ("P1.T001.R2", "P1.T003")], replan.Edges.Select(Ends));
        var after = Apply(before, replan);
        Assert.Equal(before.Tasks[0], after.Tasks[0]);

        // The next time the repetition is what the title means, and after it comes the third.
        var specified = SpecifiedWork.Of(before, replan.Patches);
        Assert.True(Replanner.Of(after, specified, Standing(["P1.T001"], []), Planned(changed), "Again.").IsNone);
        var third = Replanner.Of(after, specified, Standing(["P1.T001", "P1.T001.R2"], []), Planned(Greeter), "Back.");
        Assert.Equal([new AddedTask(new("P1.T001.R3"), "Write the greeting", Again: new("P1.T001.R2"))], third.Added);
    }

    [Fact]
    public void Finished_work_is_left_as_it_is_on_demand_and_where_only_a_comma_changed()
    {
        var before = Planned(Greeter);

        Assert.Equal(["P1.T001"], Replanned(before, Greeter.Replace("echo hello", "echo hallo", StringComparison.Ordinal), done: ["P1.T001"], leavesFinished: true).LeftAsDone.Select(id => id.Value));
        Assert.True(Replanned(before, Greeter.Replace("The first words.", "The first words!", StringComparison.Ordinal), done: ["P1.T001"]).IsNone);
    }

    [Fact]
    public void What_is_asked_for_no_more_is_named_by_how_far_it_is()
    {
        var before = Planned(Greeter);
        var changed = Greeter[..Greeter.IndexOf("- Write the farewell", StringComparison.Ordinal)];

        var replan = Replanned(before, changed, done: [], inHand: ["P1.T002"]);

        Assert.Equal(["P1.T003"], replan.Dropped.Select(id => id.Value));
        Assert.Equal(["P1.T002"], replan.DroppedInHand.Select(id => id.Value));
        Assert.Empty(replan.Patches);
        Assert.False(replan.IsNone);
        var done = Replanned(before, changed, done: ["P1.T002", "P1.T003"]);
        Assert.Equal(["P1.T002", "P1.T003"], done.DroppedDone.Select(id => id.Value));
        Assert.True(done.IsNone);

        // What was dropped and is wanted again is new work: skipped is skipped for good.
        var again = Replanner.Of(before, SpecifiedWork.Of(before, []), id => id.Value == "P1.T003" ? TaskStanding.Dropped : TaskStanding.Waiting, Planned(Greeter), "Back.");
        Assert.Equal(["P1.T004"], again.Added.Select(task => task.Id.Value));
        var givenUp = Replanner.Of(before, SpecifiedWork.Of(before, []), id => id.Value == "P1.T003" ? TaskStanding.GivenUp : TaskStanding.Waiting, Planned(Greeter), "Back.");
        Assert.True(givenUp.IsNone);
    }

    [Fact]
    public void A_renamed_task_that_waits_keeps_its_id_and_one_that_is_done_does_not_stand_for_another()
    {
        var before = Planned(Greeter);
        var changed = Greeter.Replace("- Pack both", "- Pack both now", StringComparison.Ordinal).Replace("Write the farewell", "Write the last farewell", StringComparison.Ordinal);

        var waiting = Replanned(before, changed, done: []);
        Assert.Equal(["P1.T002"], waiting.Changed.Select(change => change.Id.Value));
        Assert.Equal("Write the last farewell", Apply(before, waiting).Tasks[1].Title);
        Assert.Equal(["Pack both now"], waiting.Added.Select(task => task.Title));   // Two words of three are too few.

        Assert.Equal(["P1.T004", "P1.T005"], Replanned(before, changed, done: ["P1.T002"]).Added.Select(task => task.Id.Value));
    }

    [Fact]
    public void What_people_and_breakers_changed_meanwhile_stays_and_a_word_that_was_taken_back_is()
    {
        var before = Planned(Greeter);
        var byHand = new PlanPatch { By = "alice", Operations = [new PatchOperation.ModifyTask(new("P1.T003"), new() { Description = "Mind the order.", Locks = ["breaker.port"] })] };
        var bySpecification = Replanned(before, Greeter.Replace("echo bye", "echo ciao", StringComparison.Ordinal), done: []).Patches;
        var now = Apply(Apply(before, byHand), bySpecification);
        var specified = SpecifiedWork.Of(before, [byHand, .. bySpecification]);

        // Back to the first specification: only what it changed itself goes back.
        var replan = Replanner.Of(now, specified, Standing([], []), Planned(Greeter), "Back.");

        Assert.Equal(["P1.T002"], replan.Changed.Select(change => change.Id.Value));
        var after = Apply(now, replan);
        Assert.Contains("bye", ((RunSpec.Shell)after.Tasks[1].Run).Command, StringComparison.Ordinal);
        Assert.Equal("Mind the order.", after.Tasks[2].Description);
        Assert.Equal(["breaker.port"], after.Tasks[2].Locks);

        // Locks of the specification come beside those of others.
        var locked = Replanner.Of(now, specified, Standing([], []), Planned(Greeter.Replace("## Build\n", "## Resources\n\n- Lock `dist`\n\n## Build\n", StringComparison.Ordinal).Replace("Verify: `both`", "Locks: dist\n  Verify: `both`", StringComparison.Ordinal).Replace("echo bye", "echo ciao", StringComparison.Ordinal)), "More.");
        Assert.Equal(["breaker.port", "dist"], Apply(now, locked).Tasks[2].Locks.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Tasks_that_others_added_are_not_dropped()
    {
        var before = Planned(Greeter);
        var now = Apply(before, new PlanPatch { By = "alice", Operations = [new PatchOperation.InjectTask(new PlanTask { Id = new("ADD.T001"), Title = "Tell everybody" }, [])] });

        var replan = Replanner.Of(now, SpecifiedWork.Of(before, []), Standing([], []), Planned(Greeter), "Nothing.");

        Assert.True(replan.IsNone);
        Assert.DoesNotContain(new TaskId("ADD.T001"), replan.Kept);
    }

    [Fact]
    public void An_order_that_was_turned_round_is_left_out_and_named_because_the_old_one_still_holds()
    {
        var before = Planned(Greeter.Replace("echo bye > farewell\n  ```\n", "echo bye > farewell\n  ```\n\n  After: Write the greeting", StringComparison.Ordinal));
        var changed = Greeter.Replace("echo hello > greeting\n  ```\n", "echo hello > greeting\n  ```\n\n  After: Write the farewell", StringComparison.Ordinal);

        var replan = Replanned(before, changed, done: []);

        Assert.Equal(["P1.T001 waits"], replan.LeftOut.Select(edge => edge.Why[..13]).Select(why => why.Replace("P1.T002", "P1.T001", StringComparison.Ordinal)));
        Assert.Equal([("P1.T001", "P1.T002")], replan.StillHolding.Select(Ends));
        Assert.Empty(replan.Patches);
    }

    [Fact]
    public void Nothing_is_made_to_wait_that_has_begun()
    {
        var before = Planned(Greeter);
        var changed = Greeter.Replace("- Write the greeting\n", "- Choose the language\n\n  ```sh\n  echo en > language\n  ```\n\n  Verify: `language` exists\n\n- Write the greeting\n", StringComparison.Ordinal)
            .Replace("Verify: `greeting` exists", "After: Choose the language\n  Verify: `greeting` exists", StringComparison.Ordinal)
            .Replace("Verify: `farewell` exists", "After: Choose the language\n  Verify: `farewell` exists", StringComparison.Ordinal);

        var replan = Replanned(before, changed, done: ["P1.T001"], inHand: ["P1.T002"]);

        Assert.Equal(["P1.T004"], replan.Added.Select(task => task.Id.Value));
        Assert.Empty(replan.Edges);
        Assert.Equal([("P1.T004", "P1.T001"), ("P1.T004", "P1.T002")], replan.LeftOut.Select(edge => Ends(edge.Edge)));
    }

    [Fact]
    public void Pools_and_quotas_that_the_specification_brings_or_changes_come_with_it()
    {
        var first = Greeter.Replace("## Build\n", "## Resources\n\n- Pool `bench`: 2\n- Quota `memory_mb`: 512\n\n## Build\n", StringComparison.Ordinal);
        var before = Planned(first);
        var changed = first.Replace("`bench`: 2", "`bench`: 3\n- Pool `press`: 1", StringComparison.Ordinal).Replace("512", "1024", StringComparison.Ordinal);

        var after = Apply(before, Replanned(before, changed, done: []));

        Assert.Equal([new("bench", 3), new("press", 1)], after.Resources.Pools);
        Assert.Equal(1024, after.Resources.Quotas.MemoryMb);
    }

    [Fact]
    public void More_than_one_patch_may_hold_becomes_several_each_of_which_is_a_plan()
    {
        var before = Planned(Greeter);
        var many = new StringBuilder(Greeter).Append("\n## More\n\n");
        for (var i = 1500; i > 0; i--) many.Append($"- Do part {i}\n\n  ```sh\n  true\n  ```\n\n  {(i > 1 ? $"After: Do part {i - 1}\n  " : "")}Verify: `both` exists\n\n");

        var replan = Replanned(before, many.ToString(), done: []);

        Assert.True(replan.Patches.Count > 1, $"{replan.Patches.Count} patches");
        var now = before;
        foreach (var patch in replan.Patches)
        {
            now = Apply(now, patch);
            foreach (var task in patch.Injected) Assert.Equal(task.Title == "Do part 1" ? 0 : 1, now.Dependencies.Count(edge => edge.To == task.Id));
        }

        Assert.Equal(1503, now.Tasks.Count);
        Assert.True(Replanner.Of(now, SpecifiedWork.Of(before, replan.Patches), Standing([], []), Planned(many.ToString()), "Again.").IsNone);
    }

    [Fact]
    public void Whatever_is_done_the_patched_plan_is_one_and_finished_work_is_untouched()
    {
        var facts = new Facts(new HashSet<string>());
        for (var seed = 1; seed <= 300; seed++)
        {
            var dice = new Random(seed);
            var before = Some(dice, tasks: 12);
            var wanted = Changed(before, dice);

            // A prefix of the work is done, and some of what may run runs.
            var run = Run.From(before).Started(workers: 3);
            for (var steps = dice.Next(before.Tasks.Count + 1); steps > 0 && run.State.Active.Count > 0; steps--)
            {
                var active = run.State.Active.ToList();
                run.Succeeds(before.Tasks[active[dice.Next(active.Count)]].Id.Value);
            }

            var done = before.Tasks.Where(task => run.State[task.Id].IsDone).Select(task => task.Id).ToList();
            var inHand = run.State.Active.Select(i => before.Tasks[i].Id).ToList();
            var (before2, hashOfDone) = (run.State.Plan, done.ToDictionary(id => id, id => run.State[id]));
            var replan = Replanner.Of(before2, SpecifiedWork.Of(before2, []), Standing([.. done.Select(id => id.Value)], [.. inHand.Select(id => id.Value)]), wanted, "The specification has changed.");

            foreach (var patch in replan.Patches)
            {
                Assert.True(Refusals.Of(run.State, new ModifyPlan(run.Now, patch)) is null, $"seed {seed}: {Refusals.Of(run.State, new ModifyPlan(run.Now, patch))}");
                Assert.True(patch.Edges.All(edge => run.State.Plan.IndexOf(edge.To) is < 0 || !done.Contains(edge.To)), $"seed {seed}: an edge leads into finished work");
                run.Settling(new ModifyPlan(run.Now, patch));
            }

            foreach (var task in done.Concat(inHand)) Assert.True(facts.Difference(before2.Tasks[before.IndexOf(task)], run.State.Plan.Tasks[before.IndexOf(task)]) is null, $"seed {seed}: {task} was changed");
            foreach (var task in done) Assert.True(facts.Difference(hashOfDone[task], run.State[task]) is null, $"seed {seed}: {task} is not as it was done");
            Assert.True(before.Tasks.Select((task, i) => run.State.Plan.IndexOf(task.Id) == i).All(same => same), $"seed {seed}: an id moved");
            foreach (var dropped in replan.Dropped) run.Settling(new SkipTask(run.Now, dropped, "Nobody asks for it.", WithSuccessors: false));

            // What is asked for now is there, and it comes to its end.
            var titles = run.State.Plan.Tasks.Select(task => task.Title).ToHashSet();
            Assert.True(wanted.Tasks.All(task => titles.Contains(task.Title)), $"seed {seed}: something is missing");
            for (var i = 0; run.State.Active.Count > 0 && i < 100; i++) run.Succeeds(run.State.Plan.Tasks[run.State.Active.First()].Id.Value);
            Assert.True(run.State.Status == ExecutionStatus.Completed, $"seed {seed}: {run.State.Status}");
        }
    }

    private static Plan Some(Random dice, int tasks)
    {
        var drafts = new List<TaskDraft>();
        for (var i = 0; i < tasks; i++)
        {
            var draft = A.Task($"P1.T{i + 1:000}").Where(task => task with { Title = $"Title {i}", Description = "As it was." });
            foreach (var before in Enumerable.Range(0, i).Where(_ => dice.Next(5) == 0)) draft = draft.After($"P1.T{before + 1:000}");
            if (dice.Next(4) == 0) draft = draft.Holding("disk");
            drafts.Add(draft);
        }

        return A.Plan([.. drafts]).Build();
    }

    // Some go, some are told otherwise, some come, the order is another one, and every id is the number of the place.
    private static Plan Changed(Plan plan, Random dice)
    {
        var titles = plan.Tasks.Where(_ => dice.Next(5) > 0).ToList();
        for (var more = dice.Next(4); more > 0; more--) titles.Insert(dice.Next(titles.Count + 1), new PlanTask { Id = new("x"), Title = $"Another {more}", Run = new RunSpec.Process(["true"], ProcessContext.Default) });
        for (var swap = dice.Next(3); swap > 0 && titles.Count > 1; swap--)
        {
            var i = dice.Next(titles.Count - 1);
            (titles[i], titles[i + 1]) = (titles[i + 1], titles[i]);
        }

        var drafts = new List<TaskDraft>();
        for (var i = 0; i < titles.Count; i++)
        {
            var draft = A.Task($"P1.T{i + 1:000}").Where(task => titles[i] with { Id = task.Id, Description = dice.Next(4) == 0 ? "Otherwise." : titles[i].Description });
            if (dice.Next(6) == 0) draft = draft.Holding("network");
            foreach (var before in Enumerable.Range(0, i).Where(_ => dice.Next(5) == 0)) draft = draft.After($"P1.T{before + 1:000}");
            drafts.Add(draft);
        }

        return A.Plan([.. drafts]).Build();
    }

    private static Replan Replanned(Plan before, string changed, string[] done, string[]? inHand = null, bool leavesFinished = false) =>
        Replanner.Of(before, SpecifiedWork.Of(before, []), Standing(done, inHand ?? []), Planned(changed), "The specification has changed.", leavesFinished);

    private static Func<TaskId, TaskStanding> Standing(string[] done, string[] inHand) =>
        id => done.Contains(id.Value) ? TaskStanding.Done : inHand.Contains(id.Value) ? TaskStanding.InHand : TaskStanding.Waiting;

    private static Plan Planned(string specification)
    {
        var diagnostics = new DiagnosticBag();
        var planned = SpecificationPlanner.Plan(specification, "SPEC.md", diagnostics);
        Assert.True(planned is not null, string.Join('\n', diagnostics.Items));
        var plan = Plan.Build(planned.Draft, diagnostics);
        Assert.True(plan is not null, string.Join('\n', diagnostics.Items));
        return plan;
    }

    private static Plan Apply(Plan plan, Replan replan) => Apply(plan, replan.Patches);

    private static Plan Apply(Plan plan, IEnumerable<PlanPatch> patches) => patches.Aggregate(plan, Apply);

    private static Plan Apply(Plan plan, PlanPatch patch)
    {
        var diagnostics = new DiagnosticBag();
        var after = plan.With(patch, diagnostics);
        Assert.True(after is not null, string.Join('\n', diagnostics.Items));
        return after;
    }

    private static (string, string) Ends(Dependency edge) => (edge.From.Value, edge.To.Value);
}
