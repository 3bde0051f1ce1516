using System.Globalization;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Planning.Codebase;
using Slaps.Planning.Dependencies;
using Slaps.Planning.Features;
using Slaps.Planning.Normalisation;
using Slaps.Planning.Reading;
using Slaps.Planning.Tasks;

namespace Slaps.Planning;

/// <summary>Plans a specification of any form: reads its structure, finds features and work, sizes it and orders it.</summary>
internal static class WorkPlanner
{
    private const int MostContextEvidence = 40;

    /// <summary>The plan of some documents; they hold at least one word.</summary>
    public static PlannedSpecification Plan(IReadOnlyList<SpecificationText> texts, PlanningOptions options, DiagnosticBag diagnostics)
    {
        var survey = options.Codebase is { } codebase ? CodebaseSurvey.Of(codebase) : null;
        var found = WorkFinder.Find(texts);
        foreach (var done in found.FinishedDocuments) new SpecificationReport(done.File, diagnostics).Finished(done.First);
        foreach (var done in found.Finished.GroupBy(f => f.Text.File, StringComparer.Ordinal)) new SpecificationReport(done.Key, diagnostics).FinishedSections(done.Count(), done.First().Section.Line);
        var (features, shaped) = FeatureShaper.Shape(found.Work);
        var (sized, acts) = new TaskSizes(options.TargetHours).Normalise(shaped);
        var items = DistinctTitles(sized, features);
        if (survey is not null) items = [.. items.Select(item => InCodebase(item, survey))];

        var composer = new TaskComposer(survey is null ? null : survey.Exists);
        var marked = new MarkedLines(texts);
        var tasks = items.Select(item => composer.Compose(item, features[item.Feature], marked.Of(item))).ToList();
        var discovered = DependencyDiscovery.Find(
            items, [.. tasks.Select(t => t.Id)], texts.ToDictionary(t => t.File, t => t.Lines, StringComparer.Ordinal), survey, options.MinConfidence, diagnostics);
        var settled = survey is null ? null : CheckProposals.Settle(items, tasks, survey, options.TryChecks);
        tasks = [.. tasks.Select((task, i) => task with { Locks = discovered.LocksOf[i], Pools = discovered.PoolsOf[i], Checks = settled?.ChecksOf[i] ?? task.Checks })];
        var dependencies = discovered.Dependencies;
        var unplanned = Unplanned.Find(texts, found, items);
        if (unplanned.Count > 0) new SpecificationReport(unplanned[0].Source.File, diagnostics).Unplanned(unplanned.Count, unplanned[0].Source.First);
        var manual = tasks.Where(t => t.Checks.All(c => c is AcceptanceCheck.Unrunnable)).ToList();

        var draft = new PlanDraft
        {
            Title = TitleOf(texts),
            Tasks = tasks,
            Dependencies = dependencies,
            Features = features,
            Resources = discovered.Resources,
            Policies = new PlanPolicies { Model = options.Model },
            Origin = new PlanOrigin
            {
                MinConfidence = options.MinConfidence,
                Autonormalization = [.. acts.Select(a => new Normalization(a.Action, [.. a.Items.Select(i => tasks[i].Id)], a.Reason))],
                CodebaseAnalysis = survey?.Analysis(items),
                Decisions = [.. Decisions(found, tasks, manual, options), .. UnplannedOf(unplanned), .. StatedTotals.Contradicted(texts, tasks), .. settled?.Decisions ?? [], .. discovered.Decisions],
            },
        };
        return new PlannedSpecification(draft)
        {
            Phases = Phases(texts, found, draft, manual, survey),
            Documents = [.. texts.Select(t => new ReadDocument(t.File, string.Join('\n', t.Lines)))],
        };
    }

    private static string TitleOf(IReadOnlyList<SpecificationText> texts)
    {
        var subject = WorkFinder.SubjectOf(texts[0]);
        if (subject.Length == 0) subject = "Specification";
        subject = char.ToUpperInvariant(subject[0]) + subject[1..];
        return texts.Count == 1 ? subject : $"{subject} and {texts.Count - 1} more documents";
    }

    // Two tasks of one title cannot be told apart in a list: the feature tells them, then a number.
    private static List<WorkItem> DistinctTitles(IReadOnlyList<WorkItem> items, IReadOnlyList<Feature> features)
    {
        var counts = items.GroupBy(i => i.Title, StringComparer.OrdinalIgnoreCase).ToDictionary(g => g.Key, g => g.Count(), StringComparer.OrdinalIgnoreCase);
        var taken = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var result = new List<WorkItem>(items.Count);
        foreach (var item in items)
        {
            var title = item.Title;
            if (counts[title] > 1)
            {
                var of = Words.Beginning(features[item.Feature].Title, 60);
                if (!title.Contains(of, StringComparison.OrdinalIgnoreCase)) title = $"{title} ({of})";
            }

            var seen = taken[title] = taken.GetValueOrDefault(title) + 1;
            result.Add(item with { Title = seen > 1 ? $"{title} [{seen}]" : title });
        }

        return result;
    }

