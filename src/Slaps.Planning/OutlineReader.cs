using Markdig;
using Markdig.Extensions.Yaml;
using Markdig.Syntax;
using Slaps.Core.Plans;

namespace Slaps.Planning;

/// <summary>Takes a Markdown text apart into features, tasks and their lines, by its block structure alone.</summary>
internal sealed class OutlineReader
{
    private const int MaxTitleLength = 200;

    // Markdig looks at every open list for every line: 2,000 levels take 15 seconds before its own limit refuses them.
    private const int MaxIndentation = 200;

    private static readonly MarkdownPipeline Pipeline = BlocksOnly();

    private static readonly string[] ContextTitles =
    [
        "motivation", "background", "overview", "introduction", "context", "summary", "purpose", "goals", "non-goals", "scope", "out of scope",
        "notes", "glossary", "assumptions", "constraints", "risks", "open questions", "references", "links", "history", "changelog", "decisions",
    ];

    private readonly string _text;
    private readonly string[] _lines;
    private readonly SpecificationReport _report;
    private readonly List<OutlinedFeature> _features = [];
    private readonly List<SourceLine> _resources = [];
    private int _tasks;

    private OutlineReader(string text, SpecificationReport report)
    {
        _text = text;
        _lines = text.Split('\n');
        _report = report;
    }

    /// <summary>The outline, or null when the text is not a specification at all; smaller faults are reported and the rest is read.</summary>
    public static SpecificationOutline? Read(string text, SpecificationReport report) => new OutlineReader(text, report).Read();

    private SpecificationOutline? Read()
    {
        if (Parse() is not { } document) return null;

        // A fence that is never closed swallows all that follows: what else is found would be wrong.
        if (document.Descendants<FencedCodeBlock>().FirstOrDefault(f => f.ClosingFencedCharCount == 0) is { } open)
        {
            _report.OpenFence(LineOf(open));
            return null;
        }

        string? title = null;
        foreach (var section in Split(document, level: 2))
        {
            if (section.Heading is { Level: 1 } heading)
            {
                if (title is null) title = TitleOf(heading, "title");
                else _report.SecondTitle(TextOf(heading), LineOf(heading));
            }

            if (section.Heading is { Level: 2 } feature) ReadSection(feature, section.Blocks);
            else ReadPreamble(section.Blocks);
        }

        if (_features.Count == 0 && !_report.HasErrors) _report.NoFeatures();
        if (title is null) _report.NoTitle(title = _report.NameOfFile);
        return new SpecificationOutline(title, _features, _resources);
    }

    private MarkdownDocument? Parse()
    {
        var deep = Array.FindIndex(_lines, line => line.Length > MaxIndentation && string.IsNullOrWhiteSpace(line[..MaxIndentation]) && !string.IsNullOrWhiteSpace(line));
        if (deep >= 0)
        {
            _report.TooDeep(deep + 1);
            return null;
        }

        try
        {
            return Markdown.Parse(_text, Pipeline);
        }
        catch (ArgumentException)
        {
            // Markdig says by this that containers are nested deeper than its limit; it has no other way and no other reason.
            _report.TooDeep(null);
            return null;
        }
    }

    private void ReadPreamble(List<Block> blocks)
    {
        foreach (var block in blocks.SelectMany(ShellBlocksIn)) _report.CommandsOutsideTask(LineOf(block));
    }

    private void ReadSection(HeadingBlock heading, List<Block> blocks)
    {
        var name = TextOf(heading).Trim().TrimEnd(':').ToLowerInvariant();
        var runs = blocks.SelectMany(ShellBlocksIn).Any();
        if (name == "resources") ReadResources(blocks);
        else if (runs || !ContextTitles.Contains(name, StringComparer.Ordinal)) ReadFeature(heading, blocks);
    }

    private void ReadResources(List<Block> blocks)
    {
        foreach (var block in blocks.SelectMany(ShellBlocksIn)) _report.CommandsOutsideTask(LineOf(block));
        foreach (var item in blocks.OfType<ListBlock>().SelectMany(list => list).OfType<ListItemBlock>())
            _resources.Add(new SourceLine(string.Join(' ', item.SelectMany(LinesOf).Select(l => l.Text)), LineOf(item)));
    }

    private void ReadFeature(HeadingBlock heading, List<Block> blocks)
    {
        var feature = new OutlinedFeature(new FeatureId($"F{_features.Count + 1:D3}"), TitleOf(heading, "feature"), LineOf(heading));
        _features.Add(feature);
        var groups = Split(blocks, level: 3);
        var hasTaskHeadings = groups.Any(g => g.Heading is not null);

        foreach (var group in groups)
        {
            if (group.Heading is null) ReadFeatureText(feature, group.Blocks, hasTaskHeadings);
            else ReadTaskHeading(feature, group.Heading, group.Blocks);
        }

        if (feature.Tasks.Count == 0 && !_report.HasErrors) _report.FeatureWithoutTasks(feature.Title, feature.Line);
    }

