using System.Text.RegularExpressions;

namespace Slaps.Planning.Codebase;

/// <summary>What kind of thing a symbol names.</summary>
public enum CodeSymbolKind
{
    /// <summary>A class, record, struct or enumeration.</summary>
    Type,

    /// <summary>An interface, trait, protocol or abstract class: made to be extended.</summary>
    ExtensionPoint,

    /// <summary>A function or method that others can call.</summary>
    Function,

    /// <summary>An address of a server that requests are routed to.</summary>
    Route,
}

/// <summary>A name that other code can use.</summary>
/// <param name="Name">As the code writes it; a route with its method, e.g. <c>GET /users</c>.</param>
/// <param name="Kind">What it names.</param>
/// <param name="Path">The file.</param>
/// <param name="Line">The line, from 1.</param>
public sealed record CodeSymbol(string Name, CodeSymbolKind Kind, string Path, int Line);

/// <summary>
/// Finds the public names of a file line by line, without parsing it: C#, TypeScript and JavaScript, Python, Go, Java and Rust. A name in a
/// string or comment that looks like a declaration is taken for one; a declaration over several lines is found by its first.
/// </summary>
internal static partial class CodeSymbols
{
    private const int LongestLine = 400;

    public static IEnumerable<CodeSymbol> Of(string path, string text)
    {
        if (CodeLanguages.Of(path) is not { } language || Declarations(language) is not { Length: > 0 } declarations) yield break;
        var number = 0;
        foreach (var range in text.AsSpan().Split('\n').ToRanges())
        {
            number++;
            var line = text.AsSpan(range);
            if (line.Length > LongestLine || line.IsWhiteSpace()) continue;
            foreach (var (pattern, kind) in declarations)
            {
                if (!pattern.IsMatch(line)) continue;
                var match = pattern.Match(line.ToString());
                var name = kind == CodeSymbolKind.Route ? RouteName(match) : match.Groups["name"].Value;
                if (IsNamed(name, language)) yield return new CodeSymbol(name, kind, path, number);
                break;
            }
        }
    }

    private static (Regex, CodeSymbolKind)[] Declarations(string language) => language switch
    {
        "C#" => [(CSharpRoute(), CodeSymbolKind.Route), (CSharpOpen(), CodeSymbolKind.ExtensionPoint), (CSharpType(), CodeSymbolKind.Type), (CSharpMethod(), CodeSymbolKind.Function)],
        "TypeScript" or "JavaScript" => [(ScriptRoute(), CodeSymbolKind.Route), (ScriptOpen(), CodeSymbolKind.ExtensionPoint), (ScriptType(), CodeSymbolKind.Type), (ScriptFunction(), CodeSymbolKind.Function)],
        "Python" => [(PythonRoute(), CodeSymbolKind.Route), (PythonOpen(), CodeSymbolKind.ExtensionPoint), (PythonType(), CodeSymbolKind.Type), (PythonFunction(), CodeSymbolKind.Function)],
        "Go" => [(GoRoute(), CodeSymbolKind.Route), (GoOpen(), CodeSymbolKind.ExtensionPoint), (GoType(), CodeSymbolKind.Type), (GoFunction(), CodeSymbolKind.Function)],
        "Java" => [(JavaRoute(), CodeSymbolKind.Route), (JavaOpen(), CodeSymbolKind.ExtensionPoint), (JavaType(), CodeSymbolKind.Type), (JavaMethod(), CodeSymbolKind.Function)],
        "Rust" => [(RustOpen(), CodeSymbolKind.ExtensionPoint), (RustType(), CodeSymbolKind.Type), (RustFunction(), CodeSymbolKind.Function)],
        _ => [],
    };

    private static string RouteName(Match match) => match.Groups["verb"].Success && match.Groups["verb"].Length > 0
        ? $"{match.Groups["verb"].Value.ToUpperInvariant()} {match.Groups["name"].Value}"
        : match.Groups["name"].Value;

    // A word of the language in the place of a name, and what Python keeps to itself, are no names that others use.
    private static bool IsNamed(string name, string language) =>
        name.Length > 1 && name is not ("if" or "for" or "while" or "switch" or "return" or "new" or "catch" or "get" or "set") && !(language == "Python" && name[0] == '_');

    private static List<Range> ToRanges(this MemoryExtensions.SpanSplitEnumerator<char> parts)
    {
        var ranges = new List<Range>();
        foreach (var part in parts) ranges.Add(part);
        return ranges;
    }

    // --- C# ---

    [GeneratedRegex(@"\.Map(?<verb>Get|Post|Put|Delete|Patch)\(\s*""(?<name>[^""]+)""|\[Http(?<verb>Get|Post|Put|Delete|Patch)\(\s*""(?<name>[^""]+)""", RegexOptions.NonBacktracking)]
    private static partial Regex CSharpRoute();

    [GeneratedRegex(@"^\s*public\s+(?:partial\s+)?(?:interface|abstract\s+(?:partial\s+)?(?:class|record(?:\s+class)?))\s+(?<name>\w+)", RegexOptions.NonBacktracking)]
    private static partial Regex CSharpOpen();

