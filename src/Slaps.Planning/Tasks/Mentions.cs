using System.Text.RegularExpressions;

namespace Slaps.Planning.Tasks;

/// <summary>Paths, names of code, ids, times and sizes that a text names.</summary>
internal sealed partial class Mentions
{
    private static readonly HashSet<string> Endings = new(
        ("cs csproj sln slnx fs vb js jsx ts tsx mjs cjs mts vue svelte py pyi pyx ipynb rb go rs java kt kts scala c h cc cpp hpp cxx m mm swift php pl lua r jl ex exs erl hs ml clj dart zig nim sol proto graphql gql sql " +
        "json jsonl json5 yaml yml toml ini cfg conf env xml html htm css scss sass less svg md mdx rst txt adoc csv tsv lock sh bash zsh fish ps1 bat cmd mk cmake gradle tf tfvars hcl dockerfile tpl tmpl j2 hbs ejs snap golden properties plist pem crt service").Split(' '),
        StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> BareFiles = new("Dockerfile Makefile Jenkinsfile Procfile Gemfile Rakefile Vagrantfile CODEOWNERS LICENSE README CHANGELOG CMakeLists.txt go.mod go.sum .gitignore .dockerignore .env.example .editorconfig".Split(' '), StringComparer.Ordinal);

    // Folders below which projects keep what they are made of: "pkg/kubelet" is a place in one, "pause/resume" is not.
    private static readonly HashSet<string> Roots = new(
        ("src source lib libs pkg pkgs packages cmd internal app apps server client clients api web ui frontend backend core common shared modules services service crates components test tests spec specs e2e docs doc scripts script tools bin eng build config configs " +
        "deploy infra terraform charts helm migrations db database public assets static templates examples samples plugins plugin staging .github .vscode").Split(' '), StringComparer.Ordinal);

    private const int MostOfBraces = 20;

    private readonly NamedFiles? _files;
    private readonly List<string> _paths = [];
    private readonly List<string> _symbols = [];
    private readonly List<string> _produced = [];
    private readonly List<string> _ids = [];

    private Mentions(NamedFiles? files) => _files = files;

    public IReadOnlyList<string> Paths => _paths;

    public IReadOnlyList<string> Symbols => _symbols;

    /// <summary>Those paths and symbols that the words say are to be made.</summary>
    public IReadOnlyList<string> Produced => _produced;

    /// <summary>Ids such as FR-012, T003, WP01 and US2, wherever they stand.</summary>
    public IReadOnlyList<string> Ids => _ids;

    /// <summary>What the lines name. They keep their marks: code counts for more than words.</summary>
    /// <param name="marked">The lines.</param>
    /// <param name="files">The files of the whole document, by which short names are made long; null to keep them as they are.</param>
    public static Mentions In(IEnumerable<string> marked, NamedFiles? files = null)
    {
        var mentions = new Mentions(files);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in marked) mentions.Read(line.Length > 20_000 ? line[..20_000] : line, seen);
        return mentions;
    }

    private void Read(string line, HashSet<string> seen)
    {
        var end = -1;
        var last = "";
        foreach (Match match in Code().Matches(line))
        {
            var code = match.Groups["code"].Value.Trim();
            var isMade = IsMade(line, match.Index, match.Index + match.Length);
            var paths = Expanded(code).Select(one => PathOf(one) ?? FolderOf(one)).OfType<string>().ToList();
            if (paths.Count == 0)
            {
                last = "";
                if (!Symbol().IsMatch(code) || code.Length > 80) continue;
                if (seen.Add(code)) _symbols.Add(code);
                if (isMade && !_produced.Contains(code)) _produced.Add(code);
                continue;
            }

            // In "`src/a.py`, `b.py` and `c.py`" all three lie in one folder, unless the document says elsewhere where they lie.
            var isNext = _files is not null && end >= 0 && last.Length > 0 && Between().IsMatch(line[end..match.Index]);
            foreach (var named in paths)
            {
                var path = Long(named);
                if (isNext && path == named && IsBeside(named, last)) path = last[..(last.LastIndexOf('/') + 1)] + named;
                Put(path, isMade, seen);
                last = path.Contains('/', StringComparison.Ordinal) ? path : "";
            }

            end = match.Index + match.Length;
        }

        foreach (Match match in Target().Matches(line))
        {
            if (PathOf(match.Groups["target"].Value) is { } path) Put(Long(path), isMade: false, seen);
        }

        foreach (Match match in Bare().Matches(line))
        {
            if (PathOf(match.Value) is not { } path || IsInLink(line, match)) continue;
            Put(Long(path), IsMade(line, match.Index, match.Index + match.Length), seen);
        }

        foreach (Match match in Id().Matches(line))
        {
            if (!_ids.Contains(match.Value)) _ids.Add(match.Value);
        }
    }

