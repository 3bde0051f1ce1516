using System.Numerics;

namespace Slaps.Core.Plans.Review;

/// <summary>
/// Who comes before whom through any number of steps, as rows of bits that are filled backwards along a topological order, some columns at
/// a time: the cost is edges by columns / 64, and the memory for the columns in work stays below 64 MB.
/// </summary>
public sealed class Reachability
{
    private const long MaxWords = 8_000_000;
    private const double MaxSteps = 5e9;

    private readonly ulong[] _bits;
    private readonly int _words;

    private Reachability(int count)
    {
        _words = (count + 63) / 64;
        _bits = new ulong[(long)count * _words];
    }

    /// <summary>Whether the whole of this graph can be looked at within seconds.</summary>
    public static bool CanReduce(TaskGraph graph) => ((double)graph.EdgeCount + graph.Count) * graph.Count / 64 <= MaxSteps;

    /// <summary>The order among some tasks of an acyclic graph. Rows and columns are their places in the list.</summary>
    public static Reachability Among(TaskGraph graph, IReadOnlyList<int> tasks)
    {
        var reach = new Reachability(tasks.Count);
        Sweep(graph, tasks, (rows, words, from, columns) =>
        {
            for (var row = 0; row < tasks.Count; row++)
                rows.AsSpan(tasks[row] * words, (columns + 63) / 64).CopyTo(reach._bits.AsSpan((row * reach._words) + (from / 64)));
        });
        return reach;
    }

    /// <summary>Whether one task of the list comes before another.</summary>
    public bool Reaches(int row, int column) => (_bits[(row * _words) + (column / 64)] >> (column % 64) & 1) != 0;

    private static void Sweep(TaskGraph graph, IReadOnlyList<int> columns, Action<ulong[], int, int, int> done)
    {
        var words = (int)Math.Clamp(MaxWords / Math.Max(1, graph.Count), 1, (columns.Count + 63) / 64 is var needed and > 0 ? needed : 1);
        var rows = new ulong[graph.Count * words];
        var order = graph.TopologicalOrder();
        var columnOf = new int[graph.Count];
        for (var from = 0; from < columns.Count; from += words * 64)
        {
            var width = Math.Min(words * 64, columns.Count - from);
            Array.Fill(columnOf, -1);
            for (var i = 0; i < width; i++) columnOf[columns[from + i]] = i;
            Array.Clear(rows);
            for (var i = order.Length - 1; i >= 0; i--)
            {
                var row = rows.AsSpan(order[i] * words, words);
                foreach (var next in graph.SuccessorsOf(order[i])) Join(row, rows.AsSpan(next * words, words));
                foreach (var next in graph.SuccessorsOf(order[i]))
                {
                    if (columnOf[next] is >= 0 and var column) row[column / 64] |= 1UL << (column % 64);
                }
            }

            done(rows, words, from, width);
        }
    }

    private static void Join(Span<ulong> row, ReadOnlySpan<ulong> other)
    {
        var i = 0;
        for (; i <= row.Length - Vector<ulong>.Count; i += Vector<ulong>.Count) (new Vector<ulong>(row[i..]) | new Vector<ulong>(other[i..])).CopyTo(row[i..]);
        for (; i < row.Length; i++) row[i] |= other[i];
    }
}
