using System.Text.Json;
using Slaps.Core.Plans;

namespace Slaps.Core.Tests.Plans;

/// <summary>A sound draft that uses whatever a draft can hold.</summary>
internal sealed class RandomDraft(int seed)
{
    private readonly Random _random = new(seed);

    public PlanDraft Draft()
    {
        var locks = Some(4, i => $"lock {i}");
        var pools = Some(4, i => new PoolClaim($"pool/{i}", _random.Next(1, 9)));
        var quotas = new QuotaAmounts(Maybe(4.5), Maybe(4096), Maybe(100));
        var features = Some(4, Feature);
        var tasks = Enumerable.Range(0, _random.Next(1, 8)).Select(i => Task(i, locks, pools, features)).ToArray();
        return new()
        {
            Title = Text(),
            Tasks = tasks,
            Features = features,
            Monitoring = Coin() ? null : "{\n  \"alerts\": []\n}",
            Origin = new()
            {
                MinConfidence = Coin() ? PlanOrigin.DefaultMinConfidence : _random.NextDouble(),
                CodebaseAnalysis = Coin() ? null : "{\n  \"languages\": [\n    \"C#\"\n  ]\n}",
                Autonormalization = Some(3, i => new Normalization(Coin() ? "split" : "merged", [tasks[0].Id], Text()) { Unknown = Unknown() }),
                Decisions = Some(3, _ => new PlanDecision(Text(), Text(), Evidence(), Some(3, _ => Text())) { Unknown = Unknown() }),
            },
            Unknown = Unknown("graph", "meta", "policies", "resources"),
            Dependencies = Some(8, _ => Edge(tasks)).Where(edge => edge.From != edge.To).ToArray(),
            Resources = new()
            {
                Locks = locks,
                Pools = pools,
                Quotas = quotas,
                Profiles = Coin() ? [] : [new("ci") { ConcurrencyMax = Coin() ? 3 : null, Quotas = Coin() ? QuotaAmounts.None : new(1_000_000, 1e9, 1e9) }],
                Windows = Coin() || locks.Length == 0 ? [] : [new(locks[0], [new(0, 7_200)])],
            },
            Policies = new()
            {
                ConcurrencyMax = Coin() ? _random.Next(1, 100) : null,
                StallTimeoutSeconds = Coin() ? _random.Next(1, 9999) : null,
                PreemptionSeconds = Coin() ? _random.Next(0, 9999) : null,
                LockTimeoutSeconds = Coin() ? _random.Next(1, 9999) : null,
                WorkerIdleSeconds = Coin() ? _random.Next(1, 9999) / 4d + 1 : null,
                Retry = Coin() ? RetryPolicy.Default : new(_random.Next(1, 9), Coin() ? BackoffKind.Linear : BackoffKind.Exponential, _random.Next(9999), _random.Next(99999), Coin()),
            },
        };
    }

    private PlanTask Task(int i, string[] locks, PoolClaim[] pools, Feature[] features) => new()
    {
        Id = new($"P{i % 3}.T{i:D3}"),
        OriginalId = Coin() ? Text() : null,
        Feature = Coin() && features.Length > 0 ? features[0].Id : null,
        Kind = (TaskKind)_random.Next(3),
        Reads = [.. locks.Where(_ => Coin())],
        Peak = Coin() ? null : new(new(Maybe(8), null, Maybe(200)), Text()),
        Preemptible = Coin(),
        Windows = Coin() ? [] : [new(0, 3_600), new(72_000, 86_399)],
        CheckpointCapable = Coin(),
        Boundaries = Coin() ? null : new()
        {
            Complexity = new() { Value = Text(), Breakdown = Text() },
            Done = new() { Criteria = Some(3, _ => Text()), StopWhen = Text() },
            Scope = new() { Includes = Some(3, _ => Text()), Excludes = Some(3, _ => Text()), Restrictions = Text() },
        },
        Compensation = Coin() ? null : new RunSpec.Process(["undo", Text()], Context(null)) { Unknown = Unknown() },
        ExecutionGuidance = Coin() ? null : "{\n  \"checkpoints\": [],\n  \"logging\": {\n    \"format\": \"JSON\"\n  }\n}",
        Evidence = Evidence(),
        Unknown = Unknown("resources", "resource_requirements", "scheduling_hints", "duration", "interfaces"),
        Title = Text(),
        Description = Text(),
        Run = Run(),
        Checks = Some(6, Check),
        Locks = Coin() ? [.. locks.Where(_ => Coin())] : locks.Length == 0 ? Some(3, j => $"free-{j % 2}") : [],
        Pools = [.. pools.Where(_ => Coin()).Select(pool => pool with { Units = _random.Next(1, pool.Units + 1) })],
        Estimated = new(Maybe(4.5), Maybe(4096), Maybe(100)),
        Capabilities = Some(3, j => $"can {j}"),
        Priority = (Priority)_random.Next(4),
        RetryOnFailure = Coin(),
        MaxRetries = Coin() ? _random.Next(10) : null,
        Duration = Coin() ? PertEstimate.Default : new(_random.NextDouble(), 1 + _random.NextDouble(), 2 + (_random.NextDouble() * 1e5)),
        Produces = Some(3, j => new ArtifactDeclaration($"out/{j}.txt", Coin()) { Unknown = Unknown() }),
        Consumes = Some(3, _ => Text()),
        Idempotent = Coin(),
    };

