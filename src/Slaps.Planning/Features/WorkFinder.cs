using System.Text;
using System.Text.RegularExpressions;
using Slaps.Core.Plans.Graphs;
using Slaps.Planning.Dependencies;
using Slaps.Planning.Reading;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Features;

/// <summary>
/// Finds the work in a document: lists of tasks, requirements, stories, tests and described parts. What a document says about the work
/// itself is left aside, unless there is nothing else.
/// </summary>
internal sealed partial class WorkFinder
{
    // From so many stated tasks and requirements on, sections that only describe are words about these.
    private const int Explicit = 3;

    /// <summary>So much of its lines a piece of evidence quotes, in characters.</summary>
    public const int ExcerptLength = 280;


    /// <summary>A line that is longer, in characters, holds so much that one sentence of it stands for itself.</summary>
    public const int LongLine = 2_000;

    // So many lines that name files beside the work are looked at.
    private const int MostLooked = 5_000;

    // So much of a statement is ever quoted, in characters, and so many lines that are nested in one.
    private const int StatementLength = 6_000;
    private const int MostNested = 60;

    // Whoever follows a piece of evidence does not want to read a chapter.
    private const int LongestEvidence = 40;

    private readonly SpecificationText _text;
    private readonly NamedFiles _files;
    private readonly bool _boldIsHeading;
    private readonly bool _isForeign;
    private bool _plansFinished;
    private readonly List<Draft> _drafts = [];
    private readonly List<Draft> _spare = [];
    private readonly List<ContextSection> _context = [];
    private readonly List<SourceLines> _done = [];
    private readonly List<SourceLines> _putOff = [];
    private readonly List<ContextSection> _finished = [];
    private readonly List<(Section Section, SectionKind Kind)> _introductions = [];
    private readonly List<(SourceLines Source, CommandLeft Command)> _commandsLeft = [];
    private readonly CriterionCommands _commands;

    private WorkFinder(SpecificationText text)
    {
        _text = text;
        _files = new NamedFiles(text.Lines);
        _commands = new CriterionCommands(text.Lines);
        _isForeign = IsForeign(text);
        _boldIsHeading = !text.Root.SelfAndDescendants().Any(s => s.Level is >= 2 and <= 6);
        Subject = ShortOf(SubjectOf(text));
    }

    /// <summary>What the document is about, in a few words; empty when it does not say.</summary>
    private string Subject { get; }

    /// <summary>The work and the context of all documents, in their order.</summary>
    public static WorkFindings Find(IReadOnlyList<SpecificationText> texts)
    {
        var work = new List<FoundWork>();
        var context = new List<ContextSection>();
        var done = new List<SourceLines>();
        var putOff = new List<SourceLines>();
        var names = new DocumentNames(texts);
        var finders = texts.Select(text => new WorkFinder(text)).ToList();
        foreach (var finder in finders)
        {
            finder.Run();
            finder.LeaveIndex(names);
        }

        Fulfil(finders);
        foreach (var finder in finders)
        {
            work.AddRange(finder._drafts.Select((draft, i) => finder.Built(draft, work.Count + i)).ToList());
            context.AddRange(finder._context.OrderBy(c => c.Section.Line));
            done.AddRange(finder._done);
            putOff.AddRange(finder._putOff);
        }

        return new WorkFindings(work, context, done, putOff)
        {
            Finished = [.. finders.SelectMany(finder => finder._finished)],
            FinishedDocuments = [.. texts.Select(text => Finished.LineOf(text) is { } line ? LinesOf(text, line, line) : null).OfType<SourceLines>()],
            CommandsLeft = [.. finders.SelectMany(finder => finder._commandsLeft).DistinctBy(left => (left.Source.Place, left.Command.Code))],
            Twice = [.. finders.SelectMany(finder => finder._twice.Select(pair => (finder.SentenceLines(pair.Kept), finder.SentenceLines(pair.Folded))))],
        };
    }

    /// <summary>What a document is about: its title without numbers and words such as "Feature Specification:"; else its file's or folder's name.</summary>
    public static string SubjectOf(SpecificationText text)
    {
        var heading = text.TitleSection ?? (text.Root.Children is [{ Level: 1 } first, ..] && SectionKinds.Of(first.Title) == SectionKind.Design ? first : null);
        var title = heading is null || heading.Level > 1 ? "" : Words.Plain(heading.Title);
        title = Finished.Without(TitleLabel().Replace(title, "")).Trim(' ', ':', '-', '–', '—');
        if (title.Length > 0 && !GenericTitle().IsMatch(title)) return Words.Beginning(title, 70);
        var parts = text.File.Split('/', '\\');
        var name = Path.GetFileNameWithoutExtension(parts[^1]);
        if (GenericFile().IsMatch(name)) name = parts.Length > 1 && parts[^2] is not ("." or "..") ? parts[^2][(parts[^2].LastIndexOf("__", StringComparison.Ordinal) is >= 0 and var cut ? cut + 2 : 0)..] : "";
        return Words.Beginning(Words.OneSpace(name.Replace('_', ' ').Replace('-', ' ')), 70);
    }

    // "Todo: a list for the command line" is called Todo where it is only named.
    private static string ShortOf(string subject)
    {
        var end = subject.AsSpan().IndexOfAny(':', '—', '–');
        return end > 1 && subject.Length > end + 1 && subject[end + 1] == ' ' && subject[..end].Any(char.IsLetter) ? subject[..end].TrimEnd() : subject;
    }

    private sealed class Draft(Section section, SectionKind kind, string marked, int first, int last)
    {
        public Section Section { get; set; } = section;
        public SectionKind Kind { get; } = kind;
        public string Marked { get; } = marked;
        public int First { get; } = first;
        public int Last { get; set; } = last;
        public bool IsHeading { get; init; }
        public string? Verb { get; init; }
        public string? Title { get; set; }
        public WorkLayer? Layer { get; set; }
        public Closing Closes { get; set; }
        public NumberedStep? Step { get; set; }
        public DocumentPhase? Phase { get; set; }
        public string? OwnId { get; set; }
        public List<WorkPart> Parts { get; } = [];
        public List<WorkPart> Criteria { get; } = [];
        public List<StatedCheck> Checks { get; } = [];
        public List<Draft> Others { get; } = [];
        public List<WorkPart> Fulfils { get; } = [];
        public List<string> FulfilledIds { get; } = [];
        public List<(int Line, Mentions Mentions)> Described { get; } = [];
    }

    private void Run()
    {
        Visit(_text.Root, SectionKind.Design, null);
        if (_drafts.Count == 0 && _finished.Count > 0) PlanFinished();
        Weigh();
        FoldTwice();
        if (_drafts.Count == 0) Fallback();
        LeaveIntroductions();
        Attach();

        // Sentences of one line keep the order in which they were found.
        List<Draft> inOrder = [.. _drafts.OrderBy(d => d.First).ThenBy(d => d.Last)];
        _drafts.Clear();
        _drafts.AddRange(inOrder);
    }

    // A document that mostly names the others is their table of contents: what it lists is planned from where it is described.
    private void LeaveIndex(DocumentNames names)
    {
        var listed = _drafts.Where(d => !d.IsHeading).ToList();
        if (_drafts.Count < Explicit || listed.Count(d => names.NamesAnother(_text, TaskTitles.NameOf(d.Marked))) * 2 <= _drafts.Count) return;
        foreach (var section in _drafts.Select(d => d.Section).Distinct()) _context.Add(new ContextSection(_text, section, "It lists what other documents of this plan describe."));
        _drafts.Clear();
    }

    // --- What to look at ---

    // Motivation, goals and overviews that gave no work are told as context, the outermost heading alone.
    private void LeaveIntroductions()
    {
        var giving = _drafts.Select(d => d.Section).ToHashSet();
        var left = new HashSet<Section>();
        foreach (var (section, kind) in _introductions.Where(i => i.Section.Level > 0 && !i.Section.SelfAndDescendants().Any(giving.Contains)))
        {
            if (!left.Add(section) || (section.Parent is { } parent && left.Contains(parent))) continue;
            _context.Add(new ContextSection(_text, section, kind == SectionKind.Goals ? "It says what is aimed at; what is to be done for it stands elsewhere." : "It tells why or what about, and asks for nothing itself."));
        }
    }

    // Where everything says that it is done, whoever asks for a plan wants one all the same.
    private void PlanFinished()
    {
        _finished.Clear();
        _context.Clear();
        _introductions.Clear();
        _spare.Clear();
        _plansFinished = true;
        Visit(_text.Root, SectionKind.Design, null);
    }

