using System.Text;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports;

/// <summary>
/// Ids for the tasks of a foreign plan. One that is allowed stays as it is; every other becomes the most similar one that is allowed and
/// free. The same ids in the same order give the same answer.
/// </summary>
public sealed class ImportedIds
{
    private readonly List<string> _originals;
    private readonly TaskId[] _ids;
    private readonly Dictionary<string, int> _first;

    /// <summary>Gives every task its id.</summary>
    /// <param name="originals">The foreign ids in file order; the same one may be there several times.</param>
    public ImportedIds(IEnumerable<string> originals)
    {
        _originals = [.. originals];
        _ids = new TaskId[_originals.Count];
        _first = new Dictionary<string, int>(_originals.Count, StringComparer.Ordinal);
        for (var i = 0; i < _originals.Count; i++) _first.TryAdd(_originals[i], i);

        // First those that stay as they are, so that nobody else takes their name.
        var taken = new HashSet<string>(_originals.Count, StringComparer.Ordinal);
        foreach (var (original, index) in _first)
        {
            if (Identifiers.Refuse(original) is not null) continue;
            _ids[index] = new(original);
            taken.Add(original);
        }

        var next = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < _ids.Length; i++)
        {
            if (_ids[i].Value is null) _ids[i] = new(Free(Similar(_originals[i]), taken, next, IsDuplicate(i)));
        }
    }

    /// <summary>How many tasks.</summary>
    public int Count => _ids.Length;

    /// <summary>The id of the task at this place.</summary>
    public TaskId this[int index] => _ids[index];

    /// <summary>What the task's id was, where it could not be kept; else null.</summary>
    public string? OriginalOf(int index) => _ids[index].Value == _originals[index] ? null : _originals[index];

    /// <summary>Whether an earlier task has the same foreign id.</summary>
    public bool IsDuplicate(int index) => _first[_originals[index]] != index;

    /// <summary>The place of the first task with this foreign id, or -1.</summary>
    public int IndexOf(string original) => _first.GetValueOrDefault(original, -1);

    private static string Free(string similar, HashSet<string> taken, Dictionary<string, int> next, bool isDuplicate)
    {
        if (!isDuplicate && taken.Add(similar)) return similar;

        // Remembered, because a hundred thousand ids may all become the same.
        var number = next.GetValueOrDefault(similar, 2);
        string id;
        do id = $"{similar}-{number++}";
        while (!taken.Add(id));
        next[similar] = number;
        return id;
    }

    // Room for "-100000" and more after it.
    private const int MaxSimilar = Identifiers.MaxLength - 12;

    private static string Similar(string original)
    {
        var id = new StringBuilder(original.Length);
        foreach (var c in original)
        {
            if (char.IsAsciiLetterOrDigit(c) || c == '_') id.Append(c);
            else if (id.Length > 0 && id[^1] is not ('-' or '.')) id.Append(c == '.' ? '.' : '-');
            if (id.Length == MaxSimilar) break;
        }

        var text = id.ToString().Trim('-', '.', '_');
        if (text.Length == 0) return "task";
        return Identifiers.Refuse(text) is null ? text : $"task-{text.Replace('.', '-')}";
    }
}
