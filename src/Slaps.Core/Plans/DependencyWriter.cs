using System.Globalization;

namespace Slaps.Core.Plans;

/// <summary>Writes what <see cref="DependencyReader"/> reads.</summary>
internal sealed class DependencyWriter(FieldWriter json)
{
    private readonly EvidenceWriter _evidence = new(json);

    /// <summary>The dependency as it is.</summary>
    public void AsWritten(Dependency dependency) => Write(dependency, note: null);

    /// <summary>The dependency as an execution is to take it: one that is hard, but less sure than the plan demands, becomes soft and says so.</summary>
    public void AsEnforced(Dependency dependency, double minConfidence)
    {
        if (!dependency.OrdersWork || dependency.OrdersWorkAt(minConfidence)) AsWritten(dependency);
        else
            Write(
                dependency with { IsHard = false },
                string.Create(CultureInfo.InvariantCulture, $"Written as hard; its confidence {dependency.Confidence} is below min_confidence {minConfidence}, so it is only a preference."));
    }

    private void Write(Dependency dependency, string? note)
    {
        json.Begin(dependency.Unknown);
        json.AnyText("from", dependency.From.Value);
        json.AnyText("to", dependency.To.Value);
        json.Text("type", PlanNames.DependencyTypes[(int)dependency.Type]);
        if (!dependency.IsHard) json.Flag("isHard", false);
        if (dependency.Confidence != 1) json.Number("confidence", dependency.Confidence);
        json.Text("reason", dependency.Reason);
        json.Text("note", note);
        _evidence.Write("evidence", dependency.Evidence);
        json.End();
    }
}
