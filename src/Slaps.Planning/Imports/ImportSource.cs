namespace Slaps.Planning.Imports;

/// <summary>A plan of another program, as files that somebody has read from the disk: this project reads none itself.</summary>
/// <param name="Named">What the user named: the path of one of <paramref name="Files"/>, or <c>""</c> for the whole directory.</param>
/// <param name="Files">The named file and its siblings, or all files of the named directory, sorted by path.</param>
public sealed record ImportSource(string Named, IReadOnlyList<ImportFile> Files)
{
    /// <summary>The file with this path, or null.</summary>
    public ImportFile? Find(string path) => Files.FirstOrDefault(file => file.Path == path);
}

/// <summary>One file, unpacked already when it was packed with gzip.</summary>
/// <param name="Path">Relative to the directory, with <c>/</c>, without a final <c>.gz</c>.</param>
/// <param name="DisplayPath">As the user would name it, for messages and evidence.</param>
/// <param name="Read">Reads it; throws <see cref="IOException"/> with a sentence when it cannot.</param>
public sealed record ImportFile(string Path, string DisplayPath, Func<ReadOnlyMemory<byte>> Read);
