using System.Text.RegularExpressions;

namespace Slaps.Planning.Tasks;

/// <summary>
/// Checks that the text itself states. A command counts only where commands stand: as code after "run" or "verify", or in a shell block of
/// the acceptance criteria; and only when it looks at things. Words alone are never a command, whatever they order.
/// </summary>
internal static partial class StatedChecks
{
    // Programs that build, test and look; what else a text names may change the world.
    private static readonly HashSet<string> Looking = new(
        ("npm pnpm yarn npx bun deno node jest vitest mocha tsc eslint prettier playwright cypress go gotestsum golangci-lint cargo rustc python python3 pytest tox nox ruff mypy pyright black flake8 pylint uv poetry hatch " +
        "dotnet msbuild mvn gradle ./gradlew ./mvnw make just bazel cmake ctest ninja swift xcodebuild rspec rake bundle phpunit composer mix stack cabal test grep diff jq shellcheck hadolint actionlint markdownlint ajv promtool buf").Split(' '),
        StringComparer.Ordinal);

    // First words of code that is no command: other languages, and methods of HTTP in lower case.
    private static readonly HashSet<string> NoProgram = new(
        "from import def class return select insert update delete create alter function const let var new await async if for while get post put patch and or not is in type interface struct enum null true false".Split(' '), StringComparer.Ordinal);

    /// <summary>A command that a text states as a check; null when it is none, or not safe to run.</summary>
    /// <param name="code">The inside of a code span.</param>
    public static string? Command(string code) => Why(code, anyProgram: false) is null ? Trimmed(code) : null;

    /// <summary>The command in a code span without the mark of a prompt.</summary>
    public static string Trimmed(string code) => code.Trim().TrimStart('$').Trim();

    /// <summary>Whether the span begins with a program that only builds, tests or looks, and says at least one word more, or is a script of the project.</summary>
    public static bool IsKnown(string code)
    {
        var words = Trimmed(code).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var program = Array.Find(words, word => !Assignment().IsMatch(word));
        return program is not null && (program.StartsWith("./", StringComparison.Ordinal) || (words.Length > 1 && Looking.Contains(program)));
    }

    /// <summary>Why the inside of a code span is no check, as the end of a sentence; null when it is one.</summary>
    /// <param name="code">The inside of a code span.</param>
    /// <param name="anyProgram">Whether the text states what comes of it: then it may be a program of the project's own, which nobody here knows.</param>
    public static string? Why(string code, bool anyProgram)
    {
        var command = Trimmed(code);
        if (command.Length is < 2 or > 400) return "it is too short or too long for a command";
        if (Placeholder().IsMatch(command)) return "it holds a placeholder";
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var program = Array.Find(words, word => !Assignment().IsMatch(word));
        if (program is null) return "it names no program";
        if (program is "curl" && anyProgram) return CommandReach.WhyNotAsked(command);
        if (Elsewhere().IsMatch(command)) return "it needs another machine";
        if (Harmful().IsMatch(command)) return "it may change more than it looks at";
        if (Endless().IsMatch(command)) return "it does not end by itself";
        var isOwn = program.StartsWith("./", StringComparison.Ordinal);
        if (!isOwn && !Looking.Contains(program))
        {
            if (!anyProgram) return "it is no program that only builds, tests or looks, and the text states no outcome of it";
            if (CommandReach.IsReaching(program)) return "it reaches beyond the project";
            if (NoProgram.Contains(program) || !OwnProgram().IsMatch(program) || program.Contains("..", StringComparison.Ordinal)) return "it does not begin with the name of a program";
            if (program is "sh" or "bash" or "zsh" && (words.Length < 2 || !ScriptOfProject().IsMatch(words[1]))) return "it is no script of the project";
            if (Metavariable().IsMatch(command)) return "it holds a placeholder";
            isOwn = program.EndsWith(".sh", StringComparison.Ordinal) && program.Contains('/', StringComparison.Ordinal);
        }

        if (CommandReach.Why(command) is { } reach) return reach;
        if (!IsWhole(command, words[Array.IndexOf(words, program)..])) return "it is only a piece of a command";
        return words.Length > 1 || isOwn || program is "make" or "pytest" or "tox" or "jest" or "vitest" or "tsc" ? null : "it is one word, which may be a name";
    }

