using Slaps.Core.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Slaps.Planning.Imports.Trackers;

/// <summary>
/// YAML as texts, lists and maps; nothing is given a type, and nothing is built. Aliases are refused: a few lines of them can stand for more
/// than any memory holds.
/// </summary>
internal static class TrackerYaml
{
    private const int MaxBytes = 1 << 20;
    private const int MaxEvents = 200_000;
    private const int MaxDepth = 20;

    /// <summary>The first document: a text, a <c>List</c> or a <c>Dictionary</c> of the same; null, with the reason, when it cannot be read.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="file">Where it stands.</param>
    /// <param name="linesBefore">How many lines of the file come before it.</param>
    /// <param name="diagnostics">Takes the reason.</param>
    public static object? Read(string yaml, TrackerFile file, int linesBefore, DiagnosticBag diagnostics)
    {
        if (yaml.Length > MaxBytes) return Refused($"it has {yaml.Length:N0} characters, and {MaxBytes:N0} is the most", 1);
        var parser = new Parser(new StringReader(yaml));
        try
        {
            var reading = new Reading(parser);
            var value = reading.Document();
            return reading.Refusal is { } refusal ? Refused(refusal.Reason, refusal.Line) : value;
        }
        catch (YamlException e)
        {
            // The parser has no other way to say it.
            return Refused(string.Concat(e.Message.TrimEnd('.').Select(c => char.IsControl(c) ? ' ' : c)), (int)e.Start.Line);
        }
        catch (Exception e) when (e is ArgumentException or ArithmeticException or FormatException)
        {
            // What the parser makes of an escape such as "\UFFFFFFFF", which names no character.
            return Refused("an escape in it names no character", (int)(parser.Current?.End.Line ?? 1));
        }

        object? Refused(string reason, int line)
        {
            diagnostics.Add(TrackerDiagnostics.InvalidFrontMatter(file.At(Math.Min(linesBefore + Math.Max(line, 1), file.Lines)), reason));
            return null;
        }
    }

    /// <summary>The text under a key of a map; empty when there is none.</summary>
    public static string Text(object? map, string key) => Value(map, key) as string ?? "";

    /// <summary>The texts under a key of a map, which may be a list of them or one alone.</summary>
    public static IReadOnlyList<string> Texts(object? map, string key) => Value(map, key) switch
    {
        // Written by hand: dependencies: "[]" or WP01, WP02.
        string { Length: > 0 } text when text.Trim() is not ("[]" or "~" or "null") => [.. text.Trim('[', ']').Split(',').Select(part => part.Trim()).Where(part => part.Length > 0)],
        List<object?> list => [.. list.OfType<string>().Where(text => text.Length > 0)],
        _ => [],
    };

    /// <summary>What stands under a key of a map; null when there is nothing.</summary>
    public static object? Value(object? map, string key) => map is Dictionary<string, object?> fields ? fields.GetValueOrDefault(key) : null;

    private sealed class Reading(Parser parser)
    {
        private int _events;

        public (string Reason, int Line)? Refusal { get; private set; }

        public object? Document()
        {
            while (Next() is StreamStart or DocumentStart)
            {
            }

            return parser.Current is null or StreamEnd or DocumentEnd ? null : Value(0);
        }

        private ParsingEvent? Next()
        {
            if (!parser.MoveNext()) return null;
            if (++_events > MaxEvents) Refuse($"it has more than {MaxEvents:N0} parts");
            return Refusal is null ? parser.Current : null;
        }

        private object? Value(int depth)
        {
            if (depth > MaxDepth) Refuse($"it is nested deeper than {MaxDepth} levels");
            if (Refusal is not null) return null;
            switch (parser.Current)
            {
                case Scalar scalar:
                    return scalar.Value;
                case AnchorAlias:
                    Refuse("it uses aliases ('*name'), which are not read");
                    return null;
                case SequenceStart:
                    var list = new List<object?>();
                    while (Next() is { } item and not SequenceEnd) list.Add(Value(depth + 1));
                    return list;
                case MappingStart:
                    var map = new Dictionary<string, object?>();
                    while (Next() is { } key and not MappingEnd)
                    {
                        if (key is not Scalar name)
                        {
                            Refuse("a key is not a text");
                            return null;
                        }

                        var text = name.Value;
                        Next();
                        var value = Value(depth + 1);
                        if (!map.TryAdd(text, value)) Refuse($"the key {Core.Plans.Identifiers.Quote(text)} is there twice");
                    }

                    return map;
                default:
                    return null;
            }
        }

        private void Refuse(string reason) => Refusal ??= (reason, (int)(parser.Current?.Start.Line ?? 1));
    }
}
