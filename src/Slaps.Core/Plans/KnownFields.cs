using System.Collections.Frozen;

namespace Slaps.Core.Plans;

/// <summary>The names that one kind of object in a plan's files may have.</summary>
/// <param name="definition">The object's name in the JSON schemas.</param>
/// <param name="read">Names with a place in the model.</param>
/// <param name="kept">Names that are used elsewhere and mean nothing here: kept like unknown ones, but nobody is warned of them.</param>
internal sealed class KnownFields(string definition, string[] read, params string[] kept)
{
    private readonly FrozenSet<string> _read = read.ToFrozenSet();
    private readonly FrozenSet<string> _all = read.Concat(kept).ToFrozenSet();

    /// <summary>The object's name in the JSON schemas.</summary>
    public string Definition => definition;

    /// <summary>All names, those with a place in the model first.</summary>
    public IReadOnlyList<string> All { get; } = [.. read, .. kept];

    /// <summary>Whether the model has a place for this field.</summary>
    public bool IsRead(string name) => _read.Contains(name);

    /// <summary>Whether nobody has to be warned of this field.</summary>
    public bool IsKnown(string name) => _all.Contains(name);
}
