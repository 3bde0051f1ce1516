using Slaps.Core.Diagnostics;
using Slaps.Core.Plans.Graphs;

namespace Slaps.Core.Plans.Review;

/// <summary>Whether a tasks.json hangs together: ids, ends of dependencies, circles. The codes are those that coordinator.json has for the same.</summary>
internal sealed class PlanStructure(ReviewedPlan plan, DiagnosticBag diagnostics)
{
    public void Check()
    {
        if (plan.Tasks.Count == 0) diagnostics.Add(PlanDiagnostics.NoTasks(At(plan.TasksAt)));
        var places = new Dictionary<string, string>(plan.Tasks.Count, StringComparer.Ordinal);
        foreach (var task in plan.Tasks)
        {
            if (Identifiers.Refuse(task.Id) is { } reason) diagnostics.Add(PlanDiagnostics.RefusedId(At(task.At + ".id"), task.Id, reason));
            if (!places.TryAdd(task.Id, task.At)) diagnostics.Add(PlanDiagnostics.DuplicateTask(At(task.At + ".id"), new TaskId(task.Id), places[task.Id]));
        }

        var guide = new SpellingGuide(places.Keys);
        foreach (var edge in plan.Edges)
        {
            if (!places.ContainsKey(edge.From)) diagnostics.Add(PlanDiagnostics.UnknownTask(At(edge.At + ".from"), new TaskId(edge.From), guide.Nearest(edge.From)));
            if (!places.ContainsKey(edge.To)) diagnostics.Add(PlanDiagnostics.UnknownTask(At(edge.At + ".to"), new TaskId(edge.To), guide.Nearest(edge.To)));
            if (edge.From == edge.To) diagnostics.Add(PlanDiagnostics.SelfDependency(At(edge.At), new TaskId(edge.From)));
        }

        if (!ReviewedOrder.GraphOf(plan).HasCycle) return;
        var tasks = plan.Tasks.Select(task => new PlanTask { Id = new(task.Id) }).ToList();
        var edges = plan.Edges.Select(edge => new Dependency(new(edge.From), new(edge.To), IsHard: edge is { IsHard: true, IsOfOrder: true }, Confidence: edge.Confidence)).ToList();
        foreach (var knot in CycleBreaks.Suggest(tasks, edges, plan.MinConfidence)) diagnostics.Add(PlanDiagnostics.Cycle(At(plan.EdgesAt), knot));
    }

    private DiagnosticPlace At(string path) => new(plan.File.Path, path);
}
