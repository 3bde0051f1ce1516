using System.Text.RegularExpressions;
using Slaps.Core.Plans;
using Slaps.Planning.Codebase;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Dependencies;

/// <summary>What one item makes and another uses: files, tables, types and functions by their names.</summary>
internal sealed partial class ArtifactOrder(IReadOnlyList<WorkItem> items, IReadOnlyList<TaskId> ids, SourceQuotes quotes, CodebaseSurvey? survey, FoundDependencies found)
{
    // A file that only a line outside of the work gives to an item is made by whoever says so.
    private readonly IReadOnlyList<string>[] _made = [.. items.Select(NamedFiles.Made)];

    /// <summary>Whoever uses a thing comes after the one whose own words say that it makes it.</summary>
    public void Read()
    {
        var makers = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var i = 0; i < items.Count; i++)
        {
            foreach (var thing in _made[i].Select(ItemReferences.Thing).Distinct(StringComparer.Ordinal))
            {
                // What is there already is changed, not made: then the file is shared, and nobody waits for its existence.
                if (thing.Length < 3 || survey?.Knows(thing) == true || !CanMake(items[i], thing)) continue;
                if (!makers.TryGetValue(thing, out var by)) makers.Add(thing, by = []);
                by.Add(i);
            }
        }

        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i];
            var made = _made[i].Select(ItemReferences.Thing).ToHashSet(StringComparer.Ordinal);
            foreach (var thing in item.Uses.Concat(item.Paths).Concat(item.Symbols).Select(ItemReferences.Thing).Distinct(StringComparer.Ordinal))
            {
                if (!made.Contains(thing) && makers.TryGetValue(thing, out var by)) Use(i, thing, by);
            }
        }
    }

    /// <summary>Tests whose file is named after the one that an item makes: <c>tests/test_storage.py</c> and <c>src/storage.py</c>.</summary>
    public void ReadTests()
    {
        var makers = new Dictionary<string, List<(int Item, string Path)>>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < items.Count; i++)
        {
            foreach (var path in _made[i].Where(p => Path.HasExtension(p) && Tested(p) is null && survey?.Knows(p) != true && CanMake(items[i], p)))
            {
                var name = Path.GetFileName(path);
                if (!makers.TryGetValue(name, out var by)) makers.Add(name, by = []);
                by.Add((i, path));
            }
        }

        for (var i = 0; i < items.Count; i++)
        {
            var made = _made[i].ToHashSet(StringComparer.Ordinal);
            foreach (var test in items[i].Paths)
            {
                if (Tested(test) is not { } name || !makers.TryGetValue(name, out var by) || by is not [var (maker, path)] || maker == i || made.Contains(path)) continue;
                found.Add(
                    maker, i, DependencyType.Technical, isHard: true, 0.85, isStated: false, $"{Identifiers.Quote(test)} is named after {Identifiers.Quote(path)}, which {ids[maker]} makes.",
                    quotes.Of(items[maker], LineWith(items[maker], path), 0.85, $"It makes {Identifiers.Quote(path)}."),
                    quotes.Of(items[i], LineWith(items[i], test), 0.85, $"{Identifiers.Quote(test)} is named after it."));
            }
        }
    }

    // The file that a test's name names: "storage.py" of test_storage.py, storage_test.py, storage.test.py, StorageTests.py; null: it is no test.
    private static string? Tested(string path)
    {
        var (name, ending) = (Path.GetFileNameWithoutExtension(path), Path.GetExtension(path));
        return TestName().Match(name) is { Success: true } match ? match.Groups["name"].Value + ending : null;
    }

    private void Use(int user, string thing, List<int> by)
    {
        // Of several makers the nearest one before the user; of those behind it only a single one says anything.
        var at = by.FindLastIndex(maker => items[maker].Order < items[user].Order);
        if (at < 0 && by.Count > 1) return;
        var maker = at < 0 ? by[0] : by[at];
        if (maker == user) return;
        var isFile = thing.Contains('/') || Path.HasExtension(thing);
        var isSure = at >= 0 && by.Count == 1 && (isFile || (IsDistinct(thing) && SaysItMakes(items[maker], thing)));
        var confidence = isFile ? 0.9 : 0.85;
        var made = Identifiers.Quote(thing);
        found.Add(
            maker, user, DependencyType.Technical, isSure, isSure ? confidence : 0.8, isStated: false,
            isSure ? $"{ids[maker]} makes {made}, and {ids[user]} uses it."
                : at < 0 ? $"{ids[maker]} makes {made}, which {ids[user]} names earlier in the text: perhaps it is another one."
                : $"{ids[maker]} makes {made}, which {ids[user]} names, but so do others, or the name is an ordinary word.",
            quotes.Of(items[maker], LineWith(items[maker], thing), confidence, $"It makes {made}."),
            quotes.Of(items[user], LineWith(items[user], thing), confidence, $"It uses {made}."));
    }

    // Who verifies, finds out or describes makes tests and documents; a file of the program that its words name belongs to others.
    private static bool CanMake(WorkItem item, string thing) => item.Layer switch
    {
        WorkLayer.Tests => thing.Contains("test", StringComparison.OrdinalIgnoreCase) || thing.Contains("spec", StringComparison.OrdinalIgnoreCase) || thing.Contains("fixture", StringComparison.OrdinalIgnoreCase),
        WorkLayer.Spike or WorkLayer.Docs => Path.GetExtension(thing).ToLowerInvariant() is ".md" or ".txt" or ".rst" or ".adoc" or ".html",
        _ => true,
    };

    // "Add loadUser()" makes it; "Provide a page that calls loadUser()" does not.
    private static bool SaysItMakes(WorkItem item, string name) =>
        Making().Matches(LineWith(item, name)).Any(verb => verb.Groups["what"].Value.Contains(name, StringComparison.Ordinal));

    // parseConfig, USER_TABLE and user_table are names; "parser" is a word.
    private static bool IsDistinct(string name) => name.Contains('_') || name.Skip(1).Any(char.IsUpper) || name.Any(char.IsDigit) || name.Contains('.') || name.Contains("::", StringComparison.Ordinal);

    private static string LineWith(WorkItem item, string thing) =>
        item.Text.Split('\n').FirstOrDefault(line => line.Contains(thing, StringComparison.Ordinal)) ?? item.Title;

    [GeneratedRegex(@"^(?:test_(?<name>.+)|(?<name>.+?)(?:[._-](?:test|tests|spec)|Tests?|Spec))$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex TestName();

    [GeneratedRegex(@"\b(?:create|add|implement|define|introduce|write|generate|build|expose|export|declare)s?\s+(?<what>(?:\S+\s+){0,4}\S+)", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Making();
}
