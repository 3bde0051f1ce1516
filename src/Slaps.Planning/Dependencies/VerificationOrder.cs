using System.Text.RegularExpressions;
using Slaps.Core.Plans;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Dependencies;

/// <summary>
/// What looks at work, measures it, describes it or hands it over comes after it: after the requirements that it names by their ids, after
/// the work with which it shares rare words, else after what its feature or its document builds. The rules before this one are surer:
/// it speaks only of what still waits for nothing.
/// </summary>
internal sealed partial class VerificationOrder(IReadOnlyList<WorkItem> items, IReadOnlyList<TaskId> ids, SourceQuotes quotes, FoundDependencies found)
{
    // Above so many pairs in one document, the last of each feature stands for all of it.
    private const int MostPairs = 2_000;

    private const int MostMatches = 6;
    private const int LongestText = 3_000;

    private const double Named = 0.85, Alike = 0.8, Whole = 0.72;

    public void Read()
    {
        foreach (var document in Enumerable.Range(0, items.Count).GroupBy(i => items[i].Sources[0].File, StringComparer.Ordinal)) Read([.. document]);
    }

    private void Read(List<int> members)
    {
        var built = members.Where(IsBuilt).ToList();
        if (built.Count == 0) return;
        var later = members.Where(i => !IsBuilt(i) && Looks(i) && !found.HoldsBack(i)).ToList();
        if (later.Count == 0) return;

        var wordsOf = built.ToDictionary(i => i, i => ItemReferences.ContentWords(items[i].Title));
        var speakers = wordsOf.SelectMany(w => w.Value.Select(word => (word, w.Key))).Where(w => w.word.Length > 3 && !Quantity().IsMatch(w.word)).GroupBy(w => w.word, w => w.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.ToList(), StringComparer.Ordinal);
        var rare = Math.Max(2, built.Count / 6);
        var isMostlyDocs = members.Count(i => items[i].Layer == WorkLayer.Docs) * 3 > built.Count;
        var ends = (long)built.Count * later.Count <= MostPairs ? built : [.. built.GroupBy(i => items[i].Feature).Select(g => g.Last())];
        var ofFeature = built.GroupBy(i => items[i].Feature).ToDictionary(g => g.Key, g => (long)built.Count * later.Count <= MostPairs ? g.ToList() : [g.Last()]);
        foreach (var to in later)
        {
            if (ById(to, built) || Matching(to, wordsOf, speakers, rare)) continue;
            if (items[to].Layer == WorkLayer.Docs && (isMostlyDocs || !Overall().IsMatch(items[to].Title))) continue;
            if (IsQuality(items[to]) && !OfAll().IsMatch(items[to].Text)) continue;
            var own = ofFeature.GetValueOrDefault(items[to].Feature, []);
            if (own.Count > 0 && items[to].Closes != Closing.Document && !IsQuality(items[to])) After(own, to, Alike, "its feature");
            else After(ends, to, Whole, "its document");
        }
    }

    // What is built: the ground of tests belongs to it, qualities of the whole do not.
    private bool IsBuilt(int i) =>
        items[i] is { Closes: Closing.Nothing, Layer: WorkLayer.Schema or WorkLayer.Code } && !IsQuality(items[i]) && !HandsOver().IsMatch(items[i].Title);

    private bool Looks(int i)
    {
        var item = items[i];
        if (LayerOrder.IsTestFirst(item) || Beforehand().IsMatch(item.Title)) return false;
        return item.Closes != Closing.Nothing || item.Layer is WorkLayer.Tests or WorkLayer.Docs || IsQuality(item) || HandsOver().IsMatch(item.Title);
    }

    // "NFR-003: p95 below 200 ms" is a property of what the others build.
    private static bool IsQuality(WorkItem item) => item.HeadingPath.Count > 0 && QualityHeading().IsMatch(item.HeadingPath[^1]);

    private bool ById(int to, List<int> built)
    {
        var named = built.Where(i => items[i].Ids.Any(id => items[to].MentionedIds.Contains(id, StringComparer.OrdinalIgnoreCase))).ToList();
        foreach (var from in named)
        {
            var id = items[from].Ids.First(own => items[to].MentionedIds.Contains(own, StringComparer.OrdinalIgnoreCase));
            var line = items[to].Text.Split('\n').FirstOrDefault(l => l.Contains(id, StringComparison.OrdinalIgnoreCase)) ?? items[to].Title;
            found.Add(
                from, to, DependencyType.Technical, isHard: true, Named, isStated: false, $"{ids[to]} looks at {id}, which is {ids[from]}.",
                quotes.Of(items[from], Named, "It is built here."), quotes.Of(items[to], line, Named, $"It names {id}."));
        }

        return named.Count > 0;
    }

