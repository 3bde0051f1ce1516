using System.Globalization;
using System.Text.RegularExpressions;
using Slaps.Core.Plans;
using Slaps.Planning.Reading;

namespace Slaps.Planning.Tasks;

/// <summary>How long work takes: as stated, by its stated size, or by its kind and its number of parts.</summary>
/// <param name="targetHours">The size of task that is aimed at; the rule by kind is made for 4 hours and scales with it.</param>
internal sealed partial class Estimates(double targetHours)
{
    private const double UsualTarget = 4;
    private const int MostParts = 24;
    private const int UsualWords = 4;
    private const int MostWords = 30;
    private const double WordHours = 0.1;
    private const int MostFiles = 8;
    private const double FileHours = 0.25;
    private const double CriterionHours = 0.25;

    // So many words that carry meaning has a usual part.
    private const int UsualPart = 8;

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

        // How much a text says about a piece of work is the only measure of its size that a text has: its parts by their words, else its own.
        var scale = targetHours / UsualTarget;
        var parts = item.Parts.Take(MostParts).ToList();
        var partHours = parts.Sum(part => PartHours(item.Layer) * Size(part.Text));
        var detail = Math.Clamp(Words.Stems(Words.Beginning(parts.Count > 0 ? item.Text.Split('\n')[0] : item.Text, 4_000)).Count - UsualWords, 0, MostWords);
        var files = Math.Clamp(item.Paths.Count - 1, 0, MostFiles);
        var criteria = item.Criteria.Take(MostParts).Count(c => !item.Parts.Contains(c));
        var (factor, why) = Weight(item.Title);
        var hours = Quarter((Base(item.Layer) + partHours + (detail * WordHours) + (files * FileHours) + (criteria * CriterionHours)) * factor) * scale;
        var words = string.Create(CultureInfo.InvariantCulture, $"Nothing is stated: {Base(item.Layer):0.##} h for work of the kind {WorkLayers.Name(item.Layer)}");
        if (parts.Count > 0) words += string.Create(CultureInfo.InvariantCulture, $", {partHours:0.##} h for {parts.Count} {(parts.Count == 1 ? "part" : "parts")} by their words ({PartHours(item.Layer):0.##} h for one of {UsualPart})");
        if (detail > 0) words += string.Create(CultureInfo.InvariantCulture, $", {WordHours:0.##} h for each of {detail} words beyond the usual {UsualWords}");
        if (files > 0) words += string.Create(CultureInfo.InvariantCulture, $", {FileHours:0.##} h for each of {files} more files");
        if (criteria > 0) words += string.Create(CultureInfo.InvariantCulture, $", {CriterionHours:0.##} h for each of {criteria} criteria that it is judged by");
        words += why;
        return item with { Estimate = Around(hours), EstimateRule = scale == 1 ? words + "." : string.Create(CultureInfo.InvariantCulture, $"{words}, times {scale:0.####} for a target of {targetHours:0.####} h.") };
    }

    // A line of a few words is half a part, one that tells much is two; what little changes, or is new, weighs as it does in a title.
    private static double Size(string part) =>
        Math.Clamp((double)Words.Stems(Words.Beginning(part, 1_000)).Count / UsualPart, 0.5, 2) * Weight(part.Length > 300 ? part[..300] : part).Factor;

    /// <summary>Hours around the most likely ones: from 0.6 to 2 times as long.</summary>
    public static PertEstimate Around(double likely) => new(Round(likely * 0.6), Round(likely), Round(likely * 2));

    private static double Base(WorkLayer layer) => layer switch
    {
        WorkLayer.Spike => 3,
        WorkLayer.Schema => 2,
        WorkLayer.Code => 2,
        WorkLayer.Tests => 2,
        WorkLayer.Docs => 1.5,
        _ => 2,
    };

    private static double PartHours(WorkLayer layer) => layer is WorkLayer.Code or WorkLayer.Schema or WorkLayer.Deployment ? 0.75 : 0.5;

    // Taking something away or changing a value is quick; what has to be invented, or fit to something that is there, is not.
    private static (double Factor, string Why) Weight(string title) =>
        Light().IsMatch(title) ? (0.6, ", times 0.6 because its verb says that little changes") : Heavy().IsMatch(title) ? (1.4, ", times 1.4 because its words say that much is new or has to fit together") : (1, "");

    private static double Quarter(double hours) => Math.Max(0.5, Math.Round(hours * 4, MidpointRounding.ToEven) / 4);

    [GeneratedRegex(@"^(?:rename|remove|delete|drop|bump|set|enable|disable|replace|update|change|expose|log|print|mark|move|pin|list|link|document|describe|mention|increase|decrease|lower|raise|hide|show|re-?export|deprecate|copy)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Light();

    [GeneratedRegex(@"^(?:build|design|integrate|migrate|refactor|rewrite|re-?implement|replatform|redesign|decompose|synchroni[sz]e|orchestrate|port)\b|\b(?:engine|framework|orchestrat(?:or|ion)|scheduler|compiler|parser|protocol|distributed|end-to-end|encryption|replication|consensus|migration|concurrency|real-?time|backend|sandbox|plugin system)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Heavy();

    private static double Round(double hours) => Math.Round(hours, 4, MidpointRounding.ToEven);

    private static string Hours(double hours) => string.Create(CultureInfo.InvariantCulture, $"{hours:0.##} h");
}
