using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Slaps.Cli.Output;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Graphs;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks plan-diff A B</c></summary>
internal static class PlanDiffCommand
{
    public static Command Create()
    {
        var first = new Argument<string>("A") { Description = "The plan directory as it was." }.NotEmpty("Name a plan directory.");
        var second = new Argument<string>("B") { Description = "The plan directory as it is now." }.NotEmpty("Name a plan directory.");
        var format = Formats.Option("the differences as one document");
        var command = new Command("plan-diff", "Say what became of a plan, and what that means for its critical path: exits with 0 when nothing, with 1 when something.") { first, second, format };
        command.SetAction(parsed =>
        {
            var before = PlanFiles.Load(parsed.GetRequiredValue(first), out _);
            var after = PlanFiles.Load(parsed.GetRequiredValue(second), out _);
            var difference = PlanDifference.Of(before.Plan, after.Plan);
            Console.Out.Write(parsed.GetValue(format) == Formats.Json ? Json(difference) : Say.Clean(Text(difference)));
            return difference.IsNone ? ExitCodes.Done : ExitCodes.SomeFailed;
        });
        return command;
    }

    private static string Text(PlanDifference difference)
    {
        if (difference.IsNone) return "Both plans mean the same.\n";
        var text = new StringBuilder();
        Section(text, "tasks", [
            .. difference.TasksAdded.Select(id => $"+ {id}"),
            .. difference.TasksRemoved.Select(id => $"- {id}"),
            .. difference.TasksChanged.SelectMany(change => Changed($"{change.Id}", change.Fields)),
            .. difference.Reordered ? ["~ they stand in another order, which decides ties"] : Array.Empty<string>(),
        ]);
        Section(text, "dependencies", [
            .. difference.DependenciesAdded.Select(edge => $"+ {Edge(edge)}"),
            .. difference.DependenciesRemoved.Select(edge => $"- {Edge(edge)}"),
            .. difference.DependenciesChanged.SelectMany(change => Changed($"{change.From} → {change.To} {DagEdge.NameOf(change.Type)}", change.Fields)),
        ]);
        foreach (var group in difference.Settings.GroupBy(change => change.Field.Split('.')[0]))
            Section(text, group.Key, [.. group.Select(change => $"~ {Field(change)}")]);
        text.Append("what it means\n");
        foreach (var line in Meaning(difference)) text.Append("  ").Append(line).Append('\n');
        return text.ToString();
    }

    private static IEnumerable<string> Changed(string what, IReadOnlyList<FieldChange> fields) => fields.Select(field => $"~ {what}: {Field(field)}");

    private static string Field(FieldChange change) => $"{Say.OneLine(change.Field)} {Value(change.Before)} → {Value(change.After)}";

    // The whole value is in the JSON; a line stays readable.
    private static string Value(string? json)
    {
        const int Most = 80;
        if (json is null) return "(default)";
        var line = Say.OneLine(json);
        return line.EnumerateRunes().Count() <= Most ? line : string.Concat(line.EnumerateRunes().Take(Most)) + "…";
    }

    private static string Edge(Dependency edge) => $"{edge.From} → {edge.To} {(edge.IsHard ? "" : "soft ")}{DagEdge.NameOf(edge.Type)}";

