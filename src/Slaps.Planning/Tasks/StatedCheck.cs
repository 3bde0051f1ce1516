using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Slaps.Core.Plans;

namespace Slaps.Planning.Tasks;

/// <summary>What a text states as a proof of the work, and a machine can look at.</summary>
/// <param name="Code">The command or path as the text has it, or the whole block.</param>
/// <param name="Words">What has to come of it, in words: <c>`todo --bad` exits with 2</c>.</param>
/// <param name="Check">What is run or looked at, without an id; it passes exactly when that has come of it.</param>
public sealed partial record StatedCheck(string Code, string Words, AcceptanceCheck Check)
{
    /// <summary>Whether it is a block of commands.</summary>
    public bool IsBlock { get; init; }

    /// <summary>The criterion without its marks where the checks that were made of it cover all of it; empty where it says more than they look at.</summary>
    public string Covers { get; init; } = "";

    // What a shell answers when there is no such program: that is no answer of the program, whatever exit code is wanted.
    private const int NotRun = 126;

    /// <summary>
    /// A command that has to exit with a code, to print texts, or both. Where the text states no code, it has to succeed. Standard output is
    /// looked at, and standard error beside it only where an error is stated. What is quoted is data: no shell reads it.
    /// </summary>
    /// <param name="command">One command.</param>
    /// <param name="exit">The exit code; -1 for any but 0; null when the text states none.</param>
    /// <param name="prints">What its output has to contain, each on the bounds of words; empty for nothing in particular.</param>
    /// <param name="isError">Whether the text calls what is printed an error: then any exit code of the program will do, unless one is stated.</param>
    /// <returns>The check; null when only a shell can read the command, and what is stated is more than that it succeeds.</returns>
    public static StatedCheck? Of(string command, int? exit, IReadOnlyList<string> prints, bool isError = false)
    {
        var wanted = exit ?? (isError ? null : 0);
        if (prints.Count == 0 && exit is null or 0) return new StatedCheck(command, $"`{command}` exits with 0", Running(ShellText.ToRun(command, ProcessContext.Default)));
        if (ShellText.ToRun(command, ProcessContext.Default) is not RunSpec.Process process) return null;

        var script = new StringBuilder("set -eu\n");
        var line = string.Join(' ', process.Argv.Select(Quoted));
        var streams = isError || wanted is not 0 ? " 2>&1" : "";
        script.Append(prints.Count > 0 ? $"code=0; output=$({line}{streams}) || code=$?\n{Shown}" : $"code=0; {line} || code=$?\n");
        script.Append(wanted switch
        {
            null => string.Create(CultureInfo.InvariantCulture, $"test \"$code\" -lt {NotRun}\n"),
            -1 => string.Create(CultureInfo.InvariantCulture, $"test \"$code\" -ne 0; test \"$code\" -lt {NotRun}\n"),
            { } code => string.Create(CultureInfo.InvariantCulture, $"test \"$code\" -eq {code}\n"),
        });
        foreach (var text in prints) script.Append(Contains(text)).Append('\n');
        return new StatedCheck(command, Stated(command, wanted, prints), Running(new RunSpec.Shell(script.ToString(), ProcessContext.Default)));
    }

    /// <summary>
    /// A shell block below acceptance criteria: its lines after a prompt, or all of them, with what stands below each as what it has to print.
    /// </summary>
    /// <param name="code">The inside of the fence.</param>
    /// <param name="why">Why it is no check, as the end of a sentence; null when it is one.</param>
    public static StatedCheck? OfBlock(string code, out string? why)
    {
        var lines = code.Split('\n').Select(l => l.TrimEnd()).Where(l => l.Trim().Length > 0).ToList();
        var isSession = lines.Exists(IsPrompt);
        var commands = (isSession ? lines.Where(IsPrompt).Select(l => l.TrimStart()[2..].Trim()) : lines).Where(l => !l.TrimStart().StartsWith('#')).ToList();
        why = commands.Count switch { 0 => "it holds no command", > 40 => "it has more than 40 lines", _ => commands.Select(StatedChecks.WhyNotLine).FirstOrDefault(reason => reason is not null) };
        if (why is not null) return null;
        var script = isSession ? Session(lines) : string.Join('\n', commands);
        return new StatedCheck(code.Trim('\n'), commands.Count == 1 ? $"`{commands[0]}` does what the block shows" : $"the {commands.Count} commands of the block do what it shows", Running(ShellText.ToRun(script, ProcessContext.Default))) { IsBlock = true };
    }

