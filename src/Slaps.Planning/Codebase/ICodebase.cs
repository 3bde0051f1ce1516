namespace Slaps.Planning.Codebase;

/// <summary>A tree of source files as it lies there, read only. The command line reads a folder; a test holds a handful of texts.</summary>
public interface ICodebase
{
    /// <summary>All files: relative to the root, with forward slashes, in the order of their characters; ignored ones are not among them.</summary>
    IReadOnlyList<string> Files { get; }

    /// <summary>Why some files are not among <see cref="Files"/>, as sentences; empty when all are.</summary>
    IReadOnlyList<string> LeftOut { get; }

    /// <summary>The text of one of the <see cref="Files"/>; null when it is no text in UTF-8, is too large to be read, or is not among them.</summary>
    string? Read(string path);
}
