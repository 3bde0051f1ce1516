using System.Text.Json;

namespace Slaps.Core.Plans.Review;

/// <summary>What a review needs to know of a plan file. It reads our own and older shapes alike and refuses nothing: what is no text or list where one is expected counts as left out.</summary>
internal sealed record ReviewedPlan(PlanFile File, JsonElement Root, IReadOnlyList<ReviewedTask> Tasks, IReadOnlyList<ReviewedEdge> Edges, string TasksAt, string EdgesAt)
{
    /// <summary>The confidence below which a hard dependency does not count.</summary>
    public double MinConfidence { get; } = Root.At("meta")?.Number("min_confidence") ?? 0;

    /// <summary>From a <c>tasks.json</c>: <c>tasks</c> and <c>dependencies</c>.</summary>
    public static ReviewedPlan OfTasks(PlanFile file, JsonElement root) => new(
        file, root,
        [.. root.Items("tasks").Select((task, i) => ReviewedTask.Of(task, task, $"$.tasks[{i}]"))],
        [.. root.Items("dependencies").Select((edge, i) => ReviewedEdge.Of(edge, $"$.dependencies[{i}]"))],
        "$.tasks", "$.dependencies");

    /// <summary>From a <c>coordinator.json</c>: the nodes, of which older plans keep most under <c>task</c>, and the edges.</summary>
    public static ReviewedPlan OfCoordinator(PlanFile file, JsonElement root)
    {
        var graph = root.At("graph");
        return new(
            file, root,
            [
                .. graph.Items("nodes").Select((node, i) => node.At("task") is { ValueKind: JsonValueKind.Object } task
                    ? ReviewedTask.Of(node, task, $"$.graph.nodes[{i}].task")
                    : ReviewedTask.Of(node, node, $"$.graph.nodes[{i}]")),
            ],
            [.. graph.Items("edges").Select((edge, i) => ReviewedEdge.Of(edge, $"$.graph.edges[{i}]"))],
            "$.graph.nodes", "$.graph.edges");
    }
}

/// <summary>One task as a review sees it.</summary>
internal sealed record ReviewedTask(string Id, string Title, string? Feature, string At, JsonElement Json)
{
    /// <summary>Locks that it holds alone.</summary>
    public required IReadOnlyList<string> Locks { get; init; }

    /// <summary>Units of pools.</summary>
    public required IReadOnlyList<(string Name, double Units)> Pools { get; init; }

    /// <summary>Files and folders that it names, and whether it may change them.</summary>
    public required IReadOnlyList<(string Path, bool Writes)> Touches { get; init; }

    public required IReadOnlyList<ReviewedCheck> Checks { get; init; }

    public required IReadOnlyList<ReviewedEvidence> Evidence { get; init; }

    public static ReviewedTask Of(JsonElement node, JsonElement task, string at)
    {
        var id = node.Text("id") ?? task.Text("id") ?? "";
        var evidence = ReviewedEvidence.Of(task.Items("evidence"), $"{at}.evidence").ToList();
        return new ReviewedTask(id, task.Text("title") ?? node.Text("name") ?? "", task.Text("feature_id") ?? task.Text("feature"), at, task)
        {
            Locks = [.. task.At("resources").Texts("locks").Concat(task.At("shared_resources").Texts("exclusive_locks")).Distinct(StringComparer.Ordinal)],
            Pools = [.. Shares(task)],
            Touches = [.. Files(task, evidence)],
            Checks = [.. task.Items("acceptance_checks").Select((check, i) => ReviewedCheck.Of(check, $"{at}.acceptance_checks[{i}]"))],
            Evidence = evidence,
        };
    }

    private static IEnumerable<(string, double)> Shares(JsonElement task)
    {
        foreach (var (name, units) in task.At("resources").At("shared").Fields())
        {
            if (units.ValueKind == JsonValueKind.Number) yield return (name, units.GetDouble());
        }

        foreach (var share in task.At("shared_resources").Items("shared_limited"))
        {
            if ((share.Text("resource") ?? share.Text("name")) is { } name) yield return (name, share.Number("quantity") ?? 1);
        }
    }

    private static IEnumerable<(string, bool)> Files(JsonElement task, List<ReviewedEvidence> evidence)
    {
        var produced = task.At("interfaces").Items("produces").Select(artifact => artifact.ValueKind == JsonValueKind.String ? artifact.GetString() : artifact.Text("path")).OfType<string>();
        var shared = task.At("shared_resources");
        foreach (var path in task.At("boundaries").At("scope").Texts("includes").Concat(produced).Concat(shared.Texts("creates")).Concat(shared.Texts("modifies")))
        {
            if (Normal(path) is { } file) yield return (file, true);
        }

        foreach (var piece in evidence)
        {
            if (piece.Type == "code" && piece.Source.Contains('.', StringComparison.Ordinal) && Normal(piece.Source.Split('#')[0]) is { } file) yield return (file, false);
        }
    }

    // One spelling for one place; a folder keeps its slash. Prose in place of a path stays as it is: two tasks that write the same words mean the same.
    private static string? Normal(string path)
    {
        var plain = path.Trim().Replace('\\', '/');
        while (plain.StartsWith("./", StringComparison.Ordinal)) plain = plain[2..];
        if (plain.EndsWith("/**", StringComparison.Ordinal)) plain = plain[..^2];
        return plain.Length is 0 or > WorkspacePath.MaxLength || plain is "." or "/" or "*" or "**" ? null : plain;
    }
}

