using System.Globalization;
using Slaps.Core.Plans;

namespace Slaps.Planning.Replanning;

/// <summary>
/// Which task of a new plan is which of the running one. Ids are given by the place in the text and move with every line above, so they say
/// nothing: a task is the same when its title is. Of those left over one that has not started may have been renamed.
/// </summary>
internal static class TaskMatching
{
    // Three words of four: less, and the tests of one part become those of another.
    private const double LeastAlike = 0.75;

    /// <summary>The tasks of the running plan by those of the new one.</summary>
    /// <param name="known">The tasks of the running plan that may be meant, as the specification had them, in the order in which they are preferred.</param>
    /// <param name="wanted">The tasks of the new plan.</param>
    public static Dictionary<TaskId, TaskId> BySameTitle(IEnumerable<PlanTask> known, IReadOnlyList<PlanTask> wanted)
    {
        var byTitle = new Dictionary<string, Queue<TaskId>>(StringComparer.Ordinal);
        foreach (var task in known)
        {
            if (!byTitle.TryGetValue(KeyOf(task), out var same)) byTitle[KeyOf(task)] = same = new Queue<TaskId>();
            same.Enqueue(task.Id);
        }

        var found = new Dictionary<TaskId, TaskId>();
        foreach (var task in wanted)
        {
            if (byTitle.TryGetValue(KeyOf(task), out var same) && same.TryDequeue(out var id)) found[task.Id] = id;
        }

        return found;
    }

    /// <summary>Pairs whose titles are nearly the same, the most alike first; each task is in one pair at most.</summary>
    /// <param name="known">Tasks that have not started and whose titles the new plan does not have.</param>
    /// <param name="wanted">Tasks whose titles the running plan does not have.</param>
    public static Dictionary<TaskId, TaskId> ByLikeTitle(IReadOnlyList<PlanTask> known, IReadOnlyList<PlanTask> wanted)
    {
        var words = known.Select(WordsOf).ToList();
        var byWord = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var i = 0; i < known.Count; i++)
        {
            foreach (var word in words[i])
            {
                if (!byWord.TryGetValue(word, out var places)) byWord[word] = places = [];
                places.Add(i);
            }
        }

        var pairs = new List<(double Alike, int Known, int Wanted)>();
        for (var j = 0; j < wanted.Count; j++)
        {
            var title = WordsOf(wanted[j]);
            foreach (var i in title.SelectMany(word => byWord.GetValueOrDefault(word, [])).Distinct())
            {
                var common = words[i].Count(title.Contains);
                var alike = common / (double)(words[i].Count + title.Count - common);
                if (alike >= LeastAlike) pairs.Add((alike, i, j));
            }
        }

        var found = new Dictionary<TaskId, TaskId>();
        var taken = new HashSet<TaskId>();
        foreach (var (_, i, j) in pairs.OrderByDescending(pair => pair.Alike).ThenBy(pair => pair.Wanted).ThenBy(pair => pair.Known))
        {
            if (!found.ContainsKey(wanted[j].Id) && taken.Add(known[i].Id)) found[wanted[j].Id] = known[i].Id;
        }

        return found;
    }

    /// <summary>An id that nobody has: the wanted one, or the next number of its kind, and otherwise the id with a number.</summary>
    public static TaskId Unused(TaskId wanted, HashSet<string> taken)
    {
        if (taken.Add(wanted.Value)) return wanted;
        var digits = wanted.Value.Length;
        while (digits > 0 && char.IsAsciiDigit(wanted.Value[digits - 1])) digits--;
        var (stem, width) = digits < wanted.Value.Length ? (wanted.Value[..digits], wanted.Value.Length - digits) : ($"{wanted.Value}-", 1);
        var last = taken.Where(id => id.StartsWith(stem, StringComparison.OrdinalIgnoreCase))
            .Select(id => int.TryParse(id.AsSpan(stem.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .DefaultIfEmpty(0).Max();
        for (var number = last + 1; ; number++)
        {
            var id = stem + number.ToString(CultureInfo.InvariantCulture).PadLeft(width, '0');
            if (taken.Add(id)) return new TaskId(id);
        }
    }

    /// <summary>What of a text tells: letters and digits alone, because a comma more is no other demand.</summary>
    public static string Telling(string text) => string.Concat(text.Where(char.IsLetterOrDigit)).ToUpperInvariant();

    // A title of signs alone is told by them.
    private static string KeyOf(PlanTask task) => Telling(task.Title) is { Length: > 0 } key ? key : task.Title;

    private static HashSet<string> WordsOf(PlanTask task) => [.. string.Concat(task.Title.Select(c => char.IsLetterOrDigit(c) ? char.ToUpperInvariant(c) : ' ')).Split(' ', StringSplitOptions.RemoveEmptyEntries)];
}
