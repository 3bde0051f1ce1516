using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Cli;

/// <summary>Who has approved which plan, and when; it lies beside the plan as approval.json.</summary>
/// <param name="By">A name, as its bearer gave it.</param>
/// <param name="At">By the clock of that machine.</param>
/// <param name="PlanHash">The hash of the coordinator.json that was approved.</param>
/// <param name="Tasks">How many tasks it had.</param>
internal sealed record PlanApproval(string By, DateTimeOffset At, string PlanHash, int Tasks)
{
    /// <summary>Its name in the plan directory.</summary>
    public const string FileName = "approval.json";

    /// <summary>The longest name, in characters.</summary>
    public const int MaxName = 200;

    private const string Moment = "yyyy-MM-dd'T'HH:mm:ss'Z'";
    private const long MaxBytes = 1 << 20;

    /// <summary>The time as the file and the messages have it.</summary>
    public string When => At.UtcDateTime.ToString(Moment, CultureInfo.InvariantCulture);

    /// <summary>The canonical bytes, with their <c>meta.artifact_hash</c>.</summary>
    public byte[] Bytes()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("meta");
            json.WriteString("artifact_hash", "");
            json.WriteEndObject();
            json.WriteString("plan_hash", PlanHash);
            json.WriteString("approved_by", By);
            json.WriteString("approved_at", When);
            json.WriteNumber("tasks", Tasks);
            json.WriteEndObject();
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return CanonicalJson.Stamped(document.RootElement);
    }

    /// <summary>Ends the command when nobody has approved this plan, or it has changed since.</summary>
    /// <param name="directory">The plan directory as the user named it, or its coordinator.json.</param>
    /// <param name="document">The plan that is about to be executed.</param>
    public static void Require(string directory, PlanDocument document)
    {
        var folder = Path.GetDirectoryName(PlanFiles.FileOf(directory)) is { Length: > 0 } parent ? parent : ".";
        var file = Path.Combine(folder, FileName);
        if (!Path.Exists(file))
        {
            throw new CommandException(
                ExitCodes.InvalidInput,
                $"Nobody has approved this plan (its hash is {document.Hash[..12]}): there is no {Identifiers.Quote(file)}. Read Plan.md beside it, then `tasks approve {folder}`. Nothing was started.");
        }

        var approval = Read(file);
        if (approval.PlanHash == document.Hash) return;
        throw new CommandException(
            ExitCodes.InvalidInput,
            $"The plan has changed since it was approved: {Identifiers.Quote(approval.By)} approved the one with the hash {approval.PlanHash[..12]} ({approval.Tasks} tasks) at {approval.When}, and now it is {document.Hash[..12]} "
            + $"({document.Plan.Tasks.Count} tasks). Look at what has changed, then `tasks approve {folder}`, or put the approved coordinator.json back. Nothing was started.");
    }

    private static PlanApproval Read(string file)
    {
        var bytes = PlanFiles.Read(file, MaxBytes);
        var diagnostics = new DiagnosticBag();
        if (!JsonScan.Accepts(bytes, file, diagnostics)) throw Unreadable(file, diagnostics.Items[0].Message);

        using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth });
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || Text(root, "plan_hash") is not { Length: 64 } hash || Text(root, "approved_by") is not { Length: > 0 and <= MaxName } by
            || !DateTimeOffset.TryParseExact(Text(root, "approved_at"), Moment, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            || !root.TryGetProperty("tasks", out var count) || count.ValueKind != JsonValueKind.Number || !count.TryGetInt32(out var tasks))
            throw Unreadable(file, "It does not say what was approved, by whom and when.");

        // Not a seal, only a slip of the pen: whoever forges the rest can forge this as well.
        if (root.TryGetProperty("meta", out var meta) && meta.ValueKind == JsonValueKind.Object && Text(meta, "artifact_hash") is { Length: > 0 } stated && stated != CanonicalJson.Hash(root))
            throw Unreadable(file, "Its content is not what was written: its hash is another one.");
        return new PlanApproval(by, at, hash, tasks);
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.String ? field.GetString() : null;

    private static CommandException Unreadable(string file, string why) =>
        new(ExitCodes.InvalidInput, $"{Identifiers.Quote(file)} is no approval that this program wrote. {why} Read the plan, then `tasks approve` writes it anew. Nothing was started.");
}
