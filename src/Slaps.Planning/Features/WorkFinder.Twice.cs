using System.Text.RegularExpressions;
using Slaps.Planning.Dependencies;
using Slaps.Planning.Reading;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Features;

/// <summary>
/// A text that describes its parts and then lists them again as a road map or check list means each once: the first stays, and takes the
/// place in the order from the second. What is not surely the same stays twice.
/// </summary>
internal sealed partial class WorkFinder
{
    // Above so many pieces of work a word in common is no hint any more.
    private const int MostSharingWord = 40;

    private readonly List<(Draft Kept, Draft Folded)> _twice = [];

    private void FoldTwice()
    {
        var said = _drafts.Where(d => d.Closes == Closing.Nothing && d.Title is null).OrderBy(d => d.First).ThenBy(d => d.Last).Select(d => (Draft: d, Words: WordsOf(d))).Where(d => d.Words.Count > 1).ToList();
        var byHead = new Dictionary<string, List<(Draft Draft, List<string> Words)>>(StringComparer.Ordinal);
        foreach (var (draft, words) in said)
        {
            var earlier = byHead.TryGetValue(words[^1], out var there) ? there : byHead[words[^1]] = [];
            var same = earlier.Count > MostSharingWord ? default : earlier.FirstOrDefault(e => IsSame(e.Draft, e.Words, draft, words));
            if (same.Draft is not { } kept)
            {
                earlier.Add((draft, words));
                continue;
            }

            // Whatever the second place asks for beyond the first is asked for all the same.
            kept.Others.Add(draft);
            kept.Parts.AddRange(draft.Parts.ExceptBy(kept.Parts.Select(p => p.Text), p => p.Text, StringComparer.OrdinalIgnoreCase));
            kept.Criteria.AddRange(draft.Criteria.ExceptBy(kept.Criteria.Select(c => c.Text), c => c.Text, StringComparer.OrdinalIgnoreCase));
            kept.Checks.AddRange(draft.Checks);
            kept.Phase ??= draft.Phase;
            kept.Step ??= draft.Step;
            kept.OwnId ??= draft.OwnId;
            _twice.Add((kept, draft));
            _drafts.Remove(draft);
        }
    }

    // The words of what it is about up to its first preposition decide its head, which stands last.
    private static List<string> WordsOf(Draft draft)
    {
        var name = InFile().Replace(TaskTitles.NameOf(Words.Beginning(draft.Marked, 300)), "");
        var words = ItemReferences.ContentWords(name);
        var head = ItemReferences.ContentWords(BeforePreposition().Match(name).Value).LastOrDefault();
        if (words.Count > 9 || head is null) return [];
        words.Remove(head);
        words.Sort(StringComparer.Ordinal);
        words.Add(head);
        return words;
    }

    private bool IsSame(Draft one, List<string> words, Draft other, List<string> others)
    {
        if (AreListed(one, other) || Verb(one) is var verb && Verb(other) is var otherVerb && verb != otherVerb && (verb > 0 || otherVerb > 0)) return false;
        if (IdOf(one) is { } id && IdOf(other) is { } otherId && id != otherId) return false;
        if (one.Phase is { } phase && other.Phase is { } otherPhase && phase != otherPhase) return false;
        var common = words.Count(others.Contains);
        var (fewer, more) = (Math.Min(words.Count, others.Count), Math.Max(words.Count, others.Count));
        return common >= 2 && common == fewer && common * 3 >= more * 2 && Digits(one) == Digits(other) && NameTheSame(one, other);
    }

    // Two items of a list, or two headings below one, are two things, however alike their names are.
    private static bool AreListed(Draft one, Draft other) =>
        one.Section == other.Section || (one.IsHeading && other.IsHeading && one.Section.Parent == other.Section.Parent && SectionKinds.Of(one.Section.Title) == SectionKinds.Of(other.Section.Title));

    // Where both name files, or names of code, they have one of them in common; the first ones count where the names themselves are such.
    private bool NameTheSame(Draft one, Draft other)
    {
        var (own, others) = (Named(one, isWhole: false), Named(other, isWhole: false));
        if (own.Paths.Count > 0 && others.Paths.Count > 0 && !own.Paths.Intersect(others.Paths, StringComparer.Ordinal).Any()) return false;
        var (all, allOthers) = (Named(one, isWhole: true), Named(other, isWhole: true));
        return Agree(all.Paths, allOthers.Paths) && (all.Paths.Intersect(allOthers.Paths, StringComparer.Ordinal).Any() || Agree(all.Symbols, allOthers.Symbols));

        static bool Agree(IReadOnlyList<string> some, IReadOnlyList<string> more) => some.Count == 0 || more.Count == 0 || some.Intersect(more, StringComparer.Ordinal).Any();
    }

    private Mentions Named(Draft draft, bool isWhole) =>
        Mentions.In(isWhole ? Enumerable.Range(draft.First, Math.Min(MostLinesOfTask, draft.Last - draft.First + 1)).Where(n => n <= _text.Lines.Count).Select(n => _text.Lines[n - 1]).Prepend(draft.Marked) : [draft.Marked], _files);

    private static string? IdOf(Draft draft) => OwnIds(Words.Plain(Words.Beginning(draft.Marked, 200)), draft.OwnId) is [var id, ..] ? id : null;

    private static string Digits(Draft draft) => string.Concat(TaskTitles.NameOf(Words.Beginning(draft.Marked, 300)).Where(char.IsDigit));

    // To take away, to test and to describe a thing is not to build it.
    private static int Verb(Draft draft)
    {
        var name = TaskTitles.NameOf(Words.Beginning(draft.Marked, 300));
        return Away().IsMatch(name) ? 1 : Testing().IsMatch(name) || draft.Kind is SectionKind.Tests || draft.Layer == WorkLayer.Tests ? 2 : Describing().IsMatch(name) ? 3 : Changing().IsMatch(name) ? 4 : 0;
    }

    // Where it lies is no part of what it is.
    [GeneratedRegex(@"\s+(?:in|at|under|inside|within)\s+(?:the\s+file\s+)?[\w./-]*\w[./]\w[\w./-]*", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex InFile();

    [GeneratedRegex(@"^.*?(?=\s(?:of|for|in|on|to|with|from|by|at|as|that|which|when|via|using|through|into)\s|[,;:(]|$)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex BeforePreposition();

    [GeneratedRegex(@"^(?:remove|delete|drop|retire|deprecate|disable|close)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Away();

    [GeneratedRegex(@"^(?:test|verify|benchmark|validate|check)\b|\btests?\b|\bbenchmarks?\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Testing();

    [GeneratedRegex(@"^(?:document|describe|explain)\b|\bdocs?\b|\bdocumentation\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Describing();

    [GeneratedRegex(@"^(?:rename|move|migrate|refactor|update|fix|replace|extend|improve|optimi[sz]e|deploy|publish|enable|research|investigate|evaluate|design)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Changing();
}
