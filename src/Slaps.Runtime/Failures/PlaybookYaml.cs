using System.Globalization;
using System.Text.RegularExpressions;
using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Failures;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Slaps.Runtime.Failures;

/// <summary>
/// Reads playbooks from YAML: one key <c>playbooks</c> with a list of maps. Nothing is built but what is asked for; aliases are refused, because
/// a few lines of them can stand for more than any memory holds.
/// </summary>
public static class PlaybookYaml
{
    /// <summary>The longest text that is read, in characters.</summary>
    public const int MaxLength = 1 << 20;

    private const int MaxEvents = 100_000;
    private const int MaxDepth = 20;
    private const int MaxPatterns = 200;

    private static readonly string[] Keys =
    [
        "name", "class", "says", "patterns", "unless", "exit_codes", "signals", "kinds", "oom", "remedy", "threshold", "window_seconds", "cooldown_seconds", "max_trips",
    ];

    /// <summary>The playbooks that are right, in their order; what is wrong with the others is in <paramref name="diagnostics"/>, with line and column.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="file">The file as the user would name it.</param>
    /// <param name="diagnostics">Takes the findings.</param>
    public static IReadOnlyList<Playbook> Read(string yaml, string file, DiagnosticBag diagnostics)
    {
        if (yaml.Length > MaxLength)
        {
            diagnostics.Add(PlaybookDiagnostics.Unreadable(new(file, null), $"the file has {yaml.Length:N0} characters, and {MaxLength:N0} is the most"));
            return [];
        }

        var parser = new Parser(new StringReader(yaml));
        try
        {
            return new Reading(parser, file, diagnostics).Document();
        }
        catch (YamlException e)
        {
            // The parser has no other way to say it.
            diagnostics.Add(PlaybookDiagnostics.Unreadable(
                new(file, null, (int)Math.Max(1, e.Start.Line), (int)Math.Max(1, e.Start.Column)), string.Concat(e.Message.Select(c => char.IsControl(c) ? ' ' : c))));
            return [];
        }
        catch (Exception e) when (e is ArgumentException or ArithmeticException or FormatException)
        {
            // What the parser makes of an escape such as "\UFFFFFFFF", which names no character.
            diagnostics.Add(PlaybookDiagnostics.Unreadable(new(file, null, (int)Math.Max(1, parser.Current?.End.Line ?? 1), (int)Math.Max(1, parser.Current?.End.Column ?? 1)), "after this place stands an escape that names no character"));
            return [];
        }
    }

    private sealed class Reading(Parser parser, string file, DiagnosticBag diagnostics)
    {
        private int _events;
        private int _depth;

        public List<Playbook> Document()
        {
            var found = new List<Playbook>();
            while (Next() is StreamStart or DocumentStart)
            {
            }

            if (parser.Current is null or StreamEnd or DocumentEnd) return found;
            if (parser.Current is not MappingStart)
            {
                Wrong("the document", "something else", "a map with the key playbooks");
                return found;
            }

            var isSeen = false;
            while (Next() is { } key and not MappingEnd)
            {
                if (key is Scalar { Value: "playbooks" })
                {
                    if (isSeen) diagnostics.Add(PlaybookDiagnostics.KeyTwice(Here, "playbooks"));
                    isSeen = true;
                    Next();
                    List("playbooks", () => AddTo(found));
                    continue;
                }

                diagnostics.Add(PlaybookDiagnostics.UnknownKey(Here, (key as Scalar)?.Value ?? "", ["playbooks"]));
                Next();
                Skip();
            }

            return found;
        }

        private DiagnosticPlace Here => At(parser.Current!.Start);

        private DiagnosticPlace At(Mark mark) => new(file, null, (int)mark.Line, (int)mark.Column);

        private ParsingEvent? Next()
        {
            if (!parser.MoveNext()) return null;
            if (++_events > MaxEvents) throw new SemanticErrorException(parser.Current!.Start, parser.Current.End, $"it has more than {MaxEvents:N0} parts");
            if ((_depth += parser.Current!.NestingIncrease) > MaxDepth) throw new SemanticErrorException(parser.Current.Start, parser.Current.End, $"it is nested more than {MaxDepth} deep");
            if (parser.Current is AnchorAlias) throw new SemanticErrorException(parser.Current.Start, parser.Current.End, "it uses aliases ('*name'), which are not read");
            return parser.Current;
        }

        private void AddTo(List<Playbook> found)
        {
            var start = Here;
            var errors = diagnostics.ErrorCount;
            if (Map() is not { } playbook) return;
            if (found.Exists(known => known.Name == playbook.Name)) diagnostics.Add(PlaybookDiagnostics.Twice(start, playbook.Name));
            else if (diagnostics.ErrorCount == errors) found.Add(playbook);
        }

