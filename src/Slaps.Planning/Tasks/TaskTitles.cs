using System.Text.RegularExpressions;
using Slaps.Core.Plans.Graphs;
using Slaps.Planning.Reading;

namespace Slaps.Planning.Tasks;

/// <summary>Makes of what a specification says a line that says what to do.</summary>
internal static partial class TaskTitles
{
    /// <summary>The longest title, in characters.</summary>
    public const int MaxLength = 110;

    // What comes after so many characters no longer belongs into a title.
    private const int LongestRead = 1_200;

    // Words that VerbFirst takes for verbs and that headings use as nouns: "Test Plan", "State Management", "Query Syntax".
    private static readonly HashSet<string> AlsoNouns = new(
        ("access archive audit author back batch benchmark block book boot bundle cache call capture change check clone code compress contain copy count cover cut deal default design display document download draft drive dump " +
        "edit embed export fail file filter flag flush force fork format function gate group guard guide handle hash host import index interview inventory iterate label launch list load lock log map mark match measure merge mirror mock model monitor mount name " +
        "notify order outline override own pack package patch pause pin place plan plot poll post present process produce profile project prototype pull purge push queue query rank read record release render report request research reserve reset respect response retry return " +
        "reverse review roll round route run sample scale scan schedule score seal search secure seed set setup shard share ship show sign sketch smoke snapshot sort spike split stage start state stop store stream stress structure stub study style " +
        "support surface swap switch sync tag target template test tie toggle touch trace track train transfer transform trigger try tune turn type update upgrade upload use vendor version view walk warm watch wire wrap zip").Split(' '), StringComparer.Ordinal);

    // Those of them that begin an order where they begin a list item: "Update README", "Wire the stats".
    private static readonly HashSet<string> SeldomNouns = new("check compress cut deal design draft edit embed iterate notify pin prototype reserve respect review ship show sketch support swap transform try tune update upgrade wire".Split(' '), StringComparer.Ordinal);

    // What begins a sentence with a capital only because it is the first word.
    private static readonly HashSet<string> FirstWords = new("a after all an and any as at because before both by during each either every for from if in it its no no-one nobody on once one only our since some that the their there these they this those to under until user users we when whenever where while with without you".Split(' '), StringComparer.Ordinal);

    /// <summary>The title of a statement, such as a list item or a requirement.</summary>
    /// <param name="marked">The words with their marks.</param>
    /// <param name="layer">What kind of work it is, which chooses the verb where there is none.</param>
    /// <param name="verb">A verb of the list's own introduction, which comes first then; null when it has none.</param>
    public static string OfStatement(string marked, WorkLayer layer, string? verb = null)
    {
        if (layer == WorkLayer.Tests && TestAll().Match(WithoutLabels(Words.Plain(Words.Beginning(marked, LongestRead)))) is { Success: true } all)
            return Finish($"Test {all.Groups["what"].Value} with {LowerFirst(all.Groups["kind"].Value)} tests");
        if (layer == WorkLayer.Tests && KindOfTest().Match(WithoutLabels(Words.Plain(Words.Beginning(marked, LongestRead)))) is { Success: true } test)
            return Finish($"Write the {LowerFirst(test.Groups["kind"].Value)} tests: {LowerFirst(test.Groups["what"].Value)}");

        if (IsStory(marked) && Story(WithoutLabels(Words.Plain(Words.Beginning(marked, LongestRead)))) is { } told) return Finish(told);
        var text = WithoutLabels(Words.Plain(Head(marked)));
        if (text.Length == 0) text = Words.OneSpace(Words.Plain(Words.Beginning(marked, LongestRead)).Trim('*', '_', '-', ':', ' '));
        if (text.Length == 0) text = "what the text shows here";
        if (Ears(text) is { } ears) return Finish(ears);
        if (Story(text) is { } story) return Finish(story);
        if (Modal(text) is { } modal) return Finish(modal);
        if (May().Match(text) is { Success: true } may) return Finish(Obligation(may.Groups["subject"].Value.Trim(), isForbidden: false, may.Groups["rest"].Value));
        if (ProvedBy().Match(marked) is { Success: true } proof) return Finish($"Make {Words.OneSpace(proof.Groups["command"].Value)} {(proof.Groups["verb"].Value is "passes" ? "pass" : proof.Groups["verb"].Value[..^1])}{Words.Plain(proof.Groups["rest"].Value) switch { "" => "", var rest => " " + rest }}");
        if (Imperative(text, isHeading: false) is { } imperative) return Finish(imperative);
        if (verb is not null) return Finish($"{verb} {LowerFirst(text)}");
        if (Holds().IsMatch(text)) return Finish($"Ensure that {LowerFirst(Held(text))}");
        if (Arrow().Match(text) is { Success: true } arrow) return Finish($"Handle {LowerFirst(text[..arrow.Index])}");
        return Finish(IsSentence(text) ? $"Ensure that {LowerFirst(text)}" : OfNoun(text, layer));
    }

