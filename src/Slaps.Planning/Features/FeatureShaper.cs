using System.Globalization;
using System.Text;
using Slaps.Core.Plans;
using Slaps.Planning.Reading;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Features;

/// <summary>
/// Groups work into 5 to 25 features by the headings above it: large sections are taken apart, and small neighbours put together, until
/// the number fits. Fewer only where the specification does not hold so many.
/// </summary>
internal sealed class FeatureShaper
{
    /// <summary>The fewest features, where there is enough work.</summary>
    public const int Fewest = 5;

    /// <summary>The most features.</summary>
    public const int Most = 25;

    private readonly IReadOnlyList<FoundWork> _work;
    private readonly Dictionary<Section, SpecificationText> _texts = [];
    private readonly Dictionary<Section, List<int>> _own = [];
    private readonly Dictionary<Section, int> _counts = [];
    private readonly Section[] _homes;

    private FeatureShaper(IReadOnlyList<FoundWork> work)
    {
        _work = work;
        _homes = [.. work.Select(found => found.Section)];
        ToStories();
        for (var i = 0; i < work.Count; i++)
        {
            (_own.TryGetValue(_homes[i], out var own) ? own : _own[_homes[i]] = []).Add(i);
            for (var at = _homes[i]; at is not null; at = at.Parent)
            {
                _counts[at] = _counts.GetValueOrDefault(at) + 1;
                _texts[at] = work[i].Text;
            }
        }
    }

    /// <summary>The features with the work in them, in document order; every piece of work is in exactly one.</summary>
    public static (IReadOnlyList<Feature> Features, IReadOnlyList<WorkItem> Items) Shape(IReadOnlyList<FoundWork> work)
    {
        var shaper = new FeatureShaper(work);
        var groups = shaper.Groups();
        var features = groups.Select((group, i) => shaper.Written(group, i)).ToList();
        var items = new WorkItem[work.Count];
        for (var i = 0; i < groups.Count; i++)
        {
            foreach (var at in groups[i].Items) items[at] = work[at].Item with { Feature = i };
        }

        return (features, items);
    }

    // A section with what is below it, or only its own work, or a run of pieces.
    private sealed class Group(Section section, List<int> items, bool isWhole)
    {
        public List<Section> Sections { get; } = [section];
        public List<int> Items { get; } = items;
        public bool IsWhole { get; set; } = isWhole;
        public bool IsPiece { get; init; }
    }

    // Requirements that stand apart from the stories they serve belong to the story with which they share most words.
    private void ToStories()
    {
        foreach (var document in _work.Select((found, i) => (found, i)).GroupBy(w => w.found.Text))
        {
            var stories = document.Where(w => w.found is { Kind: SectionKind.Stories } && w.found.Section.Level > 0 && w.found.Section.Title.Length > 0).Take(60)
                .Select(w => (w.found.Section, Words: Words.Stems(Words.Beginning(w.found.Item.Title + " " + w.found.Item.Text, 4_000)))).ToList();
            if (stories.Count < 2) continue;
            foreach (var (found, i) in document.Where(w => w.found.Kind == SectionKind.Requirements))
            {
                var words = Words.Stems(Words.Beginning(found.Item.Text, 1_000));
                var scores = stories.Select(s => (s.Section, Score: words.Count(s.Words.Contains))).ToList();
                var best = scores.MaxBy(s => s.Score);
                if (best.Score >= 3 && best.Score * 3 >= words.Count) _homes[i] = best.Section;
            }
        }
    }

    private List<Group> Groups()
    {
        var groups = _work.Select(w => w.Text.Root).Distinct().Select(Whole).ToList();
        for (var i = 0; i < groups.Count; i++)
        {
            // A title over everything is no feature.
            while (groups[i].IsWhole && Expanded(groups[i]) is [var only]) groups[i] = only;
        }

        while (groups.Count < Most)
        {
            var total = _work.Count;
            var largest = -1;
            for (var i = 0; i < groups.Count; i++)
            {
                if (!groups[i].IsWhole || Expanded(groups[i]).Count < 2) continue;
                if (largest < 0 || groups[i].Items.Count > groups[largest].Items.Count) largest = i;
            }

            if (largest < 0) break;
            var parts = Expanded(groups[largest]);
            var isNeeded = groups.Count < Fewest;
            if (!isNeeded && (groups[largest].Items.Count <= Math.Max(6, total / 8) || groups.Count + parts.Count - 1 > Most)) break;
            groups.RemoveAt(largest);
            groups.InsertRange(largest, parts);
        }

        Pieces(groups);
        Merge(groups);
        return groups;
    }

