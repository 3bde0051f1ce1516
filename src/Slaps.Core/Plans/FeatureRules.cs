using Slaps.Core.Diagnostics;

namespace Slaps.Core.Plans;

/// <summary>What makes a list of features sound, wherever it comes from.</summary>
internal static class FeatureRules
{
    /// <summary>Looks at every feature once.</summary>
    /// <param name="features">The features in file order.</param>
    /// <param name="file">The features.json as the user named it, where there is one.</param>
    /// <param name="diagnostics">Takes everything that is wrong.</param>
    public static void Check(IReadOnlyList<Feature> features, string? file, DiagnosticBag diagnostics)
    {
        var first = new Dictionary<FeatureId, int>(features.Count);
        for (var i = 0; i < features.Count; i++)
        {
            var at = $"$.features[{i}]";
            var id = features[i].Id;
            if (Identifiers.Refuse(id.Value) is { } reason) diagnostics.Add(PlanDiagnostics.RefusedId(new(file, $"{at}.id"), id.Value, reason));
            if (!first.TryAdd(id, i)) diagnostics.Add(PlanDiagnostics.DuplicateFeature(new(file, $"{at}.id"), id, $"$.features[{first[id]}]"));
            EvidenceRules.Check(features[i].SourceEvidence, part => new(file, $"{at}.source_evidence{part}"), diagnostics);
        }
    }
}

/// <summary>What makes evidence sound, wherever it stands.</summary>
internal static class EvidenceRules
{
    /// <summary>Looks at every piece once; <paramref name="at"/> makes a place of a path within the list.</summary>
    public static void Check(IReadOnlyList<Evidence> evidence, Func<string, DiagnosticPlace> at, DiagnosticBag diagnostics)
    {
        for (var i = 0; i < evidence.Count; i++)
        {
            if (evidence[i].Confidence is not (>= 0 and <= 1)) diagnostics.Add(PlanDiagnostics.OutOfRange(at($"[{i}].confidence"), "confidence", evidence[i].Confidence, "from 0 to 1"));
        }
    }
}
