using System.Text.Json;
using Slaps.Core.Diagnostics;

namespace Slaps.Core.Plans;

/// <summary>Reads lists of evidence.</summary>
internal sealed class EvidenceReader(FieldKeeper keeper)
{
    public IReadOnlyList<Evidence> Read(JsonFields owner, string name)
    {
        if (!owner.Has(name)) return [];
        var evidence = new List<Evidence>();
        var list = owner.Where.Field(name);
        foreach (var item in owner.Items(name))
        {
            // What is no object still has its position, so that findings about the next ones point there.
            evidence.Add(owner.Object(item, list.Item(evidence.Count)) is { } fields ? One(fields) : new(EvidenceType.Plan, "", ""));
        }

        return evidence;
    }

    private Evidence One(JsonFields fields)
    {
        var mark = keeper.Mark;
        keeper.Judge(fields, PlanNames.Evidence);
        return new(
            Type(fields),
            fields.Text("source") ?? "",
            fields.Text("excerpt") ?? "",
            fields.Number("confidence") ?? 1,
            fields.Text("rationale") ?? "")
        {
            Unknown = keeper.Take(mark),
        };
    }

    // Plans of 2025 have types of their own. Nothing is done by it, so a type that nobody knows is kept and refuses no plan.
    private EvidenceType Type(JsonFields fields)
    {
        if (fields.Any("type") is not { ValueKind: JsonValueKind.String } value || PlanNames.EvidenceTypes.Contains(value.GetString()))
            return fields.Choice("type", PlanNames.EvidenceTypes, EvidenceType.Plan);
        fields.Add(PlanDiagnostics.UnknownEvidence(fields.PlaceOf("type"), value.GetString()!, PlanNames.EvidenceTypes));
        keeper.Keep("type", value);
        return EvidenceType.Plan;
    }
}