    // --- What was decided ---

    private static List<PlanDecision> Decisions(WorkFindings found, List<PlanTask> tasks, List<PlanTask> manual, PlanningOptions options)
    {
        var decisions = new List<PlanDecision>();
        if (manual.Count > 0)
        {
            decisions.Add(new PlanDecision(
                $"Risk: {manual.Count} of {tasks.Count} tasks have no check that a machine can run",
                $"The text names no command, file or content for them, so each has a check of the type manual and a person has to look: {Names(manual)}.",
                [],
                ["Inventing commands: a made-up check is worse than none.", "No check at all: the task would count as done without anybody looking."]));
        }

        var partly = tasks.Except(manual).Where(IsPartlyByHand).ToList();
        if (partly.Count > 0)
        {
            decisions.Add(new PlanDecision(
                $"Risk: {partly.Count} of {tasks.Count} tasks {(partly.Count == 1 ? "has" : "have")} criteria that no check covers wholly",
                $"A check of the type manual beside those that run quotes each of these criteria whole, and a person has to look: {Names(partly)}.",
                [],
                ["Taking the part that can be run for the whole: the task would count as done without the rest."]));
        }

        var rests = found.CommandsLeft.Where(left => left.Command.IsRest).DistinctBy(left => (left.Source.Place, left.Command.Code)).ToList();
        if (rests.Count > 0)
        {
            decisions.Add(new PlanDecision(
                $"{rests.Count} {(rests.Count == 1 ? "criterion is" : "criteria are")} checked only in part",
                "A part of each states a command and what comes of it, and is run. The other words ask for more, or set a condition that nobody brings about before the command runs.",
                [.. rests.Take(MostContextEvidence).Select(left => new Evidence(EvidenceType.Plan, left.Source.Place, left.Source.Excerpt, 0.9, $"{Identifiers.Quote(Words.Beginning(left.Command.Code, 120))} is not checked: {left.Command.Why}."))],
                ["Counting them as checked."]));
        }

        var commandsLeft = found.CommandsLeft.Where(left => !left.Command.IsRest).ToList();
        if (commandsLeft.Count > 0)
        {
            decisions.Add(new PlanDecision(
                $"{commandsLeft.Count} {(commandsLeft.Count == 1 ? "command that the criteria name is no check" : "commands that the criteria name are no checks")}",
                "A command is a check where the text states what comes of it, where it can be run as it stands, and where it only looks. Each of these is something else; write what is to come of it to have it run.",
                [.. commandsLeft.Take(MostContextEvidence).Select(left => new Evidence(EvidenceType.Plan, left.Source.Place, left.Source.Excerpt, 0.9, $"{Identifiers.Quote(Words.Beginning(left.Command.Code, 80))} is no check: {left.Command.Why}."))],
                ["Running them all the same: what fails for another reason than the work says nothing of it."]));
        }

        if (found.Context.Count > 0)
        {
            decisions.Add(new PlanDecision(
                $"{found.Context.Count} {(found.Context.Count == 1 ? "section is" : "sections are")} context and not planned",
                "They explain the work, or set limits to it, and ask for nothing themselves.",
                [.. found.Context.Where(c => c.Section.Level > 0).Take(MostContextEvidence).Select(ContextEvidence)],
                ["Making tasks of them: nobody could say when motivation or an alternative is done."]));
        }

        if (found.Done.Count > 0)
        {
            decisions.Add(new PlanDecision(
                $"{found.Done.Count} ticked {(found.Done.Count == 1 ? "item is" : "items are")} not planned",
                "Their boxes are ticked while others of the same list are open, or the table says in the column of their state that they are done.",
                [.. found.Done.Take(MostContextEvidence).Select(l => new Evidence(EvidenceType.Plan, l.Place, l.Excerpt, 0.9, "It is marked as done."))],
                ["Planning them again."]));
        }

        if (found.Finished.Count > 0)
        {
            decisions.Add(new PlanDecision(
                $"{found.Finished.Count} {(found.Finished.Count == 1 ? "section says of itself that it is done and is" : "sections say of themselves that they are done and are")} not planned",
                "The heading or the state below it says so. What is not done after all is planned when the mark is taken away.",
                [.. found.Finished.Take(MostContextEvidence).Select(ContextEvidence)],
                ["Planning it again: the work would be done twice."]));
        }

        if (found.FinishedDocuments.Count > 0)
        {
            decisions.Add(new PlanDecision(
                $"Risk: {(found.FinishedDocuments.Count == 1 ? "the document says" : $"{found.FinishedDocuments.Count} documents say")} that it is done already",
                "It is planned all the same, because a plan was asked for. Look whether this is the right version of the text before anybody starts.",
                [.. found.FinishedDocuments.Take(MostContextEvidence).Select(l => new Evidence(EvidenceType.Plan, l.Place, l.Excerpt, 0.9, "It states that the work is done."))],
                ["Planning nothing."]));
        }

        if (found.Twice.Count > 0)
        {
            decisions.Add(new PlanDecision(
                $"{found.Twice.Count} {(found.Twice.Count == 1 ? "piece of work that stands twice is" : "pieces of work that stand twice are")} planned once",
                "In another section the same words name the same thing. The first place stays, the other is evidence for it, and its phase and its parts count.",
                [.. found.Twice.Take(MostContextEvidence / 2).SelectMany(pair => new[] { new Evidence(EvidenceType.Plan, pair.Kept.Place, pair.Kept.Excerpt, 0.8, "It is planned from here."), new Evidence(EvidenceType.Plan, pair.Again.Place, pair.Again.Excerpt, 0.8, "It stands here again.") })],
                ["Two tasks: the second would find nothing left to do."]));
        }

        if (found.PutOff.Count > 0)
        {
            decisions.Add(new PlanDecision(
                $"{found.PutOff.Count} {(found.PutOff.Count == 1 ? "item" : "items")} that the text puts off {(found.PutOff.Count == 1 ? "is" : "are")} not planned",
                "They are struck through, or said to be deferred, rejected or out of scope.",
                [.. found.PutOff.Take(MostContextEvidence).Select(l => new Evidence(EvidenceType.Plan, l.Place, l.Excerpt, 0.9, "The text puts it off."))],
                ["Planning them all the same."]));
        }

        var stated = tasks.Count(t => t.Boundaries!.Complexity.Breakdown.StartsWith("The specification states", StringComparison.Ordinal));
        decisions.Add(new PlanDecision(
            "How long tasks take",
            string.Create(CultureInfo.InvariantCulture, $"{stated} of {tasks.Count} estimates are stated times or sizes. A day counts as {StatedAmounts.DayHours:0} hours, a week as {StatedAmounts.WeekHours:0}, and {StatedAmounts.LinesPerHour:0} lines of code as one. The others go by kind and parts, aimed at {options.TargetHours:0.####} hours a task; each task's expected complexity names its rule."),
            [],
            ["One hour for everything: the critical path would only count tasks."]));
        decisions.Add(new PlanDecision(
            "What tasks need",
            "Cores, memory and capabilities go by the kind of work and the endings of named files: 2 cores and 2,048 MB for tests, 1 core and 1,024 MB for code and data, half a core and 512 MB for the rest. No quota is declared, so they limit nothing until somebody declares one.",
            [],
            ["Declaring quotas: the specification knows nothing of the machines."]));
        return decisions;
    }

