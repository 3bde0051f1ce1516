using System.Globalization;
using System.Text;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Graphs;

namespace Slaps.Planning;

/// <summary>The sections of Plan.md that a reviewer looks for first: what may go wrong, and what is soft or doubtful and wants a human eye.</summary>
internal static class RisksMarkdown
{
    private const int MostTasks = 25;
    private const int MostEdges = 40;

    // Longer than this a task is split, if it can be; so many times its likely length is more than a spread.
    private const double LongHours = 16;
    private const double WideSpread = 3;

    /// <summary>Two sections of Markdown with their headings of the second level, each with a final blank line.</summary>
    public static string Write(Plan plan, PlanFigures figures)
    {
        var text = new StringBuilder("## Risks\n\n");
        var start = text.Length;
        Tasks(text, plan, plan.Tasks.Where(task => task.Checks.Count == 0), "without any check", "They count as done when they exit with code 0; nothing else is looked at.");
        Tasks(text, plan, plan.Tasks.Where(task => task.Checks.Count > 0 && task.Checks.All(check => check is AcceptanceCheck.Unrunnable)), "that no machine can check", "All their checks are by hand: a person has to say whether they are done.");
        ManualChecks(text, plan);
        Tasks(text, plan, plan.Tasks.Where(task => task.Duration.MeanMicroseconds / 3_600_000_000d > LongHours), $"of more than {LongHours} h", "What is that long is rarely understood; splitting shows progress earlier.", Length);
        Tasks(text, plan, plan.Tasks.Where(IsWide), "of very uncertain length", $"At worst they take more than {WideSpread} times what is likely.", Length);
        Tasks(text, plan, SinglePoints(plan), "on every way through the plan", "While one of them runs nothing else can, and if it fails nothing after it starts.");
        Tasks(text, plan, plan.Tasks.Where(task => task is { Idempotent: false, Compensation: null }), "with effects that can be neither repeated nor undone", "A failure in the middle of it needs a person.");
        Stated(text, plan);
        if (text.Length == start) text.Append("None of those that are looked for: every task has a check that a machine runs, none is very long or of very uncertain length, none holds up all others, and each can be repeated or undone.\n\n");

        text.Append("## What wants a human eye\n\n");
        start = text.Length;
        Edges(text, plan);
        Tasks(text, plan, plan.Tasks.Where(task => task.Run is RunSpec.Claimed { Manual: false }), "with nothing to run", "The plan does not say who does them: they wait for the project's default agent or for somebody who claims them.");
        Tasks(text, plan, figures.Isolated.Select(task => plan.Tasks[task]), "without any dependency", "Perhaps so; perhaps a dependency was forgotten.");
        Unproven(text, plan);
        Redacted(text, plan);
        if (text.Length == start) text.Append("Nothing in particular: no dependency is soft or doubtful, and every task says how it is run.\n\n");
        return text.ToString();
    }

    // What planning itself found out and no look at the tasks shows: it stands in Decisions.md with its evidence.
    private static void Stated(StringBuilder text, Plan plan)
    {
        const string mark = "Risk: ";
        foreach (var decision in plan.Origin.Decisions.Where(d => d.Title.StartsWith(mark, StringComparison.Ordinal) && !d.Title.EndsWith("that a machine can run", StringComparison.Ordinal)))
        {
            var title = decision.Title[mark.Length..];
            text.Append($"**{Inert.Text(char.ToUpperInvariant(title[0]) + title[1..])}.** {Inert.Text(decision.Reason)}\n\n");
        }
    }

    private static void Tasks(StringBuilder text, Plan plan, IEnumerable<PlanTask> found, string what, string why, Func<PlanTask, string>? more = null)
    {
        var tasks = found.ToList();
        if (tasks.Count == 0) return;
        text.Append(CultureInfo.InvariantCulture, $"**{(tasks.Count == 1 ? "1 task" : $"{tasks.Count} of {plan.Tasks.Count} tasks")} {what}.** {why}\n\n");

        // All tasks stand in a table of their own already.
        if (tasks.Count > 1 && tasks.Count == plan.Tasks.Count && more is null) return;
        foreach (var task in tasks.Take(MostTasks)) text.Append($"- {Inert.Text(task.Id.Value)} {Inert.Text(PlanMarkdown.TitleOf(task))}{more?.Invoke(task)}\n");
        text.Append(PlanMarkdown.More(tasks.Count - MostTasks, "in tasks.json")).Append('\n');
    }

    // What is to be looked at is quoted once, with its task; here stands how much of it there is, and where it hides beside other checks.
    private static void ManualChecks(StringBuilder text, Plan plan)
    {
        var tasks = plan.Tasks.Where(task => task.Checks.Any(check => check is AcceptanceCheck.Unrunnable)).ToList();
        if (tasks.Count == 0) return;
        var manual = tasks.Sum(task => task.Checks.Count(check => check is AcceptanceCheck.Unrunnable));
        var partly = tasks.Where(task => task.Checks.Any(check => check is not AcceptanceCheck.Unrunnable)).ToList();
        text.Append(CultureInfo.InvariantCulture, $"**{(manual == 1 ? "1 check" : $"{manual} of {plan.Tasks.Sum(task => task.Checks.Count)} checks")} that no machine can run{(manual == 1 ? "" : $", in {(tasks.Count == 1 ? "1 task" : $"{tasks.Count} tasks")}")}.** A worker fails at each; whoever claims the task answers for it. ");
        text.Append($"What is to be looked at stands with each task under “{PlanMarkdown.Details}”.");
        if (partly.Count > 0) text.Append($" Beside checks that run: {string.Join(", ", partly.Take(MostTasks).Select(task => Inert.Text(task.Id.Value, isInside: true)))}{(partly.Count > MostTasks ? $" and {partly.Count - MostTasks} more" : "")}.");
        text.Append("\n\n");
    }

