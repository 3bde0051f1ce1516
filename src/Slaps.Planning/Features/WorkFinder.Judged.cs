using System.Text.RegularExpressions;
using Slaps.Planning.Reading;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Features;

/// <summary>
/// What a requirement is judged by is no work of its own: criteria below a requirement's heading, below a line such as "Acceptance
/// criteria:", or nested in an item of this name, belong to what the section asks for.
/// </summary>
internal sealed partial class WorkFinder
{
    // A section with so many orders and their criteria is one piece of work; more are pieces of their own.
    private const int FewOrders = 5;

    // So many words in common say that a criterion judges one order and not the section.
    private const int CommonWords = 2;

    /// <summary>Whether a paragraph or item ends in a label that introduces criteria: "Acceptance criteria:".</summary>
    public static bool IntroducesCriteria(string marked)
    {
        if (marked.Length > LongLine) return false;
        var plain = Words.Plain(marked);
        return JudgesLabel().Match(plain) is { Success: true } whole ? whole.Length == plain.Length : plain.EndsWith(':') && EndsInLabel().IsMatch(plain);
    }

    // Below "Requirements", a heading with a statement and its criteria is one piece of work, whatever the heading is called.
    private static bool IsJudgedWhole(Section section)
    {
        if (section.Level == 0 || SectionKinds.IsPhase(section.Title)) return false;
        if (SectionKinds.Of(section.Title) != SectionKind.Design && !RequirementNumber().IsMatch(Words.Plain(section.Title))) return false;
        if (!section.Children.TrueForAll(c => IsOfRequirement(c))) return false;
        var parts = section.Children.Where(c => SectionKinds.Of(c.Title) is not (SectionKind.Criteria or SectionKind.Tests or SectionKind.Context)).Prepend(section).ToList();
        if (parts.Exists(p => p.Blocks.OfType<TextBlock.Table>().Any(t => t.Rows.Count > 1 && IdColumn(t) >= 0))) return false;
        var isJudged = section.Children.Exists(c => SectionKinds.Of(c.Title) == SectionKind.Criteria);
        var orders = 0;
        foreach (var part in parts)
        {
            var judges = false;
            foreach (var block in part.Blocks)
            {
                if (block is TextBlock.Paragraph paragraph) judges = Judges(paragraph, judges);
                isJudged |= judges;
                if (judges || block is not TextBlock.ItemList list) continue;
                isJudged |= list.Items.Any(e => JudgesLabel().IsMatch(Words.Plain(e.Text)));
                var stated = list.Items.Where(e => !JudgesLabel().IsMatch(Words.Plain(e.Text))).ToList();
                if (stated.Exists(e => e.IsTicked is not null)) return false;
                if (stated.Count(IsStated) * 2 >= stated.Count) orders += stated.Count;
            }
        }

        return isJudged && orders <= FewOrders && (orders > 0 || StartsWithId().IsMatch(Words.Plain(section.Title)) || parts.Exists(Says));
    }

    // Criteria, tests, notes, and headings that hold nothing but words.
    private static bool IsOfRequirement(Section child) =>
        child.Children.Count == 0 && (SectionKinds.Of(child.Title) is SectionKind.Criteria or SectionKind.Tests or SectionKind.Context or SectionKind.Introduction
        || (SectionKinds.Of(child.Title) == SectionKind.Design && !StartsWithId().IsMatch(Words.Plain(child.Title)) && !RequirementNumber().IsMatch(Words.Plain(child.Title))));

    private static bool Says(Section section) => section.Blocks.OfType<TextBlock.Paragraph>().Any(p => !IntroducesCriteria(p.Text) && (IsSubstantial(p) || TaskTitles.IsWork(p.Text)));

    /// <summary>Whether what follows a paragraph is criteria: from "Acceptance criteria:" on, until another label says that it is not.</summary>
    public static bool Judges(TextBlock.Paragraph paragraph, bool before)
    {
        if (IntroducesCriteria(paragraph.Text)) return true;
        return before && !(paragraph.Text.TrimEnd(' ', '*').EndsWith(':') && SectionKinds.Of(paragraph.Text) is not (SectionKind.Design or SectionKind.Criteria));
    }

    // Criteria, tables of criteria and, where there is neither, the sentences of a section that is called so.
    private void CriteriaIn(Draft draft, Section section)
    {
        var before = draft.Criteria.Count;
        foreach (var below in section.SelfAndDescendants())
        {
            CriteriaOf(draft, below.Blocks);
            foreach (var table in below.Blocks.OfType<TextBlock.Table>())
            {
                var column = WordsColumn(table);
                foreach (var row in table.Rows.Where(r => column >= 0 && column < r.Cells.Count)) draft.Criteria.Add(Criterion(row.Cells[column], Lines(row.Line, row.Line)));
            }
        }

        if (draft.Criteria.Count > before) return;
        foreach (var paragraph in section.SelfAndDescendants().SelectMany(s => s.Blocks).OfType<TextBlock.Paragraph>().Where(p => draft.Checks.Count == 0 || !p.Text.TrimEnd().EndsWith(':')))
            draft.Criteria.Add(Criterion(paragraph.Text, Lines(paragraph.First, paragraph.Last)));
    }

