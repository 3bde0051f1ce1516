using System.Text.Json;
using System.Text.RegularExpressions;
using ModelContextProtocol.Protocol;
using Slaps.Cli.Output;
using Slaps.Core.Plans;

namespace Slaps.Cli.Mcp;

/// <summary>What a tool answers: a text for whoever reads, and a document for whoever reckons.</summary>
internal sealed record McpAnswer(string Text, JsonElement Document);

/// <summary>One parameter of a tool.</summary>
/// <param name="Name">As a client writes it.</param>
/// <param name="Type">What a value is.</param>
/// <param name="Description">A sentence for the model that fills it in.</param>
internal sealed record McpParameter(string Name, McpType Type, string Description)
{
    public bool IsRequired { get; init; }

    /// <summary>The only values of a text; null: any.</summary>
    public IReadOnlyList<string>? Among { get; init; }

    /// <summary>The least number, or the fewest characters.</summary>
    public int Least { get; init; }

    /// <summary>The greatest number, or the most characters.</summary>
    public int Most { get; init; } = 2000;
}

/// <summary>Kinds of values.</summary>
internal enum McpType
{
    Text,
    Number,
    Decimal,
    Texts,
}

/// <summary>Something that a client can have done, with what it is told about it.</summary>
internal sealed partial record McpTool(string Name, string Title, string Description, IReadOnlyList<McpParameter> Parameters, string Output, Func<McpArguments, CancellationToken, McpAnswer> Call)
{
    /// <summary>Whether it changes nothing.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Whether doing it twice is as doing it once.</summary>
    public bool IsIdempotent { get; init; }

    private const string Resource = "resource";   // Which of two tools its second word tells.

    private static readonly Dictionary<string, string> ToolOf = new(StringComparer.Ordinal)
    {
        ["register"] = "register_session", ["sessions"] = "get_status", ["whoami"] = "get_status", ["list"] = "list_tasks", ["suggest"] = "suggest_tasks",
        ["claim"] = "claim_task", ["show"] = "read_task", ["start"] = "report_progress", ["progress"] = "report_progress", ["complete"] = "complete_task",
        ["fail"] = "fail_task", ["help"] = "ask_for_help", ["release"] = "release_task", ["add"] = "add_task", ["resource"] = Resource, ["message"] = "send_message", ["inbox"] = "read_messages", ["explain"] = "explain_task", ["status"] = "get_status",
    };

    /// <summary>The tool as the protocol describes it.</summary>
    public Tool Describe() => new()
    {
        Name = Name,
        Title = Title,
        Description = Description,
        InputSchema = InputSchema(),
        OutputSchema = Parse(Output),
        Annotations = new ToolAnnotations { Title = Title, ReadOnlyHint = IsReadOnly, DestructiveHint = false, IdempotentHint = IsReadOnly || IsIdempotent, OpenWorldHint = false },
    };

