using System.Text.Json;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports;

/// <summary>
/// Workflow traces of WfCommons (WfFormat, github.com/wfcommons/WfFormat): 1.5 with specification and execution apart, and the older forms in
/// which each task holds its runtime. Runtimes are seconds.
/// </summary>
public sealed class WfCommonsFormat : IPlanFormat
{
    private static readonly string[] Endings = [".json"];
    private static readonly string[] Versions = ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5"];

    /// <inheritdoc/>
    public string Name => "wfcommons";

    /// <inheritdoc/>
    public bool Recognises(ImportSource source) => SingleFile.Recognises(source, Endings, LooksLike);

    /// <inheritdoc/>
    public PlanDraft? Read(ImportSource source, DiagnosticBag diagnostics)
    {
        if (SingleFile.Find(source, Name, Endings, LooksLike, diagnostics) is not { } file) return null;
        using var document = ForeignJson.Parse(file, diagnostics);
        return document is null ? null : new Reading(file, diagnostics).Read(document.RootElement);
    }

    private static bool LooksLike(ReadOnlyMemory<byte> utf8)
    {
        var fields = JsonSketch.Of(utf8);
        return fields.Contains("workflow") && (fields.Contains("schemaVersion") || fields.Contains("workflow.specification") || fields.Contains("workflow.tasks") || fields.Contains("workflow.jobs"));
    }

    private sealed class Reading(ImportFile file, DiagnosticBag diagnostics)
    {
        private readonly ForeignJson _json = new(file.DisplayPath, diagnostics);
        private readonly ImportedDurations _durations = new(file.DisplayPath, diagnostics);
        private readonly List<(int Index, JsonElement Element, string Id)> _tasks = [];
        private readonly Dictionary<string, string> _idOfName = new(StringComparer.Ordinal);
        private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
        private readonly Dictionary<string, JsonElement> _executions = new(StringComparer.Ordinal);
        private string _list = "";

        public PlanDraft? Read(JsonElement root)
        {
            if (ForeignJson.Field(root, "workflow") is not { ValueKind: JsonValueKind.Object } workflow)
            {
                diagnostics.Add(ImportDiagnostics.NotThisFormat(_json.At("$.workflow"), "wfcommons", "it has no workflow"));
                return null;
            }

            if (ForeignJson.Text(root, "schemaVersion") is { } version && !Versions.Contains(version))
                diagnostics.Add(ImportDiagnostics.UnknownVersion(_json.At("$.schemaVersion"), version, $"{Versions[0]} to {Versions[^1]}"));

            if (Tasks(workflow) is not { } tasks) return null;
            Executions(workflow);
            Names(tasks);

            var foreign = new ForeignTasks(file.DisplayPath, diagnostics, (task, item) => _json.At(item < 0 ? $"{_list}[{_tasks[task].Index}]" : $"{_list}[{_tasks[task].Index}].parents[{item}]"));
            for (var i = 0; i < _tasks.Count; i++) foreign.Add(_tasks[i].Id, Task(i));
            Edges(foreign);
            _durations.Finish();
            var (planTasks, dependencies) = foreign.Finish();
            return new PlanDraft { Title = ForeignJson.Text(root, "name") ?? SingleFile.TitleOf(file, Endings), Tasks = planTasks, Dependencies = dependencies };
        }

        private JsonElement? Tasks(JsonElement workflow)
        {
            var specification = _json.Object(workflow, "specification", "$.workflow");
            foreach (var (holder, name, path) in ((JsonElement?, string, string)[])[(specification, "tasks", "$.workflow.specification.tasks"), (workflow, "tasks", "$.workflow.tasks"), (workflow, "jobs", "$.workflow.jobs")])
            {
                if (holder is not { } value || ForeignJson.Field(value, name) is not { ValueKind: JsonValueKind.Array } list) continue;
                _list = path;
                return list;
            }

            diagnostics.Add(ImportDiagnostics.NotThisFormat(_json.At("$.workflow"), "wfcommons", "the workflow has no list of tasks"));
            return null;
        }

