using System.Globalization;
using System.Text.Json.Nodes;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports.Trackers;

/// <summary>A task as a source writes it.</summary>
/// <param name="Id">Its id there.</param>
/// <param name="Task">What is known of it; id, original id, feature and unknown fields come later.</param>
/// <param name="Place">Where it stands.</param>
internal sealed record TrackerTask(string Id, PlanTask Task, DiagnosticPlace Place)
{
    /// <summary>The key of its feature, where it has one.</summary>
    public string? Feature { get; init; }

    /// <summary>Its state in the source, as the source calls it; empty when it says none.</summary>
    public string Status { get; init; } = "";

    /// <summary>Whether that state means that there is nothing more to do, or not now.</summary>
    public bool IsSettled { get; init; }

    /// <summary>Fields that have no place in a plan of ours.</summary>
    public JsonObject Unknown { get; init; } = [];
}

/// <summary>A dependency as a source writes it: <paramref name="From"/> comes before <paramref name="To"/>.</summary>
/// <param name="From">The predecessor's id in the source.</param>
/// <param name="To">The successor's id in the source.</param>
/// <param name="Evidence">Where that is said.</param>
/// <param name="Place">The same for a finding.</param>
internal sealed record TrackerDependency(string From, string To, Evidence Evidence, DiagnosticPlace Place)
{
    /// <summary>Why.</summary>
    public DependencyType Type { get; init; } = DependencyType.Technical;

    /// <summary>Whether the source means an order that has to be kept.</summary>
    public bool IsHard { get; init; } = true;

    /// <summary>A sentence; empty when the source gives none.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Fields that have no place in a plan of ours.</summary>
    public JsonObject Unknown { get; init; } = [];
}

/// <summary>Puts a draft together from what a source says, and names what does not fit.</summary>
internal sealed class TrackerPlan(DiagnosticPlace source, DiagnosticBag diagnostics)
{
    private readonly List<TrackerTask> _tasks = [];
    private readonly List<TrackerDependency> _dependencies = [];
    private readonly List<(int From, int To, TrackerDependency Dependency)> _placed = [];
    private readonly List<(string Key, Core.Plans.Feature Feature)> _features = [];

    /// <summary>How many tasks there are so far.</summary>
    public int Count => _tasks.Count;

    /// <summary>Adds a feature; its id is made of the key.</summary>
    public void Add(string key, Func<FeatureId, Core.Plans.Feature> feature) => _features.Add((key, feature(new(key))));

    /// <summary>Adds a task; its place is the number of tasks before it.</summary>
    public void Add(TrackerTask task) => _tasks.Add(task);

    /// <summary>Adds a dependency between tasks by their ids.</summary>
    public void Add(TrackerDependency dependency) => _dependencies.Add(dependency);

    /// <summary>Adds a dependency between tasks by their places, for sources in which ids can be there twice.</summary>
    public void Add(int from, int to, TrackerDependency dependency) => _placed.Add((from, to, dependency));

    /// <summary>The draft; null when there are no tasks.</summary>
    /// <param name="title">A line for people.</param>
    /// <param name="example">How the source would write a task, as a hint.</param>
    public PlanDraft? Build(string title, string example)
    {
        if (_tasks.Count == 0)
        {
            diagnostics.Add(TrackerDiagnostics.NoTasks(source, example));
            return null;
        }

        var ids = new ImportedIds(_tasks.Select(task => task.Id));
        var places = Places(ids);
        SayMapped(ids);
        SaySettled();
        var features = Features();
        return new()
        {
            Title = title,
            Tasks = [.. _tasks.Select((task, place) => Task(task, ids[place].Value, features))],
            Dependencies = Dependencies(ids, places),
            Features = [.. _features.Select(feature => feature.Feature with { Id = features[feature.Key] })],
        };
    }

    private Dictionary<string, int> Places(ImportedIds ids)
    {
        var places = new Dictionary<string, int>(_tasks.Count);
        for (var i = 0; i < _tasks.Count; i++)
        {
            if (places.TryAdd(_tasks[i].Id, i)) continue;
            var first = _tasks[places[_tasks[i].Id]].Place;
            var at = first.Line is { } line ? $"line {line.ToString(CultureInfo.InvariantCulture)}" : $"{first.File}";
            diagnostics.Add(TrackerDiagnostics.DuplicateId(_tasks[i].Place, _tasks[i].Id, first.File == _tasks[i].Place.File ? at : $"{first.File}, {at}", ids[i].Value));
        }

        return places;
    }

    private void SayMapped(ImportedIds ids)
    {
        const int Shown = 5;
        var mapped = Enumerable.Range(0, ids.Count).Where(i => Identifiers.Refuse(_tasks[i].Id) is not null).ToList();
        if (mapped.Count == 0) return;
        var examples = string.Join(", ", mapped.Take(Shown).Select(i => $"{Identifiers.Quote(_tasks[i].Id)} is {ids[i]}"));
        diagnostics.Add(TrackerDiagnostics.MappedIds(_tasks[mapped[0]].Place, mapped.Count, mapped.Count > Shown ? $"{examples} …" : examples));
    }

    private void SaySettled()
    {
        var settled = _tasks.Where(task => task.IsSettled).ToList();
        if (settled.Count > 0) diagnostics.Add(TrackerDiagnostics.Status(settled[0].Place, Counts(settled.Select(task => task.Status))));
    }

