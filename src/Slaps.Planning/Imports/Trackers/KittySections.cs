using System.Globalization;
using System.Text.RegularExpressions;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports.Trackers;

/// <summary>The section of a work package in <c>tasks.md</c>.</summary>
/// <param name="Id">Like WP01.</param>
/// <param name="File">The file.</param>
/// <param name="Line">The line of its heading.</param>
internal sealed record KittySection(string Id, TrackerFile File, int Line)
{
    public string Title { get; init; } = "";

    public string Text { get; set; } = "";

    /// <summary>What comes before it, in the order in which it is said, with the line that says so.</summary>
    public OrderedDictionary<string, int> After { get; } = [];

    /// <summary>The first line that says what comes before it; its heading where none does.</summary>
    public int AfterLine => After.Count > 0 ? After.GetAt(0).Value : Line;

    /// <summary>Whether anything is said of its dependencies, be it that there are none.</summary>
    public bool SaysAfter { get; set; }

    public Priority? Priority { get; set; }

    public List<string> Criteria { get; } = [];

    public List<string> Subtasks { get; } = [];

    public IReadOnlyList<string> Files { get; set; } = [];
}

/// <summary>
/// Reads the work packages out of <c>tasks.md</c>. Agents write these sections freely; what counts as a dependency is a line that begins with the
/// word, a list below a heading of that name, or, for a package that says nothing itself, a table with such a column.
/// </summary>
internal sealed partial class KittySections(TrackerFile file, IReadOnlyList<MarkdownLine> lines, DiagnosticBag diagnostics)
{
    private const int LongestRange = 200;

    private readonly List<KittySection> _sections = [];
    private readonly Dictionary<string, KittySection> _byId = [];
    private readonly List<(string Waits, string First, int Line)> _saidByOthers = [];

    /// <summary>The sections in the order of the file; a package with two of them is one.</summary>
    public List<KittySection> All()
    {
        KittySection? section = null;
        var level = 0;
        var inList = false;
        var text = new List<string>();
        foreach (var line in lines)
        {
            if (line.HeadingLevel is > 0 and var deep)
            {
                inList = DependencyHeading().IsMatch(line.Heading);
                if (deep is > 1 and < 5 && SpecKittyFormat.PackageIn(line.Heading) is { } id)
                {
                    Close(section, text);
                    section = Section(id, line);
                    level = deep;
                    continue;
                }

                // Sections that are not about packages end the last one; the dependencies of one may have a heading of any level.
                if (section is not null && (deep < level || deep == 2) && !OnlyDependencies().IsMatch(line.Heading))
                {
                    Close(section, text);
                    section = null;
                }

                if (inList && section is not null) Say(section, line);
            }

            if (section is null) continue;
            text.Add(line.Text);
            if (line.IsCode) continue;
            Read(section, line, inList);
        }

        Close(section, text);
        ReadTables();
        TellTheOthers();
        return _sections;
    }

    private KittySection Section(string id, MarkdownLine line)
    {
        if (_byId.TryGetValue(id, out var known)) return known;
        var section = new KittySection(id, file, line.Number) { Title = TitleOf(line.Heading), Priority = TrackerWords.InText(line.Heading) };
        _sections.Add(section);
        _byId.Add(id, section);
        return section;
    }

    private static void Close(KittySection? section, List<string> text)
    {
        if (section is not null)
        {
            section.Text = TrackerWords.Paragraphs(section.Text, TrackerPaths.Unindented(text));
            section.Files = [.. section.Files.Concat(TrackerPaths.In(text.Where(line => OwnedFiles().IsMatch(line)))).Distinct()];
        }

        text.Clear();
    }

    private void Read(KittySection section, MarkdownLine line, bool inList)
    {
        section.Priority ??= TrackerWords.InText(line.Text);
        if (Subtask().Match(line.Text) is { Success: true } subtask) section.Subtasks.Add(subtask.Groups["id"].Value);
        if (Criterion().Match(line.Text) is { Success: true } criterion) section.Criteria.Add(criterion.Groups["text"].Value.Trim());

        if (DependsOn().Match(line.Text) is { Success: true } said) Say(section, line, said.Groups["value"].Value);
        else
        {
            foreach (Match labelled in Labelled().Matches(line.Text)) Say(section, line, labelled.Groups["value"].Value);
        }

        // The other end says it: "P1, required by WP03".
        foreach (Match needed in RequiredBy().Matches(line.Text)) _saidByOthers.AddRange(Ids(needed.Groups["list"].Value).Select(id => (id, section.Id, line.Number)));

        if (inList && Bullet().Match(line.Text) is { Success: true } bullet) Say(section, line, bullet.Groups["value"].Value);
    }

