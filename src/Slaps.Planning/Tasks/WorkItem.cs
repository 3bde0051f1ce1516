using Slaps.Core.Plans;

namespace Slaps.Planning.Tasks;

/// <summary>
/// A piece of work that a specification asks for. After normalisation every task of the plan comes from exactly one item: the task at
/// index i from the item at index i.
/// </summary>
public sealed record WorkItem
{
    /// <summary>Its place among all items, from 0, in the order of the documents.</summary>
    public required int Order { get; init; }

    /// <summary>What is to be done, in a line that begins with a verb.</summary>
    public required string Title { get; init; }

    /// <summary>The words of the specification without marks, its nested items included, one line each. Secrets are replaced.</summary>
    public required string Text { get; init; }

    /// <summary>Where that stands; several places when items were merged. Never empty.</summary>
    public required IReadOnlyList<SourceLines> Sources { get; init; }

    /// <summary>The feature it belongs to, as an index into the plan's features.</summary>
    public required int Feature { get; init; }

    /// <summary>The headings above it, the outermost first.</summary>
    public IReadOnlyList<string> HeadingPath { get; init; } = [];

    /// <summary>What kind of work it is.</summary>
    public WorkLayer Layer { get; init; } = WorkLayer.Code;

    /// <summary>Files, folders and globs that its words name, relative to the project, each once, in order of appearance.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Names of code that its words mark as code: <c>parseConfig()</c>, <c>UserStore</c>, <c>MAX_RETRIES</c>; each once.</summary>
    public IReadOnlyList<string> Symbols { get; init; } = [];

    /// <summary>Paths and symbols that it brings into being: those that follow "create", "add", "generate" and their like.</summary>
    public IReadOnlyList<string> Produces { get; init; } = [];

    /// <summary>Paths and symbols that it names without making them.</summary>
    public IReadOnlyList<string> Uses { get; init; } = [];

    /// <summary>Ids that the document gives to this item itself: <c>T003</c>, <c>FR-2</c>, <c>WP01</c>.</summary>
    public IReadOnlyList<string> Ids { get; init; } = [];

    /// <summary>Ids of this form that its words mention and that are not its own.</summary>
    public IReadOnlyList<string> MentionedIds { get; init; } = [];

    /// <summary>Marks in square brackets at its beginning, without the brackets: <c>P</c>, <c>US1</c>.</summary>
    public IReadOnlyList<string> Markers { get; init; } = [];

    /// <summary>Its place in a list whose numbers are an order of steps; null where the numbers only count, or there are none.</summary>
    public NumberedStep? Step { get; init; }

    /// <summary>The phase, milestone or stage that it stands under; null when there is none.</summary>
    public DocumentPhase? Phase { get; init; }

    /// <summary>The time that the words state; null when they state none.</summary>
    public PertEstimate? StatedTime { get; init; }

    /// <summary>The size that the words state, e.g. <c>120 LoC</c>; null when they state none.</summary>
    public string? StatedSize { get; init; }

    /// <summary>How long it is expected to take, by <see cref="EstimateRule"/>.</summary>
    public PertEstimate Estimate { get; init; } = PertEstimate.Default;

    /// <summary>The rule behind the estimate, in a sentence.</summary>
    public string EstimateRule { get; init; } = "";

    /// <summary>The nested items and lines at which it can be split, in order.</summary>
    public IReadOnlyList<WorkPart> Parts { get; init; } = [];

    /// <summary>What can be looked at when it is done, as the specification says it.</summary>
    public IReadOnlyList<WorkPart> Criteria { get; init; } = [];

    /// <summary>What the text says of it as one paragraph, without headings' marks, bullets and code blocks; empty where it was put together.</summary>
    public string Statement { get; init; } = "";

    /// <summary>The commands that its own words, or the shell blocks below its criteria, state as its proof.</summary>
    public IReadOnlyList<StatedCheck> Checks { get; init; } = [];

    /// <summary>What has to be there before it can be gone through.</summary>
    public Closing Closes { get; init; }

    /// <summary>How much it matters, when its own words say so.</summary>
    public Priority? StatedPriority { get; init; }
}

/// <summary>What a piece of work that only looks at other work looks at.</summary>
public enum Closing
{
    /// <summary>It is no such work.</summary>
    Nothing,

    /// <summary>The rest of its feature.</summary>
    Feature,

    /// <summary>What its document asks for.</summary>
    Document,

    /// <summary>It stands in a test plan, and looks at what its words name.</summary>
    Tested,
}

/// <summary>One line below an item.</summary>
/// <param name="Text">Its words without marks.</param>
/// <param name="Source">Where it stands.</param>
/// <param name="IsStep">Whether it comes after the one before it, because the list is numbered as steps.</param>
public sealed record WorkPart(string Text, SourceLines Source, bool IsStep = false)
{
    /// <summary>The commands that it states as a proof.</summary>
    public IReadOnlyList<StatedCheck> Checks { get; init; } = [];

    /// <summary>Commands that it names and that prove nothing, each as the text has it.</summary>
    public IReadOnlyList<string> Left { get; init; } = [];
}

/// <summary>Lines of a source.</summary>
/// <param name="File">The source as the user named it.</param>
/// <param name="First">The first line, from 1.</param>
/// <param name="Last">The last line, which belongs to it.</param>
/// <param name="Excerpt">Its words as they stand there, white space made single spaces; only the beginning of a long one.</param>
public sealed record SourceLines(string File, int First, int Last, string Excerpt)
{
    /// <summary>The place as evidence names it: <c>SPEC.md#L10-L14</c>, or <c>SPEC.md#L10</c> for one line.</summary>
    public string Place => First == Last ? $"{File}#L{First}" : $"{File}#L{First}-L{Last}";
}

/// <summary>The place of an item in a list of steps.</summary>
/// <param name="List">Names the list: two items are steps of one list exactly when this is equal.</param>
/// <param name="Number">Its place in the list, from 1; the numbers ascend, with gaps where an item is no work.</param>
public readonly record struct NumberedStep(string List, int Number);

/// <summary>A phase of the document: phases of one group come after each other.</summary>
/// <param name="Group">Names the group of phases, i.e. the heading that holds them.</param>
/// <param name="Number">Its place in the group, from 1.</param>
/// <param name="Title">Its heading.</param>
public sealed record DocumentPhase(string Group, int Number, string Title);

/// <summary>Kinds of work in the order in which they usually follow each other.</summary>
public enum WorkLayer
{
    /// <summary>Finding something out.</summary>
    Spike,

    /// <summary>Data: tables, migrations, formats, types that others build on.</summary>
    Schema,

    /// <summary>The program itself.</summary>
    Code,

    /// <summary>Tests and other proofs.</summary>
    Tests,

    /// <summary>Words for people.</summary>
    Docs,

    /// <summary>Bringing it to where it runs.</summary>
    Deployment,
}
