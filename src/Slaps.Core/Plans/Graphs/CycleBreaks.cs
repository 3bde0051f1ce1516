namespace Slaps.Core.Plans.Graphs;

/// <summary>Tasks that all wait for each other, and what would untie them.</summary>
/// <param name="Cycle">One way round, which ends where it starts: the shortest through the knot's first task in file order.</param>
/// <param name="Cuts">Dependencies without which none of these tasks waits for itself, in the order of the plan.</param>
/// <param name="IsFewest">Whether no fewer would do, and none less sure, and of equals the last ones are cut; otherwise only none of them could stay.</param>
public sealed record Knot(IReadOnlyList<TaskId> Cycle, IReadOnlyList<CycleBreak> Cuts, bool IsFewest);

/// <summary>A dependency that could go.</summary>
/// <param name="Index">Its place among the plan's dependencies.</param>
/// <param name="Dependency">It itself.</param>
public sealed record CycleBreak(int Index, Dependency Dependency);

/// <summary>Suggests which dependencies to cut where tasks wait for each other: the fewest, and of those the ones with the lowest confidence.</summary>
public static class CycleBreaks
{
    /// <summary>Knots of up to so many tasks are untied by the fewest cuts.</summary>
    public const int MostTasksForFewest = 16;

    // For all knots of a plan together: thousands of them must not take minutes.
    private const long StepsForFewest = 200_000_000;
    private const long StepsForStaying = 100_000_000;

    // One cut weighs more than any sum of confidences.
    private const long Cut = 1L << 40;
    private const double Millionths = 1_000_000;

    // In a knot of so few arcs their places decide between cuts of one number and one sureness, and no sum overflows.
    private const int MostArcsByPlace = 361;

    /// <summary>
    /// The knots of a draft in file order, each with its cuts. The fewest cuts are found by trying every set of tasks as the beginning of
    /// an order (dynamic programming: Lawler, 1964); in larger knots the order comes of taking off the task with the most going out and
    /// the least coming in (Eades, Lin and Smyth, 1993), and then whatever may stay stays, the surest first.
    /// </summary>
    /// <param name="tasks">The tasks in file order; of two with one id the first counts.</param>
    /// <param name="dependencies">Passed over are those that do not order work, those with an end that is no task, and a task that waits for itself, which is a finding of its own.</param>
    /// <param name="minConfidence">Hard dependencies with less confidence, 0 to 1, order no work.</param>
    public static IReadOnlyList<Knot> Suggest(IReadOnlyList<PlanTask> tasks, IReadOnlyList<Dependency> dependencies, double minConfidence = 0)
    {
        var indexes = new Dictionary<TaskId, int>(tasks.Count);
        for (var i = 0; i < tasks.Count; i++) indexes.TryAdd(tasks[i].Id, i);

        var arcs = new List<Arc>();
        for (var i = 0; i < dependencies.Count; i++)
        {
            var dependency = dependencies[i];
            if (dependency.OrdersWorkAt(minConfidence) && dependency.From != dependency.To && indexes.TryGetValue(dependency.From, out var from) && indexes.TryGetValue(dependency.To, out var to))
                arcs.Add(new Arc(from, to, Cut + (long)(Confidence(dependency) * Millionths), i));
        }

        var graph = TaskGraph.Of(tasks.Count, arcs.Select(arc => (arc.From, arc.To)));
        var cycles = graph.FindCycles();
        if (cycles.Count == 0) return [];

        var knots = graph.Knots();
        var members = Enumerable.Range(0, tasks.Count).ToLookup(task => knots[task]);
        var inside = arcs.Where(arc => knots[arc.From] == knots[arc.To]).ToLookup(arc => knots[arc.From]);
        long fewest = StepsForFewest, staying = StepsForStaying;
        return
        [
            .. cycles.Select(cycle =>
            {
                var knot = knots[cycle[0]];
                var (cuts, isFewest) = Cuts([.. members[knot]], [.. inside[knot]], ref fewest, ref staying);
                return new Knot(
                    [.. cycle.Select(task => tasks[task].Id)],
                    [.. cuts.Select(arc => arc.Dependency).Order().Select(i => new CycleBreak(i, dependencies[i]))],
                    isFewest);
            }),
        ];
    }

    private static double Confidence(Dependency dependency) => double.IsFinite(dependency.Confidence) ? Math.Clamp(dependency.Confidence, 0, 1) : 1;

    private static (List<Arc> Cuts, bool IsFewest) Cuts(int[] tasks, Arc[] arcs, ref long fewest, ref long staying)
    {
        // From here on the tasks are numbered within the knot.
        var placeOf = new Dictionary<int, int>(tasks.Length);
        foreach (var task in tasks) placeOf.Add(task, placeOf.Count);
        var local = Array.ConvertAll(arcs, arc => arc with { From = placeOf[arc.From], To = placeOf[arc.To] });

        var steps = tasks.Length > MostTasksForFewest ? long.MaxValue : (1L << tasks.Length) * (tasks.Length + local.Length);
        if (steps <= fewest)
        {
            fewest -= steps;
            return (Against(BestOrder(tasks.Length, ByPlace(local)), local), true);
        }

        return (Needed(tasks.Length, local, Against(GreedyOrder(tasks.Length, local), local), ref staying), false);
    }