    // "When two artifacts (of one id) conflict, the higher layer wins": what has to hold comes first, so that no cut takes it away.
    private static string Held(string text)
    {
        text = InBrackets().Replace(text, "");
        if (Words.Sentences(text) is not [var sentence, ..] || Condition().Match(sentence) is not { Success: true } when) return text;
        return $"{LowerFirst(when.Groups["rest"].Value.TrimEnd('.', ' '))} {when.Groups["word"].Value.ToLowerInvariant()} {when.Groups["condition"].Value}";
    }

    // "The page displays all events" says what has to hold; "Rate limits" names a thing.
    private static bool IsSentence(string text)
    {
        var words = text.Split(' ', 9);
        if (words[0].EndsWith(':')) return false;
        for (var i = 1; i < Math.Min(8, words.Length - 1); i++)
        {
            var word = words[i];
            if (word.EndsWith(':') || words[i + 1].StartsWith('(')) return false;
            if (word is "is" or "are" or "has" or "have" or "can" or "cannot" or "does" or "do" or "will" or "must") return true;
            if (word is "that" or "which" or "who" or "when" or "where" or "with" or "for" or "of" or "from" || word.EndsWith(',')) return false;
            if (word.Length > 3 && char.IsLower(word[0]) && word.EndsWith('s') && !word.EndsWith("ss", StringComparison.Ordinal) && Stems(word).Any(stem => VerbFirst.Is(stem) && (!AlsoNouns.Contains(stem) || TakesObject().IsMatch(" " + string.Join(' ', words.Skip(i + 1)))))) return true;
        }

        return false;
    }

    /// <summary>The title of the work that a heading describes.</summary>
    /// <param name="heading">The heading with its marks.</param>
    /// <param name="layer">What kind of work it is.</param>
    /// <param name="subject">What the document is about, for headings such as "Unit tests" that say nothing alone.</param>
    /// <param name="isNamed">Whether a short heading is a name of its own, as a requirement's is, and needs no subject.</param>
    public static string OfHeading(string heading, WorkLayer layer, string subject, bool isNamed = false)
    {
        var text = WithoutLabels(Words.Plain(heading)).TrimEnd(':', '.', ' ');
        if (text.Length == 0) text = subject;
        var isGeneric = Generic().IsMatch(text) || (!isNamed && text.Count(c => c == ' ') < 2);
        if (Story(text) is { } story) return Finish(story);
        var title = Imperative(text, isHeading: true) ?? OfNoun(text, layer);
        if (!isGeneric || subject.Length == 0 || title.Contains(subject, StringComparison.OrdinalIgnoreCase)) return Finish(title);

        // "Design details" of "Allow pods to surge" are the order itself; its unit tests are those of it.
        var isOrder = Imperative(subject, isHeading: false) is not null;
        if (TheWork().IsMatch(text)) return Finish(isOrder ? subject : $"Implement {LowerFirst(subject)}");
        var whole = isOrder ? $"{title}: {LowerFirst(subject)}" : $"{title} for {subject}";
        return Finish(whole.Length <= MaxLength || Generic().IsMatch(text) ? whole : title);
    }

    /// <summary>The title shortened at the end of a thought.</summary>
    public static string Finish(string title)
    {
        var text = Words.OneSpace(title).TrimEnd('.', ';', ':', ',', ' ', '-', '–', '—');
        if (text.Length > MaxLength) text = Shortened(text);
        text = Left().Replace(Balanced(text), "");
        return text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
    }

    /// <summary>Whether somebody reads these words as an order or an obligation.</summary>
    public static bool IsWork(string marked)
    {
        var text = WithoutLabels(Words.Plain(Head(marked)));
        if (text.Length == 0 || text.EndsWith('?')) return false;
        return Ears(text) is not null || Modal(text) is not null || Story(text) is not null || Imperative(text, isHeading: false) is not null;
    }

    /// <summary>The verb with which a list is introduced, as in "Add support for:"; null when there is none.</summary>
    public static string? LeadVerb(string paragraph)
    {
        if (!paragraph.TrimEnd(' ', '*').EndsWith(':') || paragraph.Length > LongestRead) return null;
        var text = Words.Plain(paragraph);
        var sentence = Words.Sentences(text)[^1];
        if (Imperative(WithoutLabels(sentence), isHeading: false) is { } imperative) return imperative.Split(' ')[0];
        return Lead().Match(sentence) is { Success: true } match ? char.ToUpperInvariant(match.Groups["verb"].Value[0]) + match.Groups["verb"].Value[1..] : null;
    }

