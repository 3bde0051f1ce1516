using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports;

/// <summary>
/// The tasks and edges of a foreign plan on their way to a draft: ids become ours, and every edge that leads nowhere, to its own task or
/// is there twice is named and left out.
/// </summary>
/// <param name="file">The file, for the messages.</param>
/// <param name="diagnostics">Takes what is wrong.</param>
/// <param name="placeOf">Where a task stands (item -1), or the item of its list of dependencies.</param>
internal sealed class ForeignTasks(string file, DiagnosticBag diagnostics, Func<int, int, DiagnosticPlace> placeOf)
{
    private readonly List<(string Original, PlanTask Task)> _tasks = [];
    private readonly List<ForeignEdge> _edges = [];

    private readonly record struct ForeignEdge(string From, string To, int Place, int Item, Dependency? Dependency);

    public int Count => _tasks.Count;

    /// <summary>One more task; its id is given in the end.</summary>
    public void Add(string original, PlanTask task) => _tasks.Add((original, task));

    /// <summary>One more edge between foreign ids, hard unless <paramref name="dependency"/> says otherwise.</summary>
    public void AddEdge(string from, string to, int place, int item, Dependency? dependency = null) => _edges.Add(new(from, to, place, item, dependency));

    public (IReadOnlyList<PlanTask> Tasks, IReadOnlyList<Dependency> Dependencies) Finish()
    {
        var ids = new ImportedIds(_tasks.Select(task => task.Original));
        var tasks = new PlanTask[_tasks.Count];
        var renamed = new List<(string, TaskId)>();
        var renamedCount = 0;
        for (var i = 0; i < tasks.Length; i++)
        {
            tasks[i] = _tasks[i].Task with { Id = ids[i], OriginalId = ids.OriginalOf(i) };
            if (ids.IsDuplicate(i)) diagnostics.Add(ImportDiagnostics.DuplicateId(placeOf(i, -1), _tasks[i].Original, ids[i]));
            else if (ids.OriginalOf(i) is { } original && renamedCount++ < ImportDiagnostics.Named) renamed.Add((original, ids[i]));
        }

        if (renamedCount > 0) diagnostics.Add(ImportDiagnostics.NewIds(new(file, null), renamed, renamedCount));
        return (tasks, Edges(ids));
    }

    private List<Dependency> Edges(ImportedIds ids)
    {
        var dependencies = new List<Dependency>(_edges.Count);
        var seen = new HashSet<(int, int, DependencyType)>(_edges.Count);
        foreach (var edge in _edges)
        {
            var from = ids.IndexOf(edge.From);
            var to = ids.IndexOf(edge.To);
            if (from < 0) diagnostics.Add(ImportDiagnostics.Dangling(placeOf(edge.Place, edge.Item), edge.To, edge.From));
            else if (to < 0) diagnostics.Add(ImportDiagnostics.Dangling(placeOf(edge.Place, edge.Item), edge.From, edge.To));
            else if (from == to) diagnostics.Add(ImportDiagnostics.Self(placeOf(edge.Place, edge.Item), edge.To));
            else if (!seen.Add((from, to, edge.Dependency?.Type ?? DependencyType.Technical))) diagnostics.Add(ImportDiagnostics.DuplicateEdge(placeOf(edge.Place, edge.Item), edge.To, edge.From));
            else dependencies.Add(edge.Dependency is { } known ? known with { From = ids[from], To = ids[to] } : new Dependency(ids[from], ids[to]));
        }

        return dependencies;
    }
}