    private void Visit(Section section, SectionKind inherited, DocumentPhase? phase)
    {
        var kind = KindOf(section, inherited);
        if (!_plansFinished && section.Level is > 0 and < 7 && section != _text.TitleSection && kind != SectionKind.Context && Finished.Says(section))
        {
            _finished.Add(new ContextSection(_text, section, "It says of itself that it is done."));
            return;
        }

        if (kind == SectionKind.Context)
        {
            _context.Add(new ContextSection(_text, section, "Its heading says that it is no work."));
            return;
        }

        if (kind is SectionKind.Design or SectionKind.Tests or SectionKind.Tasks && IsProcedure(section))
        {
            Procedure(section, phase);
            return;
        }

        switch (kind)
        {
            case SectionKind.Introduction or SectionKind.Goals:
                _introductions.Add((section, kind));
                break;
            case SectionKind.Requirements when IsWhole(section, kind):
                FromHeading(section, kind, phase);
                return;
            case SectionKind.Tasks or SectionKind.Requirements:
                Statements(section, kind, phase);
                break;
            case SectionKind.Stories:
                Stories(section);
                break;
            case SectionKind.Criteria when IsBelow(section, SectionKind.Requirements, inherited) && !OnlyVerified().IsMatch(SectionKinds.Name(section.Title)):
                if (JudgedBy(section) is { Count: > 0 } judged)
                {
                    var criteria = new Draft(section, kind, section.Title, section.Line, LastOf(section));
                    CriteriaIn(criteria, section);
                    Judge(section.Parent!, judged, criteria);
                    return;
                }

                Statements(section, SectionKind.Requirements, phase);
                break;
            case SectionKind.Criteria:
                Verification(section);
                break;
            case SectionKind.Entities:
                Entities(section);
                break;
            case SectionKind.Tests:
                Tests(section);
                break;
            case SectionKind.Stages:
                Stages(section, phase);
                break;
            default:
                Design(section, phase);
                break;
        }

        var passedOn = kind == SectionKind.Criteria && inherited == SectionKind.Requirements && !OnlyVerified().IsMatch(SectionKinds.Name(section.Title)) ? SectionKind.Requirements : kind;
        var phases = section.Children.Where(c => SectionKinds.IsPhase(c.Title)).ToList();
        foreach (var child in section.Children)
        {
            if (IsTaken(child, kind)) continue;
            var number = phases.Count > 1 ? phases.IndexOf(child) + 1 : 0;
            Visit(child, passedOn, number > 0 ? new DocumentPhase($"{_text.File}#L{section.Line}", number, Words.Plain(child.Title)) : phase);
        }
    }

    private SectionKind KindOf(Section section, SectionKind inherited)
    {
        if (section.Parent is null || section == _text.TitleSection) return SectionKind.Design;
        var own = SectionKinds.Of(section.Title);
        if (own == SectionKind.Design) return inherited;
        if (inherited == SectionKind.Context || own == SectionKind.Context) return SectionKind.Context;
        return inherited switch
        {
            SectionKind.Introduction or SectionKind.Goals when own is SectionKind.Introduction or SectionKind.Goals => inherited,
            SectionKind.Tests when own is not (SectionKind.Tasks or SectionKind.Stages) => SectionKind.Tests,
            SectionKind.Stages => SectionKind.Stages,
            SectionKind.Tasks when own is SectionKind.Introduction or SectionKind.Goals or SectionKind.Stages or SectionKind.Entities => SectionKind.Tasks,
            SectionKind.Requirements when own is SectionKind.Goals => SectionKind.Requirements,
            _ => own,
        };
    }

    private static bool IsBelow(Section section, SectionKind kind, SectionKind inherited) => inherited == kind && section.Parent is { } parent && parent.Level > 0;

    // Whether the section above has made its own work of it already.
    private bool IsTaken(Section child, SectionKind kind) => kind switch
    {
        SectionKind.Tasks or SectionKind.Requirements => !IsGroup(child, kind),
        SectionKind.Stories => IsStory(child),
        SectionKind.Entities or SectionKind.Stages => true,
        SectionKind.Criteria => true,
        SectionKind.Tests => child.Level == 7,
        _ => child.Level == 7 && !_boldIsHeading && SectionKinds.Of(child.Title) == SectionKind.Design,
    };

    // Whether what stands in a section are pieces of work of their own, and not the details of one.
    private static bool IsGroup(Section section, SectionKind kind)
    {
        var own = SectionKinds.Of(section.Title);
        if (own is SectionKind.Context or SectionKind.Introduction or SectionKind.Criteria or SectionKind.Stories or SectionKind.Entities or SectionKind.Tests) return true;
        if (IsWhole(section, kind)) return false;
        if (TaskHeading().IsMatch(SectionKinds.Name(section.Title)) && section.Children.All(c => c.Level == 7)) return false;
        if (SectionKinds.IsPhase(section.Title) || section.Children.Any(c => c.Level < 7)) return true;
        if (section.Children.Any(c => SectionKinds.Of(c.Title) == SectionKind.Criteria)) return true;
        if (section.Blocks.OfType<TextBlock.Table>().Any(t => t.Rows.Count > 1 && IdColumn(t) >= 0)) return true;
        return section.Blocks.OfType<TextBlock.ItemList>().Any(list => list.Items.Count > 1 && list.Items.Count(IsStated) * 2 >= list.Items.Count);
    }

    // "Requirement 3" or a story with nothing below but its acceptance criteria is one piece of work: they say when it is done.
    private static bool IsWhole(Section section, SectionKind kind) =>
        (kind == SectionKind.Requirements && IsJudgedWhole(section))
        || (section.Children.Count > 0
        && section.Children.TrueForAll(c => SectionKinds.Of(c.Title) == SectionKind.Criteria)
        && (RequirementNumber().IsMatch(Words.Plain(section.Title)) || StoryOf(section) is not null)
        && !section.Blocks.OfType<TextBlock.ItemList>().Any(list => list.Items.Count(IsStated) * 2 >= list.Items.Count));

    private static TextBlock.Paragraph? StoryOf(Section section) => section.Blocks.OfType<TextBlock.Paragraph>().FirstOrDefault(p => TaskTitles.IsStory(p.Text));

    private static bool IsStated(ListEntry entry) => entry.IsTicked is not null || StartsWithId().IsMatch(Words.Plain(entry.Text)) || TaskTitles.IsWork(entry.Text);

    private static bool IsStory(Section child) => SectionKinds.Of(child.Title) is SectionKind.Design or SectionKind.Stories;

    // In another language than English no verb is known: there a list is what is to be done, whatever its heading says.
    private static bool IsForeign(SpecificationText text)
    {
        var (words, english) = (0, 0);
        foreach (var line in text.Lines.Take(2_000))
        {
            foreach (Match match in AnyWord().Matches(line.Length > LongLine ? line[..LongLine] : line))
            {
                words++;
                if (EnglishWord().IsMatch(match.Value)) english++;
            }
        }

        return words >= 12 && english * 50 < words;
    }

    // --- Tasks and requirements ---

    private void Statements(Section section, SectionKind kind, DocumentPhase? phase)
    {
        var hasGroups = section.Children.Count > 0;
        var requirement = RequirementNumber().Match(SectionKinds.Name(section.Title) is { Length: > 0 } ? Words.Plain(section.Title) : "") is { Success: true } own
            ? own
            : RequirementNumber().Match(section.Parent is { } parent ? Words.Plain(parent.Title) : "");
        string? lead = null;
        var explains = false;
        var judges = false;
        var isListed = hasGroups || section.Blocks.Exists(b => b is TextBlock.ItemList or TextBlock.Table);
        var criteria = new Draft(section, SectionKind.Criteria, section.Title, section.Line, LastOf(section));
        foreach (var block in section.Blocks)
        {
            if (block is TextBlock.Paragraph words) judges = kind == SectionKind.Requirements && Judges(words, judges);
            switch (block)
            {
                case TextBlock.ItemList when explains:
                    explains = false;
                    break;
                case TextBlock.ItemList or TextBlock.Fence when judges:
                    CriteriaOf(criteria, [block]);
                    break;
                case TextBlock.Fence when SectionKinds.Of(section.Title) == SectionKind.Criteria:
                    CriteriaOf(criteria, [block]);
                    break;
                case TextBlock.Paragraph paragraph:
                    lead = TaskTitles.LeadVerb(paragraph.Text);
                    explains = TaskTitles.Explains(paragraph.Text);
                    foreach (var sentence in Words.Sentences(paragraph.Text).Where(s => StartsWithId().IsMatch(Words.Plain(s)) && TaskTitles.IsWork(s)).Take(1))
                        _drafts.Add(new Draft(section, kind, sentence, block.First, block.Last) { Phase = phase });

                    // An obligation above a list or above sections is as much of one as those in them.
                    foreach (var sentence in Words.Sentences(paragraph.Text).Where(s => kind == SectionKind.Requirements && isListed && Obliges(s) && !s.TrimEnd().EndsWith(':') && !StartsWithId().IsMatch(Words.Plain(s)) && TaskTitles.IsWork(s)))
                        _drafts.Add(new Draft(section, kind, sentence, block.First, block.Last) { Phase = phase });
                    break;
                case TextBlock.ItemList list:
                    Entries(section, kind, list, phase, lead, requirement.Success ? requirement.Groups["id"].Value : null);
                    break;
                case TextBlock.Table table:
                    Rows(section, kind, table, phase);
                    break;
            }
        }

        Judge(section, [.. _drafts.Where(d => d.Section == section && d.Kind == kind)], criteria);
        foreach (var child in section.Children.Where(c => !IsGroup(c, kind))) FromHeading(child, kind, phase);

        // Prose below "Requirements" without any list: its obligations are what is required.
        if (!hasGroups && !section.Blocks.Any(b => b is TextBlock.ItemList or TextBlock.Table)) Obligations(section, kind, phase);
    }

