using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Slaps.Core.Diagnostics;

namespace Slaps.Planning.Tasks;

/// <summary>A command that a criterion names and that is no check.</summary>
/// <param name="Code">The inside of the code span.</param>
/// <param name="Why">Why, as the end of a sentence.</param>
internal sealed record CommandLeft(string Code, string Why)
{
    /// <summary>Whether it is no command, but what a criterion says beside those that are run.</summary>
    public bool IsRest { get; init; }
}

/// <summary>What was found of commands in a criterion.</summary>
internal sealed record CommandsFound(IReadOnlyList<StatedCheck> Checks, IReadOnlyList<CommandLeft> Left)
{
    /// <summary>Neither a check nor anything that looks like one.</summary>
    public static CommandsFound None { get; } = new([], []);
}

/// <summary>
/// Reads criteria that are commands: "`npm test` passes", "Verify: `curl -sf http://localhost:8080/healthz`", "`todo --bad` exits with 2",
/// "`todo list` prints `No tasks`". The command has to be what the sentence is about; one that is only named in it is no check.
/// </summary>
/// <param name="document">The lines of the whole document, by which a part of a longer command is known as one.</param>
internal sealed partial class CriterionCommands(IReadOnlyList<string> document)
{
    private const int LongestLine = 4_000;
    private const int MostSpans = 40;
    private const int MostLines = 20_000;
    private const int MostPrinted = 8;

    private static readonly SearchValues<char> PatternMarks = SearchValues.Create("*?[]{}");

    private HashSet<string>? _followers;

    /// <summary>The commands of a criterion with the outcome that the text states for each, and those that are left with the reason.</summary>
    /// <param name="marked">The criterion with its marks, on one line.</param>
    /// <param name="isCriterion">Whether it stands where criteria stand: then a command alone is one, and what is left is told.</param>
    public CommandsFound Read(string marked, bool isCriterion)
    {
        if (!marked.Contains('`', StringComparison.Ordinal)) return CommandsFound.None;
        var line = marked.Length > LongestLine ? marked[..LongestLine] : marked;
        var spans = Span().Matches(line).Take(MostSpans).ToList();
        var checks = new List<StatedCheck>();
        var left = new List<CommandLeft>();
        var told = new StringBuilder(line);
        var (ended, after) = (0, 0);
        for (var i = 0; i < spans.Count; i++)
        {
            // What a command is to print is no command.
            if (spans[i].Index < ended) continue;

            // "`a` and `b` pass": what comes of the last comes of all of them, and what orders the first orders all of them.
            var first = i;
            while (i + 1 < spans.Count && Joins().IsMatch(line[End(spans[i])..spans[i + 1].Index])) i++;
            var isNext = ended > 0 && ended >= after;
            var from = Math.Max(ended, after);
            var before = line[from..spans[first].Index];
            after = End(spans[i]);
            var rest = line[after..];
            var opening = first == 0 ? Opening().Match(before) : AfterSentence().Match(before);
            if (!opening.Success && isNext) opening = Joins().Match(before);
            var order = Ordered().Match(before);
            var isOrdered = order.Success && !StatedChecks.IsForbidden(before[..order.Index]);
            var isStated = opening.Success || isOrdered;
            var begins = opening.Success ? from + opening.Index : isOrdered ? from + (Opening().IsMatch(before[..order.Index]) ? 0 : order.Index) : spans[first].Index;
            if (isCriterion && opening.Success && first == i && LookedAt(line, spans[i], out var looked, out var end) is { } path)
            {
                ended = end;
                if (looked is null) Leave(path, "what comes of it depends on what the text tells in words, or cannot be looked up");
                else Take(looked, begins, end);
                continue;
            }

            var outcome = OutcomeOf(rest, out var length);
            var isAlone = isCriterion && isStated && outcome is null && Alone().IsMatch(rest);
            foreach (var span in spans[first..(i + 1)])
            {
                var code = span.Groups["code"].Value;
                if (isStated && outcome is { } stated)
                {
                    ended = after + length;
                    if (Checked(code, stated, isCriterion, out var why) is { } check) Take(check, begins, ended);
                    else if (isCriterion) Leave(code, why!);
                }
                else if (isAlone)
                {
                    if (Checked(code, Outcome.Success, isCriterion, out var why) is { } check) Take(check, begins, after);
                    else Leave(code, why!);
                }
                else if (isCriterion && (order.Success || outcome is not null || StatedChecks.IsKnown(code)) && LooksLikeCommand(code))
                {
                    // Elsewhere in a sentence only the programs that are known to look count, and only where nothing is to fail or to be there before.
                    var isKnown = StatedChecks.In(line).Contains(StatedChecks.Trimmed(code), StringComparer.Ordinal) && !Fails().IsMatch(line) && !Beforehand().IsMatch(before);
                    if (isKnown && StatedCheck.Of(StatedChecks.Trimmed(code), 0, []) is { } check) Take(check, span.Index, End(span));
                    else Leave(code, StatedChecks.Why(code, anyProgram: true) ?? (Scenario().IsMatch(line)
                        ? "it is a step of a scenario, and what has to be there before is told in words"
                        : "the sentence only names it, or tells in words what is to come of it"));
                }
            }
        }

        if (checks.Count + left.Count == 0) return CommandsFound.None;
        var more = Fluff().Replace(told.ToString(), " ");
        var isWhole = left.Count == 0 && marked.Length == line.Length && !more.Any(char.IsLetterOrDigit);
        if (isCriterion && !isWhole && left.Count == 0) left.Add(new CommandLeft(Connecting().Replace(Reading.Words.Plain(told.ToString()), "").TrimEnd(' ', ',', ';', '.', ':'), "no command of the criterion shows it") { IsRest = true });
        return new CommandsFound([.. checks.DistinctBy(c => c.Words).Select(c => c with { Covers = isWhole ? Reading.Words.Plain(marked) : "" })], left);

        // What is checked is told no more; what remains of the criterion is what nobody checks.
        void Take(StatedCheck check, int begins, int ends)
        {
            checks.Add(check);
            for (var at = begins; at < ends; at++) told[at] = ' ';
        }

        void Leave(string code, string why)
        {
            if (!left.Exists(l => l.Code == code)) left.Add(new CommandLeft(code, why));
        }
    }