    [GeneratedRegex(@"^\s*public\s+(?:(?:static|sealed|partial|readonly|ref|unsafe)\s+)*(?:class|struct|enum|record(?:\s+(?:class|struct))?)\s+(?<name>\w+)", RegexOptions.NonBacktracking)]
    private static partial Regex CSharpType();

    [GeneratedRegex(@"^\s*public\s+(?:(?:static|async|virtual|override|sealed|partial|unsafe|extern|new)\s+)*[\w<>\[\],.?() ]+\s(?<name>\w+)(?:<[^>]*>)?\(", RegexOptions.NonBacktracking)]
    private static partial Regex CSharpMethod();

    // --- TypeScript and JavaScript ---

    [GeneratedRegex(@"\b(?:app|router|server|fastify|api)\.(?<verb>get|post|put|delete|patch)\(\s*['""`](?<name>/[^'""`]*)['""`]", RegexOptions.NonBacktracking)]
    private static partial Regex ScriptRoute();

    [GeneratedRegex(@"^\s*export\s+(?:default\s+)?(?:declare\s+)?(?:interface|abstract\s+class)\s+(?<name>[\w$]+)", RegexOptions.NonBacktracking)]
    private static partial Regex ScriptOpen();

    [GeneratedRegex(@"^\s*export\s+(?:default\s+)?(?:declare\s+)?(?:class|enum|const\s+enum|type)\s+(?<name>[\w$]+)", RegexOptions.NonBacktracking)]
    private static partial Regex ScriptType();

    [GeneratedRegex(@"^\s*export\s+(?:default\s+)?(?:async\s+)?(?:function\s*\*?\s*|const\s+|let\s+)(?<name>[\w$]+)", RegexOptions.NonBacktracking)]
    private static partial Regex ScriptFunction();

    // --- Python ---

    [GeneratedRegex(@"^\s*@\w+\.(?:(?<verb>get|post|put|delete|patch)|route)\(\s*['""](?<name>/[^'""]*)['""]", RegexOptions.NonBacktracking)]
    private static partial Regex PythonRoute();

    [GeneratedRegex(@"^class\s+(?<name>\w+)\s*\([^)]*\b(?:ABC|Protocol|ABCMeta)\b", RegexOptions.NonBacktracking)]
    private static partial Regex PythonOpen();

    [GeneratedRegex(@"^class\s+(?<name>\w+)", RegexOptions.NonBacktracking)]
    private static partial Regex PythonType();

    [GeneratedRegex(@"^(?:    )?(?:async\s+)?def\s+(?<name>\w+)", RegexOptions.NonBacktracking)]
    private static partial Regex PythonFunction();

    // --- Go ---

    [GeneratedRegex(@"\.(?:(?<verb>GET|POST|PUT|DELETE|PATCH)|HandleFunc|Handle)\(\s*""(?<name>[^""]*/[^""]*)""", RegexOptions.NonBacktracking)]
    private static partial Regex GoRoute();

    [GeneratedRegex(@"^type\s+(?<name>[A-Z]\w*)(?:\[[^\]]*\])?\s+interface\b", RegexOptions.NonBacktracking)]
    private static partial Regex GoOpen();

    [GeneratedRegex(@"^type\s+(?<name>[A-Z]\w*)\b", RegexOptions.NonBacktracking)]
    private static partial Regex GoType();

    [GeneratedRegex(@"^func\s+(?:\([^)]*\)\s*)?(?<name>[A-Z]\w*)", RegexOptions.NonBacktracking)]
    private static partial Regex GoFunction();

    // --- Java ---

    [GeneratedRegex(@"@(?<verb>Get|Post|Put|Delete|Patch|Request)Mapping\(\s*(?:value\s*=\s*|path\s*=\s*)?""(?<name>[^""]+)""", RegexOptions.NonBacktracking)]
    private static partial Regex JavaRoute();

    [GeneratedRegex(@"^\s*public\s+(?:static\s+)?(?:sealed\s+)?(?:interface|abstract\s+class)\s+(?<name>\w+)", RegexOptions.NonBacktracking)]
    private static partial Regex JavaOpen();

    [GeneratedRegex(@"^\s*public\s+(?:(?:static|final|sealed)\s+)*(?:class|enum|record)\s+(?<name>\w+)", RegexOptions.NonBacktracking)]
    private static partial Regex JavaType();

    [GeneratedRegex(@"^\s*public\s+(?:(?:static|final|synchronized|abstract)\s+)*(?:<[^>]*>\s+)?[\w<>\[\],.? ]+\s(?<name>\w+)\(", RegexOptions.NonBacktracking)]
    private static partial Regex JavaMethod();

    // --- Rust ---

    [GeneratedRegex(@"^\s*pub(?:\([^)]*\))?\s+(?:unsafe\s+)?trait\s+(?<name>\w+)", RegexOptions.NonBacktracking)]
    private static partial Regex RustOpen();

    [GeneratedRegex(@"^\s*pub(?:\([^)]*\))?\s+(?:struct|enum|union|type)\s+(?<name>\w+)", RegexOptions.NonBacktracking)]
    private static partial Regex RustType();

    [GeneratedRegex(@"^\s*pub(?:\([^)]*\))?\s+(?:(?:async|const|unsafe|extern(?:\s+""[^""]*"")?)\s+)*fn\s+(?<name>\w+)", RegexOptions.NonBacktracking)]
    private static partial Regex RustFunction();
}