    private void Obligations(Section section, SectionKind kind, DocumentPhase? phase)
    {
        if (_drafts.Count > 0 && _drafts[^1].Section == section) return;
        foreach (var paragraph in section.Blocks.OfType<TextBlock.Paragraph>())
        {
            foreach (var sentence in Words.Sentences(paragraph.Text))
            {
                if (TaskTitles.IsWork(sentence)) _drafts.Add(new Draft(section, kind, sentence, paragraph.First, paragraph.Last) { Phase = phase });
            }
        }
    }

    private void Entries(Section section, SectionKind kind, TextBlock.ItemList list, DocumentPhase? phase, string? verb, string? requirement = null)
    {
        var ordered = list.IsNumbered && (kind == SectionKind.Tasks || OrderedHeading().IsMatch(SectionKinds.Name(section.Title)));
        var open = list.Items.Count(i => i.IsTicked != true);
        var number = 0;
        var before = _drafts.Count;
        var criteria = new Draft(section, SectionKind.Criteria, section.Title, list.First, list.Last);
        foreach (var entry in list.Items)
        {
            if (JudgesLabel().IsMatch(Words.Plain(entry.Text)))
            {
                CriteriaOf(criteria, entry);
                continue;
            }

            number++;
            if (entry.IsTicked == true && open > 0)
            {
                _done.Add(Lines(entry.First, entry.LastOwn));
                continue;
            }

            if (IsNoWork(entry.Text))
            {
                if (IsPutOff(entry.Text)) _putOff.Add(Lines(entry.First, entry.LastOwn));
                continue;
            }

            // "- **Phase 1**" with check boxes or orders below it is a group of tasks; without them, a task with parts.
            var nested = entry.Items.ToList();
            if (kind == SectionKind.Tasks && nested.Count > 1 && nested.Count(IsStated) * 2 > nested.Count && !TaskTitles.IsWork(entry.Text) && !StartsWithId().IsMatch(Words.Plain(entry.Text)))
            {
                foreach (var below in entry.Blocks.OfType<TextBlock.ItemList>()) Entries(section, kind, below, phase, null);
                continue;
            }

            var title = kind == SectionKind.Requirements && QualityHeading().IsMatch(SectionKinds.Name(section.Title)) && !TaskTitles.IsWork(entry.Text) ? "Ensure" : null;
            var id = requirement is null ? null : $"{requirement}.{entry.Number ?? number}";
            var draft = new Draft(section, kind, entry.Text, entry.First, entry.Last)
            {
                Verb = verb ?? title,
                Phase = phase,
                OwnId = id,
                Step = ordered ? new NumberedStep($"{_text.File}#L{list.First}", number) : null,
            };
            Details(draft, entry.Blocks, IntroducesCriteria(entry.Text));
            _drafts.Add(draft);
        }

        Judge(section, _drafts[before..], criteria);
    }

    private void Rows(Section section, SectionKind kind, TextBlock.Table table, DocumentPhase? phase)
    {
        var column = WordsColumn(table);
        if (column < 0) return;
        var id = IdColumn(table);
        foreach (var row in table.Rows)
        {
            if (column >= row.Cells.Count || IsNoWork(row.Cells[column])) continue;
            if (!_plansFinished && Finished.Says(table, row))
            {
                _done.Add(Lines(row.Line, row.Line));
                continue;
            }

            var isQuality = QualityHeading().IsMatch(SectionKinds.Name(section.Title));
            var (words, whole) = Cell(table, row, column, id, isQuality);
            _drafts.Add(new Draft(section, kind, words, row.Line, row.Line)
            {
                Title = whole,
                Phase = phase,
                Verb = isQuality && !TaskTitles.IsWork(words) ? "Ensure" : null,
                OwnId = id >= 0 && id < row.Cells.Count && Words.Plain(row.Cells[id]) is { Length: > 0 and <= 20 } own && !own.Contains(' ', StringComparison.Ordinal) ? own : null,
            });
        }
    }

    // One or two words say too little: another cell of the row that is an order is what is wanted, and any other says what the words mean.
    private static (string Words, string? Title) Cell(TextBlock.Table table, TableRow row, int column, int id, bool isQuality)
    {
        var cell = row.Cells[column];
        var name = Words.Plain(cell).TrimEnd('.', ':', ' ');
        if (name.Split(' ').Length > 2 || TaskTitles.IsWork(cell)) return (cell, null);
        var other = row.Cells.Where((_, i) => i != column && i != id && i < table.Header.Count && !StateOrRank().IsMatch(Words.Plain(table.Header[i]))).Where(c => Words.Plain(c).Split(' ').Length > 3).MaxBy(c => c.Length);
        if (other is null) return (cell, null);
        if (TaskTitles.IsWork(other) && !TaskTitles.IsStory(other)) return (other, null);
        return (cell, TaskTitles.Finish($"{(isQuality ? "Ensure" : "Implement")} {(name.Skip(1).Any(char.IsUpper) || name.Length < 2 ? name : char.ToLowerInvariant(name[0]) + name[1..])}: {Words.Plain(other)}"));
    }

    private static int IdColumn(TextBlock.Table table) => table.Rows.Count > 0 && table.Rows.Count(r => r.Cells.Count > 0 && StartsWithId().IsMatch(Words.Plain(r.Cells[0]))) * 2 >= table.Rows.Count ? 0 : -1;

    // The column that says what is wanted: by its heading, else the one with the most words.
    private static int WordsColumn(TextBlock.Table table)
    {
        var named = -1;
        for (var i = 0; i < table.Header.Count && named < 0; i++)
        {
            if (WantedColumn().IsMatch(Words.Plain(table.Header[i]))) named = i;
        }

        if (named >= 0) return named;
        if (IdColumn(table) < 0 || table.Rows.Count == 0) return -1;
        var columns = table.Rows.Max(r => r.Cells.Count);
        return columns < 2 ? -1 : Enumerable.Range(1, columns - 1).MaxBy(c => table.Rows.Sum(r => c < r.Cells.Count ? r.Cells[c].Length : 0));
    }

    // --- Stories, criteria, things, tests, stages ---

    private void Stories(Section section)
    {
        // A story is a section of its own, or an item of a list.
        foreach (var list in section.Blocks.OfType<TextBlock.ItemList>()) Entries(section, SectionKind.Stories, list, null, null);
        foreach (var child in section.Children.Where(IsStory))
        {
            var bare = TaskTitles.Bare(child.Title);
            var inner = child.Children.Where(IsStory).Where(c => c.Level < 7).ToList();
            if (inner.Count > 1)
            {
                Stories(child);
                continue;
            }

            var wish = child.Blocks.OfType<TextBlock.Paragraph>().FirstOrDefault(p => TaskTitles.IsStory(p.Text));
            if (bare.Length == 0 && wish is null)
            {
                _context.Add(new ContextSection(_text, child, "It tells a story and names nothing to be done."));
                continue;
            }

            var draft = new Draft(child, SectionKind.Stories, bare.Length > 0 ? child.Title : wish!.Text, child.Line, LastOf(child)) { IsHeading = bare.Length > 0 };
            foreach (var below in child.SelfAndDescendants()) CriteriaOf(draft, below.Blocks);
            _drafts.Add(draft);
        }
    }

    private void CriteriaOf(Draft draft, IEnumerable<TextBlock> blocks)
    {
        foreach (var block in blocks)
        {
            switch (block)
            {
                case TextBlock.ItemList list:
                    draft.Criteria.AddRange(IsScenario(list) ? [OneOf(list)] : list.Items.Where(e => Words.Plain(e.Text).Length > 3).Select(Criterion));
                    break;
                case TextBlock.Paragraph paragraph when Words.Plain(paragraph.Text).StartsWith("Given", StringComparison.OrdinalIgnoreCase):
                    draft.Criteria.Add(Criterion(paragraph.Text, Lines(paragraph.First, paragraph.Last)));
                    break;
                case TextBlock.Fence fence when IsShell(fence):
                    Script(draft, fence);
                    break;
            }
        }
    }

    private void Verification(Section section)
    {
        var draft = new Draft(section, SectionKind.Criteria, section.Title, section.Line, LastOf(section)) { IsHeading = true, Layer = WorkLayer.Tests };
        CriteriaIn(draft, section);
        if (draft.Criteria.Count + draft.Checks.Count == 0) return;
        draft.Criteria.RemoveAll(c => c.Text.EndsWith('?'));
        if (draft.Criteria.Count + draft.Checks.Count == 0)
        {
            _context.Add(new ContextSection(_text, section, "It only asks questions."));
            return;
        }

        draft.Parts.AddRange(draft.Criteria);
        var isOfPart = section.Parent is { Level: > 0 } parent && parent != _text.TitleSection && SectionKinds.Of(parent.Title) == SectionKind.Design;
        draft.Closes = isOfPart ? Closing.Feature : Closing.Document;
        var about = isOfPart ? TaskTitles.Bare(section.Parent!.Title) : Subject;
        var what = TaskTitles.Bare(section.Title);
        draft.Title = TaskTitles.Finish($"Verify the {(what.Length > 0 ? what.ToLowerInvariant() : "criteria")}{(about.Length > 0 ? $" of {about}" : "")}");
        _drafts.Add(draft);
    }

