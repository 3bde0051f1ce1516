using Slaps.Planning.Reading;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Features;

/// <summary>A piece of work with the place where it was found; it has no feature yet.</summary>
internal sealed record FoundWork(WorkItem Item, SpecificationText Text, Section Section, SectionKind Kind)
{
    /// <summary>Its lines with their marks, in which paths and commands are looked for.</summary>
    public required IReadOnlyList<string> Marked { get; init; }
}

/// <summary>A section that is no work.</summary>
internal sealed record ContextSection(SpecificationText Text, Section Section, string Reason);

/// <summary>What was found in all documents together.</summary>
internal sealed record WorkFindings(IReadOnlyList<FoundWork> Work, IReadOnlyList<ContextSection> Context, IReadOnlyList<SourceLines> Done, IReadOnlyList<SourceLines> PutOff)
{
    /// <summary>Sections that say of themselves that they are done, which are not planned.</summary>
    public required IReadOnlyList<ContextSection> Finished { get; init; }

    /// <summary>Lines on which a whole document says that it is done; it is planned all the same.</summary>
    public required IReadOnlyList<SourceLines> FinishedDocuments { get; init; }

    /// <summary>Commands of criteria that are no checks: where each stands, and why.</summary>
    public required IReadOnlyList<(SourceLines Source, CommandLeft Command)> CommandsLeft { get; init; }

    /// <summary>What was said twice: where it is planned from, and where it stands again.</summary>
    public required IReadOnlyList<(SourceLines Kept, SourceLines Again)> Twice { get; init; }
}
