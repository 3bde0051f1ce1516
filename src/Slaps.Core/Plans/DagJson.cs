using System.Buffers;
using System.Text.Json;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans.Graphs;

namespace Slaps.Core.Plans;

/// <summary>Reads and writes <c>dag.json</c>.</summary>
public static class DagJson
{
    /// <summary>The largest file that is read, in bytes.</summary>
    public const long MaxBytes = 256L << 20;

    private const string Version = "3.0";

    private static readonly string[] DocumentNames =
    [
        "meta", "ok", "errors", "warnings", "nodes", "edges", "redundantEdges", "softDeps", "lowConfidenceDeps", "resourceDeps", "metrics",
        "cycleBreakSuggestions",
    ];

    private static readonly string[] MetaNames = ["version", "artifact_hash", "min_confidence"];

    private static readonly string[] MetricNames =
    [
        "nodes", "edges", "reducedEdges", "density", "longestPath", "criticalPath", "criticalPathHours", "totalHours", "lowerBoundHours", "widthApprox",
        "widthExact", "widthAtMost", "maxUsefulWorkers", "resourceBottlenecks", "isolatedTasks", "verbFirstPercent",
    ];

    private static readonly string[] Kinds = ["lock", "pool", "quota"];

    /// <summary>The canonical bytes for a plan, with their <c>meta.artifact_hash</c>.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="warnings">What else is worth knowing about it.</param>
    public static byte[] Write(Plan plan, IReadOnlyList<Diagnostic>? warnings = null) => Write(DagDocument.Of(plan, PlanFigures.Of(plan), warnings));

    /// <summary>The canonical bytes for a draft that is no plan.</summary>
    /// <param name="draft">The draft.</param>
    /// <param name="findings">Why it is no plan.</param>
    public static byte[] Write(PlanDraft draft, IReadOnlyList<Diagnostic> findings) => Write(DagDocument.Of(draft, findings));