    private static bool IsProcedure(Section section) =>
        section.Level > 0 && Procedure().IsMatch(SectionKinds.Name(section.Title)) && section.SelfAndDescendants().Any(s => s.Blocks.Exists(b => b is TextBlock.ItemList { Items.Count: > 1 }))
        && section.Children.TrueForAll(c => c.Level == 7 || SectionKinds.Of(c.Title) is SectionKind.Criteria || IsPartOfCase(c));

    private static bool IsPartOfCase(Section section) => section.Children.Count == 0 && PartOfCase().IsMatch(SectionKinds.Name(section.Title));

    // A list of steps that ends in looking at what came of them: "1. Start the server 2. Add a note 3. Verify that it is listed".
    private static bool IsProcedure(TextBlock.ItemList list)
    {
        if (!list.IsNumbered || list.Items.Count < 2) return false;
        var words = list.Items.Select(e => Words.Plain(e.Text)).ToList();
        return Looks().IsMatch(words[^1]) && !Looks().IsMatch(words[0]) && !words.Exists(WritesTests().IsMatch);
    }

    // A test case, a procedure, a way to reproduce: whoever goes through it takes its steps one after the other, so it is one task.
    private void Procedure(Section section, DocumentPhase? phase)
    {
        var draft = new Draft(section, SectionKind.Tests, section.Title, section.Line, section.LastLine) { IsHeading = true, Layer = WorkLayer.Tests, Phase = phase };
        foreach (var below in section.SelfAndDescendants()) CriteriaOf(draft, below.Blocks);
        draft.Parts.AddRange(draft.Criteria.Select(c => c with { IsStep = true }));
        var isOfPart = section.Parent is { Level: > 0 } parent && parent != _text.TitleSection && SectionKinds.Of(parent.Title) == SectionKind.Design;
        draft.Closes = isOfPart ? Closing.Feature : Closing.Document;
        var bare = TaskTitles.Bare(section.Title);
        if (!Case().IsMatch(SectionKinds.Name(section.Title)) || bare.Length < 4)
        {
            var about = isOfPart ? TaskTitles.Bare(section.Parent!.Title) : Subject;
            draft.Title = TaskTitles.Finish($"Go through {(bare.Length < 4 ? "the test case" : $"the {bare.ToLowerInvariant()}")}{(about.Length > 0 ? $" of {about}" : "")}");
        }

        _drafts.Add(draft);
    }

    // A numbered procedure in the midst of a section is one task too, named by the words above it.
    private void Procedure(Section section, TextBlock.ItemList list, TextBlock.Paragraph? above, DocumentPhase? phase)
    {
        var draft = new Draft(section, SectionKind.Tests, above?.Text ?? section.Title, above?.First ?? list.First, list.Last) { Layer = WorkLayer.Tests, Phase = phase };
        foreach (var entry in list.Items) draft.Criteria.Add(Criterion(entry));
        draft.Parts.AddRange(draft.Criteria.Select(c => c with { IsStep = true }));
        draft.Closes = Closing.Tested;
        var last = Words.Plain(list.Items[^1].Text);
        draft.Title = TaskTitles.Finish(last);
        _drafts.Add(draft);
    }

    private void Entities(Section section)
    {
        var before = _drafts.Count;
        foreach (var list in section.Blocks.OfType<TextBlock.ItemList>()) AddThings(section, list);
        foreach (var table in section.Blocks.OfType<TextBlock.Table>())
        {
            foreach (var row in table.Rows.Where(r => r.Cells.Count > 0 && Words.Plain(r.Cells[0]).Length > 1))
                _drafts.Add(new Draft(section, SectionKind.Entities, row.Cells[0], row.Line, row.Line) { Layer = WorkLayer.Schema, Title = TaskTitles.OfThing(row.Cells[0]) });
        }

        foreach (var child in section.Children)
        {
            if (SectionKinds.Of(child.Title) == SectionKind.Context) _context.Add(new ContextSection(_text, child, "Its heading says that it is no work."));
            else FromHeading(child, SectionKind.Entities, null, WorkLayer.Schema);
        }

        if (_drafts.Count == before && section.Blocks.Count > 0) FromHeading(section, SectionKind.Entities, null, WorkLayer.Schema);
    }

    private void AddThings(Section section, TextBlock.ItemList list)
    {
        foreach (var entry in list.Items.Where(e => !IsNoWork(e.Text)))
        {
            if (Unchanged().IsMatch(entry.Text)) continue;
            var draft = new Draft(section, SectionKind.Entities, entry.Text, entry.First, entry.Last) { Layer = WorkLayer.Schema, Title = TaskTitles.OfThing(entry.Text) };
            Details(draft, entry.Blocks);
            _drafts.Add(draft);
        }
    }

    private void Tests(Section section)
    {
        TextBlock.Paragraph? above = null;
        foreach (var block in section.Blocks)
        {
            if (block is TextBlock.ItemList steps && IsProcedure(steps)) Procedure(section, steps, above, null);
            above = block as TextBlock.Paragraph;
        }

        var lists = section.Blocks.OfType<TextBlock.ItemList>().Where(list => !IsProcedure(list)).ToList();
        if (lists.Count == 0 && section.Blocks.OfType<TextBlock.ItemList>().Any()) return;
        var entries = lists.SelectMany(l => l.Items).Where(e => !IsNoWork(e.Text) && !IsNarrative(e)).ToList();

        // Lists of packages with their coverage are facts about one task and no tasks.
        var facts = entries.Count(e => Words.Plain(e.Text).Split(' ')[0].Contains('/', StringComparison.Ordinal) || e.Text.StartsWith('`'));
        if (entries.Count is > 0 and <= 12 && facts * 2 < entries.Count)
        {
            foreach (var list in lists)
            {
                foreach (var entry in list.Items.Where(e => !IsNoWork(e.Text) && !IsNarrative(e) && e.IsTicked != true))
                {
                    var draft = new Draft(section, SectionKind.Tests, entry.Text, entry.First, entry.Last) { Layer = WorkLayer.Tests };
                    Details(draft, entry.Blocks);
                    _drafts.Add(draft);
                }
            }
        }
        else if (section.Blocks.Any(b => b is not TextBlock.Paragraph p || IsSubstantial(p)) && (section.Children.All(c => c.Level == 7) || entries.Count > 0))
        {
            FromHeading(section, SectionKind.Tests, null, WorkLayer.Tests);
        }
    }

    private static bool IsNarrative(ListEntry entry) => entry.IsTicked is null && Narrates().IsMatch(entry.Text) && !TaskTitles.IsWork(entry.Text);

    private void Stages(Section section, DocumentPhase? phase)
    {
        var stages = section.Children.Where(c => SectionKinds.Of(c.Title) != SectionKind.Context && c.SelfAndDescendants().Any(s => s.Blocks.Count > 0)).ToList();
        if (stages.Count == 0) stages = section.Blocks.OfType<TextBlock.ItemList>().Any() ? [section] : [];
        for (var i = 0; i < stages.Count; i++)
        {
            var stage = stages[i];
            var name = stage == section ? "graduation" : TaskTitles.Bare(stage.Title);
            var draft = new Draft(stage, SectionKind.Stages, stage.Title, stage.Line, LastOf(stage))
            {
                IsHeading = true,
                Title = TaskTitles.Finish($"Complete the criteria of {name}{(Subject.Length > 0 ? $" for {Subject}" : "")}"),
                Layer = WorkLayer.Deployment,
                Closes = Closing.Document,
                Phase = stages.Count > 1 ? new DocumentPhase($"{_text.File}#L{section.Line}", i + 1, name) : phase,
            };
            foreach (var below in stage.SelfAndDescendants()) CriteriaOf(draft, below.Blocks);
            draft.Parts.AddRange(draft.Criteria);
            _drafts.Add(draft);
        }
    }

    // --- Described parts ---