    // What lies under the feature's own heading: task lists, and words about the feature.
    private void ReadFeatureText(OutlinedFeature feature, List<Block> blocks, bool hasTaskHeadings)
    {
        foreach (var block in blocks)
        {
            switch (block)
            {
                // Beside task headings a list without commands is a list of words; otherwise every list is one of tasks.
                case ListBlock list when !hasTaskHeadings || ShellBlocksIn(list).Any():
                    ReadTaskList(feature, list);
                    break;
                case FencedCodeBlock code when IsShell(code):
                    _report.CommandsOutsideTask(LineOf(code));
                    break;
                default:
                    if (LinesOf(block).FirstOrDefault(l => Labels.IsLost(l.Text)) is { Text: not null } label) _report.LabelOutsideTask(label.Text, label.Line);
                    else if (ShellBlocksIn(block).FirstOrDefault() is { } hidden) _report.CommandsOutsideTask(LineOf(hidden));
                    else if (IsForReaders(block)) feature.Describe(SourceOf(block));
                    break;
            }
        }
    }

    private void ReadTaskHeading(OutlinedFeature feature, HeadingBlock heading, List<Block> blocks)
    {
        var title = TitleOf(heading, "task");
        if (Labels.IntroducesChecks(title, out var rest) && rest.Length == 0)
        {
            _report.LabelAsTask(title, LineOf(heading));
            return;
        }

        if (ContextTitles.Contains(title.ToLowerInvariant(), StringComparer.Ordinal) && !blocks.SelectMany(ShellBlocksIn).Any()) return;
        var task = NewTask(feature, title, LineOf(heading), stepBefore: null);
        ReadBody(task, blocks, isSubStep: false);
    }

    private void ReadTaskList(OutlinedFeature feature, ListBlock list)
    {
        OutlinedTask? before = null;
        foreach (var item in list.OfType<ListItemBlock>())
        {
            var lines = item.FirstOrDefault() is ParagraphBlock paragraph ? LinesOf(paragraph) : [];
            if (lines.Count > 0 && Labels.IsAny(lines[0].Text))
            {
                _report.LabelOutsideTask(lines[0].Text, lines[0].Line);
                continue;
            }

            var title = CheckTitle(WithoutTick(lines.Count > 0 ? lines[0] : new SourceLine("", LineOf(item))), "task", LineOf(item));
            var task = NewTask(feature, title, LineOf(item), list.IsOrdered ? before : null);
            var mode = ReadLines(task, [.. lines.Skip(1)], underChecks: false);
            ReadBody(task, item.Skip(lines.Count > 0 ? 1 : 0), isSubStep: false, mode);
            before = task;
        }
    }

    private OutlinedTask NewTask(OutlinedFeature feature, string title, int line, OutlinedTask? stepBefore)
    {
        var task = new OutlinedTask(new TaskId($"P1.T{++_tasks:D3}"), feature.Id, title, line) { StepBefore = stepBefore };
        feature.Tasks.Add(task);
        return task;
    }

    private void ReadBody(OutlinedTask task, IEnumerable<Block> blocks, bool isSubStep, CheckMode mode = default)
    {
        var underCheckHeading = false;
        foreach (var block in blocks)
        {
            switch (block)
            {
                case HeadingBlock heading:
                    ReportUnanswered(mode);
                    underCheckHeading = Labels.IntroducesChecks(TextOf(heading), out var rest) && rest.Length == 0;
                    mode = underCheckHeading ? new(Takes.ListsAndBlocks, new SourceLine(TextOf(heading), LineOf(heading))) : new(Takes.Nothing, null);
                    if (!underCheckHeading) task.Describe(TextOf(heading));
                    break;
                case FencedCodeBlock code when IsShell(code):
                    if (string.IsNullOrWhiteSpace(code.Lines.ToString())) _report.EmptyCommands(LineOf(code));
                    else if (mode.Takes == Takes.ListsAndBlocks) task.Checks.Add(new CheckSource(CodeOf(code), LineOf(code), IsBlock: true));
                    else if (isSubStep) _report.NestedCommands(task.Title, LineOf(code));
                    else task.Commands.Add(CodeOf(code));
                    mode = mode with { Unanswered = null };
                    break;
                case ListBlock list when mode.Takes != Takes.Nothing:
                    ReadCheckList(task, list);
                    mode = mode with { Unanswered = null };
                    break;
                case ListBlock list:
                    foreach (var item in list.OfType<ListItemBlock>()) ReadBody(task, item, isSubStep: true);
                    break;
                case ParagraphBlock paragraph when underCheckHeading:
                    ReadLines(task, LinesOf(paragraph), underChecks: true);
                    mode = mode with { Unanswered = null };
                    break;
                case ParagraphBlock paragraph:
                    ReportUnanswered(mode);
                    mode = ReadLines(task, LinesOf(paragraph), underChecks: false);
                    break;
                default:
                    ReportUnanswered(mode);
                    mode = underCheckHeading ? mode with { Unanswered = null } : new(Takes.Nothing, null);
                    ReadWords(task, block);
                    break;
            }
        }

        ReportUnanswered(mode);
    }

