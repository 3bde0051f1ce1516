using System.Text.RegularExpressions;
using Slaps.Core.Plans;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Dependencies;

/// <summary>Reads the order that sentences state: "depends on", "after", "once … is done", "before", and ids that are only mentioned.</summary>
internal sealed partial class StatedOrder(IReadOnlyList<WorkItem> items, IReadOnlyList<TaskId> ids, ItemReferences references, SourceQuotes quotes, FoundDependencies found)
{
    private const int MostSentences = 400;
    private const int LongestSentence = 1_000;
    private const int LongestPhrase = 200;

    private static readonly Cue[] Cues =
    [
        new(DependsOn(), DependencyType.Technical, IsReverse: false, IsStrict: false),
        new(DependencyOn(), DependencyType.Technical, IsReverse: false, IsStrict: true) { WantsId = true },
        new(TestsOf(), DependencyType.Technical, IsReverse: false, IsStrict: true),
        new(Requires(), DependencyType.Technical, IsReverse: false, IsStrict: true),
        new(Uses(), DependencyType.Technical, IsReverse: false, IsStrict: true) { WantsId = true },
        new(Once(), DependencyType.Sequential, IsReverse: false, IsStrict: false) { WantsEnd = true },
        new(After(), DependencyType.Sequential, IsReverse: false, IsStrict: true) { TellsActs = true },
        new(Blocks(), DependencyType.Technical, IsReverse: true, IsStrict: false),
        new(ComesBefore(), DependencyType.Sequential, IsReverse: true, IsStrict: true) { IsOfWork = true },
        new(NeededBy(), DependencyType.Technical, IsReverse: true, IsStrict: true),
        new(Before(), DependencyType.Sequential, IsReverse: true, IsStrict: true) { TellsActs = true },
    ];

    /// <summary>Reads the items, then the lines that belong to none: there a sentence counts when it names both its ends.</summary>
    public void Read(IReadOnlyDictionary<string, IReadOnlyList<string>> sources)
    {
        for (var i = 0; i < items.Count; i++)
        {
            var item = i;
            foreach (var sentence in Sentences(items[i].Text).Take(MostSentences)) Read(sentence, item, (confidence, why) => quotes.Of(items[item], sentence, confidence, why));
            Mentions(i);
        }

        foreach (var (file, lines) in sources.OrderBy(s => s.Key, StringComparer.Ordinal)) Elsewhere(file, lines);
    }

