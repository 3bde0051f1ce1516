using System.Text.Json;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports;

/// <summary>The plainest form of a task graph: <c>{"name","meta","tasks":[{"id","duration","deps":[ids]}]}</c>, durations in seconds.</summary>
public sealed class DagJsonFormat : IPlanFormat
{
    private static readonly string[] Endings = [".dag.json", ".json"];

    /// <inheritdoc/>
    public string Name => "dag-json";

    /// <inheritdoc/>
    public bool Recognises(ImportSource source) => SingleFile.Recognises(source, Endings, LooksLike);

    /// <inheritdoc/>
    public PlanDraft? Read(ImportSource source, DiagnosticBag diagnostics)
    {
        if (SingleFile.Find(source, Name, Endings, LooksLike, diagnostics) is not { } file) return null;
        using var document = ForeignJson.Parse(file, diagnostics);
        if (document is null) return null;

        var root = document.RootElement;
        var json = new ForeignJson(file.DisplayPath, diagnostics);
        if (ForeignJson.Field(root, "tasks") is not { ValueKind: JsonValueKind.Array } list)
        {
            diagnostics.Add(ImportDiagnostics.NotThisFormat(json.At("$.tasks"), Name, "it has no list of tasks"));
            return null;
        }

        var durations = new ImportedDurations(file.DisplayPath, diagnostics);
        var nodes = new List<int>();
        var tasks = new ForeignTasks(file.DisplayPath, diagnostics, (task, item) => json.At(item < 0 ? $"$.tasks[{nodes[task]}]" : $"$.tasks[{nodes[task]}].deps[{item}]"));
        var index = -1;
        foreach (var task in list.EnumerateArray())
        {
            index++;
            if (ForeignJson.Text(task, "id") is not { } id)
            {
                json.Wrong($"$.tasks[{index}]", "an object with an id", task);
                continue;
            }

            var (value, text) = ForeignJson.Number(task, "duration");
            tasks.Add(id, new PlanTask { Id = default, Title = id, Duration = durations.Of(id, value, text, json.At($"$.tasks[{index}].duration")) });
            nodes.Add(index);
            var item = -1;
            foreach (var dependency in json.Items(task, "deps", $"$.tasks[{index}]"))
            {
                item++;
                if (ForeignJson.Text(dependency) is { } from) tasks.AddEdge(from, id, nodes.Count - 1, item);
                else json.Wrong($"$.tasks[{index}].deps[{item}]", "the id of a task", dependency);
            }
        }

        durations.Finish();
        var (planTasks, dependencies) = tasks.Finish();
        return new PlanDraft { Title = ForeignJson.Text(root, "name") ?? SingleFile.TitleOf(file, Endings), Tasks = planTasks, Dependencies = dependencies };
    }

    // Other formats have tasks too, with more in them.
    private static readonly string[] Fields = ["name", "meta", "tasks", "tasks[].id", "tasks[].duration", "tasks[].deps"];

    private static bool LooksLike(ReadOnlyMemory<byte> utf8)
    {
        var fields = JsonSketch.Of(utf8);
        return fields.Contains("tasks[].deps") || (fields.Contains("tasks[].duration") && fields.All(field => Fields.Contains(field) || field.StartsWith("meta.", StringComparison.Ordinal)));
    }
}
