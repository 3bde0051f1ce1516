using System.Text;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports.Trackers;

/// <summary>Ids of another program as identifiers of ours: allowed, unique, and the same for the same source.</summary>
internal static class TrackerIds
{
    // Room for a number behind it.
    private const int Longest = Identifiers.MaxLength - 16;

    /// <summary>
    /// For each foreign id, in its place, the identifier. An id that is allowed stays as it is where it stands first; whatever else there is
    /// gets the nearest allowed one that is free, in the order of the source.
    /// </summary>
    public static string[] Of(IReadOnlyList<string> foreign)
    {
        var ids = new string?[foreign.Count];
        var taken = new HashSet<string>(foreign.Count);
        for (var i = 0; i < foreign.Count; i++)
        {
            if (Identifiers.Refuse(foreign[i]) is null && taken.Add(foreign[i])) ids[i] = foreign[i];
        }

        // Where a number was found free, the search goes on: ten thousand equal ids must not ask ten thousand times ten thousand times.
        var next = new Dictionary<string, int>();
        for (var i = 0; i < foreign.Count; i++)
        {
            if (ids[i] is not null) continue;
            var allowed = Allowed(foreign[i]);
            var id = allowed;
            for (var number = next.GetValueOrDefault(allowed, 2); !taken.Add(id); number++)
            {
                id = $"{allowed}-{number}";
                next[allowed] = number + 1;
            }

            ids[i] = id;
        }

        return ids!;
    }

    private static string Allowed(string foreign)
    {
        var text = new StringBuilder();
        foreach (var c in foreign)
        {
            if (text.Length == Longest) break;
            if (char.IsAsciiLetterOrDigit(c) || c == '_') text.Append(c);
            else if (c == '.' && text.Length > 0 && text[^1] != '.') text.Append('.');
            else if (text.Length > 0 && text[^1] is not ('-' or '.')) text.Append('-');
        }

        var id = text.ToString().TrimEnd('.', '-');
        return id.Length > 0 && Identifiers.Refuse(id) is null ? id : $"T-{id.TrimStart('_', '-', '.')}".TrimEnd('-');
    }
}