/// <summary>A check: the program that it runs as far as that can be told, or that no machine can run it.</summary>
internal sealed record ReviewedCheck(string At, bool IsProse, IReadOnlyList<(string Name, bool IsScript)> Programs, string Workdir)
{
    private static readonly string[] Interpreters = ["sh", "bash", "dash", "zsh", "node", "python", "python3", "ruby", "perl", "pwsh"];

    // What a shell does by itself, or after which comes no program.
    private static readonly string[] Builtins =
    [
        "!", ".", ":", "[", "[[", "alias", "bg", "break", "case", "cd", "command", "continue", "declare", "echo", "eval", "exec", "exit", "export", "false", "for", "function",
        "if", "local", "printf", "pwd", "read", "readonly", "return", "set", "shift", "source", "test", "time", "times", "trap", "true", "type", "ulimit", "umask", "unset", "until", "wait", "while",
    ];

    private static readonly string[] Fields = ["argv", "command", "script", "run", "path", "file", "url", "query", "cmd"];

    public static ReviewedCheck Of(JsonElement check, string at)
    {
        var run = check.At("run") ?? check;
        var argv = run.Texts("argv").ToList();
        var type = check.Text("type");
        var isProse = type is "manual" || (type is not "diff_within_scope" && !Fields.Any(field => check.At(field) is not null));
        IReadOnlyList<(string, bool)> programs = isProse ? []
            : argv.Count > 0 ? Of(argv)
            : (run.Text("command") ?? run.Text("cmd")) is { } command ? Of(Words(command))
            : check.Text("script") is { Length: > 0 } script ? (script.Any(char.IsWhiteSpace) ? Of(Words(script)) : [(script, true)])
            : [];
        return new ReviewedCheck(at, isProse, programs, run.Text("workdir") ?? ".");
    }

    private static List<(string, bool)> Of(List<string> argv)
    {
        if (argv.Count == 0 || !IsPlain(argv[0]) || Builtins.Contains(argv[0])) return [];
        if (argv.Count > 1 && Interpreters.Contains(argv[0]) && argv[1].Length > 0 && argv[1][0] != '-' && IsPlain(argv[1])) return [(argv[0], false), (argv[1], true)];
        return [(argv[0], false)];
    }

    // The words of the first command only: further ones may stand in quotes, in a loop or in a branch that is not taken.
    private static List<string> Words(string command)
    {
        var words = command.Length > 4_096 ? command[..4_096] : command;
        var end = words.IndexOfAny([';', '|', '&', '\n', '(', ')']);
        if (end >= 0) words = words[..end];
        return [.. words.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).SkipWhile(word => word.IndexOf('=', StringComparison.Ordinal) > 0).Take(2)];
    }

    private static bool IsPlain(string word) => word.Length is > 0 and <= 512 && word.All(c => char.IsLetterOrDigit(c) || c is '.' or '/' or '_' or '-' or '+' or '@' or '!' or '[' or ':');
}

/// <summary>A piece of evidence and where it stands.</summary>
internal sealed record ReviewedEvidence(string Type, string Source, string Excerpt, string At)
{
    public static IEnumerable<ReviewedEvidence> Of(IEnumerable<JsonElement> items, string at) =>
        items.Select((item, i) => new ReviewedEvidence(item.Text("type") ?? "", item.Text("source") ?? "", item.Text("excerpt") ?? "", $"{at}[{i}]")).Where(e => e.Source.Length > 0);
}

/// <summary>A dependency and where it stands.</summary>
internal sealed record ReviewedEdge(string From, string To, string Type, bool IsHard, double Confidence, string At, IReadOnlyList<ReviewedEvidence> Evidence)
{
    /// <summary>Whether it orders work by its type.</summary>
    public bool IsOfOrder => Type is not ("mutual_exclusion" or "resource_limited");

    public string Name => $"{From} → {To}";

    public static ReviewedEdge Of(JsonElement edge, string at) => new(
        edge.Text("from") ?? "", edge.Text("to") ?? "", edge.Text("type") ?? "technical",
        (edge.At("isHard") ?? edge.At("is_hard")) is not { ValueKind: JsonValueKind.False }, edge.Number("confidence") ?? 1, at,
        [.. ReviewedEvidence.Of(edge.Items("evidence"), $"{at}.evidence")]);
}

/// <summary>Reading without complaint.</summary>
internal static class LenientJson
{
    extension(JsonElement? element)
    {
        public JsonElement? At(string name) => element is { } there ? there.At(name) : null;

        public IEnumerable<JsonElement> Items(string name) => element is { } there ? there.Items(name) : [];

        public IEnumerable<string> Texts(string name) => element is { } there ? there.Texts(name) : [];

        public IEnumerable<(string Name, JsonElement Value)> Fields() =>
            element is { ValueKind: JsonValueKind.Object } there ? there.EnumerateObject().Select(field => (field.Name, field.Value)) : [];
    }

    extension(JsonElement element)
    {
        /// <summary>The field; null when it is not there, or null.</summary>
        public JsonElement? At(string name) =>
            element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

        public string? Text(string name) => element.At(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

        public double? Number(string name) => element.At(name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null;

        public IEnumerable<JsonElement> Items(string name) => element.At(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

        /// <summary>The texts of a list, and the names of what are objects in it.</summary>
        public IEnumerable<string> Texts(string name) =>
            element.Items(name).Select(item => item.ValueKind == JsonValueKind.String ? item.GetString() : item.Text("name") ?? item.Text("resource")).OfType<string>();
    }
}
