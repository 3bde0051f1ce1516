using Slaps.Core.Plans;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Dependencies;

/// <summary>The order of lists: numbered steps, lists in which <c>[P]</c> marks what may run beside its neighbours, and phases.</summary>
internal sealed class ListedOrder(IReadOnlyList<WorkItem> items, IReadOnlyList<TaskId> ids, SourceQuotes quotes, FoundDependencies found)
{
    // Above so many pairs, the last of one phase and the first of the next stand for all.
    private const int MostPairs = 900;

    // Phases are ordered through their ends from fewer pairs on: a plan of arrows from everything to everything cannot be read.
    private const int MostPhasePairs = 12;

    private const double Steps = 0.85, Marked = 0.75, Phases = 0.8;

    /// <summary>Groups of phases in which not every pair is ordered, because there would be too many; for the decisions.</summary>
    public List<(string Group, int From, int To)> Abridged { get; } = [];

    public void Read()
    {
        foreach (var list in Indexes().Where(i => items[i].Step is not null).GroupBy(i => items[i].Step!.Value.List, StringComparer.Ordinal))
            Follow([.. list.OrderBy(i => items[i].Step!.Value.Number).ThenBy(i => i)], Steps, (from, to) => $"They are step {items[from].Step!.Value.Number} and step {items[to].Step!.Value.Number} of one list.");

        // A list that marks some as parallel says of the others that they are not.
        foreach (var list in Indexes().Where(i => items[i].Step is null && items[i].HeadingPath.Count > 0).GroupBy(i => string.Join('\n', items[i].HeadingPath), StringComparer.Ordinal))
        {
            var members = list.ToList();
            if (members.Exists(IsParallel) && !members.TrueForAll(IsParallel))
                Follow(members, Marked, (from, to) => $"In this list [P] marks what may run beside its neighbours; {(IsParallel(to) ? ids[from] : ids[to])} has no such mark.");
        }

        foreach (var group in Indexes().Where(i => items[i].Phase is not null).GroupBy(i => items[i].Phase!.Group, StringComparer.Ordinal)) InPhases(group.Key, [.. group]);
    }

    private IEnumerable<int> Indexes() => Enumerable.Range(0, items.Count);

    private bool IsParallel(int item) => items[item].Markers.Contains("P", StringComparer.OrdinalIgnoreCase);

    private void Follow(List<int> list, double confidence, Func<int, int, string> reason)
    {
        List<int> before = [], group = [];
        foreach (var item in list)
        {
            if (group.Count > 0 && !(IsParallel(item) && IsParallel(group[0]))) (before, group) = (group, []);
            group.Add(item);
            foreach (var earlier in before.Count * (long)group.Count > MostPairs ? before[^1..] : before)
                found.Add(earlier, item, DependencyType.Sequential, isHard: true, confidence, isStated: false, reason(earlier, item), Both(earlier, item, confidence));
        }
    }

    private void InPhases(string group, List<int> members)
    {
        var phases = members.GroupBy(i => items[i].Phase!.Number).OrderBy(g => g.Key).Select(g => g.ToList()).ToList();
        List<int>? shared = null;      // The last phase that is no story: what all stories stand on.
        var stories = new List<List<int>>();
        foreach (var phase in phases)
        {
            if (IsStory(phase))
            {
                // Stories are slices that can be built in any order; their numbers are priorities.
                if (shared is not null) Between(group, shared, phase, isHard: true);
                if (stories.Count > 0) Between(group, stories[^1], phase, isHard: false);
                stories.Add(phase);
                continue;
            }

            if (stories.Count > 0)
            {
                foreach (var story in stories) Between(group, story, phase, isHard: true);
                stories.Clear();
            }
            else if (shared is not null)
            {
                Between(group, shared, phase, isHard: true);
            }

            shared = phase;
        }
    }

    private bool IsStory(List<int> phase) => items[phase[0]].Phase!.Title.Contains("user story", StringComparison.OrdinalIgnoreCase);

    private void Between(string group, List<int> earlier, List<int> later, bool isHard)
    {
        var ends = earlier.Where(i => !earlier.Exists(other => other > i && found.Has(i, other))).ToList();
        var starts = later.Where(i => !later.Exists(other => other < i && found.Has(other, i))).ToList();
        var reason = isHard
            ? $"Phase {items[earlier[0]].Phase!.Number} comes before phase {items[later[0]].Phase!.Number}."
            : "The stories stand in this order, but each can be built without the other.";
        if (!isHard)
        {
            Add(earlier[^1], later[0]);
        }
        else if ((long)ends.Count * starts.Count <= MostPhasePairs)
        {
            foreach (var from in ends)
            {
                foreach (var to in starts) Add(from, to);
            }
        }
        else
        {
            Abridged.Add((group, items[earlier[0]].Phase!.Number, items[later[0]].Phase!.Number));
            foreach (var from in ends) Add(from, later[0]);
            foreach (var to in starts) Add(earlier[^1], to);
        }

        void Add(int from, int to) => found.Add(from, to, DependencyType.Sequential, isHard, isHard ? Phases : 0.7, isStated: false, reason, Both(from, to, Phases));
    }

    private Evidence[] Both(int from, int to, double confidence) =>
        [quotes.Of(items[from], confidence, $"{ids[from]} stands here."), quotes.Of(items[to], confidence, $"{ids[to]} stands behind it.")];
}
