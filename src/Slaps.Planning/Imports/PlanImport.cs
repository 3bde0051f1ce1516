using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports;

/// <summary>A plan of another program in our words.</summary>
/// <param name="Format">The name of the format that it was read as.</param>
/// <param name="Draft">The plan; as far as its edges go, <see cref="Plan.Build"/> accepts it.</param>
/// <param name="Uncertain">How many hard dependencies became soft because nobody was sure enough of them.</param>
public sealed record ImportedPlan(string Format, PlanDraft Draft, int Uncertain);

/// <summary>Reads plans of other programs.</summary>
public static class PlanImport
{
    /// <summary>
    /// The plan in the source, or null with the reasons in <paramref name="diagnostics"/>. Faults of a plan that is usable otherwise are
    /// warnings: each says what was done about it.
    /// </summary>
    /// <param name="source">What the user named.</param>
    /// <param name="from">The name of a format, or <see cref="PlanFormats.Auto"/>.</param>
    /// <param name="minConfidence">Below it, 0 to 1, a hard dependency becomes a soft one; null: what the plan itself says, else 0.7.</param>
    /// <param name="diagnostics">Takes everything that is wrong.</param>
    /// <exception cref="IOException">A file that is needed cannot be read; the message is a sentence.</exception>
    public static ImportedPlan? Read(ImportSource source, string from, double? minConfidence, DiagnosticBag diagnostics)
    {
        var format = from == PlanFormats.Auto ? PlanFormats.Recognise(source, diagnostics) : PlanFormats.Find(from);
        var errorsBefore = diagnostics.ErrorCount;
        if (format?.Read(source, diagnostics) is not { } draft || diagnostics.ErrorCount > errorsBefore) return null;
        if (draft.Tasks.Count == 0)
        {
            diagnostics.Add(ImportDiagnostics.NoTasks(new(PlanFormats.NameOf(source), null)));
            return null;
        }

        var least = minConfidence ?? draft.Origin.MinConfidence;
        var uncertain = draft.Dependencies.Count(edge => edge.IsHard && edge.Confidence < least);
        draft = draft with { Origin = draft.Origin with { MinConfidence = least } };
        return new ImportedPlan(format.Name, ImportedCycles.Cut(draft, PlanFormats.NameOf(source), diagnostics), uncertain);
    }
}
