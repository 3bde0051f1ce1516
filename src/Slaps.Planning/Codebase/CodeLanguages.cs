namespace Slaps.Planning.Codebase;

/// <summary>Languages by the ends of file names.</summary>
internal static class CodeLanguages
{
    private static readonly Dictionary<string, string> ByExtension = new(StringComparer.OrdinalIgnoreCase)
    {
        [".cs"] = "C#", [".fs"] = "F#", [".vb"] = "Visual Basic",
        [".ts"] = "TypeScript", [".tsx"] = "TypeScript", [".mts"] = "TypeScript", [".cts"] = "TypeScript",
        [".js"] = "JavaScript", [".jsx"] = "JavaScript", [".mjs"] = "JavaScript", [".cjs"] = "JavaScript",
        [".py"] = "Python", [".pyi"] = "Python", [".go"] = "Go", [".java"] = "Java", [".rs"] = "Rust",
        [".kt"] = "Kotlin", [".kts"] = "Kotlin", [".scala"] = "Scala", [".swift"] = "Swift", [".rb"] = "Ruby", [".php"] = "PHP",
        [".c"] = "C", [".h"] = "C", [".cc"] = "C++", [".cpp"] = "C++", [".cxx"] = "C++", [".hpp"] = "C++",
        [".sh"] = "Shell", [".bash"] = "Shell", [".sql"] = "SQL", [".vue"] = "Vue", [".svelte"] = "Svelte", [".dart"] = "Dart", [".lua"] = "Lua",
    };

    /// <summary>The language of a file; null when it is no program text.</summary>
    public static string? Of(string path) => ByExtension.GetValueOrDefault(Path.GetExtension(path));

    /// <summary>Whether a file tests others, by the customs of the languages.</summary>
    public static bool IsTest(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        return name.StartsWith("test_", StringComparison.Ordinal)
            || name.EndsWith("_test", StringComparison.Ordinal)
            || name.EndsWith(".test", StringComparison.Ordinal)
            || name.EndsWith(".spec", StringComparison.Ordinal)
            || name.EndsWith("Tests", StringComparison.Ordinal)
            || name.EndsWith("Test", StringComparison.Ordinal)
            || path.Split('/')[..^1].Any(folder => folder is "test" or "tests" or "__tests__" or "testdata" || folder.EndsWith(".Tests", StringComparison.Ordinal));
    }
}
