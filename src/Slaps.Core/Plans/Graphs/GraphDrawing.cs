using System.Globalization;
using System.Text;

namespace Slaps.Core.Plans.Graphs;

/// <summary>
/// A plan's graph for programs that draw: its fewest hard edges, soft ones dashed, the critical path marked. Whatever the plan's author wrote
/// comes out as the text of a label and never as part of the drawing's language; control characters and direction marks become blanks.
/// </summary>
public static class GraphDrawing
{
    private const int LongestTitle = 60;

    /// <summary>
    /// A Mermaid flowchart (LF, final newline). Mermaid itself draws 500 edges and 50,000 characters unless its <c>maxEdges</c> and
    /// <c>maxTextSize</c> are raised where it is embedded.
    /// </summary>
    public static string Mermaid(Plan plan, PlanFigures figures)
    {
        var text = new StringBuilder("flowchart LR\n");
        var onPath = figures.CriticalPath.ToHashSet();
        for (var i = 0; i < plan.Tasks.Count; i++)
        {
            text.Append("  n").Append(i).Append("[\"");
            Label(text, plan.Tasks[i], "<br/>", Mermaid);
            text.Append("\"]").Append(onPath.Contains(i) ? ":::critical\n" : "\n");
        }

        foreach (var (from, to) in figures.Reduction.Graph.Edges()) text.Append("  n").Append(from).Append(" --> n").Append(to).Append('\n');
        foreach (var (from, to) in Soft(plan)) text.Append("  n").Append(from).Append(" -.-> n").Append(to).Append('\n');
        return text.Append("  classDef critical stroke-width:3px\n").ToString();
    }

    /// <summary>A graph in Graphviz's DOT language (LF, final newline).</summary>
    public static string Dot(Plan plan, PlanFigures figures)
    {
        var text = new StringBuilder("digraph plan {\n  rankdir=LR;\n  node [shape=box];\n");
        var onPath = figures.CriticalPath.ToHashSet();
        for (var i = 0; i < plan.Tasks.Count; i++)
        {
            text.Append("  n").Append(i).Append(" [label=\"");
            Label(text, plan.Tasks[i], "\\n", Dot);
            text.Append('"').Append(onPath.Contains(i) ? ", penwidth=3];\n" : "];\n");
        }

        foreach (var (from, to) in figures.Reduction.Graph.Edges()) text.Append("  n").Append(from).Append(" -> n").Append(to).Append(";\n");
        foreach (var (from, to) in Soft(plan)) text.Append("  n").Append(from).Append(" -> n").Append(to).Append(" [style=dashed, constraint=false];\n");
        return text.Append("}\n").ToString();
    }

    private static IEnumerable<(int From, int To)> Soft(Plan plan) =>
        from edge in plan.Dependencies
        where !edge.IsHard && edge.Type is not (DependencyType.MutualExclusion or DependencyType.ResourceLimited)
        select (plan.IndexOf(edge.From), plan.IndexOf(edge.To));

    private static void Label(StringBuilder text, PlanTask task, string lineEnd, Action<StringBuilder, Rune> write)
    {
        foreach (var rune in task.Id.Value.EnumerateRunes()) write(text, rune);
        if (task.Title == task.Id.Value) return;
        text.Append(lineEnd);
        var count = 0;
        foreach (var rune in task.Title.EnumerateRunes())
        {
            if (count++ == LongestTitle)
            {
                text.Append('…');
                return;
            }

            write(text, IsInvisible(rune) ? new Rune(' ') : rune);
        }
    }

    // Mermaid reads markup, links and its own words inside labels; a character reference is none of them.
    private static void Mermaid(StringBuilder text, Rune rune)
    {
        if (Rune.IsLetterOrDigit(rune) || rune.Value is ' ' or '.' or ',' or '-' or '_') text.Append(rune);
        else text.Append(CultureInfo.InvariantCulture, $"#{rune.Value};");
    }

    // Between quotes DOT knows a backslash, which begins an escape, a quote, which ends the text, and HTML's character references.
    private static void Dot(StringBuilder text, Rune rune) => _ = rune.Value switch
    {
        '"' => text.Append("\\\""),
        '\\' => text.Append(@"\\"),
        '&' => text.Append("&amp;"),
        _ => text.Append(rune),
    };

    private static bool IsInvisible(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse;
}
