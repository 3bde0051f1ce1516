using System.Text;
using System.Text.RegularExpressions;
using Slaps.Core.Plans;
using Slaps.Planning;

namespace Slaps.Cli;

/// <summary>What somebody wants to have planned: files, the documents of a directory, standard input, or words on the command line.</summary>
/// <param name="Sources">The documents in the order in which they are read.</param>
/// <param name="Files">Those that lie on the disk; none of them is overwritten.</param>
/// <param name="Name">What the plan is called in messages and, without <c>--output-dir</c>, its directory.</param>
internal sealed partial record SpecificationInput(IReadOnlyList<SpecificationSource> Sources, IReadOnlyList<string> Files, string Name)
{
    /// <summary>The name under which words that lie in no file are quoted, and kept beside the plan.</summary>
    public const string KeptName = "specification.md";

    private const int MostFiles = 1_000;

    // More than is planned is still read to the end, so that the message can name the size; much more is not.
    private const long MostBytes = 64L << 20;

    /// <summary>Reads it, or ends the command with a sentence.</summary>
    /// <param name="arguments">As given: paths, a single <c>-</c>, or one text.</param>
    public static SpecificationInput Read(IReadOnlyList<string> arguments)
    {
        if (arguments is ["-"]) return new([new(KeptName, StandardInput())], [], "stdin");
        if (arguments.Contains("-"))
            throw new CommandException(ExitCodes.InvalidInput, "Standard input (-) is one specification alone. Name it without others, or save it into a file.");
        if (arguments is [var text] && !Path.Exists(text) && !LooksLikePath(text))
            return new([new(KeptName, Encoding.UTF8.GetBytes(text + "\n"))], [], Slug(text));

        var files = new List<string>();
        foreach (var argument in arguments)
        {
            if (Directory.Exists(argument)) files.AddRange(In(argument));
            else files.Add(argument);
        }

        files = [.. files.Distinct(StringComparer.Ordinal)];
        if (files.Count > MostFiles)
            throw new CommandException(ExitCodes.InvalidInput, $"{files.Count} documents are too many for one plan; {MostFiles} is the most. Plan fewer of them at once.");
        var sources = new List<SpecificationSource>(files.Count);
        var bytes = 0L;
        foreach (var file in files)
        {
            var content = PlanFiles.Read(file, MostBytes);
            bytes += content.Length;
            if (bytes > MostBytes) throw new CommandException(ExitCodes.InvalidInput, $"The documents have more than {MostBytes} bytes together; {SpecificationPlanner.MaxTotalBytes} is the most that is planned at once. Plan fewer of them.");
            sources.Add(new SpecificationSource(file.Replace('\\', '/'), content));
        }

        var first = arguments[0].TrimEnd('/', '\\');
        return new(sources, files, Directory.Exists(arguments[0]) ? NameOf(Path.GetFullPath(first)) : Path.GetFileNameWithoutExtension(first));
    }

    private static string NameOf(string path) => Path.GetFileName(path) is { Length: > 0 } name ? name : "plan";

    // Its own documents and not those of folders in it: what lies deeper is named by whoever wants it.
    private static List<string> In(string directory)
    {
        List<string> found;
        try
        {
            found = [.. Directory.EnumerateFiles(directory).Where(IsDocument).Order(StringComparer.Ordinal)];
        }
        catch (UnauthorizedAccessException)
        {
            throw new CommandException(ExitCodes.InvalidInput, $"The directory {Identifiers.Quote(directory)} cannot be read. Change its permissions, or name its files.");
        }

        if (found.Count == 0)
        {
            var below = Below(directory);
            throw new CommandException(
                ExitCodes.InvalidInput,
                $"The directory {Identifiers.Quote(directory)} holds no document that ends in .md or .txt. {(below is null ? "Name the files themselves." : $"Its folder {Identifiers.Quote(below)} does: name that one.")}");
        }

        return found;
    }

    // One folder deeper: enough to tell whoever named the one above what to name instead.
    private static string? Below(string directory) => Directory.EnumerateDirectories(directory)
        .Where(folder => !Path.GetFileName(folder).StartsWith('.')).Order(StringComparer.Ordinal).Take(100)
        .FirstOrDefault(folder => Directory.EnumerateFiles(folder, "*.*", new EnumerationOptions { IgnoreInaccessible = true }).Any(IsDocument));

    private static bool IsDocument(string file) => Path.GetExtension(file).ToLowerInvariant() is ".md" or ".markdown" or ".txt";

    private static byte[] StandardInput()
    {
        using var input = Console.OpenStandardInput();
        using var bytes = new MemoryStream();
        var buffer = new byte[81_920];
        while (input.Read(buffer) is > 0 and var count)
        {
            if (bytes.Length + count > MostBytes)
                throw new CommandException(ExitCodes.InvalidInput, $"Standard input has more than {MostBytes} bytes; the most that is planned is {SpecificationPlanner.MaxBytes}.");
            bytes.Write(buffer, 0, count);
        }

        return bytes.ToArray();
    }

    // A single word, one with a slash, or one that ends like a file was meant as a path; several words are a text.
    private static bool LooksLikePath(string argument)
    {
        if (argument.Contains('\n', StringComparison.Ordinal)) return false;
        var trimmed = argument.Trim();
        if (trimmed.Length == 0 || !trimmed.Any(char.IsWhiteSpace)) return true;
        return PathEnd().IsMatch(trimmed) || trimmed.StartsWith("./", StringComparison.Ordinal) || trimmed.StartsWith("../", StringComparison.Ordinal) || trimmed.StartsWith('/') || trimmed.StartsWith('~');
    }

    private static string Slug(string text)
    {
        var name = new StringBuilder();
        foreach (var c in text.ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(c)) name.Append(c);
            else if (name.Length > 0 && name[^1] != '-') name.Append('-');
            if (name.Length >= 60) break;
        }

        return name.ToString().Trim('-') is { Length: > 0 } slug ? slug : "plan";
    }

    [GeneratedRegex(@"\.(?:md|markdown|txt|rst|adoc|docx?|pdf|html?|json|ya?ml)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex PathEnd();
}
