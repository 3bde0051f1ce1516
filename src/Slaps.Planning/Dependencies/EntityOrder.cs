using System.Text.RegularExpressions;
using Slaps.Core.Plans;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Dependencies;

/// <summary>Who defines an entity comes before who speaks of it: "PermissionGrant" is what "permission grants are managed" is about.</summary>
internal sealed partial class EntityOrder(IReadOnlyList<WorkItem> items, IReadOnlyList<TaskId> ids, SourceQuotes quotes, FoundDependencies found)
{
    private const int MostEntities = 200;

    // What more tasks speak of is the subject of the text, and no artefact of one of them.
    private const int MostUsers = 15;

    private const double Sure = 0.8;

    public void Read()
    {
        var texts = items.Select(i => i.Title + "\n" + i.Text).ToList();
        var defined = Enumerable.Range(0, items.Count).Where(i => items[i].Layer == WorkLayer.Schema).Select(i => (Item: i, Name: NameIn(items[i].Title) ?? "")).Where(d => d.Name.Length > 0).Take(MostEntities).ToList();
        foreach (var (definer, name) in defined)
        {
            var named = new Name(name);
            var users = Enumerable.Range(0, items.Count)
                .Where(i => i != definer && items[i].Layer is not (WorkLayer.Schema or WorkLayer.Spike) && items[i].Sources[0].File == items[definer].Sources[0].File)
                .Select(i => (Item: i, Quality: named.SpokenIn(texts[i], items[i].Title))).Where(u => u.Quality != Speaking.Not).ToList();
            if (users.Count > Math.Max(MostUsers, items.Count / 3)) continue;
            foreach (var (user, quality) in users)
            {
                var isHard = quality == Speaking.Of;
                found.Add(
                    definer, user, DependencyType.Technical, isHard, Sure, isStated: false, isHard ? $"{ids[definer]} defines {Identifiers.Quote(name)}, of which {ids[user]} speaks." : $"{ids[definer]} defines {Identifiers.Quote(name)}, and {ids[user]} has this word in its midst.",
                    quotes.Of(items[definer], Sure, "It is defined here."), quotes.Of(items[user], LineWith(items[user], name), Sure, "It is spoken of here."));
            }
        }

        Columns();
    }

    // A name in code that one definition of data names alone, such as a column, is there before the program reads it.
    private void Columns()
    {
        var definers = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var i in Enumerable.Range(0, items.Count).Where(i => items[i].Layer == WorkLayer.Schema))
        {
            foreach (var symbol in items[i].Symbols.Where(IsDistinct)) definers[symbol] = definers.ContainsKey(symbol) ? -1 : i;
        }

        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].Layer is WorkLayer.Schema or WorkLayer.Spike) continue;
            foreach (var symbol in AnyName().Matches(items[i].Text).Select(m => m.Value).Distinct(StringComparer.Ordinal).Where(s => definers.GetValueOrDefault(s, -1) >= 0))
            {
                var definer = definers[symbol];
                if (items[definer].Sources[0].File != items[i].Sources[0].File || items[i].Produces.Contains(symbol, StringComparer.Ordinal)) continue;
                found.Add(
                    definer, i, DependencyType.Technical, isHard: true, Sure, isStated: false, $"{Identifiers.Quote(symbol)} belongs to the data that {ids[definer]} defines, and {ids[i]} uses it.",
                    quotes.Of(items[definer], LineWith(items[definer], symbol), Sure, "It is defined here."), quotes.Of(items[i], LineWith(items[i], symbol), Sure, "It is used here."));
            }
        }
    }

    private static bool IsDistinct(string symbol) =>
        symbol.Length > 3 && !symbol.Contains('/', StringComparison.Ordinal) && !symbol.Contains(' ', StringComparison.Ordinal) && !Path.HasExtension(symbol) && (symbol.Contains('_', StringComparison.Ordinal) || symbol.Skip(1).Any(char.IsUpper));

    private enum Speaking
    {
        Not,
        Perhaps,
        Of,
    }

    // "PermissionGrant" cannot be mistaken. "Ticket" is a name where it is written as one, in code or with its capital inside of a sentence,
    // or where the title acts on it; else it is a word.
    private sealed class Name(string name)
    {
        private readonly string _joined = name.ToLowerInvariant();
        private readonly string _apart = Apart(name);
        private readonly Regex _inSentence = new($@"[\p{{Ll}},]\s{Regex.Escape(name)}s?\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

        public Speaking SpokenIn(string text, string title)
        {
            if (_joined != _apart) return Holds(text, _joined) || Holds(text, _apart) ? Speaking.Of : Speaking.Not;
            if (_joined.Length < 4 || !Holds(text, _joined)) return Speaking.Not;
            if (text.Contains($"`{name}`", StringComparison.Ordinal) || _inSentence.IsMatch(text) || ActsOn(title, _joined)) return Speaking.Of;
            return Holds(title, _joined) ? Speaking.Perhaps : Speaking.Not;
        }
    }

    // Whole words, in the singular or the plural.
    private static bool Holds(string text, string name)
    {
        for (var at = text.IndexOf(name, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(name, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            var end = at + name.Length;
            if (end < text.Length && text[end] is 's') end++;
            if ((at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (end >= text.Length || !char.IsLetterOrDigit(text[end]))) return true;
        }

        return false;
    }

    private static bool ActsOn(string title, string name) => Acted().Match(title) is { Success: true } acted && Holds(acted.Groups["what"].Value, name) && acted.Groups["what"].Value.TrimEnd('s').EndsWith(name, StringComparison.OrdinalIgnoreCase);

    private static string LineWith(WorkItem item, string name) =>
        item.Text.Split('\n').FirstOrDefault(line => Holds(line, name) || Holds(line, Apart(name))) ?? item.Title;

    private static string? NameIn(string title) => Definition().Match(title) is { Success: true } match ? match.Groups["name"].Value : null;

    // "PermissionGrant", "permission_grant" and "Permission Grant" are "permission grant".
    private static string Apart(string name) => Seam().Replace(name, " ").Trim().ToLowerInvariant();

    [GeneratedRegex(@"^Define the (?<name>\p{Lu}[\w]{2,40}(?: \p{Lu}[\w]{1,30}){0,2}) entity$|^Define the (?<name>\p{Lu}[\w-]{2,40}(?: [\w-]{2,30}){1,3})$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Definition();

    [GeneratedRegex(@"\w+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AnyName();

    // What the verb acts on: "tickets" of "Let organisers create tickets for an event".
    [GeneratedRegex(@"^(?:Let \w+ )?\w+ (?:(?:a|an|the|all|each|every|new|any|their|its) )*(?<what>\w+(?: \w+)?)(?: (?:of|for|in|on|to|with|from|by|at|as|that|which|when|via|using|through|into|and|or|must|is|are)\b|[,;:.(]|$)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Acted();

#pragma warning disable MA0009 // It looks around, which only the backtracking engine can; what it is given is a title.
    [GeneratedRegex(@"(?<=\p{Ll}|\d)(?=\p{Lu})|[_\s]+", RegexOptions.CultureInvariant)]
    private static partial Regex Seam();
#pragma warning restore MA0009
}
