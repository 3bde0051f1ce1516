using System.Text.RegularExpressions;
using Slaps.Core.Plans;
using Slaps.Planning.Codebase;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Dependencies;

/// <summary>
/// The order in which kinds of work usually follow each other: spikes inform what they name, the ground is laid before what stands on it,
/// and schema, code, tests, documents and deployment follow. Without a file or name in common such an order is soft.
/// </summary>
internal sealed partial class LayerOrder(IReadOnlyList<WorkItem> items, IReadOnlyList<TaskId> ids, SourceQuotes quotes, CodebaseSurvey? survey, FoundDependencies found)
{
    // More users of one word than this make the word meaningless.
    private const int MostUsers = 60;

    // What so many speak of is the subject of the whole text and ties no two of them together.
    private const int MostSharers = 6;

    /// <summary>Whether an item finds something out.</summary>
    public static bool IsSpike(WorkItem item) => item.Layer == WorkLayer.Spike;

    /// <summary>Whether an item lays the ground that others stand on: a project, an environment, a database.</summary>
    public static bool IsGround(WorkItem item) => Ground().IsMatch(item.Title);

    /// <summary>How a heading begins that calls what stands below it a prerequisite.</summary>
    public const string PrerequisiteHeading = @"^\W*prerequisites?\b";

    /// <summary>Whether it stands below a heading that calls it a prerequisite.</summary>
    public static bool IsPrerequisite(WorkItem item) => item.HeadingPath.Any(heading => Prerequisite().IsMatch(heading));

    /// <summary>Whether the text wants these tests to fail first, or to be there before the work.</summary>
    public static bool IsTestFirst(WorkItem item) => TestsFirst().IsMatch(item.Text) || IsPrerequisite(item);

    public void Read()
    {
        var byThing = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        var byWord = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        var speakers = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var i = 0; i < items.Count; i++)
        {
            foreach (var thing in Things(items[i])) Put(byThing, thing, i);
            foreach (var word in ItemReferences.ContentWords(items[i].Title)) Put(byWord, word, i);
            foreach (var name in NamesIn(items[i].Text)) Put(speakers, name, i);
        }

        var isFirst = true;
        for (var i = 0; i < items.Count; i++)
        {
            if (IsSpike(items[i]))
            {
                Spike(i, byThing, byWord);
            }
            else if (IsGround(items[i]))
            {
                GroundOf(i, speakers, isFirst);
                if (WholeProject().IsMatch(items[i].Title)) isFirst = false;
            }
        }

        foreach (var section in Enumerable.Range(0, items.Count).Where(i => items[i].HeadingPath.Count > 0 && SkeletonHeading().IsMatch(items[i].HeadingPath[^1])).GroupBy(i => (items[i].Sources[0].File, string.Join('\n', items[i].HeadingPath))))
            Skeleton([.. section]);

