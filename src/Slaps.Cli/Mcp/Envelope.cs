using System.Text.Json;
using Slaps.Core.Plans;

namespace Slaps.Cli.Mcp;

/// <summary>What JSON-RPC has to say about a line that is no proper message.</summary>
/// <param name="Code">One of the protocol's numbers.</param>
/// <param name="Message">What is wrong, where, and what to write instead.</param>
/// <param name="Id">The request's id, where it can be told.</param>
internal sealed record EnvelopeFault(int Code, string Message, JsonElement? Id);

/// <summary>
/// What stands around a call: the fields of a message before any tool is asked. The library behind says no more than that an error occurred, or nothing
/// at all, when one of them has a wrong type.
/// </summary>
/// <param name="Method">What is called; null: an answer.</param>
/// <param name="Key">The request's id as <see cref="KeyOf"/> writes it; null: nobody waits for an answer.</param>
/// <param name="Cancels">The key of the request that is not wanted any more; null: none.</param>
internal sealed record Envelope(string? Method, string? Key, string? Cancels)
{
    public const int ParseError = -32700, InvalidRequest = -32600, NoSuchMethod = -32601, InvalidParams = -32602, InternalError = -32603;

    private const int DeepestMessage = 64;

    private static readonly string[] Levels = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

    private static readonly Dictionary<string, Shape> Shapes = new(StringComparer.Ordinal)
    {
        ["initialize"] = new("{\"protocolVersion\": \"2025-06-18\", \"capabilities\": {}, \"clientInfo\": {\"name\": \"my-agent\", \"version\": \"1\"}}",
        [
            new("protocolVersion", JsonValueKind.String, IsRequired: true), new("capabilities", JsonValueKind.Object, IsRequired: true), new("clientInfo", JsonValueKind.Object, IsRequired: true),
            new("clientInfo.name", JsonValueKind.String, IsRequired: true), new("clientInfo.version", JsonValueKind.String, IsRequired: true),
        ]),
        ["ping"] = new("{}", []),
        ["tools/list"] = new("{}", [new("cursor", JsonValueKind.String)]),
        ["tools/call"] = new("{\"name\": \"list_tasks\", \"arguments\": {}}", [new("name", JsonValueKind.String, IsRequired: true), new("arguments", JsonValueKind.Object)]),
        ["logging/setLevel"] = new("{\"level\": \"warning\"}", [new("level", JsonValueKind.String, IsRequired: true) { Among = Levels }]),
    };

