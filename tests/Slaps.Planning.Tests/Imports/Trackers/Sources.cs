using System.IO.Compression;
using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Planning.Imports;

namespace Slaps.Planning.Tests.Imports.Trackers;

/// <summary>Sources for importers: written into a test, or read from a folder of the shared data.</summary>
internal static class Sources
{
    public static ImportSource Named(string path, string text) => Named(path, Encoding.UTF8.GetBytes(text));

    public static ImportSource Named(string path, byte[] bytes) => new(path, [new(path, path, () => bytes)]);

    public static ImportSource Folder(params (string Path, string Text)[] files) =>
        new("", [.. files.OrderBy(file => file.Path, StringComparer.Ordinal).Select(file => new ImportFile(file.Path, file.Path, () => Encoding.UTF8.GetBytes(file.Text)))]);

    /// <summary>All files of a folder on the disk.</summary>
    public static ImportSource Disk(string folder) => new("", Files(folder));

    /// <summary>A file on the disk with its siblings.</summary>
    public static ImportSource DiskFile(string path) => new(Unpacked(Path.GetFileName(path)), Files(Path.GetDirectoryName(path)!));

    public static (PlanDraft? Draft, DiagnosticBag Found) Read(this IPlanFormat format, ImportSource source)
    {
        var found = new DiagnosticBag();
        return (format.Read(source, found), found);
    }

    /// <summary>The draft, which must be there and make a valid plan.</summary>
    public static (PlanDraft Draft, DiagnosticBag Found) ReadValid(this IPlanFormat format, ImportSource source)
    {
        var (draft, found) = format.Read(source);
        Assert.True(draft is not null, string.Join("\n", found.Items));
        var wrong = new DiagnosticBag();
        Assert.True(Plan.Build(draft, wrong) is not null, string.Join("\n", wrong.Items.Where(item => item.Severity == Severity.Error)));
        return (draft, found);
    }

    /// <summary>The hard edges by the ids of the source.</summary>
    public static SortedSet<string> HardEdges(this PlanDraft draft, double minConfidence = 0) => Edges(draft, edge => edge.OrdersWork && edge.Confidence >= minConfidence);

    public static SortedSet<string> SoftEdges(this PlanDraft draft) => Edges(draft, edge => !edge.IsHard);

    public static IEnumerable<string> Ids(this PlanDraft draft) => draft.Tasks.Select(task => task.OriginalId ?? task.Id.Value);

    public static IEnumerable<string> Codes(this DiagnosticBag found) => found.Items.Select(item => item.Code);

    private static SortedSet<string> Edges(PlanDraft draft, Func<Dependency, bool> wanted)
    {
        var original = draft.Tasks.ToDictionary(task => task.Id, task => task.OriginalId ?? task.Id.Value);
        return new(draft.Dependencies.Where(wanted).Select(edge => $"{original[edge.From]} > {original[edge.To]}"), StringComparer.Ordinal);
    }

    private static ImportFile[] Files(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => (Path: Path.GetRelativePath(folder, path).Replace('\\', '/'), Full: path))
            .OrderBy(file => file.Path, StringComparer.Ordinal)
            .Select(file => new ImportFile(Unpacked(file.Path), file.Path, () => Bytes(file.Full))),
    ];

    private static string Unpacked(string path) => path.EndsWith(".gz", StringComparison.Ordinal) ? path[..^3] : path;

    private static byte[] Bytes(string path)
    {
        if (!path.EndsWith(".gz", StringComparison.Ordinal)) return File.ReadAllBytes(path);
        using var packed = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        packed.CopyTo(bytes);
        return bytes.ToArray();
    }
}