    private bool Matching(int to, Dictionary<int, List<string>> wordsOf, Dictionary<string, List<int>> speakers, int rare)
    {
        var text = items[to].Title + "\n" + items[to].Text;
        var shares = new SortedDictionary<int, List<string>>();
        foreach (var word in ItemReferences.AllContentWords(text.Length > LongestText ? text[..LongestText] : text))
        {
            foreach (var i in speakers.TryGetValue(word, out var by) && by.Count <= rare ? by : []) (shares.TryGetValue(i, out var there) ? there : shares[i] = []).Add(word);
        }

        var matches = shares
            .Select(s => (Item: s.Key, Shared: wordsOf[s.Key].Where(s.Value.Contains).ToList()))
            .Where(m => m.Shared.Count > 2 || (m.Shared.Count == 2 && (wordsOf[m.Item].Count <= 4 || AreTogether(m.Item, m.Shared) || (IsQuality(items[to]) && AreTogether(to, m.Shared)))))
            .OrderByDescending(m => m.Shared.Count).ThenBy(m => m.Item).Take(MostMatches).ToList();
        foreach (var (from, shared) in matches)
        {
            found.Add(
                from, to, DependencyType.Technical, isHard: true, Alike, isStated: false, $"{ids[to]} looks at what {ids[from]} builds: both speak of '{string.Join("', '", shared.Take(3))}'.",
                quotes.Of(items[from], Alike, "It is built here."), quotes.Of(items[to], Alike, "It is looked at here."));
        }

        return matches.Count > 0;
    }

    // "session" and "store" of "the session store" name one thing; far apart they are two words that both happen to say.
    private bool AreTogether(int item, List<string> shared)
    {
        var words = ItemReferences.ContentWords(items[item].Title);
        return words.IndexOf(shared[0]) is var first && words.IndexOf(shared[1]) is var second && first >= 0 && second >= 0 && Math.Abs(first - second) == 1;
    }

    private void After(List<int> before, int to, double confidence, string where)
    {
        foreach (var from in before)
        {
            found.Add(
                from, to, DependencyType.Sequential, isHard: true, confidence, isStated: false, $"{ids[to]} looks at the work of {where} or hands it over, and names no part of it: {ids[from]} comes before it.",
                quotes.Of(items[from], confidence, "It is built here."), quotes.Of(items[to], confidence, "It comes after what is built."));
        }
    }

    [GeneratedRegex(@"\b(?:non-?functional|quality|performance|reliability|scalability|usability)\b.{0,20}\b(?:requirements?|attributes?|goals?|targets?)\b|^(?:\d[\d.]*\s+)?non-?functional\b|\bNFRs?\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex QualityHeading();

    // What all of it has to keep can be shown only when all of it is there; any other quality belongs to the work that it names.
    [GeneratedRegex(@"\b(?:all|every|whole|entire|full suite|new code|coverage|regress\w*|end-to-end|overall|existing tests?|test suite|zero|100\s?%)", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex OfAll();

    [GeneratedRegex(@"^(?:least|most|than|when|more|less|only|must|without|within|under|over|same|also|exactly|during|after|before|provid|support|ensur|user|system|includ|allow|requir|existing|default)$", RegexOptions.NonBacktracking)]
    private static partial Regex Quantity();

    [GeneratedRegex(@"\b(?:readme|documentation|docs|changelog|user guides?|release notes|migration (?:guide|notes?)|runbooks?|manual)\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Overall();

    [GeneratedRegex(@"^(?:release|ship|launch|announce|roll out|publish)\b|^deploy\b.{0,40}\b(?:production|prod|users|everyone)\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex HandsOver();

    // The ground of tests, and what is measured or pinned before anything changes.
    [GeneratedRegex(@"\b(?:fixtures?|harness|baseline|characteri[sz]ation|golden|test (?:infrastructure|runners?|environments?|framework|helpers?|utilities|data))\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Beforehand();
}
