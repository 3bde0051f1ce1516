using System.Text;
using System.Text.RegularExpressions;

namespace Slaps.Planning.Tasks;

/// <summary>
/// How far a command reaches that a text states: every program of its pipeline is looked at, after its quotes are taken off, and so is where it writes and
/// what it is made to load. A command that would do something else than it shows at a glance is no check.
/// </summary>
internal static partial class CommandReach
{
    // Programs that reach beyond the project, that wait for a person, or that start whatever they are told.
    private static readonly HashSet<string> Beyond = new(
        ("docker podman kubectl helm terraform ansible ansible-playbook aws gcloud az gh heroku fly flyctl vercel netlify pip pip3 pipx apt apt-get yum dnf apk brew systemctl service psql mysql mongo mongosh redis-cli sqlite3 " +
        "rm unlink shred truncate dd kill pkill killall sudo doas su ssh scp sftp rsync nc wget svn chmod chown mount open xdg-open code vim vi nano emacs less more watch crontab at nohup disown setsid source . alias eval exec env command builtin xargs parallel trap").Split(' '),
        StringComparer.Ordinal);

    // Programs that change files; a block of lines may do that inside of the project, one command of a sentence is there to look.
    private static readonly HashSet<string> Changing = new("mv cp ln mkdir touch install tee cd export git".Split(' '), StringComparer.Ordinal);

    private static readonly HashSet<string> Interpreters = new("python python3 node ruby perl deno bun php lua sh bash zsh dash ksh fish pwsh".Split(' '), StringComparer.Ordinal);

    /// <summary>Whether the program reaches beyond the project, or waits for a person.</summary>
    public static bool IsReaching(string program) => Beyond.Contains(program) || Changing.Contains(program);

    /// <summary>Why one command of a sentence, or a pipeline of them, reaches too far, as the end of a sentence; null when it does not.</summary>
    public static string? Why(string command) =>
        Hidden().IsMatch(WithoutQuiet(Unquoted(command))) ? "it may change more than it looks at" : Parts(command).Select(words => WhyNot(words, isBlock: false)).FirstOrDefault(why => why is not null);

    /// <summary>The same of a line of a shell block, which may write files of the project and is shown as it stands.</summary>
    public static string? WhyNotLine(string line) =>
        Substituted().IsMatch(Unquoted(line)) || WritesElsewhere().IsMatch(WithoutQuiet(line)) ? "it may change more than it looks at" : Parts(line).Select(words => WhyNot(words, isBlock: true)).FirstOrDefault(why => why is not null);

    /// <summary>Why a request by curl is no look at the machine itself, as the end of a sentence; null when it is one. Only options that change nothing are known.</summary>
    public static string? WhyNotAsked(string command)
    {
        if (Parts(command) is not [var words] || Hidden().IsMatch(WithoutQuiet(Unquoted(command)))) return "it may change more than it looks at";
        var addresses = 0;
        for (var at = 1; at < words.Count; at++)
        {
            var word = words[at].Text;
            if (word is "-o" or "--output" && at + 1 < words.Count && words[at + 1].Text == "/dev/null") at++;
            else if (word is "-w" or "--write-out" && at + 1 < words.Count && !words[at + 1].Text.Contains('@', StringComparison.Ordinal) && !words[at + 1].Text.Contains("output", StringComparison.Ordinal)) at++;
            else if (word is "-m" or "--max-time" or "--retry" or "--connect-timeout" && at + 1 < words.Count && words[at + 1].Text.All(char.IsAsciiDigit)) at++;
            else if (word is "-H" or "--header" && at + 1 < words.Count && Header().IsMatch(words[at + 1].Text)) at++;
            else if (word.StartsWith('-'))
            {
                if (!Quiet().IsMatch(word)) return "it may change more than it looks at";
            }
            else if (Local().IsMatch(word)) addresses++;
            else if (WithoutQuiet($" {word} ").Trim().Length > 0) return "it needs another machine";
        }

        return addresses == 0 ? "it needs another machine" : null;
    }

    private static string? WhyNot(List<Word> words, bool isBlock)
    {
        var first = words.FindIndex(word => word.IsQuoted || !Assigned().IsMatch(word.Text));
        if (words.Take(first < 0 ? words.Count : first).Any(word => Loads().IsMatch(word.Text))) return "it says what other programs are loaded";
        if (first < 0) return null;
        var program = words[first].Text;
        if (Beyond.Contains(program[(program.LastIndexOf('/') + 1)..]) || LeavesProject(program) || (!isBlock && Changing.Contains(program))) return "it reaches beyond the project";
        var rest = words.Skip(first + 1).ToList();
        if (rest.Exists(word => !word.IsQuoted && LeavesProject(word.Text) && word.Text != "/dev/null")) return "it reaches beyond the project";
        if (program == "find" && rest.Exists(word => word.Text is "-exec" or "-execdir" or "-ok" or "-okdir" or "-delete" or "-fprint" or "-fls")) return "it may change more than it looks at";
        if (Interpreters.Contains(program) && rest.TakeWhile(word => word.Text.StartsWith('-')).Any(word => Inline().IsMatch(word.Text))) return "it may change more than it looks at";
        return null;
    }

