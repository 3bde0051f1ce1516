using System.Globalization;
using Slaps.Core.Plans;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Normalisation;

/// <summary>One act of normalisation, with the items that came of it by their order after all acts.</summary>
internal sealed record SizeAct(string Action, IReadOnlyList<int> Items, string Reason);

/// <summary>
/// Splits what is too long at its natural seams and merges what is too short with its neighbour, so that tasks come near the target.
/// With the usual target of 4 hours: over 16 h is split, under 0.5 h is merged, 2 to 8 h is aimed at.
/// </summary>
internal sealed class TaskSizes(double targetHours)
{
    /// <summary>The usual size of a task, in hours.</summary>
    public const double UsualTarget = 4;

    private const int MostPieces = 200;

    private double Longest => targetHours * 4;

    private double Shortest => targetHours / 8;

    private double Aim => targetHours * 2;

    private readonly Estimates _estimates = new(targetHours);

    /// <summary>The items in the same order, none too long or too short where it can be helped, and what was done to them.</summary>
    public (IReadOnlyList<WorkItem> Items, IReadOnlyList<SizeAct> Acts) Normalise(IReadOnlyList<WorkItem> items)
    {
        var acts = new List<(string Action, List<WorkItem> Items, string Reason)>();
        var sized = new List<WorkItem>();
        foreach (var item in items.Select(_estimates.Estimated))
        {
            if (item.Estimate.MostLikely > Longest) sized.AddRange(Split(item, acts));
            else sized.Add(item);
        }

        sized = Merged(sized, acts);
        var numbered = new Dictionary<WorkItem, int>(ReferenceEqualityComparer.Instance);
        var result = new List<WorkItem>(sized.Count);
        foreach (var item in sized)
        {
            numbered[item] = result.Count;
            result.Add(item with { Order = result.Count });
        }

        return (result, [.. acts.Where(a => a.Items.All(numbered.ContainsKey)).Select(a => new SizeAct(a.Action, [.. a.Items.Select(i => numbered[i])], a.Reason))]);
    }

    // --- Too long ---

    private List<WorkItem> Split(WorkItem item, List<(string, List<WorkItem>, string)> acts)
    {
        var hours = item.Estimate.MostLikely;
        var pieces = Math.Min(MostPieces, (int)Math.Ceiling(hours / Aim));
        var hasParts = item.Parts.Count > 1;
        if (hasParts && pieces > item.Parts.Count)
        {
            // Where even one part is too long, each is cut in pieces of its own.
            var rest = hours / item.Parts.Count > Longest ? (int)Math.Ceiling((double)pieces / item.Parts.Count) : 1;
            if (rest > 1) return PartByPart(item, Math.Min(rest, Math.Max(1, MostPieces / item.Parts.Count)), acts);
            pieces = item.Parts.Count;
        }

        // Where the parts are what it is judged by, each piece is judged by its own.
        var judged = hasParts && item.Parts.SequenceEqual(item.Criteria);
        var share = hours / pieces;
        var result = new List<WorkItem>(pieces);
        for (var i = 0; i < pieces; i++)
        {
            var parts = hasParts ? item.Parts.Skip(item.Parts.Count * i / pieces).Take((item.Parts.Count * (i + 1) / pieces) - (item.Parts.Count * i / pieces)).ToList() : [];
            var sequence = !hasParts || parts.TrueForAll(p => p.IsStep);
            result.Add(item with
            {
                Title = hasParts ? TitleOf(item, parts) : TaskTitles.Numbered(item.Title, i + 1, pieces),
                Text = hasParts ? $"{item.Title}:\n{string.Join('\n', parts.Select(p => p.Text))}" : item.Text,
                Statement = hasParts ? $"{item.Title}: {string.Join("; ", parts.Select(p => p.Text))}" : item.Statement,
                Sources = hasParts ? [item.Sources[0], .. parts.Take(8).Select(p => p.Source)] : item.Sources,
                Parts = parts,
                Criteria = judged ? parts : i == pieces - 1 ? item.Criteria : [],
                Checks = i == pieces - 1 ? item.Checks : [],
                Step = sequence ? new NumberedStep($"{item.Sources[0].Place}~{item.Order}", i + 1) : null,
                Estimate = new PertEstimate(Round(item.Estimate.Optimistic / pieces), Round(share), Round(item.Estimate.Pessimistic / pieces)),
                EstimateRule = string.Create(CultureInfo.InvariantCulture, $"One of {pieces} pieces of {hours:0.##} h. {item.EstimateRule}"),
            });
        }

        var seam = hasParts ? $"at {pieces} of its {item.Parts.Count} parts" : $"into {pieces} equal pieces that follow each other, because the text names no parts";
        acts.Add(("split", result, string.Create(CultureInfo.InvariantCulture, $"'{item.Title}' would take {hours:0.##} h, and {Longest:0.##} h is the most; it was split {seam}.")));
        return result;
    }

