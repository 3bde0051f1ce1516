using System.Text.RegularExpressions;
using Slaps.Core.Plans;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Dependencies;

/// <summary>
/// What the text wants before everything else, wherever it says so, also in a constraint: "the harness must come first", "characterization
/// tests before any refactoring". It counts only where the words name one item alone.
/// </summary>
internal sealed partial class FirstOrder(IReadOnlyList<WorkItem> items, IReadOnlyList<TaskId> ids, SourceQuotes quotes, FoundDependencies found)
{
    private const int LongestLine = 1_000;
    private const int MostFirst = 3;
    private const int MostPrerequisites = 8;

    // One word of a title is enough only where it stands in no other.
    private const int FewestLetters = 5;

    private const double Sure = 0.85;

    public void Read(IReadOnlyDictionary<string, IReadOnlyList<string>> sources)
    {
        foreach (var (file, lines) in sources.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            var members = Enumerable.Range(0, items.Count).Where(i => items[i].Sources[0].File == file).ToList();
            if (members.Count < 3) continue;
            var words = members.ToDictionary(i => i, i => ItemReferences.AllContentWords(items[i].Title));
            var first = new Dictionary<int, (int Line, string Words)>();
            for (var n = 1; n <= lines.Count && first.Count < MostFirst; n++)
            {
                var line = lines[n - 1];
                if (line.Length is < 10 or > LongestLine) continue;
                var plain = Reading.Words.Plain(line.TrimStart(' ', '-', '*', '+', '>', '#'));
                foreach (var sentence in Reading.Words.Sentences(plain))
                {
                    if (Wanted(sentence) is { } what && Named(what, members, words, n) is >= 0 and var item) first.TryAdd(item, (n, sentence));
                }
            }

            Prerequisites(members);
            foreach (var (item, said) in first.OrderBy(f => f.Key)) Before(item, said.Line, members, [.. first.Keys], file);
        }
    }

    private void Before(int first, int line, List<int> members, HashSet<int> others, string file)
    {
        foreach (var i in members.Where(i => !others.Contains(i) && items[i].Layer != WorkLayer.Spike))
        {
            found.Add(
                first, i, DependencyType.Sequential, isHard: true, Sure, isStated: false, $"The text wants {ids[first]} before everything else.",
                quotes.Quote(file, line, line, Sure, $"It puts {ids[first]} first."), quotes.Of(items[i], Sure, "It belongs to the rest."));
        }
    }

    // What stands below "Prerequisite testing updates" comes before the work that has it for a prerequisite.
    private void Prerequisites(List<int> members)
    {
        var first = members.Where(IsPrerequisite).Take(MostPrerequisites).ToList();
        if (first.Count == 0) return;
        var rest = members.Where(i => !IsPrerequisite(i) && items[i].Layer != WorkLayer.Spike).ToList();
        foreach (var item in first)
        {
            var heading = items[item].HeadingPath.First(Prerequisite().IsMatch);
            foreach (var i in rest)
            {
                found.Add(
                    item, i, DependencyType.Sequential, isHard: true, Sure, isStated: false, $"{ids[item]} stands below {Identifiers.Quote(heading)}, so that it comes before {ids[i]}.",
                    quotes.Of(items[item], Sure, "It is called a prerequisite."), quotes.Of(items[i], Sure, "It belongs to the rest."));
            }
        }
    }

    private bool IsPrerequisite(int item) => LayerOrder.IsPrerequisite(items[item]);

    private static string? Wanted(string sentence)
    {
        var match = ComesFirst().Match(sentence);
        if (!match.Success) match = DoFirst().Match(sentence);
        if (!match.Success) match = BeforeAny().Match(sentence);
        if (!match.Success || Doubt().IsMatch(match.Value)) return null;

        // "The report MUST be reproduced before any change" says how one requirement is met, and names no work.
        var what = match.Groups["what"].Value;
        return Binding().IsMatch(what) ? null : what;
    }

    // All words of the phrase, or a single long one of it, in the title of one item and no other; or the item on whose line it stands.
    private int Named(string phrase, List<int> members, Dictionary<int, HashSet<string>> words, int line)
    {
        var wanted = ItemReferences.ContentWords(phrase).Where(word => !Filler().IsMatch(word)).ToList();
        if (wanted.Count > 0)
        {
            var all = members.Where(i => wanted.TrueForAll(words[i].Contains)).Take(2).ToList();
            if (all is [var only]) return only;
            foreach (var word in all.Count > 0 ? [] : wanted.Where(w => w.Length >= FewestLetters).Reverse())
            {
                if (members.Where(i => words[i].Contains(word)).Take(2).ToList() is [var one]) return one;
            }
        }

        var own = members.Where(i => items[i].Sources[0].First <= line && line <= items[i].Sources[0].Last).Take(2).ToList();
        return own is [var at] && items[at].Sources[0].Last - items[at].Sources[0].First < 6 && wanted.Count <= 1 ? at : -1;
    }

    [GeneratedRegex(@"^(?<what>[^.;:]{3,90}?)\s+(?:(?:must|should|shall|has to|have to|needs? to|will)\s+(?:always\s+)?(?:come|go|land|be\s+(?:done|built|written|implemented|completed|in\s+place|merged|landed|created|delivered))\s+first\b|(?:comes?|goes|lands?)\s+first\b(?!\s+in\b)|FIRST\b)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex ComesFirst();

    [GeneratedRegex(@"^(?:start (?:with|by)|begin (?:with|by)|first,?\s+(?:build|write|create|implement|set up|add|land)|(?:build|write|create|implement|set up|land)(?=[^.;:]{3,70}\s(?:first|FIRST)\b))\s+(?:(?:building|writing|creating|implementing|setting up)\s+)?(?<what>[^.;:,]{3,70}?)(?:\s+(?:first|FIRST)\b|[.;:,]|$)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex DoFirst();

    [GeneratedRegex(@"(?<what>[^.;:]{3,90}?)\s+(?:must\s+|should\s+|has\s+to\s+)?(?:be\s+(?:done|built|written|in\s+place|merged|landed|green|created)\s+|exists?\s+|lands?\s+|comes?\s+)?before\s+(?:any|all|every)\s+(?:other\s+)?(?:code|implementation|production (?:code|change)|refactor\w*|extraction|feature (?:work|code)|tasks?|work|thing|other)\b(?!\s+(?:is|are)\s+(?:run|dispatched|claimed|started|executed))", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex BeforeAny();

    [GeneratedRegex(@"\b(?:not|never|if|when|whether|which|user|users|system (?:must|shall|should))\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Doubt();

    [GeneratedRegex(LayerOrder.PrerequisiteHeading, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Prerequisite();

    [GeneratedRegex(@"\b(?:must|shall|should|may|can|is|are|was|were)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Binding();

    [GeneratedRegex(@"^(?:must|first|before|should|always|everyth|every|anyth|code|constraint|not|only|order|rule|it|this)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Filler();
}
