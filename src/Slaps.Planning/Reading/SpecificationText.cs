namespace Slaps.Planning.Reading;

/// <summary>A specification by its structure alone: whatever language it is written in, headings, lists and tables are the same.</summary>
/// <param name="File">The source as the user named it.</param>
/// <param name="Lines">All lines as they stand there; line n is at n - 1.</param>
/// <param name="Root">What stands before the first heading, with all sections below it; its title is empty.</param>
public sealed record SpecificationText(string File, IReadOnlyList<string> Lines, Section Root)
{
    /// <summary>The first heading of the first level when it is the only one of this level; else null.</summary>
    public Section? TitleSection => Root.Children.Where(s => s.Level == 1).Take(2).ToList() is [var only] ? only : null;
}

/// <summary>A heading with what stands below it.</summary>
public sealed class Section(string title, int level, int line, Section? parent)
{
    /// <summary>The heading's words with their marks; empty above the first heading.</summary>
    public string Title => title;

    /// <summary>1 to 6 as in Markdown; 7 for a line in bold that stands alone; 0 for the document.</summary>
    public int Level => level;

    /// <summary>The heading's line, from 1; 1 for the document.</summary>
    public int Line { get; } = line;

    /// <summary>The heading above it; null for the document.</summary>
    public Section? Parent => parent;

    /// <summary>The last line that is not blank and belongs to it or to a section in it.</summary>
    public int LastLine { get; internal set; } = line;

    /// <summary>What stands right below the heading, in order.</summary>
    public List<TextBlock> Blocks { get; } = [];

    /// <summary>The sections in it, in order.</summary>
    public List<Section> Children { get; } = [];

    /// <summary>It and all sections in it, in document order.</summary>
    public IEnumerable<Section> SelfAndDescendants()
    {
        var open = new Stack<Section>([this]);
        while (open.TryPop(out var section))
        {
            yield return section;
            for (var i = section.Children.Count - 1; i >= 0; i--) open.Push(section.Children[i]);
        }
    }
}

/// <summary>A block of a specification. The family is closed.</summary>
/// <param name="First">Its first line, from 1.</param>
/// <param name="Last">Its last line, which belongs to it.</param>
public abstract record TextBlock(int First, int Last)
{
    /// <summary>Words; quotations are words too.</summary>
    public sealed record Paragraph(int First, int Last, string Text) : TextBlock(First, Last);

    /// <summary>A list with its items.</summary>
    public sealed record ItemList(int First, int Last, IReadOnlyList<ListEntry> Items, bool IsNumbered) : TextBlock(First, Last);

    /// <summary>A table; cells keep their marks.</summary>
    public sealed record Table(int First, int Last, IReadOnlyList<string> Header, IReadOnlyList<TableRow> Rows) : TextBlock(First, Last);

    /// <summary>A fenced block; one that is never closed ends before the next heading.</summary>
    public sealed record Fence(int First, int Last, string Language, string Code) : TextBlock(First, Last);
}

/// <summary>A row of a table below its header.</summary>
public sealed record TableRow(int Line, IReadOnlyList<string> Cells);

/// <summary>An item of a list.</summary>
public sealed class ListEntry(int first, int? number, bool? isTicked)
{
    /// <summary>Its first line, from 1.</summary>
    public int First { get; } = first;

    /// <summary>The number it is written with; null for a bullet.</summary>
    public int? Number => number;

    /// <summary>Whether its box is ticked; null when it has none.</summary>
    public bool? IsTicked => isTicked;

    /// <summary>Its last line, that of its nested items included.</summary>
    public int Last { get; internal set; } = first;

    /// <summary>The last line of its own words.</summary>
    public int LastOwn { get; internal set; } = first;

    /// <summary>Its own words with their marks, lines joined by spaces.</summary>
    public string Text { get; internal set; } = "";

    /// <summary>What is nested in it, in order.</summary>
    public List<TextBlock> Blocks { get; } = [];

    /// <summary>The items right below it.</summary>
    public IEnumerable<ListEntry> Items => Blocks.OfType<TextBlock.ItemList>().SelectMany(list => list.Items);
}
