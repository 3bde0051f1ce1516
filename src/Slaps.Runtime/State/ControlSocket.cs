using System.Net.Sockets;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;

namespace Slaps.Runtime.State;

/// <summary>What another <c>tasks</c> process asks of the one that holds the state.</summary>
/// <param name="Action">What to do, e.g. <c>pause</c>.</param>
/// <param name="Execution">Which execution, where it matters.</param>
/// <param name="Task">Which task, where it matters.</param>
/// <param name="Reason">Why, for the record.</param>
/// <param name="Workers">How many workers, where it matters.</param>
/// <param name="Patch">A patch of the plan as its JSON text, where it matters.</param>
public sealed record ControlRequest(string Action, string? Execution = null, string? Task = null, string? Reason = null, int? Workers = null, string? Patch = null)
{
    /// <summary>Why, or what came of it, for the record; what looks like a secret is marked, because the record is kept.</summary>
    public string? Reason { get; init; } = Reason is null ? null : Secrets.Redact(Reason);

    /// <summary>Which session asks, where it is one that does.</summary>
    public string? Session { get; init; }

    /// <summary>Which attempt the session means; null: the one that it has.</summary>
    public int? Attempt { get; init; }

    /// <summary>How far the session is, in percent.</summary>
    public int? Percent { get; init; }

    /// <summary>Which one of several, e.g. of a task's subtasks.</summary>
    public int? Number { get; init; }

    /// <summary>How long a lease shall last.</summary>
    public int? LeaseSeconds { get; init; }

    /// <summary>What the session can do, separated by commas; null: anything.</summary>
    public string? Capabilities { get; init; }

    /// <summary>How the answer shall be printed, e.g. <c>json</c>.</summary>
    public string? Format { get; init; }

    /// <summary>The resource that an attempt asks for or gives back in the midst of its task.</summary>
    public ResourceWish? Wish { get; init; }
}

/// <summary>What an attempt wants of a resource.</summary>
/// <param name="Resource">The resource as people call it, e.g. <c>database</c>.</param>
/// <param name="Amount">How much, in its own unit.</param>
/// <param name="Reads">Only to read under a lock.</param>
/// <param name="TimeoutSeconds">How long it waits; null: as the plan says.</param>
/// <param name="IsRepeated">Whether it only looks what came of it.</param>
public sealed record ResourceWish(string Resource, double Amount = 1, bool Reads = false, double? TimeoutSeconds = null, bool IsRepeated = false);

/// <summary>The answer to a <see cref="ControlRequest"/>.</summary>
/// <param name="Ok">Whether it is done and durable.</param>
/// <param name="Message">A sentence for the user.</param>
/// <param name="Output">What belongs on standard output; null: nothing.</param>
/// <param name="Task">The task that the answer is about, where the request left it open.</param>
/// <param name="Attempt">The attempt that the answer is about.</param>
public sealed record ControlResponse(bool Ok, string Message, string? Output = null, string? Task = null, int? Attempt = null)
{
    /// <summary>Whether nothing was even looked at, so that asking again does nothing twice.</summary>
    public bool AskAgain { get; init; }

    /// <summary>Whether the request names a task or a resource that there is not.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>The execution that the answer is about, where the request left it open.</summary>
    public string? Execution { get; init; }

    /// <summary>How the attempt stands to the resource that it asked for, e.g. <c>waiting</c>; null where it asked for none.</summary>
    public string? Standing { get; init; }
}

/// <summary>The local socket between <c>tasks</c> processes: where it lies and how a line on it reads.</summary>
public static class ControlSocket
{
    /// <summary>The longest request, in bytes with its newline: the largest patch, every character of which may need an escape, and what goes with it.</summary>
    public const int LongestRequest = (2 * PlanPatchJson.MaxBytes) + (64 * 1024);

    /// <summary>How long either side waits for the other, in all.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How long a session's request may take once it has been read: a claim that is carried out but not told would have a holder that knows nothing of it.</summary>
    public static readonly TimeSpan SessionPatience = TimeSpan.FromSeconds(60);

    private const string FileName = "control.sock";
    private const string FolderPrefix = "slaps-control-";

    /// <summary>The system allows 104 to 108 bytes, depending on which one it is.</summary>
    private const int LongestPath = 100;

