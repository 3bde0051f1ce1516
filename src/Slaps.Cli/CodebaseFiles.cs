using System.Text;
using Slaps.Cli.Output;
using Slaps.Core.Plans;
using Slaps.Planning.Codebase;
using Slaps.Runtime.Verification;

namespace Slaps.Cli;

/// <summary>
/// A folder of the disk as a codebase: bounded, without what .gitignore ignores, and never outside of its root. Links are not followed, so
/// that none leads in a circle or out.
/// </summary>
public sealed class CodebaseFiles : ICodebase
{
    /// <summary>So many files are listed at most.</summary>
    public const int MostFiles = 200_000;

    /// <summary>The largest file that is read, in bytes.</summary>
    public const int MostBytes = 1 << 20;

    /// <summary>All files together are read up to so many bytes; further ones count as unreadable.</summary>
    public const long MostBytesInAll = 512L << 20;

    private const int DeepestFolder = 64;
    private const int MostRuleFiles = 1_000;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _root;
    private readonly List<string> _files = [];
    private readonly List<string> _leftOut = [];
    private readonly HashSet<string> _known;
    private int _links;
    private int _unreadableFolders;
    private int _tooDeep;
    private int _ruleFiles;
    private long _bytesLeft = MostBytesInAll;

    private CodebaseFiles(string root)
    {
        _root = root;
        Walk(root, "", 0, []);
        _files.Sort(StringComparer.Ordinal);
        _known = _files.ToHashSet(StringComparer.Ordinal);
        if (_files.Count >= MostFiles) _leftOut.Add($"Only the first {MostFiles:N0} files were looked at.");
        if (_links > 0) _leftOut.Add($"{Durations.Count(_links, "symbolic link")} {(_links == 1 ? "was" : "were")} not followed.");
        if (_tooDeep > 0) _leftOut.Add($"{Durations.Count(_tooDeep, "folder")} below level {DeepestFolder} {(_tooDeep == 1 ? "was" : "were")} not entered.");
        if (_unreadableFolders > 0) _leftOut.Add($"{Durations.Count(_unreadableFolders, "folder")} could not be read.");
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Files => _files;

    /// <inheritdoc/>
    public IReadOnlyList<string> LeftOut => _leftOut;

    /// <summary>Lists a folder, or ends the command with a sentence when there is none.</summary>
    public static CodebaseFiles Open(string directory)
    {
        if (!Directory.Exists(directory))
            throw new CommandException(ExitCodes.InvalidInput, $"The codebase {Identifiers.Quote(directory)} is not a folder that can be read. Name the root of a project with --codebase-path.");
        return new CodebaseFiles(Path.GetFullPath(directory));
    }

    /// <inheritdoc/>
    public string? Read(string path)
    {
        if (!_known.Contains(path)) return null;
        var full = Path.Combine(_root, path);
        try
        {
            // The tree may change while it is read: what has become a link or a pipe since it was listed is left alone.
            var info = new FileInfo(full);
            if (info.LinkTarget is not null || WorkspacePaths.IsOtherThanFile(full) || info.Length > Math.Min(MostBytes, _bytesLeft)) return null;
            var bytes = File.ReadAllBytes(full);
            _bytesLeft -= bytes.Length;
            var text = Strict.GetString(bytes.AsSpan(bytes is [0xEF, 0xBB, 0xBF, ..] ? 3 : 0));
            return text.Contains('\0') ? null : text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            // Gone, forbidden, or no text: for the survey it is a file without words.
            return null;
        }
    }

    // Deterministic also where the limit cuts off: each folder's entries in the order of their characters.
    private void Walk(string folder, string relative, int depth, List<(string Folder, IgnoreRules Rules)> rules)
    {
        if (depth > DeepestFolder)
        {
            _tooDeep++;
            return;
        }

        FileSystemInfo[] entries;
        try
        {
            entries = new DirectoryInfo(folder).GetFileSystemInfos();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Said in LeftOut; the rest of the tree is still of use.
            _unreadableFolders++;
            return;
        }

        Array.Sort(entries, (a, b) => string.CompareOrdinal(a.Name, b.Name));
        if (Array.Find(entries, e => e is FileInfo { Name: ".gitignore", LinkTarget: null, Length: <= MostBytes }) is { } file && _ruleFiles++ < MostRuleFiles && !WorkspacePaths.IsOtherThanFile(file.FullName))
            rules = [.. rules, (relative, IgnoreRules.Parse(ReadRules(file.FullName)))];

        foreach (var entry in entries)
        {
            if (_files.Count >= MostFiles) return;
            if (entry.Name is ".git" or ".slaps" or ".hg" or ".svn") continue;
            if (entry.LinkTarget is not null)
            {
                _links++;
                continue;
            }

            var path = relative.Length == 0 ? entry.Name : $"{relative}/{entry.Name}";
            var isFolder = entry is DirectoryInfo;
            if (IsIgnored(path, isFolder, rules)) continue;
            if (isFolder) Walk(entry.FullName, path, depth + 1, rules);
            else if (!WorkspacePaths.IsOtherThanFile(entry.FullName) && !path.Any(char.IsControl)) _files.Add(path);
        }
    }

    private static string ReadRules(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Rules that cannot be read ignore nothing.
            return "";
        }
    }

    // The innermost rules that speak of it decide.
    private static bool IsIgnored(string path, bool isFolder, List<(string Folder, IgnoreRules Rules)> rules)
    {
        for (var i = rules.Count - 1; i >= 0; i--)
        {
            var below = rules[i].Folder.Length == 0 ? path : path[(rules[i].Folder.Length + 1)..];
            if (rules[i].Rules.Ignores(below, isFolder) is { } ignores) return ignores;
        }

        return false;
    }
}