    private void Elsewhere(string file, IReadOnlyList<string> lines)
    {
        var taken = new bool[lines.Count];
        foreach (var source in items.SelectMany(Own).Where(s => s.File == file))
        {
            for (var line = source.First; line <= Math.Min(source.Last, lines.Count); line++) taken[line - 1] = true;
        }

        var isFenced = false;
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].TrimStart().StartsWith("```", StringComparison.Ordinal)) isFenced = !isFenced;
            if (taken[i] || isFenced || lines[i].Length > LongestSentence) continue;
            var number = i + 1;
            foreach (var sentence in Sentences(Marks().Replace(lines[i], ""))) Read(sentence, -1, (confidence, why) => quotes.Quote(file, number, number, confidence, why));
        }
    }

    // A line that only names a file of the item is evidence for its scope, and was not read with its words.
    private static IEnumerable<SourceLines> Own(WorkItem item) =>
        item.Sources.Where((source, i) => i == 0 || source.First != source.Last || item.Text.Contains(Reading.Words.Beginning(Reading.Words.Plain(Marks().Replace(source.Excerpt, "")), 60), StringComparison.Ordinal));

    private void Read(string sentence, int owner, Func<double, string, Evidence> quote)
    {
        if (sentence.Length > LongestSentence) return;
        foreach (var cue in Cues)
        {
            foreach (Match match in cue.Pattern.Matches(sentence))
            {
                var before = sentence[..match.Index];
                if (Negation().IsMatch(before) || (cue.WantsEnd && IsBehaviour(match.Value, sentence))) continue;
                var subjects = SubjectsOf(before, owner, cue.IsOfWork, out var isByHead);
                if (subjects.Count == 0) continue;
                var rest = sentence[(match.Index + match.Length)..];
                if (Phrase(rest, cue.WantsEnd, out var isSureEnd) is not { } phrase) continue;
                foreach (var subject in subjects)
                {
                    var named = references.Resolve(phrase, subject, cue.IsStrict || !isSureEnd || isByHead);
                    if (named.Count == 0 && (isByHead || cue.IsOfWork || (cue.TellsActs && subject == owner && IsOrderOfWork(before, rest, phrase))) && references.Built(phrase, subject) is { } built) named = [built];
                    if (named.Count == 0 && cue.TellsActs && subject == owner && references.ByAct(phrase, subject) is { } act) named = [act];
                    foreach (var reference in named)
                    {
                        if (!cue.WantsId || reference.Quality == ReferenceQuality.Id) Add(cue, subject, reference, subjects.Count == 1, sentence, quote);
                    }
                }
            }
        }
    }

    // "WHEN the report is created THEN the system SHALL …" says how the program behaves, and nothing of who works first.
    private static bool IsBehaviour(string cue, string sentence) => cue.TrimStart().StartsWith("when", StringComparison.OrdinalIgnoreCase) && Behaves().IsMatch(sentence);

    // A sentence that opens with the id of another item, or with what one other item builds, is about that one.
    private List<int> SubjectsOf(string before, int owner, bool isOfWork, out bool isByHead)
    {
        isByHead = false;
        if (references.Subject(before) is var named && named >= 0) return [named];
        var phrase = before.Length is 0 or > LongestPhrase ? "" : Cut(before);
        if (phrase.Length > 0 && ItemReferences.IsOneThing(phrase))
        {
            var built = references.Built(phrase, -1);
            isByHead = built is { } other && other.Items[0] != owner;
            if (built is { } one) return [.. one.Items];
            return owner >= 0 && !isOfWork ? [owner] : [];
        }

        if (owner >= 0) return isOfWork && !ThisWork().IsMatch(phrase) ? [] : [owner];
        return phrase.Length == 0 ? [] : [.. references.Resolve(phrase, -1, isStrict: true).SelectMany(r => r.Items).Distinct()];
    }

    // "Add the import, after the store." and "After the store." order work; "After the import, the list is shown" tells what a program does.
    private static bool IsOrderOfWork(string before, string rest, string phrase)
    {
        var behind = rest.TrimStart(' ', ':', '\t');
        return behind[Math.Min(phrase.Length, behind.Length)..].Trim(' ', '.', ')', '*').Length == 0 && Ordering().IsMatch(before.TrimStart(' ', '-', '*', '+', '>'));
    }

    private void Add(Cue cue, int subject, Reference reference, bool isOneSubject, string sentence, Func<double, string, Evidence> quote)
    {
        foreach (var other in reference.Items)
        {
            var (from, to) = cue.IsReverse ? (subject, other) : (other, subject);
            var type = LayerOrder.IsSpike(items[from]) ? DependencyType.Knowledge : cue.Type == DependencyType.Technical && LayerOrder.IsGround(items[from]) ? DependencyType.Infrastructure : cue.Type;
            var confidence = Confidence(type, reference.Quality);
            var reason = $"The text says so: {Identifiers.Quote(sentence.Trim())}";
            found.Add(
                from, to, type, isHard: true, confidence, isStated: isOneSubject && reference.Items.Count == 1, reason,
                quote(confidence, cue.IsReverse ? $"It puts {ids[from]} before {ids[to]}." : $"It makes {ids[to]} wait for {ids[from]}."));
        }
    }

    private static double Confidence(DependencyType type, ReferenceQuality quality)
    {
        var sureness = quality switch
        {
            ReferenceQuality.Id => 1.0,
            ReferenceQuality.Title => 0.75,
            ReferenceQuality.Heading => 0.5,
            _ => 0.25,
        };
        return type switch
        {
            DependencyType.Technical => 0.8 + (0.2 * sureness),
            DependencyType.Infrastructure => 0.9 + (0.1 * sureness),
            DependencyType.Knowledge => 0.72 + (0.08 * sureness),
            _ => 0.75 + (0.15 * sureness),
        };
    }

    // An id that is named without a word of order: it has to do with it, and nobody said that it waits.
    private void Mentions(int item)
    {
        foreach (var id in items[item].MentionedIds)
        {
            if (references.ById(id) is not [var other] || other == item || found.Has(item, other) || found.Has(other, item) || items[other].Order > items[item].Order) continue;
            found.Add(other, item, DependencyType.Technical, isHard: false, 0.8, isStated: false, $"{ids[item]} mentions {id}, and nothing says that it has to wait for it.", quotes.Of(items[item], LineWith(items[item].Text, id), 0.8, $"It mentions {id}."));
        }
    }

    private static string LineWith(string text, string word) => text.Split('\n').FirstOrDefault(line => line.Contains(word, StringComparison.Ordinal)) ?? text.Split('\n')[0];

    // --- Words ---

    // What is "done" or "merged" is work; what is "ready" or "available" may be anything, and has to be named more exactly.
    private static string? Phrase(string rest, bool wantsEnd, out bool isSureEnd)
    {
        isSureEnd = true;
        rest = rest.TrimStart(' ', ':', '\t');
        if (rest.Length > LongestPhrase) rest = rest[..LongestPhrase];
        if (wantsEnd)
        {
            var end = End().Match(rest);
            isSureEnd = !VagueEnd().IsMatch(end.Value);
            return end.Success && end.Index <= LongestPhrase / 2 ? rest[..end.Index] : null;
        }

        var phrase = Cut(rest);
        return phrase.Length == 0 || Nothing().IsMatch(phrase) ? null : phrase;
    }

    private static string Cut(string text) => Boundary().Match(text) is { Success: true } end ? text[..end.Index].Trim() : text.Trim();

    private static IEnumerable<string> Sentences(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            var start = 0;
            foreach (Match end in SentenceEnd().Matches(line))
            {
                if (line[start..end.Index] is { Length: > 3 } sentence) yield return sentence;
                start = end.Index + end.Length;
            }

            if (line.Length - start > 3) yield return line[start..];
        }
    }

    private sealed record Cue(Regex Pattern, DependencyType Type, bool IsReverse, bool IsStrict)
    {
        public bool WantsEnd { get; init; }

        public bool WantsId { get; init; }

        public bool TellsActs { get; init; }

        // What comes of it in a program reads alike: the sentence has to be about "this", or about what one item builds.
        public bool IsOfWork { get; init; }
    }

    [GeneratedRegex(@"\b(?:depend(?:s|ent|ing)?\s+(?:up)?on|depend(?:s|encies|ency)(?:[-_ ]on)?\s*:|blocked[- _](?:by|on)|wait(?:s|ing)?\s+(?:for|on)|gated\s+(?:by|on)|prerequisites?\s*:|predecessors?\s*:|after\s*:|requires\s*:|(?:only|start(?:s|ed)?|begins?|comes?|run|done)\s+after|after\s+(?:the\s+)?(?:completion|completing)\s+of|builds\s+(?:directly\s+)?on(?:\s+top\s+of)?)", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex DependsOn();

    [GeneratedRegex(@"\bdependenc(?:y|ies)\s+on\s", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex DependencyOn();

    [GeneratedRegex(@"^(?:\W*(?:write|add|create)\s+)?(?:(?:unit|integration|e2e|end-to-end|acceptance)\s+)?(?:tests?\s+(?:for|of)|test|verify|document(?:ation)?\s+(?:for|of))\s+(?=the\s|all\s|a\s)", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex TestsOf();

    [GeneratedRegex(@"\b(?:shall|then|must)\b|^\W*WHEN\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Behaves();

    [GeneratedRegex(@"\b(?:requires?|needs?|relies\s+on)\s", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Requires();

    [GeneratedRegex(@"\b(?:based\s+on|reuses?|consumes?|uses?|extends?|from|via|provided\s+by|produced\s+by|defined\s+(?:in|by))\s", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Uses();

    [GeneratedRegex(@"ready|available|exist|work|pass|stable|in\s+place|green", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex VagueEnd();

    [GeneratedRegex(@"\b(?:once|when|as\s+soon\s+as|after|until)\s", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Once();

    [GeneratedRegex(@"\b(?:after|following|follows)\s", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex After();

    [GeneratedRegex(@"\b(?:blocks|unblocks|prerequisites?\s+(?:for|of|to)|must\s+(?:precede|come\s+before)|precedes|must\s+be\s+(?:done|complete|completed|finished|merged|in\s+place|ready)\s+before|(?:done|completed?|finished|merged)\s+before)\s*:?", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Blocks();

    [GeneratedRegex(@"\b(?:needed\s+(?:by|for)|required\s+(?:by|for)|used\s+by|enables|consumed\s+by)\s", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex NeededBy();

    [GeneratedRegex(@"\b(?:before|prior\s+to|ahead\s+of)\s", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Before();

    [GeneratedRegex(@"\b(?:comes?|goes|starts?|begins?|(?:is|gets)\s+(?:built|done|made|added|written|implemented))\s+before\s", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex ComesBefore();

    [GeneratedRegex(@"^(?:this|it|this\s+(?:task|step|work|part|section))?$", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex ThisWork();

    [GeneratedRegex(@"^(?:$|.*[,;(–—]\s*$|(?:add|build|implement|introduce|write|set up|extract|refactor|create)\b)", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Ordering();

    [GeneratedRegex(@"(?:\b(?:not|never|no|without|cannot|independent(?:ly)?)|n['’]t)\s+(?:\w+\s+){0,2}$", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Negation();

    [GeneratedRegex(@"\s+(?:is|are|has\s+been|have\s+been|gets?|was|were)\s+(?:fully\s+|all\s+)?(?:done|complete|completed|finished|ready|merged|available|in\s+place|implemented|deployed|shipped|landed|released|built|created|written|added|defined|designed|chosen|decided|settled|set\s+up|installed|configured|migrated|generated|updated|extracted|removed|fixed|tested|published|prepared|integrated|refactored|green|verified|passing|approved|agreed|stable)\b|\s+(?:lands|exists|ships|completes|works|passes|exist|land|work|pass)\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex End();

    [GeneratedRegex(@"\)|\(|;|\.\s|\.$|:\s|\s[-–—]\s|\s(?:so|because|since|which|who|whose|in\s+order|then|but|while|until|unless|where|when|if|is|are|has|have|being|can|must|should|will|to|for|with|without|via|before|after)\s|,\s*(?:then|the\s|it\s|we\s|this\s|which\s|so\s)", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Boundary();

    [GeneratedRegex(@"^(?:none|nothing|n/a|no\b|-|–|—|any\b|to\s)", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Nothing();

    [GeneratedRegex(@"[.!?;]\s+", RegexOptions.NonBacktracking)]
    private static partial Regex SentenceEnd();

    [GeneratedRegex(@"[`*]|^\s*(?:[-+>#]+\s+|\d+[.)]\s+)+", RegexOptions.NonBacktracking)]
    private static partial Regex Marks();
}
