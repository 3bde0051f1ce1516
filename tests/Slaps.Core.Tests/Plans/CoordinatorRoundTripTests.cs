using System.Collections;
using System.Reflection;
using System.Text.Json;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Core.Tests.Plans;

public sealed class CoordinatorRoundTripTests
{
    [Fact]
    public void What_was_written_is_read_as_an_equal_plan_and_written_again_as_the_same_bytes()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var draft = new RandomDraft(seed).Draft();
            var bag = new DiagnosticBag();
            var plan = Plan.Build(draft, bag);
            Assert.True(plan is not null, $"seed {seed}: {string.Join('\n', bag.Items)}");

            var bytes = CoordinatorJson.Write(draft);
            var read = Reading.Of(bytes);
            Assert.Equal(bytes, CoordinatorJson.Write(draft));
            Assert.Null(Difference(plan, read.Plan, $"seed {seed}: plan"));
            Assert.Equal(bytes, read.Document!.CanonicalBytes);
            using var document = JsonDocument.Parse(bytes);
            Assert.Equal(read.Document.Hash, document.RootElement.GetProperty("meta").GetProperty("artifact_hash").GetString());

            // A plan is complete: written as a draft and read again nothing is added a second time.
            var complete = new PlanDraft { Title = plan.Title, Tasks = plan.Tasks, Dependencies = plan.Dependencies, Resources = plan.Resources, Policies = plan.Policies };
            Assert.Null(Difference(plan, Reading.Of(CoordinatorJson.Write(complete)).Plan, $"seed {seed}: complete"));
        }
    }

    [Fact]
    public void The_comparison_sees_a_difference_deep_inside()
    {
        var task = new PlanTask { Id = new("a"), Run = new RunSpec.Process(["x"], ProcessContext.Default with { Env = new Dictionary<string, string> { ["A"] = "1" } }) };
        var other = task with { Run = new RunSpec.Process(["x"], ProcessContext.Default with { Env = new Dictionary<string, string> { ["A"] = "2" } }) };

        Assert.Null(Difference(task, task with { Locks = [] }, "task"));
        Assert.NotNull(Difference(task, other, "task"));
        Assert.NotNull(Difference(task, task with { Locks = ["x"] }, "task"));
        Assert.NotNull(Difference(task, task with { Run = RunSpec.Unspecified }, "task"));
    }

    // Records with lists are never equal by ==; this compares what they hold and names the first difference.
    private static string? Difference(object? left, object? right, string path)
    {
        if (left is null || right is null || left.GetType().IsPrimitive || left is string or Enum || left is ValueType && left.GetType().Namespace == "System")
            return Equals(left, right) ? null : $"{path}: {left} and {right}";
        if (left is IReadOnlyDictionary<string, string> map)
        {
            return Difference(
                map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}").ToArray(),
                ((IReadOnlyDictionary<string, string>)right).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}").ToArray(),
                path);
        }

        if (left is IEnumerable items)
        {
            object[] one = [.. items.Cast<object>()], two = [.. ((IEnumerable)right).Cast<object>()];
            if (one.Length != two.Length) return $"{path}: {one.Length} and {two.Length} items";
            return one.Zip(two).Select((pair, i) => Difference(pair.First, pair.Second, $"{path}[{i}]")).FirstOrDefault(found => found is not null);
        }

        if (left is TaskGraph graph)
            return Difference(Edges(graph), Edges((TaskGraph)right), path);
        if (left.GetType() != right.GetType()) return $"{path}: {left.GetType().Name} and {right.GetType().Name}";
        return left.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0)
            .Select(property => Difference(property.GetValue(left), property.GetValue(right), $"{path}.{property.Name}"))
            .FirstOrDefault(found => found is not null);
    }

    private static string[] Edges(TaskGraph graph) =>
        [.. Enumerable.Range(0, graph.Count).SelectMany(i => graph.SuccessorsOf(i).ToArray().Select(j => $"{i} {j}"))];

    /// <summary>A sound draft that uses whatever a draft can hold.</summary>
    private sealed class RandomDraft(int seed)
    {
        private readonly Random _random = new(seed);

        public PlanDraft Draft()
        {
            var locks = Some(4, i => $"lock {i}");
            var pools = Some(4, i => new PoolClaim($"pool/{i}", _random.Next(1, 9)));
            var quotas = new QuotaAmounts(Maybe(4.5), Maybe(4096), Maybe(100));
            var tasks = Enumerable.Range(0, _random.Next(1, 8)).Select(i => Task(i, locks, pools)).ToArray();
            return new()
            {
                Title = Text(),
                Tasks = tasks,
                Dependencies = Some(8, _ => Edge(tasks)).Where(edge => edge.From != edge.To).ToArray(),
                Resources = new() { Locks = locks, Pools = pools, Quotas = quotas },
                Policies = new()
                {
                    ConcurrencyMax = Coin() ? _random.Next(1, 100) : null,
                    Retry = Coin() ? RetryPolicy.Default : new(_random.Next(1, 9), Coin() ? BackoffKind.Linear : BackoffKind.Exponential, _random.Next(9999), _random.Next(99999), Coin()),
                },
            };
        }

        private PlanTask Task(int i, string[] locks, PoolClaim[] pools) => new()
        {
            Id = new($"P{i % 3}.T{i:D3}"),
            Feature = Coin() ? new($"F{i:D3}") : null,
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
            Produces = Some(3, j => new ArtifactDeclaration($"out/{j}.txt", Coin())),
            Consumes = Some(3, _ => Text()),
            Idempotent = Coin(),
        };

        private RunSpec Run() => _random.Next(5) switch
        {
            0 => new RunSpec.Process(["program", .. Some(3, _ => Text())], Context(Coin() ? 0.001 + _random.NextDouble() : null)),
            1 => new RunSpec.Shell("echo " + Text(), Context(Coin() ? _random.Next(1, 99) : null)),
            2 => new RunSpec.Agent("claude", Coin() ? Text() : null, Context(null)),
            3 => new RunSpec.Claimed(Manual: true),
            _ => RunSpec.Unspecified,
        };

        private ProcessContext Context(double? timeout) =>
            new(Coin() ? "." : "src/a", Some(3, i => i).ToDictionary(i => $"NAME_{i}", _ => Text()), timeout);

        private AcceptanceCheck Check(int i)
        {
            var id = Coin() ? $"check-{i + 1}" : $"own.{i}";
            var timeout = Coin() ? AcceptanceCheck.DefaultTimeoutSeconds : 0.5 + _random.Next(1000);
            return _random.Next(6) switch
            {
                0 => new AcceptanceCheck.Command(id, new RunSpec.Process(["test", Text()], Context(null)), timeout),
                1 => new AcceptanceCheck.Command(id, new RunSpec.Shell("true " + Text(), Context(null)), timeout),
                2 => new AcceptanceCheck.FileExists(id, "a b/ü.txt", timeout),
                3 => new AcceptanceCheck.FileContains(id, "log", "x" + Text(), timeout),
                4 => new AcceptanceCheck.JsonPath(id, "p.json", "$.a['b']", Coin() ? null : Json(), timeout),
                _ => new AcceptanceCheck.Unrunnable(id, ((string[])["http", "manual", "command", "file_exists", "own"])[_random.Next(5)], Text()),
            };
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
            var edge = new Dependency(tasks[from].Id, tasks[to].Id, (DependencyType)_random.Next(6), Coin(), Coin() ? 1 : _random.NextDouble());
            return edge.OrdersWork && from > to ? edge with { From = tasks[to].Id, To = tasks[from].Id } : edge;
        }

        private bool Coin() => _random.Next(2) == 0;

        private double? Maybe(double amount) => Coin() ? amount : null;

        private T[] Some<T>(int most, Func<int, T> make) => [.. Enumerable.Range(0, _random.Next(most)).Select(make)];

        private string Text() => string.Concat(Some(6, _ => ((string[])["a", "B", " ", "\"", "\\", "\n", "\t", "é", "文", "😀", "\u001b", "</x>", "$", "{0}", "\u2028"])[_random.Next(15)]));
    }
}