    private static int End(Match match) => match.Index + match.Length;

    private readonly record struct Outcome(int? Exit, IReadOnlyList<string> Prints, bool IsError, string Condition)
    {
        public static Outcome Success { get; } = new(0, [], IsError: false, "");

        public bool IsSuccess => Exit is 0 && Prints.Count == 0;
    }

    // "`data/todo.csv` exists", "… contains `milk`", "`out/report.json` has `$.count` = 3": a look at a file of the project.
    private static string? LookedAt(string line, Match span, out StatedCheck? looked, out int end)
    {
        looked = null;
        end = 0;
        var code = span.Groups["code"].Value;
        if (FileSays().Match(line, span.Index) is not { Success: true } says || says.Index != span.Index) return null;
        if (Mentions.PathOf(code) is not { } path || path.AsSpan().ContainsAny(PatternMarks) || !StatedChecks.IsLiteral(path)) return null;
        end = End(says);
        var tail = EndOfSentence().Match(line, end) is { Success: true } stop ? line[end..stop.Index] : line[end..];
        if (Condition().IsMatch(tail)) return path;
        var form = $"`{path}` exists";
        if (says.Groups["text"] is { Success: true } text) form = StatedChecks.IsLiteral(text.Value) ? $"`{path}` contains `{text.Value}`" : "";
        if (says.Groups["query"] is { Success: true } query) form = $"`{path}` has `{query.Value}`{(says.Groups["value"] is { Success: true } value ? $" = `{value.Value.Trim('`')}`" : "")}";
        if (form.Length > 0 && CheckForms.Read("", new CheckSource(form, 0, IsBlock: false), new SpecificationReport("", new DiagnosticBag())) is { } check) looked = new StatedCheck(code, form, check);
        return path;
    }

