using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Slaps.Core.Diagnostics;

namespace Slaps.Core.Plans;

/// <summary>Looks whether bytes are JSON that can be worked with, before anybody builds a document from them; linear and without recursion.</summary>
public static class JsonScan
{
    // The canonical form is indented: a small file of deep arrays can need sixty times its size, and no array holds more than 2 GB.
    private const long MaxCanonicalBytes = 512L << 20;

    /// <summary>Whether the text can be parsed; everything that is wrong with it is in <paramref name="diagnostics"/>, as far as it could be read.</summary>
    public static bool Accepts(ReadOnlySpan<byte> utf8, string file, DiagnosticBag diagnostics)
    {
        if (utf8.TrimStart(" \t\r\n"u8).IsEmpty)
        {
            diagnostics.Add(PlanDiagnostics.Empty(new(file, null)));
            return false;
        }

        if (NotText(utf8, file) is { } binary)
        {
            diagnostics.Add(binary);
            return false;
        }

        var scan = new Scan(utf8, file, diagnostics);
        try
        {
            return scan.Run();
        }
        catch (JsonException e)
        {
            // The reader has no way to ask without an exception; its message names the character and is a sentence without control characters.
            diagnostics.Add(Invalid(utf8, file, e));
            return false;
        }
    }

    private static Diagnostic? NotText(ReadOnlySpan<byte> utf8, string file)
    {
        var nul = utf8.IndexOf((byte)0);
        if (nul >= 0) return PlanDiagnostics.NotText(new(file, null), "there is a NUL byte", nul);
        if (Utf8.IsValid(utf8)) return null;

        var valid = 0;
        while (Rune.DecodeFromUtf8(utf8[valid..], out _, out var length) == System.Buffers.OperationStatus.Done) valid += length;
        var (line, column) = LineOf(utf8, valid);
        return PlanDiagnostics.NotText(new(file, null, line, column), $"the byte 0x{utf8[valid]:X2} is out of place", valid);
    }

    private static Diagnostic Invalid(ReadOnlySpan<byte> utf8, string file, JsonException error)
    {
        var line = (int)(error.LineNumber ?? 0);
        var column = (int)(error.BytePositionInLine ?? 0);
        var rest = From(utf8, line, column);
        foreach (var word in (string[])["NaN", "-Infinity", "Infinity"])
        {
            if (Starts(utf8, line, column, word))
                return PlanDiagnostics.InvalidJson(new(file, null, line + 1, column + 1), $"{word} is not a JSON number", "Write a number, or leave the field out.");
        }

        var end = error.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        var reason = (end < 0 ? error.Message : error.Message[..end]).Replace(" Change the reader options.", "", StringComparison.Ordinal).TrimEnd('.');
        var advice = rest.IsEmpty
            ? "The file ends too early: was it cut off?"
            : (char)rest[0] switch
            {
                '/' => "JSON has no comments; remove it.",
                '}' or ']' => "Look for a comma too many just before it.",
                '\'' => "JSON texts stand in double quotes.",
                _ => "Look just before this place for a missing comma, quote or bracket.",
            };
        return PlanDiagnostics.InvalidJson(new(file, null, line + 1, column + 1), reason, advice);
    }

    private static bool Starts(ReadOnlySpan<byte> utf8, int line, int column, string word) =>
        From(utf8, line, column).StartsWith(Encoding.UTF8.GetBytes(word))
        || (word[0] == '-' && column > 0 && From(utf8, line, column - 1).StartsWith(Encoding.UTF8.GetBytes(word)));

    private static ReadOnlySpan<byte> From(ReadOnlySpan<byte> utf8, int line, int column)
    {
        for (; line > 0; line--) utf8 = utf8[(utf8.IndexOf((byte)'\n') + 1)..];
        return utf8[Math.Min(column, utf8.Length)..];
    }