    private static IEnumerable<PlanDecision> UnplannedOf(IReadOnlyList<UnplannedDemand> unplanned)
    {
        if (unplanned.Count == 0) return [];
        return
        [
            new PlanDecision(
                $"Risk: {unplanned.Count} {(unplanned.Count == 1 ? "demand" : "demands")} of the text {(unplanned.Count == 1 ? "is" : "are")} in no task",
                "Each is a sentence with MUST or SHALL, a session below a prompt, or a criterion, and no task has it in its description, its evidence or its checks: it stands where the text only explains, or in a form that the planner does not take for work. Look at each, and write those that have to be built as requirements or tasks.",
                [.. unplanned.Take(MostContextEvidence).Select(u => new Evidence(EvidenceType.Plan, u.Source.Place, u.Source.Excerpt, 0.9, u.Kind switch
                {
                    Demand.Session => "No task runs or shows this session.",
                    Demand.Criterion => "No task is judged by this criterion.",
                    _ => "No task speaks of this obligation.",
                }))],
                ["Making tasks of them: what a section explains is often said again where it is asked for."]),
        ];
    }

    private static Evidence ContextEvidence(ContextSection context)
    {
        var lines = WorkFinder.LinesOf(context.Text, context.Section.Line, context.Section.Line);
        return new Evidence(EvidenceType.Plan, lines.Place, lines.Excerpt, 0.9, context.Reason);
    }

    private static string Names(List<PlanTask> tasks) => string.Join(", ", tasks.Take(20).Select(t => t.Id.Value)) + (tasks.Count > 20 ? $" and {tasks.Count - 20} more" : "");

    // --- For people ---

