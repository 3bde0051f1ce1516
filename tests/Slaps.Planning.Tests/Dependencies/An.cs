using Slaps.Planning.Tasks;

namespace Slaps.Planning.Tests.Dependencies;

/// <summary>Items as the reading of a specification would give them.</summary>
internal static class An
{
    /// <summary>One item whose text is its title and, below it, the lines given.</summary>
    public static WorkItem Item(string title, params string[] lines) => new()
    {
        Order = 0,
        Feature = 0,
        Title = title,
        Text = string.Join('\n', [title, .. lines]),
        Sources = [new SourceLines("SPEC.md", 1, 1 + lines.Length, title)],
    };
}