    private StatedCheck? Checked(string code, Outcome stated, bool isCriterion, out string? why)
    {
        var isKnown = StatedChecks.Why(code, anyProgram: false) is null;
        why = isKnown ? null : StatedChecks.Why(code, anyProgram: true);
        if (why is null && !isKnown && FragmentOf(code)) why = "it is only a piece of a command: elsewhere the text writes another program before it";
        if (why is null && stated.Condition.Length > 0 && !(isKnown && stated.IsSuccess)) why = "what comes of it depends on what the text tells in words";
        if (why is null && !isKnown && !isCriterion && stated.IsSuccess && !HelpOption().IsMatch(code) && !code.Contains('/', StringComparison.Ordinal)) why = "it is not stated as a criterion";

        // What a server answers is no exit code; with -f, curl fails at every answer that is none of success.
        var exit = stated.Exit;
        if (why is null && exit >= 100)
        {
            if (exit == 200 && AsksAndFails().IsMatch(code)) exit = 0;
            else why = "what it is to answer is no exit code";
        }

        if (why is not null) return null;
        var check = StatedCheck.Of(StatedChecks.Trimmed(code), exit, stated.Prints, stated.IsError);
        if (check is null) why = "only a shell can read it, and it is to do more than to succeed";
        return check;
    }

    // What stands behind a command, as far as it says what comes of it; null when it says nothing of that kind.
    private static Outcome? OutcomeOf(string rest, out int length)
    {
        length = 0;
        var at = 0;
        int? exit = null;
        var prints = new List<string>();
        var isError = false;
        var any = false;
        while (at < rest.Length)
        {
            var text = rest[at..];
            if (Exits().Match(text) is { Success: true } exits)
            {
                var code = exits.Groups["code"].Value;
                exit = exits.Groups["zero"].Success ? 0 : exits.Groups["fails"].Success || !char.IsDigit(code.TrimStart('`')[0]) ? -1 : int.Parse(code.Trim('`'), NumberStyles.None, CultureInfo.InvariantCulture);
                at += exits.Length;
            }
            else if (Prints().Match(text) is { Success: true } says && prints.Count == 0)
            {
                var printed = says.Groups["text"];
                if (!IsPrinted(printed.Value)) return null;
                prints.Add(printed.Value.Trim());
                isError = Error().IsMatch(says.Value.Remove(printed.Index - says.Index, printed.Length));
                at += says.Length;
            }
            else if (prints.Count is > 0 and < MostPrinted && AlsoPrints().Match(text) is { Success: true } also && IsPrinted(also.Groups["text"].Value) && !StatedChecks.IsKnown(also.Groups["text"].Value) && !Does().IsMatch(text[also.Length..]))
            {
                prints.Add(also.Groups["text"].Value.Trim());
                at += also.Length;
            }
            else if (Usage().Match(text) is { Success: true } usage)
            {
                exit ??= 0;
                at += usage.Length;
            }
            else if (Passes().Match(text) is { Success: true } passes)
            {
                exit ??= 0;
                at += passes.Length;
            }
            else
            {
                break;
            }

            any = true;
        }

        // "prints `a` or `b`" and "prints `3` lines" state another thing than what stands in the ticks.
        if (!any || (prints.Count > 0 && Otherwise().IsMatch(rest[at..]))) return null;
        length = at;
        var tail = EndOfSentence().Match(rest, at) is { Success: true } end ? rest[at..end.Index] : rest[at..];
        return new Outcome(exit, prints, isError, Condition().Match(tail) is { Success: true } found ? found.Value : "");
    }

    private static bool IsPrinted(string text) => text.Trim().Length is > 0 and <= 300 && StatedChecks.IsLiteral(text);

    private bool LooksLikeCommand(string code) => StatedChecks.IsKnown(code) || (StatedChecks.Why(code, anyProgram: true) is null && !FragmentOf(code));

    // "doctor tools" where the text writes "kit doctor tools" elsewhere.
    private bool FragmentOf(string code)
    {
        _followers ??= Followers();
        return _followers.Contains(StatedChecks.Trimmed(code).Split(' ', 2)[0]);
    }