    /// <summary>
    /// Where the holder of the lock shall listen: in the state directory, or in a fresh folder under the temporary folder (mode 0700)
    /// when that path is too long for a socket. Write the answer down with <see cref="StateLock.RecordSocket"/>.
    /// </summary>
    /// <exception cref="StateException">The temporary folder cannot be written.</exception>
    public static string Place(StateDirectory directory)
    {
        var path = Path.Combine(directory.Path, FileName);
        if (Encoding.UTF8.GetByteCount(path) <= LongestPath) return path;
        try
        {
            return Path.Combine(Directory.CreateTempSubdirectory(FolderPrefix).FullName, FileName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StateException($"No folder for the control socket can be made in {Path.GetTempPath()}: {e.Message.TrimEnd('.')}. Set TMPDIR to a folder that this user may write to.", e);
        }
    }

    /// <summary>Removes a socket, and its folder where that was made for it.</summary>
    internal static void Remove(string path)
    {
        try
        {
            File.Delete(path);
            if (Path.GetDirectoryName(path) is { } folder && Path.GetFileName(folder).StartsWith(FolderPrefix, StringComparison.Ordinal)) Directory.Delete(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A socket that nobody serves misleads nobody: who connects is refused.
        }
    }

    internal static byte[] Line(ControlRequest request) => Line(json =>
    {
        json.WriteString("action", request.Action);
        json.WriteString("execution", request.Execution);
        json.WriteString("task", request.Task);
        json.WriteString("reason", request.Reason);
        if (request.Workers is { } workers) json.WriteNumber("workers", workers);
        if (request.Patch is { } patch) json.WriteString("patch", patch);
        if (request.Session is { } session) json.WriteString("session", session);
        if (request.Attempt is { } attempt) json.WriteNumber("attempt", attempt);
        if (request.Percent is { } percent) json.WriteNumber("percent", percent);
        if (request.Number is { } number) json.WriteNumber("number", number);
        if (request.LeaseSeconds is { } seconds) json.WriteNumber("lease_seconds", seconds);
        if (request.Capabilities is { } capabilities) json.WriteString("capabilities", capabilities);
        if (request.Format is { } format) json.WriteString("format", format);
        if (request.Wish is not { } wish) return;
        json.WriteString("resource", wish.Resource);
        json.WriteNumber("amount", wish.Amount);
        if (wish.Reads) json.WriteBoolean("reads", true);
        if (wish.TimeoutSeconds is { } timeout) json.WriteNumber("timeout_seconds", timeout);
        if (wish.IsRepeated) json.WriteBoolean("is_repeated", true);
    });

    internal static byte[] Line(ControlResponse response) => Line(json =>
    {
        json.WriteBoolean("ok", response.Ok);
        json.WriteString("message", response.Message);
        if (response.Output is { } output) json.WriteString("output", output);
        if (response.Task is { } task) json.WriteString("task", task);
        if (response.Attempt is { } attempt) json.WriteNumber("attempt", attempt);
        if (response.Execution is { } execution) json.WriteString("execution", execution);
        if (response.AskAgain) json.WriteBoolean("ask_again", true);
        if (response.IsUnknown) json.WriteBoolean("is_unknown", true);
        if (response.Standing is { } standing) json.WriteString("standing", standing);
    });

    /// <summary>The request in a line; null with the reason when it is none.</summary>
    internal static ControlRequest? ParseRequest(ReadOnlyMemory<byte> line, out string refusal)
    {
        refusal = "";
        try
        {
            using var json = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 4, AllowDuplicateProperties = false });
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object) refusal = "A request is a JSON object.";
            else if (Field(root, "action") is not { Length: > 0 } action) refusal = "A request has an \"action\".";
            else return new ControlRequest(action, Field(root, "execution"), Field(root, "task"), Field(root, "reason"), Number(root, "workers"), Field(root, "patch"))
            {
                Session = Field(root, "session"),
                Attempt = Number(root, "attempt"),
                Percent = Number(root, "percent"),
                Number = Number(root, "number"),
                LeaseSeconds = Number(root, "lease_seconds"),
                Capabilities = Field(root, "capabilities"),
                Format = Field(root, "format"),
                Wish = Field(root, "resource") is { } resource
                    ? new ResourceWish(resource, Decimal(root, "amount") ?? 1, Flag(root, "reads"), Decimal(root, "timeout_seconds"), Flag(root, "is_repeated"))
                    : null,
            };
        }
        catch (JsonException e)
        {
            refusal = $"The request is no line of JSON: {e.Message}";
        }
        catch (InvalidOperationException)
        {
            refusal = "The fields of a request are valid text or null.";
        }

        return null;
    }

    /// <summary>The response in a line; null when it is none.</summary>
    internal static ControlResponse? ParseResponse(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            return new ControlResponse(
                root.GetProperty("ok").GetBoolean(), root.GetProperty("message").GetString() ?? "", Field(root, "output"), Field(root, "task"), Number(root, "attempt"))
            {
                Execution = Field(root, "execution"),
                AskAgain = Flag(root, "ask_again"),
                IsUnknown = Flag(root, "is_unknown"),
                Standing = Field(root, "standing"),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Reads up to the first newline or the end; null when <paramref name="longest"/> bytes hold neither.</summary>
    internal static async Task<ReadOnlyMemory<byte>?> ReadLineAsync(Socket socket, int longest, CancellationToken abort)
    {
        var buffer = new byte[4096];
        var filled = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(filled), abort);
            var newline = buffer.AsSpan(filled, read).IndexOf((byte)'\n');
            if (newline >= 0) return buffer.AsMemory(0, filled + newline);
            filled += read;
            if (read == 0) return buffer.AsMemory(0, filled);
            if (filled >= longest) return null;
            if (filled == buffer.Length) Array.Resize(ref buffer, Math.Min(buffer.Length * 4, longest));
        }
    }

    internal static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken abort)
    {
        while (bytes.Length > 0) bytes = bytes[await socket.SendAsync(bytes, abort)..];
    }

    internal static void RemoveLeftover(string? socket)
    {
        // Only what this class made: the path comes out of a file.
        if (socket is null || Path.GetFileName(socket) != FileName || Path.GetDirectoryName(socket) is not { } folder) return;
        if (Path.GetDirectoryName(folder) == Path.TrimEndingDirectorySeparator(Path.GetTempPath())) Remove(socket);
    }

    private static int? Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.Number && field.TryGetInt32(out var number) ? number : null;

    private static double? Decimal(JsonElement root, string name) =>
        root.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.Number && field.TryGetDouble(out var number) ? number : null;

    private static bool Flag(JsonElement root, string name) => root.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.True;

    private static string? Field(JsonElement root, string name) => root.TryGetProperty(name, out var field) ? field.GetString() : null;

    private static byte[] Line(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }
}
