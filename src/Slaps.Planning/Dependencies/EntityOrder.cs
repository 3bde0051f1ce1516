using System.Text.RegularExpressions;
using Slaps.Core.Plans;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Dependencies;

/// <summary>Who defines an entity comes before who speaks of it: "PermissionGrant" is what "permission grants are managed" is about.</summary>
internal sealed partial class EntityOrder(IReadOnlyList<WorkItem> items, IReadOnlyList<TaskId> ids, SourceQuotes quotes, FoundDependencies found)
{
    private const int MostEntities = 200;

    // What more tasks speak of is the subject of the text, and no artefact of one of them.
    private const int MostUsers = 15;

    private const double Sure = 0.8;

    public void Read()
    {
        var texts = items.Select(i => (i.Title + "\n" + i.Text).ToLowerInvariant()).ToList();
        var defined = Enumerable.Range(0, items.Count).Where(i => items[i].Layer == WorkLayer.Schema).Select(i => (Item: i, Name: NameIn(items[i].Title))).Where(d => d.Name is not null).Take(MostEntities).ToList();
        foreach (var (definer, name) in defined)
        {
            var (joined, apart) = (name!.ToLowerInvariant(), Apart(name));
            if (joined == apart) continue;   // One word, such as "User", is a word of every text.
            var users = Enumerable.Range(0, items.Count)
                .Where(i => i != definer && items[i].Layer is not (WorkLayer.Schema or WorkLayer.Spike) && items[i].Sources[0].File == items[definer].Sources[0].File)
                .Where(i => texts[i].Contains(joined, StringComparison.Ordinal) || texts[i].Contains(apart, StringComparison.Ordinal)).ToList();
            if (users.Count > MostUsers) continue;
            foreach (var user in users)
            {
                found.Add(
                    definer, user, DependencyType.Technical, isHard: true, Sure, isStated: false, $"{ids[definer]} defines {Identifiers.Quote(name)}, of which {ids[user]} speaks.",
                    quotes.Of(items[definer], Sure, "It is defined here."), quotes.Of(items[user], Sure, "It is spoken of here."));
            }
        }
    }

    private static string? NameIn(string title) => Definition().Match(title) is { Success: true } match ? match.Groups["name"].Value : null;

    // "PermissionGrant", "permission_grant" and "Permission Grant" are "permission grant".
    private static string Apart(string name) => Seam().Replace(name, " ").Trim().ToLowerInvariant();

    [GeneratedRegex(@"^Define the (?<name>\p{Lu}[\w]{2,40}(?: \p{Lu}[\w]{1,30}){0,2}) entity$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Definition();

#pragma warning disable MA0009 // It looks around, which only the backtracking engine can; what it is given is a title.
    [GeneratedRegex(@"(?<=\p{Ll}|\d)(?=\p{Lu})|[_\s]+", RegexOptions.CultureInvariant)]
    private static partial Regex Seam();
#pragma warning restore MA0009
}