    private void Say(KittySection section, MarkdownLine line, string value = "")
    {
        section.SaysAfter = true;
        if (OfAnother().Match(value) is { Success: true } other)
        {
            SayOfAnother(section, line, value, other);
            return;
        }

        var after = (AllBefore().IsMatch(value) ? _sections.Select(other => other.Id) : Value(value)).Where(id => id != section.Id).ToList();
        if (after.Count == 0 && NamesNoPackage().IsMatch(value)) diagnostics.Add(TrackerDiagnostics.UnreadDependency(file.At(line.Number), section.Id, value.Trim(), "WP01, WP02"));
        Add(section, after, line.Number);
    }

    private static void Add(KittySection section, IEnumerable<string> after, int line)
    {
        foreach (var id in after) section.After.TryAdd(id, line);
    }

    // "WP05 must not begin until WP06 is merged" below the dependencies of WP06: it is WP05 that waits.
    private void SayOfAnother(KittySection section, MarkdownLine line, string value, Match other)
    {
        var (waits, first) = (Value(other.Groups["waits"].Value).ToList(), Value(other.Groups["first"].Value).ToList());
        if (waits.Contains(section.Id)) Add(section, first.Where(id => id != section.Id), line.Number);
        else if (first.Contains(section.Id)) _saidByOthers.AddRange(waits.Select(id => (id, section.Id, line.Number)));
        else diagnostics.Add(TrackerDiagnostics.UnreadDependency(file.At(line.Number), section.Id, value.Trim(), "WP01, WP02"));
    }

    private void TellTheOthers()
    {
        foreach (var (waits, first, line) in _saidByOthers)
        {
            if (_byId.GetValueOrDefault(waits) is { } section) Add(section, [first], line);
        }
    }

    private void ReadTables()
    {
        var silent = _sections.Where(section => !section.SaysAfter).ToDictionary(section => section.Id);
        var column = -1;
        foreach (var line in lines)
        {
            if (line.IsCode || line.Text.TrimStart() is not ['|', ..])
            {
                column = -1;
                continue;
            }

            var cells = line.Text.Trim().Trim('|').Split('|').Select(cell => cell.Trim(' ', '*', '`')).ToList();
            if (PackageColumn().IsMatch(cells[0])) column = cells.FindIndex(cell => DependencyColumn().IsMatch(cell));
            else if (column > 0 && column < cells.Count && RowId().Match(cells[0]) is { Success: true } row && silent.GetValueOrDefault(row.Groups["id"].Value) is { } section) Say(section, line, cells[column]);
        }
    }

    // "WP01, WP02–WP04 and WP06 (their types)": ids and ranges until other words come; remarks in brackets count only where they say what is
    // required. "WP01 must be merged first. WP03 must be merged first": sentence by sentence.
    private static IEnumerable<string> Value(string text)
    {
        var bare = Remark().Replace(text, "").Replace("`", "", StringComparison.Ordinal).Trim().Trim('*').Trim();
        var lists = new List<string>();
        if (List().Match(bare) is { Success: true } list) lists.Add(list.Value);
        if (lists.Count > 0) lists.AddRange(MustBeFirst().Matches(bare).Skip(1).Select(match => match.Groups["list"].Value));
        if (lists.Count > 0) lists.AddRange(Required().Matches(text).Select(match => match.Groups["list"].Value));
        return lists.SelectMany(Ids).Distinct();
    }

    private static IEnumerable<string> Ids(string list)
    {
        foreach (Match item in Item().Matches(list))
        {
            var from = Number(item.Groups["from"].Value);
            var to = item.Groups["to"].Length > 0 ? Number(item.Groups["to"].Value) : from;
            if (to - from is < 0 or > LongestRange) to = from;
            for (var number = from; number <= to; number++) yield return $"WP{number.ToString("00", CultureInfo.InvariantCulture)}";
        }
    }

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    private static string TitleOf(string heading) => HeadingId().Replace(heading, "").Trim();

    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture;

    [GeneratedRegex(@"^\W*(?:Work Package\s+)?(?:WP)?[0-9]+\W*", Options)]
    private static partial Regex HeadingId();

    [GeneratedRegex(@"^\**Dependenc(?:y|ies)\b", Options)]
    private static partial Regex DependencyHeading();

