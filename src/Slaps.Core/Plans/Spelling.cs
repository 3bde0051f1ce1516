namespace Slaps.Core.Plans;

/// <summary>Guesses what somebody meant to write.</summary>
public static class Spelling
{
    /// <summary>The one known name that is nearest to <paramref name="name"/>; null when none is near, or when several are equally near.</summary>
    public static string? Nearest(string name, IEnumerable<string> known)
    {
        string? nearest = null;
        var best = int.MaxValue;
        foreach (var candidate in known)
        {
            // A letter that is missing makes a name no shorter than was meant.
            var allowed = name.Length < 3 ? 0 : Math.Max(name.Length, candidate.Length) < 8 ? 1 : 2;
            if (Math.Abs(candidate.Length - name.Length) > Math.Min(best, allowed)) continue;
            var distance = candidate.Equals(name, StringComparison.OrdinalIgnoreCase) ? 0 : Distance(name, candidate, allowed);
            if (distance > allowed) continue;
            if (distance < best) (nearest, best) = (candidate, distance);
            else if (distance == best && candidate != nearest) nearest = null;
        }

        return nearest;
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours between two texts (optimal string alignment); any number above <paramref name="limit"/> when there are more.</summary>
    public static int Distance(string left, string right, int limit = int.MaxValue)
    {
        // Names are short; a longer text is nobody's misspelling.
        if (left.Length > MaxLength || right.Length > MaxLength) return int.MaxValue;

        Span<int> before = stackalloc int[right.Length + 1], last = stackalloc int[right.Length + 1], row = stackalloc int[right.Length + 1];
        for (var j = 0; j <= right.Length; j++) last[j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            row[0] = i;
            var least = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var same = left[i - 1] == right[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + same);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) row[j] = Math.Min(row[j], before[j - 2] + 1);
                least = Math.Min(least, row[j]);
            }

            // A swap reaches back two rows, so one row above the limit is not enough to give up: its successor may be one better.
            if (least - 1 > limit) return least;
            var free = before;
            before = last;
            last = row;
            row = free;
        }

        return last[right.Length];
    }

    private const int MaxLength = 200;
}

/// <summary>Guesses among many names without becoming slow when everything is misspelt: after so many comparisons it guesses no more.</summary>
public sealed class SpellingGuide(IReadOnlyCollection<string> known)
{
    private int _left = 500_000;

    /// <summary>As <see cref="Spelling.Nearest"/>; null, too, once it has compared too often.</summary>
    public string? Nearest(string name)
    {
        if (_left < known.Count) return null;
        _left -= known.Count;
        return Spelling.Nearest(name, known);
    }
}