    // Of two that would do the later in file order goes: what was said first is what the rest was built on. The places of all arcs together
    // weigh less than a millionth of confidence, and all confidences less than one cut.
    private static Arc[] ByPlace(Arc[] arcs)
    {
        if (arcs.Length > MostArcsByPlace) return arcs;
        var inOrder = arcs.OrderBy(arc => arc.Dependency).ToArray();
        for (var i = 0; i < inOrder.Length; i++) inOrder[i] = inOrder[i] with { Weight = (((1L << 30) + inOrder[i].Weight - Cut) << 16) + inOrder.Length - i };
        return inOrder;
    }

    /// <summary>What runs against an order; without it the rest is acyclic.</summary>
    private static List<Arc> Against(int[] order, Arc[] arcs)
    {
        var placeOf = new int[order.Length];
        for (var place = 0; place < order.Length; place++) placeOf[order[place]] = place;
        return [.. arcs.Where(arc => placeOf[arc.From] >= placeOf[arc.To])];
    }

    // best[set]: the least weight that runs against an order of the set's tasks alone, which all come before the others.
    private static int[] BestOrder(int count, Arc[] arcs)
    {
        var outgoing = arcs.ToLookup(arc => arc.From);
        var rows = Enumerable.Range(0, count).Select(task => outgoing[task].ToArray()).ToArray();
        var best = new long[1 << count];
        var last = new sbyte[1 << count];
        for (var set = 1; set < best.Length; set++)
        {
            best[set] = long.MaxValue;
            for (var task = count - 1; task >= 0; task--)
            {
                if ((set >> task & 1) == 0) continue;
                var before = set & ~(1 << task);
                var weight = best[before];
                foreach (var arc in rows[task])
                {
                    if ((before >> arc.To & 1) != 0) weight += arc.Weight;
                }

                if (weight < best[set]) (best[set], last[set]) = (weight, (sbyte)task);
            }
        }

        var order = new int[count];
        var left = best.Length - 1;
        for (var place = count - 1; place >= 0; place--)
        {
            order[place] = last[left];
            left &= ~(1 << last[left]);
        }

        return order;
    }

    private static int[] GreedyOrder(int count, Arc[] arcs)
    {
        var outgoing = arcs.ToLookup(arc => arc.From);
        var incoming = arcs.ToLookup(arc => arc.To);
        long[] goesOut = new long[count], comesIn = new long[count];
        foreach (var arc in arcs)
        {
            goesOut[arc.From] += arc.Weight;
            comesIn[arc.To] += arc.Weight;
        }

        // A task's entry is of use only while its standing is the present one; older entries are passed over.
        var queue = new PriorityQueue<int, (int Rank, long Balance, int Task)>();
        var taken = new bool[count];
        for (var task = 0; task < count; task++) queue.Enqueue(task, Standing(task));
        List<int> front = [], back = [];
        while (queue.TryDequeue(out var task, out var standing))
        {
            if (taken[task] || standing != Standing(task)) continue;
            taken[task] = true;
            (standing.Rank == 0 ? back : front).Add(task);
            foreach (var arc in outgoing[task]) Lose(comesIn, arc.To, arc.Weight);
            foreach (var arc in incoming[task]) Lose(goesOut, arc.From, arc.Weight);
        }

        back.Reverse();
        return [.. front, .. back];

        (int Rank, long Balance, int Task) Standing(int task) =>
            (goesOut[task] == 0 ? 0 : comesIn[task] == 0 ? 1 : 2, comesIn[task] - goesOut[task], task);

        void Lose(long[] sums, int task, long weight)
        {
            sums[task] -= weight;
            if (!taken[task]) queue.Enqueue(task, Standing(task));
        }
    }

    // A cut may stay after all when no way leads back over what stays. When the steps are used up, the rest remain cuts.
    private static List<Arc> Needed(int count, Arc[] arcs, List<Arc> cuts, ref long steps)
    {
        var cut = cuts.Select(arc => arc.Dependency).ToHashSet();
        var stays = new List<int>[count];
        for (var task = 0; task < count; task++) stays[task] = [];
        foreach (var arc in arcs)
        {
            if (!cut.Contains(arc.Dependency)) stays[arc.From].Add(arc.To);
        }

        var needed = new List<Arc>();
        var seenFor = new int[count];
        var search = 0;
        foreach (var arc in cuts.OrderByDescending(arc => arc.Weight).ThenBy(arc => arc.Dependency))
        {
            if (steps <= 0 || LeadsBack(arc, ++search, ref steps)) needed.Add(arc);
            else stays[arc.From].Add(arc.To);
        }

        return needed;

        bool LeadsBack(Arc arc, int search, ref long left)
        {
            var open = new Stack<int>([arc.To]);
            seenFor[arc.To] = search;
            while (open.TryPop(out var task))
            {
                if (task == arc.From) return true;
                left -= 1 + stays[task].Count;
                foreach (var next in stays[task])
                {
                    if (seenFor[next] == search) continue;
                    seenFor[next] = search;
                    open.Push(next);
                }
            }

            return false;
        }
    }

    private readonly record struct Arc(int From, int To, long Weight, int Dependency);
}
