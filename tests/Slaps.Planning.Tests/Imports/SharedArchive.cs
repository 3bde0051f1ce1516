using System.Formats.Tar;
using System.IO.Compression;

namespace Slaps.Planning.Tests.Imports;

/// <summary>Single files of the shared data's archives.</summary>
internal static class SharedArchive
{
    /// <summary>The text of the file whose name ends like this.</summary>
    public static string Text(string archive, string name)
    {
        using var packed = File.OpenRead(archive);
        using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
        using var files = new TarReader(unpacked);
        while (files.GetNextEntry() is { } entry)
        {
            if (!entry.Name.EndsWith(name, StringComparison.Ordinal)) continue;
            using var reader = new StreamReader(entry.DataStream!);
            return reader.ReadToEnd();
        }

        throw new FileNotFoundException($"{archive} holds no {name}.");
    }
}
