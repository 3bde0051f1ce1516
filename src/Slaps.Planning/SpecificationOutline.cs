using Slaps.Core.Plans;

namespace Slaps.Planning;

/// <summary>A specification taken apart but not yet understood: who owns which lines.</summary>
internal sealed record SpecificationOutline(string Title, IReadOnlyList<OutlinedFeature> Features, IReadOnlyList<SourceLine> Resources);

/// <summary>A piece of the specification on one line.</summary>
/// <param name="Text">Without indentation and list marker.</param>
/// <param name="Line">From 1.</param>
internal readonly record struct SourceLine(string Text, int Line);

/// <summary>Something that somebody wants checked: a line of words, or a whole sh block.</summary>
internal readonly record struct CheckSource(string Text, int Line, bool IsBlock);

/// <summary>A level-two heading with tasks below it.</summary>
internal sealed class OutlinedFeature(FeatureId id, string title, int line)
{
    private readonly List<string> _description = [];

    public FeatureId Id => id;

    public string Title => title;

    public int Line => line;

    public List<OutlinedTask> Tasks { get; } = [];

    public string Description => string.Join("\n\n", _description);

    public void Describe(string text) => _description.Add(text);
}

/// <summary>A task heading or list item with what lies below it.</summary>
internal sealed class OutlinedTask(TaskId id, FeatureId feature, string title, int line)
{
    private readonly List<string> _description = [];

    public TaskId Id => id;

    public FeatureId Feature => feature;

    public string Title => title;

    public int Line => line;

    /// <summary>The step before this one in an ordered list.</summary>
    public OutlinedTask? StepBefore { get; init; }

    /// <summary>The sh blocks in document order; together they are what runs.</summary>
    public List<string> Commands { get; } = [];

    /// <summary>The language of the first fenced block that is not sh.</summary>
    public string? OtherLanguage { get; set; }

    public List<CheckSource> Checks { get; } = [];

    public Dictionary<Label, SourceLine> Properties { get; } = [];

    public string Description => string.Join("\n\n", _description);

    public void Describe(string text) => _description.Add(text);
}