        private void Executions(JsonElement workflow)
        {
            if (_json.Object(workflow, "execution", "$.workflow") is not { } execution) return;
            var index = -1;
            foreach (var task in _json.Items(execution, "tasks", "$.workflow.execution"))
            {
                index++;
                if ((ForeignJson.Text(task, "id") ?? ForeignJson.Text(task, "name")) is { } id) _executions.TryAdd(id, task);
                else _json.Wrong($"$.workflow.execution.tasks[{index}]", "an object with an id", task);
            }
        }

        // Older files have only names, which then are ids; newer ones have both, and their names are not unique.
        private void Names(JsonElement tasks)
        {
            var index = -1;
            var ambiguous = new HashSet<string>(StringComparer.Ordinal);
            foreach (var task in tasks.EnumerateArray())
            {
                index++;
                var name = ForeignJson.Text(task, "name");
                if ((ForeignJson.Text(task, "id") ?? name) is not { } id)
                {
                    _json.Wrong($"{_list}[{index}]", "an object with an id", task);
                    continue;
                }

                _tasks.Add((index, task, id));
                _ids.Add(id);
                if (name is not null && !_idOfName.TryAdd(name, id)) ambiguous.Add(name);
            }

            foreach (var name in ambiguous) _idOfName.Remove(name);
        }

        private PlanTask Task(int place)
        {
            var (index, element, id) = _tasks[place];
            var at = $"{_list}[{index}]";
            var (value, text) = _executions.TryGetValue(id, out var execution) ? Runtime(execution) : (null, "");
            if (value is null) (value, text) = Runtime(element);
            return new PlanTask { Id = default, Title = ForeignJson.Text(element, "name") ?? id, Duration = _durations.Of(id, value, text, _json.At(at)) };
        }

        private static (double? Value, string Text) Runtime(JsonElement task) =>
            ForeignJson.Number(task, "runtimeInSeconds") is (not null, _) and var runtime ? runtime : ForeignJson.Number(task, "runtime");

        private void Edges(ForeignTasks foreign)
        {
            var fromParents = new HashSet<(string, string)>();
            for (var i = 0; i < _tasks.Count; i++)
            {
                var item = -1;
                foreach (var parent in _json.Items(_tasks[i].Element, "parents", $"{_list}[{_tasks[i].Index}]"))
                {
                    item++;
                    if (ForeignJson.Text(parent) is not { } name)
                    {
                        _json.Wrong($"{_list}[{_tasks[i].Index}].parents[{item}]", "the id of a task", parent);
                        continue;
                    }

                    foreign.AddEdge(IdOf(name), _tasks[i].Id, i, item);
                    fromParents.Add((IdOf(name), _tasks[i].Id));
                }
            }

            Children(foreign, fromParents);
        }

        // Both lists say the same in a sound file; where only the children are listed, they are all there is.
        private void Children(ForeignTasks foreign, HashSet<(string From, string To)> fromParents)
        {
            var first = new List<string>();
            var count = 0;
            for (var i = 0; i < _tasks.Count; i++)
            {
                foreach (var child in _json.Items(_tasks[i].Element, "children", $"{_list}[{_tasks[i].Index}]"))
                {
                    if (ForeignJson.Text(child) is not { } name || !fromParents.Add((_tasks[i].Id, IdOf(name)))) continue;
                    foreign.AddEdge(_tasks[i].Id, IdOf(name), i, -1);
                    if (count++ < ImportDiagnostics.Named) first.Add($"{_tasks[i].Id} → {name}");
                }
            }

            if (count > 0) diagnostics.Add(ImportDiagnostics.OneSided(new(file.DisplayPath, _list), "children", first, count));
        }

        private string IdOf(string name) => _ids.Contains(name) ? name : _idOfName.GetValueOrDefault(name, name);
    }
}
