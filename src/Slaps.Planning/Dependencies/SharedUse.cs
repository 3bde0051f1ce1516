using System.Globalization;
using System.Text.RegularExpressions;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Review;
using Slaps.Planning.Codebase;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Dependencies;

/// <summary>
/// What several items use and cannot use at once: files, migrations, ports, databases, places to deploy to, and things of which the text
/// says how many there are. Where nothing orders the users, they get a lock or draw on a pool, beside the graph.
/// </summary>
internal sealed partial class SharedUse(IReadOnlyList<WorkItem> items, IReadOnlyList<TaskId> ids, SourceQuotes quotes, CodebaseSurvey? survey, TaskGraph order)
{
    private const int MostForPairs = 20_000;

    // With more users every pair is not looked at: all take the lock.
    private const int MostUsersForPairs = 300;

    private static readonly string[] Numbers = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

    private readonly SortedDictionary<string, Use> _uses = new(StringComparer.Ordinal);
    private readonly List<Dependency> _dependencies = [];
    private readonly List<PlanDecision> _decisions = [];
    private readonly SortedDictionary<string, int> _pools = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _locks = new(StringComparer.Ordinal);
    private readonly List<string>[] _locksOf = [.. items.Select(_ => new List<string>())];
    private readonly List<PoolClaim>[] _poolsOf = [.. items.Select(_ => new List<PoolClaim>())];

    public IReadOnlyList<Dependency> Dependencies => _dependencies;

    public IReadOnlyList<PlanDecision> Decisions => _decisions;

    public IReadOnlyList<string> Locks => [.. _locks];

    public IReadOnlyList<PoolClaim> Pools => [.. _pools.Select(p => new PoolClaim(p.Key, p.Value))];

    public IReadOnlyList<IReadOnlyList<string>> LocksOf => _locksOf;

    public IReadOnlyList<IReadOnlyList<PoolClaim>> PoolsOf => _poolsOf;

    public void Read(IReadOnlyDictionary<string, IReadOnlyList<string>> sources)
    {
        Files();
        for (var i = 0; i < items.Count; i++) Named(i);
        Counted(sources);

        var sharers = _uses.Values.SelectMany(u => u.Members.Select(m => m.Item)).Distinct().Order().Take(MostForPairs).ToList();
        var places = new Dictionary<int, int>(sharers.Count);
        foreach (var item in sharers) places.Add(item, places.Count);
        var reach = sharers.Count == 0 ? null : Reachability.Among(order, sharers);
        foreach (var (_, use) in _uses) Share(use, reach!, places);
    }

    // --- Files ---

    private void Files()
    {
        var folders = new HashSet<string>(StringComparer.Ordinal);
        var paths = new List<(int Item, string Path)>();
        for (var i = 0; i < items.Count; i++)
        {
            foreach (var path in items[i].Paths.Select(ItemReferences.Thing).Select(p => p.TrimEnd('/')).Distinct(StringComparer.Ordinal))
            {
                if (path.Length == 0) continue;
                paths.Add((i, path));

                // A folder at the root holds too much: a lock for "src" would let one task run at a time.
                if (path.Contains('/') && !Path.HasExtension(path) && !path.Contains('*')) folders.Add(path);
            }
        }

        foreach (var (item, path) in paths) Join("file", path, $"the file {Identifiers.Quote(path)}", item, path);
        foreach (var (item, path) in paths)
        {
            for (var slash = path.IndexOf('/'); slash > 0; slash = path.IndexOf('/', slash + 1))
            {
                if (folders.Contains(path[..slash])) Join("file", path[..slash], $"the folder {Identifiers.Quote(path[..slash])}", item, path);
            }
        }
    }

    // --- Things that the words name ---

