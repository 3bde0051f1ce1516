using System.Text;
using Slaps.Core.Plans;

namespace Slaps.Planning;

/// <summary>Decides how commands are run: a program started directly where that means the same, else a shell script.</summary>
internal static class ShellText
{
    private const string SpecialOutsideQuotes = "|&;<>()$`\\*?[]{}!#~=%\n";

    // What a shell does itself (dash's built-ins and reserved words); started as a program it would be missing or mean something else.
    private static readonly HashSet<string> ShellWords = new(StringComparer.Ordinal)
    {
        ".", ":", "alias", "bg", "break", "case", "cd", "command", "continue", "do", "done", "echo", "elif", "else", "esac", "eval", "exec", "exit",
        "export", "fc", "fg", "fi", "for", "getopts", "hash", "if", "in", "jobs", "kill", "local", "printf", "pwd", "read", "readonly", "return",
        "set", "shift", "source", "test", "then", "times", "trap", "type", "ulimit", "umask", "unalias", "unset", "until", "wait", "while",
    };

    /// <summary>
    /// One simple command becomes its arguments, which no shell reads. Everything else becomes a script that starts with <c>set -eu</c>,
    /// so that its first failing line, or a misspelt variable, fails the task.
    /// </summary>
    public static RunSpec ToRun(string commands, ProcessContext context) =>
        Words(commands) is { Count: > 0 } argv && !ShellWords.Contains(argv[0])
            ? new RunSpec.Process(argv, context)
            : new RunSpec.Shell($"set -eu\n{commands.Trim('\n')}\n", context);

    /// <summary>The words of a simple command with its quotes taken off; null when only a shell can read it.</summary>
    private static List<string>? Words(string commands)
    {
        var lines = commands.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#').ToList();
        if (lines.Count != 1) return null;

        var words = new List<string>();
        var word = new StringBuilder();
        var inWord = false;
        var line = lines[0];
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c is '\'' or '"')
            {
                var end = line.IndexOf(c, i + 1);
                if (end < 0) return null;
                var quoted = line.AsSpan(i + 1, end - i - 1);

                // Inside double quotes a shell still reads these; no word of an ordinary command needs them.
                if (c == '"' && quoted.ContainsAny("$`\\")) return null;
                word.Append(quoted);
                inWord = true;
                i = end;
            }
            else if (c is ' ' or '\t')
            {
                if (inWord) words.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
            else if (c == '=' && words.Count > 0)
            {
                // Only before the command does name=value set a variable; --flag=value is a plain word.
                word.Append(c);
            }
            else if (SpecialOutsideQuotes.Contains(c))
            {
                return null;
            }
            else
            {
                word.Append(c);
                inWord = true;
            }
        }

        if (inWord) words.Add(word.ToString());
        return words is [{ Length: > 0 }, ..] ? words : null;
    }
}
