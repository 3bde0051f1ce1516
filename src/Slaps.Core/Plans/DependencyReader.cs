using System.Text.Json;
using Slaps.Core.Diagnostics;

namespace Slaps.Core.Plans;

/// <summary>Reads one dependency, an edge of coordinator.json or an item of tasks.json: the same object in both.</summary>
internal sealed class DependencyReader(FieldKeeper keeper)
{
    private readonly EvidenceReader _evidence = new(keeper);

    /// <summary>The dependency, or null when one of its ends is missing.</summary>
    public Dependency? Read(JsonFields edge)
    {
        var mark = keeper.Mark;
        keeper.Judge(edge, PlanNames.Dependency);
        if (!edge.Has("from")) edge.Missing("from", "\"from\": \"the id of the task that comes first\"");
        if (!edge.Has("to")) edge.Missing("to", "\"to\": \"the id of the task that comes after it\"");
        var from = edge.Text("from");
        var to = edge.Text("to");
        var isHard = edge.Flag(edge.Either("isHard", "hard"));
        var confidence = edge.Number("confidence") ?? 1;
        var type = DependencyType.Technical;
        if (edge.Any("type") is { ValueKind: JsonValueKind.String } value && (value.ValueEquals("hard"u8) || value.ValueEquals("soft"u8)))
        {
            // The seed's hot update writes how strict an edge is where others write why it is there.
            var said = value.ValueEquals("hard"u8);
            if (isHard is { } other && other != said) edge.Add(PlanDiagnostics.Contradiction(edge.PlaceOf("type"), "type", "isHard"));
            isHard = said;
        }
        else
        {
            type = edge.Choice("type", PlanNames.DependencyTypes, DependencyType.Technical);
        }

        var read = new Dependency(new(from ?? ""), new(to ?? ""), type, isHard ?? true, confidence)
        {
            Reason = edge.Text("reason") ?? "",
            Evidence = _evidence.Read(edge, "evidence"),
            Unknown = keeper.Take(mark),
        };
        return from is null || to is null ? null : read;
    }
}
