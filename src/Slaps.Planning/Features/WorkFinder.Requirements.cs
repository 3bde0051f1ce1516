using System.Globalization;
using System.Text.RegularExpressions;
using Slaps.Planning.Reading;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Features;

/// <summary>
/// A specification that lists requirements and then its own tasks, which name them by their ids, means one piece of work and not two: the
/// requirement is what its task is judged by. A requirement that no task names stays work of its own.
/// </summary>
internal sealed partial class WorkFinder
{
    private const int FewestTasks = 2;
    private const int LongestRange = 60;
    private const int MostLinesOfTask = 200;

    private static void Fulfil(IReadOnlyList<WorkFinder> finders)
    {
        var byId = new Dictionary<string, List<Draft>>(StringComparer.Ordinal);
        var tasks = finders.SelectMany(finder => finder._drafts.Where(d => d.Kind == SectionKind.Tasks).Select(draft => (finder, draft))).ToList();
        if (tasks.Count < FewestTasks) return;
        foreach (var (finder, task) in tasks)
        {
            foreach (var id in finder.IdsIn(task)) (byId.TryGetValue(id, out var by) ? by : byId[id] = []).Add(task);
        }

        foreach (var finder in finders)
        {
            foreach (var requirement in finder._drafts.Where(d => d.Kind == SectionKind.Requirements).ToList())
            {
                var ids = OwnIds(Words.Plain(requirement.Marked), requirement.OwnId);
                var by = ids.SelectMany(id => byId.GetValueOrDefault(id, [])).Distinct().ToList();
                if (by.Count == 0) continue;
                var asked = new WorkPart(Words.Plain(requirement.Marked), finder.SentenceLines(requirement));
                foreach (var task in by)
                {
                    task.Fulfils.Add(asked);
                    if (by.Count == 1) task.FulfilledIds.AddRange(ids);
                }

                finder._drafts.Remove(requirement);
            }
        }
    }

    // What the task waits for it does not fulfil.
    private IEnumerable<string> IdsIn(Draft task)
    {
        var lines = Enumerable.Range(task.First, Math.Min(MostLinesOfTask, Math.Max(1, task.Last - task.First + 1))).Where(n => n <= _text.Lines.Count)
            .Select(n => WaitsFor().Replace(Words.Beginning(_text.Lines[n - 1], LongLine * 4), "")).ToList();
        var ids = new List<string>(Mentions.In(lines).Ids);
        foreach (Match range in lines.SelectMany(line => IdRange().Matches(line)))
        {
            var (from, to) = (Number(range.Groups["from"].Value), Number(range.Groups["to"].Value));
            if (to <= from || to - from > LongestRange) continue;
            var digits = "D" + range.Groups["from"].Length.ToString(CultureInfo.InvariantCulture);
            ids.AddRange(Enumerable.Range(from, to - from + 1).Select(n => range.Groups["prefix"].Value + n.ToString(digits, CultureInfo.InvariantCulture)));
        }

        return ids.Distinct(StringComparer.Ordinal);
    }

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\b(?:depends?\s+on|dependenc(?:y|ies)\W*:|blocked\s+by|after)\b[^.;]*", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex WaitsFor();

    [GeneratedRegex(@"\b(?<prefix>[A-Z]{1,6}-?)(?<from>\d{1,4})\s*(?:-|–|—|\.\.\.?|to|through)\s*(?:[A-Z]{1,6}-?)?(?<to>\d{1,4})\b", RegexOptions.NonBacktracking)]
    private static partial Regex IdRange();
}
