using System.Text.RegularExpressions;
using Slaps.Core.Plans;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Dependencies;

/// <summary>
/// Who makes a thing comes before who uses it, where the words call it by one name: "Add a session store" makes what "tokens are kept in
/// the session store" uses. Only the name as a whole counts, and only where one item makes it; a name that half of the text speaks of is
/// its subject and orders nothing.
/// </summary>
internal sealed partial class NamedOrder(IReadOnlyList<WorkItem> items, IReadOnlyList<TaskId> ids, SourceQuotes quotes, FoundDependencies found)
{
    private const int LongestName = 4;
    private const int MostWordsOfItem = 4_000;
    private const int LongestSentence = 1_000;

    // What more items use is the subject of the text.
    private const int FewUsers = 6;

    private const double Used = 0.85, Spoken = 0.8;

    private static readonly HashSet<string> Determiners = Set("the this that these those its their our each every all any both");

    private static readonly HashSet<string> Cues = Set("using use uses via from through against in into within with by per on onto over under of inside reuse reuses call calls invoke invokes consume consumes read reads load loads query queries extend extends wrap wraps to");

    private static readonly HashSet<string> Newness = Set("a an new another separate");

    private static readonly HashSet<string> Doubts = Set("no not never without instead existing current legacy old unlike non");

    private static readonly HashSet<string> Modals = Set("must shall should will is are has have can cannot may");

    // What may follow a noun that is no part of a longer name: "the inventory to …", and not "the inventory report".
    private static readonly HashSet<string> Ends = new(["", .. "to of for in on at by with from and or is are was must shall should will can has have as that which when before after so via using then if per".Split(' ')], StringComparer.Ordinal);

    // Words that begin a phrase and say nothing of what it names.
    private static readonly HashSet<string> Light = Set("a an the new single explicit deterministic authoritative optional basic simple proper full complete dedicated initial minimal robust comprehensive standard stable small existing all any each every both first one two three its their our more");

    // Heads that name no thing of its own: everybody speaks of "error handling" and nobody waits for it.
    private static readonly HashSet<string> Vague = Set(
        "support functionality functionalitie capability capabilitie handling management behavior behaviour system systems feature features requirement requirements implementation user users experience process processes option options way ways " +
        "thing things case cases change changes work task tasks item items file files code project team time value values name names data information number numbers list lists text field fields path paths result results error errors " +
        "state status output input context detail details example examples version versions step steps page pages message messages type types mode action actions access performance security quality consistency coverage compliance " +
        "criteria criterion dependency dependencies condition conditions analysis reporting authority integration development design test tests testing documentation docs request requests response responses operation operations content line lines object objects set sets group groups flow flows logic rule rules part parts point points section sections");

    private readonly record struct Use(int User, string Sentence, string Said, bool IsSure);

    public void Read()
    {
        foreach (var document in Enumerable.Range(0, items.Count).GroupBy(i => items[i].Sources[0].File, StringComparer.Ordinal)) Read([.. document]);
    }

    private void Read(List<int> members)
    {
        var makers = new Dictionary<string, int>(StringComparer.Ordinal);
        var heads = new Dictionary<string, int>(StringComparer.Ordinal);
        var making = members.Where(i => items[i] is { Closes: Closing.Nothing, Layer: not (WorkLayer.Tests or WorkLayer.Docs or WorkLayer.Spike) }).ToList();
        foreach (var i in making)
        {
            foreach (var name in NamesIn(Makes(), items[i].Title))
            {
                // Two makers of one name: nobody knows which of them is meant.
                for (var from = 0; from + 1 < name.Count; from++) Put(makers, string.Join(' ', name.Skip(from)), i);
                Put(heads, name[^1], i);
            }
        }

        // "Make each card show the name": the first who says what is on it makes the card, and the others add to it.
        foreach (var i in making)
        {
            foreach (var name in NamesIn(Shows(), items[i].Title).Where(name => name.Count > 1)) makers.TryAdd(string.Join(' ', name), i);
        }

        if (makers.Count + heads.Count == 0) return;
        var uses = new SortedDictionary<string, List<Use>>(StringComparer.Ordinal);
        var said = new Dictionary<string, HashSet<int>>(StringComparer.Ordinal);
        foreach (var i in members) UsesIn(i, makers, heads, uses, said);
        var most = Math.Max(FewUsers, members.Count / 4);
        foreach (var (name, by) in uses)
        {
            var isName = name.Contains(' ', StringComparison.Ordinal);
            var maker = isName ? makers[name] : heads[name];
            var users = by.Where(use => use.User != maker).ToList();
            if (users.Select(use => use.User).Distinct().Count() > most || (!isName && said[name].Count > FewUsers)) continue;
            foreach (var use in users) Add(maker, use, isName);
        }
    }

    private static void Put(Dictionary<string, int> makers, string name, int item) => makers[name] = makers.TryGetValue(name, out var other) && other != item ? -1 : item;