    // The lines of one paragraph: words, properties that may go on over the next line, checks line by line.
    private CheckMode ReadLines(OutlinedTask task, IReadOnlyList<SourceLine> lines, bool underChecks)
    {
        var words = new List<string>();
        var takes = Takes.Nothing;
        SourceLine? unanswered = null;
        Label? property = null;
        foreach (var line in lines)
        {
            if (Labels.IntroducesChecks(line.Text, out var rest))
            {
                if (unanswered is { } label) _report.NoChecksFollow(label.Text, label.Line);
                (underChecks, property) = (true, null);
                takes = rest.Length == 0 ? Takes.ListsAndBlocks : Takes.Lists;
                unanswered = rest.Length == 0 ? line : null;
                if (rest.Length > 0) task.Checks.Add(new CheckSource(rest, line.Line, IsBlock: false));
            }
            else if (Labels.IsProperty(line.Text, out var found, out var value))
            {
                if (unanswered is { } label) _report.NoChecksFollow(label.Text, label.Line);
                (underChecks, property, takes, unanswered) = (false, found, Takes.Nothing, null);
                if (task.Properties.TryGetValue(found, out var first)) _report.LabelTwice(Labels.NameOf(found), line.Line, first.Line);
                else task.Properties.Add(found, new SourceLine(value, line.Line));
            }
            else if (underChecks)
            {
                task.Checks.Add(new CheckSource(line.Text, line.Line, IsBlock: false));
                unanswered = null;
            }
            else if (property is { } open)
            {
                var begun = task.Properties[open];
                task.Properties[open] = begun with { Text = $"{begun.Text} {line.Text}".Trim() };
            }
            else
            {
                if (_report.Listens && Labels.Nearest(line.Text) is { } nearest) _report.AlmostALabel(line.Text, line.Line, nearest);
                words.Add(line.Text);
            }
        }

        if (words.Count > 0) task.Describe(string.Join('\n', words));
        return new CheckMode(takes, unanswered);
    }

    // One item is one check, however many lines it is wrapped over; a block or list inside an item holds further checks.
    private void ReadCheckList(OutlinedTask task, ListBlock list)
    {
        foreach (var block in list.OfType<ListItemBlock>().SelectMany(item => item))
        {
            switch (block)
            {
                case ListBlock inner:
                    ReadCheckList(task, inner);
                    break;
                case FencedCodeBlock code when IsShell(code):
                    if (string.IsNullOrWhiteSpace(code.Lines.ToString())) _report.EmptyCommands(LineOf(code));
                    else task.Checks.Add(new CheckSource(CodeOf(code), LineOf(code), IsBlock: true));
                    break;
                default:
                    var text = new SourceLine(string.Join(' ', LinesOf(block).Select(l => l.Text)), LineOf(block));
                    task.Checks.Add(new CheckSource(Unticked(text.Text, out _), text.Line, IsBlock: false));
                    break;
            }
        }
    }

    private void ReadWords(OutlinedTask task, Block block)
    {
        if (ShellBlocksIn(block).FirstOrDefault() is { } hidden) _report.NestedCommands(task.Title, LineOf(hidden));
        else if (IsForReaders(block)) task.Describe(SourceOf(block));
        if (block is FencedCodeBlock other) task.OtherLanguage ??= string.IsNullOrWhiteSpace(other.Info) ? "unmarked" : other.Info;
    }

    private void ReportUnanswered(CheckMode mode)
    {
        if (mode.Unanswered is { } label) _report.NoChecksFollow(label.Text, label.Line);
    }

    private string TitleOf(HeadingBlock heading, string kind) => CheckTitle(TextOf(heading), kind, LineOf(heading));

    private string WithoutTick(SourceLine line)
    {
        var title = Unticked(line.Text, out var isDone);
        if (isDone) _report.MarkedAsDone(title, line.Line);
        return title;
    }

    private string CheckTitle(string raw, string kind, int line)
    {
        var title = WithoutEmphasis(raw);
        if (title.Length == 0) _report.BadTitle(kind, raw, line, "it has no title");
        if (title.Length > MaxTitleLength) _report.BadTitle(kind, title, line, $"its title has {title.Length} characters, and {MaxTitleLength} is the most");
        return title;
    }