    private HashSet<string> Followers()
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in document.Take(MostLines))
        {
            if (line.Length > LongestLine) continue;
            foreach (Match span in Span().Matches(line)) Add(span.Groups["code"].Value);
            if (line.TrimStart().StartsWith("$ ", StringComparison.Ordinal)) Add(line);
        }

        return found;

        void Add(string code)
        {
            var words = StatedChecks.Trimmed(code).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !PlainWord().IsMatch(words[0]) || StatedChecks.StartsAnother(words[0])) return;
            foreach (var word in words.Skip(1).Take(2).TakeWhile(word => PlainWord().IsMatch(word))) found.Add(word);
        }
    }

    [GeneratedRegex(@"(?<!`)`(?<code>[^`]+)`(?!`)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Span();

    [GeneratedRegex(@"^\s*(?:,\s*(?:and\s+)?|and\s+|&\s*|\+\s*)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Joins();

    // Nothing, a number, a label, or words that only say that a command follows.
    [GeneratedRegex(@"^\W*(?:\[[ xX]\]\s*)?(?:[*_]*(?:[A-Z]{1,6}-?\d{1,5}|\d{1,3})[*_]*\s*[:.)—–-]?\s*)?(?:[*_]*(?:verify|verification|verified by|check|checks?|command|acceptance|acceptance check|done when|test|tests|proof|cli|build|lint|success|smoke test|expected|criterion|independent test)[*_]*\s*[:—–-]\s*[*_]*\s*)?(?:verify\s+(?:that\s+)?|check\s+that\s+|ensure\s+(?:that\s+)?|confirm\s+(?:that\s+)?|assert\s+(?:that\s+)?)?(?:that\s+)?(?:the\s+)?(?:(?:command|file|folder|directory)\s+)?(?:running|executing|invoking|calling)?\s*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Opening();

    [GeneratedRegex(@"(?:[.;:]\s+|,\s+and\s+|^\s*;\s*)(?:running\s+|the\s+command\s+)?$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex AfterSentence();

    [GeneratedRegex(@"\b(?:run(?:s|ning)?|execute|verify(?: with| by| via| using| that)?|verified (?:with|by|via|using)|check (?:with|by|via|using|that)|validate (?:with|by|via|using)|test(?:ed)? (?:with|by|via|using)|command:)\s*:?\s*(?:running\s+)?(?:the command\s*)?$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Ordered();

    [GeneratedRegex(@"^\s*(?:[.;,]?\s*$|[.;]\s|\([^()]{0,120}\)\s*[.;]?\s*$|[—–#]\s|-\s)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Alone();

    private const string Then = @"^\s*(?:[,;]\s*)?(?:and\s+|→\s*|->\s*|=>\s*|—\s*|–\s*|:\s*)?(?:(?:it|which|both|all|each)\s+)?(?:(?:must|should|shall|will|then|now|still|also|always|cleanly|successfully|correctly|immediately)\s+)*";

    [GeneratedRegex(Then + @"(?:(?:exits?|returns?|ends?|finish(?:es)?|terminates?|fails?|completes?)\s+(?:with\s+)?(?:an?\s+)?(?:exit\s+)?(?:code\s+|status\s+)?(?:code\s+)?(?:of\s+)?(?:(?<zero>0\b|zero\b|`0`|successfully)|(?<code>non-?\s?zero\b|`?\d{1,3}`?(?![\w.%])))(?:\s+exit)?(?:\s+(?:code|status))?(?!\s+\p{L}+s\b)|exit\s+(?:code\s+|status\s+)?(?:(?<zero>0\b)|(?<code>\d{1,3}\b|non-?zero\b))|(?<fails>fails?)(?=\s*(?:[.;,]|$|and\b)))", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Exits();

    [GeneratedRegex(Then + @"(?:prints?|outputs?|shows?|displays?|reports?|returns?|says|echoes)\s+(?:(?:exactly|only|out|the|a|an|line|text|string|message|error|output|word|usage|single|literal|containing|with|on\s+(?:stdout|stderr|standard\s+(?:output|error)))\s+)*(?:`(?<text>[^`]+)`|""(?<text>[^""]+)""|“(?<text>[^”]+)”)(?:\s+(?:to|on)\s+(?:stdout|stderr|standard\s+(?:output|error)|the\s+(?:terminal|console|screen)))?", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Prints();

    [GeneratedRegex(Then + @"(?:prints?|outputs?|shows?|displays?)\s+(?:its\s+|the\s+|a\s+)?(?:usage|help|version)(?:\s+(?:text|message|information|info|screen|number|line|string))?(?=\s*(?:[.;,]|$|and\b))", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Usage();

    [GeneratedRegex(Then + @"(?:(?:be|is|are|stays?|remains?|comes?\s+back|reports?)\s+)?(?:all\s+)?(?:succeeds?|pass(?:es)?|completes?|green|clean|runs?\s+(?:cleanly|clean|green|through|without\s+errors?)|works?(?=\s*(?:[.;,]|$|and\b|without\b))(?:\s+without\s+errors?)?|builds?(?=\s*(?:[.;,]|$|and\b|without\b|success))|compiles?)\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Passes();

    [GeneratedRegex(@"^\s*(?:,\s*(?:and\s+)?|and\s+)(?:(?:then|also|the|a|line|text)\s+)*`(?<text>[^`]+)`", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex AlsoPrints();

    // What stands right behind a command, and behind nothing that is printed.
    [GeneratedRegex(@"^\s+(?:(?:must|should|shall|will|then|now|still|also)\s+)*(?:exits?|returns?|ends?|fails?|prints?|outputs?|shows?|displays?|reports?|says|passes|succeeds?|completes?|works?|runs?|contains?|exists?|has|is|are)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Does();

    [GeneratedRegex(@"^\s*(?:,\s*)?(?:or|and/or)\b|^\s+(?:(?:[a-z]+\s+)?(?:lines?|rows?|entries|items?|times|columns?|bytes|characters|words)|times?|tasks?|files?|results?)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Otherwise();

    [GeneratedRegex(@"\b(?:error|stderr)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Error();

    // "After importing the file twice, `ledger count` passes": nobody brings that about before the command is run.
    [GeneratedRegex(@"^\W*(?:\[[ xX]\]\s*)?(?:after|when|once|given|if|with|while|before|without)\b|[.;,:]\s+(?:after|when|once|given|if|while|before)\b[^.;]*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Beforehand();

    [GeneratedRegex(@"^(?:[\s,;.:]|and\b)+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Connecting();

    // Words around a check that say nothing beyond it.
    [GeneratedRegex(@"\b(?:and|both|all|too|also|as\s+well|then)\b|\(all\s+[a-z]+\)|^\W*\[[ xX]\]", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Fluff();

    [GeneratedRegex(@"`[^`]+`\s+(?:(?:must|should|shall|will|then|now|still|also)\s+)*(?:exists?|contains?\s+(?:the\s+)?(?:(?:text|line|word)\s+)?(?:`(?<text>[^`]+)`|""(?<text>[^""`]+)"")|has\s+`(?<query>\$[^`]*)`(?:\s*(?:=|equal\s+to|set\s+to)\s*(?<value>`[^`]+`|""[^""`]*""|-?\d+(?:\.\d+)?|true|false|null))?)(?=\s*(?:[.;,](?:\s|$)|$|and\b|(?:when|if|unless|after|before|while|until|once|for|where|except|without|with|on|from|in|as)\b))", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex FileSays();

    [GeneratedRegex(@"[.;](?:\s|$)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex EndOfSentence();

    [GeneratedRegex(@"\b(?:when|if|unless|after|before|while|until|once|given|for|where|under|except|without|against|with|on|from|in|inside|outside|as long as)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Condition();

    [GeneratedRegex(@"\b(?:given|when|then)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Scenario();

    [GeneratedRegex(@"\b(?:fail(?:s|ed|ure|ures)?|errors? (?:out|is|are)|non-?zero|reject(?:s|ed)?|refus(?:es|ed)|exit(?:s)?(?: with)?(?: code)? [1-9])\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Fails();

    [GeneratedRegex(@"^\$?\s*curl\b.*\s(?:-[a-zA-Z]*f|--fail)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AsksAndFails();

    [GeneratedRegex(@"\s(?:--help|--version|-h|-V)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex HelpOption();

    [GeneratedRegex(@"^[a-z][a-z0-9_-]*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex PlainWord();
}