    private static void Section(StringBuilder text, string name, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0) return;
        text.Append(Say.OneLine(name)).Append('\n');
        foreach (var line in lines) text.Append("  ").Append(line).Append('\n');
    }

    private static IEnumerable<string> Meaning(PlanDifference difference)
    {
        var (before, after) = (difference.Before, difference.After);
        if (difference.CriticalPathBefore.SequenceEqual(difference.CriticalPathAfter))
        {
            yield return before.CriticalPathHours == after.CriticalPathHours
                ? $"The critical path is the same: {Hours(after.CriticalPathHours)}."
                : $"The same tasks are the critical path, but they take {Hours(after.CriticalPathHours)} instead of {Hours(before.CriticalPathHours)}.";
        }
        else
        {
            yield return $"The critical path was {Hours(before.CriticalPathHours)}: {Path(difference.CriticalPathBefore)}.";
            yield return $"It is now {Hours(after.CriticalPathHours)}: {Path(difference.CriticalPathAfter)}.";
        }

        if (before.LowerBoundHours != after.LowerBoundHours || before.Bottleneck?.Name != after.Bottleneck?.Name)
            yield return $"No execution is shorter than {Hours(after.LowerBoundHours)} ({Because(after)}); before: {Hours(before.LowerBoundHours)} ({Because(before)}).";
        foreach (var (what, was, became) in Counts(before, after))
            if (was != became) yield return $"{what}: {was} → {became}.";
    }

    private static IEnumerable<(string What, string Was, string Became)> Counts(PlanFigures before, PlanFigures after) =>
    [
        ("Work", Hours(before.TotalHours), Hours(after.TotalHours)),
        ("Levels", $"{before.LongestPath}", $"{after.LongestPath}"),
        ("Width", Width(before), Width(after)),
        ("Workers that are of use", $"{before.MaxUsefulWorkers}", $"{after.MaxUsefulWorkers}"),
        ("Redundant edges", $"{before.Reduction.Redundant.Count}", $"{after.Reduction.Redundant.Count}"),
    ];

    private static string Width(PlanFigures figures) => figures.Width.IsExact ? $"{figures.Width.AtLeast}" : $"{figures.Width.AtLeast} to {figures.Width.AtMost}";

    private static string Because(PlanFigures figures) => figures.Bottleneck is { } load ? $"the {load.Kind.ToString().ToLowerInvariant()} {Say.OneLine(load.Name)}" : "the critical path";

    private static string Path(IReadOnlyList<TaskId> path)
    {
        const int Shown = 12;
        return path.Count <= Shown
            ? string.Join(" → ", path)
            : $"{string.Join(" → ", path.Take(Shown - 2))} → … ({path.Count - Shown + 1} more) … → {path[^1]}";
    }

    private static string Hours(double hours) => $"{Math.Round(hours, 3).ToString(CultureInfo.InvariantCulture)} h";

    private static string Json(PlanDifference difference)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteBoolean("same", difference.IsNone);
            json.WriteStartObject("tasks");
            List(json, "added", difference.TasksAdded, id => json.WriteStringValue(id.Value));
            List(json, "removed", difference.TasksRemoved, id => json.WriteStringValue(id.Value));
            List(json, "changed", difference.TasksChanged, change =>
            {
                json.WriteStartObject();
                json.WriteString("id", change.Id.Value);
                List(json, "fields", change.Fields, field => Field(json, field));
                json.WriteEndObject();
            });
            json.WriteBoolean("reordered", difference.Reordered);
            json.WriteEndObject();
            json.WriteStartObject("dependencies");
            List(json, "added", difference.DependenciesAdded, edge => Edge(json, edge.From, edge.To, edge.Type, null));
            List(json, "removed", difference.DependenciesRemoved, edge => Edge(json, edge.From, edge.To, edge.Type, null));
            List(json, "changed", difference.DependenciesChanged, change => Edge(json, change.From, change.To, change.Type, change.Fields));
            json.WriteEndObject();
            List(json, "settings", difference.Settings, field => Field(json, field));
            json.WriteStartObject("effect");
            Figures(json, "before", difference.Before, difference.CriticalPathBefore);
            Figures(json, "after", difference.After, difference.CriticalPathAfter);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory, new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth + 8 });
        return Formats.SafeJson(Encoding.UTF8.GetString(CanonicalJson.Bytes(document.RootElement)));
    }

    private static void Field(Utf8JsonWriter json, FieldChange field)
    {
        json.WriteStartObject();
        json.WriteString("field", field.Field);
        if (field.Before is not null) Raw(json, "before", field.Before);
        if (field.After is not null) Raw(json, "after", field.After);
        json.WriteEndObject();
    }

    private static void Raw(Utf8JsonWriter json, string name, string value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value);
    }

    private static void Edge(Utf8JsonWriter json, TaskId from, TaskId to, DependencyType type, IReadOnlyList<FieldChange>? fields)
    {
        json.WriteStartObject();
        json.WriteString("from", from.Value);
        json.WriteString("to", to.Value);
        json.WriteString("type", DagEdge.NameOf(type));
        if (fields is not null) List(json, "fields", fields, field => Field(json, field));
        json.WriteEndObject();
    }

    private static void Figures(Utf8JsonWriter json, string name, PlanFigures figures, IReadOnlyList<TaskId> criticalPath)
    {
        json.WriteStartObject(name);
        List(json, "criticalPath", criticalPath, id => json.WriteStringValue(id.Value));
        json.WriteNumber("criticalPathHours", Math.Round(figures.CriticalPathHours, 6));
        json.WriteNumber("lowerBoundHours", Math.Round(figures.LowerBoundHours, 6));
        json.WriteNumber("totalHours", Math.Round(figures.TotalHours, 6));
        json.WriteNumber("longestPath", figures.LongestPath);
        json.WriteNumber("widthApprox", figures.Width.AtLeast);
        json.WriteBoolean("widthExact", figures.Width.IsExact);
        json.WriteNumber("maxUsefulWorkers", figures.MaxUsefulWorkers);
        json.WriteEndObject();
    }

    private static void List<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items) write(item);
        json.WriteEndArray();
    }
}
