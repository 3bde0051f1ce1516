using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports;

/// <summary>
/// The plans that T.A.S.K.S. version 3 wrote in 2025: coordinator.json, tasks.json, dag.json, waves.json and features.json, of which the first
/// or the second is enough. Tasks and dependencies are taken from tasks.json, what there is to share and the policies from coordinator.json;
/// where the files contradict each other it is said.
/// </summary>
public sealed class SlapsV3Format : IPlanFormat
{
    /// <inheritdoc/>
    public string Name => "slaps-v3";

    /// <inheritdoc/>
    public bool Recognises(ImportSource source) => SlapsV3Files.In(source).Count > 0;

    /// <inheritdoc/>
    public PlanDraft? Read(ImportSource source, DiagnosticBag diagnostics)
    {
        var plans = SlapsV3Files.In(source);
        if (plans.Count == 0 && source.Find(source.Named) is { } named && SlapsV3Files.As(named, trusting: true) is { } said) plans = [said];
        if (plans.Count == 1) return new SlapsV3Reader(plans[0], source, diagnostics).Read();
        diagnostics.Add(plans.Count == 0
            ? ImportDiagnostics.NoPlanOfFormat(PlanFormats.NameOf(source), Name)
            : ImportDiagnostics.SeveralPlans(PlanFormats.NameOf(source), Name, [.. plans.Select(plan => plan.Main.DisplayPath)]));
        return null;
    }
}
