namespace Slaps.Planning.Tasks;

/// <summary>
/// The files that a document names, so that a short name finds its long one: where a text says <c>src/app/core/paths.py</c> once,
/// <c>core/paths.py</c> and <c>paths.py</c> mean the same file elsewhere in it.
/// </summary>
internal sealed class NamedFiles
{
    private const int LongestLine = 20_000;
    private const int MostPaths = 20_000;

    // Each ending of a path from a slash on, with the one path that ends so; empty when several do.
    private readonly Dictionary<string, string> _byEnding = new(StringComparer.Ordinal);

    /// <summary>The files that some lines name.</summary>
    public NamedFiles(IEnumerable<string> lines)
    {
        foreach (var path in Mentions.In(lines.Select(line => line.Length > LongestLine ? line[..LongestLine] : line)).Paths.Take(MostPaths))
        {
            for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0 && slash + 1 < path.Length; slash = path.IndexOf('/', slash + 1)) Add(path[(slash + 1)..], path);
        }
    }

    /// <summary>The long name of a path where exactly one is known; else the path itself.</summary>
    public string Resolve(string path)
    {
        // A long name may be the end of a longer one; each step makes it longer, so it ends.
        while (_byEnding.TryGetValue(path, out var whole) && whole.Length > path.Length) path = whole;
        return path;
    }

    /// <summary>
    /// What the item's own words say it makes. A file that only a line outside of the work names was given to the item by a guess, for its
    /// scope; nobody said that this item makes it.
    /// </summary>
    public static List<string> Made(WorkItem item)
    {
        var words = item.Criteria.Concat(item.Parts).Select(line => line.Text).Prepend(item.Text).Prepend(item.Title).ToList();
        return [.. item.Produces.Where(made => !item.Uses.Contains(made, StringComparer.Ordinal) && words.Exists(text => Names(text, made)))];
    }

    // A text that names a file names its last part, or in braces the beginning of that.
    private static bool Names(string text, string made)
    {
        var name = made.TrimEnd('/');
        name = Mentions.PathOf(made) is null ? made : name[(name.LastIndexOf('/') + 1)..];
        return text.Contains(name, StringComparison.Ordinal) || (text.Contains('{', StringComparison.Ordinal) && text.Contains(Path.GetFileNameWithoutExtension(name), StringComparison.Ordinal));
    }

    private void Add(string ending, string path)
    {
        if (!_byEnding.TryGetValue(ending, out var there)) _byEnding.Add(ending, path);
        else if (there.Length == 0 || there == path || there.EndsWith("/" + path, StringComparison.Ordinal)) return;
        else _byEnding[ending] = path.EndsWith("/" + there, StringComparison.Ordinal) ? path : "";
    }
}
