using System.Runtime.InteropServices;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans.Graphs;

namespace Slaps.Core.Plans.Review;

/// <summary>What the order between tasks leaves open, and what it says twice.</summary>
/// <param name="plan">The plan.</param>
/// <param name="declared">The names of resources that some file declares.</param>
/// <param name="diagnostics">Takes what is found.</param>
internal sealed class ReviewedOrder(ReviewedPlan plan, HashSet<string> declared, DiagnosticBag diagnostics)
{
    // So many tasks that share something have their order looked up at once (50 MB), and so many pairs are compared in all.
    private const int MaxSharers = 20_000;
    private const long MaxPairs = 20_000_000;

    private const int Examples = 3;

    private long _pairsLeft = MaxPairs;

    /// <summary>The order that an execution would enforce: hard dependencies of the types that order, sure enough, between tasks that are there.</summary>
    public static TaskGraph GraphOf(ReviewedPlan plan) => TaskGraph.Of(plan.Tasks.Count, Ordering(plan).Select(e => (e.From, e.To)));

    public void Check()
    {
        Isolated();
        var graph = GraphOf(plan);
        Density(graph);
        if (graph.FindCycle() is not null) return;   // There is no order to speak of; the cycle was reported.
        Redundant(graph);
        Shared(graph);
    }

    private static IEnumerable<(int From, int To, ReviewedEdge Edge)> Ordering(ReviewedPlan plan)
    {
        var indexes = new Dictionary<string, int>(plan.Tasks.Count, StringComparer.Ordinal);
        for (var i = 0; i < plan.Tasks.Count; i++) indexes.TryAdd(plan.Tasks[i].Id, i);
        foreach (var edge in plan.Edges)
        {
            if (edge is { IsHard: true, IsOfOrder: true } && edge.Confidence >= plan.MinConfidence && edge.From != edge.To
                && indexes.TryGetValue(edge.From, out var from) && indexes.TryGetValue(edge.To, out var to)) yield return (from, to, edge);
        }
    }

    private void Isolated()
    {
        var tied = plan.Edges.SelectMany(e => (string[])[e.From, e.To]).ToHashSet(StringComparer.Ordinal);
        var isolated = plan.Tasks.Where(t => !tied.Contains(t.Id)).ToList();
        if (isolated.Count > 0 && plan.Tasks.Count > 1) diagnostics.Add(ReviewDiagnostics.Isolated(At(isolated[0].At), [.. isolated.Select(t => t.Id)]));
    }

    private void Density(TaskGraph graph)
    {
        if (graph.Count < 4) return;
        var density = graph.EdgeCount / ((double)graph.Count * (graph.Count - 1) / 2);
        if (density > 0.5) diagnostics.Add(ReviewDiagnostics.TooDense(At(plan.EdgesAt), density));
        if (density < 0.01) diagnostics.Add(ReviewDiagnostics.TooSparse(At(plan.EdgesAt), density));
    }

    private void Redundant(TaskGraph graph)
    {
        if (!Reachability.CanReduce(graph))
        {
            diagnostics.Add(ReviewDiagnostics.TooLarge(At(plan.EdgesAt), "redundant dependencies"));
            return;
        }

        var implied = TransitiveReduction.Of(graph).Redundant;
        if (implied.Count == 0) return;
        var places = new Dictionary<(int, int), string>();
        foreach (var (from, to, edge) in Ordering(plan)) places.TryAdd((from, to), edge.At);
        diagnostics.Add(ReviewDiagnostics.Redundant(At(places[implied[0]]), implied.Count, [.. implied.Take(10).Select(e => $"{plan.Tasks[e.From].Id} → {plan.Tasks[e.To].Id}")]));
    }

    // --- What several tasks touch or hold ---

    private void Shared(TaskGraph graph)
    {
        var groups = Files().Concat(Locks()).ToList();
        var sharers = groups.SelectMany(g => g.Members.Select(m => m.Task)).Distinct().Order().ToList();
        if (sharers.Count == 0) return;
        if (sharers.Count > MaxSharers)
        {
            diagnostics.Add(ReviewDiagnostics.TooLarge(At(plan.TasksAt), $"tasks that share files or locks; the first {MaxSharers:N0} of {sharers.Count:N0} were looked at"));
            sharers = sharers[..MaxSharers];
        }

        var places = new Dictionary<int, int>(sharers.Count);
        for (var i = 0; i < sharers.Count; i++) places.Add(sharers[i], i);
        var order = Reachability.Among(graph, sharers);
        var locks = plan.Tasks.Select(t => t.Locks.ToHashSet(StringComparer.Ordinal)).ToArray();
        foreach (var group in groups) Look(group, order, places, locks);
        if (_pairsLeft <= 0) diagnostics.Add(ReviewDiagnostics.TooLarge(At(plan.TasksAt), "pairs of tasks that share files or locks"));
    }

