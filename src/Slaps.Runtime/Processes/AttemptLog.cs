using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Win32.SafeHandles;
using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Runtime.Processes;

/// <summary>One line of an attempt's log.</summary>
/// <param name="Timestamp">When the coordinator wrote it down.</param>
/// <param name="Task">The task.</param>
/// <param name="Step"><c>attempt</c> for its start and end, <c>output</c> for what it printed, <c>check:ID</c> for a check, or a step that the task named itself.</param>
/// <param name="Status"><c>start</c>, <c>progress</c>, <c>done</c> or <c>error</c>; or what the task itself said.</param>
/// <param name="Message">The text as it was printed; control characters are still in it, so escape it before it goes to a terminal.</param>
/// <param name="Percent">From 0 to 100, where the task said so.</param>
/// <param name="Data">More, where there is more.</param>
public sealed record LogLine(Instant Timestamp, TaskId Task, string Step, string Status, string Message, double? Percent, JsonElement? Data);

/// <summary>How far an attempt says that it is.</summary>
/// <param name="Percent">From 0 to 100.</param>
/// <param name="Message">What it does just now, as it was printed; empty when it did not say.</param>
public sealed record AttemptProgress(double Percent, string Message);

/// <summary>An attempt's log: JSON Lines in <c>LOGS/EXECUTION/TASK.ATTEMPT.jsonl</c>. It outlives the coordinator and the raw output that it is made of.</summary>
public static class AttemptLog
{
    /// <summary>Where the log of an attempt lies, whether it exists or not.</summary>
    public static string PathOf(string logsDirectory, ExecutionId execution, TaskId task, int attempt) =>
        Path.Combine(logsDirectory, execution.Value, $"{task}.{attempt}.jsonl");

    /// <summary>The attempts of a task that have a log, the first first.</summary>
    public static IReadOnlyList<int> Attempts(string logsDirectory, ExecutionId execution, TaskId task)
    {
        var folder = Path.Combine(logsDirectory, execution.Value);
        if (!Directory.Exists(folder)) return [];
        var found = new List<int>();
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            // P1.T1.2.jsonl is attempt 2 of P1.T1, never attempt 1.2 of something: only digits are a number.
            var name = Path.GetFileName(file.AsSpan());
            if (name.StartsWith(task.Value + ".", StringComparison.Ordinal) && name.EndsWith(".jsonl", StringComparison.Ordinal)
                && name.Length > task.Value.Length + 7
                && int.TryParse(name[(task.Value.Length + 1)..^6], NumberStyles.None, CultureInfo.InvariantCulture, out var attempt))
            {
                found.Add(attempt);
            }
        }