    private static bool IsWide(PlanTask task) => task.Duration.MostLikely > 0 && task.Duration.Pessimistic > WideSpread * task.Duration.MostLikely;

    private static string Length(PlanTask task) =>
        $": {PlanMarkdown.Readable(task.Duration.Optimistic)}, likely {PlanMarkdown.Readable(task.Duration.MostLikely)}, at worst {PlanMarkdown.Readable(task.Duration.Pessimistic)}";

    // In any topological order a task is on every way from a beginning to an end when no step leads from before it to behind it.
    private static List<PlanTask> SinglePoints(Plan plan)
    {
        if (plan.Tasks.Count < 3) return [];
        var order = plan.Graph.TopologicalOrder();
        var placeOf = new int[order.Length];
        for (var place = 0; place < order.Length; place++) placeOf[order[place]] = place;

        // Beginnings are reached from before the first place, and from ends a step leads behind the last.
        var furthest = Enumerable.Range(0, order.Length).Where(task => plan.Graph.PredecessorsOf(task).IsEmpty).Select(task => placeOf[task]).DefaultIfEmpty().Max();
        var found = new List<PlanTask>();
        for (var place = 0; place < order.Length; place++)
        {
            var task = order[place];
            if (furthest <= place) found.Add(plan.Tasks[task]);
            if (plan.Graph.SuccessorsOf(task).IsEmpty) furthest = order.Length;
            foreach (var successor in plan.Graph.SuccessorsOf(task)) furthest = Math.Max(furthest, placeOf[successor]);
        }

        return found;
    }

    private static void Edges(StringBuilder text, Plan plan)
    {
        var doubtful = plan.Dependencies
            .Where(edge => !plan.Enforces(edge) && edge.Type is not (DependencyType.MutualExclusion or DependencyType.ResourceLimited))
            .OrderBy(edge => edge.IsHard ? 0 : 1).ThenBy(edge => edge.Confidence).ToList();
        var guessed = plan.Dependencies.Where(edge => plan.Enforces(edge) && edge.Confidence < 0.8).OrderBy(edge => edge.Confidence).ToList();
        Table(text, doubtful, "not enforced", $"A hard one below {PlanMarkdown.Number(plan.Origin.MinConfidence)} holds nobody up, and neither does a soft one. Where the order matters, raise its confidence or make it hard in tasks.json.", "| From | To | Type | Confidence | Written as | Why it was thought of |\n|---|---|---|---:|---|---|\n",
            edge => $"{PlanMarkdown.Number(edge.Confidence)} | {(edge.IsHard ? "hard" : "soft")} | {Inert.Text(PlanMarkdown.Shortened(edge.Reason, 200))}");
        Table(text, guessed, "enforced and not very sure", "They cost time if they are wrong.", "| From | To | Type | Confidence | Why |\n|---|---|---|---:|---|\n",
            edge => $"{PlanMarkdown.Number(edge.Confidence)} | {Inert.Text(PlanMarkdown.Shortened(edge.Reason, 200))}");
    }

    private static void Table(StringBuilder text, List<Dependency> edges, string what, string why, string head, Func<Dependency, string> rest)
    {
        if (edges.Count == 0) return;
        text.Append(CultureInfo.InvariantCulture, $"**{(edges.Count == 1 ? "1 dependency" : $"{edges.Count} dependencies")} {what}.** {why}\n\n{head}");
        foreach (var edge in edges.Take(MostEdges))
            text.Append($"| {Inert.Text(edge.From.Value)} | {Inert.Text(edge.To.Value)} | {edge.Type.ToString().ToLowerInvariant()} | {rest(edge)} |\n");
        text.Append(PlanMarkdown.More(edges.Count - MostEdges, "in tasks.json")).Append('\n');
    }

    // Only where the plan quotes at all: one that was written by hand has no evidence and needs none.
    private static void Unproven(StringBuilder text, Plan plan)
    {
        if (plan.Tasks.Any(task => task.Evidence.Count > 0))
            Tasks(text, plan, plan.Tasks.Where(task => task.Evidence.Count == 0), "without evidence", "Nothing in the source is quoted for them.");
        Tasks(text, plan, plan.Tasks.Where(task => task.Evidence.Count > 0 && task.Evidence.Max(piece => piece.Confidence) < plan.Origin.MinConfidence), "with weak evidence", $"No piece of it has a confidence of {PlanMarkdown.Number(plan.Origin.MinConfidence)} or more.");
    }

    private static void Redacted(StringBuilder text, Plan plan)
    {
        const string mark = "[REDACTED_";
        var count = plan.Tasks.Sum(task => Marks(task.Title) + Marks(task.Description) + task.Evidence.Sum(Piece))
            + plan.Features.Sum(feature => Marks(feature.Title) + Marks(feature.Description) + feature.SourceEvidence.Sum(Piece))
            + plan.Dependencies.Sum(edge => Marks(edge.Reason) + edge.Evidence.Sum(Piece));
        if (count > 0) text.Append(CultureInfo.InvariantCulture, $"**{(count == 1 ? "1 mark stands" : $"{count} marks stand")} in the place of secrets.** They were in the source; make them invalid where they were issued.\n\n");

        static int Piece(Evidence piece) => Marks(piece.Excerpt) + Marks(piece.Rationale);

        static int Marks(string text)
        {
            var count = 0;
            for (var at = text.IndexOf(mark, StringComparison.Ordinal); at >= 0; at = text.IndexOf(mark, at + mark.Length, StringComparison.Ordinal)) count++;
            return count;
        }
    }
}
