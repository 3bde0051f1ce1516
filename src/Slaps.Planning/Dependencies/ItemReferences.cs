using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Dependencies;

/// <summary>How surely some words name an item.</summary>
internal enum ReferenceQuality
{
    /// <summary>Most of the words are in its title, and in no other.</summary>
    Words,

    /// <summary>A heading that it stands under.</summary>
    Heading,

    /// <summary>All of the words are in its title.</summary>
    Title,

    /// <summary>Its id, its number, or a file or name that it alone makes.</summary>
    Id,
}

/// <summary>Items that some words name.</summary>
internal readonly record struct Reference(IReadOnlyList<int> Items, ReferenceQuality Quality);

/// <summary>Finds the items that a phrase names, by ids, numbers, headings, made things and the words of titles. Each look-up costs about the length of the phrase.</summary>
internal sealed partial class ItemReferences
{
    // A word in more titles than this tells nobody which item is meant.
    private const int MostPostings = 64;

    private const int MostWords = 12;
    private const int LongestRange = 60;

    private static readonly HashSet<string> Empty = new(StringComparer.Ordinal)
    {
        "a", "an", "the", "of", "to", "in", "on", "for", "and", "or", "with", "from", "by", "at", "as", "all", "any", "each", "every", "both", "this", "that", "these", "those",
        "its", "it", "their", "our", "your", "is", "are", "be", "been", "being", "was", "were", "has", "have", "had", "will", "must", "should", "can", "may", "task", "tasks",
        "step", "steps", "work", "item", "items", "feature", "features", "section", "phase", "part", "story", "complete", "completed", "completion", "done", "finish", "finished",
        "ready", "available", "implement", "implemented", "implementation", "add", "create", "write", "build", "make", "new", "first", "other", "above", "previous", "see", "up", "into",
    };

