namespace Slaps.Core.Plans;

/// <summary>What kind of source a piece of evidence comes from.</summary>
public enum EvidenceType
{
    /// <summary>The specification or another plan.</summary>
    Plan,

    /// <summary>The codebase.</summary>
    Code,

    /// <summary>The history of the codebase.</summary>
    Commit,

    /// <summary>Other documents.</summary>
    Doc,
}

/// <summary>Why the plan says what it says: a place and the words that stand there.</summary>
/// <param name="Type">What kind of source it is.</param>
/// <param name="Source">The place, e.g. <c>SPEC.md#L10-L14</c>: lines count from 1, both ends belong to it.</param>
/// <param name="Excerpt">The words of the source, with secrets replaced.</param>
/// <param name="Confidence">0 to 1: how surely it supports what it stands by.</param>
/// <param name="Rationale">How it supports that, in a sentence.</param>
public sealed record Evidence(EvidenceType Type, string Source, string Excerpt, double Confidence = 1, string Rationale = "")
{
    /// <summary>Fields that this version does not know, kept as they were.</summary>
    public UnknownFields Unknown { get; init; }
}