    /// <summary>
    /// The last sentence before a list when it is an order by itself, as in "Prevent oscillation with:": the list then says how, and its
    /// items are no work of their own. Null when only the items say what is to be done, as in "Add support for:".
    /// </summary>
    public static string? LeadOrder(string paragraph)
    {
        if (!paragraph.TrimEnd(' ', '*').EndsWith(':') || paragraph.Length > LongestRead) return null;
        var sentence = Words.Sentences(paragraph)[^1].TrimEnd(' ', '*', ':');
        var text = WithoutLabels(Words.Plain(sentence));
        return Imperative(text, isHeading: false) is { } order && order.Split(' ').Length >= 3 && !LeavesOpen().IsMatch(text) ? sentence : null;
    }

    /// <summary>Whether a paragraph introduces a list of reasons, choices or examples, which nobody is asked to do.</summary>
    public static bool Explains(string paragraph) =>
        paragraph.TrimEnd(' ', '*').EndsWith(':') && paragraph.Length <= LongestRead && Explaining().IsMatch(Words.Sentences(Words.Plain(paragraph))[^1]);

    /// <summary>Whether these words tell what somebody wants: "As an operator, I want …".</summary>
    public static bool IsStory(string marked) => AsA().IsMatch(Words.Plain(Words.Beginning(marked, LongestRead)));

    /// <summary>A title without its verb where the verb was put there by this class: "Implement token rotation" is about token rotation.</summary>
    public static string Thing(string title)
    {
        foreach (var verb in (ReadOnlySpan<string>)["Implement ", "Test ", "Document ", "Define "])
        {
            if (title.StartsWith(verb, StringComparison.Ordinal) && title.Length > verb.Length + 2) return char.ToUpperInvariant(title[verb.Length]) + title[(verb.Length + 1)..];
        }

        return title;
    }

    /// <summary>What a list item is called, without its description and its brackets: "Admin API" of "**Admin API** (MVP) - unlocks the rest".</summary>
    public static string NameOf(string marked)
    {
        var name = WithoutLabels(Words.Plain(Head(marked, isThing: true)));
        var bracket = name.IndexOf('(', StringComparison.Ordinal);
        return bracket > 2 ? name[..bracket].TrimEnd() : name;
    }

    /// <summary>The title for a thing that is stored, or for a file that is listed among such things.</summary>
    public static string OfThing(string marked)
    {
        var name = WithoutLabels(Words.Plain(Head(marked, isThing: true)));
        if (name.Length == 0) name = Words.Plain(Words.Beginning(marked, MaxLength));
        if (Mentions.PathOf(name.Split(' ')[0]) is not null) return Finish($"Write {name}");
        return Finish(name.Split(' ').Length > 3 || Imperative(name, isHeading: true) is not null ? $"Define {name}" : DataWord().IsMatch(name) ? $"Define the {name}" : $"Define the {name} entity");
    }

    /// <summary>The title of one of several equal pieces.</summary>
    public static string Numbered(string title, int number, int of) => $"{Words.Beginning(title, MaxLength - 20)} (part {number} of {of})";

    /// <summary>Whether a heading says only that work is described: "Proposal", "Design details".</summary>
    public static bool SaysNothing(string heading) => TheWork().IsMatch(heading);

    /// <summary>A heading without its number, its marks and words such as "User Story 3 -"; empty when nothing is left.</summary>
    public static string Bare(string heading) => WithoutLabels(Words.Plain(Words.Beginning(heading, LongestRead))).TrimEnd(':', '.', ' ');

    // "Event bus: an internal dispatcher" is called "Event bus"; what follows is its description.
    private static string Head(string marked, bool isThing = false)
    {
        marked = Words.Beginning(marked, LongestRead);
        if (BoldHead().Match(marked) is { Success: true } bold)
        {
            var (head, rest) = (Words.Plain(bold.Groups["head"].Value).TrimEnd(':', '.', ' ', '—', '–', '-'), bold.Groups["rest"].Value.TrimStart(' ', ':', '-', '–', '—', '.'));
            var named = Id().Replace(WithoutLabels(head), "").Trim();
            if (EarsWord().IsMatch(head) || named.Length < 3) return rest.Length > 0 ? rest : head;

            // The words after the bold ones say it as an order: "**Re-export contract.** Re-export the symbols".
            if (isThing || rest.Length < 8 || named.Contains(' ', StringComparison.Ordinal)) return named;
            var said = Words.Plain(rest);
            return Modal(said) is not null || Imperative(said, isHeading: false) is not null ? rest : $"{named}: {rest}";
        }

        if (PlainHead().Match(marked) is { Success: true } plain && !EarsWord().IsMatch(marked) && !plain.Groups["head"].Value.Contains('`', StringComparison.Ordinal))
        {
            // One word before a colon names the place of the work, and not the work: "Admin: list the workers".
            var head = plain.Groups["head"].Value;
            return isThing || head.TrimEnd().Contains(' ', StringComparison.Ordinal) ? head : marked;
        }

        return marked;
    }

