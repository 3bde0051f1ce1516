using System.Net;
using System.Text.RegularExpressions;

namespace Slaps.Planning.Reading;

/// <summary>The words of a line without the marks of Markdown and HTML.</summary>
internal static partial class Words
{
    /// <summary>The text as a reader sees it: links by their words, code without its ticks, one space between words.</summary>
    public static string Plain(string marked)
    {
        var text = Image().Replace(marked, " ");
        text = Link().Replace(text, "${words}");
        text = Footnote().Replace(text, "");
        text = HtmlTag().Replace(text, " ");
        text = Emphasis().Replace(text, "${words}");
        text = Emphasis().Replace(text, "${words}");
        text = text.Replace("`", "", StringComparison.Ordinal).Replace("**", "", StringComparison.Ordinal).Replace("\\", "", StringComparison.Ordinal);
        if (text.Contains('&', StringComparison.Ordinal)) text = WebUtility.HtmlDecode(text);
        return OneSpace(text);
    }

    /// <summary>The text with every run of white space made one space, and none at its ends.</summary>
    public static string OneSpace(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The beginning of a text, cut between words; no mark shows the cut, so that it is still found in its source.</summary>
    public static string Beginning(string text, int length)
    {
        if (text.Length <= length) return text;
        var cut = text.LastIndexOf(' ', length);
        if (cut < length / 2) cut = char.IsLowSurrogate(text[length]) ? length - 1 : length;
        return text[..cut].TrimEnd();
    }

    /// <summary>The text, or as many whole sentences, else whole words, as fit; a mark shows that there was more.</summary>
    public static string Whole(string text, int length)
    {
        if (text.Length <= length) return text;
        var room = length - Cut.Length;
        for (var i = room - 1; i > room / 3; i--)
        {
            if (text[i] is ';' || IsEnd(text, i)) return text[..(text[i] is ';' ? i : i + 1)] + Cut;
        }

        return Beginning(text, room) + Cut;
    }

    private const string Cut = " […]";

    /// <summary>The sentences of a paragraph; one that is no sentence comes as it is.</summary>
    public static IReadOnlyList<string> Sentences(string text)
    {
        var sentences = new List<string>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (!IsEnd(text, i)) continue;
            AddSentence(sentences, text[start..(i + 1)]);
            start = i + 1;
        }

        AddSentence(sentences, text[start..]);
        return sentences;
    }

    /// <summary>The words that carry meaning, lower case and without their endings, for comparing two texts.</summary>
    public static HashSet<string> Stems(string text)
    {
        var stems = new HashSet<string>(StringComparer.Ordinal);
        foreach (Match match in Word().Matches(text))
        {
            var word = match.Value.ToLowerInvariant();
            if (word.Length > 2 && !Empty.Contains(word)) stems.Add(word.Length > 5 ? word[..5] : word.TrimEnd('s'));
        }

        return stems;
    }

    private static readonly HashSet<string> Empty = new(
        ("the and for with that this from are was were will shall should must may can has have not when then into its all any each via per use used using " +
        "they them their which who what how why also only more than such want able user users system feature support new").Split(' '), StringComparer.Ordinal);

    private static void AddSentence(List<string> sentences, string sentence)
    {
        if (sentence.Trim() is { Length: > 0 } words) sentences.Add(words);
    }

    private static bool IsEnd(string text, int i)
    {
        if (text[i] is '。' or '！' or '？') return true;
        if (text[i] is not ('.' or '!' or '?') || i + 2 >= text.Length || text[i + 1] != ' ') return false;
        if (!char.IsUpper(text[i + 2]) && !char.IsDigit(text[i + 2]) && text[i + 2] is not ('`' or '"' or '*' or '[')) return false;

        // "e.g. X", "vs. X" and "J. Doe" end no sentence; a file in ticks does.
        var word = text.AsSpan(0, i);
        word = word[(word.LastIndexOf(' ') + 1)..];
        return word.Length > 1 && (word[^1] == '`' || !word.Contains('.')) && word is not ("vs" or "etc" or "cf" or "No" or "approx" or "Fig");
    }

    [GeneratedRegex(@"!\[[^\]]{0,300}\]\([^)]{0,500}\)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Image();

    [GeneratedRegex(@"\[(?<words>[^\[\]]{1,500})\](?:\([^()\s]{0,800}(?:\([^()]{0,200}\)[^()\s]{0,200})?(?:\s+""[^""]{0,200}"")?\)|\[[^\]]{0,200}\])", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Link();

    [GeneratedRegex(@"\[\^[^\]]{0,60}\]", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Footnote();

    [GeneratedRegex(@"</?(?:a|b|i|p|br|hr|em|strong|code|div|span|img|sup|sub|details|summary|kbd|u|ul|ol|li|table|tr|td|th|h[1-6])(?:\s[^<>]{0,300})?/?>", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex HtmlTag();

    [GeneratedRegex(@"[\p{L}][\p{L}\p{N}]+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Word();

#pragma warning disable MA0009 // These look around, which only the backtracking engine can; what they are given is at most a line of bounded length.
    [GeneratedRegex(@"(?<![\p{L}\p{N}_*])(?<mark>\*{1,3}|_{1,3}|~~)(?=\S)(?<words>[^*~]{1,600}?)(?<=\S)\k<mark>(?![\p{L}\p{N}_*])", RegexOptions.CultureInvariant)]
    private static partial Regex Emphasis();
#pragma warning restore MA0009
}