    private void Design(Section section, DocumentPhase? phase)
    {
        var isTop = section.Parent is null || section == _text.TitleSection;
        string? lead = null;
        TextBlock.Paragraph? before = null;
        var taken = false;
        foreach (var block in section.Blocks)
        {
            if (block is TextBlock.Paragraph paragraph)
            {
                lead = TaskTitles.LeadVerb(paragraph.Text);
                before = paragraph;
                continue;
            }

            var above = before;
            before = null;
            if (block is TextBlock.Table table && IdColumn(table) >= 0 && table.Rows.Count > 1 && WordsColumn(table) >= 0)
            {
                Rows(section, SectionKind.Requirements, table, phase);
                taken = true;
            }

            if (block is not TextBlock.ItemList list || (above is not null && TaskTitles.Explains(above.Text))) continue;
            var stated = list.Items.Count(IsStated);
            var open = list.Items.Count(e => e.IsTicked == false);
            if (above is not null && open <= 1 && !isTop && TaskTitles.LeadOrder(above.Text) is { } order)
            {
                // "Prevent oscillation with:" is the work, and the list says how.
                var whole = new Draft(section, SectionKind.Design, order, above.First, list.Last) { Phase = phase };
                Details(whole, [list]);
                _drafts.Add(whole);
                taken = true;
            }
            else if (lead is not null || (_isForeign && list.Items.Count > 1) || open > 1 || (stated > 0 && stated * 10 >= list.Items.Count * 6))
            {
                Entries(section, open > 1 ? SectionKind.Tasks : SectionKind.Design, list, phase, lead);
                taken = true;
            }

            lead = null;
        }

        if (taken) return;
        if (!isTop && SaysNothing(section)) return;
        var bolds = _boldIsHeading ? [] : section.Children.Where(c => c.Level == 7 && SectionKinds.Of(c.Title) == SectionKind.Design).ToList();
        var hasSections = section.Children.Any(c => c.Level < 7 && SectionKinds.Of(c.Title) is SectionKind.Design or SectionKind.Tasks or SectionKind.Requirements or SectionKind.Entities);
        var says = section.Blocks.Any(b => b is not TextBlock.Paragraph p || IsSubstantial(p)) || bolds.Count > 0;
        if (isTop)
        {
            // Above the first section stand words about the document; a list there is work when nothing else is.
            foreach (var list in section.Blocks.OfType<TextBlock.ItemList>()) Spare(() => Entries(section, SectionKind.Goals, list, phase, null));
            return;
        }

        if (says && (!hasSections || section.Blocks.Any(b => b is TextBlock.ItemList) || section.Blocks.OfType<TextBlock.Paragraph>().Sum(p => p.Text.Length) > 600)) FromHeading(section, SectionKind.Design, phase);
        else if (!hasSections && section.Blocks.Count == 0) Spare(() => FromHeading(section, SectionKind.Design, phase));
        else if (!hasSections) Spare(() => FromHeading(section, SectionKind.Design, phase));
    }

    // "None." below a heading that every document of a sort has: it is told as context.
    private bool SaysNothing(Section section)
    {
        var says = section.Children.Count == 0 && section.Blocks is { Count: > 0 and < 3 } && section.Blocks.TrueForAll(b => b is TextBlock.Paragraph p && p.Text.Length < 700 && AsksForNothing().IsMatch(Words.Plain(p.Text).Trim()));
        if (says) _context.Add(new ContextSection(_text, section, "It says itself that nothing is to be done."));
        return says;
    }

    private void FromHeading(Section section, SectionKind kind, DocumentPhase? phase, WorkLayer? layer = null)
    {
        if (section.Title.TrimEnd().EndsWith('?') || SaysNothing(section)) return;
        if (!_plansFinished && section != _text.TitleSection && Finished.Says(section))
        {
            _finished.Add(new ContextSection(_text, section, "It says of itself that it is done."));
            return;
        }

        var number = kind == SectionKind.Requirements ? RequirementNumber().Match(Words.Plain(section.Title)) : Match.Empty;
        var draft = new Draft(section, kind, section.Title, section.Line, LastOf(section))
        {
            IsHeading = true,
            Layer = layer,
            Phase = phase,
            OwnId = number.Success ? number.Groups["id"].Value : null,
        };
        Details(draft, section.Blocks);
        foreach (var child in section.Children.Where(c => c.Level == 7 || kind is SectionKind.Tasks or SectionKind.Requirements))
        {
            draft.Last = Math.Max(draft.Last, child.LastLine);
            var own = SectionKinds.Of(child.Title);
            if (own == SectionKind.Criteria) CriteriaIn(draft, child);
            else if (own == SectionKind.Tests) CriteriaOf(draft, child.Blocks);
            else if (own == SectionKind.Context && kind == SectionKind.Requirements) _context.Add(new ContextSection(_text, child, "Its heading says that it is no work."));
            else Details(draft, child.Blocks);
        }

        // What is asked for is as large as what it is judged by, and can be split there.
        if (kind == SectionKind.Requirements && draft.Parts.Count == 0) draft.Parts.AddRange(draft.Criteria);
        if (TaskTitles.Bare(section.Title).Length == 0 && StoryOf(section) is { } story) draft.Title = TaskTitles.OfStatement(story.Text, layer ?? WorkLayer.Code);

        if (draft.Last < draft.Section.Line) draft.Last = draft.Section.Line;
        _drafts.Add(draft);
    }

    // The last line of a section's own blocks and of the bold lines in it, which are no sections to a reader.
    private static int LastOf(Section section)
    {
        var own = section.Blocks.Count > 0 ? section.Blocks[^1].Last : section.Line;
        return section.Children.Where(c => c.Level == 7).Select(c => c.LastLine).Append(own).Max();
    }

    private void Details(Draft draft, IReadOnlyList<TextBlock> blocks, bool judges = false)
    {
        foreach (var block in blocks)
        {
            if (block is TextBlock.Paragraph words) judges = Judges(words, judges);
            switch (block)
            {
                case TextBlock.ItemList or TextBlock.Fence when judges:
                    CriteriaOf(draft, [block]);
                    break;
                case TextBlock.ItemList list:
                    foreach (var entry in list.Items)
                    {
                        var plain = Words.Plain(entry.Text);
                        if (plain.Length < 4 || plain.EndsWith('?')) continue;
                        if (JudgesLabel().IsMatch(plain)) CriteriaOf(draft, entry);
                        else if (CriterionLabel().Match(plain) is { Success: true })
                        {
                            draft.Criteria.Add(Criterion(entry));
                            CriteriaOf(draft, entry.Blocks.Where(b => b is not TextBlock.ItemList));
                        }
                        else
                        {
                            var part = draft.Kind is SectionKind.Tests or SectionKind.Criteria ? Criterion(entry.Text, Lines(entry.First, entry.Last)) : Stating(entry.Text, Lines(entry.First, entry.Last));
                            draft.Parts.Add(part with { IsStep = list.IsNumbered });
                        }
                    }

                    break;
                case TextBlock.Fence fence when IsShell(fence) && draft.Kind is SectionKind.Criteria or SectionKind.Tests:
                    Script(draft, (TextBlock.Fence)block);
                    break;
            }
        }
    }

    // An item with what is nested in it: "Ready when:" says nothing without the lines below.
    private WorkPart Criterion(ListEntry entry)
    {
        List<WorkPart> lines = [.. Nested(entry).Take(MostNested).Select(e => Criterion(e.Text, Lines(e.First, e.LastOwn)))];
        return new WorkPart(Joined(lines), Lines(entry.First, lines.Count > 1 ? entry.Last : entry.LastOwn)) { Checks = [.. lines.SelectMany(l => l.Checks)], Left = [.. lines.SelectMany(l => l.Left)] };
    }

    // "Given …", "When …", "Then …" as items of their own say one thing together.
    private WorkPart OneOf(TextBlock.ItemList list)
    {
        List<WorkPart> lines = [.. list.Items.Take(MostNested).Select(Criterion)];
        return new WorkPart(Joined(lines), Lines(list.First, list.Last)) { Checks = [.. lines.SelectMany(l => l.Checks)], Left = [.. lines.SelectMany(l => l.Left)] };
    }

    private static IEnumerable<ListEntry> Nested(ListEntry entry) => entry.Items.SelectMany(Nested).Prepend(entry);

    private static string Joined(List<WorkPart> lines)
    {
        var text = new StringBuilder();
        foreach (var line in lines.Where(l => l.Text.Length > 0)) text.Append(text.Length == 0 ? "" : text[^1] is ':' or '.' or ',' or ';' ? " " : "; ").Append(line.Text);
        return text.ToString();
    }

    private static bool IsScenario(TextBlock.ItemList list) =>
        list.Items.Count > 1 && GivenOrWhen().IsMatch(Words.Plain(list.Items[0].Text)) && list.Items.Any(e => ThenOnly().IsMatch(Words.Plain(e.Text))) && list.Items.All(e => StepOfScenario().IsMatch(Words.Plain(e.Text)));

    // A criterion with the commands that it states as its proof.
    private WorkPart Criterion(string marked, SourceLines lines)
    {
        var found = _commands.Read(marked, isCriterion: true);
        _commandsLeft.AddRange(found.Left.Select(left => (lines, left)));
        return new WorkPart(Words.Plain(marked), lines) { Checks = found.Checks, Left = [.. found.Left.Select(left => left.Code)] };
    }

    // What is no criterion states a proof only where it says what comes of a command.
    private WorkPart Stating(string marked, SourceLines lines) => new(Words.Plain(marked), lines) { Checks = _commands.Read(marked, isCriterion: false).Checks };