        // A feature may hold pieces of two documents, which say nothing about each other's order.
        foreach (var feature in Enumerable.Range(0, items.Count).GroupBy(i => (items[i].Feature, items[i].Sources[0].File))) Layers([.. feature], byThing);
    }

    // --- Spikes ---

    private void Spike(int spike, Dictionary<string, List<int>> byThing, Dictionary<string, List<int>> byWord)
    {
        var informed = new SortedDictionary<int, string>();
        foreach (var thing in Things(items[spike]))
        {
            foreach (var other in byThing[thing].Take(MostUsers)) informed.TryAdd(other, Identifiers.Quote(thing));
        }

        // Two rare words in common with a title are a subject in common.
        var shared = new SortedDictionary<int, List<string>>();
        foreach (var word in ItemReferences.ContentWords(items[spike].Title).Where(w => !SpikeWord().IsMatch(w)))
        {
            if (byWord[word].Count > MostUsers) continue;
            foreach (var other in byWord[word])
            {
                if (!shared.TryGetValue(other, out var words)) shared.Add(other, words = []);
                words.Add(word);
            }
        }

        foreach (var (other, words) in shared)
        {
            if (words.Count >= 2) informed.TryAdd(other, $"'{words[0]}' and '{words[1]}'");
        }

        foreach (var (other, common) in informed)
        {
            if (other == spike || IsSpike(items[other])) continue;
            var isLater = items[other].Order > items[spike].Order;
            found.Add(
                spike, other, DependencyType.Knowledge, isHard: isLater, isLater ? 0.75 : 0.6, isStated: false,
                $"{ids[spike]} finds out what {ids[other]} has to know: both speak of {common}.",
                quotes.Of(items[spike], 0.75, "It finds something out."), quotes.Of(items[other], 0.75, "It is about the same."));
        }

        // Nothing in common with anybody: it probably informs what follows it in its feature.
        if (informed.Keys.Any(other => other != spike)) return;
        var next = Enumerable.Range(spike + 1, Math.Max(0, Math.Min(items.Count - spike - 1, 20))).Where(i => items[i].Feature == items[spike].Feature && !IsSpike(items[i])).DefaultIfEmpty(-1).First();
        if (next >= 0) found.Add(spike, next, DependencyType.Knowledge, isHard: false, 0.6, isStated: false, $"{ids[spike]} finds something out, and {ids[next]} is the next work on the same feature.", quotes.Of(items[spike], 0.6, "It finds something out."));
    }

    // --- The ground ---

    private void GroundOf(int ground, Dictionary<string, List<int>> speakers, bool isFirst)
    {
        var title = items[ground].Title;
        if (WholeProject().IsMatch(title))
        {
            // In a project that is there already a new skeleton is only a part; and only the first one, early in the text, holds all the rest.
            if (survey is { FileCount: > 0 } || !isFirst || ground > items.Count / 4) return;
            for (var i = ground + 1; i < items.Count; i++)
            {
                if (IsSpike(items[i])) continue;
                var isOwn = items[i].Feature == items[ground].Feature || ground == 0;
                found.Add(ground, i, DependencyType.Infrastructure, isOwn, 0.9, isStated: false, $"{ids[ground]} sets up what {ids[i]} is built in.", quotes.Of(items[ground], 0.9, "It lays the ground."));
            }

            return;
        }

        foreach (var name in NamesIn(title))
        {
            if (speakers[name].Count > MostUsers) continue;
            foreach (var i in speakers[name].Where(i => i > ground && !IsGround(items[i])))
            {
                var line = items[i].Text.Split('\n').First(l => l.Contains(name, StringComparison.OrdinalIgnoreCase));
                found.Add(
                    ground, i, DependencyType.Infrastructure, isHard: true, 0.9, isStated: false, $"{ids[ground]} sets up the {name} that {ids[i]} speaks of.",
                    quotes.Of(items[ground], 0.9, "It lays the ground."), quotes.Of(items[i], line, 0.9, $"It speaks of the {name}."));
            }
        }
    }

    // Below "Project setup" the first that makes something makes what the others of this section are put into.
    private void Skeleton(List<int> section)
    {
        if (section.Count < 2 || !Begins().IsMatch(items[section[0]].Title)) return;
        foreach (var i in section.Skip(1).Where(i => !IsSpike(items[i])))
        {
            found.Add(
                section[0], i, DependencyType.Infrastructure, isHard: true, 0.9, isStated: false, $"Below {Identifiers.Quote(items[i].HeadingPath[^1])} {ids[section[0]]} makes what {ids[i]} is put into.",
                quotes.Of(items[section[0]], 0.9, "It lays the ground."), quotes.Of(items[i], 0.9, "It is put into it."));
        }
    }

    private static IEnumerable<string> NamesIn(string text) => GroundName().Matches(text).Select(m => m.Value.ToLowerInvariant()).Distinct(StringComparer.Ordinal);

    // --- Layers of one feature ---

    private void Layers(List<int> feature, Dictionary<string, List<int>> byThing)
    {
        var lastOf = new int[6];
        Array.Fill(lastOf, -1);
        foreach (var i in feature) lastOf[(int)items[i].Layer] = i;
        var members = feature.ToHashSet();
        foreach (var to in feature)
        {
            var layer = items[to].Layer;
            if (layer is WorkLayer.Spike or WorkLayer.Schema) continue;

            // Supported: an earlier layer's item of this feature that names the same file or name.
            foreach (var thing in Things(items[to]))
            {
                var sharers = byThing[thing];
                if (sharers.Count > MostSharers) continue;
                foreach (var from in sharers)
                {
                    // That code needs the data follows only where the data is made: a file of data that both name is as often the code's.
                    if (items[from].Layer == WorkLayer.Schema && !items[from].Produces.Select(ItemReferences.Thing).Contains(thing, StringComparer.Ordinal)) continue;
                    if (from == to || !members.Contains(from) || IsSpike(items[from]) || items[from].Layer >= layer || (layer == WorkLayer.Tests && IsTestFirst(items[to]))) continue;
                    found.Add(
                        from, to, TypeOf(items[from].Layer, layer), isHard: true, 0.8, isStated: false,
                        $"{Name(items[from].Layer)} come before {Name(layer).ToLowerInvariant()}, and both name {Identifiers.Quote(thing)}.",
                        quotes.Of(items[from], 0.8, "It comes first."), quotes.Of(items[to], 0.8, "It is about the same."));
                }
            }

            for (var before = (int)layer - 1; before >= (int)WorkLayer.Schema; before--)
            {
                if (lastOf[before] is not (>= 0 and var from)) continue;
                var type = TypeOf((WorkLayer)before, layer);
                found.Add(
                    from, to, type, isHard: false, 0.7, isStated: false,
                    $"{Name((WorkLayer)before)} usually come before {Name(layer).ToLowerInvariant()}; nothing in the text says so.",
                    quotes.Of(items[to], 0.7, "It belongs to the later layer."));
                break;
            }
        }
    }

    private static DependencyType TypeOf(WorkLayer from, WorkLayer to) => to switch
    {
        WorkLayer.Docs => DependencyType.Knowledge,
        WorkLayer.Deployment => DependencyType.Sequential,
        _ => from == WorkLayer.Schema || to == WorkLayer.Tests ? DependencyType.Technical : DependencyType.Sequential,
    };

    private static string Name(WorkLayer layer) => layer switch
    {
        WorkLayer.Spike => "Findings",
        WorkLayer.Schema => "Data and types",
        WorkLayer.Code => "Changes of the program",
        WorkLayer.Tests => "Tests",
        WorkLayer.Docs => "Documents",
        _ => "Deployments",
    };

    private static IEnumerable<string> Things(WorkItem item) => item.Paths.Concat(item.Symbols).Select(ItemReferences.Thing).Where(t => t.Length > 2).Distinct(StringComparer.Ordinal);

    private static void Put(Dictionary<string, List<int>> index, string key, int item)
    {
        if (!index.TryGetValue(key, out var there)) index.Add(key, there = []);
        there.Add(item);
    }

    [GeneratedRegex(@"^(?:set\s*up|setup|scaffold|initiali[sz]e|bootstrap|provision|install|prepare|configure|create)\b.{0,60}\b(?:projects?|repository|repo|workspace|skeleton|monorepo|environment|infrastructure|databases?|cluster|pipeline|ci|containers?|docker|compose|queue|broker|bucket|postgres\w*|mysql|redis|kafka|rabbitmq|mongodb|kubernetes|terraform)\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Ground();

    [GeneratedRegex(@"\b(?:skeleton|scaffold(?:ing)?|bootstrap(?:ping)?|project (?:setup|structure|initiali[sz]ation)|boilerplate|initial setup)\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex SkeletonHeading();

    [GeneratedRegex(@"^(?:create|set\s*up|initiali[sz]e|scaffold|bootstrap|install|generate)\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Begins();

    [GeneratedRegex(@"\b(?:project|repository|repo|workspace|skeleton|monorepo)\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex WholeProject();

    [GeneratedRegex(@"\b(?:database|cluster|docker|queue|broker|bucket|postgres\w*|mysql|redis|kafka|rabbitmq|mongodb|kubernetes|terraform)\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex GroundName();

    [GeneratedRegex(@"^(?:spik|research|investigat|explor|evaluat|prototyp|analy[sz]|decid|compar|find|out|option)", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex SpikeWord();

    [GeneratedRegex(PrerequisiteHeading, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Prerequisite();

    [GeneratedRegex(@"\b(?:failing\s+tests?|tests?\s+first|TDD|(?:tests?|they)\s+must\s+fail|must\s+fail\s+(?:first|before|until|at\s+first))\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex TestsFirst();
}
