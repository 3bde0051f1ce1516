using System.Text.Json;
using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Runtime.Sessions;

/// <summary>Somebody who works from a terminal of their own, a person or an agent.</summary>
/// <param name="Name">Unique in the state directory; it is the worker's name in every execution.</param>
/// <param name="Role">What it is there for, e.g. <c>Backend</c>.</param>
/// <param name="Goal">What it means to do.</param>
/// <param name="Capabilities">What it can do; null: anything.</param>
/// <param name="Fingerprint">Who it is.</param>
/// <param name="RegisteredAt">Since when.</param>
/// <param name="ByVariable">Whether its commands say who they are by TASKS_SESSION: then its processes may come and go.</param>
public sealed record Session(
    string Name, string? Role, string? Goal, IReadOnlyList<string>? Capabilities, Fingerprint Fingerprint, Instant RegisteredAt, bool ByVariable)
{
    /// <summary>For how long a session of which only its heartbeat is known counts as living after it, in seconds.</summary>
    public const double HeartbeatLease = ClaimTask.UsualLease;

    /// <summary>How many processes that name a session, or have named the one before it, are remembered.</summary>
    internal const int MostNamers = 16;

    // Folders and a speaker of `tasks directory`: who had such a name could not be told from them.
    private static readonly string[] Taken = ["open-tasks", "finished-tasks", "failed-tasks", "help-me", "directory"];

    /// <summary>The last command of the session, or its registration.</summary>
    public Instant LastHeartbeat { get; init; }

    /// <summary>
    /// The processes from which commands have named this session by TASKS_SESSION, the first first, <see cref="MostNamers"/> at most; none: only its own
    /// process tells who it is.
    /// </summary>
    public IReadOnlyList<ProcessIdentity> NamedBy { get; init; } = [];

    /// <summary>The processes that named whoever had this name before it was taken over: what they say is not said by this session.</summary>
    public IReadOnlyList<ProcessIdentity> FormerlyNamedBy { get; init; } = [];

    /// <summary>Whether what the one before it held under this name is still to be given back.</summary>
    public bool GivesBack { get; init; }

    /// <summary>Whether commands say by TASKS_SESSION that they are its: then the end of one process tells nothing about its life.</summary>
    public bool IsKnownByVariable => ByVariable || NamedBy.Count > 0;

    /// <summary>The session's name as executions know it.</summary>
    public WorkerId Worker => new(Name);

    /// <summary>
    /// Whether it may still be at work. Its process tells; where that is on another machine or in a container, or its processes come and go, it counts
    /// as gone only when it has not been heard of for <see cref="HeartbeatLease"/>, or for as long as the longest lease of what it holds.
    /// </summary>
    /// <param name="now">The time at which it is judged.</param>
    /// <param name="lease">The longest lease of what it holds, in seconds; 0: it holds nothing.</param>
    public bool IsLiving(Instant now, double lease = 0) => IsLiving(now, Fingerprint.IsRunningHere, lease);

    /// <summary>As above, where somebody else has looked for the process.</summary>
    internal bool IsLiving(Instant now, bool isRunning, double lease)
    {
        if (isRunning) return true;
        var tellsByHeartbeat = IsKnownByVariable || !Fingerprint.IsWithinSight;
        return tellsByHeartbeat && now.SecondsSince(LastHeartbeat) < Math.Max(HeartbeatLease, lease);
    }

    /// <summary>Why <paramref name="name"/> cannot be a session's, as the end of a sentence; null when it can.</summary>
    public static string? Refuse(string name) => Identifiers.Refuse(name)
        ?? (Taken.Contains(name) ? "`tasks directory` calls something else like that" : null)
        ?? (name.StartsWith("worker-", StringComparison.Ordinal) && name.AsSpan(7).IndexOfAnyExceptInRange('0', '9') < 0 ? "a coordinator calls its own workers like that" : null);

    /// <summary>The session as one JSON document.</summary>
    public byte[] Write()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("name", Name);
            json.WriteString("role", Role);
            json.WriteString("goal", Goal);
            if (Capabilities is not null)
            {
                json.WriteStartArray("capabilities");
                foreach (var capability in Capabilities) json.WriteStringValue(capability);
                json.WriteEndArray();
            }

            json.WriteString("registered_at", RegisteredAt.ToString());
            json.WriteBoolean("by_variable", ByVariable);
            json.WriteBoolean("gives_back", GivesBack);
            WriteProcesses(json, "named_by", NamedBy);
            WriteProcesses(json, "formerly_named_by", FormerlyNamedBy);
            json.WriteStartObject("fingerprint");
            json.WriteString("host", Fingerprint.Host);
            json.WriteString("user", Fingerprint.User);
            WriteProcess(json, Fingerprint.Process);
            json.WriteNumber("parent_pid", Fingerprint.Parent);
            json.WriteString("program", Fingerprint.Program);
            json.WriteString("terminal", Fingerprint.Terminal);
            json.WriteString("pid_namespace", Fingerprint.PidNamespace);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }

    /// <summary>Reads what <see cref="Write"/> wrote; null when it is something else, or another session's.</summary>
    public static Session? Read(string name, ReadOnlyMemory<byte> bytes, Instant lastHeartbeat)
    {
        try
        {
            using var json = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 8 });
            var root = json.RootElement;
            var print = root.GetProperty("fingerprint");
            if (root.GetProperty("name").GetString() != name || Refuse(name) is not null) return null;
            return new Session(
                name,
                root.GetProperty("role").GetString(),
                root.GetProperty("goal").GetString(),
                root.TryGetProperty("capabilities", out var list) ? [.. list.EnumerateArray().Select(c => c.GetString() ?? "")] : null,
                new Fingerprint(
                    print.GetProperty("host").GetString() ?? "",
                    print.GetProperty("user").GetString() ?? "",
                    ReadProcess(print),
                    print.GetProperty("parent_pid").GetInt32(),
                    print.GetProperty("program").GetString() ?? "",
                    print.GetProperty("terminal").GetString()) { PidNamespace = print.TryGetProperty("pid_namespace", out var ids) ? ids.GetString() : null },
                Instant.Parse(root.GetProperty("registered_at").GetString() ?? ""),
                root.GetProperty("by_variable").GetBoolean())
            {
                LastHeartbeat = lastHeartbeat,
                GivesBack = root.TryGetProperty("gives_back", out var owes) && owes.GetBoolean(),
                NamedBy = ReadProcesses(root, "named_by"),
                FormerlyNamedBy = ReadProcesses(root, "formerly_named_by"),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;   // Half written before a power cut, or not ours: nobody of this name.
        }
    }

    private static void WriteProcesses(Utf8JsonWriter json, string name, IReadOnlyList<ProcessIdentity> processes)
    {
        if (processes.Count == 0) return;
        json.WriteStartArray(name);
        foreach (var process in processes)
        {
            json.WriteStartObject();
            WriteProcess(json, process);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteProcess(Utf8JsonWriter json, ProcessIdentity process)
    {
        json.WriteNumber("pid", process.Pid);
        json.WriteNumber("start_ticks", process.StartTicks);
        json.WriteString("boot_id", process.BootId);
    }

    // Files of earlier versions have no such list: nobody had named those sessions as far as is known.
    private static IReadOnlyList<ProcessIdentity> ReadProcesses(JsonElement root, string name) =>
        root.TryGetProperty(name, out var list) ? [.. list.EnumerateArray().Take(MostNamers).Select(ReadProcess)] : [];

    private static ProcessIdentity ReadProcess(JsonElement process) =>
        new(process.GetProperty("pid").GetInt32(), process.GetProperty("start_ticks").GetInt64(), process.GetProperty("boot_id").GetString() ?? "");
}