    // "../x", "/x", "~/x" and "--prefix=/x"; an address is none of them.
    private static bool LeavesProject(string word) => Outside().IsMatch(word);

    // What makes a command say less, or say it into a folder of results, changes nothing that anybody wrote.
    private static string WithoutQuiet(string command) => Silenced().Replace(command, " ");

    // The line without what stands in quotes; between double quotes a shell puts in what "$(" and "`" come to, so these stay.
    private static string Unquoted(string line)
    {
        var text = new StringBuilder(line.Length);
        var quote = '\0';
        for (var at = 0; at < line.Length; at++)
        {
            var c = line[at];
            if (quote == '\0' && c is '\'' or '"') quote = c;
            else if (quote != '\0' && c == quote) quote = '\0';
            else if (quote != '\'' && c == '\\') at++;
            else if (quote == '\0' || (quote == '"' && (c == '`' || (c == '$' && at + 1 < line.Length && line[at + 1] == '(')))) text.Append(c == '$' && quote != '\0' ? "$(" : c.ToString());
        }

        return text.ToString();
    }

    // The programs of a line with their words; separators and blanks count only outside of quotes.
    private static List<List<Word>> Parts(string line)
    {
        var parts = new List<List<Word>> { new() };
        var word = new StringBuilder();
        var (quote, isQuoted, isOpen) = ('\0', false, false);
        for (var at = 0; at <= line.Length; at++)
        {
            var c = at < line.Length ? line[at] : '\n';
            if (at < line.Length && quote != '\0')
            {
                if (c == quote) quote = '\0';
                else word.Append(c);
            }
            else if (c is '\'' or '"') (quote, isQuoted, isOpen) = (c, true, true);
            else if (c == '\\' && at + 1 < line.Length) (isOpen, _) = (true, word.Append(line[++at]));
            else if (c is ' ' or '\t' or '\n' or ';' or '|' or '&')
            {
                if (isOpen || word.Length > 0) parts[^1].Add(new(word.ToString(), isQuoted));
                word.Clear();
                (isQuoted, isOpen) = (false, false);
                if (c is not (' ' or '\t') && parts[^1].Count > 0) parts.Add([]);
            }
            else if (c == '#' && word.Length == 0 && !isOpen) at = line.IndexOf('\n', at) is >= 0 and var end ? end - 1 : line.Length - 1;
            else word.Append(c);
        }

        parts.RemoveAll(part => part.Count == 0);
        return parts;
    }

    private readonly record struct Word(string Text, bool IsQuoted);

    // What is put in place of a word, what is written, and what goes on beside it.
    [GeneratedRegex(@"\$\(|`|>|<|(?:^|[^&])&(?:[^&]|$)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Hidden();

    [GeneratedRegex(@"\$\(|`", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Substituted();

    [GeneratedRegex(@">\s*[""']?(?:[~/$]|[^\s]*\.\.)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex WritesElsewhere();

    [GeneratedRegex(@"\s(?:2>&1|&?[12]?>\s*(?:/dev/null|(?:out|outputs?|build|dist|tmp|target|coverage|reports?|results?)/[A-Za-z0-9_][A-Za-z0-9_./-]*))(?:\s|$)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Silenced();

    [GeneratedRegex(@"(?:^|=)[""']?(?:/|~|\.\.(?:/|$))|(?:^|/)\.\.(?:/|$)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Outside();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*=", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Assigned();

    [GeneratedRegex(@"^(?:PATH|LD_[A-Z_]*|DYLD_[A-Z_]*|BASH_ENV|ENV|IFS|SHELL|NODE_OPTIONS|NODE_PATH|PERL5?[A-Z]*|PYTHON[A-Z]*|RUBY[A-Z]*|GIT_[A-Z_]*|[A-Za-z]*_?PROXY|HOME)=", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Loads();

    [GeneratedRegex(@"^(?:-[a-zA-Z]*[ceprE]|--eval|--command|--print|--require|--import|--loader)(?:$|=)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Inline();

    [GeneratedRegex(@"^(?:-[sSfiIv46]+|--(?:fail|silent|show-error|include|head|verbose|fail-with-body|no-progress-meter|ipv4|ipv6))$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Quiet();

    [GeneratedRegex(@"^[A-Za-z0-9-]+:[^@]*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Header();

    [GeneratedRegex(@"^(?:https?://)?(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?(?:[/?#][^@\s]*)?$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Local();
}