    private List<WorkItem> PartByPart(WorkItem item, int each, List<(string, List<WorkItem>, string)> acts)
    {
        var count = item.Parts.Count * each;
        var result = new List<WorkItem>(count);
        foreach (var part in item.Parts)
        {
            for (var i = 0; i < each; i++)
            {
                result.Add(item with
                {
                    Title = TaskTitles.Numbered(TitleOf(item, [part]), i + 1, each),
                    Text = $"{item.Title}:\n{part.Text}",
                    Statement = $"{item.Title}: {part.Text}",
                    Sources = [item.Sources[0], part.Source],
                    Parts = [],
                    Criteria = [],
                    Checks = [],
                    Step = new NumberedStep($"{part.Source.Place}~{item.Order}", i + 1),
                    Estimate = new PertEstimate(Round(item.Estimate.Optimistic / count), Round(item.Estimate.MostLikely / count), Round(item.Estimate.Pessimistic / count)),
                    EstimateRule = string.Create(CultureInfo.InvariantCulture, $"One of {count} pieces of {item.Estimate.MostLikely:0.##} h. {item.EstimateRule}"),
                });
            }
        }

        result[^1] = result[^1] with { Criteria = item.Criteria, Checks = item.Checks };
        acts.Add(("split", result, string.Create(CultureInfo.InvariantCulture, $"'{item.Title}' would take {item.Estimate.MostLikely:0.##} h, and {Longest:0.##} h is the most; each of its {item.Parts.Count} parts was split into {each} equal pieces that follow each other.")));
        return result;
    }

    private static string TitleOf(WorkItem item, List<WorkPart> parts)
    {
        var title = TaskTitles.OfStatement(parts[0].Text, item.Layer);
        return parts.Count == 1 ? title : TaskTitles.Finish($"{Reading.Words.Beginning(title, 85)}, and {parts.Count - 1} more");
    }

    // --- Too short ---

    private List<WorkItem> Merged(List<WorkItem> items, List<(string, List<WorkItem>, string)> acts)
    {
        var result = new List<WorkItem>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            var run = new List<WorkItem> { items[i] };
            var hours = items[i].Estimate.MostLikely;
            while (i + 1 < items.Count && BelongTogether(run[0], items[i + 1]) && (hours < Shortest || items[i + 1].Estimate.MostLikely < Shortest) && hours + items[i + 1].Estimate.MostLikely <= Aim)
            {
                i++;
                run.Add(items[i]);
                hours += items[i].Estimate.MostLikely;
            }

            if (run.Count == 1)
            {
                result.Add(run[0]);
                continue;
            }

            var merged = Merge(run);
            result.Add(merged);
            acts.Add(("merged", [merged], string.Create(CultureInfo.InvariantCulture, $"{run.Count} neighbours of which one would take less than {Shortest:0.###} h are one task: {string.Join("; ", run.Take(6).Select(r => r.Title))}{(run.Count > 6 ? "; …" : "")}.")));
        }

        return result;
    }

    private static bool BelongTogether(WorkItem first, WorkItem next) =>
        first.Feature == next.Feature && first.Layer == next.Layer && Equals(first.Phase, next.Phase) && first.HeadingPath.SequenceEqual(next.HeadingPath) && (first.Step is null) == (next.Step is null);

    private static WorkItem Merge(List<WorkItem> run) => run[0] with
    {
        Title = run.Count == 2 && run[0].Title.Length + run[1].Title.Length < TaskTitles.MaxLength - 8
            ? $"{run[0].Title}; {char.ToLowerInvariant(run[1].Title[0])}{run[1].Title[1..]}"
            : $"{Reading.Words.Beginning(run[0].Title, 85)}, and {run.Count - 1} more",
        Text = string.Join('\n', run.Select(r => r.Text)),
        Statement = string.Join("; ", run.Select(r => r.Statement.TrimEnd(';', ' '))),
        Sources = [.. run.SelectMany(r => r.Sources)],
        Paths = Joined(run, r => r.Paths),
        Symbols = Joined(run, r => r.Symbols),
        Produces = Joined(run, r => r.Produces),
        Uses = Joined(run, r => r.Uses),
        Ids = Joined(run, r => r.Ids),
        MentionedIds = Joined(run, r => r.MentionedIds),
        Markers = Joined(run, r => r.Markers),
        Parts = [.. run.SelectMany(r => r.Parts.Count > 0 ? r.Parts : [new WorkPart(r.Title, r.Sources[0], r.Step is not null)])],
        Criteria = [.. run.SelectMany(r => r.Criteria)],
        Checks = [.. run.SelectMany(r => r.Checks)],
        StatedPriority = run.Min(r => r.StatedPriority),
        Estimate = new PertEstimate(Round(run.Sum(r => r.Estimate.Optimistic)), Round(run.Sum(r => r.Estimate.MostLikely)), Round(run.Sum(r => r.Estimate.Pessimistic))),
        EstimateRule = $"The sum of {run.Count} pieces. {run[0].EstimateRule}",
    };

    private static List<string> Joined(List<WorkItem> run, Func<WorkItem, IReadOnlyList<string>> of) => [.. run.SelectMany(of).Distinct(StringComparer.Ordinal)];

    private static double Round(double hours) => Math.Round(hours, 4, MidpointRounding.ToEven);
}