    /// <summary>Reads a line.</summary>
    /// <param name="line">One message without its line end.</param>
    /// <param name="fault">What is wrong with it, where the answer is null.</param>
    public static Envelope? Read(ReadOnlyMemory<byte> line, out EnvelopeFault? fault)
    {
        try
        {
            using var json = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = DeepestMessage, AllowDuplicateProperties = false });
            fault = FaultOf(json.RootElement, out var envelope);
            return fault is null ? envelope : null;
        }
        catch (JsonException e)
        {
            fault = new(ParseError, $"The line is no JSON: {e.Message.TrimEnd('.')}. Each line is one JSON object.", null);
        }
        catch (InvalidOperationException)
        {
            fault = new(ParseError, "The line holds a text that is no valid Unicode. Write it in UTF-8, and what is beyond that in pairs of escapes.", null);
        }

        return null;
    }

    /// <summary>An id in one way of writing, so that one with escapes and one without are the same.</summary>
    public static string? KeyOf(JsonElement id) => id.ValueKind switch
    {
        JsonValueKind.String => $"text {id.GetString()}",
        JsonValueKind.Number when id.TryGetInt64(out var number) => $"number {number}",
        _ => null,
    };

    /// <summary>That there is no such method, with those that there are.</summary>
    public static string Unknown(string method)
    {
        var near = Spelling.Nearest(method, Shapes.Keys);
        return $"There is no method {Identifiers.Quote(method)} here.{(near is null ? "" : $" Did you mean {near}?")} There are {string.Join(", ", Shapes.Keys)}; the tools of tools/list are called with tools/call.";
    }

    /// <summary>That a method's params could not be read, with some that can.</summary>
    public static string Unreadable(string method) =>
        $"The params of {Identifiers.Quote(method)} could not be read, so nothing was done.{(Shapes.TryGetValue(method, out var shape) ? $" Write params like {shape.Example}." : "")}";

    private static EnvelopeFault? FaultOf(JsonElement root, out Envelope? envelope)
    {
        envelope = null;
        if (root.ValueKind == JsonValueKind.Array) return new(InvalidRequest, "Messages come one by one, each in a line of its own; lists of them are not read.", null);
        if (root.ValueKind != JsonValueKind.Object) return new(InvalidRequest, $"A message is a JSON object, not {Shown(root)}. Write one like {{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"tools/list\"}}.", null);
        var hasId = root.TryGetProperty("id", out var given);
        var key = hasId ? KeyOf(given) : null;
        JsonElement? id = key is null ? null : given.Clone();
        if (!root.TryGetProperty("jsonrpc", out var version) || version.ValueKind != JsonValueKind.String || !version.ValueEquals("2.0")) return new(InvalidRequest, "A message has \"jsonrpc\": \"2.0\". Add that.", id);
        if (hasId && id is null) return new(InvalidRequest, $"The id of a message is a text or a whole number, not {Shown(given)}. Leave it out only where no answer is wanted.", null);
        if (!root.TryGetProperty("method", out var method))
        {
            envelope = new Envelope(null, null, null);
            return root.TryGetProperty("result", out _) || root.TryGetProperty("error", out _) ? null : new(InvalidRequest, "A message has a method, a result or an error. Name a method, such as \"method\": \"tools/list\".", id);
        }

        if (method.ValueKind != JsonValueKind.String) return new(InvalidRequest, $"The method of a message is a text, not {Shown(method)}. Write one such as \"method\": \"tools/call\".", id);
        var name = method.GetString()!;
        JsonElement? parameters = root.TryGetProperty("params", out var found) ? found : null;
        envelope = new Envelope(name, key, name == "notifications/cancelled" && parameters is { ValueKind: JsonValueKind.Object } about && about.TryGetProperty("requestId", out var cancelled) ? KeyOf(cancelled) : null);
        return Wrong(name, parameters) is { } wrong ? new(InvalidParams, wrong, id) : null;
    }

    private static string? Wrong(string method, JsonElement? parameters)
    {
        var shape = Shapes.GetValueOrDefault(method);
        var instead = shape is null or { Example: "{}" } ? "Leave them out, or write an object." : $"Write params like {shape.Example}.";
        if (parameters is { ValueKind: not JsonValueKind.Object } other) return $"The params of {Identifiers.Quote(method)} are an object, not {Shown(other)}. {instead}";
        if (shape is not null && parameters is null && shape.Fields.FirstOrDefault(f => f.IsRequired) is { } first) return $"{method} has no params, and needs {first.Path} in them. {instead}";
        if (parameters is not { } root) return null;
        foreach (var field in (IEnumerable<Field>)[.. shape?.Fields ?? [], new Field("_meta", JsonValueKind.Object)])
        {
            var at = At(root, field.Path);
            if (at is not { } value)
            {
                if (field.IsRequired) return $"The params of {method} have no {field.Path}, which is {Kind(field)}. {instead}";
                continue;
            }

            if (value.ValueKind != field.Kind || (field.Among is { } among && !among.Contains(value.GetString())))
                return $"params.{field.Path} of {method} is {Kind(field)}, not {Shown(value)}. {(field.IsRequired ? instead : "Leave it out, or write what it is.")}";
        }

        return At(root, "_meta.progressToken") is { } token && KeyOf(token) is null ? $"params._meta.progressToken of {method} is a text or a whole number, not {Shown(token)}. Leave it out." : null;
    }

    // What is null counts as left out.
    private static JsonElement? At(JsonElement root, string path)
    {
        foreach (var name in path.Split('.'))
        {
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(name, out var next) || next.ValueKind == JsonValueKind.Null) return null;
            root = next;
        }

        return root;
    }

    private static string Kind(Field field) => field.Among is { } among ? $"one of {string.Join(", ", among)}" : field.Kind == JsonValueKind.String ? "a text" : "an object";

    private static string Shown(JsonElement value) => Identifiers.Quote(value.GetRawText());

    private sealed record Shape(string Example, IReadOnlyList<Field> Fields);

    private sealed record Field(string Path, JsonValueKind Kind, bool IsRequired = false)
    {
        public IReadOnlyList<string>? Among { get; init; }
    }
}