    private static string WithoutLabels(string text)
    {
        for (var i = 0; i < 6; i++)
        {
            var before = text;
            text = Label().Replace(text, "").TrimStart(' ', ':', '-', '–', '—', '.', ')', '|', '/');
            if (text.Length == before.Length) break;
        }

        text = Waiting().Replace(text, "");
        text = Trailing().Replace(Address().Replace(text, "").TrimEnd(' ', ':', '-', '(', ','), "");
        return Symbols().Replace(text, "").Trim();
    }

    // EARS (Mavin, Wilkinson, Harwood and Novak, 2009): WHEN a trigger THEN the system SHALL respond.
    private static string? Ears(string text)
    {
        if (Shall().Match(text) is not { Success: true } match) return null;
        var condition = match.Groups["condition"].Value.Trim(' ', ',');
        var order = Obligation(match.Groups["subject"].Value.Trim(' ', ','), match.Groups["not"].Success, match.Groups["rest"].Value);
        return condition.Length > 0 && order.Length + condition.Length + 6 <= MaxLength ? $"{order.TrimEnd('.', ' ')} {match.Groups["word"].Value.ToLowerInvariant()} {LowerFirst(condition)}" : order;
    }

    private static string? Modal(string text)
    {
        if (Words.Sentences(text) is not [var sentence, ..]) return null;
        var when = Condition().Match(sentence);
        if (when.Success && Modal(when.Groups["rest"].Value) is { } order)
            return order.Length + when.Groups["condition"].Length + 6 <= MaxLength ? $"{order.TrimEnd('.', ' ')} {when.Groups["word"].Value.ToLowerInvariant()} {when.Groups["condition"].Value}" : order;
        if (when.Success && Imperative(when.Groups["rest"].Value, isHeading: false) is { } plain && plain.Length + when.Groups["condition"].Length + 6 <= MaxLength)
            return $"{plain.TrimEnd('.', ' ')} {when.Groups["word"].Value.ToLowerInvariant()} {when.Groups["condition"].Value}";

        // "All callers (a.py, b.py) must …": what stands in brackets is no part of the sentence.
        if (!Must().IsMatch(sentence)) sentence = InBrackets().Replace(sentence, "");
        return Must().Match(sentence) is { Success: true } match
            ? Obligation(match.Groups["subject"].Value.Trim(' ', ','), match.Groups["not"].Success, match.Groups["rest"].Value)
            : null;
    }

    private static string? Story(string text)
    {
        if (AsA().Match(text) is not { Success: true } match) return null;
        var wish = Words.OneSpace(match.Groups["wish"].Value.Trim(' ', ',', '.'));
        if (SoThat().Match(wish) is { Success: true } purpose) wish = wish[..purpose.Index].TrimEnd(' ', ',');
        if (wish.Length == 0) return null;
        var who = match.Groups["who"].Value.Trim();
        if (match.Groups["can"].Success) return $"Let {who} {LowerFirst(wish)}";
        wish = VerbForward(wish);
        if (Imperative(wish, isHeading: false) is { } order) return order;

        // "I want to access the log": whatever the word is, here it is a verb.
        if (match.Groups["to"].Success) return VerbFirst.Is(wish) && wish.Contains(' ', StringComparison.Ordinal) ? wish : $"Let {who} {LowerFirst(wish)}";
        return Wanted(wish) ?? $"Provide {LowerFirst(wish)}";
    }

    // "I want failures to be grouped", "I want the CLI to explain itself".
    private static string? Wanted(string wish)
    {
        if (WantsOf().Match(wish) is not { Success: true } match) return null;
        var verb = match.Groups["verb"].Value;
        return !Determiner().IsMatch(verb) ? Obligation(match.Groups["what"].Value, isForbidden: false, $"{match.Groups["how"].Value}{verb} {match.Groups["rest"].Value}") : null;
    }

