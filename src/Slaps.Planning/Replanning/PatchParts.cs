using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;

namespace Slaps.Planning.Replanning;

/// <summary>
/// Puts changes into patches that each are small enough. Where one does not hold all, a task comes after those that it waits for, with its
/// dependencies on them: so no part lets anything start too early, and each is a whole plan.
/// </summary>
internal static class PatchParts
{
    // Room for the frame, the reason, and marks of secrets that are longer than what they stand for.
    private const int MostBytes = PlanPatchJson.MaxBytes / 2;

    public static List<PlanPatch> Of(ResourceModification resources, IReadOnlyList<PlanTask> added, IReadOnlyList<Dependency> edges, IReadOnlyList<PatchOperation> modified, string reason, string author)
    {
        List<PatchOperation> all = resources.IsEmpty ? [] : [new PatchOperation.ModifyResource(resources)];
        var (tasks, place) = InOrder(added, edges);
        var with = tasks.Select(_ => new List<Dependency>()).ToList();
        var between = new List<Dependency>();
        foreach (var edge in edges)
        {
            // With the later one of the two there are both.
            var later = Math.Max(place.GetValueOrDefault(edge.From, -1), place.GetValueOrDefault(edge.To, -1));
            (later >= 0 ? with[later] : between).Add(edge);
        }

        all.AddRange(tasks.Select((task, i) => new PatchOperation.InjectTask(task, with[i])));

        // Some at once: each is small, and an operation for each would be many.
        const int Together = 100;
        all.AddRange(between.Chunk(Together).Select(some => new PatchOperation.AddEdge(some)));
        all.AddRange(modified);
        return Divide(all, reason, author);
    }

    private static List<PlanPatch> Divide(List<PatchOperation> all, string reason, string author)
    {
        var patches = new List<PlanPatch>();
        var part = new List<PatchOperation>();
        var bytes = 0;
        foreach (var operation in all)
        {
            var size = PlanPatchJson.Write(new PlanPatch { Operations = [operation] }).Length;
            if (part.Count > 0 && (part.Count == PlanPatch.MaxOperations || bytes + size > MostBytes)) Close();
            part.Add(operation);
            bytes += size;
        }

        if (part.Count > 0) Close();
        return patches;

        void Close()
        {
            patches.Add(new PlanPatch { Operations = [.. part], Reason = reason, By = author });
            part.Clear();
            bytes = 0;
        }
    }

    // Of those that wait for none of the others the first in the text comes first.
    private static (List<PlanTask> Tasks, Dictionary<TaskId, int> Place) InOrder(IReadOnlyList<PlanTask> added, IReadOnlyList<Dependency> edges)
    {
        var number = added.Index().ToDictionary(task => task.Item.Id, task => task.Index);
        var before = new int[added.Count];
        var after = added.Select(_ => new List<int>()).ToList();
        foreach (var edge in edges.Where(edge => edge.OrdersWork && number.ContainsKey(edge.From) && number.ContainsKey(edge.To)))
        {
            after[number[edge.From]].Add(number[edge.To]);
            before[number[edge.To]]++;
        }

        var open = new SortedSet<int>(Enumerable.Range(0, added.Count).Where(i => before[i] == 0));
        var order = new List<int>();
        while (open.Count > 0)
        {
            var next = open.Min;
            open.Remove(next);
            order.Add(next);
            foreach (var i in after[next])
            {
                if (--before[i] == 0) open.Add(i);
            }
        }

        // What only advises may go in a circle; then the text's order is as good as any.
        order.AddRange(Enumerable.Range(0, added.Count).Except(order));
        var tasks = order.ConvertAll(i => added[i]);
        return (tasks, tasks.Index().ToDictionary(task => task.Item.Id, task => task.Index));
    }
}