        found.Sort();
        return found;
    }

    /// <summary>Where the lines of attempts that printed nothing lie, all together: an attempt that is in here has no file of its own, unless its checks said something.</summary>
    public static string QuietPathOf(string logsDirectory, ExecutionId execution) => Path.Combine(logsDirectory, execution.Value, "quiet.jsonl");

    /// <summary>What <see cref="QuietPathOf"/> holds of one task, with the attempt and the line as it stands there.</summary>
    public static IEnumerable<(int Attempt, LogLine Line, string Json)> ReadQuiet(string logsDirectory, ExecutionId execution, TaskId task)
    {
        var path = QuietPathOf(logsDirectory, execution);
        if (OpenToRead(path) is not { } opened) yield break;
        using var file = new StreamReader(opened);
        while (file.ReadLine() is { } json)
        {
            // Cheaper than parsing what other tasks said; an id needs no escapes in JSON.
            if (!json.Contains($"\"task_id\":\"{task.Value}\"", StringComparison.Ordinal)) continue;
            if (Parse(Encoding.UTF8.GetBytes(json)) is { Data: { } data } line && data.TryGetProperty("attempt", out var attempt)) yield return (attempt.GetInt32(), line, json);
        }
    }

    /// <summary>The lines of a log that are complete. A log that does not exist has none.</summary>
    public static IEnumerable<LogLine> Read(string path)
    {
        long position = 0;
        while (true)
        {
            var lines = ReadNew(path, ref position);
            if (lines.Count == 0) yield break;
            foreach (var line in lines) yield return line;
        }
    }

    /// <summary>
    /// The complete lines after <paramref name="position"/>, at most a mebibyte of them, and moves the position behind them: call it again to follow a log.
    /// A log that has become shorter (its coordinator was killed between two writes) goes on at its end.
    /// </summary>
    public static IReadOnlyList<LogLine> ReadNew(string path, ref long position) => [.. NewLines(path, ref position).Select(found => found.Line)];

    /// <summary>The same lines as they stand in the file, without those that are no lines of a log.</summary>
    public static IReadOnlyList<string> ReadNewJson(string path, ref long position) => [.. NewLines(path, ref position).Select(found => Encoding.UTF8.GetString(found.Json.Span))];

    private static List<(LogLine Line, ReadOnlyMemory<byte> Json)> NewLines(string path, ref long position)
    {
        const int chunk = 1 << 20;
        if (OpenToRead(path) is not { } file) return [];
        using (file)
        {
            position = Math.Min(position, file.Length);
            file.Position = position;
            var buffer = new byte[(int)Math.Min(chunk, file.Length - position)];
            var length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            var complete = buffer.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;
            position += complete;
            var lines = new List<(LogLine, ReadOnlyMemory<byte>)>();
            foreach (var range in buffer.AsSpan(0, complete).Split((byte)'\n'))
            {
                ReadOnlyMemory<byte> json = buffer.AsMemory(0, complete)[range];
                if (Parse(json) is { } line) lines.Add((line, json));
            }

            return lines;
        }
    }

    /// <summary>A log to be read while it is written; null when there is none, or when something else than a file has its name: tasks can put things there.</summary>
    public static FileStream? OpenToRead(string path)
    {
        var descriptor = LibC.Open(path, LibC.ReadOnly | LibC.CloseOnExec | LibC.NoFollow | LibC.NonBlocking);
        if (descriptor < 0) return null;
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (LibC.Facts(descriptor) is { IsRegular: true }) return new FileStream(handle, FileAccess.Read, bufferSize: 0);
        handle.Dispose();
        return null;
    }

    // Null: an empty or damaged line; the other lines are still worth reading.
    private static LogLine? Parse(ReadOnlyMemory<byte> line)
    {
        if (line.IsEmpty) return null;
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            return new LogLine(
                Instant.Parse(root.GetProperty("timestamp").GetString()!),
                new TaskId(root.GetProperty("task_id").GetString()!),
                root.GetProperty("step").GetString()!,
                root.GetProperty("status").GetString()!,
                root.GetProperty("message").GetString()!,
                root.TryGetProperty("percent", out var percent) ? percent.GetDouble() : null,
                root.TryGetProperty("data", out var data) ? data.Clone() : null);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}

/// <summary>Writes one attempt's log. Lines collect in memory until <see cref="Flush"/>. Not for several threads at once.</summary>
internal sealed class LogWriter : IDisposable
{
    private const int FlushAt = 256 << 10;
    private const int LongestMessage = 200;

    private static ReadOnlySpan<byte> ProgressMark => "TASKS_PROGRESS "u8;

    private static ReadOnlySpan<byte> CheckpointMark => "TASKS_CHECKPOINT"u8;