    private static string Obligation(string subject, bool isForbidden, string rest)
    {
        rest = VerbForward(rest.Trim());
        var lower = subject.ToLowerInvariant();
        var isGeneric = lower.Length == 0 || AnySystem().IsMatch(lower);
        if (isForbidden) return $"Ensure that {(isGeneric ? "the system" : LowerFirst(subject))} must not {rest}";
        if (AbleTo().Match(rest) is { Success: true } able) return isGeneric ? Imperative(rest[able.Length..], isHeading: false) ?? $"Allow to {rest[able.Length..]}" : $"Let {LowerFirst(subject)} {rest[able.Length..]}";
        if (rest.StartsWith("be ", StringComparison.OrdinalIgnoreCase) || rest.StartsWith("have ", StringComparison.OrdinalIgnoreCase))
        {
            var isPlural = lower.EndsWith('s') && !lower.EndsWith("ss", StringComparison.Ordinal) && !lower.EndsWith("us", StringComparison.Ordinal);
            var word = rest.StartsWith('b') ? (isPlural ? "are" : "is") : isPlural ? "have" : "has";
            return $"Ensure that {(isGeneric ? "the system" : LowerFirst(subject))} {word} {rest[(rest.IndexOf(' ', StringComparison.Ordinal) + 1)..]}";
        }

        if (isGeneric && VerbFirst.Is(rest)) return rest;
        return isGeneric ? $"Ensure that the system can {rest}" : $"Make {LowerFirst(subject)} {rest}";
    }

    // "automatically trigger the analysis" is said as "trigger the analysis automatically".
    private static string VerbForward(string rest)
    {
        if (Adverb().Match(rest) is not { Success: true } match || !VerbFirst.Is(match.Groups["verb"].Value)) return rest;
        var order = rest[match.Groups["verb"].Index..];
        return order.Length <= 70 && !order.Contains(',', StringComparison.Ordinal) ? $"{order.TrimEnd('.')} {match.Groups["how"].Value}" : order;
    }

    private static string? Imperative(string text, bool isHeading)
    {
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        var first = (space < 0 ? text : text[..space]).Trim(',', '.', ':', '"', '\'', '“');
        var lower = first.ToLowerInvariant();
        if (first.Length < 2 || !char.IsLetter(first[0])) return null;
        var rest = space < 0 ? "" : text[space..];
        if (VerbFirst.Is(lower))
        {
            // "State management" is none, "State the reason" is one. In capitals it is a name: "API", "GET /users".
            if (first.Length > 1 && first.Skip(1).Any(char.IsUpper)) return null;
            if (AlsoAdjective().IsMatch(text)) return null;
            var isNoun = AlsoNouns.Contains(lower) && !TakesObject().IsMatch(rest) && (isHeading || !SeldomNouns.Contains(lower));
            return isNoun || space < 0 || NounFollows().IsMatch(rest) ? null : text;
        }

        if (space < 0) return null;
        foreach (var stem in Stems(lower))
        {
            if (lower is "shows" or "runs" or "reads" or "returns" or "prints" or "opens" or "displays") return char.ToUpperInvariant(stem[0]) + stem[1..] + rest;
            if (!VerbFirst.Is(stem) || (AlsoNouns.Contains(stem) && !(lower.EndsWith("ing", StringComparison.Ordinal) ? false : TakesObject().IsMatch(rest)))) continue;
            if (lower.EndsWith("ing", StringComparison.Ordinal) && NounFollows().IsMatch(rest)) continue;
            return char.ToUpperInvariant(stem[0]) + stem[1..] + rest;
        }

        return null;
    }

    // "shows", "fetches", "applies", "adding", "creating", "running".
    private static IEnumerable<string> Stems(string word)
    {
        if (word.EndsWith("ies", StringComparison.Ordinal)) yield return word[..^3] + "y";
        if (word.EndsWith("es", StringComparison.Ordinal)) yield return word[..^2];
        if (word.EndsWith('s') && !word.EndsWith("ss", StringComparison.Ordinal)) yield return word[..^1];
        if (!word.EndsWith("ing", StringComparison.Ordinal) || word.Length < 6) yield break;
        yield return word[..^3];
        yield return word[..^3] + "e";
        if (word[^4] == word[^5]) yield return word[..^4];
    }

    private static string OfNoun(string text, WorkLayer layer) => layer switch
    {
        WorkLayer.Tests when TestsWhat().IsMatch(text) => text,
        WorkLayer.Tests when TestWord().IsMatch(text) => $"Write {Article(text)}",
        WorkLayer.Tests => $"Test {LowerFirst(text)}",
        WorkLayer.Docs when DocWord().IsMatch(text) => $"Write {Article(text)}",
        WorkLayer.Docs => $"Document {LowerFirst(text)}",
        WorkLayer.Spike => $"Investigate {LowerFirst(text)}",
        WorkLayer.Schema when DataWord().IsMatch(text) => $"Define {LowerFirst(text)}",
        _ => $"Implement {LowerFirst(text)}",
    };

