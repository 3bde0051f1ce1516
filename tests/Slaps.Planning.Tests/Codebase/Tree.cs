using Slaps.Planning.Codebase;

namespace Slaps.Planning.Tests.Codebase;

/// <summary>A codebase of a few texts.</summary>
internal sealed class Tree : ICodebase
{
    private readonly SortedDictionary<string, string> _texts = new(StringComparer.Ordinal);

    public Tree With(string path, string text = "")
    {
        _texts[path] = text;
        return this;
    }

    public CodebaseSurvey Survey() => CodebaseSurvey.Of(this);

    public IReadOnlyList<string> Files => [.. _texts.Keys];

    public IReadOnlyList<string> LeftOut => [];

    public string? Read(string path) => _texts.GetValueOrDefault(path);
}