    private Feature Feature(int i) => new()
    {
        Id = new($"F{i:D3}"),
        Title = Text(),
        Description = Text(),
        Priority = (Priority)_random.Next(4),
        PriorityReason = Text(),
        SourceEvidence = Evidence(),
        Unknown = Unknown(),
    };

    private Evidence[] Evidence() =>
        Some(3, i => new Evidence((EvidenceType)_random.Next(4), $"SPEC.md#L{i + 1}", Text(), Coin() ? 1 : _random.NextDouble(), Text()) { Unknown = Unknown() });

    // Fields of the object itself, and some that stand in known objects within it.
    private UnknownFields Unknown(params string[] inner)
    {
        if (Coin()) return UnknownFields.None;
        var parts = inner.Where(_ => Coin()).Append("x_own").Order(StringComparer.Ordinal).Select(name =>
            name == "x_own" ? $"  \"x_own\": {_random.Next(9)}" : $"  \"{name}\": {{\n    \"x_{name}\": null\n  }}");
        return new("{\n" + string.Join(",\n", parts) + "\n}");
    }

    private RunSpec Run() => _random.Next(5) switch
    {
        0 => new RunSpec.Process(["program", .. Some(3, _ => Text())], Context(Coin() ? 0.001 + _random.NextDouble() : null)),
        1 => new RunSpec.Shell("echo " + Text(), Context(Coin() ? _random.Next(1, 99) : null)),
        2 => new RunSpec.Agent("claude", Coin() ? Text() : null, Context(null)),
        3 => new RunSpec.Claimed(Manual: true) { Unknown = Unknown() },
        _ => RunSpec.Unspecified,
    };

    private ProcessContext Context(double? timeout) =>
        new(Coin() ? "." : "src/a", Some(3, i => i).ToDictionary(i => $"NAME_{i}", _ => Text()), timeout);

    private AcceptanceCheck Check(int i)
    {
        var id = Coin() ? $"check-{i + 1}" : $"own.{i}";
        var timeout = Coin() ? AcceptanceCheck.DefaultTimeoutSeconds : 0.5 + _random.Next(1000);
        AcceptanceCheck check = _random.Next(6) switch
        {
            0 => new AcceptanceCheck.Command(id, new RunSpec.Process(["test", Text()], Context(null)), timeout),
            1 => new AcceptanceCheck.Command(id, new RunSpec.Shell("true " + Text(), Context(null)), timeout),
            2 => new AcceptanceCheck.FileExists(id, "a b/ü.txt", timeout),
            3 => new AcceptanceCheck.FileContains(id, "log", "x" + Text(), timeout),
            4 => new AcceptanceCheck.JsonPath(id, "p.json", "$.a['b']", Coin() ? null : Json(), timeout),
            _ => new AcceptanceCheck.Unrunnable(id, ((string[])["http", "manual", "command", "file_exists", "own"])[_random.Next(5)], Text()),
        };
        return check with { Unknown = Unknown() };
    }

    private string Json()
    {
        using var document = JsonDocument.Parse(((string[])["null", "true", "1.50", "\"ü\"", "[1,2,{\"b\":[],\"a\":{}}]", "-1e-9"])[_random.Next(6)]);
        return CanonicalJson.Text(document.RootElement);
    }

    // Hard orders go forwards only, so that there is no cycle; the rest goes anywhere.
    private Dependency Edge(PlanTask[] tasks)
    {
        var (from, to) = (_random.Next(tasks.Length), _random.Next(tasks.Length));
        var edge = new Dependency(tasks[from].Id, tasks[to].Id, (DependencyType)_random.Next(6), Coin(), Coin() ? 1 : _random.NextDouble())
        {
            Reason = Text(),
            Evidence = Evidence(),
            Unknown = Unknown(),
        };
        return edge.OrdersWork && from > to ? edge with { From = tasks[to].Id, To = tasks[from].Id } : edge;
    }

    private bool Coin() => _random.Next(2) == 0;

    private double? Maybe(double amount) => Coin() ? amount : null;

    private T[] Some<T>(int most, Func<int, T> make) => [.. Enumerable.Range(0, _random.Next(most)).Select(make)];

    private string Text() => string.Concat(Some(6, _ => ((string[])["a", "B", " ", "\"", "\\", "\n", "\t", "é", "文", "😀", "\u001b", "</x>", "$", "{0}", "\u2028"])[_random.Next(15)]));
}
