using System.Globalization;
using Slaps.Core.Plans;

namespace Slaps.Planning.Tasks;

/// <summary>How long work takes: as stated, by its stated size, or by its kind and its number of parts.</summary>
/// <param name="targetHours">The size of task that is aimed at; the rule by kind is made for 4 hours and scales with it.</param>
internal sealed class Estimates(double targetHours)
{
    private const double UsualTarget = 4;
    private const int MostParts = 24;

    /// <summary>The item with its estimate and the rule behind it.</summary>
    public WorkItem Estimated(WorkItem item)
    {
        if (item.StatedTime is { } stated)
            return item with { Estimate = stated, EstimateRule = $"The specification states the time: {Hours(stated.MostLikely)} most likely; a single time is halved and doubled for the ends." };
        if (item.StatedSize is { } size && StatedAmounts.Size(size) is { } amount)
        {
            var likely = Math.Max(0.25, amount.Lines / StatedAmounts.LinesPerHour);
            return item with { Estimate = Around(likely), EstimateRule = $"The specification states the size {size}; {StatedAmounts.LinesPerHour:0} lines count as an hour." };
        }

        var scale = targetHours / UsualTarget;
        var parts = Math.Min(MostParts, item.Parts.Count);
        var hours = (Base(item.Layer) + (parts * PartHours(item.Layer))) * scale;
        var words = string.Create(CultureInfo.InvariantCulture, $"Nothing is stated: {Base(item.Layer):0.##} h for work of the kind {WorkLayers.Name(item.Layer)}, and {PartHours(item.Layer):0.##} h for each of {parts} parts");
        return item with { Estimate = Around(hours), EstimateRule = scale == 1 ? words + "." : string.Create(CultureInfo.InvariantCulture, $"{words}, times {scale:0.####} for a target of {targetHours:0.####} h.") };
    }

    /// <summary>Hours around the most likely ones: from 0.6 to 2 times as long.</summary>
    public static PertEstimate Around(double likely) => new(Round(likely * 0.6), Round(likely), Round(likely * 2));

    private static double Base(WorkLayer layer) => layer switch
    {
        WorkLayer.Spike => 3,
        WorkLayer.Schema => 2,
        WorkLayer.Code => 2.5,
        WorkLayer.Tests => 2,
        WorkLayer.Docs => 1.5,
        _ => 2,
    };

    private static double PartHours(WorkLayer layer) => layer is WorkLayer.Code or WorkLayer.Schema or WorkLayer.Deployment ? 0.75 : 0.5;

    private static double Round(double hours) => Math.Round(hours, 4, MidpointRounding.ToEven);

    private static string Hours(double hours) => string.Create(CultureInfo.InvariantCulture, $"{hours:0.##} h");
}
