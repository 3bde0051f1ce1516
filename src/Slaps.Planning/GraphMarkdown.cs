using System.Text;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Graphs;

namespace Slaps.Planning;

/// <summary>The section of Plan.md that draws the order: tasks where they can be drawn, otherwise features.</summary>
internal static class GraphMarkdown
{
    // Mermaid draws 500 edges and no more, and nobody reads a graph of that size.
    private const int MostNodesDrawn = 150;
    private const int MostEdgesDrawn = 400;

    /// <summary>Markdown from its heading of the second level to a final blank line.</summary>
    public static string Write(Plan plan, PlanFigures figures)
    {
        var text = new StringBuilder("## Order\n\n");
        var graph = figures.Reduction.Graph;
        if (plan.Tasks.Count <= MostNodesDrawn && graph.EdgeCount <= MostEdgesDrawn) Tasks(text, plan, figures);
        else Features(text, plan, graph);
        return text.ToString();
    }

    private static void Tasks(StringBuilder text, Plan plan, PlanFigures figures)
    {
        var soft = plan.Dependencies
            .Where(edge => !plan.Enforces(edge) && edge.Type is not (DependencyType.MutualExclusion or DependencyType.ResourceLimited) && edge.From != edge.To)
            .Select(edge => (From: plan.IndexOf(edge.From), To: plan.IndexOf(edge.To))).Distinct().Take(MostEdgesDrawn - figures.Reduction.Graph.EdgeCount).ToList();
        text.Append($"An arrow means “before”{(figures.Reduction.Redundant.Count > 0 ? "; what follows from other arrows is left out" : "")}{(soft.Count > 0 ? "; dotted ones are wishes" : "")}. The critical path has thick borders.\n\n");
        text.Append("```mermaid\nflowchart LR\n");
        for (var i = 0; i < plan.Tasks.Count; i++)
            text.Append($"  n{i}[\"{Inert.MermaidLabel(plan.Tasks[i].Id.Value)}<br/>{Inert.MermaidLabel(PlanMarkdown.TitleOf(plan.Tasks[i]))}\"]\n");
        foreach (var (from, to) in figures.Reduction.Graph.Edges()) text.Append($"  n{from} --> n{to}\n");
        foreach (var (from, to) in soft) text.Append($"  n{from} -.-> n{to}\n");
        text.Append("  classDef critical stroke-width:4px\n");
        text.Append($"  class {string.Join(',', figures.CriticalPath.Select(task => $"n{task}"))} critical\n```\n\n");
    }

    // What a large plan looks like from far: which feature waits for which, and by how many dependencies.
    private static void Features(StringBuilder text, Plan plan, TaskGraph graph)
    {
        text.Append($"The graph of {plan.Tasks.Count} tasks and {graph.EdgeCount} dependencies is too large to be drawn; the tables and dag.json hold all of it.\n\n");
        var titles = plan.Features.Select((feature, i) => (feature, i)).ToDictionary(pair => pair.feature.Id, pair => pair.i);
        var between = graph.Edges()
            .Select(edge => (From: FeatureOf(edge.From), To: FeatureOf(edge.To)))
            .Where(pair => pair.From >= 0 && pair.To >= 0 && pair.From != pair.To)
            .GroupBy(pair => pair).OrderBy(group => group.Key).ToList();
        if (plan.Features.Count is 0 or > MostNodesDrawn || between.Count is 0 or > MostEdgesDrawn) return;
        text.Append("How its features wait for each other, with the number of dependencies:\n\n```mermaid\nflowchart LR\n");
        for (var i = 0; i < plan.Features.Count; i++)
            text.Append($"  f{i}[\"{Inert.MermaidLabel(plan.Features[i].Id.Value)}<br/>{Inert.MermaidLabel(plan.Features[i].Title)}\"]\n");
        foreach (var group in between) text.Append($"  f{group.Key.From} -->|{group.Count()}| f{group.Key.To}\n");
        text.Append("```\n\n");

        int FeatureOf(int task) => plan.Tasks[task].Feature is { } feature ? titles.GetValueOrDefault(feature, -1) : -1;
    }
}
