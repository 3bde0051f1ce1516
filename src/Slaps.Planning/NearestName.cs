namespace Slaps.Planning;

/// <summary>Guesses which of the known names a misspelt one was meant to be.</summary>
internal static class NearestName
{
    private const int MostCandidates = 1_000;
    private const int LongestName = 200;

    /// <summary>The nearest candidate within a third of the name's length in edits; null when none is near. The first of equals wins.</summary>
    public static string? To(string name, IEnumerable<string> candidates)
    {
        // A hostile specification has thousands of names and thousands of mistakes; a suggestion is not worth the square of that.
        if (name.Length > LongestName) return null;
        var best = Math.Max(1, name.Length / 3) + 1;
        string? nearest = null;
        foreach (var candidate in candidates.Take(MostCandidates))
        {
            if (Math.Abs(candidate.Length - name.Length) >= best) continue;
            var distance = Distance(name, candidate);
            if (distance >= best) continue;
            best = distance;
            nearest = candidate;
        }

        return nearest;
    }

    // Edit distance with neighbours swapped as one edit (Damerau, 1964; optimal string alignment); case does not count.
    private static int Distance(string left, string right)
    {
        var (twoAbove, above, row) = (new int[right.Length + 1], new int[right.Length + 1], new int[right.Length + 1]);
        for (var j = 0; j <= right.Length; j++) above[j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                row[j] = Math.Min(Math.Min(above[j], row[j - 1]) + 1, above[j - 1] + (Same(left[i - 1], right[j - 1]) ? 0 : 1));
                var isSwap = i > 1 && j > 1 && Same(left[i - 1], right[j - 2]) && Same(left[i - 2], right[j - 1]);
                if (isSwap) row[j] = Math.Min(row[j], twoAbove[j - 2] + 1);
            }

            (twoAbove, above, row) = (above, row, twoAbove);
        }

        return above[right.Length];
    }

    private static bool Same(char left, char right) => char.ToUpperInvariant(left) == char.ToUpperInvariant(right);
}