    /// <summary>Line and column, both from 1, of a byte.</summary>
    private static (int Line, int Column) LineOf(ReadOnlySpan<byte> utf8, long offset)
    {
        var before = utf8[..(int)offset];
        return (before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'));
    }

    private ref struct Scan(ReadOnlySpan<byte> utf8, string file, DiagnosticBag diagnostics)
    {
        private readonly ReadOnlySpan<byte> _utf8 = utf8;
        private readonly Frame[] _frames = new Frame[CanonicalJson.MaxDepth + 1];
        private readonly JsonNames _names = new();
        private bool _accepted = true;
        private int _line = 1;
        private int _lineStart;
        private int _counted;

        public bool Run()
        {
            // One level more than allowed: the level too many is then ours to describe, not the reader's.
            var reader = new Utf8JsonReader(_utf8, new JsonReaderOptions { MaxDepth = CanonicalJson.MaxDepth + 1 });
            var canonicalBytes = 0L;
            while (reader.Read())
            {
                canonicalBytes += reader.TokenType is JsonTokenType.PropertyName ? reader.ValueSpan.Length + 4 : reader.ValueSpan.Length + (2 * reader.CurrentDepth) + 4;
                if (canonicalBytes > MaxCanonicalBytes)
                {
                    diagnostics.Add(PlanDiagnostics.TooLarge(new(file, null), canonicalBytes, MaxCanonicalBytes));
                    return false;
                }

                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        Count(reader.CurrentDepth);
                        if (reader.CurrentDepth >= CanonicalJson.MaxDepth)
                        {
                            Report(static (at, _) => PlanDiagnostics.TooDeep(at), "", reader.TokenStartIndex, reader.CurrentDepth);
                            return false;
                        }

                        (_frames[reader.CurrentDepth] ??= new()).Begin(reader.TokenType == JsonTokenType.StartObject);
                        break;
                    case JsonTokenType.PropertyName:
                        if (!IsWhole(ref reader)) break;
                        var frame = _frames[reader.CurrentDepth - 1];
                        var name = reader.ValueIsEscaped ? reader.GetString()! : _names.Of(reader.ValueSpan).Text;
                        frame.Name = name;
                        if (!frame.Names.Add(name)) Report(PlanDiagnostics.DuplicateKey, name, reader.TokenStartIndex, reader.CurrentDepth);
                        break;
                    case JsonTokenType.String:
                        Count(reader.CurrentDepth);
                        IsWhole(ref reader);
                        break;
                    case JsonTokenType.Number:
                        Count(reader.CurrentDepth);
                        if (double.IsFinite(reader.GetDouble())) break;
                        var number = Encoding.UTF8.GetString(reader.ValueSpan);
                        Report(PlanDiagnostics.HugeNumber, number, reader.TokenStartIndex, reader.CurrentDepth);
                        break;
                    case JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null:
                        Count(reader.CurrentDepth);
                        break;
                }
            }

            return _accepted;
        }

        private readonly void Count(int depth)
        {
            if (depth > 0) _frames[depth - 1].Index++;
        }

        // The reader decodes \ud83d without its second half only by throwing, long after this pass; so it is looked for here.
        private bool IsWhole(ref Utf8JsonReader reader)
        {
            if (!reader.ValueIsEscaped) return true;
            var text = reader.ValueSpan;
            var high = -1;
            for (var i = 0; i < text.Length; i++)
            {
                var unit = -1;
                var start = i;
                if (text[i] == '\\')
                {
                    i++;
                    if (text[i] == 'u')
                    {
                        unit = Convert.ToInt32(Encoding.ASCII.GetString(text.Slice(i + 1, 4)), 16);
                        i += 4;
                    }
                }

                var pairs = high >= 0 && unit is >= 0xdc00 and <= 0xdfff;
                if ((high >= 0 && !pairs) || (high < 0 && unit is >= 0xdc00 and <= 0xdfff)) return Broken(ref reader, high >= 0 ? high : start);
                high = !pairs && unit is >= 0xd800 and <= 0xdbff ? start : -1;
            }

            return high < 0 || Broken(ref reader, high);
        }

        private bool Broken(ref Utf8JsonReader reader, int start)
        {
            var escape = Encoding.ASCII.GetString(reader.ValueSpan.Slice(start, 6));
            Report(PlanDiagnostics.BrokenText, escape, reader.TokenStartIndex, reader.CurrentDepth);
            return false;
        }

        private void Report(Func<DiagnosticPlace, string, Diagnostic> finding, string argument, long offset, int depth)
        {
            _accepted = false;

            // Findings come in the file's order, so each line is counted once, however many there are.
            var passed = _utf8[_counted..(int)offset];
            _line += passed.Count((byte)'\n');
            if (passed.LastIndexOf((byte)'\n') is >= 0 and var newLine) _lineStart = _counted + newLine + 1;
            _counted = (int)offset;
            diagnostics.Add(finding(new(file, PathOf(depth), _line, (int)offset - _lineStart + 1), argument));
        }

        private readonly string PathOf(int depth)
        {
            var path = JsonWhere.Root;
            for (var i = 0; i < depth; i++) path = _frames[i].IsObject ? path.Field(_frames[i].Name) : path.Item(_frames[i].Index);
            return path.ToString();
        }
    }

    private sealed class Frame
    {
        public bool IsObject { get; private set; }

        public int Index { get; set; }

        public string Name { get; set; } = "";

        public HashSet<string> Names { get; private set; } = [];

        public void Begin(bool isObject)
        {
            IsObject = isObject;
            Index = -1;
            Name = "";

            // Clearing costs the capacity: one object of a million keys must not make each later one dear.
            if (Names.Capacity > 100) Names = [];
            else Names.Clear();
        }
    }
}

/// <summary>A place in a document, put into words only when somebody asks.</summary>
internal sealed class JsonWhere
{
    private readonly JsonWhere? _parent;
    private readonly string? _field;
    private readonly int _index;

    private JsonWhere(JsonWhere? parent, string? field, int index) => (_parent, _field, _index) = (parent, field, index);

    public static JsonWhere Root { get; } = new(null, null, 0);

    public JsonWhere Field(string name) => new(this, name, 0);

    public JsonWhere Item(int index) => new(this, null, index);

    public override string ToString()
    {
        // A plan needs fewer than ten levels: of a path through more, its beginning says enough.
        const int Shown = 12;
        var steps = new Stack<JsonWhere>();
        for (var at = this; at._parent is not null; at = at._parent) steps.Push(at);

        var text = new StringBuilder("$");
        var depth = 0;
        foreach (var step in steps)
        {
            if (depth++ == Shown) return text.Append('…').ToString();
            if (step._field is null) text.Append('[').Append(step._index).Append(']');
            else if (IsPlain(step._field)) text.Append('.').Append(step._field);
            else text.Append('[').Append(Identifiers.Quote(step._field)).Append(']');
        }

        return text.ToString();
    }

    private static bool IsPlain(string name) => name.Length is > 0 and <= 80 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
