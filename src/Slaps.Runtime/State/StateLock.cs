using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Runtime.State;

/// <summary>Who holds the lock on a state directory, as the holder wrote it down for others.</summary>
/// <param name="Pid">Its process id on its host.</param>
/// <param name="Host">The machine's name.</param>
/// <param name="StartedAt">When it took the lock.</param>
/// <param name="Command">What the user typed.</param>
/// <param name="Socket">Where it listens for other processes; null while it does not.</param>
public sealed record HolderInfo(int Pid, string Host, Instant StartedAt, string Command, string? Socket);

/// <summary>
/// The right to write in a state directory, which one process at a time has. The kernel takes it back however the process ends, and
/// children do not inherit it. Dispose lets go.
/// </summary>
public sealed class StateLock : IDisposable
{
    private const int Attempts = 20;
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(10);

    // What is written down holds for all hosts that share the folder: one whose clock is wrong must not decide what is over.
    private static readonly TimeSpan MostAhead = TimeSpan.FromMinutes(1);

    private readonly StateDirectory _directory;
    private readonly SafeFileHandle _file;
    private HolderInfo _self;

    private StateLock(StateDirectory directory, SafeFileHandle file, HolderInfo self, HolderInfo? previous) =>
        (_directory, _file, _self, Previous) = (directory, file, self, previous);

    /// <summary>The holder before this one, when it was killed instead of letting go; it may have left its socket behind.</summary>
    public HolderInfo? Previous { get; }

    /// <summary>
    /// Takes the lock, making the state directory where it is missing. Null when another process has it: then <paramref name="holder"/>
    /// tells which, or is null when it has not said so within a fifth of a second.
    /// </summary>
    /// <param name="directory">The state directory.</param>
    /// <param name="command">What the user typed, for the messages of others.</param>
    /// <param name="clock">For the time in those messages; it must not be more than a minute ahead of the file system's.</param>
    /// <param name="holder">Who has it.</param>
    /// <exception cref="StateException">The lock cannot be taken by anybody: a read-only disk, a file system without locks, or a clock that is wrong.</exception>
    public static StateLock? TryAcquire(StateDirectory directory, string command, TimeProvider clock, out HolderInfo? holder)
    {
        holder = null;
        directory.Create();
        SafeFileHandle? file = null;
        try
        {
            file = SystemCalls.OpenUnlocked(directory.LockPath, toWrite: true)!;
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            if (!SystemCalls.TryLock(file))
            {
                file.Dispose();
                holder = WaitForHolder(directory);
                return null;
            }

            // A holder that was killed could not take its socket away, and what we write now is the last that names it.
            var previous = Parse(ReadAll(file));
            ControlSocket.RemoveLeftover(previous?.Socket);
            var self = new HolderInfo(Environment.ProcessId, Environment.MachineName, Instant.From(clock.GetUtcNow()), command, Socket: null);
            var taken = new StateLock(directory, file, self, previous);
            taken.Write(self);
            var ahead = clock.GetUtcNow().UtcDateTime - File.GetLastWriteTimeUtc(file);
            if (ahead <= MostAhead) return taken;
            taken.Dispose();
            throw new StateException(
                $"The clock here is {ahead.TotalSeconds:0} seconds ahead of that of the file system which has {directory.Path}, and by it the leases of sessions that are at work would end. Set the wrong one right, then try again.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw new StateException(
                $"The lock {directory.LockPath} cannot be taken: {e.Message.TrimEnd('.')}. The folder must be on a disk that can be written and that knows locks.", e);
        }
    }

    /// <summary>
    /// What the latest holder wrote; null when it let go or wrote nothing. It may have been killed since: only its socket, or
    /// <see cref="TryAcquire"/>, tells whether it is there.
    /// </summary>
    public static HolderInfo? ReadHolder(StateDirectory directory)
    {
        try
        {
            using var file = SystemCalls.OpenUnlocked(directory.LockPath, toWrite: false);
            return file is null ? null : Parse(ReadAll(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;   // It is not ours to read: nobody known.
        }
    }

    /// <summary>Who holds the lock and lives, as far as this machine can tell; null when nobody does.</summary>
    public static HolderInfo? LivingHolder(StateDirectory directory) =>
        ReadHolder(directory) is { } holder && (holder.Host != Environment.MachineName || SystemCalls.IsAlive(holder.Pid)) ? holder : null;

    /// <summary>The sentence for a user whose command needs the lock that another process has.</summary>
    public static string Refusal(StateDirectory directory, HolderInfo? holder)
    {
        var who = holder is null ? "" : $" (pid {holder.Pid} on {Printable(holder.Host)}, {Printable(holder.Command)}, since {holder.StartedAt})";
        return $"Another process{who} holds the state directory {directory.Path}. Wait until it has ended, or use 'tasks status' to see what it does.";
    }

    /// <summary>Tells other processes where this one listens.</summary>
    /// <exception cref="StateException">The disk is full or broken.</exception>
    public void RecordSocket(string? socket)
    {
        _self = _self with { Socket = socket };
        try
        {
            Write(_self);
        }
        catch (IOException e)
        {
            throw new StateException($"The lock {_directory.LockPath} cannot be written: {e.Message.TrimEnd('.')}. Make room on the disk.", e);
        }
    }

    /// <summary>Lets go. The file stays, empty: two processes that remove and make it could each hold their own.</summary>
    public void Dispose()
    {
        if (_file.IsClosed) return;
        try
        {
            RandomAccess.SetLength(_file, 0);
        }
        catch (IOException)
        {
            // A broken disk keeps an outdated name, which the next holder overwrites and which messages check against the living.
        }

        _file.Dispose();
    }

    /// <summary>A holder writes its name just after it has taken the lock; until then the file names nobody, or somebody who is dead.</summary>
    private static HolderInfo? WaitForHolder(StateDirectory directory)
    {
        for (var attempt = 1; ; attempt++)
        {
            var holder = ReadHolder(directory);
            var isBelievable = holder is not null && (holder.Host != Environment.MachineName || SystemCalls.IsAlive(holder.Pid));
            if (isBelievable) return holder;
            if (attempt == Attempts) return null;
            Thread.Sleep(BetweenAttempts);
        }
    }

    private static byte[] ReadAll(SafeFileHandle file)
    {
        const int Longest = 64 * 1024;
        var length = (int)Math.Min(RandomAccess.GetLength(file), Longest);
        var bytes = new byte[length];
        return bytes[..RandomAccess.Read(file, bytes, 0)];
    }

    private void Write(HolderInfo holder)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("pid", holder.Pid);
            json.WriteString("host", holder.Host);
            json.WriteString("started_at", holder.StartedAt.ToString());
            json.WriteString("command", holder.Command);
            json.WriteString("socket", holder.Socket);
            json.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
        RandomAccess.Write(_file, bytes.ToArray(), 0);
        RandomAccess.SetLength(_file, bytes.Length);
    }

    private static HolderInfo? Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var json = JsonDocument.Parse(bytes);
            var root = json.RootElement;
            return new HolderInfo(
                root.GetProperty("pid").GetInt32(),
                root.GetProperty("host").GetString() ?? "",
                Instant.Parse(root.GetProperty("started_at").GetString() ?? ""),
                root.GetProperty("command").GetString() ?? "",
                root.GetProperty("socket").GetString());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;   // Empty, half written, or of another program: nobody known.
        }
    }

    private static string Printable(string text) => Identifiers.Quote(text);
}
