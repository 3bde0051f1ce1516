using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Slaps.Cli.Commands;
using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;
using Slaps.Core.Views;
using Slaps.Runtime.State;

namespace Slaps.Cli;

/// <summary>Tasks that join a running plan: nodes as in coordinator.json become one patch, which goes the way of <c>tasks modify</c>.</summary>
internal static partial class TaskAdding
{
    private const string GivenName = "ADD.T";
    private const int MostTries = 8;

    /// <summary>The nodes in a file: one JSON object, or one in each line. Besides the fields of a node each may have <c>after</c> and <c>before</c>, lists of tasks.</summary>
    public static List<JsonObject> Read(byte[] utf8, string source)
    {
        if (utf8.Length > PlanPatchJson.MaxBytes) throw Wrong($"{Identifiers.Quote(source)} has {utf8.Length} bytes, and {PlanPatchJson.MaxBytes} is the most. Add them in several parts.");
        var text = Decode(utf8, source);
        if (Parse(text, out _) is { } one) return [one];
        var nodes = new List<JsonObject>();
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) continue;
            nodes.Add(Parse(line, out var fault) ?? throw Wrong($"Line {number} of {Identifiers.Quote(source)} is no task: {fault} Each line is one JSON object such as {{\"title\": \"Write the guide\", \"after\": [\"P1.T001\"]}}. Nothing was added."));
        }

        if (nodes.Count == 0) throw Wrong($"{Identifiers.Quote(source)} holds no task. Nothing was added.");
        return nodes.Count <= PlanPatch.MaxOperations ? nodes : throw Wrong($"{Identifiers.Quote(source)} holds {nodes.Count} tasks, and {PlanPatch.MaxOperations} is the most at once. Nothing was added.");
    }

    /// <summary>Adds the tasks, all of them or none. One without an id gets the next free one.</summary>
    /// <param name="place">The project.</param>
    /// <param name="execution">Which execution; null: the open one.</param>
    /// <param name="nodes">The tasks, in their order.</param>
    /// <param name="source">Where they come from, for messages.</param>
    /// <param name="by">Who adds them.</param>
    /// <param name="reason">Why; null: nobody said.</param>
    /// <param name="isDryRun">Whether only to say what would happen.</param>
    /// <param name="tell">Takes what is doubtful.</param>
    public static PatchView Add(StateDirectory place, string? execution, IReadOnlyList<JsonObject> nodes, string source, string by, string? reason, bool isDryRun, Action<DiagnosticBag> tell)
    {
        for (var tries = 1; ; tries++)
        {
            var state = ClaimChannel.Look(place, execution);
            var diagnostics = new DiagnosticBag();
            var patch = PlanPatchJson.Read(PatchOf(state, nodes, source, out var isNameGiven), source, diagnostics);
            if (patch is not null) patch = ModifyCommand.Examine(state, patch with { By = by, Reason = reason ?? "" }, source, diagnostics);
            if (patch is null || diagnostics.HasErrors)
                throw Wrong($"{string.Join('\n', diagnostics.Items.Where(d => d.Severity == Severity.Error).Take(20).Select(d => Placed(d).ToString()))}\nNothing was added.");
            var told = new DiagnosticBag();
            told.AddRange(diagnostics.Items.Select(Placed));
            tell(told);
            if ((isDryRun ? ModifyCommand.Rehearse(state, patch, out var refusal) : ModifyCommand.Apply(state, patch, out refusal, out _)) is { } view) return view;

            // Somebody else may have taken a name that was free a moment ago.
            if (!isNameGiven || tries == MostTries || !IsTaken(place, state.Id.Value, patch)) throw new CommandException(ExitCodes.SomeFailed, refusal!);
        }
    }

    // The patch is made here, so a path in it leads whoever wrote the tasks nowhere: they know the task's number, and the path in it.
    private static Diagnostic Placed(Diagnostic diagnostic)
    {
        if (diagnostic.JsonPath is not { } path || PathInPatch.Match(path) is not { Success: true } match) return diagnostic;
        var number = match.Groups["operation"].Success ? int.Parse(match.Groups["operation"].Value, CultureInfo.InvariantCulture) + 1 : 1;
        var rest = match.Groups["rest"].Value;
        return diagnostic with { JsonPath = rest.Length == 0 ? $"task {number}" : $"task {number}, ${rest}", Line = null, Column = null };
    }

    private static bool IsTaken(StateDirectory place, string execution, PlanPatch patch)
    {
        var now = ClaimChannel.Look(place, execution);
        return patch.Injected.Any(task => now.Plan.IndexOf(task.Id) >= 0);
    }

    private static byte[] PatchOf(ExecutionState state, IReadOnlyList<JsonObject> nodes, string source, out bool isNameGiven)
    {
        var taken = state.Plan.Tasks.Select(t => t.Id.Value).Concat(nodes.Select(IdOf).OfType<string>()).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var next = 1;
        isNameGiven = false;
        var operations = new JsonArray();
        foreach (var node in nodes)
        {
            var task = (JsonObject)node.DeepClone();
            if (IdOf(task) is not { } id)
            {
                while (!taken.Add($"{GivenName}{next:000}")) next++;
                id = $"{GivenName}{next:000}";
                task["id"] = id;
                isNameGiven = true;
            }

            var edges = new JsonArray();
            foreach (var before in Names(task, "after", source)) edges.Add(Edge(before, id));
            foreach (var after in Names(task, "before", source)) edges.Add(Edge(id, after));
            operations.Add(new JsonObject { ["op"] = "inject_task", ["task"] = task, ["edges"] = edges });
        }

        return Encoding.UTF8.GetBytes(new JsonObject { ["operations"] = operations }.ToJsonString());
    }

    private static JsonObject Edge(string from, string to) => new() { ["from"] = from, ["to"] = to };

    private static string? IdOf(JsonObject node) => node["id"] is JsonValue value && value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is { Length: > 0 } id ? id : null;

    private static List<string> Names(JsonObject task, string field, string source)
    {
        if (!task.Remove(field, out var given) || given is null) return [];
        return given is JsonArray list && list.All(item => item?.GetValueKind() == JsonValueKind.String)
            ? [.. list.Select(item => item!.GetValue<string>())]
            : throw Wrong($"\"{field}\" in {Identifiers.Quote(source)} is a list of tasks, such as [\"P1.T001\"]. Nothing was added.");
    }

    private static JsonObject? Parse(string text, out string fault)
    {
        try
        {
            fault = "it is no JSON object.";
            return JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = PlanPatchJson.MaxDepth - 4, AllowDuplicateProperties = false }) as JsonObject;
        }
        catch (JsonException e)
        {
            fault = $"{e.Message.TrimEnd('.')}.";
            return null;
        }
    }

    private static string Decode(byte[] utf8, string source)
    {
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(utf8).TrimStart('\ufeff');
        }
        catch (DecoderFallbackException)
        {
            throw Wrong($"{Identifiers.Quote(source)} is no UTF-8 text. Nothing was added.");
        }
    }

    [GeneratedRegex("^\\$(\\.operations\\[(?<operation>[0-9]{1,9})\\])?\\.task(?<rest>([.\\[].*)?)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex PathInPatch { get; }

    private static CommandException Wrong(string message) => new(ExitCodes.InvalidInput, message);
}
