using System.Buffers;
using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Slaps.Cli.Output;
using Slaps.Core.Diagnostics;
using Slaps.Core.Failures;
using Slaps.Core.Plans;
using Slaps.Runtime.Failures;
using Slaps.Runtime.Processes;
using Slaps.Runtime.State;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks classify [FILE]</c></summary>
internal static class ClassifyCommand
{
    private const int LongestLine = 4 << 20;

    public static Command Create()
    {
        var file = new Argument<string?>("FILE") { Description = "A file with an error's text, or with JSON Lines of {\"id\", \"text\"}; without it: standard input.", Arity = ArgumentArity.ZeroOrOne };
        var exitCode = Number("--exit-code", "What the process exited with: known codes count where the text says nothing.", 255);
        var signal = Number("--signal", "The signal that ended the process.", 64);
        var format = Formats.Option("one object");
        var command = new Command("classify", "Say what sort of failure an error's text is, by the playbooks of this program and of .slaps/playbooks. Nothing is started or written.") { file, exitCode, signal, format };
        command.SetAction(parsed => Run(parsed.GetValue(file), parsed.GetValue(exitCode), parsed.GetValue(signal), parsed.GetValue(format) == Formats.Json));
        return command;
    }

    private static Option<int?> Number(string name, string description, int most)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, out var number) || number < 1 || number > most))
                result.AddError($"{name} takes a whole number from 1 to {most}, not {Identifiers.Quote(result.Tokens[0].Value)}.");
        });
        return option;
    }

    private static int Run(string? file, int? exitCode, int? signal, bool json)
    {
        // Before the patterns are made ready, which takes longer than anything else here.
        using var input = file is null ? Console.OpenStandardInput() : AttemptLog.OpenToRead(file) ?? throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(file)} is no file that can be read. Name one with the text of an error, or pipe that in.");
        var wrong = new DiagnosticBag();
        var playbooks = new PlaybookLibrary(StateDirectory.Find(Directory.GetCurrentDirectory()).PlaybooksPath, wrong.Add).Current;
        Say.Findings(wrong);
        using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        var lines = new LineReader(input);
        var areAllAnswered = true;
        if (lines.IsRecord) areAllAnswered = Records(lines, playbooks, output);
        else
        {
            var found = playbooks.Classify(new FailureEvidence(BoundedText.Read(lines.Rest())) { ExitCode = exitCode, Signal = signal });
            if (json) output.Write(Write(id: null, found));
            else Text(output, found);
        }

        return wrong.HasErrors || !areAllAnswered ? ExitCodes.InvalidInput : ExitCodes.Done;
    }

    private static void Text(StreamWriter output, Classification found)
    {
        output.WriteLine($"class:       {FailureNames.Of(found.Class)}");
        output.WriteLine($"playbook:    {found.Playbook ?? "none"}");
        if (found.Subject is { } subject) output.WriteLine($"about:       {Say.OneLine(subject)}");
        output.WriteLine($"fingerprint: {Say.OneLine(found.Fingerprint)}");
        output.WriteLine($"why:         {Say.OneLine(found.Why)}");
    }

    // One answer a line, in the order of the questions. Whether each line got one: what is no record is told and left out.
    private static bool Records(LineReader lines, Playbooks playbooks, StreamWriter output)
    {
        var isEach = true;
        while (lines.Next() is { } line)
        {
            if (line.Span.Trim(" \t\r"u8).IsEmpty) continue;
            if (Record.Read(line) is not { } record)
            {
                isEach = false;
                Say.Error($"Line {lines.Number:N0} is no JSON object with a text \"text\", or is longer than {LongestLine:N0} bytes; it is left out.");
                continue;
            }

            output.Write(Write(record.Id, playbooks.Classify(record.Evidence)));
        }

        return isEach;
    }

    private static string Write(string? id, Classification found)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (id is not null)
            {
                json.WritePropertyName("id");
                json.WriteRawValue(id);
            }

            json.WriteString("class", FailureNames.Of(found.Class));
            json.WriteString("playbook", found.Playbook);
            json.WriteString("fingerprint", found.Fingerprint);
            json.WriteString("why", found.Why);
            if (found.Subject is { } subject) json.WriteString("subject", subject);
            if (found.RetryAfterSeconds is { } seconds) json.WriteNumber("retry_after_seconds", seconds);
            if (found.RetryAt is { } at) json.WriteString("retry_at", at.ToString());
            json.WriteEndObject();
        }

        return Formats.SafeJson(Encoding.UTF8.GetString(buffer.WrittenSpan)) + "\n";
    }

    private sealed record Record(string Id, FailureEvidence Evidence)
    {
        public static Record? Read(ReadOnlyMemory<byte> line)
        {
            try
            {
                using var document = JsonDocument.Parse(line);
                var root = document.RootElement;
                if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("text", out var text) || text.ValueKind != JsonValueKind.String) return null;
                return new(
                    root.TryGetProperty("id", out var id) && id.ValueKind is JsonValueKind.String or JsonValueKind.Number ? id.GetRawText() : "null",
                    new FailureEvidence(text.GetString()!) { ExitCode = Number(root, "exit_code"), Signal = Number(root, "signal") });
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                return null;   // No JSON, or a text with half a surrogate pair.
            }
        }

        private static int? Number(JsonElement root, string name) =>
            root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;
    }

    /// <summary>Lines of bounded length; those that are longer come cut, which no JSON survives.</summary>
    private sealed class LineReader
    {
        private readonly Stream _input;
        private byte[] _buffer = new byte[64 << 10];
        private int _start;
        private int _end;
        private bool _isAtEnd;

        public LineReader(Stream input)
        {
            _input = input;

            // The first line tells what it is; as long as none has ended, more is read.
            Fill();
            while (!_isAtEnd && _end < LongestLine && _buffer.AsSpan(0, _end).TrimStart(" \t\r\n"u8) is [(byte)'{', .. var rest] && !rest.Contains((byte)'\n')) Fill();
            var text = _buffer.AsMemory(0, _end);
            while (text.Length > 0 && text.Span[0] is (byte)'\n' or (byte)'\r' or (byte)' ') text = text[1..];
            var end = text.Span.IndexOf((byte)'\n');
            IsRecord = Record.Read(end < 0 ? text : text[..end]) is { } first && first.Id != "null";
        }

        /// <summary>Whether it begins with a JSON object that has an id and a text.</summary>
        public bool IsRecord { get; }

        public long Number { get; private set; }

        /// <summary>What was read to find out, and all that follows.</summary>
        public Stream Rest() => new Joined(_buffer.AsMemory(0, _end), _input);

        public ReadOnlyMemory<byte>? Next()
        {
            var isCut = false;
            while (true)
            {
                var end = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
                if (end < 0 && !_isAtEnd && _end - _start < LongestLine)
                {
                    Fill();
                    continue;
                }

                if (end < 0 && _start == _end) return null;
                if (end < 0 && !_isAtEnd)
                {
                    // Longer than any record: its rest is passed over.
                    (_start, _end, isCut) = (0, 0, true);
                    Fill();
                    continue;
                }

                var line = _buffer.AsMemory(_start, end < 0 ? _end - _start : end);
                _start = end < 0 ? _end : _start + end + 1;
                Number++;
                return isCut ? "?"u8.ToArray() : line;
            }
        }

        private void Fill()
        {
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }

            if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
            var read = _input.Read(_buffer, _end, _buffer.Length - _end);
            _isAtEnd = read == 0;
            _end += read;
        }
    }

    private sealed class Joined(ReadOnlyMemory<byte> first, Stream then) : Stream
    {
        private ReadOnlyMemory<byte> _first = first;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_first.IsEmpty) return then.Read(buffer, offset, count);
            var taken = Math.Min(count, _first.Length);
            _first.Span[..taken].CopyTo(buffer.AsSpan(offset));
            _first = _first[taken..];
            return taken;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
