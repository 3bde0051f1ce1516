using System.Buffers;
using System.Text.Json;
using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Forecasting;

namespace Slaps.Core.Plans;

/// <summary>Reads and writes <c>waves.json</c>: both execution models side by side, and what the plan is expected to take.</summary>
public static class WavesJson
{
    private const double MostSeconds = long.MaxValue / 2 / (double)Instant.Second;

    /// <summary>The canonical bytes with their <c>meta.artifact_hash</c>. Times are seconds from the start, to the microsecond.</summary>
    public static byte[] Write(PlanForecast forecast)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer)) Document(json, forecast);
        using var document = JsonDocument.Parse(buffer.WrittenMemory, new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth });
        return CanonicalJson.Stamped(document.RootElement);
    }

    /// <summary>The forecast in these bytes, or null with the errors in <paramref name="diagnostics"/>.</summary>
    /// <param name="utf8">The whole file; a byte order mark is allowed.</param>
    /// <param name="file">The file as the user named it, for the messages.</param>
    /// <param name="diagnostics">Takes everything that is wrong.</param>
    public static PlanForecast? Read(ReadOnlyMemory<byte> utf8, string file, DiagnosticBag diagnostics)
    {
        if (utf8.Length > CoordinatorJson.MaxBytes)
        {
            diagnostics.Add(PlanDiagnostics.TooLarge(new(file, null), utf8.Length, CoordinatorJson.MaxBytes));
            return null;
        }

        if (utf8.Span.StartsWith("\uFEFF"u8)) utf8 = utf8["\uFEFF"u8.Length..];
        if (!JsonScan.Accepts(utf8.Span, file, diagnostics)) return null;
        using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth });
        return new Reader(file, diagnostics).Read(document.RootElement);
    }

    private static void Document(Utf8JsonWriter json, PlanForecast forecast)
    {
        json.WriteStartObject();
        json.WriteStartObject("meta");
        json.WriteString("artifact_hash", "");
        json.WriteString("distribution", PlanForecast.Distribution);
        json.WriteNumber("samples", forecast.Samples);
        json.WriteNumber("seed", forecast.Seed);
        if (forecast.Workers is { } workers) json.WriteNumber("workers", workers);
        else json.WriteNull("workers");
        json.WriteEndObject();

        json.WriteStartObject("bounds");
        Seconds(json, "critical_path_seconds", forecast.CriticalPath);
        Seconds(json, "lower_bound_seconds", forecast.LowerBound);
        json.WriteEndObject();

        json.WriteStartObject("models");
        json.WriteStartObject("rolling_frontier");
        Model(json, forecast.Rolling);
        json.WriteStartArray("tasks");
        foreach (var task in forecast.Tasks)
        {
            json.WriteStartObject();
            json.WriteString("id", task.Id.Value);
            Seconds(json, "start_seconds", task.Start);
            Seconds(json, "finish_seconds", task.Finish);
            json.WriteNumber("worker", task.Worker);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartObject("wave_based");
        Model(json, forecast.WaveBased);
        json.WriteStartArray("waves");
        for (var i = 0; i < forecast.Waves.Count; i++) Wave(json, i + 1, forecast.Waves[i]);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();

        json.WriteStartArray("by_workers");
        foreach (var point in forecast.ByWorkers)
        {
            json.WriteStartObject();
            json.WriteNumber("workers", point.Workers);
            Seconds(json, "makespan_seconds", point.Makespan);
            json.WriteNumber("utilization", point.Utilization);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("one_more");
        json.WriteNumber("not_tried", forecast.ResourcesNotTried);
        json.WriteStartArray("tried");
        foreach (var more in forecast.OneMore)
        {
            json.WriteStartObject();
            json.WriteString("name", more.Name);
            json.WriteNumber("amount", IsQuota(more.Name) ? more.Amount / 1000m : more.Amount);
            Seconds(json, "makespan_seconds", more.Makespan);
            Seconds(json, "saved_seconds", forecast.Rolling.Makespan.Expected - more.Makespan);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Model(Utf8JsonWriter json, ModelForecast model)
    {
        Spread(json, "makespan", model.Makespan);
        json.WriteNumber("utilization", model.Utilization);
    }

    private static void Wave(Utf8JsonWriter json, int number, ForecastWave wave)
    {
        json.WriteStartObject();
        json.WriteNumber("wave", number);
        json.WriteStartArray("tasks");
        foreach (var task in wave.Tasks) json.WriteStringValue(task.Value);
        json.WriteEndArray();
        Spread(json, "length", wave.Length);
        Spread(json, "cumulative", wave.Cumulative);
        json.WriteEndObject();
    }

    private static void Spread(Utf8JsonWriter json, string name, Spread spread)
    {
        json.WriteStartObject(name);
        Seconds(json, "expected_seconds", spread.Expected);
        Seconds(json, "p50_seconds", spread.P50);
        Seconds(json, "p80_seconds", spread.P80);
        Seconds(json, "p95_seconds", spread.P95);
        json.WriteEndObject();
    }

    private static void Seconds(Utf8JsonWriter json, string name, long microseconds) => json.WriteNumber(name, DryRun.Seconds(microseconds));

    // Locks, pools and workers are counted in units, quotas in thousandths.
    private static bool IsQuota(string name) => !name.Contains(':') && name != "worker";

    private sealed class Reader(string file, DiagnosticBag diagnostics)
    {
        private readonly JsonReading _reading = new(file, diagnostics);

        public PlanForecast? Read(JsonElement root)
        {
            var errorsBefore = diagnostics.ErrorCount;
            if (root.ValueKind != JsonValueKind.Object)
            {
                diagnostics.Add(PlanDiagnostics.WrongType(new(file, "$"), "an object", JsonFields.Describe(root), optional: false));
                return null;
            }

            ArtifactJson.Verify(root, file, diagnostics);
            var document = new JsonFields(root, JsonWhere.Root, _reading);
            var meta = Part(document, "meta");
            var bounds = Part(document, "bounds");
            var models = Part(document, "models");
            var rolling = models is { } m ? Part(m, "rolling_frontier") : null;
            var waveBased = models is { } n ? Part(n, "wave_based") : null;
            var oneMore = Part(document, "one_more");
            if (meta is not { } about || bounds is not { } limits || rolling is not { } frontier || waveBased is not { } barriers || oneMore is not { } more) return null;

            var forecast = new PlanForecast
            {
                Workers = about.WholeInt("workers"),
                Seed = about.Whole("seed") ?? Missing(about, "seed"),
                Samples = Int(about, "samples"),
                Rolling = Model(frontier),
                WaveBased = Model(barriers),
                CriticalPath = Seconds(limits, "critical_path_seconds"),
                LowerBound = Seconds(limits, "lower_bound_seconds"),
                Tasks = Objects(frontier, "tasks", task => new ForecastTask(new TaskId(Text(task, "id")), Seconds(task, "start_seconds"), Seconds(task, "finish_seconds"), Int(task, "worker"))),
                Waves = Objects(barriers, "waves", wave => new ForecastWave([.. wave.Texts("tasks").Select(id => new TaskId(id))], Spread(wave, "length"), Spread(wave, "cumulative"))),
                ByWorkers = Objects(document, "by_workers", point => new WorkersForecast(Int(point, "workers"), Seconds(point, "makespan_seconds"), Share(point))),
                OneMore = Objects(more, "tried", OneMore),
                ResourcesNotTried = Int(more, "not_tried"),
            };
            return diagnostics.ErrorCount > errorsBefore ? null : forecast;
        }

        private static ModelForecast Model(JsonFields model) => new(Spread(model, "makespan"), Share(model));

        private static Spread Spread(JsonFields fields, string name) => Part(fields, name) is not { } spread
            ? default
            : new Spread(Seconds(spread, "expected_seconds"), Seconds(spread, "p50_seconds"), Seconds(spread, "p80_seconds"), Seconds(spread, "p95_seconds"));

        private static OneMoreForecast OneMore(JsonFields more)
        {
            var name = Text(more, "name");
            var amount = Number(more, "amount", MostSeconds);
            return new OneMoreForecast(name, (long)Math.Round(IsQuota(name) ? amount * 1000 : amount), Seconds(more, "makespan_seconds"));
        }

        private static JsonFields? Part(JsonFields fields, string name)
        {
            if (!fields.Has(name)) Missing(fields, name);
            return fields.Object(name);
        }

        private List<T> Objects<T>(JsonFields fields, string name, Func<JsonFields, T> read)
        {
            if (!fields.Has(name)) Missing(fields, name);
            var list = fields.Where.Field(name);
            var found = new List<T>();
            foreach (var item in fields.Items(name))
            {
                // What an item opened is forgotten with it: a plan may have a hundred thousand.
                var mark = _reading.Mark;
                if (fields.Object(item, list.Item(found.Count)) is { } entry) found.Add(read(entry));
                _reading.Forget(mark);
            }

            return found;
        }

        private static long Seconds(JsonFields fields, string name) => (long)Math.Round(Number(fields, name, MostSeconds) * Instant.Second);

        private static double Share(JsonFields fields) => Number(fields, "utilization", 1);

        private static double Number(JsonFields fields, string name, double most)
        {
            if (fields.Number(name) is not { } number)
            {
                if (!fields.Has(name)) Missing(fields, name);
                return 0;
            }

            if (number >= 0 && number <= most) return number;
            fields.Wrong(fields.Where.Field(name), $"a number from 0 to {most:0}", fields.Any(name)!.Value);
            return 0;
        }

        private static int Int(JsonFields fields, string name)
        {
            if (!fields.Has(name)) Missing(fields, name);
            return fields.WholeInt(name) ?? 0;
        }

        private static string Text(JsonFields fields, string name)
        {
            if (!fields.Has(name)) Missing(fields, name);
            return fields.Text(name) ?? "";
        }

        private static int Missing(JsonFields fields, string name)
        {
            fields.Missing(name, $"\"{name}\": …");
            return 0;
        }
    }
}
