using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Slaps.Cli.Output;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Graphs;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks show-plan DIR</c></summary>
internal static class ShowPlanCommand
{
    private const string Mermaid = "mermaid";
    private const string Dot = "dot";

    public static Command Create()
    {
        var directory = new Argument<string>("DIR") { Description = "The directory that holds coordinator.json." }.NotEmpty("Name a plan directory.");
        var format = Formats.Among("text; json: the plan and its figures; mermaid or dot: a drawing of its graph.", Formats.Text, Formats.Json, Mermaid, Dot);
        var command = new Command("show-plan", "Show a plan: its tasks by level, the critical path, locks and pools, and its figures.") { directory, format };
        command.SetAction(parsed =>
        {
            var document = PlanFiles.Load(parsed.GetRequiredValue(directory), out _);
            var figures = PlanFigures.Of(document.Plan);
            Console.Out.Write(parsed.GetValue(format) switch
            {
                Formats.Json => Json(document, figures),
                Mermaid => GraphDrawing.Mermaid(document.Plan, figures),
                Dot => GraphDrawing.Dot(document.Plan, figures),
                _ => Say.Clean(Text(document.Plan, figures)),
            });
            return ExitCodes.Done;
        });
        return command;
    }

    private static string Json(PlanDocument document, PlanFigures figures)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WritePropertyName("dag");
            json.WriteRawValue(DagJson.Write(DagDocument.Of(document.Plan, figures)), skipInputValidation: true);
            json.WritePropertyName("plan");
            json.WriteRawValue(document.CanonicalBytes, skipInputValidation: true);
            json.WriteEndObject();
        }

        using var both = JsonDocument.Parse(buffer.WrittenMemory, new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth + 1 });
        return Formats.SafeJson(Encoding.UTF8.GetString(CanonicalJson.Bytes(both.RootElement)));
    }

    private static string Text(Plan plan, PlanFigures figures)
    {
        var text = new StringBuilder();
        if (plan.Title.Length > 0) text.Append(Say.OneLine(plan.Title)).Append('\n');
        Summary(text, plan, figures);
        Tasks(text, plan, figures);
        Resources(text, figures);
        Beside(text, plan);
        return text.ToString();
    }

    private static void Summary(StringBuilder text, Plan plan, PlanFigures figures)
    {
        var redundant = figures.Reduction.Redundant.Count;
        var width = figures.Width.IsExact ? $"{figures.Width.AtLeast}" : $"between {figures.Width.AtLeast} and {figures.Width.AtMost} (a bound: the exact search takes too long)";
        Line(text, "tasks", $"{plan.Tasks.Count} in {Durations.Count(figures.LongestPath, "level")}{(figures.Isolated.Count > 0 ? $", {figures.Isolated.Count} without any edge" : "")}");
        Line(text, "edges", $"{figures.Edges}{(redundant > 0 ? $", {redundant} of them redundant" : "")}; density {Number(figures.Density, 4)}");
        Line(text, "work", $"{Hours(figures.TotalHours)}; critical path {Hours(figures.CriticalPathHours)} in {Durations.Count(figures.CriticalPath.Count, "task")} (*)");
        Line(text, "at least", $"{Hours(figures.LowerBoundHours)}, because of {(figures.Bottleneck is { } bottleneck ? $"the {Kind(bottleneck)} {Say.OneLine(bottleneck.Name)}" : "the critical path")}");
        Line(text, "width", width);
        Line(text, "workers", $"{figures.MaxUsefulWorkers} are of use; more would not end sooner");
        Line(text, "titles", $"{Number(figures.VerbFirstPercent, 0)} % begin with a verb");
    }

    private static void Tasks(StringBuilder text, Plan plan, PlanFigures figures)
    {
        var onPath = figures.CriticalPath.ToHashSet();
        var idWidth = Math.Max(4, plan.Tasks.Max(task => task.Id.Value.Length));
        text.Append('\n').Append($"level   {"task".PadRight(idWidth)}  {"hours",9}  {"slack",9}  title\n");
        foreach (var index in Enumerable.Range(0, plan.Tasks.Count).OrderBy(i => figures.Depths[i]))
        {
            var task = plan.Tasks[index];
            var more = new[] { task.Title == task.Id.Value ? "" : Cut(Say.OneLine(task.Title), 60), After(plan, figures, index), Takes(task) };
            text.Append($"{figures.Depths[index] + 1,5} {(onPath.Contains(index) ? '*' : ' ')} {task.Id.Value.PadRight(idWidth)}  ")
                .Append($"{Number(task.Duration.MeanMicroseconds / 3_600_000_000d, 3),9}  {Number(figures.SlackHours(index), 3),9}  ")
                .Append(string.Join(" · ", more.Where(part => part.Length > 0)));
            TrimEnd(text);
            text.Append('\n');
        }
    }

    private static string After(Plan plan, PlanFigures figures, int task)
    {
        const int Named = 4;
        var before = figures.Reduction.Graph.PredecessorsOf(task);
        if (before.IsEmpty) return "";
        var names = string.Join(", ", before[..Math.Min(Named, before.Length)].ToArray().Select(i => plan.Tasks[i].Id.Value));
        return $"after {names}{(before.Length > Named ? $" and {before.Length - Named} more" : "")}";
    }

    private static string Takes(PlanTask task)
    {
        var parts = task.Locks.Select(name => $"lock {Say.OneLine(name)}").Concat(task.Pools.Select(claim => $"{claim.Units} of {Say.OneLine(claim.Pool)}")).ToList();
        return parts.Count == 0 ? "" : $"takes {string.Join(", ", parts)}";
    }

    private static void Resources(StringBuilder text, PlanFigures figures)
    {
        if (figures.Resources.Count == 0) return;
        var nameWidth = Math.Max(8, figures.Resources.Max(load => Say.OneLine(load.Name).Length));
        text.Append('\n').Append($"{"resource".PadRight(nameWidth)}  {"kind",-5}  {"capacity",9}  {"tasks",6}  {"hours",9}\n");
        foreach (var load in figures.Resources)
        {
            text.Append($"{Say.OneLine(load.Name).PadRight(nameWidth)}  {Kind(load),-5}  {Number(load.Capacity, 3),9}  {load.Tasks,6}  {Number(load.Hours, 3),9}")
                .Append(load == figures.Bottleneck ? "  longer than the critical path\n" : "\n");
        }
    }

    private static void Beside(StringBuilder text, Plan plan)
    {
        var beside = plan.Dependencies.Where(edge => !edge.OrdersWork).ToList();
        if (beside.Count == 0) return;
        text.Append("\nbeside the graph\n");
        foreach (var edge in beside)
            text.Append($"  {edge.From} → {edge.To}  {(edge.IsHard ? "" : "soft ")}{DagEdge.NameOf(edge.Type)}{(edge.Confidence < 1 ? $", confidence {edge.Confidence}" : "")}\n");
    }

    private static void TrimEnd(StringBuilder text)
    {
        while (text.Length > 0 && text[^1] == ' ') text.Length--;
    }

    private static string Kind(ResourceLoad load) => load.Kind.ToString().ToLowerInvariant();

    private static void Line(StringBuilder text, string name, string value) => text.Append($"  {name,-9} {value}\n");

    private static string Hours(double hours) => $"{Number(hours, 3)} h";

    private static string Number(double number, int decimals) => Math.Round(number, decimals).ToString(CultureInfo.InvariantCulture);

    private static string Cut(string text, int most) => text.EnumerateRunes().Count() <= most ? text : string.Concat(text.EnumerateRunes().Take(most)) + "…";
}
