using Slaps.Planning.Reading;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Features;

/// <summary>What kind of demand a specification makes that no task speaks of.</summary>
internal enum Demand
{
    /// <summary>A sentence with MUST or SHALL in capitals (RFC 2119).</summary>
    Obligation,

    /// <summary>A block of commands below a prompt, with what they print.</summary>
    Session,

    /// <summary>A line below acceptance criteria.</summary>
    Criterion,
}

/// <summary>A demand of the text and where it stands.</summary>
internal readonly record struct UnplannedDemand(SourceLines Source, Demand Kind);

/// <summary>
/// Holds the finished tasks against the text: what the text demands and no task has as its description, evidence, criterion or check is
/// told to whoever asked for the plan, so that nothing gets lost unseen.
/// </summary>
internal sealed class Unplanned
{
    // As much of an item as its task carries.
    private const int MostSources = 10;
    private const int MostCriteria = 30;

    private readonly Dictionary<string, HashSet<int>> _lines = new(StringComparer.Ordinal);
    private readonly HashSet<string> _said = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _checks = new(StringComparer.Ordinal);
    private readonly HashSet<Section> _finished;
    private readonly List<UnplannedDemand> _demands = [];

    private Unplanned(WorkFindings found, IReadOnlyList<WorkItem> items)
    {
        _finished = [.. found.Finished.Select(f => f.Section)];
        foreach (var item in items)
        {
            var judges = (item.Criteria.Count > 0 ? item.Criteria : item.Parts).Take(MostCriteria).ToList();
            foreach (var source in item.Sources.Take(MostSources).Concat(judges.Select(j => j.Source))) Cover(source);
            foreach (var line in item.Text.Split('\n').Concat(judges.Select(j => j.Text))) _said.Add(Words.OneSpace(line));
            foreach (var check in item.Checks.Concat(item.Criteria.Concat(item.Parts).SelectMany(p => p.Checks))) _checks.Add(check.Code);
        }

        // What is left aside with its own reason is named already.
        foreach (var source in found.Done.Concat(found.PutOff).Concat(found.CommandsLeft.Select(left => left.Source))) Cover(source);
    }

    /// <summary>The demands that reached no task, in the order of the documents and their lines.</summary>
    public static IReadOnlyList<UnplannedDemand> Find(IReadOnlyList<SpecificationText> texts, WorkFindings found, IReadOnlyList<WorkItem> items)
    {
        var unplanned = new Unplanned(found, items);
        foreach (var text in texts) unplanned.Read(text);
        return unplanned._demands;
    }

    private void Cover(SourceLines source)
    {
        var lines = _lines.TryGetValue(source.File, out var there) ? there : _lines[source.File] = [];
        for (var n = source.First; n <= source.Last; n++) lines.Add(n);
    }

    private void Read(SpecificationText text)
    {
        var open = new Stack<(Section Section, bool IsContext, bool IsTold, bool Judges)>([(text.Root, false, false, false)]);
        while (open.TryPop(out var at))
        {
            var (section, isContext, isTold, judges) = at;
            if (_finished.Contains(section)) continue;
            if (section.Level > 0 && section != text.TitleSection)
            {
                var kind = SectionKinds.Of(section.Title);
                isContext |= kind == SectionKind.Context;

                // What was, what is not wanted and what words mean asks for nothing, in whatever words; requirements below do.
                isTold = SectionKinds.Informs(section.Title) || (isTold && (isContext || kind is SectionKind.Design or SectionKind.Introduction or SectionKind.Goals));
                judges = !isContext && (kind == SectionKind.Criteria || (judges && kind == SectionKind.Design));
            }

            if (!isTold) Read(text, section.Blocks, isContext, judges);
            for (var i = section.Children.Count - 1; i >= 0; i--) open.Push((section.Children[i], isContext, isTold, judges));
        }
    }