    private void Add(int maker, Use use, bool isName)
    {
        var user = use.User;
        if (maker < 0 || items[user].Layer == WorkLayer.Spike || LayerOrder.IsTestFirst(items[user])) return;
        var isLater = items[maker].Order < items[user].Order;
        var looks = items[user].Layer is WorkLayer.Tests or WorkLayer.Docs || items[user].Closes != Closing.Nothing;

        // One word alone names something only beside the place where it is made.
        if (!isName && !(isLater && use.IsSure && items[maker].HeadingPath.Count > 0 && items[maker].HeadingPath.SequenceEqual(items[user].HeadingPath))) return;
        // Who stands earlier and tells much gives an overview of the parts that follow, and does not wait for them.
        var isHard = (use.IsSure || looks) && (isLater || looks || (isName && items[user].Sources[0].First == items[user].Sources[0].Last)) && !(items[user].Layer == WorkLayer.Schema && items[maker].Layer != WorkLayer.Schema);
        var confidence = isHard && isName ? Used : Spoken;
        found.Add(
            maker, user, DependencyType.Technical, isHard, confidence, isStated: false,
            isHard ? $"{ids[maker]} makes what {ids[user]} uses: the words of both name it ({Identifiers.Quote(use.Said)})." : $"{ids[user]} speaks of what {ids[maker]} makes ({Identifiers.Quote(use.Said)}); nothing says that it has to be there first.",
            quotes.Of(items[maker], confidence, "It is made here."), quotes.Of(items[user], use.Sentence, confidence, "It is named here."));
    }

    // --- What a title makes ---

    // The names of the things that a title says are made, each as stems of its words: "session store" of "Add a session store to the server".
    private static IEnumerable<List<string>> NamesIn(Regex pattern, string title)
    {
        if (pattern.Match(Brackets().Replace(title, " ")) is not { Success: true } made) yield break;
        foreach (var phrase in And().Split(made.Groups["what"].Value))
        {
            var words = Word().Matches(phrase).Select(m => m.Value).ToList();
            while (words.Count > 0 && Light.Contains(words[0].ToLowerInvariant())) words.RemoveAt(0);
            if (words.Count is 0 or > LongestName) continue;
            var head = words[^1].ToLowerInvariant();
            if (Vague.Contains(head) || head.Length < 3 || !head.Any(char.IsLetter)) continue;
            yield return [.. words.Select(Stem)];
        }
    }

    private static string Stem(string word) => ItemReferences.Stem(word.ToLowerInvariant());

    // --- Where it is used ---

    private void UsesIn(int item, Dictionary<string, int> makers, Dictionary<string, int> heads, SortedDictionary<string, List<Use>> uses, Dictionary<string, HashSet<int>> said)
    {
        var budget = MostWordsOfItem;
        var lines = items[item].Text.Split('\n').Concat(items[item].Criteria.Select(c => c.Text)).Distinct(StringComparer.Ordinal);
        foreach (var sentence in lines.SelectMany(Reading.Words.Sentences).Where(s => s.Length <= LongestSentence))
        {
            var words = Word().Matches(sentence).Select(m => m.Value.ToLowerInvariant()).ToList();
            if ((budget -= words.Count) < 0) return;
            var stems = words.ConvertAll(ItemReferences.Stem);
            for (var at = 0; at < stems.Count; at++)
            {
                if (heads.ContainsKey(stems[at])) (said.TryGetValue(stems[at], out var there) ? there : said[stems[at]] = []).Add(item);
                var length = Math.Min(LongestName, stems.Count - at);
                while (length > 1 && !makers.ContainsKey(string.Join(' ', stems.Skip(at).Take(length)))) length--;
                if (length == 1 && !heads.ContainsKey(stems[at])) continue;

                var name = string.Join(' ', stems.Skip(at).Take(length));
                var before = words.Take(at).TakeLast(3).ToList();
                if (before.Exists(Doubts.Contains) || (length == 1 && (before.Count == 0 || before[^1] != "the" || !Ends.Contains(words.Skip(at + 1).FirstOrDefault(""))))) continue;
                (uses.TryGetValue(name, out var users) ? users : uses[name] = []).Add(new Use(item, sentence, string.Join(' ', words.Skip(at).Take(length)), IsUsed(before, words.Skip(at + length).FirstOrDefault(""))));
                at += length - 1;
            }
        }
    }

    // "through the session store", "The session store must …": it is there by then. "A new session store", "session store" alone: perhaps not.
    private static bool IsUsed(List<string> before, string after)
    {
        if (before.Exists(Cues.Contains) && !before.Contains("new")) return true;
        if (before.Exists(Newness.Contains) || before.Contains("when") || before.Contains("if")) return false;
        return before.Exists(Determiners.Contains) || Modals.Contains(after);
    }

    private static HashSet<string> Set(string words) => new(words.Split(' '), StringComparer.Ordinal);

    private const string End = @"(?=$|[,;:.(—–]|\s(?:of|for|in|on|to|with|from|by|at|as|that|which|who|whose|when|where|while|if|so|using|via|through|into|over|under|per|within|without|across|between|against|must|shall|should|is|are|has|have|can|based|including|covering)\b)";

    [GeneratedRegex(@"^(?:define|implement|add|create|introduce|build|write|provide|generate|expose|design|maintain|establish|extract|emit|produce|support|set up|offer|publish|develop|scaffold|install)\s+(?<what>.{3,120}?)" + End, RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Makes();

    [GeneratedRegex(@"^make\s+(?:the |each |every |an? |all )?(?<what>\S+(?:\s\S+){0,3}?)\s+(?:show|display|include|contain|have|list|consist|offer|provide|expose|hold|store)\b", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Shows();

    [GeneratedRegex(@"\s*\([^()]{1,100}\)\s*", RegexOptions.NonBacktracking)]
    private static partial Regex Brackets();

    [GeneratedRegex(@"\s+(?:and|or|&)\s+|/", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex And();

    [GeneratedRegex(@"[\p{L}\p{N}_]+", RegexOptions.NonBacktracking)]
    private static partial Regex Word();
}
