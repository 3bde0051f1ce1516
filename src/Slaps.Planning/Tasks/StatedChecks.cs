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

    /// <summary>A command that a text states as a check; null when it is none, or not safe to run.</summary>
    /// <param name="code">The inside of a code span.</param>
    public static string? Command(string code)
    {
        var command = code.Trim().TrimStart('$').Trim();
        if (command.Length is < 2 or > 400 || Placeholder().IsMatch(command) || Harmful().IsMatch(command)) return null;
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var program = words.FirstOrDefault(word => !Assignment().IsMatch(word));
        if (program is null || (!Looking.Contains(program) && !program.StartsWith("./", StringComparison.Ordinal))) return null;
        if (!IsWhole(command, words[Array.IndexOf(words, program)..])) return null;
        return words.Length > 1 || program is "make" or "pytest" or "tox" or "jest" or "vitest" or "tsc" || program.StartsWith("./", StringComparison.Ordinal) ? command : null;
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
            if (!Never().IsMatch(marked[Math.Max(0, match.Index - 24)..match.Index]) && Command(match.Groups["code"].Value) is { } command) yield return command;
        }

        foreach (Match match in Succeeds().Matches(marked))
        {
            if (Command(match.Groups["code"].Value) is { } command) yield return command;
        }
    }

    /// <summary>A shell block below acceptance criteria as a script; null when a line of it is a placeholder or may do harm.</summary>
    public static string? Script(string code)
    {
        var lines = code.Split('\n').Select(l => l.TrimEnd()).Where(l => l.Trim().Length > 0 && !l.TrimStart().StartsWith('#')).ToList();
        if (lines.Any(l => l.StartsWith("$ ", StringComparison.Ordinal))) lines = [.. lines.Where(l => l.StartsWith("$ ", StringComparison.Ordinal)).Select(l => l[2..])];
        if (lines.Count is 0 or > 40) return null;
        return lines.Any(l => Placeholder().IsMatch(l) || Harmful().IsMatch(l)) ? null : string.Join('\n', lines);
    }

    [GeneratedRegex(@"\brm\s|\bsudo\b|\bmkfs|\bdd\s+if|\bshutdown\b|\breboot\b|\bkill(?:all)?\s|\bgit\s+(?:push|reset|clean|checkout|rebase|commit|tag)\b|\b(?:publish|deploy|release|uninstall|destroy|drop|truncate|prune)\b|\bcurl\b|\bwget\b|\bchmod\b|\bchown\b|>\s*/|\beval\b|\bbase64\b|\bnc\s|\bssh\s|\bscp\s|:\(\)\s*\{|\b--force\b|-delete\b|\b(?:python3?|node|ruby|perl|deno)\s+-(?:c|e)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Harmful();

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
