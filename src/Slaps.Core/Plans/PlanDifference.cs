using System.Text.Json;
using Slaps.Core.Plans.Graphs;

namespace Slaps.Core.Plans;

/// <summary>One field that is not the same.</summary>
/// <param name="Field">Its path, e.g. <c>duration.mostLikely</c>.</param>
/// <param name="Before">Its canonical JSON in the first plan, or null when it was left out: the default.</param>
/// <param name="After">Its canonical JSON in the second plan, or null.</param>
public sealed record FieldChange(string Field, string? Before, string? After);

/// <summary>A task that both plans have, and that is not the same in both.</summary>
/// <param name="Id">The task.</param>
/// <param name="Fields">What changed, by path.</param>
public sealed record TaskChange(TaskId Id, IReadOnlyList<FieldChange> Fields);

/// <summary>A dependency that both plans have, and that is not the same in both.</summary>
/// <param name="From">The predecessor.</param>
/// <param name="To">The successor.</param>
/// <param name="Type">The type: with another one it is another dependency.</param>
/// <param name="Fields">What changed, by path.</param>
public sealed record DependencyChange(TaskId From, TaskId To, DependencyType Type, IReadOnlyList<FieldChange> Fields);

/// <summary>
/// What became of a plan. Plans are compared as coordinator.json would hold them, with what goes without saying said: white space, the order
/// of fields and defaults that were written out are no difference. Tasks are known by their ids, dependencies by ends and type.
/// </summary>
public sealed class PlanDifference
{
    private PlanDifference(Plan before, Plan after)
    {
        using var first = Parse(before);
        using var second = Parse(after);
        Tasks(before, after, first.RootElement, second.RootElement);
        Dependencies(before, after, first.RootElement, second.RootElement);
        Settings = Rest(first.RootElement, second.RootElement);
        Before = PlanFigures.Of(before);
        After = PlanFigures.Of(after);
        CriticalPathBefore = [.. Before.CriticalPath.Select(task => before.Tasks[task].Id)];
        CriticalPathAfter = [.. After.CriticalPath.Select(task => after.Tasks[task].Id)];
    }

    /// <summary>Tasks of the second plan alone, in its order.</summary>
    public IReadOnlyList<TaskId> TasksAdded { get; private set; } = [];

    /// <summary>Tasks of the first plan alone, in its order.</summary>
    public IReadOnlyList<TaskId> TasksRemoved { get; private set; } = [];

    /// <summary>Tasks that changed, in the order of the second plan.</summary>
    public IReadOnlyList<TaskChange> TasksChanged { get; private set; } = [];

    /// <summary>Whether the tasks of both plans stand in another order, which decides ties.</summary>
    public bool Reordered { get; private set; }

    /// <summary>Dependencies of the second plan alone, in its order.</summary>
    public IReadOnlyList<Dependency> DependenciesAdded { get; private set; } = [];

    /// <summary>Dependencies of the first plan alone, in its order.</summary>
    public IReadOnlyList<Dependency> DependenciesRemoved { get; private set; } = [];

    /// <summary>Dependencies that changed, in the order of the second plan.</summary>
    public IReadOnlyList<DependencyChange> DependenciesChanged { get; private set; } = [];

    /// <summary>What changed outside tasks and dependencies: title, resources, policies, by path.</summary>
    public IReadOnlyList<FieldChange> Settings { get; }

    /// <summary>The figures of the first plan.</summary>
    public PlanFigures Before { get; }

    /// <summary>The figures of the second plan.</summary>
    public PlanFigures After { get; }

    /// <summary>The critical path of the first plan.</summary>
    public IReadOnlyList<TaskId> CriticalPathBefore { get; }

    /// <summary>The critical path of the second plan.</summary>
    public IReadOnlyList<TaskId> CriticalPathAfter { get; }

    /// <summary>Whether both mean the same.</summary>
    public bool IsNone =>
        TasksAdded.Count + TasksRemoved.Count + TasksChanged.Count + DependenciesAdded.Count + DependenciesRemoved.Count + DependenciesChanged.Count + Settings.Count == 0
        && !Reordered;

    /// <summary>What became of <paramref name="before"/> in <paramref name="after"/>.</summary>
    public static PlanDifference Of(Plan before, Plan after) => new(before, after);

