using System.Text;
using System.Text.RegularExpressions;

namespace Slaps.Planning.Reading;

/// <summary>
/// Reads any text into headings, paragraphs, lists, tables and fences. It refuses nothing: where the marks are broken, the lines still
/// count. Each line is looked at a bounded number of times, so that the cost grows with the text and not with its square.
/// </summary>
/// <remarks>
/// Not Markdig, which the exact form uses: a fence or a comment that is never closed swallows the rest of the document there, as the
/// standard wants it, and deep nesting costs it the square. Here every block has to know its lines in the source.
/// </remarks>
internal sealed partial class SpecificationReader
{
    private const int DeepestNesting = 40;
    private const int MostMetadata = 200;
    private const int MostScript = 2_000;

    private readonly string[] _lines;
    private readonly string[] _clean;
    private readonly Section _root = new("", 0, 1, null);
    private readonly List<OpenItem> _open = [];
    private readonly List<string> _words = [];
    private Section _section;
    private bool _hasHeadings;
    private int _wordsFirst;
    private int _wordsLast;
    private bool _wordsContinueItem;

    private SpecificationReader(string[] lines)
    {
        _lines = lines;
        _clean = WithoutHtml(WithoutComments(lines));
        _section = _root;
    }

    /// <summary>The structure of a text whose line ends are LF.</summary>
    public static SpecificationText Read(string file, string text)
    {
        var lines = text.Split('\n');
        var reader = new SpecificationReader(lines);
        reader.Run();
        return new SpecificationText(file, lines, reader._root);
    }

    private sealed record OpenItem(int Indent, int Content, ListEntry Entry, List<TextBlock> Owner, List<ListEntry> Siblings, bool IsNumbered, int ListFirst);

    private void Run()
    {
        _hasHeadings = _clean.Any(line => AtxHeading().IsMatch(line));
        for (var i = FrontMatterEnd(); i < _clean.Length; i++)
        {
            var line = _clean[i];
            if (string.IsNullOrWhiteSpace(line)) EndWords();
            else if (MetadataAt(i) is { } metadata) i = metadata;
            else if (FenceAt(i) is { } end) i = end;
            else if (TableAt(i) is { } last) i = last;
            else if (Heading(i)) continue;
            else if (ThematicBreak().IsMatch(line) || IsTagOnly(line)) EndWords();
            else Text(i, line);
        }

        EndWords();
        CloseItems(0);
        for (var section = _section; section is not null; section = section.Parent) Extend(section, section.LastLine);
        Widen(_root);
    }

    // A section reaches as far as those in it.
    private static void Widen(Section root)
    {
        foreach (var section in root.SelfAndDescendants().Reverse().ToList())
        {
            if (section.Parent is { } parent) Extend(parent, section.LastLine);
        }
    }

    private static void Extend(Section section, int line) => section.LastLine = Math.Max(section.LastLine, line);

    // --- Lines that are not part of the text ---

    private int FrontMatterEnd()
    {
        if (_clean.Length == 0 || _clean[0].TrimEnd() != "---") return 0;
        for (var i = 1; i < _clean.Length; i++)
        {
            if (_clean[i].TrimEnd() is "---" or "...") return i + 1;
        }

        return 0;
    }

    // Programs append such blocks to a document: keys, and lists of names, between two lines of hyphens.
    private int? MetadataAt(int i)
    {
        if (_clean[i].TrimEnd() != "---" || i + 2 >= _clean.Length || !MetadataKey().IsMatch(_clean[i + 1])) return null;
        var end = i + 1;
        while (end < _clean.Length && end - i < MostMetadata && MetadataLine().IsMatch(_clean[end])) end++;
        return end > i + 2 && end < _clean.Length && _clean[end].StartsWith("---", StringComparison.Ordinal) ? end : null;
    }

    private static string[] WithoutComments(string[] lines)
    {
        var clean = new string[lines.Length];
        var closings = 0;
        foreach (var line in lines) if (line.Contains("-->", StringComparison.Ordinal)) closings++;
        var inside = false;
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            var closes = line.Contains("-->", StringComparison.Ordinal);
            if (closes) closings--;
            if (!inside && !line.Contains("<!--", StringComparison.Ordinal))
            {
                clean[i] = line;
                continue;
            }

            var kept = new StringBuilder();
            var at = 0;
            while (at < line.Length)
            {
                if (inside)
                {
                    var end = line.IndexOf("-->", at, StringComparison.Ordinal);
                    if (end < 0) break;
                    inside = false;
                    at = end + 3;
                    continue;
                }

                var start = line.IndexOf("<!--", at, StringComparison.Ordinal);
                kept.Append(line, at, (start < 0 ? line.Length : start) - at);
                if (start < 0) break;
                at = start + 4;

                // A comment that nothing closes hides its own mark and not the rest of the document.
                inside = line.IndexOf("-->", at, StringComparison.Ordinal) >= 0 || closings > 0;
            }

            clean[i] = kept.ToString();
        }

