using System.Text;
using Slaps.Core.Plans;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Dependencies;

/// <summary>Finds the lines on which the words of an item stand, so that evidence quotes exactly these.</summary>
internal sealed class SourceQuotes(IReadOnlyDictionary<string, IReadOnlyList<string>> sources)
{
    private const int LongestExcerpt = 240;

    private readonly Dictionary<(string, int, int), (string Letters, int[] LineOf)> _letters = [];

    /// <summary>Evidence for an item as a whole: the line it begins with.</summary>
    public Evidence Of(WorkItem item, double confidence, string rationale) => Of(item, item.Title, confidence, rationale);

    /// <summary>Evidence that quotes the lines of a sentence. Where it cannot be found among the lines, the item's own place stands for it.</summary>
    public Evidence Of(WorkItem item, string sentence, double confidence, string rationale)
    {
        var wanted = Letters(sentence);
        foreach (var source in item.Sources)
        {
            if (wanted.Length > 0 && Find(source.File, source.First, source.Last, wanted) is { } lines) return Quote(source.File, lines.First, lines.Last, confidence, rationale);
        }

        var part = item.Parts.Concat(item.Criteria).FirstOrDefault(p => wanted.Length > 0 && Letters(p.Text).Contains(wanted, StringComparison.Ordinal));
        var place = part?.Source ?? item.Sources[0];
        return sources.ContainsKey(place.File)
            ? Quote(place.File, place.First, place.First, confidence, rationale)
            : new Evidence(EvidenceType.Plan, place.Place, Cut(place.Excerpt), confidence, rationale);
    }

    /// <summary>Evidence that quotes whole lines.</summary>
    public Evidence Quote(string file, int first, int last, double confidence, string rationale)
    {
        var lines = sources[file];
        first = Math.Clamp(first, 1, Math.Max(1, lines.Count));
        last = Math.Clamp(last, first, Math.Max(1, lines.Count));
        var words = string.Join(' ', Enumerable.Range(first - 1, last - first + 1).Where(i => i < lines.Count).SelectMany(i => lines[i].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        return new Evidence(EvidenceType.Plan, first == last ? $"{file}#L{first}" : $"{file}#L{first}-L{last}", Cut(words), confidence, rationale);
    }

    // Letters and digits only: marks of Markdown and line breaks do not count, and a sentence over two lines is still found.
    private (int First, int Last)? Find(string file, int first, int last, string wanted)
    {
        if (!sources.TryGetValue(file, out var lines)) return null;
        if (!_letters.TryGetValue((file, first, last), out var known))
        {
            var letters = new StringBuilder();
            var lineOf = new List<int>();
            for (var line = Math.Max(1, first); line <= Math.Min(last, lines.Count); line++)
            {
                foreach (var c in lines[line - 1])
                {
                    if (!char.IsLetterOrDigit(c)) continue;
                    letters.Append(char.ToLowerInvariant(c));
                    lineOf.Add(line);
                }
            }

            _letters.Add((file, first, last), known = (letters.ToString(), [.. lineOf]));
        }

        var at = known.Letters.IndexOf(wanted, StringComparison.Ordinal);
        return at < 0 ? null : (known.LineOf[at], known.LineOf[at + wanted.Length - 1]);
    }

    private static string Letters(string text)
    {
        var letters = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (char.IsLetterOrDigit(c)) letters.Append(char.ToLowerInvariant(c));
        }

        return letters.ToString();
    }

    private static string Cut(string text)
    {
        if (text.Length <= LongestExcerpt) return text;
        var end = text.LastIndexOf(' ', LongestExcerpt);
        if (end < LongestExcerpt / 2) end = char.IsHighSurrogate(text[LongestExcerpt - 1]) ? LongestExcerpt - 1 : LongestExcerpt;
        return text[..end];
    }
}
