using System.Globalization;
using System.Text.RegularExpressions;
using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Core.Failures;

/// <summary>
/// Playbooks in their order; the first that knows a failure says what it is. What the kernel and our own clock say is certain and comes before
/// any text; an exit code or a signal alone says little and comes after it.
/// </summary>
public sealed class Playbooks
{
    private static readonly Regex PackageName = new(@"\A@?[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*){0,4}\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant);
    private const int LongestSubject = 200;

    /// <summary>What breakers call what no playbook knows, in the place of a playbook's name.</summary>
    public const string Unknown = "unknown";

    /// <summary>The playbooks in their order; the first of a name hides later ones.</summary>
    public Playbooks(IEnumerable<Playbook> all) => All = [.. all.DistinctBy(playbook => playbook.Name, StringComparer.Ordinal)];

    /// <summary>None: every failure is a guess.</summary>
    public static Playbooks None { get; } = new([]);

    /// <summary>The playbooks in their order.</summary>
    public IReadOnlyList<Playbook> All { get; }

    /// <summary>The playbook of that name, or null.</summary>
    public Playbook? Find(string name) => All.FirstOrDefault(playbook => playbook.Name == name);

    /// <summary>What the failure is. The same evidence gives the same answer.</summary>
    public Classification Classify(FailureEvidence evidence)
    {
        var text = ErrorText.Clean(evidence.Text);
        var telling = new Lazy<string>(() => ErrorText.TellingLine(text), isThreadSafe: false);
        foreach (var playbook in All)
        {
            if (evidence.OomKilled && playbook.OomKill) return ByFact(playbook, "The kernel killed a process for its memory meanwhile.", text);
            if (evidence.Kind is { } kind && playbook.Kinds.Contains(kind)) return ByFact(playbook, $"It ended by {Words(kind)}.", text);
        }

        foreach (var playbook in All)
        {
            foreach (var pattern in playbook.Patterns)
            {
                if (pattern.Match(text) is { Success: true } found && !playbook.Unless.Any(unless => unless.IsMatch(text))) return ByText(playbook, found, text);
            }
        }

        foreach (var playbook in All)
        {
            if (evidence.ExitCode is { } code && playbook.ExitCodes.Contains(code)) return ByFact(playbook, $"No text is known, but exit code {code} is.", telling.Value) with { Counted = CountedByText(playbook, telling.Value) };
            if (evidence.Signal is { } signal && playbook.Signals.Contains(signal)) return ByFact(playbook, $"No text is known, but signal {signal} is.", telling.Value) with { Counted = CountedByText(playbook, telling.Value) };
        }

        // An exit code alone is the same for failures of every sort, so only a text is counted.
        var fingerprint = Fingerprint.Of(Secrets.Redact(telling.Value));
        var isKnown = fingerprint.Length > 0;
        return new(FailureClass.Logic, null, isKnown ? fingerprint : Bare(evidence), "No playbook knows it, so it counts as a fault of the work itself.") { Counted = isKnown ? Fingerprint.Name(Unknown, fingerprint) : null };
    }

    private static Classification ByFact(Playbook playbook, string fact, string text) => new(playbook.Class, playbook.Name, playbook.Name, Sentence(fact, playbook))
    {
        RetryAfterSeconds = RetryAfter.Seconds(text),
        RetryAt = RetryAfter.Moment(text),
    };

    private static Classification ByText(Playbook playbook, Match found, string text)
    {
        // It goes into the journal, where every reader of it reads.
        var line = Secrets.Redact(LineAt(text, found.Index));
        var (subject, doubt) = Subject(found);
        return new(playbook.Class, playbook.Name, Fingerprint.Of(line), Sentence($"It says {Identifiers.Quote(Shorten(line))}.", playbook) + doubt)
        {
            Subject = subject,
            Counted = subject is null ? CountedByText(playbook, line) : null,
            RetryAfterSeconds = RetryAfter.Seconds(text),
            RetryAt = RetryAfter.Moment(text),
        };
    }

    // What it is about cannot be told, so where that matters only the same words count as the same.
    private static string? CountedByText(Playbook playbook, string line) =>
        playbook.NamesSubjects && Fingerprint.Of(Secrets.Redact(line)) is { Length: > 0 } fingerprint ? Fingerprint.Name(playbook.Name, fingerprint) : null;

    // What the text names may be anything, a command too: only what looks like a name is taken for one.
    private static (string? Subject, string Doubt) Subject(Match found)
    {
        if (found.Groups["package"] is { Success: true, Value: var package })
        {
            package = package.Trim();
            return package.Length <= LongestSubject && PackageName.IsMatch(package) && !package.Contains("..", StringComparison.Ordinal)
                ? (package, "")
                : (null, $" What it names, {Identifiers.Quote(Shorten(package))}, is no package name, so nothing is made of it.");
        }

        if (found.Groups["port"] is { Success: true, Value: var port })
            return int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 65_536 ? ($"{number}", "") : (null, "");
        if (found.Groups["service"] is { Success: true, Value: var service } && service.Length <= LongestSubject && PackageName.IsMatch(service)) return (service.ToLowerInvariant(), "");
        return (null, "");
    }

    private static string Sentence(string fact, Playbook playbook) => playbook.Says.Length == 0 ? fact : $"{fact} {playbook.Says}";

    private static string Bare(FailureEvidence evidence) =>
        evidence.ExitCode is { } code ? $"exit code {code}" : evidence.Signal is { } signal ? $"signal {signal}" : evidence.Kind is { } kind ? Words(kind) : "nothing was printed";

    private static string LineAt(string text, int index)
    {
        var start = text.LastIndexOf('\n', Math.Max(0, index - 1)) + 1;
        if (start > index) start = index;
        var end = text.IndexOf('\n', index);
        var line = (end < 0 ? text[start..] : text[start..end]).Trim();

        // A pattern may begin with the end of the line before.
        return line.Length > 0 || end < 0 ? line : LineAt(text, end + 1);
    }

    private static string Shorten(string text)
    {
        const int Longest = 200;
        return text.Length > Longest ? $"{text[..Longest]}…" : text;
    }

    private static string Words(FailureKind kind) => kind switch
    {
        FailureKind.TimedOut => "its time limit",
        FailureKind.Stalled => "silence",
        FailureKind.NotStarted => "not being started at all",
        FailureKind.ChecksFailed => "its own checks",
        FailureKind.Signal => "a signal",
        FailureKind.Reported => "its session's word",
        _ => "its exit code",
    };
}
