using System.Text;
using Slaps.Core.Plans;

namespace Slaps.Planning;

/// <summary>
/// Writes Decisions.md: what was decided while the plan was made, what speaks for it, and what was not done. Whatever somebody wrote comes
/// out as text, never as Markdown or HTML.
/// </summary>
public static class DecisionsMarkdown
{
    // So many decisions, pieces of evidence each, and rows of a table: more than these nobody reads on a page.
    private const int MostDecisions = 200;
    private const int MostEvidence = 10;

    // What is at risk has to be looked at piece by piece.
    private const int MostEvidenceOfRisk = 40;
    private const int MostRows = 200;

    /// <summary>The document: UTF-8 text with LF; the same plan gives the same text.</summary>
    public static string Write(Plan plan)
    {
        var text = new StringBuilder();
        text.Append($"# Decisions: {Inert.Text(plan.Title.Length > 0 ? plan.Title : "Plan")}\n\n");
        WriteDecisions(text, plan.Origin.Decisions);
        WriteNormalizations(text, plan.Origin.Autonormalization);
        WriteUnsure(text, plan);
        return text.ToString();
    }

    private static void WriteDecisions(StringBuilder text, IReadOnlyList<PlanDecision> decisions)
    {
        if (decisions.Count == 0) text.Append("No decision was recorded: the plan says what its source says.\n\n");
        for (var i = 0; i < Math.Min(decisions.Count, MostDecisions); i++)
        {
            var decision = decisions[i];
            text.Append($"## {i + 1}. {Inert.Text(decision.Title)}\n\n");
            if (decision.Reason.Length > 0) text.Append(Inert.Text(decision.Reason)).Append("\n\n");
            if (decision.Evidence.Count > 0) text.Append("What speaks for it:\n\n");
            var most = decision.Title.StartsWith("Risk: ", StringComparison.Ordinal) ? MostEvidenceOfRisk : MostEvidence;
            foreach (var evidence in decision.Evidence.Take(most)) EvidenceMarkdown.Write(text, evidence);
            text.Append(PlanMarkdown.More(decision.Evidence.Count - most, "in tasks.json"));
            if (decision.Evidence.Count > 0) text.Append('\n');
            if (decision.Rejected.Count > 0) text.Append("What was not done:\n\n");
            foreach (var rejected in decision.Rejected) text.Append($"- {Inert.Text(rejected)}\n");
            if (decision.Rejected.Count > 0) text.Append('\n');
        }

        if (decisions.Count > MostDecisions) text.Append(PlanMarkdown.More(decisions.Count - MostDecisions, "that the planner took")).Append('\n');
    }

    private static void WriteNormalizations(StringBuilder text, IReadOnlyList<Normalization> acts)
    {
        text.Append("## Tasks split and merged\n\n");
        if (acts.Count == 0)
        {
            text.Append("None: every task is as its source has it.\n\n");
            return;
        }

        text.Append($"{string.Join(", ", acts.GroupBy(act => act.Action).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{group.Count()} {Inert.Text(group.Key)}"))}.\n\n");
        text.Append("| What | Tasks | Why |\n|---|---|---|\n");
        foreach (var act in acts.Take(MostRows))
            text.Append($"| {Inert.Text(act.Action)} | {string.Join(", ", act.Tasks.Select(id => Inert.Text(id.Value)))} | {Inert.Text(act.Reason)} |\n");
        text.Append(PlanMarkdown.More(acts.Count - MostRows, "in tasks.json")).Append('\n');
    }

    // An order that is stated and not enforced is a decision that nobody would look for.
    private static void WriteUnsure(StringBuilder text, Plan plan)
    {
        var unsure = plan.Dependencies.Where(d => d.OrdersWork && !plan.Enforces(d)).ToList();
        if (unsure.Count == 0) return;
        text.Append($"## Dependencies that are not enforced\n\nTheir confidence is below {PlanMarkdown.Number(plan.Origin.MinConfidence)}. Raise it in tasks.json where you know better.\n\n");
        text.Append("| From | To | Confidence | Why it was thought of |\n|---|---|---:|---|\n");
        foreach (var edge in unsure.Take(MostRows))
            text.Append($"| {Inert.Text(edge.From.Value)} | {Inert.Text(edge.To.Value)} | {PlanMarkdown.Number(edge.Confidence)} | {Inert.Text(edge.Reason)} |\n");
        text.Append(PlanMarkdown.More(unsure.Count - MostRows, "in tasks.json")).Append('\n');
    }
}