    // An item "Acceptance criteria: …" with what is nested in it.
    private void CriteriaOf(Draft draft, ListEntry entry)
    {
        var words = entry.Text[(entry.Text.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim('*', '_', ' ');
        if (!IntroducesCriteria(entry.Text) && Words.Plain(words).Length > 3) draft.Criteria.Add(Criterion(words, Lines(entry.First, entry.LastOwn)));
        CriteriaOf(draft, entry.Blocks);
    }

    // What a section of criteria below requirements judges: what the bold heading right above it asks for, else what the section around it lists.
    private List<Draft> JudgedBy(Section section)
    {
        if (section.Parent is not { } parent) return [];
        var at = parent.Children.IndexOf(section);
        if (section.Level == 7 && at > 0 && _drafts.Where(d => d.Section == parent.Children[at - 1]).ToList() is { Count: > 0 } above) return above;
        return [.. _drafts.Where(d => d.Section == parent && d.Kind == SectionKind.Requirements)];
    }

    // The criteria of a section go to its only piece of work, or to the one that shares most words; the others are gone through at the end.
    private void Judge(Section section, List<Draft> judged, Draft criteria)
    {
        if (criteria.Criteria.Count + criteria.Checks.Count == 0) return;
        criteria.Criteria.RemoveAll(c => c.Text.EndsWith('?'));
        if (judged is [var only])
        {
            only.Criteria.AddRange(criteria.Criteria);
            only.Checks.AddRange(criteria.Checks);
            return;
        }

        var words = judged.ConvertAll(d => Words.Stems(Words.Beginning(Words.Plain(d.Marked), 600)));
        var rest = new List<WorkPart>();
        foreach (var criterion in criteria.Criteria)
        {
            var said = Words.Stems(Words.Beginning(criterion.Text, 600));
            var scores = words.ConvertAll(w => w.Count(said.Contains));
            var best = scores.Count == 0 ? 0 : scores.Max();
            if (best >= CommonWords && scores.Count(s => s == best) == 1) judged[scores.IndexOf(best)].Criteria.Add(criterion);
            else rest.Add(criterion);
        }

        if (rest.Count + criteria.Checks.Count == 0) return;
        var name = TaskTitles.Bare(section.Title);
        var (first, last) = rest.Count > 0 ? (rest[0].Source.First, rest[^1].Source.Last) : (criteria.First, criteria.Last);
        var draft = new Draft(section, SectionKind.Criteria, rest.Count > 0 ? rest[0].Text : section.Title, first, Math.Max(first, last))
        {
            Layer = WorkLayer.Tests,
            Closes = Closing.Feature,
            Title = TaskTitles.Finish($"Verify the acceptance criteria{(name.Length > 0 ? $" of {name}" : "")}"),
        };
        draft.Criteria.AddRange(rest);
        draft.Checks.AddRange(criteria.Checks);
        draft.Parts.AddRange(rest);
        _drafts.Add(draft);
    }

    [GeneratedRegex(@"^(?:acceptance(?: criteri(?:a|on)| tests?| conditions)?|done when|definition of done|(?:success|completion|exit) criteria)(?:\s*\([^)]{0,30}\))?\s*(?::|$)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex JudgesLabel();

    [GeneratedRegex(@"(?:^|[.!?;]\s+)(?i:acceptance(?: criteri(?:a|on)| tests?| conditions)?|done when|definition of done|(?:success|completion|exit) criteria|verify|verification)[^:.]{0,30}:$|\sAcceptance(?: [Cc]riteri(?:a|on)| [Tt]ests?)?:$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex EndsInLabel();

    // RFC 2119: in capitals these oblige.
    [GeneratedRegex(@"\b(?:MUST|SHALL)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ObligesInCapitals();

    [GeneratedRegex(@"\bRFC[ -]?(?:2119|8174)\b|\bBCP ?14\b|\bkey ?words\s+\W*(?:MUST|SHALL|REQUIRED|SHOULD|MAY)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ExplainsKeywords();

    // "`MUST`", "“SHALL”" and "MUST: an absolute requirement" speak of the word; "MUST: keep entries" ranks a demand.
    [GeneratedRegex(@"[""'`“‘](?:MUST|SHALL)(?:\s+NOT)?[""'`”’]|^\W*(?:MUST|SHALL)(?:\s+NOT)?[*_""'`”’]*\s*(?:(?:means?|denotes?|indicates?|is|are|and|or)\b|[/,]\s*\W*(?:MUST|SHALL|REQUIRED)|[:=—–-]+[*_]*\s*(?:an? |the |this is )*(?:absolute|mandatory|required|requirements?|obligatory|binding|non-negotiable|prohibited|prohibition|forbidden)\b)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex SpeaksOfKeywords();

    /// <summary>Whether a sentence obliges by a word in capitals, and does not only tell what such words mean.</summary>
    public static bool Obliges(string sentence) =>
        ObligesInCapitals().IsMatch(sentence) && !ExplainsKeywords().IsMatch(sentence) && !sentence.TrimEnd().EndsWith('?') && ObligesInCapitals().IsMatch(SpeaksOfKeywords().Replace(sentence, " "));
}
