using Slaps.Core.Diagnostics;

namespace Slaps.Core.Plans.Patches;

/// <summary>Takes the secrets out of a patch before it is journaled: whoever can read the journal can read every patch.</summary>
public static class PatchSecrets
{
    /// <summary>
    /// The patch with marks in the places of secrets, by the rules of <see cref="DraftSecrets"/>. Each task or dependency that held one gets a
    /// warning. A second time changes nothing more.
    /// </summary>
    /// <param name="patch">What somebody wrote.</param>
    /// <param name="source">Where it comes from, as the user named it, for the messages.</param>
    /// <param name="diagnostics">Takes the warnings.</param>
    public static PlanPatch Redact(PlanPatch patch, string source, DiagnosticBag diagnostics)
    {
        // Tasks and edges in the order of the operations: out of the draft they come in the same.
        var draft = DraftSecrets.Redact(
            new PlanDraft
            {
                Tasks =
                [
                    .. patch.Operations.Select(operation => operation switch
                    {
                        PatchOperation.InjectTask inject => inject.Task,
                        PatchOperation.ModifyTask modify => modify.Changes.ApplyTo(new PlanTask { Id = modify.Task }),
                        _ => null,
                    }).OfType<PlanTask>(),
                ],
                Dependencies = [.. patch.Edges],
            },
            source,
            diagnostics);
        var tasks = new Queue<PlanTask>(draft.Tasks);
        var edges = new Queue<Dependency>(draft.Dependencies);
        return patch with
        {
            Reason = Secrets.Redact(patch.Reason),
            By = Secrets.Redact(patch.By),
            Operations =
            [
                .. patch.Operations.Select(operation => operation switch
                {
                    PatchOperation.InjectTask inject => new PatchOperation.InjectTask(tasks.Dequeue(), Next(inject.Edges.Count)),
                    PatchOperation.AddEdge add => new PatchOperation.AddEdge(Next(add.Edges.Count)),
                    PatchOperation.ModifyTask modify => modify with { Changes = Clean(modify.Changes, tasks.Dequeue()) },
                    _ => operation,
                }),
            ],
        };

        Dependency[] Next(int count) => [.. Enumerable.Range(0, count).Select(_ => edges.Dequeue())];
    }

    private static TaskModification Clean(TaskModification changes, PlanTask clean) => changes with
    {
        Title = changes.Title is null ? null : clean.Title,
        Description = changes.Description is null ? null : clean.Description,
        Run = changes.Run is null ? null : clean.Run,
        Checks = changes.Checks is null ? null : clean.Checks,
        Boundaries = changes.Boundaries is null ? null : clean.Boundaries,
        Produces = changes.Produces is null ? null : clean.Produces,
        Consumes = changes.Consumes is null ? null : clean.Consumes,
    };
}
