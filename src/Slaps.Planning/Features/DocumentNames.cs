using Slaps.Planning.Reading;

namespace Slaps.Planning.Features;

/// <summary>What the documents of one plan are called, by their titles and their files.</summary>
internal sealed class DocumentNames
{
    private readonly Dictionary<string, HashSet<SpecificationText>> _byStem = new(StringComparer.Ordinal);

    /// <summary>The names of some documents.</summary>
    public DocumentNames(IReadOnlyList<SpecificationText> texts)
    {
        foreach (var text in texts)
        {
            var file = Path.GetFileNameWithoutExtension(text.File).Replace('-', ' ').Replace('_', ' ');
            foreach (var stem in Words.Stems($"{WorkFinder.SubjectOf(text)} {file}")) (_byStem.TryGetValue(stem, out var there) ? there : _byStem[stem] = []).Add(text);
        }
    }

    /// <summary>Whether all words of a name are in the name of one document other than the one that it stands in.</summary>
    public bool NamesAnother(SpecificationText own, string name)
    {
        HashSet<SpecificationText>? named = null;
        foreach (var stem in Words.Stems(name))
        {
            if (!_byStem.TryGetValue(stem, out var with)) return false;
            named = named is null ? [.. with] : [.. named.Where(with.Contains)];
        }

        return named is not null && named.Any(text => text != own);
    }
}
