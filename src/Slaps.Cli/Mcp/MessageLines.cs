using System.Buffers;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Slaps.Cli.Mcp;

/// <summary>
/// The lines between a client and the server. What is no message, or too long for one, gets the answer that JSON-RPC has for it and reaches nobody
/// else; the library behind would drop the one and read the other without a limit.
/// </summary>
internal sealed class MessageLines : IDisposable
{
    /// <summary>The longest message, in bytes with its line end.</summary>
    public const int LongestMessage = 4 << 20;

    private const int DeepestMessage = 64;
    private const int ParseError = -32700, InvalidRequest = -32600;

    private readonly Stream _input;
    private readonly Stream _output;
    private readonly Pipe _taken = new();
    private readonly Lock _writing = new();

    public MessageLines(Stream input, Stream output)
    {
        (_input, _output) = (input, output);
        Input = _taken.Reader.AsStream();
        Output = new WholeLines(this);
    }

    /// <summary>The messages that are such.</summary>
    public Stream Input { get; }

    /// <summary>Takes answers; each goes out in one piece.</summary>
    public Stream Output { get; }

    /// <summary>Reads until the client closes its end.</summary>
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
    }

    private async Task TakeAsync(byte[]? line, CancellationToken stop)
    {
        if (line is null)
        {
            Refuse(InvalidRequest, $"A message has at most {LongestMessage} bytes. This one was not read; put what is long into a file of the project, and say where it is.", id: null);
            return;
        }

        if (line.AsSpan().IndexOfAnyExcept(" \t\r"u8) < 0) return;
        if (Fault(line) is var (code, message, id))
        {
            Refuse(code, message, id);
            return;
        }

        await _taken.Writer.WriteAsync(line, stop).ConfigureAwait(false);
        await _taken.Writer.WriteAsync("\n"u8.ToArray(), stop).ConfigureAwait(false);
    }

    private static (int Code, string Message, JsonElement? Id)? Fault(byte[] line)
    {
        try
        {
            using var json = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = DeepestMessage, AllowDuplicateProperties = false });
            var root = json.RootElement;
            if (root.ValueKind == JsonValueKind.Array) return (InvalidRequest, "Messages come one by one, each in a line of its own; lists of them are not read.", null);
            if (root.ValueKind != JsonValueKind.Object) return (InvalidRequest, "A message is a JSON object.", null);
            JsonElement? id = root.TryGetProperty("id", out var given) && given.ValueKind is JsonValueKind.String or JsonValueKind.Number ? given.Clone() : null;
            if (!root.TryGetProperty("jsonrpc", out var version) || version.ValueKind != JsonValueKind.String || !version.ValueEquals("2.0")) return (InvalidRequest, "A message has \"jsonrpc\": \"2.0\".", id);
            if (root.TryGetProperty("id", out var wrong) && id is null && wrong.ValueKind != JsonValueKind.Null) return (InvalidRequest, "The id of a message is a text or a number.", null);
            var isRequest = root.TryGetProperty("method", out var method);
            if (isRequest && method.ValueKind != JsonValueKind.String) return (InvalidRequest, "The method of a message is a text.", id);
            if (isRequest && root.TryGetProperty("params", out var parameters) && parameters.ValueKind != JsonValueKind.Object) return (InvalidRequest, "The params of a message are an object.", id);
            return isRequest || root.TryGetProperty("result", out _) || root.TryGetProperty("error", out _) ? null : (InvalidRequest, "A message has a method, a result or an error.", id);
        }
        catch (JsonException e)
        {
            return (ParseError, $"The line is no JSON: {e.Message}", null);
        }
        catch (InvalidOperationException)
        {
            return (ParseError, "The line holds a text that is no valid Unicode.", null);
        }
    }

    private void Refuse(int code, string message, JsonElement? id)
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
        Write(bytes.ToArray());
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_writing)
        {
            _output.Write(bytes);
            _output.Flush();
        }
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
            lines.Write(_line.GetBuffer().AsSpan(0, (int)_line.Length));
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