    private void Script(Draft draft, TextBlock.Fence fence)
    {
        if (StatedCheck.OfBlock(fence.Code, out var why) is { } check) draft.Checks.Add(check);
        else _commandsLeft.Add((Lines(fence.First, fence.Last), new CommandLeft(Words.Beginning(Words.OneSpace(fence.Code), 80), why!)));
    }

    private static bool IsShell(TextBlock.Fence fence) =>
        fence.Language is "sh" or "bash" or "shell" or "console" or "zsh" or "shell-session" or "terminal"
        || (fence.Language is "" or "text" or "txt" && fence.Code.Split('\n').Any(line => line.TrimStart().StartsWith("$ ", StringComparison.Ordinal)));

    private static bool IsSubstantial(TextBlock.Paragraph paragraph) => paragraph.Text.Length >= 40 || paragraph.Text.TrimEnd().EndsWith('.');

    // --- What counts ---

    // Questions, links and remains of templates are no work.
    private static bool IsNoWork(string marked)
    {
        var text = Words.Plain(marked);
        if (text.Length < 3 || text.EndsWith('?') || !text.Any(char.IsLetter)) return true;
        return OnlyLink().IsMatch(marked.Trim()) || !AnyLink().Replace(marked, " ").Any(char.IsLetter) || Nothing().IsMatch(text) || IsPutOff(marked) || TemplateWords().IsMatch(text);
    }

    private static bool IsPutOff(string marked) => Struck().IsMatch(marked.Trim()) || PutOff().IsMatch(Words.Plain(marked));

    private void Spare(Action add)
    {
        var count = _drafts.Count;
        add();
        _spare.AddRange(_drafts.Skip(count));
        _drafts.RemoveRange(count, _drafts.Count - count);
    }

    // Where tasks and requirements are stated, descriptions explain them; where nothing is stated, the descriptions are the work.
    private void Weigh()
    {
        OneWhole();
        var tasks = _drafts.Count(d => d.Kind == SectionKind.Tasks);
        var requirements = _drafts.Count(d => d.Kind == SectionKind.Requirements);
        if (tasks + requirements < Explicit) return;
        var listed = _drafts.Count(d => d is { Kind: SectionKind.Design, IsHeading: false });
        foreach (var draft in _drafts.ToList())
        {
            if (draft.Kind == SectionKind.Design && draft.IsHeading && IsArchitecture(draft.Section)) Components(draft);
            if (draft.Kind == SectionKind.Design && (draft.IsHeading || (tasks >= Explicit && tasks * 4 >= listed))) Leave(draft, "It describes what the stated tasks and requirements ask for.");
            else if (draft.Kind == SectionKind.Stories && !draft.IsHeading) Leave(draft, "Its stories tell what the stated tasks and requirements ask for.");
            else if (draft.Kind == SectionKind.Stories)
            {
                // The requirements say what to build; the story is how one sees that it works.
                draft.Layer = WorkLayer.Tests;
                draft.Closes = Closing.Feature;
                draft.Title = TaskTitles.Finish($"Verify the story: {TaskTitles.Bare(draft.Marked)}");
                draft.Parts.AddRange(draft.Criteria);
            }
        }

        if (tasks >= Explicit) Together();

        void Leave(Draft draft, string reason)
        {
            _drafts.Remove(draft);
            if (_context.Count == 0 || _context[^1].Section != draft.Section) _context.Add(new ContextSection(_text, draft.Section, reason));
        }
    }

    private static bool IsArchitecture(Section section)
    {
        for (var at = section; at is { Level: > 0 }; at = at.Parent)
        {
            if (Architecture().IsMatch(SectionKinds.Name(at.Title))) return true;
        }

        return false;
    }

    // A component that the architecture states, and that no task or requirement speaks of, would be built by nobody.
    private void Components(Draft described)
    {
        foreach (var entry in described.Section.Blocks.OfType<TextBlock.ItemList>().SelectMany(list => list.Items))
        {
            if (IsNoWork(entry.Text) || !Component().IsMatch(entry.Text)) continue;
            var words = ItemReferences.ContentWords(TaskTitles.NameOf(entry.Text));
            if (words.Count is 0 or > 5 || _drafts.Exists(d => d != described && d.Kind != SectionKind.Design && ItemReferences.AllContentWords(Words.Plain(Words.Beginning(d.Marked, 1_000))) is var said && words.TrueForAll(said.Contains))) continue;
            var draft = new Draft(described.Section, SectionKind.Requirements, entry.Text, entry.First, entry.Last) { Phase = described.Phase };
            Details(draft, entry.Blocks);
            _drafts.Add(draft);
        }
    }

    // "Proposal" and "Design details" of one document are one piece of work: the longest stays, and the others explain it.
    private void OneWhole()
    {
        var wholes = _drafts.Where(d => d is { Kind: SectionKind.Design, IsHeading: true } && TaskTitles.SaysNothing(TaskTitles.Bare(d.Marked))).ToList();
        if (wholes.Count < 2) return;
        var kept = wholes.MaxBy(d => d.Last - d.First)!;
        foreach (var other in wholes.Where(d => d != kept))
        {
            _drafts.Remove(other);
            kept.Others.Add(other);
            kept.Parts.AddRange(other.Parts);
        }
    }

    // Stories beside a list of tasks belong to no single one of these: they are gone through together, when all is there.
    private void Together()
    {
        foreach (var stories in _drafts.Where(d => d is { Kind: SectionKind.Stories, IsHeading: true }).GroupBy(d => d.Section.Parent).Where(g => g.Key is not null && g.Count() > 1).ToList())
        {
            var (first, last) = (stories.First(), stories.Last());
            var about = Subject.Length > 0 ? $" of {Subject}" : "";
            var together = new Draft(stories.Key!, SectionKind.Stories, stories.Key!.Title, first.First, last.Last)
            {
                IsHeading = true,
                Layer = WorkLayer.Tests,
                Closes = Closing.Document,
                Title = TaskTitles.Finish($"Go through the stories{about}"),
            };
            foreach (var story in stories)
            {
                together.Parts.Add(new WorkPart(TaskTitles.Bare(story.Marked), Lines(story.First, story.Last)));
                together.Others.Add(story);
                _drafts.Remove(story);
            }

            _drafts.Add(together);
        }
    }

    // The files that a text names beside its work belong to the task or requirement with which the line shares most words. What is
    // excluded, or only told of, names files that nobody is to touch.
    private void Attach()
    {
        var words = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        var isWork = new bool[_text.Lines.Count + 1];
        for (var i = 0; i < _drafts.Count; i++)
        {
            foreach (var stem in Words.Stems(Words.Beginning(Words.Plain(_drafts[i].Marked), 600))) (words.TryGetValue(stem, out var users) ? users : words[stem] = []).Add(i);
            for (var n = _drafts[i].First; n <= Math.Min(_drafts[i].Last, _text.Lines.Count); n++) isWork[n] = true;
        }

        foreach (var section in _context.Where(c => Excludes().IsMatch(SectionKinds.Name(c.Section.Title))))
        {
            for (var n = section.Section.Line; n <= Math.Min(section.Section.LastLine, _text.Lines.Count); n++) isWork[n] = true;
        }

        var looked = 0;
        for (var n = 1; n <= _text.Lines.Count && looked < MostLooked; n++)
        {
            var line = _text.Lines[n - 1];
            if (isWork[n] || line.Length is < 5 or > 2_000 || line.AsSpan().IndexOfAny('.', '/') < 0 || Mentions.In([line], _files) is not { Paths.Count: > 0 } mentions) continue;
            looked++;
            var scores = new Dictionary<int, int>();
            foreach (var stem in Words.Stems(line))
            {
                // A word that every task uses tells nothing.
                if (!words.TryGetValue(stem, out var users) || users.Count > 20) continue;
                foreach (var user in users) scores[user] = scores.GetValueOrDefault(user) + 1;
            }

            if (scores.Count == 0) continue;
            var best = scores.MinBy(s => (-s.Value, s.Key));
            if (best.Value >= 2) _drafts[best.Key].Described.Add((n, mentions));
        }
    }

    // Nothing is called work: then lists, goals, sections and at last sentences are taken, whichever there is first.
    private void Fallback()
    {
        var isPlain = _text.Root.Children.Count == 0;
        foreach (var (section, kind) in _introductions.Where(i => i.Kind == SectionKind.Goals))
        {
            foreach (var list in section.Blocks.OfType<TextBlock.ItemList>()) Entries(section, kind, list, null, null);
        }

        if (_drafts.Count == 0) _drafts.AddRange(_spare);
        foreach (var (section, kind) in _drafts.Count == 0 ? _introductions : [])
        {
            foreach (var list in section.Blocks.OfType<TextBlock.ItemList>()) Entries(section, kind, list, null, null);
        }

        if (_drafts.Count == 0) Sentences(_text.Root.SelfAndDescendants(), onlyWork: true);
        if (_drafts.Count == 0 && isPlain) Sentences([_text.Root], onlyWork: false);
        if (_drafts.Count > 0) return;
        var title = _text.TitleSection ?? _text.Root.SelfAndDescendants().FirstOrDefault(s => s.Level > 0);
        if (title is not null) _drafts.Add(new Draft(title, SectionKind.Design, title.Title, title.Line, Math.Max(title.Line, LastOf(title))) { IsHeading = true });
        else if (_text.Root.Blocks is [var first, ..]) _drafts.Add(new Draft(_text.Root, SectionKind.Design, Words.OneSpace(_text.Lines[first.First - 1]), first.First, first.First));
    }