    private static readonly JsonWriterOptions Options = new()
    {
        SkipValidation = true,

        // A log is read by programs and by our own commands, which escape what they print; text in any script stays readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _json;
    private readonly string _path;
    private readonly byte[] _task;
    private readonly Action<string> _warn;
    private readonly byte[] _timestamp = new byte[27];
    private long _timestampOf = -1;
    private int _descriptor = -1;
    private bool _broken;
    private volatile AttemptProgress? _progress;
    private string? _wish;

    public LogWriter(string path, TaskId task, Action<string> warn)
    {
        _path = path;
        _task = Encoding.UTF8.GetBytes(task.Value);
        _warn = warn;
        _json = new Utf8JsonWriter(_buffer, Options);
    }

    /// <summary>The last percent that was printed, in memory alone; null before the first. Any thread may ask.</summary>
    public AttemptProgress? Progress => _progress;

    /// <summary>What the attempt said with its last wish for a checkpoint (a line <c>TASKS_CHECKPOINT note</c>); null: it has not wished since.</summary>
    public string? TakeWish()
    {
        var wish = _wish is { Length: > LongestMessage } ? _wish[..LongestMessage] : _wish;
        _wish = null;
        return wish;
    }

    /// <summary>How long the log is with everything that was added, in bytes.</summary>
    public long Length { get; private set; }

    /// <summary>Cuts the log to a length at which it is known to be whole; 0 begins it anew.</summary>
    public void Restore(long length)
    {
        if (Open() && LibC.SetLength(_descriptor, length) != 0) Break("cut");
        Length = length;
    }

    /// <summary>Continues behind what the log already holds.</summary>
    public void Append() => Length = Open() ? LibC.Facts(_descriptor)?.Size ?? 0 : 0;

    /// <summary>Adds a line with a text of ours.</summary>
    public void Add(Instant at, string step, string status, string message, Action<Utf8JsonWriter>? data = null)
    {
        Begin(at, step, status);
        _json.WriteString("message"u8, message);
        if (data is not null)
        {
            _json.WritePropertyName("data"u8);
            _json.WriteStartObject();
            data(_json);
            _json.WriteEndObject();
        }

        End();
    }

    /// <summary>
    /// Adds a line that a process printed. A JSON object with <c>status</c> or <c>percent</c> keeps these fields;
    /// our own steps and the task's name are not for it to claim. <c>TASKS_PROGRESS 45 message</c> is the same in short.
    /// </summary>
    public void AddOutput(Instant at, string step, ReadOnlySpan<byte> line)
    {
        if (line.Length > 1 && line[0] == '{' && AddStructured(at, step, line)) return;
        if (line.StartsWith(CheckpointMark) && (line.Length == CheckpointMark.Length || line[CheckpointMark.Length] == ' ') && step == OutputTail.OutputStep) _wish = Encoding.UTF8.GetString(line[CheckpointMark.Length..]).Trim();
        if (line.StartsWith(ProgressMark) && AddProgress(at, step, line[ProgressMark.Length..])) return;
        Begin(at, step, "progress");
        AddText("message"u8, line);
        End();
    }

    /// <summary>Hands everything to the operating system. False: the log cannot be written; the person in charge has been told.</summary>
    public bool Flush()
    {
        if (_buffer.WrittenCount == 0) return !_broken;
        if (!_broken && Open() && !LibC.WriteAll(_descriptor, _buffer.WrittenSpan)) Break("written");
        _buffer.ResetWrittenCount();
        return !_broken;
    }

    /// <summary>Gives the lines to the log of quiet attempts, if nothing of this one was written yet. False: not possible, nothing was done.</summary>
    public bool Divert(QuietLog quiet, ExecutionId execution)
    {
        if (_descriptor >= 0 || _broken || !quiet.Write(execution, _buffer.WrittenSpan)) return false;
        _buffer.ResetWrittenCount();
        return true;
    }

    /// <summary>
    /// Makes the raw output file itself the log, if nothing was written yet: its content gives way to the lines in memory, and it takes the log's name.
    /// One file fewer to create and to delete. False: not possible, nothing was done.
    /// </summary>
    public bool Become(string rawPath, long rawSize)
    {
        if (_descriptor >= 0 || _broken || LibC.Access(_path, 0) == 0) return false;
        var raw = LibC.Open(rawPath, LibC.WriteOnly | LibC.CloseOnExec | LibC.NoFollow | LibC.NonBlocking);
        if (raw < 0) return false;
        var length = _buffer.WrittenCount;

        // Killed in between, the raw file holds log lines, which read as output give nearly the same lines again.
        var isWritten = LibC.WriteAll(raw, _buffer.WrittenSpan) && (rawSize <= length || LibC.SetLength(raw, length) == 0);
        LibC.Close(raw);
        if (!isWritten || LibC.Rename(rawPath, _path) != 0) Break("written");
        _buffer.ResetWrittenCount();
        return true;
    }

    public void Dispose()
    {
        Flush();
        if (_descriptor >= 0) LibC.Close(_descriptor);
        _descriptor = -1;
        _json.Dispose();
    }

    private bool Open()
    {
        if (_broken || _descriptor >= 0) return !_broken;
        _descriptor = LibC.Open(_path, LibC.WriteOnly | LibC.Create | LibC.Append | LibC.CloseOnExec | LibC.NoFollow | LibC.NonBlocking, 0x180);
        if (_descriptor < 0) Break("opened");
        return !_broken;
    }

    private void Break(string verb)
    {
        _broken = true;
        _warn($"The log {_path} cannot be {verb}: {LibC.Describe(Marshal.GetLastPInvokeError())}. The task goes on without it; make room or correct the folder's rights.");
    }

    private bool AddStructured(Instant at, string step, ReadOnlySpan<byte> line)
    {
        string? status, named, message, data;
        double? percent;
        try
        {
            var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 32 });
            using var document = JsonDocument.ParseValue(ref reader);
            if (!reader.IsFinalBlock || reader.BytesConsumed != line.TrimEnd(" \t\r"u8).Length) return false;
            var root = document.RootElement;
            (status, named, message) = (Text(root, "status"), Text(root, "step"), Text(root, "message"));
            percent = root.TryGetProperty("percent", out var p) && p.ValueKind == JsonValueKind.Number && p.GetDouble() is >= 0 and <= 100 and var n ? n : null;
            data = root.TryGetProperty("data", out var more) ? more.GetRawText() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // It only looked like an object, or an escape in it is half of a surrogate pair, which is JSON but no text: a line like any other.
            return false;
        }

