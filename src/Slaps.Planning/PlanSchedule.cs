using Slaps.Core.Plans;

namespace Slaps.Planning;

/// <summary>When everything would run with workers and resources without limit: every task as early as its predecessors allow.</summary>
internal sealed record PlanSchedule(double TotalHours, double CriticalHours, IReadOnlyList<int> CriticalPath, int Width)
{
    private const double MicrosecondsPerHour = 3_600_000_000d;

    public static PlanSchedule Of(Plan plan)
    {
        var durations = plan.Tasks.Select(t => t.Duration.MeanMicroseconds).ToArray();
        var toEnd = plan.Graph.LongestToEnd(durations);
        var path = CriticalPathOf(plan, toEnd);
        return new PlanSchedule(
            durations.Sum(d => d / MicrosecondsPerHour),
            path.Count == 0 ? 0 : toEnd[path[0]] / MicrosecondsPerHour,
            path,
            WidthOf(plan, durations));
    }

    // From the task with the longest way to the end always on to the successor with the longest; the first in the file of equals.
    private static List<int> CriticalPathOf(Plan plan, long[] toEnd)
    {
        var path = new List<int>();
        var at = toEnd.Length == 0 ? -1 : Array.IndexOf(toEnd, toEnd.Max());
        while (at >= 0)
        {
            path.Add(at);
            var next = -1;
            foreach (var successor in plan.Graph.SuccessorsOf(at))
            {
                if (next < 0 || toEnd[successor] > toEnd[next] || (toEnd[successor] == toEnd[next] && successor < next)) next = successor;
            }

            at = next;
        }

        return path;
    }

    private static int WidthOf(Plan plan, long[] durations)
    {
        var starts = new long[durations.Length];
        foreach (var task in plan.Graph.TopologicalOrder())
        {
            foreach (var successor in plan.Graph.SuccessorsOf(task)) starts[successor] = Math.Max(starts[successor], starts[task] + durations[task]);
        }

        // Ends count before starts at the same moment: a successor does not overlap its predecessor.
        var changes = starts.Select(s => (At: s, Change: 1)).Concat(starts.Select((s, i) => (At: s + durations[i], Change: -1))).Order();
        var (running, width) = (0, 0);
        foreach (var (_, change) in changes) width = Math.Max(width, running += change);
        return width;
    }
}