    private readonly IReadOnlyList<WorkItem> _items;
    private readonly Dictionary<string, List<int>> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<int>> _headings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<int>> _headingNumbers = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, int), List<int>> _steps = [];
    private readonly Dictionary<(string, int), List<int>> _phases = [];
    private readonly Dictionary<string, List<int>> _words = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<int>> _made = new(StringComparer.Ordinal);
    private readonly HashSet<string>[] _titles;

    // What each title's verb acts on, as one word: "schema" of "Add the database schema to the server".
    private readonly string[] _heads;
    private readonly string? _onlyPhases;
    private readonly string? _onlySteps;

    public ItemReferences(IReadOnlyList<WorkItem> items)
    {
        _items = items;
        _titles = new HashSet<string>[items.Count];
        _heads = new string[items.Count];
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i];
            foreach (var id in item.Ids) Put(_ids, Canonical(id), i);
            foreach (var marker in item.Markers.Where(m => m.Length > 1)) Put(_ids, Canonical(marker), i);
            if (item.Step is { } step) Put(_steps, (step.List, step.Number), i);
            if (item.Phase is { } phase) Put(_phases, (phase.Group, phase.Number), i);
            foreach (var thing in NamedFiles.Made(item)) Put(_made, Thing(thing), i);
            foreach (var heading in item.HeadingPath)
            {
                if (ContentWords(WithoutNumber(heading)) is { Count: > 0 } words) Put(_headings, string.Join(' ', words), i);
                if (HeadingNumber().Match(heading) is { Success: true } number) Put(_headingNumbers, Kind(number.Groups["kind"].Value) + number.Groups["number"].Value.TrimEnd('.').ToUpperInvariant(), i);
            }

            _titles[i] = [.. ContentWords(item.Title)];
            _heads[i] = ContentWords(Acted().Match(item.Title).Groups["what"].Value).LastOrDefault("");
            foreach (var word in _titles[i]) Put(_words, word, i);
        }

        var groups = _phases.Keys.Select(k => k.Item1).Distinct(StringComparer.Ordinal).Take(2).ToList();
        _onlyPhases = groups.Count == 1 ? groups[0] : null;
        var lists = _steps.Keys.Select(k => k.Item1).Distinct(StringComparer.Ordinal).Take(2).ToList();
        _onlySteps = lists.Count == 1 ? lists[0] : null;
    }

    /// <summary>The items of an id, e.g. <c>FR-2</c> for one that is written <c>FR-002</c>; empty when nobody has it.</summary>
    public IReadOnlyList<int> ById(string id) => _ids.GetValueOrDefault(Canonical(id), []);

    /// <summary>The item that a phrase begins with by its id, so that a sentence about somebody else is not taken for the item's own; -1: it begins with none.</summary>
    public int Subject(string phrase) =>
        Id().Match(phrase.TrimStart(' ', '-', '*', '(', '[')) is { Success: true, Index: 0 } match && ById(match.Value) is [var only] ? only : -1;

    /// <summary>The items that a phrase names; several where it is a list.</summary>
    /// <param name="phrase">Without the words that told that it names something.</param>
    /// <param name="subject">The item whose words these are; -1: nobody's.</param>
    /// <param name="isStrict">Whether the words around are so common that only a sure reference counts.</param>
    public List<Reference> Resolve(string phrase, int subject, bool isStrict)
    {
        var found = new List<Reference>();
        var isFirst = true;
        if (subject >= 0 && !isStrict | phrase.Contains(' ') && Whole(phrase, subject, isStrict) is { } whole && !Id().IsMatch(phrase)) return [whole];
        foreach (var chunk in Separator().Split(phrase))
        {
            if (string.IsNullOrWhiteSpace(chunk)) continue;
            if (One(chunk, subject, isStrict || !isFirst) is not { Count: > 0 } references) break;
            found.AddRange(references);
            isFirst = false;
        }

        return found;
    }

    /// <summary>
    /// The item that does what a phrase tells as going on: "adding the store" is what "Add a note store" does. Its verb has to be one of
    /// building, its head noun has to be the same, and no other item may do so.
    /// </summary>
    /// <param name="phrase">Without the word of order before it.</param>
    /// <param name="subject">The item whose words these are.</param>
    public Reference? ByAct(string phrase, int subject)
    {
        if (subject < 0 || !WorkVerb().IsMatch(_items[subject].Title) || Act().Match(phrase) is not { Success: true } act) return null;
        if (ContentWords(act.Groups["what"].Value) is not { Count: > 0 } words) return null;
        var doers = Enumerable.Range(0, _items.Count).Where(i => i != subject && _heads[i] == words[^1] && BuildVerb().IsMatch(_items[i].Title) && _items[i].Sources[0].File == _items[subject].Sources[0].File && words.TrueForAll(_titles[i].Contains)).Take(2).ToList();
        return doers is [var only] ? new Reference([only], ReferenceQuality.Words) : null;
    }

    /// <summary>
    /// The item that builds what a phrase names in one word: "the store" is what "Add the store" builds. It has to be the head noun of
    /// what exactly one title builds, or the name of a file that exactly one item makes.
    /// </summary>
    /// <param name="phrase">Nothing but an article and the word.</param>
    /// <param name="subject">The item that waits, which is not meant; -1: nobody's.</param>
    public Reference? Built(string phrase, int subject)
    {
        if (OneThing().Match(phrase.Trim()) is not { Success: true } thing || ContentWords(thing.Groups["what"].Value) is not [{ Length: > 2 } word]) return null;
        var builders = Enumerable.Range(0, _items.Count).Where(i => i != subject && _heads[i] == word && BuildVerb().IsMatch(_items[i].Title)).Take(2).ToList();
        if (builders.Count == 0) builders = [.. Enumerable.Range(0, _items.Count).Where(i => i != subject && NamedFiles.Made(_items[i]).Exists(made => Mentions.PathOf(made) is not null && Stem(Path.GetFileNameWithoutExtension(made).ToLowerInvariant()) == word)).Take(2)];
        return builders is [var only] ? new Reference([only], ReferenceQuality.Words) : null;
    }

    /// <summary>Whether a phrase is nothing but an article and a word.</summary>
    public static bool IsOneThing(string phrase) => OneThing().IsMatch(phrase.Trim());

    private List<Reference> One(string chunk, int subject, bool isStrict)
    {
        var found = new List<Reference>();
        foreach (Match range in IdRange().Matches(chunk))
        {
            var from = int.Parse(range.Groups["from"].Value, CultureInfo.InvariantCulture);
            var to = int.Parse(range.Groups["to"].Value, CultureInfo.InvariantCulture);
            if (to <= from || to - from > LongestRange) continue;
            var items = Enumerable.Range(from, to - from + 1).SelectMany(n => ById(range.Groups["prefix"].Value + n)).Where(i => i != subject).Distinct().ToList();
            if (items.Count > 0) found.Add(new(items, ReferenceQuality.Id));
        }

        if (found.Count > 0) return found;
        foreach (Match id in Id().Matches(chunk))
        {
            if (ById(id.Value).Where(i => i != subject).ToList() is { Count: > 0 } items) found.Add(new(items, ReferenceQuality.Id));
        }

        if (found.Count > 0) return found;
        foreach (Match numbered in Numbered().Matches(chunk))
        {
            var number = numbered.Groups["number"].Value.TrimEnd('.');
            if (ByNumber(Kind(numbered.Groups["kind"].Value), number, subject) is { Count: > 0 } items) found.Add(new(items, ReferenceQuality.Id));
        }

        if (found.Count == 0 && Whole(chunk, subject, isStrict) is { } whole) found.Add(whole);
        return found;
    }

    private Reference? Whole(string phrase, int subject, bool isStrict)
    {
        foreach (Match thing in ThingLike().Matches(phrase))
        {
            if (_made.TryGetValue(Thing(thing.Value), out var makers) && makers is [var maker] && maker != subject) return new([maker], ReferenceQuality.Id);
        }

        var words = ContentWords(phrase);
        if (words.Count is 0 or > MostWords) return null;
        if (_headings.TryGetValue(string.Join(' ', words), out var below) && (words.Count > 1 || !isStrict))
        {
            var others = below.Where(i => i != subject).ToList();
            if (others.Count > 0 && !below.Contains(subject)) return new(others, ReferenceQuality.Heading);
        }

        return ByWords(words, subject, isStrict);
    }

    private Reference? ByWords(List<string> words, int subject, bool isStrict)
    {
        if (isStrict && words.Count < 2) return null;
        var known = words.Where(_words.ContainsKey).ToList();
        if (known.Count < words.Count && (isStrict || words.Count < 3 || known.Count * 4 < words.Count * 3)) return null;
        var rarest = known.MinBy(word => _words[word].Count);
        if (rarest is null || _words[rarest].Count > MostPostings) return null;

        (double Score, int Item) best = (0, -1), second = (0, -1);
        foreach (var item in _words[rarest])
        {
            if (item == subject) continue;
            var covered = known.Where(_titles[item].Contains).ToList();
            if (covered.Count < known.Count) continue;
            var score = covered.Sum(Weight) / Math.Max(1e-9, _titles[item].Sum(Weight));
            if (score > best.Score) (best, second) = ((score, item), best);
            else if (score > second.Score) second = (score, item);
        }

        if (best.Item < 0 || second.Score >= best.Score * 0.95) return null;
        if (isStrict && best.Score < 0.5) return null;
        if (words.Count == 1 && (words[0].Length < 4 || _words[rarest].Count(i => i != subject) > 1))
        {
            // "The API" is what "Write the API in src/api.py" makes, and not what "Write tests for the API" is about.
            var makers = _words[rarest].Where(i => i != subject && _heads[i] == words[0]).Take(2).ToList();
            return words[0].Length > 2 && makers is [var maker] ? new([maker], ReferenceQuality.Words) : null;
        }

        return new([best.Item], known.Count == words.Count && words.Count > 1 ? ReferenceQuality.Title : ReferenceQuality.Words);
    }

    private double Weight(string word) => Math.Log(1 + ((double)_items.Count / _words[word].Count));

    private List<int> ByNumber(string kind, string number, int subject)
    {
        var items = new List<int>();
        if (kind == "PHASE" && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var phase)
            && (subject >= 0 ? _items[subject].Phase?.Group ?? _onlyPhases : _onlyPhases) is { } group) items.AddRange(_phases.GetValueOrDefault((group, phase), []));
        if (kind == "STEP" && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var step)
            && (subject >= 0 ? _items[subject].Step?.List ?? _onlySteps : _onlySteps) is { } list) items.AddRange(_steps.GetValueOrDefault((list, step), []));
        if (items.Count == 0) items.AddRange(_headingNumbers.GetValueOrDefault(kind + number.ToUpperInvariant(), []));
        if (items.Count == 0)
        {
            string[] forms = kind switch
            {
                "TASK" => ["T" + number, "TASK" + number, number],
                "STORY" => ["US" + number],
                "PACKAGE" => ["WP" + number],
                "REQUIREMENT" => ["FR" + number, "R" + number, "REQ" + number, number],
                "MILESTONE" => ["M" + number],
                _ => [],
            };
            items.AddRange(forms.Select(form => ById(form)).FirstOrDefault(i => i.Count > 0) ?? []);
        }

        // Who stands inside of what is named does not wait for it.
        return items.Contains(subject) ? [] : items;
    }

    private static string Kind(string word) => word.ToLowerInvariant().TrimEnd('s') switch
    {
        "user story" or "storie" or "user storie" or "story" => "STORY",
        "work package" => "PACKAGE",
        "phase" or "stage" => "PHASE",
        "milestone" => "MILESTONE",
        var other => other.ToUpperInvariant(),
    };

    /// <summary>The words of a text that carry meaning, shortened to their stems, each once, in order.</summary>
    public static List<string> ContentWords(string text)
    {
        var words = new List<string>();
        foreach (Match match in Word().Matches(text))
        {
            var word = match.Value.ToLowerInvariant();
            if (Empty.Contains(word)) continue;
            word = Stem(word);
            if (word.Length > 1 && !Empty.Contains(word) && !words.Contains(word)) words.Add(word);
            if (words.Count > 40) break;
        }

        return words;
    }

    /// <summary>All words of a text that carry meaning, shortened to their stems.</summary>
    public static HashSet<string> AllContentWords(string text) =>
        [.. Word().Matches(text).Select(m => m.Value.ToLowerInvariant()).Where(w => !Empty.Contains(w)).Select(Stem).Where(w => w.Length > 1 && !Empty.Contains(w))];

    /// <summary>A word in lower case without its ending: just enough that "parsers", "parsing" and "parse" meet.</summary>
    public static string Stem(string word)
    {
        if (word.Length > 5 && word.EndsWith("ing", StringComparison.Ordinal)) word = word[..^3];
        else if (word.Length > 4 && word.EndsWith("ed", StringComparison.Ordinal)) word = word[..^2];
        else if (word.Length > 4 && word.EndsWith("ies", StringComparison.Ordinal)) word = word[..^3] + "y";
        else if (word.Length > 3 && word[^1] == 's' && word[^2] != 's') word = word[..^1];
        return word.Length > 4 && word[^1] == 'e' ? word[..^1] : word;
    }

    /// <summary>A path or name in the form in which two of them are the same.</summary>
    public static string Thing(string text)
    {
        var thing = text.Trim().Trim('`', '\'', '"', ',', ';', ':').TrimEnd('.');
        if (thing.EndsWith("()", StringComparison.Ordinal)) thing = thing[..^2];
        if (thing.StartsWith("./", StringComparison.Ordinal)) thing = thing[2..];
        return thing;
    }

    // FR-002, FR 2 and fr2 are one id.
    private static string Canonical(string id)
    {
        var canonical = new StringBuilder(id.Length);
        foreach (var c in id)
        {
            if (c is '-' or '_' or ' ' or '[' or ']' || (c == '0' && (canonical.Length == 0 || !char.IsAsciiDigit(canonical[^1])))) continue;
            canonical.Append(char.ToUpperInvariant(c));
        }

        return canonical.ToString();
    }

    private static string WithoutNumber(string heading) => HeadingNumber().Replace(heading, "", 1).TrimStart(' ', ':', '-', '–', '—', '.');

    private static void Put<TKey>(Dictionary<TKey, List<int>> index, TKey key, int item) where TKey : notnull
    {
        if (!index.TryGetValue(key, out var items)) index.Add(key, items = []);
        if (items.Count == 0 || items[^1] != item) items.Add(item);
    }

    [GeneratedRegex(@"\b[A-Z]{1,6}[-_]?\d{1,5}(?:\.\d{1,4})*(?:\.[A-Z]{1,3}\d{1,5})?\b", RegexOptions.NonBacktracking)]
    private static partial Regex Id();

    [GeneratedRegex(@"\b(?<prefix>[A-Z]{1,6}-?)(?<from>\d{1,5})\s*(?:-|–|—|\.\.\.?|to|through)\s*(?:[A-Z]{1,6}-?)?(?<to>\d{1,5})\b", RegexOptions.NonBacktracking)]
    private static partial Regex IdRange();

    [GeneratedRegex(@"\b(?<kind>tasks?|steps?|phases?|stages?|milestones?|sections?|user\s+stor(?:y|ies)|stor(?:y|ies)|work\s+packages?|requirements?)\s+#?(?<number>\d{1,4}(?:\.\d{1,4})*)\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Numbered();

    [GeneratedRegex(@"^\s*(?:(?<kind>task|step|phase|stage|milestone|section|user story|story|work package|requirement)s?\s+)?(?<number>\d{1,4}(?:\.\d{1,4})*\.?)(?:\s|:|$|-|–|—)", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex HeadingNumber();

    [GeneratedRegex(@"^\W*\w+\s+(?<what>\S+(?:\s+\S+){0,5}?)(?:[,;:.]|\s+(?:in|for|to|of|with|from|by|at|on|using|via|into|after|before|once|so|that|and)\s|$)", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Acted();

    // What programs do as well ("before deleting the note", "ask before saving") says nothing of who works first.
    [GeneratedRegex(@"^(?:adding|building|implementing|introducing|writing|setting\s+up|extracting|refactoring)\s+(?:(?:the|a|an|its|our|any|this|that)\s+)(?:new\s+)?(?<what>[\w-]+(?:\s+[\w-]+){0,3})$", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Act();

    [GeneratedRegex(@"^(?:the|our)\s+(?:new\s+)?(?<what>[\p{L}_-]+)$", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex OneThing();

    [GeneratedRegex(@"^(?:add|build|implement|introduce|write|set up|extract|refactor|create)\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex BuildVerb();

    [GeneratedRegex(@"^(?:add|build|implement|introduce|write|set up|extract|refactor|create|delete|remove|drop|rename|move|migrate|define|replace|upgrade|document|release|deploy|publish|split|port|design)\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex WorkVerb();

    [GeneratedRegex(@"\s*(?:,|;|&|\+|\band\b|\bor\b)\s*", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Separator();

    [GeneratedRegex(@"[\p{L}\p{N}_]+", RegexOptions.NonBacktracking)]
    private static partial Regex Word();

    [GeneratedRegex(@"[\w./@-]*[./_][\w./@-]*\w(?:\(\))?|\b\w+\(\)|\b[A-Za-z]+[a-z0-9][A-Z]\w*\b", RegexOptions.NonBacktracking)]
    private static partial Regex ThingLike();
}