    // "core/paths.py" is src/app/core/paths.py where the codebase has one such file.
    private static WorkItem InCodebase(WorkItem item, CodebaseSurvey survey) => item with
    {
        Paths = [.. item.Paths.Select(survey.Resolve).Distinct(StringComparer.Ordinal)],
        Produces = [.. item.Produces.Select(survey.Resolve).Distinct(StringComparer.Ordinal)],
        Uses = [.. item.Uses.Select(survey.Resolve).Distinct(StringComparer.Ordinal)],
    };

    private static List<PlanningPhase> Phases(IReadOnlyList<SpecificationText> texts, WorkFindings found, PlanDraft draft, List<PlanTask> manual, CodebaseSurvey? survey)
    {
        var tasks = draft.Tasks;
        var hours = tasks.Select(t => t.Duration.MostLikely).Order().ToList();
        var splits = draft.Origin.Autonormalization.Count(n => n.Action == "split");
        var paths = tasks.SelectMany(t => t.Boundaries!.Scope.Includes).Distinct(StringComparer.Ordinal).ToList();
        var codebase = new List<string>();
        if (survey is not null)
        {
            codebase.Add($"{paths.Count(survey.Exists)} of {paths.Count} files that the specification names are in the codebase");
        }
        else
        {
            codebase.Add($"No codebase was given; {paths.Count} {(paths.Count == 1 ? "file is" : "files are")} named and not looked for");
        }

        return
        [
            new("Codebase Analysis", codebase),
            new("Feature Extraction",
            [
                $"Read {texts.Sum(t => t.Lines.Count)} lines in {Count(texts.Count, "document")}; {Count(found.Context.Count, "section")} of context",
                .. draft.Features.Select(f => $"{f.Id}: {f.Title}"),
            ]),
            new("Task Generation",
            [
                string.Create(CultureInfo.InvariantCulture, $"Generated {Count(tasks.Count, "task")} ({hours[0]:0.##}-{hours[^1]:0.##}h each, {hours[hours.Count / 2]:0.##}h in the middle)"),
                $"Split {splits} and merged {draft.Origin.Autonormalization.Count - splits}",
                $"{tasks.Count - manual.Count} of {tasks.Count} tasks have a check that can be run{Guarding(tasks, manual)}; {ByHand(tasks, manual)}",
            ]),
            new("Dependency Discovery",
            [
                .. draft.Dependencies.GroupBy(d => d.Type).OrderBy(g => g.Key).Select(g => $"Found {g.Count()} {PhaseName(g.Key)}"),
                .. draft.Dependencies.Count == 0 ? ["Found no dependencies: no order that the planner recognises is stated"] : Array.Empty<string>(),
            ]),
        ];
    }

    // A check that passes before the work says that nothing broke, and not that the work was done.
    private static string Guarding(IReadOnlyList<PlanTask> tasks, List<PlanTask> manual)
    {
        var only = tasks.Except(manual).Count(task => task.Checks.All(check => check is AcceptanceCheck.Unrunnable || PlanProofs.IsGuard(check)));
        return only == 0 ? "" : $", {only} of them only {(only == 1 ? "one that passes" : "such that pass")} already";
    }

    // A task of which a part is run and another part looked at counts in both.
    private static string ByHand(IReadOnlyList<PlanTask> tasks, List<PlanTask> manual)
    {
        var looked = tasks.Count(task => task.Checks.Any(check => check is AcceptanceCheck.Unrunnable));
        return $"{looked} must be looked at by hand{(looked > manual.Count ? $", {looked - manual.Count} of them beside {(looked - manual.Count == 1 ? "a check" : "checks")} that can be run" : "")}";
    }

    private static bool IsPartlyByHand(PlanTask task) => task.Checks.Any(check => check is AcceptanceCheck.Unrunnable { Id: "manual" });

    private static string PhaseName(DependencyType type) => type switch
    {
        DependencyType.MutualExclusion => "mutual exclusions",
        DependencyType.ResourceLimited => "resource-limited constraints",
        _ => $"{type.ToString().ToLowerInvariant()} dependencies",
    };

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";

    // The lines of items with their marks, taken from the documents.
    private sealed class MarkedLines(IReadOnlyList<SpecificationText> texts)
    {
        private readonly Dictionary<string, SpecificationText> _texts = texts.ToDictionary(t => t.File, StringComparer.Ordinal);

        public List<string> Of(WorkItem item)
        {
            var lines = new List<string>();
            foreach (var source in item.Sources.Take(20))
            {
                if (!_texts.TryGetValue(source.File, out var text)) continue;
                if (source.First == source.Last && source.First <= text.Lines.Count && text.Lines[source.First - 1].Length > WorkFinder.LongLine)
                {
                    lines.Add(source.Excerpt);
                    continue;
                }

                for (var n = source.First; n <= source.Last && n <= text.Lines.Count && lines.Count < 400; n++) lines.Add(text.Lines[n - 1]);
            }

            return lines;
        }
    }
}
