using System.Text.RegularExpressions;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Planning.Codebase;
using Slaps.Planning.Dependencies;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Tests.Dependencies;

/// <summary>Items as the reading of a specification would give them.</summary>
internal static partial class An
{
    /// <summary>One item whose text is its title and, below it, the lines given.</summary>
    public static WorkItem Item(string title, params string[] lines) => new()
    {
        Order = 0,
        Feature = 0,
        Title = title,
        Text = string.Join('\n', [title, .. lines]),
        Sources = [new SourceLines("SPEC.md", 1, 1 + lines.Length, title)],
    };

    /// <summary>The dependencies of items that stand one below the other in SPEC.md; the n-th is the task Tn.</summary>
    public static Discovered Order(params WorkItem[] items) => Order(null, [], items);

    /// <summary>As <see cref="Order(WorkItem[])"/>, with a codebase and lines that belong to no item.</summary>
    public static Discovered Order(CodebaseSurvey? survey, string[] context, params WorkItem[] items)
    {
        var lines = new List<string>();
        var placed = new List<WorkItem>();
        foreach (var item in items)
        {
            var first = lines.Count + 1;
            lines.AddRange(item.Text.Split('\n').Select((line, i) => i == 0 ? $"- **{line}**" : $"  {line}"));
            var ids = Id().Matches(item.Title).Where(m => m.Index == 0).Select(m => m.Value).ToList();
            placed.Add(item with
            {
                Order = placed.Count,
                Ids = item.Ids.Count > 0 ? item.Ids : ids,
                MentionedIds = [.. Id().Matches(item.Text).Select(m => m.Value).Distinct().Except(ids)],
                Sources = [new SourceLines("SPEC.md", first, lines.Count, item.Title)],
            });
        }

        lines.AddRange(context);
        var diagnostics = new DiagnosticBag();
        var sources = new Dictionary<string, IReadOnlyList<string>> { ["SPEC.md"] = lines };
        var result = DependencyDiscovery.Find(placed, [.. placed.Select((_, i) => new TaskId($"T{i + 1}"))], sources, survey, PlanOrigin.DefaultMinConfidence, diagnostics);
        return new Discovered(result, diagnostics, lines);
    }

    [GeneratedRegex(@"\b[A-Z]{1,3}-?\d+\b", RegexOptions.NonBacktracking)]
    private static partial Regex Id();
}

/// <summary>What was found, in forms that read well in a test.</summary>
internal sealed record Discovered(DiscoveredDependencies Result, DiagnosticBag Diagnostics, IReadOnlyList<string> Lines)
{
    /// <summary>What is enforced, e.g. <c>T1>T2</c>, in the order of the plan.</summary>
    public IReadOnlyList<string> Hard => [.. Result.Dependencies.Where(d => d.OrdersWorkAt(PlanOrigin.DefaultMinConfidence)).Select(d => $"{d.From}>{d.To}")];

    /// <summary>What is only a preference.</summary>
    public IReadOnlyList<string> Soft => [.. Result.Dependencies.Where(d => !d.IsHard).Select(d => $"{d.From}>{d.To}")];

    /// <summary>One dependency.</summary>
    public Dependency this[string from, string to] => Result.Dependencies.Single(d => d.From.Value == from && d.To.Value == to && d.Type is not (DependencyType.MutualExclusion or DependencyType.ResourceLimited));
}