    private static bool IsPrompt(string line) => line.TrimStart().StartsWith("$ ", StringComparison.Ordinal);

    // "$ todo list" and below it "No tasks": the output has to contain each line that is the same in every run.
    private static string Session(List<string> lines)
    {
        var script = new List<string>();
        for (var i = 0; i < lines.Count; i++)
        {
            if (!IsPrompt(lines[i])) continue;
            var command = lines[i].TrimStart()[2..].Trim();
            if (command.StartsWith('#')) continue;
            var printed = lines.Skip(i + 1).TakeWhile(l => !IsPrompt(l)).Where(StatedChecks.IsLiteral).Select(l => l.Trim()).Take(5).ToList();
            if (printed.Count == 0 || ShellText.ToRun(command, ProcessContext.Default) is not RunSpec.Process)
            {
                script.Add(command);
                continue;
            }

            // A terminal shows both streams and no exit code: only what reads as a complaint may come from a command that failed.
            script.Add(printed.Exists(Complains().IsMatch) ? $"output=$({command} 2>&1) || test $? -lt {NotRun.ToString(CultureInfo.InvariantCulture)}" : $"output=$({command})");
            script.Add(Shown.TrimEnd('\n'));
            script.AddRange(printed.Select(Contains));
        }

        return string.Join('\n', script);
    }

    // Whoever reads why the check failed sees what there was.
    private const string Shown = "printf '%s\\n' \"$output\"\n";

    // The text on the bounds of words: "3" is not in "13" nor in "3.5", "milk" not in "milkman". The line breaks around the output bound it too.
    private static string Contains(string text)
    {
        string[] before = IsNumber(text, 0) ? ["[!A-Za-z0-9_.,:-]", "[!0-9][,:]"] : IsWord(text[0]) ? ["[!A-Za-z0-9_]"] : [""];
        string[] after = char.IsAsciiDigit(text[^1]) ? ["[!A-Za-z0-9_.,:]", "[.,:][!0-9]"] : IsWord(text[^1]) ? ["[!A-Za-z0-9_]"] : [""];
        var patterns = string.Join('|', before.SelectMany(b => after.Select(a => $"*{b}{Quoted(text)}{a}*")));
        return $"case \"\n$output\n\" in {patterns}) ;; *) exit 1 ;; esac";
    }

    private static bool IsNumber(string text, int at) =>
        char.IsAsciiDigit(text[at]) || (text[at] is '-' or '+' or '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1]));

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private static AcceptanceCheck.Command Running(RunSpec run) => new("", run, AcceptanceCheck.DefaultTimeoutSeconds);

    private static string Stated(string command, int? exit, IReadOnlyList<string> prints)
    {
        var exits = exit switch { null => "", -1 => "exits with another code than 0", { } code => string.Create(CultureInfo.InvariantCulture, $"exits with {code}") };
        return $"`{command}` {exits}{(exits.Length > 0 && prints.Count > 0 ? " and " : "")}{(prints.Count == 0 ? "" : $"prints {string.Join(" and ", prints.Select(p => $"`{p}`"))}")}";
    }

    private static string Quoted(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ',' or ':' or '@') ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    [GeneratedRegex(@"\b(?:errors?|fail(?:s|ed|ure)?|fatal|invalid|unknown|missing|usage|cannot|can't|not found|denied|refused|no such|exception|traceback|warning)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Complains();
}