    // Programs that look at nothing unless they are told at what, with the fewest words they want besides options.
    private static readonly Dictionary<string, int> Operands = new(StringComparer.Ordinal)
    {
        ["mypy"] = 1, ["pylint"] = 1, ["black"] = 1, ["prettier"] = 1, ["eslint"] = 1, ["shellcheck"] = 1, ["hadolint"] = 1, ["markdownlint"] = 1,
        ["python"] = 1, ["python3"] = 1, ["diff"] = 2, ["grep"] = 2, ["jq"] = 2, ["test"] = 2,
        ["npm"] = 1, ["pnpm"] = 1, ["yarn"] = 1, ["bun"] = 1, ["go"] = 1, ["cargo"] = 1, ["dotnet"] = 1, ["uv"] = 1, ["poetry"] = 1, ["bazel"] = 1, ["composer"] = 1, ["mix"] = 1, ["ruff"] = 1,
    };

    // A program, or a word of one, that only starts another program.
    private static readonly HashSet<string> Starters = new("npx bunx uvx run exec bundle uv poetry hatch python python3".Split(' '), StringComparer.Ordinal);

    // "mypy --strict" of "make mypy --strict pass" says how, and not at what: as it stands it only prints how it is used.
    private static bool IsWhole(string command, string[] words)
    {
        if (Unfinished().IsMatch(command) || command.Count(c => c == '"') % 2 != 0 || command.Count(c => c == '\'') % 2 != 0) return false;
        if (words[^1] is "run" or "exec" or "-m") return false;
        for (var at = 0; at < words.Length; at++)
        {
            if (at > 0 && !Starters.Contains(words[at - 1]) && words[at - 1] != "-m") break;
            if (!Operands.TryGetValue(words[at], out var fewest)) continue;
            var given = words.Skip(at + 1).TakeWhile(word => word is not ("&&" or "||" or "|" or ";")).Where((word, i) => !word.StartsWith('-') || (word == "-m" && i == 0)).Count();
            if (given < fewest) return false;
        }

        return true;
    }

    /// <summary>The commands in a sentence: code after "run", "verify with" and their like, unless they are forbidden or only told of.</summary>
    public static IEnumerable<string> In(string marked)
    {
        foreach (Match match in Run().Matches(marked))
        {
            if (!IsForbidden(marked[..match.Index]) && Command(match.Groups["code"].Value) is { } command) yield return command;
        }

        foreach (Match match in Succeeds().Matches(marked))
        {
            if (Command(match.Groups["code"].Value) is { } command) yield return command;
        }
    }

    /// <summary>Whether the words right before an order take it back: "do not run", "when users run".</summary>
    public static bool IsForbidden(string before) => Never().IsMatch(before.Length > 24 ? before[^24..] : before);

    /// <summary>Whether the program only starts another one.</summary>
    public static bool StartsAnother(string program) => Starters.Contains(program) || program is "sudo" or "env" or "time" or "npm" or "pnpm" or "yarn" or "sh" or "bash";

    /// <summary>Whether a line, and what a program prints, may be quoted as it stands.</summary>
    public static bool IsLiteral(string text) => !Placeholder().IsMatch(text) && !Varies().IsMatch(text);

    /// <summary>Why a line of a shell block is no check, as the end of a sentence; null when it may be run.</summary>
    public static string? WhyNotLine(string line) =>
        Placeholder().IsMatch(line) ? "it holds a placeholder"
        : Elsewhere().IsMatch(line) ? "it needs another machine"
        : line.TrimStart().StartsWith("curl ", StringComparison.Ordinal) ? CommandReach.WhyNotAsked(line.Trim())
        : Harmful().IsMatch(line) ? "it may change more than it looks at"
        : Endless().IsMatch(line) ? "it does not end by itself"
        : CommandReach.WhyNotLine(line);