    private static string Article(string text) => char.IsLower(text[0]) || text.StartsWith("the ", StringComparison.OrdinalIgnoreCase) ? LowerFirst(text) : $"the {LowerFirst(text)}";

    // A word in capitals or with capitals inside is a name and stays.
    private static string LowerFirst(string text)
    {
        if (text.Length < 2 || !char.IsUpper(text[0])) return text;
        var end = text.IndexOf(' ', StringComparison.Ordinal);
        var word = end < 0 ? text : text[..end];
        if (FirstWords.Contains(word.ToLowerInvariant())) return char.ToLowerInvariant(text[0]) + text[1..];
        if (word.Skip(1).Any(c => char.IsUpper(c) || char.IsDigit(c) || c is '_' or '.' or '(')) return text;

        // In a heading every word begins with a capital, and beside other names the first word may be one: all of it stays then.
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i - 1] == ' ' && char.IsUpper(text[i])) return text;
        }

        return char.ToLowerInvariant(text[0]) + text[1..];
    }

    private static string Shortened(string text)
    {
        foreach (var seam in Seams)
        {
            var at = text.LastIndexOf(seam, MaxLength - 1, StringComparison.Ordinal);
            if (at >= 35) return text[..at].TrimEnd('.', ',', ';', ':', ' ');
        }

        var cut = text.LastIndexOf(' ', MaxLength - 1);
        return (cut < 40 ? text[..(char.IsLowSurrogate(text[MaxLength - 1]) ? MaxLength - 2 : MaxLength - 1)] : Dangling().Replace(text[..cut], "")) + "…";
    }

    private static readonly string[] Seams = [". ", "; ", " — ", " – ", " so that ", " in order to ", " because ", ": ", " when ", " (", " while ", ", ", " with ", " and ", " that ", " for "];

    private static string Balanced(string text)
    {
        var open = text.LastIndexOf('(');
        return open > 20 && text.IndexOf(')', open) < 0 ? text[..open].TrimEnd(' ', ',', ';') : text;
    }

    [GeneratedRegex(@"^(?:\*\*|__)(?<head>[^*]{2,160}?)(?:\*\*|__)(?<rest>.*)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Singleline)]
    private static partial Regex BoldHead();

    [GeneratedRegex(@"^[A-Za-z]{1,6}-?\d{1,5}(?:[.-]\w{1,3})*\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Id();

    [GeneratedRegex(@"\s*(?:\((?:priority\s*:?\s*)?(?:p\d|must(?: have)?|should(?: have)?|could(?: have)?|optional|mandatory|required|new|~?\d[\d.–-]*\s*(?:h|hrs?|hours?|d|days?|min|minutes?|weeks?|loc|lines))\)|\*\(mandatory\)\*|🎯.*)\s*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Trailing();

    [GeneratedRegex(@"[\p{So}\p{Sk}\uFE0F\u200D]|\uD83C[\uDC00-\uDFFF]|\uD83D[\uDC00-\uDFFF]|\uD83E[\uDC00-\uDFFF]", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Symbols();

    [GeneratedRegex(@"^(?:WHEN|IF|WHILE|WHERE|GIVEN|THEN|AND|The system SHALL)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex EarsWord();

    [GeneratedRegex(@"^(?:(?<word>WHEN|IF|WHILE|WHERE|GIVEN|FOR|AFTER|BEFORE|DURING)\b(?<condition>.*?),?\s*\bTHEN\b|(?<word>WHEN|When|IF|If|WHILE|While|WHERE|FOR|AFTER|After|BEFORE|Before|DURING)\b(?<condition>[^,]*),)?\s*(?<subject>[^.;]{0,90}?)\s*\b(?:SHALL|MUST|SHOULD)\b(?<not>\s+NOT\b|\s+never\b)?\s+(?<rest>.+)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Singleline)]
    private static partial Regex Shall();

    // RFC 2119: what is optional is named by what it does, like what is not.
    [GeneratedRegex(@"^(?<subject>[^.;:,]{0,70}?)\s*\bMAY\s+(?<rest>\p{Ll}.+)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Singleline)]
    private static partial Regex May();

    [GeneratedRegex(@"^`(?<command>[^`]{2,80})`\s+(?<verb>passes|succeeds|works|exits|prints|fails|returns)\b\s*(?<rest>.*)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Singleline)]
    private static partial Regex ProvedBy();

    [GeneratedRegex(@",?\s+(?:so that|so I|so we|in order to|because)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex SoThat();

    [GeneratedRegex(@"^(?:be able to|be allowed to|have the ability to|allow (?:users |operators )?to)\s+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex AbleTo();

    [GeneratedRegex(@"^(?:the |this |our )?(?:system|application|app|tool|solution|product|software|platform|service|implementation|feature|it|we|you|developers?|program|project|team)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AnySystem();

    [GeneratedRegex(@"^\s+(?:a|an|the|all|any|each|every|that|this|these|those|its|their|our|your|new|existing|both|only|whether|how|if|up|out|in|into|on|to|from|with|as|against|and|or|multiple|full|no|more|both)\b|^\s+[`'""]|^\s+[\w-]*[./_(][\w-][\w./_()-]*|^\s+\p{Ll}+\s+(?:to|into|from|in|on|with|for|as|via|by|and|or|against|after|before|when)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex TakesObject();

    // For what it waits belongs into the dependencies, and not into the title.
    [GeneratedRegex(@"(?:[.;]\s+|\s+\(|\s+[—–-]\s+)(?:depends on|depends:|dependencies:|depends upon|blocked by|prerequisites?:)\s.*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Waiting();

    // What it adds, supports or does is said by the items alone.
    [GeneratedRegex(@"\b(?:following|for|as follows|below|these|this|support|to)$|^(?:\w+\s+){1,2}(?:features?|types?|tests?|files?|commands?|options?|endpoints?|fields?|events?|metrics?|methods?|tasks?)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex LeavesOpen();

    [GeneratedRegex(@"\b(?:reasons?|examples?|options?|alternatives?|advantages?|disadvantages?|benefits?|drawbacks?|concerns?|assumptions?|limitations?|caveats?|problems?|causes?|trade-?offs?|pros|cons|such as|for example|for instance|e\.g\.|because|why|either|one of|observ(?:e|ed|ations?)|known issues?|questions?)\b[^.]{0,50}:\**\s*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Explaining();

    [GeneratedRegex(@"\b(?:must|shall|should|will|need to|needs to)\s+(?:be able to\s+)?(?<verb>support|provide|include|implement|add|offer|expose|handle|create|build|deliver|emit|record|store|display|show|validate|verify|ensure|check|accept|return|report|allow)\b[^.,]{0,60}:$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Lead();

    [GeneratedRegex(@"^(?:(?:unit|integration|e2e|end-to-end|performance|load|regression|security|manual)\s+tests?(?:ing)?|test(?:s|ing)?(?: (?:plan|strategy|cases|coverage))?|(?:guide|reference)-level explanation|detailed design|notes?/.*|implementation details.*|alpha.*|beta.*|ga|stable|deprecation|documentation|docs|examples?|api|cli|ui|tui|configuration|config|monitoring|metrics|logging|security|performance|migration|deployment|implementation(?: details)?|design(?: details)?|architecture|error handling|version skew.*|upgrade.*|proposal|data models?|database schema|schema|tech(?:nical)? plan|integration|interfaces?|validation|rollout|observability|caching|authentication|system components|algorithms?)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Generic();

    // "No command lists the alias", "A workflow file exists", "When two artifacts conflict, the higher layer wins": it has to be so.
    [GeneratedRegex(@"^(?:no|none of|all|every|each|any|only|neither|both|when|if|while|once|after|before)\s+\S+\s+\S+\s+\S|^(?:an?|the)\s+\S.{2,100}?\s(?:exists?|is|are|has|have|does|can|fails?|exercises|asserts|ensures|enforces|includes|contains|covers|disables|refuses|proceeds|identifies|rejects|returns|passes|documents|demonstrates|guards|prevents|verifies|runs|reads|writes|appears?|remains?|stays?)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Holds();

    [GeneratedRegex(@"\s(?:→|->|=>|⇒)\s", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Arrow();

    [GeneratedRegex(@"\b(?:schemas?|tables?|models?|entit(?:y|ies)|formats?|types?|columns?|fields?|structs?)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex DataWord();

    [GeneratedRegex(@"^(?<kind>unit|integration|e2e|end-to-end|smoke|load|stress|fuzz)[- ]test (?<what>(?:all|both|each|every|the|that|its|their)\b.{4,90})$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase)]
    private static partial Regex TestAll();

    [GeneratedRegex(@"^(?<kind>unit|integration|security|e2e|end-to-end|performance|load|manual|regression|contract|smoke|chaos|functional|acceptance|ui|api|property|fuzz|stress|soak)(?:\s+tests?(?:ing|s)?)?\s*[:—–-]\s*(?<what>\S.*)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex KindOfTest();

    [GeneratedRegex(@"^(?:proposal|design(?: details)?|detailed design|reference-level explanation|implementation(?: details.*)?|architecture|tech(?:nical)? plan|system components)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex TheWork();

    [GeneratedRegex(@"^(?<word>When|If|While|After|Before|Once)\s+(?<condition>[^,]{3,100}),\s+(?<rest>.+)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Singleline)]
    private static partial Regex Condition();

    [GeneratedRegex(@"\s*\([^()]{1,200}\)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex InBrackets();

    [GeneratedRegex(@"^(?:the|an?|all|my|our|your|this|that|these|those|any|each|every|its|their|other|multiple|both|different|specific|some|no|one)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Determiner();

    // "Clear and actionable messages" orders nothing.
    [GeneratedRegex(@"^(?:clear|complete|correct|secure|open|separate|direct|clean|lean|smooth|empty|present|live),? (?:and|or|but) ", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex AlsoAdjective();

    [GeneratedRegex(@"\bhttps?://[^\s)\]]+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Address();

    [GeneratedRegex(@"(?:\s+(?:a|an|the|of|to|with|and|or|from|via|per))+$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Left();

    [GeneratedRegex(@"^(?<what>[^,.;]{3,70}?)\s+to\s+(?<how>(?:\p{Ll}+ly\s+)?)(?<verb>\p{Ll}{2,})\b\s*(?<rest>.*)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Singleline)]
    private static partial Regex WantsOf();

    [GeneratedRegex(@"^(?<how>\p{Ll}+ly)\s+(?<verb>\p{Ll}+)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Adverb();

    [GeneratedRegex(@"\b(?:tests?|testing|suite|benchmarks?|coverage)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex TestWord();

    [GeneratedRegex(@"\b(?:docs?|documentation|guides?|readme|tutorials?|manuals?|changelog|examples?|samples?|runbooks?|notes)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex DocWord();

    [GeneratedRegex(@"(?:\s+(?:a|an|the|of|to|in|on|for|with|and|or|by|at|from|that|as|is|are|be|its|via|per))+$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Dangling();

#pragma warning disable MA0009 // These look around, which only the backtracking engine can; what they are given is at most a line of bounded length.
    [GeneratedRegex(@"^(?<head>\p{L}[^:.`*]{3,60}?)(?::\s|\s[—–]\s|\s-\s)(?=.)", RegexOptions.CultureInvariant)]
    private static partial Regex PlainHead();

    [GeneratedRegex(
        @"^(?:\[[^\[\]]{0,24}\]|\((?:p\d|must|should|could|optional|priority:?[^)]*)\)|(?:feature spec(?:ification)?|mission specification|(?:user )?story|requirement|req|scenario|use case|task|feature|epic|phase|milestone|stage|step|wp|section|part|sprint|user journey|journey|invariant|goal)s?\s*#?[0-9]+(?:[.-][0-9a-z]+)*\b|[a-z]{1,6}-?[0-9]{1,5}(?:[.-][0-9a-z]{1,3})*\b(?=\s*[:.—–)|-]|\s|$)|[0-9]+(?:\.[0-9]+)*[.)]?(?=\s)|(?:feature|epic|story|mission|goal|todo|title)\s*:)",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Label();

    [GeneratedRegex(@"^(?<subject>(?:(?!\b(?:if|when|because|that|which|who|so|while|once)\b)[^.;:,]){0,70}?)\s*\b(?:must|shall|should|will|needs? to|has to|have to|would)\b(?<not>\s+not\b|\s+never\b)?\s+(?!not\b|never\b)(?<rest>\p{L}.+)$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Must();

    [GeneratedRegex(@"^(?:user story:?\s*)?as\s+(?<who>(?:an?|the)\s[^,]{2,80}?),?\s+(?:I\s+(?:want|need|would like|wish|must)(?<to>\s+to\b(?!\s+be able))?(?:\s+to be able to\b)?|I\s+(?<can>can))\s+(?<wish>.+)$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex AsA();

    [GeneratedRegex(@"^\s+(?:is|are|was|were|has|have|can|will|must|should|for(?=\s+\p{Lu})|of)\b", RegexOptions.CultureInvariant)]
    private static partial Regex NounFollows();

    [GeneratedRegex(@"^[Tt]est\s+(?!(?:plans?|suites?|coverage|cases?|strategy|data|fixtures?|harness|scenarios?|matrix|approach|infrastructure|environments?|framework|utilities|helpers?|runners?|files?)\b)\S+\s+\S", RegexOptions.CultureInvariant)]
    private static partial Regex TestsWhat();
#pragma warning restore MA0009
}