    private Group Whole(Section section) => new(section, [.. section.SelfAndDescendants().Where(_own.ContainsKey).SelectMany(s => _own[s]).Order()], isWhole: true);

    private List<Group> Expanded(Group group)
    {
        var section = group.Sections[0];
        var parts = new List<Group>();
        if (_own.TryGetValue(section, out var own)) parts.Add(new Group(section, own, isWhole: false));
        parts.AddRange(section.Children.Where(_counts.ContainsKey).Select(Whole));
        return parts;
    }

    // A list without headings: each of its items, or a run of them, is a feature; unless they are minutes of work, which belong together.
    private void Pieces(List<Group> groups)
    {
        while (groups.Count < Fewest)
        {
            var largest = 0;
            for (var i = 1; i < groups.Count; i++)
            {
                if (groups[i].Items.Count > groups[largest].Items.Count) largest = i;
            }

            var group = groups.Count == 0 ? null : groups[largest];
            if (group is null || group.Items.Count < 2 || group.Items.TrueForAll(i => _work[i].Item.StatedTime is { MostLikely: < 0.5 })) return;
            var wanted = Math.Min(group.Items.Count, group.Items.Count <= 8 ? group.Items.Count : Fewest - groups.Count + 1);
            var runs = new List<Group>();
            for (var i = 0; i < wanted; i++)
            {
                var (from, to) = (group.Items.Count * i / wanted, group.Items.Count * (i + 1) / wanted);
                runs.Add(new Group(group.Sections[0], group.Items[from..to], isWhole: false) { IsPiece = true });
            }

            groups.RemoveAt(largest);
            groups.InsertRange(largest, runs);
        }
    }

    private static void Merge(List<Group> groups)
    {
        while (groups.Count > Most)
        {
            var best = 0;
            var least = int.MaxValue;
            for (var i = 0; i + 1 < groups.Count; i++)
            {
                // Neighbours below one heading belong together more than others.
                var together = groups[i].Sections[^1].Parent == groups[i + 1].Sections[0].Parent ? 0 : 3;
                var size = groups[i].Items.Count + groups[i + 1].Items.Count + together;
                if (size >= least) continue;
                (best, least) = (i, size);
            }

            groups[best].Sections.AddRange(groups[best + 1].Sections);
            groups[best].Items.AddRange(groups[best + 1].Items);
            groups[best].Items.Sort();
            groups[best].IsWhole = false;
            groups.RemoveAt(best + 1);
        }
    }

    // --- Words about a feature ---

    private Feature Written(Group group, int index)
    {
        var (priority, reason) = PriorityOf(group);
        return new Feature
        {
            Id = new FeatureId($"F{index + 1:D3}"),
            Title = TitleOf(group),
            Description = DescriptionOf(group),
            Priority = priority,
            PriorityReason = reason,
            SourceEvidence = EvidenceOf(group),
        };
    }