    private void Read(SpecificationText text, IReadOnlyList<TextBlock> blocks, bool isContext, bool judges)
    {
        var judged = judges;
        foreach (var (i, block) in blocks.Index())
        {
            switch (block)
            {
                case TextBlock.Paragraph paragraph:
                    judged = judges || (!isContext && WorkFinder.Judges(paragraph, judged));
                    Obligations(text, paragraph.Text, paragraph.First, paragraph.Last, i + 1 < blocks.Count ? blocks[i + 1] as TextBlock.ItemList : null);
                    break;
                case TextBlock.ItemList list:
                    foreach (var entry in list.Items)
                    {
                        var isLabel = !isContext && WorkFinder.IntroducesCriteria(entry.Text);
                        if (judged && !isLabel) Criterion(text, entry.Text, entry.First, entry.LastOwn);
                        Obligations(text, entry.Text, entry.First, entry.LastOwn, entry.Blocks.OfType<TextBlock.ItemList>().FirstOrDefault());
                        Read(text, entry.Blocks, isContext, judges || isLabel);
                    }

                    break;
                case TextBlock.Table table:
                    foreach (var row in table.Rows)
                    {
                        if (row.Cells.Any(WorkFinder.Obliges) && WorkFinder.Obliges(string.Join(": ", row.Cells))) Add(text, WorkFinder.LinesOf(text, row.Line, row.Line), Demand.Obligation);
                    }

                    break;
                case TextBlock.Fence fence when fence.Code.Split('\n').Any(line => line.TrimStart().StartsWith("$ ", StringComparison.Ordinal)):
                    if (StatedCheck.OfBlock(fence.Code, out _) is { } check && _checks.Contains(check.Code)) break;
                    Add(text, WorkFinder.LinesOf(text, fence.First, fence.Last), Demand.Session);
                    break;
            }
        }
    }

    private void Obligations(SpecificationText text, string words, int first, int last, TextBlock.ItemList? below)
    {
        if (!WorkFinder.Obliges(words)) return;
        var from = first;
        foreach (var sentence in Words.Sentences(words).Where(WorkFinder.Obliges))
        {
            // "Every tool MUST have:" is demanded by the items below, each of which is held against the tasks itself.
            if (sentence.TrimEnd(' ', '*', '_').EndsWith(':') && below?.Items.All(entry => IsCovered(text, entry.First, entry.LastOwn)) == true) continue;
            if (!Says(sentence)) Add(text, Place(text, Words.OneSpace(sentence), ref from, last), Demand.Obligation);
        }
    }

    private void Criterion(SpecificationText text, string words, int first, int last)
    {
        var plain = Words.Plain(words);
        if (plain.Length > 3 && !plain.EndsWith('?') && !Says(words) && !WorkFinder.Obliges(words)) Add(text, Place(text, Words.OneSpace(words), ref first, last), Demand.Criterion);
    }

    private bool Says(string sentence) =>
        _said.Contains(Words.Plain(sentence)) || (sentence.Length <= WorkFinder.LongLine && WorkFinder.Clauses(sentence).All(clause => _said.Contains(Words.Plain(clause))));

    // One sentence of a long line is not said because another one of it is.
    private void Add(SpecificationText text, SourceLines source, Demand kind)
    {
        var isSentence = source.First == source.Last && text.Lines[source.First - 1].Length > WorkFinder.LongLine;
        if (!isSentence && IsCovered(text, source.First, source.Last)) return;
        _demands.Add(new UnplannedDemand(source, kind));
    }

    private bool IsCovered(SpecificationText text, int first, int last) =>
        _lines.TryGetValue(text.File, out var lines) && Enumerable.Range(first, last - first + 1).All(n => lines.Contains(n) || string.IsNullOrWhiteSpace(text.Lines[n - 1]));

    // The lines on which a sentence of a block stands, as near as its words tell; the next sentence stands no earlier.
    private static SourceLines Place(SpecificationText text, string sentence, ref int from, int last)
    {
        const int enough = 24;
        if (from == last) return new SourceLines(text.File, last, last, Words.Beginning(sentence, WorkFinder.ExcerptLength));
        var beginning = sentence.Length > enough ? sentence[..enough].TrimEnd() : sentence;
        var end = sentence[Math.Max(0, sentence.Length - enough)..].TrimStart();
        var begun = 0;
        for (var n = from; n <= last; n++)
        {
            var line = Words.OneSpace(text.Lines[n - 1]);
            if (begun == 0 && line.Contains(sentence, StringComparison.Ordinal))
            {
                from = n;
                return new SourceLines(text.File, n, n, Words.Beginning(sentence, WorkFinder.ExcerptLength));
            }

            if (begun == 0 && line.Contains(beginning, StringComparison.Ordinal)) begun = n;
            if (begun == 0 || !line.Contains(end, StringComparison.Ordinal)) continue;
            from = n;
            return WorkFinder.LinesOf(text, begun, n);
        }

        return WorkFinder.LinesOf(text, from, last);
    }
}
