using System.Buffers;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using Slaps.Core.Plans;

namespace Slaps.Cli.Mcp;

/// <summary>
/// The lines between a client and the server. What is no message, or too long for one, gets the answer that JSON-RPC has for it and reaches nobody
/// else; the library behind would drop the one and read the other without a limit.
/// </summary>
internal sealed class MessageLines : IDisposable
{
    /// <summary>The longest message, in bytes with its line end.</summary>
    public const int LongestMessage = 4 << 20;

    private const string Beginning = "initialize";

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    private readonly Stream _input;
    private readonly Stream _output;
    private readonly Pipe _taken = new();
    private readonly Lock _writing = new();
    private readonly Func<bool> _isGone;
    private readonly Dictionary<string, string> _unanswered = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="input">Where the client writes.</param>
    /// <param name="output">Where it reads.</param>
    /// <param name="isGone">Whether it does not read any more.</param>
    public MessageLines(Stream input, Stream output, Func<bool> isGone)
    {
        (_input, _output, _isGone) = (input, output, isGone);
        Input = _taken.Reader.AsStream();
        Output = new WholeLines(this);
    }

    /// <summary>The messages that are such.</summary>
    public Stream Input { get; }

    /// <summary>Takes answers; each goes out in one piece.</summary>
    public Stream Output { get; }

    /// <summary>Ends when the client has closed its end: nothing new comes, and what was asked is answered as things stand.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Reads until the client closes its end, then waits until all that it asked is answered, or until it does not read answers any more.</summary>
    public async Task PumpAsync(CancellationToken stop)
    {
        var reader = PipeReader.Create(_input, new StreamPipeReaderOptions(bufferSize: 64 << 10));
        var isSkipping = false;
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(stop).ConfigureAwait(false);
                var buffer = read.Buffer;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    var line = buffer.Slice(0, end);
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                    if (!isSkipping) await TakeAsync(line.Length >= LongestMessage ? null : line.ToArray(), stop).ConfigureAwait(false);
                    isSkipping = false;
                }

                if (buffer.Length >= LongestMessage)
                {
                    // The rest of the line is read and forgotten, so that the next message is understood.
                    if (!isSkipping) await TakeAsync(null, stop).ConfigureAwait(false);
                    isSkipping = true;
                    buffer = buffer.Slice(buffer.End);
                }

                if (read.IsCompleted)
                {
                    if (buffer.Length > 0 && !isSkipping) await TakeAsync(buffer.ToArray(), stop).ConfigureAwait(false);
                    await _ended.CancelAsync().ConfigureAwait(false);
                    while (IsOwed() && !_isGone()) await Task.Delay(BetweenLooks, stop).ConfigureAwait(false);
                    return;
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client is gone, or this server is told to go: nothing more is read.
        }
        finally
        {
            await _taken.Writer.CompleteAsync().ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        Input.Dispose();
        Output.Dispose();
        _ended.Dispose();
    }

    private async Task TakeAsync(byte[]? line, CancellationToken stop)
    {
        if (line is null)
        {
            Refuse(Envelope.InvalidRequest, $"A message has at most {LongestMessage} bytes. This one was not read; put what is long into a file of the project, and say where it is.", id: null);
            return;
        }

        if (line.AsSpan().IndexOfAnyExcept(" \t\r"u8) < 0) return;
        if (Envelope.Read(line, out var fault) is not { } envelope)
        {
            Refuse(fault!.Code, fault.Message, fault.Id);
            return;
        }

        if (Owe(envelope) is { } twice)
        {
            Refuse(Envelope.InvalidRequest, twice, id: null);
            return;
        }

        await _taken.Writer.WriteAsync(line, stop).ConfigureAwait(false);
        await _taken.Writer.WriteAsync("\n"u8.ToArray(), stop).ConfigureAwait(false);

        // Requests are answered beside each other; what comes behind the first of all is not read before that one is answered.
        if (envelope is { Method: Beginning, Key: not null }) await _begun.Task.WaitAsync(stop).ConfigureAwait(false);
    }

    // Who is owed an answer. One that is not wanted any more may never be given.
    private string? Owe(Envelope envelope)
    {
        lock (_writing)
        {
            if (envelope.Cancels is { } cancelled) _unanswered.Remove(cancelled);
            return envelope is not { Method: { } method, Key: { } key } || _unanswered.TryAdd(key, method) ? null
                : "The id of this request is that of another one that has not been answered yet. It was not read; give each request an id of its own.";
        }
    }

    private bool IsOwed()
    {
        lock (_writing) return _unanswered.Count > 0;
    }

    // The library's own words for what it could not read or does not know name neither what nor where.
    private byte[] Answered(ReadOnlySpan<byte> line)
    {
        using var json = JsonDocument.Parse(line.ToArray(), new JsonDocumentOptions { MaxDepth = 2 * CanonicalJson.MaxDepth });
        var root = json.RootElement;
        if (root.TryGetProperty("method", out _) || !root.TryGetProperty("id", out var id) || Envelope.KeyOf(id) is not { } key || !_unanswered.Remove(key, out var method)) return line.ToArray();
        if (method == Beginning) _begun.TrySetResult();
        if (!root.TryGetProperty("error", out var error)) return line.ToArray();
        return error.GetProperty("code").GetInt32() switch
        {
            Envelope.NoSuchMethod => Error(Envelope.NoSuchMethod, Envelope.Unknown(method), id),
            Envelope.InternalError => Error(Envelope.InvalidParams, Envelope.Unreadable(method), id),
            _ => line.ToArray(),
        };
    }

    private void Refuse(int code, string message, JsonElement? id)
    {
        lock (_writing) Write(Error(code, message, id));
    }

    private static byte[] Error(int code, string message, JsonElement? id)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("jsonrpc", "2.0");
            json.WritePropertyName("id");
            if (id is { } known) known.WriteTo(json);
            else json.WriteNullValue();
            json.WriteStartObject("error");
            json.WriteNumber("code", code);
            json.WriteString("message", message);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }

    private void Answer(ReadOnlySpan<byte> line)
    {
        lock (_writing) Write(Answered(line));
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _output.Write(bytes);
        _output.Flush();
    }

    // The library writes a message and its line end apart; an answer of ours must not come between them.
    private sealed class WholeLines(MessageLines lines) : Stream
    {
        private readonly MemoryStream _line = new();

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _line.Write(buffer);
            if (buffer.IsEmpty || buffer[^1] != (byte)'\n') return;
            lines.Answer(_line.GetBuffer().AsSpan(0, (int)_line.Length));
            _line.SetLength(0);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            Write(buffer, offset, count);
            return Task.CompletedTask;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) _line.Dispose();
            base.Dispose(disposing);
        }
    }
}