    private string TitleOf(Group group)
    {
        if (group.IsPiece)
        {
            var first = TaskTitles.Thing(_work[group.Items[0]].Item.Title);
            return group.Items.Count == 1 ? first : $"{Words.Beginning(first, 80)} and {group.Items.Count - 1} more";
        }

        var names = group.Sections.Select(NameOf).Where(name => name.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        return names.Count switch
        {
            0 => TaskTitles.Thing(_work[group.Items[0]].Item.Title),
            1 => names[0],
            2 when names[0].Length + names[1].Length < 90 => $"{names[0]}; {names[1]}",
            _ => $"{Words.Beginning(names[0], 70)} and {names.Count - 1} more",
        };
    }

    private string NameOf(Section section)
    {
        var text = _texts[section];
        var subject = WorkFinder.SubjectOf(text);
        if (section.Level == 0 || section == text.TitleSection) return subject.Length > 0 ? Capital(subject) : TaskTitles.Bare(section.Title);
        var bare = TaskTitles.Bare(section.Title);
        if (bare.Length == 0 && section.Blocks.OfType<TextBlock.Paragraph>().FirstOrDefault(p => TaskTitles.IsStory(p.Text)) is { } story) bare = TaskTitles.OfStatement(story.Text, WorkLayer.Code);
        if (bare.Length == 0) bare = Words.Plain(section.Title);
        var name = Capital(Words.OneSpace(bare));
        return Words.Beginning(subject.Length > 0 && TaskTitles.SaysNothing(bare) ? $"{name}: {subject}" : name, 100);
    }

    private static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    private string DescriptionOf(Group group)
    {
        if (!group.IsPiece)
        {
            foreach (var section in group.Sections)
            {
                if (section.Blocks.OfType<TextBlock.Paragraph>().FirstOrDefault(p => p.Text.Length > 20) is { } paragraph)
                    return Words.Beginning(Words.Plain(Words.Beginning(paragraph.Text, 2_000)), 600);
            }
        }

        var text = new StringBuilder();
        foreach (var item in group.Items.Take(5)) text.Append(text.Length > 0 ? "; " : "").Append(_work[item].Item.Title);
        if (group.Items.Count > 5) text.Append(CultureInfo.InvariantCulture, $"; and {group.Items.Count - 5} more");
        return text.ToString();
    }

    private (Priority Priority, string Reason) PriorityOf(Group group)
    {
        foreach (var section in group.IsPiece ? [] : group.Sections)
        {
            for (var at = section; at is { Level: > 0 }; at = at.Parent)
            {
                if (Priorities.In(Words.Plain(at.Title)) is { } stated) return (stated, $"The heading {Identifiers.Quote(Words.Plain(at.Title))} states it.");
            }
        }

        var ofItems = group.Items.Select(i => _work[i].Item.StatedPriority).OfType<Priority>().ToList();
        if (ofItems.Count * 2 > group.Items.Count) return (ofItems.Min(), $"It is the highest that {ofItems.Count} of its {group.Items.Count} pieces of work state.");

        var (must, should, may) = (0, 0, 0);
        foreach (var item in group.Items)
        {
            var counted = Priorities.Modals(Words.Beginning(_work[item].Item.Text, 4_000));
            (must, should, may) = (must + counted.Must, should + counted.Should, may + counted.May);
        }

        var words = $"\"must\" or \"shall\" {must} times, \"should\" {should} times, \"may\" or \"could\" {may} times";
        if (must > 0 && must >= should && must >= may) return (Priority.High, $"Its words say {words}.");
        if (may > 0 && may > should && must == 0) return (Priority.Low, $"Its words say {words}.");
        return should > 0 ? (Priority.Medium, $"Its words say {words}.") : (Priority.Medium, "The specification states no priority; the order of the document decides.");
    }

    private List<Evidence> EvidenceOf(Group group)
    {
        var evidence = new List<Evidence>();
        foreach (var section in group.IsPiece ? [] : group.Sections.Where(s => s.Level > 0).Take(6))
        {
            var text = _texts[section];
            var lines = WorkFinder.LinesOf(text, section.Line, section.Line);
            evidence.Add(new Evidence(EvidenceType.Plan, lines.Place, lines.Excerpt, 0.9, "Its heading names the feature."));
            if (section.Blocks.OfType<TextBlock.Paragraph>().FirstOrDefault(p => p.Text.Length > 20) is not { } paragraph) continue;
            var words = WorkFinder.LinesOf(text, paragraph.First, paragraph.Last);
            evidence.Add(new Evidence(EvidenceType.Plan, words.Place, words.Excerpt, 0.9, "It says what the feature is about."));
        }

        if (evidence.Count > 0) return evidence;
        foreach (var item in group.Items.Take(6))
        {
            var source = _work[item].Item.Sources[0];
            evidence.Add(new Evidence(EvidenceType.Plan, source.Place, source.Excerpt, 0.8, "It asks for a part of the feature."));
        }

        return evidence;
    }
}
