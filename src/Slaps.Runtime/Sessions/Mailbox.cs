using System.Globalization;
using System.Text.Json;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.State;

namespace Slaps.Runtime.Sessions;

/// <summary>A message to a session.</summary>
/// <param name="At">When it was sent.</param>
/// <param name="From">A session, or the name of a user who is none.</param>
/// <param name="Text">What it says; what looked like a secret was taken out.</param>
/// <param name="IsNew">Whether nobody has been shown it yet.</param>
public sealed record Message(Instant At, string From, string Text, bool IsNew);

/// <summary>
/// What sessions say to each other: a file for each message in <c>.slaps/sessions/NAME.mail</c>, written apart and moved in whole, so that neither a
/// lock nor a coordinator is needed.
/// </summary>
/// <remarks>
/// Not in the journal, like the sessions themselves: a message decides nothing about an execution, may be about several or none, and must reach its
/// receiver also while a coordinator that lives for days is the journal's only writer. Moving a message from new to read is what makes it shown once.
/// </remarks>
public sealed class Mailbox(StateDirectory directory, TimeProvider clock)
{
    /// <summary>The longest message, in characters.</summary>
    public const int LongestText = 2000;

    /// <summary>How many messages that nobody has read yet a session may have, and how many read ones are kept.</summary>
    public const int Most = 200;

    private const int LongestFile = 16 << 10;
    private const string Coming = "coming", New = "new", Read = "read";

    /// <summary>Sends a message; it is durable when this returns.</summary>
    /// <param name="from">Who says it.</param>
    /// <param name="to">A session that is registered.</param>
    /// <param name="text">What.</param>
    /// <returns>Why not, in sentences, or null.</returns>
    /// <exception cref="StateException">The disk is full or read-only.</exception>
    public string? Send(string from, string to, string text)
    {
        var unread = Names(to, New);
        if (unread.Count >= Most) return $"{to} has {unread.Count} messages that it has not read, and {Most} is the most. Wait until it has run a command; `tasks sessions` shows when it did last.";
        var at = Instant.From(clock.GetUtcNow());
        var name = string.Create(CultureInfo.InvariantCulture, $"{at.Microseconds:D17}-{Guid.NewGuid():N}.json");
        try
        {
            foreach (var folder in (string[])[Coming, New, Read]) Directory.CreateDirectory(FolderOf(to, folder));
            var draft = Path.Combine(FolderOf(to, Coming), name);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var stream = new FileStream(draft, options))
            {
                using (var json = new Utf8JsonWriter(stream))
                {
                    json.WriteStartObject();
                    json.WriteString("at", at.ToString());
                    json.WriteString("from", from);
                    json.WriteString("text", Secrets.Redact(text));
                    json.WriteEndObject();
                }

                stream.Flush(flushToDisk: true);
            }

            File.Move(draft, Path.Combine(FolderOf(to, New), name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StateException($"The message cannot be written to {FolderOf(to, New)}: {e.Message.TrimEnd('.')}. Make room on the disk, or work in a folder that this user may write to.", e);
        }

        return null;
    }

    /// <summary>The messages that nobody has been shown yet, the oldest first; from now on they count as shown. Of several that ask at once one gets each.</summary>
    public IReadOnlyList<Message> TakeNew(string session)
    {
        var taken = new List<Message>();
        foreach (var name in Names(session, New))
        {
            try
            {
                var kept = Path.Combine(FolderOf(session, Read), name);
                File.Move(Path.Combine(FolderOf(session, New), name), kept);
                if (Parse(kept, isNew: true) is { } message) taken.Add(message);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another command of the session was quicker, or the disk cannot be written: then it is shown another time.
            }
        }

        if (taken.Count > 0) Forget(session);
        return taken;
    }

    /// <summary>All messages that are kept, the oldest first.</summary>
    public IReadOnlyList<Message> All(string session) =>
    [
        .. Names(session, Read).Select(name => Parse(Path.Combine(FolderOf(session, Read), name), isNew: false))
            .Concat(Names(session, New).Select(name => Parse(Path.Combine(FolderOf(session, New), name), isNew: true))).OfType<Message>().OrderBy(m => m.At),
    ];

    /// <summary>All messages that are kept, the oldest first; the new ones among them count as shown from now on.</summary>
    public IReadOnlyList<Message> TakeAll(string session)
    {
        // First taken, then listed: what comes in between is shown now and once more, rather than never.
        var taken = TakeNew(session).ToHashSet();
        return [.. All(session).Select(message => message with { IsNew = message.IsNew || taken.Contains(message with { IsNew = true }) })];
    }

    /// <summary>Throws away what a session that leaves has been sent.</summary>
    public void Remove(string session)
    {
        var folder = FolderOf(session, "");
        if (Directory.Exists(folder) && new DirectoryInfo(folder).LinkTarget is null) Directory.Delete(folder, recursive: true);
    }

    private void Forget(string session)
    {
        var kept = Names(session, Read);
        foreach (var name in kept.Take(Math.Max(0, kept.Count - Most))) File.Delete(Path.Combine(FolderOf(session, Read), name));
    }

    private List<string> Names(string session, string folder)
    {
        var path = FolderOf(session, folder);
        if (Session.Refuse(session) is not null || !Directory.Exists(path) || new DirectoryInfo(path).LinkTarget is not null) return [];
        return [.. Directory.EnumerateFiles(path, "*.json").Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)];
    }

    private static Message? Parse(string path, bool isNew)
    {
        try
        {
            using var file = SystemCalls.OpenUnlocked(path, toWrite: false);
            if (file is null) return null;
            var bytes = new byte[Math.Min(RandomAccess.GetLength(file), LongestFile)];
            using var json = JsonDocument.Parse(bytes.AsMemory(0, RandomAccess.Read(file, bytes, 0)), new JsonDocumentOptions { MaxDepth = 4 });
            var root = json.RootElement;
            return new Message(Instant.Parse(root.GetProperty("at").GetString()!), root.GetProperty("from").GetString()!, root.GetProperty("text").GetString()!, isNew);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentNullException)
        {
            return null;   // Not written by us, or taken away meanwhile.
        }
    }

    private string FolderOf(string session, string folder) => Path.Combine(directory.SessionsPath, $"{session}.mail", folder);
}