    /// <summary>How often each word is there, the most frequent first.</summary>
    public static string Counts(IEnumerable<string> words) => string.Join(
        ", ",
        words.GroupBy(word => word).OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{group.Count():N0} {Identifiers.Quote(group.Key)}"));

    private Dictionary<string, FeatureId> Features()
    {
        var ids = new ImportedIds(_features.Select(feature => feature.Key));
        var features = new Dictionary<string, FeatureId>();
        for (var i = 0; i < ids.Count; i++) features.TryAdd(_features[i].Key, new(ids[i].Value));
        return features;
    }

    private PlanTask Task(TrackerTask task, string id, Dictionary<string, FeatureId> features)
    {
        if (task.Task.Title.Length == 0) diagnostics.Add(TrackerDiagnostics.NoTitle(task.Place, task.Id));
        if (task.Status.Length > 0) task.Unknown["status"] = task.Status;
        return task.Task with
        {
            Id = new(id),
            OriginalId = id == task.Id ? null : task.Id,
            Title = task.Task.Title.Length == 0 ? task.Id : task.Task.Title,
            Feature = task.Feature is { } key && features.TryGetValue(key, out var feature) ? feature : null,
            Unknown = TrackerJson.Unknown(task.Unknown),
        };
    }

    private Dependency[] Dependencies(ImportedIds ids, Dictionary<string, int> places)
    {
        var found = new List<(int From, int To, TrackerDependency Dependency)>();
        foreach (var dependency in _dependencies)
        {
            if (Ends(dependency, places) is var (from, to)) found.Add((from, to, dependency));
        }

        // Stated ones first: where both are there, the stated one counts.
        found.AddRange(_placed);
        var edges = new List<(int From, int To, TrackerDependency Dependency)>();
        var hard = new HashSet<(int, int)>();
        foreach (var edge in found)
        {
            if (edge.Dependency.IsHard && hard.Add((edge.From, edge.To))) edges.Add(edge);
        }

        var soft = new HashSet<(int, int)>();
        edges.AddRange(found.Where(edge => !edge.Dependency.IsHard && !hard.Contains((edge.From, edge.To)) && soft.Add((edge.From, edge.To))));

        return WithoutCycles(ids, [.. edges.Select(edge => Dependency(edge.Dependency, ids[edge.From].Value, ids[edge.To].Value))], edges);
    }

    private static Dependency Dependency(TrackerDependency said, string from, string to) =>
        new(new(from), new(to), said.Type, said.IsHard, said.Evidence.Confidence) { Reason = said.Reason, Evidence = [said.Evidence], Unknown = TrackerJson.Unknown(said.Unknown) };

    private (int From, int To)? Ends(TrackerDependency dependency, Dictionary<string, int> places)
    {
        var from = places.GetValueOrDefault(dependency.From, -1);
        var to = places.GetValueOrDefault(dependency.To, -1);
        if (to < 0) diagnostics.Add(TrackerDiagnostics.UnknownDependent(dependency.Place, dependency.To, dependency.From));
        else if (from < 0) diagnostics.Add(TrackerDiagnostics.Dangling(dependency.Place, dependency.To, dependency.From, Guess(dependency.From, places)));
        else if (from == to) diagnostics.Add(TrackerDiagnostics.SelfDependency(dependency.Place, dependency.To));
        else return (from, to);
        return null;
    }

    // Only a difference in case or in white space: with short ids like 12 and 13 the nearest one is no help.
    private string? Guess(string missing, Dictionary<string, int> places)
    {
        _byShape ??= places.Keys.GroupBy(Shape).ToDictionary(group => group.Key, group => group.First());
        return _byShape.GetValueOrDefault(Shape(missing));
    }

    private static string Shape(string id) => string.Concat(id.Where(char.IsAsciiLetterOrDigit)).TrimStart('0').ToUpperInvariant();

    private Dictionary<string, string>? _byShape;

    private Dependency[] WithoutCycles(ImportedIds ids, IReadOnlyList<Dependency> dependencies, List<(int From, int To, TrackerDependency Dependency)> edges)
    {
        var cycles = new ImportedCycles([.. Enumerable.Range(0, ids.Count).Select(task => new PlanTask { Id = ids[task] })], dependencies, minConfidence: 0);
        if (cycles.Knots.Count == 0) return [.. dependencies];
        var foreign = Enumerable.Range(0, ids.Count).ToDictionary(task => ids[task], task => _tasks[task].Id);
        foreach (var knot in cycles.Knots)
        {
            const int Shown = 5;
            var names = knot.Cuts.Take(Shown).Select(cut => $"that {Name(edges[cut.Index].To)} waits for {Name(edges[cut.Index].From)}");
            var more = knot.Cuts.Count > Shown ? $" and {knot.Cuts.Count - Shown:N0} more" : "";
            var path = cycles.PathThrough(knot, knot.Cuts[0]);
            diagnostics.Add(TrackerDiagnostics.Cycle(edges[knot.Cuts[0].Index].Dependency.Place, [.. path.Select(task => foreign[task])], string.Join(", ", names) + more));
        }

        return [.. dependencies.Where((_, place) => !cycles.Dropped.Contains(place))];
    }

    private string Name(int task) => Identifiers.Quote(_tasks[task].Id);
}
