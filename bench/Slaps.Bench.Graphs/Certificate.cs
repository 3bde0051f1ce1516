using Slaps.Core.Plans;
using Slaps.Core.Plans.Graphs;

namespace Slaps.Bench.Graphs;

/// <summary>Checks what the figures claim by other means than those that found them.</summary>
internal static class Certificate
{
    /// <summary>What is wrong with the figures of a graph, or null.</summary>
    public static string? Refuse(TaskGraph graph, TaskGraph reduced, GraphWidth width)
    {
        var order = graph.TopologicalOrder();
        var member = new bool[graph.Count];
        foreach (var task in width.Antichain) member[task] = true;
        var behind = new bool[graph.Count];
        foreach (var task in order)
        {
            if (behind[task] && member[task]) return $"{task} comes after another task of the antichain";
            foreach (var successor in graph.SuccessorsOf(task)) behind[successor] |= behind[task] || member[task];
        }

        var seen = new bool[graph.Count];
        foreach (var next in width.Next.Where(next => next >= 0))
        {
            if (seen[next]) return $"{next} is in two chains";
            seen[next] = true;
        }

        if (graph.Count - width.Next.Count(next => next >= 0) != width.AtMost) return "the chains are not as many as was said";
        if (width.AtLeast > width.AtMost) return "the bounds cross";
        return Sample(graph, reduced, width, order);
    }

    // Some hundred tasks, evenly spread: what each reaches in either graph is the same, and the next of its chain is among it.
    private static string? Sample(TaskGraph graph, TaskGraph reduced, GraphWidth width, int[] order)
    {
        const int Samples = 300;
        for (var i = 0; i < graph.Count; i += Math.Max(1, graph.Count / Samples))
        {
            var task = order[i];
            var reach = ReachOf(graph, task);
            if (!reach.SequenceEqual(ReachOf(reduced, task))) return $"the reduction changes what comes after {task}";
            if (width.Next[task] >= 0 && !reach[width.Next[task]]) return $"{task} does not come before the next of its chain";
            foreach (var successor in reduced.SuccessorsOf(task))
            {
                foreach (var other in reduced.SuccessorsOf(task))
                {
                    if (other != successor && ReachOf(reduced, other)[successor]) return $"the edge from {task} to {successor} is redundant still";
                }
            }
        }

        return null;
    }

    private static bool[] ReachOf(TaskGraph graph, int start)
    {
        var reach = new bool[graph.Count];
        var open = new Stack<int>([start]);
        while (open.TryPop(out var task))
        {
            foreach (var successor in graph.SuccessorsOf(task))
            {
                if (reach[successor]) continue;
                reach[successor] = true;
                open.Push(successor);
            }
        }

        return reach;
    }
}
