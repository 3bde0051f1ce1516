using System.Text.Json;
using System.Text.Json.Nodes;
using System.Runtime.InteropServices;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports.Trackers;

/// <summary>
/// Task Master's <c>tasks.json</c>: with tags, or the older form with <c>tasks</c> alone. A task is a task; its subtasks are its steps and stay in
/// it, as a list in the description and with their states and dependencies in the field <c>subtasks</c>.
/// </summary>
public sealed class TaskMasterFormat : IPlanFormat
{
    private const string Example = """In tasks.json: {"master": {"tasks": [{"id": 1, "title": "…", "dependencies": []}]}}.""";

    private static readonly string[] Mapped = ["id", "title", "description", "details", "testStrategy", "status", "priority", "dependencies", "subtasks", "complexity"];
    private static readonly string[] Settled = ["done", "completed", "cancelled", "deferred"];

    /// <inheritdoc/>
    public string Name => "task-master";

    /// <inheritdoc/>
    public bool Recognises(ImportSource source) => Find(source) is { } file && LooksLike(file);

    /// <inheritdoc/>
    public PlanDraft? Read(ImportSource source, DiagnosticBag diagnostics)
    {
        if (Find(source) is not { } named)
        {
            diagnostics.Add(TrackerDiagnostics.NothingHere(new(source.Named, null), "Task Master", "there is no tasks.json", ".taskmaster/tasks/tasks.json"));
            return null;
        }

        if (TrackerFile.Open(named, diagnostics) is not { } file || TrackerJson.Document(file, diagnostics) is not { } root) return null;
        return new Reading(file, diagnostics).Run(root);
    }

    private static ImportFile? Find(ImportSource source) =>
        source.Named.Length > 0 ? source.Find(source.Named) : source.Find(".taskmaster/tasks/tasks.json") ?? source.Find("tasks/tasks.json") ?? source.Find("tasks.json");

    // Up to the first task, so that a file that is cut off later is still known for what it was meant to be.
    private static bool LooksLike(ImportFile file)
    {
        if (TrackerFile.Open(file, new()) is not { } opened) return false;
        var reader = new Utf8JsonReader(opened.Utf8Text.Span);
        var lists = 0;
        try
        {
            while (reader.Read() && reader.CurrentDepth <= 5)
            {
                if (reader.TokenType != JsonTokenType.PropertyName) continue;
                if (reader.CurrentDepth <= 2 && reader.ValueTextEquals("tasks")) lists = reader.CurrentDepth;
                else if (lists > 0 && reader.CurrentDepth == lists + 2 && (reader.ValueTextEquals("testStrategy") || reader.ValueTextEquals("subtasks") || reader.ValueTextEquals("dependencies"))) return true;
            }
        }
        catch (JsonException)
        {
            // Broken before its first task: whatever it is, nothing shows that it is Task Master's.
        }

        return false;
    }

    private sealed class Reading(TrackerFile file, DiagnosticBag diagnostics)
    {
        private readonly TrackerPlan _plan = new(file.Place, diagnostics);

        public PlanDraft? Run(JsonElement root)
        {
            var tags = Tags(root);
            if (tags is null) return null;
            var filled = tags.Where(tag => tag.Tasks.GetArrayLength() > 0).ToList();
            if (filled.Count > 1)
                diagnostics.Add(TrackerDiagnostics.SeveralTags(file.Place, filled.Count, TrackerPlan.Counts(filled.SelectMany(tag => Enumerable.Repeat(tag.Name, tag.Tasks.GetArrayLength())))));
            foreach (var (name, tasks, description) in filled)
            {
                var tag = filled.Count > 1 ? name : null;
                if (tag is not null)
                    _plan.Add(tag, id => new Core.Plans.Feature { Id = id, Title = tag, Description = description, SourceEvidence = [Evidence(tasks, tag, "A tag is a plan of its own.")] });
                TasksOf(tasks, tag, tag is null && name.Length == 0 ? "$.tasks" : $"$.{name}.tasks");
            }

            return _plan.Build(filled is [var only] ? only.Name : "", Example);
        }

        private List<(string Name, JsonElement Tasks, string Description)>? Tags(JsonElement root)
        {
            if (root.ValueKind != JsonValueKind.Object) return NoTags($"the file holds {TrackerJson.Describe(root)}");
            if (root.TryGetProperty("tasks", out var tasks) && tasks.ValueKind == JsonValueKind.Array) return [("", tasks, "")];
            var tags = new List<(string, JsonElement, string)>();
            foreach (var tag in root.EnumerateObject())
            {
                if (tag.Value.ValueKind != JsonValueKind.Object || !tag.Value.TryGetProperty("tasks", out tasks)) continue;
                if (tasks.ValueKind == JsonValueKind.Array) tags.Add((tag.Name, tasks, Description(tag.Value)));
                else diagnostics.Add(TrackerDiagnostics.WrongType(At(tasks, $"$.{tag.Name}.tasks"), "tasks", "a list", TrackerJson.Describe(tasks)));
            }

            return tags.Count > 0 ? tags : NoTags("neither the file nor a tag in it has a list 'tasks'");
        }

