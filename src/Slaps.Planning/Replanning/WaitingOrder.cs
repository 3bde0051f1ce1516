using Slaps.Core.Plans;

namespace Slaps.Planning.Replanning;

/// <summary>Who waits for whom in a running plan, and in what it gets.</summary>
internal sealed class WaitingOrder
{
    private readonly Dictionary<TaskId, List<TaskId>> _after = [];

    public WaitingOrder(Plan plan)
    {
        foreach (var edge in plan.Dependencies.Where(plan.Enforces)) Add(edge);
    }

    /// <summary>From now on the one waits for the other.</summary>
    public void Add(Dependency edge)
    {
        if (!_after.TryGetValue(edge.From, out var after)) _after[edge.From] = after = [];
        after.Add(edge.To);
    }

    /// <summary>Whether the second waits for the first, be it by way of others.</summary>
    public bool Leads(TaskId first, TaskId second)
    {
        var reached = new HashSet<TaskId> { first };
        var queue = new Queue<TaskId>(reached);
        while (queue.TryDequeue(out var task))
        {
            if (task == second) return true;
            foreach (var next in _after.GetValueOrDefault(task, []))
            {
                if (reached.Add(next)) queue.Enqueue(next);
            }
        }

        return false;
    }
}
