using System.IO.Compression;
using System.Text;
using System.Text.Unicode;
using Slaps.Cli.Output;
using Slaps.Core.Plans;
using Slaps.Planning.Imports;
using Slaps.Runtime.Verification;

namespace Slaps.Cli;

/// <summary>Finds the files of a foreign plan and reads them when somebody asks: unpacked, and as UTF-8 without a byte order mark.</summary>
internal sealed class ImportFiles
{
    /// <summary>The largest file that is read, in bytes; unpacked, too.</summary>
    public const long MaxBytes = CoordinatorJson.MaxBytes;

    /// <summary>The most bytes that are read for one import, all files together.</summary>
    public const long MaxTotalBytes = 4 * MaxBytes;

    /// <summary>The most files of a directory; a plan that holds more is not one.</summary>
    public const int MaxFiles = 20_000;

    private const int MaxDepth = 16;

    // What these hold is no plan, and they hold a lot of it.
    private static readonly string[] Skipped = [".git", ".slaps", "node_modules"];

    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private long _total;

    /// <summary>
    /// The named file with its siblings, or every file below the named directory, as far as no link leads out of it. Ends the command with a
    /// sentence when there is none.
    /// </summary>
    /// <param name="named">What the user named.</param>
    /// <param name="output">The directory that the plan goes to; what an earlier import left there is not looked at.</param>
    public ImportSource Find(string named, string output)
    {
        var outputPath = PlanFiles.RealPath(output);
        if (Directory.Exists(named)) return new ImportSource("", Files(Below(named, outputPath), named));
        if (!Path.Exists(named)) throw Refused($"There is no file or directory {Identifiers.Quote(named)}.");
        if (WorkspacePaths.IsOtherThanFile(named)) throw Refused($"{Identifiers.Quote(named)} is a pipe, a device or a socket; a file is wanted.");

        var folder = Path.GetDirectoryName(named) is { Length: > 0 } parent ? parent : ".";
        var name = Path.GetFileName(named);
        return new ImportSource(Unpacked(name), Files([.. Siblings(folder, name)], folder, name));
    }

    /// <summary>The real paths of the files that the import has read.</summary>
    public IReadOnlyList<string> Paths => [.. _read];

    // Of a file and the same file packed, the one that was named wins, else the one that is not packed.
    private List<ImportFile> Files(IEnumerable<string> paths, string folder, string? named = null)
    {
        var files = new SortedDictionary<string, ImportFile>(StringComparer.Ordinal);
        foreach (var path in paths.OrderBy(path => path == named ? 0 : 1).ThenBy(path => path.Length).ThenBy(path => path, StringComparer.Ordinal))
        {
            var full = Path.Combine(folder, path);
            var display = folder == "." && named is not null ? path : full;
            var bytes = new Lazy<ReadOnlyMemory<byte>>(() => Read(full, display));
            files.TryAdd(Unpacked(path), new ImportFile(Unpacked(path), Unpacked(display), () => bytes.Value));
        }

        return [.. files.Values];
    }

    private static string Unpacked(string path) => IsPacked(path) ? path[..^3] : path;