    private void Put(string path, bool isMade, HashSet<string> seen)
    {
        if (seen.Add(path)) _paths.Add(path);
        if (isMade && !_produced.Contains(path)) _produced.Add(path);
    }

    private static bool IsBeside(string name, string path) =>
        !name.Contains('/', StringComparison.Ordinal) && !name.StartsWith("README", StringComparison.OrdinalIgnoreCase) && !BareFiles.Contains(name) && Path.GetExtension(name) == Path.GetExtension(path);

    private string Long(string path) => _files?.Resolve(path) ?? path;

    // "src/upgrade/{detector,runner}.py" names two files.
    private static IEnumerable<string> Expanded(string code)
    {
        if (Braces().Match(code) is not { Success: true } match || code.Contains(' ', StringComparison.Ordinal)) return [code];
        return match.Groups["names"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(MostOfBraces)
            .Select(name => code[..match.Index] + name + code[(match.Index + match.Length)..]);
    }

    // A folder without a slash at its end, where it is code and begins as folders of projects do: "pkg/kubelet/server". What stands before
    // that in the name of a Go package, "k8s.io/kubernetes/pkg/kubelet", is the repository.
    private static string? FolderOf(string code)
    {
        if (code.Length is < 5 or > 200 || !code.Contains('/', StringComparison.Ordinal) || code.Contains("//", StringComparison.Ordinal)) return null;
        var parts = code.TrimEnd('/').Split('/');
        if (parts.Length < 2 || !parts.All(part => Folder().IsMatch(part))) return null;
        var at = Package().IsMatch(parts[0]) ? Array.FindIndex(parts, 1, Roots.Contains) : Roots.Contains(parts[0]) ? 0 : -1;
        return at < 0 || at + 1 >= parts.Length ? null : PathOf(string.Join('/', parts[at..]) + "/");
    }

    /// <summary>The text as a path below the project's root; null when it is none.</summary>
    public static string? PathOf(string text)
    {
        var path = text.Trim('`', '"', '\'', ' ', ',', ';', '(', ')', '<', '>');
        if (path.StartsWith("mdc:", StringComparison.Ordinal)) path = path[4..];
        while (path.StartsWith("./", StringComparison.Ordinal) || path.StartsWith("../", StringComparison.Ordinal)) path = path[(path.IndexOf('/', StringComparison.Ordinal) + 1)..];
        path = LineSuffix().Replace(path, "").TrimEnd('.', ':');
        if (path.Length is < 3 or > 200 || path.Any(c => char.IsWhiteSpace(c) || c is '<' or '>' or '|' or '"' or '$' or ';' or '=' or '?' or '#' or '@' or '&' or '%' or '\'' or '…' or '(' or ')' or ',' or ':' or '\\')) return null;
        if (path.Contains("...", StringComparison.Ordinal) || path[0] is '/' or '~' || path.StartsWith("--", StringComparison.Ordinal) || Core.Plans.WorkspacePath.Refuse(path) is not null) return null;
        if (BareFiles.Contains(path)) return path;

        var parts = path.Split('/');
        if (parts.Length > 1 && Domain().IsMatch(parts[0])) return null;
        var name = parts[^1];
        var dot = name.LastIndexOf('.');
        if (dot >= 0 && Endings.Contains(name[(dot + 1)..]) && (dot > 0 || parts.Length > 1) && name.Any(char.IsLetter))
            return parts.Length == 1 && (NotAFile().IsMatch(name) || name.Count(c => c == '.') > 4) ? null : path;
        if (parts.Length > 1 && BareFiles.Contains(name)) return path;

        // A folder: at least one part before the last slash, and no "and/or".
        return parts.Length > 2 && name.Length == 0 && parts[..^1].All(part => Folder().IsMatch(part)) ? path : parts.Length == 2 && name.Length == 0 && Folder().IsMatch(parts[0]) && text.Contains('/', StringComparison.Ordinal) ? path : null;
    }

    // "Create `a.ts`", "a new file `a.ts`", "write the report to `a.md`": and not "modelled on `b.ts`", and nothing that is said to be given:
    // "add the existing `b.ts`", "`b.ts` (unchanged)", "load them with the new `a.ts`".
    private static bool IsMade(string line, int at, int end)
    {
        var before = line[Math.Max(0, at - 70)..at];
        var behind = line[end..Math.Min(line.Length, end + 24)];
        if (New().IsMatch(behind)) return true;
        if (GivenBehind().IsMatch(behind) || GivenBefore().IsMatch(before)) return false;
        var cut = before.LastIndexOfAny(['.', ';', '(']);
        while (cut >= 0 && cut + 1 < before.Length && before[cut] == '.' && before[cut + 1] != ' ') cut = cut == 0 ? -1 : before.LastIndexOfAny(['.', ';', '('], cut - 1);
        if (cut >= 0) before = before[(cut + 1)..];
        if (Makes().Match(before) is not { Success: true } made || (IsNew().IsMatch(made.Value) && Definite().IsMatch(before[..made.Index]))) return false;
        var between = before[(made.Index + made.Length)..];
        return !Uses().IsMatch(between) || WithItsContent().IsMatch(between) || (WritesTo().IsMatch(made.Value) && To().IsMatch(between)) || (WritesIn().IsMatch(made.Value) && In().IsMatch(between));
    }

    private static bool IsInLink(string line, Match match) =>
        match.Index > 0 && (line[match.Index - 1] is '/' or ':' or '(' or '@' || line.LastIndexOf("://", match.Index, Math.Min(match.Index, 200), StringComparison.Ordinal) is >= 0 and var url && !line.AsSpan(url, match.Index - url).ContainsAny(" )"));

    [GeneratedRegex(@"^(?:[A-Za-z_$][\w$]*(?:(?:\.|::|->|#)[A-Za-z_$][\w$]*)*(?:\(\)|\(.*\))?)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Symbol();

    [GeneratedRegex(@"\b(?:FR|NFR|SC|US|WP|T|TASK|REQ|R|C|AC|BR|TR|NF|EC|UC|DR|SR|PR|IR|UR|HR|QR|D|M|E|F|P|S)-?\d{1,4}(?:\.\d{1,3})*[a-z]?\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Id();

    [GeneratedRegex(@"^[\w-]+\.(?:io|com|org|net|dev|ai|app|co|edu|gov)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Domain();

    [GeneratedRegex(@"^(?:Node|Next|Vue|Express|Three|D3|React|Nuxt|Chart|Socket|Discord|Ember|Backbone|p5|Alpine|Solid|Deno|Moment|Day|Handlebars|Mustache|Underscore|e\.g|i\.e|console|this|self|os|sys|process|module|Date|Math|JSON|fs|path)\.\w+$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex NotAFile();

    [GeneratedRegex(@"^[\w-]+\.(?:io|com|org|net|dev|sh)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Package();

    [GeneratedRegex(@"\{(?<names>[\w.-]+(?:,\s?[\w.-]+)+)\}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Braces();

    [GeneratedRegex(@"^\s*(?:,|and|&|\+|/|,\s*and|\([^()]{0,40}\)\s*(?:,|and))\s*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Between();

    [GeneratedRegex(@"^[\w.@*{}\[\]-]{2,60}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Folder();

    [GeneratedRegex(@"(?::\d+(?:[-:]\d+)*|#L\d+(?:-L?\d+)?|\(\))$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex LineSuffix();

    [GeneratedRegex(@"\b(?:to|into|in|from|of|per|see|like|following|using|via|with|on|by|for|than|under|inside|as|against|beside|alongside|next|uses?|extends?|implements?|calls?|when|if|not)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Uses();

    [GeneratedRegex(@"writ|sav|export|extract|output|emit|generat|produc", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex WritesTo();

    [GeneratedRegex(@"\b(?:to|into|as)\s+(?:a\s+|the\s+)?(?:new\s+)?(?:file\s+|module\s+)?\S?$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex To();

    // "Create `a.py` with `parse()` and `Node`": all of them are made.
    [GeneratedRegex(@"^\s+(?:a\s+|the\s+)?(?:new\s+)?(?:file\s+|module\s+)?`?[\w./-]+`?\s+(?:with|containing|that\s+defines|defining|exporting)\s+(?:an?\s+|the\s+)?(?:`[^`]+`(?:\s*,\s*|\s+and\s+|\s*,\s*and\s+))*\S?$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex WithItsContent();

    // "Write the parser in `src/parser.py`" makes the file; "add a flag in `config.py`" may change one.
    [GeneratedRegex(@"^(?:writ|creat|generat|sav|implement|build|scaffold)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex WritesIn();

    [GeneratedRegex(@"^(?:\W+(?:a|an|the|new|our|its|\w+))(?:\s+\w+){0,4}\s+in\s+(?:a\s+|the\s+)?(?:new\s+)?(?:file\s+|module\s+)?\S?$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex In();

    [GeneratedRegex(@"\b(?:pre-?existing|existing|given)\s+(?:(?:file|module|class|function|method|script|type|folder|directory|table|package|component|helper)s?\s+)?[`(""'\[*]*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex GivenBefore();

    [GeneratedRegex(@"^[*`: ]{0,4}(?:[(\[](?:already|existing|unchanged|given|no changes?|read[- ]only|reused?|as is)\b|already\s+(?:exists?|there)\b)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex GivenBehind();

    [GeneratedRegex(@"^new\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex IsNew();

    // What has an article of its own was made before: "the new store".
    [GeneratedRegex(@"\b(?:the|this|that|these|those|our|its|their)\s+$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Definite();

    [GeneratedRegex(@"^[*`: ]{0,4}\((?:new|NEW)\)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex New();

#pragma warning disable MA0009 // These look around, which only the backtracking engine can; what they are given is at most a line of bounded length.
    [GeneratedRegex(@"(?<!`)`(?<code>[^`]{2,200})`(?!`)", RegexOptions.CultureInvariant)]
    private static partial Regex Code();

    [GeneratedRegex(@"\]\((?<target>(?!https?:|#|mailto:)[^()\s]{3,200})\)", RegexOptions.CultureInvariant)]
    private static partial Regex Target();

    [GeneratedRegex(@"(?<![\w`./-])(?:[\w.@-]+/)*[\w.-]*\w\.[A-Za-z][A-Za-z0-9]{0,9}\b(?![\w`/(])", RegexOptions.CultureInvariant)]
    private static partial Regex Bare();

    [GeneratedRegex(@"\b(?:creat(?:e|es|ing)|add(?:s|ing)?|generat(?:e|es|ing)|introduc(?:e|es|ing)|scaffold|produc(?:e|es)|new(?: file| module| class| type| function)?|writ(?:e|es|ing)|emit(?:s)?|sav(?:e|es)|export(?:s)?|extract(?:s|ed)?|output(?:s)?|defin(?:e|es)|implement(?=\s+(?:a|an|the)\s[^`]*\sin\s)|build(?=\s+(?:a|an|the)\s[^`]*\sin\s))\b(?!.*\b(?:creat(?:e|es)|add(?:s)?|generat(?:e|es)|writ(?:e|es))\b)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Makes();
#pragma warning restore MA0009
}