        private List<(string Name, JsonElement Tasks, string Description)>? NoTags(string reason)
        {
            diagnostics.Add(TrackerDiagnostics.NothingHere(file.Place, "Task Master", reason, ".taskmaster/tasks/tasks.json"));
            return null;
        }

        private static string Description(JsonElement tag) =>
            tag.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object
            && metadata.TryGetProperty("description", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";

        private void TasksOf(JsonElement tasks, string? tag, string path)
        {
            var objects = new List<(string Id, TrackerObject Task)>();
            var index = 0;
            foreach (var item in tasks.EnumerateArray())
            {
                var at = $"{path}[{index++}]";
                if (Object(item, at) is not { } task) continue;
                if (task.Id("id") is { Length: > 0 } id) objects.Add((id, task));
                else diagnostics.Add(TrackerDiagnostics.NoId(task.Place));
            }

            var known = objects.Select(item => item.Id).ToHashSet();
            foreach (var (id, task) in objects) Add(id, task, tag, known);
        }

        private void Add(string id, TrackerObject task, string? tag, HashSet<string> known)
        {
            var steps = Steps(id, task);
            var status = task.Text("status");
            var test = task.Text("testStrategy").Trim();
            var complexity = task.Number("complexity");
            _plan.Add(new TrackerTask(Key(tag, id), new()
            {
                Id = default,
                Title = task.Text("title").Trim(),
                Description = TrackerWords.Paragraphs(task.Text("description"), task.Text("details"), Describe(steps)),
                Priority = PriorityOf(id, task),
                Boundaries = TrackerWords.Boundaries([], test.Length > 0 ? [test] : [], complexity is null ? "" : $"{complexity} of 10"),
                Evidence = [Evidence(task.Element, Raw(task.Any("title") ?? task.Element), "The task as Task Master holds it.")],
            }, task.Place)
            {
                Feature = tag,
                Status = status,
                IsSettled = Settled.Contains(status),
                Unknown = Unknown(task, steps),
            });

            foreach (var item in task.Items("dependencies"))
            {
                if (IdOf(task, item) is { } other) Depend(known.Contains(other) ? other : ParentOf(other, known), other, id, item, tag);
            }

            StepsDepend(id, steps, tag, known);
        }

        private void Depend(string from, string said, string to, JsonElement item, string? tag)
        {
            var line = LineOf(item);
            _plan.Add(new TrackerDependency(Key(tag, from), Key(tag, to), Evidence(item, file.Beginning(line), "Task Master lists it under dependencies."), file.At(line))
            {
                Reason = from == said ? "" : $"It depends on {said}, a step of {from}.",
            });
        }

        // Steps are done inside their task, in an order that their own dependencies allow; those on other tasks are the task's.
        private void StepsDepend(string id, List<Step> steps, string? tag, HashSet<string> known)
        {
            var places = new Dictionary<string, int>();
            for (var i = 0; i < steps.Count; i++) places.TryAdd(steps[i].Id, i);
            var edges = new List<(int From, int To)>();
            for (var i = 0; i < steps.Count; i++)
            {
                foreach (var (after, item) in steps[i].After)
                {
                    if (places.TryGetValue(after, out var place))
                    {
                        if (place == i) diagnostics.Add(TrackerDiagnostics.SelfDependency(At(item, steps[i].Object.Path), Key(tag, after)));
                        else edges.Add((place, i));
                    }
                    else if (ParentOf(after, known) is var other && known.Contains(other) && other != id)
                    {
                        Depend(other, after, id, item, tag);
                    }
                    else
                    {
                        diagnostics.Add(TrackerDiagnostics.Dangling(At(item, steps[i].Object.Path), Key(tag, steps[i].Id), after, null));
                    }
                }
            }

            foreach (var cycle in TaskGraph.Of(steps.Count, edges).FindCycles())
                diagnostics.Add(TrackerDiagnostics.StepCycle(steps[cycle[0]].Object.Place, [.. cycle.Select(step => Key(tag, steps[step].Id))]));
        }

        private List<Step> Steps(string id, TrackerObject task)
        {
            var steps = new List<Step>();
            var index = 0;
            foreach (var item in task.Items("subtasks"))
            {
                if (Object(item, $"{task.Path}.subtasks[{index++}]") is not { } step) continue;
                if (step.Id("id") is not { Length: > 0 } own)
                {
                    diagnostics.Add(TrackerDiagnostics.NoId(step.Place));
                    continue;
                }

                var siblings = new List<(string, JsonElement)>();
                foreach (var after in step.Items("dependencies"))
                {
                    // Among subtasks a number without a dot is a sibling.
                    if (IdOf(step, after) is { } other) siblings.Add((other.Contains('.') ? other : $"{id}.{other}", after));
                }

                steps.Add(new($"{id}.{own}", step, siblings));
            }

            return steps;
        }

        private static string Describe(List<Step> steps)
        {
            if (steps.Count == 0) return "";
            var lines = steps.Select(step =>
            {
                var status = step.Object.Text("status");
                var after = step.After.Count > 0 ? $" (after {string.Join(", ", step.After.Select(item => item.Id))})" : "";
                var head = $"- [{(Settled.Contains(status) ? "x" : " ")}] {step.Id} {step.Object.Text("title").Trim()}{after}";
                var body = TrackerWords.Paragraphs(step.Object.Text("description"), step.Object.Text("details"), step.Object.Text("testStrategy"));
                return body.Length == 0 ? head : $"{head}\n  {body.Replace("\n", "\n  ", StringComparison.Ordinal)}";
            });
            return $"Subtasks:\n{string.Join("\n", lines)}";
        }

        private static JsonObject Unknown(TrackerObject task, List<Step> steps)
        {
            var unknown = new JsonObject();
            if (steps.Count > 0)
                unknown["subtasks"] = new JsonArray([.. steps.Select(step => new JsonObject
                {
                    ["id"] = step.Id,
                    ["title"] = step.Object.Text("title"),
                    ["status"] = step.Object.Text("status"),
                    ["dependencies"] = new JsonArray([.. step.After.Select(after => (JsonNode)after.Id)]),
                })]);
            var rest = new JsonObject(task.Element.EnumerateObject().Where(field => !Mapped.Contains(field.Name)).Select(field => new KeyValuePair<string, JsonNode?>(field.Name, TrackerJson.Node(field.Value))));
            if (rest.Count > 0) unknown["task_master"] = rest;
            return unknown;
        }

        private Priority PriorityOf(string id, TrackerObject task)
        {
            var text = task.Text("priority");
            switch (text)
            {
                case "critical": return Priority.Critical;
                case "high": return Priority.High;
                case "" or "medium": return Priority.Medium;
                case "low": return Priority.Low;
            }

            diagnostics.Add(TrackerDiagnostics.UnknownValue(task.Place, "priority", text, id, "medium", "critical, high, medium, low"));
            return Priority.Medium;
        }

        private TrackerObject? Object(JsonElement item, string path)
        {
            if (item.ValueKind == JsonValueKind.Object) return new(item, file, LineOf(item), path, diagnostics);
            diagnostics.Add(TrackerDiagnostics.NotARecord(At(item, path), TrackerJson.Describe(item)));
            return null;
        }

        private static string? IdOf(TrackerObject task, JsonElement item)
        {
            if (item.ValueKind == JsonValueKind.String) return item.GetString();
            if (item.ValueKind == JsonValueKind.Number) return item.GetRawText();
            task.Wrong("dependencies", "a list of ids", item);
            return null;
        }

        // Of 12.4, a subtask, the task 12; what is no subtask of a known task stays what it is.
        private static string ParentOf(string id, HashSet<string> known) =>
            id.LastIndexOf('.') is > 0 and var dot && known.Contains(id[..dot]) ? id[..dot] : id;

        private static string Key(string? tag, string id) => tag is null ? id : $"{tag}.{id}";

        private Evidence Evidence(JsonElement element, string excerpt, string rationale)
        {
            var raw = JsonMarshal.GetRawUtf8Value(element);
            var offset = OffsetOf(raw);
            return file.Evidence(file.LineOf(offset), file.LineOf(offset + raw.Length - 1), excerpt, rationale);
        }

        private static string Raw(JsonElement text) => text.ValueKind == JsonValueKind.String ? text.GetRawText()[1..^1] : "";

        private DiagnosticPlace At(JsonElement element, string path) => file.At(LineOf(element), path);

        private int LineOf(JsonElement element) => file.LineOf(OffsetOf(JsonMarshal.GetRawUtf8Value(element)));

        // The document reads the file's own bytes, so a value is a piece of them.
        private int OffsetOf(ReadOnlySpan<byte> raw) => file.Utf8Text.Span.Overlaps(raw, out var offset) ? offset : 0;
    }

    private sealed record Step(string Id, TrackerObject Object, List<(string Id, JsonElement Item)> After);
}
