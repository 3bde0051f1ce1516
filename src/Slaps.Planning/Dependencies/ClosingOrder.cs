using Slaps.Core.Plans;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Dependencies;

/// <summary>
/// Going through criteria, stories and stages shows that work is done, so it waits for that work: for the rest of its feature, or for what
/// is built in its document. Tests of a test plan wait for what they test, unless the text wants them first.
/// </summary>
internal sealed class ClosingOrder(IReadOnlyList<WorkItem> items, IReadOnlyList<TaskId> ids, SourceQuotes quotes, FoundDependencies found)
{
    // Above so many pairs in one document, the last of each feature stands for all of it.
    private const int MostPairs = 2_000;

    // A plan of tests for so few pieces of work tests all of them; for more, each test belongs to the one that it speaks of.
    private const int MostTested = 12;

    private const int MostSharers = 12;

    private const double Gone = 0.8, Tested = 0.8;

    public void Read()
    {
        foreach (var document in Enumerable.Range(0, items.Count).GroupBy(i => items[i].Sources[0].File, StringComparer.Ordinal))
        {
            var members = document.ToList();
            var built = members.Where(i => items[i] is { Closes: Closing.Nothing, Layer: WorkLayer.Schema or WorkLayer.Code }).ToList();
            if (built.Count == 0) continue;
            foreach (var feature in members.GroupBy(i => items[i].Feature))
            {
                var own = feature.Where(built.Contains).ToList();
                foreach (var to in feature.Where(i => items[i].Closes == Closing.Feature)) After(own, to, "It goes through what its feature asks for, which has to be there by then");
            }

            var last = members.Where(i => items[i].Closes == Closing.Document).ToList();
            var before = (long)built.Count * last.Count <= MostPairs ? built : [.. built.GroupBy(i => items[i].Feature).Select(g => g.Last())];
            foreach (var to in last) After(before, to, "It goes through what the whole document asks for, which has to be there by then");
            Tests(built, [.. members.Where(i => items[i].Closes == Closing.Tested && !LayerOrder.IsTestFirst(items[i]))]);
        }
    }

    private void After(List<int> before, int to, string why)
    {
        foreach (var from in before.Where(from => from != to))
        {
            found.Add(
                from, to, DependencyType.Sequential, isHard: true, Gone, isStated: false, $"{why}: {ids[from]} comes before {ids[to]}.",
                quotes.Of(items[from], Gone, "It is built here."), quotes.Of(items[to], Gone, "It is gone through here."));
        }
    }

    private void Tests(List<int> built, List<int> tests)
    {
        if (tests.Count == 0) return;
        var words = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        foreach (var i in built)
        {
            foreach (var word in ItemReferences.ContentWords(items[i].Title).Distinct(StringComparer.Ordinal)) (words.TryGetValue(word, out var there) ? there : words[word] = []).Add(i);
        }

        foreach (var test in tests)
        {
            var tested = built;
            if (built.Count > MostTested)
            {
                var scores = new SortedDictionary<int, int>();
                foreach (var word in ItemReferences.ContentWords(items[test].Title).Distinct(StringComparer.Ordinal))
                {
                    foreach (var i in words.TryGetValue(word, out var there) && there.Count <= MostSharers ? there : []) scores[i] = scores.GetValueOrDefault(i) + 1;
                }

                tested = [.. scores.Where(s => s.Value >= 2).OrderByDescending(s => s.Value).ThenBy(s => s.Key).Take(1).Select(s => s.Key)];
            }

            foreach (var from in tested)
            {
                found.Add(
                    from, test, DependencyType.Technical, isHard: true, Tested, isStated: false, $"{ids[test]} stands in the test plan, and {ids[from]} is what is tested.",
                    quotes.Of(items[from], Tested, "It is built here."), quotes.Of(items[test], Tested, "It is tested here."));
            }
        }
    }
}