    [GeneratedRegex(@"\brm\s|\bsudo\b|\bmkfs|\bdd\s+if|\bshutdown\b|\breboot\b|\bkill(?:all)?\s|\bgit\s+(?:push|reset|clean|checkout|rebase|commit|tag)\b|\b(?:publish|deploy|release|uninstall|destroy|drop|truncate|prune)\b|\bcurl\b|\bwget\b|\bchmod\b|\bchown\b|>\s*/|\beval\b|\bbase64\b|\bnc\s|\bssh\s|\bscp\s|:\(\)\s*\{|\b--force\b|-delete\b|\b(?:python3?|node|ruby|perl|deno)\s+-(?:c|e)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Harmful();

    // Times, dates, long numbers and hashes are others in the next run.
    [GeneratedRegex(@"\d{1,2}:\d{2}|\d{4}-\d{2}-\d{2}|\d[\d.,]*\s?(?:m?s|seconds?|minutes?|ms|µs)\b|\d{6,}|\b[0-9a-f]{7,}\b|^\s*[#^~|=+*-]*\s*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Varies();

    // An address of another machine; one of the machine itself is none.
    [GeneratedRegex(@"https?://(?:[a-z0-9.-]*[a-z][a-z0-9-]*\.[a-z]|(?:[02-9]|1[013-9]|12[0-689])[0-9.]*\.)|\b[a-z][a-z0-9_-]*@[a-z0-9.-]+:", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Elsewhere();

    [GeneratedRegex(@"\b(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?(?:dev|start|serve|watch|preview)\b|\s--watch(?:All)?\b|\brunserver\b|\b(?:next|vite|nuxt)\s+dev\b|\b(?:ng|hugo|mkdocs|cargo)\s+(?:serve|watch)\b|\bflask\s+run\b|\b(?:uvicorn|gunicorn)\b|\bhttp\.server\b|\bdotnet\s+watch\b|\btail\s+-[a-z]*f\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Endless();

    [GeneratedRegex(@"^(?:[a-z][a-z0-9_+-]*|[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)+)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex OwnProgram();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$|^\./[A-Za-z0-9_./-]+$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ScriptOfProject();

    // "todo add TITLE" and "todo list [options]" say what may stand there.
    [GeneratedRegex(@"\s\[[^\]]*\]|\s[A-Z][A-Z_#]+(?:\s|$)|##", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Metavariable();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*=\S*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Assignment();

    [GeneratedRegex(@"(?:[|&=\\,]|\s-[kmpPt]|--(?:filter|config|project|grep|testNamePattern|workspace))$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"\b(?:run(?:s|ning)?|execut(?:e|es|ing)|verif(?:y|ied)(?: with| by| via| using)?|check(?:ed)?(?: with| by| via| using)|valid(?:ate|ated)(?: with| by| via| using)|test(?:ed)? (?:with|by|via|using)|via|command:)\s*:?\s*(?:the command\s*)?`(?<code>[^`]+)`", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Run();

    [GeneratedRegex(@"`(?<code>[^`]+)`\s*(?:(?:must|should|shall|will|now|still|then)\s+)*(?:be\s+|is\s+|are\s+)?(?:succeed(?:s)?|pass(?:es)?|clean|green|exit(?:s)?(?: with)?(?: code)? 0|returns? 0|work(?:s)? without errors?)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Succeeds();

    [GeneratedRegex(@"\b(?:not|never|don't|do not|instead of|without|when|if|users?|avoid)\s+(?:\w+\s+)?$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Never();

#pragma warning disable MA0009 // These look around, which only the backtracking engine can; what they are given is at most a line of bounded length.
    [GeneratedRegex(@"<[^<>]+>|\{[a-z_ ]+\}|\{\{|…|\.\.\.(?!/|\s*$)|\$\{?[A-Z_]+\b|\bYOUR_|\bxxx\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Placeholder();
#pragma warning restore MA0009
}