    /// <summary>The canonical bytes of a document, with their <c>meta.artifact_hash</c>. Reading them gives a document that is written the same.</summary>
    public static byte[] Write(DagDocument document)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer)) new Writing(json).Document(document);
        using var parsed = JsonDocument.Parse(buffer.WrittenMemory, new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth });
        return CanonicalJson.Stamped(parsed.RootElement);
    }

    /// <summary>The document in these bytes, or null with the errors in <paramref name="diagnostics"/>.</summary>
    /// <param name="utf8">The whole file; a byte order mark is allowed.</param>
    /// <param name="file">The file as the user named it, for the messages.</param>
    /// <param name="diagnostics">Takes everything that is wrong; what it held before does not count.</param>
    public static DagDocument? Read(ReadOnlyMemory<byte> utf8, string file, DiagnosticBag diagnostics)
    {
        if (utf8.Length > MaxBytes)
        {
            diagnostics.Add(PlanDiagnostics.TooLarge(new(file, null), utf8.Length, MaxBytes));
            return null;
        }

        if (utf8.Span.StartsWith("\uFEFF"u8)) utf8 = utf8["\uFEFF"u8.Length..];
        if (!JsonScan.Accepts(utf8.Span, file, diagnostics)) return null;

        var errorsBefore = diagnostics.ErrorCount;
        using var parsed = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth });
        if (parsed.RootElement.ValueKind != JsonValueKind.Object)
        {
            diagnostics.Add(PlanDiagnostics.WrongType(new(file, "$"), "an object", JsonFields.Describe(parsed.RootElement), optional: false));
            return null;
        }

        ArtifactJson.Verify(parsed.RootElement, file, diagnostics);
        var document = new Reading(new JsonReading(file, diagnostics)).Document(parsed.RootElement);
        return diagnostics.ErrorCount > errorsBefore ? null : document;
    }

    private sealed class Writing(Utf8JsonWriter json)
    {
        public void Document(DagDocument document)
        {
            using var unknown = document.Unknown.Json is { } text ? JsonDocument.Parse(text) : null;
            json.WriteStartObject();
            json.WriteStartObject("meta");
            json.WriteString("version", Version);
            json.WriteString("artifact_hash", "");
            json.WriteNumber("min_confidence", document.MinConfidence);
            Unknown(unknown, "meta");
            json.WriteEndObject();
            json.WriteBoolean("ok", document.Ok);
            List("errors", document.Errors, Finding);
            List("warnings", document.Warnings, Finding);
            List("nodes", document.Nodes, Node);
            List("edges", document.Edges, Edge);
            List("redundantEdges", document.RedundantEdges, Edge);
            List("softDeps", document.SoftDeps, Edge);
            List("lowConfidenceDeps", document.LowConfidenceDeps, Edge);
            List("resourceDeps", document.ResourceDeps, Edge);
            json.WriteStartObject("metrics");
            Metrics(document.Metrics);
            Unknown(unknown, "metrics");
            json.WriteEndObject();
            if (!document.Ok || document.CycleBreakSuggestions.Count > 0) List("cycleBreakSuggestions", document.CycleBreakSuggestions, CycleBreak);
            Unknown(unknown, null);
            json.WriteEndObject();
        }

        private void Finding(DagFinding finding)
        {
            json.WriteStartObject();
            json.WriteString("code", finding.Code);
            json.WriteString("message", finding.Message);
            json.WriteString("hint", finding.Hint);
            if (finding.Path is not null) json.WriteString("path", finding.Path);
            json.WriteEndObject();
        }

        private void Node(DagNode node)
        {
            json.WriteStartObject();
            json.WriteString("id", node.Id.Value);
            if (node.Title.Length > 0) json.WriteString("title", node.Title);
            Number("depth", node.Depth);
            if (node.IsOnCriticalPath is { } isOn) json.WriteBoolean("critical_path", isOn);
            Number("startHours", node.StartHours);
            Number("slackHours", node.SlackHours);
            json.WriteEndObject();
        }

        private void Edge(DagEdge edge)
        {
            json.WriteStartObject();
            json.WriteString("from", edge.From.Value);
            json.WriteString("to", edge.To.Value);
            json.WriteString("type", PlanNames.DependencyTypes[(int)edge.Type]);
            json.WriteBoolean("isHard", edge.IsHard);
            json.WriteNumber("confidence", edge.Confidence);
            json.WriteEndObject();
        }

        private void CycleBreak(DagCycleBreak suggestion)
        {
            json.WriteStartObject();
            List("cycle", suggestion.Cycle, Id);
            List("cut", suggestion.Cut, Edge);
            json.WriteBoolean("fewest", suggestion.IsFewest);
            json.WriteEndObject();
        }

        private void Metrics(DagMetrics metrics)
        {
            json.WriteNumber("nodes", metrics.Nodes);
            json.WriteNumber("edges", metrics.Edges);
            Number("reducedEdges", metrics.ReducedEdges);
            Number("density", metrics.Density);
            Number("longestPath", metrics.LongestPath);
            if (metrics.CriticalPath is { } path) List("criticalPath", path, Id);
            Number("criticalPathHours", metrics.CriticalPathHours);
            Number("totalHours", metrics.TotalHours);
            Number("lowerBoundHours", metrics.LowerBoundHours);
            Number("widthApprox", metrics.WidthApprox);
            if (metrics.WidthExact is { } isExact) json.WriteBoolean("widthExact", isExact);
            Number("widthAtMost", metrics.WidthAtMost);
            Number("maxUsefulWorkers", metrics.MaxUsefulWorkers);
            if (metrics.ResourceBottlenecks is { } resources) List("resourceBottlenecks", resources, Resource);
            if (metrics.IsolatedTasks is { } isolated) List("isolatedTasks", isolated, Id);
            json.WriteNumber("verbFirstPercent", metrics.VerbFirstPercent);
        }

        private void Resource(DagResource resource)
        {
            json.WriteStartObject();
            json.WriteString("name", resource.Name);
            json.WriteString("kind", Kinds[(int)resource.Kind]);
            json.WriteNumber("capacity", resource.Capacity);
            json.WriteNumber("tasks", resource.Tasks);
            json.WriteNumber("demandHours", resource.DemandHours);
            json.WriteNumber("hours", resource.Hours);
            json.WriteBoolean("isLowerBound", resource.IsLowerBound);
            json.WriteEndObject();
        }

        private void Id(TaskId id) => json.WriteStringValue(id.Value);

        private void Number(string name, double? number)
        {
            if (number is { } value) json.WriteNumber(name, value);
        }

        private void List<T>(string name, IReadOnlyList<T> items, Action<T> write)
        {
            json.WriteStartArray(name);
            foreach (var item in items) write(item);
            json.WriteEndArray();
        }

        // What the document knows of itself comes first: an unknown field never stands in for a known one.
        private void Unknown(JsonDocument? unknown, string? part)
        {
            if (unknown is null) return;
            var fields = unknown.RootElement;
            if (part is not null && !fields.TryGetProperty(part, out fields)) return;
            foreach (var field in fields.EnumerateObject())
            {
                if (part is null && field.Name is "meta" or "metrics") continue;
                field.WriteTo(json);
            }
        }
    }

    private sealed class Reading(JsonReading reading)
    {
        public DagDocument Document(JsonElement root)
        {
            var document = new JsonFields(root, JsonWhere.Root, reading);
            foreach (var name in (string[])["ok", "nodes", "edges", "metrics"])
            {
                if (!document.Has(name)) document.Missing(name, name == "ok" ? "\"ok\": true" : $"\"{name}\": {(name == "metrics" ? "{}" : "[]")}");
            }

            var meta = document.Object("meta");
            var metrics = document.Object("metrics");
            return new DagDocument
            {
                Ok = document.Flag("ok") ?? false,
                MinConfidence = meta?.Number("min_confidence") ?? PlanOrigin.DefaultMinConfidence,
                Errors = Each(document, "errors", Finding),
                Warnings = Each(document, "warnings", Finding),
                Nodes = Each(document, "nodes", Node),
                Edges = Each(document, "edges", Edge),
                RedundantEdges = Each(document, "redundantEdges", Edge),
                SoftDeps = Each(document, "softDeps", Edge),
                LowConfidenceDeps = Each(document, "lowConfidenceDeps", Edge),
                ResourceDeps = Each(document, "resourceDeps", Edge),
                Metrics = metrics is { } found ? Metrics(found) : new DagMetrics(),
                CycleBreakSuggestions = Each(document, "cycleBreakSuggestions", CycleBreak),
                Unknown = Unknown(document, meta, metrics),
            };
        }

        private static DagFinding Finding(JsonFields finding) => new(Needed(finding, "code"), Needed(finding, "message"), finding.Text("hint") ?? "", finding.Text("path"));

        private static DagNode Node(JsonFields node) => new(new TaskId(Needed(node, "id")))
        {
            Title = node.Text("title") ?? "",
            Depth = node.WholeInt("depth"),
            IsOnCriticalPath = node.Flag("critical_path"),
            StartHours = node.Number("startHours"),
            SlackHours = node.Number("slackHours"),
        };

        private static DagEdge Edge(JsonFields edge) => new(
            new TaskId(Needed(edge, "from")), new TaskId(Needed(edge, "to")), edge.Choice("type", PlanNames.DependencyTypes, DependencyType.Technical),
            edge.Flag("isHard") ?? true, edge.Number("confidence") ?? 1);

        private DagCycleBreak CycleBreak(JsonFields suggestion) => new(Ids(suggestion, "cycle") ?? [], Each(suggestion, "cut", Edge), suggestion.Flag("fewest") ?? false);

        private DagMetrics Metrics(JsonFields metrics) => new()
        {
            Nodes = metrics.WholeInt("nodes") ?? 0,
            Edges = metrics.WholeInt("edges") ?? 0,
            ReducedEdges = metrics.WholeInt("reducedEdges"),
            Density = metrics.Number("density"),
            LongestPath = metrics.WholeInt("longestPath"),
            CriticalPath = Ids(metrics, "criticalPath"),
            CriticalPathHours = metrics.Number("criticalPathHours"),
            TotalHours = metrics.Number("totalHours"),
            LowerBoundHours = metrics.Number("lowerBoundHours"),
            WidthApprox = metrics.WholeInt("widthApprox"),
            WidthExact = metrics.Flag("widthExact"),
            WidthAtMost = metrics.WholeInt("widthAtMost"),
            MaxUsefulWorkers = metrics.WholeInt("maxUsefulWorkers"),
            ResourceBottlenecks = metrics.Has("resourceBottlenecks") ? Each(metrics, "resourceBottlenecks", Resource) : null,
            IsolatedTasks = Ids(metrics, "isolatedTasks"),
            VerbFirstPercent = metrics.Number("verbFirstPercent") ?? 0,
        };

        private static DagResource Resource(JsonFields resource) => new(
            Needed(resource, "name"), resource.Choice("kind", Kinds, ResourceKind.Lock), resource.Number("capacity") ?? 1, resource.WholeInt("tasks") ?? 0,
            resource.Number("demandHours") ?? 0, resource.Number("hours") ?? 0, resource.Flag("isLowerBound") ?? false);

        private static TaskId[]? Ids(JsonFields fields, string name) => fields.Has(name) ? [.. fields.Texts(name).Select(id => new TaskId(id))] : null;

        private static string Needed(JsonFields fields, string name)
        {
            if (!fields.Has(name)) fields.Missing(name, $"\"{name}\": \"…\"");
            return fields.Text(name) ?? "";
        }

        private T[] Each<T>(JsonFields fields, string name, Func<JsonFields, T> read)
        {
            var at = fields.Where.Field(name);
            var items = new List<T>();
            var index = 0;
            foreach (var item in fields.Items(name))
            {
                var mark = reading.Mark;
                if (fields.Object(item, at.Item(index++)) is { } found) items.Add(read(found));
                reading.Forget(mark);
            }

            return [.. items];
        }

        private static UnknownFields Unknown(JsonFields document, JsonFields? meta, JsonFields? metrics)
        {
            var buffer = new ArrayBufferWriter<byte>();
            var count = 0;
            using (var json = new Utf8JsonWriter(buffer))
            {
                json.WriteStartObject();
                count += Copy(json, document, DocumentNames);
                foreach (var (name, part, known) in new[] { ("meta", meta, MetaNames), ("metrics", metrics, MetricNames) })
                {
                    if (part is not { } fields) continue;
                    json.WriteStartObject(name);
                    count += Copy(json, fields, known);
                    json.WriteEndObject();
                }

                json.WriteEndObject();
            }

            if (count == 0) return UnknownFields.None;
            using var parsed = JsonDocument.Parse(buffer.WrittenMemory);
            return new UnknownFields(CanonicalJson.Text(parsed.RootElement));
        }

        private static int Copy(Utf8JsonWriter json, JsonFields fields, string[] known)
        {
            var count = 0;
            foreach (var field in fields.All)
            {
                if (known.Contains(field.Name)) continue;
                json.WritePropertyName(field.Name);
                field.Value.WriteTo(json);
                count++;
            }

            return count;
        }
    }
}
