using Slaps.Core.Plans;
using Slaps.TestKit;

namespace Slaps.Bench.Core;

/// <summary>Plans of any size, each shaped so that one thing in the scheduler has much to do.</summary>
internal static class Stories
{
    public static IReadOnlyList<(string Name, Func<int, PlanBuilder> Plan, Func<int, bool> Fails)> All { get; } =
    [
        ("independent", n => A.Plan(Many(n, (t, _) => t)), Never),
        ("layers, 5 edges, some locks", n => Layers(n, (t, i) => i % 10 == 0 ? t.Holding($"l{i % 7}") : t), Never),
        ("a chain", n => With(A.Plan(Many(n, (t, _) => t)), Enumerable.Range(1, n - 1).Select(i => (i - 1, i))), Never),
        ("one lock for all", n => A.Plan(Many(n, (t, _) => t.Holding("db"))), Never),
        ("a lock for each", n => A.Plan(Many(n, (t, i) => t.Holding($"l{i}"))), Never),
        ("a lock for each and one for all", n => A.Plan(Many(n, (t, i) => t.Holding($"l{i}", "db"))), Never),
        ("a pool, big and small claims", n => A.Plan(Many(n, (t, i) => t.Using("p", i % 10 == 0 ? 8 : 1))).WithPool("p", 9), Never),
        ("a lock for each, big claims", n => A.Plan(Many(n, (t, i) => t.Holding($"l{i}").Using("p", 1 + (i % 9)))).WithPool("p", 9), Never),
        ("memory, each its own amount", n => A.Plan(Many(n, (t, i) => t.Estimated(memoryMb: 1 + Scatter(i, n)))).WithQuotas(memoryMb: 3 * n), Never),
        ("memory and cores, each its own", n => A.Plan(Many(n, (t, i) => t.Estimated(1 + Scatter(i, n), 1 + Scatter(i + (n / 2), n)))).WithQuotas(3 * n, 3 * n), Never),
        ("memory and cores, 20 sizes", n => A.Plan(Many(n, (t, i) => t.Estimated(0.25 * (1 + (i % 5)), 100 * (1 + (i % 4))))).WithQuotas(4, 1_600), Never),
        ("50 capabilities", n => A.Plan(Many(n, (t, i) => t.Needing($"c{i % 50}"))), Never),
        ("all fail, no successors", n => With(A.Plan(Many(n, (t, _) => t.WithoutRetry())), Enumerable.Range(1, n - 1).Select(i => (0, i))), i => i > 0),
        ("all fail, one common successor", n => With(A.Plan(Many(n, (t, _) => t.WithoutRetry())), Enumerable.Range(0, n - 1).Select(i => (i, n - 1))), _ => true),
        ("all fail, a successor each", n => With(A.Plan(Many(n, (t, _) => t.WithoutRetry())), Enumerable.Range(0, n / 2).Select(i => (i, (n / 2) + i))), _ => true),
        ("all fail twice", n => A.Plan(Many(n, (t, _) => t)).Retrying(3), i => i % 3 < 2),
        ("the first fails, all are skipped", n => With(A.Plan(Many(n, (t, _) => t.WithoutRetry())), Enumerable.Range(1, n - 1).Select(i => (0, i))), _ => true),
    ];

    private static bool Never(int task) => false;

    private static TaskDraft[] Many(int count, Func<TaskDraft, int, TaskDraft> shape) =>
        [.. Enumerable.Range(0, count).Select(i => shape(A.Task($"T{i:000000}").Taking(1 + (i % 7)), i))];

    /// <summary>Layers in which each task has five predecessors in the layer before.</summary>
    public static PlanBuilder Layers(int count, Func<TaskDraft, int, TaskDraft> shape, int width = 100)
    {
        return With(A.Plan(Many(count, shape)), Enumerable.Range(width, Math.Max(0, count - width)).SelectMany(i => Enumerable.Range(0, 5).Select(k =>
            ((((i / width) - 1) * width) + (((i * 7) + (k * 13)) % width), i))));
    }

    private static PlanBuilder With(PlanBuilder plan, IEnumerable<(int From, int To)> edges) => new(plan.Draft with
    {
        Dependencies = [.. edges.Select(e => new Dependency(plan.Draft.Tasks[e.From].Id, plan.Draft.Tasks[e.To].Id))],
    });

    // Whole numbers below count, each about once, in no order.
    private static double Scatter(int i, int count) => (long)i * 7_919 % count;
}