        private Playbook? Map()
        {
            var start = Here;
            if (parser.Current is not MappingStart)
            {
                Wrong("a playbook", (parser.Current as Scalar)?.Value ?? "a list", "a map");
                Skip();
                return null;
            }

            string? name = null;
            FailureClass? sort = null;
            var seen = new HashSet<string>(StringComparer.Ordinal);
            Remedy? remedy = null;
            var playbook = new Playbook { Name = "", Class = FailureClass.Logic };
            while (Next() is { } key and not MappingEnd)
            {
                if (key is not Scalar { Value: var word } || !Keys.Contains(word))
                {
                    diagnostics.Add(PlaybookDiagnostics.UnknownKey(Here, (key as Scalar)?.Value ?? "", Keys));
                    Next();
                    Skip();
                    continue;
                }

                if (!seen.Add(word)) diagnostics.Add(PlaybookDiagnostics.KeyTwice(Here, word));
                Next();
                switch (word)
                {
                    case "name":
                        name = Text(word);
                        if (name is not null && (name.Length is 0 or > Playbook.LongestName || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))))
                            Wrong(word, name, $"up to {Playbook.LongestName} letters, digits, '-', '_' and '.'");
                        break;
                    case "says":
                        playbook = playbook with { Says = Text(word) ?? "" };
                        break;
                    case "class":
                        sort = Choice<FailureClass>(word, FailureNames.Classes);
                        break;
                    case "remedy":
                        remedy = Choice<Remedy>(word, FailureNames.Remedies) ?? Remedy.None;
                        break;
                    case "patterns":
                        playbook = playbook with { Patterns = Patterns(word) };
                        break;
                    case "unless":
                        playbook = playbook with { Unless = Patterns(word) };
                        break;
                    case "exit_codes":
                        playbook = playbook with { ExitCodes = Numbers(word, 1, 255) };
                        break;
                    case "signals":
                        playbook = playbook with { Signals = Numbers(word, 1, 64) };
                        break;
                    case "kinds":
                        var kinds = new List<FailureKind>();
                        List(word, () => kinds.AddRange(Choice<FailureKind>(word, FailureNames.Kinds) is { } kind ? [kind] : []));
                        playbook = playbook with { Kinds = kinds };
                        break;
                    case "oom":
                        playbook = playbook with { OomKill = Choice<Flag>(word, ["false", "true"]) == Flag.True };
                        break;
                    case "threshold":
                        playbook = playbook with { Threshold = (int)(Number(word, 1, 10_000, whole: true) ?? playbook.Threshold) };
                        break;
                    case "window_seconds":
                        playbook = playbook with { WindowSeconds = Number(word, 1, 604_800) ?? playbook.WindowSeconds };
                        break;
                    case "cooldown_seconds":
                        playbook = playbook with { CooldownSeconds = Number(word, 0, 86_400) ?? playbook.CooldownSeconds };
                        break;
                    default:
                        playbook = playbook with { MaxTrips = (int)(Number(word, 1, 100, whole: true) ?? playbook.MaxTrips) };
                        break;
                }
            }

            if (name is null) diagnostics.Add(PlaybookDiagnostics.Missing(start, "name"));
            if (sort is null) diagnostics.Add(PlaybookDiagnostics.Missing(start, "class"));
            if (playbook.Patterns.Count + playbook.ExitCodes.Count + playbook.Signals.Count + playbook.Kinds.Count == 0 && !playbook.OomKill)
                diagnostics.Add(PlaybookDiagnostics.Missing(start, "patterns"));

            // What every task of the kind meets and nobody has a remedy for is the planner's.
            remedy ??= sort == FailureClass.Systemic ? Remedy.Replan : Remedy.None;
            return name is null || sort is not { } known ? null : playbook with { Name = name, Class = known, Remedy = remedy.Value };
        }

        private List<Regex> Patterns(string key)
        {
            var patterns = new List<Regex>();
            List(key, () =>
            {
                if (Text(key) is not { } text) return;
                if (text.Length is 0 or > Playbook.LongestPattern) Wrong(key, text.Length == 0 ? "" : $"{text[..20]}…", $"texts of 1 to {Playbook.LongestPattern} characters");
                else if (patterns.Count >= MaxPatterns) Wrong(key, text, $"at most {MaxPatterns} of them");
                else if (Pattern(text) is { } pattern) patterns.Add(pattern);
            });
            return patterns;
        }

        private Regex? Pattern(string text)
        {
            try
            {
                return Playbook.Pattern(text);
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                // There is no other way to ask whether it is one.
                diagnostics.Add(PlaybookDiagnostics.BadPattern(Here, text, e.Message));
                return null;
            }
        }

        private List<int> Numbers(string key, int least, int most)
        {
            var numbers = new List<int>();
            List(key, () => numbers.AddRange(Number(key, least, most, whole: true) is { } number ? [(int)number] : []));
            return numbers;
        }

        private void List(string key, Action item)
        {
            if (parser.Current is not SequenceStart)
            {
                // One alone may stand without its list.
                if (parser.Current is Scalar { Value.Length: > 0 }) item();
                else Skip(() => Wrong(key, "nothing", "a list"));
                return;
            }

            while (Next() is not (SequenceEnd or null)) item();
        }

        private string? Text(string key)
        {
            if (parser.Current is Scalar { Value: var text }) return text;
            Skip(() => Wrong(key, "a list or a map", "a text"));
            return null;
        }

        private T? Choice<T>(string key, IReadOnlyList<string> known)
            where T : struct, Enum
        {
            if (Text(key) is not { } text) return null;
            for (var i = 0; i < known.Count; i++)
            {
                if (known[i] == text) return (T)(object)i;
            }

            diagnostics.Add(PlaybookDiagnostics.WrongValue(Here, key, text, $"{string.Join(", ", known.SkipLast(1))} or {known[^1]}", known));
            return null;
        }

        private double? Number(string key, double least, double most, bool whole = false)
        {
            if (Text(key) is not { } text) return null;
            if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most && (!whole || number == Math.Floor(number))) return number;
            Wrong(key, text, $"a {(whole ? "whole " : "")}number from {least.ToString(CultureInfo.InvariantCulture)} to {most.ToString(CultureInfo.InvariantCulture)}");
            return null;
        }

        private void Wrong(string key, string value, string expected) => diagnostics.Add(PlaybookDiagnostics.WrongValue(Here, key, value, expected));

        private void Skip(Action? before = null)
        {
            before?.Invoke();
            var depth = 0;
            do
            {
                depth += parser.Current?.NestingIncrease ?? 0;
            }
            while (depth > 0 && Next() is not null);
        }

        private enum Flag
        {
            False,
            True,
        }
    }
}
