using System.Globalization;
using System.Text;
using Slaps.Core.Plans;

namespace Slaps.Planning.Tasks;

/// <summary>A command that a text states as a proof of the work.</summary>
/// <param name="Code">The command as the text has it, or the whole block.</param>
/// <param name="Words">What has to come of it, in words: <c>`todo --bad` exits with 2</c>.</param>
/// <param name="Run">What is run; it exits with 0 exactly when that has come of it.</param>
public sealed record StatedCheck(string Code, string Words, RunSpec Run)
{
    /// <summary>Whether it is a block of commands.</summary>
    public bool IsBlock { get; init; }

    // What a shell answers when there is no such program: that is no answer of the program, whatever exit code is wanted.
    private const int NotRun = 126;

    /// <summary>A command that has to exit with a code, to print a text, or both. What is quoted is data: no shell reads it.</summary>
    /// <param name="command">One command.</param>
    /// <param name="exit">The exit code; -1 for any but 0; null when the text states none.</param>
    /// <param name="prints">What standard output or standard error has to contain; null for nothing in particular.</param>
    /// <returns>The check; null when only a shell can read the command, and what is stated is more than that it succeeds.</returns>
    public static StatedCheck? Of(string command, int? exit, string? prints)
    {
        if (prints is null && exit is null or 0) return new StatedCheck(command, $"`{command}` exits with 0", ShellText.ToRun(command, ProcessContext.Default));
        if (ShellText.ToRun(command, ProcessContext.Default) is not RunSpec.Process process) return null;

        var script = new StringBuilder("set -eu\n");
        var line = string.Join(' ', process.Argv.Select(Quoted));
        if (prints is not null) script.Append(CultureInfo.InvariantCulture, $"code=0; output=$({line} 2>&1) || code=$?\n");
        else script.Append(CultureInfo.InvariantCulture, $"code=0; {line} || code=$?\n");
        if (exit == -1) script.Append(CultureInfo.InvariantCulture, $"test \"$code\" -ne 0; test \"$code\" -lt {NotRun}\n");
        else if (exit is { } code) script.Append(CultureInfo.InvariantCulture, $"test \"$code\" -eq {code}\n");
        else script.Append(CultureInfo.InvariantCulture, $"test \"$code\" -lt {NotRun}\n");
        if (prints is not null) script.Append(CultureInfo.InvariantCulture, $"case $output in *{Quoted(prints)}*) ;; *) exit 1 ;; esac\n");
        return new StatedCheck(command, Stated(command, exit, prints), new RunSpec.Shell(script.ToString(), ProcessContext.Default));
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
        return new StatedCheck(code.Trim('\n'), commands.Count == 1 ? $"`{commands[0]}` does what the block shows" : $"the {commands.Count} commands of the block do what it shows", ShellText.ToRun(script, ProcessContext.Default)) { IsBlock = true };
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

            script.Add($"output=$({command} 2>&1) || test $? -lt {NotRun.ToString(CultureInfo.InvariantCulture)}");
            script.AddRange(printed.Select(text => $"case $output in *{Quoted(text)}*) ;; *) exit 1 ;; esac"));
        }

        return string.Join('\n', script);
    }

    private static string Stated(string command, int? exit, string? prints)
    {
        var exits = exit switch { null => "", -1 => "exits with another code than 0", { } code => string.Create(CultureInfo.InvariantCulture, $"exits with {code}") };
        return $"`{command}` {exits}{(exits.Length > 0 && prints is not null ? " and " : "")}{(prints is null ? "" : $"prints `{prints}`")}";
    }

    private static string Quoted(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ',' or ':' or '@') ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