    [GeneratedRegex(@"^\**Dependencies\W*$", Options)]
    private static partial Regex OnlyDependencies();

    [GeneratedRegex(@"^\s*(?:[-*+]\s+)?\**(?:(?:also|directly|loosely|transitively)\s+)?Depends?\s+on\**:?\**:?\s*(?<value>.*)$", Options)]
    private static partial Regex DependsOn();

    [GeneratedRegex(@"(?:^\s*(?:[-*+]\s+)?|[|·.]\s*)\*{0,2}(?:Dependencies|Depends on|Dependency|Deps)\*{0,2}\s*(?:\([^)]*\)\s*)?[:.]\*{0,2}\s*(?<value>[^|·]*)", Options)]
    private static partial Regex Labelled();

    [GeneratedRegex(@"^\s*[-*+]\s+(?<value>.*)$", Options)]
    private static partial Regex Bullet();

    [GeneratedRegex(@"\([^()]*\)", Options)]
    private static partial Regex Remark();

    [GeneratedRegex(@"^(?:depends on:?\s*)?(?:(?:\*\*|\[|all of|all|both)?\s*WP[0-9]{1,6}(?:\*\*|\])?(?:\s*(?:–|-|—|\.\.|through)\s*(?:WP)?[0-9]{1,6})?[\s,;&+/]*(?:and\s+)?)+", Options)]
    private static partial Regex List();

    [GeneratedRegex(@"(?:^|\.\s+)(?<list>WP[0-9]{1,6}(?:\s*(?:,|and|\+)\s*WP[0-9]{1,6})*)\s+must\s+be\s+\w+\s+first", Options)]
    private static partial Regex MustBeFirst();

    [GeneratedRegex(@"\((?:[^()]*[;,]\s*)?(?:also\s+)?(?:requires|needs)\s+(?<list>WP[0-9]{1,6}(?:\s*(?:,|and|\+)\s*WP[0-9]{1,6})*)", Options)]
    private static partial Regex Required();

    [GeneratedRegex(@"\b(?:required by|lands before)\s+(?<list>WP[0-9]{1,6}(?:\s*(?:,|and|\+)\s*WP[0-9]{1,6})*)", Options)]
    private static partial Regex RequiredBy();

    [GeneratedRegex(@"^\W*(?<waits>WP[0-9]{1,6})\W+(?:must|can|may|should)\b(?:[^.]|\.\w)*?\b(?:after|until)\s+(?<first>WP[0-9]{1,6}(?:\s*(?:,|and|\+)\s*WP[0-9]{1,6})*)", Options)]
    private static partial Regex OfAnother();

    [GeneratedRegex(@"WP(?<from>[0-9]{1,6})(?:\s*(?:–|-|—|\.\.|through)\s*(?:WP)?(?<to>[0-9]{1,6}))?", Options)]
    private static partial Regex Item();

    [GeneratedRegex(@"^(?:WP|Work package|ID)(?:\W|$)", Options)]
    private static partial Regex PackageColumn();

    [GeneratedRegex(@"^(?:deps|depends(?: on)?|dependencies|dependency)$", Options)]
    private static partial Regex DependencyColumn();

    [GeneratedRegex(@"^\W*(?:on\s+)?all\s+(?:other|previous|prior|preceding|earlier)\s+(?:WPs|work packages)", Options)]
    private static partial Regex AllBefore();

    // "all of them", "every lane": words that mean an order and say none. "None", "nothing" and remarks mean that there is none.
    [GeneratedRegex(@"^\W*(?:all|every|any)\s", Options)]
    private static partial Regex NamesNoPackage();

    [GeneratedRegex(@"^\[?(?<id>WP[0-9]{1,6})(?:\W|$)", Options)]
    private static partial Regex RowId();

    [GeneratedRegex(@"^\s*[-*]\s*\[[ xX]\]\s*\**(?<id>T[0-9]{1,6}[a-z]?)\b", Options)]
    private static partial Regex Subtask();

    [GeneratedRegex(@"^\s*(?:[-*]\s+)?\*{0,2}(?:Independent test|Success criteria|Acceptance)\*{0,2}\s*:\*{0,2}\s*(?<text>\S.*)$", Options)]
    private static partial Regex Criterion();

    [GeneratedRegex(@"^\s*(?:[-*]\s+)?\*{0,2}(?:Owned files|Owns|Files)\*{0,2}\s*:", Options)]
    private static partial Regex OwnedFiles();
}