    private void Sentences(IEnumerable<Section> sections, bool onlyWork)
    {
        foreach (var section in sections)
        {
            foreach (var paragraph in section.Blocks.OfType<TextBlock.Paragraph>())
            {
                foreach (var sentence in Words.Sentences(paragraph.Text).SelectMany(Clauses))
                {
                    if (onlyWork ? TaskTitles.IsWork(sentence) : !IsNoWork(sentence)) _drafts.Add(new Draft(section, SectionKind.Design, sentence, paragraph.First, paragraph.Last));
                }
            }
        }
    }

    /// <summary>"Build an API, add login, then write tests" orders three things; "Build an API with login and tests" orders one.</summary>
    public static IEnumerable<string> Clauses(string sentence)
    {
        var clauses = new List<string>();
        var start = 0;
        foreach (Match cut in BetweenClauses().Matches(sentence))
        {
            if (!VerbFirst.Is(sentence[start..cut.Index]) || !VerbFirst.Is(sentence[(cut.Index + cut.Length)..])) continue;
            clauses.Add(sentence[start..cut.Index].Trim());
            start = cut.Index + cut.Length;
        }

        if (start == 0) return [sentence];
        clauses.Add(sentence[start..].Trim());
        return clauses;
    }

    // --- The item ---

    private FoundWork Built(Draft draft, int order)
    {
        // One sentence of a long line has nothing to do with what the others name.
        var isSentence = !draft.IsHeading && draft.First == draft.Last && _text.Lines[draft.First - 1].Length > LongLine;
        var marked = isSentence
            ? [draft.Marked]
            : Enumerable.Range(draft.First, Math.Max(1, draft.Last - draft.First + 1)).Where(n => n <= _text.Lines.Count).Select(n => _text.Lines[n - 1]).Take(2_000).ToList();
        var own = draft.IsHeading || draft.Last - draft.First > 0 ? marked : [draft.Marked];
        var mentions = Mentions.In(draft.IsHeading || draft.Last > draft.First ? marked : [.. own, .. marked], _files);
        var again = draft.Others.SelectMany(other => Named(other, isWhole: true).Paths);
        var heading = Words.Plain(draft.Section.Title);
        var layer = draft.Layer ?? WorkLayers.Of(Words.Plain(draft.Marked), draft.IsHeading ? "" : heading);
        var title = draft.Title ?? (draft.IsHeading ? TaskTitles.OfHeading(draft.Marked, layer, Subject, isNamed: draft.Kind == SectionKind.Requirements) : TaskTitles.OfStatement(draft.Marked, layer, draft.Verb));
        var plain = Words.Plain(draft.Marked);
        List<string> ids = [.. OwnIds(plain, draft.OwnId), .. draft.FulfilledIds];
        var whole = string.Join('\n', marked.Select(Words.Plain).Where(l => l.Length > 0));
        var stated = string.Join(' ', own.Take(6));
        IReadOnlyList<StatedCheck> proofs = draft.IsHeading ? [] : draft.Kind is SectionKind.Tests ? Criterion(draft.Marked, Lines(draft.First, draft.First)).Checks : Stating(draft.Marked, Lines(draft.First, draft.First)).Checks;
        var item = new WorkItem
        {
            Order = order,
            Title = title,
            Text = draft.IsHeading || draft.Last > draft.First ? whole : plain,
            Statement = Statement(draft.IsHeading || draft.Last > draft.First ? marked : [draft.Marked], draft.IsHeading),
            Sources = [isSentence && SentenceIn(draft) is { } sentence ? sentence : draft.IsHeading || draft.First == draft.Last || draft.Marked.Length > 200 ? SentenceLines(draft) : Lines(draft.First, draft.Last), .. draft.Others.Take(8).Select(SentenceLines), .. draft.Fulfils.Take(8).Select(f => f.Source), .. draft.Described.Select(d => Lines(d.Line, d.Line)).DistinctBy(l => l.First).Take(8)],
            Feature = 0,
            HeadingPath = HeadingPath(draft.Section),
            Layer = layer,
            Paths = [.. mentions.Paths.Concat(again).Concat(draft.Described.SelectMany(d => d.Mentions.Paths)).Distinct(StringComparer.Ordinal)],
            Symbols = mentions.Symbols,
            Produces = [.. mentions.Produced.Concat(draft.Described.SelectMany(d => d.Mentions.Produced)).Distinct(StringComparer.Ordinal)],
            Uses = [.. mentions.Paths.Concat(mentions.Symbols).Except(mentions.Produced)],
            Ids = ids,
            MentionedIds = [.. mentions.Ids.Except(ids)],
            Markers = [.. Marker().Matches(plain.Length > 80 ? plain[..80] : plain).Select(m => m.Groups["mark"].Value)],
            Closes = draft is { Closes: Closing.Nothing, Kind: SectionKind.Tests } && layer == WorkLayer.Tests ? Closing.Tested : draft.Closes,
            Step = draft.Step,
            Phase = draft.Phase,
            StatedTime = StatedAmounts.Time(stated),
            StatedSize = StatedAmounts.Size(stated)?.Words,
            Parts = draft.Parts,
            Criteria = [.. draft.Criteria, .. draft.Fulfils],
            Checks = [.. draft.Checks, .. proofs],
            StatedPriority = Priorities.In(plain) ?? Priorities.In(heading) ?? draft.Fulfils.Select(f => Priorities.In(f.Text)).FirstOrDefault(stated => stated is not null),
        };
        return new FoundWork(item, _text, draft.Section, draft.Kind) { Marked = marked };
    }

    // The words of some lines as a paragraph; code blocks and rules of tables are left out.
    private static string Statement(IReadOnlyList<string> marked, bool isHeading)
    {
        var text = new StringBuilder();
        var isFenced = false;
        foreach (var (i, line) in marked.Index())
        {
            var words = line.Trim();
            if (words.StartsWith("```", StringComparison.Ordinal) || words.StartsWith("~~~", StringComparison.Ordinal)) isFenced = !isFenced;
            else if (!isFenced && words.Any(char.IsLetter) && text.Length < StatementLength)
            {
                var isItem = ItemMark().Match(words) is { Success: true };
                var isTitle = words[0] == '#';
                var plain = Words.Plain(ItemMark().Replace(words.TrimStart('#', ' ', '>', '|'), "")).Trim('|', ' ');
                if (plain.Length == 0) continue;
                if (text.Length > 0) text.Append(text[^1] is ':' or '.' or ',' or ';' or '!' or '?' ? " " : isItem ? "; " : i == 1 && isHeading ? ": " : isTitle ? ". " : " ");
                text.Append(plain);
                if (isTitle || (i == 0 && isHeading)) text.Append(plain[^1] is ':' or '.' or '!' or '?' ? "" : ":");
            }
        }

        return Words.OneSpace(text.ToString()).TrimEnd(':');
    }

    private static List<string> OwnIds(string plain, string? id)
    {
        var ids = new List<string>();
        if (id is not null) ids.Add(id);
        var beginning = Marker().Replace(plain, "").TrimStart(' ', '*', ':');
        if (StartsWithId().Match(beginning) is { Success: true } own && !ids.Contains(own.Groups["id"].Value)) ids.Add(own.Groups["id"].Value);
        return ids;
    }

    private SourceLines? SentenceIn(Draft draft) => _text.Lines[draft.First - 1].Contains(draft.Marked, StringComparison.Ordinal)
        ? new SourceLines(_text.File, draft.First, draft.First, Words.Beginning(Words.OneSpace(draft.Marked), ExcerptLength))
        : null;

    private SourceLines SentenceLines(Draft draft) => Lines(draft.First, draft.IsHeading ? Math.Min(draft.Last, draft.First + LongestEvidence - 1) : draft.Last);

    private SourceLines Lines(int first, int last) => LinesOf(_text, first, last);

    /// <summary>Lines of a document with the beginning of their words; the range ends where the excerpt does.</summary>
    public static SourceLines LinesOf(SpecificationText text, int first, int last)
    {
        var excerpt = "";
        var reached = first;
        for (var n = first; n <= Math.Min(last, text.Lines.Count) && excerpt.Length < ExcerptLength; n++)
        {
            var line = text.Lines[n - 1];
            line = Words.OneSpace(line.Length > LongLine * 4 ? line[..(LongLine * 4)] : line);
            if (line.Length == 0) continue;
            excerpt = excerpt.Length == 0 ? line : $"{excerpt} {line}";
            reached = n;
        }

        return new SourceLines(text.File, first, Math.Max(reached, Math.Min(last, text.Lines.Count)), Words.Beginning(excerpt, ExcerptLength));
    }