    private void Tasks(Plan before, Plan after, JsonElement first, JsonElement second)
    {
        var nodes = Nodes(first).Zip(before.Tasks).ToDictionary(node => node.Second.Id, node => node.First);
        TasksAdded = [.. after.Tasks.Select(task => task.Id).Where(id => before.IndexOf(id) < 0)];
        TasksRemoved = [.. before.Tasks.Select(task => task.Id).Where(id => after.IndexOf(id) < 0)];
        var changed = new List<TaskChange>();
        foreach (var (task, node) in after.Tasks.Zip(Nodes(second)))
        {
            if (nodes.TryGetValue(task.Id, out var old) && Changes(old, node) is { Count: > 0 } fields) changed.Add(new TaskChange(task.Id, fields));
        }

        TasksChanged = changed;
        var places = after.Tasks.Select(task => before.IndexOf(task.Id)).Where(place => place >= 0).ToList();
        Reordered = places.Zip(places.Skip(1)).Any(pair => pair.First > pair.Second);
    }

    private void Dependencies(Plan before, Plan after, JsonElement first, JsonElement second)
    {
        // Of several with the same ends and type, the first stands for the first.
        var old = Numbered(before.Dependencies).Zip(Edges(first)).ToDictionary(edge => edge.First, edge => edge.Second);
        var now = Numbered(after.Dependencies).ToList();
        var known = now.ToHashSet();
        DependenciesAdded = [.. now.Zip(after.Dependencies).Where(edge => !old.ContainsKey(edge.First)).Select(edge => edge.Second)];
        DependenciesRemoved = [.. Numbered(before.Dependencies).Zip(before.Dependencies).Where(edge => !known.Contains(edge.First)).Select(edge => edge.Second)];
        var changed = new List<DependencyChange>();
        foreach (var (key, edge) in now.Zip(Edges(second)))
        {
            if (old.TryGetValue(key, out var element) && Changes(element, edge) is { Count: > 0 } fields)
                changed.Add(new DependencyChange(key.From, key.To, key.Type, fields));
        }

        DependenciesChanged = changed;
    }

    private static IEnumerable<(TaskId From, TaskId To, DependencyType Type, int Number)> Numbered(IReadOnlyList<Dependency> dependencies)
    {
        var counts = new Dictionary<(TaskId, TaskId, DependencyType), int>();
        foreach (var edge in dependencies)
        {
            var number = counts[(edge.From, edge.To, edge.Type)] = counts.GetValueOrDefault((edge.From, edge.To, edge.Type)) + 1;
            yield return (edge.From, edge.To, edge.Type, number);
        }
    }

    private static List<FieldChange> Rest(JsonElement first, JsonElement second)
    {
        var changes = new List<FieldChange>();
        Compare("", first, second, changes);
        return [.. changes.Where(change => change.Field != "meta.artifact_hash")];
    }

    private static List<FieldChange> Changes(JsonElement before, JsonElement after)
    {
        var changes = new List<FieldChange>();
        Compare("", before, after, changes);
        return changes;
    }

    // Objects field by field, everything else as a whole: who reads "argv[1] changed" wants to see the command.
    private static void Compare(string path, JsonElement? before, JsonElement? after, List<FieldChange> changes)
    {
        if (path is "graph") return;
        if (before is { ValueKind: JsonValueKind.Object } && after is { ValueKind: JsonValueKind.Object })
        {
            var old = before.Value.EnumerateObject().ToDictionary(field => field.Name, field => field.Value);
            var now = after.Value.EnumerateObject().ToDictionary(field => field.Name, field => field.Value);
            foreach (var name in old.Keys.Union(now.Keys).Order(StringComparer.Ordinal))
            {
                Compare(
                    path.Length == 0 ? name : $"{path}.{name}",
                    old.TryGetValue(name, out var was) ? was : null,
                    now.TryGetValue(name, out var became) ? became : null,
                    changes);
            }

            return;
        }

        // Both sides are canonical, so equal values are equal texts.
        var (first, second) = (before?.GetRawText(), after?.GetRawText());
        if (first != second) changes.Add(new FieldChange(path, OneLine(before), OneLine(after)));
    }

    private static string? OneLine(JsonElement? value) => value is { } element ? JsonSerializer.Serialize(element, Compact) : null;

    private static readonly JsonSerializerOptions Compact = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static JsonElement.ArrayEnumerator Nodes(JsonElement root) => root.GetProperty("graph").GetProperty("nodes").EnumerateArray();

    private static JsonElement.ArrayEnumerator Edges(JsonElement root) => root.GetProperty("graph").GetProperty("edges").EnumerateArray();

    private static JsonDocument Parse(Plan plan) => JsonDocument.Parse(
        CoordinatorJson.Write(new PlanDraft
        {
            Title = plan.Title,
            Tasks = plan.Tasks,
            Dependencies = plan.Dependencies,
            Resources = plan.Resources,
            Policies = plan.Policies,
            Features = plan.Features,
            Origin = plan.Origin,
            Unknown = plan.Unknown,
        }),
        new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth + 8 });
}
