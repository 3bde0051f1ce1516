using System.Text;
using Slaps.Core.Plans.Review;
using Slaps.Runtime.Verification;

namespace Slaps.Cli;

/// <summary>
/// The plan directory, the workspace and the code base, as a review may look at them: never outside of these, wherever a link leads, and
/// never at more than <see cref="MaxFileBytes"/> of a file or <see cref="MaxBytes"/> in all.
/// </summary>
internal sealed class PlanSurroundings : IPlanSurroundings
{
    /// <summary>The largest source that is read, in bytes.</summary>
    public const int MaxFileBytes = 8 << 20;

    /// <summary>So much is read of all sources together, in bytes.</summary>
    public const long MaxBytes = 256L << 20;

    private readonly List<string> _roots;
    private readonly string _workspace;
    private readonly string[] _searchPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
    private long _bytesLeft = MaxBytes;

    public PlanSurroundings(string planDirectory, string workspace, string? codebase)
    {
        _workspace = PlanFiles.RealPath(workspace);
        _roots = [.. new[] { codebase, workspace, planDirectory }.OfType<string>().Select(PlanFiles.RealPath).Distinct(StringComparer.Ordinal)];
    }

    public bool HasProgram(string name, string workdir, bool isScript)
    {
        if (Path.IsPathRooted(name)) return File.Exists(name);
        if ((isScript || name.Contains('/', StringComparison.Ordinal))
            && (_roots.Exists(root => Inside(root, Path.Combine(workdir, name)) is { } file && File.Exists(file)) || _roots.Exists(root => Inside(root, name) is { } file && File.Exists(file)))) return true;
        return !name.Contains('/', StringComparison.Ordinal)
            && Array.Exists(_searchPath, folder => File.Exists(Path.Combine(Path.IsPathRooted(folder) ? folder : Path.Combine(_workspace, folder), name)));
    }

    public SourceText Read(string source)
    {
        if (source.Length > 4_096 || source.Contains('\0', StringComparison.Ordinal)) return new(null, "is no path");
        var isOutside = false;
        foreach (var root in _roots)
        {
            var path = Path.Combine(root, source);
            if (!Path.Exists(path)) continue;
            if (Inside(root, source) is { } file) return ReadFile(file);
            isOutside = true;
        }

        return new(null, isOutside ? "lies outside of the plan directory, the workspace and the code base" : "is not there");
    }

    private SourceText ReadFile(string file)
    {
        try
        {
            if (Directory.Exists(file)) return new(null, "is a directory, not a file");
            if (WorkspacePaths.IsOtherThanFile(file)) return new(null, "is not a regular file");
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length > MaxFileBytes) return new(null, $"has {stream.Length:N0} bytes, and {MaxFileBytes:N0} is the most that is looked at");
            if (stream.Length > _bytesLeft) return new(null, "was not looked at, because the sources before it were so large");
            _bytesLeft -= stream.Length;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return new(Encoding.UTF8.GetString(bytes).TrimStart('\ufeff'), "");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(null, $"cannot be read: {e.Message.TrimEnd('.')}");
        }
    }

    // Where it really lies, or null when that is not below the root or nothing is there.
    private static string? Inside(string root, string path)
    {
        if (path.Contains('\0', StringComparison.Ordinal)) return null;
        var full = Path.Combine(root, path);
        if (!Path.Exists(full)) return null;
        var real = PlanFiles.RealPath(full);
        return root == "/" || real.StartsWith(root + "/", StringComparison.Ordinal) ? real : null;
    }
}