    private void Named(int i)
    {
        var item = items[i];
        var isMigration = item.Paths.Any(p => MigrationPath().IsMatch(p)) || (item.Layer == WorkLayer.Schema && Migration().IsMatch(item.Text));
        if (isMigration) Join("", "migrations", survey?.Shared.FirstOrDefault(s => s.Name == "migrations") is { } folder ? $"the migrations in {folder.Location}" : "the order of migrations", i, Migration().Match(item.Text).Value);
        foreach (Match port in Port().Matches(item.Text))
        {
            if (item.Layer is not (WorkLayer.Docs or WorkLayer.Spike) && int.TryParse(port.Groups["port"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 79 and <= 65_535)
                Join("port", $"{number}", $"port {number}", i, port.Value);
        }

        foreach (Match database in Database().Matches(item.Text))
            Join("", $"{database.Groups["which"].Value.ToLowerInvariant()}_database", $"the {database.Groups["which"].Value.ToLowerInvariant()} database", i, database.Value);
        if (item.Layer == WorkLayer.Deployment || Deploys().IsMatch(item.Title))
        {
            foreach (Match place in Environment().Matches(item.Text).DistinctBy(m => m.Value.ToLowerInvariant()))
            {
                var name = place.Value.ToLowerInvariant() is var word && word == "prod" ? "production" : word;
                Join("deploy", name, $"the deployment slot {name}", i, place.Value);
            }
        }
    }

    // "We have two staging environments": a pool of what the work itself needs, not of what the product offers.
    private void Counted(IReadOnlyDictionary<string, IReadOnlyList<string>> sources)
    {
        foreach (var (file, lines) in sources.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            for (var line = 0; line < lines.Count; line++)
            {
                if (lines[line].Length > 2_000) continue;
                foreach (Match match in Count().Matches(lines[line]))
                {
                    var words = match.Groups["count"].Value.ToLowerInvariant();
                    var count = Array.IndexOf(Numbers, words) is var spelt && spelt > 0 ? spelt : int.TryParse(words, NumberStyles.None, CultureInfo.InvariantCulture, out var digits) ? digits : 0;
                    if (count is < 1 or > 1_000) continue;
                    var thing = Spaces().Replace(match.Groups["thing"].Value.ToLowerInvariant(), " ");
                    var singular = thing.TrimEnd('s');
                    var name = singular.Replace(' ', '_');
                    var users = Enumerable.Range(0, items.Count).Where(i => items[i].Text.Contains(singular, StringComparison.OrdinalIgnoreCase)).ToList();
                    if (users.Count < 2 || _pools.ContainsKey(name)) continue;
                    _uses.Remove($"\n{name}");
                    var stated = quotes.Quote(file, line + 1, line + 1, 1, $"It says how many there are: {count}.");
                    if (count > 1) Draw(name, singular, count, users, stated);
                    else users.ForEach(user => Join("", name, $"the one {singular}", user, singular));
                }
            }
        }
    }

    private void Draw(string name, string singular, int count, List<int> users, Evidence stated)
    {
        _pools.Add(name, count);
        foreach (var user in users) _poolsOf[user].Add(new PoolClaim(name, 1));
        for (var i = 1; i < users.Count; i++)
        {
            _dependencies.Add(new Dependency(ids[users[i - 1]], ids[users[i]], DependencyType.ResourceLimited)
            {
                Reason = $"Both need a {singular}, and there are {count}.",
                Evidence = [stated, quotes.Of(items[users[i - 1]], LineWith(users[i - 1], singular), 1, $"It needs a {singular}."), quotes.Of(items[users[i]], LineWith(users[i], singular), 1, $"It needs a {singular}.")],
            });
        }

        _decisions.Add(new PlanDecision($"The pool {name} holds {count}", $"The text says how many there are; {users.Count} tasks take one each.", [stated], ["An order between its users: it would let one run at a time."]));
    }

    // --- Locks ---

    private void Share(Use use, Reachability reach, Dictionary<int, int> places)
    {
        var members = use.Members.Where(m => places.ContainsKey(m.Item)).ToList();
        if (members.Count < 2) return;
        var free = members.Count > MostUsersForPairs
            ? members
            : [.. members.Where(m => members.Exists(other => other.Item != m.Item && !IsOrdered(m.Item, other.Item)))];
        if (free.Count < 2) return;

        // A folder and the files in it: whoever has the files' own lock with everybody needs no second one.
        if (free.TrueForAll(m => free.TrueForAll(other => other.Item == m.Item || _locksOf[m.Item].Exists(_locksOf[other.Item].Contains)))) return;

        var name = NameOf(use);
        _locks.Add(name);
        foreach (var (item, _) in free) _locksOf[item].Add(name);
        for (var i = 1; i < free.Count; i++)
        {
            var (one, other) = (free[i - 1], free[i]);
            _dependencies.Add(new Dependency(ids[one.Item], ids[other.Item], DependencyType.MutualExclusion)
            {
                Reason = $"Both use {use.What}, and nothing orders them: the lock {name} keeps them apart.",
                Evidence =
                [
                    quotes.Of(items[one.Item], LineWith(one.Item, one.Word), 1, $"It uses {use.What}."),
                    quotes.Of(items[other.Item], LineWith(other.Item, other.Word), 1, $"It uses {use.What}."),
                ],
            });
        }

        _decisions.Add(new PlanDecision(
            $"The lock {name} keeps {free.Count} tasks apart",
            $"They use {use.What}, and nothing in the text orders them: {string.Join(", ", free.Take(8).Select(m => ids[m.Item]))}{(free.Count > 8 ? $" and {free.Count - 8} more" : "")}.",
            [quotes.Of(items[free[0].Item], LineWith(free[0].Item, free[0].Word), 1, $"It uses {use.What}."), quotes.Of(items[free[1].Item], LineWith(free[1].Item, free[1].Word), 1, $"So does this.")],
            ["An order between them: nobody stated one, and whoever is ready first may go first."]));

        bool IsOrdered(int a, int b) => reach.Reaches(places[a], places[b]) || reach.Reaches(places[b], places[a]);
    }

    private string NameOf(Use use)
    {
        var plain = string.Concat(use.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '.')).Trim('.');
        while (plain.Contains("..", StringComparison.Ordinal)) plain = plain.Replace("..", ".", StringComparison.Ordinal);
        if (plain.Length > 100) plain = plain[^100..].TrimStart('.');
        var name = use.Kind.Length == 0 ? plain : $"{use.Kind}.{plain}";
        for (var n = 2; _locks.Contains(name) || _pools.ContainsKey(name); n++) name = $"{use.Kind}.{plain}-{n}";
        return name;
    }

    private void Join(string kind, string name, string what, int item, string word)
    {
        var key = $"{kind}\n{name}";
        if (!_uses.TryGetValue(key, out var use)) _uses.Add(key, use = new Use(kind, name, what, []));
        if (use.Members.Count == 0 || use.Members[^1].Item < item) use.Members.Add((item, word));
        else if (!use.Members.Exists(m => m.Item == item)) use.Members.Insert(use.Members.FindIndex(m => m.Item > item) is var at && at >= 0 ? at : use.Members.Count, (item, word));
    }

    private string LineWith(int item, string word) => items[item].Text.Split('\n').FirstOrDefault(line => line.Contains(word, StringComparison.OrdinalIgnoreCase)) ?? items[item].Title;

    private sealed record Use(string Kind, string Name, string What, List<(int Item, string Word)> Members);

    [GeneratedRegex(@"\bmigrations?\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Migration();

    [GeneratedRegex(@"(?:^|/)(?:migrations?|migrate)/", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex MigrationPath();

    [GeneratedRegex(@"\bport\s+(?<port>\d{2,5})\b|\blocalhost:(?<port>\d{2,5})\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Port();

    [GeneratedRegex(@"\b(?<which>test|testing|staging|integration|production|shared)\s+(?:database|db)\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Database();

    [GeneratedRegex(@"^(?:deploy|release|roll\s*out|publish|promote|ship)\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Deploys();

    [GeneratedRegex(@"\b(?:staging|production|prod|canary)\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Environment();

    [GeneratedRegex(@"\b(?<count>\d{1,4}|one|two|three|four|five|six|seven|eight|nine|ten)\s+(?:shared\s+|available\s+|concurrent\s+|parallel\s+)?(?<thing>GPUs?|(?:CI|build|test)\s+(?:runners?|machines?|agents?)|test\s+(?:databases?|accounts?|devices?|environments?)|staging\s+environments?|emulators?|simulators?|sandboxes|sandbox|licen[cs]e\s+seats?)\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Count();

    [GeneratedRegex(@"\s+", RegexOptions.NonBacktracking)]
    private static partial Regex Spaces();
}
