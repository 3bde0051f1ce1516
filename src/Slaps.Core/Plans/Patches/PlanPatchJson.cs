using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Slaps.Core.Diagnostics;

namespace Slaps.Core.Plans.Patches;

/// <summary>Reads and writes patches: <c>{"operations": [{"op": "inject_task", …}], "reason": "…"}</c>, or one operation by itself.</summary>
public static class PlanPatchJson
{
    /// <summary>The largest patch that is read, in bytes.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>How deep a patch may be nested: less than a plan, because it stands in an event and what it adds stands deeper in the plan.</summary>
    public const int MaxDepth = CanonicalJson.MaxDepth - 8;

    /// <summary>
    /// The patch in these bytes, or null with the errors in <paramref name="diagnostics"/>. It judges the shape; whether the patch suits a plan
    /// is judged when it is applied (<see cref="PlanPatching"/>).
    /// </summary>
    /// <param name="utf8">The whole file; a byte order mark is allowed.</param>
    /// <param name="file">The file as the user named it, for the messages.</param>
    /// <param name="diagnostics">Takes everything that is wrong; what it held before does not count.</param>
    public static PlanPatch? Read(ReadOnlyMemory<byte> utf8, string file, DiagnosticBag diagnostics)
    {
        if (utf8.Length > MaxBytes)
        {
            diagnostics.Add(PatchDiagnostics.TooLarge(new(file, null), utf8.Length));
            return null;
        }

        if (utf8.Span.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            diagnostics.Add(PatchDiagnostics.NoOperations(new(file, null)));
            return null;
        }

        using var document = ArtifactJson.Parse(utf8, file, diagnostics);
        if (document is null) return null;
        if (!IsDeeper(document.RootElement, MaxDepth)) return Read(document.RootElement, file, diagnostics);
        diagnostics.Add(PatchDiagnostics.TooDeep(new(file, null)));
        return null;
    }

    /// <summary>The patch as one line of JSON; reading it gives the same patch.</summary>
    public static byte[] Write(PlanPatch patch)
    {
        // What is kept as text is canonical, which has line ends: the second pass takes them out.
        var draft = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(draft)) new PatchWriter(new FieldWriter(json)).Write(patch);
        using var document = JsonDocument.Parse(draft.WrittenMemory, new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth });
        var buffer = new ArrayBufferWriter<byte>(draft.WrittenCount);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            document.RootElement.WriteTo(json);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// The hash of a plan after a patch, in lower-case hexadecimal: SHA-256 of the hash before it and of the patch as it is written. The same plan
    /// with the same patches has the same hash; hashing all of a plan of 10,000 tasks anew would take longer than everything else about a patch.
    /// </summary>
    public static string HashAfter(string hashBefore, PlanPatch patch) =>
        Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes(hashBefore), (byte)'\n', .. Write(patch)]));

    internal static PlanPatch? Read(JsonElement root, string file, DiagnosticBag diagnostics)
    {
        var errorsBefore = diagnostics.ErrorCount;
        var patch = new PatchReader(file, diagnostics).Read(root);
        return diagnostics.ErrorCount > errorsBefore ? null : patch;
    }

    // The document has at most the levels that any file may have.
    private static bool IsDeeper(JsonElement element, int levels) => element.ValueKind switch
    {
        JsonValueKind.Object => levels == 0 || element.EnumerateObject().Any(field => IsDeeper(field.Value, levels - 1)),
        JsonValueKind.Array => levels == 0 || element.EnumerateArray().Any(item => IsDeeper(item, levels - 1)),
        _ => false,
    };
}