    private static List<string> HeadingPath(Section section)
    {
        var path = new List<string>();
        for (var at = section; at is { Level: > 0 }; at = at.Parent) path.Add(Words.Plain(at.Title));
        path.Reverse();
        return path;
    }

    [GeneratedRegex(@"^(?:kep-?\d+|rfc[ -]?\d+|adr[ -]?\d+|prd|spec(?:ification)?|feature(?: spec(?:ification)?)?(?: \d+)?|mission(?: spec(?:ification)?)?|(?:product |software |technical )?requirements?(?: document)?|design(?: doc(?:ument)?)?|proposal|epic|implementation spec(?:ification)?)\s*(?:\d+\s*)?[:–—-]+\s*", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex TitleLabel();

    [GeneratedRegex(@"^(?:(?:product |software |technical |feature |system |functional )?(?:requirements?|specifications?|spec|design|prd)(?: document| specification)?|overview|readme|introduction)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex GenericTitle();

    [GeneratedRegex(@"^(?:spec(?:ification)?|readme|requirements?|prd|index|design|plan|document|source|-|stdin|text)?$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex GenericFile();

    [GeneratedRegex(@"^(?:task|wp|work package|step|t)[ -]?\d", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex TaskHeading();

    [GeneratedRegex(@"^(?:\d+(?:\.\d+)*[.)]?\s+)?(?:requirement|req|rule|story|feature)\s+#?(?<id>\d{1,3}(?:\.\d{1,3})*)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex RequirementNumber();

    [GeneratedRegex(@"\p{L}+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AnyWord();

    [GeneratedRegex(@"^(?:the|and|of|with|for|from|that|this|must|should|when|are|not|add|is|to|a)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex EnglishWord();

    // What is to be left alone, and what happened elsewhere.
    [GeneratedRegex(@"^(?:(?:explicit |list of )?(?:non|anti)[- ]?goals?|(?:explicitly )?out[- ]of[- ]scope|not in scope|(?:considered |rejected |other )?alternatives?|drawbacks?|prior art|future|deferred|references?|links?|see also|history|change ?log|(?:implementation|revision|document|version|change) history)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Excludes();

    // Who builds something judges it by these; nobody builds them.
    [GeneratedRegex(@"^(?:edge cases?|success|measurable|exception|expected|outcomes?|key results)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex OnlyVerified();

    // Words that tell what happened, and ask for nothing.
    [GeneratedRegex(@"\b(?:has|have|had) (?:already )?been\b|\bwas\b|\bwere\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Narrates();

    [GeneratedRegex(@"\b(?:non-?functional|quality|performance|security|reliability|scalability|usability|compliance)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex QualityHeading();

    [GeneratedRegex(@"\s*[,;]\s*(?:and\s+)?(?:then\s+|finally\s+)?|\s+(?:and\s+)?(?:then|finally)\s+|\s+and\s+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex BetweenClauses();

    [GeneratedRegex(@"\((?:unchanged|existing|no change)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Unchanged();

    [GeneratedRegex(@"\b(?:steps?|order|sequence|procedure|process|flow|phases?|roadmap|plan)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex OrderedHeading();

    [GeneratedRegex(@"^(?:requirements?(?: text)?|description|statement|title|tasks?|what|deliverables?|summary|work|items?|feature|capability|criteri(?:on|a)|details|story|user story|acceptance)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex WantedColumn();

    [GeneratedRegex(@"^(?:acceptance|done when|verify|verification|success|criteria|expected|tests?|definition of done)\b[^:]{0,30}:", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex CriterionLabel();

    [GeneratedRegex(@"\[[^\]]*\]\([^)]*\)|<?https?://\S+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AnyLink();

    [GeneratedRegex(@"^(?:\[[^\]]*\]\([^)]*\)|<?https?://\S+>?)[.,;]?$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex OnlyLink();

    [GeneratedRegex(@"^(?:n/?a|none|tbd|todo|nothing|not applicable|no|yes|other|see (?:above|below)|same as above|\.\.\.|…|e\.g\.?.*|example:?.*)\.?$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Nothing();

    [GeneratedRegex(@"^(?:status|state|priority|owner|rank|size|effort|estimate|notes?|rationale|source|refs?|references?|date|why|reason|risk|user story|story)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex StateOrRank();

    [GeneratedRegex(@"^(?:technical |system |software |high-level |proposed |solution )*(?:architecture|components?|modules|services|system design|building blocks)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Architecture();

    // "**Event Bus**: hands events on": a name, and what it does. "**Language**: Python 3.12" is a choice and no component.
    [GeneratedRegex(@"^\*\*(?!(?:language|framework|database|storage|runtime|platform|frontend|backend|hosting|deployment|testing|stack|version|dependencies|note|styling|auth|caching|state management|infrastructure|pattern|principles?|why|pros|cons|benefits?|trade-?offs?)\b)[^*]{3,60}\*\*\s*(?:\([^)]{1,60}\)\s*)?[:—–-]\s*\S+(?:\s+\S+){2}|^\*\*(?!(?:language|framework|database|storage|runtime|platform|frontend|backend|hosting|deployment|testing|stack|version|dependencies|note|styling|auth|caching)\b)[^*:]{3,60}:\*\*\s*\S+(?:\s+\S+){2}", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Component();

    // "**FR-012**: ~~The system MUST …~~ — **Deferred**" is struck through, whatever stands around it.
    [GeneratedRegex(@"^(?:[*_]*[A-Z]{1,6}-?[0-9]{1,5}[*_]*\s*[:.—–-]?\s*[*_]*\s*)?~~.{3,}~~", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Struck();

    [GeneratedRegex(
        @"[(\[—–-]\s*(?:deferred|postponed|rejected|dropped|withdrawn|out of scope|won['’]t (?:do|fix)|not planned|future (?:work|iteration|release|phase))(?: (?:to|until|for) [^.]{0,60})?[)\].]?$|^(?:deferred|rejected|withdrawn|won['’]t do)\s*[:—–-]\s",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex PutOff();

    [GeneratedRegex(
        @"^(?:none|n/?a|nothing|no changes?)\W*$|\bha(?:s|ve) no (?:[\w-]+ ){0,3}(?:implications?|impacts?|effects?|consequences)\b|\b(?:there (?:is|are) (?:currently )?no (?:specific |concrete )?(?:plans?|requirements?|impacts?|changes?)\b|no (?:specific )?plans? (?:for this )?at this time|not applicable\b|(?:requires|needs) no (?:changes?|work|special)|no (?:additional |special |extra )?(?:changes?|work|planning|coordination) (?:is|are) (?:needed|required|necessary)|we may eventually)",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex AsksForNothing();

    [GeneratedRegex(@"^(?:\[[^\]]+\]|<[^>]+>|\{[^}]+\}|_[^_]+_)$|\[NEEDS CLARIFICATION|^\[(?:describe|feature|brief|add|insert|your)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex TemplateWords();

    [GeneratedRegex(@"^(?:[-*+]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ItemMark();

    [GeneratedRegex(@"^(?:given|when)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex GivenOrWhen();

    [GeneratedRegex(@"^then\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex ThenOnly();

    [GeneratedRegex(@"^(?:given|when|then|and|but)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex StepOfScenario();

    [GeneratedRegex(@"^(?:pre-?conditions?|set-?up|steps?|given|when|then|actions?|expected\b.*|results?|tear-?down|cleanup)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex PartOfCase();

    [GeneratedRegex(@"^(?:test case|tc-?\d|scenario)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Case();

    // What is gone through from its first step to its last: its steps are no tasks of their own.
    [GeneratedRegex(@"^(?:test case\b|tc-?\d|scenario\b|(?:minimal )?(?:steps to )?repro(?:duc\w*|s)?\b|how to (?:verify|test|reproduce|check|validate)\b|(?:manual |local |end-to-end |e2e )?(?:verification|validation|reproduction|test) (?:steps|procedure|walkthrough)\b|manual (?:verification|test(?:ing)?|check)(?:s?$| steps| procedure)|smoke (?:test|check)s?$|walkthrough$)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Procedure();

    [GeneratedRegex(@"^(?:then,?\s+|and\s+)?(?:verify|assert|expect|confirm|observe|check|ensure|see)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Looks();

    [GeneratedRegex(@"^(?:add|write|create|implement|extend|update)\b.{0,60}\b(?:tests?|coverage|suite|benchmarks?|fixtures?)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex WritesTests();

#pragma warning disable MA0009 // These look around, which only the backtracking engine can; what they are given is at most a line of bounded length.
    [GeneratedRegex(@"^(?<id>[A-Za-z]{1,6}-?\d{1,5}(?:\.\d{1,3})*[a-z]?)\b(?=\s*(?:[:.—–)|-]|\(|\s\p{Lu}|$))", RegexOptions.CultureInvariant)]
    private static partial Regex StartsWithId();

    [GeneratedRegex(@"(?<=^|\s|\])\[(?<mark>[A-Z][A-Za-z0-9]{0,7})\]", RegexOptions.CultureInvariant)]
    private static partial Regex Marker();
#pragma warning restore MA0009
}
