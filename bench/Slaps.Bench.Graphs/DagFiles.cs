using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using Slaps.Core.Plans;

namespace Slaps.Bench.Graphs;

/// <summary>A graph by its name in its archive.</summary>
/// <param name="Name">The member's name.</param>
/// <param name="Graph">The order between its tasks.</param>
internal sealed record NamedGraph(string Name, TaskGraph Graph);

/// <summary>Reads every <c>.dag.json</c> of the archives in a folder: <c>{"tasks":[{"id","duration","deps":[ids]}]}</c>.</summary>
internal static class DagFiles
{
    public static IEnumerable<NamedGraph> Read(string folder)
    {
        foreach (var archive in Directory.EnumerateFiles(folder, "*.tar.gz").Order(StringComparer.Ordinal))
        {
            using var stream = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress);
            using var tar = new TarReader(stream);
            while (tar.GetNextEntry(copyData: true) is { } entry)
            {
                var isPacked = entry.Name.EndsWith(".dag.json.gz", StringComparison.Ordinal);
                if (entry.DataStream is null || !(isPacked || entry.Name.EndsWith(".dag.json", StringComparison.Ordinal))) continue;
                using var data = isPacked ? new GZipStream(entry.DataStream, CompressionMode.Decompress) : entry.DataStream;
                using var document = JsonDocument.Parse(data);
                yield return new NamedGraph(entry.Name, Parse(document.RootElement));
            }
        }
    }

    private static TaskGraph Parse(JsonElement root)
    {
        var tasks = root.GetProperty("tasks").EnumerateArray().ToList();
        var indexes = new Dictionary<string, int>();
        foreach (var task in tasks) indexes.Add(task.GetProperty("id").ToString(), indexes.Count);
        return TaskGraph.Of(tasks.Count, tasks.SelectMany((task, to) => task.GetProperty("deps").EnumerateArray().Select(id => (indexes[id.ToString()], to))));
    }
}