    private static bool IsPacked(string path) => path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) && path.Length > 3;

    private static IEnumerable<string> Siblings(string folder, string name)
    {
        var root = PlanFiles.RealPath(folder);
        var found = 0;
        foreach (var path in Entries(folder))
        {
            if (Path.GetFileName(path) == name || IsDirectory(path) || !StaysInside(path, root)) continue;
            if (++found > MaxFiles)
            {
                Say.Progress($"{Identifiers.Quote(folder)} holds more than {MaxFiles} files, so nothing beside {Identifiers.Quote(name)} is looked at.");
                return [name];
            }
        }

        return [name, .. Entries(folder).Where(path => Path.GetFileName(path) != name && !IsDirectory(path) && StaysInside(path, root)).Select(path => Path.GetFileName(path))];
    }

    private static List<string> Below(string folder, string output)
    {
        var root = PlanFiles.RealPath(folder);
        var files = new List<string>();
        var folders = new Stack<(string Path, int Depth)>([(folder, 0)]);
        while (folders.TryPop(out var current))
        {
            foreach (var path in Entries(current.Path))
            {
                var isLink = new FileInfo(path).LinkTarget is not null;
                if (IsDirectory(path))
                {
                    // A link to a directory may lead round in circles; what it shows lies elsewhere under its own name.
                    if (isLink || current.Depth == MaxDepth || Skipped.Contains(Path.GetFileName(path)) || PlanFiles.RealPath(path) == output) continue;
                    folders.Push((path, current.Depth + 1));
                }
                else if (StaysInside(path, root))
                {
                    if (files.Count == MaxFiles) throw Refused($"{Identifiers.Quote(folder)} holds more than {MaxFiles} files. Name the plan's file, or a directory with less in it.");
                    files.Add(Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/'));
                }
            }
        }

        return files;
    }

    private static IEnumerable<string> Entries(string folder)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(folder, "*", new EnumerationOptions { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = true });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused($"The directory {Identifiers.Quote(folder)} cannot be read: {e.Message}");
        }
    }

    private static bool IsDirectory(string path) => Directory.Exists(path);

    private static bool StaysInside(string path, string root)
    {
        if (WorkspacePaths.IsOtherThanFile(path) || !File.Exists(path)) return false;
        return new FileInfo(path).LinkTarget is null || PlanFiles.RealPath(path).StartsWith(root.TrimEnd('/') + "/", StringComparison.Ordinal);
    }

    private ReadOnlyMemory<byte> Read(string path, string display)
    {
        byte[] bytes;
        try
        {
            bytes = IsPacked(path) ? Unpack(PlanFiles.Read(path, MaxBytes), display) : PlanFiles.Read(path, MaxBytes);
        }
        catch (CommandException e)
        {
            throw new IOException(e.Message, e);
        }

        _read.Add(PlanFiles.RealPath(path));
        _total += bytes.Length;
        if (_total > MaxTotalBytes) throw new IOException($"More than {MaxTotalBytes} bytes would have to be read, with {Identifiers.Quote(display)} the last. Name the plan's file, or a directory with less in it.");
        return AsUtf8(bytes, display);
    }

    private static byte[] Unpack(byte[] packed, string display)
    {
        if (packed is not [0x1f, 0x8b, ..]) throw new IOException($"{Identifiers.Quote(display)} ends with .gz but is not packed with gzip. Rename it, or get the file again.");

        // The library takes a file that is cut off for one that ends. So something known is packed behind it: only when it comes out again,
        // everything before it was whole.
        byte[] known = [0x21];
        using var unpacked = new MemoryStream();
        try
        {
            using var gzip = new GZipStream(new MemoryStream([.. packed, .. Pack(known)]), CompressionMode.Decompress);
            var buffer = new byte[1 << 16];
            for (var count = gzip.Read(buffer); count > 0; count = gzip.Read(buffer))
            {
                if (unpacked.Length + count > MaxBytes) throw new IOException($"{Identifiers.Quote(display)} has more than {MaxBytes} bytes when it is unpacked, and that is the most that is read.");
                unpacked.Write(buffer, 0, count);
            }
        }
        catch (InvalidDataException e)
        {
            throw new IOException($"{Identifiers.Quote(display)} is damaged or cut off and cannot be unpacked. Get the file again.", e);
        }

        var bytes = unpacked.GetBuffer().AsSpan(0, (int)unpacked.Length);
        if (!bytes.EndsWith(known)) throw new IOException($"{Identifiers.Quote(display)} is cut off and cannot be unpacked to its end. Get the file again.");
        return bytes[..^known.Length].ToArray();
    }

    private static byte[] Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(bytes);
        return packed.ToArray();
    }

    private static ReadOnlyMemory<byte> AsUtf8(byte[] bytes, string display)
    {
        if (bytes is [0xff, 0xfe, 0, 0, ..] or [0, 0, 0xfe, 0xff, ..]) throw new IOException($"{Identifiers.Quote(display)} is a text in UTF-32. Save it as UTF-8.");
        if (bytes is [0xff, 0xfe, ..] or [0xfe, 0xff, ..])
        {
            try
            {
                return Encoding.UTF8.GetBytes(new UnicodeEncoding(bigEndian: bytes[0] == 0xfe, byteOrderMark: true, throwOnInvalidBytes: true).GetString(bytes.AsSpan(2)));
            }
            catch (ArgumentException e)
            {
                throw new IOException($"{Identifiers.Quote(display)} begins like a text in UTF-16, but it is none. Save it as UTF-8.", e);
            }
        }

        var text = bytes is [0xef, 0xbb, 0xbf, ..] ? bytes.AsMemory(3) : bytes;
        if (Utf8.IsValid(text.Span) && !text.Span.Contains((byte)0)) return text;
        throw new IOException($"{Identifiers.Quote(display)} is no text in UTF-8 (nor in UTF-16 with a byte order mark). Check that it is the right file, and save it as UTF-8.");
    }

    private static CommandException Refused(string message) => new(ExitCodes.InvalidInput, message);
}