        if (status is null && percent is null) return false;
        var isOurs = named is null or "attempt" || named.StartsWith("check:", StringComparison.Ordinal);
        Begin(at, isOurs || step != OutputTail.OutputStep ? step : named!, status ?? "progress");
        if (message is not null) _json.WriteString("message"u8, message);
        else AddText("message"u8, line);
        if (percent is { } value)
        {
            _json.WriteNumber("percent"u8, value);
            Remember(value, message ?? "");
        }

        if (data is not null)
        {
            // As it was printed: it has been parsed, and stands on one line.
            _json.WritePropertyName("data"u8);
            _json.WriteRawValue(data, skipInputValidation: true);
        }

        End();
        return true;
    }

    // A number that is none, or is not from 0 to 100: a line like any other.
    private bool AddProgress(Instant at, string step, ReadOnlySpan<byte> rest)
    {
        rest = rest.Trim(" \t\r"u8);
        var end = rest.IndexOfAny((byte)' ', (byte)'\t');
        var number = end < 0 ? rest : rest[..end];
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) || percent is not (>= 0 and <= 100)) return false;
        var message = end < 0 ? "" : Encoding.UTF8.GetString(rest[end..].Trim(" \t"u8));
        Begin(at, step, "progress");
        _json.WriteString("message"u8, message);
        _json.WriteNumber("percent"u8, percent);
        Remember(percent, message);
        End();
        return true;
    }

    // It stays in memory as long as the attempt lives, so there is not much of it.
    private void Remember(double percent, string message) => _progress = new AttemptProgress(percent, message.Length > LongestMessage ? message[..LongestMessage] : message);

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private void AddText(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text)) _json.WriteString(name, text);
        else _json.WriteString(name, Encoding.UTF8.GetString(text));
    }

    private void Begin(Instant at, string step, string status)
    {
        if (at.Microseconds != _timestampOf)
        {
            Encoding.ASCII.GetBytes(at.ToString(), _timestamp);
            _timestampOf = at.Microseconds;
        }

        _json.Reset();
        _json.WriteStartObject();
        _json.WriteString("timestamp"u8, _timestamp);
        _json.WriteString("task_id"u8, _task);
        _json.WriteString("step"u8, step);
        _json.WriteString("status"u8, status);
    }

    private void End()
    {
        _json.WriteEndObject();
        _json.Flush();
        Length += _json.BytesCommitted + 1;
        _buffer.Write("\n"u8);
        if (_buffer.WrittenCount >= FlushAt) Flush();
    }
}

/// <summary>The shared log of an execution's attempts that printed nothing. Any thread may write.</summary>
internal sealed class QuietLog(string logsDirectory, Action<string> warn) : IDisposable
{
    private readonly Lock _gate = new();
    private int _descriptor = -1;

    /// <summary>Adds whole lines with one write. False: it cannot be written; the person in charge has been told.</summary>
    public bool Write(ExecutionId execution, ReadOnlySpan<byte> lines)
    {
        lock (_gate)
        {
            var path = AttemptLog.QuietPathOf(logsDirectory, execution);
            if (_descriptor < 0) _descriptor = LibC.Open(path, LibC.WriteOnly | LibC.Create | LibC.Append | LibC.CloseOnExec | LibC.NoFollow | LibC.NonBlocking, 0x180);
            if (_descriptor >= 0 && LibC.WriteAll(_descriptor, lines)) return true;
            warn($"The log {path} cannot be written: {LibC.Describe(Marshal.GetLastPInvokeError())}. Make room or correct the folder's rights.");
            return false;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_descriptor >= 0) LibC.Close(_descriptor);
            _descriptor = -1;
        }
    }
}
