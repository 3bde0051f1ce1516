using Slaps.Core.Diagnostics;

namespace Slaps.Core.Plans;

/// <summary>A plan with the bytes that stand for it.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Hash">Its <see cref="CanonicalJson.Hash"/>, unknown fields included: two files with one hash mean the same.</param>
/// <param name="CanonicalBytes">Its <see cref="CanonicalJson.Bytes"/>, unknown fields included.</param>
public sealed record PlanDocument(Plan Plan, string Hash, byte[] CanonicalBytes);

/// <summary>Reads and writes <c>coordinator.json</c>, the contract between planning and execution.</summary>
public static class CoordinatorJson
{
    /// <summary>The largest file that is read, in bytes.</summary>
    public const long MaxBytes = ArtifactJson.MaxBytes;

    /// <summary>
    /// The plan in these bytes, or null with the errors in <paramref name="diagnostics"/>. Warnings alone do not refuse it. Every hard edge
    /// holds, whatever its confidence.
    /// </summary>
    /// <param name="utf8">The whole file; a byte order mark is allowed.</param>
    /// <param name="file">The file as the user named it, for the messages.</param>
    /// <param name="diagnostics">Takes everything that is wrong; what it held before does not count.</param>
    public static PlanDocument? Read(ReadOnlyMemory<byte> utf8, string file, DiagnosticBag diagnostics)
    {
        using var document = ArtifactJson.Parse(utf8, file, diagnostics);
        if (document is null || new CoordinatorReader(file, diagnostics).Read(document.RootElement) is not { } plan) return null;

        var bytes = CanonicalJson.Bytes(document.RootElement);
        var hash = ArtifactJson.Verify(document.RootElement, CanonicalJson.HashOf(document.RootElement, bytes), file, diagnostics);
        return new PlanDocument(plan, hash, bytes);
    }

    /// <summary>
    /// The canonical bytes of a plan with its <c>meta.artifact_hash</c>; defaults are left out. Reading them gives a plan with the same
    /// order: a hard dependency below the draft's minimal confidence is written as a soft one with a note.
    /// </summary>
    /// <param name="draft">One that <see cref="Plan.Build"/> accepts; others may be written as something that cannot be read.</param>
    public static byte[] Write(PlanDraft draft) => ArtifactJson.Write(json => new CoordinatorWriter(json).Write(draft));
}