    private void Look(Group group, Reachability order, Dictionary<int, int> places, HashSet<string>[] locks)
    {
        var members = group.Members.Where(m => places.ContainsKey(m.Task)).ToArray();
        var rows = Array.ConvertAll(members, m => places[m.Task]);
        long pairs = 0;
        var examples = new List<string>();
        int? first = null;
        var stopped = false;
        for (var i = 0; i < members.Length && !stopped; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (--_pairsLeft <= 0)
                {
                    stopped = true;
                    break;
                }

                var (one, other) = (members[j], members[i]);
                if (!(one.Writes || other.Writes) || !(one.Whole || other.Whole)) continue;
                if (order.Reaches(rows[j], rows[i]) || order.Reaches(rows[i], rows[j])) continue;
                if (!group.IsLock && locks[one.Task].Count > 0 && locks[one.Task].Overlaps(locks[other.Task])) continue;
                pairs++;
                first ??= one.Task;
                if (examples.Count < Examples) examples.Add($"{plan.Tasks[one.Task].Id} and {plan.Tasks[other.Task].Id}");
            }
        }

        if (first is not { } task) return;
        var count = $"{(stopped ? "at least " : "")}{pairs:N0}";
        var shown = string.Join(", ", examples) + (pairs > Examples ? ", …" : "");
        diagnostics.Add(!group.IsLock ? ReviewDiagnostics.SharedFile(At(plan.Tasks[task].At), group.Name, members.Length, count, shown)
            : declared.Contains(group.Name) ? ReviewDiagnostics.SharedLock(At(plan.Tasks[task].At), group.Name, members.Length, count, shown)
            : ReviewDiagnostics.SharedUndeclaredLock(At(plan.Tasks[task].At), group.Name, members.Length, count, shown));
    }

    // Tasks by the file or folder that they name; who names a file below a folder belongs to the folder's group, too.
    private IEnumerable<Group> Files()
    {
        var groups = new SortedDictionary<string, Dictionary<int, Member>>(StringComparer.Ordinal);
        for (var i = 0; i < plan.Tasks.Count; i++)
        {
            foreach (var (path, writes) in plan.Tasks[i].Touches) Join(path, new Member(i, writes, Whole: true));
        }

        for (var i = 0; i < plan.Tasks.Count; i++)
        {
            foreach (var (path, writes) in plan.Tasks[i].Touches)
            {
                for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0 && slash < path.Length - 1; slash = path.IndexOf('/', slash + 1))
                {
                    if (groups.ContainsKey(path[..(slash + 1)])) Join(path[..(slash + 1)], new Member(i, writes, Whole: false));
                }
            }
        }

        return groups.Where(g => g.Value.Count > 1).Select(g => new Group(g.Key, IsLock: false, [.. g.Value.Values.OrderBy(m => m.Task)]));

        void Join(string key, Member member)
        {
            if (!groups.TryGetValue(key, out var members)) groups.Add(key, members = []);
            ref var there = ref CollectionsMarshal.GetValueRefOrAddDefault(members, member.Task, out var exists);
            there = exists ? there with { Writes = there.Writes || member.Writes, Whole = there.Whole || member.Whole } : member;
        }
    }

    private IEnumerable<Group> Locks() =>
        plan.Tasks.SelectMany((task, i) => task.Locks.Select(name => (name, i)))
            .GroupBy(claim => claim.name, StringComparer.Ordinal)
            .Where(claims => claims.Count() > 1)
            .OrderBy(claims => claims.Key, StringComparer.Ordinal)
            .Select(claims => new Group(claims.Key, IsLock: true, [.. claims.Select(claim => new Member(claim.i, Writes: true, Whole: true))]));

    private DiagnosticPlace At(string path) => new(plan.File.Path, path);

    private sealed record Group(string Name, bool IsLock, IReadOnlyList<Member> Members);

    private readonly record struct Member(int Task, bool Writes, bool Whole);
}