        return clean;
    }

    // Headings and items of HTML are headings and items; what its scripts and styles say is no text.
    private static string[] WithoutHtml(string[] lines)
    {
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].Contains('<', StringComparison.Ordinal)) continue;
            foreach (var element in (ReadOnlySpan<string>)["script", "style"])
            {
                while (lines[i].IndexOf($"<{element}", StringComparison.OrdinalIgnoreCase) is >= 0 and var open)
                {
                    var closing = $"</{element}>";
                    var close = lines[i].IndexOf(closing, open, StringComparison.OrdinalIgnoreCase);
                    if (close >= 0)
                    {
                        lines[i] = lines[i][..open] + lines[i][(close + closing.Length)..];
                        continue;
                    }

                    // One that nothing closes hides its own line and not the rest of the document.
                    var last = Array.FindIndex(lines, i, Math.Min(lines.Length - i, MostScript), line => line.Contains(closing, StringComparison.OrdinalIgnoreCase));
                    lines[i] = lines[i][..open];
                    for (var n = i + 1; n <= last; n++) lines[n] = "";
                }
            }

            if (HtmlHeading().Match(lines[i]) is { Success: true } heading) lines[i] = $"{new string('#', heading.Groups["level"].Value[0] - '0')} {heading.Groups["text"].Value}";
            else if (HtmlItem().Match(lines[i]) is { Success: true } item) lines[i] = $"- {item.Groups["text"].Value}";
        }

        return lines;
    }

    private static bool IsTagOnly(string line) => Tag().IsMatch(line) || ImageOnly().IsMatch(line);

    // --- Fences and tables ---

    private int? FenceAt(int i)
    {
        if (FenceStart().Match(_clean[i]) is not { Success: true } match) return null;
        var mark = match.Groups["mark"].Value;
        var indent = Indent(_clean[i]);
        var code = new List<string>();
        var end = i;
        for (var j = i + 1; j < _clean.Length; j++)
        {
            // The comments of a script are no comments of the document: the code is taken from the lines as they are.
            var trimmed = _lines[j].Trim();
            if (trimmed.Length >= mark.Length && trimmed.All(c => c == mark[0]))
            {
                end = j;
                break;
            }

            code.Add(_lines[j]);
        }

        if (end == i)
        {
            // Never closed: it ends where the next heading begins, so that the rest is not lost.
            code.Clear();
            for (end = i; end + 1 < _clean.Length && !AtxHeading().IsMatch(_clean[end + 1]); end++) code.Add(_lines[end + 1]);
            _clean.AsSpan(i + 1, end - i).Fill("");
        }

        EndWords();
        CloseItems(indent);
        Add(new TextBlock.Fence(i + 1, end + 1, match.Groups["language"].Value.ToLowerInvariant(), string.Join('\n', Dedent(code))));
        return end;
    }

    private static IEnumerable<string> Dedent(List<string> code)
    {
        var indent = code.Where(l => l.Trim().Length > 0).Select(Indent).DefaultIfEmpty(0).Min();
        return code.Select(l => l.Length >= indent ? l[Math.Min(indent, l.Length - l.TrimStart().Length)..] : l.TrimStart());
    }

    private int? TableAt(int i)
    {
        if (i + 1 >= _clean.Length || !_clean[i].Contains('|', StringComparison.Ordinal) || !TableRule().IsMatch(_clean[i + 1])) return null;
        EndWords();
        CloseItems(Indent(_clean[i]));
        var rows = new List<TableRow>();
        var last = i + 1;
        for (var j = i + 2; j < _clean.Length && _clean[j].Contains('|', StringComparison.Ordinal); j++)
        {
            rows.Add(new TableRow(j + 1, Cells(_clean[j])));
            last = j;
        }

        Add(new TextBlock.Table(i + 1, last + 1, Cells(_clean[i]), rows));
        return last;
    }

    private static List<string> Cells(string row)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        var inCode = false;
        var text = row.Trim();
        for (var i = text.StartsWith('|') ? 1 : 0; i < text.Length; i++)
        {
            if (text[i] == '`') inCode = !inCode;
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] == '|') cell.Append(text[++i]);
            else if (text[i] == '|' && !inCode)
            {
                cells.Add(cell.ToString().Trim());
                cell.Clear();
            }
            else cell.Append(text[i]);
        }

        if (cell.ToString().Trim() is { Length: > 0 } rest) cells.Add(rest);
        return cells;
    }

    // --- Headings ---

    private bool Heading(int i)
    {
        var line = _clean[i];
        if (AtxHeading().Match(line) is { Success: true } atx)
        {
            Begin(atx.Groups["title"].Value.TrimEnd().TrimEnd('#').TrimEnd(), atx.Groups["marks"].Length, i);
            return true;
        }

        var isAlone = _words.Count == 0;
        if (isAlone && Indent(line) < 4 && i + 1 < _clean.Length && Underline().Match(_clean[i + 1]) is { Success: true } under && !ListItem().IsMatch(line) && line.Trim().Length > 1)
        {
            Begin(line.Trim(), under.Value[0] == '=' ? 1 : 2, i);
            _clean[i + 1] = "";
            return true;
        }

        var isBounded = isAlone && (_open.Count == 0 || Indent(line) == 0);
        if (isBounded && BoldLine().Match(line) is { Success: true } bold && Indent(line) < 2)
        {
            Begin(bold.Groups["title"].Value, 7, i);
            return true;
        }

        // Plain text has no marks: a line in capitals or with a number like 2.1, alone between blank lines.
        if (!_hasHeadings && isBounded && IsBlankAt(i + 1) && line.Length <= 100 && PlainHeading().Match(line) is { Success: true } plain)
        {
            Begin(line.Trim(), plain.Groups["number"].Success ? 1 + plain.Groups["number"].Value.Count(c => c == '.') : 1, i);
            return true;
        }

        return false;
    }

    private bool IsBlankAt(int i) => i >= _clean.Length || string.IsNullOrWhiteSpace(_clean[i]);

    private void Begin(string title, int level, int i)
    {
        EndWords();
        CloseItems(0);
        var parent = _section;
        while (parent.Level >= level) parent = parent.Parent!;
        _section = new Section(title, level, i + 1, parent);
        parent.Children.Add(_section);
    }

    // --- Words and lists ---

    private void Text(int i, string line)
    {
        var indent = Indent(line);
        if (ListItem().Match(line) is { Success: true } match && (_words.Count == 0 || _wordsContinueItem || match.Groups["number"].Value is "" or "1"))
        {
            EndWords();
            CloseItems(indent, forItem: true);
            BeginItem(i, _open.Count >= DeepestNesting ? Math.Min(indent, _open[^1].Indent) : indent, match);
            return;
        }

        if (_words.Count == 0)
        {
            // After a blank line only what is indented belongs to the item; a line right below it belongs to it anyway.
            CloseItems(indent);
            _wordsFirst = i + 1;
            _wordsContinueItem = false;
        }

        _words.Add(Unquoted(line));
        _wordsLast = i + 1;
    }

    private void BeginItem(int i, int indent, Match match)
    {
        var isNumbered = match.Groups["number"].Success;
        var text = match.Groups["text"].Value;
        bool? ticked = null;
        if (CheckBox().Match(text) is { Success: true } box)
        {
            ticked = box.Groups["tick"].Value.Trim().Length > 0;
            text = text[box.Length..];
        }

        int? number = isNumbered && int.TryParse(match.Groups["number"].Value, out var parsed) ? parsed : null;
        var entry = new ListEntry(i + 1, number, ticked);
        if (_open.Count > 0 && _open[^1].Indent == indent && _open[^1].IsNumbered == isNumbered)
        {
            var before = _open[^1];
            _open[^1] = before with { Entry = entry, Content = match.Groups["text"].Index };
            before.Siblings.Add(entry);
        }
        else
        {
            if (_open.Count > 0 && _open[^1].Indent >= indent) CloseItems(indent);
            var owner = _open.Count > 0 ? _open[^1].Entry.Blocks : _section.Blocks;
            _open.Add(new OpenItem(indent, match.Groups["text"].Index, entry, owner, [entry], isNumbered, i + 1));
        }

        _words.Add(text);
        _wordsFirst = _wordsLast = i + 1;
        _wordsContinueItem = true;
    }

    private void EndWords()
    {
        if (_words.Count == 0) return;
        var text = string.Join(' ', _words.Select(w => w.Trim()));
        if (_wordsContinueItem)
        {
            var entry = _open[^1].Entry;
            entry.Text = text;
            entry.LastOwn = entry.Last = _wordsLast;
            Extend(_section, _wordsLast);
        }
        else
        {
            Add(new TextBlock.Paragraph(_wordsFirst, _wordsLast, text));
        }

        _words.Clear();
        _wordsContinueItem = false;
    }

    private void Add(TextBlock block)
    {
        (_open.Count > 0 ? _open[^1].Entry.Blocks : _section.Blocks).Add(block);
        if (_open.Count > 0) _open[^1].Entry.Last = Math.Max(_open[^1].Entry.Last, block.Last);
        Extend(_section, block.Last);
    }

    // Closes the items that a line of this indentation does not belong to. An item of the same indentation is a sibling and stays.
    private void CloseItems(int indent, bool forItem = false)
    {
        while (_open.Count > 0 && (forItem ? _open[^1].Indent > indent : indent <= _open[^1].Indent))
        {
            var item = _open[^1];
            _open.RemoveAt(_open.Count - 1);
            var last = item.Siblings[^1].Last;
            item.Owner.Add(new TextBlock.ItemList(item.ListFirst, last, item.Siblings, item.IsNumbered));
            if (_open.Count > 0) _open[^1].Entry.Last = Math.Max(_open[^1].Entry.Last, last);
            Extend(_section, last);
        }
    }

    private static string Unquoted(string line)
    {
        var text = line.TrimStart();
        while (text.StartsWith('>')) text = text[1..].TrimStart();
        return text;
    }

    private static int Indent(string line)
    {
        var columns = 0;
        foreach (var c in line)
        {
            if (c == ' ') columns++;
            else if (c == '\t') columns += 4 - (columns % 4);
            else break;
        }

        return columns;
    }

    [GeneratedRegex(@"^\s*<h(?<level>[1-6])(?:\s[^<>]*)?>\s*(?<text>\S.*?)\s*</h[1-6]>\s*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex HtmlHeading();

    [GeneratedRegex(@"^\s*<li(?:\s[^<>]*)?>\s*(?<text>[^<\s].*?)\s*(?:</li>)?\s*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex HtmlItem();

    [GeneratedRegex(@"^[\w-]{1,60}:(?:\s.{0,200})?$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex MetadataKey();

    [GeneratedRegex(@"^\s*(?:-\s+\S{1,120}|[\w-]{1,60}:(?:\s.{0,200})?)\s*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex MetadataLine();

    [GeneratedRegex(@"^ {0,3}(?<marks>#{1,6})[ \t]+(?<title>\S.*)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex AtxHeading();

    [GeneratedRegex(@"^ {0,3}(={3,}|-{3,})[ \t]*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Underline();

    [GeneratedRegex(@"^ {0,3}(?:(?<number>\d{1,3}(?:\.\d{1,3}){1,4})\.?[ \t]+\p{L}.{0,90}|[\p{Lu}][\p{Lu}\p{N} &/()'’:,-]{3,80})$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex PlainHeading();

    [GeneratedRegex(@"^[ \t]*(?:[-*+•‣–]|(?<number>\d{1,9})[.)])[ \t]+(?<text>\S.*)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex ListItem();

    [GeneratedRegex(@"^\[(?<tick>[ xX✓~-]?)\]\s+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex CheckBox();

    [GeneratedRegex(@"^[ \t]*(?<mark>`{3,}|~{3,})[ \t]*(?<language>[\w+#.-]*)[^`]*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex FenceStart();

    [GeneratedRegex(@"^[ \t]*\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex TableRule();

    [GeneratedRegex(@"^[ \t]*</?[A-Za-z][^<>]*>[ \t]*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Tag();

    [GeneratedRegex(@"^[ \t]*!\[[^\]]*\]\([^)]*\)[ \t]*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex ImageOnly();

#pragma warning disable MA0009 // These look around, which only the backtracking engine can; what they are given is at most a line of bounded length.
    [GeneratedRegex(@"^ {0,3}(?<mark>[-*_=~])([ \t]*\k<mark>){2,}[ \t]*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex ThematicBreak();

    [GeneratedRegex(@"^[ \t]*(?<mark>\*\*|__)(?<title>[^*_\s][^*]{0,158}?)[:.]?\k<mark>[ \t]*:?[ \t]*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex BoldLine();
#pragma warning restore MA0009
}
