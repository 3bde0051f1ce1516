using System.Globalization;
using System.Text.RegularExpressions;

namespace Slaps.Planning.Tasks;

/// <summary>A command that a criterion names and that is no check.</summary>
/// <param name="Code">The inside of the code span.</param>
/// <param name="Why">Why, as the end of a sentence.</param>
internal sealed record CommandLeft(string Code, string Why);

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
        var printed = -1;
        for (var i = 0; i < spans.Count; i++)
        {
            // What a command is to print is no command.
            if (spans[i].Index < printed) continue;
            var code = spans[i].Groups["code"].Value;
            var before = line[(i == 0 ? 0 : spans[i - 1].Index + spans[i - 1].Length)..spans[i].Index];
            var isFirst = i == 0;

            // "`a` and `b` pass": what comes of the last comes of all of them.
            var last = i;
            while (last + 1 < spans.Count && Joins().IsMatch(line[(spans[last].Index + spans[last].Length)..spans[last + 1].Index])) last++;
            var rest = line[(spans[last].Index + spans[last].Length)..];
            var outcome = OutcomeOf(rest, out var length);
            var isSubject = IsSubject(before, isFirst) || (!isFirst && Joins().IsMatch(before) && IsSubject(line[..spans[0].Index], isFirst: true));
            var order = Ordered().Match(before);
            var isOrdered = order.Success && !StatedChecks.IsForbidden(before[..order.Index]);
            var isAlone = isCriterion && (isSubject || isOrdered) && outcome is null && Alone().IsMatch(rest);
            if (outcome is { } stated && (isSubject || isOrdered))
            {
                printed = spans[last].Index + spans[last].Length + length;
                if (Take(code, stated, isCriterion, out var why) is { } check) checks.Add(check);
                else if (isCriterion) Leave(code, why!);
            }
            else if (isAlone)
            {
                if (Take(code, new Outcome(0, null, ""), isCriterion, out var why) is { } check) checks.Add(check);
                else Leave(code, why!);
            }
            else if (isCriterion && (order.Success || outcome is not null || StatedChecks.IsKnown(code)) && LooksLikeCommand(code))
            {
                // Elsewhere in a sentence only the programs that are known to look count, and only where nothing is to fail.
                var known = StatedChecks.In(line).Contains(StatedChecks.Trimmed(code), StringComparer.Ordinal) && !Fails().IsMatch(line);
                if (known && StatedCheck.Of(StatedChecks.Trimmed(code), 0, null) is { } check) checks.Add(check);
                else Leave(code, StatedChecks.Why(code, anyProgram: true) ?? (Scenario().IsMatch(line)
                    ? "it is a step of a scenario, and what has to be there before is told in words"
                    : "the sentence only names it, or tells in words what is to come of it"));
            }
        }

        return checks.Count + left.Count == 0 ? CommandsFound.None : new CommandsFound([.. checks.DistinctBy(c => c.Words)], left);

        void Leave(string code, string why)
        {
            if (!left.Exists(l => l.Code == code)) left.Add(new CommandLeft(code, why));
        }
    }

    private readonly record struct Outcome(int? Exit, string? Prints, string Condition);

    private StatedCheck? Take(string code, Outcome stated, bool isCriterion, out string? why)
    {
        var isKnown = StatedChecks.Why(code, anyProgram: false) is null;
        why = isKnown ? null : StatedChecks.Why(code, anyProgram: true);
        if (why is null && !isKnown && FragmentOf(code)) why = "it is only a piece of a command: elsewhere the text writes another program before it";
        if (why is null && stated.Condition.Length > 0 && !(isKnown && stated is { Exit: 0, Prints: null })) why = "what comes of it depends on what the text tells in words";
        if (why is null && !isKnown && !isCriterion && stated is { Exit: 0, Prints: null } && !HelpOption().IsMatch(code) && !code.Contains('/', StringComparison.Ordinal)) why = "it is not stated as a criterion";

        // What a server answers is no exit code; with -f, curl fails at every answer that is none of success.
        var exit = stated.Exit;
        if (why is null && exit >= 100)
        {
            if (exit == 200 && AsksAndFails().IsMatch(code)) exit = 0;
            else why = "what it is to answer is no exit code";
        }

        if (why is not null) return null;
        var check = StatedCheck.Of(StatedChecks.Trimmed(code), exit, stated.Prints);
        if (check is null) why = "only a shell can read it, and it is to do more than to succeed";
        return check;
    }

    // What stands behind a command, as far as it says what comes of it; null when it says nothing of that kind.
    private static Outcome? OutcomeOf(string rest, out int length)
    {
        length = 0;
        var at = 0;
        int? exit = null;
        string? prints = null;
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
            else if (Prints().Match(text) is { Success: true } says && prints is null)
            {
                prints = says.Groups["text"].Value.Trim();
                if (prints.Length is 0 or > 300 || !StatedChecks.IsLiteral(prints)) return null;
                at += says.Length;
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

        if (!any) return null;
        length = at;
        var tail = EndOfSentence().Match(rest, at) is { Success: true } end ? rest[at..end.Index] : rest[at..];
        return new Outcome(exit, prints, Condition().Match(tail) is { Success: true } found ? found.Value : "");
    }

    private static bool IsSubject(string before, bool isFirst) => isFirst ? Opening().IsMatch(before) : AfterSentence().IsMatch(before);

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
    [GeneratedRegex(@"^\W*(?:\[[ xX]\]\s*)?(?:[*_]*(?:[A-Z]{1,6}-?\d{1,5}|\d{1,3})[*_]*\s*[:.)—–-]?\s*)?(?:[*_]*(?:verify|verification|verified by|check|checks?|command|acceptance|acceptance check|done when|test|tests|proof|cli|build|lint|success|smoke test|expected|criterion|independent test)[*_]*\s*[:—–-]\s*[*_]*\s*)?(?:verify\s+(?:that\s+)?|check\s+that\s+|ensure\s+(?:that\s+)?|confirm\s+(?:that\s+)?|assert\s+(?:that\s+)?)?(?:that\s+)?(?:the\s+)?(?:command\s+)?(?:running|executing|invoking|calling)?\s*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Opening();

    [GeneratedRegex(@"(?:[.;:]\s+|,\s+and\s+|^\s*;\s*)(?:running\s+|the\s+command\s+)?$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex AfterSentence();

    [GeneratedRegex(@"\b(?:run(?:s|ning)?|execute|verify(?: with| by| via| using| that)?|verified (?:with|by|via|using)|check (?:with|by|via|using|that)|validate (?:with|by|via|using)|test(?:ed)? (?:with|by|via|using)|command:)\s*:?\s*(?:running\s+)?(?:the command\s*)?$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Ordered();

    [GeneratedRegex(@"^\s*(?:[.;,]?\s*$|[.;]\s|\([^()]{0,120}\)\s*[.;]?\s*$|[—–#]\s|-\s)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Alone();

    private const string Then = @"^\s*(?:,\s*)?(?:and\s+|→\s*|->\s*|=>\s*|—\s*|–\s*|:\s*)?(?:(?:it|which)\s+)?(?:(?:must|should|shall|will|then|now|still|also|always|cleanly|successfully|correctly|immediately)\s+)*";

    [GeneratedRegex(Then + @"(?:(?:exits?|returns?|ends?|finish(?:es)?|terminates?|fails?|completes?)\s+(?:with\s+)?(?:an?\s+)?(?:exit\s+)?(?:code\s+|status\s+)?(?:code\s+)?(?:of\s+)?(?:(?<zero>0\b|zero\b|`0`|successfully)|(?<code>non-?\s?zero\b|`?\d{1,3}`?(?![\w.%])))(?:\s+exit)?(?:\s+(?:code|status))?(?!\s+\p{L}+s\b)|exit\s+(?:code\s+|status\s+)?(?:(?<zero>0\b)|(?<code>\d{1,3}\b|non-?zero\b))|(?<fails>fails?)(?=\s*(?:[.;,]|$|and\b)))", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Exits();

    [GeneratedRegex(Then + @"(?:prints?|outputs?|shows?|displays?|reports?|returns?|says|echoes)\s+(?:(?:exactly|only|out|the|a|an|line|text|string|message|error|output|word|usage|single|literal|containing|with|on\s+(?:stdout|stderr|standard\s+(?:output|error)))\s+)*(?:`(?<text>[^`]+)`|""(?<text>[^""]+)""|“(?<text>[^”]+)”)(?:\s+(?:to|on)\s+(?:stdout|stderr|standard\s+(?:output|error)|the\s+(?:terminal|console|screen)))?", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Prints();

    [GeneratedRegex(Then + @"(?:prints?|outputs?|shows?|displays?)\s+(?:its\s+|the\s+|a\s+)?(?:usage|help|version)(?:\s+(?:text|message|information|info|screen|number|line|string))?(?=\s*(?:[.;,]|$|and\b))", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Usage();

    [GeneratedRegex(Then + @"(?:(?:be|is|are|stays?|remains?|comes?\s+back|reports?)\s+)?(?:all\s+)?(?:succeeds?|pass(?:es)?|completes?|green|clean|runs?\s+(?:cleanly|clean|green|through|without\s+errors?)|works?(?=\s*(?:[.;,]|$|and\b|without\b))(?:\s+without\s+errors?)?|builds?(?=\s*(?:[.;,]|$|and\b|without\b|success))|compiles?)\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Passes();

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
