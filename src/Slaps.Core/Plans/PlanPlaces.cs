using Slaps.Core.Diagnostics;

namespace Slaps.Core.Plans;

/// <summary>Where the parts of a draft stand in the file that it was read from, so that a rule can point there.</summary>
/// <param name="file">The file as the user named it, where there is one.</param>
/// <param name="tasks">The path of its list of tasks.</param>
/// <param name="dependencies">The path of its list of dependencies.</param>
internal class PlanPlaces(string? file, string tasks = "$.graph.nodes", string dependencies = "$.graph.edges")
{
    private readonly List<(int Node, bool Nested)> _tasks = [];
    private readonly List<int> _edges = [];

    /// <summary>The next task of the draft is this node; nested when the node holds it under <c>task</c>.</summary>
    public void AddTask(int node, bool nested) => _tasks.Add((node, nested));

    /// <summary>The next dependency of the draft is this edge.</summary>
    public void AddEdge(int edge) => _edges.Add(edge);

    /// <summary>The list of tasks.</summary>
    public DiagnosticPlace Tasks => At(tasks);

    /// <summary>The list of dependencies.</summary>
    public DiagnosticPlace Dependencies => At(dependencies);

    /// <summary>A place in the document.</summary>
    public virtual DiagnosticPlace At(string path) => new(file, path);

    /// <summary>A task's node itself, or its id where <paramref name="part"/> is <c>.id</c>.</summary>
    public DiagnosticPlace Node(int task, string part = "") => At(NodePath(task) + part);

    /// <summary>Part of a task, e.g. <c>.run.argv[0]</c>.</summary>
    public DiagnosticPlace Task(int task, string part) => At(NodePath(task) + (task < _tasks.Count && _tasks[task].Nested ? ".task" : "") + part);

    /// <summary>Part of a dependency, e.g. <c>.from</c>.</summary>
    public DiagnosticPlace Edge(int dependency, string part) => At(EdgePath(dependency) + part);

    /// <summary>The path of a dependency.</summary>
    protected virtual string EdgePath(int dependency) => $"{dependencies}[{(dependency < _edges.Count ? _edges[dependency] : dependency)}]";

    /// <summary>The path of a task.</summary>
    protected virtual string NodePath(int task) => $"{tasks}[{(task < _tasks.Count ? _tasks[task].Node : task)}]";
}