    private static string WithoutEmphasis(string title)
    {
        foreach (var mark in (string[])["**", "__", "*", "_"])
        {
            var inner = title.Length > 2 * mark.Length && title.StartsWith(mark, StringComparison.Ordinal) && title.EndsWith(mark, StringComparison.Ordinal)
                ? title[mark.Length..^mark.Length]
                : "";
            if (inner.Length > 0 && !inner.Contains(mark[0])) return inner.Trim();
        }

        return title;
    }

    private static string Unticked(string text, out bool isDone)
    {
        isDone = text.StartsWith("[x] ", StringComparison.OrdinalIgnoreCase);
        return isDone || text.StartsWith("[ ] ", StringComparison.Ordinal) ? text[4..].TrimStart() : text;
    }

    // A section is a heading of this level or a higher one (fewer #) with all that follows, up to the next such heading.
    private static List<Section> Split(IEnumerable<Block> blocks, int level)
    {
        List<Section> sections = [new(null, [])];
        foreach (var block in blocks)
        {
            if (block is HeadingBlock heading && heading.Level <= level) sections.Add(new Section(heading, []));
            else sections[^1].Blocks.Add(block);
        }

        return sections;
    }

    private static bool IsShell(FencedCodeBlock code) => string.Equals(code.Info, "sh", StringComparison.OrdinalIgnoreCase);

    // From the text and not from Markdig: within a list it turns a leading tab into spaces (as the standard wants), which breaks here-documents.
    private string CodeOf(FencedCodeBlock code)
    {
        var lines = _lines.AsSpan(code.Line + 1, code.Lines.Count).ToArray();
        return string.Join('\n', lines.Select(line => line[IndentationOf(line, code.Column)..])).Trim('\n');
    }

    // How many characters of white space take the line to the column of the fence; a tab that goes beyond it stays.
    private static int IndentationOf(string line, int column)
    {
        const int tab = 4;
        var (at, reached) = (0, 0);
        while (at < line.Length && reached < column && line[at] is (' ' or '\t'))
        {
            reached = line[at] == '\t' ? (reached / tab * tab) + tab : reached + 1;
            if (reached > column) break;
            at++;
        }

        return at;
    }

    // Comments, front matter and link targets are not for readers of the text.
    private static bool IsForReaders(Block block) => block is not (HtmlBlock or YamlFrontMatterBlock or LinkReferenceDefinitionGroup or ThematicBreakBlock);

    private static IEnumerable<FencedCodeBlock> ShellBlocksIn(Block block) => block switch
    {
        FencedCodeBlock code => IsShell(code) ? [code] : [],
        ContainerBlock container => container.Descendants<FencedCodeBlock>().Where(IsShell),
        _ => [],
    };

    private static int LineOf(Block block) => block.Line + 1;

    private string SourceOf(Block block) => string.Join('\n', LinesOf(block).Select(l => l.Text));

    // Markdig gives the lines of a paragraph back to its pool; the text that they came from is still here.
    private List<SourceLine> LinesOf(Block block)
    {
        var lines = new List<SourceLine>();
        if (block.Span.IsEmpty) return lines;
        var first = LineOf(block);
        var source = _text.AsSpan(block.Span.Start, block.Span.Length);
        foreach (var range in source.Split('\n'))
        {
            var text = source[range].Trim();
            if (text.Length > 0) lines.Add(new SourceLine(text.ToString(), first));
            first++;
        }

        return lines;
    }

    private string TextOf(HeadingBlock heading)
    {
        var lines = LinesOf(heading);
        if (heading.IsSetext && lines.Count > 1) lines.RemoveAt(lines.Count - 1);
        var text = string.Join(' ', lines.Select(l => l.Text));
        return heading.IsSetext ? text : text.TrimStart('#').Trim();
    }

    // Nothing here reads emphasis or links, and leaving them out leaves out the slow cases of hostile texts.
    private static MarkdownPipeline BlocksOnly()
    {
        var builder = new MarkdownPipelineBuilder().UsePreciseSourceLocation().UseYamlFrontMatter();
        builder.InlineParsers.Clear();
        return builder.Build();
    }

    private sealed record Section(HeadingBlock? Heading, List<Block> Blocks);

    /// <summary>What still belongs to a label such as <c>Verify:</c> after its own line.</summary>
    private enum Takes
    {
        Nothing,

        // "Verify: `a` exists" takes a list below it, but a block after it is what the task runs.
        Lists,

        // "Verify:" alone takes everything up to the next paragraph or heading.
        ListsAndBlocks,
    }

    /// <param name="Takes">What the label still takes.</param>
    /// <param name="Unanswered">The label, as long as no check has followed it.</param>
    private readonly record struct CheckMode(Takes Takes, SourceLine? Unanswered);
}
