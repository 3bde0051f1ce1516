namespace Slaps.Cli.Folders;

/// <summary>What commands answer, for whoever can only move files.</summary>
internal static class MoveWords
{
    /// <summary>The sentences that say what is the case; those that name a command, which nobody could give there, are left out.</summary>
    public static string Facts(string answer)
    {
        var facts = string.Join(' ', Sentences(answer).Where(sentence => !sentence.Contains("`tasks ", StringComparison.Ordinal)));
        return facts.Length > 0 ? facts : answer;
    }

    private static IEnumerable<string> Sentences(string text)
    {
        var start = 0;
        for (var at = 1; at < text.Length - 1; at++)
        {
            if (text[at] != ' ' || text[at - 1] is not ('.' or '!' or '?') || !(char.IsUpper(text[at + 1]) || text[at + 1] == '`')) continue;
            yield return text[start..at];
            start = at + 1;
        }

        yield return text[start..];
    }
}
