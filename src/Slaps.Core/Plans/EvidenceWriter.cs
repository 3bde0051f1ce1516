namespace Slaps.Core.Plans;

/// <summary>Writes what <see cref="EvidenceReader"/> reads.</summary>
internal sealed class EvidenceWriter(FieldWriter json)
{
    /// <summary>A list of evidence; nothing when there is none.</summary>
    public void Write(string name, IReadOnlyList<Evidence> evidence)
    {
        if (evidence.Count > 0) json.List(name, evidence, One);
    }

    private void One(Evidence evidence)
    {
        json.Begin(evidence.Unknown);
        if (evidence.Type != EvidenceType.Plan || !json.Keeps("type")) json.Text("type", PlanNames.EvidenceTypes[(int)evidence.Type]);
        json.AnyText("source", evidence.Source);
        json.AnyText("excerpt", evidence.Excerpt);
        json.Number("confidence", evidence.Confidence);
        json.Text("rationale", evidence.Rationale);
        json.End();
    }
}