    /// <summary>Sentences that name commands of the shell, for somebody who has tools instead.</summary>
    public static string InToolWords(string text) => CommandInText.Replace(text, match =>
    {
        if (!ToolOf.TryGetValue(match.Groups["command"].Value, out var tool)) return match.Value;
        if (tool == Resource) return match.Groups["rest"].Value.StartsWith(" release", StringComparison.Ordinal) ? "`release_resource`" : "`acquire_resource`";
        var words = match.Groups["rest"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var task = words.FirstOrDefault(word => Identifiers.Refuse(word) is null && word.Any(char.IsDigit));
        var with = new[] { task is null ? null : $"task {task}", words.Contains("--wait") ? "wait_seconds" : null }.OfType<string>().ToList();
        return with.Count == 0 ? $"`{tool}`" : $"`{tool}` with {string.Join(" and ", with)}";
    });

    /// <summary>A document of this text.</summary>
    public static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth });
        return document.RootElement.Clone();
    }

    /// <summary>A document that is written by hand; its texts hold nothing that a terminal would obey.</summary>
    public static JsonElement Document(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Parse(System.Text.Encoding.UTF8.GetString(bytes.ToArray()));
    }

    /// <summary>An answer that a client may show as it is.</summary>
    public static CallToolResult Result(McpAnswer answer) => new() { Content = [new TextContentBlock { Text = Say.Clean(InToolWords(answer.Text)) }], StructuredContent = answer.Document };

    /// <summary>A mistake, with what to do next.</summary>
    public static CallToolResult Mistake(string message) => new() { Content = [new TextContentBlock { Text = Say.Clean(InToolWords(message)) }], IsError = true };

    private JsonElement InputSchema() => Document(json =>
    {
        json.WriteString("type", "object");
        json.WriteStartObject("properties");
        foreach (var parameter in Parameters)
        {
            json.WriteStartObject(parameter.Name);
            json.WriteString("description", parameter.Description);
            json.WriteString("type", parameter.Type switch { McpType.Text => "string", McpType.Number => "integer", McpType.Decimal => "number", _ => "array" });
            switch (parameter.Type)
            {
                case McpType.Text when parameter.Among is { } among:
                    WriteAmong(json, among);
                    break;
                case McpType.Text:
                    json.WriteNumber("minLength", Math.Max(parameter.Least, 1));
                    json.WriteNumber("maxLength", parameter.Most);
                    break;
                case McpType.Texts:
                    json.WriteStartObject("items");
                    json.WriteString("type", "string");
                    if (parameter.Among is { } each) WriteAmong(json, each);
                    json.WriteEndObject();
                    json.WriteNumber("maxItems", McpArguments.MostTexts);
                    break;
                default:
                    json.WriteNumber("minimum", parameter.Least);
                    json.WriteNumber("maximum", parameter.Most);
                    break;
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartArray("required");
        foreach (var parameter in Parameters.Where(p => p.IsRequired)) json.WriteStringValue(parameter.Name);
        json.WriteEndArray();
        json.WriteBoolean("additionalProperties", false);
    });

    private static void WriteAmong(Utf8JsonWriter json, IReadOnlyList<string> among)
    {
        json.WriteStartArray("enum");
        foreach (var value in among) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    [GeneratedRegex("`tasks (?<command>[a-z-]+)(?<rest>[^`\n]*)`", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex CommandInText { get; }
}

/// <summary>The arguments of one call, held against the tool's parameters; what is wrong ends the call with a sentence.</summary>
internal sealed class McpArguments
{
    /// <summary>The most texts in one list.</summary>
    public const int MostTexts = 100;

    private readonly IReadOnlyDictionary<string, JsonElement> _given;

    public McpArguments(McpTool tool, IDictionary<string, JsonElement>? given)
    {
        _given = (given ?? new Dictionary<string, JsonElement>()).Where(pair => pair.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)).ToDictionary(StringComparer.Ordinal);
        foreach (var name in _given.Keys.Where(name => tool.Parameters.All(p => p.Name != name)).Order(StringComparer.Ordinal))
        {
            var near = Spelling.Nearest(name, tool.Parameters.Select(p => p.Name));
            throw Wrong($"{tool.Name} has no parameter {Identifiers.Quote(name)}.{(near is null ? "" : $" Did you mean {near}?")} {(tool.Parameters.Count == 0 ? "It takes none." : $"It takes {string.Join(", ", tool.Parameters.Select(p => p.Name))}.")}");
        }

        foreach (var parameter in tool.Parameters)
        {
            if (_given.TryGetValue(parameter.Name, out var value)) Check(parameter, value);
            else if (parameter.IsRequired) throw Wrong($"{tool.Name} needs {parameter.Name}: {parameter.Description}");
        }
    }

    /// <summary>A text; null when it was left out.</summary>
    public string? Text(string name) => _given.TryGetValue(name, out var value) ? value.GetString() : null;

    /// <summary>A whole number; null when it was left out.</summary>
    public int? Number(string name) => _given.TryGetValue(name, out var value) ? (int)value.GetDouble() : null;

    /// <summary>A number; null when it was left out.</summary>
    public double? Decimal(string name) => _given.TryGetValue(name, out var value) ? value.GetDouble() : null;

    /// <summary>A list of texts; null when it was left out.</summary>
    public IReadOnlyList<string>? Texts(string name) => _given.TryGetValue(name, out var value) ? [.. value.EnumerateArray().Select(item => item.GetString()!)] : null;

    /// <summary>A task's name that may be one; null when it was left out.</summary>
    public string? Task() => Text("task") is not { } task ? null : Identifiers.Refuse(task) is not { } wrong ? task
        : throw Wrong($"No task is called {Identifiers.Quote(task)}: {wrong}. `tasks list` shows the tasks.");

    private static void Check(McpParameter parameter, JsonElement value)
    {
        switch (parameter.Type)
        {
            case McpType.Text:
                CheckText(parameter, value);
                break;
            case McpType.Texts:
                if (value.ValueKind != JsonValueKind.Array) throw Wrong($"{parameter.Name} is a list of texts, such as [\"a\", \"b\"].");
                if (value.GetArrayLength() > MostTexts) throw Wrong($"{parameter.Name} has {value.GetArrayLength()} texts, and {MostTexts} is the most.");
                foreach (var item in value.EnumerateArray()) CheckText(parameter, item);
                break;
            default:
                var isNumber = value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= parameter.Least && number <= parameter.Most
                    && (parameter.Type == McpType.Decimal || Math.Abs(number - Math.Truncate(number)) == 0);
                if (!isNumber) throw Wrong($"{parameter.Name} is a {(parameter.Type == McpType.Decimal ? "" : "whole ")}number from {parameter.Least} to {parameter.Most}, not {Identifiers.Quote(value.GetRawText())}.");
                break;
        }
    }

    private static void CheckText(McpParameter parameter, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String) throw Wrong($"{parameter.Name} is a text, not {Identifiers.Quote(value.GetRawText())}.");
        var text = value.GetString()!;
        if (parameter.Among is { } among && !among.Contains(text)) throw Wrong($"{parameter.Name} is one of {string.Join(", ", among)}, not {Identifiers.Quote(text)}.");
        if (text.Length == 0) throw Wrong($"{parameter.Name} is empty. {parameter.Description}");
        if (text.Length > parameter.Most) throw Wrong($"{parameter.Name} has {text.Length} characters, and {parameter.Most} is the most. Put more into a file of the project, and say where it is.");
    }

    private static CommandException Wrong(string message) => new(ExitCodes.InvalidInput, message);
}
