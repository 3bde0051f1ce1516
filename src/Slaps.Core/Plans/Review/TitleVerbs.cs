namespace Slaps.Core.Plans.Review;

/// <summary>Whether a title says what is to be done. The list is short on purpose: verbs with which people begin tasks.</summary>
internal static class TitleVerbs
{
    private static readonly HashSet<string> Verbs = new(
        ("""
        abort abstract accept activate adapt add adjust adopt align allow analyse analyze annotate announce apply approve archive ask assemble assert assess assign attach audit authenticate authorize automate
        back backfill backport benchmark bind block bootstrap bound break bring build bump bundle cache calculate call capture catch change check choose clarify clean clear clone close collect combine commit compare
        compile complete compose compress compute configure confirm connect consolidate construct consume containerize convert coordinate copy correct count cover create cut debug decide declare decouple deduplicate define
        delete deliver demo demonstrate deploy deprecate derive describe design detect determine develop diagnose disable discover display dispatch distribute divide document download draft draw drop dump duplicate edit
        eliminate embed emit enable encode encrypt end enforce enhance enrich ensure enumerate escape establish estimate evaluate examine exclude execute expand explain explore export expose extend extract fail fetch fill filter
        finalise finalize find finish fix flag flatten format freeze gate gather generate get give grant group guard handle harden hide hook identify ignore implement import improve include index inform initialise initialize inject
        insert inspect install instrument integrate introduce invalidate investigate invoke isolate iterate join keep land launch lay learn let limit link lint list load localize lock log look lower make manage map mark measure merge
        migrate minify mirror mock model modernize modify monitor mount move name normalise normalize notify observe obtain offer open optimise optimize order organize orchestrate outline override package pack parallelize parse
        partition pass patch perform persist pick pin place plan polish populate port post prepare preserve prevent print prioritize probe process produce profile promote propagate propose protect prototype prove provide provision
        prune publish pull purge push put query queue quote raise rank read rebase rebuild receive recommend reconcile record recover redesign redirect reduce refactor refine refresh register reject release relocate remove rename
        render reorganize repair replace replay reply report reproduce request require rerun research reset resolve respond restart restore restrict restructure retire retrieve retry return reuse revert review revise revoke rewrite
        roll rotate route run sample sanitize save say scaffold scale scan schedule script search secure seed select send separate serialize serve set setup shard share ship show shrink shut sign simplify simulate skip sort specify
        spike split squash stabilize stage standardize start stop store stream streamline strip study stub submit subscribe summarise summarize supply support surface suspend swap switch sync synchronize tag take teach tell test
        throttle tidy tighten time toggle trace track train transfer transform translate transpose trigger trim try tune turn type unify uninstall unlock update upgrade upload use validate vendor verify version visualize wait walk warm
        warn watch weigh wire wrap write
        """).Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries),
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the first word is one of the verbs; marks such as <c>[P]</c>, ids and numbers before it do not count.</summary>
    public static bool Starts(string title)
    {
        foreach (var word in title.Split([' ', '\t', '/', ':'], StringSplitOptions.RemoveEmptyEntries))
        {
            var plain = word.Trim('`', '*', '_', '"', '\'', ',', '.', '“', '”', '(', ')');
            if (plain.Length == 0 || plain[0] == '[' || plain.Any(char.IsAsciiDigit)) continue;
            var hyphen = plain.IndexOf('-', StringComparison.Ordinal);
            return Verbs.Contains(plain) || (hyphen > 0 && Verbs.Contains(plain[..hyphen])) || (plain.StartsWith("re-", StringComparison.OrdinalIgnoreCase) && Verbs.Contains(plain[3..]));
        }

        return false;
    }
}
