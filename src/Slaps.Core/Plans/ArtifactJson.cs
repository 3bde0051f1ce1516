using System.Buffers;
using System.Text.Json;
using Slaps.Core.Diagnostics;

namespace Slaps.Core.Plans;

/// <summary>What all JSON files of a plan have in common: how they are opened, and the hash of their own content that they hold.</summary>
internal static class ArtifactJson
{
    /// <summary>The largest file that is read, in bytes.</summary>
    public const long MaxBytes = 256L << 20;

    /// <summary>The document in a file's bytes, or null with the reason in <paramref name="diagnostics"/>; a byte order mark is allowed.</summary>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> utf8, string file, DiagnosticBag diagnostics)
    {
        if (utf8.Length > MaxBytes)
        {
            diagnostics.Add(PlanDiagnostics.TooLarge(new(file, null), utf8.Length, MaxBytes));
            return null;
        }

        if (utf8.Span.StartsWith("\uFEFF"u8)) utf8 = utf8["\uFEFF"u8.Length..];
        return JsonScan.Accepts(utf8.Span, file, diagnostics) ? JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth }) : null;
    }

    /// <summary>The document's hash; one that it states and that is another gets a warning.</summary>
    public static string Verify(JsonElement root, string file, DiagnosticBag diagnostics) => Verify(root, CanonicalJson.Hash(root), file, diagnostics);

    /// <summary>The same for who has the hash already.</summary>
    public static string Verify(JsonElement root, string hash, string file, DiagnosticBag diagnostics)
    {
        if (root.TryGetProperty("meta", out var meta) && meta.ValueKind == JsonValueKind.Object
            && meta.TryGetProperty("artifact_hash", out var field) && field.ValueKind == JsonValueKind.String
            && field.GetString() is { Length: > 0 } stated && stated != hash)
            diagnostics.Add(PlanDiagnostics.OtherHash(new(file, "$.meta.artifact_hash"), stated, hash));
        return hash;
    }

    /// <summary>The canonical bytes of what <paramref name="write"/> writes, which has a <c>meta.artifact_hash</c>, with the hash in it.</summary>
    public static byte[] Write(Action<FieldWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer)) write(new FieldWriter(json));
        using var document = JsonDocument.Parse(buffer.WrittenMemory, new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth });
        return CanonicalJson.Stamped(document.RootElement);
    }
}
